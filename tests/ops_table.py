"""The table of operations: one row per op, everything the generic tests need to know about it.

A row says how the op is called, on which arguments (samplers stay inside the domain and away from kinks), what NumPy or
SciPy gives for the same call, the rule for the result's dtype, how many derivatives exist, and how exact values are. An
elementwise op is one line in `UNARY` or `BINARY`. `EXAMPLES` are the rows spelt out: one call each, with a readable id.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np
from scipy import special, stats

from linalg_rows import LINALG
from loss_rows import LOSSES, MORE_LOSSES, NORMS
from ops_table_indexing import CONTRACTED, INDEXED, several
from random_rows import DRAWN
from rows import (
    DTYPES,
    INTEGERS,
    NONZERO,
    POSITIVE,
    REAL,
    Example,
    Row,
    Sampler,
    Seed,
    between,
    case,
    creation,
    digits,
    flags,
    grid,
    integers,
    spread,
)
from window_rows import WINDOWS

# What every elementwise op of floats is asked for besides its own domain.
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-40, -1e-40, 1e-30, -1e30, 88.0, -90.0, 1000.0, -1000.0]
SPECIAL += [float("inf"), float("-inf"), float("nan")]

ONE = tuple(case(shape) for shape in [(), (5,), (3, 4), (2, 1, 37), (0,), (2, 0, 3)])
TWO_SHAPES = [((), ()), ((3, 4), (3, 4)), ((3, 4), (4,)), ((4,), (2, 3, 4)), ((3, 1), (1, 4)), ((2, 3, 4), (3, 1))]
TWO_SHAPES += [((), (3,)), ((3,), ()), ((0, 3), (3,)), ((2, 1), (2, 0)), ((1, 37), (2, 37))]
TWO = tuple(case(*shapes) for shapes in TWO_SHAPES)


def _sinc(x: np.ndarray) -> np.ndarray:
    """NumPy's is rounding where the sine is 0."""
    whole = np.round(x)
    with np.errstate(all="ignore"):
        return np.where(x == 0, 1.0, (1 - 2 * (whole % 2)) * np.sin(np.pi * (x - whole)) / (np.pi * x))


def unary(name: str, sampler: Sampler, oracle: Callable[..., Any], dtype: str = "float", order: int = 2, **more: Any):
    return Row(name, oracle, (sampler,), more.pop("cases", ONE), dtype, order, elementwise=True, **more)


def binary(name: str, samplers: Any, oracle: Callable[..., Any], dtype: str = "number", order: int = 2, **more: Any):
    return Row(name, oracle, samplers, TWO, dtype, order, elementwise=True, **more)


def reduction(name: str, sampler: Sampler, oracle: Callable[..., Any], dtype: str, order: int = 2, **more: Any):
    empty = [case((0, 3), axis=0), case((3, 0), axis=(0, 1)), case((0,))] if more.pop("empty", True) else []
    cases = [case(()), case((7,)), case((2, 3, 4)), case((2, 3, 4), axis=1), case((2, 3, 4), axis=-1, keepdims=True)]
    cases += [case((2, 3, 4), axis=(0, -1)), case((3, 5), axis=0), case((3, 1), axis=1), case((2, 3, 4), axis=())]
    cases += [case((2, 3), axis=(1, 0), keepdims=True), case((0, 3), axis=1), case((3, 40), axis=(1,)), *empty]
    return Row(name, oracle, (sampler,), (*cases, *more.pop("extra", ())), dtype, order, normwise=True, **more)


INTS = integers(-9, 10)


def _lgamma(x: np.ndarray) -> np.ndarray:
    return np.where(x == -np.inf, np.inf, special.gammaln(x))


def _multigammaln(x: np.ndarray, d: int) -> np.ndarray:
    return sum((special.gammaln(x - j / 2) for j in range(d)), d * (d - 1) / 4 * np.log(np.pi))


def _gamma_density(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


def _gamma_slope(a: np.ndarray, x: np.ndarray, order: int = 1) -> np.ndarray:
    """The derivative of `gammainc` by `a`; at its edge, a = 0, that from within."""

    def slope(a: float, x: float) -> float:
        with mp.workdps(30):
            return float(mp.diff(lambda a: mp.gammainc(a, 0, mp.mpf(x), regularized=True), mp.mpf(a), order))

    at_zero = np.where(x == 0, np.nan, -special.exp1(x))
    return np.where(a == 0, at_zero, np.vectorize(slope, otypes=[float])(np.where(a == 0, 1.0, a), x))


def _poissoninv(rate: np.ndarray, p: np.ndarray) -> np.ndarray:
    without_end = (rate == np.inf) & (p >= 0) & (p <= 1)
    return np.where(without_end, np.inf, np.maximum(stats.poisson.ppf(p, rate), 0))


def _far_exact(order: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """SciPy's Bessel functions; beyond 60, where it loses the angle, mpmath's."""

    def oracle(x: np.ndarray) -> np.ndarray:
        far = np.isfinite(x) & (abs(x) > 60)
        exact = np.vectorize(lambda x: float(mp.besselj(order, mp.mpf(float(x)))), otypes=[float])
        value = np.where(np.isinf(x), np.copysign(0.0, x if order else 1.0), function(np.where(far, 0.0, x)))
        value = np.where((x == 0) & (order == 1), x, value)
        return np.where(far, exact(np.where(far, x, 1.0)), value) if far.any() else value

    return oracle


def _beta_density(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.where(x > 1, np.nan, np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)))


def _beta_slope(*orders: int) -> Callable[..., Any]:
    """The derivative of `betainc` by its shapes."""

    def slope(a: float, b: float, x: float) -> float:
        with mp.workdps(30):
            share = lambda a, b: mp.betainc(a, b, 0, mp.mpf(float(x)), regularized=True)  # noqa: E731
            return float(mp.diff(share, (mp.mpf(float(a)), mp.mpf(float(b))), orders))

    def inside(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
        ok = (a > 0) & (b > 0) & (x > 0) & (x < 1)
        edge = np.where((a >= 0) & (b >= 0) & (a + b > 0) & (x >= 0) & (x <= 1), 0.0, np.nan)
        return np.where(ok, np.vectorize(slope, otypes=[float])(*(np.where(ok, y, 0.5) for y in (a, b, x))), edge)

    return inside


def _selu(x: np.ndarray) -> np.ndarray:
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))


def _glu(x: np.ndarray, axis: int) -> np.ndarray:
    first, second = np.split(x, 2, axis)
    return first * special.expit(second)


def _prelu(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    wide = weight.reshape(-1, *(1 for _ in x.shape[2:])) if weight.size > 1 else weight
    return np.where(x > 0, x, wide * x)


def _tanhshrink_of(x: float) -> float:
    with mp.workdps(150):
        return math.copysign(mp.mpf(x) - mp.tanh(mp.mpf(x)), x)


_tanhshrink = np.vectorize(_tanhshrink_of, otypes=[float])


UNARY = (
    unary("neg", REAL, np.negative, "number"),
    unary("abs", NONZERO, np.abs, "number"),
    unary("sign", NONZERO, np.sign, "number", 0),
    unary("square", REAL, np.square, "number", 3),
    unary("relu", NONZERO, lambda x: np.where(x <= 0, x * 0, x), "number"),
    unary("floor", grid(0.3), np.floor, "number", 0),
    unary("ceil", grid(0.3), np.ceil, "number", 0),
    unary("rint", grid(0.2), np.round, "number", 0),
    unary("round", grid(0.2), np.round, "number", 0),
    unary("trunc", grid(0.3), np.trunc, "number", 0),
    unary("sqrt", POSITIVE, np.sqrt, order=3),
    unary("rsqrt", POSITIVE, lambda x: 1 / np.sqrt(x)),
    unary("reciprocal", NONZERO, lambda x: 1 / x, order=3),
    unary("exp", REAL, np.exp, order=3),
    unary("exp2", REAL, np.exp2),
    unary("expm1", REAL, np.expm1),
    unary("log", POSITIVE, np.log, order=3),
    unary("log2", POSITIVE, np.log2),
    unary("log10", POSITIVE, np.log10),
    unary("log1p", between(-0.7, 2.0), np.log1p),
    unary("sin", REAL, np.sin, order=3),
    unary("cos", REAL, np.cos, order=3),
    unary("tan", between(-1.2, 1.2), np.tan),
    unary("asin", between(-0.9, 0.9), np.arcsin),
    unary("acos", between(-0.9, 0.9), np.arccos),
    unary("atan", REAL, np.arctan),
    unary("sinh", REAL, np.sinh),
    unary("cosh", REAL, np.cosh),
    unary("tanh", REAL, np.tanh, order=3),
    unary("asinh", REAL, np.arcsinh),
    unary("acosh", between(1.2, 4.0), np.arccosh),
    unary("atanh", between(-0.9, 0.9), np.arctanh),
    unary("sigmoid", REAL, special.expit, order=3),
    unary("softplus", REAL, lambda x: np.logaddexp(0.0, x), order=3),
    unary("erf", REAL, special.erf),
    unary("erfc", REAL, np.vectorize(math.erfc, otypes=[float])),
    unary("cbrt", NONZERO, np.cbrt),
    unary("erfcx", REAL, special.erfcx, order=3, ulps=6),
    unary("erfinv", between(-0.9, 0.9), lambda x: np.copysign(special.erfinv(x), x)),
    unary("ndtr", REAL, special.ndtr, ulps=8),  # SciPy rounds x / sqrt(2)
    unary("log_ndtr", REAL, special.log_ndtr, order=3, ulps=8),
    unary("ndtri", between(0.1, 0.9), special.ndtri, ulps=4),
    unary("gamma", between(0.3, 4.0), special.gamma, order=3, ulps=6),
    unary("erfcinv", between(0.1, 1.9), lambda x: 0.0 + special.erfcinv(x), ulps=6),
    unary("expi", between(0.6, 3.0), special.expi, ulps=60),
    unary("j0", REAL, _far_exact(0, special.j0), ulps=60),
    unary("j1", NONZERO, _far_exact(1, special.j1), order=3, ulps=16),
    unary("k0", POSITIVE, special.k0, ulps=16),
    unary("k0e", POSITIVE, special.k0e, ulps=16),
    unary("k1", POSITIVE, special.k1, ulps=16),
    unary("k1e", POSITIVE, special.k1e, ulps=16),
    unary("exprel", NONZERO, special.exprel, order=3, ulps=8),
    unary("spherical_bessel_j0", NONZERO, lambda x: np.where(x == 0, 1, np.where(np.isinf(x), np.nan, np.sin(x) / x)),
          ulps=8),
    unary("gammasgn", grid(0.5), special.gammasgn, order=0),
    unary("lgamma", between(2.5, 4.0), _lgamma, order=3, ulps=20),
    unary("digamma", between(2.0, 4.0), special.psi, order=3, ulps=6),
    unary("i0", NONZERO, lambda x: np.where(np.isinf(x), np.inf, special.i0(x)), ulps=6),
    unary("i0e", NONZERO, special.i0e, ulps=8),
    unary("i1", NONZERO, lambda x: np.copysign(np.where(np.isinf(x), x, special.i1(x)), x), order=3, ulps=8),
    unary("i1e", NONZERO, lambda x: np.copysign(special.i1e(x), x), order=3, ulps=8),
    unary("signbit", NONZERO, np.signbit, "bool", 0),
    unary("isposinf", REAL, np.isposinf, "bool", 0),
    unary("isneginf", REAL, np.isneginf, "bool", 0),
    unary("logit", between(0.1, 0.9), special.logit),
    unary("entr", POSITIVE, lambda x: 0.0 + special.entr(x), ulps=4),
    unary("sinc", NONZERO, _sinc, order=3, ulps=6),
    unary("logsigmoid", REAL, special.log_expit, order=3, ulps=4),
    unary("mish", REAL, lambda x: x * np.tanh(np.logaddexp(0, x)), order=3, ulps=8),
    unary("selu", NONZERO, _selu, ulps=4),
    unary("softsign", NONZERO, lambda x: x / (1 + abs(x)), ulps=4),
    unary("tanhshrink", NONZERO, _tanhshrink, ulps=8),
    unary("relu6", NONZERO, lambda x: 0.0 + np.clip(x, 0, 6)),
    unary("hardsigmoid", NONZERO, lambda x: np.clip(x + 3, 0, 6) / 6),
    unary("hardswish", NONZERO, lambda x: x * np.clip(x + 3, 0, 6) / 6, ulps=4),
    unary("hardtanh", NONZERO, lambda x, min_val=-1.0, max_val=1.0: np.clip(x, min_val, max_val),
          cases=(*ONE, case((3, 4), args=(-1.2, 2.1)))),
    unary("softshrink", grid(0.0), lambda x, lambd=0.5: np.where(abs(x) <= lambd, 0, x - np.sign(x) * lambd),
          cases=(*ONE, case((3, 4), args=(1.5,)))),
    unary("hardshrink", grid(0.0), lambda x, lambd=0.5: np.where(abs(x) <= lambd, 0, x),
          cases=(*ONE, case((3, 4), args=(1.5,)))),
    unary("celu", NONZERO, lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x / alpha)),
          cases=(*ONE, case((3, 4), args=(0.5,))), ulps=4),
    unary("deg2rad", REAL, np.deg2rad),
    unary("rad2deg", REAL, np.rad2deg),
    unary("isnan", REAL, np.isnan, "bool", 0),
    unary("isinf", REAL, np.isinf, "bool", 0),
    unary("isfinite", REAL, np.isfinite, "bool", 0),
    unary("logical_not", digits, np.logical_not, "bool", 0),
    unary("leaky_relu", NONZERO, lambda x, s=0.01: np.where(x > 0, x, x * s), cases=(*ONE, case((3, 4), args=(0.2,)))),
    unary(
        "elu", NONZERO, lambda x, a=1.0: np.where(x > 0, x, a * np.expm1(x)), cases=(*ONE, case((3, 4), args=(0.5,)))
    ),
    unary("silu", REAL, lambda x: x * special.expit(x), order=3, ulps=6),
    unary("gelu", REAL, lambda x, approximate="none": _gelu(x, approximate), ulps=8,
          cases=(*ONE, case((3, 4), approximate="tanh"))),
)  # fmt: skip

# Of one tensor with numbers beside it: not elementwise in the sense of being a row of the core.
BESIDE = (
    Row("threshold", lambda x, threshold, value: np.where(x > threshold, x, value), (NONZERO,),
        (case((3, 4), args=(0.1, 20.0)),), "float"),
    Row("glu", lambda x, axis=-1: _glu(x, axis), (REAL,), (case((3, 4)), case((4, 3), axis=0), case((0, 2))), "float",
        ulps=4),
    Row("polygamma", lambda x, n: special.polygamma(n, x), (between(0.7, 4.0),),
        tuple(case((3, 4), args=(n,)) for n in (0, 1, 2, 5)), "float", ulps=12),
    Row("multigammaln", _multigammaln, (between(3.2, 6.0),),
        (case((3, 4), args=(1,)), case((5,), args=(4,))), "float", ulps=8),
    Row("nan_to_num", np.nan_to_num, (REAL,), (case((3, 4)), case((3,), nan=1.0, posinf=2.0)), "same"),
    Row("bitwise_not", np.invert, (INTS,), (case((3, 4)), case(())), "int64", 0),
)  # fmt: skip

SEPARATE = (grid(0.1), grid(0.6))  # no ties
QUOTIENT = (between(5.0, 5.5), between(2.1, 2.4))  # the quotient is never near an integer
BINARY = (
    binary("add", (REAL,), np.add),
    binary("subtract", (REAL,), np.subtract),
    binary("multiply", (REAL,), np.multiply, order=3),
    binary("divide", (REAL, NONZERO), np.divide, "float", order=3),
    binary("floor_divide", QUOTIENT, np.floor_divide, order=0),
    binary("remainder", QUOTIENT, np.remainder, ulps=8),
    binary("power", (POSITIVE, REAL), np.power, order=3),
    binary("maximum", SEPARATE, np.maximum),
    binary("minimum", SEPARATE, np.minimum),
    binary("atan2", (NONZERO, NONZERO), np.arctan2, "float", order=3),
    binary("fmod", QUOTIENT, np.fmod, ulps=8),
    binary("fmax", SEPARATE, np.fmax),
    binary("fmin", SEPARATE, np.fmin),
    binary("copysign", (NONZERO, NONZERO), np.copysign, "float"),
    binary("gate_divide", (NONZERO, NONZERO), lambda a, b: np.where(a == 0, a, np.divide(a, b)), "float"),
    binary("excess", (REAL,), lambda a, b: np.where(a == b, 0.0, np.subtract(a, b, dtype=float)), "float"),
    binary("hypot", (NONZERO, NONZERO), np.hypot, "float", order=3),
    binary("logaddexp", (POSITIVE, POSITIVE), np.logaddexp, "float", order=3, ulps=8),
    binary("logaddexp2", (POSITIVE, POSITIVE), np.logaddexp2, "float", order=3, ulps=8),
    binary("xlogy", (REAL, POSITIVE), special.xlogy, "float", order=3, ulps=4),
    binary("xlog1py", (REAL, between(-0.7, 2.0)), special.xlog1py, "float", order=3, ulps=4),
    binary("rel_entr", (POSITIVE, POSITIVE), special.rel_entr, "float", ulps=8),
    binary("heaviside", (NONZERO, REAL), np.heaviside, "float", 0),
    binary("float_power", (POSITIVE, REAL), np.float_power, "float64"),
    binary("isclose", (digits,), np.isclose, "bool", 0),
    binary(
        "poissoninv",
        (grid(5.5), between(0.1, 0.9)),
        _poissoninv,
        "float",
        0,
    ),
    binary("gate", (NONZERO, REAL), lambda a, b: np.where(a == 0, a, a * b)),
    *(
        binary(name, (digits,), getattr(np, name), "bool", 0)
        for name in ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]
    ),
    *(binary(f"logical_{name}", (digits,), getattr(np, f"logical_{name}"), "bool", 0) for name in ["and", "or", "xor"]),
)


SHAPE, INSIDE = between(0.4, 5.0), between(0.1, 0.9)
THREE = (case((), (), ()), case((3, 4), (3, 4), (3, 4)), case((4,), (3, 1), ()), case((2, 0), (1,), (2, 1)))
# Pairs of which one is not differentiated, or only once.
PAIRED = (
    Row("zeta", lambda q, s: special.zeta(s, q), (POSITIVE,), (case((3, 4), args=(2.5,)), case((), args=(4,))), "float",
        ulps=8, call=lambda lib, rec, q, s: lib.zeta(s, q)),
    Row("ierfcx", lambda x, n: 1 / np.sqrt(np.pi) - x * special.erfcx(x), (POSITIVE,), (case((3, 4), args=(1,)),),
        "float", ulps=30, normwise=True, call=lambda lib, rec, x, n: lib.ierfcx(n, x)),
    Row("digamma_dx", lambda x, n: special.polygamma(n, x), (POSITIVE,), (case((3, 4), args=(2,)),), "float", ulps=30,
        normwise=True, call=lambda lib, rec, x, n: lib.digamma_dx(n, x)),
    Row("log_ndtr_dx", lambda x, n: np.exp(-0.5 * x * x - special.log_ndtr(x)) / np.sqrt(2 * np.pi), (REAL,),
        (case((3, 4), args=(1,)),), "float", ulps=30, normwise=True, call=lambda lib, rec, x, n: lib.log_ndtr_dx(n, x)),
    Row("iv", lambda x, n: special.iv(n, x), (NONZERO,), (case((3, 4), args=(2,)), case((), args=(3,))), "float",
        ulps=30, call=lambda lib, rec, x, n: lib.iv(n, x)),
    Row("i0e_dx", lambda x, n: special.i1e(np.abs(x)) - special.i0e(x), (NONZERO,),
        (case((3, 4), args=(1,)),), "float", ulps=30, normwise=True, call=lambda lib, rec, x, n: lib.i0e_dx(n, x)),
    Row("betaln", special.betaln, (POSITIVE, POSITIVE), TWO, "float", ulps=1e3, normwise=True),
    Row("beta", special.beta, (POSITIVE, POSITIVE), TWO, "float", ulps=20),
    Row("gammainc", special.gammainc, (SHAPE, POSITIVE), TWO, "float", ulps=60),
    Row("gammaincc", special.gammaincc, (SHAPE, POSITIVE), TWO, "float", ulps=60),
    Row("gammaincinv", special.gammaincinv, (SHAPE, between(0.1, 0.9)), TWO, "float", ulps=200),
    Row("gammainccinv", special.gammainccinv, (SHAPE, between(0.1, 0.9)), TWO, "float", ulps=200),
    Row("expn", lambda x, n: special.expn(n, x), (POSITIVE,), tuple(case((3, 4), args=(n,)) for n in (0, 1, 2, 5)),
        "float", ulps=40, call=lambda lib, rec, x, n: lib.expn(n, x)),
    *(
        Row(name, lambda a, v, name=name, **how: getattr(np, name)(a, v, **how), (REAL,),
            (case((7,), (3,)), case((3,), (6,)), case((5,), (5,)), case((1,), (1,)),
             *(case((8,), (4,), mode=mode) for mode in ("full", "same", "valid")),
             *(case((3,), (6,), mode=mode) for mode in ("full", "same", "valid"))),
            "float", normwise=True, ulps=8)
        for name in ["convolve", "correlate"]
    ),
    *several("modf", [lambda x: np.modf(x)[0], lambda x: np.modf(x)[1]], ["float", "float"], *ONE, of=grid(0.3)),
    *several("frexp", [lambda x: np.frexp(x)[0], lambda x: np.frexp(x)[1]], ["float", "int32"], *ONE, of=grid(0.3)),
    Row("ldexp", lambda x, e: x * 2.0**e, (REAL, REAL), TWO, "float", ulps=8),
    Row("unwrap", lambda x, *args, **how: np.unwrap(x, *args, **how), (between(-9.0, 9.0),),
        (case((9,)), case((3, 6)), case((7, 2), axis=0), case((12,), args=(5.0,)), case((12,), period=2.5),
         case((0, 3)), case((3, 0)), case((1,))), "float", normwise=True, ulps=8),
    Row("boxcox", special.boxcox, (POSITIVE, NONZERO), TWO, "float", ulps=60),
    Row("inv_boxcox", special.inv_boxcox, (between(-0.4, 0.4), REAL), TWO, "float", ulps=200),
    Row("digamma_gap", lambda x, step, n: special.polygamma(n, x) - special.polygamma(n, x + step),
        (POSITIVE, POSITIVE), tuple(case((3, 4), (4,), args=(n,)) for n in (0, 1, 3)), "float", ulps=60, normwise=True,
        call=lambda lib, rec, x, step, n: lib.digamma_gap(n, x, step)),
    Row("betainc", special.betainc, (SHAPE, SHAPE, INSIDE), THREE, "float", ulps=100),
    Row("betaincinv", special.betaincinv, (SHAPE, SHAPE, INSIDE), THREE, "float", ulps=400),
    Row("betainc_dx", _beta_density, (SHAPE, SHAPE, INSIDE), THREE, "float", ulps=100),
    Row("betainc_da", _beta_slope(1, 0), (SHAPE, SHAPE, INSIDE), THREE[:3], "float", order=1, ulps=200, normwise=True),
    Row("betainc_db", _beta_slope(0, 1), (SHAPE, SHAPE, INSIDE), THREE[:3], "float", order=1, ulps=200, normwise=True),
    *(
        Row(name, lambda x, a, b, orders=orders: _beta_slope(*orders)(np.float64(a), np.float64(b), x), (INSIDE,),
            (case((3, 4), args=(1.7, 2.3)),), "float", ulps=200, normwise=True,
            call=lambda lib, rec, x, a, b, name=name: getattr(lib, name)(a, b, x))
        for name, orders in [("betainc_daa", (2, 0)), ("betainc_dab", (1, 1)), ("betainc_dbb", (0, 2))]
    ),
    Row("binominv", lambda n, p, u: np.maximum(stats.binom.ppf(u, n, p), 0),
        (lambda rng, shape: rng.integers(1, 9, shape).astype(float), INSIDE, INSIDE), THREE, "float", 0),
    Row("gammainc_dx", _gamma_density, (SHAPE, POSITIVE), TWO, "float", ulps=60),
    Row("gammainc_da", _gamma_slope, (SHAPE, POSITIVE), TWO, "float", order=1, ulps=8, normwise=True),
    Row("gammainc_daa", lambda x, a: _gamma_slope(np.float64(a), x, 2), (POSITIVE,), (case((3, 4), args=(1.7,)),),
        "float", ulps=8, normwise=True, call=lambda lib, rec, x, a: lib.gammainc_daa(a, x)),
    *(
        Row(f"bitwise_{name}", getattr(np, f"bitwise_{name}"), (INTS,), TWO, "int64", 0)
        for name in ["and", "or", "xor"]
    ),
    Row("left_shift", np.left_shift, (INTS, integers(0, 5)), TWO, "int64", 0),
    Row("right_shift", np.right_shift, (INTS, integers(0, 5)), TWO, "int64", 0),
    Row("allclose", lambda a, b: np.asarray(np.allclose(a, b)), (digits,),
        (case((3,), (3,)), case((), ()), case((0,), ())), "bool", 0),
    Row("prelu", _prelu, (NONZERO, REAL), (case((3, 4), ()), case((2, 3, 4), (3,)), case((2, 3), (1,))), "float"),
)  # fmt: skip


def _gelu(x: np.ndarray, approximate: str) -> np.ndarray:
    if approximate == "none":
        return x * special.ndtr(x)
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def _softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    e = np.exp(np.atleast_1d(x))
    return (e / e.sum(axis, keepdims=True)).reshape(x.shape)


def _logsumexp(x: np.ndarray, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    return np.log(np.sum(np.exp(x), axis, keepdims=keepdims))


def _pad(x: np.ndarray, width: Any, value: float = 0.0, *, mode: Any = "constant") -> np.ndarray:
    fill = {"constant_values": np.array(value).astype(x.dtype)} if mode == "constant" else {}
    return np.pad(x, width, mode, **fill)


def _split(x: np.ndarray, indices_or_sections: Any, axis: int = 0) -> np.ndarray:
    """All parts, one behind the other, the last one first."""
    at = list(indices_or_sections) if isinstance(indices_or_sections, tuple) else indices_or_sections
    parts = np.split(x, at, axis)
    return np.concatenate([part.ravel() for part in reversed(parts)])


def _moments(of: Callable[..., Any]) -> Callable[..., Any]:
    def moments(x: np.ndarray, axis: Any = None, keepdims: bool = False, correction: float = 0, **ddof: int) -> Any:
        count = x.size / max(np.sum(x, axis).size, 1)
        correction = ddof.get("ddof", correction)
        if count - correction <= 0:
            return np.full(of(x, axis, keepdims=keepdims).shape, np.nan)
        return of(x, axis, ddof=correction, keepdims=keepdims)

    return moments


CORRECTED = (case((3, 4), axis=1, correction=1), case((3, 4), ddof=2), case((3, 1), axis=1, correction=1, order=0))
LINES = (case((4,)), case((3, 4)), case((3, 4), axis=0), case((2, 3, 4), axis=1), case(()), case((0, 3)), case((3, 0)))
REDUCTIONS = (
    reduction("sum", REAL, np.sum, "sum"),
    reduction("mean", REAL, np.mean, "float"),
    reduction("prod", NONZERO, np.prod, "sum", order=3, ulps=20),  # up to 40 factors, half an ulp each
    reduction("max", spread, np.max, "same", empty=False),
    reduction("min", spread, np.min, "same", empty=False),
    reduction("any", digits, np.any, "bool", 0),
    reduction("all", digits, np.all, "bool", 0),
    reduction("var", REAL, _moments(np.var), "float", extra=CORRECTED),
    reduction("std", REAL, _moments(np.std), "float", extra=CORRECTED, ulps=6),
    reduction("logsumexp", REAL, _logsumexp, "float", ulps=6),
)
ALONG = (
    *(
        Row(name, getattr(np, name), (digits,),
            (*(case(shape) for shape in [(), (5,), (3, 4), (2, 70)]), case((3, 4), axis=0), case((2, 3, 4), axis=-2),
             case((2, 3, 4), axis=1, keepdims=True), case((3, 4), keepdims=True), case((0, 3), axis=1)), "int64", 0)
        for name in ["argmax", "argmin"]
    ),
    Row("softmax", _softmax, (REAL,), LINES, "float", order=3, ulps=6),
    Row("log_softmax", lambda x, axis=-1: np.log(_softmax(x, axis)), (REAL,), LINES, "float",
        order=3, ulps=6, normwise=True),
    Row("cumsum", np.cumsum, (REAL,), (*LINES, case((2, 3, 4), axis=-1), case((5, 70), axis=1)), "sum", normwise=True),
)  # fmt: skip

CUBE = (2, 3, 4)
VIEWS = (
    Row("reshape", np.reshape, (REAL,),
        tuple(case(old, args=(new,)) for old, new in [
            (CUBE, (4, 6)), (CUBE, (-1, 3)), ((1,), ()), ((), (1, 1)), ((0, 3), (3, 0))])),
    Row("flatten", np.ravel, (REAL,), (case(CUBE), case(()), case((0, 2)))),
    Row("transpose", np.transpose, (REAL,), (case(CUBE), case(CUBE, args=((2, 0, 1),)), case(()), case((0, 2)))),
    Row("permute", np.transpose, (REAL,), (case(CUBE, args=((1, 2, 0),)), case((3, 4), args=((-1, 0),)))),
    Row("moveaxis", np.moveaxis, (REAL,), (case(CUBE, args=(0, -1)), case(CUBE, args=((0, 1), (2, 0))))),
    Row("swapaxes", np.swapaxes, (REAL,), (case(CUBE, args=(0, 2)), case((3, 4), args=(-1, -2)))),
    Row("expand_dims", np.expand_dims, (REAL,), (case((3,), args=(0,)), case((), args=(0,)),
                                                 case((3, 4), args=((0, -1),)))),
    Row("squeeze", np.squeeze, (REAL,), (case((1, 3, 1)), case((1, 3, 1), args=(0,)), case((1, 3, 1), axis=(0, -1)))),
    Row("broadcast_to", np.broadcast_to, (REAL,), (case((), args=((2, 3),)), case((3, 1), args=((2, 3, 4),)),
                                                   case((1, 3), args=((0, 3),)), case((3,), args=((3,),)))),
    Row("flip", np.flip, (REAL,), (case(CUBE), case(CUBE, args=(1,)), case((3, 4), args=((0, -1),)), case((0,)))),
    Row("pad", _pad, (REAL,),
        (case((3,), args=(2,)), case((2, 3), args=((1, 2),)), case((2, 3), args=(((1, 0), (0, 2)),)),
                  case((2, 3), args=(1,), value=1.0), case((0, 2), args=(1,)), case((), args=(2,)),
                  *(case((3, 1, 2), args=(((2, 7), (1, 2), (0, 1)),), mode=mode)
                    for mode in ("edge", "reflect", "symmetric", "wrap")))),
    Row("concat", lambda *xs, axis=0: np.concatenate(xs, axis), (REAL,),
        (case((2, 3), (4, 3)), case((2, 3), (2, 1), (2, 2), axis=-1), case((3,)), case((0, 2), (2, 2))),
        call=lambda lib, rec, *xs, **kwargs: lib.concat(list(xs), **kwargs)),
    Row("stack", lambda *xs, axis=0: np.stack(xs, axis), (REAL,),
        (case((2, 3), (2, 3)), case((3,), (3,), (3,), axis=-1), case((), ())),
        call=lambda lib, rec, *xs, **kwargs: lib.stack(list(xs), **kwargs)),
    Row("split", _split, (REAL,),
        (case((6, 2), args=(3,)), case((2, 7), args=((2, 5),), axis=1), case((4,), args=(1,))),
        call=lambda lib, rec, x, *a, **k: lib.concat([part.flatten() for part in reversed(lib.split(x, *a, **k))])),
    Row("T", np.transpose, (REAL,), (case((3, 4)), case(CUBE)), call=lambda lib, rec, x: x.T),
    Row("mT", lambda x: np.swapaxes(x, -1, -2), (REAL,), (case((3, 4)), case(CUBE)), call=lambda lib, rec, x: x.mT),
    Row("__getitem__", lambda x, key: x[key], (REAL,),
        tuple(case(shape, args=(key,)) for shape, key in [
            ((5,), 2), ((5,), slice(None, None, -1)), ((5,), slice(None, None, -2)), ((9,), slice(1, 100, 3)),
            ((9,), slice(-2, 0, -3)), ((5,), slice(4, 1)), (CUBE, (0, slice(1, None), -1)), (CUBE, (..., 1)),
            (CUBE, ()), (CUBE, (slice(None), None, 1)), ((), (None, ...)), (CUBE, (slice(None), [0, 0, -1])),
            ((4, 3), [1, 1, 0, 1]),
            ((4, 3), np.array([[0, 3], [3, 3]])), ((4, 3), (slice(0, 4, 3), [2, 0, 2])), ((9,), slice(8, 9, 5))]),
        call=lambda lib, rec, x, key: x[key]),
    Row("take", np.take, (REAL,), (case((5,), args=([0, 0, -1],)), case((3, 4), args=([5, 5, 0],)),
                                   case((3, 4), args=([],)), case((3, 4), args=([[1, 1], [2, 0]], 1)),
                                   case((3, 4), args=([0, 0, 2], -2)), case((3, 4), args=(1, 0)))),
    *(
        Row(name, np.take_along_axis, (REAL, integers(-3, 3)), tuple(
            case(shape, picks, args=(axis,)) for shape, picks, axis in [
                ((3,), (5,), 0), ((3, 4), (2, 4), 0), ((2, 3), (2, 5), -1), ((2, 3), (1, 2), 1), ((3, 4), (0, 4), 0)]))
        for name in ["take_along_axis", "gather"]
    ),
)  # fmt: skip

MATRICES = [((3,), (3,)), ((2, 3), (3, 4)), ((3,), (3, 4)), ((2, 3), (3,)), ((5, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4))]
MATRICES += [((5, 1, 2, 3), (4, 3, 2)), ((2, 0), (0, 3)), ((0, 2), (2, 3)), ((2, 3), (3, 0)), ((17, 33), (33, 9))]
EINSUMS = [("ij,jk->ik", (2, 3), (3, 4)), ("ij,kj", (2, 3), (4, 3)), ("ii", (3, 3)), ("ii->i", (3, 3))]
EINSUMS += [("ij->ji", (2, 3)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)), ("i,j->ij", (3,), (2,)), ("i,i", (3,), (3,))]
EINSUMS += [("ij->", (2, 3)), ("...ij,jk->...ik", CUBE, (4, 2)), ("i,ij,j->", (2,), (2, 3), (3,))]
EINSUMS += [("ij,ij->i", (2, 3), (2, 3))]
EINSUMS += [("ab,bc,cd->ad", (2, 5), (5, 2), (2, 4)), ("a,ab,b,bc,c->", (2,), (2, 3), (3,), (3, 2), (2,))]
EINSUMS += [("ij,jk,kl->i", (3, 1), (1, 4), (4, 2)), ("ab,cd,ac->bd", (2, 3), (4, 2), (2, 4))]
EINSUMS += [("bqhd,bkhd->bhqk", (2, 3, 2, 2), (2, 4, 2, 2)), ("ij,j", (2, 0), (0,))]
CONTRACTIONS = (
    Row("matmul", np.matmul, (REAL,), tuple(case(*s) for s in MATRICES), "number", normwise=True, ulps=8),
    Row("dot", np.dot, (REAL,), tuple(case(*s) for s in [((), (3,)), ((3,), (3,)), ((2, 3), (3, 4)), (CUBE, (4,)),
                                                         (CUBE, (2, 4, 3))]), "number", normwise=True, ulps=6),
    Row("outer", np.outer, (REAL,), (case((3,), (4,)), case((2, 2), (3,)), case((0,), (2,))), "number"),
    Row("einsum", lambda *xs, s: np.einsum(s, *xs), (REAL,), tuple(case(*shapes, s=s) for s, *shapes in EINSUMS),
        "number", normwise=True, ulps=6, call=lambda lib, rec, *xs, s: lib.einsum(s, *xs)),
    *CONTRACTED,
)  # fmt: skip


def _clip(x: np.ndarray, *bounds: Any, min: Any = None, max: Any = None) -> np.ndarray:
    low, high = [*bounds, min, max][:2] if bounds else (min, max)
    return np.clip(x, low, high)


def _cast(x: np.ndarray, dtype: str) -> np.ndarray:
    limit = np.iinfo(dtype) if dtype in INTEGERS else None
    return (np.clip(np.trunc(x), limit.min, limit.max) if limit and x.dtype.kind == "f" else x).astype(dtype)


TRIPLES = [((3, 4), (3, 4), (3, 4)), ((4,), (3, 1), ()), ((), (2,), (2,)), ((2, 1), (2, 3), (3,)), ((0,), (1,), ())]
CHOICES = (
    Row("where", np.where, (flags, REAL, REAL), tuple(case(*s) for s in TRIPLES)),
    Row("clip", _clip, (grid(0.5),), (case((3, 4), args=(-1.0, 1.0)), case((5,), min=0.0), case((5,), max=1.0)),
        "float"),
    Row("clip", _clip, (grid(0.5), grid(0.0, -2, 0), grid(0.0, 0, 3)),
        (case((3, 4), (4,), (3, 1)), case((), (), (2,)))),
    Row("astype", _cast, (REAL,), tuple(case((3, 4), args=(d,), dtype=d, order=2 * (d == "float64")) for d in DTYPES)),
    Row("stop_gradient", np.array, (REAL,), ONE, order=0),
    Row("zeros_like", np.zeros_like, (REAL,), ONE, order=0),
    Row("ones_like", np.ones_like, (REAL,), ONE, order=0),
    Row("full_like", np.full_like, (REAL,), (case((2, 3), args=(1,)), case((0,), args=(1,))), order=0),
)  # fmt: skip


CREATION = (
    creation("zeros", np.zeros, ((2, 3), {}, "float32"), (4, {"dtype": "int64"}, "int64"),
             ((), {"dtype": "bool"}, "bool")),
    creation("ones", np.ones, ((2, 0), {}, "float32"), (4, {"dtype": "uint8"}, "uint8")),
    creation("full", np.full, ((2,), 0.5, {}, "float32"), ((), 7, {}, "int64"), (2, True, {}, "bool"),
             (3, 2, {"dtype": "float64"}, "float64")),
    creation("arange", np.arange, (5, {}, "int64"), (2, 11, 3, {}, "int64"), (5, 0, -2, {}, "int64"),
             (3, 3, {}, "int64"), (0.0, 1.0, 0.125, {}, "float32"), (4, {"dtype": "float64"}, "float64")),
    creation("linspace", np.linspace, (0.0, 1.0, {}, "float32"), (-1.0, 2.0, 7, {"dtype": "float64"}, "float64"),
             (0.0, 1.0, 4, {"endpoint": False}, "float32"), (3.0, 4.0, 1, {}, "float32"),
             (0.0, 1.0, 0, {}, "float32")),
    creation("logspace", np.logspace, (0.0, 2.0, 5, {"dtype": "float64"}, "float64"),
             (0.0, 4.0, 3, {"base": 2.0}, "float32"), (1.0, 2.0, 0, {}, "float32")),
    creation("geomspace", np.geomspace, (1.0, 8.0, 4, {"dtype": "float64"}, "float64"), (-2.0, -0.5, {}, "float32"),
             (3.0, 4.0, 1, {"endpoint": False}, "float32")),
    creation("eye", np.eye, (3, {}, "float32"), (2, 4, {"k": 1}, "float32"),
             (3, 2, {"k": -1, "dtype": "int32"}, "int32")),
    creation("tri", np.tri, (3, {}, "float32"), (2, 4, 1, {}, "float32"),
             (3, 2, -1, {"dtype": "int32"}, "int32"), (0, {}, "float32")),
    creation("uniform", None, (Seed(1), (3, 5), {}, "float32"), (Seed(3), {}, "float32"),
             (Seed(2), (7,), -1.0, 2.0, {"dtype": "float64"}, "float64")),
    creation("normal", None, (Seed(1), (3, 5), {}, "float32"),
             # The angle, up to 2 pi, is rounded once, and the radius is up to 6.
             (Seed(2), (7,), 1.0, 0.5, {"dtype": "float64"}, "float64"), normwise=True, ulps=16),
    creation("bernoulli", None, (Seed(1), 0.3, (20,), {}, "bool"), (Seed(2), {}, "bool")),
)  # fmt: skip

ROWS = (
    *UNARY,
    *BESIDE,
    *BINARY,
    *PAIRED,
    *CHOICES,
    *REDUCTIONS,
    *ALONG,
    *VIEWS,
    *CONTRACTIONS,
    *LOSSES,
    *MORE_LOSSES,
    *NORMS,
    *CREATION,
    *DRAWN,
    *INDEXED,
    *LINALG,
    *WINDOWS,
)
ALIASES = {
    "absolute": "abs", "amax": "max", "amin": "min", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin",
    "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "around": "round",
    "concatenate": "concat", "degrees": "rad2deg", "fix": "trunc", "invert": "bitwise_not", "mod": "remainder",
    "mse_loss": "mse", "negative": "neg", "permute_dims": "permute", "pow": "power", "radians": "deg2rad",
    "true_divide": "divide",
}  # fmt: skip
# Public functions and methods that record no operation.
NOT_OPS = {
    "to_device",
    "load",
    "state",
    "next_state",
    "next_states",
    "plan_cache",
    "get_num_threads",
    "set_num_threads",
    "plan_cache_clear",
    "compute",
    "plan",
    "tensor",
    "parameter",
}
NOT_OPS |= {"data", "numpy", "item", "tolist", "grad", "first_nonfinite", "fit"}


def _label(value: Any) -> str:
    if isinstance(value, slice):
        return ":".join("" if end is None else str(end) for end in (value.start, value.stop, value.step))
    return str(value.tolist() if isinstance(value, np.ndarray) else value).replace(" ", "").replace("Ellipsis", "...")


def _spell(row: Row) -> Iterator[Example]:
    for one in row.cases:
        shapes = "_".join("x".join(map(str, shape)) or "0d" for shape in one.shapes)
        rest = [_label(v) for v in one.args] + [f"{k}={_label(v)}" for k, v in one.kwargs.items()]
        yield Example(row, one, "-".join(filter(None, [row.name, shapes, *rest])))


EXAMPLES = tuple(example for row in ROWS for example in _spell(row))
