"""What optimisers, schedules and minimisers refuse: a row per mistake, with class and whole text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg

o, s = pg.optim, pg.optim.schedules
NAN, INF = float("nan"), float("inf")
ARGUMENT, INPUT, PARAMETER, SHAPE, DTYPE = (
    pg.ArgumentError, pg.InputError, pg.ParameterError, pg.ShapeError, pg.DTypeError,
)  # fmt: skip


def tensor() -> pg.Tensor:
    return pg.Record().tensor(0.5)


# Every number of every value, by what it may be.
NOT_NEGATIVE = {
    o.SGD: ("rate", "weight_decay"),
    o.ASGD: ("rate", "decay", "power", "start", "weight_decay"),
    o.Adam: ("rate", "epsilon", "weight_decay"),
    o.AdamW: ("rate", "epsilon", "weight_decay"),
    o.NAdam: ("rate", "epsilon", "weight_decay", "momentum_decay"),
    o.RAdam: ("rate", "epsilon", "weight_decay"),
    o.Adamax: ("rate", "epsilon", "weight_decay"),
    o.LAMB: ("rate", "epsilon", "weight_decay"),
    o.RMSprop: ("rate", "epsilon", "weight_decay"),
    o.Adagrad: ("rate", "rate_decay", "weight_decay", "initial", "epsilon"),
    o.Adadelta: ("rate", "epsilon", "weight_decay"),
    o.Adafactor: ("rate", "epsilon1", "epsilon2", "weight_decay"),
    o.Lion: ("rate", "weight_decay"),
    o.Muon: ("rate", "weight_decay"),
    o.LBFGS: ("tolerance_gradient", "tolerance_change"),
    s.Constant: ("rate",),
    s.Step: ("rate", "gamma"),
    s.MultiStep: ("rate", "gamma"),
    s.Exponential: ("rate", "gamma"),
    s.Polynomial: ("rate", "power"),
    s.CosineRestarts: ("rate", "end_rate"),
    s.Linear: ("rate", "start_factor", "end_factor"),
    s.Cosine: ("rate", "end_rate"),
    s.OneCycle: ("rate",),
    s.Plateau: ("rate", "end_rate"),
}
FRACTION = {
    o.SGD: ("momentum",),
    o.Adam: ("beta1", "beta2"),
    o.AdamW: ("beta1", "beta2"),
    o.NAdam: ("beta1", "beta2"),
    o.RAdam: ("beta1", "beta2"),
    o.Adamax: ("beta1", "beta2"),
    o.LAMB: ("beta1", "beta2"),
    o.RMSprop: ("alpha", "momentum"),
    o.Adadelta: ("rho",),
    o.Lion: ("beta1", "beta2"),
    o.Muon: ("momentum",),
    o.ExponentialAverage: ("decay",),
    s.OneCycle: ("pct_start",),
    s.Plateau: ("gamma", "threshold"),
}
POSITIVE = {
    o.Adafactor: ("threshold",),
    o.Muon: ("epsilon",),
    o.LBFGS: ("rate",),
    s.OneCycle: ("div_factor", "final_div_factor"),
}
FLAG = {
    o.SGD: ("nesterov",),
    o.Adam: ("amsgrad",),
    o.AdamW: ("amsgrad",),
    o.NAdam: ("decoupled_weight_decay",),
    o.RAdam: ("decoupled_weight_decay",),
    o.RMSprop: ("centered",),
    o.Muon: ("nesterov",),
}
COUNT = {
    o.Muon: {"steps": 1},
    o.LBFGS: {"iterations": 1, "history": 1, "evaluations": 1},
    s.Step: {"step_size": 1},
    s.Linear: {"steps": 1},
    s.Polynomial: {"steps": 1},
    s.CosineRestarts: {"steps": 1, "multiplier": 1},
    s.Cosine: {"steps": 1, "warmup": 0},
    s.OneCycle: {"steps": 1},
    s.Plateau: {"patience": 0, "cooldown": 0, "waited": 0, "resting": 0},
}
# What a constructor cannot do without.
NEEDED: dict[Any, dict[str, Any]] = {
    o.SGD: {"rate": 0.1},
    s.Constant: {"rate": 0.1},
    s.Step: {"rate": 0.1, "step_size": 3},
    s.MultiStep: {"rate": 0.1, "milestones": (3, 5)},
    s.Exponential: {"rate": 0.1, "gamma": 0.9},
    s.Polynomial: {"rate": 0.1, "steps": 10},
    s.CosineRestarts: {"rate": 0.1, "steps": 10},
    s.Sequential: {"schedules": [s.Constant(0.1)], "milestones": []},
    s.Linear: {"rate": 0.1, "steps": 10},
    s.Cosine: {"rate": 0.1, "steps": 10},
    s.OneCycle: {"rate": 0.1, "steps": 10},
    s.Plateau: {"rate": 0.1},
}
KINDS = [
    (NOT_NEGATIVE, [-0.1, NAN, INF, -INF, 10**400], "a number of 0 or more"),
    (FRACTION, [-0.1, 1.0, 1.5, NAN, INF], "a number from 0 to below 1"),
    (POSITIVE, [0.0, -1.0, NAN, INF], "a number above 0"),
]


def refused(of: Any, name: str, value: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        of(**{**NEEDED.get(of, {}), name: value})
    assert (type(caught.value), str(caught.value)) == (error, text)


@pytest.mark.parametrize("of", sorted(NOT_NEGATIVE | FRACTION | POSITIVE | COUNT, key=lambda of: of.__name__))
def test_numbers_out_of_range_or_of_another_kind_are_refused(of: Any) -> None:
    of(**NEEDED.get(of, {}))
    for table, values, expected in KINDS:
        for name in table.get(of, ()):
            for value in values:
                refused(of, name, value, ARGUMENT, f"{of.__name__}: {name} is {value!r}; expected {expected}")
            for value in ("0.1", [0.1], True, tensor(), np.ones(2), 1j):
                kind = type(value).__name__
                refused(of, name, value, INPUT, f"{of.__name__}: cannot read {name} from {kind}; expected a number")
            of(**{**NEEDED.get(of, {}), name: np.float32(0.5)})
    for name in FLAG.get(of, ()):
        text = f"{of.__name__}: cannot read {name} from int; expected True or False"
        refused(of, name, 1, INPUT, text)
    for name, least in COUNT.get(of, {}).items():
        text = f"{of.__name__}: {name} is {least - 1}; expected an integer of {least} or more"
        refused(of, name, least - 1, ARGUMENT, text)
        for value in (2.0, True, "3"):
            kind = type(value).__name__
            refused(of, name, value, INPUT, f"{of.__name__}: cannot read {name} from {kind}; expected an integer")


def test_every_number_of_every_value_is_in_the_tables() -> None:
    others = {"adjust", "beta2_decay", "best", "milestones", "schedules"}
    for module in (o, s):
        for name in module.__all__:
            of = getattr(module, name)
            if not isinstance(of, type) or of in (o.Optimizer, o.Average, o.Groups, o.Minimum, o.NamedGradients):
                continue
            known = [n for table in (NOT_NEGATIVE, FRACTION, POSITIVE, FLAG, COUNT) for n in table.get(of, ())]
            assert sorted(known) == sorted(set(vars(of(**NEEDED.get(of, {})))) - others), name


class Scene:
    def __init__(self) -> None:
        self.store = pg.ParameterStore()
        self.store.update({"w": np.ones((2, 3)), "b": np.ones(3)})
        self.rec = pg.Record(self.store)
        self.loss = (self.rec.parameter("w") * self.rec.parameter("b")).square().sum()
        self.grads = self.loss.grad()

    def minimize(self, loss_of: Any, **arguments: Any) -> Any:
        return o.LBFGS().minimize(self.store, loss_of, **arguments)

    def squares(self, rec: pg.Record) -> pg.Tensor:
        return rec.parameter("w").square().sum()


def made_by(returned: Callable[[pg.Tensor], object]) -> o.Optimizer:
    """An optimiser of one's own with such an `update`."""
    return type("Mine", (o.Optimizer,), {"name": "mine", "update": lambda self, p, g, state: returned(p)})()


NONE = (
    "step: there are gradients of no parameter; take parameters from `Record(store)`, with `parameter` or by layers "
    "that are not frozen"
)
Row = tuple[str, type[Exception], Callable[[Scene], object]]
ROWS: list[Row] = [
    ("SGD: nesterov is True with momentum 0.0; expected a momentum above 0", ARGUMENT,
     lambda c: o.SGD(0.1, nesterov=True)),
    ('Muon: adjust is \'best\'; expected "original" or "match_rms_adamw"', ARGUMENT, lambda c: o.Muon(adjust="best")),
    ("Adafactor: beta2_decay is 0.8; expected a number of 0 or less", ARGUMENT, lambda c: o.Adafactor(beta2_decay=0.8)),
    ("Adafactor: beta2_decay is nan; expected a number of 0 or less", ARGUMENT, lambda c: o.Adafactor(beta2_decay=NAN)),
    ("Adafactor: cannot read beta2_decay from str; expected a number", INPUT, lambda c: o.Adafactor(beta2_decay="a")),
    ("Muon: a parameter has shape (3,); expected two axes; give others another optimiser with `Groups`", SHAPE,
     lambda c: o.Muon().step(c.store, c.grads)),
    ("Groups: cannot read a pattern from int; expected a string", INPUT, lambda c: o.Groups({1: None})),
    ("Groups: cannot read `*` from float; expected an optimiser, or None to freeze", INPUT,
     lambda c: o.Groups({"*": 0.1})),
    ("Groups: cannot read `*` from LBFGS; expected an optimiser, or None to freeze", INPUT,
     lambda c: o.Groups({"*": o.LBFGS()})),
    ('Groups: no pattern fits `b`; a last one "*" would', PARAMETER,
     lambda c: o.Groups({"w": o.SGD(0.1)}).step(c.store, c.grads)),
    ("Groups: the pattern `head.*` fits no parameter; known are `w`, `b`", PARAMETER,
     lambda c: o.Groups({"head.*": None, "*": o.SGD(0.1)}).step(c.store, c.grads)),
    ("step: cannot read gradients from list; expected what `loss.grad()` returns, or arrays by name", INPUT,
     lambda c: o.Groups({"*": o.SGD(0.1)}).step(c.store, [])),
    ("clip_by_norm: cannot read gradients from Tensor; expected what `loss.grad()` returns, or arrays by name", INPUT,
     lambda c: o.clip_by_norm(c.loss, 1.0)),
    (NONE, PARAMETER,
     lambda c: o.SGD(0.1).step(c.store, pg.Record().tensor(c.store["w"]).sum().grad())),
    (NONE, PARAMETER,
     lambda c: o.Groups({"*": o.Adam()}).step(c.store, {})),
    ("step: the loss reaches none of the parameters `w`, `b`; what is between may cut them off, such as "
     "`stop_gradient`; `names=()` moves none", PARAMETER,
     lambda c: o.Adam().step(c.store, c.loss.stop_gradient().grad())),
    (NONE, PARAMETER,
     lambda c: o.Lion().step(c.store, o.clip_by_global_norm(c.loss.stop_gradient().grad(), 1.0))),
    *((f"step: cannot read what Mine.update returned from {kind}; expected a pair of the new parameter and the new "
       "state, tensors by name", INPUT, lambda c, returned=returned: made_by(returned).step(c.store, c.grads))
      for kind, returned in (("Tensor", lambda p: p), ("NoneType", lambda p: None), ("a tuple of 1", lambda p: (p,)),
                             ("a tuple of 2", lambda p: (1.0, {})))),
    ("step: the new `w` has shape (); expected (2, 3)", SHAPE,
     lambda c: made_by(lambda p: (p.sum(), {})).step(c.store, c.grads)),
    ("step: the gradient of `b` has dtype float32; expected float64", DTYPE,
     lambda c: o.SGD(0.1).step(c.store, {"b": [1.0, 2.0, 3.0]})),
    ("step: the gradient of `b` has shape (); expected (3,)", SHAPE,
     lambda c: o.SGD(0.1).step(c.store, {"w": np.ones((2, 3)), "b": np.float64(1.0)})),
    ("store: there is no parameter `z`; known are `w`, `b`", PARAMETER,
     lambda c: o.SGD(0.1).step(c.store, {"z": np.ones(3)})),
    ("clip_by_value: limit is 0.0; expected a number above 0", ARGUMENT, lambda c: o.clip_by_value(c.grads, 0.0)),
    ("clip_by_norm: limit is nan; expected a number above 0", ARGUMENT, lambda c: o.clip_by_norm(c.grads, NAN)),
    ("clip_by_global_norm: cannot read limit from str; expected a number", INPUT,
     lambda c: o.clip_by_global_norm(c.grads, "1")),
    ("global_norm: there are no gradients; expected at least one floating-point parameter", ARGUMENT,
     lambda c: o.global_norm(pg.Record().tensor(1.0).grad())),
    ("NamedGradients: cannot read record from NoneType; expected a Record", INPUT,
     lambda c: o.NamedGradients(None, {})),
    ("NamedGradients: cannot read `w` from float; expected a tensor; make one with `tensor` of a record", INPUT,
     lambda c: o.NamedGradients(c.rec, {"w": 1.0})),
    ("NamedGradients: cannot read `output` from float; expected a tensor; make one with `tensor` of a record", INPUT,
     lambda c: o.NamedGradients(c.rec, {}, 1.0)),
    ("gradients: there is none of `b`; known are `w`", PARAMETER,
     lambda c: o.SGD(0.1).step(c.store, o.clip_by_norm(c.grads, 1.0, ["w"]), names=["b"])),
    ("step: the gradient of `w` has shape (3,); expected (2, 3)", SHAPE,
     lambda c: o.SGD(0.1).step(c.store, o.NamedGradients(c.rec, {"w": c.rec.zeros(3, "float64")}))),
    ("step: the gradient of `b` has dtype float32; expected float64", DTYPE,
     lambda c: o.SGD(0.1).step(c.store, o.NamedGradients(c.rec, {"b": c.rec.zeros(3)}))),
    ("ASGD: cannot read store from dict; expected a ParameterStore", INPUT, lambda c: o.ASGD().values({})),
    ("StochasticAverage: cannot read store from dict; expected a ParameterStore", INPUT,
     lambda c: o.StochasticAverage().update({})),
    ("ASGD: the store has no averages yet; call `step` first", PARAMETER, lambda c: o.ASGD().values(c.store)),
    ("ExponentialAverage: the store has no averages yet; call `update` after a step", PARAMETER,
     lambda c: o.ExponentialAverage().values(c.store)),
    ("Cosine: warmup is 5 of 5 steps; expected less than all of them", ARGUMENT, lambda c: s.Cosine(0.1, 5, warmup=5)),
    ("MultiStep: cannot read milestones from int; expected a tuple of integers", INPUT, lambda c: s.MultiStep(0.1, 3)),
    ("MultiStep: milestones is 0; expected an integer of 1 or more", ARGUMENT, lambda c: s.MultiStep(0.1, [0, 3])),
    ("MultiStep: milestones is (3, 3); expected each to be larger than the one before", ARGUMENT,
     lambda c: s.MultiStep(0.1, [3, 3])),
    ("Sequential: cannot read schedules from Constant; expected a list of schedules", INPUT,
     lambda c: s.Sequential(s.Constant(0.1), [])),
    ("Sequential: cannot read a schedule from Plateau; expected a function of the step", INPUT,
     lambda c: s.Sequential([s.Constant(0.1), s.Plateau(0.1)], [3])),
    ("Sequential: there are 1 milestones of 3 schedules; expected one less", ARGUMENT,
     lambda c: s.Sequential([s.Constant(0.1)] * 3, [3])),
    ("Linear: step is -1; expected an integer of 0 or more", ARGUMENT, lambda c: s.Linear(0.1, 5)(-1)),
    ("Cosine: cannot read step from float; expected an integer", INPUT, lambda c: s.Cosine(0.1, 5)(1.0)),
    ("Plateau: cannot read loss from Tensor; expected a number", INPUT, lambda c: s.Plateau(0.1).after(c.loss)),
    ("Plateau: cannot read best from str; expected a number", INPUT, lambda c: s.Plateau(0.1, best="a")),
    ("minimize: cannot read store from dict; expected a ParameterStore", INPUT,
     lambda c: o.LBFGS().minimize({}, c.squares)),
    ("minimize: cannot read loss_of from Tensor; expected a function that records a loss", INPUT,
     lambda c: c.minimize(c.loss)),
    ("minimize: cannot read the loss from float; expected a tensor", INPUT, lambda c: c.minimize(lambda rec: 1.0)),
    ("minimize: the loss is of another record; expected one of the record that loss_of gets", ARGUMENT,
     lambda c: c.minimize(lambda rec: c.loss)),
    ("minimize: there is no float32 or float64 parameter to move; take them from the record that loss_of gets",
     PARAMETER, lambda c: c.minimize(lambda rec: rec.tensor(1.0))),
    ("minimize: there is no float32 or float64 parameter to move; take them from the record that loss_of gets",
     PARAMETER, lambda c: c.minimize(c.squares, names=[])),
    ("minimize: the loss is nan at the start, or its gradient not finite; expected finite numbers", ARGUMENT,
     lambda c: c.minimize(lambda rec: c.squares(rec) * NAN)),
    ("minimize: the loss is 0.0 at the start, or its gradient not finite; expected finite numbers", ARGUMENT,
     lambda c: c.minimize(lambda rec: (rec.parameter("w") - 1.0).sum().sqrt())),
    ("store: there is no parameter `z`; known are `w`, `b`", PARAMETER,
     lambda c: c.minimize(c.squares, names=["z"])),
    ("minimize: the pattern `z.*` fits no parameter; known are `w`, `b`", PARAMETER,
     lambda c: c.minimize(c.squares, names="z.*")),
    ("minimize: the state `lbfgs/w/s` has shape (2, 3); expected (n, 2, 3)", SHAPE,
     lambda c: [c.store.state.update({"lbfgs/w/s": np.ones((2, 3))}), c.minimize(c.squares)]),
    ("scipy_minimize: `jac` comes from the loss; leave it out", ARGUMENT,
     lambda c: o.scipy_minimize(c.store, c.squares, jac=True)),
    ("scipy_minimize: cannot read method from NoneType; expected its name", INPUT,
     lambda c: o.scipy_minimize(c.store, c.squares, method=None)),
    ("scipy_minimize: cannot read store from dict; expected a ParameterStore", INPUT,
     lambda c: o.scipy_minimize({}, c.squares)),
    ("scipy_minimize: cannot read the loss from float; expected a tensor", INPUT,
     lambda c: o.scipy_minimize(c.store, lambda rec: 1.0)),
    ("scipy_minimize: the loss is nan at the start, or its gradient not finite; expected finite numbers", ARGUMENT,
     lambda c: o.scipy_minimize(c.store, lambda rec: c.squares(rec) * NAN)),
    ("scipy_minimize: cannot read bounds from list; expected pairs by name, as in `{\"x\": (0.0, None)}`", INPUT,
     lambda c: o.scipy_minimize(c.store, c.squares, bounds=[(0, 1)])),
    ("scipy_minimize: cannot read the bounds of `w` from int; expected a pair of numbers, or None for no bound", INPUT,
     lambda c: o.scipy_minimize(c.store, c.squares, bounds={"w": 0})),
    ("scipy_minimize: cannot read the bounds of `w` from a tuple of 3; expected a pair of numbers, or None for no "
     "bound", INPUT, lambda c: o.scipy_minimize(c.store, c.squares, bounds={"w": (0, 1, 2)})),
    ("scipy_minimize: cannot read a bound of `w` from str; expected a number", INPUT,
     lambda c: o.scipy_minimize(c.store, c.squares, bounds={"w": ("a", None)})),
    ("scipy_minimize: there is a bound of `b`, which is not moved; moved are `w`", PARAMETER,
     lambda c: o.scipy_minimize(c.store, c.squares, bounds={"b": (0.0, 1.0)})),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].partition(";")[0])
def test_mistake_is_named_and_changes_nothing(row: Row) -> None:
    text, error, provoke = row
    if text.startswith("scipy"):
        pytest.importorskip("scipy")
    scene = Scene()
    with pytest.raises(error) as caught:
        provoke(scene)
    assert (type(caught.value), str(caught.value)) == (error, text)
    assert {name: value.tolist() for name, value in scene.store.items()} == {"w": [[1.0] * 3] * 2, "b": [1.0] * 3}
    assert set(scene.store.state) <= {"lbfgs/w/s"}
