//! The loops over windows, stamped out for each element type and instruction set.

use std::ops::Range;

use super::inner::{Inner, WIDE, inner};
use super::laid::{Band, Laid, Seen, lay};
use super::span::{Span, Spread, span, spread};
use crate::exec::gemm::{Lanes, Plain, has_avx2, has_avx512};

/// Copies what windows see; as unsafe as `lay`.
pub(super) type Lay<T> = unsafe fn(&Seen<T>, &Laid, &Band, Range<usize>, *mut T);

/// Multiplies along a span; as unsafe as `span`.
pub(super) type Along<T> = unsafe fn(&Span<T>);

/// The loops of a type with an instruction set: functions as unsafe as those they are named after.
pub(super) struct Loops<T: 'static> {
    /// Elements in a vector; a tile is up to two wide.
    pub lanes: usize,
    pub lay: Lay<T>,
    /// By rows less one, and whether two vectors wide.
    pub spans: &'static [[Along<T>; 2]],
    pub spread: unsafe fn(&Spread<T>),
    /// By rows less one.
    pub inner: [unsafe fn(&Inner<T>); WIDE],
    there: fn() -> bool,
}

impl<T> Loops<T> {
    /// The first that this CPU has; the last is for all.
    pub fn best(levels: &'static [Loops<T>]) -> &'static Loops<T> {
        levels.iter().find(|loops| (loops.there)()).unwrap_or(&levels[levels.len() - 1])
    }
}

macro_rules! level {
    ($module:ident $($feature:literal)?) => {
        mod $module {
            use super::*;

            $(#[target_feature(enable = $feature)])?
            pub unsafe fn copy<V: Lanes>(
                seen: &Seen<V::T>, laid: &Laid, band: &Band, channels: Range<usize>, to: *mut V::T,
            ) {
                // SAFETY: passed on.
                unsafe { lay::<V>(seen, laid, band, channels, to) }
            }

            $(#[target_feature(enable = $feature)])?
            pub unsafe fn tile<V: Lanes, const ROWS: usize, const VECTORS: usize>(of: &Span<V::T>) {
                // SAFETY: passed on.
                unsafe { span::<V, ROWS, VECTORS>(of) }
            }

            $(#[target_feature(enable = $feature)])?
            pub unsafe fn store<V: Lanes>(of: &Spread<V::T>) {
                // SAFETY: passed on.
                unsafe { spread::<V>(of) }
            }

            $(#[target_feature(enable = $feature)])?
            pub unsafe fn products<V: Lanes, const N: usize, const ROWS: usize>(of: &Inner<V::T>) {
                // SAFETY: passed on.
                unsafe { inner::<V, N, ROWS>(of) }
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
level!(avx512 "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma");
#[cfg(target_arch = "x86_64")]
level!(avx2 "avx2,fma");
level!(plain);

macro_rules! loops {
    ($there:expr, $level:ident $V:ty, $N:literal, $($rows:literal)*) => {
        Loops {
            lanes: $N,
            lay: $level::copy::<$V>,
            spans: &[$([$level::tile::<$V, $rows, 1>, $level::tile::<$V, $rows, 2>]),*],
            spread: $level::store::<$V>,
            inner: [
                $level::products::<$V, $N, 1>,
                $level::products::<$V, $N, 2>,
                $level::products::<$V, $N, 3>,
                $level::products::<$V, $N, 4>,
            ],
            there: $there,
        }
    };
}

/// All levels of a type, the best first. A tile has as many rows as leave registers for a row of the right side and an element of the
/// left.
macro_rules! levels {
    ($T:ident $Wide:ident $wide:literal $Narrow:ident $narrow:literal $plain:literal) => {
        &[
            #[cfg(target_arch = "x86_64")]
            loops!(has_avx512, avx512 std::arch::x86_64::$Wide, $wide, 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
            #[cfg(target_arch = "x86_64")]
            loops!(has_avx2, avx2 std::arch::x86_64::$Narrow, $narrow, 1 2 3 4 5 6),
            loops!(|| true, plain Plain<$T, $plain>, $plain, 1 2 3 4 5 6),
        ]
    };
}

pub(super) const F32: &[Loops<f32>] = levels!(f32 __m512 16 __m256 8 4);
pub(super) const F64: &[Loops<f64>] = levels!(f64 __m512d 8 __m256d 4 2);
