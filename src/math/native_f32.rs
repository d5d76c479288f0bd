//! The functions of `f32` that are good to 2 ulp in `f32` arithmetic: exp, the logarithms, tanh, sigmoid, softplus, erf, atan.
//!
//! Same methods as in the files for `f64`, with polynomials of `f32` coefficients; sixteen lanes instead of eight.

use super::Real;
use super::arithmetic::{Fma, ROUND_F32, at_least, at_most, polynomial, select};
use super::coefficients::{
    ATAN_F32, ERF_F32, ERF_LOG_F32, EXP_F32, HALF_PI_F32, LN2_F32, LOG_F32, LOG1P_F32, LOG2_E_F32, LOG2_F32,
    LOG10_2_F32, LOG10_E_F32, LOG10_F32, TANH_F32,
};

/// n + ROUND_F32 and r of x = n ln 2 + r.
#[inline(always)]
fn split<M: Fma>(x: f32) -> (f32, f32) {
    let rounded = x.multiply_add::<M>(std::f32::consts::LOG2_E, ROUND_F32);
    let n = rounded - ROUND_F32;
    (rounded, (-n).multiply_add::<M>(LN2_F32[1], (-n).multiply_add::<M>(LN2_F32[0], x)))
}

/// e^r for |r| up to ln 2 / 2.
#[inline(always)]
fn exp_reduced<M: Fma>(r: f32) -> f32 {
    1.0 + (r * r).multiply_add::<M>(polynomial::<M, _, _>(r, &EXP_F32), r)
}

/// 2^n as two factors, as [`two_powers`](super::arithmetic::two_powers).
#[inline(always)]
fn two_powers(rounded: f32) -> (f32, f32) {
    let bits = rounded.to_bits();
    let half = bits >> 1;
    (f32::from_bits(half.wrapping_add(127) << 23), f32::from_bits(bits.wrapping_sub(half).wrapping_add(127) << 23))
}

/// e^x for x whose result is a normal number.
#[inline(always)]
fn exp_normal<M: Fma>(x: f32) -> f32 {
    let (rounded, r) = split::<M>(x);
    exp_reduced::<M>(r) * f32::from_bits(rounded.to_bits().wrapping_add(127) << 23)
}

#[inline(always)]
pub(super) fn exp<M: Fma>(x: f32) -> f32 {
    // Where the result is 0, something harmless is computed: to round a tiny product to 0 costs a hundred times as much.
    let zero = x < -104.0;
    let (rounded, r) = split::<M>(at_most(select(zero, 0.0, x), 89.0));
    let (first, second) = two_powers(rounded);
    select(zero, 0.0, exp_reduced::<M>(r) * first * second)
}

#[inline(always)]
pub(super) fn exp2<M: Fma>(x: f32) -> f32 {
    let zero = x < -151.0;
    let x = at_most(select(zero, 0.0, x), 129.0);
    let rounded = x + ROUND_F32;
    let r = (x - (rounded - ROUND_F32)) * std::f32::consts::LN_2;
    let (first, second) = two_powers(rounded);
    select(zero, 0.0, exp_reduced::<M>(r) * first * second)
}

#[inline(always)]
pub(super) fn tanh<M: Fma>(x: f32) -> f32 {
    let a = at_most(x.abs(), 10.0);
    let square = a * a;
    let near = (a * square).multiply_add::<M>(polynomial::<M, _, _>(square, &TANH_F32), a);
    let far = 1.0 - 2.0 / (exp_normal::<M>(2.0 * a) + 1.0);
    select(a < 0.65, near, far).copysign(x)
}

#[inline(always)]
pub(super) fn sigmoid<M: Fma>(x: f32) -> f32 {
    let small = exp::<M>(-x.abs());
    let complement = small / (1.0 + small);
    // for small results more exact than the quotient itself, whose denominator is rounded
    let whole = select(x < 0.0, small, 1.0);
    (-whole).multiply_add::<M>(complement, whole)
}

#[inline(always)]
pub(super) fn softplus<M: Fma>(x: f32) -> f32 {
    let small = exp::<M>(-x.abs());
    let log = (small * small).multiply_add::<M>(polynomial::<M, _, _>(small - 0.5, &LOG1P_F32), small);
    at_least(x, 0.0) + log
}

const SQRT_HALF: u32 = 0x3f35_04f3;
const ONE: u32 = 0x3f80_0000;

/// What to add to a finite logarithm, as [`pole`](super::log_f64::pole) does for `f64`.
#[inline(always)]
fn pole(x: f32) -> f32 {
    let pole = select(x > f32::MAX, f32::INFINITY, 0.0);
    let pole = select(x >= 1e-45, pole, f32::NAN);
    select(x == 0.0, f32::NEG_INFINITY, pole)
}

/// k and f of x = 2^k (1 + f), 1 + f between sqrt 1/2 and sqrt 2.
#[inline(always)]
fn log_split(x: f32) -> (f32, f32) {
    let subnormal = x < f32::MIN_POSITIVE;
    let scaled = select(subnormal, x * 16_777_216.0, x);
    let bits = scaled.to_bits().wrapping_add(ONE - SQRT_HALF);
    let k = (bits >> 23) as i32 as f32 - select(subnormal, 127.0 + 24.0, 127.0);
    (k, f32::from_bits((bits & 0x007f_ffff).wrapping_add(SQRT_HALF)) - 1.0)
}

/// k ln 2 + log(1 + f)
#[inline(always)]
fn log_assemble<M: Fma>(k: f32, f: f32) -> f32 {
    let square = f * f;
    let tail = (f * square).multiply_add::<M>(polynomial::<M, _, _>(f, &LOG_F32), k * LN2_F32[1]);
    let small = square.multiply_add::<M>(-0.5, tail);
    k.multiply_add::<M>(LN2_F32[0], f + small)
}

#[inline(always)]
pub(super) fn log<M: Fma>(x: f32) -> f32 {
    let (k, f) = log_split(x);
    log_assemble::<M>(k, f) + pole(x)
}

/// The slope of the logarithm at 1 has more digits than a float, so its rest goes with the higher terms.
#[inline(always)]
pub(super) fn log2<M: Fma>(x: f32) -> f32 {
    let (k, f) = log_split(x);
    let tail = f * f.multiply_add::<M>(polynomial::<M, _, _>(f, &LOG2_F32), LOG2_E_F32[1]);
    (k + f.multiply_add::<M>(LOG2_E_F32[0], tail)) + pole(x)
}

#[inline(always)]
pub(super) fn log10<M: Fma>(x: f32) -> f32 {
    let (k, f) = log_split(x);
    let rest = f * f.multiply_add::<M>(polynomial::<M, _, _>(f, &LOG10_F32), LOG10_E_F32[1]);
    let tail = k.multiply_add::<M>(LOG10_2_F32[1], rest);
    k.multiply_add::<M>(LOG10_2_F32[0], f.multiply_add::<M>(LOG10_E_F32[0], tail)) + pole(x)
}

/// f comes from x itself, see [`log1p` of `f64`](super::log_f64::log1p).
#[inline(always)]
pub(super) fn log1p<M: Fma>(x: f32) -> f32 {
    let bits = (1.0 + x).to_bits().wrapping_add(ONE - SQRT_HALF);
    let power = f32::from_bits(0x7f00_0000_u32.wrapping_sub(bits & 0xff80_0000));
    let far = f32::from_bits((bits & 0x007f_ffff).wrapping_add(SQRT_HALF)) - 1.0;
    let f = select(x > 1e15, far, x.multiply_add::<M>(power, power - 1.0));
    let result = log_assemble::<M>((bits >> 23) as i32 as f32 - 127.0, f) + pole(1.0 + x);
    result.copysign(x)
}

/// Below 1 an odd polynomial, beyond it 1 - exp(log erfc a), whose error shrinks with erfc.
#[inline(always)]
pub(super) fn erf<M: Fma>(x: f32) -> f32 {
    let a = at_most(x.abs(), 3.95);
    let near = a.multiply_add::<M>(polynomial::<M, _, _>(a * a, &ERF_F32), a);
    let far = 1.0 - exp_normal::<M>(polynomial::<M, _, _>(a, &ERF_LOG_F32));
    select(a < 1.0, near, far).copysign(x)
}

/// The angle of the point (more, less), as quarters of pi/2 and a rest, for 0 <= less <= more.
///
/// Beyond a slope of 1/2 it is taken against the diagonal, atan t = pi/4 + atan((t - 1) / (t + 1)), where the difference is
/// exact and one division does for both cases.
#[inline(always)]
fn octant<M: Fma>(less: f32, more: f32) -> (f32, f32) {
    let diagonal = less > 0.5 * more;
    let above = select(diagonal, less - more, less);
    let below = select(diagonal, less + more, more);
    let t = above / below;
    let z = t * t;
    let angle = (t * z).multiply_add::<M>(polynomial::<M, _, _>(z, &ATAN_F32), t);
    (angle, select(diagonal, 0.5, 0.0))
}

/// angle + quarters pi/2
#[inline(always)]
fn turned(angle: f32, quarters: f32) -> f32 {
    quarters * HALF_PI_F32[0] + (angle + quarters * HALF_PI_F32[1])
}

#[inline(always)]
pub(super) fn atan<M: Fma>(x: f32) -> f32 {
    // bounded, for the diagonal of an infinite point would be lost; atan is level long before
    let a = at_most(x.abs(), 1e15);
    let steep = a > 1.0;
    let (angle, quarters) = octant::<M>(select(steep, 1.0, a), select(steep, a, 1.0));
    let angle = select(steep, -angle, angle);
    turned(angle, select(steep, 1.0 - quarters, quarters)).copysign(x)
}

#[inline(always)]
pub(super) fn atan2<M: Fma>(y: f32, x: f32) -> f32 {
    let (ay, ax) = (y.abs(), x.abs());
    let steep = ay > ax;
    let less = select(steep, ax, ay);
    // not zero, for 0 / 0 shall be 0
    let more = at_least(select(steep, ay, ax), 1e-45);
    // infinity over infinity shall be 1, and the sum of huge numbers finite
    let infinite = less == f32::INFINITY;
    let shrink = select(more > 1e37, 0.25, 1.0);
    let (angle, quarters) = octant::<M>(select(infinite, 1.0, shrink * less), select(infinite, 1.0, shrink * more));
    // the octants: angle, pi/2 - angle, pi/2 + angle, pi - angle
    let left = x.is_sign_negative();
    let base = select(steep, 1.0, select(left, 2.0, 0.0));
    let backwards = steep != left;
    let angle = select(backwards, -angle, angle);
    // the comparisons may have dropped a NaN
    let angle = select(x.is_nan() | y.is_nan(), f32::NAN, angle);
    turned(angle, base + select(backwards, -quarters, quarters)).copysign(y)
}
