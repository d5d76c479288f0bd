//! Draws of distributions with parameters beyond a location and a scale, as methods of `Record`.

use pyo3::prelude::*;

use super::{KeyArg, elementwise};
use crate::python::convert::{Operand, ShapeArg};
use crate::python::record::PyRecord;
use crate::python::tensor::PyTensor;

/// Makes methods that draw with parameters for each element.
macro_rules! draws {
    ($($(#[doc = $doc:literal])* $name:ident($($parameter:ident),+ => $given:expr);)*) => {
        #[pymethods]
        impl PyRecord {$(
            $(#[doc = $doc])*
            #[pyo3(signature = (key, $($parameter,)+ shape=None))]
            fn $name(
                slf: &Bound<'_, Self>,
                key: KeyArg<'_, '_>,
                $($parameter: Operand<'_, '_>,)+
                shape: Option<ShapeArg>,
            ) -> PyResult<PyTensor> {
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
    gamma(a => a);
    /// Logarithms of random floats of a gamma distribution of shape `a`, exact also where these are below the smallest
    /// float. Gradient: to `a` that of the quantile of a gamma distribution of shape `a + 1`, and of `log(u) / a`.
    loggamma(a => a);
    /// Random floats of a beta distribution. Gradient: to both parameters that of quantiles of two gamma
    /// distributions, of which the result is the first one's share.
    beta(a, b => [a, b]);
    /// Random floats of a chi-square distribution with `df` degrees of freedom. Gradient: to `df` that of a gamma
    /// distribution's quantile.
    chisquare(df => df);
    /// Random floats of Fisher's distribution: ratios of chi-square ones, each over its degrees of freedom. Gradient: to
    /// both that of quantiles of gamma distributions.
    f(dfnum, dfden => [dfnum, dfden]);
    /// Random floats of Student's t distribution with `df` degrees of freedom. Gradient: to `df` that of a
    /// normal draw over the root of a gamma distribution's quantile.
    student_t(df => df);
    /// Random floats with density `b x**-(b + 1)` from 1 on. Gradient: `-g * y log(y) / b`.
    pareto(b => b);
    /// Random floats of Weibull's distribution: those above x have a share of `exp(-(x / scale)**concentration)`.
    /// Gradient: `g * y / scale` to `scale`, and `-g * y log(y / scale) / concentration` to `concentration`.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> scale = rec.tensor(2.0)
    ///     >>> y = rec.weibull_min(pg.Key(0), scale, 1.5)
    ///     >>> bool(abs(y.grad().wrt(scale) - y / 2.0) < 1e-6)
    ///     True
    weibull_min(scale, concentration => [scale, concentration]);
    /// Random floats from `left` to `right`, with a density that rises in a line to `mode` and falls in a line from it.
    /// Gradient: to all three that of the quantile.
    triangular(left, mode, right => [left, mode, right]);
    /// Random floats with density proportional to `exp(-abs(x)**p)`. Gradient: to `p` that of a gamma distribution's
    /// quantile, to the power of `1 / p`.
    generalized_normal(p => p);
    /// Random floats of the inverse Gaussian distribution of a mean and of shape 1: times that a Brownian motion with a
    /// drift takes to a distance. Gradient: to `mean` that of the quantile, `-g * F_mean(y) / F'(y)` with F the
    /// distribution function.
    wald(mean => mean);
    /// Random counts of Poisson's distribution, int64. Gradient: none, the result counts.
    poisson(rate => rate);
}
