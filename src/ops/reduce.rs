//! Reductions over axes.
//!
//! A recorded reduction keeps its axes with size 1 or leaves them out, as its shape says. Rules see it with them, so that it
//! broadcasts against its input.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::Op;
use crate::record::Expr;
use crate::shape::{AxisSet, Dims, normalize_axes, normalize_axis};

/// How elements are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReduceOp {
    /// Sum. Gradient: `g` to every element.
    Sum,
    /// Product. Gradient: `g` times the product of the other elements, found without division.
    Prod,
    /// Largest, NaN if any is. Gradient: shared equally between equal maxima; to the NaNs if there are any.
    Max,
    /// Smallest, NaN if any is. Gradient: as for the largest.
    Min,
    /// True if any is.
    Any,
    /// True if all are.
    All,
}

impl ReduceOp {
    /// Every row.
    pub const ALL: &[ReduceOp] =
        &[ReduceOp::Sum, ReduceOp::Prod, ReduceOp::Max, ReduceOp::Min, ReduceOp::Any, ReduceOp::All];

    /// The public name.
    pub fn name(self) -> &'static str {
        match self {
            ReduceOp::Sum => "sum",
            ReduceOp::Prod => "prod",
            ReduceOp::Max => "max",
            ReduceOp::Min => "min",
            ReduceOp::Any => "any",
            ReduceOp::All => "all",
        }
    }

    /// The dtype an input of `dtype` is combined in.
    fn dtype(self, dtype: DType) -> DType {
        match self {
            ReduceOp::Sum | ReduceOp::Prod => dtype.to_sum(),
            ReduceOp::Max | ReduceOp::Min => dtype,
            ReduceOp::Any | ReduceOp::All => DType::Bool,
        }
    }

    /// The cotangent of the input.
    pub(super) fn derivative<'r>(self, x: Expr<'r>, y: Expr<'r>, g: Expr<'r>, axes: AxisSet) -> Option<Expr<'r>> {
        let axes: Dims = axes.iter().collect();
        let shape = x.shape();
        let kept = shape.with_ones(&axes);
        let (y, g) = (y.reshape(&kept), g.reshape(&kept));
        match self {
            ReduceOp::Sum => Some(g.expand(&shape)),
            ReduceOp::Prod => Some(g.expand(&shape).gate(product_of_others(x, axes[0]))),
            ReduceOp::Max | ReduceOp::Min => {
                let chosen = x.equal(y).logical_or(x.isnan());
                let share = g / chosen.cast(g.dtype()).reduce_kept(ReduceOp::Sum, &axes);
                Some(chosen.select(share.expand(&shape), x.zeros_like()))
            }
            ReduceOp::Any | ReduceOp::All => None,
        }
    }
}

/// Products of what lies before and behind each element along an axis: no division, so zeros do no harm.
fn product_of_others(x: Expr<'_>, axis: usize) -> Expr<'_> {
    let ones = x.ones_like().narrow(axis, 0, 1);
    let len = x.shape()[axis];
    let rest = len.saturating_sub(1);
    let before = ones.join(x.narrow(axis, 0, rest), axis).running_product(axis, false);
    let behind = x.narrow(axis, 1, rest).join(ones, axis).running_product(axis, true);
    before * behind
}

/// Which extreme an argument search looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArgOp {
    /// First of the largest; the first NaN if there is one.
    Max,
    /// First of the smallest; the first NaN if there is one.
    Min,
}

impl ArgOp {
    /// The public name.
    pub fn name(self) -> &'static str {
        match self {
            ArgOp::Max => "argmax",
            ArgOp::Min => "argmin",
        }
    }

    /// The public name of the running extreme.
    pub fn running_name(self) -> &'static str {
        match self {
            ArgOp::Max => "cummax",
            ArgOp::Min => "cummin",
        }
    }
}

impl<'r> Expr<'r> {
    /// Reduces axes given as users write them; `None` for all.
    pub fn reduce(self, op: ReduceOp, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let axes = normalize_axes(op.name(), axes, shape.ndim())?;
            let chooses = matches!(op, ReduceOp::Max | ReduceOp::Min);
            if chooses && axes.iter().any(|&axis| shape[axis] == 0) {
                return Err(Error::EmptyReduction { op: op.name(), shape: shape.clone() });
            }
            Ok(self.cast(op.dtype(self.dtype())).reduce_over(op, &axes, keepdims))
        })
    }

    /// Reduces checked axes, which stay with size 1.
    pub(crate) fn reduce_kept(self, op: ReduceOp, axes: &[usize]) -> Expr<'r> {
        self.reduce_over(op, axes, true)
    }

    /// Reduces checked axes.
    fn reduce_over(self, op: ReduceOp, axes: &[usize], keepdims: bool) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        let op = match (op, axes) {
            // Nothing to combine, but a sum of no axes still is a sum of one element: the same value.
            (_, []) => return self,
            // The rule for products knows one axis.
            (ReduceOp::Prod, [first, rest @ ..]) if !rest.is_empty() => {
                return self.reduce_kept(op, &[*first]).reduce_kept(op, rest).drop_axes(axes, keepdims);
            }
            // Truth values have two extremes.
            (ReduceOp::Max, _) if dtype == DType::Bool => ReduceOp::Any,
            (ReduceOp::Min, _) if dtype == DType::Bool => ReduceOp::All,
            _ => op,
        };
        let to = if keepdims { shape.with_ones(axes) } else { shape.without(axes) };
        self.push(Op::Reduce(op, AxisSet::new(axes)), &[self], to, dtype)
    }

    /// Removes axes of size 1 that a reduction left, unless they are to be kept.
    pub(crate) fn drop_axes(self, axes: &[usize], keepdims: bool) -> Expr<'r> {
        if keepdims { self } else { self.reshape(&self.shape().without(axes)) }
    }

    /// The position of an extreme along one axis, or in the flattened array.
    pub fn arg(self, op: ArgOp, axis: Option<i64>, keepdims: bool) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let (x, at) = match axis {
                Some(axis) => (self, normalize_axis(op.name(), axis, shape.ndim())?),
                None => (self.reshape(&[shape.len()]), 0),
            };
            if x.shape()[at] == 0 {
                return Err(Error::EmptyReduction { op: op.name(), shape: shape.clone() });
            }
            let found = x.push(Op::Arg(op, at), &[x], x.shape().with_ones(&[at]), DType::I64);
            Ok(match axis {
                Some(_) => found.drop_axes(&[at], keepdims),
                None if keepdims => found.reshape(&vec![1; shape.ndim()]),
                None => found.reshape(&[]),
            })
        })
    }

    /// Sum over axes; integers and bool are summed in int64.
    pub fn sum(self, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        self.reduce(ReduceOp::Sum, axes, keepdims)
    }

    /// Smallest over axes.
    pub fn min(self, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        self.reduce(ReduceOp::Min, axes, keepdims)
    }

    /// Largest over axes.
    pub fn max(self, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        self.reduce(ReduceOp::Max, axes, keepdims)
    }

    /// Axes as positions, and how many elements they hold together.
    pub(crate) fn reduced(self, op: &'static str, axes: Option<&[i64]>) -> Result<(Dims, usize)> {
        let shape = self.shape();
        let axes = normalize_axes(op, axes, shape.ndim())?;
        let count = axes.iter().map(|&axis| shape[axis]).product();
        Ok((axes, count))
    }
}
