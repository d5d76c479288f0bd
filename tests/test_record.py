"""The record: sharing, ownership, depth and width, gradients as values, and what it says about itself."""

from __future__ import annotations

import copy
import gc
import pickle
import re
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg

LONG = 1_000_000


@pytest.fixture
def rec() -> pg.Record:
    return pg.Record()


# Sharing -------------------------------------------------------------------------------------------------------------


def test_diamond_adds_both_ways(rec: pg.Record) -> None:
    x = rec.tensor([1.0, 2.0])
    a, b = x * 3.0, x.exp()
    loss = (a * b).sum()
    expected = 3.0 * np.exp([1.0, 2.0]) * (1.0 + np.array([1.0, 2.0]))
    np.testing.assert_allclose(loss.grad().wrt(x).data(), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x + x, [2.0, 2.0]),
        (lambda x: x - x, [0.0, 0.0]),
        (lambda x: x * x, [2.0, 4.0]),
        (lambda x: x / x, [0.0, 0.0]),
        (lambda x: pg.maximum(x, x), [1.0, 1.0]),
        (lambda x: pg.where(x > 1.5, x, x), [1.0, 1.0]),
        (lambda x: pg.concat([x, x, x]), [3.0, 3.0]),
        (lambda x: pg.stack([x, x]), [2.0, 2.0]),
        (lambda x: x @ x, [2.0, 4.0]),
        (lambda x: x.outer(x), [6.0, 6.0]),
        (lambda x: pg.einsum("i,i,i->", x, x, x), [3.0, 12.0]),
        (lambda x: x[[0, 0, 1]], [2.0, 1.0]),
        (lambda x: x.broadcast_to((3, 2)), [3.0, 3.0]),
    ],
    ids=["add", "subtract", "multiply", "divide", "maximum", "where", "concat", "stack", "matmul", "outer", "einsum",
         "take", "broadcast"],
)  # fmt: skip
def test_same_tensor_twice(rec: pg.Record, function: Callable[[pg.Tensor], pg.Tensor], expected: list[float]) -> None:
    x = rec.tensor([1.0, 2.0])
    assert function(x).sum().grad().wrt(x).tolist() == expected


def test_unreached_leaf_has_zeros_of_its_kind(rec: pg.Record) -> None:
    x, y = rec.tensor(1.0), rec.tensor(np.ones((2, 3)))
    g = (x * 2.0).grad().wrt(y)
    assert (g.tolist(), g.dtype) == ([[0.0] * 3] * 2, "float64")


# Ownership -----------------------------------------------------------------------------------------------------------

TWO_TENSORS = [
    "a + b", "a - b", "a * b", "a / b", "a // b", "a % b", "a ** b", "a @ b", "a < b", "a == b", "(a > 0) & (b > 0)",
    "(a > 0) | (b > 0)", "(a > 0) ^ (b > 0)", "pg.add(a, b)", "pg.maximum(a, b)", "pg.minimum(a, b)", "pg.atan2(a, b)",
    "pg.gate(a, b)", "pg.logical_and(a, b)", "pg.matmul(a, b)", "a.dot(b)", "a.outer(b)", "pg.einsum('i,i->', a, b)",
    "pg.where(a > 0, a, b)", "pg.where(b > 0, a, a)", "pg.clip(a, b, 1.0)", "a.clip(0.0, b)", "pg.concat([a, b])",
    "pg.stack([a, a, b])", "pg.mse(a, b)", "pg.binary_cross_entropy_with_logits(a, b)", "a.take(b.astype(int))",
    "a.gather(b.astype(int), 0)", "a[b.astype(int)]", "pg.cross_entropy(a, b.astype(int).sum())", "a.grad(b)",
    "a.sum().grad().wrt(b)", "a.sum().grad().why(b)", "a.sum().grad() + b.sum().grad()", "a.record.compute(b)",
    "a.record.compute(a, b)", "a.record.plan(b)", "layer.forward(b)", "layer.optimize(b.sum().grad())",
]  # fmt: skip


@pytest.mark.parametrize("call", TWO_TENSORS)
def test_tensors_of_two_records_do_not_meet(call: str) -> None:
    a, b = pg.Record(pg.ParameterStore()).tensor([1.0, 2.0]), pg.Record().tensor([1.0, 0.0])
    layer = pg.LinearLayer(a.record, 2, 2)
    with pytest.raises(pg.ForeignTensorError) as caught:
        eval(call, {"pg": pg, "a": a, "b": b, "layer": layer})
    assert set(re.findall(r"record (\d+)", str(caught.value))) == {str(a.record.id), str(b.record.id)}


def test_everything_outlives_the_name_of_its_record() -> None:
    x = pg.Record().tensor([1.0, 2.0])
    y = (x * x).sum()
    grads = y.grad()
    gone = weakref.ref(y.record)
    del y
    gc.collect()
    assert gone() is x.record is grads.record
    g = grads.wrt(x)
    del grads, x
    assert g.tolist() == [2.0, 4.0]
    del g
    gc.collect()
    assert gone() is None


def test_record_without_gradients_refuses_them() -> None:
    rec = pg.Record(grad=False)
    x = rec.tensor(2.0)
    with pytest.raises(pg.GradientError, match="grad=False"):
        (x * x).grad()
    assert (x * x).item() == 4.0


def test_keys_are_used_once_in_a_record() -> None:
    key, store = pg.Key(3), pg.Record()
    first = store.normal(key, (4,))
    for draw in (store.normal, store.uniform, lambda k: store.bernoulli(k, 0.5)):
        with pytest.raises(pg.KeyReuseError):
            draw(key)
    assert pg.Record().normal(key, (4,)).tolist() == first.tolist()
    assert len({*key.split(10), key, key.fold_in(0), key.fold_in(1)}) == 13
    assert (pg.Key(-1) == pg.Key(2**64 - 1), pg.Key(np.int64(3)) == key, key != 3) == (True, True, True)


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1, 2**200])
def test_seeds_of_more_than_64_bits_are_refused(seed: int) -> None:
    for make in (pg.Key, pg.reference.Key, pg.Key(0).fold_in, lambda seed: pg.ParameterStore(seed=seed)):
        with pytest.raises(ValueError, match=str(seed)):
            make(seed)


# Depth and width -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [100_000, LONG])
def test_long_chain_is_differentiated_computed_and_dropped(length: int) -> None:
    rec = pg.Record()
    x = y = rec.tensor(1.0, "float64")
    for _ in range(length):
        y = y * 1.0000001
    grads = y.grad()
    assert len(rec) > length
    np.testing.assert_allclose([y.item(), grads.wrt(x).item()], [1.0000001**length] * 2, rtol=1e-9)
    gone = weakref.ref(rec)
    del rec, x, y, grads
    assert gone() is None


def test_two_hundred_thousand_leaves_in_one_node(rec: pg.Record) -> None:
    leaves = [rec.tensor(float(i)) for i in range(200_000)]
    loss = pg.stack(leaves).square().sum()
    grads = loss.grad()
    last = [grads.wrt(x) for x in leaves]
    rec.compute(loss, *last)
    assert [g.item() for g in last[::20_000]] == [2.0 * i for i in range(0, 200_000, 20_000)]


def test_node_used_a_hundred_thousand_times(rec: pg.Record) -> None:
    x = y = rec.tensor(2.0)
    for _ in range(100_000):
        y = y + x
    joined = pg.concat([x[None]] * 100_000).sum()
    assert (y.item(), y.grad().wrt(x).item()) == (200_002.0, 100_001.0)
    assert (joined.item(), joined.grad().wrt(x).item()) == (200_000.0, 100_000.0)


# Gradients as values -------------------------------------------------------------------------------------------------


def test_cotangent_of_an_output_that_is_no_scalar(rec: pg.Record) -> None:
    x = rec.tensor([1.0, 2.0, 3.0])
    y = x * x
    for cotangent in ([1.0, 10.0, 100.0], np.array([1, 10, 100]), rec.tensor([1.0, 10.0, 100.0])):
        assert y.grad(cotangent).wrt(x).tolist() == [2.0, 40.0, 600.0]
    c = rec.tensor([1.0, 1.0, 1.0])
    assert y.grad(c).wrt(x).sum().grad().wrt(c).tolist() == [2.0, 4.0, 6.0]


def test_one_element_needs_no_cotangent(rec: pg.Record) -> None:
    x = rec.tensor([[3.0]])
    assert (x * x).grad().wrt(x).tolist() == [[6.0]]


def test_gradient_of_the_output_itself_is_one(rec: pg.Record) -> None:
    x = rec.tensor(3.0)
    assert [g.item() for g in (x.grad().wrt(x), x.sin().grad().wrt(x * 1.0))] == [1.0, 0.0]


def test_gradients_of_gradients(rec: pg.Record) -> None:
    x = y = rec.tensor(2.0)
    y = x**5
    for expected in (80.0, 160.0, 240.0, 240.0, 120.0, 0.0):
        y = y.grad().wrt(x)
        assert y.item() == expected


def test_gradients_add_and_scale(rec: pg.Record) -> None:
    x, y = rec.tensor([1.0, 2.0]), rec.tensor([3.0, 4.0])
    first, second = (x * y).sum().grad(), (x * x).sum().grad()
    total = 0.5 * (first + second * 2.0) / 0.5
    assert (total.wrt(x).tolist(), total.wrt(y).tolist()) == ([7.0, 12.0], [1.0, 2.0])
    assert total.wrt(x).sum().grad().wrt(x).tolist() == [4.0, 4.0]
    assert first.wrt(x).tolist() == [3.0, 4.0]
    assert ((second - first).wrt(x).tolist(), (-first).wrt(y).tolist()) == ([-1.0, 0.0], [-1.0, -2.0])
    assert (second - first).wrt(y).tolist() == (0 - first).wrt(y).tolist() == [-1.0, -2.0]
    with pytest.raises(pg.InputError, match="subtract gradients: cannot read int; expected gradients"):
        1 - first


def test_accumulated_micro_batches_are_the_whole_batch() -> None:
    store = pg.ParameterStore(seed=0)
    rec = pg.Record(store)
    w = rec.parameter("w", (3,))
    data = rec.tensor(np.random.default_rng(0).normal(size=(8, 3)).astype("f4"))
    parts = [(part @ w).square().sum().grad() for part in data.split(4)]
    total = parts[0] + parts[1] + parts[2] + parts[3]
    np.testing.assert_allclose(total["w"].data(), (data @ w).square().sum().grad()["w"].data(), rtol=1e-5)


def test_gradients_are_a_mapping_of_parameters() -> None:
    store = pg.ParameterStore()
    store.update({"a": 1.0, "b": [1.0, 2.0], "unused": 3.0})
    rec = pg.Record(store)
    a, b, unused = (rec.parameter(name) for name in store)
    grads = (a * b).sum().grad()
    assert list(grads) == grads.keys() == ["a", "b", "unused"]
    assert (len(grads), "a" in grads, "c" in grads) == (3, True, False)
    assert {name: g.tolist() for name, g in grads.items()} == {"a": 3.0, "b": [1.0, 1.0], "unused": 0.0}
    assert [g.tolist() for g in grads.values()] == [grads.wrt(p).tolist() for p in (a, b, unused)]
    assert grads.wrt("b").tolist() == [1.0, 1.0]
    got, default = grads.get("b"), grads.wrt(unused)
    assert got is not None
    assert (got.tolist(), grads.get("c"), grads.get("c", default) is default) == ([1.0, 1.0], None, True)
    for ask in (grads.__getitem__, grads.wrt):
        with pytest.raises(pg.ParameterError, match="`c`; known are `a`, `b`, `unused`"):
            ask("c")


def test_parameter_asked_for_twice_is_one_leaf() -> None:
    store = pg.ParameterStore()
    store["w"] = 3.0
    rec = pg.Record(store)
    loss = rec.parameter("w") * rec.parameter("w")
    assert loss.grad()["w"].item() == 6.0


@pytest.mark.parametrize(
    ("build", "answer"),
    [
        (lambda x: (x * 2.0, x), r"gradient recorded: %0 reaches the output %2"),
        (lambda x: (x * 2.0, x.record.tensor(1.0)), r"zero: %3 was recorded after the output %2"),
        (lambda x: (x.record.tensor(1.0) * 2.0, x), r"zero: %0 is not upstream of the output %3"),
        (lambda x: (x.stop_gradient() * 2.0, x), r"zero: cut by stop_gradient at .*test_record\.py:\d+"),
        (lambda x: (x.floor() * 2.0, x), r"zero: cut by `floor`, which is constant between its steps at .*\.py:\d+"),
        (lambda x: ((x > 0.0).astype("float32"), x), r"zero: cut by `greater`, whose result is bool at .*\.py:\d+"),
        (lambda x: (x * 2.0, x.astype(int)), r"no gradient: %3 has dtype int64, and only floats have gradients"),
    ],
    ids=["reaches", "after", "not-upstream", "stop-gradient", "steps", "bool", "integer"],
)
def test_why(rec: pg.Record, build: Callable[[pg.Tensor], tuple[pg.Tensor, pg.Tensor]], answer: str) -> None:
    loss, asked = build(rec.tensor(1.0))
    assert re.fullmatch(answer, loss.grad().why(asked))


# What a record and a tensor are in Python ----------------------------------------------------------------------------


def test_printed_record_shows_every_node_and_its_line() -> None:
    store = pg.ParameterStore()
    store["w"] = [1.0, 2.0]
    rec = pg.Record(store)
    w = rec.parameter("w")
    loss = (w * 2.0).sum()
    loss.grad()
    text = str(rec)
    assert text.startswith(f"record {rec.id} of {len(rec)} nodes\n")
    assert len(text.splitlines()) == len(rec) + 1
    for part in ("tensor()  float32 (2,)  `w`  computed, held", "multiply(%0, ", "backward", "test_record.py:"):
        assert part in text
    assert repr(rec) == f"<Record {rec.id} of {len(rec)} nodes>"


def test_representations(rec: pg.Record) -> None:
    x = rec.tensor([[1.0, 2.0]])
    y = x * 2.0
    assert repr(x) == "Tensor([[1.0, 2.0]], float32, shape=(1, 2), computed)"
    assert repr(y) == "Tensor(float32, shape=(1, 2), not computed)"
    y.data()
    assert repr(y) == "Tensor([[2.0, 4.0]], float32, shape=(1, 2), computed)"
    assert repr(rec.tensor([float("nan"), float("-inf")])) == "Tensor([nan, -inf], float32, shape=(2,), computed)"
    assert repr(rec.tensor([True])) == "Tensor([True], bool, shape=(1,), computed)"
    assert len(repr(rec.tensor(np.zeros(10**6)))) < 100


def test_tensors_are_values_by_identity(rec: pg.Record) -> None:
    x, y = rec.tensor([1.0, 2.0]), rec.tensor([1.0, 2.0])
    assert (x == y).tolist() == [True, True]
    assert {x: 1, y: 2}[x] == 1
    assert hash(x) == hash(x) != hash(y)
    assert (x != None) is True  # noqa: E711
    assert (copy.copy(x) is x, copy.deepcopy(x) is x) == (True, True)
    assert weakref.ref(x)() is x
    with pytest.raises(pg.NotScalarError):
        bool(x)
    assert (bool(x.sum()), bool(x[0] - 1.0), float(x[1]), int(x[1]), x[1].item()) == (True, False, 2.0, 2, 2.0)


@pytest.mark.parametrize("of", [lambda x: x, lambda x: x.record, lambda x: x.grad(), lambda x: x.record.plan(x)])
def test_nothing_that_lives_in_a_record_is_pickled(rec: pg.Record, of: Callable[[pg.Tensor], Any]) -> None:
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(of(rec.tensor(1.0)))


@pytest.mark.parametrize("value", [pg.float32, pg.bool, pg.Key(5), pg.Key(5).split()[1]], ids=repr)
def test_dtypes_and_keys_are_pickled_and_copied(value: Any) -> None:
    assert [pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)] == [value] * 3


@pytest.mark.parametrize("name", ["shape", "dtype", "record", "new"])
def test_attributes_cannot_be_set(rec: pg.Record, name: str) -> None:
    for value in (rec, rec.tensor(1.0), pg.Key(0), pg.float32, rec.tensor(1.0).grad()):
        with pytest.raises(AttributeError):
            setattr(value, name, 1)


def test_cycles_are_collected() -> None:
    class Store(pg.ParameterStore):
        pass

    store = Store()
    rec = pg.Record(store)
    store.kept = (rec, rec.tensor(1.0), rec.tensor(1.0).grad(), pg.LinearLayer(rec, 1, 1))
    gone = weakref.ref(rec)
    del store, rec
    gc.collect()
    assert gone() is None


# What is kept --------------------------------------------------------------------------------------------------------


def computed(rec: pg.Record) -> list[str]:
    """The operations whose values a record holds."""
    return [line.split()[2] for line in str(rec).splitlines()[1:] if " computed" in line]


def test_what_is_held_is_kept_and_what_is_dropped_is_not(rec: pg.Record) -> None:
    x = rec.tensor(np.ones(1000, "f4"))
    held = x.exp()
    y = (held.sin() + 1.0).sqrt()
    assert computed(rec) == ["tensor()"]
    y.data()
    assert computed(rec) == ["tensor()", "exp(%0)", f"sqrt(%{len(rec) - 2})"]
    del held, y
    assert computed(rec) == ["tensor()"]
    assert x.exp().sin().sum().item() == pytest.approx(1000 * np.sin(np.e), rel=1e-5)


def test_plan_of_dropped_intermediates_keeps_only_the_result(rec: pg.Record) -> None:
    x = rec.tensor(np.ones(1000, "f4"))
    chain = ((x * 2.0).exp() + 1.0).sqrt()
    held = x * 3.0
    branch = (held + 1.0).exp()
    plans = [str(rec.plan(y)).splitlines()[0] for y in (chain, branch)]
    assert ["4000 B kept" in plans[0], "8000 B kept" in plans[1]] == [True, True]
    assert (held.computed, chain.computed) == (False, False)


def test_failed_computation_stores_nothing(rec: pg.Record) -> None:
    x = rec.tensor([1, 2, 3])
    held = x * 2
    bad = held // (x - 1)
    with pytest.raises(pg.IntegerDivisionError):
        rec.compute(held, bad)
    assert not held.computed
    assert held.tolist() == [2, 4, 6]


# A failed call leaves no trace ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda x, c, m: x + np.ones((3, 3)),
        lambda x, c, m: pg.where(c, np.ones(7), x),
        lambda x, c, m: pg.concat([x, m]),
        lambda x, c, m: x.clip(np.zeros(5), 1.0),
        lambda x, c, m: pg.mse(x, np.zeros(3)),
        lambda x, c, m: pg.einsum("ij,j->i", x, x),
        lambda x, c, m: x.grad(np.ones(5, "f4")),
        lambda x, c, m: x.split(3),
    ],
    ids=["add", "where", "concat", "clip", "mse", "einsum", "grad", "split"],
)
def test_failed_call_records_nothing(call: Any) -> None:
    def program(fails: bool) -> None:
        rec = pg.Record()
        x = rec.tensor([1.0, 2.0])
        condition, matrix = x > 0, x[None]
        before = len(rec)
        if fails:
            with pytest.raises(pg.RecordError):
                call(x, condition, matrix)
        assert len(rec) == before
        assert (x * 2.0).sum().item() == 6.0

    program(False)
    misses = pg.plan_cache().misses
    program(True)
    assert pg.plan_cache().misses == misses, "the failed call changed the program"


def test_compute_takes_tensors_one_by_one_or_as_a_list(rec: pg.Record) -> None:
    x = rec.tensor([1.0, 2.0])
    y, z = x.exp(), x * 2.0
    rec.compute([y, z])
    assert y.computed
    assert z.computed
    assert len(rec.plan((x + 1.0, x + 2.0), fuse=False)) == 2
    with pytest.raises(pg.InputError, match="cannot read float; expected a tensor"):
        rec.compute([y, 1.0])
    with pytest.raises(pg.InputError, match="sizes stand together"):
        rec.zeros(2, 3)
