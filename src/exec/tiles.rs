//! The tile interpreter: runs a program over its index space, a few hundred elements at a time.
//!
//! Registers of operands that lie in order point straight into memory; constants are filled once; everything else is copied
//! to a tile first. So instructions only ever see dense tiles that stay in the first-level cache, and the instruction that
//! makes the result of a dense store writes it in place.

use std::cell::RefCell;

use smallvec::SmallVec;

use super::{Areas, Fault, random};
use crate::error::Error;
use crate::kernels;
use crate::plan::{Code, Operand, Program};
use crate::shape::Dims;

/// Elements in a tile: measured best between 256 and 512.
pub(super) const TILE: usize = 512;

/// How an operand is read.
#[derive(Clone, Copy, PartialEq)]
enum Access {
    /// Straight from memory: in C order.
    Dense,
    /// One element everywhere, filled before the first tile.
    Constant,
    /// Copied tile by tile.
    Strided,
}

/// A tile of memory: the widest element, 512 times.
type Tile = [u64; TILE];

thread_local! {
    /// Tiles, kept between steps.
    static TILES: RefCell<Vec<Tile>> = const { RefCell::new(Vec::new()) };
}

/// A program with its registers.
pub(super) struct Machine<'a, 'c> {
    program: &'a Program,
    areas: &'a Areas<'c>,
    accesses: SmallVec<[Access; 8]>,
    registers: SmallVec<[*mut u8; 16]>,
    tiles: Vec<Tile>,
}

fn access(operand: &Operand, dims: &[usize]) -> Access {
    let mut expected = 1isize;
    let (mut dense, mut constant) = (true, true);
    for (&size, &stride) in dims.iter().zip(&operand.strides).rev() {
        if size > 1 {
            dense &= stride == expected;
            constant &= stride == 0;
        }
        expected *= size as isize;
    }
    match (dense, constant) {
        (_, true) => Access::Constant,
        (true, _) => Access::Dense,
        _ => Access::Strided,
    }
}

impl<'a, 'c> Machine<'a, 'c> {
    /// Sets up registers for tiles of up to `longest` elements.
    pub fn new(program: &'a Program, areas: &'a Areas<'c>, longest: usize) -> Result<Machine<'a, 'c>, Error> {
        let longest = longest.min(TILE);
        let accesses: SmallVec<[Access; 8]> = program.operands.iter().map(|o| access(o, &program.dims)).collect();
        // A constant needs no tile when the whole space is one element.
        let single = longest <= 1;
        let needs_tile = |access: &Access| match access {
            Access::Dense => false,
            Access::Constant => !single,
            Access::Strided => true,
        };
        let count = accesses.iter().filter(|a| needs_tile(a)).count() + program.temporaries;
        let mut tiles = TILES.take();
        if tiles.len() < count {
            let more = count - tiles.len();
            tiles
                .try_reserve(more)
                .map_err(|_| Error::Allocation { op: "compute", bytes: more * size_of::<Tile>() })?;
            tiles.resize(count, [0; TILE]);
        }
        let mut free = tiles.iter_mut().map(|tile| tile.as_mut_ptr().cast::<u8>());
        let mut registers: SmallVec<[*mut u8; 16]> = SmallVec::new();
        for (operand, access) in program.operands.iter().zip(&accesses) {
            let source = areas.at(operand);
            let tile = if needs_tile(access) { free.next() } else { None };
            if let (Access::Constant, Some(tile)) = (access, tile) {
                // SAFETY: the operand has at least one element, as its space is not empty; a tile holds `longest`.
                unsafe { kernels::fill(operand.dtype, tile, source, longest) }
            }
            registers.push(tile.unwrap_or(source));
        }
        registers.extend(free.take(program.temporaries));
        Ok(Machine { program, areas, accesses, registers, tiles })
    }

    /// Runs the program over elements `start..start + n`, `n` at most a tile. The result is in memory at the returned place,
    /// which is `out` if that is given.
    ///
    /// # Safety
    /// The elements are in the program's space; `out` is valid for `n` elements of the result and overlaps no operand.
    pub unsafe fn tile(&mut self, start: usize, n: usize, out: Option<*mut u8>) -> Result<*const u8, Fault> {
        let Program { dims, operands, instructions, result, dtype, .. } = self.program;
        self.areas.worked(n * (1 + instructions.len()))?;
        for (at, (operand, access)) in operands.iter().zip(&self.accesses).enumerate() {
            let source = self.areas.at(operand);
            match access {
                // SAFETY: dense operands have all elements of the space in order.
                Access::Dense => self.registers[at] = unsafe { source.add(start * operand.dtype.size()) },
                Access::Constant => {}
                // SAFETY: the verifier has found every index of the space inside the operand's area; tiles hold n.
                Access::Strided => unsafe { gather_tile(dims, operand, source, self.registers[at], start, n) },
            }
        }
        let last = instructions.len().wrapping_sub(1);
        for (at, instruction) in instructions.iter().enumerate() {
            let target = match out {
                Some(out) if at == last => out,
                _ => self.registers[instruction.out as usize],
            };
            match &instruction.code {
                Code::Apply { kernel, sources, forbidden } => {
                    let src = sources.map(|register| self.registers[register as usize].cast_const());
                    // SAFETY: registers hold n elements of the types the kernel was chosen for, and the target is none of
                    // the sources: the verifier says so of registers, the caller of `out`.
                    unsafe {
                        if forbidden.is_some_and(|found| found(src[1], n)) {
                            return Err(Fault::Forbidden(instruction.node));
                        }
                        kernel(target, src, n);
                    }
                }
                // SAFETY: the target holds n elements of the dtype.
                Code::Iota => unsafe { kernels::iota(instruction.dtype, target, start, n) },
                Code::Random { normal, key } => {
                    // SAFETY: the area holds a key; the target n elements of the dtype.
                    unsafe {
                        let key = self.areas.start(*key).cast::<crate::philox::Key>().read();
                        random::draw(instruction.dtype, *normal, key, target, start, n);
                    }
                }
            }
        }
        let made = self.registers[*result as usize].cast_const();
        match out {
            Some(out) => {
                if instructions.is_empty() {
                    // SAFETY: both hold n elements and do not overlap.
                    unsafe { std::ptr::copy_nonoverlapping(made, out, n * dtype.size()) }
                }
                Ok(out.cast_const())
            }
            None => Ok(made),
        }
    }
}

impl Drop for Machine<'_, '_> {
    fn drop(&mut self) {
        TILES.set(std::mem::take(&mut self.tiles));
    }
}

/// Runs a program and stores its result.
pub(super) fn map(program: &Program, out: &Operand, areas: &Areas<'_>) -> Result<(), Fault> {
    let len = program.len();
    let mut machine = Machine::new(program, areas, len)?;
    let (target, size) = (areas.at(out), out.dtype.size());
    let dense = access(out, &program.dims) == Access::Dense || len == 1;
    let mut start = 0;
    while start < len {
        let n = (len - start).min(TILE);
        // SAFETY: the range lies in the space; a dense target has the space's elements in order, a strided one every index
        // inside its area; the verifier keeps targets and sources apart.
        unsafe {
            if dense {
                machine.tile(start, n, Some(target.add(start * size)))?;
            } else {
                let made = machine.tile(start, n, None)?;
                scatter_tile(&program.dims, out, target, made, start, n);
            }
        }
        start += n;
    }
    Ok(())
}

/// Calls `run(offset, stride, done, length)` for each run along the innermost axis of elements `start..start + n`.
fn runs(
    dims: &[usize],
    strides: &Dims<isize>,
    start: usize,
    n: usize,
    mut run: impl FnMut(isize, isize, usize, usize),
) {
    let Some((&inner, outer)) = dims.split_last() else {
        return run(0, 0, 0, n);
    };
    let stride = strides[outer.len()];
    let mut index: Dims = Dims::from_elem(0, outer.len());
    let (mut rest, mut at) = (start / inner, start % inner);
    let mut offset = 0isize;
    for axis in (0..outer.len()).rev() {
        index[axis] = rest % outer[axis];
        rest /= outer[axis];
        offset += index[axis] as isize * strides[axis];
    }
    let mut done = 0;
    while done < n {
        let length = (inner - at).min(n - done);
        run(offset + at as isize * stride, stride, done, length);
        done += length;
        at = 0;
        for axis in (0..outer.len()).rev() {
            index[axis] += 1;
            offset += strides[axis];
            if index[axis] < outer[axis] {
                break;
            }
            offset -= strides[axis] * outer[axis] as isize;
            index[axis] = 0;
        }
    }
}

/// # Safety
/// Every index of the space is inside the operand's memory at `source`; `tile` holds n elements.
unsafe fn gather_tile(dims: &[usize], operand: &Operand, source: *const u8, tile: *mut u8, start: usize, n: usize) {
    let size = operand.dtype.size();
    runs(dims, &operand.strides, start, n, |offset, stride, done, length| {
        // SAFETY: as promised by the caller.
        unsafe {
            let from = source.offset(offset * size as isize);
            let to = tile.add(done * size);
            if stride == 0 && length > 1 {
                kernels::fill(operand.dtype, to, from, length);
            } else {
                kernels::copy(size, to, 1, from, stride, length);
            }
        }
    });
}

/// # Safety
/// Every index of the space is inside the operand's memory at `target`; `tile` holds n elements.
unsafe fn scatter_tile(dims: &[usize], operand: &Operand, target: *mut u8, tile: *const u8, start: usize, n: usize) {
    let size = operand.dtype.size();
    runs(dims, &operand.strides, start, n, |offset, stride, done, length| {
        // SAFETY: as promised by the caller.
        unsafe {
            kernels::copy(size, target.offset(offset * size as isize), stride, tile.add(done * size), 1, length);
        }
    });
}
