"""Rows of the table of operations: sorting, indexing, arranging, and reductions beyond the plain ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rows import NONZERO, POSITIVE, REAL, Case, Row, Sampler, between, case, digits, integers, spread

CUBE = (2, 3, 4)


def holed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values of which no two are near each other, some of them missing."""
    values = np.asarray(spread(rng, shape), float)
    return np.where(rng.random(shape) < 0.3, np.nan, values) if values.size > 1 else values


def ascending(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.cumsum(rng.uniform(0.3, 0.6, shape), -1)


def rows(
    name: str, oracle: Callable[..., Any], *cases: Case, of: Sampler = REAL, dtype: str = "same", **more: Any
) -> Row:
    return Row(name, oracle, (of,), cases, dtype, **more)


def several(
    name: str, oracles: list[Callable[..., Any]], dtypes: list[str], *cases: Case, of: Sampler = REAL, **more: Any
) -> list[Row]:
    """A row for each result of an operation with several; those that are no values of the input have no gradient."""

    def row(k: int) -> Row:
        order = more.get("order", 2) if dtypes[k] in ("same", "float") else 0
        call = lambda lib, rec, *xs, **kwargs: getattr(lib, name)(*xs, **kwargs)[k]  # noqa: E731
        return Row(name, oracles[k], (of,), cases, dtypes[k], call=call, **{**more, "order": order})

    return [row(k) for k in range(len(oracles))]


# Sorting ------------------------------------------------------------------------------------------------------------


def _argsort(x: np.ndarray, axis: int | None = -1, descending: bool = False, stable: bool = True) -> np.ndarray:
    order = x.astype(float) if descending else x
    return np.argsort(-order if descending else order, axis, kind="stable")


def _sort(x: np.ndarray, axis: int | None = -1, **how: bool) -> np.ndarray:
    x, axis = (x.ravel(), 0) if axis is None else (x, axis)
    return np.take_along_axis(x, _argsort(x, axis, **how), axis)


def _topk(x: np.ndarray, k: int, axis: int = -1, largest: bool = True) -> tuple[np.ndarray, np.ndarray]:
    order = np.take(_argsort(x, axis, largest), np.arange(k), axis)
    return np.take_along_axis(x, order, axis), order


def _running(x: np.ndarray, axis: int, largest: bool) -> tuple[np.ndarray, np.ndarray]:
    best = (np.maximum if largest else np.minimum).accumulate(x, axis)
    places = np.argmax(np.expand_dims(best, axis + 1) == np.expand_dims(x, axis), axis + 1) if x.size else best
    return best, places.astype("int64")


SORTS = tuple(
    case(shape, **how)
    for shape, how in [
        ((7,), {}), ((3, 4), {}), ((3, 4), {"axis": 0}), (CUBE, {"axis": 1, "descending": True}),
        ((3, 4), {"axis": None}), ((5,), {"descending": True}), ((2, 300), {}),
        ((300, 2), {"axis": 0, "descending": True}), ((0, 3), {"axis": 0}), ((3, 0), {}), ((3, 1), {"stable": False}),
    ]
)  # fmt: skip
TOPS = tuple(
    case(shape, args=args, **how)
    for shape, args, how in [
        ((7,), (3,), {}), ((3, 4), (2, 0), {}), (CUBE, (3,), {"largest": False}), ((2, 900), (5,), {}),
        ((2, 900), (800,), {"largest": False}), ((3, 4), (0,), {}), ((4,), (4,), {}),
    ]
)  # fmt: skip
RUNS = tuple(
    case(shape, axis=axis) for shape, axis in [((7,), 0), ((3, 4), 0), (CUBE, 1), ((40, 20), 0), ((20, 40), 1)]
)
SORTING = (
    rows("sort", _sort, *SORTS, of=spread),
    rows("argsort", _argsort, *SORTS, of=digits, dtype="int64", order=0),
    *several("topk", [lambda *a, **k: _topk(*a, **k)[0], lambda *a, **k: _topk(*a, **k)[1]], ["same", "int64"], *TOPS,
             of=spread),
    *several("cummax", [lambda x, axis: _running(x, axis, True)[0], lambda x, axis: _running(x, axis, True)[1]],
             ["same", "int64"], *RUNS, of=spread),
    *several("cummin", [lambda x, axis: _running(x, axis, False)[0], lambda x, axis: _running(x, axis, False)[1]],
             ["same", "int64"], *RUNS, of=spread),
    Row("searchsorted", lambda s, v, side="left": np.searchsorted(np.sort(s), v, side), (digits, digits),
        tuple(case(a, b, **k) for a, b in [((7,), (5,)), ((1,), (2, 3)), ((0,), (2,)), ((40,), ()), ((9,), (60,))]
              for k in [{}, {"side": "right"}]),
        "int64", 0, call=lambda lib, rec, s, v, **k: lib.searchsorted(lib.sort(s), v, **k)),
    Row("searchsorted", lambda s, v: np.stack([np.searchsorted(np.sort(a), b) for a, b in zip(s, v, strict=True)]),
        (digits, digits), (case((3, 7), (3, 4)),), "int64", 0,
        call=lambda lib, rec, s, v: lib.searchsorted(lib.sort(s), v)),
    Row("isin", np.isin, (digits, digits), (case((3, 4), (5,)), case((7,), ()), case((2,), (0,)), case((0,), (3,)),
                                            case((4,), (2, 3), invert=True)), "bool", 0),
    rows("unique", np.unique, *(case(s) for s in [(9,), (3, 4), (), (0,)]), of=digits, order=0),
    rows("unique_values", np.unique, case((9,)), of=digits, order=0),
    *several("unique_counts", [np.unique, lambda x: np.unique(x, return_counts=True)[1]], ["same", "int64"],
             case((9,)), case((0,)), of=digits, order=0),
    *several("unique_inverse", [np.unique, lambda x: np.unique(x, return_inverse=True)[1].reshape(x.shape)],
             ["same", "int64"], case((9,)), case((3, 4)), of=digits, order=0),
    *several("unique_all", [np.unique, *(lambda x, k=k: np.reshape(np.unique(x, True, True, True)[k], -1)
                                         for k in (1, 2, 3))],
             ["same", "int64", "int64", "int64"], case((9,)), case((0,)), of=digits, order=0),
    *several("nonzero", [lambda x: np.nonzero(x)[0], lambda x: np.nonzero(x)[1]], ["int64", "int64"],
             case((3, 4)), case((3, 0)), case(CUBE), of=digits),
    rows("argwhere", np.argwhere, case((5,)), case(CUBE), case((0, 2)), of=digits, dtype="int64", order=0),
)  # fmt: skip

# Indexing -----------------------------------------------------------------------------------------------------------

PAIR = ([0, 1], [2, 0])
MASK = np.array([[True, False, True], [False, False, True]])
KEYS = [
    (CUBE, PAIR), (CUBE, (slice(None), *PAIR)), (CUBE, (PAIR[0], slice(None), PAIR[1])),
    (CUBE, ([[0], [1]], [0, 2])), (CUBE, (0, slice(None), [1, 1])), (CUBE, (PAIR[0], None, PAIR[1])),
    (CUBE, (..., [0, -1], [1, -2])), (CUBE, ([0], [1, 1, 0], [0, 3, 3])), (CUBE, (MASK,)), (CUBE, (MASK, slice(1, 3))),
    (CUBE, (slice(None), np.array([True, False, True]))), (CUBE, (MASK, [3, 0, 0])), (CUBE, ([True, False],)),
    (CUBE, (np.zeros((2, 3), bool),)), (CUBE, (slice(None, None, -1), [2, 0, 0], slice(0, 4, 2))),
    ((5,), ([0, 0, 4],)), ((5,), (slice(1, 4),)), ((5,), (2,)), ((5,), (slice(None, None, -2),)),
    ((3, 4), (None, 1, ...)),
    ((2, 3, 4, 2), ([0, 1], slice(None), [1, 3])), ((2, 3, 4, 2), (slice(1), [0, 2], slice(None), [1, 0])),
    ((2, 3, 4, 2), ([[1]], slice(None), slice(1, 3), [[0, 1, 1]])),
]  # fmt: skip


def _selected(x: np.ndarray, *key: Any) -> Any:
    return x[key]


def _updated(x: np.ndarray, v: np.ndarray, *key: Any, how: str) -> np.ndarray:
    out, new = x.copy(), np.asarray(v).astype(x.dtype)
    if how == "set":
        out[key] = new
        return out
    ufunc = {"add": np.add, "multiply": np.multiply, "max": np.maximum, "min": np.minimum}[how]
    ufunc.at(out, key, np.broadcast_to(new, x[key].shape))
    return out


def _update(lib: Any, rec: Any, x: Any, v: Any, *key: Any, how: str) -> Any:
    return getattr(x.at[key], how)(v)


def _along(x: np.ndarray, i: np.ndarray, v: np.ndarray, axis: int, add: bool) -> np.ndarray:
    """What goes to places along an axis, one after the other."""
    out = x.copy()
    for at in np.ndindex(i.shape):
        to = list(at)
        to[axis] = int(i[at])
        out[tuple(to)] = out[tuple(to)] + v[at] if add else v[at]
    return out


def _reduced(x: np.ndarray, i: np.ndarray, v: np.ndarray, axis: int, reduce: str) -> np.ndarray:
    out, count = x.astype(float), np.ones(x.shape)
    for at in np.ndindex(i.shape):
        to = list(at)
        to[axis] = int(i[at])
        key = tuple(to)
        combine = {"sum": np.add, "mean": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum}[reduce]
        out[key], count[key] = combine(out[key], v[at]), count[key] + 1
    return (out / count if reduce == "mean" else out).astype(x.dtype)


def _index_add(x: np.ndarray, axis: int, index: list[int], source: np.ndarray) -> np.ndarray:
    out = np.moveaxis(x.copy(), axis, 0)
    np.add.at(out, index, np.moveaxis(source, axis, 0))
    return np.moveaxis(out, 0, axis)


PLACES = ((3, 4), (2, 4), (2, 4))  # three places along axis 0
SCATTERED = (REAL, integers(0, 3), REAL)
INDEXING = (
    Row("at", _selected, (REAL,), tuple(case(shape, args=key) for shape, key in
        [(s, k if isinstance(k, tuple) else (k,)) for s, k in KEYS]), call=lambda lib, rec, x, *key: x.at[key].get()),
    Row("at", _updated, (REAL, REAL),
        tuple(case(shape, np.empty(shape)[key].shape, args=key, how="set") for shape, key in KEYS), call=_update),
    *(
        Row("at", _updated, (spread, NONZERO), tuple(
            case(shape, np.empty(shape)[key].shape, args=key, how=how)
            for shape, key in [KEYS[2], KEYS[7], KEYS[8], KEYS[15], KEYS[16], KEYS[17]]), "number", call=_update,
            order=3 if how == "multiply" else 2)
        for how in ["add", "multiply", "max", "min"]
    ),
    Row("at", _updated, (REAL, REAL), (
        case(CUBE, (), args=(slice(None), [0, 0]), how="set"), case(CUBE, (4,), args=([1, 1],), how="set"),
        case(CUBE, (1, 1, 4), args=(0, [2, 0]), how="set")), call=_update),
    Row("at", lambda x, v: np.where(MASK[..., None], v, x), (REAL, REAL), (case(CUBE, (4,)), case(CUBE, ())),
        call=lambda lib, rec, x, v: x.at[rec_of(x).tensor(MASK)].set(v)),
    Row("at", lambda x, v: _divided(x, v), (REAL, POSITIVE), (case((3, 4), (4, 4)),), "float", ulps=6,
        call=lambda lib, rec, x, v: x.astype(_float(x)).at[[0, 2, 2, 1]].divide(v)),
    Row("at", lambda x, v: _powered(x, v), (POSITIVE, POSITIVE), (case((3, 4), (4, 4)),), "float", ulps=12,
        call=lambda lib, rec, x, v: x.astype(_float(x)).at[[0, 2, 2, 1]].power(v)),
    Row("put_along_axis", lambda x, i, v, axis: _along(x, np.broadcast_to(i, v.shape), v, axis, False), SCATTERED,
        (case(*PLACES, axis=0), case((4, 3), (4, 2), (4, 2), axis=-1), case((3, 4), (2, 1), (2, 4), axis=0))),
    Row("put", lambda x, v, index: _put(x, index, v), (REAL, REAL),
        (case((3, 4), (3,), args=([0, 11, -2],)), case((5,), (3,), args=([1, 1, 0],)), case((5,), (), args=([1, 2],)),
         case((3, 4), (2,), args=([[0, 1], [2, 0]],))),
        call=lambda lib, rec, x, v, index: lib.put(x, index, v)),
    Row("index_add", lambda x, s, axis, index: _index_add(x, axis, index, s), (REAL, REAL),
        (case((3, 4), (4, 4), args=(0, [0, 2, 2, 1])), case((3, 4), (3, 3), args=(-1, [1, 1, 3])),
         case((3, 4), (0, 4), args=(0, []))), "number",
        call=lambda lib, rec, x, s, axis, index: lib.index_add(x, axis, index, s)),
    Row("scatter_add", lambda x, i, v, axis: _along(x, i, v, axis, True), SCATTERED,
        (case(*PLACES, args=(0,)), case((4, 3), (2, 2), (2, 2), args=(1,)), case((3,), (5,), (5,), args=(0,))),
        "number", call=lambda lib, rec, x, i, v, axis: lib.scatter_add(x, axis, i, v)),
    Row("scatter", lambda x, i, v, axis: _along(x, i, v, axis, False), SCATTERED,
        (case(*PLACES, args=(0,)), case((4, 3), (2, 2), (4, 3), args=(1,)), case((3,), (5,), (5,), args=(-1,))),
        call=lambda lib, rec, x, i, v, axis: lib.scatter(x, axis, i, v)),
    *(
        Row("scatter", lambda x, i, v, axis, reduce=reduce: _reduced(x, i, v, axis, reduce),
            (spread, integers(0, 3), NONZERO), (case(*PLACES, args=(0,)), case((3,), (5,), (5,), args=(0,))),
            "number" if reduce != "mean" else "float", order=3 if reduce == "prod" else 2, ulps=6,
            call=lambda lib, rec, x, i, v, axis, reduce=reduce: lib.scatter(
                x.astype(_float(x)) if reduce == "mean" else x, axis, i, v, reduce=reduce))
        for reduce in ["sum", "prod", "mean", "amax", "amin"]
    ),
    Row("segment_sum", lambda x, i: _index_add(np.zeros((3, *x.shape[1:]), x.dtype), 0, i, x), (REAL, integers(0, 3)),
        (case((5,), (5,)), case((6, 2), (6,))), "number", call=lambda lib, rec, x, i: lib.segment_sum(x, i, 3)),
)  # fmt: skip


def rec_of(x: Any) -> Any:
    return x.record


def _float(x: Any) -> str:
    """The float that an operation on floats computes in."""
    return "float64" if str(x.dtype) == "float64" else "float32"


def _divided(x: np.ndarray, v: np.ndarray) -> np.ndarray:
    out = x.copy()
    np.divide.at(out, [0, 2, 2, 1], v)
    return out


def _powered(x: np.ndarray, v: np.ndarray) -> np.ndarray:
    product = np.ones_like(x)
    np.multiply.at(product, [0, 2, 2, 1], v)
    return x**product


def _put(x: np.ndarray, index: Any, values: np.ndarray) -> np.ndarray:
    out = x.copy()
    np.put(out, index, np.asarray(values).astype(x.dtype))
    return out


# Arranging ----------------------------------------------------------------------------------------------------------


def _listed(name: str) -> Callable[..., Any]:
    return lambda lib, rec, *xs, **kwargs: getattr(lib, name)(list(xs), **kwargs)


def _joined(of: Callable[..., Any]) -> Callable[..., Any]:
    """All parts, one behind the other, the last one first."""
    return lambda *xs, **k: np.concatenate([np.ravel(p) for p in reversed(of(*xs, **k))])


def _parts(name: str) -> Callable[..., Any]:
    return lambda lib, rec, *xs, **k: lib.concat([p.flatten() for p in reversed(getattr(lib, name)(*xs, **k))])


def _chunks(x: np.ndarray, chunks: int, axis: int = 0) -> list[np.ndarray]:
    width = max(-(-x.shape[axis] // chunks), 1)
    return np.split(x, range(width, x.shape[axis], width), axis)


def _diff(x: np.ndarray, n: int = 1, axis: int = -1) -> np.ndarray:
    return np.diff(x, n, axis)


def _one_hot(x: np.ndarray, classes: int, dtype: str = "float32") -> np.ndarray:
    return (x[..., None] == np.arange(classes)).astype(dtype)


VECTORS = (case((3,), (3,)), case((2, 3), (2, 3)), case(CUBE, CUBE))
ARRANGING = (
    rows("triu", np.triu, case((3, 4)), case((3, 4), k=1), case(CUBE, k=-1), case((0, 3)), case((3, 3), k=9)),
    rows("tril", np.tril, case((3, 4)), case((3, 4), k=-1), case(CUBE, k=1), case((0, 3)), case((3, 3), k=-(10**9))),
    rows("diagonal", np.diagonal, case((3, 4)), case((3, 4), offset=1), case((4, 3), args=(-2,)),
         case(CUBE, axis1=2, axis2=0), case((3, 3), offset=5), case((1, 1)), case((0, 3))),
    rows("diag", np.diag, case((3, 4)), case((3,)), case((3,), k=1), case((2,), k=-2), case((1,)), case((0,))),
    rows("trace", np.trace, case((3, 4)), case((3, 3), offset=-1), case(CUBE, axis1=1, axis2=2), dtype="sum"),
    rows("roll", np.roll, case((5,), args=(2,)), case((3, 4), args=(-1,)), case((3, 4), args=(5, 1)),
         case((3, 4), args=((1, 2), (0, 1))), case((0,), args=(3,)), case((3, 4), args=(1, (0, 1))),
         case((3, 4), args=((1, 2), 0))),
    rows("tile", np.tile, case((3,), args=(2,)), case((2, 3), args=((2, 1),)), case((2,), args=((3, 2),)),
         case(CUBE, args=(2,)), case((2,), args=(0,)), case((), args=((2, 2),))),
    rows("repeat", np.repeat, case((3,), args=(2,)), case((2, 3), args=(3, 1)), case((2, 3), args=(2,)),
         case((3,), args=([2, 0, 1],)), case((2, 3), args=([1, 3], 0)), case((3,), args=(0,)), case((), args=(3,))),
    rows("rot90", np.rot90, case((2, 3)), case((2, 3), args=(2,)), case((2, 3), args=(-1,)), case((2, 3), args=(4,)),
         case(CUBE, args=(1, (2, 0)))),
    rows("fliplr", np.fliplr, case((2, 3)), case(CUBE)),
    rows("flipud", np.flipud, case((2, 3)), case((4,))),
    rows("ravel", np.ravel, case(CUBE), case(())),
    rows("unsqueeze", np.expand_dims, case((3,), args=(0,)), case((3, 4), args=(-1,))),
    *(rows(f"atleast_{n}d", getattr(np, f"atleast_{n}d"), case(()), case((3,)), case((2, 3)), case(CUBE))
      for n in (1, 2, 3)),
    rows("one_hot", _one_hot, case((3,), args=(4,)), case((2, 2), args=(3, "int64"), dtype="int64"),
         case((), args=(2,)), of=integers(-1, 5), dtype="float32", order=0),
    rows("diff", _diff, case((5,)), case((3, 4), axis=0), case((5,), n=2), case((3, 4), n=0), case((3,), n=4)),
    Row("array_split", _joined(np.array_split), (REAL,),
        (*(case(shape, indices_or_sections=at) for shape, at in [((7,), 3), ((2,), 5), ((7,), (2, 5))]),
         case((2, 7), indices_or_sections=4, axis=1)),
        call=lambda lib, rec, x, **k: lib.concat([p.flatten() for p in reversed(lib.array_split(x, **k))])),
    Row("chunk", _joined(_chunks), (REAL,),
        (case((7,), chunks=3), case((2, 6), chunks=4, axis=1), case((2,), chunks=5)), call=_parts("chunk")),
    Row("unstack", _joined(lambda x, axis=0: [x.take(k, axis) for k in range(x.shape[axis])]), (REAL,),
        (case((3, 4)), case(CUBE, axis=-1)), call=_parts("unstack")),
    Row("broadcast_arrays", _joined(lambda *xs: np.broadcast_arrays(*xs)), (REAL,),
        (case((3, 1), (1, 4)), case((), (2,), (2, 1))), call=_parts("broadcast_arrays")),
    Row("meshgrid", _joined(lambda *xs, indexing="xy": np.meshgrid(*xs, indexing=indexing)), (REAL,),
        (case((3,), (2,)), case((3,), (2,), indexing="ij"), case((2,), (3,), (2,)), case((3,)), case((), (2,))),
        call=_parts("meshgrid")),
    *(Row(name, lambda *xs, name=name: getattr(np, name)(xs), (REAL,), VECTORS, call=_listed(name))
      for name in ["hstack", "vstack", "dstack", "column_stack"]),
)  # fmt: skip

# Products -----------------------------------------------------------------------------------------------------------

KNOTS = (between(0.0, 3.0), ascending, REAL)
CONTRACTED = (
    Row("inner", np.inner, (REAL,), (case((3,), (3,)), case((2, 3), (4, 3)), case((), (3,)), case(CUBE, (4,))),
        "number", normwise=True, ulps=6),
    Row("vdot", np.vdot, (REAL,), (case((3,), (3,)), case((2, 3), (2, 3))), "number", normwise=True, ulps=6),
    Row("tensordot", np.tensordot, (REAL,),
        (case((2, 3, 4), (3, 4, 2)), case((2, 3), (3, 2), axes=1), case((2,), (3,), axes=0),
         case(CUBE, (4, 2), axes=([2, 0], [0, 1])), case(CUBE, (3, 2), axes=(1, 0))), "number", normwise=True, ulps=6),
)  # fmt: skip
PRODUCTS = (
    Row("kron", np.kron, (REAL,), (case((2,), (3,)), case((2, 3), (2, 2)), case((2,), (2, 2)), case((), (3,)),
                                   case((2, 1), (0, 2))), "number"),
    Row("cross", np.cross, (REAL,), (case((3,), (3,)), case((2, 3), (3,)), case((3, 2), (3, 2), axis=0)), "number",
        normwise=True),
    Row("trapezoid", np.trapezoid, (REAL,), (case((5,)), case((3, 4), axis=0), case((3, 4), dx=0.5), case((1,)),
                                             case((5,), (5,)), case((3, 4), (4,)), case((3, 4), (3, 4), axis=0)),
        "float", normwise=True, ulps=6),
    Row("gradient", lambda f, *points, **k: np.gradient(f, *(np.cumsum(np.abs(p) + 0.3) for p in points), **k), (REAL,),
        (*(case(*shapes, axis=axis, edge_order=order) for order in (1, 2)
           for shapes, axis in [(((5,),), 0), (((3, 4),), -2), (((3,),), 0), (((5,), (5,)), 0), (((2, 4), (4,)), 1)]),
         case((2,), axis=0), case((2, 0, 3), axis=2)),
        "float", normwise=True, ulps=12,
        call=lambda lib, rec, f, *points, **k: lib.gradient(
            f, *(lib.cumsum(lib.abs(p.astype(_float(p))) + 0.3) for p in points), **k)),
    Row("interp", lambda x, xp, fp, **k: np.interp(x, np.cumsum(np.abs(xp) + 0.3), fp, **k), KNOTS,
        (case((5,), (7,), (7,)), case((2, 3), (2,), (2,)), case((8,), (4,), (4,), left=-1.0, right=2.0),
         case((3,), (1,), (1,))), "float", normwise=True, ulps=12,
        call=lambda lib, rec, x, xp, fp, **k: lib.interp(x, lib.cumsum(lib.abs(xp.astype(_float(xp))) + 0.3), fp, **k)),
)  # fmt: skip

# Statistics ---------------------------------------------------------------------------------------------------------

OVER = (
    case(()),
    case((7,)),
    case((3, 4)),
    case((3, 4), axis=0),
    case(CUBE, axis=(0, -1)),
    case(CUBE, axis=1, keepdims=True),
)
AROUND = (case((7,)), case((6, 5), axis=0), case((4, 6), axis=-1, keepdims=True))
SHARES = (
    *(case((7,), args=(q,)) for q in [0.0, 0.3, 0.5, 1.0, [0.25, 0.75], []]),
    case((3, 5), args=(0.4,), axis=1), case((3, 5), args=([0.1, 0.9],), axis=0, keepdims=True), case(CUBE, args=(0.6,)),
    case(CUBE, args=([0.5],), axis=(0, 2)),
)  # fmt: skip


def _norm(x: np.ndarray, ord: float = 2.0, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    size = np.abs(x)
    if np.isinf(ord):
        return (np.max if ord > 0 else np.min)(size, axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(size != 0, axis, dtype=float, keepdims=keepdims)
    return np.sum(size**ord, axis, keepdims=keepdims) ** (1 / ord)


def _hundreds(q: Any) -> Any:
    return [100 * share for share in q] if isinstance(q, list) else 100 * q


def _initial(of: Callable[..., Any], first: float) -> Callable[..., Any]:
    def cumulative(x: np.ndarray, axis: int = 0, include_initial: bool = False) -> np.ndarray:
        made = of(x, axis)
        shape = list(x.shape)
        shape[axis] = 1
        return np.concatenate([np.full(shape, first, made.dtype), made], axis) if include_initial else made

    return cumulative


CUMULATED = (
    case((4,)),
    case((3, 4), axis=1),
    case((3, 4), axis=0, include_initial=True),
    case((4,), include_initial=True),
)
CUMULATIVE = (
    case((7,)),
    case((3, 4)),
    case(CUBE, axis=1),
    case((3, 40), axis=0),
    case((0, 3), axis=0),
    case((3, 20), axis=1),
)
MISSING = {"of": holed}
STATISTICS = (
    rows("median", np.median, *OVER, of=spread, dtype="float", ulps=4),
    rows("quantile", np.quantile, *SHARES, of=spread, dtype="float", ulps=8, normwise=True),
    rows("percentile", lambda x, q, **k: np.percentile(x, _hundreds(q), **k), *SHARES, of=spread, dtype="float", ulps=8,
         normwise=True, call=lambda lib, rec, x, q, **k: lib.percentile(x, _hundreds(q), **k)),
    rows("nanmedian", np.nanmedian, *AROUND, dtype="float", ulps=4, **MISSING),
    rows("nanquantile", np.nanquantile, case((7,), args=(0.3,)), case((6, 5), args=([0.0, 0.7, 1.0],), axis=0),
         dtype="float", ulps=8, normwise=True, **MISSING),
    rows("nansum", np.nansum, *AROUND, dtype="sum", normwise=True, **MISSING),
    rows("nanprod", np.nanprod, *AROUND, dtype="sum", ulps=20, **MISSING),
    rows("nanmean", np.nanmean, *AROUND, dtype="float", normwise=True, **MISSING),
    rows("nanmax", np.nanmax, *AROUND, **MISSING),
    rows("nanmin", np.nanmin, *AROUND, **MISSING),
    rows("nanvar", np.nanvar, *AROUND, dtype="float", normwise=True, ulps=6, **MISSING),
    rows("nanstd", np.nanstd, *AROUND, dtype="float", normwise=True, ulps=6, **MISSING),
    rows("count_nonzero", lambda x, **k: np.asarray(np.count_nonzero(x, **k)), *OVER, of=digits, dtype="int64",
         order=0),
    rows("ptp", np.ptp, *OVER, of=spread, dtype="number"),
    rows("norm", _norm, *OVER, *(case((3, 4), args=(p,), axis=1) for p in [1, 3, 2.5, 0.5, -1.5, np.inf, -np.inf]),
         of=NONZERO, dtype="float", ulps=12, normwise=True),
    rows("norm", _norm, case((3, 4), args=(0,), axis=1), of=digits, dtype="float", order=0),
    rows("average", np.average, case((3, 4)), case((3, 4), axis=0), dtype="float", normwise=True),
    Row("average", lambda x, w, **k: np.average(x, weights=w, **k), (REAL, POSITIVE),
        (case((3, 4), (3, 4)), case((2, 12), (2, 12), axis=1), case((3, 4), (3,), axis=0, keepdims=True)), "float",
        normwise=True, ulps=6, call=lambda lib, rec, x, w, **k: lib.average(x, weights=w, **k)),
    rows("cumprod", np.cumprod, *CUMULATIVE, of=NONZERO, dtype="sum", order=3, ulps=30),
    rows("logcumsumexp", lambda x, axis: np.log(np.cumsum(np.exp(x), axis)), case((7,), axis=0), case((3, 4), axis=0),
         case(CUBE, axis=-1), case((0, 3), axis=1), dtype="float", ulps=8, normwise=True),
    rows("cumulative_sum", _initial(np.cumsum, 0.0), *CUMULATED, dtype="sum", normwise=True),
    rows("cumulative_prod", _initial(np.cumprod, 1.0), *CUMULATED, of=NONZERO, dtype="sum", ulps=20),
    rows("cov", lambda x, rowvar=True, correction=1: np.cov(x, rowvar=rowvar, ddof=correction), case((3, 5)),
         case((7,)), case((5, 3), rowvar=False, correction=0), dtype="float", normwise=True, ulps=6),
    rows("corrcoef", lambda x, rowvar=True: np.corrcoef(x, rowvar=rowvar), case((3, 5)), case((5, 2), rowvar=False),
         dtype="float", normwise=True, ulps=8),
    rows("bincount", lambda x, minlength=0: np.bincount(x, minlength=minlength), case((9,)), case((4,), minlength=8),
         case((0,), minlength=2), of=integers(0, 5), dtype="int64", order=0),
    Row("bincount", lambda x, w: np.bincount(x.astype(int), w), (integers(0, 5), REAL), (case((9,), (9,)),), "float",
        normwise=True),
    *several("histogram", [lambda x, **k: np.histogram(x, **k)[0], lambda x, **k: np.histogram(x, **k)[1]],
             ["int64", "float"], case((40,)), case((5, 8), bins=3), case((40,), bins=4, range=(-1.0, 0.5)),
             case((0,), bins=2), of=between(0.0, 4.0), ulps=8, normwise=True, order=0),
    *several("histogram", [lambda x, **k: np.histogram(x, **k)[0]], ["int64"], case((40,), bins=[0.0, 1.0, 1.5, 4.0]),
             case((40,), bins=[3.0, 3.0, 5.0]), of=between(0.0, 4.0)),
    Row("histogram", lambda x, w: np.histogram(x, 4, (0.0, 4.0), weights=w)[0], (between(0.0, 4.0), REAL),
        (case((40,), (40,)),), "float", normwise=True, ulps=6,
        call=lambda lib, rec, x, w: lib.histogram(x, 4, (0.0, 4.0), weights=w)[0]),
    rows("histogram", lambda x: np.histogram(x, 5, density=True)[0], case((40,)), dtype="float", order=0, normwise=True,
         ulps=20, call=lambda lib, rec, x: lib.histogram(x, 5, density=True)[0]),
)  # fmt: skip

INDEXED = (*SORTING, *INDEXING, *ARRANGING, *PRODUCTS, *STATISTICS)
