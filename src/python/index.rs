//! What stands between the brackets of `x[...]`, and integer arrays as arguments.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyTuple};
use smallvec::{SmallVec, smallvec};

use super::array;
use super::convert::ArrayLike;
use super::errors::{guard, to_py};
use super::scalars::integer;
use super::tensor::{PyTensor, elements};
use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar};
use crate::error::Error;
use crate::ops::indexing::Index;
use crate::ops::positions;
use crate::ops::update::mask_fits;
use crate::record::{Expr, Recorder, Tensor};
use crate::shape::{Dims, Shape};

/// One entry of an index, read from Python.
#[derive(Clone)]
pub(super) enum Entry {
    At(i64),
    Slice(Option<i64>, Option<i64>, Option<i64>),
    NewAxis,
    Ellipsis,
    Array(NdArray),
    Tensor(Tensor),
}

pub(super) type Entries = SmallVec<[Entry; 4]>;

/// A truth value of Python's or NumPy's, which is a mask without axes.
fn truth(value: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    if value.is_instance_of::<PyBool>() {
        return Ok(Some(Scalar::Bool(value.is_truthy()?)));
    }
    array::numpy_scalar(value)
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
        return Ok(Entry::Tensor(tensor.get().tensor.clone()));
    }
    if let Some(Scalar::Bool(flag)) = truth(value)? {
        return guard(py, || NdArray::from_slice(&[flag])?.reshape(&[])).map(Entry::Array);
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
pub(super) fn entries(index: &Bound<'_, PyAny>) -> PyResult<Entries> {
    match index.cast::<PyTuple>() {
        Ok(tuple) => tuple.iter().map(|item| entry(&item)).collect(),
        Err(_) => Ok(smallvec![entry(index)?]),
    }
}

impl Entry {
    /// The entry as the record's operations take it. Masks are no longer among them.
    fn at<'r>(&self, r: &'r Recorder) -> Index<'r> {
        match self {
            Entry::At(i) => Index::At(*i),
            Entry::Slice(a, b, c) => Index::Slice(*a, *b, *c),
            Entry::NewAxis => Index::NewAxis,
            Entry::Ellipsis => Index::Ellipsis,
            Entry::Array(array) => Index::Array(r.data(array.clone())),
            Entry::Tensor(t) => Index::Array(r.at(t.id())),
        }
    }

    /// The number of axes of a mask.
    fn mask(&self) -> Option<usize> {
        let (dtype, ndim) = match self {
            Entry::Array(array) => (array.dtype(), array.shape().ndim()),
            Entry::Tensor(t) => (t.dtype(), t.shape().ndim()),
            _ => return None,
        };
        (dtype == DType::Bool).then_some(ndim)
    }

    /// The value of a mask without axes.
    fn is_true(&self, py: Python<'_>) -> PyResult<bool> {
        let mask = match self {
            Entry::Tensor(t) => elements(py, t)?,
            Entry::Array(array) => array.clone(),
            _ => unreachable!("a mask is an array or a tensor"),
        };
        Ok(mask.to_f64() == [1.0])
    }

    /// How many axes of the indexed tensor the entry stands for; an ellipsis stands for what the others leave.
    fn axes(&self) -> usize {
        match self {
            Entry::NewAxis | Entry::Ellipsis => 0,
            _ => self.mask().unwrap_or(1),
        }
    }
}

/// All entries as the record's operations take them.
pub(super) fn at<'r>(entries: &[Entry], r: &'r Recorder) -> SmallVec<[Index<'r>; 4]> {
    entries.iter().map(|entry| entry.at(r)).collect()
}

impl PyTensor {
    /// Records `x[...]`.
    pub(super) fn index(&self, py: Python<'_>, index: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
        let (entries, dims) = self.settled(py, entries(index)?)?;
        self.map(py, |x| x.reshape(&dims).index(&at(&entries, x.recorder())))
    }

    /// The entries of an index of this tensor, once its tensors are found to be of the same record, with masks as the
    /// positions where they are true: as a shape depends on how many there are, a mask that is a tensor is computed now.
    /// A mask without axes is one over an axis of size 1 where it stands, which the tensor gets for it: beside the entries
    /// stands the shape with these axes.
    pub(super) fn settled(&self, py: Python<'_>, entries: Entries) -> PyResult<(Entries, Dims)> {
        for entry in &entries {
            if let Entry::Tensor(t) = entry {
                guard(py, || self.tensor.record().owns("index", t))?;
            }
        }
        let shape = self.tensor.shape();
        let mut dims: Dims = shape.iter().copied().collect();
        if entries.iter().all(|entry| entry.mask().is_none()) {
            return Ok((entries, dims));
        }
        let missing = shape.ndim().saturating_sub(entries.iter().map(Entry::axes).sum());
        let (mut settled, mut axis) = (Entries::new(), 0);
        for entry in entries {
            let after = axis + if matches!(entry, Entry::Ellipsis) { missing } else { entry.axes() };
            if entry.mask().is_none() {
                settled.push(entry);
            } else if entry.mask() == Some(0) {
                let more = dims.len() - shape.ndim();
                dims.insert((axis + more).min(dims.len()), 1);
                let places = if entry.is_true(py)? { &[0_i64][..] } else { &[] };
                settled.push(Entry::Array(guard(py, || NdArray::from_slice(places))?));
            } else {
                settled.extend(self.true_places(py, entry, &shape, axis)?.into_iter().map(Entry::Array));
            }
            axis = after;
        }
        Ok((settled, dims))
    }

    /// For each axis of a mask that begins at an axis of this tensor, where it is true.
    fn true_places(&self, py: Python<'_>, mask: Entry, shape: &Shape, axis: usize) -> PyResult<Vec<NdArray>> {
        let mask = match mask {
            Entry::Array(array) => array,
            Entry::Tensor(t) => {
                guard(py, || mask_fits(&t.shape(), shape, axis))?;
                elements(py, &t)?
            }
            _ => unreachable!("a mask is an array or a tensor"),
        };
        guard(py, || {
            mask_fits(mask.shape(), shape, axis)?;
            positions::along_axes("index", &mask)
        })
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
