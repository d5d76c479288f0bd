//! Modified Bessel functions of the first kind: a polynomial of x^2 below 8, beyond it one of 1 / x.

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

/// A function, and what it tends to.
fn finite(a: f64, function: impl Fn(f64) -> f64, limit: f64) -> f64 {
    if a == f64::INFINITY { limit } else { function(a) }
}
