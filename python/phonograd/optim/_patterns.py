"""Which pattern fits a name: remembered, for names and patterns are the same in every step.

Imported by the first group, because regular expressions come along, which the rest of the package does without.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache


@lru_cache(maxsize=100_000)
def first_fit(patterns: tuple[str, ...], name: str) -> int | None:
    """The place of the first pattern that fits the name."""
    return next((i for i, pattern in enumerate(patterns) if fnmatchcase(name, pattern)), None)


@lru_cache(maxsize=100)
def first_idle(patterns: tuple[str, ...], names: tuple[str, ...]) -> str | None:
    """The first pattern that fits none of the names."""
    return next((pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in names)), None)
