//! Functions of several tensors; numbers and arrays may stand wherever another argument is a tensor.

use pyo3::Borrowed;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use smallvec::SmallVec;

use super::convert::{Operand, TensorArg, wrong_kind};
use super::errors::to_py;
use super::scalars::{Int, Text};
use super::tensor::PyTensor;
use crate::dtype::{DType, Scalar};
use crate::error::Error;
use crate::ops::BinaryOp;
use crate::ops::binary::binary_rows;
use crate::ops::ternary::ternary_rows;
use crate::record::{Expr, Recorder};

/// The first tensor among operands, which are all of its record, and the dtype that tensors and arrays meet in.
pub(super) fn anchor<'s, 'a: 's, 'py: 'a + 's>(
    py: Python<'_>,
    op: &'static str,
    operands: impl Iterator<Item = &'s Operand<'a, 'py>> + Clone,
) -> PyResult<(Borrowed<'a, 'py, PyTensor>, DType)> {
    let mut tensors = operands.clone().filter_map(|operand| match operand {
        Operand::Tensor(t) => Some(*t),
        _ => None,
    });
    let Some(first) = tensors.next() else {
        return Err(no_tensor(py, op));
    };
    tensors.try_for_each(|other| first.get().owns(py, op, other.get()))?;
    let strong = operands.filter_map(Operand::dtype);
    // What does not meet, such as numbers and labels, need not; where it must, recording says so.
    let met = strong.reduce(|met, next| met.promote(next, op).unwrap_or(met));
    Ok((first, met.unwrap_or(DType::F32)))
}

/// The dtype that all of these meet in, if there are any.
fn met(py: Python<'_>, op: &'static str, mut dtypes: impl Iterator<Item = DType>) -> PyResult<Option<DType>> {
    let Some(first) = dtypes.next() else { return Ok(None) };
    dtypes.try_fold(first, |met, next| met.promote(next, op)).map(Some).map_err(|error| to_py(py, &error))
}

/// Records a function of several operands, of which at least one is a tensor.
pub(super) fn together<const N: usize>(
    py: Python<'_>,
    op: &'static str,
    operands: [Operand<'_, '_>; N],
    make: impl for<'r> FnOnce(&'r Recorder, [Expr<'r>; N]) -> Expr<'r>,
) -> PyResult<PyTensor> {
    let (first, met) = anchor(py, op, operands.iter())?;
    let first = first.get();
    first.recorded(py, |r| make(r, operands.map(|operand| operand.expression(r, met))))
}

/// The same with further operands that may be left out.
pub(super) fn several<const N: usize, const M: usize>(
    py: Python<'_>,
    op: &'static str,
    operands: [Operand<'_, '_>; N],
    optional: [Option<Operand<'_, '_>>; M],
    make: impl for<'r> FnOnce([Expr<'r>; N], [Option<Expr<'r>>; M]) -> Expr<'r>,
) -> PyResult<PyTensor> {
    let (first, met) = anchor(py, op, operands.iter().chain(optional.iter().flatten()))?;
    let first = first.get();
    first.recorded(py, |r| {
        make(
            operands.map(|operand| operand.expression(r, met)),
            optional.map(|operand| operand.map(|operand| operand.expression(r, met))),
        )
    })
}

pub(super) fn no_tensor(py: Python<'_>, op: &'static str) -> PyErr {
    let got = "arguments of which none is a tensor".to_string();
    to_py(py, &Error::Input { op, got, expected: "a tensor among them; make one with `tensor` of a record" })
}

macro_rules! binary_functions {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$p:ident, $q:ident| $value:expr,
       |$a:ident, $b:ident, $y:ident, $g:ident| $da:tt, $db:tt;)*) => {
        $(
            $(#[doc = $doc])+
            #[pyfunction]
            pub fn $name(py: Python<'_>, a: Operand<'_, '_>, b: Operand<'_, '_>) -> PyResult<PyTensor> {
                match (a, b) {
                    (Operand::Tensor(a), b) => a.get().binary(py, BinaryOp::$Variant, b, false),
                    (a, Operand::Tensor(b)) => b.get().binary(py, BinaryOp::$Variant, a, true),
                    _ => Err(no_tensor(py, stringify!($name))),
                }
            }
        )*

        #[pymethods]
        impl PyTensor {$(
            $(#[doc = $doc])+
            fn $name(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
                self.binary(py, BinaryOp::$Variant, other, false)
            }
        )*}
    };
}
binary_rows!(binary_functions);

macro_rules! ternary_functions {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident |$p:ident, $q:ident, $r:ident| $value:expr,
       |$a:ident, $b:ident, $x:ident, $y:ident, $g:ident| $da:tt, $db:tt, $dx:tt;)*) => {
        $(
            $(#[doc = $doc])+
            #[pyfunction]
            pub fn $name(
                py: Python<'_>, a: Operand<'_, '_>, b: Operand<'_, '_>, x: Operand<'_, '_>,
            ) -> PyResult<PyTensor> {
                together(py, stringify!($name), [a, b, x], |_, [a, b, x]| a.$name(b, x))
            }
        )*

        #[pymethods]
        impl PyTensor {$(
            $(#[doc = $doc])+
            fn $name(
                slf: &Bound<'_, PyTensor>, py: Python<'_>, b: Operand<'_, '_>, x: Operand<'_, '_>,
            ) -> PyResult<PyTensor> {
                $name(py, Operand::Tensor(slf.as_borrowed()), b, x)
            }
        )*}
    };
}
ternary_rows!(ternary_functions);

/// Elements of `a` where the condition is true, of `b` elsewhere. Gradient: `g` to the one that was chosen, 0 to the
/// other.
///
/// Example:
///     >>> x = pg.Record().tensor([-1.0, 2.0])
///     >>> pg.where(x > 0, x, 0.0).tolist()
///     [0.0, 2.0]
#[pyfunction]
#[pyo3(signature = (condition, a: "Tensor | float | None" = None, b: "Tensor | float | None" = None))]
pub fn r#where(
    py: Python<'_>,
    condition: Operand<'_, '_>,
    a: Option<Operand<'_, '_>>,
    b: Option<Operand<'_, '_>>,
) -> PyResult<PyTensor> {
    let (Some(a), Some(b)) = (a, b) else {
        let got = "a condition without two values".to_string();
        let expected = "one for true and one for false; `nonzero` says where it is true";
        return Err(to_py(py, &Error::Input { op: "where", got, expected }));
    };
    // The condition's dtype has no part in the result's.
    let strong = met(py, "where", [&a, &b].into_iter().filter_map(Operand::dtype))?;
    let weak: SmallVec<[Scalar; 2]> = [&a, &b].into_iter().filter_map(Operand::weak).collect();
    let alone = met(py, "where", weak.iter().map(|number| number.default_dtype()))?;
    let start = strong.or(alone).unwrap_or(DType::F32);
    let dtype = weak.iter().fold(start, |dtype, number| number.meets(dtype));
    let (first, met) = anchor(py, "where", [&condition, &a, &b].into_iter())?;
    first.get().recorded(py, |r| {
        let [a, b] = [a, b].map(|operand| operand.expression(r, dtype).cast(dtype));
        condition.expression(r, met).select(a, b)
    })
}

/// Matrix product with NumPy's rules for vectors and batches. Gradient: `g @ b.T` and `a.T @ g`, summed over axes that
/// were broadcast.
#[pyfunction]
pub fn matmul(py: Python<'_>, a: Operand<'_, '_>, b: Operand<'_, '_>) -> PyResult<PyTensor> {
    match (a, b) {
        (Operand::Tensor(a), b) => a.get().product(py, b, false),
        (a, Operand::Tensor(b)) => b.get().product(py, a, true),
        _ => Err(no_tensor(py, "matmul")),
    }
}

#[pymethods]
impl PyTensor {
    /// Matrix product with NumPy's rules for vectors and batches. Gradient: `g @ b.T` and `a.T @ g`, summed over axes
    /// that were broadcast.
    #[pyo3(name = "matmul")]
    fn matmul_method(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.product(py, other, false)
    }
}

/// Held between bounds, numbers or tensors; where they cross, the upper one wins. Gradient: `g` inside, on a bound too, 0
/// outside; to bounds what they take.
#[pyfunction]
#[pyo3(signature = (x, min: "Tensor | float | None" = None, max: "Tensor | float | None" = None))]
pub fn clip(
    py: Python<'_>,
    x: TensorArg<'_, '_>,
    min: Option<Operand<'_, '_>>,
    max: Option<Operand<'_, '_>>,
) -> PyResult<PyTensor> {
    x.get().clip(py, min, max)
}

/// A list or tuple of tensors of one record, among which arrays and numbers become tensors.
pub(super) fn listed<'py>(op: &'static str, tensors: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyTensor>>> {
    let py = tensors.py();
    if tensors.is_instance_of::<PyTensor>() {
        let (got, expected) = ("a single tensor".to_string(), "a list of tensors");
        return Err(to_py(py, &Error::Input { op, got, expected }));
    }
    let items: Vec<Bound<'py, PyAny>> = tensors
        .try_iter()
        .map_err(|e| {
            if e.get_type(py).is(py.get_type::<PyTypeError>()) {
                wrong_kind(op, tensors, "a list of tensors")
            } else {
                e
            }
        })?
        .collect::<PyResult<_>>()?;
    let Some(first) = items.iter().find_map(|item| item.cast::<PyTensor>().ok()) else {
        return Err(match items.first() {
            Some(other) => wrong_kind(op, other, "tensors"),
            None => {
                let (got, expected) = ("an empty list".to_string(), "one tensor or more");
                to_py(py, &Error::Argument { op, argument: "tensors", got, expected })
            }
        });
    };
    let own = first.get();
    let tensor = |item: &Bound<'py, PyAny>| match item.cast::<PyTensor>() {
        Ok(tensor) => own.owns(py, op, tensor.get()).map(|()| tensor.clone()),
        Err(_) => {
            let operand = item.extract::<Operand<'_, '_>>()?;
            Bound::new(py, own.recorded(py, |r| own.expression(r, operand))?)
        }
    };
    items.iter().map(tensor).collect()
}

/// Tensors one behind the other along an axis. Gradient: to each, its part of `g`.
#[pyfunction]
#[pyo3(signature = (tensors: "typing.Sequence[Tensor]", axis=Int(0)), text_signature = "(tensors, axis=0)")]
pub fn concat(py: Python<'_>, tensors: &Bound<'_, PyAny>, axis: Int) -> PyResult<PyTensor> {
    let parts = listed("concat", tensors)?;
    parts[0].get().recorded(py, |r| r.concat(&expressions(r, &parts), axis.0))
}

/// Tensors of one shape along a new axis. Gradient: to each, its slice of `g`.
#[pyfunction]
#[pyo3(signature = (tensors: "typing.Sequence[Tensor]", axis=Int(0)), text_signature = "(tensors, axis=0)")]
pub fn stack(py: Python<'_>, tensors: &Bound<'_, PyAny>, axis: Int) -> PyResult<PyTensor> {
    let parts = listed("stack", tensors)?;
    parts[0].get().recorded(py, |r| r.stack(&expressions(r, &parts), axis.0))
}

pub(super) fn expressions<'r>(r: &'r Recorder, parts: &[Bound<'_, PyTensor>]) -> Vec<Expr<'r>> {
    parts.iter().map(|part| r.at(part.get().tensor.id())).collect()
}

/// Sums of products of elements as subscripts such as "ij,jk->ik" say. Gradient: to each, the sum of products of `g`
/// with the other operands, under the subscripts of the operand.
///
/// Raises:
///     ShapeError: the subscripts do not fit the operands.
///
/// Example:
///     >>> x = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
///     >>> pg.einsum("ii->", x).item()
///     5.0
#[pyfunction]
#[pyo3(signature = (subscripts, *operands: "Tensor"))]
pub fn einsum(py: Python<'_>, subscripts: Text<'_>, operands: &Bound<'_, PyTuple>) -> PyResult<PyTensor> {
    let parts = listed("einsum", operands)?;
    let first = parts[0].get();
    first.recorded(py, |r| r.einsum(&subscripts, &expressions(r, &parts)).unwrap_or_else(|error| r.fail(error)))
}
