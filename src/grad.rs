//! The reverse sweep, on one screen.
//!
//! Enters: a loss and the cotangent of it. Leaves: [`Gradients`], a map from nodes to their cotangents, all recorded in the
//! same record and computed only when somebody asks. One loop up the indices finds what has a use for a cotangent, one
//! loop down them applies each node's rule; the arena's order is the topological order, so nothing is sorted or recursed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result, quoted};
use crate::ops::{self, Op};
use crate::origin::Caller;
use crate::record::{Arena, ComputationRecord, Expr, NodeId, Promise, Recorder, Tensor};

impl Tensor {
    /// Gradients of this scalar.
    pub fn grad(&self) -> Result<Gradients> {
        self.grad_at(None, None)
    }

    /// Gradients of the inner product of this tensor with a cotangent of its shape.
    pub fn grad_with(&self, cotangent: &Tensor) -> Result<Gradients> {
        self.grad_at(Some(cotangent), None)
    }

    /// As [`Tensor::grad`], on behalf of a caller.
    pub fn grad_at(&self, cotangent: Option<&Tensor>, caller: Option<&dyn Caller>) -> Result<Gradients> {
        let record = self.record();
        if !record.has_grad() {
            let reason = "the record was made with grad=False".to_string();
            return Err(Error::Gradient { op: "grad", reason, hint: "make it with Record() to differentiate" });
        }
        cotangent.map_or(Ok(()), |c| record.owns("grad", c))?;
        let loss = self.id();
        let cotangents = record.extend(caller, |r| {
            let y = r.at(loss);
            if !y.dtype().is_float() {
                let reason = format!("the output has dtype {}", y.dtype());
                return Err(Error::Gradient { op: "grad", reason, hint: "only floats have gradients; use astype" });
            }
            let seed = match cotangent.map(|c| r.at(c.id())) {
                None if y.shape().len() == 1 => y.ones_like(),
                None => {
                    let hint = "reduce it with sum or mean, or give a cotangent of its shape";
                    return Err(Error::NotScalar { op: "grad", shape: y.shape(), hint });
                }
                Some(c) if c.shape() == y.shape() => c.cast(y.dtype()),
                Some(c) => {
                    let (got, expected) = (c.shape(), y.shape());
                    return Err(Error::ShapeMismatch { op: "grad", what: "cotangent", got, expected });
                }
            };
            crate::buffer::headroom("grad", r.arena().rank(loss), LISTS)?;
            Ok(r.promise(sweep(r, loss, seed)))
        })?;
        Ok(Gradients { record: record.clone(), loss, cotangents })
    }
}

/// Bytes a node takes in the lists of the sweep.
const LISTS: usize = 16;

/// For each node up to the loss: whether somebody could ask for its cotangent, or needs it to go on.
fn wanted(arena: &Arena, loss: NodeId) -> Vec<bool> {
    let mut wanted = vec![false; arena.rank(loss) + 1];
    arena.parameters().values().filter(|id| **id <= loss).for_each(|id| wanted[arena.rank(*id)] = true);
    for rank in 0..wanted.len() {
        let id = arena.at_rank(rank);
        let node = arena.node(id);
        let passes = !ops::blocks_gradient(&node.op) && node.inputs.iter().any(|input| wanted[arena.rank(*input)]);
        wanted[rank] = node.dtype.is_float() && (wanted[rank] || arena.is_live(id) || passes);
    }
    wanted
}

/// Walks down from the loss and hands each node's cotangent to its inputs.
fn sweep(r: &Recorder, loss: NodeId, seed: Expr<'_>) -> Promise {
    let wanted = wanted(&r.arena(), loss);
    let mut cotangents = vec![NodeId::FAILED; wanted.len()];
    cotangents[wanted.len() - 1] = seed.id();
    let mut cut = None;
    for rank in (0..wanted.len()).rev() {
        let id = r.arena().at_rank(rank);
        let g = cotangents[rank];
        if g == NodeId::FAILED {
            continue;
        }
        let (op, inputs, origin) = {
            let arena = r.arena();
            let node = arena.node(id);
            cut = cut.or(arena.is_cut(id).then_some(id));
            if matches!(node.op, Op::Leaf(_)) || ops::blocks_gradient(&node.op) {
                continue;
            }
            (node.op.clone(), node.inputs.clone(), node.origin)
        };
        let wants: smallvec::SmallVec<[bool; 3]> = inputs.iter().map(|input| wanted[r.arena().rank(*input)]).collect();
        if !wants.contains(&true) {
            continue;
        }
        r.on_behalf(Some(origin));
        let x = ops::inputs_of(seed, &inputs);
        let contributions = ops::vjp(&op, &x, r.at(id), r.at(g), &wants);
        for ((input, part), _) in inputs.iter().zip(contributions).zip(&wants).filter(|(_, wanted)| **wanted) {
            let Some(part) = part else { continue };
            let slot = &mut cotangents[r.arena().rank(*input)];
            *slot = if *slot == NodeId::FAILED { part.id() } else { r.at(*slot).accumulate(part).id() };
        }
    }
    r.on_behalf(None);
    let arena = r.arena();
    let found = cotangents.into_iter().enumerate().filter(|(_, g)| *g != NodeId::FAILED);
    Promise { output: loss, pairs: found.map(|(rank, g)| (arena.at_rank(rank), g)).collect(), cut }
}

/// Cotangents of everything that reaches a loss: a value, computed where it is asked for.
#[derive(Clone)]
pub struct Gradients {
    pub(crate) record: ComputationRecord,
    pub(crate) loss: NodeId,
    /// Nodes and their cotangents, by the first, which the record promises to keep.
    cotangents: Arc<Promise>,
}

impl Drop for Gradients {
    fn drop(&mut self) {
        self.record.update(|arena| arena.dismiss(&self.cotangents));
    }
}

impl Gradients {
    /// Gradients by name, of which a part would be missing.
    fn whole(&self) -> Result<()> {
        let Some(cut) = self.cotangents.cut else { return Ok(()) };
        let reason = format!("what {cut} was made of is forgotten, as its gradient has updated a store");
        Err(Error::Gradient {
            op: "gradients",
            reason,
            hint: "hold the gradients of the first time, or record it anew",
        })
    }

    /// The record they are recorded in.
    pub fn record(&self) -> &ComputationRecord {
        &self.record
    }

    /// What was differentiated.
    pub fn output(&self) -> Tensor {
        self.record.hold(self.loss)
    }

    /// The gradient with respect to a tensor, of its shape and dtype; zeros if it does not reach the loss.
    pub fn wrt(&self, x: &Tensor) -> Result<Tensor> {
        self.record.owns("wrt", x)?;
        self.at(x.id(), None)
    }

    /// The gradient with respect to a named parameter.
    pub fn parameter(&self, name: &str, caller: Option<&dyn Caller>) -> Result<Tensor> {
        self.whole()?;
        let found = self.record.read(|arena| {
            let named = arena.parameters();
            named.get(name).copied().ok_or_else(|| Error::UnknownParameter {
                op: "gradients",
                name: name.to_string(),
                known: quoted(named.keys().map(String::as_str)),
            })
        })?;
        self.at(found, caller)
    }

    /// Names of the record's parameters.
    pub fn names(&self) -> Result<Vec<String>> {
        self.whole()?;
        Ok(self.record.read(|arena| arena.parameters().keys().cloned().collect()))
    }

    /// Names of the parameters that reach the loss: those whose gradients are not zero for want of a way.
    pub fn reached(&self) -> Result<Vec<String>> {
        self.whole()?;
        let reaches = |(name, &id): (&String, &NodeId)| self.get(id).map(|_| name.clone());
        Ok(self.record.read(|arena| arena.parameters().iter().filter_map(reaches).collect()))
    }

    fn at(&self, x: NodeId, caller: Option<&dyn Caller>) -> Result<Tensor> {
        let found = self.get(x);
        if found.is_none() && self.record.read(|arena| arena.parameters().values().any(|&id| id == x)) {
            self.whole()?;
        }
        match found {
            Some(g) => Ok(self.record.hold(g)),
            None => self.record.record(caller, |r| {
                let x = r.at(x);
                if x.dtype().is_float() {
                    return x.zeros_like();
                }
                let reason = format!("the tensor has dtype {}", x.dtype());
                x.fail(Error::Gradient { op: "wrt", reason, hint: "only floats have gradients; use astype" })
            }),
        }
    }

    pub(crate) fn get(&self, x: NodeId) -> Option<NodeId> {
        let pairs = &self.cotangents.pairs;
        pairs.binary_search_by_key(&x, |(x, _)| *x).ok().map(|at| pairs[at].1)
    }

    /// Node by node the sum with other gradients of the same record.
    pub fn plus(&self, other: &Gradients, caller: Option<&dyn Caller>) -> Result<Gradients> {
        if !self.record.same(&other.record) {
            let (ours, theirs) = (self.record.id(), other.record.id());
            return Err(Error::Foreign { op: "add gradients", ours, theirs });
        }
        let cotangents = self.record.extend(caller, |r| {
            let mut sums = BTreeMap::from_iter(self.cotangents.pairs.iter().copied());
            for &(x, theirs) in &other.cotangents.pairs {
                sums.entry(x).and_modify(|mine| *mine = (r.at(*mine) + r.at(theirs)).id()).or_insert(theirs);
            }
            let cut = self.cotangents.cut.or(other.cotangents.cut);
            Ok(r.promise(Promise { output: self.loss.max(other.loss), pairs: sums.into_iter().collect(), cut }))
        })?;
        Ok(Gradients { record: self.record.clone(), loss: self.loss.max(other.loss), cotangents })
    }

    /// All of them times a number.
    pub fn scaled(&self, factor: f64, caller: Option<&dyn Caller>) -> Result<Gradients> {
        let cotangents = self.record.extend(caller, |r| {
            let scale = |&(x, g): &(NodeId, NodeId)| (x, (r.at(g) * factor).id());
            let pairs = self.cotangents.pairs.iter().map(scale).collect();
            Ok(r.promise(Promise { pairs, ..Promise::clone(&self.cotangents) }))
        })?;
        Ok(Gradients { record: self.record.clone(), loss: self.loss, cotangents })
    }
}
