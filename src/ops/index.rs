//! Gathering by integer arrays, and scattering, its adjoint.
//!
//! One op picks along one axis with an index of the output's shape; taking whole slices is the same op with an index that
//! is broadcast by a view. Its adjoint adds what was picked back in, and is one of the ways to combine elements into an
//! array at an index. Indices count from the end when negative and are checked when values are computed. Places that
//! appear more than once are visited in C order of the index, so that the last one wins where there is only room for one.

use smallvec::smallvec;

use super::{Cotangents, if_wanted};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Leaf, Op, Range};
use crate::record::{Expr, Value};
use crate::shape::{Dims, Shape, normalize_axis};

/// What an index says, for the message when it is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counts {
    /// A place, from the end if negative.
    Places,
    /// A class, of which [`Expr::gather_labels`] has moved those below zero out of range, for an operation.
    Classes(&'static str),
    /// A length, of which those below zero were moved likewise.
    Lengths(&'static Demand),
    /// Nothing but whether an argument is what it has to be, as [`Expr::provided`] writes it.
    Provided(&'static Demand),
}

/// What an operation expects of an argument. Nodes refer to it: what is in one is in all.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Demand {
    /// Whose argument.
    pub op: &'static str,
    /// Its name.
    pub argument: &'static str,
    /// What it has to be.
    pub expected: &'static str,
}

/// How an element is combined with what lies at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// Replaces it; the last one wins.
    Set,
    /// Adds.
    Add,
    /// Multiplies.
    Mul,
    /// The larger, NaN if either is.
    Max,
    /// The smaller, NaN if either is.
    Min,
}

impl How {
    /// Every row.
    pub const ALL: &[How] = &[How::Set, How::Add, How::Mul, How::Max, How::Min];

    /// The name that listings and messages show.
    pub fn name(self) -> &'static str {
        match self {
            How::Set => "scatter",
            How::Add => "scatter_add",
            How::Mul => "scatter_mul",
            How::Max => "scatter_max",
            How::Min => "scatter_min",
        }
    }

    /// The cotangents of the array and of what is combined into it.
    pub(super) fn derivative<'r>(
        self,
        [array, index, x]: [Expr<'r>; 3],
        y: Expr<'r>,
        g: Expr<'r>,
        axis: usize,
        wanted: &[bool],
    ) -> Cotangents<'r> {
        let (to_array, to_x) = (wanted[0], wanted[2]);
        match self {
            How::Set => smallvec![
                if_wanted(to_array, || g.scatter(How::Set, index, x.zeros_like(), axis)),
                None,
                if_wanted(to_x, || last_at(array, index, axis).select(g.gather_same(index, axis), x.zeros_like())),
            ],
            How::Add => smallvec![Some(g), None, if_wanted(to_x, || g.gather_same(index, axis))],
            How::Mul => smallvec![
                if_wanted(to_array, || g.gate(array.ones_like().scatter(How::Mul, index, x, axis))),
                None,
                if_wanted(to_x, || {
                    let places = index.positions(axis, array.shape()[axis]);
                    let others = array.gather_same(index, axis) * others_at(places, x, axis);
                    g.gather_same(index, axis).gate(others)
                }),
            ],
            // As in a reduction, equal extremes share; the array's own element is one of them.
            How::Max | How::Min => {
                let is = |a: Expr<'r>, extreme: Expr<'r>| a.equal(extreme).logical_or(a.isnan());
                let (own, chosen) = (is(array, y), is(x, y.gather_same(index, axis)));
                let count = own.cast(g.dtype()).scatter(How::Add, index, chosen.cast(g.dtype()), axis);
                let share = g / count;
                smallvec![
                    if_wanted(to_array, || own.select(share, array.zeros_like())),
                    None,
                    if_wanted(to_x, || chosen.select(share.gather_same(index, axis), x.zeros_like())),
                ]
            }
        }
    }
}

/// True for what is at its place in the end: of several for one place, the last.
fn last_at<'r>(array: Expr<'r>, index: Expr<'r>, axis: usize) -> Expr<'r> {
    let number = index.recorder().count(index.shape());
    let winner = array.recorder().zeros(array.shape(), DType::I64).scatter(How::Set, index, number, axis);
    winner.gather_same(index, axis).equal(number)
}

/// The product of all other elements with the same place: no division, so zeros do no harm. In the order of their places
/// they are neighbours, and two recurrences multiply what lies before and behind each.
fn others_at<'r>(index: Expr<'r>, x: Expr<'r>, axis: usize) -> Expr<'r> {
    let len = index.shape()[axis];
    if len < 2 {
        return x.ones_like();
    }
    let order = index.argsort_along(axis, false, len);
    let (places, sorted) = (index.gather_same(order, axis), x.gather_same(order, axis));
    let (head, tail) = (|e: Expr<'r>| e.narrow(axis, 0, len - 1), |e: Expr<'r>| e.narrow(axis, 1, len - 1));
    let same = tail(places).equal(head(places));
    let (none, one) = (sorted.zeros_like().narrow(axis, 0, 1), sorted.ones_like().narrow(axis, 0, 1));
    let beside = |e: Expr<'r>| same.select(e, e.zeros_like());
    let first = one.join(same.logical_not().cast(x.dtype()), axis);
    let last = same.logical_not().cast(x.dtype()).join(one, axis);
    let before = none.join(beside(head(sorted)), axis).scan(first, axis, false);
    let behind = beside(tail(sorted)).join(none, axis).scan(last, axis, true);
    (before * behind).gather_same(order.argsort_along(axis, false, len), axis)
}

impl<'r> Expr<'r> {
    /// An index as int64. What it does not have is out of range of every axis, and stays so.
    pub(crate) fn checked_index(self, op: &'static str) -> Expr<'r> {
        let largest = Scalar::Int(i128::from(i64::MAX));
        match self.dtype() {
            DType::U64 => self.binary_scalar(BinaryOp::Minimum, largest, false).cast(DType::I64),
            dtype if dtype.is_integer() => self.cast(DType::I64),
            got => self.fail(Error::DType { op, got, expected: "an integer index" }),
        }
    }

    /// Places along an axis as places from its start; those outside fail when computed.
    pub(crate) fn positions(self, axis: usize, size: usize) -> Expr<'r> {
        self.push(Op::Position { axis, size }, &[self], self.shape(), DType::I64)
    }

    /// Picks with an int64 index of the output's shape.
    pub(crate) fn gather_same(self, index: Expr<'r>, axis: usize) -> Expr<'r> {
        self.push(Op::Gather(axis, Counts::Places), &[self, index], index.shape(), self.dtype())
    }

    /// Picks with int64 labels of the output's shape, which must not be negative.
    pub(crate) fn gather_labels(self, counts: Counts, labels: Expr<'r>, axis: usize) -> Expr<'r> {
        // A negative index counts from the end; as a label it must stay out of range.
        let classes = Scalar::Int(self.shape()[axis] as i128);
        let strict =
            labels.with_int(BinaryOp::Less, 0).select(labels.binary_scalar(BinaryOp::Sub, classes, false), labels);
        self.push(Op::Gather(axis, counts), &[self, strict], labels.shape(), self.dtype())
    }

    /// These int64 numbers where an argument fits; when computed, an error where it does not.
    pub(crate) fn provided(self, fits: Expr<'r>, demand: &'static Demand) -> Expr<'r> {
        self.attempt(|| {
            let (shape, zero) = (self.shape(), self.recorder().count(Shape::new(demand.op, &[1])?));
            let place = fits.logical_not().cast(DType::I64).expand(&shape).reshape(&[shape.len()]);
            Ok(self + zero.gather_labels(Counts::Provided(demand), place, 0).reshape(&shape))
        })
    }

    /// The cotangent of what was gathered from. One label for each column is found by comparing, which fuses with what else
    /// the cotangent is made of; others are scattered.
    pub(crate) fn ungathered(self, index: Expr<'r>, g: Expr<'r>, axis: usize, counts: &Counts) -> Expr<'r> {
        let shape = self.shape();
        if !matches!(counts, Counts::Classes(_)) || index.shape()[axis] != 1 || shape.is_empty() {
            return index.scatter_add(g, axis, &shape);
        }
        self.attempt(|| {
            let dims = Shape::new("gather", &[shape[axis]])?;
            let numbers = self.recorder().leaf(Leaf::Iota, dims, DType::I32, Value::None);
            let mut along: Dims = Dims::from_elem(1, shape.ndim());
            along[axis] = shape[axis];
            let here = numbers.reshape(&along).equal(index.cast(DType::I32));
            Ok(here.select(g, g.zeros_like()))
        })
    }

    /// Adds `g` into zeros of `shape` at this index; repeated places add up.
    pub(crate) fn scatter_add(self, g: Expr<'r>, axis: usize, shape: &Shape) -> Expr<'r> {
        self.recorder().zeros(shape.clone(), g.dtype()).scatter(How::Add, self, g, axis)
    }

    /// Combines elements of this dtype into this array at an int64 index of their shape.
    pub(crate) fn scatter(self, how: How, index: Expr<'r>, x: Expr<'r>, axis: usize) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        self.push(Op::Scatter(how, axis), &[self, index, x], shape, dtype)
    }

    /// Picks whole slices along an axis: the index's shape replaces the axis. `None` takes from the flattened array.
    pub fn take(self, index: Expr<'r>, axis: Option<i64>) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let Some(axis) = axis else {
                return Ok(self.reshape(&[shape.len()]).take(index, Some(0)));
            };
            let axis = normalize_axis("take", axis, shape.ndim())?;
            let picked = index.checked_index("take");
            let places = index.shape();
            let wide = shape.with_size("take", axis, places.len())?;
            let out = self.gather_same(picked.as_column(axis, &wide), axis);
            Ok(out.reshape(&[&shape[..axis], &places[..], &shape[axis + 1..]].concat()))
        })
    }

    /// A flattened index along one axis, the same for all others.
    pub(super) fn as_column(self, axis: usize, wide: &Shape) -> Expr<'r> {
        let column: Dims = (0..wide.ndim()).map(|a| if a == axis { wide[axis] } else { 1 }).collect();
        self.reshape(&column).expand(wide)
    }

    /// Picks one element for each element of the index along an axis; other axes broadcast.
    pub fn take_along_axis(self, index: Expr<'r>, axis: i64) -> Expr<'r> {
        self.attempt(|| {
            let (axis, open) = self.beside("take_along_axis", index, axis)?;
            let source = open.with_size("take_along_axis", axis, self.shape()[axis])?;
            let picked = index.checked_index("take_along_axis");
            Ok(self.expand(&source).gather_same(picked.expand(&open), axis))
        })
    }

    /// The axis as a position, and the index's shape with its other axes broadcast against this array's.
    fn beside(self, op: &'static str, index: Expr<'r>, axis: i64) -> Result<(usize, Shape)> {
        let (shape, places) = (self.shape(), index.shape());
        let axis = normalize_axis(op, axis, shape.ndim())?;
        if places.ndim() != shape.ndim() {
            let expected = "as many axes as the input";
            return Err(Error::Rank { op, what: "index", got: places, expected });
        }
        Ok((axis, shape.with_ones(&[axis]).broadcast(&places, op)?))
    }

    /// This array with values put where [`Expr::take_along_axis`] would pick them.
    pub fn put_along_axis(self, index: Expr<'r>, values: Expr<'r>, axis: i64) -> Expr<'r> {
        let op = "put_along_axis";
        self.attempt(|| {
            let (axis, open) = self.beside(op, index, axis)?;
            let (whole, shape) = (open.with_size(op, axis, self.shape()[axis])?, self.shape());
            if whole != shape {
                return Err(Error::ShapeMismatch { op, what: "index", got: index.shape(), expected: shape });
            }
            let values = values.fitting(op, self.dtype())?.expand(&open);
            Ok(self.scatter(How::Set, index.checked_index(op).expand(&open), values, axis))
        })
    }

    /// The flattened array with values put at places, under its own shape. Values are repeated until there are enough.
    pub fn put(self, index: Expr<'r>, values: Expr<'r>) -> Expr<'r> {
        let (shape, count, given) = (self.shape(), index.shape().len(), values.shape().len());
        self.attempt(|| {
            let index = index.checked_index("put").reshape(&[count]);
            let values = values.fitting("put", self.dtype())?.reshape(&[given]);
            let enough = match given {
                _ if given >= count => values.narrow(0, 0, count),
                0 => {
                    let expected = "one value or more";
                    return Err(Error::Argument { op: "put", argument: "values", got: "none".to_string(), expected });
                }
                1 => values.expand(&Shape::new("put", &[count])?),
                _ => {
                    let rounds = count.div_ceil(given);
                    let wide = Shape::new("put", &[rounds, given])?;
                    values.reshape(&[1, given]).expand(&wide).reshape(&[rounds * given]).narrow(0, 0, count)
                }
            };
            Ok(self.reshape(&[shape.len()]).scatter(How::Set, index, enough, 0).reshape(&shape))
        })
    }

    /// Combines whole slices of `source` into this array along an axis, at places of a one-dimensional index.
    pub fn index_combine(self, op: &'static str, how: How, axis: i64, index: Expr<'r>, source: Expr<'r>) -> Expr<'r> {
        let (shape, places) = (self.shape(), index.shape());
        self.attempt(|| {
            let axis = normalize_axis(op, axis, shape.ndim())?;
            if places.ndim() > 1 {
                return Err(Error::Rank { op, what: "index", got: places, expected: "at most 1" });
            }
            let wide = shape.with_size(op, axis, places.len())?;
            let source = source.fitting(op, self.dtype())?;
            if !source.shape().expands_to(&wide) {
                return Err(Error::ShapeMismatch { op, what: "source", got: source.shape(), expected: wide });
            }
            let index = index.checked_index(op).as_column(axis, &wide);
            Ok(self.combined(op, how, index, source.expand(&wide), axis))
        })
    }

    /// PyTorch's scatter: each element of `source` goes to its own place, of which only the position along the axis is
    /// another. The index may be smaller than this array, and `source` larger than the index.
    pub fn scatter_along(self, op: &'static str, how: How, axis: i64, index: Expr<'r>, source: Expr<'r>) -> Expr<'r> {
        let (shape, places) = (self.shape(), index.shape());
        self.attempt(|| {
            let axis = normalize_axis(op, axis, shape.ndim())?;
            if places.ndim() != shape.ndim() {
                let expected = "as many axes as the input";
                return Err(Error::Rank { op, what: "index", got: places, expected });
            }
            if (0..shape.ndim()).any(|a| a != axis && places[a] > shape[a]) {
                let expected = shape.with_size(op, axis, places[axis])?;
                return Err(Error::ShapeMismatch { op, what: "index", got: places, expected });
            }
            let (ranges, source) = (vec![Range::ALL; shape.ndim()], source.fitting(op, self.dtype())?);
            let from = source.shape();
            let source = match from.ndim() == shape.ndim() && (0..shape.ndim()).all(|a| from[a] >= places[a]) {
                true => source.slice(ranges.clone().into(), &places),
                false if from.expands_to(&places) => source.expand(&places),
                false => return Err(Error::ShapeMismatch { op, what: "source", got: from, expected: places }),
            };
            let part = places.with_size(op, axis, shape[axis])?;
            let into = self.slice(ranges.clone().into(), &part);
            Ok(self.replaced(ranges.into(), into.combined(op, how, index.checked_index(op), source, axis)))
        })
    }

    /// This array, at the places that a scatter meets with what changes no sum, product, or extreme.
    pub fn vacated(self, how: How, axis: i64, index: Expr<'r>, source: Expr<'r>) -> Expr<'r> {
        let (op, dtype) = ("scatter", self.dtype());
        let one = self.recorder().full(Shape::scalar(), DType::Bool, Scalar::Bool(true));
        let met = self.recorder().zeros(self.shape(), DType::Bool).scatter_along(op, How::Set, axis, index, one);
        let neutral = match how {
            How::Set | How::Add => Scalar::Int(0),
            How::Mul => Scalar::Int(1),
            // Of integers one of those that are compared will do: they have no gradients that it could have a share of.
            How::Max | How::Min if !dtype.is_float() => return self.scatter_along(op, How::Set, axis, index, source),
            How::Max => Scalar::Float(f64::NEG_INFINITY),
            How::Min => Scalar::Float(f64::INFINITY),
        };
        met.select(self.full_like(neutral), self)
    }

    /// The mean of the elements of `source` that go to a place and, if it counts, of what is there.
    pub fn scatter_mean(self, axis: i64, index: Expr<'r>, source: Expr<'r>, include_self: bool) -> Expr<'r> {
        let op = "scatter";
        if !self.dtype().is_float() {
            return self.fail(Error::DType {
                op,
                got: self.dtype(),
                expected: "a float for a mean; convert with astype",
            });
        }
        let start = |x: Expr<'r>| if include_self { x } else { x.vacated(How::Add, axis, index, source) };
        let sums = start(self).scatter_along(op, How::Add, axis, index, source);
        sums / start(self.ones_like()).scatter_along(op, How::Add, axis, index, source.ones_like())
    }

    /// A scatter, unless the dtype has no such operation.
    fn combined(self, op: &'static str, how: How, index: Expr<'r>, x: Expr<'r>, axis: usize) -> Expr<'r> {
        if self.dtype() == DType::Bool && how != How::Set {
            return self.fail(Error::DType { op, got: DType::Bool, expected: "a number; convert with astype" });
        }
        self.scatter(how, index, x, axis)
    }

    /// The elements as a dtype of an array they are put into, which may be narrower, but of floats must be a float.
    pub(crate) fn fitting(self, op: &'static str, dtype: DType) -> Result<Expr<'r>> {
        if self.dtype().is_float() && !dtype.is_float() {
            let expected = "values that the array can hold; convert one of both with astype";
            return Err(Error::DType { op, got: self.dtype(), expected });
        }
        Ok(self.cast(dtype))
    }
}
