"""A rate that depends on what happened."""

from __future__ import annotations

from math import inf, isfinite

from phonograd._values import count, fraction, not_negative, readable
from phonograd.optim.schedules._schedule import _Schedule

# First guesses that have another answer here.
_HINTS = {"step": "`after(loss)` is the schedule after one more loss"}


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

    _hints = _HINTS
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
