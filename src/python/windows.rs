//! Convolutions, pooling and what else slides over space, under PyTorch's names.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use pyo3::{Borrowed, inspect::PyStaticExpr, type_hint_identifier, type_hint_subscript, type_hint_union};

use super::convert::{Axes, Operand, TensorArg, wrong_kind};
use super::errors::to_py;
use super::scalars::{Flag, Float, Int, flag, integer, text};
use super::tensor::PyTensor;
use crate::error::Error;
use crate::ops::window::{Folded, Padding, Resize, Transposed, Windows};
use crate::shape::Dims;

/// Padding as users write it: numbers, pairs of numbers, "same" or "valid".
pub(super) struct PaddingArg(Padding);

impl<'a, 'py> FromPyObject<'a, 'py> for PaddingArg {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(
        Axes::INPUT_TYPE,
        type_hint_subscript!(
            type_hint_identifier!("collections.abc", "Sequence"),
            type_hint_subscript!(
                type_hint_identifier!("collections.abc", "Sequence"),
                type_hint_identifier!("builtins", "int")
            )
        ),
        type_hint_identifier!("builtins", "str")
    );

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        const EXPECTED: &str = "numbers, pairs of numbers, \"same\" or \"valid\"";
        if let Ok(name) = value.cast::<PyString>() {
            return match name.to_str()? {
                "same" => Ok(PaddingArg(Padding::Same)),
                "valid" => Ok(PaddingArg(Padding::Valid)),
                other => {
                    let got = format!("{other:?}");
                    Err(to_py(
                        value.py(),
                        &Error::Argument { op: "window", argument: "padding", got, expected: EXPECTED },
                    ))
                }
            };
        }
        let listed = |value: &Bound<'py, PyAny>| value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyList>();
        let both = |value: &Bound<'py, PyAny>| integer("padding", value).map(|size| [size, size]);
        if !listed(&value) {
            return Ok(PaddingArg(Padding::Pairs([both(&value)?].into_iter().collect())));
        }
        let pair = |value: &Bound<'py, PyAny>| {
            if !listed(value) {
                return both(value);
            }
            let items: Vec<Bound<'py, PyAny>> = value.extract()?;
            match items.as_slice() {
                [before, after] => Ok([integer("padding", before)?, integer("padding", after)?]),
                _ => Err(wrong_kind("padding", value, EXPECTED)),
            }
        };
        let items: Vec<Bound<'py, PyAny>> = value.extract()?;
        Ok(PaddingArg(Padding::Pairs(items.iter().map(pair).collect::<PyResult<_>>()?)))
    }
}

/// Numbers for all axes of space, or one each: a default. Gradient: none, the result counts or compares.
fn all(size: i64) -> Axes {
    Axes(Dims::from_slice(&[size]))
}

/// As much padding everywhere: a default.
fn around(size: i64) -> PaddingArg {
    PaddingArg(Padding::Pairs([[size, size]].into_iter().collect()))
}

/// An error unless all tensors are of one record.
fn owned(py: Python<'_>, op: &'static str, x: &PyTensor, others: [Option<&Operand<'_, '_>>; 2]) -> PyResult<()> {
    others.into_iter().flatten().try_for_each(|other| match other {
        Operand::Tensor(other) => x.owns(py, op, other.get()),
        _ => Ok(()),
    })
}

/// Makes a function for each number of axes of space from one definition.
macro_rules! for_each_space {
    ($([$($name:ident)*] $sig:tt $(-> $hint:literal)? $text:literal $(#[doc = $doc:literal])*
       |$py:ident, $x:ident, $op:ident, $ndim:ident| ($($args:tt)*) $(-> $Out:ty)? $body:block)*) => {
        $(for_each_space!(@ [1 2 3] [$($name)*] $sig [$(-> $hint)?] $text [$(#[doc = $doc])*] [$py $x $op $ndim] ($($args)*)
            [$($Out,)? PyTensor] $body);)*
    };
    (@ [$n:literal $($more:literal)*] [$name:ident $($others:ident)*] ($($sig:tt)*) [$($hint:tt)*] $text:literal [$($doc:tt)*]
       [$py:ident $x:ident $op:ident $ndim:ident] ($($args:tt)*) [$Out:ty $(, $rest:ty)?] $body:block) => {
        $($doc)*
        #[pyfunction]
        #[pyo3(signature = (x, $($sig)*) $($hint)*, text_signature = $text)]
        #[allow(clippy::too_many_arguments, reason = "as many as PyTorch has")]
        pub fn $name($py: Python<'_>, $x: TensorArg<'_, '_>, $($args)*) -> PyResult<$Out> {
            const $ndim: usize = $n;
            const $op: &str = stringify!($name);
            let $x = $x.get();
            $body
        }
        for_each_space!(@ [$($more)*] [$($others)*] ($($sig)*) [$($hint)*] $text [$($doc)*] [$py $x $op $ndim] ($($args)*)
            [$Out $(, $rest)?] $body);
    };
    (@ [] [] $sig:tt $hint:tt $text:literal $doc:tt $names:tt $args:tt $out:tt $body:block) => {};
}

for_each_space! {
    [conv1d conv2d conv3d]
    (weight: "Tensor | _ArrayLike", bias: "Tensor | _ArrayLike | None" = None, stride=all(1), padding=around(0),
     dilation=all(1), groups=Int(1))
    "(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)"
    /// Convolution, as in PyTorch without flipping: `y[b, o, p] = bias[o] + sum(x[b, c, stride * p + dilation * k -
    /// padding] * weight[o, c, k])` over channels `c` and taps `k`. Gradient: to the input the transposed convolution
    /// of `g` with the weight, to the weight the correlation of the input with `g`, to the bias the sums of `g`.
    ///
    /// Args:
    ///     x: `(batch, channels, *space)`, or without the batch.
    ///     weight: `(outputs, channels / groups, *taps)`.
    ///     bias: `(outputs,)`.
    ///     stride: Elements from place to place, for all axes of space or one number for each.
    ///     padding: Zeros before and after: numbers, pairs of numbers, "same" for an output of as many places as
    ///         there are elements, divided by the stride, or "valid" for none.
    ///     dilation: Elements from tap to tap.
    ///     groups: Channels are cut into so many groups that do not see each other.
    ///
    /// Raises:
    ///     ShapeError: channels do not fit, or the window does not fit into the input.
    |py, x, OP, NDIM| (weight: Operand<'_, '_>, bias: Option<Operand<'_, '_>>, stride: Axes, padding: PaddingArg,
                       dilation: Axes, groups: Int) {
        owned(py, OP, x, [Some(&weight), bias.as_ref()])?;
        let windows = Windows { stride: &stride.0, dilation: &dilation.0, padding: &padding.0, ceil: false };
        x.recorded(py, |r| {
            let (weight, bias) = (x.expression(r, weight), bias.map(|bias| x.expression(r, bias)));
            r.at(x.tensor.id()).conv(NDIM, weight, bias, &windows, groups.0)
        })
    }

    [conv_transpose1d conv_transpose2d conv_transpose3d]
    (weight: "Tensor | _ArrayLike", bias: "Tensor | _ArrayLike | None" = None, stride=all(1), padding=around(0),
     output_padding=all(0), groups=Int(1), dilation=all(1))
    "(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)"
    /// Transposed convolution, the gradient of a convolution by its input as an operation of its own: `y[b, o, stride *
    /// p + dilation * k - padding]` is the bias and the sum of all `x[b, c, p] * weight[c, o, k]`. Gradient: to the
    /// input the convolution of `g` with the weight, to the weight the correlation of `g` with the input, to the bias
    /// the sums of `g`.
    ///
    /// Args:
    ///     x: `(batch, channels, *space)`, or without the batch.
    ///     weight: `(channels, outputs / groups, *taps)`.
    ///     bias: `(outputs,)`.
    ///     stride: Elements of the output from place to place, for all axes of space or one number for each.
    ///     padding: Elements that are cut off before and after: numbers, or pairs of numbers.
    ///     output_padding: Elements added at the end, less than the stride or the dilation.
    ///     groups: Channels are cut into so many groups that do not see each other.
    ///     dilation: Elements from tap to tap.
    ///
    /// Raises:
    ///     ShapeError: channels do not fit, or padding leaves nothing.
    |py, x, OP, NDIM| (weight: Operand<'_, '_>, bias: Option<Operand<'_, '_>>, stride: Axes, padding: PaddingArg,
                       output_padding: Axes, groups: Int, dilation: Axes) {
        owned(py, OP, x, [Some(&weight), bias.as_ref()])?;
        let windows = Windows { stride: &stride.0, dilation: &dilation.0, padding: &padding.0, ceil: false };
        let more = Transposed { output_padding: &output_padding.0 };
        x.recorded(py, |r| {
            let (weight, bias) = (x.expression(r, weight), bias.map(|bias| x.expression(r, bias)));
            r.at(x.tensor.id()).conv_transposed(NDIM, weight, bias, &windows, &more, groups.0)
        })
    }

    [max_pool1d max_pool2d max_pool3d]
    (kernel_size, stride=None, padding=around(0), dilation=all(1), ceil_mode: "bool" = false)
    "(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)"
    /// The largest element of each window, NaN if one is. Padding is never the largest. Gradient: `g` to the first of
    /// the largest of each window, added up where windows overlap.
    ///
    /// Args:
    ///     x: `(batch, channels, *space)`, or without the batch.
    ///     kernel_size: Sizes of the window, one number for all axes of space or one for each.
    ///     stride: Elements from place to place; by default the window's size.
    ///     padding: Elements before and after, at most half of the window.
    ///     dilation: Elements from tap to tap.
    ///     ceil_mode: Whether the last window may reach beyond the padding.
    ///
    /// Raises:
    ///     ShapeError: the window does not fit into the input.
    |py, x, _OP, NDIM| (kernel_size: Axes, stride: Option<Axes>, padding: PaddingArg, dilation: Axes,
                        #[pyo3(from_py_with = flag)] ceil_mode: bool) {
        let stride = &stride.as_ref().unwrap_or(&kernel_size).0;
        let windows = Windows { stride, dilation: &dilation.0, padding: &padding.0, ceil: ceil_mode };
        x.map(py, |x| x.max_pool(NDIM, &kernel_size.0, &windows))
    }

    [max_pool1d_with_indices max_pool2d_with_indices max_pool3d_with_indices]
    (kernel_size, stride=None, padding=around(0), dilation=all(1), ceil_mode: "bool" = false) -> "tuple[Tensor, Tensor]"
    "(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)"
    /// The largest element of each window, as `max_pool1d` and its kin have it, and where it is: a position in the space,
    /// flattened, int64. Gradient: `g` to the first of the largest of each window.
    ///
    /// Args:
    ///     x: `(batch, channels, *space)`, or without the batch.
    ///     kernel_size: Sizes of the window, one number for all axes of space or one for each.
    ///     stride: Elements from place to place; by default the window's size.
    ///     padding: Elements before and after, at most half of the window.
    ///     dilation: Elements from tap to tap.
    ///     ceil_mode: Whether the last window may reach beyond the padding.
    ///
    /// Raises:
    ///     ShapeError: the window does not fit into the input.
    |py, x, _OP, NDIM| (kernel_size: Axes, stride: Option<Axes>, padding: PaddingArg, dilation: Axes,
                        #[pyo3(from_py_with = flag)] ceil_mode: bool) -> Py<PyTuple> {
        let stride = &stride.as_ref().unwrap_or(&kernel_size).0;
        let windows = Windows { stride, dilation: &dilation.0, padding: &padding.0, ceil: ceil_mode };
        let id = x.tensor.id();
        x.many(py, |r| r.at(id).max_pool_with_indices(NDIM, &kernel_size.0, &windows)).map(Bound::unbind)
    }

    [avg_pool1d avg_pool2d avg_pool3d]
    (kernel_size, stride=None, padding=around(0), ceil_mode: "bool" = false, count_include_pad: "bool" = true)
    "(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)"
    /// The mean of each window. Gradient: `g / n` to each of the `n` elements that a window divides by, added up where
    /// windows overlap.
    ///
    /// Args:
    ///     x: `(batch, channels, *space)`, or without the batch.
    ///     kernel_size: Sizes of the window, one number for all axes of space or one for each.
    ///     stride: Elements from place to place; by default the window's size.
    ///     padding: Zeros before and after, at most half of the window.
    ///     ceil_mode: Whether the last window may reach beyond the padding; what lies beyond never counts.
    ///     count_include_pad: Whether the zeros of the padding count.
    ///
    /// Raises:
    ///     ShapeError: the window does not fit into the input.
    |py, x, _OP, NDIM| (kernel_size: Axes, stride: Option<Axes>, padding: PaddingArg,
                        #[pyo3(from_py_with = flag)] ceil_mode: bool, #[pyo3(from_py_with = flag)] count_include_pad: bool) {
        let stride = &stride.as_ref().unwrap_or(&kernel_size).0;
        let windows = Windows { stride, dilation: &[1], padding: &padding.0, ceil: ceil_mode };
        x.map(py, |x| x.avg_pool(NDIM, &kernel_size.0, &windows, count_include_pad))
    }

    [adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d]
    (output_size)
    "(x, output_size)"
    /// The largest elements of so many parts of the space, which are those of `adaptive_avg_pool1d` and its kin. Gradient:
    /// `g` to the first of the largest of each part, added up where parts overlap.
    ///
    /// Args:
    ///     x: `(batch, channels, *space)`, or without the batch.
    ///     output_size: How many parts, for all axes of space or one number for each.
    |py, x, _OP, NDIM| (output_size: Axes) {
        x.map(py, |x| x.adaptive_max_pool(NDIM, &output_size.0))
    }

    [adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d]
    (output_size)
    "(x, output_size)"
    /// The means of so many parts of the space: along an axis, part `i` of `n` goes from `floor(i * size / n)` up to
    /// `ceil((i + 1) * size / n)`. Gradient: `g / n` to each of the `n` elements of a part, added up where parts
    /// overlap.
    ///
    /// Args:
    ///     x: `(batch, channels, *space)`, or without the batch.
    ///     output_size: How many parts, for all axes of space or one number for each.
    |py, x, _OP, NDIM| (output_size: Axes) {
        x.map(py, |x| x.adaptive_avg_pool(NDIM, &output_size.0))
    }
}

/// The elements of each window as a column: `(batch, channels * taps, places)` of `(batch, channels, *space)`.
/// Gradient: `g` folded: added up where windows overlap.
///
/// Args:
///     x: One to three axes of space behind batch and channels.
///     kernel_size: Sizes of the window, one number for all axes of space or one for each.
///     dilation: Elements from tap to tap.
///     padding: Zeros before and after.
///     stride: Elements from place to place.
///
/// Example:
///     >>> x = pg.Record().tensor([[[1.0, 2.0, 3.0, 4.0]]])
///     >>> pg.unfold(x, 2).tolist()
///     [[[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]]
#[pyfunction]
#[pyo3(signature = (x, kernel_size, dilation=all(1), padding=around(0), stride=all(1)))]
#[pyo3(text_signature = "(x, kernel_size, dilation=1, padding=0, stride=1)")]
pub fn unfold(
    py: Python<'_>,
    x: TensorArg<'_, '_>,
    kernel_size: Axes,
    dilation: Axes,
    padding: PaddingArg,
    stride: Axes,
) -> PyResult<PyTensor> {
    let windows = Windows { stride: &stride.0, dilation: &dilation.0, padding: &padding.0, ceil: false };
    x.get().map(py, |x| x.unfold(&kernel_size.0, &windows))
}

/// Columns added up where their windows lie, the adjoint of `unfold`: `(batch, channels, *output_size)` of `(batch,
/// channels * taps, places)`. Gradient: `g` unfolded.
///
/// Args:
///     x: The columns.
///     output_size: The sizes of the space, one number for each of its axes.
///     kernel_size: Sizes of the window, one number for all axes of space or one for each.
///     dilation: Elements from tap to tap.
///     padding: Elements before and after, which are cut off.
///     stride: Elements from place to place.
///
/// Example:
///     >>> x = pg.Record().tensor([[[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]])
///     >>> pg.fold(x, [4], 2).tolist()
///     [[[1.0, 4.0, 6.0, 4.0]]]
#[pyfunction]
#[pyo3(signature = (x, output_size, kernel_size, dilation=all(1), padding=around(0), stride=all(1)))]
#[pyo3(text_signature = "(x, output_size, kernel_size, dilation=1, padding=0, stride=1)")]
pub fn fold(
    py: Python<'_>,
    x: TensorArg<'_, '_>,
    output_size: Axes,
    kernel_size: Axes,
    dilation: Axes,
    padding: PaddingArg,
    stride: Axes,
) -> PyResult<PyTensor> {
    let windows = Windows { stride: &stride.0, dilation: &dilation.0, padding: &padding.0, ceil: false };
    let sizes = Folded { output_size: &output_size.0, kernel_size: &kernel_size.0 };
    x.get().map(py, |x| x.fold(&sizes, &windows))
}

/// Factors for all axes of space, or one each.
pub(super) struct Factors(Vec<f64>);

impl<'a, 'py> FromPyObject<'a, 'py> for Factors {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(
        type_hint_identifier!("builtins", "float"),
        type_hint_subscript!(
            type_hint_identifier!("collections.abc", "Sequence"),
            type_hint_identifier!("builtins", "float")
        )
    );

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyList>() {
            let items: Vec<Float> = value.extract()?;
            return Ok(Factors(items.into_iter().map(|Float(factor)| factor).collect()));
        }
        Ok(Factors(vec![value.extract::<Float>()?.0]))
    }
}

/// The input `(batch, channels, *space)` in another resolution. New elements are weighted sums of old ones. Gradient:
/// `g` added up with the same weights.
///
/// Args:
///     x: One to three axes of space behind batch and channels.
///     size: New sizes, one number for all axes of space or one for each.
///     scale_factor: Instead of sizes, factors, after which sizes are rounded down.
///     mode: "nearest", "nearest-exact", "linear" (for two axes also "bilinear", for three "trilinear"), "cubic" (for two
///         also "bicubic"), or "area" for means.
///     align_corners: Whether the middles of the first and last elements stay where they are, rather than the ends of
///         the space.
///
/// Example:
///     >>> x = pg.Record().tensor([[[1.0, 3.0]]])
///     >>> pg.interpolate(x, 4, mode="linear").tolist()
///     [[[1.0, 1.5, 2.5, 3.0]]]
#[pyfunction]
#[pyo3(signature = (x, size=None, scale_factor=None, mode: "str" = "nearest", align_corners: "bool | None" = None))]
pub fn interpolate(
    py: Python<'_>,
    x: TensorArg<'_, '_>,
    size: Option<Axes>,
    scale_factor: Option<Factors>,
    #[pyo3(from_py_with = text)] mode: &str,
    align_corners: Option<Flag>,
) -> PyResult<PyTensor> {
    let to = match (&size, &scale_factor) {
        (Some(size), None) => Resize::Sizes(&size.0),
        (None, Some(factors)) => Resize::Factors(&factors.0),
        (both, _) => {
            let got = if both.is_some() { "both given" } else { "None for both" }.to_string();
            let (argument, expected) = ("size, scale_factor", "one of them");
            return Err(to_py(py, &Error::Argument { op: "interpolate", argument, got, expected }));
        }
    };
    x.get().map(py, |x| x.interpolate(to, mode, align_corners.is_some_and(|flag| flag.0)))
}
