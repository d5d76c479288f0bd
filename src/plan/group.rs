//! Which elementwise nodes are computed inside the step that reads them.
//!
//! A node joins its reader when nobody keeps it and nobody else reads it, and the reader works element by element over the
//! same space. A chain grows until its program would no longer fit the tile memory. Constants always join: they are
//! operands without strides.

use super::Options;
use super::needed::Needed;
use crate::ops::{Class, Leaf, Op};
use crate::record::Arena;

/// The most instructions in one program.
const LIMIT: usize = 48;

/// Marks in the list of readers.
const NOBODY: u32 = u32::MAX;
const SEVERAL: u32 = u32::MAX - 1;

/// For each needed node: it has no step of its own.
pub fn decide(arena: &Arena, needed: &Needed, options: Options) -> Vec<bool> {
    let count = needed.nodes.len();
    let mut reader = vec![NOBODY; count];
    for (at, &id) in needed.nodes.iter().enumerate() {
        let inputs = if needed.known[at] { &[][..] } else { &arena.node(id).inputs[..] };
        for place in inputs.iter().filter_map(|&input| needed.place(arena, input)) {
            let slot = &mut reader[place];
            *slot = if *slot == NOBODY || *slot == at as u32 { at as u32 } else { SEVERAL };
        }
    }
    let mut joined = vec![false; count];
    let mut size = vec![0usize; count];
    // Nodes that need to know their place in C order, which a reduction may walk differently.
    let mut counts = vec![false; count];
    for at in 0..count {
        let node = arena.node(needed.nodes[at]);
        if needed.known[at] || is_constant(&node.op) {
            continue;
        }
        let (elementwise, reduces) = (node.op.class() == Class::Elementwise, matches!(node.op, Op::Reduce(..)));
        size[at] = 1;
        counts[at] = matches!(node.op, Op::Leaf(_));
        if !options.fuse || !(elementwise || reduces) {
            continue;
        }
        for input in &node.inputs {
            let Some(from) = needed.place(arena, *input) else { continue };
            let source = arena.node(*input);
            let free = !joined[from] && !needed.known[from] && !needed.kept[from] && reader[from] == at as u32;
            let fits = size[at] + size[from] <= LIMIT && !(reduces && counts[from]);
            if free && fits && source.op.class() == Class::Elementwise && !is_constant(&source.op) {
                joined[from] = true;
                size[at] += size[from];
                counts[at] |= counts[from];
            }
        }
    }
    joined
}

/// True for leaves of one number.
pub fn is_constant(op: &Op) -> bool {
    matches!(op, Op::Leaf(Leaf::Zero | Leaf::One | Leaf::Fill))
}
