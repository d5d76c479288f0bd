"""Programs of rows so large that loops take turns, values are computed again, and products see batches where they lie.

What is asked for, held and dropped decides how a plan is cut: every program runs fused and op by op, and under a memory
budget, to the same bits; gradients agree with differences along random directions in double precision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from compare import assert_same_bits

Arrays = list[np.ndarray[Any, Any]]
Build = Callable[..., list[Any]]  # of the leaves; what is asked for, a scalar last


@pytest.fixture(params=[1, 2], autouse=True)
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = pg.get_num_threads()
    pg.set_num_threads(request.param)
    yield
    pg.set_num_threads(before)


def normal(*shapes: tuple[int, ...]) -> Arrays:
    rng = np.random.default_rng(7)
    return [rng.normal(size=shape) for shape in shapes]


def run(build: Build, arrays: Arrays, dtype: str, *, order: int, **options: Any) -> Arrays:
    """What is asked for, and the gradients of the last, of the gradients' squares if the order is 2."""
    rec = pg.Record()
    leaves = [rec.tensor(array, dtype=dtype) for array in arrays]
    wanted = build(*leaves)
    loss = wanted[-1]
    for _ in range(order):
        grads = loss.grad()
        wanted += [grads.wrt(leaf) for leaf in leaves]
        loss = sum((g * g).sum() for g in wanted[-len(leaves) :])
    rec.compute(*wanted, **options)
    return [np.array(tensor.data()) for tensor in wanted]


def attention(x: Any) -> list[Any]:
    batch, time, width = x.shape
    q, k, v = (part.reshape(batch, time, 4, width // 12).permute(0, 2, 1, 3) for part in x.split(3, axis=-1))
    mask = x.record.tensor(np.where(np.tri(time) > 0, 0.0, -np.inf), dtype=x.dtype)
    heads = (q @ k.mT * 0.4 + mask).softmax() @ v
    return [(heads.permute(0, 2, 1, 3).reshape(batch, time, width // 3).tanh() ** 2).sum()]


def normed(x: Any, scale: Any, shift: Any) -> list[Any]:
    centred = x - x.mean(axis=-1, keepdims=True)
    y = centred * ((centred * centred).mean(axis=-1, keepdims=True) + 0.1).rsqrt() * scale + shift
    return [y, (y.gelu("tanh") * y.T[::-1].T).mean()]


def sliced(x: Any) -> list[Any]:
    low, middle, high = x.split(3, axis=1)
    joined = pg.concat([high.tanh(), low.sigmoid(), middle[:, ::-1]], axis=1)
    return [(joined * x).softmax(axis=0).sum(axis=1), (joined[::2] * joined[:-1:2]).sum() + low.square().mean()]


def cross_entropy(x: Any, w: Any) -> list[Any]:
    logits = x @ w
    picked = logits.log_softmax()[:, 5]
    return [logits.logsumexp(axis=-1), -(picked * picked.exp()).mean()]


def columns(x: Any, y: Any) -> list[Any]:
    share = (x * y).softmax(axis=0)
    return [share.max(axis=1), share.T, (share * x).sum(axis=0, keepdims=True).square().mean()]


def several_folds(x: Any) -> list[Any]:
    """A loop over one element a row that leaves elements, and folds what it holds in a register that held others."""
    norm = (x * x).mean(axis=1)
    held = (norm + 1.0).sqrt()
    return [
        held,
        ((held * held + 0.3).log().sin() * 0.5).sum(),
        (x / (held.reshape(-1, 1) + 1.0)).softmax().square().sum(),
    ]


def seen_gradients(x: Any, y: Any) -> list[Any]:
    """Gradients that are views of values that others could compute again."""
    seen = x.reshape(1, *x.shape)
    summed = (seen / (seen * seen + 1.0) / (y * y + 1.0)).cumsum(axis=0) * 0.7
    scaled = summed * ((summed * summed).mean(axis=1, keepdims=True) + 0.1).rsqrt()
    return [(scaled * scaled.tanh() * y).sum()]


def computed_before(x: Any) -> list[Any]:
    """What only gradients read of a forward pass whose end is known."""
    summed = x.cumsum(axis=2) * 0.3
    wide = (summed * summed).expand_dims(3).broadcast_to((*x.shape, 7))
    x.record.compute(wide)
    return [wide, (wide * x.record.arange(7, dtype=x.dtype)).sum()]


def einsum(x: Any, y: Any) -> list[Any]:
    product = pg.einsum("abc,dc->bda", x, y)
    return [product.max(axis=0), (product.softmax(axis=1) * 3.0).square().sum()]


PROGRAMS: dict[str, tuple[Build, Arrays]] = {
    "attention": (attention, normal((3, 33, 48))),
    "attention of one": (attention, normal((1, 129, 24))),
    "normed": (normed, normal((129, 128), (128,), (129, 1))),
    "normed long": (normed, normal((5, 4097), (4097,), (5, 1))),
    "sliced": (sliced, normal((128, 129))),
    "cross entropy": (cross_entropy, normal((513, 65), (65, 33))),
    "columns": (columns, normal((513, 64), (1, 64))),
    "columns stretched": (columns, normal((1, 511), (65, 1))),
    "several folds": (several_folds, normal((513, 32))),
    "seen gradients": (seen_gradients, normal((16385, 2), (16385, 2))),
    "computed before": (computed_before, normal((3, 65, 12))),
    "einsum": (einsum, normal((2, 65, 24), (127, 24))),
}


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_fused_and_op_by_op_give_the_same_bits(name: str, dtype: str, order: int) -> None:
    build, arrays = PROGRAMS[name]
    plain = run(build, arrays, dtype, order=order, fuse=False)
    for keep in (True, False):
        for fused, single in zip(run(build, arrays, dtype, order=order, keep=keep), plain, strict=True):
            assert_same_bits(fused, single)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_budget_changes_no_bit(name: str) -> None:
    build, arrays = PROGRAMS[name]
    plain = run(build, arrays, "float64", order=1)
    tried = 0
    for budget in (200_000, 300_000, 400_000, 600_000, 900_000, 1_200_000, 1_800_000, 2_700_000, 4_000_000):
        try:
            cut = run(build, arrays, "float64", order=1, memory_budget=budget)
        except pg.AllocationError:
            continue
        tried += 1
        for one, other in zip(cut, plain, strict=True):
            assert_same_bits(one, other)
    assert tried > 0


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_agree_with_differences(name: str) -> None:
    build, arrays = PROGRAMS[name]
    rng = np.random.default_rng(3)
    directions = [rng.normal(size=array.shape) for array in arrays]

    def loss(step: float) -> float:
        rec = pg.Record(grad=False)
        moved = [rec.tensor(array + step * way) for array, way in zip(arrays, directions, strict=True)]
        return float(build(*moved)[-1])

    grads = run(build, arrays, "float64", order=1)[-len(arrays) :]
    slope = sum(float((g * way).sum()) for g, way in zip(grads, directions, strict=True))
    size = sum(float(np.abs(g * way).sum()) for g, way in zip(grads, directions, strict=True))
    assert abs((loss(1e-5) - loss(-1e-5)) / 2e-5 - slope) < 1e-6 * (size + 1e-3)
