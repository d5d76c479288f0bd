"""Activations as modules, for `Sequential`; elsewhere the tensor's own methods are shorter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from phonograd._core import ArgumentError
from phonograd._values import count as at_least
from phonograd._values import finite, floating, integer, not_negative, readable

from .init import constant
from .module import Module

if TYPE_CHECKING:
    from phonograd._core import DType, Tensor


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
        finite("LeakyReLU", slope=slope)
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
        finite("ELU", alpha=alpha)
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
        if approximate not in ("none", "tanh"):
            raise ArgumentError(f'GELU: approximate is {approximate!r}; expected "none" or "tanh"')
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
        integer("Softmax", axis=axis)
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Shares that sum to 1."""
        return x.softmax(self.axis)


class Softmin(Module):
    """`exp(-x) / sum(exp(-x))` along an axis.

    Args:
        axis: The axis.
    """

    def __init__(self, axis: int = -1) -> None:
        integer("Softmin", axis=axis)
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Shares that sum to 1, the largest of the least."""
        return (-x).softmax(self.axis)


class LogSoftmax(Module):
    """`x - log(sum(exp(x)))` along an axis.

    Args:
        axis: The axis.
    """

    def __init__(self, axis: int = -1) -> None:
        integer("LogSoftmax", axis=axis)
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """The logarithms of shares that sum to 1."""
        return x.log_softmax(self.axis)


class LogSigmoid(Module):
    """`-log(1 + exp(-x))`."""

    def forward(self, x: Tensor) -> Tensor:
        """The logarithm of the logistic function."""
        return x.logsigmoid()


class ReLU6(Module):
    """`min(max(x, 0), 6)`."""

    def forward(self, x: Tensor) -> Tensor:
        """The positive part, up to 6."""
        return x.relu6()


class Hardtanh(Module):
    """`x` brought between two ends.

    Args:
        min_val: The lower end.
        max_val: The upper end.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        if not readable("Hardtanh", "min_val", min_val) <= readable("Hardtanh", "max_val", max_val):
            raise ArgumentError(f"Hardtanh: min_val is {min_val!r}, max_val {max_val!r}; expected the lower end first")
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x: Tensor) -> Tensor:
        """The input, cut off."""
        return x.hardtanh(self.min_val, self.max_val)


class Hardshrink(Module):
    """`x`, but 0 where `abs(x) <= lambd`.

    Args:
        lambd: How far from 0 that is.
    """

    def __init__(self, lambd: float = 0.5) -> None:
        not_negative("Hardshrink", lambd=lambd)
        self.lambd = lambd

    def forward(self, x: Tensor) -> Tensor:
        """The input without what is small."""
        return x.hardshrink(self.lambd)


class Softshrink(Module):
    """`x` moved towards 0 by `lambd`, as far as 0.

    Args:
        lambd: How far it is moved.
    """

    def __init__(self, lambd: float = 0.5) -> None:
        not_negative("Softshrink", lambd=lambd)
        self.lambd = lambd

    def forward(self, x: Tensor) -> Tensor:
        """The input, closer to 0."""
        return x.softshrink(self.lambd)


class Tanhshrink(Module):
    """`x - tanh(x)`."""

    def forward(self, x: Tensor) -> Tensor:
        """The input less its hyperbolic tangent."""
        return x.tanhshrink()


class Threshold(Module):
    """`x` where above a threshold, else a value.

    Args:
        threshold: The threshold.
        value: What takes the place of the rest.
    """

    def __init__(self, threshold: float, value: float) -> None:
        finite("Threshold", threshold=threshold, value=value)
        self.threshold, self.value = threshold, value

    def forward(self, x: Tensor) -> Tensor:
        """The input where it is large."""
        return x.threshold(self.threshold, self.value)


class Hardsigmoid(Module):
    """`x / 6 + 1 / 2`, brought between 0 and 1."""

    def forward(self, x: Tensor) -> Tensor:
        """The logistic function as three straight lines."""
        return x.hardsigmoid()


class Hardswish(Module):
    """`x` times `Hardsigmoid` of it."""

    def forward(self, x: Tensor) -> Tensor:
        """The input, gated by its own size."""
        return x.hardswish()


class SELU(Module):
    """`ELU`, scaled so that mean 0 and variance 1 stay so (Klambauer and others, 2017)."""

    def forward(self, x: Tensor) -> Tensor:
        """The input, its negative part bent, scaled."""
        return x.selu()


class CELU(Module):
    """`x` where positive, else `alpha * (exp(x / alpha) - 1)`, whose slope is continuous for every `alpha`.

    Args:
        alpha: How far down it goes.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        finite("CELU", alpha=alpha)
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        """The input, its negative part bent."""
        return x.celu(self.alpha)


class Mish(Module):
    """`x * tanh(log(1 + exp(x)))` (Misra, 2019)."""

    def forward(self, x: Tensor) -> Tensor:
        """The input, gated by its own size."""
        return x.mish()


class Softsign(Module):
    """`x / (1 + abs(x))`."""

    def forward(self, x: Tensor) -> Tensor:
        """The input, brought between -1 and 1."""
        return x.softsign()


class GLU(Module):
    """The first half of an axis, times the logistic function of the second (Dauphin and others, 2017).

    Args:
        axis: The axis, which becomes half as long.
    """

    def __init__(self, axis: int = -1) -> None:
        integer("GLU", axis=axis)
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """One half, gated by the other."""
        return x.glu(self.axis)


class PReLU(Module):
    """`x` where positive, else `weight * x`, with slopes that are learned (He and others, 2015).

    Args:
        count: How many slopes there are: 1, or one for each channel on axis 1.
        init: What they start from.
        dtype: Their dtype.

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> pg.nn.PReLU()(rec.tensor([[-1.0, 2.0]])).tolist()
        [[-0.25, 2.0]]
    """

    def __init__(self, count: int = 1, init: float = 0.25, *, dtype: DType | str = "float32") -> None:
        at_least("PReLU", 1, count=count)
        finite("PReLU", init=init)
        self.count, self._init, self.dtype = count, init, floating("PReLU", dtype)

    def forward(self, x: Tensor) -> Tensor:
        """The input, its negative part scaled."""
        return x.prelu(self.parameter(x, "weight", self.count, constant(self._init), self.dtype))
