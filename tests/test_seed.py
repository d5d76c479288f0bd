"""The first example of all, five steps of one linear layer, with the numbers it must show."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

import phonograd as pg

X = [[1.0, 2.0, 3.0]]
# With all outputs positive each of 9 weights moves by 0.01 * x, and the loss by the sum of 0.01 * x * x: 0.01 * 14 * 3.
FALL = 0.42


@pytest.mark.parametrize("bound", [True, False], ids=["store-of-the-record", "store-by-hand"])
def test_loss_falls_by_the_same_amount_every_step(bound: bool) -> None:
    store = pg.ParameterStore(seed=0)
    store["linear.weight"] = np.full((3, 3), 0.5, "f4")
    losses = []
    for _ in range(5):
        rec = pg.Record(store if bound else None)
        linear = pg.LinearLayer(rec, 3, 3, None if bound else store, id="linear")
        x = rec.tensor(X)
        h = linear.forward(x)
        loss = pg.sum(pg.relu(h))
        losses.append(loss.data().item())
        grads = loss.grad()
        assert grads.wrt(h).data().tolist() == [[1.0, 1.0, 1.0]]
        assert grads.wrt(linear.weight).tolist() == grads["linear.weight"].tolist() == [[1.0] * 3, [2.0] * 3, [3.0] * 3]
        linear.optimize(grads, None if bound else store)
    np.testing.assert_allclose(losses, 9.0 - FALL * np.arange(5), rtol=1e-6)
    np.testing.assert_allclose(
        store["linear.weight"], 0.5 - 0.05 * np.array([[1.0], [2.0], [3.0]]) * np.ones(3), rtol=1e-5
    )


def test_dead_outputs_do_not_move() -> None:
    store = pg.ParameterStore()
    store["linear.weight"] = np.array([[1.0, -1.0, 1.0]] * 3, "f4")
    rec = pg.Record(store)
    linear = pg.LinearLayer(rec, 3, 3)
    h = linear(rec.tensor(X))
    grads = pg.sum(pg.relu(h)).grad()
    assert grads.wrt(h).tolist() == [[1.0, 0.0, 1.0]]
    linear.optimize(grads)
    assert store["linear.weight"][:, 1].tolist() == [-1.0] * 3


def test_bias_is_there_when_asked_for_and_moves_too() -> None:
    store = pg.ParameterStore(seed=3)
    rec = pg.Record(store)
    layer = pg.LinearLayer(rec, 3, 2, id="with", bias=True)
    assert (layer.bias.tolist(), pg.LinearLayer(rec, 3, 2, id="without").bias) == ([0.0, 0.0], None)
    loss = layer(rec.tensor(X)).sum()
    before = loss.item()
    layer.optimize(loss.grad(), rate=0.1)
    np.testing.assert_allclose(store["with.bias"], [-0.1, -0.1], rtol=1e-6)
    again = pg.Record(store)
    after = pg.LinearLayer(again, 3, 2, id="with", bias=True)(again.tensor(X)).sum().item()
    assert after == pytest.approx(before - 0.1 * 2 * (14 + 1), rel=1e-5)


def test_first_weights_are_those_of_the_seed() -> None:
    def weight(seed: int) -> list[list[float]]:
        store = pg.ParameterStore(seed=seed)
        pg.LinearLayer(pg.Record(store), 3, 3)
        return store["linear.weight"].tolist()

    assert weight(0) == weight(0) != weight(1)


def test_optimize_changes_all_or_nothing() -> None:
    store = pg.ParameterStore()
    rec = pg.Record(store)
    layer = pg.LinearLayer(rec, 3, 3, bias=True)
    before = store["linear.weight"].tolist()
    bad = layer(rec.tensor(X)).sum() * (rec.tensor([1, 0]) // rec.tensor([1, 0])).sum()
    with pytest.raises(pg.IntegerDivisionError):
        layer.optimize(bad.grad())
    assert (store["linear.weight"].tolist(), store["linear.bias"].tolist()) == (before, [0.0] * 3)


def test_the_example_prints_the_fall_and_the_gradient(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(Path(__file__).parent.parent / "examples" / "linear.py"))
    lines = capsys.readouterr().out.splitlines()
    losses = [float(line.removeprefix("Loss: ")) for line in lines[0::2]]
    assert len(losses) == 5
    assert -np.diff(losses) == pytest.approx([FALL] * 4, abs=2e-6)
    assert lines[1::2] == ["Relu grad: [[1. 1. 1.]]"] * 5


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_a_layer_of_any_float_dtype(dtype: str) -> None:
    store = pg.ParameterStore(seed=1)
    rec = pg.Record(store)
    layer = pg.LinearLayer(rec, 3, 2, bias=True, dtype=dtype)
    y = layer(rec.tensor(X, dtype))
    assert y.dtype == layer.weight.dtype == layer.bias.dtype == dtype
    before = layer.weight.tolist()
    layer.optimize(y.sum().grad(), rate=0.5)
    after = pg.LinearLayer(pg.Record(store), 3, 2, bias=True, dtype=dtype).weight
    assert after.dtype == dtype
    assert after.tolist() != before
    with pytest.raises(pg.DTypeError, match="LinearLayer: dtype int32 does not fit; expected a float dtype"):
        pg.LinearLayer(rec, 3, 2, dtype="int32")
    with pytest.raises(pg.ParameterError):
        pg.LinearLayer(rec, 3, 2, dtype="float64" if dtype == "float32" else "float32")
