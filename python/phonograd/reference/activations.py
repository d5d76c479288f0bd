"""Activations made of other operations: no rules of their own, so their derivatives are right when their parts' are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .binary import greater, where
from .errors import ArgumentError
from .unary import erfc, expm1, sigmoid, square, tanh

if TYPE_CHECKING:
    from .tensor import Tensor


def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`x` where positive, else `negative_slope * x`."""
    return where(greater(x, 0.0), x, x * float(negative_slope))


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """`x` where positive, else `alpha * (e**x - 1)`."""
    return where(greater(x, 0.0), x, expm1(x) * float(alpha))


def silu(x: Tensor) -> Tensor:
    """`x * sigmoid(x)`, also called swish."""
    return x * sigmoid(x)


def gelu(x: Tensor, approximate: str = "none") -> Tensor:
    """`x` times the normal distribution function, exact or as "tanh" approximates it (Hendrycks and Gimpel, 2016)."""
    if approximate == "none":
        return 0.5 * x * erfc(x * -math.sqrt(0.5))  # erfc instead of 1 + erf keeps the digits of negative x
    if approximate == "tanh":
        x = 1.0 * x if x.dtype.kind == "b" else x  # as the exact form, which multiplies by a float first
        return 0.5 * x * (1.0 + tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x * square(x))))
    raise ArgumentError(f"gelu: approximate is {approximate!r}; 'none' or 'tanh' would fit")
