"""Ends of what operations are defined on: empty inputs, infinities, zeros, and numbers that float16 does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg

INF, NAN = float("inf"), float("nan")


@pytest.fixture
def rec() -> pg.Record:
    return pg.Record()


def half(rec: pg.Record, values: list[float]) -> pg.Tensor:
    return rec.tensor(values).astype("float16")


def gradient(f: Callable[..., pg.Tensor], *inputs: Any) -> list[Any]:
    """Of the sum, by each input, in float64."""
    rec = pg.Record()
    tensors = [rec.tensor(np.array(x, "float64")) for x in inputs]
    grads = f(*tensors).sum().grad()
    return [grads.wrt(x).tolist() for x in tensors]


@pytest.mark.parametrize(("targets", "loss"), [([0, 2], 0.0), ([1, 2], INF)])
def test_ctc_of_an_input_without_steps(rec: pg.Record, targets: list[int], loss: float) -> None:
    scores = rec.tensor(np.full((2, 2, 3), -1.0))
    how: dict[str, Any] = {"reduction": "none"}
    assert pg.ctc_loss(scores, [[1, 2]] * 2, [0, 2], targets, **how).tolist() == [loss, 2.0]
    assert pg.ctc_loss(scores, [[1, 2]] * 2, [0, 2], targets, zero_infinity=True, **how).tolist() == [0.0, 2.0]
    grads = pg.ctc_loss(scores, [[1, 2]] * 2, [0, 2], targets, zero_infinity=True, reduction="sum").grad()
    expected = np.zeros((2, 2, 3))
    expected[0, 1, 1] = expected[1, 1, 2] = -1.0
    np.testing.assert_array_equal(grads.wrt(scores).data(), expected)


def test_triplets_by_the_largest_distance(rec: pg.Record) -> None:
    a, b, c = (rec.tensor([[1.0, x]]) for x in (2.0, 3.0, 2.5))
    assert pg.triplet_margin_loss(a, b, c, p=INF, eps=0.0).item() == 1.5


@pytest.mark.parametrize("p", [1.5, 2.0, 3.0])
def test_triplets_of_equal_vectors_have_the_gradient_of_the_other_distance(p: float) -> None:
    [found] = gradient(
        lambda a: pg.triplet_margin_loss(a, a.zeros_like(), a.ones_like(), eps=0.0, margin=3.0, p=p), [[0.0, 0.0]]
    )
    np.testing.assert_allclose(found, [[2.0 ** (1 / p - 1)] * 2], rtol=1e-14)


def test_least_probabilities_and_variances_that_float16_does_not_have(rec: pg.Record) -> None:
    losses = pg.binary_cross_entropy(half(rec, [0.0, 1.0]), half(rec, [1.0, 0.0]), reduction="none")
    assert (losses.dtype, losses.tolist()) == ("float16", [100.0, 100.0])
    p = rec.tensor([0.0, 1.0])
    slopes = pg.binary_cross_entropy(p.astype("float16"), half(rec, [1.0, 0.0]), reduction="sum").grad().wrt(p)
    np.testing.assert_allclose(slopes.data(), [-1e12, 1e12], rtol=1e-6)
    zero = half(rec, [0.0])
    for eps in (1e-8, 3e-8):
        found = pg.gaussian_nll_loss(zero, zero, zero, eps=eps)
        assert (found.dtype, found.item()) == ("float16", float(np.float16(0.5 * np.log(eps))))


def test_log_cosh_is_even_to_its_ends(rec: pg.Record) -> None:
    ends = np.array([-INF, -1e308, -2.0, -0.1])
    below, above = (pg.log_cosh_loss(rec.tensor(x), np.zeros(4), reduction="none").tolist() for x in (ends, -ends))
    assert below == above
    assert below[:2] == [INF, 1e308]
    [slopes] = gradient(lambda x: pg.log_cosh_loss(x, np.zeros(3), reduction="none"), [-1e308, 0.0, 0.1])
    np.testing.assert_allclose(slopes, [-1.0, 0.0, np.tanh(0.1)], rtol=1e-14)


@pytest.mark.parametrize(
    ("values", "order", "expected"),
    [
        ([INF, INF], -1, INF),
        ([1e200, 1e200], -2, INF),
        ([], -1, INF),
        ([0.0, 2.0], -1, 0.0),
        ([], 3, 0.0),
        ([0.0], 3, 0.0),
    ],
)
def test_norms_of_negative_order(rec: pg.Record, values: list[float], order: float, expected: float) -> None:
    assert pg.norm(rec.tensor(np.array(values)), order).item() == expected


def test_divergence_counts_nothing_where_the_target_is_0() -> None:
    log_p, log_t = [0.0, -1.0, -INF], [-INF, -2.0, -INF]
    to_p, to_t = gradient(lambda x, t: pg.kl_div(x, t, log_target=True, reduction="none"), log_p, log_t)
    np.testing.assert_allclose(to_p, [0.0, -np.exp(-2.0), 0.0], rtol=1e-15)
    np.testing.assert_allclose(to_t, [0.0, 0.0, 0.0], atol=1e-16)  # exp(t) (t - x + 1)
    rec = pg.Record()
    losses = pg.kl_div(rec.tensor(log_p), rec.tensor(log_t), log_target=True, reduction="none").tolist()
    assert losses == [0.0, pytest.approx(-np.exp(-2.0), rel=1e-6), 0.0]


def test_logits_without_end_lose_nothing_with_the_right_target(rec: pg.Record) -> None:
    losses = pg.binary_cross_entropy_with_logits(rec.tensor([INF, -INF]), rec.tensor([1.0, 0.0]), reduction="none")
    assert losses.tolist() == [0.0, 0.0]


def test_lengths_of_order_below_1_have_gradients_at_0() -> None:
    [found] = gradient(lambda x: pg.normalize(x, 0.5), [0.0, 3.0, -4.0])
    assert found[0] == pytest.approx(1 / (np.sqrt(3.0) + 2.0) ** 2, rel=1e-14)
    assert np.isfinite(found).all()


def test_quantiles_of_nothing_but_nan_have_gradient_0() -> None:
    assert gradient(pg.nanmedian, [NAN, NAN]) == [[0.0, 0.0]]
    assert gradient(pg.nanmedian, [NAN, 2.0, 4.0]) == [[0.0, 0.5, 0.5]]


def test_bool_to_all_powers_is_int64(rec: pg.Record) -> None:
    for exponent in range(6):
        found = rec.tensor([True, False]) ** exponent
        assert (found.dtype, found.tolist()) == ("int64", [1, int(exponent == 0)])


def test_correction_of_nan_shows(rec: pg.Record) -> None:
    x = rec.tensor([1.0, 2.0])
    assert np.isnan([f(x, correction=NAN).item() for f in (pg.var, pg.std, pg.cov)]).all()


def test_correlations_end_at_1(rec: pg.Record) -> None:
    rows = np.random.default_rng(0).normal(size=(7, 1, 5)).repeat(2, 1) * [[1.0], [-3.0]]
    for pair in rows:
        found = pg.corrcoef(rec.tensor(pair)).data()
        assert np.abs(found).max() <= 1.0
        np.testing.assert_allclose(found, [[1.0, -1.0], [-1.0, 1.0]], rtol=1e-14)


@pytest.mark.parametrize(("bounds", "dtype"), [((0, 300, 100), "int8"), ((-1, 2), "uint8")])
def test_ranges_do_not_wrap(rec: pg.Record, bounds: tuple[int, ...], dtype: str) -> None:
    with pytest.raises(pg.OutOfRangeError):
        rec.arange(*bounds, dtype=dtype)


def test_ranges_to_the_end_of_a_dtype(rec: pg.Record) -> None:
    assert rec.arange(126, 128, dtype="int8").tolist() == [126, 127]
    assert rec.arange(1, -1, -1, dtype="uint8").tolist() == [1, 0]
    assert rec.arange(2**64 - 2, 2**64, dtype="uint64").tolist() == [2**64 - 2, 2**64 - 1]
