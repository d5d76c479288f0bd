//! Functions by their integrals, with points at equal distances: Bessel's of the first kind, and modified ones of the
//! second. Over a period, or of what falls off on both sides, such sums are exact to exponentially few points (Trefethen
//! and Weideman, SIAM Review 56, 2014). Exponential integrals by their series and continued fractions.

use super::{Real, Unfused, exp, expm1, log};
use std::f64::consts::{FRAC_PI_2, PI};

/// From here on the asymptotic series of the Bessel functions is exact.
const FAR: f64 = 25.0;
/// Points on a quarter of the circle: what a whole one misses is J of order `4 QUARTER`, below 1e-19 up to `FAR`.
const QUARTER: usize = 17;
const EULER: f64 = 0.577_215_664_901_532_9;

fn sin(x: f64) -> f64 {
    Real::sin::<Unfused>(x)
}

fn cos(x: f64) -> f64 {
    Real::cos::<Unfused>(x)
}

/// Hankel's expansion for x of 25 and more (DLMF 10.17.3), of order 0 or 1: what is before a cosine and a sine of x.
fn hankel(order: f64, x: f64) -> f64 {
    let (mut term, mut sums) = (1.0, [1.0, 0.0]);
    for k in 1..=26 {
        let odd = f64::from(2 * k - 1);
        term *= (4.0 * order * order - odd * odd) / (8.0 * f64::from(k) * x);
        sums[k as usize % 2] += if k % 4 < 2 { term } else { -term };
    }
    // The angle is x - (2 order + 1) pi / 4; its sine and cosine by those of x itself.
    let ([p, q], (s, c)) = (sums, (x.sin(), x.cos()));
    let (cosine, sine) = if order == 0.0 { (c + s, s - c) } else { (s - c, -s - c) };
    (p * cosine - q * sine) / (PI * x).sqrt()
}

/// J0(x), with an error relative to its largest values nearby.
#[inline(never)]
pub fn j0(x: f64) -> f64 {
    let a = x.abs();
    if a == f64::INFINITY {
        return 0.0;
    }
    if a > FAR {
        return hankel(0.0, a);
    }
    // the mean of cos(x sin t); both ends of the quarter count half
    let inner: f64 = (1..QUARTER).map(|k| cos(a * sin(FRAC_PI_2 * k as f64 / QUARTER as f64))).sum();
    (0.5 + inner + 0.5 * cos(a)) / QUARTER as f64
}

/// J1(x), with an error relative to its largest values nearby.
#[inline(never)]
pub fn j1(x: f64) -> f64 {
    let a = x.abs();
    if a == f64::INFINITY {
        return 0.0_f64.copysign(x);
    }
    if a > FAR {
        return hankel(1.0, a) * 1.0_f64.copysign(x);
    }
    // the mean of sin(x sin t) sin t
    let inner: f64 = (1..QUARTER)
        .map(|k| {
            let s = sin(FRAC_PI_2 * k as f64 / QUARTER as f64);
            sin(a * s) * s
        })
        .sum();
    (inner + 0.5 * sin(a)) / QUARTER as f64 * 1.0_f64.copysign(x)
}

/// `e^x K(x)` of order 0 or 1: the integral of `e^(-x (cosh t - 1)) cosh(order t)`, of which nothing cancels.
fn scaled_k(order: f64, x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::INFINITY;
    }
    if x < 1e-16 {
        // beyond, the integral is too long: K0 is -log(x / 2) - gamma, K1 is 1 / x
        return if order == 0.0 { 0.115_931_515_658_412_45 - log(x) } else { 1.0 / x };
    }
    if x > 1e30 {
        return (FRAC_PI_2 / x).sqrt();
    }
    // half a deviation of the bell that is left of it for large x
    let step = 0.5 / (4.0 + x).sqrt();
    let mut sum = 0.5;
    for k in 1.. {
        let t = step * f64::from(k);
        // cosh t - 1 without cancellation
        let rise = expm1(0.5 * t);
        let fall = rise / (rise + 1.0);
        let above = 0.5 * (rise + fall) * (rise + fall);
        let term = exp(-x * above) * if order == 0.0 { 1.0 } else { 1.0 + above };
        sum += term;
        if term <= 1e-18 * sum {
            break;
        }
    }
    sum * step
}

/// K0(x).
#[inline(never)]
pub fn k0(x: f64) -> f64 {
    shrunk(x, scaled_k(0.0, x))
}

/// e^x K0(x).
#[inline(never)]
pub fn k0e(x: f64) -> f64 {
    scaled_k(0.0, x)
}

/// K1(x).
#[inline(never)]
pub fn k1(x: f64) -> f64 {
    shrunk(x, scaled_k(1.0, x))
}

/// e^x K1(x).
#[inline(never)]
pub fn k1e(x: f64) -> f64 {
    scaled_k(1.0, x)
}

/// `e^-x y`.
fn shrunk(x: f64, y: f64) -> f64 {
    if x < 600.0 { exp(-x) * y } else { exp(-0.5 * x) * y * exp(-0.5 * x) }
}

/// The generalised exponential integral, of `e^(-x t) / t^n` from 1 on; NaN for an order that is no whole number from 0 on.
///
/// A series up to 1, a continued fraction beyond (DLMF 8.19.8 and 8.19.17).
#[inline(never)]
pub fn expn(n: f64, x: f64) -> f64 {
    if x.is_nan() || x < 0.0 || n.is_nan() || n < 0.0 || n != n.floor() || n > 1e9 {
        return f64::NAN;
    }
    if x == 0.0 {
        return if n > 1.0 { 1.0 / (n - 1.0) } else { f64::INFINITY };
    }
    if n == 0.0 {
        return exp(-x) / x;
    }
    if x > 750.0 {
        return 0.0;
    }
    let last = n - 1.0;
    if x > 1.0 {
        let mut below = x + n;
        let (mut c, mut d) = (f64::MAX.sqrt(), 1.0 / below);
        let mut h = d;
        for i in 1..10_000 {
            let i = f64::from(i);
            let above = -i * (last + i);
            below += 2.0;
            (d, c) = (1.0 / (above * d + below), below + above / c);
            let change = c * d;
            h *= change;
            if (change - 1.0).abs() < 2e-16 {
                break;
            }
        }
        return h * exp(-x);
    }
    let mut sum = if last > 0.0 { 1.0 / last } else { -log(x) - EULER };
    let (mut factor, mut k) = (1.0, 0.0);
    loop {
        k += 1.0;
        factor *= -x / k;
        let term = if k == last { factor * (-log(x) + harmonic(last)) } else { -factor / (k - last) };
        sum += term;
        if k > last && term.abs() <= 1e-17 * sum.abs() || k > last + 100.0 || (k > 100.0 && factor == 0.0) {
            return sum;
        }
    }
}

/// `digamma(n + 1)` of a whole number.
fn harmonic(n: f64) -> f64 {
    super::gamma::digamma(n + 1.0)
}

/// The exponential integral Ei, of `e^t / t` from minus infinity to x, around the pole.
#[inline(never)]
pub fn expi(x: f64) -> f64 {
    if x < 0.0 {
        return -expn(1.0, -x);
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x > 750.0 {
        return f64::INFINITY;
    }
    if x > 40.0 {
        // the asymptotic series, up to its smallest term
        let (mut term, mut sum, mut k) = (1.0, 1.0, 0.0);
        while term > 1e-17 && k < x {
            k += 1.0;
            term *= k / x;
            sum += term;
        }
        let half = exp(0.5 * x);
        return half * (sum / x) * half;
    }
    let (mut factor, mut sum, mut k) = (1.0, 0.0, 0.0);
    loop {
        k += 1.0;
        factor *= x / k;
        let term = factor / k;
        sum += term;
        if term <= 1e-17 * sum || term.is_nan() {
            return EULER + log(x) + sum;
        }
    }
}
