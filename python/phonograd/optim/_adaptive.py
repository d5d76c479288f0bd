"""Steps along the gradient over a root of what its squares were: RMSprop, Adagrad, Adadelta, Adafactor."""

from __future__ import annotations

from phonograd._core import ArgumentError, maximum, minimum
from phonograd._values import flag, fraction, not_negative, positive, readable
from phonograd.optim._optimizer import Optimizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from phonograd import Tensor
    from phonograd.optim._optimizer import State

_EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}


class RMSprop(Optimizer):
    """RMSprop (Hinton, 2012; centred: Graves, 2013): steps over the root of a running mean of squares.

    With `g' = g + weight_decay * p`: `v' = alpha * v + (1 - alpha) * g' * g'` and `along = g' / (sqrt(v') + epsilon)`;
    centred, `v'` less the square of the running mean of `g'` is under the root. With momentum `velocity' = momentum *
    velocity + along` takes the place of `along` in `p' = p - rate * along`.

    Args:
        rate: The learning rate.
        alpha: How much of the mean of squares is kept from step to step.
        epsilon: Keeps the division finite.
        weight_decay: Adds this times the parameter to its gradient.
        momentum: How much of the velocity is kept from step to step.
        centered: Whether to divide by the deviation from the mean gradient.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.0, -2.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.RMSprop(0.05).step(store, rec.parameter("x").square().sum().grad())
        >>> store["x"].round(4).tolist()
        [0.5, -1.5]
    """

    name = "rmsprop"
    rate: float
    alpha: float
    epsilon: float
    weight_decay: float
    momentum: float
    centered: bool

    def __init__(
        self,
        rate: float = 1e-2,
        alpha: float = 0.99,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        not_negative("RMSprop", rate=rate, epsilon=epsilon, weight_decay=weight_decay)
        fraction("RMSprop", alpha=alpha, momentum=momentum)
        flag("RMSprop", centered=centered)
        self._freeze(
            rate=rate, alpha=alpha, epsilon=epsilon, weight_decay=weight_decay, momentum=momentum, centered=centered
        )

    def init(self, p: Tensor) -> State:
        """Means of zero, and no velocity yet."""
        names = ["v", *["mean"] * self.centered, *["velocity"] * bool(self.momentum)]
        return {name: p.zeros_like() for name in names}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the gradient over the root of its mean square."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        after = {"v": self.alpha * state["v"] + (1.0 - self.alpha) * (g * g)}
        spread = after["v"]
        if self.centered:
            mean = after["mean"] = self.alpha * state["mean"] + (1.0 - self.alpha) * g
            # A variance: below zero it is rounding.
            spread = maximum(spread - mean * mean, 0.0)
        along = g / (spread.sqrt() + self.epsilon)
        if self.momentum:
            along = after["velocity"] = self.momentum * state["velocity"] + along
        return p - self.rate * along, after


class Adagrad(Optimizer):
    """Adagrad (Duchi and others, 2011): steps over the root of the sum of all squares so far.

    With `g' = g + weight_decay * p`: `total' = total + g' * g'`, and `p' = p - rate / (1 + (step - 1) * rate_decay) *
    g' / (sqrt(total') + epsilon)`.

    Args:
        rate: The learning rate.
        rate_decay: How fast the rate falls.
        weight_decay: Adds this times the parameter to its gradient.
        initial: What the sums start from.
        epsilon: Keeps the division finite.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.0, -2.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.Adagrad(0.5).step(store, rec.parameter("x").square().sum().grad())
        >>> store["x"].round(4).tolist()
        [0.5, -1.5]
    """

    name = "adagrad"
    rate: float
    rate_decay: float
    weight_decay: float
    initial: float
    epsilon: float

    def __init__(
        self,
        rate: float = 1e-2,
        rate_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial: float = 0.0,
        epsilon: float = 1e-10,
    ) -> None:
        not_negative(
            "Adagrad", rate=rate, rate_decay=rate_decay, weight_decay=weight_decay, initial=initial, epsilon=epsilon
        )
        self._freeze(rate=rate, rate_decay=rate_decay, weight_decay=weight_decay, initial=initial, epsilon=epsilon)

    def init(self, p: Tensor) -> State:
        """The sums' first values; and no step made, where the rate falls with the steps."""
        state = {"total": p.full_like(self.initial)}
        if self.rate_decay:
            state["step"] = p.record.zeros((), "int64")
        return state

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the gradient over the root of all squares."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        after = {"total": state["total"] + g * g}
        along = self.rate * g / (after["total"].sqrt() + self.epsilon)
        if self.rate_decay:
            after["step"] = state["step"] + 1
            along = along / (1.0 + self.rate_decay * state["step"].astype(p.dtype))
        return p - along, after


class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012): steps in the unit of the parameter, from the squares of steps and gradients.

    With `g' = g + weight_decay * p`: `v' = rho * v + (1 - rho) * g' * g'`, `d = sqrt(u + epsilon) / sqrt(v' + epsilon)
    * g'`, `u' = rho * u + (1 - rho) * d * d`, and `p' = p - rate * d`.

    Args:
        rate: What the step is multiplied by.
        rho: How much of both means is kept from step to step.
        epsilon: Under both roots; the first steps come from it.
        weight_decay: Adds this times the parameter to its gradient.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.0, -2.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.Adadelta(epsilon=1e-2).step(store, rec.parameter("x").square().sum().grad())
        >>> print(store["x"].round(2))
        [ 0.69 -1.68]
    """

    name = "adadelta"
    rate: float
    rho: float
    epsilon: float
    weight_decay: float

    def __init__(self, rate: float = 1.0, rho: float = 0.9, epsilon: float = 1e-6, weight_decay: float = 0.0) -> None:
        not_negative("Adadelta", rate=rate, epsilon=epsilon, weight_decay=weight_decay)
        fraction("Adadelta", rho=rho)
        self._freeze(rate=rate, rho=rho, epsilon=epsilon, weight_decay=weight_decay)

    def init(self, p: Tensor) -> State:
        """Both means of zero."""
        return {"v": p.zeros_like(), "u": p.zeros_like()}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the gradient, scaled by the ratio of both roots."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        v = self.rho * state["v"] + (1.0 - self.rho) * (g * g)
        along = ((state["u"] + self.epsilon) / (v + self.epsilon)).sqrt() * g
        u = self.rho * state["u"] + (1.0 - self.rho) * (along * along)
        return p - self.rate * along, {"v": v, "u": u}


class Adafactor(Optimizer):
    """Adafactor (Shazeer and Stern, 2018): second moments kept as one number a row and one a column.

    With `rms(x) = sqrt(mean(x * x))`, `w = step**beta2_decay`, and `v` the mean square of gradients, of which a
    parameter with two axes or more keeps the means over its last axis and over its last but one, `row' = row + w *
    (mean(g * g, -1) - row)` and `column'` likewise, and takes `v' = row' * column' / max(mean(row'), epsilon1)`:
    `u = g / max(sqrt(v'), epsilon1)`, and `p' = p * (1 - rate * weight_decay) - max(epsilon2, rms(p)) * min(rate, 1 /
    sqrt(step)) * u / max(1, rms(u) / threshold)`.

    Args:
        rate: The largest step in proportion to the parameter.
        beta2_decay: The negative power of the step by which the moments open to new gradients.
        epsilon1: The least root divided by; by default the dtype's machine epsilon.
        epsilon2: The least size of a parameter that steps are in proportion to.
        threshold: The largest root mean square of a step before the rate.
        weight_decay: How much a parameter shrinks per step, before the rate.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore(seed=0)
        >>> _ = store.get_or_init("w", (3, 2), "ones")
        >>> rec = pg.Record(store)
        >>> pg.optim.Adafactor(0.5).step(store, rec.parameter("w").square().sum().grad())
        >>> store["w"].tolist()
        [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
        >>> {name: value.shape for name, value in store.state.items()}
        {'adafactor/w/step': (), 'adafactor/w/row': (3, 1), 'adafactor/w/column': (1, 2)}
    """

    name = "adafactor"
    rate: float
    beta2_decay: float
    epsilon1: float | None
    epsilon2: float
    threshold: float
    weight_decay: float

    def __init__(
        self,
        rate: float = 1e-2,
        beta2_decay: float = -0.8,
        epsilon1: float | None = None,
        epsilon2: float = 1e-3,
        threshold: float = 1.0,
        weight_decay: float = 0.0,
    ) -> None:
        not_negative("Adafactor", rate=rate, epsilon2=epsilon2, weight_decay=weight_decay)
        if epsilon1 is not None:
            not_negative("Adafactor", epsilon1=epsilon1)
        positive("Adafactor", threshold=threshold)
        if not -float("inf") < readable("Adafactor", "beta2_decay", beta2_decay) <= 0.0:
            raise ArgumentError(f"Adafactor: beta2_decay is {beta2_decay!r}; expected a number of 0 or less")
        self._freeze(
            rate=rate,
            beta2_decay=beta2_decay,
            epsilon1=epsilon1,
            epsilon2=epsilon2,
            threshold=threshold,
            weight_decay=weight_decay,
        )

    def init(self, p: Tensor) -> State:
        """No step made, and moments of zero."""
        step = p.record.zeros((), "int64")
        if p.ndim < 2:
            return {"step": step, "v": p.zeros_like()}
        *outer, rows, columns = p.shape
        row = p.record.zeros((*outer, rows, 1), p.dtype)
        return {"step": step, "row": row, "column": p.record.zeros((*outer, 1, columns), p.dtype)}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step in proportion to the parameter."""
        least = _EPSILON[p.dtype.name] if self.epsilon1 is None else self.epsilon1
        step = state["step"] + 1
        count = step.astype("float64")
        weight = (count**self.beta2_decay).astype(p.dtype)
        squares = g * g
        after = {"step": step}
        for key, axis in (("row", -1), ("column", -2)) if p.ndim > 1 else (("v", None),):
            now = squares if axis is None else squares.mean(axis, keepdims=True)
            after[key] = state[key] + weight * (now - state[key])
        if p.ndim > 1:
            v = after["row"] / maximum(after["row"].mean(-2, keepdims=True), least) * after["column"]
        else:
            v = after["v"]
        along = g / maximum(v.sqrt(), least)
        size = minimum(count.rsqrt(), self.rate).astype(p.dtype) * maximum(_rms(p), self.epsilon2)
        along = size / maximum(_rms(along) / self.threshold, 1.0) * along
        if self.weight_decay:
            p = p * (1.0 - self.rate * self.weight_decay)
        return p - along, after


def _rms(x: Tensor) -> Tensor:
    return (x * x).mean().sqrt()
