//! `Tensor`: what a handle knows, how it becomes numbers, and every operation as method and function.

#![allow(unsafe_code)]

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyTuple};

use super::array;
use super::convert::{
    ArrayLike, ArrayOut, Axes, DTypeArg, IndexArg, Operand, PyDType, ShapeArg, Sizes, TensorIterator, axes, integer,
    sizes,
};
use super::errors::{guard, to_py};
use super::gradients::PyGradients;
use super::place;
use super::record::{PyRecord, compute, scalar};
use crate::dtype::Scalar;
use crate::error::Error;
use crate::ops::composite::{Bound as ClipBound, Gelu};
use crate::ops::indexing::Index;
use crate::ops::unary::unary_rows;
use crate::ops::{ArgOp, BinaryOp, ReduceOp};
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
            Operand::Array(array) => self.map(py, |x| {
                let y = x.recorder().data(array);
                if swapped { y.binary(op, x) } else { x.binary(op, y) }
            }),
        }
    }

    /// The operand as an expression of a recorder that this tensor's record owns.
    pub(super) fn expression<'r>(&self, r: &'r Recorder, operand: Operand<'_, '_>) -> Expr<'r> {
        match operand {
            Operand::Tensor(t) => r.at(t.get().tensor.id()),
            Operand::Scalar(s) => r.full(crate::shape::Shape::scalar(), s.default_dtype(), s),
            Operand::Array(array) => r.data(array),
        }
    }

    /// The elements, computed now if they are not yet.
    pub(super) fn elements(&self, py: Python<'_>) -> PyResult<crate::buffer::NdArray> {
        if !self.tensor.is_computed() {
            compute(py, self.tensor.record(), &[&self.tensor], Options::default())?;
        }
        guard(py, || self.tensor.data())
    }

    /// Wraps several tensors of this record.
    fn many<'py>(
        &self,
        py: Python<'py>,
        make: impl for<'r> FnOnce(&'r Recorder) -> crate::error::Result<Vec<Expr<'r>>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let call = place::here(py);
        let made = guard(py, || self.tensor.record().record_many(call.as_ref().map(|c| c as _), make))?;
        let wrap = |tensor| Py::new(py, PyTensor { tensor, owner: self.owner.clone_ref(py) });
        PyTuple::new(py, made.into_iter().map(wrap).collect::<PyResult<Vec<_>>>()?)
    }

    fn index(&self, py: Python<'_>, entries: Vec<Entry<'_>>) -> PyResult<PyTensor> {
        for entry in &entries {
            if let Entry::Tensor(t) = entry {
                self.owns(py, "index", t.get())?;
            }
        }
        self.map(py, |x| {
            let entries: Vec<Index<'_>> = entries
                .into_iter()
                .map(|entry| match entry {
                    Entry::At(i) => Index::At(i),
                    Entry::Slice(a, b, c) => Index::Slice(a, b, c),
                    Entry::NewAxis => Index::NewAxis,
                    Entry::Ellipsis => Index::Ellipsis,
                    Entry::Array(array) => Index::Array(x.recorder().data(array)),
                    Entry::Tensor(t) => Index::Array(x.recorder().at(t.get().tensor.id())),
                })
                .collect();
            x.index(&entries)
        })
    }
}

/// One entry of an index, read from Python.
enum Entry<'py> {
    At(i64),
    Slice(Option<i64>, Option<i64>, Option<i64>),
    NewAxis,
    Ellipsis,
    Array(crate::buffer::NdArray),
    Tensor(Bound<'py, PyTensor>),
}

fn entry<'py>(value: &Bound<'py, PyAny>) -> PyResult<Entry<'py>> {
    let py = value.py();
    if value.is_none() {
        return Ok(Entry::NewAxis);
    }
    if value.is(py.Ellipsis().bind(py)) {
        return Ok(Entry::Ellipsis);
    }
    if let Ok(slice) = value.cast::<pyo3::types::PySlice>() {
        let end = |name: &str| -> PyResult<Option<i64>> {
            let end = slice.getattr(name)?;
            if end.is_none() { Ok(None) } else { integer("a slice end", &end.call_method0("__index__")?).map(Some) }
        };
        return Ok(Entry::Slice(end("start")?, end("stop")?, end("step")?));
    }
    if let Ok(tensor) = value.cast::<PyTensor>() {
        return Ok(Entry::Tensor(tensor.clone()));
    }
    if value.is_instance_of::<pyo3::types::PyBool>() {
        let expected = "integers; choose by a condition with where";
        return Err(to_py(py, &Error::Input { op: "index", got: "bool".to_string(), expected }));
    }
    let list = value.is_instance_of::<pyo3::types::PyList>();
    if !list && let Ok(index) = value.call_method0("__index__") {
        return integer("an index", &index).map(Entry::At);
    }
    if list || array::is_array(value) {
        let empty = list && value.len()? == 0;
        let wanted = empty.then_some(crate::dtype::DType::I64);
        return Ok(Entry::Array(array::read("index", value, wanted, true)?));
    }
    let got = value.get_type().name()?.to_string();
    let expected = "integers, slices, None, an ellipsis or an integer array";
    Err(to_py(py, &Error::Input { op: "index", got, expected }))
}

/// An array or a tensor of the same record as an index.
enum Picks<'py> {
    Tensor(Bound<'py, PyTensor>),
    Array(crate::buffer::NdArray),
}

impl PyTensor {
    fn picks<'py>(&self, py: Python<'py>, op: &'static str, value: &ArrayLike<'py>) -> PyResult<Picks<'py>> {
        if let Ok(tensor) = value.0.cast::<PyTensor>() {
            self.owns(py, op, tensor.get())?;
            return Ok(Picks::Tensor(tensor.clone()));
        }
        let wanted = value.0.len().is_ok_and(|n| n == 0).then_some(crate::dtype::DType::I64);
        Ok(Picks::Array(array::read(op, &value.0, wanted, true)?))
    }
}

impl Picks<'_> {
    fn at<'r>(self, r: &'r Recorder) -> Expr<'r> {
        match self {
            Picks::Tensor(t) => r.at(t.get().tensor.id()),
            Picks::Array(array) => r.data(array),
        }
    }
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
        copy: Option<bool>,
    ) -> PyResult<ArrayOut<'py>> {
        let view = array::view(py, &self.elements(py)?)?;
        let same = match &dtype {
            Some(dtype) => view.getattr("dtype")?.eq(py.import("numpy")?.getattr("dtype")?.call1((dtype,))?)?,
            None => true,
        };
        match (same, dtype, copy) {
            (true, _, Some(true)) => view.call_method0("copy").map(ArrayOut),
            (true, ..) => Ok(ArrayOut(view)),
            (false, _, Some(false)) => {
                let (got, expected) = ("False".to_string(), "True or None to change the dtype");
                Err(to_py(py, &Error::Argument { op: "__array__", argument: "copy", got, expected }))
            }
            (false, dtype, _) => view.call_method1("astype", (dtype,)).map(ArrayOut),
        }
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
                    Bound::new(py, self.recorded(py, |r| r.data(array))?)?
                }
            }),
        };
        let call = place::here(py);
        let seed = cotangent.as_ref().map(|c| &c.get().tensor);
        let grads = guard(py, || self.tensor.grad_at(seed, call.as_ref().map(|c| c as _)))?;
        Ok(PyGradients { grads, owner: self.owner.clone_ref(py) })
    }

    fn __float__<'py>(&self, py: Python<'py>) -> PyResult<f64> {
        array::item(py, "float", &self.elements(py)?)?.call_method0("__float__")?.extract()
    }

    fn __int__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        array::item(py, "int", &self.elements(py)?)?.call_method0("__int__")
    }

    fn __index__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if !self.tensor.dtype().is_integer() {
            return Err(PyTypeError::new_err("only integer tensors of one element can be an index"));
        }
        array::item(py, "index", &self.elements(py)?)
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        array::item(py, "bool", &self.elements(py)?)?.is_truthy()
    }

    fn __len__(&self) -> PyResult<usize> {
        self.tensor.shape().first().copied().ok_or_else(|| PyTypeError::new_err("len() of a tensor without axes"))
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> PyResult<TensorIterator<'py>> {
        if slf.get().tensor.shape().ndim() == 0 {
            return Err(PyTypeError::new_err("iteration over a tensor without axes"));
        }
        // SAFETY: makes an iterator that calls `__getitem__` with 0, 1, ... until an IndexError; a new reference or null.
        let iterator = unsafe { Bound::from_owned_ptr_or_err(slf.py(), ffi::PySeqIter_New(slf.as_ptr())) }?;
        Ok(TensorIterator(iterator.cast_into::<PyIterator>()?))
    }

    fn __getitem__(&self, py: Python<'_>, index: IndexArg<'_>) -> PyResult<PyTensor> {
        let entries = match index.0.cast::<PyTuple>() {
            Ok(tuple) => tuple.iter().map(|item| entry(&item)).collect::<PyResult<Vec<_>>>()?,
            Err(_) => vec![entry(&index.0)?],
        };
        self.index(py, entries)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (shape, dtype) = (self.tensor.shape(), self.tensor.dtype());
        if !self.tensor.is_computed() {
            return Ok(format!("Tensor({dtype}, shape={shape}, not computed)"));
        }
        if shape.len() > SHOWN {
            return Ok(format!("Tensor({dtype}, shape={shape}, computed)"));
        }
        let values = self.elements(py)?.to_string().replace("true", "True").replace("false", "False");
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

    fn __invert__(&self, py: Python<'_>) -> PyResult<PyTensor> {
        self.map(py, |x| only_bool(x, "~").map_or_else(|failed| failed, |x| x.logical_not()))
    }

    fn __pow__(&self, py: Python<'_>, other: Operand<'_, '_>, modulo: Option<Bound<'_, PyAny>>) -> PyResult<PyTensor> {
        if modulo.is_some() {
            return Err(PyTypeError::new_err("pow() with a modulus is not defined for tensors"));
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

impl PyTensor {
    /// Matrix product with an operand on either side.
    pub(super) fn product(&self, py: Python<'_>, other: Operand<'_, '_>, swapped: bool) -> PyResult<PyTensor> {
        if let Operand::Tensor(t) = &other {
            self.owns(py, "matmul", t.get())?;
        }
        self.recorded(py, |r| {
            let (x, y) = (r.at(self.tensor.id()), self.expression(r, other));
            if swapped { y.matmul(x) } else { x.matmul(y) }
        })
    }
}

/// The input if it is of bool, else the failed expression.
fn only_bool<'r>(x: Expr<'r>, op: &'static str) -> Result<Expr<'r>, Expr<'r>> {
    match x.dtype() {
        crate::dtype::DType::Bool => Ok(x),
        got => Err(x.fail(Error::DType {
            op,
            got,
            expected: "bool; use logical_and, logical_or, logical_not for numbers",
        })),
    }
}

#[pymethods]
impl PyTensor {
    fn __add__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Add, other, false)
    }

    fn __radd__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Add, other, true)
    }

    fn __sub__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Sub, other, false)
    }

    fn __rsub__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Sub, other, true)
    }

    fn __mul__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Mul, other, false)
    }

    fn __rmul__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Mul, other, true)
    }

    fn __truediv__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Div, other, false)
    }

    fn __rtruediv__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Div, other, true)
    }

    fn __floordiv__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::FloorDiv, other, false)
    }

    fn __rfloordiv__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::FloorDiv, other, true)
    }

    fn __mod__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Remainder, other, false)
    }

    fn __rmod__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Remainder, other, true)
    }

    fn __and__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalAnd, "&", other)
    }

    fn __rand__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalAnd, "&", other)
    }

    fn __or__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalOr, "|", other)
    }

    fn __ror__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalOr, "|", other)
    }

    fn __xor__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalXor, "^", other)
    }

    fn __rxor__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalXor, "^", other)
    }
}

impl PyTensor {
    fn logical(
        &self,
        py: Python<'_>,
        op: BinaryOp,
        symbol: &'static str,
        other: Operand<'_, '_>,
    ) -> PyResult<PyTensor> {
        if let Operand::Tensor(t) = &other {
            self.owns(py, op.name(), t.get())?;
        }
        self.recorded(py, |r| {
            let (x, y) = (r.at(self.tensor.id()), self.expression(r, other));
            let both = only_bool(x, symbol).and_then(|x| only_bool(y, symbol).map(|y| x.binary(op, y)));
            both.unwrap_or_else(|failed| failed)
        })
    }
}

/// Makes a method of `Tensor` and a function of the same name from one definition.
macro_rules! operations {
    ($($(#[doc = $doc:literal])* $name:ident[$($sig:tt)*]($($arg:ident: $Arg:ty),*) |$x:ident, $py:ident| $body:expr;)*) => {
        #[pymethods]
        impl PyTensor {$(
            $(#[doc = $doc])*
            #[pyo3(signature = ($($sig)*))]
            fn $name(&self, $py: Python<'_>, $($arg: $Arg),*) -> PyResult<PyTensor> {
                let $x = self;
                $body
            }
        )*}

        pub(super) mod functions_of {
            use super::*;
            $(
                $(#[doc = $doc])*
                #[pyfunction]
                #[pyo3(signature = (x, $($sig)*))]
                pub fn $name(py: Python<'_>, x: &Bound<'_, PyTensor>, $($arg: $Arg),*) -> PyResult<PyTensor> {
                    x.get().$name(py, $($arg),*)
                }
            )*
        }
    };
}

operations! {
    /// Sum over axes; integers and bool are summed in int64.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0).tolist()
    ///     [4.0, 6.0]
    sum[axis=None, keepdims=false](axis: Option<Axes>, keepdims: bool)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::Sum, axes(&axis), keepdims));
    /// Mean over axes; integers and bool become float32. Of no elements: NaN.
    mean[axis=None, keepdims=false](axis: Option<Axes>, keepdims: bool)
        |x, py| x.map(py, |x| x.mean(axes(&axis), keepdims));
    /// Product over axes. The gradient needs no division, so zeros do no harm.
    prod[axis=None, keepdims=false](axis: Option<Axes>, keepdims: bool)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::Prod, axes(&axis), keepdims));
    /// Largest over axes, NaN if any is. The gradient is shared between equal maxima.
    max[axis=None, keepdims=false](axis: Option<Axes>, keepdims: bool)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::Max, axes(&axis), keepdims));
    /// Smallest over axes, NaN if any is. The gradient is shared between equal minima.
    min[axis=None, keepdims=false](axis: Option<Axes>, keepdims: bool)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::Min, axes(&axis), keepdims));
    /// True where any element over the axes is true.
    any[axis=None, keepdims=false](axis: Option<Axes>, keepdims: bool)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::Any, axes(&axis), keepdims));
    /// True where all elements over the axes are true.
    all[axis=None, keepdims=false](axis: Option<Axes>, keepdims: bool)
        |x, py| x.map(py, |x| x.reduce(ReduceOp::All, axes(&axis), keepdims));
    /// Position of the first largest element along an axis, or in the flattened array; the first NaN if there is one.
    argmax[axis=None, keepdims=false](axis: Option<i64>, keepdims: bool)
        |x, py| x.map(py, |x| x.arg(ArgOp::Max, axis, keepdims));
    /// Position of the first smallest element along an axis, or in the flattened array; the first NaN if there is one.
    argmin[axis=None, keepdims=false](axis: Option<i64>, keepdims: bool)
        |x, py| x.map(py, |x| x.arg(ArgOp::Min, axis, keepdims));
    /// Variance over axes in two passes, divided by the count less `correction` (or `ddof`).
    var[axis=None, keepdims=false, *, correction=0.0, ddof=None](
        axis: Option<Axes>, keepdims: bool, correction: f64, ddof: Option<f64>)
        |x, py| x.map(py, |x| x.var(axes(&axis), keepdims, ddof.unwrap_or(correction)));
    /// Standard deviation over axes; its gradient is 0 where all elements are equal.
    std[axis=None, keepdims=false, *, correction=0.0, ddof=None](
        axis: Option<Axes>, keepdims: bool, correction: f64, ddof: Option<f64>)
        |x, py| x.map(py, |x| x.std(axes(&axis), keepdims, ddof.unwrap_or(correction)));
    /// `log(sum(exp(x)))` over axes, without overflow. Of only -inf: -inf, with gradient 0.
    logsumexp[axis=None, keepdims=false](axis: Option<Axes>, keepdims: bool)
        |x, py| x.map(py, |x| x.logsumexp(axes(&axis), keepdims));
    /// Cumulative sum along an axis, or of the flattened array.
    cumsum[axis=None](axis: Option<i64>) |x, py| x.map(py, |x| x.cumsum(axis));
    /// `x` where positive, else `negative_slope * x`.
    leaky_relu[negative_slope=0.01](negative_slope: f64) |x, py| x.map(py, |x| x.leaky_relu(negative_slope));
    /// `x` where positive, else `alpha * (exp(x) - 1)`.
    elu[alpha=1.0](alpha: f64) |x, py| x.map(py, |x| x.elu(alpha));
    /// `x * sigmoid(x)`, also called swish.
    silu[]() |x, py| x.map(py, |x| x.silu());
    /// Gaussian error linear unit: with the error function, or with `approximate="tanh"`.
    gelu[approximate: "typing.Literal['none', 'tanh']" = "none"](approximate: &str)
        |x, py| x.map(py, |x| match approximate {
            "none" => x.gelu(Gelu::Exact),
            "tanh" => x.gelu(Gelu::Tanh),
            other => x.fail(Error::Argument {
                op: "gelu", argument: "approximate", got: format!("{other:?}"), expected: "\"none\" or \"tanh\"",
            }),
        });
    /// Elements as another dtype: floats to integers truncate and saturate, NaN is 0.
    astype[dtype](dtype: DTypeArg) |x, py| x.map(py, |x| x.cast(dtype.0));
    /// The same values, with no gradient.
    stop_gradient[]() |x, py| x.map(py, |x| x.stop_gradient());
    /// One axis of all elements in C order.
    flatten[]() |x, py| x.map(py, |x| x.reshape(&[x.shape().len()]));
    /// Axes moved to other positions; the rest keep their order.
    moveaxis[source, destination](source: Axes, destination: Axes)
        |x, py| x.map(py, |x| x.moveaxis(&source.0, &destination.0));
    /// Two axes swapped.
    swapaxes[axis1, axis2](axis1: i64, axis2: i64) |x, py| x.map(py, |x| {
        let n = x.shape().ndim();
        x.attempt(|| {
            let one = crate::shape::normalize_axis("swapaxes", axis1, n)?;
            let two = crate::shape::normalize_axis("swapaxes", axis2, n)?;
            let mut order: Vec<usize> = (0..n).collect();
            order.swap(one, two);
            Ok(x.permute(&order))
        })
    });
    /// New axes of size 1 at positions of the result.
    expand_dims[axis](axis: Axes) |x, py| x.map(py, |x| x.expand_dims(&axis.0));
    /// Without the given axes of size 1, or without all of them.
    squeeze[axis=None](axis: Option<Axes>) |x, py| x.map(py, |x| x.squeeze(axes(&axis)));
    /// Axes of size 1 repeated, and axes added on the left, to reach a shape.
    broadcast_to[shape](shape: ShapeArg) |x, py| x.map(py, |x| {
        x.attempt(|| Ok(x.expand(&shape.checked("broadcast_to")?)))
    });
    /// Axes reversed; all by default.
    flip[axis=None](axis: Option<Axes>) |x, py| x.map(py, |x| x.flip(axes(&axis)));
    /// `value` put around the elements; `pad_width` as in NumPy: one number, (before, after), or a pair for each axis.
    pad[pad_width: "int | typing.Sequence[int] | typing.Sequence[typing.Sequence[int]]", value: "float | None" = None](
        pad_width: Bound<'_, PyAny>, value: Option<Bound<'_, PyAny>>)
        |x, py| {
            let value = value.map_or(Ok(Scalar::Float(0.0)), |value| scalar("pad", &value))?;
            let widths = pad_widths(&pad_width, x.tensor.shape().ndim())?;
            x.map(py, |x| x.pad(&widths, value))
        };
    /// Whole slices along an axis, or elements of the flattened array, picked by an integer array.
    take[indices, axis=None](indices: ArrayLike<'_>, axis: Option<i64>) |x, py| {
        let picks = x.picks(py, "take", &indices)?;
        x.map(py, |x| x.take(picks.at(x.recorder()), axis))
    };
    /// One element along an axis for each element of an integer array; other axes broadcast.
    take_along_axis[indices, axis](indices: ArrayLike<'_>, axis: i64) |x, py| {
        let picks = x.picks(py, "take_along_axis", &indices)?;
        x.map(py, |x| x.take_along_axis(picks.at(x.recorder()), axis))
    };
    /// The same as `take_along_axis`.
    gather[indices, axis](indices: ArrayLike<'_>, axis: i64) |x, py| x.take_along_axis(py, indices, axis);
    /// Dot product: for vectors a number, for matrices the matrix product.
    dot[other](other: Operand<'_, '_>) |x, py| {
        if let Operand::Tensor(t) = &other { x.owns(py, "dot", t.get())?; }
        x.recorded(py, |r| r.at(x.tensor.id()).dot(x.expression(r, other)))
    };
    /// Every product of an element of one flattened input with one of the other.
    outer[other](other: Operand<'_, '_>) |x, py| {
        if let Operand::Tensor(t) = &other { x.owns(py, "outer", t.get())?; }
        x.recorded(py, |r| r.at(x.tensor.id()).outer(x.expression(r, other)))
    };
    /// Zeros of this shape and dtype.
    zeros_like[]() |x, py| x.map(py, |x| x.zeros_like());
    /// Ones of this shape and dtype.
    ones_like[]() |x, py| x.map(py, |x| x.ones_like());
    /// One number in this shape and dtype.
    full_like[value: "float"](value: Bound<'_, PyAny>) |x, py| {
        let value = scalar("full_like", &value)?;
        x.map(py, |x| x.full_like(value))
    };
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
                pub fn $name(py: Python<'_>, x: &Bound<'_, PyTensor>) -> PyResult<PyTensor> {
                    x.get().map(py, |x| x.$name())
                }
            )*
        }
    };
}
unary_rows!(unary_methods);

#[pymethods]
impl PyTensor {
    /// The same elements under another shape; one size may be -1.
    #[pyo3(signature = (*shape: "int | typing.Sequence[int]"))]
    fn reshape(&self, py: Python<'_>, shape: &Bound<'_, PyTuple>) -> PyResult<PyTensor> {
        let dims = sizes(shape)?;
        self.map(py, |x| x.reshape_to(&dims))
    }

    /// Axes in another order; reversed without arguments.
    #[pyo3(signature = (*axes: "int | typing.Sequence[int] | None"))]
    fn transpose(&self, py: Python<'_>, axes: &Bound<'_, PyTuple>) -> PyResult<PyTensor> {
        let reversed = axes.is_empty() || (axes.len() == 1 && axes.get_item(0)?.is_none());
        let order = if reversed { None } else { Some(sizes(axes)?) };
        self.map(py, |x| x.transpose(order.as_deref()))
    }

    /// Axes in another order.
    #[pyo3(signature = (*axes: "int | typing.Sequence[int]"))]
    fn permute(&self, py: Python<'_>, axes: &Bound<'_, PyTuple>) -> PyResult<PyTensor> {
        let order = sizes(axes)?;
        self.map(py, |x| x.transpose(Some(&order)))
    }

    /// `exp(x) / sum(exp(x))` along an axis.
    #[pyo3(signature = (axis=-1), text_signature = "($self, axis=-1)")]
    fn softmax(&self, py: Python<'_>, axis: i64) -> PyResult<PyTensor> {
        self.map(py, |x| x.softmax(axis))
    }

    /// The logarithm of the softmax, exact where the softmax underflows.
    #[pyo3(signature = (axis=-1), text_signature = "($self, axis=-1)")]
    fn log_softmax(&self, py: Python<'_>, axis: i64) -> PyResult<PyTensor> {
        self.map(py, |x| x.log_softmax(axis))
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

    /// Parts along an axis: a number of equal ones, or cut at positions.
    #[pyo3(signature = (sections: "int | typing.Sequence[int]", axis=0) -> "tuple[Tensor, ...]")]
    fn split<'py>(&self, py: Python<'py>, sections: &Bound<'py, PyAny>, axis: i64) -> PyResult<Bound<'py, PyTuple>> {
        let id = self.tensor.id();
        if sections.hasattr("__index__")? {
            let count = integer("sections", sections)?;
            let count = usize::try_from(count).unwrap_or(0);
            return self.many(py, |r| r.at(id).split_equal(count, axis));
        }
        let cuts = sections.extract::<Axes>()?.0;
        self.many(py, |r| r.at(id).split_at(&cuts, axis))
    }
}

/// Methods as functions of a tensor.
pub(super) mod functions {
    pub use super::functions_of::*;
    pub use super::rows::*;
    use super::*;

    /// The same elements under another shape; one size may be -1.
    #[pyfunction]
    pub fn reshape(py: Python<'_>, x: &Bound<'_, PyTensor>, shape: ShapeArg) -> PyResult<PyTensor> {
        x.get().map(py, |x| x.reshape_to(&shape.0))
    }

    /// Axes in another order; reversed by default.
    #[pyfunction]
    #[pyo3(signature = (x, axes=None))]
    pub fn transpose(py: Python<'_>, x: &Bound<'_, PyTensor>, axes: Option<Axes>) -> PyResult<PyTensor> {
        x.get().map(py, |x| x.transpose(axes.as_ref().map(|axes| &axes.0[..])))
    }

    /// Axes in another order.
    #[pyfunction]
    pub fn permute(py: Python<'_>, x: &Bound<'_, PyTensor>, axes: Axes) -> PyResult<PyTensor> {
        x.get().map(py, |x| x.transpose(Some(&axes.0)))
    }

    /// `exp(x) / sum(exp(x))` along an axis.
    #[pyfunction]
    #[pyo3(signature = (x, axis=-1), text_signature = "(x, axis=-1)")]
    pub fn softmax(py: Python<'_>, x: &Bound<'_, PyTensor>, axis: i64) -> PyResult<PyTensor> {
        x.get().softmax(py, axis)
    }

    /// The logarithm of the softmax, exact where the softmax underflows.
    #[pyfunction]
    #[pyo3(signature = (x, axis=-1), text_signature = "(x, axis=-1)")]
    pub fn log_softmax(py: Python<'_>, x: &Bound<'_, PyTensor>, axis: i64) -> PyResult<PyTensor> {
        x.get().log_softmax(py, axis)
    }

    /// Parts along an axis: a number of equal ones, or cut at positions.
    #[pyfunction]
    #[pyo3(signature = (x, sections: "int | typing.Sequence[int]", axis=0) -> "tuple[Tensor, ...]")]
    pub fn split<'py>(
        py: Python<'py>,
        x: &Bound<'py, PyTensor>,
        sections: &Bound<'py, PyAny>,
        axis: i64,
    ) -> PyResult<Bound<'py, PyTuple>> {
        x.get().split(py, sections, axis)
    }
}
