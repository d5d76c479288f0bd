"""Rates that fall from step to step, and schedules one after the other."""

from __future__ import annotations

from bisect import bisect_right
from math import inf

from phonograd._core import ArgumentError, InputError
from phonograd._values import count, kind, not_negative
from phonograd.optim.schedules._schedule import _Schedule, rising

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Constant(_Schedule):
    """The same rate in every step.

    Args:
        rate: The rate.

    Example:
        >>> import phonograd as pg
        >>> pg.optim.schedules.Constant(0.1)(1000)
        0.1
    """

    rate: float

    def __init__(self, rate: float) -> None:
        not_negative("Constant", rate=rate)
        self._freeze(rate=rate)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("Constant", 0, step=step)
        return self.rate


class Step(_Schedule):
    """A rate that falls at regular steps: `rate * gamma**(step // step_size)`.

    Args:
        rate: The first rate.
        step_size: How many steps a rate lasts.
        gamma: What the rate is multiplied by after them.

    Example:
        >>> import phonograd as pg
        >>> rate = pg.optim.schedules.Step(0.5, step_size=10, gamma=0.5)
        >>> rate(0), rate(9), rate(10), rate(20)
        (0.5, 0.5, 0.25, 0.125)
    """

    rate: float
    step_size: int
    gamma: float

    def __init__(self, rate: float, step_size: int, gamma: float = 0.1) -> None:
        not_negative("Step", rate=rate, gamma=gamma)
        count("Step", 1, step_size=step_size)
        self._freeze(rate=rate, step_size=step_size, gamma=gamma)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("Step", 0, step=step)
        return _power(self.rate, self.gamma, step // self.step_size)


class MultiStep(_Schedule):
    """A rate that falls at given steps: `rate * gamma**n` after `n` of them.

    Args:
        rate: The first rate.
        milestones: The steps at which it falls, each larger than the one before.
        gamma: What it is multiplied by.

    Example:
        >>> import phonograd as pg
        >>> rate = pg.optim.schedules.MultiStep(1.0, (10, 30), gamma=0.5)
        >>> rate(9), rate(10), rate(30)
        (1.0, 0.5, 0.25)
    """

    rate: float
    milestones: tuple[int, ...]
    gamma: float

    def __init__(self, rate: float, milestones: Sequence[int], gamma: float = 0.1) -> None:
        not_negative("MultiStep", rate=rate, gamma=gamma)
        self._freeze(rate=rate, milestones=rising("MultiStep", milestones), gamma=gamma)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("MultiStep", 0, step=step)
        return _power(self.rate, self.gamma, bisect_right(self.milestones, step))


class Exponential(_Schedule):
    """A rate that falls with every step: `rate * gamma**step`.

    Args:
        rate: The first rate.
        gamma: What it is multiplied by after each step.

    Example:
        >>> import phonograd as pg
        >>> rate = pg.optim.schedules.Exponential(1.0, gamma=0.5)
        >>> rate(0), rate(1), rate(3)
        (1.0, 0.5, 0.125)
    """

    rate: float
    gamma: float

    def __init__(self, rate: float, gamma: float) -> None:
        not_negative("Exponential", rate=rate, gamma=gamma)
        self._freeze(rate=rate, gamma=gamma)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("Exponential", 0, step=step)
        return _power(self.rate, self.gamma, step)


class Sequential(_Schedule):
    """Schedules one after the other: each is asked from its first step on.

    Args:
        schedules: Functions of the step.
        milestones: The steps at which the second and those behind it begin, each larger than the one before.

    Example:
        >>> import phonograd as pg
        >>> schedules = pg.optim.schedules
        >>> warmup = schedules.Linear(1.0, 4, start_factor=0.0, end_factor=1.0)
        >>> rate = schedules.Sequential([warmup, schedules.Exponential(1.0, gamma=0.5)], [4])
        >>> [rate(step) for step in range(7)]
        [0.0, 0.25, 0.5, 0.75, 1.0, 0.5, 0.25]
    """

    schedules: tuple[Callable[[int], float], ...]
    milestones: tuple[int, ...]

    def __init__(self, schedules: Sequence[Callable[[int], float]], milestones: Sequence[int]) -> None:
        if not isinstance(schedules, list | tuple):
            raise InputError(f"Sequential: cannot read schedules from {kind(schedules)}; expected a list of schedules")
        for schedule in schedules:
            if not callable(schedule):
                got = type(schedule).__name__
                raise InputError(f"Sequential: cannot read a schedule from {got}; expected a function of the step")
        steps = rising("Sequential", milestones)
        if len(schedules) != len(steps) + 1:
            raise ArgumentError(
                f"Sequential: there are {len(steps)} milestones of {len(schedules)} schedules; expected one less"
            )
        self._freeze(schedules=tuple(schedules), milestones=steps)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("Sequential", 0, step=step)
        place = bisect_right(self.milestones, step)
        return self.schedules[place](step - (0, *self.milestones)[place])


def _power(rate: float, gamma: float, exponent: int) -> float:
    try:
        return rate * gamma**exponent
    except OverflowError:  # of a gamma above 1
        return inf
