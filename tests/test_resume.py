"""A run that is cut at any step, or killed at any moment, and goes on makes the same bits as one that is not."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import phonograd as pg

# Dropout, shuffling, momentum, a schedule: all that a step may depend on.
PROGRAM = """
import os, sys
import numpy as np
import phonograd as pg

path, steps, ballast = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = np.random.default_rng(0)
x = rng.normal(size=(50, 6)).astype("f4")
batches = pg.data.Batches((x, x.sum(1)), 8, key=pg.Key(1), prefetch=2)


def loss_of(rec, batch, key):
    x, y = batch
    hidden = (rec.tensor(x) @ rec.parameter("w", (6, 16))).tanh()
    kept = pg.where(rec.bernoulli(key, 0.8, hidden.shape), hidden, 0.0)
    return pg.mse((kept @ rec.parameter("v", (16, 1))).squeeze(1), y)


try:
    run = pg.checkpoint.load(path)
    store, step, key = run.store, run.step, run.keys["dropout"]
    batches.seek(run.data)
except FileNotFoundError:
    store, step, key = pg.ParameterStore(seed=3), 0, pg.Key(2)
    store.state["ballast"] = np.arange(ballast)
print("started", step, flush=True)
while step < steps:
    for batch in batches:
        adam = pg.optim.AdamW(0.01 * 0.99**step)
        rec = pg.Record(store)
        adam.step(store, loss_of(rec, batch, key.fold_in(step)).grad())
        step += 1
        print("saving", flush=True)
        pg.checkpoint.save(path, store, optimizer=adam, step=step, data=batches, keys={"dropout": key})
        if step == steps:
            break
print("done", flush=True)
"""

STEPS = 40


def start(path: Path, ballast: int, steps: int = STEPS) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(path), str(steps), str(ballast)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def whole_run(path: Path, ballast: int) -> pg.checkpoint.Checkpoint:
    process = start(path, ballast)
    assert process.communicate(timeout=60)[0] == "started 0\n" + "saving\n" * STEPS + "done\n"
    return pg.checkpoint.load(path)


def bits(run: pg.checkpoint.Checkpoint) -> dict[str, bytes]:
    arrays = {**run.store, **{f"state {name}": value for name, value in run.store.state.items()}}
    return {name: value.tobytes() for name, value in arrays.items()}


def assert_same(run: pg.checkpoint.Checkpoint, whole: pg.checkpoint.Checkpoint) -> None:
    assert bits(run) == bits(whole)
    assert len(bits(run)) == 9
    assert (run.step, run.optimizer, run.data, run.keys) == (whole.step, whole.optimizer, whole.data, whole.keys)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("ballast", [0, 500_000], ids=["mostly in steps", "mostly in saves"])
def test_killed_at_random_moments(ballast: int, tmp_path: Path) -> None:
    whole = whole_run(tmp_path / "whole", ballast)
    chance, path = random.Random(ballast), tmp_path / "run"
    kills, left, resumed = 0, 0, []
    for _ in range(40):
        process = start(path, ballast)
        assert process.stdout is not None
        resumed.append(int(process.stdout.readline().split()[1]))
        # So many saves later, however fast the machine is, and then at any moment of a save or of the step behind it.
        for _ in range(chance.randint(1, 6)):
            process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.004))
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0]
        if "done" in rest:
            break
        assert process.returncode == -signal.SIGKILL
        kills += 1
        if path.exists():
            assert pg.checkpoint.load(path).step >= resumed[-1]
        left = max(left, len(list(tmp_path.glob(".phonograd-*.tmp"))))
        if kills == 8:
            process = start(path, ballast)
            assert process.communicate(timeout=60)[0].endswith("done\n")
            break
    assert kills >= 2
    assert resumed == sorted(resumed)
    assert_same(pg.checkpoint.load(path), whole)
    if ballast:
        assert left > 0, "no kill came while a file was written"


def test_cut_at_every_step(tmp_path: Path) -> None:
    """In one process: a checkpoint is taken at each step of an uncut run, and each is gone on from to the end."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 3))

    def loss_of(rec: pg.Record, batch: np.ndarray, key: pg.Key) -> pg.Tensor:
        noise = rec.normal(key, (3,), dtype="float64")
        return ((rec.tensor(batch) + 0.1 * noise) @ rec.parameter("w", (3,), "ones", "float64")).square().sum()

    def run(path: Path | None, last: int, each: bool) -> pg.ParameterStore:
        batches = pg.data.Batches(x, 6, key=pg.Key(4))
        store, step, rule, key = pg.ParameterStore(), 0, pg.optim.SGD(0.01, momentum=0.9), pg.Key(9)
        if path is not None:
            found = pg.checkpoint.load(path)
            store, step, rule, key = found.store, found.step, found.optimizer, found.keys["noise"]
            batches.seek(found.data)
        while step < last:
            for batch in batches:
                rec = pg.Record(store)
                rule.step(store, loss_of(rec, batch, key.fold_in(step)).grad())
                step += 1
                if each:
                    to = tmp_path / f"{step}.safetensors"
                    pg.checkpoint.save(to, store, optimizer=rule, step=step, data=batches, keys={"noise": key})
                if step == last:
                    break
        return store

    whole = run(None, 12, each=True)
    for step in range(1, 13):
        again = run(tmp_path / f"{step}.safetensors", 12, each=False)
        assert again["w"].tobytes() == whole["w"].tobytes()
        assert again.state["sgd/w/velocity"].tobytes() == whole.state["sgd/w/velocity"].tobytes()
