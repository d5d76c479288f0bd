//! Where nodes lie. An id is never given twice; what outlived others lies before all that came later, in the same order.
//!
//! ```text
//!   rank   0    1    2    3    4     the place in the lists
//!   id     7   19   40   41   42     what handles know
//!         └─ old ─┘ └ from `first` on, one by one
//! ```

use super::node::NodeId;

/// Ids and ranks of the nodes in a log.
#[derive(Default)]
pub struct Ids {
    old: Vec<NodeId>,
    first: usize,
}

impl Ids {
    /// The node's rank; for a node that is not there, one that no list has.
    pub fn rank(&self, id: NodeId) -> usize {
        match id.index().checked_sub(self.first) {
            Some(behind) => self.old.len() + behind,
            None => self.old.binary_search(&id).unwrap_or(usize::MAX),
        }
    }

    /// The id of the node of a rank.
    pub fn id(&self, rank: usize) -> NodeId {
        self.old.get(rank).copied().unwrap_or_else(|| NodeId::new(rank - self.old.len() + self.first))
    }

    /// From now on these are all there are, and `next` is the next id.
    pub fn keep(&mut self, old: Vec<NodeId>, next: NodeId) {
        (self.old, self.first) = (old, next.index());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_ranks_are_inverse() {
        let mut ids = Ids::default();
        assert_eq!((ids.rank(NodeId::new(5)), ids.id(5)), (5, NodeId::new(5)));
        ids.keep([2, 3, 7].map(NodeId::new).to_vec(), NodeId::new(10));
        let alive = [2, 3, 7, 10, 11].map(NodeId::new);
        assert_eq!(alive.map(|id| ids.rank(id)), [0, 1, 2, 3, 4]);
        assert_eq!([0, 1, 2, 3, 4].map(|rank| ids.id(rank)), alive);
        assert!([0, 4, 9].map(|id| ids.rank(NodeId::new(id))).into_iter().all(|rank| rank == usize::MAX));
    }
}
