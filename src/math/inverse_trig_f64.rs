//! Arc sine, arc cosine and the arc tangents in `f64`.

use super::Real;
use super::arithmetic::{Fma, horner, upper_half};
use super::coefficients::{ASIN_F64, ATAN_F64, HALF_PI};

/// Beyond 1/2, asin a = pi/2 - 2 asin sqrt((1 - a) / 2): leaves s, its rounding error, and asin s / s - 1 for the s in use.
#[inline(always)]
fn reduce<M: Fma>(a: f64, large: bool) -> (f64, f64, f64) {
    let square = if large { 0.5 - 0.5 * a } else { a * a };
    let s = if large { square.sqrt() } else { a };
    (s, square, square * horner::<M, _, _>(square, &ASIN_F64))
}

/// s as a short float plus a rest, whose sum is the root to twice the precision.
#[inline(always)]
fn root_parts(s: f64, square: f64) -> (f64, f64) {
    let high = upper_half(s);
    let rest = (square - high * high) / (s + high);
    (high, if s == 0.0 { 0.0 } else { rest })
}

#[inline(always)]
pub(super) fn asin<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let large = a > 0.5;
    let (s, square, ratio) = reduce::<M>(a, large);
    let (high, rest) = root_parts(s, square);
    let small = (2.0 * s).multiply_add::<M>(ratio, 2.0 * rest - HALF_PI[1]);
    let far = 0.5 * HALF_PI[0] - (small - (0.5 * HALF_PI[0] - 2.0 * high));
    let near = s.multiply_add::<M>(ratio, s);
    (if large { far } else { near }).copysign(x)
}

#[inline(always)]
pub(super) fn acos<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let large = a > 0.5;
    let (s, square, ratio) = reduce::<M>(a, large);
    let (high, rest) = root_parts(s, square);
    let near = HALF_PI[0] - (x - (-x).multiply_add::<M>(ratio, HALF_PI[1]));
    let right = 2.0 * (high + s.multiply_add::<M>(ratio, rest));
    let left = 2.0 * (HALF_PI[0] - (s + s.multiply_add::<M>(ratio, -HALF_PI[1])));
    let far = if x < 0.0 { left } else { right };
    if large { far } else { near }
}

/// atan t for t between 0 and 1.
#[inline(always)]
fn atan_reduced<M: Fma>(t: f64) -> f64 {
    let z = t * t;
    (t * z).multiply_add::<M>(horner::<M, _, _>(z, &ATAN_F64), t)
}

#[inline(always)]
pub(super) fn atan<M: Fma>(x: f64) -> f64 {
    let a = x.abs();
    let large = a > 1.0;
    let angle = atan_reduced::<M>(if large { 1.0 / a } else { a });
    let result = if large {
        HALF_PI[0] - (angle - HALF_PI[1])
    } else {
        angle
    };
    result.copysign(x)
}

#[inline(always)]
pub(super) fn atan2<M: Fma>(y: f64, x: f64) -> f64 {
    let (ay, ax) = (y.abs(), x.abs());
    let steep = ay > ax;
    let (less, more) = if steep { (ax, ay) } else { (ay, ax) };
    let t = less / more;
    let t = if more == 0.0 { 0.0 } else { t };
    let t = if less == f64::INFINITY { 1.0 } else { t };
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
    let result = (quarters * HALF_PI[0] + (signed + quarters * HALF_PI[1])).copysign(y);
    let result = if x.is_nan() { x } else { result };
    if y.is_nan() { y } else { result }
}
