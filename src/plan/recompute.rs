//! Computing twice instead of holding: what the backward pass reads of the forward pass is made again shortly before.
//!
//! Enters: the graph, and into how many parts the forward pass is cut. Leaves: a graph in which the parts, all but the
//! last, stand a second time in front of what reads them later. What a part reads of earlier ones is held from the first
//! time on, everything else only while its part is worked on: with as many parts as the root of their number, n layers
//! need the memory of some 2 sqrt(n) (Chen et al., 2016). Values are the same to the last bit: the same nodes are
//! computed, of the same numbers.
//!
//! ```text
//!   forward      0 1 2 | 3 4 5 | 6 7 8                   held: 2, 5
//!   backward     8' 7' 6'   3 4 5'   5' 4' 3'   0 1   ...
//! ```

use smallvec::SmallVec;

use super::group::NONE;
use super::simplify::{Graph, Place};

/// Cuts the forward pass.
pub fn cut(graph: Graph<'_>, parts: usize) -> Graph<'_> {
    let count = graph.nodes.len();
    let Some(forward) = (0..count).find(|&at| graph.used[at] && graph.node(at as Place).backward) else {
        return graph;
    };
    let part = parts_of(&graph, forward, parts);
    let own = |at: Place| !graph.known[at as usize] && !graph.is_constant(at);
    // Held from the first time on: what is there anyway, what later parts read, and the last part.
    let mut again: Vec<bool> = (0..forward)
        .map(|at| graph.used[at] && own(at as Place) && !graph.lasting[at] && part[at] + 1 < parts)
        .collect();
    for at in (0..forward).filter(|&at| graph.used[at]) {
        for &input in &graph.inputs[at] {
            again[input as usize] &= part[input as usize] == part[at];
        }
    }
    // Of these, what something behind the forward pass reads, and what that is made of.
    let mut read = vec![false; forward];
    let later = (forward..count).filter(|&at| graph.used[at]);
    later.flat_map(|at| &graph.inputs[at]).for_each(|&input| {
        if let Some(read) = read.get_mut(input as usize) {
            *read = true;
        }
    });
    for at in (0..forward).rev() {
        again[at] &= read[at];
        if again[at] {
            graph.inputs[at].iter().for_each(|&input| read[input as usize] = true);
        }
    }
    Rewriting { old: &graph, forward, part, again, moved: vec![NONE; count], copied: vec![NONE; forward] }.run(parts)
}

/// Which part each node of the forward pass is in, all parts of about as many bytes.
fn parts_of(graph: &Graph<'_>, forward: usize, parts: usize) -> Vec<usize> {
    let bytes = |at: usize| {
        let node = graph.node(at as Place);
        let counts = graph.used[at] && !graph.known[at] && !graph.is_view(at as Place);
        if counts { node.shape.len() * node.dtype.size() } else { 0 }
    };
    let total: usize = (0..forward).map(bytes).sum::<usize>().max(1);
    let mut sum = 0usize;
    let of = |at| {
        let before = sum;
        sum += bytes(at);
        (before as f64 / total as f64 * parts as f64) as usize
    };
    (0..forward).map(of).map(|part| part.min(parts - 1)).collect()
}

struct Rewriting<'g, 'a> {
    old: &'g Graph<'a>,
    forward: usize,
    part: Vec<usize>,
    /// Nodes of the forward pass that are computed again.
    again: Vec<bool>,
    /// Where old nodes and their copies are in the new graph.
    moved: Vec<Place>,
    copied: Vec<Place>,
}

impl<'a> Rewriting<'_, 'a> {
    fn run(mut self, parts: usize) -> Graph<'a> {
        let mut new = Graph::empty(self.old.arena);
        let mut done = vec![false; parts];
        // The last node so far that the backward pass computed.
        let mut reached = NONE;
        for at in 0..self.old.nodes.len() {
            if at >= self.forward && self.old.used[at] {
                for input in self.old.inputs[at].clone() {
                    let copied = self.again.get(input as usize).is_some_and(|again| *again);
                    if copied && !std::mem::replace(&mut done[self.part[input as usize]], true) {
                        self.copy_part(self.part[input as usize], reached, &mut new);
                    }
                }
            }
            let place = |input: &Place| {
                let copy = if at >= self.forward { self.copied.get(*input as usize) } else { None };
                copy.copied().filter(|copy| *copy != NONE).unwrap_or(self.moved[*input as usize])
            };
            let inputs = self.old.inputs[at].iter().map(place).collect();
            self.moved[at] = new.nodes.len() as Place;
            let same = self.old.same[at] as usize;
            new.nodes.push(self.old.nodes[at]);
            new.known.push(self.old.known[at]);
            new.kept.push(self.old.kept[at]);
            new.lasting.push(self.old.lasting[at]);
            new.same.push(self.moved[same]);
            new.inputs.push(inputs);
            new.used.push(self.old.used[at]);
            new.after.push(NONE);
            let place = at as Place;
            if at >= self.forward && self.old.used[at] && !self.old.is_view(place) && !self.old.is_constant(place) {
                reached = self.moved[at];
            }
        }
        // What only the backward pass read is now read of the copies.
        let mut read = vec![false; new.nodes.len()];
        for at in (0..new.nodes.len()).rev() {
            new.used[at] &= new.lasting[at] || read[at];
            if new.used[at] {
                new.inputs[at].iter().for_each(|&input| read[input as usize] = true);
            }
        }
        new
    }

    /// Writes the nodes of a part a second time, to be computed after what the backward pass has reached.
    fn copy_part(&mut self, part: usize, after: Place, new: &mut Graph<'a>) {
        for at in (0..self.forward).filter(|&at| self.again[at] && self.part[at] == part).collect::<Vec<_>>() {
            let place = |input: &Place| {
                let copy = self.copied[*input as usize];
                if copy == NONE { self.moved[*input as usize] } else { copy }
            };
            let inputs: SmallVec<[Place; 3]> = self.old.inputs[at].iter().map(place).collect();
            let copy = new.nodes.len() as Place;
            self.copied[at] = copy;
            new.nodes.push(self.old.nodes[at]);
            new.known.push(false);
            new.kept.push(false);
            new.lasting.push(false);
            new.same.push(copy);
            new.inputs.push(inputs);
            new.used.push(true);
            new.after.push(after);
        }
    }
}
