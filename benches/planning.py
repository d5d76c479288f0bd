"""What a plan costs: a miss, by the number of nodes, and a hit, by the same: `python benches/planning.py`.

Processor time of the calling thread, which does all of the planning: what else runs on the machine is left out.
"""

import statistics
import time

import numpy as np
from harness import QUICK

import phonograd as pg

LENGTHS = [10, 100, 1_000, 10_000] if QUICK else [10, 100, 1_000, 10_000, 100_000]
SIZES = range(32, 62)


def chain(nodes):
    """Elementwise operations on eight numbers, a product or a sum here and there, and the gradient."""
    rec = pg.Record()
    x = y = rec.tensor(np.full((2, 4), 0.1, "float32"))
    while len(rec) < nodes / 3:
        y = (y * x).sin() + x
        if len(rec) % 20 == 0:
            y = y - y.mean(axis=1, keepdims=True)
    return rec, y.sum().grad().wrt(x)


def first_and_later(make, rounds):
    """Seconds that computing takes when there is no plan yet, and when there is."""
    first, later = [], []
    for _ in range(rounds):
        pg.plan_cache_clear()
        for times in (first, later, later):
            rec, wanted = make()
            start = time.thread_time()
            rec.compute(wanted)
            times.append(time.thread_time() - start)
    return statistics.median(first), statistics.median(later)


def batches():
    """Seconds of a step that meets each batch size for the first time, and again."""
    store = pg.ParameterStore(seed=0)
    data = np.random.default_rng(0).normal(size=(max(SIZES), 64)).astype("float32")

    def step(size):
        start = time.thread_time()
        rec = pg.Record(store)
        h = rec.tensor(data[:size])
        for layer in range(4):
            h = (h @ rec.parameter(f"w{layer}", (64, 64))).tanh()
        pg.optim.Adam(1e-3).step(store, h.square().mean().grad())
        return time.thread_time() - start, len(rec)

    step(min(SIZES) - 1)  # draws the parameters, and has no moments yet
    pg.plan_cache_clear()
    return [step(size) for size in SIZES], [step(size) for size in SIZES]


def main():
    print("| nodes | miss, us a node | hit, us a node | planning alone |\n|---:|---:|---:|---:|")
    for nodes in LENGTHS:
        first, later = first_and_later(lambda nodes=nodes: chain(nodes), 3 if nodes > 10_000 else 9)
        count = len(chain(nodes)[0])
        per = [seconds / count * 1e6 for seconds in (first, later, first - later)]
        print(f"| {count:,} | {per[0]:.2f} | {per[1]:.2f} | {per[2]:.2f} |")
    new, again = batches()
    steady = statistics.median(seconds for seconds, _ in again)
    worst = max((seconds - 1.2 * steady) / nodes * 1e6 for seconds, nodes in new)
    print(f"\n30 batch sizes: {steady * 1e6:,.0f} us a step, and beyond 1.2 times that at most {worst:.1f} us a node")


if __name__ == "__main__":
    main()
