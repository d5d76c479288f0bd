"""L-BFGS: steps from the curvature that the last gradients show, as long as a line search says.

Each evaluation is one plan, found again from the second one on. The direction is NumPy's work on whole vectors: a
history that grows would be another plan every time.
"""

from __future__ import annotations

from math import inf, isfinite, nan, sqrt

from phonograd._core import ShapeError
from phonograd._values import Frozen, count, not_negative, positive
from phonograd.optim._objective import Objective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, ClassVar

    from phonograd import ParameterStore, Record, Tensor
    from phonograd.optim._objective import Vector

    _Pair = tuple[Vector, Vector]

_SUFFICIENT, _CURVATURE = 1e-4, 0.9  # the constants of Wolfe's conditions
_CURVED = 1e-10  # the least cosine between step and change of gradient that is curvature, and not rounding
_SEARCH = 25  # the most points tried along one direction, after the first


class Minimum(Frozen):
    """What a minimisation found.

    Args:
        loss: The loss at the end.
        gradient: The gradient's largest element there, in size.
        iterations: Directions followed.
        evaluations: How often loss and gradient were computed.
        reason: Why it ended: "gradient" or "change" fell below their tolerance, no "descent" was possible any more, or
            the allowed "iterations" or "evaluations" were made.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = 3.0
        >>> pg.optim.LBFGS().minimize(store, lambda rec: (rec.parameter("x") - 1.0).square())
        Minimum(loss=0.0, gradient=0.0, iterations=2, evaluations=3, reason='gradient')
    """

    loss: float
    gradient: float
    iterations: int
    evaluations: int
    reason: str

    def __init__(self, loss: float, gradient: float, iterations: int, evaluations: int, reason: str) -> None:
        self._freeze(loss=loss, gradient=gradient, iterations=iterations, evaluations=evaluations, reason=reason)

    @property
    def converged(self) -> bool:
        """Whether a tolerance was reached."""
        return self.reason in ("gradient", "change")


class LBFGS(Frozen):
    """L-BFGS (Liu and Nocedal, 1989) with a line search for Wolfe's strong conditions: for small, exact problems.

    From the last pairs of steps `s` and changes of the gradient `y`, the two-loop recursion makes the direction `d = -H
    g`, with `H` the inverse of the Hessian as they show it. The step along `d` is one where the loss fell by at least
    1e-4 of what the slope promised, and the slope to at most 0.9 of what it was (Nocedal and Wright, algorithms 3.5 and
    3.6, with the interpolation of Schmidt's minFunc).

    The loss is needed at points that are only tried, so `minimize` takes a function that records it. The pairs are kept
    in `store.state`: ended by `iterations` and called again, it goes on as if it had not been ended.

    Args:
        rate: The first length tried of each step.
        iterations: The most directions to follow in one call.
        evaluations: The most evaluations of loss and gradient in one call; by default as many as it takes.
        tolerance_gradient: Ends when no element of the gradient is larger.
        tolerance_change: Ends when the loss, or every parameter, changes by no more; 0 goes on as long as they change.
        history: How many pairs are kept.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = np.array([-1.2, 1.0])
        >>> def rosenbrock(rec):
        ...     a, b = rec.parameter("x")
        ...     return (1.0 - a).square() + 100.0 * (b - a * a).square()
        >>> found = pg.optim.LBFGS().minimize(store, rosenbrock)
        >>> found.converged, store["x"].round(6).tolist()
        (True, [1.0, 1.0])
    """

    _hints: ClassVar[Mapping[str, str]] = {
        "step": "`minimize(store, loss_of)` makes all steps; the loss is needed at points that are only tried",
        "zero_grad": "gradients are values that `loss.grad()` returns; nothing adds up",
    }
    _no_holder = "it holds no parameters: `minimize(store, loss_of)` moves those of a store"
    rate: float
    iterations: int
    evaluations: int | None
    tolerance_gradient: float
    tolerance_change: float
    history: int

    def __init__(
        self,
        rate: float = 1.0,
        iterations: int = 1000,
        evaluations: int | None = None,
        tolerance_gradient: float = 1e-7,
        tolerance_change: float = 0.0,
        history: int = 100,
    ) -> None:
        positive("LBFGS", rate=rate)
        not_negative("LBFGS", tolerance_gradient=tolerance_gradient, tolerance_change=tolerance_change)
        count("LBFGS", 1, iterations=iterations, history=history)
        if evaluations is not None:
            count("LBFGS", 1, evaluations=evaluations)
        self._freeze(
            rate=rate,
            iterations=iterations,
            evaluations=evaluations,
            tolerance_gradient=tolerance_gradient,
            tolerance_change=tolerance_change,
            history=history,
        )

    def minimize(
        self, store: ParameterStore, loss_of: Callable[[Record], Tensor], names: Iterable[str] | None = None
    ) -> Minimum:
        """Moves parameters in the store to where the loss is least, all or none.

        The points tried live in a store of their own; the given one changes once, at the end. So what raises, or is
        interrupted, changes nothing.

        Args:
            store: The store with the parameters.
            loss_of: Records the loss in the record it is given, with the parameters of that record.
            names: The parameters to move, by names or patterns; by default all floating-point ones that the record has
                by name.

        Returns:
            The loss reached, and why it ended.

        Raises:
            ArgumentError: If the loss is not finite at the start.
        """
        objective = Objective(store, loss_of, names)
        x, loss, g = objective.first()
        pairs = self._remembered(objective)
        most = inf if self.evaluations is None else self.evaluations
        done, reason = 0, "gradient"
        while abs(g).max(initial=0.0) > self.tolerance_gradient:
            if done == self.iterations or objective.evaluations >= most:
                reason = "iterations" if done == self.iterations else "evaluations"
                break
            done += 1
            d = -_inverse_hessian(pairs, g)
            start = _Point(0.0, loss, g, float(g @ d))
            if start.slope >= -self.tolerance_change:
                reason = "change" if start.slope < 0.0 else "descent"
                break
            # With no pairs yet, nothing is known of how long a step should be.
            first = self.rate if pairs else self.rate * min(1.0, 1.0 / float(abs(g).sum()))
            budget = min(most - objective.evaluations - 1, _SEARCH)
            found = _search(objective, x, d, start, first, budget, self.tolerance_change)
            if found.t == 0.0:
                reason = "descent" if objective.evaluations < most else "evaluations"
                break
            before, x = x, objective.rounded(x + found.t * d)
            s, y = x - before, found.gradient - g
            if float(s @ y) > _CURVED * float((s @ s) * (y @ y)) ** 0.5:
                pairs = [*pairs, (s, y)][-self.history :]
            loss, g = found.loss, found.gradient
            little = abs(s).max() <= self.tolerance_change or start.loss - loss <= self.tolerance_change
            if little and abs(g).max() > self.tolerance_gradient:
                reason = "change"
                break
        objective.commit(x, _state(objective, pairs))
        return Minimum(loss, float(abs(g).max(initial=0.0)), done, objective.evaluations, reason)

    def _remembered(self, objective: Objective) -> list[_Pair]:
        """The pairs of an earlier call; none if it moved other parameters."""
        lengths, columns = set(), []
        for key in ("s", "y"):
            for name, shape in objective.shapes.items():
                kept = objective.state.get(f"lbfgs/{name}/{key}")
                if kept is None:
                    return []
                if kept.shape[1:] != shape or kept.ndim == 0:
                    sizes = "".join(f", {size}" for size in shape)
                    raise ShapeError(
                        f"minimize: the state `lbfgs/{name}/{key}` has shape {kept.shape}; expected (n{sizes})"
                    )
                lengths.add(len(kept))
                columns.append(kept.reshape(len(kept), -1))
        if len(lengths) != 1:
            return []
        import numpy as np

        half = len(columns) // 2
        s, y = np.concatenate(columns[:half], axis=1), np.concatenate(columns[half:], axis=1)
        return list(zip(s, y, strict=True))[-self.history :]


class _Point:
    """A length tried along a direction, with the loss, its gradient, and its slope along the direction."""

    __slots__ = ("gradient", "loss", "slope", "t")

    def __init__(self, t: float, loss: float, gradient: Vector, slope: float) -> None:
        self.t, self.loss, self.gradient, self.slope = t, loss, gradient, slope


def _inverse_hessian(pairs: list[_Pair], g: Vector) -> Vector:
    """The two-loop recursion: the inverse Hessian, as the pairs show it, times the gradient."""
    shares = []
    for s, y in reversed(pairs):
        shares.append((s @ g) / (s @ y))
        g = g - shares[-1] * y
    if pairs:
        s, y = pairs[-1]
        g = g * ((s @ y) / (y @ y))
    for (s, y), share in zip(pairs, reversed(shares), strict=True):
        g = g + (share - (y @ g) / (s @ y)) * s
    return g


def _search(
    objective: Objective, x: Vector, d: Vector, start: _Point, t: float, budget: float, tolerance: float
) -> _Point:
    """The point that fulfils Wolfe's strong conditions, or the best one when the budget or the interval ends."""

    def at(t: float) -> _Point:
        loss, gradient = objective(x + t * d)
        if isfinite(loss) and isfinite(float(abs(gradient).max())):
            return _Point(t, loss, gradient, float(gradient @ d))
        return _Point(t, inf, gradient, nan)  # beyond where the loss is defined: too long

    def too_high(point: _Point) -> bool:
        return point.loss > start.loss + _SUFFICIENT * point.t * start.slope

    # Go further until an interval must contain a point that will do.
    before, now, tried = start, at(t), 0
    while tried < budget and not (too_high(now) or (tried > 1 and now.loss >= before.loss)):
        if abs(now.slope) <= -_CURVATURE * start.slope:
            return now
        if now.slope >= 0.0:
            break
        t = _lowest(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10.0)
        before, now, tried = now, at(t), tried + 1

    # Narrow the interval. `low` is its lower end in loss, whichever side it is on.
    low, high = (before, now) if before.loss <= now.loss else (now, before)
    length, near_an_end = float(abs(d).max()), False
    while tried < budget and abs(high.t - low.t) * length > tolerance:
        left, right = min(low.t, high.t), max(low.t, high.t)
        t, margin = _lowest(low, high, left, right), 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            # Twice so close to an end, or on it: the cubic is no guide here.
            if near_an_end or t >= right or t <= left:
                t = right - margin if right - t < t - left else left + margin
                near_an_end = False
            else:
                near_an_end = True
        else:
            near_an_end = False
        now, tried = at(t), tried + 1
        if too_high(now) or now.loss >= low.loss:
            low, high = (low, now) if low.loss <= now.loss else (now, low)
            continue
        if abs(now.slope) <= -_CURVATURE * start.slope:
            return now
        if now.slope * (high.t - low.t) >= 0.0:
            high = low
        low = now
    return low


def _lowest(a: _Point, b: _Point, least: float, most: float) -> float:
    """Where the cubic with both points' losses and slopes is lowest, between bounds; the middle if it is nowhere."""
    if a.t > b.t:
        a, b = b, a
    middle = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t)
    square = middle * middle - a.slope * b.slope
    if square >= 0.0:
        root = sqrt(square)
        divisor = b.slope - a.slope + 2.0 * root
        t = b.t - (b.t - a.t) * ((b.slope + root - middle) / divisor) if divisor else nan
        if isfinite(t):
            return min(max(t, least), most)
    return 0.5 * (least + most)


def _state(objective: Objective, pairs: list[_Pair]) -> dict[str, Any]:
    import numpy as np

    kept, begin = {}, 0
    for name, size in objective.sizes() if pairs else ():
        end, shape = begin + size, (len(pairs), *objective.shapes[name])
        for key, rows in zip(("s", "y"), zip(*pairs, strict=True), strict=True):
            kept[f"lbfgs/{name}/{key}"] = np.stack(rows)[:, begin:end].reshape(shape)
        begin = end
    return kept
