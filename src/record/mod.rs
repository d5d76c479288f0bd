//! The record: an append-only log of operations, and handles into it.
//!
//! Enters: operations, checked by `ops`. Leaves: [`Tensor`] handles, and the arena that plans are made from. Promises: a
//! node's inputs have smaller indices than the node, so every pass is a loop and no depth is too deep; a node never changes;
//! a handle knows its record; dropping the record frees everything; the lock is never held while foreign code runs.
//!
//! ```text
//!   Tensor ──┐                       ┌── nodes   what was recorded, in order
//!   Tensor ──┼── Arc ── lock ── Arena┼── slots   who holds it, what is known of its value
//!   Record ──┘                       └── hash    the program's name, kept up to date by every push, hold and drop
//! ```

mod arena;
mod expr;
mod hash;
mod node;
mod show;
mod tensor;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::buffer::NdArray;
use crate::error::{Error, Result};
use crate::ops::Leaf;
use crate::origin::{Caller, Origin};

use arena::Mark;
pub use arena::{Arena, Program, Value};
pub use expr::{Expr, Recorder};
pub use node::{Inputs, Node, NodeId};
pub use tensor::{Tensor, functions};

/// Numbers records, so that messages can tell them apart.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

struct Shared {
    id: u64,
    grad: bool,
    recorder: Mutex<Recorder>,
}

/// An arena of recorded operations. Cloning gives another handle to the same one.
///
/// ```
/// use phonograd::{ComputationRecord, NdArray, relu, sum};
/// let rec = ComputationRecord::new();
/// let x = rec.tensor_from_value(NdArray::from_slice(&[-1.0f32, 2.0])?)?;
/// let loss = sum(&relu(&x)?)?;
/// assert_eq!(loss.data()?.to_string(), "2.0");
/// assert_eq!(loss.grad()?.wrt(&x)?.data()?.to_string(), "[0.0, 1.0]");
/// # Ok::<(), phonograd::Error>(())
/// ```
#[derive(Clone)]
pub struct ComputationRecord(Arc<Shared>);

impl Default for ComputationRecord {
    fn default() -> ComputationRecord {
        ComputationRecord::new()
    }
}

impl ComputationRecord {
    /// An empty record.
    pub fn new() -> ComputationRecord {
        ComputationRecord::with_grad(true)
    }

    /// An empty record; one without gradients keeps no value for a backward pass and refuses `grad`.
    pub fn with_grad(grad: bool) -> ComputationRecord {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        ComputationRecord(Arc::new(Shared { id, grad, recorder: Mutex::new(Recorder::new()) }))
    }

    /// The record's number.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// True when gradients may be asked for.
    pub fn has_grad(&self) -> bool {
        self.0.grad
    }

    /// The number of nodes recorded.
    pub fn len(&self) -> usize {
        self.read(Arena::len)
    }

    /// True when nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True for handles to the same record.
    pub fn same(&self, other: &ComputationRecord) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A leaf that holds an array.
    pub fn tensor_from_value(&self, value: NdArray) -> Result<Tensor> {
        self.record(None, |r| r.data(value))
    }

    /// A leaf that holds an array and is found by name in gradients. Asked for again, it is the same leaf, so that what
    /// shares a parameter adds its gradients.
    pub fn parameter(&self, name: &str, value: NdArray, caller: Option<&dyn Caller>) -> Result<Tensor> {
        self.record(caller, |r| {
            let known = r.arena().parameters().get(name).copied();
            if let Some(id) = known {
                return r.at(id);
            }
            let leaf = r.data(value);
            r.name_parameter(name, leaf);
            leaf
        })
    }

    /// Notes what a state is to become once a step succeeds: an entry in the log, which changes no store.
    pub fn set_next_state(&self, name: &str, value: &Tensor) -> Result<()> {
        self.owns("next_state", value)?;
        self.update(|arena| arena.set_next_state(name, value.id()));
        Ok(())
    }

    /// What a state is to become, if that was noted.
    pub fn next_state(&self, name: &str) -> Option<Tensor> {
        self.read(|arena| arena.next_states().get(name).copied()).map(|id| self.hold(id))
    }

    /// Names of the states for which it was noted what they are to become, in that order.
    pub fn next_states(&self) -> Vec<String> {
        self.read(|arena| arena.next_states().keys().cloned().collect())
    }

    /// Records one expression and holds its result.
    pub fn record(
        &self,
        caller: Option<&dyn Caller>,
        make: impl for<'r> FnOnce(&'r Recorder) -> Expr<'r>,
    ) -> Result<Tensor> {
        let mut recorder = self.0.recorder.lock();
        let mark = recorder.arena_mut().enter(caller);
        let id = make(&recorder).id();
        match recorder.take_failure() {
            Some(failure) => recorder.arena_mut().undone(mark, failure),
            None => {
                recorder.arena_mut().acquire(id);
                Ok(Tensor::adopt(self.clone(), id))
            }
        }
    }

    /// Records several expressions and holds their results.
    pub fn record_many(
        &self,
        caller: Option<&dyn Caller>,
        make: impl for<'r> FnOnce(&'r Recorder) -> Result<Vec<Expr<'r>>>,
    ) -> Result<Vec<Tensor>> {
        let mut recorder = self.0.recorder.lock();
        let mark = recorder.arena_mut().enter(caller);
        let made = make(&recorder).map(|list| list.iter().map(|x| x.id()).collect::<Vec<_>>());
        let ids = match (recorder.take_failure(), made) {
            (Some(failure), _) | (None, Err(failure)) => return recorder.arena_mut().undone(mark, failure),
            (None, Ok(ids)) => ids,
        };
        let arena = recorder.arena_mut();
        ids.iter().for_each(|&id| arena.acquire(id));
        Ok(ids.into_iter().map(|id| Tensor::adopt(self.clone(), id)).collect())
    }

    /// Reads the arena.
    pub fn read<T>(&self, look: impl FnOnce(&Arena) -> T) -> T {
        look(&self.0.recorder.lock().arena())
    }

    /// Changes what the arena knows of values and holders.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut Arena) -> T) -> T {
        change(self.0.recorder.lock().arena_mut())
    }

    /// A handle for a node of this record.
    pub(crate) fn hold(&self, id: NodeId) -> Tensor {
        self.update(|arena| arena.acquire(id));
        Tensor::adopt(self.clone(), id)
    }

    /// Records with access to the recorder, for passes that append many nodes.
    pub(crate) fn extend<T>(
        &self,
        caller: Option<&dyn Caller>,
        make: impl FnOnce(&Recorder) -> Result<T>,
    ) -> Result<T> {
        let mut recorder = self.0.recorder.lock();
        let mark = recorder.arena_mut().enter(caller);
        let made = make(&recorder);
        match (recorder.take_failure(), made) {
            (Some(failure), _) | (None, Err(failure)) => recorder.arena_mut().undone(mark, failure),
            (None, made) => made,
        }
    }

    /// An error unless the tensor is of this record.
    pub fn owns(&self, op: &'static str, tensor: &Tensor) -> Result<()> {
        if self.same(tensor.record()) {
            return Ok(());
        }
        Err(Error::Foreign { op, ours: self.id(), theirs: tensor.record().id() })
    }
}

impl Recorder {
    /// A leaf that holds an array.
    pub fn data(&self, value: NdArray) -> Expr<'_> {
        let (shape, dtype) = (value.shape().clone(), value.dtype());
        self.leaf(Leaf::Data, shape, dtype, Value::Array(value.buffer().clone()))
    }
}

impl Arena {
    /// Undoes what a failed call recorded.
    fn undone<T>(&mut self, mark: Mark, failure: Error) -> Result<T> {
        self.rewind(mark);
        Err(failure)
    }

    /// Notes the place that records from now on, and where the log ends before it does.
    fn enter(&mut self, caller: Option<&dyn Caller>) -> Mark {
        self.backward = false;
        self.origin = match caller {
            Some(caller) => self.sources.origin(caller),
            None => Origin::default(),
        };
        self.mark()
    }
}
