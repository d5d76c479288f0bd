//! Products of rows with rows: sums along the places of two arrays.

use crate::exec::gemm::{Lanes, transpose};
use crate::math::Number;

/// Rows of the right side that are taken at a time, and the most of the left.
pub(super) const WIDE: usize = 4;

/// What is multiplied: rows of the left side, of which there are as many as the function says, with up to `WIDE` of the right.
pub(super) struct Inner<T> {
    /// The left side, and elements from row to row.
    pub left: *const T,
    pub left_row: usize,
    /// The right side, and the distance of each of its rows.
    pub right: *const T,
    pub taps: *const usize,
    pub wide: usize,
    /// Where runs of places begin on the left and on the right, how many runs there are, and how long each is.
    pub runs: *const (usize, usize),
    pub count: usize,
    pub len: usize,
    /// The result: its first element, and elements from row to row.
    pub out: *mut T,
    pub out_row: usize,
    /// Adds to what is there.
    pub add: bool,
}

/// Computes all products of `ROWS` rows with `WIDE` rows.
///
/// # Safety
/// As for `Lanes`; `N` is `V::N`. All that is named may be read, and the result written.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "loops over indices are sure to be unrolled")]
pub(super) unsafe fn inner<V: Lanes, const N: usize, const ROWS: usize>(of: &Inner<V::T>) {
    let &Inner { left, left_row, right, taps, wide, runs, count, len, out, out_row, add } = of;
    // SAFETY: promised by the caller; for a row too many the last is read again, and the product is not written.
    unsafe {
        let mut rights = [right; WIDE];
        for j in 0..WIDE {
            rights[j] = right.add(*taps.add(j.min(wide - 1)));
        }
        let (whole, rest) = (len - len % N, len % N);
        let first = V::first(rest);
        let mut sums = [[V::zero(); WIDE]; ROWS];
        for run in 0..count {
            let (from, at) = *runs.add(run);
            let left = left.add(from);
            let mut p = 0;
            while p < whole {
                let mut line = [V::zero(); WIDE];
                for j in 0..WIDE {
                    line[j] = V::load(rights[j].add(at + p));
                }
                for i in 0..ROWS {
                    let x = V::load(left.add(i * left_row + p));
                    for j in 0..WIDE {
                        sums[i][j] = x.times_plus(line[j], sums[i][j]);
                    }
                }
                p += N;
            }
            if rest > 0 {
                let mut line = [V::zero(); WIDE];
                for j in 0..WIDE {
                    line[j] = V::load_first(rights[j].add(at + whole), first);
                }
                for i in 0..ROWS {
                    let x = V::load_first(left.add(i * left_row + whole), first);
                    for j in 0..WIDE {
                        sums[i][j] = x.times_plus(line[j], sums[i][j]);
                    }
                }
            }
        }
        // A transposition turns the elements of many sums into vectors that are added up at once.
        let mut totals = [[V::T::ZERO; WIDE]; ROWS];
        for start in (0..ROWS * WIDE).step_by(N) {
            let mut block = [V::zero(); N];
            for at in 0..N {
                if start + at < ROWS * WIDE {
                    block[at] = sums[(start + at) / WIDE][(start + at) % WIDE];
                }
            }
            transpose(&mut block);
            let mut half = N / 2;
            while half > 0 {
                for at in 0..half {
                    block[at] = block[at].plus(block[at + half]);
                }
                half /= 2;
            }
            let mut elements = [V::T::ZERO; N];
            block[0].store(elements.as_mut_ptr());
            for at in 0..N {
                if start + at < ROWS * WIDE {
                    totals[(start + at) / WIDE][(start + at) % WIDE] = elements[at];
                }
            }
        }
        for i in 0..ROWS {
            for j in 0..wide {
                let to = out.add(i * out_row + j);
                *to = if add { to.read().plus(totals[i][j]) } else { totals[i][j] };
            }
        }
    }
}
