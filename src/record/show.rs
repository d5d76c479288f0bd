//! A record as text: one line a node.
//!
//! ```text
//! %3 = matmul(%0, %1)   float32 (1, 3)   computed, held   model.py:12
//! ```

use std::fmt::Write;

use super::{Arena, ComputationRecord, NodeId, Value};
use crate::dtype::{DType, Scalar, Word, show_float};

/// Lines shown at each end of a long record.
const EDGE: usize = 100;

impl std::fmt::Display for ComputationRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let describe = |arena: &Arena, index: usize| {
            let id = arena.at_rank(index);
            (arena.describe(id), arena.place(arena.node(id).origin))
        };
        // Places are worked out without the lock.
        let (len, lines) = self.read(|arena| {
            let len = arena.len();
            let shown = (0..len.min(EDGE)).chain(len.saturating_sub(EDGE).max(EDGE)..len);
            (len, shown.map(|index| describe(arena, index)).collect::<Vec<_>>())
        });
        write!(f, "record {} of {len} nodes", self.id())?;
        for (at, (line, place)) in lines.iter().enumerate() {
            if at == EDGE && len > lines.len() {
                write!(f, "\n  ... {} nodes", len - lines.len())?;
            }
            write!(f, "\n  {line}")?;
            if let Some(place) = place.line() {
                write!(f, "  {place}")?;
            }
        }
        Ok(())
    }
}

impl Arena {
    /// One line about a node, without its place.
    pub fn describe(&self, id: NodeId) -> String {
        let node = self.node(id);
        let mut line = self.statement(id);
        let facts = [(self.is_computed(id), "computed"), (self.is_live(id), "held"), (node.backward, "backward")];
        let said: Vec<&str> = facts.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        if !said.is_empty() {
            let _ = write!(line, "  {}", said.join(", "));
        }
        line
    }

    /// What a node is, without what is known of it.
    pub fn statement(&self, id: NodeId) -> String {
        let node = self.node(id);
        let inputs: Vec<String> = match self.given(id) {
            Value::Scalar(word) if node.inputs.is_empty() => vec![number(*word, node.dtype)],
            _ => node.inputs.iter().take(8).map(NodeId::to_string).collect(),
        };
        let mut more = if node.inputs.len() > 8 { ", ...".to_string() } else { String::new() };
        match node.op.attributes() {
            none if none.is_empty() => {}
            attributes => more += &format!(", {attributes}"),
        }
        let mut line = format!("{id} = {}({}{more})  {} {}", node.op.name(), inputs.join(", "), node.dtype, node.shape);
        if let Some((name, _)) = self.parameters().iter().find(|(_, at)| **at == id) {
            let _ = write!(line, "  `{name}`");
        }
        line
    }
}

/// The one number of a constant.
fn number(word: Word, dtype: DType) -> String {
    match Scalar::of(word, dtype) {
        Scalar::Bool(b) => b.to_string(),
        Scalar::Int(i) => i.to_string(),
        Scalar::Float(x) => show_float(x),
    }
}
