//! A plan as text: what it takes, what it does, what it leaves.

use super::{Area, Home, Plan, Program, Sink, Step};
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
            write!(f, "\n  {at:>3}  {}", describe(step))?;
            let mut homes = String::new();
            step.each_write(|area| {
                let Area { bytes, home } = &self.areas[area as usize];
                homes += &match home {
                    Home::Kept => format!(", {bytes} bytes kept"),
                    Home::Scratch(offset) => format!(", {bytes} bytes at {offset}"),
                    Home::Bound | Home::Given | Home::Zero => ", input".to_string(),
                };
            });
            write!(f, "  -> {}", homes.trim_start_matches(", "))?;
        }
        Ok(())
    }
}

fn nodes(program: &Program) -> String {
    let ids: Vec<String> = program.instructions.iter().map(|i| i.node).map(|id: NodeId| id.to_string()).collect();
    if ids.is_empty() { "copy".to_string() } else { format!("[{}]", ids.join(" ")) }
}

fn describe(step: &Step) -> String {
    match step {
        Step::Loop(program) => {
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
        Step::Arg { op, dims, .. } => format!("{} over {:?}", op.name(), dims.as_slice()),
        Step::Scan { dims, .. } => format!("scan over {:?}", dims.as_slice()),
        Step::Contract { sizes: [b, m, k, n], .. } => {
            format!("matmul {b} x [{m}, {k}] @ [{k}, {n}], {} FLOP", 2 * b * m * k * n)
        }
        Step::Gather { dims, node, .. } => format!("gather {node} over {:?}", dims.as_slice()),
        Step::ScatterAdd { dims, node, .. } => {
            format!("scatter_add {node} over {:?}", dims.as_slice())
        }
    }
}
