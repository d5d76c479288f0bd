//! How folds combine elements, with the types forgotten: loops over raw memory, looked up by op and dtype.
//!
//! Elements are first combined in their own type, 64 of them side by side or 64 rows in turn, and what that comes to in a
//! wider one. So sums of floats neither lose small terms nor depend on how the work is cut.

use std::marker::PhantomData;

use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::kernels::{Kernel, Loop, for_this_cpu};
use crate::math::{Fma, Number};
use crate::ops::ReduceOp;
use crate::plan::WIDE;

/// Accumulators that go along a row side by side.
const LANES: usize = 64;

/// The loops of one fold.
#[derive(Clone, Copy)]
pub(super) struct Fold {
    /// Combines n elements into one.
    pub row: Kernel,
    /// Combines n elements into n accumulators of their type.
    pub columns: Kernel,
    /// Sets n accumulators to the identity.
    pub identity: unsafe fn(*mut u8, usize),
    /// Sets n totals to the identity.
    pub start: unsafe fn(*mut u8, usize),
    /// Combines n accumulators into n totals.
    pub absorb: unsafe fn(*mut u8, *const u8, usize),
    /// Combines n totals into n totals.
    pub merge: unsafe fn(*mut u8, *const u8, usize),
    /// Writes n totals as n elements.
    pub narrow: unsafe fn(*mut u8, *const u8, usize),
    /// Bytes of an element.
    pub size: usize,
    /// Bytes of a total.
    pub wide: usize,
}

/// The loops for an op and a dtype.
pub(super) fn fold(op: ReduceOp, dtype: DType) -> Result<Fold> {
    macro_rules! pick {
        ($($Op:ident $T:ident $D:ident),* $(,)?) => {
            match (op, dtype) {
                $((ReduceOp::$Op, DType::$D) => Ok(Fold::of::<$T, $Op>()),)*
                _ => Err(Error::Internal { what: format!("{} of {dtype}", op.name()) }),
            }
        };
    }
    pick!(
        Sum f32 F32, Sum f64 F64, Sum i64 I64, Sum u64 U64,
        Prod f32 F32, Prod f64 F64, Prod i64 I64, Prod u64 U64,
        Max u8 U8, Max i32 I32, Max i64 I64, Max u64 U64, Max f32 F32, Max f64 F64,
        Min u8 U8, Min i32 I32, Min i64 I64, Min u64 U64, Min f32 F32, Min f64 F64,
        Any bool Bool, All bool Bool,
    )
}

impl Fold {
    fn of<T: Element, R: Rule<T>>() -> Fold {
        const { assert!(size_of::<R::Wide>() <= WIDE) }
        Fold {
            row: for_this_cpu::<Row<T, R>>(),
            columns: for_this_cpu::<Columns<T, R>>(),
            // SAFETY: callers promise n of what is written.
            identity: |out, n| unsafe { set(out.cast::<T>(), n, |_| R::IDENTITY) },
            // SAFETY: as above.
            start: |out, n| unsafe { set(out.cast::<R::Wide>(), n, |_| R::widen(R::IDENTITY)) },
            // SAFETY: callers promise n totals, and n of what is read.
            absorb: |totals, x, n| unsafe {
                let (totals, x) = (totals.cast::<R::Wide>(), x.cast::<T>());
                set(totals, n, |i| R::join_wide(totals.add(i).read(), R::widen(x.add(i).read())));
            },
            // SAFETY: as above.
            merge: |totals, others, n| unsafe {
                let (totals, others) = (totals.cast::<R::Wide>(), others.cast::<R::Wide>());
                set(totals, n, |i| R::join_wide(totals.add(i).read(), others.add(i).read()));
            },
            // SAFETY: as above.
            narrow: |out, totals, n| unsafe {
                let totals = totals.cast::<R::Wide>();
                set(out.cast::<T>(), n, |i| R::narrow(totals.add(i).read()));
            },
            size: size_of::<T>(),
            wide: size_of::<R::Wide>(),
        }
    }
}

/// # Safety
/// `out` is valid for n writes.
unsafe fn set<T>(out: *mut T, n: usize, value: impl Fn(usize) -> T) {
    for i in 0..n {
        // SAFETY: `i < n`, as promised.
        unsafe { out.add(i).write(value(i)) }
    }
}

/// How two elements become one, and the type in which many results are combined.
trait Rule<T: Copy> {
    type Wide: Copy;
    const IDENTITY: T;
    fn join(a: T, b: T) -> T;
    fn widen(x: T) -> Self::Wide;
    fn join_wide(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    fn narrow(x: Self::Wide) -> T;
}

struct Sum;
struct Prod;
struct Max;
struct Min;
struct Any;
struct All;

/// A float and what was lost of it: the sum of two is Knuth's TwoSum.
#[derive(Clone, Copy)]
struct Twofold(f64, f64);

macro_rules! fold {
    ($Rule:ident, $T:ty, $Wide:ty, $identity:expr, $join:expr, $widen:expr, $join_wide:expr, $narrow:expr) => {
        impl Rule<$T> for $Rule {
            type Wide = $Wide;
            const IDENTITY: $T = $identity;
            #[inline(always)]
            fn join(a: $T, b: $T) -> $T {
                $join(a, b)
            }
            fn widen(x: $T) -> $Wide {
                $widen(x)
            }
            fn join_wide(a: $Wide, b: $Wide) -> $Wide {
                $join_wide(a, b)
            }
            fn narrow(x: $Wide) -> $T {
                $narrow(x)
            }
        }
    };
    ($Rule:ident, $T:ty, $identity:expr, $join:expr) => {
        fold!($Rule, $T, $T, $identity, $join, |x| x, $join, |x| x);
    };
}

fn two_sum(a: Twofold, b: Twofold) -> Twofold {
    let sum = a.0 + b.0;
    let part = sum - a.0;
    let lost = (a.0 - (sum - part)) + (b.0 - part);
    // Infinities lose NaN, which must not reach the result.
    Twofold(sum, if sum.is_finite() { a.1 + b.1 + lost } else { 0.0 })
}

fold!(Sum, f32, f64, 0.0, |a, b| a + b, f64::from, |a, b| a + b, |x| x as f32);
fold!(Sum, f64, Twofold, 0.0, |a, b| a + b, |x| Twofold(x, 0.0), two_sum, |x: Twofold| x.0 + x.1);
fold!(Sum, i64, 0, i64::wrapping_add);
fold!(Sum, u64, 0, u64::wrapping_add);
fold!(Prod, f32, f64, 1.0, |a, b| a * b, f64::from, |a, b| a * b, |x| x as f32);
fold!(Prod, f64, 1.0, |a, b| a * b);
fold!(Prod, i64, 1, i64::wrapping_mul);
fold!(Prod, u64, 1, u64::wrapping_mul);
fold!(Any, bool, false, |a, b| a | b);
fold!(All, bool, true, |a, b| a & b);

macro_rules! extremes {
    ($($T:ident)*) => {$(
        fold!(Max, $T, <$T as Number>::LEAST, Number::larger);
        fold!(Min, $T, <$T as Number>::MOST, Number::smaller);
    )*};
}
extremes!(u8 i32 i64 u64 f32 f64);

/// Combines n elements into one, written to `out`.
struct Row<T, R>(PhantomData<(T, R)>);

impl<T: Copy, R: Rule<T>> Loop for Row<T, R> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        // SAFETY: the caller promises n elements.
        let x = unsafe { std::slice::from_raw_parts(src[0].cast::<T>(), n) };
        let mut lanes = [R::IDENTITY; LANES];
        let (blocks, rest) = x.as_chunks::<LANES>();
        blocks.iter().for_each(|block| join::<T, R, LANES>(&mut lanes, block));
        let (blocks, rest) = rest.as_chunks::<VECTOR>();
        let (vectors, _) = lanes.as_chunks_mut::<VECTOR>();
        vectors.iter_mut().zip(blocks).for_each(|(lanes, block)| join::<T, R, VECTOR>(lanes, block));
        for (lane, &x) in lanes.iter_mut().skip(blocks.len() * VECTOR).zip(rest) {
            *lane = R::join(*lane, x);
        }
        // Lanes that nothing was joined into are left out, as the identity may change the sign of a zero.
        halve::<T, R, 32>(&mut lanes, n);
        halve::<T, R, 16>(&mut lanes, n);
        halve::<T, R, 8>(&mut lanes, n);
        halve::<T, R, 4>(&mut lanes, n);
        halve::<T, R, 2>(&mut lanes, n);
        halve::<T, R, 1>(&mut lanes, n);
        // SAFETY: the caller promises one element.
        unsafe { out.cast::<T>().write(lanes[0]) }
    }
}

/// Elements that are joined at once where there are no more for all lanes.
const VECTOR: usize = 16;

/// Joins elements to accumulators.
#[inline(always)]
fn join<T: Copy, R: Rule<T>, const N: usize>(sums: &mut [T; N], x: &[T; N]) {
    for i in 0..N {
        sums[i] = R::join(sums[i], x[i]);
    }
}

/// Joins the second half of `2 HALF` lanes to the first, if anything was joined into it.
#[inline(always)]
fn halve<T: Copy, R: Rule<T>, const HALF: usize>(lanes: &mut [T; LANES], n: usize) {
    if n > HALF {
        for i in 0..HALF {
            lanes[i] = R::join(lanes[i], lanes[i + HALF]);
        }
    }
}

/// Combines n elements into n accumulators.
struct Columns<T, R>(PhantomData<(T, R)>);

impl<T: Copy, R: Rule<T>> Loop for Columns<T, R> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        // SAFETY: the caller promises n elements in both, which do not overlap; accumulators are initialised.
        let (sums, x) = unsafe {
            (std::slice::from_raw_parts_mut(out.cast::<T>(), n), std::slice::from_raw_parts(src[0].cast::<T>(), n))
        };
        for (sum, &x) in sums.iter_mut().zip(x) {
            *sum = R::join(*sum, x);
        }
    }
}
