//! What a legal plan is. The executor's unsafe code relies on every line of this, so every plan is checked when it is made.
//!
//! 1. Every operand lies inside its area, whatever index of its space it is read at.
//! 2. Everything read has been written by an earlier step or was bound; outputs are written in full.
//! 3. A step does not write the area it reads, and two scratch areas that are alive together do not overlap.
//! 4. Registers exist, are written before they are read, and an instruction's output is none of its sources.
//! 5. Loops that take turns row by row read of each other's results only their own rows, and share what is theirs with no
//!    other step.
//! 6. Steps that read elements as one type find them of that type; kernels were chosen by the dtypes of the nodes.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::memory::last_uses;
use super::rows::stays_in_row;
use super::{Area, AreaId, Code, Home, Local, Operand, Plan, Program, Rows, Sink, Step, WIDE, part};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::Dims;

fn law(holds: bool, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Internal { what: format!("an illegal plan, {what}") }) }
}

/// Refuses plans that break a law.
pub fn verify(plan: &Plan) -> Result<()> {
    let is_input = |area: &Area| matches!(area.home, Home::Bound | Home::Given | Home::Zero);
    let written = plan.areas.iter().map(|area| if is_input(area) { area.bytes } else { 0 }).collect();
    let mut check = Check { plan, written, placed: vec![false; plan.areas.len()], alive: BTreeMap::new() };
    let mut ending: Vec<Vec<AreaId>> = vec![Vec::new(); plan.steps.len()];
    last_uses(plan)
        .iter()
        .enumerate()
        .for_each(|(area, step)| step.iter().for_each(|&step| ending[step].push(area as AreaId)));
    for (at, step) in plan.steps.iter().enumerate() {
        match step {
            Step::Rows(rows) => {
                check_rows(plan, rows)?;
                rows.programs.iter().try_for_each(|program| check.part(&Part::Loop(program)))?;
            }
            step => check.part(&Part::Step(step))?,
        }
        for &area in &ending[at] {
            if let (Home::Scratch(start), true) = (plan.areas[area as usize].home, check.placed[area as usize]) {
                check.alive.remove(&start);
            }
        }
    }
    check_locals(plan)?;
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
    /// Areas that were written to.
    placed: Vec<bool>,
    /// Places in the arena that are in use: start and end.
    alive: BTreeMap<usize, usize>,
}

impl Check<'_> {
    fn complete(&self, area: AreaId) -> bool {
        self.plan.areas.get(area as usize).is_some_and(|known| self.written[area as usize] >= known.bytes)
    }

    fn part(&mut self, part: &Part<'_>) -> Result<()> {
        let plan = self.plan;
        let mut targets: SmallVec<[AreaId; 8]> = SmallVec::new();
        part.each_write(|area| targets.push(area));
        let alone = |(k, area): (usize, &AreaId)| !targets[..k].contains(area);
        law(targets.iter().enumerate().all(alone), "a step writes one area twice")?;
        let (mut read, mut distinct) = (true, true);
        part.each_read(|area| {
            read &= self.complete(area);
            distinct &= !targets.contains(&area);
        });
        law(read, "a step reads what is not written")?;
        law(distinct, "a step reads what it writes")?;
        match part {
            Part::Step(step) => check_step(plan, step)?,
            Part::Loop(program) => check_program(plan, program)?,
        }
        for &area in &targets {
            let target = area as usize;
            let known = &plan.areas[target];
            law(!matches!(known.home, Home::Bound | Home::Given | Home::Zero), "a step writes a bound area")?;
            if matches!(part, Part::Step(Step::ScatterAdd { .. })) {
                law(self.complete(area), "a step adds to what is not written")?;
            }
            if let (Home::Scratch(start), false) = (known.home, self.placed[target]) {
                let end = start + known.bytes;
                law(end <= plan.scratch, "an intermediate lies outside the arena")?;
                let before = self.alive.range(..end).next_back();
                law(before.is_none_or(|(_, other)| *other <= start), "two intermediates overlap")?;
                self.alive.insert(start, end);
            }
            self.placed[target] = true;
        }
        let written = &mut self.written;
        each_filled(plan, part, |area, bytes| written[area as usize] += bytes);
        Ok(())
    }
}

/// Loops take turns only where each finds what it reads in its own rows, and has its results there.
fn check_rows(plan: &Plan, Rows { programs, rows, each, locals, bytes }: &Rows) -> Result<()> {
    law(*rows > 0 && *each > 0, "a step of rows has none")?;
    let mut own: SmallVec<[AreaId; 16]> = SmallVec::new();
    programs.iter().for_each(|program| program.each_write(|area| own.push(area)));
    for program in programs {
        law(!program.is_empty() && program.sizes[0] % rows == 0, "a loop has other rows than its step")?;
        let in_row = |operand: &Operand| {
            let elements = plan.areas[operand.area as usize].bytes / operand.dtype.size();
            elements % rows == 0 && stays_in_row(operand, &program.dims, *rows, elements / rows)
        };
        let read = program.operands.iter().all(|operand| !own.contains(&operand.area) || in_row(operand));
        law(read, "a loop reads other rows of what its step makes")?;
        for store in &program.stores {
            match &store.sink {
                Sink::Elements(out) => law(in_row(out), "a loop writes to other rows")?,
                Sink::Fold { parts, .. } => law(parts.is_none(), "rows have parts")?,
            }
        }
    }
    let mut end = 0;
    for local in locals {
        law(matches!(plan.areas[local.area as usize].home, Home::Local), "a step keeps to itself what others have")?;
        law(local.row * rows == plan.areas[local.area as usize].bytes, "a row has another size than its area")?;
        law(local.offset >= end, "two areas of a step overlap")?;
        end = local.offset + local.row * each;
    }
    law(end <= *bytes, "a step has no room for its rows")
}

/// What a step keeps to itself is touched by no other.
fn check_locals(plan: &Plan) -> Result<()> {
    let mut owned = vec![false; plan.areas.len()];
    for step in &plan.steps {
        let own: &[Local] = if let Step::Rows(rows) = step { &rows.locals } else { &[] };
        let mut fits = true;
        let mut touch = |area: AreaId| {
            let local = matches!(plan.areas[area as usize].home, Home::Local);
            fits &= !local || (own.iter().any(|known| known.area == area) && !owned[area as usize]);
        };
        step.each_read(&mut touch);
        step.each_write(&mut touch);
        law(fits, "a step touches what another keeps to itself")?;
        own.iter().for_each(|local| owned[local.area as usize] = true);
    }
    Ok(())
}

/// Calls `visit` with each area a part writes and the bytes it fills there; the parts of an area that several steps write
/// never overlap, as `lower` cuts them from one another's ends.
fn each_filled(plan: &Plan, part: &Part<'_>, mut visit: impl FnMut(AreaId, usize)) {
    let mut filled = |program: &Program| {
        program.stores.iter().for_each(|store| match &store.sink {
            Sink::Elements(out) => visit(out.area, program.len() * out.dtype.size()),
            Sink::Fold { out, parts, .. } => {
                visit(*out, program.sizes[0] * program.sizes[2] * store.dtype.size());
                parts.iter().for_each(|&area| visit(area, plan.areas[area as usize].bytes));
            }
        });
    };
    match part {
        Part::Loop(program) => filled(program),
        Part::Step(Step::Loop(program)) => filled(program),
        Part::Step(Step::Rows(rows)) => rows.programs.iter().for_each(filled),
        Part::Step(Step::Arg { dims, out, .. }) => visit(*out, dims[..dims.len() - 1].iter().product::<usize>() * 8),
        Part::Step(Step::Scan { dims, out, .. }) => {
            visit(out.area, dims.iter().product::<usize>() * out.dtype.size());
        }
        Part::Step(Step::Contract { batch, sizes: [m, _, n], out, .. }) => {
            visit(out.area, batch.iter().product::<usize>() * m * n * out.dtype.size());
        }
        Part::Step(Step::Gather { dims, x, out, .. }) => visit(*out, dims.iter().product::<usize>() * x.dtype.size()),
        Part::Step(Step::ScatterAdd { .. }) => {}
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
    let mut axes: Vec<(usize, usize)> =
        operand.strides.iter().zip(dims).filter(|(_, d)| **d > 1).map(|(s, &d)| (s.unsigned_abs(), d)).collect();
    axes.sort_unstable();
    let mut reach = 0;
    axes.iter().all(|&(stride, size)| {
        let clear = stride > reach;
        reach += stride * (size - 1);
        clear
    })
}

fn holds(plan: &Plan, area: AreaId, elements: usize, size: usize) -> Result<()> {
    law(plan.areas[area as usize].bytes >= elements * size, "an area is too small")
}

fn check_step(plan: &Plan, step: &Step) -> Result<()> {
    match step {
        Step::Loop(program) => check_program(plan, program),
        Step::Rows(rows) => rows.programs.iter().try_for_each(|program| check_program(plan, program)),
        Step::Arg { dims, x, out, .. } => {
            inside(plan, x, dims)?;
            holds(plan, *out, dims[..dims.len() - 1].iter().product(), 8)
        }
        Step::Scan { dims, a, b, out, .. } => {
            law(a.dtype == b.dtype && b.dtype == out.dtype, "a recurrence mixes dtypes")?;
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
            holds(plan, *out, dims.iter().product(), x.dtype.size())
        }
        Step::ScatterAdd { axis, dims, size, index, x, out, .. } => {
            law(index.dtype == DType::I64, "an index is not of int64")?;
            law(x.dtype == out.dtype, "a scatter mixes dtypes")?;
            inside(plan, index, dims)?;
            inside(plan, x, dims)?;
            inside(plan, out, &with(dims, *axis, *size))
        }
    }
}

fn with(dims: &[usize], axis: usize, size: usize) -> Vec<usize> {
    dims.iter().enumerate().map(|(at, &d)| if at == axis { size } else { d }).collect()
}

fn check_program(plan: &Plan, program: &Program) -> Result<()> {
    program.operands.iter().try_for_each(|operand| inside(plan, operand, &program.dims))?;
    let loaded = program.operands.len();
    let mut ready = vec![false; loaded + program.temporaries];
    ready[..loaded].fill(true);
    for instruction in &program.instructions {
        let out = instruction.out as usize;
        law((loaded..ready.len()).contains(&out), "an instruction writes no temporary")?;
        if let Code::Random { key, .. } = &instruction.code {
            law(plan.areas[*key as usize].home == Home::Given, "a draw has no key")?;
        }
        if let Code::Apply { sources, .. } = &instruction.code {
            let readable = sources.iter().all(|&s| ready.get(s as usize).copied().unwrap_or(false));
            law(readable, "an instruction reads an empty register")?;
            law(!sources.contains(&instruction.out), "an instruction writes one of its sources")?;
        }
        ready[out] = true;
    }
    let [outer, reduced, inner] = program.sizes;
    law(outer * reduced * inner == program.len(), "a loop counts other elements than its space has")?;
    law(!program.stores.is_empty(), "a program has no result")?;
    for store in &program.stores {
        law(ready.get(store.register as usize).copied().unwrap_or(false), "a result is in an empty register")?;
        match &store.sink {
            Sink::Elements(out) => {
                let makers = program.instructions.iter().filter(|made| made.out == store.register).count();
                law(makers <= 1, "a result's register is used twice")?;
                law(out.dtype == store.dtype, "a result has another dtype than its area")?;
                law(distinct(out, &program.dims), "a result is stored twice in one place")?;
                inside(plan, out, &program.dims)?;
            }
            Sink::Fold { out, parts, .. } => {
                holds(plan, *out, outer * inner, store.dtype.size())?;
                let count = reduced.div_ceil(part(program.sizes));
                match parts {
                    Some(parts) => holds(plan, *parts, count * inner, WIDE)?,
                    None => law(outer != 1 || count <= 1 || inner == 0, "a fold has no room for its parts")?,
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::NdArray;
    use crate::plan::Options;
    use crate::record::ComputationRecord;

    /// `exp(x)` summed over rows, gathered and scattered: five steps, two of them on intermediates.
    fn legal() -> Plan {
        let rec = ComputationRecord::new();
        let x = rec.tensor_from_value(NdArray::from_slice(&[1.0f32; 6]).unwrap().reshape(&[2, 3]).unwrap()).unwrap();
        let i = rec.tensor_from_value(NdArray::from_slice(&[1i64, 0]).unwrap()).unwrap();
        let y = x.zip("test", &i, |x, i| (x.exp().take(i, Some(0)) + 1.0).matmul(x.transpose(None)).exp()).unwrap();
        let plan = rec.plan(&[&y], Options { keep: false, fuse: true }).unwrap();
        assert!(plan.steps.len() >= 4 && plan.scratch > 0, "{plan}");
        plan
    }

    fn refused(change: impl FnOnce(&mut Plan)) -> String {
        let mut plan = legal();
        verify(&plan).unwrap();
        change(&mut plan);
        verify(&plan).unwrap_err().to_string()
    }

    fn first_loop(plan: &mut Plan) -> &mut Program {
        let found = plan.steps.iter_mut().find_map(|step| match step {
            Step::Loop(program) => Some(program),
            _ => None,
        });
        found.unwrap()
    }

    fn first_out(plan: &mut Plan) -> &mut Operand {
        match &mut first_loop(plan).stores[0].sink {
            Sink::Elements(out) => out,
            Sink::Fold { .. } => panic!("a fold"),
        }
    }

    #[test]
    fn illegal_plans_are_refused_by_name() {
        assert!(refused(|p| first_loop(p).operands[0].offset = 1).contains("outside its area"));
        assert!(refused(|p| first_out(p).strides[0] = -1).contains("outside its area"));
        assert!(refused(|p| first_out(p).strides[0] = 0).contains("stored twice"));
        assert!(refused(|p| p.steps.reverse()).contains("reads what is not written"));
        assert!(refused(|p| p.steps.truncate(2)).contains("not written in full"));
        assert!(refused(|p| p.scratch = 0).contains("outside the arena"));
        assert!(refused(|p| first_loop(p).stores[0].register = 99).contains("empty register"));
        assert!(refused(|p| first_loop(p).instructions[0].out = 0).contains("writes no temporary"));
        assert!(refused(|p| p.outputs[0].1 = p.areas.len() as u32 - 2).contains("output"));
        assert!(
            refused(|p| p.areas.iter_mut().for_each(|area| {
                if let Home::Scratch(at) = &mut area.home {
                    *at = 0;
                }
            }))
            .contains("overlap")
        );
        assert!(
            refused(|p| p.steps.iter_mut().for_each(|step| {
                if let Step::Gather { index, .. } = step {
                    index.dtype = DType::I32;
                }
            }))
            .contains("not of int64")
        );
        let bound = |p: &mut Plan| {
            let (out, input) = (first_out(p).area, p.bindings[0].area);
            p.areas[out as usize] = p.areas[input as usize].clone();
        };
        assert!(refused(bound).contains("writes a bound area"));
    }
}
