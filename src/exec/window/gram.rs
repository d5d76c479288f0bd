//! Kernels from inputs and outputs: what taps see times outputs, summed over all places of all entries.
//!
//! Bands of places are dealt out to parts, each of which is summed on its own, band by band, and then added to the first.

use super::inner::{Inner, WIDE};
use super::laid::{Cut, Laid, Seen, fitting};
use super::level::Loops;
use super::{BLOCKS, OTHERS, PATCHES};
use crate::buffer::BufferMut;
use crate::exec::Fault;
use crate::exec::gemm::{Factor, Look, Scratch, part};
use crate::exec::pool::for_each_block;

/// Taps of channels that are laid out at a time.
const DEEP: usize = 64;

/// Elements of all channels of an entry that are laid out, below which several entries are.
const FEW: usize = 1 << 13;

/// The result, and behind it the other parts, which threads fill.
struct Sums<T> {
    out: *mut T,
    more: *mut T,
}

// SAFETY: each thread writes rows of a part of its own.
unsafe impl<T> Sync for Sums<T> {}

impl<T> Sums<T> {
    /// The first element of a part of a size.
    fn part(&self, at: usize, size: usize) -> *mut T {
        if at == 0 { self.out } else { self.more.wrapping_add((at - 1) * size) }
    }
}

/// Writes `[others.channels, patches.channels * taps]`, dense. Of the others, a place sees one element.
///
/// # Safety
/// The CPU has the loops' instructions. Both arrays may be read, and the result, which overlaps neither, written.
pub(super) unsafe fn gram<T: Factor>(
    loops: &'static Loops<T>,
    patches: &Seen<T>,
    others: &Seen<T>,
    out: *mut T,
    look: &Look<'_>,
) -> Result<(), Fault> {
    let (rows, taps, places) = (others.channels, patches.taps(), patches.entries * patches.places());
    let wide = patches.channels * taps;
    if places == 0 {
        // SAFETY: promised by the caller; bytes of zero are a float of zero.
        unsafe { std::ptr::write_bytes(out, 0, rows * wide) }
        return Ok(());
    }
    let channels = (DEEP / taps).clamp(1, patches.channels);
    // Lines shorter than a vector are joined, which takes a plane for each of their taps.
    let unrolled = [true, false, patches.axes[2].places < 2 * loops.lanes];
    let lay = |entries: usize, places: [usize; 3]| {
        let cut = Cut::new(patches, entries, places);
        let laid = [Laid::new(patches, &cut, unrolled), Laid::new(others, &cut, [true; 3])];
        (cut, laid)
    };
    let needs = |[right, left]: &[Laid; 2]| (channels * right.channel).max(rows * left.channel);
    let fits = fitting(patches, |places| needs(&lay(1, places).1));
    let each = needs(&lay(1, fits).1).max(1);
    let (cut, [right, left]) = lay((FEW / each).clamp(1, patches.entries), fits);
    let all: Vec<usize> = (0..channels)
        .flat_map(|at| right.taps.iter().map(move |tap| (at, tap)))
        .map(|(at, tap)| at * right.channel + tap)
        .collect();

    let (bands, blocks) = (cut.count(), patches.channels.div_ceil(channels));
    let parts = BLOCKS.div_ceil(blocks).min(bands);
    let mut memory = BufferMut::uninit("convolve", ((parts - 1) * rows).saturating_mul(wide * size_of::<T>()))?;
    let sums = Sums { out, more: memory.as_mut_ptr().cast::<T>() };
    let work = rows.saturating_mul(wide).saturating_mul(places / 16 + 1);
    for_each_block(parts * blocks, work, &|claim| {
        let mut seen = Scratch::of::<T>(&PATCHES, "convolve", channels * right.channel + 2 * loops.lanes)?;
        let mut known = Scratch::of::<T>(&OTHERS, "convolve", rows * left.channel + 2 * loops.lanes)?;
        let mut runs: Vec<(usize, usize)> = Vec::new();
        while let Some(at) = claim() {
            let (block, number) = (at / parts, at % parts);
            let some = block * channels..((block + 1) * channels).min(patches.channels);
            let own = part(bands, parts, number);
            for band in own.clone() {
                let (band, first) = (cut.band(patches, band), band == own.start);
                let (known, seen) = (known.start::<T>(), seen.start::<T>());
                look((rows * left.channel + some.len() * right.channel) / 8)?;
                // SAFETY: promised by the caller; the scratch has room for both.
                unsafe {
                    (loops.lay)(others, &left, &band, 0..rows, known);
                    (loops.lay)(patches, &right, &band, some.clone(), seen);
                }
                let len = lines(&band, [&left, &right], &mut runs);
                let count = some.len() * taps;
                for start in (0..count).step_by(WIDE) {
                    look(rows * WIDE * (runs.len() * len / 16 + 1))?;
                    let tiles = rows.div_ceil(WIDE);
                    for tile in 0..tiles {
                        let tall = part(rows, tiles, tile);
                        // SAFETY: as above; these elements of the part are this thread's alone.
                        unsafe {
                            (loops.inner[tall.len() - 1])(&Inner {
                                left: known.add(tall.start * left.channel),
                                left_row: left.channel,
                                right: seen,
                                taps: all[start..].as_ptr(),
                                wide: (count - start).min(WIDE),
                                runs: runs.as_ptr(),
                                count: runs.len(),
                                len,
                                out: sums.part(number, rows * wide).add(tall.start * wide + some.start * taps + start),
                                out_row: wide,
                                add: !first,
                            });
                        }
                    }
                }
            }
        }
        Ok(())
    })?;
    for at in 1..parts {
        look(rows * wide)?;
        let from = sums.part(at, rows * wide);
        // SAFETY: the result and the parts have as many elements.
        unsafe { (0..rows * wide).for_each(|at| *out.add(at) = (*out.add(at)).plus(*from.add(at))) }
    }
    Ok(())
}

/// Where runs of a band's places begin in both of its layouts; returns how long they are: a line, or all lines of a plane where
/// they follow each other in both.
fn lines(band: &super::laid::Band, laid: [&Laid; 2], runs: &mut Vec<(usize, usize)>) -> usize {
    let [a, b, c] = [0, 1, 2].map(|axis| band.places[axis].len());
    let joined = laid.iter().all(|laid| laid.line() == c);
    runs.clear();
    for entry in 0..band.entries.len() {
        for i in 0..a {
            for j in 0..if joined { 1 } else { b } {
                let [left, right] = laid.map(|laid| laid.number(entry, [i, j, 0]));
                runs.push((left, right));
            }
        }
    }
    if joined { b * c } else { c }
}
