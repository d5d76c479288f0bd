//! Sine, cosine and tangent in `f64` for |x| up to 2^27.
//!
//! The argument less n pi/2 is kept as a sum of two floats, so that results near zeros keep their relative accuracy: three
//! of the four parts of pi/2 have so few bits that their products with n are exact, with and without fused operations
//! (the reduction of Cody and Waite, Software Manual for the Elementary Functions, 1980).

use super::Real;
use super::arithmetic::{Fma, ROUND_F64, fast_two_sum, horner};
use super::coefficients::{COS_F64, HALF_PI_F64, SIN_F64};

/// Largest argument of the reduction.
pub(super) const LIMIT: f64 = 134_217_728.0;

/// n as bits, sine and cosine of x - n pi/2.
#[inline(always)]
fn reduce<M: Fma>(x: f64) -> (u64, f64, f64) {
    let rounded = x.multiply_add::<M>(std::f64::consts::FRAC_2_PI, ROUND_F64);
    let n = rounded - ROUND_F64;
    let [a, b, c, d] = HALF_PI_F64;
    let near = (-n).multiply_add::<M>(b, (-n).multiply_add::<M>(a, x));
    let (r, error) = fast_two_sum(near, -n * c);
    let low = (-n).multiply_add::<M>(d, error);
    let (r, low) = fast_two_sum(r, low);

    let z = r * r;
    let half = 0.5 * z;
    let sin = r + (r * z).multiply_add::<M>(horner::<M, _, _>(z, &SIN_F64), low * (1.0 - half));
    let one_less = 1.0 - half;
    let tail = (z * z).multiply_add::<M>(horner::<M, _, _>(z, &COS_F64), -r * low);
    let cos = one_less + (((1.0 - one_less) - half) + tail);
    (rounded.to_bits(), sin, cos)
}

#[inline(always)]
pub(super) fn sin<M: Fma>(x: f64) -> f64 {
    let (n, sin, cos) = reduce::<M>(x);
    let result = if n & 1 == 0 { sin } else { cos };
    let result = f64::from_bits(result.to_bits() ^ ((n & 2) << 62));
    if x == 0.0 { x } else { result }
}

#[inline(always)]
pub(super) fn cos<M: Fma>(x: f64) -> f64 {
    let (n, sin, cos) = reduce::<M>(x);
    let result = if n & 1 == 0 { cos } else { sin };
    f64::from_bits(result.to_bits() ^ ((n.wrapping_add(1) & 2) << 62))
}

#[inline(always)]
pub(super) fn tan<M: Fma>(x: f64) -> f64 {
    let (n, sin, cos) = reduce::<M>(x);
    let even = n & 1 == 0;
    let above = if even { sin } else { cos };
    let below = if even { cos } else { -sin };
    if x == 0.0 { x } else { above / below }
}
