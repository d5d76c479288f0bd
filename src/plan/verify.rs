//! What a legal plan is. The executor's unsafe code relies on every line of this, so every plan is checked when it is made.
//!
//! 1. Every operand lies inside its area, whatever index of its space it is read at.
//! 2. Everything read has been written by an earlier step or was bound; outputs are written in full.
//! 3. A step does not write the area it reads, and two scratch areas that are alive together do not overlap.
//! 4. Registers exist, are written before they are read, and an instruction's output is none of its sources.
//! 5. Steps that read elements as one type find them of that type; kernels were chosen by the dtypes of the nodes.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::memory::last_uses;
use super::{Area, AreaId, Code, Home, Operand, Plan, Program, Sink, Step, WIDE, part};
use crate::dtype::DType;
use crate::error::{Error, Result};

fn law(holds: bool, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Internal { what: format!("an illegal plan, {what}") }) }
}

/// Refuses plans that break a law.
pub fn verify(plan: &Plan) -> Result<()> {
    let is_input = |area: &Area| matches!(area.home, Home::Bound | Home::Given | Home::Zero);
    // Bytes written so far; an area may be read when all of its own are.
    let mut written: Vec<usize> = plan.areas.iter().map(|area| if is_input(area) { area.bytes } else { 0 }).collect();
    let complete = |written: &[usize], area: AreaId| {
        plan.areas.get(area as usize).is_some_and(|known| written[area as usize] >= known.bytes)
    };
    let mut placed = vec![false; plan.areas.len()];
    let mut alive: BTreeMap<usize, usize> = BTreeMap::new();
    let mut ending: Vec<Vec<AreaId>> = vec![Vec::new(); plan.steps.len()];
    last_uses(plan)
        .iter()
        .enumerate()
        .for_each(|(area, step)| step.iter().for_each(|&step| ending[step].push(area as AreaId)));
    for (at, step) in plan.steps.iter().enumerate() {
        let mut targets: SmallVec<[AreaId; 8]> = SmallVec::new();
        step.each_write(|area| targets.push(area));
        let alone = |(k, area): (usize, &AreaId)| !targets[..k].contains(area);
        law(targets.iter().enumerate().all(alone), "a step writes one area twice")?;
        let (mut read, mut distinct) = (true, true);
        step.each_read(|area| {
            read &= complete(&written, area);
            distinct &= !targets.contains(&area);
        });
        law(read, "a step reads what is not written")?;
        law(distinct, "a step reads what it writes")?;
        check_step(plan, step)?;
        for &area in &targets {
            let target = area as usize;
            law(!is_input(&plan.areas[target]), "a step writes a bound area")?;
            if matches!(step, Step::ScatterAdd { .. }) {
                law(complete(&written, area), "a step adds to what is not written")?;
            }
            if let (Home::Scratch(start), false) = (plan.areas[target].home, placed[target]) {
                let end = start + plan.areas[target].bytes;
                law(end <= plan.scratch, "an intermediate lies outside the arena")?;
                let before = alive.range(..end).next_back();
                law(before.is_none_or(|(_, other)| *other <= start), "two intermediates overlap")?;
                alive.insert(start, end);
            }
            placed[target] = true;
        }
        each_filled(plan, step, |area, bytes| written[area as usize] += bytes);
        for &area in &ending[at] {
            if let (Home::Scratch(start), true) = (plan.areas[area as usize].home, placed[area as usize]) {
                alive.remove(&start);
            }
        }
    }
    law(plan.outputs.iter().all(|(_, area)| complete(&written, *area)), "an output is not written in full")?;
    let lasting = |area: &AreaId| matches!(plan.areas[*area as usize].home, Home::Bound | Home::Kept);
    law(plan.outputs.iter().all(|(_, area)| lasting(area)), "an output lies among the intermediates")
}

/// Calls `visit` with each area a step writes and the bytes it fills there; the parts of an area that several steps write
/// never overlap, as `lower` cuts them from one another's ends.
fn each_filled(plan: &Plan, step: &Step, mut visit: impl FnMut(AreaId, usize)) {
    match step {
        Step::Loop(program) => program.stores.iter().for_each(|store| match &store.sink {
            Sink::Elements(out) => visit(out.area, program.len() * out.dtype.size()),
            Sink::Fold { out, parts, .. } => {
                visit(*out, program.sizes[0] * program.sizes[2] * store.dtype.size());
                parts.iter().for_each(|&area| visit(area, plan.areas[area as usize].bytes));
            }
        }),
        Step::Arg { dims, out, .. } => visit(*out, dims[..dims.len() - 1].iter().product::<usize>() * 8),
        Step::Scan { dims, out, .. } => visit(out.area, dims.iter().product::<usize>() * out.dtype.size()),
        Step::Contract { sizes: [batch, m, _, n], a, out, .. } => visit(*out, batch * m * n * a.dtype.size()),
        Step::Gather { dims, x, out, .. } => visit(*out, dims.iter().product::<usize>() * x.dtype.size()),
        Step::ScatterAdd { .. } => {}
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
        Step::Arg { dims, x, out, .. } => {
            inside(plan, x, dims)?;
            holds(plan, *out, dims[..dims.len() - 1].iter().product(), 8)
        }
        Step::Scan { dims, a, b, out, .. } => {
            law(a.dtype == b.dtype && b.dtype == out.dtype, "a recurrence mixes dtypes")?;
            [a, b, out].into_iter().try_for_each(|o| inside(plan, o, dims))
        }
        Step::Contract { sizes: [batch, m, k, n], a, b, out } => {
            law(a.dtype == b.dtype, "a contraction mixes dtypes")?;
            inside(plan, a, &[*batch, *m, *k])?;
            inside(plan, b, &[*batch, *k, *n])?;
            holds(plan, *out, batch * m * n, a.dtype.size())
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
        let plan = rec.plan(&[&y], Options { keep: false, ..Options::default() }).unwrap();
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
