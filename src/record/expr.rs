//! The language in which operations, derivatives and compositions are written.
//!
//! An [`Expr`] is a node of a record that is locked by its owner: a copyable pair of a reference and an index, so that rules
//! read like formulas (`g.gate(y * 0.5)`). Nothing here returns a `Result`: the first failure is kept in the [`Recorder`],
//! everything made of a failed expression is failed too, and whoever opened the recorder asks for the failure at the end.

use std::cell::{Cell, Ref, RefCell};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::arena::{Arena, Mark, Value};
use super::forget::Promise;
use super::node::NodeId;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{Leaf, Op};
use crate::origin::{Caller, Origin, Place};
use crate::philox::Key;
use crate::shape::Shape;

/// A record while it is being written to.
pub struct Recorder {
    arena: RefCell<Arena>,
    failure: RefCell<Option<Error>>,
    /// A node here is of a dtype that only stores: else there is nothing to look for.
    narrow: Cell<bool>,
    /// What this call has rounded to such a dtype, and the value before.
    rounded: RefCell<FxHashMap<NodeId, NodeId>>,
}

/// A node of the record being written to.
#[derive(Clone, Copy)]
pub struct Expr<'r> {
    recorder: &'r Recorder,
    id: NodeId,
}

impl Recorder {
    pub(super) fn new(grad: bool) -> Recorder {
        let (failure, narrow, rounded) = Default::default();
        Recorder { arena: RefCell::new(Arena::new(grad)), failure, narrow, rounded }
    }

    /// The arena, for reading.
    pub fn arena(&self) -> Ref<'_, Arena> {
        self.arena.borrow()
    }

    /// The arena, for writing, where the recorder is not shared.
    pub(super) fn arena_mut(&mut self) -> &mut Arena {
        self.arena.get_mut()
    }

    /// Begins a call, on behalf of a caller; a failure that a panic has left behind is none of this call's.
    pub(super) fn enter(&mut self, caller: Option<&dyn Caller>) -> Mark {
        *self.failure.get_mut() = None;
        if self.narrow.get() {
            self.rounded.get_mut().clear();
        }
        self.arena_mut().enter(caller)
    }

    /// Takes note of a value before it was rounded.
    pub(crate) fn set_rounded(&self, rounded: Expr<'_>, before: Expr<'_>) {
        if rounded.id != NodeId::FAILED {
            self.rounded.borrow_mut().insert(rounded.id, before.id);
        }
    }

    /// What a node was before this call rounded it.
    pub(crate) fn before_rounding(&self, id: NodeId) -> Option<Expr<'_>> {
        let before = if self.narrow.get() { self.rounded.borrow().get(&id).copied() } else { None };
        before.map(|before| self.at(before))
    }

    /// The node as an expression.
    pub fn at(&self, id: NodeId) -> Expr<'_> {
        Expr { recorder: self, id }
    }

    /// Appends a leaf.
    pub fn leaf(&self, leaf: Leaf, shape: Shape, dtype: DType, value: Value) -> Expr<'_> {
        if dtype.only_stores() && !Op::Leaf(leaf).moves() {
            return self.leaf_in_class(leaf, shape, dtype, value);
        }
        self.append(Op::Leaf(leaf), &[], shape, dtype, value)
    }

    /// Appends a node of any number of inputs.
    #[inline]
    pub(crate) fn push_node(&self, op: Op, inputs: &[NodeId], shape: Shape, dtype: DType) -> Expr<'_> {
        if inputs.contains(&NodeId::FAILED) {
            return self.at(NodeId::FAILED);
        }
        if (self.narrow.get() || dtype.only_stores()) && self.goes_to_class(&op, inputs, dtype) {
            return self.push_in_class(op, inputs, shape, dtype);
        }
        self.append(op, inputs, shape, dtype, Value::None)
    }

    fn append(&self, op: Op, inputs: &[NodeId], shape: Shape, dtype: DType, value: Value) -> Expr<'_> {
        if dtype.only_stores() {
            self.narrow.set(true);
        }
        let appended = self.arena.borrow_mut().push(op, inputs, shape, dtype, value);
        appended.map_or_else(|error| self.fail(error), |id| self.at(id))
    }

    /// Keeps the failure, if it is the first, and gives the failed expression.
    pub fn fail(&self, error: Error) -> Expr<'_> {
        self.failure.borrow_mut().get_or_insert(error);
        self.at(NodeId::FAILED)
    }

    /// The first failure since the last time it was asked for.
    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.failure.borrow_mut().take()
    }

    /// Names a node as a parameter.
    pub fn name_parameter(&self, name: &str, x: Expr<'_>) {
        if x.id != NodeId::FAILED {
            self.arena.borrow_mut().name_parameter(name, x.id);
        }
    }

    /// Where a key was drawn from before.
    pub(crate) fn first_use(&self, key: Key) -> Option<Origin> {
        self.arena().first_use(key)
    }

    /// A place as messages carry it.
    pub(crate) fn place(&self, origin: Origin) -> Place {
        self.arena().place(origin)
    }

    /// Takes note of gradients that somebody will have.
    pub(crate) fn promise(&self, promise: Promise) -> Arc<Promise> {
        self.arena.borrow_mut().promise(promise)
    }

    /// Records on behalf of a node: what is appended until the next call carries its place, and is marked as backward.
    pub(crate) fn on_behalf(&self, of: Option<Origin>) {
        let mut arena = self.arena.borrow_mut();
        arena.backward = of.is_some();
        arena.origin = of.unwrap_or(arena.origin);
    }
}

impl<'r> Expr<'r> {
    /// The node.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The record it is written to.
    pub fn recorder(self) -> &'r Recorder {
        self.recorder
    }

    /// Another node of the same record.
    pub(crate) fn sibling(self, id: NodeId) -> Expr<'r> {
        self.recorder.at(id)
    }

    /// The shape; () for a failed expression.
    pub fn shape(self) -> Shape {
        if self.id == NodeId::FAILED { Shape::scalar() } else { self.recorder.arena().node(self.id).shape.clone() }
    }

    /// The dtype; float32 for a failed expression.
    pub fn dtype(self) -> DType {
        if self.id == NodeId::FAILED { DType::F32 } else { self.recorder.arena().node(self.id).dtype }
    }

    /// Shape and dtype; those of a float32 scalar for a failed expression.
    #[inline]
    pub(crate) fn facts(self) -> (Shape, DType) {
        if self.id == NodeId::FAILED {
            return (Shape::scalar(), DType::F32);
        }
        let arena = self.recorder.arena();
        let node = arena.node(self.id);
        (node.shape.clone(), node.dtype)
    }

    /// Shape and dtype of both, if they are equal.
    #[inline]
    pub(crate) fn alike(self, other: Expr<'r>) -> Option<(Shape, DType)> {
        if self.id == NodeId::FAILED || other.id == NodeId::FAILED {
            return None;
        }
        let arena = self.recorder.arena();
        let (a, b) = (arena.node(self.id), arena.node(other.id));
        (a.dtype == b.dtype && a.shape == b.shape).then(|| (a.shape.clone(), a.dtype))
    }

    /// The operation; of a failed expression, an alias.
    pub fn op(self) -> Op {
        if self.id == NodeId::FAILED {
            return Op::View(crate::ops::View::Stop);
        }
        self.recorder.arena().node(self.id).op.clone()
    }

    /// The inputs.
    pub(crate) fn inputs(self) -> SmallVec<[Expr<'r>; 3]> {
        if self.id == NodeId::FAILED {
            return SmallVec::new();
        }
        self.recorder.arena().node(self.id).inputs.iter().map(|&id| self.sibling(id)).collect()
    }

    /// Appends a node with these inputs, at most three, to the record.
    #[inline]
    pub(crate) fn push(self, op: Op, inputs: &[Expr<'r>], shape: Shape, dtype: DType) -> Expr<'r> {
        let mut ids = [NodeId::FAILED; 3];
        ids.iter_mut().zip(inputs).for_each(|(id, x)| *id = x.id);
        self.recorder.push_node(op, &ids[..inputs.len()], shape, dtype)
    }

    /// Keeps the failure and gives the failed expression.
    pub fn fail(self, error: Error) -> Expr<'r> {
        if self.id == NodeId::FAILED { self } else { self.recorder.fail(error) }
    }

    /// Runs a fallible construction, unless this expression has failed already.
    pub fn attempt(self, make: impl FnOnce() -> Result<Expr<'r>>) -> Expr<'r> {
        if self.id == NodeId::FAILED {
            return self;
        }
        make().unwrap_or_else(|error| self.recorder.fail(error))
    }
}
