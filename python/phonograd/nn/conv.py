"""Convolutions and pooling as modules, for inputs `(batch, channels, *space)` or without the batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from phonograd import _core
from phonograd._core import ArgumentError

from . import init as initialisers
from .module import Module

if TYPE_CHECKING:
    from phonograd._core import DType, Key, Record, Tensor

    from .init import Init

Sizes = int | Sequence[int]
Padding = int | Sequence[int] | Sequence[Sequence[int]] | str

_SPACE = ("length", "height, width", "depth, height, width")


def settled(value: Sizes) -> Sizes:
    """A size, or one for each axis of space as a tuple that nobody changes."""
    return tuple(value) if isinstance(value, list | tuple) else value


class _Convolution(Module):
    """Parameters of a convolution in either direction: a weight whose first two axes are channels, and a bias."""

    _ndim: ClassVar[int]
    _apply: ClassVar[Callable[..., Tensor]]
    inputs: int
    outputs: int
    groups: int
    bias: bool
    kernel_size: Sizes
    dtype: DType | str
    _init: Init

    def _settle(
        self, inputs: int, outputs: int, kernel_size: Sizes, groups: int, bias: bool, init: Init, dtype: DType | str
    ) -> None:
        if groups < 1 or inputs % groups or outputs % groups:
            raise ArgumentError(
                f"{type(self).__name__}: groups is {groups}; expected a number that divides {inputs} inputs and "
                f"{outputs} outputs"
            )
        self.inputs, self.outputs, self.groups, self.bias, self.dtype = inputs, outputs, groups, bias, dtype
        self.kernel_size, self._init = settled(kernel_size), init

    def _taps(self) -> tuple[int, ...]:
        return (self.kernel_size,) * self._ndim if isinstance(self.kernel_size, int) else tuple(self.kernel_size)

    def _parameters(self, x: Tensor, shape: tuple[int, ...], outputs: int) -> tuple[Tensor, Tensor | None]:
        """Weight and bias, once the input is found to fit; `outputs` is the axis of the weight that counts them."""
        seen = self.shape_of(x)
        if len(seen) - self._ndim not in (1, 2) or seen[-self._ndim - 1] != self.inputs:
            raise self.misfit(seen, f"(batch, {self.inputs}, {_SPACE[self._ndim - 1]})")
        weight = self.parameter(x, "weight", (*shape, *self._taps()), _drawn(self._init, outputs), self.dtype)
        return weight, self.parameter(x, "bias", self.outputs, "zeros", self.dtype) if self.bias else None


def _drawn(init: Init, outputs: int) -> Init:
    """An initialiser that sees a weight as the matrix it is for each place: inputs and taps by outputs."""
    named = {
        "glorot_uniform": initialisers.xavier_uniform,
        "xavier_uniform": initialisers.xavier_uniform,
        "he_normal": initialisers.kaiming_normal,
        "kaiming_normal": initialisers.kaiming_normal,
    }
    inner = named[init]() if isinstance(init, str) and init in named else init
    if isinstance(inner, str | tuple):
        return inner

    def drawn(rec: Record, key: Key, shape: tuple[int, ...], dtype: DType | str) -> Tensor:
        rest = [size for axis, size in enumerate(shape) if axis != outputs]
        matrix = inner(rec, key, (math.prod(rest), shape[outputs]), dtype)
        return matrix.T.reshape(shape[outputs], *rest).moveaxis(0, outputs)

    return drawn


class _Forward(_Convolution):
    """Arguments and forward of a convolution over any number of axes."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Padding = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        init: Init = "glorot_uniform",
        dtype: DType | str = "float32",
    ) -> None:
        self._settle(inputs, outputs, kernel_size, groups, bias, init, dtype)
        self.stride, self.padding, self.dilation = settled(stride), padding, settled(dilation)

    def forward(self, x: Tensor) -> Tensor:
        """The convolution, and the bias added to each channel."""
        weight, bias = self._parameters(x, (self.outputs, self.inputs // self.groups), 0)
        return self._apply(x, weight, bias, self.stride, self.padding, self.dilation, self.groups)


class Conv1d(_Forward):
    """Convolution over one axis of space: see `phonograd.conv1d`.

    The weight has shape `(outputs, inputs / groups, length)`.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place.
        padding: Zeros before and after: numbers, pairs of numbers, "same" or "valid".
        dilation: Elements from tap to tap.
        groups: Groups of channels that do not see each other.
        bias: Whether there is one.
        init: What the weight starts from, seen as a matrix of inputs and taps by outputs; the bias starts from zeros.
        dtype: The dtype of the parameters.

    Example:
        >>> pg.nn.Conv1d(3, 8, 3, padding=1)(pg.Record(pg.ParameterStore()).ones((2, 3, 6))).shape
        (2, 8, 6)
    """

    _ndim, _apply = 1, staticmethod(_core.conv1d)


class Conv2d(_Forward):
    """Convolution over two axes of space: see `phonograd.conv2d`.

    The weight has shape `(outputs, inputs / groups, height, width)`.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place.
        padding: Zeros before and after: numbers, pairs of numbers, "same" or "valid".
        dilation: Elements from tap to tap.
        groups: Groups of channels that do not see each other.
        bias: Whether there is one.
        init: What the weight starts from, seen as a matrix of inputs and taps by outputs; the bias starts from zeros.
        dtype: The dtype of the parameters.

    Example:
        >>> pg.nn.Conv2d(3, 8, 3, padding=1)(pg.Record(pg.ParameterStore()).ones((2, 3, 6, 5))).shape
        (2, 8, 6, 5)
    """

    _ndim, _apply = 2, staticmethod(_core.conv2d)


class Conv3d(_Forward):
    """Convolution over three axes of space: see `phonograd.conv3d`.

    The weight has shape `(outputs, inputs / groups, depth, height, width)`.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements from place to place.
        padding: Zeros before and after: numbers, pairs of numbers, "same" or "valid".
        dilation: Elements from tap to tap.
        groups: Groups of channels that do not see each other.
        bias: Whether there is one.
        init: What the weight starts from, seen as a matrix of inputs and taps by outputs; the bias starts from zeros.
        dtype: The dtype of the parameters.

    Example:
        >>> pg.nn.Conv3d(3, 8, 3, padding=1)(pg.Record(pg.ParameterStore()).ones((2, 3, 6, 5, 4))).shape
        (2, 8, 6, 5, 4)
    """

    _ndim, _apply = 3, staticmethod(_core.conv3d)


class _Transposed(_Convolution):
    """Arguments and forward of a transposed convolution over any number of axes."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Padding = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        *,
        init: Init = "glorot_uniform",
        dtype: DType | str = "float32",
    ) -> None:
        self._settle(inputs, outputs, kernel_size, groups, bias, init, dtype)
        self.stride, self.padding, self.dilation = settled(stride), padding, settled(dilation)
        self.output_padding = settled(output_padding)

    def forward(self, x: Tensor) -> Tensor:
        """The transposed convolution, and the bias added to each channel."""
        weight, bias = self._parameters(x, (self.inputs, self.outputs // self.groups), 1)
        return self._apply(x, weight, bias, self.stride, self.padding, self.output_padding, self.groups, self.dilation)


class ConvTranspose1d(_Transposed):
    """Transposed convolution over one axis of space: see `phonograd.conv_transpose1d`.

    The weight has shape `(inputs, outputs / groups, length)`.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements of the output from place to place.
        padding: Elements cut off before and after: numbers, or pairs of numbers.
        output_padding: Elements added at the end.
        groups: Groups of channels that do not see each other.
        bias: Whether there is one.
        dilation: Elements from tap to tap.
        init: What the weight starts from, seen as a matrix of inputs and taps by outputs; the bias starts from zeros.
        dtype: The dtype of the parameters.

    Example:
        >>> pg.nn.ConvTranspose1d(3, 8, 2, stride=2)(pg.Record(pg.ParameterStore()).ones((2, 3, 6))).shape
        (2, 8, 12)
    """

    _ndim, _apply = 1, staticmethod(_core.conv_transpose1d)


class ConvTranspose2d(_Transposed):
    """Transposed convolution over two axes of space: see `phonograd.conv_transpose2d`.

    The weight has shape `(inputs, outputs / groups, height, width)`.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements of the output from place to place.
        padding: Elements cut off before and after: numbers, or pairs of numbers.
        output_padding: Elements added at the end.
        groups: Groups of channels that do not see each other.
        bias: Whether there is one.
        dilation: Elements from tap to tap.
        init: What the weight starts from, seen as a matrix of inputs and taps by outputs; the bias starts from zeros.
        dtype: The dtype of the parameters.

    Example:
        >>> pg.nn.ConvTranspose2d(3, 8, 2, stride=2)(pg.Record(pg.ParameterStore()).ones((2, 3, 6, 5))).shape
        (2, 8, 12, 10)
    """

    _ndim, _apply = 2, staticmethod(_core.conv_transpose2d)


class ConvTranspose3d(_Transposed):
    """Transposed convolution over three axes of space: see `phonograd.conv_transpose3d`.

    The weight has shape `(inputs, outputs / groups, depth, height, width)`.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel_size: Sizes of the window, one number for all axes or one for each.
        stride: Elements of the output from place to place.
        padding: Elements cut off before and after: numbers, or pairs of numbers.
        output_padding: Elements added at the end.
        groups: Groups of channels that do not see each other.
        bias: Whether there is one.
        dilation: Elements from tap to tap.
        init: What the weight starts from, seen as a matrix of inputs and taps by outputs; the bias starts from zeros.
        dtype: The dtype of the parameters.

    Example:
        >>> pg.nn.ConvTranspose3d(3, 8, 2, stride=2)(pg.Record(pg.ParameterStore()).ones((2, 3, 6, 5, 4))).shape
        (2, 8, 12, 10, 8)
    """

    _ndim, _apply = 3, staticmethod(_core.conv_transpose3d)
