"""The checker bites: it rejects rules that are wrong in just one way, and accepts the right one.

Wrong rules are made from right ones: `x - stop_gradient(x)` is 0 with slope 1, so what is multiplied by it changes
derivatives and no value. The two that differ in how they take the cotangent are rows of the reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from checker import check_gradient
from compare import assert_close, assert_same_bits
from phonograd import reference
from phonograd.reference.elementwise import gate
from phonograd.reference.graph import Row, apply

X = np.array([[0.3, -0.7, 1.1], [0.9, 0.2, -1.4]])
B = np.array([0.5, -0.8, 1.3])


def slope_only(x: Any) -> Any:
    """0, but with the derivative of `x`."""
    return x - x.stop_gradient()


def off_by_a_thousandth(x: Any) -> Any:
    return x.sin() + 0.001 * slope_only(x.sin())


def off_in_one_element(x: Any) -> Any:
    return x.sin() + slope_only(x) * np.array([[0.0, 0.0, 0.001], [0.0, 0.0, 0.0]])


def wrong_at_order_two(x: Any) -> Any:
    return x.sin() + 0.01 * slope_only(x).square()


def wrong_at_order_three(x: Any) -> Any:
    return x.sin() + 0.01 * slope_only(x).square() * slope_only(x)


def right_product(a: Any, b: Any) -> Any:
    return a * b


def wrong_when_broadcast(a: Any, b: Any) -> Any:
    """Forgets to sum over the copies of `b`: only the first gets a gradient."""
    if a.shape == b.shape:
        return a * b
    rows = [b, *(b.stop_gradient() for _ in range(a.shape[0] - 1))]
    return a * pg.stack(rows)


def wrong_for_the_same_tensor_twice(a: Any, b: Any) -> Any:
    return a * (b.stop_gradient() if a is b else b)


def row_of_reference(rule: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    def sine(x: Any) -> Any:
        return reference.sin(reference.Record().tensor(x)).array

    return lambda x: apply(Row("sin", sine, lambda g, y, x: [rule(g, reference.cos(x))]), x)


def test_accepts_what_is_right() -> None:
    check_gradient(lambda x: x.sin(), [X], 3)
    check_gradient(right_product, [X, B])
    check_gradient(right_product, [X, X + 0.1])
    check_gradient(row_of_reference(gate), [X], library=reference)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("wrong", [off_by_a_thousandth, off_in_one_element], ids=lambda f: f.__name__)
def test_rejects_a_thousandth(wrong: Any, order: int) -> None:
    with pytest.raises(AssertionError, match="along a direction"):
        check_gradient(wrong, [X], order)


@pytest.mark.parametrize(("wrong", "right_up_to"), [(wrong_at_order_two, 1), (wrong_at_order_three, 2)])
def test_rejects_what_is_wrong_only_at_higher_order(wrong: Any, right_up_to: int) -> None:
    check_gradient(wrong, [X], right_up_to)
    with pytest.raises(AssertionError, match="along a direction"):
        check_gradient(wrong, [X], right_up_to + 1)


def test_rejects_what_is_wrong_only_when_broadcast() -> None:
    check_gradient(wrong_when_broadcast, [X, X + 0.1])
    with pytest.raises(AssertionError, match="along a direction"):
        check_gradient(wrong_when_broadcast, [X, B], 1)


def test_rejects_what_is_wrong_only_for_the_same_tensor_twice() -> None:
    check_gradient(wrong_for_the_same_tensor_twice, [X, X])
    with pytest.raises(AssertionError, match="along a direction"):
        check_gradient(lambda x: wrong_for_the_same_tensor_twice(x, x), [X], 1)


@pytest.mark.parametrize(
    "rule",
    [lambda g, d: gate(g * g, d), lambda g, d: d, lambda g, d: gate(abs(g), d), lambda g, d: gate(g.sum() / g.size, d)],
    ids=["squared", "ignored", "absolute", "averaged"],
)
def test_rejects_what_is_right_only_for_a_cotangent_of_ones(rule: Callable[[Any, Any], Any]) -> None:
    function = row_of_reference(rule)
    rec = reference.Record()
    x = rec.tensor(X)
    np.testing.assert_allclose(function(x).grad(rec.ones(X.shape, "float64")).wrt(x).tolist(), np.cos(X), rtol=1e-15)
    with pytest.raises(AssertionError, match="along a direction"):
        check_gradient(function, [X], 1, library=reference)


def test_rejects_a_rule_that_is_not_linear() -> None:
    """Right along the first cotangent that is tried, if that is where it looks."""
    function = row_of_reference(lambda g, d: gate(g + 1e-9 * g * g, d))
    with pytest.raises(AssertionError, match="not linear"):
        check_gradient(function, [X], 1, library=reference)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_comparison_of_values_bites(dtype: str) -> None:
    one = np.array([1.0, -1.0, np.inf, np.nan, 0.0], dtype)
    off = one * (1 + 2 * np.finfo(dtype).eps)
    assert_close(one, off, 2)
    for wrong, ulps in [(off, 1.9), (one[:4], 2), (np.nan_to_num(one), 2), (-one, 2), (one + np.finfo(dtype).tiny, 2)]:
        with pytest.raises(AssertionError):
            assert_close(wrong.astype(dtype), one, ulps)
    with pytest.raises(AssertionError):
        assert_same_bits(-one, one)
    with pytest.raises(AssertionError):
        assert_same_bits(np.array([-0.0], dtype), np.array([0.0], dtype))
