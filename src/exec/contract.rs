//! Batched matrix products: floats by `gemm/`, integers by a plain loop.

use super::gemm::{self, F32, F64, Factor, Kernels, Matrix};
use super::pool::for_each_block;
use super::{Areas, Fault};
use crate::dtype::DType;
use crate::math::Number;
use crate::plan::{AreaId, Operand};

/// Multiply-adds from which threads share one entry of a batch; smaller ones are shared whole, some at a time.
const LARGE: usize = 1 << 22;

/// `[batch, m, k] @ [batch, k, n]` into contiguous memory.
pub(super) fn contract(
    sizes: [usize; 4],
    a: &Operand,
    b: &Operand,
    out: AreaId,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let [batch, m, _, n] = sizes;
    if batch * m * n == 0 {
        return Ok(());
    }
    match a.dtype {
        DType::F32 => floats(gemm::best(F32), sizes, a, b, out, areas),
        DType::F64 => floats(gemm::best(F64), sizes, a, b, out, areas),
        DType::I64 => direct::<i64>(sizes, a, b, out, areas),
        DType::I32 => direct::<i32>(sizes, a, b, out, areas),
        DType::U8 | DType::Bool => direct::<u8>(sizes, a, b, out, areas),
    }
}

fn floats<T: Factor>(
    kernels: &'static Kernels<T>,
    [batch, m, k, n]: [usize; 4],
    a: &Operand,
    b: &Operand,
    out: AreaId,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let entry = |i: usize| {
        // SAFETY: the verifier has found every index of both operands inside their areas, and room for the whole output; the
        // output is none of the inputs. `best` has asked the CPU.
        unsafe {
            let side = |of: &Operand| Matrix {
                start: areas.at(of).cast_const().cast::<T>().offset(i as isize * of.strides[0]),
                strides: [of.strides[1], of.strides[2]],
            };
            let out = areas.start(out).cast::<T>().add(i * m * n);
            gemm::multiply(kernels, [m, k, n], side(a), side(b), out, &|work| areas.worked(work))
        }
    };
    let each = m.saturating_mul(k).saturating_mul(n).max(1);
    if batch == 1 || each >= LARGE {
        return (0..batch).try_for_each(entry);
    }
    let entries = (LARGE / each / 8).clamp(1, batch);
    for_each_block(batch.div_ceil(entries), batch.saturating_mul(each / 16), &|claim| {
        while let Some(block) = claim() {
            (block * entries..((block + 1) * entries).min(batch)).try_for_each(entry)?;
        }
        Ok(())
    })
}

/// Row by row, each row of the result gathered from rows of the right side.
fn direct<T: Number>(
    [batch, m, k, n]: [usize; 4],
    a: &Operand,
    b: &Operand,
    out: AreaId,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let (left, right) = (areas.at(a).cast_const().cast::<T>(), areas.at(b).cast_const().cast::<T>());
    let out = areas.start(out).cast::<T>();
    for i in 0..batch {
        for row in 0..m {
            // SAFETY: as in `floats`.
            unsafe {
                let l = left.offset(i as isize * a.strides[0] + row as isize * a.strides[1]);
                let r = right.offset(i as isize * b.strides[0]);
                let target = out.add((i * m + row) * n);
                (0..n).for_each(|j| target.add(j).write(T::ZERO));
                for inner in 0..k as isize {
                    areas.worked(n)?;
                    let x = l.offset(inner * a.strides[2]).read();
                    let line = r.offset(inner * b.strides[1]);
                    for j in 0..n {
                        let slot = target.add(j);
                        slot.write(slot.read().plus(x.times(line.offset(j as isize * b.strides[2]).read())));
                    }
                }
            }
        }
    }
    Ok(())
}
