"""Numbers in geometric progression, and slopes along several axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg

HOW: list[dict[str, Any]] = [{}, {"num": 7}, {"num": 6, "endpoint": False}, {"num": 1}, {"num": 0}]


@pytest.fixture
def rec() -> pg.Record:
    return pg.Record()


@pytest.mark.parametrize("how", HOW, ids=str)
@pytest.mark.parametrize(("dtype", "close"), [("float32", 2e-7), ("float64", 1e-14)])
def test_logspace_is_that_of_numpy(rec: pg.Record, how: dict[str, Any], dtype: str, close: float) -> None:
    for start, stop, base in [(-2.0, 3.0, 10.0), (0.0, 8.0, 2.0), (1, 1, 0.5)]:
        found = rec.logspace(start, stop, base=base, dtype=dtype, **how)
        assert found.dtype == dtype
        np.testing.assert_allclose(found.data(), np.logspace(start, stop, base=base, **how), rtol=close)


@pytest.mark.parametrize("how", HOW, ids=str)
@pytest.mark.parametrize(("dtype", "close"), [("float32", 2e-7), ("float64", 5e-14)])
def test_geomspace_is_that_of_numpy(rec: pg.Record, how: dict[str, Any], dtype: str, close: float) -> None:
    for start, stop in [(1.0, 1000.0), (-2.0, -0.001), (5, 5), (1e-30, 1e30)]:
        found = rec.geomspace(start, stop, dtype=dtype, **how)
        assert found.dtype == dtype
        np.testing.assert_allclose(found.data(), np.geomspace(start, stop, **how), rtol=close)


def test_geomspace_over_all_floats(rec: pg.Record) -> None:
    found = rec.geomspace(1e-300, 1e300, 5, dtype="float64").data()
    np.testing.assert_allclose(found, [1e-300, 1e-150, 1.0, 1e150, 1e300], rtol=1e-12)


def test_ends_of_geomspace_are_exact(rec: pg.Record) -> None:
    found = rec.geomspace(0.3, 77.7, 9, dtype="float64").tolist()
    assert (found[0], found[-1]) == (0.3, 77.7)


@pytest.mark.parametrize("ends", [(-1, 1), (0, 1), (1, 0), (1, float("inf")), (float("nan"), 1)])
def test_geomspace_needs_ends_of_one_sign(rec: pg.Record, ends: tuple[float, float]) -> None:
    with pytest.raises(pg.ArgumentError, match="ends of one sign, not 0"):
        rec.geomspace(*ends)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("spacing", [(), (2.0,), (2.0, 0.5), (0.5, "points"), ("points", "points")], ids=str)
def test_slopes_along_all_axes(rec: pg.Record, spacing: tuple[Any, ...], order: int) -> None:
    rng = np.random.default_rng(0)
    f = rng.normal(size=(5, 7))
    steps = [np.cumsum(rng.uniform(0.2, 1, f.shape[at])) if s == "points" else s for at, s in enumerate(spacing)]
    found = pg.gradient(rec.tensor(f), *steps, edge_order=order)
    assert isinstance(found, tuple)
    for ours, theirs in zip(found, np.gradient(f, *steps, edge_order=order), strict=True):
        np.testing.assert_allclose(ours.data(), theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda f: pg.gradient(f, 1.0, 2.0, 3.0), "spacing is 3 for 2 axes"),
        (lambda f: pg.gradient(f, edge_order=3), "edge_order is 3; expected 1 or 2"),
        (lambda f: pg.gradient(f, axis=1), "1 elements along axis 1; expected 2 or more"),
        (lambda f: pg.gradient(f, [1.0, 2.0, 4.0], axis=0), r"x has shape \(3,\); expected \(2, 1\)"),
        (lambda f: pg.gradient(f, axis=0, edge_order=2), "2 elements along axis 0; expected 3 or more"),
    ],
)
def test_slopes_that_there_are_not(rec: pg.Record, ask: Callable[[pg.Tensor], Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ask(rec.ones((2, 1)))


def test_nothing_is_among_nan(rec: pg.Record) -> None:
    assert pg.isin(rec.tensor([np.nan, 1.0, -0.0]), [np.nan, 0.0]).tolist() == [False, False, True]
    assert pg.isin(rec.tensor([1, 2]), 2.5).tolist() == [False, False]
