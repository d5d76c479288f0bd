//! The kernels of a product, stamped out for each element type and instruction set.

use super::dots::dots;
use super::lanes::{Lanes, Plain};
use super::pack::{panel, strip};
use super::tile::{Tile, tile};
use crate::math::Float;

/// Elements that can be multiplied.
pub(in crate::exec) trait Factor: Float + 'static {}

impl Factor for f32 {}
impl Factor for f64 {}

/// Computes a tile; as unsafe as `tile`.
pub(in crate::exec) type Compute<T> = unsafe fn(&Tile<T>);

/// What multiplies matrices of a type with an instruction set: functions as unsafe as those they are named after.
pub(in crate::exec) struct Kernels<T: 'static> {
    /// Elements in a vector; a tile is up to two wide.
    pub lanes: usize,
    /// By rows less one, and whether two vectors wide.
    pub tiles: &'static [[Compute<T>; 2]],
    pub panel: unsafe fn(*const T, [isize; 2], usize, usize, *mut T),
    pub strip: unsafe fn(*const T, [isize; 2], [usize; 2], usize, *mut T),
    pub dots: unsafe fn(*const T, *const T, isize, [usize; 2], *mut T),
    /// Whether this CPU has the instructions.
    pub there: fn() -> bool,
}

/// The first that this CPU has; the last is for all.
pub(in crate::exec) fn best<T>(levels: &'static [Kernels<T>]) -> &'static Kernels<T> {
    levels.iter().find(|kernels| (kernels.there)()).unwrap_or(&levels[levels.len() - 1])
}

macro_rules! level {
    ($module:ident $($feature:literal)?) => {
        mod $module {
            use super::*;

            $(#[target_feature(enable = $feature)])?
            pub unsafe fn compute<V: Lanes, const ROWS: usize, const VECTORS: usize>(of: &Tile<V::T>) {
                // SAFETY: passed on.
                unsafe { tile::<V, ROWS, VECTORS>(of) }
            }

            $(#[target_feature(enable = $feature)])?
            pub unsafe fn pack_panel<V: Lanes, const N: usize>(
                from: *const V::T, strides: [isize; 2], depth: usize, columns: usize, to: *mut V::T,
            ) {
                // SAFETY: passed on.
                unsafe { panel::<V, N>(from, strides, depth, columns, to) }
            }

            $(#[target_feature(enable = $feature)])?
            pub unsafe fn pack_strip<V: Lanes, const N: usize>(
                from: *const V::T, strides: [isize; 2], rows: [usize; 2], depth: usize, to: *mut V::T,
            ) {
                // SAFETY: passed on.
                unsafe { strip::<V, N>(from, strides, rows, depth, to) }
            }

            $(#[target_feature(enable = $feature)])?
            pub unsafe fn all_dots<V: Lanes, const N: usize>(
                x: *const V::T, from: *const V::T, across: isize, sizes: [usize; 2], to: *mut V::T,
            ) {
                // SAFETY: passed on.
                unsafe { dots::<V, N>(x, from, across, sizes, to) }
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
level!(avx512 "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma");
#[cfg(target_arch = "x86_64")]
level!(avx2 "avx2,fma");
level!(plain);

macro_rules! kernels {
    ($there:expr, $level:ident $V:ty, $N:literal, $($rows:literal)*) => {
        Kernels {
            lanes: $N,
            tiles: &[$([$level::compute::<$V, $rows, 1>, $level::compute::<$V, $rows, 2>]),*],
            panel: $level::pack_panel::<$V, $N>,
            strip: $level::pack_strip::<$V, $N>,
            dots: $level::all_dots::<$V, $N>,
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
            kernels!(has_avx512, avx512 std::arch::x86_64::$Wide, $wide, 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
            #[cfg(target_arch = "x86_64")]
            kernels!(has_avx2, avx2 std::arch::x86_64::$Narrow, $narrow, 1 2 3 4 5 6),
            kernels!(|| true, plain Plain<$T, $plain>, $plain, 1 2 3 4 5 6),
        ]
    };
}

pub(in crate::exec) const F32: &[Kernels<f32>] = levels!(f32 __m512 16 __m256 8 4);
pub(in crate::exec) const F64: &[Kernels<f64>] = levels!(f64 __m512d 8 __m256d 4 2);

#[cfg(target_arch = "x86_64")]
pub(in crate::exec) fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && has_avx2()
}

#[cfg(target_arch = "x86_64")]
pub(in crate::exec) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}
