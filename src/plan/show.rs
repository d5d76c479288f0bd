//! A plan as text: what it takes, what it does, what it leaves, and which of the user's lines ask for the memory.
//!
//! ```text
//! plan of 2 steps: 96 B at most (48 B kept, 48 B of intermediates), 70 FLOP, 2 inputs of 96 B
//!     0  matmul [%2], 1 x [2, 3] @ [3, 2], 24 FLOP  -> 16 B at 0  model.py:3
//! at most 96 B, by line:
//!   48 B  model.py:3  %2 matmul kept
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Along, Area, Home, Plan, Program, Rows, Sink, Step};
use crate::ops::{PoolOp, Side};
use crate::origin::Place;
use crate::record::{Arena, NodeId};

/// A plan with the names and places of its nodes.
pub struct Report {
    /// The plan.
    pub plan: Plan,
    nodes: BTreeMap<NodeId, (&'static str, Place)>,
}

impl Report {
    /// Looks the plan's nodes up in their record.
    pub fn new(plan: Plan, arena: &Arena) -> Report {
        let owners = plan.areas.iter().filter_map(|area| area.node);
        let ids: BTreeSet<NodeId> = owners.chain(plan.steps.iter().flat_map(|step| nodes(&plan, step))).collect();
        let about = |id| (arena.node(id).op.name(), arena.place(arena.node(id).origin));
        Report { nodes: ids.into_iter().map(|id| (id, about(id))).collect(), plan }
    }

    /// The bytes held when most are, by the line that asked for them, most first.
    pub fn bytes_by_line(&self) -> Vec<(String, usize)> {
        self.peak().into_iter().map(|(line, bytes, _)| (line, bytes)).collect()
    }

    /// The steps as text.
    pub fn steps(&self) -> Vec<String> {
        self.plan.steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&self, step: &Step) -> String {
        let mut lines: Vec<String> = Vec::new();
        for line in nodes(&self.plan, step).iter().filter_map(|id| self.line(*id)).filter(|line| line != UNKNOWN) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        format!("{}  -> {}  {}", describe(&self.plan, step), targets(&self.plan, step), lines.join(", "))
            .trim_end()
            .to_string()
    }

    fn line(&self, id: NodeId) -> Option<String> {
        self.nodes.get(&id).map(|(_, place)| place.line().unwrap_or_else(|| UNKNOWN.to_string()))
    }

    /// Lines with the bytes they hold at the peak, and what these are.
    fn peak(&self) -> Vec<(String, usize, Vec<String>)> {
        let mut lines: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
        for Area { bytes, home, node } in self.plan.peak_areas() {
            let (name, _) =
                node.and_then(|id| self.nodes.get(&id)).map_or(("zeros", None), |(name, at)| (*name, Some(at)));
            let id = node.map_or(String::new(), |id| format!("{id} "));
            let kept = if *home == Home::Kept { " kept" } else { "" };
            let entry =
                lines.entry(node.and_then(|id| self.line(id)).unwrap_or_else(|| UNKNOWN.to_string())).or_default();
            entry.0 += bytes;
            entry.1.push(format!("{id}{name}{kept}"));
        }
        let mut sorted: Vec<_> = lines.into_iter().map(|(line, (bytes, what))| (line, bytes, what)).collect();
        sorted.sort_by_key(|(_, bytes, _)| std::cmp::Reverse(*bytes));
        sorted
    }
}

/// What is recorded by nobody's line.
const UNKNOWN: &str = "elsewhere";

/// Nodes listed before the rest is only counted.
const LISTED: usize = 6;

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", head(&self.plan))?;
        for (at, step) in self.plan.steps.iter().enumerate() {
            write!(f, "\n  {at:>3}  {}", self.step(step))?;
        }
        let peak = self.peak();
        if peak.is_empty() {
            return Ok(());
        }
        write!(f, "\nat most {}, by line:", size(self.plan.peak_bytes()))?;
        for (line, bytes, what) in peak {
            write!(f, "\n  {:>8}  {line}  {}", size(bytes), listed(&what))?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", head(self))?;
        for (at, step) in self.steps.iter().enumerate() {
            write!(f, "\n  {at:>3}  {}  -> {}", describe(self, step), targets(self, step))?;
        }
        Ok(())
    }
}

fn head(plan: &Plan) -> String {
    let bound: usize = plan.bindings.iter().map(|binding| plan.areas[binding.area as usize].bytes).sum();
    format!(
        "plan of {} steps: {} at most ({} kept, {} of intermediates), {} FLOP, {} inputs of {}",
        plan.steps.len(),
        size(plan.peak_bytes()),
        size(plan.peak_bytes() - plan.scratch),
        size(plan.scratch),
        plan.flops(),
        plan.bindings.len(),
        size(bound),
    )
}

/// Bytes as a person reads them.
fn size(bytes: usize) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn listed(all: &[String]) -> String {
    let mut text = all.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > LISTED {
        let _ = write!(text, ", and {} more", all.len() - LISTED);
    }
    text
}

/// Where a step's results go.
fn targets(plan: &Plan, step: &Step) -> String {
    let mut homes = Vec::new();
    step.each_write(|area| {
        let Area { bytes, home, .. } = &plan.areas[area as usize];
        homes.push(match home {
            Home::Kept => format!("{} kept", size(*bytes)),
            Home::Scratch(offset) => format!("{} at {offset}", size(*bytes)),
            Home::Local => format!("{} row by row", size(*bytes)),
            Home::Bound | Home::Given | Home::Zero => "input".to_string(),
        });
    });
    homes.join(", ")
}

/// The nodes a step computes: those of its instructions, and those its results are of.
fn nodes(plan: &Plan, step: &Step) -> BTreeSet<NodeId> {
    let mut all = BTreeSet::new();
    let mut made = |program: &Program| {
        all.extend(program.instructions.iter().flat_map(|made| [Some(made.node), made.also].into_iter().flatten()));
    };
    match step {
        Step::Loop(program) => made(program),
        Step::Rows(rows) => rows.programs.iter().for_each(made),
        _ => {}
    }
    step.each_write(|area| all.extend(plan.areas[area as usize].node));
    all
}

fn describe(plan: &Plan, step: &Step) -> String {
    let ids: Vec<String> = nodes(plan, step).iter().map(NodeId::to_string).collect();
    let ids = ids.join(" ");
    match step {
        Step::Loop(program) if program.instructions.is_empty() => format!("copy [{ids}] over {}", space(program)),
        Step::Loop(program) => format!("loop [{ids}] over {}", space(program)),
        Step::Rows(Rows { programs, rows, each, .. }) => {
            let loops = programs.iter().map(space).collect::<Vec<_>>().join("; ");
            format!("loops [{ids}] that take turns, {each} of {rows} rows at a time: over {loops}")
        }
        Step::Arg { op, dims, .. } => format!("{} [{ids}] over {:?}", op.name(), dims.as_slice()),
        Step::Running { op, dims, .. } => format!("{} [{ids}] over {:?}", op.running_name(), dims.as_slice()),
        Step::Sort { dims, .. } => format!("argsort [{ids}] over {:?}", dims.as_slice()),
        Step::Search { dims, .. } => format!("searchsorted [{ids}] over {:?}", dims.as_slice()),
        Step::Scan { dims, .. } => format!("scan [{ids}] over {:?}", dims.as_slice()),
        Step::Contract { batch, sizes: [m, k, n], .. } => {
            let entries = batch.iter().product::<usize>();
            format!("matmul [{ids}], {entries} x [{m}, {k}] @ [{k}, {n}], {} FLOP", step.flops())
        }
        Step::Gather { dims, .. } => format!("gather [{ids}] over {:?}", dims.as_slice()),
        Step::Scatter { how, dims, .. } => format!("{} [{ids}] over {:?}", how.name(), dims.as_slice()),
        Step::Linalg { op, batch, sizes: [m, n, _], .. } => {
            format!("{} [{ids}] of {} x [{m}, {n}]", op.name(), batch.iter().product::<usize>())
        }
        Step::Fourier { op, batch, n, .. } => {
            format!("{} [{ids}] of {} x {n}", op.name(), batch.iter().product::<usize>())
        }
        Step::Convolve { makes, sizes, .. } => {
            let [x, w, y] =
                [Side::Input, Side::Kernel, Side::Output].map(|side| format!("{:?}", sizes.dims(side).as_slice()));
            let (what, from) = match makes {
                Side::Output => ("convolve", format!("{x} * {w} to {y}")),
                Side::Input => ("convolve_input", format!("{y} * {w} to {x}")),
                Side::Kernel => ("convolve_kernel", format!("{x} * {y} to {w}")),
            };
            format!("{what} [{ids}], {from}, {} FLOP", step.flops())
        }
        Step::Pool { op, planes, axes, .. } => {
            let name = match op {
                PoolOp::Max => "max_pool",
                PoolOp::Argmax => "argmax_pool",
            };
            let each = |of: fn(&Along) -> usize| axes.iter().map(of).collect::<Vec<_>>();
            let planes = planes.iter().product::<usize>();
            format!("{name} [{ids}], {planes} x {:?} to {:?}", each(|axis| axis.space), each(|axis| axis.places))
        }
    }
}

fn space(program: &Program) -> String {
    let folds = program.stores.iter().filter_map(|store| match store.sink {
        Sink::Fold { op, .. } => Some(op.name()),
        Sink::Elements(_) => None,
    });
    let (folds, [outer, reduced, inner]) = (folds.collect::<Vec<_>>().join(", "), program.sizes);
    match folds.as_str() {
        "" => format!("{:?}", program.dims.as_slice()),
        folds => format!("[{outer}, {reduced}, {inner}], then {folds}"),
    }
}

impl Step {
    /// About how many operations on numbers it does.
    fn flops(&self) -> u64 {
        let product = |dims: &[usize]| dims.iter().fold(1u64, |all, &size| all.saturating_mul(size as u64));
        let elementwise = |program: &Program| {
            let folds = program.stores.iter().filter(|store| matches!(store.sink, Sink::Fold { .. })).count();
            let operations =
                program.instructions.iter().map(|made| 1 + usize::from(made.also.is_some())).sum::<usize>();
            product(&program.dims).saturating_mul((operations + folds) as u64)
        };
        match self {
            Step::Loop(program) => elementwise(program),
            Step::Rows(rows) => rows.programs.iter().map(elementwise).fold(0, u64::saturating_add),
            Step::Contract { batch, sizes, .. } => product(batch).saturating_mul(product(sizes)).saturating_mul(2),
            Step::Scan { dims, .. } => product(dims).saturating_mul(2),
            Step::Arg { dims, .. } | Step::Running { dims, .. } | Step::Scatter { dims, .. } => product(dims),
            Step::Gather { .. } | Step::Sort { .. } | Step::Search { .. } => 0,
            Step::Linalg { op, batch, sizes, .. } => product(batch).saturating_mul(op.flops(*sizes)),
            Step::Fourier { op, batch, n, .. } => product(batch).saturating_mul(op.flops(*n)),
            Step::Convolve { sizes, .. } => (sizes.products() as u64).saturating_mul(2),
            Step::Pool { planes, axes, .. } => {
                let each = |axis: &Along| (axis.places as u64).saturating_mul(axis.taps as u64);
                axes.iter().map(each).fold(product(planes), u64::saturating_mul)
            }
        }
    }
}

impl Plan {
    /// About how many operations on numbers it does.
    pub fn flops(&self) -> u64 {
        self.steps.iter().fold(0, |all, step| all.saturating_add(step.flops()))
    }
}
