//! Products of matrices of floats, in the way of Goto and van de Geijn.
//!
//! ```text
//!            columns of a block          The result is cut into blocks, which threads share, and blocks into tiles, which lie in
//!            +---+---+---+-              registers (`tile.rs`). Of both sides, as much of k is taken at a time as the caches
//!   inner    | panel |   |               hold. The right side is first copied into panels (`pack.rs`), by all threads
//!            +---+---+---+-              together, unless it is small and its rows lie as tiles want them; the left side into
//!   +-----+  +---+---+---+-              strips, unless its rows are runs, and near each other.
//! r | strip  | tile  |   |
//! o +-----+  +---+---+---+-              `level.rs` has all of it for each instruction set, on the registers of `lanes.rs`.
//! w |     |  |   |   |   |               A row times a matrix whose columns are runs is made of dot products (`dots.rs`).
//! s
//! ```
//!
//! Enters: two matrices under any strides, and memory for a result of dense rows, whose contents do not matter. Promises: the same
//! bits whatever the number of threads, as the cut and the order of every sum follow from sizes and strides alone; a product over
//! nothing is zero; what one zero times infinity makes is not left out; memory that cannot be had is an error; scratch is kept by each
//! thread and bounded by what one piece needs (some 1 MiB); `look` is asked every few microseconds of work.
//!
//! A step that is to run over finished blocks while they are in the cache would be called at the end of `block`, when the piece is
//! the last along k.

mod dots;
mod lanes;
mod level;
mod pack;
#[cfg(test)]
mod tests;
mod tile;

use std::cell::Cell;
use std::ops::Range;
use std::thread::LocalKey;

pub(super) use lanes::{Lanes, Plain};
pub(super) use level::{F32, F64, Factor, Kernels, best, has_avx2, has_avx512};
pub(super) use pack::transpose;
pub(super) use tile::{Tile, store};

use super::Fault;
use super::pool::for_each_block;
use crate::buffer::BufferMut;
use crate::error::Result;

/// The most of k that is multiplied at a time: a panel of so much leaves a first-level cache room for a strip's rows.
const DEEP: usize = 256;

/// Bytes of a row of the right side that is packed at a time: with `DEEP` rows, 1 MiB, half of a second-level cache.
const WIDE: usize = 4096;

/// Rows of a block, or somewhat fewer, of whole tiles.
const TALL: usize = 64;

/// Blocks that a product is cut into at least, if it is worth sharing.
const BLOCKS: usize = 8;

/// Work, in simple element operations, below which a product is not cut for threads.
const WORTH: usize = 1 << 16;

/// Bytes of the right side, of rows that are runs, up to which copying it costs more than it gains: it stays in the second-level cache.
const FEW_RIGHT: usize = 1 << 19;

/// The same of the left side, of rows that are not.
const FEW_LEFT: usize = 1 << 17;

/// Bytes from row to row of the left side from which on each row of a tile is in a page of its own, and in the same few
/// places of the first-level cache as the others.
const APART: usize = 1 << 12;

/// A matrix in memory: its first element, and elements from row to row and from column to column.
#[derive(Clone, Copy)]
pub(super) struct Matrix<T> {
    pub start: *const T,
    pub strides: [isize; 2],
}

impl<T> Matrix<T> {
    /// # Safety
    /// The matrix has the element.
    unsafe fn at(&self, row: usize, column: usize) -> *const T {
        // SAFETY: promised by the caller.
        unsafe { self.start.offset(row as isize * self.strides[0] + column as isize * self.strides[1]) }
    }

    fn transposed(self) -> Matrix<T> {
        Matrix { strides: [self.strides[1], self.strides[0]], ..self }
    }
}

/// Told of work, in simple element operations; says whether to go on.
pub(super) type Look<'a> = dyn Fn(usize) -> Result<()> + Sync + 'a;

/// Writes `[m, k] @ [k, n]` to dense rows that are `c_row` elements apart.
///
/// # Safety
/// The CPU has the kernels' instructions. Every element of both sides may be read, and the result, which overlaps neither, written.
pub(super) unsafe fn multiply<T: Factor>(
    kernels: &Kernels<T>,
    [m, k, n]: [usize; 3],
    a: Matrix<T>,
    b: Matrix<T>,
    c: *mut T,
    c_row: usize,
    look: &Look<'_>,
) -> std::result::Result<(), Fault> {
    // A column is computed as a row.
    let transposed = n == 1 && m > 1 && c_row == 1;
    let (m, n) = if transposed { (n, m) } else { (m, n) };
    let (a, b) = if transposed { (b.transposed(), a.transposed()) } else { (a, b) };
    let product = Product { kernels, sizes: [m, k, n], a, b, c, c_row, look };
    if m == 1 && b.strides[1] != 1 && b.strides[0] == 1 && a.strides[1] == 1 {
        product.dots()
    } else {
        product.blocks()
    }
}

/// A product on its way.
struct Product<'a, T: 'static> {
    kernels: &'a Kernels<T>,
    sizes: [usize; 3],
    a: Matrix<T>,
    b: Matrix<T>,
    c: *mut T,
    c_row: usize,
    look: &'a Look<'a>,
}

// SAFETY: threads read the sides and write blocks of their own.
unsafe impl<T> Sync for Product<'_, T> {}

/// As much of the right side as is multiplied at a time.
struct Piece<T> {
    inner: Range<usize>,
    columns: Range<usize>,
    /// Panels, or the right side itself; elements from row to row, and from one tile's columns to the next.
    right: *mut T,
    step: isize,
    next: isize,
}

// SAFETY: threads write panels of their own, and read them when all are written.
unsafe impl<T> Sync for Piece<T> {}

/// One of `parts` ranges that make up `0..size`, as equal as can be.
pub(super) fn part(size: usize, parts: usize, at: usize) -> Range<usize> {
    let (each, more) = (size / parts, size % parts);
    let start = at * each + at.min(more);
    start..start + each + usize::from(at < more)
}

impl<T: Factor> Product<'_, T> {
    /// Elements across a tile, and from top to bottom.
    fn width(&self) -> usize {
        2 * self.kernels.lanes
    }

    fn height(&self) -> usize {
        self.kernels.tiles.len()
    }

    /// Columns of some of a range's tiles.
    fn columns(&self, of: &Range<usize>, tiles: &Range<usize>) -> Range<usize> {
        of.start + tiles.start * self.width()..(of.start + tiles.end * self.width()).min(of.end)
    }

    fn blocks(&self) -> std::result::Result<(), Fault> {
        let [m, k, n] = self.sizes;
        let size = size_of::<T>();
        let runs = self.b.strides[1] == 1;
        let packed = !runs || m > 2 * self.height() && k.saturating_mul(n).saturating_mul(size) > FEW_RIGHT;
        let (tiles, wide) = (n.div_ceil(self.width()), n.div_ceil(WIDE / size));
        // A product over nothing still writes its zeros.
        let deep = k.div_ceil(DEEP).max(1);
        for (across, along) in (0..wide).flat_map(|across| (0..deep).map(move |along| (across, along))) {
            let (inner, columns) = (part(k, deep, along), self.columns(&(0..n), &part(tiles, wide, across)));
            if packed {
                let panels = columns.len().div_ceil(self.width());
                let mut memory = Scratch::of::<T>(&PANELS, "matmul", panels * self.width() * inner.len())?;
                let (step, next) = (self.width() as isize, (self.width() * inner.len()) as isize);
                let piece = Piece { inner, columns, right: memory.start(), step, next };
                self.pack(&piece, panels)?;
                self.share(&piece)?;
            } else {
                // SAFETY: the right side has the element, unless k is zero and nothing is read; it is not written to.
                let right = unsafe { self.b.at(inner.start, columns.start) }.cast_mut();
                let (step, next) = (self.b.strides[0], self.width() as isize);
                self.share(&Piece { inner, columns, right, step, next })?;
            }
        }
        Ok(())
    }

    /// Copies the right side of a piece into panels.
    fn pack(&self, piece: &Piece<T>, panels: usize) -> std::result::Result<(), Fault> {
        let depth = piece.inner.len();
        for_each_block(panels, depth * piece.columns.len() / 4, &|claim| {
            while let Some(at) = claim() {
                let columns = self.columns(&piece.columns, &(at..at + 1));
                (self.look)(depth * columns.len() / 4)?;
                // SAFETY: the right side has these elements; each panel is written by whoever claims it, and has room.
                unsafe {
                    let from = self.b.at(piece.inner.start, columns.start);
                    let to = piece.right.offset(at as isize * piece.next);
                    (self.kernels.panel)(from, self.b.strides, depth, columns.len(), to);
                }
            }
            Ok(())
        })
    }

    /// Multiplies by a piece.
    fn share(&self, piece: &Piece<T>) -> std::result::Result<(), Fault> {
        let m = self.sizes[0];
        let work = m.saturating_mul(piece.columns.len()).saturating_mul(piece.inner.len() / 16 + 1);
        let high = m.div_ceil(self.height());
        let down = m.div_ceil(TALL - TALL % self.height());
        // Two or four threads get as much to do each.
        let down = if down > 2 { down.next_multiple_of(4).min(high) } else { down };
        let tiles = piece.columns.len().div_ceil(self.width());
        let across = if work < WORTH { 1 } else { BLOCKS.div_ceil(down).min(tiles) };
        for_each_block(down * across, work, &|claim| {
            while let Some(at) = claim() {
                // Blocks of whole tiles, which are cut from all rows: as high as they can be.
                let own = part(high, down, at / across);
                let rows = part(m, high, own.start).start..part(m, high, own.end - 1).end;
                self.block(piece, rows, part(tiles, across, at % across))?;
            }
            Ok(())
        })
    }

    /// Computes a block tile by tile, or adds to it.
    fn block(&self, piece: &Piece<T>, rows: Range<usize>, across: Range<usize>) -> Result<()> {
        let (depth, size) = (piece.inner.len(), size_of::<T>());
        let left = self.sizes[0].saturating_mul(self.sizes[1]).saturating_mul(size);
        let [row, column] = self.a.strides;
        let scattered = column != 1 || row.unsigned_abs() * size >= APART;
        let mut strips = if scattered && across.len() > 1 && left > FEW_LEFT {
            Some(Scratch::of::<T>(&STRIPS, "matmul", rows.len() * depth + self.kernels.lanes)?)
        } else {
            None
        };
        let down = rows.len().div_ceil(self.height());
        let mut strips: Option<*mut T> = strips.as_mut().map(Scratch::start);
        for at in 0..down {
            if let Some(to) = strips {
                let tall = part(rows.len(), down, at);
                let (start, reach) = (rows.start + tall.start, self.sizes[0] - rows.start - tall.start);
                // SAFETY: the left side has these elements, and rows in reach; the memory has room for all rows, and for a
                // vector behind the last.
                unsafe {
                    let (from, to) = (self.a.at(start, piece.inner.start), to.add(tall.start * depth));
                    (self.kernels.strip)(from, self.a.strides, [tall.len(), reach], depth, to);
                }
            }
        }
        for tile in across {
            let columns = self.columns(&piece.columns, &(tile..tile + 1));
            (self.look)(rows.len() * columns.len() * (depth / 16 + 1))?;
            for at in 0..down {
                let tall = part(rows.len(), down, at);
                // SAFETY: the left side and the piece have these elements; the tile lies inside the block, which is this
                // thread's alone.
                unsafe {
                    let (a, [a_row, a_step]) = match &mut strips {
                        Some(strips) => {
                            let strides = if column == 1 { [depth as isize, 1] } else { [1, tall.len() as isize] };
                            (strips.add(tall.start * depth).cast_const(), strides)
                        }
                        None => (self.a.at(rows.start + tall.start, piece.inner.start), self.a.strides),
                    };
                    let compute = self.kernels.tiles[tall.len() - 1][usize::from(columns.len() > self.kernels.lanes)];
                    compute(&Tile {
                        k: depth,
                        a,
                        a_row,
                        a_step,
                        b: piece.right.offset(tile as isize * piece.next),
                        b_step: piece.step,
                        c: self.c.add((rows.start + tall.start) * self.c_row + columns.start),
                        c_row: self.c_row,
                        columns: columns.len(),
                        add: piece.inner.start > 0,
                    });
                }
            }
        }
        Ok(())
    }

    /// One row times columns that are runs.
    fn dots(&self) -> std::result::Result<(), Fault> {
        let [_, k, n] = self.sizes;
        // A few microseconds each.
        let each = ((1 << 16) / k.max(1)).next_multiple_of(dots::TOGETHER);
        for_each_block(n.div_ceil(each), n.saturating_mul(k / 8 + 1), &|claim| {
            while let Some(at) = claim() {
                let columns = at * each..((at + 1) * each).min(n);
                (self.look)(columns.len().saturating_mul(k / 8 + 1))?;
                // SAFETY: both sides have these elements; this part of the result is this thread's alone.
                unsafe {
                    let (from, to) = (self.b.at(0, columns.start), self.c.add(columns.start));
                    (self.kernels.dots)(self.a.start, from, self.b.strides[1], [k, columns.len()], to);
                }
            }
            Ok(())
        })
    }
}

type Kept = LocalKey<Cell<Option<BufferMut>>>;

thread_local! {
    /// Memory for panels and for strips, kept between products.
    static PANELS: Cell<Option<BufferMut>> = const { Cell::new(None) };
    static STRIPS: Cell<Option<BufferMut>> = const { Cell::new(None) };
}

/// Kept memory in use.
pub(super) struct Scratch {
    kept: &'static Kept,
    memory: Option<BufferMut>,
}

impl Scratch {
    pub fn of<T>(kept: &'static Kept, op: &'static str, elements: usize) -> Result<Scratch> {
        let bytes = elements.saturating_mul(size_of::<T>());
        let memory = match kept.take().filter(|memory| memory.len() >= bytes) {
            Some(memory) => memory,
            None => BufferMut::uninit(op, bytes)?,
        };
        Ok(Scratch { kept, memory: Some(memory) })
    }

    pub fn start<T>(&mut self) -> *mut T {
        self.memory.as_mut().map_or(std::ptr::null_mut(), BufferMut::as_mut_ptr).cast()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.kept.set(self.memory.take());
    }
}
