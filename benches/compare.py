"""Whole steps beside torch, jitted JAX and NumPy written by hand: `python benches/compare.py [--write FILE]`.

Each number of threads has a process of its own, tied to as many cores. Within it all libraries take turns, and what
they compute is compared before it is timed. The first call of each, plan or compilation included, is timed once.
`--write` makes docs/performance.md, for which `peak_memory.py`, `batches.py` and `growth.py` run too.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import workloads
from harness import QUICK, available, compare, tie
from workloads import arrays, network, scalars, transformer

BATCH = 8 if QUICK else 128
SMALL, LARGE = [64, 128, 10], [784, 32, 10] if QUICK else [784, 512, 512, 10]
FLOATS = ("float32", "float64")
ROWS = (
    {f"seed step, {dtype}": (scalars.seed_step, dtype) for dtype in FLOATS}
    | {f"1,000 scalar operations, {dtype}": (scalars.scalar_chain, dtype, 5 if QUICK else 250) for dtype in FLOATS}
    | {f"64-128-10, batch 64, Adam, {dtype}": (network.network, SMALL, 64, dtype) for dtype in FLOATS}
    | {f"784-512-512-10, batch 128, Adam, {dtype}": (network.network, LARGE, BATCH, dtype) for dtype in FLOATS}
    | {
        "character transformer, AdamW": (transformer.transformer, *([1, 16, 2, 8, 2] if QUICK else [])),
        "formula over 4 M, value and gradient": (arrays.formula, 1 << (10 if QUICK else 22)),
        "softmax cross-entropy, [4096, 1000]": (arrays.softmax_loss, 64 if QUICK else 4096, 1000),
    }
    | {
        f"product {form} of {n}, {dtype}": (arrays.product, n, dtype, form)
        for dtype in FLOATS
        for n in ([64] if QUICK else [256, 512, 1024, 2048])
        for form in ("nn", "nt", "tn", "tt")
    }
)
STEPS = 3


def agree(name, works):
    """Stops if the libraries compute different things in their first steps, or leave different parameters."""
    found = {library: _computed(work) for library, work in works.items()}
    (reference, expected), *others = found.items()
    # Adam makes whole steps of gradients that are mostly rounding, of which float32 has much: in a bias of the
    # transformer, torch and JAX are 1.5e-4 apart.
    exact = 1e-10 if "float64" in name else 5e-4
    for library, values in others:
        for ours, theirs in zip(expected, values, strict=True):
            off = np.linalg.norm(ours - theirs) / (np.linalg.norm(theirs) + 1e-30)
            if not off <= exact:
                raise SystemExit(f"{name}: {reference} and {library} do not agree, by {off:.1e}")


def _computed(work):
    results = [work.step() for _ in range(STEPS)]
    flat = [part for result in results for part in (result if isinstance(result, tuple) else (result,))]
    return [np.asarray(value, np.float64).ravel() for value in [*flat, *work.state()]]


def measure(threads, wanted):
    """Seconds of a later and of the first call, by row and library."""
    tie(threads)
    results = {}
    for name, (makers, *arguments) in ROWS.items():
        if wanted and not any(part in name for part in wanted):
            continue
        works, first = {}, {}
        for library, make in makers(*arguments).items():
            # torch.compile takes seconds for anything.
            if not available(workloads.MODULES[library]) or (QUICK and library == "torch.compile"):
                continue
            works[library] = make()
            start = time.perf_counter()
            works[library].step()
            first[library] = time.perf_counter() - start
        agree(name, works)
        steps = {library: work.step for library, work in works.items()}
        results[name] = {"later": compare(steps, pause=0.03 if threads > 1 else 0.0), "first": first}
        print(f"{threads}: {name}", file=sys.stderr)
    return results


def output_of(script, *arguments, threads=1):
    """What a script prints in a process of its own."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    # Set for another program, it would have NumPy use the kernels of another processor.
    environment.pop("OPENBLAS_CORETYPE", None)
    command = [sys.executable, script, *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    return done.stdout


def ratio(found):
    """The time of the fastest peer over ours."""
    later = found["later"]
    peers = [seconds for library, seconds in later.items() if library != "phonograd"]
    return min(peers, default=float("nan")) / later["phonograd"]


def tables(results):
    """Lines of Markdown: a table for each number of threads."""
    libraries = list(workloads.MODULES)
    for threads, rows in results.items():
        yield from ("", f"## {threads} thread{'s' if threads > 1 else ''}", "")
        yield f"| milliseconds | {' | '.join(libraries)} | fastest peer / ours | first call | share of JAX's |"
        yield "|---|" + "---:|" * (len(libraries) + 3)
        for name, found in rows.items():
            later, first = found["later"], found["first"]
            cells = [f"{later[library] * 1e3:,.3f}" if library in later else "" for library in libraries]
            share = f"{first['phonograd'] / first['JAX']:.1%}" if "JAX" in first else ""
            times = ratio(found)
            mark = f"**{times:.2f}**" if times < 1 else f"{times:.2f}"
            yield f"| {name} | {' | '.join(cells)} | {mark} | {first['phonograd'] * 1e3:,.1f} | {share} |"


def behind(results):
    """Lines of Markdown: the rows in which a peer is faster, the furthest behind first."""
    slower = [
        (ratio(found), f"{name}, {threads} thread{'s' if threads > 1 else ''}")
        for threads, rows in results.items()
        for name, found in rows.items()
        if ratio(found) < 1
    ]
    measured = sum(map(len, results.values()))
    yield from ("", "## Where phonograd is behind", "")
    if not slower:
        yield f"In none of the {measured} rows below."
        return
    yield f"In {len(slower)} of the {measured} rows below the fastest peer takes less time, this share of ours:"
    yield ""
    yield from (f"- {times:.2f}: {name}" for times, name in sorted(slower))


def machine():
    """What it ran on."""
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), model)
    packages = [f"{name} {version(name)}" for name in ("phonograd", "torch", "jax", "numpy") if available(name)]
    return f"{os.cpu_count()} cores of {model}; Python {platform.python_version()}, {', '.join(packages)}"


def disturbance(load):
    """Lines of Markdown: a warning if the machine had other work when the measuring began."""
    if load > 0.5:
        yield f"**The machine was busy otherwise (load average {load:.0f}): times are too long, ratios uncertain.**"


def page(results, path, load):
    """Lines of the whole page, whose picture lies beside it."""
    yield from (
        "# Performance",
        "",
        "Whole steps of the same work in each library. What they compute, losses and updated parameters, is compared",
        "before anything is timed. Times are medians of interleaved rounds; each number of threads has a process of",
        "its own, tied to as many cores. JAX is jitted, with donated buffers where parameters are updated, and",
        "compiled beforehand; torch runs eagerly, with its fused optimisers, and compiled by `torch.compile` in the",
        "rows that have a number there. The first call is ours, with its plan, beside what share of JAX's first call,",
        "with its compilation, that is.",
        "",
        f"Measured on {date.today()} on {machine()}.",
        *disturbance(load),
        "Other machines will show other times. To measure on yours, release build:",
        "",
        "```sh",
        "pip install '.[bench]'",
        "python benches/compare.py --write docs/performance.md",
        "```",
    )
    yield from behind(results)
    yield from tables(results)
    folder, picture = Path(__file__).parent, path.with_name("growth.png")
    yield from ("", "## Memory", "", output_of(folder / "peak_memory.py"))
    yield from ("## A batch size that changes", "", output_of(folder / "batches.py"))
    yield from ("## Growth", "", output_of(folder / "growth.py", "--picture", picture))
    yield f"![Time by number of nodes and of elements]({picture.name})"


def main():
    """Measures, prints, and writes if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="*", default=[], help="parts of the names of rows")
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--write", help="a Markdown file")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return print(json.dumps(measure(options.measure, options.rows)))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    results = {}
    for threads in options.threads:
        printed = output_of(__file__, "--measure", str(threads), "--rows", *options.rows, threads=threads)
        results[threads] = json.loads(printed.splitlines()[-1])
    print("\n".join(tables(results)))
    if options.write:
        path = Path(options.write)
        path.write_text("\n".join(page(results, path, load)) + "\n", encoding="utf-8")
    return None


if __name__ == "__main__":
    main()
