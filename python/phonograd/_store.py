"""The parameter store as Python sees it: the core's store, made a mapping like any other."""

from __future__ import annotations

# Where `collections.abc` takes it from; importing that costs more than this whole package.
from _collections_abc import MutableMapping
from _thread import allocate_lock

from phonograd import _core
from phonograd._hints import STORE, missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    import numpy as np

    from phonograd._core import _DTypeLike

    _Array = np.ndarray[Any, Any]
    _Base = MutableMapping[str, _Array]
else:
    _Base = MutableMapping

_MISSING = object()
_LOCK = allocate_lock()


if TYPE_CHECKING:
    _of_class = classmethod
else:

    class _of_class(classmethod):  # noqa: N801, a decorator
        """A method of the class alone: asked of a store, it would leave that store as it was."""

        def __get__(self, instance, owner=None):
            if instance is not None:
                raise AttributeError
            return super().__get__(instance, owner)


class ParameterStore(_core.ParameterStore, _Base):
    """Named parameters, the only owner of what is trained: a mutable mapping from names to read-only arrays.

    Whatever is put in is copied; a tensor's elements are shared. Arrays are never changed in place: an update puts
    others in their place, so an array taken out stays what it was.

    Args:
        seed: What initialisers draw from. A parameter's first value depends on this seed and its name only.

    Example:
        >>> store = pg.ParameterStore(seed=0)
        >>> store["scale"] = [1.0, 2.0]
        >>> store.get_or_init("bias", (3,), "zeros")
        array([0., 0., 0.], dtype=float32)
        >>> {name: value.tolist() for name, value in store.items()}
        {'scale': [1.0, 2.0], 'bias': [0.0, 0.0, 0.0]}
    """

    __slots__ = ("_state",)
    _state: ParameterStore

    @property
    def state(self) -> ParameterStore:
        """What is kept beside the parameters, such as the moments of an optimiser: a store of its own.

        Example:
            >>> store = pg.ParameterStore()
            >>> store["x"] = 2.0
            >>> rec = pg.Record(store)
            >>> pg.optim.SGD(0.1, momentum=0.9).step(store, rec.parameter("x").square().grad())
            >>> store.state["sgd/x/velocity"].item()
            4.0
        """
        # Two threads that ask first at the same time must get the same store.
        with _LOCK:
            try:
                return self._state
            except AttributeError:
                self._state = ParameterStore(self.seed)
                return self._state

    def _of_layers(self) -> ParameterStore:
        """The state that layers keep, such as running statistics; what optimisers keep has a slash in its names."""
        made = ParameterStore(self.seed)
        made.update(self.state)
        for name in self.state:
            if "/" in name:
                del made[name]
        return made

    def copy(self) -> ParameterStore:
        """A store with the same seed, parameters and state. Arrays are shared: none of them ever changes.

        Example:
            >>> store = pg.ParameterStore()
            >>> store["x"] = 1.0
            >>> before = store.copy()
            >>> store["x"] = 2.0
            >>> before["x"].item(), store["x"].item()
            (1.0, 2.0)
        """
        made = type(self)(self.seed)
        made._assign(self)
        if hasattr(self, "_state"):
            made._state = self._state.copy()
        return made

    def save(self, path: str | PathLike[str]) -> None:
        """Writes parameters and states of layers to a file in safetensors format, which many other libraries read.

        The file is replaced as a whole: whenever the process or the machine stops, the old or the new one is there.
        States of layers, such as running statistics, are what a model needs to be used; they have `state/` before their
        names in the file. What optimisers remember is left out; `phonograd.checkpoint.save` keeps that, too.

        Args:
            path: Where to. A file that is there is replaced.

        Raises:
            FileError: If the file cannot be written.
            MissingFileError: If its folder is not there.

        Example:
            >>> import tempfile
            >>> store = pg.ParameterStore(seed=7)
            >>> store["w"] = [[1.0, 2.0]]
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     store.save(f"{folder}/weights.safetensors")
            ...     again = pg.ParameterStore.load(f"{folder}/weights.safetensors")
            >>> again["w"].tolist(), again.seed
            ([[1.0, 2.0]], 7)
        """
        from phonograd import checkpoint

        checkpoint._write(path, self, self._of_layers(), {})

    @_of_class
    def load(cls, path: str | PathLike[str], *, dtype: _DTypeLike | None = None) -> ParameterStore:  # noqa: N805
        """A store of the parameters and states in a safetensors file, whoever wrote it.

        Nothing in the file is executed, and what is damaged is refused.

        Args:
            path: The file.
            dtype: Converts all floats, float16 and bfloat16 among them, to this. Without it they are taken as they
                are, and a file with a dtype that this library does not have is refused.

        Raises:
            CheckpointError: If the file is damaged, of another kind, or has a dtype that this library does not have.
            MissingFileError: If there is no such file.
            FileError: If it cannot be read, or is no regular file.
        """
        from phonograd import checkpoint

        return checkpoint._read(path, cls, dtype)[0]

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise missing(f"{type(self).__name__!r} object", name, STORE)

    # The mixins of `MutableMapping` wait for KeyError, and compare arrays as if they were numbers.

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter's value, or `default` if there is none."""
        if name not in self:
            return default
        return self[name]

    def pop(self, name: str, default: Any = _MISSING) -> Any:
        """Removes a parameter and returns its value; if there is none, `default`."""
        if default is not _MISSING and name not in self:
            return default
        value = self[name]
        del self[name]
        return value

    def setdefault(self, name: str, default: Any = None) -> _Array:
        """The parameter's value; set first if there is none."""
        if name not in self:
            self[name] = default
        return self[name]

    __eq__ = object.__eq__
    __hash__ = object.__hash__


ParameterStore.__module__ = "phonograd"
