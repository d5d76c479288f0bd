//! Decompositions and solves, matrix by matrix.
//!
//! Enters: a step, whose inputs are strided matrices of a batch. Leaves: its results, entry behind entry. The algorithms are
//! those of the crate `faer`, which is named in this room only; every matrix is worked on by one thread, and the matrices of
//! a batch, and columns of large right sides, are shared among threads in blocks that the sizes make, so the same bits come
//! out for any number of threads. Promises: a thread allocates once a step; the checkpoint is asked between matrices; no
//! iteration is given a NaN or an infinity, or numbers of which the squares or reciprocals are none (`scale`).

mod expm;
mod factors;
mod scale;
mod spectra;
mod triangles;

use std::marker::PhantomData;

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::mat::{MatMut, MatRef};

use super::contract::before;
use super::pool::for_each_block;
use super::{Areas, Fault, Trouble};
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::ops::LinalgOp;
use crate::ops::linalg::packed;
use crate::plan::Operand;
use crate::record::NodeId;
use crate::shape::Shape;

/// Columns of a right side that are solved for at a time.
const COLUMNS: usize = 128;

/// Operations on numbers that are worth a block of their own.
const BLOCK: u64 = 1 << 15;

/// The floats that matrices are made of.
trait Real: faer::traits::RealField + Element + std::ops::Neg<Output = Self> + Into<f64> {
    /// The least positive number with all digits.
    const LEAST: f64;
    /// The nearest number.
    fn of(x: f64) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
}

impl Real for f32 {
    const LEAST: f64 = f32::MIN_POSITIVE as f64;
    fn of(x: f64) -> f32 {
        x as f32
    }
    fn sqrt(self) -> f32 {
        self.sqrt()
    }
}

impl Real for f64 {
    const LEAST: f64 = f64::MIN_POSITIVE;
    fn of(x: f64) -> f64 {
        x
    }
    fn sqrt(self) -> f64 {
        self.sqrt()
    }
}

/// What becomes of one matrix.
type Outcome = Result<(), Trouble>;

/// One entry of an input: strided elements, of which rows and columns are said by whoever reads it.
#[derive(Clone, Copy)]
struct Source<'a, T> {
    start: *const T,
    strides: [isize; 2],
    area: PhantomData<&'a T>,
}

impl<'a, T: Real> Source<'a, T> {
    /// As a matrix.
    ///
    /// # Safety
    /// The entry has so many rows and columns.
    unsafe fn matrix(self, rows: usize, columns: usize) -> MatRef<'a, T> {
        // SAFETY: the verifier has found every index of the entry inside its area.
        unsafe { MatRef::from_raw_parts(self.start, rows, columns, self.strides[0], self.strides[1]) }
    }

    /// As so many neighbouring elements, if that is how they lie.
    ///
    /// # Safety
    /// The entry has so many elements along its only axis.
    unsafe fn dense(self, len: usize) -> Option<&'a [T]> {
        let lies = self.strides[0] == 1 || len <= 1;
        // SAFETY: as above; nothing is read through the pointer of an entry without elements.
        lies.then(|| if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(self.start, len) } })
    }
}

/// Runs the operation on every entry.
pub(super) fn run(
    op: LinalgOp,
    batch: &[usize],
    sizes: [usize; 3],
    inputs: &[Operand],
    out: *mut u8,
    node: NodeId,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let task = Task { op, batch, sizes, inputs, node };
    match inputs[0].dtype {
        DType::F32 => task.run::<f32>(Target(out.cast()), areas),
        _ => task.run::<f64>(Target(out.cast()), areas),
    }
}

/// Where results go; blocks write entries of their own.
struct Target<T>(*mut T);

// SAFETY: threads write through it to places that no two blocks share.
unsafe impl<T> Sync for Target<T> {}

struct Task<'a> {
    op: LinalgOp,
    batch: &'a [usize],
    sizes: [usize; 3],
    inputs: &'a [Operand],
    node: NodeId,
}

impl Task<'_> {
    /// How many columns there are to share among blocks, of operations whose columns do not depend on each other.
    fn columns(&self) -> usize {
        let [_, n, k] = self.sizes;
        match self.op {
            LinalgOp::LuSolve { .. } | LinalgOp::TriangularSolve(_) => k,
            LinalgOp::Inverse(_) => n,
            _ => 1,
        }
    }

    fn run<T: Real>(&self, out: Target<T>, areas: &Areas<'_>) -> Result<(), Fault> {
        let (entries, columns) = (self.batch.iter().product::<usize>(), self.columns());
        let each: usize = self.op.makes(self.sizes).iter().product();
        if entries * each == 0 {
            return Ok(());
        }
        let flops = self.op.flops(self.sizes);
        let (parts, some) = match columns.div_ceil(COLUMNS) {
            0 | 1 => (1, usize::try_from(BLOCK / flops.max(1)).unwrap_or(1).clamp(1, entries)),
            parts => (parts, 1),
        };
        let work = usize::try_from(flops.saturating_mul(entries as u64) / 4).unwrap_or(usize::MAX);
        let room = self.room::<T>();
        let whole = &out;
        for_each_block((entries * parts).div_ceil(some), work, &|claim| {
            let refused = |_| Error::Allocation { op: "compute", bytes: room.size_bytes() };
            let mut memory = MemBuffer::try_new(room).map_err(refused)?;
            while let Some(block) = claim() {
                for at in block * some..((block + 1) * some).min(entries * parts) {
                    areas.worked(usize::try_from(flops / 4).unwrap_or(usize::MAX))?;
                    let (entry, part) = (at / parts, at % parts);
                    let span = part * COLUMNS..((part + 1) * COLUMNS).min(columns);
                    let stack = MemStack::new(&mut memory);
                    // SAFETY: the entry and the columns are this block's own, and the verifier has found the output to hold
                    // all entries.
                    let outcome = unsafe { self.entry(entry, span, whole.0.add(entry * each), stack, areas) };
                    outcome.map_err(|trouble| Fault::Matrix {
                        node: self.node,
                        entry: Shape::index_in(self.batch, entry),
                        trouble,
                    })?;
                }
            }
            Ok(())
        })
    }

    /// The memory that an entry needs besides its inputs and results.
    fn room<T: Real>(&self) -> StackReq {
        let [m, n, k] = self.sizes;
        match self.op {
            LinalgOp::Cholesky => triangles::cholesky_room::<T>(n),
            LinalgOp::Lu => factors::lu_room::<T>(n, m),
            LinalgOp::LuSolve { .. } => factors::solve_room::<T>(n, k.min(COLUMNS)),
            LinalgOp::Inverse(_) => factors::solve_room::<T>(n, n.min(COLUMNS)),
            LinalgOp::Det | LinalgOp::Slogdet => StackReq::new::<bool>(n),
            LinalgOp::Cofactors => factors::cofactors_room::<T>(n),
            LinalgOp::TriangularSolve(_) => StackReq::EMPTY,
            LinalgOp::Qr { complete } => spectra::qr_room::<T>(m, n, complete),
            LinalgOp::Svd(vectors) => spectra::svd_room::<T>(m, n, vectors),
            LinalgOp::Eigh { vectors } => spectra::eigh_room::<T>(n, vectors),
            LinalgOp::Pinv => spectra::pinv_room::<T>(m, n),
            LinalgOp::Expm => expm::room(n),
        }
    }

    /// Computes an entry, or columns of it.
    ///
    /// # Safety
    /// `out` is valid for writes of one entry, and nobody else reads or writes these columns of it.
    unsafe fn entry<T: Real>(
        &self,
        entry: usize,
        columns: std::ops::Range<usize>,
        out: *mut T,
        stack: &mut MemStack,
        areas: &Areas<'_>,
    ) -> Outcome {
        let axes = self.batch.len();
        let source = |input: &Operand| {
            let first = areas.at(input).cast_const().cast::<T>();
            // Entries without elements may have no memory.
            let first = if first.is_null() { std::ptr::NonNull::dangling().as_ptr() } else { first };
            let start = first.wrapping_offset(before(input, self.batch, entry));
            let stride = |axis: usize| input.strides.get(axes + axis).copied().unwrap_or(1);
            Source { start, strides: [stride(0), stride(1)], area: PhantomData }
        };
        let [m, n, k] = self.sizes;
        // SAFETY: these are the sizes that the verifier has found the entries to have, and the caller promises the output.
        unsafe {
            let all = |len: usize| std::slice::from_raw_parts_mut(out, len);
            let a = source(&self.inputs[0]);
            // Rows of the result lie densely; of some of its columns, there is a piece of each.
            let piece = |rows: usize, row: usize| {
                let start = out.add(columns.start);
                MatMut::from_raw_parts_mut(start, rows, columns.len(), row as isize, 1)
            };
            match self.op {
                LinalgOp::Cholesky => triangles::cholesky(a.matrix(n, n), all(n * n), stack),
                LinalgOp::Lu => {
                    factors::lu(a.matrix(m, n), all(packed::lu(m, n).end), stack);
                    Ok(())
                }
                LinalgOp::LuSolve { transpose } => {
                    let b = source(&self.inputs[1]).matrix(n, k).subcols(columns.start, columns.len());
                    factors::lu_solve(a, transpose, b, piece(n, k), stack)
                }
                LinalgOp::Inverse(singular) => factors::inverse(a, singular, columns.start, piece(n, n), stack),
                LinalgOp::Det => {
                    out.write(factors::determinant(a, n, stack));
                    Ok(())
                }
                LinalgOp::Slogdet => {
                    let (sign, logarithm) = factors::logarithm(a, n, stack);
                    all(2).copy_from_slice(&[sign, logarithm]);
                    Ok(())
                }
                LinalgOp::Cofactors => factors::cofactors(a.matrix(n, n), all(n * n), stack),
                LinalgOp::TriangularSolve(triangle) => {
                    let b = source(&self.inputs[1]).matrix(n, k).subcols(columns.start, columns.len());
                    triangles::triangular_solve(a.matrix(n, n), triangle, b, piece(n, k))
                }
                LinalgOp::Qr { complete } => {
                    spectra::qr(a.matrix(m, n), complete, all(self.op.makes(self.sizes)[0]), stack)
                }
                LinalgOp::Svd(vectors) => {
                    spectra::svd(a.matrix(m, n), vectors, all(self.op.makes(self.sizes)[0]), stack)
                }
                LinalgOp::Eigh { vectors } => {
                    spectra::eigh(a.matrix(n, n), vectors, all(self.op.makes(self.sizes)[0]), stack)
                }
                LinalgOp::Pinv => {
                    let rtol = source(&self.inputs[1]).start.read();
                    spectra::pinv(a.matrix(m, n), rtol, all(n * m), stack)
                }
                LinalgOp::Expm => expm::expm(a.matrix(n, n), all(n * n), stack),
            }
        }
    }
}

/// A matrix of so many rows and columns in memory that lies column by column.
fn by_columns<T>(memory: &mut [T], rows: usize, columns: usize) -> MatMut<'_, T> {
    MatMut::from_column_major_slice_mut(memory, rows, columns)
}

/// Copies elements, and says whether all of them are finite.
fn copy<T: Real>(from: MatRef<'_, T>, to: MatMut<'_, T>) -> Outcome {
    /// Both sides of a square of so many elements stay near while it is copied.
    const SQUARE: usize = 16;
    if from.col_stride() == 1 && to.col_stride() == 1 && from.ncols() > 1 {
        return copy(from.transpose(), to.transpose_mut());
    }
    // Times 0, what is not finite is NaN.
    let is_finite = |x: T| x * T::of(0.0) == T::of(0.0);
    let (rows, columns) = (from.nrows(), from.ncols());
    let mut finite = true;
    if from.row_stride() == 1 && to.row_stride() == 1 {
        for (from, to) in from.col_iter().zip(to.col_iter_mut()) {
            if let (Some(from), Some(to)) = (from.try_as_col_major(), to.try_as_col_major_mut()) {
                to.as_slice_mut().copy_from_slice(from.as_slice());
                finite &= from.as_slice().iter().fold(true, |all, &x| all & is_finite(x));
            }
        }
        return if finite { Ok(()) } else { Err(Trouble::NonFinite) };
    }
    let (source, target) = (from.as_ptr(), to.as_ptr_mut());
    for top in (0..rows).step_by(SQUARE) {
        for left in (0..columns).step_by(SQUARE) {
            for j in (left..columns.min(left + SQUARE)).map(|j| j as isize) {
                let (column, place) = (j * from.col_stride(), j * to.col_stride());
                for i in (top..rows.min(top + SQUARE)).map(|i| i as isize) {
                    // SAFETY: both are matrices of so many rows and columns.
                    unsafe {
                        let x = source.offset(column + i * from.row_stride()).read();
                        finite &= is_finite(x);
                        target.offset(place + i * to.row_stride()).write(x);
                    }
                }
            }
        }
    }
    if finite { Ok(()) } else { Err(Trouble::NonFinite) }
}
