//! Which nodes a request needs, in order, and which of them must leave a value behind.

use super::Options;
use super::simplify::is_constant;
use crate::buffer::headroom;
use crate::error::Result;
use crate::ops::Class;
use crate::record::{Arena, NodeId};

/// Bytes a node takes while the needed ones are looked for, and in all passes behind that: generous estimates.
const WALK: usize = 24;
const PASSES: usize = 1024;

/// The nodes of a plan: ascending, so every node stands behind its inputs.
pub struct Needed {
    /// Nodes to compute, and nodes whose values are there already.
    pub nodes: Vec<NodeId>,
    /// For each: its value is there already.
    pub known: Vec<bool>,
    /// For each: its value outlives the plan.
    pub kept: Vec<bool>,
}

/// Walks up from the requested nodes and stops at known values.
pub fn find(arena: &Arena, requested: &[NodeId], options: Options) -> Result<Needed> {
    headroom("plan", arena.len(), WALK)?;
    let mut nodes = Vec::new();
    let mut open: Vec<NodeId> = requested.to_vec();
    while let Some(id) = open.pop() {
        if arena.place_in(&nodes, id).is_none() {
            arena.set_place(id, nodes.len());
            nodes.push(id);
            if !arena.is_computed(id) {
                open.extend(&arena.node(id).inputs);
            }
        }
    }
    headroom("plan", nodes.len(), PASSES)?;
    nodes.sort_unstable();
    nodes.iter().enumerate().for_each(|(place, &id)| arena.set_place(id, place));
    let known: Vec<bool> = nodes.iter().map(|&id| arena.is_computed(id)).collect();
    let outlives = |id: NodeId| {
        let node = arena.node(id);
        let costly = node.op.class() == Class::Heavy && !node.backward;
        (arena.is_live(id) && !is_constant(&node.op)) || (options.keep && costly)
    };
    let mut kept: Vec<bool> = nodes.iter().map(|&id| outlives(id)).collect();
    requested.iter().filter_map(|&id| arena.place_in(&nodes, id)).for_each(|place| kept[place] = true);
    kept.iter_mut().zip(&known).for_each(|(kept, known)| *kept &= !known);
    Ok(Needed { nodes, known, kept })
}
