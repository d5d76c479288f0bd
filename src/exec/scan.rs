//! Steps that carry something from element to element along an axis: recurrences.
//!
//! Rows along the axis are independent of each other, so several are walked side by side: one would wait for its own last
//! result at every step, and columns next to each other are read as they lie. What each row comes to does not depend on its
//! neighbours.

use super::index::{Shared, Walk};
use super::pool::for_each_block;
use super::{Areas, BREATH, Fault, unknown};
use crate::dtype::{DType, Element};
use crate::math::{CastTo, Number};
use crate::plan::Operand;
use crate::shape::Dims;

/// Rows that are walked side by side.
pub(super) const ABREAST: usize = 16;

/// Elements of a block.
const BLOCK: usize = if cfg!(miri) { 1 << 7 } else { 1 << 14 };

/// Hands groups of up to [`ABREAST`] rows to `run`, in blocks that threads share: where the first of them starts in each
/// operand, how far the others are from each other, and how many there are.
pub(super) fn each_group<const N: usize>(
    dims: &[usize],
    operands: [&Operand; N],
    areas: &Areas<'_>,
    run: impl Fn([isize; N], [isize; N], usize) -> Result<(), Fault> + Sync,
) -> Result<(), Fault> {
    let outer = dims.len() - 1;
    let n = dims[outer];
    if dims.contains(&0) {
        return Ok(());
    }
    let walk = Walk::new(&dims[..outer], operands.map(|o| Dims::from_slice(&o.strides[..outer])));
    let (rows, apart) = (walk.len(), walk.inner().1);
    let each = (BLOCK / n).max(1).next_multiple_of(ABREAST);
    for_each_block(rows.div_ceil(each), rows.saturating_mul(n).saturating_mul(4), &|claim| {
        while let Some(block) = claim() {
            let (start, end) = (block * each, ((block + 1) * each).min(rows));
            walk.each_run(start, end - start, |offsets, _, length| {
                for first in (0..length).step_by(ABREAST) {
                    let at = std::array::from_fn(|k| offsets[k] + first as isize * apart[k]);
                    run(at, apart, ABREAST.min(length - first))?;
                }
                areas.worked(1).map_err(Fault::from)
            })?;
        }
        Ok(())
    })
}

/// The linear recurrence along the last axis; floats are carried in double precision.
pub(super) fn scan(
    reverse: bool,
    product: bool,
    dims: &[usize],
    operands: [&Operand; 3],
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    match operands[1].dtype {
        DType::F32 => recur::<f32, f64>(reverse, product, dims, operands, areas),
        DType::F64 => recur::<f64, f64>(reverse, product, dims, operands, areas),
        DType::I64 => recur::<i64, i64>(reverse, product, dims, operands, areas),
        DType::U64 => recur::<u64, u64>(reverse, product, dims, operands, areas),
        dtype => Err(unknown("scan", dtype)),
    }
}

fn recur<T: Element + CastTo<W>, W: Number + CastTo<T>>(
    reverse: bool,
    product: bool,
    dims: &[usize],
    operands: [&Operand; 3],
    areas: &Areas<'_>,
) -> Result<(), Fault>
where
    u8: CastTo<W>,
{
    let n = dims[dims.len() - 1];
    if dims.contains(&0) {
        return Ok(());
    }
    let [a, b, out] = operands.map(|o| Shared(areas.at(o)));
    let mut steps = operands.map(|o| o.strides[dims.len() - 1]);
    let last = steps.map(|step| step * (n as isize - 1));
    let from = if reverse { last } else { [0; 3] };
    if reverse {
        steps = steps.map(|step| -step);
    }
    // Factors of one, seen everywhere: a sum.
    let constant = operands[0].strides.iter().zip(dims).all(|(&stride, &size)| stride == 0 || size == 1);
    // SAFETY: no axis is empty, so the operand has a first element.
    let sums = constant && unsafe { a.get::<T>().read().cast_to() } == 1u8.cast_to();
    each_group(dims, operands, areas, |at, apart, count| {
        let [a, b, out] = [(a, 0), (b, 1), (out, 2)].map(|(ptr, k): (Shared, usize)| {
            // SAFETY: the verifier has found every index of the space inside all three operands.
            unsafe { ptr.get::<T>().offset(at[k] + from[k]) }
        });
        let rows = Rows { a, b, out, apart, steps, n };
        // SAFETY: as above; the output overlaps no input, and this thread alone has these rows.
        unsafe {
            match (product, sums) {
                (true, _) => rows.all::<W, PRODUCTS>(count, areas),
                (false, true) => rows.all::<W, SUMS>(count, areas),
                (false, false) => rows.all::<W, BOTH>(count, areas),
            }
        }
    })
}

/// What a recurrence does with what it carries: adds to it, multiplies it, or both.
const SUMS: u8 = 0;
const PRODUCTS: u8 = 1;
const BOTH: u8 = 2;

/// Neighbouring rows of a recurrence, from the first element that is walked.
#[derive(Clone, Copy)]
struct Rows<T> {
    a: *const T,
    b: *const T,
    out: *mut T,
    /// Elements from row to row.
    apart: [isize; 3],
    /// Elements from step to step.
    steps: [isize; 3],
    /// Steps.
    n: usize,
}

impl<T: Element> Rows<T> {
    /// The rows from another one on.
    fn from(self, row: usize) -> Rows<T> {
        let [a, b, out] = self.apart.map(|apart| row as isize * apart);
        Rows { a: self.a.wrapping_offset(a), b: self.b.wrapping_offset(b), out: self.out.wrapping_offset(out), ..self }
    }

    /// Walks so many rows, side by side if they are as many as can be.
    ///
    /// # Safety
    /// There are so many rows and steps, and nobody else reads or writes the results.
    unsafe fn all<W, const KIND: u8>(self, count: usize, areas: &Areas<'_>) -> Result<(), Fault>
    where
        T: CastTo<W>,
        W: Number + CastTo<T>,
    {
        let beside = self.apart[1] == 1 && self.apart[2] == 1;
        // SAFETY: passed on.
        unsafe {
            match (count == ABREAST, beside) {
                (true, true) => self.walk::<W, ABREAST, KIND, true>(areas),
                (true, false) => self.walk::<W, ABREAST, KIND, false>(areas),
                (false, _) => (0..count).try_for_each(|row| self.from(row).walk::<W, 1, KIND, false>(areas)),
            }
        }
    }

    /// Walks `L` rows; `BESIDE` if terms and results of the rows lie next to each other.
    ///
    /// # Safety
    /// As for [`Rows::all`].
    unsafe fn walk<W, const L: usize, const KIND: u8, const BESIDE: bool>(self, areas: &Areas<'_>) -> Result<(), Fault>
    where
        T: CastTo<W>,
        W: Number + CastTo<T>,
    {
        let Rows { mut a, mut b, mut out, apart, steps, n } = self;
        let place = |k: usize, row: usize| if BESIDE { row as isize } else { row as isize * apart[k] };
        let mut carried = [W::ZERO; L];
        for start in (0..n).step_by(BREATH / L) {
            let end = n.min(start + BREATH / L);
            for step in start..end {
                for (row, carry) in carried.iter_mut().enumerate() {
                    // SAFETY: promised by the caller.
                    unsafe {
                        let term = b.offset(place(1, row)).read().cast_to();
                        // The first factor has nothing to multiply: 0 times infinity must not make a NaN.
                        *carry = match KIND {
                            _ if step == 0 => term,
                            SUMS => carry.plus(term),
                            PRODUCTS => carry.times(term),
                            _ => a.offset(row as isize * apart[0]).read().cast_to().times(*carry).plus(term),
                        };
                        out.offset(place(2, row)).write(carry.cast_to());
                    }
                }
                (a, b, out) = (a.wrapping_offset(steps[0]), b.wrapping_offset(steps[1]), out.wrapping_offset(steps[2]));
            }
            areas.worked(2 * L * (end - start))?;
        }
        Ok(())
    }
}
