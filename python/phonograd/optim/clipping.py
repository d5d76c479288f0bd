"""Gradients made smaller before a step, and gradients from elsewhere: names with tensors of one record.

In go gradients, or arrays by name; out come others that an optimiser's `step` takes in their place. All of it is
recorded, so clipping is part of the step's one plan.
"""

from __future__ import annotations

# Where `collections.abc` takes it from; importing that costs more than this whole package.
from _collections_abc import Mapping

from phonograd._core import ArgumentError, Gradients, InputError, ParameterError, Record, Tensor, maximum
from phonograd._values import listed, positive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    _Mapping = Mapping[str, Tensor]
    GradientsLike = Gradients | Mapping[str, Tensor | ArrayLike]
else:
    _Mapping = Mapping


class NamedGradients(_Mapping):
    """Gradients by name, wherever they come from: what clipping returns, or what other programs computed.

    Args:
        record: The record the tensors are of.
        gradients: The tensors by the names of their parameters.
        output: What was differentiated, if it is to be computed along with a step.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [3.0, -1.0]
        >>> rec = pg.Record()
        >>> pg.optim.SGD(1.0).step(store, pg.optim.NamedGradients(rec, {"x": rec.tensor([0.5, 0.5])}))
        >>> store["x"].tolist()
        [2.5, -1.5]
    """

    __slots__ = ("_gradients", "_output", "_record")

    def __init__(self, record: Record, gradients: Mapping[str, Tensor], output: Tensor | None = None) -> None:
        if not isinstance(record, Record):
            raise InputError(f"NamedGradients: cannot read record from {type(record).__name__}; expected a Record")
        self._record, self._gradients, self._output = record, dict(gradients), output
        for name, g in [*self._gradients.items(), *([] if output is None else [("output", output)])]:
            if not isinstance(g, Tensor):
                raise InputError(
                    f"NamedGradients: cannot read `{name}` from {type(g).__name__}; expected a tensor; make one with "
                    "`tensor` of a record"
                )

    @property
    def record(self) -> Record:
        """The record."""
        return self._record

    @property
    def output(self) -> Tensor | None:
        """What was differentiated, if it is known."""
        return self._output

    def __getitem__(self, name: str) -> Tensor:
        try:
            return self._gradients[name]
        except KeyError:
            raise ParameterError(f"gradients: there is none of `{name}`; known are {listed(self)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._gradients)

    def __len__(self) -> int:
        return len(self._gradients)

    def reached(self) -> list[str]:
        """The names: what is given is what a step moves."""
        return list(self._gradients)

    def data(self) -> dict[str, NDArray[Any]]:
        """The gradients as read-only NumPy arrays by name, computed in one plan: see `Gradients.data`."""
        loss = () if self._output is None else (self._output,)
        self._record.compute(*loss, *self.values(), keep=False)
        return {name: g.data() for name, g in self.items()}

    # The mixins of `Mapping` wait for KeyError, and compare tensors as if they were numbers.

    def __contains__(self, name: object) -> bool:
        return name in self._gradients

    def get(self, name: str, default: Any = None) -> Any:
        """The gradient, or `default` if there is none."""
        return self._gradients.get(name, default)

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"NamedGradients({', '.join(self._gradients)})"


def clip_by_value(grads: GradientsLike, limit: float, names: Iterable[str] | None = None) -> NamedGradients:
    """Every element of every gradient brought between `-limit` and `limit`. NaN stays NaN.

    Args:
        grads: The gradients of a loss, or tensors or arrays by name.
        limit: The largest size of an element.
        names: Whose gradients to take, by names or patterns of names; by default all that reach the output.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [3.0, -0.1]
        >>> grads = pg.Record(store).parameter("x").square().sum().grad()
        >>> pg.optim.clip_by_value(grads, 0.5)["x"].tolist()
        [0.5, -0.20000000298023224]
    """
    positive("clip_by_value", limit=limit)
    grads = read("clip_by_value", grads)
    return _changed(grads, {name: g.clip(-limit, limit) for name, g in _meant("clip_by_value", grads, names)})


def clip_by_norm(grads: GradientsLike, limit: float, names: Iterable[str] | None = None) -> NamedGradients:
    """Each gradient scaled down to a Euclidean norm of at most `limit`; smaller ones stay as they are.

    `g * limit / max(norm(g), limit)`, for each parameter on its own.

    Args:
        grads: The gradients of a loss, or tensors or arrays by name.
        limit: The largest norm of a gradient.
        names: Whose gradients to take, by names or patterns of names; by default all that reach the output.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store["x"] = [1.5, 2.0]
        >>> grads = pg.Record(store).parameter("x").square().sum().grad()
        >>> pg.optim.clip_by_norm(grads, 1.0)["x"].round().tolist(), grads["x"].tolist()
        ([1.0, 1.0], [3.0, 4.0])
    """
    positive("clip_by_norm", limit=limit)
    grads = read("clip_by_norm", grads)
    wanted = _meant("clip_by_norm", grads, names)
    return _changed(grads, {name: _scaled(g, limit / maximum(_squares(g).sqrt(), limit)) for name, g in wanted})


def clip_by_global_norm(grads: GradientsLike, limit: float, names: Iterable[str] | None = None) -> NamedGradients:
    """All gradients scaled down by one factor, to a norm over all of their elements of at most `limit`.

    `g * limit / max(global_norm(grads), limit)` (Pascanu and others, 2013), so the direction of the step stays. Below
    the limit the factor is exactly 1. An infinite or NaN gradient makes NaN of all of them.

    Args:
        grads: The gradients of a loss, or tensors or arrays by name.
        limit: The largest norm.
        names: Whose gradients to take, by names or patterns of names; by default all that reach the output.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store.update({"x": [3.0, 0.0], "y": 4.0})
        >>> rec = pg.Record(store)
        >>> loss = 0.5 * (rec.parameter("x").square().sum() + rec.parameter("y").square())
        >>> grads = pg.optim.clip_by_global_norm(loss.grad(), 1.0)
        >>> grads["x"].tolist(), grads["y"].item()
        ([0.6000000238418579, 0.0], 0.800000011920929)
        >>> pg.optim.Adam(0.1).step(store, grads)
    """
    positive("clip_by_global_norm", limit=limit)
    grads = read("clip_by_global_norm", grads)
    gradients = dict(_meant("clip_by_global_norm", grads, names))
    if not gradients:
        return _changed(grads, gradients)
    factor = limit / maximum(_norm(gradients), limit)
    # Of parameters of two dtypes the norm has the wider one; each gradient keeps its own.
    factors = {dtype: factor.astype(dtype) for dtype in {g.dtype for g in gradients.values()}}
    return _changed(grads, {name: g * factors[g.dtype] for name, g in gradients.items()})


def global_norm(grads: GradientsLike, names: Iterable[str] | None = None) -> Tensor:
    """The Euclidean norm of all gradients' elements together, as a recorded tensor.

    Args:
        grads: The gradients of a loss, or tensors or arrays by name.
        names: Whose gradients to take, by names or patterns of names; by default all that reach the output.

    Example:
        >>> import phonograd as pg
        >>> store = pg.ParameterStore()
        >>> store.update({"x": [3.0, 0.0], "y": 4.0})
        >>> rec = pg.Record(store)
        >>> loss = 0.5 * (rec.parameter("x").square().sum() + rec.parameter("y").square())
        >>> pg.optim.global_norm(loss.grad()).item()
        5.0
    """
    gradients = dict(_meant("global_norm", read("global_norm", grads), names))
    if not gradients:
        raise ArgumentError("global_norm: there are no gradients; expected at least one floating-point parameter")
    return _norm(gradients)


def read(of: str, grads: GradientsLike) -> Gradients | NamedGradients:
    """Gradients as they are. By name, tensors are part of their record, and arrays constants in it, or in a new one."""
    if isinstance(grads, Gradients | NamedGradients):
        return grads
    if not hasattr(grads, "keys"):
        raise InputError(
            f"{of}: cannot read gradients from {type(grads).__name__}; expected what `loss.grad()` returns, or arrays "
            "by name"
        )
    given = {name: grads[name] for name in grads.keys()}  # noqa: SIM118, any mapping
    records = [g.record for g in given.values() if isinstance(g, Tensor)]
    record = records[0] if records else Record()

    def own(g: Tensor | ArrayLike) -> Tensor:
        return g if isinstance(g, Tensor) and g.record is record else record.tensor(g)

    return NamedGradients(record, {name: own(g) for name, g in given.items()})


def _meant(of: str, grads: Gradients | NamedGradients, names: Iterable[str] | None) -> Iterator[tuple[str, Tensor]]:
    return ((name, grads[name]) for name in meant(of, grads, names))


def meant(of: str, grads: Gradients | NamedGradients, names: Iterable[str] | None) -> list[str]:
    """The parameters that are meant by names, or by patterns of names: without any, those that reach the output."""
    if names is None:
        return grads.reached()
    return [name for one in ([names] if isinstance(names, str) else names) for name in _fitting(of, grads, one)]


def _fitting(of: str, grads: Gradients | NamedGradients, pattern: str) -> list[str]:
    if pattern in grads or not any(sign in pattern for sign in "*?["):
        return [pattern]
    from phonograd.optim._patterns import first_fit

    reached = grads.reached()
    found = [name for name in reached if first_fit((pattern,), name) is not None]
    if not found:  # most often misspelt
        raise ParameterError(f"{of}: the pattern `{pattern}` fits no parameter; those reached are {listed(reached)}")
    return found


def widened(x: Tensor) -> Tensor:
    """A float16 or bfloat16 tensor as float32: in their own digits, small steps, means and epsilons vanish."""
    return x.astype("float32") if x.dtype in ("float16", "bfloat16") else x


def _squares(g: Tensor) -> Tensor:
    g = widened(g)
    return (g * g).sum()


def _scaled(g: Tensor, factor: Tensor) -> Tensor:
    """A gradient times a factor, which may have a wider dtype."""
    return g * (factor if factor.dtype == g.dtype else factor.astype(g.dtype))


def _norm(gradients: dict[str, Tensor]) -> Tensor:
    first, *others = map(_squares, gradients.values())
    for other in others:
        first = first + other
    return first.sqrt()


def _changed(grads: Gradients | NamedGradients, gradients: dict[str, Tensor]) -> NamedGradients:
    return NamedGradients(grads.record, gradients, grads.output)
