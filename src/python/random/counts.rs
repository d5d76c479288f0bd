//! Draws of integers, signs, places and counts, as methods of `Record`.

use pyo3::prelude::*;

use super::{KeyArg, PROBABILITY, elementwise, parametrised};
use crate::dtype::{DType, Scalar};
use crate::error::Result;
use crate::python::convert::{ArrayLike, DTypeArg, Operand, ShapeArg, array};
use crate::python::errors::guard;
use crate::python::record::{PyRecord, dims};
use crate::python::scalars::{Int, flag};
use crate::python::tensor::PyTensor;
use crate::record::{Expr, Recorder};
use crate::shape::{Dims, normalize_axis};

/// The integers up to a number, or without one what there is.
fn up_to<'r>(r: &'r Recorder, count: Option<Scalar>, x: Expr<'r>) -> Result<Expr<'r>> {
    count.map_or(Ok(x), |count| r.arange(Scalar::Int(0), count, Scalar::Int(1), DType::I64))
}

/// The dtype that numbers are read as beside a count, which float32 need not have.
fn wide(n: &Operand<'_, '_>) -> Option<DTypeArg> {
    matches!(n, Operand::Scalar(_)).then_some(DTypeArg(DType::F64))
}

#[pymethods]
impl PyRecord {
    /// Random counts of successes among `n` tries, int64, each of which has the probability `p`. Gradient: none, the
    /// result counts.
    ///
    /// Example:
    ///     >>> pg.Record().binomial(pg.Key(0), 10, np.array([0.0, 1.0])).tolist()
    ///     [0, 10]
    #[pyo3(signature = (key, n, p, shape=None))]
    fn binomial(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        n: Operand<'_, '_>,
        p: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        let op = "binomial";
        PROBABILITY.check(slf.py(), op, "p", &p)?;
        let exact = wide(&n);
        elementwise(slf, op, [n, p], &shape, exact, |r, both, shape, _| r.binomial(key.get().0, both, shape))
    }

    /// Random counts of each of several outcomes among `n` tries, int64, along the last axis. `p` has the weights of the
    /// outcomes there, of which only ratios count; `shape` is that of all counts of one outcome. Gradient: none, the
    /// result counts.
    ///
    /// Example:
    ///     >>> pg.Record().multinomial(pg.Key(0), 10, np.array([0.2, 0.3, 0.5]), (4,)).sum(axis=1).tolist()
    ///     [10, 10, 10, 10]
    #[pyo3(signature = (key, n, p, shape=None))]
    fn multinomial(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        n: Operand<'_, '_>,
        p: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        let op = "multinomial";
        let exact = wide(&n);
        // What the parameters are broadcast with: nothing.
        let own = Some(ShapeArg(Dims::new()));
        parametrised(slf, op, [n, p], &own, exact, |r, both, _, _| {
            let shape = shape.map(|shape| shape.checked(op)).transpose()?;
            r.multinomial(key.get().0, both, shape)
        })
    }

    /// Random counts of tries up to the first success, int64, each of which has the probability `p`. Gradient: none, the
    /// result counts.
    #[pyo3(signature = (key, p, shape=None))]
    fn geometric(
        slf: &Bound<'_, Self>,
        key: KeyArg<'_, '_>,
        p: Operand<'_, '_>,
        shape: Option<ShapeArg>,
    ) -> PyResult<PyTensor> {
        let op = "geometric";
        PROBABILITY.check(slf.py(), op, "p", &p)?;
        elementwise(slf, op, [p], &shape, None, |r, [p], shape, _| r.geometric(key.get().0, p, shape))
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
        parametrised(slf, "categorical", [logits], &None, None, |r, [logits], _, _| {
            let shape = shape.map(|shape| shape.checked("categorical")).transpose()?;
            r.categorical(key.get().0, logits, axis.0, shape)
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

    /// The elements of a tensor in random order along an axis, or the integers from 0 up to a number. Gradient: `g` in the
    /// order of the input.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> sorted(rec.permutation(pg.Key(0), 4).tolist())
    ///     [0, 1, 2, 3]
    ///     >>> rec.permutation(pg.Key(1), rec.tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1).sum(axis=1).tolist()
    ///     [3.0, 7.0]
    #[pyo3(signature = (key, x, axis=Int(0)), text_signature = "($self, key, x, axis=0)")]
    fn permutation(slf: &Bound<'_, Self>, key: KeyArg<'_, '_>, x: Operand<'_, '_>, axis: Int) -> PyResult<PyTensor> {
        let op = "permutation";
        if let Operand::Scalar(Scalar::Int(n)) = x {
            let size = ShapeArg([i64::try_from(n).unwrap_or(i64::MAX)].into_iter().collect());
            return PyRecord::attempted(slf, |r| r.permutation(key.get().0, size.checked(op)?.len()));
        }
        parametrised(slf, op, [x], &None, None, |r, [x], _, _| {
            let along = normalize_axis(op, axis.0, x.shape().ndim())?;
            let places = r.permutation(key.get().0, x.shape()[along])?;
            Ok(x.take(places, Some(axis.0)))
        })
    }

    /// Random elements along the first axis of a tensor, or of the integers up to one: each time any of them, or without
    /// replacement all different. With `p`, an element is drawn as often as its weight says, of which only ratios count
    /// and none is negative. Gradient: `g` added up where elements were chosen, none to `p`.
    ///
    /// Raises:
    ///     ArgumentError: there are fewer elements than are asked for without replacement; when computed, a weight is
    ///         negative or not finite, or fewer are above 0 than are drawn.
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
            None => parametrised(slf, op, [x], &own, None, |r, [x], _, _| {
                r.choice(key.get().0, up_to(r, count, x)?, shape, replace, None)
            }),
            Some(p) => parametrised(slf, op, [x, array(op, p)?], &own, None, |r, [x, p], _, _| {
                r.choice(key.get().0, up_to(r, count, x)?, shape, replace, Some(p))
            }),
        }
    }
}
