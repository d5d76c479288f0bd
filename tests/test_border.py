"""Values across the border: read right or refused by name; nothing is shared by accident."""

from __future__ import annotations

import array
import ctypes
import gc
import reprlib
import weakref
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import phonograd as pg

INTEGERS = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
DTYPES = ("bool", *INTEGERS, "float16", "float32", "float64")
INF, NAN = float("inf"), float("nan")


def read(value: Any, *args: Any, **kwargs: Any) -> np.ndarray:
    return pg.Record().tensor(value, *args, **kwargs).data()


def same(got: np.ndarray, expected: Any) -> None:
    """Shape, dtype and every bit."""
    expected = np.asarray(expected)
    expected = expected.astype(expected.dtype.newbyteorder("="))
    assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
    assert got.tobytes() == expected.tobytes()


# Python values -------------------------------------------------------------------------------------------------------


class Half(float):
    pass


class Two(int):
    pass


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        (1.5, "float32", 1.5),
        (3, "int64", 3),
        (True, "bool", True),
        (Half(0.5), "float32", 0.5),
        (Two(2), "int64", 2),
        (np.float64(2.5), "float64", 2.5),
        (np.float32(2.5), "float32", 2.5),
        (np.int32(-7), "int32", -7),
        (np.uint8(200), "uint8", 200),
        (np.True_, "bool", True),
        (-(2**63), "int64", -(2**63)),
        ([], "float32", []),
        ([[], []], "float32", [[], []]),
        ([[[]]], "float32", [[[]]]),
        ((1, (2)), "int64", [1, 2]),
        ([True, 2], "int64", [1, 2]),
        ([1, 2.5], "float32", [1.0, 2.5]),
        ([np.float64(1.0), 2], "float64", [1.0, 2.0]),
        ([NAN, INF, -INF, -0.0, 1e-45], "float32", [NAN, INF, -INF, -0.0, 1e-45]),
        ([np.array([1.0, 2.0]), [3, 4]], "float64", [[1.0, 2.0], [3.0, 4.0]]),
        (array.array("d", [1.0, 2.0]), "float64", [1.0, 2.0]),
        (memoryview(b"ab"), "uint8", [97, 98]),
        (range(3), "int64", [0, 1, 2]),
        (range(5, 0, -2), "int64", [5, 3, 1]),
        (range(0), "int64", []),
        (memoryview(np.arange(6.0).reshape(2, 3))[::-1], "float64", [[3.0, 4.0, 5.0], [0.0, 1.0, 2.0]]),
        ((ctypes.c_double * 2)(1.0, 2.0), "float64", [1.0, 2.0]),
        (((ctypes.c_int * 2) * 3)(), "int32", np.zeros((3, 2))),
    ],
    ids=reprlib.repr,
)
def test_reads(value: Any, dtype: str, expected: Any) -> None:
    same(read(value), np.array(expected, dtype))


class Looped(list):
    def __init__(self) -> None:
        self.append(self)


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        None, "1", b"1", bytearray(b"1"), object(), 1j, {1}, {}, iter([1]), (i for i in [1]), float, len,
        Decimal(1), Fraction(1, 2), ["a"], [None], [[1.0], None], [Decimal(1)], [1j], [object()], [{1}],
        deep(65), deep(5000), Looped(), [1.0, Looped()], pg.Record(), pg.Key(0), pg.float32, pg.Record().ones(1).grad(),
        np.array(["a"]), np.array([None]), np.array([1, "a"], object), np.array([1j]), np.zeros(2, "i4,f4"),
        np.array(["2020"], "M8[Y]"), np.array([1], "m8[s]"), np.datetime64("2020"), np.timedelta64(1, "s"),
        np.longdouble(1.0), np.zeros(2, "longdouble"),
        np.void(b"abcdefgh"), np.bytes_(b"abcdefgh"), np.str_("a"), np.ma.array([1.0, 2.0], mask=[0, 1]),
        np.ma.array([1.0, 2.0], mask=[0, 1]).view(type("Masked", (np.ma.MaskedArray,), {})),
        [np.ma.array([1.0, 2.0], mask=[0, 1])], array.array("u", "a"), (ctypes.c_char * 8)(), ctypes.c_void_p(1),
    ],
    ids=lambda value: reprlib.repr(value) if isinstance(value, list) else type(value).__name__,
)  # fmt: skip
def test_refuses(value: Any) -> None:
    rec = pg.Record()
    with pytest.raises((pg.InputError, pg.DTypeError, pg.RaggedError)):
        rec.tensor(value)
    assert len(rec) == 0


@pytest.mark.parametrize("value", [[[1], [1, 2]], [[], [1]], [[1], 2], [1, [2]], [[[1]], [[2], [3]]]], ids=repr)
def test_refuses_ragged_lists(value: Any) -> None:
    with pytest.raises(pg.RaggedError, match="rectangular"):
        pg.Record().tensor(value)


@pytest.mark.parametrize("value", [10**400, [10**400], np.zeros(2, "longdouble"), [1.0, 2.0]], ids=lambda v: str(v)[:9])
def test_wide_numbers_are_converted_or_refused(value: Any) -> None:
    """Asked for by name, any numeric dtype is converted; no integer is too long to be refused politely."""
    if isinstance(value, np.ndarray) or value == [1.0, 2.0]:
        same(read(value, dtype="float64"), np.asarray(value, "float64"))
    else:
        with pytest.raises((pg.RecordError, OverflowError)):
            pg.Record().tensor(value)


@pytest.mark.parametrize(
    ("call", "right"),
    [
        ("u8 < 300", [True, True, True]),
        ("u8 >= -1", [True, True, True]),
        ("pg.greater(300, u8)", [True, True, True]),
        ("i32 == 2**32", [False, False, False]),
        ("i32 != 2**32 + 1", [True, True, True]),
        ("i64 < 2**63", [True]),
        ("u8 + 300", [301, 344, 500]),
        ("u8 - (-1)", [2, 45, 201]),
        ("i32 * 2**40", [0, 2**40, -(2**40)]),
        ("pg.maximum(u8, 300)", [300, 300, 300]),
        ("u8.clip(0, 300)", [1, 44, 200]),
        ("pg.where(u8 > 40, u8, 300)", [300, 44, 200]),
        ("u8.pad(1, 300)", None),
        ("u8.full_like(-1)", None),
        ("rec.tensor([300], dtype='uint8')", None),
        ("rec.tensor([-1], dtype='uint8')", None),
        ("rec.tensor([2**70], dtype='int64')", None),
        ("rec.full((2,), 300, 'uint8')", None),
        ("rec.full((2,), 2**70, 'int64')", None),
    ],
)
def test_python_integers_never_wrap(call: str, right: list[Any] | None) -> None:
    """A number that does not fit a tensor's integers is refused, or the result is right all the same."""
    rec = pg.Record()
    u8, i32 = rec.tensor([1, 44, 200], dtype="uint8"), rec.tensor([0, 1, -1], dtype="int32")
    i64 = rec.tensor([2**63 - 1])
    try:
        got = eval(call, {"pg": pg, "rec": rec, "u8": u8, "i32": i32, "i64": i64}).tolist()
    except (pg.RecordError, OverflowError):
        return
    assert right is not None
    assert got == right


# NumPy arrays of every layout ----------------------------------------------------------------------------------------


def unaligned(dtype: str) -> np.ndarray:
    raw = np.zeros(4 * np.dtype(dtype).itemsize + 1, "uint8")
    view = raw[1:].view(dtype)
    view[:] = [1, 0, 3, 1]
    return view


def overlapping(dtype: str) -> np.ndarray:
    base = np.arange(6).astype(dtype)
    return np.lib.stride_tricks.as_strided(base, (3, 4), (base.itemsize, base.itemsize))


LAYOUTS: dict[str, Callable[[str], np.ndarray]] = {
    "contiguous": lambda d: np.arange(6).reshape(2, 3).astype(d),
    "fortran": lambda d: np.asfortranarray(np.arange(6).reshape(2, 3).astype(d)),
    "transposed": lambda d: np.arange(24).reshape(2, 3, 4).astype(d).transpose(2, 0, 1),
    "strided": lambda d: np.arange(24).astype(d)[1::5],
    "negative": lambda d: np.arange(24).reshape(4, 6).astype(d)[::-1, ::-2],
    "zero-strides": lambda d: np.broadcast_to(np.arange(3).astype(d), (2, 3)),
    "overlapping": overlapping,
    "unaligned": unaligned,
    "big-endian": lambda d: np.arange(6).reshape(2, 3).astype(np.dtype(d).newbyteorder(">")),
    "big-endian-strided": lambda d: np.arange(12).astype(np.dtype(d).newbyteorder(">"))[::-3],
    "0-d": lambda d: np.array(1, d),
    "0-d-view": lambda d: np.arange(3).astype(d)[1, ...],
    "empty": lambda d: np.zeros((2, 0, 3), d),
    "empty-wild-strides": lambda d: np.lib.stride_tricks.as_strided(np.zeros(1, d), (0, 2**40), (2**40, -(2**40))),
    "read-only": lambda d: np.frombuffer(bytes(np.dtype(d).itemsize * 3), d),
    "field": lambda d: np.zeros(3, [("pad", "u1"), ("x", d)])["x"],
    "64-axes": lambda d: np.ones((1,) * 64, d),
    "subclass": lambda d: np.arange(6).astype(d).view(type("Sub", (np.ndarray,), {})),
    "recarray": lambda d: np.zeros(3, [("x", d)]).view(np.recarray).x,
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_reads_layout(layout: str, dtype: str) -> None:
    source = LAYOUTS[layout](dtype)
    before = source.copy()
    got = read(source)
    same(got, before)
    assert got.flags.c_contiguous
    assert got.flags.aligned
    assert not np.shares_memory(got, source)
    assert source.tobytes() == before.tobytes()


def test_bools_of_other_bytes_are_true() -> None:
    same(read(np.array([0, 1, 2, 255], "u1").view(bool)), np.array([False, True, True, True]))


@pytest.mark.parametrize("source", DTYPES)
@pytest.mark.parametrize("target", DTYPES)
def test_reads_into_another_dtype(source: str, target: str) -> None:
    values = np.array([0, 1, 3]).astype(source)[::-1]
    same(read(values, target), values.astype(target))
    assert pg.Record().tensor(values, np.dtype(target)).dtype == target


def test_reads_elements_behind_pointers_or_refuses() -> None:
    testbuffer = pytest.importorskip("_testbuffer")
    rows = testbuffer.ndarray(list(range(12)), shape=[3, 4], format="q", flags=testbuffer.ND_PIL)
    try:
        got = read(rows)
    except (pg.InputError, pg.DTypeError, BufferError):
        return
    same(got, np.arange(12).reshape(3, 4))


# Copies, views, lifetimes --------------------------------------------------------------------------------------------


def test_tensor_is_a_copy() -> None:
    source = np.arange(3.0)
    x = pg.Record().tensor(source)
    source[:] = -1.0
    assert x.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d != "bool"])
def test_copy_false_binds_the_memory_and_keeps_it_alive(dtype: str) -> None:
    source = np.arange(1000).astype(dtype).view(type("Sub", (np.ndarray,), {}))
    gone = weakref.ref(source)
    rec = pg.Record()
    x = rec.tensor(source, copy=False)
    assert np.shares_memory(x.data(), source)
    expected = int(source.astype("int64").sum())
    del source
    gc.collect()
    assert gone() is not None
    assert int(x.astype("int64").sum()) == expected
    del x, rec
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("layout", ["fortran", "strided", "negative", "zero-strides", "unaligned", "big-endian"])
def test_copy_false_refuses_what_it_would_have_to_copy(layout: str) -> None:
    with pytest.raises(pg.ArgumentError, match="copy"):
        pg.Record().tensor(LAYOUTS[layout]("float64"), copy=False)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(np.zeros(3), "float32"), (np.zeros(3, bool), None), ([1.0, 2.0], None), (1.0, None), ((1, 2), None)],
    ids=repr,
)
def test_copy_false_refuses_other_dtypes_and_lists(value: Any, dtype: str | None) -> None:
    with pytest.raises(pg.ArgumentError, match="copy"):
        pg.Record().tensor(value, dtype, copy=False)


def test_data_is_a_read_only_view_that_outlives_everything() -> None:
    rec = pg.Record()
    x = rec.tensor(np.arange(1000.0)) * 2.0
    view = x.data()
    assert view is not x.data()
    assert np.shares_memory(view, x.data())
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1.0
    with pytest.raises(ValueError, match="WRITEABLE"):
        view.flags.writeable = True
    part = view[::-7]
    del rec, x, view
    gc.collect()
    assert part.tolist() == (np.arange(1000.0) * 2.0)[::-7].tolist()


def test_asarray_shares_and_converts() -> None:
    x = pg.Record().tensor([1.0, 2.0])
    assert np.shares_memory(np.asarray(x), x.data())
    assert not np.shares_memory(np.array(x), x.data())
    same(np.asarray(x, "float64"), np.array([1.0, 2.0]))
    with pytest.raises(pg.ArgumentError, match="copy"):
        np.array(x, dtype="float64", copy=False)


def test_tensor_of_another_record_is_carried_over() -> None:
    one, other = pg.Record(), pg.Record()
    x = one.tensor([1.0, 2.0]) * 3.0
    y = other.tensor(x)
    assert (y.tolist(), y.record is other) == ([3.0, 6.0], True)
    assert other.tensor(x, "int64").tolist() == [3, 6]
