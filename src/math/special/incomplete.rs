//! The incomplete gamma functions, regularised: shares P(a, x) below and Q(a, x) above x of a gamma distribution.
//!
//! Three ways, each where it is short and nothing cancels: a series for P below the mean, a continued fraction for Q above,
//! and Temme's uniform expansion where a is so large that both would take long. All of them in numbers that may carry
//! derivatives by a.

use super::coefficients::{TEMME_0, TEMME_1, TEMME_2};
use super::gamma::{digamma, gamma, lgamma, lgamma1p, stirling, zeta};
use super::jet::{Jet, Smooth};
use super::{Real, Unfused, at, exp, expm1, log, log1p, ndtri, pow};
use std::f64::consts::{FRAC_2_SQRT_PI, TAU};

/// From here on the uniform expansion is exact, and the others take more than a thousand steps.
const LARGE: f64 = 1e5;
const LAST_PLACE: f64 = 1e-17;

/// One of the shares, exact if it is the smaller one.
enum Share<T> {
    Below(T),
    Above(T),
}

impl<T: Smooth> Share<T> {
    fn below(self) -> T {
        match self {
            Share::Below(p) => p,
            Share::Above(q) => -q + 1.0,
        }
    }

    fn above(self) -> T {
        match self {
            Share::Below(p) => -p + 1.0,
            Share::Above(q) => q,
        }
    }
}

/// l - log(1 + l)
pub(super) fn log1p_rest(l: f64) -> f64 {
    if l.abs() < 0.13 { 0.5 * l * l * at(l, &ratio_series()) } else { l - log1p(l) }
}

/// 2 (l - log(1 + l)) / l^2 in powers of l.
const fn ratio_series() -> [f64; 19] {
    let mut series = [0.0; 19];
    let mut k = 0;
    while k < 19 {
        series[k] = (if k % 2 == 0 { 2.0 } else { -2.0 }) / (k + 2) as f64;
        k += 1;
    }
    series
}

/// `x^a e^-x / gamma(a + 1)`, x positive and a not negative.
fn front(a: f64, x: f64) -> f64 {
    if a < 12.0 {
        return pow(x, a) * exp(-x) / gamma(a + 1.0);
    }
    // from the distance to the peak, for a log x and the logarithm of gamma would cancel
    let l = (x - a) / a;
    let rest = if l.abs() < 0.5 { log1p_rest(l) } else { l - log(x / a) };
    exp(-a * rest - stirling(a)) / (TAU * a).sqrt()
}

/// The same with its derivatives.
fn front_of<T: Smooth>(a: f64, x: f64) -> T {
    T::with_log_slopes(front(a, x), || [log(x) - digamma(a + 1.0), -zeta(2.0, a + 1.0)])
}

fn share<T: Smooth>(a: f64, x: f64) -> Share<T> {
    let nothing = |share: fn(T) -> Share<T>| share(T::constant(0.0));
    if !(a >= 0.0 && x >= 0.0) || (a == 0.0 && x == 0.0) || (a.is_infinite() && x.is_infinite()) {
        return Share::Below(T::parameter(0.0) * f64::NAN);
    }
    if x == 0.0 || a.is_infinite() {
        return nothing(Share::Below);
    }
    if x.is_infinite() {
        return nothing(Share::Above);
    }
    let front = front_of::<T>(a, x);
    if front.value() == 0.0 {
        return nothing(if x < a { Share::Below } else { Share::Above });
    }
    if a > LARGE {
        return uniform(a, x);
    }
    if a < 1.0 && x < 1.5 && a * log(x) > -0.7 {
        return Share::Above(small(a, x));
    }
    if x < a + 1.0 { Share::Below(series(a, x, front)) } else { Share::Above(fraction(a, x, front)) }
}

/// P as the front times the sum of x^n / ((a + 1) ... (a + n)).
fn series<T: Smooth>(a: f64, x: f64, front: T) -> T {
    let mut divisor = T::parameter(a);
    let (mut term, mut sum) = (T::constant(1.0), T::constant(1.0));
    while term.size() > LAST_PLACE * sum.size() {
        divisor = divisor + 1.0;
        term = term * T::constant(x) / divisor;
        sum = sum + term;
    }
    front * sum
}

/// Q by Legendre's continued fraction, evaluated forwards (Lentz, Applied Optics 15, 1976).
fn fraction<T: Smooth>(a: f64, x: f64, front: T) -> T {
    let parameter = T::parameter(a);
    let mut below = -parameter + (x + 1.0);
    let mut d = T::constant(1.0) / below;
    let (mut c, mut h) = (T::constant(f64::MAX.sqrt()), d);
    for i in 1.. {
        let i = f64::from(i);
        let above = (parameter + -i) * i;
        below = below + 2.0;
        d = T::constant(1.0) / (above * d + below);
        c = above / c + below;
        let change = c * d;
        h = h * change;
        if (change + -1.0).size() < 2e-16 {
            break;
        }
    }
    front * parameter * h
}

/// Q for small a and x, where it is what is left of nearly 1: both terms of it are small themselves.
fn small<T: Smooth>(a: f64, x: f64) -> T {
    let log_x = log(x);
    let exponent = a * log_x - lgamma1p(a);
    let power = T::with_log_slopes(exp(exponent), || [log_x - digamma(1.0 + a), -zeta(2.0, 1.0 + a)]);
    let rest = (-power).with_value(-expm1(exponent)); // 1 - power
    let (mut factor, mut n, mut sum) = (1.0, 0.0, T::constant(0.0));
    loop {
        n += 1.0;
        factor *= -x / n;
        let term = T::constant(factor) / (T::parameter(a) + n);
        sum = sum + term;
        if term.size() <= LAST_PLACE * sum.size() {
            break;
        }
    }
    rest - power * T::parameter(a) * sum
}

/// Temme's expansion, for which the shares are those of a normal distribution and a correction (DLMF 8.12).
fn uniform<T: Smooth>(a: f64, x: f64) -> Share<T> {
    let parameter = T::parameter(a);
    let l = (-parameter + x) / parameter;
    let poly = |coefficients: &[f64], x: T| {
        coefficients.iter().rev().fold(T::constant(0.0), |sum, &coefficient| sum * x + coefficient)
    };
    let root = |x: T| x.map(f64::sqrt, |x| 0.5 / x.sqrt(), |x| -0.25 / (x * x.sqrt()));
    let eta = l * root(poly(&ratio_series(), l));
    let z = eta * root(parameter * 0.5);
    let correction = poly(&TEMME_0, eta) + (poly(&TEMME_1, eta) + poly(&TEMME_2, eta) / parameter) / parameter;
    let square = z * z;
    let scale = square.map(|s| exp(-s), |s| -exp(-s), |s| exp(-s)) / root(parameter * TAU);
    let tail = |z: T| {
        z.map(
            |z| 0.5 * Real::erfc::<Unfused>(z),
            |z| -0.5 * FRAC_2_SQRT_PI * exp(-z * z),
            |z| FRAC_2_SQRT_PI * z * exp(-z * z),
        )
    };
    if x > a { Share::Above(tail(z) + scale * correction) } else { Share::Below(tail(-z) - scale * correction) }
}

/// P(a, x), the share of a gamma distribution below x.
#[inline(never)]
pub fn gammainc(a: f64, x: f64) -> f64 {
    share::<f64>(a, x).below()
}

/// Q(a, x) = 1 - P(a, x), the share above x.
#[inline(never)]
pub fn gammaincc(a: f64, x: f64) -> f64 {
    share::<f64>(a, x).above()
}

/// The derivative of P by x: the density of the gamma distribution.
#[inline(never)]
pub fn gammainc_dx(a: f64, x: f64) -> f64 {
    if !(a >= 0.0 && x >= 0.0) || (a == 0.0 && x == 0.0) {
        return f64::NAN;
    }
    if x == 0.0 {
        return if a < 1.0 {
            f64::INFINITY
        } else if a == 1.0 {
            1.0
        } else {
            0.0
        };
    }
    if a == 0.0 || x.is_infinite() || a.is_infinite() {
        return 0.0;
    }
    let front = front(a, x);
    // a / x of a subnormal x would overflow before it meets what is small
    if x < 1e-290 { front / x * a } else { front * (a / x) }
}

/// The derivative of P by a.
#[inline(never)]
pub fn gammainc_da(a: f64, x: f64) -> f64 {
    share::<Jet>(a, x).below().0[1]
}

/// The second derivative of P by a.
#[inline(never)]
pub fn gammainc_daa(a: f64, x: f64) -> f64 {
    share::<Jet>(a, x).below().0[2]
}

/// The x for which P(a, x) is p; of a point mass at 0, which is what a of 0 makes, the least x from which on P is.
#[inline(never)]
pub fn gammaincinv(a: f64, p: f64) -> f64 {
    quantile(a, p, 1.0 - p)
}

/// The x for which Q(a, x) is q.
#[inline(never)]
pub fn gammainccinv(a: f64, q: f64) -> f64 {
    quantile(a, 1.0 - q, q)
}

/// The x with a share p below it and q above it, of which the smaller one is exact.
///
/// Newton's steps for its logarithm: log P is concave in log x and log Q in x, so they cannot miss.
fn quantile(a: f64, p: f64, q: f64) -> f64 {
    if a >= 0.0 && (p == 0.0 || q == 0.0) && p + q == 1.0 {
        return if p == 0.0 { 0.0 } else { f64::INFINITY };
    }
    if !((0.0..f64::INFINITY).contains(&a) && p >= 0.0 && q >= 0.0) {
        return f64::NAN;
    }
    if a == 0.0 {
        return 0.0;
    }
    // Wilson and Hilferty's cube, or what the series begins with, which is never too large
    let third = 1.0 / (9.0 * a);
    let cube = 1.0 - third + (if p <= 0.5 { ndtri(p) } else { -ndtri(q) }) * third.sqrt();
    let first = exp((log(p) + lgamma(a + 1.0)) / a);
    let mut x = if a > 1.0 && cube > 0.3 { a * cube * cube * cube } else { first };
    let (lower, wanted) = (p <= 0.5, if p <= 0.5 { log(p) } else { log(q) });
    for _ in 0..100 {
        if x == 0.0 {
            return 0.0;
        }
        let share = share::<f64>(a, x);
        let slope = a * front(a, x);
        let step = if lower {
            let share = share.below();
            (wanted - log(share)) * (share / slope)
        } else {
            let share = share.above();
            (log(share) - wanted) * (share / slope)
        };
        let grown = if lower { x * exp(step.clamp(-50.0, 50.0)) } else { x * (1.0 + step).max(0.1) };
        let done = step.is_nan() || step.abs() <= 1e-8;
        x = grown;
        if done {
            break;
        }
    }
    x
}

/// The least count k for which Q(k + 1, rate), the share of Poisson's distribution up to k, is at least p.
#[inline(never)]
pub fn poissoninv(rate: f64, p: f64) -> f64 {
    if !(rate >= 0.0 && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 1.0 || rate.is_infinite() {
        return f64::INFINITY;
    }
    if rate == 0.0 || p == 0.0 {
        return 0.0;
    }
    // Cornish and Fisher's expansion is within a few counts.
    let z = ndtri(p);
    let mut count = (rate + z * rate.sqrt() + (z * z - 1.0) / 6.0).floor().max(0.0);
    if rate > 1e15 {
        return count; // beyond there are not all counts among the floats
    }
    while gammaincc(count + 1.0, rate) < p {
        count += 1.0;
    }
    while count > 0.0 && gammaincc(count, rate) >= p {
        count -= 1.0;
    }
    count
}
