//! The hot functions in `f32` arithmetic: exp, tanh, sigmoid, log, erf, atan.
//!
//! Same methods as in the files for `f64`, with polynomials of `f32` coefficients; sixteen lanes instead of eight.

use super::Real;
use super::arithmetic::{Fma, ROUND_F32, at_least, at_most, horner};
use super::coefficients::{
    ATAN_F32, ERF_F32, ERF_LOG_F32, EXP_F32, HALF_PI_F32, LN2_F32, LOG_F32, TANH_F32,
};

/// n + ROUND_F32 and r of x = n ln 2 + r.
#[inline(always)]
fn split<M: Fma>(x: f32) -> (f32, f32) {
    let rounded = x.multiply_add::<M>(std::f32::consts::LOG2_E, ROUND_F32);
    let n = rounded - ROUND_F32;
    (
        rounded,
        (-n).multiply_add::<M>(LN2_F32[1], (-n).multiply_add::<M>(LN2_F32[0], x)),
    )
}

/// e^r for |r| up to ln 2 / 2.
#[inline(always)]
fn exp_reduced<M: Fma>(r: f32) -> f32 {
    1.0 + (r * r).multiply_add::<M>(horner::<M, _, _>(r, &EXP_F32), r)
}

/// 2^n as two factors, as [`two_powers`](super::arithmetic::two_powers).
#[inline(always)]
fn two_powers(rounded: f32) -> (f32, f32) {
    let bits = rounded.to_bits();
    let half = bits >> 1;
    (
        f32::from_bits(half.wrapping_add(127) << 23),
        f32::from_bits(bits.wrapping_sub(half).wrapping_add(127) << 23),
    )
}

/// e^x for x whose result is a normal number.
#[inline(always)]
fn exp_normal<M: Fma>(x: f32) -> f32 {
    let (rounded, r) = split::<M>(x);
    exp_reduced::<M>(r) * f32::from_bits(rounded.to_bits().wrapping_add(127) << 23)
}

#[inline(always)]
pub(super) fn exp<M: Fma>(x: f32) -> f32 {
    let (rounded, r) = split::<M>(at_most(at_least(x, -104.0), 89.0));
    let (first, second) = two_powers(rounded);
    exp_reduced::<M>(r) * first * second
}

#[inline(always)]
pub(super) fn exp2<M: Fma>(x: f32) -> f32 {
    let x = at_most(at_least(x, -151.0), 129.0);
    let rounded = x + ROUND_F32;
    let r = (x - (rounded - ROUND_F32)) * std::f32::consts::LN_2;
    let (first, second) = two_powers(rounded);
    exp_reduced::<M>(r) * first * second
}

#[inline(always)]
pub(super) fn tanh<M: Fma>(x: f32) -> f32 {
    let a = at_most(x.abs(), 10.0);
    let square = a * a;
    let near = (a * square).multiply_add::<M>(horner::<M, _, _>(square, &TANH_F32), a);
    let far = 1.0 - 2.0 / (exp_normal::<M>(2.0 * a) + 1.0);
    (if a < 0.65 { near } else { far }).copysign(x)
}

#[inline(always)]
pub(super) fn sigmoid<M: Fma>(x: f32) -> f32 {
    let small = exp::<M>(-x.abs());
    let above = if x < 0.0 { small } else { 1.0 };
    above / (1.0 + small)
}

#[inline(always)]
pub(super) fn log<M: Fma>(x: f32) -> f32 {
    const SQRT_HALF: u32 = 0x3f35_04f3;
    let subnormal = x < f32::MIN_POSITIVE;
    let scaled = if subnormal { x * 16_777_216.0 } else { x };
    let bits = scaled.to_bits().wrapping_add(0x3f80_0000 - SQRT_HALF);
    let k = (bits >> 23) as i32 as f32 - if subnormal { 127.0 + 24.0 } else { 127.0 };
    let f = f32::from_bits((bits & 0x007f_ffff).wrapping_add(SQRT_HALF)) - 1.0;

    let square = f * f;
    let tail = (f * square).multiply_add::<M>(horner::<M, _, _>(f, &LOG_F32), k * LN2_F32[1]);
    let small = square.multiply_add::<M>(-0.5, tail);
    let result = k.multiply_add::<M>(LN2_F32[0], f + small);

    let result = if x < f32::INFINITY { result } else { x };
    let result = if x == 0.0 { f32::NEG_INFINITY } else { result };
    if x < 0.0 { f32::NAN } else { result }
}

/// Below 1 an odd polynomial, beyond it 1 - exp(log erfc a), whose error shrinks with erfc.
#[inline(always)]
pub(super) fn erf<M: Fma>(x: f32) -> f32 {
    let a = at_most(x.abs(), 3.95);
    let near = a.multiply_add::<M>(horner::<M, _, _>(a * a, &ERF_F32), a);
    let far = 1.0 - exp_normal::<M>(horner::<M, _, _>(a, &ERF_LOG_F32));
    (if a < 1.0 { near } else { far }).copysign(x)
}

/// atan t for t between 0 and 1.
#[inline(always)]
fn atan_reduced<M: Fma>(t: f32) -> f32 {
    let z = t * t;
    (t * z).multiply_add::<M>(horner::<M, _, _>(z, &ATAN_F32), t)
}

#[inline(always)]
pub(super) fn atan<M: Fma>(x: f32) -> f32 {
    let a = x.abs();
    let large = a > 1.0;
    let angle = atan_reduced::<M>(if large { 1.0 / a } else { a });
    let result = if large {
        HALF_PI_F32[0] - (angle - HALF_PI_F32[1])
    } else {
        angle
    };
    result.copysign(x)
}

#[inline(always)]
pub(super) fn atan2<M: Fma>(y: f32, x: f32) -> f32 {
    let (ay, ax) = (y.abs(), x.abs());
    let steep = ay > ax;
    let (less, more) = if steep { (ax, ay) } else { (ay, ax) };
    let t = less / more;
    let t = if more == 0.0 { 0.0 } else { t };
    let t = if less == f32::INFINITY { 1.0 } else { t };
    let angle = atan_reduced::<M>(t);
    let left = x.is_sign_negative();
    // the octants: angle, pi/2 - angle, pi/2 + angle, pi - angle
    let quarters = if steep {
        1.0
    } else if left {
        2.0
    } else {
        0.0
    };
    let signed = if steep != left { -angle } else { angle };
    let result = (quarters * HALF_PI_F32[0] + (signed + quarters * HALF_PI_F32[1])).copysign(y);
    let result = if x.is_nan() { x } else { result };
    if y.is_nan() { y } else { result }
}
