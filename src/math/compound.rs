//! Value rules of a few steps, made of elementary functions and written for both floats at once.

use super::{Float, Fma};

/// log(e^a + e^b): the larger, and what the smaller adds. Of one infinity twice, that infinity.
#[inline(always)]
pub fn logaddexp<M: Fma, T: Float>(a: T, b: T) -> T {
    a.larger(b).plus(excess(a, b).absolute().negative().softplus::<M>())
}

/// log2(2^a + 2^b)
#[inline(always)]
pub fn logaddexp2<M: Fma, T: Float>(a: T, b: T) -> T {
    a.larger(b).plus(excess(a, b).absolute().negative().exp2::<M>().log1p::<M>().times(T::LOG2_E))
}

/// a - b, 0 also for one infinity twice.
#[inline(always)]
pub fn excess<T: Float>(a: T, b: T) -> T {
    let difference = a.minus(b);
    if a == b { T::ZERO } else { difference }
}

/// a / b, 0 where a is 0, whatever b is.
#[inline(always)]
pub fn gated_over<T: Float>(a: T, b: T) -> T {
    let quotient = a.over(b);
    if a == T::ZERO { a } else { quotient }
}

/// x times a function of y, 0 where x is 0 unless y is NaN.
#[inline(always)]
pub fn absorbed<T: Float>(x: T, y: T, function: T) -> T {
    let product = x.times(function);
    if x == T::ZERO && !y.is_not_a_number() { T::ZERO } else { product }
}
