//! A kernel times what windows see.
//!
//! Bands of places are shared by threads. Of a band, as many channels are laid out at a time as the caches hold, and
//! multiplied by all rows of the kernel, tile by tile. A tile whose places are neighbours in the result is written there;
//! others go by way of a buffer.

use std::ops::Range;

use smallvec::SmallVec;

use super::convolve::Array;
use super::laid::{Band, Cut, Laid, Seen, cheapest, fitting};
use super::level::Loops;
use super::span::{Span, Spread};
use super::{BLOCKS, OTHERS, PATCHES};
use crate::buffer::BufferMut;
use crate::exec::Fault;
use crate::exec::gemm::{Factor, Look, Scratch, part};
use crate::exec::pool::for_each_block;

/// The most taps of channels that are multiplied at a time.
const DEEP: usize = 384;

/// A product of one group: weights `[rows, channels * taps]` with patches `[channels * taps, places]`.
pub(super) struct Correlation<'a, T: 'static> {
    pub loops: &'static Loops<T>,
    pub seen: Seen<T>,
    pub rows: usize,
    pub weights: Array<'a, T>,
    /// Elements of the weights from row to row and from channel to channel, and from the first tap to each.
    pub strides: [isize; 2],
    pub taps: Vec<isize>,
    /// The result: strides of entries, groups, rows and space.
    pub out: Array<'a, T>,
    /// For each axis of space, the first element of the result and how far apart they are.
    pub phases: SmallVec<[(usize, usize); 3]>,
}

// SAFETY: threads read the inputs, and write places of the result of their own.
unsafe impl<T> Sync for Correlation<'_, T> {}

/// Weights as tiles read them.
struct Left<T> {
    /// Strips of rows, one behind the other, or nothing where the weights serve as they are.
    packed: Option<BufferMut>,
    start: *const T,
}

// SAFETY: threads only read it.
unsafe impl<T> Sync for Left<T> {}

/// How the work is cut.
struct Work<T> {
    left: Left<T>,
    strips: usize,
    cut: Cut,
    laid: Laid,
    /// Channels that are laid out at a time.
    channels: usize,
    /// From the first element laid out to where each of their taps begins.
    taps: Vec<usize>,
}

/// Writes the product.
///
/// # Safety
/// The CPU has the instructions. All that is named may be read, and the result, which overlaps nothing of it, written.
pub(super) unsafe fn correlate<T: Factor>(of: &Correlation<'_, T>, look: &Look<'_>) -> Result<(), Fault> {
    let work = of.work()?;
    let bands = work.cut.count();
    let down = BLOCKS.div_ceil(bands).min(work.strips);
    let (width, height) = (2 * of.loops.lanes, of.loops.spans.len());
    let all = of.rows.saturating_mul(of.seen.entries * of.seen.places());
    for_each_block(
        bands * down,
        all.saturating_mul(of.seen.channels * work.taps.len() / work.channels / 16 + 1),
        &|claim| {
            let mut patches = Scratch::of::<T>(&PATCHES, "convolve", work.channels * work.laid.channel + width)?;
            let mut buffer = Scratch::of::<T>(&OTHERS, "convolve", width * height)?;
            while let Some(at) = claim() {
                let band = work.cut.band(&of.seen, at / down);
                let some = part(work.strips, down, at % down);
                // SAFETY: promised by the caller; blocks are places and rows of their own.
                unsafe { of.block(&work, &band, some, [patches.start(), buffer.start()], look)? }
            }
            Ok(())
        },
    )
}

impl<T: Factor> Correlation<'_, T> {
    /// Decides how the work is cut, from sizes alone.
    fn work(&self) -> Result<Work<T>, Fault> {
        let (seen, taps) = (&self.seen, self.taps.len());
        let (unrolled, entries) = cheapest(seen, self.rows, self.loops.lanes);
        let channels = (DEEP / taps.max(1)).clamp(1, seen.channels.max(1));
        let lay = |places: [usize; 3]| {
            let cut = Cut::new(seen, entries, places);
            let laid = Laid::new(seen, &cut, unrolled);
            (cut, laid)
        };
        let (cut, laid) = lay(fitting(seen, |places| channels.saturating_mul(lay(places).1.channel)));
        let all = (0..channels).flat_map(|channel| laid.taps.iter().map(move |tap| (channel, tap)));
        let all = all.map(|(channel, tap)| channel * laid.channel + tap).collect();
        let strips = self.rows.div_ceil(self.loops.spans.len());
        Ok(Work { left: self.left(strips)?, strips, cut, laid, channels, taps: all })
    }

    /// The weights, copied into strips unless each row is a run.
    fn left(&self, strips: usize) -> Result<Left<T>, Fault> {
        let (taps, channels) = (self.taps.len(), self.seen.channels);
        let run = self.taps.iter().enumerate().all(|(at, &offset)| offset == at as isize);
        if run && (channels <= 1 || self.strides[1] == taps as isize) {
            return Ok(Left { packed: None, start: self.weights.start });
        }
        let depth = taps * channels;
        let mut packed = BufferMut::uninit("convolve", (self.rows * depth).saturating_mul(size_of::<T>()))?;
        let start = Strips(packed.as_mut_ptr().cast::<T>());
        for_each_block(strips, self.rows * depth, &|claim| {
            while let Some(at) = claim() {
                let rows = part(self.rows, strips, at);
                // SAFETY: every weight may be read; the memory has room for all rows, and a strip is this thread's alone.
                unsafe {
                    let mut to = start.at(rows.start * depth);
                    for channel in 0..channels as isize {
                        for &tap in &self.taps {
                            let from = self.weights.start.offset(channel * self.strides[1] + tap);
                            for row in rows.clone() {
                                *to = *from.offset(row as isize * self.strides[0]);
                                to = to.add(1);
                            }
                        }
                    }
                }
            }
            Ok(())
        })?;
        Ok(Left { start: start.0.cast_const(), packed: Some(packed) })
    }

    /// Computes some strips of a band.
    ///
    /// # Safety
    /// As for `correlate`; `patches` has room for the channels and a tile's width, `buffer` for a tile.
    unsafe fn block(
        &self,
        work: &Work<T>,
        band: &Band,
        strips: Range<usize>,
        [patches, buffer]: [*mut T; 2],
        look: &Look<'_>,
    ) -> Result<(), Fault> {
        let (laid, all, taps) = (&work.laid, self.seen.channels, self.taps.len());
        let columns = laid.columns(band);
        // A product over nothing still writes its zeros.
        let mut channels = 0..work.channels.min(all);
        loop {
            look(channels.len() * laid.channel / 8)?;
            // SAFETY: passed on.
            unsafe { (self.loops.lay)(&self.seen, laid, band, channels.clone(), patches) }
            let (mut done, depth) = (0, channels.len() * taps);
            loop {
                let piece = done..(done + DEEP).min(depth);
                for strip in strips.clone() {
                    let rows = part(self.rows, work.strips, strip);
                    look(rows.len() * columns * (piece.len() / 16 + 1))?;
                    // SAFETY: passed on; the piece is of the channels that are laid out.
                    unsafe {
                        let before = channels.start * taps + piece.start;
                        self.strip(work, band, columns, rows, before, &work.taps[piece.clone()], [patches, buffer]);
                    }
                }
                done = piece.end;
                if done >= depth {
                    break;
                }
            }
            channels = channels.end..(channels.end + work.channels).min(all);
            if channels.is_empty() {
                return Ok(());
            }
        }
    }

    /// Computes a strip of a band, or adds to it what comes after the first `before` taps.
    ///
    /// # Safety
    /// As for `block`.
    #[allow(clippy::too_many_arguments, reason = "a loop's inside")]
    unsafe fn strip(
        &self,
        work: &Work<T>,
        band: &Band,
        columns: usize,
        rows: Range<usize>,
        before: usize,
        taps: &[usize],
        [patches, buffer]: [*mut T; 2],
    ) {
        let lanes = self.loops.lanes;
        let (depth, strides) = (self.seen.channels * self.taps.len(), self.out.strides);
        let direct = self.direct(work, band);
        // SAFETY: passed on; the tiles are this thread's alone.
        unsafe {
            let (a, a_row, a_step) = match work.left.packed {
                Some(_) => (work.left.start.add(rows.start * depth + before * rows.len()), 1, rows.len() as isize),
                None => {
                    let from = rows.start as isize * self.strides[0] + before as isize;
                    (work.left.start.offset(from), self.strides[0], 1)
                }
            };
            for start in (0..columns).step_by(2 * lanes) {
                let wide = (columns - start).min(2 * lanes);
                let to = direct.map(|to| to.offset(rows.start as isize * strides[2] + start as isize));
                (self.loops.spans[rows.len() - 1][usize::from(wide > lanes)])(&Span {
                    a,
                    a_row,
                    a_step,
                    b: patches.add(start),
                    taps: taps.as_ptr(),
                    depth: taps.len(),
                    c: to.unwrap_or(buffer),
                    c_row: if to.is_some() { strides[2] as usize } else { 2 * lanes },
                    columns: wide,
                    add: to.is_some() && before > 0,
                });
                if to.is_none() {
                    work.laid.each_run(band, start..start + wide, |at, len, entry, place| {
                        let to = self.at(entry, place).offset(rows.start as isize * strides[2]);
                        (self.loops.spread)(&Spread {
                            from: buffer.add(at),
                            from_row: 2 * lanes,
                            to,
                            to_row: strides[2],
                            apart: self.phases.last().map_or(1, |(_, apart)| *apart),
                            rows: rows.len(),
                            len,
                            add: before > 0,
                        });
                    });
                }
            }
        }
    }

    /// Where a band begins in the result, if all its places are neighbours there.
    fn direct(&self, work: &Work<T>, band: &Band) -> Option<*mut T> {
        let lines = work.laid.line() == self.seen.axes[2].places || band.places[0].len() * band.places[1].len() == 1;
        let together = lines && band.entries.len() == 1 && band.places[0].len() == 1;
        let whole = together && self.phases.iter().all(|&(_, apart)| apart == 1);
        let first = [0, 1, 2].map(|axis| band.places[axis].start);
        whole.then(|| self.at(band.entries.start, first))
    }

    /// The element of the result's first row at a place.
    fn at(&self, entry: usize, place: [usize; 3]) -> *mut T {
        let (strides, skipped) = (self.out.strides, 3 - self.phases.len());
        let mut first = entry as isize * strides[0];
        for (axis, &(phase, apart)) in self.phases.iter().enumerate() {
            first += (phase + place[skipped + axis] * apart) as isize * strides[3 + axis];
        }
        self.out.start.wrapping_offset(first)
    }
}

/// Memory for strips, which threads fill.
struct Strips<T>(*mut T);

// SAFETY: each thread writes strips of its own.
unsafe impl<T> Sync for Strips<T> {}

impl<T> Strips<T> {
    /// # Safety
    /// The memory has the element.
    unsafe fn at(&self, element: usize) -> *mut T {
        // SAFETY: promised by the caller.
        unsafe { self.0.add(element) }
    }
}
