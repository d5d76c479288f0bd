"""Laziness bounds itself: what nobody can ask for any more is let go, and what is put off is computed in time."""

from __future__ import annotations

import ctypes
import gc
import resource
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import phonograd as pg

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory as Linux counts it")

STEPS = 20_000


@pytest.fixture(autouse=True, scope="module")
def only_what_is_made_here() -> Iterator[None]:
    """Collections look at what these tests make, not at all that was there before."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def resident() -> int:
    """Bytes of memory that are in use now."""
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def in_use() -> int:
    """Bytes that are allocated now, without the gaps between them."""

    class Info(ctypes.Structure):
        """glibc's `struct mallinfo2`."""

        # fmt: off
        _fields_ = [(name, ctypes.c_size_t) for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )]
        # fmt: on

    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        pytest.skip("glibc 2.33 or newer")
    libc.mallinfo2.restype = Info
    gc.collect()
    info = libc.mallinfo2()
    return int(info.uordblks + info.hblkhd)


def growth(step: Callable[[], object], steps: int = STEPS, count: Callable[[], int] = resident) -> float:
    """Bytes that each step leaves behind, after a while."""
    # What is put off is computed now and then, so that memory goes up and down: the highest points are compared.
    highest = [0, 0, 0]
    for third in range(3):
        for at in range(steps):
            step()
            if at % (steps // 40) == 0:
                highest[third] = max(highest[third], count())
    return (highest[2] - highest[1]) / steps


class Training:
    """A tiny model, trained as the README shows: a fresh record each step."""

    def __init__(self) -> None:
        self.store = pg.ParameterStore(seed=0)
        self.data = np.random.default_rng(0).normal(size=(64, 16)).astype("float32")

    def step(self) -> pg.Tensor:
        rec = pg.Record()
        linear = pg.LinearLayer(rec, 16, 4, self.store, id="linear")
        h = linear.forward(rec.tensor(self.data))
        loss = pg.sum(pg.relu(h)) * 0.001
        linear.optimize(loss.grad(), self.store)
        return loss

    def adam(self) -> pg.Tensor:
        rec = pg.Record(self.store)
        w = rec.parameter("w", (16, 4))
        loss = (rec.tensor(self.data) @ w).square().mean()
        pg.optim.Adam(1e-3).step(self.store, loss.grad())
        return loss


@LINUX
@pytest.mark.parametrize("name", ["step", "adam"])
def test_training_runs_at_constant_memory(name: str) -> None:
    assert growth(getattr(Training(), name), STEPS // 4) < 20


@LINUX
@pytest.mark.parametrize("name", ["step", "adam"])
def test_losses_that_are_kept_keep_nothing_else(name: str) -> None:
    """Half of the batch alone, which is 4,096 bytes; all of a step is more than 10,000."""
    losses: list[pg.Tensor] = []
    step = getattr(Training(), name)
    # The scaled loss of `step` is not on the way to its gradient: it is computed when too many wait.
    assert growth(lambda: losses.append(step()), STEPS // 4, in_use) < 2048
    assert sum(loss.computed for loss in losses) > len(losses) - 5000
    assert losses[0].item() > losses[-1].item() > 0.0
    assert (losses[0] * 2.0).item() == 2.0 * losses[0].item()


@LINUX
def test_losses_that_nobody_asks_for_are_computed_in_time() -> None:
    rec = pg.Record(grad=False)
    w = rec.tensor(np.full((16, 4), 0.01))
    data = np.ones((64, 16))
    losses: list[pg.Tensor] = []
    assert growth(lambda: losses.append((rec.tensor(data) @ w).square().mean()), 20_000) < 2500
    computed = [loss.computed for loss in losses]
    assert computed.index(False) > 40_000
    assert len(rec) < 80_000 + len(losses)
    assert losses[-1].item() == losses[0].item()


@LINUX
def test_chain_without_end_computes_itself() -> None:
    rec = pg.Record()
    x = rec.tensor(np.ones(1000))
    misses = []
    lengths = []
    for step in range(400_000):
        x = x * 1.000001
        if step % 100_000 == 99_999:
            misses.append(pg.plan_cache().misses)
            lengths.append((len(rec), resident()))
    assert max(length for length, _ in lengths) < 70_000
    assert lengths[-1][1] - lengths[1][1] < 4e6
    np.testing.assert_allclose(x.data(), np.exp(0.4 * (1 - 5e-7)), rtol=1e-6)
    # Forgetting renames the program, so the loop finds its plan again.
    assert misses[-1] == misses[1]


def test_chain_keeps_what_a_gradient_needs() -> None:
    rec = pg.Record()
    x = y = rec.tensor(0.5)
    for _ in range(100_000):
        y = y * 1.00001
    assert len(rec) > 100_000
    assert y.grad().wrt(x).item() == pytest.approx(y.item() / 0.5, rel=1e-5)


def test_batches_of_a_record_are_let_go() -> None:
    rec = pg.Record(grad=False)
    w = rec.tensor(np.full((512, 4), 0.01, "float32"))
    sums = []
    before = resident()
    for _ in range(200):
        out = rec.tensor(np.ones((4096, 512), "float32")) @ w
        sums.append(out.sum().item())
    assert resident() - before < 150e6  # of 1.6 GB
    assert set(sums) == {sums[0]}


# What must not be forgotten -------------------------------------------------------------------------------------------


def age(records: int = 40) -> None:
    """Makes others, at whose making old records are looked through."""
    for _ in range(records):
        pg.Record()


def forward(store: pg.ParameterStore) -> pg.Tensor:
    """A loss whose record and parameters nobody else holds."""
    rec = pg.Record(store)
    return (rec.tensor(np.arange(6.0).reshape(2, 3)) @ rec.parameter("w", (3, 2), dtype="float64")).square().sum()


@pytest.fixture
def store() -> pg.ParameterStore:
    return pg.ParameterStore(seed=1)


def test_gradient_by_name_after_the_value(store: pg.ParameterStore) -> None:
    loss = forward(store)
    loss.item()
    expected = loss.grad()["w"].data()
    age()
    np.testing.assert_array_equal(loss.grad()["w"].data(), expected)
    assert list(loss.grad()) == ["w"]


def test_gradients_hold_what_they_need(store: pg.ParameterStore) -> None:
    loss = forward(store)
    grads = loss.grad()
    store["w"] = store["w"] * 0.5
    pg.optim.SGD(0.0).step(store, grads, names=[])
    store["copy"] = loss
    age()
    grad = grads["w"]
    second = (grad * grad).sum().grad()["w"]
    age()
    assert grads.output.item() == loss.item()
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(second.data(), 2 * (2 * x.T @ x) @ grad.data())


def test_held_tensors_stay_differentiable_after_an_update(store: pg.ParameterStore) -> None:
    rec = pg.Record(store)
    x = rec.tensor(np.arange(6.0).reshape(2, 3))
    loss = (x @ rec.parameter("w", (3, 2), dtype="float64")).square().sum()
    old = store["w"].copy()
    pg.optim.SGD(0.1).step(store, loss.grad())
    del rec
    age()
    np.testing.assert_allclose(loss.grad().wrt(x).data(), 2 * x.data() @ old @ old.T)


def test_other_losses_keep_their_names(store: pg.ParameterStore) -> None:
    """Two losses of one record, each with a step of its own."""
    rec = pg.Record(store)
    w = rec.parameter("w", (3,), init="ones")
    first, second = w.sum(), (w * 2.0).sum()
    rec.compute(first, second)
    pg.optim.SGD(0.25).step(store, first.grad())
    del rec, w
    age()
    pg.optim.SGD(0.25).step(store, second.grad())
    np.testing.assert_array_equal(store["w"], np.full(3, 1.0 - 0.25 - 0.5))


def test_spent_loss_says_why_it_has_no_names(store: pg.ParameterStore) -> None:
    loss = forward(store)
    pg.optim.SGD(0.1).step(store, loss.grad())
    age()
    assert len(loss.record) < 4
    again = (loss * 2.0).grad()
    assert again.wrt(loss).item() == 2.0
    for ask in (lambda: again["w"], lambda: list(again), lambda: pg.optim.SGD(0.1).step(store, again)):
        with pytest.raises(pg.GradientError, match="is forgotten, as its gradient has updated a store"):
            ask()


def test_uncomputed_tensors_keep_what_they_are_made_of(store: pg.ParameterStore) -> None:
    loss = forward(store)
    pg.optim.SGD(0.1).step(store, loss.grad())
    later = (loss + 1.0).exp().log()
    value = loss.item()
    del loss
    age()
    assert not later.computed
    assert later.item() == pytest.approx(value + 1.0)


def test_failures_are_left_to_whoever_asks() -> None:
    rec = pg.Record()
    bad = rec.tensor([1, 2]) // rec.tensor([0, 1])
    x = rec.tensor(1.0)
    for _ in range(70_000):
        x = x * 1.0
    assert not bad.computed
    with pytest.raises(ZeroDivisionError):
        bad.data()
    assert x.item() == 1.0


def test_ids_and_keys_outlive_forgetting() -> None:
    rec = pg.Record(grad=False)
    key = pg.Key(0)
    noise = rec.normal(key, (3,))
    for _ in range(5):
        for _ in range(3000):
            noise = noise + 1.0
        noise.data()
    y = noise * 2.0
    assert repr(y).startswith("Tensor(")
    assert str(rec).splitlines()[0].startswith("record ")
    with pytest.raises(pg.KeyReuseError):
        rec.normal(key, (3,))
    assert noise.sum().item() * 2.0 == y.sum().item()


# A budget -------------------------------------------------------------------------------------------------------------


def deep(rec: pg.Record, depth: int = 64, width: int = 64, rows: int = 512) -> tuple[pg.Tensor, list[pg.Tensor]]:
    """A loss of many layers, of which every result is as large as the batch, and gradients."""
    rng = np.random.default_rng(3)
    x = rec.tensor(rng.normal(size=(rows, width)))
    weights = [rec.tensor(rng.normal(size=(width, width)) / 8.0) for _ in range(depth)]
    y = x
    for w in weights:
        y = (y @ w).tanh() + y * 0.5
    loss = y.square().mean()
    grads = loss.grad()
    return loss, [loss, *(grads.wrt(w) for w in weights)]


def test_budget_trades_work_for_memory() -> None:
    """Layers hold two arrays of the batch's size each; computed twice, some four times the root of their number."""
    rec = pg.Record()
    _, wanted = deep(rec, depth=64)
    layer, results = 512 * 64 * 8, 64 * 64 * 64 * 8
    inputs = layer + results

    def arrays(**options: Any) -> float:
        return (rec.plan(*wanted, **options).peak_bytes - results) / layer

    assert 132 <= arrays() < 133
    assert 131 <= arrays(keep=False) < 132
    assert arrays(memory_budget=inputs + results + 70 * layer) < 70
    assert arrays(memory_budget=inputs + results + 33 * layer) < 33
    free, tight = rec.plan(*wanted), rec.plan(*wanted, memory_budget=inputs + results + 33 * layer)
    assert free.flops < tight.flops < 1.3 * free.flops


@pytest.mark.parametrize("share", [0.9, 0.75, 0.6])
def test_values_are_the_same_under_a_budget(share: float) -> None:
    rec = pg.Record()
    _, wanted = deep(rec, depth=40)
    peak = rec.plan(*wanted).peak_bytes
    rec.compute(*wanted)
    held = 512 * 64 * 8 + 40 * 64 * 64 * 8
    tight = pg.Record(memory_budget=int(held + share * peak))
    _, again = deep(tight, depth=40)
    assert tight.plan(*again).peak_bytes <= share * peak
    tight.compute(*again)
    for a, b in zip(wanted, again, strict=True):
        np.testing.assert_array_equal(a.data(), b.data())


def test_budget_that_is_too_small_fails_before_any_work() -> None:
    rec = pg.Record(memory_budget=3_000_000)
    loss, wanted = deep(rec, depth=40)
    with pytest.raises(
        MemoryError, match=r"^compute: \d+ bytes are needed at once, the memory budget is 3000000; "
    ) as info:
        rec.compute(*wanted)
    assert isinstance(info.value, pg.AllocationError)
    assert not loss.computed
    rec.compute(*wanted, memory_budget=10**9)
    assert loss.computed
    with pytest.raises(pg.ArgumentError, match="memory_budget is -1; expected a number of bytes"):
        pg.Record(memory_budget=-1)


def test_budget_keeps_dropout_and_optimisers_whole() -> None:
    """Random draws are made again from their keys, and what stands behind the gradients is not computed twice."""

    def run(**options: int) -> list[np.ndarray]:
        rec = pg.Record()
        rng = np.random.default_rng(0)
        x = rec.tensor(rng.normal(size=(256, 32)))
        w = rec.tensor(rng.normal(size=(32, 32)) / 6.0)
        y = x
        for layer in range(24):
            mask = rec.bernoulli(pg.Key(layer), 0.9, (256, 32)).astype("float64")
            y = ((y @ w).sin() * mask).cumsum(0) * 0.1
        loss = y.square().sum()
        new = w - 0.1 * loss.grad().wrt(w)
        rec.compute(loss, new, **options)
        return [loss.data(), new.data()]

    for free, tight in zip(run(), run(memory_budget=2_400_000), strict=True):
        np.testing.assert_array_equal(free, tight)


def test_plan_lists_the_peak_by_line() -> None:
    rec = pg.Record()
    x = rec.tensor(np.ones((1000, 100)))
    big = x.cumsum(0)
    small = big.sum(1)
    plan = rec.plan(small)
    ((first, most), (second, least)) = plan.bytes_by_line().items()
    assert (most, least) == (800_000, 8000)
    number = int(first.rsplit(":", 1)[1])
    assert second.endswith(f":{number + 1}")
    assert plan.peak_bytes == most + least


# Buffers and plans ----------------------------------------------------------------------------------------------------


@LINUX
def test_training_takes_no_new_large_memory() -> None:
    """Old parameters, moments and activations are the memory of the next step: no page of the 40 MB is fresh."""
    store = pg.ParameterStore(seed=0)
    adam = pg.optim.Adam(1e-3)
    batch = np.ones((256, 512), "float32")

    def step() -> None:
        rec = pg.Record(store)
        h = rec.tensor(batch)
        for layer in range(3):
            h = (h @ rec.parameter(f"w{layer}", (512, 512))).tanh()
        adam.step(store, h.square().mean().grad())

    for _ in range(5):
        step()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        step()
    pages = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 10
    assert pages * resource.getpagesize() < 1e6


@LINUX
def test_thousand_programs_leave_bounded_memory() -> None:
    def run(length: int) -> None:
        rec = pg.Record()
        y = x = rec.tensor(np.ones(length))
        for _ in range(30 + length % 7):
            y = (y * x).sin() + 1.0
        rec.compute(y.sum().grad().wrt(x))

    pg.plan_cache_clear()
    for length in range(1, 101):
        run(length)
    before, one = resident(), pg.plan_cache().bytes / 100
    for length in range(101, 1101):
        run(length)
    cache = pg.plan_cache()
    assert cache.misses == 1100
    assert cache.bytes <= cache.capacity
    # What a plan takes is what it says, and the allocator's share.
    assert resident() - before < 1000 * 3 * one + 5e6


def test_thirty_batch_sizes_are_thirty_plans() -> None:
    store = pg.ParameterStore(seed=0)
    store.get_or_init("w", (8, 4))
    pg.plan_cache_clear()
    for _ in range(3):
        for size in range(1, 31):
            rec = pg.Record(store)
            loss = (rec.ones((size, 8)) @ rec.parameter("w")).tanh().mean()
            rec.compute(loss, rec.parameter("w") - 0.1 * loss.grad()["w"])
    assert (pg.plan_cache().misses, pg.plan_cache().hits) == (30, 60)
