//! What a legal plan is. The executor's unsafe code relies on every line of this, so every plan is checked when it is made.
//!
//! 1. Every operand lies inside its area, whatever index of its space it is read at.
//! 2. Everything read has been written by an earlier step or was bound; outputs are written in full. Where several steps
//!    each write a part of an area, the parts do not overlap, so that they are the whole when they are as many elements
//!    (`filled`).
//! 3. A step does not write the area it reads, and two scratch areas that are alive together do not overlap.
//! 4. Registers exist, are written before they are read, and an instruction's output is none of its sources.
//! 5. Loops that take turns row by row read of each other's results only their own rows, and share what is theirs with no
//!    other step (`rows`).
//! 6. Steps and kernels find elements of the type that they read them as. Those of a dtype that only stores are cast and
//!    moved, and nothing else.

mod filled;
mod program;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::gaps::Gaps;
use super::memory::{Ending, room};
use super::{Along, Area, AreaId, Home, Operand, Plan, Program, Step};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{FourierOp, How, PoolOp, Side};
use crate::shape::Dims;
use filled::{Filled, Parts, filled};

fn illegal(what: &str) -> Error {
    Error::Internal { what: format!("an illegal plan, {what}") }
}

fn law(holds: bool, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(illegal(what)) }
}

/// Refuses plans that break a law.
pub fn verify(plan: &Plan) -> Result<()> {
    let is_input = |area: &Area| matches!(area.home, Home::Bound | Home::Given | Home::Zero);
    let written = plan.areas.iter().map(|area| if is_input(area) { area.bytes } else { 0 }).collect();
    let (placed, writer) = (vec![false; plan.areas.len()], vec![0; plan.areas.len()]);
    let mut check = Check { plan, written, parts: BTreeMap::new(), placed, writer, at: 0, free: Gaps::all() };
    let ending = Ending::new(plan);
    for (at, step) in plan.steps.iter().enumerate() {
        match step {
            Step::Rows(rows) => {
                rows::check(plan, rows)?;
                rows.programs.iter().try_for_each(|program| check.part(&Part::Loop(program)))?;
            }
            step => check.part(&Part::Step(step))?,
        }
        for &area in ending.at(at) {
            let known = &plan.areas[area as usize];
            if let (Home::Scratch(start), true) = (known.home, check.placed[area as usize]) {
                check.free.give(start, start + room(known));
            }
        }
    }
    rows::check_locals(plan)?;
    law(plan.outputs.iter().all(|(_, area)| check.complete(*area)), "an output is not written in full")?;
    let lasting = |area: &AreaId| matches!(plan.areas[*area as usize].home, Home::Bound | Home::Kept);
    law(plan.outputs.iter().all(|(_, area)| lasting(area)), "an output lies among the intermediates")
}

/// What runs at a time: a step, or a loop of one that shares its rows.
enum Part<'a> {
    Step(&'a Step),
    Loop(&'a Program),
}

impl Part<'_> {
    fn each_read(&self, visit: impl FnMut(AreaId)) {
        match self {
            Part::Step(step) => step.each_read(visit),
            Part::Loop(program) => program.each_read(visit),
        }
    }

    fn each_write(&self, visit: impl FnMut(AreaId)) {
        match self {
            Part::Step(step) => step.each_write(visit),
            Part::Loop(program) => program.each_write(visit),
        }
    }
}

/// How far the check has come.
struct Check<'a> {
    plan: &'a Plan,
    /// Bytes written so far; an area may be read when all of its own are.
    written: Vec<usize>,
    /// What is known of areas that several steps write parts of.
    parts: BTreeMap<AreaId, Parts>,
    /// Areas that were written to.
    placed: Vec<bool>,
    /// The part that writes each area, or was the last to do so.
    writer: Vec<usize>,
    /// Which part is checked, counted from 1.
    at: usize,
    /// What of the arena is in nobody's use.
    free: Gaps,
}

impl Check<'_> {
    fn complete(&self, area: AreaId) -> bool {
        self.plan.areas.get(area as usize).is_some_and(|known| self.written[area as usize] >= known.bytes)
    }

    fn part(&mut self, part: &Part<'_>) -> Result<()> {
        let plan = self.plan;
        self.at += 1;
        let mut targets: SmallVec<[AreaId; 8]> = SmallVec::new();
        part.each_write(|area| targets.push(area));
        for &area in &targets {
            let before = std::mem::replace(&mut self.writer[area as usize], self.at);
            law(before != self.at, "a step writes one area twice")?;
        }
        let (mut read, mut distinct) = (true, true);
        part.each_read(|area| {
            read &= self.complete(area);
            distinct &= self.writer.get(area as usize) != Some(&self.at);
        });
        law(read, "a step reads what is not written")?;
        law(distinct, "a step reads what it writes")?;
        match part {
            Part::Step(step) => check_step(plan, step)?,
            Part::Loop(program) => program::check(plan, program)?,
        }
        for &area in &targets {
            let target = area as usize;
            let known = &plan.areas[target];
            law(!matches!(known.home, Home::Bound | Home::Given | Home::Zero), "a step writes a bound area")?;
            if matches!(part, Part::Step(Step::Scatter { .. })) {
                law(self.complete(area), "a step scatters into what is not written")?;
            }
            if let (Home::Scratch(start), false) = (known.home, self.placed[target]) {
                let end = start + room(known);
                law(end <= plan.scratch, "an intermediate lies outside the arena")?;
                law(self.free.take(start, end), "two intermediates overlap")?;
            }
            self.placed[target] = true;
        }
        for (area, filled) in filled(plan, part) {
            let (bytes, before) = (plan.areas[area as usize].bytes, self.written[area as usize]);
            self.written[area as usize] = match filled {
                // Whatever a complete area gets afterwards, it stays complete: a part over zeros, for example.
                _ if before >= bytes => bytes,
                Filled::Whole => bytes,
                Filled::Part { stretch, size } => {
                    let stretch = stretch.ok_or_else(|| illegal("a part of an area is no stretch of its rows"))?;
                    let known = self.parts.entry(area).or_insert_with(|| Parts::new(&stretch));
                    known.add(&stretch)?;
                    before + (stretch.end - stretch.start) * (bytes / size / stretch.row) * size
                }
            };
        }
        Ok(())
    }
}

/// The operand's first and last element over a space lie inside its area.
fn inside(plan: &Plan, operand: &Operand, dims: &[usize]) -> Result<()> {
    law(operand.strides.len() == dims.len(), "an operand has other axes than its step")?;
    if dims.contains(&0) {
        return Ok(());
    }
    let (mut low, mut high) = (operand.offset as isize, operand.offset as isize);
    for (&size, &stride) in dims.iter().zip(&operand.strides) {
        let reach = stride * (size as isize - 1);
        if reach < 0 { low += reach } else { high += reach }
    }
    let elements = plan.areas[operand.area as usize].bytes / operand.dtype.size();
    law(low >= 0 && (high as usize) < elements, "an operand reaches outside its area")
}

/// No two indices of a space lie in one place: sorted by stride, each axis steps over all that the smaller ones reach.
fn distinct(operand: &Operand, dims: &[usize]) -> bool {
    let mut axes: SmallVec<[(usize, usize); 8]> =
        operand.strides.iter().zip(dims).filter(|(_, d)| **d > 1).map(|(s, &d)| (s.unsigned_abs(), d)).collect();
    axes.sort_unstable();
    let mut reach = 0;
    axes.iter().all(|&(stride, size)| {
        let clear = stride > reach;
        reach += stride * (size - 1);
        clear
    })
}

/// An area has room for so many elements.
fn holds(plan: &Plan, area: AreaId, elements: usize, size: usize) -> Result<()> {
    law(plan.areas[area as usize].bytes >= elements * size, "an area is too small")
}

/// An area is exactly so many elements.
fn fills(plan: &Plan, area: AreaId, elements: usize, size: usize) -> Result<()> {
    law(plan.areas[area as usize].bytes == elements * size, "a result has another size than its area")
}

/// Operations compute with elements of this dtype.
fn computed(dtype: DType) -> Result<()> {
    law(!dtype.only_stores(), "an operation computes with elements that are only stored")
}

fn check_step(plan: &Plan, step: &Step) -> Result<()> {
    match step {
        Step::Arg { x, .. } | Step::Running { x, .. } | Step::Sort { x, .. } | Step::Pool { x, .. } => {
            computed(x.dtype)?
        }
        Step::Search { sorted: x, .. } | Step::Scan { out: x, .. } | Step::Contract { out: x, .. } => {
            computed(x.dtype)?
        }
        Step::Convolve { input: x, .. } => computed(x.dtype)?,
        Step::Linalg { inputs, .. } | Step::Fourier { inputs, .. } => {
            inputs.iter().try_for_each(|input| computed(input.dtype))?
        }
        Step::Scatter { how, x, .. } if *how != How::Set => computed(x.dtype)?,
        Step::Loop(_) | Step::Rows(_) | Step::Gather { .. } | Step::Scatter { .. } => {}
    }
    match step {
        Step::Loop(program) => program::check(plan, program),
        Step::Rows(rows) => rows.programs.iter().try_for_each(|program| program::check(plan, program)),
        Step::Arg { dims, x, out, .. } => {
            inside(plan, x, dims)?;
            fills(plan, *out, dims[..dims.len() - 1].iter().product(), 8)
        }
        Step::Running { dims, x, out, .. } => {
            law(out.dtype == DType::I64, "a position is not of int64")?;
            law(distinct(out, dims), "a result is stored twice in one place")?;
            [x, out].into_iter().try_for_each(|o| inside(plan, o, dims))
        }
        Step::Sort { dims, keep, x, out, .. } => {
            law(out.dtype == DType::I64, "a position is not of int64")?;
            law(dims.last().is_some_and(|n| keep <= n), "a row has fewer elements than are kept")?;
            law(distinct(out, &kept(dims, *keep)), "a result is stored twice in one place")?;
            inside(plan, x, dims)?;
            inside(plan, out, &kept(dims, *keep))
        }
        Step::Search { dims, len, sorted, values, out, .. } => {
            law(dims.len() == 2 && sorted.dtype == values.dtype, "a search mixes dtypes, or has other axes")?;
            inside(plan, sorted, &[dims[0], *len])?;
            inside(plan, values, dims)?;
            fills(plan, *out, dims.iter().product(), 8)
        }
        Step::Scan { dims, a, b, out, .. } => {
            law(a.dtype == b.dtype && b.dtype == out.dtype, "a recurrence mixes dtypes")?;
            law(distinct(out, dims), "a result is stored twice in one place")?;
            [a, b, out].into_iter().try_for_each(|o| inside(plan, o, dims))
        }
        Step::Contract { batch, sizes: [m, k, n], a, b, out } => {
            law(a.dtype == b.dtype && b.dtype == out.dtype, "a contraction mixes dtypes")?;
            let dims = |matrix: [usize; 2]| batch.iter().copied().chain(matrix).collect::<Dims>();
            inside(plan, a, &dims([*m, *k]))?;
            inside(plan, b, &dims([*k, *n]))?;
            inside(plan, out, &dims([*m, *n]))?;
            law(distinct(out, &dims([*m, *n])), "a product is stored twice in one place")?;
            let [row, column] = [out.strides[batch.len()], out.strides[batch.len() + 1]];
            law((column == 1 || *n <= 1) && row >= 0, "the rows of a product are not dense")
        }
        Step::Gather { axis, dims, size, x, index, out, .. } => {
            law(index.dtype == DType::I64, "an index is not of int64")?;
            inside(plan, index, dims)?;
            inside(plan, x, &with(dims, *axis, *size))?;
            fills(plan, *out, dims.iter().product(), x.dtype.size())
        }
        Step::Scatter { axis, dims, size, index, x, out, .. } => {
            law(index.dtype == DType::I64, "an index is not of int64")?;
            law(x.dtype == out.dtype, "a scatter mixes dtypes")?;
            inside(plan, index, dims)?;
            inside(plan, x, dims)?;
            // Threads share the places by the other axes.
            law(distinct(out, &with(dims, *axis, *size)), "two places of a scatter are one")?;
            inside(plan, out, &with(dims, *axis, *size))
        }
        Step::Linalg { op, batch, sizes, inputs, out, .. } => {
            let reads = op.reads(*sizes);
            law(inputs.len() == reads.len(), "a matrix operation has another number of inputs")?;
            let floats = inputs.iter().all(|input| input.dtype.is_float() && input.dtype == inputs[0].dtype);
            law(floats, "a matrix operation mixes dtypes, or has no floats")?;
            for (input, entry) in inputs.iter().zip(&reads) {
                inside(plan, input, &batch.iter().chain(entry).copied().collect::<Dims>())?;
            }
            let made = batch.iter().chain(&op.makes(*sizes)).product();
            fills(plan, *out, made, inputs[0].dtype.size())
        }
        Step::Fourier { op, batch, n, inputs, out, .. } => {
            let parts = if *op == FourierOp::Half { 1..=1 } else { 1 + usize::from(*op == FourierOp::Back)..=2 };
            law(parts.contains(&inputs.len()), "a transform has another number of inputs")?;
            let floats = inputs.iter().all(|input| input.dtype.is_float() && input.dtype == inputs[0].dtype);
            law(floats && *n > 0, "a transform mixes dtypes, or has no floats, or nothing to transform")?;
            for input in inputs {
                inside(plan, input, &batch.iter().copied().chain([op.reads(*n)]).collect::<Dims>())?;
            }
            let made = batch.iter().copied().chain([op.parts(), op.makes(*n)]).product();
            fills(plan, *out, made, inputs[0].dtype.size())
        }
        Step::Convolve { makes, sizes, input, kernel, output } => {
            let dtype = input.dtype;
            law(kernel.dtype == dtype && output.dtype == dtype && dtype.is_float(), "a convolution mixes dtypes")?;
            law(sizes.axes.len() <= 3, "a convolution has too many axes")?;
            for (operand, side) in [(input, Side::Input), (kernel, Side::Kernel), (output, Side::Output)] {
                inside(plan, operand, &sizes.dims(side))?;
            }
            let (made, dims) = step.convolved().ok_or_else(|| illegal("a convolution makes nothing"))?;
            law(*makes == Side::Kernel || dense(made, &dims), "what a convolution makes is not dense")?;
            law(distinct(made, &dims), "a convolution is stored twice in one place")
        }
        Step::Pool { op, planes, axes, x, out } => {
            law((1..=3).contains(&axes.len()), "a pooling has no axes, or too many")?;
            let dims =
                |each: fn(&Along) -> usize| planes.iter().copied().chain(axes.iter().map(each)).collect::<Dims>();
            inside(plan, x, &dims(|axis| axis.space))?;
            let size = if *op == PoolOp::Argmax { 8 } else { x.dtype.size() };
            fills(plan, *out, dims(|axis| axis.places).iter().product(), size)
        }
    }
}

/// Sizes of which the last is another.
fn kept(dims: &[usize], keep: usize) -> Dims {
    dims[..dims.len() - 1].iter().copied().chain([keep]).collect()
}

/// True for elements in C order, wherever the first is.
fn dense(operand: &Operand, dims: &[usize]) -> bool {
    let mut next = 1;
    (0..dims.len()).rev().all(|axis| {
        let fits = dims[axis] <= 1 || operand.strides[axis] == next;
        next *= dims[axis].max(1) as isize;
        fits
    })
}

fn with(dims: &[usize], axis: usize, size: usize) -> Vec<usize> {
    dims.iter().enumerate().map(|(at, &d)| if at == axis { size } else { d }).collect()
}
