"""A record as a namespace of the Array API standard, version 2024.12.

A tensor enters as `x.__array_namespace__()`, a record as `namespace(record)`; functions of the standard leave, most of
them the core's own under the standard's names, those that create tensors bound to the record. So code written for the
standard runs on tensors and is differentiated. Namespaces are equal when their records are the same.

Out of scope: complex numbers, with them the `fft` extension, and writing into a tensor. `imag` of a tensor is zero,
`real` and `conj` are the tensor. `nextafter` and the `unique` functions give values, which have no gradient.

Example:
    >>> x = pg.Record().tensor([1.0, 2.0, 3.0])
    >>> xp = x.__array_namespace__()
    >>> loss = xp.sum(xp.square(x) * xp.arange(3, dtype=xp.float32))
    >>> loss.grad().wrt(x).tolist()
    [0.0, 4.0, 12.0]
"""

from __future__ import annotations

from phonograd._results import UniqueAllResult, UniqueCountsResult, UniqueInverseResult
from phonograd.array_api.border import to_device, to_dlpack
from phonograd.array_api.bound import Namespace, namespace
from phonograd.array_api.dtypes import FloatInfo, Info, IntegerInfo
from phonograd.array_api.functions import VERSION

__all__ = [
    "VERSION",
    "FloatInfo",
    "Info",
    "IntegerInfo",
    "Namespace",
    "UniqueAllResult",
    "UniqueCountsResult",
    "UniqueInverseResult",
    "namespace",
    "to_device",
    "to_dlpack",
]
