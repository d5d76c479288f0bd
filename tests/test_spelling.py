"""What PyTorch's users write first: it is understood where it means the same, and answered where it does not."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from phonograd import nn, optim
from phonograd._hints import LINALG, PACKAGE, TENSOR
from phonograd._spelling import _ANSWERS, _PAIRS, _SAME, Spelled
from phonograd.optim import schedules

# What is written as for PyTorch, and the same in the names of this library.
SAME: list[tuple[Callable[[], Any], Any]] = [
    (lambda: optim.SGD(lr=0.1, momentum=0.9, nesterov=True), optim.SGD(0.1, 0.9, True)),
    (lambda: optim.AdamW(lr=1e-3, betas=(0.8, 0.95), eps=1e-6), optim.AdamW(1e-3, 0.8, 0.95, 1e-6)),
    (lambda: optim.Lion(1e-3, betas=[0.8, 0.95]), optim.Lion(1e-3, 0.8, 0.95)),
    (lambda: optim.RMSprop(lr=0.1, alpha=0.9, eps=1e-6), optim.RMSprop(0.1, 0.9, 1e-6)),
    (
        lambda: optim.Adagrad(lr=0.1, lr_decay=0.2, initial_accumulator_value=0.3),
        optim.Adagrad(0.1, rate_decay=0.2, initial=0.3),
    ),
    (
        lambda: optim.Muon(lr=0.1, ns_steps=3, adjust_lr_fn="match_rms_adamw"),
        optim.Muon(0.1, steps=3, adjust="match_rms_adamw"),
    ),
    (
        lambda: optim.LBFGS(lr=0.5, max_iter=9, max_eval=20, tolerance_grad=1e-3, history_size=5),
        optim.LBFGS(0.5, iterations=9, evaluations=20, tolerance_gradient=1e-3, history=5),
    ),
    (lambda: schedules.OneCycle(max_lr=0.1, total_steps=9), schedules.OneCycle(0.1, 9)),
    (lambda: schedules.Cosine(0.1, T_max=9, eta_min=0.01), schedules.Cosine(0.1, 9, end_rate=0.01)),
    (lambda: schedules.Polynomial(0.1, total_iters=9), schedules.Polynomial(0.1, 9)),
    (lambda: schedules.CosineRestarts(0.1, T_0=9, T_mult=2), schedules.CosineRestarts(0.1, 9, 2)),
    (lambda: optim.ASGD(lr=0.1, lambd=0.2, alpha=0.5, t0=10), optim.ASGD(0.1, 0.2, 0.5, 10)),
    (lambda: optim.Adamax(lr=0.1, betas=(0.8, 0.9)), optim.Adamax(0.1, 0.8, 0.9)),
    (lambda: schedules.Plateau(0.1, factor=0.5, min_lr=0.01), schedules.Plateau(0.1, 0.5, end_rate=0.01)),
    (lambda: nn.Linear(in_features=3, out_features=2, bias=False), nn.Linear(3, 2, False)),
    (lambda: nn.Bilinear(in1_features=3, in2_features=4, out_features=2), nn.Bilinear(3, 4, 2)),
    (lambda: nn.Embedding(num_embeddings=3, embedding_dim=2), nn.Embedding(3, 2)),
    (lambda: nn.Conv2d(in_channels=1, out_channels=8, kernel_size=3), nn.Conv2d(1, 8, 3)),
    (lambda: nn.LayerNorm(normalized_shape=4, eps=1e-6), nn.LayerNorm(4, epsilon=1e-6)),
    (lambda: nn.RMSNorm(normalized_shape=(4, 2)), nn.RMSNorm((4, 2))),
    (lambda: nn.BatchNorm2d(num_features=4, eps=1e-3, momentum=0.2), nn.BatchNorm(4, epsilon=1e-3, momentum=0.2)),
    (lambda: nn.GroupNorm(num_groups=2, num_channels=4), nn.GroupNorm(2, 4)),
    (lambda: nn.GRU(input_size=3, hidden_size=4, num_layers=2), nn.GRU(3, 4, 2)),
    (lambda: nn.LSTM(input_size=3, hidden_size=4, num_layers=2, dropout=0.2), nn.LSTM(3, 4, 2, dropout=0.2)),
    (lambda: nn.LSTMCell(input_size=3, hidden_size=4), nn.LSTMCell(3, 4)),
    (lambda: nn.MultiHeadAttention(embed_dim=8, num_heads=2), nn.MultiHeadAttention(8, 2)),
    (lambda: nn.TransformerBlock(d_model=8, nhead=2, dim_feedforward=16), nn.TransformerBlock(8, 2, 16)),
    (lambda: nn.Dropout(p=0.5), nn.Dropout(0.5)),
    (lambda: nn.Dropout2d(p=0.1), nn.Dropout2d(0.1)),
    (lambda: nn.LayerNorm(4, elementwise_affine=False), nn.LayerNorm(4, affine=False)),
    (lambda: nn.Embedding(3, 2, padding_idx=0), nn.Embedding(3, 2, 0)),
    (lambda: nn.Unflatten(dim=1, unflattened_size=(2, 3)), nn.Unflatten(1, (2, 3))),
    (lambda: nn.PixelShuffle(upscale_factor=2), nn.PixelShuffle(2)),
    (lambda: nn.PixelUnshuffle(downscale_factor=2), nn.PixelUnshuffle(2)),
    (lambda: nn.Softmin(dim=0), nn.Softmin(0)),
    (lambda: nn.LeakyReLU(negative_slope=0.2), nn.LeakyReLU(0.2)),
    (lambda: nn.PReLU(num_parameters=3, init=0.5), nn.PReLU(3, 0.5)),
    (lambda: nn.Softmax(dim=0), nn.Softmax(0)),
    (lambda: nn.Flatten(start_dim=2, end_dim=3), nn.Flatten(2, 3)),
    (lambda: pg.data.Batches(np.arange(6), batch_size=2), pg.data.Batches(np.arange(6), 2)),
]


@pytest.mark.parametrize(("torch", "ours"), SAME, ids=lambda value: "" if callable(value) else type(value).__name__)
def test_arguments_by_pytorchs_names(torch: Callable[[], Any], ours: Any) -> None:
    assert repr(torch()) == repr(ours)


def test_every_name_is_of_some_class() -> None:
    """No row without a class that has the argument; and no class that has both names, of which one would be lost."""
    named = [getattr(room, name) for room in (optim, schedules, nn, pg.data) for name in room.__all__]
    taken = [{*inspect.signature(c).parameters} for c in named if type(c) in (Spelled, type(nn.Module))]
    for torch, ours in [*_SAME.items(), *((pair, name) for pair, names in _PAIRS.items() for name in names)]:
        assert any(ours in names and torch not in names for names in taken), (torch, ours)
        assert not any(torch in names and ours in names for names in taken), (torch, ours)
    assert not {*_SAME} & {*_ANSWERS}


X: Any = pg.Record().zeros((2, 3))

ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: optim.Adam(params=[], lr=0.1), pg.InputError,
     "Adam: there is no argument `params`; an optimiser holds no parameters: `step(store, grads)` moves those of the "
     "gradients"),
    (lambda: optim.Adam(0.1, betas=0.9), pg.InputError,
     "Adam: cannot read betas from float; expected a pair of numbers"),
    (lambda: optim.Adam(rate=0.1, lr=0.2), pg.InputError,
     "Adam: `rate` is given twice, once as PyTorch calls it; expected it once"),
    (lambda: optim.Adam(betas=(0.9, 0.99), beta2=0.5), pg.InputError,
     "Adam: `beta2` is given twice, once as PyTorch calls it; expected it once"),
    (lambda: optim.Adam(0.1, lr=0.2), pg.InputError,
     "Adam: `rate` is given twice, once as PyTorch calls it; expected it once"),
    (lambda: optim.Adam(pg.ParameterStore(), lr=1e-3), pg.InputError,
     "Adam: cannot read rate from ParameterStore; an optimiser holds no parameters: `step(store, grads)` moves those "
     "of the gradients"),
    (lambda: optim.Adam(nn.ReLU()), pg.InputError,
     "Adam: cannot read rate from ReLU; an optimiser holds no parameters: `step(store, grads)` moves those of the "
     "gradients"),
    (lambda: optim.SGD([1, 2], 0.1), pg.InputError,
     "SGD: cannot read rate from list; an optimiser holds no parameters: `step(store, grads)` moves those of the "
     "gradients"),
    (lambda: optim.Muon(x for x in "ab"), pg.InputError,
     "Muon: cannot read rate from generator; an optimiser holds no parameters: `step(store, grads)` moves those of the "
     "gradients"),
    (lambda: optim.LBFGS([1, 2]), pg.InputError,
     "LBFGS: cannot read rate from list; it holds no parameters: `minimize(store, loss_of)` moves those of a store"),
    (lambda: schedules.Step(optim.SGD(0.1), 10), pg.InputError,
     "Step: cannot read rate from SGD; a schedule holds no optimiser: it is a function of the step, as in "
     "`Adam(schedule(step))`"),
    (lambda: schedules.Cosine(optim.SGD(0.1), T_max=10), pg.InputError,
     "Cosine: cannot read rate from SGD; a schedule holds no optimiser: it is a function of the step, as in "
     "`Adam(schedule(step))`"),
    (lambda: optim.Adam(None), pg.InputError, "Adam: cannot read rate from NoneType; expected a number"),
    (lambda: optim.Groups([{"params": []}]), pg.InputError,
     "Groups: cannot read groups from list; expected optimisers by patterns of names, as in `{\"*\": SGD(0.1)}`"),
    (lambda: optim.SGD(0.1, eps=1e-8), pg.InputError,
     "SGD: got an unexpected keyword argument 'eps'; expected (rate, momentum=0.0, nesterov=False, weight_decay=0.0)"),
    (lambda: optim.SGD(0.1, betas=(0.9, 0.99)), pg.InputError,
     "SGD: got an unexpected keyword argument 'betas'; expected (rate, momentum=0.0, nesterov=False, "
     "weight_decay=0.0)"),
    (lambda: optim.SGD(lr=0.1, what=1), pg.InputError,
     "SGD: got an unexpected keyword argument 'what'; expected (rate, momentum=0.0, nesterov=False, weight_decay=0.0)"),
    (lambda: nn.MaxPool2d(), pg.InputError,
     "MaxPool2d: missing a required argument: 'kernel_size'; expected (kernel_size, stride=None, padding=0, "
     "dilation=1, ceil_mode=False)"),
    (lambda: nn.Conv1d(1, 2), pg.InputError,
     "Conv1d: missing a required argument: 'kernel_size'; expected (inputs, outputs, kernel_size, stride=1, padding=0, "
     "dilation=1, groups=1, bias=True, *, init='glorot_uniform', dtype='float32')"),
    (lambda: nn.GRU(3), pg.InputError,
     "GRU: missing a required argument: 'hidden'; expected (inputs, hidden, layers=1, bias=True, *, dropout=0.0, "
     "init=None, dtype='float32')"),
    (lambda: nn.ReLU(True), pg.InputError, "ReLU: too many positional arguments; expected ()"),
    (lambda: nn.MultiHeadAttention(4, 2)(X, X, X), pg.InputError,
     "MultiHeadAttention: too many positional arguments; expected (x, memory=None, *, mask=None, cache=None, "
     "train=False, key=None)"),
    (lambda: nn.Sequential(nn.MultiHeadAttention(4, 2))[0](X, key_padding_mask=X), pg.InputError,
     "MultiHeadAttention `0`: a call has no argument `key_padding_mask`; `mask` is true where a query sees a key; of "
     "keys alone, its shape is `(batch, 1, 1, keys)`"),
    (lambda: nn.LSTM(3, 4, layers=2, proj_size=2), pg.InputError,
     "LSTM: there is no argument `proj_size`; let `Linear` map what comes out"),
    (lambda: nn.RNN(3, 4, nonlinearity="relu"), pg.InputError,
     "RNN: there is no argument `nonlinearity`; it is `tanh`"),
    (lambda: nn.BatchNorm2d(3, track_running_stats=False), pg.InputError,
     "BatchNorm: there is no argument `track_running_stats`; it always does; `phonograd.batch_norm(x)` takes a batch's "
     "own mean and variance alone"),
    (lambda: nn.Conv2d(3, 4, 3, padding_mode="reflect"), pg.InputError,
     "Conv2d: there is no argument `padding_mode`; zeros are padded; let other values stand around the input before"),
    (lambda: nn.MultiHeadAttention(4, 2, kdim=3), pg.InputError,
     "MultiHeadAttention: there is no argument `kdim`; `memory` has as many features as the queries; let `Linear` "
     "bring it there"),
    (lambda: nn.TransformerBlock(4, 2, activation="relu"), pg.InputError,
     "TransformerBlock: there is no argument `activation`; it is GELU"),
    (lambda: nn.TransformerBlock(4, 2, norm_first=True), pg.InputError,
     "TransformerBlock: there is no argument `norm_first`; it always does"),
    (lambda: optim.SGD(0.1, 0.9, dampening=0.1), pg.InputError,
     "SGD: there is no argument `dampening`; make the rate smaller by as much: `rate * (1 - dampening)`"),
    (lambda: optim.AdamW(1e-3, fused=True), pg.InputError,
     "AdamW: there is no argument `fused`; the steps of all parameters are one plan always"),
    (lambda: optim.LBFGS(line_search_fn="strong_wolfe"), pg.InputError,
     "LBFGS: there is no argument `line_search_fn`; it is a search for Wolfe's strong conditions"),
    (lambda: schedules.Plateau(0.1, mode="max"), pg.InputError,
     "Plateau: there is no argument `mode`; of what is to grow, give it the negative"),
    (lambda: schedules.Exponential(0.1, 0.9, last_epoch=3), pg.InputError,
     "Exponential: there is no argument `last_epoch`; a schedule is called with the number of the step"),
    (lambda: pg.data.Batches([1], 1, pin_memory=True), pg.InputError,
     "Batches: there is no argument `pin_memory`; everything runs on the CPU, in one process"),
    (lambda: optim.SGD(lr=-1.0), pg.ArgumentError, "SGD: rate is -1.0; expected a number of 0 or more"),
    (lambda: nn.ReLU(inplace=True), pg.InputError,
     "ReLU: there is no argument `inplace`; nothing is changed in place"),
    (lambda: nn.GRU(3, 4, batch_first=True), pg.InputError,
     "GRU: there is no argument `batch_first`; sequences are `(batch, time, inputs)` always"),
    (lambda: pg.data.Batches([1], batch_size=1, shuffle=True), pg.InputError,
     "Batches: there is no argument `shuffle`; with `key=pg.Key(seed)` batches are shuffled"),
    (lambda: nn.BatchNorm4d, AttributeError, "module 'phonograd.nn' has no attribute 'BatchNorm4d'"),
    (lambda: nn.CrossEntropyLoss, AttributeError,
     "module 'phonograd.nn' has no attribute 'CrossEntropyLoss'; losses are functions: `phonograd.cross_entropy`, "
     "`phonograd.mse_loss` and so on"),
    (lambda: nn.init.kaiming_normal_, AttributeError,
     "module 'phonograd.nn.init' has no attribute 'kaiming_normal_'; nothing is changed in place: hand "
     "`kaiming_normal()` to a layer as its `init`"),
    (lambda: nn.init.trunc_normal_, AttributeError,
     "module 'phonograd.nn.init' has no attribute 'trunc_normal_'; nothing is changed in place: hand "
     "`truncated_normal(std)` to a layer as its `init`"),
    (lambda: nn.init.hello_, AttributeError, "module 'phonograd.nn.init' has no attribute 'hello_'"),
    (lambda: nn.ReLU().state_dict(), AttributeError,
     "'ReLU' object has no attribute 'state_dict'; parameters and state are in a store: `store.save(path)`, "
     "`phonograd.checkpoint.save(path, store)`"),
    (lambda: nn.ReLU().hello, AttributeError, "'ReLU' object has no attribute 'hello'"),
    (lambda: optim.SGD(0.1).zero_grad(), AttributeError,
     "'SGD' object has no attribute 'zero_grad'; gradients are values that `loss.grad()` returns; nothing adds up"),
    (lambda: optim.StepLR, AttributeError,
     "module 'phonograd.optim' has no attribute 'StepLR'; `Step(rate, step_size)` is a function of the step"),
    (lambda: schedules.LambdaLR, AttributeError,
     "module 'phonograd.optim.schedules' has no attribute 'LambdaLR'; any function of the step is a schedule"),
    (lambda: optim.lr_scheduler, AttributeError,
     "module 'phonograd.optim' has no attribute 'lr_scheduler'; `phonograd.optim.schedules` has functions of the step, "
     "and any other is one as well"),
    (lambda: optim.Adam().lr, AttributeError, "'Adam' object has no attribute 'lr'; `rate` is the same"),
    (lambda: optim.SGD(0.1).betas, AttributeError, "'SGD' object has no attribute 'betas'"),
    (lambda: nn.Linear(3, 2).in_features, AttributeError,
     "'Linear' object has no attribute 'in_features'; `inputs` is the same"),
    (lambda: optim.LBFGS().step, AttributeError,
     "'LBFGS' object has no attribute 'step'; `minimize(store, loss_of)` makes all steps; the loss is needed at points "
     "that are only tried"),
    (lambda: schedules.Plateau(0.1).step(0.5), AttributeError,
     "'Plateau' object has no attribute 'step'; `after(loss)` is the schedule after one more loss"),
    (lambda: schedules.Step(0.1, 3).step(), AttributeError,
     "'Step' object has no attribute 'step'; a schedule is a function of the step, as in `Adam(schedule(step))`"),
    (lambda: optim.Rprop, AttributeError,
     "module 'phonograd.optim' has no attribute 'Rprop'; `LBFGS` is for problems without batches, and `RMSprop` for "
     "those with"),
    (lambda: optim.clip_grad_norm_, AttributeError,
     "module 'phonograd.optim' has no attribute 'clip_grad_norm_'; `clip_by_global_norm(grads, limit)` returns the "
     "clipped gradients"),
    (lambda: nn.ReLU().half(), AttributeError,
     "'ReLU' object has no attribute 'half'; layers take `dtype=\"float16\"`"),
    (lambda: nn.ReLU().register_forward_hook(print), AttributeError,
     "'ReLU' object has no attribute 'register_forward_hook'; modules never change: a module of your own calls this "
     "one and does the rest"),
    (lambda: pg.ParameterStore().state_dict(), AttributeError,
     "'ParameterStore' object has no attribute 'state_dict'; a store is one, of names and arrays: `dict(store)`, "
     "`store.save(path)`"),
    (lambda: pg.ParameterStore().hello, AttributeError, "'ParameterStore' object has no attribute 'hello'"),
    (lambda: pg.data.DataLoader, AttributeError,
     "module 'phonograd.data' has no attribute 'DataLoader'; `Batches(source, size)` reads arrays, datasets and "
     "iterables"),
    (lambda: pg.cat, AttributeError, "module 'phonograd' has no attribute 'cat'; `phonograd.concat` joins arrays"),
    (lambda: X.backward(), AttributeError,
     "'Tensor' object has no attribute 'backward'; `grads = loss.grad()` returns the gradients, and "
     "`grads.wrt(tensor)` is one of them"),
    (lambda: X.view(3, 2), AttributeError,
     "'Tensor' object has no attribute 'view'; `reshape(shape)` is the same here"),
    (lambda: X.relu_(), AttributeError,
     "'Tensor' object has no attribute 'relu_'; nothing is changed in place: `relu` makes a new tensor"),
    (lambda: setattr(X, "requires_grad", True), AttributeError,
     "'Tensor' object has no attribute 'requires_grad'; everything recorded has a gradient; `stop_gradient` and "
     "`Record(grad=False)` cut it"),
    (lambda: X.hello, AttributeError, "'phonograd.Tensor' object has no attribute 'hello'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS)
def test_other_guesses_are_answered(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def test_a_class_of_ones_own_keeps_its_names() -> None:
    class Mine(nn.Module):
        def __init__(self, lr: float, dim: int, **others: int) -> None:
            self.lr, self.dim, self.others = lr, dim, others

    mine = Mine(lr=1.0, dim=2, eps=3, shuffle=4)
    assert (mine.lr, mine.dim, mine.others) == (1.0, 2, {"eps": 3, "shuffle": 4})

    class Other(optim.SGD):
        def __init__(self, eps: float, rate: float) -> None:
            super().__init__(rate)

    assert Other(eps=1.0, lr=0.5).rate == 0.5


@pytest.mark.parametrize("value", [nn.Linear(3, 2), optim.Adam(0.1)], ids=lambda value: type(value).__name__)
def test_copies_and_questions_ask_nothing_of_what_is_not_there(value: Any) -> None:
    assert repr(copy.deepcopy(value)) == repr(pickle.loads(pickle.dumps(value))) == repr(value)
    assert (hasattr(value, "state_dict"), getattr(value, "zero_grad", 5)) == (False, 5)


# What a fresh eye wrote first, and must be answered.
ANSWERED: list[tuple[Any, str]] = [
    (nn, "MarginRankingLoss SoftMarginLoss MultiMarginLoss AlphaDropout EmbeddingBag RReLU CosineSimilarity "
         "LocalResponseNorm LazyLinear LazyConv2d Transformer TransformerEncoder TransformerDecoder "
         "TransformerDecoderLayer GaussianNLLLoss PoissonNLLLoss ConstantPad2d ReflectionPad2d ParameterList"),
    (nn.init, "trunc_normal_ dirac_ eye_ kaiming_uniform_ sparse_"),
    (nn.ReLU(), "half float apply buffers save load register_forward_hook parameters state_dict"),
    (optim, "Rprop SparseAdam EMA SWA clip_grad_norm_ clip_grad_value_ MultiStepLR SequentialLR"),
    (schedules, "MultiStepLR CosineAnnealingWarmRestarts PolynomialLR SequentialLR LambdaLR CyclicLR"),
    (optim.Adam(), "lr eps zero_grad state_dict param_groups add_param_group"),
    (optim.LBFGS(), "lr step zero_grad"),
    (schedules.Plateau(0.1), "step factor"),
    (schedules.Constant(0.1), "step get_last_lr state_dict"),
    (pg, "mm bmm mul eq clamp movedim unbind repeat_interleave hsplit trapz bucketize logdet linear divmod lerp"),
    (pg, "logspace randperm cdist std_mean scatter_reduce"),
    (pg.linalg, "matrix_exp eig eigvals cho_solve kron"),
    (pg.ParameterStore(), "state_dict load_state_dict parameters named_parameters zero_grad to"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "name"), [(where, name) for where, names in ANSWERED for name in names.split()])
def test_a_first_guess_is_answered(where: Any, name: str) -> None:
    assert not hasattr(where, name)
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'; ") as caught:
        getattr(where, name)
    # What an answer names in backticks of this library is there.
    for path in re.findall(r"`phonograd\.([\w.]+)", str(caught.value)):
        found: Any = pg
        for part in path.split("."):
            found = getattr(found, part)


def test_what_hints_name_is_there() -> None:
    hints = [*PACKAGE.values(), *LINALG.values(), *TENSOR.values()]
    for path in {path for hint in hints for path in re.findall(r"`phonograd\.([A-Za-z][\w.]+)", hint)}:
        found: Any = pg
        for part in path.split("."):
            found = getattr(found, part)


def test_hints_are_of_names_that_are_not_there() -> None:
    for name in TENSOR:
        assert not hasattr(X, name)
        assert getattr(X, name, 5) == 5
    assert not {*TENSOR} & {*dir(X)}
    assert {"reshape", "shape", "sum", "__add__", "__class__"} <= {*dir(X)}
    for name in PACKAGE:
        assert not hasattr(pg, name)
    for name in LINALG:
        assert not hasattr(pg.linalg, name)
    for module in (pg.linalg, pg.fft, pg.special):
        assert dir(module) == sorted(module.__all__)
    for room in (nn, nn.init, optim, schedules, pg.data):
        assert not {*room._HINTS} & {*dir(room)}
