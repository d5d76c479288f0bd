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
pub(super) unsafe fn tile<V: Lanes, const ROWS: usize, const VECTORS: usize>(of: &Tile<V::T>) {
    // SAFETY: promised by the caller; the last vector is read and written as far as there are columns.
    unsafe {
        let &Tile { k, mut a, a_row, a_step, mut b, b_step, c, c_row, columns, add } = of;
        let first = V::first(columns - (VECTORS - 1) * V::N);
        let mut sums = [[V::zero(); VECTORS]; ROWS];
        for row in 0..ROWS {
            for at in 0..VECTORS {
                V::soon(c.add(row * c_row + at * V::N));
            }
        }
        for _ in 0..k {
            let mut line = [V::zero(); VECTORS];
            for (at, part) in line.iter_mut().enumerate() {
                let from = b.add(at * V::N);
                *part = if at + 1 < VECTORS { V::load(from) } else { V::load_first(from, first) };
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let x = V::splat(a.offset(row as isize * a_row));
                for (sum, part) in sums.iter_mut().zip(line) {
                    *sum = x.times_plus(part, *sum);
                }
            }
            a = a.offset(a_step);
            b = b.offset(b_step);
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (at, sum) in sums.into_iter().enumerate() {
                let to = c.add(row * c_row + at * V::N);
                if at + 1 < VECTORS {
                    (if add { V::load(to).plus(sum) } else { sum }).store(to);
                } else {
                    (if add { V::load_first(to, first).plus(sum) } else { sum }).store_first(to, first);
                }
            }
        }
    }
}
