//! Gathering, and combining elements into an array at an index.
//!
//! What an index moves whole is moved whole: trailing axes that are dense, and along which the index is the same, are one
//! row. Gathered elements are independent of each other, so blocks of them are. Of a scatter, elements for one place are
//! combined in C order of the index, whoever does it: threads share the work by an axis that the index does not walk, if
//! there is one. So the same bits come out however it is shared.

use super::pool::{for_each_block, num_threads};
use super::walk::runs;
use super::{Areas, BREATH, Fault, unknown};
use crate::dtype::Element;
use crate::math::Number;
use crate::ops::How;
use crate::plan::{Operand, Step};
use crate::record::NodeId;
use crate::shape::Dims;

/// Elements of a block.
const BLOCK: usize = if cfg!(miri) { 1 << 7 } else { 1 << 14 };

/// Elements that are as much work as finding a row.
const ROW: usize = 16;

/// Axes as a walk sees them: those that all operands walk through as if they were one are one.
pub(super) struct Walk<const N: usize> {
    dims: Dims,
    strides: [Dims<isize>; N],
}

impl<const N: usize> Walk<N> {
    pub fn new(dims: &[usize], strides: [Dims<isize>; N]) -> Walk<N> {
        let (mut dims, mut strides) = (Dims::from_slice(dims), strides);
        let mut each: Vec<&mut Dims<isize>> = strides.iter_mut().collect();
        crate::plan::coalesce(&mut dims, &mut each);
        Walk { dims, strides }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// The last axis's length and strides.
    pub fn inner(&self) -> (usize, [isize; N]) {
        let last = self.dims.len().wrapping_sub(1);
        let strides = std::array::from_fn(|k| self.strides[k].get(last).copied().unwrap_or(0));
        (self.dims.last().copied().unwrap_or(1), strides)
    }

    /// Takes the last axis away.
    fn drop_inner(&mut self) {
        self.dims.pop();
        self.strides.iter_mut().for_each(|strides| _ = strides.pop());
    }

    /// Calls `run(offsets, done, length)` for each run along the innermost axis of elements `start..start + n`.
    pub fn each_run(
        &self,
        start: usize,
        n: usize,
        run: impl FnMut([isize; N], usize, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        runs(&self.dims, self.strides.each_ref().map(|strides| &strides[..]), start, n, run)
    }
}

/// The strides without the axis the index walks, whose share comes from the index itself.
fn without_axis(operand: &Operand, axis: usize) -> (Dims<isize>, isize) {
    let mut strides = operand.strides.clone();
    let own = std::mem::replace(&mut strides[axis], 0);
    (strides, own)
}

/// What a step knows of its index.
#[derive(Clone, Copy)]
struct Axis {
    node: NodeId,
    axis: usize,
    size: usize,
}

impl Axis {
    /// The position that an index means; of one outside, something that is none.
    #[inline(always)]
    fn place(self, index: i64) -> isize {
        (if index < 0 { index.wrapping_add(self.size as i64) } else { index }) as isize
    }

    /// True for a position.
    #[inline(always)]
    fn has(self, place: isize) -> bool {
        (place as usize) < self.size
    }

    #[cold]
    fn fault(self, index: i64) -> Fault {
        Fault::Index { node: self.node, index, axis: self.axis, size: self.size }
    }
}

/// Runs a generic body with `$T` bound to the integer type of a dtype's size.
macro_rules! with_size {
    ($size:expr, $T:ident => $body:expr) => {
        match $size {
            1 => {
                type $T = u8;
                $body
            }
            2 => {
                type $T = u16;
                $body
            }
            4 => {
                type $T = u32;
                $body
            }
            _ => {
                type $T = u64;
                $body
            }
        }
    };
}

/// Picks elements along an axis.
pub(super) fn gather(step: &Step, areas: &Areas<'_>) -> Result<(), Fault> {
    let Step::Gather { axis, dims, size, x, index, out, node } = step else { return Ok(()) };
    let along = Axis { node: *node, axis: *axis, size: *size };
    let (from, own) = without_axis(x, *axis);
    let mut walk = Walk::new(dims, [from, index.strides.clone()]);
    if dims.contains(&0) {
        return Ok(());
    }
    // A row: dense in the source, and moved by one index.
    let row = match walk.inner() {
        (len, [1, 0]) if len > 1 => len,
        _ => 1,
    };
    if row > 1 {
        walk.drop_inner();
    }
    let (source, places, out) = (Shared(areas.at(x)), Shared(areas.at(index)), Shared(areas.start(*out)));
    let (count, bytes) = (walk.len(), x.dtype.size());
    let [step, place_step] = walk.inner().1;
    let each = if row > 1 { (BLOCK / (row + ROW)).max(1) } else { BLOCK };
    for_each_block(count.div_ceil(each), count.saturating_mul(row + 3), &|claim| {
        while let Some(block) = claim() {
            let (start, end) = (block * each, ((block + 1) * each).min(count));
            walk.each_run(start, end - start, |[at, place], done, length| {
                // SAFETY: the verifier has found every index inside its area, every place of the source inside its own
                // whatever the index once it is checked, and the output to hold the whole space.
                unsafe {
                    let places = places.get::<i64>().cast_const().offset(place);
                    let picks = Picks { along, places, place_step, own, step };
                    let to = out.get::<u8>().add((start + done) * row * bytes);
                    let from = source.get::<u8>().cast_const().offset(at * bytes as isize);
                    if row > 1 {
                        return picks.rows(from, to, row, bytes, length, areas);
                    }
                    with_size!(bytes, T => picks.elements::<T>(from.cast(), to.cast(), length, areas))
                }
            })?;
        }
        Ok(())
    })
}

/// Places along an axis, one behind the other, and what they mean in the source.
struct Picks {
    along: Axis,
    places: *const i64,
    place_step: isize,
    /// Elements between neighbours along the axis.
    own: isize,
    /// Elements between neighbours along the run.
    step: isize,
}

impl Picks {
    /// Copies a row of elements of a size for each of n places.
    ///
    /// # Safety
    /// There are n places; the rows that those inside the axis mean can be read, and n of them written.
    unsafe fn rows(
        &self,
        from: *const u8,
        to: *mut u8,
        row: usize,
        size: usize,
        n: usize,
        areas: &Areas<'_>,
    ) -> Result<(), Fault> {
        let Picks { along, places, place_step, own, step } = *self;
        for i in 0..n {
            // SAFETY: passed on.
            unsafe {
                let index = places.offset(i as isize * place_step).read();
                let pick = along.place(index);
                if !along.has(pick) {
                    return Err(along.fault(index));
                }
                let source = from.offset((pick * own + i as isize * step) * size as isize);
                std::ptr::copy_nonoverlapping(source, to.add(i * row * size), row * size);
            }
            areas.worked(row)?;
        }
        Ok(())
    }

    /// Copies one element for each of n places.
    ///
    /// # Safety
    /// As for [`Picks::rows`].
    unsafe fn elements<T: Copy>(&self, from: *const T, to: *mut T, n: usize, areas: &Areas<'_>) -> Result<(), Fault> {
        // The usual strides are constants in loops of their own.
        match (self.place_step, self.own, self.step) {
            // SAFETY: passed on.
            (1, 1, 0) => unsafe { self.elements_at(1, 1, 0, from, to, n, areas) },
            // SAFETY: passed on.
            (1, own, 1) => unsafe { self.elements_at(1, own, 1, from, to, n, areas) },
            // SAFETY: passed on.
            (place_step, own, step) => unsafe { self.elements_at(place_step, own, step, from, to, n, areas) },
        }
    }

    /// # Safety
    /// As for [`Picks::rows`].
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "strides that are constants to the compiler")]
    unsafe fn elements_at<T: Copy>(
        &self,
        place_step: isize,
        own: isize,
        step: isize,
        from: *const T,
        to: *mut T,
        n: usize,
        areas: &Areas<'_>,
    ) -> Result<(), Fault> {
        let Picks { along, places, .. } = *self;
        for start in (0..n).step_by(BREATH) {
            let end = n.min(start + BREATH);
            areas.worked(2 * (end - start))?;
            for i in start..end {
                // SAFETY: passed on.
                unsafe {
                    let index = places.offset(i as isize * place_step).read();
                    let pick = along.place(index);
                    if !along.has(pick) {
                        return Err(along.fault(index));
                    }
                    to.add(i).write(from.offset(pick * own + i as isize * step).read());
                }
            }
        }
        Ok(())
    }
}

/// A pointer that threads share; what they do with it is said where they do it.
#[derive(Clone, Copy)]
pub(super) struct Shared(pub *mut u8);

// SAFETY: an address; every use says why it may.
unsafe impl Sync for Shared {}

impl Shared {
    pub fn get<T>(&self) -> *mut T {
        self.0.cast()
    }
}

/// Combines elements into an array at an index. What was written before an index outside is found is not kept.
pub(super) fn scatter(step: &Step, areas: &Areas<'_>) -> Result<(), Fault> {
    let Step::Scatter { how, axis, dims, size, index, x, out, node } = step else { return Ok(()) };
    if dims.contains(&0) {
        return Ok(());
    }
    let along = Axis { node: *node, axis: *axis, size: *size };
    let (to, own) = without_axis(out, *axis);
    let strides = [index.strides.clone(), x.strides.clone(), to];
    // Pieces of the longest axis that the index does not walk, of a cache line or more where rows are cut.
    let free = (0..dims.len()).filter(|a| a != axis).max_by_key(|&a| dims[a]);
    let pieces = match free {
        Some(free) if free > *axis => num_threads().min(dims[free] / ROW).max(1),
        Some(free) => num_threads().min(dims[free]),
        None => 1,
    };
    let (places, source, target) = (Shared(areas.at(index)), Shared(areas.at(x)), Shared(areas.at(out)));
    let work = dims.iter().product::<usize>().saturating_mul(4);
    for_each_block(pieces, work, &|claim| {
        while let Some(piece) = claim() {
            let (mut dims, mut first) = (Dims::from_slice(dims), [0; 3]);
            if let Some(free) = free {
                let from = dims[free] * piece / pieces;
                dims[free] = dims[free] * (piece + 1) / pieces - from;
                first = strides.each_ref().map(|strides| from as isize * strides[free]);
            }
            let walk = Walk::new(&dims, strides.clone());
            macro_rules! combine {
                ($T:ty, $with:expr) => {{
                    // SAFETY: the verifier has found all three operands inside their areas, whatever the index once it is
                    // checked, and no other piece has the places of this one.
                    unsafe {
                        let places = places.get::<i64>().cast_const().offset(first[0]);
                        let source = source.get::<$T>().cast_const().offset(first[1]);
                        let target = target.get::<$T>().offset(first[2]);
                        combine(along, own, walk, places, source, target, $with, areas)?
                    }
                }};
            }
            macro_rules! numbers {
                ($($T:ident)*) => {
                    match (how, x.dtype) {
                        (How::Set, dtype) => with_size!(dtype.size(), T => combine!(T, |_: T, new: T| new)),
                        $(
                            (How::Add, <$T as Element>::DTYPE) => combine!($T, |old: $T, new: $T| old.plus(new)),
                            (How::Mul, <$T as Element>::DTYPE) => combine!($T, |old: $T, new: $T| old.times(new)),
                            (How::Max, <$T as Element>::DTYPE) => combine!($T, |old: $T, new: $T| old.larger(new)),
                            (How::Min, <$T as Element>::DTYPE) => combine!($T, |old: $T, new: $T| old.smaller(new)),
                        )*
                        _ => return Err(unknown(how.name(), x.dtype)),
                    }
                };
            }
            numbers!(u8 i32 i64 u64 f32 f64);
        }
        Ok(())
    })
}

/// Combines what is at the places of one piece, one element after the other in C order.
///
/// # Safety
/// All three operands hold their elements of the walk for indices inside the axis; no other thread has these places.
#[allow(clippy::too_many_arguments, reason = "one loop for all dtypes and ways to combine")]
unsafe fn combine<T: Copy>(
    along: Axis,
    own: isize,
    mut walk: Walk<3>,
    places: *const i64,
    source: *const T,
    target: *mut T,
    with: impl Fn(T, T) -> T + Copy,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    // A row: dense on both sides, and moved by one index.
    let row = match walk.inner() {
        (len, [0, 1, 1]) => len,
        _ => 1,
    };
    if row > 1 {
        walk.drop_inner();
    }
    let steps = walk.inner().1;
    walk.each_run(0, walk.len(), |[place, from, to], _, length| {
        for start in (0..length).step_by(BREATH) {
            let end = length.min(start + BREATH);
            areas.worked(2 * (end - start))?;
            // SAFETY: passed on.
            unsafe {
                let (places, source, target) = (places.offset(place), source.offset(from), target.offset(to));
                if row > 1 {
                    for i in start as isize..end as isize {
                        let index = places.offset(i * steps[0]).read();
                        let pick = along.place(index);
                        if !along.has(pick) {
                            return Err(along.fault(index));
                        }
                        let at = pick * own + i * steps[2];
                        let new = std::slice::from_raw_parts(source.offset(i * steps[1]), row);
                        let old = std::slice::from_raw_parts_mut(target.offset(at), row);
                        old.iter_mut().zip(new).for_each(|(old, &new)| *old = with(*old, new));
                        areas.worked(row)?;
                    }
                    continue;
                }
                // The usual strides are constants in loops of their own.
                let (places, range) = (places.cast(), start as isize..end as isize);
                match (steps, own) {
                    ([1, 1, 0], 1) => one_by_one(along, [1, 1, 0], 1, places, source, target, range, with),
                    ([1, 1, 1], own) => one_by_one(along, [1, 1, 1], own, places, source, target, range, with),
                    (steps, own) => one_by_one(along, steps, own, places, source, target, range, with),
                }?;
            }
        }
        Ok(())
    })
}

/// # Safety
/// As for [`combine`].
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "strides that are constants to the compiler")]
unsafe fn one_by_one<T: Copy>(
    along: Axis,
    [place_step, step, to_step]: [isize; 3],
    own: isize,
    places: *const i64,
    source: *const T,
    target: *mut T,
    range: std::ops::Range<isize>,
    with: impl Fn(T, T) -> T,
) -> Result<(), Fault> {
    for i in range {
        // SAFETY: passed on.
        unsafe {
            let index = places.offset(i * place_step).read();
            let pick = along.place(index);
            if !along.has(pick) {
                return Err(along.fault(index));
            }
            let slot = target.offset(pick * own + i * to_step);
            slot.write(with(slot.read(), source.offset(i * step).read()));
        }
    }
    Ok(())
}
