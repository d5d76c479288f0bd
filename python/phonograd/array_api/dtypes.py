"""Dtypes of the standard: their kinds and limits, where they meet, and what a namespace says it has."""

from __future__ import annotations

import builtins
from functools import lru_cache
from typing import Any, NamedTuple, cast

from phonograd import _core
from phonograd._core import DType, InputError, Record, Tensor
from phonograd.array_api.border import on_cpu, refuse

Scalar = builtins.bool | int | float

KINDS = {
    "bool": ("bool",),
    "signed integer": ("int8", "int16", "int32", "int64"),
    "unsigned integer": ("uint8", "uint16", "uint32", "uint64"),
    "real floating": ("float16", "bfloat16", "float32", "float64"),
    "complex floating": (),
}
KINDS["integral"] = KINDS["signed integer"] + KINDS["unsigned integer"]
KINDS["numeric"] = KINDS["integral"] + KINDS["real floating"]

# What the standard does not know is usable, and not listed.
_BEYOND = ("float16", "bfloat16")


class FloatInfo(NamedTuple):
    """What `finfo` returns."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


class IntegerInfo(NamedTuple):
    """What `iinfo` returns."""

    bits: int
    max: int
    min: int
    dtype: DType


# Digits after the point and exponents of the four floats: eps is 2 to the minus digits.
_FLOATS = {"float16": (10, 15), "bfloat16": (7, 127), "float32": (23, 127), "float64": (52, 1023)}


def _dtype_of(op: str, type: object) -> DType:
    dtype = type.dtype if isinstance(type, Tensor) else type
    if not isinstance(dtype, DType):
        raise InputError(f"{op}: got {builtins.type(type).__name__}; expected a dtype or a tensor")
    return dtype


def finfo(type: DType | Tensor, /) -> FloatInfo:
    """The limits of a float dtype.

    Raises:
        DTypeError: the dtype is no float.
    """
    dtype = _dtype_of("finfo", type)
    if dtype.name not in _FLOATS:
        raise _core.DTypeError(f"finfo: got {dtype}; expected a float dtype")
    digits, top = _FLOATS[dtype.name]
    largest = (2.0 - 2.0**-digits) * 2.0**top
    return FloatInfo(8 * dtype.itemsize, 2.0**-digits, largest, -largest, 2.0 ** (1 - top), dtype)


def iinfo(type: DType | Tensor, /) -> IntegerInfo:
    """The limits of an integer dtype.

    Raises:
        DTypeError: the dtype is no integer.
    """
    dtype = _dtype_of("iinfo", type)
    if not isdtype(dtype, "integral"):
        raise _core.DTypeError(f"iinfo: got {dtype}; expected an integer dtype")
    bits = 8 * dtype.itemsize
    signed = isdtype(dtype, "signed integer")
    return IntegerInfo(bits, 2 ** (bits - signed) - 1, -(2 ** (bits - 1)) if signed else 0, dtype)


def isdtype(dtype: DType, kind: DType | str | tuple[DType | str, ...]) -> builtins.bool:
    """True when the dtype is of a kind, or of one of several."""
    if isinstance(kind, tuple):
        return builtins.any(isdtype(dtype, one) for one in kind)
    if isinstance(kind, str):
        if kind not in KINDS:
            refuse("isdtype", "kind", repr(kind), f"one of {', '.join(map(repr, KINDS))}, or a dtype")
        return dtype.name in KINDS[kind]
    return dtype == kind


@lru_cache(maxsize=1024)
def _promoted(a: DType, b: Any) -> DType:
    """What the record itself makes of two dtypes, or of a dtype and a Python number."""
    rec = Record(grad=False)
    x = rec.zeros((), a)
    other = rec.zeros((), b) if isinstance(b, DType) else b()
    return _core.where(rec.zeros((), _core.bool), x, other).dtype


def result_type(*arrays_and_dtypes: Tensor | DType | Scalar) -> DType:
    """The dtype in which tensors, dtypes and Python numbers meet; numbers are weak.

    Raises:
        InputError: there is neither a tensor nor a dtype among them.
    """
    weak = [type(one) for one in arrays_and_dtypes if isinstance(one, builtins.bool | int | float)]
    strong = [
        _dtype_of("result_type", one) for one in arrays_and_dtypes if not isinstance(one, builtins.bool | int | float)
    ]
    if not strong:
        raise InputError("result_type: got no tensor and no dtype; expected at least one")
    result = strong[0]
    for other in [*strong[1:], *weak]:
        result = _promoted(result, cast("Any", other))
    return result


def can_cast(from_: DType | Tensor, to: DType, /) -> builtins.bool:
    """True when promotion leads from one dtype to the other."""
    try:
        return _promoted(_dtype_of("can_cast", from_), to) == to
    except _core.DTypeError:  # uint64 beside an integer with a sign: neither has the other's numbers
        return False


def astype(x: Tensor, dtype: DType, /, *, copy: builtins.bool = True, device: object = None) -> Tensor:
    """Casts; tensors do not change, so that a copy is never needed."""
    on_cpu("astype", device)
    return x if x.dtype == dtype else x.astype(dtype)


def wide(dtype: DType) -> DType:
    """The dtype in which integers are summed."""
    if isdtype(dtype, "unsigned integer"):
        return _core.uint64
    return _core.int64 if isdtype(dtype, "signed integer") else dtype


class Info:
    """What a namespace can do: the inspection functions of the standard."""

    def capabilities(self) -> dict[str, Any]:
        """Masks are indices, shapes may depend on values, and the number of axes has no limit."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": None}

    def default_device(self) -> str:
        """The CPU."""
        return "cpu"

    def devices(self) -> list[str]:
        """The CPU alone."""
        return ["cpu"]

    def default_dtypes(self, *, device: object = None) -> dict[str, DType]:
        """What Python numbers become, and what indices are."""
        on_cpu("default_dtypes", device)
        return {"real floating": _core.float32, "integral": _core.int64, "indexing": _core.int64}

    def dtypes(self, *, device: object = None, kind: str | tuple[str, ...] | None = None) -> dict[str, DType]:
        """The dtypes of the standard by their names, all or those of a kind; narrow floats are usable beside them."""
        on_cpu("dtypes", device)
        names = [name for name in KINDS["bool"] + KINDS["numeric"] if name not in _BEYOND]
        every = {name: getattr(_core, name) for name in names}
        return every if kind is None else {name: one for name, one in every.items() if isdtype(one, kind)}
