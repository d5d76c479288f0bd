//! Operations made of other operations: no rule of their own, so their derivatives are right when their parts' are.
//!
//! What is written with care here is the numerics: where a naive formula would overflow, cancel or divide zero by zero, the
//! form chosen is the one whose value and whose recorded derivative are both finite.

use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, ReduceOp};
use crate::record::Expr;
use crate::shape::{Dims, Shape, normalize_axes, normalize_axis};

/// A bound of [`Expr::clip`].
#[derive(Clone, Copy)]
pub enum Bound<'r> {
    /// A number.
    Scalar(Scalar),
    /// A tensor, broadcast against the input.
    Tensor(Expr<'r>),
}

/// How an axis goes on beyond its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continued {
    /// With the outermost element.
    Edge,
    /// Back from the outermost element.
    Reflect,
    /// Back from the outermost element, which comes twice.
    Symmetric,
    /// From the other end.
    Wrap,
}

impl Continued {
    /// The rule of a name of NumPy's, or of PyTorch's.
    pub fn from_name(name: &str) -> Result<Continued> {
        Ok(match name {
            "edge" | "replicate" => Continued::Edge,
            "reflect" => Continued::Reflect,
            "symmetric" => Continued::Symmetric,
            "wrap" | "circular" => Continued::Wrap,
            _ => {
                let expected = "\"constant\", \"edge\", \"reflect\", \"symmetric\" or \"wrap\"";
                return Err(Error::Argument { op: "pad", argument: "mode", got: format!("{name:?}"), expected });
            }
        })
    }

    /// Places on an endless axis as places among so many elements.
    fn places(self, place: Expr<'_>, size: i64) -> Expr<'_> {
        // There and back: the second half of a period is the first one backwards.
        let turned = |period: i64, last: i64| {
            let there = place.with_int(BinaryOp::Remainder, period);
            let back = there.with_int(BinaryOp::Mul, -1).with_int(BinaryOp::Add, last);
            there.minimum(back)
        };
        match self {
            Continued::Edge => place.with_int(BinaryOp::Maximum, 0).with_int(BinaryOp::Minimum, size - 1),
            Continued::Wrap => place.with_int(BinaryOp::Remainder, size),
            Continued::Symmetric => turned(2 * size, 2 * size - 1),
            Continued::Reflect if size == 1 => place.with_int(BinaryOp::Mul, 0),
            Continued::Reflect => turned(2 * size - 2, 2 * size - 2),
        }
    }
}

impl<'r> Expr<'r> {
    /// `x` held between bounds; where they cross, the upper one wins, and a NaN wins over all. Gradient: `g` inside and on the edges; outside, `g`
    /// goes to the bound that is returned; NaN passes as a value and takes no gradient.
    pub fn clip(self, low: Option<Bound<'r>>, high: Option<Bound<'r>>) -> Expr<'r> {
        self.attempt(|| {
            let (mut shape, mut dtype) = (self.shape(), self.dtype());
            for bound in [low, high].into_iter().flatten() {
                match bound {
                    Bound::Scalar(s) => dtype = s.meets(dtype),
                    Bound::Tensor(t) => {
                        dtype = dtype.promote(t.dtype(), "clip")?;
                        shape = shape.broadcast(&t.shape(), "clip")?;
                    }
                }
            }
            let fit = |bound: Bound<'r>| match bound {
                Bound::Scalar(s) => self.recorder().full(shape.clone(), dtype, s),
                Bound::Tensor(t) => t.cast(dtype).expand(&shape),
            };
            let x = self.cast(dtype).expand(&shape);
            let (inside, outside) = match (low.map(fit), high.map(fit)) {
                (Some(l), Some(h)) => {
                    let below = x.less(l).logical_and(l.less_equal(h)).logical_or(l.isnan());
                    (x.greater_equal(l).logical_and(x.less_equal(h)), below.select(l, h))
                }
                (Some(l), None) => (x.greater_equal(l), l),
                (None, Some(h)) => (x.less_equal(h), h),
                (None, None) => {
                    let got = "None for both".to_string();
                    let expected = "at least one bound";
                    return Err(Error::Argument { op: "clip", argument: "min, max", got, expected });
                }
            };
            Ok(inside.select(x, x.isnan().select(x.stop_gradient(), outside)))
        })
    }

    /// The elements, with numbers in place of NaN and of both infinities; by default 0 and the ends of the dtype's range.
    /// Gradient: `g` where nothing was replaced, else 0.
    pub fn nan_to_num(self, nan: f64, above: Option<f64>, below: Option<f64>) -> Expr<'r> {
        let (_, most) = self.dtype().precision();
        if !self.dtype().is_float() {
            return self.push_alias();
        }
        let (above, below) = (above.unwrap_or(most), below.unwrap_or(-most));
        let number = |x: f64| self.full_like(Scalar::Float(x));
        let infinite = self.gt_scalar(0.0).select(number(above), number(below));
        self.isfinite().select(self, self.isnan().select(number(nan), infinite))
    }

    /// True where both are equal up to `atol + rtol * abs(other)`; infinities only where they are the same.
    pub fn isclose(self, other: Expr<'r>, rtol: f64, atol: f64, equal_nan: bool) -> Expr<'r> {
        let dtype = self.dtype().float_with(other.dtype());
        let (a, b) = (self.cast(dtype.class()), other.cast(dtype.class()));
        let near = (a - b).abs().less_equal(b.abs() * rtol + atol).logical_and(b.isfinite());
        let close = near.logical_or(self.equal(other));
        if equal_nan { close.logical_or(a.isnan().logical_and(b.isnan())) } else { close }
    }

    /// 0 below 0, 1 above, and `values` at 0. Gradient: 0 to x; `g` to `values` where x is 0.
    pub fn heaviside(self, values: Expr<'r>) -> Expr<'r> {
        let dtype = self.dtype().float_with(values.dtype());
        let (x, values) = (self.cast(dtype), values.cast(dtype));
        let side = x.isnan().select(x.stop_gradient(), x.gt_scalar(0.0).cast(dtype));
        x.eq_scalar(0.0).select(values, side)
    }

    /// Angles along an axis without jumps: where neighbours are further apart than `discont`, what follows is moved by
    /// whole periods until they are at most half of one apart.
    pub fn unwrap(self, discont: f64, axis: i64, period: f64) -> Expr<'r> {
        self.attempt(|| {
            let got = self.shape();
            let axis = self.one_of_axes("unwrap", axis)?;
            let dtype = self.dtype().to_float();
            let x = self.cast(dtype.class());
            let step = x.stop_gradient().diff(1, axis as i64);
            let half = 0.5 * period;
            let near = (step + half).with_remainder(period) - half;
            // half a period upwards stays upwards
            let up = near.eq_scalar(-half).logical_and(step.gt_scalar(0.0));
            let near = up.select(near.full_like(Scalar::Float(half)), near);
            let moved = step.abs().lt_scalar(discont).select(step.zeros_like(), near - step).cumsum(Some(axis as i64));
            let mut widths = vec![(0, 0); got.ndim()];
            widths[axis] = (got[axis].min(1), 0);
            Ok((x + moved.pad(&widths, Scalar::Int(0))).cast(dtype))
        })
    }

    /// The remainder with a number's sign.
    fn with_remainder(self, divisor: f64) -> Expr<'r> {
        self.binary_scalar(crate::ops::BinaryOp::Remainder, Scalar::Float(divisor), false)
    }

    /// The nearest number of so many decimals, halves to the even one; before the point, if these are negative.
    pub fn round(self, decimals: i64) -> Expr<'r> {
        let dtype = self.dtype();
        if decimals == 0 || decimals > 0 && dtype.is_integer() {
            return self.rint();
        }
        let x = if dtype.is_integer() { self.cast(DType::F64) } else { self };
        // Only powers from 1 on are exact.
        let scale = 10f64.powi(decimals.abs().min(400) as i32);
        let rounded = if decimals > 0 { (x * scale).rint() / scale } else { (x / scale).rint() * scale };
        if dtype.is_integer() { rounded.cast(dtype) } else { rounded }
    }

    /// What is behind the point, and what is before it; both have the sign of the number.
    pub fn modf(self) -> [Expr<'r>; 2] {
        let x = self.cast(self.dtype().to_float());
        // behind an infinity there is a zero of its sign
        let rest = x.binary_scalar(BinaryOp::Fmod, Scalar::Float(1.0), false);
        [x.isinf().select(x.reciprocal(), rest), x.trunc()]
    }

    /// The `m` and whole `e` with `x = m 2**e`, of which the magnitude of `m` is at least 1/2 and below 1; for 0, infinities
    /// and NaN `x` and 0.
    pub fn frexp(self) -> [Expr<'r>; 2] {
        let x = self.cast(self.dtype().to_float());
        let size = x.stop_gradient().abs();
        let regular = size.isfinite().logical_and(size.gt_scalar(0.0));
        let near = regular.select(size.log2().floor() + 1.0, size.zeros_like());
        // The logarithm may have been rounded to a whole number, or away from one.
        let mantissa = size.ldexp(-near);
        let over = mantissa.ge_scalar(1.0).logical_and(regular).cast(x.dtype());
        let under = mantissa.lt_scalar(0.5).logical_and(regular).cast(x.dtype());
        let exponent = near + over - under;
        [x.ldexp(-exponent), exponent.cast(DType::I32)]
    }

    /// `x 2**exponent`, in two steps, of which none overflows before the result.
    pub fn ldexp(self, exponent: Expr<'r>) -> Expr<'r> {
        let dtype = self.dtype().float_with(exponent.dtype());
        let (x, exponent) = (self.cast(dtype), exponent.cast(dtype));
        let half = (exponent * 0.5).floor();
        x * half.exp2() * (exponent - half).exp2()
    }

    /// True where x is plus infinity.
    pub fn isposinf(self) -> Expr<'r> {
        self.isinf().logical_and(self.signbit().logical_not())
    }

    /// True where x is minus infinity.
    pub fn isneginf(self) -> Expr<'r> {
        self.isinf().logical_and(self.signbit())
    }

    /// Mean over axes; integers and bool become float32. Of no elements: NaN.
    pub fn mean(self, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        self.attempt(|| {
            let (axes, count) = self.reduced("mean", axes)?;
            let x = self.cast(self.dtype().to_float());
            Ok((x.reduce_kept(ReduceOp::Sum, &axes) / count as f64).drop_axes(&axes, keepdims))
        })
    }

    /// Variance over axes in two passes, divided by `count - correction`, or by 0 where that is negative, as NumPy does.
    pub fn var(self, axes: Option<&[i64]>, keepdims: bool, correction: f64) -> Expr<'r> {
        self.attempt(|| Ok(self.variance("var", axes, correction)?.drop_axes(&self.reduced("var", axes)?.0, keepdims)))
    }

    /// Standard deviation over axes: the root of the variance, with gradient 0 where all elements are equal.
    pub fn std(self, axes: Option<&[i64]>, keepdims: bool, correction: f64) -> Expr<'r> {
        self.attempt(|| {
            let variance = self.variance("std", axes, correction)?;
            let root = variance.eq_scalar(0.0).select(variance.zeros_like(), variance.sqrt());
            Ok(root.drop_axes(&self.reduced("std", axes)?.0, keepdims))
        })
    }

    fn variance(self, op: &'static str, axes: Option<&[i64]>, correction: f64) -> Result<Expr<'r>> {
        let (axes, count) = self.reduced(op, axes)?;
        let x = self.cast(self.dtype().to_float());
        // Distances from the first element, which shift neither value nor gradient: of equal elements they are exactly 0,
        // and the mean of small distances is not rounded to the spacing of large elements.
        let first = axes.iter().fold(x.stop_gradient(), |first, &axis| first.narrow(axis, 0, usize::from(count > 0)));
        let near = if count > 0 { x - first } else { x };
        let mean = near.reduce_kept(ReduceOp::Sum, &axes) / count as f64;
        let squares = (near - mean).square().reduce_kept(ReduceOp::Sum, &axes);
        Ok(squares / (count as f64 - correction).clamp(0.0, f64::INFINITY))
    }

    /// The maximum to subtract before an exponential: no gradient, and 0 where it is infinite or NaN.
    pub(crate) fn shift_of(self, axes: &[usize]) -> Expr<'r> {
        let max = self.stop_gradient().reduce_kept(ReduceOp::Max, axes);
        max.isfinite().select(max, max.zeros_like())
    }

    /// `log(sum(exp(x)))` over axes, without overflow. Of only -inf: -inf, with gradient 0. Infinities share the gradient.
    pub fn logsumexp(self, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        self.attempt(|| {
            let (axes, count) = self.reduced("logsumexp", axes)?;
            let x = self.cast(self.dtype().to_float());
            if count == 0 {
                return Ok(x.reduce_kept(ReduceOp::Sum, &axes).log().drop_axes(&axes, keepdims));
            }
            // From an infinity that one itself has no distance, and all that is finite an infinite one.
            let max = x.stop_gradient().reduce_kept(ReduceOp::Max, &axes);
            let shift = max.gt_scalar(f64::NEG_INFINITY).select(max, max.zeros_like());
            let total = x.excess(shift).exp().reduce_kept(ReduceOp::Sum, &axes);
            let nothing = total.full_like(Scalar::Float(f64::NEG_INFINITY));
            Ok(total.eq_scalar(0.0).select(nothing, total.log() + shift).drop_axes(&axes, keepdims))
        })
    }

    /// `exp(x) / sum(exp(x))` along axes. A row of only -inf is NaN.
    pub fn softmax(self, axes: Option<&[i64]>) -> Expr<'r> {
        self.attempt(|| {
            let (x, axis) = self.along("softmax", axes)?;
            if x.shape().is_empty() {
                return Ok(x);
            }
            let e = (x - x.stop_gradient().reduce_kept(ReduceOp::Max, &axis)).exp();
            Ok(e / e.reduce_kept(ReduceOp::Sum, &axis))
        })
    }

    /// The logarithm of the softmax, exact where the softmax underflows.
    pub fn log_softmax(self, axes: Option<&[i64]>) -> Expr<'r> {
        self.attempt(|| {
            let (x, axis) = self.along("log_softmax", axes)?;
            if x.shape().is_empty() {
                return Ok(x);
            }
            let z = x - x.stop_gradient().reduce_kept(ReduceOp::Max, &axis);
            Ok(z - z.exp().reduce_kept(ReduceOp::Sum, &axis).log())
        })
    }

    /// The input as floats and the axes as a list; a scalar counts as its own only axis.
    fn along(self, op: &'static str, axes: Option<&[i64]>) -> Result<(Expr<'r>, Dims)> {
        let ndim = self.shape().ndim();
        let found = normalize_axes(op, axes, ndim.max(1))?;
        Ok((self.cast(self.dtype().to_float()), if ndim == 0 { Dims::new() } else { found }))
    }

    /// Puts `before` and `after` copies of a value around each axis.
    pub fn pad(self, widths: &[(usize, usize)], value: Scalar) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let grown = shape
                .iter()
                .zip(widths)
                .map(|(&size, &(before, after))| size.saturating_add(before).saturating_add(after));
            let out = Shape::new("pad", &grown.collect::<Vec<_>>())?;
            let ranges: Box<[_]> = widths.iter().map(|&(start, _)| crate::ops::Range { start, step: 1 }).collect();
            let placed = self.place(ranges.clone(), &out);
            if value.as_f64() == 0.0 {
                return Ok(placed);
            }
            let inside = self.recorder().ones(shape, DType::Bool).place(ranges, &out);
            Ok(inside.select(placed, placed.full_like(value)))
        })
    }

    /// As many elements before and after each axis as given, which continue those that are there.
    pub fn pad_continued(self, widths: &[(usize, usize)], how: Continued) -> Expr<'r> {
        let (op, shape) = ("pad", self.shape());
        self.attempt(|| {
            let mut y = self;
            for (axis, &(before, after)) in widths.iter().enumerate().filter(|(_, width)| **width != (0, 0)) {
                let size = shape[axis];
                if size == 0 {
                    return Err(Error::EmptyReduction { op, shape: shape.clone() });
                }
                let grown = size.saturating_add(before).saturating_add(after);
                let count = self.recorder().count(Shape::new(op, &[grown])?);
                let place = count.with_int(BinaryOp::Sub, before as i64);
                y = y.take(how.places(place, size as i64), Some(axis as i64));
            }
            Ok(y)
        })
    }

    /// Cuts along an axis at the given positions.
    pub fn split_at(self, cuts: &[i64], axis: i64) -> Result<Vec<Expr<'r>>> {
        let shape = self.shape();
        let axis = normalize_axis("split", axis, shape.ndim())?;
        let size = shape[axis] as i64;
        let place = |cut: i64| (if cut < 0 { cut + size } else { cut }).clamp(0, size) as usize;
        let mut start = 0;
        let ends = cuts.iter().map(|&cut| place(cut)).chain([shape[axis]]);
        let parts = ends.map(|end| {
            let first = std::mem::replace(&mut start, end);
            self.narrow(axis, first, end.saturating_sub(first))
        });
        gathered("split", cuts.len() + 1, parts)
    }

    /// Cuts along an axis into equal sections.
    pub fn split_equal(self, sections: usize, axis: i64) -> Result<Vec<Expr<'r>>> {
        let shape = self.shape();
        let at = normalize_axis("split", axis, shape.ndim())?;
        if sections == 0 || !shape[at].is_multiple_of(sections) {
            let got = format!("{sections} for axis {at} of size {}", shape[at]);
            let expected = "a number that divides the size";
            return Err(Error::Argument { op: "split", argument: "indices_or_sections", got, expected });
        }
        let width = shape[at] / sections;
        gathered("split", sections, (0..sections).map(|i| self.narrow(at, i * width, width)))
    }
}

/// A number of parts as a list, or an error where there is no room for it.
pub(super) fn gathered<T>(op: &'static str, count: usize, parts: impl Iterator<Item = T>) -> Result<Vec<T>> {
    let mut list = Vec::new();
    let refused = |_| Error::Allocation { op, bytes: count.saturating_mul(size_of::<T>()) };
    list.try_reserve_exact(count).map_err(refused)?;
    list.extend(parts);
    Ok(list)
}
