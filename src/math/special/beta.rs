//! The incomplete beta function, regularised: the share I(a, b, x) of a beta distribution below x.
//!
//! A continued fraction of the share on that side of the mean where it is short; the other share is what is left. In numbers
//! that may carry derivatives along a direction of (a, b). Quantiles by Newton's steps between bounds that close in.

use super::gamma::{betaln, digamma, stirling, zeta};
use super::incomplete::log1p_rest;
use super::jet::{Jet, Smooth};
use super::{exp, log, log1p, ndtri};
use std::f64::consts::TAU;

/// From here on the density is computed from its distance to the peak.
const PEAKED: f64 = 12.0;
/// Terms of the fraction, of which about a root of the shapes is needed: those that need more are NaN.
const TERMS: u32 = 1_000_000;

/// A place and its distance from 1; the shapes of both sides; and how much each of the shapes moves with the parameter.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    rest: f64,
    a: f64,
    b: f64,
    along: [f64; 2],
}

impl Place {
    /// The same seen from the other end.
    fn mirrored(self) -> Place {
        let [of_a, of_b] = self.along;
        Place { x: self.rest, rest: self.x, a: self.b, b: self.a, along: [of_b, of_a] }
    }
}

/// `x^a (1 - x)^b / B(a, b)`.
fn front(Place { x, rest, a, b, .. }: Place) -> f64 {
    let n = a + b;
    if a < PEAKED || b < PEAKED {
        return exp(a * log(x) + b * log_rest(x, rest) - betaln(a, b));
    }
    // The logarithms of x and 1 - x over those at the peak, without what cancels between them.
    let distance = if a < b { x - a / n } else { b / n - rest };
    let of = |shape: f64, place: f64, sign: f64| {
        let l = sign * distance * n / shape;
        shape * if l.abs() < 0.5 { log1p_rest(l) } else { l - log(place * n / shape) }
    };
    let exponent = stirling(n) - stirling(a) - stirling(b) - of(a, x, 1.0) - of(b, rest, -1.0);
    (a / TAU * (b / n)).sqrt() * exp(exponent)
}

/// log(1 - x), from whichever of both has more digits.
fn log_rest(x: f64, rest: f64) -> f64 {
    if x < 0.5 { log1p(-x) } else { log(rest) }
}

/// The same with its derivatives.
fn front_of<T: Smooth>(place: Place) -> T {
    let Place { x, rest, a, b, along: [of_a, of_b] } = place;
    T::with_log_slopes(front(place), || {
        let both = of_a + of_b;
        let [one, other] = slopes(x, rest, a, b);
        let bend = both * both * zeta(2.0, a + b) - of_a * of_a * zeta(2.0, a) - of_b * of_b * zeta(2.0, b);
        [of_a * one + of_b * other, bend]
    })
}

/// The derivatives of the logarithm of the density by a and by b.
fn slopes(x: f64, rest: f64, a: f64, b: f64) -> [f64; 2] {
    let sum = digamma(a + b);
    [log_rest(rest, x) - digamma(a) + sum, log_rest(x, rest) - digamma(b) + sum]
}

/// The share below x, where that is before the mean: a continued fraction (DLMF 8.17.22), evaluated forwards (Lentz,
/// Applied Optics 15, 1976).
fn fraction<T: Smooth>(place: Place) -> T {
    let (a, b) = (T::moving(place.a, place.along[0]), T::moving(place.b, place.along[1]));
    let x = place.x;
    let one = T::constant(1.0);
    let (mut c, mut d) = (one, one / (one - (a + b) * x / (a + 1.0)));
    let mut h = d;
    for m in 1..=TERMS {
        let m = f64::from(m);
        let (even, odd) = (a + (2.0 * m - 1.0), a + 2.0 * m);
        let terms = [(b + -m) * (m * x) / (even * odd), (a + m) * (a + b + m) * -x / (odd * (odd + 1.0))];
        let mut change = one;
        for term in terms {
            (c, d) = (one + term / c, one / (one + term * d));
            change = change * c * d;
        }
        h = h * change;
        if (change - one).size() < 4e-16 {
            return front_of::<T>(place) / a * h;
        }
    }
    one * f64::NAN
}

/// The share below x, and that above it, of which the smaller one is exact.
fn shares<T: Smooth>(place: Place) -> [T; 2] {
    let Place { x, rest, a, b, .. } = place;
    let known = |below: f64| [T::constant(below), T::constant(1.0 - below)];
    if !(a >= 0.0 && b >= 0.0 && (0.0..=1.0).contains(&x)) || (a == 0.0 && b == 0.0) || (a.min(b) == f64::INFINITY) {
        return [T::parameter(0.0) * f64::NAN; 2];
    }
    if x == 0.0 || b == 0.0 || a == f64::INFINITY {
        return known(if rest == 0.0 || (x == 0.0 && a == 0.0) { 1.0 } else { 0.0 });
    }
    if rest == 0.0 || a == 0.0 || b == f64::INFINITY {
        return known(1.0);
    }
    if x <= (a + 1.0) / (a + b + 2.0) {
        let below = fraction::<T>(place);
        [below, T::constant(1.0) - below]
    } else {
        let above = fraction::<T>(place.mirrored());
        [T::constant(1.0) - above, above]
    }
}

fn at<T: Smooth>(a: f64, b: f64, x: f64, along: [f64; 2]) -> [T; 2] {
    shares(Place { x, rest: 1.0 - x, a, b, along })
}

/// I(a, b, x), the share of a beta distribution below x.
#[inline(never)]
pub fn betainc(a: f64, b: f64, x: f64) -> f64 {
    at::<f64>(a, b, x, [0.0; 2])[0]
}

/// The derivative of I by x: the density of the beta distribution.
#[inline(never)]
pub fn betainc_dx(a: f64, b: f64, x: f64) -> f64 {
    if !(a >= 0.0 && b >= 0.0 && (0.0..=1.0).contains(&x)) || (a == 0.0 && b == 0.0) {
        return f64::NAN;
    }
    let end = |shape: f64, other: f64| match shape {
        shape if shape > 1.0 || shape == 0.0 => 0.0,
        1.0 => other,
        _ => f64::INFINITY,
    };
    if x == 0.0 || x == 1.0 {
        return if x == 0.0 { end(a, b) } else { end(b, a) };
    }
    if a.min(b) == 0.0 || a.max(b) == f64::INFINITY {
        return 0.0;
    }
    let place = Place { x, rest: 1.0 - x, a, b, along: [0.0; 2] };
    // A quotient by a subnormal x would overflow before it meets what is small.
    if x < 1e-290 { exp((a - 1.0) * log(x) - betaln(a, b)) } else { front(place) / x / (1.0 - x) }
}

/// A derivative of I of order 1 or 2 along a direction of (a, b).
fn derivative(a: f64, b: f64, x: f64, along: [f64; 2], order: usize) -> f64 {
    at::<Jet>(a, b, x, along)[0].0[order]
}

/// The derivative of I by a.
#[inline(never)]
pub fn betainc_da(a: f64, b: f64, x: f64) -> f64 {
    derivative(a, b, x, [1.0, 0.0], 1)
}

/// The derivative of I by b.
#[inline(never)]
pub fn betainc_db(a: f64, b: f64, x: f64) -> f64 {
    derivative(a, b, x, [0.0, 1.0], 1)
}

/// The second derivative of I by a.
#[inline(never)]
pub fn betainc_daa(a: f64, b: f64, x: f64) -> f64 {
    derivative(a, b, x, [1.0, 0.0], 2)
}

/// The second derivative of I by b.
#[inline(never)]
pub fn betainc_dbb(a: f64, b: f64, x: f64) -> f64 {
    derivative(a, b, x, [0.0, 1.0], 2)
}

/// The derivative of I by a and b: what the second one along the diagonal has beside those along the axes.
#[inline(never)]
pub fn betainc_dab(a: f64, b: f64, x: f64) -> f64 {
    0.5 * (derivative(a, b, x, [1.0, 1.0], 2) - betainc_daa(a, b, x) - betainc_dbb(a, b, x))
}

/// The x for which I(a, b, x) is p.
#[inline(never)]
pub fn betaincinv(a: f64, b: f64, p: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && a.max(b) < f64::INFINITY && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return p;
    }
    // The end that is nearer has more digits.
    if betainc(a, b, 0.5) < p { 1.0 - quantile(b, a, 1.0 - p, p) } else { quantile(a, b, p, 1.0 - p) }
}

/// The x up to 1/2 with a share below it and one above it, by Newton's steps for the logarithm of the smaller one.
fn quantile(a: f64, b: f64, below: f64, above: f64) -> f64 {
    let lower = below <= 0.5;
    let wanted = log(if lower { below } else { above });
    let (mut low, mut high) = (0.0, 0.5);
    // what the series begins with; of b above 1 it is never too large
    let mut x = exp((log(below) + log(a) + betaln(a, b)) / a).min(0.25);
    for _ in 0..200 {
        if x == 0.0 {
            return 0.0;
        }
        let place = Place { x, rest: 1.0 - x, a, b, along: [0.0; 2] };
        let [p, q] = shares::<f64>(place);
        let slope = front(place) / (1.0 - x);
        // by log x
        let step = if lower { (wanted - log(p)) * (p / slope) } else { (log(q) - wanted) * (q / slope) };
        if step > 0.0 {
            low = x
        } else {
            high = x
        }
        let next = x * exp(step);
        if step.abs() <= 1e-9 {
            return next;
        }
        let inside = low < next && next < high;
        x = if inside {
            next
        } else if low > 0.0 {
            (low * high).sqrt()
        } else {
            1e-3 * high
        };
    }
    x
}

/// The least count k for which the share of the binomial distribution of n tries up to k is at least p.
#[inline(never)]
pub fn binominv(n: f64, chance: f64, p: f64) -> f64 {
    let shares = (0.0..=1.0).contains(&chance) && (0.0..=1.0).contains(&p);
    if !(shares && (0.0..f64::INFINITY).contains(&n) && n == n.floor()) {
        return f64::NAN;
    }
    if p == 1.0 || (chance == 1.0 && p > 0.0) {
        return n;
    }
    if p == 0.0 || chance == 0.0 || n == 0.0 {
        return 0.0;
    }
    let share = |k: f64| if k >= n { 1.0 } else { at::<f64>(k + 1.0, n - k, chance, [0.0; 2])[1] };
    // Cornish and Fisher's expansion is within a few counts.
    let (z, rest) = (ndtri(p), 1.0 - chance);
    let skewed = (rest - chance) * (z * z - 1.0) / 6.0;
    let mut count = (n * chance + z * (n * chance * rest).sqrt() + skewed).floor().clamp(0.0, n);
    while count < n && share(count) < p {
        count += 1.0;
    }
    while count > 0.0 && share(count - 1.0) >= p {
        count -= 1.0;
    }
    count
}
