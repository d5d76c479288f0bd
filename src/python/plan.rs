//! Plans to look at, and the cache of them.

use pyo3::prelude::*;

use crate::plan::Plan;

/// What a computation would do, step by step; `print` it.
#[pyclass(name = "Plan", module = "phonograd", frozen)]
pub struct PyPlan(pub(super) Plan);

#[pymethods]
impl PyPlan {
    /// Bytes held at once while it runs, besides what is bound.
    #[getter]
    fn peak_bytes(&self) -> usize {
        self.0.peak_bytes()
    }

    /// Estimated work in simple element operations.
    #[getter]
    fn work(&self) -> u64 {
        self.0.work
    }

    /// Operations on numbers: two for each term of a product, one for each elementwise operation and each element summed.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> rec.plan(rec.tensor([[1.0, 2.0]]) @ rec.tensor([[3.0], [4.0]])).flops
    ///     4
    #[getter]
    fn flops(&self) -> u64 {
        self.0.flops()
    }

    fn __len__(&self) -> usize {
        self.0.steps.len()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Plan of {} steps>", self.0.steps.len())
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
    /// Steps in them.
    steps: usize,
    /// The most steps remembered.
    capacity: usize,
}

#[pymethods]
impl PyPlanCache {
    fn __repr__(&self) -> String {
        let PyPlanCache { hits, misses, size, steps, capacity } = self;
        format!("PlanCache(hits={hits}, misses={misses}, size={size}, steps={steps}, capacity={capacity})")
    }
}

/// What the plan cache did so far.
#[pyfunction]
pub fn plan_cache() -> PyPlanCache {
    let crate::plan::Statistics { hits, misses, size, steps, capacity } = crate::plan::statistics();
    PyPlanCache { hits, misses, size, steps, capacity }
}

/// Forgets all plans and counts.
#[pyfunction]
pub fn plan_cache_clear() {
    crate::plan::clear_cache();
}
