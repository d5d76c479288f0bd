//! The linear recurrence along an axis, and what is made of it.
//!
//! `s[i] = a[i] * s[i-1] + b[i]` with `s[-1] = 0`. Its adjoint is the same recurrence run backwards, so one op and one rule
//! serve cumulative sums and products to every order, without a division that zeros could break.

use smallvec::smallvec;

use super::{Cotangents, if_wanted};
use crate::ops::Op;
use crate::record::Expr;
use crate::shape::normalize_axis;

impl<'r> Expr<'r> {
    /// Records the recurrence with factors `self` and terms `b`, of one shape and dtype.
    pub fn scan(self, b: Expr<'r>, axis: usize, reverse: bool) -> Expr<'r> {
        b.push(Op::Scan { axis, reverse }, &[self, b], b.shape(), b.dtype())
    }

    /// Cumulative sum along an axis, or of the flattened array; integers and bool are summed in int64.
    pub fn cumsum(self, axis: Option<i64>) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let (x, axis) = match axis {
                Some(axis) => (self, normalize_axis("cumsum", axis, shape.ndim())?),
                None => (self.reshape(&[shape.len()]), 0),
            };
            let x = x.cast(x.dtype().to_sum());
            Ok(x.ones_like().scan(x, axis, false))
        })
    }

    /// Products of all elements up to each one along an axis.
    pub(crate) fn running_product(self, axis: usize, reverse: bool) -> Expr<'r> {
        let shape = self.shape();
        if shape[axis] == 0 {
            return self;
        }
        // The recurrence starts from 0, so the first term is the first element and all others are 0.
        let (first, rest) = if reverse { (shape[axis] - 1, 0) } else { (0, 1) };
        let start = self.narrow(axis, first, 1);
        let zeros = self.zeros_like().narrow(axis, rest, shape[axis] - 1);
        let terms = if reverse { zeros.join(start, axis) } else { start.join(zeros, axis) };
        self.scan(terms, axis, reverse)
    }

    /// Moves elements one place along an axis, up or down, and fills with zero.
    fn shifted(self, axis: usize, up: bool) -> Expr<'r> {
        let len = self.shape()[axis];
        if len == 0 {
            return self;
        }
        let zero = self.zeros_like().narrow(axis, 0, 1);
        if up { zero.join(self.narrow(axis, 0, len - 1), axis) } else { self.narrow(axis, 1, len - 1).join(zero, axis) }
    }
}

/// With `h[i] = g[i] + a[i+1] * h[i+1]`: `h` to the terms, `h[i] * s[i-1]` to the factors.
pub(super) fn vjp<'r>(
    a: Expr<'r>,
    _b: Expr<'r>,
    s: Expr<'r>,
    g: Expr<'r>,
    axis: usize,
    reverse: bool,
    wanted: &[bool],
) -> Cotangents<'r> {
    let next = if a.is_ones() { a } else { a.shifted(axis, reverse) };
    let h = next.scan(g, axis, !reverse);
    smallvec![if_wanted(wanted[0], || h * s.shifted(axis, !reverse)), Some(h)]
}
