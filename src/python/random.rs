//! Random tensors of many distributions, as methods of `Record`; each draws from its key alone.

use pyo3::prelude::*;

use super::convert::{ArrayLike, DTypeArg, Instance, Operand, ShapeArg, array};
use super::errors::guard;
use super::key::PyKey;
use super::record::{PyRecord, dims};
use super::scalars::{Int, flag, float};
use super::tensor::PyTensor;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::random::Standard;
use crate::ops::{BinaryOp, Leaf};
use crate::record::{Expr, Recorder};
use crate::shape::{Dims, Shape};

type KeyArg<'a, 'py> = Instance<'a, 'py, PyKey>;

/// Numbers of a standard distribution, scaled and moved; as they are, if there is nothing to do.
fn moved(x: Expr<'_>, loc: f64, scale: f64) -> Expr<'_> {
    if (loc, scale) == (0.0, 1.0) { x } else { x * scale + loc }
}

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
                    Ok(moved(x, loc, scale))
                })
            }
        )*}
    };
}

standards! {
    /// Random floats with density `exp(-(x - loc) / scale) / scale` from `loc` on. Gradient: none, a draw is a leaf.
    exponential Exponential;
    /// Random floats with density `exp(-abs(x - loc) / scale) / (2 scale)`. Gradient: none, a draw is a leaf.
    laplace Laplace;
    /// Random floats whose distribution function is `sigmoid((x - loc) / scale)`. Gradient: none, a draw is a leaf.
    logistic Logistic;
    /// Random floats with density `1 / (pi scale (1 + ((x - loc) / scale)**2))`. Gradient: none, a draw is a leaf.
    cauchy Cauchy;
    /// Random floats whose distribution function is `exp(-exp(-(x - loc) / scale))`: largest of many. Gradient: none, a draw is a leaf.
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
        let made = parameters.map(|parameter| parameter.expression(r, DType::F32));
        let shape = match shape {
            Some(shape) => shape.checked(op)?,
            None => made.iter().try_fold(Shape::scalar(), |shape, x| shape.broadcast(&x.shape(), op))?,
        };
        make(r, made, shape)
    })
}

/// The integers up to a number, or without one what there is.
fn up_to<'r>(r: &'r Recorder, count: Option<Scalar>, x: Expr<'r>) -> Result<Expr<'r>> {
    count.map_or(Ok(x), |count| r.arange(Scalar::Int(0), count, Scalar::Int(1), DType::I64))
}

#[pymethods]
impl PyRecord {
    /// Uniform random floats in [low, high). Gradient: none, a draw is a leaf.
    ///
    /// Raises:
    ///     KeyReuseError: the key was drawn from before in this record.
    ///
    /// Example:
    ///     >>> pg.Record().uniform(pg.Key(0), (2, 3)).shape
    ///     (2, 3)
    #[pyo3(signature = (key, shape=None, low: "float" = 0.0, high: "float" = 1.0, dtype=None))]
    #[pyo3(text_signature = "($self, key, shape=(), low=0.0, high=1.0, dtype=None)")]
    fn uniform(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        shape: Option<ShapeArg>,
        #[pyo3(from_py_with = float)] low: f64,
        #[pyo3(from_py_with = float)] high: f64,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let dtype = dtype.map_or(DType::F32, |d| d.0);
        PyRecord::attempted(slf, |r| {
            Ok(moved(r.draw(Leaf::Uniform, key.get().0, dims("uniform", &shape)?, dtype)?, low, high - low))
        })
    }

    /// Normal random floats. Gradient: none, a draw is a leaf.
    ///
    /// Raises:
    ///     KeyReuseError: the key was drawn from before in this record.
    ///
    /// Example:
    ///     >>> pg.Record().normal(pg.Key(0), (4,), std=0.1).shape
    ///     (4,)
    #[pyo3(signature = (key, shape=None, mean: "float" = 0.0, std: "float" = 1.0, dtype=None))]
    #[pyo3(text_signature = "($self, key, shape=(), mean=0.0, std=1.0, dtype=None)")]
    fn normal(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        shape: Option<ShapeArg>,
        #[pyo3(from_py_with = float)] mean: f64,
        #[pyo3(from_py_with = float)] std: f64,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let dtype = dtype.map_or(DType::F32, |d| d.0);
        PyRecord::attempted(slf, |r| {
            Ok(moved(r.draw(Leaf::Normal, key.get().0, dims("normal", &shape)?, dtype)?, mean, std))
        })
    }

    /// Random truth values, true with probability `p`: one for all, or one for each, against which the shape is
    /// broadcast. Probabilities of a tensor are not checked; below 0 nothing is true, above 1 all. Gradient: none.
    ///
    /// Raises:
    ///     KeyReuseError: the key was drawn from before in this record.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> rec.bernoulli(pg.Key(0), 1.0, (2,)).tolist()
    ///     [True, True]
    ///     >>> rec.bernoulli(pg.Key(1), rec.tensor([0.0, 1.0])).tolist()
    ///     [False, True]
    #[pyo3(signature = (key, p=Operand::Scalar(Scalar::Float(0.5)), shape=None))]
    #[pyo3(text_signature = "($self, key, p=0.5, shape=None)")]
    fn bernoulli(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        p: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        let Operand::Scalar(p) = p else {
            let op = "bernoulli";
            return parametrised(slf, op, [p], &shape, |r, [p], shape| {
                if !p.shape().expands_to(&shape) {
                    return Err(Error::Expand { op, from: p.shape(), to: shape });
                }
                let u = r.draw(Leaf::Uniform, key.get().0, shape.clone(), DType::F32)?;
                Ok(u.less(p.cast(DType::F32).expand(&shape)))
            });
        };
        let p = p.as_f64();
        PyRecord::attempted(slf, |r| {
            if !(0.0..=1.0).contains(&p) {
                let got = format!("{p:?}");
                return Err(Error::Argument { op: "bernoulli", argument: "p", got, expected: "a probability" });
            }
            let u = r.draw(Leaf::Uniform, key.get().0, dims("bernoulli", &shape)?, DType::F32)?;
            Ok(u.binary_scalar(BinaryOp::Less, Scalar::Float(p), false))
        })
    }

    /// Random floats of a gamma distribution of shape `a` and scale 1. Gradient: to `a` that
    /// of the quantile, `-g * gammainc_da(a, y) / gammainc_dx(a, y)`.
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

    /// Random floats of a beta distribution. Gradient: to both parameters that of quantiles of two gamma
    /// distributions, of which the result is the first one's share.
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
    /// axes before it. Gradient: to `alpha` that of quantiles of gamma distributions, of which the result is the shares.
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

    /// Random floats of Student's t distribution with `df` degrees of freedom. Gradient: to `df` that of a
    /// normal draw over the root of a gamma distribution's quantile.
    #[pyo3(signature = (key, df, shape=None))]
    fn student_t(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        df: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        parametrised(slf, "student_t", [df], &shape, |r, [df], shape| r.student_t(key.get().0, df, &shape))
    }

    /// Random counts of Poisson's distribution, int64. Gradient: none, the result counts.
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
    /// axes. Gradient: none, the result is an index.
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
    /// Gradient: none, a draw is a leaf.
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
            Ok(moved(z, mean, std))
        })
    }

    /// Random integers from `low` up to, not including, `high`. Gradient: none.
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

    /// Random signs: -1 and 1, equally often. Gradient: none, a draw is a leaf.
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
    /// Gradient: none.
    ///
    /// Example:
    ///     >>> sorted(pg.Record().permutation(pg.Key(0), 4).tolist())
    ///     [0, 1, 2, 3]
    fn permutation(slf: &Bound<'_, Self>, key: KeyArg<'_, '_>, n: Int) -> PyResult<PyTensor> {
        let size = ShapeArg([n.0].into_iter().collect());
        PyRecord::attempted(slf, |r| r.permutation(key.get().0, size.checked("permutation")?.len()))
    }

    /// Random elements along the first axis of a tensor, or of the integers up to one: each time any of them, or without
    /// replacement all different. With `p`, an element is drawn as often as its weight says, of which only ratios count
    /// and none is negative. Gradient: `g` added up where elements were chosen, none to `p`.
    ///
    /// Raises:
    ///     ArgumentError: there are fewer elements than are asked for without replacement.
    ///     ShapeError: `p` is not one weight for each element.
    ///
    /// Example:
    ///     >>> pg.Record().choice(pg.Key(0), 3, (4,), p=[0.0, 1.0, 0.0]).tolist()
    ///     [1, 1, 1, 1]
    #[pyo3(signature = (key, x, shape=None, replace: "bool" = true, p: "_ArrayLike | None" = None))]
    #[pyo3(text_signature = "($self, key, x, shape=(), replace=True, p=None)")]
    fn choice(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        x: Operand<'_, '_>,
        shape: Option<ShapeArg>,
        #[pyo3(from_py_with = flag)] replace: bool,
        p: Option<ArrayLike<'_>>,
    ) -> PyResult<PyTensor> {
        let op = "choice";
        let count = match x {
            Operand::Scalar(count @ Scalar::Int(_)) => Some(count),
            _ => None,
        };
        let shape = guard(slf.py(), || dims(op, &shape))?;
        // What the elements are broadcast with: nothing.
        let own = Some(ShapeArg(Dims::new()));
        match &p {
            None => parametrised(slf, op, [x], &own, |r, [x], _| {
                r.choice(key.get().0, up_to(r, count, x)?, shape, replace, None)
            }),
            Some(p) => parametrised(slf, op, [x, array(op, p)?], &own, |r, [x, p], _| {
                r.choice(key.get().0, up_to(r, count, x)?, shape, replace, Some(p))
            }),
        }
    }
}
