"""Optimisers: their formulas against NumPy in float64, one plan a step, all or nothing."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from phonograd import optim

Arrays = dict[str, np.ndarray]


def sgd(o: optim.SGD, p: np.ndarray, g: np.ndarray, kept: Arrays) -> np.ndarray:
    g = g + o.weight_decay * p
    if not o.momentum:
        return p - o.rate * g
    kept["v"] = o.momentum * kept["v"] + g if kept else g
    return p - o.rate * (g + o.momentum * kept["v"] if o.nesterov else kept["v"])


def adam(o: optim.Adam, p: np.ndarray, g: np.ndarray, kept: Arrays) -> np.ndarray:
    if isinstance(o, optim.AdamW):
        p = p * (1 - o.rate * o.weight_decay)
    else:
        g = g + o.weight_decay * p
    kept["t"] = kept.get("t", np.zeros(())) + 1
    kept["m"] = o.beta1 * kept.get("m", 0 * p) + (1 - o.beta1) * g
    kept["v"] = o.beta2 * kept.get("v", 0 * p) + (1 - o.beta2) * g * g
    m, v = kept["m"] / (1 - o.beta1 ** kept["t"]), kept["v"] / (1 - o.beta2 ** kept["t"])
    return p - o.rate * m / (np.sqrt(v) + o.epsilon)


OPTIMISERS = [
    optim.SGD(0.1),
    optim.SGD(0.1, weight_decay=0.2),
    optim.SGD(0.05, momentum=0.9),
    optim.SGD(0.05, momentum=0.8, nesterov=True, weight_decay=0.1),
    optim.Adam(0.05),
    optim.Adam(0.05, beta1=0.8, beta2=0.9, epsilon=1e-3, weight_decay=0.1),
    optim.AdamW(0.05, weight_decay=0.3),
]
each_optimiser = pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)


def quadratic(store: pg.ParameterStore) -> pg.Tensor:
    """A loss with its minimum at 1 and -2, steeper for the second parameter."""
    rec = pg.Record(store)
    return (rec.parameter("a") - 1.0).square().sum() + 3.0 * (rec.parameter("b") + 2.0).square().sum()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_optimiser
def test_formula(optimiser: optim.Optimizer, dtype: str) -> None:
    store = pg.ParameterStore()
    store.update({"a": np.array([[0.5, -1.5]], dtype), "b": np.array(3.0, dtype)})
    wanted: dict[str, Any] = {name: value.astype(float) for name, value in store.items()}
    kept: dict[str, Arrays] = {"a": {}, "b": {}}
    rule: Any = sgd if isinstance(optimiser, optim.SGD) else adam
    for _ in range(10):
        loss = quadratic(store)
        expected = np.sum((wanted["a"] - 1) ** 2) + 3 * np.sum((wanted["b"] + 2) ** 2)
        optimiser.step(store, loss.grad())
        assert loss.item() == pytest.approx(expected, rel=1e-5 if dtype == "float32" else 1e-12)
        slopes = {"a": 2 * (wanted["a"] - 1), "b": 6 * (wanted["b"] + 2)}
        wanted = {name: rule(optimiser, wanted[name], slopes[name], kept[name]) for name in wanted}
    for name, value in wanted.items():
        np.testing.assert_allclose(store[name], value, rtol=1e-5 if dtype == "float32" else 1e-12)
        assert store[name].dtype == dtype


@each_optimiser
def test_finds_a_minimum(optimiser: optim.Optimizer) -> None:
    store = pg.ParameterStore()
    store.update({"a": [4.0, -3.0], "b": 2.0})
    start = quadratic(store).item()
    for _ in range(200):
        optimiser.step(store, quadratic(store).grad())
    assert quadratic(store).item() < 0.1 * start


@each_optimiser
def test_a_step_is_one_remembered_plan(optimiser: optim.Optimizer) -> None:
    store = pg.ParameterStore()
    store.update({"a": [4.0, -3.0], "b": 2.0})
    optimiser.step(store, quadratic(store).grad())
    optimiser.step(store, quadratic(store).grad())  # the first with state to bind
    before = pg.plan_cache()
    for factor in (1.0, 0.5, 0.25):  # another rate is another number, not another plan
        changed = copy.copy(optimiser)
        vars(changed)["rate"] *= factor
        changed.step(store, quadratic(store).grad())
    after = pg.plan_cache()
    assert (after.hits - before.hits, after.misses - before.misses) == (3, 0)


@each_optimiser
def test_all_or_nothing(optimiser: optim.Optimizer) -> None:
    store = pg.ParameterStore()
    store.update({"a": [4.0, -3.0], "b": 2.0})
    optimiser.step(store, quadratic(store).grad())
    parameters, state = dict(store), dict(store.state)
    rec = pg.Record(store)
    outside = rec.parameter("b") * rec.parameter("a").take(rec.tensor([2]))
    with pytest.raises(pg.IndexOutOfRangeError):
        optimiser.step(store, outside.sum().grad())
    for mapping, before in ((store, parameters), (store.state, state)):
        assert list(mapping) == list(before)
        assert all(np.array_equal(mapping[name], value) for name, value in before.items())


def test_arrays_taken_out_stay_what_they_were() -> None:
    store = pg.ParameterStore()
    store.update({"a": [4.0, -3.0], "b": 2.0})
    held = store["a"]
    optim.SGD(0.1).step(store, quadratic(store).grad())
    assert held.tolist() == [4.0, -3.0]
    assert store["a"].tolist() != [4.0, -3.0]
    with pytest.raises(ValueError, match="read-only"):
        store["a"][0] = 1.0


def test_only_the_named_parameters_move() -> None:
    store = pg.ParameterStore()
    store.update({"a": [4.0, -3.0], "b": 2.0})
    optim.SGD(0.1, momentum=0.5).step(store, quadratic(store).grad(), names=["b"])
    assert store["a"].tolist() == [4.0, -3.0]
    assert list(store.state) == ["sgd/b/velocity"]


def test_constants_among_the_parameters_stay() -> None:
    store = pg.ParameterStore()
    store.update({"w": [1.0, 2.0], "n": [3, 4]})
    rec = pg.Record(store)
    optim.SGD(0.5).step(store, (rec.parameter("w") * rec.parameter("n")).sum().grad())
    assert (store["w"].tolist(), store["n"].tolist()) == ([-0.5, 0.0], [3, 4])


def test_update_can_be_differentiated() -> None:
    rec = pg.Record()
    rate_less, target = rec.tensor(2.0, dtype="float64"), rec.tensor(1.0, dtype="float64")
    adam_, p = optim.Adam(0.1), rate_less
    state: Any = adam_.init(p)
    for _ in range(3):
        p, state = adam_.update(p, (p - target).square().grad().wrt(p), state)
    slope = p.grad().wrt(target).item()

    def end(target: float) -> float:
        x, kept = np.array(2.0), {}
        for _ in range(3):
            x = adam(adam_, x, 2 * (x - target), kept)
        return float(x)

    assert slope == pytest.approx((end(1 + 1e-6) - end(1 - 1e-6)) / 2e-6, rel=1e-6, abs=1e-9)


def test_a_new_optimiser_is_init_and_update() -> None:
    class Counting(optim.Optimizer):
        name = "counting"

        def init(self, p: pg.Tensor) -> dict[str, pg.Tensor]:
            return {"steps": p.record.zeros((), "int64")}

        def update(self, p: pg.Tensor, g: pg.Tensor, state: Any) -> Any:
            return p - g * 0.0, {"steps": state["steps"] + 1}

    store = pg.ParameterStore()
    store.update({"a": [4.0], "b": 2.0})
    for _ in range(3):
        Counting().step(store, quadratic(store).grad())
    assert {name: int(value) for name, value in store.state.items()} == {"counting/a/steps": 3, "counting/b/steps": 3}


def test_optimisers_are_values() -> None:
    one = optim.AdamW(0.5)
    assert one == optim.AdamW(0.5) != optim.Adam(0.5, weight_decay=0.01)
    assert hash(one) == hash(copy.deepcopy(one))
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(AttributeError, match=r"^AdamW is frozen; make a new one with another `rate`$"):
        one.rate = 0.1
    with pytest.raises(AttributeError, match=r"^AdamW is frozen; `rate` cannot be deleted$"):
        del one.rate


def gradients_of(store: pg.ParameterStore) -> pg.Gradients:
    return pg.Record(store).parameter("w").sum().grad()


def store_with(value: Any) -> pg.ParameterStore:
    store = pg.ParameterStore()
    store["w"] = value
    return store


def stale_state() -> None:
    store = store_with([1.0, 2.0])
    store.state["adam/w/m"] = [1.0]
    optim.Adam().step(store, gradients_of(store))


class Widening(optim.Optimizer):
    """Forgets the parameter's shape."""

    def update(self, p: pg.Tensor, g: pg.Tensor, state: Any) -> Any:
        return p.sum(), state


two = store_with([1.0, 2.0])
ERRORS = [
    (lambda: optim.SGD(-1.0), pg.ArgumentError, "SGD: rate is -1.0; expected a number of 0 or more"),
    (lambda: optim.SGD(float("nan")), pg.ArgumentError, "SGD: rate is nan; expected a number of 0 or more"),
    (lambda: optim.Adam(1e999), pg.ArgumentError, "Adam: rate is inf; expected a number of 0 or more"),
    (lambda: optim.Adam(beta2=1.0), pg.ArgumentError, "Adam: beta2 is 1.0; expected a number from 0 to below 1"),
    (
        lambda: optim.AdamW(weight_decay=-0.1),
        pg.ArgumentError,
        "AdamW: weight_decay is -0.1; expected a number of 0 or more",
    ),
    (
        lambda: optim.SGD(0.1, nesterov=True),
        pg.ArgumentError,
        "SGD: nesterov is True with momentum 0.0; expected a momentum above 0",
    ),
    (
        lambda: optim.SGD(0.1).step(gradients_of(two), two),  # type: ignore[arg-type]
        pg.InputError,
        "step: cannot read gradients from ParameterStore; expected what `loss.grad()` returns",
    ),
    (
        lambda: optim.SGD(0.1).step(pg.ParameterStore(), gradients_of(two)),
        pg.ParameterError,
        "store: there is no parameter `w`; known are none",
    ),
    (
        lambda: optim.SGD(0.1).step(two, gradients_of(two), names=["v"]),
        pg.ParameterError,
        "store: there is no parameter `v`; known are `w`",
    ),
    (
        lambda: optim.SGD(0.1).step(store_with([1.0]), gradients_of(two)),
        pg.ShapeError,
        "step: the gradient of `w` has shape (2,); expected (1,)",
    ),
    (
        lambda: optim.SGD(0.1).step(store_with(np.ones(2)), gradients_of(two)),
        pg.DTypeError,
        "step: the gradient of `w` has dtype float32; expected float64",
    ),
    (stale_state, pg.ShapeError, "step: the state `adam/w/m` has shape (1,); expected (2,)"),
    (
        lambda: Widening().step(two, gradients_of(two)),
        pg.ShapeError,
        "step: the new `w` has shape (); expected (2,)",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=[text for _, _, text in ERRORS])
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text
    assert two["w"].tolist() == [1.0, 2.0]
