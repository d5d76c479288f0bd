"""Rows of the table of operations: losses, normalisation and attention, by their definitions in NumPy."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from scipy import special

from rows import POSITIVE, REAL, Row, Sampler, between, case, grid, integers, spread


def _reduced(loss: np.ndarray, reduction: str) -> np.ndarray:
    by_name = {"mean": np.mean, "sum": np.sum, "none": np.asarray, "batchmean": lambda loss: np.sum(loss) / len(loss)}
    return by_name[reduction](loss)


def _cross_entropy(x: np.ndarray, labels: np.ndarray, axis: int = -1, reduction: str = "mean") -> np.ndarray:
    picked = np.take_along_axis(special.log_softmax(x, axis), np.expand_dims(labels.astype(int), axis), axis)
    return _reduced(-np.squeeze(picked, axis), reduction)


def _bce(x: np.ndarray, t: np.ndarray, reduction: str = "mean") -> np.ndarray:
    return _reduced(np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x))), reduction)


REDUCED = [{}, {"reduction": "sum"}, {"reduction": "none"}]
PAIRS = tuple(case((3, 2), (3, 2), **kwargs) for kwargs in REDUCED)
LOSSES = (
    Row("mse", lambda p, t, reduction="mean": _reduced((p - t) ** 2, reduction), (REAL,), PAIRS, "float",
        normwise=True),
    Row("cross_entropy", _cross_entropy, (REAL, integers(0, 3)), (*(case((4, 3), (4,), **kwargs) for kwargs in REDUCED),
        case((2, 3, 4), (2, 4), axis=1), case((3,), ())), "float", order=3, normwise=True, ulps=6),
    Row("binary_cross_entropy_with_logits", _bce, (REAL, between(0.0, 1.0)), PAIRS, "float", normwise=True, ulps=6),
)  # fmt: skip


def _weighted(loss: np.ndarray, weight: np.ndarray, reduction: str) -> np.ndarray:
    """Losses by label: a mean is one by weight."""
    return np.sum(loss) / np.sum(weight) if reduction == "mean" else _reduced(loss, reduction)


def _nll(x: np.ndarray, labels: np.ndarray, axis: int = -1, reduction: str = "mean", weight: Any = None,
         ignore_index: Any = None) -> np.ndarray:  # fmt: skip
    labels = labels.astype(int)
    kept = labels != (-1 if ignore_index is None else ignore_index)
    w = kept * (np.ones(x.shape[axis]) if weight is None else np.array(weight))[labels]
    picked = np.squeeze(np.take_along_axis(x, np.expand_dims(labels, axis), axis), axis)
    return _weighted(-picked * w, w, reduction)


def _bce_of_shares(p: np.ndarray, t: np.ndarray, reduction: str = "mean") -> np.ndarray:
    one, other = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    return _reduced(-t * one - (1 - t) * other, reduction)


def _gaussian(x: np.ndarray, t: np.ndarray, v: np.ndarray, full: bool = False, reduction: str = "mean") -> np.ndarray:
    v = np.maximum(v, 1e-6)
    return _reduced((np.log(v) + (x - t) ** 2 / v + full * np.log(2 * np.pi)) / 2, reduction)


def _huber(p: np.ndarray, t: np.ndarray, delta: float = 1.0, reduction: str = "mean") -> np.ndarray:
    return _reduced(special.huber(delta, p - t), reduction)


def _triplet(a: np.ndarray, b: np.ndarray, c: np.ndarray, p: float = 2.0, swap: bool = False, reduction: str = "mean"):
    def distance(x: np.ndarray, y: np.ndarray) -> Any:
        return np.linalg.norm(x - y + 1e-6, p, -1)

    far = np.minimum(distance(a, c), distance(b, c)) if swap else distance(a, c)
    return _reduced(np.maximum(distance(a, b) - far + 1.0, 0), reduction)


def _cosine(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.sum(a * b, axis) / np.linalg.norm(a, 2, axis) / np.linalg.norm(b, 2, axis)


def _ctc(x: np.ndarray, targets: Any, inputs: Any, lengths: Any, blank: int = 0, reduction: str = "mean") -> np.ndarray:
    """By all ways to say something in so many steps."""
    if np.ndim(targets) == 1:
        targets = np.split(targets, np.cumsum(lengths)[:-1])
    losses = []
    for n, (steps, length) in enumerate(zip(inputs, lengths, strict=True)):
        total = 0.0
        for way in itertools.product(range(x.shape[2]), repeat=steps):
            said = [k for k, _ in itertools.groupby(way) if k != blank]
            if said == list(targets[n][:length]):
                total += np.exp(sum(x[t, n, k] for t, k in enumerate(way)))
        losses.append(-np.log(total))
    divisors = np.maximum(lengths, 1) if reduction == "mean" else 1
    return _reduced(np.array(losses) / divisors, reduction)


def _standardised(x: np.ndarray, axes: Any) -> np.ndarray:
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)


def _channels(x: np.ndarray, ndim: int) -> np.ndarray:
    return x.reshape(-1, *(1 for _ in range(ndim - 2)))


def _batch_norm(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    axes = (0, *range(2, x.ndim))
    y = _standardised(x, axes) * _channels(w, x.ndim) + _channels(b, x.ndim)
    return np.concatenate([y.ravel(), x.mean(axes), x.var(axes)])


def _batch_norm_call(lib: Any, rec: Any, *tensors: Any) -> Any:
    y, mean, var = lib.batch_norm(*tensors)
    return lib.concat([y.flatten(), mean, var])


def _group_norm(x: np.ndarray, w: np.ndarray, b: np.ndarray, groups: int) -> np.ndarray:
    y = _standardised(x.reshape(x.shape[0], groups, -1), 2).reshape(x.shape)
    return y * _channels(w, x.ndim) + _channels(b, x.ndim)


def _attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: Any = None, is_causal: bool = False, scale: Any = None
):
    scores = q @ np.swapaxes(k, -1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    seen = np.tril(np.ones(scores.shape[-2:], bool)) if is_causal else np.ones(scores.shape[-2:], bool)
    seen = seen if mask is None else seen & np.array(mask)
    weights = np.exp(scores) * seen
    return weights / np.maximum(weights.sum(-1, keepdims=True), 1e-300) @ v


def _multi_margin(
    x: np.ndarray, labels: np.ndarray, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> np.ndarray:
    losses = []
    for row, label in zip(x.reshape(-1, x.shape[-1]), np.ravel(labels).astype(int), strict=True):
        lacking = [max(0, margin - row[label] + score) ** p for k, score in enumerate(row) if k != label]
        losses.append(sum(lacking) * (1 if weight is None else weight[label]) / len(row))
    return _reduced(np.array(losses).reshape(labels.shape), reduction)


def _multilabel_margin(x: np.ndarray, target: np.ndarray, reduction: str = "mean") -> np.ndarray:
    losses = []
    for row, labels in zip(x.reshape(-1, x.shape[-1]), target.reshape(-1, x.shape[-1]).astype(int), strict=True):
        true = list(itertools.takewhile(lambda label: label >= 0, labels))
        lacking = [max(0, 1 - row[j] + row[i]) for j in true for i in range(len(row)) if i not in true]
        losses.append(sum(lacking) / len(row))
    return _reduced(np.array(losses).reshape(x.shape[:-1]), reduction)


def _multilabel_soft(x: np.ndarray, t: np.ndarray, weight: Any = None, reduction: str = "mean") -> np.ndarray:
    losses = (t * np.logaddexp(0, -x) + (1 - t) * np.logaddexp(0, x)) * (1 if weight is None else np.array(weight))
    return _reduced(losses.mean(-1), reduction)


SIGNS: Sampler = lambda rng, shape: rng.choice([-1, 1], shape)  # noqa: E731
LOGS = between(-3.0, -0.2)
MORE_LOSSES = (
    Row("l1_loss", lambda p, t, reduction="mean": _reduced(abs(p - t), reduction), (grid(0.1), grid(0.6)), PAIRS,
        "float", normwise=True),
    Row("huber_loss", _huber, (REAL,), (*PAIRS, case((3, 4), (3, 4), delta=0.7)), "float", normwise=True, ulps=6),
    Row("smooth_l1_loss", lambda p, t, beta=1.0, reduction="mean": _huber(p, t, beta, reduction) / beta, (REAL,),
        (*PAIRS, case((3, 4), (3, 4), beta=0.7)), "float", normwise=True, ulps=6),
    Row("kl_div", lambda x, t, log_target=False, reduction="mean": _reduced(
        np.exp(t) * (t - x) if log_target else special.xlogy(t, t) - t * x, reduction), (LOGS, POSITIVE),
        (*PAIRS, case((3, 4), (3, 4), log_target=True), case((3, 4), (3, 4), reduction="batchmean")), "float",
        normwise=True, ulps=8),
    Row("hinge_loss", lambda x, t, reduction="mean": _reduced(np.maximum(0, 1 - t * x), reduction), (grid(0.5), SIGNS),
        PAIRS, "float", normwise=True),
    Row("hinge_embedding_loss", lambda x, t, reduction="mean": _reduced(
        np.where(t > 0, x, np.maximum(0, 1 - x)), reduction), (grid(0.5), SIGNS), PAIRS, "float", normwise=True),
    Row("poisson_nll_loss", lambda x, t, log_input=True, reduction="mean": _reduced(
        np.exp(x) - t * x if log_input else x - t * np.log(x + 1e-8), reduction), (POSITIVE, POSITIVE),
        (*PAIRS, case((3, 4), (3, 4), log_input=False)), "float", normwise=True, ulps=8),
    Row("nll_loss", _nll, (LOGS, integers(0, 3)), (*(case((4, 3), (4,), **kwargs) for kwargs in REDUCED),
        case((2, 3, 4), (2, 4), axis=1), case((9, 3), (9,), ignore_index=1, weight=(0.5, 1.0, 2.0))), "float",
        normwise=True, ulps=6),
    Row("binary_cross_entropy", _bce_of_shares, (between(0.1, 0.9), between(0.0, 1.0)), PAIRS, "float", normwise=True,
        ulps=8),
    Row("gaussian_nll_loss", _gaussian, (REAL, REAL, POSITIVE),
        (case((3, 2), (3, 2), (3, 2)), case((3, 2), (3, 2), (3, 1), full=True, reduction="none")), "float",
        normwise=True, ulps=8),
    Row("cosine_embedding_loss", lambda a, b, t, margin=0.0, reduction="mean": _reduced(
        np.where(t > 0, 1 - _cosine(a, b), np.maximum(0, _cosine(a, b) - margin)), reduction),
        (between(0.2, 2.0), POSITIVE, SIGNS), (case((4, 3), (4, 3), (4,)), case((4, 3), (4, 3), (4,), margin=0.1,
        reduction="sum")), "float", normwise=True, ulps=10),
    Row("triplet_margin_loss", _triplet, (REAL,), (case(*[(4, 3)] * 3), case(*[(4, 3)] * 3, p=3.0, reduction="none"),
        case(*[(4, 3)] * 3, swap=True, reduction="sum")), "float", normwise=True, ulps=10),
    Row("margin_ranking_loss", lambda a, b, t, margin=0.0, reduction="mean": _reduced(
        np.maximum(0, margin - t * (a - b)), reduction), (grid(0.1), grid(0.6), SIGNS),
        (case((4, 3), (4, 3), (4, 3)), case((5,), (5,), (5,), margin=0.25, reduction="none")), "float", normwise=True),
    Row("soft_margin_loss", lambda x, t, reduction="mean": _reduced(np.logaddexp(0, -t * x), reduction), (REAL, SIGNS),
        PAIRS, "float", order=3, normwise=True, ulps=6),
    Row("log_cosh_loss", lambda x, t, reduction="mean": _reduced(np.log(np.cosh(x - t)), reduction), (REAL,), PAIRS,
        "float", order=3, normwise=True, ulps=8),
    Row("multi_margin_loss", _multi_margin, (spread, integers(0, 3)), (*(case((4, 3), (4,), **k) for k in REDUCED),
        case((3,), (), p=2), case((5, 3), (5,), p=2, margin=0.7, weight=(0.5, 1.0, 2.0))), "float", normwise=True,
        ulps=8),
    Row("multilabel_margin_loss", _multilabel_margin, (spread, integers(-1, 4)),
        (*(case((6, 4), (6, 4), **k) for k in REDUCED), case((4,), (4,)), case((2, 3, 4), (2, 3, 4))), "float",
        normwise=True, ulps=8),
    Row("multilabel_soft_margin_loss", _multilabel_soft, (REAL, between(0.0, 1.0)),
        (*(case((4, 3), (4, 3), **k) for k in REDUCED), case((4, 3), (4, 3), weight=(0.5, 1.0, 2.0))), "float",
        normwise=True, ulps=8),
    Row("ctc_loss", _ctc, (LOGS,), (
        case((4, 2, 3), args=([[1, 2], [2, 2]], [4, 3], [2, 2])),
        case((4, 2, 3), args=([1, 2, 2], [4, 3], [1, 2])), case((3, 2, 3), args=([2], [3, 3], [0, 1])),
        case((4, 2, 3), args=([[1, 1], [2, 0]], [4, 4], [2, 1]),
        reduction="sum"), case((3, 2, 3), args=([[0, 1], [1, 0]], [3, 2], [2, 0], 2), reduction="none")), "float",
        normwise=True, ulps=20),
)  # fmt: skip

NORMS = (
    Row("layer_norm", lambda x, w, b, axis=-1: _standardised(x, axis) * w + b, (REAL,),
        (case((3, 4), (4,), (4,)), case((2, 3, 4), (3, 4), (3, 4), axis=(-2, -1))), "float", normwise=True, ulps=20),
    Row("rms_norm", lambda x, w, axis=-1: x / np.sqrt(np.mean(x * x, axis, keepdims=True) + 1e-5) * w, (REAL,),
        (case((3, 4), (4,)), case((2, 3, 4), (3, 4), axis=(1, 2))), "float", normwise=True, ulps=12),
    Row("batch_norm", _batch_norm, (REAL,), (case((5, 3), (3,), (3,)), case((3, 2, 4), (2,), (2,))), "float",
        normwise=True, ulps=20, call=_batch_norm_call),
    Row("group_norm", lambda x, w, b, num_groups: _group_norm(x, w, b, num_groups), (REAL,),
        (case((3, 4), (4,), (4,), num_groups=2), case((2, 6, 3), (6,), (6,), num_groups=3)), "float", normwise=True,
        ulps=20, call=lambda lib, rec, x, w, b, num_groups: lib.group_norm(x, num_groups, w, b)),
    Row("instance_norm", lambda x, w, b: _group_norm(x, w, b, x.shape[1]), (REAL,), (case((2, 3, 7), (3,), (3,)),),
        "float", normwise=True, ulps=20),
    Row("normalize", lambda x, p=2.0, axis=-1: x / np.linalg.norm(x, p, axis, keepdims=True), (spread,),
        (case((3, 4)), case((3, 4), p=1.0, axis=0), case((3, 4), p=3.0), case((5,), p=math.inf)), "float", ulps=12),
    Row("cosine_similarity", _cosine, (POSITIVE,), (case((3, 4), (3, 4)), case((3, 4), (4,), axis=-1),
        case((3, 4), (3, 4), axis=0)), "float", ulps=12),
    Row("scaled_dot_product_attention", _attention, (REAL,), (
        case((4, 3), (5, 3), (5, 2)), case((2, 4, 3), (2, 5, 3), (2, 5, 2), is_causal=True, scale=0.7),
        case((3, 3), (4, 3), (4, 2), mask=np.array([[1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]], bool))), "float",
        normwise=True, ulps=12),
)  # fmt: skip
