//! Laws of loops that take turns row by row.

use smallvec::SmallVec;

use super::law;
use crate::error::Result;
use crate::plan::rows::stays_in_row;
use crate::plan::{AreaId, Home, Local, Operand, Plan, Rows, Sink, Step};

/// Loops take turns only where each finds what it reads in its own rows, and has its results there.
pub(super) fn check(plan: &Plan, Rows { programs, rows, each, locals, bytes }: &Rows) -> Result<()> {
    law(*rows > 0 && *each > 0, "a step of rows has none")?;
    let mut own: SmallVec<[AreaId; 16]> = SmallVec::new();
    programs.iter().for_each(|program| program.each_write(|area| own.push(area)));
    for program in programs {
        law(!program.is_empty() && program.sizes[0] % rows == 0, "a loop has other rows than its step")?;
        let in_row = |operand: &Operand| {
            let elements = plan.areas[operand.area as usize].bytes / operand.dtype.size();
            elements.is_multiple_of(*rows) && stays_in_row(operand, &program.dims, *rows, elements / rows)
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
pub(super) fn check_locals(plan: &Plan) -> Result<()> {
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
