//! What stands between the brackets of `x[...]`, and integer arrays as arguments.

use pyo3::prelude::*;
use pyo3::types::{PyInt, PyTuple};

use super::array;
use super::convert::ArrayLike;
use super::errors::{guard, to_py};
use super::scalars::integer;
use super::tensor::PyTensor;
use crate::buffer::NdArray;
use crate::dtype::DType;
use crate::error::Error;
use crate::ops::indexing::Index;
use crate::ops::positions;
use crate::ops::update::mask_fits;
use crate::record::{Expr, NodeId, Recorder};

/// One entry of an index, read from Python.
pub(super) enum Entry {
    At(i64),
    Slice(Option<i64>, Option<i64>, Option<i64>),
    NewAxis,
    Ellipsis,
    Array(NdArray),
    Tensor(Py<PyTensor>),
}

fn entry(value: &Bound<'_, PyAny>) -> PyResult<Entry> {
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
        return Ok(Entry::Tensor(tensor.clone().unbind()));
    }
    if value.is_instance_of::<pyo3::types::PyBool>() {
        let expected = "integers; choose by a condition with where";
        return Err(to_py(py, &Error::Input { op: "index", got: "bool".to_string(), expected }));
    }
    let list = value.is_instance_of::<pyo3::types::PyList>();
    if list || array::has_axes(value) {
        let empty = list && value.len()? == 0;
        let wanted = empty.then_some(DType::I64);
        return Ok(Entry::Array(array::read("index", value, wanted, true)?));
    }
    if value.hasattr("__index__")? {
        return integer("an index", value).map(Entry::At);
    }
    let got = value.get_type().name()?.to_string();
    let expected = "integers, slices, None, an ellipsis, integer arrays or masks";
    Err(to_py(py, &Error::Input { op: "index", got, expected }))
}

/// The entries between brackets.
pub(super) fn entries(index: &Bound<'_, PyAny>) -> PyResult<Vec<Entry>> {
    match index.cast::<PyTuple>() {
        Ok(tuple) => tuple.iter().map(|item| entry(&item)).collect(),
        Err(_) => Ok(vec![entry(index)?]),
    }
}

/// An entry that needs nothing more to be recorded.
pub(super) enum Known {
    At(i64),
    Slice(Option<i64>, Option<i64>, Option<i64>),
    NewAxis,
    Ellipsis,
    Array(NdArray),
    Tensor(NodeId),
}

impl Known {
    pub fn at<'r>(&self, r: &'r Recorder) -> Index<'r> {
        match self {
            Known::At(i) => Index::At(*i),
            Known::Slice(a, b, c) => Index::Slice(*a, *b, *c),
            Known::NewAxis => Index::NewAxis,
            Known::Ellipsis => Index::Ellipsis,
            Known::Array(array) => Index::Array(r.data(array.clone())),
            Known::Tensor(id) => Index::Array(r.at(*id)),
        }
    }
}

impl PyTensor {
    /// Records `x[...]`.
    pub(super) fn index(&self, py: Python<'_>, index: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
        let known = self.known(py, &entries(index)?)?;
        self.map(py, |x| x.index(&known.iter().map(|entry| entry.at(x.recorder())).collect::<Vec<_>>()))
    }

    /// The entries of an index of this tensor, masks as the positions where they are true: as a shape depends on how many
    /// there are, a mask that is a tensor is computed now.
    pub(super) fn known(&self, py: Python<'_>, entries: &[Entry]) -> PyResult<Vec<Known>> {
        let shape = self.tensor.shape();
        let taken = |entry: &Entry| match entry {
            Entry::NewAxis | Entry::Ellipsis => 0,
            Entry::At(_) | Entry::Slice(..) => 1,
            Entry::Array(array) if array.dtype() == DType::Bool => array.shape().ndim(),
            Entry::Tensor(t) if t.get().tensor.dtype() == DType::Bool => t.get().tensor.shape().ndim(),
            Entry::Array(_) | Entry::Tensor(_) => 1,
        };
        let missing = shape.ndim().saturating_sub(entries.iter().map(taken).sum());
        let (mut known, mut axis) = (Vec::new(), 0);
        for entry in entries {
            let width = taken(entry);
            let mask = match entry {
                Entry::Array(array) if array.dtype() == DType::Bool => Some(array.clone()),
                Entry::Tensor(t) if t.get().tensor.dtype() == DType::Bool => {
                    self.owns(py, "index", t.get())?;
                    guard(py, || mask_fits(&t.get().tensor.shape(), &shape, axis))?;
                    Some(t.get().elements(py)?)
                }
                _ => None,
            };
            if let Some(mask) = mask {
                let found = guard(py, || {
                    mask_fits(mask.shape(), &shape, axis)?;
                    positions::along_axes("index", &mask)
                })?;
                known.extend(found.into_iter().map(Known::Array));
                axis += width;
                continue;
            }
            axis += if matches!(entry, Entry::Ellipsis) { missing } else { width };
            known.push(match entry {
                Entry::At(i) => Known::At(*i),
                Entry::Slice(a, b, c) => Known::Slice(*a, *b, *c),
                Entry::NewAxis => Known::NewAxis,
                Entry::Ellipsis => Known::Ellipsis,
                Entry::Array(array) => Known::Array(array.clone()),
                Entry::Tensor(t) => {
                    self.owns(py, "index", t.get())?;
                    Known::Tensor(t.get().tensor.id())
                }
            });
        }
        Ok(known)
    }
}

/// An array or a tensor of the same record as an index.
pub(super) enum Picks<'py> {
    Tensor(Bound<'py, PyTensor>),
    Array(NdArray),
}

impl PyTensor {
    pub(super) fn picks<'py>(&self, py: Python<'py>, op: &'static str, value: &ArrayLike<'py>) -> PyResult<Picks<'py>> {
        if let Ok(tensor) = value.0.cast::<PyTensor>() {
            self.owns(py, op, tensor.get())?;
            return Ok(Picks::Tensor(tensor.clone()));
        }
        let wanted = value.0.len().is_ok_and(|n| n == 0).then_some(DType::I64);
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
