"""Arrays as shape, dtype and one flat list in row-major order, and the arithmetic of shapes."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

from .dtypes import DType, Number, as_dtype, float32, int64, promote, uint64
from .errors import AllocationError, ArgumentError, AxisError, InputError, RaggedError, ShapeError

Shape = tuple[int, ...]
Axes = int | Sequence[int] | None
MAX_NDIM = 64
MAX_SIZE = 1 << 28


class Array:
    """An immutable array: `shape`, `dtype`, and `flat`, its elements in row-major order.

    Examples:
        >>> from phonograd.reference import Array
        >>> a = Array.read([[1.0, 2.0], [3.0, 4.0]])
        >>> a.shape, a.dtype, a.flat
        ((2, 2), float32, [1.0, 2.0, 3.0, 4.0])
    """

    __slots__ = ("dtype", "flat", "shape")

    def __init__(self, shape: Shape, dtype: DType, values: Iterable[Number]) -> None:
        """Store `values`, computed in any precision, as `dtype` holds them."""
        self.shape = shape
        self.dtype = dtype
        self.flat = dtype.store(values)

    @classmethod
    def full(cls, shape: Shape, dtype: DType, value: Number) -> Array:
        """One value everywhere."""
        result = cls((), dtype, [value])
        result.flat, result.shape = result.flat * math.prod(shape), shape
        return result

    @classmethod
    def read(cls, data: Any, dtype: object = None) -> Array:
        """Numbers, nested lists or tuples of them, or anything with `tolist()`, as a new array.

        Args:
            data: What to read.
            dtype: The dtype wanted; by default that of `data`, or of its Python numbers taken together.
        """
        shape, flat = _flatten(data.tolist() if hasattr(data, "tolist") else data)
        if hasattr(data, "dtype"):
            shape, own = tuple(data.shape), as_dtype(data.dtype)
        else:
            own = promote([], flat) if flat else float32
            if own.is_integer and int64.highest < max(flat) <= uint64.highest:
                own = uint64
        wanted = own if dtype is None else as_dtype(dtype)
        if not hasattr(data, "dtype"):
            flat = [wanted.literal(v) if isinstance(v, int) else v for v in flat]
        return cls(shape, wanted, wanted.cast(flat))

    @property
    def size(self) -> int:
        """The number of elements."""
        return len(self.flat)

    def tolist(self) -> Any:
        """Nested lists of Python numbers; one number for shape ()."""
        level: list[Any] = list(self.flat)
        for n, outer in zip(reversed(self.shape[1:]), reversed(range(1, len(self.shape))), strict=True):
            count = math.prod(self.shape[:outer])
            level = [level[i * n : (i + 1) * n] for i in range(count)]
        return level if self.shape else level[0]

    def __repr__(self) -> str:
        """Shape, dtype and values."""
        return f"Array({self.tolist()}, dtype={self.dtype})"


def _flatten(data: Any) -> tuple[Shape, list[Number]]:
    """Shape and elements of nested sequences, level by level, so that no depth overflows the stack."""
    shape: list[int] = []
    level = [data]
    while any(isinstance(item, list | tuple) for item in level):
        lengths = {len(item) if isinstance(item, list | tuple) else None for item in level}
        if len(lengths) > 1:
            shown = ", ".join(sorted("a number" if n is None else str(n) for n in lengths))
            raise RaggedError(f"tensor: lengths differ at depth {len(shape)}: {shown}; all must be equal")
        if len(shape) == MAX_NDIM:
            raise ShapeError(f"tensor: nested more than {MAX_NDIM} deep")
        shape.append(len(level[0]))
        level = [inner for item in level for inner in item]
    for item in level:
        if not isinstance(item, bool | int | float):
            raise InputError(f"tensor: cannot read {type(item).__name__}; numbers and nested lists of numbers can be")
    return tuple(shape), level


def as_index(value: Any, what: str) -> int:
    """An integer argument; anything with `__index__` is one."""
    try:
        return operator.index(value)
    except TypeError:
        raise InputError(f"{what}: {type(value).__name__} is not an integer") from None


def as_shape(shape: int | Sequence[int], what: str = "shape") -> Shape:
    """A shape argument: one size or several, checked."""
    sizes = tuple(as_index(n, what) for n in shape) if isinstance(shape, list | tuple) else (as_index(shape, what),)
    if any(n < 0 for n in sizes):
        raise ShapeError(f"{what}: negative size in {sizes}")
    return check_size(sizes, what)


def check_size(shape: Shape, what: str) -> Shape:
    """The shape itself, if an array of it can be held."""
    if len(shape) > MAX_NDIM:
        raise ShapeError(f"{what}: {len(shape)} axes; at most {MAX_NDIM} are possible")
    if math.prod(n for n in shape if n) >= 1 << 60:
        raise ShapeError(f"{what}: {shape} has too many elements for any array")
    if math.prod(shape) > MAX_SIZE:
        raise AllocationError(f"{what}: {shape} has {math.prod(shape)} elements; the reference holds {MAX_SIZE}")
    return shape


def as_axis(axis: Any, ndim: int, what: str) -> int:
    """One axis, counted from the front."""
    n = as_index(axis, f"{what}: axis")
    if not -ndim <= n < ndim:
        raise AxisError(f"{what}: axis {n} is out of range for {ndim} axes; {-ndim} to {ndim - 1} would fit")
    return n % ndim


def as_axes(axes: Axes, ndim: int, what: str) -> tuple[int, ...]:
    """Axes in the order given, counted from the front; None means all of them."""
    if axes is None:
        return tuple(range(ndim))
    result = tuple(as_axis(a, ndim, what) for a in (axes if isinstance(axes, list | tuple) else (axes,)))
    if len(set(result)) < len(result):
        raise AxisError(f"{what}: axis named twice in {axes}")
    return result


def broadcast_shapes(what: str, *shapes: Shape) -> Shape:
    """The shape to which all of these broadcast: aligned at the right, size 1 stretches."""
    ndim = max((len(s) for s in shapes), default=0)
    padded = [(1,) * (ndim - len(s)) + s for s in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        wanted = set(sizes) - {1}
        if len(wanted) > 1:
            shown = " and ".join(str(s) for s in shapes)
            raise ShapeError(f"{what}: shapes {shown} do not broadcast; sizes must be equal or 1")
        result.append(wanted.pop() if wanted else 1)
    return tuple(result)


def strides(shape: Shape) -> tuple[int, ...]:
    """How far apart in the flat list neighbours along each axis are."""
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def grid(indices: Sequence[Sequence[int]], steps: Sequence[int]) -> Sequence[int]:
    """Flat positions of all combinations of one index per axis, the last axis fastest; -1 for an index of -1.

    This is what a view is: `indices` tells which places of each axis are seen, `steps` how far apart they lie.
    """
    out: Sequence[int] = range(1)
    for places, step in zip(indices, steps, strict=True):
        if out == range(1) and isinstance(places, range) and (not places or min(places[0], places[-1]) >= 0):
            out = range(places.start * step, places.stop * step, places.step * step) if step else [0] * len(places)
        else:
            out = [p + i * step if p >= 0 and i >= 0 else -1 for p in out for i in places]
    return out


def check_reduction(reduction: str, what: str) -> None:
    """Accept "mean", "sum" or "none"."""
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentError(f"{what}: reduction {reduction!r} is none of 'mean', 'sum', 'none'")
