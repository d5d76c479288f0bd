"""Pooling as modules, for inputs `(batch, channels, *space)` or without the batch: see the functions of these names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from phonograd import _core
from phonograd._values import flag

from .conv import Padding, Sizes, padded, settled
from .module import Module

if TYPE_CHECKING:
    from phonograd._core import Tensor


class _Pool(Module):
    """Arguments of pooling over any number of axes."""

    _ndim: ClassVar[int]
    _apply: ClassVar[Callable[..., Tensor]]
    kernel_size: Sizes
    stride: Sizes | None
    padding: Padding
    ceil_mode: bool
    count_include_pad: bool

    def _settle(self, kernel_size: Sizes, stride: Sizes | None, padding: Padding, **flags: bool) -> None:
        of, ndim = type(self).__name__, self._ndim
        flag(of, **flags)
        self.kernel_size, self.padding = settled(of, ndim, 1, kernel_size=kernel_size), padded(of, ndim, padding)
        self.stride = None if stride is None else settled(of, ndim, 1, stride=stride)
        vars(self).update(flags)


class _MaxPool(_Pool):
    """Arguments and forward of pooling over any number of axes: the largest element of each window."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Padding = 0,
        dilation: Sizes = 1,
        ceil_mode: bool = False,
    ) -> None:
        self._settle(kernel_size, stride, padding, ceil_mode=ceil_mode)
        self.dilation = settled(type(self).__name__, self._ndim, 1, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        """The largest elements."""
        return self._apply(x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)


class MaxPool1d(_MaxPool):
    """The largest element of each window: see `phonograd.max_pool1d`.

    Args:
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, which are never the largest.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.
    """

    _ndim, _apply = 1, staticmethod(_core.max_pool1d)


class MaxPool2d(_MaxPool):
    """The largest element of each window: see `phonograd.max_pool2d`.

    Args:
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, which are never the largest.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.
    """

    _ndim, _apply = 2, staticmethod(_core.max_pool2d)


class MaxPool3d(_MaxPool):
    """The largest element of each window: see `phonograd.max_pool3d`.

    Args:
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, which are never the largest.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.
    """

    _ndim, _apply = 3, staticmethod(_core.max_pool3d)


class _AvgPool(_Pool):
    """Arguments and forward of pooling over any number of axes: the mean of each window."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Padding = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self._settle(kernel_size, stride, padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad)

    def forward(self, x: Tensor) -> Tensor:
        """The means."""
        return self._apply(x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class AvgPool1d(_AvgPool):
    """The mean of each window: see `phonograd.avg_pool1d`.

    Args:
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Zeros before and after.
        ceil_mode: Whether the last window may reach beyond the padding.
        count_include_pad: Whether the zeros of the padding count.
    """

    _ndim, _apply = 1, staticmethod(_core.avg_pool1d)


class AvgPool2d(_AvgPool):
    """The mean of each window: see `phonograd.avg_pool2d`.

    Args:
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Zeros before and after.
        ceil_mode: Whether the last window may reach beyond the padding.
        count_include_pad: Whether the zeros of the padding count.
    """

    _ndim, _apply = 2, staticmethod(_core.avg_pool2d)


class AvgPool3d(_AvgPool):
    """The mean of each window: see `phonograd.avg_pool3d`.

    Args:
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Zeros before and after.
        ceil_mode: Whether the last window may reach beyond the padding.
        count_include_pad: Whether the zeros of the padding count.
    """

    _ndim, _apply = 3, staticmethod(_core.avg_pool3d)


class _AdaptivePool(Module):
    """Arguments and forward of pooling over any number of axes into so many parts of the space."""

    _ndim: ClassVar[int]
    _apply: ClassVar[Callable[..., Tensor]]

    def __init__(self, output_size: int | Sequence[int | None] | None) -> None:
        # An axis that stays as it is may have any size.
        whole = output_size if isinstance(output_size, list | tuple) else [output_size]
        numbers = [1 if size is None else size for size in whole]
        settled(type(self).__name__, self._ndim, 1, output_size=numbers)
        self.output_size = tuple(whole) if isinstance(output_size, list | tuple) else output_size

    def forward(self, x: Tensor) -> Tensor:
        """What there is of each part."""
        sizes = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,)
        if None not in sizes:
            return self._apply(x, sizes)
        shape, n = self.shape_of(x), self._ndim
        if len(shape) not in (n + 1, n + 2):
            raise self.misfit(shape, f"{n + 2} axes, or {n + 1} without the batch")
        wanted = sizes * n if len(sizes) == 1 else sizes
        return self._apply(x, [own if size is None else size for own, size in zip(shape[-n:], wanted, strict=True)])


class AdaptiveAvgPool1d(_AdaptivePool):
    """The means of so many parts of the space: see `phonograd.adaptive_avg_pool1d`.

    Args:
        output_size: How many parts, for all axes or for each; None leaves an axis as it is.
    """

    _ndim, _apply = 1, staticmethod(_core.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptivePool):
    """The means of so many parts of the space: see `phonograd.adaptive_avg_pool2d`.

    Args:
        output_size: How many parts, for all axes or for each; None leaves an axis as it is.
    """

    _ndim, _apply = 2, staticmethod(_core.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptivePool):
    """The means of so many parts of the space: see `phonograd.adaptive_avg_pool3d`.

    Args:
        output_size: How many parts, for all axes or for each; None leaves an axis as it is.
    """

    _ndim, _apply = 3, staticmethod(_core.adaptive_avg_pool3d)


class AdaptiveMaxPool1d(_AdaptivePool):
    """The largest elements of so many parts of the space: see `phonograd.adaptive_max_pool1d`.

    Args:
        output_size: How many parts, for all axes or for each; None leaves an axis as it is.
    """

    _ndim, _apply = 1, staticmethod(_core.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptivePool):
    """The largest elements of so many parts of the space: see `phonograd.adaptive_max_pool2d`.

    Args:
        output_size: How many parts, for all axes or for each; None leaves an axis as it is.
    """

    _ndim, _apply = 2, staticmethod(_core.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptivePool):
    """The largest elements of so many parts of the space: see `phonograd.adaptive_max_pool3d`.

    Args:
        output_size: How many parts, for all axes or for each; None leaves an axis as it is.
    """

    _ndim, _apply = 3, staticmethod(_core.adaptive_max_pool3d)
