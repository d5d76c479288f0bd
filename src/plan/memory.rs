//! Offsets: every intermediate gets a place in one arena, and places are used again after the last reader.
//!
//! One walk over the steps with a list of free gaps; the first gap that fits is taken, neighbours are merged on release.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{Area, AreaId, Code, Home, Operand, Plan, Program, Sink, Step};
use crate::ops::Side;
use crate::shape::Dims;

/// Places start on cache lines.
const ALIGN: usize = 64;

impl Program {
    /// Calls `visit` with each area the program reads.
    pub(super) fn each_read(&self, mut visit: impl FnMut(AreaId)) {
        self.operands.iter().for_each(|o| visit(o.area));
        self.instructions.iter().for_each(|instruction| match instruction.code {
            Code::Random { key, .. } => visit(key),
            Code::Apply { .. } | Code::Position { .. } | Code::Iota => {}
        });
    }

    /// Calls `visit` with each area the program writes.
    pub(super) fn each_write(&self, mut visit: impl FnMut(AreaId)) {
        self.stores.iter().for_each(|store| match &store.sink {
            Sink::Elements(out) => visit(out.area),
            Sink::Fold { out, parts, .. } => [Some(*out), *parts].into_iter().flatten().for_each(&mut visit),
        });
    }
}

impl Step {
    /// Calls `visit` with each area the step reads.
    pub(super) fn each_read(&self, mut visit: impl FnMut(AreaId)) {
        match self {
            Step::Loop(program) => program.each_read(visit),
            Step::Rows(rows) => rows.programs.iter().for_each(|program| program.each_read(&mut visit)),
            Step::Arg { x, .. } | Step::Running { x, .. } | Step::Sort { x, .. } => visit(x.area),
            Step::Search { sorted, values, .. } => [sorted, values].into_iter().for_each(|o| visit(o.area)),
            Step::Scan { a, b, .. } | Step::Contract { a, b, .. } => [a, b].into_iter().for_each(|o| visit(o.area)),
            Step::Gather { x, index, .. } | Step::Scatter { x, index, .. } => {
                [x, index].into_iter().for_each(|o| visit(o.area));
            }
            Step::Linalg { inputs, .. } => inputs.iter().for_each(|o| visit(o.area)),
            Step::Convolve { makes, input, kernel, output, .. } => match makes {
                Side::Output => [input, kernel].into_iter().for_each(|o| visit(o.area)),
                Side::Input => [output, kernel].into_iter().for_each(|o| visit(o.area)),
                Side::Kernel => [input, output].into_iter().for_each(|o| visit(o.area)),
            },
            Step::Pool { x, .. } => visit(x.area),
        }
    }

    /// Calls `visit` with each area the step writes.
    pub(super) fn each_write(&self, mut visit: impl FnMut(AreaId)) {
        match self {
            Step::Loop(program) => program.each_write(visit),
            Step::Rows(rows) => rows.programs.iter().for_each(|program| program.each_write(&mut visit)),
            Step::Scan { out, .. } | Step::Scatter { out, .. } | Step::Contract { out, .. } => visit(out.area),
            Step::Running { out, .. } | Step::Sort { out, .. } => visit(out.area),
            Step::Arg { out, .. } | Step::Search { out, .. } | Step::Gather { out, .. } => visit(*out),
            Step::Linalg { out, .. } | Step::Pool { out, .. } => visit(*out),
            Step::Convolve { .. } => self.convolved().into_iter().for_each(|(made, _)| visit(made.area)),
        }
    }

    /// What a convolution makes, and its sizes.
    pub(super) fn convolved(&self) -> Option<(&Operand, Dims)> {
        let Step::Convolve { makes, sizes, input, kernel, output } = self else { return None };
        let made = match makes {
            Side::Output => output,
            Side::Input => input,
            Side::Kernel => kernel,
        };
        Some((made, sizes.dims(*makes)))
    }
}

/// The last step that touches each area; `None` for areas no step touches.
pub(super) fn last_uses(plan: &Plan) -> Vec<Option<usize>> {
    let mut last = vec![None; plan.areas.len()];
    for (at, step) in plan.steps.iter().enumerate() {
        step.each_read(|area| last[area as usize] = Some(at));
        step.each_write(|area| last[area as usize] = Some(at));
    }
    last
}

impl Plan {
    /// The areas that are there when most bytes are: all that are kept, and the intermediates of that moment.
    pub(super) fn peak_areas(&self) -> Vec<&Area> {
        let last = last_uses(self);
        let mut alive: Vec<AreaId> = Vec::new();
        let (mut most, mut found) = (0, Vec::new());
        for (at, step) in self.steps.iter().enumerate() {
            step.each_write(|area| {
                if matches!(self.areas[area as usize].home, Home::Scratch(_)) && !alive.contains(&area) {
                    alive.push(area);
                }
            });
            let bytes = alive.iter().map(|&area| self.areas[area as usize].bytes).sum();
            if bytes > most {
                (most, found) = (bytes, alive.clone());
            }
            alive.retain(|&area| last[area as usize] > Some(at));
        }
        let kept = self.areas.iter().filter(|area| area.home == Home::Kept);
        kept.chain(found.into_iter().map(|area| &self.areas[area as usize])).collect()
    }
}

/// Gives every scratch area its offset.
pub fn assign(plan: &mut Plan) {
    let last = last_uses(plan);
    let mut ends: Vec<Vec<AreaId>> = vec![Vec::new(); plan.steps.len()];
    for (area, step) in last.iter().enumerate() {
        if let (Some(step), Home::Scratch(_)) = (step, plan.areas[area].home) {
            ends[*step].push(area as AreaId);
        }
    }
    // Free gaps by offset; the last one is endless.
    let mut gaps: BTreeMap<usize, usize> = BTreeMap::from([(0, usize::MAX)]);
    let mut placed = vec![false; plan.areas.len()];
    for (at, ending) in ends.iter().enumerate() {
        let mut written: SmallVec<[AreaId; 8]> = SmallVec::new();
        plan.steps[at].each_write(|area| written.push(area));
        for area in written.into_iter().map(|area| area as usize) {
            if placed[area] || !matches!(plan.areas[area].home, Home::Scratch(_)) {
                continue;
            }
            let bytes = plan.areas[area].bytes.next_multiple_of(ALIGN).max(ALIGN);
            if let Some((&start, &len)) = gaps.iter().find(|(_, len)| **len >= bytes) {
                gaps.remove(&start);
                if len > bytes {
                    gaps.insert(start + bytes, if len == usize::MAX { len } else { len - bytes });
                }
                plan.areas[area].home = Home::Scratch(start);
                plan.scratch = plan.scratch.max(start + bytes);
                placed[area] = true;
            }
        }
        for &area in ending {
            // An area without elements is read but never written, so it has no place to give back.
            let (Area { bytes, home: Home::Scratch(start), .. }, true) =
                (&plan.areas[area as usize], placed[area as usize])
            else {
                continue;
            };
            let (bytes, start) = (*bytes, *start);
            release(&mut gaps, start, bytes.next_multiple_of(ALIGN).max(ALIGN));
        }
    }
}

fn release(gaps: &mut BTreeMap<usize, usize>, start: usize, len: usize) {
    let (mut start, mut len) = (start, len);
    if let Some((&before, &size)) = gaps.range(..start).next_back()
        && before + size == start
    {
        gaps.remove(&before);
        (start, len) = (before, len.saturating_add(size));
    }
    if let Some((&behind, &size)) = gaps.range(start + 1..).next()
        && start + len == behind
    {
        gaps.remove(&behind);
        len = len.saturating_add(size);
    }
    gaps.insert(start, len);
}
