//! Special functions made of others: of the gamma function, of entropies, and with removable singularities.

use crate::dtype::Scalar;
use crate::error::Error;
use crate::ops::BinaryOp;
use crate::record::Expr;

/// Below this, `sinc` is its series: a quotient would lose the digits of its slope.
const SINC_NEAR: f64 = 0.3;
/// The same for `(e**x - 1) / x`, and a quarter of it for `log(1 + x) / x`.
const RATIO_NEAR: f64 = 0.5;

impl<'r> Expr<'r> {
    /// The derivative of order `n` of `digamma`: `(-1)**(n + 1) n! zeta(n + 1, x)`.
    pub fn polygamma(self, n: u32) -> Expr<'r> {
        if n == 0 {
            return self.digamma();
        }
        let x = self.cast(self.dtype().to_float());
        x.full_like(Scalar::Float(f64::from(n))).digamma_dx(x)
    }

    /// Logarithm of the multivariate gamma function: `lgamma` at `x`, `x - 1/2`, ..., and a constant.
    pub fn multigammaln(self, d: i64) -> Expr<'r> {
        let x = self.cast(self.dtype().to_float());
        if !(1..=1000).contains(&d) {
            let (got, expected) = (d.to_string(), "a dimension from 1 to 1000");
            return x.fail(Error::Argument { op: "multigammaln", argument: "d", got, expected });
        }
        let constant = (d * (d - 1)) as f64 * 0.25 * std::f64::consts::PI.ln();
        (1..d).fold(x.lgamma(), |sum, j| sum + (x - 0.5 * j as f64).lgamma()) + constant
    }

    /// The beta function, `gamma(a) gamma(b) / gamma(a + b)`.
    pub fn beta(self, other: Expr<'r>) -> Expr<'r> {
        let dtype = self.dtype().float_with(other.dtype());
        let (a, b) = (self.cast(dtype), other.cast(dtype));
        a.betaln(b).exp() * (a.gammasgn() * b.gammasgn() * (a + b).gammasgn())
    }

    /// `log(p / (1 - p))`, the inverse of `sigmoid`.
    pub fn logit(self) -> Expr<'r> {
        let p = self.cast(self.dtype().to_float());
        // From 1/4 on 2 p - 1 is exact, and so is the result near 1/2 and 1.
        p.lt_scalar(0.25).select(p.log() - (-p).log1p(), (p * 2.0 - 1.0).atanh() * 2.0)
    }

    /// `-x log(x)`, 0 at 0 and -inf below.
    pub fn entr(self) -> Expr<'r> {
        let x = self.cast(self.dtype().to_float());
        x.lt_scalar(0.0).select(x.full_like(Scalar::Float(f64::NEG_INFINITY)), 0.0 - x.gate(x.log()))
    }

    /// `x log(x / y)`, 0 where x is 0 and inf where either is negative, or only y is 0.
    pub fn rel_entr(self, other: Expr<'r>) -> Expr<'r> {
        let dtype = self.dtype().float_with(other.dtype());
        let (x, y) = (self.cast(dtype), other.cast(dtype));
        let excess = (x - y) / y;
        let near = excess.abs().lt_scalar(0.5);
        let log_ratio = near.select(excess.log1p(), x.log() - y.log());
        let empty = x.eq_scalar(0.0).logical_and(y.ge_scalar(0.0));
        let outside = x.lt_scalar(0.0).logical_or(y.lt_scalar(0.0)).logical_or(y.eq_scalar(0.0));
        let infinite = outside.logical_and(x.isnan().logical_or(y.isnan()).logical_not());
        let value = infinite.select(x.full_like(Scalar::Float(f64::INFINITY)), x * log_ratio);
        empty.select(x.zeros_like(), value)
    }

    /// `(e**x - 1) / x`, 1 at 0.
    pub fn exprel(self) -> Expr<'r> {
        let x = self.cast(self.dtype().to_float());
        let near = x.abs().lt_scalar(RATIO_NEAR);
        // 1 + x/2 (1 + x/3 (1 + ...)); far away the series is not chosen, and must not overflow
        let z = near.select(x, x.zeros_like());
        let series = (2..=17).rev().fold(x.ones_like(), |rest, k| 1.0 + z * rest / f64::from(k));
        let far = near.select(x.ones_like(), x);
        near.select(series, x.eq_scalar(f64::INFINITY).select(x, far.expm1() / far))
    }

    /// `log(1 + x) / x`, 1 at 0.
    fn log1prel(self) -> Expr<'r> {
        let near = self.abs().lt_scalar(0.25 * RATIO_NEAR);
        // 1 - x/2 + x^2/3 - ...
        let z = near.select(self, self.zeros_like());
        let series = (1..=18).rev().fold(self.zeros_like(), |rest, k| 1.0 / f64::from(k) - z * rest);
        let far = near.select(self.ones_like(), self);
        near.select(series, far.log1p() / far)
    }

    /// Box and Cox's transform, `(x**lmbda - 1) / lmbda`, the logarithm for 0.
    pub fn boxcox(self, lmbda: Expr<'r>) -> Expr<'r> {
        let dtype = self.dtype().float_with(lmbda.dtype());
        let (log, lmbda) = (self.cast(dtype).log(), lmbda.cast(dtype));
        let power = lmbda.gate(log);
        // where the logarithm is infinite, and the power is 0
        let ends = log.isinf().logical_and(power.eq_scalar(f64::NEG_INFINITY));
        ends.select(-lmbda.reciprocal(), log * power.exprel())
    }

    /// The inverse of `boxcox`, `(lmbda x + 1)**(1 / lmbda)`, the exponential for 0.
    pub fn inv_boxcox(self, lmbda: Expr<'r>) -> Expr<'r> {
        let dtype = self.dtype().float_with(lmbda.dtype());
        let (x, lmbda) = (self.cast(dtype), lmbda.cast(dtype));
        (x * (lmbda * x).log1prel()).exp()
    }

    /// `sin(x) / x`, 1 at 0.
    pub fn spherical_bessel_j0(self) -> Expr<'r> {
        let x = self.cast(self.dtype().to_float());
        sine_ratio(x, x.abs().lt_scalar(std::f64::consts::PI * SINC_NEAR), x.sin())
    }

    /// `sin(pi x) / (pi x)`, 1 at 0.
    pub fn sinc(self) -> Expr<'r> {
        let x = self.cast(self.dtype().to_float());
        let (z, near) = (x * std::f64::consts::PI, x.abs().lt_scalar(SINC_NEAR));
        // The distance from the nearest integer is exact, so zeros are, and what lies beside them is as exact as elsewhere.
        let whole = x.rint();
        let sign = 1.0 - whole.binary_scalar(BinaryOp::Remainder, Scalar::Float(2.0), false) * 2.0;
        let sine = sign * ((x - whole) * std::f64::consts::PI).sin();
        sine_ratio(z, near, sine)
    }
}

/// The sine of an angle over the angle, near 0 by its series.
fn sine_ratio<'r>(z: Expr<'r>, near: Expr<'r>, sine: Expr<'r>) -> Expr<'r> {
    // Far away the series is not chosen, and must not overflow.
    let square = near.select(z, z.zeros_like()).square();
    // 1 - z^2/3! (1 - z^2/(4 5) (1 - ...))
    let series = (1..=9).rev().fold(z.ones_like(), |rest, k| {
        let k = f64::from(k);
        1.0 - square * rest / (2.0 * k * (2.0 * k + 1.0))
    });
    near.select(series, sine / z)
}
