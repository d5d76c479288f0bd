"""A store fitted by `scipy.optimize.minimize`. SciPy is imported when it is used."""

from __future__ import annotations

from phonograd._core import ArgumentError, InputError, ParameterError
from phonograd._values import kind, listed, readable
from phonograd.optim._objective import Objective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from phonograd import ParameterStore, Record, Tensor

_WITHOUT_GRADIENT = ("nelder-mead", "powell", "cobyla", "cobyqa")
_WITH_HESSIAN = ("newton-cg", "trust-ncg", "trust-krylov", "trust-constr")


def scipy_minimize(
    store: ParameterStore,
    loss_of: Callable[[Record], Tensor],
    names: Iterable[str] | None = None,
    *,
    method: str = "L-BFGS-B",
    bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
    **arguments: Any,
) -> Any:
    """Moves parameters in the store to where `scipy.optimize.minimize` finds the loss least.

    SciPy gets the loss, its exact gradient, and for the methods that use one the exact product of the Hessian with a
    vector. All parameters' elements lie in one float64 vector, in the order of the names. The store changes once, at
    the end, if the loss is finite there; what raises, or is interrupted, changes nothing.

    Args:
        store: The store with the parameters.
        loss_of: Records the loss in the record it is given, with the parameters of that record.
        names: The parameters to move, by names or patterns; by default all floating-point ones that the record has by
            name.
        method: SciPy's name of the method.
        bounds: The least and the largest value of each element, by the parameter's name; None for no bound.
        **arguments: The rest of SciPy's: `tol`, `options`, `callback`, `constraints`.

    Returns:
        SciPy's `OptimizeResult`.

    Raises:
        ImportError: If SciPy is not installed.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = np.array([3.0, -1.0])
        >>> found = pg.optim.scipy_minimize(
        ...     store, lambda rec: (rec.parameter("x") - 1.0).square().sum(), bounds={"x": (None, 0.5)}
        ... )
        >>> found.success, store["x"].tolist()
        (True, [0.5, 0.5])
    """
    from importlib import import_module

    scipy = import_module("scipy.optimize")

    for taken in ("fun", "x0", "args", "jac", "hess", "hessp"):
        if taken in arguments:
            raise ArgumentError(f"scipy_minimize: `{taken}` comes from the loss; leave it out")
    if not isinstance(method, str):
        raise InputError(f"scipy_minimize: cannot read method from {type(method).__name__}; expected its name")
    if bounds is not None and not hasattr(bounds, "keys"):
        got = type(bounds).__name__
        raise InputError(
            f'scipy_minimize: cannot read bounds from {got}; expected pairs by name, as in `{{"x": (0.0, None)}}`'
        )
    objective = Objective(store, loss_of, names, "scipy_minimize")
    start, _, _ = objective.first()
    if bounds is not None:
        arguments["bounds"] = scipy.Bounds(*_limits(bounds, objective))
    if method.lower() in _WITH_HESSIAN:
        arguments["hessp"] = objective.hessian_times
    if method.lower() in _WITHOUT_GRADIENT:
        found = scipy.minimize(lambda point: objective(point)[0], start, method=method, **arguments)
    else:
        found = scipy.minimize(objective, start, method=method, jac=True, **arguments)
    if abs(found.fun) < float("inf"):
        objective.commit(found.x, {})
    return found


def _limits(bounds: Mapping[str, Any], objective: Objective) -> list[list[float]]:
    for name, pair in bounds.items():
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise InputError(
                f"scipy_minimize: cannot read the bounds of `{name}` from {kind(pair)}; expected a pair of numbers, or "
                "None for no bound"
            )
        for bound in pair:
            if bound is not None:
                readable("scipy_minimize", f"a bound of `{name}`", bound)
        if name not in objective.shapes:
            moved = listed(objective.shapes)
            raise ParameterError(f"scipy_minimize: there is a bound of `{name}`, which is not moved; moved are {moved}")
    limits: list[list[float]] = [[], []]
    for name, size in objective.sizes():
        for side, free, bound in zip(
            limits, (-float("inf"), float("inf")), bounds.get(name, (None, None)), strict=True
        ):
            side += [free if bound is None else bound] * size
    return limits
