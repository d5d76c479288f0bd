"""Shapes, axes and indices that make no sense, or too much of it: refused by name before anything is allocated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from fresh_process import run

HUGE, NAN = 2**62, float("nan")

REFUSED: list[tuple[type[Exception], list[str]]] = [
    (
        pg.ArgumentError,
        [
            "rec.zeros(-1)", "rec.zeros((2, -3))", "rec.full(-1, 2.0)", "rec.eye(-1)", "rec.eye(2, -1)",
            "rec.linspace(0, 1, -1)", "rec.uniform(key, (-1,))", "rec.normal(key, -1)", "rec.bernoulli(key, 0.5, -1)",
            "rec.zeros(HUGE)", "rec.zeros((2**33, 2**33))", "rec.zeros((0, 2**63))", "rec.zeros(2**70)",
            "rec.ones((1,) * 65)", "rec.eye(2**40)", "rec.eye(2**70)", "rec.linspace(0, 1, HUGE)",
            "rec.arange(0, 1e30)", "rec.arange(2**62)", "rec.arange(0, 5, 0)", "rec.arange(0, 5, 0.0)",
            "rec.arange(NAN)", "rec.arange(0, 5, NAN)", "rec.arange(0, float('inf'))", "rec.arange(0, 1, 1e-300)",
            "rec.bernoulli(key, 1.5)", "rec.bernoulli(key, NAN)",
            "s.broadcast_to(HUGE)", "s.broadcast_to((1,) * 65)", "s.broadcast_to(-1)",
            "rec.zeros((2**30, 1)) * rec.zeros((1, 2**31))", "rec.zeros((2**40, 1)) @ rec.zeros((1, 2**40))",
            "rec.zeros(2**40).outer(rec.zeros(2**40))", "rec.zeros((2**40, 1, 1)).pad(2**40)",
            "pg.einsum('i,j->ij', rec.zeros(2**40), rec.zeros(2**40))", "rec.zeros((0, 1)).broadcast_to((0, HUGE))",
            "pg.concat([rec.zeros(2**59)] * 100)", "pg.stack([rec.zeros(2**59)] * 100)",
            "x.pad(-1)", "x.pad(HUGE)", "x.pad(2**63 - 1)", "x.pad(2**70)", "x.pad(((1, 2), (3, 4), (5, 6)))",
            "x.pad('ab')", "x.pad(())", "x.pad([[]])", "x.pad(((1, 2, 3),))",
            "x.reshape(-1, -1)", "x.reshape(-2)", "x.reshape(HUGE, -1)", "x.reshape((1,) * 64 + (6,))",
            "x.split(0)", "x.split(-1)", "x.split(5)", "x.split(2**70)", "empty.split(0)",
            "x.transpose(0)", "x.permute(0)", "x.moveaxis((0, 1), (0,))", "x.squeeze(0)",
            "x.expand_dims(tuple(range(63)))", "x.expand_dims(tuple(range(100_000)))", "x[(None,) * 63]",
            "x[::0]", "pg.concat([])", "pg.stack([])", "x.clip()",
            "pg.mse(x, x, 'median')", "x.gelu('exact')",
        ],
    ),
    (
        pg.AxisError,
        [
            f"x.{call}"
            for axis in ("2", "-3", "10**30", "-(10**30)")
            for call in (
                f"sum({axis})", f"max(axis={axis})", f"argmax({axis})", f"softmax({axis})", f"log_softmax({axis})",
                f"cumsum({axis})", f"flip({axis})", f"squeeze({axis})", f"swapaxes(0, {axis})", f"moveaxis({axis}, 0)",
                f"take([0], {axis})", f"gather([[0]], {axis})", f"split(1, {axis})", f"var({axis})",
                f"logsumexp((0, {axis}))", f"transpose(0, {axis})",
            )
        ]
        + ["x.sum((0, 0))", "x.sum((1, -1))", "x.transpose(0, 0)", "x.expand_dims((0, 0))", "x.expand_dims(4)",
           "x.flip((0, -2))", "pg.concat([x, x], 2)", "pg.stack([x, x], -4)", "pg.concat([x], 10**30)", "s.softmax(1)"],
    ),
    (
        pg.ShapeError,
        [
            "x + rec.zeros(4)", "x @ x", "x @ s", "s @ x", "x.dot(x)", "x.reshape(4)", "x.reshape(4, -1)",
            "x.reshape()",
            "x.broadcast_to(3)", "x.broadcast_to((3, 3))", "pg.concat([x, s])", "pg.concat([s, s])",
            "pg.stack([x, x.T])", "pg.concat([x, x.T])", "empty.max(0)", "empty.argmin()", "empty.min()",
            "x.grad(rec.zeros(6))", "x.grad([1.0, 2.0])", "pg.mse(x, x.T)", "pg.cross_entropy(x, [0, 1, 2])",
            "pg.cross_entropy(x, [0.5, 1.5])", "x[[0, 1], [0, 1, 2]]",
            "pg.einsum('ij', x, x)", "pg.einsum('i', x)", "pg.einsum('ij->ijk', x)", "pg.einsum('ij->ii', x)",
            "pg.einsum('ij,jk', x, x)", "pg.einsum('->', x)", "pg.einsum('', x)", "pg.einsum('i\\u0130->', x)",
            "pg.einsum('...->ij', x)", "pg.einsum('ij->->', x)", "pg.einsum('ij\\0', x)", "pg.einsum('....', x)",
            "pg.einsum('i..j', x)",
            "x.gather([0], 0)", "s.mT", "rec.zeros(3).mT",
        ],
    ),
    (
        pg.IndexOutOfRangeError,
        [
            "x[np.array([True, False, True])]", "x[[True, False, True]]", "x[x.T > 0]",
            "x[2]", "x[-3]", "x[0, 3]", "x[2**63]", "x[-(2**70)]", "x[0, 0, 0]", "x[..., ...]", "s[0]", "empty[0]",
            "x[np.int64(5)]", "x[rec.tensor([5])].data()", "x[[5]].data()", "x[np.array([-3])].data()",
            "x.take([6]).data()", "x.take([2**62]).data()", "x.take(2, 0).data()", "x.gather([[3]], 1).data()",
            "empty.take([0], 0).data()", "pg.cross_entropy(x, [0, 3]).data()", "pg.cross_entropy(x, [0, -1]).data()",
        ],
    ),
    (
        TypeError,
        [
            "rec.zeros(NAN)", "rec.zeros(2.0)", "rec.zeros('ab')", "rec.zeros({1, 2})", "rec.zeros(None)",
            "rec.zeros((2, '3'))", "rec.zeros((2, 3.0))", "rec.zeros(True)", "rec.zeros(2, 'complex64')",
            "rec.zeros(2, object)", "rec.linspace(0, 1, 1.5)", "rec.linspace(0, 1, 3, dtype=int)", "rec.eye(2.0)",
            "rec.arange('a')", "rec.arange(None)", "rec.arange(3, dtype=bool)", "rec.full(2, 'a')", "rec.full(2, 1j)",
            "rec.uniform(0)", "rec.uniform(key, dtype=int)", "rec.uniform(None)", "x.reshape(None)",
            "x.reshape(2.0, 3)", "x.sum(1.0)", "x.sum(NAN)", "x.sum('0')", "x.sum(True)", "x.argmax(True)",
            "x.sum((0, None))", "x.sum(axis={0})", "x.softmax('a')", "x.softmax(0.0)", "x.pad(1, 'a')", "x.pad(1, x)",
            "x[1.0]", "x['a']", "x['a':]", "x[1.5:]", "x[::1j]", "x[{}]", "x[[0.5]]",
            "x[x]", "x[['a']]", "x[[None]]",
            "x[object()]",
            "x[rec.zeros(())]", "x.take([0.5])", "x.take('a')", "x.take(None)", "x.gather(x, 0)", "pg.concat(x)",
            "pg.concat(None)", "pg.concat([x, None])", "pg.concat('ab')", "pg.stack(5)", "pg.einsum(5, x)",
            "pg.einsum('ij', 5)", "pg.cross_entropy(x, None)", "pg.maximum(1, 2)",
            "pg.where(True, 1, 2)", "pg.exp(1.0)", "pg.sum([1.0])", "x.astype('U5')", "x.astype(None)", "x.astype(5)",
            "x & x", "~x", "x | 1", "x + None", "x + 'a'", "x + 1j", "x < 'a'", "x ** None", "pow(x, 2, 3)", "x @ None",
            "None - x", "[None] * x", "len(s)", "iter(s)", "x.grad('a')", "rec.compute(1)", "rec.compute(rec)",
            "rec.plan(None)", "rec.parameter(1)", "pg.Key(2.5)", "pg.Key(None)", "pg.Key('a')", "pg.Key({1})",
            "pg.Record(5)", "pg.Record(rec)", "rec.tensor()", "rec.tensor(1, 2, 3)", "rec.tensor(1, shape=2)",
            "x.sum(foo=1)", "x.sum(0, axis=0)", "range(3)[x]", "hash([x])",
        ],
    ),
]  # fmt: skip


def names() -> dict[str, Any]:
    rec = pg.Record()
    x = rec.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    return {"pg": pg, "np": np, "NAN": NAN, "HUGE": HUGE, "rec": rec, "x": x, "s": rec.tensor(2.0), "key": pg.Key(1),
            "empty": rec.zeros((0, 3))}  # fmt: skip


@pytest.mark.parametrize(
    ("error", "call"), [pytest.param(error, call, id=call[:60]) for error, calls in REFUSED for call in calls]
)
def test_refuses(error: type[Exception], call: str) -> None:
    """Refused by the right class, and the record goes on as if nothing had happened."""
    scene = names()
    with pytest.raises(error) as caught:
        eval(call, scene)
    assert not isinstance(caught.value, pg.InternalError)
    assert len(str(caught.value)) < 500
    assert (scene["x"] * 2.0).sum().item() == 42.0


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("x[...]", [[1, 2, 3], [4, 5, 6]]),
        ("x[()]", [[1, 2, 3], [4, 5, 6]]),
        ("x[-1, ..., -1]", 6),
        ("x[2**70::-(2**70)]", [[4, 5, 6]]),
        ("x[::2**62, 1::2**70]", [[2]]),
        ("x[5:1, -9:9]", []),
        ("x[:, ::-2]", [[3, 1], [6, 4]]),
        ("x[np.int32(1), np.uint8(0)]", 4),
        ("x[rec.tensor(1), 0]", 4),
        ("x[rec.tensor([1, 0], dtype='uint8')]", [[4, 5, 6], [1, 2, 3]]),
        ("x[[]]", []),
        ("x[np.zeros((2, 0), 'i8')].reshape(0)", []),
        ("x[:, [[2, 0], [-1, -3]]][0]", [[3, 1], [3, 1]]),
        ("x[None, 1, None]", [[[4, 5, 6]]]),
        ("x.sum(())", [[1, 2, 3], [4, 5, 6]]),
        ("x.sum([0, -1])", 21),
        ("x.reshape(-1)[np.int64(2):]", [3, 4, 5, 6]),
        ("x.reshape((3, -1)).shape", (3, 2)),
        ("s.reshape(1, 1, -1)", [[[2]]]),
        ("s[None, ...]", [2]),
        ("s[...]", 2),
        ("empty.reshape(3, -1).shape", (3, 0)),
        ("empty.sum(0)", [0, 0, 0]),
        ("empty.prod()", 1),
        ("empty.T @ empty", [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        ("empty.split(1)[0].shape", (0, 3)),
        ("pg.concat([empty, x])", [[1, 2, 3], [4, 5, 6]]),
        ("x.pad(((0, 1), (0, 0)), -1)", [[1, 2, 3], [4, 5, 6], [-1, -1, -1]]),
        ("rec.ones((1,) * 64).sum()", 1),
        ("rec.arange(-(2**63), 2**63 - 1, 2**62)", [-(2**63), -(2**62), 0, 2**62]),
        ("rec.arange(5, 0)", []),
        ("rec.linspace(0, 1, 1)", [0]),
        ("rec.linspace(0, 1, 0)", []),
        ("rec.eye(2, k=2**62)", [[0, 0], [0, 0]]),
        ("rec.eye(2, k=-(2**63))", [[0, 0], [0, 0]]),
        ("rec.eye(0)", []),
        ("rec.zeros((0, 5)).data().shape", (0, 5)),
        ("rec.normal(key, (3, 0)).data().shape", (3, 0)),
        ("[row.tolist() for row in x]", [[1, 2, 3], [4, 5, 6]]),
    ],
)
def test_edges_that_make_sense(call: str, expected: Any) -> None:
    got = eval(call, names())
    assert (got.tolist() if isinstance(got, pg.Tensor) else got) == expected


LARGE = "rec.ones(()).broadcast_to(2**40)"


@pytest.mark.parametrize(
    "call",
    [
        f"{LARGE}.exp().data()", f"{LARGE}.data()", f"{LARGE}.tolist()", f"np.asarray({LARGE})",
        f"{LARGE}.cumsum().data()",
        f"pg.concat([{LARGE}] * 3).data()", "rec.arange(10**15).data()", "rec.linspace(0, 1, 2**50).data()",
        "rec.uniform(pg.Key(0), (2**45,)).data()", "rec.eye(2**25).data()", "rec.zeros(2**55).data()",
        "(rec.ones((2**25, 1)) @ rec.ones((1, 2**25))).data()", "rec.ones(2**25).outer(rec.ones(2**25)).data()",
        "rec.ones(2).pad(2**50).data()",
        "(rec.ones(2).take(np.zeros(2**20, 'i8')).broadcast_to((2**25, 2**20)) + 1).data()",
        "rec.tensor(np.broadcast_to(1.0, 2**40))", "rec.tensor(np.broadcast_to(np.float32(1.0), 2**28), 'float64')",
        "pg.LinearLayer(rec, 2**20, 2**20, pg.ParameterStore())", "rec.tensor([0.0] * 40_000_000)",
        "rec.tensor([[1] * 4_000_000] * 10)", "rec.zeros(2**50).split(2**45)",
        "pg.ParameterStore().get_or_init('w', (2**40,))",
    ],
)  # fmt: skip
def test_memory_that_is_not_there_is_an_error(call: str) -> None:
    """With a limit of 1 GiB each call ends in MemoryError or ValueError, and the next one works."""
    program = f"""
    rec = pg.Record()
    try:
        {call}
    except (MemoryError, ValueError) as error:
        assert not isinstance(error, pg.InternalError)
        print("refused", (rec.tensor([1.0, 2.0]) * 2.0).sum().item())
    """
    assert run(program, memory=1 << 30, timeout=30) == "refused 6.0\n"


def test_length_zero_splits_into_nothing_much() -> None:
    with pytest.raises((pg.ArgumentError, MemoryError)):
        pg.Record().zeros((0, 3)).split(10**30)


def test_shapes_are_cheap_however_large() -> None:
    """What is never asked for is never allocated, and what is shown of it stays short."""
    rec = pg.Record()
    x = rec.ones((2**30, 2**28))
    y = x.reshape(2**58)[:: 2**55] * 2.0
    assert y.tolist() == [2.0] * 8
    assert (x.size, len(repr(x)) < 100, len(str(rec)) < 2000) == (2**58, True, True)
    assert math.prod((x @ rec.ones((2**28, 1))).shape) == 2**30
