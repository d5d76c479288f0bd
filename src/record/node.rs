//! Nodes: what the record remembers of one operation. Plain data, no closures, no pointers.

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::ops::Op;
use crate::origin::Origin;
use crate::shape::Shape;

/// A node's place in its record. Inputs always have smaller places than what is made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeId(u32);

impl NodeId {
    /// Stands for the result of a recording that failed; never an input of anything.
    pub(crate) const FAILED: NodeId = NodeId(u32::MAX);

    /// The most nodes a record holds.
    pub(crate) const MAX: usize = u32::MAX as usize;

    pub(crate) fn new(index: usize) -> NodeId {
        NodeId(index as u32)
    }

    /// The place as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// The inputs of a node; up to three stay inside it.
pub type Inputs = SmallVec<[NodeId; 3]>;

/// One recorded operation.
#[derive(Debug, Clone)]
pub struct Node {
    /// What is computed.
    pub op: Op,
    /// Of what.
    pub inputs: Inputs,
    /// The result's shape.
    pub shape: Shape,
    /// The result's dtype.
    pub dtype: DType,
    /// The user's line.
    pub origin: Origin,
    /// True for nodes that a reverse sweep recorded.
    pub backward: bool,
}

impl Node {
    /// To be written over.
    pub(super) const BLANK: Node = Node {
        op: Op::Cast,
        inputs: Inputs::new_const(),
        shape: Shape::SCALAR,
        dtype: DType::F32,
        origin: Origin::UNKNOWN,
        backward: false,
    };
}
