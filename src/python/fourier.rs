//! Fourier transforms: what `phonograd/fft.py` calls. Names begin with an underscore, as that module is the public one.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::convert::{Axes, Operand, TensorArg, axes};
use super::errors::guard;
use super::scalars::{Flag, Text};
use super::tensor::PyTensor;
use crate::error::Error;
use crate::ops::fourier::axes::{Along, Norm};
use crate::record::{Expr, Recorder};

/// Everything that is called here, by its name in Python.
const NAMES: [&str; 14] = [
    "fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn",
    "irfftn",
];

/// The name and the norm of a call.
fn called(py: Python<'_>, name: &Text<'_>, norm: &Text<'_>) -> PyResult<(&'static str, Norm)> {
    guard(py, || {
        let known = NAMES.into_iter().find(|known| *known == &**name);
        let op = known.ok_or_else(|| Error::Internal { what: format!("no transform {:?}", &**name) })?;
        Ok((op, Norm::from_name(op, norm)?))
    })
}

/// Both parts of a spectrum as one tuple.
fn pair<'py>(
    py: Python<'py>,
    real: &PyTensor,
    make: impl for<'r> FnOnce(&'r Recorder) -> crate::error::Result<[Expr<'r>; 2]>,
) -> PyResult<Bound<'py, PyTuple>> {
    real.many(py, |r| make(r).map(|parts| parts.to_vec()))
}

/// The transform of real and imaginary parts, or of real ones alone.
#[allow(clippy::too_many_arguments, reason = "as many as there are")]
#[pyfunction]
#[pyo3(
    name = "_fft_whole",
    signature = (name, real, imag: "Tensor | _Array | float | None", inverse, s, axes_of, norm) -> "tuple[Tensor, ...]"
)]
pub fn whole<'py>(
    py: Python<'py>,
    name: Text<'_>,
    real: TensorArg<'_, 'py>,
    imag: Option<Operand<'_, 'py>>,
    inverse: Flag,
    s: Option<Axes>,
    axes_of: Option<Axes>,
    norm: Text<'_>,
) -> PyResult<Bound<'py, PyTuple>> {
    let (op, norm) = called(py, &name, &norm)?;
    let along = Along { op, sizes: axes(&s), axes: axes(&axes_of), norm };
    let own = real.get();
    owned(py, op, own, imag.as_ref())?;
    let id = own.tensor.id();
    pair(py, own, |r| r.at(id).fft(imag.map(|imag| own.expression(r, imag)), inverse.0, along))
}

/// The transform of real numbers.
#[pyfunction]
#[pyo3(name = "_fft_half", signature = (name, real, s, axes_of, norm) -> "tuple[Tensor, ...]")]
pub fn half<'py>(
    py: Python<'py>,
    name: Text<'_>,
    real: TensorArg<'_, 'py>,
    s: Option<Axes>,
    axes_of: Option<Axes>,
    norm: Text<'_>,
) -> PyResult<Bound<'py, PyTuple>> {
    let (op, norm) = called(py, &name, &norm)?;
    let along = Along { op, sizes: axes(&s), axes: axes(&axes_of), norm };
    let id = real.get().tensor.id();
    pair(py, real.get(), |r| r.at(id).rfft(along))
}

/// From half a spectrum to real numbers.
#[allow(clippy::too_many_arguments, reason = "as many as there are")]
#[pyfunction]
#[pyo3(name = "_fft_back", signature = (name, real, imag: "Tensor | _Array | float | None", s, axes_of, norm))]
pub fn back(
    py: Python<'_>,
    name: Text<'_>,
    real: TensorArg<'_, '_>,
    imag: Option<Operand<'_, '_>>,
    s: Option<Axes>,
    axes_of: Option<Axes>,
    norm: Text<'_>,
) -> PyResult<PyTensor> {
    let (op, norm) = called(py, &name, &norm)?;
    let along = Along { op, sizes: axes(&s), axes: axes(&axes_of), norm };
    let own = real.get();
    owned(py, op, own, imag.as_ref())?;
    let id = own.tensor.id();
    own.recorded(py, |r| {
        let x = r.at(id);
        match x.irfft(imag.map(|imag| own.expression(r, imag)), along) {
            Ok(made) => made,
            Err(error) => x.fail(error),
        }
    })
}

/// Refuses an imaginary part of another record.
fn owned(py: Python<'_>, op: &'static str, own: &PyTensor, imag: Option<&Operand<'_, '_>>) -> PyResult<()> {
    match imag {
        Some(Operand::Tensor(other)) => own.owns(py, op, other.get()),
        _ => Ok(()),
    }
}
