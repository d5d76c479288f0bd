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
mod forget;
mod hash;
mod ids;
mod node;
mod show;
mod tensor;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::buffer::NdArray;
use crate::error::{Error, Result};
use crate::ops::Leaf;
use crate::origin::{Caller, Origin};

pub use arena::{Arena, Program, Value};
use arena::{BUDGET, Mark};
pub use expr::{Expr, Recorder};
pub(crate) use forget::Promise;
pub use node::{Inputs, Node, NodeId};
pub use tensor::{Tensor, functions};

/// Numbers records, so that messages can tell them apart.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

struct Shared {
    id: u64,
    grad: bool,
    budget: Option<usize>,
    /// More is recorded and not computed than a record may put off.
    overdue: AtomicBool,
    recorder: Mutex<Recorder>,
}

/// Records that are looked at later. If one is still there, somebody may hold a last value of it, and what that was made
/// of can go.
struct Visits {
    /// By the number of the record at whose making it is looked at, and its own: how many others were waited for.
    asked: BTreeMap<(u64, u64), (u64, Weak<Shared>)>,
    /// Of those, the ones that wait to be computed, and how much work that is.
    late: Vec<Weak<Shared>>,
    work: u64,
}

static VISITS: Mutex<Visits> = Mutex::new(Visits { asked: BTreeMap::new(), late: Vec::new(), work: 0 });

/// Most records are gone after so many others were made.
const AGE: u64 = 8;

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
        ComputationRecord::with_memory_budget(grad, None)
    }

    /// An empty record whose arrays, with those of the plan that is running, take so many bytes at most.
    pub fn with_memory_budget(grad: bool, budget: Option<usize>) -> ComputationRecord {
        let (record, late) = ComputationRecord::open(grad, budget);
        late.iter().for_each(ComputationRecord::settle);
        record
    }

    /// The most bytes of arrays that it may hold while it computes.
    pub fn memory_budget(&self) -> Option<usize> {
        self.0.budget
    }

    /// An empty record, and others that have to be settled because too much is put off in them together.
    pub(crate) fn open(grad: bool, budget: Option<usize>) -> (ComputationRecord, Vec<ComputationRecord>) {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let recorder = Mutex::new(Recorder::new(grad));
        let record =
            ComputationRecord(Arc::new(Shared { id, grad, budget, overdue: AtomicBool::new(false), recorder }));
        let late = record.visit_others();
        (record, late)
    }

    /// Looks through some records whose time has come, and asks for a visit.
    fn visit_others(&self) -> Vec<ComputationRecord> {
        let now = self.id();
        let ask = |record: &ComputationRecord, wait: u64| {
            VISITS.lock().asked.insert((now + wait, record.id()), (wait, Arc::downgrade(&record.0)));
        };
        ask(self, AGE);
        // More than one, as records come back. They are left without a lock: what goes may be foreign memory.
        for _ in 0..4 {
            let next = {
                let mut visits = VISITS.lock();
                visits.asked.first_entry().filter(|first| first.key().0 <= now).map(|first| first.remove())
            };
            let Some((wait, record)) = next else { break };
            if let Some(other) = record.upgrade().map(ComputationRecord) {
                if other.forget() {
                    ask(&other, 2 * wait);
                }
                let work = other.update(|arena| if arena.due().is_empty() { 0 } else { arena.put_off() });
                if work > 0 {
                    let mut visits = VISITS.lock();
                    visits.work = visits.work.saturating_add(work);
                    visits.late.push(record);
                }
            }
        }
        let mut visits = VISITS.lock();
        if visits.work <= BUDGET {
            return Vec::new();
        }
        visits.work = 0;
        let late = std::mem::take(&mut visits.late);
        drop(visits);
        let late: Vec<ComputationRecord> = late.iter().filter_map(Weak::upgrade).map(ComputationRecord).collect();
        late.iter().for_each(|other| other.0.overdue.store(true, Ordering::Relaxed));
        late
    }

    /// Forgets, if there is so much more than the last time that it costs little.
    pub(crate) fn tidy(&self) {
        if self.read(Arena::has_grown) {
            self.forget();
        }
    }

    /// Forgets what nobody can ask for any more; true if anything is left that a later look could forget.
    pub(crate) fn forget(&self) -> bool {
        let (gone, left) = self.update(|arena| (arena.forget(), arena.len() > arena.count_held()));
        drop(gone);
        left
    }

    /// True when more is recorded and not computed than a record may put off.
    pub(crate) fn is_overdue(&self) -> bool {
        self.0.overdue.load(Ordering::Relaxed)
    }

    /// Takes note that a store was updated by what was computed here: gradients by name of what was differentiated so far
    /// are of the past.
    pub(crate) fn updated(&self) {
        self.update(Arena::updated);
    }

    /// What is held and not computed, of which the count begins anew.
    pub(crate) fn due(&self) -> Vec<Tensor> {
        self.0.overdue.store(false, Ordering::Relaxed);
        let due = self.update(|arena| {
            arena.put_off();
            arena.due()
        });
        due.into_iter().map(|id| self.hold(id)).collect()
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
        let mark = recorder.enter(caller);
        let id = make(&recorder).id();
        match recorder.take_failure() {
            Some(failure) => recorder.arena_mut().undone(mark, failure),
            None => {
                let arena = recorder.arena_mut();
                arena.acquire(id);
                if arena.is_overdue() {
                    self.0.overdue.store(true, Ordering::Relaxed);
                }
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
        let mark = recorder.enter(caller);
        let made = make(&recorder).map(|list| list.iter().map(|x| x.id()).collect::<Vec<_>>());
        let ids = match (recorder.take_failure(), made) {
            (Some(failure), _) | (None, Err(failure)) => return recorder.arena_mut().undone(mark, failure),
            (None, Ok(ids)) => ids,
        };
        let arena = recorder.arena_mut();
        ids.iter().for_each(|&id| arena.acquire(id));
        if arena.is_overdue() {
            self.0.overdue.store(true, Ordering::Relaxed);
        }
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
        let mark = recorder.enter(caller);
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
