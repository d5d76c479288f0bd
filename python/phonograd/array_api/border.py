"""Other devices and libraries: a device enters and is checked, an array leaves read-only or as a copy."""

from __future__ import annotations

import builtins
from typing import Any, NoReturn

from phonograd._core import ArgumentError, Tensor


def refuse(op: str, argument: str, got: object, expected: str) -> NoReturn:
    """Raises an ArgumentError that shows both sides."""
    raise ArgumentError(f"{op}: `{argument}` is {got}; expected {expected}")


def on_cpu(op: str, device: object) -> None:
    """An error unless the device is None or "cpu"."""
    if device is not None and device != "cpu":
        refuse(op, "device", repr(device), "'cpu'")


def to_device(x: Tensor, device: object, stream: object = None) -> Tensor:
    """What `Tensor.to_device` does."""
    on_cpu("to_device", device)
    if stream is not None:
        refuse("to_device", "stream", repr(stream), "None, for the CPU has no streams")
    return x


def to_dlpack(x: Tensor, stream: object, max_version: Any, dl_device: Any, copy: builtins.bool | None) -> Any:
    """What `Tensor.__dlpack__` does: a read-only view for who understands one, else a copy."""
    if stream is not None:
        refuse("dlpack", "stream", repr(stream), "None, for the CPU has no streams")
    if dl_device is not None and tuple(dl_device) != (1, 0):
        raise BufferError("dlpack: tensors are on the CPU, (1, 0)")
    array = x.data()
    knows_read_only = max_version is not None and max_version[0] >= 1
    if copy or not knows_read_only:
        if copy is False:
            raise BufferError("dlpack: tensors are read-only, which needs max_version (1, 0) or a copy")
        array = array.copy()
    return array.__dlpack__(max_version=max_version) if knows_read_only else array.__dlpack__()
