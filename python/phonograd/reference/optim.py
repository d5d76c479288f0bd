"""Optimisers: formulas that take a parameter, its gradient and its state one step further.

`update` is the formula. `step` applies it to every parameter, computes everything first and changes the store
afterwards: all or nothing. State lies in `store.state` under names such as `adam/linear.weight/m`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from .errors import ArgumentError, DTypeError, ParameterError, ShapeError
from .tensor import Tensor, zeros_like
from .unary import sqrt, square

if TYPE_CHECKING:
    from .gradients import Gradients
    from .store import ParameterStore

State = dict[str, Tensor]


class Optimizer:
    """What all optimisers share; a new one says what `init` and `update` are."""

    name: ClassVar[str] = "optimizer"

    def init(self, p: Tensor) -> State:
        """The state of a parameter before the first step."""
        return {}

    def update(self, p: Tensor, g: Tensor, state: State) -> tuple[Tensor, State]:
        """The successor of parameter `p` with gradient `g`, and that of its state."""
        raise NotImplementedError

    def step(self, store: ParameterStore, grads: Gradients, names: Iterable[str] | None = None) -> None:
        """Move parameters along their gradients; the store changes only if all of it succeeds.

        Args:
            store: Where the parameters are.
            grads: Gradients of a loss.
            names: Which to move; by default all parameters that reach the loss, of which there must be one.
        """
        wanted = grads.reached() if names is None else list(names)
        if names is None and not wanted and len(store):
            raise ParameterError("step: the loss reaches no parameter")
        parameters: dict[str, Tensor] = {}
        memory = grads.record.next_states()
        for name in wanted:
            p, g = grads.record.tensor(store[name]), grads[name]
            _same_kind(f"the gradient of `{name}`", g, p)
            state = self.init(p)
            for key, first in state.items():
                kept = f"{self.name}/{name}/{key}"
                if kept in store.state:
                    state[key] = grads.record.tensor(store.state[kept])
                    _same_kind(f"the state `{kept}`", state[key], first)
            parameters[name], state = self.update(p, g, state)
            _same_kind(f"the new `{name}`", parameters[name], p)
            memory.update((f"{self.name}/{name}/{key}", value) for key, value in state.items())
        store.update((name, value.array) for name, value in parameters.items())
        store.state.update((name, value.array) for name, value in memory.items())


def _same_kind(what: str, got: Tensor, expected: Tensor) -> None:
    if got.shape != expected.shape:
        raise ShapeError(f"step: {what} has shape {got.shape}; expected {expected.shape}")
    if got.dtype is not expected.dtype:
        raise DTypeError(f"step: {what} has dtype {got.dtype}; expected {expected.dtype}")


def _check(below: float = float("inf"), **numbers: float) -> None:
    for name, value in numbers.items():
        if not 0.0 <= value < below:
            raise ArgumentError(f"optimiser: {name} is {value!r}; expected 0 or more, and below {below}")


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent.

    `g' = g + weight_decay p`, `velocity' = momentum velocity + g'` from 0, and `p' = p - rate velocity'`, or with
    `nesterov` `p' = p - rate (g' + momentum velocity')`.

    Examples:
        >>> import phonograd.reference as pg
        >>> store = pg.ParameterStore()
        >>> store["w"] = [2.0]
        >>> w = pg.Record(store).parameter("w")
        >>> pg.optim.SGD(0.25).step(store, (w * w).sum().grad())
        >>> store["w"].tolist()
        [1.0]
    """

    name: ClassVar[str] = "sgd"
    rate: float
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        _check(rate=self.rate, weight_decay=self.weight_decay)
        _check(below=1.0, momentum=self.momentum)
        if self.nesterov and not self.momentum:
            raise ArgumentError("optimiser: nesterov is True with momentum 0.0; expected a momentum above 0")

    def init(self, p: Tensor) -> State:
        """No velocity yet."""
        return {"velocity": zeros_like(p)} if self.momentum else {}

    def update(self, p: Tensor, g: Tensor, state: State) -> tuple[Tensor, State]:
        """A step along the velocity."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - self.rate * g, {}
        velocity = self.momentum * state["velocity"] + g
        along = g + self.momentum * velocity if self.nesterov else velocity
        return p - self.rate * along, {"velocity": velocity}


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, 2015).

    `g' = g + weight_decay p`, `m' = beta1 m + (1 - beta1) g'` and `v' = beta2 v + (1 - beta2) g' g'` from 0, both
    divided by `1 - beta**step` to undo that start; then `p' = p - rate m / (sqrt(v) + epsilon)` with those.
    """

    name: ClassVar[str] = "adam"
    rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        _check(rate=self.rate, epsilon=self.epsilon, weight_decay=self.weight_decay)
        _check(below=1.0, beta1=self.beta1, beta2=self.beta2)

    def init(self, p: Tensor) -> State:
        """Moments of zero, and no step made."""
        return {"m": zeros_like(p), "v": zeros_like(p), "step": p.record.zeros((), "int64")}

    def update(self, p: Tensor, g: Tensor, state: State) -> tuple[Tensor, State]:
        """A step along the first moment over the root of the second."""
        return self._adapt(p, g + self.weight_decay * p if self.weight_decay else g, state)

    def _adapt(self, p: Tensor, g: Tensor, state: State) -> tuple[Tensor, State]:
        step = state["step"] + 1
        m = self.beta1 * state["m"] + (1.0 - self.beta1) * g
        v = self.beta2 * state["v"] + (1.0 - self.beta2) * square(g)
        count = step.item()
        m_hat, v_hat = m / (1.0 - self.beta1**count), v / (1.0 - self.beta2**count)
        return p - self.rate * m_hat / (sqrt(v_hat) + self.epsilon), {"m": m, "v": v, "step": step}


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decay of its own (Loshchilov and Hutter, 2019): `p (1 - rate weight_decay)` before its step."""

    name: ClassVar[str] = "adamw"
    weight_decay: float = 0.01

    def update(self, p: Tensor, g: Tensor, state: State) -> tuple[Tensor, State]:
        """Decay, then Adam's step."""
        return self._adapt(p * (1.0 - self.rate * self.weight_decay), g, state)
