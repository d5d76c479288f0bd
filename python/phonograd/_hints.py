"""What stands in for names of other libraries that a module or a tensor does not have.

In goes a name that is asked for and not there; out comes an AttributeError that says what to write. To `hasattr`, `dir`
and editors such a name does not exist.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NoReturn

_SAME_RECORD = "a record makes tensors: `phonograd.Record().{}(...)`"
_COMPILED = "there is nothing to compile: plans are made, and remembered, by themselves"
_ONLY_CPU = "everything runs on the CPU"
_IN_PLACE = "nothing is changed in place: `{}` makes a new tensor"

# Of the package itself.
PACKAGE = {
    **{
        name: _SAME_RECORD.format(name)
        for name in (
            *("tensor", "zeros", "ones", "full", "empty", "eye", "tri"),
            *("arange", "linspace", "logspace", "geomspace"),
        )
    },
    "array": _SAME_RECORD.format("tensor"),
    "asarray": _SAME_RECORD.format("tensor"),
    "from_numpy": _SAME_RECORD.format("tensor"),
    "rand": "randomness is explicit: `record.uniform(phonograd.Key(seed), shape)`",
    "randn": "randomness is explicit: `record.normal(phonograd.Key(seed), shape)`",
    "manual_seed": "randomness is explicit: `phonograd.Key(seed)`",
    "no_grad": "make the record with `phonograd.Record(grad=False)`, or use `stop_gradient`",
    "grad": "gradients are asked of the output: `loss.grad()`",
    "cat": "`phonograd.concat` joins arrays",
    **dict.fromkeys(("mm", "bmm", "mv"), "`a @ b`, or `phonograd.matmul`, is the matrix product, of batches, too"),
    "addmm": "`c + a @ b`; what belongs together runs together",
    "baddbmm": "`c + a @ b`; what belongs together runs together",
    "addcmul": "`a + value * b * c`; what belongs together runs together",
    "lerp": "`a + (b - a) * weight`; what belongs together runs together",
    "linear": "`x @ weight.T + bias`; `phonograd.nn.Linear` is a layer",
    "embedding": "`weight[indices]` picks rows; `phonograd.nn.Embedding` is a layer",
    "dropout": "`phonograd.nn.Dropout(rate)` is a layer, whose calls take a key",
    "mul": "`a * b`, or `phonograd.multiply`",
    "sub": "`a - b`, or `phonograd.subtract`",
    "div": "`a / b`, or `phonograd.divide`",
    "eq": "`a == b`, or `phonograd.equal`",
    "ne": "`a != b`, or `phonograd.not_equal`",
    "lt": "`a < b`, or `phonograd.less`",
    "le": "`a <= b`, or `phonograd.less_equal`",
    "gt": "`a > b`, or `phonograd.greater`",
    "ge": "`a >= b`, or `phonograd.greater_equal`",
    "clamp": "`phonograd.clip` is the same",
    "masked_fill": "`phonograd.where(mask, value, x)` is the same",
    "index_select": "`phonograd.take(x, indices, axis)` is the same",
    "take_along_dim": "`phonograd.take_along_axis` is the same",
    "movedim": "`phonograd.moveaxis` is the same",
    "swapdims": "`phonograd.swapaxes` is the same",
    "unbind": "`phonograd.unstack` is the same",
    "repeat_interleave": "`phonograd.repeat` is the same",
    "tensor_split": "`phonograd.array_split` is the same",
    "hsplit": "`phonograd.split(x, parts, axis=1)` is the same",
    "vsplit": "`phonograd.split(x, parts, axis=0)` is the same",
    "dsplit": "`phonograd.split(x, parts, axis=2)` is the same",
    "append": "`phonograd.concat` joins arrays",
    "fabs": "`phonograd.abs` is the same",
    "trapz": "`phonograd.trapezoid` is the same",
    "digitize": "`phonograd.searchsorted` finds places among edges",
    "bucketize": "`phonograd.searchsorted` finds places among edges",
    "softmin": "`phonograd.softmax(-x)` is the same",
    "logdet": "`phonograd.linalg.slogdet` has the sign beside it",
    "vecdot": "`phonograd.linalg.vecdot`",
    "matrix_transpose": "`phonograd.linalg.matrix_transpose`, or `x.mT`",
    "divmod": "`a // b` and `a % b`",
    **{
        name: f"a record draws: `phonograd.Record().{name}(key, ...)`"
        for name in ("bernoulli", "binomial", "choice", "multinomial", "normal", "poisson", "randint")
    },
    "randperm": "a record draws: `phonograd.Record().permutation(key, n)`",
    "gumbel_softmax": "`phonograd.softmax((logits + record.gumbel(key, logits.shape)) / tau)`",
    "as_tensor": _SAME_RECORD.format("tensor"),
    "identity": _SAME_RECORD.format("eye"),
    "empty_like": "`phonograd.zeros_like`",
    "frac": "`phonograd.modf` gives it and the whole part",
    **dict.fromkeys(("select", "choose", "piecewise"), "`phonograd.where`, one in the other"),
    **dict.fromkeys(("masked_select", "compress", "extract", "delete"), "`x[mask]` has the elements where it is true"),
    "insert": "`phonograd.concat` joins arrays",
    "flatnonzero": "`phonograd.nonzero(x.flatten())`",
    "ediff1d": "`phonograd.diff(x.flatten())`",
    **dict.fromkeys(("msort", "partition", "lexsort"), "`phonograd.sort`, and `phonograd.argsort`, which is stable"),
    **dict.fromkeys(("kthvalue", "argpartition"), "`phonograd.topk` and `phonograd.sort`"),
    **dict.fromkeys(("std_mean", "var_mean"), "`x.std()`, `x.var()` and `x.mean()`; what they share is computed once"),
    "aminmax": "`x.min()` and `x.max()`",
    **dict.fromkeys(("cdist", "pdist"), "`phonograd.norm(a[..., :, None, :] - b[..., None, :, :], axis=-1)`"),
    **dict.fromkeys(("dist", "pairwise_distance"), "`phonograd.norm(a - b, axis=-1)`"),
    "igamma": "`phonograd.gammainc` is the same",
    "igammac": "`phonograd.gammaincc` is the same",
    "mvlgamma": "`phonograd.multigammaln` is the same",
    "addcdiv": "`a + value * b / c`; what belongs together runs together",
    "rsub": "`b - a`",
    "sgn": "`phonograd.sign` is the same",
    "ger": "`phonograd.outer` is the same",
    "inverse": "`phonograd.linalg.inv`",
    "pinverse": "`phonograd.linalg.pinv`",
    "chain_matmul": "`phonograd.linalg.multi_dot`",
    **{
        name: f"`phonograd.linalg.{name}`"
        for name in (
            "block_diag",
            "cholesky",
            "cholesky_solve",
            "cond",
            "det",
            "lstsq",
            "matrix_power",
            "matrix_rank",
            "qr",
        )
    },
    **{name: f"`phonograd.linalg.{name}`" for name in ("slogdet", "solve", "svd", "vander")},
    **dict.fromkeys(("matvec", "vecmat"), "`a @ b` is the matrix product, of batches, too"),
    **dict.fromkeys(("conj", "conjugate", "real"), "numbers are real"),
    **dict.fromkeys(("imag", "angle"), "numbers are real; transforms in `phonograd.fft` take and give pairs"),
    "histc": "`phonograd.histogram`",
    "upsample": "`phonograd.interpolate` is the same",
    "scatter_reduce": "`phonograd.scatter(x, axis, index, src, reduce)` is the same",
    **dict.fromkeys(("pixel_shuffle", "pixel_unshuffle"), "`phonograd.nn.PixelShuffle` is a layer"),
    "narrow": "`x[:, start:start + length]` picks a range of an axis",
    "unravel_index": "`i // n` and `i % n`, or `numpy.unravel_index`",
    "array_equal": "`(a == b).all()`",
    "numel": "`x.size` is the number of elements",
    "positive": "`+x`",
    "save": "stores and trainings are saved: `store.save(path)`, `phonograd.checkpoint.save(path, store)`",
    "load": "stores and trainings are loaded: `ParameterStore.load(path)`, `phonograd.checkpoint.load(path)`",
    "device": _ONLY_CPU,
    "cuda": _ONLY_CPU,
    "jit": _COMPILED,
    "compile": _COMPILED,
}

# Of linear algebra.
LINALG = {
    "matrix_exp": "`phonograd.linalg.expm` is the same",
    "eig": "eigenvalues are complex in general; of symmetric matrices `phonograd.linalg.eigh` has them",
    "eigvals": "eigenvalues are complex in general; of symmetric matrices `phonograd.linalg.eigvalsh` has them",
    "cho_factor": "`phonograd.linalg.cholesky` makes the factor",
    "cho_solve": "`phonograd.linalg.cholesky_solve` solves with it",
    "orth": "the columns of U of `phonograd.linalg.svd` are a basis",
    "kron": "`phonograd.kron`",
}

# Of tensors.
TENSOR = {
    "backward": "`grads = loss.grad()` returns the gradients, and `grads.wrt(tensor)` is one of them",
    "requires_grad": "everything recorded has a gradient; `stop_gradient` and `Record(grad=False)` cut it",
    "requires_grad_": "everything recorded has a gradient; `stop_gradient` and `Record(grad=False)` cut it",
    "retain_grad": "`grads.wrt(tensor)` answers for intermediates, too",
    "grad_fn": "`print(tensor.record)` lists what was recorded",
    "detach": "`stop_gradient()` cuts the gradient, and `data()` is the array",
    "cpu": _ONLY_CPU,
    "cuda": _ONLY_CPU,
    "to": "`astype(dtype)` casts; everything runs on the CPU",
    "type": "`astype(dtype)` casts",
    "double": '`astype("float64")` casts',
    "float": '`astype("float32")` casts',
    "half": '`astype("float16")` casts',
    "long": '`astype("int64")` casts',
    "int": '`astype("int32")` casts',
    "view": "`reshape(shape)` is the same here",
    "expand": "`broadcast_to(shape)` is the same",
    "contiguous": "tensors have no layout",
    "clone": "tensors never change, so that none needs a copy",
    "copy": "tensors never change, so that none needs a copy; `data().copy()` is an array that may",
    "clamp": "`clip(min, max)` is the same",
    "numel": "`size` is the number of elements",
    "dim": "`ndim` is the number of axes",
    "t": "`T` is the transpose",
    "mm": "`a @ b` is the matrix product",
    "bmm": "`a @ b` is the matrix product, of batches, too",
    "eq": "`a == b` compares",
    "ne": "`a != b` compares",
    "lt": "`a < b` compares",
    "le": "`a <= b` compares",
    "gt": "`a > b` compares",
    "ge": "`a >= b` compares",
    "mul": "`a * b`, or `multiply`",
    "sub": "`a - b`, or `subtract`",
    "div": "`a / b`, or `divide`",
    "masked_fill": "`phonograd.where(mask, value, x)` is the same",
    "index_select": "`take(indices, axis)` is the same",
    "register_hook": "gradients are values: what is to be done with one is done to `grads.wrt(tensor)`",
    **{f"{name}_": _IN_PLACE.format(name) for name in ("add", "relu", "clip", "exp", "squeeze", "sigmoid", "tanh")},
    "sub_": _IN_PLACE.format("a - b"),
    "mul_": _IN_PLACE.format("a * b"),
    "div_": _IN_PLACE.format("a / b"),
    "clamp_": _IN_PLACE.format("clip"),
    "copy_": _IN_PLACE.format("x.at[index].set(values)"),
    "fill_": _IN_PLACE.format("full_like"),
    "zero_": _IN_PLACE.format("zeros_like"),
}


# Of parameter stores.
STORE = {
    "load": "`ParameterStore.load(path)` makes one, `phonograd.checkpoint.load_weights(path, store)` loads into one",
    "state_dict": "a store is one, of names and arrays: `dict(store)`, `store.save(path)`",
    "load_state_dict": "`store.update(arrays)` puts arrays in, `phonograd.checkpoint.load_weights(path, store)` a file",
    "parameters": "`store.values()` are the arrays",
    "named_parameters": "`store.items()` are the arrays with their names",
    "zero_grad": "gradients are values that `loss.grad()` returns; nothing adds up",
    "to": _ONLY_CPU,
}


def missing(owner: str, name: str, hints: Mapping[str, str]) -> AttributeError:
    """The error of a name that is not there, with what to write instead, if that is known."""
    hint = f"; {hints[name]}" if name in hints else ""
    return AttributeError(f"{owner} has no attribute {name!r}{hint}")


class _Missing:
    """A name that a class does not have, and what its instances say when it is asked for."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise missing(f"{owner.__name__!r} object", self.name, TENSOR)

    def __set__(self, instance: object, value: Any) -> NoReturn:
        self.__get__(instance, type(instance))


def _names(tensor: object) -> list[str]:
    """What `dir` lists."""
    return sorted({*object.__dir__(tensor)} - {*TENSOR})


def put_on(tensor: type) -> None:
    """Has a class answer what is asked of tensors elsewhere: at no cost for what it has, as `__getattr__` would be."""
    for name in TENSOR:
        if hasattr(tensor, name):
            raise TypeError(f"a tensor has `{name}`; expected hints for what it has not")
        setattr(tensor, name, _Missing(name))
    tensor.__dir__ = _names  # type: ignore[assignment, method-assign]
