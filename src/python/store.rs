//! `ParameterStore`: names and read-only arrays.

use parking_lot::{Mutex, MutexGuard};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::array;
use super::convert::{ArrayLike, ArrayOut, DTypeArg, Instance, NameIterator, ShapeArg};
use super::errors::{guard, to_py};
use super::scalars::{Seed, Text};
use super::tensor::PyTensor;
use crate::buffer::NdArray;
use crate::dtype::DType;
use crate::error::Error;
use crate::store::{Init, ParameterStore};

/// Named parameters, the only owner of what is trained: a mapping from names to read-only arrays.
///
/// Args:
///     seed: what initialisers draw from; a parameter's first value depends on the seed and its name only.
///
/// Example:
///     >>> store = pg.ParameterStore(seed=0)
///     >>> store["scale"] = [1.0, 2.0]
///     >>> store["scale"]
///     array([1., 2.], dtype=float32)
#[pyclass(name = "ParameterStore", module = "phonograd", frozen, subclass, weakref)]
pub struct PyParameterStore {
    parameters: Mutex<ParameterStore>,
}

impl PyParameterStore {
    /// The store itself; no Python code runs while it is locked.
    pub(super) fn lock(&self) -> MutexGuard<'_, ParameterStore> {
        self.parameters.lock()
    }

    /// This store and another one. Whoever locks two takes them in one order, so that no two wait for each other.
    pub(super) fn lock_with<'a>(
        &'a self,
        other: &'a PyParameterStore,
    ) -> (MutexGuard<'a, ParameterStore>, MutexGuard<'a, ParameterStore>) {
        if std::ptr::from_ref(self) < std::ptr::from_ref(other) {
            let here = self.lock();
            (here, other.lock())
        } else {
            let there = other.lock();
            (self.lock(), there)
        }
    }

    /// The parameter's value, drawn first if there is none.
    pub(super) fn initialised(
        &self,
        py: Python<'_>,
        name: &str,
        shape: &ShapeArg,
        init: Option<&Bound<'_, PyAny>>,
        dtype: Option<DTypeArg>,
        asker: &str,
    ) -> PyResult<NdArray> {
        let init = init.map_or(Ok(Init::GlorotUniform), |init| initialiser(init))?;
        let dtype = dtype.map_or(DType::F32, |d| d.0);
        guard(py, || {
            let shape = shape.checked("parameter")?;
            self.lock().get_or_init(name, &shape, dtype, init, asker)
        })
    }
}

/// An initialiser by name, or by name and number.
fn initialiser(value: &Bound<'_, PyAny>) -> PyResult<Init> {
    let py = value.py();
    if let Ok((name, number)) = value.extract::<(String, f64)>() {
        return match name.as_str() {
            "normal" => Ok(Init::Normal(number)),
            "uniform" => Ok(Init::Uniform(number)),
            _ => {
                let (got, expected) = (format!("{name:?}"), "(\"normal\", std) or (\"uniform\", bound)");
                Err(to_py(py, &Error::Argument { op: "init", argument: "init", got, expected }))
            }
        };
    }
    let name: String = value.extract()?;
    guard(py, || Init::from_name(&name))
}

/// What becomes a parameter: an array or a list, copied; a tensor's elements, shared.
fn value_of(value: &Bound<'_, PyAny>) -> PyResult<NdArray> {
    match value.cast::<PyTensor>() {
        Ok(tensor) => tensor.get().elements(value.py()),
        Err(_) => array::read("store", value, None, true),
    }
}

/// Parameters by name, all read before any is set.
fn values_of(pairs: &Bound<'_, PyDict>) -> PyResult<Vec<(String, NdArray)>> {
    pairs.iter().map(|(name, value)| Ok((name.extract()?, value_of(&value)?))).collect()
}

/// Tells the record of a tensor that a store was updated from it.
fn note(value: &Bound<'_, PyAny>) {
    if let Ok(tensor) = value.cast::<PyTensor>() {
        tensor.get().tensor.record().updated();
    }
}

#[pymethods]
impl PyParameterStore {
    #[new]
    #[pyo3(signature = (seed=None), text_signature = "(seed=0)")]
    fn new(seed: Option<Seed>) -> Self {
        PyParameterStore { parameters: Mutex::new(ParameterStore::new(seed.map_or(0, |seed| seed.0))) }
    }

    /// The seed of the initialisers.
    #[getter]
    fn seed(&self) -> u64 {
        self.lock().seed()
    }

    /// The parameter's value; drawn first if there is none.
    ///
    /// Args:
    ///     name: the parameter's name.
    ///     shape: its shape.
    ///     init: "glorot_uniform", "he_normal", "zeros" or "ones", or a pair such as ("normal", 0.02).
    ///     dtype: float32 unless given.
    ///     asker: who asks, for the message of a conflict.
    ///
    /// Raises:
    ///     ParameterError: the store holds one of that name in another shape or dtype.
    #[pyo3(signature = (name, shape, init: "str | tuple[str, float] | None" = None, dtype=None, *, asker=None))]
    #[pyo3(text_signature = "($self, name, shape, init='glorot_uniform', dtype=None, *, asker=None)")]
    fn get_or_init<'py>(
        &self,
        py: Python<'py>,
        name: Text<'_>,
        shape: ShapeArg,
        init: Option<Bound<'py, PyAny>>,
        dtype: Option<DTypeArg>,
        asker: Option<Text<'_>>,
    ) -> PyResult<ArrayOut<'py>> {
        let value =
            self.initialised(py, &name, &shape, init.as_ref(), dtype, asker.as_deref().unwrap_or("get_or_init"))?;
        Ok(ArrayOut(array::view(py, &value)?))
    }

    /// Sets several parameters at once: all of them, or none if one cannot be read.
    #[pyo3(signature = (parameters: "typing.Any" = None, /, **named: "typing.Any"))]
    fn update(
        &self,
        py: Python<'_>,
        parameters: Option<&Bound<'_, PyAny>>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let (pairs, mut values) = (PyDict::new(py), Vec::new());
        match parameters.map(|given| (given, given.cast::<PyParameterStore>())) {
            // Not by way of NumPy, which has not all dtypes.
            Some((_, Ok(store))) => {
                values.extend(store.get().lock().iter().map(|(name, value)| (name.to_string(), value.clone())));
            }
            Some((given, Err(_))) => drop(pairs.call_method1("update", (given,))?),
            None => {}
        }
        named.map_or(Ok(()), |named| pairs.update(named.as_mapping()))?;
        values.extend(values_of(&pairs)?);
        let old = self.lock().set_all(values);
        drop(old);
        pairs.values().iter().for_each(|value| note(&value));
        Ok(())
    }

    /// Sets parameters here and others in a second store, all of them or none; no thread sees one store changed and the
    /// other not yet.
    #[pyo3(signature = (parameters: "dict[str, Tensor]", other, others: "dict[str, Tensor]"))]
    fn _commit(
        &self,
        parameters: &Bound<'_, PyDict>,
        other: Instance<'_, '_, PyParameterStore>,
        others: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        let (ours, theirs) = (values_of(parameters)?, values_of(others)?);
        let other = other.get();
        if std::ptr::eq(self, other) {
            let old = self.lock().set_all(ours.into_iter().chain(theirs));
            drop(old);
            parameters.values().iter().for_each(|value| note(&value));
            return Ok(());
        }
        let (mut here, mut there) = self.lock_with(other);
        let old = (here.set_all(ours), there.set_all(theirs));
        drop((here, there));
        drop(old);
        parameters.values().iter().for_each(|value| note(&value));
        Ok(())
    }

    /// Takes over all that another store holds, arrays, names and their order, in place of its own.
    #[pyo3(name = "_assign")]
    fn assign(&self, other: Instance<'_, '_, PyParameterStore>) {
        let other = other.get().lock().clone();
        let old = self.lock().exchange(other);
        drop(old);
    }

    /// Removes all parameters.
    fn clear(&self) {
        let old = self.lock().clear();
        drop(old);
    }

    fn __getitem__<'py>(&self, py: Python<'py>, name: Text<'_>) -> PyResult<ArrayOut<'py>> {
        let value = guard(py, || self.lock().get(&name).cloned())?;
        Ok(ArrayOut(array::view(py, &value)?))
    }

    fn __setitem__(&self, name: Text<'_>, value: ArrayLike<'_>) -> PyResult<()> {
        let read = value_of(&value.0)?;
        let old = self.lock().set(&name, read);
        drop(old);
        note(&value.0);
        Ok(())
    }

    fn __delitem__(&self, py: Python<'_>, name: Text<'_>) -> PyResult<()> {
        guard(py, || self.lock().remove(&name)).map(drop)
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> bool {
        name.extract::<String>().is_ok_and(|name| self.lock().get(&name).is_ok())
    }

    fn __len__(&self) -> usize {
        self.lock().len()
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<NameIterator<'py>> {
        let names: Vec<String> = self.lock().names().map(str::to_string).collect();
        PyList::new(py, names)?.try_iter().map(NameIterator)
    }

    fn __repr__(&self) -> String {
        let store = self.lock();
        let one =
            |name: &str| store.get(name).map(|v| format!("  {name}: {} {}", v.dtype(), v.shape())).unwrap_or_default();
        let lines: Vec<String> = store.names().map(one).collect();
        format!("ParameterStore of {} parameters\n{}", lines.len(), lines.join("\n")).trim_end().to_string()
    }
}
