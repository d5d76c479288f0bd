"""Views: the same elements in another order, some of them, or some of them several times.

All views are one operation. `pick` makes an array from the flat positions of another; its transpose, `spread`, adds
elements up where they came from. Each is the other's derivative, so every view is differentiable to any order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .arrays import Array, Axes, Shape, as_axes, as_axis, as_index, as_shape, check_size, grid, strides
from .dtypes import Number, promote, total
from .errors import ArgumentError, AxisError, InputError, ShapeError
from .graph import Row, apply, same_record

if TYPE_CHECKING:
    from .tensor import Tensor


def pick(name: str, x: Tensor, shape: Shape, positions: Sequence[int], fill: Number = 0) -> Tensor:
    """The elements of `x` at flat positions, as an array of `shape`; `fill` for a position of -1."""
    return apply(Row(name, _pick, _pick_vjp), x, shape=check_size(shape, name), positions=positions, fill=fill)


def spread(x: Tensor, shape: Shape, positions: Sequence[int]) -> Tensor:
    """Zeros of `shape` with the elements of `x` added at flat positions; repeated positions add up, -1 is dropped."""
    return apply(Row("spread", _spread, _spread_vjp), x, shape=shape, positions=positions)


def _pick(x: Array, shape: Shape, positions: Sequence[int], fill: Number) -> Array:
    return Array(shape, x.dtype, [x.flat[p] if p >= 0 else fill for p in positions])


def _pick_vjp(g: Tensor, y: Tensor, x: Tensor, positions: Sequence[int], **_: Any) -> list[Tensor]:
    return [spread(g, x.shape, positions)]


def _spread(x: Array, shape: Shape, positions: Sequence[int]) -> Array:
    parts: list[list[Number]] = [[] for _ in range(math.prod(shape))]
    for p, value in zip(positions, x.flat, strict=True):
        if p >= 0:
            parts[p].append(value)
    return Array(shape, x.dtype, (part[0] if len(part) == 1 else total(part) for part in parts))


def _spread_vjp(g: Tensor, y: Tensor, x: Tensor, positions: Sequence[int], **_: Any) -> list[Tensor]:
    return [pick("pick", g, x.shape, positions)]


def _ranges(shape: Shape) -> list[Sequence[int]]:
    return [range(n) for n in shape]


def _one_or_many(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments written one by one, or as one tuple or list."""
    return tuple(values[0]) if len(values) == 1 and isinstance(values[0], list | tuple) else values


def reshape(x: Tensor, *shape: int | Sequence[int]) -> Tensor:
    """The same elements, in the same order, under another shape; one size may be -1.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.Record().tensor([1, 2, 3, 4]).reshape(2, -1).tolist()
        [[1, 2], [3, 4]]
    """
    sizes = [as_index(n, "reshape") for n in _one_or_many(shape)]
    if sizes.count(-1) == 1:
        known = -math.prod(sizes)
        if known == 0 or x.size % known:
            raise ShapeError(
                f"reshape: shape {x.shape} holds {x.size} elements, {tuple(sizes)} cannot; products must be equal"
            )
        sizes[sizes.index(-1)] = x.size // known
    wanted = as_shape(sizes, "reshape")
    if math.prod(wanted) != x.size:
        raise ShapeError(f"reshape: shape {x.shape} holds {x.size} elements, {wanted} does not; products must be equal")
    return pick("reshape", x, wanted, range(x.size))


def flatten(x: Tensor) -> Tensor:
    """All elements along one axis."""
    return reshape(x, x.size)


def permute(x: Tensor, *axes: int | Sequence[int]) -> Tensor:
    """The axes in another order: axis `i` of the result is axis `axes[i]` of `x`."""
    order = as_axes(_one_or_many(axes), x.ndim, "permute")
    if len(order) != x.ndim:
        raise AxisError(f"permute: {len(order)} axes for shape {x.shape}; each axis must be named once")
    shape, steps = tuple(x.shape[a] for a in order), strides(x.shape)
    return pick("permute", x, shape, grid(_ranges(shape), [steps[a] for a in order]))


def transpose(x: Tensor, *axes: int | Sequence[int] | None) -> Tensor:
    """The axes in reverse order, or in the order given, as `permute`."""
    given = [a for a in axes if a is not None]
    return permute(x, *given) if given else permute(x, list(range(x.ndim))[::-1])


def moveaxis(x: Tensor, source: Axes, destination: Axes) -> Tensor:
    """Some axes moved to other places, the rest kept in order."""
    moved, places = as_axes(source, x.ndim, "moveaxis"), as_axes(destination, x.ndim, "moveaxis")
    if len(moved) != len(places):
        raise ArgumentError(f"moveaxis: {len(moved)} axes to {len(places)} places; there must be as many")
    order = [a for a in range(x.ndim) if a not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return permute(x, order)


def swapaxes(x: Tensor, first: int, second: int) -> Tensor:
    """Two axes exchanged."""
    order = list(range(x.ndim))
    a, b = as_axis(first, x.ndim, "swapaxes"), as_axis(second, x.ndim, "swapaxes")
    order[a], order[b] = order[b], order[a]
    return permute(x, order)


def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    """New axes of size 1, at these places of the result."""
    count = len(axis) if isinstance(axis, list | tuple) else 1
    new, old = as_axes(axis, x.ndim + count, "expand_dims"), iter(x.shape)
    return reshape(x, [1 if a in new else next(old) for a in range(x.ndim + count)])


def squeeze(x: Tensor, axis: Axes = None) -> Tensor:
    """Without axes of size 1: all of them, or those named."""
    gone = [a for a, n in enumerate(x.shape) if n == 1] if axis is None else as_axes(axis, x.ndim, "squeeze")
    for a in gone:
        if x.shape[a] != 1:
            raise ShapeError(f"squeeze: axis {a} of shape {x.shape} has size {x.shape[a]}; only size 1 can go")
    return reshape(x, [n for a, n in enumerate(x.shape) if a not in gone])


def broadcast_to(x: Tensor, shape: int | Sequence[int]) -> Tensor:
    """Axes of size 1 repeated, and axes added on the left, to reach a shape.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.Record().tensor([[1], [2]]).broadcast_to((2, 3)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    if shape == x.shape:
        return x
    wanted = as_shape(shape, "broadcast_to")
    new = len(wanted) - x.ndim
    if new < 0 or any(n not in (1, m) for n, m in zip(x.shape, wanted[new:], strict=True)):
        raise ShapeError(f"broadcast_to: shape {x.shape} does not expand to {wanted}; only sizes of 1 stretch")
    steps = [0] * new + [0 if n == 1 else s for n, s in zip(x.shape, strides(x.shape), strict=True)]
    return pick("broadcast_to", x, wanted, grid(_ranges(wanted), steps))


def flip(x: Tensor, axis: Axes = None) -> Tensor:
    """Axes in reverse, all of them by default."""
    axes = as_axes(axis, x.ndim, "flip")
    places = [range(n)[::-1] if a in axes else range(n) for a, n in enumerate(x.shape)]
    return pick("flip", x, x.shape, grid(places, strides(x.shape)))


_BEYOND: dict[str, Callable[[int, int], int]] = {
    "constant": lambda i, n: i if 0 <= i < n else -1,
    "edge": lambda i, n: min(max(i, 0), n - 1),
    "wrap": lambda i, n: i % n,
    "symmetric": lambda i, n: min(i % (2 * n), 2 * n - 1 - i % (2 * n)),
    "reflect": lambda i, n: abs((i + n - 1) % (2 * n - 2) - (n - 1)) if n > 1 else 0,
}


def pad(x: Tensor, pad_width: Any, value: Number = 0.0, *, mode: str = "constant") -> Tensor:
    """A frame of `value` around an array, or of its own elements.

    Args:
        x: What goes inside.
        pad_width: One number for all sides, `(before, after)` for all axes, or such a pair for each axis.
        value: What the frame is made of, in the dtype of `x`.
        mode: "constant" for `value`; "edge", "reflect", "symmetric" or "wrap" for elements, as in NumPy.
    """
    if mode not in _BEYOND:
        raise ArgumentError(f"pad: mode is {mode!r}; one of {', '.join(_BEYOND)} would fit")
    widths = _pad_widths(pad_width, x.ndim)
    if min((w for pair in widths for w in pair), default=0) < 0:
        raise ArgumentError(f"pad: negative width in {pad_width}; 0 or more would fit")
    shape = check_size(tuple(n + b + a for n, (b, a) in zip(x.shape, widths, strict=True)), "pad")
    if mode != "constant" and any(n == 0 and (b or a) for n, (b, a) in zip(x.shape, widths, strict=True)):
        raise ShapeError(f"pad: nothing of shape {x.shape} can be repeated")
    rule = _BEYOND[mode]
    places = [[rule(i, n) for i in range(-b, n + a)] for n, (b, a) in zip(x.shape, widths, strict=True)]
    return pick("pad", x, shape, grid(places, strides(x.shape)), fill=x.dtype.literal(value))


def _pad_widths(given: Any, ndim: int) -> list[tuple[int, int]]:
    if not isinstance(given, list | tuple):
        return [(as_index(given, "pad"),) * 2] * ndim
    nested = [w if isinstance(w, list | tuple) else (w,) for w in given]
    if all(isinstance(w, list | tuple) for w in given) and len(given) == 1:
        return _pad_widths(given[0], ndim)
    if not any(isinstance(w, list | tuple) for w in given):
        nested = [given] * ndim
    pairs = [tuple(as_index(n, "pad") for n in w) for w in nested]
    if len(pairs) != ndim or any(len(p) not in (1, 2) for p in pairs):
        raise ArgumentError(f"pad: pad_width {given} does not fit {ndim} axes; a number, a pair, or one for each would")
    return [(p[0], p[-1]) for p in pairs]


def _concat(*parts: Array) -> Array:
    shape = (sum(p.shape[0] for p in parts), *parts[0].shape[1:])
    return Array(shape, parts[0].dtype, [v for p in parts for v in p.flat])


def _concat_vjp(g: Tensor, y: Tensor, *parts: Tensor) -> list[Tensor]:
    result, start = [], 0
    for part in parts:
        result.append(pick("slice", g, part.shape, range(start, start + part.size)))
        start += part.size
    return result


CONCAT = Row("concat", _concat, _concat_vjp)


def concat(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Arrays one behind the other along an axis; their other sizes must agree.

    Examples:
        >>> import phonograd.reference as pg
        >>> rec = pg.Record()
        >>> pg.concat([rec.tensor([1, 2]), rec.tensor([3])]).tolist()
        [1, 2, 3]
    """
    first = _first("concat", tensors)
    if first.ndim == 0:
        raise ShapeError("concat: scalars have no axis to join along; stack would fit")
    at = as_axis(axis, first.ndim, "concat")
    for x in tensors:
        if x.ndim != first.ndim or x.shape[:at] + x.shape[at + 1 :] != first.shape[:at] + first.shape[at + 1 :]:
            raise ShapeError(f"concat: {x.shape} does not join {first.shape} along axis {at}; others must be equal")
    dtype = promote(x.dtype for x in tensors)
    return moveaxis(apply(CONCAT, *(moveaxis(x.astype(dtype), at, 0) for x in tensors)), 0, at)


def stack(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Arrays of one shape along a new axis."""
    first = _first("stack", tensors)
    for x in tensors:
        if x.shape != first.shape:
            raise ShapeError(f"stack: shapes {first.shape} and {x.shape} differ; all must be equal")
    at = as_axis(axis, first.ndim + 1, "stack")
    return concat([expand_dims(x, at) for x in tensors], at)


def _first(name: str, tensors: Sequence[Tensor]) -> Tensor:
    if not isinstance(tensors, list | tuple):
        raise InputError(f"{name}: {type(tensors).__name__} is no list of tensors")
    if not tensors:
        raise ArgumentError(f"{name}: no tensors; one or more would fit")
    same_record(name, *tensors)
    first: Tensor = tensors[0]
    return first


def split(x: Tensor, sections_or_indices: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """Pieces along an axis: a number of equal ones, or cut at indices."""
    at = as_axis(axis, x.ndim, "split")
    size = x.shape[at]
    if isinstance(sections_or_indices, list | tuple):
        edges = [0, *sections_or_indices, size]
    else:
        sections = as_index(sections_or_indices, "split")
        if sections < 1 or size % sections:
            raise ArgumentError(f"split: {sections} sections of axis {at} of size {size}; a divisor would fit")
        edges = [i * (size // sections) for i in range(sections + 1)]
    front = (slice(None),) * at
    return tuple(x[(*front, slice(a, b))] for a, b in pairwise(edges))
