//! Where in the user's program a node was recorded: two numbers a node, made readable only when somebody asks.
//!
//! The record does not know what a program is. Whoever records on behalf of one (the Python border) passes a [`Caller`];
//! the record keeps one [`Source`] for each distinct piece of code it has seen. A [`Place`] carries source and offset out of
//! the record's lock, and is worked out only when it is printed: asking Python for a line under the lock could run anything.

use std::sync::Arc;

/// A position in a source of one record; the default is an unknown place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// 1 + the index of the source; 0 when nobody said.
    source: u32,
    offset: u32,
}

impl Origin {
    /// Nobody said.
    pub(crate) const UNKNOWN: Origin = Origin { source: 0, offset: 0 };
}

/// A piece of the user's code that can name its lines.
pub trait Source: Send + Sync {
    /// `FILE:LINE` of a position.
    fn line(&self, offset: u32) -> Option<String>;
}

/// The place an operation is being recorded from. Asked under the record's lock, so nothing here may call out.
pub trait Caller {
    /// Identifies the source; the same number means the same source while the record lives.
    fn code(&self) -> usize;
    /// The position in it.
    fn offset(&self) -> u32;
    /// The source itself, asked for once per record.
    fn source(&self) -> Arc<dyn Source>;
}

/// The sources a record has seen: nearly always one or two, so a list searched from the end is the fastest map.
#[derive(Default)]
pub(crate) struct Sources(Vec<(usize, Arc<dyn Source>)>);

impl Sources {
    pub fn origin(&mut self, caller: &dyn Caller) -> Origin {
        let code = caller.code();
        let source = match self.0.iter().rposition(|(known, _)| *known == code) {
            Some(index) => index,
            None => {
                self.0.push((code, caller.source()));
                self.0.len() - 1
            }
        };
        Origin { source: source as u32 + 1, offset: caller.offset() }
    }

    pub fn place(&self, origin: Origin) -> Place {
        let source = (origin.source as usize).checked_sub(1).and_then(|index| self.0.get(index));
        Place(source.map(|(_, source)| (source.clone(), origin.offset)))
    }
}

/// A place as messages carry it; prints as a last line `recorded at FILE:LINE`, or nothing.
#[derive(Clone, Default)]
pub struct Place(Option<(Arc<dyn Source>, u32)>);

impl Place {
    /// `FILE:LINE`, if anybody knows it.
    pub fn line(&self) -> Option<String> {
        self.0.as_ref().and_then(|(source, offset)| source.line(*offset))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line() {
            Some(line) => write!(f, "\nrecorded at {line}"),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Place").field(&self.line()).finish()
    }
}

/// Equal when they are the same position of the same source.
impl PartialEq for Place {
    fn eq(&self, other: &Place) -> bool {
        match (&self.0, &other.0) {
            (Some((a, i)), Some((b, j))) => Arc::ptr_eq(a, b) && i == j,
            (None, None) => true,
            _ => false,
        }
    }
}
