"""Optimisers against their formulas in NumPy, step by step; one plan a step; all of it or nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import phonograd as pg

State = dict[str, Any]
Formula = Callable[[np.ndarray, np.ndarray, State], np.ndarray]
RNG = np.random.default_rng(0)
START, CURVE, TARGET = RNG.normal(size=(3, 2)), RNG.uniform(0.5, 2.0, (3, 2)), RNG.normal(size=(3, 2))


def sgd(rate: float, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0) -> Formula:
    def step(p: np.ndarray, g: np.ndarray, state: State) -> np.ndarray:
        g = g + weight_decay * p
        state["v"] = v = momentum * state.get("v", 0.0) + g
        return p - rate * (g + momentum * v if nesterov else v)

    return step


def adam(
    rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    l2: float = 0.0,
    decay: float = 0.0,
) -> Formula:
    def step(p: np.ndarray, g: np.ndarray, state: State) -> np.ndarray:
        g = g + l2 * p
        t = state["t"] = state.get("t", 0) + 1
        m = state["m"] = beta1 * state.get("m", 0.0) + (1 - beta1) * g
        v = state["v"] = beta2 * state.get("v", 0.0) + (1 - beta2) * g * g
        p = p * (1 - rate * decay)
        return p - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)

    return step


PAIRS: dict[str, tuple[pg.optim.Optimizer, Formula]] = {
    "sgd": (pg.optim.SGD(0.1), sgd(0.1)),
    "sgd-decay": (pg.optim.SGD(0.1, weight_decay=0.3), sgd(0.1, weight_decay=0.3)),
    "momentum": (pg.optim.SGD(0.05, 0.9), sgd(0.05, 0.9)),
    "momentum-decay": (pg.optim.SGD(0.05, 0.5, weight_decay=0.1), sgd(0.05, 0.5, False, 0.1)),
    "nesterov": (pg.optim.SGD(0.05, 0.9, nesterov=True), sgd(0.05, 0.9, True)),
    "nesterov-decay": (pg.optim.SGD(0.05, 0.9, True, 0.2), sgd(0.05, 0.9, True, 0.2)),
    "adam": (pg.optim.Adam(0.1), adam(0.1)),
    "adam-betas": (pg.optim.Adam(0.1, 0.5, 0.9, 0.1), adam(0.1, 0.5, 0.9, 0.1)),
    "adam-decay": (pg.optim.Adam(0.1, weight_decay=0.2), adam(0.1, l2=0.2)),
    "adamw": (pg.optim.AdamW(0.1, weight_decay=0.3), adam(0.1, decay=0.3)),
    "adamw-default": (pg.optim.AdamW(), adam(decay=0.01)),
}


def valley(rec: pg.Record) -> pg.Tensor:
    """A loss with another gradient for each element, and a second parameter."""
    x, y = rec.parameter("x"), rec.parameter("y")
    return (rec.tensor(CURVE) * (x - rec.tensor(TARGET)).square()).sum() + (x.sum() * y).square()


def slopes(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    both = 2.0 * x.sum() * y
    return 2.0 * CURVE * (x - TARGET) + both * y, both * x.sum()


def fresh(dtype: str = "float64") -> pg.ParameterStore:
    store = pg.ParameterStore()
    store.update({"x": START.astype(dtype), "y": np.array(0.1, dtype)})
    return store


@pytest.mark.parametrize("name", PAIRS)
def test_ten_steps_follow_the_formula(name: str) -> None:
    optimizer, formula = PAIRS[name]
    store, (x, y), states = fresh(), (START, np.array(0.1)), ({}, {})
    for _ in range(10):
        optimizer.step(store, valley(pg.Record(store)).grad())
        gx, gy = slopes(x, y)
        x, y = formula(x, gx, states[0]), formula(y, gy, states[1])
        np.testing.assert_allclose(store["x"], x, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(store["y"], y, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", PAIRS)
def test_float32_keeps_its_dtype_and_agrees(name: str) -> None:
    optimizer, _ = PAIRS[name]
    wide, narrow = fresh(), fresh("float32")
    for store in (wide, narrow):
        for _ in range(5):
            rec = pg.Record(store)
            optimizer.step(store, valley(rec).astype(store["x"].dtype).grad())
    assert {value.dtype for value in narrow.values()} == {np.dtype("float32")}
    np.testing.assert_allclose(narrow["x"], wide["x"], rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("name", PAIRS)
def test_same_start_gives_the_same_bits(name: str) -> None:
    ends = []
    for _ in range(2):
        store = fresh("float32")
        for _ in range(3):
            PAIRS[name][0].step(store, valley(pg.Record(store)).astype("float32").grad())
        ends.append((store["x"].tobytes(), sorted(store.state), {k: v.tobytes() for k, v in store.state.items()}))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("make", [pg.optim.SGD, lambda r: pg.optim.SGD(r, 0.9), pg.optim.Adam, pg.optim.AdamW])
def test_rates_and_batches_change_and_the_plan_stays(make: Callable[[float], pg.optim.Optimizer]) -> None:
    store, rng = fresh(), np.random.default_rng(0)
    misses = []
    for k in range(8):
        rec = pg.Record(store)
        loss = valley(rec) * rec.tensor(rng.uniform())
        make(0.1 / (k + 1)).step(store, loss.grad())
        assert np.isfinite(loss.item())
        misses.append(pg.plan_cache().misses)
    # The first step has no state yet, and is another program than those that follow.
    assert misses[2:] == [misses[1]] * 6


def test_one_step_is_one_plan() -> None:
    store = fresh()
    before = pg.plan_cache()
    rec = pg.Record(store)
    loss = valley(rec)
    pg.optim.Adam(0.1).step(store, loss.grad())
    assert loss.computed
    after = pg.plan_cache()
    assert after.hits + after.misses - before.hits - before.misses == 1


def snapshot(store: pg.ParameterStore) -> dict[str, Any]:
    return {name: value.tolist() for s in (store, store.state) for name, value in s.items()}


class Failing(pg.optim.Optimizer):
    """Moves the first parameter well, and fails on the second while the plan runs."""

    name = "failing"

    def init(self, p: pg.Tensor) -> dict[str, pg.Tensor]:
        return {"count": p.record.zeros((), "int64")}

    def update(self, p: pg.Tensor, g: pg.Tensor, state: Any) -> tuple[pg.Tensor, dict[str, pg.Tensor]]:
        count = state["count"] + 1
        return p - g, {"count": count // (0 if p.ndim == 0 else 1)}


def test_failure_in_the_middle_of_the_plan_changes_nothing() -> None:
    store = fresh()
    pg.optim.Adam(0.1).step(store, valley(pg.Record(store)).grad())
    before = snapshot(store)
    with pytest.raises(pg.IntegerDivisionError):
        Failing().step(store, valley(pg.Record(store)).grad())
    assert snapshot(store) == before


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (lambda s: s.__delitem__("y"), pg.ParameterError),
        (lambda s: s.__setitem__("y", np.zeros(2)), pg.ShapeError),
        (lambda s: s.__setitem__("y", np.float32(1.0)), pg.DTypeError),
        (lambda s: s.state.__setitem__("adam/y/m", np.zeros(3)), pg.ShapeError),
        (lambda s: s.state.__setitem__("adam/y/v", 1), pg.DTypeError),
    ],
    ids=["missing", "shape", "dtype", "state-shape", "state-dtype"],
)
def test_store_that_does_not_fit_is_refused_whole(harm: Callable[[Any], None], error: type[Exception]) -> None:
    store = fresh()
    grads = valley(pg.Record(store)).grad()
    harm(store)
    before = snapshot(store)
    with pytest.raises(error, match=r"`y`|adam/y/"):
        pg.optim.Adam(0.1).step(store, grads)
    assert snapshot(store) == before


def test_two_stores_are_changed_together_or_not_at_all() -> None:
    store = fresh()
    before = snapshot(store)
    for pair in ({"x": 1.0}, {"m": object()}), ({"x": object()}, {"m": 1.0}), ({"x": 1.0}, {3: 1.0}):
        with pytest.raises((pg.InputError, TypeError)):
            store._commit(pair[0], store.state, pair[1])  # type: ignore[arg-type]
        assert snapshot(store) == before
    store._commit({"x": 1.0}, store, {"y": 2.0})
    assert (store["x"], store["y"]) == (1.0, 2.0)


def test_threads_that_change_the_same_two_stores_in_other_orders_do_not_wait_for_each_other() -> None:
    one, other = pg.ParameterStore(), pg.ParameterStore()

    def work(first: pg.ParameterStore, second: pg.ParameterStore, value: float) -> None:
        for _ in range(2000):
            first._commit({"a": value}, second, {"a": value})

    threads = [threading.Thread(target=work, args=args, daemon=True) for args in ((one, other, 1.0), (other, one, 2.0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert not any(thread.is_alive() for thread in threads)
    assert one["a"] == other["a"]


def test_named_parameters_alone_are_moved_and_integers_are_left() -> None:
    store = fresh()
    store["steps"] = 3
    rec = pg.Record(store)
    rec.parameter("steps")
    grads = valley(rec).grad()
    pg.optim.SGD(0.1).step(store, grads, names=["y"])
    assert (store["x"].tolist(), store["y"] == 0.1) == (START.tolist(), False)
    pg.optim.SGD(0.1).step(store, grads)
    assert (store["x"].tolist() == START.tolist(), store["steps"]) == (False, 3)


def test_accumulated_gradients_step_like_the_whole() -> None:
    whole, parts = fresh(), fresh()
    pg.optim.SGD(0.1).step(whole, valley(pg.Record(whole)).grad())
    rec = pg.Record(parts)
    pg.optim.SGD(0.1).step(parts, 0.25 * valley(rec).grad() + valley(rec).grad() * 0.75)
    np.testing.assert_allclose(parts["x"], whole["x"], rtol=1e-14)


@pytest.mark.parametrize(
    "call",
    [
        "SGD(-0.1)", "SGD(float('nan'))", "SGD(float('inf'))", "SGD(0.1, momentum=1.0)", "SGD(0.1, momentum=-0.1)",
        "SGD(0.1, nesterov=True)", "SGD(0.1, weight_decay=-1.0)", "Adam(-1.0)", "Adam(beta1=1.0)", "Adam(beta2=-0.1)",
        "Adam(epsilon=-1e-8)", "Adam(float('nan'))", "AdamW(weight_decay=float('nan'))", "Adam(beta1=float('nan'))",
    ],
)  # fmt: skip
def test_numbers_that_make_no_sense_are_refused(call: str) -> None:
    with pytest.raises(pg.ArgumentError, match=call.partition("(")[0]):
        eval(f"optim.{call}", {"optim": pg.optim})


@pytest.mark.parametrize("grads", [None, [1.0], 3.0, pg.Record().tensor(1.0)], ids=lambda g: type(g).__name__)
def test_step_wants_gradients(grads: Any) -> None:
    with pytest.raises(pg.InputError, match=r"loss\.grad\(\)"):
        pg.optim.SGD(0.1).step(fresh(), grads)


def test_optimisers_are_frozen_values() -> None:
    one = pg.optim.Adam(0.1)
    assert (one == pg.optim.Adam(0.1), one == pg.optim.Adam(0.2), one == pg.optim.AdamW(0.1)) == (True, False, False)
    assert len({one, pg.optim.Adam(0.1)}) == 1
    assert eval(repr(one), vars(pg.optim)) == one
    with pytest.raises(AttributeError, match="frozen"):
        one.rate = 0.2
    with pytest.raises(AttributeError, match="frozen"):
        del one.rate


class OneByOne(pg.optim.AdamW):
    """AdamW without the call that takes all parameters together."""

    def update(self, p: pg.Tensor, g: pg.Tensor, state: Mapping[str, pg.Tensor]) -> tuple[pg.Tensor, Any]:
        return super().update(p, g, state)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_steps_together_are_the_steps_one_by_one(decay: float) -> None:
    """Also of parameters of two dtypes that have made different numbers of steps, and of a constant among them."""
    stores = []
    for rule in (pg.optim.AdamW(0.1, weight_decay=decay), OneByOne(0.1, weight_decay=decay)):
        store = pg.ParameterStore(seed=1)
        store.update({"a": [1.0, -2.0], "b": np.array([[3.0], [0.5]]), "c": 0.25, "index": [1, 2]})
        for chosen in (["a"], ["a", "c"], None, ["b"], None):
            rec = pg.Record(store)
            a, b, c, index = (rec.parameter(name) for name in store)
            loss = ((a * index).sin().sum() + c * b.exp().sum()).sum()
            rule.step(store, loss.grad(), chosen)
        stores.append(store)
    assert [(n, v.tolist()) for n, v in stores[0].items()] == [(n, v.tolist()) for n, v in stores[1].items()]
    states = [{name: value.tolist() for name, value in store.state.items()} for store in stores]
    assert states[0] == states[1]
    assert [states[0][f"adamw/{name}/step"] for name in "abc"] == [4, 3, 3]
