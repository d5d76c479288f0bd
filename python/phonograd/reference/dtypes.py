"""The element kinds: how each stores a number, and which one two of them give.

A value is always a Python `float`, `int` or `bool`; a `DType` says how it is rounded (float32), wrapped (integers) or
read as a truth value (bool) when stored. Operations compute in Python's double precision and store once, also in the
narrow floats: rounded once more on the way, float16 and bfloat16 would be no different after + - * / and sqrt.
"""

from __future__ import annotations

import functools
import math
from array import array
from collections.abc import Iterable, Sequence

from .errors import ArgumentError, DTypeError, OutOfRangeError

Number = bool | int | float


class DType:
    """The kind of an array's elements; equal to its name.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.float32 == "float32", pg.uint8
        (True, uint8)
    """

    __slots__ = ("bits", "digits", "kind", "least", "name")

    def __init__(self, name: str, kind: str, bits: int, digits: int = 0, least: int = 0) -> None:
        """Name it: `kind` is "b", "i", "u" or "f"; narrow floats have binary `digits` down to `2**least`."""
        self.name = name
        self.kind = kind
        self.bits = bits
        self.digits = digits
        self.least = least

    def __repr__(self) -> str:
        """The plain name."""
        return self.name

    def __hash__(self) -> int:
        """That of the name, since a dtype equals its name."""
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        """True for the same dtype, its name, or anything of that name, as NumPy's dtypes and scalar types."""
        return other is self or _name(other) == self.name

    @property
    def is_float(self) -> bool:
        """True for the floats, the dtypes that have gradients."""
        return self.kind == "f"

    @property
    def is_integer(self) -> bool:
        """True for the integers, not for bool."""
        return self.kind in "iu"

    @property
    def lowest(self) -> int:
        """The smallest integer of this kind."""
        return -(1 << self.bits - 1) if self.kind == "i" else 0

    @property
    def highest(self) -> int:
        """The largest integer of this kind."""
        return self.lowest + (1 << self.bits) - 1

    def store(self, values: Iterable[Number]) -> list[Number]:
        """Values of this kind, as an array holds them: rounded once, or wrapped around."""
        if self.bits == 32 and self.kind == "f":
            return array("f", values).tolist()
        if self.digits:
            return [self._rounded(float(v)) for v in values]
        if self.kind == "f":
            return [float(v) for v in values]
        if self.kind == "b":
            return [bool(v) for v in values]
        low, mask = self.lowest, (1 << self.bits) - 1
        return [((int(v) - low) & mask) + low for v in values]

    def _rounded(self, value: float) -> float:
        """The nearest number of a narrow float, of two as near the even one; infinite half a step past the last."""
        if not math.isfinite(value):
            return value
        step = max(math.frexp(value)[1] - self.digits, self.least)
        count = round(math.ldexp(value, -step))
        # The exponents of normal numbers lie even about 1/2.
        beyond = count.bit_length() + step > 3 - self.least - self.digits
        return math.copysign(math.inf if beyond else math.ldexp(float(count), step), value)

    def cast(self, values: Iterable[Number]) -> list[Number]:
        """Values of any kind: integers wrap; floats are cut towards zero and saturate, nan becomes 0."""
        if not self.is_integer:
            return self.store(values)
        return self.store(self._saturate(v) for v in values)

    def _saturate(self, value: Number) -> Number:
        if not isinstance(value, float):
            return value
        return 0 if math.isnan(value) else max(self.lowest, min(self.highest, value))

    def literal(self, value: Number) -> Number:
        """A Python number, taken into this dtype.

        Raises:
            OutOfRangeError: if the dtype is an integer one that does not have it.
            ArgumentError: if it is an integer that no float is near.
        """
        if self.is_integer and not self.lowest <= value <= self.highest:
            raise OutOfRangeError(f"{self.name}: {value} does not fit; between {self.lowest} and {self.highest} would")
        try:
            return self.store([value])[0]
        except OverflowError:
            raise ArgumentError(f"{self.name}: an integer of {int(value).bit_length()} bits does not fit") from None


def total(values: Sequence[Number]) -> Number:
    """The sum: exact for integers, rounded once for floats."""
    if not values or not isinstance(values[0], float):
        return sum(values)
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):  # past the largest float, or inf - inf
        return sum(values)


bool_ = DType("bool", "b", 1)
int8 = DType("int8", "i", 8)
uint8 = DType("uint8", "u", 8)
int16 = DType("int16", "i", 16)
uint16 = DType("uint16", "u", 16)
int32 = DType("int32", "i", 32)
uint32 = DType("uint32", "u", 32)
int64 = DType("int64", "i", 64)
uint64 = DType("uint64", "u", 64)
float16 = DType("float16", "f", 16, 11, -24)
bfloat16 = DType("bfloat16", "f", 16, 8, -133)
float32 = DType("float32", "f", 32)
float64 = DType("float64", "f", 64)

DTypeLike = DType | str | type
_INTEGERS = (int8, uint8, int16, uint16, int32, uint32, int64, uint64)
_ALL = {d.name: d for d in (bool_, *_INTEGERS, float16, bfloat16, float32, float64)}
_PYTHON = {float: float32, int: int64, bool: bool_}


def _name(dtype: object) -> str | None:
    if isinstance(dtype, str):
        return dtype
    name = getattr(dtype, "name", getattr(dtype, "__name__", None))
    return name if isinstance(name, str) else None


def as_dtype(dtype: object) -> DType:
    """The dtype meant by a dtype, a name, a NumPy dtype or scalar type, or Python's float, int or bool."""
    if isinstance(dtype, DType):
        return dtype
    found = _PYTHON.get(dtype) if isinstance(dtype, type) else None
    found = found or _ALL.get(str(_name(dtype)).rstrip("_"))
    if found is None:
        raise DTypeError(f"dtype: {dtype!r} is none of {', '.join(_ALL)}")
    return found


def of_python(value: Number) -> DType:
    """The dtype of a Python number on its own: float32, bool, or int64, uint64 if only that has the integer."""
    if isinstance(value, int) and not isinstance(value, bool):
        return uint64 if value > int64.highest else int64
    return bool_ if isinstance(value, bool) else float32


def _meet(a: DType, b: DType) -> DType:
    """The narrowest dtype of one kind that has the numbers of both; a float wins over every integer, all over bool."""
    if a is b or b is bool_:
        return a
    if a is bool_:
        return b
    if a.is_float and b.is_float:
        return float32 if a.bits == b.bits else max(a, b, key=lambda d: d.bits)
    if a.is_float or b.is_float:
        return a if a.is_float else b
    if a.kind == b.kind:
        return max(a, b, key=lambda d: d.bits)
    unsigned, signed = (a, b) if a.kind == "u" else (b, a)
    if unsigned is uint64:
        raise DTypeError(f"no integer dtype has the numbers of both {a} and {b}; astype converts one of them")
    return next(d for d in _INTEGERS if d.kind == "i" and d.bits > unsigned.bits and d.bits >= signed.bits)


def promote(dtypes: Iterable[DType], scalars: Iterable[Number] = ()) -> DType:
    """The dtype in which tensors of these dtypes meet, and Python scalars, which are weak.

    Bool gives way to everything, integers widen, and a float wins over every integer; a Python scalar changes the
    dtype only if its kind is above that of all tensors.

    Raises:
        DTypeError: if uint64 and a signed integer are among them.
    """
    result = functools.reduce(_meet, dtypes, bool_)
    for scalar in scalars:
        weak = of_python(scalar)
        if (weak.is_float and not result.is_float) or (weak.is_integer and result is bool_):
            result = weak
    return result
