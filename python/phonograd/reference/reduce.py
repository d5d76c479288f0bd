"""Reductions over axes, and rules along one axis.

A reduction is a rule for the list of elements that are combined, and a local derivative in the shape of the input. What
the family adds: axes, `keepdims`, rounding, and the chain rule. Sums are exact and rounded once.
"""

# ruff: noqa: A001 - the functions have the names of NumPy's

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from .arrays import Array, Axes, Shape, as_axes, as_axis, grid, strides
from .binary import equal, logical_or, where
from .dtypes import DType, Number, bool_, float32, int64, total, uint64
from .elementwise import astype, chain, gate, stop_gradient
from .errors import ArgumentError, ShapeError
from .graph import Row, apply, constant
from .unary import exp, isfinite, isnan, sqrt
from .views import broadcast_to, concat, flatten, flip, permute, reshape

if TYPE_CHECKING:
    from .tensor import Tensor

Axs = tuple[int, ...]
Local = Callable[..., "Tensor | Number"]

# The families -------------------------------------------------------------------------------------------------------


def lines(shape: Shape, axes: Axs) -> list[Sequence[int]]:
    """The flat positions of elements that lie along `axes` together; one list for each place on the other axes."""
    order, steps = [*(a for a in range(len(shape)) if a not in axes), *axes], strides(shape)
    positions = grid([range(shape[a]) for a in order], [steps[a] for a in order])
    n = math.prod(shape[a] for a in axes)
    count = math.prod(shape[a] for a in range(len(shape)) if a not in axes)
    return [positions[i * n : (i + 1) * n] for i in range(count)]


def _dtypes(kind: str, dtype: DType) -> tuple[DType, DType]:
    """The dtypes in which a reduction of `dtype` computes and results.

    A "sum" of integers and bool has 64 bits, with a sign or without, a "float" of them float32; a "choice" keeps its
    dtype, a "position" is int64; "truth" is bool.
    """
    if kind == "truth":
        return bool_, bool_
    wide = float32 if kind == "float" else uint64 if dtype.kind == "u" else int64
    inner = dtype if dtype.is_float or kind in ("choice", "position") else wide
    return inner, int64 if kind == "position" else inner


def _reduction(name: str, kind: str, rule: Callable[..., Number], local: Local | None = None) -> Callable[..., Tensor]:
    """Make a recorded reduction.

    Args:
        name: The public name.
        kind: What it takes, see `_dtypes`.
        rule: From the list of elements to their combination.
        local: From input `x`, output `y` with axes kept, and the axes, the derivative of `y` by each element.
    """

    def value(x: Array, axes: Axs, out: DType, **options: Any) -> Array:
        shape = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
        return Array(shape, out, [rule([x.flat[p] for p in line], **options) for line in lines(x.shape, axes)])

    def vjp(g: Tensor, y: Tensor, x: Tensor, axes: Axs, out: DType, **options: Any) -> Iterator[Tensor]:
        assert local is not None
        yield chain(broadcast_to(g, x.shape), local(x, y, axes, **options))

    row = Row(name, value, vjp if local else None)

    def reduce(x: Tensor, axis: Axes, keepdims: bool, **options: Any) -> Tensor:
        axes = as_axes(axis, x.ndim, name)
        if kind in ("choice", "position") and not _count(x, axes):
            raise ShapeError(f"{name}: shape {x.shape} has no elements to choose from; size 1 or more would fit")
        inner, out = _dtypes(kind, x.dtype)
        y = apply(row, astype(x, inner), axes=axes, out=out, **options)
        return y if keepdims else reshape(y, [n for a, n in enumerate(x.shape) if a not in axes])

    return reduce


def _count(x: Tensor, axes: Axs) -> int:
    return math.prod(x.shape[a] for a in axes)


def _along(name: str, rule: Callable[[list[Number]], list[Number]], vjp: Callable[..., Tensor]) -> Row:
    """A row that replaces each line along an axis by another of the same length."""

    def value(x: Array, axis: int) -> Array:
        flat: list[Number] = [0] * x.size
        for line in lines(x.shape, (axis,)):
            for p, v in zip(line, rule([x.flat[p] for p in line]), strict=True):
                flat[p] = v
        return Array(x.shape, x.dtype, flat)

    return Row(name, value, lambda g, y, x, axis: [vjp(g, y, axis)])


# Sums and products --------------------------------------------------------------------------------------------------

_sum = _reduction("sum", "sum", total, lambda x, y, axes: 1.0)
_prod = _reduction("prod", "sum", math.prod, lambda x, y, axes: _product_of_others(x, axes))


def sum(x: Tensor, axis: Axes = None, keepdims: bool = False, *, dtype: object = None) -> Tensor:
    """The sum over axes, all of them by default; of 64 bits for integers and bool.

    Args:
        x: What to reduce.
        axis: One axis or several; None for all.
        keepdims: Keep reduced axes with size 1.
        dtype: What elements are cast to before.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0).tolist()
        [4.0, 6.0]
    """
    return _sum(x if dtype is None else astype(x, dtype), axis, keepdims)


def prod(x: Tensor, axis: Axes = None, keepdims: bool = False, *, dtype: object = None) -> Tensor:
    """The product over axes; its derivative is the product of the other elements, found without division."""
    return _prod(x if dtype is None else astype(x, dtype), axis, keepdims)


def _product_of_others(x: Tensor, axes: Axs) -> Tensor:
    """For each element the product of all others along the axes.

    Elements are multiplied in pairs, pairs in pairs, and so on up to one product; on the way back down each partner
    gets what its pair got times the other partner.
    """
    if x.size == 0:
        return x
    order = [*axes, *(a for a in range(x.ndim) if a not in axes)]
    front = permute(x, order)
    z = reshape(front, _count(x, axes), -1)
    one = constant(x.record, (1, z.shape[1]), x.dtype, 1)
    pairs = []
    while (n := z.shape[0]) > 1:
        even = concat([z, one]) if n % 2 else z
        a, b = even[: even.shape[0] // 2], even[even.shape[0] // 2 :]
        pairs.append((a, b, n))
        z = a * b
    others = one
    for a, b, n in reversed(pairs):
        others = concat([others * b, others * a])[:n]
    return permute(reshape(others, front.shape), [order.index(a) for a in range(x.ndim)])


CUMSUM = _along(
    "cumsum", lambda line: list(accumulate(line)), lambda g, y, axis: flip(cumsum(flip(g, axis), axis), axis)
)


def cumsum(x: Tensor, axis: int | None = None) -> Tensor:
    """The sums of all elements up to each one along an axis, or of the flattened array."""
    z = flatten(x) if axis is None else x
    return apply(CUMSUM, astype(z, _dtypes("sum", x.dtype)[0]), axis=as_axis(axis or 0, z.ndim, "cumsum"))


# Extremes and truth -------------------------------------------------------------------------------------------------


def _nan_or(choose: Callable[[list[Number]], Number], values: list[Number]) -> Number:
    return next((v for v in values if v != v), choose(values))


def _place(choose: Callable[[list[Number]], Number], values: list[Number]) -> int:
    return next((i for i, v in enumerate(values) if v != v), values.index(choose(values)))


def _equal_shares(x: Tensor, y: Tensor, axes: Axs) -> Tensor:
    chosen = logical_or(equal(x, y), isnan(x))
    return where(chosen, 1.0 / sum(chosen.astype(x.dtype), axes, True), 0.0)


_max = _reduction("max", "choice", lambda values: _nan_or(builtins.max, values), _equal_shares)
_min = _reduction("min", "choice", lambda values: _nan_or(builtins.min, values), _equal_shares)
_any = _reduction("any", "truth", builtins.any)
_all = _reduction("all", "truth", builtins.all)
_argmax = _reduction("argmax", "position", lambda values: _place(builtins.max, values))
_argmin = _reduction("argmin", "position", lambda values: _place(builtins.min, values))


def max(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The largest element; nan if any is. Equal maxima share the derivative.

    Examples:
        >>> import phonograd.reference as pg
        >>> x = pg.Record().tensor([1.0, 5.0, 5.0])
        >>> x.max().item(), x.max().grad().wrt(x).tolist()
        (5.0, [0.0, 0.5, 0.5])
    """
    return _max(x, axis, keepdims)


def min(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The smallest element; nan if any is. Equal minima share the derivative."""
    return _min(x, axis, keepdims)


def any(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """True if any element is; False of no elements."""
    return _any(x, axis, keepdims)


def all(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """True if all elements are; True of no elements."""
    return _all(x, axis, keepdims)


def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position of the first of the largest elements, or of the first nan; in the flattened array by default."""
    return _argmax(x, axis if axis is None else as_axis(axis, x.ndim, "argmax"), keepdims)


def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position of the first of the smallest elements, or of the first nan; in the flattened array by default."""
    return _argmin(x, axis if axis is None else as_axis(axis, x.ndim, "argmin"), keepdims)


# Statistics ---------------------------------------------------------------------------------------------------------


def _mean_of(values: list[float]) -> float:
    return total(values) / len(values) if values else math.nan


def _var_of(values: list[float], correction: float) -> float:
    near = [v - values[0] for v in values]  # exactly 0 where all values are equal, which their rounded mean may miss
    middle, divisor = _mean_of(near), builtins.max(len(values) - correction, 0.0)
    squares = total([(v - middle) * (v - middle) for v in near])
    return squares / divisor if divisor else squares * math.inf


def _var_local(x: Tensor, y: Tensor, axes: Axs, correction: float) -> Tensor:
    return (x - mean(x, axes, True)) * 2.0 / builtins.max(_count(x, axes) - correction, 0.0)


_mean = _reduction("mean", "float", _mean_of, lambda x, y, axes: 1.0 / builtins.max(_count(x, axes), 1))
_var = _reduction("var", "float", _var_of, _var_local)


def mean(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The mean over axes, float32 for integers and bool; nan of no elements."""
    return _mean(x, axis, keepdims)


def var(
    x: Tensor, axis: Axes = None, keepdims: bool = False, correction: float = 0, ddof: float | None = None
) -> Tensor:
    """The variance over axes in two passes: the mean squared distance from the mean.

    Args:
        x: What to reduce.
        axis: One axis or several; None for all.
        keepdims: Keep reduced axes with size 1.
        correction: Subtracted from the number of elements in the divisor, which does not fall below 0.
        ddof: NumPy's name for `correction`.
    """
    if ddof is not None and correction:
        raise ArgumentError("var: correction and ddof are one; one of them would fit")
    return _var(x, axis, keepdims, correction=float(correction if ddof is None else ddof))


def std(
    x: Tensor, axis: Axes = None, keepdims: bool = False, correction: float = 0, ddof: float | None = None
) -> Tensor:
    """The standard deviation, the root of `var`; its derivative is 0 where all elements are equal."""
    variance = var(x, axis, keepdims, correction, ddof)
    return where(equal(variance, 0.0), 0.0, sqrt(variance))


# Exponentials -------------------------------------------------------------------------------------------------------


def _shifted(values: list[float]) -> tuple[float, float]:
    """A shift that keeps exponentials in range, and the logarithm of the sum of the shifted ones."""
    shift = _nan_or(builtins.max, values)
    return shift, math.log(total([math.exp(v - shift) for v in values]))


def _logsumexp_of(values: list[float]) -> float:
    if not values or not math.isfinite(_nan_or(builtins.max, values)):
        return _nan_or(builtins.max, values) if values else -math.inf
    shift, rest = _shifted(values)
    return shift + rest


def _log_softmax_of(values: list[float]) -> list[float]:
    if not values:
        return values
    shift, rest = _shifted(values)
    return [v - shift - rest for v in values]


def _softmax_of(values: list[float]) -> list[float]:
    if not values:
        return values
    shift = _nan_or(builtins.max, values)
    powers = [math.exp(v - shift) for v in values]
    whole = total(powers)
    return [p / whole for p in powers]


def _weights(x: Tensor, axes: Axs) -> Tensor:
    """The softmax over several axes, but 0 instead of nan where `x` is -inf everywhere."""
    if x.size == 0:
        return x
    top = max(stop_gradient(x), axes, True)
    powers = exp(x - where(isfinite(top), top, 0.0))
    return where(equal(x, -math.inf), 0.0, powers / sum(powers, axes, True))


def _softmax_vjp(g: Tensor, y: Tensor, axis: int) -> Tensor:
    weighted = gate(g, y)
    return weighted - gate(sum(weighted, axis, True), y)


def _log_softmax_vjp(g: Tensor, y: Tensor, axis: int) -> Tensor:
    return g - gate(sum(g, axis, True), exp(y))


_logsumexp = _reduction("logsumexp", "float", _logsumexp_of, lambda x, y, axes: _weights(x, axes))
SOFTMAX = _along("softmax", _softmax_of, _softmax_vjp)
LOG_SOFTMAX = _along("log_softmax", _log_softmax_of, _log_softmax_vjp)


def logsumexp(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """`log(sum(exp(x)))` without overflow; of only -inf, or of nothing, -inf with derivative 0."""
    return _logsumexp(x, axis, keepdims)


def softmax(x: Tensor, axis: int = -1) -> Tensor:
    """`exp(x) / sum(exp(x))` along an axis; nan for a line of only -inf.

    Examples:
        >>> import phonograd.reference as pg
        >>> pg.Record().tensor([1e4, 0.0, -1e4]).softmax().tolist()
        [1.0, 0.0, 0.0]
    """
    return _line_by_line(SOFTMAX, x, axis)


def log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    """The logarithm of the softmax, exact where the softmax is too small for a float."""
    return _line_by_line(LOG_SOFTMAX, x, axis)


def _line_by_line(row: Row, x: Tensor, axis: int) -> Tensor:
    """A row along an axis; a scalar counts as a line of one."""
    z = astype(x if x.ndim else flatten(x), _dtypes("float", x.dtype)[0])
    return reshape(apply(row, z, axis=as_axis(axis, z.ndim, row.name)), x.shape)
