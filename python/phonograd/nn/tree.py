"""The tree that a model is: modules in attributes and lists, each of which knows by what path it is reached.

Enters: a module and the attributes its `__init__` set. Leaves: copies of the modules in them that know their paths; a
module that was met before is the copy made then. What has no module in it stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from phonograd._core import InputError

_N = TypeVar("_N", bound="Node")


class Facts(NamedTuple):
    """What a module knows of itself besides its attributes."""

    identity: object
    """Shared by all copies of one module."""
    path: str = ""
    frozen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For each call of `freeze`, the path from there, and the patterns."""
    calls: list[Any] | None = None
    """Where calls are noted, for a summary."""
    named: bool = False
    """Whether `named` gave the path: others may have it, too, and share the parameters."""
    needs: frozenset[str] = frozenset()
    """Which of `train` and `key` the module uses, or one it is made of; those in between only hand them on."""


class Node:
    """A module, as far as the tree is concerned: attributes, and what it knows of itself."""

    __slots__ = ("__dict__", "_facts")
    _facts: Facts


def placed(module: _N, path: str, known: dict[object, Any], change: Mapping[str, Any]) -> _N:
    """A copy of a module and all below it that knows its path; the copy made before, if it was met before."""
    facts = module._facts
    if facts.identity in known:
        return known[facts.identity]  # type: ignore[no-any-return]
    copy = object.__new__(type(module))
    known[facts.identity] = copy
    if "frozen" in change:
        root, patterns = change["frozen"]
        facts = facts._replace(frozen=(*facts.frozen, (path[len(root) :].lstrip("."), patterns)))
    facts = facts._replace(path=path, calls=change.get("calls", facts.calls), named=change.get("named", facts.named))
    vars(copy).update(settled(module, facts, known, change))
    object.__setattr__(copy, "_facts", facts)
    return copy


def settled(
    module: Node, facts: Facts, known: dict[object, Any], change: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """A module's attributes, the modules among them as copies that know their paths."""

    def settle(name: str, value: Any) -> Any:
        if isinstance(value, Node):
            if not hasattr(value, "_facts"):  # is being made
                raise InputError(f"{type(module).__name__}: `{name}` is a module that is not made yet, or itself")
            return placed(value, f"{facts.path}.{name}" if facts.path else name, known, change)
        if not holds(value):
            return value
        if isinstance(value, Mapping):
            raise InputError(f"{type(module).__name__}: `{name}` holds modules in a mapping; use attributes or a list")
        if not all(map(holds, value)):
            raise InputError(f"{type(module).__name__}: `{name}` holds modules and others; keep them apart")
        return tuple(settle(f"{name}.{i}", part) for i, part in enumerate(value))

    return ((name, settle(name, value)) for name, value in vars(module).items())


def holds(value: Any) -> bool:
    """Whether a value is a module, or holds one somewhere."""
    if isinstance(value, list | tuple):
        return any(map(holds, value))
    return isinstance(value, Node) or (isinstance(value, Mapping) and any(map(holds, value.values())))


def held(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The modules that a settled value is, or is made of, with their paths."""
    if isinstance(value, Node):
        yield name, value
    elif isinstance(value, tuple):
        for i, part in enumerate(value):
            yield from held(f"{name}.{i}", part)
