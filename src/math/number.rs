//! Arithmetic that every number type has, under names that floats and integers share.
//!
//! Integers wrap instead of trapping, and give 0 where there is no answer (a zero divisor, a negative exponent): whoever
//! runs them checks for that first, see [`Number::no_quotient`] and [`Number::no_power`]. All of it is branch-free.

use std::ops::{BitAnd, BitOr, BitXor, Not};

use super::{Fma, Real};
use crate::dtype::{Element, Narrow, bf16, f16};

/// Anything an element can be: comparisons and truth.
pub trait Item: Element + PartialOrd {
    /// Not a number.
    fn is_not_a_number(self) -> bool;
    /// Plus or minus infinity.
    fn is_an_infinity(self) -> bool;
    /// Finite.
    fn is_a_number(self) -> bool {
        !self.is_not_a_number() & !self.is_an_infinity()
    }
    /// Different from zero.
    fn is_true(self) -> bool;
    /// With a sign, of zero and NaN too.
    fn is_below_zero(self) -> bool;
}

/// What is made of bits: integers and bool.
pub trait Bits:
    Item + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Not<Output = Self>
{
}

impl Bits for bool {}

/// Integers, whose bits may move. A number of places that is negative or too large moves all bits out.
pub trait Shift: Bits {
    /// a << b
    fn shifted_up(self, b: Self) -> Self;
    /// a >> b, keeping the sign
    fn shifted_down(self, b: Self) -> Self;
}

/// Integers and floats.
pub trait Number: Item {
    /// 0
    const ZERO: Self;
    /// The smallest value: the maximum of nothing.
    const LEAST: Self;
    /// The largest value: the minimum of nothing.
    const MOST: Self;
    /// -x
    fn negative(self) -> Self;
    /// |x|
    fn absolute(self) -> Self;
    /// -1, 0, 1; NaN for NaN
    fn signum(self) -> Self;
    /// max(x, 0), NaN for NaN
    fn rectified(self) -> Self;
    /// floor
    fn rounded_down(self) -> Self;
    /// ceiling
    fn rounded_up(self) -> Self;
    /// nearest, halves to even
    fn rounded_even(self) -> Self;
    /// towards zero
    fn truncated(self) -> Self;
    /// a + b
    fn plus(self, b: Self) -> Self;
    /// a - b
    fn minus(self, b: Self) -> Self;
    /// a * b
    fn times(self, b: Self) -> Self;
    /// 0 where a is 0, else a * b
    fn gated(self, b: Self) -> Self;
    /// floor(a / b)
    fn floor_over(self, b: Self) -> Self;
    /// a - b floor(a / b), with the sign of b
    fn modulo(self, b: Self) -> Self;
    /// a - b trunc(a / b), with the sign of a
    fn rest(self, b: Self) -> Self;
    /// a ** b
    fn power<M: Fma>(self, b: Self) -> Self;
    /// maximum, NaN if either is
    fn larger(self, b: Self) -> Self;
    /// minimum, NaN if either is
    fn smaller(self, b: Self) -> Self;
    /// maximum, of a number and NaN the number
    #[inline(always)]
    fn larger_number(self, b: Self) -> Self {
        let larger = self.larger(b);
        if b.is_not_a_number() {
            self
        } else if self.is_not_a_number() {
            b
        } else {
            larger
        }
    }
    /// minimum, of a number and NaN the number
    #[inline(always)]
    fn smaller_number(self, b: Self) -> Self {
        let smaller = self.smaller(b);
        if b.is_not_a_number() {
            self
        } else if self.is_not_a_number() {
            b
        } else {
            smaller
        }
    }
    /// True for a divisor that leaves no quotient.
    fn no_quotient(self) -> bool;
    /// True for an exponent that leaves no power.
    fn no_power(self) -> bool;
}

/// Floats: what only they have besides the elementary functions.
pub trait Float: Number + Real {
    /// 1 / log 2
    const LOG2_E: Self;
    /// 1
    const ONE: Self;
    /// |a| with the sign of b
    fn with_sign_of(self, b: Self) -> Self;
    /// The square root.
    fn square_root(self) -> Self;
    /// 1 / x
    fn inverse(self) -> Self;
    /// a / b
    fn over(self, b: Self) -> Self;
}

macro_rules! floats {
    ($($T:ident),*) => {$(
        impl Item for $T {
            #[inline(always)]
            fn is_not_a_number(self) -> bool { self != self }
            #[inline(always)]
            fn is_an_infinity(self) -> bool { self.abs() == $T::INFINITY }
            #[inline(always)]
            fn is_true(self) -> bool { self != 0.0 }
            #[inline(always)]
            fn is_below_zero(self) -> bool { self.is_sign_negative() }
        }

        impl Number for $T {
            const ZERO: $T = 0.0;
            const LEAST: $T = $T::NEG_INFINITY;
            const MOST: $T = $T::INFINITY;
            #[inline(always)]
            fn negative(self) -> $T { -self }
            #[inline(always)]
            fn absolute(self) -> $T { self.abs() }
            #[inline(always)]
            fn signum(self) -> $T {
                let sign = if self > 0.0 { 1.0 } else if self < 0.0 { -1.0 } else { 0.0 };
                if self != self { self } else { sign }
            }
            #[inline(always)]
            fn rectified(self) -> $T { if self > 0.0 || self != self { self } else { 0.0 } }
            #[inline(always)]
            fn rounded_down(self) -> $T { self.floor() }
            #[inline(always)]
            fn rounded_up(self) -> $T { self.ceil() }
            #[inline(always)]
            fn rounded_even(self) -> $T { self.round_ties_even() }
            #[inline(always)]
            fn truncated(self) -> $T { self.trunc() }
            #[inline(always)]
            fn plus(self, b: $T) -> $T { self + b }
            #[inline(always)]
            fn minus(self, b: $T) -> $T { self - b }
            #[inline(always)]
            fn times(self, b: $T) -> $T { self * b }
            #[inline(always)]
            fn gated(self, b: $T) -> $T { if self == 0.0 { self } else { self * b } }
            #[inline(always)]
            fn floor_over(self, b: $T) -> $T {
                // From the exact remainder, as Python and NumPy do: the rounded quotient may lie on the wrong side of an
                // integer.
                let r = self % b;
                let below = r != 0.0 && (r < 0.0) != (b < 0.0);
                let quotient = (self - r) / b - if below { 1.0 } else { 0.0 };
                let whole = quotient.round_ties_even();
                let signed = if whole == 0.0 { (0.0 as $T).copysign(self / b) } else { whole };
                if b == 0.0 { self / b } else { signed }
            }
            #[inline(always)]
            fn modulo(self, b: $T) -> $T {
                let r = self % b;
                let r = if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r };
                if r == 0.0 { (0.0 as $T).copysign(b) } else { r }
            }
            #[inline(always)]
            fn rest(self, b: $T) -> $T { self % b }
            #[inline(always)]
            fn power<M: Fma>(self, b: $T) -> $T { Real::pow::<M>(self, b) }
            #[inline(always)]
            fn larger(self, b: $T) -> $T { if self > b || self != self { self } else { b } }
            #[inline(always)]
            fn smaller(self, b: $T) -> $T { if self < b || self != self { self } else { b } }
            #[inline(always)]
            fn no_quotient(self) -> bool { false }
            #[inline(always)]
            fn no_power(self) -> bool { false }
        }

        impl Float for $T {
            const LOG2_E: $T = std::$T::consts::LOG2_E;
            const ONE: $T = 1.0;
            #[inline(always)]
            fn with_sign_of(self, b: $T) -> $T { self.copysign(b) }
            #[inline(always)]
            fn square_root(self) -> $T { self.sqrt() }
            #[inline(always)]
            fn inverse(self) -> $T { 1.0 / self }
            #[inline(always)]
            fn over(self, b: $T) -> $T { self / b }
        }
    )*};
}
floats!(f32, f64);

macro_rules! integers {
    ($($T:ident),*) => {$(
        impl Item for $T {
            #[inline(always)]
            fn is_not_a_number(self) -> bool { false }
            #[inline(always)]
            fn is_an_infinity(self) -> bool { false }
            #[inline(always)]
            fn is_true(self) -> bool { self != 0 }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "false for the unsigned one")]
            fn is_below_zero(self) -> bool { self < 0 }
        }

        impl Bits for $T {}

        impl Shift for $T {
            #[inline(always)]
            #[allow(unused_comparisons, reason = "true for the unsigned one")]
            fn shifted_up(self, b: $T) -> $T {
                if b >= 0 && b < $T::BITS as $T { self.wrapping_shl(b as u32) } else { 0 }
            }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "true for the unsigned one")]
            fn shifted_down(self, b: $T) -> $T {
                let places = if b >= 0 && b < $T::BITS as $T { b as u32 } else { $T::BITS };
                if places < $T::BITS { self.wrapping_shr(places) } else if self < 0 { !0 } else { 0 }
            }
        }

        impl Number for $T {
            const ZERO: $T = 0;
            const LEAST: $T = $T::MIN;
            const MOST: $T = $T::MAX;
            #[inline(always)]
            fn negative(self) -> $T { self.wrapping_neg() }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "true for the unsigned one")]
            fn absolute(self) -> $T { if self < 0 { self.wrapping_neg() } else { self } }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "true for the unsigned one")]
            fn signum(self) -> $T { $T::from(self > 0).wrapping_sub($T::from(self < 0)) }
            #[inline(always)]
            fn rectified(self) -> $T { self.max(0) }
            #[inline(always)]
            fn rounded_down(self) -> $T { self }
            #[inline(always)]
            fn rounded_up(self) -> $T { self }
            #[inline(always)]
            fn rounded_even(self) -> $T { self }
            #[inline(always)]
            fn truncated(self) -> $T { self }
            #[inline(always)]
            fn plus(self, b: $T) -> $T { self.wrapping_add(b) }
            #[inline(always)]
            fn minus(self, b: $T) -> $T { self.wrapping_sub(b) }
            #[inline(always)]
            fn times(self, b: $T) -> $T { self.wrapping_mul(b) }
            #[inline(always)]
            fn gated(self, b: $T) -> $T { self.wrapping_mul(b) }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "false for the unsigned one")]
            fn floor_over(self, b: $T) -> $T {
                if b == 0 {
                    return 0;
                }
                let (q, r) = (self.wrapping_div(b), self.wrapping_rem(b));
                if r != 0 && (r < 0) != (b < 0) { q.wrapping_sub(1) } else { q }
            }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "false for the unsigned one")]
            fn modulo(self, b: $T) -> $T {
                if b == 0 {
                    return 0;
                }
                let r = self.wrapping_rem(b);
                if r != 0 && (r < 0) != (b < 0) { r.wrapping_add(b) } else { r }
            }
            #[inline(always)]
            fn rest(self, b: $T) -> $T { if b == 0 { 0 } else { self.wrapping_rem(b) } }
            #[inline(always)]
            fn power<M: Fma>(self, b: $T) -> $T {
                if b.no_power() {
                    return 0;
                }
                let (mut base, mut rest, mut out) = (self, b, 1 as $T);
                while rest > 0 {
                    if rest & 1 == 1 {
                        out = out.wrapping_mul(base);
                    }
                    base = base.wrapping_mul(base);
                    rest >>= 1;
                }
                out
            }
            #[inline(always)]
            fn larger(self, b: $T) -> $T { self.max(b) }
            #[inline(always)]
            fn smaller(self, b: $T) -> $T { self.min(b) }
            #[inline(always)]
            fn no_quotient(self) -> bool { self == 0 }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "false for the unsigned one")]
            fn no_power(self) -> bool { self < 0 }
        }
    )*};
}
integers!(u8, i32, i64, u64);

impl Item for bool {
    #[inline(always)]
    fn is_not_a_number(self) -> bool {
        false
    }
    #[inline(always)]
    fn is_an_infinity(self) -> bool {
        false
    }
    #[inline(always)]
    fn is_true(self) -> bool {
        self
    }
    #[inline(always)]
    fn is_below_zero(self) -> bool {
        false
    }
}

/// Conversions between element types, as `astype` states them: floats to integers truncate and saturate, NaN is 0; integers
/// wrap; to bool is "different from zero". Types that only store have one to their class, and those from it and from floats.
pub trait CastTo<U>: Copy {
    /// The element as a `U`.
    fn cast_to(self) -> U;
}

macro_rules! casts {
    ($($T:ident),*) => { $(casts!(@from $T: u8 i32 i64 u64 f32 f64);)* };
    (@from $T:ident: $($U:ident)*) => {
        casts!(@plain $($T $U),*);
        impl CastTo<bool> for $T {
            #[inline(always)]
            fn cast_to(self) -> bool { self.is_true() }
        }
        impl CastTo<$T> for bool {
            #[inline(always)]
            fn cast_to(self) -> $T { u8::from(self) as $T }
        }
    };
    (@stored $($T:ident $Class:ident),*) => {
        $(casts!(@plain $T $Class, $Class $T, f32 $T, f64 $T);)*
    };
    (@plain $($T:ident $U:ident),*) => {
        $(impl CastTo<$U> for $T {
            #[inline(always)]
            fn cast_to(self) -> $U { self as $U }
        })*
    };
}
casts!(u8, i32, i64, u64, f32, f64);
casts!(@stored i8 i32, i16 i32, u16 i32, u32 i64);

impl CastTo<bool> for bool {
    #[inline(always)]
    fn cast_to(self) -> bool {
        self
    }
}

macro_rules! narrow_casts {
    ($($T:ident)*) => {$(
        impl CastTo<$T> for f32 {
            #[inline(always)]
            fn cast_to(self) -> $T { $T::narrowed(self) }
        }
        impl CastTo<$T> for f64 {
            #[inline(always)]
            fn cast_to(self) -> $T { $T::rounded(self) }
        }
        impl CastTo<f32> for $T {
            #[inline(always)]
            fn cast_to(self) -> f32 { self.widened() }
        }
    )*};
}
narrow_casts!(f16 bf16);
