//! Which operation first made a NaN or an infinity: asked afterwards, without a flag set before.
//!
//! Enters: tensors whose values turned out bad. Leaves: a sentence that names the operation and its line. All that leads to
//! the tensors is computed again, one node after the other, and let go once its last reader is done. A NaN is followed to
//! the first node that has one and whose inputs have none; if these are infinite, as in `inf - inf`, so is the infinity.

use std::fmt::Write;

use crate::buffer::NdArray;
use crate::dtype::{bf16, f16};
use crate::error::Result;
use crate::ops::{Leaf, Op};
use crate::origin::Place;
use crate::plan::Options;
use crate::record::{Arena, ComputationRecord, Tensor};

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
        macro_rules! worst {
            ($($T:ty),*) => {
                [$(array.as_slice::<$T>().unwrap_or(&[]).iter().map(|x| one((x.is_nan(), x.is_finite()))).max()),*]
            };
        }
        worst!(f16, bf16, f32, f64).into_iter().flatten().max().unwrap_or(Worst::Finite)
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
        let _still = Still::of(self);
        let (asked, last_reader) = self.read(|arena| {
            let asked: Vec<usize> = tensors.iter().map(|tensor| arena.rank(tensor.id())).collect();
            let last = last_readers(arena, &asked);
            (asked, last)
        });
        let worst = self.examine(&last_reader, checkpoint)?;
        let Some(&bad) = asked.iter().max_by_key(|&&rank| (worst[rank], std::cmp::Reverse(rank))) else {
            return Ok(None);
        };
        if worst[bad] == Worst::Finite {
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
    fn examine(&self, last_reader: &[Option<usize>], checkpoint: &mut dyn FnMut() -> Result<()>) -> Result<Vec<Worst>> {
        let mut worst = vec![Worst::Finite; last_reader.len()];
        let mut held: Vec<Option<Tensor>> = last_reader.iter().map(|_| None).collect();
        let known: Vec<bool> =
            self.read(|arena| (0..worst.len()).map(|rank| arena.is_computed(arena.at_rank(rank))).collect());
        // What was not there before goes with its last reader, however much work it was.
        let let_go = |tensor: Option<Tensor>, rank: usize| {
            let Some(id) = tensor.map(|tensor| tensor.id()) else { return };
            self.update(|arena| {
                if !known[rank] && !arena.is_live(id) {
                    arena.set_elements(id, None);
                }
            });
        };
        for rank in (0..last_reader.len()).filter(|&rank| last_reader[rank].is_some()) {
            let (id, inputs) = self.read(|arena| (arena.at_rank(rank), inputs(arena, rank)));
            let tensor = self.hold(id);
            if tensor.dtype().is_float() {
                self.compute_with(&[&tensor], Options { keep: false, fuse: false, memory_budget: None }, checkpoint)?;
                worst[rank] = Worst::of(&tensor.data()?);
                checkpoint()?;
            }
            inputs
                .iter()
                .filter(|&&input| last_reader[input] == Some(rank))
                .for_each(|&input| let_go(held[input].take(), input));
            held[rank] = Some(tensor);
        }
        Ok(worst)
    }
}

/// Keeps nodes where they are while it lives.
struct Still<'a>(&'a ComputationRecord);

impl Still<'_> {
    fn of(record: &ComputationRecord) -> Still<'_> {
        record.read(Arena::begin);
        Still(record)
    }
}

impl Drop for Still<'_> {
    fn drop(&mut self) {
        self.0.read(Arena::end);
    }
}

/// The ranks of a node's inputs.
fn inputs(arena: &Arena, rank: usize) -> Vec<usize> {
    arena.node(arena.at_rank(rank)).inputs.iter().map(|&input| arena.rank(input)).collect()
}

/// For each node up to the last one asked for, by rank, the last node on the way that reads it; itself, if it is asked for.
fn last_readers(arena: &Arena, asked: &[usize]) -> Vec<Option<usize>> {
    let end = asked.iter().map(|rank| rank + 1).max().unwrap_or(0);
    let mut last: Vec<Option<usize>> = vec![None; end];
    asked.iter().for_each(|&rank| last[rank] = Some(rank));
    for rank in (0..end).rev() {
        if last[rank].is_some() {
            inputs(arena, rank).into_iter().for_each(|input| _ = last[input].get_or_insert(rank));
        }
    }
    last
}

/// Follows a bad value to where it came from.
fn trace(arena: &Arena, worst: &[Worst], bad: usize) -> Vec<(String, Place)> {
    let of_kind = |kind: Worst, rank: usize| inputs(arena, rank).into_iter().filter(move |&input| worst[input] == kind);
    let source = |kind: Worst, mut rank: usize| {
        while let Some(input) = of_kind(kind, rank).min() {
            rank = input;
        }
        rank
    };
    let tell = |rank: usize| {
        let id = arena.at_rank(rank);
        let node = arena.node(id);
        let given = matches!(node.op, Op::Leaf(Leaf::Data));
        let what = if given { "was given, as" } else { "came first from" };
        let sweep = if node.backward { ", in the backward pass of what was" } else { "" };
        (format!("{what} {}{sweep}", arena.statement(id)), arena.place(node.origin))
    };
    let kind = worst[bad];
    let first = source(kind, bad);
    let (text, place) = tell(first);
    let mut clauses = vec![(format!("{} {text}", kind.name()), place)];
    let infinite = of_kind(Worst::Infinite, first).next();
    if let (Worst::Nan, Some(input)) = (kind, infinite) {
        let (text, place) = tell(source(Worst::Infinite, input));
        clauses.push((format!("; before it, inf {text}"), place));
    }
    clauses
}
