//! Draws of distributions with parameters beyond a location and a scale, as methods of `Record`.

use pyo3::prelude::*;

use super::{ABOVE_ZERO, ANY, COUNTED, FROM_ZERO, KeyArg, elementwise};
use crate::python::convert::{Operand, ShapeArg};
use crate::python::record::PyRecord;
use crate::python::tensor::PyTensor;

/// Makes methods that draw with parameters for each element, and says which numbers these may be.
macro_rules! draws {
    ($($(#[doc = $doc:literal])* $name:ident($($parameter:ident: $DOMAIN:ident),+ => $given:expr);)*) => {
        #[pymethods]
        impl PyRecord {$(
            $(#[doc = $doc])*
            #[doc = ""]
            #[doc = "Raises:"]
            #[doc = "    ArgumentError: a parameter is a number for which there is no such distribution."]
            #[pyo3(signature = (key, $($parameter,)+ shape=None))]
            fn $name(
                slf: &Bound<'_, Self>,
                key: KeyArg<'_, '_>,
                $($parameter: Operand<'_, '_>,)+
                shape: Option<ShapeArg>,
            ) -> PyResult<PyTensor> {
                $($DOMAIN.check(slf.py(), stringify!($name), stringify!($parameter), &$parameter)?;)+
                elementwise(slf, stringify!($name), [$($parameter),+], &shape, None, |r, [$($parameter),+], shape, _| {
                    r.$name(key.get().0, $given, shape)
                })
            }
        )*}
    };
}

draws! {
    /// Random floats of a gamma distribution of shape `a` and scale 1. Gradient: to `a` that
    /// of the quantile, `-g * gammainc_da(a, y) / gammainc_dx(a, y)`.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> a = rec.tensor([0.5, 2.0])
    ///     >>> rec.gamma(pg.Key(0), a).sum().grad().wrt(a).shape
    ///     (2,)
    gamma(a: FROM_ZERO => a);
    /// Logarithms of random floats of a gamma distribution of shape `a`, exact also where these are below the smallest
    /// float. Gradient: to `a` that of the quantile of a gamma distribution of shape `a + 1`, and of `log(u) / a`.
    loggamma(a: FROM_ZERO => a);
    /// Random floats of a beta distribution. Gradient: to both parameters that of quantiles of two gamma
    /// distributions, of which the result is the first one's share.
    beta(a: ABOVE_ZERO, b: ABOVE_ZERO => [a, b]);
    /// Random floats of a chi-square distribution with `df` degrees of freedom. Gradient: to `df` that of a gamma
    /// distribution's quantile.
    chisquare(df: ABOVE_ZERO => df);
    /// Random floats of Fisher's distribution: ratios of chi-square ones, each over its degrees of freedom. Gradient: to
    /// both that of quantiles of gamma distributions.
    f(dfnum: ABOVE_ZERO, dfden: ABOVE_ZERO => [dfnum, dfden]);
    /// Random floats of Student's t distribution with `df` degrees of freedom. Gradient: to `df` that of a
    /// normal draw over the root of a gamma distribution's quantile.
    student_t(df: ABOVE_ZERO => df);
    /// Random floats with density `b x**-(b + 1)` from 1 on. Gradient: `-g * y log(y) / b`.
    pareto(b: ABOVE_ZERO => b);
    /// Random floats of Weibull's distribution: those above x have a share of `exp(-(x / scale)**concentration)`.
    /// Gradient: `g * y / scale` to `scale`, and `-g * y log(y / scale) / concentration` to `concentration`.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> scale = rec.tensor(2.0)
    ///     >>> y = rec.weibull_min(pg.Key(0), scale, 1.5)
    ///     >>> bool(abs(y.grad().wrt(scale) - y / 2.0) < 1e-6)
    ///     True
    weibull_min(scale: FROM_ZERO, concentration: ABOVE_ZERO => [scale, concentration]);
    /// Random floats from `left` to `right`, with a density that rises in a line to `mode` and falls in a line from it.
    /// Gradient: to all three that of the quantile.
    triangular(left: ANY, mode: ANY, right: ANY => [left, mode, right]);
    /// Random floats with density proportional to `exp(-abs(x)**p)`. Gradient: to `p` that of a gamma distribution's
    /// quantile, to the power of `1 / p`.
    generalized_normal(p: ABOVE_ZERO => p);
    /// Random floats of the inverse Gaussian distribution of a mean and of shape 1: times that a Brownian motion with a
    /// drift takes to a distance. Gradient: to `mean` that of the quantile, `-g * F_mean(y) / F'(y)` with F the
    /// distribution function.
    wald(mean: ABOVE_ZERO => mean);
    /// Random counts of Poisson's distribution, int64. Gradient: none, the result counts.
    poisson(rate: COUNTED => rate);
}
