//! What stands between the brackets of `x[...]`, and integer arrays as arguments.

use pyo3::prelude::*;
use pyo3::types::{PyInt, PyTuple};

use super::array;
use super::convert::ArrayLike;
use super::errors::to_py;
use super::scalars::integer;
use super::tensor::PyTensor;
use crate::error::Error;
use crate::ops::indexing::Index;
use crate::record::{Expr, Recorder};

/// One entry of an index, read from Python.
pub(super) enum Entry<'py> {
    At(i64),
    Slice(Option<i64>, Option<i64>, Option<i64>),
    NewAxis,
    Ellipsis,
    Array(crate::buffer::NdArray),
    Tensor(Bound<'py, PyTensor>),
}

pub(super) fn entry<'py>(value: &Bound<'py, PyAny>) -> PyResult<Entry<'py>> {
    let py = value.py();
    // The usual entry, before any question that takes long to answer.
    if value.is_exact_instance_of::<PyInt>() {
        return integer("an index", value).map(Entry::At);
    }
    if value.is_none() {
        return Ok(Entry::NewAxis);
    }
    if value.is(py.Ellipsis().bind(py)) {
        return Ok(Entry::Ellipsis);
    }
    if let Ok(slice) = value.cast::<pyo3::types::PySlice>() {
        let end = |name: &str| -> PyResult<Option<i64>> {
            let end = slice.getattr(name)?;
            if end.is_none() { Ok(None) } else { integer("a slice end", &end).map(Some) }
        };
        return Ok(Entry::Slice(end("start")?, end("stop")?, end("step")?));
    }
    if let Ok(tensor) = value.cast::<PyTensor>() {
        return Ok(Entry::Tensor(tensor.clone()));
    }
    if value.is_instance_of::<pyo3::types::PyBool>() {
        let expected = "integers; choose by a condition with where";
        return Err(to_py(py, &Error::Input { op: "index", got: "bool".to_string(), expected }));
    }
    let list = value.is_instance_of::<pyo3::types::PyList>();
    if list || array::has_axes(value) {
        let empty = list && value.len()? == 0;
        let wanted = empty.then_some(crate::dtype::DType::I64);
        return Ok(Entry::Array(array::read("index", value, wanted, true)?));
    }
    if value.hasattr("__index__")? {
        return integer("an index", value).map(Entry::At);
    }
    let got = value.get_type().name()?.to_string();
    let expected = "integers, slices, None, an ellipsis or an integer array";
    Err(to_py(py, &Error::Input { op: "index", got, expected }))
}

impl PyTensor {
    /// Records `x[...]`.
    pub(super) fn index(&self, py: Python<'_>, index: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
        let entries = match index.cast::<PyTuple>() {
            Ok(tuple) => tuple.iter().map(|item| entry(&item)).collect::<PyResult<Vec<_>>>()?,
            Err(_) => vec![entry(index)?],
        };
        for entry in &entries {
            if let Entry::Tensor(t) = entry {
                self.owns(py, "index", t.get())?;
            }
        }
        self.map(py, |x| {
            let entries: Vec<Index<'_>> = entries
                .into_iter()
                .map(|entry| match entry {
                    Entry::At(i) => Index::At(i),
                    Entry::Slice(a, b, c) => Index::Slice(a, b, c),
                    Entry::NewAxis => Index::NewAxis,
                    Entry::Ellipsis => Index::Ellipsis,
                    Entry::Array(array) => Index::Array(x.recorder().data(array)),
                    Entry::Tensor(t) => Index::Array(x.recorder().at(t.get().tensor.id())),
                })
                .collect();
            x.index(&entries)
        })
    }
}

/// An array or a tensor of the same record as an index.
pub(super) enum Picks<'py> {
    Tensor(Bound<'py, PyTensor>),
    Array(crate::buffer::NdArray),
}

impl PyTensor {
    pub(super) fn picks<'py>(&self, py: Python<'py>, op: &'static str, value: &ArrayLike<'py>) -> PyResult<Picks<'py>> {
        if let Ok(tensor) = value.0.cast::<PyTensor>() {
            self.owns(py, op, tensor.get())?;
            return Ok(Picks::Tensor(tensor.clone()));
        }
        let wanted = value.0.len().is_ok_and(|n| n == 0).then_some(crate::dtype::DType::I64);
        Ok(Picks::Array(array::read(op, &value.0, wanted, true)?))
    }
}

impl Picks<'_> {
    pub(super) fn at<'r>(self, r: &'r Recorder) -> Expr<'r> {
        match self {
            Picks::Tensor(t) => r.at(t.get().tensor.id()),
            Picks::Array(array) => r.data(array),
        }
    }
}
