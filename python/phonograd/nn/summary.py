"""A module as text: its `repr`, and the table of what a call goes through."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from phonograd import ParameterStore
from phonograd._core import Record, Tensor

if TYPE_CHECKING:
    from .module import Module


def description(module: Module) -> str:
    """A module as it was made; what it is made of, a line each."""
    children = module.children()
    if not children:
        return short(module)
    lines = [f"{name}: {description(child)}".replace("\n", "\n    ") for name, child in children.items()]
    return "\n    ".join([f"{type(module).__name__}(", *(line + "," for line in lines)]) + "\n)"


def short(module: Module) -> str:
    """The call that made a module, as far as its attributes tell; three dots for the modules in it."""
    if module.children():
        return f"{type(module).__name__}(...)"
    arguments, values = [], vars(module)
    for name, parameter in list(inspect.signature(type(module).__init__).parameters.items())[1:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        value = values.get(name, values.get(f"_{name}", parameter.default))
        if parameter.default is parameter.empty:
            arguments.append(_shown(value) if name in values else "...")
        elif value != parameter.default:
            arguments.append(f"{name}={_shown(value)}")
    return f"{type(module).__name__}({', '.join(arguments)})"


def _shown(value: Any) -> str:
    """A value as it was given: a function by its name."""
    functions = types.FunctionType | types.BuiltinFunctionType
    return value.__name__ if isinstance(value, functions) else repr(value)


def table(model: Module, example: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The table of `Module.summary`."""
    calls: list[Any] = []
    watched, store = model._watched(calls), ParameterStore()
    rec = Record(store, grad=False)
    watched(*(rec.tensor(x) for x in example), **kwargs)
    rows = [("path", "module", "output", "parameters", "frozen", "FLOPs")]
    for module, arguments, named, output in list(calls):  # measuring them calls again
        parts, own = module.modules(), module.named_parameters(store)
        still = [name for name in own if parts[name.rpartition(".")[0]]._is_frozen(name.rpartition(".")[2])]
        parameters, constant = sum(value.size for value in own.values()), sum(own[name].size for name in still)
        shapes = ", ".join(str(part.shape) for part in _tensors(output))
        flops = _flops(module, store, arguments, named)
        rows.append((module.path, short(module), shapes, f"{parameters:,}", f"{constant:,}", f"{flops:,}"))
    # Also where a pattern fits nothing, which is most often misspelt.
    frozen = any(part._facts.frozen for part in model.modules().values())
    columns = [0, 1, 2, 3, *[4] * frozen, 5]
    widths = {column: max(len(row[column]) for row in rows) for column in columns}
    lines = (
        "  ".join(
            row[column].ljust(widths[column]) if column < 3 else row[column].rjust(widths[column]) for column in columns
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _flops(module: Module, store: ParameterStore, arguments: tuple[Any, ...], named: dict[str, Any]) -> int:
    """The operations of one call, which is recorded once more on zeros: planned, and not run."""
    import numpy as np

    rec = Record(store, grad=False)

    def zeros(x: Any) -> Any:
        return rec.tensor(np.zeros(x.shape, x.dtype)) if isinstance(x, Tensor) else x

    output = module(*map(zeros, arguments), **{name: zeros(value) for name, value in named.items()})
    return rec.plan(*_tensors(output)).flops


def _tensors(output: Any) -> Iterator[Tensor]:
    """The tensors of a result, which may be a tuple."""
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, tuple):
        for part in output:
            yield from _tensors(part)
