"""Layers against torch: values, gradients and running statistics, committed by `tools/nn_values.py`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from phonograd import nn

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "nn.json").read_text(encoding="utf-8"))
DTYPE = "float64"

LAYERS: dict[str, Callable[[], nn.Module]] = {
    "linear": lambda: nn.Linear(4, 3, dtype=DTYPE),
    "bilinear": lambda: nn.Bilinear(3, 4, 2, dtype=DTYPE),
    "embedding": lambda: nn.Embedding(6, 3, dtype=DTYPE),
    "layernorm": lambda: nn.LayerNorm(6, dtype=DTYPE),
    "rmsnorm": lambda: nn.RMSNorm(6, dtype=DTYPE),
    "layernorm-axes": lambda: nn.LayerNorm((3, 2), dtype=DTYPE),
    "rmsnorm-axes": lambda: nn.RMSNorm((3, 2), dtype=DTYPE),
    "prelu": lambda: nn.PReLU(dtype=DTYPE),
    "prelu-channels": lambda: nn.PReLU(3, dtype=DTYPE),
    "groupnorm": lambda: nn.GroupNorm(2, 6, dtype=DTYPE),
    "batchnorm": lambda: nn.BatchNorm(3, dtype=DTYPE),
    "batchnorm-eval": lambda: nn.BatchNorm(3, dtype=DTYPE),
    "batchnorm-sequence": lambda: nn.BatchNorm(3, dtype=DTYPE),
    "batchnorm-sequence-eval": lambda: nn.BatchNorm(3, dtype=DTYPE),
    "batchnorm-image": lambda: nn.BatchNorm(3, dtype=DTYPE),
    "conv2d-dilated": lambda: nn.Conv2d(2, 3, (2, 3), (1, 2), (0, 2), (2, 1), dtype=DTYPE),
    "conv2d-same": lambda: nn.Conv2d(2, 3, (2, 4), padding="same", dtype=DTYPE),
    "attention": lambda: nn.MultiHeadAttention(8, 2, dtype=DTYPE),
    "attention-causal": lambda: nn.MultiHeadAttention(8, 2, causal=True, dtype=DTYPE),
    "attention-memory": lambda: nn.MultiHeadAttention(8, 2, dtype=DTYPE),
    "block": lambda: nn.TransformerBlock(8, 2, 16, causal=True, dtype=DTYPE),
    "rnn": lambda: nn.RNN(3, 4, layers=2, dtype=DTYPE),
    "gru": lambda: nn.GRU(3, 4, layers=2, dtype=DTYPE),
    "lstm": lambda: nn.LSTM(3, 4, layers=2, dtype=DTYPE),
    "embedding-padding": lambda: nn.Embedding(6, 3, -4, dtype=DTYPE),
    "layernorm-plain": lambda: nn.LayerNorm(6, affine=False),
    "rmsnorm-plain": lambda: nn.RMSNorm(6, affine=False),
    "groupnorm-plain": lambda: nn.GroupNorm(2, 6, affine=False),
    "batchnorm-plain": lambda: nn.BatchNorm(3, affine=False, dtype=DTYPE),
    "hardshrink": lambda: nn.Hardshrink(0.3),
    "softshrink": lambda: nn.Softshrink(0.3),
    "tanhshrink": lambda: nn.Tanhshrink(),
    "threshold": lambda: nn.Threshold(0.1, -2.0),
    "softmin": lambda: nn.Softmin(0),
    "flatten": lambda: nn.Flatten(1, 2),
    "flatten-end": lambda: nn.Flatten(-3, -2),
    "unflatten": lambda: nn.Unflatten(1, (3, 2)),
    "unflatten-rest": lambda: nn.Unflatten(-1, (2, -1, 3)),
    "pixelshuffle": lambda: nn.PixelShuffle(3),
    "pixelshuffle-single": lambda: nn.PixelShuffle(2),
    "pixelunshuffle": lambda: nn.PixelUnshuffle(2),
    "zeropad1d": lambda: nn.ZeroPad1d((1, 2)),
    "zeropad2d": lambda: nn.ZeroPad2d((1, 2, 0, 3)),
    "zeropad2d-single": lambda: nn.ZeroPad2d(2),
    "zeropad3d": lambda: nn.ZeroPad3d((1, 2, 0, 3, 1, 0)),
    "adaptiveavgpool2d": lambda: nn.AdaptiveAvgPool2d((1, None)),
    "adaptiveavgpool2d-single": lambda: nn.AdaptiveAvgPool2d((None, 2)),
}
for _n in (1, 2, 3):
    LAYERS |= {
        f"conv{_n}d": lambda n=_n: getattr(nn, f"Conv{n}d")(4, 6, 3, 2, 1, groups=2, dtype=DTYPE),
        f"convtranspose{_n}d": lambda n=_n: getattr(nn, f"ConvTranspose{n}d")(4, 6, 3, 2, 1, 1, 2, dtype=DTYPE),
    }


def close(got: Any, want: Any) -> None:
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_layer_is_torchs(name: str) -> None:
    case, layer = CASES[name], LAYERS[name]()
    store = pg.ParameterStore()
    for kept, values in ((store, case["parameters"]), (store.state, case["state"])):
        kept.update({key: np.array(value) for key, value in values.items()})
    rec = pg.Record(store)
    inputs = [rec.tensor(np.array(x)) for x in case["inputs"]]
    named = {"mask": rec.tensor(case["mask"])} if "mask" in case else {}
    y = layer(*inputs, train=not name.endswith("eval"), **named)
    y = y[0] if isinstance(y, tuple) else y
    close(y, case["output"])
    grads = y.grad(np.array(case["cotangent"]))
    for x, want in zip(inputs, case["input_gradients"], strict=True):
        if want is not None:
            close(grads.wrt(x), want)
    assert sorted(grads) == sorted(case["gradients"]) == sorted(store)
    for key, want in case["gradients"].items():
        close(grads[key], want)
    noted = rec.next_states()
    assert sorted(noted) == ([] if name.endswith("eval") else sorted(case["next_state"]))
    for key, value in noted.items():
        close(value, case["next_state"][key])


def test_every_case_has_its_layer() -> None:
    assert set(LAYERS) == set(CASES)


@pytest.mark.parametrize("by_model", [False, True])
def test_a_model_takes_the_weights_of_torchs(tmp_path: Path, by_model: bool) -> None:
    """By the names that the guide gives, and the transposition that it gives or that the model knows."""
    torch = pytest.importorskip("torch")

    class Theirs(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm = torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.BatchNorm2d(4)
            self.embed, self.gru = torch.nn.Embedding(5, 8), torch.nn.GRU(8, 4, num_layers=2, batch_first=True)
            self.scale, self.head = torch.nn.LayerNorm(4), torch.nn.Linear(4, 3)

        def forward(self, image: Any, text: Any) -> Any:
            seen = self.norm(self.conv(image)).relu().mean((2, 3))
            return self.head(self.scale(self.gru(self.embed(text))[0][:, -1]) + seen)

    class Ours(nn.Module):
        def __init__(self) -> None:
            self.conv, self.norm = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4)
            self.embed, self.gru = nn.Embedding(5, 8), nn.GRU(8, 4, layers=2)
            self.scale, self.head = nn.LayerNorm(4), nn.Linear(4, 3)

        def forward(self, image: pg.Tensor, text: pg.Tensor, *, train: bool = False) -> pg.Tensor:
            seen = self.norm(self.conv(image), train=train).relu().mean((2, 3))
            return self.head(self.scale(self.gru(self.embed(text))[0][:, -1]) + seen)

    image, text = torch.randn(3, 1, 5, 6), torch.randint(0, 5, (3, 7))
    theirs, ours, written = Theirs(), Ours(), pg.ParameterStore()
    theirs(image, text)  # a step of the running statistics
    theirs.eval()
    written.update({name: value.numpy() for name, value in theirs.state_dict().items()})
    written.save(tmp_path / "weights")
    store = ours.init(pg.ParameterStore(), image.numpy(), text.numpy())
    guide = (Path(__file__).parent.parent / "docs" / "guide.md").read_text(encoding="utf-8")
    said: dict[str, Any] = {}
    for line in guide.splitlines():
        if line.startswith((">>> names = ", ">>> transpose = ")):
            exec(line.removeprefix(">>> "), said)
    transpose = ours if by_model else said["transpose"]
    pg.checkpoint.load_weights(tmp_path / "weights", store, said["names"], transpose=transpose)
    rec = pg.Record(store, grad=False)
    found = ours(rec.tensor(image.numpy()), rec.tensor(text.numpy()))
    np.testing.assert_allclose(found, theirs(image, text).detach(), rtol=1e-5, atol=1e-6)


def test_square_weights_of_torch_lie_right(tmp_path: Path) -> None:
    """No shape tells that a square weight must be turned; the model does, and what it does not know stays."""
    torch = pytest.importorskip("torch")
    size = 4
    rnn = torch.nn.RNN(size, size, batch_first=True)
    theirs = torch.nn.ModuleDict(
        {
            "table": torch.nn.Embedding(size, size), "hidden": torch.nn.Linear(size, size), "rnn": rnn,
            "gru": torch.nn.GRU(size, size, batch_first=True), "lstm": torch.nn.LSTM(size, size, batch_first=True),
        }
    )  # fmt: skip

    class Ours(nn.Module):
        def __init__(self) -> None:
            self.table, self.hidden = nn.Embedding(size, size), nn.Linear(size, size)
            self.rnn, self.gru, self.lstm = nn.RNN(size, size), nn.GRU(size, size), nn.LSTM(size, size)

        def forward(self, x: pg.Tensor) -> pg.Tensor:
            x = self.hidden(self.table(x))
            for layer in (self.rnn, self.gru, self.lstm):
                x = layer(x)[0]
            return x

    x, ours, path = torch.randint(0, size, (3, 5)), Ours(), tmp_path / "weights.safetensors"
    want = theirs["hidden"](theirs["table"](x))
    for name in ("rnn", "gru", "lstm"):
        want = theirs[name](want)[0]
    store = ours.init(pg.ParameterStore(), x.numpy())
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, value in theirs.state_dict().items():
        raw = value.numpy().tobytes()
        header[name] = {
            "dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)],
        }  # fmt: skip
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    names, before = [(r"\.(\w+)_l0$", r".cells.0.\1")], store.copy()
    pg.checkpoint.load_weights(path, store, names, transpose=ours)
    found = ours(pg.Record(store, grad=False).tensor(x.numpy()))
    np.testing.assert_allclose(found, want.detach(), rtol=1e-5, atol=1e-6)
    with pytest.raises(pg.CheckpointError) as caught:
        pg.checkpoint.load_weights(path, before, [(r"(gru|lstm)\.\w+_l0$", None), *names], partial=True)
    assert str(caught.value) == (
        f'load_weights: "{path}": square, so that they fit either way: `table.weight`, `hidden.weight`, '
        "`rnn.cells.0.weight_ih`, `rnn.cells.0.weight_hh`; say with `transpose` which lie the other way: `model` for "
        "PyTorch's layers, `()` for none"
    )


def test_torchs_attention_is_cut_into_queries_keys_and_values(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    torch.nn.init.normal_(theirs.in_proj_bias)
    written, x = pg.ParameterStore(), torch.randn(3, 5, 8)
    written.update({name: value.numpy() for name, value in theirs.state_dict().items()})
    written.save(tmp_path / "weights")
    ours = nn.MultiHeadAttention(8, 2)
    store = ours.init(pg.ParameterStore(), x.numpy())
    parts = [rf"{part}.\1" for part in ("query", "key", "value")]
    names = [("^in_proj_(.*)", parts), ("^out_proj", "out")]
    pg.checkpoint.load_weights(tmp_path / "weights", store, names, transpose=ours)
    found = ours(pg.Record(store, grad=False).tensor(x.numpy()))
    np.testing.assert_allclose(found, theirs(x, x, x)[0].detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_parameters_are_drawn_in_their_shapes(name: str) -> None:
    """A call without any parameters in the store draws them, under the names and in the shapes that torch's have."""
    case, store = CASES[name], pg.ParameterStore(seed=3)
    named = {"mask": np.array(case["mask"])} if "mask" in case else {}
    LAYERS[name]().init(store, *map(np.array, case["inputs"]), **named)
    assert {k: v.shape for k, v in store.items()} == {k: np.shape(v) for k, v in case["parameters"].items()}
    assert all(v.dtype == np.dtype(DTYPE) for v in store.values())
    assert sorted(store.state) == sorted(case["state"])
