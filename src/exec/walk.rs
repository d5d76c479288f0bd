//! Steps that walk along one axis: positions of extremes, recurrences, gathering and scattering.
//!
//! They run in C order over all other axes, one after the other, so repeated scatters add up in a fixed order.

use super::{Areas, BREATH};
use crate::dtype::{DType, Element, with_dtype};
use crate::error::Result;
use crate::math::{CastTo, Item, Number};
use crate::ops::ArgOp;
use crate::plan::Operand;
use crate::shape::Dims;

/// Calls `visit`, which does so much `work`, with the element offsets of all operands at every index of a space.
fn each<const N: usize>(
    areas: &Areas<'_>,
    work: usize,
    dims: &[usize],
    strides: [&[isize]; N],
    mut visit: impl FnMut([isize; N]) -> Result<()>,
) -> Result<()> {
    if dims.contains(&0) {
        return Ok(());
    }
    let mut index: Dims = Dims::from_elem(0, dims.len());
    let mut offsets = [0isize; N];
    loop {
        areas.worked(work)?;
        visit(offsets)?;
        let mut axis = dims.len();
        loop {
            let Some(next) = axis.checked_sub(1) else { return Ok(()) };
            axis = next;
            index[axis] += 1;
            for (offset, stride) in offsets.iter_mut().zip(strides) {
                *offset += stride[axis];
            }
            if index[axis] < dims[axis] {
                break;
            }
            for (offset, stride) in offsets.iter_mut().zip(strides) {
                *offset -= stride[axis] * dims[axis] as isize;
            }
            index[axis] = 0;
        }
    }
}

/// Positions of the first extreme along the last axis.
#[allow(clippy::bool_comparison, reason = "one body for all element types")]
pub(super) fn arg(op: ArgOp, dims: &[usize], x: &Operand, out: *mut u8, areas: &Areas<'_>) -> Result<()> {
    with_dtype!(x.dtype, T => {
        let (source, mut out) = (areas.at(x).cast_const().cast::<T>(), out.cast::<i64>());
        let (n, outer) = (dims[dims.len() - 1], dims.len() - 1);
        let stride = x.strides[outer];
        each(areas, 1, &dims[..outer], [&x.strides[..outer]], |[offset]| {
            let mut best = 0;
            for start in (0..n).step_by(BREATH) {
                let end = n.min(start + BREATH);
                for i in start..end {
                    // SAFETY: the verifier has found every index inside the operand.
                    let [new, old] = [i, best].map(|i| unsafe { source.offset(offset + i as isize * stride).read() });
                    let better = match op {
                        ArgOp::Max => new > old,
                        ArgOp::Min => new < old,
                    };
                    if !old.is_not_a_number() && (better || new.is_not_a_number()) {
                        best = i;
                    }
                }
                areas.worked(end - start)?;
            }
            // SAFETY: the verifier has found the output to have one element a row.
            unsafe {
                out.write(best as i64);
                out = out.add(1);
            }
            Ok(())
        })
    })
}

/// The linear recurrence along the last axis; floats are carried in double precision.
pub(super) fn scan(reverse: bool, dims: &[usize], [a, b, out]: [&Operand; 3], areas: &Areas<'_>) -> Result<()> {
    /// # Safety
    /// Every index of the space lies inside all three operands; the output overlaps no input.
    unsafe fn run<T: Element + CastTo<W>, W: Number + CastTo<T>>(
        reverse: bool,
        dims: &[usize],
        operands: [&Operand; 3],
        areas: &Areas<'_>,
    ) -> Result<()> {
        let outer = dims.len() - 1;
        let n = dims[outer];
        let [a, b, out] = operands.map(|o| areas.at(o).cast::<T>());
        let [sa, sb, so] = operands.map(|o| o.strides[outer]);
        each(areas, 1, &dims[..outer], operands.map(|o| &o.strides[..outer]), |[oa, ob, oo]| {
            let mut carry = W::ZERO;
            for start in (0..n).step_by(BREATH) {
                let end = n.min(start + BREATH);
                for step in start..end {
                    let i = (if reverse { n - 1 - step } else { step }) as isize;
                    // SAFETY: promised by the caller.
                    unsafe {
                        let (factor, term) =
                            (a.offset(oa + i * sa).read().cast_to(), b.offset(ob + i * sb).read().cast_to());
                        // The first factor has nothing to multiply: 0 times infinity must not make a NaN.
                        carry = if step == 0 { term } else { factor.times(carry).plus(term) };
                        out.offset(oo + i * so).write(carry.cast_to());
                    }
                }
                areas.worked(4 * (end - start))?;
            }
            Ok(())
        })
    }
    // SAFETY: the verifier has checked the operands.
    unsafe {
        match b.dtype {
            DType::F32 => run::<f32, f64>(reverse, dims, [a, b, out], areas),
            DType::F64 => run::<f64, f64>(reverse, dims, [a, b, out], areas),
            _ => run::<i64, i64>(reverse, dims, [a, b, out], areas),
        }
    }
}

/// The position an index means, or the index if it is outside.
fn position(index: i64, size: usize) -> std::result::Result<isize, i64> {
    let at = if index < 0 { index.wrapping_add(size as i64) } else { index };
    if (0..size as i64).contains(&at) { Ok(at as isize) } else { Err(index) }
}

/// The first index that is outside, if any: looked for before anything is written.
pub(super) fn check(dims: &[usize], index: &Operand, size: usize, areas: &Areas<'_>) -> Result<Option<i64>> {
    // Axes along which the index is broadcast need one look.
    let looked: Dims = dims.iter().zip(&index.strides).map(|(&d, &s)| if s == 0 { d.min(1) } else { d }).collect();
    let at = areas.at(index).cast_const().cast::<i64>();
    let mut wrong = None;
    each(areas, 1, &looked, [&index.strides], |[offset]| {
        // SAFETY: the verifier has found every index of the space inside the operand.
        let given = unsafe { at.offset(offset).read() };
        if wrong.is_none() && position(given, size).is_err() {
            wrong = Some(given);
        }
        Ok(())
    })?;
    Ok(wrong)
}

/// The strides without the axis the index walks, whose share comes from the index itself.
fn without_axis(operand: &Operand, axis: usize) -> (Dims<isize>, isize) {
    let mut strides = operand.strides.clone();
    let own = std::mem::replace(&mut strides[axis], 0);
    (strides, own)
}

/// How many trailing axes are one dense block for the source and do not move the index.
fn block(axis: usize, dims: &[usize], x: &Operand, index: &Operand) -> (usize, usize) {
    let (mut from, mut len) = (dims.len(), 1usize);
    while from > axis + 1 {
        let last = from - 1;
        let dense = dims[last] == 1 || (x.strides[last] == len as isize && index.strides[last] == 0);
        if !dense {
            break;
        }
        len *= dims[last];
        from = last;
    }
    (from, len)
}

/// Picks elements along an axis.
pub(super) fn gather(
    axis: usize,
    dims: &[usize],
    size: usize,
    x: &Operand,
    index: &Operand,
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<()> {
    let (strides, own) = without_axis(x, axis);
    let (outer, len) = block(axis, dims, x, index);
    let bytes = x.dtype.size();
    let (source, places) = (areas.at(x).cast_const(), areas.at(index).cast_const().cast::<i64>());
    let mut out = out;
    each(areas, len, &dims[..outer], [&strides[..outer], &index.strides[..outer]], |[at, place]| {
        // SAFETY: every index has been found inside its axis, and the verifier has found every place of the source inside
        // its area and the output to hold the whole space.
        unsafe {
            let Ok(pick) = position(places.offset(place).read(), size) else {
                return Ok(());
            };
            let from = source.offset((at + pick * own) * bytes as isize);
            std::ptr::copy_nonoverlapping(from, out, len * bytes);
            out = out.add(len * bytes);
        }
        Ok(())
    })
}

/// Adds elements into an output along an axis.
pub(super) fn scatter_add(
    axis: usize,
    dims: &[usize],
    size: usize,
    [index, x, out]: [&Operand; 3],
    areas: &Areas<'_>,
) -> Result<()> {
    let (strides, own) = without_axis(out, axis);
    let places = areas.at(index).cast_const().cast::<i64>();
    macro_rules! add {
        ($($T:ident)*) => {
            match x.dtype {
                $(<$T as Element>::DTYPE => {
                    let (target, source) = (areas.at(out).cast::<$T>(), areas.at(x).cast_const().cast::<$T>());
                    each(areas, 4, dims, [&index.strides, &x.strides, &strides], |[place, from, to]| {
                        // SAFETY: every index has been found inside its axis, the verifier has found all else inside.
                        unsafe {
                            let Ok(pick) = position(places.offset(place).read(), size) else { return Ok(()) };
                            let slot = target.offset(to + pick * own);
                            slot.write(slot.read().plus(source.offset(from).read()));
                        }
                        Ok(())
                    })
                })*
                DType::Bool => Ok(()),
            }
        };
    }
    add!(u8 i32 i64 f32 f64)
}
