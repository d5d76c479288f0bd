//! Tensors with some elements changed: `x.at[index].set(values)`, and what puts elements at places by functions.

use pyo3::prelude::*;

use super::convert::{ArrayLike, IndexArg, Operand, TensorArg};
use super::errors::{guard, to_py};
use super::index::{Entries, Entry, at, entries};
use super::operations::operations;
use super::scalars::{Int, Text, flag};
use super::tensor::PyTensor;
use crate::dtype::DType;
use crate::error::Error;
use crate::ops::How;
use crate::ops::update::Update;
use crate::record::Expr;

/// What `x.at` is: `x.at[index]` selects elements as `x[index]` does, to be changed in a new tensor.
#[pyclass(name = "At", module = "phonograd", frozen)]
pub struct PyAt(Py<PyTensor>);

#[pymethods]
impl PyAt {
    fn __getitem__(&self, py: Python<'_>, index: IndexArg<'_>) -> PyResult<PySelection> {
        Ok(PySelection { tensor: self.0.clone_ref(py), entries: entries(&index.0)? })
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.0)
    }
}

/// Elements of a tensor that an index selects. Its methods give a new tensor in which these are changed; the tensor itself
/// stays as it is. Values are broadcast to what is selected, and take the tensor's dtype. Where an index names a place
/// several times, `set` leaves the last of its values there; all others combine all of them.
///
/// Example:
///     >>> x = pg.Record().tensor([1.0, 2.0, 3.0])
///     >>> x.at[1:].set(0.0).tolist(), x.at[[0, 0]].add([10.0, 20.0]).tolist(), x.tolist()
///     ([1.0, 0.0, 0.0], [31.0, 2.0, 3.0], [1.0, 2.0, 3.0])
#[pyclass(name = "Selection", module = "phonograd", frozen)]
pub struct PySelection {
    tensor: Py<PyTensor>,
    entries: Entries,
}

impl PySelection {
    fn update(&self, py: Python<'_>, update: Update, values: Operand<'_, '_>) -> PyResult<PyTensor> {
        let x = self.tensor.get();
        if let Operand::Tensor(values) = &values {
            x.owns(py, update.name(), values.get())?;
        }
        let axes = match &values {
            Operand::Scalar(_) => 0,
            Operand::Tensor(t) => t.get().tensor.shape().ndim(),
            Operand::Array(array) | Operand::List(array) => array.shape().ndim(),
        };
        // A mask alone need not be known if no value depends on how many elements it selects.
        if let [Entry::Tensor(mask)] = &self.entries[..] {
            let behind = x.tensor.shape().ndim().saturating_sub(mask.shape().ndim());
            if mask.dtype() == DType::Bool && mask.shape().ndim() > 0 && axes <= behind {
                guard(py, || x.tensor.record().owns(update.name(), mask))?;
                return x.map(py, |e| {
                    let values = x.expression(e.recorder(), values);
                    e.updated_where(e.recorder().at(mask.id()), update, values)
                });
            }
        }
        let (entries, dims) = x.settled(py, self.entries.clone())?;
        x.map(py, |e| {
            let values = x.expression(e.recorder(), values);
            e.reshape(&dims).updated(&at(&entries, e.recorder()), update, values).reshape(&e.shape())
        })
    }
}

macro_rules! updates {
    ($($(#[doc = $doc:literal])+ $name:ident $Update:ident;)*) => {
        #[pymethods]
        impl PySelection {$(
            $(#[doc = $doc])+
            fn $name(&self, py: Python<'_>, values: Operand<'_, '_>) -> PyResult<PyTensor> {
                self.update(py, Update::$Update, values)
            }
        )*}
    };
}

updates! {
    /// The values in place of the elements. Gradient: `g` of what is selected to the values, 0 to what they replace.
    set Set;
    /// The values added to the elements. Gradient: `g` to both.
    add Add;
    /// The elements times the values. Gradients need no division, so zeros do no harm.
    multiply Multiply;
    /// The same as `multiply`.
    mul Multiply;
    /// The elements divided by the values.
    divide Divide;
    /// The same as `divide`.
    div Divide;
    /// The elements to the power of the values.
    power Power;
    /// The same as `power`.
    pow Power;
    /// The larger of element and value. Gradient: shared between equals.
    max Max;
    /// The smaller of element and value. Gradient: shared between equals.
    min Min;
}

#[pymethods]
impl PySelection {
    /// What a function makes of the elements in their place: `x.at[index].apply(f)` is `x.at[index].set(f(x[index]))`.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1.0, 4.0, 9.0]).at[1:].apply(pg.sqrt).tolist()
    ///     [1.0, 2.0, 3.0]
    #[pyo3(signature = (function: "typing.Callable[[Tensor], Tensor | _ArrayLike]"))]
    fn apply(&self, py: Python<'_>, function: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
        let made = function.call1((self.get(py)?,))?;
        self.update(py, Update::Set, made.extract::<Operand<'_, '_>>()?)
    }

    /// The elements: the same as `x[index]`.
    fn get(&self, py: Python<'_>) -> PyResult<PyTensor> {
        let x = self.tensor.get();
        let (entries, dims) = x.settled(py, self.entries.clone())?;
        x.map(py, |x| x.reshape(&dims).index(&at(&entries, x.recorder())))
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.tensor)
    }
}

#[pymethods]
impl PyTensor {
    /// A tensor with some elements changed: `x.at[index].set(values)`, and `add`, `multiply`, `divide`, `power`, `min`,
    /// `max` in its place.
    #[getter]
    fn at(slf: &Bound<'_, Self>) -> PyAt {
        PyAt(slf.clone().unbind())
    }
}

operations! {
    /// This tensor with values put where `take_along_axis` would pick them; of several for one place, the last.
    /// Gradient: `g` where nothing was put; to values that of their places, if they stayed.
    put_along_axis[indices, values, axis](indices: ArrayLike<'_>, values: Operand<'_, '_>, axis: Int)
        |x, py| x.put_in(py, "put_along_axis", &indices, values, |x, index, values| x.put_along_axis(index, values, axis.0));
    /// This tensor with values put at places of the flattened tensor; of several for one place, the last. Values are
    /// repeated until there are enough. Gradient: `g` where nothing was put; to values that of their places, if they
    /// stayed.
    put[indices, values](indices: ArrayLike<'_>, values: Operand<'_, '_>)
        |x, py| x.put_in(py, "put", &indices, values, |x, index, values| x.put(index, values));
    /// This tensor with slices of `source` added along an axis, at places of a one-dimensional index; repeated places add
    /// up. Gradient: `g` to this, `g` at the places to `source`.
    ///
    /// Example:
    ///     >>> pg.Record().zeros(3).index_add(0, [2, 2], [1.0, 5.0]).tolist()
    ///     [0.0, 0.0, 6.0]
    index_add[axis, index, source](axis: Int, index: ArrayLike<'_>, source: Operand<'_, '_>)
        |x, py| x.put_in(py, "index_add", &index, source,
            |x, index, source| x.index_combine("index_add", How::Add, axis.0, index, source));
    /// This tensor with each element of `src` added at its own place, of which only the position along the axis is
    /// another. Gradient: `g`, and to `src` the `g` of its place.
    scatter_add[axis, index, src](axis: Int, index: ArrayLike<'_>, src: Operand<'_, '_>)
        |x, py| x.put_in(py, "scatter_add", &index, src,
            |x, index, src| x.scatter_along("scatter_add", How::Add, axis.0, index, src));
    /// This tensor with each element of `src` put at its own place, of which only the position along the axis is
    /// another; of several for one place, the last. With `reduce`, combined with what is there: "sum", "prod", "mean",
    /// "amax" or "amin", or "add" and "multiply"; without `include_self` only with each other. Gradient: to `src`, the `g` of its place, and to this tensor `g`
    /// where nothing was put; of a reduction as that of the reduction.
    ///
    /// Example:
    ///     >>> pg.Record().zeros(3).scatter(0, [0, 2, 2], [1.0, 2.0, 3.0]).tolist()
    ///     [1.0, 0.0, 3.0]
    ///     >>> pg.Record().ones(3).scatter(0, [0, 2, 2], [1.0, 2.0, 3.0], "sum", include_self=False).tolist()
    ///     [1.0, 1.0, 5.0]
    scatter[axis, index, src, reduce=None, *, include_self: "bool" = true](axis: Int, index: ArrayLike<'_>, src: Operand<'_, '_>, reduce: Option<Text<'_>>, #[flag] include_self: bool) |x, py| {
        let how = match reduce.as_deref() {
            None => How::Set,
            Some("sum" | "add" | "mean") => How::Add,
            Some("prod" | "multiply") => How::Mul,
            Some("amax" | "max") => How::Max,
            Some("amin" | "min") => How::Min,
            Some(other) => {
                let (got, expected) = (format!("{other:?}"), "None, \"sum\", \"prod\", \"mean\", \"amax\" or \"amin\"");
                return Err(to_py(py, &Error::Argument { op: "scatter", argument: "reduce", got, expected }));
            }
        };
        let mean = reduce.as_deref() == Some("mean");
        x.put_in(py, "scatter", &index, src, |x, index, src| {
            if mean {
                return x.scatter_mean(axis.0, index, src, include_self);
            }
            let start = if include_self || how == How::Set { x } else { x.vacated(how, axis.0, index, src) };
            start.scatter_along("scatter", how, axis.0, index, src)
        })
    };
}

impl PyTensor {
    /// Records a function of this tensor, places in it, and values.
    fn put_in(
        &self,
        py: Python<'_>,
        op: &'static str,
        index: &ArrayLike<'_>,
        values: Operand<'_, '_>,
        make: impl for<'r> FnOnce(Expr<'r>, Expr<'r>, Expr<'r>) -> Expr<'r>,
    ) -> PyResult<PyTensor> {
        if let Operand::Tensor(values) = &values {
            self.owns(py, op, values.get())?;
        }
        let picks = self.picks(py, op, index)?;
        self.map(py, |x| {
            let (index, values) = (picks.at(x.recorder()), self.expression(x.recorder(), values));
            make(x, index, values)
        })
    }
}
