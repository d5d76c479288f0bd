//! The order of the groups: the recorded one as far as what they read allows, so that values are read soon after they are made.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::group::{GroupId, Groups, NONE};
use super::simplify::{Graph, Place};

/// Groups in an order in which each reads only what is there.
pub fn order(graph: &Graph<'_>, groups: &Groups) -> Vec<GroupId> {
    let count = groups.list.len();
    let mut waits = vec![0u32; count];
    let mut readers: Vec<Vec<GroupId>> = vec![Vec::new(); count];
    for (group, nodes) in groups.list.iter().map(|group| &group.nodes).enumerate() {
        for &input in nodes.iter().flat_map(|&at| &graph.inputs[at as usize]) {
            let from = groups.of[graph.base(input) as usize];
            let waits_for = |from: GroupId| from as usize != group && !groups.list[from as usize].nodes.is_empty();
            if from != NONE && waits_for(from) && readers[from as usize].last() != Some(&(group as GroupId)) {
                readers[from as usize].push(group as GroupId);
                waits[group] += 1;
            }
        }
    }
    let first = |group: usize| groups.list[group].nodes.first().copied();
    let mut free: BinaryHeap<Reverse<(Place, GroupId)>> = (0..count)
        .filter(|&group| waits[group] == 0)
        .filter_map(|group| first(group).map(|first| Reverse((first, group as GroupId))))
        .collect();
    let mut out = Vec::with_capacity(count);
    while let Some(Reverse((_, group))) = free.pop() {
        out.push(group);
        for &reader in &readers[group as usize] {
            waits[reader as usize] -= 1;
            if let (0, Some(first)) = (waits[reader as usize], first(reader as usize)) {
                free.push(Reverse((first, reader)));
            }
        }
    }
    out
}
