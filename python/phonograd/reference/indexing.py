"""Indexing: `x[...]`, and picking by integer arrays. All of it is `pick` with other positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .arrays import Array, as_axis, as_index, broadcast_shapes, grid, strides
from .errors import ArgumentError, DTypeError, IndexOutOfRangeError
from .graph import is_tensor, same_record
from .views import broadcast_to, flatten, pick

if TYPE_CHECKING:
    from .tensor import Tensor

Indices = "Tensor | Sequence[Any] | int"


def in_range(name: str, index: int, size: int, axis: int) -> int:
    """An index counted from the front; negative ones count from the end."""
    if not -size <= index < size:
        wanted = f"{-size} to {size - 1} would fit" if size else "none would fit"
        raise IndexOutOfRangeError(f"{name}: index {index} is out of range for axis {axis} of size {size}; {wanted}")
    return index + size if index < 0 else index


def read_indices(name: str, x: Tensor, indices: Any) -> Array:
    """Integer indices, from a tensor of the record of `x`, nested lists or a number."""
    if is_tensor(indices):
        same_record(name, x, indices)
    found: Array = (
        indices.array
        if is_tensor(indices)
        else Array.read(indices, "int64" if isinstance(indices, list) and not indices else None)
    )
    if not found.dtype.is_integer:
        raise DTypeError(f"{name}: dtype {found.dtype} does not fit; integer indices would")
    return found


def getitem(x: Tensor, key: Any) -> Tensor:
    """`x[key]`: integers, slices, None, an ellipsis, and at most one integer array or list."""
    entries = list(key) if isinstance(key, tuple) else [key]
    used = sum(1 for e in entries if e is not None and e is not Ellipsis)
    dots = sum(1 for e in entries if e is Ellipsis)
    if used > x.ndim or dots > 1:
        raise IndexOutOfRangeError(f"index: {used} indices and {dots} ellipses for {x.ndim} axes; fewer would fit")
    full = [slice(None)] * (x.ndim - used)
    at = next((i for i, e in enumerate(entries) if e is Ellipsis), len(entries))
    entries[at : at + 1] = full

    places: list[Sequence[int]] = []
    shape: list[int] = []
    arrays = 0
    for entry in entries:
        if entry is None:
            shape.append(1)
            continue
        axis = len(places)
        size = x.shape[axis]
        if isinstance(entry, slice):
            places.append(range(*_slice(entry, size)))
            shape.append(len(places[-1]))
        elif is_tensor(entry) or isinstance(entry, list) or hasattr(entry, "tolist"):
            found = read_indices("index", x, entry)
            places.append([in_range("index", int(i), size, axis) for i in found.flat])
            shape.extend(found.shape)
            arrays += 1
        elif isinstance(entry, bool):
            raise DTypeError("index: dtype bool does not fit; integers would, or where instead of a mask")
        else:
            places.append([in_range("index", as_index(entry, "index"), size, axis)])
    if arrays > 1:
        raise ArgumentError("index: two integer arrays; at most one would fit, see take and take_along_axis")
    return pick("index", x, tuple(shape), grid(places, strides(x.shape)))


def _slice(entry: slice, size: int) -> tuple[int, int, int]:
    start, stop, step = (None if i is None else as_index(i, "index") for i in (entry.start, entry.stop, entry.step))
    if step == 0:
        raise ArgumentError("index: slice step is 0; any other number would fit")
    return slice(start, stop, step).indices(size)


def take(x: Tensor, indices: Tensor | Sequence[Any] | int, axis: int | None = None) -> Tensor:
    """Whole slices along an axis: the shape of the indices replaces it. By default elements of the flattened array.

    Examples:
        >>> import phonograd.reference as pg
        >>> x = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> x.take([1, 1, 0], axis=0).tolist()
        [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]
    """
    if axis is None:
        return take(flatten(x), indices, 0)
    at = as_axis(axis, x.ndim, "take")
    found = read_indices("take", x, indices)
    places: list[Sequence[int]] = [range(n) for n in x.shape]
    places[at] = [in_range("take", int(i), x.shape[at], at) for i in found.flat]
    return pick("take", x, x.shape[:at] + found.shape + x.shape[at + 1 :], grid(places, strides(x.shape)))


def take_along_axis(x: Tensor, indices: Tensor | Sequence[Any], axis: int | None) -> Tensor:
    """One element for each index along an axis; on the other axes `x` and the indices broadcast.

    Examples:
        >>> import phonograd.reference as pg
        >>> x = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> x.take_along_axis([[1], [0]], axis=1).tolist()
        [[2.0], [3.0]]
    """
    if axis is None:
        return take_along_axis(flatten(x), indices, 0)
    at = as_axis(axis, x.ndim, "take_along_axis")
    found = read_indices("take_along_axis", x, indices)
    if len(found.shape) != x.ndim:
        raise ArgumentError(f"take_along_axis: indices of shape {found.shape} for {x.shape}; as many axes would fit")
    shape = broadcast_shapes("take_along_axis", (*x.shape[:at], 1, *x.shape[at + 1 :]), found.shape)
    source = broadcast_to(x, (*shape[:at], x.shape[at], *shape[at + 1 :]))
    index = broadcast_to(x.record.tensor(found), shape).array.flat
    steps = list(strides(source.shape))
    step, steps[at] = steps[at], 0
    start = grid([range(n) for n in shape], steps)
    positions = [
        p + step * in_range("take_along_axis", int(i), source.shape[at], at) for p, i in zip(start, index, strict=True)
    ]
    return pick("take_along_axis", source, shape, positions)


def gather(x: Tensor, indices: Tensor | Sequence[Any], axis: int) -> Tensor:
    """Another name of `take_along_axis`."""
    return take_along_axis(x, indices, axis)
