//! Gathering by integer arrays, and its adjoint.
//!
//! One op picks along one axis with an index of the output's shape; taking whole slices is the same op with an index that
//! is broadcast by a view. Indices count from the end when negative and are checked when values are computed.

use crate::dtype::{DType, Scalar};
use crate::error::Error;
use crate::ops::{BinaryOp, Leaf, Op};
use crate::record::{Expr, Value};
use crate::shape::{Dims, Shape, normalize_axis};

/// What an index says, for the message when it is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counts {
    /// A place, from the end if negative.
    Places,
    /// A class, of which [`Expr::gather_labels`] has moved those below zero out of range, for an operation.
    Classes(&'static str),
}

impl<'r> Expr<'r> {
    fn checked_index(self, op: &'static str) -> Expr<'r> {
        match self.dtype() {
            dtype if dtype.is_integer() => self.cast(DType::I64),
            got => self.fail(Error::DType { op, got, expected: "an integer index" }),
        }
    }

    /// Picks with an int64 index of the output's shape.
    pub(crate) fn gather_same(self, index: Expr<'r>, axis: usize) -> Expr<'r> {
        self.push(Op::Gather(axis, Counts::Places), &[self, index], index.shape(), self.dtype())
    }

    /// Picks with int64 labels of the output's shape, which must not be negative.
    pub(crate) fn gather_labels(self, op: &'static str, labels: Expr<'r>, axis: usize) -> Expr<'r> {
        // A negative index counts from the end; as a label it must stay out of range.
        let classes = Scalar::Int(self.shape()[axis] as i64);
        let strict = labels
            .binary_scalar(BinaryOp::Less, Scalar::Int(0), false)
            .select(labels.binary_scalar(BinaryOp::Sub, classes, false), labels);
        self.push(Op::Gather(axis, Counts::Classes(op)), &[self, strict], labels.shape(), self.dtype())
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
        self.push(Op::ScatterAdd(axis), &[self, g], shape.clone(), g.dtype())
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
            let column: Dims = (0..shape.ndim()).map(|a| if a == axis { places.len() } else { 1 }).collect();
            let out = self.gather_same(picked.reshape(&column).expand(&wide), axis);
            Ok(out.reshape(&[&shape[..axis], &places[..], &shape[axis + 1..]].concat()))
        })
    }

    /// Picks one element for each element of the index along an axis; other axes broadcast.
    pub fn take_along_axis(self, index: Expr<'r>, axis: i64) -> Expr<'r> {
        let (shape, places) = (self.shape(), index.shape());
        self.attempt(|| {
            let axis = normalize_axis("take_along_axis", axis, shape.ndim())?;
            let picked = index.checked_index("take_along_axis");
            if places.ndim() != shape.ndim() {
                let expected = "as many axes as the input";
                return Err(Error::Rank { op: "take_along_axis", what: "index", got: places, expected });
            }
            let open = shape.with_ones(&[axis]).broadcast(&places, "take_along_axis")?;
            let source = open.with_size("take_along_axis", axis, shape[axis])?;
            Ok(self.expand(&source).gather_same(picked.expand(&open), axis))
        })
    }
}
