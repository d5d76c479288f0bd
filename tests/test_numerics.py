"""Numerical traps: the values and gradients we owe where naive formulas overflow, cancel, or divide zero by zero.

The number in each id is a row of the table "Numerical traps" in the project's notes on numerics. Every trap is sprung
in both libraries and both float dtypes. Gradients are those of the sum of the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from compare import array_of, assert_close, tensors
from ops_table import BINARY, UNARY
from phonograd import reference
from rows import FLOATS, Row

INF, NAN, TINY = math.inf, math.nan, 1e-40
LIBRARIES = pytest.mark.parametrize("lib", [pg, reference], ids=["phonograd", "reference"])
IN_BOTH_DTYPES = pytest.mark.parametrize("dtype", FLOATS)


@dataclass(frozen=True)
class Trap:
    id: str
    function: Callable[..., Any]  # of the library and the tensors
    inputs: list[Any]
    value: Any
    gradients: list[Any]  # None for one that is not said
    ulps: float = 2.0
    signed: bool = False  # the sign of zero counts


def trap(id: str, function: Callable[..., Any], inputs: list[Any], value: Any, *gradients: Any, **more: Any) -> Trap:
    return Trap(id, function, inputs, value, list(gradients), **more)


def log_where_positive(lib: Any, x: Any) -> Any:
    return lib.where(x > 0, lib.log(x), 0.0)


def cross(lib: Any, x: Any) -> Any:
    return lib.cross_entropy(x, [1], reduction="sum")


TRAPS = [
    trap("1-relu", lambda lib, x: lib.relu(x), [[0.0, -0.0]], [0.0, 0.0], [0.0, 0.0], signed=True),
    trap("1-relu-nan", lambda lib, x: lib.relu(x), [[NAN]], [NAN], [0.0]),
    trap("1-leaky_relu", lambda lib, x: lib.leaky_relu(x, 0.25), [[0.0]], [0.0], [0.25]),
    trap("1-elu", lambda lib, x: lib.elu(x), [[0.0, -1000.0, 1000.0]], [0.0, -1.0, 1000.0], [1.0, 0.0, 1.0]),
    trap("2-abs", lambda lib, x: lib.abs(x), [[0.0, -0.0]], [0.0, 0.0], [0.0, 0.0], signed=True),
    trap("2-sign", lambda lib, x: lib.sign(x), [[0.0, NAN, -INF]], [0.0, NAN, -1.0], [0.0, 0.0, 0.0]),
    trap("3-maximum", lambda lib, a, b: lib.maximum(a, b), [[2.0, -INF], [2.0, -INF]], [2.0, -INF], [0.5, 0.5],
         [0.5, 0.5]),
    trap("3-maximum-nan", lambda lib, a, b: lib.maximum(a, b), [[NAN, 1.0], [0.0, NAN]], [NAN, NAN], [0.0, 0.0],
         [0.0, 0.0]),
    trap("3-minimum", lambda lib, a, b: lib.minimum(a, b), [[2.0, INF], [2.0, INF]], [2.0, INF], [0.5, 0.5],
         [0.5, 0.5]),
    trap("3-maximum-of-itself", lambda lib, a: lib.maximum(a, a), [[2.0]], [2.0], [1.0]),
    trap("4-clip-edges", lambda lib, x: x.clip(0.0, 1.0), [[0.0, 1.0, -1.0, 2.0]], [0.0, 1.0, 0.0, 1.0],
         [1.0, 1.0, 0.0, 0.0]),
    trap("4-clip-crossed", lambda lib, x: x.clip(1.0, 0.0), [[0.5, 3.0]], [0.0, 0.0], [0.0, 0.0]),
    trap("4-clip-nan", lambda lib, x: x.clip(0.0, 1.0), [[NAN, INF]], [NAN, 1.0], [0.0, 0.0]),
    trap("4-clip-nan-number", lambda lib, x: lib.clip(x, NAN, 1.0), [[0.5, 2.0]], [NAN, NAN], [0.0, 0.0]),
    trap("4-clip-nan-bounds", lambda lib, x, a, b: lib.clip(x, a, b), [[0.5, 0.5], [NAN, 0.0], [1.0, NAN]], [NAN, NAN],
         [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]),
    trap("4-clip-bounds", lambda lib, x, a, b: lib.clip(x, a, b), [[0.5, -1.0, 2.0], [0.0] * 3, [1.0] * 3],
         [0.5, 0.0, 1.0],
         [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]),
    trap("5-max-ties", lambda lib, x: lib.max(x), [[1.0, 4.0, 4.0, 4.0, 4.0]], 4.0, [0.0, 0.25, 0.25, 0.25, 0.25]),
    trap("5-min-ties", lambda lib, x: lib.min(x, axis=1), [[[1.0, 1.0], [2.0, 3.0]]], [1.0, 2.0],
         [[0.5, 0.5], [1.0, 0.0]]),
    trap("5-max-all-equal", lambda lib, x: x.max(), [[[7.0, 7.0], [7.0, 7.0]]], 7.0, [[0.25, 0.25], [0.25, 0.25]]),
    trap("6-max-nan", lambda lib, x: lib.max(x), [[1.0, NAN, 3.0]], NAN, [0.0, 1.0, 0.0]),
    trap("6-min-nan-last", lambda lib, x: lib.min(x), [[1.0, 2.0, NAN]], NAN, [0.0, 0.0, 1.0]),
    trap("6-maximum-nan", lambda lib, a, b: lib.maximum(a, b), [[NAN, 1.0], [1.0, NAN]], [NAN, NAN], None, None),
    trap("6-minimum-nan", lambda lib, a, b: lib.minimum(a, b), [[NAN, 1.0], [1.0, NAN]], [NAN, NAN], None, None),
    trap("9-norm-squared", lambda lib, x: lib.square(lib.sqrt((x * x).sum())), [[0.0, 0.0]], 0.0, [0.0, 0.0]),
    trap("9-std-of-equals", lambda lib, x: lib.std(x), [[3.3, 3.3, 3.3]], 0.0, [0.0, 0.0, 0.0]),
    trap("11-sqrt", lambda lib, x: lib.sqrt(x), [[0.0, INF, -1.0]], [0.0, INF, NAN], [INF, 0.0, NAN]),
    trap("11-power", lambda lib, x: x**0.5, [[0.0]], [0.0], [INF]),
    trap("12-log", log_where_positive, [[0.0, -1.0, 2.0]], [0.0, 0.0, math.log(2)], [0.0, 0.0, 0.5]),
    trap("12-sqrt", lambda lib, x: lib.where(x > 0, lib.sqrt(x), x), [[0.0, 4.0]], [0.0, 2.0], [1.0, 0.25]),
    trap("12-exp", lambda lib, x: lib.where(x < 100, lib.exp(x), x), [[1e6, 0.0]], [1e6, 1.0], [1.0, 1.0]),
    trap("12-divide", lambda lib, x: lib.where(x != 0, 1 / x, 0.0), [[0.0, 2.0]], [0.0, 0.5], [0.0, -0.25]),
    trap("12-power", lambda lib, x: lib.where(x > 0, x**-1.5, 0.0), [[0.0, 1.0]], [0.0, 1.0], [0.0, -1.5]),
    trap("12-chain", lambda lib, x: lib.where(x > 0, lib.sin(lib.log(x)) * lib.log(x), 0.0), [[0.0, 1.0]], [0.0, 0.0],
         [0.0, 0.0]),
    trap("12-matrix", lambda lib, x: lib.where(x > 0, lib.log(x), 0.0).sum(axis=0), [[[0.0, 1.0], [4.0, 0.0]]],
         [math.log(4), 0.0], [[0.0, 1.0], [0.25, 0.0]]),
    trap("12-zero-cotangent", lambda lib, x: lib.log(x) * 0.0 + x, [[1.0]], [1.0], [1.0]),
    trap("13-var-one", lambda lib, x: lib.var(x), [[5.0]], 0.0, [0.0]),
    trap("13-var-one-corrected", lambda lib, x: lib.var(x, correction=1), [[5.0]], NAN, None),
    trap("13-std-one-corrected", lambda lib, x: lib.std(x, correction=1), [[5.0]], NAN, None),
    trap("13-var-none", lambda lib, x: lib.var(x), [[]], NAN, []),
    trap("13-std-none", lambda lib, x: lib.std(x, axis=0), [np.zeros((0, 2))], [NAN, NAN], np.zeros((0, 2))),
    trap("14-var", lambda lib, x: lib.var(x, correction=1), [[1e6 + 1, 1e6 + 2, 1e6 + 3]], 1.0, [-1.0, 0.0, 1.0]),
    trap("15-constant-exponent", lambda lib, x: x**0, [[0.0, 2.0, NAN]], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]),
    trap("15-tensor-exponent", lambda lib, x, y: x**y, [[0.0], [0.0]], [1.0], [0.0], [0.0]),
    trap("16-zero-base", lambda lib, x, y: x**y, [[0.0, 0.0], [2.0, -1.0]], [0.0, INF], None, [0.0, -INF]),
    trap("16-zero-base-slope", lambda lib, x, y: x**y, [[0.0, 0.0], [2.0, 1.0]], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0]),
    trap("17-negative-base", lambda lib, x, y: x**y, [[-2.0], [2.0]], [4.0], [-4.0], [NAN]),
    trap("17-constant", lambda lib, x: x**3, [[-2.0, 0.0]], [-8.0, 0.0], [12.0, 0.0]),
    trap("17-large-integer", lambda lib, x: x**9, [[-3.0]], [-19683.0], [59049.0]),
    trap("17-fraction", lambda lib, x: x**0.5, [[-2.0]], [NAN], None),
    trap("18-prod-one-zero", lambda lib, x: lib.prod(x), [[2.0, 0.0, 3.0, 4.0]], 0.0, [0.0, 24.0, 0.0, 0.0]),
    trap("18-prod-two-zeros", lambda lib, x: lib.prod(x), [[2.0, 0.0, 3.0, 0.0]], 0.0, [0.0, 0.0, 0.0, 0.0]),
    trap("18-prod-empty", lambda lib, x: lib.prod(x), [[]], 1.0, []),
    trap("18-prod-axes", lambda lib, x: lib.prod(x, axis=(0, 1)), [[[2.0, 0.0], [3.0, 4.0]]], 0.0,
         [[0.0, 24.0], [0.0, 0.0]]),
    trap("20-all-minus-inf", lambda lib, x: lib.logsumexp(x), [[-INF, -INF]], -INF, [0.0, 0.0]),
    trap("20-some-minus-inf", lambda lib, x: lib.logsumexp(x), [[-INF, 3.0]], 3.0, [0.0, 1.0]),
    trap("20-plus-inf", lambda lib, x: lib.logsumexp(x), [[INF, 3.0]], INF, None),
    trap("20-nan", lambda lib, x: lib.logsumexp(x), [[NAN, 3.0]], NAN, None),
    trap("20-large", lambda lib, x: lib.logsumexp(x), [[1e4, 1e4]], 1e4 + math.log(2), [0.5, 0.5]),
    trap("20-rows", lambda lib, x: lib.logsumexp(x, axis=1), [[[-INF, -INF], [0.0, -1e4]]], [-INF, 0.0],
         [[0.0, 0.0], [1.0, 0.0]]),
    trap("21-softmax-large", lambda lib, x: lib.softmax(x), [[1e4, 0.0, -1e4]], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    trap("21-softmax-one-masked", lambda lib, x: lib.softmax(x), [[-INF, 1.0, 1.0]], [0.0, 0.5, 0.5], [0.0, 0.0, 0.0]),
    trap("21-softmax-all-masked", lambda lib, x: lib.softmax(x), [[-INF, -INF]], [NAN, NAN], None),
    trap("22-log_softmax", lambda lib, x: lib.log_softmax(x)[1], [[1e4, 0.0]], -1e4, [-1.0, 1.0]),
    trap("22-log_softmax-sum", lambda lib, x: lib.log_softmax(x), [[1e4, 0.0]], [0.0, -1e4], [-1.0, 1.0]),
    trap("22-cross_entropy", cross, [[[1e4, 0.0]]], 1e4, [[1.0, -1.0]]),
    trap("22-cross_entropy-sure", lambda lib, x: lib.cross_entropy(x, [0]), [[[1e4, 0.0]]], 0.0, [[0.0, 0.0]]),
    trap("23-sigmoid", lambda lib, x: lib.sigmoid(x), [[1000.0, -1000.0, INF, -INF]], [1.0, 0.0, 1.0, 0.0], [0.0] * 4),
    trap("23-sigmoid-90", lambda lib, x: lib.sigmoid(x), [[-90.0]], [math.exp(-90)], [math.exp(-90)], ulps=3),
    trap("23-softplus", lambda lib, x: lib.softplus(x), [[1000.0, -1000.0, INF]], [1000.0, 0.0, INF], [1.0, 0.0, 1.0]),
    trap("23-logsigmoid", lambda lib, x: -lib.softplus(-x), [[1000.0, -1000.0]], [0.0, -1000.0], [0.0, 1.0]),
    trap("23-tanh", lambda lib, x: lib.tanh(x), [[1000.0, -1000.0, INF]], [1.0, -1.0, 1.0], [0.0, 0.0, 0.0]),
    trap("23-silu", lambda lib, x: lib.silu(x), [[1000.0, -1000.0]], [1000.0, -0.0], [1.0, 0.0], signed=True),
    trap("23-gelu", lambda lib, x: lib.gelu(x), [[1000.0, -1000.0]], [1000.0, -0.0], [1.0, 0.0]),
    trap("23-gelu-tanh", lambda lib, x: lib.gelu(x, "tanh"), [[1000.0, -1000.0]], [1000.0, -0.0], [1.0, 0.0]),
    trap("24-bce", lambda lib, x, t: lib.binary_cross_entropy_with_logits(x, t, "none"),
         [[1000.0, -1000.0], [0.0, 1.0]],
         [1000.0, 1000.0], [1.0, -1.0], None),
    trap("24-bce-right", lambda lib, x, t: lib.binary_cross_entropy_with_logits(x, t, "none"),
         [[1000.0, -1000.0], [1.0, 0.0]],
         [0.0, 0.0], [0.0, 0.0], None),
    trap("25-log", lambda lib, x: lib.log(x), [[0.0, -0.0, -1.0, INF]], [-INF, -INF, NAN, INF], [INF, -INF, -1.0, 0.0]),
    trap("25-log1p", lambda lib, x: lib.log1p(x), [[-1.0, -2.0]], [-INF, NAN], [INF, -1.0]),
    trap("25-rsqrt", lambda lib, x: lib.rsqrt(x), [[0.0, INF]], [INF, 0.0], [-INF, -0.0]),
    trap("25-reciprocal", lambda lib, x: lib.reciprocal(x), [[0.0, -0.0, INF]], [INF, -INF, 0.0], [-INF, -INF, 0.0]),
    trap("25-divide", lambda lib, a, b: a / b, [[1.0, 1.0, -1.0, 0.0], [0.0, -0.0, 0.0, 0.0]], [INF, -INF, -INF, NAN],
         None, None),
    trap("25-log1p-small", lambda lib, x: lib.log1p(x), [[2.0**-60, -(2.0**-60)]], [2.0**-60, -(2.0**-60)], [1.0, 1.0],
         ulps=1),
    trap("25-expm1-small", lambda lib, x: lib.expm1(x), [[2.0**-60, -(2.0**-60)]], [2.0**-60, -(2.0**-60)], [1.0, 1.0],
         ulps=1),
    trap("26-asin", lambda lib, x: lib.asin(x), [[1.0, -1.0, 2.0]], [math.pi / 2, -math.pi / 2, NAN], [INF, INF, NAN]),
    trap("26-acos", lambda lib, x: lib.acos(x), [[1.0, -1.0]], [0.0, math.pi], [-INF, -INF]),
    trap("26-atanh", lambda lib, x: lib.atanh(x), [[1.0, -1.0]], [INF, -INF], [INF, INF]),
    trap("26-acosh", lambda lib, x: lib.acosh(x), [[1.0, 0.5]], [0.0, NAN], [INF, NAN]),
    trap("27-atan2", lambda lib, y, x: lib.atan2(y, x), [[0.0, -0.0, 0.0], [0.0, 0.0, -1.0]], [0.0, -0.0, math.pi],
         [0.0, 0.0, -1.0], [0.0, 0.0, -0.0], signed=True),
    trap("29-gate", lambda lib, x: lib.gate(x, lib.log(x)), [[0.0, 1.0]], [0.0, 0.0], None),
    trap("31-round", lambda lib, x: lib.round(x), [[0.5, 1.5, 2.5, -0.5]], [0.0, 2.0, 2.0, -0.0], [0.0] * 4,
         signed=True),
    trap("32-remainder", lambda lib, x, y: x % y, [[-3.0, 3.0, 5.5], [2.0, -2.0, 2.0]], [1.0, -1.0, 1.5], [1.0] * 3,
         [2.0, 2.0, -2.0]),
    trap("32-remainder-zero", lambda lib, x, y: x % y, [[-3.0, 0.0], [0.0, 0.0]], [NAN, NAN], None, None),
    trap("37-sum", lambda lib, x: lib.sum(x), [[]], 0.0, []),
    trap("37-mean", lambda lib, x: lib.mean(x), [[]], NAN, []),
    trap("37-logsumexp", lambda lib, x: lib.logsumexp(x), [[]], -INF, []),
    trap("38-matmul", lambda lib, a, b: a @ b, [np.zeros((2, 0)), np.zeros((0, 3))], np.zeros((2, 3)),
         np.zeros((2, 0)), np.zeros((0, 3))),
    trap("38-concat", lambda lib, a, b: lib.concat([a, b]), [np.zeros((0, 2)), [[1.0, 2.0]]], [[1.0, 2.0]],
         np.zeros((0, 2)), [[1.0, 1.0]]),
    trap("38-softmax", lambda lib, x: lib.softmax(x, axis=1), [np.zeros((2, 0))], np.zeros((2, 0)), np.zeros((2, 0))),
    trap("39-sum", lambda lib, x: x.sum(), [3.0], 3.0, 1.0),
    trap("39-transpose", lambda lib, x: x.T.transpose(), [3.0], 3.0, 1.0),
    trap("39-softmax", lambda lib, x: lib.softmax(x, axis=0), [3.0], 1.0, 0.0),
    trap("39-newaxis", lambda lib, x: x[None], [3.0], [3.0], 1.0),
    trap("39-ellipsis", lambda lib, x: x[...], [3.0], 3.0, 1.0),
    trap("39-broadcast", lambda lib, x, y: x * y, [3.0, [1.0, 2.0, 3.0]], [3.0, 6.0, 9.0], 6.0, [3.0] * 3),
    trap("40-index", lambda lib, x: x[[0, 0, 1]], [[5.0, 6.0, 7.0]], [5.0, 5.0, 6.0], [2.0, 1.0, 0.0]),
    trap("40-take", lambda lib, x: lib.take(x, [1, 1, -1], axis=1), [[[5.0, 6.0]]], [[6.0, 6.0, 6.0]], [[0.0, 3.0]]),
    trap("40-gather", lambda lib, x: lib.gather(x, [[0, 0], [1, 0]], 1), [[[5.0, 6.0], [7.0, 8.0]]],
         [[5.0, 5.0], [8.0, 7.0]],
         [[2.0, 0.0], [1.0, 1.0]]),
    trap("41-reversed", lambda lib, x: x[::-1] * x.record.arange(1.0, 4.0, dtype=str(x.dtype)), [[5.0, 6.0, 7.0]],
         [7.0, 12.0, 15.0], [3.0, 2.0, 1.0]),
    trap("41-back-by-two", lambda lib, x: x[::-2], [[1.0, 2.0, 3.0, 4.0, 5.0]], [5.0, 3.0, 1.0],
         [1.0, 0.0, 1.0, 0.0, 1.0]),
    trap("41-picks-one", lambda lib, x: x[1::10], [[1.0, 2.0, 3.0]], [2.0], [0.0, 1.0, 0.0]),
    trap("42-broadcast_to", lambda lib, x: x.broadcast_to((6,)), [[2.0]], [2.0] * 6, [6.0]),
    trap("42-add", lambda lib, x: x + x, [[3.0]], [6.0], [2.0]),
    trap("42-multiply", lambda lib, x: x * x, [[3.0]], [9.0], [6.0]),
    trap("42-matmul", lambda lib, x: x @ x, [[[1.0, 2.0], [3.0, 4.0]]], [[7.0, 10.0], [15.0, 22.0]],
         [[7.0, 11.0], [9.0, 13.0]]),
    trap("52-subnormals", lambda lib, x: x * 0.5 + 0.0, [[2 * TINY, -2 * TINY]], [TINY, -TINY], [0.5, 0.5],
         signed=True),
    trap("52-zeros", lambda lib, x: -x * 1.0, [[0.0, -0.0]], [-0.0, 0.0], [-1.0, -1.0], signed=True),
    trap("52-abs", lambda lib, x: lib.abs(x), [[-0.0, -TINY]], [0.0, TINY], [0.0, -1.0], signed=True),
]  # fmt: skip


@IN_BOTH_DTYPES
@LIBRARIES
@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: t.id)
def test_trap(trap: Trap, lib: Any, dtype: str) -> None:
    rec = lib.Record()
    inputs = tensors(rec, [np.array(x, dtype) for x in trap.inputs])
    y = trap.function(lib, *inputs)
    found = array_of(y)
    want = np.array(trap.value, dtype)
    assert str(y.dtype) == dtype
    assert_close(found, want, trap.ulps)
    if trap.signed:
        np.testing.assert_array_equal(np.signbit(found), np.signbit(want))
    grads = y.grad(rec.ones(y.shape, dtype))
    for x, want in zip(inputs, trap.gradients, strict=True):
        if want is not None:
            assert_close(array_of(grads.wrt(x)), np.array(want, dtype).reshape(x.shape), trap.ulps)


# Second derivatives where the first are traps -------------------------------------------------------------------------


@LIBRARIES
@pytest.mark.parametrize(
    ("function", "point", "second"),
    [
        pytest.param(lambda lib, x: lib.prod(x), [0.0, 0.0, 3.0], [[0, 3, 0], [3, 0, 0], [0, 0, 0]], id="18-prod"),
        pytest.param(log_where_positive, [0.0, 2.0], [[0.0, 0.0], [0.0, -0.25]], id="12-where"),
        pytest.param(lambda lib, x: lib.square(x), [0.0, 0.0], [[2.0, 0.0], [0.0, 2.0]], id="9-square"),
        pytest.param(lambda lib, x: lib.softplus(x), [1000.0, -1000.0], [[0.0, 0.0], [0.0, 0.0]], id="23-softplus"),
        pytest.param(lambda lib, x: x**2, [0.0, -2.0], [[2.0, 0.0], [0.0, 2.0]], id="17-power"),
    ],
)
def test_second_derivative(lib: Any, function: Any, point: list[float], second: list[list[float]]) -> None:
    rec = lib.Record()
    x = rec.tensor(point, "float64")
    y = function(lib, x)
    slope = y.grad(rec.ones(y.shape, "float64")).wrt(x)
    for row, i in zip(second, range(len(point)), strict=True):
        np.testing.assert_array_equal(array_of(slope[i].grad().wrt(x)), row)


# Integers -------------------------------------------------------------------------------------------------------------


@LIBRARIES
@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_33_integers_wrap(lib: Any, dtype: str) -> None:
    limits = np.iinfo(dtype)
    rec = lib.Record()
    low, high, one = (rec.tensor(np.array([n], dtype)) for n in (limits.min, limits.max, 1))
    assert (high + one).tolist() == [limits.min]
    assert (low - one).tolist() == [limits.max]
    assert (high * high).tolist() == [1]
    assert lib.square(high).tolist() == [1]
    if limits.min:
        minus = rec.tensor(np.array([-1], dtype))
        for y in (-low, lib.abs(low), low // minus):
            assert (y.tolist(), str(y.dtype)) == ([limits.min], dtype)
        assert (low % minus).tolist() == [0]
        assert (low // rec.tensor(np.array([2], dtype))).tolist() == [limits.min // 2]


@LIBRARIES
@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
@pytest.mark.parametrize("name", ["floor_divide", "remainder"])
def test_33_integer_division_by_zero_raises(lib: Any, name: str, dtype: str) -> None:
    rec = lib.Record()
    a, b = rec.tensor(np.array([1, 0], dtype)), rec.tensor(np.array([1, 0], dtype))
    with pytest.raises(ZeroDivisionError):
        getattr(lib, name)(a, b).tolist()
    with pytest.raises(lib.IntegerDivisionError):
        getattr(lib, name)(a, 0).tolist()


@LIBRARIES
def test_33_floor_division_and_remainder_agree_with_python(lib: Any) -> None:
    pairs = [(a, b) for a in range(-5, 6) for b in range(-3, 4) if b]
    rec = lib.Record()
    a, b = (rec.tensor([p[i] for p in pairs]) for i in (0, 1))
    assert (a // b).tolist() == [p // q for p, q in pairs]
    assert (a % b).tolist() == [p % q for p, q in pairs]


@IN_BOTH_DTYPES
@LIBRARIES
def test_34_floats_become_integers_by_truncation_and_saturate(lib: Any, dtype: str) -> None:
    x = lib.Record().tensor(np.array([NAN, INF, -INF, 1e30, -1e30, 1.9, -1.9], dtype))
    for kind in ("uint8", "int32", "int64"):
        low, high = np.iinfo(kind).min, np.iinfo(kind).max
        assert x.astype(kind).tolist() == [0, high, low, high, low, 1, -1 if low else 0]
    assert x.astype("bool").tolist() == [True] * 7


@LIBRARIES
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_35_sums_of_small_integers_are_wide(lib: Any, dtype: str) -> None:
    x = lib.Record().tensor(np.ones(300, dtype))
    wide = "uint64" if dtype.startswith("u") else "int64"
    for total in (lib.sum(x), lib.cumsum(x)[-1]):
        assert (total.item(), str(total.dtype)) == (300, wide)
    assert str(lib.prod(x).dtype) == wide
    assert (lib.mean(x).item(), str(lib.mean(x).dtype)) == (1.0, "float32")


# Sums -----------------------------------------------------------------------------------------------------------------

MILLIONS = 10_000_000


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((MILLIONS,), 0), ((MILLIONS, 1), 0), ((1, MILLIONS), 1), ((MILLIONS // 10, 10), None), ((5, MILLIONS // 5), 1),
     ((MILLIONS // 5, 5), 0), ((10, MILLIONS // 10), (0, 1)), ((MILLIONS // 20, 5, 4), (0, 2)),
     ((2, MILLIONS // 4, 2), 1)],
    ids=str,
)  # fmt: skip
def test_36_sum_of_ten_million_tenths(shape: tuple[int, ...], axis: Any) -> None:
    """Adding one by one in float32 would give 1,087,937."""
    x = pg.Record().tensor(np.full(shape, 0.1, "float32"))
    tenth = float(np.float32(0.1))
    for total in (x.sum(axis), (x * 1.0).sum(axis)):
        np.testing.assert_allclose(array_of(total), tenth * MILLIONS / total.size, rtol=7e-7)
    np.testing.assert_allclose(array_of(x.mean(axis)), tenth, rtol=7e-7)


@pytest.mark.parametrize(("shape", "axis"), [((MILLIONS,), 0), ((MILLIONS // 2, 2), 0), ((2, MILLIONS // 2), 1)])
def test_36_cumsum_of_ten_million_tenths(shape: tuple[int, ...], axis: int) -> None:
    total = array_of(pg.Record().tensor(np.full(shape, 0.1, "float32")).cumsum(axis)).take(-1, axis)
    np.testing.assert_allclose(total, float(np.float32(0.1)) * MILLIONS / total.size, rtol=7e-7)


@IN_BOTH_DTYPES
@LIBRARIES
def test_14_variance_is_never_negative(lib: Any, dtype: str) -> None:
    rng = np.random.default_rng(14)
    for scale in (1e-12, 1.0, 1e6):
        x = lib.Record().tensor((1e6 + scale * rng.standard_normal((50, 7))).astype(dtype))
        wanted = array_of(x).astype(float).var(1)
        np.testing.assert_allclose(array_of(x.var(1)), wanted, rtol=1e-5)


# The unchosen branch --------------------------------------------------------------------------------------------------

WILD = [0.0, -0.0, 1.0, -1.0, -5.0, 1e30, -1e30, INF, -INF, NAN, 1000.0, 2.0]
SINGULAR = [row for row in (*UNARY, *BINARY) if row.order and row.in_reference]


@IN_BOTH_DTYPES
@LIBRARIES
@pytest.mark.parametrize("row", SINGULAR, ids=lambda row: row.name)
def test_12_unchosen_branch_has_no_gradient(row: Row, lib: Any, dtype: str) -> None:
    """Whatever an op does at zeros, infinities and nan, where it is not used its gradient is exactly 0."""
    two = row in BINARY
    points = [a.ravel() for a in np.meshgrid(WILD, WILD)] if two else [np.array(WILD)]
    rec = lib.Record()
    inputs = tensors(rec, [p.astype(dtype) for p in points])
    used = rec.tensor(np.zeros(points[0].size, bool))
    y = lib.where(used, getattr(lib, row.name)(*inputs), 7.0)
    grads = y.grad(rec.ones(y.shape, dtype))
    for x in inputs:
        np.testing.assert_array_equal(array_of(grads.wrt(x)), 0.0)


# Refusals -------------------------------------------------------------------------------------------------------------


@LIBRARIES
def test_37_extremes_of_nothing_raise(lib: Any) -> None:
    x = lib.Record().zeros((0, 3))
    for name in ("max", "min", "argmax", "argmin"):
        with pytest.raises(ValueError, match=name):
            getattr(lib, name)(x)
        with pytest.raises(ValueError, match=name):
            getattr(lib, name)(x, axis=0)
        assert getattr(lib, name)(x, axis=1).shape == (0,)
    assert (lib.any(x).item(), lib.all(x).item()) == (False, True)


@LIBRARIES
def test_7_positions_of_ties_and_nan_are_the_first(lib: Any) -> None:
    rec = lib.Record()
    x = rec.tensor([[2.0, 5.0, 5.0], [1.0, 1.0, 3.0], [4.0, NAN, NAN]])
    assert lib.argmax(x, axis=1).tolist() == [1, 2, 1]
    assert lib.argmin(x, axis=1).tolist() == [0, 0, 1]
    assert (lib.argmax(x).item(), lib.argmin(x).item()) == (7, 7)


@LIBRARIES
@pytest.mark.parametrize("label", [2, -1, 2**40])
def test_48_labels_out_of_range_raise(lib: Any, label: int) -> None:
    x = lib.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(lib.IndexOutOfRangeError):
        lib.cross_entropy(x, [0, label]).item()


@LIBRARIES
@pytest.mark.parametrize("index", [3, -4, 2**62])
def test_40_indices_out_of_range_raise(lib: Any, index: int) -> None:
    x = lib.Record().tensor([1.0, 2.0, 3.0])
    picks = [lambda: x[index], lambda: x[[0, index]], lambda: lib.take(x, [index]), lambda: lib.gather(x, [index], 0)]
    for pick in picks:
        with pytest.raises(lib.IndexOutOfRangeError):
            pick().tolist()


@pytest.mark.parametrize("index", [3, 2**63, 2**64 - 1])
def test_40_unsigned_indices_out_of_range_raise(index: int) -> None:
    rec = pg.Record()
    x, picks = rec.tensor([[1.0, 2.0, 3.0]]), rec.tensor([index], "uint64")
    calls = [
        lambda: x[0, np.array([index], "uint64")],
        lambda: pg.take(x, picks, axis=1),
        lambda: pg.take_along_axis(x, picks[None], axis=1),
        lambda: x.at[0, picks].set(5.0),
        lambda: pg.put(x, picks, 5.0),
        lambda: pg.cross_entropy(x, picks),
        lambda: pg.nll_loss(x, picks),
    ]
    for call in calls:
        with pytest.raises(pg.IndexOutOfRangeError):
            call().tolist()


@pytest.mark.parametrize("q", [0.25, 0.5, 0.75])
def test_fractions_of_infinities(q: float) -> None:
    """Between equal infinities lies the same one, between a number and an infinity the infinity."""
    rec = pg.Record()
    for numbers, expected in [
        ([INF, INF], INF), ([-INF, -INF], -INF), ([1.0, INF], INF), ([-INF, 1.0], -INF), ([-INF, INF], NAN),
    ]:  # fmt: skip
        x = rec.tensor(numbers)
        for got in (pg.quantile(x, q), pg.nanquantile(x, q)):
            np.testing.assert_equal(got.item(), expected)
