"""Rates along lines, powers and cosines."""

from __future__ import annotations

from math import cos, pi

from phonograd._core import ArgumentError
from phonograd._values import count, fraction, not_negative, positive
from phonograd.optim.schedules._schedule import _Schedule


class Linear(_Schedule):
    """A straight line from `start_factor * rate` to `end_factor * rate`, which stays from step `steps` on.

    Args:
        rate: What the factors multiply.
        steps: How many steps the line is long.
        start_factor: The factor at step 0.
        end_factor: The factor at the end.

    Example:
        >>> import phonograd as pg
        >>> rate = pg.optim.schedules.Linear(1.0, steps=4)
        >>> [rate(step) for step in range(6)]
        [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """

    rate: float
    steps: int
    start_factor: float
    end_factor: float

    def __init__(self, rate: float, steps: int, start_factor: float = 1.0, end_factor: float = 0.0) -> None:
        not_negative("Linear", rate=rate, start_factor=start_factor, end_factor=end_factor)
        count("Linear", 1, steps=steps)
        self._freeze(rate=rate, steps=steps, start_factor=start_factor, end_factor=end_factor)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("Linear", 0, step=step)
        share = min(step / self.steps, 1.0)
        return self.rate * (self.start_factor + (self.end_factor - self.start_factor) * share)


class Polynomial(_Schedule):
    """A power of what is left: `rate * (1 - step / steps)**power`, and 0 from step `steps` on.

    Args:
        rate: The first rate.
        steps: When 0 is reached.
        power: The power; with 1, the way is a straight line.

    Example:
        >>> import phonograd as pg
        >>> rate = pg.optim.schedules.Polynomial(1.0, steps=4, power=2.0)
        >>> [rate(step) for step in range(6)]
        [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """

    rate: float
    steps: int
    power: float

    def __init__(self, rate: float, steps: int, power: float = 1.0) -> None:
        not_negative("Polynomial", rate=rate, power=power)
        count("Polynomial", 1, steps=steps)
        self._freeze(rate=rate, steps=steps, power=power)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("Polynomial", 0, step=step)
        return self.rate * (1.0 - step / self.steps) ** self.power if step < self.steps else 0.0


class Cosine(_Schedule):
    """Half a cosine from `rate` down to `end_rate` (Loshchilov and Hutter, 2017), after a linear warm-up.

    While `step < warmup`: `rate * (step + 1) / (warmup + 1)`. After it: `end_rate + (rate - end_rate) * (1 + cos(pi *
    (step - warmup) / (steps - warmup))) / 2`, and `end_rate` from step `steps` on.

    Args:
        rate: The highest rate.
        steps: When the lowest is reached, warm-up included.
        warmup: How many steps the warm-up takes.
        end_rate: The lowest rate.

    Example:
        >>> import phonograd as pg
        >>> rate = pg.optim.schedules.Cosine(1.0, steps=7, warmup=3, end_rate=0.5)
        >>> [round(rate(step), 3) for step in range(9)]
        [0.25, 0.5, 0.75, 1.0, 0.927, 0.75, 0.573, 0.5, 0.5]
    """

    rate: float
    steps: int
    warmup: int
    end_rate: float

    def __init__(self, rate: float, steps: int, warmup: int = 0, end_rate: float = 0.0) -> None:
        not_negative("Cosine", rate=rate, end_rate=end_rate)
        count("Cosine", 1, steps=steps)
        count("Cosine", 0, warmup=warmup)
        if warmup >= steps:
            raise ArgumentError(f"Cosine: warmup is {warmup} of {steps} steps; expected less than all of them")
        self._freeze(rate=rate, steps=steps, warmup=warmup, end_rate=end_rate)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("Cosine", 0, step=step)
        if step < self.warmup:
            return self.rate * (step + 1) / (self.warmup + 1)
        return _between(self.rate, self.end_rate, (step - self.warmup) / (self.steps - self.warmup))


class CosineRestarts(_Schedule):
    """Half a cosine from `rate` down to `end_rate`, again and again (Loshchilov and Hutter, 2017).

    Args:
        rate: The highest rate.
        steps: How many steps the first way down takes.
        multiplier: How many times as long each is as the one before.
        end_rate: The lowest rate.

    Example:
        >>> import phonograd as pg
        >>> rate = pg.optim.schedules.CosineRestarts(1.0, steps=2, multiplier=2)
        >>> [round(rate(step), 3) for step in range(7)]
        [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """

    rate: float
    steps: int
    multiplier: int
    end_rate: float

    def __init__(self, rate: float, steps: int, multiplier: int = 1, end_rate: float = 0.0) -> None:
        not_negative("CosineRestarts", rate=rate, end_rate=end_rate)
        count("CosineRestarts", 1, steps=steps, multiplier=multiplier)
        self._freeze(rate=rate, steps=steps, multiplier=multiplier, end_rate=end_rate)

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("CosineRestarts", 0, step=step)
        length = self.steps
        if self.multiplier == 1:
            step %= length
        while step >= length:
            step, length = step - length, length * self.multiplier
        return _between(self.rate, self.end_rate, step / length)


class OneCycle(_Schedule):
    """One cycle (Smith and Topin, 2018): half a cosine up to `rate`, and a longer one down to almost nothing.

    From `rate / div_factor` up to `rate` at step `pct_start * steps - 1`, then down to `rate / div_factor /
    final_div_factor` at step `steps - 1`.

    Args:
        rate: The highest rate.
        steps: How many steps there are.
        pct_start: The share of them that the way up takes.
        div_factor: How much lower the first rate is than the highest.
        final_div_factor: How much lower the last rate is than the first.

    Example:
        >>> import phonograd as pg
        >>> rate = pg.optim.schedules.OneCycle(1.0, steps=10, pct_start=0.3)
        >>> [round(rate(step), 3) for step in (0, 1, 2, 6, 9)]
        [0.04, 0.52, 1.0, 0.389, 0.0]
    """

    rate: float
    steps: int
    pct_start: float
    div_factor: float
    final_div_factor: float

    def __init__(
        self,
        rate: float,
        steps: int,
        pct_start: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
    ) -> None:
        not_negative("OneCycle", rate=rate)
        count("OneCycle", 1, steps=steps)
        fraction("OneCycle", pct_start=pct_start)
        positive("OneCycle", div_factor=div_factor, final_div_factor=final_div_factor)
        self._freeze(
            rate=rate,
            steps=steps,
            pct_start=pct_start,
            div_factor=div_factor,
            final_div_factor=final_div_factor,
        )

    def __call__(self, step: int) -> float:
        """The rate of a step."""
        count("OneCycle", 0, step=step)
        first = self.rate / self.div_factor
        top, last = self.pct_start * self.steps - 1.0, self.steps - 1.0
        if step < top:
            return _between(first, self.rate, step / top)
        return _between(self.rate, first / self.final_div_factor, (step - top) / (last - top))


def _between(start: float, end: float, share: float) -> float:
    """Half a cosine from start to end, which stays."""
    return end + 0.5 * (start - end) * (1.0 + cos(pi * min(share, 1.0)))
