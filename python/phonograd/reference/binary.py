"""Operations on two elements, and on a condition and two elements.

In a derivative, `a` and `b` are the inputs and `y` the output; None stands where the derivative is zero. Tensors
broadcast and meet in the wider dtype; a Python number on either side takes the dtype of the tensor.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .arrays import Array
from .dtypes import Number, bool_
from .elementwise import binary, gate, meet, stop_gradient
from .errors import ArgumentError, DTypeError, IntegerDivisionError
from .graph import Row, apply, constant, is_tensor, same_record
from .unary import isnan, log, reciprocal, square
from .views import broadcast_to

if TYPE_CHECKING:
    from .tensor import Tensor

# Arithmetic ---------------------------------------------------------------------------------------------------------


@binary("number", lambda a, b, y: 1.0, lambda a, b, y: 1.0)
def add(a: float, b: float) -> float:
    """The sum, `a + b`.

    Examples:
        >>> import phonograd.reference as pg
        >>> (pg.Record().tensor([[1.0], [2.0]]) + pg.Record().tensor([1.0])).tolist()
        Traceback (most recent call last):
        phonograd.reference.errors.ForeignTensorError: add: operands belong to two records; all must belong to one
        >>> rec = pg.Record()
        >>> (rec.tensor([[1.0], [2.0]]) + rec.tensor([10.0, 20.0])).tolist()
        [[11.0, 21.0], [12.0, 22.0]]
    """
    return a + b


@binary("number", lambda a, b, y: 1.0, lambda a, b, y: -1.0)
def subtract(a: float, b: float) -> float:
    """The difference, `a - b`."""
    return a - b


@binary("number", lambda a, b, y: b, lambda a, b, y: a)
def multiply(a: float, b: float) -> float:
    """The product, `a * b`."""
    return a * b


@binary("float", lambda a, b, y: reciprocal(b), lambda a, b, y: -y * reciprocal(b))
def divide(a: float, b: float) -> float:
    """The quotient, `a / b`, float32 for integers: by zero an infinity, and nan for `0 / 0`."""
    if b:
        return a / b
    return a * math.copysign(math.inf, b)


@binary("number")
def floor_divide(a: float, b: float) -> float:
    """The floor of the quotient; its derivative is 0.

    Raises:
        IntegerDivisionError: for an integer divided by 0; floats give an infinity or nan.
    """
    if b:
        return a // b
    return _zero_divisor(a, b) * a


@binary("number", lambda a, b, y: 1.0, lambda a, b, y: -floor_divide(a, b))
def remainder(a: float, b: float) -> float:
    """What floor division leaves, `a - b * floor(a / b)`, with the sign of `b`.

    Raises:
        IntegerDivisionError: for an integer divided by 0; floats give nan.
    """
    return a % b if b else _zero_divisor(a, b) * 0.0


def _zero_divisor(a: float, b: float) -> float:
    """The reciprocal of a floating-point zero."""
    if not isinstance(b, float):
        raise IntegerDivisionError(f"floor_divide, remainder: {a} divided by 0; integers have no infinity")
    return math.copysign(math.inf, b)


def _by_exponent(a: Tensor, b: Tensor, y: Tensor) -> Tensor:
    """`y * log(a)`, but 0 where `a` is 0 and `b` is not negative, where the power stays 0 (or 1) as `b` moves."""
    return where(logical_and(equal(a, 0), greater_equal(b, 0)), 0.0, y * log(a))


@binary("number", lambda a, b, y: gate(b, power(a, b - 1)), _by_exponent)
def power(a: Number, b: Number) -> Number:
    """The power, `a ** b`; nan for a negative base and a fractional exponent.

    Raises:
        ArgumentError: for a negative exponent of an integer.

    Examples:
        >>> import phonograd.reference as pg
        >>> x = pg.Record().tensor([0.0, 2.0, -2.0])
        >>> (x**3).tolist(), (x**3).sum().grad().wrt(x).tolist()
        ([0.0, 8.0, -8.0], [0.0, 12.0, 12.0])
    """
    if not isinstance(b, float):
        if b < 0:
            raise ArgumentError(f"power: negative exponent {b} of an integer; convert to float first")
        return pow(int(a), int(b), 1 << 64)
    negative = math.copysign(1.0, a) < 0 and math.fmod(b, 2.0) in (-1.0, 1.0) if math.isfinite(b) else False
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if negative else math.inf
    except ValueError:  # a pole at 0, or a fractional power of a negative number
        return math.nan if a else -math.inf if negative else math.inf


@binary("float", lambda y, x, z: _unless_origin(y, x, x), lambda y, x, z: _unless_origin(y, x, -y))
def atan2(y: float, x: float) -> float:
    """The angle of the point `(x, y)`, in radians; its derivatives at the origin are 0."""
    return math.atan2(y, x)


def _unless_origin(y: Tensor, x: Tensor, numerator: Tensor) -> Tensor:
    return gate(numerator, reciprocal(square(x) + square(y)))


def _share(a: Tensor, b: Tensor) -> Tensor:
    """1 where `a` is larger, 1/2 where both are equal, else 0."""
    return 0.5 * (greater(a, b).astype(a.dtype) + greater_equal(a, b).astype(a.dtype))


@binary("number", lambda a, b, y: _share(a, b), lambda a, b, y: _share(b, a))
def maximum(a: float, b: float) -> float:
    """The larger; nan if either is. Where both are equal, each has half the derivative."""
    return a if a > b or a != a else b


@binary("number", lambda a, b, y: _share(b, a), lambda a, b, y: _share(a, b))
def minimum(a: float, b: float) -> float:
    """The smaller; nan if either is. Where both are equal, each has half the derivative."""
    return a if a < b or a != a else b


# Comparisons and logic ----------------------------------------------------------------------------------------------


@binary("compare")
def equal(a: float, b: float) -> float:
    """True where `a == b`; nan equals nothing."""
    return a == b


@binary("compare")
def not_equal(a: float, b: float) -> float:
    """True where `a != b`."""
    return a != b


@binary("compare")
def less(a: float, b: float) -> float:
    """True where `a < b`."""
    return a < b


@binary("compare")
def less_equal(a: float, b: float) -> float:
    """True where `a <= b`."""
    return a <= b


@binary("compare")
def greater(a: float, b: float) -> float:
    """True where `a > b`."""
    return a > b


@binary("compare")
def greater_equal(a: float, b: float) -> float:
    """True where `a >= b`."""
    return a >= b


@binary("logical")
def logical_and(a: float, b: float) -> float:
    """True where both are."""
    return a and b


@binary("logical")
def logical_or(a: float, b: float) -> float:
    """True where one is."""
    return a or b


@binary("logical")
def logical_xor(a: float, b: float) -> float:
    """True where exactly one is."""
    return a != b


# Choices ------------------------------------------------------------------------------------------------------------


def _where(condition: Array, a: Array, b: Array) -> Array:
    return Array(a.shape, a.dtype, [v if c else w for c, v, w in zip(condition.flat, a.flat, b.flat, strict=True)])


def _where_vjp(g: Tensor, y: Tensor, condition: Tensor, a: Tensor, b: Tensor) -> list[Tensor | None]:
    return [None, where(condition, g, 0.0), where(condition, 0.0, g)]


WHERE = Row("where", _where, _where_vjp)


def where(condition: Tensor | bool, a: Tensor | Number, b: Tensor | Number) -> Tensor:
    """`a` where the condition is true, else `b`.

    The side not chosen has gradient 0, even if it is singular there.

    Examples:
        >>> import phonograd.reference as pg
        >>> x = pg.Record().tensor([0.0, 2.0])
        >>> pg.where(x > 0, pg.log(x), 0.0).sum().grad().wrt(x).tolist()
        [0.0, 0.5]
    """
    record = same_record("where", condition, a, b)
    chosen = constant(record, (), bool_, condition) if isinstance(condition, bool) else condition
    if not is_tensor(chosen) or chosen.dtype is not bool_:
        raise DTypeError("where: the condition is not bool; comparisons are, and astype(bool) makes it so")
    # The condition takes part in broadcasting, not in promotion: bool gives way to everything.
    _, left, right = meet("where", chosen, a, b)
    return apply(WHERE, broadcast_to(chosen, left.shape), left, right)


def clip(x: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
    """`x` held between bounds; where they cross, the upper one wins.

    The derivative is 1 inside and on the edges, and 0 outside, where that of the bound is 1. A nan passes, without
    gradient, and so does that of a bound, with it.
    """
    if min is None and max is None:
        raise ArgumentError("clip: no bounds; min, max or both would fit")
    y = x
    if min is not None:
        y = where(logical_or(less(y, min), isnan(where(less(y, min), min, min))), min, y)
    if max is not None:
        y = where(logical_or(greater(y, max), isnan(where(greater(y, max), max, max))), max, y)
    return where(isnan(x), stop_gradient(x), y)
