//! Loops over tiles: one function for each op, dtype and instruction set, chosen when a plan is made.
//!
//! Enters: an op and a dtype. Leaves: a [`Kernel`], a plain function pointer over raw tiles. A loop is written once, as an
//! `#[inline(always)]` body generic over the kind of multiply-add, and stamped out for AVX-512, AVX2 and the target's
//! baseline (which on aarch64 is NEON); the compiler vectorises each. `rules.rs` has the values of the rows of `ops`,
//! `pair.rs` two of them at once, `moves.rs` what moves and converts elements. One of the rooms with unsafe code: raw tiles,
//! whose sizes and types the planner and the executor vouch for.

#![allow(unsafe_code)]

mod moves;
mod pair;
mod rules;

pub use moves::{cast, copy, iota, select, spread};
pub use pair::{is_arithmetic, pair};
pub use rules::{binary, forbidden, ternary, unary};

use crate::math::{Fma, Fused, Unfused};

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
