"""The reference itself: values against Python's math, NumPy and numbers made by hand; records, errors, training."""

from __future__ import annotations

import itertools
import math
import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as engine
from phonograd import reference as pg
from phonograd.reference.random import philox

INF, NAN = math.inf, math.nan


def same(got: Any, expected: Any, tolerance: float = 0.0) -> bool:
    """Equal in structure and value; nan equals nan, and zeros must agree in sign."""
    if isinstance(expected, list | tuple):
        return len(got) == len(expected) and all(same(a, b, tolerance) for a, b in zip(got, expected, strict=True))
    if isinstance(expected, float) and math.isnan(expected):
        return math.isnan(got)
    if got == expected:
        return tolerance > 0 or not isinstance(got, float) or math.copysign(1, got) == math.copysign(1, expected)
    return tolerance > 0 and abs(got - expected) <= tolerance * max(1.0, abs(expected))


def check(got: Any, expected: Any, tolerance: float = 0.0) -> None:
    values = got.tolist() if isinstance(got, pg.Tensor) else got
    assert same(values, expected, tolerance), f"{values} is not {expected}"


def f32(x: float) -> float:
    return struct.unpack("f", struct.pack("f", x))[0]


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *(
            (n, getattr(math, n))
            for n in [
                "exp",
                "exp2",
                "expm1",
                "sin",
                "cos",
                "tan",
                "atan",
                "sinh",
                "cosh",
                "tanh",
                "asinh",
                "erf",
                "erfc",
            ]
        ),
        ("negative", lambda x: -x),
        ("abs", abs),
        ("square", lambda x: x * x),
        ("reciprocal", lambda x: 1 / x),
        ("sigmoid", lambda x: 1 / (1 + math.exp(-x))),
        ("softplus", lambda x: math.log(1 + math.exp(x))),
        ("relu", lambda x: max(x, 0.0)),
        ("leaky_relu", lambda x: x if x > 0 else 0.01 * x),
        ("elu", lambda x: x if x > 0 else math.expm1(x)),
        ("silu", lambda x: x / (1 + math.exp(-x))),
        ("gelu", lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2)))),
        ("sign", lambda x: math.copysign(1, x)),
        ("floor", lambda x: float(math.floor(x))),
        ("ceil", lambda x: float(math.ceil(x))),
        ("trunc", lambda x: float(math.trunc(x))),
        ("round", lambda x: float(round(x))),
        ("isfinite", math.isfinite),
    ],
)
def test_unary_values(name: str, rule: Callable[[float], float], dtype: str) -> None:
    rng = random.Random(name)
    rec = pg.Record()
    x = rec.tensor([rng.uniform(-3, 3) for _ in range(50)], dtype)
    got = getattr(pg, name)(x)
    check(getattr(x, name)(), got.tolist())
    check(got, [rule(v) for v in x.tolist()], 2e-7 if dtype == "float32" else 1e-14)


@pytest.mark.parametrize("name", ["sqrt", "log", "log2", "log10", "log1p", "acosh"])
def test_unary_values_of_positive_numbers(name: str) -> None:
    rec = pg.Record()
    values = [1.0, 1.5, 2.0, 8.0, 1e3, 1e-3 + 1, 1e300]
    check(getattr(pg, name)(rec.tensor(values, "float64")), [getattr(math, name)(v) for v in values])
    check(rec.tensor([4.0, 0.25]).rsqrt(), [0.5, 2.0])


def test_unary_values_inside_one() -> None:
    rec = pg.Record()
    values = [-1.0, -0.5, 0.0, 0.25, 1.0]
    check(pg.asin(rec.tensor(values, "float64")), [math.asin(v) for v in values])
    check(pg.acos(rec.tensor(values, "float64")), [math.acos(v) for v in values])
    check(pg.atanh(rec.tensor(values, "float64")), [-INF, math.atanh(-0.5), 0.0, math.atanh(0.25), INF])


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("exp", [1000.0, -1000.0, INF, -INF, NAN], [INF, 0.0, INF, 0.0, NAN]),
        ("exp2", [2000.0, -2000.0], [INF, 0.0]),
        ("expm1", [1000.0, -1000.0, 1e-12], [INF, -1.0, math.expm1(1e-12)]),
        ("log", [0.0, -0.0, -1.0, INF, NAN], [-INF, -INF, NAN, INF, NAN]),
        ("log2", [0.0, -1.0, 8.0], [-INF, NAN, 3.0]),
        ("log10", [0.0, -1.0, 1000.0], [-INF, NAN, 3.0]),
        ("log1p", [-1.0, -2.0, 1e-12], [-INF, NAN, math.log1p(1e-12)]),
        ("sqrt", [0.0, -0.0, -1.0, INF], [0.0, -0.0, NAN, INF]),
        ("rsqrt", [0.0, -1.0, INF], [INF, NAN, 0.0]),
        ("reciprocal", [0.0, -0.0, INF, NAN], [INF, -INF, 0.0, NAN]),
        ("sin", [INF, NAN, -0.0], [NAN, NAN, -0.0]),
        ("cos", [INF], [NAN]),
        ("tan", [-INF], [NAN]),
        ("asin", [2.0], [NAN]),
        ("acosh", [0.5, 1.0], [NAN, 0.0]),
        ("atanh", [1.0, -1.0, 2.0], [INF, -INF, NAN]),
        ("sinh", [1000.0, -1000.0, 710.4], [INF, -INF, math.sinh(710.4)]),
        ("cosh", [1000.0, -1000.0], [INF, INF]),
        ("tanh", [1000.0, -1000.0], [1.0, -1.0]),
        ("square", [1e200], [INF]),
        ("sigmoid", [1000.0, -1000.0, INF, -INF, NAN], [1.0, 0.0, 1.0, 0.0, NAN]),
        ("softplus", [1000.0, -1000.0, INF, -INF, NAN], [1000.0, 0.0, INF, 0.0, NAN]),
        ("silu", [1000.0, -1000.0], [1000.0, -0.0]),
        ("gelu", [1000.0, -1000.0], [1000.0, -0.0]),
        ("relu", [-1.0, -0.0, NAN, INF], [0.0, 0.0, NAN, INF]),
        ("elu", [1000.0, -1000.0], [1000.0, -1.0]),
        ("abs", [-0.0, -INF, NAN], [0.0, INF, NAN]),
        ("negative", [0.0, -0.0, INF], [-0.0, 0.0, -INF]),
        ("sign", [-0.0, NAN, -INF], [0.0, NAN, -1.0]),
        ("round", [0.5, 1.5, 2.5, -0.5, INF, NAN, 1e300], [0.0, 2.0, 2.0, -0.0, INF, NAN, 1e300]),
        ("floor", [-0.5, -0.0, INF, NAN], [-1.0, -0.0, INF, NAN]),
        ("ceil", [-0.5, 0.5, -INF], [-0.0, 1.0, -INF]),
        ("trunc", [-0.5, 2.7, -2.7, NAN], [-0.0, 2.0, -2.0, NAN]),
        ("isnan", [NAN, INF, 0.0], [True, False, False]),
        ("isinf", [NAN, INF, -INF], [False, True, True]),
        ("isfinite", [NAN, INF, 0.0], [False, False, True]),
        ("logical_not", [0.0, NAN, 2.0], [True, False, False]),
        ("erf", [INF, -INF, NAN], [1.0, -1.0, NAN]),
        ("erfc", [INF, -INF, 10.0], [0.0, 2.0, math.erfc(10.0)]),
    ],
)
def test_unary_extremes(name: str, x: list[float], expected: list[Any]) -> None:
    check(getattr(pg, name)(pg.Record().tensor(x, "float64")), expected)


@pytest.mark.parametrize(
    ("name", "a", "b", "expected"),
    [
        ("divide", [1.0, 1.0, -1.0, 0.0, INF], [0.0, -0.0, 0.0, 0.0, INF], [INF, -INF, -INF, NAN, NAN]),
        ("floor_divide", [7.0, -7.0, 1.0, 0.0, 5.0], [2.0, 2.0, 0.0, 0.0, INF], [3.0, -4.0, INF, NAN, 0.0]),
        ("remainder", [-3.0, 3.0, 1.0, INF], [2.0, -2.0, 0.0, 2.0], [1.0, -1.0, NAN, NAN]),
        ("power", [0.0, 0.0, -2.0, -2.0, -2.0], [0.0, 2.0, 2.0, 3.0, 0.5], [1.0, 0.0, 4.0, -8.0, NAN]),
        ("power", [0.0, -0.0, -0.0, 1e200, -1e200], [-1.0, -1.0, -2.0, 2.0, 3.0], [INF, -INF, INF, INF, -INF]),
        ("power", [1.0, NAN, NAN, -1.0, 0.5], [NAN, 0.0, 1.0, INF, INF], [1.0, 1.0, NAN, 1.0, 0.0]),
        ("atan2", [0.0, 1.0, -1.0], [0.0, 0.0, -1.0], [0.0, math.pi / 2, -3 * math.pi / 4]),
        ("maximum", [1.0, NAN, 1.0], [2.0, 1.0, NAN], [2.0, NAN, NAN]),
        ("minimum", [1.0, NAN, 1.0], [2.0, 1.0, NAN], [1.0, NAN, NAN]),
        ("equal", [1.0, NAN, 0.0], [1.0, NAN, -0.0], [True, False, True]),
        ("not_equal", [1.0, NAN], [1.0, NAN], [False, True]),
        ("less", [1.0, NAN], [2.0, 1.0], [True, False]),
        ("greater_equal", [1.0, NAN], [1.0, 1.0], [True, False]),
        ("logical_and", [1.0, 0.0], [NAN, 1.0], [True, False]),
        ("logical_or", [0.0, 0.0], [0.0, 1.0], [False, True]),
        ("logical_xor", [1.0, 2.0], [0.0, 3.0], [True, False]),
    ],
)
def test_binary_extremes(name: str, a: list[float], b: list[float], expected: list[Any]) -> None:
    rec = pg.Record()
    x, y = rec.tensor(a, "float64"), rec.tensor(b, "float64")
    check(getattr(pg, name)(x, y), expected)
    check(getattr(x, name)(y), expected)


def test_operators_with_numbers_on_either_side() -> None:
    x = pg.Record().tensor([1.0, 4.0])
    check(2.0 - x, [1.0, -2.0])
    check(8 / x, [8.0, 2.0])
    check(x**2, [1.0, 16.0])
    check(2**x, [2.0, 16.0])
    check(7 // x, [7.0, 1.0])
    check(7 % x, [0.0, 3.0])
    check(abs(-x), [1.0, 4.0])
    check(+x, [1.0, 4.0])
    check(pg.maximum(2, x), [2.0, 4.0])
    check((x > 2) | ~(x < 4), [False, True])
    check((x > 0) & (x != 1) ^ True, [True, False])
    check(x > 2.0, [False, True])
    assert (x + 1).dtype == "float32"
    assert (x + True).dtype == "float32"


# --- dtypes --------------------------------------------------------------------------------------------------------

KINDS = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
KINDS += ["float16", "bfloat16", "float32", "float64"]  # how two of them meet, see test_dtypes.py


def test_python_numbers_are_weak() -> None:
    rec = pg.Record()
    for dtype in KINDS:
        x = rec.ones((), dtype)
        assert (x * 2).dtype == ("int64" if dtype == "bool" else dtype)
        assert (x * 2.0).dtype == (dtype if "float" in dtype else "float32")
        assert pg.exp(x).dtype == (dtype if "float" in dtype else "float32")
        assert x.mean().dtype == x.var().dtype == x.std().dtype == x.softmax().dtype == pg.exp(x).dtype
        total = dtype if "float" in dtype else "uint64" if dtype.startswith("u") else "int64"
        assert x.sum().dtype == x.prod().dtype == x.cumsum().dtype == total
        assert x.max().dtype == dtype
        assert x.argmax().dtype == "int64"
        assert x.any().dtype == "bool"
    assert pg.where(rec.tensor(True), 1, 2).dtype == "int64"
    assert pg.where(rec.tensor(True), 1.0, 2).dtype == "float32"
    assert pg.where(True, rec.tensor(1.0), 2).item() == 1.0


def test_default_dtypes() -> None:
    rec = pg.Record()
    dtypes = [
        rec.tensor(v).dtype for v in (1.0, 1, True, [1, 2.0], [True, 1], [], np.float64(1), np.arange(3, dtype="u1"))
    ]
    assert dtypes == ["float32", "int64", "bool", "float32", "int64", "float32", "float64", "uint8"]
    assert (
        rec.tensor(1, float).dtype
        == rec.tensor(1, np.float32).dtype
        == rec.tensor(1, np.dtype("f4")).dtype
        == pg.float32
    )
    assert rec.tensor(1.5, int).dtype == pg.int64
    assert rec.tensor(1, bool).dtype == pg.bool
    assert pg.float32 == "float32"
    assert pg.float32 == np.float32
    assert pg.float32 != pg.float64
    assert repr(pg.bool) == "bool"
    assert len({pg.float32, "float32"}) == 1


def test_integers_wrap_around() -> None:
    rec = pg.Record()
    check(rec.tensor([255, 3], "uint8") + 1, [0, 4])
    check(-rec.tensor([0, 1], "uint8"), [0, 255])
    check(rec.tensor([2**31 - 1], "int32") + 1, [-(2**31)])
    check(rec.tensor([-(2**63)]) // -1, [-(2**63)])
    check(rec.tensor([-(2**63)]) % -1, [0])
    check(abs(rec.tensor([-(2**63)])), [-(2**63)])
    check(rec.tensor([2**62]) * 4, [0])
    check(rec.tensor([3], "int32") ** 21, [(3**21 + 2**31) % 2**32 - 2**31])
    check(rec.tensor([2**63 - 1, 1]).sum(), -(2**63))
    check(rec.tensor([2**40, 2**40]).prod(), 0)
    check(rec.tensor([[2**33, 1]]) @ rec.tensor([2**33, 5]), [2**66 % 2**64 + 5])
    check(rec.tensor([-7, 7, 7]) // rec.tensor([2, -2, 2]), [-4, -4, 3])
    check(rec.tensor([-7, 7, 7]) % rec.tensor([2, -2, 2]), [1, -1, 1])
    for f in (pg.floor_divide, pg.remainder):
        with pytest.raises(ZeroDivisionError, match="divided by 0"):
            f(rec.tensor([1, 2]), 0)
    with pytest.raises(pg.ArgumentError, match="negative exponent"):
        rec.tensor([2]) ** -1
    check(rec.tensor([2]) ** -1.0, [0.5])


def test_casts() -> None:
    rec = pg.Record()
    x = rec.tensor([1.9, -1.9, NAN, INF, -INF, 1e30])
    check(x.astype("int32"), [1, -1, 0, 2**31 - 1, -(2**31), 2**31 - 1])
    check(x.astype("uint8"), [1, 0, 0, 255, 0, 255])
    check(x.astype(bool), [True] * 6)
    check(rec.tensor([300, -1]).astype("uint8"), [44, 255])
    check(rec.tensor([True, False]).astype(float), [1.0, 0.0])
    check(rec.tensor([0.1], "float64").astype("float32"), [f32(0.1)])
    check(rec.tensor([2**24 + 1]).astype("float32"), [2.0**24])
    x = rec.tensor([1.0, 2.0])
    check((x.astype("float64") ** 2).sum().grad().wrt(x), [2.0, 4.0])
    assert (x.astype("float64") ** 2).sum().grad().wrt(x).dtype == "float32"
    check((x.astype("int64") * x).sum().grad().wrt(x), [1.0, 2.0])


def test_float32_rounds_after_every_operation() -> None:
    rec = pg.Record()
    x = rec.tensor([0.1, 0.2, 1e38])
    check(x, [f32(0.1), f32(0.2), f32(1e38)])
    check(x * 10.0, [f32(f32(0.1) * 10), f32(f32(0.2) * 10), INF])
    check(rec.tensor([2.0**24]) + 1, [2.0**24])
    check(rec.full((1000,), 0.1).sum(), f32(1000 * f32(0.1)))
    check(rec.full((10,), 3e38).mean(), f32(3e38))
    check(rec.tensor([1e6 + 1, 1e6 + 2, 1e6 + 3]).var(ddof=1), 1.0)
    with pytest.raises(pg.OutOfRangeError, match="does not fit"):
        rec.tensor([1], "uint8") + 300


# --- records, gradients --------------------------------------------------------------------------------------------


def test_a_chain_of_a_hundred_thousand_operations_differentiates() -> None:
    x = pg.Record().tensor(1.0, "float64")
    y = x
    for _ in range(100_000):
        y = y * 1.00001
    check(y.grad().wrt(x), y.item(), 1e-9)


def test_a_node_used_many_times() -> None:
    rec = pg.Record()
    x = rec.tensor(2.0)
    check(pg.stack([x] * 5000).sum().grad().wrt(x), 5000.0)
    check(pg.concat([x[None]] * 5000).sum().grad().wrt(x), 5000.0)


@pytest.mark.parametrize("library", [pg, engine], ids=["reference", "engine"])
def test_records_make_constants_like_a_tensor_of_any_record(library: Any) -> None:
    x, rec = library.Record().tensor([[1, 2, 3]]), library.Record()
    made = [rec.zeros_like(x), rec.ones_like(x, "bool"), rec.full_like(x, 2.5, dtype="float64"), rec.full_like(x, 7)]
    assert [str(t.dtype).removeprefix("phonograd.") for t in made] == ["int64", "bool", "float64", "int64"]
    assert [t.tolist() for t in made] == [[[0] * 3], [[True] * 3], [[2.5] * 3], [[7] * 3]]
    assert all(t.record is rec for t in made)


def test_tensors() -> None:
    rec = pg.Record()
    x = rec.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert (x.shape, x.ndim, x.size, x.dtype, len(x), x.computed) == ((2, 2), 2, 4, "float32", 2, True)
    assert x.record is rec
    assert x.T.tolist() == x.mT.data() == [[1.0, 3.0], [2.0, 4.0]]
    assert [row.tolist() for row in x] == [[1.0, 2.0], [3.0, 4.0]]
    assert float(x.sum()) == 10.0
    assert int(x.sum()) == 10
    assert bool(x[0, 0])
    assert x.sum().item() == 10.0
    assert (x == x).tolist() == [[True, True]] * 2
    assert hash(x) == hash(x)
    assert {x: 1}[x] == 1
    assert repr(x[0]) == "Tensor([1.0, 2.0], shape=(2,), dtype=float32)"
    assert pg.zeros_like(x).tolist() == [[0.0] * 2] * 2
    assert pg.full_like(x, 3).tolist() == [[3.0] * 2] * 2
    assert x.ones_like().dtype == "float32"
    with pytest.raises(pg.NotScalarError):
        bool(x)
    with pytest.raises(TypeError):
        len(x.sum())
    rec.compute(x, x.sum())
    data = [1.0, 2.0]
    y = rec.tensor(data)
    data[0] = 9.0
    assert y.tolist() == [1.0, 2.0]
    assert rec.tensor(x).tolist() == x.tolist()
    assert len(rec) == len(rec.nodes)
    assert len(str(rec).splitlines()) == len(rec)


def test_making_arrays() -> None:
    rec = pg.Record()
    check(rec.zeros(2), [0.0, 0.0])
    check(rec.ones((1, 2), "int32"), [[1, 1]])
    assert rec.full((2,), 7).dtype == "int64"
    assert rec.full((), 1.5).dtype == "float32"
    assert rec.full((), True).dtype == "bool"
    check(rec.full((), 2.7, int), 2)
    for args in ((5,), (1, 5), (5, 1, -2), (0, 1, 0.25), (3, 3), (1, 0), (-1.0, 1.0, 0.5)):
        got = rec.arange(*args)
        check(got, np.arange(*args).tolist())
        assert got.dtype == ("int64" if all(isinstance(a, int) for a in args) else "float32")
    for args, options in (
        ((0, 1), {}),
        ((2, -3, 7), {}),
        ((0, 1, 4), {"endpoint": False}),
        ((5, 6, 1), {}),
        ((0, 1, 0), {}),
    ):
        check(rec.linspace(*args, **options, dtype="float64"), np.linspace(*args, **options).tolist(), 1e-15)
    check(rec.linspace(0.0, 0.1, 8)[-1], f32(0.1))
    check(rec.eye(2), [[1.0, 0.0], [0.0, 1.0]])
    check(rec.eye(2, 3, k=1, dtype=int), np.eye(2, 3, k=1, dtype=int).tolist())
    check(rec.eye(3, k=-1), np.eye(3, k=-1).tolist())


def test_gradients_are_values() -> None:
    store = pg.ParameterStore()
    store["a"], store["b"], store["c"] = [1.0, 2.0], 3.0, 4.0
    rec = pg.Record(store)
    a, b, c = (rec.parameter(n) for n in "abc")
    assert rec.parameter("a") is a
    h = a * b
    loss = h.sum()
    g = loss.grad()
    assert (g.keys(), len(g), list(g), "a" in g, "z" in g) == (["a", "b", "c"], 3, ["a", "b", "c"], True, False)
    check([v.tolist() for _, v in g.items()], [[3.0, 3.0], 3.0, 0.0])
    check(g.wrt(h), [1.0, 1.0])
    check(g.wrt(loss), 1.0)
    assert g.data() == {"a": [3.0, 3.0], "b": 3.0}
    check((2.0 * g + g * 0.5)["a"], [7.5, 7.5])
    check((g + (c * c).grad())["c"], 8.0)
    check(h.grad(cotangent=[1.0, -1.0])["b"], -1.0)
    check(h.grad(rec.tensor([2.0, 0.0]))["a"], [6.0, 0.0])
    late = loss * 2.0
    check(g.wrt(late), 0.0)
    with pytest.raises(LookupError, match="there is no parameter `z`; known are `a`, `b`, `c`"):
        g["z"]
    with pytest.raises(pg.GradientError, match="int64"):
        g.wrt(rec.tensor([1]))
    with pytest.raises(pg.ForeignTensorError):
        g.wrt(pg.Record().tensor(1.0))
    with pytest.raises(pg.ForeignTensorError):
        g + pg.Record().tensor(1.0).grad()


def test_why() -> None:
    rec = pg.Record()
    x = rec.tensor(2.0)
    g = (x * x).grad()
    assert g.why(x) == "gradient recorded: %0 reaches the output %1"
    assert g.why(y := x * 1.0) == f"zero: %{y.index} was recorded after the output %1"
    assert g.why(y := rec.tensor(3)) == f"no gradient: %{y.index} has dtype int64, and only floats have gradients"
    rec = pg.Record()
    x, y = rec.tensor(2.0), rec.tensor(3.0)
    g = (x.stop_gradient() * y).grad()
    assert g.why(x) == "zero: cut by stop_gradient at %2"
    assert "zero: %0 is not upstream of the output" in (y * y).grad().why(x)
    assert (x.round() * y).grad().why(x).startswith("zero: cut by round at")
    assert ((x > 1.0) * y).grad().why(x).startswith("zero: cut by greater at")


def test_refused_gradients() -> None:
    with pytest.raises(pg.GradientError, match="grad=False"):
        pg.Record(grad=False).tensor(1.0).grad()
    with pytest.raises(pg.GradientError, match="int64"):
        pg.Record().tensor(1).grad()
    x = pg.Record().tensor([1.0, 2.0])
    with pytest.raises(pg.NotScalarError, match="give a cotangent"):
        x.grad()
    with pytest.raises(pg.ShapeError, match="cotangent has shape"):
        x.grad([1.0])
    with pytest.raises(pg.ForeignTensorError):
        x.grad(pg.Record().tensor([1.0, 1.0]))


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (pg.ShapeError, lambda x: x + x.record.zeros((2,))),
        (pg.ShapeError, lambda x: x @ x),
        (pg.ShapeError, lambda x: x @ x.sum()),
        (pg.ShapeError, lambda x: x.reshape(4)),
        (pg.ShapeError, lambda x: x.reshape(-1, 4)),
        (pg.ShapeError, lambda x: x.reshape(-1, -1)),
        (pg.ShapeError, lambda x: x.broadcast_to((2, 4))),
        (pg.ShapeError, lambda x: x.squeeze(0)),
        (pg.ShapeError, lambda x: pg.concat([x, x.T])),
        (pg.ShapeError, lambda x: pg.concat([x.sum()])),
        (pg.ShapeError, lambda x: pg.stack([x, x.T])),
        (pg.ShapeError, lambda x: pg.mse(x, x.T)),
        (pg.ShapeError, lambda x: x.record.zeros((-1,))),
        (pg.ShapeError, lambda x: x.record.zeros((1,) * 65)),
        (pg.ShapeError, lambda x: x.record.zeros((0, 2**63))),
        (pg.ShapeError, lambda x: pg.einsum("ij,ij", x, x.T)),
        (pg.AllocationError, lambda x: x.record.zeros((2**20, 2**20))),
        (pg.AxisError, lambda x: x.sum(axis=2)),
        (pg.AxisError, lambda x: x.sum(axis=(0, -2))),
        (pg.AxisError, lambda x: x.sum(axis=10**30)),
        (pg.AxisError, lambda x: x.permute(0)),
        (pg.AxisError, lambda x: x.sum().sum(axis=0)),
        (TypeError, lambda x: x.sum(axis=1.0)),
        (IndexError, lambda x: x[2]),
        (IndexError, lambda x: x[0, 0, 0]),
        (IndexError, lambda x: x[..., ...]),
        (IndexError, lambda x: x[:, [0, 3]]),
        (IndexError, lambda x: x.take([6])),
        (IndexError, lambda x: x.take_along_axis([[3], [0]], 1)),
        (IndexError, lambda x: pg.cross_entropy(x, [0, 3])),
        (IndexError, lambda x: pg.cross_entropy(x, [0, -1])),
        (pg.ArgumentError, lambda x: x[::0]),
        (pg.ArgumentError, lambda x: x[[0], [1]]),
        (pg.ArgumentError, lambda x: x.split(2, axis=1)),
        (pg.ArgumentError, lambda x: x.pad(-1)),
        (pg.ArgumentError, lambda x: x.pad(((1, 1),) * 3)),
        (pg.ArgumentError, lambda x: x.clip()),
        (pg.ArgumentError, lambda x: x.gelu("fast")),
        (pg.ArgumentError, lambda x: pg.mse(x, x, "average")),
        (pg.ArgumentError, lambda x: pg.einsum("ij", x, x)),
        (pg.ArgumentError, lambda x: pg.einsum("ijk", x)),
        (pg.ArgumentError, lambda x: pg.einsum("ij->k", x)),
        (pg.ArgumentError, lambda x: pg.einsum("ij->ii", x)),
        (pg.ArgumentError, lambda x: pg.einsum("i1", x)),
        (pg.ArgumentError, lambda x: x.record.arange(0, 1, 0)),
        (pg.ArgumentError, lambda x: x.record.arange(NAN)),
        (pg.ArgumentError, lambda x: pg.concat([])),
        (pg.OutOfRangeError, lambda x: x.record.tensor([2**70])),
        (pg.OutOfRangeError, lambda x: x.record.tensor([2**63, -1])),
        (pg.OutOfRangeError, lambda x: x.record.tensor([300], "uint8")),
        (pg.ArgumentError, lambda x: x.record.tensor([10**400], "float64")),
        (pg.DTypeError, lambda x: pg.where(x, x, x)),
        (pg.DTypeError, lambda x: x & x),
        (pg.DTypeError, lambda x: ~x),
        (pg.DTypeError, lambda x: x[[0.5]]),
        (pg.DTypeError, lambda x: x[[True, False]]),
        (pg.DTypeError, lambda x: x[True]),
        (pg.DTypeError, lambda x: pg.cross_entropy(x, [0.0, 1.0])),
        (pg.DTypeError, lambda x: x.astype("complex64")),
        (pg.DTypeError, lambda x: -(x > 0)),
        (pg.DTypeError, lambda x: (x > 0) @ (x > 0).T),
        (pg.DTypeError, lambda x: x.record.normal(pg.Key(0), (), dtype=int)),
        (pg.InputError, lambda x: x + "1"),
        (pg.InputError, lambda x: x + None),
        (pg.InputError, lambda x: x + [1.0, 2.0, 3.0]),  # noqa: RUF005
        (pg.InputError, lambda x: pg.maximum(1.0, 2.0)),
        (pg.InputError, lambda x: pg.exp(1.0)),  # type: ignore[arg-type]
        (pg.InputError, lambda x: x.record.tensor("abc")),
        (pg.InputError, lambda x: x.record.tensor([1.0, None])),
        (pg.InputError, lambda x: x.record.tensor(1j)),
        (pg.InputError, lambda x: x.record.tensor({1.0})),
        (pg.InputError, lambda x: x["a"]),
        (pg.InputError, lambda x: x.reshape(2.0, 3.0)),
        (pg.InputError, lambda x: x.record.uniform(7)),
        (pg.RaggedError, lambda x: x.record.tensor([[1.0], [1.0, 2.0]])),
        (pg.RaggedError, lambda x: x.record.tensor([[1.0], 2.0])),
        (pg.ForeignTensorError, lambda x: x + pg.Record().tensor(1.0)),
        (pg.ForeignTensorError, lambda x: pg.concat([x, pg.Record().tensor([[1.0] * 3])])),
        (pg.ForeignTensorError, lambda x: pg.where(pg.Record().tensor(True), x, x)),
        (pg.ForeignTensorError, lambda x: x[pg.Record().tensor([0])]),
        (pg.ForeignTensorError, lambda x: x.record.compute(pg.Record().tensor([0]))),
        (pg.ParameterError, lambda x: x.record.parameter("w")),
    ],
)
def test_errors(error: type[Exception], call: Callable[[pg.Tensor], Any]) -> None:
    rec = pg.Record()
    with pytest.raises(error) as caught:
        call(rec.ones((2, 3)))
    assert isinstance(caught.value, pg.RecordError)
    assert "\n" not in str(caught.value)
    assert not str(caught.value).endswith(".")


def test_hostile_nesting() -> None:
    nested: Any = 1.0
    for _ in range(5000):
        nested = [nested]
    itself: list[Any] = []
    itself.append(itself)
    for data in (nested, itself):
        with pytest.raises(pg.ShapeError, match="deep"):
            pg.Record().tensor(data)


# --- random --------------------------------------------------------------------------------------------------------


def test_philox_published_vectors() -> None:
    def words(text: str) -> tuple[int, ...]:
        return tuple(int(w, 16) for w in text.split())

    for counter, key, expected in (
        ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ):
        assert philox(words(counter), words(key)) == words(expected)


def test_layout_of_draws() -> None:
    key = pg.Key(0x299F31D0A4093822)
    assert key.words == (0xA4093822, 0x299F31D0)
    assert pg.Key(-1) == pg.Key(2**64 - 1)
    rec = pg.Record()
    words = [w for b in range(3) for w in philox((b, 0, 0, 0), key.words)]
    check(rec.uniform(key, (9,)), [(w >> 8) * 2.0**-24 for w in words[:9]])
    rec = pg.Record()
    pairs = [((words[2 * i] | words[2 * i + 1] << 32) >> 11) * 2.0**-53 for i in range(5)]
    check(rec.uniform(key, (5,), dtype="float64"), pairs)
    check(pg.Record().uniform(key, (5,), -3.0, 1.0, "float64"), [-3.0 + 4.0 * u for u in pairs], 1e-16)
    u1, u2 = pairs[2], ((words[6] | words[7] << 32) >> 11) * 2.0**-53
    r = math.sqrt(-2 * math.log(1 - u1))
    z = [r * math.cos(2 * math.pi * u2), r * math.sin(2 * math.pi * u2)]
    check(pg.Record().normal(key, (3,), dtype="float64")[2], z[0], 1e-15)
    check(pg.Record().normal(key, (2, 2), 1.0, 2.0, "float64")[1], [1 + 2 * v for v in z], 1e-15)
    check(pg.Record().bernoulli(key, 0.3, (9,)), [(w >> 8) * 2.0**-24 < f32(0.3) for w in words[:9]])
    assert [k.words for k in key.split(2)] == [philox((i, 0, 0, 0x73706C74), key.words)[:2] for i in range(2)]
    assert key.fold_in(2**40 + 5).words == philox((5, 2**8, 0, 0x666F6C64), key.words)[:2]
    assert key.split(5)[:2] == key.split()
    assert hash(key.fold_in(1)) == hash(key.fold_in(1))


def test_draws_have_their_distributions() -> None:
    rec = pg.Record()
    a, b, c = pg.Key(1).split(3)
    u, z, t = rec.uniform(a, (20_000,)), rec.normal(b, (20_000,)), rec.bernoulli(c, 0.2, (20_000,))
    assert abs(u.mean().item() - 0.5) < 0.01
    assert abs(u.var().item() - 1 / 12) < 0.005
    assert abs(z.mean().item()) < 0.02
    assert abs(z.std().item() - 1) < 0.02
    assert abs(t.mean().item() - 0.2) < 0.01
    assert t.dtype == "bool"
    with pytest.raises(pg.KeyReuseError, match="used before"):
        rec.normal(a)
    with pytest.raises(pg.ArgumentError):
        rec.bernoulli(pg.Key(9), 1.5)
    with pytest.raises(pg.ArgumentError):
        pg.Key(0).fold_in(-1)


# --- parameters and optimisers -------------------------------------------------------------------------------------


def test_store() -> None:
    store = pg.ParameterStore(seed=3)
    w = store.get_or_init("layer.weight", (200, 100))
    bound = math.sqrt(6 / 300)
    assert max(map(abs, w.flat)) <= bound
    assert min(map(abs, w.flat)) < bound / 100
    other = pg.ParameterStore(seed=3)
    other.get_or_init("b", 4, "ones")
    assert other.get_or_init("layer.weight", (200, 100)).flat == w.flat
    assert other.get_or_init("h", (50, 2), "he_normal").shape == (50, 2)
    assert other.get_or_init("n", (50,), ("uniform", 0.5), "float64").dtype == "float64"
    assert store.get_or_init("layer.weight", (200, 100)) is w
    with pytest.raises(pg.ParameterError, match="asked for"):
        store.get_or_init("layer.weight", (100, 200))
    with pytest.raises(LookupError, match=r"known are `layer\.weight`"):
        store["x"]
    with pytest.raises(pg.ArgumentError):
        store.get_or_init("y", 2, "best")
    del store["layer.weight"]
    assert len(store) == 0
    assert "layer.weight" not in store
    assert len(store.state) == 0


def test_linear_layer_falls_as_promised() -> None:
    store = pg.ParameterStore()
    store["linear.weight"] = [[0.5] * 3] * 3
    losses = []
    for _ in range(5):
        rec = pg.Record()
        linear = pg.LinearLayer(rec, 3, 3, store, id="linear")
        h = linear.forward(rec.tensor([[1.0, 2.0, 3.0]]))
        loss = h.relu().sum()
        grads = loss.grad()
        check(grads.wrt(h), [[1.0] * 3])
        linear.optimize(grads, store)
        losses.append(loss.item())
    check([a - b for a, b in itertools.pairwise(losses)], [0.42] * 4, 1e-5)
    rec = pg.Record(store)
    layer = pg.LinearLayer(rec, 3, 2, id="b", bias=True)
    assert layer.forward(rec.ones((4, 3))).shape == (4, 2)
    assert store["b.bias"].tolist() == [0.0, 0.0]
    assert rec.parameter("b.weight") is layer.weight
    layer.optimize(layer.forward(rec.ones((4, 3))).sum().grad(), rate=1.0)
    assert store["b.bias"].tolist() == [-4.0, -4.0]


def train(optimiser: pg.optim.Optimizer, steps: int) -> tuple[pg.ParameterStore, list[float]]:
    store = pg.ParameterStore()
    store["p"] = pg.Array.read([1.0, -2.0], "float64")
    for _ in range(steps):
        rec = pg.Record(store)
        p = rec.parameter("p")
        optimiser.step(store, (p**4).sum().grad())
    return store, store["p"].tolist()


def test_optimisers_follow_their_formulas() -> None:
    def sgd(rate: float, momentum: float, nesterov: bool, decay: float) -> list[float]:
        out = []
        for p in (1.0, -2.0):
            buf = None
            for _ in range(4):
                g = 4 * p**3 + decay * p
                buf = g if buf is None else momentum * buf + g
                p -= rate * ((g + momentum * buf if nesterov else buf) if momentum else g)
            out.append(p)
        return out

    for options in ((0.01, 0.0, False, 0.0), (0.01, 0.9, False, 0.0), (0.01, 0.9, True, 0.1), (0.01, 0.5, False, 0.2)):
        check(train(pg.optim.SGD(*options), 4)[1], sgd(*options), 1e-13)

    def adam(rate: float, decay: float, decoupled: bool) -> list[float]:
        out = []
        for p in (1.0, -2.0):
            m = v = 0.0
            for t in range(1, 6):
                g = 4 * p**3 + (0 if decoupled else decay * p)
                p *= 1 - rate * decay if decoupled else 1
                m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                p -= rate * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
            out.append(p)
        return out

    check(train(pg.optim.Adam(0.1), 5)[1], adam(0.1, 0.0, False), 1e-12)
    check(train(pg.optim.Adam(0.1, weight_decay=0.2), 5)[1], adam(0.1, 0.2, False), 1e-12)
    store, got = train(pg.optim.AdamW(0.1, weight_decay=0.2), 5)
    check(got, adam(0.1, 0.2, True), 1e-12)
    assert sorted(store.state) == ["adamw/p/m", "adamw/p/step", "adamw/p/v"]
    assert store.state["adamw/p/step"].tolist() == 5


def test_a_step_is_all_or_nothing() -> None:
    store = pg.ParameterStore()
    store["a"], store["b"] = 1.0, 2.0
    rec = pg.Record(store)
    g = (rec.parameter("a") * rec.parameter("b")).grad()
    store["b"] = [1.0, 2.0]
    with pytest.raises(pg.ShapeError):
        pg.optim.Adam().step(store, g)
    assert store["a"].tolist() == 1.0
    assert len(store.state) == 0
    pg.optim.SGD(1.0).step(store, g, names=["a"])
    assert store["a"].tolist() == -1.0
    for wrong in (lambda: pg.optim.SGD(-1.0), lambda: pg.optim.SGD(NAN), lambda: pg.optim.Adam(beta1=1.0)):
        with pytest.raises(pg.ArgumentError):
            wrong()


def test_a_small_network_learns() -> None:
    store = pg.ParameterStore(seed=1)
    xs, ys = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    for _ in range(80):
        rec = pg.Record(store)
        x = rec.tensor(xs)
        hidden = pg.LinearLayer(rec, 2, 8, id="hidden", bias=True).forward(x).tanh()
        loss = pg.cross_entropy(pg.LinearLayer(rec, 8, 2, id="out", bias=True).forward(hidden), ys)
        pg.optim.Adam(0.1).step(store, loss.grad())
    assert loss.item() < 0.05


def test_the_package_imports_only_itself_and_the_standard_library() -> None:
    import ast
    import pathlib
    import sys

    folder = pathlib.Path(pg.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert all(a.name.partition(".")[0] in sys.stdlib_module_names for a in node.names), path
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").partition(".")[0] in sys.stdlib_module_names, path
        assert len(path.read_text().splitlines()) <= 400, path
