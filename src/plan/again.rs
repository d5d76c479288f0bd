//! What is computed again instead of kept.
//!
//! Enters: groups, and who reads what. Leaves: groups in which a cheap value that later groups of its space read from memory
//! is computed once more inside them, where all of them can do so from what is in memory anyhow; it is then never stored.
//! That is what a reverse pass does with the elementwise values of the forward pass. A value computed again is the same to
//! the bit.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::group::{GroupId, Groups, LIMIT, NONE};
use super::simplify::{Graph, Place};
use crate::ops::{Class, Op, UnaryOp};

/// The most work that is done again for one value, in simple operations.
const WORK: usize = 16;

/// What a function that is a polynomial counts as.
const POLYNOMIAL: usize = 4;

/// Elements of a space that fill a cache: below, storing costs nothing.
const LEAST: usize = 1 << 12;

/// Groups so many stages apart follow each other closely, and where rows are combined may take turns row by row.
const NEAR: u32 = 2;

/// Who reads the nodes from memory: groups, and whether each can meet the node inside.
type Readers = Vec<SmallVec<[(GroupId, bool); 2]>>;

/// Decides, from the last node to the first, so that who reads a node is settled before it is looked at.
pub fn compute_again(graph: &Graph<'_>, groups: &mut Groups) {
    // Small programs, and long ones of small values, have nothing to gain.
    if !(0..graph.nodes.len()).any(|at| groups.stored[at] && worth(graph, groups, at)) {
        return;
    }
    let mut readers: Readers = vec![SmallVec::new(); graph.nodes.len()];
    for at in (0..graph.nodes.len()).filter(|&at| groups.of[at] != NONE) {
        note(graph, groups, groups.of[at], at as Place, &mut readers);
    }
    // A view that outlives the plan needs the memory it sees.
    for at in (0..graph.nodes.len()).filter(|&at| graph.used[at] && graph.lasting[at]) {
        readers[graph.base(at as Place) as usize].push((NONE, false));
    }
    let mut changed = false;
    for at in (0..graph.nodes.len()).rev() {
        let spared = groups.stored[at] && worth(graph, groups, at) && {
            let mut by: SmallVec<[(GroupId, bool); 2]> = readers[at].clone();
            by.sort_unstable();
            by.dedup();
            let cones: Option<Vec<_>> = by
                .iter()
                .map(|&(reader, inside)| if inside { cone(graph, groups, at, reader) } else { None })
                .collect();
            cones.is_some_and(|cones| {
                for (cone, &(reader, _)) in cones.iter().zip(&by) {
                    for &again in cone {
                        groups.copy(again, reader);
                        note(graph, groups, reader, again, &mut readers);
                    }
                }
                !by.is_empty()
            })
        };
        groups.stored[at] &= !spared;
        changed |= spared;
    }
    if changed {
        groups.list.iter_mut().for_each(|group| group.nodes.sort_unstable());
        prune(graph, groups);
    }
}

/// Notes what a node of a group reads from memory.
fn note(graph: &Graph<'_>, groups: &Groups, group: GroupId, at: Place, readers: &mut Readers) {
    for &input in &graph.inputs[at as usize] {
        let base = graph.base(input);
        if groups.inside(input, group).is_none() && groups.of[base as usize] != NONE {
            let alike = groups.source(input).is_some_and(|made| made == base)
                && groups.list[groups.of[base as usize] as usize].same_space(&groups.list[group as usize]);
            readers[base as usize].push((group, alike));
        }
    }
}

/// True for an elementwise value of a large space whose memory is only needed until the plan ends.
fn worth(graph: &Graph<'_>, groups: &Groups, at: usize) -> bool {
    let node = graph.node(at as Place);
    let elementwise = node.op.class() == Class::Elementwise && !matches!(node.op, Op::Leaf(_));
    elementwise && !graph.lasting[at] && groups.of[at] != NONE && node.shape.len() >= LEAST
}

/// The nodes a group has to compute to have this one, if that is little work and reads no more than it spares.
fn cone(graph: &Graph<'_>, groups: &Groups, at: usize, reader: GroupId) -> Option<SmallVec<[Place; 8]>> {
    let (own, target) = (&groups.list[groups.of[at] as usize], &groups.list[reader as usize]);
    if own.axes.is_some() && target.stage <= own.stage + NEAR {
        return None;
    }
    let mut nodes: SmallVec<[Place; 8]> = SmallVec::new();
    let mut open: SmallVec<[Place; 8]> = SmallVec::from_slice(&[at as Place]);
    let (mut work, mut loads) = (0, FxHashSet::default());
    while let Some(next) = open.pop() {
        if nodes.contains(&next) {
            continue;
        }
        let op = &graph.node(next).op;
        work += cost(op);
        if work > WORK || matches!(op, Op::Leaf(_)) {
            return None;
        }
        nodes.push(next);
        for &input in &graph.inputs[next as usize] {
            let base = graph.base(input);
            if groups.inside(input, reader).is_some() || graph.is_constant(base) {
                continue;
            }
            match groups.source(input) {
                Some(made) if !groups.stored[made as usize] && !nodes.contains(&made) => {
                    if !groups.list[groups.of[made as usize] as usize].same_space(target) {
                        return None;
                    }
                    open.push(made);
                }
                Some(made) if !groups.stored[made as usize] => {}
                _ => {
                    // What is smaller than the space is read from the cache.
                    let large = graph.node(base).shape.len() >= graph.node(at as Place).shape.len();
                    if large && !groups.reads(graph, reader, base) {
                        loads.insert(base);
                    }
                }
            }
        }
    }
    (loads.len() <= 1 && target.nodes.len() + nodes.len() <= LIMIT).then_some(nodes)
}

fn cost(op: &Op) -> usize {
    match op {
        Op::Unary(
            UnaryOp::Neg
            | UnaryOp::Abs
            | UnaryOp::Sign
            | UnaryOp::Square
            | UnaryOp::Relu
            | UnaryOp::Floor
            | UnaryOp::Ceil,
        ) => 1,
        Op::Unary(UnaryOp::Sqrt | UnaryOp::Reciprocal | UnaryOp::Isnan | UnaryOp::Isinf | UnaryOp::Isfinite) => 2,
        Op::Unary(_) => POLYNOMIAL,
        _ => 1,
    }
}

/// Drops nodes from groups in which nobody needs them any more.
fn prune(graph: &Graph<'_>, groups: &mut Groups) {
    for group in 0..groups.list.len() {
        if groups.list[group].single {
            continue;
        }
        let nodes = std::mem::take(&mut groups.list[group].nodes);
        let mut wanted: FxHashSet<Place> = FxHashSet::default();
        let mut left: Vec<Place> = Vec::with_capacity(nodes.len());
        for &at in nodes.iter().rev() {
            let own = groups.of[at as usize] as usize == group;
            let result = own && (groups.stored[at as usize] || matches!(graph.node(at).op, Op::Reduce(..)));
            if result || wanted.contains(&at) {
                left.push(at);
                wanted.extend(graph.inputs[at as usize].iter().filter_map(|&i| groups.inside(i, group as GroupId)));
            }
        }
        left.reverse();
        groups.list[group].nodes = left;
    }
}
