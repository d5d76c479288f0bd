"""Indices, places and orders beyond the table: ties, repeats, NaN, masks, threads, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from checker import check_gradient
from compare import array_of, assert_same_bits
from ops_table_indexing import CUBE, KEYS, MASK

NAN, INF = float("nan"), float("inf")


def gradient(f: Callable[[Any], Any], x: Any, cotangent: Any) -> list[float]:
    rec = pg.Record()
    t = rec.tensor(x, "float64")
    y = f(t)
    return y.grad(np.asarray(cotangent, str(y.dtype))).wrt(t).tolist()


# Masks without axes, and what is combined without what is there -------------------------------------------------------

SCALAR_MASKS = [
    (), (True,), (False,), (np.True_,), (np.array(False),), (True, 0), (0, True), (Ellipsis, True), (True, Ellipsis, 1),
    (slice(None), True), (True, [0, 1]), ([0, 1], True), (False, [0]), (None, True), (True, True), (slice(1), False, 1),
    (True, np.array([True, False])), (0, [1, 0], True),
]  # fmt: skip


@pytest.mark.parametrize("key", SCALAR_MASKS, ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3)], ids=str)
def test_masks_without_axes_pick_what_they_pick_in_numpy(shape: tuple[int, ...], key: tuple[Any, ...]) -> None:
    x = np.arange(np.prod(shape), dtype="float64").reshape(shape)
    want = x[key]
    rec = pg.Record()
    t = rec.tensor(x)
    assert_same_bits(array_of(t[key]), want)
    asked = tuple(rec.tensor(bool(k)) if isinstance(k, bool | np.bool_) else k for k in key)
    assert_same_bits(array_of(t[asked]), want)
    g = np.random.default_rng(0).normal(size=want.shape)
    spread = np.zeros_like(x)
    spread[key] = g
    assert_same_bits(array_of(t[key].grad(g).wrt(t)), spread)
    changed = x.copy()
    changed[key] = 7.0
    assert_same_bits(array_of(t.at[key].set(7.0)), changed)
    assert_same_bits(array_of(t.at[key].get()), want)


@pytest.mark.parametrize("key", [(), True, np.False_, np.array(True), (True, ...), (None, False)], ids=str)
def test_masks_pick_of_scalars_too(key: Any) -> None:
    x = np.array(3.0)
    t = pg.Record().tensor(x)
    assert_same_bits(array_of(t[key]), x[key])


def test_masks_of_scalars_that_are_not_known_yet_are_computed() -> None:
    t = pg.Record().tensor([1.0, 2.0])
    assert t[t.sum() > 2.0].tolist() == [[1.0, 2.0]]
    assert t.at[t.sum() > 5.0].set(0.0).tolist() == [1.0, 2.0]


def test_a_function_of_what_is_selected_takes_its_place() -> None:
    rec = pg.Record()
    x = rec.tensor([1.0, 4.0, 9.0])
    y = x.at[1:].apply(pg.sqrt)
    assert y.tolist() == [1.0, 2.0, 3.0]
    assert y.grad(np.array([1.0, 2.0, 6.0], "float32")).wrt(x).tolist() == [1.0, 0.5, 1.0]
    assert x.at[x > 3.0].apply(lambda some: some * 0.5).tolist() == [1.0, 2.0, 4.5]
    with pytest.raises(pg.ShapeError, match=r"^at\.set: values has shape \(3,\); expected \(2,\)"):
        x.at[1:].apply(lambda some: [1.0, 2.0, 3.0])
    with pytest.raises(ZeroDivisionError):
        x.at[1:].apply(lambda some: 1 / 0)


COMBINED = {"sum": np.sum, "prod": np.prod, "mean": np.mean, "amax": np.max, "amin": np.min}


@pytest.mark.parametrize("reduce", COMBINED)
def test_what_is_scattered_is_combined_without_what_is_there(reduce: str) -> None:
    rng = np.random.default_rng(2)
    x, index, v = rng.normal(size=(4, 3)), rng.integers(0, 3, (5, 3)), rng.permutation(15).reshape(5, 3) / 7.0 - 0.9
    want = x.copy()
    for place, column in np.ndindex(4, 3):
        met = v[index[:, column] == place, column]
        want[place, column] = COMBINED[reduce](met) if met.size else x[place, column]

    def call(a: Any, b: Any) -> Any:
        return a.scatter(0, index, b, reduce, include_self=False)

    rec = pg.Record()
    np.testing.assert_allclose(array_of(call(rec.tensor(x), rec.tensor(v))), want, rtol=1e-14)
    check_gradient(call, [x, v])
    if reduce != "mean":
        whole = [rec.tensor((a * 7).astype("int32")) for a in (x, v)]
        assert_same_bits(
            array_of(call(*whole)[:3]), array_of(call(*(w.astype("float64") for w in whole))[:3]).astype("int32")
        )


def test_equals_among_what_is_scattered_share() -> None:
    rec = pg.Record()
    x, v = rec.tensor([5.0, 5.0]), rec.tensor([2.0, 2.0, 1.0])
    grads = x.scatter(0, [0, 0, 0], v, "amax", include_self=False).grad(np.array([3.0, 7.0], "float32"))
    assert (grads.wrt(x).tolist(), grads.wrt(v).tolist()) == ([0.0, 7.0], [1.5, 1.5, 0.0])


# Indices ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "key"), KEYS, ids=str)
def test_brackets_pick_what_numpy_does(shape: tuple[int, ...], key: tuple[Any, ...]) -> None:
    x = np.arange(float(np.prod(shape))).reshape(shape)
    rec = pg.Record()
    t = rec.tensor(x)
    assert_same_bits(array_of(t[key]), x[key])
    if len(key) == 1:
        assert_same_bits(array_of(t[key[0]]), x[key])
    # Arrays and masks that are tensors, made of computations.
    computed = tuple(rec.tensor(np.asarray(k)) if isinstance(k, (list, np.ndarray)) else k for k in key)
    assert_same_bits(array_of(t[computed]), x[key])
    assert_same_bits(array_of(t.at[computed].set(-1.0)), _set(x, key))
    assert_same_bits(array_of(t.at[computed].get()), x[key])


def _set(x: np.ndarray, key: Any) -> np.ndarray:
    out = x.copy()
    out[key] = -1.0
    return out


def test_random_indices_pick_what_numpy_does() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        shape = tuple(rng.integers(1, 5, rng.integers(1, 5)))
        x = rng.standard_normal(shape)
        common = tuple(rng.integers(1, 3, rng.integers(0, 3)))

        def entry(size: int, common: tuple[int, ...] = common) -> Any:
            kind = rng.integers(5)
            if kind == 0:
                return int(rng.integers(-size, size))
            if kind == 1:
                return slice(*sorted(rng.integers(-size, size + 1, 2).tolist()))
            if kind == 2:
                return rng.random(size) < 0.6 if not common else slice(None, None, -1)
            return rng.integers(-size, size, common if rng.random() < 0.7 else (1,) * len(common))

        key = [entry(size) for size in shape]
        if rng.random() < 0.4:
            key.insert(int(rng.integers(len(key) + 1)), None)
        if rng.random() < 0.3:
            at = int(rng.integers(len(key)))
            key = [*key[:at], ..., *key[at + 1 :]] if key[at] is not None else key
        try:
            want = x[tuple(key)]
        except IndexError:
            continue  # masks of different counts do not broadcast
        rec = pg.Record()
        t = rec.tensor(x)
        assert_same_bits(array_of(t[tuple(key)]), np.asarray(want))
        assert_same_bits(array_of(t.at[tuple(key)].set(-1.0)), _set(x, tuple(key)))


def test_a_mask_may_depend_on_what_is_not_computed_yet() -> None:
    rec = pg.Record()
    x = rec.tensor([3.0, -1.0, 2.0])
    y = x[(x * 2.0) > 3.0]
    assert y.shape == (2,)
    assert y.tolist() == [3.0, 2.0]
    assert (y * y).sum().grad().wrt(x).tolist() == [6.0, 0.0, 4.0]


def test_a_mask_with_values_for_all_it_selects_is_not_computed() -> None:
    rec = pg.Record()
    x = rec.tensor([3.0, -1.0, 2.0])
    mask = x > 0.0
    y = x.at[mask].multiply(10.0)
    assert not mask.computed
    assert y.tolist() == [30.0, -1.0, 20.0]
    assert x.at[mask].set([7.0, 8.0]).tolist() == [7.0, -1.0, 8.0]


def test_the_last_of_several_values_for_one_place_has_the_gradient() -> None:
    rec = pg.Record()
    x, v = rec.tensor([1.0, 2.0, 3.0]), rec.tensor([10.0, 20.0, 30.0])
    y = x.at[[1, 1, 0]].set(v)
    assert y.tolist() == [30.0, 20.0, 3.0]
    grads = y.grad(np.array([0.5, 0.25, 2.0], "float32"))
    assert grads.wrt(x).tolist() == [0.0, 0.0, 2.0]
    assert grads.wrt(v).tolist() == [0.0, 0.25, 0.5]


def test_products_with_zeros_and_repeats_have_the_right_gradient() -> None:
    rec = pg.Record()
    x, v = rec.tensor([2.0, 3.0]), rec.tensor([0.0, 5.0, 0.0, 7.0])
    y = x.at[[0, 0, 1, -1]].multiply(v)
    grads = y.grad(np.array([1.5, -2.0], "float32"))
    assert y.tolist() == [0.0, 0.0]
    assert grads.wrt(x).tolist() == [0.0, 0.0]
    assert grads.wrt(v).tolist() == [15.0, 0.0, -42.0, 0.0]
    check_gradient(lambda a, b: a.at[[0, 0, 1, -1]].multiply(b), [np.array([2.0, 3.0]), np.array([0.0, 5.0, 0.0, 7.0])])


def test_equal_extremes_at_one_place_share() -> None:
    rec = pg.Record()
    x, v = rec.tensor([1.0, 5.0]), rec.tensor([5.0, 5.0, 0.0])
    grads = x.at[[1, 1, 0]].max(v).grad(np.array([2.0, 3.0], "float32"))
    assert grads.wrt(x).tolist() == [2.0, 1.0]
    assert grads.wrt(v).tolist() == [1.0, 1.0, 0.0]


def test_values_take_the_dtype_of_the_tensor_unless_they_are_floats_for_integers() -> None:
    rec = pg.Record()
    x = rec.tensor([1, 2, 3], "int32")
    assert x.at[1].set(rec.tensor(2**33 + 5, "int64")).tolist() == [1, 5, 3]
    assert rec.tensor([True, False]).at[1].set(True).tolist() == [True, True]
    with pytest.raises(pg.DTypeError):
        x.at[0].set(0.5)
    with pytest.raises(pg.DTypeError):
        x.at[0].divide(2)


def test_a_selection_can_be_used_again_and_changes_nothing() -> None:
    rec = pg.Record()
    x = rec.tensor([1.0, 2.0])
    keys = [0]
    chosen = x.at[keys]
    keys[0] = 1
    assert chosen.add(1.0).tolist() == [2.0, 2.0]
    assert chosen.mul(3.0).tolist() == chosen.multiply(3.0).tolist() == [3.0, 2.0]
    assert chosen.div(2.0).tolist() == chosen.divide(2.0).tolist() == [0.5, 2.0]
    assert chosen.pow(2.0).tolist() == chosen.power(2.0).tolist() == [1.0, 2.0]
    assert x.tolist() == [1.0, 2.0]


# Orders -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [5, 500])
def test_sorting_is_stable_with_nan_last(dtype: str, n: int) -> None:
    rng = np.random.default_rng(n)
    x = rng.choice([0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 1e-40], n).astype(dtype)
    rec = pg.Record()
    t = rec.tensor(x)
    assert_same_bits(array_of(t.argsort()), np.argsort(x, kind="stable"))
    assert_same_bits(array_of(t.sort()), x[np.argsort(x, kind="stable")])
    # The other way round NaN comes first, and equal elements still keep their order.
    key = np.where(np.isnan(x), INF, x.astype(float))
    order = sorted(range(n), key=lambda i: (not np.isnan(x[i]), -key[i], i))
    assert t.argsort(descending=True).tolist() == order
    assert t.topk(min(n, 7))[1].tolist() == order[:7]
    assert t.topk(3, largest=False)[1].tolist() == np.argsort(x, kind="stable")[:3].tolist()


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64"])
def test_sorting_takes_integers_of_any_size(dtype: str) -> None:
    rng = np.random.default_rng(1)
    ends = [0, 1] if dtype == "bool" else [np.iinfo(dtype).min, np.iinfo(dtype).max]
    for x in (rng.integers(0, 2, 400), rng.choice([*ends, 0, 1], 400), rng.choice([*ends, 0, 1], 9)):
        t = pg.Record().tensor(x.astype(dtype))
        assert_same_bits(array_of(t.argsort()), np.argsort(x.astype(dtype), kind="stable"))
        assert_same_bits(array_of(t.sort()), np.sort(x.astype(dtype)))


def test_searches_find_nan_last() -> None:
    s = np.array([-INF, 0.0, 1.0, NAN, NAN])
    v = np.array([NAN, -0.0, INF, 1.0, -INF])
    rec = pg.Record()
    for side in ("left", "right"):
        got = pg.searchsorted(rec.tensor(s), v, side)
        assert_same_bits(array_of(got), np.searchsorted(s, v, side))


def test_orders_of_scalars_and_nothing() -> None:
    rec = pg.Record()
    assert rec.tensor(2.0).sort().tolist() == 2.0
    assert rec.tensor(2.0).argsort(axis=None).tolist() == [0]
    assert rec.zeros((0,)).sort().shape == rec.zeros((0,)).unique().shape == (0,)
    assert rec.zeros((0,)).nonzero()[0].shape == (0,)
    assert rec.tensor(3.0).argwhere().shape == (1, 0)


def test_unique_tells_nan_apart_as_it_says() -> None:
    x = np.array([NAN, 1.0, NAN, -0.0, 0.0])
    t = pg.Record().tensor(x)
    # Of equal elements the first; which one NumPy takes depends on the processor.
    assert_same_bits(array_of(t.unique()), np.array([-0.0, 1.0, NAN]))
    assert_same_bits(array_of(t.unique_values()), np.array([-0.0, 1.0, NAN, NAN]))
    assert t.unique_counts()[1].tolist() == [2, 1, 1, 1]


def test_several_results_have_names() -> None:
    t = pg.Record().tensor([3.0, 1.0, 3.0])
    top = pg.topk(t, 2)
    assert (top.values.tolist(), top.indices.tolist()) == ([3.0, 3.0], [0, 2])
    assert repr(top).startswith("TopKResult(values=Tensor")
    for running in (t.cummax(0), t.cummin(0)):
        assert running._fields == ("values", "indices")
    found = t.unique_all()
    assert found._fields == ("values", "indices", "inverse_indices", "counts")
    assert found.counts.tolist() == t.unique_counts().counts.tolist() == [1, 2]
    assert found.inverse_indices.tolist() == t.unique_inverse().inverse_indices.tolist() == [1, 0, 1]


def test_running_extremes_keep_nan_and_find_the_first() -> None:
    t = pg.Record().tensor([1.0, 1.0, 3.0, NAN, 2.0, NAN])
    values, places = t.cummax(0)
    assert_same_bits(array_of(values), np.array([1.0, 1.0, 3.0, NAN, NAN, NAN], "float32"))
    assert places.tolist() == [0, 0, 2, 3, 3, 3]
    assert t.argmax().item() == t.argmin().item() == 3


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "float32", "float64"])
def test_extremes_are_the_first_of_equals(dtype: str) -> None:
    rng = np.random.default_rng(3)
    for shape in [(3, 1000), (1000, 3), (40, 64), (5,), (2, 17, 20)]:
        x = rng.integers(0, 2 if dtype == "bool" else 9, shape).astype(dtype)
        for axis in range(len(shape)):
            t = pg.Record().tensor(x)
            assert_same_bits(array_of(t.argmax(axis)), x.argmax(axis))
            assert_same_bits(array_of(t.argmin(axis)), x.argmin(axis))
    x = rng.standard_normal((2, 300)).astype("float32")
    x[0, [200, 250]] = NAN
    assert pg.Record().tensor(x).argmax(1).tolist() == x.argmax(1).tolist()


def test_gradients_of_ties_follow_the_order() -> None:
    assert gradient(lambda x: x.sort(), [2.0, 1.0, 2.0], [1.0, 2.0, 3.0]) == [2.0, 1.0, 3.0]
    assert gradient(lambda x: x.topk(2)[0], [5.0, 7.0, 7.0], [1.0, 2.0]) == [0.0, 1.0, 2.0]
    assert gradient(lambda x: x.cummax(0)[0], [1.0, 1.0, 0.0], [1.0, 2.0, 4.0]) == [7.0, 0.0, 0.0]
    assert gradient(lambda x: x.median(), [4.0, 1.0, 3.0, 2.0], 2.0) == [0.0, 0.0, 1.0, 1.0]
    assert gradient(lambda x: x.median(), [NAN, 1.0, 3.0], 2.0)[1:] == [0.0, 0.0]


# Reductions ---------------------------------------------------------------------------------------------------------


def test_products_with_zeros_need_no_division() -> None:
    assert gradient(lambda x: x.cumprod(0), [2.0, 0.0, 3.0, 4.0], [1.0] * 4) == [1.0, 32.0, 0.0, 0.0]
    assert gradient(lambda x: x.cumprod(0), [0.0, 0.0, 1.0], [2.0, 3.0, 5.0]) == [2.0, 0.0, 0.0]
    check_gradient(lambda x: x.cumprod(0), [np.array([2.0, 0.0, 3.0, 4.0])], order=3)
    check_gradient(lambda x: x.prod(), [np.array([2.0, 0.0, 3.0, 4.0])], order=3)


def test_norms_have_no_slope_where_all_is_zero() -> None:
    for p in (0, 1, 2, 3, 2.5, 0.5, INF):
        assert gradient(lambda x, p=p: x.norm(p), [0.0, 0.0], 3.0) == [0.0, 0.0], p
    assert gradient(lambda x: x.norm() ** 2, [0.0, 0.0], 3.0) == [0.0, 0.0]
    assert gradient(lambda x: x.norm(), [3.0, -4.0], 5.0) == [3.0, -4.0]
    assert gradient(lambda x: x.norm(INF), [2.0, -2.0, 1.0], 3.0) == [1.5, -1.5, 0.0]
    assert gradient(lambda x: x.norm(-INF), [2.0, -2.0], 3.0) == [1.5, -1.5]
    assert gradient(lambda x: x.norm(0), [2.0, 0.0], 3.0) == [0.0, 0.0]
    assert gradient(lambda x: x.norm(3), [0.0, 2.0], 3.0) == pytest.approx([0.0, 3.0])


def test_sums_of_exponentials_of_nothing() -> None:
    rec = pg.Record()
    x = rec.tensor([-INF, -INF, 1.0, INF, 2.0])
    assert x.logcumsumexp(0).tolist() == [-INF, -INF, 1.0, INF, INF]
    assert gradient(lambda x: x[:3].logcumsumexp(0), [-INF, -INF, 1.0], [1.0, 2.0, 3.0]) == [0.0, 0.0, 3.0]
    big = rec.tensor([1e4, 1e4, -1e4], "float64").logcumsumexp(0)
    assert big.tolist() == pytest.approx([1e4, 1e4 + np.log(2), 1e4 + np.log(2)])
    far = np.array([-1e3, 0.0, 1e3, 999.0])
    assert rec.tensor(far).logcumsumexp(0).tolist() == pytest.approx(np.logaddexp.accumulate(far))


def test_what_nan_reductions_say_of_nothing_else() -> None:
    rec = pg.Record()
    x = rec.tensor([[NAN, NAN], [1.0, NAN]])
    assert x.nansum(1).tolist() == [0.0, 1.0]
    assert x.nanprod(1).tolist() == [1.0, 1.0]
    for name in ("nanmean", "nanmax", "nanmin", "nanmedian", "nanvar", "nanstd"):
        first, second = getattr(x, name)(1).tolist()
        assert np.isnan(first), name
        assert second == (0.0 if name in ("nanvar", "nanstd") else 1.0), name
    assert gradient(lambda x: x.nanmean(), [NAN, 1.0, 3.0], 4.0) == [0.0, 2.0, 2.0]
    assert gradient(lambda x: x.nanstd(), [NAN, 2.0, 2.0], 4.0) == [0.0, 0.0, 0.0]


def test_histograms_put_every_number_between_its_edges() -> None:
    rng = np.random.default_rng(0)
    for n, bins in [(1000, 7), (1000, 64), (3, 5), (1, 4)]:
        x = np.round(rng.uniform(-1, 1, n), 2)
        counts, edges = pg.histogram(pg.Record().tensor(x), bins)
        want = np.histogram(x, np.asarray(edges.data()))[0]
        assert counts.tolist() == want.tolist()
        assert counts.data().sum() == n
    x = np.array([NAN, INF, -INF, 0.5, 1.0])
    assert pg.histogram(pg.Record().tensor(x), 2, (0.0, 1.0))[0].tolist() == [0, 2]


def test_interpolation_at_and_beyond_the_points() -> None:
    rec = pg.Record()
    x = rec.tensor([-1.0, 0.0, 1.0, 2.0, 5.0, NAN], "float64")
    got = pg.interp(x, rec.tensor([0.0, 1.0, 2.0], "float64"), rec.tensor([1.0, 3.0, 7.0], "float64"))
    np.testing.assert_array_equal(got.data(), [1.0, 1.0, 3.0, 7.0, 7.0, NAN])


# Threads ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def any_threads() -> Iterator[Callable[[Callable[[], np.ndarray]], list[np.ndarray]]]:
    before = pg.get_num_threads()

    def run(make: Callable[[], np.ndarray]) -> list[np.ndarray]:
        found = []
        for n in (1, 2, 5):
            pg.set_num_threads(n)
            found.append(make())
        return found

    yield run
    pg.set_num_threads(before)


HEAVY: dict[str, Callable[[Any, Any], Any]] = {
    "sort": lambda x, i: x.sort(None),
    "sort rows": lambda x, i: x.sort(-1),
    "sort columns": lambda x, i: x.argsort(0),
    "topk": lambda x, i: x.topk(40)[1],
    "gather": lambda x, i: x.take_along_axis(i, 1),
    "rows": lambda x, i: x[i[0]],
    "scatter": lambda x, i: x.scatter_add(0, i, x),
    "scatter rows": lambda x, i: x.index_add(0, i[0] * 0 + 3, x),
    "set": lambda x, i: x.at[i[0] // 7].set(x),
    "flat": lambda x, i: x.flatten().index_add(0, i.flatten() % 11, x.flatten()),
    "cumsum": lambda x, i: x.cumsum(0),
    "cumprod": lambda x, i: x.cumprod(1),
    "cummax": lambda x, i: x.cummax(1)[1],
    "argmax": lambda x, i: x.argmax(0),
    "search": lambda x, i: pg.searchsorted(x.sort(None), x),
    "gradient": lambda x, i: (x.take_along_axis(i, 1) ** 2).sum().grad().wrt(x),
}


@pytest.mark.parametrize("name", HEAVY)
def test_any_number_of_threads_gives_the_same_bits(name: str, any_threads: Any) -> None:
    rng = np.random.default_rng(0)
    x, i = rng.standard_normal((400, 400)).astype("float32"), rng.integers(0, 400, (400, 400))

    def make() -> np.ndarray:
        rec = pg.Record()
        return array_of(HEAVY[name](rec.tensor(x), rec.tensor(i)))

    first, *others = any_threads(make)
    for other in others:
        assert_same_bits(other, first)


# What is refused ------------------------------------------------------------------------------------------------------

ERRORS: list[tuple[Callable[[Any], Any], type[Exception], str]] = [
    (lambda x: x[[0, 5]].data(), pg.IndexOutOfRangeError,
     "gather: index 5 is out of range for axis 0 of size 2; use -2 to 1\nrecorded at"),
    (lambda x: x[[0, 1], [0, -4]].data(), pg.IndexOutOfRangeError,
     "index: index -4 is out of range for axis 1 of size 3; use -3 to 2\nrecorded at"),
    (lambda x: x[[0, 1], :, [2, 2**62]].data(), pg.IndexOutOfRangeError,
     "index: index 4611686018427387904 is out of range for axis 2 of size 4; use -4 to 3\nrecorded at"),
    (lambda x: x.at[[2]].set(1.0).data(), pg.IndexOutOfRangeError,
     "scatter: index 2 is out of range for axis 0 of size 2; use -2 to 1\nrecorded at"),
    (lambda x: x[2**63], pg.IndexOutOfRangeError,
     "index: index 9223372036854775807 is out of range for axis 0 of size 2; use -2 to 1"),
    (lambda x: x[np.array([True, False, True])], pg.IndexOutOfRangeError, "index: mask has shape (3,); expected (2,)"),
    (lambda x: x[:, np.ones((3, 5), bool)], pg.IndexOutOfRangeError, "index: mask has shape (3, 5); expected (3, 4)"),
    (lambda x: x.at[x.record.tensor([True])].set(1.0), pg.IndexOutOfRangeError,
     "index: mask has shape (1,); expected (2,)"),
    (lambda x: x[::0], pg.ArgumentError, "index: slice step is 0; expected a number other than 0"),
    (lambda x: x[..., ...], pg.IndexOutOfRangeError,
     "index: 0 indices and 2 ellipses for shape (2, 3, 4); use at most 3 and one ellipsis"),
    (lambda x: x[0.5], pg.InputError,
     "index: cannot read float; expected integers, slices, None, an ellipsis, integer arrays or masks"),
    (lambda x: x[[0.5]], pg.DTypeError, "index: dtype float32 does not fit; expected an integer index"),
    (lambda x: x[[0, 1], [0, 1, 2]], pg.ShapeError,
     "index: shapes (2,) and (3,) do not broadcast; each pair of sizes, counted from the right, must be equal or 1"),
    (lambda x: x.at[0].set([1.0, 2.0]), pg.ShapeError, "at.set: values has shape (2,); expected (3, 4)"),
    (lambda x: (x > 0).at[0].add(True), pg.DTypeError,
     "at.add: dtype bool does not fit; expected a number; convert with astype"),
    (lambda x: x.astype("int32").at[0].set(1.5), pg.DTypeError,
     "at.set: dtype float32 does not fit; expected values that the array can hold; convert one of both with astype"),
    (lambda x: x[pg.Record().tensor([0])], pg.ForeignTensorError, None),
    (lambda x: x.at[0].set(pg.Record().tensor(0.0)), pg.ForeignTensorError, None),
    (lambda x: pg.where(x > 0), pg.InputError,
     "where: cannot read a condition without two values; expected one for true and one for false; `nonzero` says where "
     "it is true"),
    (lambda x: x.sort(3), pg.AxisError, "sort: axis 3 is out of range for 3 axes; use -3 to 2"),
    (lambda x: x.sort("a"), pg.InputError, "argument: cannot read str; expected an integer"),
    (lambda x: x.topk(5, 0), pg.ArgumentError, "topk: k is 5 for axis 0 of size 2; expected between 0 and the size"),
    (lambda x: x.topk(-1), pg.ArgumentError, "topk: k is -1 for axis 2 of size 4; expected between 0 and the size"),
    (lambda x: pg.searchsorted(x[0, 0], x, "up"), pg.ArgumentError,
     'searchsorted: side is "up"; expected "left" or "right"'),
    (lambda x: pg.searchsorted(x, x[0]), pg.ShapeError, "searchsorted: values has shape (3, 4); expected (2, 3, 4)"),
    (lambda x: x.cummax(3), pg.AxisError, "cummax: axis 3 is out of range for 3 axes; use -3 to 2"),
    (lambda x: x.quantile(1.5), pg.ArgumentError, "quantile: q is 1.5; expected between 0 and 1"),
    (lambda x: x.percentile(NAN), pg.ArgumentError, "percentile: q is nan; expected between 0 and 100"),
    (lambda x: x[:0].median(), pg.ShapeError,
     "median: shape (0, 3, 4) has no elements to choose from; reduce axes of size 1 or more"),
    (lambda x: x.roll((1, 2), (0, 1, 2)), pg.ArgumentError,
     "roll: shift is 2 numbers for 3 axes; expected one number, or one for each axis"),
    (lambda x: x.roll((), 0), pg.ArgumentError,
     "roll: shift is 0 numbers for 1 axes; expected one number, or one for each axis"),
    (lambda x: x.tile(-1), pg.ArgumentError, "tile: reps is -1; expected 0 or more"),
    (lambda x: x.tile(2**40).tile(2**40), pg.ArgumentError, None),
    (lambda x: x.repeat([1, 2], 1), pg.ArgumentError,
     "repeat: repeats is 2 numbers for axis 1 of size 3; expected one number, or one for each place along the axis"),
    (lambda x: x.repeat([1, -2], 0), pg.ArgumentError, "repeat: repeats is -2; expected 0 or more"),
    (lambda x: x.repeat(2**62), pg.ArgumentError, None),
    (lambda x: x.one_hot(3), pg.DTypeError, "one_hot: dtype float32 does not fit; expected integer labels"),
    (lambda x: x.astype("int32").one_hot(10**18), pg.ArgumentError, None),
    (lambda x: x.diagonal(0, 1, -2), pg.AxisError, "diagonal: axis 1 is named twice; name each axis once"),
    (lambda x: x.diag(), pg.ShapeError, "diag: input of shape (2, 3, 4) has 3 axes; expected 1 or 2"),
    (lambda x: x[0, 0].triu(), pg.ShapeError, "triu: input of shape (4,) has 1 axes; expected at least 2"),
    (lambda x: x.unstack(3), pg.AxisError, "unstack: axis 3 is out of range for 3 axes; use -3 to 2"),
    (lambda x: x.array_split(0), pg.ArgumentError, "array_split: indices_or_sections is 0; expected 1 or more"),
    (lambda x: pg.meshgrid(x), pg.ShapeError, "meshgrid: input of shape (2, 3, 4) has 3 axes; expected at most 1"),
    (lambda x: pg.tensordot(x, x, 4), pg.ArgumentError,
     "tensordot: axes is 4; expected between 0 and the axes of either"),
    (lambda x: pg.tensordot(x, x, ([0], [1])), pg.ShapeError,
     "tensordot: the second tensor, along its axes, has shape (3,); expected (2,)"),
    (lambda x: pg.cross(x, x), pg.ArgumentError,
     "cross: size is 4; expected 3 elements along the axis"),
    (lambda x: pg.interp(x, [], []), pg.ShapeError,
     "interp: xp of shape (0,) has 1 axes; expected 1, and one point or more"),
    (lambda x: x.bincount(), pg.ShapeError, "bincount: input of shape (2, 3, 4) has 3 axes; expected 1"),
    (lambda x: x.record.tensor([1, -2]).bincount(), pg.ArgumentError,
     "bincount: the smallest number is -2; expected 0 or more"),
    (lambda x: pg.histogram(x, 0), pg.ArgumentError, "histogram: bins is 0; expected 1 or more"),
    (lambda x: pg.histogram(x, 2, (1.0, 0.0)), pg.ArgumentError,
     "histogram: range is (1.0, 0.0); expected two finite numbers, the smaller one first"),
    (lambda x: pg.scatter(x, 0, [[[0]]], [[[1.0]]], reduce="all"), pg.ArgumentError,
     'scatter: reduce is "all"; expected None, "sum", "prod", "mean", "amax" or "amin"'),
    (lambda x: x.scatter_add(0, [0], [1.0]), pg.ShapeError,
     "scatter_add: index of shape (1,) has 1 axes; expected as many axes as the input"),
    (lambda x: x.index_add(0, [0, 1, 1], x), pg.ShapeError,
     "index_add: source has shape (2, 3, 4); expected (3, 3, 4)"),
    (lambda x: x.cumulative_sum(), pg.ShapeError,
     "cumulative_sum: input of shape (2, 3, 4) has 3 axes; expected 1 without an axis"),
    (lambda x: x.average(weights=[1.0, 2.0], axis=1), pg.ShapeError,
     "average: weights has shape (2,); expected (2, 3, 4)"),
    (lambda x: x.cov(), pg.ShapeError, "cov: input of shape (2, 3, 4) has 3 axes; expected at most 2"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=[str(k) for k in range(len(ERRORS))])
def test_errors_say_what_does_not_fit(call: Callable[[Any], Any], error: type[Exception], text: str | None) -> None:
    x = pg.Record().ones(CUBE)
    with pytest.raises(error) as caught:
        call(x)
    assert type(caught.value) is error
    if text is not None:
        found = str(caught.value)
        assert found.startswith(text) if text.endswith("recorded at") else found == text


def test_unsigned_and_negative_indices() -> None:
    x = pg.Record().tensor([1.0, 2.0, 3.0])
    assert x[np.array([2, 0], "uint8")].tolist() == [3.0, 1.0]
    assert x[np.array([-1, -3], "int32")].tolist() == [3.0, 1.0]
    assert x.at[np.array([-1], "int32")].set(0.0).tolist() == [1.0, 2.0, 0.0]
    assert x[[-1, 0], None].shape == (2, 1)
    assert MASK.sum() == 3


@pytest.mark.parametrize(("name", "infinity"), [("nanmax", -np.inf), ("nanmin", np.inf)])
def test_gradient_of_extremes_that_are_infinite_goes_to_numbers(name: str, infinity: float) -> None:
    rows = [[np.nan, infinity, infinity], [np.nan, np.nan, infinity], [np.nan] * 3, [infinity, np.nan, 2.0]]
    x = pg.Record().tensor(rows)
    y = getattr(pg, name)(x, axis=1)
    assert np.array_equal(y, [infinity, infinity, np.nan, 2.0], equal_nan=True)
    expected = [[0.0, 0.5, 0.5], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert y.grad(np.ones(4, dtype="float32")).wrt(x).tolist() == expected


@pytest.mark.parametrize("shape", [(0,), (0, 4), (3, 0)])
def test_a_mask_of_nothing_selects_nothing(shape: tuple[int, ...]) -> None:
    data, mask = np.ones((3, 4)), np.zeros(shape, bool)
    rec = pg.Record()
    x = rec.tensor(data)
    for key in (mask, rec.tensor(mask)):
        y = x[key]
        assert y.shape == data[mask].shape
        assert y.sum().grad().wrt(x).tolist() == np.zeros((3, 4)).tolist()
        assert x.at[key].set(5.0).tolist() == data.tolist()
