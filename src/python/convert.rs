//! What Python hands in, made into what Rust wants; each type carries its own type hint.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyIterator, PyList, PyString, PyTuple};
use pyo3::{
    Borrowed, PyClass,
    inspect::{PyStaticConstant, PyStaticExpr},
    type_hint_identifier, type_hint_subscript, type_hint_union,
    type_object::PyTypeInfo,
};

use super::array;
use super::errors::to_py;
use super::gradients::PyGradients;
use super::key::PyKey;
use super::record::PyRecord;
use super::scalars::{integer, number};
use super::store::PyParameterStore;
use super::tensor::PyTensor;
use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar};
use crate::error::Error;
use crate::record::{Expr, Recorder};
use crate::shape::{Dims, Shape, show_sizes};

/// The kind of a tensor's elements. Equal to its name and to NumPy's dtype of that name.
///
/// Example:
///     >>> pg.float32 == "float32", np.dtype(pg.float32)
///     (True, dtype('float32'))
#[pyclass(name = "DType", module = "phonograd", frozen)]
#[derive(Clone, Copy)]
pub struct PyDType(pub DType);

#[pymethods]
impl PyDType {
    /// The name, as NumPy spells it.
    #[getter]
    fn name(&self) -> &'static str {
        self.0.name()
    }

    /// Bytes an element takes.
    #[getter]
    fn itemsize(&self) -> usize {
        self.0.size()
    }

    /// NumPy's dtype of the same name: makes `np.dtype(pg.float32)` work.
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("numpy")?.getattr("dtype")?.call1((self.name(),))
    }

    fn __repr__(&self) -> String {
        format!("phonograd.{}", self.0)
    }

    fn __str__(&self) -> &'static str {
        self.0.name()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.extract::<DTypeArg>().is_ok_and(|other| other.0 == self.0)
    }

    fn __ne__(&self, other: &Bound<'_, PyAny>) -> bool {
        !self.__eq__(other)
    }

    fn __hash__<'py>(&self, py: Python<'py>) -> PyResult<isize> {
        PyString::new(py, self.0.name()).hash()
    }

    fn __reduce__(&self) -> &'static str {
        self.0.name()
    }
}

/// Adds the dtypes to the module.
pub(super) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    DType::ALL.into_iter().try_for_each(|dtype| module.add(dtype.name(), PyDType(dtype)))
}

/// A dtype in any of the ways users name one.
#[derive(Clone, Copy)]
pub(super) struct DTypeArg(pub DType);

impl<'a, 'py> FromPyObject<'a, 'py> for DTypeArg {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "_DTypeLike");

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<DTypeArg> {
        let py = value.py();
        if let Ok(dtype) = value.cast::<PyDType>() {
            return Ok(DTypeArg(dtype.get().0));
        }
        let builtin = [
            (py.get_type::<PyFloat>(), DType::F32),
            (py.get_type::<PyInt>(), DType::I64),
            (py.get_type::<PyBool>(), DType::Bool),
        ];
        if let Some((_, dtype)) = builtin.iter().find(|(class, _)| class.is(&*value)) {
            return Ok(DTypeArg(*dtype));
        }
        // A string, a NumPy dtype (which has `name`), or a NumPy scalar type (which has `__name__`).
        let name = value
            .extract::<String>()
            .or_else(|_| value.getattr("name").and_then(|name| name.extract()))
            .or_else(|_| value.getattr("__name__").and_then(|name| name.extract()))
            .map_err(|_| {
                wrong_kind("dtype", &value, "a dtype or its name; sizes stand together, as in zeros((2, 3))")
            })?;
        let plain = match name.as_str() {
            "bool_" => "bool",
            other => other,
        };
        let unknown = || Error::UnknownDType { op: "dtype", name: name.clone() };
        DType::from_name(plain).map(DTypeArg).ok_or_else(|| to_py(py, &unknown()))
    }
}

/// An error for a value of the wrong kind.
#[cold]
pub(super) fn wrong_kind(op: &'static str, value: &Bound<'_, PyAny>, expected: &'static str) -> PyErr {
    let got = value.get_type().name().map_or_else(|_| "an object".to_string(), |name| name.to_string());
    to_py(value.py(), &Error::Input { op, got, expected })
}

/// An object of one of this package's classes.
pub(super) struct Instance<'a, 'py, T>(pub Borrowed<'a, 'py, T>);

/// What a message calls a class.
pub(super) trait Named: PyTypeInfo {
    /// With its article.
    const EXPECTED: &'static str;
}

impl<'a, 'py, T: Named> FromPyObject<'a, 'py> for Instance<'a, 'py, T> {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = T::TYPE_HINT;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        value.cast::<T>().map(Instance).map_err(|_| wrong_kind("argument", &value, T::EXPECTED))
    }
}

impl<T: Named + PyClass<Frozen = pyo3::pyclass::boolean_struct::True> + Sync> Instance<'_, '_, T> {
    /// The object.
    pub fn get(&self) -> &T {
        self.0.get()
    }

    /// A reference that outlives the call.
    pub fn unbind(&self) -> Py<T> {
        self.0.to_owned().unbind()
    }
}

/// A tensor.
pub(super) type TensorArg<'a, 'py> = Instance<'a, 'py, PyTensor>;

macro_rules! named {
    ($($Class:ty: $expected:literal;)*) => {$(
        impl Named for $Class {
            const EXPECTED: &'static str = $expected;
        }
    )*};
}

named! {
    PyTensor: "a tensor; make one with `tensor` of a record";
    PyRecord: "a Record";
    PyParameterStore: "a ParameterStore, in which models have their parameters; make one with `ParameterStore()`";
    PyGradients: "gradients, as `loss.grad()` returns them";
    PyKey: "a Key; make one with `Key(seed)`";
}

/// What stands on one side of an operator: a tensor, an array, or numbers, alone or in nested lists, which take the other
/// side's dtype.
#[derive(Clone)]
pub(super) enum Operand<'a, 'py> {
    Tensor(Borrowed<'a, 'py, PyTensor>),
    Scalar(Scalar),
    Array(NdArray),
    /// As bool, 64-bit integers or float64, in which nothing is lost.
    List(NdArray),
}

impl Operand<'_, '_> {
    /// The dtype of a tensor or an array; a number takes that of what it meets.
    pub fn dtype(&self) -> Option<DType> {
        match self {
            Operand::Tensor(t) => Some(t.get().tensor.dtype()),
            Operand::Array(array) => Some(array.dtype()),
            Operand::Scalar(_) | Operand::List(_) => None,
        }
    }

    /// A number that meets dtypes as this does, if this is numbers.
    pub fn weak(&self) -> Option<Scalar> {
        match self {
            Operand::Scalar(number) => Some(*number),
            Operand::List(array) => Some(Scalar::one_of(array.dtype())),
            Operand::Tensor(_) | Operand::Array(_) => None,
        }
    }

    /// As an expression of the record that it is of, if it is a tensor; numbers take the dtype they have to when they meet
    /// this one.
    pub fn expression(self, r: &Recorder, met: DType) -> Expr<'_> {
        match self {
            Operand::Tensor(t) => r.at(t.get().tensor.id()),
            Operand::Scalar(s) => r.full(Shape::scalar(), s.meets(met), s),
            Operand::Array(array) => r.data(array),
            Operand::List(array) => r.numbers(array, met),
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Operand<'a, 'py> {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "_ArrayLike");

    #[inline]
    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(number) = value.cast_exact::<PyFloat>() {
            Ok(Self::Scalar(Scalar::Float(number.value())))
        } else if let Ok(tensor) = value.cast::<PyTensor>() {
            Ok(Self::Tensor(tensor))
        } else {
            other_operand(value)
        }
    }
}

fn other_operand<'a, 'py>(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Operand<'a, 'py>> {
    if let Some(scalar) = number(&value)? {
        return Ok(Operand::Scalar(scalar));
    }
    if array::is_array(&value) {
        return Ok(Operand::Array(array::read("tensor", &value, None, true)?));
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let array = array::read("tensor", &value, None, true)?;
        let wide = match array.dtype() {
            DType::F32 => array::read("tensor", &value, Some(DType::F64), true)?,
            _ => array,
        };
        return Ok(Operand::List(wide));
    }
    Err(wrong_kind("operand", &value, "a tensor, a number, a list of numbers or an array"))
}

/// What `out` may not be. NumPy's functions hand None on to methods of the same name.
pub(super) struct NoOut;

impl<'a, 'py> FromPyObject<'a, 'py> for NoOut {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "None");

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Err(wrong_kind("out", &value, "None; nothing is written into arrays, a tensor is returned"))
    }
}

/// One axis, or several.
pub(super) struct Axes(pub Dims<i64>);

impl Axes {
    /// The last axis.
    pub fn last() -> Axes {
        Axes(Dims::from_slice(&[-1]))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Axes {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(
        type_hint_identifier!("builtins", "int"),
        type_hint_subscript!(
            type_hint_identifier!("collections.abc", "Sequence"),
            type_hint_identifier!("builtins", "int")
        )
    );

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let (true, Ok(axis)) = (value.is_exact_instance_of::<PyInt>(), value.extract::<i64>()) {
            return Ok(Axes(Dims::from_slice(&[axis])));
        }
        if value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyList>() {
            let items: Vec<Bound<'_, PyAny>> = value.extract()?;
            return Ok(Axes(items.iter().map(|item| integer("axis", item)).collect::<PyResult<_>>()?));
        }
        Ok(Axes([integer("axis", &value)?].into_iter().collect()))
    }
}

/// Axes as the core takes them.
pub(super) fn axes(axes: &Option<Axes>) -> Option<&[i64]> {
    axes.as_ref().map(|axes| &axes.0[..])
}

/// A shape: one size, a sequence of sizes, or sizes one after the other.
pub(super) struct ShapeArg(pub Dims<i64>);

impl<'a, 'py> FromPyObject<'a, 'py> for ShapeArg {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = Axes::INPUT_TYPE;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyList>() {
            let items: Vec<Bound<'_, PyAny>> = value.extract()?;
            return Ok(ShapeArg(items.iter().map(|item| integer("shape", item)).collect::<PyResult<_>>()?));
        }
        Ok(ShapeArg([integer("shape", &value)?].into_iter().collect()))
    }
}

impl ShapeArg {
    /// The shape, if no size is negative.
    pub fn checked(&self, op: &'static str) -> Result<crate::shape::Shape, Error> {
        if self.0.iter().any(|&d| d < 0) {
            return Err(Error::Argument {
                op,
                argument: "shape",
                got: show_sizes(&self.0),
                expected: "sizes of 0 or more",
            });
        }
        crate::shape::Shape::new(op, &self.0.iter().map(|&d| d as usize).collect::<Dims>())
    }
}

/// Sizes given as arguments, or as one sequence.
pub(super) fn sizes(args: &Bound<'_, PyTuple>) -> PyResult<Dims<i64>> {
    if args.len() == 1 {
        return Ok(args.get_item(0)?.extract::<ShapeArg>()?.0);
    }
    args.iter().map(|item| integer("a size", &item)).collect()
}

/// Sizes, handed out as a tuple.
pub(super) struct Sizes(pub crate::shape::Shape);

impl<'py> IntoPyObject<'py> for Sizes {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;
    const OUTPUT_TYPE: PyStaticExpr = type_hint_subscript!(
        type_hint_identifier!("builtins", "tuple"),
        type_hint_identifier!("builtins", "int"),
        PyStaticExpr::Constant { value: PyStaticConstant::Ellipsis }
    );

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        PyTuple::new(py, self.0.iter())
    }
}

/// A path: text, or what knows its own.
pub(super) struct PathArg(pub std::path::PathBuf);

impl<'a, 'py> FromPyObject<'a, 'py> for PathArg {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(
        type_hint_identifier!("builtins", "str"),
        type_hint_subscript!(type_hint_identifier!("os", "PathLike"), type_hint_identifier!("builtins", "str"))
    );

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let path = value.extract::<std::path::PathBuf>();
        path.map(PathArg).map_err(|_| wrong_kind("path", &value, "a string or a path"))
    }
}

/// An iterator over tensors.
pub(super) struct TensorIterator<'py>(pub Bound<'py, PyIterator>);

impl<'py> IntoPyObject<'py> for TensorIterator<'py> {
    type Target = PyIterator;
    type Output = Bound<'py, PyIterator>;
    type Error = std::convert::Infallible;
    const OUTPUT_TYPE: PyStaticExpr =
        type_hint_subscript!(type_hint_identifier!("collections.abc", "Iterator"), PyTensor::TYPE_HINT);

    fn into_pyobject(self, _py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(self.0)
    }
}

/// An iterator over names.
pub(super) struct NameIterator<'py>(pub Bound<'py, PyIterator>);

impl<'py> IntoPyObject<'py> for NameIterator<'py> {
    type Target = PyIterator;
    type Output = Bound<'py, PyIterator>;
    type Error = std::convert::Infallible;
    const OUTPUT_TYPE: PyStaticExpr = type_hint_subscript!(
        type_hint_identifier!("collections.abc", "Iterator"),
        type_hint_identifier!("builtins", "str")
    );

    fn into_pyobject(self, _py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(self.0)
    }
}

/// A NumPy array on its way out.
pub(super) struct ArrayOut<'py>(pub Bound<'py, PyAny>);

impl<'py> IntoPyObject<'py> for ArrayOut<'py> {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = std::convert::Infallible;
    const OUTPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "_Array");

    fn into_pyobject(self, _py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(self.0)
    }
}

/// Anything array-like, not yet read.
pub(super) struct ArrayLike<'py>(pub Bound<'py, PyAny>);

impl<'a, 'py> FromPyObject<'a, 'py> for ArrayLike<'py> {
    type Error = std::convert::Infallible;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "_ArrayLike");

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> Result<Self, Self::Error> {
        Ok(Self(value.to_owned()))
    }
}

/// A tensor, or anything that can be read as an array.
pub(super) fn array<'a, 'py>(op: &'static str, value: &'a ArrayLike<'py>) -> PyResult<Operand<'a, 'py>> {
    match value.0.cast::<PyTensor>() {
        Ok(tensor) => Ok(Operand::Tensor(tensor.as_borrowed())),
        Err(_) => Ok(Operand::Array(super::array::read(op, &value.0, None, true)?)),
    }
}

/// What stands between the brackets of `x[...]`, not yet read.
pub(super) struct IndexArg<'py>(pub Bound<'py, PyAny>);

impl<'a, 'py> FromPyObject<'a, 'py> for IndexArg<'py> {
    type Error = std::convert::Infallible;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "_Index");

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> Result<Self, Self::Error> {
        Ok(Self(value.to_owned()))
    }
}
