//! Why a gradient is what it is: the record is asked afterwards, without a flag set before.
//!
//! Enters: gradients and a tensor. Leaves: a sentence. Zero has three reasons: the tensor came after the output, it does
//! not lead there, or something on the way lets no gradient through; the last is named with its line.

use crate::error::Result;
use crate::grad::Gradients;
use crate::ops::{self, Leaf, Op};
use crate::origin::Place;
use crate::record::{Arena, NodeId, Tensor};

impl Gradients {
    /// Why a tensor's gradient is what it is: a sentence.
    pub fn why(&self, x: &Tensor) -> Result<String> {
        self.record.owns("why", x)?;
        let has = self.get(x.id()).is_some();
        let (reason, place) = self.record.read(|arena| explain(arena, self.loss, x.id(), has));
        Ok(place.line().map_or(reason.clone(), |line| format!("{reason} at {line}")))
    }
}

/// Follows the tensor forwards to what stops its influence on the loss.
fn explain(arena: &Arena, loss: NodeId, x: NodeId, has: bool) -> (String, Place) {
    let node = arena.node(x);
    let plain = |text: String| (text, Place::default());
    if !node.dtype.is_float() {
        return plain(format!("no gradient: {x} has dtype {}, and only floats have gradients", node.dtype));
    }
    if has {
        return plain(format!("gradient recorded: {x} reaches the output {loss}"));
    }
    if x > loss {
        return plain(format!("zero: {x} was recorded after the output {loss}"));
    }
    // Everything that depends on x at all and reaches the loss; of that, the first node at which the gradient stops.
    let (first, last) = (arena.rank(x), arena.rank(loss));
    let node_at = |at: usize| arena.at_rank(at + first);
    let mut reached = vec![false; last + 1 - first];
    let mut leads = reached.clone();
    reached[0] = true;
    leads[last - first] = true;
    let later = |id: NodeId| {
        let inputs = arena.node(id).inputs.iter().filter(move |input| **input >= x);
        inputs.map(move |input| arena.rank(*input) - first)
    };
    for at in 1..reached.len() {
        reached[at] = later(node_at(at)).any(|input| reached[input]);
    }
    for at in (1..leads.len()).rev().filter(|&at| reached[at]) {
        if leads[at] {
            later(node_at(at)).for_each(|input| leads[input] = true);
        }
    }
    let stops = |id: NodeId| ops::blocks_gradient(&arena.node(id).op) || !arena.node(id).dtype.is_float();
    let between = (1..reached.len()).filter(|&at| reached[at] && leads[at]).map(node_at);
    let cuts: Vec<NodeId> = between.filter(|&id| stops(id)).take(1).collect();
    match (reached.last(), cuts.first()) {
        (Some(true), Some(&cut)) => {
            let node = arena.node(cut);
            let kind = match node.op {
                Op::View(_) => "stop_gradient".to_string(),
                Op::Leaf(Leaf::Data) => "a leaf".to_string(),
                _ if node.dtype.is_float() => {
                    format!("`{}`, which is constant between its steps", node.op.name())
                }
                _ => format!("`{}`, whose result is {}", node.op.name(), node.dtype),
            };
            (format!("zero: cut by {kind}"), arena.place(node.origin))
        }
        _ => plain(format!("zero: {x} is not upstream of the output {loss}")),
    }
}
