"""Convolutions and pooling as modules, for inputs `(batch, channels, *space)` or without the batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from phonograd import _core
from phonograd._core import ArgumentError
from phonograd._values import count, flag, floating

from .init import function, known
from .module import Module

if TYPE_CHECKING:
    from phonograd._core import DType, Key, Record, Tensor

    from .init import Init

Sizes = int | Sequence[int]
Padding = int | Sequence[int] | Sequence[Sequence[int]] | str

_SPACE = ("length", "height, width", "depth, height, width")


def settled(of: str, ndim: int, least: int, **sizes: Any) -> Sizes:
    """A size, or one for each axis of space as a tuple that nobody changes; one argument, by its name."""
    ((name, value),) = sizes.items()
    if not isinstance(value, list | tuple):
        count(of, least, **sizes)
        size: int = value
        return size
    for size in value:
        count(of, least, **{name: size})
    if len(value) not in (1, ndim):
        raise ArgumentError(f"{of}: {name} is {tuple(value)}; expected one size or {ndim}")
    return tuple(value)


def padded(of: str, ndim: int, padding: Padding) -> Padding:
    """A padding whose numbers are counted; of its word, and of what fits, the operation speaks."""
    if isinstance(padding, str):
        return padding
    if isinstance(padding, list | tuple) and any(isinstance(pair, list | tuple) for pair in padding):
        for pair in padding:
            settled(of, 2, 0, padding=pair)
        return padding
    return settled(of, ndim, 0, padding=padding)


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
        of = type(self).__name__
        count(of, 1, inputs=inputs, outputs=outputs, groups=groups)
        flag(of, bias=bias)
        if inputs % groups or outputs % groups:
            raise ArgumentError(
                f"{of}: groups is {groups}; expected a number that divides {inputs} inputs and {outputs} outputs"
            )
        self.inputs, self.outputs, self.groups, self.bias = inputs, outputs, groups, bias
        self.dtype = floating(of, dtype)
        self.kernel_size, self._init = settled(of, self._ndim, 1, kernel_size=kernel_size), known(of, init)

    def _taps(self) -> tuple[int, ...]:
        sizes = (self.kernel_size,) if isinstance(self.kernel_size, int) else tuple(self.kernel_size)
        return sizes * self._ndim if len(sizes) == 1 else sizes

    def _parameters(self, x: Tensor, shape: tuple[int, ...], outputs: int) -> tuple[Tensor, Tensor | None]:
        """Weight and bias, once the input is found to fit; `outputs` is the axis of the weight that counts them."""
        seen = self.shape_of(x)
        if len(seen) - self._ndim not in (1, 2) or seen[-self._ndim - 1] != self.inputs:
            raise self.misfit(seen, f"(batch, {self.inputs}, {_SPACE[self._ndim - 1]})")
        weight = self.parameter(x, "weight", (*shape, *self._taps()), _drawn(self._init, outputs), self.dtype)
        return weight, self.parameter(x, "bias", self.outputs, "zeros", self.dtype) if self.bias else None


def _drawn(init: Init, outputs: int) -> Init:
    """An initialiser that sees a weight as the matrix it is for each place: inputs and taps by outputs."""
    inner = function("init", init)
    if getattr(inner, "of_kernels", False):
        return inner

    def drawn(rec: Record, key: Key, shape: tuple[int, ...], dtype: DType | str) -> Tensor:
        rest = [size for axis, size in enumerate(shape) if axis != outputs]
        matrix = inner(rec, key, (math.prod(rest), shape[outputs]), dtype)
        if getattr(inner, "by_outputs", False):  # which are reached once from each tap
            matrix = matrix * math.prod(shape[2:]) ** -0.5
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
        of, ndim = type(self).__name__, self._ndim
        self.stride, self.dilation = settled(of, ndim, 1, stride=stride), settled(of, ndim, 1, dilation=dilation)
        self.padding = padded(of, ndim, padding)

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
        of, ndim = type(self).__name__, self._ndim
        self.stride, self.dilation = settled(of, ndim, 1, stride=stride), settled(of, ndim, 1, dilation=dilation)
        self.padding = padded(of, ndim, padding)
        self.output_padding = settled(of, ndim, 0, output_padding=output_padding)

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
