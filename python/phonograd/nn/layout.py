"""Layers that compute nothing: the same elements under another shape, or with zeros around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from phonograd._core import ArgumentError, InputError
from phonograd._values import count as at_least
from phonograd._values import integer, kind

from .module import Module

if TYPE_CHECKING:
    from phonograd._core import Tensor


class Flatten(Module):
    """Some axes as one: all but the first, by default.

    Args:
        start: The first axis that is merged; negative ones count from the end.
        end: The last one.

    Raises:
        ShapeError: If an input does not have these axes.

    Example:
        >>> pg.nn.Flatten()(pg.Record().ones((5, 3, 4))).shape
        (5, 12)
        >>> pg.nn.Flatten(0, 1)(pg.Record().ones((5, 3, 4))).shape
        (15, 4)
    """

    def __init__(self, start: int = 1, end: int = -1) -> None:
        integer("Flatten", start=start, end=end)
        self.start, self.end = start, end

    def forward(self, x: Tensor) -> Tensor:
        """The same elements."""
        shape = self.shape_of(x)
        first, last = (axis + len(shape) if axis < 0 else axis for axis in (self.start, self.end))
        # Behind the last axis there is one of size 1 to be had, so that `(batch,)` becomes `(batch, 1)`.
        if not (0 <= first <= last < len(shape) or first == len(shape) == last + 1):
            raise self.misfit(shape, f"axes from {self.start} to {self.end}")
        return x.reshape(*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :])


class Unflatten(Module):
    """One axis as several.

    Args:
        axis: The axis.
        sizes: What it becomes; one of them may be -1, for what is left.

    Raises:
        ShapeError: If an input's axis does not have as many elements.

    Example:
        >>> pg.nn.Unflatten(1, (3, -1))(pg.Record().ones((5, 12))).shape
        (5, 3, 4)
    """

    def __init__(self, axis: int, sizes: Sequence[int]) -> None:
        integer("Unflatten", axis=axis)
        if not isinstance(sizes, list | tuple):
            raise InputError(f"Unflatten: cannot read sizes from {kind(sizes)}; expected a tuple of integers")
        for size in sizes:
            at_least("Unflatten", -1, sizes=size)
        if not sizes or list(sizes).count(-1) > 1:
            raise ArgumentError(f"Unflatten: sizes is {tuple(sizes)}; expected one size or more, and -1 at most once")
        self.axis, self.sizes = axis, tuple(sizes)

    def forward(self, x: Tensor) -> Tensor:
        """The same elements."""
        shape = self.shape_of(x)
        if not -len(shape) <= self.axis < len(shape):
            raise self.misfit(shape, f"an axis {self.axis}")
        axis = self.axis % len(shape)
        rest = math.prod(size for size in self.sizes if size != -1)
        if shape[axis] % rest if -1 in self.sizes and rest else shape[axis] != rest:
            raise self.misfit(shape, f"a size on axis {self.axis} that makes {self.sizes}")
        whole = tuple(shape[axis] // rest if size == -1 else size for size in self.sizes)
        return x.reshape(*shape[:axis], *whole, *shape[axis + 1 :])


class PixelShuffle(Module):
    """Channels as pixels (Shi and others, 2016).

    `(..., channels * factor**2, height, width)` becomes `(..., channels, height * factor, width * factor)`.

    Args:
        factor: How much larger the picture becomes.

    Raises:
        ShapeError: If the channels of an input are no multiple of the factor's square.

    Example:
        >>> pg.nn.PixelShuffle(2)(pg.Record().ones((5, 8, 3, 4))).shape
        (5, 2, 6, 8)
    """

    def __init__(self, factor: int) -> None:
        at_least("PixelShuffle", 1, factor=factor)
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """The same elements."""
        shape, r = self.shape_of(x), self.factor
        if len(shape) < 3 or shape[-3] % (r * r):
            raise self.misfit(shape, f"(..., channels, height, width) with a multiple of {r * r} channels")
        *batch, channels, height, width = shape
        n = len(batch)
        parts = x.reshape(*batch, channels // (r * r), r, r, height, width)
        moved = parts.transpose(*range(n + 1), n + 3, n + 1, n + 4, n + 2)
        return moved.reshape(*batch, channels // (r * r), height * r, width * r)


class PixelUnshuffle(Module):
    """Pixels as channels, which undoes `PixelShuffle`.

    Args:
        factor: How much smaller the picture becomes.

    Raises:
        ShapeError: If height or width of an input is no multiple of the factor.

    Example:
        >>> pg.nn.PixelUnshuffle(2)(pg.Record().ones((5, 2, 6, 8))).shape
        (5, 8, 3, 4)
    """

    def __init__(self, factor: int) -> None:
        at_least("PixelUnshuffle", 1, factor=factor)
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """The same elements."""
        shape, r = self.shape_of(x), self.factor
        if len(shape) < 3 or shape[-2] % r or shape[-1] % r:
            raise self.misfit(shape, f"(..., channels, height, width) with a height and a width in multiples of {r}")
        *batch, channels, height, width = shape
        n = len(batch)
        parts = x.reshape(*batch, channels, height // r, r, width // r, r)
        moved = parts.transpose(*range(n + 1), n + 2, n + 4, n + 1, n + 3)
        return moved.reshape(*batch, channels * r * r, height // r, width // r)


class _ZeroPad(Module):
    """Arguments and forward of padding over any number of axes."""

    _ndim: ClassVar[int]

    def __init__(self, padding: int | Sequence[int]) -> None:
        of, numbers = type(self).__name__, padding if isinstance(padding, list | tuple) else (padding,)
        for number in numbers:
            at_least(of, 0, padding=number)
        if len(numbers) not in (1, 2 * self._ndim):
            raise ArgumentError(f"{of}: padding is {tuple(numbers)}; expected one number or {2 * self._ndim}")
        self.padding = padding if isinstance(padding, int) else tuple(padding)

    def forward(self, x: Tensor) -> Tensor:
        """The input, and zeros around it."""
        shape, n = self.shape_of(x), self._ndim
        if len(shape) not in (n + 1, n + 2):
            raise self.misfit(shape, f"{n + 2} axes, or {n + 1} without the batch")
        numbers = self.padding if isinstance(self.padding, tuple) else (self.padding,)
        ends = numbers * (2 * n) if len(numbers) == 1 else numbers
        pairs = [(ends[2 * axis], ends[2 * axis + 1]) for axis in reversed(range(n))]
        return x.pad([(0, 0)] * (len(shape) - n) + pairs)


class ZeroPad1d(_ZeroPad):
    """Zeros around one axis of space.

    Args:
        padding: How many before and after: one number, or two.

    Example:
        >>> pg.nn.ZeroPad1d((1, 2))(pg.Record().ones((5, 3, 4))).shape
        (5, 3, 7)
    """

    _ndim = 1


class ZeroPad2d(_ZeroPad):
    """Zeros around two axes of space.

    Args:
        padding: How many: one number, or left, right, top and bottom, the last axis first.

    Example:
        >>> pg.nn.ZeroPad2d((1, 2, 0, 3))(pg.Record().ones((5, 3, 4, 4))).shape
        (5, 3, 7, 7)
    """

    _ndim = 2


class ZeroPad3d(_ZeroPad):
    """Zeros around three axes of space.

    Args:
        padding: How many: one number, or a pair for each axis in a row, the last axis first.

    Example:
        >>> pg.nn.ZeroPad3d(1)(pg.Record().ones((5, 3, 4, 4, 4))).shape
        (5, 3, 6, 6, 6)
    """

    _ndim = 3
