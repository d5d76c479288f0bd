//! From recording to numbers: what a plan is, and how one is made.
//!
//! Enters: an arena and the nodes somebody asks for. Leaves: a [`Plan`], steps over areas of memory, which depends only on
//! the recorded program and never on values, so that the same program finds it again by its hash (`cache`). Passes, each a
//! file: `needed` finds the nodes to compute and who keeps them; `simplify` finds nodes that share a value; `recompute` has
//! some computed twice if memory is short; `group` decides which nodes are computed in one loop, `again` what is computed
//! in several, and `schedule` the order of the loops; `layout` and `batch` fold views into strides; `lower` and `program`
//! write the steps, which `steps` describes; `rows` finds loops that can take turns row by row; `pairs` has one instruction do
//! the work of two; `memory` gives every intermediate its place in one reused arena; `verify` states what a legal plan is and
//! refuses all others.

mod again;
mod batch;
pub mod cache;
mod gaps;
mod group;
mod layout;
mod lower;
mod memory;
mod needed;
mod pairs;
mod program;
mod recompute;
mod rows;
mod schedule;
mod show;
mod simplify;
mod steps;
mod verify;
mod window;

use crate::error::{Error, Result};
use crate::record::{Arena, NodeId};

pub use cache::{Statistics, clear_cache, statistics};
pub(crate) use layout::coalesce;
pub use show::Report;
pub use steps::*;

/// How plans are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Options {
    /// Keep results that are costly to compute again, for gradients asked for later.
    pub keep: bool,
    /// Compute cheap nodes inside their consumers.
    pub fuse: bool,
    /// The most bytes of arrays that the record and the plan may hold together.
    pub memory_budget: Option<usize>,
}

impl Default for Options {
    fn default() -> Options {
        Options { keep: true, fuse: true, memory_budget: None }
    }
}

/// Steps, and the memory they work on.
#[derive(Debug, Default)]
pub struct Plan {
    /// Areas of memory.
    pub areas: Vec<Area>,
    /// Values bound before it runs.
    pub bindings: Vec<Binding>,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// Nodes whose values it leaves behind, and in which area.
    pub outputs: Vec<(NodeId, AreaId)>,
    /// Bytes of the arena of intermediates.
    pub scratch: usize,
    /// An estimate of the work, in simple element operations.
    pub work: u64,
}

impl Plan {
    /// Makes the plan that computes `requested`, or says which law it would break. Under a memory budget it keeps nothing
    /// that was not asked for, and then computes ever more of the forward pass twice, until it fits.
    pub fn make(arena: &Arena, requested: &[NodeId], options: Options) -> Result<Plan> {
        let Some(has) = options.memory_budget else { return Plan::in_parts(arena, requested, options, 1) };
        let (held, mut least) = (arena.bytes(), usize::MAX);
        for (keep, parts) in
            [(options.keep, 1), (false, 1), (false, 2), (false, 4), (false, 8), (false, 16), (false, 32)]
        {
            let plan = Plan::in_parts(arena, requested, Options { keep, ..options }, parts)?;
            let needs = held.saturating_add(plan.peak_bytes());
            if needs <= has {
                return Ok(plan);
            }
            least = least.min(needs);
        }
        Err(Error::Budget { op: "compute", needs: least, has })
    }

    fn in_parts(arena: &Arena, requested: &[NodeId], options: Options, parts: usize) -> Result<Plan> {
        let needed = needed::find(arena, requested, options)?;
        let mut graph = simplify::simplify(arena, needed, options);
        if parts > 1 {
            graph = recompute::cut(graph, parts);
        }
        let mut groups = group::decide(&graph, options);
        if options.fuse {
            again::compute_again(&graph, &mut groups);
        }
        let order = schedule::order(&graph, &groups);
        let mut plan = lower::lower(&graph, &groups, &order)?;
        if options.fuse {
            rows::share(&mut plan);
        }
        if options.fuse {
            plan.programs().for_each(pairs::merge);
        }
        memory::assign(&mut plan);
        verify::verify(&plan)?;
        Ok(plan)
    }

    /// The programs of all steps.
    fn programs(&mut self) -> impl Iterator<Item = &mut Program> {
        self.steps.iter_mut().flat_map(|step| match step {
            Step::Loop(program) => std::slice::from_mut(program),
            Step::Rows(rows) => &mut rows.programs[..],
            _ => &mut [],
        })
    }

    /// Shrinks the lists of a plan that is to be remembered.
    fn shrink(&mut self) {
        let Plan { areas, bindings, steps, outputs, .. } = self;
        areas.shrink_to_fit();
        bindings.shrink_to_fit();
        steps.shrink_to_fit();
        outputs.shrink_to_fit();
    }

    /// About how many bytes the plan itself takes.
    fn own_bytes(&self) -> usize {
        let Plan { areas, bindings, steps, outputs, .. } = self;
        let program = |program: &Program| {
            let Program { operands, instructions, stores, .. } = program;
            size_of_val(&operands[..]) + size_of_val(&instructions[..]) + size_of_val(&stores[..])
        };
        let lists_of = |step: &Step| match step {
            Step::Loop(one) => program(one),
            Step::Rows(Rows { programs, locals, .. }) => {
                size_of_val(&programs[..]) + size_of_val(&locals[..]) + programs.iter().map(program).sum::<usize>()
            }
            _ => 0,
        };
        let lists = size_of_val(&areas[..]) + size_of_val(&bindings[..]) + size_of_val(&outputs[..]);
        size_of::<Plan>() + lists + size_of_val(&steps[..]) + steps.iter().map(lists_of).sum::<usize>()
    }

    /// Calls the nodes by other names.
    fn rename(&mut self, name: impl Fn(NodeId) -> NodeId) {
        self.programs().for_each(|program| program.rename(&name));
        let Plan { areas, bindings, outputs, steps, .. } = self;
        areas.iter_mut().for_each(|area| area.node = area.node.map(&name));
        bindings.iter_mut().for_each(|binding| binding.node = name(binding.node));
        outputs.iter_mut().for_each(|(node, _)| *node = name(*node));
        for step in steps {
            if let Step::Gather { node, .. } | Step::Scatter { node, .. } | Step::Linalg { node, .. } = step {
                *node = name(*node);
            }
        }
    }

    /// The most bytes it holds at once, besides what is bound.
    pub fn peak_bytes(&self) -> usize {
        self.scratch + self.areas.iter().filter(|area| area.home == Home::Kept).map(|area| area.bytes).sum::<usize>()
    }
}
