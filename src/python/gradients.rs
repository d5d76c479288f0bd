//! `Gradients`: a value, asked for what is wanted of it.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::array;
use super::convert::{Instance, NameIterator, TensorArg, wrong_kind};
use super::errors::guard;
use super::place;
use super::record::{PyRecord, compute};
use super::scalars::{Text, scalar};
use super::tensor::PyTensor;
use crate::grad::Gradients;
use crate::plan::Options;
use crate::record::Tensor;

/// Gradients of one output with respect to everything that reaches it: recorded tensors, computed when asked for.
///
/// Behaves like a mapping from the names of the record's parameters.
///
/// Example:
///     >>> rec = pg.Record()
///     >>> x, y = rec.tensor(2.0), rec.tensor(3.0)
///     >>> grads = (x * y).grad()
///     >>> grads.wrt(x).item(), grads.wrt(y).item()
///     (3.0, 2.0)
#[pyclass(name = "Gradients", module = "phonograd", frozen, mapping)]
pub struct PyGradients {
    pub(super) grads: Gradients,
    pub(super) owner: Py<PyRecord>,
}

impl PyGradients {
    fn wrap(&self, py: Python<'_>, tensor: Tensor) -> PyTensor {
        PyTensor { tensor, owner: self.owner.clone_ref(py) }
    }

    fn again(&self, py: Python<'_>, grads: Gradients) -> PyGradients {
        PyGradients { grads, owner: self.owner.clone_ref(py) }
    }

    fn times(&self, py: Python<'_>, factor: f64) -> PyResult<PyGradients> {
        let call = place::here(py);
        let scaled = guard(py, || self.grads.scaled(factor, call.as_ref().map(|c| c as _)))?;
        Ok(self.again(py, scaled))
    }
}

#[pymethods]
impl PyGradients {
    /// The gradient with respect to a tensor, or to the parameter of a name, of its shape and dtype; zeros if it does not
    /// reach the output.
    ///
    /// Raises:
    ///     ForeignTensorError: the tensor is of another record.
    ///     ParameterError: the record has no parameter of that name.
    ///     GradientError: the tensor's dtype is no float.
    #[pyo3(signature = (tensor: "Tensor | str"))]
    fn wrt(&self, py: Python<'_>, tensor: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
        if tensor.is_instance_of::<PyString>() {
            return self.__getitem__(py, tensor.extract()?);
        }
        let x = tensor.extract::<TensorArg<'_, '_>>()?;
        guard(py, || self.grads.wrt(&x.get().tensor)).map(|g| self.wrap(py, g))
    }

    /// Why the gradient with respect to a tensor is what it is: a sentence.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> x, y = rec.tensor(2.0), rec.tensor(3.0)
    ///     >>> (x * x).grad().why(y)
    ///     'zero: %1 is not upstream of the output %2'
    fn why(&self, py: Python<'_>, tensor: TensorArg<'_, '_>) -> PyResult<String> {
        guard(py, || self.grads.why(&tensor.get().tensor))
    }

    /// What was differentiated.
    #[getter]
    fn output(&self, py: Python<'_>) -> PyTensor {
        self.wrap(py, self.grads.output())
    }

    /// The record.
    #[getter]
    fn record(&self, py: Python<'_>) -> Py<PyRecord> {
        self.owner.clone_ref(py)
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.owner)
    }

    fn __getitem__(&self, py: Python<'_>, name: Text<'_>) -> PyResult<PyTensor> {
        let call = place::here(py);
        let found = guard(py, || self.grads.parameter(&name, call.as_ref().map(|c| c as _)))?;
        Ok(self.wrap(py, found))
    }

    fn __contains__(&self, py: Python<'_>, name: Text<'_>) -> PyResult<bool> {
        Ok(self.keys(py)?.iter().any(|known| **known == *name))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.keys(py)?.len())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<NameIterator<'py>> {
        PyList::new(py, self.keys(py)?)?.try_iter().map(NameIterator)
    }

    /// The gradient of a named parameter, or the default where the record has no parameter of that name.
    #[pyo3(signature = (name, default: "Tensor | None" = None) -> "Tensor | None")]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: Text<'_>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.keys(py)?.iter().any(|known| **known == *name) {
            return Ok(Some(Bound::new(py, self.__getitem__(py, name)?)?.into_any()));
        }
        Ok(default)
    }

    /// Names of the record's parameters.
    #[pyo3(signature = () -> "list[str]")]
    fn keys(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        guard(py, || self.grads.names())
    }

    /// Names of the parameters that reach the output: those that an optimiser's step moves.
    ///
    /// Example:
    ///     >>> store = pg.ParameterStore()
    ///     >>> store.update({"a": 1.0, "b": 2.0})
    ///     >>> rec = pg.Record(store)
    ///     >>> a, b = rec.parameter("a"), rec.parameter("b")
    ///     >>> grads = (a * b.stop_gradient()).grad()
    ///     >>> grads.keys(), grads.reached()
    ///     (['a', 'b'], ['a'])
    #[pyo3(signature = () -> "list[str]")]
    fn reached(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        guard(py, || self.grads.reached())
    }

    /// The gradients of the parameters that reach the output, as read-only NumPy arrays by name: computed in one plan, with
    /// the output. Arrays of several records add up, and a mapping of them is what an optimiser's step takes, too.
    ///
    /// Example:
    ///     >>> store = pg.ParameterStore()
    ///     >>> store.update({"a": [1.0, 2.0], "b": 2.0})
    ///     >>> rec = pg.Record(store)
    ///     >>> a, b = rec.parameter("a"), rec.parameter("b")
    ///     >>> (a * b.stop_gradient()).sum().grad().data()
    ///     {'a': array([2., 2.], dtype=float32)}
    #[pyo3(signature = () -> "dict[str, _Array]")]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let names = self.reached(py)?;
        let gradients: Vec<_> = names.iter().map(|name| self.__getitem__(py, Text(name))).collect::<PyResult<_>>()?;
        let output = self.grads.output();
        let all: Vec<&Tensor> = std::iter::once(&output).chain(gradients.iter().map(|g| &g.tensor)).collect();
        // As in a step, nothing is kept for later gradients: those that are wanted are in this plan.
        compute(py, self.grads.record(), &all, Options { keep: false, ..Options::default() })?;
        let arrays = PyDict::new(py);
        for (name, gradient) in names.iter().zip(&gradients) {
            arrays.set_item(name, array::view(py, &guard(py, || gradient.tensor.data())?)?)?;
        }
        Ok(arrays)
    }

    /// Gradients of the record's parameters.
    #[pyo3(signature = () -> "list[Tensor]")]
    fn values(&self, py: Python<'_>) -> PyResult<Vec<PyTensor>> {
        self.keys(py)?.iter().map(|name| self.__getitem__(py, Text(name))).collect()
    }

    /// Names and gradients of the record's parameters.
    #[pyo3(signature = () -> "list[tuple[str, Tensor]]")]
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let pair = |name: &String| {
            let gradient = Py::new(py, self.__getitem__(py, Text(name))?)?;
            PyTuple::new(py, [name.into_pyobject(py)?.into_any(), gradient.into_bound(py).into_any()])
        };
        self.keys(py)?.iter().map(pair).collect()
    }

    fn __add__(&self, py: Python<'_>, other: Instance<'_, '_, PyGradients>) -> PyResult<PyGradients> {
        let call = place::here(py);
        let sum = guard(py, || self.grads.plus(&other.get().grads, call.as_ref().map(|c| c as _)))?;
        Ok(self.again(py, sum))
    }

    /// `0 + gradients`, so that `sum` works.
    fn __radd__(slf: Py<Self>, zero: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
        if scalar("add gradients", zero)?.as_f64() == 0.0 {
            return Ok(slf);
        }
        Err(wrong_kind("add gradients", zero, "gradients"))
    }

    fn __sub__(&self, py: Python<'_>, other: Instance<'_, '_, PyGradients>) -> PyResult<PyGradients> {
        let negative = other.get().times(py, -1.0)?;
        let call = place::here(py);
        let difference = guard(py, || self.grads.plus(&negative.grads, call.as_ref().map(|c| c as _)))?;
        Ok(self.again(py, difference))
    }

    /// `0 - gradients`, as `0 + gradients` is there.
    fn __rsub__(&self, py: Python<'_>, zero: &Bound<'_, PyAny>) -> PyResult<PyGradients> {
        if scalar("subtract gradients", zero)?.as_f64() == 0.0 {
            return self.times(py, -1.0);
        }
        Err(wrong_kind("subtract gradients", zero, "gradients"))
    }

    fn __neg__(&self, py: Python<'_>) -> PyResult<PyGradients> {
        self.times(py, -1.0)
    }

    fn __mul__(&self, py: Python<'_>, factor: &Bound<'_, PyAny>) -> PyResult<PyGradients> {
        self.times(py, scalar("scale gradients", factor)?.as_f64())
    }

    fn __rmul__(&self, py: Python<'_>, factor: &Bound<'_, PyAny>) -> PyResult<PyGradients> {
        self.__mul__(py, factor)
    }

    fn __truediv__(&self, py: Python<'_>, divisor: &Bound<'_, PyAny>) -> PyResult<PyGradients> {
        self.times(py, 1.0 / scalar("scale gradients", divisor)?.as_f64())
    }

    fn __rtruediv__(&self, number: &Bound<'_, PyAny>) -> PyResult<PyGradients> {
        Err(wrong_kind("divide by gradients", number, "gradients on the left and a number on the right"))
    }

    fn __repr__(&self) -> String {
        let parameters = self.grads.record().read(|arena| arena.parameters().len());
        format!("<Gradients of {parameters} parameters in record {}>", self.grads.record().id())
    }
}
