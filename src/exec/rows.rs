//! Loops that take turns, block of rows by block of rows.
//!
//! A block is done by one thread, all loops of it, so what they leave for each other stays in that thread's cache, and what
//! nobody else reads in that thread's memory. Rows are combined as if each loop had run alone, so the bits are the same.

use std::cell::RefCell;

use super::pool::for_each_block;
use super::{Areas, Fault, Memory, loops};
use crate::error::Error;
use crate::plan::Rows;

thread_local! {
    /// Rows of the moment, kept between steps: words, so that every element is aligned.
    static NEAR: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Runs all loops over all rows.
pub(super) fn run(step: &Rows, areas: &Areas<'_>) -> Result<(), Fault> {
    let Rows { programs, rows, each, locals, bytes } = step;
    let work = programs.iter().map(|program| program.len().saturating_mul(1 + program.instructions.len()));
    let work = work.fold(0, usize::saturating_add);
    for_each_block(rows.div_ceil(*each), work, &|claim| {
        let mut near = NEAR.take();
        let words = bytes.div_ceil(8);
        if near.len() < words {
            let more = words - near.len();
            near.try_reserve(more).map_err(|_| Error::Allocation { op: "compute", bytes: more * 8 })?;
            near.resize(words, 0);
        }
        let base = near.as_mut_ptr().cast::<u8>();
        while let Some(block) = claim() {
            let (from, to) = (block * each, ((block + 1) * each).min(*rows));
            let memory = Memory { areas, locals, base, row: from };
            for program in programs {
                let outer = program.sizes[0] / rows;
                loops::run_rows(program, &memory, from * outer..to * outer)?;
            }
        }
        NEAR.set(near);
        Ok(())
    })
}
