"""Layers that are one product or one look-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phonograd._core import ArgumentError, DTypeError, where
from phonograd._values import count as at_least
from phonograd._values import flag, floating, integer

from .init import function, known
from .module import Module

if TYPE_CHECKING:
    from phonograd._core import DType, Key, Record, Tensor

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

    _swapped_in_torch = ("weight",)

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
        self.inputs, self.outputs, self.bias, self.dtype = inputs, outputs, bias, floating("Linear", dtype)
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
        self.left, self.right, self.outputs, self.bias = left, right, outputs, bias
        self.dtype = floating("Bilinear", dtype)
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
        padding: The integer that stands where there is nothing: its row starts from zeros and does not learn.
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
        self,
        count: int,
        features: int,
        padding: int | None = None,
        *,
        init: Init = ("normal", 1.0),
        dtype: DType | str = "float32",
    ) -> None:
        at_least("Embedding", 0, count=count, features=features)
        if padding is not None:
            integer("Embedding", padding=padding)
            if not -count <= padding < count:
                raise ArgumentError(f"Embedding: padding is {padding}; expected one of {count} rows")
        self.count, self.features, self.padding = count, features, padding
        self.dtype = floating("Embedding", dtype)
        self._init = known("Embedding", init)

    def _table(self, x: Tensor) -> Tensor:
        init = self._init if self.padding is None else _without(self._init, self.padding)
        return self.parameter(x, "weight", (self.count, self.features), init, self.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Rows `(..., features)` for integers `(...)`."""
        self.shape_of(x)
        if "int" not in x.dtype.name:
            raise DTypeError(f"{self._title()}: input has dtype {x.dtype}; expected integers")
        rows = self._table(x).take(x, axis=0)
        if self.padding is None:
            return rows
        return where((x == self.padding % self.count).expand_dims(-1), rows.stop_gradient(), rows)

    def attend(self, x: Tensor) -> Tensor:
        """How much each row is like the vectors `(..., features)`: logits of an output layer with the same weights."""
        shape = self.shape_of(x)
        if shape[-1:] != (self.features,):
            raise self.misfit(shape, f"(..., {self.features})")
        return x @ self._table(x).T


def _without(init: Init, row: int) -> Init:
    """An initialiser whose draw has zeros in a row."""
    inner = function("Embedding", init)

    def drawn(rec: Record, key: Key, shape: tuple[int, ...], dtype: DType | str) -> Tensor:
        return inner(rec, key, shape, dtype).at[row].set(0.0)

    return drawn
