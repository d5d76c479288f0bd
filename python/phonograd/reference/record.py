"""Records: the append-only log of what was computed, and the ways to put arrays into it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .arrays import Array, as_index, as_shape, check_size
from .dtypes import DType, Number, as_dtype, bool_, float32, of_python, promote
from .errors import ArgumentError, DTypeError, ForeignTensorError, InputError, KeyReuseError, ParameterError
from .graph import Node, leaf, same_record
from .random import Key, normals, uniforms
from .tensor import Tensor

if TYPE_CHECKING:
    from .store import ParameterStore

Shaped = int | Sequence[int]
Init = str | tuple[str, float]


def names(known: Iterable[str]) -> str:
    """Names for a message: quoted, at most ten of them."""
    quoted = [f"`{name}`" for name in known]
    more = f", and {len(quoted) - 10} more" if len(quoted) > 10 else ""
    return ", ".join(quoted[:10]) + more if quoted else "none"


class Record:
    """What was computed, in order. Make a fresh one for each step.

    Args:
        store: Where `parameter` finds its values.
        grad: False refuses gradients.
        memory_budget: Taken for the engine's sake; the reference keeps everything.

    Examples:
        >>> import phonograd.reference as pg
        >>> rec = pg.Record()
        >>> y = rec.tensor([1.0, 2.0]) * 3.0
        >>> print(rec)
        %0 = tensor()  float32 (2,)
        %1 = full()  float32 (2,)
        %2 = multiply(%0, %1)  float32 (2,)
    """

    def __init__(
        self, store: ParameterStore | None = None, *, grad: bool = True, memory_budget: int | None = None
    ) -> None:
        self.store = store
        self.has_grad = grad
        self.nodes: list[Node] = []
        self.parameters: dict[str, Tensor] = {}
        self._drawn: set[Key] = set()
        self._next_states: dict[str, Tensor] = {}

    def __len__(self) -> int:
        return len(self.nodes)

    def __str__(self) -> str:
        lines = []
        for index, node in enumerate(self.nodes):
            inputs = ", ".join(f"%{i}" for i in node.inputs)
            lines.append(f"%{index} = {node.row.name}({inputs})  {node.value.dtype} {node.value.shape}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Record({len(self)} nodes)"

    def push(self, node: Node) -> Tensor:
        """Append a node."""
        self.nodes.append(node)
        return Tensor(self, len(self.nodes) - 1)

    def _leaf(self, name: str, value: Array) -> Tensor:
        return self.push(Node(leaf(name), (), value))

    def compute(self, *tensors: Tensor, keep: bool = True, fuse: bool = True, memory_budget: int | None = None) -> None:
        """Nothing but a check of the tensors: the reference computes at once, and has no options."""
        for tensor in tensors:
            if same_record("compute", tensor) is not self:
                raise ForeignTensorError("compute: the tensor belongs to another record")

    # From outside

    def tensor(self, data: Any, dtype: object = None, *, copy: bool = True) -> Tensor:
        """An array from outside.

        Args:
            data: Numbers, nested lists, or anything with `tolist()`, such as a NumPy array or a tensor.
            dtype: Its dtype; by default that of the array, and of Python numbers float32, int64 or bool.
            copy: Taken for the engine's sake; the reference always copies.
        """
        return self._leaf("tensor", Array.read(data, dtype))

    def parameter(
        self,
        name: str,
        shape: Shaped | None = None,
        init: Init = "glorot_uniform",
        dtype: object = float32,
        *,
        asker: str | None = None,
    ) -> Tensor:
        """A parameter of the store, by name; with a shape it is initialised if need be, see `ParameterStore`.

        Raises:
            ParameterError: if there is no store, or the store has no such parameter.
        """
        if self.store is None:
            raise ParameterError(f"parameter `{name}`: the record has no store; make it with `Record(store)`")
        value = self.store[name] if shape is None else self.store.get_or_init(name, shape, init, dtype)
        return self.bind(name, value)

    def load(self, store: ParameterStore, name: str) -> Tensor:
        """A leaf that holds an array of a store, but is no parameter."""
        return self._leaf("load", store[name])

    def bind(self, name: str, value: Array) -> Tensor:
        """The tensor of a named parameter: one for each name, whoever asks."""
        if name not in self.parameters:
            self.parameters[name] = self._leaf("parameter", value)
        return self.parameters[name]

    def state(self, name: str, shape: Shaped | None = None, init: Init = "zeros", dtype: object = float32) -> Tensor:
        """A named state of the model: what `next_state` gave it in this record, else what `store.state` holds."""
        if name in self._next_states:
            return self._next_states[name]
        if self.store is None:
            raise ParameterError(f"parameter `{name}`: the record has no store; make it with `Record(store)`")
        if shape is not None and name not in self.store.state:
            self.store.state[name] = self.store.drawn(name, as_shape(shape, "state"), init, as_dtype(dtype))
        return self._leaf("state", self.store.state[name])

    def next_state(self, name: str, value: Tensor) -> None:
        """Notes what a state becomes when the optimiser's step succeeds."""
        if same_record("next_state", value) is not self:
            raise ForeignTensorError("next_state: the tensor belongs to another record")
        self._next_states[name] = value

    def next_states(self) -> dict[str, Tensor]:
        """What `next_state` noted: the last value of each state."""
        return dict(self._next_states)

    # Constants

    def zeros(self, shape: Shaped, dtype: object = float32) -> Tensor:
        """Zeros."""
        return self.full(shape, 0, dtype)

    def ones(self, shape: Shaped, dtype: object = float32) -> Tensor:
        """Ones."""
        return self.full(shape, 1, dtype)

    def full(self, shape: Shaped, value: Number, dtype: object = None) -> Tensor:
        """One value everywhere, by default in the dtype of the Python number."""
        if not isinstance(value, bool | int | float):
            raise InputError(f"full: {type(value).__name__} is no number")
        wanted = of_python(value) if dtype is None else as_dtype(dtype)
        value = wanted.cast([value])[0] if isinstance(value, float) else wanted.literal(value)
        return self._leaf("full", Array.full(as_shape(shape, "full"), wanted, value))

    def zeros_like(self, x: Tensor, dtype: object = None) -> Tensor:
        """Zeros of a tensor's shape, and of its dtype unless another is given."""
        return self.full_like(x, 0, dtype)

    def ones_like(self, x: Tensor, dtype: object = None) -> Tensor:
        """Ones of a tensor's shape, and of its dtype unless another is given."""
        return self.full_like(x, 1, dtype)

    def full_like(self, x: Tensor, value: Number, dtype: object = None) -> Tensor:
        """One number in a tensor's shape, and in its dtype unless another is given."""
        return self.full(x.shape, value, x.dtype if dtype is None else dtype)

    def arange(self, start: Number, stop: Number | None = None, step: Number = 1, dtype: object = None) -> Tensor:
        """Evenly spaced numbers from `start` (0 if only one end is given) up to, not including, `stop`.

        Examples:
            >>> import phonograd.reference as pg
            >>> pg.Record().arange(1, 7, 2).tolist()
            [1, 3, 5]
        """
        first, last = (0, start) if stop is None else (start, stop)
        if step == 0 or not all(math.isfinite(v) for v in (first, last, step)):
            raise ArgumentError(f"arange: from {first} to {last} by {step}; finite numbers and a step not 0 would fit")
        wanted = promote([], (first, last, step)) if dtype is None else as_dtype(dtype)
        if wanted is bool_:
            raise DTypeError("arange: dtype bool does not fit; a number would")
        if all(isinstance(v, int) for v in (first, last, step)):
            count = len(range(int(first), int(last), int(step)))
        else:
            count = max(0, math.ceil((last - first) / step))
        check_size((count,), "arange")
        return self._leaf("arange", Array((count,), wanted, wanted.cast([first + i * step for i in range(count)])))

    def linspace(
        self, start: float, stop: float, num: int = 50, *, endpoint: bool = True, dtype: object = None
    ) -> Tensor:
        """`num` evenly spaced floats from `start` to `stop`, which is the last one if `endpoint`."""
        wanted = float32 if dtype is None else as_dtype(dtype)
        if not wanted.is_float:
            raise DTypeError(f"linspace: dtype {wanted} does not fit; a float would")
        (count,) = as_shape(num, "linspace")
        gaps = max(count - 1 if endpoint else count, 1)
        width = stop - start
        # Both ends are exact: each point is counted from the nearer one.
        points = [start + width * i / gaps if 2 * i <= gaps else stop - width * (gaps - i) / gaps for i in range(count)]
        return self._leaf("linspace", Array((count,), wanted, points))

    def eye(self, n: int, m: int | None = None, *, k: int = 0, dtype: object = float32) -> Tensor:
        """Ones on the `k`-th diagonal of an `n` by `m` matrix, zeros elsewhere."""
        shape = as_shape((n, n if m is None else m), "eye")
        flat = [row + as_index(k, "eye") == column for row in range(shape[0]) for column in range(shape[1])]
        return self._leaf("eye", Array(shape, as_dtype(dtype), flat))

    # Random

    def uniform(
        self, key: Key, shape: Shaped = (), low: float = 0.0, high: float = 1.0, dtype: object = float32
    ) -> Tensor:
        """Numbers from `low` to `high`, uniformly distributed.

        Examples:
            >>> import phonograd.reference as pg
            >>> u = pg.Record().uniform(pg.Key(7), (1000,))
            >>> 0.0 <= u.min().item() < u.max().item() < 1.0
            True
        """
        size, wanted = as_shape(shape, "uniform"), self._draw("uniform", key, dtype)
        drawn = uniforms(key, math.prod(size), wanted)
        return self._leaf("uniform", Array(size, wanted, [low + (high - low) * u for u in drawn]))

    def normal(
        self, key: Key, shape: Shaped = (), mean: float = 0.0, std: float = 1.0, dtype: object = float32
    ) -> Tensor:
        """Normally distributed numbers."""
        size, wanted = as_shape(shape, "normal"), self._draw("normal", key, dtype)
        drawn = normals(key, math.prod(size), wanted)
        return self._leaf("normal", Array(size, wanted, [mean + std * z for z in drawn]))

    def bernoulli(self, key: Key, p: float = 0.5, shape: Shaped = ()) -> Tensor:
        """True with probability `p`."""
        if not 0.0 <= p <= 1.0:
            raise ArgumentError(f"bernoulli: p is {p}; 0 to 1 would fit")
        size, wanted = as_shape(shape, "bernoulli"), self._draw("bernoulli", key, float32)
        limit = wanted.literal(p)
        return self._leaf("bernoulli", Array(size, bool_, [u < limit for u in uniforms(key, math.prod(size), wanted)]))

    def _draw(self, name: str, key: Key, dtype: object) -> DType:
        """Mark the key as used, and check the dtype."""
        wanted = as_dtype(dtype)
        if not wanted.is_float:
            raise DTypeError(f"{name}: dtype {wanted} does not fit; a float would")
        if not isinstance(key, Key):
            raise InputError(f"{name}: {type(key).__name__} is no Key")
        if key in self._drawn:
            raise KeyReuseError(f"{name}: the random key was used before in this record; split it, use each once")
        self._drawn.add(key)
        return wanted
