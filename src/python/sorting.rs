//! Sorting, searching, and what is told apart by values, as methods of `Tensor` and as functions.
//!
//! How many different elements there are, and where they are not zero, depends on values: these are computed at once.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::convert::{Operand, TensorArg};
use super::errors::{guard, to_py};
use super::functions::together;
use super::operations::{one, operations, several};
use super::place;
use super::record::compute;
use super::scalars::{Int, Text, flag};
use super::tensor::PyTensor;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{ArgOp, positions};
use crate::plan::Options;
use crate::record::{Expr, Recorder, Tensor};
use crate::shape::Shape;

operations! {
    /// Elements in order along an axis, or of the flattened array. NaN counts as the largest; equal elements keep their
    /// order, whatever `stable` says. Gradient: `g` where each element came from.
    ///
    /// Example:
    ///     >>> x = pg.Record().tensor([2.0, 3.0, 1.0])
    ///     >>> x.sort().tolist(), x.sort(descending=True).tolist()
    ///     ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])
    sort[axis=Some(Int(-1)), descending: "bool" = false, stable: "bool" = true]
        {"($self, axis=-1, descending=False, stable=True)", "(x, axis=-1, descending=False, stable=True)"}
        (axis: Option<Int>, #[flag] descending: bool, #[flag] stable: bool)
        |x, py| {
            let _ = stable;
            x.map(py, |x| x.sort(one(&axis), descending))
        };
    /// Positions along an axis, or in the flattened array, in the order of the elements, as `sort` has it. Gradient:
    /// none; `sort` has one.
    argsort[axis=Some(Int(-1)), descending: "bool" = false, stable: "bool" = true]
        {"($self, axis=-1, descending=False, stable=True)", "(x, axis=-1, descending=False, stable=True)"}
        (axis: Option<Int>, #[flag] descending: bool, #[flag] stable: bool)
        |x, py| {
            let _ = stable;
            x.map(py, |x| x.argsort(one(&axis), descending))
        };
    /// The different elements in order, all NaNs as one; computed at once, as their number depends on values. Gradient:
    /// none.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([3, 1, 3]).unique().tolist()
    ///     [1, 3]
    unique[]() |x, py| x.different(py, "unique", true)?.values(x, py);
    /// The different elements in order, every NaN on its own; computed at once. Gradient: none.
    unique_values[]() |x, py| x.different(py, "unique_values", false)?.values(x, py);
    /// Positions of all elements that are not zero, a row for each; computed at once, as their number depends on
    /// values. Gradient: none.
    argwhere[]() |x, py| {
        let array = x.elements(py)?;
        let (found, count) = guard(py, || {
            Ok((positions::along_axes("argwhere", &array)?, positions::flat("argwhere", &array)?.len()))
        })?;
        x.recorded(py, |r| {
            let columns: Vec<Expr<'_>> = found.into_iter().map(|axis| r.data(axis)).collect();
            // A scalar has a row without positions, or none.
            let rows = || Ok(r.zeros(Shape::new("argwhere", &[count, 0])?, DType::I64));
            if columns.is_empty() { rows().unwrap_or_else(|error| r.fail(error)) } else { r.stack(&columns, 1) }
        })
    };
}

several! {
    /// The `k` largest or smallest elements along an axis, in order, and their positions. NaN counts as the largest.
    /// Gradient: `g` where each element came from.
    ///
    /// Example:
    ///     >>> values, indices = pg.Record().tensor([1.0, 3.0, 2.0]).topk(2)
    ///     >>> values.tolist(), indices.tolist()
    ///     ([3.0, 2.0], [1, 2])
    topk[k, axis=Int(-1), largest: "bool" = true] -> "phonograd._results.TopKResult"
        {"($self, k, axis=-1, largest=True)", "(x, k, axis=-1, largest=True)"}
        (k: Int, axis: Int, #[flag] largest: bool)
        |x, py| {
            let id = x.tensor.id();
            x.named(py, "TopKResult", |r| Ok(r.at(id).topk(k.0, axis.0, largest)?.into()))
        };
    /// The largest element up to each one along an axis, NaN once there is one, and its position: the first of equals.
    /// Gradient: `g` added up at these positions.
    cummax[axis] -> "phonograd._results.CummaxResult" (axis: Int) |x, py| {
        let id = x.tensor.id();
        x.named(py, "CummaxResult", |r| Ok(r.at(id).running(ArgOp::Max, axis.0)?.into()))
    };
    /// The smallest element up to each one along an axis, NaN once there is one, and its position: the first of equals.
    /// Gradient: `g` added up at these positions.
    cummin[axis] -> "phonograd._results.CumminResult" (axis: Int) |x, py| {
        let id = x.tensor.id();
        x.named(py, "CumminResult", |r| Ok(r.at(id).running(ArgOp::Min, axis.0)?.into()))
    };
    /// Positions along each axis of all elements that are not zero; computed at once, as their number depends on
    /// values. Gradient: none.
    ///
    /// Example:
    ///     >>> [axis.tolist() for axis in pg.Record().tensor([[0, 1], [2, 0]]).nonzero()]
    ///     [[0, 1], [1, 0]]
    nonzero[] -> "tuple[Tensor, ...]" () |x, py| {
        let array = x.elements(py)?;
        x.many(py, |r| Ok(positions::along_axes("nonzero", &array)?.into_iter().map(|axis| r.data(axis)).collect()))
    };
    /// The different elements in order, and how often each is there; computed at once. Gradient: none.
    unique_counts[] -> "phonograd._results.UniqueCountsResult" () |x, py| {
        let found = x.different(py, "unique_counts", false)?;
        x.named(py, "UniqueCountsResult", |r| Ok(vec![found.values_in(r)?, found.counts_in(r)?]))
    };
    /// The different elements in order, and for each element which of these it is; computed at once. Gradient: none.
    unique_inverse[] -> "phonograd._results.UniqueInverseResult" () |x, py| {
        let found = x.different(py, "unique_inverse", false)?;
        x.named(py, "UniqueInverseResult", |r| Ok(vec![found.values_in(r)?, found.inverse_in(r)]))
    };
    /// The different elements in order, where the first of each is in the flattened array, for each element which of
    /// these it is, and how often each is there; computed at once. Gradient: none.
    unique_all[] -> "phonograd._results.UniqueAllResult" () |x, py| {
        let found = x.different(py, "unique_all", false)?;
        x.named(py, "UniqueAllResult", |r| Ok(vec![found.values_in(r)?, found.first_in(r)?, found.inverse_in(r), found.counts_in(r)?]))
    };
}

/// What is known once unique elements are told apart.
struct Different {
    op: &'static str,
    shape: Shape,
    sorted: Tensor,
    order: Tensor,
    first: Tensor,
    /// Where each of them begins among all in order.
    starts: Vec<i64>,
}

impl Different {
    fn starts_in<'r>(&self, r: &'r Recorder) -> Result<Expr<'r>> {
        Ok(r.data(positions::list(self.op, self.starts.len(), self.starts.iter().copied())?))
    }

    fn values_in<'r>(&self, r: &'r Recorder) -> Result<Expr<'r>> {
        Ok(r.at(self.sorted.id()).take(self.starts_in(r)?, Some(0)))
    }

    fn values(&self, x: &PyTensor, py: Python<'_>) -> PyResult<PyTensor> {
        x.recorded(py, |r| self.values_in(r).unwrap_or_else(|error| r.fail(error)))
    }

    fn first_in<'r>(&self, r: &'r Recorder) -> Result<Expr<'r>> {
        Ok(r.at(self.order.id()).take(self.starts_in(r)?, Some(0)))
    }

    fn counts_in<'r>(&self, r: &'r Recorder) -> Result<Expr<'r>> {
        let ends = self.starts.iter().skip(1).copied().chain([self.shape.len() as i64]);
        let counts = ends.zip(&self.starts).map(|(end, start)| end - start);
        Ok(r.data(positions::list(self.op, self.starts.len(), counts)?))
    }

    fn inverse_in<'r>(&self, r: &'r Recorder) -> Expr<'r> {
        r.at(self.order.id()).ranks_by(r.at(self.first.id())).reshape(&self.shape)
    }
}

impl PyTensor {
    /// Tells elements apart, which has to be computed.
    fn different(&self, py: Python<'_>, op: &'static str, equal_nan: bool) -> PyResult<Different> {
        let (id, record, call) = (self.tensor.id(), self.tensor.record(), place::here(py));
        let made = guard(py, || {
            let parts = record.record_many(call.as_ref().map(|c| c as _), |r| r.at(id).told_apart(equal_nan))?;
            <[Tensor; 3]>::try_from(parts).map_err(|_| Error::Internal { what: "three parts".to_string() })
        })?;
        let [sorted, order, first] = made;
        compute(py, record, &[&sorted, &order, &first], Options::default())?;
        let starts = guard(py, || positions::flat(op, &first.data()?))?;
        Ok(Different { op, shape: self.tensor.shape(), sorted, order, first, starts })
    }
}

/// How many elements of a sorted row lie before each value: those that are smaller, and with `side="right"` those that
/// are equal. Rows of a sorted tensor with several axes are searched for the values of the same row. Gradient: none,
/// positions do not change smoothly.
///
/// Example:
///     >>> pg.searchsorted(pg.Record().tensor([1.0, 2.0, 4.0]), [2.0, 3.0]).tolist()
///     [1, 2]
#[pyfunction]
#[pyo3(signature = (sorted, values, side: "typing.Literal['left', 'right']" = Text("left")))]
#[pyo3(text_signature = "(sorted, values, side='left')")]
pub fn searchsorted(
    py: Python<'_>,
    sorted: Operand<'_, '_>,
    values: Operand<'_, '_>,
    side: Text<'_>,
) -> PyResult<PyTensor> {
    let right = match side.0 {
        "left" => false,
        "right" => true,
        other => {
            let (got, expected) = (format!("{other:?}"), "\"left\" or \"right\"");
            return Err(to_py(py, &Error::Argument { op: "searchsorted", argument: "side", got, expected }));
        }
    };
    together(py, "searchsorted", [sorted, values], |_, [sorted, values]| sorted.searchsorted(values, right))
}

/// Which elements are among others; NaN is among none. Gradient: none.
///
/// Example:
///     >>> pg.isin(pg.Record().tensor([0, 2, 5]), [2, 3]).tolist()
///     [False, True, False]
#[pyfunction]
#[pyo3(signature = (elements, test_elements, *, invert: "bool" = false))]
pub fn isin(
    py: Python<'_>,
    elements: Operand<'_, '_>,
    test_elements: Operand<'_, '_>,
    #[pyo3(from_py_with = flag)] invert: bool,
) -> PyResult<PyTensor> {
    together(py, "isin", [elements, test_elements], |_, [x, others]| {
        let found = x.isin(others);
        if invert { found.logical_not() } else { found }
    })
}
