//! Sine, cosine and tangent in `f64` for |x| up to 2^27.
//!
//! The argument less n pi/2 is kept as a sum of two floats, so that results near zeros keep their relative accuracy: three
//! of the four parts of pi/2 have so few bits that their products with n are exact, with and without fused operations
//! (the reduction of Cody and Waite, Software Manual for the Elementary Functions, 1980).

use super::Real;
use super::arithmetic::{Fma, ROUND_F64, fast_two_sum, polynomial, select, two_product};
use super::coefficients::{COS_F64, HALF_PI_F64, SIN_F64};

/// Largest argument of the reduction.
pub(super) const LIMIT: f64 = 134_217_728.0;

/// Sine and cosine of x - n pi/2, their last sums' rounding errors, and n as bits.
struct Reduced {
    n: u64,
    sin: f64,
    sin_low: f64,
    cos: f64,
    cos_low: f64,
}

#[inline(always)]
fn reduce<M: Fma>(x: f64) -> Reduced {
    let rounded = x.multiply_add::<M>(std::f64::consts::FRAC_2_PI, ROUND_F64);
    let n = rounded - ROUND_F64;
    let [a, b, c, d] = HALF_PI_F64;
    let near = (-n).multiply_add::<M>(b, (-n).multiply_add::<M>(a, x));
    let (r, error) = fast_two_sum(near, -n * c);
    let low = (-n).multiply_add::<M>(d, error);
    let (r, low) = fast_two_sum(r, low);

    let z = r * r;
    let half = 0.5 * z;
    let (one_less, error) = fast_two_sum(1.0, -half);
    let sin_polynomial = polynomial::<M, _, _>(z, &SIN_F64);
    let cos_polynomial = polynomial::<M, _, _>(z, &COS_F64);
    let sin_tail = (r * z).multiply_add::<M>(sin_polynomial, low * one_less);
    let cos_tail = error + (z * z).multiply_add::<M>(cos_polynomial, -r * low);
    let (sin, sin_low) = fast_two_sum(r, sin_tail);
    let (cos, cos_low) = fast_two_sum(one_less, cos_tail);
    Reduced { n: rounded.to_bits(), sin, sin_low, cos, cos_low }
}

#[inline(always)]
pub(super) fn sin<M: Fma>(x: f64) -> f64 {
    let Reduced { n, sin, cos, .. } = reduce::<M>(x);
    let result = select(n & 1 == 0, sin, cos);
    let result = f64::from_bits(result.to_bits() ^ ((n & 2) << 62));
    select(x == 0.0, x, result)
}

#[inline(always)]
pub(super) fn cos<M: Fma>(x: f64) -> f64 {
    let Reduced { n, sin, cos, .. } = reduce::<M>(x);
    let result = select(n & 1 == 0, cos, sin);
    f64::from_bits(result.to_bits() ^ ((n.wrapping_add(1) & 2) << 62))
}

/// sin / cos or - cos / sin, improved by the division's remainder and by what sine and cosine had lost.
#[inline(always)]
pub(super) fn tan<M: Fma>(x: f64) -> f64 {
    let Reduced { n, sin, sin_low, cos, cos_low } = reduce::<M>(x);
    let even = n & 1 == 0;
    let above = select(even, sin, cos);
    let above_low = select(even, sin_low, cos_low);
    let below = select(even, cos, -sin);
    let below_low = select(even, cos_low, -sin_low);
    let inverse = 1.0 / below;
    let quotient = above * inverse;
    let (product, error) = two_product::<M>(quotient, below);
    let lost = (-quotient).multiply_add::<M>(below_low, above_low - error);
    let result = inverse.multiply_add::<M>((above - product) + lost, quotient);
    select(x == 0.0, x, result)
}
