//! Batched matrix products: floats by `gemm/`, integers by a plain loop.

use super::gemm::{self, F32, F64, Factor, Kernels, Matrix};
use super::pool::for_each_block;
use super::{Areas, Fault, unknown};
use crate::dtype::DType;
use crate::math::Number;
use crate::plan::Operand;

/// Multiply-adds from which threads share one entry of a batch; smaller ones are shared whole, some at a time.
const LARGE: usize = 1 << 22;

/// `[.., m, k] @ [.., k, n]`, for every index of the batch.
pub(super) fn contract(
    batch: &[usize],
    sizes: [usize; 3],
    operands: [&Operand; 3],
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    if batch.contains(&0) || sizes[0] * sizes[2] == 0 {
        return Ok(());
    }
    if sizes[1] == 0 {
        return nothing(batch, sizes, operands[2], areas);
    }
    match operands[0].dtype {
        DType::F32 => floats(gemm::best(F32), batch, sizes, operands, areas),
        DType::F64 => floats(gemm::best(F64), batch, sizes, operands, areas),
        DType::I64 => direct::<i64>(batch, sizes, operands, areas),
        DType::U64 => direct::<u64>(batch, sizes, operands, areas),
        DType::I32 => direct::<i32>(batch, sizes, operands, areas),
        DType::U8 => direct::<u8>(batch, sizes, operands, areas),
        dtype => Err(unknown("matmul", dtype)),
    }
}

/// Elements before an operand's entry of a batch, the last axis of which runs fastest.
pub(super) fn before(operand: &Operand, batch: &[usize], mut entry: usize) -> isize {
    let mut offset = 0;
    for (&size, &stride) in batch.iter().zip(&operand.strides).rev() {
        offset += (entry % size) as isize * stride;
        entry /= size;
    }
    offset
}

/// Sums of nothing. Inputs without memory have no places that rows could begin at.
fn nothing(batch: &[usize], [m, _, n]: [usize; 3], out: &Operand, areas: &Areas<'_>) -> Result<(), Fault> {
    let (size, line) = (out.dtype.size(), out.strides[batch.len()]);
    for entry in 0..batch.iter().product::<usize>() {
        for row in 0..m as isize {
            areas.worked(n)?;
            let first = (before(out, batch, entry) + row * line) * size as isize;
            // SAFETY: the verifier has found the rows of the output dense and inside; zeros of every dtype are bytes of zero.
            unsafe { std::ptr::write_bytes(areas.at(out).offset(first), 0, n * size) }
        }
    }
    Ok(())
}

fn floats<T: Factor>(
    kernels: &'static Kernels<T>,
    batch: &[usize],
    [m, k, n]: [usize; 3],
    [a, b, out]: [&Operand; 3],
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let (entries, axes) = (batch.iter().product::<usize>(), batch.len());
    let entry = |i: usize| {
        // SAFETY: the verifier has found every index of all operands inside their areas, the rows of the output dense and
        // apart, and the output to be none of the inputs. `best` has asked the CPU.
        unsafe {
            let side = |of: &Operand| Matrix {
                start: areas.at(of).cast_const().cast::<T>().offset(before(of, batch, i)),
                strides: [of.strides[axes], of.strides[axes + 1]],
            };
            let to = areas.at(out).cast::<T>().offset(before(out, batch, i));
            let line = out.strides[axes].unsigned_abs();
            gemm::multiply(kernels, [m, k, n], side(a), side(b), to, line, &|work| areas.worked(work))
        }
    };
    let each = m.saturating_mul(k).saturating_mul(n).max(1);
    if entries == 1 || each >= LARGE {
        return (0..entries).try_for_each(entry);
    }
    let some = (LARGE / each / 8).clamp(1, entries);
    for_each_block(entries.div_ceil(some), entries.saturating_mul(each / 16), &|claim| {
        while let Some(block) = claim() {
            (block * some..((block + 1) * some).min(entries)).try_for_each(entry)?;
        }
        Ok(())
    })
}

/// Row by row, each row of the result gathered from rows of the right side.
fn direct<T: Number>(
    batch: &[usize],
    [m, k, n]: [usize; 3],
    [a, b, out]: [&Operand; 3],
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let axes = batch.len();
    let [left, right, result] = [a, b, out].map(|operand| areas.at(operand).cast::<T>());
    for i in 0..batch.iter().product::<usize>() {
        for row in 0..m as isize {
            // SAFETY: as in `floats`.
            unsafe {
                let l = left.offset(before(a, batch, i) + row * a.strides[axes]);
                let r = right.offset(before(b, batch, i));
                let target = result.offset(before(out, batch, i) + row * out.strides[axes]);
                (0..n).for_each(|j| target.add(j).write(T::ZERO));
                for inner in 0..k as isize {
                    areas.worked(n)?;
                    let x = l.offset(inner * a.strides[axes + 1]).read();
                    let line = r.offset(inner * b.strides[axes]);
                    for j in 0..n {
                        let slot = target.add(j);
                        slot.write(slot.read().plus(x.times(line.offset(j as isize * b.strides[axes + 1]).read())));
                    }
                }
            }
        }
    }
    Ok(())
}
