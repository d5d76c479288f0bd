"""Rows of the table of operations: draws, from the reference's uniform numbers by inverses that SciPy has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

from phonograd import reference
from rows import Seed, creation


def _bits(seed: Seed, shape: Any, dtype: str, child: int | None = None) -> np.ndarray:
    """The reference's uniform numbers, in (0, 1)."""
    key = reference.Key(seed.value)
    u = reference.Record().uniform(key if child is None else key.split(3)[child], shape, dtype=dtype)
    return np.maximum(np.array(u.array.flat, dtype).reshape(shape), 2.0**-25 if dtype == "float32" else 2.0**-54)


def _log_gamma(seed: Seed, shape: Any, a: Any, child: int | None = None) -> np.ndarray:
    key = reference.Key(seed.value)
    seed = seed if child is None else Seed(_number(key.split(2)[child]))
    return np.log(special.gammaincinv(a + 1, _bits(seed, shape, "float64"))) + np.log(
        _bits(seed, shape, "float64", 0)
    ) / np.array(a)


def _number(key: reference.Key) -> int:
    low, high = key.words
    return low | high << 32


def _drawn(inverse: Callable[..., Any]) -> Callable[..., Any]:
    def draw(seed: Seed, shape: Any = (), loc: float = 0.0, scale: float = 1.0, dtype: str = "float32") -> Any:
        return inverse(_bits(seed, shape, dtype).astype(float)) * scale + loc

    return draw


def _normal(seed: Seed, shape: Any, dtype: str = "float64") -> np.ndarray:
    z = reference.Record().normal(reference.Key(seed.value), shape, dtype=dtype)
    return np.array(z.array.flat, float).reshape(shape)


def _signs(seed: Seed, shape: Any, child: int) -> np.ndarray:
    return np.where(_bits(seed, shape, "float32", child) < 0.5, 1.0, -1.0)


def _maxwell(seed: Seed, shape: Any, loc: float = 0.0, scale: float = 1.0, dtype: str = "float32") -> np.ndarray:
    return np.sqrt((_normal(seed, (*shape, 3), dtype) ** 2).sum(-1)) * scale + loc


def _wald(seed: Seed, m: float, shape: Any) -> np.ndarray:
    """As it is published: the root of a quadratic equation, or the other one."""
    v, u = _normal(seed, shape) ** 2, _bits(seed, shape, "float64", 0)
    x = m + m * m * v / 2 - m / 2 * np.sqrt(4 * m * v + m * m * v * v)
    return np.where(u <= m / (m + x), x, m * m / x)


def _orthogonal(seed: Seed, n: int, shape: Any, dtype: str) -> np.ndarray:
    q, r = np.linalg.qr(_normal(seed, (*shape, n, n)))
    return np.asarray(q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :])


def _ball(seed: Seed, d: int, shape: Any, dtype: str) -> np.ndarray:
    x = _signs(seed, (*shape, d), 1) * np.exp(_log_gamma(seed, (*shape, d), 0.5) / 2)
    e = -np.log1p(-_bits(seed, (*shape, 1), dtype, 2))
    return np.asarray(x / np.sqrt((x * x).sum(-1, keepdims=True) + e))


def _student_t(seed: Seed, df: float, shape: Any) -> np.ndarray:
    u = _bits(seed, shape, "float64", 0)
    return _normal(seed, shape) / np.sqrt(special.gammaincinv(df / 2, u) / (df / 2))


def _multinomial(seed: Seed, n: int, p: np.ndarray, shape: Any) -> np.ndarray:
    u, left, counts = _bits(seed, (*shape, p.size), "float64"), np.full(shape, n), []
    for k in range(p.size):
        counts.append(stats.binom.ppf(u[..., k], left, p[k] / p[k:].sum() if k < p.size - 1 else 1.0))
        left = left - counts[-1]
    return np.stack(counts, -1) if counts else np.zeros((*shape, 0))


STANDARD = {
    "exponential": lambda u: -np.log1p(-u),
    "laplace": lambda u: np.sign(0.5 - u) * np.log1p(-abs(2 * u - 1)),
    "logistic": special.logit,
    "cauchy": lambda u: np.tan((u - 0.5) * np.pi),
    "gumbel": lambda u: -np.log(-np.log(u)),
    "rayleigh": lambda u: np.sqrt(-2 * np.log1p(-u)),
}
SPREAD_SEED, EVEN = Seed(5), (Seed(6), (4, 5))
DRAWN = (
    *(creation(name, _drawn(inverse), (Seed(1), (3, 5), {}, "float32"), (Seed(3), {}, "float32"),
               (Seed(2), (7,), -1.0, 2.0, {"dtype": "float64"}, "float64"), normwise=True, ulps=60)
      for name, inverse in STANDARD.items()),
    creation("truncated_normal", lambda seed, shape, low=-2.0, high=2.0, mean=0.0, std=1.0, dtype="float32":
             special.ndtri(_bits(seed, shape, "float64") * (special.ndtr(high) - special.ndtr(low)) + special.ndtr(low))
             * std + mean, (*EVEN, {}, "float32"), (*EVEN, -1.0, 0.5, 1.0, 2.0, {"dtype": "float64"}, "float64"),
             normwise=True, ulps=40),
    creation("gamma", lambda seed, a, shape: special.gammaincinv(a, _bits(seed, shape, "float64")),
             (SPREAD_SEED, 2.5, (3, 4), {}, "float32"), (SPREAD_SEED, np.array([0.5, 9.0]), (3, 2), {}, "float64"),
             ulps=200),
    creation("dirichlet", lambda seed, alpha: special.softmax(_log_gamma(seed, alpha.shape, alpha), -1),
             (SPREAD_SEED, np.array([0.5, 2.0, 7.0]), {}, "float64"), ulps=400),
    creation("student_t", _student_t, (SPREAD_SEED, 3.0, (4,), {}, "float32"), ulps=40),
    creation("poisson", lambda seed, rate, shape: stats.poisson.ppf(_bits(seed, shape, "float64"), rate).astype(int),
             (SPREAD_SEED, 4.5, (9,), {}, "int64"), (SPREAD_SEED, 1000.0, (9,), {}, "int64")),
    creation("categorical", lambda seed, logits, shape:
             np.argmax(logits - np.log(-np.log(_bits(seed, (*shape, logits.size), "float64"))), -1),
             (SPREAD_SEED, np.array([0.0, 1.0, 2.0]), {"shape": (8,)}, "int64")),
    creation("randint", lambda seed, low, high, shape, dtype="int64":
             np.floor(_bits(seed, shape, "float64") * (high - low)).astype(dtype) + np.array(low, dtype),
             (SPREAD_SEED, -3, 4, (9,), {}, "int64"), (SPREAD_SEED, 0, 200, (5,), {"dtype": "uint8"}, "uint8")),
    creation("rademacher", lambda seed, shape, dtype="float32":
             np.where(_bits(seed, shape, "float32") < 0.5, 1, -1).astype(dtype), (*EVEN, {}, "float32"),
             (*EVEN, {"dtype": "int32"}, "int32")),
    creation("permutation", lambda seed, n: np.arange(n), (SPREAD_SEED, 1, {}, "int64"), (SPREAD_SEED, 0, {}, "int64")),
    creation("maxwell", _maxwell, (Seed(1), (3, 5), {}, "float32"),
             (Seed(2), (7,), -1.0, 2.0, {"dtype": "float64"}, "float64"), normwise=True, ulps=16),
    creation("double_sided_maxwell", lambda seed, shape, loc=0.0, scale=1.0, dtype="float32":
             _maxwell(seed, shape, 0.0, scale, dtype) * _signs(seed, shape, 0) + loc,
             (Seed(1), (3, 5), {}, "float32"), (Seed(2), (7,), -1.0, 2.0, {"dtype": "float64"}, "float64"),
             normwise=True, ulps=16),
    creation("lognormal", lambda seed, shape, mean=0.0, sigma=1.0, dtype="float32":
             np.exp(_normal(seed, shape, dtype) * sigma + mean), (EVEN[0], (4, 5), {}, "float32"),
             (EVEN[0], (4, 5), 1.0, 0.5, {"dtype": "float64"}, "float64"), ulps=40),
    creation("loggamma", lambda seed, a, shape: _log_gamma(seed, shape, a),
             (SPREAD_SEED, np.array([0.01]), (4,), {}, "float64"), ulps=400),
    creation("chisquare", lambda seed, df, shape: 2 * special.gammaincinv(df / 2, _bits(seed, shape, "float64")),
             (SPREAD_SEED, 5.0, (3, 4), {}, "float32"), ulps=200),
    creation("f", lambda seed, a, b, shape: np.exp(_log_gamma(seed, shape, a / 2) - _log_gamma(seed, shape, b / 2, 1))
             * b / a, (SPREAD_SEED, 5.0, 3.0, (3, 4), {}, "float32"), ulps=400),
    creation("pareto", lambda seed, b, shape: _bits(seed, shape, "float64") ** (-1 / b),
             (SPREAD_SEED, 3.0, (3, 4), {}, "float32"), (SPREAD_SEED, np.array([0.5, 9.0]), (3, 2), {}, "float64"),
             ulps=60),
    creation("weibull_min", lambda seed, scale, c, shape: scale * (-np.log(_bits(seed, shape, "float64"))) ** (1 / c),
             (SPREAD_SEED, 3.0, 1.5, (3, 4), {}, "float32"), ulps=60),
    creation("triangular", lambda seed, a, m, b, shape: stats.triang.ppf(_bits(seed, shape, "float64"),
             (m - a) / (b - a), a, b - a), (SPREAD_SEED, -1.0, 0.5, 3.0, (3, 4), {}, "float32"), ulps=60),
    creation("generalized_normal", lambda seed, p, shape: _signs(seed, shape, 1)
             * np.exp(_log_gamma(seed, shape, 1 / p) / p), (SPREAD_SEED, 1.5, (3, 4), {}, "float32"), ulps=400),
    creation("wald", _wald, (SPREAD_SEED, 2.0, (3, 4), {}, "float32"), ulps=400),
    creation("binomial", lambda seed, n, p, shape: stats.binom.ppf(_bits(seed, shape, "float64"), n, p),
             (SPREAD_SEED, 10, 0.3, (9,), {}, "int64"), (SPREAD_SEED, 10**6, 0.999, (9,), {}, "int64")),
    creation("multinomial", _multinomial, (SPREAD_SEED, 20, np.array([0.2, 0.0, 0.3, 0.5]), (5,), {}, "int64"),
             (SPREAD_SEED, 20, np.zeros(0), (2,), {}, "int64")),
    creation("geometric", lambda seed, p, shape: 1 + np.floor(np.log(_bits(seed, shape, "float64")) / np.log1p(-p)),
             (SPREAD_SEED, 0.3, (9,), {}, "int64"), (SPREAD_SEED, 1.0, (2,), {}, "int64")),
    creation("multivariate_normal", lambda seed, mean, cov, shape:
             mean + _normal(seed, (*shape, len(mean))) @ np.linalg.cholesky(cov).T,
             (SPREAD_SEED, np.array([1.0, -2.0]), np.array([[2.0, 0.3], [0.3, 0.5]]), (5,), {}, "float64"), ulps=200),
    creation("orthogonal", _orthogonal, (SPREAD_SEED, 3, (2,), {"dtype": "float64"}, "float64"), ulps=400),
    creation("ball", _ball, (SPREAD_SEED, 3, {"shape": (4,), "dtype": "float64"}, "float64"), ulps=400),
    creation("choice", lambda seed, x, shape: x[np.floor(_bits(seed, shape, "float64") * len(x)).astype(int)],
             (SPREAD_SEED, np.array([1.5, 2.5, 4.0]), (7,), {}, "float64")),
)  # fmt: skip
