//! Products of two tensors, and functions through points.

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyTuple};

use super::convert::{Axes, Operand, TensorArg};
use super::errors::{guard, to_py};
use super::functions::together;
use super::scalars::{Int, float, int, integer, scalar, text};
use super::tensor::PyTensor;
use crate::error::Error;
use crate::ops::products::Extent;
use crate::shape::Dims;

/// Every product of an element of one with one of the other, in blocks as large as the second. Gradient: `g` times the
/// other, summed over it.
#[pyfunction]
pub fn kron(py: Python<'_>, a: Operand<'_, '_>, b: Operand<'_, '_>) -> PyResult<PyTensor> {
    together(py, "kron", [a, b], |_, [a, b]| a.kron(b))
}

/// Sums of products over the last axis of both; of scalars, their product. Gradient: `g @ b` and `g.T @ a`.
#[pyfunction]
pub fn inner(py: Python<'_>, a: Operand<'_, '_>, b: Operand<'_, '_>) -> PyResult<PyTensor> {
    together(py, "inner", [a, b], |_, [a, b]| a.inner(b))
}

/// The sum of products of the elements of two tensors of one size, flattened. Gradient: `g * b` and `g * a`.
#[pyfunction]
pub fn vdot(py: Python<'_>, a: Operand<'_, '_>, b: Operand<'_, '_>) -> PyResult<PyTensor> {
    together(py, "vdot", [a, b], |_, [a, b]| a.vdot(b))
}

/// The sums of products of two sequences, one of them backwards: `y[k] = sum(a[i] * v[k - i])`. Gradient: `g` correlated
/// with the other sequence.
///
/// Args:
///     a, v: sequences of one axis, with at least one element.
///     mode: "full" wherever they meet, "same" as many as the longer one has, "valid" where the shorter one lies within.
///
/// Example:
///     >>> pg.convolve(pg.Record().tensor([1.0, 2.0, 3.0]), [0.0, 1.0, 0.5]).tolist()
///     [0.0, 1.0, 2.5, 4.0, 1.5]
#[pyfunction]
#[pyo3(signature = (a, v, mode: "typing.Literal['full', 'same', 'valid']" = "full"))]
pub fn convolve(
    py: Python<'_>,
    a: Operand<'_, '_>,
    v: Operand<'_, '_>,
    #[pyo3(from_py_with = text)] mode: &str,
) -> PyResult<PyTensor> {
    let extent = extent(py, "convolve", mode)?;
    together(py, "convolve", [a, v], |_, [a, v]| a.moving_product("convolve", v, extent, true))
}

/// The sums of products of a sequence with another one that moves along it: `y[k] = sum(a[k + i] * v[i])`. Gradient: to
/// `a` the convolution of `g` with `v`, to `v` the correlation of `a` with `g`.
///
/// Args:
///     a, v: sequences of one axis, with at least one element.
///     mode: "valid" where the shorter one lies within the other, "same" as many as the longer one has, "full" wherever
///         they meet.
///
/// Example:
///     >>> pg.correlate(pg.Record().tensor([1.0, 2.0, 3.0]), [0.0, 1.0]).tolist()
///     [2.0, 3.0]
#[pyfunction]
#[pyo3(signature = (a, v, mode: "typing.Literal['full', 'same', 'valid']" = "valid"))]
pub fn correlate(
    py: Python<'_>,
    a: Operand<'_, '_>,
    v: Operand<'_, '_>,
    #[pyo3(from_py_with = text)] mode: &str,
) -> PyResult<PyTensor> {
    let extent = extent(py, "correlate", mode)?;
    together(py, "correlate", [a, v], |_, [a, v]| a.moving_product("correlate", v, extent, false))
}

fn extent(py: Python<'_>, op: &'static str, mode: &str) -> PyResult<Extent> {
    guard(py, || match mode {
        "full" => Ok(Extent::Full),
        "same" => Ok(Extent::Same),
        "valid" => Ok(Extent::Valid),
        other => {
            let (got, expected) = (format!("{other:?}"), "\"full\", \"same\" or \"valid\"");
            Err(Error::Argument { op, argument: "mode", got, expected })
        }
    })
}

/// The vector product of three-dimensional vectors along an axis; other axes broadcast. Gradient: `cross(b, g)` and
/// `cross(g, a)`.
///
/// Example:
///     >>> rec = pg.Record()
///     >>> pg.cross(rec.tensor([1.0, 0.0, 0.0]), rec.tensor([0.0, 1.0, 0.0])).tolist()
///     [0.0, 0.0, 1.0]
#[pyfunction]
#[pyo3(signature = (a, b, axis=Int(-1)), text_signature = "(a, b, axis=-1)")]
pub fn cross(py: Python<'_>, a: Operand<'_, '_>, b: Operand<'_, '_>, axis: Int) -> PyResult<PyTensor> {
    together(py, "cross", [a, b], |_, [a, b]| a.cross(b, axis.0))
}

/// Sums of products over axes: the last so many of the first with the first so many of the second, or pairs that two
/// lists name. What is left of the first comes first in the result. Gradient: to each, `g` times the other, summed over
/// what is left of the other.
///
/// Example:
///     >>> x = pg.Record().ones((2, 3, 4))
///     >>> pg.tensordot(x, x, axes=([0, 1], [0, 1])).shape
///     (4, 4)
#[pyfunction]
#[pyo3(signature = (a, b, axes: "int | typing.Sequence[int | typing.Sequence[int]] | None" = None))]
pub fn tensordot(
    py: Python<'_>,
    a: Operand<'_, '_>,
    b: Operand<'_, '_>,
    axes: Option<Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    let op = "tensordot";
    let pair = match axes {
        None => Pair::Last(2),
        Some(axes) if axes.hasattr("__index__")? => Pair::Last(integer("axes", &axes)?),
        Some(axes) => match axes.extract::<(Axes, Axes)>() {
            Ok((left, right)) => Pair::Lists(left, right),
            Err(_) => {
                let (got, expected) = (axes.repr()?.to_string(), "a number, or two lists of axes");
                return Err(to_py(py, &Error::Argument { op, argument: "axes", got, expected }));
            }
        },
    };
    together(py, op, [a, b], |_, [a, b]| match pair {
        Pair::Lists(left, right) => a.tensordot(b, &left.0, &right.0),
        Pair::Last(n) => {
            let most = a.shape().ndim().min(b.shape().ndim()) as i64;
            if !(0..=most).contains(&n) {
                let (got, expected) = (n.to_string(), "between 0 and the axes of either");
                return a.fail(Error::Argument { op, argument: "axes", got, expected });
            }
            a.tensordot(b, &(-n..0).collect::<Vec<_>>(), &(0..n).collect::<Vec<_>>())
        }
    })
}

/// Which axes are summed.
enum Pair {
    Last(i64),
    Lists(Axes, Axes),
}

/// The integral along an axis by trapezoids, over points `x`, or over steps of width `dx`. Gradient: `g` by half the
/// widths of the steps on both sides; to `x` by the differences of `y`.
#[pyfunction]
#[pyo3(signature = (y, x=None, dx: "float" = 1.0, axis: "int" = -1))]
#[pyo3(text_signature = "(y, x=None, dx=1.0, axis=-1)")]
pub fn trapezoid(
    py: Python<'_>,
    y: TensorArg<'_, '_>,
    x: Option<Operand<'_, '_>>,
    #[pyo3(from_py_with = float)] dx: f64,
    #[pyo3(from_py_with = int)] axis: i64,
) -> PyResult<PyTensor> {
    match x {
        None => y.get().map(py, |y| y.trapezoid(None, dx, axis)),
        Some(x) => together(py, "trapezoid", [Operand::Tensor(y.0), x], |_, [y, x]| y.trapezoid(Some(x), dx, axis)),
    }
}

/// Slopes along axes by differences, as NumPy's: inside of the parabola through an element and its neighbours, at the ends of the
/// line through two elements, or with `edge_order=2` of the parabola through three. `spacing` is nothing, for steps of 1, one
/// number for all axes, or for each axis a number or its points. One tensor for one axis, else a tuple. Not a derivative of what
/// was recorded: that is `loss.grad()`. Gradient: `g` by the weights of the differences.
///
/// Example:
///     >>> pg.gradient(pg.Record().tensor([1.0, 2.0, 4.0, 7.0]), 0.5).tolist()
///     [2.0, 3.0, 5.0, 6.0]
#[pyfunction]
#[pyo3(signature = (f, *spacing: "_ArrayLike", axis=None, edge_order: "int" = 1) -> "typing.Any")]
#[pyo3(text_signature = "(f, *spacing, axis=None, edge_order=1)")]
pub fn gradient<'py>(
    py: Python<'py>,
    f: TensorArg<'_, '_>,
    spacing: &Bound<'py, PyTuple>,
    axis: Option<Axes>,
    #[pyo3(from_py_with = int)] edge_order: i64,
) -> PyResult<Bound<'py, PyAny>> {
    let op = "gradient";
    let wrong = |argument, got: String, expected| to_py(py, &Error::Argument { op, argument, got, expected });
    if ![1, 2].contains(&edge_order) {
        return Err(wrong("edge_order", edge_order.to_string(), "1 or 2"));
    }
    let axes: Dims<i64> = axis.map_or_else(|| (0..f.get().tensor.shape().ndim() as i64).collect(), |axes| axes.0);
    let steps: Vec<Bound<'py, PyAny>> = spacing.iter().collect();
    let steps: Vec<Operand<'_, 'py>> =
        steps.iter().map(|step| Operand::extract(step.as_borrowed())).collect::<PyResult<_>>()?;
    let alone = matches!(steps[..], [Operand::Scalar(_)]);
    if !(steps.is_empty() || alone || steps.len() == axes.len()) {
        let got = format!("{} for {} axes", steps.len(), axes.len());
        return Err(wrong("spacing", got, "none, one number, or as many as axes"));
    }
    let curved = edge_order == 2;
    let slope = |(at, axis): (usize, i64)| match steps.get(if alone { 0 } else { at }) {
        None => f.get().map(py, |y| y.gradient(None, 1.0, axis, curved)),
        Some(Operand::Scalar(dx)) => f.get().map(py, |y| y.gradient(None, dx.as_f64(), axis, curved)),
        Some(points) => {
            together(py, op, [Operand::Tensor(f.0), points.clone()], |_, [y, x]| y.gradient(Some(x), 1.0, axis, curved))
        }
    };
    let mut slopes = axes.into_iter().enumerate().map(slope).collect::<PyResult<Vec<_>>>()?;
    if slopes.len() == 1 {
        return Ok(Bound::new(py, slopes.remove(0))?.into_any());
    }
    Ok(PyTuple::new(py, slopes)?.into_any())
}

/// The piecewise linear function through points with ascending `xp`, at `x`; outside of them the outermost value, or
/// `left` and `right`. Gradient: to x `g` times the slope of the piece, 0 outside; to `fp` `g` by the weights of both
/// ends; to `xp` as the slope says.
///
/// Example:
///     >>> pg.interp(pg.Record().tensor([0.5, 9.0]), [0.0, 1.0], [10.0, 20.0]).tolist()
///     [15.0, 20.0]
#[pyfunction]
#[pyo3(signature = (x, xp, fp, left: "float | None" = None, right: "float | None" = None))]
pub fn interp(
    py: Python<'_>,
    x: Operand<'_, '_>,
    xp: Operand<'_, '_>,
    fp: Operand<'_, '_>,
    left: Option<Bound<'_, PyAny>>,
    right: Option<Bound<'_, PyAny>>,
) -> PyResult<PyTensor> {
    let left = left.map(|value| scalar("interp", &value)).transpose()?;
    let right = right.map(|value| scalar("interp", &value)).transpose()?;
    together(py, "interp", [x, xp, fp], |_, [x, xp, fp]| x.interp(xp, fp, left, right))
}
