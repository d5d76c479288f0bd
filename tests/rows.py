"""What a row of the table of operations is: samplers of arguments, calls, and what a result must be."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from phonograd import reference

Shape = tuple[int, ...]
Sampler = Callable[[np.random.Generator, Shape], Any]
# The dtypes that operations compute in; those that only store are tested against these, see test_dtypes.py.
FLOATS, INTEGERS = ("float32", "float64"), ("uint8", "int32", "int64", "uint64")
DTYPES = ("bool", *INTEGERS, *FLOATS)

# Samplers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class between:  # noqa: N801 - reads as a word
    low: float
    high: float

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Any:
        return rng.uniform(self.low, self.high, shape)


def grid(offset: float, low: int = -3, high: int = 3) -> Sampler:
    """Integers plus `offset`, give or take 0.1: two grids half a unit apart have no ties, and integers are far."""
    return lambda rng, shape: rng.integers(low, high, shape) + offset + rng.uniform(-0.1, 0.1, shape)


def spread(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Values of which no two are near each other."""
    count = int(np.prod(shape))
    return (rng.permutation(count).reshape(shape) - count / 2 + rng.uniform(0.2, 0.4, shape)) * 0.3


def integers(low: int, high: int) -> Sampler:
    return lambda rng, shape: rng.integers(low, high, shape)


def digits(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Few different floats, so that ties and zeros are there."""
    return np.asarray(rng.integers(-2, 3, shape)).astype(float)


def flags(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return np.asarray(rng.integers(0, 2, shape)).astype(bool)


REAL, NONZERO, POSITIVE = between(-2.0, 2.0), grid(0.5), between(0.2, 3.0)

# Rows ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """The arguments of one call: shapes of the tensors, then what is passed as it is."""

    shapes: tuple[Shape, ...]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    dtype: str | None = None  # if the result's dtype does not follow from the row's rule
    order: int | None = None  # if there are fewer derivatives than the row says


def case(*shapes: Shape, args: tuple[Any, ...] = (), dtype: str | None = None, order: int | None = None, **kwargs: Any):
    return Case(shapes, args, kwargs, dtype, order)


@dataclass(frozen=True)
class Row:
    name: str
    oracle: Callable[..., Any] | None
    samplers: tuple[Sampler, ...]
    cases: tuple[Case, ...]
    # The dtype of the result: "same" as that of the input; "number" the same, bool refused; "float" (integers and bool
    # give float32); "sum" (integers and bool give int64, or uint64); or the name of a dtype.
    dtype: str = "same"
    order: int = 2  # derivatives to test; 0 for a gradient that is zero, or does not exist
    ulps: float = 3.0  # allowed error of values, in units of the last place of the result ...
    normwise: bool = False  # ... or of the largest result
    call: Callable[..., Any] | None = None  # of the library, the record, the tensors and the rest, if it is no function
    elementwise: bool = False

    @property
    def in_reference(self) -> bool:
        """A row of the core need not be written out in the reference too: NumPy and differences say what it must be."""
        return any(hasattr(place, self.name) for place in (reference, reference.Tensor, reference.Record))


@dataclass(frozen=True)
class Example:
    """One call of one row."""

    row: Row
    case: Case
    id: str

    @property
    def order(self) -> int:
        return self.row.order if self.case.order is None else self.case.order

    def sample(self, dtype: str = "float64") -> list[np.ndarray]:
        """Arguments: floats as `dtype`; where that is an integer or bool, small numbers of it."""
        rng = np.random.default_rng(zlib.crc32(self.id.encode()))
        samplers = self.row.samplers * len(self.case.shapes)
        arrays = [np.asarray(sampler(rng, shape)) for sampler, shape in zip(samplers, self.case.shapes, strict=False)]
        if dtype in FLOATS:
            return [a.astype(dtype) if a.dtype == float else a for a in arrays]
        small = [np.asarray(rng.integers(1, 4, a.shape) - (dtype == "bool")) for a in arrays]
        return [b.astype(dtype) if a.dtype == float else a for a, b in zip(arrays, small, strict=True)]

    def run(self, lib: Any, rec: Any, *tensors: Any) -> Any:
        """The call, on tensors of either library."""
        if self.row.call:
            return self.row.call(lib, rec, *tensors, *self.case.args, **self.case.kwargs)
        return getattr(lib, self.row.name)(*tensors, *self.case.args, **self.case.kwargs)

    def expected(self, *arrays: np.ndarray) -> np.ndarray:
        """What NumPy or SciPy gives, floats computed in double precision."""
        assert self.row.oracle is not None
        wide = self.row.dtype == "float"
        exact = [a.astype(float) if wide or a.dtype.kind == "f" else a for a in arrays]
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return np.asarray(self.row.oracle(*exact, *self.case.args, **self.case.kwargs))

    def result_dtype(self, dtype: str) -> str | None:
        """The dtype of the result for arguments of a dtype; None where they are refused."""
        rule = self.case.dtype or self.row.dtype
        if rule == "number":
            return None if dtype == "bool" else dtype
        if rule == "float":
            return dtype if dtype in FLOATS else "float32"
        if rule == "sum":
            return dtype if dtype in FLOATS else "uint64" if dtype.startswith("u") else "int64"
        return dtype if rule == "same" else rule

    def differentiable(self, arrays: list[np.ndarray]) -> list[int]:
        """Which arguments have gradients."""
        return [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]


# Rows without tensors -------------------------------------------------------------------------------------------------


def creation(name: str, oracle: Callable[..., Any] | None, *calls: tuple[Any, ...], **more: Any) -> Row:
    """A method of the record; the last of each call is its dtype, and keyword arguments may stand before it."""
    cases = tuple(Case((), c[:-2], c[-2], c[-1]) for c in calls)

    def call(lib: Any, rec: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(rec, name)(*(lib.Key(a.value) if isinstance(a, Seed) else a for a in args), **kwargs)

    return Row(name, oracle, (), cases, order=0, call=call, **more)


@dataclass(frozen=True)
class Seed:
    """Stands for a random key of whichever library is called."""

    value: int
