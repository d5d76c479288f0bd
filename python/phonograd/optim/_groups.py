"""Several optimisers in one step: each parameter's name decides which one moves it, if any."""

from __future__ import annotations

from phonograd._core import InputError, ParameterError
from phonograd._values import listed
from phonograd.optim._optimizer import Optimizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from phonograd import ParameterStore
    from phonograd.optim.clipping import GradientsLike


class Groups(Optimizer):
    """Parameter groups: the first pattern that fits a parameter's name says which optimiser moves it.

    All groups' steps are one plan, and the store changes all or nothing. A parameter whose pattern has None in the
    place of an optimiser is frozen: it stays as it is, and its gradient is not computed.

    Args:
        groups: Optimisers by patterns of names, as `fnmatch` reads them: `*` is any text, dots included. Each
            parameter needs a pattern; `"*"` at the end fits the rest.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store.update({"encoder.weight": 1.0, "head.weight": 1.0, "head.bias": 1.0})
        >>> groups = pg.optim.Groups(
        ...     {
        ...         "encoder.*": None,
        ...         "*.bias": pg.optim.SGD(rate=0.5),
        ...         "*": pg.optim.SGD(rate=0.25, weight_decay=0.1),
        ...     }
        ... )
        >>> rec = pg.Record(store)
        >>> loss = sum(rec.parameter(name) for name in store)
        >>> groups.step(store, loss.grad())
        >>> {name: round(value.item(), 4) for name, value in store.items()}
        {'encoder.weight': 1.0, 'head.weight': 0.725, 'head.bias': 0.5}
    """

    name = "groups"

    def __init__(self, groups: Mapping[str, Optimizer | None]) -> None:
        if not hasattr(groups, "keys"):
            got = type(groups).__name__
            raise InputError(
                f"Groups: cannot read groups from {got}; expected optimisers by patterns of names, as in "
                '`{"*": SGD(0.1)}`'
            )
        table = dict(groups)
        for pattern, rule in table.items():
            if not isinstance(pattern, str):
                raise InputError(f"Groups: cannot read a pattern from {type(pattern).__name__}; expected a string")
            if rule is not None and not isinstance(rule, Optimizer):
                raise InputError(
                    f"Groups: cannot read `{pattern}` from {type(rule).__name__}; expected an optimiser, or None to "
                    "freeze"
                )
        self._freeze(_patterns=tuple(table), _rules=tuple(table.values()))

    def of(self, name: str) -> Optimizer | None:
        """The optimiser of one parameter, or None if it is frozen.

        Args:
            name: The parameter's name.

        Raises:
            ParameterError: If no pattern fits.

        Example:
            >>> import phonograd as pg
            >>> groups = pg.optim.Groups({"*.bias": pg.optim.SGD(0.5), "*": None})
            >>> groups.of("head.bias"), groups.of("head.weight")
            (SGD(rate=0.5, momentum=0.0, nesterov=False, weight_decay=0.0), None)
        """
        from phonograd.optim._patterns import first_fit

        place = first_fit(self._patterns, name)
        if place is None:
            raise ParameterError(f'Groups: no pattern fits `{name}`; a last one "*" would')
        rule: Optimizer | None = self._rules[place]
        return None if rule is None else rule.of(name)

    def step(self, store: ParameterStore, grads: GradientsLike, names: Iterable[str] | None = None) -> None:
        """Moves parameters in the store, each as its group says, all or none.

        Args:
            store: The store that the record's parameters came from.
            grads: Gradients of a loss, clipped or not; or arrays by name.
            names: The parameters to move, by names or patterns; by default all that reach the loss.

        Raises:
            ParameterError: If a parameter fits no pattern, or a pattern no parameter of the store; or if the loss
                reaches no parameter.
            ShapeError: If a gradient or a state does not have its parameter's shape.
            DTypeError: If it does not have its dtype.
        """
        from phonograd.optim._patterns import first_idle

        idle = first_idle(self._patterns, tuple(store))
        if idle is not None:  # most often misspelt
            raise ParameterError(f"Groups: the pattern `{idle}` fits no parameter; known are {listed(store)}")
        super().step(store, grads, names)

    def _arguments(self) -> dict[str, Any]:
        return {"groups": dict(zip(self._patterns, self._rules, strict=True))}

    _patterns: tuple[str, ...]
    _rules: tuple[Optimizer | None, ...]
