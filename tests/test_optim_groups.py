"""Which parameters are moved and how: groups by names, freezing, clipping, accumulation, and averages of a store."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import phonograd as pg

o = pg.optim
NAMES = ["encoder.0.weight", "encoder.0.bias", "head.weight", "head.bias"]


@pytest.fixture
def store() -> pg.ParameterStore:
    made, rng = pg.ParameterStore(), np.random.default_rng(0)
    made.update({name: rng.normal(size=(2, 3)) for name in NAMES})
    return made


def loss_of(rec: pg.Record) -> pg.Tensor:
    product = rec.parameter(NAMES[0])
    for k, name in enumerate(NAMES[1:], 2):
        product = product * rec.parameter(name) + k * rec.parameter(name)
    return product.square().sum()


def grads_of(store: pg.ParameterStore) -> pg.Gradients:
    return loss_of(pg.Record(store)).grad()


def values(store: pg.ParameterStore) -> dict[str, list[Any]]:
    return {name: value.tolist() for name, value in store.items()}


def snapshot(store: pg.ParameterStore) -> dict[str, Any]:
    return {**values(store), **{f"state {name}": value for name, value in values(store.state).items()}}


# Groups --------------------------------------------------------------------------------------------------------------


def test_each_group_moves_its_parameters_as_its_optimiser_alone(store: pg.ParameterStore) -> None:
    rules = {"encoder.*": o.SGD(0.01, momentum=0.9), "*.bias": o.AdamW(0.1), "*": o.AdamW(0.1, weight_decay=0.5)}
    alone: dict[str, pg.ParameterStore] = {}
    for name, rule in zip(NAMES, ["encoder.*", "encoder.*", "*", "*.bias"], strict=True):
        alone[name] = pg.ParameterStore()
        alone[name].update(store)
        for _ in range(3):
            # The others move as well, so their gradients are those of the whole.
            rec = pg.Record(alone[name])
            grads = loss_of(rec).grad()
            o.Groups({f"{name}": rules[rule], **rules}).step(alone[name], grads)
    for _ in range(3):
        o.Groups(rules).step(store, grads_of(store))
    for name in NAMES:
        assert store[name].tolist() == alone[name][name].tolist()
    assert sorted(store.state)[0] == "adamw/head.bias/m"
    assert {key.split("/")[0] for key in store.state} == {"adamw", "sgd"}


def test_groups_are_one_plan_with_other_rates_each_step(store: pg.ParameterStore) -> None:
    pg.plan_cache_clear()
    for k in range(5):
        rate = 0.1 / (k + 1)
        groups = o.Groups({"*.bias": o.SGD(rate), "encoder.*": None, "*": o.Adam(rate)})
        groups.step(store, o.clip_by_global_norm(grads_of(store), 1.0 + k))
    cache = pg.plan_cache()
    assert (cache.misses, cache.hits) == (2, 3)


def test_frozen_parameters_stay_and_cost_nothing(store: pg.ParameterStore) -> None:
    before, grads = values(store), grads_of(store)
    held = {name: grads[name] for name in NAMES}
    all_of_it = sum(held.values()).sum()
    o.Groups({"encoder.*": None, "*": o.SGD(0.1)}).step(store, grads)
    moved = {name: store[name].tolist() != before[name] for name in NAMES}
    assert moved == dict(zip(NAMES, [False, False, True, True], strict=True))
    assert len(store.state) == 0
    assert not all_of_it.computed

    work = []
    for frozen in ("nothing*", "*.0.*"):
        rec = pg.Record(store)
        grads = loss_of(rec).grad()
        names = [name for name in NAMES if not frozen.startswith("*") or ".0." not in name]
        work.append(rec.plan(*[grads[name] for name in names]).work)
    assert work[1] < work[0]


def test_first_pattern_wins_and_groups_nest(store: pg.ParameterStore) -> None:
    inner = o.Groups({"*.bias": o.SGD(0.5), "*": None})
    groups = o.Groups({"head.*": inner, "*.weight": o.SGD(0.25), "*": None})
    assert [groups.of(name) for name in NAMES] == [o.SGD(0.25), None, None, o.SGD(0.5)]
    groups.step(store, grads_of(store))


def test_frozen_can_be_thawed_with_the_state_it_had(store: pg.ParameterStore) -> None:
    rule = o.Adam(0.1)
    rule.step(store, grads_of(store))
    o.Groups({"head.*": None, "*": rule}).step(store, grads_of(store))
    rule.step(store, grads_of(store))
    steps = {name: store.state[f"adam/{name}/step"].item() for name in NAMES}
    assert steps == dict(zip(NAMES, [3, 3, 2, 2], strict=True))


def test_groups_are_values() -> None:
    table = {"*.bias": o.SGD(0.5), "*": None}
    groups = o.Groups(table)
    assert groups == o.Groups(dict(table))
    assert groups != o.Groups({"*": None, "*.bias": o.SGD(0.5)})  # the order decides
    assert hash(groups) == hash(o.Groups(table))
    assert eval(repr(groups), vars(o)) == groups
    assert groups.replace(groups={"*": o.SGD(1.0)}) == o.Groups({"*": o.SGD(1.0)})
    table["*"] = o.SGD(1.0)
    assert groups.of("x") is None


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
@pytest.mark.parametrize(
    "value",
    [o.AdamW(0.1, amsgrad=True), o.Groups({"a": None, "*": o.Lion()}), o.LBFGS(), o.schedules.Plateau(0.1).after(2.0)],
    ids=lambda value: type(value).__name__,
)
def test_frozen_values_are_copied_and_pickled(value: Any, make: Any) -> None:
    assert make(value) == value


def test_replace_checks_what_it_makes() -> None:
    assert o.Adam(0.1).replace(rate=0.2, beta1=0.5) == o.Adam(0.2, 0.5)
    with pytest.raises(pg.ArgumentError, match="rate is -1"):
        o.Adam(0.1).replace(rate=-1.0)
    with pytest.raises(TypeError, match="speed"):
        o.Adam(0.1).replace(speed=1.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: o.Groups({"encoder.*": o.SGD(0.1), "*.weight": o.SGD(0.1)}),  # head.bias fits none
        lambda: o.Groups({"encodr.*": o.SGD(0.1), "*": o.SGD(0.1)}),
        lambda: o.Groups({"head.*": o.SGD(0.1), "*": o.Muon(0.1), "encoder.0.bias": o.SGD(1.0)}),
        lambda: o.Muon(0.1),
        lambda: o.Adafactor(),
    ],
)
def test_a_group_that_fails_changes_nothing(store: pg.ParameterStore, make: Any) -> None:
    store["head.bias"] = np.ones(3)
    o.Adam(0.1).step(store, grads_of(store))
    store.state["muon/encoder.0.weight/m"] = np.ones((3, 2))
    store.state["adafactor/head.weight/row"] = np.ones((3, 1))
    before = snapshot(store)
    with pytest.raises(pg.RecordError):
        make().step(store, grads_of(store))
    assert snapshot(store) == before


# Clipping and accumulation -------------------------------------------------------------------------------------------


def arrays(grads: Any) -> dict[str, np.ndarray]:
    return {name: grads[name].data() for name in grads}


@pytest.mark.parametrize("limit", [1e-3, 1.0, 30.0, 1e6])
def test_clipping_is_what_numpy_says(store: pg.ParameterStore, limit: float) -> None:
    grads = grads_of(store)
    plain = arrays(grads)
    total = np.sqrt(sum((g * g).sum() for g in plain.values()))
    np.testing.assert_allclose(o.global_norm(grads).item(), total, rtol=1e-14)
    for name, g in plain.items():
        norm = np.linalg.norm(g)
        np.testing.assert_array_equal(o.clip_by_value(grads, limit)[name].data(), g.clip(-limit, limit))
        np.testing.assert_allclose(o.clip_by_norm(grads, limit)[name].data(), g * min(1.0, limit / norm), rtol=1e-14)
        np.testing.assert_allclose(
            o.clip_by_global_norm(grads, limit)[name].data(), g * min(1.0, limit / total), rtol=1e-14
        )


def test_clipping_leaves_small_gradients_bit_for_bit(store: pg.ParameterStore) -> None:
    grads = grads_of(store)
    for clip in (o.clip_by_value, o.clip_by_norm, o.clip_by_global_norm):
        clipped = clip(grads, 1e9)
        assert clipped.output is not None
        assert {n: g.tolist() for n, g in arrays(clipped).items()} == {n: g.tolist() for n, g in arrays(grads).items()}


def test_clipping_of_zero_and_of_what_is_not_finite() -> None:
    rec = pg.Record()
    zero = o.NamedGradients(rec, {"x": rec.zeros(3)})
    bad = o.NamedGradients(rec, {"x": rec.tensor([1.0, np.nan]), "y": rec.ones(2)})
    assert o.clip_by_norm(zero, 1.0)["x"].tolist() == o.clip_by_global_norm(zero, 1.0)["x"].tolist() == [0.0] * 3
    assert np.isnan(o.clip_by_global_norm(bad, 1.0)["y"].data()).all()
    assert o.clip_by_value(bad, 0.5)["x"].tolist()[0] == 0.5
    assert np.isnan(o.clip_by_value(bad, 0.5)["x"].data()[1])


def test_clipping_keeps_each_dtype_and_leaves_integers_out() -> None:
    store = pg.ParameterStore()
    store.update({"wide": np.array([3.0]), "narrow": np.float32(4.0), "count": 3})
    rec = pg.Record(store)
    rec.parameter("count")
    loss = (rec.parameter("wide").square().sum() + rec.parameter("narrow").square().astype("float64")) / 2.0
    for clip in (o.clip_by_value, o.clip_by_norm, o.clip_by_global_norm):
        clipped = clip(loss.grad(), 1.0)
        assert {name: str(clipped[name].dtype) for name in clipped} == {"wide": "float64", "narrow": "float32"}
    o.SGD(1.0).step(store, o.clip_by_global_norm(loss.grad(), 1.0))
    np.testing.assert_allclose([store["wide"][0], store["narrow"]], [2.4, 3.2], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_norms_of_narrow_gradients_do_not_overflow(dtype: str) -> None:
    rec = pg.Record()
    grads = o.NamedGradients(rec, {"x": rec.tensor([300.0, 400.0], dtype), "y": rec.tensor([1200.0], dtype)})
    assert o.global_norm(grads).item() == pytest.approx(1300.0, rel=0.01)
    for clip, want in ((o.clip_by_norm, [0.6, 0.8]), (o.clip_by_global_norm, [3 / 13, 4 / 13])):
        clipped = clip(grads, 1.0)
        assert clipped["x"].dtype == dtype
        np.testing.assert_allclose(clipped["x"], want, rtol=0.01)


def test_clipping_of_some_names_measures_those_alone(store: pg.ParameterStore) -> None:
    grads, names = grads_of(store), NAMES[2:]
    norm = np.sqrt(sum((grads[name].data() ** 2).sum() for name in names))
    np.testing.assert_allclose(o.global_norm(grads, names).item(), norm, rtol=1e-14)
    clipped = o.clip_by_global_norm(grads, 1.0, names)
    assert list(clipped) == names
    before = values(store)
    o.SGD(0.1).step(store, clipped)
    assert [store[name].tolist() == before[name] for name in NAMES] == [True, True, False, False]


def test_gradients_of_other_programs_step_as_well(store: pg.ParameterStore) -> None:
    other = pg.ParameterStore()
    other.update(store)
    computed = {name: g.copy() for name, g in arrays(grads_of(store)).items()}
    o.Adam(0.1).step(store, grads_of(store))
    rec = pg.Record()
    named = o.NamedGradients(rec, {name: rec.tensor(g) for name, g in computed.items()})
    assert (list(named), len(named), "head.bias" in named, repr(named)) == (
        NAMES, 4, True, f"NamedGradients({', '.join(NAMES)})",
    )  # fmt: skip
    assert ("tail" in named, named.get("tail"), named.get("head.bias") is named["head.bias"]) == (False, None, True)
    assert (named == named, named != o.NamedGradients(rec, dict(named)), len({named})) == (True, True, 1)
    o.Adam(0.1).step(other, named)
    for name in NAMES:
        np.testing.assert_allclose(other[name], store[name], rtol=1e-12)


def batches(rec: pg.Record, rows: np.ndarray) -> pg.Tensor:
    return ((rec.tensor(rows) @ rec.parameter("w")).tanh() - 0.5).square().sum()


@pytest.mark.parametrize("rule", [o.Adam(0.1), o.SGD(0.1, momentum=0.9), o.Groups({"*": o.AdamW(0.1)})], ids=repr)
@pytest.mark.parametrize("clipped", [False, True])
def test_accumulated_over_records_equals_the_whole_batch(rule: o.Optimizer, clipped: bool) -> None:
    rng = np.random.default_rng(0)
    rows, start = rng.normal(size=(12, 3)), rng.normal(size=3)
    stores = whole, within, across, kept = [pg.ParameterStore() for _ in range(4)]
    for made in stores:
        made.update({"w": start, "unused": start})

    def step(store: pg.ParameterStore, grads: Any) -> None:
        rule.step(store, o.clip_by_global_norm(grads, 0.1) if clipped else grads)

    for _ in range(3):
        step(whole, (batches(pg.Record(whole), rows) / 12.0).grad())

        rec = pg.Record(within)
        step(within, sum(batches(rec, part).grad() for part in np.split(rows, 4)) / 12.0)

        parts = [batches(pg.Record(across), part).grad().data() for part in np.split(rows, 4)]
        step(across, {name: sum(part[name] for part in parts) / 12.0 for name in parts[0]})

        total = pg.ParameterStore()
        for part in np.split(rows, 4):
            rec = pg.Record(kept)
            grads = batches(rec, part).grad()
            total.update({name: g + rec.load(total, name) if name in total else g for name, g in grads.items()})
        rec = pg.Record()
        step(kept, o.NamedGradients(rec, {name: rec.load(total, name) / 12.0 for name in total}))
    for made in stores:
        np.testing.assert_allclose(made["w"], whole["w"], rtol=1e-10)
        assert made["unused"].tolist() == start.tolist() != made["w"].tolist()


def test_gradients_as_arrays_are_computed_at_once_with_the_loss(store: pg.ParameterStore) -> None:
    rec = pg.Record(store)
    rec.parameter(NAMES[0])
    loss = loss_of(rec)
    beside = rec.parameter(NAMES[0]) * 3.0
    grads = loss.grad()
    pg.plan_cache_clear()
    found = grads.data()
    assert (loss.computed, beside.computed, pg.plan_cache().misses) == (True, False, 1)
    assert list(found) == grads.reached()
    for name, g in found.items():
        assert not g.flags.writeable
        np.testing.assert_array_equal(g, grads[name].data())
    half = o.clip_by_value(grads, 0.5)
    for name, g in half.data().items():
        np.testing.assert_array_equal(g, found[name].clip(-0.5, 0.5))
    assert (loss.stop_gradient().grad().data(), o.NamedGradients(pg.Record(), {}).data()) == ({}, {})


def test_tensors_by_name_are_part_of_their_records_plan() -> None:
    """What is done with gradients name by name leaves the step one plan, which also stores what the record noted."""
    store, twin = pg.ParameterStore(), pg.ParameterStore()
    for made in (store, twin):
        made.update({"w": [1.0, 2.0], "b": [0.5, 0.5]})
    rec = pg.Record(store)
    rec.next_state("steps", rec.state("steps", (), dtype="int64") + 1)
    grads = (rec.parameter("w") * rec.parameter("b")).square().sum().grad()
    pg.plan_cache_clear()
    o.Adam(0.1).step(store, {**{name: 0.5 * g for name, g in grads.items()}, "b": np.ones(2, "f4")})
    assert (pg.plan_cache().misses, store.state["steps"].item()) == (1, 1)
    o.Adam(0.1).step(twin, {"w": grads["w"].data() * 0.5, "b": [1.0, 1.0]})
    assert values(store) == values(twin)


def test_a_step_that_would_move_nothing_says_so_unless_that_is_meant() -> None:
    store, rule = pg.ParameterStore(), o.SGD(0.1, momentum=0.9)
    rule.step(store, pg.Record(store).tensor(1.0).grad())  # nothing to move
    store["x"] = 2.0
    for call in (
        lambda: rule.step(store, pg.Record(store).tensor(store["x"]).square().grad()),
        lambda: rule.step(store, (pg.Record(store).parameter("x").stop_gradient() * 2.0).grad()),
        lambda: rule.step(store, {}),
    ):
        with pytest.raises(pg.ParameterError, match=r"^step: "):
            call()
    rule.step(store, pg.Record(store).tensor(1.0).grad(), names=())
    o.Groups({"*": None}).step(store, pg.Record(store).parameter("x").grad())
    assert (store["x"].item(), list(store.state)) == (2.0, [])


# Edges ---------------------------------------------------------------------------------------------------------------


def steps_along(rule: o.Optimizer, start: Any, g: Any, steps: int) -> np.ndarray:
    store = pg.ParameterStore()
    store["w"] = start
    for _ in range(steps):
        rec = pg.Record()
        rule.step(store, o.NamedGradients(rec, {"w": rec.tensor(g)}))
    return store["w"]


def test_lamb_neither_leaves_zero_alone_nor_divides_by_it() -> None:
    zeros, ones = np.zeros((2, 2)), np.ones((2, 2))
    np.testing.assert_allclose(steps_along(o.LAMB(0.1), zeros, ones, 1), -0.1, rtol=1e-5)
    np.testing.assert_array_equal(steps_along(o.LAMB(0.1), ones, zeros, 3), ones)


@pytest.mark.parametrize("rule", [o.RMSprop(0.01, centered=True), o.RMSprop(0.01, centered=True, momentum=0.9)])
def test_centred_rmsprop_takes_a_constant_gradient(rule: o.Optimizer) -> None:
    g = np.float32(10.0) ** np.arange(-3, 3, 0.01).astype("float32")
    # The variance of what does not vary is rounding, on either side of 0.
    assert np.isfinite(steps_along(rule.replace(alpha=0.5), np.zeros_like(g), g, 60)).all()


@pytest.mark.parametrize(
    "rule",
    [
        o.SGD(0.1, 0.9), o.ASGD(decay=0.0), o.Adam(), o.Adam(amsgrad=True), o.AdamW(), o.NAdam(), o.RAdam(), o.LAMB(),
        o.RMSprop(), o.RMSprop(centered=True), o.Adagrad(), o.Adadelta(), o.Adafactor(), o.Lion(),
        o.Muon(weight_decay=0.0),
    ],
    ids=lambda rule: rule.name,
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_zero_gradients_move_nothing_but_by_decay(rule: o.Optimizer, dtype: str) -> None:
    rec = pg.Record()
    start, g = rec.arange(6, dtype=dtype).reshape(2, 3), rec.zeros((2, 3), dtype)
    end = steps_along(rule.replace(weight_decay=0.0), start, g, 7)
    np.testing.assert_array_equal(end, start)


@pytest.mark.parametrize(
    "rule", [o.SGD(0.1, 0.9), o.Adam(0.1), o.AdamW(0.1, amsgrad=True), o.NAdam(0.1), o.Adafactor()]
)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_narrow_parameters_take_the_steps_of_wide_ones_rounded(rule: o.Optimizer, dtype: str) -> None:
    rng = np.random.default_rng(0)
    narrow, wide = pg.ParameterStore(), pg.ParameterStore()
    narrow["w"] = pg.Record().tensor(rng.normal(size=(2, 3)), dtype)
    for _ in range(4):
        wide["w"] = narrow["w"].astype("f4")
        g = pg.Record().tensor(rng.normal(size=(2, 3)), dtype).astype("float32").data()
        rec = pg.Record(narrow)
        rule.step(narrow, (rec.parameter("w") * rec.tensor(g, dtype)).sum().grad())
        rule.step(wide, {"w": g})
        assert pg.Record(narrow).parameter("w").dtype == dtype
        rounded = pg.Record().tensor(wide["w"], dtype).data()
        np.testing.assert_array_equal(narrow["w"], rounded)
    assert {name: value.tolist() for name, value in narrow.state.items()} == {
        name: value.tolist() for name, value in wide.state.items()
    }
    rule.step(narrow, {"w": g})  # as `data()` has gradients of bfloat16


# Averages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("average", [o.ExponentialAverage(0.9), o.StochasticAverage()], ids=lambda a: a.name)
def test_averages_are_kept_beside_the_parameters(store: pg.ParameterStore, average: Any) -> None:
    store.update({"steps": 3, "narrow": np.float32(1.0)})
    with pytest.raises(pg.ParameterError, match=r"has no averages yet; call `update` after a step"):
        average.values(store)
    seen = []
    pg.plan_cache_clear()
    for k in range(4):
        store.update({name: store[name] + 1.0 for name in NAMES})
        store["steps"] = k
        seen.append(store["head.bias"])
        average.update(store)
    # The first averages are the values themselves, and a count that is made.
    assert (pg.plan_cache().misses, pg.plan_cache().hits) == ((1, 2) if average.name == "ema" else (2, 2))
    weights = [0.9**3, 0.1 * 0.9**2, 0.1 * 0.9, 0.1] if average.name == "ema" else [0.25] * 4
    means = average.values(store)
    np.testing.assert_allclose(means["head.bias"], np.tensordot(weights, seen, 1), rtol=1e-14)
    assert (list(means), means["steps"].item(), means["narrow"].dtype) == (list(store), 3, np.float32)
    assert store["head.bias"].tolist() == seen[-1].tolist()
    assert all(key.startswith(average.name) for key in store.state)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_averages_of_narrow_parameters_are_wide(dtype: str) -> None:
    """A mean of their own dtype would never move: a thousandth of what is new is below its last digit."""
    store, average = pg.ParameterStore(), o.ExponentialAverage(0.999)
    store["x"] = pg.Record().tensor([1.0], dtype)
    average.update(store)
    store["x"] = pg.Record().tensor([2.0], dtype)
    for _ in range(693):
        average.update(store)
    means = average.values(store)
    assert pg.Record(means).parameter("x").dtype == dtype
    np.testing.assert_allclose(means["x"], [1.5], atol=0.01)
    np.testing.assert_allclose(store.state["ema/x/mean"], [2.0 - 0.999**693], rtol=1e-4)


def test_average_that_does_not_fit_changes_nothing(store: pg.ParameterStore) -> None:
    average = o.ExponentialAverage()
    average.update(store)
    store["head.bias"] = np.ones(5)
    before = snapshot(store)
    with pytest.raises(
        pg.ShapeError, match=r"^ExponentialAverage: the average of `head\.bias` has shape \(2, 3\); expected \(5,\)"
    ):
        average.update(store)
    assert snapshot(store) == before


# Schedules -----------------------------------------------------------------------------------------------------------


def test_schedules_end_where_they_say() -> None:
    s = o.schedules
    assert s.Linear(2.0, 10, 1.0, 0.25)(10) == s.Linear(2.0, 10, 1.0, 0.25)(10**9) == 0.5
    assert s.Cosine(1.0, 10, 2, 0.125)(10) == s.Cosine(1.0, 10, 2, 0.125)(10**9) == 0.125
    assert [s.Cosine(1.0, 10, 4)(step) for step in range(5)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert s.OneCycle(1.0, 100)(99) == s.OneCycle(1.0, 100)(1000) == pytest.approx(1 / 25 / 1e4)
    assert max(s.OneCycle(1.0, 100)(step) for step in range(100)) == 1.0
    assert s.OneCycle(1.0, 1)(0) == s.OneCycle(1.0, 1)(5)
    assert s.Exponential(1.0, 2.0)(10**6) == np.inf
    assert s.Exponential(0.5, 0.5)(10**6) == 0.0


def test_plateau_compares_negative_losses_rightly() -> None:
    schedule = o.schedules.Plateau(1.0, gamma=0.5, patience=0, threshold=0.1)
    for loss, best, rate in ((-1.0, -1.0, 1.0), (-1.05, -1.0, 0.5), (-1.2, -1.2, 0.5), (float("nan"), -1.2, 0.25)):
        schedule = schedule.after(loss)
        assert (schedule.best, schedule.rate) == (best, rate)
    assert eval(repr(schedule), {**vars(o.schedules), "inf": np.inf}) == schedule


def test_plateau_never_raises_the_rate() -> None:
    schedule = o.schedules.Plateau(0.1, patience=0, end_rate=0.5)
    for _ in range(3):
        schedule = schedule.after(1.0)
    assert schedule.rate == 0.1


# Who is moved -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [o.SGD(0.1, momentum=0.9), o.Adam(0.1), o.AdamW(0.1, weight_decay=0.5)], ids=repr)
@pytest.mark.parametrize("clipped", [False, True])
def test_what_the_loss_does_not_reach_stays(rule: Any, clipped: bool) -> None:
    """As two networks of one record need it, each with steps of its own: momentum and decay move nothing else."""
    store = pg.ParameterStore()
    store.update({"g.w": [1.0, 2.0], "d.w": [3.0, 4.0], "n": 3})

    def step(cut: bool) -> None:
        rec = pg.Record(store)
        made, count = rec.parameter("g.w") * 2.0, rec.parameter("n")
        made = made.stop_gradient() if cut else made
        grads: Any = (made * rec.parameter("d.w") * count.astype("float32")).sum().grad()
        assert {*grads.reached()} == ({"d.w"} if cut else {"d.w", "g.w"})
        rule.step(store, o.clip_by_global_norm(grads, 1.0) if clipped else grads)

    step(False)
    before = store.copy()
    step(True)
    assert store["g.w"].tolist() == before["g.w"].tolist() != [1.0, 2.0]
    assert store["d.w"].tolist() != before["d.w"].tolist()
    assert store["n"].item() == 3
    assert {k: v.tolist() for k, v in store.state.items() if "/g.w/" in k} == {
        k: v.tolist() for k, v in before.state.items() if "/g.w/" in k
    }


def test_names_may_be_patterns() -> None:
    store = pg.ParameterStore()
    store.update({"a.w": 1.0, "a.b": 1.0, "c.w": 1.0})
    for names, moved in (
        ("a.w", {"a.w"}),
        ("a.*", {"a.w", "a.b"}),
        (["*.w"], {"a.w", "c.w"}),
        (["c.w", "a.b"], {"c.w", "a.b"}),
    ):
        before, rec = store.copy(), pg.Record(store)
        loss = rec.parameter("a.w") + rec.parameter("a.b") + rec.parameter("c.w")
        o.SGD(0.1).step(store, loss.grad(), names)
        assert {name for name in store if store[name] != before[name]} == moved
    for call, text in (
        (
            lambda g: o.SGD(0.1).step(store, g, "b.*"),
            "step: the pattern `b.*` fits no parameter; those reached are `a.w`",
        ),
        (
            lambda g: o.clip_by_norm(g, 1.0, ["x?"]),
            "clip_by_norm: the pattern `x?` fits no parameter; those reached are `a.w`",
        ),
        (lambda g: o.SGD(0.1).step(store, g, "b"), "gradients: there is no parameter `b`; known are `a.w`"),
    ):
        with pytest.raises(pg.ParameterError) as caught:
            call(pg.Record(store).parameter("a.w").grad())
        assert str(caught.value) == text
