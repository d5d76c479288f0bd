"""Averages of a store's parameters over the steps of a training, kept in `store.state`.

In goes a store after a step; out comes, when asked for, another store with the averages in the parameters' places.
"""

from __future__ import annotations

from phonograd._core import InputError, ParameterError, Record
from phonograd._store import ParameterStore as NewStore
from phonograd._values import Frozen, fraction
from phonograd.optim._optimizer import same_kind
from phonograd.optim.clipping import widened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from phonograd import ParameterStore, Tensor


def averages(of: str, prefix: str, store: ParameterStore, hint: str) -> ParameterStore:
    """A new store with the averages that are kept under a prefix; what has none has its own value."""
    _readable(of, store)
    record, kept, means = Record(grad=False), store.state, NewStore(store.seed)
    keys = {name: f"{prefix}/{name}/mean" for name in store}
    if not any(key in kept for key in keys.values()):
        raise ParameterError(f"{of}: the store has no averages yet; call {hint}")
    means.update(store)
    for name, key in keys.items():
        if key in kept:
            mean, dtype = record.load(kept, key), record.load(store, name).dtype
            # A tensor, not an array, so that the stores share the elements.
            means[name] = mean if mean.dtype == dtype else mean.astype(dtype)
    means.state.update(store._of_layers())
    return means


def _readable(of: str, store: ParameterStore) -> None:
    if not isinstance(store, NewStore):
        raise InputError(f"{of}: cannot read store from {type(store).__name__}; expected a ParameterStore")


class Average(Frozen):
    """What averages share: every floating-point parameter has a mean, which starts as the parameter itself."""

    name: ClassVar[str]

    def update(self, store: ParameterStore) -> None:
        """Takes the parameters' present values into the averages: all of them, in one plan, or none.

        Args:
            store: The store, after a step.
        """
        _readable(type(self).__name__, store)
        record, kept = Record(grad=False), store.state
        new: dict[str, Tensor] = {}
        for name in store:
            p = widened(record.load(store, name))
            if "float" not in p.dtype.name:
                continue
            prefix = f"{self.name}/{name}/"
            state = None
            if prefix + "mean" in kept:
                state = {key: record.load(kept, prefix + key) for key in self._keys}
                same_kind(type(self).__name__, "the average of", name, state["mean"], p)
            new.update((prefix + key, value) for key, value in self._next(p, state).items())
        record.compute(*new.values())
        kept.update(new)

    def values(self, store: ParameterStore) -> ParameterStore:
        """A new store with the averages; what has none, such as an integer or a layer's state, has its own value.

        Args:
            store: The store with parameters and averages.

        Raises:
            ParameterError: If there are no averages yet.
        """
        return averages(type(self).__name__, self.name, store, "`update` after a step")

    _keys: ClassVar[tuple[str, ...]] = ("mean",)

    def _next(self, p: Tensor, state: dict[str, Tensor] | None) -> dict[str, Tensor]:
        raise NotImplementedError


class ExponentialAverage(Average):
    """Exponential moving average (Polyak and Juditsky, 1992): `mean' = decay * mean + (1 - decay) * p`.

    The mean starts as the parameter itself, so there is no start from zero to correct.

    Args:
        decay: How much of the mean is kept from update to update.

    Example:
        >>> import phonograd as pg
        >>> store, average = pg.ParameterStore(), pg.optim.ExponentialAverage(0.5)
        >>> for value in (1.0, 3.0, 4.0):
        ...     store["x"] = value
        ...     average.update(store)
        >>> average.values(store)["x"].item(), store["x"].item()
        (3.0, 4.0)
    """

    name = "ema"
    decay: float

    def __init__(self, decay: float = 0.999) -> None:
        fraction("ExponentialAverage", decay=decay)
        self._freeze(decay=decay)

    def _next(self, p: Tensor, state: dict[str, Tensor] | None) -> dict[str, Tensor]:
        return {"mean": p if state is None else self.decay * state["mean"] + (1.0 - self.decay) * p}


class StochasticAverage(Average):
    """Stochastic weight averaging (Izmailov and others, 2018): the mean of all values taken in, all with one weight.

    Take them late in a training with a high rate, once an epoch or so. Where a network keeps statistics of its
    activations, they must be found anew for the averages.

    Example:
        >>> import phonograd as pg
        >>> store, average = pg.ParameterStore(), pg.optim.StochasticAverage()
        >>> for value in (1.0, 3.0, 5.0):
        ...     store["x"] = value
        ...     average.update(store)
        >>> average.values(store)["x"].item(), store.state["swa/x/count"].item()
        (3.0, 3)
    """

    name = "swa"
    _keys = ("mean", "count")

    def _next(self, p: Tensor, state: dict[str, Tensor] | None) -> dict[str, Tensor]:
        if state is None:
            return {"mean": p, "count": p.record.ones((), "int64")}
        count = state["count"] + 1
        return {"mean": state["mean"] + (p - state["mean"]) / count, "count": count}
