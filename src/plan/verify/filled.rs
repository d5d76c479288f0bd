//! What steps fill of the areas they write.
//!
//! A step fills an area, or the same stretch of all its rows, as the parts of a concatenation do. Parts that are stretches of
//! rows of one length overlap if their stretches do, which is found in a map of them.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{Part, kept, law};
use crate::error::Result;
use crate::plan::{AreaId, Operand, Plan, Sink, Step};
use crate::shape::Dims;

/// How much of an area a step fills.
pub(super) enum Filled {
    Whole,
    /// The stretch it fills, if it is one, of elements of some bytes.
    Part {
        stretch: Option<Stretch>,
        size: usize,
    },
}

/// The same elements of every row of an area that is cut into rows of one length.
pub(super) struct Stretch {
    pub row: usize,
    pub start: usize,
    pub end: usize,
}

/// Stretches of an area's rows that have been written, by their starts.
pub(super) struct Parts {
    row: usize,
    ends: BTreeMap<usize, usize>,
}

impl Parts {
    /// Of an area whose first part is this.
    pub fn new(first: &Stretch) -> Parts {
        Parts { row: first.row, ends: BTreeMap::new() }
    }

    /// Takes in another part, if it lies beside those known.
    pub fn add(&mut self, new: &Stretch) -> Result<()> {
        law(new.row == self.row, "parts of an area have rows of other lengths")?;
        let before = self.ends.range(..new.end).next_back();
        law(before.is_none_or(|(_, end)| *end <= new.start), "parts of an area overlap")?;
        self.ends.insert(new.start, new.end);
        Ok(())
    }
}

/// The areas a step fills, or fills in part. What steps add to is whole before.
pub(super) fn filled(plan: &Plan, part: &Part<'_>) -> SmallVec<[(AreaId, Filled); 4]> {
    let mut found = SmallVec::new();
    let mut some = |out: &Operand, dims: &[usize]| {
        let (bytes, size) = (plan.areas[out.area as usize].bytes, out.dtype.size());
        let whole = dims.iter().product::<usize>() * size == bytes;
        let part = || Filled::Part { stretch: stretch(out, dims, bytes / size), size };
        found.push((out.area, if whole { Filled::Whole } else { part() }));
    };
    match *part {
        Part::Step(Step::Scan { dims, out, .. } | Step::Running { dims, out, .. }) => some(out, dims),
        Part::Step(Step::Sort { dims, keep, out, .. }) => some(out, &kept(dims, *keep)),
        Part::Step(Step::Contract { batch, sizes: [m, _, n], out, .. }) => {
            some(out, &batch.iter().copied().chain([*m, *n]).collect::<Dims>());
        }
        Part::Loop(program) | Part::Step(Step::Loop(program)) => {
            for store in &program.stores {
                if let Sink::Elements(out) = &store.sink {
                    some(out, &program.dims);
                }
            }
            for store in &program.stores {
                if let Sink::Fold { out, parts, .. } = &store.sink {
                    found.extend([Some(*out), *parts].into_iter().flatten().map(|area| (area, Filled::Whole)));
                }
            }
        }
        Part::Step(step @ Step::Convolve { .. }) => {
            if let Some((made, dims)) = step.convolved() {
                some(made, &dims);
            }
        }
        Part::Step(Step::Arg { out, .. } | Step::Search { out, .. } | Step::Gather { out, .. })
        | Part::Step(Step::Linalg { out, .. } | Step::Fourier { out, .. } | Step::Pool { out, .. }) => {
            found.push((*out, Filled::Whole));
        }
        // Loops that share their rows are parts of their own.
        Part::Step(Step::Scatter { .. } | Step::Rows(_)) => {}
    }
    found
}

/// The stretch that a result takes in every row of an area of so many elements; `None` if it is not the same in every row,
/// or in no regular rows. `concat` along an axis fills such stretches, in rows of that axis and those behind it.
fn stretch(out: &Operand, dims: &[usize], elements: usize) -> Option<Stretch> {
    let mut axes: SmallVec<[(isize, usize); 8]> =
        out.strides.iter().zip(dims).filter(|(_, d)| **d > 1).map(|(&s, &d)| (s, d)).collect();
    axes.sort_unstable();
    // Axes that lie densely make a stretch; the others must step densely over rows, up to the end.
    let (mut length, mut within) = (1, 0);
    while let Some(&(stride, size)) = axes.get(within)
        && stride == length as isize
    {
        length *= size;
        within += 1;
    }
    let row = axes.get(within).map_or(elements as isize, |axis| axis.0);
    let mut next = row;
    for &(stride, size) in &axes[within..] {
        if stride != next {
            return None;
        }
        next *= size as isize;
    }
    let end = out.offset + length;
    (next == elements as isize && end as isize <= row).then_some(Stretch { row: row as usize, start: out.offset, end })
}
