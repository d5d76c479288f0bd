//! `Tensor`: what a handle knows, how it becomes numbers, and every operation as method and function.

#![allow(unsafe_code)]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyTuple};

use super::array;
use super::convert::{ArrayOut, IndexArg, Operand, PyDType, Sizes, TensorArg, TensorIterator, wrong_kind};
use super::errors::{guard, to_py};
use super::gradients::PyGradients;
use super::place;
use super::record::{PyRecord, compute, settle};
use super::scalars::{Flag, Int};
use crate::buffer::NdArray;
use crate::error::Error;
use crate::ops::BinaryOp;
use crate::plan::Options;
use crate::record::{Expr, Recorder, Tensor};

/// An immutable handle to a value of a record, computed or not.
///
/// Operators and methods record; `data()`, `item()`, `float()` and `np.asarray` compute what is not computed yet. `==` is
/// elementwise, `hash` goes by identity.
///
/// Example:
///     >>> x = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
///     >>> (x @ x.T).tolist()
///     [[5.0, 11.0], [11.0, 25.0]]
#[pyclass(name = "Tensor", module = "phonograd", frozen, weakref)]
pub struct PyTensor {
    pub(super) tensor: Tensor,
    pub(super) owner: Py<PyRecord>,
}

impl PyTensor {
    /// Records an expression of this tensor.
    #[inline]
    pub(super) fn map(&self, py: Python<'_>, make: impl for<'r> FnOnce(Expr<'r>) -> Expr<'r>) -> PyResult<PyTensor> {
        self.recorded(py, |r| make(r.at(self.tensor.id())))
    }

    /// Records an expression in this tensor's record.
    #[inline]
    pub(super) fn recorded(
        &self,
        py: Python<'_>,
        make: impl for<'r> FnOnce(&'r Recorder) -> Expr<'r>,
    ) -> PyResult<PyTensor> {
        let call = place::here(py);
        let tensor = guard(py, || self.tensor.record().record(call.as_ref().map(|c| c as _), make))?;
        settle(py, self.tensor.record())?;
        Ok(PyTensor { tensor, owner: self.owner.clone_ref(py) })
    }

    /// Records an expression of this tensor and another of the same record.
    #[inline]
    pub(super) fn zip(
        &self,
        py: Python<'_>,
        op: &'static str,
        other: &PyTensor,
        make: impl for<'r> FnOnce(Expr<'r>, Expr<'r>) -> Expr<'r>,
    ) -> PyResult<PyTensor> {
        self.owns(py, op, other)?;
        self.recorded(py, |r| make(r.at(self.tensor.id()), r.at(other.tensor.id())))
    }

    /// An error unless the other tensor is of the same record.
    #[inline]
    pub(super) fn owns(&self, py: Python<'_>, op: &'static str, other: &PyTensor) -> PyResult<()> {
        guard(py, || self.tensor.record().owns(op, &other.tensor))
    }

    /// Records a row of the binary family.
    #[inline]
    pub(super) fn binary(
        &self,
        py: Python<'_>,
        op: BinaryOp,
        other: Operand<'_, '_>,
        swapped: bool,
    ) -> PyResult<PyTensor> {
        match other {
            Operand::Tensor(other) if swapped => other.get().zip(py, op.name(), self, |a, b| a.binary(op, b)),
            Operand::Tensor(other) => self.zip(py, op.name(), other.get(), |a, b| a.binary(op, b)),
            Operand::Scalar(s) if op == BinaryOp::Pow && !swapped => self.map(py, |x| x.power_scalar(s)),
            Operand::Scalar(s) => self.map(py, |x| x.binary_scalar(op, s, swapped)),
            other => self.map(py, |x| {
                let y = self.expression(x.recorder(), other);
                if swapped { y.binary(op, x) } else { x.binary(op, y) }
            }),
        }
    }

    /// The operand as an expression of a recorder that this tensor's record owns.
    pub(super) fn expression<'r>(&self, r: &'r Recorder, operand: Operand<'_, '_>) -> Expr<'r> {
        operand.expression(r, r.at(self.tensor.id()).dtype())
    }

    /// The elements, computed now if they are not yet.
    pub(super) fn elements(&self, py: Python<'_>) -> PyResult<NdArray> {
        elements(py, &self.tensor)
    }

    /// Wraps several tensors of this record.
    pub(super) fn many<'py>(
        &self,
        py: Python<'py>,
        make: impl for<'r> FnOnce(&'r Recorder) -> crate::error::Result<Vec<Expr<'r>>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let call = place::here(py);
        let made = guard(py, || self.tensor.record().record_many(call.as_ref().map(|c| c as _), make))?;
        let wrap = |tensor| Py::new(py, PyTensor { tensor, owner: self.owner.clone_ref(py) });
        PyTuple::new(py, made.into_iter().map(wrap).collect::<PyResult<Vec<_>>>()?)
    }

    /// Wraps them in a class of `phonograd._results`.
    pub(super) fn named<'py>(
        &self,
        py: Python<'py>,
        class: &'static str,
        make: impl for<'r> FnOnce(&'r Recorder) -> crate::error::Result<Vec<Expr<'r>>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let made = self.many(py, make)?;
        Ok(py.import("phonograd._results")?.getattr(class)?.call1(made)?.cast_into()?)
    }
}

/// A tensor's elements, computed now if they are not yet.
pub(super) fn elements(py: Python<'_>, tensor: &Tensor) -> PyResult<NdArray> {
    if !tensor.is_computed() {
        compute(py, tensor.record(), &[tensor], Options::default())?;
    }
    guard(py, || tensor.data())
}

/// What Python makes a TypeError of for its own numbers, too.
fn without_axes(py: Python<'_>, op: &'static str) -> PyErr {
    to_py(py, &Error::Input { op, got: "a tensor of shape ()".to_string(), expected: "one with axes" })
}

/// Elements that `repr` still shows.
const SHOWN: usize = 1000;

#[pymethods]
impl PyTensor {
    /// The sizes of the axes.
    #[getter]
    fn shape(&self) -> Sizes {
        Sizes(self.tensor.shape())
    }

    /// The number of axes.
    #[getter]
    fn ndim(&self) -> usize {
        self.tensor.shape().ndim()
    }

    /// The number of elements.
    #[getter]
    fn size(&self) -> usize {
        self.tensor.shape().len()
    }

    /// The kind of elements.
    #[getter]
    fn dtype(&self) -> PyDType {
        PyDType(self.tensor.dtype())
    }

    /// True for a tensor of this shape and dtype.
    #[pyo3(name = "_alike")]
    fn alike(&self, other: TensorArg<'_, '_>) -> bool {
        let (one, two) = (&self.tensor, &other.get().tensor);
        one.dtype() == two.dtype() && one.shape() == two.shape()
    }

    /// All axes reversed.
    #[getter]
    #[allow(non_snake_case)]
    fn T(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.map(py, |x| x.transpose(None))
    }

    /// The last two axes swapped.
    #[getter]
    #[allow(non_snake_case)]
    fn mT(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.map(py, |x| {
            let got = x.shape();
            if got.ndim() < 2 {
                return x.fail(Error::Rank { op: "mT", what: "input", got, expected: "at least 2" });
            }
            x.swap_last()
        })
    }

    /// The record.
    #[getter]
    fn record(&self, py: Python<'_>) -> Py<PyRecord> {
        self.owner.clone_ref(py)
    }

    /// True when the elements are there already.
    #[getter]
    fn computed(&self) -> bool {
        self.tensor.is_computed()
    }

    /// The elements as a read-only NumPy array, without a copy; computed now if they are not yet.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1.0, 4.0]).sqrt().data()
    ///     array([1., 2.], dtype=float32)
    fn data<'py>(&self, py: Python<'py>) -> PyResult<ArrayOut<'py>> {
        Ok(ArrayOut(array::view(py, &self.elements(py)?)?))
    }

    /// The same as `data`.
    fn numpy<'py>(&self, py: Python<'py>) -> PyResult<ArrayOut<'py>> {
        self.data(py)
    }

    /// The only element as a Python number.
    ///
    /// Raises:
    ///     NotScalarError: there is not exactly one element.
    fn item<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        array::item(py, "item", &self.elements(py)?)
    }

    /// The elements as nested lists of Python numbers.
    fn tolist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.data(py)?.0.call_method0("tolist")
    }

    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<Flag>,
    ) -> PyResult<ArrayOut<'py>> {
        let view = array::view(py, &self.elements(py)?)?;
        let same = match &dtype {
            Some(dtype) => view.getattr("dtype")?.eq(py.import("numpy")?.getattr("dtype")?.call1((dtype,))?)?,
            None => true,
        };
        match (same, dtype, copy.map(|copy| copy.0)) {
            (true, _, Some(true)) => view.call_method0("copy").map(ArrayOut),
            (true, ..) => Ok(ArrayOut(view)),
            (false, _, Some(false)) => {
                let (got, expected) = ("False".to_string(), "True or None to change the dtype");
                Err(to_py(py, &Error::Argument { op: "__array__", argument: "copy", got, expected }))
            }
            (false, dtype, _) => view.call_method1("astype", (dtype,)).map(ArrayOut),
        }
    }

    /// The record of this tensor as a namespace of the Array API standard, version 2024.12.
    ///
    /// Raises:
    ///     ArgumentError: another version is asked for.
    ///
    /// Example:
    ///     >>> x = pg.Record().tensor([3.0, 4.0])
    ///     >>> x.__array_namespace__().linalg.vector_norm(x).item()
    ///     5.0
    #[pyo3(signature = (*, api_version=None))]
    fn __array_namespace__<'py>(
        &self,
        py: Python<'py>,
        api_version: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        py.import("phonograd.array_api")?.getattr("namespace")?.call1((&self.owner, api_version))
    }

    /// Where the elements are: always the CPU.
    #[getter]
    fn device(&self) -> &'static str {
        "cpu"
    }

    /// This tensor, which is where it can be.
    ///
    /// Raises:
    ///     ArgumentError: the device is not "cpu", or a stream is named.
    #[pyo3(signature = (device, /, *, stream=None))]
    fn to_device<'py>(
        slf: &Bound<'py, Self>,
        device: Bound<'py, PyAny>,
        stream: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let room = slf.py().import("phonograd.array_api")?;
        room.getattr("to_device")?.call1((slf, device, stream))
    }

    /// The elements for another library; what it may write to is a copy.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        slf: &Bound<'py, Self>,
        stream: Option<Bound<'py, PyAny>>,
        max_version: Option<Bound<'py, PyAny>>,
        dl_device: Option<Bound<'py, PyAny>>,
        copy: Option<Flag>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let room = slf.py().import("phonograd.array_api")?;
        room.getattr("to_dlpack")?.call1((slf, stream, max_version, dl_device, copy.map(|copy| copy.0)))
    }

    /// The CPU, as DLPack counts devices.
    fn __dlpack_device__(&self) -> (u8, u8) {
        (1, 0)
    }

    /// NumPy leaves `array + tensor` to the tensor.
    #[classattr]
    fn __array_ufunc__() -> Option<u8> {
        None
    }

    /// Gradients of this scalar, or of the inner product of this tensor with a cotangent.
    ///
    /// Args:
    ///     cotangent: of this tensor's shape; needed unless the tensor has one element.
    ///
    /// Raises:
    ///     NotScalarError: there is more than one element and no cotangent.
    ///     GradientError: the dtype is no float, or the record was made with `grad=False`.
    ///
    /// Example:
    ///     >>> x = pg.Record().tensor(3.0)
    ///     >>> (x ** 2).grad().wrt(x).item()
    ///     6.0
    #[pyo3(signature = (cotangent: "Tensor | _ArrayLike | None" = None))]
    fn grad(&self, py: Python<'_>, cotangent: Option<Bound<'_, PyAny>>) -> PyResult<PyGradients> {
        let cotangent = match cotangent {
            None => None,
            Some(c) => Some(match c.cast::<PyTensor>() {
                Ok(tensor) => tensor.clone(),
                Err(_) => {
                    let array = array::read("grad", &c, Some(self.tensor.dtype()), true)?;
                    if *array.shape() != self.tensor.shape() {
                        let (got, expected) = (array.shape().clone(), self.tensor.shape());
                        return Err(to_py(py, &Error::ShapeMismatch { op: "grad", what: "cotangent", got, expected }));
                    }
                    Bound::new(py, self.recorded(py, |r| r.data(array))?)?
                }
            }),
        };
        let call = place::here(py);
        let seed = cotangent.as_ref().map(|c| &c.get().tensor);
        let grads = guard(py, || self.tensor.grad_at(seed, call.as_ref().map(|c| c as _)))?;
        Ok(PyGradients { grads, owner: self.owner.clone_ref(py) })
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.owner)
    }

    fn __float__<'py>(&self, py: Python<'py>) -> PyResult<f64> {
        array::item(py, "float", &self.elements(py)?)?.call_method0("__float__")?.extract()
    }

    fn __int__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        array::item(py, "int", &self.elements(py)?)?.call_method0("__int__")
    }

    fn __complex__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("builtins")?.getattr("complex")?.call1((array::item(py, "complex", &self.elements(py)?)?,))
    }

    fn __index__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if !self.tensor.dtype().is_integer() {
            let (got, expected) = (self.tensor.dtype(), "an integer tensor of one element");
            return Err(to_py(py, &Error::DType { op: "index", got, expected }));
        }
        array::item(py, "index", &self.elements(py)?)
    }

    /// Numbers format as Python's do; arrays only without a format.
    fn __format__<'py>(slf: &Bound<'py, Self>, spec: &str) -> PyResult<Bound<'py, PyAny>> {
        let tensor = slf.get();
        if spec.is_empty() {
            return Ok(slf.str()?.into_any());
        }
        array::item(slf.py(), "format", &tensor.elements(slf.py())?)?.call_method1("__format__", (spec,))
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        let shape = self.tensor.shape();
        if shape.len() != 1 {
            let hint = "many truths are one by any() or all()";
            return Err(to_py(py, &Error::NotScalar { op: "bool", shape, hint }));
        }
        array::item(py, "bool", &self.elements(py)?)?.is_truthy()
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.tensor.shape().first().copied().ok_or_else(|| without_axes(py, "len"))
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> PyResult<TensorIterator<'py>> {
        if slf.get().tensor.shape().ndim() == 0 {
            return Err(without_axes(slf.py(), "iter"));
        }
        // SAFETY: makes an iterator that calls `__getitem__` with 0, 1, ... until an IndexError; a new reference or null.
        let iterator = unsafe { Bound::from_owned_ptr_or_err(slf.py(), ffi::PySeqIter_New(slf.as_ptr())) }?;
        Ok(TensorIterator(iterator.cast_into::<PyIterator>()?))
    }

    fn __getitem__(&self, py: Python<'_>, index: IndexArg<'_>) -> PyResult<PyTensor> {
        self.index(py, &index.0)
    }

    /// Tensors do not change: raises, and names what to write instead.
    fn __setitem__(&self, py: Python<'_>, index: Bound<'_, PyAny>, value: Bound<'_, PyAny>) -> PyResult<()> {
        let _ = (index, value);
        let (got, expected) = ("x[index] = value".to_string(), "x = x.at[index].set(value), for tensors do not change");
        Err(to_py(py, &Error::Input { op: "setitem", got, expected }))
    }

    /// Tensors do not change.
    fn __delitem__(&self, py: Python<'_>, index: Bound<'_, PyAny>) -> PyResult<()> {
        let _ = index;
        let (got, expected) = ("del x[index]".to_string(), "what is left as x[other], for tensors do not change");
        Err(to_py(py, &Error::Input { op: "delitem", got, expected }))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (shape, dtype) = (self.tensor.shape(), self.tensor.dtype());
        if !self.tensor.is_computed() {
            return Ok(format!("Tensor({dtype}, shape={shape}, not computed)"));
        }
        if shape.len() > SHOWN {
            return Ok(format!("Tensor({dtype}, shape={shape}, computed)"));
        }
        let values =
            self.elements(py)?.to_string().replace("true", "True").replace("false", "False").replace("NaN", "nan");
        Ok(format!("Tensor({values}, {dtype}, shape={shape}, computed)"))
    }

    fn __hash__(slf: &Bound<'_, Self>) -> isize {
        slf.as_ptr() as isize >> 4
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __neg__(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.map(py, |x| -x)
    }

    fn __pos__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __abs__(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.map(py, |x| x.abs())
    }

    /// Rounded to so many decimals, halves to the even one.
    #[pyo3(signature = (ndigits=None))]
    fn __round__(&self, py: Python<'_>, ndigits: Option<Int>) -> PyResult<PyTensor> {
        self.map(py, |x| x.round(ndigits.map_or(0, |digits| digits.0)))
    }

    fn __divmod__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<(PyTensor, PyTensor)> {
        let floor = self.binary(py, BinaryOp::FloorDiv, other.extract()?, false)?;
        Ok((floor, self.binary(py, BinaryOp::Remainder, other.extract()?, false)?))
    }

    fn __rdivmod__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<(PyTensor, PyTensor)> {
        let floor = self.binary(py, BinaryOp::FloorDiv, other.extract()?, true)?;
        Ok((floor, self.binary(py, BinaryOp::Remainder, other.extract()?, true)?))
    }

    fn __invert__(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.map(py, |x| x.bitwise_not())
    }

    fn __pow__(&self, py: Python<'_>, other: Operand<'_, '_>, modulo: Option<Bound<'_, PyAny>>) -> PyResult<PyTensor> {
        if let Some(modulo) = modulo {
            return Err(wrong_kind("pow", &modulo, "no modulus"));
        }
        self.binary(py, BinaryOp::Pow, other, false)
    }

    fn __rpow__(&self, py: Python<'_>, other: Operand<'_, '_>, modulo: Option<Bound<'_, PyAny>>) -> PyResult<PyTensor> {
        let _ = modulo;
        self.binary(py, BinaryOp::Pow, other, true)
    }

    fn __matmul__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.product(py, other, false)
    }

    fn __rmatmul__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.product(py, other, true)
    }

    fn __eq__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Equal, other, false)
    }

    fn __ne__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::NotEqual, other, false)
    }

    fn __lt__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Less, other, false)
    }

    fn __le__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::LessEqual, other, false)
    }

    fn __gt__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Greater, other, false)
    }

    fn __ge__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::GreaterEqual, other, false)
    }
}
