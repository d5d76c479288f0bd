"""What the table cannot say of linear algebra: singular and equal values, errors, threads, how results multiply."""

from __future__ import annotations

import inspect
import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import linalg as sp

import phonograd as pg
from checker import check_gradient, gradients
from compare import array_of, assert_close, assert_same_bits
from linalg_rows import positive, regular, symmetric

LA = pg.linalg
HERE = __file__
rng = np.random.default_rng(0)


def grad(f: Callable[..., Any], *arrays: np.ndarray, cotangent: Any = None) -> list[np.ndarray]:
    rec = pg.Record()
    inputs = [rec.tensor(a) for a in arrays]
    y = f(*inputs)
    grads = y.grad() if cotangent is None else y.grad(rec.tensor(cotangent))
    return [array_of(grads.wrt(x)) for x in inputs]


def assert_orthonormal(q: np.ndarray, atol: float) -> None:
    unit = np.broadcast_to(np.eye(q.shape[-1]), (*q.shape[:-2], *q.shape[-1:] * 2))
    np.testing.assert_allclose(np.swapaxes(q, -1, -2) @ q, unit, atol=atol)


# Decompositions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (17, 17), (40, 12), (12, 40), (3, 2, 7, 5), (130, 130)])
def test_decompositions_multiply_back(shape: tuple[int, ...], dtype: str) -> None:
    a = rng.standard_normal(shape).astype(dtype)
    x = pg.Record().tensor(a)
    k, scale = min(shape[-2:]), np.abs(a).max() * max(shape) * np.finfo(dtype).eps * 30
    for mode in ("reduced", "complete"):
        q, r = (part.data() for part in LA.qr(x, mode))
        np.testing.assert_allclose(q @ r, a, atol=scale)
        assert_orthonormal(q, scale)
        assert (np.diagonal(r, axis1=-2, axis2=-1) >= 0).all()
        assert not np.tril(r, -1).any()
    assert_same_bits(array_of(LA.qr(x, "r")), array_of(LA.qr(x)[1]))
    for full in (False, True):
        u, s, vh = (part.data() for part in LA.svd(x, full))
        np.testing.assert_allclose(u[..., :k] * s[..., None, :] @ vh[..., :k, :], a, atol=scale)
        assert_orthonormal(u, scale)
        assert_orthonormal(np.swapaxes(vh, -1, -2), scale)
        assert (np.diff(s) <= 0).all()
        assert (np.take_along_axis(u[..., :k], np.abs(u[..., :k]).argmax(-2)[..., None, :], -2) > 0).all()
    np.testing.assert_allclose(array_of(LA.svdvals(x)), s, atol=scale)
    if shape[-1] == shape[-2]:
        sym = (x + x.mT) * 0.5
        w, v = (part.data() for part in LA.eigh(sym))
        np.testing.assert_allclose(v * w[..., None, :] @ np.swapaxes(v, -1, -2), sym.data(), atol=scale)
        assert_orthonormal(v, scale)
        np.testing.assert_allclose(array_of(LA.eigvalsh(sym)), w, atol=scale)


@pytest.mark.parametrize("n", [1, 2, 8, 33, 200, 300])
def test_large_factors_and_solutions(n: int) -> None:
    """Past one block of columns, one square of a copy, and the sizes that algorithms change at."""
    a, b = rng.standard_normal((n, n)) + 4 * np.eye(n), rng.standard_normal((n, 260))
    spd = a @ a.T + np.eye(n)
    rec = pg.Record()
    x, y, s = rec.tensor(a), rec.tensor(b), rec.tensor(spd)
    np.testing.assert_allclose(array_of(LA.solve(x, y)), np.linalg.solve(a, b), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(array_of(LA.inv(x)), np.linalg.inv(a), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(array_of(LA.cholesky(s)), np.linalg.cholesky(spd), rtol=1e-9, atol=1e-9)
    upper = np.triu(a, 1) / n + np.eye(n) * 2
    got = array_of(LA.solve_triangular(rec.tensor(upper), y, upper=True))
    np.testing.assert_allclose(got, sp.solve_triangular(upper, b), rtol=1e-9, atol=1e-9)
    sign, value = np.linalg.slogdet(a)
    assert LA.slogdet(x).sign.item() == sign
    np.testing.assert_allclose(LA.slogdet(x).logabsdet.item(), value, rtol=1e-12, atol=1e-12)


def test_results_are_named_as_in_numpy() -> None:
    x = pg.Record().tensor([[2.0, 0.0], [0.0, 1.0]])
    assert LA.svd(x)._fields == ("U", "S", "Vh")
    assert LA.qr(x)._fields == ("Q", "R")
    assert LA.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert LA.slogdet(x)._fields == ("sign", "logabsdet")
    assert LA.lstsq(x, np.ones(2))._fields == ("solution", "residuals", "rank", "singular_values")
    assert isinstance(LA.svd(x, compute_uv=False), pg.Tensor)


def test_only_one_triangle_is_read() -> None:
    a = np.asarray(positive(rng.uniform(-0.5, 0.5, (4, 4))))
    lower, upper = np.tril(a) + np.triu(np.full((4, 4), np.nan), 1), np.triu(a) + np.tril(np.full((4, 4), np.nan), -1)
    rec = pg.Record()
    for x, is_upper in [(rec.tensor(lower), False), (rec.tensor(upper), True)]:
        name = "U" if is_upper else "L"
        assert_close(array_of(LA.eigvalsh(x, name)), np.linalg.eigvalsh(a), 50, normwise=True)
        factor = np.linalg.cholesky(a)
        assert_close(array_of(LA.cholesky(x, upper=is_upper)), factor.T if is_upper else factor, 50, normwise=True)
        b = np.ones(4)
        got = array_of(LA.solve_triangular(x, b, upper=is_upper))
        assert_close(got, sp.solve_triangular(np.nan_to_num(x.data()), b, lower=not is_upper), 50, normwise=True)


def test_least_squares_of_every_rank() -> None:
    rec = pg.Record()
    for m, n in [(6, 3), (3, 6), (4, 4)]:
        for rank in range(1, min(m, n) + 1):
            a = rng.standard_normal((m, rank)) @ rng.standard_normal((rank, n))
            b = rng.standard_normal((m, 2))
            found = LA.lstsq(rec.tensor(a), b)
            want, _, want_rank, values = np.linalg.lstsq(a, b)
            np.testing.assert_allclose(found.solution.data(), want, atol=1e-10)
            np.testing.assert_allclose(found.residuals.data(), ((a @ want - b) ** 2).sum(0), atol=1e-10)
            np.testing.assert_allclose(found.singular_values.data(), values, atol=1e-10)
            assert found.rank.item() == want_rank == rank == LA.matrix_rank(rec.tensor(a)).item()


# Singular matrices ----------------------------------------------------------------------------------------------------


def cofactors(a: np.ndarray) -> np.ndarray:
    n = len(a)
    minors = [[np.delete(np.delete(a, i, 0), j, 1) for j in range(n)] for i in range(n)]
    return np.array([[(-1) ** (i + j) * np.linalg.det(minors[i][j]) for j in range(n)] for i in range(n)])


@pytest.mark.parametrize("n", [1, 2, 3, 5, 18])
@pytest.mark.parametrize("missing", [0, 1, 2, 3])
def test_determinants_of_every_rank_have_the_gradient_of_their_cofactors(n: int, missing: int) -> None:
    if missing > n:
        return
    q, r = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    values = np.linspace(0.5, 2.0, n)
    values[:missing] = 0.0
    a = (q * values) @ r
    (got,) = grad(LA.det, a)
    np.testing.assert_allclose(got, cofactors(a), atol=1e-13)
    if missing >= 2:
        np.testing.assert_allclose(got, 0.0, atol=1e-13)


@pytest.mark.parametrize("a", [np.eye(3), np.zeros((3, 3)), np.diag([1.0, 1.0, 0.0]), np.diag([2.0, 0.0, 0.0]),
                               np.ones((3, 3)), np.zeros((2, 2)), np.zeros((1, 1)), np.diag([1.0, -1.0, 1.0, 1.0])],
                         ids=str)  # fmt: skip
def test_determinants_of_equal_and_zero_values_to_second_order(a: np.ndarray) -> None:
    # With a sum beside it, so that there is something to compare the error with.
    check_gradient(lambda x: LA.det(x) + x.sum(), [a], order=2)


def test_exactly_singular_matrices() -> None:
    a = np.array([[[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]], [[2.0, 0.0], [0.0, 3.0]]])
    rec = pg.Record()
    x = rec.tensor(a)
    assert LA.det(x).tolist() == [0.0, 0.0, 6.0]
    sign, logarithm = LA.slogdet(x)
    assert sign.tolist() == [0.0, 0.0, 1.0]
    assert logarithm.data()[:2].tolist() == [-np.inf, -np.inf]
    slopes = logarithm.grad(rec.tensor([1.0, 1.0, 1.0], "float64")).wrt(x).data()
    assert np.isinf(slopes[:2]).all()
    np.testing.assert_allclose(slopes[2], np.linalg.inv(a[2]).T)
    unused = logarithm.grad(rec.tensor([0.0, 0.0, 1.0], "float64")).wrt(x).data()[:2]
    assert not unused.any()
    zeros = rec.zeros((4, 4), "float64")
    assert (LA.det(zeros).item(), LA.slogdet(zeros).logabsdet.item()) == (0.0, -np.inf)


def test_matrices_without_elements() -> None:
    rec = pg.Record()
    x = rec.zeros((2, 0, 0), "float64")
    assert LA.det(x).tolist() == [1.0, 1.0]
    assert [part.tolist() for part in LA.slogdet(x)] == [[1.0, 1.0], [0.0, 0.0]]
    assert LA.det(x).sum().grad().wrt(x).shape == (2, 0, 0)
    for y in (LA.inv(x), LA.cholesky(x), LA.expm(x), LA.pinv(x), *LA.svd(x), *LA.eigh(x), *LA.qr(x)):
        assert y.sum().item() == 0.0
        assert y.sum().grad().wrt(x).shape == (2, 0, 0)
    assert LA.solve(x, rec.zeros((2, 0, 3), "float64")).shape == (2, 0, 3)
    assert LA.matrix_rank(x).tolist() == [0, 0]
    thin, flat = rec.zeros((3, 0), "float64"), rec.zeros((0, 3), "float64")
    assert (
        LA.qr(thin, "complete").Q.tolist() == LA.svd(thin).U.tolist() == LA.svd(flat).Vh.tolist() == np.eye(3).tolist()
    )
    assert [part.shape for part in LA.svd(flat, False)] == [(0, 0), (0,), (0, 3)]
    assert (LA.qr(thin).R.shape, LA.pinv(thin).shape, LA.norm(thin, "nuc").item()) == ((0, 0), (0, 3), 0.0)


# Equal values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("a", [np.eye(4), np.diag([1.0, 1.0, 2.0, 2.0]), np.zeros((3, 3)), np.ones((3, 3))], ids=str)
def test_what_does_not_depend_on_the_choice_among_equal_values_has_a_finite_gradient(a: np.ndarray) -> None:
    c = rng.standard_normal(a.shape)

    def rebuilt(x: pg.Tensor) -> pg.Tensor:
        w, v = LA.eigh(x)
        return (v * w) @ v.T

    def rebuilt_by_svd(x: pg.Tensor) -> pg.Tensor:
        u, s, vh = LA.svd(x)
        return (u * s) @ vh

    (got,) = grad(rebuilt, a, cotangent=c)
    assert np.isfinite(got).all()
    assert_same_bits(got, got.T)
    assert np.isfinite(grad(rebuilt_by_svd, a, cotangent=c)[0]).all()
    n = len(a)
    w = rng.standard_normal(n)
    for values in (LA.eigvalsh, LA.svdvals, lambda x: LA.eigh(x).eigenvalues, lambda x: LA.svd(x).S):
        assert np.isfinite(grad(values, a, cotangent=w)[0]).all()
    # A sum over all of them is a trace.
    np.testing.assert_allclose(grad(lambda x: LA.eigvalsh(x).sum(), a)[0], np.eye(n), atol=1e-14)
    assert np.isfinite(grad(lambda x: LA.norm(x, "nuc"), a)[0]).all()


def test_equal_eigenvalues_share_the_gradient_of_a_diagonal() -> None:
    (got,) = grad(LA.eigvalsh, np.diag([3.0, 3.0, 1.0]), cotangent=np.array([1.0, 2.0, 4.0]))
    assert sorted(np.diag(got)) == [1.0, 2.0, 4.0]
    assert not (got - np.diag(np.diag(got))).any()


def test_gradients_of_symmetric_functions_are_symmetric() -> None:
    a = np.asarray(positive(rng.uniform(-0.5, 0.5, (2, 5, 5))))
    c, w = rng.standard_normal(a.shape), rng.standard_normal((2, 5))
    for f, cotangent in [
        (LA.cholesky, c),
        (lambda x: LA.cholesky(x, upper=True), c),
        (LA.eigvalsh, w),
        (lambda x: LA.eigh(x).eigenvectors, c),
        (lambda x: LA.eigh(x, "U").eigenvalues, w),
    ]:
        (got,) = grad(f, a, cotangent=cotangent)
        assert_same_bits(got, np.ascontiguousarray(np.swapaxes(got, -1, -2)))


def test_gradient_of_vectors_that_are_not_unique_is_refused() -> None:
    for shape, part in [((4, 2), 0), ((2, 4), 2)]:
        x = pg.Record().tensor(rng.standard_normal(shape))
        all_parts = LA.svd(x, full_matrices=True)
        assert all_parts.S.sum().grad().wrt(x).shape == shape
        with pytest.raises(
            pg.GradientError, match=r"^svd: the last 2 vectors of `\w+` of size 4 are not unique; use full"
        ):
            all_parts[part].sum().grad()
    x = pg.Record().tensor(rng.standard_normal((4, 2)))
    q, r = LA.qr(x, "complete")
    assert r.sum().grad().wrt(x).shape == (4, 2)
    with pytest.raises(
        pg.GradientError, match=r"^qr: the last 2 columns of `Q` of shape \(4, 4\) are not unique; use mode"
    ):
        q.sum().grad()


def test_third_order() -> None:
    a = np.asarray(regular(rng.uniform(-0.5, 0.5, (3, 3))))
    for f in (LA.inv, LA.det, LA.expm, lambda x: LA.cholesky(positive(x)), lambda x: LA.eigvalsh(symmetric(x))):
        check_gradient(f, [a * 0.3], order=3)


@pytest.mark.parametrize("m", [4, 5])
def test_pseudoinverse_of_lower_rank_has_the_gradient_along_matrices_of_that_rank(m: int) -> None:
    left, right = rng.standard_normal((m, 2)), rng.standard_normal((2, 3))
    check_gradient(lambda p, q: LA.pinv(p @ q, rtol=1e-8), [left, right], order=2)


# Norms ----------------------------------------------------------------------------------------------------------------


def test_norms_at_zero_and_of_equal_magnitudes() -> None:
    zero = np.zeros(3)
    for p in (0, 0.5, 1, 2, 3, np.inf, -np.inf, -1):
        (got,) = grad(lambda x, p=p: LA.vector_norm(x, p) * 1.0, zero)
        assert got.tolist() == [0.0, 0.0, 0.0], p
    assert grad(lambda x: LA.norm(x).square(), zero)[0].tolist() == [0.0, 0.0, 0.0]
    assert grad(lambda x: LA.vector_norm(x, np.inf), np.array([2.0, -2.0, 1.0]))[0].tolist() == [0.5, -0.5, 0.0]
    assert grad(lambda x: LA.matrix_norm(x), np.zeros((2, 2)))[0].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_condition_of_singular_matrices_is_infinite() -> None:
    rec = pg.Record()
    for a in (np.ones((2, 2)), np.zeros((3, 3))):
        for p in (None, 1, "fro"):
            assert LA.cond(rec.tensor(a), p).item() > 1e15


# The ends of the floats -----------------------------------------------------------------------------------------------


ENDS = {"float32": (-140, -100, 100, 116), "float64": (-1060, -700, 700, 1000)}
FAR = [(dtype, power) for dtype, powers in ENDS.items() for power in powers]


def far(matrix: np.ndarray, dtype: str, power: int) -> np.ndarray:
    """Small integers over 4 times a power of 2, which even the smallest floats have exactly."""
    return np.ldexp(np.round(4 * matrix), power).astype(dtype)


@pytest.mark.parametrize("n", [3, 20])
@pytest.mark.parametrize(("dtype", "power"), FAR)
def test_decompositions_of_tiny_and_huge_matrices_are_those_of_others(n: int, dtype: str, power: int) -> None:
    a, b = regular(0.3 * rng.standard_normal((n, n))), positive(0.3 * rng.standard_normal((n, n)))
    near, away = (pg.Record().tensor([far(a, dtype, p), far(b, dtype, p)]) for p in (0, power))
    one, tol = {"rtol": 1e-4 if dtype == "float32" else 1e-10}, np.finfo(dtype).eps * 100
    q, r = (array_of(part) for part in LA.qr(away))
    other_q, other_r = (array_of(part) for part in LA.qr(near))
    np.testing.assert_allclose(q, other_q, atol=tol)
    smallest = float(np.ldexp(1.0, -149 if dtype == "float32" else -1074))
    np.testing.assert_allclose(r, np.ldexp(other_r, power), atol=2 * smallest + tol * np.abs(r).max())
    factor = array_of(LA.cholesky(away[1]))
    want = np.ldexp(array_of(LA.cholesky(near[1])).astype(float), power // 2)
    np.testing.assert_allclose(factor, want, atol=tol * np.abs(want).max())
    right = far(rng.standard_normal((n, 2)), dtype, power)
    x = array_of(LA.solve(away, right))
    np.testing.assert_allclose(x, array_of(LA.solve(near, np.ldexp(right, -power))), **one)
    sign, log = (array_of(part) for part in LA.slogdet(away))
    other_sign, other_log = (array_of(part) for part in LA.slogdet(near))
    np.testing.assert_array_equal(sign, other_sign)
    np.testing.assert_allclose(log, other_log + n * power * math.log(2), rtol=1e-5 if dtype == "float32" else 1e-13)
    if abs(power) * 1.2 < np.finfo(dtype).maxexp:
        inverse = array_of(LA.inv(away)).astype(float)
        want = np.ldexp(array_of(LA.inv(near)).astype(float), -power)
        np.testing.assert_allclose(inverse, want, atol=tol * 10 * np.abs(want).max())


@pytest.mark.parametrize(("dtype", "power"), [("float32", 140), ("float64", 1060)])
def test_rows_and_columns_of_very_different_sizes(dtype: str, power: int) -> None:
    tiny = float(np.ldexp(1.0, -power))
    rec = pg.Record()
    a = rec.tensor(np.array([[3 * tiny, 0.0], [tiny, 2.0]]), dtype)
    np.testing.assert_array_equal(array_of(LA.solve(a, np.array([6 * tiny, 4.0], dtype))), [2.0, 2.0])
    np.testing.assert_array_equal(array_of(LA.solve(a.T, np.array([8 * tiny, 4.0], dtype))), [2.0, 2.0])
    np.testing.assert_array_equal(
        array_of(LA.solve_triangular(a, np.array([6 * tiny, 4.0], dtype), lower=True)), [2.0, 2.0]
    )
    upper = LA.solve_triangular(a.T, np.array([8 * tiny, 4.0], dtype), upper=True)
    np.testing.assert_array_equal(array_of(upper), [2.0, 2.0])
    assert LA.det(a).item() == 6 * tiny
    # Cofactors: the product of all elements of a diagonal but one.
    large = float(np.ldexp(1.0, power - 40))
    b = rec.tensor(np.diag([tiny, 1.0, 2.0, large]), dtype)
    assert LA.det(b).item() == 2 * tiny * large
    want = np.diag([2 * large, 2 * tiny * large, tiny * large, 2 * tiny])
    np.testing.assert_allclose(array_of(LA.det(b).grad().wrt(b)), want.astype(dtype), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_determinants_overflow_and_vanish_only_as_results(dtype: str) -> None:
    rec = pg.Record()
    large = 1e30 if dtype == "float32" else 1e300
    values = np.array([large, large, 1 / large, 1 / large, 3.0])
    assert LA.det(rec.tensor(np.diag(values), dtype)).item() == pytest.approx(3.0, rel=1e-6)
    assert LA.det(rec.tensor(np.diag([large, -large]), dtype)).item() == -math.inf
    sign, log = LA.slogdet(rec.tensor(np.diag([large, -large]), dtype))
    assert (sign.item(), log.item()) == (-1.0, pytest.approx(2 * math.log(large), rel=1e-6))


@pytest.mark.parametrize(("dtype", "tiny"), [("float32", 1e-41), ("float64", 1e-310)])
def test_the_pseudoinverse_of_tiny_matrices_overflows_where_it_must(dtype: str, tiny: float) -> None:
    got = array_of(LA.pinv(pg.Record().tensor([[tiny, 0.0], [0.0, 0.0]], dtype)))
    assert not np.isnan(got).any()
    assert got[0, 0] == math.inf


# Exponentials ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [0.0, 1e-3, 0.1, 0.5, 1.5, 4.0, 30.0, 400.0])
def test_exponential_at_every_order_of_approximation(scale: float) -> None:
    a = rng.standard_normal((6, 6)) / 6 * scale - 0.4 * scale * np.eye(6)
    want = sp.expm(a)
    got = array_of(LA.expm(pg.Record().tensor(a)))
    np.testing.assert_allclose(got, want, atol=1e-12 * np.abs(want).max() * max(scale, 1.0))
    narrow = a.astype("float32")
    got, want = array_of(LA.expm(pg.Record().tensor(narrow))), sp.expm(narrow.astype(float))
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7 * np.abs(want).max())


def test_exponential_of_huge_matrices_ends() -> None:
    assert np.isinf(array_of(LA.expm(pg.Record().tensor([[1e300]], "float64"))))
    assert array_of(LA.expm(pg.Record().tensor([[-1e300]], "float64"))).tolist() == [[0.0]]


# Promises -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(300, 5, 5), (300, 300), (3, 140, 140)])
def test_any_number_of_threads_gives_the_same_bits(shape: tuple[int, ...]) -> None:
    a = rng.standard_normal(shape)
    before = pg.get_num_threads()

    def values() -> list[np.ndarray]:
        rec = pg.Record()
        x = rec.tensor(a)
        spd = x @ x.mT + np.eye(shape[-1])
        results = [LA.inv(x), LA.solve(x, x * 2.0), LA.cholesky(spd), *LA.svd(x), *LA.eigh(spd), *LA.qr(x), LA.det(x)]
        losses = [y.sum().grad().wrt(x) for y in results[:3]]
        rec.compute(*results, *losses)
        return [array_of(y) for y in [*results, *losses]]

    try:
        runs = []
        for threads in (1, 2, 5):
            pg.set_num_threads(threads)
            runs.append(values())
    finally:
        pg.set_num_threads(before)
    for other in runs[1:]:
        for got, want in zip(other, runs[0], strict=True):
            assert_same_bits(got, want)


def test_value_and_gradient_share_factors() -> None:
    rec = pg.Record()
    a, b = rec.tensor(np.eye(3) * 2), rec.tensor(np.ones(3))
    y = LA.solve(a, b)
    plan = str(rec.plan(y, y.sum().grad().wrt(a)))
    assert plan.count("lu [") == 1
    assert plan.count("solve [") == 2


def test_values_alone_compute_no_vectors() -> None:
    rec = pg.Record()
    x = rec.tensor(np.eye(3))
    assert "svdvals [" in str(rec.plan(LA.svdvals(x)))
    assert "svd [" in str(rec.plan(LA.svdvals(x).sum().grad().wrt(x)))


# Errors ---------------------------------------------------------------------------------------------------------------

BAD = np.stack([np.eye(2), np.ones((2, 2)), np.eye(2)])
NAN = np.stack([np.eye(2), np.eye(2), np.full((2, 2), np.nan)])
INF = np.array([[1.0, np.inf], [np.inf, 1.0]])
SINGULAR = "is singular; use lstsq or pinv, or add a little to its diagonal"
POSITIVE = "is not positive definite, its first 2 rows and columns are not; add a little to its diagonal"
INFINITE = "has an element that is infinite or nan; only finite matrices are decomposed"
WHEN_COMPUTED = [
    ("inv", BAD, LA.inv, f"inv: matrix (1,) of the batch {SINGULAR}"),
    ("solve", BAD, lambda x: LA.solve(x, np.ones(2)), f"solve: matrix (1,) of the batch {SINGULAR}"),
    ("single", BAD[1], LA.inv, f"inv: the matrix {SINGULAR}"),
    ("two axes", BAD[None], LA.inv, f"inv: matrix (0, 1) of the batch {SINGULAR}"),
    ("triangle", np.diag([1.0, 0.0]), lambda x: LA.solve_triangular(x, np.ones(2), upper=True),
     f"solve_triangular: the matrix {SINGULAR}"),
    ("cholesky", BAD, LA.cholesky, f"cholesky: matrix (1,) of the batch {POSITIVE}"),
    ("upper", BAD, lambda x: LA.cholesky(x, upper=True), f"cholesky: matrix (1,) of the batch {POSITIVE}"),
    ("svd", NAN, lambda x: LA.svd(x).S, f"svd: matrix (2,) of the batch {INFINITE}"),
    ("svdvals", INF, LA.svdvals, f"svdvals: the matrix {INFINITE}"),
    ("norm", INF, lambda x: LA.norm(x, 2), f"svdvals: the matrix {INFINITE}"),
    ("eigh", NAN, lambda x: LA.eigh(x)[1], f"eigh: matrix (2,) of the batch {INFINITE}"),
    ("eigvalsh", INF, LA.eigvalsh, f"eigvalsh: the matrix {INFINITE}"),
    ("qr", INF, lambda x: LA.qr(x).R, f"qr: the matrix {INFINITE}"),
    ("pinv", NAN, LA.pinv, f"pinv: matrix (2,) of the batch {INFINITE}"),
    ("expm", INF, LA.expm, f"expm: the matrix {INFINITE}"),
    ("inv of nan", NAN, LA.inv, f"inv: matrix (2,) of the batch {INFINITE}"),
    ("inv of inf", INF, LA.inv, f"inv: the matrix {INFINITE}"),
    ("right side", np.eye(2), lambda x: LA.solve(x, np.array([np.nan, 1.0])), f"solve: the matrix {INFINITE}"),
    ("cholesky of nan", NAN, LA.cholesky, f"cholesky: matrix (2,) of the batch {INFINITE}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "call", "text"), [row[1:] for row in WHEN_COMPUTED], ids=[row[0] for row in WHEN_COMPUTED]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bad_matrices_are_named_with_the_line_that_called(a: np.ndarray, call: Any, text: str, dtype: str) -> None:
    x = pg.Record().tensor(a.astype(dtype))
    y, y_line = call(x), inspect.currentframe().f_lineno
    with pytest.raises(pg.LinAlgError) as caught:
        y.data()
    # The line of the lambda, or the one above that calls the function itself.
    here = call.__module__ == __name__
    line = call.__code__.co_firstlineno if here else y_line
    assert str(caught.value) == f"{text}\nrecorded at {HERE}:{line}"
    assert isinstance(caught.value, pg.RecordError)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, np.linalg.LinAlgError)


def test_the_first_bad_matrix_is_named_whatever_thread_meets_it() -> None:
    a = np.tile(np.eye(4), (2000, 1, 1))
    a[[777, 1400, 1999]] = 1.0
    for _ in range(20):
        with pytest.raises(pg.LinAlgError, match=r"^inv: matrix \(777,\) of the batch is singular"):
            LA.inv(pg.Record().tensor(a)).data()


def test_without_numpy_the_error_is_a_value_error() -> None:
    program = """
import sys
import phonograd as pg
try:
    pg.linalg.inv(pg.Record().tensor([[0.0]])).item()
except pg.LinAlgError as error:
    assert isinstance(error, (pg.RecordError, ValueError)), error
    assert ("numpy.linalg" in sys.modules) == isinstance(error, __import__("numpy").linalg.LinAlgError)
    print("raised")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "raised\n"


WHEN_CALLED = [
    (lambda x: LA.inv(x), "inv: shape (2, 3) is not square; its last two sizes must be equal"),
    (lambda x: LA.det(x), "det: shape (2, 3) is not square; its last two sizes must be equal"),
    (lambda x: LA.slogdet(x), "slogdet: shape (2, 3) is not square; its last two sizes must be equal"),
    (lambda x: LA.eigh(x), "eigh: shape (2, 3) is not square; its last two sizes must be equal"),
    (lambda x: LA.cholesky(x), "cholesky: shape (2, 3) is not square; its last two sizes must be equal"),
    (lambda x: LA.expm(x), "expm: shape (2, 3) is not square; its last two sizes must be equal"),
    (lambda x: LA.matrix_power(x, 2), "matrix_power: shape (2, 3) is not square; its last two sizes must be equal"),
    (lambda x: LA.cond(x, 1), "cond: shape (2, 3) is not square; its last two sizes must be equal"),
    (lambda x: LA.svd(x[0]), "svd: the matrix of shape (3,) has 1 axes; expected at least 2, a batch before them"),
    (lambda x: LA.solve(x @ x.T, x.T),
     "solve: matrix (2, 2) and right side (3, 2) do not fit; both must have as many rows"),
    (lambda x: LA.lstsq(x, np.ones(3)),
     "lstsq: matrix (2, 3) and right side (3, 1) do not fit; both must have as many rows"),
    (lambda x: LA.solve(x @ x.T, x.sum()),
     "solve: the right side of shape () has 0 axes; expected at least 1: a vector or matrices"),
    (lambda x: LA.multi_dot([x, x]),
     "matmul: inner sizes differ, left (2, 3), right (2, 3); left's last must equal right's second to last"),
    (lambda x: LA.multi_dot([x]), "multi_dot: the number of tensors is 1; expected 2 or more"),
    (lambda x: LA.tensordot(x, x, 1), "tensordot: the second tensor, along its axes, has shape (2,); expected (3,)"),
    (lambda x: LA.cross(x[:, :2], x[:, :2]), "cross: size is 2; expected 3 elements along the axis"),
    (lambda x: LA.matrix_norm(x, 3), "matrix_norm: ord is 3.0; expected 'fro', 'nuc', 1, -1, 2, -2, inf or -inf"),
    (lambda x: LA.norm(x, "max"), "matrix_norm: ord is 'max'; expected 'fro', 'nuc', 1, -1, 2, -2, inf or -inf"),
    (lambda x: LA.norm(x, "fro", axis=0), "norm: axis is (0,); expected 1 axis with a number as ord, or 2 axes; "
     "for vectors along more, use vector_norm"),
    (lambda x: LA.matrix_norm(x, axis=(0, -2)), "matrix_norm: axis 0 is named twice; name each axis once"),
    (lambda x: LA.qr(x, "full"), "qr: mode is 'full'; expected 'reduced', 'complete' or 'r'"),
    (lambda x: LA.eigh(x, "X"), "eigh: UPLO is 'X'; expected 'L' or 'U'"),
    (lambda x: LA.solve_triangular(x, x),
     "solve_triangular: upper, lower is None for both; expected one of them, for there is no default"),
    (lambda x: LA.solve_triangular(x, x, upper=True, lower=False),
     "solve_triangular: upper, lower is given for both; expected one of them, for there is no default"),
    (lambda x: LA.pinv(x, 0.1, rtol=0.1), "pinv: both rcond and rtol are given; expected one of them"),
    (lambda x: LA.tensordot(x, x, -1), "tensordot: axes is -1; expected a number from 0 to 64, or two lists of axes"),
    (lambda x: LA.tensordot(x, x, 0.5), "axes: cannot read float; expected a number of axes, or two lists of them"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), WHEN_CALLED, ids=[text.partition(";")[0] for _, text in WHEN_CALLED])
def test_shapes_and_arguments_are_checked_when_called(call: Callable[[pg.Tensor], object], text: str) -> None:
    with pytest.raises(pg.RecordError) as caught:
        call(pg.Record().zeros((2, 3), "float64"))
    assert str(caught.value) == text


def test_another_record_is_refused() -> None:
    a, b = pg.Record().tensor(np.eye(2)), pg.Record().tensor(np.eye(2))
    for call in (LA.solve, LA.lstsq, LA.vecdot, lambda a, b: LA.multi_dot([a, b])):
        with pytest.raises(pg.ForeignTensorError):
            call(a, b)


def test_sizes_that_no_memory_holds_are_refused() -> None:
    x = pg.Record().zeros((1 << 40, 1))
    for call in (LA.svd, lambda x: LA.qr(x, "complete"), lambda x: LA.svd(x.T)):
        with pytest.raises(pg.ArgumentError, match="is too large"):
            call(x)


def test_gradients_through_a_batch_that_is_broadcast() -> None:
    a, b = np.asarray(regular(rng.uniform(-0.5, 0.5, (3, 3)))), rng.standard_normal((4, 3, 2))
    c = rng.standard_normal((4, 3, 2))
    one, many = (gradients(LA.solve, [x, b], c) for x in (a, np.broadcast_to(a, (4, 3, 3)).copy()))
    assert_close(one[0], many[0].sum(0), 60, normwise=True)
    assert_close(one[1], many[1], 60, normwise=True)


@pytest.mark.parametrize("scale", [1e25, 1e37, 1e200, 1e307, 1e-25, 1e-34, 1e-200, 1e-303])
def test_spectra_of_matrices_of_any_size_are_those_of_others(scale: float) -> None:
    """The algorithms square elements: what would overflow or vanish there is made smaller or larger first."""
    dtype = "float32" if 1e-38 < scale < 1e38 else "float64"
    rng = np.random.default_rng(0)
    for shape in ((1, 1), (3, 5), (5, 3), (6, 6), (70, 50)):
        small = rng.uniform(-1.0, 1.0, shape).astype(dtype)
        rec, tolerance = pg.Record(), 1e-5 if dtype == "float32" else 1e-12
        x = rec.tensor(small * np.asarray(scale / 100, dtype))
        u, s, vh = (part.data() / by for part, by in zip(pg.linalg.svd(x, False), (1, scale / 100, 1), strict=True))
        np.testing.assert_allclose((u * s) @ vh, small, atol=10 * tolerance)
        np.testing.assert_allclose(s, np.linalg.svd(small)[1], rtol=tolerance, atol=10 * tolerance)
        square = small[: min(shape), : min(shape)]
        values = pg.linalg.eigvalsh(rec.tensor((square + square.T) * np.asarray(scale / 100, dtype))).data()
        np.testing.assert_allclose(values / (scale / 100), np.linalg.eigvalsh(square + square.T), atol=50 * tolerance)


@pytest.mark.parametrize(
    "shape", [(1, 1), (40, 40), (130, 130), (7, 3), (3, 7), (300, 20), (20, 300), (2, 3, 5, 3)], ids=str
)
def test_lu_exchanges_the_rows_that_scipy_exchanges(shape: tuple[int, ...]) -> None:
    a = np.random.default_rng(3).normal(size=shape)
    for ours, theirs in zip(LA.lu(pg.Record().tensor(a)), sp.lu(a), strict=True):
        np.testing.assert_allclose(ours.data(), theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    "a",
    [np.zeros((3, 3)), np.ones((3, 4)), np.zeros((4, 2)), [[0, 1.0], [0, 2.0]],
     np.outer(np.arange(1.0, 7), [0.3, -1.7, 2.9, 0.1]),
     [[0, 1, 2.0], [0, 3, 5.0], [0, 2, 2.0]], [[1e-150, 1e-200], [1e150, 1e20]]],
    ids=range(7),
)  # fmt: skip
def test_lu_of_matrices_without_full_rank_and_of_far_sizes(a: Any) -> None:
    P, L, U = (x.data() for x in LA.lu(pg.Record().tensor(a, "float64")))  # noqa: N806 - mathematics' names
    assert np.abs(L).max() <= 1
    np.testing.assert_allclose(P @ L @ U, a, rtol=1e-12, atol=1e-15 * np.abs(a).min())


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 3, 3)], ids=str)
def test_gradient_of_lu_with_exchanged_rows(shape: tuple[int, ...]) -> None:
    a = np.random.default_rng(4).normal(size=shape)
    check_gradient(lambda x: pg.concat([y.flatten() for y in LA.lu(x)[1:]]), [a])


@pytest.mark.parametrize("trans", [0, 1])
def test_lu_solve_broadcasts(trans: int) -> None:
    rng = np.random.default_rng(5)
    rec = pg.Record()
    for left, right in [((4, 4), (4,)), ((4, 4), (3, 4, 2)), ((3, 4, 4), (4, 2)), ((3, 4, 4), (4,))]:
        a, b = rng.normal(size=left), rng.normal(size=right)
        found = LA.lu_solve(LA.lu_factor(rec.tensor(a)), b, trans)
        at = np.swapaxes(a, -1, -2) if trans else a
        want = np.linalg.solve(at, b[:, None])[..., 0] if b.ndim == 1 else np.linalg.solve(at, b)
        np.testing.assert_allclose(found.data(), want, rtol=1e-9, atol=1e-11)


def test_matrices_of_vectors_need_them() -> None:
    rec = pg.Record()
    cases = [
        (
            lambda: pg.linalg.toeplitz(rec.ones((2, 2))),
            pg.ShapeError,
            "toeplitz: c of shape (2, 2) has 2 axes; expected 1",
        ),
        (lambda: pg.linalg.toeplitz(rec.ones(2), 1.0), pg.ShapeError, "toeplitz: r of shape () has 0 axes; expected 1"),
        (
            lambda: pg.linalg.vander(rec.ones(())),
            pg.ShapeError,
            "vander: x of shape () has 0 axes; expected at least 1",
        ),
        (lambda: pg.linalg.vander(rec.ones(2), -1), pg.ArgumentError, "vander: N is -1; expected 0 or more"),
        (
            lambda: pg.linalg.lu_factor(rec.ones((2, 3))),
            pg.ShapeError,
            "lu_factor: shape (2, 3) is not square; its last two sizes must be equal",
        ),
        (
            lambda: pg.linalg.lu_solve(LA.lu_factor(rec.eye(2)), [1.0, 2.0], 2),
            pg.ArgumentError,
            "lu_solve: trans is 2; expected 0 or 1",
        ),
        (
            lambda: pg.linalg.lu_solve(rec.eye(2), [1.0, 2.0]),
            pg.InputError,
            "lu_solve: cannot read the factors; expected what `lu_factor` returns",
        ),
        (lambda: pg.linalg.block_diag(), pg.ArgumentError, "block_diag: matrices is (); expected at least one"),
    ]
    for call, error, text in cases:
        with pytest.raises(error) as caught:
            call()
        assert str(caught.value) == text


def test_powers_of_zero_have_their_slopes() -> None:
    x = pg.Record().tensor(np.array([0.0, 2.0]))
    g = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    assert pg.linalg.vander(x, 4).grad(g).wrt(x).tolist() == [3.0, 5.0 * 12 + 6.0 * 4 + 7.0]
