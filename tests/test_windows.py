"""Convolutions and pooling beyond the table: bad calls, what is not finite, empty batches, threads, many sizes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from compare import array_of, assert_same_bits

LEFT = (
    "the input's channels must be `groups` times the weight's second size, and the weight's first size a multiple of "
)
LEFT += "`groups`, none of them 0"
RIGHT = "the input's channels must be the weight's first size, a multiple of `groups`, and no size 0"
ONE = "expected a number from 1 to 2**31, or one for each axis of space"
NONE = "expected a number from 0 to 2**31, or one for each axis of space"
HALF = "expected at most half of the window, which must see something of the input"
PLANE = "expected 4, (batch, channels, height, width), or 3 without the batch"


def zeros(*shape: int) -> pg.Tensor:
    return pg.Record().zeros(shape)


def conv(x: tuple[int, ...], w: tuple[int, ...], bias: tuple[int, ...] | None = None, **more: Any) -> pg.Tensor:
    rec = pg.Record()
    return pg.conv2d(rec.zeros(x), rec.zeros(w), None if bias is None else rec.zeros(bias), **more)


def transposed(x: tuple[int, ...], w: tuple[int, ...], **more: Any) -> pg.Tensor:
    rec = pg.Record()
    return pg.conv_transpose2d(rec.zeros(x), rec.zeros(w), **more)


IMAGE, KERNEL = (2, 3, 5, 5), (4, 3, 3, 3)
# fmt: off
BAD = [
    (lambda: conv(IMAGE, KERNEL, stride=0), pg.ArgumentError, f"conv2d: stride is 0; {ONE}"),
    (lambda: conv(IMAGE, KERNEL, stride=(1, -1)), pg.ArgumentError, f"conv2d: stride is (1, -1); {ONE}"),
    (lambda: conv(IMAGE, KERNEL, stride=(1, 1, 1)), pg.ArgumentError, f"conv2d: stride is (1, 1, 1); {ONE}"),
    (lambda: conv(IMAGE, KERNEL, stride=()), pg.ArgumentError, f"conv2d: stride is (); {ONE}"),
    (lambda: conv(IMAGE, KERNEL, stride=2**40), pg.ArgumentError, f"conv2d: stride is 1099511627776; {ONE}"),
    (lambda: conv(IMAGE, KERNEL, dilation=0), pg.ArgumentError, f"conv2d: dilation is 0; {ONE}"),
    (lambda: conv(IMAGE, KERNEL, padding=-1), pg.ArgumentError, f"conv2d: padding is -1; {NONE}"),
    (lambda: conv(IMAGE, KERNEL, padding=[(0, 1), (-2, 0)]), pg.ArgumentError, f"conv2d: padding is (0, -2); {NONE}"),
    (lambda: conv(IMAGE, KERNEL, padding="full"), pg.ArgumentError,
     'window: padding is "full"; expected numbers, pairs of numbers, "same" or "valid"'),
    (lambda: conv(IMAGE, KERNEL, padding=[(1, 2, 3)]), pg.InputError,
     'padding: cannot read tuple; expected numbers, pairs of numbers, "same" or "valid"'),
    (lambda: conv(IMAGE, KERNEL, padding=0.5), pg.InputError, "padding: cannot read float; expected an integer"),
    (lambda: conv(IMAGE, KERNEL, groups=0), pg.ArgumentError, "conv2d: groups is 0; expected 1 or more"),
    (lambda: conv(IMAGE, KERNEL, groups=3), pg.ShapeError,
     f"conv2d: input (2, 3, 5, 5) does not fit weight (4, 3, 3, 3) in 3 groups; {LEFT}"),
    (lambda: conv(IMAGE, (4, 2, 3, 3)), pg.ShapeError,
     f"conv2d: input (2, 3, 5, 5) does not fit weight (4, 2, 3, 3) in 1 groups; {LEFT}"),
    (lambda: conv((2, 0, 5, 5), (4, 0, 3, 3)), pg.ShapeError,
     f"conv2d: input (2, 0, 5, 5) does not fit weight (4, 0, 3, 3) in 1 groups; {LEFT}"),
    (lambda: conv(IMAGE, (0, 3, 3, 3)), pg.ShapeError,
     f"conv2d: input (2, 3, 5, 5) does not fit weight (0, 3, 3, 3) in 1 groups; {LEFT}"),
    (lambda: conv(IMAGE, (4, 3, 0, 3)), pg.ArgumentError,
     "conv2d: weight is of shape (4, 3, 0, 3); expected at least one tap along each axis of space"),
    (lambda: conv(IMAGE, (4, 3, 3)), pg.ShapeError, "conv2d: weight of shape (4, 3, 3) has 3 axes; expected 4"),
    (lambda: conv((5, 5), KERNEL), pg.ShapeError, f"conv2d: input of shape (5, 5) has 2 axes; {PLANE}"),
    (lambda: conv(IMAGE, KERNEL, (3,)), pg.ShapeError, "conv2d: bias has shape (3,); expected (4,)"),
    (lambda: conv(IMAGE, (4, 3, 3, 6)), pg.ShapeError,
     "conv2d: a window that spans 6 does not fit axis 3 of (2, 3, 5, 5), with 0 and 0 of padding; use a smaller kernel "
     "or dilation, or more padding"),
    (lambda: pg.conv2d(zeros(*IMAGE), zeros(*KERNEL)), pg.ForeignTensorError, None),
    (lambda: transposed(IMAGE, KERNEL), pg.ShapeError,
     f"conv_transpose2d: input (2, 3, 5, 5) does not fit weight (4, 3, 3, 3) in 1 groups; {RIGHT}"),
    (lambda: transposed(IMAGE, (3, 2, 3, 3), output_padding=1), pg.ArgumentError,
     "conv_transpose2d: output_padding is 1; expected less than the stride or the dilation"),
    (lambda: transposed(IMAGE, (3, 2, 3, 3), padding="same"), pg.ArgumentError,
     'conv_transpose2d: padding is "same"; expected numbers; what they must be depends on the output\'s size'),
    (lambda: pg.max_pool2d(zeros(*IMAGE), 0), pg.ArgumentError, f"max_pool2d: kernel_size is 0; {ONE}"),
    (lambda: pg.max_pool2d(zeros(*IMAGE), 2, 0), pg.ArgumentError, f"max_pool2d: stride is 0; {ONE}"),
    (lambda: pg.max_pool2d(zeros(*IMAGE), 2, padding=2), pg.ArgumentError, f"max_pool2d: padding is 2; {HALF}"),
    (lambda: pg.avg_pool2d(zeros(*IMAGE), 3, padding=[(0, 2), (0, 0)]), pg.ArgumentError,
     f"avg_pool2d: padding is (0, 2); {HALF}"),
    (lambda: pg.max_pool1d(zeros(1, 1, 1), 2, padding=1, dilation=2), pg.ArgumentError,
     "max_pool1d: dilation is 2; expected taps of each window of which one meets the input, not only padding"),
    (lambda: pg.max_pool1d(zeros(2, 3, 0), 1, padding=0), pg.ShapeError, None),
    (lambda: pg.max_pool2d(zeros(5), 2), pg.ShapeError, f"max_pool2d: input of shape (5,) has 1 axes; {PLANE}"),
    (lambda: pg.adaptive_avg_pool2d(zeros(5), 2), pg.ShapeError,
     f"adaptive_avg_pool2d: input of shape (5,) has 1 axes; {PLANE}"),
    (lambda: pg.adaptive_avg_pool1d(zeros(2, 3, 0), 2), pg.ShapeError, None),
    (lambda: pg.unfold(zeros(2, 3), 2), pg.ShapeError,
     "unfold: input of shape (2, 3) has 2 axes; expected 3 to 5, (batch, channels, *space)"),
    (lambda: pg.fold(zeros(2, 3, 4), (4, 4), 2), pg.ShapeError, "fold: input has shape (2, 3, 4); expected (2, 4, 9)"),
    (lambda: pg.fold(zeros(2, 3), (4, 4), 2), pg.ShapeError,
     "fold: input of shape (2, 3) has 2 axes; expected 3, (batch, channels * taps, places)"),
    (lambda: pg.interpolate(zeros(1, 1, 4)), pg.ArgumentError,
     "interpolate: size, scale_factor is None for both; expected one of them"),
    (lambda: pg.interpolate(zeros(1, 1, 4), 2, 2.0), pg.ArgumentError,
     "interpolate: size, scale_factor is both given; expected one of them"),
    (lambda: pg.interpolate(zeros(1, 1, 4), 2, mode="bilinear"), pg.ArgumentError,
     'interpolate: mode is "bilinear" for 1 axes of space; expected "nearest", "nearest-exact", "linear", "cubic" or '
     '"area"; "bilinear" and "bicubic" for 2 axes, "trilinear" for 3'),
    (lambda: pg.interpolate(zeros(1, 1, 4), 2, align_corners=True), pg.ArgumentError,
     'interpolate: align_corners is True for mode "nearest"; expected False; only lines and cubics can be aligned'),
    (lambda: pg.interpolate(zeros(1, 1, 4), scale_factor=0.0), pg.ArgumentError,
     "interpolate: scale_factor is [0.0]; expected a positive number up to 2**31, or one for each axis of space"),
    (lambda: pg.interpolate(zeros(1, 1, 4), scale_factor=0.2), pg.ArgumentError, f"interpolate: size is 0; {ONE}"),
    (lambda: pg.interpolate(zeros(1, 1, 0), 2), pg.ShapeError,
     "interpolate: shape (1, 1, 0) has no elements to choose from; reduce axes of size 1 or more"),
    (lambda: pg.conv1d((x := zeros(1, 1, 2**26)), x[:, :, : 2**25]), pg.ArgumentError,
     f"conv1d: weight is {2**25} taps; expected at most 2**24 taps"),
    (lambda: pg.max_pool2d(zeros(1, 1, 2**13, 2**13), 2**13), pg.ArgumentError,
     "max_pool2d: kernel_size is 8192 x 8192 taps; expected at most 2**24 taps"),
    (lambda: pg.avg_pool1d(zeros(1, 1, 2**26), 2**25, stride=1), pg.ArgumentError,
     f"avg_pool1d: kernel_size is {2**25} taps; expected at most 2**24 taps"),
    (lambda: pg.adaptive_avg_pool1d(zeros(2**31, 2**27), 2**31), pg.ArgumentError, None),
]
# fmt: on


@pytest.mark.parametrize(("call", "error", "text"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_bad_calls(call: Any, error: type[Exception], text: str | None) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text is None or str(caught.value) == text


@pytest.mark.parametrize("taps", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_window_must_meet_the_input(size: int, taps: int) -> None:
    """As many taps and places as there are, asked one by one."""
    refused = 0
    for stride, dilation in itertools.product([1, 2, 3, 5], [1, 2, 3, 4, 9]):
        reach = dilation * (taps - 1) + 1
        for padding in range(reach // 2 + 1):
            if size + 2 * padding < reach:
                continue
            places = range(-padding, size + padding - reach + 1, stride)
            meets = all(any(0 <= place + dilation * tap < size for tap in range(taps)) for place in places)
            x = zeros(1, 1, size)
            if meets:
                assert pg.max_pool1d(x, taps, stride, padding=padding, dilation=dilation).shape == (1, 1, len(places))
            else:
                refused += 1
                with pytest.raises(pg.ArgumentError, match="of which one meets the input"):
                    pg.max_pool1d(x, taps, stride, padding=padding, dilation=dilation)
    assert refused > 0 or taps != 2


def test_parts_of_one_size_are_sums_however_long() -> None:
    x = pg.Record().ones((1, 2**26))
    assert pg.adaptive_avg_pool1d(x, 2).tolist() == [[1.0, 1.0]]
    assert pg.avg_pool1d(x.reshape(1, 1, -1), 2**25).tolist() == [[[1.0, 1.0]]]


def test_an_empty_batch_has_an_empty_result_and_gradients_of_zero() -> None:
    rec = pg.Record()
    x, w, b = rec.zeros((0, 2, 5, 5)), rec.ones((3, 2, 3, 3)), rec.ones(3)
    y = pg.conv2d(x, w, b, padding=1)
    grads = y.sum().grad()
    assert (y.shape, grads.wrt(x).shape) == ((0, 3, 5, 5), (0, 2, 5, 5))
    assert grads.wrt(w).tolist() == np.zeros((3, 2, 3, 3)).tolist()
    assert grads.wrt(b).tolist() == [0.0] * 3
    for pool in (pg.max_pool2d, pg.avg_pool2d):
        pooled = pool(x, 2)
        assert pooled.shape == (0, 2, 2, 2)
        assert pooled.sum().grad().wrt(x).shape == x.shape


def test_a_space_of_nothing_is_padding_alone() -> None:
    rec = pg.Record()
    x, w = rec.zeros((2, 1, 0)), rec.ones((1, 1, 2))
    y = pg.conv1d(x, w, padding=1)
    assert y.tolist() == [[[0.0]]] * 2
    assert y.sum().grad().wrt(w).tolist() == [[[0.0, 0.0]]]


def test_the_first_of_the_largest_gets_all_and_windows_add_up() -> None:
    rec = pg.Record()
    x = rec.tensor([[[1.0, 3.0, 3.0, 3.0, 0.0]]])
    y = pg.max_pool1d(x, 3, 1)
    assert y.tolist() == [[[3.0, 3.0, 3.0]]]
    assert y.grad([[[1.0, 10.0, 100.0]]]).wrt(x).tolist() == [[[0.0, 11.0, 100.0, 0.0, 0.0]]]


def test_padding_is_never_the_largest() -> None:
    rec = pg.Record()
    x = rec.tensor([[[-5.0, float("-inf"), -7.0]]])
    y = pg.max_pool1d(x, 2, 1, padding=1)
    assert y.tolist() == [[[-5.0, -5.0, -7.0, -7.0]]]
    assert pg.max_pool1d(rec.full((1, 1, 2), float("-inf")), 2, padding=1).tolist() == [[[float("-inf")] * 2]]
    assert pg.max_pool1d(rec.tensor([[[-3, -4]]]), 2, padding=1).tolist() == [[[-3, -4]]]


def test_a_nan_is_the_largest_of_its_windows_only() -> None:
    rec = pg.Record()
    x = rec.tensor([[[1.0, float("nan"), float("nan"), 2.0, 3.0]]])
    y = pg.max_pool1d(x, 2, 1)
    np.testing.assert_array_equal(y, [[[np.nan, np.nan, np.nan, 3.0]]])
    assert y.grad(rec.ones(y.shape)).wrt(x).tolist() == [[[0.0, 2.0, 1.0, 0.0, 1.0]]]


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_is_not_finite_stays_in_its_windows(value: float) -> None:
    """Padding, the ends of lines, and other weights of 0 in the engine's own sums touch nothing."""
    rec = pg.Record()
    x = np.ones((2, 1, 20, 20), "float32")
    x[0, 0, 7, 19] = value
    image = rec.tensor(x)
    weight = rec.ones((2, 1, 3, 3))
    y = pg.conv2d(image, weight, padding=1)
    seen = np.zeros((20, 20), bool)
    seen[6:9, 18:] = True
    for plane in y.data()[0]:
        np.testing.assert_array_equal(~np.isfinite(plane), seen)
    assert np.isfinite(y.data()[1]).all()
    assert np.isfinite(pg.interpolate(image, 40, mode="bilinear").data()).sum() == 2 * 1600 - 4 * 3
    assert np.isfinite(pg.adaptive_avg_pool2d(image, 7).data()).sum() == 2 * 49 - 1
    g = np.ones(y.shape, "float32")
    g[0, 0, 7, 19] = value
    dx = y.grad(g).wrt(image).data()
    np.testing.assert_array_equal(~np.isfinite(dx[0, 0]), seen)
    dw = y.grad(g).wrt(weight).data()
    assert not np.isfinite(dw[0]).any()
    plain = pg.Record().ones((2, 1, 20, 20))
    other = plain.record.ones((2, 1, 3, 3))
    dw = pg.conv2d(plain, other, padding=1).grad(g).wrt(other).data()
    assert np.isfinite(dw[1]).all()


SIZES = [
    ((3, 2, 30, 33), (5, 2, 3, 3), {"padding": 1}),
    ((2, 48, 9, 9), (30, 48, 3, 3), {"padding": 1}),
    ((2, 3, 41, 40), (16, 3, 7, 7), {"stride": 2, "padding": 3}),
    ((2, 6, 200, 170), (4, 6, 3, 3), {"padding": 1}),
    ((1, 8, 60, 61), (8, 1, 5, 3), {"padding": (2, 1), "groups": 8, "stride": (2, 3)}),
    ((70, 16, 5, 5), (33, 16, 5, 5), {}),
    ((9, 7, 6, 6), (4, 7, 1, 1), {}),
    ((2, 1, 40, 40), (3, 1, 25, 25), {"dilation": 1}),
    ((4, 3, 32, 32), (8, 3, 16, 16), {"stride": 16}),
]


@pytest.mark.parametrize(("image", "kernel", "more"), SIZES, ids=str)
def test_threads_and_dtypes_of_every_size(image: Any, kernel: Any, more: Any) -> None:
    """Single precision against double, and one thread against three, bit for bit."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(image), rng.standard_normal(kernel)
    g = rng.standard_normal(conv(image, kernel, **more).shape)

    def values(dtype: str) -> list[np.ndarray]:
        rec = pg.Record()
        a, b = (rec.tensor(array.astype(dtype)) for array in (x, w))
        y = pg.conv2d(a, b, **more)
        grads = y.grad(g.astype(dtype))
        return [np.asarray(t.data()) for t in (y, grads.wrt(a), grads.wrt(b))]

    threads = pg.get_num_threads()
    try:
        pg.set_num_threads(1)
        alone = values("float32")
        pg.set_num_threads(3)
        shared = values("float32")
    finally:
        pg.set_num_threads(threads)
    for one, other, exact in zip(alone, shared, values("float64"), strict=True):
        assert_same_bits(one, other)
        np.testing.assert_allclose(one, exact, rtol=0, atol=2e-6 * np.abs(exact).max() * np.sqrt(g.size / 100 + 10))
    # Each of the three is linear in the others: all tell the same number.
    y, dx, dw = values("float64")
    products = [(y * g).sum(), (dx * x).sum(), (dw * w).sum()]
    np.testing.assert_allclose(products, products[0], rtol=1e-9, atol=1e-9)


def test_the_plan_says_what_a_convolution_does() -> None:
    rec = pg.Record()
    y = pg.max_pool2d(pg.conv2d(rec.ones((2, 3, 6, 6)), rec.ones((4, 3, 3, 3))), 2)
    text = str(rec.plan(y))
    assert "convolve [%2], [2, 1, 3, 6, 6] * [1, 4, 3, 3, 3] to [2, 1, 4, 4, 4], 6912 FLOP" in text
    assert "max_pool [%3], 8 x [4, 4] to [2, 2]" in text
    assert "stride=[1, 1], dilation=[1, 1], before=[0, 0], groups=1" in str(rec)


def test_a_factor_that_keeps_the_size_picks_what_it_must() -> None:
    x = pg.Record().tensor([[[0.0, 1.0, 2.0]]])
    assert pg.interpolate(x, scale_factor=1.3).tolist() == [[[0.0, 0.0, 1.0]]]
    assert pg.interpolate(x, scale_factor=1.3, mode="nearest-exact").tolist() == [[[0.0, 1.0, 1.0]]]
    assert pg.interpolate(x, scale_factor=1.0).tolist() == [[[0.0, 1.0, 2.0]]]


@pytest.mark.parametrize("shape", [(2, 3, 9), (2, 2, 6, 5), (3, 4, 4), (1, 2, 4, 3, 5)], ids=str)
def test_indices_of_the_largest_say_where_they_are(shape: tuple[int, ...]) -> None:
    ndim = {3: 1, 4: 2, 5: 3}[len(shape)] if shape != (3, 4, 4) else 2
    rng = np.random.default_rng(5)
    x = rng.integers(0, 4, shape).astype(float)  # with ties, of which the first is taken
    rec = pg.Record()
    t = rec.tensor(x)
    y, index = getattr(pg, f"max_pool{ndim}d_with_indices")(t, 2, 1, 1)
    same = getattr(pg, f"max_pool{ndim}d")(t, 2, 1, 1)
    flat = x.reshape(*shape[:-ndim], -1)
    picked = np.take_along_axis(flat, array_of(index).reshape(*shape[:-ndim], -1), -1).reshape(y.shape)
    assert index.dtype == "int64"
    np.testing.assert_array_equal(array_of(y), picked)
    np.testing.assert_array_equal(array_of(y), array_of(same))
    g = rng.normal(size=y.shape)
    spread = np.zeros_like(flat)
    for place in np.ndindex(*shape[:-ndim]):
        np.add.at(spread[place], array_of(index)[place].ravel(), g[place].ravel())
    np.testing.assert_allclose(array_of(y.grad(g).wrt(t)), spread.reshape(shape), rtol=1e-12)
    assert not array_of(index.astype("float64").sum() * 0.0).any()


def test_adaptive_parts_of_equals_give_all_to_the_first() -> None:
    x = pg.Record().tensor(np.ones((1, 1, 7)))
    assert pg.adaptive_max_pool1d(x, 3).sum().grad().wrt(x).tolist() == [[[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]]]
    for size, error in [(0, pg.ArgumentError), ((2, 2), pg.ArgumentError)]:
        with pytest.raises(error):
            pg.adaptive_max_pool1d(x, size)
    with pytest.raises(pg.RecordError, match=r"^adaptive_max_pool1d: "):
        pg.adaptive_max_pool1d(x[..., :0], 2)
