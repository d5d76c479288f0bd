"""The store: a mapping of read-only arrays, first values that depend on seed and name alone, changes all or none."""

from __future__ import annotations

from collections.abc import MutableMapping

import numpy as np
import pytest

import phonograd as pg


@pytest.fixture
def store() -> pg.ParameterStore:
    made = pg.ParameterStore(seed=0)
    made.update({"a": [1.0, 2.0], "b": 3})
    return made


# A mapping -----------------------------------------------------------------------------------------------------------


def test_is_a_mutable_mapping_in_the_order_of_arrival(store: pg.ParameterStore) -> None:
    assert isinstance(store, MutableMapping)
    assert list(store) == list(store.keys()) == ["a", "b"]
    assert {name: value.tolist() for name, value in store.items()} == {"a": [1.0, 2.0], "b": 3}
    assert [value.dtype for value in store.values()] == [np.float32, np.int64]
    assert ("a" in store, "c" in store, 3 in store, len(store), bool(pg.ParameterStore())) == (
        True,
        False,
        False,
        2,
        True,
    )
    assert (store.get("c"), store.get("c", 5), store.get("b").tolist()) == (None, 5, 3)
    assert (store.pop("b").tolist(), store.pop("b", None), list(store)) == (3, None, ["a"])
    assert store.setdefault("c", [4.0]).tolist() == store.setdefault("c", [5.0]).tolist() == [4.0]
    store.update({"d": 1.0}, e=2.0)
    store.update([("f", 3.0)])
    assert list(store) == ["a", "c", "d", "e", "f"]
    del store["d"]
    assert store.popitem()[0] in ("a", "f")
    store.clear()
    assert (len(store), list(store)) == (0, [])
    with pytest.raises(KeyError):
        store.popitem()


def test_equal_only_to_itself(store: pg.ParameterStore) -> None:
    assert (store == store, store != pg.ParameterStore(), len({store, store})) == (True, True, 1)


@pytest.mark.parametrize("call", ["store['c']", "store.pop('c')", "store.__delitem__('c')", "rec.parameter('c')"])
def test_unknown_names_are_lookup_errors_that_list_the_known(store: pg.ParameterStore, call: str) -> None:
    with pytest.raises(LookupError, match=r"there is no parameter `c`; known are `a`, `b`$"):
        eval(call, {"store": store, "rec": pg.Record(store)})


def test_message_of_a_large_store_stays_short(store: pg.ParameterStore) -> None:
    store.update({f"p{i}": 0.0 for i in range(1000)})
    with pytest.raises(pg.ParameterError, match=r"and 992 more$"):
        store["missing"]


@pytest.mark.parametrize("name", [1, None, b"a", ("a",)], ids=repr)
def test_names_are_strings(store: pg.ParameterStore, name: object) -> None:
    for change in (
        lambda: store.__setitem__(name, 1.0),
        lambda: store.update({"new": 1.0, name: 2.0}),
        lambda: store[name],
    ):
        with pytest.raises(TypeError):
            change()
    assert list(store) == ["a", "b"]


@pytest.mark.timeout(20)
def test_large_stores_take_linear_time() -> None:
    store = pg.ParameterStore()
    names = [f"p{i}" for i in range(100_000)]
    store.update(dict.fromkeys(names, 1.0))
    rec = pg.Record(store)
    grads = pg.stack([rec.parameter(name) for name in names]).sum().grad()
    assert grads[names[-1]].item() == 1.0
    for name in names[::50]:
        del store[name]
    assert (list(store)[:2], len(store)) == (["p1", "p2"], 98_000)
    store.clear()
    assert len(store) == 0


# Arrays --------------------------------------------------------------------------------------------------------------


def test_arrays_are_read_only_copies(store: pg.ParameterStore) -> None:
    source = np.ones(3)
    store["w"] = source
    source[0] = 5.0
    taken = store["w"]
    assert (taken.tolist(), taken.flags.writeable) == ([1.0] * 3, False)
    with pytest.raises(ValueError, match="read-only"):
        taken[0] = 2.0
    store["w"] = [7.0]
    assert (taken.tolist(), store["w"].tolist()) == ([1.0] * 3, [7.0])


def test_tensors_are_put_in_by_value(store: pg.ParameterStore) -> None:
    rec = pg.Record(store)
    store["a"] = rec.parameter("a") * 2.0
    assert (store["a"].tolist(), rec.parameter("a").tolist()) == ([2.0, 4.0], [1.0, 2.0])
    assert pg.Record(store).parameter("a").tolist() == [2.0, 4.0]


@pytest.mark.parametrize("bad", ["text", [[1], [1, 2]], None, np.zeros(2, "complex64")], ids=lambda b: type(b).__name__)
def test_update_with_something_unreadable_changes_nothing(store: pg.ParameterStore, bad: object) -> None:
    with pytest.raises(pg.RecordError):
        store.update({"a": [9.0, 9.0], "new": 1.0, "b": bad})
    assert {name: value.tolist() for name, value in store.items()} == {"a": [1.0, 2.0], "b": 3}


def test_update_with_a_tensor_that_fails_changes_nothing(store: pg.ParameterStore) -> None:
    x = pg.Record().tensor([1, 2])
    with pytest.raises(pg.IntegerDivisionError):
        store.update({"a": x * 2, "b": x // 0})
    assert store["a"].tolist() == [1.0, 2.0]


# First values --------------------------------------------------------------------------------------------------------


def test_first_values_depend_on_seed_and_name_alone() -> None:
    def made(names: str, seed: int = 0) -> dict[str, list[float]]:
        store = pg.ParameterStore(seed)
        for name in names:
            store.get_or_init(name, (4, 3))
        return {name: store[name].ravel().tolist() for name in names}

    assert made("abc") == made("cab") == {**made("a"), **made("b"), **made("c")}
    values = [*made("abc").values(), *made("abc", seed=1).values()]
    assert len({tuple(v) for v in values}) == 6


@pytest.mark.parametrize(
    ("init", "mean", "deviation", "bound"),
    [
        ("zeros", 0.0, 0.0, 0.0),
        ("ones", 1.0, 0.0, 1.0),
        (("normal", 0.02), 0.0, 0.02, None),
        (("uniform", 0.1), 0.0, 0.1 / 3**0.5, 0.1),
        ("glorot_uniform", 0.0, (6 / 500) ** 0.5 / 3**0.5, (6 / 500) ** 0.5),
        ("he_normal", 0.0, (2 / 200) ** 0.5, None),
    ],
)
def test_initialisers(init: str | tuple[str, float], mean: float, deviation: float, bound: float | None) -> None:
    for dtype in ("float32", "float64"):
        w = pg.ParameterStore(seed=7).get_or_init("w", (200, 300), init, dtype)
        assert w.dtype == dtype
        assert w.mean() == pytest.approx(mean, abs=3 * deviation / 60_000**0.5)
        assert w.std() == pytest.approx(deviation, rel=0.02)
        assert bound is None or np.abs(w).max() <= bound * (1 + 1e-6)


def test_glorot_is_the_default_and_shapes_without_elements_are_fine() -> None:
    first, second = pg.ParameterStore(seed=1), pg.ParameterStore(seed=1)
    assert first.get_or_init("w", (3, 4)).tolist() == second.get_or_init("w", (3, 4), "glorot_uniform").tolist()
    assert [first.get_or_init(str(shape), shape).shape for shape in ((), (0,), (0, 3), (5,))] == [
        (),
        (0,),
        (0, 3),
        (5,),
    ]


@pytest.mark.parametrize("init", ["unknown", ("cauchy", 1.0), 5, ("normal",)], ids=str)
def test_unknown_initialisers_are_refused(init: object) -> None:
    store = pg.ParameterStore()
    with pytest.raises((pg.ArgumentError, TypeError)):
        store.get_or_init("w", (2,), init)
    assert len(store) == 0


def test_conflict_names_both_askers() -> None:
    store = pg.ParameterStore()
    rec = pg.Record(store)
    pg.LinearLayer(rec, 3, 2, id="out")
    with pytest.raises(pg.ParameterError) as caught:
        pg.LinearLayer(rec, 3, 5, id="out")
    assert str(caught.value) == (
        'parameter `out.weight`: LinearLayer(3, 5, id="out") asks for float32 (3, 5), '
        'LinearLayer(3, 2, id="out") holds float32 (3, 2); give one of them another id'
    )
    with pytest.raises(pg.ParameterError, match="decoder asks for float64"):
        store.get_or_init("out.weight", (3, 2), dtype="float64", asker="decoder")
    assert store.get_or_init("out.weight", (3, 2), asker="decoder").shape == (3, 2)


def test_state_is_a_store_of_its_own(store: pg.ParameterStore) -> None:
    assert store.state is store.state
    store.state["a"] = 5.0
    assert (list(store.state), store["a"].tolist()) == (["a"], [1.0, 2.0])
    assert isinstance(store.state, pg.ParameterStore)
    assert len(store.state.state) == 0


def test_representation_shows_names_and_shapes(store: pg.ParameterStore) -> None:
    assert repr(store) == "ParameterStore of 2 parameters\n  a: float32 (2,)\n  b: int64 ()"


def test_another_store_is_taken_over_in_its_dtypes() -> None:
    """NumPy has no bfloat16, and shows it as float32."""
    store, other = pg.ParameterStore(), pg.ParameterStore()
    store.get_or_init("half", (2,), "ones", "bfloat16")
    store["wide"] = [1.0, 2.0]
    other.update({"half": [0.0], "last": 3.0})
    other.update(store, last=4.0)
    rec = pg.Record(other)
    assert {name: (rec.parameter(name).dtype.name, other[name].tolist()) for name in other} == {
        "half": ("bfloat16", [1.0, 1.0]), "last": ("float32", 4.0), "wide": ("float32", [1.0, 2.0]),
    }  # fmt: skip
    other.update(other)
    assert len(other) == 3
    with pytest.raises(pg.InputError):
        other.update(store, last=None)
    assert other["last"].item() == 4.0
