//! The verifier bites.

use super::*;
use crate::buffer::NdArray;
use crate::plan::Options;
use crate::plan::Rows;
use crate::plan::{Code, Sink};
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

/// The second store of the plan of a program on `[2, 3]` numbers, one operand, after a change.
fn second(
    program: impl for<'r> FnOnce(crate::record::Expr<'r>) -> crate::record::Expr<'r>,
    change: impl FnOnce(&mut Operand),
) -> Result<()> {
    let rec = ComputationRecord::new();
    let x = rec.tensor_from_value(NdArray::from_slice(&[1.0f32; 6])?.reshape(&[2, 3])?)?;
    let y = x.map(program)?;
    let mut plan = rec.plan(&[&y], Options::default())?;
    let Some(Step::Loop(Program { stores, .. })) = plan.steps.get_mut(1) else { panic!("{plan}") };
    let Sink::Elements(out) = &mut stores[0].sink else { panic!("a fold") };
    change(out);
    verify(&plan)
}

#[test]
fn parts_of_an_area_do_not_overlap() {
    for axis in [0, 1] {
        second(|x| x.join(x.transpose(None).reshape(&[2, 3]), axis), |_| ()).unwrap();
    }
    let overlap = |error: Result<()>| error.unwrap_err().to_string().contains("parts of an area overlap");
    assert!(overlap(second(|x| x.join(x, 0), |out| out.offset -= 3)));
    assert!(overlap(second(|x| x.join(x, 1), |out| out.offset -= 1)));
    for (row, wrong) in [(3, "rows of other lengths"), (5, "no stretch of its rows")] {
        let moved = |out: &mut Operand| out.strides.iter_mut().filter(|s| **s == 6).for_each(|s| *s = row);
        assert!(second(|x| x.join(x, 1), moved).unwrap_err().to_string().contains(wrong));
    }
    // What lies on zeros may lie anywhere among them.
    second(|x| x.pad(&[(1, 1), (0, 2)], crate::dtype::Scalar::Int(0)), |out| out.offset -= 5).unwrap();
}

/// Softmax of enough rows that its loops take turns, after a change.
fn turns(change: impl FnOnce(&mut Rows, &mut Vec<Area>)) -> Result<()> {
    let rec = ComputationRecord::new();
    let x = rec.tensor_from_value(NdArray::from_slice(&[1.0f32; 1 << 15])?.reshape(&[128, 256])?)?;
    let y = x.map(|x| x.softmax(Some(&[1])))?;
    let mut plan = rec.plan(&[&y], Options::default())?;
    let Plan { steps, areas, .. } = &mut plan;
    let Some(Step::Rows(rows)) = steps.first_mut() else { panic!("{plan}") };
    change(rows, areas);
    verify(&plan)
}

#[test]
fn loops_that_take_turns_keep_to_their_rows() {
    turns(|_, _| ()).unwrap();
    let refused = |change: fn(&mut Rows, &mut Vec<Area>)| turns(change).unwrap_err().to_string();
    assert!(refused(|rows, _| rows.rows = 64).contains("row"));
    assert!(refused(|rows, _| rows.programs.reverse()).contains("reads what is not written"));
    assert!(refused(|rows, _| rows.bytes = 0).contains("no room for its rows"));
    assert!(refused(|rows, _| rows.locals[0].row *= 2).contains("another size than its area"));
    assert!(
        refused(|rows, areas| areas[rows.locals[0].area as usize].home = Home::Scratch(0)).contains("keeps to itself")
    );
    assert!(refused(|rows, _| rows.locals.clear()).contains("what another keeps to itself"));
    let other_rows = |rows: &mut Rows, _: &mut Vec<Area>| {
        let made = rows.locals[0].area;
        for operand in rows.programs.iter_mut().flat_map(|program| &mut program.operands) {
            if operand.area == made {
                operand.strides.iter_mut().for_each(|stride| *stride = 0);
            }
        }
    };
    assert!(refused(other_rows).contains("reads other rows"));
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
    let reads = |p: &mut Plan, dtype| match &mut first_loop(p).instructions[0].code {
        Code::Apply { reads, .. } => *reads = [dtype; 3],
        _ => panic!("no kernel"),
    };
    assert!(refused(|p| reads(p, DType::F16)).contains("elements of another dtype"));
    assert!(
        refused(|p| {
            first_loop(p).operands[0].dtype = DType::F16;
            reads(p, DType::F16);
            first_loop(p).instructions[0].dtype = DType::F64;
        })
        .contains("elements that are only stored")
    );
    let bound = |p: &mut Plan| {
        let (out, input) = (first_out(p).area, p.bindings[0].area);
        p.areas[out as usize] = p.areas[input as usize].clone();
    };
    assert!(refused(bound).contains("writes a bound area"));
}
