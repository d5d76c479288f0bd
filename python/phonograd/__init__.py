"""Reverse-mode differentiation over an explicit record.

A `Record` holds what was computed; a `Tensor` is a handle into it; `Gradients` are values; parameters live outside, in
a `ParameterStore`. Shapes are checked when an operation is recorded, values are computed when they are asked for.

Example:
    >>> import phonograd as pg
    >>> rec = pg.Record()
    >>> x = rec.tensor([1.0, -2.0, 3.0])
    >>> loss = pg.sum(pg.relu(x))
    >>> loss.item()
    4.0
    >>> loss.grad().wrt(x).tolist()
    [1.0, 0.0, 1.0]
"""

# ruff: noqa: E402, a type checker keeps the first meaning of a name, and Python the last.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from phonograd._store import ParameterStore as ParameterStore

from phonograd import _core, _hints
from phonograd._core import *  # type: ignore[assignment]  # noqa: F403

# NumPy's other names, and PyTorch's.
from phonograd._core import abs as absolute
from phonograd._core import acos as arccos
from phonograd._core import acosh as arccosh
from phonograd._core import asin as arcsin
from phonograd._core import asinh as arcsinh
from phonograd._core import atan as arctan
from phonograd._core import atan2 as arctan2
from phonograd._core import atanh as arctanh
from phonograd._core import bitwise_not as invert
from phonograd._core import concat as concatenate
from phonograd._core import deg2rad as radians
from phonograd._core import divide as true_divide
from phonograd._core import max as amax
from phonograd._core import min as amin
from phonograd._core import mse as mse_loss
from phonograd._core import neg as negative
from phonograd._core import permute as permute_dims
from phonograd._core import power as pow
from phonograd._core import rad2deg as degrees
from phonograd._core import remainder as mod
from phonograd._core import round as around
from phonograd._core import trunc as fix
from phonograd._store import ParameterStore as ParameterStore

if TYPE_CHECKING:
    from phonograd import checkpoint, data, fft, linalg, nn, optim, reference, special
    from phonograd._fit import History as History
    from phonograd._fit import NonFiniteError as NonFiniteError
    from phonograd._fit import fit as fit

# Imported when they are first asked for: the modules beside this one, and where some names are.
_MODULES = ("checkpoint", "data", "fft", "linalg", "nn", "optim", "reference", "special")
_ELSEWHERE = {"fit": "_fit", "History": "_fit", "NonFiniteError": "_fit"}

# What is public: all that the core exports, so that a new operation is public by itself, and what is imported later.
__all__ = [
    "absolute",
    "amax",
    "amin",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "around",
    "concatenate",
    "degrees",
    "fix",
    "invert",
    "mod",
    "mse_loss",
    "negative",
    "permute_dims",
    "pow",
    "radians",
    "true_divide",
    "checkpoint",
    "data",
    "fft",
    "linalg",
    "nn",
    "optim",
    "reference",
    "special",
    "fit",
    "History",
    "NonFiniteError",
]
__all__ += [name for name in _core.__all__ if name == "__version__" or not name.startswith("_")]

_hints.put_on(_core.Tensor)


def __getattr__(name: str) -> object:
    """Imports what is beside this module when it is first asked for."""
    if name in _MODULES:
        return getattr(__import__(f"{__name__}.{name}"), name)
    if name in _ELSEWHERE:
        return getattr(getattr(__import__(f"{__name__}.{_ELSEWHERE[name]}"), _ELSEWHERE[name]), name)
    raise _hints.missing(f"module {__name__!r}", name, _hints.PACKAGE)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES, *_ELSEWHERE})
