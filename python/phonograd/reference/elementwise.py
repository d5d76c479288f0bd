"""The two elementwise families: what their members share, so that each member is one short function.

A member is written as its rule for one element, decorated with its local derivative:

    @unary("float", lambda x, y: y)
    def exp(x): return math.exp(x)

What the family adds: promotion and broadcasting (recorded as casts and views, whose own derivatives undo them), one
rounding per operation, IEEE results where Python would raise, and the chain rule.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .arrays import Array, broadcast_shapes
from .dtypes import DType, Number, as_dtype, bool_, float32, promote
from .errors import DTypeError, RecordError
from .graph import Row, apply, constant, same_record
from .views import broadcast_to

if TYPE_CHECKING:
    from .tensor import Tensor

Kind = str
"""Which inputs a row takes, and what it makes of them.

- "float": floats; integers and bool become float32 first.
- "number": integers and floats, kept as they are.
- "compare": anything, to bool.
- "logical": truth values, to bool; numbers are true where they are not zero.
"""


def _dtypes(name: str, kind: Kind, met: DType) -> tuple[DType, DType]:
    """The dtype in which a row computes, and that of its result."""
    if kind == "number" and met is bool_:
        raise DTypeError(f"{name}: dtype bool does not fit; numbers would, see astype")
    inner = bool_ if kind == "logical" else met if met.is_float or kind != "float" else float32
    return inner, bool_ if kind in ("compare", "logical") else inner


def ieee(rule: Callable[..., Number], *elements: Number) -> Number:
    """A rule's value; nan where mathematics has none, inf where it is too large: floats never raise."""
    try:
        return rule(*elements)
    except RecordError:
        raise
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def chain(g: Tensor, local: Tensor | Number) -> Tensor:
    """The chain rule's product of a cotangent and a local derivative."""
    if isinstance(local, int | float):
        return g if local == 1 else g * local
    return gate(g, local)


# Casts --------------------------------------------------------------------------------------------------------------


def _astype(x: Array, dtype: DType) -> Array:
    return Array(x.shape, dtype, dtype.cast(x.flat))


ASTYPE = Row("astype", _astype, lambda g, y, x, dtype: [astype(g, x.dtype)])


def astype(x: Tensor, dtype: object) -> Tensor:
    """The elements in another dtype.

    Integers wrap around; floats become integers towards zero, held at the ends of the range, nan as 0; anything but
    zero is True. Gradients flow from float to float.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.Record().tensor([1.9, -1.9, 300.0]).astype("uint8").tolist()
        [1, 0, 255]
    """
    wanted = as_dtype(dtype)
    return x if x.dtype is wanted else apply(ASTYPE, x, dtype=wanted)


def _same(x: Array) -> Array:
    return x


STOP = Row("stop_gradient", _same)


def stop_gradient(x: Tensor) -> Tensor:
    """The same values, through which no gradient flows."""
    return apply(STOP, x)


# Families -----------------------------------------------------------------------------------------------------------


def meet(name: str, *operands: Tensor | Number) -> list[Tensor]:
    """Operands in the dtype and the shape in which they meet; Python numbers become constants."""
    record = same_record(name, *operands)
    tensors = [x for x in operands if not isinstance(x, bool | int | float)]
    dtype = promote((x.dtype for x in tensors), (x for x in operands if isinstance(x, bool | int | float)))
    shape = broadcast_shapes(name, *(x.shape for x in tensors))
    return [
        constant(record, shape, dtype, x)
        if isinstance(x, bool | int | float)
        else broadcast_to(astype(x, dtype), shape)
        for x in operands
    ]


def unary(
    kind: Kind, derivative: Callable[[Tensor, Tensor], Tensor | Number] | None = None
) -> Callable[[Callable[[Any], Number]], Callable[[Tensor], Tensor]]:
    """Make a recorded operation of a rule for one element.

    Args:
        kind: What it takes, see `Kind`.
        derivative: From input `x` and output `y`, the derivative of `y`; None where it is zero or does not exist.
    """

    def decorate(rule: Callable[[Any], Number]) -> Callable[[Tensor], Tensor]:
        def value(x: Array, out: DType) -> Array:
            return Array(x.shape, out, [ieee(rule, v) for v in x.flat])

        def vjp(g: Tensor, y: Tensor, x: Tensor, out: DType) -> Iterator[Tensor]:
            assert derivative is not None
            yield chain(g, derivative(x, y))

        row = Row(rule.__name__, value, vjp if derivative else None)

        @functools.wraps(rule)
        def operation(x: Tensor) -> Tensor:
            same_record(row.name, x)
            inner, out = _dtypes(row.name, kind, x.dtype)
            return apply(row, astype(x, inner), out=out)

        return _public(operation, x="Tensor")

    return decorate


Local = Callable[["Tensor", "Tensor", "Tensor"], "Tensor | Number"]


def binary(
    kind: Kind, by_a: Local | None = None, by_b: Local | None = None
) -> Callable[[Callable[[Any, Any], Number]], Callable[[Tensor | Number, Tensor | Number], Tensor]]:
    """Make a recorded operation of a rule for two elements.

    Args:
        kind: What it takes, see `Kind`.
        by_a: From inputs `a`, `b` and output `y`, the derivative of `y` by `a`; None where it is zero.
        by_b: The same by `b`.
    """

    def decorate(rule: Callable[[Any, Any], Number]) -> Callable[[Tensor | Number, Tensor | Number], Tensor]:
        def value(a: Array, b: Array, out: DType) -> Array:
            return Array(a.shape, out, [ieee(rule, v, w) for v, w in zip(a.flat, b.flat, strict=True)])

        def vjp(g: Tensor, y: Tensor, a: Tensor, b: Tensor, out: DType) -> Iterator[Tensor | None]:
            for x, local in ((a, by_a), (b, by_b)):
                yield None if local is None or x.is_constant else chain(g, local(a, b, y))

        row = Row(rule.__name__, value, vjp if by_a or by_b else None)

        @functools.wraps(rule)
        def operation(a: Tensor | Number, b: Tensor | Number) -> Tensor:
            left, right = meet(row.name, a, b)
            inner, out = _dtypes(row.name, kind, left.dtype)
            return apply(row, astype(left, inner), astype(right, inner), out=out)

        return _public(operation, a="Tensor | Number", b="Tensor | Number")

    return decorate


def _public(operation: Callable[..., Tensor], **annotations: str) -> Callable[..., Tensor]:
    """The signature of the operation instead of that of its rule for one element."""
    del operation.__dict__["__wrapped__"]
    operation.__annotations__ = {**annotations, "return": "Tensor"}
    return operation


@binary("number", lambda g, d, y: d, lambda g, d, y: g)
def gate(g: float, d: float) -> float:
    """The chain rule's product: `g * d`, but 0 where the cotangent `g` is 0, whatever the local derivative `d` is.

    A cotangent of exactly 0 says that a value was not used, so that a singularity there does no harm.
    """
    return g if g == 0 else g * d
