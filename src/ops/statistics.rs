//! What is said of many numbers in a few: quantiles, norms, reductions that leave NaN out, covariances, counts.

use crate::dtype::{DType, Scalar, show_float};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, How, ReduceOp};
use crate::record::Expr;
use crate::shape::{Dims, Shape, normalize_axes};

/// What a reduction does with the numbers that are some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NanOp {
    /// Their sum, 0 of none.
    Sum,
    /// Their product, 1 of none.
    Prod,
    /// Their mean, NaN of none.
    Mean,
    /// The largest, NaN of none.
    Max,
    /// The smallest, NaN of none.
    Min,
}

impl NanOp {
    /// The public name.
    pub fn name(self) -> &'static str {
        match self {
            NanOp::Sum => "nansum",
            NanOp::Prod => "nanprod",
            NanOp::Mean => "nanmean",
            NanOp::Max => "nanmax",
            NanOp::Min => "nanmin",
        }
    }
}

/// Which quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantileOp {
    /// By shares of 1.
    Quantile,
    /// By shares of 100.
    Percentile,
    /// In the middle.
    Median,
    /// By shares of 1, as if NaNs were not there.
    NanQuantile,
    /// In the middle, as if NaNs were not there.
    NanMedian,
}

impl QuantileOp {
    /// The public name.
    pub fn name(self) -> &'static str {
        match self {
            QuantileOp::Quantile => "quantile",
            QuantileOp::Percentile => "percentile",
            QuantileOp::Median => "median",
            QuantileOp::NanQuantile => "nanquantile",
            QuantileOp::NanMedian => "nanmedian",
        }
    }

    fn skips(self) -> bool {
        matches!(self, QuantileOp::NanQuantile | QuantileOp::NanMedian)
    }

    /// The whole of which shares are given, and what these may be.
    fn range(self) -> (f64, &'static str) {
        if self == QuantileOp::Percentile { (100.0, "between 0 and 100") } else { (1.0, "between 0 and 1") }
    }
}

impl<'r> Expr<'r> {
    /// Reduces axes as if NaNs were not there.
    pub fn nan_reduce(self, op: NanOp, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        let (name, x) = (op.name(), self);
        if !x.dtype().is_float() {
            return match op {
                NanOp::Sum => x.reduce(ReduceOp::Sum, axes, keepdims),
                NanOp::Prod => x.reduce(ReduceOp::Prod, axes, keepdims),
                NanOp::Mean => x.mean(axes, keepdims),
                NanOp::Max => x.reduce(ReduceOp::Max, axes, keepdims),
                NanOp::Min => x.reduce(ReduceOp::Min, axes, keepdims),
            };
        }
        self.attempt(|| {
            let (missing, (over, count)) = (x.isnan(), x.reduced(name, axes)?);
            let without = |value: f64| missing.select(x.full_like(Scalar::Float(value)), x);
            let extreme = |extreme, value| {
                if count == 0 {
                    return Err(Error::EmptyReduction { op: name, shape: x.shape() });
                }
                // Where the numbers are infinite, too, what stands for NaNs must not have a share of their gradient.
                let (found, numbers) = (without(value).reduce_kept(extreme, &over), x.numbers(&over));
                let share = found.eq_scalar(value).select(count as f64 / numbers, found.ones_like());
                let none = numbers.eq_scalar(0.0);
                Ok(none.select(found.full_like(Scalar::Float(f64::NAN)), found * share))
            };
            let made = match op {
                NanOp::Sum => without(0.0).reduce_kept(ReduceOp::Sum, &over),
                NanOp::Prod => without(1.0).reduce(ReduceOp::Prod, axes, true),
                NanOp::Mean => without(0.0).reduce_kept(ReduceOp::Sum, &over) / x.numbers(&over),
                NanOp::Max => extreme(ReduceOp::Max, f64::NEG_INFINITY)?,
                NanOp::Min => extreme(ReduceOp::Min, f64::INFINITY)?,
            };
            Ok(made.drop_axes(&over, keepdims))
        })
    }

    /// How many elements over axes are no NaN, in this dtype.
    fn numbers(self, axes: &[usize]) -> Expr<'r> {
        self.isnan().logical_not().cast(self.dtype()).reduce_kept(ReduceOp::Sum, axes)
    }

    /// Variance over axes as if NaNs were not there; NaN where no more numbers than `correction` are left.
    pub fn nanvar(self, axes: Option<&[i64]>, keepdims: bool, correction: f64) -> Expr<'r> {
        self.attempt(|| self.nan_variance("nanvar", axes, keepdims, correction))
    }

    /// The root of the variance as if NaNs were not there, with gradient 0 where all numbers are equal.
    pub fn nanstd(self, axes: Option<&[i64]>, keepdims: bool, correction: f64) -> Expr<'r> {
        self.attempt(|| {
            let variance = self.nan_variance("nanstd", axes, keepdims, correction)?;
            Ok(variance.eq_scalar(0.0).select(variance.zeros_like(), variance.sqrt()))
        })
    }

    fn nan_variance(self, op: &'static str, axes: Option<&[i64]>, keepdims: bool, correction: f64) -> Result<Expr<'r>> {
        let (over, _) = self.reduced(op, axes)?;
        let x = self.cast(self.dtype().to_float());
        let count = x.numbers(&over);
        let away = x - x.nan_reduce(NanOp::Mean, axes, true);
        let squares = x.isnan().select(x.zeros_like(), away).square().reduce_kept(ReduceOp::Sum, &over);
        let free = count - correction;
        let none = squares.full_like(Scalar::Float(f64::NAN));
        Ok(free.gt_scalar(0.0).select(squares / free, none).drop_axes(&over, keepdims))
    }

    /// How many elements over axes are not zero, as int64.
    pub fn count_nonzero(self, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        self.cast(DType::Bool).reduce(ReduceOp::Sum, axes, keepdims)
    }

    /// The largest less the smallest element over axes.
    pub fn ptp(self, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        self.reduce(ReduceOp::Max, axes, keepdims) - self.reduce(ReduceOp::Min, axes, keepdims)
    }

    /// Mean over axes with weights of this shape, or for the places along one axis.
    pub fn average(self, weights: Option<Expr<'r>>, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        let Some(weights) = weights else { return self.mean(axes, keepdims) };
        let (op, shape, given) = ("average", self.shape(), weights.shape());
        let dtype = self.dtype().float_with(weights.dtype());
        self.attempt(|| {
            let over = normalize_axes(op, axes, shape.ndim())?;
            let (x, mut w) = (self.cast(dtype), weights.cast(dtype));
            if given != shape {
                match over[..] {
                    [axis] if axes.is_some() && given[..] == [shape[axis]] => w = w.as_column(axis, &shape),
                    _ => return Err(Error::ShapeMismatch { op, what: "weights", got: given, expected: shape }),
                }
            }
            let sum = |x: Expr<'r>| x.reduce_kept(ReduceOp::Sum, &over);
            Ok((sum(x * w) / sum(w)).drop_axes(&over, keepdims))
        })
    }

    /// The array with axes moved to the end and flattened there.
    fn flat_last(self, over: &[usize]) -> Result<Expr<'r>> {
        let shape = self.shape();
        let rest: Dims = (0..shape.ndim()).filter(|axis| !over.contains(axis)).collect();
        let lead: Dims = rest.iter().map(|&axis| shape[axis]).collect();
        let len: usize = over.iter().map(|&axis| shape[axis]).product();
        Ok(self.permute(&[&rest[..], over].concat()).reshape(&[&lead[..], &[len]].concat()))
    }

    /// Quantiles over axes, linear between the nearest elements, NaN if there is any; one for each of `q`, along a new first
    /// axis unless there is no list of them. Gradient: `g` to both neighbours, by their shares.
    pub fn quantile(self, of: QuantileOp, q: &[f64], listed: bool, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        let (op, skip, shape) = (of.name(), of.skips(), self.shape());
        self.attempt(|| {
            let (whole, expected) = of.range();
            if let Some(q) = q.iter().find(|q| !(0.0..=whole).contains(*q)) {
                return Err(Error::Argument { op, argument: "q", got: show_float(*q), expected });
            }
            let over = normalize_axes(op, axes, shape.ndim())?;
            let x = self.cast(self.dtype().to_float()).flat_last(&over)?;
            let (last, kept) =
                (x.shape().ndim() - 1, if keepdims { shape.with_ones(&over) } else { shape.without(&over) });
            let size = x.shape()[last];
            if size == 0 {
                return Err(Error::EmptyReduction { op, shape: shape.clone() });
            }
            let sorted = x.sort(Some(-1), false);
            let largest = sorted.narrow(last, size - 1, 1);
            let one = |&q: &f64| {
                let q = q / whole;
                if skip {
                    return sorted.quantile_of_numbers(q, x.numbers(&[last]), last).reshape(&kept);
                }
                let place = q * (size - 1) as f64;
                let (low, share) = (place.floor() as usize, place.fract());
                let below = sorted.narrow(last, low, 1);
                let value = match share {
                    0.0 => below,
                    _ => below.between(sorted.narrow(last, low + 1, 1), share),
                };
                // NaNs come last, so the last one says whether there are any.
                largest.isnan().select(largest, value).reshape(&kept)
            };
            let made: Vec<Expr<'r>> = q.iter().map(one).collect();
            match (made.as_slice(), listed) {
                ([one], false) => Ok(*one),
                ([], _) => {
                    let none = Shape::new(op, &[&[0], &kept[..]].concat())?;
                    Ok(self.recorder().zeros(none, x.dtype()))
                }
                (several, _) => Ok(self.recorder().stack(several, 0)),
            }
        })
    }

    /// The point between this and another, at a share of the way that is not 0; exact at both ends.
    fn between(self, other: Expr<'r>, share: f64) -> Expr<'r> {
        let way = other - self;
        let point = if share < 0.5 { self + way * share } else { other - way * (1.0 - share) };
        self.or_mixed(other, self * (1.0 - share) + other * share, point)
    }

    /// A point between this and another, or a mixture of both where one is infinite, between which there is no way.
    fn or_mixed(self, other: Expr<'r>, mixed: Expr<'r>, point: Expr<'r>) -> Expr<'r> {
        self.isinf().logical_or(other.isinf()).select(mixed, point)
    }

    /// A quantile of each sorted row, of which only so many elements count.
    fn quantile_of_numbers(self, q: f64, count: Expr<'r>, axis: usize) -> Expr<'r> {
        let most = count.cast(DType::F64) - 1.0;
        let place = most * q;
        let (low, share) = (place.floor(), (place - place.floor()).cast(self.dtype()));
        let at = |place: Expr<'r>| self.gather_same(place.cast(DType::I64).with_int(BinaryOp::Maximum, 0), axis);
        let (below, above) = (at(low), at(most.minimum(low + 1.0)));
        let point = below.or_mixed(above, below * (1.0 - share) + above * share, below + (above - below) * share);
        let none = count.with_int(BinaryOp::Equal, 0);
        none.select(point.full_like(Scalar::Float(f64::NAN)), share.eq_scalar(0.0).select(below, point))
    }

    /// Covariances of the rows, or the columns, of a matrix; of a vector, its variance.
    pub fn cov(self, rows: bool, correction: f64) -> Expr<'r> {
        self.attempt(|| self.covariance("cov", rows, correction))
    }

    fn covariance(self, op: &'static str, rows: bool, correction: f64) -> Result<Expr<'r>> {
        let shape = self.shape();
        if shape.ndim() > 2 {
            return Err(Error::Rank { op, what: "input", got: shape, expected: "at most 2" });
        }
        let x = self.cast(self.dtype().to_float());
        let x = match shape.ndim() {
            2 if rows => x,
            2 => x.transpose(None),
            _ => x.reshape(&[1, shape.len()]),
        };
        let count = x.shape()[1] as f64;
        let away = x - x.mean(Some(&[1]), true);
        let made = away.matmul(away.transpose(None)) / (count - correction).clamp(0.0, f64::INFINITY);
        Ok(if shape.ndim() < 2 { made.reshape(&[]) } else { made })
    }

    /// Correlation coefficients of the rows, or the columns, of a matrix.
    pub fn corrcoef(self, rows: bool) -> Expr<'r> {
        self.attempt(|| {
            let made = self.covariance("corrcoef", rows, 0.0)?;
            if made.shape().ndim() == 0 {
                return Ok(made * made.reciprocal());
            }
            let root = made.diagonal(0, 0, 1).sqrt();
            let n = root.shape().len();
            let made = made / root.reshape(&[n, 1]) / root;
            // Rounding does not make it more than 1.
            let [least, most] = [-1, 1].map(|end| made.full_like(Scalar::Int(end)));
            Ok(made - (made - made.maximum(least).minimum(most)).stop_gradient())
        })
    }

    /// How often each number below a length is there, as int64; or the sums of the weights beside them.
    pub fn bincount(self, weights: Option<Expr<'r>>, len: usize) -> Expr<'r> {
        let (op, got) = ("bincount", self.shape());
        self.attempt(|| {
            if got.ndim() != 1 {
                return Err(Error::Rank { op, what: "input", got, expected: "1" });
            }
            let index = match self.dtype() {
                dtype if dtype.is_integer() => self.checked_index(op),
                got => return Err(Error::DType { op, got, expected: "integers" }),
            };
            let one = || index.ones_like();
            let weights = weights.map_or_else(one, |w| w.cast(w.dtype().to_float()));
            if weights.shape() != got {
                return Err(Error::ShapeMismatch { op, what: "weights", got: weights.shape(), expected: got });
            }
            Ok(index.scatter_add(weights, 0, &Shape::new(op, &[len])?))
        })
    }

    /// How many elements lie between neighbouring edges, as int64, or the sums of their weights; the last edge belongs to
    /// the last bin. Elements outside, and NaN, are left out. Between even edges a bin is worked out instead of searched for.
    pub fn histogram(self, edges: Expr<'r>, even: bool, weights: Option<Expr<'r>>) -> Expr<'r> {
        let (op, shape, given) = ("histogram", self.shape(), edges.shape());
        self.attempt(|| {
            if given.ndim() != 1 || given.len() < 2 {
                return Err(Error::Rank { op, what: "bins", got: given, expected: "1, and two edges or more" });
            }
            let bins = given.len() - 1;
            let dtype = self.dtype().promote(edges.dtype(), "histogram")?;
            let (x, edges) = (self.cast(dtype).reshape(&[shape.len()]), edges.cast(dtype));
            let last = edges.narrow(0, bins, 1);
            let found = match even {
                true => x.even_bin(edges, bins),
                false => edges.searchsorted(x, true).with_int(BinaryOp::Sub, 1),
            };
            // One bin more takes what is outside, and is cut off again.
            let [top, outside] = [bins - 1, bins].map(|bin| found.full_like(Scalar::Int(bin as i128)));
            let inside = x.greater_equal(edges.narrow(0, 0, 1)).logical_and(x.less_equal(last));
            let bin = inside.select(x.equal(last).select(top, found), outside);
            if weights.is_some_and(|w| w.shape() != shape) {
                let got = weights.map(|w| w.shape()).unwrap_or_default();
                return Err(Error::ShapeMismatch { op, what: "weights", got, expected: shape });
            }
            Ok(bin.bincount(weights.map(|w| w.reshape(&[shape.len()])), bins + 1).narrow(0, 0, bins))
        })
    }

    /// Which bin of one width each element is in, if it is in any; the edges themselves have the last word.
    fn even_bin(self, edges: Expr<'r>, bins: usize) -> Expr<'r> {
        let (low, high) = (edges.narrow(0, 0, 1), edges.narrow(0, bins, 1));
        let share = (self - low) * ((high - low).reciprocal() * bins as f64);
        let within = |bin: Expr<'r>| {
            let bin = bin.with_int(BinaryOp::Maximum, 0);
            bin.binary_scalar(BinaryOp::Minimum, Scalar::Int(bins as i128 - 1), false)
        };
        let guess = within(share.cast(DType::I64));
        let next = guess.with_int(BinaryOp::Add, 1);
        let below = self.less(edges.take(guess, Some(0))).cast(DType::I64);
        let above = self.greater_equal(edges.take(next, Some(0))).cast(DType::I64);
        within(guess - below + above)
    }

    /// The edges of so many bins of one width, from the smallest to the largest element, or between given ends.
    pub fn histogram_edges(self, bins: usize, ends: Option<(f64, f64)>) -> Expr<'r> {
        let (op, shape) = ("histogram", self.shape());
        self.attempt(|| {
            let wrong = |argument, got, expected| Err(Error::Argument { op, argument, got, expected });
            if bins == 0 {
                return wrong("bins", "0".to_string(), "1 or more");
            }
            let x = self.cast(self.dtype().to_float()).stop_gradient();
            let number = |value: f64| x.recorder().full(Shape::scalar(), x.dtype(), Scalar::Float(value));
            let (low, high) = match ends {
                Some((low, high)) if !(low.is_finite() && high.is_finite() && low <= high) => {
                    let got = format!("({}, {})", show_float(low), show_float(high));
                    return wrong("range", got, "two finite numbers, the smaller one first");
                }
                Some((low, high)) => (number(low), number(high)),
                None if shape.is_empty() => (number(0.0), number(1.0)),
                None => (x.min(None, false), x.max(None, false)),
            };
            // A range of no width is made one wide.
            let wider = |end: Expr<'r>, by: f64| low.equal(high).select(end + by, end);
            let (low, high) = (wider(low, -0.5), wider(high, 0.5));
            let count = self.recorder().count(Shape::new(op, &[bins + 1])?);
            let line = low + count.cast(x.dtype()) * ((high - low) / bins as f64);
            let last = count.with_int(BinaryOp::Equal, bins as i64);
            Ok(last.select(high, line))
        })
    }

    /// Sums of rows by their labels: row `i` is added into row `labels[i]` of so many.
    pub fn segment_sum(self, labels: Expr<'r>, segments: usize) -> Expr<'r> {
        let (op, shape) = ("segment_sum", self.shape());
        self.attempt(|| {
            if shape.ndim() == 0 || labels.shape()[..] != shape[..1] {
                let expected = Shape::new(op, shape.get(..1).unwrap_or(&[]))?;
                return Err(Error::ShapeMismatch { op, what: "labels", got: labels.shape(), expected });
            }
            let sums = self.recorder().zeros(shape.with_size(op, 0, segments)?, self.dtype());
            Ok(sums.index_combine(op, How::Add, 0, labels, self))
        })
    }
}
