"""Rates as functions of the number of the step: small frozen values that are called with it, the first step being 0.

A rate is an input of the plan and no part of it, so a new optimiser each step costs next to nothing, and the plan
stays. Any function of the step does as well.

Example:
    >>> import phonograd as pg
    >>> store = pg.ParameterStore()
    >>> store["x"] = 3.0
    >>> rate = pg.optim.schedules.Cosine(0.1, steps=100, warmup=10)
    >>> for step in range(100):
    ...     rec = pg.Record(store)
    ...     pg.optim.Adam(rate(step)).step(store, rec.parameter("x").square().grad())
    >>> abs(store["x"].item()) < 0.5
    True
"""

from __future__ import annotations

from math import cos, inf, isfinite, pi

from phonograd._core import ArgumentError
from phonograd._hints import missing
from phonograd._values import Frozen, count, fraction, not_negative, positive, readable

__all__ = ["Constant", "Step", "Exponential", "Linear", "Cosine", "OneCycle", "Plateau"]

# First guesses that have another answer here.
_HINTS = {
    "ConstantLR": "`Constant(rate)` is a function of the step",
    "StepLR": "`Step(rate, step_size)` is a function of the step",
    "ExponentialLR": "`Exponential(rate, gamma)` is a function of the step",
    "LinearLR": "`Linear(rate, steps)` is a function of the step",
    "CosineAnnealingLR": "`Cosine(rate, steps, warmup)` is a function of the step",
    "OneCycleLR": "`OneCycle(rate, steps)` is a function of the step",
    "ReduceLROnPlateau": "`Plateau(rate)` goes on with `after(loss)`",
    "LambdaLR": "any function of the step is a schedule",
}


class _Schedule(Frozen):
    """What schedules share."""

    _no_holder = "a schedule holds no optimiser: it is a function of the step, as in `Adam(schedule(step))`"


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


class Plateau(_Schedule):
    """A rate that falls when a loss stops falling. It depends on what happened, so each loss makes a new value.

    A loss is better if it is below the best one by more than `threshold` of it. After more than `patience` losses in a
    row that are not, the rate is multiplied by `gamma`, and the next `cooldown` losses do not count. NaN is not better.

    Args:
        rate: The present rate.
        gamma: What it is multiplied by.
        patience: How many losses in a row may be no better.
        threshold: The least improvement, in proportion to the best loss.
        cooldown: How many losses after a fall of the rate do not count.
        end_rate: The lowest rate.
        best: The best loss so far.
        waited: How many losses were no better since.
        resting: How many of the next losses do not count.

    Example:
        >>> import phonograd as pg
        >>> schedule = pg.optim.schedules.Plateau(1.0, gamma=0.5, patience=1)
        >>> for loss in (3.0, 2.0, 2.0, 2.0, 1.0):
        ...     schedule = schedule.after(loss)
        ...     print(schedule.rate, schedule.best)
        1.0 3.0
        1.0 2.0
        1.0 2.0
        0.5 2.0
        0.5 1.0
    """

    rate: float
    gamma: float
    patience: int
    threshold: float
    cooldown: int
    end_rate: float
    best: float
    waited: int
    resting: int

    def __init__(
        self,
        rate: float,
        gamma: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        end_rate: float = 0.0,
        best: float = inf,
        waited: int = 0,
        resting: int = 0,
    ) -> None:
        not_negative("Plateau", rate=rate, end_rate=end_rate)
        fraction("Plateau", gamma=gamma, threshold=threshold)
        count("Plateau", 0, patience=patience, cooldown=cooldown, waited=waited, resting=resting)
        readable("Plateau", "best", best)
        self._freeze(
            rate=rate,
            gamma=gamma,
            patience=patience,
            threshold=threshold,
            cooldown=cooldown,
            end_rate=end_rate,
            best=best,
            waited=waited,
            resting=resting,
        )

    def after(self, loss: float) -> Plateau:
        """The schedule after one more loss.

        Args:
            loss: The loss, as a number.
        """
        loss = readable("Plateau", "loss", loss)
        margin = self.threshold * abs(self.best) if isfinite(self.best) else 0.0
        better = loss < self.best - margin
        best, waited = (loss, 0) if better else (self.best, self.waited + 1)
        if self.resting:
            return self.replace(best=best, waited=0, resting=self.resting - 1)
        if waited <= self.patience:
            return self.replace(best=best, waited=waited)
        # The rate never rises, wherever the end is.
        rate = min(self.rate, max(self.rate * self.gamma, self.end_rate))
        return self.replace(rate=rate, best=best, waited=0, resting=self.cooldown)


def _between(start: float, end: float, share: float) -> float:
    """Half a cosine from start to end, which stays."""
    return end + 0.5 * (start - end) * (1.0 + cos(pi * min(share, 1.0)))


def _power(rate: float, gamma: float, exponent: int) -> float:
    try:
        return rate * gamma**exponent
    except OverflowError:  # of a gamma above 1
        return inf


TYPE_CHECKING = False
if not TYPE_CHECKING:

    def __getattr__(name: str) -> float:
        raise missing(f"module {__name__!r}", name, _HINTS)
