"""A loss as a function of one vector, for methods that try points before they choose one.

In go a store and a function that records the loss; out come the loss and its gradient at any point. The points live in
a store of their own, so that the given one changes once, at the end, or not at all.
"""

from __future__ import annotations

from math import prod

from phonograd._core import ArgumentError, DTypeError, InputError, ParameterError, Record, Tensor
from phonograd._store import ParameterStore
from phonograd._values import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    import numpy as np

    from phonograd import ParameterStore as AnyStore

    Vector = np.ndarray[Any, np.dtype[np.float64]]


_DTYPES = ("float32", "float64")
"""What is moved: a point in float64 says nothing of where narrower numbers can go."""


class Objective:
    """The loss and its gradient as functions of all moved parameters' elements in a row, in float64."""

    def __init__(
        self, store: AnyStore, loss_of: Callable[[Record], Tensor], names: Iterable[str] | None, of: str = "minimize"
    ) -> None:
        if not isinstance(store, ParameterStore):
            raise InputError(f"{of}: cannot read store from {type(store).__name__}; expected a ParameterStore")
        if not callable(loss_of):
            raise InputError(
                f"{of}: cannot read loss_of from {type(loss_of).__name__}; expected a function that records a loss"
            )
        self._of, self.state = of, store.state
        self._store, self._loss_of = store, loss_of
        self._trial = ParameterStore(store.seed)
        self._trial.update(store)
        self._trial._state = self.state  # a loss may read what is kept there
        self._names = None if names is None else list(dict.fromkeys([names] if isinstance(names, str) else names))
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._dtypes: dict[str, str] = {}
        self.evaluations = 0

    def first(self) -> tuple[Vector, float, Vector]:
        """The point in the store, with loss and gradient there."""
        import numpy as np

        loss, gradient = self._evaluate()
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            raise ArgumentError(
                f"{self._of}: the loss is {loss} at the start, or its gradient not finite; expected finite numbers"
            )
        return np.concatenate([self._trial[name].ravel().astype(np.float64) for name in self.shapes]), loss, gradient

    def __call__(self, point: Vector) -> tuple[float, Vector]:
        """Loss and gradient at a point."""
        self._trial.update(self._split(point))
        return self._evaluate()

    def sizes(self) -> list[tuple[str, int]]:
        """The moved parameters, with how many elements of a point each takes."""
        return [(name, prod(shape)) for name, shape in self.shapes.items()]

    def rounded(self, point: Vector) -> Vector:
        """The point as the parameters' dtypes hold it."""
        import numpy as np

        parts = self._split(point).values()
        return np.concatenate([part.ravel().astype(np.float64) for part in parts])

    def hessian_times(self, point: Vector, direction: Vector) -> Vector:
        """The Hessian at a point times a direction: the gradient of the gradient's product with it."""
        self._trial.update(self._split(point))
        record, _, gradients = self._record()
        along = sum((g * v).sum() for g, v in zip(gradients, self._split(direction).values(), strict=True))
        assert isinstance(along, Tensor)
        again = along.grad()
        return self._computed(record, [again[name] for name in self.shapes])

    def commit(self, point: Vector, state: dict[str, Any]) -> None:
        """Puts the point into the store, with parameters that the loss initialised, and state next to it."""
        record = Record(grad=False)  # whose tensors keep dtypes that NumPy lacks
        made = {name: record.load(self._trial, name) for name in self._trial if name not in self._store}
        moved = {**made, **self._split(point)}
        # One call from C for both, so that no signal handler can run between parameters and state.
        tuple(map(type(self._store).update, (self._store, self.state), (moved, state)))

    def _split(self, point: Vector) -> dict[str, Any]:
        parts, begin = {}, 0
        for name, size in self.sizes():
            end = begin + size
            parts[name] = point[begin:end].reshape(self.shapes[name]).astype(self._dtypes[name])
            begin = end
        return parts

    def _evaluate(self) -> tuple[float, Vector]:
        record, loss, gradients = self._record()
        flat = self._computed(record, [loss, *gradients])
        self.evaluations += 1
        return float(flat[0]), flat[1:]

    def _record(self) -> tuple[Record, Tensor, list[Tensor]]:
        record = Record(self._trial)
        loss = self._loss_of(record)
        if not isinstance(loss, Tensor):
            raise InputError(f"{self._of}: cannot read the loss from {type(loss).__name__}; expected a tensor")
        if loss.record is not record:
            raise ArgumentError(
                f"{self._of}: the loss is of another record; expected one of the record that loss_of gets"
            )
        if not self.shapes and self._names is not None:
            self._names = list(dict.fromkeys(found for name in self._names for found in self._fitting(record, name)))
        # Asked for first, so that gradients know them, whether this loss reads them or not.
        moved = {name: record.parameter(name) for name in self._names or ()}
        grads = loss.grad()
        if self._names is None:
            known = {name: record.parameter(name) for name in grads}
            moved = {name: p for name, p in known.items() if p.dtype in _DTYPES}
        if not moved:
            raise ParameterError(
                f"{self._of}: there is no float32 or float64 parameter to move; take them from the record that loss_of "
                "gets"
            )
        for name, p in moved.items():
            if p.dtype not in _DTYPES:
                raise DTypeError(f"{self._of}: `{name}` has dtype {p.dtype}; expected float32 or float64")
        if not self.shapes:
            self._names = list(moved)
            self.shapes = {name: p.shape for name, p in moved.items()}
            self._dtypes = {name: p.dtype.name for name, p in moved.items()}
        return record, loss, [grads.wrt(p) for p in moved.values()]

    def _fitting(self, record: Record, pattern: str) -> list[str]:
        """The parameters that a name or a pattern means, of those that there are once the loss was recorded."""
        if pattern in self._trial or not any(sign in pattern for sign in "*?["):
            return [pattern]
        from phonograd.optim._patterns import first_fit

        floats = [name for name in self._trial if record.load(self._trial, name).dtype in _DTYPES]
        found = [name for name in floats if first_fit((pattern,), name) is not None]
        if not found:  # most often misspelt
            raise ParameterError(f"{self._of}: the pattern `{pattern}` fits no parameter; known are {listed(floats)}")
        return found

    def _computed(self, record: Record, tensors: list[Tensor]) -> Vector:
        import numpy as np

        record.compute(*tensors)
        return np.concatenate([t.data().ravel().astype(np.float64) for t in tensors])
