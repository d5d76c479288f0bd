//! Elementary functions of one element, written so that a plain loop over them becomes vector code.
//!
//! Enters: one `f32` or `f64` (two for `pow` and `atan2`) and the type of fused multiply-add the caller compiles for.
//! Leaves: the function's value, at most 2 ulp from the true one; the error measured is in each doc line of [`Real`].
//! Promises: no branch, no table, no call, so that LLVM vectorises any loop around them at the width that the loop's
//! target features allow; NaN in gives NaN out; subnormals are neither lost on the way in nor on the way out; zeros keep
//! their sign; infinities and poles behave as C99 (annex F) says. Only the trigonometric functions have a limited domain,
//! see [`Real::trig_in_range`].
//!
//! `f32` functions compute in `f32` where that is faster, else in short `f64` polynomials (`short.rs`).
//! The numbers in `coefficients.rs` come from `tools/fit_math.py`.

mod arithmetic;
mod coefficients;
mod error_f64;
mod exp_f32;
mod exp_f64;
mod f32;
mod f64;
mod inverse_trig_f64;
mod log_f64;
mod pow_f64;
mod short;
mod trig_f64;

mod number;

pub use arithmetic::{Fma, Fused, Library, Unfused};
pub use number::{CastTo, Float, Item, Number};

/// A float with the elementary functions; call as `Real::exp::<M>(x)`, for `f32` has methods of the same names.
pub trait Real: Copy + PartialEq + PartialOrd {
    /// `self * b + c`, with one rounding where `M` has it.
    fn multiply_add<M: Fma>(self, b: Self, c: Self) -> Self;

    /// e to the power of x.
    fn exp<M: Fma>(self) -> Self;
    /// 2 to the power of x.
    fn exp2<M: Fma>(self) -> Self;
    /// e to the power of x, less 1, without cancellation.
    fn expm1<M: Fma>(self) -> Self;
    /// Natural logarithm.
    fn log<M: Fma>(self) -> Self;
    /// Logarithm to base 2.
    fn log2<M: Fma>(self) -> Self;
    /// Logarithm to base 10.
    fn log10<M: Fma>(self) -> Self;
    /// Natural logarithm of 1 + x, without cancellation.
    fn log1p<M: Fma>(self) -> Self;

    /// Whether [`sin`](Real::sin), [`cos`](Real::cos) and [`tan`](Real::tan) are accurate here: |x| up to 2^29 (`f32`) or 2^27
    /// (`f64`), infinities and NaN. A caller tests its whole tile and takes the standard library's functions if one fails.
    fn trig_in_range(self) -> bool;
    /// Sine; for arguments that are [in range](Real::trig_in_range).
    fn sin<M: Fma>(self) -> Self;
    /// Cosine; for arguments that are [in range](Real::trig_in_range).
    fn cos<M: Fma>(self) -> Self;
    /// Tangent; for arguments that are [in range](Real::trig_in_range).
    fn tan<M: Fma>(self) -> Self;
    /// Arc sine.
    fn asin<M: Fma>(self) -> Self;
    /// Arc cosine.
    fn acos<M: Fma>(self) -> Self;
    /// Arc tangent.
    fn atan<M: Fma>(self) -> Self;
    /// Angle of the point (x, self) against the positive x axis, between -pi and pi.
    fn atan2<M: Fma>(self, x: Self) -> Self;

    /// Hyperbolic sine.
    fn sinh<M: Fma>(self) -> Self;
    /// Hyperbolic cosine.
    fn cosh<M: Fma>(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh<M: Fma>(self) -> Self;
    /// Inverse of the hyperbolic sine.
    fn asinh<M: Fma>(self) -> Self;
    /// Inverse of the hyperbolic cosine.
    fn acosh<M: Fma>(self) -> Self;
    /// Inverse of the hyperbolic tangent.
    fn atanh<M: Fma>(self) -> Self;

    /// 1 / (1 + exp(-x)).
    fn sigmoid<M: Fma>(self) -> Self;
    /// log(1 + exp x) without overflow.
    fn softplus<M: Fma>(self) -> Self;
    /// Error function.
    fn erf<M: Fma>(self) -> Self;
    /// Complementary error function, 1 - erf x, without cancellation.
    fn erfc<M: Fma>(self) -> Self;

    /// x to the power of y, with the special cases of C99.
    fn pow<M: Fma>(self, y: Self) -> Self;
}

#[cfg(test)]
mod tests;
