//! The tile interpreter: runs a program over its index space, a few hundred elements at a time.
//!
//! Registers of operands that lie in order point straight into memory; what repeats itself (a constant, a bias) is laid out
//! once; everything else is copied to a tile first. So instructions only ever see dense tiles that stay in the first-level
//! cache, and the instruction that makes what is stored in order writes it in place.

use std::cell::RefCell;

use smallvec::SmallVec;

use super::ahead::{Ahead, Coming};
use super::{Fault, Memory, random};
use crate::dtype::DType;
use crate::error::Error;
use crate::kernels;
use crate::plan::{Code, Operand, Program, Sink};
use crate::shape::Dims;

/// The most elements in a tile: as many as are folded at once.
pub(super) const TILE: usize = if cfg!(miri) { 32 } else { 1024 };

/// Elements in a tile where it does not matter what a fold meets at once: measured best between 256 and 512.
pub(super) const SHORT: usize = TILE / 2;

/// The most elements in a tile of a program. What folds long rows, or many columns, gains more from fewer tiles than it
/// loses where they do not all stay in the first-level cache.
fn length(program: &Program) -> usize {
    let [_, reduced, inner] = program.sizes;
    let folds = program.stores.iter().any(|store| matches!(store.sink, Sink::Fold { .. }));
    let row = if inner == 1 { reduced } else { inner };
    if folds && row > SHORT { TILE } else { SHORT }
}

/// Bytes from which on what is walked through in order is called for one tile ahead: with that much, the second-level cache
/// does not hold all that a step touches. What the processor fetches by itself begins anew with every tile of every operand.
const FAR: usize = 1 << 19;

/// How an operand is read.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Access {
    /// Straight from memory: in C order.
    Dense,
    /// One element everywhere, laid out before the first tile.
    Constant,
    /// So many elements in C order, again and again. If they are fewer than a tile's, they are laid out before the first
    /// tile, and every tile begins somewhere among the first of them.
    Periodic(usize),
    /// Each element so many times in turn, otherwise in C order.
    Stretched(usize),
    /// Copied tile by tile.
    Strided,
}

fn access(operand: &Operand, dims: &[usize]) -> Access {
    // The operand's own axes, from the last: neighbours that it walks through as if they were one are one.
    let mut axes: SmallVec<[(usize, isize); 4]> = SmallVec::new();
    for (&size, &stride) in dims.iter().zip(&operand.strides).rev().filter(|(size, _)| **size != 1) {
        match axes.last_mut() {
            Some((length, inner)) if stride == *inner * *length as isize => *length *= size,
            _ => axes.push((size, stride)),
        }
    }
    match axes[..] {
        [] | [(_, 0)] => Access::Constant,
        [(_, 1)] => Access::Dense,
        [(period, 1), (_, 0)] => Access::Periodic(period),
        [(length, 0), (_, 1)] => Access::Stretched(length),
        _ => Access::Strided,
    }
}

thread_local! {
    /// Memory of tiles, kept between steps.
    static TILES: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A program with its registers.
pub(super) struct Machine<'a, 'c> {
    program: &'a Program,
    memory: &'a Memory<'a, 'c>,
    sources: SmallVec<[Source<'a>; 8]>,
    /// Stores of elements that instructions write in place.
    direct: SmallVec<[Direct; 4]>,
    /// Stores of elements that are copied from their register.
    copied: SmallVec<[Copied<'a>; 4]>,
    /// What is called for one tile ahead.
    ahead: SmallVec<[Ahead; 8]>,
    registers: SmallVec<[*mut u8; 16]>,
    tiles: Vec<u64>,
}

/// An operand, and where it is laid out, if it is.
struct Source<'a> {
    operand: &'a Operand,
    access: Access,
    first: *const u8,
    tile: *mut u8,
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

impl<'a, 'c> Machine<'a, 'c> {
    /// Sets up registers for tiles of up to `longest` elements.
    pub fn new(program: &'a Program, memory: &'a Memory<'a, 'c>, longest: usize) -> Result<Machine<'a, 'c>, Error> {
        let longest = longest.min(length(program));
        let loaded = program.operands.len();
        let mut sources: SmallVec<[Source<'a>; 8]> = SmallVec::new();
        let mut ahead = SmallVec::new();
        let far = |operand: &Operand| {
            program.len().saturating_mul(operand.dtype.size()) >= FAR && !memory.is_local(operand.area)
        };
        for operand in &program.operands {
            let (access, first) = (access(operand, &program.dims), memory.at(operand).cast_const());
            if access == Access::Dense && far(operand) {
                ahead.push(Ahead { first, size: operand.dtype.size(), written: false });
            }
            sources.push(Source { operand, access, first, tile: std::ptr::null_mut() });
        }
        let (mut direct, mut copied) = (SmallVec::<[Direct; 4]>::new(), SmallVec::new());
        let mut is_direct: SmallVec<[bool; 16]> = SmallVec::from_elem(false, loaded + program.temporaries);
        for store in &program.stores {
            if let Sink::Elements(out) = &store.sink {
                let (register, target) = (usize::from(store.register), memory.at(out));
                let dense = access(out, &program.dims) == Access::Dense || program.len() == 1;
                if dense && register >= loaded && !is_direct[register] {
                    is_direct[register] = true;
                    if far(out) {
                        ahead.push(Ahead { first: target.cast_const(), size: out.dtype.size(), written: true });
                    }
                    direct.push(Direct { register, target, size: out.dtype.size() });
                } else {
                    copied.push(Copied { register, out, target, dense });
                }
            }
        }
        // Elements of a register's own tile; a constant needs none when tiles are one element.
        let room = |register: usize| match sources.get(register).map(|source| source.access) {
            Some(Access::Dense) => 0,
            Some(Access::Constant) if longest == 1 => 0,
            Some(Access::Periodic(period)) if period < TILE => longest + period,
            Some(Access::Constant | Access::Periodic(_) | Access::Stretched(_) | Access::Strided) => longest,
            None if is_direct[register] => 0,
            None => longest,
        };
        // Tiles lie side by side on cache lines, as long as the widest elements need, so that they share the cache evenly.
        let widest = program.operands.iter().map(|o| o.dtype).chain(program.instructions.iter().map(|i| i.dtype));
        let widest = widest.map(DType::size).max().unwrap_or(8);
        let words = |elements: usize| (elements * widest).next_multiple_of(64) / 8;
        let rooms: SmallVec<[usize; 16]> = (0..loaded + program.temporaries).map(room).collect();
        let total = rooms.iter().map(|&elements| words(elements)).sum::<usize>();
        let mut tiles = TILES.take();
        // Eight words more, to begin on a cache line.
        if tiles.len() < total + 8 {
            let more = total + 8 - tiles.len();
            tiles.try_reserve(more).map_err(|_| Error::Allocation { op: "compute", bytes: more * 8 })?;
            tiles.resize(total + 8, 0);
        }
        let start = tiles.as_mut_ptr();
        let mut used = start.align_offset(64);
        let mut registers: SmallVec<[*mut u8; 16]> = SmallVec::new();
        for (register, &elements) in rooms.iter().enumerate() {
            // SAFETY: the memory has room for all tiles behind the words that are skipped, which are fewer than eight.
            let tile = unsafe { start.add(used).cast::<u8>() };
            used += words(elements);
            let Some(source) = sources.get_mut(register) else {
                registers.push(tile);
                continue;
            };
            source.tile = tile;
            registers.push(if elements == 0 { source.first.cast_mut() } else { tile });
            if elements > 0 {
                // SAFETY: the tile has room for these elements, and the operand has at least one, as its space is not
                // empty, or `period` of them.
                unsafe { source.lay_out(elements) }
            }
        }
        Ok(Machine { program, memory, sources, direct, copied, ahead, registers, tiles })
    }

    /// Runs the program over elements `start..start + n`, `n` at most the longest tile, and stores what is stored element by
    /// element.
    ///
    /// # Safety
    /// The elements are in the program's space.
    pub unsafe fn tile(&mut self, start: usize, n: usize) -> Result<(), Fault> {
        let Program { dims, instructions, .. } = self.program;
        self.memory.areas.worked(n * (1 + instructions.len()))?;
        for (source, register) in self.sources.iter().zip(&mut self.registers) {
            if source.access != Access::Constant {
                // SAFETY: passed on; the verifier has found every index of the space inside the operand's area.
                *register = unsafe { source.read(dims, start, n) };
            }
        }
        for Direct { register, target, size } in &self.direct {
            self.registers[*register] = target.wrapping_add(start * size);
        }
        let mut coming = Coming::new(&self.ahead, start + n, n, instructions.len() + 1);
        for instruction in instructions {
            coming.call_part();
            let target = self.registers[usize::from(instruction.out)];
            match &instruction.code {
                Code::Apply { kernel, sources, forbidden, .. } => {
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
                Code::Position { source, axis, size } => {
                    let given = self.registers[usize::from(*source)].cast_const().cast::<i64>();
                    // SAFETY: both registers hold n elements of int64, and they are two, says the verifier.
                    if let Some(index) = unsafe { positions(target.cast(), given, *size, n) } {
                        return Err(Fault::Index { node: instruction.node, index, axis: *axis, size: *size });
                    }
                }
                // SAFETY: the target holds n elements of the dtype.
                Code::Iota => unsafe { kernels::iota(instruction.dtype, target, start, n) },
                Code::Random { normal, key } => {
                    // SAFETY: the area holds a key; the target n elements of the dtype.
                    unsafe {
                        let key = self.memory.areas.start(*key).cast::<crate::philox::Key>().read();
                        random::draw(instruction.dtype, *normal, key, target, start, n);
                    }
                }
            }
        }
        coming.call_part();
        for Copied { register, out, target, dense } in &self.copied {
            let (made, size) = (self.registers[*register], out.dtype.size());
            // SAFETY: both hold n elements and do not overlap; the verifier has found every index of the space inside the
            // target's area.
            unsafe {
                if *dense {
                    std::ptr::copy_nonoverlapping(made, target.wrapping_add(start * size), n * size);
                } else {
                    scatter_tile(dims, out, *target, made, start, n);
                }
            }
        }
        Ok(())
    }

    /// The most elements in a tile.
    pub fn length(&self) -> usize {
        length(self.program)
    }

    /// Where the elements of a register are after a tile.
    pub fn made(&self, register: usize) -> *const u8 {
        self.registers[register].cast_const()
    }
}

impl Drop for Machine<'_, '_> {
    fn drop(&mut self) {
        TILES.set(std::mem::take(&mut self.tiles));
    }
}

impl Source<'_> {
    /// Lays out what is the same for all tiles.
    ///
    /// # Safety
    /// The tile has room for so many elements; the operand has one for a constant, `period` for what is periodic.
    unsafe fn lay_out(&self, elements: usize) {
        let size = self.operand.dtype.size();
        // SAFETY: passed on.
        unsafe {
            match self.access {
                Access::Constant => repeat(self.first, self.tile, size, elements, elements, elements),
                Access::Periodic(period) if period < TILE => {
                    for start in (0..elements).step_by(period) {
                        let n = period.min(elements - start);
                        std::ptr::copy_nonoverlapping(self.first, self.tile.add(start * size), n * size);
                    }
                }
                _ => {}
            }
        }
    }

    /// Where elements `start..start + n` of the space are in order, copied if they are not.
    ///
    /// # Safety
    /// They are in the space, every index of which lies in the operand's memory; the tile has room for them.
    #[inline]
    unsafe fn read(&self, dims: &[usize], start: usize, n: usize) -> *mut u8 {
        let size = self.operand.dtype.size();
        // SAFETY: passed on.
        unsafe {
            match self.access {
                Access::Dense => return self.first.cast_mut().wrapping_add(start * size),
                Access::Periodic(period) if period < TILE => return self.tile.add(start % period * size),
                Access::Periodic(period) if start % period + n <= period => {
                    return self.first.cast_mut().wrapping_add(start % period * size);
                }
                Access::Stretched(length) => {
                    let from = self.first.wrapping_add(start / length * size);
                    repeat(from, self.tile, size, length - start % length, length, n);
                }
                Access::Constant => {}
                Access::Periodic(_) | Access::Strided => {
                    gather_tile(dims, self.operand, self.first, self.tile, start, n)
                }
            }
        }
        self.tile
    }
}

/// Places counted from the start of an axis; the first that is none, if there is one.
///
/// # Safety
/// There are n to be read, and room for as many.
unsafe fn positions(to: *mut i64, given: *const i64, size: usize, n: usize) -> Option<i64> {
    let mut outside = false;
    for i in 0..n {
        // SAFETY: passed on.
        unsafe {
            let index = given.add(i).read();
            let place = if index < 0 { index.wrapping_add(size as i64) } else { index };
            outside |= place as usize >= size;
            to.add(i).write(place);
        }
    }
    // SAFETY: passed on.
    let given = (0..n).map(|i| unsafe { given.add(i).read() });
    given.into_iter().find(|&index| outside && !(-(size as i64)..size as i64).contains(&index))
}

/// Writes n elements to a tile: the first one `first` times, those behind it `each` times.
///
/// # Safety
/// The tile has room for n elements, and there are as many to be read.
unsafe fn repeat(from: *const u8, tile: *mut u8, size: usize, first: usize, each: usize, n: usize) {
    let lengths = [first, each];
    // SAFETY: passed on.
    unsafe { kernels::spread(size)(tile, [from, std::ptr::from_ref(&lengths).cast(), from], n) }
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
            let from = source.wrapping_offset(offset * size as isize);
            let to = tile.add(done * size);
            if stride == 0 && length > 1 {
                repeat(from, to, size, length, length, length);
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
            kernels::copy(
                size,
                target.wrapping_offset(offset * size as isize),
                stride,
                tile.add(done * size),
                1,
                length,
            );
        }
    });
}
