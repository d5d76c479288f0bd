"""Operations on one element: value rule in the body, local derivative in the decorator.

In a derivative, `x` is the input and `y` the output; None stands where the derivative is zero or does not exist. The
forms chosen are those that neither overflow nor cancel. `ieee` in `elementwise` turns what `math` refuses into nan,
and what is too large into inf, so only poles are spelt out here.
"""

# ruff: noqa: A001 - the functions have the names of NumPy's

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .elementwise import astype, ieee, unary

if TYPE_CHECKING:
    from .dtypes import Number

# Arithmetic ---------------------------------------------------------------------------------------------------------


@unary("number", lambda x, y: -1.0)
def negative(x: float) -> float:
    """The negative, `-x`; integers wrap around."""
    return -x


@unary("number", lambda x, y: sign(x))
def abs(x: Number) -> Number:
    """The absolute value. Its derivative is `sign(x)`, 0 at 0.

    Examples:
        >>> import phonograd.reference as pg
        >>> x = pg.Record().tensor([-2.0, 0.0, 3.0])
        >>> x.abs().sum().grad().wrt(x).tolist()
        [-1.0, 0.0, 1.0]
    """
    return math.fabs(x) if isinstance(x, float) else -x if x < 0 else x


@unary("number")
def sign(x: float) -> float:
    """-1, 0 or 1; nan stays nan."""
    return x if x != x else (x > 0) - (x < 0)


@unary("number", lambda x, y: 2.0 * x)
def square(x: float) -> float:
    """The square, `x * x`."""
    return x * x


@unary("float", lambda x, y: -square(y))
def reciprocal(x: float) -> float:
    """The reciprocal, `1 / x`; an infinity of the sign of `x` at 0."""
    return 1.0 / x if x else math.copysign(math.inf, x)


@unary("float", lambda x, y: 0.5 * reciprocal(y))
def sqrt(x: float) -> float:
    """The square root; nan below 0. Its slope at 0 is infinite."""
    return math.sqrt(x)


@unary("float", lambda x, y: -0.5 * y * reciprocal(x))
def rsqrt(x: float) -> float:
    """The reciprocal square root, `1 / sqrt(x)`; inf at 0."""
    return 1.0 / math.sqrt(x) if x else math.copysign(math.inf, x)


# Exponentials and logarithms ----------------------------------------------------------------------------------------


@unary("float", lambda x, y: y)
def exp(x: float) -> float:
    """The exponential, `e**x`.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.exp(pg.Record().tensor([0.0, 1000.0, -1000.0])).tolist()
        [1.0, inf, 0.0]
    """
    return math.exp(x)


@unary("float", lambda x, y: y * math.log(2.0))
def exp2(x: float) -> float:
    """Two to the power, `2**x`."""
    return math.exp2(x)


@unary("float", lambda x, y: exp(x))
def expm1(x: float) -> float:
    """`e**x - 1`, accurate near 0."""
    return math.expm1(x)


@unary("float", lambda x, y: reciprocal(x))
def log(x: float) -> float:
    """The natural logarithm: -inf at 0, nan below."""
    return math.log(x) if x else -math.inf


@unary("float", lambda x, y: reciprocal(x) / math.log(2.0))
def log2(x: float) -> float:
    """The logarithm to base 2."""
    return math.log2(x) if x else -math.inf


@unary("float", lambda x, y: reciprocal(x) / math.log(10.0))
def log10(x: float) -> float:
    """The logarithm to base 10."""
    return math.log10(x) if x else -math.inf


@unary("float", lambda x, y: reciprocal(1.0 + x))
def log1p(x: float) -> float:
    """`log(1 + x)`, accurate near 0; -inf at -1."""
    return math.log1p(x) if x != -1.0 else -math.inf


# Trigonometry -------------------------------------------------------------------------------------------------------


@unary("float", lambda x, y: cos(x))
def sin(x: float) -> float:
    """The sine of an angle in radians."""
    return math.sin(x)


@unary("float", lambda x, y: -sin(x))
def cos(x: float) -> float:
    """The cosine of an angle in radians."""
    return math.cos(x)


@unary("float", lambda x, y: 1.0 + square(y))
def tan(x: float) -> float:
    """The tangent of an angle in radians."""
    return math.tan(x)


@unary("float", lambda x, y: rsqrt((1.0 - x) * (1.0 + x)))
def asin(x: float) -> float:
    """The angle whose sine is `x`; nan outside -1 to 1, where the slope is infinite."""
    return math.asin(x)


@unary("float", lambda x, y: -rsqrt((1.0 - x) * (1.0 + x)))
def acos(x: float) -> float:
    """The angle whose cosine is `x`; nan outside -1 to 1."""
    return math.acos(x)


@unary("float", lambda x, y: reciprocal(1.0 + square(x)))
def atan(x: float) -> float:
    """The angle between -pi/2 and pi/2 whose tangent is `x`."""
    return math.atan(x)


@unary("float", lambda x, y: cosh(x))
def sinh(x: float) -> float:
    """The hyperbolic sine."""
    return math.copysign(ieee(math.sinh, math.fabs(x)), x)


@unary("float", lambda x, y: sinh(x))
def cosh(x: float) -> float:
    """The hyperbolic cosine."""
    return math.cosh(x)


@unary("float", lambda x, y: 1.0 - square(y))
def tanh(x: float) -> float:
    """The hyperbolic tangent."""
    return math.tanh(x)


@unary("float", lambda x, y: rsqrt(square(x) + 1.0))
def asinh(x: float) -> float:
    """The inverse of `sinh`."""
    return math.asinh(x)


@unary("float", lambda x, y: rsqrt(x - 1.0) * rsqrt(x + 1.0))
def acosh(x: float) -> float:
    """The inverse of `cosh`, 0 or more; nan below 1."""
    return math.acosh(x)


@unary("float", lambda x, y: reciprocal((1.0 - x) * (1.0 + x)))
def atanh(x: float) -> float:
    """The inverse of `tanh`: infinite at -1 and 1, nan outside."""
    return math.atanh(x) if x not in (-1.0, 1.0) else math.copysign(math.inf, x)


# Special functions --------------------------------------------------------------------------------------------------


@unary("float", lambda x, y: y * sigmoid(-x))
def sigmoid(x: float) -> float:
    """The logistic function, `1 / (1 + e**-x)`.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.sigmoid(pg.Record().tensor([-1000.0, 0.0, 1000.0])).tolist()
        [0.0, 0.5, 1.0]
    """
    small = math.exp(-math.fabs(x))  # never large, so nothing overflows
    return (1.0 if x >= 0 else small) / (1.0 + small)


@unary("float", lambda x, y: sigmoid(x))
def softplus(x: float) -> float:
    """`log(1 + e**x)`, without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-math.fabs(x))) if x == x else x


@unary("float", lambda x, y: exp(-square(x)) * (2.0 / math.sqrt(math.pi)))
def erf(x: float) -> float:
    """The error function."""
    return math.erf(x)


@unary("float", lambda x, y: exp(-square(x)) * (-2.0 / math.sqrt(math.pi)))
def erfc(x: float) -> float:
    """The complementary error function, `1 - erf(x)`, accurate for large `x`."""
    return math.erfc(x)


@unary("number", lambda x, y: astype(x > 0, x.dtype))
def relu(x: float) -> float:
    """`x` where positive, else 0; its derivative at 0 is 0."""
    return x if x > 0 or x != x else 0


# Rounding -----------------------------------------------------------------------------------------------------------


@unary("number")
def floor(x: float) -> float:
    """The largest integer not above `x`; its derivative is 0."""
    return math.copysign(math.floor(x), x) if math.isfinite(x) and isinstance(x, float) else x


@unary("number")
def ceil(x: float) -> float:
    """The smallest integer not below `x`; its derivative is 0."""
    return math.copysign(math.ceil(x), x) if math.isfinite(x) and isinstance(x, float) else x


@unary("number")
def trunc(x: float) -> float:
    """The integer part, towards 0; its derivative is 0."""
    return math.copysign(math.trunc(x), x) if math.isfinite(x) and isinstance(x, float) else x


@unary("number")
def round(x: float) -> float:
    """The nearest integer, halves to the even one; its derivative is 0.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.Record().tensor([0.5, 1.5, 2.5, -0.5]).round().tolist()
        [0.0, 2.0, 2.0, -0.0]
    """
    return math.copysign(float.__round__(x), x) if math.isfinite(x) and isinstance(x, float) else x


# Predicates ---------------------------------------------------------------------------------------------------------


@unary("compare")
def isnan(x: float) -> float:
    """True where `x` is not a number."""
    return x != x


@unary("compare")
def isinf(x: float) -> float:
    """True where `x` is an infinity."""
    return math.isinf(x)


@unary("compare")
def isfinite(x: float) -> float:
    """True where `x` is neither an infinity nor nan."""
    return math.isfinite(x)


@unary("logical")
def logical_not(x: float) -> float:
    """True where `x` is zero or false."""
    return not x
