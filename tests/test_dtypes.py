"""Dtypes that only store, and how all dtypes meet.

What every row of the table does with the dtypes that operations compute in is tested elsewhere. Here: on the others it
is the same, cast once; and against NumPy, where NumPy has them, at the ends of their ranges.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from compare import array_of, assert_close, assert_same_bits, tensors
from ops_table import EXAMPLES, LINALG, ROWS
from phonograd import reference
from rows import Example, Row

# What a dtype computes in.
CLASS = {"int8": "int32", "int16": "int32", "uint16": "int32", "uint32": "int64"}
CLASS |= {"float16": "float32", "bfloat16": "float32"}
INTEGERS = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
FLOATS = ("float16", "bfloat16", "float32", "float64")
DTYPES = ("bool", *INTEGERS, *FLOATS)
IN_NUMPY = tuple(dtype for dtype in DTYPES if dtype != "bfloat16")
LIBRARIES = pytest.mark.parametrize("lib", [pg, reference], ids=["phonograd", "reference"])


def bfloat16(x: Any) -> np.ndarray:
    """The nearest numbers of 8 binary digits, as float64: by arithmetic, in which every step is exact."""
    x = np.asarray(x, float)
    with np.errstate(all="ignore"):
        step = np.maximum(np.frexp(x)[1] - 8, -133)
        near = np.ldexp(np.round(np.ldexp(x, -step)), step)
        beyond = np.where(np.abs(near) >= 2.0**128, np.inf, np.abs(near))
        return np.copysign(np.where(np.isfinite(x), beyond, np.abs(x)), x)


def cast(x: np.ndarray, dtype: str) -> np.ndarray:
    """As `astype`: floats to integers are cut off and held at the ends of the range, nan is 0."""
    if dtype == "bfloat16":
        with np.errstate(all="ignore"):
            return bfloat16(x).astype("float32")
    if x.dtype.kind == "f" and dtype in INTEGERS:
        limits = np.iinfo(dtype)
        whole = [0 if v != v else int(min(max(v, -(2.0**65)), 2.0**65)) for v in x.ravel().tolist()]
        return np.array([min(max(v, limits.min), limits.max) for v in whole], dtype).reshape(x.shape)
    with np.errstate(all="ignore"):
        return x.astype(dtype)


def values(*outputs: Any, **how: Any) -> list[np.ndarray]:
    outputs[0].record.compute(*outputs, **how)
    return [array_of(output) for output in outputs]


def extremes(dtype: str) -> np.ndarray:
    """Ends of the range and what is next to them, small numbers; of floats subnormals, zeros, infinities, nan, too."""
    if dtype == "bool":
        return np.array([False, True])
    if dtype in INTEGERS:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        numbers = {low, low + 1, high // 2, high - 1, high, 0, 1, 2, 3, 7, max(low, -1), max(low, -7)}
        return np.array(sorted(numbers), dtype)
    digits, top = {"float16": (11, 15), "bfloat16": (8, 127), "float32": (24, 127), "float64": (53, 1023)}[dtype]
    # The largest, one, the smallest that is normal, and the smallest; and numbers beside the first two.
    sizes = [(2 - 2.0 ** (1 - digits)) * 2.0**top, 2.0**top, 1 + 2.0 ** (1 - digits), 1, 0.1, 2.0 ** (1 - top)]
    sizes += [2.0 ** (2 - top - digits), 3, 300, 0, np.inf]
    x = np.array([*sizes, *(-v for v in sizes), np.nan])
    return bfloat16(x).astype("float32") if dtype == "bfloat16" else x.astype(dtype)


# One rule -------------------------------------------------------------------------------------------------------------


def weak(example: Example) -> bool:
    """Floats among the arguments, which a narrow tensor rounds to its own dtype before it computes."""
    return any(isinstance(v, float) and bfloat16(v) != v for v in [*example.case.args, *example.case.kwargs.values()])


# Calls that make tensors of float32 on the way, in which the others meet them.
MIXED = {"interp", "at", *(row.name for row in LINALG)}
NARROWED = [e for e in EXAMPLES if e.case.shapes and e.row.name not in MIXED and not weak(e)]


@pytest.mark.parametrize("example", NARROWED, ids=lambda e: e.id)
def test_what_only_stores_computes_in_its_class_and_is_cast_once(example: Example) -> None:
    floats = [a.dtype == float for a in example.sample()]
    for dtype, wide in CLASS.items():
        sampled = example.sample(wide)
        narrow = [cast(a, dtype) if given else a for a, given in zip(sampled, floats, strict=True)]
        kinds = [dtype if given else None for given in floats]

        def run(arrays: list[np.ndarray], kinds: list[str | None]) -> Any:
            rec = pg.Record()
            return example.run(pg, rec, *(rec.tensor(a, kind) for a, kind in zip(arrays, kinds, strict=True)))

        try:
            computed = run(narrow, [wide if given else None for given in floats])
        except pg.DTypeError:
            with pytest.raises(pg.DTypeError):
                run(narrow, kinds)
            continue
        stored = run(narrow, kinds)
        (got,), (want,) = values(stored), values(computed)
        kept = computed.dtype == wide and not example.case.dtype and example.row.dtype in ("same", "number")
        assert stored.dtype == dtype or not kept
        assert_same_bits(got, cast(want, stored.dtype.name))
        assert_same_bits(values(run(narrow, kinds), fuse=False)[0], got)


DECOMPOSED = [
    pg.linalg.cholesky, pg.linalg.inv, pg.linalg.det, pg.linalg.eigvalsh, pg.linalg.svdvals, pg.linalg.pinv,
    lambda a: pg.linalg.qr(a)[0], lambda a: pg.linalg.svd(a)[2], lambda a: pg.linalg.eigh(a)[1],
    lambda a: pg.linalg.slogdet(a)[1], lambda a: pg.linalg.solve(a, a[0]), lambda a: pg.linalg.lstsq(a, a)[0],
    lambda a: pg.linalg.matrix_norm(a), lambda a: pg.linalg.matrix_power(a, -2), lambda a: pg.linalg.expm(a),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_matrices_are_decomposed_in_float32(dtype: str) -> None:
    a = np.random.default_rng(12).normal(0, 1, (5, 5))
    x = cast(a @ a.T + np.eye(5), dtype)
    for f in DECOMPOSED:
        got, want = f(pg.Record().tensor(x, dtype)), f(pg.Record().tensor(x, "float32"))
        assert got.dtype == dtype
        assert_same_bits(got.data(), cast(want.data(), dtype))


# Promotion ------------------------------------------------------------------------------------------------------------


def met(left: str, right: str) -> str | None:
    """As NumPy promotes integers; floats win over integers of any width, as in the Array API they need not meet."""
    if left == right:
        return left
    floats = [d for d in (left, right) if d in FLOATS]
    if len(floats) == 1:
        return floats[0]
    if floats:
        return "float32" if set(floats) == {"float16", "bfloat16"} else max(floats, key=FLOATS.index)
    found = np.promote_types(left, right).name
    return None if found == "float64" else found


@LIBRARIES
@pytest.mark.parametrize("right", DTYPES)
@pytest.mark.parametrize("left", DTYPES)
def test_two_dtypes_meet(left: str, right: str, lib: Any) -> None:
    rec = lib.Record()
    a, b = rec.ones((2,), left), rec.ones((2,), right)
    wider = met(left, right)
    calls = [lambda: lib.where(rec.tensor([True, False]), a, b), lambda: lib.concat([a, b]), lambda: lib.stack([a, b])]
    if wider != "bool":
        calls += [lambda: a + b, lambda: lib.maximum(a, b), lambda: lib.matmul(a, b), lambda: b * a]
    for call in calls:
        if wider is None:
            with pytest.raises(lib.DTypeError, match=r"both u?int\d+ and u?int\d+"):
                call()
        else:
            assert call().dtype == wider
    if wider is not None:
        assert (a == b).dtype == lib.logical_and(a, b).dtype == "bool"
        assert lib.divide(a, b).dtype == (wider if wider in FLOATS else "float32")


@LIBRARIES
@pytest.mark.parametrize("dtype", DTYPES)
def test_python_numbers_are_weak_and_must_fit(dtype: str, lib: Any) -> None:
    rec = lib.Record()
    x = rec.ones((2,), dtype)
    assert (x + 1).dtype == (1 + x).dtype == ("int64" if dtype == "bool" else dtype)
    assert (x + 1.5).dtype == (dtype if dtype in FLOATS else "float32")
    if dtype in INTEGERS:
        for number in (np.iinfo(dtype).max, np.iinfo(dtype).min):
            assert (x * number).tolist() == [number] * 2
            beyond = int(number) + (1 if number > 0 else -1)
            for call in (x.__add__, lambda n: rec.full((2,), n, dtype), lambda n: rec.tensor([n], dtype)):
                with pytest.raises(lib.OutOfRangeError):
                    call(beyond)


@pytest.mark.parametrize("dtype", DTYPES)
def test_lists_meet_as_their_numbers_do(dtype: str) -> None:
    rec = pg.Record()
    x, integers, floats, column = rec.ones((2,), dtype), [1, 2], [0.5, 1], [[1], [2]]
    assert (x + integers).dtype == (integers + x).dtype == pg.maximum(x, (1, 2)).dtype == (x + 1).dtype
    assert (x + floats).dtype == pg.where(x > 0, x, floats).dtype == (x + 0.5).dtype
    assert (x == [True, False]).tolist() == [True, False]
    assert (x + column).tolist() == [[2, 2], [3, 3]]
    if dtype in INTEGERS:
        with pytest.raises(pg.OutOfRangeError):
            pg.add(x, [0, int(np.iinfo(dtype).max) + 1])


def test_a_list_loses_nothing_where_it_meets_float64() -> None:
    x = pg.Record().ones((2,), "float64")
    assert (x * [0.1, 0.2]).tolist() == [0.1, 0.2]
    assert (x @ [0.1, 0.2]).item() == 0.1 + 0.2
    assert x.at[0].set([0.1]).tolist() == [0.1, 1.0]
    assert pg.concat([[0.1], x]).tolist() == [0.1, 1.0, 1.0]
    assert pg.einsum("i,i->", [0.1, 0.0], x).item() == 0.1
    assert x.record.full((1, 2), x * 0.1).tolist() == [[0.1, 0.1]]
    assert x.record.full(2, [0.1, 0.2], "float64").tolist() == [0.1, 0.2]


@pytest.mark.parametrize("bad", [[1.0, "2"], [[1.0], [1.0, 2.0]], [None], [{}]])
def test_what_is_no_list_of_numbers_is_no_operand(bad: list[Any]) -> None:
    x = pg.Record().ones(2)
    for call in (lambda: pg.add(x, bad), lambda: pg.concat([x, bad]), lambda: pg.where(x > 0, x, bad)):
        with pytest.raises((pg.InputError, pg.RaggedError)):
            call()


@pytest.mark.parametrize("dtype", INTEGERS)
def test_comparisons_are_exact_with_numbers_out_of_range(dtype: str) -> None:
    x = extremes(dtype)
    t = pg.Record().tensor(x)
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    for number in (low - 1, low, low + 1, 0, high - 1, high, high + 1, 10**30, -(10**30), float("inf"), float("-inf")):
        exact = [int(v) for v in x]
        assert (t < number).tolist() == [v < number for v in exact]
        assert (t >= number).tolist() == [v >= number for v in exact]
        assert (t == number).tolist() == [v == number for v in exact]
        assert pg.greater(number, t).tolist() == [number > v for v in exact]


# In and out -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_names_sizes_and_elements(dtype: str) -> None:
    kind = getattr(pg, dtype)
    assert (kind.name, str(kind), kind == dtype) == (dtype, dtype, True)
    x = extremes(dtype)
    rec = pg.Record()
    t = rec.tensor(x, dtype)
    assert (t.dtype, t.dtype.itemsize) == (kind, {"bfloat16": 2}.get(dtype, x.dtype.itemsize))
    assert_same_bits(t.data(), x)
    for at in range(len(x)):
        item = t[at].item()
        assert type(item) is {"b": bool, "i": int, "u": int, "f": float}[x.dtype.kind]
        assert item == x[at].item() or item != item
    if dtype != "bfloat16":
        assert np.asarray(t).dtype == np.dtype(kind) == dtype
        assert_same_bits(rec.tensor(t.data()).data(), x)
    assert_same_bits(rec.tensor(t).data(), x)


def test_elements_are_shown_with_the_digits_they_need() -> None:
    rec = pg.Record()
    for dtype in ("float16", "bfloat16"):
        numbers = [0.1, 0.0, -2.5, 300.0, float("inf"), float("nan")]
        assert (
            repr(rec.tensor(numbers, dtype))
            == f"Tensor([0.1, 0.0, -2.5, 300.0, inf, nan], {dtype}, shape=(6,), computed)"
        )
    assert repr(rec.tensor([2**64 - 1])) == "Tensor([18446744073709551615], uint64, shape=(1,), computed)"


@pytest.mark.parametrize("dtype", DTYPES)
def test_leaves_are_made_in_every_dtype(dtype: str) -> None:
    rec = pg.Record()
    for leaf, number in ((rec.zeros((2, 3), dtype), 0), (rec.ones((2, 3), dtype), 1), (rec.full((2, 3), 1, dtype), 1)):
        assert leaf.dtype == leaf.zeros_like().dtype == leaf.full_like(1).dtype == dtype
        assert leaf.tolist() == [[number] * 3] * 2
    assert rec.eye(2, dtype=dtype).tolist() == [[1, 0], [0, 1]]
    if dtype != "bool":
        assert rec.arange(3, 9, 2, dtype).tolist() == [3, 5, 7]
        assert rec.arange(5, 0, -2, dtype).tolist() == [5, 3, 1]
    if dtype in FLOATS:
        assert rec.linspace(0, 1, 5, dtype=dtype).tolist() == [0, 0.25, 0.5, 0.75, 1]
        assert rec.full((), 0.1, dtype).item() == cast(np.array(0.1), dtype).item()
    else:
        assert rec.tensor([True, False], dtype=dtype).tolist() == [1, 0]
    big = rec.arange(2**64 - 3, 2**64 - 1, dtype="uint64")
    assert big.tolist() == [2**64 - 3, 2**64 - 2]
    assert rec.tensor([2**64 - 1, 0]).dtype == rec.full((), 2**63).dtype == "uint64"
    with pytest.raises(pg.OutOfRangeError, match="-1 is no uint64"):
        rec.tensor([2**63, -1])


def test_bfloat16_arrays_of_other_packages_are_read() -> None:
    """By the name of their dtype and by their bits, for they have no buffer."""
    ml_dtypes = pytest.importorskip("ml_dtypes")
    bits = np.array([[0x3F80, 0xC000, 0x7FC0], [0x0001, 0x8000, 0x7F80]], "uint16")
    x = bits.view(ml_dtypes.bfloat16)
    for array in (x, x.T, x[:, ::-2], x[0, 0], np.asfortranarray(x)):
        t = pg.Record().tensor(array)
        assert t.dtype == "bfloat16"
        assert_same_bits(t.data(), np.asarray(array).astype("float32"))
    assert pg.Record().tensor([1.0], ml_dtypes.bfloat16).dtype == pg.bfloat16


def test_objects_that_make_bfloat16_arrays_are_read() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")

    class Foreign:
        def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
            return np.array([1.5, -2.0], ml_dtypes.bfloat16)

    t = pg.Record().tensor(Foreign())
    assert (t.dtype, t.tolist()) == ("bfloat16", [1.5, -2.0])
    assert (pg.Record().tensor([2.0], "bfloat16") * Foreign()).tolist() == [3.0, -4.0]


# Casts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", DTYPES)
@pytest.mark.parametrize("source", DTYPES)
def test_casts(source: str, target: str) -> None:
    """Integers wrap, floats saturate and round once, nan is 0: between all pairs, fused, not, and in the reference."""
    x = extremes(source)
    if source in FLOATS:
        # Next to halves of narrow floats, where rounding twice would show.
        halves = [1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40, 1 + 2.0**-8 + 2.0**-40, 2.0**-25 * 1.01]
        x = np.concatenate([x, cast(np.array(halves), source)])
    want = cast(x, target)
    for fuse in (True, False):
        (got,) = values(pg.Record().tensor(x, source).astype(target), fuse=fuse)
        assert_same_bits(got, want)
    checked = reference.Record().tensor(x.tolist(), source).astype(target)
    assert [v if v == v else None for v in checked.tolist()] == [v if v == v else None for v in want.tolist()]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_every_number_is_rounded_to_the_nearest(dtype: str) -> None:
    """All numbers there are, the middle of each two, and its neighbours, from float32 and from float64."""
    bits = np.arange(2**16, dtype="uint16")
    numbers = bits.view("float16") if dtype == "float16" else (bits.astype("uint32") << 16).view("float32")
    numbers = np.sort(numbers[np.isfinite(numbers)]).astype(float)
    middle = (numbers[:-1] + numbers[1:]) / 2
    wide = np.concatenate([numbers, middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)])
    for source in ("float32", "float64"):
        with np.errstate(over="ignore"):
            x = wide.astype(source)
        got = pg.Record().tensor(x).astype(dtype).data()
        assert_same_bits(got, cast(x, dtype))


# Values at the ends of the range, against NumPy -----------------------------------------------------------------------

ELEMENTWISE = [row for row in ROWS if row.elementwise]
# Exact in float32, so that NumPy, which computes float16 there too, has the same bits.
EXACT = (
    "add", "subtract", "multiply", "divide", "sqrt", "square", "reciprocal", "neg", "abs", "sign", "copysign", "floor",
    "ceil", "trunc", "round", "maximum", "minimum", "fmod", "remainder", "floor_divide",
)  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_float16_is_numpys_bit_for_bit(name: str) -> None:
    rng = np.random.default_rng(3)
    bits = rng.integers(0, 2**16, (2, 20_000)).astype("uint16").view("float16")
    points = np.array(list(itertools.product(extremes("float16"), repeat=2)), "float16").T
    x, y = np.concatenate([bits, points], 1)
    function = getattr(np, {"neg": "negative", "round": "rint"}.get(name, name))
    arrays = [x, y] if function.nin == 2 else [x]
    with np.errstate(all="ignore"):
        want = function(*arrays)
        if name in ("remainder", "floor_divide"):
            # Here NumPy rounds to float16 in between. Ours is the exact result, where a float32 has its digits.
            exact = np.isfinite(want) & (np.abs(x.astype(float)) < 2**12 * np.abs(y.astype(float)))
            want = np.where(exact, function(x.astype(float), y.astype(float)), 0).astype("float16")
    rec = pg.Record()
    (got,) = values(getattr(pg, name)(*tensors(rec, arrays)))
    if name in ("remainder", "floor_divide"):
        got = np.where(exact, got, np.float16(0))
    assert_same_bits(got, want)


def test_each_step_of_a_chain_is_rounded() -> None:
    """What one loop computes in float32 is rounded between its steps, as it is in NumPy."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-4, 4, (2, 300, 70)).astype("float16")
    rec = pg.Record()
    a, b = tensors(rec, [x, y])
    chain = lambda p, q: ((p * q + p) * q - p / (q + 3) + 0.1) * 1.7  # noqa: E731
    with np.errstate(all="ignore"):
        want = chain(x, y)
    for fuse in (True, False):
        assert_same_bits(values(chain(a, b), fuse=fuse)[0], want)
    # A cast down and up again is no identity.
    wide = rec.tensor(np.array([1.0001, 70000.0], "float32"))
    assert (wide.astype("float16").astype("float32") * 1.0).tolist() == [1.0, np.inf]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("row", [row for row in ELEMENTWISE if row.dtype != "float"], ids=lambda row: row.name)
def test_integers_at_the_ends_of_their_range(row: Row, dtype: str) -> None:
    x = extremes(dtype)
    two = len(row.samplers) == 2 or row.cases[0].shapes == ((), ())
    arrays = [np.ascontiguousarray(a.ravel()) for a in np.meshgrid(x, x)] if two else [x]
    if row.name in ("floor_divide", "remainder", "fmod"):
        arrays = [a[arrays[1] != 0] for a in arrays]
    if row.name == "power":
        arrays = [a[(arrays[1] >= 0) & (arrays[1] < 100)] for a in arrays]
    if row.name in ("left_shift", "right_shift"):
        arrays = [a[(arrays[1] >= 0) & (arrays[1] < np.iinfo(dtype).bits)] for a in arrays]
    example = Example(row, row.cases[0], row.name)
    rec = pg.Record()
    (got,) = values(example.run(pg, rec, *tensors(rec, arrays)))
    with np.errstate(all="ignore"):
        want = np.asarray(row.oracle(*arrays, *example.case.args, **example.case.kwargs)) if row.oracle else None
    if row.in_reference:
        rec = reference.Record()
        want = array_of(example.run(reference, rec, *tensors(rec, arrays)))
    assert want is not None
    assert_close(got, want, row.ulps)


@pytest.mark.parametrize("dtype", IN_NUMPY)
def test_reductions_and_sums_along_an_axis(dtype: str) -> None:
    rng = np.random.default_rng(2)
    x = rng.choice(extremes(dtype)[np.isfinite(extremes(dtype))], (5, 40, 3))
    if dtype in FLOATS:
        x = rng.normal(0, 100, x.shape).astype(dtype)
    rec = pg.Record()
    t = rec.tensor(x)
    wide = x.astype(float) if dtype in FLOATS else x
    with np.errstate(all="ignore"):
        for axis in (None, 0, 1, 2, (0, 2)):
            for name in ("max", "min", "any", "all", "count_nonzero"):
                assert_same_bits(getattr(pg, name)(t, axis).data(), np.asarray(getattr(np, name)(x, axis)))
            total, product = t.sum(axis), t.prod(axis)
            assert total.dtype == (dtype if dtype in FLOATS else np.sum(x).dtype.name)
            if dtype not in FLOATS:
                assert_same_bits(total.data(), np.asarray(np.sum(x, axis)))
                assert_same_bits(product.data(), np.asarray(np.prod(x, axis)))
            elif dtype == "float16":
                # Accumulated in more digits, rounded once.
                assert_same_bits(total.data(), np.asarray(np.sum(wide, axis).astype(dtype)))
                np.testing.assert_allclose(t.mean(axis).data(), np.mean(wide, axis), 6e-4)
                np.testing.assert_allclose(t.var(axis).data().astype(float), np.var(wide, axis), 6e-4)
        for axis in (0, 1, 2):
            for name in ("argmax", "argmin"):
                assert getattr(pg, name)(t, axis).tolist() == getattr(np, name)(x, axis).tolist()
            if dtype not in FLOATS:
                assert_same_bits(t.cumsum(axis).data(), np.cumsum(x, axis))
                assert_same_bits(t.cumprod(axis).data(), np.cumprod(x, axis))
    large = rec.full((100_000,), (dtype != "bool" and 3) or 1, dtype)
    one = int(large[0].item())
    assert large.sum().item() == (cast(np.array(300_000.0), dtype).item() if dtype in FLOATS else one * 100_000)
    assert large.mean().item() == one


@pytest.mark.parametrize("dtype", DTYPES)
def test_sorting_and_searching(dtype: str) -> None:
    x = np.random.default_rng(4).permutation(np.repeat(extremes(dtype), 3))
    rec = pg.Record()
    t = rec.tensor(x, dtype)
    # Both zeros are one, and stay in the order in which they come.
    np.testing.assert_array_equal(pg.sort(t).data(), np.sort(x))
    assert pg.argsort(t).tolist() == np.argsort(x, kind="stable").tolist()
    edges = np.sort(x)
    for side in ("left", "right"):
        found = pg.searchsorted(rec.tensor(edges, dtype), t, side=side)
        assert found.tolist() == np.searchsorted(edges, x, side).tolist()
    largest, places = pg.topk(t, 4)
    np.testing.assert_array_equal(largest.data(), np.sort(x)[::-1][:4])
    np.testing.assert_array_equal(x[np.array(places.tolist())], largest.data())


@pytest.mark.parametrize("dtype", DTYPES)
def test_moving_copies_every_bit(dtype: str) -> None:
    """Views, joins, choices, gathers and scatters of whatever lies there, fused and not."""
    x = np.resize(extremes(dtype), (4, 6))
    index = np.array([[3, 0, -1, 1], [1, 1, 2, 0]])
    above, back = x.astype(float) > 0, np.flip(x)
    for fuse in (True, False):
        rec = pg.Record()
        t, i, m = rec.tensor(x, dtype), rec.tensor(index), rec.tensor(above)
        moved = [
            (t.T, x.T), (t.flip(), back), (t[1:, ::-2], x[1:, ::-2]), (t.T.reshape(3, 8), x.T.reshape(3, 8)),
            (t.broadcast_to((2, 4, 6)), np.broadcast_to(x, (2, 4, 6))), (pg.stack([t, t.flip()]), np.stack([x, back])),
            (pg.concat([t, t[:1]]), np.concatenate([x, x[:1]])), (t.take(i, 0), x.take(index, 0)),
            (t.take(i), x.take(index)), (t[i[0], i[1]], x[index[0], index[1]]), (t[m], x[above]),
            (t[:2].take_along_axis(i, 1), np.take_along_axis(x[:2], index, 1)), (t.pad(1), np.pad(x, 1)),
            (pg.where(m, t, t.flip()), np.where(above, x, back)), (pg.roll(t, 1, 0), np.roll(x, 1, 0)),
            (pg.repeat(t, 2, 1), np.repeat(x, 2, 1)), (t.at[1].set(t[0]), x[[0, 0, 2, 3]]),
            (t.at[i[0]].set(t.flip()), put(x, index[0])), (t.tril(), np.tril(x)),
            (pg.tile(t, (2, 1)), np.tile(x, (2, 1))),
        ]  # fmt: skip
        outputs = values(*(got for got, _ in moved), fuse=fuse)
        for (tensor, want), got in zip(moved, outputs, strict=True):
            assert tensor.dtype == dtype
            assert_same_bits(got, want)


def put(x: np.ndarray, index: np.ndarray) -> np.ndarray:
    out = x.copy()
    out[index] = np.flip(x)
    return out


@pytest.mark.parametrize("dtype", [d for d in IN_NUMPY if d != "bool"])
def test_scatters_that_combine(dtype: str) -> None:
    rng = np.random.default_rng(6)
    x = rng.integers(0, 5, (6, 4)).astype(dtype)
    new = rng.integers(1, 4, (5, 4)).astype(dtype)
    index = np.array([0, 3, 3, -1, 0])
    rec = pg.Record()
    t, s = tensors(rec, [x, new])
    for name, ufunc in (("add", np.add), ("multiply", np.multiply), ("max", np.maximum), ("min", np.minimum)):
        want = x.copy()
        ufunc.at(want, index, new)
        assert_same_bits(getattr(t.at[index], name)(s).data(), want)


@pytest.mark.parametrize("dtype", [d for d in IN_NUMPY if d != "bool"])
def test_products_of_matrices(dtype: str) -> None:
    rng = np.random.default_rng(8)
    a, b = rng.integers(0, 100, (3, 7)), rng.integers(0, 100, (7, 4))
    if dtype in FLOATS:
        x, y = a.astype(dtype) / 64, b.astype(dtype) / 64
        want = (x.astype(float) @ y.astype(float)).astype(dtype)
    else:
        x, y = a.astype(dtype), b.astype(dtype)
        want = x @ y  # wraps
    rec = pg.Record()
    for fuse in (True, False):
        (got,) = values(pg.matmul(*tensors(rec, [x, y])), fuse=fuse)
        assert_same_bits(got, want)


# Compositions, gradients, draws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_composition_is_rounded_once(dtype: str) -> None:
    """No part of it overflows or is lost on the way, where its result is a number."""
    big, eps = (40_000.0, 2.0**-11) if dtype == "float16" else (3e37, 2.0**-8)
    rec = pg.Record()
    x = rec.tensor(np.array([[big, big, big * 0.5, big]]), dtype)
    assert x.mean().item() == pytest.approx(big * 0.875, rel=eps)
    assert pg.logsumexp(x * 0 + 1, 1).item() == pytest.approx(1 + np.log(4), rel=eps)
    small = rec.tensor(np.full((1, 4096), 0.01), dtype)
    assert pg.mse(small, rec.zeros((1, 4096), dtype)).item() == pytest.approx(small[0, 0].item() ** 2, rel=2 * eps)
    assert pg.softmax(small, 1).sum().item() == pytest.approx(1, rel=eps * 2)
    y = rec.tensor(np.linspace(-3, 3, 41), dtype)
    wide = y.astype("float64")
    for f in (pg.gelu, pg.silu, pg.mish, pg.softplus, pg.log_softmax, pg.std, pg.layer_norm):
        np.testing.assert_allclose(f(y).data().astype(float), f(wide).data(), rtol=eps * 1.01, atol=2e-6)
    zero = rec.zeros((3,), dtype)
    assert pg.normalize(zero, axis=0).tolist() == [0, 0, 0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_gradients_have_the_dtype_and_lose_nothing_on_the_way(dtype: str) -> None:
    """A small network, to the second order; and cotangents below the smallest number of the dtype."""
    rng = np.random.default_rng(9)
    arrays = [rng.normal(0, 0.5, shape) for shape in [(16, 8), (8, 32), (32,), (32, 4)]]

    def run(kind: str) -> list[Any]:
        rec = pg.Record()
        x, w, b, v = (rec.tensor(cast(a, dtype), kind) for a in arrays)
        hidden = pg.gelu(x @ w + b)
        loss = pg.cross_entropy(hidden @ v, rec.tensor(np.arange(16) % 4))
        grads = loss.grad()
        first = [grads.wrt(t) for t in (x, w, b, v)]
        second = (first[1] * first[1]).sum().grad().wrt(v)
        return [loss, *first, second]

    narrow, wide, eps = run(dtype), run("float32"), {"float16": 2**-10, "bfloat16": 2**-7}[dtype]
    for got, want in zip(narrow, wide, strict=True):
        assert got.dtype == dtype
        one = np.abs(want.data()).max()
        assert np.isfinite(got.data()).all()
        np.testing.assert_allclose(got.data().astype(float) / one, want.data() / one, atol=6 * eps)
    for fuse in (True, False):
        rec = pg.Record()
        x = rec.tensor([1.5, 2.0], dtype)
        loss = ((x * 1e-4) * 1e-4).sum() * 1e4  # its slope passes through 1e-4 times 1e-4
        grad = loss.grad().wrt(x)
        (got,) = values(grad, fuse=fuse)
        np.testing.assert_allclose(got, 1e-4, rtol=0.02)
        assert grad.dtype == dtype


def test_integers_have_no_gradient() -> None:
    rec = pg.Record()
    x = rec.tensor([1, 2], "int8")
    loss = (x.astype("float16") * 2.0).sum()
    with pytest.raises(pg.GradientError):
        loss.grad().wrt(x)
    with pytest.raises(pg.GradientError):
        x.sum().grad()


@pytest.mark.parametrize(("dtype", "digits"), [("float16", 11), ("bfloat16", 8)])
def test_draws(dtype: str, digits: int) -> None:
    rec, other = pg.Record(), reference.Record()
    u = rec.uniform(pg.Key(1), (20_000,), dtype=dtype)
    drawn = u.data().astype(float)
    assert u.dtype == dtype
    assert (drawn * 2.0**digits == np.floor(drawn * 2.0**digits)).all()
    assert drawn.min() == 0
    assert drawn.max() == 1 - 2.0**-digits
    assert drawn[:100].tolist() == other.uniform(reference.Key(1), (100,), dtype=dtype).tolist()
    z = rec.normal(pg.Key(2), (20_000,), dtype=dtype)
    wide = pg.Record().normal(pg.Key(2), (20_000,)).data()
    assert_same_bits(z.data(), cast(wide, dtype))
    for name in ("exponential", "laplace", "gumbel", "logistic", "truncated_normal"):
        x = getattr(pg.Record(), name)(pg.Key(3), shape=(1000,), dtype=dtype)
        assert x.dtype == dtype
        assert np.isfinite(x.data()).all()


def test_stores_and_files_keep_every_dtype(tmp_path: Any) -> None:
    store = pg.ParameterStore()
    for dtype in IN_NUMPY:
        store[dtype] = extremes(dtype)
    store.save(tmp_path / "all.safetensors")
    read = pg.ParameterStore.load(tmp_path / "all.safetensors")
    for dtype in IN_NUMPY:
        assert_same_bits(read[dtype], extremes(dtype))
    half = pg.ParameterStore.load(tmp_path / "all.safetensors", dtype="bfloat16")
    for dtype in ("float16", "float32", "float64"):
        assert_same_bits(half[dtype], cast(extremes(dtype), "bfloat16"))
    half.save(tmp_path / "half.safetensors")
    rec = pg.Record(pg.ParameterStore.load(tmp_path / "half.safetensors"))
    assert rec.parameter("float64").dtype == "bfloat16"
