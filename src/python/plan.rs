//! Plans to look at, and the cache of them.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::errors::guard;
use crate::plan::Report;

/// What a computation would do, step by step; `print` it.
///
/// Example:
///     >>> rec = pg.Record()
///     >>> y = rec.tensor([[1.0, 2.0], [3.0, 4.0]]).exp().sum()
///     >>> plan = rec.plan(y)
///     >>> plan.peak_bytes, plan.flops, len(plan)
///     (4, 8, 1)
///     >>> print(plan.steps[0])
///     loop [%1 %2] over [1, 4, 1], then sum  -> 4 B kept ...
#[pyclass(name = "Plan", module = "phonograd", frozen)]
pub struct PyPlan(pub(super) Report);

#[pymethods]
impl PyPlan {
    /// Bytes held at once while it runs, besides what is bound.
    #[getter]
    fn peak_bytes(&self) -> usize {
        self.0.plan.peak_bytes()
    }

    /// About how many operations on numbers it does.
    #[getter]
    fn flops(&self) -> u64 {
        self.0.plan.flops()
    }

    /// Estimated work in simple element operations.
    #[getter]
    fn work(&self) -> u64 {
        self.0.plan.work
    }

    /// What is done, in order, with the lines it was recorded at.
    #[getter]
    fn steps(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        guard(py, || Ok(self.0.steps()))
    }

    /// Bytes held when most are, by the line that asked for them, most first.
    #[pyo3(signature = () -> "dict[str, int]")]
    fn bytes_by_line<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let lines = PyDict::new(py);
        guard(py, || Ok(self.0.bytes_by_line()))?
            .into_iter()
            .try_for_each(|(line, bytes)| lines.set_item(line, bytes))?;
        Ok(lines)
    }

    fn __len__(&self) -> usize {
        self.0.plan.steps.len()
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.0.to_string()))
    }

    fn __repr__(&self) -> String {
        format!("<Plan of {} steps>", self.0.plan.steps.len())
    }
}

/// What the plan cache did so far.
#[pyclass(name = "PlanCache", module = "phonograd", frozen, get_all)]
pub struct PyPlanCache {
    /// Plans found.
    hits: u64,
    /// Plans made.
    misses: u64,
    /// Plans remembered now.
    size: usize,
    /// Bytes they take.
    bytes: usize,
    /// The most bytes they may take.
    capacity: usize,
}

#[pymethods]
impl PyPlanCache {
    fn __repr__(&self) -> String {
        let PyPlanCache { hits, misses, size, bytes, capacity } = self;
        format!("PlanCache(hits={hits}, misses={misses}, size={size}, bytes={bytes}, capacity={capacity})")
    }
}

/// What the plan cache did so far.
#[pyfunction]
pub fn plan_cache() -> PyPlanCache {
    let crate::plan::Statistics { hits, misses, size, bytes, capacity } = crate::plan::statistics();
    PyPlanCache { hits, misses, size, bytes, capacity }
}

/// Forgets all plans and counts.
#[pyfunction]
pub fn plan_cache_clear() {
    crate::plan::clear_cache();
}
