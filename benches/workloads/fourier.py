"""Fourier transforms, forwards and with gradients."""

from .indexing import rows


def _ours(name, *arguments):
    import phonograd as pg

    return getattr(pg.fft, name)(*arguments)


def _theirs(name, *arguments):
    import torch

    return getattr(torch.fft, name)(*arguments)


def _power(z):
    return z.real.square() + z.imag.square()


def _pairs():
    """Name, this library, torch, arrays, and whether the gradient is measured, too."""
    for size in (1024, 1009):
        yield (f"rfft of 1,000 rows of {size:,}", lambda x: _power(_ours("rfft", x)),
               lambda x: _power(_theirs("rfft", x)), ((1000, size),), True)  # fmt: skip
    there_and_back = "rfft and back of 1,000 rows of 1,024"
    yield (there_and_back, lambda x: _ours("irfft", _ours("rfft", x)), lambda x: _theirs("irfft", _theirs("rfft", x)),
           ((1000, 1024),), True)  # fmt: skip
    yield ("fft of 1 M", lambda x, y: _power(_ours("fft", (x, y))), lambda x, y: _power(_theirs("fft", x + 1j * y)),
           ((1 << 20,), (1 << 20,)), True)  # fmt: skip
    yield ("rfft2 of 64 x 128 x 128", lambda x: _power(_ours("rfft2", x)), lambda x: _power(_theirs("rfft2", x)),
           ((64, 128, 128),), False)  # fmt: skip


ROWS = dict(rows(_pairs()))
