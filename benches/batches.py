"""A batch size that changes: what the first step of each of 30 sizes takes. `python benches/batches.py`."""

import statistics
import time

import numpy as np
from harness import QUICK, available, tie
from workloads import MODULES
from workloads.network import network

SIZES = range(64, 67 if QUICK else 94)
LAYERS = [64, 128, 10]


def measure(step):
    """Seconds of the first and of the second step of each size."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(max(SIZES), LAYERS[0])).astype(np.float32)
    labels = rng.integers(0, LAYERS[-1], max(SIZES))
    found = []
    for size in SIZES:
        for _ in range(2):
            start = time.perf_counter()
            step(images[:size], labels[:size])
            found.append(time.perf_counter() - start)
    return found[::2], found[1::2]


def table():
    """Lines of Markdown."""
    tie(1)
    yield f"64-128-10 with Adam: {len(SIZES)} sizes of the batch, two steps of each. One thread, microseconds."
    yield ""
    yield "| | first step of a size, median | slowest | second step, median |"
    yield "|---|---:|---:|---:|"
    for library, make in network(LAYERS, min(SIZES), "float32").items():
        if library in ("phonograd", "JAX") and available(MODULES[library]):
            step = make().step
            step()
            first, second = measure(step)
            cells = statistics.median(first), max(first), statistics.median(second)
            yield f"| {library} | {' | '.join(f'{seconds * 1e6:,.0f}' for seconds in cells)} |"


if __name__ == "__main__":
    print("\n".join(table()))
