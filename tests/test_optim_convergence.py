"""Every optimiser reaches the minimum of every target: a table of optimiser x target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import phonograd as pg

o = pg.optim
Target = Callable[[pg.Record], pg.Tensor]
CURVE, CENTRE = np.array([[1.0, 10.0], [3.0, 0.5]]), np.array([[1.0, -2.0], [0.5, 3.0]])


def quadratic(rec: pg.Record) -> pg.Tensor:
    """Twenty times as steep along one axis as along another."""
    return (rec.tensor(CURVE) * (rec.parameter("w") - rec.tensor(CENTRE)).square()).sum()


def rosenbrock(rec: pg.Record) -> pg.Tensor:
    """Two of the bent valleys."""
    w = rec.parameter("w")
    a, b = w[:, 0], w[:, 1]
    return ((1.0 - a).square() + 100.0 * (b - a.square()).square()).sum()


# Target, start, steps, the loss to get below.
TARGETS: list[tuple[Target, list[list[float]], int, float]] = [
    (quadratic, [[4.0, 4.0], [-4.0, -4.0]], 400, 1e-3),
    (rosenbrock, [[-1.2, 1.0], [0.5, -0.5]], 2500, 0.1),
]
# With the rate for each target, which falls to 0 along a line.
TABLE: dict[str, tuple[o.Optimizer, o.Optimizer]] = {
    "SGD": (o.SGD(0.05), o.SGD(0.002)),
    "ASGD": (o.ASGD(0.05, decay=0.0), o.ASGD(0.002, decay=0.0)),
    "momentum": (o.SGD(0.02, 0.9), o.SGD(5e-4, 0.95)),
    "Nesterov": (o.SGD(0.02, 0.9, True), o.SGD(5e-4, 0.95, True)),
    "Adam": (o.Adam(0.3), o.Adam(0.05)),
    "AMSGrad": (o.Adam(0.3, amsgrad=True), o.Adam(0.05, amsgrad=True)),
    "AdamW": (o.AdamW(0.3, weight_decay=0.0), o.AdamW(0.05, weight_decay=0.0)),
    "NAdam": (o.NAdam(0.3), o.NAdam(0.05)),
    "RAdam": (o.RAdam(0.1, beta2=0.9), o.RAdam(4e-3, beta2=0.99)),
    "Adamax": (o.Adamax(0.3), o.Adamax(0.2)),
    "LAMB": (o.LAMB(0.05), o.LAMB(0.03)),
    "RMSprop": (o.RMSprop(0.1), o.RMSprop(0.01)),
    "centred": (o.RMSprop(0.05, momentum=0.5, centered=True), o.RMSprop(0.01, momentum=0.5, centered=True)),
    "Adagrad": (o.Adagrad(2.0), o.Adagrad(1.0)),
    "Adadelta": (o.Adadelta(epsilon=1e-2), o.Adadelta(epsilon=1e-4)),
    "Adafactor": (o.Adafactor(0.3), o.Adafactor(0.03)),
    "Lion": (o.Lion(0.1), o.Lion(0.02)),
    "Muon": (o.Muon(0.1, weight_decay=0.0), o.Muon(0.02, weight_decay=0.0)),
}


@pytest.mark.parametrize("place", [0, 1], ids=[target.__name__ for target, *_ in TARGETS])
@pytest.mark.parametrize("name", TABLE)
def test_optimiser_reaches_the_minimum(name: str, place: int) -> None:
    (target, start, steps, bound), optimizer = TARGETS[place], TABLE[name][place]
    store = pg.ParameterStore()
    store["w"] = np.array(start)
    rate = o.schedules.Linear(optimizer.rate, steps)
    assert target(pg.Record(store)).item() > 10.0
    for step in range(steps):
        optimizer.replace(rate=rate(step)).step(store, target(pg.Record(store)).grad())
    assert target(pg.Record(store)).item() < bound


def test_every_optimiser_is_in_the_table() -> None:
    public = [value for key, value in vars(o).items() if key in o.__all__ and isinstance(value, type)]
    stepping = {value for value in public if issubclass(value, o.Optimizer)} - {o.Optimizer, o.Groups}
    assert {type(optimizer) for pair in TABLE.values() for optimizer in pair} == stepping


@pytest.mark.parametrize("place", [0, 1], ids=[target.__name__ for target, *_ in TARGETS])
@pytest.mark.parametrize("method", ["LBFGS", "L-BFGS-B", "BFGS", "CG", "Newton-CG", "trust-ncg", "Nelder-Mead"])
def test_minimiser_reaches_the_minimum(method: str, place: int) -> None:
    target, start, *_ = TARGETS[place]
    store = pg.ParameterStore()
    store["w"] = np.array(start)
    if method == "LBFGS":
        found = o.LBFGS().minimize(store, target)
        assert (found.converged, found.reason) == (True, "gradient")
    else:
        pytest.importorskip("scipy")
        assert o.scipy_minimize(store, target, method=method).success
    assert target(pg.Record(store)).item() < 1e-8
