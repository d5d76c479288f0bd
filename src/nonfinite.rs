//! Which operation first made a NaN or an infinity: asked afterwards, without a flag set before.
//!
//! Enters: tensors whose values turned out bad. Leaves: a sentence that names the operation and its line. All that leads to
//! the tensors is computed again, one node after the other, and let go once its last reader is done. A NaN is followed to
//! the first node that has one and whose inputs have none; if these are infinite, as in `inf - inf`, so is the infinity.

use std::fmt::Write;

use crate::buffer::NdArray;
use crate::error::Result;
use crate::ops::{Leaf, Op};
use crate::origin::Place;
use crate::plan::Options;
use crate::record::{Arena, ComputationRecord, NodeId, Tensor};

/// What is worst among the elements of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worst {
    Finite,
    Infinite,
    Nan,
}

impl Worst {
    fn of(array: &NdArray) -> Worst {
        let one = |(nan, finite): (bool, bool)| match (nan, finite) {
            (true, _) => Worst::Nan,
            (_, false) => Worst::Infinite,
            _ => Worst::Finite,
        };
        let singles = array.as_slice::<f32>().unwrap_or(&[]).iter().map(|x| one((x.is_nan(), x.is_finite())));
        let doubles = array.as_slice::<f64>().unwrap_or(&[]).iter().map(|x| one((x.is_nan(), x.is_finite())));
        singles.chain(doubles).max().unwrap_or(Worst::Finite)
    }

    fn name(self) -> &'static str {
        match self {
            Worst::Nan => "nan",
            _ => "inf",
        }
    }
}

impl ComputationRecord {
    /// A sentence about the operation that first made a NaN or an infinity on the way to these tensors; `None` if they
    /// are finite. `checkpoint` is asked between operations whether to go on.
    pub fn first_nonfinite(
        &self,
        tensors: &[&Tensor],
        checkpoint: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Option<String>> {
        tensors.iter().try_for_each(|tensor| self.owns("first_nonfinite", tensor))?;
        let asked: Vec<NodeId> = tensors.iter().map(|tensor| tensor.id()).collect();
        let last_reader = self.read(|arena| last_readers(arena, &asked));
        let worst = self.examine(&last_reader, checkpoint)?;
        let Some(&bad) = asked.iter().max_by_key(|id| (worst[id.index()], std::cmp::Reverse(**id))) else {
            return Ok(None);
        };
        if worst[bad.index()] == Worst::Finite {
            return Ok(None);
        }
        // Lines are worked out without the lock.
        let clauses = self.read(|arena| trace(arena, &worst, bad));
        let mut sentence = String::new();
        for (clause, place) in clauses {
            sentence += &clause;
            if let Some(line) = place.line() {
                let _ = write!(sentence, ", recorded at {line}");
            }
        }
        Ok(Some(sentence))
    }

    /// What is worst in each node that has a last reader.
    fn examine(
        &self,
        last_reader: &[Option<NodeId>],
        checkpoint: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Vec<Worst>> {
        let mut worst = vec![Worst::Finite; last_reader.len()];
        let mut held: Vec<Option<Tensor>> = last_reader.iter().map(|_| None).collect();
        for (index, reader) in last_reader.iter().enumerate() {
            if reader.is_none() {
                continue;
            }
            let tensor = self.hold(NodeId::new(index));
            if tensor.dtype().is_float() {
                self.compute_with(&[&tensor], Options { keep: false, fuse: false }, checkpoint)?;
                worst[index] = Worst::of(&tensor.data()?);
                checkpoint()?;
            }
            let inputs = self.read(|arena| arena.node(tensor.id()).inputs.clone());
            inputs
                .iter()
                .filter(|id| last_reader[id.index()] == Some(tensor.id()))
                .for_each(|id| held[id.index()] = None);
            held[index] = Some(tensor);
        }
        Ok(worst)
    }
}

/// For each node up to the last one asked for, the last node on the way that reads it; itself, if it is asked for.
fn last_readers(arena: &Arena, asked: &[NodeId]) -> Vec<Option<NodeId>> {
    let end = asked.iter().map(|id| id.index() + 1).max().unwrap_or(0);
    let mut last: Vec<Option<NodeId>> = vec![None; end];
    asked.iter().for_each(|&id| last[id.index()] = Some(id));
    for index in (0..end).rev() {
        if last[index].is_some() {
            let reader = NodeId::new(index);
            arena.node(reader).inputs.iter().for_each(|input| {
                last[input.index()].get_or_insert(reader);
            });
        }
    }
    last
}

/// Follows a bad value to where it came from.
fn trace(arena: &Arena, worst: &[Worst], bad: NodeId) -> Vec<(String, Place)> {
    let source = |kind: Worst, mut id: NodeId| {
        while let Some(&input) = arena.node(id).inputs.iter().filter(|input| worst[input.index()] == kind).min() {
            id = input;
        }
        id
    };
    let tell = |id: NodeId| {
        let node = arena.node(id);
        let given = matches!(node.op, Op::Leaf(Leaf::Data));
        let what = if given { "was given, as" } else { "came first from" };
        let sweep = if node.backward { ", in the backward pass of what was" } else { "" };
        (format!("{what} {}{sweep}", arena.statement(id)), arena.place(node.origin))
    };
    let kind = worst[bad.index()];
    let first = source(kind, bad);
    let (text, place) = tell(first);
    let mut clauses = vec![(format!("{} {text}", kind.name()), place)];
    let infinite = arena.node(first).inputs.iter().copied().find(|input| worst[input.index()] == Worst::Infinite);
    if let (Worst::Nan, Some(input)) = (kind, infinite) {
        let (text, place) = tell(source(Worst::Infinite, input));
        clauses.push((format!("; before it, inf {text}"), place));
    }
    clauses
}
