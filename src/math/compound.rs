//! Value rules of a few steps, made of elementary functions and written for both floats at once.

use super::{Float, Fma};

/// log(e^a + e^b): the larger, and what the smaller adds. Of one infinity twice, that infinity.
#[inline(always)]
pub fn logaddexp<M: Fma, T: Float>(a: T, b: T) -> T {
    a.larger(b).plus(nearness(a, b).softplus::<M>())
}

/// log2(2^a + 2^b)
#[inline(always)]
pub fn logaddexp2<M: Fma, T: Float>(a: T, b: T) -> T {
    a.larger(b).plus(nearness(a, b).exp2::<M>().log1p::<M>().times(T::LOG2_E))
}

/// -|a - b|, 0 also for one infinity twice.
#[inline(always)]
fn nearness<T: Float>(a: T, b: T) -> T {
    let distance = a.minus(b).absolute().negative();
    if a == b { T::ZERO } else { distance }
}

/// x times a function of y, 0 where x is 0 unless y is NaN.
#[inline(always)]
pub fn absorbed<T: Float>(x: T, y: T, function: T) -> T {
    let product = x.times(function);
    if x == T::ZERO && !y.is_not_a_number() { T::ZERO } else { product }
}
