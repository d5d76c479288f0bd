//! The error function and its complement in `f64`.
//!
//! erfc a = exp(-a^2) times a slowly varying factor, which is a polynomial of (a - p) / (a + p) (the mapping of Shepherd and
//! Laframboise, Mathematics of Computation 36, 1981, where the factor is (1 + 2 a) erfc a exp a^2).

use super::Real;
use super::arithmetic::{
    Fma, ROUND_F64, at_most, fast_two_sum, polynomial, power_of_two, select, two_powers, two_product, upper_half,
};
use super::coefficients::{ERF_F64, ERFCX_F64, ERFCX_MIDDLE, LN2_F64};
use super::exp_f64::{Split, expm1_reduced, split};

/// erf for |x| up to 1.
#[inline(always)]
fn erf_near<M: Fma>(x: f64, square: f64) -> f64 {
    x.multiply_add::<M>(polynomial::<M, _, _>(square, &ERF_F64), x)
}

#[inline(always)]
pub(super) fn erf<M: Fma>(x: f64) -> f64 {
    let a = at_most(x.abs(), 6.0);
    let square = a * a;
    let near = erf_near::<M>(a, square);
    let factor = polynomial::<M, _, _>((a - 2.5) / (a + 2.5), &ERFCX_MIDDLE);
    let Split { rounded, r, .. } = split::<M>(-square);
    let exponential = (1.0 + expm1_reduced::<M>(r)) * power_of_two(rounded, 0);
    let far = (-factor).multiply_add::<M>(exponential, 1.0);
    select(a < 1.0, near, far).copysign(x)
}

#[inline(always)]
pub(super) fn erfc<M: Fma>(x: f64) -> f64 {
    let a = at_most(x.abs(), 28.0);
    let [first, rest @ ..] = ERFCX_F64;
    let t = (a - 3.5) / (a + 3.5);
    let (above, above_low) = fast_two_sum(first, t * polynomial::<M, _, _>(t, &rest));
    let below = 2.0 * a + 1.0;
    let factor = above / below;
    // the division's remainder, divided by roughly the same number: above lies between 1 and 1.28
    let (product, error) = two_product::<M>(factor, below);
    let remainder = ((above - product) - error) + (above_low - factor * (2.0 * a - (below - 1.0)));
    let factor_low = 0.88 * factor * remainder;
    // a^2 = high^2 + rest: its rounding error alone would cost 700 ulp
    let high = upper_half(a);
    let rest = (a - high) * (a + high);
    let rounded = (-a * a).multiply_add::<M>(std::f64::consts::LOG2_E, ROUND_F64);
    let n = rounded - ROUND_F64;
    let near_r = (-n).multiply_add::<M>(LN2_F64[0], -high * high);
    let small_r = (-n).multiply_add::<M>(LN2_F64[1], -rest);
    let (r, r_low) = fast_two_sum(near_r, small_r);
    let (first, second) = two_powers(rounded);
    let reduced = expm1_reduced::<M>(r);
    let low = factor.multiply_add::<M>(r_low, factor_low);
    let far = (factor + factor.multiply_add::<M>(reduced, low)) * first * second;
    let far = select(x < 0.0, 2.0 - far, far);
    let near = 1.0 - erf_near::<M>(x, x * x);
    select(a < 0.476, near, far)
}
