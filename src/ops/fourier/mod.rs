//! Fourier transforms, discrete and along the last axis.
//!
//! Enters: real and imaginary parts, which are tensors of their own. Leaves: one node a transform; a spectrum is one node of
//! shape `[2, *batch, n]`, real parts before imaginary ones, and two views that cut them apart. The one complex transform is
//! `X[k] = sum_j x[j] exp(-2 pi i j k / n)`; the other direction is the same one with real and imaginary parts exchanged, of
//! input and of result. Promises: float32 and float64 only, shapes checked here, every size fast, prime or not. A transform is
//! linear, and its adjoint is made of these same three, so derivatives of any order are, too.
//!
//! `axes`: what users call, with sizes, axes and norms.

pub mod axes;

use smallvec::{SmallVec, smallvec};

use crate::dtype::Scalar;
use crate::error::Error;
use crate::ops::{Cotangents, Op};
use crate::record::Expr;
use crate::shape::{Dims, Shape};

/// Which transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FourierOp {
    /// Of real and imaginary parts, or of real parts alone: the whole spectrum.
    Whole,
    /// Of real numbers: the half of the spectrum that has no negative frequencies, which are its mirror.
    Half,
    /// From such a half to real numbers, by `exp(+2 pi i j k / n)`. The imaginary parts at frequency 0 and, of an even
    /// number, at the last one have no counterpart, and are not read.
    Back,
}

/// What results are multiplied by, for a transform of `n` numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scale {
    /// 1
    One,
    /// 1 / sqrt(n)
    Root,
    /// 1 / n
    Mean,
}

impl Scale {
    /// The factor.
    pub fn factor(self, n: usize) -> f64 {
        match self {
            Scale::One => 1.0,
            Scale::Root => 1.0 / (n as f64).sqrt(),
            Scale::Mean => 1.0 / n as f64,
        }
    }
}

/// How many frequencies of `n` real numbers are not negative.
pub fn half(n: usize) -> usize {
    n / 2 + 1
}

impl FourierOp {
    /// The name that listings and messages show.
    pub fn name(self) -> &'static str {
        match self {
            FourierOp::Whole => "fft",
            FourierOp::Half => "rfft",
            FourierOp::Back => "irfft",
        }
    }

    /// How many numbers of each input one transform of `n` reads.
    pub fn reads(self, n: usize) -> usize {
        if self == FourierOp::Back { half(n) } else { n }
    }

    /// How many numbers one transform of `n` makes, in each part of the result.
    pub fn makes(self, n: usize) -> usize {
        if self == FourierOp::Half { half(n) } else { n }
    }

    /// How many parts the result has: real ones, or imaginary ones, too.
    pub fn parts(self) -> usize {
        if self == FourierOp::Back { 1 } else { 2 }
    }

    /// About how many operations on numbers one transform takes.
    pub fn flops(self, n: usize) -> u64 {
        let each = if self == FourierOp::Whole { 5 } else { 3 };
        (n as u64).saturating_mul(each * (u64::from(n.max(2).ilog2()) + 1))
    }
}

impl<'r> Expr<'r> {
    /// Records a transform of `n` numbers along the last axis of these real parts, and of imaginary ones of the same shape.
    fn fourier(self, op: FourierOp, imag: Option<Expr<'r>>, n: usize, scale: Scale) -> Expr<'r> {
        let (own, dtype) = self.facts();
        self.attempt(|| {
            let mut dims = if op == FourierOp::Back { Dims::new() } else { Dims::from_slice(&[op.parts()]) };
            dims.extend(own[..own.ndim() - 1].iter().copied().chain([op.makes(n)]));
            let inputs: SmallVec<[Expr<'r>; 2]> = [Some(self), imag].into_iter().flatten().collect();
            Ok(self.push(Op::Fourier(op, scale), &inputs, Shape::new(op.name(), &dims)?, dtype))
        })
    }

    /// One of the two parts of a spectrum.
    fn part_of_spectrum(self, part: usize) -> Expr<'r> {
        self.narrow(0, part, 1).squeeze(Some(&[0]))
    }

    /// Real and imaginary parts of the whole spectrum of a real array or of two parts, or of what has that spectrum.
    fn whole(self, imag: Option<Expr<'r>>, inverse: bool, scale: Scale) -> [Expr<'r>; 2] {
        let n = self.shape().last().copied().unwrap_or(1);
        let parts = |made: Expr<'r>| [made.part_of_spectrum(0), made.part_of_spectrum(1)];
        match (imag, inverse) {
            (imag, false) => parts(self.fourier(FourierOp::Whole, imag, n, scale)),
            (Some(imag), true) => {
                let [imag, real] = parts(imag.fourier(FourierOp::Whole, Some(self), n, scale));
                [real, imag]
            }
            (None, true) => {
                let [real, imag] = parts(self.fourier(FourierOp::Whole, None, n, scale));
                [real, -imag]
            }
        }
    }

    /// The frequencies that stand for themselves and for their mirror image times a number; for itself alone stands
    /// frequency 0 and, of an even number, the last.
    fn mirrored(self, n: usize, times: f64) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        let (r, inner) = (self.recorder(), (n - 1) / 2);
        self.attempt(|| {
            let some = |count: usize, value: f64| {
                Ok::<_, Error>(r.full(Shape::new("irfft", &[count])?, dtype, Scalar::Float(value)))
            };
            let mut weights = some(1, 1.0)?;
            if inner > 0 {
                weights = weights.join(some(inner, times)?, 0);
            }
            if n.is_multiple_of(2) {
                weights = weights.join(some(1, 1.0)?, 0);
            }
            Ok(self * weights.expand(&shape))
        })
    }
}

/// The cotangents of the parts `x` of a transform with the result `y`: the adjoint's parts.
pub(super) fn vjp<'r>(op: FourierOp, scale: Scale, x: &[Expr<'r>], y: Expr<'r>, g: Expr<'r>) -> Cotangents<'r> {
    let last = |of: Expr<'r>| of.shape().last().copied().unwrap_or(1);
    match op {
        FourierOp::Whole => {
            let [real, imag] = g.part_of_spectrum(0).whole(Some(g.part_of_spectrum(1)), true, scale);
            if x.len() == 1 { smallvec![Some(real)] } else { smallvec![Some(real), Some(imag)] }
        }
        FourierOp::Half => {
            let n = last(x[0]);
            let [real, imag] = [0, 1].map(|part| g.part_of_spectrum(part).mirrored(n, 0.5));
            smallvec![Some(real.fourier(FourierOp::Back, Some(imag), n, scale))]
        }
        FourierOp::Back => {
            let n = last(y);
            let made = g.fourier(FourierOp::Half, None, n, scale);
            [0, 1].into_iter().map(|part| Some(made.part_of_spectrum(part).mirrored(n, 2.0))).collect()
        }
    }
}
