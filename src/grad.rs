//! The reverse sweep, on one screen.
//!
//! Enters: a loss and the cotangent of it. Leaves: [`Gradients`], a map from nodes to their cotangents, all recorded in the
//! same record and computed only when somebody asks. One loop up the indices finds what has a use for a cotangent, one
//! loop down them applies each node's rule; the arena's order is the topological order, so nothing is sorted or recursed.

use crate::error::{Error, Result, quoted};
use crate::ops::{self, Op};
use crate::origin::Caller;
use crate::record::{Arena, ComputationRecord, Expr, NodeId, Recorder, Tensor};

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
            crate::buffer::headroom("grad", loss.index(), LISTS)?;
            Ok(sweep(r, loss, seed))
        })?;
        Ok(Gradients { record: record.clone(), loss, cotangents })
    }
}

/// Bytes a node takes in the lists of the sweep.
const LISTS: usize = 16;

/// For each node up to the loss: whether somebody could ask for its cotangent, or needs it to go on.
fn wanted(arena: &Arena, loss: NodeId) -> Vec<bool> {
    let mut wanted = vec![false; loss.index() + 1];
    arena.parameters().values().filter(|id| **id <= loss).for_each(|id| wanted[id.index()] = true);
    for index in 0..wanted.len() {
        let id = NodeId::new(index);
        let node = arena.node(id);
        let passes = !ops::blocks_gradient(&node.op) && node.inputs.iter().any(|input| wanted[input.index()]);
        wanted[index] = node.dtype.is_float() && (wanted[index] || arena.is_live(id) || passes);
    }
    wanted
}

/// Walks down from the loss and hands each node's cotangent to its inputs.
fn sweep(r: &Recorder, loss: NodeId, seed: Expr<'_>) -> Vec<NodeId> {
    let wanted = wanted(&r.arena(), loss);
    let mut cotangents = vec![NodeId::FAILED; wanted.len()];
    cotangents[loss.index()] = seed.id();
    for index in (0..=loss.index()).rev() {
        let id = NodeId::new(index);
        let g = cotangents[index];
        if g == NodeId::FAILED {
            continue;
        }
        let (op, inputs, origin) = {
            let arena = r.arena();
            let node = arena.node(id);
            if matches!(node.op, Op::Leaf(_)) || ops::blocks_gradient(&node.op) {
                continue;
            }
            (node.op.clone(), node.inputs.clone(), node.origin)
        };
        let wants: smallvec::SmallVec<[bool; 3]> = inputs.iter().map(|input| wanted[input.index()]).collect();
        if !wants.contains(&true) {
            continue;
        }
        r.on_behalf(Some(origin));
        let x = ops::inputs_of(seed, &inputs);
        let contributions = ops::vjp(&op, &x, r.at(id), r.at(g), &wants);
        for ((input, part), _) in inputs.iter().zip(contributions).zip(&wants).filter(|(_, wanted)| **wanted) {
            let Some(part) = part else { continue };
            let slot = &mut cotangents[input.index()];
            *slot = if *slot == NodeId::FAILED { part.id() } else { r.at(*slot).accumulate(part).id() };
        }
    }
    r.on_behalf(None);
    cotangents
}

/// Cotangents of everything that reaches a loss: a value, computed where it is asked for.
#[derive(Clone)]
pub struct Gradients {
    pub(crate) record: ComputationRecord,
    pub(crate) loss: NodeId,
    /// By the index of the node; `FAILED` where there is none.
    cotangents: Vec<NodeId>,
}

impl Gradients {
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
    pub fn names(&self) -> Vec<String> {
        self.record.read(|arena| arena.parameters().keys().cloned().collect())
    }

    fn at(&self, x: NodeId, caller: Option<&dyn Caller>) -> Result<Tensor> {
        match self.get(x) {
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
        self.cotangents.get(x.index()).copied().filter(|&g| g != NodeId::FAILED)
    }

    /// Node by node the sum with other gradients of the same record.
    pub fn plus(&self, other: &Gradients, caller: Option<&dyn Caller>) -> Result<Gradients> {
        if !self.record.same(&other.record) {
            let (ours, theirs) = (self.record.id(), other.record.id());
            return Err(Error::Foreign { op: "add gradients", ours, theirs });
        }
        let mut cotangents = self.cotangents.clone();
        cotangents.resize(cotangents.len().max(other.cotangents.len()), NodeId::FAILED);
        self.record.extend(caller, |r| {
            let sum = |mine: NodeId, theirs: NodeId| match (mine, theirs) {
                (NodeId::FAILED, one) | (one, NodeId::FAILED) => one,
                (mine, theirs) => (r.at(mine) + r.at(theirs)).id(),
            };
            cotangents.iter_mut().zip(&other.cotangents).for_each(|(mine, &theirs)| *mine = sum(*mine, theirs));
            Ok(())
        })?;
        Ok(Gradients { record: self.record.clone(), loss: self.loss.max(other.loss), cotangents })
    }

    /// All of them times a number.
    pub fn scaled(&self, factor: f64, caller: Option<&dyn Caller>) -> Result<Gradients> {
        let scale = |r: &Recorder, g: NodeId| if g == NodeId::FAILED { g } else { (r.at(g) * factor).id() };
        let cotangents = self.record.extend(caller, |r| Ok(self.cotangents.iter().map(|&g| scale(r, g)).collect()))?;
        Ok(Gradients { cotangents, ..self.clone() })
    }
}
