//! A plan as text: what it takes, what it does, what it leaves.

use super::{Home, Plan, Program, Step};
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
            let area = step.writes();
            let home = match self.areas[area as usize].home {
                Home::Kept => "kept".to_string(),
                Home::Scratch(offset) => format!("at {offset}"),
                Home::Bound | Home::Given | Home::Zero => "input".to_string(),
            };
            write!(f, "\n  {at:>3}  {}  -> {} bytes {home}", describe(step), self.areas[area as usize].bytes)?;
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
        Step::Map { program, .. } => {
            format!("map {} over {:?}", nodes(program), program.dims.as_slice())
        }
        Step::Reduce { program, op, sizes, .. } => format!("{} of {} over {sizes:?}", op.name(), nodes(program)),
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
