//! The innermost loop: a tile of the product, held in registers while it walks along k.
//!
//! Enters: rows of the left side under any strides, whose elements are broadcast one by one; rows of the right side whose elements lie
//! side by side. Leaves: the tile, stored or added to what is there. Each element is one chain of multiply-adds in the order
//! of k, whatever the tile's size, so that how a product is cut into tiles does not show in its bits.

use super::lanes::Lanes;

/// What a tile works on.
pub(in crate::exec) struct Tile<T> {
    pub k: usize,
    /// The left side: its first element, and elements from row to row and along k.
    pub a: *const T,
    pub a_row: isize,
    pub a_step: isize,
    /// The right side: its first element, and elements from row to row, along k.
    pub b: *const T,
    pub b_step: isize,
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
/// As for `Lanes`; all that the tile names is valid for reads, and the result, which is none of it, for writes.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "see the body")]
pub(super) unsafe fn tile<V: Lanes, const ROWS: usize, const VECTORS: usize>(of: &Tile<V::T>) {
    // SAFETY: promised by the caller; the last vector is read and written as far as there are columns.
    unsafe {
        let &Tile { c, c_row, columns, add, .. } = of;
        let first = V::first(columns - (VECTORS - 1) * V::N);
        for row in 0..ROWS {
            for at in 0..VECTORS {
                V::soon(c.add(row * c_row + at * V::N));
            }
        }
        let sums = if columns == VECTORS * V::N {
            sums::<V, ROWS, VECTORS, true>(of, first)
        } else {
            sums::<V, ROWS, VECTORS, false>(of, first)
        };
        store(sums, c, c_row, columns, add);
    }
}

/// The tile's sums along k, of whole vectors only, or of some columns of the last. Masks are for those alone: with AVX2 they
/// take a register that is missing then, and AMD's processors store under them one element at a time.
///
/// # Safety
/// As for `tile`.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "see the body")]
unsafe fn sums<V: Lanes, const ROWS: usize, const VECTORS: usize, const WHOLE: bool>(
    of: &Tile<V::T>,
    first: V::First,
) -> [[V; VECTORS]; ROWS] {
    let &Tile { k, mut a, a_row, a_step, mut b, b_step, .. } = of;
    // SAFETY: promised by the caller.
    unsafe {
        // Plain loops over indices: only those are sure to leave nothing but registers, however the crate is compiled.
        let mut sums = [[V::zero(); VECTORS]; ROWS];
        for _ in 0..k {
            let mut line = [V::zero(); VECTORS];
            for at in 0..VECTORS {
                let from = b.add(at * V::N);
                line[at] = if WHOLE || at + 1 < VECTORS { V::load(from) } else { V::load_first(from, first) };
            }
            for row in 0..ROWS {
                let x = V::splat(a.offset(row as isize * a_row));
                for at in 0..VECTORS {
                    sums[row][at] = x.times_plus(line[at], sums[row][at]);
                }
            }
            // Behind the last of k they may point anywhere; nothing is read there.
            a = a.wrapping_offset(a_step);
            b = b.wrapping_offset(b_step);
        }
        sums
    }
}

/// Stores a tile of which the last vector holds only some columns, or adds it to what is there.
///
/// # Safety
/// As for `Lanes`; `c` is valid for so many columns of rows `c_row` apart, for reads as well if they are added to.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "see the tile")]
pub(in crate::exec) unsafe fn store<V: Lanes, const ROWS: usize, const VECTORS: usize>(
    sums: [[V; VECTORS]; ROWS],
    c: *mut V::T,
    c_row: usize,
    columns: usize,
    add: bool,
) {
    // SAFETY: promised by the caller.
    unsafe {
        let whole = columns == VECTORS * V::N;
        let first = V::first(columns - (VECTORS - 1) * V::N);
        for row in 0..ROWS {
            for at in 0..VECTORS {
                let (to, sum) = (c.add(row * c_row + at * V::N), sums[row][at]);
                if whole || at + 1 < VECTORS {
                    (if add { V::load(to).plus(sum) } else { sum }).store(to);
                } else {
                    (if add { V::load_first(to, first).plus(sum) } else { sum }).store_first(to, first);
                }
            }
        }
    }
}
