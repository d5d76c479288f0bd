//! Special functions: of error and probability, gamma, Bessel.

macro_rules! special {
    ($next:ident $($more:ident)*; $($rows:tt)*) => {
        $crate::ops::unary::$next! { $($more)*; $($rows)*
        /// Error function, `2/sqrt(pi)` times the integral of `e**(-t*t)` from 0 to x. Gradient: `g * 2/sqrt(pi) e**(-x*x)`.
        Erf erf Float |x| x.erf::<M>(), |x, y, g| (g.gate((-x.square()).exp() * std::f64::consts::FRAC_2_SQRT_PI));
        /// Complementary error function, `1 - erf(x)`, accurate for large x. Gradient: `-g * 2/sqrt(pi) e**(-x*x)`.
        Erfc erfc Float |x| x.erfc::<M>(), |x, y, g| (g.gate((-x.square()).exp() * -std::f64::consts::FRAC_2_SQRT_PI));
        /// Scaled complementary error function, `e**(x*x) erfc(x)`. Gradient: `-2 g ierfcx(1, x)`.
        Erfcx erfcx Special |x| special::erfcx(x), |x, y, g| (g.gate(order(1, x).ierfcx(x) * -2.0));
        /// Inverse of the error function. Gradient: `g * sqrt(pi)/2 e**(y*y)`.
        Erfinv erfinv Special |x| special::erfinv(x), |x, y, g|
            (g.gate(y.square().exp() * (1.0 / std::f64::consts::FRAC_2_SQRT_PI)));
        /// Inverse of the complementary error function. Gradient: `-g * sqrt(pi)/2 e**(y*y)`.
        Erfcinv erfcinv Special |x| special::erfcinv(x), |x, y, g|
            (g.gate(y.square().exp() * (-1.0 / std::f64::consts::FRAC_2_SQRT_PI)));
        /// Normal distribution function, `(1 + erf(x / sqrt(2))) / 2`. Gradient: `g * e**(-x*x/2) / sqrt(2 pi)`.
        Ndtr ndtr Special |x| special::ndtr(x), |x, y, g| (g.gate((x.square() * -0.5).exp() * FRAC_1_SQRT_TAU));
        /// Logarithm of the normal distribution function. Gradient: `g * log_ndtr_dx(1, x)`.
        LogNdtr log_ndtr Special |x| special::log_ndtr(x), |x, y, g| (g.gate(order(1, x).log_ndtr_dx(x)));
        /// Inverse of the normal distribution function. Gradient: `g * sqrt(2 pi) e**(y*y/2)`.
        Ndtri ndtri Special |x| special::ndtri(x), |x, y, g|
            (g.gate((y.square() * 0.5).exp() * (1.0 / FRAC_1_SQRT_TAU)));
        /// Gamma function. Gradient: `g * y digamma(x)`.
        Gamma gamma Special |x| special::gamma(x), |x, y, g| (g.gate(y * x.digamma()));
        /// Sign of the gamma function. Gradient: 0.
        Gammasgn gammasgn Special |x| special::gammasgn(x), |x, y, g| flat;
        /// Logarithm of the absolute value of the gamma function. Gradient: `g * digamma(x)`.
        Lgamma lgamma Special |x| special::lgamma(x), |x, y, g| (g.gate(x.digamma()));
        /// Derivative of `lgamma`. Gradient: `g * polygamma(1, x)`.
        Digamma digamma Special |x| special::digamma(x), |x, y, g| (g.gate(x.polygamma(1)));
        /// Exponential integral, of `e**t / t` from minus infinity to x. Gradient: `g * e**x / x`.
        Expi expi Special |x| special::expi(x), |x, y, g| (g.gate(x.exp() / x));
        /// Bessel function of order 0. Gradient: `-g * j1(x)`.
        J0 j0 Special |x| special::j0(x), |x, y, g| (g.gate(-x.j1()));
        /// Bessel function of order 1. Gradient: `g * (j0(x) - y / x)`, `g / 2` at 0.
        J1 j1 Special |x| special::j1(x), |x, y, g| (g.gate(x.j0() - slope_of_odd(x, y)));
        /// Modified Bessel function of the second kind and order 0, NaN for negative numbers. Gradient: `-g * k1(x)`.
        K0 k0 Special |x| special::k0(x), |x, y, g| (g.gate(-x.k1()));
        /// The same, scaled: `e**x k0(x)`. Gradient: `g * (y - k1e(x))`.
        K0e k0e Special |x| special::k0e(x), |x, y, g| (g.gate(y - x.k1e()));
        /// Modified Bessel function of the second kind and order 1, NaN for negative numbers. Gradient: `-g * (k0(x) + y /
        /// x)`.
        K1 k1 Special |x| special::k1(x), |x, y, g| (g.gate(-(x.k0() + y / x)));
        /// The same, scaled: `e**x k1(x)`. Gradient: `g * (y - y / x - k0e(x))`.
        K1e k1e Special |x| special::k1e(x), |x, y, g| (g.gate(y - y / x - x.k0e()));
        /// Modified Bessel function of order 0. Gradient: `g * i1(x)`.
        I0 i0 Special |x| special::i0(x), |x, y, g| (g.gate(x.i1()));
        /// Scaled modified Bessel function of order 0, `e**-abs(x) i0(x)`. Gradient: `g * sign(x) i0e_dx(1, x)`.
        I0e i0e Special |x| special::i0e(x), |x, y, g| (g.gate(x.sign() * order(1, x).i0e_dx(x)));
        /// Modified Bessel function of order 1. Gradient: `g * (i0(x) + iv(2, x)) / 2`.
        I1 i1 Special |x| special::i1(x), |x, y, g| (g.gate(x.i0() * 0.5 + order(2, x).iv(x) * 0.5));
        /// Scaled modified Bessel function of order 1, `e**-abs(x) i1(x)`. Gradient: `g * (i0e_dx(1, x) + i0e_dx(2, x))`.
        I1e i1e Special |x| special::i1e(x), |x, y, g| (g.gate(order(1, x).i0e_dx(x) + order(2, x).i0e_dx(x)));
        }
    };
}
pub(crate) use special;
