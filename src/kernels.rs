//! Loops over tiles: one function for each op, dtype and instruction set, chosen when a plan is made.
//!
//! Enters: an op and a dtype. Leaves: a [`Kernel`], a plain function pointer over raw tiles. A loop is written once, as an
//! `#[inline(always)]` body generic over the kind of multiply-add, and stamped out for AVX-512, AVX2 and the target's
//! baseline (which on aarch64 is NEON); the compiler vectorises each. Value rules come from the rows of `ops`. One of the
//! rooms with unsafe code: raw tiles, whose sizes and types the planner and the executor vouch for.

#![allow(unsafe_code)]

use std::marker::PhantomData;

use crate::dtype::{DType, bf16, f16, with_dtype};
use crate::math::{Bits, CastTo, Float, Fma, Fused, Item, Library, Number, Shift, Unfused, compound, special};
use crate::ops::binary::binary_rows;
use crate::ops::unary::unary_rows;
use crate::ops::{BinaryOp, UnaryOp};

/// A loop over `n` elements from up to three inputs to one output.
///
/// # Safety
/// For calling: the output is valid for `n` writes and each input the op reads for `n` reads, of the element types the
/// kernel was made for, aligned, and the output overlaps no input.
pub type Kernel = unsafe fn(*mut u8, [*const u8; 3], usize);

/// The body of a kernel.
pub trait Loop {
    /// # Safety
    /// As for [`Kernel`].
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize);
}

/// The instruction sets a loop is stamped out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Baseline,
}

/// The best level of this CPU; the standard library remembers the answer.
fn level() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
        {
            return Level::Avx512;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Level::Avx2;
        }
    }
    Level::Baseline
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
unsafe fn avx512<L: Loop>(out: *mut u8, src: [*const u8; 3], n: usize) {
    // SAFETY: passed on from the caller.
    unsafe { L::run::<Fused>(out, src, n) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<L: Loop>(out: *mut u8, src: [*const u8; 3], n: usize) {
    // SAFETY: passed on from the caller.
    unsafe { L::run::<Fused>(out, src, n) }
}

unsafe fn baseline<L: Loop>(out: *mut u8, src: [*const u8; 3], n: usize) {
    // SAFETY: passed on from the caller.
    unsafe { if cfg!(target_arch = "aarch64") { L::run::<Fused>(out, src, n) } else { L::run::<Unfused>(out, src, n) } }
}

/// The version of a loop for this CPU.
pub fn for_this_cpu<L: Loop>() -> Kernel {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => avx512::<L>,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => avx2::<L>,
        Level::Baseline => baseline::<L>,
    }
}

/// Calls memory into the caches, to be read or to be written. A hint: any address will do.
#[inline]
pub fn soon(from: *const u8, bytes: usize, written: bool) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    for at in (0..bytes).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_ET0, _MM_HINT_T1, _mm_prefetch};
        let line = from.wrapping_add(at).cast();
        // SAFETY: the instruction touches no memory, whatever the address.
        unsafe { if written { _mm_prefetch::<_MM_HINT_ET0>(line) } else { _mm_prefetch::<_MM_HINT_T1>(line) } }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = (from, bytes, written);
}

/// A value rule of one input.
trait Rule1<T> {
    type Out;
    /// True for rules whose vector form has a limited range.
    const RANGED: bool = false;
    fn at<M: Fma>(x: T) -> Self::Out;
    fn in_range(_: T) -> bool {
        true
    }
}

/// A value rule of two inputs.
trait Rule2<T> {
    type Out;
    fn at<M: Fma>(a: T, b: T) -> Self::Out;
}

struct Map1<T, R>(PhantomData<(T, R)>);
struct Map2<T, R>(PhantomData<(T, R)>);
struct Cast<T, U>(PhantomData<(T, U)>);
struct Choose<T>(PhantomData<T>);

impl<T: Copy, R: Rule1<T>> Loop for Map1<T, R> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        let (out, x) = (out.cast::<R::Out>(), src[0].cast::<T>());
        // SAFETY: `i < n`, and the caller promises n elements in both.
        unsafe {
            if R::RANGED && !(0..n).fold(true, |all, i| all & R::in_range(*x.add(i))) {
                (0..n).for_each(|i| out.add(i).write(R::at::<Library>(*x.add(i))));
                return;
            }
            for i in 0..n {
                out.add(i).write(R::at::<M>(*x.add(i)));
            }
        }
    }
}

impl<T: Copy, R: Rule2<T>> Loop for Map2<T, R> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        let (out, a, b) = (out.cast::<R::Out>(), src[0].cast::<T>(), src[1].cast::<T>());
        for i in 0..n {
            // SAFETY: `i < n`, and the caller promises n elements in all three.
            unsafe { out.add(i).write(R::at::<M>(*a.add(i), *b.add(i))) }
        }
    }
}

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

/// Types of one rule by the class of its row.
macro_rules! rule1 {
    (Float $Rule:ident |$x:ident| $value:expr) => {
        impl<T: Float> Rule1<T> for $Rule {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>($x: T) -> T {
                $value
            }
        }
    };
    (Angle $Rule:ident |$x:ident| $value:expr) => {
        impl<T: Float> Rule1<T> for $Rule {
            type Out = T;
            const RANGED: bool = true;
            #[inline(always)]
            fn at<M: Fma>($x: T) -> T {
                $value
            }
            #[inline(always)]
            fn in_range(x: T) -> bool {
                x.trig_in_range()
            }
        }
    };
    (Special $Rule:ident |$x:ident| $value:expr) => {
        impl<T: Float + CastTo<f64>> Rule1<T> for $Rule
        where
            f64: CastTo<T>,
        {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>(x: T) -> T {
                let $x: f64 = x.cast_to();
                ($value).cast_to()
            }
        }
    };
    (Bits $Rule:ident |$x:ident| $value:expr) => {
        impl<T: Bits> Rule1<T> for $Rule {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>($x: T) -> T {
                $value
            }
        }
    };
    (Number $Rule:ident |$x:ident| $value:expr) => {
        impl<T: Number> Rule1<T> for $Rule {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>($x: T) -> T {
                $value
            }
        }
    };
    (Predicate $Rule:ident |$x:ident| $value:expr) => {
        impl<T: Item> Rule1<T> for $Rule {
            type Out = bool;
            #[inline(always)]
            fn at<M: Fma>($x: T) -> bool {
                $value
            }
        }
    };
}

macro_rules! rule2 {
    (Float $Rule:ident |$a:ident, $b:ident| $value:expr) => {
        impl<T: Float> Rule2<T> for $Rule {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>($a: T, $b: T) -> T {
                $value
            }
        }
    };
    (Number $Rule:ident |$a:ident, $b:ident| $value:expr) => {
        impl<T: Number> Rule2<T> for $Rule {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>($a: T, $b: T) -> T {
                $value
            }
        }
    };
    (Special $Rule:ident |$a:ident, $b:ident| $value:expr) => {
        impl<T: Float + CastTo<f64>> Rule2<T> for $Rule
        where
            f64: CastTo<T>,
        {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>(a: T, b: T) -> T {
                let ($a, $b): (f64, f64) = (a.cast_to(), b.cast_to());
                ($value).cast_to()
            }
        }
    };
    (Bits $Rule:ident |$a:ident, $b:ident| $value:expr) => {
        impl<T: Bits> Rule2<T> for $Rule {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>($a: T, $b: T) -> T {
                $value
            }
        }
    };
    (Shift $Rule:ident |$a:ident, $b:ident| $value:expr) => {
        impl<T: Shift> Rule2<T> for $Rule {
            type Out = T;
            #[inline(always)]
            fn at<M: Fma>($a: T, $b: T) -> T {
                $value
            }
        }
    };
    (Compare $Rule:ident |$a:ident, $b:ident| $value:expr) => {
        impl<T: Item> Rule2<T> for $Rule {
            type Out = bool;
            #[inline(always)]
            fn at<M: Fma>($a: T, $b: T) -> bool {
                $value
            }
        }
    };
    (Logical $Rule:ident |$a:ident, $b:ident| $value:expr) => {
        impl Rule2<bool> for $Rule {
            type Out = bool;
            #[inline(always)]
            fn at<M: Fma>($a: bool, $b: bool) -> bool {
                $value
            }
        }
    };
}

/// The kernel of a rule for a dtype of its class; `None` for dtypes that recording never lets through.
macro_rules! pick {
    ($Map:ident Float $Rule:ident $dtype:ident) => {
        match $dtype {
            DType::F32 => Some(for_this_cpu::<$Map<f32, $Rule>>()),
            DType::F64 => Some(for_this_cpu::<$Map<f64, $Rule>>()),
            _ => None,
        }
    };
    ($Map:ident Angle $Rule:ident $dtype:ident) => { pick!($Map Float $Rule $dtype) };
    ($Map:ident Special $Rule:ident $dtype:ident) => {
        // The rule calls one function for all instruction sets, so one loop will do.
        match $dtype {
            DType::F32 => Some(baseline::<$Map<f32, $Rule>> as Kernel),
            DType::F64 => Some(baseline::<$Map<f64, $Rule>> as Kernel),
            _ => None,
        }
    };
    ($Map:ident Bits $Rule:ident $dtype:ident) => {
        match $dtype {
            DType::Bool => Some(for_this_cpu::<$Map<bool, $Rule>>()),
            DType::U8 => Some(for_this_cpu::<$Map<u8, $Rule>>()),
            DType::I32 => Some(for_this_cpu::<$Map<i32, $Rule>>()),
            DType::I64 => Some(for_this_cpu::<$Map<i64, $Rule>>()),
            DType::U64 => Some(for_this_cpu::<$Map<u64, $Rule>>()),
            _ => None,
        }
    };
    ($Map:ident Shift $Rule:ident $dtype:ident) => {
        match $dtype {
            DType::U8 => Some(for_this_cpu::<$Map<u8, $Rule>>()),
            DType::I32 => Some(for_this_cpu::<$Map<i32, $Rule>>()),
            DType::I64 => Some(for_this_cpu::<$Map<i64, $Rule>>()),
            DType::U64 => Some(for_this_cpu::<$Map<u64, $Rule>>()),
            _ => None,
        }
    };
    ($Map:ident Number $Rule:ident $dtype:ident) => {
        match $dtype {
            DType::U8 => Some(for_this_cpu::<$Map<u8, $Rule>>()),
            DType::I32 => Some(for_this_cpu::<$Map<i32, $Rule>>()),
            DType::I64 => Some(for_this_cpu::<$Map<i64, $Rule>>()),
            DType::U64 => Some(for_this_cpu::<$Map<u64, $Rule>>()),
            DType::F32 => Some(for_this_cpu::<$Map<f32, $Rule>>()),
            DType::F64 => Some(for_this_cpu::<$Map<f64, $Rule>>()),
            _ => None,
        }
    };
    ($Map:ident Predicate $Rule:ident $dtype:ident) => {
        with_dtype!($dtype, T => Some(for_this_cpu::<$Map<T, $Rule>>()), else None)
    };
    ($Map:ident Compare $Rule:ident $dtype:ident) => { pick!($Map Predicate $Rule $dtype) };
    ($Map:ident Logical $Rule:ident $dtype:ident) => {
        match $dtype {
            DType::Bool => Some(for_this_cpu::<$Map<bool, $Rule>>()),
            _ => None,
        }
    };
}

macro_rules! unary_kernels {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$v:ident| $value:expr,
       |$x:ident, $y:ident, $g:ident| $rule:tt;)*) => {
        mod rules1 {
            use super::{Bits, CastTo, Float, Fma, Item, Number, Rule1, special};
            $(
                pub(super) struct $Variant;
                rule1!($class $Variant |$v| $value);
            )*
        }

        /// The kernel of a unary op for inputs of a dtype.
        pub fn unary(op: UnaryOp, dtype: DType) -> Option<Kernel> {
            use rules1::*;
            match op { $(UnaryOp::$Variant => pick!(Map1 $class $Variant dtype)),* }
        }
    };
}
unary_rows!(unary_kernels);

macro_rules! binary_kernels {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$p:ident, $q:ident| $value:expr,
       |$a:ident, $b:ident, $y:ident, $g:ident| $da:tt, $db:tt;)*) => {
        mod rules2 {
            use super::{Bits, CastTo, Float, Fma, Item, Number, Rule2, Shift, compound, special};
            $(
                pub(super) struct $Variant;
                rule2!($class $Variant |$p, $q| $value);
            )*
        }

        /// The kernel of a binary op for inputs of a dtype.
        pub fn binary(op: BinaryOp, dtype: DType) -> Option<Kernel> {
            use rules2::*;
            match op { $(BinaryOp::$Variant => pick!(Map2 $class $Variant dtype)),* }
        }
    };
}
binary_rows!(binary_kernels);

/// One rule, and another for what it makes and a third input, which is on the right of it if `LEFT`.
struct Map3<T, F, G, const LEFT: bool>(PhantomData<(T, F, G)>);

impl<T: Copy, F: Rule2<T, Out = T>, G: Rule2<T>, const LEFT: bool> Loop for Map3<T, F, G, LEFT> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        let (out, [a, b, c]) = (out.cast::<G::Out>(), src.map(|x| x.cast::<T>()));
        for i in 0..n {
            // SAFETY: `i < n`, and the caller promises n elements in all four.
            unsafe {
                let (made, c) = (F::at::<M>(*a.add(i), *b.add(i)), *c.add(i));
                out.add(i).write(if LEFT { G::at::<M>(made, c) } else { G::at::<M>(c, made) });
            }
        }
    }
}

/// True for what two of can be one kernel.
pub fn is_arithmetic(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div)
}

/// The kernel of arithmetic with floats whose result meets a third input, from the left or from the right, in arithmetic.
pub fn pair(inner: BinaryOp, outer: BinaryOp, left: bool, dtype: DType) -> Option<Kernel> {
    use rules2::{Add, Div, Mul, Sub};
    fn outer_of<T: Float, F: Rule2<T, Out = T>>(outer: BinaryOp, left: bool) -> Option<Kernel> {
        Some(match (outer, left) {
            (BinaryOp::Add, true) => for_this_cpu::<Map3<T, F, Add, true>>(),
            (BinaryOp::Add, false) => for_this_cpu::<Map3<T, F, Add, false>>(),
            (BinaryOp::Sub, true) => for_this_cpu::<Map3<T, F, Sub, true>>(),
            (BinaryOp::Sub, false) => for_this_cpu::<Map3<T, F, Sub, false>>(),
            (BinaryOp::Mul, true) => for_this_cpu::<Map3<T, F, Mul, true>>(),
            (BinaryOp::Mul, false) => for_this_cpu::<Map3<T, F, Mul, false>>(),
            (BinaryOp::Div, true) => for_this_cpu::<Map3<T, F, Div, true>>(),
            (BinaryOp::Div, false) => for_this_cpu::<Map3<T, F, Div, false>>(),
            _ => return None,
        })
    }
    fn inner_of<T: Float>(inner: BinaryOp, outer: BinaryOp, left: bool) -> Option<Kernel> {
        match inner {
            BinaryOp::Add => outer_of::<T, Add>(outer, left),
            BinaryOp::Sub => outer_of::<T, Sub>(outer, left),
            BinaryOp::Mul => outer_of::<T, Mul>(outer, left),
            BinaryOp::Div => outer_of::<T, Div>(outer, left),
            _ => None,
        }
    }
    match dtype {
        DType::F32 => inner_of::<f32>(inner, outer, left),
        DType::F64 => inner_of::<f64>(inner, outer, left),
        _ => None,
    }
}

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

/// What an integer op cannot take as its second input.
pub fn forbidden(op: BinaryOp, dtype: DType) -> Option<unsafe fn(*const u8, usize) -> bool> {
    match (op, dtype) {
        (BinaryOp::FloorDiv | BinaryOp::Remainder | BinaryOp::Fmod, DType::U8) => Some(some_forbidden::<u8, false>),
        (BinaryOp::FloorDiv | BinaryOp::Remainder | BinaryOp::Fmod, DType::I32) => Some(some_forbidden::<i32, false>),
        (BinaryOp::FloorDiv | BinaryOp::Remainder | BinaryOp::Fmod, DType::I64) => Some(some_forbidden::<i64, false>),
        (BinaryOp::FloorDiv | BinaryOp::Remainder | BinaryOp::Fmod, DType::U64) => Some(some_forbidden::<u64, false>),
        (BinaryOp::Pow, DType::I32) => Some(some_forbidden::<i32, true>),
        (BinaryOp::Pow, DType::I64) => Some(some_forbidden::<i64, true>),
        _ => None,
    }
}

unsafe fn some_forbidden<T: Number, const POWER: bool>(x: *const u8, n: usize) -> bool {
    // SAFETY: the caller promises n elements.
    let x = unsafe { std::slice::from_raw_parts(x.cast::<T>(), n) };
    x.iter().any(|b| if POWER { b.no_power() } else { b.no_quotient() })
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
