"""Calls with arguments of every wrong kind: each ends in a result or in an exception that says what is wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg

NOT_CALLED = {"plan_cache", "plan_cache_clear"}
FUNCTIONS = [n for n in pg.__all__ if n not in NOT_CALLED and type(getattr(pg, n)) is type(pg.exp)]
LINALG = [n for n in pg.linalg.__all__ if not isinstance(getattr(pg.linalg, n), type)]
# `__array__` leaves dtypes to NumPy.
NOT_OURS = {*dir(object), "__array__"}
METHODS = [n for n in dir(pg.Tensor) if callable(getattr(pg.Tensor, n, None)) and n not in NOT_OURS]
METHODS += ["__eq__", "__lt__"]
RECORDERS = ["tensor", "zeros", "ones", "full", "arange", "linspace", "eye", "uniform", "normal", "bernoulli"]
RECORDERS += ["zeros_like", "full_like", "compute", "plan", "first_nonfinite"]
RECORDERS += ["parameter", "state", "next_state", "load"]
SHAPES = [(), (1,), (2,), (3,), (2, 3), (3, 2), (0,), (0, 3), (2, 0, 3), (1, 1), (2, 1, 3), (3, 3), (1,) * 64]
DTYPES = ["float32", "float64", "int32", "int64", "uint8", "bool", "float16", "int8", "uint32", "uint64"]
NUMBERS = [0, 1, 2, 3, 0.5, 1e30, 1e-40, float("inf"), float("nan")]
ELSEWHERE = pg.Record().tensor([1.0, 2.0])
JUNK = [
    None, 0, 1, -1, 2, 2.5, float("nan"), float("inf"), True, False, "mean", "none", "tanh", "ij,jk->ik", "...i->...",
    "ii", "->", "", "float64", "int32", (0,), (1, 0), (), [0], [[0, 1], [1, 0]], [1.0, 2.0], ((1, 2), (0, 1)), 2**62,
    -(2**63), 2**70, 10**30, object(), {}, b"x", 1j, Ellipsis, slice(None, None, -1), slice(0, 2**62, 2**61),
    np.arange(3), np.array(1), np.array([[1.5]]), np.zeros(0), np.array([True, False]), pg.float32, pg.Key(1),
    ELSEWHERE, ELSEWHERE.record,
]  # fmt: skip


def tensor(rng: random.Random, rec: pg.Record) -> pg.Tensor:
    shape, dtype = rng.choice(SHAPES), rng.choice(DTYPES)
    values = np.array(rng.choices(NUMBERS, k=int(np.prod(shape)))).reshape(shape)
    with np.errstate(all="ignore"):
        data = rec.tensor(values.astype(dtype))
    made = rng.choice([data, rec.zeros(shape, dtype), rec.ones(shape, dtype), rec.full(shape, 3, dtype)])
    return rng.choice([made, made, made, made.T, made.flip(), made.flatten()])


def argument(rng: random.Random, tensors: list[pg.Tensor]) -> Any:
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(tensors)
    return rng.choices(tensors, k=rng.randrange(4)) if kind < 0.6 else rng.choice(JUNK)


# What Python itself says of calls with too few or too many arguments.
COUNTED = re.compile(r"takes|missing \d+ required|expected (exactly|at most|at least)? ?\d+ argument")


def attempt(call: Callable[..., Any], *args: Any) -> Any:
    """The result, or None for an exception that says what is wrong with the call: one of this package's own."""
    try:
        return call(*args)
    except pg.InternalError:
        raise
    except pg.RecordError:
        return None
    except TypeError as error:
        if COUNTED.search(str(error)):
            return None
        raise


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(20))
def test_calls_with_junk(seed: int) -> None:
    """So do the value of what comes out, and its gradients; their shapes and dtypes are as announced."""
    rng = random.Random(seed)
    for _ in range(300):
        rec = pg.Record(grad=rng.random() < 0.9)
        tensors = [tensor(rng, rec) for _ in range(3)]
        leaves = [x for x in tensors if x.dtype in ("float32", "float64")]
        for _ in range(rng.randint(1, 3)):
            args = [argument(rng, tensors) for _ in range(rng.randrange(4))]
            owner, names = rng.choice(
                [(pg, FUNCTIONS), (pg.linalg, LINALG), (rng.choice(tensors), METHODS), (rec, RECORDERS)]
            )
            first = rng.choices(tensors) if owner in (pg, pg.linalg) else []
            made = attempt(getattr(owner, rng.choice(names)), *first, *args)
            parts = made if isinstance(made, tuple) else (made,)
            tensors += [x for x in parts[:3] if isinstance(x, pg.Tensor) and x.record is rec]
        y = tensors[-1]
        assert str(rec)
        assert repr(y)
        if y.size > 10**6:
            continue
        value = attempt(y.data)
        assert value is None or (value.shape, value.dtype) == (y.shape, np.dtype(y.dtype))
        grads = attempt(y.grad, y.ones_like())
        for x in leaves if grads else ():
            assert grads.why(x)
            value = attempt(grads.wrt(x).data)
            assert value is None or (value.shape, value.dtype) == (x.shape, np.dtype(x.dtype))
