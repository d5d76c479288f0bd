//! Batched matrix products. Everything faer does for this crate is behind this file.

use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, MatMut, MatRef, Par};

use super::pool::for_each_block;
use super::{Areas, Fault};
use crate::dtype::{DType, Element};
use crate::math::Number;
use crate::plan::{AreaId, Operand};

/// Below this many multiply-adds, faer's packing costs more than it gains.
const SMALL: usize = 2048;

/// Multiply-adds of a block, the piece of the result that one thread makes at a time: less is not worth sharing.
const BLOCK: usize = 1 << 22;

/// The most blocks of one product, and what their sides are multiples of, so that none is thin.
const BLOCKS: usize = 16;
const SIDE: usize = 64;

/// Multiply-adds between two looks at the checkpoint: a few milliseconds.
const BREATH: usize = 1 << 28;

/// What a product is cut into: batch entries, or rows, or columns of each. A function of the sizes alone.
struct Cut {
    /// Batch entries of a block.
    entries: usize,
    rows: usize,
    columns: usize,
}

fn cut([batch, m, k, n]: [usize; 4]) -> Cut {
    let each = m.saturating_mul(k).saturating_mul(n).max(1);
    if batch > 1 {
        return Cut { entries: (BLOCK / each).clamp(1, batch), rows: m, columns: n };
    }
    let blocks = (each / BLOCK).clamp(1, BLOCKS);
    let side = |size: usize| size.div_ceil(blocks).next_multiple_of(SIDE).min(size.max(1));
    if m >= n { Cut { entries: 1, rows: side(m), columns: n } } else { Cut { entries: 1, rows: m, columns: side(n) } }
}

/// `[batch, m, k] @ [batch, k, n]` into contiguous memory.
pub(super) fn contract(
    sizes: [usize; 4],
    a: &Operand,
    b: &Operand,
    out: AreaId,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let [batch, m, k, n] = sizes;
    if batch * m * n == 0 {
        return Ok(());
    }
    if k == 0 {
        // Sums of nothing. Inputs without memory have no places that rows could begin at.
        // SAFETY: the verifier has found room for the whole output; zeros of every dtype are bytes of zero.
        unsafe { std::ptr::write_bytes(areas.start(out), 0, batch * m * n * a.dtype.size()) }
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
    sizes @ [batch, m, k, n]: [usize; 4],
    a: &Operand,
    b: &Operand,
    out: AreaId,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let Cut { entries, rows, columns } = cut(sizes);
    let (down, across) = (m.div_ceil(rows), n.div_ceil(columns));
    let blocks = batch.div_ceil(entries) * down * across;
    let work = batch.saturating_mul(m).saturating_mul(n).saturating_mul(k / 16 + 1);
    for_each_block(blocks, work, &|claim| {
        while let Some(block) = claim() {
            let (entry, row, column) = (block / (down * across) * entries, block / across % down, block % across);
            for i in entry..(entry + entries).min(batch) {
                let at = [i, row * rows, column * columns];
                let [height, width] = [rows.min(m - at[1]), columns.min(n - at[2])];
                piece::<T>(sizes, a, b, out, areas, at, [height, width])?;
            }
        }
        Ok(())
    })
}

/// One block of one entry, cut along the inner axis where it takes long, so that a signal need not wait for the end.
fn piece<T: ComplexField + Element>(
    [_, m, k, n]: [usize; 4],
    a: &Operand,
    b: &Operand,
    out: AreaId,
    areas: &Areas<'_>,
    at: [usize; 3],
    [height, width]: [usize; 2],
) -> Result<(), Fault> {
    let (left, right) = (areas.at(a).cast_const().cast::<T>(), areas.at(b).cast_const().cast::<T>());
    let out = areas.start(out).cast::<T>();
    let depth = (BREATH / height.saturating_mul(width).max(1)).clamp(256, k.max(256));
    let [i, row, column] = at.map(|at| at as isize);
    // A product over nothing still writes its zeros.
    for start in (0..k.max(1)).step_by(depth) {
        let length = depth.min(k - start);
        areas.worked((height * length / 16).saturating_mul(width))?;
        let inner = start as isize;
        // What is not written yet may hold anything, also NaN: it is replaced, not added to.
        let how = if start == 0 { Accum::Replace } else { Accum::Add };
        // SAFETY: the verifier has found every index of both operands inside their areas, and room for the whole output;
        // the output is dense, so its elements are distinct, and it is none of the inputs. Blocks do not overlap.
        unsafe {
            let target = out.offset((i * m as isize + row) * n as isize + column);
            let target = MatMut::from_raw_parts_mut(target, height, width, n as isize, 1);
            let l = left.offset(i * a.strides[0] + row * a.strides[1] + inner * a.strides[2]);
            let l = MatRef::from_raw_parts(l, height, length, a.strides[1], a.strides[2]);
            let r = right.offset(i * b.strides[0] + inner * b.strides[1] + column * b.strides[2]);
            let r = MatRef::from_raw_parts(r, length, width, b.strides[1], b.strides[2]);
            matmul(target, how, l, r, T::one_impl(), Par::Seq);
        }
    }
    Ok(())
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
