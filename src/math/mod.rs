//! Elementary functions of one element, written so that a plain loop over them becomes vector code.
//!
//! Enters: one `f32` or `f64` (two for `pow` and `atan2`) and the kind of multiply-add the caller compiles for.
//! Leaves: the function's value, at most 2 ulp from the true one. The errors in the doc lines of [`Real`] are the larger of
//! both kinds of multiply-add: over every `f32` (millions of pairs), over 250,000 `f64` drawn where a function is hardest.
//! Promises: no branch, no table, no call, so that LLVM vectorises any loop around them at the width that the loop's target
//! features allow; NaN in gives NaN out; subnormals are lost neither on the way in nor on the way out; zeros keep their
//! sign; infinities, poles and powers are those of C99 (annex F). Only the trigonometric functions have a limited domain,
//! see [`Real::trig_in_range`].
//!
//! `f32` functions compute in `f32` where that is within 2 ulp and faster (`native_f32.rs`), else in short `f64` polynomials
//! (`widened_f32.rs`). Functions that no loop vectorises, and more of their promises, are in `special`. The numbers in `coefficients.rs` come from `tools/fit_math.py`, those of the tests from
//! `tools/references.py`.

mod arithmetic;
mod coefficients;
pub mod compound;
mod error_f64;
mod exp_f64;
mod f32;
mod f64;
mod inverse_trig_f64;
mod log_f64;
mod native_f32;
mod number;
mod pow_f64;
pub mod special;
mod trig_f64;
mod widened_f32;

pub use arithmetic::{Fma, Fused, Library, Unfused};
pub use number::{Bits, CastTo, Float, Item, Number, Shift};

/// A float with the elementary functions; call as `Real::exp::<M>(x)`, for `f32` has methods of the same names.
pub trait Real: Copy + PartialEq + PartialOrd + std::ops::Add<Output = Self> + std::ops::Mul<Output = Self> {
    /// `self * b + c`, with one rounding where `M` has it.
    fn multiply_add<M: Fma>(self, b: Self, c: Self) -> Self;

    /// e to the power of x.
    ///
    /// Largest error measured: 0.98 ulp in `f32`, 0.97 in `f64`.
    fn exp<M: Fma>(self) -> Self;
    /// 2 to the power of x.
    ///
    /// Largest error measured: 0.99 ulp in `f32`, 1.02 in `f64`.
    fn exp2<M: Fma>(self) -> Self;
    /// e to the power of x, less 1, without cancellation.
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 1.46 in `f64`.
    fn expm1<M: Fma>(self) -> Self;
    /// Natural logarithm.
    ///
    /// Largest error measured: 0.83 ulp in `f32`, 0.78 in `f64`.
    fn log<M: Fma>(self) -> Self;
    /// Logarithm to base 2.
    ///
    /// Largest error measured: 1.97 ulp in `f32`, 0.74 in `f64`.
    fn log2<M: Fma>(self) -> Self;
    /// Logarithm to base 10.
    ///
    /// Largest error measured: 1.82 ulp in `f32`, 0.67 in `f64`.
    fn log10<M: Fma>(self) -> Self;
    /// Natural logarithm of 1 + x, without cancellation.
    ///
    /// Largest error measured: 1.38 ulp in `f32`, 1.24 in `f64`.
    fn log1p<M: Fma>(self) -> Self;

    /// Whether [`sin`](Real::sin), [`cos`](Real::cos) and [`tan`](Real::tan) are accurate here: |x| up to 2^29 (`f32`) or 2^27
    /// (`f64`), infinities and NaN. A caller tests its whole tile and takes the standard library's functions if one fails.
    fn trig_in_range(self) -> bool;
    /// Sine; for arguments that are [in range](Real::trig_in_range).
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 0.76 in `f64`.
    fn sin<M: Fma>(self) -> Self;
    /// Cosine; for arguments that are [in range](Real::trig_in_range).
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 0.76 in `f64`.
    fn cos<M: Fma>(self) -> Self;
    /// Tangent; for arguments that are [in range](Real::trig_in_range).
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 0.87 in `f64`.
    fn tan<M: Fma>(self) -> Self;
    /// Arc sine.
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 0.91 in `f64`.
    fn asin<M: Fma>(self) -> Self;
    /// Arc cosine.
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 0.90 in `f64`.
    fn acos<M: Fma>(self) -> Self;
    /// Arc tangent.
    ///
    /// Largest error measured: 1.71 ulp in `f32`, 1.40 in `f64`.
    fn atan<M: Fma>(self) -> Self;
    /// Angle of the point (x, self) against the positive x axis, between -pi and pi.
    ///
    /// Largest error measured: 1.83 ulp in `f32`, 1.62 in `f64`.
    fn atan2<M: Fma>(self, x: Self) -> Self;

    /// Hyperbolic sine.
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 1.73 in `f64`.
    fn sinh<M: Fma>(self) -> Self;
    /// Hyperbolic cosine.
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 1.45 in `f64`.
    fn cosh<M: Fma>(self) -> Self;
    /// Hyperbolic tangent.
    ///
    /// Largest error measured: 1.30 ulp in `f32`, 1.11 in `f64`.
    fn tanh<M: Fma>(self) -> Self;
    /// Inverse of the hyperbolic sine.
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 1.54 in `f64`.
    fn asinh<M: Fma>(self) -> Self;
    /// Inverse of the hyperbolic cosine.
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 1.69 in `f64`.
    fn acosh<M: Fma>(self) -> Self;
    /// Inverse of the hyperbolic tangent.
    ///
    /// Largest error measured: 0.50 ulp in `f32`, 1.68 in `f64`.
    fn atanh<M: Fma>(self) -> Self;

    /// 1 / (1 + exp(-x)).
    ///
    /// Largest error measured: 1.86 ulp in `f32`, 1.68 in `f64`.
    fn sigmoid<M: Fma>(self) -> Self;
    /// log(1 + exp x) without overflow.
    ///
    /// Largest error measured: 1.96 ulp in `f32`, 1.60 in `f64`.
    fn softplus<M: Fma>(self) -> Self;
    /// Error function.
    ///
    /// Largest error measured: 1.41 ulp in `f32`, 1.55 in `f64`.
    fn erf<M: Fma>(self) -> Self;
    /// Complementary error function, 1 - erf x, without cancellation.
    ///
    /// Largest error measured: 0.52 ulp in `f32`, 2.00 in `f64`.
    fn erfc<M: Fma>(self) -> Self;

    /// x to the power of y, with the special cases of C99.
    ///
    /// Largest error measured: 0.53 ulp in `f32`, 1.47 in `f64`.
    fn pow<M: Fma>(self, y: Self) -> Self;
}

#[cfg(test)]
mod tests;
