//! Random keys.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::errors::to_py;
use super::scalars::{Int, Seed};
use crate::error::Error;
use crate::philox::Key;

/// The most keys made at once.
const MOST: i64 = 1_000_000;

/// A key for random draws: the 64 bits of a seed, split into independent keys.
///
/// Raises:
///     ArgumentError: the seed has more than 64 bits.
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
    ///
    /// Raises:
    ///     ArgumentError: `n` is negative or above a million.
    #[pyo3(signature = (n=Int(2)) -> "tuple[Key, ...]", text_signature = "($self, n=2)")]
    fn split<'py>(&self, py: Python<'py>, n: Int) -> PyResult<Bound<'py, PyTuple>> {
        if !(0..=MOST).contains(&n.0) {
            let (got, expected) = (n.0.to_string(), "between 0 and a million; use fold_in for more");
            return Err(to_py(py, &Error::Argument { op: "split", argument: "n", got, expected }));
        }
        let keys = (0..n.0 as u64).map(|i| Py::new(py, PyKey(self.0.child(i)))).collect::<PyResult<Vec<_>>>()?;
        PyTuple::new(py, keys)
    }

    /// A key that also depends on a number, such as a step.
    fn fold_in(&self, i: Seed) -> PyKey {
        PyKey(self.0.fold_in(i.0))
    }

    /// The key's 64 bits; `Key(bits)` is the same key.
    #[getter]
    fn bits(&self) -> u64 {
        self.0.bits()
    }

    fn __repr__(&self) -> String {
        format!("Key({:#018x})", self.0.bits())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, (u64,)) {
        (py.get_type::<PyKey>().into_any(), (self.0.bits(),))
    }
}
