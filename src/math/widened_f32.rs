//! Functions of `f32` numbers in `f64` arithmetic, with polynomials just long enough for a result rounded to `f32`.
//!
//! Enters an `f32` widened to `f64`, so nothing here is subnormal and no exponent comes near its limits; leaves an `f64` with a
//! relative error below 2^-30, which the caller rounds.

use super::Real;
use super::arithmetic::{Fma, ROUND_F64, at_least, at_most, polynomial, power_of_two, select};
use super::coefficients::{
    ASIN_SHORT, COSH_SHORT, ERFCX_SHORT, EXP_SHORT, HALF_PI_SHORT, LOG_SHORT, PI_SHORT, SIN_SHORT, SINH_SHORT,
    TAN_COS_SHORT, TAN_SIN_SHORT,
};
use super::log_f64::{pole, split_normal};
use super::pow_f64::with_sign;
use std::f64::consts::{FRAC_1_PI, FRAC_2_PI, FRAC_PI_2, LN_2, LOG2_E, PI};

/// Largest argument of sine, cosine and tangent.
pub(super) const TRIG_LIMIT: f32 = 536_870_912.0;

/// 2^n and e^r - 1 of x = n ln 2 + r.
#[inline(always)]
fn exp_parts<M: Fma>(x: f64) -> (f64, f64) {
    let rounded = x.multiply_add::<M>(LOG2_E, ROUND_F64);
    let r = (rounded - ROUND_F64).multiply_add::<M>(-LN_2, x);
    (power_of_two(rounded, 0), (r * r).multiply_add::<M>(polynomial::<M, _, _>(r, &EXP_SHORT), r))
}

#[inline(always)]
fn exp<M: Fma>(x: f64) -> f64 {
    let (power, reduced) = exp_parts::<M>(x);
    power.multiply_add::<M>(reduced, power)
}

#[inline(always)]
pub(super) fn expm1<M: Fma>(x: f64) -> f64 {
    let (power, reduced) = exp_parts::<M>(at_most(at_least(x, -40.0), 100.0));
    let result = power.multiply_add::<M>(reduced, power - 1.0);
    result.copysign(x)
}

#[inline(always)]
pub(super) fn sinh<M: Fma>(x: f64) -> f64 {
    let (up, down, r) = hyperbolic_parts::<M>(x.abs());
    let square = r * r;
    let cosh = square.multiply_add::<M>(polynomial::<M, _, _>(square, &COSH_SHORT), 1.0);
    let sinh = (r * square).multiply_add::<M>(polynomial::<M, _, _>(square, &SINH_SHORT), r);
    (up - down).multiply_add::<M>(cosh, (up + down) * sinh).copysign(x)
}

#[inline(always)]
pub(super) fn cosh<M: Fma>(x: f64) -> f64 {
    let (up, down, r) = hyperbolic_parts::<M>(x.abs());
    let square = r * r;
    let cosh = square.multiply_add::<M>(polynomial::<M, _, _>(square, &COSH_SHORT), 1.0);
    let sinh = (r * square).multiply_add::<M>(polynomial::<M, _, _>(square, &SINH_SHORT), r);
    (up + down).multiply_add::<M>(cosh, (up - down) * sinh)
}

/// 2^n / 2, 2^-n / 2 and r.
#[inline(always)]
fn hyperbolic_parts<M: Fma>(a: f64) -> (f64, f64, f64) {
    let a = at_most(a, 100.0);
    let rounded = a.multiply_add::<M>(LOG2_E, ROUND_F64);
    let n = rounded - ROUND_F64;
    (power_of_two(rounded, -1), power_of_two(ROUND_F64 - n, -1), n.multiply_add::<M>(-LN_2, a))
}

/// Natural logarithm of a positive finite number, with a polynomial of f alone: as good as a division by 2 + f, and faster.
#[inline(always)]
fn log<M: Fma>(x: f64) -> f64 {
    let (k, f) = split_normal(x);
    let square = f * f;
    let tail = f.multiply_add::<M>(polynomial::<M, _, _>(f, &LOG_SHORT), -0.5);
    k.multiply_add::<M>(LN_2, square.multiply_add::<M>(tail, f))
}

/// log(1 + x): what the sum 1 + x rounds away matters only where x is tiny, and there it is the result.
#[inline(always)]
fn log1p_finite<M: Fma>(x: f64) -> f64 {
    let u = 1.0 + x;
    let lost = select(x.abs() < 0.5, x - (u - 1.0), 0.0);
    log::<M>(u) + lost
}

#[inline(always)]
pub(super) fn asinh<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let square = a * a;
    let result = log1p_finite::<M>(a + square / (1.0 + (1.0 + square).sqrt()));
    select(a <= f64::MAX, result, a).copysign(x)
}

#[inline(always)]
pub(super) fn acosh<M: Fma>(x: f64) -> f64 {
    let t = x - 1.0;
    let result = log1p_finite::<M>(t + t.multiply_add::<M>(t, 2.0 * t).sqrt());
    let pole = select(x > f64::MAX, f64::INFINITY, 0.0);
    result + select(x >= 1.0, pole, f64::NAN)
}

#[inline(always)]
pub(super) fn atanh<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let result = 0.5 * log1p_finite::<M>(2.0 * a / (1.0 - a));
    let pole = select(a == 1.0, f64::INFINITY, f64::NAN);
    select(a < 1.0, result, pole).copysign(x)
}

/// sin r times the sign that n's lowest bit gives, |r| up to pi/2.
#[inline(always)]
fn sin_reduced<M: Fma>(r: f64, n: u64) -> f64 {
    let z = r * r;
    let ratio = z.multiply_add::<M>(polynomial::<M, _, _>(z, &SIN_SHORT), 1.0);
    f64::from_bits((r * ratio).to_bits() ^ (n << 63))
}

#[inline(always)]
fn less_multiple<M: Fma>(x: f64, n: f64, parts: [f64; 3]) -> f64 {
    let near = (-n).multiply_add::<M>(parts[1], (-n).multiply_add::<M>(parts[0], x));
    (-n).multiply_add::<M>(parts[2], near)
}

#[inline(always)]
pub(super) fn sin<M: Fma>(x: f64) -> f64 {
    let rounded = x.multiply_add::<M>(FRAC_1_PI, ROUND_F64);
    let r = less_multiple::<M>(x, rounded - ROUND_F64, PI_SHORT);
    sin_reduced::<M>(r, rounded.to_bits())
}

/// cos x = sin(x + pi/2), so the multiple of pi to take away is a half integer.
#[inline(always)]
pub(super) fn cos<M: Fma>(x: f64) -> f64 {
    let rounded = x.multiply_add::<M>(FRAC_1_PI, 0.5) + ROUND_F64;
    let r = less_multiple::<M>(x, (rounded - ROUND_F64) - 0.5, PI_SHORT);
    sin_reduced::<M>(r, rounded.to_bits())
}

#[inline(always)]
pub(super) fn tan<M: Fma>(x: f64) -> f64 {
    let rounded = x.multiply_add::<M>(FRAC_2_PI, ROUND_F64);
    let r = less_multiple::<M>(x, rounded - ROUND_F64, HALF_PI_SHORT);
    let z = r * r;
    let sin = r * z.multiply_add::<M>(polynomial::<M, _, _>(z, &TAN_SIN_SHORT), 1.0);
    let cos = z.multiply_add::<M>(polynomial::<M, _, _>(z, &TAN_COS_SHORT), 1.0);
    let even = rounded.to_bits() & 1 == 0;
    (select(even, sin, cos)) / (select(even, cos, -sin))
}

/// asin |x| or, beyond 1/2, asin sqrt((1 - |x|) / 2).
#[inline(always)]
fn asin_reduced<M: Fma>(a: f64, large: bool) -> f64 {
    let square = select(large, 0.5 - 0.5 * a, a * a);
    let s = select(large, square.sqrt(), a);
    s * square.multiply_add::<M>(polynomial::<M, _, _>(square, &ASIN_SHORT), 1.0)
}

#[inline(always)]
pub(super) fn asin<M: Fma>(x: f64) -> f64 {
    let large = x.abs() > 0.5;
    let angle = asin_reduced::<M>(x.abs(), large);
    select(large, FRAC_PI_2 - 2.0 * angle, angle).copysign(x)
}

#[inline(always)]
pub(super) fn acos<M: Fma>(x: f64) -> f64 {
    let large = x.abs() > 0.5;
    let angle = asin_reduced::<M>(x.abs(), large);
    let far = select(x < 0.0, PI - 2.0 * angle, 2.0 * angle);
    select(large, far, FRAC_PI_2 - angle.copysign(x))
}

#[inline(always)]
pub(super) fn erfc<M: Fma>(x: f64) -> f64 {
    let a = at_most(x.abs(), 11.0);
    let factor = polynomial::<M, _, _>((a - 3.0) / (a + 3.0), &ERFCX_SHORT) / (1.0 + 2.0 * a);
    let result = factor * exp::<M>(-a * a);
    select(x < 0.0, 2.0 - result, result)
}

#[inline(always)]
pub(super) fn pow<M: Fma>(x: f64, y: f64) -> f64 {
    let a = x.abs();
    let exponent = y * (log::<M>(a) + pole(a));
    let exponent = select((a == 1.0) | (y == 0.0), 0.0, exponent);
    with_sign(x, y, exp::<M>(at_most(at_least(exponent, -200.0), 200.0)))
}
