"""Activations as modules, for `Sequential`; elsewhere the tensor's own methods are shorter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .module import Module

if TYPE_CHECKING:
    from phonograd._core import Tensor


class ReLU(Module):
    """`max(x, 0)`."""

    def forward(self, x: Tensor) -> Tensor:
        """The positive part."""
        return x.relu()


class LeakyReLU(Module):
    """`x` where positive, else `slope * x`.

    Args:
        slope: The slope of the negative side.
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        """The input, its negative part scaled."""
        return x.leaky_relu(self.slope)


class ELU(Module):
    """`x` where positive, else `alpha * (exp(x) - 1)`.

    Args:
        alpha: How far down it goes.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        """The input, its negative part bent."""
        return x.elu(self.alpha)


class GELU(Module):
    """`x` times the normal distribution function.

    Args:
        approximate: `"none"` with the error function, `"tanh"` as in the first transformers.
    """

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        self.approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        """The input, gated by its own size."""
        return x.gelu(self.approximate)


class SiLU(Module):
    """`x * sigmoid(x)`."""

    def forward(self, x: Tensor) -> Tensor:
        """The input, gated by its own size."""
        return x.silu()


class Sigmoid(Module):
    """`1 / (1 + exp(-x))`."""

    def forward(self, x: Tensor) -> Tensor:
        """The logistic function."""
        return x.sigmoid()


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, x: Tensor) -> Tensor:
        """The hyperbolic tangent."""
        return x.tanh()


class Softplus(Module):
    """`log(1 + exp(x))`."""

    def forward(self, x: Tensor) -> Tensor:
        """A smooth positive part."""
        return x.softplus()


class Softmax(Module):
    """`exp(x) / sum(exp(x))` along an axis.

    Args:
        axis: The axis.
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Shares that sum to 1."""
        return x.softmax(self.axis)
