//! Dot products of a vector with columns that are runs, some at a time, so that the vector is read once for all of them.

use super::lanes::Lanes;
use crate::math::Number;

/// Columns at a time.
pub(super) const TOGETHER: usize = 4;

/// Writes the dot products of `x` with columns `across` elements apart.
///
/// # Safety
/// As for `Lanes`; `N` is `V::N`. `x` and each column may be read for `k` elements, `to` written for as many as there are columns.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "loops over indices are sure to be unrolled")]
pub(super) unsafe fn dots<V: Lanes, const N: usize>(
    x: *const V::T,
    from: *const V::T,
    across: isize,
    [k, columns]: [usize; 2],
    to: *mut V::T,
) {
    for start in (0..columns).step_by(TOGETHER) {
        let wide = (columns - start).min(TOGETHER);
        // SAFETY: promised by the caller; for a column too many the last is read again.
        unsafe {
            let from: [_; TOGETHER] =
                std::array::from_fn(|at| from.offset((start + at.min(wide - 1)) as isize * across));
            // Two chains of sums for each column: one would wait for itself.
            let mut sums = [[V::zero(); 2]; TOGETHER];
            let even = k - k % (2 * N);
            for p in (0..even).step_by(2 * N) {
                for half in 0..2 {
                    let part = V::load(x.add(p + half * N));
                    for at in 0..TOGETHER {
                        sums[at][half] = V::load(from[at].add(p + half * N)).times_plus(part, sums[at][half]);
                    }
                }
            }
            for p in (even..k).step_by(N) {
                let first = V::first((k - p).min(N));
                let part = V::load_first(x.add(p), first);
                for at in 0..TOGETHER {
                    sums[at][0] = V::load_first(from[at].add(p), first).times_plus(part, sums[at][0]);
                }
            }
            for at in 0..TOGETHER {
                let mut elements = [V::T::ZERO; N];
                sums[at][0].plus(sums[at][1]).store(elements.as_mut_ptr());
                if at < wide {
                    to.add(start + at).write(sum(&mut elements));
                }
            }
        }
    }
}

/// The sum of a power of two of elements, by halves.
#[inline(always)]
fn sum<T: Number, const N: usize>(elements: &mut [T; N]) -> T {
    let mut half = N / 2;
    while half > 0 {
        for i in 0..half {
            elements[i] = elements[i].plus(elements[i + half]);
        }
        half /= 2;
    }
    elements[0]
}
