//! Walks over the space of a program, tile by tile: what is stored element by element, and what is folded on the way.
//!
//! The order of combination is fixed by the sizes alone. Rows (`inner` is 1) are combined within a tile and the tiles'
//! results in a wider type; columns are combined row by row into accumulators that are emptied into wider ones every 64
//! rows. A long fold into few results is cut into parts of a fixed length, which are combined in order at the end.

use std::cell::RefCell;

use smallvec::SmallVec;

use super::fold::{Fold, fold};
use super::pool::for_each_block;
use super::tiles::{Machine, SHORT, TILE};
use super::{Areas, Fault, Memory};
use crate::plan::{Program, Sink, WIDE, part};

/// Rows between two emptyings of the accumulators of columns.
const ROWS: usize = 64;

/// The elements of a block, the piece of a space that one thread takes at a time.
const BLOCK: usize = if cfg!(miri) { 1 << 7 } else { 1 << 14 };

thread_local! {
    /// Accumulators and totals, kept between steps.
    static SUMS: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Bytes of the accumulators and of the totals of one fold over a tile.
const ACCUMULATORS: usize = TILE * 8;
const TOTALS: usize = TILE * WIDE;

/// A fold of the program, with its memory. Accumulators and totals have room for a tile each; `out` for `[outer, inner]`
/// results, and `parts` for `inner` totals of every part of the reduced axis, if it is cut.
struct Folding {
    fold: Fold,
    register: usize,
    out: *mut u8,
    parts: *mut u8,
    sums: *mut u8,
    totals: *mut u8,
}

impl Folding {
    /// Forgets what was combined.
    fn start(&self, n: usize) {
        // SAFETY: n is at most a tile.
        unsafe {
            (self.fold.start)(self.totals, n);
            (self.fold.identity)(self.sums, n);
        }
    }

    /// Combines the accumulators into the totals, and forgets them.
    fn empty(&self, n: usize) {
        // SAFETY: n is at most a tile.
        unsafe {
            (self.fold.absorb)(self.totals, self.sums, n);
            (self.fold.identity)(self.sums, n);
        }
    }

    /// Combines `n` elements of the machine's tile, from element `start` of it, into the element at `to`.
    ///
    /// # Safety
    /// The tile has these elements, and `to` is valid for one write.
    unsafe fn row(&self, machine: &Machine<'_, '_>, start: usize, n: usize, to: *mut u8) {
        let none = std::ptr::null();
        // SAFETY: passed on.
        unsafe { (self.fold.row)(to, [machine.made(self.register).add(start * self.fold.size), none, none], n) }
    }

    /// Hands totals over: to the results from `at` on, or to a part.
    ///
    /// # Safety
    /// There are as many results, or totals of a part.
    unsafe fn finish(&self, part: Option<usize>, at: usize, n: usize) {
        // SAFETY: passed on; n is at most a tile.
        unsafe {
            match part {
                Some(first) => {
                    let to = self.parts.add((first + at) * self.fold.wide);
                    std::ptr::copy_nonoverlapping(self.totals, to, n * self.fold.wide);
                }
                None => (self.fold.narrow)(self.out.wrapping_add(at * self.fold.size), self.totals, n),
            }
        }
    }
}

/// How a space is cut into blocks: a function of the program's sizes alone.
struct Cut {
    blocks: usize,
    /// Outer indices, or elements of the reduced axis, of each block.
    each: usize,
    /// Blocks are parts of the reduced axis.
    parts: bool,
}

fn cut(program: &Program) -> Cut {
    let [outer, reduced, inner] = program.sizes;
    let length = part(program.sizes);
    if outer == 1 && length < reduced && inner > 0 {
        return Cut { blocks: reduced.div_ceil(length), each: length, parts: true };
    }
    // Short rows share tiles, so blocks of them are made of whole tiles.
    let together = if inner == 1 && reduced > 0 { (SHORT / reduced).max(1) } else { 1 };
    let each = (BLOCK / (reduced * inner).max(1)).next_multiple_of(together).max(1);
    Cut { blocks: outer.div_ceil(each), each, parts: false }
}

/// Runs a program over its whole space.
pub(super) fn run(program: &Program, areas: &Areas<'_>) -> Result<(), Fault> {
    let [outer, reduced, inner] = program.sizes;
    let memory = Memory::whole(areas);
    if program.is_empty() {
        return with_folds(program, &memory, |folds| {
            for folding in folds {
                // SAFETY: the output has `outer * inner` elements, says the verifier.
                unsafe { (folding.fold.identity)(folding.out, outer * inner) }
            }
            Ok(())
        });
    }
    let Cut { blocks, each, parts } = cut(program);
    let work = program.len().saturating_mul(1 + program.instructions.len());
    for_each_block(blocks, work, &|claim| {
        let memory = Memory::whole(areas);
        let longest = if parts { each * inner } else { each * reduced * inner };
        let mut machine = Machine::new(program, &memory, longest)?;
        with_folds(program, &memory, |folds| {
            while let Some(block) = claim() {
                let (from, to) = (block * each, ((block + 1) * each).min(if parts { reduced } else { outer }));
                match (parts, inner) {
                    (true, 1) => piece(&mut machine, folds, from..to, (Some(block), 0))?,
                    (true, _) => columns(&mut machine, folds, program.sizes, 0, from..to, Some(block))?,
                    (false, _) => whole(&mut machine, folds, program.sizes, from..to)?,
                }
            }
            Ok(())
        })
    })?;
    if !parts {
        return Ok(());
    }
    with_folds(program, &memory, |folds| {
        for Folding { fold, out, parts, .. } in folds {
            for block in 1..blocks {
                // SAFETY: there is room for `blocks` times `inner` totals, says the verifier, and for `inner` results.
                unsafe { (fold.merge)(*parts, parts.add(block * inner * fold.wide), inner) }
            }
            // SAFETY: as above.
            unsafe { (fold.narrow)(*out, *parts, inner) }
        }
        Ok(())
    })
}

/// Runs a program over some of its outer indices, which are not cut further.
pub(super) fn run_rows(program: &Program, memory: &Memory<'_, '_>, rows: std::ops::Range<usize>) -> Result<(), Fault> {
    let [_, reduced, inner] = program.sizes;
    let mut machine = Machine::new(program, memory, rows.len() * reduced * inner)?;
    with_folds(program, memory, |folds| whole(&mut machine, folds, program.sizes, rows))
}

/// Outer indices whose reduced axis is in one piece.
fn whole(
    machine: &mut Machine<'_, '_>,
    folds: &[Folding],
    sizes: [usize; 3],
    mut rows: std::ops::Range<usize>,
) -> Result<(), Fault> {
    let [_, reduced, inner] = sizes;
    match inner {
        // What folds nothing has no rows to keep apart.
        _ if folds.is_empty() => {
            piece(machine, folds, rows.start * reduced * inner..rows.end * reduced * inner, (None, 0))
        }
        1 if reduced <= TILE => short_rows(machine, folds, rows, reduced),
        1 => rows.try_for_each(|o| piece(machine, folds, o * reduced..(o + 1) * reduced, (None, o))),
        _ => rows.try_for_each(|o| columns(machine, folds, sizes, o, 0..reduced, None)),
    }
}

/// Hands the program's folds to `work`, with this thread's accumulators.
fn with_folds(
    program: &Program,
    memory: &Memory<'_, '_>,
    work: impl FnOnce(&[Folding]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut room = SUMS.take();
    let count = program.stores.iter().filter(|store| matches!(store.sink, Sink::Fold { .. })).count();
    room.resize(room.len().max(count * (ACCUMULATORS + TOTALS) / 8), 0);
    let start = room.as_mut_ptr().cast::<u8>();
    let mut folds: SmallVec<[Folding; 4]> = SmallVec::new();
    for store in &program.stores {
        if let Sink::Fold { op, out, parts } = &store.sink {
            // SAFETY: the memory has room for as many accumulators and totals as there are folds.
            let sums = unsafe { start.add(folds.len() * (ACCUMULATORS + TOTALS)) };
            folds.push(Folding {
                fold: fold(*op, store.dtype)?,
                register: usize::from(store.register),
                out: memory.start(*out),
                parts: parts.map_or(std::ptr::null_mut(), |parts| memory.start(parts)),
                sums,
                // SAFETY: as above.
                totals: unsafe { sums.add(ACCUMULATORS) },
            });
        }
    }
    let outcome = work(&folds);
    SUMS.set(room);
    outcome
}

/// Whole rows that share tiles.
fn short_rows(
    machine: &mut Machine<'_, '_>,
    folds: &[Folding],
    rows: std::ops::Range<usize>,
    reduced: usize,
) -> Result<(), Fault> {
    let per_tile = (SHORT / reduced).max(1);
    for first in rows.clone().step_by(per_tile) {
        let count = per_tile.min(rows.end - first);
        // SAFETY: the rows lie in the space, and each has its place in the output.
        unsafe {
            machine.tile(first * reduced, count * reduced)?;
            for folding in folds {
                for k in 0..count {
                    folding.row(
                        machine,
                        k * reduced,
                        reduced,
                        folding.out.wrapping_add((first + k) * folding.fold.size),
                    );
                }
            }
        }
    }
    Ok(())
}

/// A piece of a long row, of result or part `into`.
fn piece(
    machine: &mut Machine<'_, '_>,
    folds: &[Folding],
    elements: std::ops::Range<usize>,
    (part, into): (Option<usize>, usize),
) -> Result<(), Fault> {
    folds.iter().for_each(|folding| folding.start(1));
    let length = machine.length();
    for start in elements.clone().step_by(length) {
        let n = length.min(elements.end - start);
        // SAFETY: the elements lie in the space.
        unsafe {
            machine.tile(start, n)?;
            for folding in folds {
                folding.row(machine, 0, n, folding.sums);
                folding.empty(1);
            }
        }
    }
    // SAFETY: every row has its result, and every part its total.
    folds.iter().for_each(|folding| unsafe { folding.finish(part, into, 1) });
    Ok(())
}

/// Columns of one outer index over some rows: short rows go several at a time through one tile, long ones in tiles of
/// their own.
fn columns(
    machine: &mut Machine<'_, '_>,
    folds: &[Folding],
    [_, reduced, inner]: [usize; 3],
    o: usize,
    rows: std::ops::Range<usize>,
    part: Option<usize>,
) -> Result<(), Fault> {
    let none = std::ptr::null();
    let together = (SHORT / inner).clamp(1, rows.len());
    for column in (0..inner).step_by(TILE) {
        let width = TILE.min(inner - column);
        // At most a tile.
        let span = if together > 1 { together * inner } else { width };
        folds.iter().for_each(|folding| folding.start(span));
        for (pending, row) in rows.clone().step_by(together).enumerate() {
            let count = together.min(rows.end - row);
            let n = if together > 1 { count * inner } else { width };
            // SAFETY: the range lies in the space; there are accumulators for it.
            unsafe {
                machine.tile((o * reduced + row) * inner + column, n)?;
                for folding in folds {
                    (folding.fold.columns)(folding.sums, [machine.made(folding.register), none, none], n);
                }
            }
            if pending % ROWS == ROWS - 1 {
                folds.iter().for_each(|folding| folding.empty(span));
            }
        }
        for folding in folds {
            folding.empty(span);
            for k in 1..together {
                // SAFETY: the totals of row k lie inside the span.
                unsafe {
                    let others = folding.totals.add(k * inner * folding.fold.wide);
                    (folding.fold.merge)(folding.totals, others, width);
                }
            }
            // SAFETY: there are `outer * inner` results, and `inner` totals for every part.
            unsafe { folding.finish(part.map(|block| block * inner), o * inner + column, width) }
        }
    }
    Ok(())
}
