//! Owned memory, and arrays on it.
//!
//! Enters: a number of bytes, or memory that somebody else owns and promises to leave alone. Leaves: [`Buffer`], which is
//! immutable, 64-byte aligned when it is ours, and initialised from end to end; [`NdArray`], a dtype and a C-contiguous
//! shape on a shared buffer. One of the three rooms with unsafe code: allocation and the views of bytes as elements.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::dtype::{DType, Element, bf16, f16, shortest, with_dtype};
use crate::error::{Error, Result};
use crate::shape::Shape;

/// Alignment of every allocation: a cache line, and the widest vector register.
pub const ALIGN: usize = 64;

/// What keeps a buffer's memory alive.
enum Owner {
    /// Our own allocation.
    Heap,
    /// Somebody else's memory; dropping the box gives it back.
    Foreign(#[allow(dead_code, reason = "held for its Drop")] Box<dyn Send + Sync>),
}

/// Immutable bytes.
pub struct Buffer {
    ptr: NonNull<u8>,
    len: usize,
    owner: Owner,
}

// SAFETY: a Buffer's bytes are never written after construction, and the owner is Send + Sync.
unsafe impl Send for Buffer {}
// SAFETY: as above; shared reads of memory that nobody writes.
unsafe impl Sync for Buffer {}

fn layout(op: &'static str, len: usize) -> Result<Layout> {
    Layout::from_size_align(len, ALIGN).map_err(|_| Error::Allocation { op, bytes: len })
}

/// An error unless `bytes` could be had now: asked for and given back before passes whose many small lists cannot fail
/// one by one.
pub fn headroom(op: &'static str, count: usize, each: usize) -> Result<()> {
    let bytes = count.saturating_mul(each);
    // Small amounts are not worth asking for.
    if bytes < 1 << 22 {
        return Ok(());
    }
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(bytes).map_err(|_| Error::Allocation { op, bytes })
}

/// Memory on its way to becoming a [`Buffer`]: writable, contents not yet defined.
pub struct BufferMut(Buffer);

impl BufferMut {
    /// Allocates `len` bytes, or says that it cannot.
    pub fn uninit(op: &'static str, len: usize) -> Result<BufferMut> {
        let layout = layout(op, len)?;
        if len == 0 {
            return Ok(BufferMut(Buffer { ptr: NonNull::<Line>::dangling().cast(), len, owner: Owner::Heap }));
        }
        if let Some(spare) = spare::take(len) {
            return Ok(spare);
        }
        // SAFETY: the layout has a size above zero.
        let ptr = NonNull::new(unsafe { std::alloc::alloc(layout) }).ok_or(Error::Allocation { op, bytes: len })?;
        Ok(BufferMut(Buffer { ptr, len, owner: Owner::Heap }))
    }

    /// The first byte; valid for `len()` bytes of writes.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.0.ptr.as_ptr()
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Declares the memory written.
    ///
    /// # Safety
    /// All `len()` bytes have been written, and bytes of a bool array are 0 or 1.
    pub unsafe fn freeze(self) -> Buffer {
        self.0
    }
}

/// Stands for the alignment of a buffer without memory.
#[repr(align(64))]
struct Line;

impl Buffer {
    /// Borrows memory that `owner` keeps alive.
    ///
    /// # Safety
    /// `ptr` is valid for reads of `len` bytes until `owner` is dropped, aligned for the elements it will be read as, and
    /// nobody writes to it in that time.
    pub unsafe fn foreign(ptr: NonNull<u8>, len: usize, owner: Box<dyn Send + Sync>) -> Buffer {
        Buffer { ptr, len, owner: Owner::Foreign(owner) }
    }

    /// The first byte.
    pub fn as_ptr(&self) -> *const u8 {
        self.ptr.as_ptr()
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True for no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: a Buffer is initialised and lives as long as `self`.
        unsafe { std::slice::from_raw_parts(self.ptr.as_ptr(), self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let (Owner::Heap, 1..) = (&self.owner, self.len) {
            // Nobody else has the memory any more: the buffer that is given away is its only owner.
            let given = Buffer { ptr: self.ptr, len: self.len, owner: Owner::Heap };
            for refused in spare::give(BufferMut(given)) {
                let Buffer { ptr, len, .. } = *std::mem::ManuallyDrop::new(refused.0);
                // SAFETY: allocated in `BufferMut::uninit` with this very size and alignment, and not dropped again.
                unsafe { std::alloc::dealloc(ptr.as_ptr(), Layout::from_size_align_unchecked(len, ALIGN)) }
            }
        }
    }
}

/// Large memory that was let go, kept for the next step of the same program: fresh pages cost more than the work on them.
/// Nobody waits for the list: who finds it taken does without, also in a forked process, where it may stay taken.
mod spare {
    use std::collections::VecDeque;

    use parking_lot::Mutex;
    use smallvec::{SmallVec, smallvec};

    use super::BufferMut;

    /// Smaller pieces are left to the allocator, which keeps them itself.
    const SMALLEST: usize = if cfg!(miri) { 1 << 8 } else { 1 << 17 };

    /// The most bytes kept, and the most pieces.
    const BYTES: usize = 1 << 27;
    const PIECES: usize = 256;

    struct Spare {
        pieces: VecDeque<BufferMut>,
        bytes: usize,
    }

    static SPARE: Mutex<Spare> = Mutex::new(Spare { pieces: VecDeque::new(), bytes: 0 });

    /// A piece of exactly this size, the last that came.
    pub fn take(len: usize) -> Option<BufferMut> {
        if len < SMALLEST {
            return None;
        }
        let mut spare = SPARE.try_lock()?;
        let at = spare.pieces.iter().rposition(|piece| piece.len() == len)?;
        spare.bytes -= len;
        spare.pieces.remove(at)
    }

    /// Keeps a piece, and says which are not kept, itself or the oldest.
    pub fn give(piece: BufferMut) -> SmallVec<[BufferMut; 1]> {
        if !(SMALLEST..=BYTES / 2).contains(&piece.len()) {
            return smallvec![piece];
        }
        let mut refused = SmallVec::new();
        let Some(mut spare) = SPARE.try_lock() else { return smallvec![piece] };
        spare.bytes += piece.len();
        spare.pieces.push_back(piece);
        while (spare.bytes > BYTES || spare.pieces.len() > PIECES)
            && let Some(oldest) = spare.pieces.pop_front()
        {
            spare.bytes -= oldest.len();
            refused.push(oldest);
        }
        refused
    }
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer({} bytes)", self.len)
    }
}

/// An n-dimensional array: C-contiguous, immutable, shared by cloning.
#[derive(Debug, Clone)]
pub struct NdArray {
    dtype: DType,
    shape: Shape,
    buffer: Arc<Buffer>,
}

impl NdArray {
    /// An array on a buffer that has exactly the bytes the shape needs.
    pub fn new(dtype: DType, shape: Shape, buffer: Arc<Buffer>) -> Result<NdArray> {
        if buffer.len() != shape.len() * dtype.size() {
            return Err(Error::Internal { what: format!("{} bytes for {shape} of {dtype}", buffer.len()) });
        }
        Ok(NdArray { dtype, shape, buffer })
    }

    /// A one-dimensional array with a copy of the elements.
    ///
    /// ```
    /// use phonograd::NdArray;
    /// let x = NdArray::from_slice(&[1.0f32, 2.0, 3.0])?.reshape(&[1, 3])?;
    /// assert_eq!(x.shape()[..], [1, 3]);
    /// # Ok::<(), phonograd::Error>(())
    /// ```
    pub fn from_slice<T: Element>(elements: &[T]) -> Result<NdArray> {
        let mut buffer = BufferMut::uninit("array", size_of_val(elements))?;
        // SAFETY: the buffer has the slice's bytes, the regions are distinct, and all of them are written; T is an
        // Element, so it has no padding.
        let buffer = unsafe {
            std::ptr::copy_nonoverlapping(elements.as_ptr().cast::<u8>(), buffer.as_mut_ptr(), buffer.len());
            buffer.freeze()
        };
        NdArray::new(T::DTYPE, Shape::new("array", &[elements.len()])?, Arc::new(buffer))
    }

    /// An array whose bytes `fill` writes into memory that is zero before; bytes of a bool array that are not 0 become 1.
    pub fn filled(
        op: &'static str,
        dtype: DType,
        shape: Shape,
        fill: impl FnOnce(&mut [u8]) -> Result<()>,
    ) -> Result<NdArray> {
        let mut buffer = BufferMut::uninit(op, shape.len() * dtype.size())?;
        // SAFETY: the pointer is valid for as many bytes, which are written before anybody can read them.
        let bytes = unsafe {
            std::ptr::write_bytes(buffer.as_mut_ptr(), 0, buffer.len());
            std::slice::from_raw_parts_mut(buffer.as_mut_ptr(), buffer.len())
        };
        fill(bytes)?;
        if dtype == DType::Bool {
            bytes.iter_mut().for_each(|byte| *byte = u8::from(*byte != 0));
        }
        // SAFETY: written in full; bools are 0 or 1.
        NdArray::new(dtype, shape, Arc::new(unsafe { buffer.freeze() }))
    }

    /// The same elements under another shape.
    pub fn reshape(self, dims: &[usize]) -> Result<NdArray> {
        let shape = Shape::new("reshape", dims)?;
        if shape.len() != self.shape.len() {
            return Err(Error::Reshape { count: self.shape.len(), from: self.shape, to: shape.to_string() });
        }
        Ok(NdArray { shape, ..self })
    }

    /// The dtype.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The memory.
    pub fn buffer(&self) -> &Arc<Buffer> {
        &self.buffer
    }

    /// The elements, if `T` is their type.
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        // SAFETY: the dtype says that the bytes are elements of type T, the constructor that there are `len` of them;
        // ours are aligned to 64, foreign ones as `Buffer::foreign` demands.
        (T::DTYPE == self.dtype)
            .then(|| unsafe { std::slice::from_raw_parts(self.buffer.as_ptr().cast::<T>(), self.shape.len()) })
    }

    /// All elements as floats, for printing and checks.
    pub fn to_f64(&self) -> Vec<f64> {
        with_dtype!(self.dtype, T => self.as_slice::<T>().unwrap_or(&[]).iter().map(|&x| Widened::widened(x)).collect())
    }
}

/// Elements seen as floats, and as text.
trait Widened: Element {
    fn widened(self) -> f64;
    fn shown(self) -> String {
        format!("{self:?}")
    }
}

macro_rules! widened {
    ($($T:ty),*) => { $(impl Widened for $T { fn widened(self) -> f64 { self as f64 } })* };
    (narrow $($T:ty),*) => {$(
        impl Widened for $T {
            fn widened(self) -> f64 { self.to_f64() }
            fn shown(self) -> String { format!("{:?}", shortest(self)) }
        }
    )*};
}
widened!(i8, u8, i16, u16, i32, u32, i64, u64, f32, f64);
widened!(narrow f16, bf16);

impl Widened for bool {
    fn widened(self) -> f64 {
        f64::from(u8::from(self))
    }
}

/// Arrays are equal when dtype, shape and every bit are.
impl PartialEq for NdArray {
    fn eq(&self, other: &NdArray) -> bool {
        self.dtype == other.dtype && self.shape == other.shape && self.buffer.bytes() == other.buffer.bytes()
    }
}

/// Prints nested brackets; long arrays are cut in the middle of each axis.
impl std::fmt::Display for NdArray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let strides = self.shape.strides();
        with_dtype!(self.dtype, T => {
            let elements = self.as_slice::<T>().unwrap_or(&[]);
            show(f, &self.shape, &strides, &mut |f, at| f.write_str(&elements[at].shown()))
        })
    }
}

/// Elements shown at each end of an axis before the middle is left out.
const EDGE: usize = 3;

fn show(
    f: &mut std::fmt::Formatter<'_>,
    dims: &[usize],
    strides: &[isize],
    element: &mut dyn FnMut(&mut std::fmt::Formatter<'_>, usize) -> std::fmt::Result,
) -> std::fmt::Result {
    /// The recursion is bounded by the number of axes, at most 64.
    fn axis(
        f: &mut std::fmt::Formatter<'_>,
        dims: &[usize],
        strides: &[isize],
        at: usize,
        element: &mut dyn FnMut(&mut std::fmt::Formatter<'_>, usize) -> std::fmt::Result,
    ) -> std::fmt::Result {
        let Some((&size, rest)) = dims.split_first() else {
            return element(f, at);
        };
        f.write_str("[")?;
        for i in 0..size {
            let cut = size > 2 * EDGE + 1;
            if cut && i == EDGE {
                f.write_str(", ...")?;
            }
            if cut && (EDGE..size - EDGE).contains(&i) {
                continue;
            }
            if i > 0 {
                f.write_str(", ")?;
            }
            axis(f, rest, &strides[1..], at + i * strides[0] as usize, element)?;
        }
        f.write_str("]")
    }
    axis(f, dims, strides, 0, element)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_hold_what_was_put_in() {
        let a = NdArray::from_slice(&[1i64, -2, 3, 4]).unwrap().reshape(&[2, 2]).unwrap();
        assert_eq!(a.as_slice::<i64>().unwrap(), [1, -2, 3, 4]);
        assert!(a.as_slice::<f32>().is_none());
        assert_eq!(a.to_string(), "[[1, -2], [3, 4]]");
        assert!(a.reshape(&[3]).is_err());
    }

    #[test]
    fn empty_arrays_need_no_memory() {
        let a = NdArray::from_slice::<f32>(&[]).unwrap();
        assert_eq!((a.buffer().len(), a.to_string().as_str()), (0, "[]"));
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri ends when memory is refused")]
    fn refused_memory_is_an_error() {
        assert!(matches!(BufferMut::uninit("test", isize::MAX as usize - 63), Err(Error::Allocation { .. })));
    }

    #[test]
    fn foreign_memory_lives_as_long_as_the_buffer() {
        let owner: Box<Vec<u64>> = Box::new(vec![1, 2, 3]);
        let ptr = NonNull::new(owner.as_ptr() as *mut u8).unwrap();
        // SAFETY: the box keeps the vector, which is never touched again.
        let buffer = unsafe { Buffer::foreign(ptr, 24, owner) };
        assert_eq!(buffer.bytes()[8], 2);
    }
}
