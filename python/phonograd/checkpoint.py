"""A training in one file: parameters, optimiser state, position in the data, keys, and what you add.

The file is in safetensors format: arrays, and one JSON text beside them. It is replaced as a whole, so that a process
that is killed, while it saves or at any other time, leaves the last checkpoint behind. A run that goes on from it makes
the same bits as one that was never cut.

Example:
    >>> import tempfile
    >>> import phonograd as pg
    >>> store, adam = pg.ParameterStore(), pg.optim.Adam(0.1)
    >>> store["x"] = 3.0
    >>> adam.step(store, pg.Record(store).parameter("x").square().grad())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pg.checkpoint.save(f"{folder}/run.safetensors", store, optimizer=adam, step=1, keys={"noise": pg.Key(7)})
    ...     run = pg.checkpoint.load(f"{folder}/run.safetensors")
    >>> run.step, run.optimizer == adam, run.keys["noise"] == pg.Key(7), sorted(run.store.state)
    (1, True, True, ['adam/x/m', 'adam/x/step', 'adam/x/v'])
"""

from __future__ import annotations

from phonograd._core import ArgumentError, CheckpointError, InputError, Key, Record, Tensor, _load, _save
from phonograd._store import ParameterStore
from phonograd._values import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike
    from typing import Any

    from phonograd._core import _DTypeLike
    from phonograd.nn import Module
    from phonograd.optim import Optimizer

    Path = str | PathLike[str]
    To = str | Sequence[str] | None
    Names = Mapping[str, To] | Sequence[tuple[str, To]] | Callable[[str], To]

__all__ = ["Checkpoint", "save", "load", "load_weights"]

# The layout of the JSON text; a file with a later one is refused.
_VERSION = 1

# In JSON, an object with this key stands for something that JSON does not have.
_KIND = "phonograd"

# Deeper values than this are no numbers of a training.
_DEEPEST = 50


class Checkpoint:
    """What `load` found in a file, under the names that `save` was given.

    Attributes:
        store: The parameters, with the optimiser's state in `store.state`.
        optimizer: The optimiser with its numbers, or None.
        step: The number of steps made.
        data: The position in the data, for `seek` of `phonograd.data.Batches`; or None.
        keys: Random keys by name.
        metadata: What was added.
    """

    __slots__ = ("data", "keys", "metadata", "optimizer", "step", "store")

    def __init__(
        self, store: ParameterStore, optimizer: Any, step: int, data: Any, keys: dict[str, Key], metadata: Any
    ) -> None:
        self.store, self.optimizer, self.step = store, optimizer, step
        self.data, self.keys, self.metadata = data, keys, metadata

    def __repr__(self) -> str:
        return f"<Checkpoint of step {self.step}: {len(self.store)} parameters, optimizer {self.optimizer!r}>"


def save(
    path: Path,
    store: ParameterStore,
    *,
    optimizer: Optimizer | None = None,
    step: int = 0,
    data: Any = None,
    keys: Mapping[str, Key] | None = None,
    metadata: Any = None,
) -> None:
    """Writes a checkpoint, in the place of one that is there.

    Args:
        path: Where to.
        store: Parameters and, in `store.state`, what optimisers and layers remember.
        optimizer: The optimiser, for its numbers.
        step: The number of steps made.
        data: The `phonograd.data.Batches` that is read from, or a position of it.
        keys: Random keys by name.
        metadata: Anything else: None, booleans, numbers, strings, keys, and lists, tuples and dicts of them. Numbers of
            NumPy come back as those of Python.

    Raises:
        ArgumentError: If a value cannot be written.
        InputError: If the store, the optimiser, the step or a key is of another kind.
        FileError: If the file cannot be written. The file that was there is untouched then.
        MissingFileError: If its folder is not there.
    """
    if not isinstance(store, ParameterStore):
        raise InputError(f"save: cannot read store from {type(store).__name__}; expected a ParameterStore")
    if not (optimizer is None or _is_frozen(type(optimizer))):
        raise InputError(f"save: cannot read optimizer from {type(optimizer).__name__}; expected an optimiser, or None")
    count("save", 0, step=step)
    if keys is not None and not hasattr(keys, "keys"):
        raise InputError(f"save: cannot read keys from {type(keys).__name__}; expected a dict of keys by name")
    for name, key in dict(keys or {}).items():
        if not isinstance(key, Key):
            raise InputError(f"save: cannot read key `{name}` from {type(key).__name__}; expected a Key")
    values = {
        "optimizer": optimizer,
        "step": int(step),
        "data": getattr(data, "position", data),
        "keys": dict(keys or {}),
        "metadata": metadata,
    }
    _write(path, store, store.state, {name: _encoded(name, value) for name, value in values.items()})


def load(path: Path, *, classes: Iterable[type] = ()) -> Checkpoint:
    """Reads a checkpoint. Nothing in the file is executed.

    Args:
        path: The file.
        classes: Optimisers that are not from `phonograd.optim` and may be in the file.

    Raises:
        CheckpointError: If the file is damaged, no checkpoint, of a later version, or has an optimiser of a class that
            is not known.
        MissingFileError: If there is no such file.
        FileError: If it cannot be read, or is no regular file.
    """
    store, text = _read(path, ParameterStore, None)
    if "step" not in text:
        raise _wrong(path, "it has parameters and nothing else", "read it with ParameterStore.load")
    known = {made.__name__: made for made in classes}
    found = {name: _decoded(path, text.get(name), known) for name in ("optimizer", "step", "data", "keys", "metadata")}
    step, keys = found["step"], found["keys"]
    fits = type(step) is int and step >= 0 and isinstance(keys, dict)
    fits = fits and (found["optimizer"] is None or _is_frozen(type(found["optimizer"])))
    if not fits or not all(isinstance(key, Key) for key in keys.values()):
        raise _wrong(path, "its step, its keys or its optimiser are of the wrong kind", "the file is damaged")
    return Checkpoint(store, **found)


def load_weights(
    path: Path,
    store: ParameterStore,
    names: Names | None = None,
    *,
    transpose: str | Sequence[str] | Module | None = None,
    dtype: _DTypeLike | None = None,
    partial: bool = False,
) -> None:
    r"""Puts the arrays of a safetensors file into a store that has its parameters already, all or none.

    This is how weights of other libraries come in, such as a PyTorch state dict saved as safetensors.

    Args:
        path: The file.
        store: Has the parameters, in the shapes that the file must have. Names of `store.state` are found, too.
        names: What a name in the file is called here: a dict, pairs of a regular expression and its replacement that
            are applied one after the other, or a function. What a dict does not have keeps its name. An array whose
            name becomes None, or is found by an expression whose replacement is None, is left out. An array that
            becomes several names is cut along its first axis into as many equal parts, as PyTorch's attention has
            `in_proj_weight` where `nn.MultiHeadAttention` has `query.weight`, `key.weight` and `value.weight`.
        transpose: Which matrices lie the other way round in the file. For PyTorch's, the model whose store this is: its
            linear and recurrent layers have weights [in, out] where PyTorch's have [out, in]. Else a regular
            expression, or several, that are found anywhere in their names here; `()` if there are none. It must be
            said where a file of another library has square matrices, which fit either way.
        dtype: Converts all floats to this.
        partial: Whether the file may lack parameters or states of layers; they stay as they are.

    Raises:
        CheckpointError: If the file does not fit: the message names every missing, extra and misshaped entry, and
            square matrices of which it is not said how they lie.
        InputError: If the store, names or patterns are of another kind.

    Example:
        >>> import tempfile
        >>> torch, model = pg.ParameterStore(), pg.nn.Sequential(pg.nn.Linear(3, 1, bias=False))
        >>> torch["net.0.weight"] = [[1.0, 2.0, 3.0]]
        >>> store = model.init(pg.ParameterStore(), [[0.0, 0.0, 0.0]])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     torch.save(f"{folder}/w.safetensors")
        ...     pg.checkpoint.load_weights(f"{folder}/w.safetensors", store, [(r"^net\.", "")], transpose=model)
        >>> store["0.weight"].tolist()
        [[1.0], [2.0], [3.0]]
    """
    if not isinstance(store, ParameterStore):
        raise InputError(f"load_weights: cannot read store from {type(store).__name__}; expected a ParameterStore")
    rename, swapped = _renaming(names), _swapped(transpose)
    found: dict[str, Tensor] = {}
    file, text = _read(path, ParameterStore, dtype)
    record, states = Record(grad=False), file._of_layers()
    for name in (*file, *states):
        # Tensors, as NumPy's arrays have not all dtypes.
        whole, renamed = record.load(file if name in file else states, name), rename(name)
        if len(renamed) > 1 and (whole.ndim == 0 or whole.shape[0] % len(renamed)):
            problem = f"`{name}` has shape {whole.shape}, which cannot be cut into {len(renamed)} equal parts"
            raise _wrong(path, problem, "name a number of parts that divides its first axis", op="load_weights")
        for to, part in zip(renamed, whole.split(len(renamed)) if len(renamed) > 1 else [whole], strict=False):
            if to in found:
                message = f"load_weights: two arrays become `{to}`, the second is `{name}`; expected other names"
                raise ArgumentError(message)
            found[to] = part.T if part.ndim == 2 and swapped(to) else part
    extra = [name for name in found if name not in store and name not in store.state]
    missing = [] if partial else [name for name in (*store, *store._of_layers()) if name not in found]
    here = {name: record.load(store if name in store else store.state, name) for name in found if name not in extra}
    misshaped = [
        f"`{name}` is {found[name].dtype} {found[name].shape} in the file, {old.dtype} {old.shape} here"
        for name, old in here.items()
        if not old._alike(found[name])
    ]
    # A file of ours has its matrices as they are here; how those of others lie, shapes tell unless they are square.
    foreign = transpose is None and not text
    square = [name for name, old in here.items() if foreign and old.ndim == 2 and old.shape[0] == old.shape[1] > 1]
    quoted = {
        "missing in the file": [f"`{name}`" for name in missing],
        "not known here": [f"`{name}`" for name in extra],
        "misshaped": misshaped,
        "square, so that they fit either way": [f"`{name}`" for name in square],
    }
    problems = [f"{what}: {', '.join(entries)}" for what, entries in quoted.items() if entries]
    if problems:
        turned = any(old.ndim == 2 and found[name].shape == old.shape[::-1] != old.shape for name, old in here.items())
        hints = ["name or leave out entries with `names`"] * bool(missing or extra or misshaped)
        if turned or square:
            hints.append("say with `transpose` which lie the other way: `model` for PyTorch's layers, `()` for none")
        raise _wrong(path, "; ".join(problems), ", and ".join(hints), op="load_weights")
    record.compute(*found.values())
    own = {name: found[name] for name in here if name in store}
    store.update(own)
    store.state.update({name: found[name] for name in here if name not in own})


def _pattern(text: Any) -> re.Pattern[str]:
    import re

    if not isinstance(text, str):
        raise InputError(f"load_weights: cannot read a pattern from {type(text).__name__}; expected a string")
    try:
        return re.compile(text)
    except re.error as problem:
        raise ArgumentError(f"load_weights: {text!r} is no regular expression, {problem}; expected one") from None


def _swapped(transpose: str | Sequence[str] | Module | None) -> Callable[[str], bool]:
    """Whether the matrix of a name lies the other way round in the file."""
    from phonograd.nn import Module

    if isinstance(transpose, Module):
        layers = transpose.modules().values()
        return {layer._join(name) for layer in layers for name in layer._swapped_in_torch}.__contains__
    given = [transpose] if isinstance(transpose, str) else [] if transpose is None else transpose
    if not isinstance(given, list | tuple):
        raise InputError(
            f"load_weights: cannot read transpose from {type(transpose).__name__}; expected regular expressions, or "
            "the model"
        )
    patterns = [_pattern(text) for text in given]
    return lambda name: any(pattern.search(name) for pattern in patterns)


def _renaming(names: Names | None) -> Callable[[str], tuple[str, ...]]:
    """What the arrays that a file's array becomes are called: none, one, or as many as it is cut into."""

    def listed(to: To) -> tuple[str, ...]:
        new = () if to is None else (to,) if isinstance(to, str) else to
        if not isinstance(new, list | tuple) or not all(isinstance(name, str) for name in new):
            raise InputError(
                f"load_weights: cannot read a new name from {type(to).__name__}; expected a string, a tuple of them or "
                "None"
            )
        return tuple(new)

    if names is None:
        return lambda name: (name,)
    if callable(names):
        return lambda name: listed(names(name))
    if hasattr(names, "items"):
        table = dict(names)
        return lambda name: listed(table.get(name, name))
    if not isinstance(names, list | tuple) or any(not isinstance(row, tuple) or len(row) != 2 for row in names):
        raise InputError(
            f"load_weights: cannot read names from {type(names).__name__}; expected a dict, a function, or pairs of a "
            "regular expression and its replacement"
        )
    patterns = [(_pattern(text), listed(to)) for text, to in names]

    def rename(name: str) -> tuple[str, ...]:
        found: tuple[str, ...] = (name,)
        for pattern, to in patterns:
            found = tuple(
                new
                for old in found
                for new in ([pattern.sub(one, old) for one in to] if pattern.search(old) else [old])
            )
        return found

    return rename


def _write(path: Path, store: ParameterStore, state: ParameterStore | None, text: dict[str, Any]) -> None:
    import json

    _save(path, store, state, json.dumps({"version": _VERSION, "seed": store.seed, **text}))


def _read(path: Path, kind: type[ParameterStore], dtype: _DTypeLike | None) -> tuple[ParameterStore, dict[str, Any]]:
    """A store of the file's arrays, and what our text in it says: nothing if somebody else wrote the file."""
    import json

    read, state = ParameterStore(), ParameterStore()
    found = _load(path, read, state, dtype)
    try:
        text = {} if found is None else json.loads(found)
    except (ValueError, RecursionError) as problem:
        raise _wrong(path, f"its text is damaged: {problem}", "the file is damaged") from None
    if not isinstance(text, dict) or type(text.get("seed", 0)) is not int:
        raise _wrong(path, "its text is of the wrong kind", "the file is damaged")
    version = text.get("version", _VERSION)
    if type(version) is not int or not 1 <= version <= _VERSION:
        raise _wrong(path, f"it is of version {version!r}, this library knows {_VERSION}", "use a later phonograd")
    store = kind(text.get("seed", 0))
    store._assign(read)
    store.state._assign(state)
    return store, text


def _encoded(where: str, value: Any, depth: int = 0) -> Any:
    """A value as JSON has it."""
    if depth > _DEEPEST:
        raise ArgumentError(f"save: {where} is nested more than {_DEEPEST} times; expected plain values")
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()  # a number of NumPy's
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Key):
        return {_KIND: "key", "bits": value.bits}
    if isinstance(value, list | tuple):
        items = [_encoded(where, item, depth + 1) for item in value]
        return items if isinstance(value, list) else {_KIND: "tuple", "items": items}
    if isinstance(value, dict):
        odd = next((name for name in value if not isinstance(name, str) or name == _KIND), None)
        if odd is not None:
            raise ArgumentError(f"save: {where} has the name {odd!r}; expected strings, and none that is {_KIND!r}")
        return {name: _encoded(f"{where}[{name!r}]", item, depth + 1) for name, item in value.items()}
    if _is_frozen(type(value)):
        arguments = _encoded(where, value._arguments(), depth + 1)
        return {_KIND: "optim", "class": type(value).__name__, "arguments": arguments}
    raise ArgumentError(
        f"save: {where} is {type(value).__name__}; expected None, booleans, numbers, strings, keys, "
        "or lists, tuples and dicts of them"
    )


def _is_frozen(kind: type) -> bool:
    """Optimisers, and what they are made with: values of their constructors' arguments."""
    from phonograd.optim import Optimizer

    return issubclass(kind, Optimizer) or kind.__module__.startswith("phonograd.optim")


def _decoded(path: Path, value: Any, classes: Mapping[str, type], depth: int = 0) -> Any:
    """What `_encoded` was given."""
    if depth > 2 * _DEEPEST:
        raise _wrong(path, "its text is nested too deep", "the file is damaged")
    if isinstance(value, list):
        return [_decoded(path, item, classes, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(_KIND)
    plain = {name: _decoded(path, item, classes, depth + 1) for name, item in value.items() if name != _KIND}
    if kind is None:
        return plain
    try:
        if kind == "key":
            return Key(plain["bits"])
        if kind == "tuple":
            return tuple(plain["items"])
        if kind == "optim":
            return _class(path, plain["class"], classes)(**plain["arguments"])
    except (KeyError, TypeError, ValueError) as problem:
        if isinstance(problem, CheckpointError):
            raise
        raise _wrong(path, f"a {kind} in its text does not fit: {problem}", "the file is damaged") from None
    raise _wrong(path, f"its text has a {kind!r}", "the file is damaged")


def _class(path: Path, name: str, classes: Mapping[str, type]) -> type:
    """A class by its name: one that the caller named, or one of `phonograd.optim` and its modules."""
    from phonograd import optim

    rooms = [optim, *(room for room in vars(optim).values() if isinstance(room, type(optim)))]
    found = next((vars(room)[name] for room in rooms if name in vars(room)), None)
    found = classes.get(name, found)
    if not isinstance(found, type) or not (name in classes or found.__module__.startswith("phonograd.optim")):
        raise _wrong(path, f"it has a {name!r}, which is not in phonograd.optim", "name the class in `classes`")
    return found


def _wrong(path: Path, problem: str, hint: str, op: str = "load") -> CheckpointError:
    import os

    return CheckpointError(f'{op}: "{os.fspath(path)}": {problem}; {hint}')
