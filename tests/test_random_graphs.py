"""Random programs over the table: planned = unplanned = reference, in values and gradients.

A program is a list of steps on arrays of shapes that broadcast to one square. Steps share inputs, forget handles, and
compute early as chance has it; what is asked for at the end comes in any order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phonograd as pg
from compare import array_of, assert_same_bits
from ops_table import BINARY, UNARY
from phonograd import reference
from rows import Row, between

Operation = Callable[..., Any]  # of the library and two tensors, of which it may use one
SHAPES = [(), (-1,), (1, -1), (-1, 1), (-1, -1)]  # -1 for the program's size


def inside(x: Any, domain: between) -> Any:
    """Brings any number into an interval, gently enough to keep gradients alive."""
    width = domain.high - domain.low
    return x.atan() * (width / math.pi) + (domain.low + domain.high) / 2


def elementwise(row: Row) -> Operation:
    """A smooth row, on arguments brought into its domain."""
    domains = (row.samplers * 2)[: len(row.cases[0].shapes)]
    return lambda lib, *ab: getattr(lib, row.name)(*(inside(x, d) for x, d in zip(ab, domains, strict=False)))


UNIT, HALF = between(-1, 1), between(-0.5, 0.5)
SMOOTH = [
    r for r in (*UNARY, *BINARY) if r.order and r.in_reference and all(isinstance(s, between) for s in r.samplers)
]
ON_ANY: dict[str, Operation] = {row.name: elementwise(row) for row in SMOOTH if row.name != "remainder"}
ON_ANY |= {
    "add twice": lambda lib, a, b: a + a,
    "multiply twice": lambda lib, a, b: inside(a, UNIT) * inside(a, UNIT),
    "maximum": lambda lib, a, b: lib.maximum(a, b),
    "clip": lambda lib, a, b: lib.clip(a, -0.61, 0.83),
    "where": lambda lib, a, b: lib.where(a > 0.137, a, b),
    "where unused": lambda lib, a, b: lib.where(a > 0.137, lib.log(a), 0.0),
    "stop": lambda lib, a, b: a.stop_gradient() * 0.5 + b,
    "scalars": lambda lib, a, b: 2.0 - a / 3.0,
    "mean of all": lambda lib, a, b: lib.mean(a),
}
ON_SQUARES: dict[str, Operation] = {
    "sum 0": lambda lib, a, b: lib.sum(inside(a, UNIT), axis=0) * 0.5,
    "sum 1": lambda lib, a, b: lib.sum(inside(a, UNIT) * b, axis=1, keepdims=True) * 0.5,
    "mean": lambda lib, a, b: lib.mean(a, axis=-1, keepdims=True),
    "max": lambda lib, a, b: lib.max(a, axis=0),
    "prod": lambda lib, a, b: lib.prod(inside(a, UNIT), axis=1, keepdims=True),
    "var": lambda lib, a, b: lib.var(a + b.T, axis=0, keepdims=True),
    "logsumexp": lambda lib, a, b: lib.logsumexp(a, axis=1, keepdims=True),
    "softmax": lambda lib, a, b: lib.softmax(a, axis=0),
    "log_softmax": lambda lib, a, b: lib.log_softmax(a),
    "cumsum": lambda lib, a, b: lib.cumsum(a, axis=0),
    "transpose": lambda lib, a, b: a.T,
    "flip": lambda lib, a, b: lib.flip(a, axis=1),
    "reshape": lambda lib, a, b: a.flatten()[::-1].reshape(a.shape),
    "row": lambda lib, a, b: a[-1],
    "steps": lambda lib, a, b: lib.concat([a[::-2], b[: b.shape[0] // 2]]),
    "take": lambda lib, a, b: lib.take(a, [i // 2 for i in range(a.shape[1])], axis=1),
    "stack": lambda lib, a, b: lib.stack([a[0], b[:, -1]]).sum(axis=0),
    "pad": lambda lib, a, b: lib.pad(a[1:, :-1], ((1, 0), (0, 1)), 0.5),
    "matmul": lambda lib, a, b: inside(a, UNIT) @ inside(b, HALF),
    "matmul turned": lambda lib, a, b: inside(a, UNIT).T @ inside(a, HALF),
    "einsum": lambda lib, a, b: lib.einsum("ij,ij->i", inside(a, UNIT), inside(b, UNIT)),
}
OPERATIONS = sorted([*ON_ANY, *ON_SQUARES])


@dataclass(frozen=True)
class Step:
    name: str
    left: int  # counted back from the newest, around the beginning
    right: int
    keep: bool  # the handle lives to the end, and its value and gradient are asked for
    early: bool  # computed at once


@dataclass(frozen=True)
class Program:
    leaves: list[tuple[int, ...]]
    steps: list[Step]
    seed: int
    size: int = 3

    def square(self, x: Any) -> Any:
        return x.broadcast_to((self.size, self.size))

    def arrays(self, dtype: str) -> list[np.ndarray]:
        rng = np.random.default_rng(self.seed)
        shapes = [[n if n > 0 else self.size for n in shape] for shape in self.leaves]
        return [np.asarray(rng.uniform(-1.5, 1.5, shape)).astype(dtype) for shape in shapes]

    def run(self, library: Any, dtype: str = "float64", order: int = 1, **how: bool) -> list[np.ndarray]:
        """Values of what is kept, then gradients of a loss of the newest and of everything kept."""
        rec = library.Record()
        tensors = [rec.tensor(a) for a in self.arrays(dtype)]
        wanted = list(tensors)
        for step in self.steps:
            inputs = (tensors[-1 - at % len(tensors)] for at in (step.left, step.right))
            if step.name in ON_ANY:
                new = ON_ANY[step.name](library, *inputs)
            else:
                new = ON_SQUARES[step.name](library, *(self.square(x) for x in inputs))
            tensors = [*tensors[-7:], new]  # older handles are dropped, unless they are wanted
            if step.early:
                rec.compute(new, **how)
            if step.keep:
                wanted.append(new)
        rng = np.random.default_rng(self.seed + 1)
        weights = lambda shape: rec.tensor(np.asarray(rng.standard_normal(shape)).astype(dtype))  # noqa: E731
        both = (self.size, self.size)
        loss = (self.square(tensors[-1]) * weights(both)).sum()
        for x in wanted:
            loss = loss + (self.square(x) * weights(both)).sum() * 0.1
        del tensors, x, new
        grads = []
        for level in range(order):
            # How a gradient depends on an intermediate is a matter of how it is written; on a leaf it is not.
            by = wanted if level == 0 else wanted[: len(self.leaves)]
            first, grads = grads, [loss.grad().wrt(x) for x in by]
            loss = sum((g * weights(g.shape)).sum() for g in grads)
        asked = [*wanted, *first, *grads, loss]
        for group in np.array_split(rng.permutation(len(asked)), 3):
            rec.compute(*(asked[i] for i in group), **how)
        return [array_of(t) for t in asked]


steps = st.builds(Step, st.sampled_from(OPERATIONS), st.integers(0, 7), st.integers(0, 7), st.booleans(), st.booleans())
leaves = st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3)
small = st.builds(Program, leaves, st.lists(steps, min_size=1, max_size=14), st.integers(0, 2**16))
# Past tiles and vectors, and of sizes 1 and 2, where axes are easily mixed up.
sized = st.builds(
    Program, leaves, st.lists(steps, min_size=1, max_size=10), st.integers(0, 2**16), st.sampled_from([1, 2, 3, 17, 70])
)


def random(programs: Any, count: int) -> Callable[..., Any]:
    fixed = settings(max_examples=count, derandomize=True, deadline=None, database=None)
    return lambda test: fixed(given(programs)(test))


def agree(program: Program, order: int, limit: float) -> None:
    for got, want in zip(program.run(pg, order=order), program.run(reference, order=order), strict=True):
        scale = max(1.0, np.abs(want[np.isfinite(want)]).max(initial=0.0))
        np.testing.assert_allclose(got, want, rtol=0, atol=limit * scale)


@random(small, 300)
def test_values_and_gradients_are_those_of_the_reference(program: Program) -> None:
    agree(program, 1, 1e-10)


@random(small, 100)
def test_second_derivatives_are_those_of_the_reference(program: Program) -> None:
    agree(program, 2, 1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@random(sized, 300)
def test_planned_equals_unplanned_bit_for_bit(dtype: str, program: Program) -> None:
    for got, want in zip(program.run(pg, dtype), program.run(pg, dtype, fuse=False), strict=True):
        assert_same_bits(got, want)


@random(sized, 100)
def test_repeats_give_the_same_bits(program: Program) -> None:
    """The first run makes the plans, the second finds them."""
    for got, want in zip(program.run(pg, "float32"), program.run(pg, "float32"), strict=True):
        assert_same_bits(got, want)


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_alone(name: str) -> None:
    """One step of each kind on each shape, so that none depends on chance to be seen."""
    for shape in SHAPES:
        program = Program([shape, (-1, -1)], [Step(name, 1, 0, keep=True, early=False)], 3)
        agree(program, 2, 1e-10)
        for got, want in zip(program.run(pg), program.run(pg, fuse=False), strict=True):
            assert_same_bits(got, want)
