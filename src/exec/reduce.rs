//! Reductions of a program over the middle of `[outer, reduced, inner]`.
//!
//! The order of combination is fixed by the sizes alone. Rows (`inner` is 1) are combined in 64 lanes within a tile and the
//! tiles' results in a wider type; columns are combined row by row into a tile of accumulators that is emptied into wider
//! ones every 64 rows. So sums of floats neither lose small terms nor depend on how the work is cut.

use std::marker::PhantomData;

use super::tiles::{Machine, TILE};
use super::{Areas, Fault};
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::kernels::{Kernel, Loop, for_this_cpu};
use crate::math::{Fma, Number};
use crate::ops::ReduceOp;
use crate::plan::Program;

/// Accumulators that go along a tile side by side.
const LANES: usize = 64;

/// Rows between two emptyings of the accumulators of columns.
const ROWS: usize = 64;

/// How two elements become one, and the type in which many results are combined.
trait Fold<T: Copy> {
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
        impl Fold<$T> for $Rule {
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
fold!(Prod, f32, f64, 1.0, |a, b| a * b, f64::from, |a, b| a * b, |x| x as f32);
fold!(Prod, f64, 1.0, |a, b| a * b);
fold!(Prod, i64, 1, i64::wrapping_mul);
fold!(Any, bool, false, |a, b| a | b);
fold!(All, bool, true, |a, b| a & b);

macro_rules! extremes {
    ($($T:ident)*) => {$(
        fold!(Max, $T, <$T as Number>::LEAST, Number::larger);
        fold!(Min, $T, <$T as Number>::MOST, Number::smaller);
    )*};
}
extremes!(u8 i32 i64 f32 f64);

/// Combines n elements into one, written to `out`.
struct Row<T, R>(PhantomData<(T, R)>);

impl<T: Copy, R: Fold<T>> Loop for Row<T, R> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        // SAFETY: the caller promises n elements.
        let x = unsafe { std::slice::from_raw_parts(src[0].cast::<T>(), n) };
        let mut lanes = [R::IDENTITY; LANES];
        let mut blocks = x.chunks_exact(LANES);
        for block in &mut blocks {
            for (lane, &x) in lanes.iter_mut().zip(block) {
                *lane = R::join(*lane, x);
            }
        }
        for (lane, &x) in lanes.iter_mut().zip(blocks.remainder()) {
            *lane = R::join(*lane, x);
        }
        let mut width = LANES.min(n.next_power_of_two());
        while width > 1 {
            width /= 2;
            for i in 0..width {
                lanes[i] = R::join(lanes[i], lanes[i + width]);
            }
        }
        // SAFETY: the caller promises one element.
        unsafe { out.cast::<T>().write(lanes[0]) }
    }
}

/// Combines n elements into n accumulators.
struct Columns<T, R>(PhantomData<(T, R)>);

impl<T: Copy, R: Fold<T>> Loop for Columns<T, R> {
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

/// Reduces a program into `out`.
pub(super) fn reduce(
    program: &Program,
    op: ReduceOp,
    sizes: [usize; 3],
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    macro_rules! pick {
        ($($Op:ident $T:ident $D:ident),* $(,)?) => {
            match (op, program.dtype) {
                $((ReduceOp::$Op, DType::$D) => run::<$T, $Op>(program, sizes, out, areas),)*
                _ => Err(Error::Internal { what: format!("{} of {}", op.name(), program.dtype) }.into()),
            }
        };
    }
    pick!(
        Sum f32 F32, Sum f64 F64, Sum i64 I64, Prod f32 F32, Prod f64 F64, Prod i64 I64,
        Max u8 U8, Max i32 I32, Max i64 I64, Max f32 F32, Max f64 F64,
        Min u8 U8, Min i32 I32, Min i64 I64, Min f32 F32, Min f64 F64,
        Any bool Bool, All bool Bool,
    )
}

fn run<T: Element, R: Fold<T>>(
    program: &Program,
    sizes: [usize; 3],
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let [outer, reduced, inner] = sizes;
    let out = out.cast::<T>();
    if reduced == 0 || outer * inner == 0 {
        // SAFETY: the output has `outer * inner` elements.
        (0..outer * inner).for_each(|i| unsafe { out.add(i).write(R::IDENTITY) });
        return Ok(());
    }
    let machine = Machine::new(program, areas, program.len())?;
    if inner == 1 {
        rows::<T, R>(machine, outer, reduced, out)
    } else {
        (0..outer).try_fold(machine, |machine, o| columns::<T, R>(machine, o, reduced, inner, out))?;
        Ok(())
    }
}

/// Whole rows share a tile when they are short; long rows are cut into tiles from their start.
fn rows<T: Element, R: Fold<T>>(
    mut machine: Machine<'_, '_>,
    outer: usize,
    reduced: usize,
    out: *mut T,
) -> Result<(), Fault> {
    let row: Kernel = for_this_cpu::<Row<T, R>>();
    let none = std::ptr::null();
    if reduced <= TILE {
        let per_tile = TILE / reduced;
        let mut first = 0;
        while first < outer {
            let count = per_tile.min(outer - first);
            // SAFETY: the rows lie in the space, and each has its place in the output.
            unsafe {
                let made = machine.tile(first * reduced, count * reduced, None)?.cast::<T>();
                for k in 0..count {
                    row(out.add(first + k).cast(), [made.add(k * reduced).cast(), none, none], reduced);
                }
            }
            first += count;
        }
        return Ok(());
    }
    for o in 0..outer {
        let mut total = R::widen(R::IDENTITY);
        let mut start = 0;
        while start < reduced {
            let n = TILE.min(reduced - start);
            let mut part = R::IDENTITY;
            // SAFETY: the range lies in the space; `part` is one element.
            unsafe {
                let made = machine.tile(o * reduced + start, n, None)?;
                row(std::ptr::from_mut(&mut part).cast(), [made, none, none], n);
            }
            total = R::join_wide(total, R::widen(part));
            start += n;
        }
        // SAFETY: the output has `outer` elements.
        unsafe { out.add(o).write(R::narrow(total)) }
    }
    Ok(())
}

/// Columns of one outer index: short rows go several at a time through one tile, long ones in tiles of their own.
fn columns<'a, 'c, T: Element, R: Fold<T>>(
    mut machine: Machine<'a, 'c>,
    o: usize,
    reduced: usize,
    inner: usize,
    out: *mut T,
) -> Result<Machine<'a, 'c>, Fault> {
    let add: Kernel = for_this_cpu::<Columns<T, R>>();
    let none = std::ptr::null();
    let together = (TILE / inner).clamp(1, reduced);
    let mut column = 0;
    while column < inner {
        let width = TILE.min(inner - column);
        let span = if together > 1 { together * inner } else { width };
        let mut sums = [R::IDENTITY; TILE];
        let mut totals = [R::widen(R::IDENTITY); TILE];
        let mut empty = |sums: &mut [T; TILE]| {
            for (total, sum) in totals[..span].iter_mut().zip(&mut sums[..span]) {
                *total = R::join_wide(*total, R::widen(*sum));
                *sum = R::IDENTITY;
            }
        };
        let (mut row, mut pending) = (0, 0);
        while row < reduced {
            let count = together.min(reduced - row);
            let n = if together > 1 { count * inner } else { width };
            // SAFETY: the range lies in the space; `sums` has at least n elements, as n <= span <= TILE.
            unsafe {
                let made = machine.tile((o * reduced + row) * inner + column, n, None)?;
                add(sums.as_mut_ptr().cast(), [made, none, none], n);
            }
            row += count;
            pending += 1;
            if pending == ROWS {
                empty(&mut sums);
                pending = 0;
            }
        }
        empty(&mut sums);
        for i in 0..width {
            let total = (1..together).fold(totals[i], |total, k| R::join_wide(total, totals[k * inner + i]));
            // SAFETY: the output has `outer * inner` elements.
            unsafe { out.add(o * inner + column + i).write(R::narrow(total)) }
        }
        column += width;
    }
    Ok(machine)
}
