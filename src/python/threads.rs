//! How many threads compute.

use pyo3::prelude::*;

use super::errors::guard;
use super::scalars::Int;

/// How many threads may work on one plan: what `set_num_threads` said, else the environment variable
/// `PHONOGRAD_NUM_THREADS`, else as many as the process may use.
///
/// Example:
///     >>> pg.get_num_threads() >= 1
///     True
#[pyfunction]
pub fn get_num_threads() -> usize {
    crate::num_threads()
}

/// Sets how many threads may work on one plan, for the whole process. It changes the speed, and no bit of any result.
///
/// Raises:
///     ArgumentError: the number is not 1 to 256.
///
/// Example:
///     >>> before = pg.get_num_threads()
///     >>> pg.set_num_threads(1)
///     >>> pg.get_num_threads()
///     1
///     >>> pg.set_num_threads(before)
#[pyfunction]
pub fn set_num_threads(py: Python<'_>, n: Int) -> PyResult<()> {
    guard(py, || crate::set_num_threads(usize::try_from(n.0).unwrap_or(0)))
}
