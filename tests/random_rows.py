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
    u = reference.Record().uniform(key if child is None else key.split(2)[child], shape, dtype=dtype)
    return np.maximum(np.array(u.array.flat, dtype).reshape(shape), 2.0**-25 if dtype == "float32" else 2.0**-54)


def _log_gamma(seed: Seed, shape: Any, a: Any) -> np.ndarray:
    return np.log(special.gammaincinv(a + 1, _bits(seed, shape, "float64"))) + np.log(
        _bits(seed, shape, "float64", 0)
    ) / np.array(a)


def _drawn(inverse: Callable[..., Any]) -> Callable[..., Any]:
    def draw(seed: Seed, shape: Any = (), loc: float = 0.0, scale: float = 1.0, dtype: str = "float32") -> Any:
        return inverse(_bits(seed, shape, dtype).astype(float)) * scale + loc

    return draw


def _normal(seed: Seed, shape: Any) -> np.ndarray:
    z = reference.Record().normal(reference.Key(seed.value), shape, dtype="float64")
    return np.array(z.array.flat).reshape(shape)


def _student_t(seed: Seed, df: float, shape: Any) -> np.ndarray:
    u = _bits(seed, shape, "float64", 0)
    return _normal(seed, shape) / np.sqrt(special.gammaincinv(df / 2, u) / (df / 2))


STANDARD = {
    "exponential": lambda u: -np.log1p(-u),
    "laplace": lambda u: np.sign(0.5 - u) * np.log1p(-abs(2 * u - 1)),
    "logistic": special.logit,
    "cauchy": lambda u: np.tan((u - 0.5) * np.pi),
    "gumbel": lambda u: -np.log(-np.log(u)),
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
    creation("choice", lambda seed, x, shape: x[np.floor(_bits(seed, shape, "float64") * len(x)).astype(int)],
             (SPREAD_SEED, np.array([1.5, 2.5, 4.0]), (7,), {}, "float64")),
)  # fmt: skip
