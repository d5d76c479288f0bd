//! What a legal plan is. The executor's unsafe code relies on every line of this, so every plan is checked when it is made.
//!
//! 1. Every operand lies inside its area, whatever index of its space it is read at.
//! 2. Everything read has been written by an earlier step or was bound; outputs are written in full.
//! 3. A step does not write the area it reads, and two scratch areas that are alive together do not overlap.
//! 4. Registers exist, are written before they are read, and an instruction's output is none of its sources.

use super::memory::last_uses;
use super::{Area, AreaId, Code, Home, Operand, Plan, Program, Step};
use crate::error::{Error, Result};

fn law(holds: bool, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Internal { what: format!("an illegal plan, {what}") }) }
}

/// Refuses plans that break a law.
pub fn verify(plan: &Plan) -> Result<()> {
    let is_input = |area: &Area| matches!(area.home, Home::Bound | Home::Given | Home::Zero);
    let mut written: Vec<bool> = plan.areas.iter().map(|area| is_input(area) || area.bytes == 0).collect();
    let mut touched: Vec<Option<usize>> = vec![None; plan.areas.len()];
    let last = last_uses(plan);
    let mut alive: std::collections::BTreeMap<usize, (usize, AreaId)> = std::collections::BTreeMap::new();
    let mut ending: Vec<Vec<AreaId>> = vec![Vec::new(); plan.steps.len()];
    last.iter().enumerate().for_each(|(area, step)| step.iter().for_each(|&step| ending[step].push(area as AreaId)));
    for (at, step) in plan.steps.iter().enumerate() {
        let target = step.writes();
        law((target as usize) < plan.areas.len(), "a step writes nowhere")?;
        law(!is_input(&plan.areas[target as usize]), "a step writes a bound area")?;
        let (mut read, mut distinct) = (true, true);
        step.each_read(|area| {
            read &= written.get(area as usize).copied().unwrap_or(false);
            distinct &= area != target;
        });
        law(read, "a step reads what is not written")?;
        law(distinct, "a step reads what it writes")?;
        check_step(plan, step)?;
        written[target as usize] = true;
        if let (Home::Scratch(start), None) = (plan.areas[target as usize].home, touched[target as usize]) {
            let end = start + plan.areas[target as usize].bytes;
            law(end <= plan.scratch, "an intermediate lies outside the arena")?;
            let before = alive.range(..end).next_back();
            law(before.is_none_or(|(_, (other, _))| *other <= start), "two intermediates overlap")?;
            alive.insert(start, (end, target));
        }
        touched[target as usize] = Some(at);
        for &area in &ending[at] {
            if let Home::Scratch(start) = plan.areas[area as usize].home {
                alive.remove(&start);
            }
        }
    }
    let complete = plan.outputs.iter().all(|(_, area)| written[*area as usize]);
    law(complete, "an output is never written")?;
    let lasting =
        plan.outputs.iter().all(|(_, area)| matches!(plan.areas[*area as usize].home, Home::Bound | Home::Kept));
    law(lasting, "an output lies among the intermediates")
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

fn holds(plan: &Plan, area: AreaId, elements: usize, size: usize) -> Result<()> {
    law(plan.areas[area as usize].bytes >= elements * size, "an area is too small")
}

fn check_step(plan: &Plan, step: &Step) -> Result<()> {
    match step {
        Step::Map { program, out } => {
            check_program(plan, program)?;
            law(out.dtype == program.dtype, "a result has another dtype than its area")?;
            inside(plan, out, &program.dims)
        }
        Step::Reduce { program, sizes, out, .. } => {
            check_program(plan, program)?;
            law(
                sizes.iter().product::<usize>() == program.len(),
                "a reduction counts other elements than its program",
            )?;
            holds(plan, *out, sizes[0] * sizes[2], program.dtype.size())
        }
        Step::Arg { dims, x, out, .. } => {
            inside(plan, x, dims)?;
            holds(plan, *out, dims[..dims.len() - 1].iter().product(), 8)
        }
        Step::Scan { dims, a, b, out, .. } => [a, b, out].into_iter().try_for_each(|o| inside(plan, o, dims)),
        Step::Contract { sizes: [batch, m, k, n], a, b, out } => {
            inside(plan, a, &[*batch, *m, *k])?;
            inside(plan, b, &[*batch, *k, *n])?;
            holds(plan, *out, batch * m * n, a.dtype.size())
        }
        Step::Gather { axis, dims, size, x, index, out, .. } => {
            inside(plan, index, dims)?;
            inside(plan, x, &with(dims, *axis, *size))?;
            holds(plan, *out, dims.iter().product(), x.dtype.size())
        }
        Step::ScatterAdd { axis, dims, size, index, x, out, .. } => {
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
        if let Code::Apply { sources, .. } = &instruction.code {
            let readable = sources.iter().all(|&s| ready.get(s as usize).copied().unwrap_or(false));
            law(readable, "an instruction reads an empty register")?;
            law(!sources.contains(&instruction.out), "an instruction writes one of its sources")?;
        }
        ready[out] = true;
    }
    law(ready.get(program.result as usize).copied().unwrap_or(false), "a program has no result")
}
