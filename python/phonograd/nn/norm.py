"""Normalisation: inputs brought to mean 0 and variance 1, over features or over a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phonograd._core import ArgumentError, InputError, batch_norm, group_norm, layer_norm, rms_norm
from phonograd._values import count as at_least
from phonograd._values import flag, floating, integer, not_negative, readable

from .module import Module

if TYPE_CHECKING:
    from phonograd._core import DType, Tensor


class _Norm(Module):
    """What norms share: a factor and a term for each feature, unless there are to be none."""

    epsilon: float
    affine: bool
    dtype: DType | str

    def _settle_norm(self, epsilon: float, affine: bool, dtype: DType | str) -> None:
        not_negative(type(self).__name__, epsilon=epsilon)
        flag(type(self).__name__, affine=affine)
        self.epsilon, self.affine, self.dtype = epsilon, affine, floating(type(self).__name__, dtype)

    def _weight(self, x: Tensor, sizes: int | tuple[int, ...]) -> Tensor | None:
        return self.parameter(x, "weight", sizes, "ones", self.dtype) if self.affine else None

    def _bias(self, x: Tensor, sizes: int | tuple[int, ...]) -> Tensor | None:
        return self.parameter(x, "bias", sizes, "zeros", self.dtype) if self.affine else None


class _OverLast(_Norm):
    """What norms over the last axes share."""

    features: int | tuple[int, ...]

    def _settle(self, features: int | Sequence[int], epsilon: float, affine: bool, dtype: DType | str) -> None:
        self._settle_norm(epsilon, affine, dtype)
        sizes = features if isinstance(features, Sequence) else (features,)
        for size in sizes:
            at_least(type(self).__name__, 0, features=size)
        self.features = tuple(features) if isinstance(features, Sequence) else features

    def _sizes(self, x: Tensor) -> tuple[int, ...]:
        """The sizes of the axes that are brought to one scale, once the input is found to have them."""
        sizes, shape = self.features if isinstance(self.features, tuple) else (self.features,), self.shape_of(x)
        if not sizes or shape[-len(sizes) :] != sizes:
            raise self.misfit(shape, f"({', '.join(['...', *map(str, sizes)])})")
        return sizes


class LayerNorm(_OverLast):
    """`(x - mean) / sqrt(variance + epsilon) * weight + bias`, over the last axes (Ba and others, 2016).

    Args:
        features: The size of the last axis; or a tuple, for as many last axes together.
        bias: Whether there is one.
        affine: Whether there are a weight and a bias at all.
        epsilon: Keeps the division finite.
        dtype: The dtype of the parameters.

    Example:
        >>> x = pg.Record(pg.ParameterStore()).tensor([[1.0, 2.0, 3.0]])
        >>> pg.nn.LayerNorm(3)(x).data().round(3)
        array([[-1.225,  0.   ,  1.225]], dtype=float32)
    """

    def __init__(
        self,
        features: int | Sequence[int],
        bias: bool = True,
        *,
        affine: bool = True,
        epsilon: float = 1e-5,
        dtype: DType | str = "float32",
    ) -> None:
        self._settle(features, epsilon, affine, dtype)
        flag("LayerNorm", bias=bias)
        self.bias = bias

    def forward(self, x: Tensor) -> Tensor:
        """The input, normalised and scaled."""
        sizes = self._sizes(x)
        weight, bias = self._weight(x, sizes), self._bias(x, sizes) if self.bias else None
        return layer_norm(x, weight, bias, axis=tuple(range(-len(sizes), 0)), epsilon=self.epsilon)


class RMSNorm(_OverLast):
    """`x / sqrt(mean(x * x) + epsilon) * weight`, over the last axes (Zhang and Sennrich, 2019).

    Args:
        features: The size of the last axis; or a tuple, for as many last axes together.
        affine: Whether there is a weight.
        epsilon: Keeps the division finite; where PyTorch says None, it is the machine epsilon of the dtype.
        dtype: The dtype of the weight.

    Example:
        >>> x = pg.Record(pg.ParameterStore()).tensor([[3.0, 4.0]])
        >>> pg.nn.RMSNorm(2)(x).data().round(3)
        array([[0.849, 1.131]], dtype=float32)
    """

    def __init__(
        self,
        features: int | Sequence[int],
        *,
        affine: bool = True,
        epsilon: float = 1e-5,
        dtype: DType | str = "float32",
    ) -> None:
        self._settle(features, epsilon, affine, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """The input, scaled."""
        sizes = self._sizes(x)
        return rms_norm(x, self._weight(x, sizes), axis=tuple(range(-len(sizes), 0)), epsilon=self.epsilon)


class BatchNorm(_Norm):
    """Each channel brought to mean 0 and variance 1 over a batch, then scaled (Ioffe and Szegedy, 2015).

    While training, the batch's own mean and variance are used. What becomes of the running ones is noted in the record,
    and stored in `store.state` when the optimiser's step succeeds; in evaluation they are used. So a step that fails
    leaves them as they were, and calling the layer changes nothing.

    Args:
        features: How many channels there are.
        axis: Their axis.
        momentum: How far the running statistics go towards those of a batch in one step.
        affine: Whether there are a weight and a bias.
        epsilon: Keeps the division finite.
        dtype: The dtype of parameters and statistics.

    Example:
        >>> norm, store = pg.nn.BatchNorm(2), pg.ParameterStore()
        >>> rec = pg.Record(store)
        >>> y = norm(rec.tensor([[0.0, 5.0], [2.0, 7.0]]), train=True)
        >>> pg.optim.SGD(0.1).step(store, y.square().sum().grad())
        >>> store.state["running_mean"].round(4).tolist()
        [0.1..., 0.6...]
    """

    def __init__(
        self,
        features: int,
        *,
        axis: int = 1,
        momentum: float = 0.1,
        affine: bool = True,
        epsilon: float = 1e-5,
        dtype: DType | str = "float32",
    ) -> None:
        at_least("BatchNorm", 0, features=features)
        integer("BatchNorm", axis=axis)
        self._settle_norm(epsilon, affine, dtype)
        if momentum is None:
            raise InputError(
                "BatchNorm: momentum is None, of a mean of all batches alike; expected a number from 0 to 1"
            )
        if not 0.0 <= readable("BatchNorm", "momentum", momentum) <= 1.0:
            raise ArgumentError(f"BatchNorm: momentum is {momentum!r}; expected a number from 0 to 1")
        self.features, self.axis, self.momentum = features, axis, momentum

    def forward(self, x: Tensor, *, train: bool = False) -> Tensor:
        """The input, normalised and scaled."""
        shape = self.shape_of(x)
        if not -len(shape) <= self.axis < len(shape) or shape[self.axis] != self.features:
            raise self.misfit(shape, f"{self.features} channels on axis {self.axis}")
        mean = self.state(x, "running_mean", self.features, "zeros", self.dtype)
        variance = self.state(x, "running_var", self.features, "ones", self.dtype)
        weight, bias = self._weight(x, self.features), self._bias(x, self.features)
        if not train:
            y, _, _ = batch_norm(x, weight, bias, mean=mean, var=variance, axis=self.axis, epsilon=self.epsilon)
            return y
        count = x.size // max(self.features, 1)
        if count < 2:
            raise self.misfit(shape, "at least 2 values a channel to train on")
        y, batch_mean, batch_variance = batch_norm(x, weight, bias, axis=self.axis, epsilon=self.epsilon)
        unbiased = batch_variance * (count / (count - 1))
        for name, old, new in (("running_mean", mean, batch_mean), ("running_var", variance, unbiased)):
            seen = new.stop_gradient().astype(self.dtype)
            self.next_state(name, (1.0 - self.momentum) * old + self.momentum * seen)
        return y


class GroupNorm(_Norm):
    """Groups of channels brought to mean 0 and variance 1, each example for itself, then scaled (Wu and He, 2018).

    Args:
        groups: How many groups the channels make.
        features: How many channels there are, on axis 1.
        affine: Whether there are a weight and a bias.
        epsilon: Keeps the division finite.
        dtype: The dtype of the parameters.

    Example:
        >>> pg.nn.GroupNorm(2, 4)(pg.Record(pg.ParameterStore()).ones((5, 4, 3))).shape
        (5, 4, 3)
    """

    def __init__(
        self,
        groups: int,
        features: int,
        *,
        affine: bool = True,
        epsilon: float = 1e-5,
        dtype: DType | str = "float32",
    ) -> None:
        at_least("GroupNorm", 0, features=features)
        at_least("GroupNorm", 1, groups=groups)
        self._settle_norm(epsilon, affine, dtype)
        if features % groups:
            raise ArgumentError(f"GroupNorm: groups is {groups}; expected a number that divides {features} features")
        self.groups, self.features = groups, features

    def forward(self, x: Tensor) -> Tensor:
        """The input, normalised and scaled."""
        shape = self.shape_of(x)
        if shape[1:2] != (self.features,):
            raise self.misfit(shape, f"(batch, {self.features}, ...)")
        weight, bias = self._weight(x, self.features), self._bias(x, self.features)
        return group_norm(x, self.groups, weight, bias, epsilon=self.epsilon)
