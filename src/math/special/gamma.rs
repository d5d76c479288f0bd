//! The gamma function, its logarithm and that one's derivatives.
//!
//! Polynomials near 1, 2 and 3, which the recurrence leads to from below 8; Stirling's series beyond; reflection for negative
//! numbers. Where a function is zero for a positive number, the polynomial is that of its ratio to the distance from there.

use super::coefficients::{
    DIGAMMA, DIGAMMA_FAR, DIGAMMA_ZERO, EULER_MACLAURIN, GAMMA_AT_2, LGAMMA_AT_1, LGAMMA_AT_2, LGAMMA_AT_3, STIRLING,
};
use super::{at, exp, expm1, log, log1p, pow, turn};
use std::f64::consts::PI;

/// (log 2 pi - 1) / 2
const HALF_LOG_TAU_E: f64 = 0.418_938_533_204_672_7;
/// log sqrt 2 pi
const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_7;
const LOG_PI: f64 = 1.144_729_885_849_400_2;
/// sqrt 2 pi
const SQRT_TAU: f64 = 2.506_628_274_631_000_5;
/// Beyond this a float has no fraction.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// True for 0 and the negative integers, where the gamma function has its poles.
fn is_pole(x: f64) -> bool {
    x <= 0.0 && x == x.floor()
}

/// Stirling's correction, `log gamma(x) - ((x - 1/2) log x - x + log sqrt 2 pi)`, for x of 8 and more.
pub(super) fn stirling(x: f64) -> f64 {
    at(1.0 / (x * x), &STIRLING) / x
}

/// `log |gamma(x)|`.
///
/// Largest error: 3 ulp for positive x; for negative x that of `log pi`, as it is zero between the poles.
#[inline(never)]
pub fn lgamma(x: f64) -> f64 {
    if is_pole(x) || x.is_infinite() {
        return f64::INFINITY;
    }
    if x.abs() < 1e-17 {
        return -log(x.abs());
    }
    if x < 0.0 {
        return LOG_PI - log((x * turn(x).0).abs()) - lgamma(-x);
    }
    if x < 0.7 {
        return lgamma1p(x) - log(x);
    }
    if x < 2.5 {
        return lgamma1p(x - 1.0);
    }
    if x < 8.0 {
        let (mut rest, mut product) = (x, 1.0);
        while rest >= 3.5 {
            rest -= 1.0;
            product *= rest;
        }
        return at(rest - 3.0, &LGAMMA_AT_3) + log(product);
    }
    (x - 0.5) * (log(x) - 1.0) + (HALF_LOG_TAU_E + stirling(x))
}

/// `log gamma(1 + d)` for d from -0.3 to 1.5, with all digits of a small d.
pub(super) fn lgamma1p(d: f64) -> f64 {
    // the sum makes -0 a zero like any other
    0.0 + if d < 0.4 { d * at(d, &LGAMMA_AT_1) } else { (d - 1.0) * at(d - 1.0, &LGAMMA_AT_2) }
}

/// `log |gamma(a) gamma(b) / gamma(a + b)|`, where one argument is large from Stirling's series, for there the terms cancel.
/// Where one is negative, by reflection (DLMF 5.5.3) of what else would cancel.
#[inline(never)]
pub fn betaln(a: f64, b: f64) -> f64 {
    let (more, less) = if a < b { (b, a) } else { (a, b) };
    let sum = more + less;
    if sum.is_nan() {
        return f64::NAN;
    }
    if is_pole(more) || is_pole(less) {
        return f64::INFINITY;
    }
    if more == f64::INFINITY {
        return if less > 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let sine = |x: f64| log(turn(x).0.abs());
    if more < 0.0 {
        return LOG_PI + sine(sum) - sine(more) - sine(less) - log(1.0 - sum) - betaln(1.0 - more, 1.0 - less);
    }
    if sum < 0.0 {
        return betaln(more, 1.0 - sum) + (sine(sum) - sine(less));
    }
    if less < 0.0 {
        return LOG_PI - sine(less) - log(more) - betaln(1.0 - less, sum);
    }
    if more < 8.0 {
        return lgamma(more) + lgamma(less) - lgamma(sum);
    }
    let rest = stirling(more) - stirling(sum) - (more - 0.5) * log1p(less / more);
    if less < 8.0 {
        return lgamma(less) + (rest - less * (log(sum) - 1.0));
    }
    HALF_LOG_TAU + (stirling(less) + rest - less * log1p(more / less) - 0.5 * log(less))
}

/// The gamma function; NaN at negative integers.
#[inline(never)]
pub fn gamma(x: f64) -> f64 {
    if x.abs() < 1e-300 {
        return 1.0 / x;
    }
    if x < 0.0 {
        let (sine, mirrored) = (turn(x).0, gamma(-x));
        // In an order in which no product underflows near 0, and none overflows far from it.
        let product = if x > -1.0 { sine * (x * mirrored) } else { x * sine * mirrored };
        return if is_pole(x) { f64::NAN } else { -PI / product };
    }
    if x < 16.0 {
        let (mut rest, mut above, mut below) = (x, 1.0, 1.0);
        while rest >= 3.0 {
            rest -= 1.0;
            above *= rest;
        }
        while rest < 2.0 {
            below *= rest;
            rest += 1.0;
        }
        return at(rest - 2.5, &GAMMA_AT_2) * above / below;
    }
    if x > 172.0 {
        return x - x.min(0.0) + f64::INFINITY;
    }
    // the power in two halves, for it overflows before the result
    let half = pow(x, 0.5 * x - 0.25);
    SQRT_TAU * half * exp(-x) * half * exp(stirling(x))
}

/// The sign of the gamma function; NaN at negative integers.
#[inline(never)]
pub fn gammasgn(x: f64) -> f64 {
    if x > 0.0 || x.is_nan() {
        return if x.is_nan() { x } else { 1.0 };
    }
    if x == 0.0 {
        return 1f64.copysign(x);
    }
    let below = x.floor();
    if x == below { f64::NAN } else { 1.0 - 2.0 * (below - 2.0 * (0.5 * below).floor()) }
}

/// The derivative of `log gamma(x)`; infinite at 0, NaN at negative integers.
///
/// Largest error: 3 ulp for positive x.
#[inline(never)]
pub fn digamma(x: f64) -> f64 {
    if x == 0.0 {
        return -1.0 / x;
    }
    if x < 0.0 {
        if is_pole(x) {
            return f64::NAN;
        }
        let (sin, cos) = turn(x);
        return digamma(1.0 - x) - PI * cos / sin;
    }
    if x < 1.0 {
        return digamma(x + 1.0) - 1.0 / x;
    }
    if x < 10.0 {
        let (mut rest, mut sum) = (x, 0.0);
        while rest >= 2.0 {
            rest -= 1.0;
            sum += 1.0 / rest;
        }
        let [zero, low] = DIGAMMA_ZERO;
        return sum + ((rest - zero) - low) * at(rest - 1.5, &DIGAMMA);
    }
    let inverse = 1.0 / (x * x);
    log(x) - (0.5 / x + inverse * at(inverse, &DIGAMMA_FAR))
}

/// `base` to the power of `-s`.
fn inverse_power(base: f64, s: f64) -> f64 {
    match s {
        2.0 => 1.0 / (base * base),
        3.0 => 1.0 / (base * base * base),
        _ => pow(base, -s),
    }
}

/// Hurwitz's zeta function, the sum of `(q + k)^-s` over k from 0 on; infinite at the poles of q.
///
/// By Euler and Maclaurin for positive q. For negative q, and then s must be an integer, what lies left of zero is the
/// difference of two such sums.
#[inline(never)]
pub fn zeta(s: f64, q: f64) -> f64 {
    if s.is_nan() || q.is_nan() || s < 1.0 {
        return f64::NAN;
    }
    if s == 1.0 || is_pole(q) {
        return f64::INFINITY;
    }
    if q > 0.0 {
        return zeta_right(s, q);
    }
    if s != s.floor() {
        return f64::NAN;
    }
    let rest = q - q.floor();
    let odd = s < WHOLE && s != 2.0 * (0.5 * s).floor();
    let left = zeta_right(s, q.ceil() - q) - zeta_right(s, 1.0 - q);
    zeta_right(s, rest) + if odd { -left } else { left }
}

fn zeta_right(s: f64, q: f64) -> f64 {
    zeta_of(s, q, |a| inverse_power(a, s))
}

/// The sum for positive q, by the power of `-s`, which a factor may keep in the range of floats.
fn zeta_of(s: f64, q: f64, inverse_power: impl Fn(f64) -> f64) -> f64 {
    let (mut a, mut sum) = (q, 0.0);
    // Far enough for the series, which is asymptotic, to reach the last place.
    while a < 10.0 + 0.5 * s {
        let term = inverse_power(a);
        sum += term;
        a += 1.0;
        if term <= 1e-18 * sum {
            return sum;
        }
    }
    if q == f64::INFINITY {
        return 0.0;
    }
    let power = inverse_power(a);
    let mut tail = power * (a / (s - 1.0) + 0.5);
    let (mut factor, inverse) = (s * power / a, 1.0 / (a * a));
    for (k, coefficient) in EULER_MACLAURIN.iter().enumerate() {
        let term = coefficient * factor;
        tail += term;
        if term.abs() < 1e-18 * (sum + tail) {
            break;
        }
        let order = s + 2.0 * k as f64;
        factor *= (order + 1.0) * (order + 2.0) * inverse;
    }
    sum + tail
}

/// The derivative of order n of `digamma`; NaN for an n that is no whole number from 1 to 10,000.
#[inline(never)]
pub fn digamma_dx(n: f64, x: f64) -> f64 {
    if x.is_nan() || !(1.0..=1e4).contains(&n) || n != n.floor() {
        return f64::NAN;
    }
    let sign = if n == 2.0 * (0.5 * n).floor() { -1.0 } else { 1.0 };
    let (sum, factors) = (zeta(n + 1.0, x), (1..=n as u32).map(f64::from));
    if sum > 1e-290 && n < 171.0 {
        return sum * factors.fold(sign, |product, k| product * k);
    }
    // One factor of the factorial and one of the power at a time, for either alone is beyond the range of floats.
    let ratio = zeta_of(n + 1.0, x, |a| pow(a / x, -(n + 1.0)));
    factors.fold(sign / x, |product, k| product * (k / x)) * ratio
}

/// The derivative of order n of `digamma` at x less that at `x + step`.
///
/// By the recurrence and by Euler and Maclaurin, of whose powers each is one less another: what both sides share is never
/// there. Where a side is not positive, and of orders for which nobody will ask, it is the difference.
#[inline(never)]
pub fn digamma_gap(n: f64, x: f64, step: f64) -> f64 {
    let sum = x + step;
    if !(0.0..=20.0).contains(&n) || n != n.floor() || !(x > 0.0 && sum > 0.0) {
        let value = |x| if n == 0.0 { digamma(x) } else { digamma_dx(n, x) };
        return value(x) - value(sum);
    }
    if step < 0.0 {
        return -digamma_gap(n, sum, -step);
    }
    let gap = |at: f64, power: f64| -pow(at, -power) * expm1(-power * log1p(step / at));
    let (mut at, mut total) = (x, 0.0);
    while at < 10.0 + 0.5 * n {
        total += gap(at, n + 1.0);
        at += 1.0;
    }
    total += 0.5 * gap(at, n + 1.0) + if n == 0.0 { log1p(step / at) } else { gap(at, n) / n };
    let mut factor = n + 1.0;
    for (power, coefficient) in (2..).step_by(2).map(|k| n + f64::from(k)).zip(EULER_MACLAURIN) {
        total += coefficient * factor * gap(at, power);
        factor *= power * (power + 1.0);
    }
    let sign = if n == 2.0 * (0.5 * n).floor() { -1.0 } else { 1.0 };
    (1..=n as u32).fold(sign * total, |product, k| product * f64::from(k))
}
