//! Fourier transforms, row by row.
//!
//! Enters: a step, whose inputs are strided rows of a batch. Leaves: its results, row behind row. The algorithms are those of
//! the crates `rustfft` and `realfft`, which are named in this room only. Rows are worked on by few at a time, in blocks that
//! the sizes make and threads share, so the same bits come out for any number of threads. Promises: a thread allocates once a
//! step; the checkpoint is asked between blocks. What a transform of a size needs to know is kept for the next one.

use std::sync::{Arc, LazyLock};

use lru::LruCache;
use parking_lot::Mutex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftNum, FftPlanner};

use super::contract::before;
use super::index::Shared;
use super::pool::for_each_block;
use super::{Areas, Fault, unknown};
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::ops::FourierOp;
use crate::plan::Operand;

/// The most rows of a block.
const ABREAST: usize = 16;

/// Numbers of a block of several rows: they stay near.
const BLOCK: usize = 1 << 13;

/// Numbers of all the transforms that are kept.
const KEEP: usize = 1 << 21;

/// What transforms of a size are done with.
enum Kernel<T> {
    Whole(Arc<dyn Fft<T>>),
    Half(Arc<dyn RealToComplex<T>>),
    Back(Arc<dyn ComplexToReal<T>>),
}

impl<T> Clone for Kernel<T> {
    fn clone(&self) -> Kernel<T> {
        match self {
            Kernel::Whole(known) => Kernel::Whole(known.clone()),
            Kernel::Half(known) => Kernel::Half(known.clone()),
            Kernel::Back(known) => Kernel::Back(known.clone()),
        }
    }
}

/// Kernels by transform and size, those used last.
struct Kernels<T> {
    known: LruCache<(FourierOp, usize), Kernel<T>>,
    /// The sum of their sizes.
    numbers: usize,
}

impl<T> Default for Kernels<T> {
    fn default() -> Kernels<T> {
        Kernels { known: LruCache::unbounded(), numbers: 0 }
    }
}

impl<T> Kernels<T> {
    fn keep(&mut self, op: FourierOp, n: usize, kernel: Kernel<T>) {
        if n > KEEP || self.known.put((op, n), kernel).is_some() {
            return;
        }
        self.numbers += n;
        while self.numbers > KEEP
            && let Some(((_, size), _)) = self.known.pop_lru()
        {
            self.numbers -= size;
        }
    }
}

/// The floats that are transformed.
trait Real: FftNum + Element {
    /// The kernels kept for this type.
    fn kernels() -> &'static Mutex<Kernels<Self>>;
    /// The nearest number.
    fn of(x: f64) -> Self;
}

impl Real for f32 {
    fn kernels() -> &'static Mutex<Kernels<f32>> {
        static KNOWN: LazyLock<Mutex<Kernels<f32>>> = LazyLock::new(Mutex::default);
        &KNOWN
    }
    fn of(x: f64) -> f32 {
        x as f32
    }
}

impl Real for f64 {
    fn kernels() -> &'static Mutex<Kernels<f64>> {
        static KNOWN: LazyLock<Mutex<Kernels<f64>>> = LazyLock::new(Mutex::default);
        &KNOWN
    }
    fn of(x: f64) -> f64 {
        x
    }
}

/// So many zeros, if there is memory for them.
fn zeros<T: Clone>(zero: T, count: usize) -> Result<Vec<T>, Error> {
    let refused = |_| Error::Allocation { op: "compute", bytes: count.saturating_mul(size_of::<T>()) };
    let mut made = Vec::new();
    made.try_reserve_exact(count).map_err(refused)?;
    made.resize(count, zero);
    Ok(made)
}

/// A kernel, made if it is not known.
fn kernel<T: Real>(op: FourierOp, n: usize) -> Result<Kernel<T>, Error> {
    if let Some(known) = T::kernels().lock().known.get(&(op, n)) {
        return Ok(known.clone());
    }
    // Making one asks for memory without a word where there is none: a few numbers for each.
    let bytes = n.saturating_mul(8 * size_of::<T>());
    let refused = |_| Error::Allocation { op: "compute", bytes };
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(refused)?;
    let made = match op {
        FourierOp::Whole => Kernel::Whole(FftPlanner::new().plan_fft_forward(n)),
        FourierOp::Half => Kernel::Half(RealFftPlanner::new().plan_fft_forward(n)),
        FourierOp::Back => Kernel::Back(RealFftPlanner::new().plan_fft_inverse(n)),
    };
    T::kernels().lock().keep(op, n, made.clone());
    Ok(made)
}

/// Runs the transform on every row.
pub(super) fn run(
    op: FourierOp,
    scale: f64,
    batch: &[usize],
    n: usize,
    inputs: &[Operand],
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let task = Task { op, scale, batch, n, inputs };
    match inputs[0].dtype {
        DType::F32 => task.run::<f32>(&Shared(out), areas),
        DType::F64 => task.run::<f64>(&Shared(out), areas),
        dtype => Err(unknown(op.name(), dtype)),
    }
}

struct Task<'a> {
    op: FourierOp,
    scale: f64,
    batch: &'a [usize],
    n: usize,
    inputs: &'a [Operand],
}

/// The memory of a thread.
struct Room<T> {
    real: Vec<T>,
    complex: Vec<Complex<T>>,
    scratch: Vec<Complex<T>>,
}

impl Task<'_> {
    fn run<T: Real>(&self, out: &Shared, areas: &Areas<'_>) -> Result<(), Fault> {
        let rows = self.batch.iter().product::<usize>();
        if rows == 0 {
            return Ok(());
        }
        // Of real parts alone, the half is enough, and the rest its mirror.
        let algorithm = if self.inputs.len() == 1 { FourierOp::Half } else { self.op };
        let kernel = kernel::<T>(algorithm, self.n)?;
        let abreast = (BLOCK / self.n).clamp(1, ABREAST);
        let each = usize::try_from(self.op.flops(self.n) / 4).unwrap_or(usize::MAX);
        for_each_block(rows.div_ceil(abreast), rows.saturating_mul(each), &|claim| {
            let mut room = self.room(&kernel, abreast)?;
            while let Some(block) = claim() {
                let first = block * abreast;
                let count = abreast.min(rows - first);
                // SAFETY: the rows are this block's own, and the verifier has found the output to hold all of them.
                unsafe { self.block(&kernel, first, count, rows, out.get::<T>(), &mut room, areas) }?;
                areas.worked(count.saturating_mul(each))?;
            }
            Ok(())
        })
    }

    /// The memory that a block needs besides its inputs and results.
    fn room<T: Real>(&self, kernel: &Kernel<T>, abreast: usize) -> Result<Room<T>, Error> {
        let zero = Complex { re: T::zero(), im: T::zero() };
        let half = self.n / 2 + 1;
        let (real, complex, scratch) = match kernel {
            Kernel::Whole(fft) => (0, abreast * self.n, fft.get_inplace_scratch_len()),
            Kernel::Half(fft) => (abreast * self.n, half, fft.get_scratch_len()),
            Kernel::Back(fft) => (0, abreast * half, fft.get_scratch_len()),
        };
        Ok(Room { real: zeros(T::zero(), real)?, complex: zeros(zero, complex)?, scratch: zeros(zero, scratch)? })
    }

    /// Hands the numbers of so many rows of an input to `put`, in an order in which they lie.
    ///
    /// # Safety
    /// The input has these rows.
    unsafe fn read<T: Real>(
        &self,
        input: &Operand,
        rows: [usize; 2],
        areas: &Areas<'_>,
        mut put: impl FnMut(usize, T),
    ) {
        let [first, count] = rows;
        let (start, n) = (areas.at(input).cast_const().cast::<T>(), self.op.reads(self.n));
        let step = input.strides[self.batch.len()];
        let mut starts = [start; ABREAST];
        for (row, at) in starts[..count].iter_mut().enumerate() {
            *at = start.wrapping_offset(before(input, self.batch, first + row));
        }
        // SAFETY: the verifier has found every index of the rows inside the area.
        let read = |row: usize, k: usize| unsafe { starts[row].offset(k as isize * step).read() };
        if step == 1 {
            (0..count).for_each(|row| (0..n).for_each(|k| put(row * n + k, read(row, k))));
        } else {
            (0..n).for_each(|k| (0..count).for_each(|row| put(row * n + k, read(row, k))));
        }
    }

    /// Transforms so many rows from one on.
    ///
    /// # Safety
    /// There are these rows, and `out` is valid for writes of all results, of which nobody else reads or writes theirs.
    #[allow(clippy::too_many_arguments, reason = "a block's place, and its memory")]
    unsafe fn block<T: Real>(
        &self,
        kernel: &Kernel<T>,
        first: usize,
        count: usize,
        rows: usize,
        out: *mut T,
        room: &mut Room<T>,
        areas: &Areas<'_>,
    ) -> Result<(), Fault> {
        let Room { real, complex, scratch } = room;
        let (n, made) = (self.n, self.op.makes(self.n));
        let scale = T::of(self.scale);
        // SAFETY: a row of a part of the result, as the caller promises.
        let result = |part: usize, row: usize| unsafe {
            std::slice::from_raw_parts_mut(out.add((part * rows + first + row) * made), made)
        };
        let refused = |_| Fault::from(Error::Internal { what: "a transform of another size".to_string() });
        // SAFETY: the caller promises these rows.
        unsafe {
            match kernel {
                Kernel::Whole(fft) => {
                    self.read(&self.inputs[0], [first, count], areas, |at, x| complex[at].re = x);
                    self.read(&self.inputs[1], [first, count], areas, |at, x| complex[at].im = x);
                    fft.process_with_scratch(&mut complex[..count * n], scratch);
                    for (row, spectrum) in complex[..count * n].chunks_exact(n).enumerate() {
                        write(spectrum, scale, [result(0, row), result(1, row)]);
                    }
                }
                Kernel::Half(fft) => {
                    self.read(&self.inputs[0], [first, count], areas, |at, x| real[at] = x);
                    for (row, numbers) in real[..count * n].chunks_exact_mut(n).enumerate() {
                        fft.process_with_scratch(numbers, complex, scratch).map_err(refused)?;
                        own_mirrors(complex, n);
                        let [real, imag] = [result(0, row), result(1, row)];
                        write(complex, scale, [real, imag]);
                        for k in complex.len()..made {
                            (real[k], imag[k]) = (real[n - k], -imag[n - k]);
                        }
                    }
                }
                Kernel::Back(fft) => {
                    let half = self.op.reads(n);
                    self.read(&self.inputs[0], [first, count], areas, |at, x| complex[at].re = x);
                    self.read(&self.inputs[1], [first, count], areas, |at, x| complex[at].im = x);
                    for (row, spectrum) in complex[..count * half].chunks_exact_mut(half).enumerate() {
                        own_mirrors(spectrum, n);
                        let numbers = result(0, row);
                        fft.process_with_scratch(spectrum, numbers, scratch).map_err(refused)?;
                        numbers.iter_mut().for_each(|x| *x = *x * scale);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Frequencies that are their own mirror images are real.
fn own_mirrors<T: Real>(spectrum: &mut [Complex<T>], n: usize) {
    spectrum[0].im = T::zero();
    if n.is_multiple_of(2) {
        spectrum[n / 2].im = T::zero();
    }
}

/// Real and imaginary parts of a spectrum, times a factor.
fn write<T: Real>(spectrum: &[Complex<T>], scale: T, [real, imag]: [&mut [T]; 2]) {
    for (x, (real, imag)) in spectrum.iter().zip(real.iter_mut().zip(imag)) {
        (*real, *imag) = (x.re * scale, x.im * scale);
    }
}
