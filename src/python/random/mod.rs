//! Random tensors of many distributions, as methods of `Record`; each draws from its key alone. Here are those with a
//! location and a scale, or bounds, and how parameters are read.

mod counts;
mod shaped;
mod vectors;

use std::cmp::Ordering;

use pyo3::prelude::*;

use crate::dtype::{DType, Scalar, show_float};
use crate::error::{Error, Result};
use crate::ops::Leaf;
use crate::ops::random::Standard;
use crate::ops::random::counts::{MOST_COUNTED, RATE};
use crate::python::convert::{DTypeArg, Instance, Operand, ShapeArg};
use crate::python::errors::guard;
use crate::python::key::PyKey;
use crate::python::record::{PyRecord, dims};
use crate::python::tensor::PyTensor;
use crate::record::{Expr, Recorder};
use crate::shape::Shape;

type KeyArg<'a, 'py> = Instance<'a, 'py, PyKey>;

const ZERO: Operand<'static, 'static> = Operand::Scalar(Scalar::Float(0.0));
const ONE: Operand<'static, 'static> = Operand::Scalar(Scalar::Float(1.0));

/// The numbers that a parameter may be.
struct Domain {
    has: fn(f64) -> bool,
    expected: &'static str,
}

const ANY: Domain = Domain { has: |_| true, expected: "" };
const FROM_ZERO: Domain = Domain { has: |x| x >= 0.0, expected: "a number from 0 up" };
const ABOVE_ZERO: Domain = Domain { has: |x| x > 0.0, expected: "a number above 0" };
const COUNTED: Domain = Domain { has: |x| (0.0..=MOST_COUNTED).contains(&x), expected: RATE };
const PROBABILITY: Domain = Domain { has: |x| (0.0..=1.0).contains(&x), expected: "a probability" };

impl Domain {
    /// Refuses a number outside; what tensors and arrays hold shows only when it is computed.
    fn check(&self, py: Python<'_>, op: &'static str, argument: &'static str, value: &Operand<'_, '_>) -> PyResult<()> {
        guard(py, || match value {
            Operand::Scalar(number) if !(self.has)(number.as_f64()) => {
                Err(Error::Argument { op, argument, got: show_float(number.as_f64()), expected: self.expected })
            }
            _ => Ok(()),
        })
    }
}

/// Records a draw with parameters, which are tensors of the record, arrays or numbers, and are broadcast to a shape. Its
/// dtype is the one asked for, or that of what has one among the parameters.
fn parametrised<const N: usize>(
    slf: &Bound<'_, PyRecord>,
    op: &'static str,
    parameters: [Operand<'_, '_>; N],
    shape: &Option<ShapeArg>,
    dtype: Option<DTypeArg>,
    make: impl for<'r> FnOnce(&'r Recorder, [Expr<'r>; N], Shape, DType) -> Result<Expr<'r>>,
) -> PyResult<PyTensor> {
    for parameter in &parameters {
        if let Operand::Tensor(tensor) = parameter {
            guard(slf.py(), || slf.get().rec.owns(op, &tensor.get().tensor))?;
        }
    }
    let own = parameters.iter().filter_map(Operand::dtype).map(DType::to_float).reduce(DType::float_with);
    let dtype = dtype.map_or(own.unwrap_or(DType::F32), |d| d.0);
    PyRecord::attempted(slf, |r| {
        let made = parameters.map(|parameter| parameter.expression(r, dtype.to_float()));
        let shape = match shape {
            Some(shape) => shape.checked(op)?,
            None => made.iter().try_fold(Shape::scalar(), |shape, x| shape.broadcast(&x.shape(), op))?,
        };
        make(r, made, shape, dtype)
    })
}

/// The same, with parameters for each element.
fn elementwise<const N: usize>(
    slf: &Bound<'_, PyRecord>,
    op: &'static str,
    parameters: [Operand<'_, '_>; N],
    shape: &Option<ShapeArg>,
    dtype: Option<DTypeArg>,
    make: impl for<'r> FnOnce(&'r Recorder, [Expr<'r>; N], &Shape, DType) -> Result<Expr<'r>>,
) -> PyResult<PyTensor> {
    parametrised(slf, op, parameters, shape, dtype, |r, made, shape, dtype| {
        if let Some(from) = made.iter().map(|x| x.shape()).find(|own| !own.expands_to(&shape)) {
            return Err(Error::Expand { op, from, to: shape });
        }
        make(r, made.map(|x| x.expand(&shape)), &shape, dtype)
    })
}

/// A draw of a standard form, which two parameters then move; as it is, if these are the numbers 0 and 1.
fn moved(
    slf: &Bound<'_, PyRecord>,
    op: &'static str,
    parameters: [Operand<'_, '_>; 2],
    shape: &Option<ShapeArg>,
    dtype: Option<DTypeArg>,
    draw: impl for<'r> FnOnce(&'r Recorder, Shape, DType) -> Result<Expr<'r>>,
    place: impl for<'r> FnOnce(Expr<'r>, Expr<'r>, Expr<'r>) -> Expr<'r>,
) -> PyResult<PyTensor> {
    if let [Operand::Scalar(first), Operand::Scalar(second)] = &parameters
        && (first.as_f64(), second.as_f64()) == (0.0, 1.0)
    {
        let dtype = dtype.map_or(DType::F32, |d| d.0);
        return PyRecord::attempted(slf, |r| draw(r, dims(op, shape)?, dtype));
    }
    elementwise(slf, op, parameters, shape, dtype, |r, [first, second], shape, dtype| {
        Ok(place(draw(r, shape.clone(), dtype)?, first.cast(dtype), second.cast(dtype)))
    })
}

/// Makes methods that draw a standard distribution and move it.
macro_rules! standards {
    ($($(#[doc = $doc:literal])* $name:ident $Kind:ident;)*) => {
        #[pymethods]
        impl PyRecord {$(
            $(#[doc = $doc])*
            #[doc = ""]
            #[doc = "`loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and"]
            #[doc = "`g * (y - loc) / scale` to `scale`."]
            #[pyo3(signature = (key, shape=None, loc=ZERO, scale=ONE, dtype=None))]
            #[pyo3(text_signature = "($self, key, shape=None, loc=0.0, scale=1.0, dtype=None)")]
            fn $name(
                slf: &Bound<'_, Self>,
                key: KeyArg<'_, '_>,
                shape: Option<ShapeArg>,
                loc: Operand<'_, '_>,
                scale: Operand<'_, '_>,
                dtype: Option<DTypeArg>,
            ) -> PyResult<PyTensor> {
                FROM_ZERO.check(slf.py(), stringify!($name), "scale", &scale)?;
                moved(slf, stringify!($name), [loc, scale], &shape, dtype, |r, shape, dtype| {
                    r.standard(Standard::$Kind, key.get().0, shape, dtype)
                }, |x, loc, scale| x * scale + loc)
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
    /// Random floats: lengths of vectors of two normal numbers, scaled and moved.
    rayleigh Rayleigh;
    /// Random floats: lengths of vectors of three normal numbers, scaled and moved.
    maxwell Maxwell;
    /// Random floats: lengths of vectors of three normal numbers with a sign, scaled and moved.
    double_sided_maxwell DoubleSidedMaxwell;
}

#[pymethods]
impl PyRecord {
    /// Uniform random floats in [low, high), which are numbers, or tensors with values for each element. Gradient: with u
    /// the place between them, from 0 to 1, `g * (1 - u)` to `low` and `g * u` to `high`.
    ///
    /// Raises:
    ///     ArgumentError: a bound that is a number is not finite, the lower one is not first, or their distance overflows.
    ///     KeyReuseError: the key was drawn from before in this record.
    ///     ShapeError: the parameters do not broadcast to the shape, by default that of the parameters.
    ///
    /// Example:
    ///     >>> pg.Record().uniform(pg.Key(0), (2, 3)).shape
    ///     (2, 3)
    #[pyo3(signature = (key, shape=None, low=ZERO, high=ONE, dtype=None))]
    #[pyo3(text_signature = "($self, key, shape=None, low=0.0, high=1.0, dtype=None)")]
    fn uniform(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        shape: Option<ShapeArg>,
        low: Operand<'_, '_>,
        high: Operand<'_, '_>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let op = "uniform";
        guard(slf.py(), || match (&low, &high) {
            (Operand::Scalar(from), Operand::Scalar(to)) => {
                let (from, to) = (from.as_f64(), to.as_f64());
                let own = dtype.as_ref().map_or(DType::F32, |d| d.0);
                let limit = if own.is_float() { own.precision().1 } else { f64::MAX };
                if from.abs() <= limit && to.abs() <= limit && (0.0..=limit).contains(&(to - from)) {
                    return Ok(());
                }
                let got = format!("{} and {}", show_float(from), show_float(to));
                let expected = "finite bounds, the lower one first, whose distance is a number of the dtype";
                Err(Error::Argument { op, argument: "low, high", got, expected })
            }
            _ => Ok(()),
        })?;
        moved(
            slf,
            op,
            [low, high],
            &shape,
            dtype,
            |r, shape, dtype| r.draw(Leaf::Uniform, key.get().0, shape, dtype),
            |u, low, high| u * (high - low) + low,
        )
    }

    /// Normal random floats, whose `mean` and `std` are numbers, or tensors with values for each element. Gradient: `g`
    /// to `mean` and `g * (y - mean) / std` to `std`.
    ///
    /// Raises:
    ///     ArgumentError: `std` is a number below 0, or nan.
    ///     KeyReuseError: the key was drawn from before in this record.
    ///     ShapeError: the parameters do not broadcast to the shape, by default that of the parameters.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> rec.normal(pg.Key(0), (4,), std=0.1).shape
    ///     (4,)
    ///     >>> mean = rec.tensor([1.0, 2.0])
    ///     >>> rec.normal(pg.Key(1), (3, 2), mean).sum().grad().wrt(mean).tolist()
    ///     [3.0, 3.0]
    #[pyo3(signature = (key, shape=None, mean=ZERO, std=ONE, dtype=None))]
    #[pyo3(text_signature = "($self, key, shape=None, mean=0.0, std=1.0, dtype=None)")]
    fn normal(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        shape: Option<ShapeArg>,
        mean: Operand<'_, '_>,
        std: Operand<'_, '_>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        FROM_ZERO.check(slf.py(), "normal", "std", &std)?;
        moved(
            slf,
            "normal",
            [mean, std],
            &shape,
            dtype,
            |r, shape, dtype| r.draw(Leaf::Normal, key.get().0, shape, dtype),
            |z, mean, std| z * std + mean,
        )
    }

    /// Random floats whose logarithms are normal, of a `mean` and a deviation `sigma`, which are numbers, or tensors with
    /// values for each element. Gradient: `g * y` to `mean` and `g * y (log(y) - mean) / sigma` to `sigma`.
    #[pyo3(signature = (key, shape=None, mean=ZERO, sigma=ONE, dtype=None))]
    #[pyo3(text_signature = "($self, key, shape=None, mean=0.0, sigma=1.0, dtype=None)")]
    fn lognormal(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        shape: Option<ShapeArg>,
        mean: Operand<'_, '_>,
        sigma: Operand<'_, '_>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        FROM_ZERO.check(slf.py(), "lognormal", "sigma", &sigma)?;
        elementwise(slf, "lognormal", [mean, sigma], &shape, dtype, |r, [mean, sigma], shape, dtype| {
            let z = r.draw(Leaf::Normal, key.get().0, shape.clone(), dtype)?;
            Ok((z * sigma.cast(dtype) + mean.cast(dtype)).exp())
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
        let op = "bernoulli";
        PROBABILITY.check(slf.py(), op, "p", &p)?;
        elementwise(slf, op, [p], &shape, None, |r, [p], shape, _| {
            Ok(r.draw(Leaf::Uniform, key.get().0, shape.clone(), DType::F32)?.less(p.cast(DType::F32)))
        })
    }

    /// Random floats of the standard normal distribution between `low` and `high`, times `std` plus `mean`; all of them
    /// are numbers, or tensors with values for each element. Gradient: `g` to `mean`, `g * z` to `std` and, with u the
    /// place between the bounds, from 0 to 1, and phi the normal density, `g * std (1 - u) phi(low) / phi(z)` to `low`
    /// and `g * std u phi(high) / phi(z)` to `high`, where z is `(y - mean) / std`.
    ///
    /// Raises:
    ///     ArgumentError: the bounds are numbers, and the lower one is not the lower.
    #[pyo3(signature = (key, shape=None, low=Operand::Scalar(Scalar::Float(-2.0)), high=Operand::Scalar(Scalar::Float(2.0)), mean=ZERO, std=ONE, dtype=None))]
    #[pyo3(text_signature = "($self, key, shape=None, low=-2.0, high=2.0, mean=0.0, std=1.0, dtype=None)")]
    #[allow(clippy::too_many_arguments, reason = "Python names them")]
    fn truncated_normal(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        shape: Option<ShapeArg>,
        low: Operand<'_, '_>,
        high: Operand<'_, '_>,
        mean: Operand<'_, '_>,
        std: Operand<'_, '_>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let op = "truncated_normal";
        guard(slf.py(), || match (&low, &high) {
            (Operand::Scalar(low), Operand::Scalar(high))
                if low.as_f64().partial_cmp(&high.as_f64()) != Some(Ordering::Less) =>
            {
                let got = format!("{} and {}", show_float(low.as_f64()), show_float(high.as_f64()));
                Err(Error::Argument { op, argument: "low, high", got, expected: "the lower bound first" })
            }
            _ => Ok(()),
        })?;
        FROM_ZERO.check(slf.py(), op, "std", &std)?;
        elementwise(slf, op, [low, high, mean, std], &shape, dtype, |r, [low, high, mean, std], _, dtype| {
            Ok(r.truncated_normal(key.get().0, [low, high], dtype)? * std.cast(dtype) + mean.cast(dtype))
        })
    }
}
