//! Vector registers of each instruction set, as one trait: what a tile of a product needs of them, and no more.
//!
//! All methods are inlined into functions that the instruction set is enabled for (`level.rs`); called from elsewhere they are
//! not defined. Promises: `load_first` and `store_first` touch the first elements only, whatever lies behind them.
#![allow(clippy::undocumented_unsafe_blocks, reason = "each does one thing, under what the trait asks for")]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

use crate::math::{Float, Fused, Unfused};

/// A register of `N` elements.
///
/// # Safety
/// For all methods: the CPU has the instruction set; pointers are valid for as many elements as are read or written.
pub(in crate::exec) trait Lanes: Copy {
    type T: Float;
    /// Which elements, from the first on.
    type First: Copy;
    const N: usize;

    /// Brings a place that will be written into the cache.
    unsafe fn soon(to: *mut Self::T);
    unsafe fn zero() -> Self;
    /// One element everywhere.
    unsafe fn splat(x: *const Self::T) -> Self;
    unsafe fn load(from: *const Self::T) -> Self;
    unsafe fn store(self, to: *mut Self::T);
    /// The first `n` of up to `N`.
    unsafe fn first(n: usize) -> Self::First;
    unsafe fn load_first(from: *const Self::T, first: Self::First) -> Self;
    unsafe fn store_first(self, to: *mut Self::T, first: Self::First);
    unsafe fn plus(self, other: Self) -> Self;
    /// `self * b + c`.
    unsafe fn times_plus(self, b: Self, c: Self) -> Self;
    /// One step of a transposition: of each `2 S` elements, the second half of one register changes places with the first
    /// half of the other.
    unsafe fn exchange<const S: usize>(self, other: Self) -> (Self, Self);
}

/// What an exchange takes from two registers that are numbered through; `half` 0 for the first result, 1 for the second.
#[cfg(target_arch = "x86_64")]
const fn exchanged<const N: usize>(s: usize, half: usize) -> [usize; N] {
    let mut from = [0; N];
    let mut i = 0;
    while i < N {
        from[i] = match (i / s % 2, half) {
            (0, 0) => i,
            (_, 0) => N + i - s,
            (0, _) => i + s,
            _ => N + i,
        };
        i += 1;
    }
    from
}

macro_rules! avx512 {
    ($V:ident $T:ident $N:literal $Mask:ident $Index:ident; $zero:ident $set:ident $load:ident $store:ident
     $load_first:ident $store_first:ident $add:ident $fma:ident $pick:ident) => {
        #[cfg(target_arch = "x86_64")]
        impl Lanes for $V {
            type T = $T;
            type First = $Mask;
            const N: usize = $N;

            #[inline(always)]
            unsafe fn soon(to: *mut $T) {
                unsafe { _mm_prefetch::<_MM_HINT_T0>(to.cast_const().cast()) }
            }
            #[inline(always)]
            unsafe fn zero() -> $V {
                unsafe { $zero() }
            }
            #[inline(always)]
            unsafe fn splat(x: *const $T) -> $V {
                unsafe { $set(*x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $T) -> $V {
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $T) {
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn first(n: usize) -> $Mask {
                ((1u32 << n) - 1) as $Mask
            }
            #[inline(always)]
            unsafe fn load_first(from: *const $T, first: $Mask) -> $V {
                unsafe { $load_first(first, from) }
            }
            #[inline(always)]
            unsafe fn store_first(self, to: *mut $T, first: $Mask) {
                unsafe { $store_first(to, first, self) }
            }
            #[inline(always)]
            unsafe fn plus(self, other: $V) -> $V {
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn times_plus(self, b: $V, c: $V) -> $V {
                unsafe { $fma(self, b, c) }
            }
            #[inline(always)]
            unsafe fn exchange<const S: usize>(self, other: $V) -> ($V, $V) {
                struct Picks<const S: usize>;
                impl<const S: usize> Picks<S> {
                    const FROM: [[$Index; $N]; 2] = {
                        let from = [exchanged::<$N>(S, 0), exchanged::<$N>(S, 1)];
                        let mut out = [[0; $N]; 2];
                        let mut i = 0;
                        while i < $N {
                            out[0][i] = from[0][i] as $Index;
                            out[1][i] = from[1][i] as $Index;
                            i += 1;
                        }
                        out
                    };
                }
                unsafe {
                    let [low, high] = Picks::<S>::FROM;
                    let (low, high) =
                        (_mm512_loadu_epi32(low.as_ptr().cast()), _mm512_loadu_epi32(high.as_ptr().cast()));
                    ($pick(self, low, other), $pick(self, high, other))
                }
            }
        }
    };
}
avx512!(__m512 f32 16 __mmask16 i32; _mm512_setzero_ps _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps
        _mm512_maskz_loadu_ps _mm512_mask_storeu_ps _mm512_add_ps _mm512_fmadd_ps _mm512_permutex2var_ps);
avx512!(__m512d f64 8 __mmask8 i64; _mm512_setzero_pd _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd
        _mm512_maskz_loadu_pd _mm512_mask_storeu_pd _mm512_add_pd _mm512_fmadd_pd _mm512_permutex2var_pd);

macro_rules! avx2 {
    ($V:ident $T:ident $N:literal $Index:ident; $zero:ident $set:ident $load:ident $store:ident $load_first:ident
     $store_first:ident $add:ident $fma:ident; |$a:ident, $b:ident| { $($S:literal => $exchange:expr),* }) => {
        #[cfg(target_arch = "x86_64")]
        impl Lanes for $V {
            type T = $T;
            type First = __m256i;
            const N: usize = $N;

            #[inline(always)]
            unsafe fn soon(to: *mut $T) {
                unsafe { _mm_prefetch::<_MM_HINT_T0>(to.cast_const().cast()) }
            }
            #[inline(always)]
            unsafe fn zero() -> $V {
                unsafe { $zero() }
            }
            #[inline(always)]
            unsafe fn splat(x: *const $T) -> $V {
                unsafe { $set(*x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $T) -> $V {
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $T) {
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn first(n: usize) -> __m256i {
                /// Read from the middle backwards: as many ones as asked for, then zeros.
                const ONES: [[$Index; $N]; 2] = [[-1; $N], [0; $N]];
                unsafe { _mm256_loadu_si256(ONES.as_ptr().cast::<$Index>().add($N - n).cast()) }
            }
            #[inline(always)]
            unsafe fn load_first(from: *const $T, first: __m256i) -> $V {
                unsafe { $load_first(from, first) }
            }
            #[inline(always)]
            unsafe fn store_first(self, to: *mut $T, first: __m256i) {
                unsafe { $store_first(to, first, self) }
            }
            #[inline(always)]
            unsafe fn plus(self, other: $V) -> $V {
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn times_plus(self, b: $V, c: $V) -> $V {
                unsafe { $fma(self, b, c) }
            }
            #[inline(always)]
            unsafe fn exchange<const S: usize>(self, other: $V) -> ($V, $V) {
                let ($a, $b) = (self, other);
                unsafe { match S { $($S => $exchange,)* _ => unreachable!() } }
            }
        }
    };
}
avx2!(__m256 f32 8 i32; _mm256_setzero_ps _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_maskload_ps
      _mm256_maskstore_ps _mm256_add_ps _mm256_fmadd_ps; |a, b| {
    1 => (_mm256_blend_ps::<0xaa>(a, _mm256_moveldup_ps(b)), _mm256_blend_ps::<0xaa>(_mm256_movehdup_ps(a), b)),
    2 => {
        let (a, b) = (_mm256_castps_pd(a), _mm256_castps_pd(b));
        (_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)), _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)))
    },
    4 => (_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b))
});
avx2!(__m256d f64 4 i64; _mm256_setzero_pd _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_maskload_pd
      _mm256_maskstore_pd _mm256_add_pd _mm256_fmadd_pd; |a, b| {
    1 => (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b)),
    2 => (_mm256_permute2f128_pd::<0x20>(a, b), _mm256_permute2f128_pd::<0x31>(a, b))
});

/// Registers as the compiler sees fit.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Plain<T, const N: usize>([T; N]);

#[allow(clippy::needless_range_loop, reason = "loops over indices are sure to be unrolled")]
impl<T: Float, const N: usize> Lanes for Plain<T, N> {
    type T = T;
    type First = usize;
    const N: usize = N;

    #[inline(always)]
    unsafe fn soon(_: *mut T) {}
    #[inline(always)]
    unsafe fn zero() -> Self {
        Plain([T::ZERO; N])
    }
    #[inline(always)]
    unsafe fn splat(x: *const T) -> Self {
        Plain([unsafe { *x }; N])
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        Plain(unsafe { from.cast::<[T; N]>().read() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        unsafe { to.cast::<[T; N]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn first(n: usize) -> usize {
        n
    }
    #[inline(always)]
    unsafe fn load_first(from: *const T, first: usize) -> Self {
        unsafe {
            if first == N {
                return Self::load(from);
            }
            let mut out = [T::ZERO; N];
            for i in 0..N {
                if i < first {
                    out[i] = *from.add(i);
                }
            }
            Plain(out)
        }
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut T, first: usize) {
        for i in 0..N {
            if i < first {
                unsafe { *to.add(i) = self.0[i] }
            }
        }
    }
    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        let mut out = self.0;
        for i in 0..N {
            out[i] = out[i].plus(other.0[i]);
        }
        Plain(out)
    }
    #[inline(always)]
    unsafe fn times_plus(self, b: Self, c: Self) -> Self {
        let mut out = c.0;
        for i in 0..N {
            out[i] = if cfg!(target_arch = "aarch64") {
                self.0[i].multiply_add::<Fused>(b.0[i], out[i])
            } else {
                self.0[i].multiply_add::<Unfused>(b.0[i], out[i])
            };
        }
        Plain(out)
    }
    #[inline(always)]
    unsafe fn exchange<const S: usize>(self, other: Self) -> (Self, Self) {
        let (mut low, mut high) = (self.0, other.0);
        for i in 0..N {
            if i & S == 0 {
                (high[i], low[i + S]) = (self.0[i + S], other.0[i]);
            }
        }
        (Plain(low), Plain(high))
    }
}
