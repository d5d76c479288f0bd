//! Which nodes a request needs, in order, and which of them must leave a value behind.

use rustc_hash::FxHashMap;

use super::Options;
use super::group::is_constant;
use crate::ops::Class;
use crate::record::{Arena, NodeId};

/// The nodes of a plan: ascending, so every node stands behind its inputs.
pub struct Needed {
    /// Nodes to compute, and nodes whose values are there already.
    pub nodes: Vec<NodeId>,
    /// Place of each node in the list.
    pub place: FxHashMap<NodeId, u32>,
    /// For each: its value is there already.
    pub known: Vec<bool>,
    /// For each: its value outlives the plan.
    pub kept: Vec<bool>,
}

/// Walks up from the requested nodes and stops at known values.
pub fn find(arena: &Arena, requested: &[NodeId], options: Options) -> Needed {
    let mut place: FxHashMap<NodeId, u32> = FxHashMap::default();
    let mut nodes = Vec::new();
    let mut open: Vec<NodeId> = requested.to_vec();
    while let Some(id) = open.pop() {
        if place.insert(id, 0).is_none() {
            nodes.push(id);
            if !arena.is_computed(id) {
                open.extend(&arena.node(id).inputs);
            }
        }
    }
    nodes.sort_unstable();
    nodes.iter().enumerate().for_each(|(at, id)| {
        place.insert(*id, at as u32);
    });
    let known: Vec<bool> = nodes.iter().map(|&id| arena.is_computed(id)).collect();
    let mut kept: Vec<bool> = nodes
        .iter()
        .map(|&id| {
            let op = &arena.node(id).op;
            (arena.is_live(id) && !is_constant(op)) || (options.keep && op.class() == Class::Heavy)
        })
        .collect();
    requested
        .iter()
        .for_each(|id| kept[place[id] as usize] = true);
    kept.iter_mut()
        .zip(&known)
        .for_each(|(kept, known)| *kept &= !known);
    Needed {
        nodes,
        place,
        known,
        kept,
    }
}
