//! The values of elementwise operations as loops: one type for each row of `ops`.
//!
//! Enters: the rows' formulas. Leaves: the kernel of an operation for a dtype that recording lets through, and what an
//! integer operation cannot take.

use std::marker::PhantomData;

use super::{Kernel, Loop, baseline, for_this_cpu};
use crate::dtype::{DType, with_dtype};
use crate::math::{Bits, CastTo, Float, Fma, Item, Library, Number, Shift, compound, special};
use crate::ops::binary::binary_rows;
use crate::ops::ternary::ternary_rows;
use crate::ops::unary::unary_rows;
use crate::ops::{BinaryOp, TernaryOp, UnaryOp};

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
pub(super) trait Rule2<T> {
    type Out;
    fn at<M: Fma>(a: T, b: T) -> Self::Out;
}

/// A value rule of one element of each of the inputs that it loads, by their numbers.
trait Together<T> {
    type Out;
    fn of<M: Fma>(load: impl Fn(usize) -> T) -> Self::Out;
}

/// A value rule of three inputs, of float64.
trait Rule3 {
    fn at(a: f64, b: f64, x: f64) -> f64;
}

struct Two<R>(PhantomData<R>);
struct Three<R>(PhantomData<R>);

impl<T, R: Rule2<T>> Together<T> for Two<R> {
    type Out = R::Out;
    #[inline(always)]
    fn of<M: Fma>(load: impl Fn(usize) -> T) -> R::Out {
        R::at::<M>(load(0), load(1))
    }
}

impl<T: CastTo<f64>, R: Rule3> Together<T> for Three<R>
where
    f64: CastTo<T>,
{
    type Out = T;
    #[inline(always)]
    fn of<M: Fma>(load: impl Fn(usize) -> T) -> T {
        R::at(load(0).cast_to(), load(1).cast_to(), load(2).cast_to()).cast_to()
    }
}

struct Map1<T, R>(PhantomData<(T, R)>);
struct MapMany<T, R>(PhantomData<(T, R)>);
type Map2<T, R> = MapMany<T, Two<R>>;
type Map3<T, R> = MapMany<T, Three<R>>;

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

impl<T: Copy, R: Together<T>> Loop for MapMany<T, R> {
    #[inline(always)]
    unsafe fn run<M: Fma>(out: *mut u8, src: [*const u8; 3], n: usize) {
        let (out, src) = (out.cast::<R::Out>(), src.map(|x| x.cast::<T>()));
        for i in 0..n {
            // SAFETY: `i < n`, and the caller promises n elements in the output and in all that the rule loads.
            unsafe { out.add(i).write(R::of::<M>(|k| *src[k].add(i))) }
        }
    }
}

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
        pub(super) mod rules2 {
            use super::{Bits, CastTo, Float, Fma, Item, Number, Rule2, Shift, compound, special};
            $(
                pub(in crate::kernels) struct $Variant;
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

macro_rules! ternary_kernels {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident |$p:ident, $q:ident, $r:ident| $value:expr,
       |$a:ident, $b:ident, $x:ident, $y:ident, $g:ident| $da:tt, $db:tt, $dx:tt;)*) => {
        mod rules3 {
            use super::{Rule3, special};
            $(
                pub(super) struct $Variant;
                impl Rule3 for $Variant {
                    #[inline(always)]
                    fn at($p: f64, $q: f64, $r: f64) -> f64 {
                        $value
                    }
                }
            )*
        }

        /// The kernel of a ternary op for inputs of a dtype.
        pub fn ternary(op: TernaryOp, dtype: DType) -> Option<Kernel> {
            use rules3::*;
            match op { $(TernaryOp::$Variant => pick!(Map3 Special $Variant dtype)),* }
        }
    };
}
ternary_rows!(ternary_kernels);

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
