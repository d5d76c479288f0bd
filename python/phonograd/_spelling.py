"""What PyTorch's users write first: arguments under its names.

In goes a call; out come the arguments under the names that the signature has, where both
mean the same, or an error that says what to write. Signatures, pages and type checkers know the names of this library
alone.
"""

from __future__ import annotations

from phonograd._core import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inspect import Signature
    from typing import Any

# Arguments that mean the same, by PyTorch's names; of two that could be meant, a class has one.
_SAME = {
    # optimisers and schedules
    "lr": "rate",
    "max_lr": "rate",
    "eps": "epsilon",
    "lr_decay": "rate_decay",
    "initial_accumulator_value": "initial",
    "ns_steps": "steps",
    "adjust_lr_fn": "adjust",
    "max_iter": "iterations",
    "max_eval": "evaluations",
    "tolerance_grad": "tolerance_gradient",
    "history_size": "history",
    "T_max": "steps",
    "total_steps": "steps",
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
_ASKED = {*_SAME, *_PAIRS, *_ANSWERS}


class Spelled(type):
    """The class of classes whose arguments may be spelt as PyTorch spells them."""

    if not TYPE_CHECKING:

        @property
        def __signature__(cls) -> Signature:
            """What `help` and editors show: the arguments of `__init__`, not those of the call below."""
            from inspect import signature

            _, *arguments = signature(cls.__init__).parameters.values()
            return signature(cls.__init__).replace(parameters=arguments, return_annotation=cls)

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            if kwargs and not _ASKED.isdisjoint(kwargs):
                kwargs = _respelled(cls, kwargs)
            return super().__call__(*args, **kwargs)


def _respelled(cls: type, kwargs: dict[str, Any]) -> dict[str, Any]:
    code = getattr(cls.__init__, "__code__", None)  # type: ignore[misc]
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
    if code and code.co_flags & 0x08:  # takes any
        return kwargs
    made: dict[str, Any] = {}
    for name, value in kwargs.items():
        for to, part in [(name, value)] if name in own else _meant(cls, own, name, value):
            if to in made:
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
    if name in _ANSWERS:
        raise InputError(f"{cls.__name__}: there is no argument `{name}`; {_ANSWERS[name]}")
    return [(name, value)]
