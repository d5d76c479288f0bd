"""The work that the benches give to every library, a file a topic.

Each function names a row of `compare.py` and returns makers by library. A maker imports its library, prepares, and
returns a `Work`; so a process that calls one maker holds one library.
"""

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# As the rows in float64 need it; JAX reads it when it is imported.
os.environ.setdefault("JAX_ENABLE_X64", "1")

RATE, DECAYS, SMALL = 1e-3, (0.9, 0.999), 1e-8

MODULES = {"phonograd": "phonograd", "NumPy by hand": "numpy", "torch": "torch", "torch.compile": "torch", "JAX": "jax"}


class Work(NamedTuple):
    """One library's way to do a row's work."""

    step: Callable[[], object]
    """Does it once; returns a number, or several and arrays, as a tuple."""

    state: Callable[[], list[np.ndarray]] = list
    """What the steps have changed: parameters, in the same order for all libraries."""


def adam_in_jax(loss_of, weights, decay=0.0):
    """The update of Adam, or with a decay of AdamW, as a function to be jitted.

    Args:
        loss_of: A function of the weights and of what comes with each step.
        weights: The first weights, in any tree.
        decay: AdamW's weight decay.

    Returns:
        The update, from `(count, weights, m, v)` and what comes with a step to the loss and a new state; and the state.
    """
    import jax
    import jax.numpy as jnp

    def update(state, *given):
        count, weights, first, second = state
        loss, gradients = jax.value_and_grad(loss_of)(weights, *given)
        count += 1
        # In float64, for 1 - 0.999**1 loses four digits in float32.
        one, two = (jnp.asarray(1 - jnp.float64(fade) ** count, loss.dtype) for fade in DECAYS)

        def moved(w, m, v):
            return w * (1 - RATE * decay) - RATE * (m / one) / (jnp.sqrt(v / two) + SMALL)

        first = jax.tree.map(lambda m, g: DECAYS[0] * m + (1 - DECAYS[0]) * g, first, gradients)
        second = jax.tree.map(lambda v, g: DECAYS[1] * v + (1 - DECAYS[1]) * g * g, second, gradients)
        return loss, (count, jax.tree.map(moved, weights, first, second), first, second)

    weights = jax.tree.map(jnp.array, weights)
    zeros = (jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
    return update, (jnp.asarray(0, jnp.int32), weights, *zeros)
