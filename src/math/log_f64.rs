//! The logarithms in `f64` and the inverse hyperbolic functions, which are logarithms.
//!
//! x = 2^k (1 + f) with 1 + f between sqrt 1/2 and sqrt 2; log(1 + f) = 2 atanh s with s = f / (2 + f), rearranged as
//! f - (f^2/2 - s (f^2/2 + R)) so that the rounding of the division touches only small terms (the scheme of fdlibm's e_log.c).

use super::Real;
use super::arithmetic::{Fma, fast_two_sum, horner, two_sum, upper_half};
use super::coefficients::{ATANH_F64, LN2_F64, LOG_F64, LOG2_E_F64, LOG10_2_F64, LOG10_E_F64};

/// The bits of sqrt 1/2, with the upper half of the significand only: any number near it will do.
const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;
/// Beyond this adding 1 changes nothing, and well before its square overflows.
const LARGE: f64 = 1_152_921_504_606_846_976.0;
const ONE: u64 = 0x3ff0_0000_0000_0000;

/// k and f; for zero, infinity, NaN and negative numbers garbage, see [`with_poles`].
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal {
        x * 18_014_398_509_481_984.0
    } else {
        x
    };
    let bits = scaled.to_bits().wrapping_add(ONE - SQRT_HALF);
    // the exponent under the significand of 2^52, less 2^52 and its bias: a conversion that all vector units have
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000);
    let k = k - if subnormal {
        4_503_599_627_371_519.0 + 54.0
    } else {
        4_503_599_627_371_519.0
    };
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF)) - 1.0;
    (k, f)
}

/// Puts NaN, -inf, inf and NaN where the logarithm's argument is negative, zero, infinite and NaN.
#[inline(always)]
fn with_poles(x: f64, result: f64) -> f64 {
    let result = if x < f64::INFINITY { result } else { x };
    let result = if x == 0.0 { f64::NEG_INFINITY } else { result };
    if x < 0.0 { f64::NAN } else { result }
}

/// k ln 2 + log(1 + f) + correction.
#[inline(always)]
fn assemble<M: Fma>(k: f64, f: f64, correction: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let tail = z.multiply_add::<M>(horner::<M, _, _>(z, &LOG_F64), half_square);
    let low = k.multiply_add::<M>(LN2_F64[1], correction);
    let small = half_square - s.multiply_add::<M>(tail, low);
    k.multiply_add::<M>(LN2_F64[0], f - small)
}

#[inline(always)]
pub(super) fn log<M: Fma>(x: f64) -> f64 {
    let (k, f) = split(x);
    with_poles(x, assemble::<M>(k, f, 0.0))
}

/// k times the first constant's two parts plus log(1 + f) times the second's, the large products exact.
#[inline(always)]
fn log_to_base<M: Fma>(x: f64, of_two: [f64; 2], of_e: [f64; 2]) -> f64 {
    let (k, f) = split(x);
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let tail = z.multiply_add::<M>(horner::<M, _, _>(z, &LOG_F64), half_square);
    let high = upper_half(f - half_square);
    let low = s.multiply_add::<M>(tail, (f - high) - half_square);
    let (sum, error) = fast_two_sum(k * of_two[0], high * of_e[0]);
    let small = low.multiply_add::<M>(
        of_e[0],
        k.multiply_add::<M>(of_two[1], (low + high) * of_e[1]),
    );
    with_poles(x, sum + (error + small))
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
#[inline(always)]
fn log1p_extended<M: Fma>(x: f64, low: f64, doublings: f64) -> f64 {
    let (u, error) = two_sum(1.0, x);
    let (k, f) = split(u);
    assemble::<M>(k + doublings, f, (error + low) / u)
}

/// log(1 + x) for x between 0 and 1, subnormals included.
#[inline(always)]
pub(super) fn log1p_of_fraction<M: Fma>(x: f64) -> f64 {
    let (u, error) = fast_two_sum(1.0, x);
    let (k, f) = split(u);
    assemble::<M>(k, f, error / u)
}

#[inline(always)]
pub(super) fn log1p<M: Fma>(x: f64) -> f64 {
    let result = with_poles(1.0 + x, log1p_extended::<M>(x, 0.0, 0.0));
    if x == 0.0 { x } else { result }
}

/// asinh a = log1p(a + a^2 / (1 + sqrt(1 + a^2))), beyond 2^60 log(2 a).
#[inline(always)]
pub(super) fn asinh<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let large = a > LARGE;
    let a_safe = if large { 1.0 } else { a };
    let square = a_safe * a_safe;
    let (sum, error) = fast_two_sum(a_safe, square / (1.0 + (1.0 + square).sqrt()));
    let (sum, error) = if large { (a, 0.0) } else { (sum, error) };
    let result = log1p_extended::<M>(sum, error, if large { 1.0 } else { 0.0 });
    let result = if a < f64::INFINITY { result } else { a };
    let result = if a < 1e-9 { a } else { result };
    result.copysign(x)
}

/// acosh x = log1p(t + sqrt(t (t + 2))) with t = x - 1, beyond 2^60 log(2 x).
#[inline(always)]
pub(super) fn acosh<M: Fma>(x: f64) -> f64 {
    let large = x > LARGE;
    let t = if large { 1.0 } else { x - 1.0 };
    let (sum, error) = two_sum(t, t.multiply_add::<M>(t, 2.0 * t).sqrt());
    let (sum, error) = if large { (x, 0.0) } else { (sum, error) };
    let result = log1p_extended::<M>(sum, error, if large { 1.0 } else { 0.0 });
    let result = if x < f64::INFINITY { result } else { x };
    if x < 1.0 { f64::NAN } else { result }
}

/// With K = 2^k the power below (1 + a) / (1 - a): atanh a = k ln 2 / 2 + atanh s, s = ((1 + a) - K (1 - a)) / ((1 + a) + K (1 - a)).
///
/// s lies between 0 and 1/3, and both terms are positive, so nothing cancels; for a below 1/3 k is 0 and s is a itself.
#[inline(always)]
pub(super) fn atanh<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let bits = ((1.0 + a) / (1.0 - a)).to_bits();
    let power = f64::from_bits(bits & 0x7ff0_0000_0000_0000);
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - 4_503_599_627_371_519.0;
    // exact below 1/3; from 1/2 on 1 - a is exact
    let low_above = a.multiply_add::<M>(1.0 + power, 1.0 - power);
    let low_below = a.multiply_add::<M>(1.0 - power, 1.0 + power);
    let rest = power * (1.0 - a);
    let above = if a < 0.5 { low_above } else { (1.0 + a) - rest };
    let below = if a < 0.5 { low_below } else { (1.0 + a) + rest };
    let s = above / below;
    let z = s * s;
    let small =
        (0.5 * s * z).multiply_add::<M>(horner::<M, _, _>(z, &ATANH_F64), k * (0.5 * LN2_F64[1]));
    let result = k.multiply_add::<M>(0.5 * LN2_F64[0], s + small);
    let result = if a < 1e-9 { a } else { result };
    let result = if a == 1.0 { f64::INFINITY } else { result };
    let result = if a > 1.0 { f64::NAN } else { result };
    result.copysign(x)
}
