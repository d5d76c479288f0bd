"""Single operations, forwards and backwards, beside torch and jitted JAX: `python benches/ops.py [--rows PART ...]`.

Each number of threads has a process of its own, tied to as many cores; within it the libraries take turns, and what
they compute is compared before it is timed. A topic of operations is a file of `workloads/` with a table `ROWS`.
"""

import argparse
import json
import sys

import numpy as np
from harness import available, compare, tie
from workloads import MODULES, fourier, indexing, windows

from compare import output_of, ratio

TOPICS = {"windows": windows, "indexing": indexing, "fourier": fourier}
LIBRARIES = ("phonograd", "torch", "JAX")


def works_of(row):
    """The work of a row in each library that is installed."""
    makers, *arguments = row
    named = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
    return {name: make() for name, make in makers(*arguments, **named).items() if available(MODULES[name])}


def agree(name, works):
    """Stops if the libraries compute different things."""
    first, *others = (_flat(work) for work in works.values())
    for other in others:
        off = np.linalg.norm(first - other) / (np.linalg.norm(other) + 1e-30)
        if not off <= 1e-5:
            raise SystemExit(f"{name}: the libraries do not agree, by {off:.1e}")


def _flat(work):
    found = work.step()
    parts = found if isinstance(found, tuple) else (found, *work.state())
    return np.concatenate([np.ravel(np.asarray(part, np.float64)) for part in parts])


def measure(threads, wanted):
    """Seconds of a step, by row and library."""
    tie(threads)
    results = {}
    for topic in TOPICS.values():
        for name, row in topic.ROWS.items():
            if wanted and not any(part in name for part in wanted):
                continue
            works = works_of(row)
            agree(name, works)
            steps = {library: work.step for library, work in works.items()}
            results[name] = {"later": compare(steps, most=3.0, pause=0.03 if threads > 1 else 0.0)}
            print(f"{threads}: {name}", file=sys.stderr)
    return results


def tables(results):
    """Lines of Markdown: a table for each number of threads."""
    for threads, rows in results.items():
        yield from ("", f"## {threads} thread{'s' if threads > 1 else ''}", "")
        yield f"| milliseconds | {' | '.join(LIBRARIES)} | fastest peer / ours |"
        yield "|---|" + "---:|" * (len(LIBRARIES) + 1)
        for name, found in rows.items():
            cells = [
                f"{found['later'][library] * 1e3:,.3f}" if library in found["later"] else "" for library in LIBRARIES
            ]
            times = ratio(found)
            yield f"| {name} | {' | '.join(cells)} | {f'**{times:.2f}**' if times < 1 else f'{times:.2f}'} |"


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="*", default=[], help="parts of the names of rows")
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return print(json.dumps(measure(options.measure, options.rows)))
    results = {}
    for threads in options.threads:
        printed = output_of(__file__, "--measure", str(threads), "--rows", *options.rows, threads=threads)
        results[threads] = json.loads(printed.splitlines()[-1])
    print("\n".join(tables(results)))
    return None


if __name__ == "__main__":
    main()
