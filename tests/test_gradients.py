"""Gradients of every row of the table: against differences, the reference, single precision and the unfused plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from checker import along, check_gradient, floats, gradients, value
from compare import array_of, assert_close, assert_same_bits, tensors
from ops_table import EXAMPLES
from phonograd import reference
from rows import FLOATS, Example

SMOOTH = [e for e in EXAMPLES if e.order]
each_smooth = pytest.mark.parametrize("example", SMOOTH, ids=lambda e: e.id)
each_in_reference = pytest.mark.parametrize(
    "example", [example for example in SMOOTH if example.row.in_reference], ids=lambda e: e.id
)


def function_of(example: Example, library: Any = pg) -> Callable[..., Any]:
    return partial(example.run, library, None)


def cotangent_for(example: Example, arrays: list[np.ndarray]) -> np.ndarray:
    return np.asarray(np.random.default_rng(1).standard_normal(value(function_of(example), arrays).shape))


@each_smooth
def test_against_differences(example: Example) -> None:
    check_gradient(function_of(example), example.sample(), example.order)


@each_in_reference
def test_reference_against_differences(example: Example) -> None:
    check_gradient(function_of(example, reference), example.sample(), order=1, library=reference)


@each_in_reference
def test_against_the_reference(example: Example) -> None:
    """Gradients, and gradients of gradients."""
    arrays = example.sample()
    cotangent = cotangent_for(example, arrays)
    directions = [np.asarray(np.random.default_rng(2).standard_normal(a.shape)) for a in floats(arrays)]
    ours, theirs = function_of(example), function_of(example, reference)
    for f, g, inputs, c in [
        (ours, theirs, arrays, cotangent),
        (along(ours, directions), along(theirs, directions), [*arrays, cotangent], np.array(0.7)),
    ]:
        for got, want in zip(gradients(f, inputs, c), gradients(g, inputs, c, reference), strict=True):
            assert_close(got, want, 200, normwise=True)


@each_smooth
def test_float32_agrees_with_float64(example: Example) -> None:
    narrow = example.sample("float32")
    wide = [a.astype("float64") if a.dtype == np.float32 else a for a in narrow]
    cotangent = cotangent_for(example, wide).astype("float32")
    for got, want in zip(*(gradients(function_of(example), xs, cotangent) for xs in (narrow, wide)), strict=True):
        assert_close(got, want, 50, normwise=True)


@each_smooth
def test_planned_equals_unplanned(example: Example) -> None:
    for dtype in FLOATS:
        arrays = example.sample(dtype)
        cotangent = cotangent_for(example, arrays)
        fused, plain = (gradients(function_of(example), arrays, cotangent, fuse=fuse) for fuse in (True, False))
        for got, want in zip(fused, plain, strict=True):
            assert_same_bits(got, want)


TWICE = [e for e in SMOOTH if len(e.case.shapes) == 2 and e.case.shapes[0] == e.case.shapes[1]]
TWICE = [e for e in TWICE if all(a.dtype == float for a in e.sample())]


@pytest.mark.parametrize("example", TWICE, ids=lambda e: e.id)
def test_same_tensor_twice(example: Example) -> None:
    """Both roles of a tensor add up."""
    x = example.sample()[0]
    x = np.asarray(np.abs(x) + 0.5) if example.row.name == "power" else x
    f = function_of(example)
    cotangent = cotangent_for(example, [x, x])
    (got,) = gradients(lambda t: f(t, t), [x], cotangent)
    assert_close(got, sum(gradients(f, [x, x], cotangent)), 8, normwise=True)


FLAT = [e for e in EXAMPLES if not e.row.order and e.case.shapes]


@pytest.mark.parametrize("example", FLAT, ids=lambda e: e.id)
def test_without_derivative(example: Example) -> None:
    """Zero where the result is of floats; otherwise there is nothing to differentiate, and that is said."""
    rec = pg.Record()
    inputs = tensors(rec, example.sample())
    y = example.run(pg, rec, *inputs)
    if y.dtype not in FLOATS:
        with pytest.raises(pg.GradientError):
            y.grad(np.ones(y.shape))
        return
    grads = y.grad(np.ones(y.shape))
    for x in inputs:
        if x.dtype in FLOATS:
            assert_same_bits(array_of(grads.wrt(x)), np.zeros(x.shape))
            assert (y.size == 0) or grads.why(x).startswith(("zero", "gradient recorded"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_of_mixed_dtypes_have_the_dtype_of_their_input(dtype: str) -> None:
    rec = pg.Record()
    x, y = rec.tensor([1.0, 2.0], dtype), rec.tensor([[3.0], [4.0]], "float64")
    grads = (x * y * rec.tensor([1, 2])).sum().grad()
    assert (grads.wrt(x).dtype, grads.wrt(y).dtype) == (dtype, "float64")
    assert (grads.wrt(x).tolist(), grads.wrt(y).tolist()) == ([7.0, 14.0], [[5.0], [5.0]])


def test_scalars_need_no_cotangent_and_arrays_do() -> None:
    rec = pg.Record()
    x = rec.tensor([[3.0]])
    assert (x * x).grad().wrt(x).tolist() == [[6.0]]
    with pytest.raises(pg.NotScalarError):
        rec.tensor([1.0, 2.0]).exp().grad()
