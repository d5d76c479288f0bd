//! Sorting: positions in the order of the elements.
//!
//! An element becomes an unsigned key of the same order, in which both zeros are one and all NaNs are the largest, and the
//! key with the element's position behind it a number that no other element has. So whatever sorts these numbers sorts
//! stably, and gives the same positions however the work is shared. Long rows are sorted by their digits, all threads at
//! one row; short ones by comparison, each by one thread.

use std::cell::RefCell;

use super::index::{Shared, Walk};
use super::pool::{for_each_block, num_threads};
use super::{Areas, BREATH, Fault, unknown};
use crate::dtype::DType;
use crate::error::Error;
use crate::math::Item;
use crate::plan::Operand;
use crate::shape::Dims;

/// Rows from this length on are sorted by digits; shorter ones are sorted sooner by comparison.
const DIGITS: usize = if cfg!(miri) { 16 } else { 192 };

/// Rows from this length on are shared among threads.
const LONG: usize = if cfg!(miri) { 64 } else { 1 << 16 };

/// The most threads for one row.
const SHARES: usize = 16;

/// Bits of a digit.
const BITS: u32 = 8;
const RADIX: usize = 1 << BITS;

/// An element as a number of the same order.
trait Keyed: Item {
    /// The narrowest unsigned type that has all keys.
    type Key: Key;
    /// The key: both zeros are one, NaN is the largest.
    fn key(self) -> Self::Key;
}

/// Unsigned keys.
trait Key: Copy + Ord {
    /// The key of the opposite order.
    fn flipped(self) -> Self;
    /// All bits, in the low ones.
    fn widened(self) -> u64;
    /// Bits of a key.
    const BITS: u32;
}

macro_rules! keys {
    ($($Key:ident)*) => {$(
        impl Key for $Key {
            #[inline(always)]
            fn flipped(self) -> $Key { !self }
            #[inline(always)]
            fn widened(self) -> u64 { u64::from(self) }
            const BITS: u32 = $Key::BITS;
        }
    )*};
}
keys!(u8 u32 u64);

macro_rules! keyed {
    ($($T:ident $Key:ident |$x:ident| $key:expr;)*) => {$(
        impl Keyed for $T {
            type Key = $Key;
            #[inline(always)]
            fn key(self) -> $Key {
                let $x = self;
                $key
            }
        }
    )*};
}
keyed! {
    bool u8 |x| u8::from(x);
    u8 u8 |x| x;
    i32 u32 |x| x as u32 ^ 1 << 31;
    i64 u64 |x| x as u64 ^ 1 << 63;
    u64 u64 |x| x;
    f32 u32 |x| {
        // Adding zero makes one of both zeros; negative numbers are ordered against their bits.
        let bits = (x + 0.0).to_bits();
        if x.is_nan() { u32::MAX } else { bits ^ ((bits as i32 >> 31) as u32 | 1 << 31) }
    };
    f64 u64 |x| {
        let bits = (x + 0.0).to_bits();
        if x.is_nan() { u64::MAX } else { bits ^ ((bits as i64 >> 63) as u64 | 1 << 63) }
    };
}

/// A key with its position behind it.
trait Entry: Copy + Ord + Default + Send + Sync + 'static {
    /// Of a key's bits and a position.
    fn new(key: u64, position: usize) -> Self;
    /// The position.
    fn position(self) -> usize;
    /// The key.
    fn key(self) -> u64;
    /// The k-th digit of the key, from the lowest.
    fn digit(self, k: u32) -> usize;
    /// The memory in which this thread sorts them.
    fn with_room<R>(work: impl FnOnce(&mut Vec<Self>) -> R) -> R;
}

macro_rules! entries {
    ($($T:ident $half:expr, $ROOM:ident;)*) => {$(
        thread_local! {
            static $ROOM: RefCell<Vec<$T>> = const { RefCell::new(Vec::new()) };
        }

        impl Entry for $T {
            #[inline(always)]
            fn new(key: u64, position: usize) -> $T { $T::from(key) << $half | position as $T }
            #[inline(always)]
            fn position(self) -> usize { (self & ((1 << $half) - 1)) as usize }
            #[inline(always)]
            fn key(self) -> u64 { (self >> $half) as u64 }
            #[inline(always)]
            fn digit(self, k: u32) -> usize { (self >> ($half + k * BITS)) as usize & (RADIX - 1) }
            fn with_room<R>(work: impl FnOnce(&mut Vec<$T>) -> R) -> R {
                let mut room = $ROOM.take();
                let made = work(&mut room);
                if room.len() * size_of::<$T>() <= KEEP {
                    $ROOM.set(room);
                }
                made
            }
        }
    )*};
}

/// Bytes of memory for sorting that a thread keeps.
const KEEP: usize = 32 << 20;

entries! {
    u64 32, ROOM64;
    u128 64, ROOM128;
}

/// Runs a generic body with the Rust type of a dtype and the entries for rows of a length.
macro_rules! with_entries {
    ($dtype:expr, $n:expr, $run:ident($($arg:expr),*)) => {
        match ($dtype, u32::try_from($n).is_ok()) {
            (DType::Bool, true) => $run::<bool, u64>($($arg),*),
            (DType::U8, true) => $run::<u8, u64>($($arg),*),
            (DType::I32, true) => $run::<i32, u64>($($arg),*),
            (DType::F32, true) => $run::<f32, u64>($($arg),*),
            (DType::Bool, false) => $run::<bool, u128>($($arg),*),
            (DType::U8, false) => $run::<u8, u128>($($arg),*),
            (DType::I32, false) => $run::<i32, u128>($($arg),*),
            (DType::F32, false) => $run::<f32, u128>($($arg),*),
            (DType::I64, _) => $run::<i64, u128>($($arg),*),
            (DType::U64, _) => $run::<u64, u128>($($arg),*),
            (DType::F64, _) => $run::<f64, u128>($($arg),*),
            (dtype, _) => Err(unknown("argsort", dtype)),
        }
    };
}

/// Positions along the last axis in the order of the elements, of which the first `keep` are written.
pub(super) fn sort(
    descending: bool,
    dims: &[usize],
    keep: usize,
    operands: [&Operand; 2],
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    if dims.contains(&0) || keep == 0 {
        return Ok(());
    }
    with_entries!(operands[0].dtype, dims[dims.len() - 1], rows(descending, dims, keep, operands, areas))
}

/// One row: where it is read and written, and what is asked for.
struct Row<T> {
    source: *const T,
    step: isize,
    n: usize,
    descending: bool,
}

fn rows<T: Keyed, E: Entry>(
    descending: bool,
    dims: &[usize],
    keep: usize,
    [x, out]: [&Operand; 2],
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let outer = dims.len() - 1;
    let n = dims[outer];
    let walk = Walk::new(&dims[..outer], [x, out].map(|o| Dims::from_slice(&o.strides[..outer])));
    let (count, apart) = (walk.len(), walk.inner().1);
    let (source, target) = (Shared(areas.at(x)), Shared(areas.at(out)));
    let (step, out_step) = (x.strides[outer], out.strides[outer]);
    let one = |[from, to]: [isize; 2], alone: bool| -> Result<(), Fault> {
        // SAFETY: the verifier has found every index of the space inside the operand, and as many results as are kept.
        let (row, to) = unsafe {
            (
                Row { source: source.get::<T>().cast_const().offset(from), step, n, descending },
                target.get::<i64>().offset(to),
            )
        };
        // Integers are often few in a wide type: what they are above the smallest then is narrow.
        match row.narrowed(areas)? {
            // SAFETY: as above.
            Some(low) => unsafe { row.write::<u64>(low, keep, alone, to, out_step, areas) },
            // SAFETY: as above.
            None => unsafe { row.write::<E>(0, keep, alone, to, out_step, areas) },
        }
    };
    // Few long rows are sorted one after the other by all threads, many by one thread each.
    if n >= LONG && count < 2 * num_threads() {
        return walk.each_run(0, count, |[from, to], _, length| {
            (0..length as isize).try_for_each(|k| one([from + k * apart[0], to + k * apart[1]], false))
        });
    }
    let each = (BREATH / n).max(1);
    for_each_block(count.div_ceil(each), count.saturating_mul(n).saturating_mul(16), &|claim| {
        while let Some(block) = claim() {
            let (start, end) = (block * each, ((block + 1) * each).min(count));
            walk.each_run(start, end - start, |[from, to], _, length| {
                (0..length as isize).try_for_each(|k| one([from + k * apart[0], to + k * apart[1]], true))
            })?;
        }
        Ok(())
    })
}

impl<T: Keyed> Row<T> {
    /// The key of an element, of the opposite order if that is asked for.
    #[inline(always)]
    fn key(&self, i: usize) -> u64 {
        // SAFETY: the row has this element.
        let key = unsafe { self.source.offset(i as isize * self.step).read() }.key();
        if self.descending { key.flipped() } else { key }.widened()
    }

    /// The smallest key, if keys are wide and no key is far above it.
    fn narrowed(&self, areas: &Areas<'_>) -> Result<Option<u64>, Fault> {
        if T::Key::BITS <= 32 || self.n < DIGITS || u32::try_from(self.n).is_err() {
            return Ok(None);
        }
        let (mut low, mut high) = (u64::MAX, 0);
        for start in (0..self.n).step_by(BREATH) {
            let end = self.n.min(start + BREATH);
            for key in (start..end).map(|i| self.key(i)) {
                (low, high) = (low.min(key), high.max(key));
            }
            areas.worked(end - start)?;
            if high - low > u64::from(u32::MAX) {
                return Ok(None);
            }
        }
        Ok(Some(low))
    }

    /// Writes the positions of the first `keep` elements in order; keys are taken from `low` on.
    ///
    /// # Safety
    /// There is room for them at the stride.
    unsafe fn write<E: Entry>(
        &self,
        low: u64,
        keep: usize,
        alone: bool,
        to: *mut i64,
        step: isize,
        areas: &Areas<'_>,
    ) -> Result<(), Fault> {
        E::with_room(|room| {
            let sorted = self.sorted(room, low, keep, alone, areas)?;
            for (number, chunk) in sorted.chunks(BREATH).enumerate() {
                for (i, entry) in chunk.iter().enumerate() {
                    // SAFETY: passed on.
                    unsafe { to.offset((number * BREATH + i) as isize * step).write(entry.position() as i64) }
                }
                areas.worked(chunk.len())?;
            }
            Ok(())
        })
    }

    /// The first `keep` entries in order.
    fn sorted<'a, E: Entry>(
        &self,
        room: &'a mut Vec<E>,
        low: u64,
        keep: usize,
        alone: bool,
        areas: &Areas<'_>,
    ) -> Result<&'a [E], Fault> {
        let n = self.n;
        let few = keep <= n / 8;
        let needed = if few {
            2 * keep.max(64)
        } else if n >= DIGITS {
            2 * n
        } else {
            n
        };
        if room.len() < needed {
            let more = needed - room.len();
            let bytes = more.saturating_mul(size_of::<E>());
            room.try_reserve_exact(more).map_err(|_| Error::Allocation { op: "sort", bytes })?;
            // A page that is touched for the first time takes its time.
            while room.len() < needed {
                let len = needed.min(room.len() + BREATH);
                areas.worked(len - room.len())?;
                room.resize(len, E::default());
            }
        }
        if few {
            self.first(&mut room[..needed], low, keep, areas)?;
            return Ok(&room[..keep]);
        }
        let (entries, spare) = room.split_at_mut(n);
        for start in (0..n).step_by(BREATH) {
            let end = n.min(start + BREATH);
            for (i, entry) in entries[start..end].iter_mut().enumerate() {
                *entry = E::new(self.key(start + i) - low, start + i);
            }
            areas.worked(end - start)?;
        }
        if n < DIGITS {
            entries.sort_unstable();
            return Ok(&entries[..keep]);
        }
        let in_spare =
            by_digits(entries, &mut spare[..n], T::Key::BITS.min(8 * size_of::<E>() as u32 / 2), alone, areas)?;
        Ok(if in_spare { &spare[..keep] } else { &entries[..keep] })
    }

    /// Leaves the `keep` smallest entries at the start of some room, in order. What is larger than so many others is passed
    /// over; a full room is cut to the smallest of it.
    fn first<E: Entry>(&self, room: &mut [E], low: u64, keep: usize, areas: &Areas<'_>) -> Result<(), Fault> {
        let full = room.len().min(self.n);
        for (number, chunk) in room[..full].chunks_mut(BREATH).enumerate() {
            for (i, entry) in chunk.iter_mut().enumerate() {
                *entry = E::new(self.key(number * BREATH + i) - low, number * BREATH + i);
            }
            areas.worked(chunk.len())?;
        }
        let (mut held, mut bound) = (full, u64::MAX);
        for start in (full..self.n).step_by(BREATH) {
            let end = self.n.min(start + BREATH);
            for i in start..end {
                if held == room.len() {
                    bound = room.select_nth_unstable(keep - 1).1.key();
                    held = keep;
                }
                // An equal key comes later, so it is larger.
                let key = self.key(i) - low;
                if key < bound {
                    room[held] = E::new(key, i);
                    held += 1;
                }
            }
            areas.worked(2 * (end - start))?;
        }
        if held > keep {
            room[..held].select_nth_unstable(keep - 1);
        }
        room[..keep].sort_unstable();
        Ok(())
    }
}

/// Sorts entries by their keys' digits, from the lowest; true if they end up in the spare room. Digits that all have in
/// common are passed over. Each thread moves a piece of the entries, in their order, to where its own begin among all.
fn by_digits<E: Entry>(
    entries: &mut [E],
    spare: &mut [E],
    bits: u32,
    alone: bool,
    areas: &Areas<'_>,
) -> Result<bool, Fault> {
    let n = entries.len();
    let shares = if alone || n < LONG { 1 } else { num_threads().min(SHARES) };
    let piece = |share: usize| n * share / shares..n * (share + 1) / shares;
    let (mut from, mut to) = (Shared(entries.as_mut_ptr().cast()), Shared(spare.as_mut_ptr().cast()));
    let mut swapped = false;
    let mut starts = vec![[0usize; RADIX]; shares];
    for k in 0..bits / BITS {
        let counts = Shared(starts.as_mut_ptr().cast());
        // SAFETY: pieces do not overlap, and every share has its own counts.
        let part = |share: usize| unsafe {
            let piece = piece(share);
            let entries = std::slice::from_raw_parts(from.get::<E>().add(piece.start), piece.len());
            (entries, &mut *counts.get::<[usize; RADIX]>().add(share))
        };
        for_each_block(shares, n, &|claim| {
            while let Some(share) = claim() {
                let (entries, counts) = part(share);
                counts.fill(0);
                for chunk in entries.chunks(BREATH) {
                    chunk.iter().for_each(|entry| counts[entry.digit(k)] += 1);
                    areas.worked(chunk.len())?;
                }
            }
            Ok(())
        })?;
        if (0..RADIX).any(|digit| starts.iter().map(|counts| counts[digit]).sum::<usize>() == n) {
            continue;
        }
        let mut next = 0;
        for digit in 0..RADIX {
            for counts in &mut starts {
                next += std::mem::replace(&mut counts[digit], next);
            }
        }
        let counts = Shared(starts.as_mut_ptr().cast());
        let target = to;
        for_each_block(shares, 4 * n, &|claim| {
            while let Some(share) = claim() {
                // SAFETY: as above; the counts say where each digit of each share begins, so that no two entries go to one
                // place, and all places are in the spare room.
                unsafe {
                    let piece = piece(share);
                    let entries = std::slice::from_raw_parts(from.get::<E>().add(piece.start), piece.len());
                    let next = &mut *counts.get::<[usize; RADIX]>().add(share);
                    for chunk in entries.chunks(BREATH) {
                        for &entry in chunk {
                            let place = &mut next[entry.digit(k)];
                            target.get::<E>().add(*place).write(entry);
                            *place += 1;
                        }
                        areas.worked(2 * chunk.len())?;
                    }
                }
            }
            Ok(())
        })?;
        (from, to) = (to, from);
        swapped = !swapped;
    }
    Ok(swapped)
}
