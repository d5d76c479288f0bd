//! Normalisation and attention.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::convert::{Axes, Instance, Operand, TensorArg};
use super::errors::to_py;
use super::functions::{anchor, several, together};
use super::key::PyKey;
use super::scalars::{Float, Int, flag, float};
use super::tensor::PyTensor;
use crate::error::Error;
use crate::ops::attention::Sight;
use crate::ops::normalise::Affine;

/// The axes that are given, or the last one.
fn last(axis: Option<Axes>) -> Vec<i64> {
    axis.map_or(vec![-1], |axes| axes.0.to_vec())
}

/// `(x - mean) / sqrt(variance + epsilon)` over axes, times `weight`, plus `bias`, which have the sizes of these axes.
/// Gradient: with z the normalised input and G = `g * weight`: `(G - mean(G) - z mean(G z)) / sqrt(variance +
/// epsilon)`; to weight and bias the sums of `g z` and `g`.
///
/// Example:
///     >>> pg.layer_norm(pg.Record().tensor([[1.0, 3.0]])).data().round(3)
///     array([[-1.,  1.]], dtype=float32)
#[pyfunction]
#[pyo3(signature = (x, weight=None, bias=None, *, axis=None, epsilon: "float" = 1e-5))]
#[pyo3(text_signature = "(x, weight=None, bias=None, *, axis=None, epsilon=1e-05)")]
pub fn layer_norm(
    py: Python<'_>,
    x: Operand<'_, '_>,
    weight: Option<Operand<'_, '_>>,
    bias: Option<Operand<'_, '_>>,
    axis: Option<Axes>,
    #[pyo3(from_py_with = float)] epsilon: f64,
) -> PyResult<PyTensor> {
    let axes = last(axis);
    several(py, "layer_norm", [x], [weight, bias], |[x], [weight, bias]| {
        x.layer_norm(&axes, Affine { weight, bias }, epsilon)
    })
}

/// `x / sqrt(mean(x * x) + epsilon)` over axes, times `weight`, which has the sizes of these axes. Gradient: with r the
/// root, z = `x / r` and G = `g * weight`: `(G - z mean(G z)) / r`; to the weight the sums of `g z`.
#[pyfunction]
#[pyo3(signature = (x, weight=None, *, axis=None, epsilon: "float" = 1e-5))]
#[pyo3(text_signature = "(x, weight=None, *, axis=None, epsilon=1e-05)")]
pub fn rms_norm(
    py: Python<'_>,
    x: Operand<'_, '_>,
    weight: Option<Operand<'_, '_>>,
    axis: Option<Axes>,
    #[pyo3(from_py_with = float)] epsilon: f64,
) -> PyResult<PyTensor> {
    let axes = last(axis);
    several(py, "rms_norm", [x], [weight], |[x], [weight]| x.rms_norm(&axes, weight, epsilon))
}

/// Each channel less its mean, over its deviation, times `weight`, plus `bias`. Gradient: in training, with z the
/// normalised input and G = `g * weight`: `(G - mean(G) - z mean(G z)) / deviation`, means over batch and space; with
/// given statistics `G / deviation`. To weight and bias the sums of `g z` and `g`.
///
/// Args:
///     x: channels on one of its axes.
///     weight: a factor for each channel.
///     bias: a term for each channel.
///     mean: the channels' means; by default they are taken from `x`, over all other axes.
///     var: the channels' variances; given with the means.
///     axis: the axis of the channels.
///     epsilon: keeps the division finite.
///
/// Returns:
///     The output, and the mean and the variance that were used. Nothing is kept: running statistics are the caller's.
///
/// Example:
///     >>> y, mean, var = pg.batch_norm(pg.Record().tensor([[0.0], [2.0]]))
///     >>> mean.tolist(), var.tolist()
///     ([1.0], [1.0])
#[pyfunction]
#[pyo3(signature = (x, weight=None, bias=None, *, mean=None, var=None, axis=Int(1), epsilon: "float" = 1e-5) -> "tuple[Tensor, Tensor, Tensor]")]
#[pyo3(text_signature = "(x, weight=None, bias=None, *, mean=None, var=None, axis=1, epsilon=1e-05)")]
#[allow(clippy::too_many_arguments, reason = "Python names them")]
pub fn batch_norm<'py>(
    py: Python<'py>,
    x: Operand<'_, 'py>,
    weight: Option<Operand<'_, 'py>>,
    bias: Option<Operand<'_, 'py>>,
    mean: Option<Operand<'_, 'py>>,
    var: Option<Operand<'_, 'py>>,
    axis: Int,
    #[pyo3(from_py_with = float)] epsilon: f64,
) -> PyResult<Bound<'py, PyTuple>> {
    if mean.is_some() != var.is_some() {
        let (got, expected) = ("one of both".to_string(), "both or none");
        return Err(to_py(py, &Error::Argument { op: "batch_norm", argument: "mean, var", got, expected }));
    }
    let optional = [weight, bias, mean, var];
    let (first, met) = anchor(py, "batch_norm", [&x].into_iter().chain(optional.iter().flatten()))?;
    let first = first.get();
    first.many(py, |r| {
        let x = x.expression(r, met);
        let [weight, bias, mean, var] = optional.map(|operand| operand.map(|operand| operand.expression(r, met)));
        x.batch_norm(axis.0, mean.zip(var).map(|(mean, var)| [mean, var]), Affine { weight, bias }, epsilon)
    })
}

/// Groups of channels, on axis 1, brought to mean 0 and variance 1 for each example by itself, times `weight`, plus
/// `bias`. Gradient: as that of `layer_norm`, over a group.
#[pyfunction]
#[pyo3(signature = (x, num_groups, weight=None, bias=None, *, epsilon: "float" = 1e-5))]
pub fn group_norm(
    py: Python<'_>,
    x: Operand<'_, '_>,
    num_groups: Int,
    weight: Option<Operand<'_, '_>>,
    bias: Option<Operand<'_, '_>>,
    #[pyo3(from_py_with = float)] epsilon: f64,
) -> PyResult<PyTensor> {
    several(py, "group_norm", [x], [weight, bias], |[x], [weight, bias]| {
        let groups = usize::try_from(num_groups.0).unwrap_or(0);
        x.group_norm("group_norm", Some(groups), Affine { weight, bias }, epsilon)
    })
}

/// Each channel, on axis 1, brought to mean 0 and variance 1 for each example by itself, times `weight`, plus `bias`.
/// Gradient: as that of `layer_norm`, over a channel.
#[pyfunction]
#[pyo3(signature = (x, weight=None, bias=None, *, epsilon: "float" = 1e-5))]
pub fn instance_norm(
    py: Python<'_>,
    x: Operand<'_, '_>,
    weight: Option<Operand<'_, '_>>,
    bias: Option<Operand<'_, '_>>,
    #[pyo3(from_py_with = float)] epsilon: f64,
) -> PyResult<PyTensor> {
    several(py, "instance_norm", [x], [weight, bias], |[x], [weight, bias]| {
        x.group_norm("instance_norm", None, Affine { weight, bias }, epsilon)
    })
}

/// Vectors along an axis over their length of order `p`, or over `epsilon` where that is larger. Gradient: with L the
/// length, of order 2 `(g - y sum(g y)) / L`; `g / epsilon` where that is larger.
///
/// Example:
///     >>> pg.normalize(pg.Record().tensor([3.0, 4.0])).data().round(3)
///     array([0.6, 0.8], dtype=float32)
#[pyfunction]
#[pyo3(signature = (x, p: "float" = 2.0, axis=Int(-1), epsilon: "float" = 1e-12))]
#[pyo3(text_signature = "(x, p=2.0, axis=-1, epsilon=1e-12)")]
pub fn normalize(
    py: Python<'_>,
    x: TensorArg<'_, '_>,
    #[pyo3(from_py_with = float)] p: f64,
    axis: Int,
    #[pyo3(from_py_with = float)] epsilon: f64,
) -> PyResult<PyTensor> {
    x.get().map(py, |x| x.normalize(p, axis.0, epsilon))
}

/// The cosine of the angle between vectors along an axis, each length at least `epsilon`. Gradient: to x1 `g * (x2 /
/// |x2| - y x1 / |x1|) / |x1|`, to x2 the same with both swapped.
#[pyfunction]
#[pyo3(signature = (x1, x2, axis=Int(-1), epsilon: "float" = 1e-8))]
#[pyo3(text_signature = "(x1, x2, axis=-1, epsilon=1e-08)")]
pub fn cosine_similarity(
    py: Python<'_>,
    x1: Operand<'_, '_>,
    x2: Operand<'_, '_>,
    axis: Int,
    #[pyo3(from_py_with = float)] epsilon: f64,
) -> PyResult<PyTensor> {
    together(py, "cosine_similarity", [x1, x2], |_, [a, b]| a.cosine_similarity(b, axis.0, epsilon))
}

/// `softmax(q @ k.mT * scale) @ v` over places `(..., places, width)`. Gradient: with P the softmax: `P.mT @ g` to v,
/// and with S = `P * (g @ v.mT - sum(P * (g @ v.mT)))`: `S @ k * scale` to q and `S.mT @ q * scale` to k.
///
/// Args:
///     q: queries, what asks.
///     k: keys, what is compared with them.
///     v: values, what is gathered.
///     mask: True where a query sees a key, or a number to add to their score; broadcast to `(..., queries, keys)`. A
///         query that sees nothing gathers zeros.
///     is_causal: whether a query sees only keys up to its own place.
///     dropout: the share of weights that is set to 0.
///     key: a random key for that.
///     scale: what scores are multiplied by, one over the root of the width by default.
///
/// Raises:
///     ArgumentError: `dropout` is no share, or comes without a random key.
///
/// Example:
///     >>> x = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
///     >>> pg.scaled_dot_product_attention(x, x, x, is_causal=True)[0].tolist()
///     [1.0, 2.0]
#[pyfunction]
#[pyo3(signature = (q, k, v, mask=None, is_causal: "bool" = false, dropout: "float" = 0.0, key=None, scale=None))]
#[allow(clippy::too_many_arguments, reason = "Python names them")]
pub fn scaled_dot_product_attention(
    py: Python<'_>,
    q: Operand<'_, '_>,
    k: Operand<'_, '_>,
    v: Operand<'_, '_>,
    mask: Option<Operand<'_, '_>>,
    #[pyo3(from_py_with = flag)] is_causal: bool,
    #[pyo3(from_py_with = float)] dropout: f64,
    key: Option<Instance<'_, '_, PyKey>>,
    scale: Option<Float>,
) -> PyResult<PyTensor> {
    let op = "scaled_dot_product_attention";
    let wrong = |argument, got: String, expected| Err(to_py(py, &Error::Argument { op, argument, got, expected }));
    if !(0.0..1.0).contains(&dropout) {
        return wrong("dropout", format!("{dropout:?}"), "a share from 0 to below 1");
    }
    let dropped = match key {
        _ if dropout == 0.0 => None,
        Some(key) => Some((dropout, key.get().0)),
        None => return wrong("key", "None".to_string(), "a random key, for there is dropout"),
    };
    several(py, op, [q, k, v], [mask], |[q, k, v], [mask]| {
        q.attention(k, v, Sight { mask, causal: is_causal }, scale.map(|scale| scale.0), dropped)
    })
}
