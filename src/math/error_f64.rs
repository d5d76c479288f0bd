//! The error function and its complement in `f64`.
//!
//! erfc a = exp(-a^2) times a slowly varying factor, which is a polynomial of (a - p) / (a + p) (the mapping of Shepherd and
//! Laframboise, Mathematics of Computation 36, 1981, where the factor is (1 + 2 a) erfc a exp a^2).

use super::Real;
use super::arithmetic::power_of_two;
use super::arithmetic::{Fma, at_most, horner, two_powers, upper_half};
use super::coefficients::{ERF_F64, ERFCX_F64, ERFCX_MIDDLE, LN2_F64};
use super::exp_f64::{Split, expm1_reduced, split};

/// erf for |x| up to 1.
#[inline(always)]
fn erf_near<M: Fma>(x: f64, square: f64) -> f64 {
    x.multiply_add::<M>(horner::<M, _, _>(square, &ERF_F64), x)
}

#[inline(always)]
pub(super) fn erf<M: Fma>(x: f64) -> f64 {
    let a = at_most(x.abs(), 6.0);
    let square = a * a;
    let near = erf_near::<M>(a, square);
    let factor = horner::<M, _, _>((a - 2.5) / (a + 2.5), &ERFCX_MIDDLE);
    let Split { rounded, r, .. } = split::<M>(-square);
    let exponential = (1.0 + expm1_reduced::<M>(r, 0.0)) * power_of_two(rounded, 0);
    let far = (-factor).multiply_add::<M>(exponential, 1.0);
    (if a < 1.0 { near } else { far }).copysign(x)
}

#[inline(always)]
pub(super) fn erfc<M: Fma>(x: f64) -> f64 {
    let a = at_most(x.abs(), 28.0);
    let factor = horner::<M, _, _>((a - 3.5) / (a + 3.5), &ERFCX_F64) / (1.0 + 2.0 * a);
    // a^2 = high^2 + rest: its rounding error alone would cost 700 ulp
    let high = upper_half(a);
    let rest = (a - high) * (a + high);
    let Split { rounded, .. } = split::<M>(-a * a);
    let n = rounded - super::arithmetic::ROUND_F64;
    let r = (-n).multiply_add::<M>(
        LN2_F64[1],
        (-n).multiply_add::<M>(LN2_F64[0], -high * high) - rest,
    );
    let (first, second) = two_powers(rounded);
    let result = (1.0 + expm1_reduced::<M>(r, 0.0)) * factor * first * second;
    let result = if x < 0.0 { 2.0 - result } else { result };
    let near = 1.0 - erf_near::<M>(x, x * x);
    if a < 0.5 { near } else { result }
}
