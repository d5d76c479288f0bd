//! A plan as text: what it takes, what it does, what it leaves.

use super::{Area, AreaId, Home, Plan, Program, Rows, Sink, Step};
use crate::record::NodeId;

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bound: usize = self.bindings.iter().map(|binding| self.areas[binding.area as usize].bytes).sum();
        write!(
            f,
            "plan of {} steps: {} bound ({bound} bytes), {} bytes kept, {} bytes of intermediates",
            self.steps.len(),
            self.bindings.len(),
            self.peak_bytes() - self.scratch,
            self.scratch,
        )?;
        for (at, step) in self.steps.iter().enumerate() {
            write!(f, "\n  {at:>3}  ")?;
            match step {
                Step::Rows(Rows { programs, rows, each, .. }) => {
                    write!(f, "{rows} rows, {each} at a time")?;
                    for program in programs {
                        write!(f, "\n         {}", describe_loop(program))?;
                        self.show_homes(f, |visit| program.each_write(visit))?;
                    }
                }
                step => {
                    write!(f, "{}", describe(step))?;
                    self.show_homes(f, |visit| step.each_write(visit))?;
                }
            }
        }
        Ok(())
    }
}

impl Plan {
    fn show_homes(&self, f: &mut std::fmt::Formatter<'_>, each: impl Fn(&mut dyn FnMut(AreaId))) -> std::fmt::Result {
        let mut homes = String::new();
        each(&mut |area| {
            let Area { bytes, home } = &self.areas[area as usize];
            homes += &match home {
                Home::Kept => format!(", {bytes} bytes kept"),
                Home::Scratch(offset) => format!(", {bytes} bytes at {offset}"),
                Home::Local => format!(", {bytes} bytes row by row"),
                Home::Bound | Home::Given | Home::Zero => ", input".to_string(),
            };
        });
        write!(f, "  -> {}", homes.trim_start_matches(", "))
    }
}

fn nodes(program: &Program) -> String {
    let ids: Vec<String> = program.instructions.iter().map(|i| i.node).map(|id: NodeId| id.to_string()).collect();
    if ids.is_empty() { "copy".to_string() } else { format!("[{}]", ids.join(" ")) }
}

fn describe_loop(program: &Program) -> String {
    let folds = program.stores.iter().filter_map(|store| match store.sink {
        Sink::Fold { op, .. } => Some(op.name()),
        Sink::Elements(_) => None,
    });
    let (folds, [outer, reduced, inner]) = (folds.collect::<Vec<_>>().join(", "), program.sizes);
    match folds.as_str() {
        "" => format!("loop {} over {:?}", nodes(program), program.dims.as_slice()),
        folds => format!("loop {} over [{outer}, {reduced}, {inner}], then {folds}", nodes(program)),
    }
}

fn describe(step: &Step) -> String {
    match step {
        Step::Loop(program) => describe_loop(program),
        Step::Rows(rows) => rows.programs.iter().map(describe_loop).collect::<Vec<_>>().join("; "),
        Step::Arg { op, dims, .. } => format!("{} over {:?}", op.name(), dims.as_slice()),
        Step::Scan { dims, .. } => format!("scan over {:?}", dims.as_slice()),
        Step::Contract { batch, sizes: [m, k, n], .. } => {
            let entries = batch.iter().product::<usize>();
            format!("matmul {entries} x [{m}, {k}] @ [{k}, {n}], {} FLOP", 2 * entries * m * k * n)
        }
        Step::Gather { dims, node, .. } => format!("gather {node} over {:?}", dims.as_slice()),
        Step::ScatterAdd { dims, node, .. } => {
            format!("scatter_add {node} over {:?}", dims.as_slice())
        }
    }
}
