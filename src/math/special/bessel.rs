//! Modified Bessel functions of the first kind: a polynomial of x^2 below 8, beyond it one of 1 / x. Higher orders, and
//! derivatives, are sums of series.

use super::coefficients::{I0_FAR, I0_NEAR, I1_FAR, I1_NEAR};
use super::{at, exp};

/// Below 8 the function itself.
fn near<const N: usize>(a: f64, coefficients: &[f64; N]) -> f64 {
    let z = 0.25 * a * a;
    1.0 + z * at(z, coefficients)
}

/// From 8 on `e^-x` times the function.
fn far<const N: usize>(a: f64, coefficients: &[f64; N]) -> f64 {
    at(16.0 / a - 1.0, coefficients) / a.sqrt()
}

/// `e^x y`, for y so small that the product may be a float where `e^x` is not.
fn grown(a: f64, y: f64) -> f64 {
    let half = exp(0.5 * a);
    y * half * half
}

/// I0(x).
#[inline(never)]
pub fn i0(x: f64) -> f64 {
    let a = x.abs();
    if a < 8.0 { near(a, &I0_NEAR) } else { finite(a, |a| grown(a, far(a, &I0_FAR)), f64::INFINITY) }
}

/// e^-|x| I0(x).
#[inline(never)]
pub fn i0e(x: f64) -> f64 {
    let a = x.abs();
    if a < 8.0 { near(a, &I0_NEAR) * exp(-a) } else { finite(a, |a| far(a, &I0_FAR), 0.0) }
}

/// I1(x).
#[inline(never)]
pub fn i1(x: f64) -> f64 {
    let a = x.abs();
    let y = if a < 8.0 { 0.5 * a * near(a, &I1_NEAR) } else { finite(a, |a| grown(a, far(a, &I1_FAR)), f64::INFINITY) };
    y.copysign(x)
}

/// e^-|x| I1(x).
#[inline(never)]
pub fn i1e(x: f64) -> f64 {
    let a = x.abs();
    let y = if a < 8.0 { 0.5 * a * near(a, &I1_NEAR) * exp(-a) } else { finite(a, |a| far(a, &I1_FAR), 0.0) };
    y.copysign(x)
}

/// I of a whole order n from 0 to 10,000; NaN for others.
#[inline(never)]
pub fn iv(n: f64, x: f64) -> f64 {
    let a = x.abs();
    if x.is_nan() || !(0.0..=1e4).contains(&n) || n != n.floor() {
        return f64::NAN;
    }
    let y = if n == 0.0 {
        return i0(x);
    } else if n == 1.0 {
        return i1(x);
    } else if a > 720.0 + n {
        f64::INFINITY
    } else if a > 30.0 + 0.5 * n * n {
        // Hankel's series (DLMF 10.40.1), whose terms shrink far enough here.
        let term = |k: f64, term: f64| -term * (4.0 * n * n - (2.0 * k - 1.0) * (2.0 * k - 1.0)) / (8.0 * a * k);
        grown(a, sum(term) / (std::f64::consts::TAU * a).sqrt())
    } else {
        let first = (1..=n as u32).fold(1.0, |power, k| power * (0.5 * a / f64::from(k)));
        first * sum(|k, term| term * (0.25 * a * a / (k * (k + n))))
    };
    if x < 0.0 && n != 2.0 * (0.5 * n).floor() { -y } else { y }
}

/// The derivative of order n, from 0 to 100, of `e^-x I0(x)` at |x|; NaN for other orders.
///
/// That is `1F1(n + 1/2; n + 1; -2 |x|)` times a constant, with Kummer's transformation (DLMF 13.2.39) a sum of positive
/// terms, and far out a series in 1 / x (DLMF 13.7.2).
#[inline(never)]
pub fn i0e_dx(n: f64, x: f64) -> f64 {
    if x.is_nan() || !(0.0..=100.0).contains(&n) || n != n.floor() {
        return f64::NAN;
    }
    let (t, sign) = (2.0 * x.abs(), if n == 2.0 * (0.5 * n).floor() { 1.0 } else { -1.0 });
    let odd_over = |divisor: &dyn Fn(f64) -> f64| {
        (1..=n as u32).map(f64::from).fold(sign, |product, k| product * ((2.0 * k - 1.0) / divisor(k)))
    };
    if t < 50.0 + 4.0 * n {
        return odd_over(&|k| k) * exp(-t) * sum(|k, term| term * ((k - 0.5) * t / ((n + k) * k)));
    }
    let series = sum(|k, term| term * ((n + k - 0.5) * (k - 0.5) / (k * t)));
    odd_over(&|_| t) * series / (std::f64::consts::PI * t).sqrt()
}

/// 1 and the terms that follow it, each from its number and the one before, until they are lost in the sum.
fn sum(next: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut k, mut term, mut sum) = (1.0, 1.0, 1.0);
    // Not on and on of an infinite or undefined sum either.
    while f64::abs(term) > 1e-17 * f64::abs(sum) {
        term = next(k, term);
        sum += term;
        k += 1.0;
    }
    sum
}

/// A function, and what it tends to.
fn finite(a: f64, function: impl Fn(f64) -> f64, limit: f64) -> f64 {
    if a == f64::INFINITY { limit } else { function(a) }
}
