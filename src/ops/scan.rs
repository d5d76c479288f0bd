//! The linear recurrence along an axis, running extremes, and what is made of them.
//!
//! `s[i] = a[i] * s[i-1] + b[i]` with `s[-1] = 0`, or without terms `s[i] = a[i] * s[i-1]` with `s[-1] = 1`. Its adjoint is
//! the same recurrence run backwards, so one op and one rule serve cumulative sums and products to every order, without a
//! division that zeros could break.

use smallvec::smallvec;

use super::{Cotangents, if_wanted};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{ArgOp, Op};
use crate::record::Expr;
use crate::shape::normalize_axis;

impl<'r> Expr<'r> {
    /// Records the recurrence with factors `self` and terms `b`, of one shape and dtype.
    pub fn scan(self, b: Expr<'r>, axis: usize, reverse: bool) -> Expr<'r> {
        b.push(Op::Scan { axis, reverse }, &[self, b], b.shape(), b.dtype())
    }

    /// Cumulative sum along an axis, or of the flattened array; integers and bool are summed in int64.
    pub fn cumsum(self, axis: Option<i64>) -> Expr<'r> {
        self.attempt(|| {
            let (x, axis) = self.cumulated("cumsum", axis)?;
            let x = x.cast(x.dtype().to_sum());
            Ok(x.ones_like().scan(x, axis, false))
        })
    }

    /// An axis as users write it and this array with it, flattened if there is none.
    fn cumulated(self, op: &'static str, axis: Option<i64>) -> Result<(Expr<'r>, usize)> {
        let shape = self.shape();
        match axis {
            Some(axis) => Ok((self, normalize_axis(op, axis, shape.ndim())?)),
            None => Ok((self.reshape(&[shape.len()]), 0)),
        }
    }

    /// Cumulative product along an axis, or of the flattened array; integers and bool are multiplied in int64.
    pub fn cumprod(self, axis: Option<i64>) -> Expr<'r> {
        self.attempt(|| {
            let (x, axis) = self.cumulated("cumprod", axis)?;
            Ok(x.cast(x.dtype().to_sum()).running_product(axis, false))
        })
    }

    /// Cumulative sums or products along an axis as the Array API has them: the flattened array only of vectors, and a
    /// first value of nothing, if it is asked for.
    pub fn cumulative(self, op: &'static str, axis: Option<i64>, product: bool, include_initial: bool) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let axis = match axis {
                Some(axis) => normalize_axis(op, axis, shape.ndim())?,
                None if shape.ndim() == 1 => 0,
                None => {
                    let expected = "1 without an axis";
                    return Err(Error::Rank { op, what: "input", got: shape.clone(), expected });
                }
            };
            let along = Some(axis as i64);
            let made = if product { self.cumprod(along) } else { self.cumsum(along) };
            if !include_initial {
                return Ok(made);
            }
            let first = shape.with_size(op, axis, 1)?;
            let (r, dtype) = (self.recorder(), made.dtype());
            Ok(if product { r.ones(first, dtype) } else { r.zeros(first, dtype) }.join(made, axis))
        })
    }

    /// The largest or smallest element up to each one along an axis, and its position: the first one of equals. A NaN stays.
    pub fn running(self, op: ArgOp, axis: i64) -> Result<[Expr<'r>; 2]> {
        let shape = self.shape();
        let axis = normalize_axis(op.running_name(), axis, shape.ndim())?;
        let found = self.push(Op::Running(op, axis), &[self], shape, DType::I64);
        Ok([self.gather_same(found, axis), found])
    }

    /// `log(cumsum(exp(x)))` along an axis without overflow. Sums are carried relative to the largest element so far, which
    /// takes no part in the gradient, as the result does not depend on it.
    pub fn logcumsumexp(self, axis: i64) -> Expr<'r> {
        self.attempt(|| {
            let axis = normalize_axis("logcumsumexp", axis, self.shape().ndim())?;
            let x = self.cast(self.dtype().to_float());
            if x.shape().is_empty() {
                return Ok(x);
            }
            let [largest, _] = x.stop_gradient().running(ArgOp::Max, axis as i64)?;
            let shift = largest.isfinite().select(largest, largest.zeros_like());
            // From one shift to the next. Where the last one was of nothing but -inf, there is nothing to carry.
            let ahead = shift.narrow(axis, 0, 1).join(shift.narrow(axis, 0, x.shape()[axis] - 1), axis);
            let before = largest.narrow(axis, 0, 1).join(largest.narrow(axis, 0, x.shape()[axis] - 1), axis);
            let nothing = before.eq_scalar(f64::NEG_INFINITY);
            let carried = nothing.select(ahead.zeros_like(), (ahead - shift).exp());
            let sum = carried.scan((x - shift).exp(), axis, false);
            let empty = sum.full_like(Scalar::Float(f64::NEG_INFINITY));
            Ok(sum.eq_scalar(0.0).select(empty, sum.log() + shift))
        })
    }

    /// Products of all elements up to each one along an axis, or from it on.
    pub(crate) fn running_product(self, axis: usize, reverse: bool) -> Expr<'r> {
        self.push(Op::Scan { axis, reverse }, &[self], self.shape(), self.dtype())
    }

    /// Moves elements one place along an axis, up or down, and fills with one number.
    fn shifted(self, axis: usize, up: bool, fill: Expr<'r>) -> Expr<'r> {
        let len = self.shape()[axis];
        if len == 0 {
            return self;
        }
        let first = fill.narrow(axis, 0, 1);
        if up {
            first.join(self.narrow(axis, 0, len - 1), axis)
        } else {
            self.narrow(axis, 1, len - 1).join(first, axis)
        }
    }
}

/// With `h[i] = g[i] + a[i+1] * h[i+1]`: `h` to the terms, `h[i] * s[i-1]` to the factors, where `s[-1]` is 0, and 1 where
/// factors are all there is.
pub(super) fn vjp<'r>(
    x: &[Expr<'r>],
    s: Expr<'r>,
    g: Expr<'r>,
    axis: usize,
    reverse: bool,
    wanted: &[bool],
) -> Cotangents<'r> {
    let a = x[0];
    let next = if a.is_ones() { a } else { a.shifted(axis, reverse, a.zeros_like()) };
    let h = next.scan(g, axis, !reverse);
    match x {
        [_] => smallvec![Some(h.gate(s.shifted(axis, !reverse, s.ones_like())))],
        _ => smallvec![if_wanted(wanted[0], || h * s.shifted(axis, !reverse, s.zeros_like())), Some(h)],
    }
}
