"""A record as a namespace of the Array API standard, version 2024.12.

A tensor enters as `x.__array_namespace__()`, a record as `namespace(record)`; functions of the standard leave, most of
them the core's own under the standard's names, those that create tensors bound to the record. So code written for the
standard runs on tensors and is differentiated. Namespaces are equal when their records are the same.

Out of scope: complex numbers, with them the `fft` extension, and writing into a tensor. `imag` of a real tensor is zero,
`real` and `conj` are the tensor. `nextafter` and the `unique` functions give values, which have no gradient.

Example:
    >>> x = pg.Record().tensor([1.0, 2.0, 3.0])
    >>> xp = x.__array_namespace__()
    >>> loss = xp.sum(xp.square(x) * xp.arange(3, dtype=xp.float32))
    >>> loss.grad().wrt(x).tolist()
    [0.0, 4.0, 12.0]
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import phonograd as pg
from phonograd import _core, linalg
from phonograd._core import ArgumentError, DType, InputError, Record, Tensor

if TYPE_CHECKING:
    Scalar = builtins.bool | int | float

VERSION = "2024.12"

_KINDS = {
    "bool": ("bool",),
    "signed integer": ("int8", "int16", "int32", "int64"),
    "unsigned integer": ("uint8", "uint16", "uint32", "uint64"),
    "real floating": ("float16", "bfloat16", "float32", "float64"),
    "complex floating": (),
}
_KINDS["integral"] = _KINDS["signed integer"] + _KINDS["unsigned integer"]
_KINDS["numeric"] = _KINDS["integral"] + _KINDS["real floating"]

# What the standard does not know is usable, and not listed.
_BEYOND = ("float16", "bfloat16")


def _refuse(op: str, argument: str, got: object, expected: str) -> NoReturn:
    raise ArgumentError(f"{op}: `{argument}` is {got}; expected {expected}")


def _on_cpu(op: str, device: object) -> None:
    if device is not None and device != "cpu":
        _refuse(op, "device", repr(device), "'cpu'")


def to_device(x: Tensor, device: object, stream: object = None) -> Tensor:
    """What `Tensor.to_device` does."""
    _on_cpu("to_device", device)
    if stream is not None:
        _refuse("to_device", "stream", repr(stream), "None, for the CPU has no streams")
    return x


def to_dlpack(x: Tensor, stream: object, max_version: Any, dl_device: Any, copy: builtins.bool | None) -> Any:
    """What `Tensor.__dlpack__` does: a read-only view for who understands one, else a copy."""
    if stream is not None:
        _refuse("dlpack", "stream", repr(stream), "None, for the CPU has no streams")
    if dl_device is not None and tuple(dl_device) != (1, 0):
        raise BufferError("dlpack: tensors are on the CPU, (1, 0)")
    array = x.data()
    knows_read_only = max_version is not None and max_version[0] >= 1
    if copy or not knows_read_only:
        if copy is False:
            raise BufferError("dlpack: tensors are read-only, which needs max_version (1, 0) or a copy")
        array = array.copy()
    return array.__dlpack__(max_version=max_version) if knows_read_only else array.__dlpack__()


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


class UniqueAllResult(NamedTuple):
    """What `unique_all` returns."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCountsResult(NamedTuple):
    """What `unique_counts` returns."""

    values: Tensor
    counts: Tensor


class UniqueInverseResult(NamedTuple):
    """What `unique_inverse` returns."""

    values: Tensor
    inverse_indices: Tensor


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
        if kind not in _KINDS:
            _refuse("isdtype", "kind", repr(kind), f"one of {', '.join(map(repr, _KINDS))}, or a dtype")
        return dtype.name in _KINDS[kind]
    return dtype == kind


@lru_cache(maxsize=1024)
def _promoted(a: DType, b: DType | type) -> DType:
    """What the record itself makes of two dtypes, or of a dtype and a Python number."""
    rec = Record(grad=False)
    x = rec.zeros((), a)
    return _core.where(rec.zeros((), _core.bool), x, rec.zeros((), b) if isinstance(b, DType) else b()).dtype


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
        result = _promoted(result, other)
    return result


def can_cast(from_: DType | Tensor, to: DType, /) -> builtins.bool:
    """True when promotion leads from one dtype to the other."""
    return _promoted(_dtype_of("can_cast", from_), to) == to


def astype(x: Tensor, dtype: DType, /, *, copy: builtins.bool = True, device: object = None) -> Tensor:
    """Casts; tensors do not change, so that a copy is never needed."""
    _on_cpu("astype", device)
    return x if x.dtype == dtype else x.astype(dtype)


def reshape(x: Tensor, /, shape: Sequence[int], *, copy: builtins.bool | None = None) -> Tensor:
    """`phonograd.reshape`; whether elements are copied is the plan's matter, and cannot be seen."""
    return _core.reshape(x, shape)


def concat(arrays: Sequence[Tensor], /, *, axis: int | None = 0) -> Tensor:
    """`phonograd.concat`; with `axis=None`, of the flattened tensors."""
    return _core.concat([_core.ravel(x) for x in arrays] if axis is None else list(arrays), 0 if axis is None else axis)


def diff(
    x: Tensor, /, *, axis: int = -1, n: int = 1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Differences of neighbours, after something is put before and behind."""
    parts = [part for part in (prepend, x, append) if part is not None]
    return _core.diff(_core.concat(parts, axis) if len(parts) > 1 else x, n, axis)


def searchsorted(x1: Tensor, x2: Tensor, /, *, side: Any = "left", sorter: Tensor | None = None) -> Tensor:
    """Where elements would be inserted into a sorted tensor, or into one that `sorter` sorts."""
    return _core.searchsorted(x1 if sorter is None else _core.take(x1, sorter, 0), x2, side)


def permute_dims(x: Tensor, /, axes: Sequence[int]) -> Tensor:
    """`phonograd.permute`."""
    return _core.permute(x, axes)


def squeeze(x: Tensor, /, axis: int | Sequence[int]) -> Tensor:
    """`phonograd.squeeze`, of named axes."""
    return _core.squeeze(x, axis)


def positive(x: Tensor, /) -> Tensor:
    """The tensor itself."""
    return x


def imag(x: Tensor, /) -> Tensor:
    """Zeros, for there are no complex numbers."""
    return _core.zeros_like(x)


def nextafter(x1: Tensor | float, x2: Tensor | float, /) -> Tensor:
    """The next number towards another: a value, without a gradient."""
    import numpy as np

    x = x1 if isinstance(x1, Tensor) else x2
    if not isinstance(x, Tensor):
        raise InputError("nextafter: got two numbers; expected at least one tensor")
    dtype = result_type(x1, x2)
    a, b = (np.asarray(one, dtype=dtype.name) for one in (x1, x2))
    return x.record.tensor(np.nextafter(a, b))


def unique_all(x: Tensor, /) -> UniqueAllResult:
    """`phonograd.unique_all`, with names."""
    return UniqueAllResult(*_core.unique_all(x))


def unique_counts(x: Tensor, /) -> UniqueCountsResult:
    """`phonograd.unique_counts`, with names."""
    return UniqueCountsResult(*_core.unique_counts(x))


def unique_inverse(x: Tensor, /) -> UniqueInverseResult:
    """`phonograd.unique_inverse`, with names."""
    return UniqueInverseResult(*_core.unique_inverse(x))


def _accumulated(scan: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A cumulative function with the standard's `dtype`: small integers are summed in 64 bits, as in `sum`."""

    def accumulated(
        x: Tensor,
        /,
        *,
        axis: int | None = None,
        dtype: DType | None = None,
        include_initial: builtins.bool = False,
    ) -> Tensor:
        return scan(astype(x, dtype or _wide(x.dtype)), axis=axis, include_initial=include_initial)

    accumulated.__name__ = accumulated.__qualname__ = scan.__name__
    accumulated.__doc__ = scan.__doc__
    return accumulated


def _wide(dtype: DType) -> DType:
    if isdtype(dtype, "unsigned integer"):
        return _core.uint64
    return _core.int64 if isdtype(dtype, "signed integer") else dtype


def _trace(x: Tensor, /, *, offset: int = 0, dtype: DType | None = None) -> Tensor:
    """`phonograd.linalg.trace`; integers are summed in 64 bits."""
    return linalg.trace(astype(x, dtype or _wide(x.dtype)), offset=offset)


class Info:
    """What a namespace can do: the inspection functions of the standard."""

    def capabilities(self) -> dict[str, Any]:
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": None}

    def default_device(self) -> str:
        return "cpu"

    def devices(self) -> list[str]:
        return ["cpu"]

    def default_dtypes(self, *, device: object = None) -> dict[str, DType]:
        _on_cpu("default_dtypes", device)
        return {"real floating": _core.float32, "integral": _core.int64, "indexing": _core.int64}

    def dtypes(self, *, device: object = None, kind: str | tuple[str, ...] | None = None) -> dict[str, DType]:
        _on_cpu("dtypes", device)
        names = [name for name in _KINDS["bool"] + _KINDS["numeric"] if name not in _BEYOND]
        every = {name: getattr(_core, name) for name in names}
        return every if kind is None else {name: one for name, one in every.items() if isdtype(one, kind)}


# The core's own, whose arguments are the standard's.
_SAME = """abs acos acosh add all any argmax argmin argsort asin asinh atan atan2 atanh bitwise_and bitwise_or
bitwise_xor broadcast_arrays broadcast_to ceil clip copysign cos cosh count_nonzero divide equal exp expand_dims expm1
flip floor floor_divide greater greater_equal hypot isfinite isinf isnan less less_equal log log10 log1p log2 logaddexp
logical_and logical_not logical_or logical_xor matmul max maximum mean meshgrid min minimum moveaxis multiply nonzero
not_equal prod reciprocal remainder repeat roll round sign signbit sin sinh sort sqrt square stack std subtract sum
take tan tanh tensordot tile tril triu trunc unique_values unstack var where""".split()

_LINALG = """cholesky cross det diagonal eigh eigvalsh inv matmul matrix_norm matrix_power matrix_rank matrix_transpose
outer pinv qr slogdet solve svd svdvals tensordot vecdot vector_norm""".split()

_DTYPES = [name for name in _KINDS["bool"] + _KINDS["numeric"] if hasattr(_core, name)]


def _take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """`phonograd.take_along_axis`, by default along the last axis."""
    return _core.take_along_axis(x, indices, axis)


# Everything that needs no record.
_SHARED: dict[str, Any] = {name: getattr(_core, name) for name in (*_SAME, *_DTYPES)}
_SHARED |= {
    one.__name__: one
    for one in (astype, can_cast, concat, diff, finfo, iinfo, imag, isdtype, nextafter, permute_dims, positive)
}
_SHARED |= {
    one.__name__: one
    for one in (reshape, result_type, searchsorted, squeeze, unique_all, unique_counts, unique_inverse)
}
_SHARED |= {
    "bitwise_invert": _core.bitwise_not,
    "bitwise_left_shift": _core.left_shift,
    "bitwise_right_shift": _core.right_shift,
    "conj": positive,
    "real": positive,
    "negative": _core.neg,
    "pow": _core.power,
    "matrix_transpose": linalg.matrix_transpose,
    "vecdot": linalg.vecdot,
    "take_along_axis": _take_along_axis,
    "cumulative_sum": _accumulated(_core.cumulative_sum),
    "cumulative_prod": _accumulated(_core.cumulative_prod),
    "linalg": SimpleNamespace(**{name: getattr(linalg, name) for name in _LINALG}, trace=_trace),
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "pi": math.pi,
    "newaxis": None,
    "__version__": pg.__version__,
    "__array_api_version__": VERSION,
    "__array_namespace_info__": Info,
}


class Namespace:
    """The Array API standard on one record."""

    __slots__ = ("record",)
    __name__ = "phonograd.array_api"

    def __init__(self, record: Record) -> None:
        self.record = record

    def __eq__(self, other: object) -> builtins.bool:
        return isinstance(other, Namespace) and self.record is other.record

    def __hash__(self) -> int:
        return hash(id(self.record))

    def __repr__(self) -> str:
        return f"<Array API namespace of {self.record!r}>"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_SHARED})

    def __getattr__(self, name: str) -> Any:
        try:
            return _SHARED[name]
        except KeyError:
            raise AttributeError(f"the Array API namespace of a record has no attribute {name!r}") from None

    def asarray(
        self, obj: Any, /, *, dtype: DType | None = None, device: object = None, copy: builtins.bool | None = None
    ) -> Tensor:
        """A tensor of the record: one of its own is itself, anything else is copied.

        Raises:
            ArgumentError: `copy=False`, and `obj` is not a tensor of the record and of the wanted dtype.
        """
        _on_cpu("asarray", device)
        if isinstance(obj, Tensor) and obj.record is self.record:
            if copy is False and dtype is not None and obj.dtype != dtype:
                _refuse("asarray", "copy", False, "True or None to change the dtype")
            return obj if dtype is None else astype(obj, dtype)
        if copy is False:
            _refuse("asarray", "copy", False, "True or None, for only tensors of the record are shared")
        return self.record.tensor(obj, dtype)

    def from_dlpack(self, x: Any, /, *, device: object = None, copy: builtins.bool | None = None) -> Tensor:
        """A tensor of the record from another library's array, which is copied; one of the record's own is itself."""
        import numpy as np

        _on_cpu("from_dlpack", device)
        if isinstance(x, Tensor):
            return self.asarray(x, copy=copy)
        return self.asarray(np.from_dlpack(x), copy=copy)

    def arange(
        self,
        start: float,
        /,
        stop: float | None = None,
        step: float = 1,
        *,
        dtype: DType | None = None,
        device: object = None,
    ) -> Tensor:
        """`Record.arange`."""
        _on_cpu("arange", device)
        return self.record.arange(start, stop, step, dtype)

    def linspace(
        self,
        start: float,
        stop: float,
        /,
        num: int,
        *,
        dtype: DType | None = None,
        device: object = None,
        endpoint: builtins.bool = True,
    ) -> Tensor:
        """`Record.linspace`."""
        _on_cpu("linspace", device)
        return self.record.linspace(start, stop, num, endpoint=endpoint, dtype=dtype)

    def eye(
        self,
        n_rows: int,
        n_cols: int | None = None,
        /,
        *,
        k: int = 0,
        dtype: DType | None = None,
        device: object = None,
    ) -> Tensor:
        """`Record.eye`."""
        _on_cpu("eye", device)
        return self.record.eye(n_rows, n_cols, k=k, dtype=dtype)

    def zeros(self, shape: int | Sequence[int], *, dtype: DType | None = None, device: object = None) -> Tensor:
        """`Record.zeros`."""
        _on_cpu("zeros", device)
        return self.record.zeros(shape, dtype)

    def ones(self, shape: int | Sequence[int], *, dtype: DType | None = None, device: object = None) -> Tensor:
        """`Record.ones`."""
        _on_cpu("ones", device)
        return self.record.ones(shape, dtype)

    # Nothing in a record is unset.
    empty = zeros

    def full(
        self, shape: int | Sequence[int], fill_value: Scalar, *, dtype: DType | None = None, device: object = None
    ) -> Tensor:
        """`Record.full`."""
        _on_cpu("full", device)
        return self.record.full(shape, fill_value, dtype)

    def zeros_like(self, x: Tensor, /, *, dtype: DType | None = None, device: object = None) -> Tensor:
        """`Record.zeros_like`."""
        _on_cpu("zeros_like", device)
        return self.record.zeros_like(x, dtype)

    empty_like = zeros_like

    def ones_like(self, x: Tensor, /, *, dtype: DType | None = None, device: object = None) -> Tensor:
        """`Record.ones_like`."""
        _on_cpu("ones_like", device)
        return self.record.ones_like(x, dtype)

    def full_like(
        self, x: Tensor, /, fill_value: Scalar, *, dtype: DType | None = None, device: object = None
    ) -> Tensor:
        """`Record.full_like`."""
        _on_cpu("full_like", device)
        return self.record.full_like(x, fill_value, dtype)


def namespace(record: Record, api_version: str | None = None) -> Namespace:
    """The namespace of a record.

    Raises:
        ArgumentError: a version after 2024.12 is asked for, or none that there is.
    """
    if api_version is not None and api_version not in ("2021.12", "2022.12", "2023.12", VERSION):
        _refuse("array namespace", "api_version", repr(api_version), f"{VERSION!r} or an earlier one")
    return Namespace(record)
