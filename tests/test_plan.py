"""Plans: found again by the program alone, small in memory, legal for every kind of request, and the same unfused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from compare import assert_same_bits


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    pg.plan_cache_clear()
    yield
    pg.plan_cache_clear()


def counts() -> tuple[int, int]:
    cache = pg.plan_cache()
    return cache.hits, cache.misses


# The cache -----------------------------------------------------------------------------------------------------------


def step(rate: float = 0.1, seed: int = 0, size: int = 4, power: int = 2) -> float:
    rec = pg.Record()
    x = rec.tensor(np.random.default_rng(seed).normal(size=size))
    noise = rec.normal(pg.Key(seed), (size,), std=abs(rate), dtype="float64")
    loss = ((x * rate + noise) ** power).sum()
    g = loss.grad().wrt(x)
    rec.compute(loss, x - rate * g)
    return loss.item()


def test_same_program_hits_whatever_its_numbers_are() -> None:
    values = [step(), step(rate=0.5), step(seed=3), step(rate=-2.0, seed=4), step()]
    assert counts() == (4, 1)
    assert values[0] == values[-1]
    assert len(set(values)) == 4


@pytest.mark.parametrize("other", [{"size": 5}, {"power": 3}], ids=str)
def test_other_programs_miss(other: dict[str, int]) -> None:
    step()
    step(**other)
    assert counts() == (0, 2)
    step(**other)
    assert counts() == (1, 2)


def test_what_is_held_is_part_of_the_key() -> None:
    def run(hold: bool) -> bool:
        rec = pg.Record()
        x = rec.tensor([1.0, 2.0])
        middle = x.exp()
        y = middle.sin().sum()
        if not hold:
            del middle
        y.data()
        return hold and middle.computed

    assert [run(True), run(False), run(True), run(False)] == [True, False, True, False]
    assert counts() == (2, 2)


def test_what_is_computed_is_part_of_the_key() -> None:
    rec = pg.Record()
    x = rec.tensor([1.0, 2.0])
    y = x.exp()
    first = y.sin().sum().item()
    y.data()
    assert y.sin().sum().item() == first
    assert counts()[1] >= 2


@pytest.mark.parametrize("options", [{"keep": False}, {"fuse": False}], ids=str)
def test_options_are_part_of_the_key(options: dict[str, bool]) -> None:
    for given in ({}, options, {}, options):
        rec = pg.Record()
        y = (rec.tensor([1.0, 2.0]).exp() * 2.0).sum()
        rec.compute(y, **given)
    assert counts() == (2, 2)


def test_computed_already_needs_no_plan() -> None:
    rec = pg.Record()
    x = rec.tensor([1.0, 2.0])
    y = x * 2.0
    rec.compute(x)
    rec.compute()
    assert counts() == (0, 0)
    y.data()
    rec.compute(x, y, y)
    assert y.tolist() == [2.0, 4.0]
    assert counts() == (0, 1)


def test_cache_is_bounded_and_forgets_the_oldest() -> None:
    def run(n: int) -> None:
        rec = pg.Record(grad=False)
        y = rec.tensor(np.ones((2, 2)))
        for _ in range(n):
            y = y.T @ y
        rec.compute(y)

    run(20_000)
    one, capacity = pg.plan_cache().bytes, pg.plan_cache().capacity
    room = capacity // one
    for extra in range(1, room + 3):
        run(20_000 + extra)
    cache = pg.plan_cache()
    assert room - 2 <= cache.size <= room
    assert 0.7 * capacity < cache.bytes <= capacity
    run(20_000 + room + 2)
    assert pg.plan_cache().hits == 1
    run(20_000)
    assert pg.plan_cache().misses == cache.misses + 1


def test_statistics_read_well() -> None:
    step()
    step()
    cache = pg.plan_cache()
    assert repr(cache) == f"PlanCache(hits=1, misses=1, size=1, bytes={cache.bytes}, capacity={cache.capacity})"


# Sizes at which tiles, rows that share one, and pieces of rows begin to differ.
EDGES = [
    (3, 512),
    (5, 513),
    (5, 1000),
    (4, 1024),
    (4, 1025),
    (2, 2049),
    (600, 1100),
    (1100, 600),
    (513, 3),
    (2, 600, 70),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", EDGES, ids=str)
def test_folds_of_every_length_are_the_same_fused_and_alone(shape: tuple[int, ...], dtype: str) -> None:
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    for axis in (*range(len(shape)), None):
        values = []
        for fuse in (True, False):
            rec = pg.Record()
            a = rec.tensor(x)
            most = a.max(axis=axis, keepdims=True)
            wanted = [most, (a - most).exp().sum(axis=axis), (a * a).mean(axis=axis), a.var(axis=axis)]
            rec.compute(*wanted, fuse=fuse)
            values.append([tensor.data() for tensor in wanted])
        for fused, alone in zip(*values, strict=True):
            assert_same_bits(fused, alone)
        exact = x.astype("float64")
        np.testing.assert_array_equal(values[0][0], x.max(axis=axis, keepdims=True))
        np.testing.assert_allclose(
            values[0][2], (exact * exact).mean(axis=axis), rtol=1e-6 if dtype == "float32" else 1e-14
        )


# Memory --------------------------------------------------------------------------------------------------------------

MEGABYTE = 1 << 20


@pytest.mark.parametrize(("length", "megabytes"), [(10, 0), (100, 2)])
def test_elementwise_chain_under_a_reduction(length: int, megabytes: int) -> None:
    """A short one stays in the tiles of one loop; a long one is cut and passes through two places in turn."""
    rec = pg.Record()
    y = rec.tensor(np.ones(MEGABYTE // 8))
    for _ in range(length):
        y = (y * 0.5 + 1.0).tanh()
    total = y.sum()
    del y
    assert megabytes * MEGABYTE <= rec.plan(total).peak_bytes < megabytes * MEGABYTE + 10_000
    assert rec.plan(total, fuse=False).peak_bytes < 2 * MEGABYTE + 10_000


def test_chain_of_products_uses_two_places_in_turn() -> None:
    rec = pg.Record(grad=False)
    n = 362
    y = x = rec.tensor(np.ones((n, n)))
    for _ in range(30):
        y = y @ x
    assert rec.plan(y, keep=False).peak_bytes <= 3 * n * n * 8 + 1000
    assert len(rec.plan(y)) == 30


def test_backward_pass_reuses_memory() -> None:
    """Twenty layers forward and backward: what is kept grows with depth, intermediates do not."""

    def peak(depth: int) -> int:
        rec = pg.Record()
        w = y = rec.tensor(np.full((256, 256), 0.01))
        for _ in range(depth):
            y = (y @ w).tanh()
        loss = y.sum()
        return rec.plan(loss, loss.grad().wrt(w), keep=False).peak_bytes

    layer = 256 * 256 * 8
    assert peak(20) - peak(10) <= 10 * layer + 1000
    assert peak(10) <= 16 * layer


def test_plan_describes_itself() -> None:
    rec = pg.Record()
    x, w = rec.tensor(np.ones((200, 300))), rec.tensor(np.ones((300, 100)))
    y = x @ w
    total = y.exp().sum()
    plan = rec.plan(total)
    assert repr(plan) == f"<Plan of {len(plan)} steps>"
    lines = str(plan).splitlines()
    assert lines[0] == (
        "plan of 2 steps: 160.0 kB at most (160.0 kB kept, 0 B of intermediates), 12040000 FLOP, 2 inputs of 720.0 kB"
    )
    assert [line.split(maxsplit=1)[1] for line in lines[1:3]] == plan.steps
    assert "test_plan.py:" in plan.steps[1]
    assert lines[3] == "at most 160.0 kB, by line:"
    assert lines[4].startswith("  160.0 kB  ")
    assert lines[4].endswith("%2 matmul kept")
    by_line = plan.bytes_by_line()
    assert sum(by_line.values()) == plan.peak_bytes == 160_008
    assert list(by_line.values()) == [160_000, 8]
    assert plan.flops == 2 * 200 * 300 * 100 + 2 * 200 * 100
    assert plan.work > 0
    assert not total.computed


# Requests ------------------------------------------------------------------------------------------------------------


def big(lib: pg.Record) -> pg.Tensor:
    """A program of some five hundred ops of all kinds."""
    rng = np.random.default_rng(0)
    x, y = lib.tensor(rng.normal(size=(8, 8))), lib.tensor(rng.normal(size=(8, 8)))
    for k in range(60):
        x, y = (x @ y.T * 0.1).tanh(), (y[::-1] * x.sigmoid() + float(k % 3)).sin()
        x = x.reshape(4, 16).T.reshape(8, 8) + y.mean(axis=0, keepdims=True)
    return (x * y).sum()


def test_program_of_five_hundred_ops_twice() -> None:
    results = []
    for _ in range(2):
        rec = pg.Record()
        loss = big(rec)
        assert len(rec) > 500
        results.append(loss.item())
    assert counts() == (1, 1)
    assert results[0] == results[1]
    rec = pg.Record()
    loss = big(rec)
    rec.compute(loss, fuse=False)
    np.testing.assert_allclose(loss.item(), results[0], rtol=1e-12)


REQUESTS: dict[str, Callable[[pg.Record, pg.Tensor], list[pg.Tensor]]] = {
    "leaf": lambda r, x: [x],
    "same-twice": lambda r, x: [y := x * 2.0, y],
    "equal-twice": lambda r, x: [x * 2.0, x * 2.0],
    "view": lambda r, x: [x.T, x[1:, ::-1], x.reshape(3, 2), x.broadcast_to((2, 2, 3)), x[0]],
    "view-of-a-value": lambda r, x: [(y := x * 2.0).T, y, y[1], y.reshape(-1)],
    "view-of-a-constant": lambda r, x: [(c := r.full((2, 1), 3.0, "float64")).T, c, c.reshape(2)],
    "constants": lambda r, x: [r.zeros((2, 2)), r.ones(3), r.full((), 2.5), r.eye(2), r.arange(3), r.linspace(0, 1, 3)],
    "one-element-constants": lambda r, x: [r.full((), 3, d).reshape(1, 1) for d in ("float64", "float32", "int64")],
    "empty": lambda r, x: [e := r.zeros((0, 3)), e + 1.0, e.T @ e, e.sum(0), e.T, pg.concat([e, e]), e.cumsum(0)],
    "several": lambda r, x: [(y := x.exp()).sum(), y.mean(0), y.max(1), y @ y.T, (y * y).cumsum(1), y],
    "random": lambda r, x: [r.normal(pg.Key(1), (3,)), r.uniform(pg.Key(2), (2, 2)), r.bernoulli(pg.Key(3), 0.5, (4,))],
    "integers": lambda r, x: [(i := r.arange(6).reshape(2, 3)) // 2, i % 4, -i, i @ i.T, i.argmax(1), i.sum(), i > 2],
    "softmax-of-a-scalar": lambda r, x: [(s := r.tensor(2.0)).softmax(), s.log_softmax(), s.logsumexp()],
    "stopped": lambda r, x: [x.stop_gradient(), (x * 2.0).stop_gradient(), r.ones(2).stop_gradient()],
    "gather-of-gather": lambda r, x: [x[[1, 0]][:, [2, 2]], x.take([5, 0]), x.gather([[0], [2]], 1)],
    "gradient": lambda r, x: [(g := (x.exp() * x.T.reshape(2, 3)).sum().grad().wrt(x)), g.sum().grad().wrt(x)],
}  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("options", [{"fuse": False}, {"keep": False}, {"fuse": False, "keep": False}], ids=str)
def test_requests_have_the_same_values_however_they_are_computed(request_: str, options: dict[str, bool]) -> None:
    """One by one, all together, in the other order, and under each option."""

    def values(compute: Callable[[pg.Record, list[pg.Tensor]], Any]) -> list[np.ndarray]:
        rec = pg.Record()
        tensors = REQUESTS[request_](rec, rec.tensor(np.arange(1.0, 7.0).reshape(2, 3) / 4.0))
        compute(rec, tensors)
        assert all(t.computed for t in tensors)
        return [t.data() for t in tensors]

    expected = values(lambda rec, ts: [t.data() for t in ts])
    for compute in (
        lambda rec, ts: rec.compute(*ts),
        lambda rec, ts: rec.compute(*reversed(ts)),
        lambda rec, ts: rec.compute(*ts, **options),
        lambda rec, ts: [rec.compute(t, **options) for t in reversed(ts)],
    ):
        for got, right in zip(values(compute), expected, strict=True):
            assert (got.shape, got.dtype) == (right.shape, right.dtype)
            np.testing.assert_allclose(got, right, rtol=1e-6)


@pytest.mark.parametrize("leaf", ["full((3,), 2.0)", "ones(3)", "zeros(3)", "uniform(pg.Key(0), (3,))", "arange(3.0)"])
def test_constant_computed_and_let_go_is_there_for_others(leaf: str) -> None:
    rec = pg.Record()
    x = eval(f"rec.{leaf}", {"rec": rec, "pg": pg})
    y, z = x + 1.0, x.reshape(3, 1) * 2.0
    value = x.data()
    del x
    np.testing.assert_allclose(y.data(), value + 1.0, rtol=1e-6)
    np.testing.assert_allclose(z.data(), value.reshape(3, 1) * 2.0, rtol=1e-6)


def test_keep_spares_the_forward_pass_for_gradients_asked_for_later() -> None:
    def steps(**options: bool) -> int:
        rec = pg.Record()
        x = rec.tensor(np.ones((4, 4)))
        loss = (x @ x).exp().sum()
        rec.compute(loss, **options)
        return len(rec.plan(loss.grad().wrt(x)))

    assert steps() < steps(keep=False)


@pytest.mark.parametrize("seed", range(40))
def test_two_operations_in_one_instruction_round_twice(seed: int) -> None:
    """Random arithmetic over more elements than a vector: the same bits as operation by operation."""
    results = []
    for fuse in (True, False):
        draw = np.random.default_rng(seed + 1)
        rec = pg.Record()
        values = [rec.tensor(rng_values) for rng_values in _operands(seed)]
        for _ in range(30):
            a, b = (values[i] for i in draw.integers(max(0, len(values) - 6), len(values), 2))
            kind = draw.integers(7)
            made = [a + b, a - b, a * b, a / (b * b + 1.0), a.square(), b - a, a.tanh()][kind]
            values.append(made)
        held = [values[i] for i in draw.integers(3, len(values), 3)] + [values[-1].sum(), values[-2].mean(axis=0)]
        del values, a, b, made
        rec.compute(held, fuse=fuse)
        results.append([x.data() for x in held])
    for one, other in zip(*results, strict=True):
        assert_same_bits(one, other)


def _operands(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    dtype = "float32" if seed % 2 else "float64"
    return [rng.normal(size=(7, 11)).astype(dtype) for _ in range(3)]


@pytest.mark.parametrize("size", [5, 600, 5000])
def test_zeros_of_two_dtypes_in_one_loop(size: int) -> None:
    """They are one place in memory, and two operands: of the narrower one, there is too little for the wider one."""
    rec = pg.Record()
    full = rec.tensor(np.full((64, 512), 7.25)).T  # what the loop's memory holds before
    _ = ((full + 1.0) * 2.0).sum(0).data()
    rec = pg.Record()
    even = np.arange(size) % 2 == 0
    mask, x, y = rec.tensor(even), rec.ones(size), rec.ones(size, "float64")
    total = pg.where(mask, x, rec.zeros(size)).astype("float64") * 2 + pg.where(mask, y, rec.zeros(size, "float64"))
    assert_same_bits(np.asarray(total.data()), np.where(even, 3.0, 0.0))
