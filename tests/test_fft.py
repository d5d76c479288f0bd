"""Fourier transforms: values beside NumPy's, gradients by differences, resizing, norms, shapes and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import phonograd as pg

SIZES = (1, 2, 3, 4, 5, 7, 8, 12, 97, 128, 1000)
NORMS = ("backward", "ortho", "forward")
COMPLEX = ("fft", "ifft")
N_D = ("fft2", "ifft2", "fftn", "ifftn")


def close(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    expected = np.asarray(expected)
    found = found.numpy() if isinstance(found, pg.fft.Complex) else found.data()
    assert found.shape == expected.shape
    scale = np.abs(expected).max(initial=1e-300)
    np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=tolerance)


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n", SIZES)
def test_values_are_numpys(n: int, norm: str) -> None:
    rec = pg.Record()
    a, b = drawn(n, 3, n), drawn(n + 1, 3, n)
    x, y = rec.tensor(a), rec.tensor(b)
    for name in COMPLEX:
        close(getattr(pg.fft, name)((x, y), norm=norm), getattr(np.fft, name)(a + 1j * b, norm=norm))
        close(getattr(pg.fft, name)(x, norm=norm), getattr(np.fft, name)(a, norm=norm))
    close(pg.fft.rfft(x, norm=norm), np.fft.rfft(a, norm=norm))
    close(pg.fft.ihfft(x, norm=norm), np.fft.ihfft(a, norm=norm))
    half = n // 2 + 1
    spectrum = a[:, :half] + 1j * b[:, :half]
    pair = (x[:, :half], y[:, :half])
    close(pg.fft.irfft(pair, n, norm=norm), np.fft.irfft(spectrum, n, norm=norm))
    close(pg.fft.hfft(pair, n, norm=norm), np.fft.hfft(spectrum, n, norm=norm))


@pytest.mark.parametrize("n", SIZES)
def test_float32_is_float64_rounded(n: int) -> None:
    a = drawn(n, 5, n)
    rec = pg.Record()
    x = rec.tensor(a.astype(np.float32))
    for found in (pg.fft.rfft(x), pg.fft.fft(x)):
        assert found.real.dtype == found.imag.dtype == pg.float32
    close(pg.fft.rfft(x), np.fft.rfft(a), 1e-6)
    close(pg.fft.fft((x, x * 2)), np.fft.fft(a + 2j * a), 1e-6)
    close(pg.fft.irfft(pg.fft.rfft(x), n), a, 1e-6)


@pytest.mark.parametrize("n", [1, 3, 6, 20])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_axes_are_cut_or_filled(axis: int, n: int) -> None:
    a, b = drawn(1, 6, 7), drawn(2, 6, 7)
    rec = pg.Record()
    x, y = rec.tensor(a), rec.tensor(b)
    close(pg.fft.fft((x, y), n, axis), np.fft.fft(a + 1j * b, n, axis))
    close(pg.fft.rfft(x, n, axis), np.fft.rfft(a, n, axis))
    close(pg.fft.irfft((x, y), n, axis), np.fft.irfft(a + 1j * b, n, axis))


@pytest.mark.parametrize(("s", "axes"), [(None, (0, 2)), ((4, 5), (2, 1)), ((3, -1), (0, 1)), (None, (1,))])
def test_several_axes(s: Any, axes: Any) -> None:
    a, b = drawn(1, 3, 4, 6), drawn(2, 3, 4, 6)
    rec = pg.Record()
    x, y = rec.tensor(a), rec.tensor(b)
    for norm in NORMS:
        for name in ("fftn", "ifftn"):
            close(getattr(pg.fft, name)((x, y), s, axes, norm), getattr(np.fft, name)(a + 1j * b, s, axes, norm))
        close(pg.fft.rfftn(x, s, axes, norm), np.fft.rfftn(a, s, axes, norm))
        if s != (3, -1):  # NumPy's -1 there is twice that size
            close(pg.fft.irfftn((x, y), s, axes, norm), np.fft.irfftn(a + 1j * b, s, axes, norm))


def test_two_axes_and_all_of_them() -> None:
    a, b = drawn(1, 3, 4, 6), drawn(2, 3, 4, 6)
    rec = pg.Record()
    x, y = rec.tensor(a), rec.tensor(b)
    for name in N_D:
        close(getattr(pg.fft, name)((x, y)), getattr(np.fft, name)(a + 1j * b))
    for name in ("rfft2", "rfftn"):
        close(getattr(pg.fft, name)(x), getattr(np.fft, name)(a))
        close(getattr(pg.fft, "i" + name)((x, y)), getattr(np.fft, "i" + name)(a + 1j * b))
    close(pg.fft.irfft2(pg.fft.rfft2(x)), a)


def test_inputs_that_do_not_lie_densely() -> None:
    a = drawn(1, 40, 30)
    x = pg.Record().tensor(a)
    close(pg.fft.rfft(x.T[::-1, ::3]), np.fft.rfft(a.T[::-1, ::3]))
    close(pg.fft.fft((x.T[::2], x.T[1::2])), np.fft.fft(a.T[::2] + 1j * a.T[1::2]))
    close(pg.fft.fft(x[0].broadcast_to((5, 30))), np.fft.fft(np.broadcast_to(a[0], (5, 30))))


def test_batches_of_nothing() -> None:
    rec = pg.Record()
    x = rec.zeros((0, 6), dtype="float64")
    assert pg.fft.rfft(x).real.shape == (0, 4)
    assert pg.fft.fft(x).imag.data().shape == (0, 6)
    assert pg.fft.irfft(pg.fft.rfft(x)).data().shape == (0, 6)
    assert pg.fft.rfft(x).power().sum().grad().wrt(x).data().shape == (0, 6)


@pytest.mark.parametrize("dtype", ["int32", "bool", "float16", "bfloat16"])
def test_other_dtypes_compute_in_float32(dtype: str) -> None:
    x = pg.Record().tensor([1.0, 0.0, 1.0, 1.0]).astype(dtype)
    found = pg.fft.rfft(x)
    assert found.real.dtype == (dtype if "float" in dtype else pg.float32)
    assert found.real.tolist() == [3.0, 0.0, 1.0]
    assert found.imag.tolist() == [0.0, 1.0, 0.0]


FUNCTIONS = {
    "fft": lambda x, y: pg.fft.fft((x, y)),
    "fft-real": lambda x, y: pg.fft.fft(x * y),
    "ifft": lambda x, y: pg.fft.ifft((x, y), 9, 0, "ortho"),
    "ifft-real": lambda x, y: pg.fft.ifft(x * y),
    "rfft": lambda x, y: pg.fft.rfft(x * y, norm="forward"),
    "rfft-odd": lambda x, y: pg.fft.rfft(x * y, 5),
    "irfft": lambda x, y: (pg.fft.irfft((x, y)), x),
    "irfft-odd": lambda x, y: (pg.fft.irfft((x, y), 7, norm="ortho"), y),
    "irfft-filled": lambda x, y: (pg.fft.irfft((x, y), 12, 0), y),
    "hfft": lambda x, y: (pg.fft.hfft((x, y)), x),
    "ihfft": lambda x, y: pg.fft.ihfft(x * y),
    "rfft2": lambda x, y: pg.fft.rfft2(x * y),
    "irfft2": lambda x, y: (pg.fft.irfft2((x, y)), x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_by_differences_to_order_two(name: str) -> None:
    rng = np.random.default_rng(len(name))
    a, b, u, v = rng.normal(size=(4, 3, 6))
    weights = {}

    def loss(rec, p, q):
        x, y = rec.tensor(p), rec.tensor(q)
        parts = FUNCTIONS[name](x, y)
        total = rec.zeros((), dtype="float64")
        for k, part in enumerate(parts):
            w = weights.setdefault(k, rng.normal(size=part.shape))
            total = total + (part.sin() * w).sum()  # of a linear map alone, order two would be nothing
        return x, y, total

    def slopes(p, q):
        rec = pg.Record()
        x, y, total = loss(rec, p, q)
        grads = total.grad()
        slope = (grads.wrt(x) * u).sum() + (grads.wrt(y) * v).sum()
        second = slope.grad()
        return total.item(), slope.item(), ((second.wrt(x) * u).sum() + (second.wrt(y) * v).sum()).item()

    h = 1e-5
    value, slope, second = slopes(a, b)
    ahead, behind = slopes(a + h * u, b + h * v), slopes(a - h * u, b - h * v)
    assert np.isfinite(value)
    np.testing.assert_allclose(slope, (ahead[0] - behind[0]) / (2 * h), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(second, (ahead[1] - behind[1]) / (2 * h), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 5, 6, 8])
def test_gradients_of_irfft_at_frequencies_that_are_their_own_mirror(n: int) -> None:
    half = n // 2 + 1
    g, a, b = drawn(n, n), drawn(n + 1, half), drawn(n + 2, half)
    rec = pg.Record()
    x, y = rec.tensor(a), rec.tensor(b)
    grads = (pg.fft.irfft((x, y), n) * g).sum().grad()
    # The transposed matrix, column by column.
    for t, by in ((x, 1.0), (y, 1j)):
        expected = [np.fft.irfft(by * row, n) @ g for row in np.eye(half)]
        np.testing.assert_allclose(grads.wrt(t).data(), expected, atol=1e-14)
    assert grads.wrt(y).data()[0] == 0.0
    if n % 2 == 0:
        assert grads.wrt(y).data()[-1] == 0.0
    jump = y + np.where(np.isin(np.arange(half), [0, n / 2]), 7.0, 0.0)
    assert (pg.fft.irfft((x, jump), n).data() == pg.fft.irfft((x, y), n).data()).all()


def test_as_many_threads_as_there_are_give_the_same_bits() -> None:
    a, before = drawn(1, 300, 1000), pg.get_num_threads()
    found = []
    try:
        for threads in (1, 2, 3):
            pg.set_num_threads(threads)
            spectrum = pg.fft.rfft(pg.Record().tensor(a))
            found.append((spectrum.real.data(), spectrum.imag.data(), pg.fft.irfft(spectrum).data()))
    finally:
        pg.set_num_threads(before)
    assert all((x == y).all() for other in found[1:] for x, y in zip(found[0], other, strict=True))


def test_planned_is_unplanned() -> None:
    a = drawn(1, 4, 12)

    def run(stepwise: bool) -> list[pg.Tensor]:
        rec = pg.Record()
        x = rec.tensor(a)
        spectrum = pg.fft.rfft(x.sin())
        made = [spectrum.real, spectrum.imag]
        if stepwise:
            [part.data() for part in made]
        y = pg.fft.irfft((spectrum.real * 2, spectrum.imag))
        return [*made, y, (y * y).sum().grad().wrt(x)]

    for one, other in zip(run(False)[::-1], run(True)[::-1], strict=True):
        assert (one.data() == other.data()).all()


def test_parts_of_a_complex_array() -> None:
    a, b = drawn(1, 4), drawn(2, 4)
    z, w = a + 1j * b, b - 2j * a
    rec = pg.Record()
    x = pg.fft.Complex(rec.tensor(a), rec.tensor(b))
    close(x.abs(), np.abs(z))
    close(x.angle(), np.angle(z))
    close(x.power(), np.abs(z) ** 2)
    close(x.conj(), z.conj())
    close(x.multiply((x.imag, x.real * -2)), z * w)
    close(x.multiply(x.real), z * a)


def test_frequencies_and_shifts() -> None:
    rec = pg.Record()
    for n in SIZES:
        close(pg.fft.fftfreq(rec, n, 0.1, "float64"), np.fft.fftfreq(n, 0.1))
        close(pg.fft.rfftfreq(rec, n, 0.1, "float64"), np.fft.rfftfreq(n, 0.1))
    a = drawn(1, 3, 4, 5)
    x = rec.tensor(a)
    for axes in (None, 1, (0, -1)):
        close(pg.fft.fftshift(x, axes), np.fft.fftshift(a, axes))
        close(pg.fft.ifftshift(x, axes), np.fft.ifftshift(a, axes))
        close(pg.fft.fftshift((x, x * 2), axes), np.fft.fftshift(a + 2j * a, axes))


def test_none_is_the_backward_norm() -> None:
    x = pg.Record().tensor(drawn(1, 6))
    for name in ("fft", "rfft", "ihfft"):
        transform = getattr(pg.fft, name)
        assert (transform(x, norm=None).numpy() == transform(x).numpy()).all()
    for name in ("irfft", "hfft"):
        transform = getattr(pg.fft, name)
        assert (transform(x, norm=None).data() == transform(x).data()).all()


ERRORS: list[tuple[type[Exception], str, Callable[[Any], Any]]] = [
    (pg.ShapeError, "fft: axis 0 of shape (0,) has no elements to transform; transform axes of size 1 or more",
        lambda r: pg.fft.fft(r.zeros(0))),
    (pg.ShapeError, "irfft: axis 1 of shape (2, 0) has no elements to transform; transform axes of size 1 or more",
        lambda r: pg.fft.irfft(r.zeros((2, 0)))),
    (pg.AxisError, "rfft: axis -1 is out of range for 0 axes; there is none to use", lambda r: pg.fft.rfft(r.ones(()))),
    (pg.AxisError, "fftn: axis 1 is named twice; name each axis once",
        lambda r: pg.fft.fftn(r.ones((2, 2)), axes=(1, -1))),
    (pg.ArgumentError, "rfft: n is 0; expected at least 1", lambda r: pg.fft.rfft(r.ones(3), 0)),
    (pg.InputError, "fft: cannot read n from str; expected an integer", lambda r: pg.fft.fft(r.ones(3), "3")),
    (pg.ArgumentError, "fftfreq: d is 0; expected a distance that is not 0", lambda r: pg.fft.fftfreq(r, 3, 0)),
    (pg.AxisError, "roll: axis 3 is out of range for 2 axes; use -2 to 1",
        lambda r: pg.fft.fftshift(r.ones((2, 2)), 3)),
    (pg.InputError, "fftshift: cannot read str; expected a tensor or a pair of tensors, real and imaginary",
        lambda r: pg.fft.fftshift("a")),
    (pg.ArgumentError, "fftn: n is -2; expected at least 1", lambda r: pg.fft.fftn(r.ones(3), [-2])),
    (pg.ArgumentError, "irfft: n is 0, as a spectrum of 1 has by default; expected at least 1",
        lambda r: pg.fft.irfft(r.ones(1))),
    (pg.ArgumentError, "fft2: s is (2,); expected one size for each axis", lambda r: pg.fft.fft2(r.ones((3, 3)), [2])),
    (pg.ArgumentError, "rfftn: axes is (); expected at least one axis", lambda r: pg.fft.rfftn(r.ones(3), axes=())),
    (pg.ArgumentError, 'ifft: norm is "unit"; expected "backward", "ortho" or "forward"',
        lambda r: pg.fft.ifft(r.ones(3), norm="unit")),
    (pg.ShapeError, "fft: the imaginary part has shape (2,); expected (3,)",
        lambda r: pg.fft.fft((r.ones(3), r.ones(2)))),
    (pg.InputError, "fft: cannot read list; expected a tensor or a pair of tensors, real and imaginary",
        lambda r: pg.fft.fft([1.0])),
]  # fmt: skip


@pytest.mark.parametrize(("error", "text", "call"), ERRORS)
def test_errors_say_what_does_not_fit(error: type[Exception], text: str, call: Callable[[pg.Record], Any]) -> None:
    with pytest.raises(error) as caught:
        call(pg.Record())
    assert str(caught.value) == text


def test_parts_of_two_records_do_not_meet() -> None:
    with pytest.raises(pg.ForeignTensorError, match=r"^ifft: the tensor belongs to record \d+, not to record \d+; "):
        pg.fft.ifft((pg.Record().ones(3), pg.Record().ones(3)))


@pytest.mark.parametrize("norm", [np.array([0, 1]), 3, ""], ids=repr)
def test_what_is_no_norm_is_refused(norm: Any) -> None:
    x = pg.Record().ones((2, 4))
    for transform in (pg.fft.fft, pg.fft.rfft, pg.fft.irfft, pg.fft.fft2):
        with pytest.raises(pg.RecordError):
            transform(x, norm=norm)
