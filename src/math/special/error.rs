//! Relatives of the error function: scaled, inverse, and of the normal distribution.
//!
//! Inverses start from a short formula and take two or three steps of Halley or Newton.

use super::{Unfused, arithmetic, at, exp, exp_of_square, log, log1p};
use crate::math::Real;
use crate::math::coefficients::ERFCX_F64;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI, SQRT_2};

const SQRT_PI: f64 = 1.772_453_850_905_516;
/// What 1 / sqrt 2 is more than its float.
const SQRT_HALF_LOW: f64 = -4.833_646_656_726_457e-17;

fn erf(x: f64) -> f64 {
    Real::erf::<Unfused>(x)
}

fn erfc(x: f64) -> f64 {
    Real::erfc::<Unfused>(x)
}

/// `exp(x^2) erfc(x)`.
#[inline(never)]
pub fn erfcx(x: f64) -> f64 {
    if x < -27.0 {
        return f64::INFINITY;
    }
    if x < 0.0 {
        return 2.0 * exp_of_square(x, 1.0) - erfcx(-x);
    }
    if x < 28.0 {
        return at((x - 3.5) / (x + 3.5), &ERFCX_F64) / (2.0 * x + 1.0);
    }
    let t = 0.5 / (x * x);
    at(t, &[1.0, -1.0, 3.0, -15.0, 105.0, -945.0, 10395.0, -135135.0]) / (SQRT_PI * x)
}

/// The `n`-th repeated integral of `erfc`, times `e**(x*x)`; NaN for an `n` that is no whole number from 0 to 10,000.
///
/// A recurrence leads from one order to the next (DLMF 7.18.7). Forwards it subtracts where x is positive, so there it is
/// followed backwards, as a continued fraction of the ratio of neighbours.
#[inline(never)]
pub fn ierfcx(n: f64, x: f64) -> f64 {
    if x.is_nan() || !(0.0..=1e4).contains(&n) || n != n.floor() {
        return f64::NAN;
    }
    let first = erfcx(x);
    if x == f64::INFINITY || first == f64::INFINITY {
        return first;
    }
    let (mut before, mut this, mut order) = (2.0 / SQRT_PI, first, 0.0);
    if x < 1.0 {
        while order < n {
            order += 1.0;
            (before, this) = (this, (before - 2.0 * x * this) / (2.0 * order));
        }
        return this;
    }
    // Errors shrink by e**(-2 x sqrt(2 k)) in k terms, and of high orders some more are to be lost.
    let mut k = n + 20.0 + (300.0 / (x * x)).ceil();
    let (mut ratio, mut product) = (0.0, 1.0);
    while k >= 1.0 {
        ratio = 0.5 / (x + (k + 1.0) * ratio);
        product *= if k <= n { ratio } else { 1.0 };
        k -= 1.0;
    }
    first * product
}

/// The y for which `erf y = x`.
#[inline(never)]
pub fn erfinv(x: f64) -> f64 {
    let a = x.abs();
    let y = if a < 0.5 {
        let square = PI * x * x;
        let mut y = 0.5 * SQRT_PI * a * (1.0 + square * (1.0 / 12.0 + square * 7.0 / 480.0));
        for _ in 0..2 {
            let u = 0.5 * SQRT_PI * exp(y * y) * (erf(y) - a);
            y -= u / (1.0 + y * u);
        }
        y
    } else {
        erfc_inverse(1.0 - a)
    };
    y.copysign(x)
}

/// The y for which `erfc y = c`, for c up to 1; NaN for negative ones.
fn erfc_inverse(c: f64) -> f64 {
    if c == 0.0 {
        return f64::INFINITY;
    }
    // Winitzki's formula, good to 0.002
    let log_c = log(c);
    let half_log = 0.5 * (log_c + log(2.0 - c));
    let t = 2.0 / (PI * 0.147) + half_log;
    let mut y = ((t * t - 2.0 * half_log / 0.147).sqrt() - t).sqrt();
    // Newton's steps for the logarithm, which is nearly a parabola
    for _ in 0..3 {
        let scaled = erfcx(y);
        y += 0.5 * SQRT_PI * scaled * (log(scaled) - y * y - log_c);
    }
    y
}

/// The y for which `erfc y = c`.
#[inline(never)]
pub fn erfcinv(c: f64) -> f64 {
    match c {
        c if c < 0.5 => erfc_inverse(c),
        c if c <= 1.5 => erfinv(1.0 - c),
        c => -erfc_inverse(2.0 - c),
    }
}

/// The normal distribution function.
#[inline(never)]
pub fn ndtr(x: f64) -> f64 {
    if x.abs() > 40.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    // erfc of -x / sqrt 2 to twice the precision: its rounding error alone would cost 700 ulp
    let (product, error) = arithmetic::two_product::<Unfused>(-x, FRAC_1_SQRT_2);
    let low = error - x * SQRT_HALF_LOW;
    0.5 * (erfc(product) - low * FRAC_2_SQRT_PI * exp(-product * product))
}

/// The logarithm of the normal distribution function.
#[inline(never)]
pub fn log_ndtr(x: f64) -> f64 {
    if x > 0.0 {
        log1p(-ndtr(-x))
    } else if x > -20.0 {
        log(ndtr(x))
    } else {
        log(0.5 * erfcx(-x * FRAC_1_SQRT_2)) - 0.5 * x * x
    }
}

/// The most derivatives of `log_ndtr`.
const DERIVATIVES: usize = 20;

/// The derivative of order n, from 1 to 20, of `log_ndtr`; NaN for other orders.
///
/// As Taylor series: of h, the first derivative, by its equation `h' = -h (x + h)`, and where x + h would cancel by Laplace's
/// continued fraction of it, `1 / (z + 2 / (z + 3 / ...))` for z = -x.
#[inline(never)]
pub fn log_ndtr_dx(n: f64, x: f64) -> f64 {
    if x.is_nan() || !(1.0..=DERIVATIVES as f64).contains(&n) || n != n.floor() {
        return f64::NAN;
    }
    let first = FRAC_2_SQRT_PI * FRAC_1_SQRT_2 / erfcx(-x * FRAC_1_SQRT_2);
    if n == 1.0 {
        return first;
    }
    let order = n as usize - 1;
    let mut h = [0.0; DERIVATIVES];
    if x > -1.0 {
        h[0] = first;
        for k in 0..order {
            let sum = |j: usize| h[j] + if j == 0 { x } else { f64::from(u8::from(j == 1)) };
            let product: f64 = (0..=k).map(|j| h[j] * sum(k - j)).sum();
            h[k + 1] = -product / (k + 1) as f64;
        }
    } else {
        let z = -x;
        // Errors shrink by e**(-2 z sqrt(k)) in k terms, and grow by some sqrt(k) with each derivative.
        for k in (1..=20 + (1200.0 / (z * z)) as u32).rev() {
            let below = |j: usize| h[j] + if j == 0 { z } else { f64::from(u8::from(j == 1)) };
            let mut next = [0.0; DERIVATIVES];
            next[0] = f64::from(k) / below(0);
            for i in 1..=order {
                next[i] = -(1..=i).map(|j| below(j) * next[i - j]).sum::<f64>() / below(0);
            }
            h = next;
        }
        // Of z + h by -z.
        h[1] += 1.0;
        h.iter_mut().skip(1).step_by(2).for_each(|odd| *odd = -*odd);
    }
    (1..=order).fold(h[order], |derivative, k| derivative * k as f64)
}

/// The x below which the normal distribution has this probability.
#[inline(never)]
pub fn ndtri(p: f64) -> f64 {
    if p < 0.25 {
        -SQRT_2 * erfc_inverse(2.0 * p)
    } else if p <= 0.75 {
        SQRT_2 * erfinv(2.0 * p - 1.0)
    } else {
        SQRT_2 * erfc_inverse(2.0 * (1.0 - p))
    }
}
