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
    /// Stretches of ids that follow each other, as few as there are: what outlives others mostly does so together.
    runs: Vec<Run>,
    /// The first id, and the rank, of what came later.
    first: usize,
    old: usize,
}

struct Run {
    id: usize,
    rank: usize,
}

impl Ids {
    /// The node's rank; for a node that is not there, one that no list has.
    pub fn rank(&self, id: NodeId) -> usize {
        if let Some(behind) = id.index().checked_sub(self.first) {
            return self.old + behind;
        }
        let next = self.runs.partition_point(|run| run.id <= id.index());
        let Some(run) = next.checked_sub(1).map(|at| &self.runs[at]) else { return usize::MAX };
        let rank = run.rank + (id.index() - run.id);
        let end = self.runs.get(next).map_or(self.old, |run| run.rank);
        if rank < end { rank } else { usize::MAX }
    }

    /// The id of the node of a rank.
    pub fn id(&self, rank: usize) -> NodeId {
        if rank >= self.old {
            return NodeId::new(rank - self.old + self.first);
        }
        let run = &self.runs[self.runs.partition_point(|run| run.rank <= rank) - 1];
        NodeId::new(run.id + (rank - run.rank))
    }

    /// From now on these are all there are, and `next` is the next id.
    pub fn keep(&mut self, old: &[NodeId], next: NodeId) {
        self.runs.clear();
        for (rank, id) in old.iter().map(|id| id.index()).enumerate() {
            let follows = |run: &Run| run.id + (rank - run.rank) == id;
            if !self.runs.last().is_some_and(follows) {
                self.runs.push(Run { id, rank });
            }
        }
        (self.old, self.first) = (old.len(), next.index());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_ranks_are_inverse() {
        let mut ids = Ids::default();
        assert_eq!((ids.rank(NodeId::new(5)), ids.id(5)), (5, NodeId::new(5)));
        ids.keep(&[2, 3, 7].map(NodeId::new), NodeId::new(10));
        let alive = [2, 3, 7, 10, 11].map(NodeId::new);
        assert_eq!(alive.map(|id| ids.rank(id)), [0, 1, 2, 3, 4]);
        assert_eq!([0, 1, 2, 3, 4].map(|rank| ids.id(rank)), alive);
        assert!([0, 1, 4, 6, 8, 9].map(|id| ids.rank(NodeId::new(id))).into_iter().all(|rank| rank == usize::MAX));
    }
}
