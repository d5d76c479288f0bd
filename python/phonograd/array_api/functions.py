"""Functions of the standard that need no record: the core's own, and those whose arguments or results differ."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import phonograd as pg
from phonograd import _core, linalg
from phonograd._core import DType, InputError, ShapeError, Tensor
from phonograd.array_api.dtypes import KINDS, Info, Scalar, astype, can_cast, finfo, iinfo, isdtype, result_type, wide

VERSION = "2024.12"


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


def _accumulated(scan: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A cumulative function with the standard's `dtype`: without one, integers are summed in 64 bits, as in `sum`."""

    def accumulated(
        x: Tensor,
        /,
        *,
        axis: int | None = None,
        dtype: DType | None = None,
        include_initial: builtins.bool = False,
    ) -> Tensor:
        to = dtype or wide(x.dtype)
        return astype(scan(astype(x, to), axis=axis, include_initial=include_initial), to)

    accumulated.__name__ = accumulated.__qualname__ = scan.__name__
    accumulated.__doc__ = scan.__doc__
    return accumulated


def _totalled(reduce: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A sum or product with the standard's `dtype`, which the result has: a narrow integer wraps around."""

    def totalled(
        x: Tensor,
        /,
        *,
        axis: int | Sequence[int] | None = None,
        dtype: DType | None = None,
        keepdims: builtins.bool = False,
    ) -> Tensor:
        to = dtype or wide(x.dtype)
        return astype(reduce(astype(x, to), axis, keepdims), to)

    totalled.__name__ = totalled.__qualname__ = reduce.__name__
    totalled.__doc__ = reduce.__doc__
    return totalled


def clip(
    x: Tensor,
    /,
    min: Tensor | Scalar | None = None,
    max: Tensor | Scalar | None = None,
) -> Tensor:
    """`phonograd.clip`; the tensor itself when neither bound is given."""
    return x if min is None and max is None else _core.clip(x, min, max)


def nonzero(x: Tensor, /) -> tuple[Tensor, ...]:
    """`phonograd.nonzero`, of at least one axis.

    Raises:
        ShapeError: the tensor is a scalar, which has no places to name.
    """
    if x.ndim == 0:
        raise ShapeError("nonzero: shape () has no axes; expected at least one axis")
    return tuple(_core.nonzero(x))


def meshgrid(*arrays: Tensor, indexing: Any = "xy") -> list[Tensor]:
    """`phonograd.meshgrid`, as a list."""
    return list(_core.meshgrid(*arrays, indexing=indexing))


def broadcast_arrays(*arrays: Tensor) -> list[Tensor]:
    """`phonograd.broadcast_arrays`, as a list."""
    return list(_core.broadcast_arrays(*arrays))


def repeat(x: Tensor, repeats: Tensor | int, /, *, axis: int | None = None) -> Tensor:
    """`phonograd.repeat`; one number in a tensor holds for every place."""
    if isinstance(repeats, Tensor) and repeats.size == 1:
        repeats = int(repeats.item())
    return _core.repeat(x, repeats, axis)


def vecdot(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """`phonograd.linalg.vecdot` along an axis that both have, in the dtype where both meet.

    Raises:
        ShapeError: the axis differs in size.
        AxisError: one of the tensors does not have the axis.
    """
    if x1.shape[-1:] != x2.shape[-1:] if axis == -1 else x1.shape[axis] != x2.shape[axis]:
        raise ShapeError(f"vecdot: sizes differ, left {x1.shape}, right {x2.shape}; axis {axis} must have one size")
    return astype(linalg.vecdot(x1, x2, axis), result_type(x1, x2))


def _trace(x: Tensor, /, *, offset: int = 0, dtype: DType | None = None) -> Tensor:
    """`phonograd.linalg.trace`; without a dtype, integers are summed in 64 bits."""
    to = dtype or wide(x.dtype)
    return astype(linalg.trace(astype(x, to), offset=offset), to)


def _above(s: Tensor, rtol: Tensor) -> Tensor:
    """Which singular values, in falling order, are above a share of the first: one share for each matrix."""
    return s > _core.expand_dims(rtol, -1) * s[..., :1]


def _matrix_rank(x: Tensor, /, *, rtol: Tensor | float | None = None) -> Tensor:
    """`phonograd.linalg.matrix_rank`, with one tolerance or one for each matrix."""
    if isinstance(rtol, Tensor) and rtol.ndim:
        return _core.count_nonzero(_above(linalg.svdvals(x), rtol), -1)
    return linalg.matrix_rank(x, rtol=None if rtol is None else float(rtol))


def _pinv(x: Tensor, /, *, rtol: Tensor | float | None = None) -> Tensor:
    """`phonograd.linalg.pinv`, with one tolerance or one for each matrix."""
    if isinstance(rtol, Tensor) and rtol.ndim:
        u, s, vh = linalg.svd(x, full_matrices=False)
        kept = _above(s, rtol)
        inverse = _core.where(kept, 1 / _core.where(kept, s, 1.0), 0.0)
        return linalg.matrix_transpose(vh) @ (_core.expand_dims(inverse, -1) * linalg.matrix_transpose(u))
    return linalg.pinv(x, rtol=None if rtol is None else float(rtol))


# The core's own, whose arguments are the standard's.
_SAME = """abs acos acosh add all any argmax argmin argsort asin asinh atan atan2 atanh bitwise_and bitwise_or
bitwise_xor broadcast_to ceil copysign cos cosh count_nonzero divide equal exp expand_dims expm1 flip
floor floor_divide greater greater_equal hypot isfinite isinf isnan less less_equal log log10 log1p log2
logaddexp logical_and logical_not logical_or logical_xor matmul max maximum mean min minimum moveaxis
multiply not_equal reciprocal remainder roll round sign signbit sin sinh sort sqrt square stack std
subtract take tan tanh tensordot tile tril triu trunc unique_all unique_counts unique_inverse unique_values unstack
var where""".split()  # noqa: SIM905

_LINALG = """cholesky cross det diagonal eigh eigvalsh inv matmul matrix_norm matrix_power matrix_transpose outer qr
slogdet solve svd svdvals tensordot vector_norm""".split()  # noqa: SIM905

_DTYPES = [name for name in KINDS["bool"] + KINDS["numeric"] if hasattr(_core, name)]


def _take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """`phonograd.take_along_axis`, by default along the last axis."""
    return _core.take_along_axis(x, indices, axis)


# Everything that needs no record.
SHARED: dict[str, Any] = {name: getattr(_core, name) for name in (*_SAME, *_DTYPES)}
SHARED |= {
    one.__name__: one
    for one in (astype, can_cast, concat, diff, finfo, iinfo, imag, isdtype, nextafter, permute_dims, positive)
}
SHARED |= {
    one.__name__: one
    for one in (
        broadcast_arrays,
        clip,
        meshgrid,
        nonzero,
        repeat,
        reshape,
        result_type,
        searchsorted,
        squeeze,
    )
}
SHARED |= {
    "bitwise_invert": _core.bitwise_not,
    "bitwise_left_shift": _core.left_shift,
    "bitwise_right_shift": _core.right_shift,
    "conj": positive,
    "real": positive,
    "negative": _core.neg,
    "pow": _core.power,
    "matrix_transpose": linalg.matrix_transpose,
    "vecdot": vecdot,
    "sum": _totalled(_core.sum),
    "prod": _totalled(_core.prod),
    "take_along_axis": _take_along_axis,
    "cumulative_sum": _accumulated(_core.cumulative_sum),
    "cumulative_prod": _accumulated(_core.cumulative_prod),
    "linalg": SimpleNamespace(
        **{name: getattr(linalg, name) for name in _LINALG},
        matrix_rank=_matrix_rank,
        pinv=_pinv,
        trace=_trace,
        vecdot=vecdot,
    ),
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "pi": math.pi,
    "newaxis": None,
    "__version__": pg.__version__,
    "__array_api_version__": VERSION,
    "__array_namespace_info__": Info,
}
