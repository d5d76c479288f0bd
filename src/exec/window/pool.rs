//! The largest element of each window, or where it is.
//!
//! A row of places is walked tap by tap, so that neighbours in a vector are neighbours in the row. Taps come in C order and
//! only a larger element replaces one, so the first of the largest is found; a NaN replaces all but another.

use std::mem::MaybeUninit;

use smallvec::SmallVec;

use super::BLOCKS;
use crate::dtype::with_dtype;
use crate::exec::gemm::{has_avx2, has_avx512};
use crate::exec::pool::for_each_block;
use crate::exec::{Areas, Fault, unknown};
use crate::math::Item;
use crate::ops::{PoolOp, Slide};
use crate::plan::{Along, Operand};

/// Places of a row that are walked together.
const TOGETHER: usize = 64;

/// Taps of a line between two looks at whether to go on.
const STRETCH: usize = 1 << 10;

/// Counts work, and says when to stop.
type Look<'a> = &'a dyn Fn(usize) -> Result<(), Fault>;

/// The axes of a plane, in front of which axes of one element are put, and elements between neighbours along each.
struct Plane {
    axes: [Along; 3],
    strides: [isize; 3],
}

/// Finds what windows see in a plane, and writes it densely; as unsafe as `walk`.
type Walk = unsafe fn(&Plane, *const u8, *mut u8, Look<'_>) -> Result<(), Fault>;

/// What windows find in all planes.
pub(in crate::exec) fn pool(
    op: PoolOp,
    planes: &[usize],
    axes: &[Along],
    x: &Operand,
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let single = Along { slide: Slide { stride: 1, dilation: 1, before: 0 }, space: 1, taps: 1, places: 1 };
    let mut plane = Plane { axes: [single; 3], strides: [0; 3] };
    let skipped = 3 - axes.len();
    plane.axes[skipped..].copy_from_slice(axes);
    plane.strides[skipped..].copy_from_slice(&x.strides[planes.len()..]);
    let (count, places) = (planes.iter().product::<usize>(), axes.iter().map(|axis| axis.places).product::<usize>());
    if count * places == 0 {
        return Ok(());
    }
    let none = || Err(unknown("max_pool", x.dtype));
    let (walk, width): (Walk, usize) = match op {
        PoolOp::Max => (with_dtype!(x.dtype, T => best::<T, false>(), else return none()), x.dtype.size()),
        PoolOp::Argmax => (with_dtype!(x.dtype, T => best::<T, true>(), else return none()), size_of::<i64>()),
    };
    let each = places.saturating_mul(axes.iter().map(|axis| axis.taps).product());
    let blocks = count.min(BLOCKS * 8);
    let (from, to) = (Source(areas.at(x).cast_const()), Target(out));
    for_each_block(blocks, count.saturating_mul(each), &|claim| {
        while let Some(block) = claim() {
            for at in crate::exec::gemm::part(count, blocks, block) {
                let (mut rest, mut first) = (at, 0);
                for (&size, &stride) in planes.iter().zip(&x.strides).rev() {
                    first += (rest % size) as isize * stride;
                    rest /= size;
                }
                // SAFETY: the verifier has found every element of the operand inside its area, and the output to have as many
                // elements as there are places; whoever recorded the step saw that no window sees nothing.
                unsafe {
                    let x = from.at(first * x.dtype.size() as isize);
                    walk(&plane, x, to.at(at * places * width), &|work| Ok(areas.worked(work)?))?;
                }
            }
        }
        Ok(())
    })
}

struct Source(*const u8);
struct Target(*mut u8);

// SAFETY: threads read the one, and write planes of their own of the other.
unsafe impl Sync for Source {}
// SAFETY: as above.
unsafe impl Sync for Target {}

impl Source {
    /// # Safety
    /// The area has the byte.
    unsafe fn at(&self, bytes: isize) -> *const u8 {
        // SAFETY: promised by the caller.
        unsafe { self.0.offset(bytes) }
    }
}

impl Target {
    /// # Safety
    /// The area has the byte.
    unsafe fn at(&self, bytes: usize) -> *mut u8 {
        // SAFETY: promised by the caller.
        unsafe { self.0.add(bytes) }
    }
}

/// The version of the walk for this CPU.
fn best<T: Item, const ARG: bool>() -> Walk {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            return avx512::<T, ARG>;
        }
        if has_avx2() {
            return avx2::<T, ARG>;
        }
    }
    baseline::<T, ARG>
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
unsafe fn avx512<T: Item, const ARG: bool>(
    plane: &Plane,
    x: *const u8,
    out: *mut u8,
    look: Look<'_>,
) -> Result<(), Fault> {
    // SAFETY: passed on.
    unsafe { walk::<T, ARG>(plane, x.cast(), out, look) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<T: Item, const ARG: bool>(
    plane: &Plane,
    x: *const u8,
    out: *mut u8,
    look: Look<'_>,
) -> Result<(), Fault> {
    // SAFETY: passed on.
    unsafe { walk::<T, ARG>(plane, x.cast(), out, look) }
}

unsafe fn baseline<T: Item, const ARG: bool>(
    plane: &Plane,
    x: *const u8,
    out: *mut u8,
    look: Look<'_>,
) -> Result<(), Fault> {
    // SAFETY: passed on.
    unsafe { walk::<T, ARG>(plane, x.cast(), out, look) }
}

/// The element that a tap meets at a place, if there is one.
#[inline(always)]
fn met(axis: &Along, place: usize, tap: usize) -> Option<usize> {
    let Slide { stride, dilation, before } = axis.slide;
    (place * stride + tap * dilation).checked_sub(before).filter(|&at| at < axis.space)
}

/// The places of a row, from the start of the row, that meet an element with a tap of the last axis.
#[derive(Clone, Copy)]
struct Met {
    low: usize,
    high: usize,
    /// Elements before the one that the first of them meets.
    first: isize,
}

/// Walks a plane.
///
/// # Safety
/// The plane's elements may be read, the output has room for an element of each place, and every window sees something.
#[inline(always)]
unsafe fn walk<T: Item, const ARG: bool>(
    plane: &Plane,
    x: *const T,
    out: *mut u8,
    look: Look<'_>,
) -> Result<(), Fault> {
    let [a, b, c] = &plane.axes;
    let [down, across, apart] = plane.strides;
    // The flat index of an element that a tap meets at a place is a sum of what each of them says.
    let (mut numbers, first): (SmallVec<[i64; 16]>, i64) = (SmallVec::new(), flat(plane, [1; 3], |slide| slide.before));
    for tap in if ARG { 0..a.taps * b.taps * c.taps } else { 0..0 } {
        numbers.push(flat(plane, [tap / c.taps / b.taps, tap / c.taps % b.taps, tap % c.taps], |slide| slide.dilation));
    }
    let mut all: SmallVec<[Met; 8]> = SmallVec::new();
    for start in (0..c.places).step_by(TOGETHER) {
        let len = (c.places - start).min(TOGETHER);
        all.clear();
        (0..c.taps).for_each(|tap| all.push(meeting(c, apart, start, len, tap)));
        for i in 0..a.places {
            for j in 0..b.places {
                // SAFETY: promised by the caller; a tap that is met lies inside the space.
                unsafe {
                    let mut row = Row { best: [MaybeUninit::uninit(); TOGETHER], taps: [0; TOGETHER], open: len };
                    for tap in 0..a.taps {
                        let Some(outer) = met(a, i, tap) else { continue };
                        for middle in 0..b.taps {
                            let Some(at) = met(b, j, middle) else { continue };
                            let line = x.offset(outer as isize * down + at as isize * across);
                            let first = (tap * b.taps + middle) * c.taps;
                            row.take::<ARG>(&all, line, c.slide.stride as isize * apart, first, look)?;
                        }
                    }
                    let place = (i * b.places + j) * c.places + start;
                    if ARG {
                        let out = out.cast::<i64>().add(place);
                        let line = flat(plane, [i, j, start], |slide| slide.stride) - first;
                        for (at, &tap) in row.taps[..len].iter().enumerate() {
                            out.add(at).write(line + (at * c.slide.stride) as i64 + numbers[tap as usize]);
                        }
                    } else {
                        std::ptr::copy_nonoverlapping(row.best.as_ptr().cast::<T>(), out.cast::<T>().add(place), len);
                    }
                }
                look(len * a.taps * b.taps * c.taps.min(STRETCH))?;
            }
        }
    }
    Ok(())
}

/// The flat index of as many elements along each axis as `each` says, times so many.
fn flat(plane: &Plane, times: [usize; 3], each: impl Fn(&Slide) -> usize) -> i64 {
    let [p, q, r] = [0, 1, 2].map(|axis| (times[axis] * each(&plane.axes[axis].slide)) as i64);
    (p * plane.axes[1].space as i64 + q) * plane.axes[2].space as i64 + r
}

/// Which of `len` places from `start` on meet an element with a tap.
fn meeting(axis: &Along, apart: isize, start: usize, len: usize, tap: usize) -> Met {
    let Slide { stride, dilation, before } = axis.slide;
    // Places that come before an element of the padded axis.
    let places = |end: usize| end.saturating_sub(tap * dilation).div_ceil(stride).saturating_sub(start).min(len);
    let (low, high) = (places(before), places(before + axis.space));
    let element = ((start + low) * stride + tap * dilation) as isize - before as isize;
    Met { low, high: high.max(low), first: element * apart }
}

/// What has been found so far at neighbouring places.
struct Row<T> {
    best: [MaybeUninit<T>; TOGETHER],
    /// Which tap it was.
    taps: [u32; TOGETHER],
    /// Places from here on have seen something, once the first line has been taken.
    open: usize,
}

impl<T: Item> Row<T> {
    /// Takes in the taps of one line, numbered from `first` on; elements of neighbouring places are so far apart.
    ///
    /// # Safety
    /// The line's elements may be read.
    #[inline(always)]
    unsafe fn take<const ARG: bool>(
        &mut self,
        all: &[Met],
        line: *const T,
        apart: isize,
        first: usize,
        look: Look<'_>,
    ) -> Result<(), Fault> {
        for (stretch, taps) in all.chunks(STRETCH).enumerate() {
            if stretch > 0 {
                look(TOGETHER * taps.len())?;
            }
            let first = first + stretch * STRETCH;
            for (tap, &Met { low, high, first: element }) in taps.iter().enumerate() {
                if low == high {
                    continue;
                }
                let number = (first + tap) as u32;
                // Where nothing was seen before, there is nothing to compare with.
                let fresh = self.open.clamp(low, high);
                // SAFETY: from `low` up to `high` places meet elements of the line; from `open` on they have seen one.
                unsafe {
                    let from = line.offset(element);
                    match apart {
                        1 => self.compare::<ARG, 1>(from, 1, low, fresh, high, number),
                        2 => self.compare::<ARG, 2>(from, 2, low, fresh, high, number),
                        _ => self.compare::<ARG, 0>(from, apart, low, fresh, high, number),
                    }
                }
                self.open = self.open.min(low);
            }
        }
        Ok(())
    }

    /// Takes what a tap meets from place `low` up to `fresh`, and what exceeds what is known up to `high`. `STEP` is how far apart
    /// the elements are, or 0 if only `apart` says so.
    ///
    /// # Safety
    /// There are as many elements as places, and something is known from `fresh` on.
    #[inline(always)]
    unsafe fn compare<const ARG: bool, const STEP: isize>(
        &mut self,
        from: *const T,
        apart: isize,
        low: usize,
        fresh: usize,
        high: usize,
        number: u32,
    ) {
        let apart = if STEP == 0 { apart } else { STEP };
        // SAFETY: promised by the caller.
        unsafe {
            for at in 0..fresh - low {
                self.best[low + at] = MaybeUninit::new(*from.offset(at as isize * apart));
                self.taps[low + at] = number;
            }
            let from = from.wrapping_offset((fresh - low) as isize * apart);
            for (at, (best, tap)) in self.best[fresh..high].iter_mut().zip(&mut self.taps[fresh..high]).enumerate() {
                let (new, known) = (*from.offset(at as isize * apart), best.assume_init());
                let better = (new > known) | (new.is_not_a_number() & !known.is_not_a_number());
                *best = MaybeUninit::new(if better { new } else { known });
                if ARG {
                    *tap = if better { number } else { *tap };
                }
            }
        }
    }
}
