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

from __future__ import annotations

from phonograd._core import ArgumentError, DTypeError, Gradients, InputError, ShapeError, _adam

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import ClassVar

    from phonograd import ParameterStore, Tensor

    _State = dict[str, Tensor]

__all__ = ["Optimizer", "SGD", "Adam", "AdamW"]


class Optimizer:
    """What all optimisers share; a new one says what `init` and `update` are.

    The numbers an optimiser holds are Python floats, so they are inputs of the plan and no part of it: a rate that
    changes every step finds the same plan. As optimisers are frozen and keep nothing, a schedule is a new one each
    step.

    Example:
        >>> import phonograd as pg
        >>> class SignDescent(pg.optim.Optimizer):
        ...     name = "sign"
        ...
        ...     def update(self, p, g, state):
        ...         return p - 0.25 * g.sign(), state
        >>> store = pg.ParameterStore()
        >>> store["x"] = [3.0, -1.0]
        >>> rec = pg.Record(store)
        >>> SignDescent().step(store, rec.parameter("x").square().sum().grad())
        >>> store["x"].tolist()
        [2.75, -0.75]
    """

    name: ClassVar[str] = "optimizer"
    """The first part of the names in `store.state`."""

    def init(self, p: Tensor) -> _State:
        """The state of a parameter before the first step.

        Args:
            p: The parameter; it tells the record, the shape and the dtype.

        Returns:
            Tensors by name, recorded like any others. The default is no state.
        """
        return {}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, Mapping[str, Tensor]]:
        """One step of one parameter, as recorded arithmetic: nothing is computed and nothing stored.

        Args:
            p: The parameter.
            g: Its gradient.
            state: What `init` or the step before returned.

        Returns:
            The new parameter and the new state.

        Example:
            >>> import phonograd as pg
            >>> rec = pg.Record()
            >>> p, g = rec.tensor(1.0), rec.tensor(0.5)
            >>> momentum = pg.optim.SGD(rate=0.1, momentum=0.9)
            >>> new_p, state = momentum.update(p, g, momentum.init(p))
            >>> new_p.item(), state["velocity"].item()
            (0.949999988079071, 0.5)
        """
        raise NotImplementedError

    def step(self, store: ParameterStore, grads: Gradients, names: Iterable[str] | None = None) -> None:
        """Moves parameters in the store along their gradients, all or none.

        Gradients, new parameters and new state are computed in one plan, with the loss and whatever else of the
        record is held and on the way. The store changes only after all of it succeeded.

        Args:
            store: The store that the record's parameters came from.
            grads: Gradients of a loss.
            names: The parameters to move; by default all floating-point ones that the record has by name.

        Raises:
            ParameterError: If the store or the gradients lack one of the names.
            ShapeError: If a gradient or a state does not have its parameter's shape.
            DTypeError: If it does not have its dtype.
        """
        if not isinstance(grads, Gradients):
            raise InputError(
                f"step: cannot read gradients from {type(grads).__name__}; expected what `loss.grad()` returns"
            )
        record, kept = grads.record, store.state
        moved: dict[str, Tensor] = {}
        # States that the forward pass noted, such as running statistics, are stored with an optimiser's own.
        remembered: dict[str, Tensor] = record.next_states()
        for name in grads if names is None else names:
            p = record.load(store, name)
            if names is None and p.dtype not in ("float32", "float64"):
                continue  # a constant kept among the parameters
            g = grads[name]
            _same_kind(f"the gradient of `{name}`", g, p)
            state = self.init(p)
            prefix = f"{self.name}/{name}/"
            for key, first in state.items():
                if prefix + key in kept:
                    state[key] = record.load(kept, prefix + key)
                    _same_kind(f"the state `{prefix}{key}`", state[key], first)
            moved[name], state_after = self.update(p, g, state)
            _same_kind(f"the new `{name}`", moved[name], p)
            for key, value in state_after.items():
                remembered[prefix + key] = value
        # The loss comes along, so that reading it afterwards needs no second plan.
        record.compute(grads.output, *moved.values(), *remembered.values())
        # One call from C for both, so that no signal handler can run between parameters and state.
        tuple(map(type(store).update, (store, kept), (moved, remembered)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; make a new one with another `{name}`")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; `{name}` cannot be deleted")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).items()))

    def _freeze(self, **numbers: float) -> None:
        vars(self).update(numbers)


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum, Nesterov's variant of it, and weight decay.

    With `g' = g + weight_decay * p`: `velocity' = momentum * velocity + g'`, and `p' = p - rate * velocity'`;
    Nesterov's form steps along `g' + momentum * velocity'` instead. Without momentum there is no state.

    Args:
        rate: The learning rate.
        momentum: How much of the velocity is kept from step to step.
        nesterov: Whether to look ahead along the velocity.
        weight_decay: Adds this times the parameter to its gradient.

    Example:
        >>> import phonograd as pg
        >>> pg.optim.SGD(0.1, momentum=0.9)
        SGD(rate=0.1, momentum=0.9, nesterov=False, weight_decay=0.0)
    """

    name = "sgd"
    rate: float
    momentum: float
    nesterov: bool
    weight_decay: float

    def __init__(self, rate: float, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0) -> None:
        _not_negative("SGD", rate=rate, weight_decay=weight_decay)
        _fraction("SGD", momentum=momentum)
        if nesterov and momentum == 0.0:
            raise ArgumentError("SGD: nesterov is True with momentum 0.0; expected a momentum above 0")
        self._freeze(rate=rate, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay)

    def init(self, p: Tensor) -> _State:
        """No velocity yet."""
        return {"velocity": p.zeros_like()} if self.momentum else {}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, _State]:
        """A step along the velocity."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - self.rate * g, {}
        velocity = self.momentum * state["velocity"] + g
        along = g + self.momentum * velocity if self.nesterov else velocity
        return p - self.rate * along, {"velocity": velocity}


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015): steps scaled by running moments of the gradient.

    With `g' = g + weight_decay * p`: `m' = beta1 * m + (1 - beta1) * g'`, `v' = beta2 * v + (1 - beta2) * g' * g'`,
    both divided by `1 - beta**step` to undo their start from zero, and `p' = p - rate * m / (sqrt(v) + epsilon)` with
    those.

    Args:
        rate: The learning rate.
        beta1: How much of the first moment is kept from step to step.
        beta2: The same of the second moment.
        epsilon: Keeps the division finite.
        weight_decay: Adds this times the parameter to its gradient (L2); see `AdamW` for decay on its own.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.0, -2.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.Adam(0.5).step(store, rec.parameter("x").square().sum().grad())
        >>> store["x"].round(4).tolist()
        [0.5, -1.5]
        >>> sorted(store.state)
        ['adam/x/m', 'adam/x/step', 'adam/x/v']
    """

    name = "adam"
    rate: float
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float

    def __init__(
        self,
        rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        _not_negative(type(self).__name__, rate=rate, epsilon=epsilon, weight_decay=weight_decay)
        _fraction(type(self).__name__, beta1=beta1, beta2=beta2)
        self._freeze(rate=rate, beta1=beta1, beta2=beta2, epsilon=epsilon, weight_decay=weight_decay)

    def init(self, p: Tensor) -> _State:
        """Moments of zero, and no step made."""
        return {"m": p.zeros_like(), "v": p.zeros_like(), "step": p.record.zeros((), "int64")}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, _State]:
        """A step along the first moment over the root of the second."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        return self._descend(p, g, state)

    def _descend(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, _State]:
        numbers = self.rate, self.beta1, self.beta2, self.epsilon
        moved, m, v, step = _adam(p, g, state["m"], state["v"], state["step"], *numbers)
        return moved, {"m": m, "v": v, "step": step}


class AdamW(Adam):
    """Adam with decay on its own (Loshchilov and Hutter, 2019): `p * (1 - rate * weight_decay)` before Adam's step.

    Args:
        rate: The learning rate.
        beta1: How much of the first moment is kept from step to step.
        beta2: The same of the second moment.
        epsilon: Keeps the division finite.
        weight_decay: How much a parameter shrinks per step, before the rate.

    Example:
        >>> import phonograd as pg
        >>> pg.optim.AdamW()
        AdamW(rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0.01)
    """

    name = "adamw"

    def __init__(
        self,
        rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(rate, beta1, beta2, epsilon, weight_decay)

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, _State]:
        """Decay, then Adam's step."""
        return self._descend(p * (1.0 - self.rate * self.weight_decay), g, state)


def _same_kind(what: str, got: Tensor, expected: Tensor) -> None:
    if got.shape != expected.shape:
        raise ShapeError(f"step: {what} has shape {got.shape}; expected {expected.shape}")
    if got.dtype != expected.dtype:
        raise DTypeError(f"step: {what} has dtype {got.dtype}; expected {expected.dtype}")


def _not_negative(of: str, **numbers: float) -> None:
    for name, value in numbers.items():
        if not 0.0 <= value < float("inf"):
            raise ArgumentError(f"{of}: {name} is {value!r}; expected a number of 0 or more")


def _fraction(of: str, **numbers: float) -> None:
    for name, value in numbers.items():
        if not 0.0 <= value < 1.0:
            raise ArgumentError(f"{of}: {name} is {value!r}; expected a number from 0 to below 1")
