"""Recurrent layers: cells, which say one step, and layers, which go through a sequence with them.

A layer fetches its parameters once. A step records two products and the gates. Sequences of one length share a
plan. A state is a value that may be carried from record to record, where no gradient goes back through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from phonograd._core import ArgumentError, InputError, Tensor, stack
from phonograd._values import count as at_least
from phonograd._values import flag, floating, fraction, kind

from .containers import Dropout
from .init import known
from .module import Module

if TYPE_CHECKING:
    from phonograd._core import DType, Key, Record

    from .init import Init

    _Weights = tuple[Tensor, Tensor, Tensor | float, Tensor | float]
    _Parts = tuple[Tensor, ...]


class LSTMState(NamedTuple):
    """What an LSTM remembers: two tensors, of a cell `(batch, hidden)`, of a layer `(layers, batch, hidden)`."""

    h: Tensor
    """What was put out last."""
    c: Tensor
    """What the gates keep."""


class _Cell(Module):
    """What cells share: weights `(inputs, gates * hidden)` and `(hidden, gates * hidden)`, and two biases.

    Args:
        inputs: The size of the input's last axis.
        hidden: The size of the state.
        bias: Whether there are the biases `bias_ih` and `bias_hh`.
        init: What weights start from: by default uniform within `1 / sqrt(hidden)`.
        dtype: The dtype of the parameters.
    """

    gates: ClassVar[int] = 1
    parts: ClassVar[tuple[str, ...]] = ("state",)
    """What the tensors of a state are called."""
    _swapped_in_torch = ("weight_ih", "weight_hh")

    def __init__(
        self,
        inputs: int,
        hidden: int,
        bias: bool = True,
        *,
        init: Init | None = None,
        dtype: DType | str = "float32",
    ) -> None:
        at_least(type(self).__name__, 0, inputs=inputs)
        at_least(type(self).__name__, 1, hidden=hidden)
        flag(type(self).__name__, bias=bias)
        self.inputs, self.hidden, self.bias = inputs, hidden, bias
        self.dtype = floating(type(self).__name__, dtype)
        self._init = None if init is None else known(type(self).__name__, init)

    def weights(self, rec: Record) -> _Weights:
        """The parameters, of input and state: both weights, then both biases."""
        wide = self.gates * self.hidden
        init = ("uniform", self.hidden**-0.5) if self._init is None else self._init
        of_input = self.parameter(rec, "weight_ih", (self.inputs, wide), init, self.dtype)
        of_state = self.parameter(rec, "weight_hh", (self.hidden, wide), init, self.dtype)
        if not self.bias:
            return of_input, of_state, 0.0, 0.0
        first, second = (self.parameter(rec, name, wide, "zeros", self.dtype) for name in ("bias_ih", "bias_hh"))
        return of_input, of_state, first, second

    def start(self, rec: Record, batch: int) -> _Parts:
        """The parts of the state before the first step: zeros."""
        return (rec.zeros((batch, self.hidden), self.dtype),) * len(self.parts)

    @classmethod
    def read(cls, asker: Module, rec: Record, state: Any, sizes: tuple[int, ...], axes: str) -> _Parts:
        """The parts of a given state, in this record, once they are found to fit."""
        fits = f"{sizes}, which is ({axes})"
        form = f"({', '.join(cls.parts)}), each" if len(cls.parts) > 1 else "a tensor"
        parts = (state,) if len(cls.parts) == 1 else state
        if not isinstance(parts, tuple | list) or len(parts) != len(cls.parts):
            raise InputError(f"{asker._title()}: cannot read state from {kind(parts)}; expected {form} of shape {fits}")
        for name, part in zip(cls.parts, parts, strict=True):
            if not isinstance(part, Tensor):
                raise InputError(
                    f"{asker._title()}: cannot read {name} from {kind(part)}; expected {form} of shape {fits}"
                )
            if part.shape != sizes:  # it would be broadcast, and the mistake hidden
                raise asker.misfit(part.shape, fits, name)
        return tuple(part if part.record is rec else rec.tensor(part) for part in parts)

    @classmethod
    def told(cls, parts: _Parts) -> Any:
        """A state as it is handed out."""
        return parts[0]

    def step(self, weights: _Weights, x: Tensor, state: _Parts) -> _Parts:
        """The parts of the next state; the first is what goes on to the next layer."""
        raise NotImplementedError

    def forward(self, x: Tensor, state: Any = None) -> Any:
        """The next state for inputs `(batch, inputs)`; from zeros without a state."""
        shape, rec = self.shape_of(x), x.record
        if len(shape) != 2 or shape[1] != self.inputs:
            raise self.misfit(shape, f"(batch, {self.inputs})")
        sizes = shape[0], self.hidden
        parts = self.start(rec, shape[0]) if state is None else self.read(self, rec, state, sizes, "batch, hidden")
        return self.told(self.step(self.weights(rec), x, parts))


class RNNCell(_Cell):
    """`h' = tanh(x @ weight_ih + h @ weight_hh + biases)` (Elman, 1990).

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> pg.nn.RNNCell(3, 4)(rec.ones((2, 3))).shape
        (2, 4)
    """

    def step(self, weights: _Weights, x: Tensor, state: _Parts) -> _Parts:
        """The next state."""
        of_input, of_state, bias, other = weights
        return ((x @ of_input + state[0] @ of_state + (bias + other)).tanh(),)


class GRUCell(_Cell):
    """Gates reset `r`, update `z` and new `n`, in this order: `h' = n + z * (h - n)` (Cho and others, 2014).

    `r` multiplies what the state gives to `n`, after its product and bias, as in cuDNN.

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> pg.nn.GRUCell(3, 4)(rec.ones((2, 3))).shape
        (2, 4)
    """

    gates = 3

    def step(self, weights: _Weights, x: Tensor, state: _Parts) -> _Parts:
        """The next state."""
        of_input, of_state, bias, other = weights
        (h,) = state
        xr, xz, xn = (x @ of_input + bias).split(3, axis=-1)
        hr, hz, hn = (h @ of_state + other).split(3, axis=-1)
        new = (xn + (xr + hr).sigmoid() * hn).tanh()
        return (new + (xz + hz).sigmoid() * (h - new),)


class LSTMCell(_Cell):
    """Gates input `i`, forget `f`, cell `g` and output `o`, in this order (Hochreiter and Schmidhuber, 1997).

    The state is a pair: `c' = sigmoid(f) * c + sigmoid(i) * tanh(g)`, and `h' = sigmoid(o) * tanh(c')`.

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> h, c = pg.nn.LSTMCell(3, 4)(rec.ones((2, 3)))
        >>> h.shape, c.shape
        ((2, 4), (2, 4))
    """

    gates = 4
    parts = ("h", "c")

    @classmethod
    def told(cls, parts: _Parts) -> LSTMState:
        """`h` and `c`."""
        return LSTMState(*parts)

    def step(self, weights: _Weights, x: Tensor, state: _Parts) -> _Parts:
        """The next `h` and `c`."""
        of_input, of_state, bias, other = weights
        h, c = state
        i, f, g, o = (x @ of_input + h @ of_state + (bias + other)).split(4, axis=-1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


class _Recurrent(Module):
    """What recurrent layers share: cells on top of each other, under `cells.0`, `cells.1` and so on.

    Args:
        inputs: The size of the input's last axis.
        hidden: The size of the state.
        layers: How many cells there are on top of each other.
        bias: Whether cells have biases.
        dropout: The share of what a cell hands to the one above it that is set to 0 while training.
        init: What weights start from: by default uniform within `1 / sqrt(hidden)`.
        dtype: The dtype of the parameters.
    """

    cell: ClassVar[type[_Cell]]

    def __init__(
        self,
        inputs: int,
        hidden: int,
        layers: int = 1,
        bias: bool = True,
        *,
        dropout: float = 0.0,
        init: Init | None = None,
        dtype: DType | str = "float32",
    ) -> None:
        of = type(self).__name__
        at_least(of, 1, layers=layers)
        fraction(of, dropout=dropout)
        if dropout and layers == 1:
            raise ArgumentError(
                f"{of}: dropout is {dropout!r} with one layer; expected two or more, to be between them"
            )
        self.inputs = inputs
        # Without it nobody has to hand on `train` and a key.
        self.drop = Dropout(dropout) if dropout else None
        self.cells = [self.cell(hidden if i else inputs, hidden, bias, init=init, dtype=dtype) for i in range(layers)]

    def forward(
        self, x: Tensor, state: Any = None, *, train: bool = False, key: Key | None = None
    ) -> tuple[Tensor, Any]:
        """Goes through a sequence.

        Args:
            x: `(batch, time, inputs)`.
            state: Where to go on from, as an earlier call returned it, of this record or another; zeros by default.
            train: Whether to drop.
            key: A random key for that.

        Returns:
            What the last cell puts out, `(batch, time, hidden)`, and the state of all cells after the last step,
            `(layers, batch, hidden)`; of an LSTM, a pair `(h, c)` of them.

        Raises:
            ShapeError: If the input or the state has another shape.
            InputError: If the state is no tensor, or of an LSTM no pair of tensors.
        """
        shape, rec, layers = self.shape_of(x), x.record, len(self.cells)
        if len(shape) != 3 or shape[1] == 0 or shape[2] != self.inputs:
            raise self.misfit(shape, f"(batch, time, {self.inputs}) with a time of 1 or more")
        sizes = layers, shape[0], self.cells[0].hidden
        given = () if state is None else self.cell.read(self, rec, state, sizes, "layers, batch, hidden")
        # Products step by step: cutting one large product would make its gradient a sum of as many large arrays.
        steps, ends = [x[:, t] for t in range(shape[1])], []
        for i, cell in enumerate(self.cells):
            if i and self.drop is not None:
                # Each step draws for itself, so no draw is an array; none is a call of its own in a summary.
                keys = [None] * len(steps) if key is None else key.fold_in(i).split(len(steps))
                steps = [self.drop.forward(x, train=train, key=own) for x, own in zip(steps, keys, strict=True)]
            weights = cell.weights(rec)
            parts = tuple(part[i] for part in given) or cell.start(rec, shape[0])
            outputs = []
            for step in steps:
                parts = cell.step(weights, step, parts)
                outputs.append(parts[0])
            steps = outputs
            ends.append(parts)
        last = tuple(stack(cells, axis=0) for cells in zip(*ends, strict=True))
        return stack(steps, axis=1), self.cell.told(last)


class RNN(_Recurrent):
    """Cells `RNNCell` through a sequence.

    Example:
        >>> y, h = pg.nn.RNN(3, 4)(pg.Record(pg.ParameterStore()).ones((2, 5, 3)))
        >>> y.shape, h.shape
        ((2, 5, 4), (1, 2, 4))
    """

    cell = RNNCell


class GRU(_Recurrent):
    """Cells `GRUCell` through a sequence.

    Example:
        >>> y, h = pg.nn.GRU(3, 4, layers=2)(pg.Record(pg.ParameterStore()).ones((2, 5, 3)))
        >>> y.shape, h.shape
        ((2, 5, 4), (2, 2, 4))
    """

    cell = GRUCell


class LSTM(_Recurrent):
    """Cells `LSTMCell` through a sequence.

    Example:
        >>> y, (h, c) = pg.nn.LSTM(3, 4)(pg.Record(pg.ParameterStore()).ones((2, 5, 3)))
        >>> y.shape, h.shape, c.shape
        ((2, 5, 4), (1, 2, 4), (1, 2, 4))
    """

    cell = LSTMCell
