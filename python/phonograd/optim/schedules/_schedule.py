"""What schedules share."""

from __future__ import annotations

from phonograd._core import ArgumentError, InputError
from phonograd._values import Frozen, count, kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# First guesses that have another answer here.
_HINTS = {
    "step": "a schedule is a function of the step, as in `Adam(schedule(step))`",
    **dict.fromkeys(("get_last_lr", "get_lr"), "a schedule is called with the number of the step"),
    **dict.fromkeys(("state_dict", "load_state_dict"), "it never changes, and remembers nothing"),
}


class _Schedule(Frozen):
    """What schedules share."""

    _hints = _HINTS
    _no_holder = "a schedule holds no optimiser: it is a function of the step, as in `Adam(schedule(step))`"


def rising(of: str, milestones: Any) -> tuple[int, ...]:
    """Numbers of steps, each after the one before."""
    if not isinstance(milestones, list | tuple):
        raise InputError(f"{of}: cannot read milestones from {kind(milestones)}; expected a tuple of integers")
    for milestone in milestones:
        count(of, 1, milestones=milestone)
    steps = tuple(map(int, milestones))
    if list(steps) != sorted({*steps}):
        raise ArgumentError(f"{of}: milestones is {steps}; expected each to be larger than the one before")
    return steps
