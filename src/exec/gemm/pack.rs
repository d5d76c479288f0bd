//! Pieces of both sides, copied so that tiles read them in order.
//!
//! The right side becomes panels, as wide as a tile: element (p, j) at `p * width + j`. The left side becomes strips, as high as a
//! tile, in whichever of two forms is a copy of runs: rows side by side, or columns side by side. Tiles read both. Only
//! what tiles will read is written.

use super::lanes::Lanes;

/// Packs a panel of up to `2 N` columns.
///
/// # Safety
/// As for `Lanes`; `N` is `V::N`. Every element of the piece may be read, and `to` has room for `depth * 2 N` elements.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "loops over indices are sure to be unrolled")]
pub(super) unsafe fn panel<V: Lanes, const N: usize>(
    from: *const V::T,
    [down, across]: [isize; 2],
    depth: usize,
    columns: usize,
    to: *mut V::T,
) {
    let width = 2 * N;
    // SAFETY: promised by the caller: `p < depth`, `j < columns`.
    unsafe {
        if across == 1 {
            let (whole, rest) = (columns / N, columns % N);
            let first = V::first(rest);
            for p in 0..depth {
                let (from, to) = (from.offset(p as isize * down), to.add(p * width));
                for part in 0..whole {
                    V::load(from.add(part * N)).store(to.add(part * N));
                }
                if rest > 0 {
                    V::load_first(from.add(whole * N), first).store_first(to.add(whole * N), first);
                }
            }
        } else if down == 1 {
            for j in (0..columns).step_by(N) {
                for p in (0..depth).step_by(N) {
                    let (high, wide) = ((depth - p).min(N), (columns - j).min(N));
                    let first = V::first(high);
                    let from = from.offset(p as isize + j as isize * across);
                    let mut block = [V::zero(); N];
                    for at in 0..N {
                        // For a column too many the last is read again: what it turns into is never read.
                        block[at] = V::load_first(from.offset(at.min(wide - 1) as isize * across), first);
                    }
                    transpose(&mut block);
                    for at in 0..N {
                        if at < high {
                            block[at].store(to.add((p + at) * width + j));
                        }
                    }
                }
            }
        } else {
            for p in 0..depth {
                for j in 0..columns {
                    *to.add(p * width + j) = *from.offset(p as isize * down + j as isize * across);
                }
            }
        }
    }
}

/// Swaps rows and columns of a square.
///
/// # Safety
/// As for `Lanes`; `N` is `V::N`.
#[inline(always)]
pub(in crate::exec) unsafe fn transpose<V: Lanes, const N: usize>(block: &mut [V; N]) {
    #[inline(always)]
    unsafe fn step<V: Lanes, const N: usize, const S: usize>(block: &mut [V; N]) {
        if S < N {
            for i in 0..N {
                if i & S == 0 {
                    // SAFETY: passed on.
                    (block[i], block[i + S]) = unsafe { block[i].exchange::<S>(block[i + S]) };
                }
            }
        }
    }
    // SAFETY: passed on.
    unsafe {
        step::<V, N, 1>(block);
        step::<V, N, 2>(block);
        step::<V, N, 4>(block);
        step::<V, N, 8>(block);
    }
}

/// Packs a strip of the left side: element (i, p) at `i * depth + p` where rows are runs, else at `p * rows + i`.
///
/// # Safety
/// As for `Lanes`; `N` is `V::N`. Every element of the piece may be read, of `reach` rows of it, and `to` has room for
/// `rows * depth + N` elements.
#[inline(always)]
pub(super) unsafe fn strip<V: Lanes, const N: usize>(
    from: *const V::T,
    [down, across]: [isize; 2],
    [rows, reach]: [usize; 2],
    depth: usize,
    to: *mut V::T,
) {
    let (whole, rest) = (rows / N, rows % N);
    // Whole vectors, whose last elements the next column writes over: with a mask, a store takes as long as several.
    let vectors = if reach >= rows.next_multiple_of(N) { rows.div_ceil(N) } else { whole };
    // SAFETY: promised by the caller: `p < depth`, `i < rows`; vectors end within the rows in reach, and behind the last
    // column within the room.
    unsafe {
        if across == 1 {
            (0..rows)
                .for_each(|i| std::ptr::copy_nonoverlapping(from.offset(i as isize * down), to.add(i * depth), depth));
            return;
        }
        let first = V::first(rest);
        for p in 0..depth {
            let (from, to) = (from.offset(p as isize * across), to.add(p * rows));
            if down == 1 {
                for part in 0..vectors {
                    V::load(from.add(part * N)).store(to.add(part * N));
                }
                if vectors * N < rows {
                    V::load_first(from.add(whole * N), first).store_first(to.add(whole * N), first);
                }
            } else {
                (0..rows).for_each(|i| *to.add(i) = *from.offset(i as isize * down));
            }
        }
    }
}
