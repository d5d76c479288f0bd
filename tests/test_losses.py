"""Losses, norms and attention at their kinks, with all their arguments, and where targets are out of place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import phonograd as pg
from checker import check_gradient
from compare import array_of, assert_close, tensors
from rows import FLOATS

INF, NAN = math.inf, math.nan
RNG = np.random.default_rng(21)
X, T = RNG.standard_normal((5, 4)), RNG.standard_normal((5, 4))
LABELS, WEIGHT = np.array([0, 2, 3, 2, 1]), np.array([0.5, 2.0, 1.0, 0.25])
SHARES = RNG.dirichlet(np.ones(4), 5)


# Cross-entropy --------------------------------------------------------------------------------------------------------


def cross_entropy(
    x: np.ndarray, target: np.ndarray, weight: np.ndarray, smoothing: float, ignored: int | None, reduction: str
) -> Any:
    """From the definition: targets as distributions, a mean by the weight of the label."""
    log = special.log_softmax(x, -1)
    labelled = target.dtype.kind == "i"
    shares = np.eye(x.shape[-1])[target] if labelled else target
    kept = np.ones(len(x), bool) if ignored is None else target != ignored
    counted = kept * (weight[target] if labelled else 1.0)
    losses = -np.sum(((1 - smoothing) * shares + smoothing / x.shape[-1]) * weight * log, -1) * kept
    return {"none": losses, "sum": losses.sum(), "mean": losses.sum() / counted.sum()}[reduction]


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("target", [LABELS, SHARES], ids=["labels", "shares"])
@pytest.mark.parametrize("ignored", [None, 2])
def test_cross_entropy_with_all_arguments(target: Any, smoothing: float, ignored: int | None, reduction: str) -> None:
    if ignored is not None and target is SHARES:
        with pytest.raises(pg.ArgumentError, match="ignore_index is 2"):
            pg.cross_entropy(pg.Record().tensor(X), target, ignore_index=ignored)
        return

    def loss(x: Any, weight: Any) -> Any:
        return pg.cross_entropy(
            x, target, weight=weight, label_smoothing=smoothing, ignore_index=ignored, reduction=reduction
        )

    got = loss(*tensors(pg.Record(), [X, WEIGHT]))
    assert_close(array_of(got), np.asarray(cross_entropy(X, target, WEIGHT, smoothing, ignored, reduction)), 8)
    check_gradient(loss, [X, WEIGHT])


def test_cross_entropy_weights_along_another_axis() -> None:
    rec = pg.Record()
    x = rec.tensor(np.moveaxis(np.stack([X, T]), -1, 1))  # (2, classes, 5)
    y = pg.cross_entropy(x, np.stack([LABELS, LABELS[::-1]]), axis=1, weight=WEIGHT, reduction="none")
    want = [cross_entropy(a, b, WEIGHT, 0.0, None, "none") for a, b in [(X, LABELS), (T, LABELS[::-1])]]
    assert_close(array_of(y), np.stack(want), 8)


@pytest.mark.parametrize("loss", [pg.cross_entropy, pg.nll_loss])
def test_48_a_mean_of_nothing_is_nan_with_gradient_0(loss: Callable[..., Any]) -> None:
    x = pg.Record().tensor(X)
    y = loss(x, np.full(5, -100), ignore_index=-100)
    assert math.isnan(y.item())
    np.testing.assert_array_equal(array_of(y.grad().wrt(x)), 0.0)
    assert loss(x, np.full(5, -100), ignore_index=-100, reduction="sum").item() == 0.0


@pytest.mark.parametrize("label", [4, -1, 2**40])
@pytest.mark.parametrize("loss", [pg.cross_entropy, pg.nll_loss])
def test_48_labels_out_of_range_raise_unless_ignored(loss: Callable[..., Any], label: int) -> None:
    x = pg.Record().tensor(X)
    labels = np.array([0, 1, label, 2, 3])
    with pytest.raises(IndexError, match=f"{loss.__name__}: label {label} is out of range for 4 classes"):
        loss(x, labels).item()
    assert math.isfinite(loss(x, labels, ignore_index=label).item())


def test_a_number_for_a_whole_loss_ends() -> None:
    """One that the dtype does not have, too."""
    x = pg.Record().tensor(np.array([1, 2, 3], "int32"))
    assert pg.binary_cross_entropy_with_logits(x, 0.5).shape == ()
    with pytest.raises(pg.OutOfRangeError, match="full"):
        pg.binary_cross_entropy_with_logits(x, -(2**63))


# Single losses --------------------------------------------------------------------------------------------------------


def at(loss: Callable[..., Any], dtype: str, *arrays: Any) -> tuple[np.ndarray, list[np.ndarray]]:
    rec = pg.Record()
    inputs = tensors(rec, [np.array(a, dtype) for a in arrays])
    y = loss(*inputs)
    grads = y.grad(rec.ones(y.shape, dtype))
    return array_of(y), [array_of(grads.wrt(x)) for x in inputs]


@pytest.mark.parametrize("dtype", FLOATS)
def test_47_kinks_of_the_huber_loss(dtype: str) -> None:
    value, (slope, _) = at(
        lambda x, t: pg.huber_loss(x, t, 0.5, reduction="none"), dtype, [0.5, -0.5, 0.0, 3.0], 4 * [0.0]
    )
    np.testing.assert_allclose(value, [0.125, 0.125, 0.0, 1.375])
    np.testing.assert_allclose(slope, [0.5, -0.5, 0.0, 0.5])
    value, (slope, _) = at(lambda x, t: pg.smooth_l1_loss(x, t, 0.0, reduction="none"), dtype, [0.0, -2.0], [0.0, 0.0])
    np.testing.assert_array_equal(value, [0.0, 2.0])
    np.testing.assert_array_equal(slope, [0.0, -1.0])
    assert at(lambda x, t: pg.l1_loss(x, t, reduction="none"), dtype, [1.0], [1.0])[1][0].tolist() == [0.0]


@pytest.mark.parametrize("dtype", FLOATS)
def test_24_probabilities_of_0_and_1(dtype: str) -> None:
    def loss(p: Any) -> Any:
        return pg.binary_cross_entropy(p, np.array([0.0, 1.0, 1.0, 0.0], dtype), reduction="none")

    value, (slope,) = at(loss, dtype, [0.0, 1.0, 0.0, 1.0])
    np.testing.assert_allclose(value, [0.0, 0.0, 100.0, 100.0])
    np.testing.assert_allclose(slope[2:], [-1e12, 1e12], rtol=1e-6)
    np.testing.assert_allclose(slope[:2], [1.0, -1.0])


@pytest.mark.parametrize("dtype", FLOATS)
def test_29_divergence_from_a_target_of_0(dtype: str) -> None:
    value, (slope, _) = at(lambda x, t: pg.kl_div(x, t, reduction="none"), dtype, [-INF, -1.0], [0.0, 0.0])
    np.testing.assert_array_equal(value, [0.0, 0.0])
    np.testing.assert_array_equal(slope, [0.0, 0.0])


def test_a_small_variance_counts_as_eps_and_keeps_its_gradient() -> None:
    rec = pg.Record()
    var = rec.tensor([0.0, 1e-9, 2.0])
    y = pg.gaussian_nll_loss(rec.zeros(3), 1.0, var, eps=0.5, reduction="none")
    np.testing.assert_allclose(y.data(), [0.5 * (math.log(0.5) + 2)] * 2 + [0.5 * (math.log(2) + 0.5)], rtol=1e-6)
    np.testing.assert_allclose(y.grad(rec.ones(3)).wrt(var).data(), [1 - 2, 1 - 2, 0.25 - 0.125], rtol=1e-6)


def test_poisson_with_stirlings_constant() -> None:
    counts = np.array([0.0, 1.0, 2.0, 30.0])
    y = pg.poisson_nll_loss(pg.Record().tensor(np.zeros(4)), counts, full=True, reduction="none")
    np.testing.assert_allclose(y.data()[2:], 1 + special.gammaln(counts[2:] + 1), rtol=0.03)
    np.testing.assert_allclose(y.data()[:2], 1.0)


def test_weights_of_binary_cross_entropy() -> None:
    rec = pg.Record()
    x, t, w, p = rec.tensor(X), rec.tensor((T > 0) * 1.0), rec.tensor(abs(T)), rec.tensor(WEIGHT)
    want = abs(T) * ((T > 0) * WEIGHT * np.logaddexp(0, -X) + (T <= 0) * np.logaddexp(0, X))
    y = pg.binary_cross_entropy_with_logits(x, t, "none", weight=w, pos_weight=p)
    assert_close(array_of(y), want, 8)
    y = pg.binary_cross_entropy(x.sigmoid(), t, w, "sum")
    assert y.item() == pytest.approx(np.sum(abs(T) * np.logaddexp(0, np.where(T > 0, -X, X))))


# Sequences ------------------------------------------------------------------------------------------------------------


def ctc(x: Any, **more: Any) -> Any:
    return pg.ctc_loss(x.log_softmax(), [[1, 1], [2, 0]], [4, 2], [2, 1], reduction="none", **more)


def test_ctc_gradient_through_the_softmax() -> None:
    check_gradient(lambda x: ctc(x), [RNG.standard_normal((4, 2, 3))])


def test_ctc_of_a_target_that_does_not_fit() -> None:
    """Two equal labels need a blank between them, so three steps."""
    rec = pg.Record()
    x = rec.tensor(RNG.standard_normal((2, 1, 3)))
    loss = pg.ctc_loss(x.log_softmax(), [[1, 1]], [2], [2])
    assert loss.item() == INF
    loss = pg.ctc_loss(x.log_softmax(), [[1, 1]], [2], [2], zero_infinity=True)
    assert loss.item() == 0.0
    np.testing.assert_array_equal(array_of(loss.grad().wrt(x)), 0.0)


def test_ctc_of_targets_one_behind_the_other() -> None:
    """The same as of padded ones, whatever the lengths are of; and of no labels at all."""
    rec = pg.Record()
    x = rec.tensor(RNG.standard_normal((5, 3, 4))).log_softmax()
    padded = pg.ctc_loss(x, [[1, 2], [3, 0], [2, 2]], [5, 4, 5], [2, 1, 2])
    for lengths in ([2, 1, 2], np.array([2, 1, 2], "uint8"), rec.tensor([2, 1, 2], "int32")):
        alone = pg.ctc_loss(x, rec.tensor([1, 2, 3, 2, 2]), [5, 4, 5], lengths)
        assert alone.item() == padded.item()
    silent = pg.ctc_loss(x, rec.zeros(0, "int64"), [5, 4, 5], [0, 0, 0], reduction="none")
    np.testing.assert_allclose(silent.data(), -np.array([x[:n, k, 0].sum().item() for k, n in enumerate((5, 4, 5))]))


def test_ctc_refuses_what_does_not_fit_together() -> None:
    x = pg.Record().zeros((4, 2, 3))
    cases = [
        (lambda: pg.ctc_loss(x, 1, [4, 4], [2, 1]), "ctc_loss: targets of shape () has 0 axes; expected 2, of "
         "the batch and of the labels, padded to one length"),
        (lambda: pg.ctc_loss(x, [1, 2], [4, 4], [2, 1]), "ctc_loss: target_lengths is [2, 1] for 2 labels; expected "
         "lengths that add up to all labels"),
        (lambda: pg.ctc_loss(x, [1, 2], [4, 4], [3, -1]), "ctc_loss: target_lengths is [3, -1] for 2 labels; expected "
         "lengths that add up to all labels"),
        (lambda: pg.ctc_loss(x[0], [[1], [2]], [4, 4], [1, 1]), "ctc_loss: log_probs of shape (2, 3) has 2 axes; "
         "expected 3, of steps (1 or more), batch and classes"),
        (lambda: pg.ctc_loss(x, [[1], [2]], [4], [1, 1]), "ctc_loss: input_lengths has shape (1,); expected (2,)"),
        (lambda: pg.ctc_loss(x, [[1], [2]], [4, 4], [1.0, 1.0]), "ctc_loss: dtype float32 does not fit; expected "
         "integer lengths"),
        (lambda: pg.ctc_loss(x, [[1], [2]], [4, 4], [1, 1], blank=3), "ctc_loss: blank is 3; expected one of the "
         "classes"),
        (lambda: pg.ctc_loss(x, [[1], [2]], [4, 4], [1, 1], blank=-1), "ctc_loss: blank is -1; expected one of the "
         "classes"),
    ]  # fmt: skip
    for call, text in cases:
        with pytest.raises(pg.RecordError) as caught:
            call()
        assert str(caught.value) == text
    with pytest.raises(pg.IndexOutOfRangeError, match="ctc_loss: label 7 is out of range for 3 classes"):
        pg.ctc_loss(x, [[7], [2]], [4, 4], [1, 1]).item()


# Norms ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS)
def test_46_of_nothing_but_equal_elements(dtype: str) -> None:
    for norm in (pg.normalize, lambda x: pg.cosine_similarity(x, np.array([1.0, 2.0], dtype))):
        value, (slope,) = at(norm, dtype, [0.0, 0.0])
        np.testing.assert_array_equal(value, 0.0)
        assert np.isfinite(slope).all()
    value, (slope,) = at(pg.layer_norm, dtype, [3.0, 3.0, 3.0])
    np.testing.assert_array_equal(value, 0.0)
    assert np.isfinite(slope).all()


def test_batch_norm_gives_its_statistics_and_takes_them() -> None:
    rec = pg.Record()
    x = rec.tensor(X)
    y, mean, var = pg.batch_norm(x)
    np.testing.assert_allclose(mean, X.mean(0))
    np.testing.assert_allclose(var, X.var(0))
    again, *_ = pg.batch_norm(x, mean=mean, var=var)
    np.testing.assert_allclose(again, y)
    with pytest.raises(pg.ArgumentError, match="batch_norm: mean, var is one of both; expected both or none"):
        pg.batch_norm(x, mean=mean)


def test_weights_of_norms_have_the_sizes_of_their_axes() -> None:
    x = pg.Record().zeros((2, 4, 3))
    calls = [
        (lambda: pg.layer_norm(x, np.ones(4)), "layer_norm: weight has shape (4,); expected (3,)"),
        (lambda: pg.layer_norm(x, None, np.ones(3), axis=(1, 2)), "layer_norm: bias has shape (3,); expected (4, 3)"),
        (lambda: pg.rms_norm(x, np.ones(2)), "rms_norm: weight has shape (2,); expected (3,)"),
        (lambda: pg.batch_norm(x, np.ones(3)), "batch_norm: weight has shape (3,); expected (4,)"),
        (lambda: pg.batch_norm(x, mean=np.ones(3), var=np.ones(4)), "batch_norm: mean has shape (3,); expected (4,)"),
        (lambda: pg.group_norm(x, 3), "group_norm: num_groups is 3; expected a number that divides the channels"),
        (lambda: pg.group_norm(x[0, 0], 1), "group_norm: input of shape (3,) has 1 axes; expected at least 2"),
        (lambda: pg.normalize(x, 0.0), "normalize: p is 0.0; expected a number above 0"),
    ]
    for call, text in calls:
        with pytest.raises(pg.RecordError) as caught:
            call()
        assert str(caught.value) == text


# Attention ------------------------------------------------------------------------------------------------------------

Q, K, V = (RNG.standard_normal(shape) for shape in [(2, 4, 3), (2, 5, 3), (2, 5, 2)])


@pytest.mark.parametrize("kind", ["bool", "float"])
def test_21_queries_that_see_nothing_gather_zeros(kind: str) -> None:
    seen = RNG.uniform(size=(4, 5)) < 0.5
    seen[1] = False
    mask = seen if kind == "bool" else np.where(seen, 0.5, -INF)

    def attend(q: Any, k: Any, v: Any) -> Any:
        return pg.scaled_dot_product_attention(q, k, v, mask)

    y = array_of(attend(*tensors(pg.Record(), [Q, K, V])))
    np.testing.assert_array_equal(y[:, 1], 0.0)
    assert np.isfinite(y).all()
    check_gradient(attend, [Q, K, V])


def test_masks_of_numbers_have_gradients() -> None:
    check_gradient(
        lambda q, k, v, mask: pg.scaled_dot_product_attention(q, k, v, mask), [Q, K, V, RNG.standard_normal((4, 5))]
    )


def test_causal_attention_does_not_look_ahead() -> None:
    rec = pg.Record()
    q, k, v = tensors(rec, [Q, K, V])
    changed = V.copy()
    changed[:, 3:] = 99.0
    one, two = (pg.scaled_dot_product_attention(q, k, x, is_causal=True) for x in (v, rec.tensor(changed)))
    np.testing.assert_array_equal(array_of(one)[:, :3], array_of(two)[:, :3])
    masked = pg.scaled_dot_product_attention(q, k, v, np.ones((4, 5), bool), True)
    assert_close(array_of(masked), array_of(one), 4)


def test_dropout_of_attention_keeps_the_mean() -> None:
    rec = pg.Record()
    q, k, v = rec.zeros((400, 3)), rec.zeros((50, 3)), rec.ones((50, 1))
    y = array_of(pg.scaled_dot_product_attention(q, k, v, dropout=0.25, key=pg.Key(0)))
    assert abs(y.mean() - 1) < 0.01
    assert 0.05 < y.std() < 0.12  # sqrt((1 / 0.75 - 1) / 50) is 0.08
    for bad, text in [({"dropout": 0.5}, "key is None; expected a random key, for there is dropout"),
                      ({"dropout": 1.0}, "dropout is 1.0; expected a share from 0 to below 1")]:  # fmt: skip
        with pytest.raises(pg.ArgumentError) as caught:
            pg.scaled_dot_product_attention(q, k, v, **bad)
        assert str(caught.value) == f"scaled_dot_product_attention: {text}"


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        ([5, 4], [1, 1], "ctc_loss: input_lengths is 5; expected lengths from 0 to that of the longest"),
        ([-1, 4], [1, 1], "ctc_loss: input_lengths is -1; "),
        ([4, 4], [1, 2], "ctc_loss: target_lengths is 2; "),
        ([4, 4], [-5, 1], "ctc_loss: target_lengths is -5; "),
    ],
)
def test_ctc_refuses_lengths_for_which_there_is_no_room(inputs: Any, targets: Any, message: str) -> None:
    loss = pg.ctc_loss(pg.Record().zeros((4, 2, 3)), [[1], [2]], inputs, targets)
    with pytest.raises(pg.ArgumentError, match=message):
        loss.item()
