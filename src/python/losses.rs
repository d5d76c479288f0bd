//! Losses as functions of predictions and targets.

use pyo3::prelude::*;

use super::convert::{ArrayLike, Operand, array};
use super::errors::{guard, to_py};
use super::functions::{several, together};
use super::scalars::{Int, flag, float, text};
use super::tensor::PyTensor;
use crate::dtype::DType;
use crate::error::Error;
use crate::ops::losses::{Classes, Lengths, Reduction};

fn reduction(py: Python<'_>, op: &'static str, name: &str) -> PyResult<Reduction> {
    guard(py, || Reduction::from_name(op, name))
}

/// Makes functions of a prediction and a target, with numbers beside them.
macro_rules! losses {
    ($($(#[doc = $doc:literal])* $name:ident($($sig:tt)*)($($(#[$read:ident])? $arg:ident: $Arg:ty),*) |$x:ident, $t:ident, $reduction:ident| $body:expr;)*) => {$(
        $(#[doc = $doc])*
        #[pyfunction]
        #[pyo3(signature = (prediction, target, $($sig)* reduction: "typing.Literal['mean', 'sum', 'none']" = "mean"))]
        pub fn $name(
            py: Python<'_>,
            prediction: Operand<'_, '_>,
            target: Operand<'_, '_>,
            $($(#[pyo3(from_py_with = $read)])? $arg: $Arg,)*
            #[pyo3(from_py_with = text)] reduction: &str,
        ) -> PyResult<PyTensor> {
            let $reduction = self::reduction(py, stringify!($name), reduction)?;
            together(py, stringify!($name), [prediction, target], |_, [$x, $t]| $body)
        }
    )*};
}

losses! {
    /// Squared differences of prediction and target, which have one shape. Gradient: `2 g (x - t)`, over the count for
    /// a mean, and the negative to the target.
    mse()() |x, t, reduction| x.mse(t, reduction);
    /// Absolute differences of prediction and target. Gradient: `g * sign(x - t)`, 0 where both are equal.
    l1_loss()() |x, t, reduction| x.l1_loss(t, reduction);
    /// Half the squared difference up to `delta`, beyond it a line of slope `delta`. Gradient: `g * (x - t)`, held
    /// between `-delta` and `delta`.
    ///
    /// Example:
    ///     >>> pg.huber_loss(pg.Record().tensor([1.0, 3.0]), 0.0, reduction="none").tolist()
    ///     [0.5, 2.5]
    huber_loss(delta: "float" = 1.0,)(#[float] delta: f64) |x, t, reduction| x.huber_loss(t, delta, reduction);
    /// The Huber loss divided by `beta`; with `beta=0.0` the absolute difference. Gradient: `g * (x - t) / beta`, held
    /// between -1 and 1.
    smooth_l1_loss(beta: "float" = 1.0,)(#[float] beta: f64) |x, t, reduction| x.smooth_l1_loss(t, beta, reduction);
    /// `max(0, 1 - target * prediction)`, for targets of -1 and 1. Gradient: `-g * target` where `target * prediction < 1`, else 0.
    hinge_loss()() |x, t, reduction| x.hinge_loss(t, reduction);
    /// `log(1 + exp(-target * prediction))`, for targets of -1 and 1. Gradient: `-g * target * sigmoid(-target *
    /// prediction)`.
    soft_margin_loss()() |x, t, reduction| x.soft_margin_loss(t, reduction);
    /// `log(cosh(prediction - target))`: half a square near 0, a distance less `log(2)` far away. Gradient: `g *
    /// tanh(prediction - target)`.
    ///
    /// Example:
    ///     >>> pg.log_cosh_loss(pg.Record().tensor([0.0, 1000.0]), 0.0, reduction="sum").item()
    ///     999.306...
    log_cosh_loss()() |x, t, reduction| x.log_cosh_loss(t, reduction);
    /// What the score of each class that is true lacks of 1 above that of each that is not, over the number of classes,
    /// which are the last axis. The target has the numbers of the classes that are true, up to the first negative one.
    /// Gradient: `g` over the number of classes to every class that is not true and within 1 of one that is, once for
    /// each of these, and the negative to these.
    ///
    /// Raises:
    ///     IndexOutOfRangeError: when computed, a label is not below the number of classes.
    multilabel_margin_loss()() |x, t, reduction| x.multilabel_margin_loss(t, reduction);
    /// The prediction, a distance, where the target is 1; where it is -1, what it lacks of the margin. Gradient: `g`
    /// where the target is 1; `-g` where it is -1 and the prediction below the margin; else 0.
    hinge_embedding_loss(margin: "float" = 1.0,)(#[float] margin: f64)
        |x, t, reduction| x.hinge_embedding_loss(t, margin, reduction);
    /// `-log` of Poisson's probability of a count; the prediction is the logarithm of the rate, or the rate itself.
    /// Gradient: `g * (exp(x) - t)`, or of the rate itself `g * (1 - t / (x + eps))`.
    poisson_nll_loss(log_input: "bool" = true, full: "bool" = false, eps: "float" = 1e-8,)
        (#[flag] log_input: bool, #[flag] full: bool, #[float] eps: f64)
        |x, t, reduction| x.poisson_nll_loss(t, log_input, full, eps, reduction);
}

/// The divergence of a target distribution from the one whose logarithm is the prediction: `target (log target -
/// prediction)`, with `log_target` the target's logarithm is given. Gradient: `-g * target` to the prediction, and `g *
/// (log target + 1 - prediction)` to the target.
///
/// Args:
///     prediction: logarithms of probabilities.
///     target: probabilities of the same shape, or one number.
///     log_target: whether the target's logarithms are given.
///     reduction: "batchmean" divides the sum by the size of the first axis, as the divergence of a batch is defined.
///
/// Example:
///     >>> x = pg.Record().zeros((2, 3))
///     >>> pg.kl_div(x, 1.0, reduction="batchmean").item(), pg.kl_div(x - 1.0, 1.0, reduction="batchmean").item()
///     (0.0, 3.0)
#[pyfunction]
#[pyo3(signature = (prediction, target, log_target: "bool" = false, reduction: "typing.Literal['mean', 'batchmean', 'sum', 'none']" = "mean"))]
pub fn kl_div(
    py: Python<'_>,
    prediction: Operand<'_, '_>,
    target: Operand<'_, '_>,
    #[pyo3(from_py_with = flag)] log_target: bool,
    #[pyo3(from_py_with = text)] reduction: &str,
) -> PyResult<PyTensor> {
    let reduction = self::reduction(py, "kl_div", reduction)?;
    together(py, "kl_div", [prediction, target], |_, [x, t]| x.kl_div(t, log_target, reduction))
}

/// Negative log-likelihood of integer labels under the softmax of logits along an axis; of floats of the logits' shape,
/// which are probabilities, the cross-entropy. Gradient: `g * (softmax(logits) - target)`, the target one-hot, smoothed
/// and weighed as the value's.
///
/// Args:
///     logits: a row of scores for each example.
///     labels: a class for each example, or the probabilities of all.
///     axis: the axis of the classes.
///     weight: a weight for each class; a mean is then one by weight.
///     ignore_index: the label of examples that do not count.
///     label_smoothing: the part of the target that is spread over all classes.
///
/// Raises:
///     IndexOutOfRangeError: when computed, a label is not between 0 and the number of classes.
///
/// Example:
///     >>> logits = pg.Record().tensor([[10000.0, 0.0]])
///     >>> pg.cross_entropy(logits, [1]).item()
///     10000.0
#[pyfunction]
#[pyo3(signature = (logits, labels, axis=Int(-1), reduction: "typing.Literal['mean', 'sum', 'none']" = "mean", *, weight=None, ignore_index=None, label_smoothing: "float" = 0.0))]
#[pyo3(
    text_signature = "(logits, labels, axis=-1, reduction='mean', *, weight=None, ignore_index=None, label_smoothing=0.0)"
)]
#[allow(clippy::too_many_arguments, reason = "Python names them")]
pub fn cross_entropy(
    py: Python<'_>,
    logits: Operand<'_, '_>,
    labels: ArrayLike<'_>,
    axis: Int,
    #[pyo3(from_py_with = text)] reduction: &str,
    weight: Option<ArrayLike<'_>>,
    ignore_index: Option<Int>,
    #[pyo3(from_py_with = float)] label_smoothing: f64,
) -> PyResult<PyTensor> {
    let op = "cross_entropy";
    let reduction = self::reduction(py, op, reduction)?;
    let weight = weight.as_ref().map(|weight| array(op, weight)).transpose()?;
    several(py, op, [logits, array(op, &labels)?], [weight], |[x, t], [weight]| {
        let ignored = ignore_index.map(|label| label.0);
        x.cross_entropy(t, Classes { axis: axis.0, reduction, weight, ignored, smoothing: label_smoothing })
    })
}

/// The negative of the label's entry in log-probabilities along an axis. Gradient: `-g * weight` at the label's entry,
/// 0 elsewhere.
///
/// Args:
///     log_probs: as `log_softmax` gives them.
///     labels: a class for each example.
///     axis: the axis of the classes.
///     weight: a weight for each class; a mean is then one by weight.
///     ignore_index: the label of examples that do not count.
#[pyfunction]
#[pyo3(signature = (log_probs, labels, axis=Int(-1), reduction: "typing.Literal['mean', 'sum', 'none']" = "mean", *, weight=None, ignore_index=None))]
#[pyo3(text_signature = "(log_probs, labels, axis=-1, reduction='mean', *, weight=None, ignore_index=None)")]
pub fn nll_loss(
    py: Python<'_>,
    log_probs: Operand<'_, '_>,
    labels: ArrayLike<'_>,
    axis: Int,
    #[pyo3(from_py_with = text)] reduction: &str,
    weight: Option<ArrayLike<'_>>,
    ignore_index: Option<Int>,
) -> PyResult<PyTensor> {
    let op = "nll_loss";
    let reduction = self::reduction(py, op, reduction)?;
    let weight = weight.as_ref().map(|weight| array(op, weight)).transpose()?;
    several(py, op, [log_probs, array(op, &labels)?], [weight], |[x, t], [weight]| {
        let ignored = ignore_index.map(|label| label.0);
        x.nll_loss(t, Classes { axis: axis.0, reduction, weight, ignored, smoothing: 0.0 })
    })
}

/// Cross-entropy of target probabilities under probabilities. Logarithms are -100 at least, so that a wrong certainty
/// costs 100, with a slope of 1e12; logits are better, see `binary_cross_entropy_with_logits`. Gradient: `g * (p - t) /
/// (p (1 - p))` to the probability, the denominator 1e-12 at least; to the target `g * (log(1 - p) - log(p))`.
#[pyfunction]
#[pyo3(signature = (prediction, target, weight=None, reduction: "typing.Literal['mean', 'sum', 'none']" = "mean"))]
pub fn binary_cross_entropy(
    py: Python<'_>,
    prediction: Operand<'_, '_>,
    target: Operand<'_, '_>,
    weight: Option<Operand<'_, '_>>,
    #[pyo3(from_py_with = text)] reduction: &str,
) -> PyResult<PyTensor> {
    let op = "binary_cross_entropy";
    let reduction = self::reduction(py, op, reduction)?;
    several(py, op, [prediction, target], [weight], |[x, t], [weight]| x.binary_cross_entropy(t, weight, reduction))
}

/// Cross-entropy of probabilities under the sigmoid of logits, finite for any logit. `pos_weight` weighs the part of
/// the target's ones. Gradient: `g * (sigmoid(x) - t)` to logits, with `pos_weight` w: `g * (sigmoid(x) (1 + (w - 1) t)
/// - w t)`.
#[pyfunction]
#[pyo3(signature = (logits, targets, reduction: "typing.Literal['mean', 'sum', 'none']" = "mean", *, weight=None, pos_weight=None))]
pub fn binary_cross_entropy_with_logits(
    py: Python<'_>,
    logits: Operand<'_, '_>,
    targets: Operand<'_, '_>,
    #[pyo3(from_py_with = text)] reduction: &str,
    weight: Option<Operand<'_, '_>>,
    pos_weight: Option<Operand<'_, '_>>,
) -> PyResult<PyTensor> {
    let op = "binary_cross_entropy_with_logits";
    let reduction = self::reduction(py, op, reduction)?;
    several(py, op, [logits, targets], [weight, pos_weight], |[x, t], [weight, positive]| {
        x.binary_cross_entropy_with_logits(t, weight, positive, reduction)
    })
}

/// `-log` of the normal density of the target, where the prediction is the mean. A variance below `eps` counts as
/// `eps`, and keeps its gradient; it has the prediction's shape, or a last axis of size 1, or is one number. Gradient:
/// `g * (x - t) / var` to the mean, and `g * (1 - (x - t)**2 / var) / (2 var)` to the variance.
#[pyfunction]
#[pyo3(signature = (prediction, target, var, full: "bool" = false, eps: "float" = 1e-6, reduction: "typing.Literal['mean', 'sum', 'none']" = "mean"))]
pub fn gaussian_nll_loss(
    py: Python<'_>,
    prediction: Operand<'_, '_>,
    target: Operand<'_, '_>,
    var: Operand<'_, '_>,
    #[pyo3(from_py_with = flag)] full: bool,
    #[pyo3(from_py_with = float)] eps: f64,
    #[pyo3(from_py_with = text)] reduction: &str,
) -> PyResult<PyTensor> {
    let op = "gaussian_nll_loss";
    let reduction = self::reduction(py, op, reduction)?;
    together(py, op, [prediction, target, var], |_, [x, t, var]| x.gaussian_nll_loss(t, var, full, eps, reduction))
}

/// `max(0, margin - target * (input1 - input2))`: the first is to be the larger where the target is 1, the second where
/// it is -1. Gradient: `-g * target` to the first and `g * target` to the second where the value is positive, else 0.
#[pyfunction]
#[pyo3(signature = (input1, input2, target, margin: "float" = 0.0, reduction: "typing.Literal['mean', 'sum', 'none']" = "mean"))]
pub fn margin_ranking_loss(
    py: Python<'_>,
    input1: Operand<'_, '_>,
    input2: Operand<'_, '_>,
    target: ArrayLike<'_>,
    #[pyo3(from_py_with = float)] margin: f64,
    #[pyo3(from_py_with = text)] reduction: &str,
) -> PyResult<PyTensor> {
    let op = "margin_ranking_loss";
    let reduction = self::reduction(py, op, reduction)?;
    let target = array(op, &target)?;
    together(py, op, [input1, input2, target], |_, [a, b, t]| a.margin_ranking_loss(b, t, margin, reduction))
}

/// What the label's score lacks of the margin above each other one, to the power `p`: the sum over the number of classes,
/// which are the last axis. Gradient: with L what is lacking and w the label's weight, `g * w p L**(p - 1)` over the
/// number of classes to each class that is nearer than the margin, and the negative of their sum to the label's.
///
/// Args:
///     prediction: a row of scores for each example.
///     labels: a class for each example.
///     p: 1 or 2.
///     margin: by how much the label's score is to be the largest.
///     weight: a weight for each class; a mean is one over examples all the same.
///
/// Raises:
///     IndexOutOfRangeError: when computed, a label is not between 0 and the number of classes.
#[pyfunction]
#[pyo3(signature = (prediction, labels, p=Int(1), margin: "float" = 1.0, weight=None, reduction: "typing.Literal['mean', 'sum', 'none']" = "mean"))]
#[pyo3(text_signature = "(prediction, labels, p=1, margin=1.0, weight=None, reduction='mean')")]
pub fn multi_margin_loss(
    py: Python<'_>,
    prediction: Operand<'_, '_>,
    labels: ArrayLike<'_>,
    p: Int,
    #[pyo3(from_py_with = float)] margin: f64,
    weight: Option<ArrayLike<'_>>,
    #[pyo3(from_py_with = text)] reduction: &str,
) -> PyResult<PyTensor> {
    let op = "multi_margin_loss";
    let reduction = self::reduction(py, op, reduction)?;
    let weight = weight.as_ref().map(|weight| array(op, weight)).transpose()?;
    several(py, op, [prediction, array(op, &labels)?], [weight], |[x, t], [weight]| {
        x.multi_margin_loss(t, p.0, margin, weight, reduction)
    })
}

/// Cross-entropy of the sigmoids of several classes, which are the last axis and may be true together: their mean.
/// Gradient: `g * weight * (sigmoid(x) - t)` over the number of classes.
#[pyfunction]
#[pyo3(signature = (prediction, target, weight=None, reduction: "typing.Literal['mean', 'sum', 'none']" = "mean"))]
pub fn multilabel_soft_margin_loss(
    py: Python<'_>,
    prediction: Operand<'_, '_>,
    target: Operand<'_, '_>,
    weight: Option<ArrayLike<'_>>,
    #[pyo3(from_py_with = text)] reduction: &str,
) -> PyResult<PyTensor> {
    let op = "multilabel_soft_margin_loss";
    let reduction = self::reduction(py, op, reduction)?;
    let weight = weight.as_ref().map(|weight| array(op, weight)).transpose()?;
    several(py, op, [prediction, target], [weight], |[x, t], [weight]| {
        x.multilabel_soft_margin_loss(t, weight, reduction)
    })
}

/// One less the cosine of two vectors where the target is 1; where it is -1, what the cosine exceeds the margin by.
/// Gradient: with c the cosine: `-g * dc` where the target is 1, `g * dc` where it is -1 and the cosine exceeds the
/// margin, else 0; `dc / dx1 = (x2 / |x2| - c x1 / |x1|) / |x1|`.
#[pyfunction]
#[pyo3(signature = (input1, input2, target, margin: "float" = 0.0, reduction: "typing.Literal['mean', 'sum', 'none']" = "mean"))]
pub fn cosine_embedding_loss(
    py: Python<'_>,
    input1: Operand<'_, '_>,
    input2: Operand<'_, '_>,
    target: ArrayLike<'_>,
    #[pyo3(from_py_with = float)] margin: f64,
    #[pyo3(from_py_with = text)] reduction: &str,
) -> PyResult<PyTensor> {
    let op = "cosine_embedding_loss";
    let reduction = self::reduction(py, op, reduction)?;
    let target = array(op, &target)?;
    together(py, op, [input1, input2, target], |_, [a, b, t]| a.cosine_embedding_loss(b, t, margin, reduction))
}

/// `max(0, distance(anchor, positive) - distance(anchor, negative) + margin)`, with distances of order `p` along the
/// last axis. With `swap`, the second distance is the smaller of those to the anchor and to the positive. Gradient:
/// where the value is positive, `g` times the gradients of both distances; 0 else.
#[pyfunction]
#[pyo3(signature = (anchor, positive, negative, margin: "float" = 1.0, p: "float" = 2.0, eps: "float" = 1e-6, swap: "bool" = false, reduction: "typing.Literal['mean', 'sum', 'none']" = "mean"))]
#[allow(clippy::too_many_arguments, reason = "Python names them")]
pub fn triplet_margin_loss(
    py: Python<'_>,
    anchor: Operand<'_, '_>,
    positive: Operand<'_, '_>,
    negative: Operand<'_, '_>,
    #[pyo3(from_py_with = float)] margin: f64,
    #[pyo3(from_py_with = float)] p: f64,
    #[pyo3(from_py_with = float)] eps: f64,
    #[pyo3(from_py_with = flag)] swap: bool,
    #[pyo3(from_py_with = text)] reduction: &str,
) -> PyResult<PyTensor> {
    let op = "triplet_margin_loss";
    let reduction = self::reduction(py, op, reduction)?;
    together(py, op, [anchor, positive, negative], |_, [a, same, other]| {
        a.triplet_margin_loss(same, other, [margin, p, eps], swap, reduction)
    })
}

/// `-log` of the probability of labels in order, at unknown steps (connectionist temporal classification). Gradient:
/// `-g` times the posterior probability that a step emits a class, to `log_probs`.
///
/// Args:
///     log_probs: `(steps, batch, classes)`, as `log_softmax` gives them.
///     targets: labels, `(batch, labels)`, padded with anything; or all of them, one target behind the other, and then
///         their lengths are computed at once.
///     input_lengths: the steps of each input.
///     target_lengths: the labels of each target.
///     blank: the class that says nothing.
///     zero_infinity: the loss of a target that does not fit into its steps is 0 instead of infinite.
///
/// Returns:
///     For "mean", the mean over the batch of losses over target lengths.
///
/// Raises:
///     IndexOutOfRangeError: when computed, a label is no class.
///
/// Example:
///     >>> log_probs = pg.Record().zeros((3, 1, 4)).log_softmax()
///     >>> round(pg.ctc_loss(log_probs, [[1]], [3], [1]).item(), 4)  # 6 of 4**3 ways
///     2.3671
#[pyfunction]
#[pyo3(signature = (log_probs, targets, input_lengths, target_lengths, blank=Int(0), reduction: "typing.Literal['mean', 'sum', 'none']" = "mean", zero_infinity: "bool" = false))]
#[pyo3(
    text_signature = "(log_probs, targets, input_lengths, target_lengths, blank=0, reduction='mean', zero_infinity=False)"
)]
#[allow(clippy::too_many_arguments, reason = "Python names them")]
pub fn ctc_loss(
    py: Python<'_>,
    log_probs: Operand<'_, '_>,
    targets: ArrayLike<'_>,
    input_lengths: ArrayLike<'_>,
    target_lengths: ArrayLike<'_>,
    blank: Int,
    #[pyo3(from_py_with = text)] reduction: &str,
    #[pyo3(from_py_with = flag)] zero_infinity: bool,
) -> PyResult<PyTensor> {
    let op = "ctc_loss";
    let reduction = self::reduction(py, op, reduction)?;
    let blank = usize::try_from(blank.0).map_err(|_| {
        let (got, expected) = (blank.0.to_string(), "one of the classes");
        to_py(py, &Error::Argument { op, argument: "blank", got, expected })
    })?;
    let (labels, lengths) = (array(op, &targets)?, array(op, &target_lengths)?);
    let alone = match &labels {
        Operand::Tensor(labels) => labels.get().tensor.shape().ndim() == 1,
        Operand::Array(labels) => labels.shape().ndim() == 1,
        _ => false,
    };
    let known = if alone { numbers(py, &lengths)? } else { None };
    let operands = [log_probs, labels, array(op, &input_lengths)?, lengths];
    together(py, op, operands, |_, [x, t, inputs, targets]| {
        let t = known.map_or(t, |known| t.ctc_rows(targets, &known));
        x.ctc_loss(t, Lengths { inputs, targets }, blank, zero_infinity, reduction)
    })
}

/// The numbers of a vector of integers, computed if need be.
fn numbers(py: Python<'_>, operand: &Operand<'_, '_>) -> PyResult<Option<Vec<i64>>> {
    let array = match operand {
        Operand::Tensor(tensor) => tensor.get().elements(py)?,
        Operand::Array(array) => array.clone(),
        _ => return Ok(None),
    };
    if !array.dtype().is_integer() || array.shape().ndim() != 1 {
        return Ok(None);
    }
    let wide = super::array::cast(py, array, Some(DType::I64))?;
    Ok(Some(wide.as_slice::<i64>().unwrap_or(&[]).to_vec()))
}
