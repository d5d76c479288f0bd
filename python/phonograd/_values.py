"""Frozen values, and the checks of the numbers they are made of.

In go a constructor's arguments; out comes a value that never changes, compares and hashes by its numbers, and prints as
the call that makes it.
"""

from __future__ import annotations

from phonograd._core import ArgumentError, DTypeError, InputError, Record, RecordError, Tensor
from phonograd._spelling import Spelled, lacking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, ClassVar, Self

    from phonograd._core import DType

_INFINITY = float("inf")


class Frozen(metaclass=Spelled):
    """A value whose attributes are the arguments of its constructor."""

    _hints: ClassVar[Mapping[str, str]] = {}
    """What stands in for names that other libraries' values have."""

    def replace(self, **changes: Any) -> Self:
        """The same value with other numbers.

        Args:
            **changes: What is different, under the constructor's names.

        Example:
            >>> import phonograd as pg
            >>> pg.optim.SGD(0.1, momentum=0.9).replace(rate=0.05)
            SGD(rate=0.05, momentum=0.9, nesterov=False, weight_decay=0.0)
        """
        return type(self)(**{**self._arguments(), **changes})

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise lacking(self, name, self._hints)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; make a new one with another `{name}`")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; `{name}` cannot be deleted")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._arguments().items())})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).items()))

    def _arguments(self) -> dict[str, Any]:
        return vars(self)

    def _freeze(self, **values: Any) -> None:
        vars(self).update(values)


def not_negative(of: str, **numbers: float) -> None:
    """Refuses what is no finite number of 0 or more."""
    for name, value in numbers.items():
        if not 0.0 <= readable(of, name, value) < _INFINITY:
            raise ArgumentError(f"{of}: {name} is {value!r}; expected a number of 0 or more")


def positive(of: str, **numbers: float) -> None:
    """Refuses what is no finite number above 0."""
    for name, value in numbers.items():
        if not 0.0 < readable(of, name, value) < _INFINITY:
            raise ArgumentError(f"{of}: {name} is {value!r}; expected a number above 0")


def fraction(of: str, **numbers: float) -> None:
    """Refuses what is not from 0 to below 1."""
    for name, value in numbers.items():
        if not 0.0 <= readable(of, name, value) < 1.0:
            raise ArgumentError(f"{of}: {name} is {value!r}; expected a number from 0 to below 1")


def count(of: str, least: int, **numbers: int) -> None:
    """Refuses what is no integer of at least `least`."""
    integer(of, **numbers)
    for name, value in numbers.items():
        if value < least:
            raise ArgumentError(f"{of}: {name} is {value!r}; expected an integer of {least} or more")


def finite(of: str, **numbers: float) -> None:
    """Refuses what is no finite number."""
    for name, value in numbers.items():
        if not -_INFINITY < readable(of, name, value) < _INFINITY:
            raise ArgumentError(f"{of}: {name} is {value!r}; expected a finite number")


def integer(of: str, **numbers: int) -> None:
    """Refuses what is no integer."""
    for name, value in numbers.items():
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise InputError(f"{of}: cannot read {name} from {type(value).__name__}; expected an integer")


def floating(of: str, dtype: DType | str) -> DType | str:
    """A dtype as it is, if it is one of floats."""
    if dtype.__class__ is str and dtype in ("float32", "float64"):  # asked for each layer of a model
        return dtype
    try:
        made = Record(grad=False).zeros((), dtype).dtype
    except RecordError as error:
        raise type(error)(f"{of}: {error}") from None
    if "float" not in made.name:
        raise DTypeError(f"{of}: dtype {made} does not fit; expected a float dtype")
    return dtype


def flag(of: str, **flags: bool) -> None:
    """Refuses what is neither True nor False."""
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise InputError(f"{of}: cannot read {name} from {type(value).__name__}; expected True or False")


def readable(of: str, name: str, value: float) -> float:
    """A number as it is. A tensor is refused: what is frozen outlives the tensor's record."""
    if type(value) is float:
        return value
    if not isinstance(value, bool | Tensor) and (hasattr(value, "__float__") or hasattr(value, "__index__")):
        try:
            return float(value)
        except OverflowError:  # of an integer
            return _INFINITY
        except TypeError:  # of an array with more than one element
            pass
    raise InputError(f"{of}: cannot read {name} from {type(value).__name__}; expected a number")


def kind(value: object) -> str:
    """What a message calls a value of the wrong kind: its type, and of a list or tuple the length."""
    name = type(value).__name__
    return f"a {name} of {len(value)}" if isinstance(value, list | tuple) else name


def listed(names: Iterable[str], shown: int = 8) -> str:
    """Names for a message, of which there may be many."""
    quoted = [f"`{name}`" for name in names]
    more = f" and {len(quoted) - shown} more" if len(quoted) > shown else ""
    return ", ".join(quoted[:shown]) + more or "none"
