"""Optimisers: pure steps over tensors, carried out all at once.

An optimiser is a small frozen value that holds numbers and no arrays. `update` says what one step is, in tensor
arithmetic; `step` applies it to every parameter of a record, computes all of it in one plan, and then replaces the
arrays in the store together. What an optimiser remembers between steps is kept in `store.state`, next to the
parameters.

Example:
    >>> import phonograd as pg
    >>> store = pg.ParameterStore()
    >>> store["x"] = 3.0
    >>> descent = pg.optim.SGD(rate=0.25)
    >>> for _ in range(3):
    ...     rec = pg.Record(store)
    ...     loss = (rec.parameter("x") - 1.0).square()
    ...     descent.step(store, loss.grad())
    ...     print(loss.item(), store["x"])
    4.0 2.0
    1.0 1.5
    0.25 1.25
"""

from phonograd._hints import missing
from phonograd.optim import schedules as schedules
from phonograd.optim._adam import LAMB, Adam, Adamax, AdamW, NAdam, RAdam
from phonograd.optim._adaptive import Adadelta, Adafactor, Adagrad, RMSprop
from phonograd.optim._descent import ASGD, SGD, Lion, Muon
from phonograd.optim._groups import Groups
from phonograd.optim._lbfgs import LBFGS, Minimum
from phonograd.optim._optimizer import Optimizer
from phonograd.optim._scipy import scipy_minimize
from phonograd.optim.averaging import Average, ExponentialAverage, StochasticAverage
from phonograd.optim.clipping import NamedGradients, clip_by_global_norm, clip_by_norm, clip_by_value, global_norm

__all__ = [
    "Optimizer",
    "SGD",
    "ASGD",
    "Adam",
    "AdamW",
    "NAdam",
    "RAdam",
    "Adamax",
    "LAMB",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adafactor",
    "Lion",
    "Muon",
    "Groups",
    "LBFGS",
    "Minimum",
    "scipy_minimize",
    "NamedGradients",
    "clip_by_value",
    "clip_by_norm",
    "clip_by_global_norm",
    "global_norm",
    "Average",
    "ExponentialAverage",
    "StochasticAverage",
    "schedules",
]

# First guesses that have another answer here.
_HINTS = {
    **schedules._HINTS,
    "lr_scheduler": "`phonograd.optim.schedules` has functions of the step, and any other is one as well",
    "swa_utils": "`ExponentialAverage` and `StochasticAverage` average a store",
    "Rprop": "`LBFGS` is for problems without batches, and `RMSprop` for those with",
    "SparseAdam": "gradients are whole arrays: `Adam` is it",
    "EMA": "`ExponentialAverage(decay)` is it",
    "SWA": "`StochasticAverage()` is it",
    "clip_grad_norm_": "`clip_by_global_norm(grads, limit)` returns the clipped gradients",
    "clip_grad_value_": "`clip_by_value(grads, limit)` returns the clipped gradients",
    "AMSGrad": "`Adam(amsgrad=True)` is it",
}

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        raise missing(f"module {__name__!r}", name, _HINTS)
