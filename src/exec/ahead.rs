//! Memory that is called for before it is needed.
//!
//! Enters: what a program walks through in order, and the elements that its next tile will touch. Leaves: hints to the processor, in
//! equal parts between instructions. Nothing is read or written.

use crate::kernels;

/// Bytes of a cache line.
const LINE: usize = 64;

/// What is walked through in order: its first element, how large these are, and whether they are written.
pub(super) struct Ahead {
    pub first: *const u8,
    pub size: usize,
    pub written: bool,
}

/// Memory that the next tile will touch, called for in parts, one before each instruction, so that it arrives while
/// instructions run. Called for all at once it fills the processor's buffers, and what runs next waits for it.
pub(super) struct Coming<'a> {
    streams: &'a [Ahead],
    start: usize,
    n: usize,
    /// Cache lines of a part, and those of the first stream that have been called for.
    each: usize,
    called: usize,
}

impl<'a> Coming<'a> {
    /// Elements `start..start + n` of all streams, in so many parts.
    pub fn new(streams: &'a [Ahead], start: usize, n: usize, parts: usize) -> Coming<'a> {
        let lines = streams.iter().map(|stream| stream.lines(n)).sum::<usize>();
        Coming { streams, start, n, each: lines.div_ceil(parts), called: 0 }
    }

    /// Calls for the next part; nothing when all has been called for.
    #[inline]
    pub fn call_part(&mut self) {
        let mut left = self.each;
        while let (1.., [stream, others @ ..]) = (left, self.streams) {
            let lines = stream.lines(self.n);
            let now = left.min(lines - self.called);
            let from = stream.first.wrapping_add(self.start * stream.size + self.called * LINE);
            kernels::soon(from, now * LINE, stream.written);
            left -= now;
            self.called += now;
            if self.called == lines {
                (self.streams, self.called) = (others, 0);
            }
        }
    }
}

impl Ahead {
    fn lines(&self, n: usize) -> usize {
        (n * self.size).div_ceil(LINE)
    }
}
