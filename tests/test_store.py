"""The parameter store: a mapping whose arrays nobody can change, and initialisers that do not depend on order."""

from __future__ import annotations

from collections.abc import MutableMapping

import numpy as np
import pytest

import phonograd as pg


def test_is_a_mapping() -> None:
    store = pg.ParameterStore()
    assert isinstance(store, MutableMapping)
    assert isinstance(store.state, MutableMapping)
    store["a"], store["b"] = [1.0, 2.0], 3
    assert (list(store), len(store), "a" in store, "c" in store, 7 in store) == (["a", "b"], 2, True, False, False)
    assert {name: value.tolist() for name, value in store.items()} == {"a": [1.0, 2.0], "b": 3}
    assert [value.dtype.name for value in store.values()] == ["float32", "int64"]
    assert store.get("c") is None
    assert store.get("b", 1) == 3
    assert store.pop("b") == 3
    assert store.pop("b", None) is None
    assert store.setdefault("a", [0.0]).tolist() == [1.0, 2.0]
    assert store.setdefault("c", [0.0]).tolist() == [0.0]
    store.clear()
    assert not len(store)
    assert bool(store)


def test_equality_is_identity() -> None:
    first, second = pg.ParameterStore(), pg.ParameterStore()
    assert first == first
    assert first != second
    assert len({first, second, first}) == 2


def test_missing_parameter_names_what_there_is() -> None:
    store = pg.ParameterStore()
    store.update({"w": 1.0, "b": 2.0})
    for call in (lambda: store["v"], lambda: store.pop("v"), lambda: store.__delitem__("v")):
        with pytest.raises(pg.ParameterError) as caught:
            call()
        assert str(caught.value) == "store: there is no parameter `v`; known are `w`, `b`"


def test_values_are_copies_and_read_only() -> None:
    store, array = pg.ParameterStore(), np.ones(3)
    store["x"] = array
    array[:] = 7.0
    assert store["x"].tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        store["x"][0] = 0.0


def test_update_is_all_or_nothing() -> None:
    store = pg.ParameterStore()
    store["a"] = 1.0
    with pytest.raises(pg.InputError):
        store.update({"a": 2.0, "b": object()})
    assert {name: value.tolist() for name, value in store.items()} == {"a": 1.0}


def test_first_values_depend_on_seed_and_name_only() -> None:
    def drawn(seed: int, *names: str) -> dict[str, list[float]]:
        store = pg.ParameterStore(seed=seed)
        return {name: store.get_or_init(name, (2, 3)).tolist() for name in names}

    assert drawn(1, "a", "b") == drawn(1, "b", "a")
    assert drawn(1, "a") != drawn(2, "a")
    assert drawn(1, "a")["a"] != drawn(1, "b")["b"]


@pytest.mark.parametrize(
    ("init", "low", "high", "deviation"),
    [
        ("zeros", 0.0, 0.0, 0.0),
        ("ones", 1.0, 1.0, 0.0),
        ("glorot_uniform", -0.1, 0.1, 0.1 / 3**0.5),
        ("he_normal", -np.inf, np.inf, 0.1),
        (("uniform", 0.5), -0.5, 0.5, 0.5 / 3**0.5),
        (("normal", 0.02), -np.inf, np.inf, 0.02),
    ],
)
def test_initialisers(init: str | tuple[str, float], low: float, high: float, deviation: float) -> None:
    value = pg.ParameterStore(seed=3).get_or_init("w", (200, 400), init, "float64")
    assert value.min() >= low
    assert value.max() <= high
    assert value.std() == pytest.approx(deviation, rel=0.02)


def test_two_shapes_of_one_name() -> None:
    store = pg.ParameterStore()
    pg.LinearLayer(pg.Record(), 3, 4, store, id="a")
    with pytest.raises(pg.ParameterError) as caught:
        pg.LinearLayer(pg.Record(), 5, 4, store, id="a")
    assert str(caught.value) == (
        'parameter `a.weight`: LinearLayer(5, 4, id="a") asks for float32 (5, 4), '
        'LinearLayer(3, 4, id="a") holds float32 (3, 4); give one of them another id'
    )


def test_state_is_a_store_of_its_own() -> None:
    store = pg.ParameterStore(seed=5)
    store.state["moment"] = [1.0]
    assert store.state is store.state
    assert (list(store), list(store.state), store.state.seed) == ([], ["moment"], 5)
