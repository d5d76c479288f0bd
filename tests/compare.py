"""Tensors of either library from arrays and back, and what it means that two arrays agree."""

from __future__ import annotations

from typing import Any

import numpy as np

import phonograd as pg


def tensors(rec: Any, arrays: list[np.ndarray]) -> list[Any]:
    return [rec.tensor(array) for array in arrays]


def array_of(tensor: Any) -> np.ndarray:
    """The values of a tensor of either library."""
    if isinstance(tensor, pg.Tensor):
        return np.asarray(tensor.data())
    return np.array(tensor.array.flat, str(tensor.dtype)).reshape(tensor.shape)


def assert_close(got: np.ndarray, want: np.ndarray, ulps: float, *, normwise: bool = False) -> None:
    """Both equal up to `ulps` units in the last place, of the dtype of `got`.

    The units are those of each element; with `normwise`, of the largest one, or of 1 if all are smaller.
    """
    assert got.shape == want.shape
    if got.dtype.kind != "f":
        np.testing.assert_array_equal(got, want)
        return
    with np.errstate(over="ignore"):
        want = want.astype(got.dtype)  # what is past the largest number is infinite
    finite = np.isfinite(want)
    np.testing.assert_array_equal(got[~finite], want[~finite])
    limits = np.finfo(got.dtype)
    got, want = got[finite].astype(float), want[finite].astype(float)
    size = np.abs(want)
    scale = np.maximum(size, max(1.0, size.max(initial=0.0)) if normwise else float(limits.tiny))
    error = np.abs(got - want) / (scale * float(limits.eps))
    assert (error <= ulps).all(), f"{error.max():.3g} ulp off where {ulps} are allowed: got {got}, want {want}"


def assert_same_bits(got: np.ndarray, want: np.ndarray) -> None:
    """Both equal to the last bit, signs of zeros too; which of all nans one is does not count."""
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    signs = [np.signbit(a.astype(float)) for a in (got, want)]
    same = ((got == want) & (signs[0] == signs[1])) | ((got != got) & (want != want))
    assert same.all(), f"got {got}, want {want}"
