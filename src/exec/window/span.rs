//! The innermost loop of a correlation: a tile of the product, held in registers while it walks along the taps of channels.
//!
//! As a tile of `gemm`, but the rows of the right side begin wherever the taps say.

use crate::exec::gemm::{Lanes, store};

/// What a tile works on.
pub(super) struct Span<T> {
    /// The left side: its first element, and elements from row to row and along the depth.
    pub a: *const T,
    pub a_row: isize,
    pub a_step: isize,
    /// The right side: its first element, and the distance of each of its rows.
    pub b: *const T,
    pub taps: *const usize,
    pub depth: usize,
    /// The result: its first element, and elements from row to row.
    pub c: *mut T,
    pub c_row: usize,
    /// Columns, of which the last vector may hold only some.
    pub columns: usize,
    /// Adds to what is there.
    pub add: bool,
}

/// Computes a tile of `ROWS` rows and up to `VECTORS` vectors of columns.
///
/// # Safety
/// As for `Lanes`; all that the tile names is valid for reads, of the right side in whole vectors, and the result for writes.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "loops over indices are sure to be unrolled")]
pub(super) unsafe fn span<V: Lanes, const ROWS: usize, const VECTORS: usize>(of: &Span<V::T>) {
    // SAFETY: promised by the caller.
    unsafe {
        let &Span { mut a, a_row, a_step, b, taps, depth, c, c_row, columns, add } = of;
        let mut sums = [[V::zero(); VECTORS]; ROWS];
        for p in 0..depth {
            let from = b.add(*taps.add(p));
            let mut line = [V::zero(); VECTORS];
            for at in 0..VECTORS {
                line[at] = V::load(from.add(at * V::N));
            }
            for row in 0..ROWS {
                let x = V::splat(a.offset(row as isize * a_row));
                for at in 0..VECTORS {
                    sums[row][at] = x.times_plus(line[at], sums[row][at]);
                }
            }
            // Behind the last it may point anywhere; nothing is read there.
            a = a.wrapping_offset(a_step);
        }
        store(sums, c, c_row, columns, add);
    }
}

/// Copies rows of a run of a tile, or adds them.
pub(super) struct Spread<T> {
    pub from: *const T,
    pub from_row: usize,
    pub to: *mut T,
    pub to_row: isize,
    /// Elements of the result from one to the next.
    pub apart: usize,
    pub rows: usize,
    pub len: usize,
    pub add: bool,
}

/// # Safety
/// As for `Lanes`; the tile may be read, and the result written.
#[inline(always)]
pub(super) unsafe fn spread<V: Lanes>(of: &Spread<V::T>) {
    use crate::math::Number;
    let &Spread { from, from_row, to, to_row, apart, rows, len, add } = of;
    for row in 0..rows {
        // SAFETY: promised by the caller.
        unsafe {
            let (from, to) = (from.add(row * from_row), to.offset(row as isize * to_row));
            if apart > 1 {
                for at in 0..len {
                    let (value, to) = (*from.add(at), to.add(at * apart));
                    *to = if add { (*to).plus(value) } else { value };
                }
                continue;
            }
            let whole = len - len % V::N;
            for at in (0..whole).step_by(V::N) {
                let (value, to) = (V::load(from.add(at)), to.add(at));
                (if add { V::load(to).plus(value) } else { value }).store(to);
            }
            if whole < len {
                let first = V::first(len - whole);
                let (value, to) = (V::load_first(from.add(whole), first), to.add(whole));
                (if add { V::load_first(to, first).plus(value) } else { value }).store_first(to, first);
            }
        }
    }
}
