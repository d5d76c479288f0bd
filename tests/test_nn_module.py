"""Modules: what names their parameters, what is shared, frozen, drawn, refused; and states that a step commits."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from phonograd import nn, reference

X = np.random.default_rng(0).standard_normal((5, 3)).astype("float32")


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        self.inner = nn.Sequential(nn.Linear(width, width), nn.Tanh())

    def forward(self, x: pg.Tensor) -> pg.Tensor:
        return x + self.inner(x)


class Model(nn.Module):
    def __init__(self) -> None:
        self.encoder = nn.Linear(3, 4)
        self.blocks = [Block(4), Block(4)]
        self.head = nn.Linear(4, 2, bias=False)

    def forward(self, x: pg.Tensor) -> pg.Tensor:
        x = self.encoder(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


NAMES = [
    "encoder.weight", "encoder.bias", "blocks.0.inner.0.weight", "blocks.0.inner.0.bias", "blocks.1.inner.0.weight",
    "blocks.1.inner.0.bias", "head.weight",
]  # fmt: skip

# Names ---------------------------------------------------------------------------------------------------------------


def test_attribute_paths_name_the_parameters() -> None:
    model, store = Model(), pg.ParameterStore(seed=0)
    y = model(pg.Record(store).tensor(X))
    assert (y.shape, list(store)) == ((5, 2), NAMES)
    assert (model.path, model.blocks[1].inner[0].path) == ("", "blocks.1.inner.0")
    assert list(model.modules())[:4] == ["", "encoder", "blocks.0", "blocks.0.inner"]


EVERY_INIT = (
    "constant, dirac, eye, kaiming_normal, kaiming_uniform, normal, ones, orthogonal, truncated_normal, uniform, "
    "xavier_normal, xavier_uniform or zeros"
)


def test_a_model_by_hand_is_the_same() -> None:
    """The layer by name, or no layer at all: the same names, draws and values."""
    store, other = pg.ParameterStore(seed=0), pg.ParameterStore(seed=0)
    a = nn.Sequential(nn.Linear(3, 4), nn.ReLU()).named("net")(pg.Record(store).tensor(X))
    rec = pg.Record(other)
    w, b = rec.parameter("net.0.weight", (3, 4)), rec.parameter("net.0.bias", 4, init="zeros")
    assert a.tolist() == (rec.tensor(X) @ w + b).relu().tolist()
    assert list(store) == list(other)
    assert nn.Linear(3, 4).named("net.0")(pg.Record(other).tensor(X)).relu().tolist() == a.tolist()


def test_first_values_depend_on_seed_and_name_alone() -> None:
    one, two = pg.ParameterStore(seed=1), pg.ParameterStore(seed=1)
    Model().init(one, X)
    rec = pg.Record(two)
    model = Model()
    model.head(rec.ones((1, 4)))
    model.blocks[1](rec.ones((1, 4)))
    model(rec.tensor(X))
    assert set(one) == set(two)
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)
    other = Model().init(pg.ParameterStore(seed=2), X)
    assert other["head.weight"].tolist() != one["head.weight"].tolist()


# Sharing -------------------------------------------------------------------------------------------------------------


class Tied(nn.Module):
    def __init__(self) -> None:
        layer = nn.Linear(3, 3)
        self.first = layer
        self.second = nn.Sequential(nn.Tanh(), layer)
        self.third = nn.Linear(3, 3)

    def forward(self, x: pg.Tensor) -> pg.Tensor:
        return self.third(self.second(self.first(x)))


def test_a_module_given_twice_shares_under_its_first_path() -> None:
    model, store = Tied(), pg.ParameterStore(seed=0)
    rec = pg.Record(store)
    y = model(rec.tensor(X))
    assert list(store) == ["first.weight", "first.bias", "third.weight", "third.bias"]
    assert model.first is model.second[1]
    w, b = store["first.weight"], store["first.bias"]
    want = np.tanh(X @ w + b) @ w + b
    np.testing.assert_allclose(y, want @ store["third.weight"] + store["third.bias"], rtol=1e-5, atol=1e-6)


def test_shared_gradients_add() -> None:
    store = pg.ParameterStore(seed=0)
    layer = nn.Linear(3, 3)
    shared, apart = nn.Sequential(layer, layer), nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    shared.init(store, X)
    store.update({"1.weight": store["0.weight"], "1.bias": store["0.bias"]})
    both = shared(pg.Record(store).tensor(X)).square().sum().grad()
    each = apart(pg.Record(store).tensor(X)).square().sum().grad()
    assert list(both) == ["0.weight", "0.bias"]
    np.testing.assert_allclose(both["0.weight"], each["0.weight"].data() + each["1.weight"].data(), rtol=1e-5)


def test_sharing_holds_in_a_larger_model_and_under_another_name() -> None:
    store = pg.ParameterStore()
    nn.Sequential(nn.Tanh(), Tied()).named("a")(pg.Record(store).tensor(X))
    assert list(store) == ["a.1.first.weight", "a.1.first.bias", "a.1.third.weight", "a.1.third.bias"]


# Frozen --------------------------------------------------------------------------------------------------------------


def test_modules_are_frozen() -> None:
    model = Model()
    with pytest.raises(AttributeError) as caught:
        model.head = nn.Linear(4, 3)
    assert str(caught.value) == "Model is frozen; make a new one with another `head`"
    with pytest.raises(AttributeError) as caught:
        del model.blocks[0].inner
    assert str(caught.value) == "Block `blocks.0` is frozen; `inner` cannot be deleted"
    assert isinstance(model.blocks, tuple)


def test_naming_and_freezing_leave_the_module_as_it_was() -> None:
    model = Model()
    assert (model.named("other").encoder.path, model.encoder.path) == ("other.encoder", "encoder")
    model.freeze()
    assert len(model(pg.Record(pg.ParameterStore()).tensor(X)).sum().grad()) == len(NAMES)


@pytest.mark.parametrize("again", [copy.deepcopy, copy.copy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_and_pickles_work_as_the_original(again: Callable[[Any], Any]) -> None:
    store = pg.ParameterStore(seed=0)
    shared = nn.Sequential(*[nn.Linear(3, 3)] * 2, nn.BatchNorm(3)).named("m").freeze("2.*")
    a, b = (model(pg.Record(store).tensor(X)) for model in (shared, again(shared)))
    assert a.tolist() == b.tolist()
    assert list(b.sum().grad()) == ["m.0.weight", "m.0.bias"]
    with pytest.raises(AttributeError, match="frozen"):
        again(shared).more = 1


def test_frozen_parameters_are_unknown_to_optimisers() -> None:
    store = Model().init(pg.ParameterStore(seed=0), X)
    before = {name: value.copy() for name, value in store.items()}
    for pattern, kept in (("encoder.*", NAMES[:2]), ("*.bias", [n for n in NAMES if "bias" in n]), ("*", NAMES)):
        trained = pg.ParameterStore(seed=0)
        rec = pg.Record(trained)
        grads = Model().freeze(pattern)(rec.tensor(X)).square().sum().grad()
        assert list(grads) == [name for name in NAMES if name not in kept]
        if kept is not NAMES:
            pg.optim.AdamW(0.1, weight_decay=0.5).step(trained, grads)
        moved = [name for name in NAMES if trained[name].tolist() != before[name].tolist()]
        assert moved == [name for name in NAMES if name not in kept]


@pytest.mark.parametrize("pattern", ["enc*", "*", "encoder.*", "encoder.w*", "?ncoder.weight", "[eh]*", "weight"])
def test_patterns_that_could_be_a_parameters_name_are_taken(pattern: str) -> None:
    assert Model().freeze(pattern).named("m").freeze(pattern).path == "m"


def test_patterns_count_from_where_freeze_was_called() -> None:
    encoder = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)).freeze("0.*")
    model = nn.Sequential(nn.Linear(3, 3), encoder).named("m").freeze("0.bias")
    grads = model(pg.Record(pg.ParameterStore()).tensor(X)).sum().grad()
    assert list(grads) == ["m.0.weight", "m.1.1.weight", "m.1.1.bias"]


def test_a_path_freezes_all_below_it() -> None:
    for path, kept in (("encoder", 2), ("head", None)):
        rec = pg.Record(pg.ParameterStore(seed=0))
        grads = Model().freeze(path)(rec.tensor(X)).square().sum().grad()
        assert not any(name.startswith(f"{path}.") for name in grads)
        assert len(grads) == len(NAMES) - (kept or sum(name.startswith("head.") for name in NAMES))


class Stages(nn.Module):
    def __init__(self) -> None:
        self.stages = [[nn.Linear(3, 3), nn.Linear(3, 3)], (nn.Linear(3, 3),)]

    def forward(self, x: pg.Tensor) -> pg.Tensor:
        for stage in self.stages:
            for layer in stage:
                x = layer(x)
        return x


def test_lists_of_lists_have_paths() -> None:
    model, store = Stages(), pg.ParameterStore(seed=0)
    model(pg.Record(store).tensor(X))
    assert list(store)[::2] == ["stages.0.0.weight", "stages.0.1.weight", "stages.1.0.weight"]
    assert list(model.modules()) == ["", "stages.0.0", "stages.0.1", "stages.1.0"]
    assert "stages.1.0: Linear(3, 3)" in repr(model)
    for held in ([[nn.Linear(3, 3), 1]], [{"a": nn.Linear(3, 3)}]):
        with pytest.raises(pg.InputError, match=r"Holder: `parts.0` holds modules (and others|in a mapping); "):
            Holder(held)


class Holder(nn.Module):
    def __init__(self, parts: Any) -> None:
        self.parts = parts


def test_modules_share_where_they_are_told_to() -> None:
    store = pg.ParameterStore(seed=0)
    rec = pg.Record(store)
    layer = nn.Linear(3, 3)
    y = layer(layer(rec.tensor(X)))  # one module twice
    z = nn.Linear(3, 3).named("a")(nn.Linear(3, 3).named("a")(y))  # one path twice
    assert z.shape == y.shape
    assert list(store) == ["weight", "bias", "a.weight", "a.bias"]
    # Another record, another model of the same parameters.
    assert nn.Linear(3, 3)(pg.Record(store).tensor(X)).tolist() == layer(pg.Record(store).tensor(X)).tolist()


@pytest.mark.parametrize("name", ["path", "init", "modules", "parameter", "freeze", "forward", "state"])
def test_attributes_leave_a_modules_own_alone(name: str) -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            setattr(self, name, 3)

    with pytest.raises(AttributeError) as caught:
        Own()
    assert str(caught.value) == f"Own: every module has a `{name}`; give the attribute another name"


# Train, eval, keys ---------------------------------------------------------------------------------------------------


class Forgetful(nn.Module):
    def __init__(self) -> None:
        self.drop = nn.Dropout(0.5)

    def forward(self, x: pg.Tensor) -> pg.Tensor:
        return self.drop(x)


def test_train_and_key_reach_what_takes_them() -> None:
    model = nn.Sequential(nn.Linear(3, 64), nn.Sequential(nn.ReLU(), nn.Dropout(0.5)), nn.Residual(nn.Dropout(0.5)))
    store = pg.ParameterStore(seed=0)
    calm = model(pg.Record(store).tensor(X))
    noisy = [model(pg.Record(store).tensor(X), train=True, key=pg.Key(k)).tolist() for k in (0, 0, 1)]
    assert noisy[0] == noisy[1] != noisy[2] != calm.tolist()


def test_forward_keeps_its_own_defaults_and_arguments() -> None:
    class Trains(nn.Module):
        def forward(self, x: pg.Tensor, train: bool = True) -> bool:
            return train

    class Attends(nn.Module):
        def forward(self, query: int, key: int, value: int) -> tuple[int, int, int]:
            return query, key, value

    class Needs(nn.Module):
        def forward(self, x: int, train: bool, key: Any) -> tuple[bool, Any]:
            return train, key

    assert (Trains()(1), Trains()(1, train=False), Trains()(1, False)) == (True, False, False)
    assert Attends()(1, 2, 3) == Attends()(1, key=2, value=3) == (1, 2, 3)
    assert (Needs()(1), Needs()(1, True), Needs()(1, True, 5)) == ((False, None), (True, None), (True, 5))


def test_a_model_that_would_lose_train_or_key_says_so() -> None:
    x = pg.Record().ones(3)
    assert nn.Sequential(Forgetful())(x).tolist() == [1.0] * 3
    for named, name in (({"train": True}, "train"), ({"key": pg.Key(0)}, "key")):
        with pytest.raises(pg.InputError) as caught:
            nn.Sequential(Forgetful())(x, **named)
        assert str(caught.value) == (
            f"Forgetful `0`: forward does not take `{name}`, which Dropout `0.drop` needs; write "
            f"`forward(self, x, *, {name}=...)` and hand it on"
        )
    assert Block(3).named("b")(pg.Record(pg.ParameterStore()).ones((1, 3)), train=True).shape == (1, 3)


# Errors --------------------------------------------------------------------------------------------------------------

SHAPE, INPUT, ARGUMENT = pg.ShapeError, pg.InputError, pg.ArgumentError


FLOATS: dict[str, Callable[[str], Any]] = {
    "Linear": lambda dtype: nn.Linear(3, 2, dtype=dtype),
    "Bilinear": lambda dtype: nn.Bilinear(3, 2, 2, dtype=dtype),
    "Embedding": lambda dtype: nn.Embedding(3, 2, dtype=dtype),
    "Conv1d": lambda dtype: nn.Conv1d(3, 2, 2, dtype=dtype),
    "ConvTranspose2d": lambda dtype: nn.ConvTranspose2d(3, 2, 2, dtype=dtype),
    "LayerNorm": lambda dtype: nn.LayerNorm(3, dtype=dtype),
    "RMSNorm": lambda dtype: nn.RMSNorm(3, dtype=dtype),
    "BatchNorm": lambda dtype: nn.BatchNorm(3, dtype=dtype),
    "GroupNorm": lambda dtype: nn.GroupNorm(1, 3, dtype=dtype),
    "MultiHeadAttention": lambda dtype: nn.MultiHeadAttention(4, 2, dtype=dtype),
    "PReLU": lambda dtype: nn.PReLU(dtype=dtype),
    "GRUCell": lambda dtype: nn.GRU(3, 2, dtype=dtype),
}


def seq(layer: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Sequential(layer)).named("m")


def ring(layer: nn.Module) -> list[Any]:
    """A list that holds itself."""
    layers: list[Any] = [layer]
    layers.append(layers)
    return layers


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda r: seq(nn.Linear(3, 2))(r.ones((5, 4))), SHAPE,
         "Linear `m.0.0`: input has shape (5, 4); expected (..., 3)"),
        (lambda r: nn.Linear(3, 2)(r.ones(())), SHAPE, "Linear: input has shape (); expected (..., 3)"),
        (lambda r: seq(nn.Linear(3, 2))(X), INPUT,
         "Linear `m.0.0`: cannot read input from ndarray; expected a tensor; make one with `tensor` of a record"),
        (lambda r: nn.Bilinear(3, 4, 2)(r.ones((5, 4)), r.ones((5, 4))), SHAPE,
         "Bilinear: left input has shape (5, 4); expected (..., 3)"),
        (lambda r: nn.Bilinear(3, 4, 2)(r.ones((5, 3)), r.ones((6, 4))), SHAPE,
         "Bilinear: right input has shape (6, 4); expected (5, 4)"),
        (lambda r: seq(nn.Embedding(3, 2))(r.ones((5,))), pg.DTypeError,
         "Embedding `m.0.0`: input has dtype float32; expected integers"),
        (lambda r: nn.Embedding(3, 2).attend(r.ones((5, 3))), SHAPE,
         "Embedding: input has shape (5, 3); expected (..., 2)"),
        (lambda r: nn.Flatten(2)(r.ones(3)), SHAPE, "Flatten: input has shape (3,); expected axes from 2 to -1"),
        (lambda r: seq(nn.LayerNorm(3))(r.ones((3, 2))), SHAPE,
         "LayerNorm `m.0.0`: input has shape (3, 2); expected (..., 3)"),
        (lambda r: nn.LayerNorm((3, 2))(r.ones((2, 3))), SHAPE,
         "LayerNorm: input has shape (2, 3); expected (..., 3, 2)"),
        (lambda r: nn.RMSNorm(())(r.ones((2, 3))), SHAPE, "RMSNorm: input has shape (2, 3); expected (...)"),
        (lambda r: seq(nn.RMSNorm(3))(r.ones((3, 2))), SHAPE,
         "RMSNorm `m.0.0`: input has shape (3, 2); expected (..., 3)"),
        (lambda r: seq(nn.GroupNorm(2, 4))(r.ones((4,))), SHAPE,
         "GroupNorm `m.0.0`: input has shape (4,); expected (batch, 4, ...)"),
        (lambda r: nn.GroupNorm(3, 4), ARGUMENT,
         "GroupNorm: groups is 3; expected a number that divides 4 features"),
        (lambda r: seq(nn.BatchNorm(3))(r.ones((3,))), SHAPE,
         "BatchNorm `m.0.0`: input has shape (3,); expected 3 channels on axis 1"),
        (lambda r: seq(nn.BatchNorm(3))(r.ones((1, 3)), train=True), SHAPE,
         "BatchNorm `m.0.0`: input has shape (1, 3); expected at least 2 values a channel to train on"),
        (lambda r: nn.Dropout(1.0), ARGUMENT, "Dropout: rate is 1.0; expected a number from 0 to below 1"),
        (lambda r: seq(nn.Dropout(0.1))(r.ones(3), train=True), INPUT,
         "Dropout `m.0.0`: train=True without a key; call the model with `key=pg.Key(seed)`"),
        (lambda r: seq(nn.Dropout(0.1))(r.ones(3), train="no"), INPUT,
         "Sequential `m`: cannot read train from str; expected True or False"),
        (lambda r: seq(nn.Dropout(0.1))(r.ones(3), train=True, key=3), INPUT,
         "Sequential `m`: cannot read key from int; expected a Key; make one with `Key(seed)`"),
        (lambda r: nn.Linear(3, 2).init(X, pg.ParameterStore()), INPUT,
         "Linear: init: cannot read store from ndarray; expected a ParameterStore, and behind it an example of what "
         "the model is called on"),
        (lambda r: nn.Sequential([nn.ReLU()]), INPUT,
         "Sequential: cannot read list; expected modules, as in `Sequential(*layers)`"),
        (lambda r: nn.Residual(nn.Linear(3, 2))(r.ones((5, 3))), SHAPE,
         "Residual: inner output has shape (5, 2); expected (5, 3)"),
        (lambda r: nn.MultiHeadAttention(6, 4), ARGUMENT,
         "MultiHeadAttention: heads is 4; expected a divisor of 6 features"),
        (lambda r: seq(nn.MultiHeadAttention(6, 2))(r.ones((5, 6))), SHAPE,
         "MultiHeadAttention `m.0.0`: input has shape (5, 6); expected (batch, positions, 6)"),
        (lambda r: nn.MultiHeadAttention(6, 2)(r.ones((2, 5, 6)), r.ones((3, 5, 6))), SHAPE,
         "MultiHeadAttention: memory has shape (3, 5, 6); expected (2, positions, 6)"),
        (lambda r: nn.MultiHeadAttention(6, 2, causal=True)(r.ones((2, 5, 6)), r.ones((2, 5, 6))), ARGUMENT,
         "MultiHeadAttention: memory has no order; expected no cache, and causal=False"),
        (lambda r: nn.MultiHeadAttention(6, 2)(r.ones((2, 5, 6)), cache=nn.MultiHeadAttention(6, 2).cache(r, 2, 4)),
         ARGUMENT, "KVCache: length is 0 + 5; expected at most its capacity, 4"),
        (lambda r: seq(nn.GRUCell(3, 2))(r.ones((5, 4))), SHAPE,
         "GRUCell `m.0.0`: input has shape (5, 4); expected (batch, 3)"),
        (lambda r: nn.GRU(3, 2).named("m")(r.ones((5, 4, 3)), r.ones((5, 2))), SHAPE,
         "GRU `m`: state has shape (5, 2); expected (1, 5, 2), which is (layers, batch, hidden)"),
        (lambda r: nn.RNNCell(3, 2)(r.ones((5, 3)), r.ones((1, 2))), SHAPE,
         "RNNCell: state has shape (1, 2); expected (5, 2), which is (batch, hidden)"),
        (lambda r: nn.GRUCell(3, 2)(r.ones((5, 3)), X), INPUT,
         "GRUCell: cannot read state from ndarray; expected a tensor of shape (5, 2), which is (batch, hidden)"),
        (lambda r: nn.RNN(3, 2, layers=2)(r.ones((5, 4, 3)), [r.ones((5, 2))]), INPUT,
         "RNN: cannot read state from a list of 1; expected a tensor of shape (2, 5, 2), which is (layers, batch, "
         "hidden)"),
        (lambda r: nn.LSTM(3, 2)(r.ones((2, 4, 3)), r.ones((1, 2, 2))), INPUT,
         "LSTM: cannot read state from Tensor; expected (h, c), each of shape (1, 2, 2), which is (layers, batch, "
         "hidden)"),
        (lambda r: nn.LSTM(3, 2)(r.ones((2, 4, 3)), [(r.ones((2, 2)), r.ones((2, 2)))]), INPUT,
         "LSTM: cannot read state from a list of 1; expected (h, c), each of shape (1, 2, 2), which is (layers, batch, "
         "hidden)"),
        (lambda r: nn.LSTM(3, 2, 2)(r.ones((2, 4, 3)), [(r.ones((2, 2)), r.ones((2, 2)))] * 2), INPUT,
         "LSTM: cannot read h from a tuple of 2; expected (h, c), each of shape (2, 2, 2), which is (layers, batch, "
         "hidden)"),
        (lambda r: nn.LSTM(3, 2)(r.ones((2, 4, 3)), (r.ones((1, 2, 2)), r.ones((1, 2, 3)))), SHAPE,
         "LSTM: c has shape (1, 2, 3); expected (1, 2, 2), which is (layers, batch, hidden)"),
        (lambda r: nn.LSTMCell(3, 2)(r.ones((2, 3)), (r.ones((2, 2)), None)), INPUT,
         "LSTMCell: cannot read c from NoneType; expected (h, c), each of shape (2, 2), which is (batch, hidden)"),
        (lambda r: nn.LSTM(3, 2).named("m")(r.ones((5, 0, 3))), SHAPE,
         "LSTM `m`: input has shape (5, 0, 3); expected (batch, time, 3) with a time of 1 or more"),
        (lambda r: nn.Linear(3, 3, init=nn.init.orthogonal()).parameter(r, "b", 3, nn.init.orthogonal()), ARGUMENT,
         "orthogonal: shape is (3,); expected at least two axes"),
        (lambda r: nn.init.normal(float("nan")), ARGUMENT, "normal: std is nan; expected a finite number"),
        (lambda r: nn.Linear(3, 2, init=nn.init.orthogonal)(r.ones((5, 3))), INPUT,
         "Linear: `orthogonal` makes initialisers and is none; write `orthogonal()`"),
        (lambda r: nn.Linear(3, 2, init=lambda r, k, s, d: r.ones(5)).named("m")(r.ones((5, 3))), SHAPE,
         "init: what was drawn for `m.weight` has shape (5,); expected (3, 2)"),
        (lambda r: nn.Linear(3, 2, init=0.5)(r.ones((5, 3))), INPUT,
         "Linear: cannot read init from float; expected a name, a pair of a name and a number, or one of "
         "`phonograd.nn.init`"),
        (lambda r: nn.Linear(3, 2, init=("normal",))(r.ones((5, 3))), INPUT,
         "Linear: cannot read init from tuple; expected a name, a pair of a name and a number, or one of "
         "`phonograd.nn.init`"),
        (lambda r: nn.Linear(3, 2, init="orthogonl"), ARGUMENT,
         f"Linear: init is 'orthogonl'; expected {EVERY_INIT}"),
        (lambda r: nn.Conv2d(3, 2, 3, init=("zeros", 1.0)), ARGUMENT,
         f"Conv2d: init is ('zeros', 1.0); expected {EVERY_INIT}"),
        (lambda r: nn.Conv2d(0, 2, 3), ARGUMENT, "Conv2d: inputs is 0; expected an integer of 1 or more"),
        (lambda r: nn.Conv1d(3, 2, 3, bias=1), INPUT, "Conv1d: cannot read bias from int; expected True or False"),
        (lambda r: nn.Conv2d(3, 2, (3, 3, 3)), ARGUMENT, "Conv2d: kernel_size is (3, 3, 3); expected one size or 2"),
        (lambda r: nn.Conv2d(3, 2, 3, stride=0), ARGUMENT, "Conv2d: stride is 0; expected an integer of 1 or more"),
        (lambda r: nn.ConvTranspose1d(3, 2, 3, output_padding=-1), ARGUMENT,
         "ConvTranspose1d: output_padding is -1; expected an integer of 0 or more"),
        (lambda r: nn.Conv2d(3, 2, 3, padding=((1, -1), (0, 0))), ARGUMENT,
         "Conv2d: padding is -1; expected an integer of 0 or more"),
        (lambda r: nn.MaxPool2d("2"), INPUT, "MaxPool2d: cannot read kernel_size from str; expected an integer"),
        (lambda r: nn.AvgPool1d(2, ceil_mode=1), INPUT,
         "AvgPool1d: cannot read ceil_mode from int; expected True or False"),
        (lambda r: nn.AdaptiveAvgPool3d((1, 2)), ARGUMENT,
         "AdaptiveAvgPool3d: output_size is (1, 2); expected one size or 3"),
        (lambda r: Model().freeze("*.bias", "encodr.*"), ARGUMENT,
         "Model: freeze: no module's path begins with `encodr`; expected one of `encoder`, `blocks.0`, "
         "`blocks.0.inner`, `blocks.0.inner.0`, `blocks.0.inner.1`, `blocks.1`, `blocks.1.inner`, "
         "`blocks.1.inner.0` and 2 more"),
        (lambda r: nn.ReLU().named(3), INPUT, "ReLU: cannot read a path from int; expected a string"),
        (lambda r: nn.Linear(3, 2, bias="no"), INPUT, "Linear: cannot read bias from str; expected True or False"),
        (lambda r: nn.LSTM(3, 2, bias=None), INPUT, "LSTMCell: cannot read bias from NoneType; expected True or False"),
        (lambda r: nn.LayerNorm(3, epsilon=-1.0), ARGUMENT,
         "LayerNorm: epsilon is -1.0; expected a number of 0 or more"),
        (lambda r: nn.RMSNorm(3, epsilon="x"), INPUT, "RMSNorm: cannot read epsilon from str; expected a number"),
        (lambda r: nn.BatchNorm(3, momentum=5), ARGUMENT, "BatchNorm: momentum is 5; expected a number from 0 to 1"),
        (lambda r: nn.BatchNorm(3, epsilon=float("nan")), ARGUMENT,
         "BatchNorm: epsilon is nan; expected a number of 0 or more"),
        (lambda r: nn.Dropout("half"), INPUT, "Dropout: cannot read rate from str; expected a number"),
        (lambda r: nn.MultiHeadAttention(6, 2)(r.ones((2, 5, 6)), cache=[1, 2]), INPUT,
         "MultiHeadAttention: cannot read cache from list; expected a KVCache"),
        (lambda r: nn.MultiHeadAttention(6, 2)(r.ones((2, 5, 6)), cache=nn.MultiHeadAttention(6, 3).cache(r, 2, 9)),
         SHAPE, "MultiHeadAttention: cache has shape (2, 3, 9, 2); expected (2, 2, capacity, 3)"),
        (lambda r: nn.Linear(-3, 2), ARGUMENT, "Linear: inputs is -3; expected an integer of 0 or more"),
        (lambda r: nn.Linear(3.0, 2), INPUT, "Linear: cannot read inputs from float; expected an integer"),
        (lambda r: nn.Linear(3, True), INPUT, "Linear: cannot read outputs from bool; expected an integer"),
        (lambda r: nn.Bilinear(0, 3, 2), ARGUMENT, "Bilinear: left is 0; expected an integer of 1 or more"),
        (lambda r: nn.Embedding("3", 2), INPUT, "Embedding: cannot read count from str; expected an integer"),
        (lambda r: nn.Flatten(1.0), INPUT, "Flatten: cannot read start from float; expected an integer"),
        (lambda r: nn.Flatten(2, 1)(r.ones((2, 3, 4))), SHAPE,
         "Flatten: input has shape (2, 3, 4); expected axes from 2 to 1"),
        (lambda r: nn.Unflatten(1, (2, -1))(r.ones((2, 3))), SHAPE,
         "Unflatten: input has shape (2, 3); expected a size on axis 1 that makes (2, -1)"),
        (lambda r: nn.Unflatten(1, (2, 2))(r.ones((2, 3))), SHAPE,
         "Unflatten: input has shape (2, 3); expected a size on axis 1 that makes (2, 2)"),
        (lambda r: nn.Unflatten(2, (2, 2))(r.ones((2, 3))), SHAPE,
         "Unflatten: input has shape (2, 3); expected an axis 2"),
        (lambda r: nn.Unflatten(1, 3), INPUT, "Unflatten: cannot read sizes from int; expected a tuple of integers"),
        (lambda r: nn.Unflatten(1, (-1, -1)), ARGUMENT,
         "Unflatten: sizes is (-1, -1); expected one size or more, and -1 at most once"),
        (lambda r: nn.PixelShuffle(2)(r.ones((2, 3, 4))), SHAPE,
         "PixelShuffle: input has shape (2, 3, 4); expected (..., channels, height, width) with a multiple of 4 "
         "channels"),
        (lambda r: nn.PixelUnshuffle(2)(r.ones((2, 3, 4))), SHAPE,
         "PixelUnshuffle: input has shape (2, 3, 4); expected (..., channels, height, width) with a height and a width "
         "in multiples of 2"),
        (lambda r: nn.ZeroPad2d((1, 2)), ARGUMENT, "ZeroPad2d: padding is (1, 2); expected one number or 4"),
        (lambda r: nn.ZeroPad1d(-1), ARGUMENT, "ZeroPad1d: padding is -1; expected an integer of 0 or more"),
        (lambda r: nn.ZeroPad1d(1)(r.ones(3)), SHAPE,
         "ZeroPad1d: input has shape (3,); expected 3 axes, or 2 without the batch"),
        (lambda r: nn.Dropout2d()(r.ones((2, 3)), train=True, key=pg.Key(0)), SHAPE,
         "Dropout2d: input has shape (2, 3); expected 4 axes, or 3 without the batch"),
        (lambda r: nn.Dropout2d(1.0), ARGUMENT, "Dropout2d: rate is 1.0; expected a number from 0 to below 1"),
        (lambda r: nn.AdaptiveAvgPool2d((1, None))(r.ones((2, 3))), SHAPE,
         "AdaptiveAvgPool2d: input has shape (2, 3); expected 4 axes, or 3 without the batch"),
        (lambda r: nn.Embedding(3, 2, 3), ARGUMENT, "Embedding: padding is 3; expected one of 3 rows"),
        (lambda r: nn.Linear(3, 2, dtype="float63"), pg.DTypeError,
         "Linear: dtype: float63 is not supported; use bool, int8 to int64, uint8 to uint64, float16, bfloat16, "
         "float32 or float64"),
        (lambda r: nn.Linear(3, 2, dtype="int64"), pg.DTypeError,
         "Linear: dtype int64 does not fit; expected a float dtype"),
        *((lambda r, make=make: make("bool"), pg.DTypeError, f"{of}: dtype bool does not fit; expected a float dtype")
          for of, make in FLOATS.items()),
        (lambda r: nn.GELU("bogus"), ARGUMENT, "GELU: approximate is 'bogus'; expected \"none\" or \"tanh\""),
        (lambda r: nn.LeakyReLU("a"), INPUT, "LeakyReLU: cannot read slope from str; expected a number"),
        (lambda r: nn.ELU(float("nan")), ARGUMENT, "ELU: alpha is nan; expected a finite number"),
        (lambda r: nn.CELU(None), INPUT, "CELU: cannot read alpha from NoneType; expected a number"),
        (lambda r: nn.PReLU(init="a"), INPUT, "PReLU: cannot read init from str; expected a number"),
        (lambda r: nn.Hardtanh(1, -1), ARGUMENT,
         "Hardtanh: min_val is 1, max_val -1; expected the lower end first"),
        (lambda r: nn.Hardshrink(-1), ARGUMENT, "Hardshrink: lambd is -1; expected a number of 0 or more"),
        (lambda r: nn.Softshrink("a"), INPUT, "Softshrink: cannot read lambd from str; expected a number"),
        (lambda r: nn.Threshold(0, None), INPUT, "Threshold: cannot read value from NoneType; expected a number"),
        *((lambda r, of=of: getattr(nn, of)(1.5), INPUT, f"{of}: cannot read axis from float; expected an integer")
          for of in ("Softmax", "Softmin", "LogSoftmax", "GLU")),
        (lambda r: nn.BatchNorm(3, axis="1"), INPUT, "BatchNorm: cannot read axis from str; expected an integer"),
        (lambda r: nn.BatchNorm(3, momentum=None), INPUT,
         "BatchNorm: momentum is None, of a mean of all batches alike; expected a number from 0 to 1"),
        (lambda r: nn.GroupNorm(0, 4), ARGUMENT, "GroupNorm: groups is 0; expected an integer of 1 or more"),
        (lambda r: nn.Conv2d(4, 4, 3, groups="2"), INPUT, "Conv2d: cannot read groups from str; expected an integer"),
        (lambda r: nn.MultiHeadAttention(6, "2"), INPUT,
         "MultiHeadAttention: cannot read heads from str; expected an integer"),
        (lambda r: nn.MultiHeadAttention(6, 2, causal=1), INPUT,
         "MultiHeadAttention: cannot read causal from int; expected True or False"),
        (lambda r: nn.LayerNorm(3, affine=0), INPUT, "LayerNorm: cannot read affine from int; expected True or False"),
        (lambda r: nn.Residual(3), INPUT, "Residual: cannot read int; expected a module or a function"),
        (lambda r: nn.Residual(nn.ReLU), INPUT,
         "Residual: `ReLU` is the class of a module; expected a module: `ReLU(...)`"),
        (lambda r: nn.Lambda(3), INPUT, "Lambda: cannot read function from int; expected a function"),
        (lambda r: nn.init.kaiming_uniform(gain="x"), INPUT,
         "kaiming_uniform: cannot read gain from str; expected a number"),
        (lambda r: nn.init.xavier_normal("x"), INPUT, "xavier_normal: cannot read gain from str; expected a number"),
        (lambda r: nn.init.kaiming_normal(mode="out"), ARGUMENT,
         "kaiming_normal: mode is 'out'; expected \"fan_in\" or \"fan_out\""),
        (lambda r: nn.init.kaiming_normal(1.0, nonlinearity="relu"), ARGUMENT,
         "kaiming_normal: gain and nonlinearity are given; expected one of them"),
        (lambda r: nn.init.calculate_gain("gelu"), ARGUMENT,
         "calculate_gain: nonlinearity is 'gelu'; expected one of linear, sigmoid, tanh, relu, leaky_relu, selu"),
        (lambda r: nn.Linear(3, 2).parameter(r, "b", 3, nn.init.eye()), ARGUMENT,
         "eye: shape is (3,); expected two axes"),
        (lambda r: nn.Linear(3, 2, init="dirac")(r.ones((5, 3))), ARGUMENT,
         "dirac: shape is (3, 2); expected that of a convolution's weight"),
        (lambda r: nn.Conv1d(2, 3, 3, init=nn.init.dirac(2))(r.ones((5, 2, 4))), ARGUMENT,
         "dirac: groups is 2; expected a number that divides 3 outputs"),
        (lambda r: nn.LayerNorm((3, -1)), ARGUMENT, "LayerNorm: features is -1; expected an integer of 0 or more"),
        (lambda r: nn.BatchNorm(None), INPUT, "BatchNorm: cannot read features from NoneType; expected an integer"),
        (lambda r: nn.GroupNorm(2, -4), ARGUMENT, "GroupNorm: features is -4; expected an integer of 0 or more"),
        (lambda r: nn.GRUCell(3, 0), ARGUMENT, "GRUCell: hidden is 0; expected an integer of 1 or more"),
        (lambda r: nn.LSTM(3, 2, layers=0), ARGUMENT, "LSTM: layers is 0; expected an integer of 1 or more"),
        (lambda r: type("Odd", (nn.Module,), {"__init__": lambda m: setattr(m, "parts", [nn.ReLU(), 3])})(), INPUT,
         "Odd: `parts` holds modules and others; keep them apart"),
        (lambda r: type("Odd", (nn.Module,), {"__init__": lambda m: setattr(m, "parts", {"a": nn.ReLU()})})(), INPUT,
         "Odd: `parts` holds modules in a mapping; use attributes or a list"),
        (lambda r: type("Odd", (nn.Module,), {"__init__": lambda m: setattr(m, "me", m)})(), INPUT,
         "Odd: `me` is a module that is not made yet, or itself"),
        (lambda r: type("Odd", (nn.Module,), {"__init__": lambda m: setattr(m, "parts", ring(nn.ReLU()))})(), INPUT,
         "Odd: modules are nested too deep, or a list holds itself"),
        (lambda r: nn.Linear(3, 2).named("m").parameter(r, "a.b", 3), ARGUMENT,
         "Linear `m`: `a.b` is no name of a parameter or a state; expected none with `.`, which parts paths, or `/`, "
         "which optimisers use"),
        (lambda r: nn.Linear(3, 2).state(r, "a/b", 3), ARGUMENT,
         "Linear: `a/b` is no name of a parameter or a state; expected none with `.`, which parts paths, or `/`, which "
         "optimisers use"),
        (lambda r: nn.Linear(3, 2).parameter(r, 3, 3), INPUT, "argument: cannot read int; expected a string"),
        (lambda r: nn.Linear(3, 2)(pg.Record().ones((5, 3))), pg.ParameterError,
         "parameter `weight`: the record has no store; make it with `Record(store)`"),
        (lambda r: (nn.Linear(3, 2)(r.ones((5, 3))), nn.Linear(3, 4)(r.ones((5, 3)))), pg.ParameterError,
         "parameter `weight`: Linear asks for what another module here has; give one of them, or its model, a path of "
         'its own with `.named("...")`, or call one module twice'),
        (lambda r: [nn.Sequential(nn.Linear(3, 3))(r.ones((5, 3))) for _ in range(2)], pg.ParameterError,
         "parameter `0.weight`: Linear `0` asks for what another module here has; give one of them, or its model, a "
         'path of its own with `.named("...")`, or call one module twice'),
        (lambda r: (nn.Linear(3, 2).named("m")(r.ones((5, 3))), nn.LayerNorm(4).named("m")(r.ones((5, 4)))),
         pg.ParameterError, "parameter `m.weight`: LayerNorm `m` asks for float32 (4,), Linear `m` holds float32 (3, "
         "2); give one of them another id"),
        (lambda r: (nn.Linear(3, 2, init=nn.init.orthogonal()).named("m")(r.ones((5, 3))),
                    nn.Linear(4, 2).named("m").freeze()(r.ones((5, 4)))),
         pg.ParameterError, "parameter `m.weight`: Linear `m` asks for float32 (4, 2), Linear `m` holds float32 (3, "
         "2); give one of them another id"),
        (lambda r: r.next_state("n", r.state("n", 3)[:2]), pg.ParameterError,
         "parameter `n`: Record.next_state asks for float32 (2,), Record.state holds float32 (3,); give one of them "
         "another id"),
        (lambda r: r.state("n"), pg.ParameterError, "store: there is no parameter `n`; known are none"),
        (lambda r: pg.Record().state("n", 3), pg.ParameterError,
         "parameter `n`: the record has no store; make it with `Record(store)`"),
    ],
)  # fmt: skip
def test_errors_name_the_layer(call: Callable[[pg.Record], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call(pg.Record(pg.ParameterStore()))
    assert str(caught.value) == text


def test_errors_of_forward_carry_the_path() -> None:
    class Odd(nn.Module):
        def forward(self, x: pg.Tensor) -> pg.Tensor:
            return x.reshape(7)

    with pytest.raises(pg.ShapeError, match="reshape") as caught:
        seq(Odd())(pg.Record().ones(3))
    assert caught.value.__notes__ == ["in Odd `m.0.0`"]
    with pytest.raises(NotImplementedError, match=r"^Module has no forward$"):
        nn.Module()()


def test_a_type_error_of_forward_is_its_own() -> None:
    class Odd(nn.Module):
        def __init__(self, size: int) -> None:
            self.size = size + 1

        def forward(self, x: pg.Tensor) -> Any:
            return len(self.size)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"^object of type 'int' has no len\(\)$") as caught:
        Odd(3)(pg.Record().ones(3))
    assert type(caught.value) is TypeError
    with pytest.raises(TypeError, match=r"^can only concatenate str") as made:
        Odd("3")  # type: ignore[arg-type]
    assert type(made.value) is TypeError
    with pytest.raises(pg.InputError) as called:
        seq(Odd(3))(pg.Record().ones(3), 4)
    assert str(called.value) == (
        "Sequential `m`: too many positional arguments; expected (x, *, train=False, key=None)"
    )


# Initialising, listing -----------------------------------------------------------------------------------------------


def test_a_failed_init_leaves_the_store_as_it_was() -> None:
    store = pg.ParameterStore()
    store["0.bias"] = np.zeros(3, "float32")
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm(3), nn.Linear(4, 3))
    with pytest.raises(pg.ShapeError):
        model.init(store, X)
    assert (list(store), list(store.state)) == (["0.bias"], [])


def test_init_computes_nothing_and_keeps_what_is_there() -> None:
    store = pg.ParameterStore(seed=0)
    store["0.weight"] = np.ones((3, 3), "float32")
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm(3))
    assert model.init(store, X) is store
    assert store["0.weight"].tolist() == [[1.0] * 3] * 3
    assert list(store) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert list(store.state) == ["1.running_mean", "1.running_var"]


def test_named_parameters_are_those_of_the_model() -> None:
    store = Model().init(pg.ParameterStore(), X)
    store.update({"other.weight": 1.0, "encoder.deeper.weight": 1.0})
    assert list(Model().named_parameters(store)) == NAMES
    assert list(Model().blocks[1].named_parameters(store)) == NAMES[4:6]


def test_a_summary_counts_what_is_frozen() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Sequential(nn.Linear(3, 2))).named("m")

    def frozen(*patterns: str) -> list[list[str]]:
        lines = [line.split() for line in model.freeze(*patterns).summary(np.zeros((1, 4), "f4")).splitlines()]
        assert lines[0][-2] == "frozen"
        return [[line[0], *line[-3:-1]] for line in lines[1:]]

    whole = [["m", "23"], ["m.0", "15"], ["m.1", "0"], ["m.2", "8"], ["m.2.0", "8"]]
    for pattern, counts in (
        (["0"], [15, 15, 0, 0, 0]),
        (["*.bias"], [5, 3, 0, 2, 2]),
        (["2.0.weight"], [6, 0, 0, 6, 6]),
        (["wieght"], [0] * 5),
        ([], [23, 15, 0, 8, 8]),
    ):
        assert frozen(*pattern) == [[*row, str(count)] for row, count in zip(whole, counts, strict=True)]


def test_repr_and_summary() -> None:
    assert repr(Model()) == (
        "Model(\n    encoder: Linear(3, 4),\n    blocks.0: Block(\n        inner: Sequential(\n"
        "            0: Linear(4, 4),\n            1: Tanh(),\n        ),\n    ),\n    blocks.1: Block(\n"
        "        inner: Sequential(\n            0: Linear(4, 4),\n            1: Tanh(),\n        ),\n    ),\n"
        "    head: Linear(4, 2, bias=False),\n)"
    )
    assert repr(nn.Linear(3, 4, init=nn.init.normal(0.1))) == "Linear(3, 4, init=normal(std=0.1, mean=0.0))"
    rows = [line.split() for line in Model().summary(X).splitlines()]
    assert rows[0] == ["path", "module", "output", "parameters", "FLOPs"]
    assert [row[0] for row in rows[2:6]] == ["encoder", "blocks.0", "blocks.0.inner", "blocks.0.inner.0"]
    assert rows[1][-2] == str(3 * 4 + 4 + 2 * (4 * 4 + 4) + 4 * 2)
    linear = nn.Linear(64, 128).summary(np.zeros((32, 64), "float32")).splitlines()[1].split()
    assert linear[-2:] == ["8,320", f"{2 * 32 * 64 * 128 + 32 * 128:,}"]
    lstm = nn.LSTM(3, 4).summary(np.zeros((2, 5, 3), "float32")).splitlines()[1]
    assert "(2, 5, 4), (1, 2, 4), (1, 2, 4)" in lstm


def test_a_training_step_is_one_plan_found_again() -> None:
    model = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm(8), nn.GELU(), nn.Dropout(0.1), nn.Linear(8, 2))
    store, misses = model.init(pg.ParameterStore(seed=0), X), []
    for step in range(5):
        rec = pg.Record(store)
        before = pg.plan_cache()
        loss = model(rec.tensor(X), train=True, key=pg.Key(step)).square().mean()
        pg.optim.Adam(0.01).step(store, loss.grad())
        loss.item()
        after = pg.plan_cache()
        assert after.hits + after.misses - before.hits - before.misses == 1
        misses.append(after.misses - before.misses)
    assert misses[2:] == [0, 0, 0]


# States --------------------------------------------------------------------------------------------------------------


def test_states_are_committed_with_the_step() -> None:
    norm, store = nn.BatchNorm(3).named("norm"), pg.ParameterStore()
    rec = pg.Record(store)
    y = norm(rec.tensor(X), train=True)
    y.data()
    assert store.state["norm.running_mean"].tolist() == [0.0, 0.0, 0.0]
    pg.optim.SGD(0.1).step(store, y.square().sum().grad())
    np.testing.assert_allclose(store.state["norm.running_mean"], 0.1 * X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(store.state["norm.running_var"], 0.9 + 0.1 * X.var(0, ddof=1), rtol=1e-5)
    norm(pg.Record(store).tensor(X)).data()
    np.testing.assert_allclose(store.state["norm.running_mean"], 0.1 * X.mean(0), rtol=1e-5)


def test_a_step_that_fails_commits_no_state() -> None:
    norm, store = nn.BatchNorm(3), pg.ParameterStore()
    rec = pg.Record(store)
    y = norm(rec.tensor(X), train=True).take(rec.tensor([99]), axis=0)  # fails when it is computed
    with pytest.raises(pg.IndexOutOfRangeError):
        pg.optim.SGD(0.1).step(store, y.square().sum().grad())
    assert store.state["running_mean"].tolist() == [0.0, 0.0, 0.0]
    assert store["weight"].tolist() == [1.0, 1.0, 1.0]


def test_two_calls_in_one_record_follow_each_other() -> None:
    norm, store = nn.BatchNorm(3), pg.ParameterStore()
    rec = pg.Record(store)
    loss = (norm(rec.tensor(X), train=True) + norm(rec.tensor(X + 1), train=True)).square().sum()
    pg.optim.SGD(0.1).step(store, loss.grad())
    want = 0.9 * 0.1 * X.mean(0) + 0.1 * (X + 1).mean(0)
    np.testing.assert_allclose(store.state["running_mean"], want, rtol=1e-5)


def test_states_without_a_module_and_a_foreign_tensor() -> None:
    store = pg.ParameterStore()
    store["x"] = 2.0
    for count in range(1, 4):
        rec = pg.Record(store)
        rec.next_state("count", rec.state("count", ()) + 1.0)
        assert list(rec.next_states()) == ["count"]
        pg.optim.SGD(0.1).step(store, rec.parameter("x").square().grad())
        assert store.state["count"].item() == count
    with pytest.raises(pg.ForeignTensorError):
        pg.Record(store).next_state("count", pg.Record().tensor(1.0))


def test_records_with_states_are_freed() -> None:
    code = (
        "import gc, weakref, phonograd as pg\n"
        "gc.disable()\n"
        "store = pg.ParameterStore()\n"
        "rec = pg.Record(store)\n"
        "rec.next_state('n', rec.state('n', ()) + 1.0)\n"
        "gone = weakref.ref(rec)\n"
        "del rec\n"
        "assert gone() is None\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nn_is_imported_when_asked_for() -> None:
    late = "assert 'phonograd.nn' not in sys.modules; phonograd.nn"
    code = f"import sys, phonograd; {late}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("lib", [pg, reference], ids=["phonograd", "reference"])
def test_the_reference_has_states_too(lib: Any) -> None:
    store = lib.ParameterStore()
    store["x"] = 2.0
    for _ in range(2):
        rec = lib.Record(store)
        x, seen = rec.parameter("x"), rec.state("seen", (2,))
        rec.next_state("seen", seen + x)
        rec.next_state("seen", rec.state("seen") * 2.0)
        lib.optim.SGD(0.25).step(store, (x * x).grad())
    assert store.state["seen"].tolist() == [2.0 * (2.0 * 2.0 + 1.0)] * 2


def test_help_shows_the_arguments_of_init() -> None:
    signature = inspect.signature(pg.nn.Conv2d)
    assert list(signature.parameters)[:4] == ["inputs", "outputs", "kernel_size", "stride"]
    assert signature.parameters["stride"].default == 1
    assert signature.return_annotation is pg.nn.Conv2d
