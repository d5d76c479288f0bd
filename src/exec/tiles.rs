//! The tile interpreter: runs a program over its index space, a few hundred elements at a time.
//!
//! Registers of operands that lie in order point straight into memory; constants are filled once; everything else is copied
//! to a tile first. So instructions only ever see dense tiles that stay in the first-level cache, and the instruction that
//! makes what is stored in order writes it in place.

use std::cell::RefCell;

use smallvec::SmallVec;

use super::{Areas, Fault, random};
use crate::dtype::DType;
use crate::error::Error;
use crate::kernels;
use crate::plan::{Code, Operand, Program, Sink};
use crate::shape::Dims;

/// Elements in a tile: measured best between 256 and 512.
pub(super) const TILE: usize = if cfg!(miri) { 32 } else { 512 };

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

thread_local! {
    /// Memory of tiles, kept between steps.
    static TILES: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A program with its registers.
pub(super) struct Machine<'a, 'c> {
    program: &'a Program,
    areas: &'a Areas<'c>,
    accesses: SmallVec<[Access; 8]>,
    /// Stores of elements that instructions write in place.
    direct: SmallVec<[Direct; 4]>,
    /// Stores of elements that are copied from their register.
    copied: SmallVec<[Copied<'a>; 4]>,
    registers: SmallVec<[*mut u8; 16]>,
    memory: Vec<u64>,
}

/// A register that lies where its result goes.
struct Direct {
    register: usize,
    target: *mut u8,
    size: usize,
}

/// A register whose elements go elsewhere.
struct Copied<'a> {
    register: usize,
    out: &'a Operand,
    target: *mut u8,
    dense: bool,
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
        let loaded = program.operands.len();
        let accesses: SmallVec<[Access; 8]> = program.operands.iter().map(|o| access(o, &program.dims)).collect();
        let (mut direct, mut copied) = (SmallVec::<[Direct; 4]>::new(), SmallVec::new());
        for store in &program.stores {
            if let Sink::Elements(out) = &store.sink {
                let (register, target) = (usize::from(store.register), areas.at(out));
                let dense = access(out, &program.dims) == Access::Dense || program.len() == 1;
                if dense && register >= loaded && !direct.iter().any(|d| d.register == register) {
                    direct.push(Direct { register, target, size: out.dtype.size() });
                } else {
                    copied.push(Copied { register, out, target, dense });
                }
            }
        }
        // A constant needs no tile when tiles are one element.
        let needs_tile = |register: usize| match accesses.get(register) {
            Some(Access::Dense) => false,
            Some(Access::Constant) => longest > 1,
            Some(Access::Strided) => true,
            None => !direct.iter().any(|d| d.register == register),
        };
        let count = (0..loaded + program.temporaries).filter(|&register| needs_tile(register)).count();
        // Tiles lie side by side, each as long as its widest elements need, so that they share the cache evenly.
        let widest = program.operands.iter().map(|o| o.dtype).chain(program.instructions.iter().map(|i| i.dtype));
        let words = (longest * widest.map(DType::size).max().unwrap_or(8)).next_multiple_of(64) / 8;
        let mut memory = TILES.take();
        // Eight words more, to begin on a cache line.
        if memory.len() < count * words + 8 {
            let more = count * words + 8 - memory.len();
            memory.try_reserve(more).map_err(|_| Error::Allocation { op: "compute", bytes: more * 8 })?;
            memory.resize(count * words + 8, 0);
        }
        let start = memory.as_mut_ptr();
        let skip = start.align_offset(64);
        let mut used = 0;
        let mut registers: SmallVec<[*mut u8; 16]> = SmallVec::new();
        for register in 0..loaded + program.temporaries {
            let operand = program.operands.get(register);
            let source = operand.map_or(std::ptr::null_mut(), |operand| areas.at(operand));
            if !needs_tile(register) {
                registers.push(source);
                continue;
            }
            // SAFETY: the memory has room for `count` tiles behind the words that are skipped, which are fewer than eight.
            let tile = unsafe { start.add(skip + used * words).cast::<u8>() };
            used += 1;
            if let (Some(operand), Some(Access::Constant)) = (operand, accesses.get(register)) {
                // SAFETY: the operand has at least one element, as its space is not empty; a tile holds `longest`.
                unsafe { kernels::fill(operand.dtype, tile, source, longest) }
            }
            registers.push(tile);
        }
        Ok(Machine { program, areas, accesses, direct, copied, registers, memory })
    }

    /// Runs the program over elements `start..start + n`, `n` at most the longest tile, and stores what is stored element by
    /// element.
    ///
    /// # Safety
    /// The elements are in the program's space.
    pub unsafe fn tile(&mut self, start: usize, n: usize) -> Result<(), Fault> {
        let Program { dims, operands, instructions, .. } = self.program;
        self.areas.worked(n * (1 + instructions.len()))?;
        for (at, (operand, access)) in operands.iter().zip(&self.accesses).enumerate() {
            match access {
                Access::Dense => {
                    // SAFETY: dense operands have all elements of the space in order.
                    self.registers[at] = unsafe { self.areas.at(operand).add(start * operand.dtype.size()) };
                }
                Access::Constant => {}
                // SAFETY: the verifier has found every index of the space inside the operand's area; tiles hold n.
                Access::Strided => unsafe {
                    gather_tile(dims, operand, self.areas.at(operand), self.registers[at], start, n);
                },
            }
        }
        for Direct { register, target, size } in &self.direct {
            // SAFETY: a dense target has all elements of the space in order.
            self.registers[*register] = unsafe { target.add(start * size) };
        }
        for instruction in instructions {
            let target = self.registers[usize::from(instruction.out)];
            match &instruction.code {
                Code::Apply { kernel, sources, forbidden } => {
                    let src = sources.map(|register| self.registers[usize::from(register)].cast_const());
                    // SAFETY: registers hold n elements of the types the kernel was chosen for, and the target is none of
                    // the sources, says the verifier, which also keeps what is stored apart from what is read.
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
        for Copied { register, out, target, dense } in &self.copied {
            let (made, size) = (self.registers[*register], out.dtype.size());
            // SAFETY: both hold n elements and do not overlap; the verifier has found every index of the space inside the
            // target's area.
            unsafe {
                if *dense {
                    std::ptr::copy_nonoverlapping(made, target.add(start * size), n * size);
                } else {
                    scatter_tile(dims, out, *target, made, start, n);
                }
            }
        }
        Ok(())
    }

    /// Where the elements of a register are after a tile.
    pub fn made(&self, register: usize) -> *const u8 {
        self.registers[register].cast_const()
    }
}

impl Drop for Machine<'_, '_> {
    fn drop(&mut self) {
        TILES.set(std::mem::take(&mut self.memory));
    }
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
