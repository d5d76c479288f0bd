"""Values of every row of the table: against the reference and NumPy, in every dtype, shape and layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

import phonograd as pg
from compare import array_of, assert_close, assert_same_bits, tensors
from ops_table import ALIASES, CONTRACTIONS, EXAMPLES, LINALG, NOT_OPS, REDUCTIONS, ROWS, SPECIAL
from phonograd import reference
from rows import DTYPES, FLOATS, INTEGERS, Example, Row

WITH_TENSORS = [e for e in EXAMPLES if e.case.shapes]
each_call = pytest.mark.parametrize("example", WITH_TENSORS, ids=lambda e: e.id)
ELEMENTWISE = [row for row in ROWS if row.elementwise]
each_elementwise = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)


def run(example: Example, arrays: list[np.ndarray], **how: Any) -> np.ndarray:
    """The engine's values."""
    rec = pg.Record()
    y = example.run(pg, rec, *tensors(rec, arrays))
    rec.compute(y, **how)
    return array_of(y)


# Values -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("example", "dtype"),
    [pytest.param(e, d, id=f"{e.id}-{d}") for e in EXAMPLES for d in (DTYPES if e.case.shapes else ("float32",))],
)
def test_value_dtype_and_shape(example: Example, dtype: str) -> None:
    arrays = example.sample(dtype)
    row = example.row
    wanted = example.result_dtype(dtype)
    if wanted is None:
        for lib in (pg, reference) if row.in_reference else (pg,):
            rec = lib.Record()
            with pytest.raises(lib.DTypeError):
                example.run(lib, rec, *tensors(rec, arrays))
        return
    before = [a.copy() for a in arrays]
    got = run(example, arrays)
    assert str(got.dtype) == wanted
    for array, old in zip(arrays, before, strict=True):
        assert_same_bits(array, old)
    assert row.in_reference or row.oracle, "nothing to hold the values against"
    if row.in_reference:
        rec = reference.Record()
        checked = array_of(example.run(reference, rec, *tensors(rec, arrays)))
        assert checked.dtype == got.dtype
        assert_close(got, checked, row.ulps, normwise=row.normwise)
    if row.oracle:
        assert_close(got, example.expected(*arrays), row.ulps + 1, normwise=row.normwise)


@pytest.mark.parametrize("dtype", FLOATS)
@each_elementwise
def test_special_values(row: Row, dtype: str) -> None:
    """Zeros of both signs, subnormals, huge numbers, infinities and nan: as in the reference, or in NumPy."""
    points = np.array(SPECIAL, dtype)
    two = len(row.samplers) == 2 or row.cases[0].shapes == ((), ())
    arrays = [a.ravel() for a in np.meshgrid(points, points)] if two else [points]
    example = Example(row, row.cases[0], row.name)
    if row.in_reference:
        rec = reference.Record()
        want = array_of(example.run(reference, rec, *tensors(rec, arrays)))
    else:
        want = example.expected(*arrays)
    got = run(example, arrays)
    assert_close(got, want, row.ulps)
    if got.dtype.kind == "f":
        zero = (got == 0) & (want == 0)
        np.testing.assert_array_equal(np.signbit(got)[zero], np.signbit(want)[zero], "the sign of zero")


@pytest.mark.parametrize("dtype", FLOATS)
@each_elementwise
def test_large_arrays(row: Row, dtype: str) -> None:
    """Past every vector, tile and chunk, by way of all threads."""
    rng = np.random.default_rng(5)
    case = row.cases[2] if len(row.cases[0].shapes) == 1 else row.cases[1]
    example = Example(row, case, row.name)
    samplers = row.samplers * len(case.shapes)
    arrays = [s(rng, (70_001,)) for s in samplers[: len(case.shapes)]]
    arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]
    assert_close(run(example, arrays), example.expected(*arrays), row.ulps + 1)


# Promises about bits --------------------------------------------------------------------------------------------------


@each_call
def test_layout_does_not_matter(example: Example) -> None:
    """Transposed, sliced and reversed inputs give the same bits, whether NumPy or the record holds the layout."""
    arrays = example.sample("float32")
    want = run(example, arrays)

    def holed(a: np.ndarray) -> np.ndarray:
        """The same elements at every second place, backwards, axes reversed."""
        wide = np.ones([2 * n for n in reversed(a.shape)], a.dtype)
        view = np.asarray(wide)[(..., *(slice(None, None, -2) for _ in a.shape))].T
        view[...] = a
        return view

    assert_same_bits(run(example, [holed(a) for a in arrays]), want)
    rec = pg.Record()
    whole = tensors(rec, [np.ascontiguousarray(np.flip(a.T)) if a.ndim else a for a in arrays])
    got = array_of(example.run(pg, rec, *(t.flip().T for t in whole)))
    if example.row in (*CONTRACTIONS, *LINALG):  # which kernel multiplies matrices depends on their layout
        assert_close(got, want, example.row.ulps, normwise=True)
    else:
        assert_same_bits(got, want)


@each_call
def test_planned_equals_unplanned(example: Example) -> None:
    for dtype in FLOATS:
        arrays = example.sample(dtype)
        assert_same_bits(run(example, arrays), run(example, arrays, fuse=False))


@pytest.mark.parametrize("axis", [None, 0, 1, 2, (0, 2)], ids=str)
@pytest.mark.parametrize("row", REDUCTIONS, ids=lambda row: row.name)
def test_planned_equals_unplanned_over_many_tiles(row: Row, axis: Any) -> None:
    """What is fused into a reduction, and what follows it, in sizes that threads share."""
    rng = np.random.default_rng(7)
    x, scale = (rng.uniform(0.9, 1.1, shape).astype("float32") for shape in [(130, 67, 33), (67, 1)])

    def values(fuse: bool) -> list[np.ndarray]:
        rec = pg.Record()
        t, s = tensors(rec, [x, scale])
        y = getattr(pg, row.name)(t * s - 0.01, axis)
        outputs = [y.astype("float32") * 2.0 + 1.0]
        if y.dtype in FLOATS:
            grads = y.grad(rec.ones(y.shape))
            outputs += [grads.wrt(t) * s, grads.wrt(s)]
        rec.compute(*outputs, fuse=fuse)
        return [array_of(output) for output in outputs]

    for got, want in zip(values(fuse=True), values(fuse=False), strict=True):
        assert_same_bits(got, want)


@each_call
def test_repeats_give_the_same_bits(example: Example) -> None:
    arrays = example.sample("float32")
    rec = pg.Record()
    inputs = tensors(rec, arrays)
    first, second = (example.run(pg, rec, *inputs) for _ in range(2))
    assert_same_bits(array_of(first), array_of(second))
    assert_same_bits(run(example, arrays), array_of(first))


@pytest.mark.parametrize("example", [e for e in WITH_TENSORS if not e.case.dtype], ids=lambda e: e.id)
def test_float32_agrees_with_float64(example: Example) -> None:
    narrow = example.sample("float32")
    wide = [a.astype("float64") if a.dtype == np.float32 else a for a in narrow]
    assert_close(run(example, narrow), run(example, wide), example.row.ulps + 1, normwise=example.row.normwise)


# One name, three ways to call -----------------------------------------------------------------------------------------


METHODS = [e for e in WITH_TENSORS if hasattr(pg.Tensor, e.row.name) and not e.row.call]


@pytest.mark.parametrize("example", METHODS, ids=lambda e: e.id)
def test_method_equals_function(example: Example) -> None:
    rec = pg.Record()
    x, *others = tensors(rec, example.sample("float32"))
    method = getattr(x, example.row.name)(*others, *example.case.args, **example.case.kwargs)
    assert_same_bits(array_of(method), run(example, example.sample("float32")))


OPERATORS = [
    ("add", lambda a, b: a + b), ("subtract", lambda a, b: a - b), ("multiply", lambda a, b: a * b),
    ("divide", lambda a, b: a / b), ("floor_divide", lambda a, b: a // b), ("remainder", lambda a, b: a % b),
    ("power", lambda a, b: a**b), ("equal", lambda a, b: a == b), ("not_equal", lambda a, b: a != b),
    ("less", lambda a, b: a < b), ("less_equal", lambda a, b: a <= b), ("greater", lambda a, b: a > b),
    ("greater_equal", lambda a, b: a >= b), ("matmul", lambda a, b: a @ b),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operator"), OPERATORS, ids=lambda v: v if isinstance(v, str) else "")
def test_operators_and_scalars_on_both_sides(name: str, operator: Any) -> None:
    rec = pg.Record()
    x, y = np.array([[1.5, -2.0], [4.0, 0.25]], "float32"), np.array([[2.0, 3.0], [0.5, 4.0]], "float32")
    s, t = tensors(rec, [x, y])
    function = getattr(pg, name)
    want = array_of(function(s, t))
    assert_same_bits(array_of(operator(s, t)), want)
    assert_same_bits(array_of(operator(s, y)), want)
    assert_same_bits(array_of(operator(x, t)), want)
    assert_same_bits(array_of(function(x, t)), want)
    if name != "matmul":
        for number in (2, 3.0):
            full = rec.full((2, 2), float(number))
            assert_close(array_of(operator(s, number)), array_of(function(s, full)), 1)
            assert_same_bits(array_of(operator(number, t)), array_of(function(full, t)))
            assert_same_bits(array_of(function(number, t)), array_of(function(full, t)))


@pytest.mark.parametrize(("name", "operator"), [("logical_and", "&"), ("logical_or", "|"), ("logical_xor", "^")])
def test_logical_operators(name: str, operator: str) -> None:
    rec = pg.Record()
    a, b = rec.tensor([True, True, False, False]), rec.tensor([True, False, True, False])
    for left, right in [(a, b), (a, True), (False, b)]:
        got = {"&": lambda p, q: p & q, "|": lambda p, q: p | q, "^": lambda p, q: p ^ q}[operator](left, right)
        assert got.tolist() == getattr(pg, name)(left, right).tolist()
    assert (~a).tolist() == a.logical_not().tolist() == [False, False, True, True]
    with pytest.raises(pg.DTypeError):
        _ = rec.tensor([1.0, 2.0]) & b[:2]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_operators_of_bits(dtype: str) -> None:
    rec = pg.Record()
    x, y = np.array([12, 7, 255, 0], dtype), np.array([10, 1, 3, 8], dtype)
    a, b = tensors(rec, [x, y])
    for function, operator in [
        (pg.bitwise_and, lambda p, q: p & q), (pg.bitwise_or, lambda p, q: p | q), (pg.bitwise_xor, lambda p, q: p ^ q),
        (pg.left_shift, lambda p, q: p << q), (pg.right_shift, lambda p, q: p >> q),
    ]:  # fmt: skip
        want = operator(x, y)
        for got in (operator(a, b), operator(a, y), operator(x, b), function(a, b)):
            assert_same_bits(array_of(got), want)
        assert_same_bits(array_of(operator(a, 3)), operator(x, np.array(3, dtype)))
        assert_same_bits(array_of(operator(3, b)), operator(np.array(3, dtype), y))
    assert_same_bits(array_of(~a), ~x)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_bits_that_are_moved_out_are_gone(dtype: str) -> None:
    """By any number of places, negative ones too, and never a trap."""
    low = np.iinfo(dtype).min
    x = pg.Record().tensor(np.array([1, low, np.iinfo(dtype).max], dtype))
    far = np.iinfo(dtype).bits
    places = [far, 100] if dtype.startswith("u") else [far, 100, -1, low]
    for count in places:
        assert (x << count).tolist() == [0, 0, 0]
        assert (x >> count).tolist() == [0, -1 if low else 0, 0]


def test_bits_are_of_integers_and_shifts_not_of_bool() -> None:
    rec = pg.Record()
    flags = rec.tensor([True, False])
    assert (flags & 1).dtype == "int64"
    assert (flags ^ np.array([True, True])).tolist() == [False, True]
    for call in (lambda: flags << flags, lambda: rec.ones(2) & 1, lambda: ~rec.ones(2), lambda: rec.ones(2) >> 1):
        with pytest.raises(pg.DTypeError):
            call()


# Promotion; of two dtypes, see test_dtypes.py ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_python_numbers_are_weak(dtype: str) -> None:
    rec = pg.Record()
    x = rec.ones((2,), dtype)
    with_int, with_float = ("int64" if dtype == "bool" else dtype), (dtype if dtype in FLOATS else "float32")
    for y in (x + 1, 1 + x, x * True if dtype != "bool" else x + 1, pg.maximum(2, x), x.clip(0, 3)):
        assert y.dtype == with_int
    for y in (x + 1.5, 1.5 + x, pg.maximum(2.0, x), x.clip(max=0.5), pg.where(x > 0, x, 0.5)):
        assert y.dtype == with_float


# Completeness -------------------------------------------------------------------------------------------------------


def test_every_public_op_has_a_row() -> None:
    functions = {n for n in pg.__all__ if callable(getattr(pg, n)) and not isinstance(getattr(pg, n), type)}
    kinds = (pg.Tensor, pg.Record)
    methods = {n for kind in kinds for n in dir(kind) if n[0] != "_" and callable(getattr(kind, n, None))}
    rows = {row.name for row in ROWS if row not in LINALG}
    assert (functions | methods) - NOT_OPS - set(ALIASES) == rows - {"T", "mT", "__getitem__", "at"}
    again = {"matmul", "outer", "triangular_solve"}  # under another name, too
    assert {n for n in pg.linalg.__all__ if not isinstance(getattr(pg.linalg, n), type)} - again == {
        row.name.removeprefix("linalg.").partition(".")[0] for row in LINALG
    }


def test_every_row_is_a_function_of_which_the_reference_or_another_library_says_the_values() -> None:
    rows = [row for row in ROWS if row not in LINALG]
    assert {row.name for row in rows} <= {*dir(pg), *dir(pg.Tensor), *dir(pg.Record)}
    assert all(row.in_reference or row.oracle for row in rows)


@pytest.mark.parametrize("lib", [pg, reference], ids=["phonograd", "reference"])
def test_aliases_are_the_same_functions(lib: Any) -> None:
    for alias, name in ALIASES.items():
        if lib is pg or hasattr(lib, name):
            assert getattr(lib, alias) is getattr(lib, name)
    assert pg.linalg.matmul is pg.matmul
    assert pg.linalg.outer is pg.outer
    assert pg.linalg.triangular_solve is pg.linalg.solve_triangular


def test_every_operator_is_tested() -> None:
    spelt = {"add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"}
    spelt |= {"and", "or", "xor", "lshift", "rshift"}
    compared = {"eq", "ne", "lt", "le", "gt", "ge"}
    wanted = {f"__{n}__" for n in spelt | compared | {"neg", "pos", "abs", "invert"}} | {f"__r{n}__" for n in spelt}
    assert wanted <= set(dir(pg.Tensor))
    assert len(OPERATORS) + 5 == len(spelt) + len(compared)


@pytest.mark.parametrize("package", [pg, pg.reference], ids=["engine", "reference"])
def test_dtypes_are_asked_for(package: Any) -> None:
    x = package.Record().tensor([[100, 100], [200, 3]], "uint8")
    assert (x.sum(axis=1, dtype="float64").tolist(), x.prod(dtype="int64").item()) == ([200.0, 203.0], 6_000_000)
    made = [package.zeros_like(x, "float64"), x.ones_like(dtype="int32"), package.full_like(x, 2.5, dtype="float32")]
    assert [(m.dtype, m.tolist()[0]) for m in made] == [
        ("float64", [0.0] * 2),
        ("int32", [1] * 2),
        ("float32", [2.5] * 2),
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parts_of_numbers_at_the_ends_of_the_range(dtype: str) -> None:
    info = np.finfo(dtype)
    rng = np.random.default_rng(0)
    ends = [0.0, -0.0, np.inf, -np.inf, np.nan, info.max, info.tiny, info.smallest_subnormal, 1.0, 0.5, -8.0]
    beside = [np.nextafter(np.array(x, dtype), np.array(to, dtype)) for x in (0.5, 1, 8) for to in (0, 10)]
    some = rng.normal(size=500) * 2.0 ** rng.integers(info.minexp - 20, info.maxexp - 3, 500)
    x = np.concatenate([ends, beside, some]).astype(dtype)
    t = pg.Record().tensor(x)
    for ours, theirs in zip((*t.frexp(), *t.modf()), (*np.frexp(x), *np.modf(x)), strict=True):
        np.testing.assert_array_equal(ours.data(), theirs)
        np.testing.assert_array_equal(np.signbit(ours.data()), np.signbit(theirs))
        assert ours.dtype == str(theirs.dtype)


def test_running_sums_cast_before() -> None:
    x = pg.Record().tensor([200, 100, 3], "uint8")
    assert (x.cumsum().dtype, x.cumsum(dtype="float64").dtype, pg.cumprod(x, 0, "float32").dtype) == (
        "uint64", "float64", "float32",
    )  # fmt: skip
    assert pg.cumprod(x, dtype="float64").tolist() == [200.0, 20_000.0, 60_000.0]


@pytest.mark.parametrize("name", ["var", "std", "nanvar", "nanstd", "cov"])
def test_a_correction_has_one_name(name: str) -> None:
    x = pg.Record().tensor([1.0, 2.0, 4.0])
    function = getattr(pg, name)
    assert function(x, ddof=1).item() == function(x, correction=1).item()
    with pytest.raises(pg.ArgumentError, match=f"{name}: correction, ddof is given for both; expected one of them"):
        function(x, ddof=1, correction=1)


def test_numbers_round_and_divide_as_pythons_do() -> None:
    x = pg.Record().tensor([-7.25, 0.5, 2.675], "float64")
    assert (round(x).tolist(), round(x, 1).tolist()) == ([-7.0, 0.0, 3.0], [-7.2, 0.5, 2.7])
    assert round(x * 1000, -2).tolist() == (x * 1000).round(decimals=-2).tolist() == [-7200.0, 500.0, 2700.0]
    whole = x.record.tensor([12345, -987654321, 250, 350])
    for decimals in (-2, 0, 3):
        rounded = pg.round(whole, decimals)
        assert (rounded.dtype, rounded.tolist()) == ("int64", np.round(whole.data(), decimals).tolist())
    floor, rest = divmod(x, 2.0)
    assert [part.tolist() for part in divmod(7.0, x * 0 + 2.0)] == [[3.0] * 3, [1.0] * 3]
    assert (floor.tolist(), rest.tolist()) == ([-4.0, 0.0, 1.0], [0.75, 0.5, 0.6749999999999998])


@pytest.mark.parametrize("axis", [None, (0, 2), [1], (), (-1, 0, 1)])
def test_softmax_over_several_axes(axis: Any) -> None:
    data = np.random.default_rng(5).normal(size=(2, 3, 4)) * 30
    rec = pg.Record()
    x, g = rec.tensor(data), rec.tensor(np.random.default_rng(6).normal(size=(2, 3, 4)))
    over = tuple(axis) if isinstance(axis, list) else axis
    for name in ("softmax", "log_softmax"):
        y = getattr(x, name)(axis)
        np.testing.assert_allclose(y, getattr(special, name)(data, over), rtol=1e-12, atol=1e-300)
        p = x.softmax(axis)
        expected = (
            p * (g - (g * p).sum(axis, keepdims=True)) if name == "softmax" else g - p * g.sum(axis, keepdims=True)
        )
        np.testing.assert_allclose(y.grad(g).wrt(x), expected, rtol=1e-9, atol=1e-14)
    assert x.sum().softmax(None).item() == 1.0


@pytest.mark.parametrize(
    ("shape", "kwargs", "text"),
    [
        ((2,), {"mode": "mirror"},
         'pad: mode is "mirror"; expected "constant", "edge", "reflect", "symmetric" or "wrap"'),
        ((2, 0), {"mode": "edge"}, None),
    ],
)  # fmt: skip
def test_bad_padding(shape: tuple[int, ...], kwargs: Any, text: str | None) -> None:
    with pytest.raises((pg.ArgumentError, pg.ShapeError)) as caught:
        pg.pad(pg.Record().ones(shape), 1, **kwargs)
    assert text is None or str(caught.value) == text
