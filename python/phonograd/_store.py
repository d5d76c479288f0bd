"""The parameter store as Python sees it: the core's store, made a mapping like any other."""

from __future__ import annotations

# Where `collections.abc` takes it from; importing that costs more than this whole package.
from _collections_abc import MutableMapping
from _thread import allocate_lock

from phonograd import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    _Array = np.ndarray[Any, Any]
    _Base = MutableMapping[str, _Array]
else:
    _Base = MutableMapping

_MISSING = object()
_LOCK = allocate_lock()


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
