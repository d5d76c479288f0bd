# Generated from the Rust source by `make stubs` (phonograd._core); edit there.
import builtins
import types
import typing
from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any, Final, final

import numpy.typing
from typing_extensions import disjoint_base

import phonograd._results

__all__ = [
    "AllocationError",
    "ArgumentError",
    "At",
    "AxisError",
    "CheckpointError",
    "DType",
    "DTypeError",
    "FileError",
    "ForeignTensorError",
    "GradientError",
    "Gradients",
    "IndexOutOfRangeError",
    "InputError",
    "IntegerDivisionError",
    "InternalError",
    "Key",
    "KeyReuseError",
    "LinAlgError",
    "LinearLayer",
    "MissingFileError",
    "NotScalarError",
    "OutOfRangeError",
    "ParameterError",
    "ParameterStore",
    "Plan",
    "PlanCache",
    "RaggedError",
    "Record",
    "RecordError",
    "Selection",
    "ShapeError",
    "Tensor",
    "__version__",
    "_adam",
    "_adam_all",
    "_fft_back",
    "_fft_half",
    "_fft_whole",
    "_linalg_cholesky",
    "_linalg_cholesky_inverse",
    "_linalg_cholesky_solve",
    "_linalg_cond",
    "_linalg_cross",
    "_linalg_det",
    "_linalg_diagonal",
    "_linalg_eigh",
    "_linalg_eigvalsh",
    "_linalg_expm",
    "_linalg_inv",
    "_linalg_lstsq",
    "_linalg_lu",
    "_linalg_matrix_norm",
    "_linalg_matrix_power",
    "_linalg_matrix_rank",
    "_linalg_multi_dot",
    "_linalg_pinv",
    "_linalg_qr",
    "_linalg_slogdet",
    "_linalg_solve",
    "_linalg_solve_triangular",
    "_linalg_svd",
    "_linalg_svdvals",
    "_linalg_tensordot",
    "_linalg_trace",
    "_linalg_vecdot",
    "_linalg_vector_norm",
    "_load",
    "_save",
    "abs",
    "acos",
    "acosh",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "add",
    "all",
    "allclose",
    "any",
    "argmax",
    "argmin",
    "argsort",
    "argwhere",
    "array_split",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "average",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "beta",
    "betainc",
    "betainc_da",
    "betainc_daa",
    "betainc_dab",
    "betainc_db",
    "betainc_dbb",
    "betainc_dx",
    "betaincinv",
    "betaln",
    "bfloat16",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "bincount",
    "binominv",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "bool",
    "boxcox",
    "broadcast_arrays",
    "broadcast_to",
    "cbrt",
    "ceil",
    "celu",
    "chunk",
    "clip",
    "column_stack",
    "concat",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "convolve",
    "copysign",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "cosine_embedding_loss",
    "cosine_similarity",
    "count_nonzero",
    "cov",
    "cross",
    "cross_entropy",
    "ctc_loss",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "deg2rad",
    "diag",
    "diagonal",
    "diff",
    "digamma",
    "digamma_dx",
    "digamma_gap",
    "divide",
    "dot",
    "dstack",
    "einsum",
    "elu",
    "entr",
    "equal",
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfinv",
    "excess",
    "exp",
    "exp2",
    "expand_dims",
    "expi",
    "expm1",
    "expn",
    "exprel",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "float16",
    "float32",
    "float64",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "fold",
    "frexp",
    "full_like",
    "gamma",
    "gammainc",
    "gammainc_da",
    "gammainc_daa",
    "gammainc_dx",
    "gammaincc",
    "gammainccinv",
    "gammaincinv",
    "gammasgn",
    "gate",
    "gate_divide",
    "gather",
    "gaussian_nll_loss",
    "gelu",
    "get_num_threads",
    "glu",
    "gradient",
    "greater",
    "greater_equal",
    "group_norm",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "heaviside",
    "hinge_embedding_loss",
    "hinge_loss",
    "histogram",
    "hstack",
    "huber_loss",
    "hypot",
    "i0",
    "i0e",
    "i0e_dx",
    "i1",
    "i1e",
    "ierfcx",
    "index_add",
    "inner",
    "instance_norm",
    "int16",
    "int32",
    "int64",
    "int8",
    "interp",
    "interpolate",
    "inv_boxcox",
    "isclose",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "iv",
    "j0",
    "j1",
    "k0",
    "k0e",
    "k1",
    "k1e",
    "kl_div",
    "kron",
    "l1_loss",
    "layer_norm",
    "ldexp",
    "leaky_relu",
    "left_shift",
    "less",
    "less_equal",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_cosh_loss",
    "log_ndtr",
    "log_ndtr_dx",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logcumsumexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logit",
    "logsigmoid",
    "logsumexp",
    "margin_ranking_loss",
    "matmul",
    "max",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mish",
    "modf",
    "moveaxis",
    "mse",
    "multi_margin_loss",
    "multigammaln",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "multiply",
    "nan_to_num",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "ndtr",
    "ndtri",
    "neg",
    "nll_loss",
    "nonzero",
    "norm",
    "normalize",
    "not_equal",
    "one_hot",
    "ones_like",
    "outer",
    "pad",
    "percentile",
    "permute",
    "plan_cache",
    "plan_cache_clear",
    "poisson_nll_loss",
    "poissoninv",
    "polygamma",
    "power",
    "prelu",
    "prod",
    "ptp",
    "put",
    "put_along_axis",
    "quantile",
    "rad2deg",
    "ravel",
    "reciprocal",
    "rel_entr",
    "relu",
    "relu6",
    "remainder",
    "repeat",
    "reshape",
    "right_shift",
    "rint",
    "rms_norm",
    "roll",
    "rot90",
    "round",
    "rsqrt",
    "scaled_dot_product_attention",
    "scatter",
    "scatter_add",
    "searchsorted",
    "segment_sum",
    "selu",
    "set_num_threads",
    "sigmoid",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softplus",
    "softshrink",
    "softsign",
    "sort",
    "spherical_bessel_j0",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "subtract",
    "sum",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tanhshrink",
    "tensordot",
    "threshold",
    "tile",
    "topk",
    "trace",
    "transpose",
    "trapezoid",
    "tril",
    "triplet_margin_loss",
    "triu",
    "trunc",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "unfold",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "unsqueeze",
    "unstack",
    "unwrap",
    "var",
    "vdot",
    "vstack",
    "where",
    "xlog1py",
    "xlogy",
    "zeros_like",
    "zeta",
]
_Array: typing.TypeAlias = numpy.typing.NDArray[typing.Any]
_ArrayLike: typing.TypeAlias = Tensor | numpy.typing.ArrayLike
_DTypeLike: typing.TypeAlias = DType | numpy.typing.DTypeLike
_Index: typing.TypeAlias = _IndexItem | tuple[_IndexItem, ...]
_IndexItem: typing.TypeAlias = Tensor | int | slice | types.EllipsisType | typing.Sequence[int] | _Array | None
__version__: Final[str]
"The version of the package."

@final
class At:
    """
    What `x.at` is: `x.at[index]` selects elements as `x[index]` does, to be changed in a new tensor.
    """

    def __getitem__(self, index: _Index, /) -> Selection: ...

@final
class DType:
    """
    The kind of a tensor's elements. Equal to its name and to NumPy's dtype of that name.

    Example:
        >>> pg.float32 == "float32", np.dtype(pg.float32)
        (True, dtype('float32'))
    """

    def __eq__(self, other: object, /) -> builtins.bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, other: object, /) -> builtins.bool: ...
    def __reduce__(self, /) -> str: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def dtype(self, /) -> Any:
        """
        NumPy's dtype of the same name: makes `np.dtype(pg.float32)` work.
        """

    @property
    def itemsize(self, /) -> int:
        """
        Bytes an element takes.
        """

    @property
    def name(self, /) -> str:
        """
        The name, as NumPy spells it.
        """

@final
class Gradients:
    """
    Gradients of one output with respect to everything that reaches it: recorded tensors, computed when asked for.

    Behaves like a mapping from the names of the record's parameters.

    Example:
        >>> rec = pg.Record()
        >>> x, y = rec.tensor(2.0), rec.tensor(3.0)
        >>> grads = (x * y).grad()
        >>> grads.wrt(x).item(), grads.wrt(y).item()
        (3.0, 2.0)
    """

    def __add__(self, other: Gradients, /) -> Gradients: ...
    def __contains__(self, name: str, /) -> builtins.bool: ...
    def __getitem__(self, name: str, /) -> Tensor: ...
    def __iter__(self, /) -> Iterator[str]: ...
    def __len__(self, /) -> int: ...
    def __mul__(self, factor: float, /) -> Gradients: ...
    def __neg__(self, /) -> Gradients: ...
    def __radd__(self, zero: float, /) -> Gradients:
        """
        `0 + gradients`, so that `sum` works.
        """

    def __repr__(self, /) -> str: ...
    def __rmul__(self, factor: float, /) -> Gradients: ...
    def __rsub__(self, zero: float, /) -> Gradients:
        """
        `0 - gradients`, as `0 + gradients` is there.
        """

    def __rtruediv__(self, number: float, /) -> Gradients: ...
    def __sub__(self, other: Gradients, /) -> Gradients: ...
    def __truediv__(self, divisor: float, /) -> Gradients: ...
    def data(self, /) -> dict[str, _Array]:
        """
        The gradients of the parameters that reach the output, as read-only NumPy arrays by name: computed in one plan, with
        the output. Arrays of several records add up, and a mapping of them is what an optimiser's step takes, too.

        Example:
            >>> store = pg.ParameterStore()
            >>> store.update({"a": [1.0, 2.0], "b": 2.0})
            >>> rec = pg.Record(store)
            >>> a, b = rec.parameter("a"), rec.parameter("b")
            >>> (a * b.stop_gradient()).sum().grad().data()
            {'a': array([2., 2.], dtype=float32)}
        """

    def get(self, /, name: str, default: Tensor | None = None) -> Tensor | None:
        """
        The gradient of a named parameter, or the default where the record has no parameter of that name.
        """

    def items(self, /) -> list[tuple[str, Tensor]]:
        """
        Names and gradients of the record's parameters.
        """

    def keys(self, /) -> list[str]:
        """
        Names of the record's parameters.
        """

    @property
    def output(self, /) -> Tensor:
        """
        What was differentiated.
        """

    def reached(self, /) -> list[str]:
        """
        Names of the parameters that reach the output: those that an optimiser's step moves.

        Example:
            >>> store = pg.ParameterStore()
            >>> store.update({"a": 1.0, "b": 2.0})
            >>> rec = pg.Record(store)
            >>> a, b = rec.parameter("a"), rec.parameter("b")
            >>> grads = (a * b.stop_gradient()).grad()
            >>> grads.keys(), grads.reached()
            (['a', 'b'], ['a'])
        """

    @property
    def record(self, /) -> Record:
        """
        The record.
        """

    def values(self, /) -> list[Tensor]:
        """
        Gradients of the record's parameters.
        """

    def why(self, /, tensor: Tensor) -> str:
        """
        Why the gradient with respect to a tensor is what it is: a sentence.

        Example:
            >>> rec = pg.Record()
            >>> x, y = rec.tensor(2.0), rec.tensor(3.0)
            >>> (x * x).grad().why(y)
            'zero: %1 is not upstream of the output %2'
        """

    def wrt(self, /, tensor: Tensor | str) -> Tensor:
        """
        The gradient with respect to a tensor, or to the parameter of a name, of its shape and dtype; zeros if it does not
        reach the output.

        Raises:
            ForeignTensorError: the tensor is of another record.
            ParameterError: the record has no parameter of that name.
            GradientError: the tensor's dtype is no float.
        """

@final
class Key:
    """
    A key for random draws: the 64 bits of a seed, split into independent keys.

    Raises:
        ArgumentError: the seed has more than 64 bits.

    Example:
        >>> first, second = pg.Key(7).split()
        >>> first == second
        False
    """

    def __eq__(self, value: object, /) -> builtins.bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> builtins.bool: ...
    def __new__(cls, /, seed: int) -> Key: ...
    def __reduce__(self, /) -> tuple[Any, tuple[int]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def bits(self, /) -> int:
        """
        The key's 64 bits; `Key(bits)` is the same key.
        """

    def fold_in(self, /, i: int) -> Key:
        """
        A key that also depends on a number, such as a step.
        """

    def split(self, /, n: int = 2) -> tuple[Key, ...]:
        """
        Independent keys.

        Raises:
            ArgumentError: `n` is negative or above a million.
        """

@final
class LinearLayer:
    """
    A linear layer bound to one record: `y = x @ weight`, plus a bias if asked for.

    Args:
        rec: the record.
        in_features: the size of the input's last axis.
        out_features: the size of the output's last axis.
        store: where the parameters `id.weight` and `id.bias` are, or come to be; the record's own by default.
        id: what the layer is called in the store.
        bias: whether there is one.
        dtype: of the parameters, float32 by default.

    Example:
        >>> rec = pg.Record(pg.ParameterStore(seed=0))
        >>> layer = pg.LinearLayer(rec, 3, 2)
        >>> layer.forward(rec.ones((5, 3))).shape
        (5, 2)
    """

    def __call__(self, /, x: Tensor) -> Tensor: ...
    def __new__(
        cls,
        /,
        rec: Record,
        in_features: int,
        out_features: int,
        store: ParameterStore | None = None,
        *,
        id: str = "linear",
        bias: builtins.bool = False,
        dtype: _DTypeLike | None = None,
    ) -> LinearLayer: ...
    def __repr__(self, /) -> str: ...
    @property
    def bias(self, /) -> Tensor | None:
        """
        The bias, `[out_features]`, or None.
        """

    def forward(self, /, x: Tensor) -> Tensor:
        """
        The layer's output for inputs `[..., in_features]`.
        """

    def optimize(self, /, grads: Gradients, store: ParameterStore | None = None, *, rate: float = 0.01) -> None:
        """
        Plain gradient descent: replaces each parameter in the store by itself less `rate` times its gradient, all or none.
        """

    @property
    def weight(self, /) -> Tensor:
        """
        The weight, `[in_features, out_features]`.
        """

@disjoint_base
class ParameterStore:
    """
    Named parameters, the only owner of what is trained: a mapping from names to read-only arrays.

    Args:
        seed: what initialisers draw from; a parameter's first value depends on the seed and its name only.

    Example:
        >>> store = pg.ParameterStore(seed=0)
        >>> store["scale"] = [1.0, 2.0]
        >>> store["scale"]
        array([1., 2.], dtype=float32)
    """

    def __bool__(self, /) -> builtins.bool: ...
    def __contains__(self, name: Any, /) -> builtins.bool: ...
    def __delitem__(self, name: str, /) -> None: ...
    def __getitem__(self, name: str, /) -> _Array: ...
    def __iter__(self, /) -> Iterator[str]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, seed: int | None = 0) -> ParameterStore: ...
    def __repr__(self, /) -> str: ...
    def __setitem__(self, name: str, value: _ArrayLike, /) -> None: ...
    def _assign(self, /, other: ParameterStore) -> None:
        """
        Takes over all that another store holds, arrays, names and their order, in place of its own.
        """

    def _commit(self, /, parameters: dict[str, Tensor], other: ParameterStore, others: dict[str, Tensor]) -> None:
        """
        Sets parameters here and others in a second store, all of them or none; no thread sees one store changed and the
        other not yet.
        """

    def clear(self, /) -> None:
        """
        Removes all parameters.
        """

    def get_or_init(
        self,
        /,
        name: str,
        shape: int | Sequence[int],
        init: str | tuple[str, float] | None = "glorot_uniform",
        dtype: _DTypeLike | None = None,
        *,
        asker: str | None = None,
    ) -> _Array:
        """
        The parameter's value; drawn first if there is none.

        Args:
            name: the parameter's name.
            shape: its shape.
            init: "glorot_uniform", "he_normal", "zeros" or "ones", or a pair such as ("normal", 0.02).
            dtype: float32 unless given.
            asker: who asks, for the message of a conflict.

        Raises:
            ParameterError: the store holds one of that name in another shape or dtype.
        """

    @property
    def seed(self, /) -> int:
        """
        The seed of the initialisers.
        """

    def update(self, parameters: typing.Any = None, /, **named: typing.Any) -> None:
        """
        Sets several parameters at once: all of them, or none if one cannot be read.
        """

@final
class Plan:
    """
    What a computation would do, step by step; `print` it.

    Example:
        >>> rec = pg.Record()
        >>> y = rec.tensor([[1.0, 2.0], [3.0, 4.0]]).exp().sum()
        >>> plan = rec.plan(y)
        >>> plan.peak_bytes, plan.flops, len(plan)
        (4, 8, 1)
        >>> print(plan.steps[0])
        loop [%1 %2] over [1, 4, 1], then sum  -> 4 B kept ...
    """

    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def bytes_by_line(self, /) -> dict[str, int]:
        """
        Bytes held when most are, by the line that asked for them, most first.
        """

    @property
    def flops(self, /) -> int:
        """
        About how many operations on numbers it does.
        """

    @property
    def peak_bytes(self, /) -> int:
        """
        Bytes held at once while it runs, besides what is bound.
        """

    @property
    def steps(self, /) -> list[str]:
        """
        What is done, in order, with the lines it was recorded at.
        """

    @property
    def work(self, /) -> int:
        """
        Estimated work in simple element operations.
        """

@final
class PlanCache:
    """
    What the plan cache did so far.
    """

    def __repr__(self, /) -> str: ...
    @property
    def bytes(self, /) -> int:
        """
        Bytes they take.
        """

    @property
    def capacity(self, /) -> int:
        """
        The most bytes they may take.
        """

    @property
    def hits(self, /) -> int:
        """
        Plans found.
        """

    @property
    def misses(self, /) -> int:
        """
        Plans made.
        """

    @property
    def size(self, /) -> int:
        """
        Plans remembered now.
        """

@final
class Record:
    """
    An append-only log of operations: shapes are checked when something is recorded, values are computed when asked for.

    Args:
        store: where `parameter` finds parameters.
        grad: False for a record that keeps nothing for a backward pass and refuses `grad`.
        memory_budget: the most bytes of arrays that the record may hold while it computes. Where they do not suffice, a
            plan keeps less for gradients asked for later, and computes parts of the forward pass twice.

    Example:
        >>> rec = pg.Record()
        >>> x = rec.tensor([1.0, 2.0, 3.0])
        >>> y = (x * x).sum()
        >>> y.item()
        14.0
        >>> y.grad().wrt(x).tolist()
        [2.0, 4.0, 6.0]
    """

    def __bool__(self, /) -> builtins.bool: ...
    def __len__(self, /) -> int: ...
    def __new__(
        cls, /, store: ParameterStore | None = None, *, grad: builtins.bool = True, memory_budget: int | None = None
    ) -> Record: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _claim(self, /, name: str, owner: Any) -> builtins.bool:
        """
        True unless a parameter of this name was asked for on behalf of another object.
        """

    def arange(
        self, /, start: float, stop: float | None = None, step: float | None = 1, dtype: _DTypeLike | None = None
    ) -> Tensor:
        """
        Evenly spaced numbers in the half-open interval from `start` to `stop`; with one argument, from 0 to it.

        Raises:
            ArgumentError: the step is 0, or an end is not finite.

        Example:
            >>> pg.Record().arange(2, 8, 2).tolist()
            [2, 4, 6]
        """

    def ball(
        self,
        /,
        key: Key,
        d: int,
        p: float = 2.0,
        shape: int | Sequence[int] | None = (),
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random points of the unit ball in `d` dimensions, of the norm of order `p`, all equally likely, along the last
        axis. Gradient: none, a draw is a leaf.

        Raises:
            ArgumentError: the order is not positive.
        """

    def bernoulli(self, /, key: Key, p: _ArrayLike = 0.5, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random truth values, true with probability `p`: one for all, or one for each, against which the shape is
        broadcast. Probabilities of a tensor are not checked; below 0 nothing is true, above 1 all. Gradient: none.

        Raises:
            KeyReuseError: the key was drawn from before in this record.

        Example:
            >>> rec = pg.Record()
            >>> rec.bernoulli(pg.Key(0), 1.0, (2,)).tolist()
            [True, True]
            >>> rec.bernoulli(pg.Key(1), rec.tensor([0.0, 1.0])).tolist()
            [False, True]
        """

    def beta(self, /, key: Key, a: _ArrayLike, b: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random floats of a beta distribution. Gradient: to both parameters that of quantiles of two gamma
        distributions, of which the result is the first one's share.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def binomial(self, /, key: Key, n: _ArrayLike, p: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random counts of successes among `n` tries, int64, each of which has the probability `p`. Gradient: none, the
        result counts.

        Example:
            >>> pg.Record().binomial(pg.Key(0), 10, np.array([0.0, 1.0])).tolist()
            [0, 10]
        """

    def categorical(
        self, /, key: Key, logits: _ArrayLike, axis: int = -1, shape: int | Sequence[int] | None = None
    ) -> Tensor:
        """
        Random indices along an axis, int64, with the probabilities `softmax(logits)`; `shape` ends in that of the other
        axes. Gradient: none, the result is an index.

        Example:
            >>> rec = pg.Record()
            >>> rec.categorical(pg.Key(0), rec.tensor([0.0, 100.0]), shape=(3,)).tolist()
            [1, 1, 1]
        """

    def cauchy(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        loc: _ArrayLike = 0.0,
        scale: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats with density `1 / (pi scale (1 + ((x - loc) / scale)**2))`.

        `loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and
        `g * (y - loc) / scale` to `scale`.
        """

    def chisquare(self, /, key: Key, df: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random floats of a chi-square distribution with `df` degrees of freedom. Gradient: to `df` that of a gamma
        distribution's quantile.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def choice(
        self,
        /,
        key: Key,
        x: _ArrayLike,
        shape: int | Sequence[int] | None = (),
        replace: builtins.bool = True,
        p: _ArrayLike | None = None,
    ) -> Tensor:
        """
        Random elements along the first axis of a tensor, or of the integers up to one: each time any of them, or without
        replacement all different. With `p`, an element is drawn as often as its weight says, of which only ratios count
        and none is negative. Gradient: `g` added up where elements were chosen, none to `p`.

        Raises:
            ArgumentError: there are fewer elements than are asked for without replacement; when computed, a weight is
                negative or not finite, or fewer are above 0 than are drawn.
            ShapeError: `p` is not one weight for each element.

        Example:
            >>> pg.Record().choice(pg.Key(0), 3, (4,), p=[0.0, 1.0, 0.0]).tolist()
            [1, 1, 1, 1]
        """

    def compute(
        self,
        /,
        *tensors: Tensor | typing.Sequence[Tensor],
        keep: builtins.bool = True,
        fuse: builtins.bool = True,
        memory_budget: int | None = None,
    ) -> None:
        """
        Computes tensors in one plan; nothing is stored unless all of it succeeds.

        Args:
            tensors: tensors of this record.
            keep: keep costly intermediates for gradients asked for later.
            fuse: False runs the plan op by op, which is slower and gives the same values.
            memory_budget: as for the record, for this once.

        Raises:
            AllocationError: there is not enough memory, or the plan does not fit into the budget; nothing was computed.

        Example:
            >>> rec = pg.Record()
            >>> x = rec.tensor(2.0).exp()
            >>> rec.compute(x)
            >>> x.computed
            True
        """

    def dirichlet(self, /, key: Key, alpha: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random points of the simplex, of sum 1 along the last axis, with Dirichlet's distribution; `shape` is that of the
        axes before it. Gradient: to `alpha` that of quantiles of gamma distributions, of which the result is the shares.
        Negative parameters make nan.
        """

    def double_sided_maxwell(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        loc: _ArrayLike = 0.0,
        scale: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats: lengths of vectors of three normal numbers with a sign, scaled and moved.

        `loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and
        `g * (y - loc) / scale` to `scale`.
        """

    def exponential(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        loc: _ArrayLike = 0.0,
        scale: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats with density `exp(-(x - loc) / scale) / scale` from `loc` on.

        `loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and
        `g * (y - loc) / scale` to `scale`.
        """

    def eye(self, /, n: int, m: int | None = None, *, k: int = 0, dtype: _DTypeLike | None = None) -> Tensor:
        """
        Ones on the `k`-th diagonal of an `n` by `m` matrix; square without `m`.

        Example:
            >>> pg.Record().eye(2).tolist()
            [[1.0, 0.0], [0.0, 1.0]]
        """

    def f(self, /, key: Key, dfnum: _ArrayLike, dfden: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random floats of Fisher's distribution: ratios of chi-square ones, each over its degrees of freedom. Gradient: to
        both that of quantiles of gamma distributions.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def first_nonfinite(self, /, *tensors: Tensor | typing.Sequence[Tensor]) -> str | None:
        """
        Which operation first made a nan or an infinity on the way to tensors: a sentence, or None if they are finite.

        Nothing needs to be switched on before. What leads to the tensors is computed once more, operation by operation.

        Example:
            >>> rec = pg.Record()
            >>> x = rec.tensor([0.0, 1.0])
            >>> loss = (x * x.log()).sum()
            >>> print(rec.first_nonfinite(loss))
            nan came first from %2 = multiply(%0, %1)  float32 (2,), recorded at ...; before it, inf came first from
            %1 = log(%0)  float32 (2,), recorded at ...
        """

    def full(self, /, shape: int | Sequence[int], value: _ArrayLike, dtype: _DTypeLike | None = None) -> Tensor:
        """
        One number everywhere, or what is broadcast to the shape.

        Example:
            >>> pg.Record().full((2,), 0.5).tolist()
            [0.5, 0.5]
        """

    def full_like(self, /, x: Tensor, value: float, dtype: _DTypeLike | None = None) -> Tensor:
        """
        One number in a tensor's shape, and in its dtype unless another is given.
        """

    def gamma(self, /, key: Key, a: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random floats of a gamma distribution of shape `a` and scale 1. Gradient: to `a` that
        of the quantile, `-g * gammainc_da(a, y) / gammainc_dx(a, y)`.

        Example:
            >>> rec = pg.Record()
            >>> a = rec.tensor([0.5, 2.0])
            >>> rec.gamma(pg.Key(0), a).sum().grad().wrt(a).shape
            (2,)

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def generalized_normal(self, /, key: Key, p: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random floats with density proportional to `exp(-abs(x)**p)`. Gradient: to `p` that of a gamma distribution's
        quantile, to the power of `1 / p`.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def geometric(self, /, key: Key, p: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random counts of tries up to the first success, int64, each of which has the probability `p`. Gradient: none, the
        result counts.
        """

    def geomspace(
        self,
        /,
        start: float,
        stop: float,
        num: int = 50,
        *,
        endpoint: builtins.bool = True,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        `num` floats from `start` to `stop`, each as many times the one before; both ends are exact.

        Example:
            >>> pg.Record().geomspace(1.0, 8.0, 4).tolist()
            [1.0, 2.0, 4.0, 8.0]
        """

    def gumbel(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        loc: _ArrayLike = 0.0,
        scale: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats whose distribution function is `exp(-exp(-(x - loc) / scale))`: largest of many.

        `loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and
        `g * (y - loc) / scale` to `scale`.
        """

    @property
    def id(self, /) -> int:
        """
        The record's number, which messages name.
        """

    def laplace(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        loc: _ArrayLike = 0.0,
        scale: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats with density `exp(-abs(x - loc) / scale) / (2 scale)`.

        `loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and
        `g * (y - loc) / scale` to `scale`.
        """

    def linspace(
        self,
        /,
        start: float,
        stop: float,
        num: int | None = 50,
        *,
        endpoint: builtins.bool = True,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        `num` evenly spaced floats from `start` to `stop`; both ends are exact.

        Example:
            >>> pg.Record().linspace(0.0, 1.0, 5).tolist()
            [0.0, 0.25, 0.5, 0.75, 1.0]
        """

    def load(self, /, store: ParameterStore, name: str) -> Tensor:
        """
        A leaf that shares an array of a store. Unlike a `parameter`, gradients and optimisers do not know its name.

        Raises:
            ParameterError: the store holds nothing of that name.

        Example:
            >>> store = pg.ParameterStore()
            >>> store["scale"] = [1.0, 2.0]
            >>> pg.Record().load(store, "scale").tolist()
            [1.0, 2.0]
        """

    def loggamma(self, /, key: Key, a: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Logarithms of random floats of a gamma distribution of shape `a`, exact also where these are below the smallest
        float. Gradient: to `a` that of the quantile of a gamma distribution of shape `a + 1`, and of `log(u) / a`.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def logistic(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        loc: _ArrayLike = 0.0,
        scale: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats whose distribution function is `sigmoid((x - loc) / scale)`.

        `loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and
        `g * (y - loc) / scale` to `scale`.
        """

    def lognormal(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        mean: _ArrayLike = 0.0,
        sigma: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats whose logarithms are normal, of a `mean` and a deviation `sigma`, which are numbers, or tensors with
        values for each element. Gradient: `g * y` to `mean` and `g * y (log(y) - mean) / sigma` to `sigma`.
        """

    def logspace(
        self,
        /,
        start: float,
        stop: float,
        num: int = 50,
        *,
        endpoint: builtins.bool = True,
        base: float = 10.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        `base` to the power of `num` evenly spaced exponents from `start` to `stop`.

        Example:
            >>> pg.Record().logspace(0.0, 2.0, 3).tolist()
            [1.0, 10.0, 100.0]
        """

    def maxwell(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        loc: _ArrayLike = 0.0,
        scale: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats: lengths of vectors of three normal numbers, scaled and moved.

        `loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and
        `g * (y - loc) / scale` to `scale`.
        """

    def multinomial(
        self, /, key: Key, n: _ArrayLike, p: _ArrayLike, shape: int | Sequence[int] | None = None
    ) -> Tensor:
        """
        Random counts of each of several outcomes among `n` tries, int64, along the last axis. `p` has the weights of the
        outcomes there, of which only ratios count; `shape` is that of all counts of one outcome. Gradient: none, the
        result counts.

        Example:
            >>> pg.Record().multinomial(pg.Key(0), 10, np.array([0.2, 0.3, 0.5]), (4,)).sum(axis=1).tolist()
            [10, 10, 10, 10]
        """

    def multivariate_normal(
        self, /, key: Key, mean: _ArrayLike, cov: _ArrayLike, shape: int | Sequence[int] | None = None
    ) -> Tensor:
        """
        Random vectors of the normal distribution of a mean and a covariance, of which the lower triangle is read; `shape`
        is that of all vectors. Gradient: `g` to `mean`; to `cov` that of its Cholesky factor L, of which the result is
        `mean + L @ z`.

        Raises:
            ShapeError: the covariance is no square matrix for each mean.
            LinAlgError: it is not positive definite.

        Example:
            >>> rec = pg.Record()
            >>> mean, cov = rec.zeros(2), rec.tensor([[2.0, 0.3], [0.3, 0.5]])
            >>> rec.multivariate_normal(pg.Key(0), mean, cov, (10,)).shape
            (10, 2)
        """

    def next_state(self, /, name: str, value: Tensor) -> None:
        """
        Notes what a state becomes when the step succeeds. Nothing is stored now: `Optimizer.step` computes the noted
        values with the new parameters, and puts all of them into the store together.

        Args:
            name: the state's name.
            value: a tensor of this record, of the state's shape and dtype.

        Raises:
            ParameterError: there is no store, or the state has another shape or dtype.
            ForeignTensorError: the tensor is of another record.

        Example:
            >>> store = pg.ParameterStore()
            >>> rec = pg.Record(store)
            >>> count = rec.state("count", ())
            >>> rec.next_state("count", count + 1.0)
            >>> store.state["count"].item(), rec.next_states()["count"].item()
            (0.0, 1.0)
        """

    def next_states(self, /) -> dict[str, Tensor]:
        """
        What `next_state` noted in this record: the last value of each state, by name.
        """

    def normal(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        mean: _ArrayLike = 0.0,
        std: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Normal random floats, whose `mean` and `std` are numbers, or tensors with values for each element. Gradient: `g`
        to `mean` and `g * (y - mean) / std` to `std`.

        Raises:
            ArgumentError: `std` is a number below 0, or nan.
            KeyReuseError: the key was drawn from before in this record.
            ShapeError: the parameters do not broadcast to the shape, by default that of the parameters.

        Example:
            >>> rec = pg.Record()
            >>> rec.normal(pg.Key(0), (4,), std=0.1).shape
            (4,)
            >>> mean = rec.tensor([1.0, 2.0])
            >>> rec.normal(pg.Key(1), (3, 2), mean).sum().grad().wrt(mean).tolist()
            [3.0, 3.0]
        """

    def ones(self, /, shape: int | Sequence[int], dtype: _DTypeLike | None = None) -> Tensor:
        """
        Ones.

        Example:
            >>> pg.Record().ones(3, dtype="int32").tolist()
            [1, 1, 1]
        """

    def ones_like(self, /, x: Tensor, dtype: _DTypeLike | None = None) -> Tensor:
        """
        Ones of a tensor's shape, and of its dtype unless another is given.
        """

    def orthogonal(
        self, /, key: Key, n: int, shape: int | Sequence[int] | None = (), dtype: _DTypeLike | None = None
    ) -> Tensor:
        """
        Random orthogonal matrices, all equally likely, after axes of a shape. Gradient: none, a draw is a leaf.

        Example:
            >>> q = pg.Record().orthogonal(pg.Key(0), 3, dtype="float64")
            >>> bool(abs(q @ q.T - np.eye(3)).max() < 1e-12)
            True
        """

    def parameter(
        self,
        /,
        name: str,
        shape: int | Sequence[int] | None = None,
        init: str | tuple[str, float] | None = "glorot_uniform",
        dtype: _DTypeLike | None = None,
        *,
        asker: str | None = None,
    ) -> Tensor:
        """
        The named parameter of the record's store, as a leaf that gradients find by its name.

        Args:
            name: the parameter's name.
            shape: if given, a parameter that is not there yet is initialised.
            init: "glorot_uniform", "he_normal", "zeros" or "ones", or a pair such as ("normal", 0.02) or ("uniform", 0.1).
            dtype: of a new parameter.
            asker: who asks, for the message of a conflict.

        Raises:
            ParameterError: there is no store, no such parameter, or one of another shape.

        Example:
            >>> rec = pg.Record(pg.ParameterStore(seed=0))
            >>> rec.parameter("bias", (3,), init="zeros").tolist()
            [0.0, 0.0, 0.0]
        """

    def pareto(self, /, key: Key, b: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random floats with density `b x**-(b + 1)` from 1 on. Gradient: `-g * y log(y) / b`.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def permutation(self, /, key: Key, x: _ArrayLike, axis: int = 0) -> Tensor:
        """
        The elements of a tensor in random order along an axis, or the integers from 0 up to a number. Gradient: `g` in the
        order of the input.

        Example:
            >>> rec = pg.Record()
            >>> sorted(rec.permutation(pg.Key(0), 4).tolist())
            [0, 1, 2, 3]
            >>> rec.permutation(pg.Key(1), rec.tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1).sum(axis=1).tolist()
            [3.0, 7.0]
        """

    def plan(
        self,
        /,
        *tensors: Tensor | typing.Sequence[Tensor],
        keep: builtins.bool = True,
        fuse: builtins.bool = True,
        memory_budget: int | None = None,
    ) -> Plan:
        """
        The plan that `compute` would run now; print it.
        """

    def poisson(self, /, key: Key, rate: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random counts of Poisson's distribution, int64. Gradient: none, the result counts.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def rademacher(
        self, /, key: Key, shape: int | Sequence[int] | None = (), dtype: _DTypeLike | None = None
    ) -> Tensor:
        """
        Random signs: -1 and 1, equally often. Gradient: none, a draw is a leaf.
        """

    def randint(
        self, /, key: Key, low: int, high: int, shape: int | Sequence[int] | None = (), dtype: _DTypeLike | None = None
    ) -> Tensor:
        """
        Random integers from `low` up to, not including, `high`. Gradient: none.

        Example:
            >>> pg.Record().randint(pg.Key(0), 3, 4, (2,)).tolist()
            [3, 3]
        """

    def rayleigh(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        loc: _ArrayLike = 0.0,
        scale: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats: lengths of vectors of two normal numbers, scaled and moved.

        `loc` and `scale` are numbers, or tensors with values for each element. Gradient: `g` to `loc` and
        `g * (y - loc) / scale` to `scale`.
        """

    def state(
        self,
        /,
        name: str,
        shape: int | Sequence[int] | None = None,
        init: str | tuple[str, float] | None = "zeros",
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        A named state of the model, such as running statistics: what `next_state` gave it in this record, else what
        `store.state` holds. Gradients and optimisers do not know it.

        Args:
            name: the state's name.
            shape: if given, a state that is not there yet is initialised.
            init: as of a parameter.
            dtype: of a new state.

        Raises:
            ParameterError: there is no store, no such state, or one of another shape.

        Example:
            >>> rec = pg.Record(pg.ParameterStore())
            >>> rec.state("norm.running_var", (2,), init="ones").tolist()
            [1.0, 1.0]
        """

    @property
    def store(self, /) -> ParameterStore | None:
        """
        The bound store, if any.
        """

    def student_t(self, /, key: Key, df: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random floats of Student's t distribution with `df` degrees of freedom. Gradient: to `df` that of a
        normal draw over the root of a gamma distribution's quantile.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def tensor(self, /, data: _ArrayLike, dtype: _DTypeLike | None = None, *, copy: builtins.bool = True) -> Tensor:
        """
        A leaf that holds an array: a copy, so that later changes of `data` change nothing.

        Args:
            data: a number, a nested list of numbers, an array of any layout, or a tensor of another record.
            dtype: the wanted dtype; by default that of the array, float32 for Python floats, int64 for Python integers.
            copy: False binds the array's own memory, which must then not be changed while the record lives.

        Raises:
            InputError: `data` is not an array or a number.
            RaggedError: nested lists are not rectangular.
            DTypeError: the array has a dtype this library does not have.
            ArgumentError: `copy=False` and the array is not aligned, C-contiguous and of the wanted dtype.

        Example:
            >>> pg.Record().tensor([[1, 2], [3, 4]])
            Tensor([[1, 2], [3, 4]], int64, shape=(2, 2), computed)
        """

    def tri(self, /, n: int, m: int | None = None, k: int = 0, *, dtype: _DTypeLike | None = None) -> Tensor:
        """
        Ones on and below the `k`-th diagonal of an `n` by `m` matrix; square without `m`.

        Example:
            >>> pg.Record().tri(2).tolist()
            [[1.0, 0.0], [1.0, 1.0]]
        """

    def triangular(
        self,
        /,
        key: Key,
        left: _ArrayLike,
        mode: _ArrayLike,
        right: _ArrayLike,
        shape: int | Sequence[int] | None = None,
    ) -> Tensor:
        """
        Random floats from `left` to `right`, with a density that rises in a line to `mode` and falls in a line from it.
        Gradient: to all three that of the quantile.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def truncated_normal(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        low: _ArrayLike = -2.0,
        high: _ArrayLike = 2.0,
        mean: _ArrayLike = 0.0,
        std: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Random floats of the standard normal distribution between `low` and `high`, times `std` plus `mean`; all of them
        are numbers, or tensors with values for each element. Gradient: `g` to `mean`, `g * z` to `std` and, with u the
        place between the bounds, from 0 to 1, and phi the normal density, `g * std (1 - u) phi(low) / phi(z)` to `low`
        and `g * std u phi(high) / phi(z)` to `high`, where z is `(y - mean) / std`.

        Raises:
            ArgumentError: the bounds are numbers, and the lower one is not the lower.
        """

    def uniform(
        self,
        /,
        key: Key,
        shape: int | Sequence[int] | None = None,
        low: _ArrayLike = 0.0,
        high: _ArrayLike = 1.0,
        dtype: _DTypeLike | None = None,
    ) -> Tensor:
        """
        Uniform random floats in [low, high), which are numbers, or tensors with values for each element. Gradient: with u
        the place between them, from 0 to 1, `g * (1 - u)` to `low` and `g * u` to `high`.

        Raises:
            ArgumentError: a bound that is a number is not finite, the lower one is not first, or their distance overflows.
            KeyReuseError: the key was drawn from before in this record.
            ShapeError: the parameters do not broadcast to the shape, by default that of the parameters.

        Example:
            >>> pg.Record().uniform(pg.Key(0), (2, 3)).shape
            (2, 3)
        """

    def wald(self, /, key: Key, mean: _ArrayLike, shape: int | Sequence[int] | None = None) -> Tensor:
        """
        Random floats of the inverse Gaussian distribution of a mean and of shape 1: times that a Brownian motion with a
        drift takes to a distance. Gradient: to `mean` that of the quantile, `-g * F_mean(y) / F'(y)` with F the
        distribution function.

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def weibull_min(
        self, /, key: Key, scale: _ArrayLike, concentration: _ArrayLike, shape: int | Sequence[int] | None = None
    ) -> Tensor:
        """
        Random floats of Weibull's distribution: those above x have a share of `exp(-(x / scale)**concentration)`.
        Gradient: `g * y / scale` to `scale`, and `-g * y log(y / scale) / concentration` to `concentration`.

        Example:
            >>> rec = pg.Record()
            >>> scale = rec.tensor(2.0)
            >>> y = rec.weibull_min(pg.Key(0), scale, 1.5)
            >>> bool(abs(y.grad().wrt(scale) - y / 2.0) < 1e-6)
            True

        Raises:
           ArgumentError: a parameter is a number for which there is no such distribution.
        """

    def zeros(self, /, shape: int | Sequence[int], dtype: _DTypeLike | None = None) -> Tensor:
        """
        Zeros.

        Example:
            >>> pg.Record().zeros((2, 2)).tolist()
            [[0.0, 0.0], [0.0, 0.0]]
        """

    def zeros_like(self, /, x: Tensor, dtype: _DTypeLike | None = None) -> Tensor:
        """
        Zeros of a tensor's shape, and of its dtype unless another is given.
        """

@final
class Selection:
    """
    Elements of a tensor that an index selects. Its methods give a new tensor in which these are changed; the tensor itself
    stays as it is. Values are broadcast to what is selected, and take the tensor's dtype. Where an index names a place
    several times, `set` leaves the last of its values there; all others combine all of them.

    Example:
        >>> x = pg.Record().tensor([1.0, 2.0, 3.0])
        >>> x.at[1:].set(0.0).tolist(), x.at[[0, 0]].add([10.0, 20.0]).tolist(), x.tolist()
        ([1.0, 0.0, 0.0], [31.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    """

    def add(self, /, values: _ArrayLike) -> Tensor:
        """
        The values added to the elements. Gradient: `g` to both.
        """

    def apply(self, /, function: typing.Callable[[Tensor], Tensor | _ArrayLike]) -> Tensor:
        """
        What a function makes of the elements in their place: `x.at[index].apply(f)` is `x.at[index].set(f(x[index]))`.

        Example:
            >>> pg.Record().tensor([1.0, 4.0, 9.0]).at[1:].apply(pg.sqrt).tolist()
            [1.0, 2.0, 3.0]
        """

    def div(self, /, values: _ArrayLike) -> Tensor:
        """
        The same as `divide`.
        """

    def divide(self, /, values: _ArrayLike) -> Tensor:
        """
        The elements divided by the values.
        """

    def get(self, /) -> Tensor:
        """
        The elements: the same as `x[index]`.
        """

    def max(self, /, values: _ArrayLike) -> Tensor:
        """
        The larger of element and value. Gradient: shared between equals.
        """

    def min(self, /, values: _ArrayLike) -> Tensor:
        """
        The smaller of element and value. Gradient: shared between equals.
        """

    def mul(self, /, values: _ArrayLike) -> Tensor:
        """
        The same as `multiply`.
        """

    def multiply(self, /, values: _ArrayLike) -> Tensor:
        """
        The elements times the values. Gradients need no division, so zeros do no harm.
        """

    def pow(self, /, values: _ArrayLike) -> Tensor:
        """
        The same as `power`.
        """

    def power(self, /, values: _ArrayLike) -> Tensor:
        """
        The elements to the power of the values.
        """

    def set(self, /, values: _ArrayLike) -> Tensor:
        """
        The values in place of the elements. Gradient: `g` of what is selected to the values, 0 to what they replace.
        """

@final
class Tensor:
    """
    An immutable handle to a value of a record, computed or not.

    Operators and methods record; `data()`, `item()`, `float()` and `np.asarray` compute what is not computed yet. `==` is
    elementwise, `hash` goes by identity.

    Example:
        >>> x = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> (x @ x.T).tolist()
        [[5.0, 11.0], [11.0, 25.0]]
    """

    __array_ufunc__: Final[int | None]
    "\n    NumPy leaves `array + tensor` to the tensor.\n    "

    @property
    def T(self, /) -> Tensor:
        """
        All axes reversed.
        """

    def __abs__(self, /) -> Tensor: ...
    def __add__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __and__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __array__(self, /, dtype: Any | None = None, copy: builtins.bool | None = None) -> _Array: ...
    def __array_namespace__(self, /, *, api_version: Any | None = None) -> Any:
        """
        The record of this tensor as a namespace of the Array API standard, version 2024.12.

        Raises:
            ArgumentError: another version is asked for.

        Example:
            >>> x = pg.Record().tensor([3.0, 4.0])
            >>> x.__array_namespace__().linalg.vector_norm(x).item()
            5.0
        """

    def __bool__(self, /) -> builtins.bool: ...
    def __complex__(self, /) -> Any: ...
    def __copy__(self, /) -> Tensor: ...
    def __deepcopy__(self, /, _memo: Any) -> Tensor: ...
    def __delitem__(self, index: Any, /) -> None:
        """
        Tensors do not change.
        """

    def __divmod__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> tuple[Tensor, Tensor]: ...
    def __dlpack__(
        self,
        /,
        *,
        stream: Any | None = None,
        max_version: Any | None = None,
        dl_device: Any | None = None,
        copy: builtins.bool | None = None,
    ) -> Any:
        """
        The elements for another library; what it may write to is a copy.
        """

    def __dlpack_device__(self, /) -> tuple[int, int]:
        """
        The CPU, as DLPack counts devices.
        """

    def __eq__(self, other: object, /) -> Tensor: ...  # type: ignore[override]
    def __float__(self, /) -> float: ...
    def __floordiv__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __format__(self, /, spec: str) -> Any:
        """
        Numbers format as Python's do; arrays only without a format.
        """

    def __ge__(self, other: Tensor | float, /) -> Tensor: ...
    def __getitem__(self, index: _Index, /) -> Tensor: ...
    def __gt__(self, other: Tensor | float, /) -> Tensor: ...
    def __hash__(self, /) -> int: ...
    def __index__(self, /) -> Any: ...
    def __int__(self, /) -> Any: ...
    def __invert__(self, /) -> Tensor: ...
    def __iter__(self, /) -> Iterator[Tensor]: ...
    def __le__(self, other: Tensor | float, /) -> Tensor: ...
    def __len__(self, /) -> int: ...
    def __lshift__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __lt__(self, other: Tensor | float, /) -> Tensor: ...
    def __matmul__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __mod__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __mul__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __ne__(self, other: object, /) -> Tensor: ...  # type: ignore[override]
    def __neg__(self, /) -> Tensor: ...
    def __or__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __pos__(self, /) -> Tensor: ...
    def __pow__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, modulo: object = None, /) -> Tensor: ...
    def __radd__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rand__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rdivmod__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> tuple[Tensor, Tensor]: ...
    def __repr__(self, /) -> str: ...
    def __rfloordiv__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rlshift__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rmatmul__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rmod__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rmul__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __ror__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __round__(self, /, ndigits: int | None = None) -> Tensor:
        """
        Rounded to so many decimals, halves to the even one.
        """

    def __rpow__(
        self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, modulo: object = None, /
    ) -> Tensor: ...
    def __rrshift__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rshift__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rsub__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rtruediv__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __rxor__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __setitem__(self, index: Any, value: Any, /) -> None:
        """
        Tensors do not change: raises, and names what to write instead.
        """

    def __sub__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __truediv__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def __xor__(self, other: Tensor | numpy.typing.NDArray[typing.Any] | float, /) -> Tensor: ...
    def _alike(self, /, other: Tensor) -> builtins.bool:
        """
        True for a tensor of this shape and dtype.
        """

    def abs(self, /) -> Tensor:
        """
        Absolute value. Gradient: `g * sign(x)`, 0 at 0.
        """

    def acos(self, /) -> Tensor:
        """
        Inverse cosine, in radians. Gradient: `-g / sqrt((1 - x)(1 + x))`.
        """

    def acosh(self, /) -> Tensor:
        """
        Inverse hyperbolic cosine. Gradient: `g / sqrt((x - 1)(x + 1))`.
        """

    def add(self, /, other: _ArrayLike) -> Tensor:
        """
        Sum, `a + b`. Gradient: `g` to both.
        """

    def all(
        self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False, *, out: None = None
    ) -> Tensor:
        """
        True where all elements over the axes are true. Gradient: none, the result counts or compares.
        """

    def allclose(
        self, /, other: _ArrayLike, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False
    ) -> Tensor:
        """
        True, as a tensor of shape (), if all elements are close as `isclose` says. Gradient: none, the result counts or
        compares.
        """

    def any(
        self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False, *, out: None = None
    ) -> Tensor:
        """
        True where any element over the axes is true. Gradient: none, the result counts or compares.
        """

    def argmax(self, /, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Position of the first largest element along an axis, or in the flattened array; the first NaN if there is one.
        Gradient: none, positions do not change smoothly.
        """

    def argmin(self, /, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Position of the first smallest element along an axis, or in the flattened array; the first NaN if there is one.
        Gradient: none, positions do not change smoothly.
        """

    def argsort(
        self, /, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True
    ) -> Tensor:
        """
        Positions along an axis, or in the flattened array, in the order of the elements, as `sort` has it. Gradient:
        none; `sort` has one.
        """

    def argwhere(self, /) -> Tensor:
        """
        Positions of all elements that are not zero, a row for each; computed at once, as their number depends on
        values. Gradient: none.
        """

    def array_split(self, /, indices_or_sections: int | typing.Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
        """
        Parts along an axis as even as can be, the larger ones first; or cut at positions. Gradient: the `g` of the
        parts, one behind the other.
        """

    def asin(self, /) -> Tensor:
        """
        Inverse sine, in radians. Gradient: `g / sqrt((1 - x)(1 + x))`.
        """

    def asinh(self, /) -> Tensor:
        """
        Inverse hyperbolic sine. Gradient: `g / sqrt(x*x + 1)`.
        """

    def astype(self, /, dtype: _DTypeLike) -> Tensor:
        """
        Elements as another dtype: floats to integers truncate and saturate, NaN is 0. Gradient: `g` as the input's
        dtype from floats to floats; none through integers.
        """

    @property
    def at(self, /) -> At:
        """
        A tensor with some elements changed: `x.at[index].set(values)`, and `add`, `multiply`, `divide`, `power`, `min`,
        `max` in its place.
        """

    def atan(self, /) -> Tensor:
        """
        Inverse tangent, in radians. Gradient: `g / (1 + x*x)`.
        """

    def atan2(self, /, other: _ArrayLike) -> Tensor:
        """
        Angle in radians of the point (b, a), `atan2(y, x)`. Gradient: `g * b / r2` and `-g * a / r2`, 0 at the origin.
        """

    def atanh(self, /) -> Tensor:
        """
        Inverse hyperbolic tangent. Gradient: `g / ((1 - x)(1 + x))`.
        """

    def atleast_1d(self, /) -> Tensor:
        """
        With an axis, if there is none. Gradient: `g` in the input's shape.
        """

    def atleast_2d(self, /) -> Tensor:
        """
        With two axes, if there are fewer; a vector is a row. Gradient: `g` in the input's shape.
        """

    def atleast_3d(self, /) -> Tensor:
        """
        With three axes, if there are fewer; a vector is in the middle, a matrix comes first. Gradient: `g` in the
        input's shape.
        """

    def average(
        self,
        /,
        axis: int | Sequence[int] | None = None,
        weights: _ArrayLike | None = None,
        *,
        keepdims: builtins.bool = False,
    ) -> Tensor:
        """
        Mean over axes with weights of the same shape, or for the places along one axis. Gradient: `g * w / sum(w)`, and
        to weights `g * (x - y) / sum(w)`.
        """

    def beta(self, /, other: _ArrayLike) -> Tensor:
        """
        The beta function, `gamma(x) gamma(other) / gamma(x + other)`. Gradient: `g * y (digamma(x) - digamma(x +
        other))` and `g * y (digamma(other) - digamma(x + other))`.
        """

    def betainc(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        Incomplete beta function, regularised: the share of the beta distribution of shapes `a` and `b` below `x`.
        Gradient: `g * betainc_da(a, b, x)`, `g * betainc_db(a, b, x)` and `g * betainc_dx(a, b, x)`.
        """

    def betainc_da(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        The derivative of `betainc(a, b, x)` by a. Gradient: `g * betainc_daa(a, b, x)`, `g * betainc_dab(a, b, x)`
        and, with D the density, `g * D (log(x) - digamma(a) + digamma(a + b))`.
        """

    def betainc_daa(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        The second derivative of `betainc(a, b, x)` by a. Gradient: to a and b NaN, for there is no rule; to x, with
        D the density and L the derivative of its logarithm by a, `g * D (L**2 - polygamma(1, a) + polygamma(1, a +
        b))`.
        """

    def betainc_dab(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        The derivative of `betainc(a, b, x)` by a and b. Gradient: to a and b NaN, for there is no rule; to x, with D
        the density and L and M the derivatives of its logarithm by a and b, `g * D (L M + polygamma(1, a + b))`.
        """

    def betainc_db(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        The derivative of `betainc(a, b, x)` by b. Gradient: `g * betainc_dab(a, b, x)`, `g * betainc_dbb(a, b, x)`
        and, with D the density, `g * D (log1p(-x) - digamma(b) + digamma(a + b))`.
        """

    def betainc_dbb(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        The second derivative of `betainc(a, b, x)` by b. Gradient: to a and b NaN, for there is no rule; to x, with
        D the density and M the derivative of its logarithm by b, `g * D (M**2 - polygamma(1, b) + polygamma(1, a +
        b))`.
        """

    def betainc_dx(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        Density of the beta distribution of shapes `a` and `b`: the derivative of `betainc(a, b, x)` by x. Gradient:
        `g * y (log(x) - digamma(a) + digamma(a + b))`, `g * y (log1p(-x) - digamma(b) + digamma(a + b))` and
        `g * y ((a - 1) / x - (b - 1) / (1 - x))`.
        """

    def betaincinv(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        Inverse of `betainc` by its third argument. Gradient: with D the density `betainc_dx(a, b, y)`,
        `-g * betainc_da(a, b, y) / D`, `-g * betainc_db(a, b, y) / D` and `g / D`.
        """

    def betaln(self, /, other: _ArrayLike) -> Tensor:
        """
        Logarithm of the absolute value of the beta function, `lgamma(a) + lgamma(b) - lgamma(a + b)`.
        Gradient: `g * (digamma(a) - digamma(a + b))` and `g * (digamma(b) - digamma(a + b))`.
        """

    def bincount(self, /, weights: _ArrayLike | None = None, minlength: int = 0) -> Tensor:
        """
        How often each number from 0 on is there, as int64, or the sums of the weights beside them; of the largest
        number, the length is computed at once. Gradient: to weights, `g` at each number; none to numbers.

        Example:
            >>> pg.Record().tensor([0, 2, 2]).bincount().tolist()
            [1, 0, 2]
        """

    def binominv(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        The least count whose share, with those below it, of the binomial distribution of `a` tries with chance `b`
        reaches `x`. Gradient: 0.
        """

    def bitwise_and(self, /, other: _ArrayLike) -> Tensor:
        """
        Each bit set in both. Gradient: none, the result is no float.
        """

    def bitwise_not(self, /) -> Tensor:
        """
        Each bit inverted; of bool the opposite. Gradient: none, the result is no float.
        """

    def bitwise_or(self, /, other: _ArrayLike) -> Tensor:
        """
        Each bit set in one. Gradient: none, the result is no float.
        """

    def bitwise_xor(self, /, other: _ArrayLike) -> Tensor:
        """
        Each bit set in exactly one. Gradient: none, the result is no float.
        """

    def boxcox(self, /, lmbda: _ArrayLike) -> Tensor:
        """
        Box and Cox's transform, `(x**lmbda - 1) / lmbda`, for 0 `log(x)`. Gradient: `g * x**(lmbda - 1)` to x, and `g *
        (x**lmbda log(x) - y) / lmbda` to `lmbda`, for 0 `g * log(x)**2 / 2`.
        """

    def broadcast_to(self, /, shape: int | Sequence[int]) -> Tensor:
        """
        Axes of size 1 repeated, and axes added on the left, to reach a shape. Gradient: `g` summed over the axes that
        were expanded.
        """

    def cbrt(self, /) -> Tensor:
        """
        Cube root. Gradient: `g / (3 y*y)`, infinite at 0.
        """

    def ceil(self, /) -> Tensor:
        """
        Smallest integer not below `x`. Gradient: 0.
        """

    def celu(self, /, alpha: float = 1.0) -> Tensor:
        """
        `x` where positive, else `alpha * (exp(x / alpha) - 1)`; its slope at 0 is 1. Gradient: `g` where positive, else
        `g * exp(x / alpha)`.
        """

    def chunk(self, /, chunks: int, axis: int = 0) -> tuple[Tensor, ...]:
        """
        Parts along an axis of one size, the last one smaller if need be; at most so many. Gradient: the `g` of the
        parts, one behind the other.
        """

    def clip(self, /, min: Tensor | float | None = None, max: Tensor | float | None = None) -> Tensor:
        """
        Held between bounds, numbers or tensors; where they cross, the upper one wins.

        Example:
            >>> pg.Record().tensor([-1.0, 0.5, 2.0]).clip(0.0, 1.0).tolist()
            [0.0, 0.5, 1.0]
        """

    @property
    def computed(self, /) -> builtins.bool:
        """
        True when the elements are there already.
        """

    def copysign(self, /, other: _ArrayLike) -> Tensor:
        """
        The size of `a` with the sign of `b`. Gradient: `g * sign(a) sign(y)`, 0 where a is 0; 0 to b.
        """

    def corrcoef(self, /, rowvar: builtins.bool = True) -> Tensor:
        """
        Correlation coefficients of the rows of a matrix, or with `rowvar=False` of its columns. Gradient: that of
        covariances over the roots of products of variances.
        """

    def cos(self, /) -> Tensor:
        """
        Cosine of radians. Gradient: `-g * sin(x)`.
        """

    def cosh(self, /) -> Tensor:
        """
        Hyperbolic cosine. Gradient: `g * sinh(x)`.
        """

    def count_nonzero(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        How many elements over axes are not zero, as int64. Gradient: none, the result counts or compares.
        """

    def cov(
        self, /, rowvar: builtins.bool = True, *, correction: float | None = None, ddof: float | None = None
    ) -> Tensor:
        """
        Covariances of the rows of a matrix, or with `rowvar=False` of its columns; of a vector, its variance. Divided
        by the number of observations less `correction` (or `ddof`). Gradient: with G the symmetric part of `g`: `2 G @
        (x - mean) / (n - correction)`.
        """

    def cummax(self, /, axis: int) -> phonograd._results.CummaxResult:
        """
        The largest element up to each one along an axis, NaN once there is one, and its position: the first of equals.
        Gradient: `g` added up at these positions.
        """

    def cummin(self, /, axis: int) -> phonograd._results.CumminResult:
        """
        The smallest element up to each one along an axis, NaN once there is one, and its position: the first of equals.
        Gradient: `g` added up at these positions.
        """

    def cumprod(self, /, axis: int | None = None, dtype: _DTypeLike | None = None) -> Tensor:
        """
        Cumulative product along an axis, or of the flattened array. Gradient: `g * y / x` summed from each element on,
        found without division, so that zeros do no harm. A dtype is what elements are cast to before.

        Example:
            >>> pg.Record().tensor([1.0, 2.0, 3.0]).cumprod().tolist()
            [1.0, 2.0, 6.0]
        """

    def cumsum(self, /, axis: int | None = None, dtype: _DTypeLike | None = None) -> Tensor:
        """
        Cumulative sum along an axis, or of the flattened array; a dtype is what elements are cast to before. Gradient: `g`
        summed from each element on.
        """

    def cumulative_prod(self, /, *, axis: int | None = None, include_initial: builtins.bool = False) -> Tensor:
        """
        Cumulative product along an axis, which only vectors need not name; with a first 1, if it is asked for.
        Gradient: `g * y / x` summed from each element on, found without division.
        """

    def cumulative_sum(self, /, *, axis: int | None = None, include_initial: builtins.bool = False) -> Tensor:
        """
        Cumulative sum along an axis, which only vectors need not name; with a first 0, if it is asked for. Gradient:
        `g` summed from each element on.
        """

    def data(self, /) -> _Array:
        """
        The elements as a read-only NumPy array, without a copy; computed now if they are not yet.

        Example:
            >>> pg.Record().tensor([1.0, 4.0]).sqrt().data()
            array([1., 2.], dtype=float32)
        """

    def deg2rad(self, /) -> Tensor:
        """
        Degrees as radians. Gradient: `g * pi / 180`.
        """

    @property
    def device(self, /) -> str:
        """
        Where the elements are: always the CPU.
        """

    def diag(self, /, k: int = 0) -> Tensor:
        """
        The `k`-th diagonal of a matrix, or a matrix with a vector on it. Gradient: `g` on the same diagonal, or the
        diagonal of `g`.

        Example:
            >>> pg.Record().tensor([1.0, 2.0]).diag().tolist()
            [[1.0, 0.0], [0.0, 2.0]]
        """

    def diagonal(self, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """
        The `offset`-th diagonal over two axes, as the last axis of the result. Gradient: `g` on the diagonal.
        """

    def diff(self, /, n: int = 1, axis: int = -1) -> Tensor:
        """
        Differences of neighbours along an axis, `n` times. Gradient: the negative differences of `g`, with zeros around
        it, `n` times.
        """

    def digamma(self, /) -> Tensor:
        """
        Derivative of `lgamma`. Gradient: `g * polygamma(1, x)`.
        """

    def digamma_dx(self, /, other: _ArrayLike) -> Tensor:
        """
        The `a`-th derivative of `digamma`: `(-1)**(a + 1) a! zeta(a + 1, b)` for a whole `a` from 1 on, else NaN.
        Gradient: to a NaN, for there is no rule; to b `g * digamma_dx(a + 1, b)`.
        """

    def digamma_gap(self, /, b: _ArrayLike, x: _ArrayLike) -> Tensor:
        """
        The `a`-th derivative of `digamma` at b less that at `b + x`, where the difference would lose what they share.
        Gradient: to a NaN, for there is no rule; to b `g * digamma_gap(a + 1, b, x)`, to x
        `-g * digamma_dx(a + 1, b + x)`.
        """

    def divide(self, /, other: _ArrayLike) -> Tensor:
        """
        Quotient, `a / b`. Gradient: `g / b` and `-g * y / b`.
        """

    def dot(self, /, other: _ArrayLike) -> Tensor:
        """
        Dot product: for vectors a number, for matrices the matrix product. Gradient: `g @ b.T` and `a.T @ g`; for
        vectors `g * b` and `g * a`.
        """

    @property
    def dtype(self, /) -> DType:
        """
        The kind of elements.
        """

    def elu(self, /, alpha: float = 1.0) -> Tensor:
        """
        `x` where positive, else `alpha * (exp(x) - 1)`. Gradient: `g` where positive, else `g * alpha * exp(x)`.
        """

    def entr(self, /) -> Tensor:
        """
        `-x log(x)`, 0 at 0, -inf below. Gradient: `-g * (log(x) + 1)`.
        """

    def equal(self, /, other: _ArrayLike) -> Tensor:
        """
        True where the inputs are equal. Gradient: none, the result is no float.
        """

    def erf(self, /) -> Tensor:
        """
        Error function, `2/sqrt(pi)` times the integral of `e**(-t*t)` from 0 to x. Gradient: `g * 2/sqrt(pi) e**(-x*x)`.
        """

    def erfc(self, /) -> Tensor:
        """
        Complementary error function, `1 - erf(x)`, accurate for large x. Gradient: `-g * 2/sqrt(pi) e**(-x*x)`.
        """

    def erfcinv(self, /) -> Tensor:
        """
        Inverse of the complementary error function. Gradient: `-g * sqrt(pi)/2 e**(y*y)`.
        """

    def erfcx(self, /) -> Tensor:
        """
        Scaled complementary error function, `e**(x*x) erfc(x)`. Gradient: `-2 g ierfcx(1, x)`.
        """

    def erfinv(self, /) -> Tensor:
        """
        Inverse of the error function. Gradient: `g * sqrt(pi)/2 e**(y*y)`.
        """

    def excess(self, /, other: _ArrayLike) -> Tensor:
        """
        Difference, `a - b`, and 0 of one infinity twice. Gradient: `g` and `-g`.
        """

    def exp(self, /) -> Tensor:
        """
        Exponential, `e**x`. Gradient: `g * y`.
        """

    def exp2(self, /) -> Tensor:
        """
        Power of two, `2**x`. Gradient: `g * y * log 2`.
        """

    def expand_dims(self, /, axis: int | Sequence[int]) -> Tensor:
        """
        New axes of size 1 at positions of the result. Gradient: `g` in the input's shape.
        """

    def expi(self, /) -> Tensor:
        """
        Exponential integral, of `e**t / t` from minus infinity to x. Gradient: `g * e**x / x`.
        """

    def expm1(self, /) -> Tensor:
        """
        `e**x - 1`, accurate near 0. Gradient: `g * (y + 1)`.
        """

    def expn(self, /, other: _ArrayLike) -> Tensor:
        """
        Exponential integral of order `a`, of `e**(-b t) / t**a` from 1 on; NaN for an order that is no whole number.
        Gradient: to a NaN, for there is no rule; to b `-g * expn(a - 1, b)`.
        """

    def exprel(self, /) -> Tensor:
        """
        `(exp(x) - 1) / x`, 1 at 0. Gradient: `g * (exp(x) - y) / x`, `g / 2` at 0.
        """

    def flatten(self, /) -> Tensor:
        """
        One axis of all elements in C order. Gradient: `g` in the input's shape.
        """

    def flip(self, /, axis: int | Sequence[int] | None = None) -> Tensor:
        """
        Axes reversed; all by default. Gradient: `g` with the same axes reversed.
        """

    def fliplr(self, /) -> Tensor:
        """
        The order of columns reversed: of the second axis. Gradient: `g` reversed likewise.
        """

    def flipud(self, /) -> Tensor:
        """
        The order of rows reversed: of the first axis. Gradient: `g` reversed likewise.
        """

    def float_power(self, /, exponent: _ArrayLike) -> Tensor:
        """
        `x ** exponent` in float64. Gradient: as that of `power`.
        """

    def floor(self, /) -> Tensor:
        """
        Largest integer not above `x`. Gradient: 0.
        """

    def floor_divide(self, /, other: _ArrayLike) -> Tensor:
        """
        Floor of the quotient. Gradient: 0.
        """

    def fmax(self, /, other: _ArrayLike) -> Tensor:
        """
        The larger, of a number and NaN the number. Gradient: `g` to it, half to each where they are equal.
        """

    def fmin(self, /, other: _ArrayLike) -> Tensor:
        """
        The smaller, of a number and NaN the number. Gradient: `g` to it, half to each where they are equal.
        """

    def fmod(self, /, other: _ArrayLike) -> Tensor:
        """
        Remainder with the sign of the dividend, `a - b * trunc(a / b)`. Gradient: `g` and `-g * trunc(a / b)`.
        """

    def frexp(self, /) -> tuple[Tensor, ...]:
        """
        The `m` and whole `e` with `x = m 2**e`, of which the magnitude of `m` is at least 1/2 and below 1; for 0, infinities
        and NaN `x` and 0. Gradient: to x `g` of `m` times `2**-e`; none from `e`.

        Example:
            >>> m, e = pg.Record().tensor([10.0, -0.5]).frexp()
            >>> m.tolist(), e.tolist()
            ([0.625, -0.5], [4, 0])
        """

    def full_like(self, /, value: float, dtype: _DTypeLike | None = None) -> Tensor:
        """
        One number in this shape, and in this dtype unless another is given. Gradient: none, the result does not depend
        on values.
        """

    def gamma(self, /) -> Tensor:
        """
        Gamma function. Gradient: `g * y digamma(x)`.
        """

    def gammainc(self, /, other: _ArrayLike) -> Tensor:
        """
        Incomplete gamma function, regularised: the share of the gamma distribution of shape `a` below `b`.
        Gradient: `g * gammainc_da(a, b)` and `g * gammainc_dx(a, b)`.
        """

    def gammainc_da(self, /, other: _ArrayLike) -> Tensor:
        """
        The derivative of `gammainc(a, b)` by a. Gradient: `g * gammainc_daa(a, b)` and, with D the density,
        `g * D (log(b) - digamma(a))`.
        """

    def gammainc_daa(self, /, other: _ArrayLike) -> Tensor:
        """
        The second derivative of `gammainc(a, b)` by a. Gradient: to a NaN, for there is no rule; to b, with D the
        density, `g * D ((log(b) - digamma(a))**2 - polygamma(1, a))`.
        """

    def gammainc_dx(self, /, other: _ArrayLike) -> Tensor:
        """
        Density of the gamma distribution of shape `a`: the derivative of `gammainc(a, b)` by b.
        Gradient: `g * y (log(b) - digamma(a))` and `g * y ((a - 1) / b - 1)`.
        """

    def gammaincc(self, /, other: _ArrayLike) -> Tensor:
        """
        Complementary incomplete gamma function, `1 - gammainc(a, b)`, exact where it is small.
        Gradient: `-g * gammainc_da(a, b)` and `-g * gammainc_dx(a, b)`.
        """

    def gammainccinv(self, /, other: _ArrayLike) -> Tensor:
        """
        Inverse of `gammaincc` by its second argument. Gradient: with D the density `gammainc_dx(a, y)`,
        `-g * gammainc_da(a, y) / D` and `-g / D`.
        """

    def gammaincinv(self, /, other: _ArrayLike) -> Tensor:
        """
        Inverse of `gammainc` by its second argument. Gradient: with D the density `gammainc_dx(a, y)`,
        `-g * gammainc_da(a, y) / D` and `g / D`.
        """

    def gammasgn(self, /) -> Tensor:
        """
        Sign of the gamma function. Gradient: 0.
        """

    def gate(self, /, other: _ArrayLike) -> Tensor:
        """
        Chain-rule product: 0 where the first input is 0, whatever the second is, else `a * b`. Gradient: `g *
        b` and `g * a`, themselves gated.
        """

    def gate_divide(self, /, other: _ArrayLike) -> Tensor:
        """
        Chain-rule quotient: 0 where the first input is 0, whatever the second is, else `a / b`, also where `1 / b`
        overflows. Gradient: `g / b` and `-g * y / b`, themselves gated.
        """

    def gather(self, /, indices: _ArrayLike, axis: int) -> Tensor:
        """
        The same as `take_along_axis`. Gradient: `g` added up at the places picked.
        """

    def gelu(self, /, approximate: typing.Literal["none", "tanh"] = "none") -> Tensor:
        """
        Gaussian error linear unit: with the error function, or with `approximate="tanh"`. Gradient: with Phi the normal
        distribution and phi its density `g * (Phi(x) + x phi(x))`; of the form with tanh its own.
        """

    def glu(self, /, axis: int = -1) -> Tensor:
        """
        The first half along an axis, times the sigmoid of the second half. Gradient: with a and b the halves, `g *
        sigmoid(b)` and `g * a sigmoid(b) (1 - sigmoid(b))`.

        Raises:
            ArgumentError: the axis has an odd size.

        Example:
            >>> pg.Record().tensor([1.0, 2.0, 0.0, 0.0]).glu().tolist()
            [0.5, 1.0]
        """

    def grad(self, /, cotangent: Tensor | _ArrayLike | None = None) -> Gradients:
        """
        Gradients of this scalar, or of the inner product of this tensor with a cotangent.

        Args:
            cotangent: of this tensor's shape; needed unless the tensor has one element.

        Raises:
            NotScalarError: there is more than one element and no cotangent.
            GradientError: the dtype is no float, or the record was made with `grad=False`.

        Example:
            >>> x = pg.Record().tensor(3.0)
            >>> (x**2).grad().wrt(x).item()
            6.0
        """

    def greater(self, /, other: _ArrayLike) -> Tensor:
        """
        True where `a > b`. Gradient: none, the result is no float.
        """

    def greater_equal(self, /, other: _ArrayLike) -> Tensor:
        """
        True where `a >= b`. Gradient: none, the result is no float.
        """

    def hardshrink(self, /, lambd: float = 0.5) -> Tensor:
        """
        `x`, but 0 where `abs(x) <= lambd`. Gradient: `g` where `abs(x) > lambd`, else 0.
        """

    def hardsigmoid(self, /) -> Tensor:
        """
        `relu6(x + 3) / 6`, a sigmoid of straight lines. Gradient: `g / 6` between -3 and 3, else 0.
        """

    def hardswish(self, /) -> Tensor:
        """
        `x * relu6(x + 3) / 6`. Gradient: 0 up to -3, `g` from 3 on, between them `g * (2 x + 3) / 6`.
        """

    def hardtanh(self, /, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
        """
        `x` between bounds. Gradient: `g` inside, 0 from the bounds on.
        """

    def heaviside(self, /, values: _ArrayLike) -> Tensor:
        """
        0 where x is negative, 1 where positive, and `values` at 0. Gradient: 0 to x; `g` to `values` where x is 0.
        """

    def hypot(self, /, other: _ArrayLike) -> Tensor:
        """
        Length of the vector (a, b), without overflow. Gradient: `g * a / y` and `g * b / y`, 0 at the origin.
        """

    def i0(self, /) -> Tensor:
        """
        Modified Bessel function of order 0. Gradient: `g * i1(x)`.
        """

    def i0e(self, /) -> Tensor:
        """
        Scaled modified Bessel function of order 0, `e**-abs(x) i0(x)`. Gradient: `g * sign(x) i0e_dx(1, x)`.
        """

    def i0e_dx(self, /, other: _ArrayLike) -> Tensor:
        """
        The `a`-th derivative of `i0e`, at `abs(b)`, for a whole `a` from 0 to 100, else NaN. Gradient: to a NaN, for
        there is no rule; to b `g * sign(b) i0e_dx(a + 1, b)`.
        """

    def i1(self, /) -> Tensor:
        """
        Modified Bessel function of order 1. Gradient: `g * (i0(x) + iv(2, x)) / 2`.
        """

    def i1e(self, /) -> Tensor:
        """
        Scaled modified Bessel function of order 1, `e**-abs(x) i1(x)`. Gradient: `g * (i0e_dx(1, x) + i0e_dx(2, x))`.
        """

    def ierfcx(self, /, other: _ArrayLike) -> Tensor:
        """
        Scaled repeated integral of `erfc`: the `a`-th, times `e**(b*b)`, which is `erfcx(b)` for 0. Gradient: to a
        NaN, for there is no rule; to b `-2 g (a + 1) ierfcx(a + 1, b)`.
        """

    def index_add(self, /, axis: int, index: _ArrayLike, source: _ArrayLike) -> Tensor:
        """
        This tensor with slices of `source` added along an axis, at places of a one-dimensional index; repeated places add
        up. Gradient: `g` to this, `g` at the places to `source`.

        Example:
            >>> pg.Record().zeros(3).index_add(0, [2, 2], [1.0, 5.0]).tolist()
            [0.0, 0.0, 6.0]
        """

    def inv_boxcox(self, /, lmbda: _ArrayLike) -> Tensor:
        """
        The inverse of `boxcox`, `(lmbda x + 1)**(1 / lmbda)`, for 0 `exp(x)`. Gradient: `g * y / (lmbda x + 1)` to x, and
        `g * y (x / (lmbda x + 1) - log(y)) / lmbda` to `lmbda`, for 0 `-g * y x**2 / 2`.
        """

    def isclose(
        self, /, other: _ArrayLike, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False
    ) -> Tensor:
        """
        True where both are equal up to `atol + rtol * abs(other)`. Gradient: none, the result counts or compares.

        Example:
            >>> pg.Record().tensor([1.0, 2.0]).isclose(np.array([1.0, 2.1])).tolist()
            [True, False]
        """

    def isfinite(self, /) -> Tensor:
        """
        True where `x` is neither an infinity nor NaN. Gradient: none, the result is no float.
        """

    def isinf(self, /) -> Tensor:
        """
        True where `x` is an infinity. Gradient: none, the result is no float.
        """

    def isnan(self, /) -> Tensor:
        """
        True where `x` is not a number. Gradient: none, the result is no float.
        """

    def isneginf(self, /) -> Tensor:
        """
        True where `x` is minus infinity. Gradient: none, the result counts or compares.
        """

    def isposinf(self, /) -> Tensor:
        """
        True where `x` is plus infinity. Gradient: none, the result counts or compares.
        """

    def item(self, /) -> Any:
        """
        The only element as a Python number.

        Raises:
            NotScalarError: there is not exactly one element.
        """

    def iv(self, /, other: _ArrayLike) -> Tensor:
        """
        Modified Bessel function of a whole order `a` from 0 to 10,000, else NaN. Gradient: to a NaN, for there is no
        rule; to b `g * (iv(abs(a - 1), b) + iv(a + 1, b)) / 2`.
        """

    def j0(self, /) -> Tensor:
        """
        Bessel function of order 0. Gradient: `-g * j1(x)`.
        """

    def j1(self, /) -> Tensor:
        """
        Bessel function of order 1. Gradient: `g * (j0(x) - y / x)`, `g / 2` at 0.
        """

    def k0(self, /) -> Tensor:
        """
        Modified Bessel function of the second kind and order 0, NaN for negative numbers. Gradient: `-g * k1(x)`.
        """

    def k0e(self, /) -> Tensor:
        """
        The same, scaled: `e**x k0(x)`. Gradient: `g * (y - k1e(x))`.
        """

    def k1(self, /) -> Tensor:
        """
        Modified Bessel function of the second kind and order 1, NaN for negative numbers. Gradient: `-g * (k0(x) + y /
        x)`.
        """

    def k1e(self, /) -> Tensor:
        """
        The same, scaled: `e**x k1(x)`. Gradient: `g * (y - y / x - k0e(x))`.
        """

    def ldexp(self, /, exponent: _ArrayLike) -> Tensor:
        """
        `x * 2**exponent`. Gradient: `g * 2**exponent`, and `g * y log(2)` to an exponent of floats.
        """

    def leaky_relu(self, /, negative_slope: float = 0.01) -> Tensor:
        """
        `x` where positive, else `negative_slope * x`. Gradient: `g` where positive, else `g * negative_slope`, at 0
        too.
        """

    def left_shift(self, /, other: _ArrayLike) -> Tensor:
        """
        Bits moved up by `b` places, 0 where all leave. Gradient: none, the result is no float.
        """

    def less(self, /, other: _ArrayLike) -> Tensor:
        """
        True where `a < b`. Gradient: none, the result is no float.
        """

    def less_equal(self, /, other: _ArrayLike) -> Tensor:
        """
        True where `a <= b`. Gradient: none, the result is no float.
        """

    def lgamma(self, /) -> Tensor:
        """
        Logarithm of the absolute value of the gamma function. Gradient: `g * digamma(x)`.
        """

    def log(self, /) -> Tensor:
        """
        Natural logarithm. Gradient: `g / x`.
        """

    def log10(self, /) -> Tensor:
        """
        Logarithm to base 10. Gradient: `g / (x log 10)`.
        """

    def log1p(self, /) -> Tensor:
        """
        `log(1 + x)`, accurate near 0. Gradient: `g / (1 + x)`.
        """

    def log2(self, /) -> Tensor:
        """
        Logarithm to base 2. Gradient: `g / (x log 2)`.
        """

    def log_ndtr(self, /) -> Tensor:
        """
        Logarithm of the normal distribution function. Gradient: `g * log_ndtr_dx(1, x)`.
        """

    def log_ndtr_dx(self, /, other: _ArrayLike) -> Tensor:
        """
        The `a`-th derivative of `log_ndtr` for a whole `a` from 1 to 20, else NaN; the first is
        `sqrt(2/pi) / erfcx(-b / sqrt(2))`. Gradient: to a NaN, for there is no rule; to b
        `g * log_ndtr_dx(a + 1, b)`.
        """

    def log_softmax(self, /, axis: int | Sequence[int] | None = -1) -> Tensor:
        """
        The logarithm of the softmax, exact where the softmax underflows. Gradient: `g - softmax(x) * sum(g)`.
        """

    def logaddexp(self, /, other: _ArrayLike) -> Tensor:
        """
        `log(e**a + e**b)`, without overflow. Gradient: `g * sigmoid(a - b)` and `g * sigmoid(b - a)`.
        """

    def logaddexp2(self, /, other: _ArrayLike) -> Tensor:
        """
        `log2(2**a + 2**b)`, without overflow. Gradient: `g * sigmoid((a - b) log 2)` and `g * sigmoid((b - a) log 2)`.
        """

    def logcumsumexp(self, /, axis: int) -> Tensor:
        """
        `log(cumsum(exp(x)))` along an axis, without overflow. Gradient: `exp(x)` times the sum of `g * exp(-y)` from
        each element on.
        """

    def logical_and(self, /, other: _ArrayLike) -> Tensor:
        """
        True where both are. Gradient: none, the result is no float.
        """

    def logical_not(self, /) -> Tensor:
        """
        True where `x` is zero or false. Gradient: none, the result is no float.
        """

    def logical_or(self, /, other: _ArrayLike) -> Tensor:
        """
        True where one is. Gradient: none, the result is no float.
        """

    def logical_xor(self, /, other: _ArrayLike) -> Tensor:
        """
        True where exactly one is. Gradient: none, the result is no float.
        """

    def logit(self, /) -> Tensor:
        """
        `log(x / (1 - x))`, the inverse of `sigmoid`. Gradient: `g / (x (1 - x))`.
        """

    def logsigmoid(self, /) -> Tensor:
        """
        `log(sigmoid(x))`, without overflow. Gradient: `g * sigmoid(-x)`.
        """

    def logsumexp(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        `log(sum(exp(x)))` over axes, without overflow. Of only -inf: -inf. Gradient: `g * softmax(x)`, 0 where all are
        -inf.
        """

    @property
    def mT(self, /) -> Tensor:
        """
        The last two axes swapped.
        """

    def matmul(self, /, other: _ArrayLike) -> Tensor:
        """
        Matrix product with NumPy's rules for vectors and batches. Gradient: `g @ b.T` and `a.T @ g`, summed over axes
        that were broadcast.
        """

    def max(
        self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False, *, out: None = None
    ) -> Tensor:
        """
        Largest over axes, NaN if any is. Gradient: `g` shared equally between equal maxima; to the NaNs if there are
        any.
        """

    def maximum(self, /, other: _ArrayLike) -> Tensor:
        """
        The larger, NaN if either is. Gradient: `g` to the larger, half to each where they are equal.
        """

    def mean(
        self,
        /,
        axis: int | Sequence[int] | None = None,
        keepdims: builtins.bool = False,
        *,
        dtype: _DTypeLike | None = None,
        out: None = None,
    ) -> Tensor:
        """
        Mean over axes; integers and bool become float32. Of no elements: NaN. Gradient: `g / n`.
        """

    def median(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        The middle of the elements over axes, of an even number the mean of the two in the middle; NaN if there is any.
        Gradient: `g` to the element in the middle, half to each of two.

        Example:
            >>> pg.Record().tensor([3.0, 1.0, 2.0, 10.0]).median().item()
            2.5
        """

    def min(
        self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False, *, out: None = None
    ) -> Tensor:
        """
        Smallest over axes, NaN if any is. Gradient: `g` shared equally between equal minima; to the NaNs if there are
        any.
        """

    def minimum(self, /, other: _ArrayLike) -> Tensor:
        """
        The smaller, NaN if either is. Gradient: `g` to the smaller, half to each where they are equal.
        """

    def mish(self, /) -> Tensor:
        """
        `x * tanh(softplus(x))`. Gradient: with s = `tanh(softplus(x))`: `g * (s + x (1 - s*s) sigmoid(x))`.
        """

    def modf(self, /) -> tuple[Tensor, ...]:
        """
        What is behind the point, and what is before it; both have the sign of the number. Gradient: `g` of the first.

        Example:
            >>> rest, whole = pg.Record().tensor([2.5, -0.25]).modf()
            >>> rest.tolist(), whole.tolist()
            ([0.5, -0.25], [2.0, -0.0])
        """

    def moveaxis(self, /, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
        """
        Axes moved to other positions; the rest keep their order. Gradient: `g` with the axes moved back.
        """

    def multigammaln(self, /, d: int) -> Tensor:
        """
        Logarithm of the multivariate gamma function of dimension `d`. Gradient: `g` times the sum of `digamma(x - j /
        2)` for j from 0 below d.
        """

    def multiply(self, /, other: _ArrayLike) -> Tensor:
        """
        Product, `a * b`. Gradient: `g * b` and `g * a`.
        """

    def nan_to_num(self, /, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
        """
        Elements with numbers in place of NaN and infinities; these become the ends of the dtype's range by default.
        Gradient: `g` where nothing was replaced.

        Example:
            >>> pg.Record().tensor([float("nan"), 2.0, float("inf")]).nan_to_num(posinf=9.0).tolist()
            [0.0, 2.0, 9.0]
        """

    def nanmax(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Largest over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g` shared equally
        between equal maxima, never to a NaN.
        """

    def nanmean(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Mean over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g / n` to the n numbers, 0
        to NaNs.
        """

    def nanmedian(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        The same as if NaNs were not there. Gradient: as that of `median`, 0 to NaNs.
        """

    def nanmin(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Smallest over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g` shared equally
        between equal minima, never to a NaN.
        """

    def nanprod(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Product over axes as if NaNs were not there. Gradient: as that of `prod`, 0 to NaNs.
        """

    def nanquantile(
        self, /, q: float | _ArrayLike, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False
    ) -> Tensor:
        """
        Quantiles as if NaNs were not there. Gradient: as that of `quantile`, 0 to NaNs.
        """

    def nanstd(
        self,
        /,
        axis: int | Sequence[int] | None = None,
        keepdims: builtins.bool = False,
        *,
        correction: float | None = None,
        ddof: float | None = None,
    ) -> Tensor:
        """
        Standard deviation over axes as if NaNs were not there. Gradient: as that of `std`, 0 to NaNs and where all
        numbers are equal.
        """

    def nansum(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Sum over axes as if NaNs were not there. Gradient: `g` to all that are none.
        """

    def nanvar(
        self,
        /,
        axis: int | Sequence[int] | None = None,
        keepdims: builtins.bool = False,
        *,
        correction: float | None = None,
        ddof: float | None = None,
    ) -> Tensor:
        """
        Variance over axes as if NaNs were not there, divided by their count less `correction` (or `ddof`). Gradient: as
        that of `var`, 0 to NaNs.
        """

    @property
    def ndim(self, /) -> int:
        """
        The number of axes.
        """

    def ndtr(self, /) -> Tensor:
        """
        Normal distribution function, `(1 + erf(x / sqrt(2))) / 2`. Gradient: `g * e**(-x*x/2) / sqrt(2 pi)`.
        """

    def ndtri(self, /) -> Tensor:
        """
        Inverse of the normal distribution function. Gradient: `g * sqrt(2 pi) e**(y*y/2)`.
        """

    def neg(self, /) -> Tensor:
        """
        Negative, `-x`. Gradient: `-g`.
        """

    def nonzero(self, /) -> tuple[Tensor, ...]:
        """
        Positions along each axis of all elements that are not zero; computed at once, as their number depends on
        values. Gradient: none.

        Example:
            >>> [axis.tolist() for axis in pg.Record().tensor([[0, 1], [2, 0]]).nonzero()]
            [[0, 1], [1, 0]]
        """

    def norm(
        self, /, ord: float = 2.0, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False
    ) -> Tensor:
        """
        The norm of vectors along axes, or of all elements: `sum(abs(x)**ord) ** (1/ord)`. Of infinite order it is the
        largest or smallest magnitude, of order 0 the number of elements that are not zero. Gradient: `g * sign(x)
        (abs(x) / y)**(ord - 1)`, shared between equal extremes for an infinite order; 0 where all are zero, and for
        order 0.

        Example:
            >>> x = pg.Record().tensor([3.0, -4.0])
            >>> x.norm().item(), x.norm(1).item(), x.norm(float("inf")).item()
            (5.0, 7.0, 4.0)
        """

    def not_equal(self, /, other: _ArrayLike) -> Tensor:
        """
        True where the inputs differ, so also where either is NaN. Gradient: none, the result is no float.
        """

    def numpy(self, /) -> _Array:
        """
        The same as `data`.
        """

    def one_hot(self, /, num_classes: int, dtype: _DTypeLike | None = None) -> Tensor:
        """
        One where the position along a new last axis is the label, zero elsewhere; zeros for a label that is no class.
        Gradient: none, labels are integers.

        Example:
            >>> pg.Record().tensor([2, 0]).one_hot(3).tolist()
            [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
        """

    def ones_like(self, /, dtype: _DTypeLike | None = None) -> Tensor:
        """
        Ones of this shape, and of this dtype unless another is given. Gradient: none, the result does not depend on
        values.
        """

    def outer(self, /, other: _ArrayLike) -> Tensor:
        """
        Every product of an element of one flattened input with one of the other. Gradient: `g @ b` and `g.T @ a`, in
        the inputs' shapes.
        """

    def pad(
        self,
        /,
        pad_width: int | typing.Sequence[int] | typing.Sequence[typing.Sequence[int]],
        value: float | None = None,
        *,
        mode: typing.Literal["constant", "edge", "reflect", "symmetric", "wrap"] = "constant",
    ) -> Tensor:
        """
        `value` put around the elements; `pad_width` as in NumPy: one number, (before, after), or a pair for each axis.
        Other modes continue the elements: "edge" repeats the outermost, "reflect" turns round at it, "symmetric" turns
        round behind it, "wrap" begins anew at the other end. Gradient: the part of `g` at the elements; what they
        are continued by is added to them.

        Raises:
            ArgumentError: a width is negative, a mode is unknown, or there is nothing to continue.

        Example:
            >>> x = pg.Record().tensor([1.0, 2.0, 3.0])
            >>> x.pad((1, 0)).tolist(), x.pad(2, mode="reflect").tolist()
            ([0.0, 1.0, 2.0, 3.0], [3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0])
        """

    def percentile(
        self, /, q: float | _ArrayLike, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False
    ) -> Tensor:
        """
        The same with shares of 100. Gradient: as that of `quantile`.
        """

    def permute(self, /, *axes: int | typing.Sequence[int]) -> Tensor:
        """
        Axes in another order. Gradient: `g` with the axes in their first order.
        """

    def poissoninv(self, /, other: _ArrayLike) -> Tensor:
        """
        The least count whose share, with those below it, of Poisson's distribution of rate `a` reaches `b`. Gradient: 0.
        """

    def polygamma(self, /, n: int) -> Tensor:
        """
        The derivative of order `n` of `digamma`, `(-1)**(n + 1) n! zeta(n + 1, x)`. Gradient: `g * polygamma(n + 1, x)`.

        Raises:
            ArgumentError: `n` is not between 0 and 100.

        Example:
            >>> round(pg.Record().tensor(1.0).polygamma(1).item(), 4)  # pi**2 / 6
            1.6449
        """

    def pow(self, /, exponent: _ArrayLike) -> Tensor:
        """
        Power, the same as `**`.
        """

    def power(self, /, other: _ArrayLike) -> Tensor:
        """
        Power, `a ** b`. Gradient: `g * b * a**(b-1)` and `g * y * log a`, 0 where a is 0 and b is not negative.
        """

    def prelu(self, /, weight: _ArrayLike) -> Tensor:
        """
        `x` where positive, else `weight * x`. A weight with one axis belongs to axis 1 of the input. Gradient: `g`
        where positive, else `g * weight`; to the weight the sum of `g * x` where not positive.
        """

    def prod(
        self,
        /,
        axis: int | Sequence[int] | None = None,
        keepdims: builtins.bool = False,
        *,
        dtype: _DTypeLike | None = None,
        out: None = None,
    ) -> Tensor:
        """
        Product over axes; a dtype is what elements are cast to before. Gradient: `g` times the product of the other
        elements, found without division, so that zeros do no harm.
        """

    def ptp(self, /, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        The largest less the smallest element over axes. Gradient: `g` to the largest and `-g` to the smallest, shared
        between equal ones.
        """

    def put(self, /, indices: _ArrayLike, values: _ArrayLike) -> Tensor:
        """
        This tensor with values put at places of the flattened tensor; of several for one place, the last. Values are
        repeated until there are enough. Gradient: `g` where nothing was put; to values that of their places, if they
        stayed.
        """

    def put_along_axis(self, /, indices: _ArrayLike, values: _ArrayLike, axis: int) -> Tensor:
        """
        This tensor with values put where `take_along_axis` would pick them; of several for one place, the last.
        Gradient: `g` where nothing was put; to values that of their places, if they stayed.
        """

    def quantile(
        self, /, q: float | _ArrayLike, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False
    ) -> Tensor:
        """
        The points below which the shares `q` of the elements over axes lie, linear between neighbours; NaN if there is any.
        A list of shares adds a first axis. Gradient: `g` to both neighbours, by their distance.

        Example:
            >>> pg.Record().tensor([1.0, 2.0, 4.0]).quantile([0.25, 1.0]).tolist()
            [1.5, 4.0]
        """

    def rad2deg(self, /) -> Tensor:
        """
        Radians as degrees. Gradient: `g * 180 / pi`.
        """

    def ravel(self, /) -> Tensor:
        """
        The same as `flatten`. Gradient: `g` in the input's shape.
        """

    def reciprocal(self, /) -> Tensor:
        """
        Reciprocal, `1 / x`. Gradient: `-g * y * y`.
        """

    @property
    def record(self, /) -> Record:
        """
        The record.
        """

    def rel_entr(self, /, other: _ArrayLike) -> Tensor:
        """
        `x log(x / other)`: 0 where x is 0, inf outside of the domain. Gradient: `g * (log(x / other) + 1)` and `-g * x
        / other`.
        """

    def relu(self, /) -> Tensor:
        """
        Rectified linear unit, `max(x, 0)`. Gradient: `g` where `x > 0`, else 0.
        """

    def relu6(self, /) -> Tensor:
        """
        `x` between 0 and 6. Gradient: `g` inside, 0 from 0 down and from 6 up.
        """

    def remainder(self, /, other: _ArrayLike) -> Tensor:
        """
        Remainder with the sign of the divisor, `a - b * floor(a / b)`. Gradient: `g` and `-g * floor(a / b)`.
        """

    def repeat(self, /, repeats: int | Tensor | _ArrayLike, axis: int | None = None) -> Tensor:
        """
        Each element, or slice along an axis, so many times; one number for all, or one for each. Gradient: the sum of `g`
        over the copies.

        Example:
            >>> x = pg.Record().tensor([1, 2])
            >>> x.repeat(2).tolist(), x.repeat([3, 1]).tolist()
            ([1, 1, 2, 2], [1, 1, 1, 2])
        """

    def reshape(self, /, *shape: int | typing.Sequence[int]) -> Tensor:
        """
        The same elements under another shape; one size may be -1. Gradient: `g` in the input's shape.
        """

    def right_shift(self, /, other: _ArrayLike) -> Tensor:
        """
        Bits moved down by `b` places, keeping the sign; what all leave is 0 or -1. Gradient: none, the result
        is no float.
        """

    def rint(self, /) -> Tensor:
        """
        Nearest integer, halves to the even one. Gradient: 0.
        """

    def roll(self, /, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
        """
        Elements moved along axes, those past the end to the start; of the flattened array without axes. Gradient: `g`
        rolled back.

        Example:
            >>> pg.Record().tensor([1, 2, 3, 4]).roll(1).tolist()
            [4, 1, 2, 3]
        """

    def rot90(self, /, k: int = 1, axes: int | Sequence[int] | None = None) -> Tensor:
        """
        Turned by quarters in the plane of two axes, from the first, by default axis 0, towards the second, by default
        axis 1. Gradient: `g` turned back.
        """

    def round(self, /, decimals: int = 0) -> Tensor:
        """
        The nearest number of so many decimals, halves to the even one; with negative `decimals` before the point. Gradient: 0.

        Example:
            >>> pg.Record().tensor([0.125, 17.5], "float64").round(2).tolist()
            [0.12, 17.5]
        """

    def rsqrt(self, /) -> Tensor:
        """
        Reciprocal square root, `1 / sqrt(x)`. Gradient: `-g * y / (2 x)`.
        """

    def scatter(
        self,
        /,
        axis: int,
        index: _ArrayLike,
        src: _ArrayLike,
        reduce: str | None = None,
        *,
        include_self: builtins.bool = True,
    ) -> Tensor:
        """
        This tensor with each element of `src` put at its own place, of which only the position along the axis is
        another; of several for one place, the last. With `reduce`, combined with what is there: "sum", "prod", "mean",
        "amax" or "amin", or "add" and "multiply"; without `include_self` only with each other. Gradient: to `src`, the `g` of its place, and to this tensor `g`
        where nothing was put; of a reduction as that of the reduction.

        Example:
            >>> pg.Record().zeros(3).scatter(0, [0, 2, 2], [1.0, 2.0, 3.0]).tolist()
            [1.0, 0.0, 3.0]
            >>> pg.Record().ones(3).scatter(0, [0, 2, 2], [1.0, 2.0, 3.0], "sum", include_self=False).tolist()
            [1.0, 1.0, 5.0]
        """

    def scatter_add(self, /, axis: int, index: _ArrayLike, src: _ArrayLike) -> Tensor:
        """
        This tensor with each element of `src` added at its own place, of which only the position along the axis is
        another. Gradient: `g`, and to `src` the `g` of its place.
        """

    def segment_sum(self, /, segment_ids: _ArrayLike, num_segments: int) -> Tensor:
        """
        Sums of rows by labels: row `i` is added into row `segment_ids[i]` of `num_segments`. Gradient: `g` at each label.

        Example:
            >>> pg.Record().tensor([1.0, 2.0, 4.0]).segment_sum([0, 1, 0], 2).tolist()
            [5.0, 2.0]
        """

    def selu(self, /) -> Tensor:
        """
        `elu` scaled so that layers keep a mean of 0 and a variance of 1. Gradient: `g` times scale where positive, else
        `g * scale * alpha * exp(x)`.
        """

    @property
    def shape(self, /) -> tuple[int, ...]:
        """
        The sizes of the axes.
        """

    def sigmoid(self, /) -> Tensor:
        """
        Logistic function, `1 / (1 + e**-x)`. Gradient: `g * y (1 - y)`, with `1 - y` as `sigmoid(-x)`.
        """

    def sign(self, /) -> Tensor:
        """
        Sign: -1, 0 or 1; NaN stays NaN. Gradient: 0.
        """

    def signbit(self, /) -> Tensor:
        """
        True where `x` is negative, -0 and a NaN of that sign included. Gradient: 0.
        """

    def silu(self, /) -> Tensor:
        """
        `x * sigmoid(x)`, also called swish. Gradient: with s = `sigmoid(x)`: `g * (s + x s (1 - s))`.
        """

    def sin(self, /) -> Tensor:
        """
        Sine of radians. Gradient: `g * cos(x)`.
        """

    def sinc(self, /) -> Tensor:
        """
        `sin(pi x) / (pi x)`, 1 at 0. Gradient: `g * (cos(pi x) - y) / x`, 0 at 0.
        """

    def sinh(self, /) -> Tensor:
        """
        Hyperbolic sine. Gradient: `g * cosh(x)`.
        """

    @property
    def size(self, /) -> int:
        """
        The number of elements.
        """

    def softmax(self, /, axis: int | Sequence[int] | None = -1) -> Tensor:
        """
        `exp(x) / sum(exp(x))` along an axis, or several, or all with None. Gradient: `y * (g - sum(g * y))`.
        """

    def softplus(self, /) -> Tensor:
        """
        `log(1 + e**x)`, without overflow. Gradient: `g * sigmoid(x)`.
        """

    def softshrink(self, /, lambd: float = 0.5) -> Tensor:
        """
        `x` moved towards 0 by `lambd`, as far as 0. Gradient: `g` where `abs(x) > lambd`, else 0.
        """

    def softsign(self, /) -> Tensor:
        """
        `x / (1 + abs(x))`. Gradient: `g / (1 + abs(x))**2`.
        """

    def sort(self, /, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
        """
        Elements in order along an axis, or of the flattened array. NaN counts as the largest; equal elements keep their
        order, whatever `stable` says. Gradient: `g` where each element came from.

        Example:
            >>> x = pg.Record().tensor([2.0, 3.0, 1.0])
            >>> x.sort().tolist(), x.sort(descending=True).tolist()
            ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])
        """

    def spherical_bessel_j0(self, /) -> Tensor:
        """
        Spherical Bessel function of order 0, `sin(x) / x`, 1 at 0. Gradient: `g * (cos(x) - y) / x`, 0 at 0.
        """

    def split(self, /, indices_or_sections: int | typing.Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
        """
        Parts along an axis: a number of equal ones, or cut at positions. Gradient: the `g` of the parts, one behind the
        other.
        """

    def sqrt(self, /) -> Tensor:
        """
        Square root. Gradient: `g / (2 y)`, infinite at 0.
        """

    def square(self, /) -> Tensor:
        """
        Square, `x * x`. Gradient: `g * 2 x`.
        """

    def squeeze(self, /, axis: int | Sequence[int] | None = None) -> Tensor:
        """
        Without the given axes of size 1, or without all of them. Gradient: `g` in the input's shape.
        """

    def std(
        self,
        /,
        axis: int | Sequence[int] | None = None,
        keepdims: builtins.bool = False,
        *,
        correction: float | None = None,
        ddof: float | None = None,
        dtype: _DTypeLike | None = None,
        out: None = None,
    ) -> Tensor:
        """
        Standard deviation over axes. Gradient: `g * (x - mean) / (y (n - correction))`, 0 where all elements are equal.
        """

    def stop_gradient(self, /) -> Tensor:
        """
        The same values, with no gradient. Gradient: 0.
        """

    def subtract(self, /, other: _ArrayLike) -> Tensor:
        """
        Difference, `a - b`. Gradient: `g` and `-g`.
        """

    def sum(
        self,
        /,
        axis: int | Sequence[int] | None = None,
        keepdims: builtins.bool = False,
        *,
        dtype: _DTypeLike | None = None,
        out: None = None,
    ) -> Tensor:
        """
        Sum over axes; integers and bool are summed in int64. A dtype is what elements are cast to before. Gradient: `g`
        to every element.

        Example:
            >>> pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0).tolist()
            [4.0, 6.0]
        """

    def swapaxes(self, /, axis1: int, axis2: int) -> Tensor:
        """
        Two axes swapped. Gradient: `g` with the same axes swapped.
        """

    def take(self, /, indices: _ArrayLike, axis: int | None = None) -> Tensor:
        """
        Whole slices along an axis, or elements of the flattened array, picked by an integer array. Gradient: `g` added
        up at the places picked.
        """

    def take_along_axis(self, /, indices: _ArrayLike, axis: int) -> Tensor:
        """
        One element along an axis for each element of an integer array; other axes broadcast. Gradient: `g` added up at
        the places picked.
        """

    def tan(self, /) -> Tensor:
        """
        Tangent of radians. Gradient: `g * (1 + y*y)`.
        """

    def tanh(self, /) -> Tensor:
        """
        Hyperbolic tangent. Gradient: `g * (1 - y*y)`.
        """

    def tanhshrink(self, /) -> Tensor:
        """
        `x - tanh(x)`, accurate near 0. Gradient: `g * tanh(x)**2`.
        """

    def threshold(self, /, threshold: float, value: float) -> Tensor:
        """
        `x` where above the threshold, else `value`. Gradient: `g` above the threshold, else 0.
        """

    def tile(self, /, reps: int | Sequence[int]) -> Tensor:
        """
        The array so many times beside itself along each axis. Gradient: the sum of `g` over the copies.
        """

    def to_device(self, device: Any, /, *, stream: Any | None = None) -> Any:
        """
        This tensor, which is where it can be.

        Raises:
            ArgumentError: the device is not "cpu", or a stream is named.
        """

    def tolist(self, /) -> Any:
        """
        The elements as nested lists of Python numbers.
        """

    def topk(self, /, k: int, axis: int = -1, largest: builtins.bool = True) -> phonograd._results.TopKResult:
        """
        The `k` largest or smallest elements along an axis, in order, and their positions. NaN counts as the largest.
        Gradient: `g` where each element came from.

        Example:
            >>> values, indices = pg.Record().tensor([1.0, 3.0, 2.0]).topk(2)
            >>> values.tolist(), indices.tolist()
            ([3.0, 2.0], [1, 2])
        """

    def trace(self, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """
        The sum of the `offset`-th diagonal over two axes. Gradient: `g` on the diagonal.
        """

    def transpose(self, /, *axes: int | typing.Sequence[int] | None) -> Tensor:
        """
        Axes in another order; reversed without arguments. Gradient: `g` with the axes in their first order.
        """

    def tril(self, /, k: int = 0) -> Tensor:
        """
        The lower triangle of the last two axes, up to the `k`-th diagonal; zero elsewhere. Gradient: `g` in the triangle.

        Example:
            >>> pg.Record().ones((3, 3)).tril().tolist()
            [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
        """

    def triu(self, /, k: int = 0) -> Tensor:
        """
        The upper triangle of the last two axes, from the `k`-th diagonal on; zero elsewhere. Gradient: `g` in the triangle.
        """

    def trunc(self, /) -> Tensor:
        """
        Integer part, towards 0. Gradient: 0.
        """

    def unique(self, /) -> Tensor:
        """
        The different elements in order, all NaNs as one; computed at once, as their number depends on values. Gradient:
        none.

        Example:
            >>> pg.Record().tensor([3, 1, 3]).unique().tolist()
            [1, 3]
        """

    def unique_all(self, /) -> phonograd._results.UniqueAllResult:
        """
        The different elements in order, where the first of each is in the flattened array, for each element which of
        these it is, and how often each is there; computed at once. Gradient: none.
        """

    def unique_counts(self, /) -> phonograd._results.UniqueCountsResult:
        """
        The different elements in order, and how often each is there; computed at once. Gradient: none.
        """

    def unique_inverse(self, /) -> phonograd._results.UniqueInverseResult:
        """
        The different elements in order, and for each element which of these it is; computed at once. Gradient: none.
        """

    def unique_values(self, /) -> Tensor:
        """
        The different elements in order, every NaN on its own; computed at once. Gradient: none.
        """

    def unsqueeze(self, /, axis: int | Sequence[int]) -> Tensor:
        """
        The same as `expand_dims`. Gradient: `g` in the input's shape.
        """

    def unstack(self, /, axis: int = 0) -> tuple[Tensor, ...]:
        """
        Slices along an axis, which they do not have any more. Gradient: the `g` of the slices, along the axis.
        """

    def unwrap(self, /, discont: float | None = None, axis: int = -1, *, period: float = 6.283185307179586) -> Tensor:
        """
        Angles along an axis without jumps: where neighbours are at least `discont` apart, by default half a period, what
        follows is moved by whole periods until they are at most half of one apart. Gradient: `g`.

        Example:
            >>> pg.Record().tensor([0.0, 3.0, 7.0, 1.0]).unwrap(period=8.0).tolist()
            [0.0, 3.0, 7.0, 9.0]
        """

    def var(
        self,
        /,
        axis: int | Sequence[int] | None = None,
        keepdims: builtins.bool = False,
        *,
        correction: float | None = None,
        ddof: float | None = None,
        dtype: _DTypeLike | None = None,
        out: None = None,
    ) -> Tensor:
        """
        Variance over axes in two passes, divided by the count less `correction` (or `ddof`). Gradient: `2 g (x - mean)
        / (n - correction)`.
        """

    def xlog1py(self, /, other: _ArrayLike) -> Tensor:
        """
        `a * log(1 + b)`, 0 where a is 0. Gradient: `g * log1p(b)`, 0 where a is 0 and b not above -1; and
        `g * a / (1 + b)`.
        """

    def xlogy(self, /, other: _ArrayLike) -> Tensor:
        """
        `a * log(b)`, 0 where a is 0. Gradient: `g * log(b)`, 0 where a is 0 and b not positive; and `g * a / b`.
        """

    def zeros_like(self, /, dtype: _DTypeLike | None = None) -> Tensor:
        """
        Zeros of this shape, and of this dtype unless another is given. Gradient: none, the result does not depend on
        values.
        """

    def zeta(self, /, other: _ArrayLike) -> Tensor:
        """
        Hurwitz's zeta function, the sum of `(k + b)**-a` over k from 0 on; NaN for a below 1, infinite at the poles.
        Gradient: to b `-g * a zeta(a + 1, b)`; to a NaN, for there is no rule.
        """

def _adam(p: Tensor, g: Tensor, m: Tensor, v: Tensor, step: Tensor, numbers: typing.Sequence[float]) -> list[Tensor]:
    """
    Adam's step of one parameter: the new parameter, both moments and the count of steps.
    """

def _adam_all(
    gradients: dict[str, Tensor],
    store: ParameterStore,
    kept: ParameterStore,
    prefix: str,
    numbers: typing.Sequence[float],
    moved: dict[str, Tensor],
    remembered: dict[str, Tensor],
) -> builtins.bool:
    """
    Adam's step of all parameters that gradients are given of: puts the new parameters into one dictionary, and the new
    states into another. False, with nothing done, if a parameter, a gradient or a state is not as expected.
    """

def _fft_back(
    name: str,
    real: Tensor,
    imag: Tensor | _Array | float | None,
    s: int | Sequence[int] | None,
    axes_of: int | Sequence[int] | None,
    norm: str,
) -> Tensor:
    """
    From half a spectrum to real numbers.
    """

def _fft_half(
    name: str, real: Tensor, s: int | Sequence[int] | None, axes_of: int | Sequence[int] | None, norm: str
) -> tuple[Tensor, ...]:
    """
    The transform of real numbers.
    """

def _fft_whole(
    name: str,
    real: Tensor,
    imag: Tensor | _Array | float | None,
    inverse: builtins.bool,
    s: int | Sequence[int] | None,
    axes_of: int | Sequence[int] | None,
    norm: str,
) -> tuple[Tensor, ...]:
    """
    The transform of real and imaginary parts, or of real ones alone.
    """

def _linalg_cholesky(x: Tensor, upper: builtins.bool) -> Tensor: ...
def _linalg_cholesky_inverse(x: Tensor, upper: builtins.bool) -> Tensor: ...
def _linalg_cholesky_solve(a: Tensor | _Array | float, b: Tensor | _Array | float, upper: builtins.bool) -> Tensor: ...
def _linalg_cond(x: Tensor, order: float | str | None) -> Tensor:
    """
    The condition number.
    """

def _linalg_cross(a: Tensor | _Array | float, b: Tensor | _Array | float, axis: int) -> Tensor: ...
def _linalg_det(x: Tensor) -> Tensor: ...
def _linalg_diagonal(x: Tensor, offset: int) -> Tensor: ...
def _linalg_eigh(x: Tensor, upper: builtins.bool) -> tuple[Tensor, ...]: ...
def _linalg_eigvalsh(x: Tensor, upper: builtins.bool) -> Tensor: ...
def _linalg_expm(x: Tensor) -> Tensor: ...
def _linalg_inv(x: Tensor) -> Tensor: ...
def _linalg_lstsq(a: Tensor, b: Tensor | _Array | float, rtol: float | None) -> tuple[Tensor, ...]:
    """
    The solution of a least squares problem, the squared errors, the rank and the singular values.
    """

def _linalg_lu(x: Tensor) -> tuple[Tensor, ...]: ...
def _linalg_matrix_norm(x: Tensor, order: float | str, axis: int | Sequence[int], keepdims: builtins.bool) -> Tensor:
    """
    A norm of matrices along two axes.
    """

def _linalg_matrix_power(x: Tensor, n: int) -> Tensor: ...
def _linalg_matrix_rank(x: Tensor, tol: float | None, rtol: float | None, hermitian: builtins.bool) -> Tensor: ...
def _linalg_multi_dot(tensors: typing.Sequence[Tensor]) -> Tensor:
    """
    The product of several matrices.
    """

def _linalg_pinv(x: Tensor, rtol: float | None) -> Tensor: ...
def _linalg_qr(x: Tensor, complete: builtins.bool) -> tuple[Tensor, ...]: ...
def _linalg_slogdet(x: Tensor) -> tuple[Tensor, ...]: ...
def _linalg_solve(a: Tensor | _Array | float, b: Tensor | _Array | float) -> Tensor: ...
def _linalg_solve_triangular(
    a: Tensor | _Array | float,
    b: Tensor | _Array | float,
    upper: builtins.bool | None,
    lower: builtins.bool | None,
    left: builtins.bool,
    unitriangular: builtins.bool,
    transpose: builtins.bool,
) -> Tensor: ...
def _linalg_svd(x: Tensor, full: builtins.bool) -> tuple[Tensor, ...]: ...
def _linalg_svdvals(x: Tensor) -> Tensor: ...
def _linalg_tensordot(
    a: Tensor | _Array | float, b: Tensor | _Array | float, own: int | Sequence[int], theirs: int | Sequence[int]
) -> Tensor: ...
def _linalg_trace(x: Tensor, offset: int) -> Tensor: ...
def _linalg_vecdot(a: Tensor | _Array | float, b: Tensor | _Array | float, axis: int) -> Tensor: ...
def _linalg_vector_norm(x: Tensor, order: float, axis: int | Sequence[int] | None, keepdims: builtins.bool) -> Tensor:
    """
    A norm of vectors over axes.
    """

def _load(
    path: str | PathLike[str], parameters: ParameterStore, state: ParameterStore, dtype: _DTypeLike | None = None
) -> str | None:
    """
    Adds a file's parameters to one store and its state to another, all or nothing; the text that was written with them, if
    there is one.
    """

def _save(path: str | PathLike[str], parameters: ParameterStore, state: ParameterStore | None, text: str) -> None:
    """
    Writes parameters, and the state beside them if it is given, with a text.
    """

def abs(x: Tensor) -> Tensor:
    """
    Absolute value. Gradient: `g * sign(x)`, 0 at 0.
    """

def acos(x: Tensor) -> Tensor:
    """
    Inverse cosine, in radians. Gradient: `-g / sqrt((1 - x)(1 + x))`.
    """

def acosh(x: Tensor) -> Tensor:
    """
    Inverse hyperbolic cosine. Gradient: `g / sqrt((x - 1)(x + 1))`.
    """

def adaptive_avg_pool1d(x: Tensor, output_size: int | Sequence[int]) -> Tensor:
    """
    The means of so many parts of the space: along an axis, part `i` of `n` goes from `floor(i * size / n)` up to
    `ceil((i + 1) * size / n)`. Gradient: `g / n` to each of the `n` elements of a part, added up where parts
    overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        output_size: How many parts, for all axes of space or one number for each.
    """

def adaptive_avg_pool2d(x: Tensor, output_size: int | Sequence[int]) -> Tensor:
    """
    The means of so many parts of the space: along an axis, part `i` of `n` goes from `floor(i * size / n)` up to
    `ceil((i + 1) * size / n)`. Gradient: `g / n` to each of the `n` elements of a part, added up where parts
    overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        output_size: How many parts, for all axes of space or one number for each.
    """

def adaptive_avg_pool3d(x: Tensor, output_size: int | Sequence[int]) -> Tensor:
    """
    The means of so many parts of the space: along an axis, part `i` of `n` goes from `floor(i * size / n)` up to
    `ceil((i + 1) * size / n)`. Gradient: `g / n` to each of the `n` elements of a part, added up where parts
    overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        output_size: How many parts, for all axes of space or one number for each.
    """

def adaptive_max_pool1d(x: Tensor, output_size: int | Sequence[int]) -> Tensor:
    """
    The largest elements of so many parts of the space, which are those of `adaptive_avg_pool1d` and its kin. Gradient:
    `g` to the first of the largest of each part, added up where parts overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        output_size: How many parts, for all axes of space or one number for each.
    """

def adaptive_max_pool2d(x: Tensor, output_size: int | Sequence[int]) -> Tensor:
    """
    The largest elements of so many parts of the space, which are those of `adaptive_avg_pool1d` and its kin. Gradient:
    `g` to the first of the largest of each part, added up where parts overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        output_size: How many parts, for all axes of space or one number for each.
    """

def adaptive_max_pool3d(x: Tensor, output_size: int | Sequence[int]) -> Tensor:
    """
    The largest elements of so many parts of the space, which are those of `adaptive_avg_pool1d` and its kin. Gradient:
    `g` to the first of the largest of each part, added up where parts overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        output_size: How many parts, for all axes of space or one number for each.
    """

def add(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Sum, `a + b`. Gradient: `g` to both.
    """

def all(
    x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False, *, out: None = None
) -> Tensor:
    """
    True where all elements over the axes are true. Gradient: none, the result counts or compares.
    """

def allclose(
    x: _ArrayLike, other: _ArrayLike, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False
) -> Tensor:
    """
    True, as a tensor of shape (), if all elements are close as `isclose` says. Gradient: none, the result counts or
    compares.
    """

def any(
    x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False, *, out: None = None
) -> Tensor:
    """
    True where any element over the axes is true. Gradient: none, the result counts or compares.
    """

def argmax(x: Tensor, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Position of the first largest element along an axis, or in the flattened array; the first NaN if there is one.
    Gradient: none, positions do not change smoothly.
    """

def argmin(x: Tensor, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Position of the first smallest element along an axis, or in the flattened array; the first NaN if there is one.
    Gradient: none, positions do not change smoothly.
    """

def argsort(
    x: Tensor, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True
) -> Tensor:
    """
    Positions along an axis, or in the flattened array, in the order of the elements, as `sort` has it. Gradient:
    none; `sort` has one.
    """

def argwhere(x: Tensor) -> Tensor:
    """
    Positions of all elements that are not zero, a row for each; computed at once, as their number depends on
    values. Gradient: none.
    """

def array_split(x: Tensor, indices_or_sections: int | typing.Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """
    Parts along an axis as even as can be, the larger ones first; or cut at positions. Gradient: the `g` of the
    parts, one behind the other.
    """

def asin(x: Tensor) -> Tensor:
    """
    Inverse sine, in radians. Gradient: `g / sqrt((1 - x)(1 + x))`.
    """

def asinh(x: Tensor) -> Tensor:
    """
    Inverse hyperbolic sine. Gradient: `g / sqrt(x*x + 1)`.
    """

def astype(x: Tensor, dtype: _DTypeLike) -> Tensor:
    """
    Elements as another dtype: floats to integers truncate and saturate, NaN is 0. Gradient: `g` as the input's
    dtype from floats to floats; none through integers.
    """

def atan(x: Tensor) -> Tensor:
    """
    Inverse tangent, in radians. Gradient: `g / (1 + x*x)`.
    """

def atan2(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Angle in radians of the point (b, a), `atan2(y, x)`. Gradient: `g * b / r2` and `-g * a / r2`, 0 at the origin.
    """

def atanh(x: Tensor) -> Tensor:
    """
    Inverse hyperbolic tangent. Gradient: `g / ((1 - x)(1 + x))`.
    """

def atleast_1d(x: Tensor) -> Tensor:
    """
    With an axis, if there is none. Gradient: `g` in the input's shape.
    """

def atleast_2d(x: Tensor) -> Tensor:
    """
    With two axes, if there are fewer; a vector is a row. Gradient: `g` in the input's shape.
    """

def atleast_3d(x: Tensor) -> Tensor:
    """
    With three axes, if there are fewer; a vector is in the middle, a matrix comes first. Gradient: `g` in the
    input's shape.
    """

def average(
    x: Tensor,
    axis: int | Sequence[int] | None = None,
    weights: _ArrayLike | None = None,
    *,
    keepdims: builtins.bool = False,
) -> Tensor:
    """
    Mean over axes with weights of the same shape, or for the places along one axis. Gradient: `g * w / sum(w)`, and
    to weights `g * (x - y) / sum(w)`.
    """

def avg_pool1d(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    ceil_mode: builtins.bool = False,
    count_include_pad: builtins.bool = True,
) -> Tensor:
    """
    The mean of each window. Gradient: `g / n` to each of the `n` elements that a window divides by, added up where
    windows overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Zeros before and after, at most half of the window.
        ceil_mode: Whether the last window may reach beyond the padding; what lies beyond never counts.
        count_include_pad: Whether the zeros of the padding count.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def avg_pool2d(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    ceil_mode: builtins.bool = False,
    count_include_pad: builtins.bool = True,
) -> Tensor:
    """
    The mean of each window. Gradient: `g / n` to each of the `n` elements that a window divides by, added up where
    windows overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Zeros before and after, at most half of the window.
        ceil_mode: Whether the last window may reach beyond the padding; what lies beyond never counts.
        count_include_pad: Whether the zeros of the padding count.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def avg_pool3d(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    ceil_mode: builtins.bool = False,
    count_include_pad: builtins.bool = True,
) -> Tensor:
    """
    The mean of each window. Gradient: `g / n` to each of the `n` elements that a window divides by, added up where
    windows overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Zeros before and after, at most half of the window.
        ceil_mode: Whether the last window may reach beyond the padding; what lies beyond never counts.
        count_include_pad: Whether the zeros of the padding count.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def batch_norm(
    x: _ArrayLike,
    weight: _ArrayLike | None = None,
    bias: _ArrayLike | None = None,
    *,
    mean: _ArrayLike | None = None,
    var: _ArrayLike | None = None,
    axis: int = 1,
    epsilon: float = 1e-05,
) -> tuple[Tensor, Tensor, Tensor]:
    """
    Each channel less its mean, over its deviation, times `weight`, plus `bias`. Gradient: in training, with z the
    normalised input and G = `g * weight`: `(G - mean(G) - z mean(G z)) / deviation`, means over batch and space; with
    given statistics `G / deviation`. To weight and bias the sums of `g z` and `g`.

    Args:
        x: channels on one of its axes.
        weight: a factor for each channel.
        bias: a term for each channel.
        mean: the channels' means; by default they are taken from `x`, over all other axes.
        var: the channels' variances; given with the means.
        axis: the axis of the channels.
        epsilon: keeps the division finite.

    Returns:
        The output, and the mean and the variance that were used. Nothing is kept: running statistics are the caller's.

    Example:
        >>> y, mean, var = pg.batch_norm(pg.Record().tensor([[0.0], [2.0]]))
        >>> mean.tolist(), var.tolist()
        ([1.0], [1.0])
    """

def beta(x: _ArrayLike, other: _ArrayLike) -> Tensor:
    """
    The beta function, `gamma(x) gamma(other) / gamma(x + other)`. Gradient: `g * y (digamma(x) - digamma(x +
    other))` and `g * y (digamma(other) - digamma(x + other))`.
    """

def betainc(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    Incomplete beta function, regularised: the share of the beta distribution of shapes `a` and `b` below `x`.
    Gradient: `g * betainc_da(a, b, x)`, `g * betainc_db(a, b, x)` and `g * betainc_dx(a, b, x)`.
    """

def betainc_da(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    The derivative of `betainc(a, b, x)` by a. Gradient: `g * betainc_daa(a, b, x)`, `g * betainc_dab(a, b, x)`
    and, with D the density, `g * D (log(x) - digamma(a) + digamma(a + b))`.
    """

def betainc_daa(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    The second derivative of `betainc(a, b, x)` by a. Gradient: to a and b NaN, for there is no rule; to x, with
    D the density and L the derivative of its logarithm by a, `g * D (L**2 - polygamma(1, a) + polygamma(1, a +
    b))`.
    """

def betainc_dab(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    The derivative of `betainc(a, b, x)` by a and b. Gradient: to a and b NaN, for there is no rule; to x, with D
    the density and L and M the derivatives of its logarithm by a and b, `g * D (L M + polygamma(1, a + b))`.
    """

def betainc_db(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    The derivative of `betainc(a, b, x)` by b. Gradient: `g * betainc_dab(a, b, x)`, `g * betainc_dbb(a, b, x)`
    and, with D the density, `g * D (log1p(-x) - digamma(b) + digamma(a + b))`.
    """

def betainc_dbb(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    The second derivative of `betainc(a, b, x)` by b. Gradient: to a and b NaN, for there is no rule; to x, with
    D the density and M the derivative of its logarithm by b, `g * D (M**2 - polygamma(1, b) + polygamma(1, a +
    b))`.
    """

def betainc_dx(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    Density of the beta distribution of shapes `a` and `b`: the derivative of `betainc(a, b, x)` by x. Gradient:
    `g * y (log(x) - digamma(a) + digamma(a + b))`, `g * y (log1p(-x) - digamma(b) + digamma(a + b))` and
    `g * y ((a - 1) / x - (b - 1) / (1 - x))`.
    """

def betaincinv(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    Inverse of `betainc` by its third argument. Gradient: with D the density `betainc_dx(a, b, y)`,
    `-g * betainc_da(a, b, y) / D`, `-g * betainc_db(a, b, y) / D` and `g / D`.
    """

def betaln(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Logarithm of the absolute value of the beta function, `lgamma(a) + lgamma(b) - lgamma(a + b)`.
    Gradient: `g * (digamma(a) - digamma(a + b))` and `g * (digamma(b) - digamma(a + b))`.
    """

def binary_cross_entropy(
    prediction: _ArrayLike,
    target: _ArrayLike,
    weight: _ArrayLike | None = None,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    Cross-entropy of target probabilities under probabilities. Logarithms are -100 at least, so that a wrong certainty
    costs 100, with a slope of 1e12; logits are better, see `binary_cross_entropy_with_logits`. Gradient: `g * (p - t) /
    (p (1 - p))` to the probability, the denominator 1e-12 at least; to the target `g * (log(1 - p) - log(p))`.
    """

def binary_cross_entropy_with_logits(
    logits: _ArrayLike,
    targets: _ArrayLike,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
    *,
    weight: _ArrayLike | None = None,
    pos_weight: _ArrayLike | None = None,
) -> Tensor:
    """
    Cross-entropy of probabilities under the sigmoid of logits, finite for any logit. `pos_weight` weighs the part of
    the target's ones. Gradient: `g * (sigmoid(x) - t)` to logits, with `pos_weight` w: `g * (sigmoid(x) (1 + (w - 1) t)
    - w t)`.
    """

def bincount(x: Tensor, weights: _ArrayLike | None = None, minlength: int = 0) -> Tensor:
    """
    How often each number from 0 on is there, as int64, or the sums of the weights beside them; of the largest
    number, the length is computed at once. Gradient: to weights, `g` at each number; none to numbers.

    Example:
        >>> pg.Record().tensor([0, 2, 2]).bincount().tolist()
        [1, 0, 2]
    """

def binominv(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    The least count whose share, with those below it, of the binomial distribution of `a` tries with chance `b`
    reaches `x`. Gradient: 0.
    """

def bitwise_and(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Each bit set in both. Gradient: none, the result is no float.
    """

def bitwise_not(x: Tensor) -> Tensor:
    """
    Each bit inverted; of bool the opposite. Gradient: none, the result is no float.
    """

def bitwise_or(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Each bit set in one. Gradient: none, the result is no float.
    """

def bitwise_xor(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Each bit set in exactly one. Gradient: none, the result is no float.
    """

def boxcox(x: _ArrayLike, lmbda: _ArrayLike) -> Tensor:
    """
    Box and Cox's transform, `(x**lmbda - 1) / lmbda`, for 0 `log(x)`. Gradient: `g * x**(lmbda - 1)` to x, and `g *
    (x**lmbda log(x) - y) / lmbda` to `lmbda`, for 0 `g * log(x)**2 / 2`.
    """

def broadcast_arrays(*tensors: Tensor) -> tuple[Tensor, ...]:
    """
    Tensors expanded to one common shape. Gradient: to each, `g` summed over the axes that it was expanded along.
    """

def broadcast_to(x: Tensor, shape: int | Sequence[int]) -> Tensor:
    """
    Axes of size 1 repeated, and axes added on the left, to reach a shape. Gradient: `g` summed over the axes that
    were expanded.
    """

def cbrt(x: Tensor) -> Tensor:
    """
    Cube root. Gradient: `g / (3 y*y)`, infinite at 0.
    """

def ceil(x: Tensor) -> Tensor:
    """
    Smallest integer not below `x`. Gradient: 0.
    """

def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """
    `x` where positive, else `alpha * (exp(x / alpha) - 1)`; its slope at 0 is 1. Gradient: `g` where positive, else
    `g * exp(x / alpha)`.
    """

def chunk(x: Tensor, chunks: int, axis: int = 0) -> tuple[Tensor, ...]:
    """
    Parts along an axis of one size, the last one smaller if need be; at most so many. Gradient: the `g` of the
    parts, one behind the other.
    """

def clip(x: Tensor, min: Tensor | float | None = None, max: Tensor | float | None = None) -> Tensor:
    """
    Held between bounds, numbers or tensors; where they cross, the upper one wins. Gradient: `g` inside, on a bound too, 0
    outside; to bounds what they take.
    """

def column_stack(tensors: typing.Sequence[Tensor]) -> Tensor:
    """
    Tensors as the columns of a matrix; matrices keep their own. Gradient: to each, its part of `g`.
    """

def concat(tensors: typing.Sequence[Tensor], axis: int = 0) -> Tensor:
    """
    Tensors one behind the other along an axis. Gradient: to each, its part of `g`.
    """

def conv1d(
    x: Tensor,
    weight: Tensor | _ArrayLike,
    bias: Tensor | _ArrayLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """
    Convolution, as in PyTorch without flipping: `y[b, o, p] = bias[o] + sum(x[b, c, stride * p + dilation * k -
    padding] * weight[o, c, k])` over channels `c` and taps `k`. Gradient: to the input the transposed convolution
    of `g` with the weight, to the weight the correlation of the input with `g`, to the bias the sums of `g`.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        weight: `(outputs, channels / groups, *taps)`.
        bias: `(outputs,)`.
        stride: Elements from place to place, for all axes of space or one number for each.
        padding: Zeros before and after: numbers, pairs of numbers, "same" for an output of as many places as
            there are elements, divided by the stride, or "valid" for none.
        dilation: Elements from tap to tap.
        groups: Channels are cut into so many groups that do not see each other.

    Raises:
        ShapeError: channels do not fit, or the window does not fit into the input.
    """

def conv2d(
    x: Tensor,
    weight: Tensor | _ArrayLike,
    bias: Tensor | _ArrayLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """
    Convolution, as in PyTorch without flipping: `y[b, o, p] = bias[o] + sum(x[b, c, stride * p + dilation * k -
    padding] * weight[o, c, k])` over channels `c` and taps `k`. Gradient: to the input the transposed convolution
    of `g` with the weight, to the weight the correlation of the input with `g`, to the bias the sums of `g`.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        weight: `(outputs, channels / groups, *taps)`.
        bias: `(outputs,)`.
        stride: Elements from place to place, for all axes of space or one number for each.
        padding: Zeros before and after: numbers, pairs of numbers, "same" for an output of as many places as
            there are elements, divided by the stride, or "valid" for none.
        dilation: Elements from tap to tap.
        groups: Channels are cut into so many groups that do not see each other.

    Raises:
        ShapeError: channels do not fit, or the window does not fit into the input.
    """

def conv3d(
    x: Tensor,
    weight: Tensor | _ArrayLike,
    bias: Tensor | _ArrayLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """
    Convolution, as in PyTorch without flipping: `y[b, o, p] = bias[o] + sum(x[b, c, stride * p + dilation * k -
    padding] * weight[o, c, k])` over channels `c` and taps `k`. Gradient: to the input the transposed convolution
    of `g` with the weight, to the weight the correlation of the input with `g`, to the bias the sums of `g`.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        weight: `(outputs, channels / groups, *taps)`.
        bias: `(outputs,)`.
        stride: Elements from place to place, for all axes of space or one number for each.
        padding: Zeros before and after: numbers, pairs of numbers, "same" for an output of as many places as
            there are elements, divided by the stride, or "valid" for none.
        dilation: Elements from tap to tap.
        groups: Channels are cut into so many groups that do not see each other.

    Raises:
        ShapeError: channels do not fit, or the window does not fit into the input.
    """

def conv_transpose1d(
    x: Tensor,
    weight: Tensor | _ArrayLike,
    bias: Tensor | _ArrayLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """
    Transposed convolution, the gradient of a convolution by its input as an operation of its own: `y[b, o, stride *
    p + dilation * k - padding]` is the bias and the sum of all `x[b, c, p] * weight[c, o, k]`. Gradient: to the
    input the convolution of `g` with the weight, to the weight the correlation of `g` with the input, to the bias
    the sums of `g`.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        weight: `(channels, outputs / groups, *taps)`.
        bias: `(outputs,)`.
        stride: Elements of the output from place to place, for all axes of space or one number for each.
        padding: Elements that are cut off before and after: numbers, or pairs of numbers.
        output_padding: Elements added at the end, less than the stride or the dilation.
        groups: Channels are cut into so many groups that do not see each other.
        dilation: Elements from tap to tap.

    Raises:
        ShapeError: channels do not fit, or padding leaves nothing.
    """

def conv_transpose2d(
    x: Tensor,
    weight: Tensor | _ArrayLike,
    bias: Tensor | _ArrayLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """
    Transposed convolution, the gradient of a convolution by its input as an operation of its own: `y[b, o, stride *
    p + dilation * k - padding]` is the bias and the sum of all `x[b, c, p] * weight[c, o, k]`. Gradient: to the
    input the convolution of `g` with the weight, to the weight the correlation of `g` with the input, to the bias
    the sums of `g`.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        weight: `(channels, outputs / groups, *taps)`.
        bias: `(outputs,)`.
        stride: Elements of the output from place to place, for all axes of space or one number for each.
        padding: Elements that are cut off before and after: numbers, or pairs of numbers.
        output_padding: Elements added at the end, less than the stride or the dilation.
        groups: Channels are cut into so many groups that do not see each other.
        dilation: Elements from tap to tap.

    Raises:
        ShapeError: channels do not fit, or padding leaves nothing.
    """

def conv_transpose3d(
    x: Tensor,
    weight: Tensor | _ArrayLike,
    bias: Tensor | _ArrayLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """
    Transposed convolution, the gradient of a convolution by its input as an operation of its own: `y[b, o, stride *
    p + dilation * k - padding]` is the bias and the sum of all `x[b, c, p] * weight[c, o, k]`. Gradient: to the
    input the convolution of `g` with the weight, to the weight the correlation of `g` with the input, to the bias
    the sums of `g`.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        weight: `(channels, outputs / groups, *taps)`.
        bias: `(outputs,)`.
        stride: Elements of the output from place to place, for all axes of space or one number for each.
        padding: Elements that are cut off before and after: numbers, or pairs of numbers.
        output_padding: Elements added at the end, less than the stride or the dilation.
        groups: Channels are cut into so many groups that do not see each other.
        dilation: Elements from tap to tap.

    Raises:
        ShapeError: channels do not fit, or padding leaves nothing.
    """

def convolve(a: _ArrayLike, v: _ArrayLike, mode: typing.Literal["full", "same", "valid"] = "full") -> Tensor:
    """
    The sums of products of two sequences, one of them backwards: `y[k] = sum(a[i] * v[k - i])`. Gradient: `g` correlated
    with the other sequence.

    Args:
        a, v: sequences of one axis, with at least one element.
        mode: "full" wherever they meet, "same" as many as the longer one has, "valid" where the shorter one lies within.

    Example:
        >>> pg.convolve(pg.Record().tensor([1.0, 2.0, 3.0]), [0.0, 1.0, 0.5]).tolist()
        [0.0, 1.0, 2.5, 4.0, 1.5]
    """

def copysign(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The size of `a` with the sign of `b`. Gradient: `g * sign(a) sign(y)`, 0 where a is 0; 0 to b.
    """

def corrcoef(x: Tensor, rowvar: builtins.bool = True) -> Tensor:
    """
    Correlation coefficients of the rows of a matrix, or with `rowvar=False` of its columns. Gradient: that of
    covariances over the roots of products of variances.
    """

def correlate(a: _ArrayLike, v: _ArrayLike, mode: typing.Literal["full", "same", "valid"] = "valid") -> Tensor:
    """
    The sums of products of a sequence with another one that moves along it: `y[k] = sum(a[k + i] * v[i])`. Gradient: to
    `a` the convolution of `g` with `v`, to `v` the correlation of `a` with `g`.

    Args:
        a, v: sequences of one axis, with at least one element.
        mode: "valid" where the shorter one lies within the other, "same" as many as the longer one has, "full" wherever
            they meet.

    Example:
        >>> pg.correlate(pg.Record().tensor([1.0, 2.0, 3.0]), [0.0, 1.0]).tolist()
        [2.0, 3.0]
    """

def cos(x: Tensor) -> Tensor:
    """
    Cosine of radians. Gradient: `-g * sin(x)`.
    """

def cosh(x: Tensor) -> Tensor:
    """
    Hyperbolic cosine. Gradient: `g * sinh(x)`.
    """

def cosine_embedding_loss(
    input1: _ArrayLike,
    input2: _ArrayLike,
    target: _ArrayLike,
    margin: float = 0.0,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    One less the cosine of two vectors where the target is 1; where it is -1, what the cosine exceeds the margin by.
    Gradient: with c the cosine: `-g * dc` where the target is 1, `g * dc` where it is -1 and the cosine exceeds the
    margin, else 0; `dc / dx1 = (x2 / |x2| - c x1 / |x1|) / |x1|`.
    """

def cosine_similarity(x1: _ArrayLike, x2: _ArrayLike, axis: int = -1, epsilon: float = 1e-08) -> Tensor:
    """
    The cosine of the angle between vectors along an axis, each length at least `epsilon`. Gradient: to x1 `g * (x2 /
    |x2| - y x1 / |x1|) / |x1|`, to x2 the same with both swapped.
    """

def count_nonzero(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    How many elements over axes are not zero, as int64. Gradient: none, the result counts or compares.
    """

def cov(
    x: Tensor, rowvar: builtins.bool = True, *, correction: float | None = None, ddof: float | None = None
) -> Tensor:
    """
    Covariances of the rows of a matrix, or with `rowvar=False` of its columns; of a vector, its variance. Divided
    by the number of observations less `correction` (or `ddof`). Gradient: with G the symmetric part of `g`: `2 G @
    (x - mean) / (n - correction)`.
    """

def cross(a: _ArrayLike, b: _ArrayLike, axis: int = -1) -> Tensor:
    """
    The vector product of three-dimensional vectors along an axis; other axes broadcast. Gradient: `cross(b, g)` and
    `cross(g, a)`.

    Example:
        >>> rec = pg.Record()
        >>> pg.cross(rec.tensor([1.0, 0.0, 0.0]), rec.tensor([0.0, 1.0, 0.0])).tolist()
        [0.0, 0.0, 1.0]
    """

def cross_entropy(
    logits: _ArrayLike,
    labels: _ArrayLike,
    axis: int = -1,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
    *,
    weight: _ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    """
    Negative log-likelihood of integer labels under the softmax of logits along an axis; of floats of the logits' shape,
    which are probabilities, the cross-entropy. Gradient: `g * (softmax(logits) - target)`, the target one-hot, smoothed
    and weighed as the value's.

    Args:
        logits: a row of scores for each example.
        labels: a class for each example, or the probabilities of all.
        axis: the axis of the classes.
        weight: a weight for each class; a mean is then one by weight.
        ignore_index: the label of examples that do not count.
        label_smoothing: the part of the target that is spread over all classes.

    Raises:
        IndexOutOfRangeError: when computed, a label is not between 0 and the number of classes.

    Example:
        >>> logits = pg.Record().tensor([[10000.0, 0.0]])
        >>> pg.cross_entropy(logits, [1]).item()
        10000.0
    """

def ctc_loss(
    log_probs: _ArrayLike,
    targets: _ArrayLike,
    input_lengths: _ArrayLike,
    target_lengths: _ArrayLike,
    blank: int = 0,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
    zero_infinity: builtins.bool = False,
) -> Tensor:
    """
    `-log` of the probability of labels in order, at unknown steps (connectionist temporal classification). Gradient:
    `-g` times the posterior probability that a step emits a class, to `log_probs`.

    Args:
        log_probs: `(steps, batch, classes)`, as `log_softmax` gives them.
        targets: labels, `(batch, labels)`, padded with anything; or all of them, one target behind the other, and then
            their lengths are computed at once.
        input_lengths: the steps of each input.
        target_lengths: the labels of each target.
        blank: the class that says nothing.
        zero_infinity: the loss of a target that does not fit into its steps is 0 instead of infinite.

    Returns:
        For "mean", the mean over the batch of losses over target lengths.

    Raises:
        IndexOutOfRangeError: when computed, a label is no class.

    Example:
        >>> log_probs = pg.Record().zeros((3, 1, 4)).log_softmax()
        >>> round(pg.ctc_loss(log_probs, [[1]], [3], [1]).item(), 4)  # 6 of 4**3 ways
        2.3671
    """

def cummax(x: Tensor, axis: int) -> phonograd._results.CummaxResult:
    """
    The largest element up to each one along an axis, NaN once there is one, and its position: the first of equals.
    Gradient: `g` added up at these positions.
    """

def cummin(x: Tensor, axis: int) -> phonograd._results.CumminResult:
    """
    The smallest element up to each one along an axis, NaN once there is one, and its position: the first of equals.
    Gradient: `g` added up at these positions.
    """

def cumprod(x: Tensor, axis: int | None = None, dtype: _DTypeLike | None = None) -> Tensor:
    """
    Cumulative product along an axis, or of the flattened array. Gradient: `g * y / x` summed from each element on,
    found without division, so that zeros do no harm. A dtype is what elements are cast to before.

    Example:
        >>> pg.Record().tensor([1.0, 2.0, 3.0]).cumprod().tolist()
        [1.0, 2.0, 6.0]
    """

def cumsum(x: Tensor, axis: int | None = None, dtype: _DTypeLike | None = None) -> Tensor:
    """
    Cumulative sum along an axis, or of the flattened array; a dtype is what elements are cast to before. Gradient: `g`
    summed from each element on.
    """

def cumulative_prod(x: Tensor, *, axis: int | None = None, include_initial: builtins.bool = False) -> Tensor:
    """
    Cumulative product along an axis, which only vectors need not name; with a first 1, if it is asked for.
    Gradient: `g * y / x` summed from each element on, found without division.
    """

def cumulative_sum(x: Tensor, *, axis: int | None = None, include_initial: builtins.bool = False) -> Tensor:
    """
    Cumulative sum along an axis, which only vectors need not name; with a first 0, if it is asked for. Gradient:
    `g` summed from each element on.
    """

def deg2rad(x: Tensor) -> Tensor:
    """
    Degrees as radians. Gradient: `g * pi / 180`.
    """

def diag(x: Tensor, k: int = 0) -> Tensor:
    """
    The `k`-th diagonal of a matrix, or a matrix with a vector on it. Gradient: `g` on the same diagonal, or the
    diagonal of `g`.

    Example:
        >>> pg.Record().tensor([1.0, 2.0]).diag().tolist()
        [[1.0, 0.0], [0.0, 2.0]]
    """

def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """
    The `offset`-th diagonal over two axes, as the last axis of the result. Gradient: `g` on the diagonal.
    """

def diff(x: Tensor, n: int = 1, axis: int = -1) -> Tensor:
    """
    Differences of neighbours along an axis, `n` times. Gradient: the negative differences of `g`, with zeros around
    it, `n` times.
    """

def digamma(x: Tensor) -> Tensor:
    """
    Derivative of `lgamma`. Gradient: `g * polygamma(1, x)`.
    """

def digamma_dx(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The `a`-th derivative of `digamma`: `(-1)**(a + 1) a! zeta(a + 1, b)` for a whole `a` from 1 on, else NaN.
    Gradient: to a NaN, for there is no rule; to b `g * digamma_dx(a + 1, b)`.
    """

def digamma_gap(a: _ArrayLike, b: _ArrayLike, x: _ArrayLike) -> Tensor:
    """
    The `a`-th derivative of `digamma` at b less that at `b + x`, where the difference would lose what they share.
    Gradient: to a NaN, for there is no rule; to b `g * digamma_gap(a + 1, b, x)`, to x
    `-g * digamma_dx(a + 1, b + x)`.
    """

def divide(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Quotient, `a / b`. Gradient: `g / b` and `-g * y / b`.
    """

def dot(x: Tensor, other: _ArrayLike) -> Tensor:
    """
    Dot product: for vectors a number, for matrices the matrix product. Gradient: `g @ b.T` and `a.T @ g`; for
    vectors `g * b` and `g * a`.
    """

def dstack(tensors: typing.Sequence[Tensor]) -> Tensor:
    """
    Tensors behind each other along the third axis. Gradient: to each, its part of `g`.
    """

def einsum(subscripts: str, *operands: Tensor) -> Tensor:
    """
    Sums of products of elements as subscripts such as "ij,jk->ik" say. Gradient: to each, the sum of products of `g`
    with the other operands, under the subscripts of the operand.

    Raises:
        ShapeError: the subscripts do not fit the operands.

    Example:
        >>> x = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> pg.einsum("ii->", x).item()
        5.0
    """

def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """
    `x` where positive, else `alpha * (exp(x) - 1)`. Gradient: `g` where positive, else `g * alpha * exp(x)`.
    """

def entr(x: Tensor) -> Tensor:
    """
    `-x log(x)`, 0 at 0, -inf below. Gradient: `-g * (log(x) + 1)`.
    """

def equal(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where the inputs are equal. Gradient: none, the result is no float.
    """

def erf(x: Tensor) -> Tensor:
    """
    Error function, `2/sqrt(pi)` times the integral of `e**(-t*t)` from 0 to x. Gradient: `g * 2/sqrt(pi) e**(-x*x)`.
    """

def erfc(x: Tensor) -> Tensor:
    """
    Complementary error function, `1 - erf(x)`, accurate for large x. Gradient: `-g * 2/sqrt(pi) e**(-x*x)`.
    """

def erfcinv(x: Tensor) -> Tensor:
    """
    Inverse of the complementary error function. Gradient: `-g * sqrt(pi)/2 e**(y*y)`.
    """

def erfcx(x: Tensor) -> Tensor:
    """
    Scaled complementary error function, `e**(x*x) erfc(x)`. Gradient: `-2 g ierfcx(1, x)`.
    """

def erfinv(x: Tensor) -> Tensor:
    """
    Inverse of the error function. Gradient: `g * sqrt(pi)/2 e**(y*y)`.
    """

def excess(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Difference, `a - b`, and 0 of one infinity twice. Gradient: `g` and `-g`.
    """

def exp(x: Tensor) -> Tensor:
    """
    Exponential, `e**x`. Gradient: `g * y`.
    """

def exp2(x: Tensor) -> Tensor:
    """
    Power of two, `2**x`. Gradient: `g * y * log 2`.
    """

def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    """
    New axes of size 1 at positions of the result. Gradient: `g` in the input's shape.
    """

def expi(x: Tensor) -> Tensor:
    """
    Exponential integral, of `e**t / t` from minus infinity to x. Gradient: `g * e**x / x`.
    """

def expm1(x: Tensor) -> Tensor:
    """
    `e**x - 1`, accurate near 0. Gradient: `g * (y + 1)`.
    """

def expn(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Exponential integral of order `a`, of `e**(-b t) / t**a` from 1 on; NaN for an order that is no whole number.
    Gradient: to a NaN, for there is no rule; to b `-g * expn(a - 1, b)`.
    """

def exprel(x: Tensor) -> Tensor:
    """
    `(exp(x) - 1) / x`, 1 at 0. Gradient: `g * (exp(x) - y) / x`, `g / 2` at 0.
    """

def flatten(x: Tensor) -> Tensor:
    """
    One axis of all elements in C order. Gradient: `g` in the input's shape.
    """

def flip(x: Tensor, axis: int | Sequence[int] | None = None) -> Tensor:
    """
    Axes reversed; all by default. Gradient: `g` with the same axes reversed.
    """

def fliplr(x: Tensor) -> Tensor:
    """
    The order of columns reversed: of the second axis. Gradient: `g` reversed likewise.
    """

def flipud(x: Tensor) -> Tensor:
    """
    The order of rows reversed: of the first axis. Gradient: `g` reversed likewise.
    """

def float_power(x: _ArrayLike, exponent: _ArrayLike) -> Tensor:
    """
    `x ** exponent` in float64. Gradient: as that of `power`.
    """

def floor(x: Tensor) -> Tensor:
    """
    Largest integer not above `x`. Gradient: 0.
    """

def floor_divide(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Floor of the quotient. Gradient: 0.
    """

def fmax(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The larger, of a number and NaN the number. Gradient: `g` to it, half to each where they are equal.
    """

def fmin(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The smaller, of a number and NaN the number. Gradient: `g` to it, half to each where they are equal.
    """

def fmod(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Remainder with the sign of the dividend, `a - b * trunc(a / b)`. Gradient: `g` and `-g * trunc(a / b)`.
    """

def fold(
    x: Tensor,
    output_size: int | Sequence[int],
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    stride: int | Sequence[int] = 1,
) -> Tensor:
    """
    Columns added up where their windows lie, the adjoint of `unfold`: `(batch, channels, *output_size)` of `(batch,
    channels * taps, places)`. Gradient: `g` unfolded.

    Args:
        x: The columns.
        output_size: The sizes of the space, one number for each of its axes.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        dilation: Elements from tap to tap.
        padding: Elements before and after, which are cut off.
        stride: Elements from place to place.

    Example:
        >>> x = pg.Record().tensor([[[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]])
        >>> pg.fold(x, [4], 2).tolist()
        [[[1.0, 4.0, 6.0, 4.0]]]
    """

def frexp(x: Tensor) -> tuple[Tensor, ...]:
    """
    The `m` and whole `e` with `x = m 2**e`, of which the magnitude of `m` is at least 1/2 and below 1; for 0, infinities
    and NaN `x` and 0. Gradient: to x `g` of `m` times `2**-e`; none from `e`.

    Example:
        >>> m, e = pg.Record().tensor([10.0, -0.5]).frexp()
        >>> m.tolist(), e.tolist()
        ([0.625, -0.5], [4, 0])
    """

def full_like(x: Tensor, value: float, dtype: _DTypeLike | None = None) -> Tensor:
    """
    One number in this shape, and in this dtype unless another is given. Gradient: none, the result does not depend
    on values.
    """

def gamma(x: Tensor) -> Tensor:
    """
    Gamma function. Gradient: `g * y digamma(x)`.
    """

def gammainc(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Incomplete gamma function, regularised: the share of the gamma distribution of shape `a` below `b`.
    Gradient: `g * gammainc_da(a, b)` and `g * gammainc_dx(a, b)`.
    """

def gammainc_da(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The derivative of `gammainc(a, b)` by a. Gradient: `g * gammainc_daa(a, b)` and, with D the density,
    `g * D (log(b) - digamma(a))`.
    """

def gammainc_daa(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The second derivative of `gammainc(a, b)` by a. Gradient: to a NaN, for there is no rule; to b, with D the
    density, `g * D ((log(b) - digamma(a))**2 - polygamma(1, a))`.
    """

def gammainc_dx(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Density of the gamma distribution of shape `a`: the derivative of `gammainc(a, b)` by b.
    Gradient: `g * y (log(b) - digamma(a))` and `g * y ((a - 1) / b - 1)`.
    """

def gammaincc(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Complementary incomplete gamma function, `1 - gammainc(a, b)`, exact where it is small.
    Gradient: `-g * gammainc_da(a, b)` and `-g * gammainc_dx(a, b)`.
    """

def gammainccinv(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Inverse of `gammaincc` by its second argument. Gradient: with D the density `gammainc_dx(a, y)`,
    `-g * gammainc_da(a, y) / D` and `-g / D`.
    """

def gammaincinv(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Inverse of `gammainc` by its second argument. Gradient: with D the density `gammainc_dx(a, y)`,
    `-g * gammainc_da(a, y) / D` and `g / D`.
    """

def gammasgn(x: Tensor) -> Tensor:
    """
    Sign of the gamma function. Gradient: 0.
    """

def gate(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Chain-rule product: 0 where the first input is 0, whatever the second is, else `a * b`. Gradient: `g *
    b` and `g * a`, themselves gated.
    """

def gate_divide(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Chain-rule quotient: 0 where the first input is 0, whatever the second is, else `a / b`, also where `1 / b`
    overflows. Gradient: `g / b` and `-g * y / b`, themselves gated.
    """

def gather(x: Tensor, indices: _ArrayLike, axis: int) -> Tensor:
    """
    The same as `take_along_axis`. Gradient: `g` added up at the places picked.
    """

def gaussian_nll_loss(
    prediction: _ArrayLike,
    target: _ArrayLike,
    var: _ArrayLike,
    full: builtins.bool = False,
    eps: float = 1e-06,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    `-log` of the normal density of the target, where the prediction is the mean. A variance below `eps` counts as
    `eps`, and keeps its gradient; it has the prediction's shape, or a last axis of size 1, or is one number. Gradient:
    `g * (x - t) / var` to the mean, and `g * (1 - (x - t)**2 / var) / (2 var)` to the variance.
    """

def gelu(x: Tensor, approximate: typing.Literal["none", "tanh"] = "none") -> Tensor:
    """
    Gaussian error linear unit: with the error function, or with `approximate="tanh"`. Gradient: with Phi the normal
    distribution and phi its density `g * (Phi(x) + x phi(x))`; of the form with tanh its own.
    """

def get_num_threads() -> int:
    """
    How many threads may work on one plan: what `set_num_threads` said, else the environment variable
    `PHONOGRAD_NUM_THREADS`, else as many as the process may use.

    Example:
        >>> pg.get_num_threads() >= 1
        True
    """

def glu(x: Tensor, axis: int = -1) -> Tensor:
    """
    The first half along an axis, times the sigmoid of the second half. Gradient: with a and b the halves, `g *
    sigmoid(b)` and `g * a sigmoid(b) (1 - sigmoid(b))`.
    """

def gradient(
    f: Tensor, *spacing: _ArrayLike, axis: int | Sequence[int] | None = None, edge_order: int = 1
) -> typing.Any:
    """
    Slopes along axes by differences, as NumPy's: inside of the parabola through an element and its neighbours, at the ends of the
    line through two elements, or with `edge_order=2` of the parabola through three. `spacing` is nothing, for steps of 1, one
    number for all axes, or for each axis a number or its points. One tensor for one axis, else a tuple. Not a derivative of what
    was recorded: that is `loss.grad()`. Gradient: `g` by the weights of the differences.

    Example:
        >>> pg.gradient(pg.Record().tensor([1.0, 2.0, 4.0, 7.0]), 0.5).tolist()
        [2.0, 3.0, 5.0, 6.0]
    """

def greater(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where `a > b`. Gradient: none, the result is no float.
    """

def greater_equal(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where `a >= b`. Gradient: none, the result is no float.
    """

def group_norm(
    x: _ArrayLike,
    num_groups: int,
    weight: _ArrayLike | None = None,
    bias: _ArrayLike | None = None,
    *,
    epsilon: float = 1e-05,
) -> Tensor:
    """
    Groups of channels, on axis 1, brought to mean 0 and variance 1 for each example by itself, times `weight`, plus
    `bias`. Gradient: as that of `layer_norm`, over a group.
    """

def hardshrink(x: Tensor, lambd: float = 0.5) -> Tensor:
    """
    `x`, but 0 where `abs(x) <= lambd`. Gradient: `g` where `abs(x) > lambd`, else 0.
    """

def hardsigmoid(x: Tensor) -> Tensor:
    """
    `relu6(x + 3) / 6`, a sigmoid of straight lines. Gradient: `g / 6` between -3 and 3, else 0.
    """

def hardswish(x: Tensor) -> Tensor:
    """
    `x * relu6(x + 3) / 6`. Gradient: 0 up to -3, `g` from 3 on, between them `g * (2 x + 3) / 6`.
    """

def hardtanh(x: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """
    `x` between bounds. Gradient: `g` inside, 0 from the bounds on.
    """

def heaviside(x: _ArrayLike, values: _ArrayLike) -> Tensor:
    """
    0 where x is negative, 1 where positive, and `values` at 0. Gradient: 0 to x; `g` to `values` where x is 0.
    """

def hinge_embedding_loss(
    prediction: _ArrayLike,
    target: _ArrayLike,
    margin: float = 1.0,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    The prediction, a distance, where the target is 1; where it is -1, what it lacks of the margin. Gradient: `g`
    where the target is 1; `-g` where it is -1 and the prediction below the margin; else 0.
    """

def hinge_loss(
    prediction: _ArrayLike, target: _ArrayLike, reduction: typing.Literal["mean", "sum", "none"] = "mean"
) -> Tensor:
    """
    `max(0, 1 - target * prediction)`, for targets of -1 and 1. Gradient: `-g * target` where `target * prediction < 1`, else 0.
    """

def histogram(
    x: Tensor,
    bins: int | Tensor | _ArrayLike | None = None,
    range: tuple[float, float] | None = None,
    density: builtins.bool = False,
    weights: _ArrayLike | None = None,
) -> tuple[Tensor, Tensor]:
    """
    How many elements lie in bins between edges, as int64, and the edges: so many bins of one width over `range`, by
    default from the smallest to the largest element, or the edges that are given. With weights, the sums of these
    instead; with `density`, of all as a share by width. Elements outside, and NaN, are left out. Gradient: to weights
    `g` of their bin; none else.

    Example:
        >>> counts, edges = pg.histogram(pg.Record().tensor([1.0, 1.5, 3.0]), bins=2)
        >>> counts.tolist(), edges.tolist()
        ([2, 1], [1.0, 2.0, 3.0])
    """

def hstack(tensors: typing.Sequence[Tensor]) -> Tensor:
    """
    Tensors beside each other along the second axis; vectors along their only one. Gradient: to each, its part of `g`.
    """

def huber_loss(
    prediction: _ArrayLike,
    target: _ArrayLike,
    delta: float = 1.0,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    Half the squared difference up to `delta`, beyond it a line of slope `delta`. Gradient: `g * (x - t)`, held
    between `-delta` and `delta`.

    Example:
        >>> pg.huber_loss(pg.Record().tensor([1.0, 3.0]), 0.0, reduction="none").tolist()
        [0.5, 2.5]
    """

def hypot(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Length of the vector (a, b), without overflow. Gradient: `g * a / y` and `g * b / y`, 0 at the origin.
    """

def i0(x: Tensor) -> Tensor:
    """
    Modified Bessel function of order 0. Gradient: `g * i1(x)`.
    """

def i0e(x: Tensor) -> Tensor:
    """
    Scaled modified Bessel function of order 0, `e**-abs(x) i0(x)`. Gradient: `g * sign(x) i0e_dx(1, x)`.
    """

def i0e_dx(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The `a`-th derivative of `i0e`, at `abs(b)`, for a whole `a` from 0 to 100, else NaN. Gradient: to a NaN, for
    there is no rule; to b `g * sign(b) i0e_dx(a + 1, b)`.
    """

def i1(x: Tensor) -> Tensor:
    """
    Modified Bessel function of order 1. Gradient: `g * (i0(x) + iv(2, x)) / 2`.
    """

def i1e(x: Tensor) -> Tensor:
    """
    Scaled modified Bessel function of order 1, `e**-abs(x) i1(x)`. Gradient: `g * (i0e_dx(1, x) + i0e_dx(2, x))`.
    """

def ierfcx(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Scaled repeated integral of `erfc`: the `a`-th, times `e**(b*b)`, which is `erfcx(b)` for 0. Gradient: to a
    NaN, for there is no rule; to b `-2 g (a + 1) ierfcx(a + 1, b)`.
    """

def index_add(x: Tensor, axis: int, index: _ArrayLike, source: _ArrayLike) -> Tensor:
    """
    This tensor with slices of `source` added along an axis, at places of a one-dimensional index; repeated places add
    up. Gradient: `g` to this, `g` at the places to `source`.

    Example:
        >>> pg.Record().zeros(3).index_add(0, [2, 2], [1.0, 5.0]).tolist()
        [0.0, 0.0, 6.0]
    """

def inner(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Sums of products over the last axis of both; of scalars, their product. Gradient: `g @ b` and `g.T @ a`.
    """

def instance_norm(
    x: _ArrayLike, weight: _ArrayLike | None = None, bias: _ArrayLike | None = None, *, epsilon: float = 1e-05
) -> Tensor:
    """
    Each channel, on axis 1, brought to mean 0 and variance 1 for each example by itself, times `weight`, plus `bias`.
    Gradient: as that of `layer_norm`, over a channel.
    """

def interp(
    x: _ArrayLike, xp: _ArrayLike, fp: _ArrayLike, left: float | None = None, right: float | None = None
) -> Tensor:
    """
    The piecewise linear function through points with ascending `xp`, at `x`; outside of them the outermost value, or
    `left` and `right`. Gradient: to x `g` times the slope of the piece, 0 outside; to `fp` `g` by the weights of both
    ends; to `xp` as the slope says.

    Example:
        >>> pg.interp(pg.Record().tensor([0.5, 9.0]), [0.0, 1.0], [10.0, 20.0]).tolist()
        [15.0, 20.0]
    """

def interpolate(
    x: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: builtins.bool | None = None,
) -> Tensor:
    """
    The input `(batch, channels, *space)` in another resolution. New elements are weighted sums of old ones. Gradient:
    `g` added up with the same weights.

    Args:
        x: One to three axes of space behind batch and channels.
        size: New sizes, one number for all axes of space or one for each.
        scale_factor: Instead of sizes, factors, after which sizes are rounded down.
        mode: "nearest", "nearest-exact", "linear" (for two axes also "bilinear", for three "trilinear"), "cubic" (for two
            also "bicubic"), or "area" for means.
        align_corners: Whether the middles of the first and last elements stay where they are, rather than the ends of
            the space.

    Example:
        >>> x = pg.Record().tensor([[[1.0, 3.0]]])
        >>> pg.interpolate(x, 4, mode="linear").tolist()
        [[[1.0, 1.5, 2.5, 3.0]]]
    """

def inv_boxcox(x: _ArrayLike, lmbda: _ArrayLike) -> Tensor:
    """
    The inverse of `boxcox`, `(lmbda x + 1)**(1 / lmbda)`, for 0 `exp(x)`. Gradient: `g * y / (lmbda x + 1)` to x, and
    `g * y (x / (lmbda x + 1) - log(y)) / lmbda` to `lmbda`, for 0 `-g * y x**2 / 2`.
    """

def isclose(
    x: _ArrayLike, other: _ArrayLike, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False
) -> Tensor:
    """
    True where both are equal up to `atol + rtol * abs(other)`. Gradient: none, the result counts or compares.

    Example:
        >>> pg.Record().tensor([1.0, 2.0]).isclose(np.array([1.0, 2.1])).tolist()
        [True, False]
    """

def isfinite(x: Tensor) -> Tensor:
    """
    True where `x` is neither an infinity nor NaN. Gradient: none, the result is no float.
    """

def isin(elements: _ArrayLike, test_elements: _ArrayLike, *, invert: builtins.bool = False) -> Tensor:
    """
    Which elements are among others; NaN is among none. Gradient: none.

    Example:
        >>> pg.isin(pg.Record().tensor([0, 2, 5]), [2, 3]).tolist()
        [False, True, False]
    """

def isinf(x: Tensor) -> Tensor:
    """
    True where `x` is an infinity. Gradient: none, the result is no float.
    """

def isnan(x: Tensor) -> Tensor:
    """
    True where `x` is not a number. Gradient: none, the result is no float.
    """

def isneginf(x: Tensor) -> Tensor:
    """
    True where `x` is minus infinity. Gradient: none, the result counts or compares.
    """

def isposinf(x: Tensor) -> Tensor:
    """
    True where `x` is plus infinity. Gradient: none, the result counts or compares.
    """

def iv(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Modified Bessel function of a whole order `a` from 0 to 10,000, else NaN. Gradient: to a NaN, for there is no
    rule; to b `g * (iv(abs(a - 1), b) + iv(a + 1, b)) / 2`.
    """

def j0(x: Tensor) -> Tensor:
    """
    Bessel function of order 0. Gradient: `-g * j1(x)`.
    """

def j1(x: Tensor) -> Tensor:
    """
    Bessel function of order 1. Gradient: `g * (j0(x) - y / x)`, `g / 2` at 0.
    """

def k0(x: Tensor) -> Tensor:
    """
    Modified Bessel function of the second kind and order 0, NaN for negative numbers. Gradient: `-g * k1(x)`.
    """

def k0e(x: Tensor) -> Tensor:
    """
    The same, scaled: `e**x k0(x)`. Gradient: `g * (y - k1e(x))`.
    """

def k1(x: Tensor) -> Tensor:
    """
    Modified Bessel function of the second kind and order 1, NaN for negative numbers. Gradient: `-g * (k0(x) + y /
    x)`.
    """

def k1e(x: Tensor) -> Tensor:
    """
    The same, scaled: `e**x k1(x)`. Gradient: `g * (y - y / x - k0e(x))`.
    """

def kl_div(
    prediction: _ArrayLike,
    target: _ArrayLike,
    log_target: builtins.bool = False,
    reduction: typing.Literal["mean", "batchmean", "sum", "none"] = "mean",
) -> Tensor:
    """
    The divergence of a target distribution from the one whose logarithm is the prediction: `target (log target -
    prediction)`, with `log_target` the target's logarithm is given. Gradient: `-g * target` to the prediction, and `g *
    (log target + 1 - prediction)` to the target.

    Args:
        prediction: logarithms of probabilities.
        target: probabilities of the same shape, or one number.
        log_target: whether the target's logarithms are given.
        reduction: "batchmean" divides the sum by the size of the first axis, as the divergence of a batch is defined.

    Example:
        >>> x = pg.Record().zeros((2, 3))
        >>> pg.kl_div(x, 1.0, reduction="batchmean").item(), pg.kl_div(x - 1.0, 1.0, reduction="batchmean").item()
        (0.0, 3.0)
    """

def kron(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Every product of an element of one with one of the other, in blocks as large as the second. Gradient: `g` times the
    other, summed over it.
    """

def l1_loss(
    prediction: _ArrayLike, target: _ArrayLike, reduction: typing.Literal["mean", "sum", "none"] = "mean"
) -> Tensor:
    """
    Absolute differences of prediction and target. Gradient: `g * sign(x - t)`, 0 where both are equal.
    """

def layer_norm(
    x: _ArrayLike,
    weight: _ArrayLike | None = None,
    bias: _ArrayLike | None = None,
    *,
    axis: int | Sequence[int] | None = None,
    epsilon: float = 1e-05,
) -> Tensor:
    """
    `(x - mean) / sqrt(variance + epsilon)` over axes, times `weight`, plus `bias`, which have the sizes of these axes.
    Gradient: with z the normalised input and G = `g * weight`: `(G - mean(G) - z mean(G z)) / sqrt(variance +
    epsilon)`; to weight and bias the sums of `g z` and `g`.

    Example:
        >>> pg.layer_norm(pg.Record().tensor([[1.0, 3.0]])).data().round(3)
        array([[-1.,  1.]], dtype=float32)
    """

def ldexp(x: _ArrayLike, exponent: _ArrayLike) -> Tensor:
    """
    `x * 2**exponent`. Gradient: `g * 2**exponent`, and `g * y log(2)` to an exponent of floats.
    """

def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """
    `x` where positive, else `negative_slope * x`. Gradient: `g` where positive, else `g * negative_slope`, at 0
    too.
    """

def left_shift(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Bits moved up by `b` places, 0 where all leave. Gradient: none, the result is no float.
    """

def less(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where `a < b`. Gradient: none, the result is no float.
    """

def less_equal(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where `a <= b`. Gradient: none, the result is no float.
    """

def lgamma(x: Tensor) -> Tensor:
    """
    Logarithm of the absolute value of the gamma function. Gradient: `g * digamma(x)`.
    """

def log(x: Tensor) -> Tensor:
    """
    Natural logarithm. Gradient: `g / x`.
    """

def log10(x: Tensor) -> Tensor:
    """
    Logarithm to base 10. Gradient: `g / (x log 10)`.
    """

def log1p(x: Tensor) -> Tensor:
    """
    `log(1 + x)`, accurate near 0. Gradient: `g / (1 + x)`.
    """

def log2(x: Tensor) -> Tensor:
    """
    Logarithm to base 2. Gradient: `g / (x log 2)`.
    """

def log_cosh_loss(
    prediction: _ArrayLike, target: _ArrayLike, reduction: typing.Literal["mean", "sum", "none"] = "mean"
) -> Tensor:
    """
    `log(cosh(prediction - target))`: half a square near 0, a distance less `log(2)` far away. Gradient: `g *
    tanh(prediction - target)`.

    Example:
        >>> pg.log_cosh_loss(pg.Record().tensor([0.0, 1000.0]), 0.0, reduction="sum").item()
        999.306...
    """

def log_ndtr(x: Tensor) -> Tensor:
    """
    Logarithm of the normal distribution function. Gradient: `g * log_ndtr_dx(1, x)`.
    """

def log_ndtr_dx(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The `a`-th derivative of `log_ndtr` for a whole `a` from 1 to 20, else NaN; the first is
    `sqrt(2/pi) / erfcx(-b / sqrt(2))`. Gradient: to a NaN, for there is no rule; to b
    `g * log_ndtr_dx(a + 1, b)`.
    """

def log_softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """
    The logarithm of the softmax, exact where the softmax underflows. Gradient: `g - softmax(x) * sum(g)`.
    """

def logaddexp(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    `log(e**a + e**b)`, without overflow. Gradient: `g * sigmoid(a - b)` and `g * sigmoid(b - a)`.
    """

def logaddexp2(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    `log2(2**a + 2**b)`, without overflow. Gradient: `g * sigmoid((a - b) log 2)` and `g * sigmoid((b - a) log 2)`.
    """

def logcumsumexp(x: Tensor, axis: int) -> Tensor:
    """
    `log(cumsum(exp(x)))` along an axis, without overflow. Gradient: `exp(x)` times the sum of `g * exp(-y)` from
    each element on.
    """

def logical_and(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where both are. Gradient: none, the result is no float.
    """

def logical_not(x: Tensor) -> Tensor:
    """
    True where `x` is zero or false. Gradient: none, the result is no float.
    """

def logical_or(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where one is. Gradient: none, the result is no float.
    """

def logical_xor(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where exactly one is. Gradient: none, the result is no float.
    """

def logit(x: Tensor) -> Tensor:
    """
    `log(x / (1 - x))`, the inverse of `sigmoid`. Gradient: `g / (x (1 - x))`.
    """

def logsigmoid(x: Tensor) -> Tensor:
    """
    `log(sigmoid(x))`, without overflow. Gradient: `g * sigmoid(-x)`.
    """

def logsumexp(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    `log(sum(exp(x)))` over axes, without overflow. Of only -inf: -inf. Gradient: `g * softmax(x)`, 0 where all are
    -inf.
    """

def margin_ranking_loss(
    input1: _ArrayLike,
    input2: _ArrayLike,
    target: _ArrayLike,
    margin: float = 0.0,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    `max(0, margin - target * (input1 - input2))`: the first is to be the larger where the target is 1, the second where
    it is -1. Gradient: `-g * target` to the first and `g * target` to the second where the value is positive, else 0.
    """

def matmul(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Matrix product with NumPy's rules for vectors and batches. Gradient: `g @ b.T` and `a.T @ g`, summed over axes that
    were broadcast.
    """

def max(
    x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False, *, out: None = None
) -> Tensor:
    """
    Largest over axes, NaN if any is. Gradient: `g` shared equally between equal maxima; to the NaNs if there are
    any.
    """

def max_pool1d(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: builtins.bool = False,
) -> Tensor:
    """
    The largest element of each window, NaN if one is. Padding is never the largest. Gradient: `g` to the first of
    the largest of each window, added up where windows overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, at most half of the window.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def max_pool1d_with_indices(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: builtins.bool = False,
) -> tuple[Tensor, Tensor]:
    """
    The largest element of each window, as `max_pool1d` and its kin have it, and where it is: a position in the space,
    flattened, int64. Gradient: `g` to the first of the largest of each window.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, at most half of the window.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def max_pool2d(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: builtins.bool = False,
) -> Tensor:
    """
    The largest element of each window, NaN if one is. Padding is never the largest. Gradient: `g` to the first of
    the largest of each window, added up where windows overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, at most half of the window.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def max_pool2d_with_indices(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: builtins.bool = False,
) -> tuple[Tensor, Tensor]:
    """
    The largest element of each window, as `max_pool1d` and its kin have it, and where it is: a position in the space,
    flattened, int64. Gradient: `g` to the first of the largest of each window.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, at most half of the window.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def max_pool3d(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: builtins.bool = False,
) -> Tensor:
    """
    The largest element of each window, NaN if one is. Padding is never the largest. Gradient: `g` to the first of
    the largest of each window, added up where windows overlap.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, at most half of the window.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def max_pool3d_with_indices(
    x: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: builtins.bool = False,
) -> tuple[Tensor, Tensor]:
    """
    The largest element of each window, as `max_pool1d` and its kin have it, and where it is: a position in the space,
    flattened, int64. Gradient: `g` to the first of the largest of each window.

    Args:
        x: `(batch, channels, *space)`, or without the batch.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        stride: Elements from place to place; by default the window's size.
        padding: Elements before and after, at most half of the window.
        dilation: Elements from tap to tap.
        ceil_mode: Whether the last window may reach beyond the padding.

    Raises:
        ShapeError: the window does not fit into the input.
    """

def maximum(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The larger, NaN if either is. Gradient: `g` to the larger, half to each where they are equal.
    """

def mean(
    x: Tensor,
    axis: int | Sequence[int] | None = None,
    keepdims: builtins.bool = False,
    *,
    dtype: _DTypeLike | None = None,
    out: None = None,
) -> Tensor:
    """
    Mean over axes; integers and bool become float32. Of no elements: NaN. Gradient: `g / n`.
    """

def median(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    The middle of the elements over axes, of an even number the mean of the two in the middle; NaN if there is any.
    Gradient: `g` to the element in the middle, half to each of two.

    Example:
        >>> pg.Record().tensor([3.0, 1.0, 2.0, 10.0]).median().item()
        2.5
    """

def meshgrid(*tensors: Tensor, indexing: typing.Literal["xy", "ij"] = "xy") -> tuple[Tensor, ...]:
    """
    Grids of coordinates from vectors: with `indexing="ij"` the first varies along axis 0, with "xy" along axis 1.
    Gradient: `g` summed over the other axes.

    Example:
        >>> rec = pg.Record()
        >>> x, y = pg.meshgrid(rec.tensor([1, 2, 3]), rec.tensor([4, 5]))
        >>> x.tolist(), y.tolist()
        ([[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]])
    """

def min(
    x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False, *, out: None = None
) -> Tensor:
    """
    Smallest over axes, NaN if any is. Gradient: `g` shared equally between equal minima; to the NaNs if there are
    any.
    """

def minimum(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The smaller, NaN if either is. Gradient: `g` to the smaller, half to each where they are equal.
    """

def mish(x: Tensor) -> Tensor:
    """
    `x * tanh(softplus(x))`. Gradient: with s = `tanh(softplus(x))`: `g * (s + x (1 - s*s) sigmoid(x))`.
    """

def modf(x: Tensor) -> tuple[Tensor, ...]:
    """
    What is behind the point, and what is before it; both have the sign of the number. Gradient: `g` of the first.

    Example:
        >>> rest, whole = pg.Record().tensor([2.5, -0.25]).modf()
        >>> rest.tolist(), whole.tolist()
        ([0.5, -0.25], [2.0, -0.0])
    """

def moveaxis(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """
    Axes moved to other positions; the rest keep their order. Gradient: `g` with the axes moved back.
    """

def mse(
    prediction: _ArrayLike, target: _ArrayLike, reduction: typing.Literal["mean", "sum", "none"] = "mean"
) -> Tensor:
    """
    Squared differences of prediction and target, which have one shape. Gradient: `2 g (x - t)`, over the count for
    a mean, and the negative to the target.
    """

def multi_margin_loss(
    prediction: _ArrayLike,
    labels: _ArrayLike,
    p: int = 1,
    margin: float = 1.0,
    weight: _ArrayLike | None = None,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    What the label's score lacks of the margin above each other one, to the power `p`: the sum over the number of classes,
    which are the last axis. Gradient: with L what is lacking and w the label's weight, `g * w p L**(p - 1)` over the
    number of classes to each class that is nearer than the margin, and the negative of their sum to the label's.

    Args:
        prediction: a row of scores for each example.
        labels: a class for each example.
        p: 1 or 2.
        margin: by how much the label's score is to be the largest.
        weight: a weight for each class; a mean is one over examples all the same.

    Raises:
        IndexOutOfRangeError: when computed, a label is not between 0 and the number of classes.
    """

def multigammaln(x: Tensor, d: int) -> Tensor:
    """
    Logarithm of the multivariate gamma function of dimension `d`. Gradient: `g` times the sum of `digamma(x - j /
    2)` for j from 0 below d.
    """

def multilabel_margin_loss(
    prediction: _ArrayLike, target: _ArrayLike, reduction: typing.Literal["mean", "sum", "none"] = "mean"
) -> Tensor:
    """
    What the score of each class that is true lacks of 1 above that of each that is not, over the number of classes,
    which are the last axis. The target has the numbers of the classes that are true, up to the first negative one.
    Gradient: `g` over the number of classes to every class that is not true and within 1 of one that is, once for
    each of these, and the negative to these.

    Raises:
        IndexOutOfRangeError: when computed, a label is not below the number of classes.
    """

def multilabel_soft_margin_loss(
    prediction: _ArrayLike,
    target: _ArrayLike,
    weight: _ArrayLike | None = None,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    Cross-entropy of the sigmoids of several classes, which are the last axis and may be true together: their mean.
    Gradient: `g * weight * (sigmoid(x) - t)` over the number of classes.
    """

def multiply(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Product, `a * b`. Gradient: `g * b` and `g * a`.
    """

def nan_to_num(x: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """
    Elements with numbers in place of NaN and infinities; these become the ends of the dtype's range by default.
    Gradient: `g` where nothing was replaced.

    Example:
        >>> pg.Record().tensor([float("nan"), 2.0, float("inf")]).nan_to_num(posinf=9.0).tolist()
        [0.0, 2.0, 9.0]
    """

def nanmax(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Largest over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g` shared equally
    between equal maxima, never to a NaN.
    """

def nanmean(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Mean over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g / n` to the n numbers, 0
    to NaNs.
    """

def nanmedian(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    The same as if NaNs were not there. Gradient: as that of `median`, 0 to NaNs.
    """

def nanmin(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Smallest over axes as if NaNs were not there; NaN where there is nothing else. Gradient: `g` shared equally
    between equal minima, never to a NaN.
    """

def nanprod(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Product over axes as if NaNs were not there. Gradient: as that of `prod`, 0 to NaNs.
    """

def nanquantile(
    x: Tensor, q: float | _ArrayLike, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False
) -> Tensor:
    """
    Quantiles as if NaNs were not there. Gradient: as that of `quantile`, 0 to NaNs.
    """

def nanstd(
    x: Tensor,
    axis: int | Sequence[int] | None = None,
    keepdims: builtins.bool = False,
    *,
    correction: float | None = None,
    ddof: float | None = None,
) -> Tensor:
    """
    Standard deviation over axes as if NaNs were not there. Gradient: as that of `std`, 0 to NaNs and where all
    numbers are equal.
    """

def nansum(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Sum over axes as if NaNs were not there. Gradient: `g` to all that are none.
    """

def nanvar(
    x: Tensor,
    axis: int | Sequence[int] | None = None,
    keepdims: builtins.bool = False,
    *,
    correction: float | None = None,
    ddof: float | None = None,
) -> Tensor:
    """
    Variance over axes as if NaNs were not there, divided by their count less `correction` (or `ddof`). Gradient: as
    that of `var`, 0 to NaNs.
    """

def ndtr(x: Tensor) -> Tensor:
    """
    Normal distribution function, `(1 + erf(x / sqrt(2))) / 2`. Gradient: `g * e**(-x*x/2) / sqrt(2 pi)`.
    """

def ndtri(x: Tensor) -> Tensor:
    """
    Inverse of the normal distribution function. Gradient: `g * sqrt(2 pi) e**(y*y/2)`.
    """

def neg(x: Tensor) -> Tensor:
    """
    Negative, `-x`. Gradient: `-g`.
    """

def nll_loss(
    log_probs: _ArrayLike,
    labels: _ArrayLike,
    axis: int = -1,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
    *,
    weight: _ArrayLike | None = None,
    ignore_index: int | None = None,
) -> Tensor:
    """
    The negative of the label's entry in log-probabilities along an axis. Gradient: `-g * weight` at the label's entry,
    0 elsewhere.

    Args:
        log_probs: as `log_softmax` gives them.
        labels: a class for each example.
        axis: the axis of the classes.
        weight: a weight for each class; a mean is then one by weight.
        ignore_index: the label of examples that do not count.
    """

def nonzero(x: Tensor) -> tuple[Tensor, ...]:
    """
    Positions along each axis of all elements that are not zero; computed at once, as their number depends on
    values. Gradient: none.

    Example:
        >>> [axis.tolist() for axis in pg.Record().tensor([[0, 1], [2, 0]]).nonzero()]
        [[0, 1], [1, 0]]
    """

def norm(
    x: Tensor, ord: float = 2.0, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False
) -> Tensor:
    """
    The norm of vectors along axes, or of all elements: `sum(abs(x)**ord) ** (1/ord)`. Of infinite order it is the
    largest or smallest magnitude, of order 0 the number of elements that are not zero. Gradient: `g * sign(x)
    (abs(x) / y)**(ord - 1)`, shared between equal extremes for an infinite order; 0 where all are zero, and for
    order 0.

    Example:
        >>> x = pg.Record().tensor([3.0, -4.0])
        >>> x.norm().item(), x.norm(1).item(), x.norm(float("inf")).item()
        (5.0, 7.0, 4.0)
    """

def normalize(x: Tensor, p: float = 2.0, axis: int = -1, epsilon: float = 1e-12) -> Tensor:
    """
    Vectors along an axis over their length of order `p`, or over `epsilon` where that is larger. Gradient: with L the
    length, of order 2 `(g - y sum(g y)) / L`; `g / epsilon` where that is larger.

    Example:
        >>> pg.normalize(pg.Record().tensor([3.0, 4.0])).data().round(3)
        array([0.6, 0.8], dtype=float32)
    """

def not_equal(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    True where the inputs differ, so also where either is NaN. Gradient: none, the result is no float.
    """

def one_hot(x: Tensor, num_classes: int, dtype: _DTypeLike | None = None) -> Tensor:
    """
    One where the position along a new last axis is the label, zero elsewhere; zeros for a label that is no class.
    Gradient: none, labels are integers.

    Example:
        >>> pg.Record().tensor([2, 0]).one_hot(3).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """

def ones_like(x: Tensor, dtype: _DTypeLike | None = None) -> Tensor:
    """
    Ones of this shape, and of this dtype unless another is given. Gradient: none, the result does not depend on
    values.
    """

def outer(x: Tensor, other: _ArrayLike) -> Tensor:
    """
    Every product of an element of one flattened input with one of the other. Gradient: `g @ b` and `g.T @ a`, in
    the inputs' shapes.
    """

def pad(
    x: Tensor,
    pad_width: int | typing.Sequence[int] | typing.Sequence[typing.Sequence[int]],
    value: float | None = None,
    *,
    mode: typing.Literal["constant", "edge", "reflect", "symmetric", "wrap"] = "constant",
) -> Tensor:
    """
    `value` put around the elements; `pad_width` as in NumPy: one number, (before, after), or a pair for each axis.
    Other modes continue the elements: "edge" repeats the outermost, "reflect" turns round at it, "symmetric" turns
    round behind it, "wrap" begins anew at the other end. Gradient: the part of `g` at the elements; what they
    are continued by is added to them.

    Raises:
        ArgumentError: a width is negative, a mode is unknown, or there is nothing to continue.

    Example:
        >>> x = pg.Record().tensor([1.0, 2.0, 3.0])
        >>> x.pad((1, 0)).tolist(), x.pad(2, mode="reflect").tolist()
        ([0.0, 1.0, 2.0, 3.0], [3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0])
    """

def percentile(
    x: Tensor, q: float | _ArrayLike, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False
) -> Tensor:
    """
    The same with shares of 100. Gradient: as that of `quantile`.
    """

def permute(x: Tensor, axes: int | Sequence[int]) -> Tensor:
    """
    Axes in another order. Gradient: `g` with the axes in their first order.
    """

def plan_cache() -> PlanCache:
    """
    What the plan cache did so far.
    """

def plan_cache_clear() -> None:
    """
    Forgets all plans and counts.
    """

def poisson_nll_loss(
    prediction: _ArrayLike,
    target: _ArrayLike,
    log_input: builtins.bool = True,
    full: builtins.bool = False,
    eps: float = 1e-08,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    `-log` of Poisson's probability of a count; the prediction is the logarithm of the rate, or the rate itself.
    Gradient: `g * (exp(x) - t)`, or of the rate itself `g * (1 - t / (x + eps))`.
    """

def poissoninv(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The least count whose share, with those below it, of Poisson's distribution of rate `a` reaches `b`. Gradient: 0.
    """

def polygamma(x: Tensor, n: int) -> Tensor:
    """
    The derivative of order `n` of `digamma`, `(-1)**(n + 1) n! zeta(n + 1, x)`. Gradient: `g * polygamma(n + 1, x)`.

    Raises:
        ArgumentError: `n` is not between 0 and 100.

    Example:
        >>> round(pg.Record().tensor(1.0).polygamma(1).item(), 4)  # pi**2 / 6
        1.6449
    """

def power(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Power, `a ** b`. Gradient: `g * b * a**(b-1)` and `g * y * log a`, 0 where a is 0 and b is not negative.
    """

def prelu(x: _ArrayLike, weight: _ArrayLike) -> Tensor:
    """
    `x` where positive, else `weight * x`. A weight with one axis belongs to axis 1 of the input. Gradient: `g`
    where positive, else `g * weight`; to the weight the sum of `g * x` where not positive.
    """

def prod(
    x: Tensor,
    axis: int | Sequence[int] | None = None,
    keepdims: builtins.bool = False,
    *,
    dtype: _DTypeLike | None = None,
    out: None = None,
) -> Tensor:
    """
    Product over axes; a dtype is what elements are cast to before. Gradient: `g` times the product of the other
    elements, found without division, so that zeros do no harm.
    """

def ptp(x: Tensor, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    The largest less the smallest element over axes. Gradient: `g` to the largest and `-g` to the smallest, shared
    between equal ones.
    """

def put(x: Tensor, indices: _ArrayLike, values: _ArrayLike) -> Tensor:
    """
    This tensor with values put at places of the flattened tensor; of several for one place, the last. Values are
    repeated until there are enough. Gradient: `g` where nothing was put; to values that of their places, if they
    stayed.
    """

def put_along_axis(x: Tensor, indices: _ArrayLike, values: _ArrayLike, axis: int) -> Tensor:
    """
    This tensor with values put where `take_along_axis` would pick them; of several for one place, the last.
    Gradient: `g` where nothing was put; to values that of their places, if they stayed.
    """

def quantile(
    x: Tensor, q: float | _ArrayLike, axis: int | Sequence[int] | None = None, keepdims: builtins.bool = False
) -> Tensor:
    """
    The points below which the shares `q` of the elements over axes lie, linear between neighbours; NaN if there is any.
    A list of shares adds a first axis. Gradient: `g` to both neighbours, by their distance.

    Example:
        >>> pg.Record().tensor([1.0, 2.0, 4.0]).quantile([0.25, 1.0]).tolist()
        [1.5, 4.0]
    """

def rad2deg(x: Tensor) -> Tensor:
    """
    Radians as degrees. Gradient: `g * 180 / pi`.
    """

def ravel(x: Tensor) -> Tensor:
    """
    The same as `flatten`. Gradient: `g` in the input's shape.
    """

def reciprocal(x: Tensor) -> Tensor:
    """
    Reciprocal, `1 / x`. Gradient: `-g * y * y`.
    """

def rel_entr(x: _ArrayLike, other: _ArrayLike) -> Tensor:
    """
    `x log(x / other)`: 0 where x is 0, inf outside of the domain. Gradient: `g * (log(x / other) + 1)` and `-g * x
    / other`.
    """

def relu(x: Tensor) -> Tensor:
    """
    Rectified linear unit, `max(x, 0)`. Gradient: `g` where `x > 0`, else 0.
    """

def relu6(x: Tensor) -> Tensor:
    """
    `x` between 0 and 6. Gradient: `g` inside, 0 from 0 down and from 6 up.
    """

def remainder(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Remainder with the sign of the divisor, `a - b * floor(a / b)`. Gradient: `g` and `-g * floor(a / b)`.
    """

def repeat(x: Tensor, repeats: int | Tensor | _ArrayLike, axis: int | None = None) -> Tensor:
    """
    Each element, or slice along an axis, so many times; one number for all, or one for each. Gradient: the sum of `g`
    over the copies.

    Example:
        >>> x = pg.Record().tensor([1, 2])
        >>> x.repeat(2).tolist(), x.repeat([3, 1]).tolist()
        ([1, 1, 2, 2], [1, 1, 1, 2])
    """

def reshape(x: Tensor, shape: int | Sequence[int]) -> Tensor:
    """
    The same elements under another shape; one size may be -1. Gradient: `g` in the input's shape.
    """

def right_shift(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Bits moved down by `b` places, keeping the sign; what all leave is 0 or -1. Gradient: none, the result
    is no float.
    """

def rint(x: Tensor) -> Tensor:
    """
    Nearest integer, halves to the even one. Gradient: 0.
    """

def rms_norm(
    x: _ArrayLike, weight: _ArrayLike | None = None, *, axis: int | Sequence[int] | None = None, epsilon: float = 1e-05
) -> Tensor:
    """
    `x / sqrt(mean(x * x) + epsilon)` over axes, times `weight`, which has the sizes of these axes. Gradient: with r the
    root, z = `x / r` and G = `g * weight`: `(G - z mean(G z)) / r`; to the weight the sums of `g z`.
    """

def roll(x: Tensor, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
    """
    Elements moved along axes, those past the end to the start; of the flattened array without axes. Gradient: `g`
    rolled back.

    Example:
        >>> pg.Record().tensor([1, 2, 3, 4]).roll(1).tolist()
        [4, 1, 2, 3]
    """

def rot90(x: Tensor, k: int = 1, axes: int | Sequence[int] | None = None) -> Tensor:
    """
    Turned by quarters in the plane of two axes, from the first, by default axis 0, towards the second, by default
    axis 1. Gradient: `g` turned back.
    """

def round(x: Tensor, decimals: int = 0) -> Tensor:
    """
    The nearest number of so many decimals, halves to the even one; with negative `decimals` before the point. Gradient: 0.

    Example:
        >>> pg.Record().tensor([0.125, 17.5], "float64").round(2).tolist()
        [0.12, 17.5]
    """

def rsqrt(x: Tensor) -> Tensor:
    """
    Reciprocal square root, `1 / sqrt(x)`. Gradient: `-g * y / (2 x)`.
    """

def scaled_dot_product_attention(
    q: _ArrayLike,
    k: _ArrayLike,
    v: _ArrayLike,
    mask: _ArrayLike | None = None,
    is_causal: builtins.bool = False,
    dropout: float = 0.0,
    key: Key | None = None,
    scale: float | None = None,
) -> Tensor:
    """
    `softmax(q @ k.mT * scale) @ v` over places `(..., places, width)`. Gradient: with P the softmax: `P.mT @ g` to v,
    and with S = `P * (g @ v.mT - sum(P * (g @ v.mT)))`: `S @ k * scale` to q and `S.mT @ q * scale` to k.

    Args:
        q: queries, what asks.
        k: keys, what is compared with them.
        v: values, what is gathered.
        mask: True where a query sees a key, or a number to add to their score; broadcast to `(..., queries, keys)`. A
            query that sees nothing gathers zeros.
        is_causal: whether a query sees only keys up to its own place.
        dropout: the share of weights that is set to 0.
        key: a random key for that.
        scale: what scores are multiplied by, one over the root of the width by default.

    Raises:
        ArgumentError: `dropout` is no share, or comes without a random key.

    Example:
        >>> x = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> pg.scaled_dot_product_attention(x, x, x, is_causal=True)[0].tolist()
        [1.0, 2.0]
    """

def scatter(
    x: Tensor,
    axis: int,
    index: _ArrayLike,
    src: _ArrayLike,
    reduce: str | None = None,
    *,
    include_self: builtins.bool = True,
) -> Tensor:
    """
    This tensor with each element of `src` put at its own place, of which only the position along the axis is
    another; of several for one place, the last. With `reduce`, combined with what is there: "sum", "prod", "mean",
    "amax" or "amin", or "add" and "multiply"; without `include_self` only with each other. Gradient: to `src`, the `g` of its place, and to this tensor `g`
    where nothing was put; of a reduction as that of the reduction.

    Example:
        >>> pg.Record().zeros(3).scatter(0, [0, 2, 2], [1.0, 2.0, 3.0]).tolist()
        [1.0, 0.0, 3.0]
        >>> pg.Record().ones(3).scatter(0, [0, 2, 2], [1.0, 2.0, 3.0], "sum", include_self=False).tolist()
        [1.0, 1.0, 5.0]
    """

def scatter_add(x: Tensor, axis: int, index: _ArrayLike, src: _ArrayLike) -> Tensor:
    """
    This tensor with each element of `src` added at its own place, of which only the position along the axis is
    another. Gradient: `g`, and to `src` the `g` of its place.
    """

def searchsorted(sorted: _ArrayLike, values: _ArrayLike, side: typing.Literal["left", "right"] = "left") -> Tensor:
    """
    How many elements of a sorted row lie before each value: those that are smaller, and with `side="right"` those that
    are equal. Rows of a sorted tensor with several axes are searched for the values of the same row. Gradient: none,
    positions do not change smoothly.

    Example:
        >>> pg.searchsorted(pg.Record().tensor([1.0, 2.0, 4.0]), [2.0, 3.0]).tolist()
        [1, 2]
    """

def segment_sum(x: Tensor, segment_ids: _ArrayLike, num_segments: int) -> Tensor:
    """
    Sums of rows by labels: row `i` is added into row `segment_ids[i]` of `num_segments`. Gradient: `g` at each label.

    Example:
        >>> pg.Record().tensor([1.0, 2.0, 4.0]).segment_sum([0, 1, 0], 2).tolist()
        [5.0, 2.0]
    """

def selu(x: Tensor) -> Tensor:
    """
    `elu` scaled so that layers keep a mean of 0 and a variance of 1. Gradient: `g` times scale where positive, else
    `g * scale * alpha * exp(x)`.
    """

def set_num_threads(n: int) -> None:
    """
    Sets how many threads may work on one plan, for the whole process. It changes the speed, and no bit of any result.

    Raises:
        ArgumentError: the number is not 1 to 256.

    Example:
        >>> before = pg.get_num_threads()
        >>> pg.set_num_threads(1)
        >>> pg.get_num_threads()
        1
        >>> pg.set_num_threads(before)
    """

def sigmoid(x: Tensor) -> Tensor:
    """
    Logistic function, `1 / (1 + e**-x)`. Gradient: `g * y (1 - y)`, with `1 - y` as `sigmoid(-x)`.
    """

def sign(x: Tensor) -> Tensor:
    """
    Sign: -1, 0 or 1; NaN stays NaN. Gradient: 0.
    """

def signbit(x: Tensor) -> Tensor:
    """
    True where `x` is negative, -0 and a NaN of that sign included. Gradient: 0.
    """

def silu(x: Tensor) -> Tensor:
    """
    `x * sigmoid(x)`, also called swish. Gradient: with s = `sigmoid(x)`: `g * (s + x s (1 - s))`.
    """

def sin(x: Tensor) -> Tensor:
    """
    Sine of radians. Gradient: `g * cos(x)`.
    """

def sinc(x: Tensor) -> Tensor:
    """
    `sin(pi x) / (pi x)`, 1 at 0. Gradient: `g * (cos(pi x) - y) / x`, 0 at 0.
    """

def sinh(x: Tensor) -> Tensor:
    """
    Hyperbolic sine. Gradient: `g * cosh(x)`.
    """

def smooth_l1_loss(
    prediction: _ArrayLike,
    target: _ArrayLike,
    beta: float = 1.0,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    The Huber loss divided by `beta`; with `beta=0.0` the absolute difference. Gradient: `g * (x - t) / beta`, held
    between -1 and 1.
    """

def soft_margin_loss(
    prediction: _ArrayLike, target: _ArrayLike, reduction: typing.Literal["mean", "sum", "none"] = "mean"
) -> Tensor:
    """
    `log(1 + exp(-target * prediction))`, for targets of -1 and 1. Gradient: `-g * target * sigmoid(-target *
    prediction)`.
    """

def softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """
    `exp(x) / sum(exp(x))` along an axis, or several, or all with None. Gradient: `y * (g - sum(g * y))`.
    """

def softplus(x: Tensor) -> Tensor:
    """
    `log(1 + e**x)`, without overflow. Gradient: `g * sigmoid(x)`.
    """

def softshrink(x: Tensor, lambd: float = 0.5) -> Tensor:
    """
    `x` moved towards 0 by `lambd`, as far as 0. Gradient: `g` where `abs(x) > lambd`, else 0.
    """

def softsign(x: Tensor) -> Tensor:
    """
    `x / (1 + abs(x))`. Gradient: `g / (1 + abs(x))**2`.
    """

def sort(x: Tensor, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
    """
    Elements in order along an axis, or of the flattened array. NaN counts as the largest; equal elements keep their
    order, whatever `stable` says. Gradient: `g` where each element came from.

    Example:
        >>> x = pg.Record().tensor([2.0, 3.0, 1.0])
        >>> x.sort().tolist(), x.sort(descending=True).tolist()
        ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])
    """

def spherical_bessel_j0(x: Tensor) -> Tensor:
    """
    Spherical Bessel function of order 0, `sin(x) / x`, 1 at 0. Gradient: `g * (cos(x) - y) / x`, 0 at 0.
    """

def split(x: Tensor, indices_or_sections: int | typing.Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """
    Parts along an axis: a number of equal ones, or cut at positions. Gradient: the `g` of the parts, one behind the
    other.
    """

def sqrt(x: Tensor) -> Tensor:
    """
    Square root. Gradient: `g / (2 y)`, infinite at 0.
    """

def square(x: Tensor) -> Tensor:
    """
    Square, `x * x`. Gradient: `g * 2 x`.
    """

def squeeze(x: Tensor, axis: int | Sequence[int] | None = None) -> Tensor:
    """
    Without the given axes of size 1, or without all of them. Gradient: `g` in the input's shape.
    """

def stack(tensors: typing.Sequence[Tensor], axis: int = 0) -> Tensor:
    """
    Tensors of one shape along a new axis. Gradient: to each, its slice of `g`.
    """

def std(
    x: Tensor,
    axis: int | Sequence[int] | None = None,
    keepdims: builtins.bool = False,
    *,
    correction: float | None = None,
    ddof: float | None = None,
    dtype: _DTypeLike | None = None,
    out: None = None,
) -> Tensor:
    """
    Standard deviation over axes. Gradient: `g * (x - mean) / (y (n - correction))`, 0 where all elements are equal.
    """

def stop_gradient(x: Tensor) -> Tensor:
    """
    The same values, with no gradient. Gradient: 0.
    """

def subtract(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Difference, `a - b`. Gradient: `g` and `-g`.
    """

def sum(
    x: Tensor,
    axis: int | Sequence[int] | None = None,
    keepdims: builtins.bool = False,
    *,
    dtype: _DTypeLike | None = None,
    out: None = None,
) -> Tensor:
    """
    Sum over axes; integers and bool are summed in int64. A dtype is what elements are cast to before. Gradient: `g`
    to every element.

    Example:
        >>> pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0).tolist()
        [4.0, 6.0]
    """

def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    """
    Two axes swapped. Gradient: `g` with the same axes swapped.
    """

def take(x: Tensor, indices: _ArrayLike, axis: int | None = None) -> Tensor:
    """
    Whole slices along an axis, or elements of the flattened array, picked by an integer array. Gradient: `g` added
    up at the places picked.
    """

def take_along_axis(x: Tensor, indices: _ArrayLike, axis: int) -> Tensor:
    """
    One element along an axis for each element of an integer array; other axes broadcast. Gradient: `g` added up at
    the places picked.
    """

def tan(x: Tensor) -> Tensor:
    """
    Tangent of radians. Gradient: `g * (1 + y*y)`.
    """

def tanh(x: Tensor) -> Tensor:
    """
    Hyperbolic tangent. Gradient: `g * (1 - y*y)`.
    """

def tanhshrink(x: Tensor) -> Tensor:
    """
    `x - tanh(x)`, accurate near 0. Gradient: `g * tanh(x)**2`.
    """

def tensordot(
    a: _ArrayLike, b: _ArrayLike, axes: int | typing.Sequence[int | typing.Sequence[int]] | None = None
) -> Tensor:
    """
    Sums of products over axes: the last so many of the first with the first so many of the second, or pairs that two
    lists name. What is left of the first comes first in the result. Gradient: to each, `g` times the other, summed over
    what is left of the other.

    Example:
        >>> x = pg.Record().ones((2, 3, 4))
        >>> pg.tensordot(x, x, axes=([0, 1], [0, 1])).shape
        (4, 4)
    """

def threshold(x: Tensor, threshold: float, value: float) -> Tensor:
    """
    `x` where above the threshold, else `value`. Gradient: `g` above the threshold, else 0.
    """

def tile(x: Tensor, reps: int | Sequence[int]) -> Tensor:
    """
    The array so many times beside itself along each axis. Gradient: the sum of `g` over the copies.
    """

def topk(x: Tensor, k: int, axis: int = -1, largest: builtins.bool = True) -> phonograd._results.TopKResult:
    """
    The `k` largest or smallest elements along an axis, in order, and their positions. NaN counts as the largest.
    Gradient: `g` where each element came from.

    Example:
        >>> values, indices = pg.Record().tensor([1.0, 3.0, 2.0]).topk(2)
        >>> values.tolist(), indices.tolist()
        ([3.0, 2.0], [1, 2])
    """

def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """
    The sum of the `offset`-th diagonal over two axes. Gradient: `g` on the diagonal.
    """

def transpose(x: Tensor, axes: int | Sequence[int] | None = None) -> Tensor:
    """
    Axes in another order; reversed by default. Gradient: `g` with the axes in their first order.
    """

def trapezoid(y: Tensor, x: _ArrayLike | None = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """
    The integral along an axis by trapezoids, over points `x`, or over steps of width `dx`. Gradient: `g` by half the
    widths of the steps on both sides; to `x` by the differences of `y`.
    """

def tril(x: Tensor, k: int = 0) -> Tensor:
    """
    The lower triangle of the last two axes, up to the `k`-th diagonal; zero elsewhere. Gradient: `g` in the triangle.

    Example:
        >>> pg.Record().ones((3, 3)).tril().tolist()
        [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
    """

def triplet_margin_loss(
    anchor: _ArrayLike,
    positive: _ArrayLike,
    negative: _ArrayLike,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-06,
    swap: builtins.bool = False,
    reduction: typing.Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """
    `max(0, distance(anchor, positive) - distance(anchor, negative) + margin)`, with distances of order `p` along the
    last axis. With `swap`, the second distance is the smaller of those to the anchor and to the positive. Gradient:
    where the value is positive, `g` times the gradients of both distances; 0 else.
    """

def triu(x: Tensor, k: int = 0) -> Tensor:
    """
    The upper triangle of the last two axes, from the `k`-th diagonal on; zero elsewhere. Gradient: `g` in the triangle.
    """

def trunc(x: Tensor) -> Tensor:
    """
    Integer part, towards 0. Gradient: 0.
    """

def unfold(
    x: Tensor,
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Sequence[Sequence[int]] | str = 0,
    stride: int | Sequence[int] = 1,
) -> Tensor:
    """
    The elements of each window as a column: `(batch, channels * taps, places)` of `(batch, channels, *space)`.
    Gradient: `g` folded: added up where windows overlap.

    Args:
        x: One to three axes of space behind batch and channels.
        kernel_size: Sizes of the window, one number for all axes of space or one for each.
        dilation: Elements from tap to tap.
        padding: Zeros before and after.
        stride: Elements from place to place.

    Example:
        >>> x = pg.Record().tensor([[[1.0, 2.0, 3.0, 4.0]]])
        >>> pg.unfold(x, 2).tolist()
        [[[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]]
    """

def unique(x: Tensor) -> Tensor:
    """
    The different elements in order, all NaNs as one; computed at once, as their number depends on values. Gradient:
    none.

    Example:
        >>> pg.Record().tensor([3, 1, 3]).unique().tolist()
        [1, 3]
    """

def unique_all(x: Tensor) -> phonograd._results.UniqueAllResult:
    """
    The different elements in order, where the first of each is in the flattened array, for each element which of
    these it is, and how often each is there; computed at once. Gradient: none.
    """

def unique_counts(x: Tensor) -> phonograd._results.UniqueCountsResult:
    """
    The different elements in order, and how often each is there; computed at once. Gradient: none.
    """

def unique_inverse(x: Tensor) -> phonograd._results.UniqueInverseResult:
    """
    The different elements in order, and for each element which of these it is; computed at once. Gradient: none.
    """

def unique_values(x: Tensor) -> Tensor:
    """
    The different elements in order, every NaN on its own; computed at once. Gradient: none.
    """

def unsqueeze(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    """
    The same as `expand_dims`. Gradient: `g` in the input's shape.
    """

def unstack(x: Tensor, axis: int = 0) -> tuple[Tensor, ...]:
    """
    Slices along an axis, which they do not have any more. Gradient: the `g` of the slices, along the axis.
    """

def unwrap(x: Tensor, discont: float | None = None, axis: int = -1, *, period: float = 6.283185307179586) -> Tensor:
    """
    Angles along an axis without jumps: where neighbours are at least `discont` apart, by default half a period, what
    follows is moved by whole periods until they are at most half of one apart. Gradient: `g`.

    Example:
        >>> pg.Record().tensor([0.0, 3.0, 7.0, 1.0]).unwrap(period=8.0).tolist()
        [0.0, 3.0, 7.0, 9.0]
    """

def var(
    x: Tensor,
    axis: int | Sequence[int] | None = None,
    keepdims: builtins.bool = False,
    *,
    correction: float | None = None,
    ddof: float | None = None,
    dtype: _DTypeLike | None = None,
    out: None = None,
) -> Tensor:
    """
    Variance over axes in two passes, divided by the count less `correction` (or `ddof`). Gradient: `2 g (x - mean)
    / (n - correction)`.
    """

def vdot(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    The sum of products of the elements of two tensors of one size, flattened. Gradient: `g * b` and `g * a`.
    """

def vstack(tensors: typing.Sequence[Tensor]) -> Tensor:
    """
    Tensors below each other; vectors are rows. Gradient: to each, its part of `g`.
    """

def where(condition: _ArrayLike, a: Tensor | float | None = None, b: Tensor | float | None = None) -> Tensor:
    """
    Elements of `a` where the condition is true, of `b` elsewhere. Gradient: `g` to the one that was chosen, 0 to the
    other.

    Example:
        >>> x = pg.Record().tensor([-1.0, 2.0])
        >>> pg.where(x > 0, x, 0.0).tolist()
        [0.0, 2.0]
    """

def xlog1py(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    `a * log(1 + b)`, 0 where a is 0. Gradient: `g * log1p(b)`, 0 where a is 0 and b not above -1; and
    `g * a / (1 + b)`.
    """

def xlogy(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    `a * log(b)`, 0 where a is 0. Gradient: `g * log(b)`, 0 where a is 0 and b not positive; and `g * a / b`.
    """

def zeros_like(x: Tensor, dtype: _DTypeLike | None = None) -> Tensor:
    """
    Zeros of this shape, and of this dtype unless another is given. Gradient: none, the result does not depend on
    values.
    """

def zeta(a: _ArrayLike, b: _ArrayLike) -> Tensor:
    """
    Hurwitz's zeta function, the sum of `(k + b)**-a` over k from 0 on; NaN for a below 1, infinite at the poles.
    Gradient: to b `-g * a zeta(a + 1, b)`; to a NaN, for there is no rule.
    """

class RecordError(Exception):
    """Root of every error of this package."""

class ShapeError(RecordError, ValueError):
    """Shapes do not fit together."""

class DTypeError(RecordError, TypeError):
    """A dtype is unknown or does not fit."""

class AxisError(RecordError, IndexError, ValueError):
    """An axis is out of range or named twice."""

class ForeignTensorError(RecordError, ValueError):
    """A tensor belongs to another record."""

class NotScalarError(RecordError, ValueError):
    """A scalar was needed."""

class ParameterError(RecordError, KeyError, ValueError):
    """A parameter is unknown, or wanted in two shapes."""

class IndexOutOfRangeError(RecordError, IndexError):
    """An index is out of range, or there are too many of them."""

class ArgumentError(RecordError, ValueError):
    """The value of an argument makes no sense."""

class OutOfRangeError(RecordError, OverflowError, ValueError):
    """An integer dtype does not have a number."""

class InputError(RecordError, TypeError):
    """Data of a kind that cannot be read."""

class RaggedError(RecordError, ValueError):
    """Nested lists are not rectangular."""

class AllocationError(RecordError, MemoryError):
    """Memory that the system does not give, or that a budget does not allow."""

class IntegerDivisionError(RecordError, ZeroDivisionError):
    """An integer was divided by zero."""

class LinAlgError(RecordError, ValueError):
    """A matrix is singular, not positive definite, or not finite."""

class KeyReuseError(RecordError, ValueError):
    """A random key was used twice in one record."""

class GradientError(RecordError, TypeError, RuntimeError):
    """No gradient is possible."""

class CheckpointError(RecordError, ValueError):
    """The content of a file is not what it must be."""

class MissingFileError(RecordError, FileNotFoundError):
    """A file is not there."""

class FileError(RecordError, OSError):
    """A file cannot be read or written."""

class InternalError(RecordError, RuntimeError):
    """A bug in phonograd."""

bool: typing.Final[DType]
int8: typing.Final[DType]
uint8: typing.Final[DType]
int16: typing.Final[DType]
uint16: typing.Final[DType]
int32: typing.Final[DType]
uint32: typing.Final[DType]
int64: typing.Final[DType]
uint64: typing.Final[DType]
float16: typing.Final[DType]
bfloat16: typing.Final[DType]
float32: typing.Final[DType]
float64: typing.Final[DType]
