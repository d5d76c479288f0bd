//! Batched matrix products. Everything faer does for this crate is behind this file.

use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, MatMut, MatRef, Par};

use super::Areas;
use crate::dtype::{DType, Element};
use crate::error::Result;
use crate::math::Number;
use crate::plan::Operand;

/// Below this many multiply-adds, faer's packing costs more than it gains.
const SMALL: usize = 2048;

/// Multiply-adds between two looks at the checkpoint: a few milliseconds.
const BLOCK: usize = 1 << 28;

/// `[batch, m, k] @ [batch, k, n]` into contiguous memory.
pub(super) fn contract(sizes: [usize; 4], a: &Operand, b: &Operand, out: *mut u8, areas: &Areas<'_>) -> Result<()> {
    let [batch, m, k, n] = sizes;
    if batch * m * n == 0 {
        return Ok(());
    }
    let small = m.saturating_mul(k).saturating_mul(n) <= SMALL;
    match a.dtype {
        DType::F32 if !small => packed::<f32>(sizes, a, b, out, areas),
        DType::F64 if !small => packed::<f64>(sizes, a, b, out, areas),
        DType::F32 => direct::<f32>(sizes, a, b, out, areas),
        DType::F64 => direct::<f64>(sizes, a, b, out, areas),
        DType::I64 => direct::<i64>(sizes, a, b, out, areas),
        DType::I32 => direct::<i32>(sizes, a, b, out, areas),
        DType::U8 | DType::Bool => direct::<u8>(sizes, a, b, out, areas),
    }
}

fn packed<T: ComplexField + Element>(
    [batch, m, k, n]: [usize; 4],
    a: &Operand,
    b: &Operand,
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<()> {
    let (left, right, out) =
        (areas.at(a).cast_const().cast::<T>(), areas.at(b).cast_const().cast::<T>(), out.cast::<T>());
    // Products that take long are cut into blocks, first of rows and then of the inner axis, so that a signal need not wait
    // for the end. The cut depends on the sizes alone.
    let rows = (BLOCK / k.saturating_mul(n).max(1)).clamp(64, m.max(64));
    let depth = (BLOCK / rows.min(m).saturating_mul(n)).clamp(256, k.max(256));
    for (i, first) in (0..batch).flat_map(|i| (0..m).step_by(rows).map(move |first| (i as isize, first))) {
        let height = rows.min(m - first);
        let first = first as isize;
        // A product over nothing still writes its zeros.
        for start in (0..k.max(1)).step_by(depth) {
            let length = depth.min(k - start);
            areas.worked((height * length / 16).saturating_mul(n))?;
            let inner = start as isize;
            // What is not written yet may hold anything, also NaN: it is replaced, not added to.
            let how = if start == 0 { Accum::Replace } else { Accum::Add };
            // SAFETY: the verifier has found every index of both operands inside their areas, and room for the whole
            // output; the output is dense, so its elements are distinct, and it is none of the inputs.
            unsafe {
                let target = out.offset((i * m as isize + first) * n as isize);
                let target = MatMut::from_raw_parts_mut(target, height, n, n as isize, 1);
                let l = left.offset(i * a.strides[0] + first * a.strides[1] + inner * a.strides[2]);
                let l = MatRef::from_raw_parts(l, height, length, a.strides[1], a.strides[2]);
                let r = right.offset(i * b.strides[0] + inner * b.strides[1]);
                let r = MatRef::from_raw_parts(r, length, n, b.strides[1], b.strides[2]);
                matmul(target, how, l, r, T::one_impl(), Par::Seq);
            }
        }
    }
    Ok(())
}

/// Row by row, each row of the result gathered from rows of the right side.
fn direct<T: Number>(
    [batch, m, k, n]: [usize; 4],
    a: &Operand,
    b: &Operand,
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<()> {
    let (left, right) = (areas.at(a).cast_const().cast::<T>(), areas.at(b).cast_const().cast::<T>());
    let out = out.cast::<T>();
    for i in 0..batch {
        for row in 0..m {
            // SAFETY: as in `packed`.
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
