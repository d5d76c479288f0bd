"""What PyTorch's users write first: arguments under its names, and in its places.

In goes a call; out come the arguments under the names that the signature has, where both mean the same, or an error
that says what to write. Arguments that do not fit are shown next to those that would. Signatures, pages and type
checkers know the names of this library alone.
"""

from __future__ import annotations

from phonograd._core import InputError
from phonograd._hints import missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from inspect import Signature
    from typing import Any

# Arguments that mean the same, by PyTorch's names; of two that could be meant, a class has one.
_SAME = {
    # optimisers and schedules
    "lr": "rate",
    "max_lr": "rate",
    "eps": "epsilon",
    "lr_decay": "rate_decay",
    "lambd": "decay",
    "alpha": "power",
    "t0": "start",
    "initial_accumulator_value": "initial",
    "ns_steps": "steps",
    "adjust_lr_fn": "adjust",
    "max_iter": "iterations",
    "max_eval": "evaluations",
    "tolerance_grad": "tolerance_gradient",
    "history_size": "history",
    "T_max": "steps",
    "total_steps": "steps",
    "total_iters": "steps",
    "T_0": "steps",
    "T_mult": "multiplier",
    "eta_min": "end_rate",
    "min_lr": "end_rate",
    "factor": "gamma",
    # layers
    "in_features": "inputs",
    "out_features": "outputs",
    "in1_features": "left",
    "in2_features": "right",
    "in_channels": "inputs",
    "out_channels": "outputs",
    "num_embeddings": "count",
    "num_parameters": "count",
    "embedding_dim": "features",
    "normalized_shape": "features",
    "num_features": "features",
    "num_channels": "features",
    "num_groups": "groups",
    "input_size": "inputs",
    "hidden_size": "hidden",
    "num_layers": "layers",
    "embed_dim": "features",
    "num_heads": "heads",
    "d_model": "features",
    "nhead": "heads",
    "dim_feedforward": "hidden",
    "p": "rate",
    "negative_slope": "slope",
    "start_dim": "start",
    "end_dim": "end",
    "padding_idx": "padding",
    "elementwise_affine": "affine",
    "unflattened_size": "sizes",
    **dict.fromkeys(("upscale_factor", "downscale_factor"), "factor"),
    "dim": "axis",
    # data
    "batch_size": "size",
}

# Pairs that are two arguments here.
_PAIRS = {"betas": ("beta1", "beta2")}

# Arguments that have another answer.
_ANSWERS = {
    "params": "an optimiser holds no parameters: `step(store, grads)` moves those of the gradients",
    "maximize": "make the negative of what is to become large small",
    "batch_first": "sequences are `(batch, time, inputs)` always",
    "bidirectional": "run a second layer on `x.flip(1)`, flip what comes out, and `concat` both",
    "device": "everything runs on the CPU",
    "inplace": "nothing is changed in place",
    "shuffle": "with `key=pg.Key(seed)` batches are shuffled",
    "num_workers": "`prefetch` says how many batches a thread reads ahead",
    "collate_fn": "arrays are stacked; let the dataset's items be of one shape",
}

# Arguments that have another answer in some classes, and in those made of them.
_ANSWERS_OF = {
    "_Recurrent": {
        "proj_size": "let `Linear` map what comes out",
    },
    "RNN": {"nonlinearity": "it is `tanh`"},
    "RNNCell": {"nonlinearity": "it is `tanh`"},
    "Embedding": {
        "max_norm": "make what comes out smaller: `phonograd.normalize` divides by the norm",
        "sparse": "gradients are whole arrays",
    },
    "BatchNorm": {
        "track_running_stats": "it always does; `phonograd.batch_norm(x)` takes a batch's own mean and variance alone"
    },
    "_Convolution": {"padding_mode": "zeros are padded; let other values stand around the input before"},
    "MultiHeadAttention": {
        **dict.fromkeys(("kdim", "vdim"), "`memory` has as many features as the queries; let `Linear` bring it there"),
        **dict.fromkeys(("add_bias_kv", "add_zero_attn"), "keys and values are those of `memory` alone"),
    },
    "TransformerBlock": {
        "activation": "it is GELU",
        "norm_first": "it always does",
        "layer_norm_eps": "it is 1e-5",
    },
    "Optimizer": dict.fromkeys(
        ("fused", "foreach", "capturable", "differentiable"), "the steps of all parameters are one plan always"
    ),
    "SGD": {"dampening": "make the rate smaller by as much: `rate * (1 - dampening)`"},
    "LBFGS": {"line_search_fn": "it is a search for Wolfe's strong conditions"},
    "_Schedule": {"last_epoch": "a schedule is called with the number of the step"},
    "Plateau": {
        "mode": "of what is to grow, give it the negative",
        "threshold_mode": "a threshold is in proportion to the best loss",
    },
    "Batches": dict.fromkeys(("pin_memory", "persistent_workers"), "everything runs on the CPU, in one process"),
}
_ASKED = {*_SAME, *_PAIRS, *_ANSWERS, *(name for answers in _ANSWERS_OF.values() for name in answers)}

# Arguments of the calls of modules that have another answer.
_ANSWERS_OF_CALLS = {
    **dict.fromkeys(
        ("key_padding_mask", "src_key_padding_mask"),
        "`mask` is true where a query sees a key; of keys alone, its shape is `(batch, 1, 1, keys)`",
    ),
    **dict.fromkeys(("attn_mask", "src_mask"), "`mask` is true where a query sees a key"),
    "is_causal": "the layer is made with `causal=True`",
    **dict.fromkeys(("need_weights", "average_attn_weights"), "weights are not handed out"),
    "hx": "`state` is where to go on from",
}


class Spelled(type):
    """The class of classes whose arguments may be spelt as PyTorch spells them."""

    _no_holder = ""
    """What a class says to a first argument that would be held elsewhere, such as a model in the place of a rate."""

    if not TYPE_CHECKING:

        @property
        def __signature__(cls) -> Signature:
            """What `help` and editors show: the arguments of `__init__`, not those of the call below."""
            from inspect import Signature, signature

            if cls.__init__ is object.__init__:
                return Signature(return_annotation=cls)
            _, *arguments = signature(cls.__init__).parameters.values()
            return signature(cls.__init__).replace(parameters=arguments, return_annotation=cls)

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            if args and cls._no_holder and args[0].__class__ is not float:
                _refuse_holder(cls, args[0])
            if kwargs and not _ASKED.isdisjoint(kwargs):
                kwargs = _respelled(cls, len(args), kwargs)
            try:
                return super().__call__(*args, **kwargs)
            except TypeError:
                refuse_misfit(cls.__name__, cls, args, kwargs)
                raise


def refuse_misfit(of: str, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuses arguments that a call does not take, in the name of what is called, wherever that is written."""
    from inspect import Parameter, signature

    taken = signature(call)
    try:
        taken.bind(*args, **kwargs)
    except TypeError as problem:
        plain = [each.replace(annotation=Parameter.empty) for each in taken.parameters.values()]
        shown = taken.replace(parameters=plain, return_annotation=Parameter.empty)
        raise InputError(f"{of}: {problem}; expected {shown}") from None


def refuse_misfit_call(of: str, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuses arguments that a module's `forward` does not take; those of PyTorch are answered."""
    from inspect import signature

    own = signature(forward).parameters
    for name in kwargs:
        if name in _ANSWERS_OF_CALLS and name not in own:
            raise InputError(f"{of}: a call has no argument `{name}`; {_ANSWERS_OF_CALLS[name]}")
    refuse_misfit(of, forward, args, kwargs)


def lacking(value: object, name: str, hints: Mapping[str, str]) -> AttributeError:
    """The error of an attribute that a value does not have, with what it is called here, if that is known."""
    same = _SAME.get(name)
    if same is not None and same in vars(value):
        hints = {name: f"`{same}` is the same"}
    return missing(f"{type(value).__name__!r} object", name, hints)


def _own(cls: type) -> tuple[str, ...] | None:
    """The names of the arguments that a class is made with; None if it takes any."""
    code = getattr(cls.__init__, "__code__", None)  # type: ignore[misc]
    if code is None:
        return ()
    return None if code.co_flags & 0x08 else code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]


def _refuse_holder(cls: Spelled, first: Any) -> None:
    number = hasattr(first, "__float__") or hasattr(first, "__index__")
    if not number and first is not None and not isinstance(first, str) and (_own(cls) or ())[:1] == ("rate",):
        raise InputError(f"{cls.__name__}: cannot read rate from {type(first).__name__}; {cls._no_holder}")


def _respelled(cls: type, placed: int, kwargs: dict[str, Any]) -> dict[str, Any]:
    own = _own(cls)
    if own is None:
        return kwargs
    made: dict[str, Any] = {}
    for name, value in kwargs.items():
        for to, part in [(name, value)] if name in own else _meant(cls, own, name, value):
            if to in made or (to != name and to in own[:placed]):
                raise InputError(f"{cls.__name__}: `{to}` is given twice, once as PyTorch calls it; expected it once")
            made[to] = part
    return made


def _meant(cls: type, own: tuple[str, ...], name: str, value: Any) -> list[tuple[str, Any]]:
    """What an argument is here that the class does not have; as it is, if that is not known."""
    if _SAME.get(name) in own:
        return [(_SAME[name], value)]
    if name in _PAIRS and {*_PAIRS[name]} <= {*own}:
        if isinstance(value, tuple | list) and len(value) == len(_PAIRS[name]):
            return list(zip(_PAIRS[name], value, strict=True))
        raise InputError(f"{cls.__name__}: cannot read {name} from {type(value).__name__}; expected a pair of numbers")
    answers = [_ANSWERS_OF.get(base.__name__, {}) for base in cls.__mro__]
    answer = next((found[name] for found in [*answers, _ANSWERS] if name in found), None)
    if answer is not None:
        raise InputError(f"{cls.__name__}: there is no argument `{name}`; {answer}")
    return [(name, value)]
