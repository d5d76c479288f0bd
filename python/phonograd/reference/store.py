"""The parameter store: names and arrays, the only owner of what is trained; and the linear layer that loads from it."""

from __future__ import annotations

import math
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from .arrays import Array, Shape, as_shape
from .dtypes import DType, as_dtype, float32
from .errors import ArgumentError, InputError, ParameterError
from .random import Key
from .record import Init, Record, Shaped, names

if TYPE_CHECKING:
    from .gradients import Gradients
    from .tensor import Tensor


class Arrays(MutableMapping[str, Array]):
    """Immutable arrays by name; a new value replaces the old one."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._arrays:
            raise ParameterError(f"store: there is no parameter `{name}`; known are {names(self)}")
        return self._arrays[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if not isinstance(name, str):
            raise InputError(f"store: {type(name).__name__} is no name")
        self._arrays[name] = value if isinstance(value, Array) else Array.read(value)

    def __delitem__(self, name: str) -> None:
        del self._arrays[self._known(name)]

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def _known(self, name: str) -> str:
        self[name]
        return name


class ParameterStore(Arrays):
    """Parameters by name, and the seed that first values are drawn from.

    Args:
        seed: Equal seeds give equal first values, whatever the order in which parameters are made.

    Examples:
        >>> import phonograd.reference as pg
        >>> store = pg.ParameterStore(seed=0)
        >>> store["w"] = [1.0, 2.0]
        >>> store["w"].tolist(), list(store)
        ([1.0, 2.0], ['w'])
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.seed = seed
        self.state = Arrays()

    def get_or_init(self, name: str, shape: Shaped, init: Init = "glorot_uniform", dtype: object = float32) -> Array:
        """A parameter; drawn first if there is none.

        Args:
            name: Its name.
            shape: Its shape, as it must be.
            init: "zeros", "ones", "glorot_uniform", "he_normal", or a pair such as ("normal", 0.02).
            dtype: Its dtype.

        Raises:
            ParameterError: if there is one of another shape or dtype.
        """
        wanted, kind = as_shape(shape, "get_or_init"), as_dtype(dtype)
        if name not in self:
            self[name] = self.drawn(name, wanted, init, kind)
        held = self[name]
        if held.shape != wanted or held.dtype is not kind:
            raise ParameterError(
                f"parameter `{name}`: {kind} {wanted} asked for, {held.dtype} {held.shape} held; another id would fit"
            )
        return held

    def drawn(self, name: str, shape: Shape, init: Init, dtype: DType) -> Array:
        """A first value: a function of the seed, the name and the shape."""
        key = Key(self.seed)
        for byte in name.encode():
            key = key.fold_in(byte)
        fan_in = max(math.prod(shape[:-1]) if len(shape) > 1 else math.prod(shape), 1)
        fan_out = max(shape[-1], 1) if shape else 1
        match init:
            case "zeros" | "ones":
                return Array.full(shape, dtype, dtype.literal(init == "ones"))
            case "glorot_uniform" | "xavier_uniform":
                init = ("uniform", math.sqrt(6.0 / (fan_in + fan_out)))
            case "he_normal" | "kaiming_normal":
                init = ("normal", math.sqrt(2.0 / fan_in))
        match init:
            case ("uniform", bound):
                return (Record().uniform(key, shape, dtype=dtype) * (2.0 * bound) - bound).array
            case ("normal", std):
                return (Record().normal(key, shape, dtype=dtype) * std).array
        raise ArgumentError(f"init: {init!r} does not fit; 'zeros', 'ones', 'glorot_uniform' or 'he_normal' would")


class LinearLayer:
    """`y = x @ weight`, plus a bias if asked for, with parameters from a store. The weight has shape `[in, out]`.

    Args:
        rec: The record it is bound to.
        in_features: The size of the last axis of inputs.
        out_features: The size of the last axis of outputs.
        store: Where its parameters are, or are put, initialised; that of the record by default.
        id: What its parameters are called: `id.weight` and `id.bias`.
        bias: Whether there is a bias.

    Examples:
        >>> import phonograd.reference as pg
        >>> store = pg.ParameterStore()
        >>> store["linear.weight"] = [[1.0], [2.0]]
        >>> rec = pg.Record()
        >>> linear = pg.LinearLayer(rec, 2, 1, store)
        >>> loss = linear.forward(rec.tensor([[3.0, 4.0]])).sum()
        >>> linear.optimize(loss.grad(), store, rate=0.5)
        >>> loss.item(), store["linear.weight"].tolist()
        (11.0, [[-0.5], [0.0]])
    """

    def __init__(
        self,
        rec: Record,
        in_features: int,
        out_features: int,
        store: ParameterStore | None = None,
        *,
        id: str = "linear",
        bias: bool = False,
    ) -> None:
        self._parameters: dict[str, Tensor] = {}
        self._store = _given(rec.store if store is None else store)
        self.weight = self._bind(rec, f"{id}.weight", (in_features, out_features), "glorot_uniform")
        self.bias = self._bind(rec, f"{id}.bias", out_features, "zeros") if bias else None

    def _bind(self, rec: Record, name: str, shape: Shaped, init: Init) -> Tensor:
        self._parameters[name] = rec.bind(name, self._store.get_or_init(name, shape, init))
        return self._parameters[name]

    def forward(self, x: Tensor) -> Tensor:
        """The outputs for inputs `[..., in]`."""
        y = x @ self.weight
        return y if self.bias is None else y + self.bias

    def optimize(self, grads: Gradients, store: ParameterStore | None = None, *, rate: float = 0.01) -> None:
        """Replace each parameter in the store by itself less `rate` times its gradient."""
        stepped = {name: (p - grads.wrt(p) * rate).array for name, p in self._parameters.items()}
        (self._store if store is None else store).update(stepped)


def _given(store: ParameterStore | None) -> ParameterStore:
    if store is None:
        raise ParameterError("LinearLayer: there is no store; give one, or make the record with `Record(store)`")
    return store
