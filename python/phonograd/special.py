"""Special functions under the names that `scipy.special` gives them.

Most are the core's own, here and in `phonograd` under the same name; a few have two names, some are made of others,
and `polygamma` and `kl_div` take their arguments in SciPy's order. All take tensors of a record, and beside them
numbers and arrays.

What is not here: complex functions, orthogonal polynomials, elliptic integrals, hypergeometric, Mathieu, Struve, Kelvin
and spheroidal functions, Bessel functions of other orders than 0 and 1, and those of the second kind that oscillate.

Example:
    >>> x = pg.Record().tensor([0.5, 1.0])
    >>> (pg.special.psi(x) - x.lgamma().sum().grad().wrt(x)).tolist()
    [0.0, 0.0]
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from phonograd import _core
from phonograd._core import (
    beta,
    betainc,
    betaincinv,
    betaln,
    boxcox,
    cbrt,
    digamma,
    entr,
    erf,
    erfc,
    erfcinv,
    erfcx,
    erfinv,
    exp2,
    expi,
    expm1,
    expn,
    exprel,
    gamma,
    gammainc,
    gammaincc,
    gammainccinv,
    gammaincinv,
    gammasgn,
    i0,
    i0e,
    i1,
    i1e,
    inv_boxcox,
    j0,
    j1,
    k0,
    k0e,
    k1,
    k1e,
    log1p,
    log_ndtr,
    log_softmax,
    logit,
    logsumexp,
    multigammaln,
    ndtr,
    ndtri,
    power,
    rel_entr,
    sin,
    sinc,
    softmax,
    softplus,
    spherical_bessel_j0,
    where,
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


def _floats(n: Tensor | float) -> Tensor | float:
    """Whole numbers, as SciPy makes them of floats."""
    return _core.floor(n) if isinstance(n, _core.Tensor) else math.floor(n)


def exp1(x: Tensor) -> Tensor:
    """The exponential integral of order 1, `expn(1, x)`.

    Example:
        >>> pg.special.exp1(pg.Record().tensor(1.0)).item()
        0.219383...
    """
    return expn(1, x)


def exp10(x: Tensor) -> Tensor:
    """`10**x`."""
    return power(10.0, x)


def cosm1(x: Tensor) -> Tensor:
    """`cos(x) - 1`, exact near 0, as `-2 sin(x / 2)**2`."""
    return sin(x * 0.5).square() * -2.0


def boxcox1p(x: Tensor, lmbda: Tensor | float) -> Tensor:
    """`boxcox(1 + x, lmbda)`, exact near 0, as `exprel(lmbda * log1p(x)) * log1p(x)`.

    Example:
        >>> pg.special.boxcox1p(pg.Record().tensor([0.0, 2.0]), 2.0).tolist()
        [0.0, 4.0]
    """
    log = log1p(x)
    return exprel(log * lmbda) * log


def inv_boxcox1p(x: Tensor, lmbda: Tensor | float) -> Tensor:
    """The inverse of `boxcox1p`."""
    return expm1(inv_boxcox(x, lmbda).log())


def huber(delta: Tensor | float, r: Tensor) -> Tensor:
    """`r**2 / 2` up to `delta`, and `delta * (abs(r) - delta / 2)` beyond; the loss is `phonograd.huber_loss`.

    Example:
        >>> pg.special.huber(1.0, pg.Record().tensor([0.5, -3.0])).tolist()
        [0.125, 2.5]
    """
    size = abs(r)
    return where(size <= delta, r.square() * 0.5, (size - 0.5 * delta) * delta)


def pseudo_huber(delta: Tensor | float, r: Tensor) -> Tensor:
    """`delta**2 (sqrt(1 + (r / delta)**2) - 1)`, a smooth `huber`, without cancellation.

    Example:
        >>> pg.special.pseudo_huber(3.0, pg.Record().tensor([4.0])).tolist()
        [6.0]
    """
    return r.square() / (1.0 + _core.hypot(r / delta, 1.0))


def binom(n: Tensor, k: Tensor | float) -> Tensor:
    """Binomial coefficients, also of numbers that are not whole, as `1 / ((n + 1) beta(n - k + 1, k + 1))`.

    Example:
        >>> pg.special.binom(pg.Record().tensor(5.0), 2.0).item()
        10.0...
    """
    return 1.0 / ((n + 1.0) * beta(n - k + 1.0, k + 1.0))


def betaincc(a: Tensor, b: Tensor | float, x: Tensor | float) -> Tensor:
    """`1 - betainc(a, b, x)`, exact where it is small."""
    return betainc(b, a, 1.0 - x)


def bdtr(k: Tensor | float, n: Tensor | float, p: Tensor) -> Tensor:
    """The share of the binomial distribution up to the count k.

    Example:
        >>> pg.special.bdtr(1, 2, pg.Record().tensor(0.5)).item()
        0.75
    """
    k = _floats(k)
    return betainc(n - k, k + 1, 1.0 - p)


def bdtrc(k: Tensor | float, n: Tensor | float, p: Tensor) -> Tensor:
    """The share of the binomial distribution above the count k."""
    k = _floats(k)
    return betainc(k + 1, n - k, p)


def nbdtr(k: Tensor | float, n: Tensor | float, p: Tensor) -> Tensor:
    """The share of the negative binomial distribution, of failures before the n-th success, up to the count k."""
    return betainc(n, _floats(k) + 1, p)


def nbdtrc(k: Tensor | float, n: Tensor | float, p: Tensor) -> Tensor:
    """The share of the negative binomial distribution above the count k."""
    return betainc(_floats(k) + 1, n, 1.0 - p)


def pdtr(k: Tensor | float, m: Tensor) -> Tensor:
    """The share of Poisson's distribution of rate m up to the count k."""
    return gammaincc(_floats(k) + 1, m)


def pdtrc(k: Tensor | float, m: Tensor) -> Tensor:
    """The share of Poisson's distribution of rate m above the count k."""
    return gammainc(_floats(k) + 1, m)


def chdtr(v: Tensor | float, x: Tensor) -> Tensor:
    """The share of the chi-square distribution with v degrees of freedom below x."""
    return gammainc(v * 0.5, x * 0.5)


def chdtrc(v: Tensor | float, x: Tensor) -> Tensor:
    """The share of the chi-square distribution with v degrees of freedom above x."""
    return gammaincc(v * 0.5, x * 0.5)


def chdtri(v: Tensor | float, p: Tensor) -> Tensor:
    """The inverse of `chdtrc` by x."""
    return gammainccinv(v * 0.5, p) * 2.0


def fdtr(dfn: Tensor | float, dfd: Tensor | float, x: Tensor) -> Tensor:
    """The share of Fisher's distribution below x."""
    return betainc(dfn * 0.5, dfd * 0.5, x * dfn / (x * dfn + dfd))


def fdtrc(dfn: Tensor | float, dfd: Tensor | float, x: Tensor) -> Tensor:
    """The share of Fisher's distribution above x."""
    return betainc(dfd * 0.5, dfn * 0.5, dfd / (x * dfn + dfd))


def gdtr(a: Tensor | float, b: Tensor | float, x: Tensor) -> Tensor:
    """The share of the gamma distribution of rate a and shape b below x."""
    return gammainc(b, x * a)


def gdtrc(a: Tensor | float, b: Tensor | float, x: Tensor) -> Tensor:
    """The share of the gamma distribution of rate a and shape b above x."""
    return gammaincc(b, x * a)


__all__ = [
    "bdtr",
    "bdtrc",
    "beta",
    "betainc",
    "betaincc",
    "betaincinv",
    "betaln",
    "binom",
    "boxcox",
    "boxcox1p",
    "cbrt",
    "chdtr",
    "chdtrc",
    "chdtri",
    "cosm1",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfinv",
    "exp1",
    "exp10",
    "exp2",
    "expi",
    "expit",
    "expm1",
    "expn",
    "exprel",
    "fdtr",
    "fdtrc",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammainccinv",
    "gammaincinv",
    "gammaln",
    "gammasgn",
    "gdtr",
    "gdtrc",
    "huber",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "inv_boxcox",
    "inv_boxcox1p",
    "j0",
    "j1",
    "k0",
    "k0e",
    "k1",
    "k1e",
    "kl_div",
    "log1p",
    "log_expit",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "nbdtr",
    "nbdtrc",
    "ndtr",
    "ndtri",
    "pdtr",
    "pdtrc",
    "polygamma",
    "pseudo_huber",
    "psi",
    "rel_entr",
    "sinc",
    "softmax",
    "softplus",
    "spherical_bessel_j0",
    "xlog1py",
    "xlogy",
    "zeta",
]


def __dir__() -> list[str]:
    return sorted(__all__)
