//! Random tensors of many distributions, as methods of `Record`; each draws from its key alone.

use pyo3::prelude::*;

use super::convert::{DTypeArg, Instance, Operand, ShapeArg};
use super::errors::guard;
use super::key::PyKey;
use super::record::{PyRecord, dims};
use super::scalars::{Int, flag, float};
use super::tensor::PyTensor;
use crate::dtype::{DType, Scalar};
use crate::error::Result;
use crate::ops::random::Standard;
use crate::record::{Expr, Recorder};
use crate::shape::Shape;

type KeyArg<'a, 'py> = Instance<'a, 'py, PyKey>;

/// Makes methods that draw a standard distribution and move it.
macro_rules! standards {
    ($($(#[doc = $doc:literal])* $name:ident $Kind:ident;)*) => {
        #[pymethods]
        impl PyRecord {$(
            $(#[doc = $doc])*
            #[pyo3(signature = (key, shape=None, loc: "float" = 0.0, scale: "float" = 1.0, dtype=None))]
            #[pyo3(text_signature = "($self, key, shape=(), loc=0.0, scale=1.0, dtype=None)")]
            fn $name(
                slf: &Bound<'_, Self>,
                key: KeyArg<'_, '_>,
                shape: Option<ShapeArg>,
                #[pyo3(from_py_with = float)] loc: f64,
                #[pyo3(from_py_with = float)] scale: f64,
                dtype: Option<DTypeArg>,
            ) -> PyResult<PyTensor> {
                let dtype = dtype.map_or(DType::F32, |d| d.0);
                PyRecord::attempted(slf, |r| {
                    let x = r.standard(Standard::$Kind, key.get().0, dims(stringify!($name), &shape)?, dtype)?;
                    Ok(if (loc, scale) == (0.0, 1.0) { x } else { x * scale + loc })
                })
            }
        )*}
    };
}

standards! {
    /// Random floats with density `exp(-(x - loc) / scale) / scale` from `loc` on.
    exponential Exponential;
    /// Random floats with density `exp(-abs(x - loc) / scale) / (2 scale)`.
    laplace Laplace;
    /// Random floats whose distribution function is `sigmoid((x - loc) / scale)`.
    logistic Logistic;
    /// Random floats with density `1 / (pi scale (1 + ((x - loc) / scale)**2))`.
    cauchy Cauchy;
    /// Random floats whose distribution function is `exp(-exp(-(x - loc) / scale))`: largest of many.
    gumbel Gumbel;
}

/// Records a draw with parameters, which are tensors of the record, arrays or numbers, and are broadcast to a shape.
fn parametrised<const N: usize>(
    slf: &Bound<'_, PyRecord>,
    op: &'static str,
    parameters: [Operand<'_, '_>; N],
    shape: &Option<ShapeArg>,
    make: impl for<'r> FnOnce(&'r Recorder, [Expr<'r>; N], Shape) -> Result<Expr<'r>>,
) -> PyResult<PyTensor> {
    for parameter in &parameters {
        if let Operand::Tensor(tensor) = parameter {
            guard(slf.py(), || slf.get().rec.owns(op, &tensor.get().tensor))?;
        }
    }
    PyRecord::attempted(slf, |r| {
        let made = parameters.map(|parameter| match parameter {
            Operand::Tensor(tensor) => r.at(tensor.get().tensor.id()),
            Operand::Scalar(s) => r.full(Shape::scalar(), DType::F32, Scalar::Float(s.as_f64())),
            Operand::Array(array) => r.data(array),
        });
        let shape = match shape {
            Some(shape) => shape.checked(op)?,
            None => made.iter().try_fold(Shape::scalar(), |shape, x| shape.broadcast(&x.shape(), op))?,
        };
        make(r, made, shape)
    })
}

#[pymethods]
impl PyRecord {
    /// Random floats of a gamma distribution of shape `a` and scale 1. Their gradient by `a` is that of the quantile.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> a = rec.tensor([0.5, 2.0])
    ///     >>> rec.gamma(pg.Key(0), a).sum().grad().wrt(a).shape
    ///     (2,)
    #[pyo3(signature = (key, a, shape=None))]
    fn gamma(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        a: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        parametrised(slf, "gamma", [a], &shape, |r, [a], shape| r.gamma(key.get().0, a, &shape))
    }

    /// Random floats of a beta distribution, with gradients by both parameters.
    #[pyo3(signature = (key, a, b, shape=None))]
    fn beta(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        a: Operand<'_, '_>,
        b: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        parametrised(slf, "beta", [a, b], &shape, |r, both, shape| r.beta(key.get().0, both, &shape))
    }

    /// Random points of the simplex, of sum 1 along the last axis, with Dirichlet's distribution; `shape` is that of the
    /// axes before it.
    #[pyo3(signature = (key, alpha, shape=None))]
    fn dirichlet(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        alpha: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        let given = shape.is_some();
        parametrised(slf, "dirichlet", [alpha], &shape, |r, [alpha], shape| {
            let points = alpha.shape().last().copied().filter(|_| given);
            let sizes: Vec<usize> = shape.iter().copied().chain(points).collect();
            r.dirichlet(key.get().0, alpha, &Shape::new("dirichlet", &sizes)?)
        })
    }

    /// Random floats of Student's t distribution with `df` degrees of freedom, and a gradient by them.
    #[pyo3(signature = (key, df, shape=None))]
    fn student_t(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        df: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        parametrised(slf, "student_t", [df], &shape, |r, [df], shape| r.student_t(key.get().0, df, &shape))
    }

    /// Random counts of Poisson's distribution, int64, without a gradient.
    #[pyo3(signature = (key, rate, shape=None))]
    fn poisson(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        rate: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        parametrised(slf, "poisson", [rate], &shape, |r, [rate], shape| r.poisson(key.get().0, rate, &shape))
    }

    /// Random indices along an axis, int64, with the probabilities `softmax(logits)`; `shape` ends in that of the other
    /// axes.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> rec.categorical(pg.Key(0), rec.tensor([0.0, 100.0]), shape=(3,)).tolist()
    ///     [1, 1, 1]
    #[pyo3(signature = (key, logits, axis=Int(-1), shape=None))]
    #[pyo3(text_signature = "($self, key, logits, axis=-1, shape=None)")]
    fn categorical(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        logits: Operand<'_, '_>,
        axis: Int,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        parametrised(slf, "categorical", [logits], &None, |r, [logits], _| {
            let shape = shape.map(|shape| shape.checked("categorical")).transpose()?;
            r.categorical(key.get().0, logits, axis.0, shape)
        })
    }

    /// Random floats of the standard normal distribution between `low` and `high`, times `std` plus `mean`.
    #[pyo3(signature = (key, shape=None, low: "float" = -2.0, high: "float" = 2.0, mean: "float" = 0.0, std: "float" = 1.0, dtype=None))]
    #[pyo3(text_signature = "($self, key, shape=(), low=-2.0, high=2.0, mean=0.0, std=1.0, dtype=None)")]
    #[allow(clippy::too_many_arguments, reason = "Python names them")]
    fn truncated_normal(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        shape: Option<ShapeArg>,
        #[pyo3(from_py_with = float)] low: f64,
        #[pyo3(from_py_with = float)] high: f64,
        #[pyo3(from_py_with = float)] mean: f64,
        #[pyo3(from_py_with = float)] std: f64,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let dtype = dtype.map_or(DType::F32, |d| d.0);
        PyRecord::attempted(slf, |r| {
            let z = r.truncated_normal(key.get().0, [low, high], dims("truncated_normal", &shape)?, dtype)?;
            Ok(if (mean, std) == (0.0, 1.0) { z } else { z * std + mean })
        })
    }

    /// Random integers from `low` up to, not including, `high`.
    ///
    /// Example:
    ///     >>> pg.Record().randint(pg.Key(0), 3, 4, (2,)).tolist()
    ///     [3, 3]
    #[pyo3(signature = (key, low, high, shape=None, dtype=None))]
    #[pyo3(text_signature = "($self, key, low, high, shape=(), dtype=None)")]
    fn randint(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        low: Int,
        high: Int,
        shape: Option<ShapeArg>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let dtype = dtype.map_or(DType::I64, |d| d.0);
        PyRecord::attempted(slf, |r| r.randint(key.get().0, low.0, high.0, dims("randint", &shape)?, dtype))
    }

    /// Random signs: -1 and 1, equally often.
    #[pyo3(signature = (key, shape=None, dtype=None))]
    #[pyo3(text_signature = "($self, key, shape=(), dtype=None)")]
    fn rademacher(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        shape: Option<ShapeArg>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let dtype = dtype.map_or(DType::F32, |d| d.0);
        PyRecord::attempted(slf, |r| r.rademacher(key.get().0, dims("rademacher", &shape)?, dtype))
    }

    /// The integers from 0 up to `n` in random order. To shuffle a tensor, `take` them along its axis.
    ///
    /// Example:
    ///     >>> sorted(pg.Record().permutation(pg.Key(0), 4).tolist())
    ///     [0, 1, 2, 3]
    fn permutation(slf: &Bound<'_, Self>, key: KeyArg<'_, '_>, n: Int) -> PyResult<PyTensor> {
        let size = ShapeArg([n.0].into_iter().collect());
        PyRecord::attempted(slf, |r| r.permutation(key.get().0, size.checked("permutation")?.len()))
    }

    /// Random elements along the first axis of a tensor: each time any of them, or without replacement all different.
    ///
    /// Raises:
    ///     ArgumentError: there are fewer elements than are asked for without replacement.
    #[pyo3(signature = (key, x, shape=None, replace: "bool" = true))]
    #[pyo3(text_signature = "($self, key, x, shape=(), replace=True)")]
    fn choice(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        x: Operand<'_, '_>,
        shape: Option<ShapeArg>,
        #[pyo3(from_py_with = flag)] replace: bool,
    ) -> PyResult<PyTensor> {
        parametrised(slf, "choice", [x], &None, |r, [x], _| r.choice(key.get().0, x, dims("choice", &shape)?, replace))
    }
}
