"""The gradients of the reference: against central differences to second order, and by hand at kinks and extremes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from ops_table import ALIASES
from phonograd import reference as pg
from test_reference import INF, NAN, check, f32


def grads_of(f: Callable[..., pg.Tensor], *values: Any, dtype: str = "float64") -> tuple[Any, list[Any]]:
    """Value of f, and gradients of its sum."""
    rec = pg.Record()
    xs = [rec.tensor(v, dtype) for v in values]
    y = f(*xs)
    g = y.sum().grad()
    return y.tolist(), [g.wrt(x).tolist() for x in xs]


# --- every differentiable row: first and second derivatives against central differences, random cotangents ---------


@dataclass
class Case:
    name: str
    call: Callable[..., pg.Tensor]
    shapes: Sequence[tuple[int, ...]] = ((2, 3),)
    low: float = -2.0
    high: float = 2.0
    away: Sequence[float] = field(default_factory=tuple)  # samples stay away from these kinks
    fixed: Any = None


def unary(name: str, low: float = -2.0, high: float = 2.0, away: Sequence[float] = ()) -> Case:
    return Case(name, getattr(pg, name), ((2, 3),), low, high, away)


def x1(name: str, call: Callable[..., pg.Tensor], *shape: int, **options: Any) -> Case:
    return Case(name, call, (shape or (2, 3),), **options)


def x2(name: str, call: Callable[..., pg.Tensor], a: tuple[int, ...], b: tuple[int, ...], **options: Any) -> Case:
    return Case(name, call, (a, b), **options)


LABELS = [[0, 2], [1, 1]]
CASES = [
    *(
        unary(n)
        for n in [
            "negative",
            "square",
            "exp",
            "exp2",
            "expm1",
            "sin",
            "cos",
            "atan",
            "sinh",
            "cosh",
            "tanh",
            "asinh",
            "sigmoid",
            "softplus",
            "erf",
            "erfc",
        ]
    ),
    *(unary(n, 0.2, 3.0) for n in ["sqrt", "rsqrt", "log", "log2", "log10"]),
    unary("log1p", -0.8, 2.0),
    unary("reciprocal", 0.3, 2.0),
    unary("tan", -1.2, 1.2),
    unary("asin", -0.9, 0.9),
    unary("acos", -0.9, 0.9),
    unary("atanh", -0.9, 0.9),
    unary("acosh", 1.2, 4.0),
    *(unary(n, away=[0.0]) for n in ["abs", "relu", "leaky_relu", "elu", "silu", "gelu"]),
    *(unary(n, away=[-2.0, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2.0]) for n in ["sign", "floor", "ceil", "round", "trunc"]),
    x1("leaky_relu slope", lambda x: x.leaky_relu(0.3), away=[0.0]),
    x1("elu alpha", lambda x: x.elu(2.5), away=[0.0]),
    x1("gelu tanh", lambda x: x.gelu("tanh")),
    x1("clip", lambda x: x.clip(-0.7, 0.9), away=[-0.7, 0.9]),
    Case("clip bounds", pg.clip, ((2, 3), (3,), (2, 1)), away=[]),
    x1("astype", lambda x: x.astype("float64") * x),
    x1("stop_gradient", lambda x: x.stop_gradient() * 0.0 + x),
    x2("add", pg.add, (2, 3), (3,)),
    x2("subtract", pg.subtract, (2, 1), (1, 3)),
    x2("multiply", pg.multiply, (2, 3), (2, 1)),
    x2("multiply scalar", lambda a, b: a * b, (), (2, 3)),
    x2("divide", pg.divide, (2, 3), (3,), low=0.4),
    x2("remainder", lambda a, b: (a + 3.7) % (b + 1.31), (2, 3), (3,), low=0.01, high=0.05),
    x2("floor_divide", lambda a, b: (a + 3.7) // (b + 1.31), (2, 3), (3,), low=0.01, high=0.05),
    x2("power", pg.power, (2, 3), (3,), low=0.3),
    x1("power 2", lambda x: x**2),
    x1("power 3", lambda x: x**3.0),
    x1("power -1.5", lambda x: x**-1.5, low=0.4),
    x1("2 power", lambda x: 2.0**x),
    x2("atan2", pg.atan2, (2, 3), (3,), away=[0.0]),
    x2("maximum", pg.maximum, (2, 3), (2, 1)),
    x2("minimum", pg.minimum, (2, 3), (2, 1)),
    x2("where", lambda a, b: pg.where(a > b, a * b, b.exp()), (2, 3), (3,)),
    x1("sum", lambda x: (x * x).sum()),
    x1("sum axis", lambda x: x.sum(axis=1) ** 2),
    x1("sum axes keepdims", lambda x: x * x.sum(axis=(0, -1), keepdims=True), 2, 3, 2),
    x1("sum no axes", lambda x: (x * x).sum(axis=())),
    x1("mean", lambda x: (x * x).mean(axis=0)),
    x1("prod", lambda x: x.prod()),
    x1("prod axis", lambda x: x.prod(axis=1), 2, 5),
    x1("prod axes", lambda x: x.prod(axis=(0, 2), keepdims=True), 2, 2, 3),
    x1("prod one", lambda x: x.prod(axis=1), 3, 1),
    x1("max", lambda x: x.max(axis=1) ** 2),
    x1("min", lambda x: x.min() ** 2),
    x1("var", lambda x: x.var(axis=1)),
    x1("var correction", lambda x: x.var(correction=1, keepdims=True), 3, 2),
    x1("std", lambda x: x.std(axis=0, ddof=1), 4, 2),
    x1("logsumexp", lambda x: x.logsumexp(axis=1)),
    x1("logsumexp all", lambda x: x.logsumexp()),
    x1("softmax", lambda x: x.softmax()),
    x1("softmax axis", lambda x: x.softmax(axis=0), 3, 2),
    x1("log_softmax", lambda x: x.log_softmax(axis=1)),
    x1("cumsum", lambda x: (x * x).cumsum(axis=1)),
    x1("cumsum flat", lambda x: x.cumsum() ** 2),
    x1("reshape", lambda x: x.reshape(3, -1) ** 2),
    x1("flatten", lambda x: x.flatten() ** 2),
    x1("transpose", lambda x: x.T * x.reshape(3, 2)),
    x1("permute", lambda x: x.permute(2, 0, 1) ** 2, 2, 3, 2),
    x1("moveaxis", lambda x: x.moveaxis(0, -1) ** 2, 2, 3, 2),
    x1("swapaxes", lambda x: x.mT @ x, 2, 3, 2),
    x1("expand_dims", lambda x: x.expand_dims((0, -1)) ** 2),
    x1("squeeze", lambda x: x.squeeze() ** 2, 1, 3, 1),
    x1("broadcast_to", lambda x: x.broadcast_to((2, 3, 2)) ** 2, 3, 1),
    x1("flip", lambda x: x.flip(0) * x),
    x1("pad", lambda x: x.pad(((1, 0), (0, 2)), 3.0) ** 2),
    x1("split", lambda x: x.split(3, axis=1)[1] ** 2),
    x1("index slice", lambda x: x[1:, ::-2] ** 2, 3, 5),
    x1("index mixed", lambda x: x[..., None, [0, 0, -1], 1] ** 2, 2, 3, 2),
    x1("take", lambda x: x.take([[0, 1], [1, 1]], axis=1) ** 2),
    x1("take flat", lambda x: x.take([0, 5, 0]) ** 2),
    x1("take_along_axis", lambda x: x.take_along_axis([[2, 2], [0, 1]], 1) ** 2),
    x1("gather broadcast", lambda x: x.gather([[1, 0, 1]], 0) ** 2),
    x2("concat", lambda a, b: pg.concat([a, b, a], axis=1) ** 2, (2, 3), (2, 1)),
    x2("stack", lambda a, b: pg.stack([a, b, a], axis=-1) ** 2, (2, 3), (2, 3)),
    x2("matmul", pg.matmul, (2, 3), (3, 4)),
    x2("matmul vectors", pg.matmul, (3,), (3,)),
    x2("matmul left vector", pg.matmul, (3,), (2, 3, 2)),
    x2("matmul batch", pg.matmul, (2, 1, 2, 3), (4, 3, 2)),
    x1("matmul same", lambda x: x @ x, 3, 3),
    x2("dot", pg.dot, (2, 3), (2, 3, 2)),
    x2("outer", pg.outer, (2,), (3,)),
    x2("einsum", lambda a, b: pg.einsum("ij,jk->ki", a, b), (2, 3), (3, 2)),
    x2("einsum batch", lambda a, b: pg.einsum("bij,b...j", a, b), (2, 3, 4), (2, 1, 4)),
    x1("einsum diagonal", lambda x: pg.einsum("iij->ji", x) ** 2, 2, 2, 3),
    x1("einsum trace", lambda x: pg.einsum("ii", x) ** 2, 3, 3),
    Case("einsum three", lambda a, b, c: pg.einsum("ab,bc,cd->ad", a, b, c), ((2, 3), (3, 2), (2, 2))),
    x2("einsum summed alone", lambda a, b: pg.einsum("ij,k->k", a, b), (2, 3), (2,)),
    x2("mse", pg.mse, (2, 3), (2, 3)),
    x2("mse none", lambda a, b: pg.mse(a, b, "none"), (2, 3), (2, 3)),
    x1("cross_entropy", lambda x: pg.cross_entropy(x, [0, 2])),
    x1("cross_entropy axis", lambda x: pg.cross_entropy(x, LABELS, axis=1, reduction="none"), 2, 3, 2),
    x2("bce", lambda x, t: pg.binary_cross_entropy_with_logits(x, t, "sum"), (2, 3), (2, 3)),
    x1("bce scalar", lambda x: pg.binary_cross_entropy_with_logits(x, 1)),
]


def sample(case: Case, seed: int) -> list[list[float]]:
    rng = random.Random(f"{case.name} {seed}")
    drawn = []
    for shape in case.shapes:
        values: list[float] = []
        while len(values) < math.prod(shape):
            v = rng.uniform(case.low, case.high)
            if all(abs(v - kink) > 0.05 for kink in case.away):
                values.append(v)
        drawn.append(values)
    return drawn


def close(got: float, expected: float, tolerance: float) -> bool:
    return abs(got - expected) <= tolerance * max(1.0, abs(expected))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_gradients_agree_with_differences_to_second_order(case: Case) -> None:
    rng = random.Random(case.name)
    flat = sample(case, 0)
    rec = pg.Record()
    probe = case.call(*(rec.tensor(v, "float64").reshape(s) for v, s in zip(flat, case.shapes, strict=True)))
    cotangent = [rng.uniform(-1, 1) for _ in range(probe.size)]
    second = [[rng.uniform(-1, 1) for _ in v] for v in flat]

    def build(values: list[list[float]]) -> tuple[list[pg.Tensor], pg.Tensor]:
        rec = pg.Record()
        xs = [rec.tensor(v, "float64") for v in values]
        y = case.call(*(x.reshape(s) for x, s in zip(xs, case.shapes, strict=True)))
        assert y.dtype == "float64"
        assert y.shape == probe.shape
        return xs, (y.flatten() * rec.tensor(cotangent, "float64")).sum()

    def first(values: list[list[float]]) -> tuple[list[pg.Tensor], pg.Tensor]:
        xs, loss = build(values)
        g = loss.grad()
        parts = [(g.wrt(x) * x.record.tensor(w, "float64")).sum() for x, w in zip(xs, second, strict=True)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return xs, total

    def compare(f: Callable[[list[list[float]]], tuple[list[pg.Tensor], pg.Tensor]]) -> None:
        xs, loss = f(flat)
        g = loss.grad()
        h = 1e-5
        for k, x in enumerate(xs):
            got = g.wrt(x)
            assert got.shape == x.shape
            assert got.dtype is x.dtype
            for i, value in enumerate(got.tolist()):
                shifted = [list(v) for v in flat]
                shifted[k][i] = flat[k][i] + h
                up = f(shifted)[1].item()
                shifted[k][i] = flat[k][i] - h
                down = f(shifted)[1].item()
                assert close(value, (up - down) / (2 * h), 2e-7), (k, i, value, (up - down) / (2 * h))

    compare(build)
    if case.name != "stop_gradient":
        compare(first)


def test_the_gradient_check_finds_wrong_rules() -> None:
    from phonograd.reference.elementwise import binary, unary

    @unary("float", lambda x, y: y * 1.001)
    def a_little_off(x: float) -> float:
        """Wrong by a thousandth."""
        return math.exp(x)

    @unary("float", lambda x, y: y.stop_gradient())
    def off_at_second_order(x: float) -> float:
        """Right at first order only."""
        return math.exp(x)

    @binary("float", lambda a, b, y: b, lambda a, b, y: b)
    def off_on_one_side(a: float, b: float) -> float:
        """Wrong by its second input."""
        return a * b

    wrong = (x1("wrong", a_little_off), x1("wrong", off_at_second_order), x2("wrong", off_on_one_side, (2, 1), (3,)))
    for case in wrong:
        with pytest.raises(AssertionError):
            test_gradients_agree_with_differences_to_second_order(case)


def test_gradients_are_linear_in_the_cotangent() -> None:
    rng = random.Random(3)
    for case in CASES:
        flat = sample(case, 1)
        rec = pg.Record()
        xs = [rec.tensor(v, "float64").reshape(s) for v, s in zip(flat, case.shapes, strict=True)]
        y = case.call(*xs)
        a, b = (rec.tensor([rng.uniform(-1, 1) for _ in range(y.size)], "float64").reshape(y.shape) for _ in range(2))
        ga, gb, gab = y.grad(a), y.grad(b), y.grad(a * 3.0 + b)
        for x in xs:
            check((ga * 3.0 + gb).wrt(x), gab.wrt(x).tolist(), 1e-12)


def test_every_public_operation_has_a_gradient_case_or_no_gradient() -> None:
    import inspect

    flat = {
        "sign floor ceil round trunc isnan isinf isfinite logical_not logical_and logical_or logical_xor equal",
        "not_equal less less_equal greater greater_equal any all argmax argmin zeros_like ones_like full_like",
    }
    exempt = set(" ".join(flat).split()) | {*ALIASES} - {"negative"} | {"neg", "gate"}
    text = inspect.getsource(inspect.getmodule(Case))  # type: ignore[arg-type]
    for name in pg.__all__:
        thing = getattr(pg, name)
        if inspect.isfunction(thing) and name not in exempt:
            assert name in text, name
            made_of_lists = name in ("concat", "stack", "einsum")
            assert made_of_lists or hasattr(pg.Tensor, name), f"{name} is no method"


# --- kinks and extremes: value and gradient of the sum -------------------------------------------------------------

KINKS: list[tuple[str, Callable[..., pg.Tensor], list[Any], Any, list[Any]]] = [
    ("relu(0)", pg.relu, [[0.0, -0.0]], [0.0, 0.0], [[0.0, 0.0]]),
    ("leaky_relu(0)", pg.leaky_relu, [[0.0]], [0.0], [[0.01]]),
    ("elu(0)", pg.elu, [[0.0]], [0.0], [[1.0]]),
    ("abs(0)", pg.abs, [[0.0, -0.0]], [0.0, 0.0], [[0.0, 0.0]]),
    ("sign(0)", pg.sign, [[0.0, 3.0]], [0.0, 1.0], [[0.0, 0.0]]),
    ("maximum tie", pg.maximum, [[1.0], [1.0]], [1.0], [[0.5], [0.5]]),
    ("minimum tie", pg.minimum, [[1.0], [1.0]], [1.0], [[0.5], [0.5]]),
    (
        "clip edges",
        lambda x: x.clip(-1.0, 1.0),
        [[-1.0, 1.0, 2.0, -2.0]],
        [-1.0, 1.0, 1.0, -1.0],
        [[1.0, 1.0, 0.0, 0.0]],
    ),
    ("clip crossed", lambda x: x.clip(2.0, 1.0), [[0.0, 1.0, 1.5, 3.0]], [1.0] * 4, [[0.0] * 4]),
    ("clip nan", lambda x: x.clip(0.0, 1.0), [[NAN]], [NAN], [[0.0]]),
    ("clip one side", lambda x: x.clip(max=1.0), [[5.0, 0.5]], [1.0, 0.5], [[0.0, 1.0]]),
    ("clip bounds", pg.clip, [[0.0, 9.0, 5.0], 1.0, 8.0], [1.0, 8.0, 5.0], [[0.0, 0.0, 1.0], 1.0, 1.0]),
    ("max ties", pg.max, [[2.0, 2.0, 1.0, 2.0]], 2.0, [[1 / 3, 1 / 3, 0.0, 1 / 3]]),
    ("min all equal", pg.min, [[2.0] * 4], 2.0, [[0.25] * 4]),
    ("var of one", pg.var, [[5.0]], 0.0, [[0.0]]),
    ("std equal", pg.std, [[5.0, 5.0]], 0.0, [[0.0, 0.0]]),
    ("norm squared", lambda x: (x * x).sum().sqrt() ** 2, [[0.0, 0.0]], 0.0, [[0.0, 0.0]]),
    ("sqrt(0)", pg.sqrt, [[0.0]], [0.0], [[INF]]),
    ("x**0.5", lambda x: x**0.5, [[0.0]], [0.0], [[INF]]),
    (
        "where log",
        lambda x: pg.where(x > 0, x.log(), 0.0),
        [[0.0, -1.0, 2.0]],
        [0.0, 0.0, math.log(2)],
        [[0.0, 0.0, 0.5]],
    ),
    ("where sqrt", lambda x: pg.where(x > 0, x.sqrt(), 0.0), [[0.0, 4.0]], [0.0, 2.0], [[0.0, 0.25]]),
    ("where exp", lambda x: pg.where(x < 9, x.exp(), x), [[1e4]], [1e4], [[1.0]]),
    ("where 1/x", lambda x: pg.where(x == 0, 1.0, x.sin() / x), [[0.0]], [1.0], [[0.0]]),
    ("x**0", lambda x: x**0, [[0.0, 3.0]], [1.0, 1.0], [[0.0, 0.0]]),
    ("0**0", pg.power, [[0.0], [0.0]], [1.0], [[0.0], [0.0]]),
    ("0**y", pg.power, [[0.0, 0.0], [2.0, -1.0]], [0.0, INF], [[0.0, -INF], [0.0, -INF]]),
    ("(-2)**2", pg.power, [[-2.0], [2.0]], [4.0], [[-4.0], [NAN]]),
    ("(-2)**3", lambda x: x**3, [[-2.0]], [-8.0], [[12.0]]),
    ("prod one zero", pg.prod, [[2.0, 0.0, 3.0]], 0.0, [[0.0, 6.0, 0.0]]),
    ("prod two zeros", pg.prod, [[2.0, 0.0, 0.0]], 0.0, [[0.0, 0.0, 0.0]]),
    ("logsumexp -inf", pg.logsumexp, [[-INF, -INF]], -INF, [[0.0, 0.0]]),
    ("logsumexp some", pg.logsumexp, [[-INF, 1.0]], 1.0, [[0.0, 1.0]]),
    ("logsumexp large", pg.logsumexp, [[1e4, 1e4]], 1e4 + math.log(2), [[0.5, 0.5]]),
    ("logsumexp inf", pg.logsumexp, [[INF, 0.0]], INF, [[NAN, 0.0]]),
    ("softmax large", lambda x: x.softmax() * 1.0, [[1e4, 0.0, -1e4]], [1.0, 0.0, 0.0], [[0.0] * 3]),
    ("softmax -inf", lambda x: x.softmax()[0], [[0.0, 0.0, -INF]], 0.5, [[0.25, -0.25, 0.0]]),
    ("softmax row -inf", pg.softmax, [[-INF, -INF]], [NAN, NAN], [[NAN, NAN]]),
    ("log_softmax", lambda x: x.log_softmax()[1], [[1e4, 0.0]], -1e4, [[-1.0, 1.0]]),
    ("log_softmax -inf", lambda x: x.log_softmax()[0], [[0.0, -INF]], 0.0, [[0.0, 0.0]]),
    ("sigmoid", pg.sigmoid, [[1000.0, -1000.0]], [1.0, 0.0], [[0.0, 0.0]]),
    ("softplus", pg.softplus, [[1000.0, -1000.0]], [1000.0, 0.0], [[1.0, 0.0]]),
    ("tanh", pg.tanh, [[1000.0, -1000.0]], [1.0, -1.0], [[0.0, 0.0]]),
    ("silu", pg.silu, [[1000.0, -1000.0]], [1000.0, -0.0], [[1.0, 0.0]]),
    ("gelu", pg.gelu, [[1000.0, -1000.0]], [1000.0, -0.0], [[1.0, 0.0]]),
    ("gelu tanh", lambda x: x.gelu("tanh"), [[1e120, -1e120]], [1e120, -0.0], [[1.0, 0.0]]),
    ("elu", pg.elu, [[1000.0, -1000.0]], [1000.0, -1.0], [[1.0, 0.0]]),
    (
        "bce",
        lambda x: pg.binary_cross_entropy_with_logits(x, x.record.tensor([0.0, 1.0]), "none"),
        [[1000.0, -1000.0]],
        [1000.0, 1000.0],
        [[1.0, -1.0]],
    ),
    ("log", pg.log, [[0.0, -1.0]], [-INF, NAN], [[INF, -1.0]]),
    ("log1p", pg.log1p, [[-1.0]], [-INF], [[INF]]),
    ("rsqrt", pg.rsqrt, [[0.0]], [INF], [[-INF]]),
    ("1/x", lambda x: 1.0 / x, [[0.0, -0.0]], [INF, -INF], [[-INF, -INF]]),
    ("asin", pg.asin, [[1.0]], [math.pi / 2], [[INF]]),
    ("atanh", pg.atanh, [[1.0]], [INF], [[INF]]),
    ("atan2(0, 0)", pg.atan2, [[0.0], [0.0]], [0.0], [[0.0], [0.0]]),
    ("remainder", pg.remainder, [[-3.0, 7.0], [2.0, -4.0]], [1.0, -1.0], [[1.0, 1.0], [2.0, 2.0]]),
    ("matmul empty", lambda a, b: a @ b + 1.0, [np.zeros((2, 0)), np.zeros((0, 3))], [[1.0] * 3] * 2, [[[], []], []]),
    ("cross_entropy", lambda x: pg.cross_entropy(x, [1]), [[[1e4, 0.0]]], 1e4, [[[1.0, -1.0]]]),
    ("repeats", lambda x: x[[0, 0, 1]], [[1.0, 2.0]], [1.0, 1.0, 2.0], [[2.0, 1.0]]),
    ("step over the end", lambda x: x[1::5], [[1.0, 2.0, 3.0]], [2.0], [[0.0, 1.0, 0.0]]),
    ("negative step", lambda x: x[::-2], [[1.0, 2.0, 3.0, 4.0]], [4.0, 2.0], [[0.0, 1.0, 0.0, 1.0]]),
    ("x + x", lambda x: x + x, [[1.0]], [2.0], [[2.0]]),
    ("x * x", lambda x: x * x, [[3.0]], [9.0], [[6.0]]),
    ("round", pg.round, [[0.5, 2.5]], [0.0, 2.0], [[0.0, 0.0]]),
    ("scalar", lambda x: x[None].transpose().squeeze().sum(), [2.0], 2.0, [1.0]),
    ("scalar softmax", pg.softmax, [2.0], 1.0, [0.0]),
]


@pytest.mark.parametrize(("call", "inputs", "value", "gradients"), [k[1:] for k in KINKS], ids=[k[0] for k in KINKS])
def test_kinks(call: Callable[..., pg.Tensor], inputs: list[Any], value: Any, gradients: list[Any]) -> None:
    got, grads = grads_of(call, *inputs)
    check(got, value, 1e-15)
    check(grads, gradients, 1e-15)


def second(f: Callable[[pg.Tensor], pg.Tensor], x: list[float]) -> list[float]:
    t = pg.Record().tensor(x, "float64")
    return f(t).sum().grad().wrt(t).sum().grad().wrt(t).tolist()


def test_second_derivatives_at_kinks() -> None:
    check(second(lambda x: x**2, [0.0, -3.0]), [2.0, 2.0])
    check(second(lambda x: x**3, [0.0, -2.0]), [0.0, -12.0], 1e-15)
    check(second(lambda x: x**1, [0.0]), [0.0])
    check(second(pg.prod, [0.0, 0.0, 3.0]), [3.0, 3.0, 0.0])
    check(second(lambda x: pg.where(x > 0, x.log(), 0.0), [0.0, -1.0, 2.0]), [0.0, 0.0, -0.25], 1e-15)
    check(second(pg.std, [2.0, 2.0]), [0.0, 0.0])
    check(second(lambda x: pg.softplus(x), [1000.0, -1000.0]), [0.0, 0.0])
    check(second(pg.logsumexp, [-INF, -INF]), [0.0, 0.0])
    x = pg.Record().tensor([1.0, 2.0, 0.0, 4.0], "float64")
    g = x.prod().grad().wrt(x)
    check(
        [g[i].grad().wrt(x).tolist() for i in range(4)], [[0, 0, 8, 0], [0, 0, 4, 0], [8, 4, 0, 2], [0, 0, 2, 0]], 1e-15
    )
    # The chain rule's product must not hide that it is linear where the cotangent is 0.
    rec = pg.Record()
    c, x = rec.tensor(0.0), rec.tensor(3.0)
    check((c * x * x).grad().wrt(x).grad().wrt(c), 6.0)
    check((c * x.exp()).grad().wrt(x).grad().wrt(c), f32(math.exp(3.0)))
    a, b = rec.tensor(2.0), rec.tensor(0.0)
    check((a**b).grad().wrt(a).grad().wrt(b), 0.5)


def test_third_derivative() -> None:
    x = pg.Record().tensor(0.7, "float64")
    y = x.sin() * x**4
    for _ in range(3):
        y = y.grad().wrt(x)
    s, c, v = math.sin(0.7), math.cos(0.7), 0.7
    check(y, -c * v**4 - 3 * s * 4 * v**3 + 3 * c * 12 * v**2 + s * 24 * v, 1e-13)


def test_forward_mode_by_transposing_twice() -> None:
    rec = pg.Record()
    x, v = rec.tensor([0.5, -1.0], "float64"), rec.tensor([1.0, 2.0], "float64")
    dummy = rec.zeros((2,), "float64")
    y = pg.where(x > 0, x.log(), x * x)
    check(y.grad(dummy).wrt(x).grad(v).wrt(dummy), [2.0, -4.0])
