"""The rows of linear algebra for the table of operations.

Arguments are made well conditioned inside each call: integers and bool become floats, symmetric functions are called on
the symmetric part, so that differences and gradients mean the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg as sp

from rows import REAL, Case, Row, between, case

SMALL = between(-0.5, 0.5)
SIZES = [(3, 3), (2, 4, 4), (1, 1), (2, 1, 3, 3), (0, 0), (0, 2, 2), (5, 5)]
SQUARE = tuple(case(shape) for shape in SIZES)
WIDE_AND_TALL = tuple(case(shape) for shape in [(3, 3), (4, 2), (2, 4), (2, 3, 2), (2, 2, 3), (1, 3), (3, 1), (6, 4)])
EMPTY = (case((0, 3)), case((3, 0)), case((2, 0, 0)))

# What a matrix is made of an argument, the same in the library and in NumPy.
Make = Callable[[Any], Any]


def swapped(x: Any) -> Any:
    return np.swapaxes(x, -1, -2) if isinstance(x, np.ndarray) else x.mT


def eye(x: Any) -> np.ndarray:
    return np.eye(*x.shape[-2:], dtype=str(x.dtype) if str(x.dtype) in ("float32", "float64") else "float32")


def plain(x: Any) -> Any:
    return x * 1.0


def regular(x: Any) -> Any:
    """Far from singular, with values far from each other, with both signs."""
    y = x * 1.0
    steps = np.diag(np.arange(1.0, min(x.shape[-2:]) + 1))
    grown = np.zeros(x.shape[-2:])
    grown[: len(steps), : len(steps)] = steps * 3
    return y + grown.astype(eye(x).dtype)


def turned(x: Any) -> Any:
    """Such a matrix whose rows are the other way round."""
    return regular(x)[..., ::-1, :]


def symmetric(x: Any) -> Any:
    y = regular(x)
    return (y + swapped(y)) * 0.5


def positive(x: Any) -> Any:
    return symmetric(x) + 2.0 * eye(x)


def lower(x: Any) -> Any:
    return regular(x) * np.tril(np.ones(x.shape[-2:], eye(x).dtype))


def matrices(
    name: str, oracle: Any, make: Make, cases: tuple[Case, ...], *, part: Any = None, sampler: Any = SMALL, **more: Any
) -> Row:
    """A function of one matrix, of whose results one may be picked."""

    def call(lib: Any, rec: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        y = getattr(lib.linalg, name)(make(x), *args, **kwargs)
        return y if part is None else y[part]

    def expected(x: np.ndarray, *args: Any, **kwargs: Any) -> Any:
        return oracle(make(x), *args, **kwargs)

    label = f"linalg.{name}" if part is None else f"linalg.{name}.{part}"
    more = {"ulps": 100.0, "normwise": True, **more}
    return Row(label, expected, (sampler,), cases, more.pop("dtype", "float"), call=call, **more)


def pairs(name: str, oracle: Any, make: Make, cases: tuple[Case, ...], **more: Any) -> Row:
    """A function of a matrix, or vectors, and a second argument."""

    def call(lib: Any, rec: Any, a: Any, b: Any, **kwargs: Any) -> Any:
        return getattr(lib.linalg, name)(make(a), plain(b), **kwargs)

    def expected(a: np.ndarray, b: np.ndarray, **kwargs: Any) -> Any:
        return oracle(make(a), b * 1.0, **kwargs)

    more = {"ulps": 100.0, "normwise": True, **more}
    return Row(f"linalg.{name}", expected, (SMALL,), cases, "float", call=call, **more)


def batched(function: Callable[..., Any], axes: int = 2) -> Callable[..., Any]:
    """SciPy's function for one matrix, for a batch of them."""

    def over(x: np.ndarray, *args: Any, **kwargs: Any) -> np.ndarray:
        batch = x.shape[:-axes]
        results = [np.asarray(function(one, *args, **kwargs)) for one in x.reshape(-1, *x.shape[-axes:])]
        return np.stack(results).reshape(*batch, *results[0].shape) if results else x

    return over


def _positive_qr(a: np.ndarray, mode: str = "reduced") -> Any:
    """NumPy's, with the signs of this library."""
    if mode == "r":
        return _positive_qr(a)[1]
    q, r = np.linalg.qr(a, mode)
    k = min(a.shape[-2:])
    sign = np.where(np.diagonal(r, axis1=-2, axis2=-1) < 0, -1.0, 1.0)
    q, r = q.copy(), r.copy()
    q[..., :, :k] *= sign[..., None, :]
    r[..., :k, :] *= sign[..., :, None]
    return q, r


def _leading(v: np.ndarray) -> np.ndarray:
    """The sign of the element of largest magnitude in each column."""
    at = np.argmax(np.abs(v), -2)[..., None, :]
    return np.sign(np.take_along_axis(v, at, -2))


def _signed_svd(a: np.ndarray, full_matrices: bool = True) -> Any:
    u, s, vh = np.linalg.svd(a, full_matrices=full_matrices)
    if not s.size:
        return u, s, vh
    sign = _leading(u[..., :, : s.shape[-1]])
    u, vh = u.copy(), vh.copy()
    u[..., :, : s.shape[-1]] *= sign
    vh[..., : s.shape[-1], :] *= swapped(sign)
    return u, s, vh


def _signed_eigh(a: np.ndarray, UPLO: str = "L") -> Any:  # noqa: N803 - NumPy's name
    w, v = np.linalg.eigh(a, UPLO)
    return w, v * _leading(v) if v.size else v


def _cholesky(a: np.ndarray, upper: bool = False) -> np.ndarray:
    factor = np.linalg.cholesky(a)
    return swapped(factor) if upper else factor


def _solve(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == 1 else np.linalg.solve(a, b)


def _triangular(
    a: np.ndarray, b: np.ndarray, upper: bool = False, left: bool = True, unitriangular: bool = False,
    transpose: bool = False, lower: bool = True,
) -> np.ndarray:  # fmt: skip
    a = np.triu(a) if upper else np.tril(a)
    if unitriangular:
        a = a * (1 - np.eye(a.shape[-1])) + np.eye(a.shape[-1])
    a = swapped(a) if transpose else a
    return _solve(a, b) if left else swapped(np.linalg.solve(swapped(a), swapped(b)))


def _lstsq(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.pinv(a) @ b


RIGHT = tuple(case(*shapes) for shapes in [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3, 4)), ((3, 3), (2, 3, 1)),
                                           ((2, 1, 2, 2), (4, 2, 3)), ((0, 0), (0, 2)), ((3, 3), (3, 0))])  # fmt: skip
TRIANGLES = tuple(case((3, 3), (3, 2), upper=upper, left=left, unitriangular=unit, transpose=transpose)
                  for upper in (False, True) for left in (True,) for unit in (False, True)
                  for transpose in (False, True))  # fmt: skip
TRIANGLES += (case((3, 3), (2, 3), upper=True, left=False), case((2, 3, 3), (3,), lower=True))
NORMS = ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]
VECTORS = [0, 1, 2, 3, 0.5, -1, -2.5, np.inf, -np.inf]


def _vector_norm(x: np.ndarray, ord: float = 2, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    return np.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=keepdims)


def _matrix_norm(x: np.ndarray, ord: Any = "fro", axis: Any = (-2, -1), keepdims: bool = False) -> np.ndarray:
    return np.linalg.norm(x, ord, axis, keepdims)


def _first(function: Callable[..., Any], part: int) -> Callable[..., Any]:
    return lambda *args, **kwargs: function(*args, **kwargs)[part]


def _flat(name: str, oracle: Any, cases: tuple[Case, ...], **more: Any) -> Row:
    return pairs(name, oracle, plain, cases, **more)


def _chain(lib: Any, rec: Any, *xs: Any) -> Any:
    return lib.linalg.multi_dot([plain(x) for x in xs])


CHAINS = [((2, 3), (3, 4)), ((2, 3), (3, 4), (4, 2)), ((3,), (3, 5), (5, 2), (2,)), ((5, 2), (2, 6), (6, 1), (1, 3)),
          ((3,), (3,))]  # fmt: skip
FULL = tuple(case(shape, full_matrices=True) for shape in [(3, 3), (2, 2, 2)])
THIN = tuple(case(c.shapes[0], full_matrices=False) for c in WIDE_AND_TALL)
LINALG = (
    pairs("solve", _solve, regular, RIGHT),
    matrices("inv", np.linalg.inv, regular, SQUARE),
    matrices("pinv", np.linalg.pinv, regular, (*WIDE_AND_TALL, case((0, 3)))),
    Row("linalg.lstsq", lambda a, b: _lstsq(regular(a), b * 1.0), (SMALL,),
        tuple(case(*s) for s in [((4, 2), (4,)), ((4, 2), (4, 3)), ((2, 4), (2, 1)), ((2, 3, 2), (3, 2))]),
        "float", ulps=400.0, normwise=True, call=lambda lib, rec, a, b: lib.linalg.lstsq(regular(a), plain(b))[0]),
    pairs("solve_triangular", _triangular, regular, TRIANGLES),
    matrices("det", np.linalg.det, regular, SQUARE),
    matrices("slogdet", _first(np.linalg.slogdet, 1), regular, SQUARE, part=1),
    *(matrices("lu", _first(sp.lu, part), turned, (*WIDE_AND_TALL, case((2, 1, 3, 3)), case((0, 3))), part=part)
      for part in (1, 2)),
    matrices("lu", _first(sp.lu, 0), turned, (case((4, 2)), case((2, 3, 3))), part=0, order=0),
    matrices("lu_factor", _first(sp.lu_factor, 0), turned, (case((3, 3)), case((5, 5))), part=0),
    Row("linalg.lu_solve", lambda a, b, trans=0: _solve(swapped(turned(a)) if trans else turned(a), b * 1.0), (SMALL,),
        (*RIGHT[:3], case((3, 3), (3, 2), trans=1), case((2, 3, 3), (3,), trans=1)), "float", ulps=100.0, normwise=True,
        call=lambda lib, rec, a, b, **k: lib.linalg.lu_solve(lib.linalg.lu_factor(turned(a)), plain(b), **k)),
    matrices("cholesky", _cholesky, positive, (*SQUARE, case((3, 3), upper=True))),
    Row("linalg.cholesky_solve", lambda f, b, upper=False: np.linalg.solve(
        swapped(np.triu(regular(f))) @ np.triu(regular(f)) if upper
        else np.tril(regular(f)) @ swapped(np.tril(regular(f))), b * 1.0),
        (SMALL,), (case((3, 3), (3, 2)), case((3, 3), (3, 2), upper=True), case((2, 3, 3), (3, 1))), "float",
        ulps=100.0, normwise=True,
        call=lambda lib, rec, f, b, **k: lib.linalg.cholesky_solve(plain(b), regular(f), **k)),
    matrices("cholesky_inverse", lambda f: np.linalg.inv(np.tril(f) @ swapped(np.tril(f))), regular, SQUARE[:4]),
    *(matrices("qr", _first(_positive_qr, part), regular, WIDE_AND_TALL, part=part) for part in (0, 1)),
    matrices("qr", _first(_positive_qr, 1), regular, (case((4, 2), mode="complete"), case((3, 3), mode="complete")),
             part=1, order=2),
    *(matrices("svd", _first(_signed_svd, part), regular, (*THIN, *FULL), part=part) for part in (0, 1, 2)),
    matrices("svdvals", lambda a: np.linalg.svd(a, compute_uv=False), regular, (*WIDE_AND_TALL, *EMPTY)),
    *(matrices("eigh", _first(_signed_eigh, part), symmetric, (*SQUARE, case((3, 3), UPLO="U")), part=part)
      for part in (0, 1)),
    matrices("eigvalsh", np.linalg.eigvalsh, symmetric, SQUARE),
    matrices("matrix_rank", np.linalg.matrix_rank, regular, (*WIDE_AND_TALL, case((3, 3), hermitian=True)),
             dtype="int64", order=0),
    matrices("cond", np.linalg.cond, regular, (*WIDE_AND_TALL, *(case((3, 3), args=(p,)) for p in NORMS))),
    matrices("norm", np.linalg.norm, plain, (case((5,)), case((3, 4)), case((2, 3, 4), axis=1, keepdims=True),
             case((3, 4), args=("nuc",)), case((2, 3, 4), args=(1, (0, 2))), case((4,), args=(3,)), case((0,))),
             sampler=REAL),
    matrices("vector_norm", _vector_norm, plain, (
             *(case((5,), args=(p,), order=2 * (p != 0)) for p in VECTORS), case((2, 3, 4)),
             case((2, 3, 4), axis=(0, 2), keepdims=True), case((0,)), case((3, 4), axis=0)), sampler=REAL),
    matrices("matrix_norm", _matrix_norm, regular, (*(case((3, 4), args=(p,)) for p in NORMS),
             case((2, 3, 4), keepdims=True), case((2, 3, 4), args=(np.inf, (0, 1)), keepdims=True))),
    matrices("expm", batched(sp.expm), plain, (case((3, 3)), case((2, 4, 4)), case((1, 1)))),
    matrices("matrix_power", np.linalg.matrix_power, regular, tuple(case((2, 3, 3), args=(n,))
             for n in (0, 1, 2, 5, -3)), ulps=400.0),
    Row("linalg.multi_dot", lambda *xs: np.linalg.multi_dot([x * 1.0 for x in xs]), (REAL,),
        tuple(case(*shapes) for shapes in CHAINS), "float", normwise=True, ulps=20.0, call=_chain),
    _flat("tensordot", np.tensordot, (case((2, 3, 4), (3, 4, 2)), case((2, 3), (3, 2), axes=1),
          case((2, 3, 4), (4, 3, 5), axes=([1, 2], [1, 0])), case((2,), (3,), axes=0))),
    _flat("vecdot", lambda a, b, axis=-1: np.vecdot(a, b, axis=axis), (case((3,), (3,)), case((2, 3), (3,)),
          case((3, 2), (3, 2), axis=0), case((2, 3, 4), (3, 4)))),
    _flat("cross", lambda a, b, axis=-1: np.linalg.cross(a, b, axis=axis), (case((3,), (3,)), case((2, 3), (3,)),
          case((3, 2), (3, 2), axis=0))),
    matrices("diagonal", lambda x, offset=0: np.diagonal(x, offset, -2, -1), plain, (case((3, 4)), case((4, 2)),
             case((2, 3, 3), offset=1), case((3, 4), offset=-2), case((3, 4), offset=9), case((0, 3)))),
    matrices("trace", lambda x, offset=0: np.trace(x, offset, -2, -1), plain, (case((3, 4)), case((2, 3, 3), offset=1),
             case((3, 4), offset=-2), case((3, 4), offset=9), case((0, 3))), order=2),
    Row("linalg.block_diag", lambda *xs: sp.block_diag(*xs), (REAL,), (case((2, 3)), case((2, 3), (1, 2)),
        case((3,), (2, 1), (0, 2))), call=lambda lib, rec, *xs: lib.linalg.block_diag(*xs)),
    Row("linalg.toeplitz", lambda c, r=None: sp.toeplitz(c, r), (REAL,),
        (case((4,)), case((3,), (5,)), case((3,), (1,))), normwise=True,
        call=lambda lib, rec, *xs: lib.linalg.toeplitz(*xs)),
    matrices("vander", np.vander, plain, (case((4,)), case((3,), args=(5,)), case((3,), args=(2,), increasing=True),
             case((2,), args=(0,)), case((2,), args=(1,))), sampler=REAL),
    matrices("matrix_transpose", swapped, plain, (case((3, 4)), case((2, 3, 4)))),
)  # fmt: skip
