"""Optimisers step by step against torch.optim and optax, on fixed gradients: values by tools/optim_reference.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from phonograd.optim import schedules

DATA = dict(np.load(Path(__file__).resolve().parent / "data" / "optim.npz"))
LOSSES = DATA["losses"]

o = pg.optim
CASES: dict[str, Any] = {
    "sgd": o.SGD(0.1),
    "sgd-momentum": o.SGD(0.1, momentum=0.9, weight_decay=0.1),
    "sgd-nesterov": o.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "sgd-clip-value": o.SGD(0.1),
    "sgd-clip-global-norm": o.SGD(0.1),
    "asgd": o.ASGD(0.1),
    "asgd-decay": o.ASGD(0.1, 0.3, 0.6, 5, weight_decay=0.1),
    "asgd-mean": o.ASGD(0.1, 0.3, 0.6, 5, weight_decay=0.1),
    "adam": o.Adam(0.1),
    "adam-decay": o.Adam(0.1, 0.8, 0.9, 1e-3, weight_decay=0.1),
    "adam-amsgrad": o.Adam(0.1, 0.8, 0.7, amsgrad=True),
    "adamw": o.AdamW(0.1, weight_decay=0.1),
    "adamw-amsgrad": o.AdamW(0.1, 0.8, 0.7, weight_decay=0.1, amsgrad=True),
    "nadam": o.NAdam(0.1),
    "nadam-decay": o.NAdam(0.1, 0.8, 0.9, weight_decay=0.1, momentum_decay=0.1),
    "nadam-decoupled": o.NAdam(0.1, epsilon=1e-3, weight_decay=0.1, decoupled_weight_decay=True),
    "radam": o.RAdam(0.1),
    "radam-decay": o.RAdam(0.1, 0.8, 0.9, 1e-3, weight_decay=0.1),
    "radam-decoupled": o.RAdam(0.1, weight_decay=0.1, decoupled_weight_decay=True),
    "radam-short": o.RAdam(0.1, 0.8, 0.6),
    "adamax": o.Adamax(0.1),
    "adamax-decay": o.Adamax(0.1, 0.8, 0.9, 1e-3, weight_decay=0.1),
    "lamb": o.LAMB(0.1),
    "lamb-decay": o.LAMB(0.1, 0.8, 0.9, 1e-3, weight_decay=0.1),
    "rmsprop": o.RMSprop(0.1),
    "rmsprop-centered": o.RMSprop(0.1, alpha=0.9, epsilon=1e-3, centered=True, weight_decay=0.1),
    "rmsprop-momentum": o.RMSprop(0.1, momentum=0.9),
    "rmsprop-both": o.RMSprop(0.1, epsilon=1e-3, momentum=0.5, centered=True),
    "adagrad": o.Adagrad(0.1),
    "adagrad-decay": o.Adagrad(0.1, rate_decay=0.1, weight_decay=0.1, initial=0.5, epsilon=1e-3),
    "adadelta": o.Adadelta(),
    "adadelta-decay": o.Adadelta(0.5, rho=0.8, epsilon=1e-3, weight_decay=0.1),
    "adafactor": o.Adafactor(),
    "adafactor-decay": o.Adafactor(0.5, -0.5, 0.5, 1.0, threshold=1.5, weight_decay=0.1),
    "lion": o.Lion(0.1),
    "lion-decay": o.Lion(0.1, 0.8, 0.9, weight_decay=0.1),
    "muon": o.Muon(0.1),
    "muon-adamw-scale": o.Muon(0.1, 0.8, False, weight_decay=0.0, steps=3, adjust="match_rms_adamw"),
}
CLIP = {
    "sgd-clip-value": lambda grads: o.clip_by_value(grads, 0.7),
    "sgd-clip-global-norm": lambda grads: o.clip_by_global_norm(grads, 2.5),
}


def split(row: np.ndarray, name: str = "") -> dict[str, np.ndarray]:
    return {"x": row[:6].reshape(3, 2), "y": row[6:].reshape((2, 2) if name.startswith("muon") else (4,))}


def fresh(name: str, dtype: str) -> pg.ParameterStore:
    store = pg.ParameterStore()
    store.update({key: value.astype(dtype) for key, value in split(DATA["start"], name).items()})
    return store


def gradients(store: pg.ParameterStore, row: np.ndarray, name: str) -> pg.Gradients:
    """Of a loss whose gradients are just these."""
    rec = pg.Record(store)
    parts = split(row, name)
    dtype = store["x"].dtype
    return sum((rec.parameter(key) * rec.tensor(parts[key], dtype)).sum() for key in parts).grad()


def follow(name: str, dtype: str) -> np.ndarray:
    store, rows = fresh(name, dtype), []
    for row in DATA["gradients"]:
        grads = CLIP.get(name, lambda g: g)(gradients(store, row, name))
        CASES[name].step(store, grads)
        found = CASES[name].values(store) if name == "asgd-mean" else store
        rows.append(np.concatenate([found["x"].ravel(), found["y"].ravel()]))
    return np.array(rows)


def test_every_row_of_the_data_is_compared() -> None:
    assert {key.partition("/")[2] for key in DATA if key.startswith("optimizer/")} == set(CASES)
    assert {key.partition("/")[2] for key in DATA if key.startswith("schedule/")} == set(SCHEDULES)
    assert {key.partition("/")[2] for key in DATA if key.startswith("lbfgs/")} == set(TARGETS)
    concrete = {value for key, value in vars(o).items() if key in o.__all__ and isinstance(value, type)}
    stepping = {value for value in concrete if issubclass(value, o.Optimizer)} - {o.Optimizer, o.Groups}
    assert {type(case) for case in CASES.values()} == stepping


@pytest.mark.parametrize("name", CASES)
def test_twenty_steps_are_those_of_torch_or_optax(name: str) -> None:
    np.testing.assert_allclose(follow(name, "float64"), DATA[f"optimizer/{name}"], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_float32_takes_the_same_steps(name: str) -> None:
    rows = follow(name, "float32")
    assert rows.dtype == np.float32
    # Adafactor's and Muon's long chains lose the most.
    np.testing.assert_allclose(rows, DATA[f"optimizer/{name}"], rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_a_step_is_one_plan_found_again_with_other_numbers(name: str) -> None:
    store, made = fresh(name, "float64"), CASES[name]
    pg.plan_cache_clear()
    for k, row in enumerate(DATA["gradients"][:6]):
        rule = made.replace(rate=made.rate * 0.9**k)
        rule.step(store, CLIP.get(name, lambda g: g)(gradients(store, row, name)))
        cache = pg.plan_cache()
        assert cache.hits + cache.misses == k + 1
    # The first step of an optimiser with a state has none yet, and is another program.
    assert cache.misses == (2 if len(store.state) else 1)


# L-BFGS --------------------------------------------------------------------------------------------------------------


def rosenbrock(rec: pg.Record) -> pg.Tensor:
    p = rec.parameter("p")
    return ((1.0 - p[:-1]).square() + 100.0 * (p[1:] - p[:-1].square()).square()).sum()


def valley(rec: pg.Record) -> pg.Tensor:
    p = rec.parameter("p")
    weights = rec.arange(1, p.size + 1, dtype="float64")
    return (p - 1.0).cosh().log().sum() + 0.5 * (p * weights).sum().square()


def waves(rec: pg.Record) -> pg.Tensor:
    p = rec.parameter("p")
    return (0.1 * p.square() + (3.0 * p).sin()).sum()


TARGETS: dict[str, tuple[Any, list[float], dict[str, Any]]] = {
    "rosenbrock": (rosenbrock, [-1.2, 1.0], {}),
    "rosenbrock-5": (rosenbrock, [-1.2, 1.0, 0.5, -0.5, 0.1], {"history": 3}),
    "rosenbrock-long": (rosenbrock, [-1.2, 1.0], {"rate": 50.0}),
    "valley": (valley, [3.0, -2.0, 1.0], {}),
    "valley-short": (valley, [3.0, -2.0, 1.0], {"rate": 1e-3}),
    "waves-short": (waves, [4.0, -7.0, 2.5], {"rate": 0.03}),
    "waves-long": (waves, [4.0, -7.0, 2.5], {"rate": 30.0}),
}


@pytest.mark.parametrize("name", TARGETS)
def test_lbfgs_tries_the_points_that_torch_tries(name: str) -> None:
    target, start, options = TARGETS[name]
    store = pg.ParameterStore()
    store["p"] = np.array(start)
    one = o.LBFGS(iterations=1, tolerance_gradient=0.0, tolerance_change=1e-12, **options)
    for point in DATA[f"lbfgs/{name}"]:
        one.minimize(store, target)
        np.testing.assert_allclose(store["p"], point, rtol=1e-7, atol=1e-9)


# Schedules and averages ----------------------------------------------------------------------------------------------

SCHEDULES: dict[str, Any] = {
    "constant": schedules.Constant(0.8),
    "step": schedules.Step(0.8, step_size=7, gamma=0.5),
    "multi-step": schedules.MultiStep(0.8, (3, 4, 20), gamma=0.5),
    "exponential": schedules.Exponential(0.8, gamma=0.9),
    "polynomial": schedules.Polynomial(0.8, steps=15, power=1.7),
    "linear": schedules.Linear(0.8, steps=20, start_factor=0.25, end_factor=0.75),
    "cosine": schedules.Cosine(0.8, steps=20, end_rate=0.1),
    "cosine-warmup": schedules.Cosine(0.8, steps=35, warmup=5, end_rate=0.05),
    "cosine-restarts": schedules.CosineRestarts(0.8, steps=7, end_rate=0.1),
    "cosine-restarts-longer": schedules.CosineRestarts(0.8, steps=3, multiplier=2),
    "sequential": schedules.Sequential(
        [schedules.Exponential(0.8, 0.9), schedules.Step(0.8, 4), schedules.Polynomial(0.8, 9)], [7, 20]
    ),
    "one-cycle": schedules.OneCycle(0.8, steps=30),
    "one-cycle-other": schedules.OneCycle(0.8, steps=37, pct_start=0.4, div_factor=10, final_div_factor=100),
    "plateau": schedules.Plateau(0.8, gamma=0.5, patience=2),
    "plateau-other": schedules.Plateau(0.8, gamma=0.1, patience=1, threshold=0.1, cooldown=2, end_rate=0.05),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_those_of_torch(name: str) -> None:
    schedule, expected = SCHEDULES[name], DATA[f"schedule/{name}"]
    if isinstance(schedule, schedules.Plateau):
        rates = []
        for loss in LOSSES:
            schedule = schedule.after(loss)
            rates.append(schedule.rate)
        assert len(set(rates)) > 2
    else:
        rates = [schedule(step) for step in range(len(expected))]
    np.testing.assert_allclose(rates, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("average", [o.ExponentialAverage(0.9), o.StochasticAverage()], ids=lambda a: a.name)
def test_averages_are_those_of_torch(average: Any) -> None:
    store = pg.ParameterStore()
    for value, expected in zip(DATA["average/values"], DATA[f"average/{average.name}"], strict=True):
        store["w"] = value
        average.update(store)
        np.testing.assert_allclose(average.values(store)["w"], expected, rtol=1e-14)
