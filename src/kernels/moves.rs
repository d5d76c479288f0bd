//! Loops that move elements, convert them, or choose between them.

use std::marker::PhantomData;

use super::{Kernel, Loop, for_this_cpu};
use crate::dtype::{DType, bf16, f16, with_dtype};
use crate::math::{CastTo, Fma};

struct Cast<T, U>(PhantomData<(T, U)>);
struct Choose<T>(PhantomData<T>);

impl<T: CastTo<U>, U> Loop for Cast<T, U> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        let (out, x) = (out.cast::<U>(), src[0].cast::<T>());
        for i in 0..n {
            // SAFETY: `i < n`, and the caller promises n elements in both.
            unsafe { out.add(i).write((*x.add(i)).cast_to()) }
        }
    }
}

macro_rules! choose {
    ($($T:ident)*) => {$(
        impl Loop for Choose<$T> {
            #[inline(always)]
            unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
                let (out, c) = (out.cast::<$T>(), src[0]);
                let (a, b) = (src[1].cast::<$T>(), src[2].cast::<$T>());
                for i in 0..n {
                    // SAFETY: `i < n`, and the caller promises n elements in all four; conditions are bytes of 0 or 1.
                    unsafe {
                        // By bits: from a choice LLVM would make a choice of addresses, and read element by element.
                        let (yes, no, mask) = (*a.add(i), *b.add(i), $T::from(*c.add(i)).wrapping_neg());
                        out.add(i).write(no ^ ((yes ^ no) & mask));
                    }
                }
            }
        }
    )*};
}
choose!(u8 u16 u32 u64);

/// The kernel that converts elements; `None` where two of them in turn do.
pub fn cast(from: DType, to: DType) -> Option<Kernel> {
    macro_rules! pick {
        ($($D:ident $T:ident $Class:ident;)*) => {
            match (from, to) {
                $(
                    (DType::$D, to) if to == from.class() => Some(for_this_cpu::<Cast<$T, $Class>>()),
                    (from, DType::$D) if from == to.class() => Some(for_this_cpu::<Cast<$Class, $T>>()),
                    (DType::F32, DType::$D) => Some(for_this_cpu::<Cast<f32, $T>>()),
                    (DType::F64, DType::$D) => Some(for_this_cpu::<Cast<f64, $T>>()),
                )*
                _ => with_dtype!(from, T => with_dtype!(to, U => Some(for_this_cpu::<Cast<T, U>>()), else None), else None),
            }
        };
    }
    pick! {
        I8 i8 i32;
        I16 i16 i32;
        U16 u16 i32;
        U32 u32 i64;
        F16 f16 f32;
        BF16 bf16 f32;
    }
}

/// The kernel that chooses between two inputs by a condition.
pub fn select(dtype: DType) -> Kernel {
    match dtype.size() {
        1 => for_this_cpu::<Choose<u8>>(),
        2 => for_this_cpu::<Choose<u16>>(),
        4 => for_this_cpu::<Choose<u32>>(),
        _ => for_this_cpu::<Choose<u64>>(),
    }
}

/// Writes the flat index of each element, from `start` on.
///
/// # Safety
/// `out` is valid for `n` writes of the dtype, which is one that operations compute in.
pub unsafe fn iota(dtype: DType, out: *mut u8, start: usize, n: usize) {
    /// # Safety
    /// As above.
    unsafe fn fill<T>(out: *mut u8, start: usize, n: usize)
    where
        i64: CastTo<T>,
    {
        for i in 0..n {
            // SAFETY: `i < n`, as promised.
            unsafe { out.cast::<T>().add(i).write(((start + i) as i64).cast_to()) }
        }
    }
    // SAFETY: passed on.
    unsafe { with_dtype!(dtype, T => fill::<T>(out, start, n), else ()) }
}

/// Writes elements several times in turn. The second source is two lengths: how often the first element is written, and
/// how often each one behind it.
struct Spread<T>(PhantomData<T>);

/// What one element is written to at once, where there is room for it: what lies behind is written again.
const AT_ONCE: usize = 16;

impl<T: Copy> Loop for Spread<T> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        let (out, mut x) = (out.cast::<T>(), src[0].cast::<T>());
        // SAFETY: the caller promises n elements, as many to read as the lengths ask for, and two lengths.
        unsafe {
            let [mut length, each] = src[1].cast::<[usize; 2]>().read();
            let mut start = 0;
            while start < n {
                let (element, end) = (x.read(), n.min(start + length));
                let mut at = start;
                while at < end && at + AT_ONCE <= n {
                    out.add(at).cast::<[T; AT_ONCE]>().write_unaligned([element; AT_ONCE]);
                    at += AT_ONCE;
                }
                (at..end).for_each(|i| out.add(i).write(element));
                (start, length, x) = (end, each, x.add(1));
            }
        }
    }
}

/// The kernel that writes elements of a size several times in turn: its second source is how often the first one and how
/// often the others.
pub fn spread(size: usize) -> Kernel {
    match size {
        1 => for_this_cpu::<Spread<u8>>(),
        2 => for_this_cpu::<Spread<u16>>(),
        4 => for_this_cpu::<Spread<u32>>(),
        _ => for_this_cpu::<Spread<u64>>(),
    }
}

/// Copies `n` elements between strided places.
///
/// # Safety
/// Both are valid for `n` elements of the size at their strides, counted in elements, and do not overlap.
pub unsafe fn copy(size: usize, out: *mut u8, out_stride: isize, x: *const u8, x_stride: isize, n: usize) {
    /// # Safety
    /// As above.
    unsafe fn strided<T: Copy>(out: *mut u8, os: isize, x: *const u8, xs: isize, n: usize) {
        let (out, x) = (out.cast::<T>(), x.cast::<T>());
        for i in 0..n as isize {
            // SAFETY: `i < n`, as promised.
            unsafe { out.offset(i * os).write(x.offset(i * xs).read()) }
        }
    }
    // SAFETY: passed on; elements of one size are copied as integers of that size.
    unsafe {
        match (size, out_stride, x_stride) {
            (_, 1, 1) => std::ptr::copy_nonoverlapping(x, out, n * size),
            (1, ..) => strided::<u8>(out, out_stride, x, x_stride, n),
            (2, ..) => strided::<u16>(out, out_stride, x, x_stride, n),
            (4, ..) => strided::<u32>(out, out_stride, x, x_stride, n),
            _ => strided::<u64>(out, out_stride, x, x_stride, n),
        }
    }
}
