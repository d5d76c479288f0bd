"""Minimisers, which ask for the loss again: L-BFGS with its line search, and SciPy's methods on a store."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import phonograd as pg

o = pg.optim


def stored(**values: Any) -> pg.ParameterStore:
    store = pg.ParameterStore(seed=0)
    store.update(values)
    return store


def rosenbrock(rec: pg.Record) -> pg.Tensor:
    a, b = rec.parameter("a"), rec.parameter("b")
    return ((1.0 - a).square() + 100.0 * (b - a.square()).square()).sum()


def valleys() -> pg.ParameterStore:
    return stored(a=np.array([[-1.2], [0.5]]), b=np.array([[1.0], [-0.5]]))


def snapshot(store: pg.ParameterStore) -> dict[str, bytes]:
    kept = {f"state/{name}": value.tobytes() for name, value in store.state.items()}
    return {**kept, **{name: value.tobytes() for name, value in store.items()}}


def test_all_evaluations_are_one_plan_each_and_found_again() -> None:
    pg.plan_cache_clear()
    found = o.LBFGS().minimize(valleys(), rosenbrock)
    cache = pg.plan_cache()
    assert (cache.misses, cache.hits) == (1, found.evaluations - 1)


def test_cut_and_resumed_gives_the_same_bits() -> None:
    for dtype in ("float64", "float32"):
        whole, parts = valleys(), valleys()
        for store in (whole, parts):
            store.update({name: value.astype(dtype) for name, value in store.items()})
        o.LBFGS(iterations=12, history=5).minimize(whole, rosenbrock)
        for iterations in (1, 4, 2, 5):
            found = o.LBFGS(iterations=iterations, history=5).minimize(parts, rosenbrock)
            assert (found.reason, found.iterations, found.converged) == ("iterations", iterations, False)
        assert snapshot(parts) == snapshot(whole)
        assert {name: value.shape for name, value in parts.state.items()} == {
            f"lbfgs/{name}/{key}": (5, 2, 1) for name in "ab" for key in "sy"
        }


def test_history_of_other_parameters_is_left_out() -> None:
    store = valleys()
    o.LBFGS(iterations=3).minimize(store, rosenbrock, names=["a"])
    alone = stored(**store)
    assert set(store.state) == {"lbfgs/a/s", "lbfgs/a/y"}
    for each in (store, alone):
        o.LBFGS(iterations=3).minimize(each, rosenbrock)
    assert {name: store[name].tolist() for name in store} == {name: alone[name].tolist() for name in alone}


def test_only_named_parameters_are_moved_and_integers_stay() -> None:
    store = valleys()
    store["k"] = 2
    before = store["a"].tolist()

    def loss_of(rec: pg.Record) -> pg.Tensor:
        return rosenbrock(rec) * rec.parameter("k")

    assert o.LBFGS().minimize(store, loss_of, names=["b"]).converged
    np.testing.assert_allclose(store["b"], np.square(before), rtol=1e-7)
    assert (store["a"].tolist(), store["k"].item()) == (before, 2)
    assert o.LBFGS().minimize(store, loss_of).converged
    np.testing.assert_allclose(store["a"], 1.0, rtol=1e-6)


def test_patterns_name_parameters_that_the_loss_reads_or_draws() -> None:
    store = stored(**{"n.a": np.ones(2), "n.k": 3, "m.b": np.ones(2)})
    store["n.half"] = pg.Record().ones(2, "bfloat16")

    def loss_of(rec: pg.Record) -> pg.Tensor:
        drawn = rec.parameter("n.new", (2,), "ones", "float64")
        rec.parameter("m.half", (2,), "ones", "bfloat16")
        return ((rec.parameter("n.a") + drawn - 4.0).square() + (rec.parameter("m.b") * 2.0).square()).sum()

    for names in ("n.*", ["n.a", "n.n*"]):
        twin = store.copy()
        assert o.LBFGS().minimize(twin, loss_of, names=names).converged
        np.testing.assert_allclose(twin["n.a"] + twin["n.new"], 4.0, rtol=1e-6)
        assert (twin["m.b"].tolist(), twin["n.k"].item(), twin["n.half"].tolist()) == ([1.0, 1.0], 3, [1.0, 1.0])
        assert {pg.Record(twin).parameter(name).dtype.name for name in ("n.half", "m.half")} == {"bfloat16"}
    for name, dtype in (("n.half", "bfloat16"), ("n.k", "int64")):
        with pytest.raises(pg.DTypeError, match=rf"minimize: `{name}` has dtype {dtype}; expected float32 or float64"):
            o.LBFGS().minimize(store, loss_of, names=[name])


def test_named_parameter_that_the_loss_does_not_read_stays() -> None:
    store = valleys()
    store["c"] = np.ones(3)
    assert o.LBFGS().minimize(store, rosenbrock, names=["c", "a", "b", "a"]).converged
    assert store["c"].tolist() == [1.0] * 3
    np.testing.assert_allclose(store["a"], 1.0, rtol=1e-6)


def test_loss_may_read_a_parameter_now_and_then() -> None:
    store, calls = valleys(), 0

    def loss_of(rec: pg.Record) -> pg.Tensor:
        nonlocal calls
        calls += 1
        return rosenbrock(rec) if calls == 1 else (rec.parameter("a") - 2.0).square().sum()

    o.LBFGS().minimize(store, loss_of)
    np.testing.assert_allclose(store["a"], 2.0, rtol=1e-6)


def test_parameters_that_the_loss_initialises_come_to_the_store() -> None:
    store = pg.ParameterStore(seed=3)

    def loss_of(rec: pg.Record) -> pg.Tensor:
        layer = pg.LinearLayer(rec, 3, 2, bias=True)
        return (layer(rec.ones((4, 3))) - rec.tensor([1.0, 2.0])).square().mean()

    found = o.LBFGS().minimize(store, loss_of)
    assert found.loss < 1e-10
    assert (list(store), store["linear.weight"].dtype) == (["linear.weight", "linear.bias"], np.float32)
    assert loss_of(pg.Record(store)).item() == pytest.approx(found.loss, abs=1e-12)


def test_loss_sees_the_seed_and_the_state_of_the_store() -> None:
    store = pg.ParameterStore(seed=7)
    store.state["centre"] = np.array([0.25, 4.0])

    def loss_of(rec: pg.Record) -> pg.Tensor:
        fixed = rec.parameter("fixed", (2,), ("normal", 1.0), "float64")
        moved = rec.parameter("moved", (2,), "zeros", "float64")
        assert rec.store is not None
        return (moved - pg.stop_gradient(fixed) - rec.load(rec.store.state, "centre")).square().sum()

    assert o.LBFGS().minimize(store, loss_of, names=["moved"]).converged
    drawn = pg.ParameterStore(seed=7).get_or_init("fixed", (2,), ("normal", 1.0), "float64")
    assert store["fixed"].tolist() == drawn.tolist()
    np.testing.assert_allclose(store["moved"], drawn + np.array([0.25, 4.0]), rtol=1e-7)


class StopHereError(Exception):
    pass


@pytest.mark.parametrize("method", ["LBFGS", "BFGS"])
def test_failure_in_the_middle_changes_nothing(method: str) -> None:
    store, calls = valleys(), 0
    o.LBFGS(iterations=2).minimize(store, rosenbrock)
    before = snapshot(store)

    def loss_of(rec: pg.Record) -> pg.Tensor:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise StopHereError
        return rosenbrock(rec)

    if method != "LBFGS":
        pytest.importorskip("scipy")
    minimize = o.LBFGS().minimize if method == "LBFGS" else o.scipy_minimize
    with pytest.raises(StopHereError):
        minimize(store, loss_of)
    assert (calls, snapshot(store)) == (5, before)


def test_search_comes_back_from_where_the_loss_is_not_defined() -> None:
    store = stored(x=np.array([2.0, 3.0]))
    # The first directions overshoot into the logarithm of negative numbers.
    found = o.LBFGS(rate=100.0).minimize(store, lambda rec: (rec.parameter("x") - 3.0 * rec.parameter("x").log()).sum())
    assert found.converged
    np.testing.assert_allclose(store["x"], 3.0, rtol=1e-7)


@pytest.mark.parametrize(
    ("minimiser", "reason"),
    [
        (o.LBFGS(iterations=2), "iterations"),
        (o.LBFGS(evaluations=3), "evaluations"),
        (o.LBFGS(rate=1e-9, evaluations=1), "evaluations"),
        (o.LBFGS(rate=1e-9, evaluations=4), "evaluations"),
        (o.LBFGS(rate=1e9, evaluations=4), "evaluations"),
        (o.LBFGS(tolerance_gradient=10.0), "gradient"),
        (o.LBFGS(tolerance_change=0.5), "change"),
        (o.LBFGS(tolerance_gradient=0.0), None),
    ],
)
def test_ends_for_the_reason_it_gives(minimiser: o.LBFGS, reason: str | None) -> None:
    store = valleys()
    found = minimiser.minimize(store, rosenbrock)
    assert found.reason == reason or (reason is None and found.reason in ("gradient", "change", "descent"))
    assert found.evaluations <= (minimiser.evaluations or 1000)
    rec = pg.Record(store)
    loss = rosenbrock(rec)
    grads = loss.grad()
    assert loss.item() == found.loss
    assert max(abs(grads[name].data()).max() for name in "ab") == found.gradient


def test_loss_that_does_not_depend_on_its_parameters_ends_at_once() -> None:
    store = stored(x=np.ones(2))
    found = o.LBFGS().minimize(store, lambda rec: (0.0 * rec.parameter("x")).sum() + 1.0)
    assert (found.iterations, found.evaluations, found.loss, store["x"].tolist()) == (0, 1, 1.0, [1.0, 1.0])


def test_loss_without_a_minimum_ends() -> None:
    store = stored(x=np.ones(2))
    found = o.LBFGS(iterations=50).minimize(store, lambda rec: -rec.parameter("x").sum())
    assert (found.gradient, found.loss < -1e6, np.isfinite(store["x"]).all()) == (1.0, True, True)


def test_gradient_that_does_not_fit_the_loss_ends_without_descent() -> None:
    store = stored(x=np.array([1.0, -2.0]))

    def wrong(rec: pg.Record) -> pg.Tensor:
        x = rec.parameter("x")
        return 2.0 * pg.stop_gradient(x.square().sum()) - x.square().sum()

    found = o.LBFGS().minimize(store, wrong)
    assert (found.reason, found.converged, store["x"].tolist()) == ("descent", False, [1.0, -2.0])


def test_float32_goes_as_far_as_float32_shows() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)).astype("float32"), (rng.uniform(size=50) < 0.5).astype("float32")
    store = stored(w=np.zeros(4, "float32"))

    def loss_of(rec: pg.Record) -> pg.Tensor:
        return pg.binary_cross_entropy_with_logits(rec.tensor(x) @ rec.parameter("w"), rec.tensor(y))

    found = o.LBFGS().minimize(store, loss_of)
    assert found.evaluations < 100
    assert found.gradient < 1e-4
    assert store["w"].dtype == np.float32


# A model that scikit-learn fits as well ------------------------------------------------------------------------------


def logistic(rec: pg.Record, x: np.ndarray, labels: np.ndarray) -> pg.Tensor:
    """As scikit-learn has it with C=1: half the squared weights, and the sum of the cross-entropies."""
    weight = rec.parameter("weight", (x.shape[1], 3), "zeros", "float64")
    bias = rec.parameter("bias", (3,), "zeros", "float64")
    return pg.cross_entropy(rec.tensor(x) @ weight + bias, labels, reduction="sum") + 0.5 * weight.square().sum()


@pytest.mark.parametrize("method", ["LBFGS", "L-BFGS-B", "trust-ncg"])
def test_logistic_regression_has_the_optimum_of_scikit_learn(method: str) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, labels = datasets.load_iris(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = linear_model.LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(x, labels)
    store = pg.ParameterStore()

    def loss_of(rec: pg.Record) -> pg.Tensor:
        return logistic(rec, x, labels)

    if method == "LBFGS":
        assert o.LBFGS(tolerance_gradient=1e-8).minimize(store, loss_of).converged
    else:
        tight = {"gtol": 1e-9, "ftol": 1e-15} if method == "L-BFGS-B" else {"gtol": 1e-8}
        o.scipy_minimize(store, loss_of, method=method, options=tight)
    np.testing.assert_allclose(store["weight"], known.coef_.T, atol=1e-6)
    # Biases are free up to a constant.
    bias = store["bias"] - store["bias"].mean()
    np.testing.assert_allclose(bias, known.intercept_ - known.intercept_.mean(), atol=1e-6)


# SciPy ---------------------------------------------------------------------------------------------------------------


def test_scipy_gets_bounds_options_and_callback_by_name() -> None:
    pytest.importorskip("scipy")
    store, seen = valleys(), []
    found = o.scipy_minimize(
        store, rosenbrock, bounds={"b": (None, 0.25)}, tol=1e-12, callback=lambda point: seen.append(point.copy())
    )
    assert (found.success, len(seen), len(seen[0])) == (True, found.nit, 4)
    np.testing.assert_allclose(store["b"], 0.25, rtol=1e-12)
    np.testing.assert_array_equal(np.concatenate([store["a"], store["b"]]).ravel(), found.x)


def test_scipy_gets_the_exact_product_with_the_hessian() -> None:
    from phonograd.optim._objective import Objective

    objective = Objective(valleys(), rosenbrock, None)
    point, _, _ = objective.first()
    rng = np.random.default_rng(0)
    direction, h = rng.normal(size=4), 1e-6
    difference = (objective(point + h * direction)[1] - objective(point - h * direction)[1]) / (2 * h)
    np.testing.assert_allclose(objective.hessian_times(point, direction), difference, rtol=1e-6)


def test_scipy_is_imported_when_it_is_used() -> None:
    import subprocess
    import sys

    code = (
        "import sys, phonograd as pg; pg.optim.scipy_minimize; sys.exit(not {'scipy', 'numpy'}.isdisjoint(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_scipy_result_that_is_not_finite_leaves_the_store() -> None:
    optimize: Any = pytest.importorskip("scipy.optimize")
    store = valleys()
    before = snapshot(store)

    def nowhere(fun: Any, x0: Any, args: Any = (), **options: Any) -> Any:
        return optimize.OptimizeResult(x=x0 * np.nan, fun=np.nan, success=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimize, "minimize", nowhere)
        found = o.scipy_minimize(store, rosenbrock)
    assert (found.success, snapshot(store)) == (False, before)
