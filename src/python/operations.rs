//! Every operation on one tensor, as a method of `Tensor` and as a function.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::convert::{ArrayLike, Axes, DTypeArg, NoOut, Operand, ShapeArg, TensorArg, axes, sizes};
use super::errors::to_py;
use super::scalars::{Float, Int, flag, integer, scalar, text};
use super::tensor::PyTensor;
use crate::dtype::Scalar;
use crate::error::Error;
use crate::ops::composite::{Bound as ClipBound, Continued};
use crate::ops::unary::unary_rows;
use crate::ops::{ArgOp, ReduceOp};
use crate::record::Expr;

/// Makes a method of `Tensor` and a function of the same name from one definition; `#[flag]` before an argument says how
/// it is read, and literals in braces are the signatures of both as they are shown, where a default cannot be.
macro_rules! operations {
    ($($(#[doc = $doc:literal])* $name:ident[$($sig:tt)*]$({$of_method:literal, $of_function:literal})?($($(#[$read:ident])? $arg:ident: $Arg:ty),*) |$x:ident, $py:ident| $body:expr;)*) => {
        #[pymethods]
        impl PyTensor {$(
            $(#[doc = $doc])*
            #[pyo3(signature = ($($sig)*) $(, text_signature = $of_method)?)]
            #[allow(unused_variables, reason = "`out` is there to be refused")]
            #[allow(clippy::too_many_arguments, reason = "Python names them")]
            fn $name(&self, $py: Python<'_>, $($(#[pyo3(from_py_with = $read)])? $arg: $Arg),*) -> PyResult<PyTensor> {
                let $x = self;
                $body
            }
        )*}

        pub(super) mod functions_of {
            use super::*;
            $(
                $(#[doc = $doc])*
                #[pyfunction]
                #[pyo3(signature = (x, $($sig)*) $(, text_signature = $of_function)?)]
                #[allow(clippy::too_many_arguments, reason = "Python names them")]
                pub fn $name(py: Python<'_>, x: TensorArg<'_, '_>, $($(#[pyo3(from_py_with = $read)])? $arg: $Arg),*) -> PyResult<PyTensor> {
                    x.get().$name(py, $($arg),*)
                }
            )*
        }
    };
}
pub(super) use operations;

/// The same for operations with several results.
macro_rules! several {
    ($($(#[doc = $doc:literal])* $name:ident[$($sig:tt)*] -> $hint:literal $({$of_method:literal, $of_function:literal})?($($(#[$read:ident])? $arg:ident: $Arg:ty),*) |$x:ident, $py:ident| $body:expr;)*) => {
        #[pymethods]
        impl PyTensor {$(
            $(#[doc = $doc])*
            #[pyo3(signature = ($($sig)*) -> $hint $(, text_signature = $of_method)?)]
            fn $name<'py>(&self, $py: Python<'py>, $($(#[pyo3(from_py_with = $read)])? $arg: $Arg),*) -> PyResult<Bound<'py, PyTuple>> {
                let $x = self;
                $body
            }
        )*}

        pub(super) mod several_of {
            use super::*;
            $(
                $(#[doc = $doc])*
                #[pyfunction]
                #[pyo3(signature = (x, $($sig)*) -> $hint $(, text_signature = $of_function)?)]
                pub fn $name<'py>(py: Python<'py>, x: TensorArg<'_, 'py>, $($(#[pyo3(from_py_with = $read)])? $arg: $Arg),*) -> PyResult<Bound<'py, PyTuple>> {
                    x.get().$name(py, $($arg),*)
                }
            )*
        }
    };
}
pub(super) use several;

operations! {
    /// Sum over axes; integers and bool are summed in int64. A dtype is what elements are cast to before. Gradient: `g`
    /// to every element.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0).tolist()
    ///     [4.0, 6.0]
    sum[axis=None, keepdims: "bool" = false, *, dtype=None, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, dtype: Option<DTypeArg>, out: Option<NoOut>)
        |x, py| x.map(py, |x| cast(x, dtype).reduce(ReduceOp::Sum, axes(&axis), keepdims));
    /// Mean over axes; integers and bool become float32. Of no elements: NaN. Gradient: `g / n`.
    mean[axis=None, keepdims: "bool" = false, *, dtype=None, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, dtype: Option<DTypeArg>, out: Option<NoOut>)
        |x, py| x.map(py, |x| cast(x, dtype).mean(axes(&axis), keepdims));
    /// Product over axes; a dtype is what elements are cast to before. Gradient: `g` times the product of the other
    /// elements, found without division, so that zeros do no harm.
    prod[axis=None, keepdims: "bool" = false, *, dtype=None, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, dtype: Option<DTypeArg>, out: Option<NoOut>)
        |x, py| x.map(py, |x| cast(x, dtype).reduce(ReduceOp::Prod, axes(&axis), keepdims));
    /// Largest over axes, NaN if any is. Gradient: `g` shared equally between equal maxima; to the NaNs if there are
    /// any.
    max[axis=None, keepdims: "bool" = false, *, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, out: Option<NoOut>)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::Max, axes(&axis), keepdims));
    /// Smallest over axes, NaN if any is. Gradient: `g` shared equally between equal minima; to the NaNs if there are
    /// any.
    min[axis=None, keepdims: "bool" = false, *, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, out: Option<NoOut>)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::Min, axes(&axis), keepdims));
    /// True where any element over the axes is true. Gradient: none, the result counts or compares.
    any[axis=None, keepdims: "bool" = false, *, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, out: Option<NoOut>)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::Any, axes(&axis), keepdims));
    /// True where all elements over the axes are true. Gradient: none, the result counts or compares.
    all[axis=None, keepdims: "bool" = false, *, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, out: Option<NoOut>)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::All, axes(&axis), keepdims));
    /// Position of the first largest element along an axis, or in the flattened array; the first NaN if there is one.
    /// Gradient: none, positions do not change smoothly.
    argmax[axis=None, keepdims: "bool" = false](axis: Option<Int>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.arg(ArgOp::Max, one(&axis), keepdims));
    /// Position of the first smallest element along an axis, or in the flattened array; the first NaN if there is one.
    /// Gradient: none, positions do not change smoothly.
    argmin[axis=None, keepdims: "bool" = false](axis: Option<Int>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.arg(ArgOp::Min, one(&axis), keepdims));
    /// Variance over axes in two passes, divided by the count less `correction` (or `ddof`). Gradient: `2 g (x - mean)
    /// / (n - correction)`.
    var[axis=None, keepdims: "bool" = false, *, correction=None, ddof=None, dtype=None, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, correction: Option<Float>, ddof: Option<Float>, dtype: Option<DTypeArg>,
        out: Option<NoOut>)
        |x, py| {
            let less = self::correction(py, "var", [correction, ddof], 0.0)?;
            x.map(py, |x| cast(x, dtype).var(axes(&axis), keepdims, less))
        };
    /// Standard deviation over axes. Gradient: `g * (x - mean) / (y (n - correction))`, 0 where all elements are equal.
    std[axis=None, keepdims: "bool" = false, *, correction=None, ddof=None, dtype=None, out: "None" = None](
        axis: Option<Axes>, #[flag] keepdims: bool, correction: Option<Float>, ddof: Option<Float>, dtype: Option<DTypeArg>,
        out: Option<NoOut>)
        |x, py| {
            let less = self::correction(py, "std", [correction, ddof], 0.0)?;
            x.map(py, |x| cast(x, dtype).std(axes(&axis), keepdims, less))
        };
    /// `log(sum(exp(x)))` over axes, without overflow. Of only -inf: -inf. Gradient: `g * softmax(x)`, 0 where all are
    /// -inf.
    logsumexp[axis=None, keepdims: "bool" = false](axis: Option<Axes>, #[flag] keepdims: bool)
        |x, py| x.map(py, |x| x.logsumexp(axes(&axis), keepdims));
    /// `exp(x) / sum(exp(x))` along an axis, or several, or all with None. Gradient: `y * (g - sum(g * y))`.
    softmax[axis=Some(Axes::last())]{"($self, axis=-1)", "(x, axis=-1)"}(axis: Option<Axes>)
        |x, py| x.map(py, |x| x.softmax(axes(&axis)));
    /// The logarithm of the softmax, exact where the softmax underflows. Gradient: `g - softmax(x) * sum(g)`.
    log_softmax[axis=Some(Axes::last())]{"($self, axis=-1)", "(x, axis=-1)"}(axis: Option<Axes>)
        |x, py| x.map(py, |x| x.log_softmax(axes(&axis)));
    /// Cumulative sum along an axis, or of the flattened array; a dtype is what elements are cast to before. Gradient: `g`
    /// summed from each element on.
    cumsum[axis=None, dtype=None](axis: Option<Int>, dtype: Option<DTypeArg>)
        |x, py| x.map(py, |x| cast(x, dtype).cumsum(one(&axis)));
    /// Elements as another dtype: floats to integers truncate and saturate, NaN is 0. Gradient: `g` as the input's
    /// dtype from floats to floats; none through integers.
    astype[dtype](dtype: DTypeArg) |x, py| x.map(py, |x| x.cast(dtype.0));
    /// The same values, with no gradient. Gradient: 0.
    stop_gradient[]() |x, py| x.map(py, |x| x.stop_gradient());
    /// One axis of all elements in C order. Gradient: `g` in the input's shape.
    flatten[]() |x, py| x.map(py, |x| x.reshape(&[x.shape().len()]));
    /// Axes moved to other positions; the rest keep their order. Gradient: `g` with the axes moved back.
    moveaxis[source, destination](source: Axes, destination: Axes)
        |x, py| x.map(py, |x| x.moveaxis(&source.0, &destination.0));
    /// Two axes swapped. Gradient: `g` with the same axes swapped.
    swapaxes[axis1, axis2](axis1: Int, axis2: Int) |x, py| x.map(py, |x| {
        let n = x.shape().ndim();
        x.attempt(|| {
            let one = crate::shape::normalize_axis("swapaxes", axis1.0, n)?;
            let two = crate::shape::normalize_axis("swapaxes", axis2.0, n)?;
            let mut order: Vec<usize> = (0..n).collect();
            order.swap(one, two);
            Ok(x.permute(&order))
        })
    });
    /// New axes of size 1 at positions of the result. Gradient: `g` in the input's shape.
    expand_dims[axis](axis: Axes) |x, py| x.map(py, |x| x.expand_dims(&axis.0));
    /// Without the given axes of size 1, or without all of them. Gradient: `g` in the input's shape.
    squeeze[axis=None](axis: Option<Axes>) |x, py| x.map(py, |x| x.squeeze(axes(&axis)));
    /// Axes of size 1 repeated, and axes added on the left, to reach a shape. Gradient: `g` summed over the axes that
    /// were expanded.
    broadcast_to[shape](shape: ShapeArg) |x, py| x.map(py, |x| {
        x.attempt(|| Ok(x.expand(&shape.checked("broadcast_to")?)))
    });
    /// Axes reversed; all by default. Gradient: `g` with the same axes reversed.
    flip[axis=None](axis: Option<Axes>) |x, py| x.map(py, |x| x.flip(axes(&axis)));
    /// `value` put around the elements; `pad_width` as in NumPy: one number, (before, after), or a pair for each axis.
    /// Other modes continue the elements: "edge" repeats the outermost, "reflect" turns round at it, "symmetric" turns
    /// round behind it, "wrap" begins anew at the other end. Gradient: the part of `g` at the elements; what they
    /// are continued by is added to them.
    ///
    /// Raises:
    ///     ArgumentError: a width is negative, a mode is unknown, or there is nothing to continue.
    ///
    /// Example:
    ///     >>> x = pg.Record().tensor([1.0, 2.0, 3.0])
    ///     >>> x.pad((1, 0)).tolist(), x.pad(2, mode="reflect").tolist()
    ///     ([0.0, 1.0, 2.0, 3.0], [3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0])
    pad[pad_width: "int | typing.Sequence[int] | typing.Sequence[typing.Sequence[int]]", value: "float | None" = None, *, mode: "typing.Literal['constant', 'edge', 'reflect', 'symmetric', 'wrap']" = "constant"](
        pad_width: Bound<'_, PyAny>, value: Option<Bound<'_, PyAny>>, #[text] mode: &str)
        |x, py| {
            let value = value.map_or(Ok(Scalar::Float(0.0)), |value| scalar("pad", &value))?;
            let widths = pad_widths(&pad_width, x.tensor.shape().ndim())?;
            match mode {
                "constant" => x.map(py, |x| x.pad(&widths, value)),
                mode => {
                    let continued = Continued::from_name(mode).map_err(|error| to_py(py, &error))?;
                    x.map(py, |x| x.pad_continued(&widths, continued))
                }
            }
        };
    /// Whole slices along an axis, or elements of the flattened array, picked by an integer array. Gradient: `g` added
    /// up at the places picked.
    take[indices, axis=None](indices: ArrayLike<'_>, axis: Option<Int>) |x, py| {
        let picks = x.picks(py, "take", &indices)?;
        x.map(py, |x| x.take(picks.at(x.recorder()), one(&axis)))
    };
    /// One element along an axis for each element of an integer array; other axes broadcast. Gradient: `g` added up at
    /// the places picked.
    take_along_axis[indices, axis](indices: ArrayLike<'_>, axis: Int) |x, py| {
        let picks = x.picks(py, "take_along_axis", &indices)?;
        x.map(py, |x| x.take_along_axis(picks.at(x.recorder()), axis.0))
    };
    /// The same as `take_along_axis`. Gradient: `g` added up at the places picked.
    gather[indices, axis](indices: ArrayLike<'_>, axis: Int) |x, py| x.take_along_axis(py, indices, axis);
    /// Dot product: for vectors a number, for matrices the matrix product. Gradient: `g @ b.T` and `a.T @ g`; for
    /// vectors `g * b` and `g * a`.
    dot[other](other: Operand<'_, '_>) |x, py| {
        if let Operand::Tensor(t) = &other { x.owns(py, "dot", t.get())?; }
        x.recorded(py, |r| r.at(x.tensor.id()).dot(x.expression(r, other)))
    };
    /// Every product of an element of one flattened input with one of the other. Gradient: `g @ b` and `g.T @ a`, in
    /// the inputs' shapes.
    outer[other](other: Operand<'_, '_>) |x, py| {
        if let Operand::Tensor(t) = &other { x.owns(py, "outer", t.get())?; }
        x.recorded(py, |r| r.at(x.tensor.id()).outer(x.expression(r, other)))
    };
    /// Zeros of this shape, and of this dtype unless another is given. Gradient: none, the result does not depend on
    /// values.
    zeros_like[dtype=None](dtype: Option<DTypeArg>)
        |x, py| x.map(py, |x| x.recorder().zeros(x.shape(), dtype.map_or(x.dtype(), |d| d.0)));
    /// Ones of this shape, and of this dtype unless another is given. Gradient: none, the result does not depend on
    /// values.
    ones_like[dtype=None](dtype: Option<DTypeArg>)
        |x, py| x.map(py, |x| x.recorder().ones(x.shape(), dtype.map_or(x.dtype(), |d| d.0)));
    /// One number in this shape, and in this dtype unless another is given. Gradient: none, the result does not depend
    /// on values.
    full_like[value: "float", dtype=None](value: Bound<'_, PyAny>, dtype: Option<DTypeArg>) |x, py| {
        let value = scalar("full_like", &value)?;
        x.map(py, |x| x.recorder().full(x.shape(), dtype.map_or(x.dtype(), |d| d.0), value))
    };
}

/// As another dtype, if one is given.
pub(super) fn cast(x: Expr<'_>, dtype: Option<DTypeArg>) -> Expr<'_> {
    dtype.map_or(x, |dtype| x.cast(dtype.0))
}

/// What a count is less by, under one of the names that it has.
pub(super) fn correction(py: Python<'_>, op: &'static str, names: [Option<Float>; 2], default: f64) -> PyResult<f64> {
    match names {
        [Some(_), Some(_)] => {
            let (got, expected) = ("given for both".to_string(), "one of them, for they are the same");
            Err(to_py(py, &Error::Argument { op, argument: "correction, ddof", got, expected }))
        }
        [one, other] => Ok(one.or(other).map_or(default, |less| less.0)),
    }
}

/// An optional axis as the core takes it.
pub(super) fn one(axis: &Option<Int>) -> Option<i64> {
    axis.as_ref().map(|axis| axis.0)
}

/// Widths before and after each axis, from any of NumPy's forms.
fn pad_widths(value: &Bound<'_, PyAny>, ndim: usize) -> PyResult<Vec<(usize, usize)>> {
    let wrong = || {
        let (got, expected) =
            (value.to_string(), "a number, (before, after), or one such pair for each axis, none negative");
        to_py(value.py(), &Error::Argument { op: "pad", argument: "pad_width", got, expected })
    };
    let size = |value: &Bound<'_, PyAny>| usize::try_from(integer("a pad width", value)?).map_err(|_| wrong());
    let pair = |value: &Bound<'_, PyAny>| -> PyResult<(usize, usize)> {
        let items: Vec<Bound<'_, PyAny>> = value.extract().map_err(|_| wrong())?;
        match items.as_slice() {
            [both] => Ok((size(both)?, size(both)?)),
            [before, after] => Ok((size(before)?, size(after)?)),
            _ => Err(wrong()),
        }
    };
    if value.hasattr("__index__")? {
        return Ok(vec![(size(value)?, size(value)?); ndim]);
    }
    let items: Vec<Bound<'_, PyAny>> = value.extract().map_err(|_| wrong())?;
    match items.first() {
        Some(first) if first.hasattr("__index__")? => Ok(vec![pair(value)?; ndim]),
        _ if items.len() == ndim => items.iter().map(pair).collect(),
        Some(one) if items.len() == 1 => Ok(vec![pair(one)?; ndim]),
        _ => Err(wrong()),
    }
}

macro_rules! unary_methods {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$v:ident| $value:expr,
       |$x:ident, $y:ident, $g:ident| $rule:tt;)*) => {
        #[pymethods]
        impl PyTensor {$(
            $(#[doc = $doc])+
            fn $name(&self, py: Python<'_>) -> PyResult<PyTensor> {
                self.map(py, |x| x.$name())
            }
        )*}

        pub(super) mod rows {
            use super::*;
            $(
                $(#[doc = $doc])+
                #[pyfunction]
                pub fn $name(py: Python<'_>, x: TensorArg<'_, '_>) -> PyResult<PyTensor> {
                    x.get().map(py, |x| x.$name())
                }
            )*
        }
    };
}
unary_rows!(unary_methods);

#[pymethods]
impl PyTensor {
    /// The same elements under another shape; one size may be -1. Gradient: `g` in the input's shape.
    #[pyo3(signature = (*shape: "int | typing.Sequence[int]"))]
    fn reshape(&self, py: Python<'_>, shape: &Bound<'_, PyTuple>) -> PyResult<PyTensor> {
        let dims = sizes(shape)?;
        self.map(py, |x| x.reshape_to(&dims))
    }

    /// Axes in another order; reversed without arguments. Gradient: `g` with the axes in their first order.
    #[pyo3(signature = (*axes: "int | typing.Sequence[int] | None"))]
    fn transpose(&self, py: Python<'_>, axes: &Bound<'_, PyTuple>) -> PyResult<PyTensor> {
        let reversed = axes.is_empty() || (axes.len() == 1 && axes.get_item(0)?.is_none());
        let order = if reversed { None } else { Some(sizes(axes)?) };
        self.map(py, |x| x.transpose(order.as_deref()))
    }

    /// Axes in another order. Gradient: `g` with the axes in their first order.
    #[pyo3(signature = (*axes: "int | typing.Sequence[int]"))]
    fn permute(&self, py: Python<'_>, axes: &Bound<'_, PyTuple>) -> PyResult<PyTensor> {
        let order = sizes(axes)?;
        self.map(py, |x| x.transpose(Some(&order)))
    }

    /// Held between bounds, numbers or tensors; where they cross, the upper one wins.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([-1.0, 0.5, 2.0]).clip(0.0, 1.0).tolist()
    ///     [0.0, 0.5, 1.0]
    #[pyo3(signature = (min: "Tensor | float | None" = None, max: "Tensor | float | None" = None))]
    pub(super) fn clip(
        &self,
        py: Python<'_>,
        min: Option<Operand<'_, '_>>,
        max: Option<Operand<'_, '_>>,
    ) -> PyResult<PyTensor> {
        for bound in [&min, &max].into_iter().flatten() {
            if let Operand::Tensor(t) = bound {
                self.owns(py, "clip", t.get())?;
            }
        }
        self.map(py, |x| {
            let bound = |operand: Operand<'_, '_>| match operand {
                Operand::Scalar(s) => ClipBound::Scalar(s),
                other => ClipBound::Tensor(self.expression(x.recorder(), other)),
            };
            x.clip(min.map(bound), max.map(bound))
        })
    }

    /// Parts along an axis: a number of equal ones, or cut at positions. Gradient: the `g` of the parts, one behind the
    /// other.
    #[pyo3(signature = (indices_or_sections: "int | typing.Sequence[int]", axis=Int(0)) -> "tuple[Tensor, ...]", text_signature = "($self, indices_or_sections, axis=0)")]
    fn split<'py>(
        &self,
        py: Python<'py>,
        indices_or_sections: &Bound<'py, PyAny>,
        axis: Int,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let id = self.tensor.id();
        if indices_or_sections.hasattr("__index__")? {
            let count = integer("indices_or_sections", indices_or_sections)?;
            let count = usize::try_from(count).unwrap_or(0);
            return self.many(py, |r| r.at(id).split_equal(count, axis.0));
        }
        let cuts = indices_or_sections.extract::<Axes>()?.0;
        self.many(py, |r| r.at(id).split_at(&cuts, axis.0))
    }
}

/// Methods as functions of a tensor.
pub(super) mod functions {
    pub use super::functions_of::*;
    pub use super::rows::*;
    use super::*;

    /// The same elements under another shape; one size may be -1. Gradient: `g` in the input's shape.
    #[pyfunction]
    pub fn reshape(py: Python<'_>, x: TensorArg<'_, '_>, shape: ShapeArg) -> PyResult<PyTensor> {
        x.get().map(py, |x| x.reshape_to(&shape.0))
    }

    /// Axes in another order; reversed by default. Gradient: `g` with the axes in their first order.
    #[pyfunction]
    #[pyo3(signature = (x, axes=None))]
    pub fn transpose(py: Python<'_>, x: TensorArg<'_, '_>, axes: Option<Axes>) -> PyResult<PyTensor> {
        x.get().map(py, |x| x.transpose(axes.as_ref().map(|axes| &axes.0[..])))
    }

    /// Axes in another order. Gradient: `g` with the axes in their first order.
    #[pyfunction]
    pub fn permute(py: Python<'_>, x: TensorArg<'_, '_>, axes: Axes) -> PyResult<PyTensor> {
        x.get().map(py, |x| x.transpose(Some(&axes.0)))
    }

    /// Parts along an axis: a number of equal ones, or cut at positions. Gradient: the `g` of the parts, one behind the
    /// other.
    #[pyfunction]
    #[pyo3(signature = (x, indices_or_sections: "int | typing.Sequence[int]", axis=Int(0)) -> "tuple[Tensor, ...]", text_signature = "(x, indices_or_sections, axis=0)")]
    pub fn split<'py>(
        py: Python<'py>,
        x: TensorArg<'_, 'py>,
        indices_or_sections: &Bound<'py, PyAny>,
        axis: Int,
    ) -> PyResult<Bound<'py, PyTuple>> {
        x.get().split(py, indices_or_sections, axis)
    }
}
