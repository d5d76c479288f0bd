"""Threads, forks, signals, little memory, and the end of the interpreter; each program in a process of its own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest

import phonograd as pg
from fresh_process import run

# Limits on memory, /proc, signals between threads, and forks that are safe.
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="as Linux does it")

# Threads -------------------------------------------------------------------------------------------------------------


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Runs work in threads at the same time; the first failure of any is raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(count)

    def guarded(i: int) -> None:
        try:
            start.wait()
            work(i)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_eight_threads_on_one_record() -> None:
    rec = pg.Record()
    x = rec.tensor(np.arange(1000.0))
    results: dict[int, list[float]] = {}

    def work(i: int) -> None:
        y = x
        for k in range(200):
            y = (y + float(i)).relu()
            if k % 20 == 0:
                y.sum().item()
        results[i] = [y.sum().item(), y.sum().grad().wrt(x).sum().item()]

    in_threads(8, work)
    # The gradient of relu at 0 is 0, and x[0] stays 0 in the first thread.
    assert results == {i: [499500.0 + 200_000.0 * i, 1000.0 if i else 999.0] for i in range(8)}


def test_eight_threads_compute_one_tensor() -> None:
    rec = pg.Record()
    x = rec.tensor(np.full((200, 200), 0.005))
    y = (x @ x @ x).exp().sum()
    seen: list[float] = []
    in_threads(8, lambda _: seen.append(y.item()))
    assert (len(seen), len(set(seen))) == (8, 1)


def test_eight_threads_with_records_of_their_own() -> None:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(100, 100)) for _ in range(8)]
    got: dict[int, np.ndarray] = {}

    def work(i: int) -> None:
        for _ in range(10):
            rec = pg.Record()
            w = rec.tensor(weights[i])
            got[i] = (w @ w).sum().grad().wrt(w).data()

    in_threads(8, work)
    for i, w in enumerate(weights):
        np.testing.assert_allclose(got[i], np.add.outer(w.sum(0), w.sum(1)).T.T, rtol=1e-9)


def test_store_updated_by_many_threads_is_whole() -> None:
    store = pg.ParameterStore()
    store.update({"a": 0.0, "b": 0.0})

    def work(i: int) -> None:
        for k in range(200):
            store.update({"a": float(i * 1000 + k), "b": float(i * 1000 + k)})
            store[f"own{i}"] = k

    in_threads(8, work)
    assert store["a"] == store["b"]
    assert len(store) == 10


def test_long_computation_leaves_other_threads_running() -> None:
    program = """
    rec = pg.Record()
    x = y = rec.ones((500, 500))
    for _ in range(300):
        y = (y @ x) * 0.002
    ticks = []
    worker = threading.Thread(target=lambda: y.data())
    worker.start()
    while worker.is_alive():
        ticks.append(time.perf_counter())
        time.sleep(0.001)
    print(len(ticks) > 20, max(np.diff(ticks)) < 0.5)
    """
    assert run(program) == "True True\n"


# Processes -----------------------------------------------------------------------------------------------------------


@LINUX
def test_child_of_a_fork_computes() -> None:
    program = """
    rec = pg.Record()
    x = rec.ones((400, 400))
    y = (x @ x).sum()
    y.item()
    child = os.fork()
    if child == 0:
        other = pg.Record().ones((300, 300))
        ok = (x @ x).sum().item() == y.item() and (other @ other).sum().grad().wrt(other).data().sum() == 2 * 300**3
        os._exit(7 if ok else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (x @ x).sum().item() == y.item())
    """
    assert run(program) == "7 True\n"


@LINUX
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_compute(method: str) -> None:
    program = f"""
    import multiprocessing
    rec = pg.Record()
    (rec.ones((300, 300)) @ rec.ones((300, 300))).data()
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        print(pool.map(eval, ["__import__('phonograd').Record().ones((9, 9)).sum().item()"] * 4))
    """
    assert run(program) == "[81.0, 81.0, 81.0, 81.0]\n"


def test_interpreter_ends_with_everything_alive() -> None:
    program = """
    class Last:
        def __init__(self):
            self.x = pg.Record().tensor(np.arange(3.0), copy=False) * 2.0
        def __del__(self):
            print(self.x.sum().item())

    pg.kept = Last()
    sys.kept = store = pg.ParameterStore()
    store["w"] = pg.Record().tensor(np.ones(3), copy=False)
    rec = pg.Record(store)
    loop = [rec, rec.parameter("w").sum().grad()]
    loop.append(loop)
    """
    assert run(program) == "6.0\n"


def test_interpreter_ends_during_a_computation() -> None:
    program = """
    x = y = pg.Record().tensor(np.full((600, 600), 1 / 600), copy=False)
    for _ in range(2000):
        y = y @ x
    threading.Thread(target=lambda: y.data(), daemon=True).start()
    time.sleep(0.2)
    print("end")
    """
    assert run(program, timeout=20) == "end\n"


def test_works_at_exit_and_after_a_reload() -> None:
    program = """
    import atexit, importlib
    x = pg.Record().tensor([1.0, 2.0])
    atexit.register(lambda: print(x.sum().item()))
    importlib.reload(pg)
    print((x + pg.Record().tensor([1.0, 1.0]).data()).tolist())
    """
    assert run(program) == "[2.0, 3.0]\n3.0\n"


# Signals -------------------------------------------------------------------------------------------------------------

LONG = {
    "many-steps": "y = x = rec.ones((300, 300))\nfor _ in range(20_000): y = y @ x",
    "one-reduction": "y = rec.ones(()).broadcast_to((10**12,)).exp().sum()",
    "one-product": "y = rec.ones(()).broadcast_to((2000, 10**7)) @ rec.ones(()).broadcast_to((10**7, 2000))",
    "one-product-of-integers": "x = rec.ones((), int); y = x.broadcast_to((99, 10**9)) @ x.broadcast_to((10**9, 99))",
    "one-search": "y = rec.ones(()).broadcast_to((10**12,)).argmax()",
    "many-searches": "y = rec.ones(()).broadcast_to((10**5, 10**6)).argmax(axis=1)",
    "many-matrices": "y = pg.linalg.svdvals(rec.eye(60).broadcast_to((10**6, 60, 60)))",
    "many-orders": "y = rec.ones(()).broadcast_to((10**5, 10**6)).topk(3)[1]",
    "one-order": "y = rec.ones(()).broadcast_to((10**11,)).topk(3)[1]",
    "one-scatter": "y = rec.zeros(3).scatter_add(0, rec.zeros((), int).broadcast_to(10**11),"
    " rec.ones(()).broadcast_to(10**11))",
    "one-median": "y = rec.ones(()).broadcast_to(2**28).median()",
    "one-plane-of-windows": "y = pg.max_pool1d(rec.ones(()).broadcast_to((1, 1, 2**26)), 2**20, 1)",
    "one-map": "y = rec.ones(()).broadcast_to((10**6, 10**6)).sin().max(axis=0)",
}


@LINUX
@pytest.mark.parametrize("work", LONG)
def test_interrupt_ends_a_long_computation(work: str) -> None:
    """As KeyboardInterrupt, soon, with nothing stored; then the record works."""
    program = f"""
rec = pg.Record()
rec.ones(3).data()
{LONG[work]}
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
start = time.perf_counter()
try:
    y.data()
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - start < 3.0, y.computed, rec.ones(3).sum().item())
"""
    assert run(program, timeout=10) == "interrupted True False 3.0\n"


@LINUX
def test_whatever_a_signal_handler_raises_arrives() -> None:
    program = """
    def handler(*_):
        raise LookupError("from the handler")

    signal.signal(signal.SIGALRM, handler)
    rec = pg.Record()
    y = x = rec.ones((300, 300))
    for _ in range(20_000):
        y = y @ x
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        y.data()
    except LookupError as error:
        print(error, y.computed)
    """
    assert run(program, timeout=20) == "from the handler False\n"


@LINUX
def test_interrupt_just_before_the_first_array() -> None:
    """NumPy's C interface is looked up then; a signal at that time is an exception as at any other."""
    program = """
    y = pg.Record().ones((4, 4)).exp()
    y.record.compute(y)
    for _ in range(3):
        try:
            os.kill(os.getpid(), signal.SIGINT) or y.data()
        except KeyboardInterrupt:
            pass
    y = pg.Record().ones((3000, 3000)).exp()
    try:
        threading.Timer(0.002, os.kill, (os.getpid(), signal.SIGINT)).start()
        y.data()
        time.sleep(1)
    except KeyboardInterrupt:
        print("interrupted")
    """
    assert run(program) == "interrupted\n"


# Memory --------------------------------------------------------------------------------------------------------------


@LINUX
def test_memory_error_and_then_it_works_again() -> None:
    program = """
    rec = pg.Record()
    x = rec.ones((1000, 1000))
    small = x.sum()
    refused = 0
    for n in (2**28, 2**30, 2**33, 2**40):
        try:
            rec.ones(n).exp().data()
        except MemoryError:
            refused += 1
    held = []
    try:
        for i in range(1000):
            held.append((x + float(i)).data())
    except MemoryError:
        refused += 1
    count = len(held)
    del held
    print(refused, count > 50, small.item(), (x + 1.0).sum().item())
    """
    assert run(program, memory=1 << 30) == "5 True 1000000.0 2000000.0\n"


@LINUX
@pytest.mark.parametrize("call", ["y.item()", "y.grad().wrt(x).item()", "rec.plan(y)"])
def test_little_memory_for_a_long_record(call: str) -> None:
    """Planning and differentiating need memory for each node; when it ends, that is an error as any other."""
    program = f"""
    import resource
    rec = pg.Record()
    x = y = rec.tensor(1.0)
    for _ in range(2_000_000):
        y = y * 1.0
    with open("/proc/self/statm") as file:
        limit = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") + (64 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        {call}
    except MemoryError:
        print("refused", (pg.Record().tensor(1.0) + 1.0).item())
    """
    assert run(program) == "refused 2.0\n"


@LINUX
def test_dropped_records_leave_nothing_behind() -> None:
    program = """
    def step():
        rec = pg.Record(store)
        x = rec.tensor(np.ones((100, 100), "f4"))
        loss = pg.LinearLayer(rec, 100, 100)(x).exp().sum()
        pg.optim.Adam(1e-3).step(store, loss.grad())
        loss.item()

    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    store = pg.ParameterStore()
    for _ in range(50):
        step()
    before = resident()
    for _ in range(1000):
        step()
    print(resident() - before < 2_000_000)
    """
    assert run(program) == "True\n"


def test_small_stack_is_enough() -> None:
    program = """
    def work():
        rec = pg.Record()
        x = y = rec.tensor(1.0)
        for _ in range(20_000):
            y = y * 1.0
        value = []
        for _ in range(5000):
            value = [value]
        try:
            rec.tensor(value)
        except pg.InputError:
            print(y.grad().wrt(x).item(), pg.einsum("ij,jk,kl->il", *[rec.eye(40)] * 3).sum().item())

    threading.stack_size(128 * 1024)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    """
    assert run(program) == "1.0 40.0\n"
