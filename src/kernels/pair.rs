//! Two arithmetic operations in one loop: what is between them stays in a register.

use std::marker::PhantomData;

use super::rules::Rule2;
use super::rules::rules2::{Add, Div, Mul, Sub};
use super::{Kernel, Loop, for_this_cpu};
use crate::dtype::DType;
use crate::math::{Float, Fma};
use crate::ops::BinaryOp;

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
