//! Products of tensors that are matrix products, or sums of them, under another shape.

use crate::dtype::Scalar;
use crate::error::{Error, Result};
use crate::ops::window::{Padding, Windows};
use crate::ops::{BinaryOp, ReduceOp};
use crate::record::Expr;
use crate::shape::{Dims, Shape};

/// How much of a convolution is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Wherever the sequences meet.
    Full,
    /// As many as the longer one has, in the middle.
    Same,
    /// Where the shorter one lies within the longer.
    Valid,
}

impl<'r> Expr<'r> {
    /// Sums of products of a sequence with another one that moves along it, backwards if it is a convolution.
    pub fn moving_product(self, op: &'static str, other: Expr<'r>, extent: Extent, backwards: bool) -> Expr<'r> {
        self.attempt(|| {
            let dtype = self.dtype().float_with(other.dtype());
            for (what, got) in [("a", self.shape()), ("v", other.shape())] {
                if got.ndim() != 1 || got.is_empty() {
                    return Err(Error::Rank { op, what, got, expected: "1, which is not empty" });
                }
            }
            let (a, v) = (self.cast(dtype), other.cast(dtype));
            let (n, m) = (a.shape()[0], v.shape()[0]);
            if n < m {
                let turned = v.moving_product(op, a, extent, backwards);
                return Ok(if backwards { turned } else { turned.flip(None) });
            }
            let pad = match extent {
                Extent::Full => [m - 1, m - 1],
                Extent::Same => [m / 2, m - 1 - m / 2],
                Extent::Valid => [0, 0],
            };
            let taps = if backwards { v.flip(None) } else { v };
            let long = a.pad(&[(pad[0], pad[1])], Scalar::Int(0));
            let around = Padding::Pairs([[0, 0]].into_iter().collect());
            let windows = Windows { stride: &[1], dilation: &[1], padding: &around, ceil: false };
            let y = long.reshape(&[1, 1, n + pad[0] + pad[1]]).conv(1, taps.reshape(&[1, 1, m]), None, &windows, 1);
            Ok(y.reshape(&[n + pad[0] + pad[1] + 1 - m]))
        })
    }

    /// Sums of products over the last axis of both; of scalars, their product.
    pub fn inner(self, other: Expr<'r>) -> Expr<'r> {
        if self.shape().ndim() == 0 || other.shape().ndim() == 0 {
            return self * other;
        }
        self.tensordot(other, &[-1], &[-1])
    }

    /// The sum of products of the elements of two arrays of one size, flattened.
    pub fn vdot(self, other: Expr<'r>) -> Expr<'r> {
        let flat = |x: Expr<'r>| x.reshape(&[x.shape().len()]);
        flat(self).matmul(flat(other))
    }

    /// Every product of an element of one array with one of the other, in blocks as large as the other.
    pub fn kron(self, other: Expr<'r>) -> Expr<'r> {
        let ndim = self.shape().ndim().max(other.shape().ndim());
        let full = |x: Expr<'r>| [&vec![1; ndim - x.shape().ndim()][..], &x.shape()[..]].concat();
        let (l, r) = (full(self), full(other));
        self.attempt(|| {
            let out: Dims = l.iter().zip(&r).map(|(a, b)| a.saturating_mul(*b)).collect();
            let out = Shape::new("kron", &out)?;
            let beside = |dims: &[usize], first: bool| -> Vec<usize> {
                dims.iter().flat_map(|&size| if first { [size, 1] } else { [1, size] }).collect()
            };
            Shape::new("kron", &beside(&l, true))?;
            Ok((self.reshape(&beside(&l, true)) * other.reshape(&beside(&r, false))).reshape(&out))
        })
    }

    /// The integral along an axis by trapezoids, over points, or over steps of one width.
    pub fn trapezoid(self, points: Option<Expr<'r>>, dx: f64, axis: i64) -> Expr<'r> {
        let (op, shape) = ("trapezoid", self.shape());
        self.attempt(|| {
            let at = self.one_of_axes(op, axis)?;
            let dtype = points.map_or(self.dtype(), |x| x.dtype().float_with(self.dtype())).to_float();
            let y = self.cast(dtype);
            let len = shape[at].saturating_sub(1);
            let sums = y.narrow(at, 0, len) + y.narrow(at, shape[at] - len, len);
            let total = |x: Expr<'r>| x.reduce_kept(ReduceOp::Sum, &[at]).drop_axes(&[at], false) * 0.5;
            let Some(x) = points else {
                return Ok(total(sums) * dx);
            };
            let x = x.cast(dtype).points_along(op, &shape, at)?;
            Ok(total(sums * x.diff(1, at as i64)))
        })
    }

    /// Slopes along an axis, over points, or over steps of one width: of the parabola through an element and both neighbours; at
    /// the ends of the line through two, or, `curved`, of the parabola through three.
    pub fn gradient(self, points: Option<Expr<'r>>, dx: f64, axis: i64, curved: bool) -> Expr<'r> {
        let (op, shape) = ("gradient", self.shape());
        self.attempt(|| {
            let at = self.one_of_axes(op, axis)?;
            let (size, axis) = (shape[at], at as i64);
            if size < 2 + usize::from(curved) {
                let got = format!("{size} elements along axis {at}");
                let expected = if curved { "3 or more, for edge_order 2" } else { "2 or more" };
                return Err(Error::Argument { op, argument: "input", got, expected });
            }
            let dtype = points.map_or(self.dtype(), |x| x.dtype().float_with(self.dtype())).to_float();
            let rises = self.cast(dtype).diff(1, axis);
            // Of the lines left and right of an element; and what share of both steps the left one has.
            let sides = |x: Expr<'r>| [x.narrow(at, 0, size - 2), x.narrow(at, 1, size - 2)];
            let (lines, share) = match points {
                None => (rises / dx, sides(rises)[0].full_like(Scalar::Float(0.5))),
                Some(x) => {
                    let widths = x.cast(dtype).points_along(op, &shape, at)?.diff(1, axis);
                    let [left, right] = sides(widths);
                    (rises / widths, left / (left + right))
                }
            };
            let [left, right] = sides(lines);
            let bend = (right - left) * share;
            let (mut first, mut last) = (lines.narrow(at, 0, 1), lines.narrow(at, size - 2, 1));
            if curved {
                first = first - bend.narrow(at, 0, 1);
                last = last + (right - left - bend).narrow(at, size - 3, 1);
            }
            Ok(self.recorder().concat(&[first, left + bend, last], axis))
        })
    }

    /// Points along an axis of a tensor of some shape: one vector for all rows, or as many axes.
    fn points_along(self, op: &'static str, shape: &Shape, at: usize) -> Result<Expr<'r>> {
        let given = self.shape();
        let points = if given.ndim() == 1 {
            let line: Dims = (0..shape.ndim()).map(|axis| if axis == at { given.len() } else { 1 }).collect();
            self.reshape(&line)
        } else {
            self
        };
        if points.shape().ndim() != shape.ndim() || points.shape()[at] != shape[at] {
            return Err(Error::ShapeMismatch { op, what: "x", got: given, expected: shape.clone() });
        }
        shape.broadcast(&points.shape(), op)?;
        Ok(points)
    }

    /// The piecewise linear function through points with ascending `xp`, at each element; outside, the outermost value, or
    /// what is given for it. Gradients go to the elements and to the points.
    pub fn interp(self, xp: Expr<'r>, fp: Expr<'r>, left: Option<Scalar>, right: Option<Scalar>) -> Expr<'r> {
        let (op, points) = ("interp", xp.shape());
        let dtype = self.dtype().float_with(xp.dtype()).float_with(fp.dtype());
        self.attempt(|| {
            if points.ndim() != 1 || points.is_empty() {
                return Err(Error::Rank { op, what: "xp", got: points, expected: "1, and one point or more" });
            }
            if fp.shape() != points {
                return Err(Error::ShapeMismatch { op, what: "fp", got: fp.shape(), expected: points });
            }
            let (x, xp, fp) = (self.cast(dtype), xp.cast(dtype), fp.cast(dtype));
            let n = points.len();
            let (first, last) = (xp.narrow(0, 0, 1).reshape(&[]), xp.narrow(0, n - 1, 1).reshape(&[]));
            let outer = |given: Option<Scalar>, at: usize| match given {
                Some(value) => xp.recorder().full(Shape::scalar(), dtype, value),
                None => fp.narrow(0, at, 1).reshape(&[]),
            };
            // The last point before each element, but never the last of all, so that there is another one behind it.
            let found = xp.searchsorted(x, true).with_int(BinaryOp::Sub, 1);
            let at = |most: usize| {
                let none = found.with_int(BinaryOp::Maximum, 0);
                none.with_int(BinaryOp::Minimum, most as i64)
            };
            let low = at(n.saturating_sub(2));
            let high = if n > 1 { low.with_int(BinaryOp::Add, 1) } else { low };
            let take = |values: Expr<'r>, index| values.take(index, Some(0));
            let (x0, x1, f0, f1) = (take(xp, low), take(xp, high), take(fp, low), take(fp, high));
            let slope = if n > 1 { (f1 - f0) / (x1 - x0) } else { f0.zeros_like() };
            let line = f0 + slope * (x - x0);
            let ends = x.greater(last).select(outer(right, n - 1), line);
            let made = x.less(first).select(outer(left, 0), ends);
            // On the last point itself there is no rounding.
            let exact = x.equal(last).select(f1 + slope * (x - x1), made);
            Ok(exact)
        })
    }
}
