"""A namespace: a record enters, and leaves with the functions of the standard; what they create is the record's."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from phonograd._core import DType, Record, Tensor
from phonograd.array_api.border import on_cpu, refuse
from phonograd.array_api.dtypes import Scalar, astype
from phonograd.array_api.functions import SHARED, VERSION


class Namespace:
    """The Array API standard on one record."""

    __slots__ = ("record",)
    __name__ = "phonograd.array_api"

    def __init__(self, record: Record) -> None:
        self.record = record

    def __eq__(self, other: object) -> builtins.bool:
        return isinstance(other, Namespace) and self.record is other.record

    def __hash__(self) -> int:
        return hash(id(self.record))

    def __repr__(self) -> str:
        return f"<Array API namespace of {self.record!r}>"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *SHARED})

    def __getattr__(self, name: str) -> Any:
        try:
            return SHARED[name]
        except KeyError:
            raise AttributeError(f"the Array API namespace of a record has no attribute {name!r}") from None

    def asarray(
        self, obj: Any, /, *, dtype: DType | None = None, device: object = None, copy: builtins.bool | None = None
    ) -> Tensor:
        """A tensor of the record: one of its own is itself, anything else is copied.

        Raises:
            ArgumentError: `copy=False`, and `obj` is not a tensor of the record and of the wanted dtype.
        """
        on_cpu("asarray", device)
        if isinstance(obj, Tensor) and obj.record is self.record:
            if copy is False and dtype is not None and obj.dtype != dtype:
                refuse("asarray", "copy", False, "True or None to change the dtype")
            return obj if dtype is None else astype(obj, dtype)
        if copy is False:
            refuse("asarray", "copy", False, "True or None, for only tensors of the record are shared")
        return self.record.tensor(obj, dtype)

    def from_dlpack(self, x: Any, /, *, device: object = None, copy: builtins.bool | None = None) -> Tensor:
        """A tensor of the record from another library's array, which is copied; one of the record's own is itself."""
        import numpy as np

        on_cpu("from_dlpack", device)
        if isinstance(x, Tensor):
            return self.asarray(x, copy=copy)
        return self.asarray(np.from_dlpack(x), copy=copy)

    def arange(
        self,
        start: float,
        /,
        stop: float | None = None,
        step: float = 1,
        *,
        dtype: DType | None = None,
        device: object = None,
    ) -> Tensor:
        """`Record.arange`."""
        on_cpu("arange", device)
        return self.record.arange(start, stop, step, dtype)

    def linspace(
        self,
        start: float,
        stop: float,
        /,
        num: int,
        *,
        dtype: DType | None = None,
        device: object = None,
        endpoint: builtins.bool = True,
    ) -> Tensor:
        """`Record.linspace`."""
        on_cpu("linspace", device)
        return self.record.linspace(start, stop, num, endpoint=endpoint, dtype=dtype)

    def eye(
        self,
        n_rows: int,
        n_cols: int | None = None,
        /,
        *,
        k: int = 0,
        dtype: DType | None = None,
        device: object = None,
    ) -> Tensor:
        """`Record.eye`."""
        on_cpu("eye", device)
        return self.record.eye(n_rows, n_cols, k=k, dtype=dtype)

    def zeros(self, shape: int | Sequence[int], *, dtype: DType | None = None, device: object = None) -> Tensor:
        """`Record.zeros`."""
        on_cpu("zeros", device)
        return self.record.zeros(shape, dtype)

    def ones(self, shape: int | Sequence[int], *, dtype: DType | None = None, device: object = None) -> Tensor:
        """`Record.ones`."""
        on_cpu("ones", device)
        return self.record.ones(shape, dtype)

    # Nothing in a record is unset.
    empty = zeros

    def full(
        self, shape: int | Sequence[int], fill_value: Scalar, *, dtype: DType | None = None, device: object = None
    ) -> Tensor:
        """`Record.full`."""
        on_cpu("full", device)
        return self.record.full(shape, fill_value, dtype)

    def zeros_like(self, x: Tensor, /, *, dtype: DType | None = None, device: object = None) -> Tensor:
        """`Record.zeros_like`."""
        on_cpu("zeros_like", device)
        return self.record.zeros_like(x, dtype)

    empty_like = zeros_like

    def ones_like(self, x: Tensor, /, *, dtype: DType | None = None, device: object = None) -> Tensor:
        """`Record.ones_like`."""
        on_cpu("ones_like", device)
        return self.record.ones_like(x, dtype)

    def full_like(
        self, x: Tensor, /, fill_value: Scalar, *, dtype: DType | None = None, device: object = None
    ) -> Tensor:
        """`Record.full_like`."""
        on_cpu("full_like", device)
        return self.record.full_like(x, fill_value, dtype)


def namespace(record: Record, api_version: str | None = None) -> Namespace:
    """The namespace of a record.

    Raises:
        ArgumentError: a version after 2024.12 is asked for, or none that there is.
    """
    if api_version is not None and api_version not in ("2021.12", "2022.12", "2023.12", VERSION):
        refuse("array namespace", "api_version", repr(api_version), f"{VERSION!r} or an earlier one")
    return Namespace(record)
