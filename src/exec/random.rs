//! Random elements: each is a function of the key and its own flat index, so any part of a draw can be made alone.

use crate::dtype::DType;
use crate::math::{Real, Unfused};
use crate::philox::Key;

/// Uniform in [0, 1), from 24 random bits.
fn uniform_f32(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / (1u32 << 24) as f32)
}

/// Uniform in [0, 1), from 53 random bits.
fn uniform_f64(low: u32, high: u32) -> f64 {
    ((u64::from(low) | u64::from(high) << 32) >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// The two normals of two uniforms (Box and Muller, 1958).
fn normals<T: Real + num::Trig>(u: T, v: T) -> [T; 2] {
    let radius = T::radius(u);
    let angle = T::turn(v);
    [T::product(radius, angle.cos::<Unfused>()), T::product(radius, angle.sin::<Unfused>())]
}

/// What Box-Muller needs of a float beyond [`Real`].
mod num {
    use crate::math::{Real, Unfused};

    pub trait Trig: Sized {
        fn radius(u: Self) -> Self;
        fn turn(v: Self) -> Self;
        fn product(a: Self, b: Self) -> Self;
    }

    macro_rules! trig {
        ($($T:ident)*) => {$(
            impl Trig for $T {
                fn radius(u: $T) -> $T { (-2.0 * Real::log::<Unfused>(1.0 - u)).sqrt() }
                fn turn(v: $T) -> $T { std::$T::consts::TAU * v }
                fn product(a: $T, b: $T) -> $T { a * b }
            }
        )*};
    }
    trig!(f32 f64);
}

/// Draws elements `start..start + n`.
///
/// # Safety
/// `out` is valid for `n` writes of the dtype.
pub unsafe fn draw(dtype: DType, normal: bool, key: Key, out: *mut u8, start: usize, n: usize) {
    // SAFETY: passed on.
    unsafe {
        match dtype {
            DType::F32 => fill(out.cast::<f32>(), start, n, 4, |block| {
                let u = key.block(block).map(uniform_f32);
                if normal {
                    let (a, b) = (normals(u[0], u[1]), normals(u[2], u[3]));
                    [a[0], a[1], b[0], b[1]]
                } else {
                    u
                }
            }),
            _ => fill(out.cast::<f64>(), start, n, 2, |block| {
                let w = key.block(block);
                let u = [uniform_f64(w[0], w[1]), uniform_f64(w[2], w[3])];
                if normal { normals(u[0], u[1]) } else { u }
            }),
        }
    }
}

/// # Safety
/// `out` is valid for `n` writes.
unsafe fn fill<T: Copy, const N: usize>(
    out: *mut T,
    start: usize,
    n: usize,
    per: usize,
    block: impl Fn(u64) -> [T; N],
) {
    let mut done = 0;
    while done < n {
        let (at, skip) = ((start + done) / per, (start + done) % per);
        let made = block(at as u64);
        let take = (per - skip).min(n - done);
        for i in 0..take {
            // SAFETY: `done + i < n`.
            unsafe { out.add(done + i).write(made[skip + i]) }
        }
        done += take;
    }
}
