//! The exponential family in `f64`: each function takes x apart into n ln 2 + r and puts 2^n and a polynomial of r together.
//!
//! Enters any float; leaves results rounded once even where they are subnormal, since 2^n is applied last.

use super::Real;
use super::arithmetic::{Fma, ROUND_F64, at_least, at_most, polynomial, power_of_two, select, two_powers};
use super::coefficients::{COSH_F64, EXP_F64, LN2_F64, SINH_F64, TANH_F64};
use super::log_f64::log1p_of_fraction;

/// x = n ln 2 + r + low.
pub(super) struct Split {
    /// n + ROUND_F64
    pub(super) rounded: f64,
    pub(super) r: f64,
    pub(super) low: f64,
}

#[inline(always)]
pub(super) fn split<M: Fma>(x: f64) -> Split {
    let rounded = x.multiply_add::<M>(std::f64::consts::LOG2_E, ROUND_F64);
    let n = rounded - ROUND_F64;
    let high = (-n).multiply_add::<M>(LN2_F64[0], x);
    let r = (-n).multiply_add::<M>(LN2_F64[1], high);
    let low = (-n).multiply_add::<M>(LN2_F64[1], high - r);
    Split { rounded, r, low }
}

/// e^r - 1 for |r| up to ln 2 / 2.
#[inline(always)]
pub(super) fn expm1_reduced<M: Fma>(r: f64) -> f64 {
    (r * r).multiply_add::<M>(polynomial::<M, _, _>(r, &EXP_F64), r)
}

#[inline(always)]
pub(super) fn exp<M: Fma>(x: f64) -> f64 {
    // Where the result is 0, something harmless is computed: to round a tiny product to 0 costs a hundred times as much.
    let zero = x < -746.0;
    let Split { rounded, r, .. } = split::<M>(at_most(select(zero, 0.0, x), 710.0));
    let (first, second) = two_powers(rounded);
    select(zero, 0.0, (1.0 + expm1_reduced::<M>(r)) * first * second)
}

#[inline(always)]
pub(super) fn exp2<M: Fma>(x: f64) -> f64 {
    let zero = x < -1080.0;
    let x = at_most(select(zero, 0.0, x), 1025.0);
    let rounded = x + ROUND_F64;
    let r = (x - (rounded - ROUND_F64)) * std::f64::consts::LN_2;
    let (first, second) = two_powers(rounded);
    select(zero, 0.0, (1.0 + expm1_reduced::<M>(r)) * first * second)
}

#[inline(always)]
pub(super) fn expm1<M: Fma>(x: f64) -> f64 {
    let Split { rounded, r, low } = split::<M>(at_most(at_least(x, -40.0), 710.0));
    // half of 2^n, for 2^1024 is not a float
    let half = power_of_two(rounded, -1);
    let reduced = r + (r * r).multiply_add::<M>(polynomial::<M, _, _>(r, &EXP_F64), low);
    let result = 2.0 * half.multiply_add::<M>(reduced, half - 0.5);
    select(x.abs() < 1e-17, x, result)
}

/// sinh and cosh take the same pieces: (2^n + 2^-n) / 4 and (2^n - 2^-n) / 4, cosh r - 1 and sinh r.
///
/// From sinh(a + b) = sinh a cosh b + cosh a sinh b with a = n ln 2, so that no cancellation happens near zero.
#[inline(always)]
fn hyperbolic<M: Fma>(magnitude: f64) -> [f64; 4] {
    let Split { rounded, r, low } = split::<M>(at_most(magnitude, 710.5));
    let up = power_of_two(rounded, -2);
    // beyond 2^-100 the second power is lost in the sum, but its exponent must stay one
    let down = power_of_two(ROUND_F64 - at_most(rounded - ROUND_F64, 100.0), -2);
    let square = r * r;
    let cosh = square * polynomial::<M, _, _>(square, &COSH_F64);
    let sinh = r + (r * square).multiply_add::<M>(polynomial::<M, _, _>(square, &SINH_F64), low);
    [up + down, up - down, cosh, sinh]
}

#[inline(always)]
pub(super) fn sinh<M: Fma>(x: f64) -> f64 {
    let [sum, difference, cosh, sinh] = hyperbolic::<M>(x.abs());
    let result = 2.0 * (difference + difference.multiply_add::<M>(cosh, sum * sinh));
    select(x.abs() < 1e-9, x, result.copysign(x))
}

#[inline(always)]
pub(super) fn cosh<M: Fma>(x: f64) -> f64 {
    let [sum, difference, cosh, sinh] = hyperbolic::<M>(x.abs());
    2.0 * (sum + sum.multiply_add::<M>(cosh, difference * sinh))
}

/// An odd polynomial below 0.65, beyond it 1 - 2 / (e^2a + 1), where the subtraction makes the error smaller.
#[inline(always)]
pub(super) fn tanh<M: Fma>(x: f64) -> f64 {
    let a = at_most(x.abs(), 22.0);
    let square = a * a;
    let near = (a * square).multiply_add::<M>(polynomial::<M, _, _>(square, &TANH_F64), a);
    let Split { rounded, r, .. } = split::<M>(2.0 * a);
    let power = power_of_two(rounded, 0);
    let below = power.multiply_add::<M>(expm1_reduced::<M>(r), power + 1.0);
    let far = 1.0 - 2.0 / below;
    select(a < 0.65, near, far).copysign(x)
}

#[inline(always)]
pub(super) fn sigmoid<M: Fma>(x: f64) -> f64 {
    // the exponential of -|x| cannot overflow, and for negative x it is the small result itself
    let small = exp::<M>(-x.abs());
    let complement = small / (1.0 + small);
    // for small results more exact than the quotient itself, whose denominator is rounded
    let whole = select(x < 0.0, small, 1.0);
    (-whole).multiply_add::<M>(complement, whole)
}

#[inline(always)]
pub(super) fn softplus<M: Fma>(x: f64) -> f64 {
    let small = exp::<M>(-x.abs());
    at_least(x, 0.0) + log1p_of_fraction::<M>(small)
}
