//! Operations that put elements elsewhere, as methods of `Tensor` and as functions.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::convert::{ArrayLike, Axes, DTypeArg, TensorArg, axes};
use super::errors::to_py;
use super::functions::{expressions, listed};
use super::index::Picks;
use super::operations::{one, operations, several};
use super::scalars::{Int, Text, count, int, integer};
use super::tensor::PyTensor;
use crate::dtype::DType;
use crate::error::Error;

operations! {
    /// The upper triangle of the last two axes, from the `k`-th diagonal on; zero elsewhere. Gradient: `g` in the triangle.
    triu[k: "int" = 0](#[int] k: i64) |x, py| x.map(py, |x| x.triu(k));
    /// The lower triangle of the last two axes, up to the `k`-th diagonal; zero elsewhere. Gradient: `g` in the triangle.
    ///
    /// Example:
    ///     >>> pg.Record().ones((3, 3)).tril().tolist()
    ///     [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
    tril[k: "int" = 0](#[int] k: i64) |x, py| x.map(py, |x| x.tril(k));
    /// The `offset`-th diagonal over two axes, as the last axis of the result. Gradient: `g` on the diagonal.
    diagonal[offset: "int" = 0, axis1: "int" = 0, axis2: "int" = 1](#[int] offset: i64, #[int] axis1: i64, #[int] axis2: i64)
        |x, py| x.map(py, |x| x.diagonal(offset, axis1, axis2));
    /// The `k`-th diagonal of a matrix, or a matrix with a vector on it. Gradient: `g` on the same diagonal, or the
    /// diagonal of `g`.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1.0, 2.0]).diag().tolist()
    ///     [[1.0, 0.0], [0.0, 2.0]]
    diag[k: "int" = 0](#[int] k: i64) |x, py| x.map(py, |x| x.diag(k));
    /// The sum of the `offset`-th diagonal over two axes. Gradient: `g` on the diagonal.
    trace[offset: "int" = 0, axis1: "int" = 0, axis2: "int" = 1](#[int] offset: i64, #[int] axis1: i64, #[int] axis2: i64)
        |x, py| x.map(py, |x| x.trace(offset, axis1, axis2));
    /// Elements moved along axes, those past the end to the start; of the flattened array without axes. Gradient: `g`
    /// rolled back.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1, 2, 3, 4]).roll(1).tolist()
    ///     [4, 1, 2, 3]
    roll[shift, axis=None](shift: Axes, axis: Option<Axes>) |x, py| x.map(py, |x| x.roll(&shift.0, axes(&axis)));
    /// The array so many times beside itself along each axis. Gradient: the sum of `g` over the copies.
    tile[reps](reps: Axes) |x, py| {
        let counts = reps.0.iter().map(|&reps| count(py, "tile", "reps", reps)).collect::<PyResult<Vec<_>>>()?;
        x.map(py, |x| x.tile(&counts))
    };
    /// Each element, or slice along an axis, so many times; one number for all, or one for each. Gradient: the sum of `g`
    /// over the copies.
    ///
    /// Example:
    ///     >>> x = pg.Record().tensor([1, 2])
    ///     >>> x.repeat(2).tolist(), x.repeat([3, 1]).tolist()
    ///     ([1, 1, 2, 2], [1, 1, 1, 2])
    repeat[repeats: "int | Tensor | _ArrayLike", axis=None](repeats: Bound<'_, PyAny>, axis: Option<Int>) |x, py| {
        if let Some(counts) = counts(x, &repeats)? {
            return x.map(py, |x| x.repeat_each(&counts, one(&axis)));
        }
        let times = count(py, "repeat", "repeats", integer("repeats", &repeats)?)?;
        x.map(py, |x| x.repeat(times, one(&axis)))
    };
    /// Turned by quarters in the plane of two axes, from the first, by default axis 0, towards the second, by default
    /// axis 1. Gradient: `g` turned back.
    rot90[k: "int" = 1, axes=None](#[int] k: i64, axes: Option<Axes>)
        |x, py| x.map(py, |x| x.rot90(k, axes.as_ref().map_or(&[0, 1], |axes| &axes.0[..])));
    /// The order of columns reversed: of the second axis. Gradient: `g` reversed likewise.
    fliplr[]() |x, py| x.map(py, |x| x.flip(Some(&[1])));
    /// The order of rows reversed: of the first axis. Gradient: `g` reversed likewise.
    flipud[]() |x, py| x.map(py, |x| x.flip(Some(&[0])));
    /// The same as `flatten`. Gradient: `g` in the input's shape.
    ravel[]() |x, py| x.map(py, |x| x.reshape(&[x.shape().len()]));
    /// The same as `expand_dims`. Gradient: `g` in the input's shape.
    unsqueeze[axis](axis: Axes) |x, py| x.map(py, |x| x.expand_dims(&axis.0));
    /// With an axis, if there is none. Gradient: `g` in the input's shape.
    atleast_1d[]() |x, py| x.map(py, |x| x.with_axes(1));
    /// With two axes, if there are fewer; a vector is a row. Gradient: `g` in the input's shape.
    atleast_2d[]() |x, py| x.map(py, |x| x.with_axes(2));
    /// With three axes, if there are fewer; a vector is in the middle, a matrix comes first. Gradient: `g` in the
    /// input's shape.
    atleast_3d[]() |x, py| x.map(py, |x| x.with_axes(3));
    /// One where the position along a new last axis is the label, zero elsewhere; zeros for a label that is no class.
    /// Gradient: none, labels are integers.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([2, 0]).one_hot(3).tolist()
    ///     [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    one_hot[num_classes, dtype=None](num_classes: Int, dtype: Option<DTypeArg>) |x, py| {
        let classes = count(py, "one_hot", "num_classes", num_classes.0)?;
        x.map(py, |x| x.one_hot(classes, dtype.map_or(DType::F32, |dtype| dtype.0)))
    };
    /// Differences of neighbours along an axis, `n` times. Gradient: the negative differences of `g`, with zeros around
    /// it, `n` times.
    diff[n: "int" = 1, axis=Int(-1)]{"($self, n=1, axis=-1)", "(x, n=1, axis=-1)"}(#[int] n: i64, axis: Int) |x, py| {
        let n = count(py, "diff", "n", n)?;
        x.map(py, |x| x.diff(n, axis.0))
    };
}

several! {
    /// Parts along an axis as even as can be, the larger ones first; or cut at positions. Gradient: the `g` of the
    /// parts, one behind the other.
    array_split[indices_or_sections: "int | typing.Sequence[int]", axis: "int" = 0] -> "tuple[Tensor, ...]"
        (indices_or_sections: &Bound<'py, PyAny>, #[int] axis: i64) |x, py| {
            let id = x.tensor.id();
            if indices_or_sections.hasattr("__index__")? {
                let given = integer("indices_or_sections", indices_or_sections)?;
                let sections = count(py, "array_split", "indices_or_sections", given)?;
                return x.many(py, |r| r.at(id).array_split(sections, axis));
            }
            let cuts = indices_or_sections.extract::<Axes>()?.0;
            x.many(py, |r| r.at(id).split_at(&cuts, axis))
        };
    /// Parts along an axis of one size, the last one smaller if need be; at most so many. Gradient: the `g` of the
    /// parts, one behind the other.
    chunk[chunks, axis: "int" = 0] -> "tuple[Tensor, ...]" (chunks: Int, #[int] axis: i64) |x, py| {
        let (id, chunks) = (x.tensor.id(), count(py, "chunk", "chunks", chunks.0)?);
        x.many(py, |r| r.at(id).chunk(chunks, axis))
    };
    /// Slices along an axis, which they do not have any more. Gradient: the `g` of the slices, along the axis.
    unstack[axis: "int" = 0] -> "tuple[Tensor, ...]" (#[int] axis: i64) |x, py| {
        let id = x.tensor.id();
        x.many(py, |r| r.at(id).unstack(axis))
    };
}

/// A number for each place, if there is a list of them.
fn counts(x: &PyTensor, repeats: &Bound<'_, PyAny>) -> PyResult<Option<Vec<i64>>> {
    let py = repeats.py();
    let several = match repeats.cast::<PyTensor>() {
        Ok(tensor) => tensor.get().tensor.shape().ndim() > 0,
        Err(_) => !repeats.hasattr("__index__")?,
    };
    if !several {
        return Ok(None);
    }
    let array = match x.picks(py, "repeat", &ArrayLike(repeats.clone()))? {
        Picks::Tensor(tensor) => tensor.get().elements(py)?,
        Picks::Array(array) => array,
    };
    let got = array.dtype();
    if !got.is_integer() {
        return Err(to_py(py, &Error::DType { op: "repeat", got, expected: "integer counts" }));
    }
    let wide = super::array::cast(py, array, Some(DType::I64))?;
    Ok(Some(wide.as_slice::<i64>().unwrap_or(&[]).to_vec()))
}

/// Tensors beside each other along the second axis; vectors along their only one. Gradient: to each, its part of `g`.
#[pyfunction]
#[pyo3(signature = (tensors: "typing.Sequence[Tensor]"))]
pub fn hstack(py: Python<'_>, tensors: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
    let parts = listed("hstack", tensors)?;
    parts[0].get().recorded(py, |r| r.hstack(&expressions(r, &parts)))
}

/// Tensors below each other; vectors are rows. Gradient: to each, its part of `g`.
#[pyfunction]
#[pyo3(signature = (tensors: "typing.Sequence[Tensor]"))]
pub fn vstack(py: Python<'_>, tensors: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
    let parts = listed("vstack", tensors)?;
    parts[0].get().recorded(py, |r| r.vstack(&expressions(r, &parts)))
}

/// Tensors behind each other along the third axis. Gradient: to each, its part of `g`.
#[pyfunction]
#[pyo3(signature = (tensors: "typing.Sequence[Tensor]"))]
pub fn dstack(py: Python<'_>, tensors: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
    let parts = listed("dstack", tensors)?;
    parts[0].get().recorded(py, |r| r.dstack(&expressions(r, &parts)))
}

/// Tensors as the columns of a matrix; matrices keep their own. Gradient: to each, its part of `g`.
#[pyfunction]
#[pyo3(signature = (tensors: "typing.Sequence[Tensor]"))]
pub fn column_stack(py: Python<'_>, tensors: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
    let parts = listed("column_stack", tensors)?;
    parts[0].get().recorded(py, |r| r.column_stack(&expressions(r, &parts)))
}

/// Tensors expanded to one common shape. Gradient: to each, `g` summed over the axes that it was expanded along.
#[pyfunction]
#[pyo3(signature = (*tensors: "Tensor") -> "tuple[Tensor, ...]")]
pub fn broadcast_arrays<'py>(py: Python<'py>, tensors: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
    let parts = listed("broadcast_arrays", tensors)?;
    parts[0].get().many(py, |r| r.broadcast_arrays(&expressions(r, &parts)))
}

/// Grids of coordinates from vectors: with `indexing="ij"` the first varies along axis 0, with "xy" along axis 1.
/// Gradient: `g` summed over the other axes.
///
/// Example:
///     >>> rec = pg.Record()
///     >>> x, y = pg.meshgrid(rec.tensor([1, 2, 3]), rec.tensor([4, 5]))
///     >>> x.tolist(), y.tolist()
///     ([[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]])
#[pyfunction]
#[pyo3(signature = (*tensors: "Tensor", indexing: "typing.Literal['xy', 'ij']" = Text("xy")) -> "tuple[Tensor, ...]")]
#[pyo3(text_signature = "(*tensors, indexing='xy')")]
pub fn meshgrid<'py>(
    py: Python<'py>,
    tensors: &Bound<'py, PyTuple>,
    indexing: Text<'_>,
) -> PyResult<Bound<'py, PyTuple>> {
    let cartesian = match indexing.0 {
        "xy" => true,
        "ij" => false,
        other => {
            let (got, expected) = (format!("{other:?}"), "\"xy\" or \"ij\"");
            return Err(to_py(py, &Error::Argument { op: "meshgrid", argument: "indexing", got, expected }));
        }
    };
    let parts = listed("meshgrid", tensors)?;
    parts[0].get().many(py, |r| r.meshgrid(&expressions(r, &parts), cartesian))
}
