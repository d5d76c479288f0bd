//! `LinearLayer`, the layer of the first example.

use pyo3::prelude::*;

use super::convert::{DTypeArg, Instance, ShapeArg, TensorArg};
use super::errors::{guard, to_py};
use super::gradients::PyGradients;
use super::place;
use super::record::{PyRecord, compute};
use super::scalars::{Int, flag, float, text};
use super::store::PyParameterStore;
use super::tensor::PyTensor;
use crate::dtype::DType;
use crate::error::Error;
use crate::layers::{LinearLayer, RATE};
use crate::record::Tensor;

/// A linear layer bound to one record: `y = x @ weight`, plus a bias if asked for.
///
/// Args:
///     rec: the record.
///     in_features: the size of the input's last axis.
///     out_features: the size of the output's last axis.
///     store: where the parameters `id.weight` and `id.bias` are, or come to be; the record's own by default.
///     id: what the layer is called in the store.
///     bias: whether there is one.
///     dtype: of the parameters, float32 by default.
///
/// Example:
///     >>> rec = pg.Record(pg.ParameterStore(seed=0))
///     >>> layer = pg.LinearLayer(rec, 3, 2)
///     >>> layer.forward(rec.ones((5, 3))).shape
///     (5, 2)
#[pyclass(name = "LinearLayer", module = "phonograd", frozen)]
pub struct PyLinearLayer {
    layer: LinearLayer,
    owner: Py<PyRecord>,
    store: Py<PyParameterStore>,
}

impl PyLinearLayer {
    fn wrap(&self, py: Python<'_>, tensor: Tensor) -> PyTensor {
        PyTensor { tensor, owner: self.owner.clone_ref(py) }
    }
}

#[pymethods]
impl PyLinearLayer {
    #[new]
    #[pyo3(signature = (rec, in_features, out_features, store=None, *, id: "str" = "linear", bias: "bool" = false, dtype=None))]
    #[allow(clippy::too_many_arguments, reason = "Python names them")]
    fn new(
        py: Python<'_>,
        rec: Instance<'_, '_, PyRecord>,
        in_features: Int,
        out_features: Int,
        store: Option<Instance<'_, '_, PyParameterStore>>,
        #[pyo3(from_py_with = text)] id: &str,
        #[pyo3(from_py_with = flag)] bias: bool,
        dtype: Option<DTypeArg>,
    ) -> PyResult<Self> {
        let Some(store) = store.map(|store| store.unbind()).or_else(|| rec.get().store(py)) else {
            return Err(to_py(py, &Error::NoStore { name: format!("{id}.weight") }));
        };
        let layer = guard(py, || {
            let sizes = ShapeArg([in_features.0, out_features.0].into_iter().collect()).checked("LinearLayer")?;
            let (in_features, out_features) = (sizes[0], sizes[1]);
            let dtype = dtype.map_or(DType::F32, |dtype| dtype.0);
            LinearLayer::with(&rec.get().rec, in_features, out_features, &mut store.get().lock(), id, bias, dtype)
        })?;
        Ok(PyLinearLayer { layer, owner: rec.unbind(), store })
    }

    /// The layer's output for inputs `[..., in_features]`.
    fn forward(&self, py: Python<'_>, x: TensorArg<'_, '_>) -> PyResult<PyTensor> {
        let call = place::here(py);
        let x = &x.get().tensor;
        let y = guard(py, || self.layer.forward_from(x, call.as_ref().map(|c| c as _)))?;
        Ok(self.wrap(py, y))
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.owner)?;
        visit.call(&self.store)
    }

    fn __call__(&self, py: Python<'_>, x: TensorArg<'_, '_>) -> PyResult<PyTensor> {
        self.forward(py, x)
    }

    /// The weight, `[in_features, out_features]`.
    #[getter]
    fn weight(&self, py: Python<'_>) -> PyTensor {
        self.wrap(py, self.layer.weight().clone())
    }

    /// The bias, `[out_features]`, or None.
    #[getter]
    fn bias(&self, py: Python<'_>) -> Option<PyTensor> {
        self.layer.bias().map(|bias| self.wrap(py, bias.clone()))
    }

    fn __repr__(&self) -> String {
        let shape = self.layer.weight().shape();
        format!(
            "LinearLayer({}, {}, bias={})",
            shape[0],
            shape[1],
            if self.layer.bias().is_some() { "True" } else { "False" }
        )
    }

    /// Plain gradient descent: replaces each parameter in the store by itself less `rate` times its gradient, all or none.
    #[pyo3(signature = (grads, store=None, *, rate: "float" = RATE), text_signature = "($self, grads, store=None, *, rate=0.01)")]
    fn optimize(
        &self,
        py: Python<'_>,
        grads: Instance<'_, '_, PyGradients>,
        store: Option<Instance<'_, '_, PyParameterStore>>,
        #[pyo3(from_py_with = float)] rate: f64,
    ) -> PyResult<()> {
        let store = store.map_or_else(|| self.store.clone_ref(py), |store| store.unbind());
        let step = guard(py, || self.layer.descend(&grads.get().grads, rate))?;
        compute(py, &self.owner.get().rec, &step.iter().collect::<Vec<_>>(), Default::default())?;
        guard(py, || self.layer.commit(&step, &mut store.get().lock())).map(drop)
    }
}
