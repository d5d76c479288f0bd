"""Modules made of others, and dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phonograd._core import InputError, where
from phonograd._values import fraction

from .module import Module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phonograd._core import Key, Tensor


class Sequential(Module):
    """Modules one after the other; their names are their numbers.

    A key is folded with each module's number, so that no two draw the same.

    Args:
        *layers: Modules that take one tensor.

    Example:
        >>> model = pg.nn.Sequential(pg.nn.Linear(64, 128), pg.nn.ReLU(), pg.nn.Dropout(0.5), pg.nn.Linear(128, 10))
        >>> rec = pg.Record(pg.ParameterStore(seed=0))
        >>> model(rec.ones((5, 64)), train=True, key=pg.Key(0)).shape
        (5, 10)
        >>> model[3].path, len(model)
        ('3', 4)
    """

    def __init__(self, *layers: Module) -> None:
        for i, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise InputError(
                    f"Sequential: cannot read {type(layer).__name__}; expected modules, as in `Sequential(*layers)`"
                )
            setattr(self, str(i), layer)

    def forward(self, x: Tensor, *, train: bool = False, key: Key | None = None) -> Tensor:
        """What comes out of the last module."""
        for i, layer in enumerate(self):
            x = layer(x, train=train, key=None if key is None else key.fold_in(i))
        return x

    def __len__(self) -> int:
        return len(vars(self))

    def __iter__(self) -> Iterator[Module]:
        return iter(vars(self).values())

    def __getitem__(self, i: int) -> Module:
        return list(self)[i]


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
        inner: A module whose output has its input's shape.

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> pg.nn.Residual(pg.nn.Linear(3, 3))(rec.ones((5, 3))).shape
        (5, 3)
    """

    def __init__(self, inner: Module) -> None:
        self.inner = inner

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

    def __init__(self, rate: float) -> None:
        fraction("Dropout", rate=rate)
        self.rate = rate

    def forward(self, x: Tensor, *, train: bool = False, key: Key | None = None) -> Tensor:
        """The input, with holes while training."""
        shape = self.shape_of(x)
        if not self.share(train=train, key=key) or key is None:
            return x
        kept = x.record.bernoulli(key, 1.0 - self.rate, shape)
        return where(kept, x * (1.0 / (1.0 - self.rate)), 0.0)

    def share(self, *, train: bool, key: Key | None) -> float:
        """The share that a call sets to 0."""
        if not train or not self.rate:
            return 0.0
        if key is None:
            raise InputError(f"{self._title()}: train=True without a key; call the model with `key=pg.Key(seed)`")
        return self.rate
