"""What a record consists of: rows (operations), nodes (operations applied), and how a node is made.

An operation is one `Row`: its name, its value rule on arrays, and its derivative rule. The derivative is written with
recorded operations, so gradients are tensors of the same record and can be differentiated again, to any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .arrays import Array, Shape
from .errors import ForeignTensorError, InputError

if TYPE_CHECKING:
    from .dtypes import DType, Number
    from .record import Record
    from .tensor import Tensor


@dataclass(frozen=True, slots=True)
class Row:
    """An operation.

    Attributes:
        name: The public name.
        value: Arrays of the inputs and attributes in, array of the output out.
        vjp: The vector-Jacobian product: from the cotangent `g` of the output `y`, and the inputs, the cotangent of
            each input. None where no gradient flows.
    """

    name: str
    value: Callable[..., Array]
    vjp: Callable[..., Iterable[Tensor | None]] | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """An operation applied: plain data, its inputs named by their index in the record."""

    row: Row
    inputs: tuple[int, ...]
    value: Array
    attributes: dict[str, Any] = field(default_factory=dict)


def _no_value(*inputs: Array) -> Array:
    raise AssertionError("a leaf has its value from the start")


def leaf(name: str) -> Row:
    """A row for values that come from outside or are made of nothing."""
    return Row(name, _no_value)


CONSTANT = leaf("full")  # a Python number among the operands: nobody can ask for its gradient


def is_tensor(x: object) -> bool:
    """True for tensors of this package."""
    return hasattr(x, "record") and hasattr(x, "array")


def same_record(name: str, *operands: Any) -> Record:
    """The record that all tensors among the operands belong to."""
    found: Record | None = None
    for x in operands:
        if is_tensor(x):
            if found is not None and x.record is not found:
                raise ForeignTensorError(f"{name}: operands belong to two records; all must belong to one")
            found = x.record
        elif not isinstance(x, bool | int | float):
            raise InputError(f"{name}: cannot use {type(x).__name__} as an operand; tensors and numbers can be")
    if found is None:
        raise InputError(f"{name}: no tensor among the operands; at least one is needed")
    return found


def apply(row: Row, *inputs: Tensor, **attributes: Any) -> Tensor:
    """Compute a row and record it."""
    record = same_record(row.name, *inputs)
    value = row.value(*(x.array for x in inputs), **attributes)
    return record.push(Node(row, tuple(x.index for x in inputs), value, attributes))


def constant(record: Record, shape: Shape, dtype: DType, value: Number) -> Tensor:
    """A Python number as a tensor of this shape, the same everywhere."""
    return record.push(Node(CONSTANT, (), Array.full(shape, dtype, dtype.literal(value))))
