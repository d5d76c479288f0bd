"""Whole steps beside torch, jitted JAX and NumPy written by hand: `python benches/compare.py [--write FILE]`.

Each number of threads has a process of its own, tied to as many cores. Within it all libraries take turns, and what
they compute is compared before it is timed. The first call of each, plan or compilation included, is timed once.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from harness import QUICK, compare

BIG = [1024] if QUICK else [1 << 22]
ROWS = {
    "digits 64-128-10, batch 64, Adam": ("network", [64, 128, 10], 64),
    "the same in float64": ("network", [64, 128, 10], 64, "float64"),
    "784-512-512-10, batch 128, Adam": ("network", [784, 32, 10] if QUICK else [784, 512, 512, 10], 128),
    "value and gradient of a formula, 4 M": ("formula", *BIG),
    "softmax cross-entropy, [4096, 1000]": ("softmax_loss", 64 if QUICK else 4096, 1000),
} | {
    f"product {form} of {n}, {dtype}": ("product", n, dtype, form)
    for dtype in ("float32", "float64")
    for n in ([64] if QUICK else [256, 512, 1024])
    for form in ("nn", "nt", "tn", "tt")
}
NAMES = ["phonograd", "NumPy by hand", "torch", "JAX"]


def agree(found, name):
    """Stops if libraries compute different things."""
    first, *others = found.values()
    for other in others:
        for ours, theirs in zip(np.atleast_1d(first) if np.isscalar(first) else first, _listed(other), strict=True):
            scale = np.abs(theirs).max() + 1e-30
            if np.abs(np.asarray(ours, float) - np.asarray(theirs, float)).max() > 1e-3 * scale:
                raise SystemExit(f"{name}: the libraries do not agree")


def _listed(result):
    return np.atleast_1d(result) if np.isscalar(result) else result


def measure(threads, wanted):
    """Seconds of a later and of the first call, by row and library."""
    import workloads

    import phonograd as pg

    pg.set_num_threads(threads)
    if workloads.torch:
        workloads.torch.set_num_threads(threads)
    results = {}
    for name, (work, *arguments) in ROWS.items():
        if wanted and not any(part in name for part in wanted):
            continue
        candidates = getattr(workloads, work)(*arguments)
        first, found = {}, {}
        for library, candidate in candidates.items():
            start = time.perf_counter()
            found[library] = candidate()
            first[library] = time.perf_counter() - start
        agree(found, name)
        results[name] = {"later": compare(candidates), "first": first}
    return results


def in_process(threads, rows):
    """`measure` in a process tied to as many cores."""
    cores = sorted(os.sched_getaffinity(0))[:threads] if hasattr(os, "sched_setaffinity") else None
    if cores:
        os.sched_setaffinity(0, cores)
    print(json.dumps(measure(threads, rows)))


def markdown(results):
    """The tables of all numbers of threads."""
    lines = []
    for threads, rows in results.items():
        lines += ["", f"## {threads} thread{'s' if threads > 1 else ''}", ""]
        lines += ["| milliseconds | " + " | ".join(NAMES) + " | fastest peer is | first call: phonograd, JAX |"]
        lines += ["|---|" + "---:|" * (len(NAMES) + 2)]
        for name, found in rows.items():
            later, first = found["later"], found["first"]
            peers = {library: seconds for library, seconds in later.items() if library != "phonograd"}
            ratio = f"{min(peers.values()) / later['phonograd']:.2f} x ours" if peers else ""
            cells = [f"{later[library] * 1e3:.3f}" if library in later else "" for library in NAMES]
            once = " , ".join(f"{first[library] * 1e3:,.1f}" for library in ("phonograd", "JAX") if library in first)
            lines.append(f"| {name} | {' | '.join(cells)} | {ratio} | {once} |")
    return "\n".join(lines)


def machine():
    """What it ran on."""

    def installed(name):
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return None

    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), model)
    packages = ", ".join(filter(None, map(installed, ("phonograd", "torch", "jax", "numpy"))))
    return f"{os.cpu_count()} cores of {model}; Python {platform.python_version()}, {packages}"


def main():
    """Measures, prints, and writes if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="*", default=[], help="parts of the names of rows")
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--write", help="a Markdown file")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return in_process(options.measure, options.rows)
    results = {}
    for threads in options.threads:
        environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
        # Threads that wait by spinning would slow down the library whose turn is next.
        environment |= {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_THREAD_TIMEOUT": "4"}
        command = [sys.executable, __file__, "--measure", str(threads), "--rows", *options.rows]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        results[threads] = json.loads(done.stdout.splitlines()[-1])
    text = markdown(results)
    print(text)
    if options.write and not QUICK:
        head = [
            "# Performance",
            "",
            "Medians of interleaved rounds, in milliseconds; what the libraries compute is compared first.",
            f"Measured on {machine()}.",
            "Other machines will show other times. To measure on yours:",
            "",
            "```sh\npip install '.[bench]'\npython benches/compare.py --write docs/performance.md\n```",
        ]
        with open(options.write, "w", encoding="utf-8") as page:
            page.write("\n".join(head) + "\n" + text + "\n")
    return None


if __name__ == "__main__":
    main()
