"""Recurrent layers: cells, which say one step, and layers, which go through a sequence with them.

A layer fetches its parameters once. A step records two products and the gates. Sequences of one length share a
plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from phonograd._core import ArgumentError, InputError, Tensor, stack
from phonograd._values import count as at_least
from phonograd._values import flag

from .init import known
from .module import Module

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phonograd._core import DType, Record

    from .init import Init

    _Weights = tuple[Tensor, Tensor, Tensor | float, Tensor | float]


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
        self.inputs, self.hidden, self.bias, self.dtype = inputs, hidden, bias, dtype
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

    def start(self, rec: Record, batch: int) -> Any:
        """The state before the first step: zeros."""
        return rec.zeros((batch, self.hidden), self.dtype)

    def before(self, rec: Record, batch: int, state: Any) -> Any:
        """The state that was given, once it is found to fit; without one, that before the first step."""
        if state is None:
            return self.start(rec, batch)
        for part in self.parts(state):
            shape = self.shape_of(part, "state")
            if shape != (batch, self.hidden):  # it would be broadcast, and the mistake hidden
                raise self.misfit(shape, f"({batch}, {self.hidden})", "state")
        return state

    def parts(self, state: Any) -> tuple[Any, ...]:
        """The tensors of a state."""
        return (state,)

    def step(self, weights: _Weights, x: Tensor, state: Any) -> Any:
        """The next state."""
        raise NotImplementedError

    def output(self, state: Any) -> Tensor:
        """What of the state goes on to the next layer."""
        return state  # type: ignore[no-any-return]

    def forward(self, x: Tensor, state: Any = None) -> Any:
        """The next state for inputs `(batch, inputs)`; from zeros without a state."""
        shape = self.shape_of(x)
        if len(shape) != 2 or shape[1] != self.inputs:
            raise self.misfit(shape, f"(batch, {self.inputs})")
        return self.step(self.weights(x.record), x, self.before(x.record, shape[0], state))


class RNNCell(_Cell):
    """`h' = tanh(x @ weight_ih + h @ weight_hh + biases)` (Elman, 1990).

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> pg.nn.RNNCell(3, 4)(rec.ones((2, 3))).shape
        (2, 4)
    """

    def step(self, weights: _Weights, x: Tensor, state: Tensor) -> Tensor:
        """The next state."""
        of_input, of_state, bias, other = weights
        return (x @ of_input + state @ of_state + (bias + other)).tanh()


class GRUCell(_Cell):
    """Gates reset `r`, update `z` and new `n`, in this order: `h' = n + z * (h - n)` (Cho and others, 2014).

    `r` multiplies what the state gives to `n`, after its product and bias, as in cuDNN.

    Example:
        >>> rec = pg.Record(pg.ParameterStore())
        >>> pg.nn.GRUCell(3, 4)(rec.ones((2, 3))).shape
        (2, 4)
    """

    gates = 3

    def step(self, weights: _Weights, x: Tensor, state: Tensor) -> Tensor:
        """The next state."""
        of_input, of_state, bias, other = weights
        xr, xz, xn = (x @ of_input + bias).split(3, axis=-1)
        hr, hz, hn = (state @ of_state + other).split(3, axis=-1)
        new = (xn + (xr + hr).sigmoid() * hn).tanh()
        return new + (xz + hz).sigmoid() * (state - new)


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

    def start(self, rec: Record, batch: int) -> tuple[Tensor, Tensor]:
        """Zeros for `h` and `c`."""
        zeros = rec.zeros((batch, self.hidden), self.dtype)
        return zeros, zeros

    def parts(self, state: Any) -> tuple[Any, ...]:
        """`h` and `c`."""
        if not isinstance(state, tuple | list) or len(state) != 2:
            raise InputError(f"{self._title()}: cannot read state from {type(state).__name__}; expected a pair (h, c)")
        return tuple(state)

    def step(self, weights: _Weights, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """The next `h` and `c`."""
        of_input, of_state, bias, other = weights
        h, c = state
        i, f, g, o = (x @ of_input + h @ of_state + (bias + other)).split(4, axis=-1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

    def output(self, state: tuple[Tensor, Tensor]) -> Tensor:
        """`h`."""
        return state[0]


class _Recurrent(Module):
    """What recurrent layers share: cells on top of each other, under `cells.0`, `cells.1` and so on.

    Args:
        inputs: The size of the input's last axis.
        hidden: The size of the state.
        layers: How many cells there are on top of each other.
        bias: Whether cells have biases.
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
        init: Init | None = None,
        dtype: DType | str = "float32",
    ) -> None:
        at_least(type(self).__name__, 1, layers=layers)
        self.inputs = inputs
        self.cells = [self.cell(hidden if i else inputs, hidden, bias, init=init, dtype=dtype) for i in range(layers)]

    def forward(self, x: Tensor, states: Sequence[Any] | None = None) -> tuple[Tensor, tuple[Any, ...]]:
        """Goes through a sequence.

        Args:
            x: `(batch, time, inputs)`.
            states: A state for each cell, as an earlier call returned them; zeros by default.

        Returns:
            What the last cell puts out, `(batch, time, hidden)`, and the last state of each cell.
        """
        shape = self.shape_of(x)
        if len(shape) != 3 or shape[1] == 0 or shape[2] != self.inputs:
            raise self.misfit(shape, f"(batch, time, {self.inputs}) with a time of 1 or more")
        rec, ends = x.record, []
        given = [None] * len(self.cells) if states is None else states
        if len(given) != len(self.cells):
            raise ArgumentError(
                f"{self._title()}: there are {len(given)} states; expected {len(self.cells)}, one a cell"
            )
        # Products step by step: cutting one large product would make its gradient a sum of as many large arrays.
        steps = [x[:, t] for t in range(shape[1])]
        for i, cell in enumerate(self.cells):
            weights = cell.weights(rec)
            state = cell.before(rec, shape[0], given[i])
            outputs = []
            for part in steps:
                state = cell.step(weights, part, state)
                outputs.append(cell.output(state))
            steps = outputs
            ends.append(state)
        return stack(steps, axis=1), tuple(ends)


class RNN(_Recurrent):
    """Cells `RNNCell` through a sequence.

    Example:
        >>> y, states = pg.nn.RNN(3, 4)(pg.Record(pg.ParameterStore()).ones((2, 5, 3)))
        >>> y.shape, states[0].shape
        ((2, 5, 4), (2, 4))
    """

    cell = RNNCell


class GRU(_Recurrent):
    """Cells `GRUCell` through a sequence.

    Example:
        >>> y, states = pg.nn.GRU(3, 4, layers=2)(pg.Record(pg.ParameterStore()).ones((2, 5, 3)))
        >>> y.shape, len(states)
        ((2, 5, 4), 2)
    """

    cell = GRUCell


class LSTM(_Recurrent):
    """Cells `LSTMCell` through a sequence.

    Example:
        >>> y, [(h, c)] = pg.nn.LSTM(3, 4)(pg.Record(pg.ParameterStore()).ones((2, 5, 3)))
        >>> y.shape, h.shape, c.shape
        ((2, 5, 4), (2, 4), (2, 4))
    """

    cell = LSTMCell
