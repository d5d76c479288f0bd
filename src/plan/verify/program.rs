//! The laws of programs: what is in their registers, and where their results go.

use super::{computed, distinct, fills, holds, illegal, inside, law};
use crate::dtype::DType;
use crate::error::Result;
use crate::kernels;
use crate::plan::{Code, Home, Plan, Program, Sink, WIDE, part};

/// Every instruction reads what is there, as what it is, and every result is stored once.
pub(super) fn check(plan: &Plan, program: &Program) -> Result<()> {
    program.operands.iter().try_for_each(|operand| inside(plan, operand, &program.dims))?;
    let loaded = program.operands.len();
    // How often each register is written, operands once, when they are read; and the dtype of what is in it.
    let mut writes = vec![0u32; loaded + program.temporaries];
    writes[..loaded].fill(1);
    let mut held: Vec<Option<DType>> = program.operands.iter().map(|operand| Some(operand.dtype)).collect();
    held.resize(writes.len(), None);
    let dtype_in = |held: &[Option<DType>], register: u16| held.get(usize::from(register)).copied().flatten();
    for instruction in &program.instructions {
        let (out, made) = (instruction.out as usize, instruction.dtype);
        law((loaded..writes.len()).contains(&out), "an instruction writes no temporary")?;
        match &instruction.code {
            Code::Random { key, .. } => {
                law(plan.areas[*key as usize].home == Home::Given, "a draw has no key")?;
                computed(made)?;
            }
            Code::Iota => computed(made)?,
            Code::Position { source, .. } => {
                let known = dtype_in(&held, *source) == Some(DType::I64) && made == DType::I64;
                law(
                    known && *source != instruction.out,
                    "a position is read from an empty register, or its own, or is not of int64",
                )?;
            }
            Code::Apply { sources, reads, .. } => {
                law(!sources.contains(&instruction.out), "an instruction writes one of its sources")?;
                for (&source, &read) in sources.iter().zip(reads) {
                    let found =
                        dtype_in(&held, source).ok_or_else(|| illegal("an instruction reads an empty register"))?;
                    law(found == read, "an instruction reads elements of another dtype")?;
                }
                let moved = reads[0] == DType::Bool && reads[1..] == [made; 2];
                let cast = reads == &[reads[0]; 3] && kernels::cast(reads[0], made).is_some();
                if !moved && !cast {
                    reads.iter().copied().chain([made]).try_for_each(computed)?;
                }
            }
        }
        writes[out] += 1;
        held[out] = Some(made);
    }
    let [outer, reduced, inner] = program.sizes;
    law(outer * reduced * inner == program.len(), "a loop counts other elements than its space has")?;
    law(!program.stores.is_empty(), "a program has no result")?;
    for store in &program.stores {
        let found = dtype_in(&held, store.register).ok_or_else(|| illegal("a result is in an empty register"))?;
        law(found == store.dtype, "a result has another dtype than its register")?;
        match &store.sink {
            Sink::Elements(out) => {
                law(writes[usize::from(store.register)] == 1, "a result's register is used twice")?;
                law(out.dtype == store.dtype, "a result has another dtype than its area")?;
                law(distinct(out, &program.dims), "a result is stored twice in one place")?;
                inside(plan, out, &program.dims)?;
            }
            Sink::Fold { out, parts, .. } => {
                computed(store.dtype)?;
                fills(plan, *out, outer * inner, store.dtype.size())?;
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
