"""Layers that are one product or one look-up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from phonograd._core import DTypeError
from phonograd._values import count as at_least
from phonograd._values import flag

from .init import known
from .module import Module

if TYPE_CHECKING:
    from phonograd._core import DType, Tensor

    from .init import Init


class Linear(Module):
    """`y = x @ weight + bias` for inputs `(..., inputs)`; the weight has shape `(inputs, outputs)`.

    Args:
        inputs: The size of the input's last axis.
        outputs: The size of the output's last axis.
        bias: Whether there is one.
        init: What the weight starts from; the bias starts from zeros.
        dtype: The dtype of the parameters.

    Example:
        >>> pg.nn.Linear(3, 2)(pg.Record(pg.ParameterStore()).ones((5, 3))).shape
        (5, 2)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        bias: bool = True,
        *,
        init: Init = "glorot_uniform",
        dtype: DType | str = "float32",
    ) -> None:
        at_least("Linear", 0, inputs=inputs, outputs=outputs)
        flag("Linear", bias=bias)
        self.inputs, self.outputs, self.bias, self.dtype = inputs, outputs, bias, dtype
        self._init = known("Linear", init)

    def forward(self, x: Tensor) -> Tensor:
        """The product, and the bias added."""
        shape = self.shape_of(x)
        if shape[-1:] != (self.inputs,):
            raise self.misfit(shape, f"(..., {self.inputs})")
        y = x @ self.parameter(x, "weight", (self.inputs, self.outputs), self._init, self.dtype)
        return y + self.parameter(x, "bias", self.outputs, "zeros", self.dtype) if self.bias else y


class Bilinear(Module):
    """`y[o] = left @ weight[o] @ right + bias[o]` for two inputs; the weight has shape `(outputs, left, right)`.

    Args:
        left: The size of the first input's last axis.
        right: The size of the second input's last axis.
        outputs: The size of the output's last axis.
        bias: Whether there is one.
        init: What the weight starts from: by default uniform within `1 / sqrt(left)`.
        dtype: The dtype of the parameters.

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> pg.nn.Bilinear(3, 4, 2)(rec.ones((5, 3)), rec.ones((5, 4))).shape
        (5, 2)
    """

    def __init__(
        self,
        left: int,
        right: int,
        outputs: int,
        bias: bool = True,
        *,
        init: Init | None = None,
        dtype: DType | str = "float32",
    ) -> None:
        at_least("Bilinear", 1, left=left)  # the bound of its first values divides by it
        at_least("Bilinear", 0, right=right, outputs=outputs)
        flag("Bilinear", bias=bias)
        self.left, self.right, self.outputs, self.bias, self.dtype = left, right, outputs, bias, dtype
        self._init = None if init is None else known("Bilinear", init)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """The form, and the bias added."""
        first, second = self.shape_of(left, "left input"), self.shape_of(right, "right input")
        if first[-1:] != (self.left,):
            raise self.misfit(first, f"(..., {self.left})", "left input")
        if second != (*first[:-1], self.right):
            raise self.misfit(second, str((*first[:-1], self.right)), "right input")
        init = ("uniform", self.left**-0.5) if self._init is None else self._init
        weight = self.parameter(left, "weight", (self.outputs, self.left, self.right), init, self.dtype)
        # All products of the left input at once, then one small product a row.
        rows = left.reshape(-1, self.left) @ weight.swapaxes(0, 1).reshape(self.left, -1)
        rows = rows.reshape(-1, self.outputs, self.right) @ right.reshape(-1, self.right, 1)
        y = rows.reshape(*first[:-1], self.outputs)
        return y + self.parameter(left, "bias", self.outputs, "zeros", self.dtype) if self.bias else y


class Embedding(Module):
    """A row of a table for each integer; the table is the parameter `weight` of shape `(count, features)`.

    Args:
        count: How many rows there are.
        features: The size of a row.
        init: What the table starts from.
        dtype: Its dtype.

    Example:
        >>> embed = pg.nn.Embedding(10, 4)
        >>> rec = pg.Record(pg.ParameterStore())
        >>> x = embed(rec.tensor([[1, 2, 3]]))
        >>> x.shape, embed.attend(x).shape
        ((1, 3, 4), (1, 3, 10))
    """

    def __init__(
        self, count: int, features: int, *, init: Init = ("normal", 1.0), dtype: DType | str = "float32"
    ) -> None:
        at_least("Embedding", 0, count=count, features=features)
        self.count, self.features, self.dtype = count, features, dtype
        self._init = known("Embedding", init)

    def _table(self, x: Tensor) -> Tensor:
        return self.parameter(x, "weight", (self.count, self.features), self._init, self.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Rows `(..., features)` for integers `(...)`."""
        self.shape_of(x)
        if "int" not in x.dtype.name:
            raise DTypeError(f"{self._title()}: input has dtype {x.dtype}; expected integers")
        return self._table(x).take(x, axis=0)

    def attend(self, x: Tensor) -> Tensor:
        """How much each row is like the vectors `(..., features)`: logits of an output layer with the same weights."""
        shape = self.shape_of(x)
        if shape[-1:] != (self.features,):
            raise self.misfit(shape, f"(..., {self.features})")
        return x @ self._table(x).T


class Flatten(Module):
    """All axes but the first ones as one.

    Args:
        start: The first axis that is merged.

    Example:
        >>> pg.nn.Flatten()(pg.Record().ones((5, 3, 4))).shape
        (5, 12)
    """

    def __init__(self, start: int = 1) -> None:
        at_least("Flatten", 0, start=start)
        self.start = start

    def forward(self, x: Tensor) -> Tensor:
        """The same elements."""
        shape = self.shape_of(x)
        if len(shape) < self.start:
            raise self.misfit(shape, f"at least {self.start} axes")
        return x.reshape(*shape[: self.start], math.prod(shape[self.start :]))
