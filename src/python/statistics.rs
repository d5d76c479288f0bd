//! Reductions beyond the plain ones, cumulative operations and counts, as methods of `Tensor` and as functions.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::array;
use super::convert::{ArrayLike, Axes, DTypeArg, Operand, TensorArg, axes};
use super::errors::to_py;
use super::operations::{cast, correction, one, operations};
use super::record::compute;
use super::scalars::{Float, Int, count, flag, float, int, integer};
use super::tensor::PyTensor;
use crate::dtype::DType;
use crate::error::Error;
use crate::ops::statistics::{NanOp, QuantileOp};
use crate::plan::Options;
use crate::record::Expr;

operations! {
    /// The middle of the elements over axes, of an even number the mean of the two in the middle; NaN if there is any.
    /// Gradient: `g` to the element in the middle, half to each of two.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([3.0, 1.0, 2.0, 10.0]).median().item()
    ///     2.5
    median[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.quantile(QuantileOp::Median, &[0.5], false, axes(&axis), keepdims));
    /// The same as if NaNs were not there. Gradient: as that of `median`, 0 to NaNs.
    nanmedian[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.quantile(QuantileOp::NanMedian, &[0.5], false, axes(&axis), keepdims));
    /// The points below which the shares `q` of the elements over axes lie, linear between neighbours; NaN if there is any.
    /// A list of shares adds a first axis. Gradient: `g` to both neighbours, by their distance.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1.0, 2.0, 4.0]).quantile([0.25, 1.0]).tolist()
    ///     [1.5, 4.0]
    quantile[q: "float | _ArrayLike", axis=None, keepdims: "bool" = false](q: ArrayLike<'_>, axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.quantiles(py, QuantileOp::Quantile, &q, &axis, keepdims);
    /// The same with shares of 100. Gradient: as that of `quantile`.
    percentile[q: "float | _ArrayLike", axis=None, keepdims: "bool" = false](q: ArrayLike<'_>, axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.quantiles(py, QuantileOp::Percentile, &q, &axis, keepdims);
    /// Quantiles as if NaNs were not there. Gradient: as that of `quantile`, 0 to NaNs.
    nanquantile[q: "float | _ArrayLike", axis=None, keepdims: "bool" = false](q: ArrayLike<'_>, axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.quantiles(py, QuantileOp::NanQuantile, &q, &axis, keepdims);
    /// Sum over axes as if NaNs were not there. Gradient: `g` to all that are none.
    nansum[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.nan_reduce(NanOp::Sum, axes(&axis), keepdims));
    /// Product over axes as if NaNs were not there. Gradient: as that of `prod`, 0 to NaNs.
    nanprod[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.nan_reduce(NanOp::Prod, axes(&axis), keepdims));
    /// Mean over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g / n` to the n numbers, 0
    /// to NaNs.
    nanmean[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.nan_reduce(NanOp::Mean, axes(&axis), keepdims));
    /// Largest over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g` shared equally
    /// between equal maxima, never to a NaN.
    nanmax[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.nan_reduce(NanOp::Max, axes(&axis), keepdims));
    /// Smallest over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g` shared equally
    /// between equal minima, never to a NaN.
    nanmin[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.nan_reduce(NanOp::Min, axes(&axis), keepdims));
    /// Variance over axes as if NaNs were not there, divided by their count less `correction` (or `ddof`). Gradient: as
    /// that of `var`, 0 to NaNs.
    nanvar[axis=None, keepdims: "bool" = false, *, correction=None, ddof=None](
        axis: Option<Axes>, #[flag] keepdims: bool, correction: Option<Float>, ddof: Option<Float>)
        |x, py| {
            let less = self::correction(py, "nanvar", [correction, ddof], 0.0)?;
            x.map(py, |x| x.nanvar(axes(&axis), keepdims, less))
        };
    /// Standard deviation over axes as if NaNs were not there. Gradient: as that of `std`, 0 to NaNs and where all
    /// numbers are equal.
    nanstd[axis=None, keepdims: "bool" = false, *, correction=None, ddof=None](
        axis: Option<Axes>, #[flag] keepdims: bool, correction: Option<Float>, ddof: Option<Float>)
        |x, py| {
            let less = self::correction(py, "nanstd", [correction, ddof], 0.0)?;
            x.map(py, |x| x.nanstd(axes(&axis), keepdims, less))
        };
    /// How many elements over axes are not zero, as int64. Gradient: none, the result counts or compares.
    count_nonzero[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.count_nonzero(axes(&axis), keepdims));
    /// The largest less the smallest element over axes. Gradient: `g` to the largest and `-g` to the smallest, shared
    /// between equal ones.
    ptp[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.ptp(axes(&axis), keepdims));
    /// The norm of vectors along axes, or of all elements: `sum(abs(x)**ord) ** (1/ord)`. Of infinite order it is the
    /// largest or smallest magnitude, of order 0 the number of elements that are not zero. Gradient: `g * sign(x)
    /// (abs(x) / y)**(ord - 1)`, shared between equal extremes for an infinite order; 0 where all are zero, and for
    /// order 0.
    ///
    /// Example:
    ///     >>> x = pg.Record().tensor([3.0, -4.0])
    ///     >>> x.norm().item(), x.norm(1).item(), x.norm(float("inf")).item()
    ///     (5.0, 7.0, 4.0)
    norm[ord: "float" = 2.0, axis=None, keepdims: "bool" = false](#[float] ord: f64, axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.vector_norm(ord, axes(&axis), keepdims));
    /// Mean over axes with weights of the same shape, or for the places along one axis. Gradient: `g * w / sum(w)`, and
    /// to weights `g * (x - y) / sum(w)`.
    average[axis=None, weights=None, *, keepdims: "bool" = false](
        axis: Option<Axes>, weights: Option<Operand<'_, '_>>, #[flag] keepdims: bool)
        |x, py| x.beside(py, "average", weights, |x, weights| x.average(weights, axes(&axis), keepdims));
    /// Cumulative product along an axis, or of the flattened array. Gradient: `g * y / x` summed from each element on,
    /// found without division, so that zeros do no harm. A dtype is what elements are cast to before.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1.0, 2.0, 3.0]).cumprod().tolist()
    ///     [1.0, 2.0, 6.0]
    cumprod[axis=None, dtype=None](axis: Option<Int>, dtype: Option<DTypeArg>)
        |x, py| x.map(py, |x| cast(x, dtype).cumprod(one(&axis)));
    /// `log(cumsum(exp(x)))` along an axis, without overflow. Gradient: `exp(x)` times the sum of `g * exp(-y)` from
    /// each element on.
    logcumsumexp[axis](axis: Int) |x, py| x.map(py, |x| x.logcumsumexp(axis.0));
    /// Cumulative sum along an axis, which only vectors need not name; with a first 0, if it is asked for. Gradient:
    /// `g` summed from each element on.
    cumulative_sum[*, axis=None, include_initial: "bool" = false](axis: Option<Int>, #[flag] include_initial: bool)
        |x, py| x.map(py, |x| x.cumulative("cumulative_sum", one(&axis), false, include_initial));
    /// Cumulative product along an axis, which only vectors need not name; with a first 1, if it is asked for.
    /// Gradient: `g * y / x` summed from each element on, found without division.
    cumulative_prod[*, axis=None, include_initial: "bool" = false](axis: Option<Int>, #[flag] include_initial: bool)
        |x, py| x.map(py, |x| x.cumulative("cumulative_prod", one(&axis), true, include_initial));
    /// Covariances of the rows of a matrix, or with `rowvar=False` of its columns; of a vector, its variance. Divided
    /// by the number of observations less `correction` (or `ddof`). Gradient: with G the symmetric part of `g`: `2 G @
    /// (x - mean) / (n - correction)`.
    cov[rowvar: "bool" = true, *, correction=None, ddof=None](
        #[flag] rowvar: bool, correction: Option<Float>, ddof: Option<Float>)
        |x, py| {
            let less = self::correction(py, "cov", [correction, ddof], 1.0)?;
            x.map(py, |x| x.cov(rowvar, less))
        };
    /// Correlation coefficients of the rows of a matrix, or with `rowvar=False` of its columns. Gradient: that of
    /// covariances over the roots of products of variances.
    corrcoef[rowvar: "bool" = true](#[flag] rowvar: bool) |x, py| x.map(py, |x| x.corrcoef(rowvar));
    /// How often each number from 0 on is there, as int64, or the sums of the weights beside them; of the largest
    /// number, the length is computed at once. Gradient: to weights, `g` at each number; none to numbers.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([0, 2, 2]).bincount().tolist()
    ///     [1, 0, 2]
    bincount[weights=None, minlength: "int" = 0](
        weights: Option<Operand<'_, '_>>, #[int] minlength: i64)
        |x, py| {
            let len = x.bins(py, count(py, "bincount", "minlength", minlength)?)?;
            x.beside(py, "bincount", weights, |x, weights| x.bincount(weights, len))
        };
    /// Sums of rows by labels: row `i` is added into row `segment_ids[i]` of `num_segments`. Gradient: `g` at each label.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1.0, 2.0, 4.0]).segment_sum([0, 1, 0], 2).tolist()
    ///     [5.0, 2.0]
    segment_sum[segment_ids, num_segments](segment_ids: ArrayLike<'_>, num_segments: Int) |x, py| {
        let (labels, segments) =
            (x.picks(py, "segment_sum", &segment_ids)?, count(py, "segment_sum", "num_segments", num_segments.0)?);
        x.map(py, |x| x.segment_sum(labels.at(x.recorder()), segments))
    };
}

impl PyTensor {
    /// Records a function of this tensor and of another operand, if there is one.
    fn beside(
        &self,
        py: Python<'_>,
        op: &'static str,
        other: Option<Operand<'_, '_>>,
        make: impl for<'r> FnOnce(Expr<'r>, Option<Expr<'r>>) -> Expr<'r>,
    ) -> PyResult<PyTensor> {
        if let Some(Operand::Tensor(other)) = &other {
            self.owns(py, op, other.get())?;
        }
        self.recorded(py, |r| {
            let other = other.map(|other| self.expression(r, other));
            make(r.at(self.tensor.id()), other)
        })
    }

    /// Records quantiles for a number, or a list of them.
    fn quantiles(
        &self,
        py: Python<'_>,
        of: QuantileOp,
        q: &ArrayLike<'_>,
        axis: &Option<Axes>,
        keepdims: bool,
    ) -> PyResult<PyTensor> {
        let array = match q.0.cast::<PyTensor>() {
            Ok(tensor) => tensor.get().elements(py)?,
            Err(_) => array::read(of.name(), &q.0, Some(DType::F64), true)?,
        };
        let got = array.shape().clone();
        if got.ndim() > 1 {
            return Err(to_py(py, &Error::Rank { op: of.name(), what: "q", got, expected: "at most 1" }));
        }
        self.map(py, |x| x.quantile(of, &array.to_f64(), got.ndim() == 1, axes(axis), keepdims))
    }

    /// How many bins numbers need, at least so many.
    fn bins(&self, py: Python<'_>, least: usize) -> PyResult<usize> {
        if self.tensor.shape().is_empty() || !self.tensor.dtype().is_integer() {
            return Ok(least);
        }
        let ends = [self.map(py, |x| x.min(None, false))?, self.map(py, |x| x.max(None, false))?];
        compute(py, self.tensor.record(), &[&ends[0].tensor, &ends[1].tensor], Options::default())?;
        let [low, high] = [ends[0].elements(py)?.to_f64()[0], ends[1].elements(py)?.to_f64()[0]];
        if low < 0.0 {
            let (got, expected) = (low.to_string(), "0 or more");
            return Err(to_py(py, &Error::Argument { op: "bincount", argument: "the smallest number", got, expected }));
        }
        Ok(least.max(high as usize + 1))
    }
}

/// How many elements lie in bins between edges, as int64, and the edges: so many bins of one width over `range`, by
/// default from the smallest to the largest element, or the edges that are given. With weights, the sums of these
/// instead; with `density`, of all as a share by width. Elements outside, and NaN, are left out. Gradient: to weights
/// `g` of their bin; none else.
///
/// Example:
///     >>> counts, edges = pg.histogram(pg.Record().tensor([1.0, 1.5, 3.0]), bins=2)
///     >>> counts.tolist(), edges.tolist()
///     ([2, 1], [1.0, 2.0, 3.0])
#[pyfunction]
#[pyo3(signature = (x, bins: "int | Tensor | _ArrayLike | None" = None, range: "tuple[float, float] | None" = None, density: "bool" = false, weights=None) -> "tuple[Tensor, Tensor]")]
pub fn histogram<'py>(
    py: Python<'py>,
    x: TensorArg<'_, 'py>,
    bins: Option<Bound<'py, PyAny>>,
    range: Option<Bound<'py, PyAny>>,
    #[pyo3(from_py_with = flag)] density: bool,
    weights: Option<Operand<'_, 'py>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let (op, x) = ("histogram", x.get());
    let range = match range {
        None => None,
        Some(range) => Some(range.extract::<(Float, Float)>().map(|(low, high)| (low.0, high.0)).map_err(|_| {
            let got = range.get_type().name().map_or_else(|_| "an object".to_string(), |name| name.to_string());
            to_py(py, &Error::Input { op, got, expected: "two numbers as the range" })
        })?),
    };
    let edges = match bins {
        Some(ref bins) if !bins.hasattr("__index__")? || bins.is_instance_of::<PyTensor>() => {
            Edges::Given(bins.extract()?)
        }
        Some(bins) => Edges::Count(count(py, op, "bins", integer("bins", &bins)?)?),
        None => Edges::Count(10),
    };
    for operand in [weights.as_ref(), edges.given()].into_iter().flatten() {
        if let Operand::Tensor(other) = operand {
            x.owns(py, op, other.get())?;
        }
    }
    x.many(py, |r| {
        let (this, even) = (r.at(x.tensor.id()), matches!(edges, Edges::Count(_)));
        let edges = match edges {
            Edges::Given(edges) => x.expression(r, edges),
            Edges::Count(bins) => this.histogram_edges(bins, range),
        };
        let counts = this.histogram(edges, even, weights.map(|weights| x.expression(r, weights)));
        if !density {
            return Ok(vec![counts, edges]);
        }
        let share = counts.cast(edges.dtype().to_float()) / counts.sum(None, false).cast(edges.dtype().to_float());
        Ok(vec![share / edges.diff(1, 0), edges])
    })
}

/// What is known of the edges of a histogram.
enum Edges<'a, 'py> {
    Given(Operand<'a, 'py>),
    Count(usize),
}

impl<'a, 'py> Edges<'a, 'py> {
    fn given(&self) -> Option<&Operand<'a, 'py>> {
        match self {
            Edges::Given(edges) => Some(edges),
            Edges::Count(_) => None,
        }
    }
}
