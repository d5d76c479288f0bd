//! x to the power of y in `f64`.

use super::arithmetic::{Fma, at_least, at_most, fast_two_sum, polynomial, select, two_powers, two_product};
use super::coefficients::{LN2_DEKKER, LOG_EXTENDED, TWO_THIRDS};
use super::log_f64::{pole, split};
use super::{Real, exp_f64};

/// Gives |x|^y the sign, or the NaN, that a negative x has with this y.
///
/// What y is more or less than its nearest even integer is 0 for even y, 1 for odd y and something else for y that are no
/// integers; beyond 2^53 all y are even.
#[inline(always)]
pub(super) fn with_sign(x: f64, y: f64, power: f64) -> f64 {
    // from here on neighbours are 2 apart
    const EVEN: f64 = 9_007_199_254_740_992.0;
    let size = at_most(y.abs(), EVEN);
    let rest = (size - ((size + EVEN) - EVEN)).abs();
    let odd = rest == 1.0;
    let result = select(odd, power.copysign(x), power);
    let complex = select((rest == 0.0) | odd, result, f64::NAN);
    // not so for -inf and -0, nor does C99 ask it of them
    select((x < 0.0) & (x.abs() <= f64::MAX), complex, result)
}

/// log x as a sum of two floats, good to 2^-64 of it; x positive and finite.
///
/// log(1 + f) = 2 s + 2/3 s^3 + s^5 T(s^2) with s = f / (2 + f), the first two terms to twice the precision.
#[inline(always)]
fn log_extended<M: Fma>(x: f64) -> (f64, f64) {
    let (k, f) = split(x);
    let (below, below_low) = fast_two_sum(2.0, f);
    let inverse = 1.0 / below;
    let s = f * inverse;
    let (product, error) = two_product::<M>(s, below);
    let s_low = (((f - product) - error) - s * below_low) * inverse;

    let (square, error) = two_product::<M>(s, s);
    let square_low = (2.0 * s).multiply_add::<M>(s_low, error);
    let (cube, error) = two_product::<M>(s, square);
    let cube_low = s.multiply_add::<M>(square_low, s_low.multiply_add::<M>(square, error));
    let (third, error) = two_product::<M>(cube, TWO_THIRDS[0]);
    let third_low = cube.multiply_add::<M>(TWO_THIRDS[1], cube_low.multiply_add::<M>(TWO_THIRDS[0], error));
    let tail = (cube * square).multiply_add::<M>(polynomial::<M, _, _>(square, &LOG_EXTENDED), third_low);

    let (sum, first) = fast_two_sum(k * LN2_DEKKER[0], 2.0 * s);
    let (sum, second) = fast_two_sum(sum, third);
    let small = 2.0f64.multiply_add::<M>(s_low, k.multiply_add::<M>(LN2_DEKKER[1], tail));
    fast_two_sum(sum, (first + second) + small)
}

/// exp(y log |x|): the error of the exponent, up to 745, is the relative error of the result, hence the two floats.
#[inline(always)]
pub(super) fn pow<M: Fma>(x: f64, y: f64) -> f64 {
    let a = x.abs();
    let (log, log_low) = log_extended::<M>(a);
    let log = log + pole(a);
    // larger ones overflow or underflow with every x but 1, and would do so in here as well
    let bounded = at_most(at_least(y, -3e19), 3e19);
    let (exponent, error) = two_product::<M>(bounded, log);
    // whatever the other argument is, NaN included
    let settled = (a == 1.0) | (y == 0.0);
    let exponent = select(settled, 0.0, exponent);
    let exponent_low = bounded.multiply_add::<M>(log_low, error);
    let exponent_low = select(!settled & (exponent.abs() < 800.0), exponent_low, 0.0);
    let exp_split = exp_f64::split::<M>(at_most(at_least(exponent, -750.0), 720.0));
    let low = exp_split.low + exponent_low;
    let reduced = exp_f64::expm1_reduced::<M>(exp_split.r);
    let (first, second) = two_powers(exp_split.rounded);
    let power = (1.0 + (reduced + low.multiply_add::<M>(reduced, low))) * first * second;
    with_sign(x, y, power)
}
