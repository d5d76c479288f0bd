"""Steps along a running mean of the gradient over the root of a running mean of its square: Adam and its family."""

from __future__ import annotations

from phonograd._core import _adam, _adam_all, maximum, minimum, where
from phonograd._values import flag, fraction, not_negative
from phonograd.optim._optimizer import Optimizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from phonograd import ParameterStore, Tensor
    from phonograd.optim._optimizer import State


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015): steps scaled by running moments of the gradient.

    With `g' = g + weight_decay * p`: `m' = beta1 * m + (1 - beta1) * g'`, `v' = beta2 * v + (1 - beta2) * g' * g'`,
    both divided by `1 - beta**step` to undo their start from zero, and `p' = p - rate * m / (sqrt(v) + epsilon)` with
    those. AMSGrad (Reddi and others, 2018) has the largest `v'` so far in the place of `v'`.

    Args:
        rate: The learning rate.
        beta1: How much of the first moment is kept from step to step.
        beta2: The same of the second moment.
        epsilon: Keeps the division finite.
        weight_decay: Adds this times the parameter to its gradient (L2); see `AdamW` for decay on its own.
        amsgrad: Whether to divide by the largest second moment so far.

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
    amsgrad: bool

    def __init__(
        self,
        rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        of = type(self).__name__
        not_negative(of, rate=rate, epsilon=epsilon, weight_decay=weight_decay)
        fraction(of, beta1=beta1, beta2=beta2)
        flag(of, amsgrad=amsgrad)
        self._freeze(rate=rate, beta1=beta1, beta2=beta2, epsilon=epsilon, weight_decay=weight_decay, amsgrad=amsgrad)

    def init(self, p: Tensor) -> State:
        """Moments of zero, and no step made."""
        state = _moments(p)
        if self.amsgrad:
            state["largest"] = p.zeros_like()
        return state

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the first moment over the root of the second."""
        if not self.amsgrad:
            moved, m, v, step = _adam(p, g, state["m"], state["v"], state["step"], self._numbers())
            return moved, {"m": m, "v": v, "step": step}
        decay, shrink = self._decay()
        p, g = p * shrink, g + decay * p
        m, v, step, count = _advance(g, state, self.beta1, self.beta2)
        largest = maximum(state["largest"], v)
        first, second = _share(self.beta1, count, p), _share(self.beta2, count, p)
        p = p - self.rate / first * (m / ((largest / second).sqrt() + self.epsilon))
        return p, {"m": m, "v": v, "step": step, "largest": largest}

    def _update_all(self, store: ParameterStore, gradients: dict[str, Tensor], moved: State, remembered: State) -> None:
        """One call for all parameters; what it does not expect is left to the steps one by one, and their messages."""
        plain = type(self).update is Adam.update and not self.amsgrad
        to = moved, remembered
        if not plain or not _adam_all(gradients, store, store.state, self.name, self._numbers(), *to):
            super()._update_all(store, gradients, *to)

    def _decay(self) -> tuple[float, float]:
        """How much of the parameter is added to its gradient, and what the parameter is multiplied by."""
        return self.weight_decay, 1.0

    def _numbers(self) -> tuple[float, ...]:
        return self.rate, self.beta1, self.beta2, self.epsilon, *self._decay()


class AdamW(Adam):
    """Adam with decay on its own (Loshchilov and Hutter, 2019): `p * (1 - rate * weight_decay)` before Adam's step.

    Args:
        rate: The learning rate.
        beta1: How much of the first moment is kept from step to step.
        beta2: The same of the second moment.
        epsilon: Keeps the division finite.
        weight_decay: How much a parameter shrinks per step, before the rate.
        amsgrad: Whether to divide by the largest second moment so far.

    Example:
        >>> import phonograd as pg
        >>> pg.optim.AdamW()
        AdamW(rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0.01, amsgrad=False)
    """

    name = "adamw"

    def __init__(
        self,
        rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(rate, beta1, beta2, epsilon, weight_decay, amsgrad)

    def _decay(self) -> tuple[float, float]:
        return 0.0, 1.0 - self.rate * self.weight_decay


class NAdam(Optimizer):
    """NAdam (Dozat, 2016): Adam that looks ahead along the first moment, as Nesterov's momentum does.

    With Adam's `m'` and `v'`, `mu(t) = beta1 * (1 - 0.96**(t * momentum_decay) / 2)` and `M` the product of all `mu` so
    far: `p' = p - rate * ((1 - mu(t)) / (1 - M) * g' + mu(t + 1) / (1 - M * mu(t + 1)) * m') / (sqrt(v' / (1 -
    beta2**t)) + epsilon)`.

    Args:
        rate: The learning rate.
        beta1: How much of the first moment is kept from step to step.
        beta2: The same of the second moment.
        epsilon: Keeps the division finite.
        weight_decay: Adds this times the parameter to its gradient (L2), or as `decoupled_weight_decay` says.
        momentum_decay: How fast the momentum grows to `beta1`.
        decoupled_weight_decay: Whether the decay shrinks the parameter on its own, as in `AdamW`.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.0, -2.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.NAdam(0.5).step(store, rec.parameter("x").square().sum().grad())
        >>> print(store["x"].round(4))
        [ 0.4718 -1.4718]
    """

    name = "nadam"
    rate: float
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float
    momentum_decay: float
    decoupled_weight_decay: bool

    def __init__(
        self,
        rate: float = 2e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
    ) -> None:
        not_negative("NAdam", rate=rate, epsilon=epsilon, weight_decay=weight_decay, momentum_decay=momentum_decay)
        fraction("NAdam", beta1=beta1, beta2=beta2)
        flag("NAdam", decoupled_weight_decay=decoupled_weight_decay)
        self._freeze(
            rate=rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def init(self, p: Tensor) -> State:
        """Moments of zero, no step made, and an empty product."""
        return {**_moments(p), "mu": p.record.ones((), "float64")}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the gradient and the moment it is going to be part of."""
        p, g = _decayed(self, p, g)
        m, v, step, count = _advance(g, state, self.beta1, self.beta2)
        slope = 0.96**self.momentum_decay
        power = slope**count
        now = self.beta1 - 0.5 * self.beta1 * power
        ahead = self.beta1 - 0.5 * self.beta1 * slope * power
        mu = state["mu"] * now
        fresh = (self.rate * (1.0 - now) / (1.0 - mu)).astype(p.dtype)
        kept = (self.rate * ahead / (1.0 - mu * ahead)).astype(p.dtype)
        root = (v / _share(self.beta2, count, p)).sqrt() + self.epsilon
        return p - (fresh * g + kept * m) / root, {"m": m, "v": v, "step": step, "mu": mu}


class RAdam(Optimizer):
    """RAdam (Liu and others, 2020): Adam that leaves the second moment out until its variance is known to be small.

    With Adam's `m'` and `v'`, `R = 2 / (1 - beta2) - 1` and `r = R - 2 * t * beta2**t / (1 - beta2**t)`: while
    `r <= 5`, `p' = p - rate * m' / (1 - beta1**t)`; after that the step is multiplied by `sqrt((r - 4) * (r - 2) * R /
    ((R - 4) * (R - 2) * r))` times `sqrt(1 - beta2**t) / (sqrt(v') + epsilon)`.

    Args:
        rate: The learning rate.
        beta1: How much of the first moment is kept from step to step.
        beta2: The same of the second moment.
        epsilon: Keeps the division finite.
        weight_decay: Adds this times the parameter to its gradient (L2), or as `decoupled_weight_decay` says.
        decoupled_weight_decay: Whether the decay shrinks the parameter on its own, as in `AdamW`.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.0, -2.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.RAdam(0.25).step(store, rec.parameter("x").square().sum().grad())
        >>> store["x"].round(4).tolist()
        [0.5, -1.0]
    """

    name = "radam"
    rate: float
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float
    decoupled_weight_decay: bool

    def __init__(
        self,
        rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
    ) -> None:
        not_negative("RAdam", rate=rate, epsilon=epsilon, weight_decay=weight_decay)
        fraction("RAdam", beta1=beta1, beta2=beta2)
        flag("RAdam", decoupled_weight_decay=decoupled_weight_decay)
        self._freeze(
            rate=rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def init(self, p: Tensor) -> State:
        """Moments of zero, and no step made."""
        return _moments(p)

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the first moment, over the root of the second once that is reliable."""
        p, g = _decayed(self, p, g)
        m, v, step, count = _advance(g, state, self.beta1, self.beta2)
        limit = 2.0 / (1.0 - self.beta2) - 1.0
        power = self.beta2**count
        share = 1.0 - power
        length = limit - 2.0 * count * power / share
        # Where it is not used the factor is finite as well, so that no NaN can come out of its derivative.
        safe = maximum(length, 5.0)
        scale = limit / ((limit - 4.0) * (limit - 2.0)) if limit > 5.0 else 0.0
        factor = ((safe - 4.0) * (safe - 2.0) / safe * scale * share).sqrt().astype(p.dtype)
        adapted = where(length > 5.0, factor / (v.sqrt() + self.epsilon), 1.0)
        return p - self.rate / _share(self.beta1, count, p) * m * adapted, {"m": m, "v": v, "step": step}


class Adamax(Optimizer):
    """Adamax (Kingma and Ba, 2015): Adam over the largest gradient so far, which is slowly forgotten.

    With `g' = g + weight_decay * p`: `m' = beta1 * m + (1 - beta1) * g'`, `u' = max(beta2 * u, abs(g') + epsilon)`, and
    `p' = p - rate / (1 - beta1**step) * m' / u'`.

    Args:
        rate: The learning rate.
        beta1: How much of the moment is kept from step to step.
        beta2: How much of the largest gradient is.
        epsilon: Keeps the division finite.
        weight_decay: Adds this times the parameter to its gradient (L2).

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.0, -2.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.Adamax(0.5).step(store, rec.parameter("x").square().sum().grad())
        >>> store["x"].round(4).tolist()
        [0.5, -1.5]
    """

    name = "adamax"
    rate: float
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float

    def __init__(
        self,
        rate: float = 2e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        not_negative("Adamax", rate=rate, epsilon=epsilon, weight_decay=weight_decay)
        fraction("Adamax", beta1=beta1, beta2=beta2)
        self._freeze(rate=rate, beta1=beta1, beta2=beta2, epsilon=epsilon, weight_decay=weight_decay)

    def init(self, p: Tensor) -> State:
        """A moment and a largest gradient of zero, and no step made."""
        return {"m": p.zeros_like(), "u": p.zeros_like(), "step": p.record.zeros((), "int64")}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the moment over the largest gradient."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        step = state["step"] + 1
        m = self.beta1 * state["m"] + (1.0 - self.beta1) * g
        u = maximum(self.beta2 * state["u"], g.abs() + self.epsilon)
        first = _share(self.beta1, step.astype("float64"), p)
        return p - self.rate / first * (m / u), {"m": m, "u": u, "step": step}


class LAMB(Optimizer):
    """LAMB (You and others, 2020): Adam's step, scaled for each parameter to the parameter's own norm.

    With Adam's `m` and `v`, both corrected: `u = m / (sqrt(v) + epsilon) + weight_decay * p`, and `p' = p - rate *
    norm(p) / norm(u) * u`; where either norm is 0 the ratio is 1. For large batches.

    Args:
        rate: The learning rate.
        beta1: How much of the first moment is kept from step to step.
        beta2: The same of the second moment.
        epsilon: Keeps the division finite.
        weight_decay: Adds this times the parameter to its step, before the scaling.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [3.0, -4.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.LAMB(0.1).step(store, rec.parameter("x").square().sum().grad())
        >>> np.linalg.norm(store["x"] - [3.0, -4.0]).round(4).item()  # a tenth of the parameter's own norm
        0.5
    """

    name = "lamb"
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
        epsilon: float = 1e-6,
        weight_decay: float = 0.0,
    ) -> None:
        not_negative("LAMB", rate=rate, epsilon=epsilon, weight_decay=weight_decay)
        fraction("LAMB", beta1=beta1, beta2=beta2)
        self._freeze(rate=rate, beta1=beta1, beta2=beta2, epsilon=epsilon, weight_decay=weight_decay)

    def init(self, p: Tensor) -> State:
        """Moments of zero, and no step made."""
        return _moments(p)

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step as long, next to the parameter, as the rate says."""
        m, v, step, count = _advance(g, state, self.beta1, self.beta2)
        first, second = _share(self.beta1, count, p), _share(self.beta2, count, p)
        along = (m / first) / ((v / second).sqrt() + self.epsilon)
        if self.weight_decay:
            along = along + self.weight_decay * p
        size, length = (p * p).sum().sqrt(), (along * along).sum().sqrt()
        trust = where(minimum(size, length) > 0.0, size / length, 1.0)
        return p - self.rate * trust * along, {"m": m, "v": v, "step": step}


def _moments(p: Tensor) -> State:
    return {"m": p.zeros_like(), "v": p.zeros_like(), "step": p.record.zeros((), "int64")}


def _advance(
    g: Tensor, state: Mapping[str, Tensor], beta1: float, beta2: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Both moments, the count of steps, and the count as a float64: 1 - 0.999**1 loses four digits in float32."""
    step = state["step"] + 1
    m = beta1 * state["m"] + (1.0 - beta1) * g
    v = beta2 * state["v"] + (1.0 - beta2) * (g * g)
    return m, v, step, step.astype("float64")


def _share(beta: float, count: Tensor, p: Tensor) -> Tensor:
    """How much of a mean that started from zero is there by now, in the parameter's dtype."""
    return (1.0 - beta**count).astype(p.dtype)


def _decayed(rule: NAdam | RAdam, p: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    if not rule.weight_decay:
        return p, g
    if rule.decoupled_weight_decay:
        return p * (1.0 - rule.rate * rule.weight_decay), g
    return p, g + rule.weight_decay * p
