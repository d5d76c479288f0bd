"""Discrete Fourier transforms, with gradients of any order.

Names, arguments and conventions are those of `numpy.fft`. Tensors are real, so a spectrum is a `Complex`: a pair of
tensors, its real and its imaginary parts. Functions that take a complex array take such a pair, any tuple of two, or a
tensor, which is real. Everything is computed in float32 or float64: integers and bool become float32, and narrow floats
are rounded when a function returns. Every size is transformed in `O(n log n)`, prime or not.

A `norm` says which direction is divided by the number of elements: "backward" (or None) the inverse, "forward" the
direct one, "ortho" both by its root. A `n` or `s` cuts an axis off, or fills it up with zeros. Transforms are linear:
the cotangent of an input is the transform of the cotangent in the other direction.

Example:
    >>> rec = pg.Record()
    >>> x = rec.tensor([1.0, 2.0, 0.0, -1.0], dtype="float64")
    >>> spectrum = pg.fft.rfft(x)
    >>> spectrum.real.tolist(), spectrum.imag.tolist()
    ([2.0, 1.0, 0.0], [0.0, -3.0, 0.0])
    >>> spectrum.power().sum().grad().wrt(x).tolist()
    [6.0, 10.0, 2.0, -2.0]
    >>> pg.fft.irfft(spectrum).tolist()
    [1.0, 2.0, 0.0, -1.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, overload

from phonograd import _core
from phonograd._core import ArgumentError, DType, InputError, Record, Tensor

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    _Sizes = Sequence[int] | None
    Norm = Literal["backward", "ortho", "forward"] | None
    Array: TypeAlias = "Complex | tuple[Tensor, Tensor] | Tensor"

__all__ = [
    "Complex",
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]


class Complex(NamedTuple):
    """A complex array: two real tensors of one shape.

    Example:
        >>> z = pg.fft.fft(pg.Record().tensor([0.0, 1.0, 0.0, 0.0]))
        >>> z.abs().tolist()
        [1.0, 1.0, 1.0, 1.0]
        >>> z.numpy().tolist()
        [(1+0j), -1j, (-1+0j), 1j]
    """

    real: Tensor
    imag: Tensor

    def abs(self) -> Tensor:
        """The magnitude, without overflow. Its gradient at 0 is 0."""
        return _core.hypot(self.real, self.imag)

    def angle(self) -> Tensor:
        """The phase, from -pi to pi."""
        return _core.atan2(self.imag, self.real)

    def power(self) -> Tensor:
        """The magnitude squared."""
        return self.real.square() + self.imag.square()

    def conj(self) -> Complex:
        """The complex conjugate."""
        return Complex(self.real, -self.imag)

    def multiply(self, other: Complex | tuple[Tensor, Tensor] | Tensor) -> Complex:
        """The product with another complex array, or with a real one; shapes broadcast."""
        real, imag = _parts("multiply", other)
        if imag is None:
            return Complex(self.real * real, self.imag * real)
        return Complex(self.real * real - self.imag * imag, self.real * imag + self.imag * real)

    def numpy(self) -> npt.NDArray[np.complexfloating[Any, Any]]:
        """The values as a complex NumPy array."""
        real = self.real.data()
        return real + 1j * self.imag.data().astype(real.dtype)


def _parts(op: str, a: object) -> tuple[Tensor, Tensor | None]:
    if isinstance(a, Tensor):
        return a, None
    if isinstance(a, tuple) and len(a) == 2 and isinstance(a[0], Tensor) and isinstance(a[1], Tensor):
        return a
    got = type(a).__name__
    raise InputError(f"{op}: cannot read {got}; expected a tensor or a pair of tensors, real and imaginary")


def _size(op: str, n: int | None, axis: int) -> tuple[list[int] | None, list[int]]:
    if n is None:
        return None, [axis]
    try:
        n = index(n)
    except TypeError:
        raise InputError(f"{op}: cannot read n from {type(n).__name__}; expected an integer") from None
    if n < 1:
        raise ArgumentError(f"{op}: n is {n}; expected at least 1")
    return [n], [axis]


def _direction(norm: Norm) -> str:
    return "backward" if norm is None else norm


def _whole(name: str, a: Array, inverse: bool, s: Any, axes: Any, norm: Norm) -> Complex:
    real, imag = _parts(name, a)
    return Complex(*_core._fft_whole(name, real, imag, inverse, s, axes, _direction(norm)))


def _half(name: str, a: Tensor, s: Any, axes: Any, norm: Norm) -> Complex:
    return Complex(*_core._fft_half(name, a, s, axes, _direction(norm)))


def _back(name: str, a: Array, s: Any, axes: Any, norm: Norm) -> Tensor:
    real, imag = _parts(name, a)
    return _core._fft_back(name, real, imag, s, axes, _direction(norm))


# One axis -------------------------------------------------------------------------------------------------------------


def fft(a: Array, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Complex:
    """The transform `A[k] = sum_j a[j] exp(-2 pi i j k / n)` along an axis.

    Raises:
        AxisError: the axis is none of the array's; a scalar has none.
        ShapeError: the axis has no elements, or the parts differ in shape.
        ArgumentError: `n` is below 1, or the norm is unknown.

    Example:
        >>> pg.fft.fft(pg.Record().tensor([1.0, 0.0, -1.0, 0.0])).real.tolist()
        [0.0, 2.0, 0.0, 2.0]
    """
    n_, axis_ = _size("fft", n, axis)
    return _whole("fft", a, False, n_, axis_, norm)


def ifft(a: Array, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Complex:
    """The inverse of `fft`: `a[j] = sum_k A[k] exp(2 pi i j k / n) / n` along an axis.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fft`.

    Example:
        >>> pg.fft.ifft(pg.Record().tensor([0.0, 4.0, 4.0, 0.0])).real.tolist()
        [2.0, -1.0, 0.0, -1.0]
    """
    n_, axis_ = _size("ifft", n, axis)
    return _whole("ifft", a, True, n_, axis_, norm)


def rfft(a: Tensor, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Complex:
    """The transform of real numbers along an axis: the `n // 2 + 1` frequencies that are not negative.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fft`.

    Example:
        >>> pg.fft.rfft(pg.Record().tensor([1.0, 2.0, 3.0, 4.0])).real.tolist()
        [10.0, -2.0, -2.0]
    """
    n_, axis_ = _size("rfft", n, axis)
    return _half("rfft", a, n_, axis_, norm)


def irfft(a: Array, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The inverse of `rfft`: `n` real numbers, by default `2 * (m - 1)` of `m` frequencies.

    Imaginary parts at frequency 0 and, of an even `n`, at the last one are ignored, and have a gradient of 0.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fft`.

    Example:
        >>> pg.fft.irfft(pg.Record().tensor([4.0, 0.0, 0.0]), n=4).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    n_, axis_ = _size("irfft", n, axis)
    return _back("irfft", a, n_, axis_, norm)


def hfft(a: Array, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The real spectrum of `n` numbers that are Hermitian, of which the first half is given.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fft`.

    Example:
        >>> pg.fft.hfft(pg.Record().tensor([1.0, 2.0, 3.0])).tolist()
        [8.0, -2.0, 0.0, -2.0]
    """
    n_, axis_ = _size("hfft", n, axis)
    real, imag = _parts("hfft", a)
    return _back("hfft", real if imag is None else (real, -imag), n_, axis_, _OTHER.get(norm, norm))


def ihfft(a: Tensor, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Complex:
    """The inverse of `hfft`: the first half of numbers whose spectrum is real.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fft`.

    Example:
        >>> pg.fft.ihfft(pg.Record().tensor([8.0, -2.0, 0.0, -2.0])).real.tolist()
        [1.0, 2.0, 3.0]
    """
    n_, axis_ = _size("ihfft", n, axis)
    return _half("ihfft", a, n_, axis_, _OTHER.get(norm, norm)).conj()


_OTHER: dict[Norm, Norm] = {None: "forward", "backward": "forward", "forward": "backward"}


# Several axes ---------------------------------------------------------------------------------------------------------


def fftn(a: Array, s: _Sizes = None, axes: _Sizes = None, norm: Norm = "backward") -> Complex:
    """The transform along several axes; without `axes` along the last `len(s)`, or all.

    A size of -1 is the array's own.

    Raises:
        AxisError: an axis is none of the array's, or is named twice.
        ShapeError: an axis has no elements, or the parts differ in shape.
        ArgumentError: a size is below 1, `s` and `axes` differ in length, or the norm is unknown.

    Example:
        >>> pg.fft.fftn(pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])).real.tolist()
        [[10.0, -2.0], [-4.0, 0.0]]
    """
    return _whole("fftn", a, False, s, axes, norm)


def ifftn(a: Array, s: _Sizes = None, axes: _Sizes = None, norm: Norm = "backward") -> Complex:
    """The inverse of `fftn`.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fftn`.

    Example:
        >>> pg.fft.ifftn(pg.Record().tensor([[10.0, -2.0], [-4.0, 0.0]])).real.tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    return _whole("ifftn", a, True, s, axes, norm)


def rfftn(a: Tensor, s: _Sizes = None, axes: _Sizes = None, norm: Norm = "backward") -> Complex:
    """The transform of real numbers along several axes: of the last, the frequencies that are not negative.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fftn`; there must be an axis.

    Example:
        >>> pg.fft.rfftn(pg.Record().tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).real.tolist()
        [[21.0, -3.0], [-9.0, 0.0]]
    """
    return _half("rfftn", a, s, axes, norm)


def irfftn(a: Array, s: _Sizes = None, axes: _Sizes = None, norm: Norm = "backward") -> Tensor:
    """The inverse of `rfftn`; the last axis gets `2 * (m - 1)` numbers of `m` frequencies, unless `s` says otherwise.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fftn`; there must be an axis.

    Example:
        >>> pg.fft.irfftn(pg.Record().tensor([[10.0, -2.0], [-4.0, 0.0]])).tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    return _back("irfftn", a, s, axes, norm)


def fft2(a: Array, s: _Sizes = None, axes: _Sizes = (-2, -1), norm: Norm = "backward") -> Complex:
    """`fftn` along the last two axes.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fftn`.

    Example:
        >>> pg.fft.fft2(pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])).real.tolist()
        [[10.0, -2.0], [-4.0, 0.0]]
    """
    return _whole("fft2", a, False, s, axes, norm)


def ifft2(a: Array, s: _Sizes = None, axes: _Sizes = (-2, -1), norm: Norm = "backward") -> Complex:
    """`ifftn` along the last two axes.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `fftn`.

    Example:
        >>> pg.fft.ifft2(pg.Record().tensor([[10.0, -2.0], [-4.0, 0.0]])).real.tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    return _whole("ifft2", a, True, s, axes, norm)


def rfft2(a: Tensor, s: _Sizes = None, axes: _Sizes = (-2, -1), norm: Norm = "backward") -> Complex:
    """`rfftn` along the last two axes.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `rfftn`.

    Example:
        >>> pg.fft.rfft2(pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])).real.tolist()
        [[10.0, -2.0], [-4.0, 0.0]]
    """
    return _half("rfft2", a, s, axes, norm)


def irfft2(a: Array, s: _Sizes = None, axes: _Sizes = (-2, -1), norm: Norm = "backward") -> Tensor:
    """`irfftn` along the last two axes.

    Raises:
        AxisError, ShapeError, ArgumentError: as for `irfftn`.

    Example:
        >>> pg.fft.irfft2(pg.Record().tensor([[10.0, -2.0], [-4.0, 0.0]])).tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    return _back("irfft2", a, s, axes, norm)


# Frequencies ----------------------------------------------------------------------------------------------------------


def _spacing(op: str, n: int, d: float) -> None:
    _size(op, n, 0)
    if float(d) == 0.0:
        raise ArgumentError(f"{op}: d is {d}; expected a distance that is not 0")


def fftfreq(rec: Record, n: int, d: float = 1.0, dtype: DType | str = "float32") -> Tensor:
    """The frequencies of a transform of `n` numbers that are `d` apart, in the order of `fft`.

    Raises:
        ArgumentError: `n` is below 1, or `d` is 0.

    Example:
        >>> pg.fft.fftfreq(pg.Record(), 4, d=0.5).tolist()
        [0.0, 0.5, -1.0, -0.5]
    """
    _spacing("fftfreq", n, d)
    k = rec.arange(n, dtype=dtype)
    return _core.where(k < (n + 1) // 2, k, k - n) * (1.0 / (n * d))


def rfftfreq(rec: Record, n: int, d: float = 1.0, dtype: DType | str = "float32") -> Tensor:
    """The frequencies of a transform of `n` real numbers that are `d` apart, in the order of `rfft`.

    Raises:
        ArgumentError: `n` is below 1, or `d` is 0.

    Example:
        >>> pg.fft.rfftfreq(pg.Record(), 4, d=0.5).tolist()
        [0.0, 0.5, 1.0]
    """
    _spacing("rfftfreq", n, d)
    return rec.arange(n // 2 + 1, dtype=dtype) * (1.0 / (n * d))


def _rolled(op: str, x: Array, axes: int | Sequence[int] | None, back: bool) -> Any:
    real, imag = _parts(op, x)
    along = list(range(real.ndim)) if axes is None else [axes] if isinstance(axes, int) else list(axes)
    # What axes there are, `roll` says itself.
    sizes = [real.shape[axis] if -real.ndim <= axis < real.ndim else 0 for axis in along]
    shifts = [-(size // 2) if back else size // 2 for size in sizes]
    rolled = [_core.roll(part, shifts, along) for part in (real, imag) if part is not None]
    return rolled[0] if imag is None else Complex(*rolled)


@overload
def fftshift(x: Tensor, axes: int | Sequence[int] | None = None) -> Tensor: ...
@overload
def fftshift(x: Complex | tuple[Tensor, Tensor], axes: int | Sequence[int] | None = None) -> Complex: ...
def fftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    """Moves frequency 0 to the middle of the axes, of which all are meant without any.

    Raises:
        AxisError: an axis is none of the array's.

    Example:
        >>> pg.fft.fftshift(pg.fft.fftfreq(pg.Record(), 4)).tolist()
        [-0.5, -0.25, 0.0, 0.25]
    """
    return _rolled("fftshift", x, axes, False)


@overload
def ifftshift(x: Tensor, axes: int | Sequence[int] | None = None) -> Tensor: ...
@overload
def ifftshift(x: Complex | tuple[Tensor, Tensor], axes: int | Sequence[int] | None = None) -> Complex: ...
def ifftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    """Undoes `fftshift`.

    Raises:
        AxisError: an axis is none of the array's.

    Example:
        >>> x = pg.fft.fftfreq(pg.Record(), 5)
        >>> (pg.fft.ifftshift(pg.fft.fftshift(x)) == x).all().item()
        True
    """
    return _rolled("ifftshift", x, axes, True)


def __dir__() -> list[str]:
    return sorted(__all__)
