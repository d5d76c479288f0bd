"""Reductions, views, indexing and contractions of the reference against NumPy."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from phonograd import reference as pg
from test_reference import INF, NAN, check

# --- reductions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (2, 1), ()])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min", "any", "all", "var", "std"])
def test_reductions_agree_with_numpy(name: str, axis: Any, keepdims: bool) -> None:
    a = np.random.default_rng(0).normal(size=(2, 3, 4))
    got = getattr(pg, name)(pg.Record().tensor(a), axis, keepdims=keepdims)
    expected = getattr(np, name)(a, axis=axis, keepdims=keepdims)
    assert got.shape == expected.shape
    check(got, expected.tolist(), 1e-13)


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_positions_and_cumulative_sums_agree_with_numpy(axis: Any) -> None:
    a = np.random.default_rng(0).integers(-3, 3, size=(3, 4))
    x = pg.Record().tensor(a)
    check(x.argmax(axis), np.argmax(a, axis).tolist())
    check(x.argmin(axis, keepdims=True), np.argmin(a, axis, keepdims=True).tolist())
    check(x.cumsum(axis), np.cumsum(a, axis).tolist())


def test_reductions_of_nan_and_nothing() -> None:
    rec = pg.Record()
    x = rec.tensor([1.0, NAN, 3.0, NAN])
    check(x.max(), NAN)
    check(x.min(), NAN)
    check(x.argmax(), 1)
    check(x.argmin(), 1)
    check(x.max().grad().wrt(x), [0.0, 0.5, 0.0, 0.5])
    check(rec.tensor([NAN, 1.0]).logsumexp(), NAN)
    none = rec.zeros((0,))
    check([f(none).item() for f in (pg.sum, pg.prod, pg.mean, pg.var, pg.logsumexp)], [0.0, 1.0, NAN, NAN, -INF])
    check([none.any().item(), none.all().item()], [False, True])
    for f in (pg.max, pg.min, pg.argmax, pg.argmin):
        with pytest.raises(ValueError, match="no elements to choose from"):
            f(none)
    for f in (pg.sum, pg.prod, pg.mean, pg.var, pg.std, pg.logsumexp):
        assert f(none).grad().wrt(none).shape == (0,)
    assert rec.zeros((0, 3)).max(axis=1).shape == (0,)
    assert rec.zeros((2, 0)).softmax().shape == (2, 0) == rec.zeros((2, 0)).log_softmax().shape
    assert rec.zeros((0,)).cumsum().shape == (0,)
    check(rec.tensor([INF, -INF]).sum(), NAN)
    check(rec.tensor([1e308, 1e308, -1e308], "float64").sum(), INF)
    check(rec.tensor([1e16, 1.0, -1e16], "float64").sum(), 1.0)


def test_variance_of_too_few() -> None:
    rec = pg.Record()
    check(rec.tensor([3.0]).var(ddof=1), NAN)
    check(rec.tensor([3.0]).std(correction=1), NAN)
    check(rec.tensor([1.0, 2.0]).var(correction=3), INF)
    with pytest.raises(pg.ArgumentError):
        rec.tensor([1.0]).var(correction=1, ddof=1)


# --- views and indexing against NumPy ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda m, a: a[1],
        lambda m, a: a[-1, 2],
        lambda m, a: a[:, 1:],
        lambda m, a: a[..., 0],
        lambda m, a: a[::-1, ::2, ::-3],
        lambda m, a: a[None, :, None, 1],
        lambda m, a: a[5:, -100:100, 3:0:-2],
        lambda m, a: a[:, [0, 2, 2, -1]],
        lambda m, a: a[:, [[0, 1], [2, 0]], 1:],
        lambda m, a: a[..., None, [3, 0]],
        lambda m, a: a[0, 1, 2],
        lambda m, a: a[...],
        lambda m, a: a.T,
        lambda m, a: a.transpose(1, 2, 0),
        lambda m, a: a.transpose((2, 0, 1)),
        lambda m, a: a.reshape(4, -1),
        lambda m, a: a.reshape((3, 2, 2, 2)),
        lambda m, a: m.moveaxis(a, 0, -1),
        lambda m, a: m.moveaxis(a, (0, 1), (-1, 0)),
        lambda m, a: m.swapaxes(a, 0, -1),
        lambda m, a: m.expand_dims(a, (0, -1)),
        lambda m, a: m.squeeze(m.expand_dims(a, 1)),
        lambda m, a: m.broadcast_to(a[:, :1], (5, 2, 3, 4)),
        lambda m, a: m.flip(a),
        lambda m, a: m.flip(a, (0, 2)),
        lambda m, a: m.concatenate([a, a[:, :1]], axis=1),
        lambda m, a: m.stack([a, a + 1], axis=-2),
        lambda m, a: m.take(a, [0, 5, -1]),
        lambda m, a: m.take(a, [[1, 0]], axis=2),
        lambda m, a: m.take(a, 1, axis=1),
        lambda m, a: m.split(a, 2, axis=2)[1],
        lambda m, a: m.split(a, [1, 3], axis=2)[2],
        lambda m, a: m.split(a, [-1, 9], axis=2)[0],
        lambda m, a: m.pad(a, 1),
        lambda m, a: m.pad(a, (0, 2)),
        lambda m, a: m.pad(a, ((1, 2), (0, 0), (3, 0))),
        lambda m, a: m.pad(a, ((2, 1),)),
        lambda m, a: m.pad(a, ((1,), (2,), (0,))),
        lambda m, a: a[:0],
    ],
)
def test_views_agree_with_numpy(call: Callable[[Any, Any], Any]) -> None:
    a = np.arange(24.0).reshape(2, 3, 4)
    got, expected = call(pg, pg.Record().tensor(a)), call(np, a)
    assert got.shape == expected.shape
    check(got, expected.tolist())


def test_take_along_axis_agrees_with_numpy() -> None:
    a = np.random.default_rng(0).normal(size=(2, 3))
    x = pg.Record().tensor(a)
    for index, axis in (
        ([[0], [2]], 1),
        ([[1, 0, 1]], 0),
        ([[-1, 0, -2], [0, 0, 0], [1, 1, 1]], 0),
        ([0, 5, -1], None),
    ):
        check(x.take_along_axis(index, axis), np.take_along_axis(a, np.array(index), axis).tolist())
    check(x.gather(x.record.tensor([[1], [0]], "uint8"), 1), [[a[0, 1]], [a[1, 0]]])


@pytest.mark.parametrize(
    ("a", "b"),
    [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)), ((3,), (5, 3, 2)),
     ((4, 1, 2, 3), (5, 3, 2)), ((2, 0), (0, 3)), ((0, 3), (3, 2)), ((2, 0, 3, 3), (3, 3)), ((1, 1), (1, 1))],
)  # fmt: skip
def test_matmul_and_dot_agree_with_numpy(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=a), rng.normal(size=b)
    rec = pg.Record()
    got = rec.tensor(x) @ rec.tensor(y)
    assert got.shape == (x @ y).shape
    check(got, (x @ y).tolist(), 1e-14)
    if 0 not in a:
        check(pg.dot(rec.tensor(x), rec.tensor(y)), np.dot(x, y).tolist(), 1e-14)
    check(pg.outer(rec.tensor(x), rec.tensor(y)), np.outer(x, y).tolist(), 1e-14)


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [("ij,jk", [(2, 3), (3, 4)]), ("ij,jk->ki", [(2, 3), (3, 4)]), ("ii", [(3, 3)]), ("ii->i", [(3, 3)]),
     ("ijk->kij", [(2, 3, 4)]), ("ij->", [(2, 3)]), ("i,j->ij", [(2,), (3,)]), ("bij,bjk->bik", [(2, 3, 4), (2, 4, 2)]),
     ("ij,ij->ij", [(2, 3), (2, 3)]), ("ij,ij->i", [(2, 3), (2, 3)]), ("ba,ca", [(2, 3), (4, 3)]),
     ("ij,jk,kl,l->i", [(2, 3), (3, 4), (4, 2), (2,)]), ("...ij,...jk->...ik", [(5, 2, 3), (3, 4)]),
     ("...ij,...jk", [(5, 1, 2, 3), (6, 3, 4)]), ("i...->...i", [(2, 3, 4)]), ("iij,kk->jk", [(2, 2, 3), (4, 4)]),
     ("ij,k->jk", [(2, 3), (4,)]), (" a b , b -> a ", [(2, 3), (3,)]), ("iji->j", [(2, 3, 2)]), (",i->i", [(), (3,)]),
     ("...,...", [(2, 3), (3,)]), ("ab,ab,ab->b", [(2, 3)] * 3), ("ij,jk->ik", [(1, 3), (3, 1)])],
)  # fmt: skip
def test_einsum_agrees_with_numpy(subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=s) for s in shapes]
    rec = pg.Record()
    got, expected = pg.einsum(subscripts, *(rec.tensor(a) for a in arrays)), np.einsum(subscripts, *arrays)
    assert got.shape == expected.shape
    check(got, expected.tolist(), 1e-13)


def test_random_broadcasts_agree_with_numpy() -> None:
    rng = random.Random(5)
    for _ in range(100):
        full = [rng.randint(1, 3) for _ in range(rng.randint(0, 3))]
        shapes = [[n if rng.random() < 0.6 else 1 for n in full][rng.randint(0, len(full)) :] for _ in range(2)]
        a, b = (np.asarray(np.random.default_rng(1).normal(size=s)) for s in shapes)
        rec = pg.Record()
        x, y = rec.tensor(a), rec.tensor(b)
        z = x * y - y
        assert z.shape == (a * b - b).shape
        check(z, (a * b - b).tolist(), 1e-15)
        g = z.sum().grad()
        assert g.wrt(x).shape == x.shape
        assert g.wrt(y).shape == y.shape
        for t, local in ((x, b), (y, a - 1)):
            wide = np.broadcast_to(local, z.shape)
            kept = tuple(i for i, n in enumerate((1,) * (z.ndim - t.ndim) + t.shape) if n == 1)
            check(g.wrt(t), wide.sum(axis=kept).reshape(t.shape).tolist(), 1e-14)
