"""Medians of interleaved rounds, so that a busy moment of the machine hits all candidates alike."""

import json
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec

QUICK = bool(os.environ.get("QUICK"))


def available(*names):
    """Those of the modules that are installed."""
    return [name for name in names if find_spec(name)]


def tie(threads):
    """Ties this process to so many cores, and all libraries to so many threads. JAX, imported later, sees the cores."""
    import phonograd as pg

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    pg.set_num_threads(threads)
    if available("torch"):
        import torch

        torch.set_num_threads(threads)


def compare(candidates, *, rounds=None, least=0.02, most=8.0, pause=0.0):
    """Seconds a call of each candidate takes: the median over rounds in which each has its turn.

    Args:
        candidates: Functions without arguments, by name.
        rounds: How many.
        least: Seconds a turn takes at least; a quick function is called many times in it.
        most: Seconds after which there are no more rounds than three.
        pause: Seconds between turns, in which threads that wait by spinning come to rest.
    """
    rounds = rounds or (3 if QUICK else 15)
    calls = {name: _calls(candidate, least) for name, candidate in candidates.items()}
    times = {name: [] for name in candidates}
    until = time.perf_counter() + most
    for done in range(rounds):
        if done >= 3 and time.perf_counter() > until:
            break
        for name, candidate in candidates.items():
            time.sleep(pause)
            times[name].append(_turn(candidate, calls[name]))
    return {name: statistics.median(found) for name, found in times.items()}


def _turn(candidate, calls):
    start = time.perf_counter()
    for _ in range(calls):
        candidate()
    return (time.perf_counter() - start) / calls


def _calls(candidate, least):
    candidate()
    calls = 1
    while (once := _turn(candidate, calls)) * calls < least / 4:
        calls *= 4
    return max(1, round(least / once))


def fresh(programs, *, rounds=None, flags=()):
    """What each program prints as JSON numbers, each run in a new Python process: medians over interleaved rounds.

    A program that fails is left out, with the last line of its message.
    """
    rounds = rounds or (1 if QUICK else 7)
    found = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in list(programs.items()):
            if name not in found:
                continue
            done = subprocess.run([sys.executable, *flags, "-c", program], capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name}: left out; {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
                del found[name]
                continue
            found[name].append(json.loads(done.stdout.splitlines()[-1]))
    return {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in found.items()}


def table(title, times, *, unit="us", of="phonograd", digits=1):
    """Prints times, and each as a multiple of one of them."""
    scale = {"ns": 1e9, "us": 1e6, "ms": 1e3, "s": 1.0}[unit]
    print(f"\n{title}\n")
    print(f"| | {unit} | ratio |\n|---|---:|---:|")
    for name, seconds in times.items():
        ratio = f"{seconds / times[of]:.2f}" if of in times else ""
        print(f"| {name} | {seconds * scale:,.{digits}f} | {ratio} |")
