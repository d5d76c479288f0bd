"""Steps along the gradient or its running mean: plain, averaged, signed, or made orthogonal."""

from __future__ import annotations

from phonograd._core import ArgumentError, ShapeError, maximum
from phonograd._values import count, flag, fraction, not_negative, positive
from phonograd.optim._optimizer import Optimizer
from phonograd.optim.averaging import averages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from phonograd import ParameterStore, Tensor
    from phonograd.optim._optimizer import State


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
        not_negative("SGD", rate=rate, weight_decay=weight_decay)
        fraction("SGD", momentum=momentum)
        flag("SGD", nesterov=nesterov)
        if nesterov and momentum == 0.0:
            raise ArgumentError("SGD: nesterov is True with momentum 0.0; expected a momentum above 0")
        self._freeze(rate=rate, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay)

    def init(self, p: Tensor) -> State:
        """No velocity yet."""
        return {"velocity": p.zeros_like()} if self.momentum else {}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the velocity."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - self.rate * g, {}
        velocity = self.momentum * state["velocity"] + g
        along = g + self.momentum * velocity if self.nesterov else velocity
        return p - self.rate * along, {"velocity": velocity}


class ASGD(Optimizer):
    """Averaged descent (Polyak and Juditsky, 1992): plain steps at a falling rate, and the mean of where they lead.

    With `g' = g + weight_decay * p`, and `n` steps made before: `eta = rate / (1 + decay * rate * n)**power`, `p' = p *
    (1 - decay * eta) - eta * g'`, and `mean' = mean + (p' - mean) / max(1, n - start)`. As in PyTorch, whose `lambd`,
    `alpha` and `t0` are `decay`, `power` and `start`; a rate that changes acts at once here, and there a step later.

    Args:
        rate: The learning rate of the first step.
        decay: How fast the rate falls, and how much parameters shrink per step, before the rate.
        power: The power by which the rate falls.
        start: The number of steps after which the mean begins; until then it is the parameter itself.
        weight_decay: Adds this times the parameter to its gradient.

    Example:
        >>> import phonograd as pg
        >>> store, descent = pg.ParameterStore(), pg.optim.ASGD(0.25, decay=0.0, start=1)
        >>> store["x"] = 2.0
        >>> for _ in range(4):
        ...     rec = pg.Record(store)
        ...     descent.step(store, rec.parameter("x").square().grad())
        >>> store["x"].item(), descent.values(store)["x"].item()
        (0.125, 0.1875)
    """

    name = "asgd"
    rate: float
    decay: float
    power: float
    start: float
    weight_decay: float

    def __init__(
        self,
        rate: float = 1e-2,
        decay: float = 1e-4,
        power: float = 0.75,
        start: float = 1e6,
        weight_decay: float = 0.0,
    ) -> None:
        not_negative("ASGD", rate=rate, decay=decay, power=power, start=start, weight_decay=weight_decay)
        self._freeze(rate=rate, decay=decay, power=power, start=start, weight_decay=weight_decay)

    def init(self, p: Tensor) -> State:
        """No step made; the mean is that of none, which the first step replaces."""
        return {"mean": p.zeros_like(), "step": p.record.zeros((), "int64")}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the gradient, and the mean with it."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        before = state["step"].astype("float64")
        eta = (self.rate / (1.0 + self.decay * self.rate * before) ** self.power).astype(p.dtype)
        p = p * (1.0 - self.decay * eta) - eta * g
        # Where the new parameter's share is 1, this is exactly the parameter.
        rest = (1.0 - 1.0 / maximum(before - self.start, 1.0)).astype(p.dtype)
        return p, {"mean": p + rest * (state["mean"] - p), "step": state["step"] + 1}

    def values(self, store: ParameterStore) -> ParameterStore:
        """A new store with the means; what has none, such as an integer or a layer's state, has its own value.

        Args:
            store: The store that steps were made in.

        Raises:
            ParameterError: If no step was made in it.
        """
        return averages("ASGD", self.name, store, "`step` first")


class Lion(Optimizer):
    """Lion (Chen and others, 2023, "Symbolic discovery of optimization algorithms"): the sign of a running mean.

    `p' = p - rate * (sign(beta1 * m + (1 - beta1) * g) + weight_decay * p)`, and `m' = beta2 * m + (1 - beta2) * g`.
    Every element moves by the rate, so rates are a third to a tenth of Adam's, and decays as many times larger.

    Args:
        rate: The learning rate.
        beta1: The share of the mean in the step.
        beta2: How much of the mean is kept from step to step.
        weight_decay: How much a parameter shrinks per step, before the rate.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.0, -2.0]
        >>> rec = pg.Record(store)
        >>> pg.optim.Lion(0.25).step(store, rec.parameter("x").square().sum().grad())
        >>> store["x"].tolist()
        [0.75, -1.75]
    """

    name = "lion"
    rate: float
    beta1: float
    beta2: float
    weight_decay: float

    def __init__(self, rate: float = 1e-4, beta1: float = 0.9, beta2: float = 0.99, weight_decay: float = 0.0) -> None:
        not_negative("Lion", rate=rate, weight_decay=weight_decay)
        fraction("Lion", beta1=beta1, beta2=beta2)
        self._freeze(rate=rate, beta1=beta1, beta2=beta2, weight_decay=weight_decay)

    def init(self, p: Tensor) -> State:
        """A mean of zero."""
        return {"m": p.zeros_like()}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step of one size in every element."""
        m = state["m"]
        along = self.rate * (self.beta1 * m + (1.0 - self.beta1) * g).sign()
        if self.weight_decay:
            p = p * (1.0 - self.rate * self.weight_decay)
        return p - along, {"m": self.beta2 * m + (1.0 - self.beta2) * g}


class Muon(Optimizer):
    """Muon (Jordan and others, 2024): the momentum of a matrix, with its singular values brought near 1.

    `m' = momentum * m + (1 - momentum) * g`, and along it, or with `nesterov` along `momentum * m' + (1 - momentum) *
    g`, lies a matrix `x`. Divided by its norm, it goes through `steps` rounds of Newton and Schulz's iteration,
    `a * x + (b * y + c * y @ y) @ x` of `y = x @ x.T`, with (a, b, c) = (3.4445, -4.775, 2.0315). Then `p' = p * (1 -
    rate * weight_decay) - rate * scale * x`.

    The products are of the parameter's dtype, where other implementations go down to bfloat16. For weights of shape
    (inputs, outputs) inside a network; give embeddings, biases and the last layer to another optimiser with `Groups`.

    Args:
        rate: The learning rate.
        momentum: How much of the momentum is kept from step to step.
        nesterov: Whether to look ahead along the momentum.
        weight_decay: How much a parameter shrinks per step, before the rate.
        steps: Rounds of the iteration.
        epsilon: The least norm divided by.
        adjust: How large steps are: "original" scales by `sqrt(max(1, outputs / inputs))`; "match_rms_adamw" by
            `0.2 * sqrt(max(inputs, outputs))` (Liu and others, 2025), so that rates and decays of AdamW fit.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore(seed=0)
        >>> _ = store.get_or_init("hidden.weight", (3, 2)), store.get_or_init("hidden.bias", (2,), "zeros")
        >>> mixed = pg.optim.Groups({"*.weight": pg.optim.Muon(0.02), "*": pg.optim.AdamW()})
        >>> rec = pg.Record(store)
        >>> h = rec.ones((4, 3)) @ rec.parameter("hidden.weight") + rec.parameter("hidden.bias")
        >>> mixed.step(store, h.square().sum().grad())
        >>> sorted(store.state)
        ['adamw/hidden.bias/m', 'adamw/hidden.bias/step', 'adamw/hidden.bias/v', 'muon/hidden.weight/m']
    """

    name = "muon"
    rate: float
    momentum: float
    nesterov: bool
    weight_decay: float
    steps: int
    epsilon: float
    adjust: str

    def __init__(
        self,
        rate: float = 1e-3,
        momentum: float = 0.95,
        nesterov: bool = True,
        weight_decay: float = 0.1,
        steps: int = 5,
        epsilon: float = 1e-7,
        adjust: Literal["original", "match_rms_adamw"] = "original",
    ) -> None:
        not_negative("Muon", rate=rate, weight_decay=weight_decay)
        fraction("Muon", momentum=momentum)
        flag("Muon", nesterov=nesterov)
        count("Muon", 1, steps=steps)
        positive("Muon", epsilon=epsilon)
        if adjust not in ("original", "match_rms_adamw"):
            raise ArgumentError(f'Muon: adjust is {adjust!r}; expected "original" or "match_rms_adamw"')
        self._freeze(
            rate=rate,
            momentum=momentum,
            nesterov=nesterov,
            weight_decay=weight_decay,
            steps=steps,
            epsilon=epsilon,
            adjust=adjust,
        )

    def init(self, p: Tensor) -> State:
        """No momentum yet."""
        if p.ndim != 2:
            raise ShapeError(
                f"Muon: a parameter has shape {p.shape}; expected two axes; give others another optimiser with `Groups`"
            )
        return {"m": p.zeros_like()}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, State]:
        """A step along the nearest matrix whose singular values are all about 1."""
        rows, columns = p.shape
        fresh = (1.0 - self.momentum) * g
        m = self.momentum * state["m"] + fresh
        x = self._orthogonal(self.momentum * m + fresh if self.nesterov else m)
        if self.adjust == "original":
            scale = max(1.0, columns / max(rows, 1)) ** 0.5
        else:
            scale = 0.2 * max(rows, columns) ** 0.5
        if self.weight_decay:
            p = p * (1.0 - self.rate * self.weight_decay)
        return p - self.rate * scale * x, {"m": m}

    def _orthogonal(self, x: Tensor) -> Tensor:
        tall = x.shape[0] > x.shape[1]
        if tall:
            x = x.T  # the products below are the smaller ones
        x = x / maximum((x * x).sum().sqrt(), self.epsilon)
        for _ in range(self.steps):
            y = x @ x.T
            x = 3.4445 * x + (-4.775 * y + 2.0315 * (y @ y)) @ x
        return x.T if tall else x
