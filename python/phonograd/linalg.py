"""Linear algebra of matrices, and of batches of them in the last two axes.

Names, arguments and results are NumPy's; what only PyTorch or SciPy has is theirs. Everything is computed in float32
or float64: integers and bool become float32, and narrow floats are rounded when a function returns. Shapes are checked
when a function is called; that a matrix is singular, not positive definite or not finite shows when values are
computed, and raises `LinAlgError`, which names the matrix of the batch and the line that called.

Where a decomposition is not unique, this is what is chosen: the diagonal of `R` in `qr` is not negative; in each left
singular vector of `svd`, and in each eigenvector of `eigh`, the first element of largest magnitude is positive. Equal
singular values and equal eigenvalues do not mix their vectors in gradients, so that the gradient of whatever does not
depend on the choice among these is finite.

Example:
    >>> rec = pg.Record()
    >>> a = rec.tensor([[2.0, 1.0], [1.0, 3.0]], dtype="float64")
    >>> x = pg.linalg.solve(a, np.array([3.0, 5.0]))
    >>> np.round(x.data(), 3).tolist()
    [0.8, 1.4]
    >>> np.round(x.sum().grad().wrt(a).data(), 3).tolist()
    [[-0.32, -0.56], [-0.16, -0.28]]
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from phonograd import _core
from phonograd._core import ArgumentError, InputError, LinAlgError, ShapeError, Tensor, matmul, outer
from phonograd._hints import LINALG, missing

if TYPE_CHECKING:
    import numpy.typing as npt

    Operand = Tensor | npt.NDArray[Any] | float

__all__ = [
    "EighResult",
    "LUFactorResult",
    "LUResult",
    "LinAlgError",
    "LstsqResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "block_diag",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "expm",
    "inv",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_solve",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensordot",
    "toeplitz",
    "trace",
    "triangular_solve",
    "vander",
    "vecdot",
    "vector_norm",
]


class LUResult(NamedTuple):
    """What `lu` returns."""

    P: Tensor
    L: Tensor
    U: Tensor


class LUFactorResult(NamedTuple):
    """What `lu_factor` returns."""

    LU: Tensor
    permutation: Tensor


class QRResult(NamedTuple):
    """What `qr` returns."""

    Q: Tensor
    R: Tensor


class SVDResult(NamedTuple):
    """What `svd` returns."""

    U: Tensor
    S: Tensor
    Vh: Tensor


class EighResult(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class SlogdetResult(NamedTuple):
    """What `slogdet` returns."""

    sign: Tensor
    logabsdet: Tensor


class LstsqResult(NamedTuple):
    """What `lstsq` returns."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


# Solving --------------------------------------------------------------------------------------------------------------


def solve(a: Operand, b: Operand) -> Tensor:
    """The `x` with `a @ x = b`.

    A `b` with one axis is a vector, for each matrix of a batch; otherwise its last two axes are a matrix, and batches
    broadcast. Gradient: `w = inv(a).T @ g` to `b`, and `-w @ x.T` to `a`.

    Raises:
        LinAlgError: when computed, a matrix is singular or not finite.
    """
    return _core._linalg_solve(a, b)


def inv(a: Tensor) -> Tensor:
    """The inverse of square matrices. Gradient: `-y.T @ g @ y.T`.

    Raises:
        LinAlgError: when computed, a matrix is singular or not finite.
    """
    return _core._linalg_inv(a)


def pinv(a: Tensor, rcond: float | None = None, *, rtol: float | None = None) -> Tensor:
    """The pseudoinverse (Moore and Penrose), by singular values.

    Those up to `rcond` (or `rtol`) times the largest count as 0; by default the rounding error times the larger size.
    Gradient: with P = `y.T` and where the rank does not change (Golub and Pereyra, 1973)
    `-P @ g @ P + (I - a @ y) @ g.T @ y @ P + P @ y @ g.T @ (I - y @ a)`.
    """
    return _core._linalg_pinv(a, _one_of("pinv", "rcond", rcond, rtol))


def lstsq(a: Tensor, b: Operand, rcond: float | None = None) -> LstsqResult:
    """The `x` for which `a @ x` is nearest to `b`, and the shortest of these, by the pseudoinverse of `a`.

    Residuals are the sums of squared errors, for every rank and shape of `a`. Gradient: `pinv(a).T @ g` to `b`, and
    through the pseudoinverse `g @ b.T` to `a`; from singular values as of `svdvals`, none from the rank.

    Example:
        >>> a = pg.Record().tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
        >>> fit = pg.linalg.lstsq(a, np.array([1.0, 2.0, 4.0]))
        >>> np.round(fit.solution.data(), 3).tolist(), fit.rank.item()
        ([0.833, 1.5], 2)
    """
    return LstsqResult(*_core._linalg_lstsq(a, b, rcond))


def solve_triangular(
    a: Operand,
    b: Operand,
    *,
    upper: bool | None = None,
    lower: bool | None = None,
    left: bool = True,
    unitriangular: bool = False,
    transpose: bool = False,
) -> Tensor:
    """The `x` with `a @ x = b`, or `x @ a = b`, for a triangular `a` whose other triangle is not read.

    Gradient: `w = inv(a).T @ g` to `b`, and that triangle of `-w @ x.T` to `a`.

    Args:
        a: Square matrices.
        b: A vector or matrices, as for `solve`.
        upper: `a` is upper triangular. Either this or `lower` must be said.
        lower: `a` is lower triangular.
        left: `a` stands on the left of `x`.
        unitriangular: The diagonal of `a` counts as ones, whatever stands there.
        transpose: The transposed of `a` is meant.

    Raises:
        LinAlgError: when computed, there is a 0 on a diagonal.
    """
    return _core._linalg_solve_triangular(a, b, upper, lower, left, unitriangular, transpose)


triangular_solve = solve_triangular


def det(a: Tensor) -> Tensor:
    """The determinant of square matrices, 1 for those of no elements.

    Gradient: `g` times the cofactors, which singular matrices have, too: not 0 at a rank of one less than the size.

    Example:
        >>> a = pg.Record().tensor([[1.0, 2.0], [2.0, 4.0]])
        >>> np.round(pg.linalg.det(a).grad().wrt(a).data(), 3).tolist()
        [[4.0, -2.0], [-2.0, 1.0]]
    """
    return _core._linalg_det(a)


def slogdet(a: Tensor) -> SlogdetResult:
    """The sign of the determinant and the logarithm of its magnitude; 0 and -inf for singular matrices.

    Gradient: of the logarithm `g * inv(a).T`, infinite for singular matrices; 0 of the sign.
    """
    return SlogdetResult(*_core._linalg_slogdet(a))


# Factors --------------------------------------------------------------------------------------------------------------


def cholesky(a: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangular `L` with `L @ L.T = a` of symmetric positive definite matrices, or its transposed.

    Only that triangle of `a` is read. Gradient: the symmetric part of `inv(L).T @ P @ inv(L)`, where P is the lower
    triangle of `L.T @ g` with its diagonal halved (Murray, 2016).

    Raises:
        LinAlgError: when computed, a matrix is not positive definite, or not finite.

    Example:
        >>> pg.linalg.cholesky(pg.Record().tensor([[4.0, 2.0], [2.0, 5.0]])).tolist()
        [[2.0, 0.0], [1.0, 2.0]]
    """
    return _core._linalg_cholesky(a, upper)


def cholesky_solve(b: Operand, L: Operand, upper: bool = False) -> Tensor:  # noqa: N803 - PyTorch's name
    """The `x` with `a @ x = b`, where `L` is the Cholesky factor of `a`.

    Gradient: `w = inv(a) @ g` to `b`, and the lower triangle of `-(w @ x.T + x @ w.T) @ L` to `L`.
    """
    return _core._linalg_cholesky_solve(b, L, upper)


def lu(a: Tensor) -> LUResult:
    """A permutation `P`, `L` lower triangular with ones on its diagonal, and `U` upper triangular: `P @ L @ U = a`.

    The largest element that can be is a pivot, so that none of `L` is above 1 in magnitude. Of a matrix that is not
    finite, both factors are NaN. Gradient: `P @ inv(L).T @ H @ inv(U).T` for square matrices, where H is the lower
    triangle of `L.T @ gL` without its diagonal, and the upper one of `gU @ U.T`; of others that of the square part, and
    of what lies beside it. None from `P`.

    Raises:
        LinAlgError: when computed, the gradient of a matrix without full rank.

    Example:
        >>> P, L, U = pg.linalg.lu(pg.Record().tensor([[1.0, 3.0], [2.0, 4.0]]))
        >>> P.tolist(), L.tolist(), U.tolist()
        ([[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.5, 1.0]], [[2.0, 4.0], [0.0, 1.0]])
    """
    L, U, rows = _core._linalg_lu(a)  # noqa: N806 - mathematics' names
    return LUResult(matrix_transpose(_core.one_hot(rows, rows.shape[-1], L.dtype)), L, U)


def lu_factor(a: Tensor) -> LUFactorResult:
    """What `lu_solve` solves with: both factors of square matrices in one, and the order of the rows, `a[p] = L @ U`.

    `LU` has `U` in its upper triangle, and below it `L` without its diagonal of ones. Gradient: as that of `lu`.

    Raises:
        ShapeError: the matrices are not square.

    Example:
        >>> LU, p = pg.linalg.lu_factor(pg.Record().tensor([[1.0, 3.0], [2.0, 4.0]]))
        >>> LU.tolist(), p.tolist()
        ([[2.0, 4.0], [0.5, 1.0]], [1, 0])
    """
    if a.ndim > 1 and a.shape[-2] != a.shape[-1]:
        raise ShapeError(f"lu_factor: shape {a.shape} is not square; its last two sizes must be equal")
    L, U, rows = _core._linalg_lu(a)  # noqa: N806 - mathematics' names
    return LUFactorResult(_core.tril(L, -1) + U, rows)


def lu_solve(lu_and_permutation: tuple[Tensor, Operand], b: Operand, trans: int = 0) -> Tensor:
    """The `x` with `a @ x = b`, or with `trans=1` the one with `a.T @ x = b`, by what `lu_factor` made of `a`.

    A right side with one axis is a vector; otherwise its last two are a matrix. Gradient: as that of `solve`.

    Raises:
        LinAlgError: when computed, a matrix is singular.

    Example:
        >>> rec = pg.Record()
        >>> factors = pg.linalg.lu_factor(rec.tensor([[1.0, 3.0], [2.0, 4.0]]))
        >>> pg.linalg.lu_solve(factors, rec.tensor([7.0, 10.0])).tolist()
        [1.0, 2.0]
    """
    pair: object = lu_and_permutation
    if not (isinstance(pair, (tuple, list)) and len(pair) == 2 and isinstance(pair[0], Tensor)):
        raise InputError("lu_solve: cannot read the factors; expected what `lu_factor` returns")
    LU, rows = pair  # noqa: N806 - mathematics' names
    if trans not in (0, 1):
        raise ArgumentError(f"lu_solve: trans is {trans!r}; expected 0 or 1")
    right, rows = (x if isinstance(x, Tensor) else LU.record.tensor(x) for x in (b, rows))
    column = _core.expand_dims(right, -1) if right.ndim == 1 else right

    def solved(x: Tensor, upper: bool) -> Tensor:
        return solve_triangular(LU, x, upper=upper, unitriangular=not upper, transpose=trans == 1)

    if trans == 1:
        x = _rows_of(solved(solved(column, True), False), _core.argsort(rows))
    else:
        x = solved(solved(_rows_of(column, rows), False), True)
    return _core.squeeze(x, -1) if right.ndim == 1 else x


def _rows_of(x: Tensor, order: Tensor) -> Tensor:
    """Rows of matrices in an order; batches are broadcast."""
    ndim = max(x.ndim, order.ndim + 1)
    places = order.reshape((1,) * (ndim - order.ndim - 1) + order.shape + (1,))
    return _core.take_along_axis(x.reshape((1,) * (ndim - x.ndim) + x.shape), places, -2)


def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:  # noqa: N803 - PyTorch's name
    """The inverse of the matrix of which `L` is the Cholesky factor.

    Gradient: the lower triangle of `-y @ (g + g.T) @ y @ L`.
    """
    return _core._linalg_cholesky_inverse(L, upper)


@overload
def qr(a: Tensor, mode: Literal["reduced", "complete"] = "reduced") -> QRResult: ...
@overload
def qr(a: Tensor, mode: Literal["r"]) -> Tensor: ...
def qr(a: Tensor, mode: str = "reduced") -> QRResult | Tensor:
    """`Q` with orthonormal columns, and upper triangular `R` with no negative element on its diagonal: `Q @ R = a`.

    Gradient: for matrices of full rank and no more columns than rows `(gQ + Q @ S) @ inv(R).T`, where S is the lower
    triangle of `R @ gR.T - gQ.T @ Q` made symmetric; of the further columns of a wide matrix `Q @ gR` (Walter and
    Lehmann, 2010). Columns that "complete" adds to `Q` are not unique, and have none.

    Args:
        a: Matrices of any sizes.
        mode: "reduced"; "complete" for a square `Q`; "r" for `R` alone.
    """
    _check("qr", "mode", mode, ("reduced", "complete", "r"))
    both = QRResult(*_core._linalg_qr(a, mode == "complete"))
    return both.R if mode == "r" else both


# Singular values and eigenvalues --------------------------------------------------------------------------------------


@overload
def svd(a: Tensor, full_matrices: bool = True, compute_uv: Literal[True] = True) -> SVDResult: ...
@overload
def svd(a: Tensor, full_matrices: bool = True, *, compute_uv: Literal[False]) -> Tensor: ...
def svd(a: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> SVDResult | Tensor:
    """`U`, descending singular values `S`, and `Vh`, with `U @ diag(S) @ Vh = a`.

    Gradient: with F the matrix of `1 / (S_j**2 - S_i**2)`, 0 for equal values, `U @ (diag(gS) + A @ diag(S) + diag(S) @
    B) @ Vh`, where A is F times the antisymmetric difference of `U.T @ gU`, and B that of `Vh @ gVh.T`; further, where
    the matrix is not square, what leaves the span of the vectors, over `S` (Townsend, 2016).

    Args:
        a: Matrices of any sizes.
        full_matrices: Square `U` and `Vh`. The vectors that this adds are not unique, and have no gradient.
        compute_uv: False for the singular values alone.

    Example:
        >>> a = pg.Record().tensor([[3.0, 0.0], [0.0, -2.0]])
        >>> pg.linalg.svd(a).S.tolist()
        [3.0, 2.0]
    """
    if type(compute_uv).__name__ not in ("bool", "bool_"):
        raise InputError(f"compute_uv: cannot read {type(compute_uv).__name__}; expected True or False")
    return SVDResult(*_core._linalg_svd(a, full_matrices)) if compute_uv else _core._linalg_svdvals(a)


def svdvals(a: Tensor) -> Tensor:
    """The singular values, descending. Gradient: `U @ diag(g) @ Vh`, for equal values, too."""
    return _core._linalg_svdvals(a)


def eigh(a: Tensor, UPLO: str = "L") -> EighResult:  # noqa: N803 - NumPy's name
    """Ascending eigenvalues and orthonormal eigenvectors, in columns, of symmetric matrices.

    Only the lower triangle of `a` is read, or the upper one with "U". Gradient: the symmetric part of `V @ (diag(gw) +
    F * (V.T @ gV)) @ V.T`, where F is the matrix of `1 / (w_j - w_i)`, 0 for equal values.

    Example:
        >>> w, v = pg.linalg.eigh(pg.Record().tensor([[2.0, 0.0], [0.0, 1.0]]))
        >>> w.tolist(), v.tolist()
        ([1.0, 2.0], [[0.0, 1.0], [1.0, 0.0]])
    """
    return EighResult(*_core._linalg_eigh(a, _is_upper("eigh", UPLO)))


def eigvalsh(a: Tensor, UPLO: str = "L") -> Tensor:  # noqa: N803 - NumPy's name
    """Ascending eigenvalues of symmetric matrices. Gradient: `V @ diag(g) @ V.T`, for equal values, too."""
    return _core._linalg_eigvalsh(a, _is_upper("eigvalsh", UPLO))


def matrix_rank(a: Tensor, tol: float | None = None, hermitian: bool = False, *, rtol: float | None = None) -> Tensor:
    """How many singular values are above `tol`, or above `rtol` times the largest; int64.

    By default `rtol` is the rounding error times the larger size. Of symmetric matrices, `hermitian=True` takes the
    magnitudes of eigenvalues, which is faster. Gradient: none, the result counts.
    """
    return _core._linalg_matrix_rank(a, tol, rtol, hermitian)


def cond(a: Tensor, p: float | str | None = None) -> Tensor:
    """The condition number in a norm of `matrix_norm`; by default the largest singular value over the smallest.

    Gradient: through both, the norms of `a` and of its inverse, or the two singular values.
    """
    return _core._linalg_cond(a, p)


# Norms ----------------------------------------------------------------------------------------------------------------


def norm(
    x: Tensor, ord: float | str | None = None, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Tensor:
    """The norm of vectors along one axis, or of matrices along two; of everything, without `ord` and `axis`.

    Gradient: as of `vector_norm` and `matrix_norm`.

    Example:
        >>> x = pg.Record().tensor([[3.0, 4.0], [0.0, 0.0]])
        >>> pg.linalg.norm(x).item(), pg.linalg.norm(x, axis=1).tolist(), pg.linalg.norm(x, "nuc").item()
        (5.0, [5.0, 0.0], 5.0)
    """
    axes = None if axis is None else (axis,) if not isinstance(axis, Sequence) else tuple(axis)
    if ord is None:
        return vector_norm(x, 2, axes, keepdims)
    if axes is None:
        axes = tuple(range(-getattr(x, "ndim", 0), 0))
    if len(axes) == 2:
        return matrix_norm(x, ord, axes, keepdims)
    if len(axes) > 2 or isinstance(ord, str):
        raise ArgumentError(
            f"norm: axis is {axes}; expected 1 axis with a number as ord, or 2 axes; "
            "for vectors along more, use vector_norm"
        )
    return vector_norm(x, ord, axes, keepdims)


def vector_norm(x: Tensor, ord: float = 2, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """`sum(abs(x)**ord) ** (1 / ord)` over axes, all by default.

    An `ord` of 0 counts what is not 0; inf and -inf give the largest and the smallest magnitude. Gradient: `g * sign(x)
    (abs(x) / y)**(ord - 1)`, 0 where `x` is 0; of inf and -inf `g * sign(x)` at that magnitude, shared between equal
    ones; 0 of a count.
    """
    return _core._linalg_vector_norm(x, ord, axis, keepdims)


def matrix_norm(x: Tensor, ord: float | str = "fro", axis: Sequence[int] = (-2, -1), keepdims: bool = False) -> Tensor:
    """A norm of the matrices along two axes.

    Gradient: of "fro" `g * x / y`; of "nuc" `g * U @ Vh`; of 2 and -2 `g * u @ vh` with the vectors of that singular
    value; of the others `g * sign(x)` in that column or row, shared between equal ones.

    Args:
        x: At least two axes.
        ord: "fro", the root of the sum of squares; "nuc", the sum of the singular values; 2 and -2, the largest and the
            smallest of these; 1 and -1, the largest and the smallest sum of magnitudes of a column; inf and -inf, of
            a row.
        axis: The axis of the rows, and that of the columns.
        keepdims: Whether both axes stay, with size 1.
    """
    return _core._linalg_matrix_norm(x, ord, axis, keepdims)


# Products -------------------------------------------------------------------------------------------------------------


def expm(a: Tensor) -> Tensor:
    """The exponential of square matrices, by Padé approximants after scaling (Higham, 2005), in double precision.

    Gradient: the upper right block of `expm([[a.T, g], [0, a.T]])`.

    Example:
        >>> pg.linalg.expm(pg.Record().tensor([[0.0, 1.0], [0.0, 0.0]])).tolist()
        [[1.0, 1.0], [0.0, 1.0]]
    """
    return _core._linalg_expm(a)


def matrix_power(a: Tensor, n: int) -> Tensor:
    """Square matrices to the power of an integer, by repeated squaring; of a negative one, the inverse's.

    Gradient: the sum of `(a.T)**i @ g @ (a.T)**(n - 1 - i)` for i from 0 below n; through the inverse for a negative n.
    """
    return _core._linalg_matrix_power(a, n)


def multi_dot(arrays: Sequence[Tensor]) -> Tensor:
    """The product of matrices in the order that takes the least work; the first and the last may be vectors.

    Gradient: to each, `g` between the products before and behind it, transposed.
    """
    return _core._linalg_multi_dot(arrays)


def tensordot(a: Operand, b: Operand, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor:
    """Sums of products over the last axes of `a` and the first of `b`, so many of them, or over pairs of named axes.

    Gradient: to each, sums of products of `g` with the other, over the axes that the other keeps.

    Example:
        >>> rec = pg.Record()
        >>> a, b = rec.ones((2, 3, 4)), rec.ones((4, 3, 5))
        >>> pg.linalg.tensordot(a, b, axes=([1, 2], [1, 0])).shape
        (2, 5)
    """
    if isinstance(axes, Sequence):
        if len(axes) != 2:
            raise ArgumentError(f"tensordot: axes has {len(axes)} entries; expected one of `a` and one of `b`")
        return _core._linalg_tensordot(a, b, *axes)
    try:
        count = index(axes)
    except TypeError:
        kind = type(axes).__name__
        raise InputError(f"axes: cannot read {kind}; expected a number of axes, or two lists of them") from None
    if not 0 <= count <= 64:
        raise ArgumentError(f"tensordot: axes is {count}; expected a number from 0 to 64, or two lists of axes")
    return _core._linalg_tensordot(a, b, list(range(-count, 0)), list(range(count)))


def vecdot(x1: Operand, x2: Operand, axis: int = -1) -> Tensor:
    """The sum of products along an axis, after broadcasting. Gradient: `g * x2` and `g * x1`."""
    return _core._linalg_vecdot(x1, x2, axis)


def cross(x1: Operand, x2: Operand, axis: int = -1) -> Tensor:
    """The cross product of vectors of three elements along an axis, after broadcasting.

    Gradient: `cross(x2, g)` and `cross(g, x1)`.

    Example:
        >>> pg.linalg.cross(pg.Record().tensor([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])).tolist()
        [0.0, 0.0, 1.0]
    """
    return _core._linalg_cross(x1, x2, axis)


def diagonal(x: Tensor, offset: int = 0) -> Tensor:
    """A diagonal of the last two axes, `offset` places above the main one, as the last axis.

    Gradient: `g` on that diagonal, 0 elsewhere.
    """
    return _core._linalg_diagonal(x, offset)


def trace(x: Tensor, offset: int = 0) -> Tensor:
    """The sum along a diagonal of the last two axes, `offset` places above the main one.

    Gradient: `g` on that diagonal, 0 elsewhere.
    """
    return _core._linalg_trace(x, offset)


def matrix_transpose(x: Tensor) -> Tensor:
    """The last two axes swapped. Gradient: `g` with them swapped back."""
    return _core.swapaxes(x, -1, -2)


def block_diag(*matrices: Tensor) -> Tensor:
    """Matrices along the diagonal of one that is 0 elsewhere; of batches of one shape, for each. A vector is a row.

    Gradient: to each matrix its block of `g`.

    Example:
        >>> rec = pg.Record()
        >>> pg.linalg.block_diag(rec.tensor([[1.0, 2.0]]), rec.tensor([[3.0]])).tolist()
        [[1.0, 2.0, 0.0], [0.0, 0.0, 3.0]]
    """
    if not matrices:
        raise ArgumentError("block_diag: matrices is (); expected at least one")
    blocks = [_core.atleast_2d(matrix) for matrix in matrices]
    columns = sum(block.shape[-1] for block in blocks)
    rows, before = [], 0
    for block in blocks:
        after = columns - before - block.shape[-1]
        rows.append(_core.pad(block, [(0, 0)] * (block.ndim - 1) + [(before, after)]))
        before += block.shape[-1]
    return _core.concat(rows, -2)


def toeplitz(c: Tensor, r: Operand | None = None) -> Tensor:
    """The matrix of constant diagonals whose first column is `c`, and whose first row is `r` but for its first element.

    Without `r` it is symmetric. Gradient: to each element of `c` and `r` the sum of `g` along its diagonal.

    Raises:
        ShapeError: `c` or `r` has not one axis.

    Example:
        >>> pg.linalg.toeplitz(pg.Record().tensor([1.0, 2.0, 3.0]), np.array([1.0, 8.0])).tolist()
        [[1.0, 8.0], [2.0, 1.0], [3.0, 2.0]]
    """
    column = _core.flip(c)
    row = c if r is None else r if isinstance(r, Tensor) else c.record.tensor(r)
    for name, sequence in (("c", column), ("r", row)):
        if sequence.ndim != 1:
            raise ShapeError(f"toeplitz: {name} of shape {sequence.shape} has {sequence.ndim} axes; expected 1")
    elements = _core.concat([column, row[1:]])
    ascending = c.record.arange(c.size, dtype="int64")
    return elements[(c.size - 1 - ascending)[:, None] + c.record.arange(row.size, dtype="int64")]


def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:  # noqa: N803 - NumPy's name
    """Powers of the elements along the last axis, along a new one behind it: from the highest down to 0, or up from 0.

    There are `N` of them, by default as many as elements. Gradient: `g` times the derivatives of the powers, summed.

    Raises:
        ShapeError: `x` has no axis.

    Example:
        >>> pg.linalg.vander(pg.Record().tensor([2.0, 3.0]), 3).tolist()
        [[4.0, 2.0, 1.0], [9.0, 3.0, 1.0]]
    """
    column = _core.expand_dims(x, -1)
    if x.ndim == 0:
        raise ShapeError("vander: x of shape () has 0 axes; expected at least 1")
    if isinstance(N, int) and N < 0:
        raise ArgumentError(f"vander: N is {N}; expected 0 or more")
    repeated = _core.broadcast_to(column, (*x.shape, x.shape[-1] if N is None else N))
    powers = _core.cumprod(repeated.at[..., :1].set(1), -1)
    return powers if increasing else _core.flip(powers, -1)


# Arguments ------------------------------------------------------------------------------------------------------------


def _check(op: str, argument: str, name: object, names: tuple[str, ...]) -> None:
    if not isinstance(name, str):
        raise InputError(f"{argument}: cannot read {type(name).__name__}; expected a string")
    if name not in names:
        expected = ", ".join(map(repr, names[:-1])) + f" or {names[-1]!r}"
        raise ArgumentError(f"{op}: {argument} is {name!r}; expected {expected}")


def _is_upper(op: str, name: object) -> bool:
    upper = name.upper() if isinstance(name, str) else name
    _check(op, "UPLO", upper, ("L", "U"))
    return upper == "U"


def _one_of(op: str, name: str, first: float | None, rtol: float | None) -> float | None:
    if first is not None and rtol is not None:
        raise ArgumentError(f"{op}: both {name} and rtol are given; expected one of them")
    return rtol if first is None else first


def __dir__() -> list[str]:
    return sorted(__all__)


# To a type checker a name that is not there does not exist.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        raise missing(f"module {__name__!r}", name, LINALG)
