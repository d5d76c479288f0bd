"""Objects that raise, lie, change under the reader or call back, and calls with arguments of every wrong kind."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from fresh_process import run


class BoomError(Exception):
    """What hostile objects raise; nothing of it may be lost on the way."""


class Hostile:
    """An object whose special methods answer what they are told."""

    def __init__(self, **answers: Callable[..., Any]) -> None:
        methods = {f"__{name}__": lambda _self, *args, f=f, **kwargs: f() for name, f in answers.items()}
        self.__class__ = type("Hostile", (Hostile,), methods)


def boom() -> Any:
    raise BoomError


@pytest.fixture
def rec() -> pg.Record:
    return pg.Record()


# Raising -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("array", "rec.tensor(o)"),
        ("array", "rec.tensor([o, o])"),
        ("array", "pg.ParameterStore().update({'w': o})"),
        ("array", "x[o]"),
        ("array", "x.take(o)"),
        ("array", "x.grad(o)"),
        ("array", "pg.cross_entropy(x, o)"),
        ("array", "pg.maximum(x, o)"),
        ("index", "rec.zeros(o)"),
        ("index", "rec.zeros((2, o))"),
        ("index", "x.sum(o)"),
        ("index", "x.softmax(o)"),
        ("index", "x[o]"),
        ("index", "x[o:]"),
        ("index", "x[0, ::o]"),
        ("index", "x.reshape(o)"),
        ("index", "x.pad(o)"),
        ("index", "x.split(o)"),
        ("index", "pg.Key(o)"),
        ("iter", "pg.concat(o)"),
        ("iter", "pg.stack(o)"),
        ("float", "x.leaky_relu(o)"),
        ("float", "rec.linspace(o, 1.0)"),
    ],
)
def test_what_an_object_raises_arrives(rec: pg.Record, method: str, call: str) -> None:
    x = rec.tensor([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(BoomError):
        eval(call, {"pg": pg, "rec": rec, "x": x, "o": Hostile(**{method: boom})})
    assert x.sum().item() == 10.0


# Lying ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [None, "text", 5, [1.0], object(), np.array(["a"]), np.array([None]), Hostile(array=lambda: None)],
    ids=lambda a: type(a).__name__,
)
def test_array_method_that_gives_something_else(rec: pg.Record, answer: Any) -> None:
    with pytest.raises((pg.RecordError, TypeError, ValueError)) as caught:
        rec.tensor(Hostile(array=lambda: answer))
    assert not isinstance(caught.value, pg.InternalError)


def test_array_method_is_asked(rec: pg.Record) -> None:
    lazy = Hostile(array=lambda: np.arange(6.0).reshape(2, 3)[:, ::-1])
    assert rec.tensor(lazy).tolist() == [[2.0, 1.0, 0.0], [5.0, 4.0, 3.0]]
    assert (rec.zeros(3) + lazy).tolist() == [[2.0, 1.0, 0.0], [5.0, 4.0, 3.0]]
    assert rec.tensor(Hostile(array=lambda: rec.ones(2).data())).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("answer", [None, "1", 1.0, object(), 2**70, -(2**70)], ids=repr)
def test_index_method_that_gives_something_else(rec: pg.Record, answer: Any) -> None:
    x = rec.tensor([1.0, 2.0])
    liar = Hostile(index=lambda: answer)
    for call in (lambda: x[liar], lambda: x.sum(liar), lambda: x.reshape(liar), lambda: x.broadcast_to(liar)):
        with pytest.raises((TypeError, ValueError, IndexError)) as caught:
            call()
        assert not isinstance(caught.value, pg.InternalError)


@pytest.mark.parametrize("length", [0, 10**9, -1, 2**70, "2", None], ids=repr)
def test_length_is_never_believed(rec: pg.Record, length: Any) -> None:
    """Lists are counted by themselves, other sequences by iterating."""
    x = rec.tensor([1.0, 2.0])

    class Liar(list):
        def __len__(self) -> Any:
            return length

    assert rec.tensor(Liar([1, 2, 3])).tolist() == [1, 2, 3]
    assert pg.concat(Liar([x, x])).tolist() == [1.0, 2.0, 1.0, 2.0]
    assert x.sum(axis=Liar([0])).item() == 3.0


# Changing under the reader, and calling back -------------------------------------------------------------------------


def test_list_that_is_emptied_while_it_is_read(rec: pg.Record) -> None:
    rows: list[Any] = []

    class Emptying(int):
        def __float__(self) -> float:
            rows.clear()
            return 1.0

    rows += [[1, 2], [Emptying(3), 4], [5, 6]]
    with contextlib.suppress(pg.RecordError, ValueError):
        assert rec.tensor(rows).shape == (3, 2)
    assert rec.tensor([1.0]).item() == 1.0


@pytest.mark.parametrize("method", ["array", "index", "iter", "float"])
def test_objects_that_record_and_compute_while_they_are_read(rec: pg.Record, method: str) -> None:
    x = rec.tensor([1.0, 2.0, 3.0])

    def busy(answer: Any) -> Callable[[], Any]:
        def work() -> Any:
            y = (x * 2.0).sum()
            assert (y.item(), y.grad().wrt(x).tolist()) == (12.0, [2.0, 2.0, 2.0])
            return answer

        return work

    calls: dict[str, tuple[Any, Callable[[Any], pg.Tensor], list[float]]] = {
        "array": (np.array([5.0]), lambda o: x + o, [6.0, 7.0, 8.0]),
        "index": (1, lambda o: x[o:], [2.0, 3.0]),
        "iter": (iter([x, x]), lambda o: pg.concat(o)[2:4], [3.0, 1.0]),
        "float": (0.5, lambda o: (-x).leaky_relu(o), [-0.5, -1.0, -1.5]),
    }
    answer, call, expected = calls[method]
    assert call(Hostile(**{method: busy(answer)})).tolist() == expected


def test_destructor_that_uses_store_and_record() -> None:
    """Memory that is let go may run anything; no lock is held meanwhile."""
    program = """
    store, rec, said = pg.ParameterStore(), pg.Record(), []

    class Dying(np.ndarray):
        def __del__(self):
            store["other"] = len(store)
            said.append(rec.tensor([1.0, 2.0]).sum().item())

    def bound():
        return pg.Record().tensor(np.arange(4.0).view(Dying), copy=False)

    for let_go in (
        lambda: store.update({"w": 1.0}),
        lambda: store.__setitem__("w", 2.0),
        lambda: store.__delitem__("w"),
        lambda: store.clear(),
        lambda: store.pop("w"),
    ):
        store["w"] = bound()
        let_go()
    y = bound().reshape(2, 2)
    y.data()
    del y
    layer = pg.LinearLayer(rec, 2, 2, store)
    loss = layer(rec.ones((1, 2))).sum()
    store["linear.weight"] = pg.Record().tensor(np.ones((2, 2), "f4").view(Dying), copy=False)
    layer.optimize(loss.grad(), store)
    print(set(said), len(said))
    """
    assert run(program, timeout=20) == "{3.0} 7\n"


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "min", "std", "var"])
def test_numpys_reductions_call_the_method(name: str) -> None:
    data = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 6.0]])
    x = pg.Record().tensor(data)
    reduce = getattr(np, name)
    for kwargs in ({}, {"axis": 0}, {"axis": 1, "keepdims": True}):
        y = reduce(x, **kwargs)
        assert isinstance(y, pg.Tensor)
        np.testing.assert_allclose(y, reduce(data, **kwargs), rtol=1e-14)
    assert reduce(x).grad().wrt(x).shape == (2, 3)
    with pytest.raises(pg.InputError, match="out: cannot read ndarray; expected None"):
        reduce(x, out=np.zeros(()))


def test_numpys_any_and_all_call_the_method() -> None:
    x = pg.Record().tensor([True, False])
    assert (np.any(x).tolist(), np.all(x).tolist()) == (True, False)
    assert isinstance(np.any(x), pg.Tensor)
    halves = pg.Record().tensor(np.array([0.5, 0.25], "float16"))
    assert np.mean(halves, dtype="float64").dtype == halves.std(dtype="float64").dtype == "float64"
