//! What all functions are made of: the multiply-add, Horner's rule, selections and splits of floats into bits.
//!
//! Everything is inlined and free of branches. Comparisons are written so that NaN takes the path that keeps it NaN.

use super::Real;

/// How a fused multiply-add is made: one instruction where the CPU has it, two roundings where it has not.
pub trait Fma {
    /// Whether `mul_add` is an instruction; without it, it would be a call into the C library.
    const FUSED: bool;
    /// Whether periodic functions come from the standard library, which is slower but knows all arguments.
    const LIBRARY: bool = false;
}

/// For the tiles in which some angle is out of the vector forms' range.
pub struct Library;

impl Fma for Library {
    const FUSED: bool = false;
    const LIBRARY: bool = true;
}

/// For loops compiled with the target feature `fma`.
pub struct Fused;

/// For loops compiled without it.
pub struct Unfused;

impl Fma for Fused {
    const FUSED: bool = true;
}

impl Fma for Unfused {
    const FUSED: bool = false;
}

/// The polynomial with these coefficients, lowest power first.
///
/// Horner's rule over every second or fourth coefficient: with one chain, latency and not throughput would set the pace. The
/// constant term comes last, so that cancellation between the chains stays small beside it.
#[inline(always)]
pub(super) fn polynomial<M: Fma, T: Real, const N: usize>(x: T, coefficients: &[T; N]) -> T {
    if N < SPLIT_IN_TWO {
        return every::<M, T, N>(x, coefficients, 0, 1);
    }
    let square = x * x;
    let rest = if N < SPLIT_IN_FOUR {
        let odd = every::<M, T, N>(square, coefficients, 1, 2);
        every::<M, T, N>(square, coefficients, 2, 2).multiply_add::<M>(x, odd)
    } else {
        let fourth = square * square;
        let first = every::<M, T, N>(fourth, coefficients, 1, 4);
        let low = every::<M, T, N>(fourth, coefficients, 2, 4).multiply_add::<M>(x, first);
        let third = every::<M, T, N>(fourth, coefficients, 3, 4);
        let high = every::<M, T, N>(fourth, coefficients, 4, 4).multiply_add::<M>(x, third);
        high.multiply_add::<M>(square, low)
    };
    rest.multiply_add::<M>(x, coefficients[0])
}

const SPLIT_IN_TWO: usize = 7;
const SPLIT_IN_FOUR: usize = 12;

/// Horner's rule over the coefficients first, first + step, ...
#[inline(always)]
fn every<M: Fma, T: Real, const N: usize>(x: T, coefficients: &[T; N], first: usize, step: usize) -> T {
    let mut i = first + (N - 1 - first) / step * step;
    let mut sum = coefficients[i];
    while i > first {
        i -= step;
        sum = sum.multiply_add::<M>(x, coefficients[i]);
    }
    sum
}

/// One or the other without a branch: from a plain `if` LLVM may make two copies of all that follows, one for each arm.
#[inline(always)]
pub(super) fn select<T>(condition: bool, then: T, otherwise: T) -> T {
    std::hint::select_unpredictable(condition, then, otherwise)
}

/// The larger one; NaN stays NaN, which `f64::max` would drop.
#[inline(always)]
pub(super) fn at_least<T: Real>(x: T, low: T) -> T {
    select(x < low, low, x)
}

/// The smaller one; NaN stays NaN.
#[inline(always)]
pub(super) fn at_most<T: Real>(x: T, high: T) -> T {
    select(x > high, high, x)
}

/// Adding this leaves a float's nearest integer in its low bits.
pub(super) const ROUND_F64: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
/// Adding this leaves a float's nearest integer in its low bits.
pub(super) const ROUND_F32: f32 = 12_582_912.0; // 1.5 * 2^23

/// 2^(n + shift) for the integer n in the low bits of `rounded` = n + [`ROUND_F64`]; the sum must be a normal exponent.
#[inline(always)]
pub(super) fn power_of_two(rounded: f64, shift: i64) -> f64 {
    f64::from_bits(rounded.to_bits().wrapping_add((1023 + shift) as u64) << 52)
}

/// 2^n as two factors, for n whose power alone would overflow or be subnormal: y times both rounds but once.
#[inline(always)]
pub(super) fn two_powers(rounded: f64) -> (f64, f64) {
    let bits = rounded.to_bits();
    let half = bits >> 1; // the bits of ROUND_F64 are even, so this is n / 2 rounded down, plus zeros where it matters
    (f64::from_bits(half.wrapping_add(1023) << 52), f64::from_bits(bits.wrapping_sub(half).wrapping_add(1023) << 52))
}

/// The upper 21 bits of a float's significand: products of two such numbers are exact.
#[inline(always)]
pub(super) fn upper_half(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_0000_0000)
}

/// Product and its rounding error, for factors below 2^900 (without a fused operation by Veltkamp's split, as in Dekker,
/// Numerische Mathematik 18, 1971).
#[inline(always)]
pub(super) fn two_product<M: Fma>(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    if M::FUSED {
        return (product, a.mul_add(b, -product));
    }
    let (a_high, a_low) = halves(a);
    let (b_high, b_low) = halves(b);
    (product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)
}

/// A float as two of 26 bits.
#[inline(always)]
fn halves(x: f64) -> (f64, f64) {
    let scaled = 134_217_729.0 * x;
    let high = scaled - (scaled - x);
    (high, x - high)
}

/// Sum and its rounding error, for |a| >= |b| or a multiple of b's last place.
#[inline(always)]
pub(super) fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// Sum and its rounding error (Knuth, The Art of Computer Programming 4.2.2).
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}
