"""Layers against formulas in NumPy and differences; initialisers, dropout, masks, the cache of attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

import phonograd as pg
from phonograd import nn

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 6))
F64 = {"dtype": "float64"}


# Values --------------------------------------------------------------------------------------------------------------

ACTIVATIONS: list[tuple[nn.Module, Callable[[np.ndarray], np.ndarray]]] = [
    (nn.ReLU(), lambda x: np.maximum(x, 0)),
    (nn.LeakyReLU(0.2), lambda x: np.where(x > 0, x, 0.2 * x)),
    (nn.ELU(1.5), lambda x: np.where(x > 0, x, 1.5 * np.expm1(x))),
    (nn.GELU(), lambda x: x * stats.norm.cdf(x)),
    (nn.GELU("tanh"), lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))),
    (nn.SiLU(), lambda x: x * special.expit(x)),
    (nn.Sigmoid(), special.expit),
    (nn.Tanh(), np.tanh),
    (nn.Softplus(), lambda x: np.logaddexp(x, 0)),
    (nn.Softmax(0), lambda x: special.softmax(x, axis=0)),
    (nn.LogSoftmax(), lambda x: special.log_softmax(x, axis=-1)),
    (nn.LogSigmoid(), special.log_expit),
    (nn.ReLU6(), lambda x: np.clip(x, 0, 6)),
    (nn.Hardtanh(-0.5, 0.25), lambda x: np.clip(x, -0.5, 0.25)),
    (nn.Hardsigmoid(), lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    (nn.Hardswish(), lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    (nn.SELU(), lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))),
    (nn.CELU(1.5), lambda x: np.where(x > 0, x, 1.5 * np.expm1(x / 1.5))),
    (nn.Mish(), lambda x: x * np.tanh(np.logaddexp(x, 0))),
    (nn.Softsign(), lambda x: x / (1 + np.abs(x))),
    (nn.GLU(0), lambda x: x[:2] * special.expit(x[2:])),
    (nn.Identity(), lambda x: x),
    (nn.Flatten(), lambda x: x.reshape(4, 6)),
    (nn.Hardshrink(0.3), lambda x: np.where(np.abs(x) > 0.3, x, 0)),
    (nn.Softshrink(0.3), lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.3, 0)),
    (nn.Tanhshrink(), lambda x: x - np.tanh(x)),
    (nn.Threshold(0.1, -2.0), lambda x: np.where(x > 0.1, x, -2.0)),
    (nn.Softmin(), lambda x: special.softmax(-x, axis=-1)),
    (nn.Residual(pg.tanh), lambda x: x + np.tanh(x)),
    (nn.Sequential(pg.tanh, nn.ReLU()), lambda x: np.maximum(np.tanh(x), 0)),
    (nn.Lambda(lambda x: -x), lambda x: -x),
    (nn.MaxPool1d(2, 3), lambda x: np.maximum(x[:, ::3], x[:, 1::3])),
    (nn.AvgPool1d(3), lambda x: x.reshape(4, 2, 3).mean(2)),
    (nn.AdaptiveAvgPool1d(None), lambda x: x),
    (nn.AdaptiveMaxPool1d(2), lambda x: x.reshape(4, 2, 3).max(2)),
    (nn.AdaptiveAvgPool1d(2), lambda x: x.reshape(4, 2, 3).mean(2)),
    (nn.Residual(nn.Tanh()), lambda x: x + np.tanh(x)),
    (nn.Sequential(nn.Tanh(), nn.ReLU()), lambda x: np.maximum(np.tanh(x), 0)),
    (nn.Sequential(), lambda x: x),
]


@pytest.mark.parametrize(("layer", "formula"), ACTIVATIONS, ids=lambda value: repr(value) if value else "")
def test_values(layer: nn.Module, formula: Callable[[np.ndarray], np.ndarray]) -> None:
    np.testing.assert_allclose(layer(pg.Record().tensor(X)), formula(X), rtol=1e-12, atol=1e-14)


def test_a_padding_row_starts_from_zeros() -> None:
    store = nn.Embedding(5, 3, -2).init(pg.ParameterStore(seed=0), np.array([0, 1]))
    assert [bool(row.any()) for row in store["weight"]] == [True, True, True, False, True]


def test_flatten_keeps_empty_batches() -> None:
    assert nn.Flatten()(pg.Record().zeros((0, 3, 4))).shape == (0, 12)
    assert nn.Flatten(2)(pg.Record().zeros((2, 3))).shape == (2, 3, 1)


def test_attend_is_the_product_with_the_same_table() -> None:
    embed, store = nn.Embedding(5, 6, **F64), pg.ParameterStore()
    rec = pg.Record(store)
    logits = embed.attend(rec.tensor(X))
    np.testing.assert_allclose(logits, X @ store["weight"].T)
    assert embed(rec.tensor([[0, 4]])).tolist() == store["weight"][[[0, 4]]].tolist()


# Gradients -----------------------------------------------------------------------------------------------------------

DIFFERENTIATED: dict[str, tuple[nn.Module, list[tuple[int, ...]]]] = {
    "linear": (nn.Linear(6, 3, **F64), [(4, 6)]),
    "bilinear": (nn.Bilinear(6, 2, 3, **F64), [(4, 6), (4, 2)]),
    "layernorm": (nn.LayerNorm(6, **F64), [(4, 6)]),
    "rmsnorm": (nn.RMSNorm(6, **F64), [(4, 6)]),
    "groupnorm": (nn.GroupNorm(3, 6, **F64), [(4, 6, 2)]),
    "batchnorm": (nn.BatchNorm(6, **F64), [(4, 6)]),
    "batchnorm-last-axis": (nn.BatchNorm(6, axis=-1, **F64), [(4, 3, 6)]),
    "conv": (nn.Conv2d(2, 4, 3, 2, 1, groups=2, **F64), [(2, 2, 5, 4)]),
    "convtranspose": (nn.ConvTranspose1d(2, 4, 3, 2, **F64), [(2, 2, 5)]),
    "dropout": (nn.Dropout(0.5), [(4, 6)]),
    "attention": (nn.MultiHeadAttention(6, 3, causal=True, dropout=0.2, **F64), [(2, 4, 6)]),
    "block": (nn.TransformerBlock(6, 2, causal=True, dropout=0.2, **F64), [(2, 4, 6)]),
    "rnn": (nn.RNN(6, 3, layers=2, **F64), [(2, 4, 6)]),
    "gru": (nn.GRU(6, 3, layers=2, **F64), [(2, 4, 6)]),
    "lstm": (nn.LSTM(6, 3, layers=2, **F64), [(2, 4, 6)]),
    "model": (nn.Sequential(nn.Linear(6, 5, **F64), nn.GELU(), nn.Residual(nn.Linear(5, 5, **F64))), [(4, 6)]),
}


@pytest.mark.parametrize("name", DIFFERENTIATED)
def test_gradients_along_random_directions(name: str) -> None:
    layer, shapes = DIFFERENTIATED[name]
    rng = np.random.default_rng(1)
    inputs = [rng.standard_normal(shape) for shape in shapes]
    store = pg.ParameterStore(seed=0)
    layer.init(store, *inputs)
    for parameter in store:  # away from the zeros and ones that biases and scales start from
        store[parameter] = store[parameter] + 0.3 * rng.standard_normal(store[parameter].shape)
    moved: dict[Any, np.ndarray] = {**{n: rng.standard_normal(v.shape) for n, v in store.items()}}
    moved |= {i: rng.standard_normal(x.shape) for i, x in enumerate(inputs)}

    def output(by: float) -> tuple[pg.Tensor, list[pg.Tensor]]:
        shifted = pg.ParameterStore()
        shifted.update({n: v + by * moved[n] for n, v in store.items()})
        rec = pg.Record(shifted)
        leaves = [rec.tensor(x + by * moved[i]) for i, x in enumerate(inputs)]
        y = layer(*leaves, train=True, key=pg.Key(5))
        return (y[0] if isinstance(y, tuple) else y), leaves

    y, leaves = output(0.0)
    cotangent = rng.standard_normal(y.shape)
    grads = y.grad(cotangent)
    assert set(grads) == set(store)
    slope = sum((grads[n].data() * moved[n]).sum() for n in store)
    slope += sum((grads.wrt(x).data() * moved[i]).sum() for i, x in enumerate(leaves))
    step = 1e-3
    values = {k: float((output(k * step)[0].data() * cotangent).sum()) for k in (-2, -1, 1, 2)}
    difference = (8 * (values[1] - values[-1]) - (values[2] - values[-2])) / (12 * step)
    assert abs(slope) > 1e-3
    np.testing.assert_allclose(slope, difference, rtol=1e-7)


# Convolutions --------------------------------------------------------------------------------------------------------


def test_layers_of_windows_are_the_functions_of_their_names() -> None:
    rec = pg.Record()
    sizes = {1: (8,), 2: (8, 7), 3: (6, 5, 4)}
    for n, size in sizes.items():
        x = rec.tensor(RNG.standard_normal((2, 3, *size)))
        pairs = [
            (getattr(nn, f"MaxPool{n}d")(3, 2, 1, 1, True), getattr(pg, f"max_pool{n}d")(x, 3, 2, 1, 1, True)),
            (getattr(nn, f"AvgPool{n}d")(3, 2, 1, True, False), getattr(pg, f"avg_pool{n}d")(x, 3, 2, 1, True, False)),
            (getattr(nn, f"AdaptiveAvgPool{n}d")([2] * n), getattr(pg, f"adaptive_avg_pool{n}d")(x, 2)),
            (getattr(nn, f"AdaptiveMaxPool{n}d")([3] * n), getattr(pg, f"adaptive_max_pool{n}d")(x, 3)),
        ]
        for layer, want in pairs:
            np.testing.assert_array_equal(layer(x), want)
    one = nn.Conv2d(2, 3, (3,), padding=(1,)).init(pg.ParameterStore(seed=0), np.zeros((1, 2, 5, 5), "f4"))
    assert one["weight"].shape == (3, 2, 3, 3)
    assert repr(nn.MaxPool2d(2)) == "MaxPool2d(2)"
    assert repr(nn.Conv2d(3, 8, [3, 5], padding="same")) == "Conv2d(3, 8, (3, 5), padding='same')"


@pytest.mark.parametrize(
    "init", ["he_normal", nn.init.kaiming_normal(), nn.init.xavier_uniform(), nn.init.orthogonal()]
)
@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
def test_a_kernel_is_drawn_as_a_matrix_of_inputs_and_taps_by_outputs(kind: Any, init: Any) -> None:
    layer = kind(16, 32, 5, groups=2, init=init, **F64)
    store = layer.init(pg.ParameterStore(seed=0), np.zeros((1, 16, 8, 8)))
    weight = store["weight"] if kind is nn.Conv2d else store["weight"].swapaxes(0, 1)
    matrix = weight.reshape(weight.shape[0], -1)
    rows, fan = matrix.shape
    if init is not None and "orthogonal" in repr(init):
        small = matrix @ matrix.T if rows < fan else matrix.T @ matrix
        np.testing.assert_allclose(small, np.eye(min(rows, fan)), atol=1e-12)
    else:
        deviation = (2 / (fan + rows) if "xavier" in repr(init) else 2 / fan) ** 0.5
        assert abs(matrix.std() / deviation - 1) < 0.05


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("orthogonal", nn.init.orthogonal()),
        (("orthogonal", 0.5), nn.init.orthogonal(0.5)),
        ("xavier_normal", nn.init.xavier_normal()),
        ("glorot_normal", nn.init.xavier_normal()),
        ("he_uniform", nn.init.kaiming_uniform()),
        ("kaiming_uniform", nn.init.kaiming_uniform()),
        (("truncated_normal", 0.02), nn.init.truncated_normal(0.02)),
        (("constant", 3.0), nn.init.constant(3.0)),
        ("normal", nn.init.normal()),
        (("uniform", 0.1), nn.init.uniform(-0.1, 0.1)),
        ("ones", nn.init.ones()),
    ],
)
@pytest.mark.parametrize("kind", [nn.Linear, lambda *a, **k: nn.Conv1d(*a, 3, **k), nn.GRUCell])
def test_an_initialiser_goes_by_its_name(kind: Any, name: Any, same: Any) -> None:
    named, made = (kind(4, 6, init=init, **F64) for init in (name, same))
    x = np.zeros((1, 4, 5) if isinstance(named, nn.Conv1d) else (1, 4))
    stores = [layer.init(pg.ParameterStore(seed=5), x) for layer in (named, made)]
    assert list(stores[0]) == list(stores[1])
    for parameter, value in stores[0].items():
        assert value.tolist() == stores[1][parameter].tolist()


def test_channels_and_groups_that_do_not_fit_name_the_layer() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3))
    with pytest.raises(pg.ShapeError) as caught:
        model(pg.Record(pg.ParameterStore()).ones((2, 4, 5, 5)))
    assert str(caught.value) == "Conv2d `0`: input has shape (2, 4, 5, 5); expected (batch, 3, height, width)"
    with pytest.raises(pg.ArgumentError) as wrong:
        nn.ConvTranspose1d(4, 6, 3, groups=4)
    assert str(wrong.value) == ("ConvTranspose1d: groups is 4; expected a number that divides 4 inputs and 6 outputs")


def test_the_summary_counts_a_convolutions_operations() -> None:
    table = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2)).summary(np.zeros((2, 3, 8, 8), "float32"))
    row = next(line for line in table.splitlines() if "Conv2d" in line)
    assert row.split()[-2:] == ["224", f"{2 * 2 * 8 * 64 * 27 + 2 * 8 * 64:,}"]


# Dropout -------------------------------------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_and_repeats_its_draw_backwards() -> None:
    rec = pg.Record()
    x = rec.tensor(np.full(100_000, 2.0))
    y = nn.Dropout(0.25)(x, train=True, key=pg.Key(3))
    values, gradient = y.data(), y.sum().grad().wrt(x).data()
    assert set(np.unique(values)) == {0.0, 2.0 / 0.75}
    assert abs(values.mean() - 2.0) < 0.02
    assert (gradient == values / 2.0).all()
    assert nn.Dropout().rate == 0.5
    assert nn.Dropout(0.0)(x, train=True) is x
    assert nn.Dropout(0.25)(x) is x


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("batch", [(), (4,)])
def test_channels_are_dropped_whole(n: int, batch: tuple[int, ...]) -> None:
    drop = getattr(nn, f"Dropout{n}d")(0.25)
    x = pg.Record().tensor(np.full((*batch, 3000, *(3, 2, 2)[:n]), 2.0))
    y = drop(x, train=True, key=pg.Key(3))
    values, gradient = y.data(), y.sum().grad().wrt(x).data()
    first = values[(..., *[slice(0, 1)] * n)]
    assert (values == first).all()
    assert set(np.unique(first)) == {0.0, 2.0 / 0.75}
    assert abs(first.mean() - 2.0) < 0.1
    assert (gradient == values / 2.0).all()
    assert drop(x) is x


# Slices of models ----------------------------------------------------------------------------------------------------


def test_a_slice_is_a_model_of_the_same_parameters() -> None:
    model = nn.Sequential(nn.Linear(6, 5, **F64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 2, **F64)).named("net")
    store = model.init(pg.ParameterStore(seed=0), X)
    x, key = pg.Record(store).tensor(X), pg.Key(1)
    first, second = model[:2], model[2:]
    assert [type(part) for part in (first, second, model[0:0])] == [nn.Sequential] * 3
    assert (len(first), len(model[0:0]), second.path, list(second.modules())) == (
        2,
        0,
        "net",
        ["net", "net.2", "net.3"],
    )
    y = second(first(x, train=True), train=True, key=key)
    # The key is folded with the same numbers as in the whole, so this is the same draw; in another record, as each is
    # drawn once.
    np.testing.assert_array_equal(y, model(pg.Record(store).tensor(X), train=True, key=key))
    assert len(store) == 4
    assert list(second.named("other").modules()) == ["other", "other.2", "other.3"]
    assert repr(model[3:]) == "Sequential(\n    3: Linear(5, 2, dtype='float64'),\n)"


def test_functions_are_layers() -> None:
    model = nn.Sequential(nn.Linear(6, 6, **F64), pg.relu, nn.Residual(abs))
    store = model.init(pg.ParameterStore(seed=0), X)
    assert list(store) == ["0.weight", "0.bias"]
    h = np.maximum(X @ store["0.weight"], 0.0)
    np.testing.assert_allclose(model(pg.Record(store).tensor(X)), h + np.abs(h), rtol=1e-12)
    assert repr(model[1]) == "Lambda(relu)"


# Attention -----------------------------------------------------------------------------------------------------------


def test_a_query_that_sees_nothing_gathers_nothing() -> None:
    attention, store = nn.MultiHeadAttention(6, 2, bias=False, **F64), pg.ParameterStore()
    rec = pg.Record(store)
    x = rec.tensor(RNG.standard_normal((2, 4, 6)))
    mask = np.ones((4, 4), bool)
    mask[2] = False
    y = attention(x, mask=rec.tensor(mask))
    assert y.data()[:, 2].tolist() == [[0.0] * 6] * 2
    grads = y.square().sum().grad()
    assert all(np.isfinite(grads[name].data()).all() for name in store)
    assert np.isfinite(grads.wrt(x).data()).all()


def test_masks_of_heads_and_examples_broadcast() -> None:
    attention = nn.MultiHeadAttention(6, 2, **F64)
    store = attention.init(pg.ParameterStore(seed=0), np.zeros((2, 4, 6)))
    rec = pg.Record(store)
    x, lengths = rec.tensor(RNG.standard_normal((2, 4, 6))), rec.tensor([2, 4])
    padded = attention(x, mask=(rec.arange(4) < lengths.reshape(2, 1)).reshape(2, 1, 1, 4))
    short = attention(x[:1, :2])
    np.testing.assert_allclose(padded[0, :2], short[0], rtol=1e-12)
    np.testing.assert_allclose(padded[1], attention(x)[1], rtol=1e-12)


@pytest.mark.parametrize("parts", [[6], [1] * 6, [3, 1, 2], [5, 1]], ids=str)
@pytest.mark.parametrize("make", [nn.MultiHeadAttention, nn.TransformerBlock])
def test_the_cache_gives_what_full_attention_gives(make: Any, parts: list[int]) -> None:
    layer = make(6, 2, causal=True, **F64)
    x = RNG.standard_normal((3, 6, 6))
    store = layer.init(pg.ParameterStore(seed=0), x)
    whole = layer(pg.Record(store).tensor(x)).data()
    cache, found, start = layer.cache(pg.Record(), 3, 8), [], 0
    for size in parts:
        rec = pg.Record(store, grad=False)  # a record of its own for every part
        y, cache = layer(rec.tensor(x[:, start : start + size]), cache=cache)
        found.append(y.data())
        start += size
    assert cache.length == 6
    np.testing.assert_allclose(np.concatenate(found, axis=1), whole, rtol=1e-12, atol=1e-14)


def test_a_cache_without_order_sees_all_that_is_filled() -> None:
    layer = nn.MultiHeadAttention(6, 2, **F64)
    x = RNG.standard_normal((1, 5, 6))
    store = layer.init(pg.ParameterStore(seed=0), x)
    rec = pg.Record(store)
    _, cache = layer(rec.tensor(x[:, :3]), cache=layer.cache(rec, 1, 9))
    y, _ = layer(rec.tensor(x[:, 3:]), cache=cache)
    np.testing.assert_allclose(y, layer(rec.tensor(x))[:, 3:], rtol=1e-12)


def test_every_position_of_a_cache_runs_the_same_plan() -> None:
    layer = nn.TransformerBlock(6, 2, causal=True)
    store = layer.init(pg.ParameterStore(), np.zeros((1, 1, 6), "float32"))
    cache, misses = layer.cache(pg.Record(), 1, 16), []
    for _ in range(8):
        rec = pg.Record(store, grad=False)
        y, cache = layer(rec.ones((1, 1, 6)), cache=cache)
        rec.compute(y, cache.keys, cache.values)
        misses.append(pg.plan_cache().misses)
    assert misses[2:] == [misses[2]] * 6


# Recurrent layers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_sequence_goes_on_from_its_state(kind: Any) -> None:
    layer, x = kind(6, 3, layers=2, **F64), RNG.standard_normal((2, 5, 6))
    store = layer.init(pg.ParameterStore(seed=0), x)
    rec = pg.Record(store)
    whole, end = layer(rec.tensor(x))
    first, state = layer(rec.tensor(x[:, :2]))
    for other in (rec, pg.Record(store)):  # within a record, and carried to another
        second, again = layer(other.tensor(x[:, 2:]), state)
        np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, rtol=1e-12)
        np.testing.assert_allclose(again, end, rtol=1e-12)
    h = end.h if kind is nn.LSTM else end
    np.testing.assert_allclose(h[-1], whole[:, -1], rtol=1e-12)


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.GRUCell, nn.LSTMCell])
def test_a_cell_goes_on_in_another_record(kind: Any) -> None:
    cell, x = kind(6, 3, **F64), RNG.standard_normal((2, 6))
    store = cell.init(pg.ParameterStore(seed=0), x)
    rec = pg.Record(store)
    state = cell(rec.tensor(x))
    same, carried = (cell(one.tensor(x), state) for one in (rec, pg.Record(store)))
    np.testing.assert_array_equal(same, carried)


@pytest.mark.parametrize("layers", [1, 2])
def test_states_are_those_of_torch(layers: int) -> None:
    """As they are handed out, and as they are taken: `y, (h, c) = lstm(x, (h, c))`."""
    torch = pytest.importorskip("torch")
    x, h0, c0 = (RNG.standard_normal(shape) for shape in ((2, 5, 6), (layers, 2, 3), (layers, 2, 3)))
    given = [torch.tensor(h0), torch.tensor(c0)]
    for name in ("RNN", "GRU", "LSTM"):
        theirs = getattr(torch.nn, name)(6, 3, layers, batch_first=True, dtype=torch.float64)
        ours, store = getattr(nn, name)(6, 3, layers, **F64), pg.ParameterStore()
        for path, value in theirs.named_parameters():
            kind, _, layer = path.rpartition("_l")
            store[f"cells.{layer}.{kind}"] = value.detach().numpy().T
        rec, lstm = pg.Record(store), name == "LSTM"
        y, state = ours(rec.tensor(x), (rec.tensor(h0), rec.tensor(c0)) if lstm else rec.tensor(h0))
        want, after = theirs(torch.tensor(x), tuple(given) if lstm else given[0])
        np.testing.assert_allclose(y, want.detach(), rtol=1e-12, atol=1e-14)
        for part, wanted in zip(state if lstm else [state], after if lstm else [after], strict=True):
            np.testing.assert_allclose(part, wanted.detach(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_step_records_no_node_of_a_weight(kind: Any) -> None:
    """Forwards, a sequence grows by the same few nodes a step, and its parameters are leaves once."""
    layer, sizes = kind(6, 3, **F64), []
    for time in (2, 3, 4, 11):
        rec = pg.Record(layer.init(pg.ParameterStore(), np.zeros((2, time, 6))))
        layer(rec.zeros((2, time, 6)))
        sizes.append(len(rec))
        assert str(rec).count("float64 (6, ") == 1
    assert sizes[2] - sizes[1] == sizes[1] - sizes[0] == (sizes[3] - sizes[2]) / 7 <= 30


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_dropout_stands_between_recurrent_layers_and_nowhere_else(kind: Any) -> None:
    size, layers, x = 200, 3, RNG.standard_normal((4, 6, 5))
    layer, plain = kind(5, size, layers, dropout=0.25, **F64), kind(5, size, layers, **F64)
    store = plain.init(pg.ParameterStore(seed=0), x)
    rec = pg.Record(store)
    inputs = rec.tensor(x)
    y, _ = layer(inputs, train=True, key=pg.Key(3))
    # The same from layers of one cell each, with holes between them that only the first's key decides.
    steps, masks = inputs, []
    for i in range(layers):
        part = pg.ParameterStore()
        part.update({f"cells.0.{n}": store[f"cells.{i}.{n}"] for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")})
        given = pg.Record(part).tensor(steps)
        out = kind(size if i else 5, size, **F64)(given)[0].data()
        if i + 1 < layers:
            keys = pg.Key(3).fold_in(i + 1).split(6)
            masks.append(np.stack([pg.Record().bernoulli(k, 0.75, (4, size)).data() for k in keys], axis=1))
            out = np.where(masks[-1], out / 0.75, 0.0)
        steps = out
    np.testing.assert_allclose(y, steps, rtol=1e-10, atol=1e-12)
    assert all(abs(mask.mean() - 0.75) < 4 * (0.75 * 0.25 / mask.size) ** 0.5 for mask in masks)
    assert np.count_nonzero(masks[0] != masks[1]) > 1000
    assert np.count_nonzero(masks[0][:, 0] != masks[0][:, 1]) > 100
    np.testing.assert_array_equal(layer(inputs)[0].data(), plain(pg.Record(store).tensor(x))[0].data())
    with pytest.raises(pg.InputError, match=r"train=True without a key; call the model with `key=pg\.Key\(seed\)`"):
        layer(inputs, train=True)
    with pytest.raises(pg.ArgumentError, match=r"dropout is 0\.1 with one layer; expected two or more"):
        kind(5, size, dropout=0.1)


@pytest.mark.parametrize(("cell", "layer"), [(nn.RNNCell, nn.RNN), (nn.GRUCell, nn.GRU), (nn.LSTMCell, nn.LSTM)])
def test_cells_are_steps_of_layers(cell: Any, layer: Any) -> None:
    x = RNG.standard_normal((2, 3, 6))
    store = layer(6, 4, **F64).init(pg.ParameterStore(seed=0), x)
    rec = pg.Record(store)
    y, _ = layer(6, 4, **F64)(rec.tensor(x))
    state, one = None, cell(6, 4, **F64).named("cells.0")
    for t in range(3):
        state = one(rec.tensor(x[:, t]), state)
    np.testing.assert_allclose(state[0] if isinstance(state, tuple) else state, y[:, -1], rtol=1e-12)


def test_without_bias() -> None:
    for layer, count in ((nn.LSTM(6, 3, bias=False), 2), (nn.GRU(6, 3, bias=False), 2), (nn.Linear(6, 3, False), 1)):
        store = pg.ParameterStore()
        layer(pg.Record(store).zeros((2, 4, 6)))
        assert len(store) == count


# Initialisers --------------------------------------------------------------------------------------------------------

DRAWN: dict[str, tuple[Any, float, float, float]] = {  # mean, deviation, largest size
    "constant": (nn.init.constant(0.5), 0.5, 0.0, 0.5),
    "zeros": (nn.init.zeros(), 0.0, 0.0, 0.0),
    "ones": (nn.init.ones(), 1.0, 0.0, 1.0),
    "uniform": (nn.init.uniform(-1.0, 3.0), 1.0, 4 / 12**0.5, 3.0),
    "normal": (nn.init.normal(0.5, 1.0), 1.0, 0.5, 4.0),
    "truncated_normal": (nn.init.truncated_normal(0.5, 1.0), 1.0, 0.5 * float(stats.truncnorm(-2, 2).std()), 2.0),
    "xavier_uniform": (nn.init.xavier_uniform(), 0.0, (2 / 500) ** 0.5, (6 / 500) ** 0.5),
    "xavier_normal": (nn.init.xavier_normal(2.0), 0.0, 2 * (2 / 500) ** 0.5, 1.0),
    "kaiming_uniform": (nn.init.kaiming_uniform(), 0.0, (2 / 300) ** 0.5, (6 / 300) ** 0.5),
    "kaiming_normal": (nn.init.kaiming_normal(1.0), 0.0, (1 / 300) ** 0.5, 1.0),
    "orthogonal": (nn.init.orthogonal(3.0), 0.0, 3 * (1 / 300) ** 0.5, 3.0),
    "eye": (nn.init.eye(), 1 / 300, (1 / 300 - 1 / 300**2) ** 0.5, 1.0),
}


@pytest.mark.parametrize("name", DRAWN)
def test_initialisers_have_their_moments(name: str) -> None:
    init, mean, deviation, largest = DRAWN[name]
    values = nn.Linear(300, 200, init=init).init(pg.ParameterStore(seed=0), np.zeros((1, 300)))["weight"]
    assert (values.shape, values.dtype) == ((300, 200), np.float32)
    assert abs(values.mean() - mean) < 4 * deviation / 60_000**0.5 + 1e-7
    assert abs(values.std() - deviation) < 0.02 * deviation + 1e-7
    assert np.abs(values).max() <= largest * (1 + 1e-6)
    assert repr(init).startswith(f"{name}(")


@pytest.mark.parametrize("name", [n for n in DRAWN if DRAWN[n][2] and n != "eye"])
def test_initialisers_depend_on_seed_and_name_alone(name: str) -> None:
    init = DRAWN[name][0]

    def drawn(seed: int, path: str, others: int = 0) -> bytes:
        store = pg.ParameterStore(seed)
        rec = pg.Record(store)
        for i in range(others):
            nn.Linear(4, 3, init=init).named(f"other{i}")(rec.ones((1, 4)))
        nn.Linear(4, 3, init=init).named(path)(rec.ones((1, 4)))
        return bytes(store[f"{path}.weight"].tobytes())

    assert drawn(0, "a") == drawn(0, "a", 2)
    assert len({drawn(0, "a"), drawn(0, "b"), drawn(1, "a")}) == 3


def test_every_initialiser_is_drawn_from() -> None:
    assert {*DRAWN, "calculate_gain", "dirac"} == {*nn.init.__all__}


@pytest.mark.parametrize("draw", [nn.init.kaiming_uniform, nn.init.kaiming_normal])
@pytest.mark.parametrize("gain", [{}, {"gain": 0.5}, {"nonlinearity": "tanh"}], ids=str)
def test_fans_and_gains_are_those_of_torch(draw: Any, gain: dict[str, Any]) -> None:
    """Deviations of what is drawn, as torch computes them from the same weights in its layouts."""
    torch = pytest.importorskip("torch")
    for mode in ("fan_in", "fan_out"):
        init = draw(mode=mode, **gain)
        linear = nn.Linear(300, 200, init=init, **F64).init(pg.ParameterStore(seed=1), np.zeros((1, 300)))["weight"]
        conv = nn.Conv2d(40, 60, 5, init=init, **F64).init(pg.ParameterStore(seed=1), np.zeros((1, 40, 8, 8)))["weight"]
        for weight in (linear.T, conv):
            fan = torch.nn.init._calculate_correct_fan(torch.tensor(weight), mode)
            factor = gain.get("gain") or torch.nn.init.calculate_gain(gain.get("nonlinearity", "relu"))
            np.testing.assert_allclose(weight.std(), factor / fan**0.5, rtol=0.02)
    for name in ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert nn.init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert nn.init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)


def test_an_identity_hands_on() -> None:
    x = RNG.standard_normal((4, 3))
    store = nn.Linear(3, 5, init="eye", **F64).init(pg.ParameterStore(), x)
    assert store["weight"].tolist() == np.eye(3, 5).tolist()


@pytest.mark.parametrize("shape", [(3, 3, 5), (4, 3, 1), (2, 6, 4), (3, 2, 3, 4), (2, 3, 2, 1, 5)], ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_dirac_is_torchs(shape: tuple[int, ...], groups: int) -> None:
    torch = pytest.importorskip("torch")
    shape = (shape[0] * groups, *shape[1:])
    want = torch.nn.init.dirac_(torch.empty(shape), groups)
    inputs = shape[1] * groups
    kind, init = getattr(nn, f"Conv{len(shape) - 2}d"), nn.init.dirac(groups)
    layer = kind(inputs, shape[0], shape[2:], groups=groups, init=init)
    store = layer.init(pg.ParameterStore(), np.zeros((1, inputs, *shape[2:])))
    np.testing.assert_array_equal(store["weight"], want)
    assert (store["weight"].dtype, repr(init)) == (np.float32, f"dirac(groups={groups})")


def test_the_stores_own_initialisers_draw_the_same() -> None:
    pairs = (("glorot_uniform", nn.init.xavier_uniform()), ("he_normal", nn.init.kaiming_normal()))
    for own, ours in (*pairs, (("normal", 0.02), nn.init.normal(0.02)), ("zeros", nn.init.zeros())):
        a, b = (nn.Linear(5, 4, init=i).init(pg.ParameterStore(7), np.zeros((1, 5)))["weight"] for i in (own, ours))
        np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.parametrize("shape", [(3, 7), (7, 3), (2, 3, 4)], ids=str)
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    rec = pg.Record(pg.ParameterStore(seed=1))
    w = nn.Module().parameter(rec, "w", shape, nn.init.orthogonal(2.0), "float64").data().reshape(-1, shape[-1])
    small = w @ w.T if w.shape[0] < w.shape[1] else w.T @ w
    np.testing.assert_allclose(small, 4.0 * np.eye(len(small)), atol=1e-12)


def test_any_function_is_an_initialiser() -> None:
    def halves(rec: pg.Record, key: pg.Key, shape: tuple[int, ...], dtype: Any) -> pg.Tensor:
        return rec.full(shape, 0.5, dtype)

    assert nn.Linear(2, 1, init=halves).init(pg.ParameterStore(), np.zeros((1, 2)))["weight"].tolist() == [[0.5], [0.5]]
