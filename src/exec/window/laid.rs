//! An array as windows see it, laid out so that every tap sees it at a constant distance.
//!
//! ```text
//!      * * * * * *  .        A band of places sees a part of each channel, which is copied with its padding. Where places are a
//!      * * * * * *  .        stride apart, each phase of the elements becomes a plane of its own, so that neighbouring
//!      * * * * * *  .        places see neighbours. Places then are numbered along the copy: place (i, j) at
//!      [tap]* * * * .        `i * length + j`, and a tap sees its elements from its own distance on, in one run
//!      . . . . . .  .        for all places. At the end of a line such a run meets what no place sees (the last column here),
//!                            unless each tap has a plane of its own, which costs more copying: an axis is unrolled then.
//! ```
//!
//! The matrix of patches, in which each element stands once for every window that sees it, is never there as a whole.

use std::ops::Range;

use smallvec::SmallVec;

use crate::exec::gemm::{Lanes, part};

/// An array in memory, and how windows move over it. Spaces of fewer than three axes have axes of one element in front.
#[derive(Clone)]
pub(super) struct Seen<T> {
    pub start: *const T,
    /// Elements from entry to entry, and from channel to channel.
    pub entry: isize,
    pub channel: isize,
    pub entries: usize,
    pub channels: usize,
    pub axes: [Axis; 3],
}

// SAFETY: threads only read what it points to.
unsafe impl<T> Sync for Seen<T> {}

/// An axis of space: tap `t` meets element `step * place + offsets[t]` at a place.
#[derive(Clone)]
pub(super) struct Axis {
    pub space: usize,
    /// Elements of the array from one to the next.
    pub stride: isize,
    pub step: isize,
    pub offsets: SmallVec<[isize; 8]>,
    pub places: usize,
}

impl Axis {
    /// An axis of one element, which one tap sees.
    pub fn single() -> Axis {
        Axis { space: 1, stride: 0, step: 1, offsets: SmallVec::from_elem(0, 1), places: 1 }
    }
}

impl<T> Seen<T> {
    /// Places of one entry.
    pub fn places(&self) -> usize {
        self.axes.iter().map(|axis| axis.places).product()
    }

    /// Taps of one channel.
    pub fn taps(&self) -> usize {
        self.axes.iter().map(|axis| axis.offsets.len()).product()
    }
}

/// Places that are laid out together: some entries, and a band of their space.
#[derive(Clone)]
pub(super) struct Band {
    pub entries: Range<usize>,
    pub places: [Range<usize>; 3],
}

/// How places are cut into bands.
#[derive(Clone)]
pub(super) struct Cut {
    /// The most entries and places along each axis of a band.
    pub entries: usize,
    pub places: [usize; 3],
    /// Bands of each.
    counts: [usize; 4],
}

impl Cut {
    pub fn new<T>(seen: &Seen<T>, entries: usize, places: [usize; 3]) -> Cut {
        let all = [0, 1, 2].map(|axis| seen.axes[axis].places);
        let [a, b, c] = [0, 1, 2].map(|axis| all[axis].div_ceil(places[axis]));
        Cut { entries, places, counts: [seen.entries.div_ceil(entries), a, b, c] }
    }

    /// How many bands there are.
    pub fn count(&self) -> usize {
        self.counts.iter().product()
    }

    /// One of them.
    pub fn band<T>(&self, seen: &Seen<T>, mut number: usize) -> Band {
        let mut at = [0; 4];
        for axis in (0..4).rev() {
            at[axis] = number % self.counts[axis];
            number /= self.counts[axis];
        }
        let range = |at: usize, each: usize, all: usize| at * each..((at + 1) * each).min(all);
        let places = [0, 1, 2].map(|axis| range(at[1 + axis], self.places[axis], seen.axes[axis].places));
        Band { entries: range(at[0], self.entries, seen.entries), places }
    }
}

/// An axis of a copy.
struct Lines {
    /// The element that each plane begins with at place 0.
    origins: SmallVec<[isize; 8]>,
    /// Elements of a plane.
    len: usize,
    /// For each tap its plane, and the element of it that place 0 sees.
    taps: SmallVec<[(usize, usize); 8]>,
}

impl Lines {
    fn new(axis: &Axis, places: usize, unrolled: bool) -> Lines {
        let (step, offsets) = (axis.step, &axis.offsets);
        if unrolled {
            let taps = (0..offsets.len()).map(|tap| (tap, 0)).collect();
            return Lines { origins: offsets.clone(), len: places, taps };
        }
        let least = offsets.iter().copied().min().unwrap_or(0);
        let (mut origins, mut taps, mut furthest) = (SmallVec::new(), SmallVec::new(), 0);
        for offset in offsets {
            let (shift, origin) = ((offset - least) / step, least + (offset - least) % step);
            let plane = origins.iter().position(|&known| known == origin).unwrap_or_else(|| {
                origins.push(origin);
                origins.len() - 1
            });
            furthest = furthest.max(shift as usize);
            taps.push((plane, shift as usize));
        }
        Lines { origins, len: places + furthest, taps }
    }
}

/// How bands of a cut are laid out.
pub(super) struct Laid {
    entries: usize,
    axes: [Lines; 3],
    /// Elements of a channel.
    pub channel: usize,
    /// From a channel's first element to the one that each tap sees at place 0.
    pub taps: Vec<usize>,
}

impl Laid {
    pub fn new<T>(seen: &Seen<T>, cut: &Cut, unrolled: [bool; 3]) -> Laid {
        let axes = [0, 1, 2].map(|axis| Lines::new(&seen.axes[axis], cut.places[axis], unrolled[axis]));
        let [a, b, c] = &axes;
        let plane = cut.entries * a.len * b.len * c.len;
        let mut taps = Vec::with_capacity(seen.taps());
        for (p, x) in &a.taps {
            for (q, y) in &b.taps {
                for (r, z) in &c.taps {
                    let planes = (p * b.origins.len() + q) * c.origins.len() + r;
                    taps.push(planes * plane + (x * b.len + y) * c.len + z);
                }
            }
        }
        let planes = axes.iter().map(|lines| lines.origins.len()).product::<usize>();
        Laid { entries: cut.entries, channel: planes * plane, axes, taps }
    }

    /// Elements of a line, and of all lines of a plane of two axes.
    pub fn line(&self) -> usize {
        self.axes[2].len
    }

    /// The number of a place of a band.
    pub fn number(&self, entry: usize, place: [usize; 3]) -> usize {
        let [a, b, c] = [0, 1, 2].map(|axis| self.axes[axis].len);
        ((entry * a + place[0]) * b + place[1]) * c + place[2]
    }

    /// The place, counted from the start of the band, of a number, and its entry.
    fn place(&self, number: usize) -> (usize, [usize; 3]) {
        let [a, b, c] = [0, 1, 2].map(|axis| self.axes[axis].len);
        (number / (a * b * c), [number / (b * c) % a, number / c % b, number % c])
    }

    /// One more than the number of a band's last place.
    pub fn columns(&self, band: &Band) -> usize {
        let last = [0, 1, 2].map(|axis| band.places[axis].len() - 1);
        self.number(band.entries.len() - 1, last) + 1
    }

    /// Calls `visit` with each run of a band's places along its last axis whose numbers are among some: the first of
    /// these, counted from the start of the range, how many, the entry, and the place in the space.
    pub fn each_run(&self, band: &Band, numbers: Range<usize>, mut visit: impl FnMut(usize, usize, usize, [usize; 3])) {
        let mut number = numbers.start;
        while number < numbers.end {
            let (entry, [i, j, k]) = self.place(number);
            let len = (self.line() - k).min(numbers.end - number);
            let [a, b, c] = [0, 1, 2].map(|axis| band.places[axis].len());
            if i < a && j < b && k < c {
                let place = [i + band.places[0].start, j + band.places[1].start, k + band.places[2].start];
                visit(number - numbers.start, len.min(c - k), band.entries.start + entry, place);
            }
            number += len;
        }
    }
}

/// About how many cycles a line of a copy takes besides its vectors.
const LINE: usize = 3;

/// About how many places are worth a band of their own.
const MANY: usize = 256;

/// Which axes are unrolled, and how many entries are laid out together, so that copying, and multiplying by so many rows in
/// vectors of so many elements, cost the least. Copies of large entries are cut into bands afterwards.
pub(super) fn cheapest<T>(seen: &Seen<T>, rows: usize, lanes: usize) -> ([bool; 3], usize) {
    let [a, b, c] = &seen.axes;
    let lines = |axis: &Axis, unrolled: bool| Lines::new(axis, axis.places, unrolled);
    let mut best = (f64::INFINITY, [true; 3], 1);
    for (second, third) in [(false, false), (false, true), (true, true), (true, false)] {
        let (y, z) = (lines(b, second), lines(c, third));
        let planes = a.offsets.len() * y.origins.len() * z.origins.len();
        let mut entries = 1;
        loop {
            let columns = ((entries * a.places - 1) * y.len + b.places - 1) * z.len + c.places;
            let copied = planes * entries * a.places * y.len * (LINE + z.len / lanes);
            let multiplied = columns.div_ceil(lanes) * seen.taps() * rows / 2;
            let cost = (copied + multiplied) as f64 / entries as f64;
            if cost < best.0 {
                best = (cost, [true, second, third], entries);
            }
            if columns >= MANY || entries >= seen.entries {
                break;
            }
            entries = (2 * entries).min(seen.entries);
        }
    }
    (best.1, best.2)
}

/// Bytes that one piece of a copy takes at most, if it can.
pub(super) const BUDGET: usize = 1 << 18;

/// A copy of so many elements for a channel, of `channels`, in bands that fit: full lines if they do.
pub(super) fn fitting<T>(seen: &Seen<T>, elements: impl Fn([usize; 3]) -> usize) -> [usize; 3] {
    let all = [0, 1, 2].map(|axis| seen.axes[axis].places);
    let mut places = if elements(all) <= BUDGET / size_of::<T>() { all } else { [1, all[1], all[2]] };
    let most = BUDGET / size_of::<T>();
    for axis in [1, 2] {
        let all = places[axis];
        let mut bands = 1;
        while elements(places) > most && places[axis] > if axis == 1 { 1 } else { 64 } {
            bands = (bands * 2).min(all);
            // As equal as can be.
            places[axis] = part(all, bands, 0).len();
        }
    }
    places
}

/// Copies channels of a band, and zeros behind them that whole vectors may read.
///
/// # Safety
/// As for `Lanes`. Every element of the array may be read, and `to` has room for the channels and two vectors more.
#[inline(always)]
pub(super) unsafe fn lay<V: Lanes>(
    seen: &Seen<V::T>,
    laid: &Laid,
    band: &Band,
    channels: Range<usize>,
    mut to: *mut V::T,
) {
    let [a, b, c] = &laid.axes;
    let [first, second, third] = [0, 1, 2].map(|axis| seen.axes[axis].step * band.places[axis].start as isize);
    let inner = &seen.axes[2];
    let met = |axis: usize, origin: isize, at: usize| {
        let axis = &seen.axes[axis];
        let element = origin + axis.step * at as isize;
        if element >= 0 && element < axis.space as isize { element * axis.stride } else { isize::MIN }
    };
    // SAFETY: promised by the caller; what is read lies inside the space along each axis.
    unsafe {
        for channel in channels {
            for x in a.origins.as_slice() {
                for y in b.origins.as_slice() {
                    for z in c.origins.as_slice() {
                        let whole = Whole::new(inner, third + z, c.len);
                        for entry in band.entries.start..band.entries.start + laid.entries {
                            let from = entry as isize * seen.entry + channel as isize * seen.channel;
                            for i in 0..a.len {
                                let outer = met(0, first + x, i);
                                let there = outer != isize::MIN && entry < band.entries.end;
                                for j in 0..b.len {
                                    let middle = met(1, second + y, j);
                                    if there && middle != isize::MIN {
                                        whole.copy::<V>(seen.start.offset(from + outer + middle), to);
                                    } else {
                                        zeros::<V>(c.len, to);
                                    }
                                    to = to.add(c.len);
                                }
                            }
                        }
                    }
                }
            }
        }
        zeros::<V>(2 * V::N, to);
    }
}

/// A line of a copy: which of its elements are there, and where they come from.
struct Whole {
    low: usize,
    high: usize,
    len: usize,
    /// Elements of the array to the first that is there, and from one to the next.
    first: isize,
    apart: isize,
}

impl Whole {
    #[inline(always)]
    fn new(axis: &Axis, first: isize, len: usize) -> Whole {
        let before = |end: isize| {
            let more = end - first;
            if more <= 0 { 0 } else { ((more + axis.step - 1) / axis.step).min(len as isize) as usize }
        };
        let (low, high) = (before(0), before(axis.space as isize));
        let start = (first + low as isize * axis.step) * axis.stride;
        Whole { low, high: high.max(low), len, first: start, apart: axis.step * axis.stride }
    }

    /// Writes whole vectors, of which the last may reach beyond the line: what comes there is written later.
    ///
    /// # Safety
    /// As for `Lanes`; the line may be read, and `to` written, a vector further than the line goes.
    #[inline(always)]
    unsafe fn copy<V: Lanes>(&self, from: *const V::T, to: *mut V::T) {
        let &Whole { low, high, len, first, apart } = self;
        // SAFETY: promised by the caller.
        unsafe {
            zeros::<V>(low, to);
            let from = from.wrapping_offset(first);
            let mut done = low;
            if apart == 1 {
                while done < high {
                    let part = (high - done).min(V::N);
                    let from = from.add(done - low);
                    let new = if part == V::N { V::load(from) } else { V::load_first(from, V::first(part)) };
                    new.store(to.add(done));
                    done += V::N;
                }
            } else {
                (low..high).for_each(|at| *to.add(at) = *from.offset((at - low) as isize * apart));
                done = high;
            }
            if done < len {
                zeros::<V>(len - done, to.add(done));
            }
        }
    }
}

/// Writes zeros in whole vectors.
///
/// # Safety
/// As for `Lanes`; `to` may be written, up to a vector further than asked for.
#[inline(always)]
unsafe fn zeros<V: Lanes>(len: usize, to: *mut V::T) {
    let mut at = 0;
    while at < len {
        // SAFETY: promised by the caller.
        unsafe { V::zero().store(to.add(at)) }
        at += V::N;
    }
}
