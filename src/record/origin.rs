//! Where in the user's program a node was recorded: two numbers a node, made readable only when somebody asks.
//!
//! The record does not know what a program is. Whoever records on behalf of one (the Python border) passes a [`Caller`];
//! the record keeps one [`Source`] for each distinct piece of code it has seen and asks it for a line when an error or a
//! listing wants one.

/// A position in a [`Source`] of the same record; the default is an unknown place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// 1 + the index of the source; 0 when nobody said.
    source: u32,
    offset: u32,
}

/// A piece of the user's code that can name its lines.
pub trait Source: Send + Sync {
    /// `FILE:LINE` of a position.
    fn line(&self, offset: u32) -> String;
}

/// The place an operation is being recorded from.
pub trait Caller {
    /// Identifies the source; the same number means the same source while the record lives.
    fn code(&self) -> usize;
    /// The position in it.
    fn offset(&self) -> u32;
    /// The source itself, asked for once per record.
    fn source(&self) -> Box<dyn Source>;
}

/// The sources a record has seen: nearly always one or two, so a list searched from the end is the fastest map.
#[derive(Default)]
pub(crate) struct Sources(Vec<(usize, Box<dyn Source>)>);

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

    pub fn line(&self, origin: Origin) -> Option<String> {
        let index = (origin.source as usize).checked_sub(1)?;
        self.0.get(index).map(|(_, source)| source.line(origin.offset))
    }
}
