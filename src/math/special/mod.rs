//! Special functions, one number at a time in `f64`: too long and too branched for vector code.
//!
//! Enters: one `f64`, two or three, an `f32` widened. Leaves: the value; an `f32` rounds it once, and so is within an ulp. Promises:
//! no tables beyond `coefficients.rs`, no state, an end for every input, and the same bits on every processor, for nothing
//! here fuses a multiplication with an addition (but `cbrt` and `hypot`, which are the standard library's). The elementary
//! functions inside are those of [`Real`]. Errors in the doc lines are the largest that `tests/test_special.py` measures
//! against references of 50 digits.

mod bessel;
mod beta;
mod coefficients;
mod error;
mod gamma;
mod incomplete;
mod integral;
mod jet;

use super::arithmetic::{Unfused, polynomial};
use super::{Real, arithmetic};

pub use bessel::{i0, i0e, i0e_dx, i1, i1e, iv};
pub use beta::{
    betainc, betainc_da, betainc_daa, betainc_dab, betainc_db, betainc_dbb, betainc_dx, betaincinv, binominv,
};
pub use error::{erfcinv, erfcx, erfinv, ierfcx, log_ndtr, log_ndtr_dx, ndtr, ndtri};
pub use gamma::{betaln, digamma, digamma_dx, digamma_gap, gamma, gammasgn, lgamma, zeta};
pub use incomplete::{
    gammainc, gammainc_da, gammainc_daa, gammainc_dx, gammaincc, gammainccinv, gammaincinv, poissoninv,
};
pub use integral::{expi, expn, j0, j1, k0, k0e, k1, k1e};

/// The cube root.
#[inline(never)]
pub fn cbrt(x: f64) -> f64 {
    x.cbrt()
}

/// x - tanh x: near 0 by the continued fraction of tanh, `x / (1 + x^2 / (3 + x^2 / (5 + ...)))`, without the 1.
#[inline(never)]
pub fn tanhshrink(x: f64) -> f64 {
    if x.abs() > 1.0 {
        return x - Real::tanh::<Unfused>(x);
    }
    let square = x * x;
    let rest = (1..=12).rev().fold(27.0, |below, k| f64::from(2 * k + 1) + square / below);
    x * (square / (rest + square))
}

/// The length of the vector (a, b), without overflow on the way.
#[inline(never)]
pub fn hypot(a: f64, b: f64) -> f64 {
    a.hypot(b)
}

fn exp(x: f64) -> f64 {
    Real::exp::<Unfused>(x)
}

fn log(x: f64) -> f64 {
    Real::log::<Unfused>(x)
}

fn log1p(x: f64) -> f64 {
    Real::log1p::<Unfused>(x)
}

fn expm1(x: f64) -> f64 {
    Real::expm1::<Unfused>(x)
}

fn pow(x: f64, y: f64) -> f64 {
    Real::pow::<Unfused>(x, y)
}

/// The polynomial with these coefficients, lowest power first.
fn at<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    polynomial::<Unfused, _, _>(x, coefficients)
}

/// `exp(sign x^2)`: the square in two parts, for its rounding error would be multiplied by the square.
fn exp_of_square(x: f64, sign: f64) -> f64 {
    let high = arithmetic::upper_half(x);
    exp(sign * high * high) * exp(sign * (x - high) * (x + high))
}

/// Sine and cosine of pi x.
fn turn(x: f64) -> (f64, f64) {
    // exact: what is left is between -1/4 and 1/4, and how many quarter turns were taken away
    let quarters = (2.0 * x).round_ties_even();
    let rest = std::f64::consts::PI * (x - 0.5 * quarters);
    let (sin, cos) = (Real::sin::<Unfused>(rest), Real::cos::<Unfused>(rest));
    match (quarters - 4.0 * (0.25 * quarters).floor()) as u8 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}
