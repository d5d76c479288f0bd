"""`Module`: a frozen description of a layer or a model, which knows by what path it is reached.

Enters: what `__init__` sets. Leaves: a description that never changes, and can be called on tensors of any record. It
holds no arrays: `parameter` fetches them by name from the record of the tensor at hand.

A module's path is how it is reached from the model: what `self.encoder = ...` stores goes by the name `encoder`, the
third of a list in `self.blocks` by `blocks.2`, and so on for lists of lists. A model that is made holds copies of what
it was given, and each copy knows its path; nothing is looked up while a model runs. A module that was given twice is
one copy, under its first path, so its parameters are shared.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from phonograd._core import ArgumentError, InputError, Key, ParameterError, Record, RecordError, ShapeError, Tensor
from phonograd._spelling import Spelled, lacking, refuse_misfit_call
from phonograd._store import ParameterStore
from phonograd._values import flag, listed

from .init import draw, known
from .tree import Facts, Node, held, placed, settled

if TYPE_CHECKING:
    from typing import Self

    import numpy as np

    from phonograd._core import DType

    from .init import Init

# First guesses that have another answer here.
_HINTS = {
    "parameters": "they are in a store: `model.named_parameters(store)`",
    "state_dict": "parameters and state are in a store: `store.save(path)`, `phonograd.checkpoint.save(path, store)`",
    "load_state_dict": "parameters are in a store: `phonograd.checkpoint.load_weights(path, store)`",
    "train": "a call says it: `model(x, train=True)`",
    "eval": "a call says it: `model(x)` is evaluation",
    "zero_grad": "gradients are values that `loss.grad()` returns; nothing adds up",
    "unfreeze": "`freeze` made another model; the one it was asked of trains as before",
    "requires_grad_": "`model.freeze(*patterns)` is the same model with parameters that do not train",
    "register_buffer": "`self.state(x, name, shape)` is kept beside the parameters",
    "register_parameter": "`self.parameter(x, name, shape)` in `forward` is drawn when it is first asked for",
    "add_module": "set an attribute in `__init__`",
    "named_modules": "`model.modules()` has them by path",
    "to": "everything runs on the CPU, and layers take a `dtype`",
    "cuda": "everything runs on the CPU",
    "cpu": "everything runs on the CPU",
    "double": 'layers take `dtype="float64"`',
    "float": 'layers take `dtype="float32"`, which they have without it',
    "half": 'layers take `dtype="float16"`',
    "apply": "what parameters start from is the `init` of layers; `model.modules()` has all modules by path",
    **dict.fromkeys(("buffers", "named_buffers"), "state is in a store: `store.state`"),
    "save": "parameters are in a store: `store.save(path)`, `phonograd.checkpoint.save(path, store)`",
    "load": "parameters are in a store: `ParameterStore.load(path)`, `phonograd.checkpoint.load(path)`",
    **dict.fromkeys(
        ("register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook"),
        "modules never change: a module of your own calls this one and does the rest",
    ),
}


class _Sealing(Spelled):
    """Seals a module as soon as its `__init__` is through."""

    if not TYPE_CHECKING:

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, this is a class of classes
            module = super().__call__(*args, **kwargs)
            facts = Facts(identity=object())
            try:
                vars(module).update(dict(settled(module, facts, {facts.identity: module}, {})))
            except RecursionError:
                raise InputError(f"{cls.__name__}: modules are nested too deep, or a list holds itself") from None
            parts = [child._facts.needs for child in module.children().values()]
            needs = frozenset().union(*parts) if parts else frozenset(cls._passes)
            object.__setattr__(module, "_facts", facts._replace(needs=needs))
            return module


class Module(Node, metaclass=_Sealing):
    """A frozen description of a layer or a model: say what it is made of in `__init__`, and what it does in `forward`.

    Attributes that are modules, or lists of modules, give their parameters their names. Nothing can be set afterwards.

    Example:
        >>> class Network(pg.nn.Module):
        ...     def __init__(self):
        ...         self.hidden = pg.nn.Linear(64, 128)
        ...         self.output = pg.nn.Linear(128, 10)
        ...
        ...     def forward(self, x):
        ...         return self.output(self.hidden(x).relu())
        >>> network, store = Network(), pg.ParameterStore(seed=0)
        >>> network(pg.Record(store).ones((5, 64))).shape
        (5, 10)
        >>> list(store)
        ['hidden.weight', 'hidden.bias', 'output.weight', 'output.bias']
        >>> network
        Network(
            hidden: Linear(64, 128),
            output: Linear(128, 10),
        )
    """

    __slots__ = ()
    _passes: Mapping[str, tuple[int, bool]] = {}
    """Which of `train` and `key` the class's `forward` takes, as which of its arguments, and whether they may be left
    out."""
    _swapped_in_torch: tuple[str, ...] = ()
    """The matrices that PyTorch's layer of the same name has the other way round."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module makes of its input; subclasses say it."""
        raise NotImplementedError(f"{self._title()} has no forward")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        code, last = getattr(cls.forward, "__code__", None), sys.maxsize
        if code is None or code.co_flags & 0x08:  # takes any
            cls._passes = {"train": (last, False), "key": (last, False)}
            return
        by_place, named = (
            code.co_varnames[1 : code.co_argcount],
            code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount],
        )
        defaults = {
            *(cls.forward.__kwdefaults__ or ()),
            *by_place[len(by_place) - len(cls.forward.__defaults__ or ()) :],
        }
        cls._passes = {
            name: (by_place.index(name) if name in by_place else last, name in defaults)
            for name in ("train", "key")
            if name in named
        }

    # Calling ----------------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, train: bool | None = None, key: Key | None = None, **kwargs: Any) -> Any:
        """Runs `forward`.

        Args:
            *args: What `forward` takes; at least one tensor, which brings the record along.
            train: Whether this is a training step; by default what `forward` says, or no. Handed on if it takes it.
            key: A random key for layers that draw. Handed to `forward` if it takes it.
            **kwargs: What else `forward` takes.
        """
        facts = self._facts
        # A `key` that `forward` takes by place may be anything, such as what an attention looks up.
        by_place = self._passes.get("key", (sys.maxsize,))[0] < sys.maxsize
        if not by_place and key is not None and not isinstance(key, Key):
            raise InputError(
                f"{self._title()}: cannot read key from {type(key).__name__}; expected a Key; make one with `Key(seed)`"
            )
        if train is not None:
            flag(self._title(), train=train)
        for name, value, default in (("train", train, False), ("key", key, None)):
            if name in self._passes:
                place, may_lack = self._passes[name]
                if value is not None:
                    kwargs[name] = value
                elif not may_lack and len(args) <= place:
                    kwargs[name] = default
            elif value and name in facts.needs:
                raise self._lost(name)
        calls, call = facts.calls, [self, args, kwargs, None]
        if calls is not None:
            calls.append(call)
        try:
            call[3] = self.forward(*args, **kwargs)
        except RecordError as error:
            if not hasattr(error, "__notes__"):
                error.add_note(f"in {self._title()}")
            raise
        except TypeError:
            refuse_misfit_call(self._title(), self.forward, args, kwargs)
            raise
        return call[3]

    def _lost(self, name: str) -> InputError:
        """The error of `train` or a key that would not reach a module that uses it."""
        users = (part for part in self.modules().values() if name in part._passes and not part.children())
        return InputError(
            f"{self._title()}: forward does not take `{name}`, which {next(users)._title()} needs; write "
            f"`forward(self, x, *, {name}=...)` and hand it on"
        )

    def shape_of(self, x: Tensor, what: str = "input") -> tuple[int, ...]:
        """The shape of a tensor, or an error that names the layer if it is none."""
        if not isinstance(x, Tensor):
            raise InputError(
                f"{self._title()}: cannot read {what} from {type(x).__name__}; expected a tensor; make one with "
                "`tensor` of a record"
            )
        return x.shape

    def misfit(self, shape: tuple[int, ...], expected: str, what: str = "input") -> ShapeError:
        """The error of a shape that does not fit: it names the layer and its path."""
        return ShapeError(f"{self._title()}: {what} has shape {shape}; expected {expected}")

    def _title(self) -> str:
        return f"{type(self).__name__} `{self.path}`" if self.path else type(self).__name__

    # Parameters -------------------------------------------------------------------------------------------------------

    def parameter(
        self,
        source: Tensor | Record,
        name: str,
        shape: int | tuple[int, ...],
        init: Init = "glorot_uniform",
        dtype: DType | str = "float32",
    ) -> Tensor:
        """The module's parameter of a name, from the store of a record; drawn first if there is none.

        Args:
            source: The record, or any tensor of it.
            name: The last part of the name; the module's path comes before it.
            shape: Its shape.
            init: What it starts from: a name such as `"orthogonal"`, a pair such as `("normal", 0.02)`, or one of
                `nn.init`.
            dtype: Its dtype.

        Example:
            >>> class Scale(pg.nn.Module):
            ...     def forward(self, x):
            ...         return x * self.parameter(x, "scale", x.shape[-1:], init="ones")
            >>> store = pg.ParameterStore()
            >>> Scale().named("gain")(pg.Record(store).ones((2, 3))).shape, list(store)
            ((2, 3), ['gain.scale'])
        """
        rec = source.record if isinstance(source, Tensor) else source
        full, store, asker = self._join(name), rec.store, self._title()
        if not self._facts.named and not rec._claim(full, self._facts.identity):
            raise ParameterError(
                f"parameter `{full}`: {asker} asks for what another module here has; give one of them, or its "
                'model, a path of its own with `.named("...")`, or call one module twice'
            )
        init = known(asker, init)
        if not isinstance(init, str | tuple):
            if store is not None and full not in store:
                value = draw(init, store.seed, full, shape, dtype)
                store.get_or_init(full, shape, "zeros", dtype, asker=asker)  # notes who asked first
                store[full] = value
            init = "zeros"
        if self._facts.frozen and store is not None and self._is_frozen(name):
            store.get_or_init(full, shape, init, dtype, asker=asker)
            return rec.load(store, full)
        return rec.parameter(full, shape, init, dtype, asker=asker)

    def state(
        self,
        source: Tensor | Record,
        name: str,
        shape: int | tuple[int, ...],
        init: str | tuple[str, float] = "zeros",
        dtype: DType | str = "float32",
    ) -> Tensor:
        """The module's state of a name, such as a running mean: see `Record.state`."""
        rec = source.record if isinstance(source, Tensor) else source
        return rec.state(self._join(name), shape, init, dtype)

    def next_state(self, name: str, value: Tensor) -> None:
        """What the state becomes when the step succeeds: see `Record.next_state`."""
        value.record.next_state(self._join(name), value)

    def init(self, store: ParameterStore, *example: Any, **kwargs: Any) -> ParameterStore:
        """Draws all parameters into a store, by recording one call and computing nothing.

        Parameters that are in the store already stay as they are. If the call fails, the store is as it was.

        Args:
            store: The store.
            *example: Input as the model will be called on: tensors, arrays or numbers.
            **kwargs: What else it will be called with.

        Returns:
            The store.

        Example:
            >>> store = pg.nn.Linear(3, 2).init(pg.ParameterStore(seed=0), np.zeros((1, 3), "float32"))
            >>> list(store)
            ['weight', 'bias']
        """
        if not isinstance(store, ParameterStore):
            raise InputError(
                f"{self._title()}: init: cannot read store from {type(store).__name__}; expected a ParameterStore, and "
                "behind it an example of what the model is called on"
            )
        rec, before = Record(store, grad=False), (set(store), set(store.state))
        try:
            self(*(rec.tensor(x) for x in example), **kwargs)
        except BaseException:
            for kept, names in zip((store, store.state), before, strict=True):
                for name in set(kept) - names:
                    del kept[name]
            raise
        return store

    def named_parameters(self, store: ParameterStore) -> dict[str, np.ndarray[Any, Any]]:
        """The model's parameters that are in a store, by name.

        Example:
            >>> model = pg.nn.Sequential(pg.nn.Linear(3, 2), pg.nn.ReLU())
            >>> store = model.init(pg.ParameterStore(seed=0), [[1.0, 2.0, 3.0]])
            >>> {name: value.shape for name, value in model.named_parameters(store).items()}
            {'0.weight': (3, 2), '0.bias': (2,)}
        """
        paths = {module.path for module in self.modules().values()}
        return {name: store[name] for name in store if name.rpartition(".")[0] in paths}

    # The tree ---------------------------------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """How the module is reached from the model; what its parameters' names begin with."""
        return self._facts.path

    def named(self, path: str) -> Self:
        """The same module under another path: for models that are plain functions.

        Example:
            >>> def network(x):
            ...     return pg.nn.Linear(64, 10).named("hidden")(x).relu()
            >>> store = pg.ParameterStore(seed=0)
            >>> network(pg.Record(store).ones((5, 64))).shape, list(store)
            ((5, 10), ['hidden.weight', 'hidden.bias'])
        """
        if not isinstance(path, str):
            raise InputError(f"{self._title()}: cannot read a path from {type(path).__name__}; expected a string")
        return placed(self, path, {}, {"named": True})

    def freeze(self, *patterns: str) -> Self:
        """The same model with parameters that do not train.

        They are loaded as constants, which neither gradients nor optimisers know by name. `summary` counts them: which
        parameters there are shows only when a model is called, so a misspelt pattern of names fits none.

        Args:
            *patterns: Paths of modules below this one, such as `"encoder"`, or names of parameters with `*` and `?`,
                such as `"*.bias"`; by default all.

        Raises:
            ArgumentError: A pattern begins with a path that is no module's.

        Example:
            >>> model = pg.nn.Sequential(pg.nn.Linear(3, 3), pg.nn.Linear(3, 1)).freeze("0.*")
            >>> rec = pg.Record(pg.ParameterStore(seed=0))
            >>> list(model(rec.ones((1, 3))).sum().grad())
            ['1.weight', '1.bias']
        """
        own = len(self.path) + 1 if self.path else 0
        paths = [f"{path[own:]}." for path in self.modules() if path[own:]]
        for pattern in patterns:
            # A parameter's name has no dot, so what is spelt out before the last dot is a module's path, or begins one.
            plain = re.split(r"[*?\[]", pattern)[0]
            begin = plain[: plain.rfind(".") + 1]
            if not any(path.startswith(begin) for path in ("", *paths)):
                raise ArgumentError(
                    f"{self._title()}: freeze: no module's path begins with `{begin[:-1]}`; expected one of "
                    f"{listed(path[:-1] for path in paths)}"
                )
        meant = tuple(f"{pattern}.*" if f"{pattern}." in paths else pattern for pattern in patterns or ("*",))
        return placed(self, self.path, {}, {"frozen": (self.path, meant)})

    def children(self) -> dict[str, Module]:
        """The modules this one is made of, by name; one that was given twice comes twice."""
        return {path: module for name, value in vars(self).items() for path, module in held(name, value)}

    def modules(self) -> dict[str, Module]:
        """This module and all that it is made of, by path; each once.

        Example:
            >>> list(pg.nn.Residual(pg.nn.Linear(3, 3)).modules())
            ['', 'inner']
        """
        found = {self.path: self}
        for child in self.children().values():
            found.update({path: module for path, module in child.modules().items() if path not in found})
        return found

    def summary(self, *example: Any, **kwargs: Any) -> str:
        """A table of the modules a call goes through: shapes, parameters, how many of them are frozen, and operations.

        Args:
            *example: Input as the model will be called on.
            **kwargs: What else it will be called with.

        Example:
            >>> model = pg.nn.Sequential(pg.nn.Linear(64, 128), pg.nn.ReLU(), pg.nn.Linear(128, 10))
            >>> print(model.summary(np.zeros((32, 64), "float32")))
            path  module           output     parameters    FLOPs
                  Sequential(...)  (32, 10)        9,610  ...
            0     Linear(64, 128)  (32, 128)       8,320  ...
            1     ReLU()           (32, 128)           0  ...
            2     Linear(128, 10)  (32, 10)        1,290  ...
        """
        from .summary import table

        return table(self, example, kwargs)

    def __repr__(self) -> str:
        from .summary import description

        return description(self)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise lacking(self, name, _HINTS)

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, "_facts"):
            raise AttributeError(f"{self._title()} is frozen; make a new one with another `{name}`")
        if hasattr(Module, name):
            raise AttributeError(f"{type(self).__name__}: every module has a `{name}`; give the attribute another name")
        vars(self)[name] = value

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{self._title()} is frozen; `{name}` cannot be deleted")

    def __setstate__(self, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None:
        vars(self).update(state[0] or {})
        object.__setattr__(self, "_facts", state[1]["_facts"])

    def _join(self, name: str) -> str:
        plain = str(name)
        if "." in plain or "/" in plain:
            raise ArgumentError(
                f"{self._title()}: `{name}` is no name of a parameter or a state; expected none with `.`, which parts "
                "paths, or `/`, which optimisers use"
            )
        path = self._facts.path
        return f"{path}.{name}" if path else name

    def _is_frozen(self, name: str) -> bool:
        return any(
            fnmatchcase(f"{base}.{name}" if base else name, pattern)
            for base, patterns in self._facts.frozen
            for pattern in patterns
        )

    def _watched(self, calls: list[Any]) -> Self:
        """The same model, which notes its calls: module, arguments and result."""
        return placed(self, self.path, {}, {"calls": calls})
