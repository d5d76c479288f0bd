"""The pool of threads: the same bits for any number of them, in any process, from any thread."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import phonograd as pg


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = pg.get_num_threads()
    yield
    pg.set_num_threads(before)


RNG = np.random.default_rng(0)
LONG = RNG.normal(size=300_001)
WIDE = RNG.normal(size=(700, 513))
TALL = RNG.normal(size=(40_000, 7))
CUBE = RNG.normal(size=(9, 200, 130))
IMAGES = RNG.normal(size=(40, 60, 70))


def chain(x: pg.Tensor) -> pg.Tensor:
    return (x.tanh() * 0.5 + x.square()).exp()


PROGRAMS: dict[str, tuple[np.ndarray, Callable[[pg.Tensor], pg.Tensor]]] = {
    "elementwise": (LONG, chain),
    "strided": (WIDE, lambda x: chain(x.T) + x.T[:, ::-1]),
    "random": (LONG, lambda x: x + x.record.normal(pg.Key(3), x.shape, dtype=x.dtype)),
    "sum": (LONG, lambda x: chain(x).sum()),
    "prod": (LONG, lambda x: (1.0 + 1e-6 * x).prod()),
    "max": (LONG, lambda x: x.max()),
    "rows": (WIDE, lambda x: chain(x).sum(axis=1)),
    "long rows": (WIDE.reshape(3, -1), lambda x: chain(x).sum(axis=1)),
    "columns": (WIDE, lambda x: chain(x).sum(axis=0)),
    "narrow columns": (TALL, lambda x: chain(x).sum(axis=0)),
    "middle": (CUBE, lambda x: chain(x).sum(axis=1)),
    "outer and inner": (CUBE, lambda x: chain(x).mean(axis=(0, 2))),
    "softmax": (WIDE, lambda x: x.softmax(axis=1)),
    "variance": (WIDE, lambda x: x.var(axis=0)),
    "product": (WIDE, lambda x: x @ x.T),
    "thin product": (WIDE, lambda x: x.T[:, :20] @ x[:20]),
    "deep product": (TALL, lambda x: x.T @ x),
    "product with a vector": (WIDE, lambda x: x @ x[0]),
    "products": (IMAGES, lambda x: x @ x.swapaxes(1, 2)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_bits_do_not_depend_on_the_number_of_threads(name: str, dtype: str) -> None:
    """Values and gradients, with a random cotangent."""
    data, program = PROGRAMS[name]
    found = []
    for threads in (1, 2, 4):
        pg.set_num_threads(threads)
        rec = pg.Record()
        x = rec.tensor(data.astype(dtype))
        y = program(x)
        cotangent = np.random.default_rng(1).normal(size=y.shape).astype(dtype)
        gradient = y.grad(cotangent).wrt(x)
        rec.compute(y, gradient)
        found.append((y.data(), gradient.data()))
    for y, gradient in found[1:]:
        np.testing.assert_array_equal(y, found[0][0])
        np.testing.assert_array_equal(gradient, found[0][1])


def test_integers_beyond_their_axis_are_found_by_any_thread() -> None:
    rec = pg.Record()
    x = rec.tensor(np.arange(1, 400_001))
    divisor = np.ones(400_000, int)
    divisor[350_000] = 0
    for threads in (1, 3):
        pg.set_num_threads(threads)
        with pytest.raises(pg.IntegerDivisionError):
            (x // divisor).data()
    assert (x // np.ones(400_000, int)).sum().item() == 400_000 * 400_001 // 2


def work(seed: int) -> float:
    rec = pg.Record()
    x = rec.tensor(np.random.default_rng(seed).normal(size=(300, 400)))
    y = chain(x @ x.T * 0.001).sum()
    return float(y.grad().wrt(x).sum().item())


def test_records_compute_side_by_side() -> None:
    pg.set_num_threads(4)
    wanted = [work(seed) for seed in range(6)]
    found: dict[int, float] = {}
    threads = [threading.Thread(target=lambda s=s: found.update({s: work(s)})) for s in range(6)]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[seed] for seed in range(6)] == wanted


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_makes_its_own_threads() -> None:
    pg.set_num_threads(3)
    wanted = work(1)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(work, [1, 1, 1]) == [wanted] * 3
    assert work(1) == wanted


FORKS = """
import os, signal, sys, time
import phonograd as pg

pg.set_num_threads(4)

def work():
    return (pg.Record().ones(100_000).exp() + 1.0).sum().item()

wanted = work()
for _ in range(3):
    work()
    child = os.fork()
    if child == 0:
        os._exit(work() != wanted)
    end = time.monotonic() + 60
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            sys.exit("a forked process hangs")
        time.sleep(0.001)
    assert done[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_threads_that_sleep_while_their_process_forks_do_not_stop_the_child() -> None:
    """Whether the parent's sleepers are in the child's way depends on where memory lies: so several processes try."""
    script = [sys.executable, "-W", "ignore", "-c", FORKS]
    processes = [subprocess.Popen(script, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    ends = [(process.communicate()[1], process.returncode) for process in processes]
    assert ends == [("", 0)] * 8


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timer here")
def test_an_interrupt_stops_all_threads() -> None:
    pg.set_num_threads(2)
    rec = pg.Record()
    x = rec.ones((8192, 8192))
    y = (x @ x @ x @ x @ x @ x).sum()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            y.data()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not y.computed
    assert x.sum().item() == 8192.0**2


def test_the_environment_says_how_many_threads() -> None:
    script = "import phonograd as pg; print(pg.get_num_threads())"
    for text, wanted in [("3", "3"), ("1", "1")]:
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PHONOGRAD_NUM_THREADS": text},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == wanted


@pytest.mark.parametrize("n", [0, -1, 257, 10**30])
def test_numbers_of_threads_that_make_no_sense(n: int) -> None:
    before = pg.get_num_threads()
    with pytest.raises(pg.ArgumentError, match="expected 1 to 256"):
        pg.set_num_threads(n)
    assert pg.get_num_threads() == before
