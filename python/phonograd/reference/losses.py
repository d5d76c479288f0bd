"""Losses: a number that says how wrong a prediction is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .arrays import as_axis, check_reduction
from .dtypes import Number, float32, promote
from .elementwise import astype
from .errors import ShapeError
from .graph import is_tensor
from .indexing import in_range, read_indices, take_along_axis
from .reduce import log_softmax, mean
from .reduce import sum as sum_over
from .unary import softplus, square
from .views import expand_dims, squeeze

if TYPE_CHECKING:
    from .tensor import Tensor


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    return losses if reduction == "none" else mean(losses) if reduction == "mean" else sum_over(losses)


def _paired(name: str, prediction: Tensor, target: Tensor | Number) -> tuple[Tensor, Tensor | Number]:
    """Both as floats of one dtype and of one shape, as broadcasting here nearly always hides a mistake."""
    if isinstance(target, bool | int | float):
        return astype(prediction, prediction.dtype if prediction.dtype.is_float else float32), target
    if target.shape != prediction.shape:
        raise ShapeError(f"{name}: target has shape {target.shape}, prediction {prediction.shape}; they must be equal")
    dtype = promote([prediction.dtype, *([target.dtype] if target.dtype.is_float else [])])
    dtype = dtype if dtype.is_float else float32
    return astype(prediction, dtype), astype(target, dtype)


def mse(prediction: Tensor, target: Tensor | Number, reduction: str = "mean") -> Tensor:
    """The mean squared error.

    Args:
        prediction: What was computed.
        target: What it should be, of the same shape, or a number.
        reduction: "mean", "sum", or "none" for the errors of single elements.

    Examples:
        >>> import phonograd.reference as pg
        >>> rec = pg.Record()
        >>> pg.mse(rec.tensor([1.0, 2.0]), rec.tensor([1.0, 4.0])).item()
        2.0
    """
    check_reduction(reduction, "mse")
    x, t = _paired("mse", prediction, target)
    return _reduced(square(x - t), reduction)


def cross_entropy(
    logits: Tensor, labels: Tensor | Sequence[Any] | int, axis: int = -1, reduction: str = "mean"
) -> Tensor:
    """The negative log-likelihood of integer labels under the softmax of logits.

    Args:
        logits: Unnormalised log-probabilities of the classes along `axis`.
        labels: The right classes, 0 or more, of the shape of `logits` without `axis`.
        axis: The axis of the classes.
        reduction: "mean", "sum", or "none" for the losses of single examples.

    Examples:
        >>> import phonograd.reference as pg
        >>> logits = pg.Record().tensor([[1000.0, 0.0], [0.0, 0.0]])
        >>> pg.cross_entropy(logits, [1, 0], reduction="none").tolist()
        [1000.0, 0.6931471824645996]
    """
    check_reduction(reduction, "cross_entropy")
    at = as_axis(axis, logits.ndim, "cross_entropy")
    found = read_indices("cross_entropy", logits, labels)
    shape = logits.shape[:at] + logits.shape[at + 1 :]
    if found.shape != shape:
        raise ShapeError(f"cross_entropy: labels have shape {found.shape}, logits {logits.shape}; {shape} would fit")
    for label in found.flat:
        in_range("cross_entropy", int(label) if label >= 0 else logits.shape[at], logits.shape[at], at)
    column = expand_dims(labels if is_tensor(labels) else logits.record.tensor(found), at)  # type: ignore[arg-type]
    return _reduced(-squeeze(take_along_axis(log_softmax(logits, at), column, at), at), reduction)


def binary_cross_entropy_with_logits(logits: Tensor, targets: Tensor | Number, reduction: str = "mean") -> Tensor:
    """The cross-entropy of probabilities `targets` under the sigmoid of logits; finite for any finite logit.

    Args:
        logits: Log-odds.
        targets: Probabilities from 0 to 1, of the same shape, or a number.
        reduction: "mean", "sum", or "none" for the losses of single elements.
    """
    check_reduction(reduction, "binary_cross_entropy_with_logits")
    x, t = _paired("binary_cross_entropy_with_logits", logits, targets)
    # Both terms are of one sign, so nothing cancels.
    return _reduced(t * softplus(-x) + (1.0 - t) * softplus(x), reduction)
