//! The logarithms in `f64` and the inverse hyperbolic functions, which are logarithms.
//!
//! x = 2^k (1 + f) with 1 + f between sqrt 1/2 and sqrt 2; log(1 + f) = 2 atanh s with s = f / (2 + f), rearranged as
//! f - (f^2/2 - s (f^2/2 + R)) so that the rounding of the division touches only small terms (the scheme of fdlibm's e_log.c).

use super::Real;
use super::arithmetic::{Fma, fast_two_sum, polynomial, select, two_sum, upper_half};
use super::coefficients::{ATANH_F64, LN2_F64, LOG_F64, LOG2_E_F64, LOG10_2_F64, LOG10_E_F64};

/// The bits of sqrt 1/2, with the upper half of the significand only: any number near it will do.
const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;
/// Beyond this adding 1 changes nothing, and well before its square overflows.
const LARGE: f64 = 1_152_921_504_606_846_976.0;
const ONE: u64 = 0x3ff0_0000_0000_0000;

/// k and f; for zero, infinity, NaN and negative numbers garbage, see [`pole`].
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let (k, f) = split_normal(select(subnormal, x * 18_014_398_509_481_984.0, x));
    (k - select(subnormal, 54.0, 0.0), f)
}

/// The same for numbers that are not subnormal.
#[inline(always)]
pub(super) fn split_normal(x: f64) -> (f64, f64) {
    let bits = x.to_bits().wrapping_add(ONE - SQRT_HALF);
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF)) - 1.0;
    (exponent_as_float(bits), f)
}

/// The exponent under the significand of 2^52, less 2^52 and its bias: a conversion that all vector units have.
#[inline(always)]
fn exponent_as_float(bits: u64) -> f64 {
    f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - 4_503_599_627_371_519.0
}

/// What to add to a finite result so that the logarithm of zero, infinity, NaN and negative numbers is right, else zero.
///
/// A sum of constants chosen by comparisons with the extreme floats: LLVM turns the plain tests for NaN, zero and infinity
/// into a long test of the bits.
#[inline(always)]
pub(super) fn pole(x: f64) -> f64 {
    let pole = select(x > f64::MAX, f64::INFINITY, 0.0);
    let pole = select(x >= 5e-324, pole, f64::NAN);
    select(x == 0.0, f64::NEG_INFINITY, pole)
}

/// k ln 2 + log(1 + f) + correction.
#[inline(always)]
fn assemble<M: Fma>(k: f64, f: f64, correction: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let tail = z.multiply_add::<M>(polynomial::<M, _, _>(z, &LOG_F64), half_square);
    let low = k.multiply_add::<M>(LN2_F64[1], correction);
    let small = half_square - s.multiply_add::<M>(tail, low);
    k.multiply_add::<M>(LN2_F64[0], f - small)
}

#[inline(always)]
pub(super) fn log<M: Fma>(x: f64) -> f64 {
    let (k, f) = split(x);
    assemble::<M>(k, f, 0.0) + pole(x)
}

/// k times the first constant's two parts plus log(1 + f) times the second's, the large products exact.
#[inline(always)]
fn log_to_base<M: Fma>(x: f64, of_two: [f64; 2], of_e: [f64; 2]) -> f64 {
    let (k, f) = split(x);
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let tail = z.multiply_add::<M>(polynomial::<M, _, _>(z, &LOG_F64), half_square);
    let high = upper_half(f - half_square);
    let low = s.multiply_add::<M>(tail, (f - high) - half_square);
    let (sum, error) = fast_two_sum(k * of_two[0], high * of_e[0]);
    let small = low.multiply_add::<M>(of_e[0], k.multiply_add::<M>(of_two[1], (low + high) * of_e[1]));
    sum + (error + small) + pole(x)
}

#[inline(always)]
pub(super) fn log2<M: Fma>(x: f64) -> f64 {
    log_to_base::<M>(x, [1.0, 0.0], LOG2_E_F64)
}

#[inline(always)]
pub(super) fn log10<M: Fma>(x: f64) -> f64 {
    log_to_base::<M>(x, LOG10_2_F64, LOG10_E_F64)
}

/// log(1 + x + low) for x > -1 and finite.
///
/// f is made from x, not from the rounded 1 + x, which only gives k: 2^-k x + (2^-k - 1) is exact wherever it matters.
#[inline(always)]
fn log1p_extended<M: Fma>(x: f64, low: f64, doublings: f64) -> f64 {
    let bits = (1.0 + x).to_bits().wrapping_add(ONE - SQRT_HALF);
    let power = f64::from_bits(0x7fe0_0000_0000_0000_u64.wrapping_sub(bits & 0xfff0_0000_0000_0000));
    // has no exponent for the largest x
    let power = select(x > LARGE, 0.0, power);
    let far = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF)) - 1.0;
    let f = select(x > LARGE, far, x.multiply_add::<M>(power, power - 1.0));
    // low / (1 + x): as 1 / (1 + f) two terms of its series are enough for a number below the last place
    let correction = low * power * (-f).multiply_add::<M>(1.0 - f, 1.0);
    assemble::<M>(exponent_as_float(bits) + doublings, f, correction)
}

/// log(1 + x) for x between 0 and 1, subnormals included.
#[inline(always)]
pub(super) fn log1p_of_fraction<M: Fma>(x: f64) -> f64 {
    let halve = x > 0.414;
    assemble::<M>(select(halve, 1.0, 0.0), select(halve, 0.5 * x - 0.5, x), 0.0)
}

#[inline(always)]
pub(super) fn log1p<M: Fma>(x: f64) -> f64 {
    let result = log1p_extended::<M>(x, 0.0, 0.0) + pole(1.0 + x);
    result.copysign(x)
}

/// asinh a = log1p(a + a^2 / (1 + sqrt(1 + a^2))), beyond 2^60 log(2 a).
#[inline(always)]
pub(super) fn asinh<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let large = a > LARGE;
    let safe = select(large, 1.0, a);
    let square = safe * safe;
    let (sum, error) = fast_two_sum(safe, square / (1.0 + (1.0 + square).sqrt()));
    let result = log1p_extended::<M>(select(large, a, sum), select(large, 0.0, error), select(large, 1.0, 0.0));
    (result + select(a > f64::MAX, f64::INFINITY, 0.0)).copysign(x)
}

/// acosh x = log1p(t + sqrt(t (t + 2))) with t = x - 1, beyond 2^60 log(2 x).
#[inline(always)]
pub(super) fn acosh<M: Fma>(x: f64) -> f64 {
    let large = x > LARGE;
    let t = select(large, 1.0, x - 1.0);
    let (sum, error) = two_sum(t, t.multiply_add::<M>(t, 2.0 * t).sqrt());
    let result = log1p_extended::<M>(select(large, x, sum), select(large, 0.0, error), select(large, 1.0, 0.0));
    let pole = select(x > f64::MAX, f64::INFINITY, 0.0);
    result + select(x >= 1.0, pole, f64::NAN)
}

/// With K = 2^k the power below (1 + a) / (1 - a): atanh a = k ln 2 / 2 + atanh s, s = ((1 + a) - K (1 - a)) / ((1 + a) + K (1 - a)).
///
/// s lies between 0 and 1/3, and both terms are positive, so nothing cancels; for a below 1/3 k is 0 and s is a itself.
#[inline(always)]
pub(super) fn atanh<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let bits = ((1.0 + a) / (1.0 - a)).to_bits();
    let power = f64::from_bits(bits & 0x7ff0_0000_0000_0000);
    let k = exponent_as_float(bits);
    // exact below 1/3; from 1/2 on 1 - a is exact
    let low_above = a.multiply_add::<M>(1.0 + power, 1.0 - power);
    let low_below = a.multiply_add::<M>(1.0 - power, 1.0 + power);
    let rest = power * (1.0 - a);
    let above = select(a < 0.5, low_above, (1.0 + a) - rest);
    let below = select(a < 0.5, low_below, (1.0 + a) + rest);
    let s = above / below;
    let z = s * s;
    let small = (0.5 * s * z).multiply_add::<M>(polynomial::<M, _, _>(z, &ATANH_F64), k * (0.5 * LN2_F64[1]));
    let result = k.multiply_add::<M>(0.5 * LN2_F64[0], s + small);
    let pole = select(a == 1.0, f64::INFINITY, f64::NAN);
    select(a < 1.0, result, pole).copysign(x)
}
