"""Decompositions and solves by size and dtype: `python benches/linalg.py [THREADS]`.

Values are timed beside NumPy, values with gradients beside torch, all on so many threads, by default 1.
"""

import os
import sys

if __name__ == "__main__":
    # BLAS reads it when it is loaded.
    os.environ["OPENBLAS_NUM_THREADS"] = sys.argv[1] if len(sys.argv) > 1 else "1"

from harness import QUICK, available, compare, tie
from workloads import ops_linalg


def row(makers, peer):
    """Times of both, and how many times ours the other's is."""
    times = compare({name: make().step for name, make in makers.items()}, rounds=3 if QUICK else 7, most=4.0)
    ours, theirs = times["phonograd"], times[peer]
    return f"{1e6 * ours:,.0f} | {1e6 * theirs:,.0f} | {theirs / ours:.2f}"


def main():
    tie(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    has_torch = bool(available("torch"))
    print("| | us, values | us, NumPy | ratio | us, with gradient | us, torch | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in ops_linalg.NAMES:
        for size, batch in ops_linalg.SIZES[: 2 if QUICK else None]:
            for dtype in ops_linalg.DTYPES:
                arguments = name, size, batch // (20 if QUICK and batch > 1 else 1), dtype
                cells = [f"{name}, {batch} x {size} x {size}, {dtype}", row(ops_linalg.values(*arguments), "NumPy")]
                cells.append(row(ops_linalg.gradients(*arguments), "torch") if has_torch else "| |")
                print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
