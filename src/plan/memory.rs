//! Offsets: every intermediate gets a place in one arena, and places are used again after the last reader.
//!
//! One walk over the steps; the first gap that fits is taken, and given back behind the last reader.

use smallvec::SmallVec;

use super::gaps::Gaps;
use super::{Area, AreaId, Code, Home, Operand, Plan, Program, Sink, Step};
use crate::ops::Side;
use crate::shape::Dims;

/// Places start on cache lines.
const ALIGN: usize = 64;

/// The bytes that an area takes of the arena.
pub(super) fn room(area: &Area) -> usize {
    area.bytes.next_multiple_of(ALIGN).max(ALIGN)
}

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
            Step::Linalg { inputs, .. } | Step::Fourier { inputs, .. } => inputs.iter().for_each(|o| visit(o.area)),
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
            Step::Linalg { out, .. } | Step::Fourier { out, .. } | Step::Pool { out, .. } => visit(*out),
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

/// The intermediates that each step is the last to touch.
pub(super) struct Ending {
    /// Where a step's areas begin; those of the next begin where they end.
    starts: Vec<usize>,
    areas: Vec<AreaId>,
}

impl Ending {
    pub fn new(plan: &Plan) -> Ending {
        let last = last_uses(plan);
        let scratch = || {
            last.iter().zip(&plan.areas).enumerate().filter_map(|(area, (step, known))| {
                step.filter(|_| matches!(known.home, Home::Scratch(_))).map(|step| (area as AreaId, step))
            })
        };
        let mut starts = vec![0; plan.steps.len() + 1];
        scratch().for_each(|(_, step)| starts[step + 1] += 1);
        for step in 0..plan.steps.len() {
            starts[step + 1] += starts[step];
        }
        let (mut next, mut areas) = (starts.clone(), vec![0; starts[plan.steps.len()]]);
        for (area, step) in scratch() {
            areas[next[step]] = area;
            next[step] += 1;
        }
        Ending { starts, areas }
    }

    /// Those of a step.
    pub fn at(&self, step: usize) -> &[AreaId] {
        &self.areas[self.starts[step]..self.starts[step + 1]]
    }
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
    let ending = Ending::new(plan);
    let mut gaps = Gaps::all();
    let mut placed = vec![false; plan.areas.len()];
    for at in 0..plan.steps.len() {
        let mut written: SmallVec<[AreaId; 8]> = SmallVec::new();
        plan.steps[at].each_write(|area| written.push(area));
        for area in written.into_iter().map(|area| area as usize) {
            if placed[area] || !matches!(plan.areas[area].home, Home::Scratch(_)) {
                continue;
            }
            let bytes = room(&plan.areas[area]);
            if let Some(start) = gaps.take_first(bytes) {
                plan.areas[area].home = Home::Scratch(start);
                plan.scratch = plan.scratch.max(start + bytes);
                placed[area] = true;
            }
        }
        for &area in ending.at(at) {
            // An area without elements is read but never written, so it has no place to give back.
            let known = &plan.areas[area as usize];
            if let (Home::Scratch(start), true) = (&known.home, placed[area as usize]) {
                gaps.give(*start, start + room(known));
            }
        }
    }
}
