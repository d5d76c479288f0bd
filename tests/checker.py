"""The gradient checker: what must be true of every derivative of a function of tensors.

Derivatives are held against central differences along random directions, in double precision and with random
cotangents: a rule that is right only for a cotangent of ones does not pass. Higher orders are the same check of the
gradient itself, as a function of the inputs and of the cotangent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import phonograd as pg
from compare import array_of, tensors

Function = Callable[..., Any]
STEP = 1e-3
NOISE = 1e-15  # a gradient of zero may be the rounded difference of two numbers near 1
STENCIL = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}  # of sixth order: weights of the differences over 1, 2 and 3 steps


def value(function: Function, arrays: Sequence[np.ndarray], library: Any = pg) -> np.ndarray:
    return array_of(function(*tensors(library.Record(), list(arrays))))


def gradients(
    function: Function, arrays: Sequence[np.ndarray], cotangent: np.ndarray, library: Any = pg, **how: Any
) -> list[np.ndarray]:
    """The gradient with respect to each array of floats, of its shape and dtype."""
    rec = library.Record()
    inputs = tensors(rec, list(arrays))
    y = function(*inputs)
    grads = y.grad(rec.tensor(np.asarray(cotangent, str(y.dtype))))
    found = [grads.wrt(x) for x, a in zip(inputs, arrays, strict=True) if a.dtype.kind == "f"]
    rec.compute(*found, **how)
    for g, a in zip(found, floats(arrays), strict=True):
        assert (g.shape, str(g.dtype)) == (a.shape, str(a.dtype))
    return [array_of(g) for g in found]


def floats(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [a for a in arrays if a.dtype.kind == "f"]


def inner(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> float:
    return sum(float(np.vdot(a, b)) for a, b in zip(left, right, strict=True))


def size(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> float:
    """The inner product of magnitudes, to which errors are compared."""
    return inner([np.abs(a) for a in left], [np.abs(b) for b in right])


def along(function: Function, directions: Sequence[np.ndarray]) -> Function:
    """The function's directional derivative, through its gradient: takes the inputs, then the cotangent."""

    def derivative(*inputs: Any) -> Any:
        *xs, cotangent = inputs
        grads = function(*xs).grad(cotangent)
        rest = iter(directions)
        terms = [(grads.wrt(x) * x.record.tensor(next(rest))).sum() for x in xs if str(x.dtype)[:5] == "float"]
        return sum(terms[1:], terms[0])

    return derivative


def check_gradient(
    function: Function, arrays: Sequence[np.ndarray], order: int = 2, *, library: Any = pg, seed: int = 0
) -> None:
    """Derivatives up to an order agree with differences, are linear in the cotangent, and are adjoint to each other.

    Raises:
        AssertionError: one does not.
    """
    rng = np.random.default_rng(seed)
    y = value(function, arrays, library)
    cotangents = [np.asarray(rng.standard_normal(y.shape)) for _ in range(2)]
    directions = [np.asarray(rng.standard_normal(a.shape)) for a in floats(arrays)]
    first, second = (gradients(function, arrays, c, library) for c in cotangents)
    both = gradients(function, arrays, cotangents[0] + cotangents[1], library)
    if not any(a.size for a in floats(arrays)):
        return

    moved = iter(directions)
    steps = [STEP * next(moved) if a.dtype.kind == "f" else None for a in arrays]

    def at(k: int) -> float:
        places = [a if s is None else np.asarray(a + k * s) for a, s in zip(arrays, steps, strict=True)]
        return inner([cotangents[0]], [value(function, places, library)])

    difference = sum(w * (at(k) - at(-k)) for k, w in STENCIL.items()) / STEP
    found = inner(first, directions)
    scale = size(first, directions) + size([cotangents[0]], [y])
    limit = NOISE + 1e-8 * scale
    assert abs(found - difference) <= limit, f"gradient {found!r} along a direction, difference {difference!r}"

    for a, b, total in zip(first, second, both, strict=True):
        error = np.abs(a + b - total).max(initial=0.0)
        limit = NOISE + 1e-12 * (np.abs(a) + np.abs(b)).max(initial=0.0)
        assert error <= limit, f"not linear in the cotangent: {a} + {b} is not {total}"

    slope = along(function, directions)
    (*_, forward) = gradients(slope, [*arrays, cotangents[0]], np.ones(()), library)
    left, right = inner([cotangents[1]], [forward]), inner(second, directions)
    limit = NOISE + 1e-11 * (size([cotangents[1]], [forward]) + size(second, directions))
    assert abs(left - right) <= limit, f"forward and reverse mode are not adjoint: {left!r} and {right!r}"

    if order > 1:
        check_gradient(slope, [*arrays, cotangents[0]], order - 1, library=library, seed=seed + 1)
