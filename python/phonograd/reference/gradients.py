"""The reverse sweep, on one screen, and what it gives.

Inputs of an operation have smaller indices than its output, so one loop down the indices meets every node after all of
its uses: no sorting and no recursion, whatever the depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .elementwise import astype
from .errors import ForeignTensorError, GradientError, NotScalarError, ParameterError, ShapeError
from .graph import is_tensor, same_record
from .record import Record, names
from .tensor import Tensor, ones_like, zeros_like

if TYPE_CHECKING:
    from .dtypes import Number


def differentiate(loss: Tensor, cotangent: Any = None) -> Gradients:
    """The gradients of `loss`, see `Tensor.grad`."""
    record = loss.record
    if not record.has_grad:
        raise GradientError("grad: the record was made with grad=False; make it with Record() to differentiate")
    if not loss.dtype.is_float:
        raise GradientError(f"grad: the tensor has dtype {loss.dtype}; only floats have gradients, see astype")
    if cotangent is None:
        if loss.size != 1:
            raise NotScalarError(f"grad: shape {loss.shape} is no scalar; reduce it, or give a cotangent of its shape")
        seed = ones_like(loss)
    else:
        seed = astype(cotangent if is_tensor(cotangent) else record.tensor(cotangent, loss.dtype), loss.dtype)
        same_record("grad", loss, seed)
        if seed.shape != loss.shape:
            raise ShapeError(f"grad: cotangent has shape {seed.shape}, the tensor {loss.shape}; they must be equal")
    return Gradients(record, [loss.index], sweep(record, loss.index, seed))


def sweep(record: Record, loss: int, seed: Tensor) -> dict[int, Tensor]:
    """The cotangent of each node that reaches the loss: each hands its own, through its derivative, to its inputs."""
    cotangents = {loss: seed}
    for index in range(loss, -1, -1):
        g, node = cotangents.get(index), record.nodes[index]
        if g is None or node.row.vjp is None:
            continue
        inputs = [Tensor(record, i) for i in node.inputs]
        parts = node.row.vjp(g, Tensor(record, index), *inputs, **node.attributes)
        for x, part in zip(inputs, parts, strict=True):
            if part is not None and x.dtype.is_float:
                cotangents[x.index] = cotangents[x.index] + part if x.index in cotangents else part
    return cotangents


class Gradients:
    """Gradients of a loss with respect to everything in its record: a value, made of tensors of that record.

    Examples:
        >>> import phonograd.reference as pg
        >>> x = pg.Record().tensor(3.0)
        >>> g = (x * x * x).grad()
        >>> g.wrt(x).item(), g.wrt(x).grad().wrt(x).item()
        (27.0, 18.0)
    """

    def __init__(self, record: Record, losses: list[int], cotangents: dict[int, Tensor]) -> None:
        self.record = record
        self._losses = losses
        self._cotangents = cotangents

    @property
    def output(self) -> Tensor:
        """What was differentiated."""
        return Tensor(self.record, max(self._losses))

    def wrt(self, x: Tensor | str) -> Tensor:
        """The gradient with respect to a tensor, or to the parameter of a name; zeros if it does not reach the loss.

        Raises:
            GradientError: if the tensor is no float.
        """
        if isinstance(x, str):
            return self[x]
        self._owns("wrt", x)
        if not x.dtype.is_float:
            raise GradientError(f"wrt: the tensor has dtype {x.dtype}; only floats have gradients, see astype")
        found = self._cotangents.get(x.index)
        return zeros_like(x) if found is None else found

    def reached(self) -> list[str]:
        """Names of the parameters that reach the output."""
        return [name for name, x in self.record.parameters.items() if x.index in self._cotangents]

    def data(self) -> dict[str, Any]:
        """The gradients of the parameters that reach the output, as nested lists by name."""
        return {name: self[name].data() for name in self.reached()}

    def __getitem__(self, name: str) -> Tensor:
        known = self.record.parameters
        if name not in known:
            raise ParameterError(f"gradients: there is no parameter `{name}`; known are {names(known)}")
        return self.wrt(known[name])

    def get(self, name: str, default: Tensor | None = None) -> Tensor | None:
        """The gradient of a named parameter, or the default where the record has no parameter of that name."""
        found = self.record.parameters.get(name)
        return default if found is None else self.wrt(found)

    def keys(self) -> list[str]:
        """The names of the record's parameters."""
        return list(self.record.parameters)

    def values(self) -> list[Tensor]:
        """The gradients of the record's parameters."""
        return [self[name] for name in self.keys()]

    def items(self) -> list[tuple[str, Tensor]]:
        """Names and gradients of the record's parameters."""
        return list(zip(self.keys(), self.values(), strict=True))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.record.parameters

    def __add__(self, other: Gradients) -> Gradients:
        if not isinstance(other, Gradients):
            return NotImplemented
        if other.record is not self.record:
            raise ForeignTensorError("add gradients: they belong to two records; both must belong to one")
        summed = dict(self._cotangents)
        for index, g in other._cotangents.items():
            summed[index] = summed[index] + g if index in summed else g
        return Gradients(self.record, self._losses + other._losses, summed)

    def __sub__(self, other: Gradients) -> Gradients:
        return self + -other

    def __neg__(self) -> Gradients:
        return self * -1.0

    def __mul__(self, factor: Number | Tensor) -> Gradients:
        scaled = {index: astype(g * factor, g.dtype) for index, g in self._cotangents.items()}
        return Gradients(self.record, self._losses, scaled)

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"Gradients({names(self.record.parameters)})"

    def why(self, x: Tensor) -> str:
        """Say in a sentence why the gradient with respect to a tensor is what it is."""
        self._owns("why", x)
        me, last = f"%{x.index}", max(self._losses)
        if not x.dtype.is_float:
            return f"no gradient: {me} has dtype {x.dtype}, and only floats have gradients"
        if x.index in self._cotangents:
            return f"gradient recorded: {me} reaches the output %{last}"
        if x.index > last:
            return f"zero: {me} was recorded after the output %{last}"
        # Nodes the output depends on, and of these, in order, the first that depends on x but passes no gradient.
        upstream = set(self._losses)
        for index in range(last, x.index, -1):
            if index in upstream:
                upstream.update(self.record.nodes[index].inputs)
        reached = {x.index}
        for index in range(x.index + 1, last + 1):
            node = self.record.nodes[index]
            if index in upstream and not reached.isdisjoint(node.inputs):
                reached.add(index)
                if node.row.vjp is None or not node.value.dtype.is_float:
                    return f"zero: cut by {node.row.name} at %{index}"
        return f"zero: {me} is not upstream of the output %{last}"

    def _owns(self, name: str, x: Tensor) -> None:
        if same_record(name, x) is not self.record:
            raise ForeignTensorError(f"{name}: the tensor belongs to another record than the gradients")
