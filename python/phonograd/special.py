"""Special functions under the names that `scipy.special` gives them.

Most are the core's own, here and in `phonograd` under the same name; a few have two names, and `polygamma` and `kl_div`
take their arguments in SciPy's order. All take tensors of a record, and beside them numbers and arrays.

Example:
    >>> x = pg.Record().tensor([0.5, 1.0])
    >>> (pg.special.psi(x) - x.lgamma().sum().grad().wrt(x)).tolist()
    [0.0, 0.0]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phonograd import _core
from phonograd._core import (
    beta,
    betaln,
    cbrt,
    digamma,
    entr,
    erf,
    erfc,
    erfcx,
    erfinv,
    exp2,
    expm1,
    gamma,
    gammainc,
    gammaincc,
    gammaincinv,
    gammasgn,
    i0,
    i0e,
    i1,
    i1e,
    log1p,
    log_ndtr,
    log_softmax,
    logit,
    logsumexp,
    multigammaln,
    ndtr,
    ndtri,
    rel_entr,
    sinc,
    softmax,
    softplus,
    xlog1py,
    xlogy,
    zeta,
)
from phonograd._core import lgamma as gammaln
from phonograd._core import logsigmoid as log_expit
from phonograd._core import sigmoid as expit

if TYPE_CHECKING:
    from phonograd._core import Tensor

psi = digamma


def polygamma(n: int, x: Tensor) -> Tensor:
    """The derivative of order `n` of `digamma`.

    Example:
        >>> pg.special.polygamma(1, pg.Record().tensor(1.0)).item()
        1.644934...
    """
    return _core.polygamma(x, n)


def kl_div(x: Tensor, y: Tensor | float) -> Tensor:
    """`x log(x / y) - x + y`, element by element; the loss of that name is `phonograd.kl_div`.

    Example:
        >>> pg.special.kl_div(pg.Record().tensor([1.0, 0.0]), 1.0).tolist()
        [0.0, 1.0]
    """
    return rel_entr(x, y) + (y - x)


__all__ = [
    "beta",
    "betaln",
    "cbrt",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaincinv",
    "gammaln",
    "gammasgn",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "kl_div",
    "log1p",
    "log_expit",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "rel_entr",
    "sinc",
    "softmax",
    "softplus",
    "xlog1py",
    "xlogy",
    "zeta",
]


def __dir__() -> list[str]:
    return sorted(__all__)
