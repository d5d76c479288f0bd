//! Nodes that share a value: the graph that the later passes work on.
//!
//! Enters: the needed nodes. Leaves: a [`Graph`] over their places, in which every node's inputs are the first nodes that
//! hold these values. Two nodes share a value when one is the other under another name (the same op of the same inputs,
//! a `stop_gradient`), or when the op changes nothing for any value (`x * 1`). Constants whose number is bound at run time
//! are never looked at, so a plan is right for every number.

use rustc_hash::{FxBuildHasher, FxHasher};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use super::Options;
use super::group::NONE;
use super::needed::Needed;
use crate::ops::{BinaryOp, Class, Leaf, Op, View};
use crate::record::{Arena, Node, NodeId};

/// A node by its place among the needed ones.
pub type Place = u32;

/// The needed nodes, and which of them are to be computed.
pub struct Graph<'a> {
    /// The record.
    pub arena: &'a Arena,
    /// Ascending, so every node stands behind its inputs.
    pub nodes: Vec<NodeId>,
    /// For each: its value is there already.
    pub known: Vec<bool>,
    /// For each: its value outlives the plan.
    pub kept: Vec<bool>,
    /// For each: its value, or that of a node it stands for, outlives the plan.
    pub lasting: Vec<bool>,
    /// For each: the node that stands for its value, itself in most cases.
    pub same: Vec<Place>,
    /// For each: its inputs; nothing for known ones.
    pub inputs: Vec<SmallVec<[Place; 3]>>,
    /// For each: it stands for itself, and something that is kept is made of it.
    pub used: Vec<bool>,
    /// For each: the node after which it is computed, though it does not read it; `NONE` for most.
    pub after: Vec<Place>,
}

impl<'a> Graph<'a> {
    /// A graph without nodes.
    pub fn empty(arena: &'a Arena) -> Graph<'a> {
        let (nodes, known, kept, lasting, same) = Default::default();
        Graph { arena, nodes, known, kept, lasting, same, inputs: Vec::new(), used: Vec::new(), after: Vec::new() }
    }

    /// A node.
    pub fn node(&self, at: Place) -> &'a Node {
        self.arena.node(self.nodes[at as usize])
    }

    /// True for nodes without memory of their own: one number, seen everywhere.
    pub fn is_constant(&self, at: Place) -> bool {
        !self.known[at as usize] && is_constant(&self.node(at).op)
    }

    /// True for nodes that see the elements of another.
    pub fn is_view(&self, at: Place) -> bool {
        !self.known[at as usize] && matches!(self.node(at).op, Op::View(_))
    }

    /// The node whose memory a view sees, through any number of views.
    pub fn base(&self, mut at: Place) -> Place {
        while self.is_view(at) {
            at = self.inputs[at as usize][0];
        }
        at
    }
}

/// True for leaves of one number.
pub fn is_constant(op: &Op) -> bool {
    matches!(op, Op::Leaf(Leaf::Zero | Leaf::One | Leaf::Fill))
}

/// Builds the graph; without fusing, every node stands for itself.
pub fn simplify<'a>(arena: &'a Arena, needed: Needed, options: Options) -> Graph<'a> {
    let count = needed.nodes.len();
    let Needed { nodes, known, kept } = needed;
    let (same, inputs) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let (used, after) = (vec![false; count], vec![NONE; count]);
    let mut graph = Graph { arena, nodes, known, lasting: kept.clone(), kept, same, inputs, used, after };
    let mut met = Met::new(count);
    for at in 0..count as Place {
        let node = graph.node(at);
        let inputs: SmallVec<[Place; 3]> = if graph.known[at as usize] {
            SmallVec::new()
        } else {
            let place = |id: &NodeId| arena.place_in(&graph.nodes, *id).map(|place| graph.same[place]);
            node.inputs.iter().filter_map(place).collect()
        };
        let other = if options.fuse && !graph.known[at as usize] {
            trivial(&graph, node, &inputs).or_else(|| met.alike(&graph, node, &inputs, at))
        } else {
            None
        };
        graph.inputs.push(inputs);
        graph.same.push(other.unwrap_or(at));
    }
    for at in (0..count).rev() {
        let stands_for = graph.same[at] as usize;
        if stands_for != at {
            graph.lasting[stands_for] |= graph.kept[at];
        } else if graph.lasting[at] || graph.used[at] {
            graph.used[at] = true;
            graph.inputs[at].iter().for_each(|&input| graph.used[input as usize] = true);
        }
    }
    graph
}

/// The input whose value a node has whatever the values are.
fn trivial(graph: &Graph<'_>, node: &Node, inputs: &[Place]) -> Option<Place> {
    let one = |at: Place| !graph.known[at as usize] && is_one(graph, at);
    match &node.op {
        Op::View(View::Stop) => Some(inputs[0]),
        Op::View(View::Reshape) if graph.node(inputs[0]).shape == node.shape => Some(inputs[0]),
        Op::Binary(BinaryOp::Mul | BinaryOp::Gate) if one(inputs[0]) => Some(inputs[1]),
        Op::Binary(BinaryOp::Mul | BinaryOp::Gate | BinaryOp::Div) if one(inputs[1]) => Some(inputs[0]),
        _ => None,
    }
}

/// True for ones under any view.
fn is_one(graph: &Graph<'_>, at: Place) -> bool {
    let base = graph.base(at);
    !graph.known[base as usize] && graph.node(base).op == Op::Leaf(Leaf::One)
}

/// The nodes met so far, to find those of one value. Most inputs have few readers, which a list by input finds in memory
/// that was just used; what reads one that has many, or nothing, is found by a hash.
struct Met {
    /// For each node: the last listed one of which it is the first input.
    last: Vec<Place>,
    /// For each listed node: the one that was listed before it for the same input.
    before: Vec<Place>,
    crowd: HashMap<u64, Place, FxBuildHasher>,
}

/// The longest list.
const LISTED: usize = 8;

impl Met {
    fn new(count: usize) -> Met {
        Met { last: vec![NONE; count], before: vec![NONE; count], crowd: HashMap::default() }
    }

    /// The first node of the same value, if there is one; else the node is now met. None of them is a leaf whose value the
    /// plan does not know.
    fn alike(&mut self, graph: &Graph<'_>, node: &Node, inputs: &[Place], at: Place) -> Option<Place> {
        if node.op.class() == Class::Source || matches!(node.op, Op::Leaf(Leaf::Fill | Leaf::Uniform | Leaf::Normal)) {
            return None;
        }
        if let Some(&input) = inputs.first() {
            let (mut listed, mut other) = (0, self.last[input as usize]);
            while other != NONE {
                if is_same(graph, node, inputs, other) {
                    return Some(other);
                }
                (listed, other) = (listed + 1, self.before[other as usize]);
            }
            if listed < LISTED {
                self.before[at as usize] = std::mem::replace(&mut self.last[input as usize], at);
                return None;
            }
        }
        let mut hasher = FxHasher::default();
        (&node.op, inputs, &node.shape, node.dtype).hash(&mut hasher);
        let first = *self.crowd.entry(hasher.finish()).or_insert(at);
        (first != at && is_same(graph, node, inputs, first)).then_some(first)
    }
}

fn is_same(graph: &Graph<'_>, node: &Node, inputs: &[Place], first: Place) -> bool {
    let other = graph.node(first);
    let alike = node.op == other.op && node.shape == other.shape && node.dtype == other.dtype;
    alike && graph.inputs[first as usize][..] == *inputs
}
