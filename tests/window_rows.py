"""Rows of the table of operations for what slides over space: convolutions, pooling, patches, interpolation.

What NumPy says of them is written here, place by place or tap by tap, and shares nothing with the engine.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rows import REAL, Row, case, spread


def _each(value: Any, ndim: int) -> list[int]:
    return [value] * ndim if isinstance(value, int) else list(value) if len(value) == ndim else list(value) * ndim


def _pairs(padding: Any, shape: tuple[int, ...], taps: Any, stride: list[int], dilation: list[int]) -> Any:
    """Padding before and after each axis."""
    ndim = len(taps)
    if padding == "valid":
        return [(0, 0)] * ndim
    if padding == "same":
        pairs = []
        for size, k, s, d in zip(shape[-ndim:], taps, stride, dilation, strict=True):
            more = max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0)
            pairs.append((more // 2, more - more // 2))
        return pairs
    if isinstance(padding, int):
        padding = [padding] * ndim
    return [(p, p) if isinstance(p, int) else tuple(p) for p in (padding if len(padding) == ndim else padding * ndim)]


def _batched(function: Callable[..., Any]) -> Callable[..., Any]:
    """Inputs without a batch are one of one."""

    def run(x: np.ndarray, *args: Any, ndim: int, **kwargs: Any) -> Any:
        if x.ndim == ndim + 1:
            return function(x[None], *args, ndim=ndim, **kwargs)[0]
        return function(x, *args, ndim=ndim, **kwargs)

    return run


@_batched
def _conv(
    x: Any, w: Any, b: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1, *, ndim: int
) -> np.ndarray:
    stride, dilation, taps = _each(stride, ndim), _each(dilation, ndim), w.shape[2:]
    x = np.pad(x, [(0, 0), (0, 0), *_pairs(padding, x.shape, taps, stride, dilation)])
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, taps, strict=True)]
    places = [(n - r) // s + 1 for n, r, s in zip(x.shape[2:], reach, stride, strict=True)]
    y = np.zeros((x.shape[0], w.shape[0], *places))
    outputs, inputs = w.shape[0] // groups, w.shape[1]
    for group in range(groups):
        o, i = slice(group * outputs, (group + 1) * outputs), slice(group * inputs, (group + 1) * inputs)
        for tap in itertools.product(*map(range, taps)):
            seen = tuple(
                slice(d * t, d * t + s * (p - 1) + 1, s)
                for d, t, s, p in zip(dilation, tap, stride, places, strict=True)
            )
            y[:, o] += np.einsum("bi...,oi->bo...", x[(slice(None), i, *seen)], w[(o, slice(None), *tap)])
    return y if b is None else y + b.reshape(-1, *[1] * ndim)


@_batched
def _transposed(
    x: Any,
    w: Any,
    b: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
    *,
    ndim: int,
) -> np.ndarray:
    stride, dilation, taps = _each(stride, ndim), _each(dilation, ndim), w.shape[2:]
    added, pairs = _each(output_padding, ndim), _pairs(padding, x.shape, taps, stride, dilation)
    whole = [
        (n - 1) * s + d * (k - 1) + 1 + more
        for n, s, d, k, more in zip(x.shape[2:], stride, dilation, taps, added, strict=True)
    ]
    y = np.zeros((x.shape[0], w.shape[1] * groups, *whole))
    inputs, outputs = w.shape[0] // groups, w.shape[1]
    for group in range(groups):
        o, i = slice(group * outputs, (group + 1) * outputs), slice(group * inputs, (group + 1) * inputs)
        for tap in itertools.product(*map(range, taps)):
            met = tuple(
                slice(d * t, d * t + s * (n - 1) + 1, s)
                for d, t, s, n in zip(dilation, tap, stride, x.shape[2:], strict=True)
            )
            y[(slice(None), o, *met)] += np.einsum("bi...,io->bo...", x[:, i], w[(i, slice(None), *tap)])
    y = y[(..., *(slice(before, n - after) for (before, after), n in zip(pairs, whole, strict=True)))]
    return y if b is None else y + b.reshape(-1, *[1] * ndim)


def _windows(
    x: np.ndarray, taps: Any, stride: Any, padding: Any, dilation: Any, ceil: bool
) -> Iterator[tuple[tuple[int, ...], list[list[int]], int]]:
    """For each place the elements of each axis that its window sees, and how many it would see with padding."""
    ndim = len(taps)
    pairs = _pairs(padding, x.shape, taps, stride, dilation)
    axes = []
    for size, k, s, d, (before, after) in zip(x.shape[-ndim:], taps, stride, dilation, pairs, strict=True):
        starts = range(-before, size + after - d * (k - 1) if not ceil else size, s)
        if ceil:
            count = -(-(size + before + after - d * (k - 1) - 1) // s) + 1
            starts = range(-before, min(size, -before + s * count), s)
        seen = [range(start, start + d * k, d) for start in starts]
        axes.append([([q for q in w if 0 <= q < size], sum(q < size + after for q in w)) for w in seen])
    for place in itertools.product(*(range(len(axis)) for axis in axes)):
        met = [axis[p] for axis, p in zip(axes, place, strict=True)]
        yield place, [elements for elements, _ in met], int(np.prod([count for _, count in met]))


@_batched
def _pool(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    *,
    ndim: int,
    count_include_pad: bool | None = None,
) -> np.ndarray:
    taps = _each(kernel_size, ndim)
    stride = taps if stride is None else _each(stride, ndim)
    places = list(_windows(x, taps, stride, padding, _each(dilation, ndim), ceil_mode))
    kind = x.dtype if count_include_pad is None else float
    y = np.zeros((*x.shape[:2], *(np.array([place for place, *_ in places]).max(0) + 1)), kind)
    for place, elements, count in places:
        seen = x[np.ix_(range(x.shape[0]), range(x.shape[1]), *elements)].reshape(
            *x.shape[:2], np.prod([*map(len, elements)])
        )
        if count_include_pad is None:
            y[(slice(None), slice(None), *place)] = seen.max(-1)
        else:
            y[(slice(None), slice(None), *place)] = seen.sum(-1) / (count if count_include_pad else seen.shape[-1])
    return y


def _mean_pool(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, *, ndim: int,
) -> Any:  # fmt: skip
    return _pool(x, kernel_size, stride, padding, 1, ceil_mode, ndim=ndim, count_include_pad=count_include_pad)


@_batched
def _adaptive(x: Any, output_size: Any, *, ndim: int) -> np.ndarray:
    for axis, parts in enumerate(_each(output_size, ndim), 2):
        n = x.shape[axis]
        means = [x.take(range(i * n // parts, -(-(i + 1) * n // parts)), axis).mean(axis) for i in range(parts)]
        x = np.stack(means, axis)
    return x


@_batched
def _adaptive_max(x: Any, output_size: Any, *, ndim: int) -> np.ndarray:
    for axis, parts in enumerate(_each(output_size, ndim), 2):
        n = x.shape[axis]
        x = np.stack(
            [x.take(range(i * n // parts, -(-(i + 1) * n // parts)), axis).max(axis) for i in range(parts)], axis
        )
    return x


def _unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> np.ndarray:
    ndim = x.ndim - 2
    taps, stride, dilation = _each(kernel_size, ndim), _each(stride, ndim), _each(dilation, ndim)
    x = np.pad(x, [(0, 0), (0, 0), *_pairs(padding, x.shape, taps, stride, dilation)])
    columns = [
        x[(..., *(range(start, start + d * k, d) for start, d, k in zip(place, dilation, taps, strict=True)))]
        if ndim == 1
        else x[np.ix_(range(x.shape[0]), range(x.shape[1]),
                      *(range(start, start + d * k, d) for start, d, k in zip(place, dilation, taps, strict=True)))]
        for place in itertools.product(
            *(range(0, n - d * (k - 1), s) for n, d, k, s in zip(x.shape[2:], dilation, taps, stride, strict=True)))
    ]  # fmt: skip
    return np.stack([c.reshape(x.shape[0], x.shape[1] * np.prod(taps)) for c in columns], -1)


def _fold(
    x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> np.ndarray:
    ndim = len(output_size)
    taps, stride, dilation = _each(kernel_size, ndim), _each(stride, ndim), _each(dilation, ndim)
    pairs = _pairs(padding, tuple(output_size), taps, stride, dilation)
    wide = [n + sum(pair) for n, pair in zip(output_size, pairs, strict=True)]
    channels = x.shape[1] // int(np.prod(taps))
    y = np.zeros((x.shape[0], channels, *wide), x.dtype)
    starts = itertools.product(
        *(range(0, n - d * (k - 1), s) for n, d, k, s in zip(wide, dilation, taps, stride, strict=True))
    )
    for number, place in enumerate(starts):
        met = (slice(start, start + d * (k - 1) + 1, d) for start, d, k in zip(place, dilation, taps, strict=True))
        y[(..., *met)] += x[..., number].reshape(x.shape[0], channels, *taps)
    return y[(..., *(slice(before, before + n) for (before, _), n in zip(pairs, output_size, strict=True)))]


def _cubic(t: float) -> list[float]:
    """Weights of the elements before, at, after and two after a place, from Keys' cubic with -0.75."""

    def near(x: float) -> float:
        return 1.25 * x**3 - 2.25 * x**2 + 1

    def far(x: float) -> float:
        return -0.75 * (x - 1) * (x - 2) ** 2

    return [far(1 + t), near(t), near(1 - t), far(2 - t)]


def _interpolate(
    x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> np.ndarray:
    ndim = x.ndim - 2
    factors = [None] * ndim if scale_factor is None else list(np.broadcast_to(scale_factor, ndim))
    for axis, factor in enumerate(factors):
        old = x.shape[2 + axis]
        new = _each(size, ndim)[axis] if factor is None else int(old * factor)
        step = old / new if factor is None else 1 / factor
        matrix = np.zeros((new, old))
        for i in range(new):
            at = i * (old - 1) / max(new - 1, 1) if align_corners else (i + 0.5) * step - 0.5
            if mode == "area":
                covered = range(i * old // new, -(-(i + 1) * old // new))
                parts = [(q, 1 / len(covered)) for q in covered]
            elif mode == "nearest":
                parts = [(int(i * step), 1.0)]
            elif mode == "nearest-exact":
                parts = [(int((i + 0.5) * step), 1.0)]
            elif "linear" in mode:
                at = min(max(at, 0.0), old - 1.0)
                parts = [(int(at), 1 - at % 1), (int(at) + 1, at % 1)]
            else:
                low = int(np.floor(at))
                parts = [(low - 1 + k, weight) for k, weight in enumerate(_cubic(at - low))]
            for q, weight in parts:
                matrix[i, min(max(q, 0), old - 1)] += weight
        x = np.moveaxis(np.moveaxis(x, 2 + axis, -1) @ matrix.T, -1, 2 + axis)
    return x


def _spaces(name: str, oracle: Callable[..., Any], sampler: Any, cases: list[list[Any]], dtype: str, **more: Any):
    """A row for each number of axes of space."""
    for ndim, of_space in enumerate(cases, 1):

        def run(*args: Any, ndim: int = ndim, **kwargs: Any) -> Any:
            return oracle(*args, ndim=ndim, **kwargs)

        yield Row(f"{name}{ndim}d", run, (sampler,), tuple(of_space), dtype, **more)


CONV = [
    [
        case((2, 3, 9), (4, 3, 3)), case((2, 3, 9), (4, 3, 3), (4,), padding=1), case((3, 9), (2, 3, 1)),
        case((2, 4, 11), (6, 2, 3), stride=2, padding=2, dilation=2, groups=2), case((2, 3, 8), (1, 3, 3), stride=4),
        case((1, 2, 7), (2, 2, 4), padding="same"), case((1, 2, 7), (2, 2, 4), padding="same", stride=2),
        case((1, 1, 6), (2, 1, 2), padding=[(2, 0)]), case((0, 2, 5), (3, 2, 2)), case((1, 1, 1), (1, 1, 1)),
        case((2, 1, 300), (2, 1, 7), padding=3), case((70, 5, 2), (3, 5, 2)), case((2, 2, 3), (2, 2, 9), padding=5),
    ],
    [
        case((2, 3, 6, 5), (4, 3, 3, 2)), case((2, 3, 6, 5), (4, 3, 3, 3), (4,), stride=2, padding=1),
        case((3, 6, 5), (2, 3, 2, 2), (2,)), case((2, 4, 7, 7), (4, 1, 3, 3), groups=4, padding="same"),
        case((2, 4, 7, 6), (6, 2, 2, 3), stride=(2, 1), padding=(0, 2), dilation=(1, 2), groups=2),
        case((2, 3, 5, 5), (17, 3, 5, 5)), case((3, 2, 8, 8), (3, 2, 4, 4), stride=4),
        case((2, 2, 4, 4), (2, 2, 3, 3), padding=[(0, 1), (2, 0)]), case((0, 2, 4, 4), (3, 2, 2, 2), (3,)),
        case((1, 40, 4, 4), (3, 40, 3, 3), padding="valid"), case((2, 1, 9, 40), (2, 1, 2, 3)),
        case((2, 5, 4, 3), (3, 5, 1, 1)),
    ],
    [
        case((2, 2, 4, 3, 4), (3, 2, 2, 2, 3), (3,)),
        case((1, 2, 5, 4, 4), (2, 1, 3, 2, 2), stride=2, padding=1, groups=2),
        case((2, 3, 3, 3), (2, 2, 2, 2, 2), padding="same"),
    ],
]  # fmt: skip
TRANSPOSED = [
    [
        case((2, 3, 5), (3, 4, 3)), case((2, 3, 5), (3, 4, 3), (4,), stride=2, padding=1, output_padding=1),
        case((4, 6), (4, 1, 3), (2,), stride=3, groups=2, dilation=2), case((0, 2, 3), (2, 1, 2)),
        case((2, 2, 4), (2, 1, 2), stride=4, padding=[(0, 1)]), case((1, 1, 80), (1, 2, 5), stride=2),
    ],
    [
        case((2, 3, 4, 3), (3, 2, 3, 2)),
        case((2, 3, 4, 3), (3, 2, 3, 3), (2,), stride=2, padding=1, output_padding=(1, 0)),
        case((2, 4, 3, 3), (4, 3, 2, 2), stride=(1, 3), groups=2),
        case((1, 20, 2, 2), (20, 3, 3, 3), padding=1, dilation=2),
    ],
    [
        case((2, 2, 2, 3, 2), (2, 3, 2, 2, 3), (3,)),
        case((1, 2, 2, 2, 3), (2, 1, 2, 3, 2), stride=2, padding=1, groups=2),
    ],
]  # fmt: skip
MAX = [
    [
        case((2, 3, 9), args=(3,)), case((3, 10), args=(2,), stride=3), case((2, 1, 9), args=(4, 1, 2)),
        case((2, 2, 11), args=(3,), stride=2, padding=1, dilation=2), case((1, 2, 8), args=(3, 2), ceil_mode=True),
        case((0, 2, 5), args=(2,)), case((1, 1, 5), args=(2,), padding=[(0, 1)], stride=2),
        case((1, 2, 300), args=(2, 1)), case((1, 1, 7), args=(3,), padding="same", stride=2),
    ],
    [
        case((2, 2, 6, 8), args=(2,)), case((2, 6, 5), args=(3, 2, 1)),
        case((2, 2, 7, 6), args=((2, 3), (1, 2), (1, 0))),
        case((1, 2, 7, 7), args=(3, 2), ceil_mode=True, padding=1), case((1, 1, 6, 6), args=(2, 1), dilation=(2, 3)),
    ],
    [case((2, 2, 4, 4, 6), args=(2,)), case((1, 2, 4, 3, 5), args=((3, 1, 2), 1, (1, 0, 1)))],
]  # fmt: skip
MEAN = [
    [
        case((2, 3, 9), args=(3,)), case((3, 10), args=(4, 3)),
        case((2, 2, 9), args=(3, 2, 1), count_include_pad=False),
        case((2, 2, 8), args=(3, 2, 1), ceil_mode=True), case((0, 2, 5), args=(2,)),
        case((1, 2, 8), args=(3,), stride=2, padding=1, ceil_mode=True, count_include_pad=False),
    ],
    [
        case((2, 2, 6, 8), args=(2,)), case((2, 2, 6, 5), args=((3, 2), 2, 1)), case((2, 5, 5), args=(3, 1)),
        case((1, 2, 7, 6), args=(3, 2, 1), count_include_pad=False, ceil_mode=True),
    ],
    [case((2, 2, 4, 4, 6), args=(2,)), case((1, 2, 4, 3, 5), args=(3, 2, 1), count_include_pad=False)],
]  # fmt: skip
ADAPTIVE = [
    [case((2, 3, 9), args=(3,)), case((3, 10), args=(4,)), case((2, 3, 4), args=(7,)), case((0, 3, 4), args=(2,))],
    [case((2, 3, 6, 8), args=(1,)), case((2, 3, 7, 5), args=((3, 2),)), case((3, 4, 4), args=(4,))],
    [case((2, 2, 4, 5, 3), args=((2, 3, 1),))],
]

WINDOWS = (
    *_spaces("conv", _conv, REAL, CONV, "float", normwise=True, ulps=20),
    *_spaces("conv_transpose", _transposed, REAL, TRANSPOSED, "float", normwise=True, ulps=20),
    *_spaces("max_pool", _pool, spread, MAX, "same"),
    *_spaces("avg_pool", _mean_pool, REAL, MEAN, "float", normwise=True, ulps=6),
    *_spaces("adaptive_avg_pool", _adaptive, REAL, ADAPTIVE, "float", normwise=True, ulps=6),
    *_spaces("adaptive_max_pool", _adaptive_max, spread, ADAPTIVE, "same"),
    *(
        Row(f"max_pool{n}d_with_indices", lambda *args, n=n, **k: _pool(*args, ndim=n, **k), (spread,),
            (MAX[n - 1][0],), "same",
            call=lambda lib, rec, *args, n=n, **k: getattr(lib, f"max_pool{n}d_with_indices")(*args, **k)[0])
        for n in (1, 2, 3)
    ),
    Row("unfold", _unfold, (REAL,),
        (case((2, 3, 6, 5), args=((2, 3),)), case((1, 2, 7), args=(3, 2, 1, 2)), case((2, 2, 5, 5), args=(2, 2, 1, 3)),
         case((0, 2, 4, 4), args=(2,)), case((1, 2, 3, 4, 3), args=(2,)))),
    Row("fold", _fold, (REAL,),
        (case((2, 18, 12), args=((5, 5), (2, 3))), case((1, 6, 3), args=([7], 3, 2, 1, 2)),
         case((2, 8, 4), args=((5, 5), 2, 2, 1, 3)), case((0, 4, 9), args=((4, 4), 2))),
        "number", normwise=True),
    Row("interpolate", _interpolate, (REAL,),
        (case((2, 3, 5), args=(9,)), case((2, 3, 5), scale_factor=2.5), case((2, 2, 6), args=(1,), mode="linear"),
         case((1, 2, 5, 4), args=((8, 3),), mode="bilinear"),
         case((1, 2, 5, 4), args=((8, 3),), mode="bilinear", align_corners=True),
         case((1, 2, 5, 4), args=((7, 4),), mode="bicubic"),
         case((1, 2, 4, 3), scale_factor=(2.0, 1.5), mode="cubic"),
         case((1, 2, 3, 4), args=(6,), mode="bicubic", align_corners=True),
         case((1, 1, 2, 3, 2), args=(4,), mode="trilinear"), case((1, 2, 7, 5), args=((3, 2),), mode="area"),
         case((1, 2, 7), args=(5,), mode="nearest-exact"), case((0, 2, 3), args=(6,), mode="linear")),
        "float", normwise=True, ulps=6),
)  # fmt: skip
