"""Tensors: immutable handles to the nodes of a record; every operation is a method here and a function elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import activations, binary, contract, elementwise, indexing, losses, reduce, unary, views
from .dtypes import DType, Number, bool_
from .errors import DTypeError, InputError, NotScalarError
from .graph import CONSTANT, Node, is_tensor

if TYPE_CHECKING:
    from .arrays import Array, Shape
    from .gradients import Gradients
    from .record import Record


def zeros_like(x: Tensor, dtype: object = None) -> Tensor:
    """Zeros of the shape of `x`, and of its dtype unless another is given."""
    return x.record.zeros_like(x, dtype)


def ones_like(x: Tensor, dtype: object = None) -> Tensor:
    """Ones of the shape of `x`, and of its dtype unless another is given."""
    return x.record.ones_like(x, dtype)


def full_like(x: Tensor, value: Number, dtype: object = None) -> Tensor:
    """One value everywhere, in the shape of `x`, and in its dtype unless another is given."""
    return x.record.full_like(x, value, dtype)


class Tensor:
    """An array in a record: the result of an operation, or what the record was given.

    Examples:
        >>> import phonograd.reference as pg
        >>> x = pg.Record().tensor([1.0, 2.0, 3.0])
        >>> y = (x * x).sum()
        >>> y
        Tensor(14.0, shape=(), dtype=float32)
        >>> y.grad().wrt(x).data()
        [2.0, 4.0, 6.0]
    """

    __slots__ = ("_index", "_record")

    def __init__(self, record: Record, index: int) -> None:
        self._record = record
        self._index = index

    # What it is

    @property
    def record(self) -> Record:
        """The record it belongs to."""
        return self._record

    @property
    def index(self) -> int:
        """Its place in the record; inputs of an operation have smaller ones than its output."""
        return self._index

    @property
    def node(self) -> Node:
        """The operation it comes from, with the places of the inputs."""
        return self._record.nodes[self._index]

    @property
    def array(self) -> Array:
        """Its values."""
        return self._record.nodes[self._index].value

    @property
    def is_constant(self) -> bool:
        """True for a Python number that an operation took, whose gradient nobody can ask for."""
        return self.node.row is CONSTANT

    @property
    def computed(self) -> bool:
        """True: the reference computes at once."""
        return True

    @property
    def shape(self) -> Shape:
        """The size of each axis."""
        return self.array.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.array.size

    @property
    def dtype(self) -> DType:
        """The kind of its elements."""
        return self.array.dtype

    @property
    def T(self) -> Tensor:  # noqa: N802
        """The axes in reverse order."""
        return views.transpose(self)

    @property
    def mT(self) -> Tensor:  # noqa: N802
        """The last two axes exchanged."""
        return views.swapaxes(self, -1, -2)

    def data(self) -> Any:
        """The values as nested lists, or as one number."""
        return self.array.tolist()

    def tolist(self) -> Any:
        """The values as nested lists, or as one number."""
        return self.array.tolist()

    def item(self) -> Number:
        """The only value, as a Python number.

        Raises:
            NotScalarError: if there are more, or none.
        """
        if self.size != 1:
            raise NotScalarError(f"item: shape {self.shape} is no scalar; one element would fit")
        return self.array.flat[0]

    def grad(self, cotangent: Any = None) -> Gradients:
        """Gradients of this scalar, or of the inner product of this tensor with a cotangent of its shape.

        Args:
            cotangent: A tensor, or anything `Record.tensor` takes; 1 by default, which only a single element may have.

        Raises:
            GradientError: if this is no float, or the record was made with `grad=False`.
            NotScalarError: if there is no cotangent and not exactly one element.
        """
        from .gradients import differentiate

        return differentiate(self, cotangent)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __len__(self) -> int:
        if not self.shape:
            raise InputError("len: a scalar has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"Tensor({self.tolist()}, shape={self.shape}, dtype={self.dtype})"

    __hash__ = object.__hash__

    # Operators

    def __getitem__(self, key: Any) -> Tensor:
        return indexing.getitem(self, key)

    def __neg__(self) -> Tensor:
        return unary.negative(self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return unary.abs(self)

    def __add__(self, other: Tensor | Number) -> Tensor:
        return binary.add(self, other)

    def __radd__(self, other: Number) -> Tensor:
        return binary.add(other, self)

    def __sub__(self, other: Tensor | Number) -> Tensor:
        return binary.subtract(self, other)

    def __rsub__(self, other: Number) -> Tensor:
        return binary.subtract(other, self)

    def __mul__(self, other: Tensor | Number) -> Tensor:
        return binary.multiply(self, other)

    def __rmul__(self, other: Number) -> Tensor:
        return binary.multiply(other, self)

    def __truediv__(self, other: Tensor | Number) -> Tensor:
        return binary.divide(self, other)

    def __rtruediv__(self, other: Number) -> Tensor:
        return binary.divide(other, self)

    def __floordiv__(self, other: Tensor | Number) -> Tensor:
        return binary.floor_divide(self, other)

    def __rfloordiv__(self, other: Number) -> Tensor:
        return binary.floor_divide(other, self)

    def __mod__(self, other: Tensor | Number) -> Tensor:
        return binary.remainder(self, other)

    def __rmod__(self, other: Number) -> Tensor:
        return binary.remainder(other, self)

    def __pow__(self, other: Tensor | Number) -> Tensor:
        return binary.power(self, other)

    def __rpow__(self, other: Number) -> Tensor:
        return binary.power(other, self)

    def __matmul__(self, other: Tensor) -> Tensor:
        return contract.matmul(self, other)

    def __eq__(self, other: Tensor | Number) -> Tensor:  # type: ignore[override]
        return binary.equal(self, other)

    def __ne__(self, other: Tensor | Number) -> Tensor:  # type: ignore[override]
        return binary.not_equal(self, other)

    def __lt__(self, other: Tensor | Number) -> Tensor:
        return binary.less(self, other)

    def __le__(self, other: Tensor | Number) -> Tensor:
        return binary.less_equal(self, other)

    def __gt__(self, other: Tensor | Number) -> Tensor:
        return binary.greater(self, other)

    def __ge__(self, other: Tensor | Number) -> Tensor:
        return binary.greater_equal(self, other)

    def __and__(self, other: Tensor | bool) -> Tensor:
        return binary.logical_and(_truth("&", self), _truth("&", other))

    def __or__(self, other: Tensor | bool) -> Tensor:
        return binary.logical_or(_truth("|", self), _truth("|", other))

    def __xor__(self, other: Tensor | bool) -> Tensor:
        return binary.logical_xor(_truth("^", self), _truth("^", other))

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Tensor:
        return unary.logical_not(self if self.dtype is bool_ else _truth("~", self))

    # Operations

    add = binary.add
    subtract = binary.subtract
    multiply = binary.multiply
    divide = binary.divide
    floor_divide = binary.floor_divide
    remainder = binary.remainder
    power = pow = binary.power
    atan2 = binary.atan2
    maximum = binary.maximum
    minimum = binary.minimum
    less = binary.less
    less_equal = binary.less_equal
    equal = binary.equal
    not_equal = binary.not_equal
    greater = binary.greater
    greater_equal = binary.greater_equal
    logical_and = binary.logical_and
    logical_or = binary.logical_or
    logical_xor = binary.logical_xor
    where = binary.where
    clip = binary.clip

    negative = neg = unary.negative
    abs = unary.abs
    sign = unary.sign
    square = unary.square
    reciprocal = unary.reciprocal
    sqrt = unary.sqrt
    rsqrt = unary.rsqrt
    exp = unary.exp
    exp2 = unary.exp2
    expm1 = unary.expm1
    log = unary.log
    log2 = unary.log2
    log10 = unary.log10
    log1p = unary.log1p
    sin = unary.sin
    cos = unary.cos
    tan = unary.tan
    asin = unary.asin
    acos = unary.acos
    atan = unary.atan
    sinh = unary.sinh
    cosh = unary.cosh
    tanh = unary.tanh
    asinh = unary.asinh
    acosh = unary.acosh
    atanh = unary.atanh
    sigmoid = unary.sigmoid
    softplus = unary.softplus
    erf = unary.erf
    erfc = unary.erfc
    relu = unary.relu
    floor = unary.floor
    ceil = unary.ceil
    round = unary.round
    trunc = unary.trunc
    isnan = unary.isnan
    isinf = unary.isinf
    isfinite = unary.isfinite
    logical_not = unary.logical_not
    leaky_relu = activations.leaky_relu
    elu = activations.elu
    silu = activations.silu
    gelu = activations.gelu

    astype = elementwise.astype
    stop_gradient = elementwise.stop_gradient

    sum = reduce.sum
    prod = reduce.prod
    mean = reduce.mean
    var = reduce.var
    std = reduce.std
    max = reduce.max
    min = reduce.min
    any = reduce.any
    all = reduce.all
    argmax = reduce.argmax
    argmin = reduce.argmin
    logsumexp = reduce.logsumexp
    softmax = reduce.softmax
    log_softmax = reduce.log_softmax
    cumsum = reduce.cumsum

    reshape = views.reshape
    flatten = views.flatten
    transpose = views.transpose
    permute = views.permute
    moveaxis = views.moveaxis
    swapaxes = views.swapaxes
    expand_dims = views.expand_dims
    squeeze = views.squeeze
    broadcast_to = views.broadcast_to
    flip = views.flip
    pad = views.pad
    split = views.split
    take = indexing.take
    take_along_axis = indexing.take_along_axis
    gather = indexing.gather

    matmul = contract.matmul
    dot = contract.dot
    outer = contract.outer

    zeros_like = zeros_like
    ones_like = ones_like
    full_like = full_like

    mse = losses.mse
    cross_entropy = losses.cross_entropy
    binary_cross_entropy_with_logits = losses.binary_cross_entropy_with_logits


def _truth(operator: str, x: Any) -> Any:
    """An operand of `&`, `|`, `^` or `~`, which take truth values only."""
    if isinstance(x, bool) or (is_tensor(x) and x.dtype is bool_):
        return x
    kind = x.dtype if is_tensor(x) else type(x).__name__
    raise DTypeError(f"{operator}: dtype {kind} does not fit; bool would, see logical_and and astype")
