//! Forgetting: what nobody can ask for any more leaves the log.
//!
//! A node can be named by its handles, by gradients that somebody has, as a parameter, and as what a state is to become.
//! What can be named is kept. Of a value that is stored nothing is needed behind it, unless a gradient could pass: a sweep
//! goes from a node that can be named to others that can, and reads what is on its way. Everything else is dropped, and the
//! log is then the one in which the rest alone was recorded: hash and sets are made anew, so that a loop in one record
//! finds its plans again.
//!
//! A parameter's name is good for every gradient but that of an output whose gradient has updated a store already: such
//! an output, kept in a list of losses, would else keep its whole step. Two walks: upwards for what gradients can be asked
//! of, downwards for what is needed.

use std::sync::Arc;

use super::arena::{Arena, Lists};
use super::node::{Node, NodeId};
use crate::ops::{self, Leaf, Op};

/// What gradients are to the arena: nodes that can be asked for by naming others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Promise {
    /// What was differentiated.
    pub output: NodeId,
    /// Nodes and their cotangents, by the first.
    pub pairs: Vec<(NodeId, NodeId)>,
    /// A value on the way of which it is forgotten what it was made of.
    pub cut: Option<NodeId>,
}

/// By a handle, or through gradients.
const HELD: u8 = 1;
/// In any way.
const NAMED: u8 = 1 << 1;
/// It depends on something held, or on that or a parameter: a gradient passes.
const BY_HANDLE: u8 = 1 << 2;
const BY_NAME: u8 = 1 << 3;
/// A sweep could come here that ends at something held, or at that or a parameter.
const SWEPT_HANDLE: u8 = 1 << 4;
const SWEPT_NAME: u8 = 1 << 5;
/// Its value could be needed.
const VALUE: u8 = 1 << 6;
/// How it was made could be needed.
const HISTORY: u8 = 1 << 7;

/// A log grows to twice its size, and by this, before it is looked through: nodes, and bytes of stored values.
const NODES: usize = 1 << 12;
const BYTES: usize = 1 << 24;

impl Arena {
    /// True when there is so much more than after the last time that looking for what can be forgotten costs little.
    pub(crate) fn has_grown(&self) -> bool {
        let (nodes, bytes) = self.settled;
        self.len() >= 2 * nodes + NODES || self.bytes >= 2 * bytes + BYTES
    }

    /// Forgets, unless a plan is running; what is let go is dropped by the caller, behind the lock.
    pub(crate) fn forget(&mut self) -> Lists {
        self.promises.retain(|promise| Arc::strong_count(promise) > 1);
        let mut marks = Vec::new();
        if self.running.get() > 0 || marks.try_reserve_exact(self.len()).is_err() {
            return Lists::default();
        }
        marks.resize(self.len(), 0);
        self.spend();
        self.name(&mut marks);
        if self.grad {
            self.reach(&mut marks);
        }
        self.need(&mut marks);
        let gone = self.keep(&marks);
        self.settled = (self.len(), self.bytes);
        gone
    }

    /// What an output was made of is spent with it.
    fn spend(&mut self) {
        let Lists { nodes, slots } = &mut self.lists;
        for rank in (0..nodes.len()).rev() {
            if slots[rank].spent {
                nodes[rank].inputs.iter().for_each(|input| slots[self.ids.rank(*input)].spent = true);
            }
        }
    }

    fn name(&self, marks: &mut [u8]) {
        for (mark, slot) in marks.iter_mut().zip(&self.lists.slots) {
            *mark = if slot.handles > 0 { HELD | NAMED } else { 0 };
        }
        for &id in self.parameters.values() {
            let rank = self.ids.rank(id);
            let unspent = !self.lists.slots[rank].spent || !self.promises.is_empty();
            marks[rank] |= BY_NAME | if unspent { NAMED } else { 0 };
        }
        for &id in self.next_states.values() {
            marks[self.ids.rank(id)] |= HELD | NAMED;
        }
        // Later gradients may be of earlier ones, never the other way round.
        for promise in &self.promises {
            marks[self.ids.rank(promise.output)] |= HELD | NAMED;
            for (x, g) in &promise.pairs {
                if marks.get(self.ids.rank(*x)).is_some_and(|mark| mark & NAMED != 0) {
                    marks[self.ids.rank(*g)] |= HELD | NAMED;
                }
            }
        }
    }

    fn reach(&self, marks: &mut [u8]) {
        for (rank, node) in self.lists.nodes.iter().enumerate() {
            let mut mark = marks[rank];
            if mark & HELD != 0 {
                mark |= BY_HANDLE | BY_NAME;
            }
            if !ops::blocks_gradient(&node.op) {
                let passes = |input: &NodeId| marks[self.ids.rank(*input)] & (BY_HANDLE | BY_NAME);
                mark |= node.inputs.iter().map(passes).fold(0, |all, one| all | one);
            }
            marks[rank] = if node.dtype.is_float() { mark } else { mark & !(BY_HANDLE | BY_NAME) };
        }
    }

    fn need(&self, marks: &mut [u8]) {
        for rank in (0..self.len()).rev() {
            let (node, slot) = (&self.lists.nodes[rank], &self.lists.slots[rank]);
            let mut mark = marks[rank];
            if mark & NAMED != 0 {
                mark |= VALUE | SWEPT_HANDLE | if slot.spent { 0 } else { SWEPT_NAME };
            }
            if !ops::blocks_gradient(&node.op) {
                for input in &node.inputs {
                    let input = &mut marks[self.ids.rank(*input)];
                    for (swept, by) in [(SWEPT_HANDLE, BY_HANDLE), (SWEPT_NAME, BY_NAME)] {
                        if mark & swept != 0 && *input & by != 0 {
                            *input |= swept;
                            mark |= HISTORY | VALUE;
                        }
                    }
                }
            }
            if mark & VALUE != 0 && slot.elements.is_none() {
                mark |= HISTORY;
            }
            if mark & HISTORY != 0 {
                node.inputs.iter().for_each(|input| marks[self.ids.rank(*input)] |= VALUE);
            }
            marks[rank] = mark;
        }
    }

    /// Moves what stays to the front, and names the program anew.
    fn keep(&mut self, marks: &[u8]) -> Lists {
        let next = self.ids.id(self.len());
        let Lists { nodes, slots } = &mut self.lists;
        let mut old = Vec::new();
        for (rank, mark) in marks.iter().enumerate().filter(|(_, mark)| *mark & (NAMED | VALUE) != 0) {
            let to = old.len();
            old.push(self.ids.id(rank));
            nodes.swap(to, rank);
            slots.swap(to, rank);
            if mark & HISTORY == 0 && !nodes[to].inputs.is_empty() {
                (nodes[to].op, nodes[to].inputs) = (Op::Leaf(Leaf::Data), Default::default());
                slots[to].cut |= mark & BY_NAME != 0;
            }
        }
        let gone = if nodes.capacity() > 4 * (old.len() + 4) {
            // Little is left: it moves, and the room goes to the next record.
            let small = Lists { nodes: nodes.drain(..old.len()).collect(), slots: slots.drain(..old.len()).collect() };
            std::mem::replace(&mut self.lists, small)
        } else {
            Lists { nodes: nodes.split_off(old.len()), slots: slots.split_off(old.len()) }
        };
        self.ids.keep(&old, next);
        let there = |id: NodeId| self.ids.rank(id) < self.lists.nodes.len();
        self.parameters.retain(|_, id| there(*id));
        self.swept.retain(|&id| there(id));
        (self.hash, self.live, self.computed, self.bytes) = Default::default();
        for (rank, (node, slot)) in self.lists.nodes.iter().zip(&self.lists.slots).enumerate() {
            let Node { op, inputs, shape, dtype, backward, .. } = node;
            self.hash.push(op, inputs, shape, (*dtype, *backward), |input| self.ids.rank(input));
            if slot.handles > 0 {
                self.live.toggle(rank);
            }
            if let Some(elements) = &slot.elements {
                self.computed.toggle(rank);
                self.bytes += elements.len();
            }
        }
        gone
    }

    /// A plan over the nodes of now is prepared; until it ends, nothing is forgotten.
    pub(crate) fn begin(&self) {
        self.running.set(self.running.get() + 1);
    }

    /// A plan has ended.
    pub(crate) fn end(&self) {
        self.running.set(self.running.get() - 1);
    }

    /// Takes note of gradients that somebody has.
    pub(crate) fn promise(&mut self, promise: Promise) -> Arc<Promise> {
        let promise = Arc::new(promise);
        self.promises.push(promise.clone());
        self.swept.push(promise.output);
        if let Some(slot) = self.lists.slots.get_mut(self.ids.rank(promise.output)) {
            slot.spent = false;
        }
        promise
    }

    /// Takes note that somebody lets gradients go.
    pub(crate) fn dismiss(&mut self, promise: &Arc<Promise>) {
        if Arc::strong_count(promise) <= 2 {
            self.promises.retain(|other| !Arc::ptr_eq(promise, other));
        }
    }

    /// Takes note that a store was updated by what was computed here.
    pub(crate) fn updated(&mut self) {
        for id in std::mem::take(&mut self.swept) {
            let rank = self.ids.rank(id);
            if let Some(slot) = self.lists.slots.get_mut(rank) {
                slot.spent = true;
            }
        }
    }

    /// True for a value whose gradient stops there because what it was made of is forgotten.
    pub(crate) fn is_cut(&self, id: NodeId) -> bool {
        self.lists.slots[self.ids.rank(id)].cut
    }
}
