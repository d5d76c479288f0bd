//! The arena: nodes in the order they were recorded, what is known of their values, and the running hash of it all.

use std::cell::Cell;
use std::sync::Arc;

use indexmap::IndexMap;
use parking_lot::Mutex;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::hash::{Hash128, NodeSet};
use super::node::{Node, NodeId};
use crate::buffer::{Buffer, NdArray};
use crate::dtype::Word;
use crate::error::{Error, Result};
use crate::ops::{Class, Op};
use crate::origin::{Origin, Place, Sources};
use crate::philox::Key;

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
#[derive(Debug, Default)]
struct Slot {
    handles: u32,
    /// The node's place in the list that a planner is making; means nothing unless the list agrees.
    place: Cell<u32>,
    /// What the node was given; never forgotten.
    given: Value,
    /// The elements, once computed.
    elements: Option<Arc<Buffer>>,
}

/// The lists that an arena fills. Their memory goes from a dropped arena to the next new one: a record is made every step,
/// and fresh pages would cost it more than all else.
#[derive(Default)]
struct Lists {
    nodes: Vec<Node>,
    slots: Vec<Slot>,
}

/// Lists of arenas that were dropped, empty.
static SPARE: Mutex<Vec<Lists>> = Mutex::new(Vec::new());

/// The most spare lists, and the most nodes they have room for each.
const SPARES: usize = 8;
const ROOM: usize = 1 << 14;

/// Nodes and their values. Append-only: a node never changes, a value only appears, or is forgotten and can be computed again.
pub struct Arena {
    lists: Lists,
    hash: Hash128,
    /// Nodes that somebody holds.
    live: NodeSet,
    /// Nodes whose elements are stored.
    computed: NodeSet,
    parameters: IndexMap<String, NodeId, FxBuildHasher>,
    /// What states are to become, by name.
    next_states: IndexMap<String, NodeId, FxBuildHasher>,
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

impl Default for Arena {
    fn default() -> Arena {
        Arena {
            lists: SPARE.lock().pop().unwrap_or_default(),
            hash: Hash128::default(),
            live: NodeSet::default(),
            computed: NodeSet::default(),
            parameters: IndexMap::default(),
            next_states: IndexMap::default(),
            keys: FxHashMap::default(),
            sources: Sources::default(),
            origin: Origin::default(),
            backward: false,
        }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let mut lists = std::mem::take(&mut self.lists);
        if lists.nodes.capacity() <= ROOM {
            // Values may be the last owners of foreign memory: they go before the lock is taken.
            lists.nodes.clear();
            lists.slots.clear();
            let mut spare = SPARE.lock();
            if spare.len() < SPARES {
                spare.push(lists);
            }
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

    /// A node. Ids come from this arena, whose nodes never go away.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.lists.nodes[id.index()]
    }

    /// What a plan binds for a node: its elements if they are stored, else what it was given.
    pub fn value(&self, id: NodeId) -> Value {
        let slot = &self.lists.slots[id.index()];
        slot.elements.clone().map_or_else(|| slot.given.clone(), Value::Array)
    }

    /// What the node was given when it was recorded.
    pub fn given(&self, id: NodeId) -> &Value {
        &self.lists.slots[id.index()].given
    }

    /// True when somebody holds the node.
    pub fn is_live(&self, id: NodeId) -> bool {
        self.lists.slots[id.index()].handles > 0
    }

    /// True when the node's elements are stored.
    pub fn is_computed(&self, id: NodeId) -> bool {
        self.lists.slots[id.index()].elements.is_some()
    }

    /// The program so far.
    pub fn program(&self) -> Program {
        Program { recorded: self.hash, live: self.live, computed: self.computed }
    }

    /// Appends a node, with what it is given.
    pub fn push(&mut self, node: Node, value: Value) -> Result<NodeId> {
        let index = self.lists.nodes.len();
        if index == self.lists.nodes.capacity() || index == self.lists.slots.capacity() {
            self.grow()?;
        }
        let id = NodeId::new(index);
        self.hash.push(&node);
        if let (Value::Key(key), Op::Leaf(_)) = (&value, &node.op) {
            self.keys.insert(*key, node.origin);
        }
        self.lists.nodes.push(node);
        self.lists.slots.push(Slot::default());
        match value {
            Value::Array(elements) => self.set_elements(id, Some(elements)),
            given => self.lists.slots[index].given = given,
        }
        Ok(id)
    }

    /// Doubles the room for nodes, or says that there is no memory for it.
    #[cold]
    fn grow(&mut self) -> Result<()> {
        let more = self.lists.nodes.len().max(32);
        if self.lists.nodes.len() + more >= NodeId::MAX {
            let got = format!("{} nodes", self.lists.nodes.len());
            return Err(Error::Argument { op: "record", argument: "length", got, expected: "fewer than 2**32 nodes" });
        }
        let refused = |_| Error::Allocation { op: "record", bytes: more * size_of::<Node>() };
        self.lists.nodes.try_reserve_exact(more).map_err(refused)?;
        self.lists.slots.try_reserve_exact(more).map_err(refused)
    }

    /// The end of the log as it is now.
    pub fn mark(&self) -> Mark {
        Mark { len: self.lists.nodes.len(), hash: self.hash }
    }

    /// Forgets what was recorded behind a mark, of which nobody has a handle yet: a failed call leaves no trace.
    pub fn rewind(&mut self, mark: Mark) {
        (mark.len..self.lists.nodes.len()).for_each(|index| self.set_elements(NodeId::new(index), None));
        self.lists.nodes.truncate(mark.len);
        self.lists.slots.truncate(mark.len);
        self.hash = mark.hash;
        self.parameters.retain(|_, id| id.index() < mark.len);
    }

    /// Somebody new holds the node.
    pub fn acquire(&mut self, id: NodeId) {
        let slot = &mut self.lists.slots[id.index()];
        slot.handles += 1;
        if slot.handles == 1 {
            self.live.toggle(id);
        }
    }

    /// Somebody let the node go. A value that is cheap to compute again is forgotten with its last holder.
    pub fn release(&mut self, id: NodeId) {
        let slot = &mut self.lists.slots[id.index()];
        slot.handles -= 1;
        if slot.handles == 0 {
            self.live.toggle(id);
            let class = self.lists.nodes[id.index()].op.class();
            if matches!(class, Class::Elementwise | Class::View) && self.is_computed(id) {
                self.set_elements(id, None);
            }
        }
    }

    /// The node's place in a list of distinct nodes, if it is in it: a sparse set (Briggs and Torczon, 1993), whose dense
    /// half is the list, so that nothing needs clearing between plans.
    pub fn place_in(&self, list: &[NodeId], id: NodeId) -> Option<usize> {
        let place = self.lists.slots[id.index()].place.get() as usize;
        (list.get(place) == Some(&id)).then_some(place)
    }

    /// Notes the node's place in a list.
    pub fn set_place(&self, id: NodeId, place: usize) {
        self.lists.slots[id.index()].place.set(place as u32);
    }

    /// Stores or forgets a node's elements.
    pub fn set_elements(&mut self, id: NodeId, elements: Option<Arc<Buffer>>) {
        let slot = &mut self.lists.slots[id.index()].elements;
        if slot.is_some() != elements.is_some() {
            self.computed.toggle(id);
        }
        *slot = elements;
    }

    /// The node's elements, if they are stored.
    pub fn array(&self, id: NodeId) -> Option<Result<NdArray>> {
        let node = self.node(id);
        let elements = self.lists.slots[id.index()].elements.clone();
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
