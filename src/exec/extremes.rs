//! Positions of extremes along an axis: of all elements, and of those up to each one.
//!
//! The first of equals is found, and the first NaN before anything else. Long rows that lie densely are gone through twice,
//! many elements at a time: what the extreme is, and where it is first. All others are walked side by side.

use super::index::Shared;
use super::scan::{ABREAST, each_group};
use super::{Areas, BREATH, Fault, unknown};
use crate::dtype::with_dtype;
use crate::math::Item;
use crate::ops::ArgOp;
use crate::plan::Operand;
use crate::shape::Dims;

/// Rows that are walked side by side where they do not lie so: as many as registers hold the extremes of.
const FEW: usize = 4;

/// Elements that are compared at a time.
const LANES: usize = 16;

/// True if a new element is beyond an old one.
#[inline(always)]
#[allow(clippy::bool_comparison, reason = "one body for all element types")]
fn beyond<T: Item, const MAX: bool>(new: T, old: T) -> bool {
    if MAX { new > old } else { new < old }
}

/// True if a new element takes the place of the extreme so far.
#[inline(always)]
fn overtakes<T: Item, const MAX: bool>(old: T, new: T) -> bool {
    !old.is_not_a_number() & (beyond::<T, MAX>(new, old) | new.is_not_a_number())
}

/// Positions of the first extreme along the last axis.
pub(super) fn arg(op: ArgOp, dims: &[usize], x: &Operand, out: *mut u8, areas: &Areas<'_>) -> Result<(), Fault> {
    let last = dims.len() - 1;
    // As an operand of results that are the same for the whole row.
    let mut strides: Dims<isize> = Dims::from_elem(1, dims.len());
    strides[last] = 0;
    for axis in (1..last).rev() {
        strides[axis - 1] = strides[axis] * dims[axis] as isize;
    }
    let results = Operand { area: x.area, offset: 0, strides, dtype: crate::dtype::DType::I64 };
    walk(op, dims, [x, &results], Shared(out), false, areas)
}

/// Positions of the first extreme up to each element along the last axis; a NaN stays the extreme.
pub(super) fn running(op: ArgOp, dims: &[usize], [x, out]: [&Operand; 2], areas: &Areas<'_>) -> Result<(), Fault> {
    walk(op, dims, [x, out], Shared(areas.at(out)), true, areas)
}

/// Both: with `each`, a result is written at every step, otherwise at the last.
fn walk(
    op: ArgOp,
    dims: &[usize],
    [x, out]: [&Operand; 2],
    target: Shared,
    each: bool,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let last = dims.len() - 1;
    let (n, steps) = (dims[last], [x.strides[last], out.strides[last]]);
    with_dtype!(x.dtype, T => {
        let source = Shared(areas.at(x));
        each_group(dims, [x, out], areas, |at, apart, count| {
            // SAFETY: the verifier has found every index of the space inside the operand, and a place for every result;
            // this thread alone has these rows.
            unsafe {
                let (source, target) = (source.get::<T>().cast_const().offset(at[0]), target.get::<i64>().offset(at[1]));
                let rows = Rows { source, target, apart, steps, n };
                match (op, each) {
                    (ArgOp::Max, true) => rows.all::<true, true>(count, areas),
                    (ArgOp::Min, true) => rows.all::<false, true>(count, areas),
                    (ArgOp::Max, false) => rows.all::<true, false>(count, areas),
                    (ArgOp::Min, false) => rows.all::<false, false>(count, areas),
                }
            }
        })
    }, else Err(unknown(op.name(), x.dtype)))
}

/// Neighbouring rows, and where their results go.
struct Rows<T> {
    source: *const T,
    target: *mut i64,
    /// Elements from row to row.
    apart: [isize; 2],
    /// Elements from step to step.
    steps: [isize; 2],
    n: usize,
}

impl<T: Item> Rows<T> {
    /// # Safety
    /// There are so many rows and steps, and nobody else reads or writes the results.
    unsafe fn all<const MAX: bool, const EACH: bool>(&self, count: usize, areas: &Areas<'_>) -> Result<(), Fault> {
        // SAFETY: passed on.
        unsafe {
            if !EACH && self.steps[0] == 1 && self.n >= 4 * LANES {
                return (0..count as isize).try_for_each(|row| {
                    let elements = std::slice::from_raw_parts(self.source.offset(row * self.apart[0]), self.n);
                    let found = first_extreme::<T, MAX>(elements, areas)?;
                    self.target.offset(row * self.apart[1]).write(found as i64);
                    Ok(())
                });
            }
            if count == ABREAST && self.apart[0] == 1 {
                return self.walk::<MAX, EACH, ABREAST, true>(0, areas);
            }
            let fours = count / FEW * FEW;
            (0..fours).step_by(FEW).try_for_each(|row| self.walk::<MAX, EACH, FEW, false>(row as isize, areas))?;
            (fours..count).try_for_each(|row| self.walk::<MAX, EACH, 1, false>(row as isize, areas))
        }
    }

    /// Walks `L` rows from one on; `BESIDE` if they lie next to each other.
    ///
    /// # Safety
    /// As for [`Rows::all`].
    unsafe fn walk<const MAX: bool, const EACH: bool, const L: usize, const BESIDE: bool>(
        &self,
        first: isize,
        areas: &Areas<'_>,
    ) -> Result<(), Fault> {
        let Rows { apart, steps, n, .. } = *self;
        // SAFETY: passed on.
        unsafe {
            let (source, target) = (self.source.offset(first * apart[0]), self.target.offset(first * apart[1]));
            let place = |row: usize| if BESIDE { row as isize } else { row as isize * apart[0] };
            let mut best: [T; L] = std::array::from_fn(|row| source.offset(place(row)).read());
            let mut found = [0i64; L];
            for start in (0..n).step_by(BREATH / L) {
                let end = n.min(start + BREATH / L);
                for i in start..end {
                    let line = source.offset(i as isize * steps[0]);
                    for row in 0..L {
                        let new = line.offset(place(row)).read();
                        let better = overtakes::<T, MAX>(best[row], new);
                        best[row] = if better { new } else { best[row] };
                        found[row] = if better { i as i64 } else { found[row] };
                    }
                    if EACH {
                        let line = target.offset(i as isize * steps[1]);
                        (0..L).for_each(|row| line.offset(row as isize * apart[1]).write(found[row]));
                    }
                }
                areas.worked(2 * L * (end - start))?;
            }
            if !EACH {
                (0..L).for_each(|row| target.offset(row as isize * apart[1]).write(found[row]));
            }
        }
        Ok(())
    }
}

/// The position of the first extreme of a dense row, or of its first NaN.
fn first_extreme<T: Item, const MAX: bool>(elements: &[T], areas: &Areas<'_>) -> Result<usize, Fault> {
    let mut best = [elements[0]; LANES];
    let mut nan = false;
    for piece in elements.chunks(BREATH) {
        let groups = piece.chunks_exact(LANES);
        for &rest in groups.remainder() {
            nan |= rest.is_not_a_number();
            best[0] = if beyond::<T, MAX>(rest, best[0]) { rest } else { best[0] };
        }
        for group in groups {
            for (best, &new) in best.iter_mut().zip(group) {
                nan |= new.is_not_a_number();
                *best = if beyond::<T, MAX>(new, *best) { new } else { *best };
            }
        }
        areas.worked(piece.len())?;
    }
    let extreme = best.iter().fold(best[0], |old, &new| if beyond::<T, MAX>(new, old) { new } else { old });
    let wanted = |x: &T| if nan { x.is_not_a_number() } else { *x == extreme };
    areas.worked(elements.len())?;
    Ok(elements.iter().position(wanted).unwrap_or(0))
}
