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

from phonograd._hints import missing
from phonograd.optim.schedules._curves import Cosine, CosineRestarts, Linear, OneCycle, Polynomial
from phonograd.optim.schedules._plateau import Plateau
from phonograd.optim.schedules._steps import Constant, Exponential, MultiStep, Sequential, Step

__all__ = [
    "Constant",
    "Step",
    "MultiStep",
    "Exponential",
    "Linear",
    "Polynomial",
    "Cosine",
    "CosineRestarts",
    "OneCycle",
    "Sequential",
    "Plateau",
]

# First guesses that have another answer here.
_HINTS = {
    "ConstantLR": "`Constant(rate)` is a function of the step",
    "StepLR": "`Step(rate, step_size)` is a function of the step",
    "MultiStepLR": "`MultiStep(rate, milestones)` is a function of the step",
    "ExponentialLR": "`Exponential(rate, gamma)` is a function of the step",
    "LinearLR": "`Linear(rate, steps)` is a function of the step",
    "PolynomialLR": "`Polynomial(rate, steps)` is a function of the step",
    "CosineAnnealingLR": "`Cosine(rate, steps, warmup)` is a function of the step",
    "CosineAnnealingWarmRestarts": "`CosineRestarts(rate, steps)` is a function of the step",
    "OneCycleLR": "`OneCycle(rate, steps)` is a function of the step",
    "SequentialLR": "`Sequential(schedules, milestones)` is a function of the step",
    "ReduceLROnPlateau": "`Plateau(rate)` goes on with `after(loss)`",
    **dict.fromkeys(
        ("LambdaLR", "MultiplicativeLR", "ChainedScheduler", "CyclicLR"), "any function of the step is a schedule"
    ),
}

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def __getattr__(name: str) -> float:
        raise missing(f"module {__name__!r}", name, _HINTS)
