"""First values of parameters: functions of the store's seed and the parameter's name, whatever the order of creation.

Where a layer takes `init`, it takes what a function of this page returns, the function's name (`"orthogonal"`), or a
pair of the name and its first number (`("normal", 0.02)`; the number of `"uniform"` is a bound to both sides). An
initialiser of your own is any function of a record, a key, a shape and a dtype that returns a tensor.

The last axis of a weight counts its outputs, the others its inputs.

Example:
    >>> layer = pg.nn.Linear(3, 3, init=pg.nn.init.orthogonal())
    >>> store = layer.init(pg.ParameterStore(seed=0), np.zeros((1, 3)))
    >>> np.allclose(store["weight"] @ store["weight"].T, np.eye(3), atol=1e-6)
    True
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from phonograd._core import ArgumentError, InputError, Key, Record, ShapeError, Tensor, where
from phonograd._hints import missing
from phonograd._values import count, finite, readable

if TYPE_CHECKING:
    from phonograd._core import DType

Shape = tuple[int, ...]
Draw: TypeAlias = "Callable[[Record, Key, Shape, DType | str], Tensor]"
Init: TypeAlias = "str | tuple[str, float] | Draw"

__all__ = [
    "calculate_gain",
    "constant",
    "dirac",
    "eye",
    "kaiming_normal",
    "kaiming_uniform",
    "normal",
    "ones",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

# Of a normal draw 4.6 % lie outside two deviations; drawn again so often, none in 10**13.
_DRAWS = 10


class _Initialiser:
    """A draw with a printable name."""

    by_outputs: bool
    """Whether the numbers get smaller with the outputs of a weight, and not with its inputs."""
    of_kernels: bool
    """Whether it takes the weight of a convolution as it is, and not as a matrix."""

    def __init__(
        self, name: str, draw: Draw, by_outputs: bool = False, *, of_kernels: bool = False, **numbers: float
    ) -> None:
        finite(name, **numbers)
        shown = [f"{number}={value!r}" for number, value in numbers.items()] + ["mode='fan_out'"] * by_outputs
        self._text, self._draw = f"{name}({', '.join(shown)})", draw
        self.by_outputs, self.of_kernels = by_outputs, of_kernels

    def __call__(self, rec: Record, key: Key, shape: Shape, dtype: DType | str) -> Tensor:
        return self._draw(rec, key, shape, dtype)

    def __repr__(self) -> str:
        return self._text


# What the core draws by itself, by a name or by a name and a number.
_CORE = {"zeros", "ones", "glorot_uniform", "xavier_uniform", "he_normal", "kaiming_normal"}
_CORE_PAIRS = {"normal", "uniform"}

# What goes by its name where a layer takes `init`.
_NAMES = [name for name in __all__ if name != "calculate_gain"]

# Names that the functions of this page have elsewhere.
_ELSEWHERE = {
    "glorot_uniform": "xavier_uniform",
    "glorot_normal": "xavier_normal",
    "he_uniform": "kaiming_uniform",
    "he_normal": "kaiming_normal",
}


def known(of: str, init: Init) -> Init:
    """What a layer was given as `init`: as it is where the core knows it, else as a function."""
    if init.__class__ is str and init in _CORE:  # asked at each call of each layer
        return init
    core = isinstance(init, tuple) and _named(of, init)[0] in _CORE_PAIRS
    return init if core else function(of, init)


def function(of: str, init: Init) -> Draw:
    """The initialiser that a name or a pair stands for; one that is a function already, as it is."""
    if callable(init):
        if getattr(init, "__module__", None) == __name__ and not isinstance(init, _Initialiser):
            made = getattr(init, "__name__", "")
            raise InputError(f"{of}: `{made}` makes initialisers and is none; write `{made}()`")
        return init
    name, *numbers = _named(of, init)
    to = _ELSEWHERE.get(name, name)
    if to not in _NAMES or (numbers and to in ("zeros", "ones", "eye", "dirac")) or (to == "constant" and not numbers):
        raise ArgumentError(f"{of}: init is {init!r}; expected {', '.join(_NAMES[:-1])} or {_NAMES[-1]}")
    if to == "uniform" and numbers:
        return uniform(-numbers[0], numbers[0])
    drawn: Draw = globals()[to](*numbers)
    return drawn


def _named(of: str, init: Any) -> tuple[Any, ...]:
    """A name, or a name and a number."""
    pair = init if isinstance(init, tuple) and len(init) == 2 else (init,)
    if not isinstance(pair[0], str):
        raise InputError(
            f"{of}: cannot read init from {type(init).__name__}; expected a name, a pair of a name and a number, or "
            "one of `phonograd.nn.init`"
        )
    return (pair[0], *(readable(of, "init", number) for number in pair[1:]))


def draw(init: Draw, seed: int, name: str, shape: int | Shape, dtype: DType | str) -> Tensor:
    """A first value: the key is made of the seed and the name as the store's own initialisers make it."""
    key = Key(seed)
    for byte in name.encode():
        key = key.fold_in(byte)
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    value = init(Record(grad=False), key, sizes, dtype)
    if tuple(value.shape) != sizes:
        raise ShapeError(f"init: what was drawn for `{name}` has shape {tuple(value.shape)}; expected {sizes}")
    return value


def constant(value: float) -> Draw:
    """One number everywhere."""
    return _Initialiser("constant", lambda rec, key, shape, dtype: rec.full(shape, float(value), dtype), value=value)


def zeros() -> Draw:
    """Zeros."""
    return _Initialiser("zeros", lambda rec, key, shape, dtype: rec.zeros(shape, dtype))


def ones() -> Draw:
    """Ones."""
    return _Initialiser("ones", lambda rec, key, shape, dtype: rec.ones(shape, dtype))


def uniform(low: float = 0.0, high: float = 1.0) -> Draw:
    """Uniform between two ends."""
    return _Initialiser(
        "uniform", lambda rec, key, shape, dtype: rec.uniform(key, shape, low, high, dtype), low=low, high=high
    )


def normal(std: float = 1.0, mean: float = 0.0) -> Draw:
    """Normal."""
    return _Initialiser(
        "normal", lambda rec, key, shape, dtype: rec.normal(key, shape, mean, std, dtype), std=std, mean=mean
    )


def truncated_normal(std: float = 1.0, mean: float = 0.0) -> Draw:
    """Normal, where what lies more than two deviations from the mean is drawn again."""

    def drawn(rec: Record, key: Key, shape: Shape, dtype: DType | str) -> Tensor:
        first, *others = key.split(_DRAWS)
        z = rec.normal(first, shape, dtype=dtype)
        for other in others:
            z = where(z.abs() < 2.0, z, rec.normal(other, shape, dtype=dtype))
        return z.clip(-2.0, 2.0) * std + mean

    return _Initialiser("truncated_normal", drawn, std=std, mean=mean)


def xavier_uniform(gain: float = 1.0) -> Draw:
    """Uniform with bound `gain * sqrt(6 / (inputs + outputs))` (Glorot and Bengio, 2010)."""
    return _scaled_uniform("xavier_uniform", lambda shape: gain * math.sqrt(6.0 / sum(_fans(shape))), gain)


def xavier_normal(gain: float = 1.0) -> Draw:
    """Normal with deviation `gain * sqrt(2 / (inputs + outputs))`."""
    return _scaled_normal("xavier_normal", lambda shape: gain * math.sqrt(2.0 / sum(_fans(shape))), gain)


def kaiming_uniform(gain: float | None = None, *, mode: str = "fan_in", nonlinearity: str | None = None) -> Draw:
    """Uniform with bound `gain * sqrt(3 / inputs)` (He and others, 2015).

    Args:
        gain: What the numbers are multiplied by; by default that of `relu`, the root of 2.
        mode: `"fan_out"` has the outputs in the place of the inputs.
        nonlinearity: What comes behind, for its gain: see `calculate_gain`.
    """
    factor, by_outputs = _kaiming("kaiming_uniform", gain, mode, nonlinearity)
    return _scaled_uniform(
        "kaiming_uniform", lambda shape: factor * math.sqrt(3.0 / _fans(shape)[by_outputs]), factor, by_outputs
    )


def kaiming_normal(gain: float | None = None, *, mode: str = "fan_in", nonlinearity: str | None = None) -> Draw:
    """Normal with deviation `gain / sqrt(inputs)` (He and others, 2015).

    Args:
        gain: What the numbers are multiplied by; by default that of `relu`, the root of 2.
        mode: `"fan_out"` has the outputs in the place of the inputs.
        nonlinearity: What comes behind, for its gain: see `calculate_gain`.

    Example:
        >>> pg.nn.init.kaiming_normal(mode="fan_out", nonlinearity="linear")
        kaiming_normal(gain=1.0, mode='fan_out')
    """
    factor, by_outputs = _kaiming("kaiming_normal", gain, mode, nonlinearity)
    return _scaled_normal(
        "kaiming_normal", lambda shape: factor * math.sqrt(1.0 / _fans(shape)[by_outputs]), factor, by_outputs
    )


def eye() -> Draw:
    """Ones on the diagonal of a matrix, zeros elsewhere: a layer that hands on what it gets."""

    def drawn(rec: Record, key: Key, shape: Shape, dtype: DType | str) -> Tensor:
        if len(shape) != 2:
            raise ArgumentError(f"eye: shape is {shape}; expected two axes")
        return rec.eye(shape[0], shape[1], dtype=dtype)

    return _Initialiser("eye", drawn)


def dirac(groups: int = 1) -> Draw:
    """Ones in the middle of kernels: a convolution that hands on as many channels as there are on both sides.

    Args:
        groups: In how many groups of channels; each hands on its own.

    Example:
        >>> layer = pg.nn.Conv1d(2, 2, 3, padding="same", init="dirac")
        >>> layer(pg.Record(pg.ParameterStore()).tensor([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
        [[[1.0, 2.0], [3.0, 4.0]]]
    """
    count("dirac", 1, groups=groups)

    def drawn(rec: Record, key: Key, shape: Shape, dtype: DType | str) -> Tensor:
        if len(shape) not in (3, 4, 5):
            raise ArgumentError(f"dirac: shape is {shape}; expected that of a convolution's weight")
        if shape[0] % groups:
            raise ArgumentError(f"dirac: groups is {groups}; expected a number that divides {shape[0]} outputs")
        outputs, *centre = shape[0] // groups, *(size // 2 for size in shape[2:])
        inputs = list(range(min(outputs, shape[1])))
        rows = [group * outputs + i for group in range(groups) for i in inputs]
        middle: tuple[Any, ...] = (rows, inputs * groups, *centre)
        return rec.zeros(shape, dtype).at[middle].set(1.0)

    return _Initialiser("dirac", drawn, of_kernels=True, groups=groups)


def orthogonal(gain: float = 1.0) -> Draw:
    """Orthonormal rows or columns, whichever there are fewer of, times a gain (Saxe and others, 2014)."""

    def drawn(rec: Record, key: Key, shape: Shape, dtype: DType | str) -> Tensor:
        import numpy as np

        if len(shape) < 2:
            raise ArgumentError(f"orthogonal: shape is {shape}; expected at least two axes")
        flat: tuple[int, int] = (math.prod(shape[:-1]), shape[-1])
        z = rec.normal(key, (max(flat), min(flat)), dtype="float64").data()
        q, r = np.linalg.qr(z)
        q = q * np.where(np.diagonal(r) < 0.0, -1.0, 1.0)  # else some rotations would be more likely than others
        square: Any = q if flat[0] >= flat[1] else q.T
        return (rec.tensor(square.reshape(shape)) * gain).astype(dtype)

    return _Initialiser("orthogonal", drawn, gain=gain)


def _fans(shape: Shape) -> tuple[int, int]:
    """How many inputs and outputs a weight has, as the store's own initialisers count them."""
    inputs = math.prod(shape[:-1]) if len(shape) > 1 else math.prod(shape)
    return max(inputs, 1), max(shape[-1] if shape else 1, 1)


def calculate_gain(nonlinearity: str, slope: float | None = None) -> float:
    """What keeps a signal's size when it goes through a weight and then a function, as in PyTorch.

    Args:
        nonlinearity: The function: linear, relu, leaky_relu, tanh, sigmoid or selu.
        slope: Of leaky_relu, on its negative side; 0.01 by default.

    Raises:
        ArgumentError: If the gain of a function is not known.

    Example:
        >>> pg.nn.init.calculate_gain("leaky_relu", 0.5) == (2 / 1.25) ** 0.5
        True
    """
    slope = readable("calculate_gain", "slope", 0.01 if slope is None else slope)
    gains = {
        "linear": 1.0,
        "sigmoid": 1.0,
        "tanh": 5.0 / 3.0,
        "relu": math.sqrt(2.0),
        "leaky_relu": math.sqrt(2.0 / (1.0 + slope * slope)),
        "selu": 0.75,
    }
    if nonlinearity not in gains:
        raise ArgumentError(f"calculate_gain: nonlinearity is {nonlinearity!r}; expected one of {', '.join(gains)}")
    return gains[nonlinearity]


def _kaiming(of: str, gain: float | None, mode: str, nonlinearity: str | None) -> tuple[float, bool]:
    """The gain, and whether the outputs count."""
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError(f'{of}: mode is {mode!r}; expected "fan_in" or "fan_out"')
    if gain is not None and nonlinearity is not None:
        raise ArgumentError(f"{of}: gain and nonlinearity are given; expected one of them")
    if gain is not None:
        return readable(of, "gain", gain), mode == "fan_out"
    return calculate_gain("relu" if nonlinearity is None else nonlinearity), mode == "fan_out"


def _scaled_uniform(name: str, bound: Callable[[Shape], float], gain: float, by_outputs: bool = False) -> Draw:
    def drawn(rec: Record, key: Key, shape: Shape, dtype: DType | str) -> Tensor:
        return rec.uniform(key, shape, -bound(shape), bound(shape), dtype)

    return _Initialiser(name, drawn, by_outputs, gain=gain)


def _scaled_normal(name: str, deviation: Callable[[Shape], float], gain: float, by_outputs: bool = False) -> Draw:
    def drawn(rec: Record, key: Key, shape: Shape, dtype: DType | str) -> Tensor:
        return rec.normal(key, shape, 0.0, deviation(shape), dtype)

    return _Initialiser(name, drawn, by_outputs, gain=gain)


# First guesses that have another answer here.
_HINTS = {
    **{f"{name}_": f"nothing is changed in place: hand `{name}()` to a layer as its `init`" for name in _NAMES},
    "trunc_normal_": "nothing is changed in place: hand `truncated_normal(std)` to a layer as its `init`",
    "sparse_": "any function of a record, a key, a shape and a dtype that returns a tensor is an initialiser",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        raise missing(f"module {__name__!r}", name, _HINTS)
