//! Sorting, and searching in what is sorted.
//!
//! The order is that of numbers, with NaN as the largest, and stable. One op finds positions; values are gathered by them,
//! so their gradients follow the permutation.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, How, Op};
use crate::record::Expr;
use crate::shape::{Shape, normalize_axis};

impl<'r> Expr<'r> {
    /// Positions along an axis in the order of the elements: the first `keep`.
    pub(crate) fn argsort_along(self, axis: usize, descending: bool, keep: usize) -> Expr<'r> {
        let shape = self.shape();
        let sorted = || {
            let out = shape.with_size("argsort", axis, keep)?;
            Ok(self.push(Op::ArgSort { axis, descending }, &[self], out, DType::I64))
        };
        self.attempt(sorted)
    }

    /// An axis as users write it, and this array with it: flattened, if there is none. A scalar counts as its own only axis.
    fn sortable(self, op: &'static str, axis: Option<i64>) -> Result<(Expr<'r>, usize)> {
        let shape = self.shape();
        match axis {
            Some(axis) if shape.ndim() > 0 => Ok((self, normalize_axis(op, axis, shape.ndim())?)),
            Some(axis) => normalize_axis(op, axis, 1).map(|axis| (self.reshape(&[1]), axis)),
            None => Ok((self.reshape(&[shape.len()]), 0)),
        }
    }

    /// Positions along an axis, or in the flattened array, in the order of the elements; stable, NaN as the largest.
    pub fn argsort(self, axis: Option<i64>, descending: bool) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let (x, at) = self.sortable("argsort", axis)?;
            let order = x.argsort_along(at, descending, x.shape()[at]);
            Ok(if shape.ndim() == 0 && axis.is_some() { order.reshape(&[]) } else { order })
        })
    }

    /// Elements in order along an axis, or of the flattened array; stable, NaN as the largest.
    pub fn sort(self, axis: Option<i64>, descending: bool) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let (x, at) = self.sortable("sort", axis)?;
            let sorted = x.gather_same(x.argsort_along(at, descending, x.shape()[at]), at);
            Ok(if shape.ndim() == 0 && axis.is_some() { sorted.reshape(&[]) } else { sorted })
        })
    }

    /// The `k` largest or smallest elements along an axis, in order, and their positions. NaN counts as the largest.
    pub fn topk(self, k: i64, axis: i64, largest: bool) -> Result<[Expr<'r>; 2]> {
        let (x, at) = self.sortable("topk", Some(axis))?;
        let size = x.shape()[at];
        let Some(keep) = usize::try_from(k).ok().filter(|&k| k <= size) else {
            let got = format!("{k} for axis {at} of size {size}");
            return Err(Error::Argument { op: "topk", argument: "k", got, expected: "between 0 and the size" });
        };
        let order = x.argsort_along(at, largest, keep);
        Ok([x.gather_same(order, at), order])
    }

    /// How many elements of this sorted array lie before each value. Rows of a sorted array with several axes are searched
    /// for the values of the same row.
    pub fn searchsorted(self, values: Expr<'r>, right: bool) -> Expr<'r> {
        let op = "searchsorted";
        let (rows, shape) = (self.shape(), values.shape());
        self.attempt(|| {
            let dtype = self.dtype().promote(values.dtype(), op)?;
            if rows.ndim() == 0 {
                return Err(Error::Rank { op, what: "sorted", got: rows, expected: "at least 1" });
            }
            let lead = Shape::new(op, &rows[..rows.ndim() - 1])?;
            let (len, count) = (rows[rows.ndim() - 1], if lead.ndim() == 0 { 1 } else { lead.len() });
            if lead.ndim() > 0 && (shape.ndim() != rows.ndim() || shape[..shape.ndim() - 1] != lead[..]) {
                let expected = Shape::new(op, &[&lead[..], &[*shape.last().unwrap_or(&1)]].concat())?;
                return Err(Error::ShapeMismatch { op, what: "values", got: shape, expected });
            }
            let each = shape.len().checked_div(count).unwrap_or(0);
            let [sorted, values] = [(self, len), (values, each)].map(|(x, n)| x.cast(dtype).reshape(&[count, n]));
            let found = self.push(Op::Search { right }, &[sorted, values], Shape::new(op, &[count, each])?, DType::I64);
            Ok(found.reshape(&shape))
        })
    }

    /// Which elements are among others.
    pub fn isin(self, others: Expr<'r>) -> Expr<'r> {
        self.attempt(|| {
            let dtype = self.dtype().promote(others.dtype(), "isin")?;
            let (x, sorted) = (self.stop_gradient().cast(dtype), others.stop_gradient().cast(dtype).sort(None, false));
            let Some(last) = sorted.shape().len().checked_sub(1) else {
                return Ok(self.zeros_like().cast(DType::Bool));
            };
            let place = sorted.searchsorted(x, false).with_int(BinaryOp::Minimum, last as i64);
            Ok(sorted.take(place, Some(0)).equal(x))
        })
    }

    /// The flattened elements in order, their positions, and which of them differ from the one before: what unique elements
    /// are found by.
    pub fn told_apart(self, equal_nan: bool) -> Result<Vec<Expr<'r>>> {
        let flat = self.stop_gradient().reshape(&[self.shape().len()]);
        let order = flat.argsort(Some(0), false);
        let sorted = flat.gather_same(order, 0);
        let len = flat.shape().len();
        let (low, high) =
            (sorted.narrow(0, 0, len.saturating_sub(1)), sorted.narrow(0, len.min(1), len.saturating_sub(1)));
        let mut differs = high.not_equal(low);
        if equal_nan {
            differs = differs.logical_and(low.isnan().logical_and(high.isnan()).logical_not());
        }
        let first = self.recorder().ones(Shape::new("unique", &[len.min(1)])?, DType::Bool);
        Ok(vec![sorted, order, first.join(differs, 0)])
    }

    /// For each element how many in order differ from the one before, up to it, of positions in order: which of the unique
    /// elements it is.
    pub fn ranks_by(self, first: Expr<'r>) -> Expr<'r> {
        let ranks = first.cumsum(Some(0)).with_int(BinaryOp::Sub, 1);
        ranks.zeros_like().scatter(How::Set, self, ranks, 0)
    }
}
