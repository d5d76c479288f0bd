"""The six element kinds: how each stores a number, and which one two of them give.

A value is always a Python `float`, `int` or `bool`; a `DType` says how it is rounded (float32), wrapped (integers) or
read as a truth value (bool) when stored. Operations compute in Python's double precision and store once.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence

from .errors import ArgumentError, DTypeError

Number = bool | int | float


class DType:
    """The kind of an array's elements; equal to its name.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.float32 == "float32", pg.uint8
        (True, uint8)
    """

    __slots__ = ("bits", "kind", "name", "rank")

    def __init__(self, name: str, kind: str, bits: int, rank: int) -> None:
        """Name it, and place it: `kind` is "b", "i", "u" or "f"; of two dtypes the higher `rank` wins."""
        self.name = name
        self.kind = kind
        self.bits = bits
        self.rank = rank

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
        """True for float32 and float64, the dtypes that have gradients."""
        return self.kind == "f"

    @property
    def is_integer(self) -> bool:
        """True for int32, int64 and uint8."""
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
        if self.kind == "f":
            return [float(v) for v in values]
        if self.kind == "b":
            return [bool(v) for v in values]
        low, mask = self.lowest, (1 << self.bits) - 1
        return [((int(v) - low) & mask) + low for v in values]

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
            ArgumentError: if it is an integer that does not fit.
        """
        if self.is_integer and not self.lowest <= value <= self.highest:
            raise ArgumentError(f"{self.name}: {value} does not fit; between {self.lowest} and {self.highest} would")
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


bool_ = DType("bool", "b", 1, 0)
uint8 = DType("uint8", "u", 8, 1)
int32 = DType("int32", "i", 32, 2)
int64 = DType("int64", "i", 64, 3)
float32 = DType("float32", "f", 32, 4)
float64 = DType("float64", "f", 64, 5)

DTypeLike = DType | str | type
_ALL = {d.name: d for d in (bool_, uint8, int32, int64, float32, float64)}
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
    """The dtype of a Python number on its own: float32, int64 or bool."""
    return bool_ if isinstance(value, bool) else int64 if isinstance(value, int) else float32


def promote(dtypes: Iterable[DType], scalars: Iterable[Number] = ()) -> DType:
    """The dtype in which tensors of these dtypes meet, and Python scalars, which are weak.

    Bool gives way to everything, integers widen, and a float wins over every integer; a Python scalar changes the
    dtype only if its kind is above that of all tensors.
    """
    result = max(dtypes, key=lambda d: d.rank, default=bool_)
    for scalar in scalars:
        weak = of_python(scalar)
        if (weak.is_float and not result.is_float) or (weak.is_integer and result is bool_):
            result = weak
    return result
