"""How time grows with the number of nodes and of elements: `python benches/growth.py [--picture FILE]`.

Nodes: the chain of scalar operations of `compare.py`. Elements: its formula. Each library goes on to larger sizes
until a call takes too long, one thread each.
"""

import argparse
import time

from harness import QUICK, available, tie
from workloads import MODULES
from workloads.arrays import formula
from workloads.scalars import scalar_chain

NODES = [10**k for k in range(1, 3 if QUICK else 7)]
ELEMENTS = [10**k for k in range(2, 4 if QUICK else 9)]
ENOUGH = 1.0  # seconds of calls for a size
TOO_LONG = 15.0  # seconds of a call, beyond which no larger size is tried


def calls(make):
    """Seconds of the first call, and the least of the later ones, for as long as they are tried."""
    step = make().step
    start = time.perf_counter()
    step()
    first = time.perf_counter() - start
    later = first
    if first < TOO_LONG:
        until = time.perf_counter() + ENOUGH
        while (begin := time.perf_counter()) < until:
            step()
            later = min(later, time.perf_counter() - begin)
    return first, later


def curve(makers_of, library, sizes):
    """Sizes that were tried, with seconds of the first and of later calls."""
    points, before = [], float("inf")
    for size in sizes:
        first, later = calls(makers_of(size)[library])
        points.append((size, first, later))
        # The next first call is expected to grow as this one has.
        if first * max(1.0, first / before) > TOO_LONG:
            break
        before = first
    return points


def measure():
    """Points of all curves, by what grows and library."""
    tie(1)
    grown = {
        "nodes": (lambda nodes: scalar_chain("float32", max(1, nodes // 4)), NODES),
        "elements": (formula, ELEMENTS),
    }
    libraries = [library for library in ("phonograd", "torch", "JAX") if available(MODULES[library])]
    return {
        what: {library: curve(makers_of, library, sizes) for library in libraries}
        for what, (makers_of, sizes) in grown.items()
    }


def draw(found, path):
    """A picture of all curves."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.5), layout="constrained")
    for axes, (what, curves) in zip(figure.subplots(1, 2), found.items(), strict=True):
        for k, (library, points) in enumerate(curves.items()):
            sizes, first, later = zip(*points, strict=True)
            axes.loglog(sizes, later, "o-", color=f"C{k}", label=library)
            axes.loglog(sizes, first, "o:", color=f"C{k}", alpha=0.5, label=f"{library}, first call")
        axes.set(xlabel=what, ylabel="seconds", title=f"time by number of {what}")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.savefig(path, dpi=110)


def table(found):
    """Lines of Markdown."""
    yield "Value and gradient of the chain of scalar operations by its length, and of the formula by its elements: one"
    yield "thread, seconds of a later call, of the first call in brackets. A library is not asked for larger sizes"
    yield f"where a call would take over {TOO_LONG:.0f} seconds."
    for what, curves in found.items():
        yield from ("", f"| {what} | {' | '.join(curves)} |", "|---:|" + "---:|" * len(curves))
        by_size = {library: {size: rest for size, *rest in points} for library, points in curves.items()}
        for size in sorted(set().union(*by_size.values())):
            cells = [
                f"{later:.2g} ({first:.2g})" if points.get(size) else ""
                for points in by_size.values()
                for first, later in [points.get(size, (0, 0))]
            ]
            yield f"| {size:,} | {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", help="where to draw it; needs matplotlib")
    options = parser.parse_args()
    found = measure()
    print("\n".join(table(found)))
    if options.picture:
        draw(found, options.picture)


if __name__ == "__main__":
    main()
