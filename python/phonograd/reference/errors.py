"""Every way a reference program can fail; each class is also the builtin a NumPy user expects."""

from __future__ import annotations


class RecordError(Exception):
    """The root of all errors raised by the reference."""


class ShapeError(RecordError, ValueError):
    """Shapes that do not fit together, or that no array can have."""


class DTypeError(RecordError, TypeError):
    """A dtype that an operation does not take."""


class AxisError(RecordError, IndexError, ValueError):
    """An axis that the array does not have, or has been named twice."""


class ForeignTensorError(RecordError, ValueError):
    """A tensor of another record."""


class NotScalarError(RecordError, ValueError):
    """One value was needed, and there are more or none."""


class ParameterError(RecordError, LookupError, ValueError):
    """A parameter name that the store or the record does not have, or has in another shape."""


class IndexOutOfRangeError(RecordError, IndexError):
    """An index past the end of its axis."""


class ArgumentError(RecordError, ValueError):
    """An argument with a value that the operation does not take."""


class OutOfRangeError(RecordError, OverflowError, ValueError):
    """A number that an integer dtype does not have."""


class InputError(RecordError, TypeError):
    """Data or an operand of a kind that cannot be read as numbers."""


class RaggedError(RecordError, ValueError):
    """Nested lists whose lengths differ."""


class AllocationError(RecordError, MemoryError):
    """An array larger than the reference holds."""


class IntegerDivisionError(RecordError, ZeroDivisionError):
    """An integer divided by zero; floats never raise."""


class KeyReuseError(RecordError, ValueError):
    """A random key drawn from twice in one record."""


class GradientError(RecordError, TypeError, RuntimeError):
    """A gradient that cannot exist: of an integer, or in a record made with `grad=False`."""
