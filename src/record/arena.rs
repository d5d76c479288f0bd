//! The arena: nodes in the order they were recorded, what is known of their values, and the running hash of it all.

use std::cell::Cell;
use std::sync::Arc;

use indexmap::IndexMap;
use parking_lot::Mutex;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::forget::Promise;
use super::hash::{Hash128, NodeSet};
use super::ids::Ids;
use super::node::{Node, NodeId};
use crate::buffer::{Buffer, NdArray};
use crate::dtype::{DType, Word};
use crate::error::{Error, Result};
use crate::ops::{Class, Op};
use crate::origin::{Origin, Place, Sources};
use crate::philox::Key;
use crate::shape::Shape;

/// What a leaf is given when it is recorded, and what a plan binds.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    None,
    /// One number everywhere, in the node's dtype.
    Scalar(Word),
    /// What a random draw is made from.
    Key(Key),
    /// All elements.
    Array(Arc<Buffer>),
}

/// What the arena knows of a node besides the node.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) handles: u32,
    /// The node's place in the list that a planner is making; means nothing unless the list agrees.
    place: Cell<u32>,
    /// What the node was given; never forgotten.
    given: Value,
    /// The elements, once computed.
    pub(super) elements: Option<Arc<Buffer>>,
    /// Others are made of it.
    read: bool,
    /// Its gradient has updated a store.
    pub(super) spent: bool,
    /// What it was made of is forgotten, and a gradient would have passed there.
    pub(super) cut: bool,
}

impl Slot {
    /// Of a node that was given nothing.
    #[allow(clippy::declare_interior_mutable_const, reason = "to be copied: each use is a slot of its own")]
    const BLANK: Slot = Slot {
        handles: 0,
        place: Cell::new(0),
        given: Value::None,
        elements: None,
        read: false,
        spent: false,
        cut: false,
    };
}

/// The lists that an arena fills. Their memory goes from those that are dropped to the next new arena: a record is made
/// every step, and fresh pages would cost it more than all else.
#[derive(Default)]
pub(crate) struct Lists {
    pub(super) nodes: Vec<Node>,
    pub(super) slots: Vec<Slot>,
}

/// Lists that were dropped, empty.
static SPARE: Mutex<Vec<(Vec<Node>, Vec<Slot>)>> = Mutex::new(Vec::new());

/// The most spare lists, and the most nodes they have room for each.
const SPARES: usize = 8;
const ROOM: usize = 1 << 14;

impl Lists {
    /// Empty ones, with room where there is some to be had.
    fn spare() -> Lists {
        let (nodes, slots) = SPARE.lock().pop().unwrap_or_default();
        Lists { nodes, slots }
    }
}

impl Drop for Lists {
    fn drop(&mut self) {
        // Values may be the last owners of foreign memory: they go before the lock is taken.
        self.nodes.clear();
        self.slots.clear();
        if (1..=ROOM).contains(&self.nodes.capacity()) {
            let mut spare = SPARE.lock();
            if spare.len() < SPARES {
                spare.push((std::mem::take(&mut self.nodes), std::mem::take(&mut self.slots)));
            }
        }
    }
}

/// The most work that is put off, in simple element operations.
pub(super) const BUDGET: u64 = 1 << 34;

/// What a node counts besides its elements, and each byte of an array that waits for its use: some ten thousand nodes, or
/// hundreds of megabytes, are a budget as well.
const EACH: u64 = 1 << 18;
const BYTE: u64 = 1 << 6;

/// Nodes and their values. Append-only: a node never changes, a value only appears, or is forgotten and can be computed
/// again; nodes that nobody can ask for any more leave together (`forget`).
pub struct Arena {
    pub(super) lists: Lists,
    pub(super) ids: Ids,
    pub(super) hash: Hash128,
    /// Nodes that somebody holds.
    pub(super) live: NodeSet,
    /// Nodes whose elements are stored.
    /// What states are to become, by name.
    pub(super) next_states: IndexMap<String, NodeId, FxBuildHasher>,
    pub(super) computed: NodeSet,
    /// Bytes of stored elements.
    pub(super) bytes: usize,
    pub(super) parameters: IndexMap<String, NodeId, FxBuildHasher>,
    /// Gradients may be asked for.
    pub(super) grad: bool,
    /// Gradients that somebody has, in the order they were recorded.
    pub(super) promises: Vec<Arc<Promise>>,
    /// What was differentiated since a store was updated.
    pub(super) swept: Vec<NodeId>,
    /// Plans that are running.
    pub(super) running: Cell<u32>,
    /// Nodes and bytes that were left when it was last looked what can be forgotten.
    pub(super) settled: (usize, usize),
    /// Work recorded since what is held was last computed, whether or not somebody has asked for it meanwhile.
    work: u64,
    keys: FxHashMap<Key, Origin>,
    pub(super) sources: Sources,
    /// The place that is recording now.
    pub(super) origin: Origin,
    /// True while a reverse sweep records.
    pub(super) backward: bool,
}

/// A place in the log to go back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    len: usize,
    hash: Hash128,
}

/// Everything the numbers of a plan depend on, besides the values it binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Program {
    recorded: Hash128,
    live: NodeSet,
    computed: NodeSet,
}

impl Arena {
    /// An empty one.
    pub(super) fn new(grad: bool) -> Arena {
        Arena {
            lists: Lists::spare(),
            ids: Ids::default(),
            hash: Hash128::default(),
            live: NodeSet::default(),
            computed: NodeSet::default(),
            bytes: 0,
            parameters: IndexMap::default(),
            next_states: IndexMap::default(),
            grad,
            promises: Vec::new(),
            swept: Vec::new(),
            running: Cell::new(0),
            settled: (0, 0),
            work: 0,
            keys: FxHashMap::default(),
            sources: Sources::default(),
            origin: Origin::default(),
            backward: false,
        }
    }
}

impl Arena {
    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.lists.nodes.len()
    }

    /// True for a record in which nothing happened.
    pub fn is_empty(&self) -> bool {
        self.lists.nodes.is_empty()
    }

    /// A node. Ids come from this arena, and of nodes that can be named.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.lists.nodes[self.ids.rank(id)]
    }

    /// How many nodes of the log lie before this one.
    pub fn rank(&self, id: NodeId) -> usize {
        self.ids.rank(id)
    }

    /// The node before which so many lie.
    pub fn at_rank(&self, rank: usize) -> NodeId {
        self.ids.id(rank)
    }

    fn slot(&self, id: NodeId) -> &Slot {
        &self.lists.slots[self.ids.rank(id)]
    }

    /// What a plan binds for a node: its elements if they are stored, else what it was given.
    pub fn value(&self, id: NodeId) -> Value {
        let slot = self.slot(id);
        slot.elements.clone().map_or_else(|| slot.given.clone(), Value::Array)
    }

    /// What the node was given when it was recorded.
    pub fn given(&self, id: NodeId) -> &Value {
        &self.slot(id).given
    }

    /// True when somebody holds the node.
    pub fn is_live(&self, id: NodeId) -> bool {
        self.slot(id).handles > 0
    }

    /// True when the node's elements are stored.
    pub fn is_computed(&self, id: NodeId) -> bool {
        self.slot(id).elements.is_some()
    }

    /// The program so far.
    pub fn program(&self) -> Program {
        Program { recorded: self.hash, live: self.live, computed: self.computed }
    }

    /// Appends a node, with what it is given.
    pub fn push(&mut self, op: Op, inputs: &[NodeId], shape: Shape, dtype: DType, value: Value) -> Result<NodeId> {
        let index = self.lists.nodes.len();
        if index == self.lists.nodes.capacity() || index == self.lists.slots.capacity() {
            self.grow()?;
        }
        let id = self.ids.id(index);
        if id.index() >= NodeId::MAX {
            return Err(self.full());
        }
        let (origin, backward) = (self.origin, self.backward);
        self.hash.push(&op, inputs, &shape, (dtype, backward), |input| self.ids.rank(input));
        inputs.iter().for_each(|input| self.lists.slots[self.ids.rank(*input)].read = true);
        self.work = self.work.saturating_add(EACH + shape.len() as u64);
        if let (Value::Key(key), Op::Leaf(_)) = (&value, &op) {
            self.keys.insert(*key, origin);
        }
        let (given, elements) = match value {
            Value::Array(elements) => (Value::None, Some(elements)),
            given => (given, None),
        };
        // All is written where it stays: on its way there from elsewhere it would be read in larger pieces than it was just
        // written in, which processors wait for.
        self.lists.nodes.push(Node::BLANK);
        self.lists.slots.push(Slot::BLANK);
        let (node, slot) = (&mut self.lists.nodes[index], &mut self.lists.slots[index]);
        node.inputs.extend_from_slice(inputs);
        (node.op, node.shape, node.dtype) = (op, shape, dtype);
        (node.origin, node.backward) = (origin, backward);
        slot.given = given;
        if let Some(elements) = elements {
            self.work = self.work.saturating_add(BYTE * elements.len() as u64);
            self.set_elements(id, Some(elements));
        }
        Ok(id)
    }

    /// Doubles the room for nodes, or says that there is no memory for it.
    #[cold]
    fn grow(&mut self) -> Result<()> {
        let more = self.lists.nodes.len().max(32);
        let refused = |_| Error::Allocation { op: "record", bytes: more * size_of::<Node>() };
        self.lists.nodes.try_reserve_exact(more).map_err(refused)?;
        self.lists.slots.try_reserve_exact(more).map_err(refused)
    }

    #[cold]
    fn full(&self) -> Error {
        let got = format!("{} nodes", NodeId::MAX);
        Error::Argument { op: "record", argument: "length", got, expected: "fewer than 2**32 nodes" }
    }

    /// True when more work is put off than a record may.
    pub(crate) fn is_overdue(&self) -> bool {
        self.work > BUDGET
    }

    /// How much work is put off; begins to count anew.
    pub(crate) fn put_off(&mut self) -> u64 {
        std::mem::take(&mut self.work)
    }

    /// Bytes of stored elements.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What is held and not computed.
    pub(crate) fn due(&self) -> Vec<NodeId> {
        let slots = self.lists.slots.iter().zip(&self.lists.nodes).enumerate();
        let due = slots.filter(|(_, (s, n))| s.handles > 0 && s.elements.is_none() && !n.inputs.is_empty());
        due.map(|(rank, _)| self.ids.id(rank)).collect()
    }

    /// The number of nodes that somebody holds.
    pub(crate) fn count_held(&self) -> usize {
        self.lists.slots.iter().filter(|slot| slot.handles > 0).count()
    }

    /// The end of the log as it is now.
    pub fn mark(&self) -> Mark {
        Mark { len: self.lists.nodes.len(), hash: self.hash }
    }

    /// Forgets what was recorded behind a mark, of which nobody has a handle yet: a failed call leaves no trace.
    pub fn rewind(&mut self, mark: Mark) {
        (mark.len..self.lists.nodes.len()).for_each(|rank| self.set_elements(self.ids.id(rank), None));
        self.lists.nodes.truncate(mark.len);
        self.lists.slots.truncate(mark.len);
        self.hash = mark.hash;
        self.parameters.retain(|_, id| self.ids.rank(*id) < mark.len);
    }

    /// Somebody new holds the node.
    pub fn acquire(&mut self, id: NodeId) {
        let rank = self.ids.rank(id);
        let slot = &mut self.lists.slots[rank];
        slot.handles += 1;
        if slot.handles == 1 {
            self.live.toggle(rank);
        }
    }

    /// Somebody let the node go. A value is forgotten with its last holder if it is of no use, or cheap to compute again
    /// from others that are stored.
    pub fn release(&mut self, id: NodeId) {
        let rank = self.ids.rank(id);
        let slot = &mut self.lists.slots[rank];
        slot.handles -= 1;
        if slot.handles == 0 {
            self.live.toggle(rank);
            let (node, slot) = (&self.lists.nodes[rank], &self.lists.slots[rank]);
            if matches!(node.op.class(), Class::Elementwise | Class::View)
                && slot.elements.is_some()
                && (!slot.read || node.inputs.iter().all(|&input| self.is_near(input)))
            {
                self.set_elements(id, None);
            }
        }
    }

    /// True if the node's elements are stored, under it or under another node that it sees, or can be had from nothing.
    fn is_near(&self, mut id: NodeId) -> bool {
        loop {
            let node = self.node(id);
            match node.op {
                Op::View(_) if !self.is_computed(id) => id = node.inputs[0],
                _ => return node.inputs.is_empty() || self.is_computed(id),
            }
        }
    }

    /// The node's place in a list of distinct nodes, if it is in it: a sparse set (Briggs and Torczon, 1993), whose dense
    /// half is the list, so that nothing needs clearing between plans.
    pub fn place_in(&self, list: &[NodeId], id: NodeId) -> Option<usize> {
        let place = self.slot(id).place.get() as usize;
        (list.get(place) == Some(&id)).then_some(place)
    }

    /// Notes the node's place in a list.
    pub fn set_place(&self, id: NodeId, place: usize) {
        self.slot(id).place.set(place as u32);
    }

    /// Stores or forgets a node's elements.
    pub fn set_elements(&mut self, id: NodeId, elements: Option<Arc<Buffer>>) {
        let rank = self.ids.rank(id);
        let slot = &mut self.lists.slots[rank].elements;
        if slot.is_some() != elements.is_some() {
            self.computed.toggle(rank);
        }
        let bytes = |elements: &Option<Arc<Buffer>>| elements.as_ref().map_or(0, |elements| elements.len());
        self.bytes = self.bytes + bytes(&elements) - bytes(slot);
        *slot = elements;
    }

    /// The node's elements, if they are stored.
    pub fn array(&self, id: NodeId) -> Option<Result<NdArray>> {
        let node = self.node(id);
        let elements = self.slot(id).elements.clone();
        elements.map(|buffer| NdArray::new(node.dtype, node.shape.clone(), buffer))
    }

    /// Gives a node a name under which gradients and optimisers find it.
    pub fn name_parameter(&mut self, name: &str, id: NodeId) {
        self.parameters.insert(name.to_string(), id);
    }

    /// Named nodes in the order they were named.
    pub fn parameters(&self) -> &IndexMap<String, NodeId, FxBuildHasher> {
        &self.parameters
    }

    /// Notes what a state is to become; noted again, the later value counts.
    pub fn set_next_state(&mut self, name: &str, id: NodeId) {
        self.next_states.insert(name.to_string(), id);
    }

    /// What states are to become, in the order they were first noted.
    pub fn next_states(&self) -> &IndexMap<String, NodeId, FxBuildHasher> {
        &self.next_states
    }

    /// Where a key was drawn from first.
    pub fn first_use(&self, key: Key) -> Option<Origin> {
        self.keys.get(&key).copied()
    }

    /// A place as messages carry it.
    pub fn place(&self, origin: Origin) -> Place {
        self.sources.place(origin)
    }
}
