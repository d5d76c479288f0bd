//! Random keys.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::convert::Seed;
use crate::philox::Key;

/// A key for random draws: 64 bits from a seed, split into independent keys.
///
/// Example:
///     >>> first, second = pg.Key(7).split()
///     >>> first == second
///     False
#[pyclass(name = "Key", module = "phonograd", frozen, eq, hash)]
#[derive(PartialEq, Eq, Hash)]
pub struct PyKey(pub(super) Key);

#[pymethods]
impl PyKey {
    #[new]
    fn new(seed: Seed) -> PyKey {
        PyKey(Key::new(seed.0))
    }

    /// Independent keys.
    #[pyo3(signature = (n=2) -> "tuple[Key, ...]")]
    fn split<'py>(&self, py: Python<'py>, n: u32) -> PyResult<Bound<'py, PyTuple>> {
        let keys = (0..u64::from(n)).map(|i| Py::new(py, PyKey(self.0.child(i)))).collect::<PyResult<Vec<_>>>()?;
        PyTuple::new(py, keys)
    }

    /// A key that also depends on a number, such as a step.
    fn fold_in(&self, i: u64) -> PyKey {
        PyKey(self.0.fold_in(i))
    }

    fn __repr__(&self) -> String {
        format!("Key({:#018x})", self.0.bits())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, (u64,)) {
        (py.get_type::<PyKey>().into_any(), (self.0.bits(),))
    }
}
