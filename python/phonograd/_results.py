"""Several results under names: tuples, so that they can be taken apart as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from phonograd._core import Tensor


class TopKResult(NamedTuple):
    """What `topk` returns."""

    values: Tensor
    indices: Tensor


class CummaxResult(NamedTuple):
    """What `cummax` returns."""

    values: Tensor
    indices: Tensor


class CumminResult(NamedTuple):
    """What `cummin` returns."""

    values: Tensor
    indices: Tensor


class UniqueAllResult(NamedTuple):
    """What `unique_all` returns."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCountsResult(NamedTuple):
    """What `unique_counts` returns."""

    values: Tensor
    counts: Tensor


class UniqueInverseResult(NamedTuple):
    """What `unique_inverse` returns."""

    values: Tensor
    inverse_indices: Tensor
