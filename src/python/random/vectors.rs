//! Draws of vectors and matrices, as methods of `Record`.

use pyo3::prelude::*;

use super::{ABOVE_ZERO, KeyArg, parametrised};
use crate::dtype::DType;
use crate::python::convert::{DTypeArg, Operand, ShapeArg};
use crate::python::record::{PyRecord, dims};
use crate::python::scalars::{Int, float};
use crate::python::tensor::PyTensor;
use crate::shape::{Dims, Shape};

/// A number of axes' places.
fn count(op: &'static str, n: Int) -> crate::error::Result<usize> {
    ShapeArg([n.0].into_iter().collect()).checked(op).map(|shape| shape.len())
}

#[pymethods]
impl PyRecord {
    /// Random points of the simplex, of sum 1 along the last axis, with Dirichlet's distribution; `shape` is that of the
    /// axes before it. Gradient: to `alpha` that of quantiles of gamma distributions, of which the result is the shares.
    /// Negative parameters make nan.
    #[pyo3(signature = (key, alpha, shape=None))]
    fn dirichlet(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        alpha: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        let given = shape.is_some();
        ABOVE_ZERO.check(slf.py(), "dirichlet", "alpha", &alpha)?;
        parametrised(slf, "dirichlet", [alpha], &shape, None, |r, [alpha], shape, _| {
            let points = alpha.shape().last().copied().filter(|_| given);
            let sizes: Vec<usize> = shape.iter().copied().chain(points).collect();
            r.dirichlet(key.get().0, alpha, &Shape::new("dirichlet", &sizes)?)
        })
    }

    /// Random vectors of the normal distribution of a mean and a covariance, of which the lower triangle is read; `shape`
    /// is that of all vectors. Gradient: `g` to `mean`; to `cov` that of its Cholesky factor L, of which the result is
    /// `mean + L @ z`.
    ///
    /// Raises:
    ///     ShapeError: the covariance is no square matrix for each mean.
    ///     LinAlgError: it is not positive definite.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> mean, cov = rec.zeros(2), rec.tensor([[2.0, 0.3], [0.3, 0.5]])
    ///     >>> rec.multivariate_normal(pg.Key(0), mean, cov, (10,)).shape
    ///     (10, 2)
    #[pyo3(signature = (key, mean, cov, shape=None))]
    fn multivariate_normal(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        mean: Operand<'_, '_>,
        cov: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        let op = "multivariate_normal";
        // What the parameters are broadcast with: nothing.
        let own = Some(ShapeArg(Dims::new()));
        parametrised(slf, op, [mean, cov], &own, None, |r, both, _, _| {
            let shape = shape.map(|shape| shape.checked(op)).transpose()?;
            r.multivariate_normal(key.get().0, both, shape)
        })
    }

    /// Random orthogonal matrices, all equally likely, after axes of a shape. Gradient: none, a draw is a leaf.
    ///
    /// Example:
    ///     >>> q = pg.Record().orthogonal(pg.Key(0), 3, dtype="float64")
    ///     >>> bool(abs(q @ q.T - np.eye(3)).max() < 1e-12)
    ///     True
    #[pyo3(signature = (key, n, shape=None, dtype=None))]
    #[pyo3(text_signature = "($self, key, n, shape=(), dtype=None)")]
    fn orthogonal(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        n: Int,
        shape: Option<ShapeArg>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let (op, dtype) = ("orthogonal", dtype.map_or(DType::F32, |d| d.0));
        PyRecord::attempted(slf, |r| r.orthogonal(key.get().0, count(op, n)?, &dims(op, &shape)?, dtype))
    }

    /// Random points of the unit ball in `d` dimensions, of the norm of order `p`, all equally likely, along the last
    /// axis. Gradient: none, a draw is a leaf.
    ///
    /// Raises:
    ///     ArgumentError: the order is not positive.
    #[pyo3(signature = (key, d, p: "float" = 2.0, shape=None, dtype=None))]
    #[pyo3(text_signature = "($self, key, d, p=2.0, shape=(), dtype=None)")]
    fn ball(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        d: Int,
        #[pyo3(from_py_with = float)] p: f64,
        shape: Option<ShapeArg>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let (op, dtype) = ("ball", dtype.map_or(DType::F32, |d| d.0));
        PyRecord::attempted(slf, |r| r.ball(key.get().0, count(op, d)?, p, &dims(op, &shape)?, dtype))
    }
}
