//! Arc sine, arc cosine and the arc tangents in `f64`.

use super::Real;
use super::arithmetic::{Fma, at_least, at_most, polynomial, select, upper_half};
use super::coefficients::{ASIN_F64, ATAN_F64, HALF_PI};

/// Beyond 1/2, asin a = pi/2 - 2 asin sqrt((1 - a) / 2): leaves s, its rounding error, and asin s / s - 1 for the s in use.
#[inline(always)]
fn reduce<M: Fma>(a: f64, large: bool) -> (f64, f64, f64) {
    let square = select(large, 0.5 - 0.5 * a, a * a);
    let s = select(large, square.sqrt(), a);
    (s, square, square * polynomial::<M, _, _>(square, &ASIN_F64))
}

/// s as a short float plus a rest, whose sum is the root to twice the precision.
#[inline(always)]
fn root_parts(s: f64, square: f64) -> (f64, f64) {
    let high = upper_half(s);
    let rest = (square - high * high) / (s + high);
    (high, select(s == 0.0, 0.0, rest))
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
    select(large, far, near).copysign(x)
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
    let far = select(x < 0.0, left, right);
    select(large, far, near)
}

/// The angle of the point (more, less), as quarters of pi/2 and a rest, for 0 <= less <= more.
///
/// Beyond a slope of 1/2 it is taken against the diagonal, atan t = pi/4 + atan((t - 1) / (t + 1)), where the difference is
/// exact and one division does for both cases.
#[inline(always)]
fn octant<M: Fma>(less: f64, more: f64) -> (f64, f64) {
    let diagonal = less > 0.5 * more;
    let above = select(diagonal, less - more, less);
    let below = select(diagonal, less + more, more);
    let t = above / below;
    let z = t * t;
    let angle = (t * z).multiply_add::<M>(polynomial::<M, _, _>(z, &ATAN_F64), t);
    (angle, select(diagonal, 0.5, 0.0))
}

/// angle + quarters pi/2
#[inline(always)]
fn turned(angle: f64, quarters: f64) -> f64 {
    quarters * HALF_PI[0] + (angle + quarters * HALF_PI[1])
}

#[inline(always)]
pub(super) fn atan<M: Fma>(x: f64) -> f64 {
    // bounded, for the diagonal of an infinite point would be lost; atan is level long before
    let a = at_most(x.abs(), 1e20);
    let steep = a > 1.0;
    let (angle, quarters) = octant::<M>(select(steep, 1.0, a), select(steep, a, 1.0));
    let angle = select(steep, -angle, angle);
    turned(angle, select(steep, 1.0 - quarters, quarters)).copysign(x)
}

#[inline(always)]
pub(super) fn atan2<M: Fma>(y: f64, x: f64) -> f64 {
    let (ay, ax) = (y.abs(), x.abs());
    let steep = ay > ax;
    let less = select(steep, ax, ay);
    // not zero, for 0 / 0 shall be 0
    let more = at_least(select(steep, ay, ax), 5e-324);
    // infinity over infinity shall be 1, and the sum of huge numbers finite
    let infinite = less == f64::INFINITY;
    let shrink = select(more > 1e300, 0.25, 1.0);
    let (angle, quarters) = octant::<M>(select(infinite, 1.0, shrink * less), select(infinite, 1.0, shrink * more));
    // the octants: angle, pi/2 - angle, pi/2 + angle, pi - angle
    let left = x.is_sign_negative();
    let base = select(steep, 1.0, select(left, 2.0, 0.0));
    let backwards = steep != left;
    let angle = select(backwards, -angle, angle);
    // the comparisons may have dropped a NaN
    let angle = select(x.is_nan() | y.is_nan(), f64::NAN, angle);
    turned(angle, base + select(backwards, -quarters, quarters)).copysign(y)
}
