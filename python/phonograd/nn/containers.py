"""Modules made of others, and dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, overload

from phonograd._core import InputError, where
from phonograd._values import fraction

from .module import Module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phonograd._core import Key, Tensor


class Lambda(Module):
    """A function of one tensor as a module: what `Sequential` and `Residual` make of a function.

    Args:
        function: The function. Parameters that it asks for have their full names.

    Example:
        >>> pg.nn.Lambda(pg.relu)(pg.Record().tensor([-1.0, 1.0])).tolist()
        [0.0, 1.0]
    """

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        if not callable(function):
            raise InputError(f"Lambda: cannot read function from {type(function).__name__}; expected a function")
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        """What the function makes of the input."""
        return self.function(x)


def _layer(of: str, layer: Any, expected: str) -> Module:
    """A module as it is, and a function as one."""
    if isinstance(layer, Module):
        return layer
    if isinstance(layer, type) and issubclass(layer, Module):
        raise InputError(
            f"{of}: `{layer.__name__}` is the class of a module; expected a module: `{layer.__name__}(...)`"
        )
    if not callable(layer) or isinstance(layer, type):
        raise InputError(f"{of}: cannot read {type(layer).__name__}; expected {expected}")
    return Lambda(layer)


class Sequential(Module):
    """Modules one after the other; their names are their numbers.

    A key is folded with each module's number, so that no two draw the same. A slice is a `Sequential` of the same
    modules under the same names.

    Args:
        *layers: Modules, or functions, that take one tensor.

    Example:
        >>> model = pg.nn.Sequential(pg.nn.Linear(64, 128), pg.nn.ReLU(), pg.nn.Dropout(0.5), pg.nn.Linear(128, 10))
        >>> rec = pg.Record(pg.ParameterStore(seed=0))
        >>> model(rec.ones((5, 64)), train=True, key=pg.Key(0)).shape
        (5, 10)
        >>> model[3].path, len(model), list(model[2:].children())
        ('3', 4, ['2', '3'])
    """

    def __init__(self, *layers: Module | Callable[[Tensor], Tensor]) -> None:
        for i, layer in enumerate(layers):
            setattr(self, str(i), _layer("Sequential", layer, "modules, as in `Sequential(*layers)`"))

    def forward(self, x: Tensor, *, train: bool = False, key: Key | None = None) -> Tensor:
        """What comes out of the last module."""
        for name, layer in vars(self).items():
            x = layer(x, train=train, key=None if key is None else key.fold_in(int(name)))
        return x

    def __len__(self) -> int:
        return len(vars(self))

    def __iter__(self) -> Iterator[Module]:
        return iter(vars(self).values())

    @overload
    def __getitem__(self, i: int) -> Module: ...
    @overload
    def __getitem__(self, i: slice) -> Sequential: ...
    def __getitem__(self, i: int | slice) -> Module:
        if not isinstance(i, slice):
            return list(self)[i]
        # Not made anew: the layers keep their paths, under which their parameters are in the store.
        part = object.__new__(Sequential)
        vars(part).update(list(vars(self).items())[i])
        needs = frozenset[str]().union(*(layer._facts.needs for layer in part))
        object.__setattr__(part, "_facts", self._facts._replace(identity=object(), needs=needs))
        return part


class Identity(Module):
    """The input as it is: where a module is wanted, and nothing is to be done.

    Example:
        >>> x = pg.Record().ones(3)
        >>> pg.nn.Identity()(x) is x
        True
    """

    def forward(self, x: Tensor) -> Tensor:
        """The input."""
        return x


class Residual(Module):
    """`x + inner(x)`.

    Args:
        inner: A module, or a function, whose output has its input's shape.

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> pg.nn.Residual(pg.nn.Linear(3, 3))(rec.ones((5, 3))).shape
        (5, 3)
    """

    def __init__(self, inner: Module | Callable[[Tensor], Tensor]) -> None:
        self.inner = _layer("Residual", inner, "a module or a function")

    def forward(self, x: Tensor, *, train: bool = False, key: Key | None = None) -> Tensor:
        """The input and what the module makes of it, added."""
        y: Tensor = self.inner(x, train=train, key=key)
        if y.shape != x.shape:
            raise self.misfit(y.shape, str(x.shape), "inner output")
        return x + y


class Dropout(Module):
    """Sets a share of the elements to 0 while training, and scales up the others (Srivastava and others, 2014).

    Which ones is drawn from the key of the call; the draw is repeated in the backward pass and not stored.

    Args:
        rate: The share that is set to 0.

    Example:
        >>> x, drop = pg.Record().ones((1000,)), pg.nn.Dropout(0.25)
        >>> drop(x) is x
        True
        >>> 0.2 < (drop(x, train=True, key=pg.Key(0)) == 0.0).mean().item() < 0.3
        True
    """

    def __init__(self, rate: float = 0.5) -> None:
        fraction(type(self).__name__, rate=rate)
        self.rate = rate

    def forward(self, x: Tensor, *, train: bool = False, key: Key | None = None) -> Tensor:
        """The input, with holes while training."""
        shape = self.shape_of(x)
        if not self.share(train=train, key=key) or key is None:
            return x
        kept = x.record.bernoulli(key, 1.0 - self.rate, self._drawn(shape))
        return where(kept, x * (1.0 / (1.0 - self.rate)), 0.0)

    def _drawn(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of what is drawn for an input's."""
        return shape

    def share(self, *, train: bool, key: Key | None) -> float:
        """The share that a call sets to 0."""
        if not train or not self.rate:
            return 0.0
        if key is None:
            raise InputError(f"{self._title()}: train=True without a key; call the model with `key=pg.Key(seed)`")
        return self.rate


class _ChannelDropout(Dropout):
    """Dropout that draws once for each channel, over any number of axes of space."""

    _ndim: ClassVar[int]

    def _drawn(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        n = self._ndim
        if len(shape) not in (n + 1, n + 2):
            raise self.misfit(shape, f"{n + 2} axes, or {n + 1} without the batch")
        return (*shape[:-n], *[1] * n)


class Dropout1d(_ChannelDropout):
    """Sets a share of the channels of `(batch, channels, length)` to 0 while training, and scales up the others.

    Args:
        rate: The share that is set to 0.

    Example:
        >>> y = pg.nn.Dropout1d()(pg.Record().ones((1, 9, 4)), train=True, key=pg.Key(0))
        >>> {len(set(channel)) for channel in y.tolist()[0]}  # a channel is dropped whole
        {1}
    """

    _ndim = 1


class Dropout2d(_ChannelDropout):
    """Sets a share of the channels of `(batch, channels, height, width)` to 0 while training, and scales up the others.

    From Tompson and others, 2015.

    Args:
        rate: The share that is set to 0.
    """

    _ndim = 2


class Dropout3d(_ChannelDropout):
    """Sets a share of the channels of `(batch, channels, depth, height, width)` to 0 while training.

    The others are scaled up.

    Args:
        rate: The share that is set to 0.
    """

    _ndim = 3
