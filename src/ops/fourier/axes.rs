//! Fourier transforms as users call them: along axes, resized, with a norm.
//!
//! Enters: a real array, or real and imaginary parts of one shape. Leaves: the same, of the spectrum or of what has it.
//! Several axes are transformed one after the other; of real numbers, the last axis is halved, and it is the one that an
//! inverse makes real again.

use super::{FourierOp, Scale, half};
use crate::error::{Error, Result};
use crate::ops::Range;
use crate::record::Expr;
use crate::shape::{Dims, Shape, normalize_axis, show_sizes};

/// Which direction is divided by the number of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norm {
    /// The inverse.
    Backward,
    /// Both, by its root.
    Ortho,
    /// The direct one.
    Forward,
}

impl Norm {
    /// The norm of a name.
    pub fn from_name(op: &'static str, name: &str) -> Result<Norm> {
        match name {
            "backward" => Ok(Norm::Backward),
            "ortho" => Ok(Norm::Ortho),
            "forward" => Ok(Norm::Forward),
            other => Err(Error::Argument {
                op,
                argument: "norm",
                got: format!("{other:?}"),
                expected: "\"backward\", \"ortho\" or \"forward\"",
            }),
        }
    }

    fn scale(self, inverse: bool) -> Scale {
        match (self, inverse) {
            (Norm::Ortho, _) => Scale::Root,
            (Norm::Backward, false) | (Norm::Forward, true) => Scale::One,
            (Norm::Backward, true) | (Norm::Forward, false) => Scale::Mean,
        }
    }
}

/// What is transformed, and how it is called.
#[derive(Debug, Clone, Copy)]
pub struct Along<'a> {
    /// The name for messages.
    pub op: &'static str,
    /// How many numbers along each axis, -1 for as many as there are; cut off, or filled up with zeros.
    pub sizes: Option<&'a [i64]>,
    /// The axes; without them the last ones, as many as there are sizes, or all.
    pub axes: Option<&'a [i64]>,
    /// The norm.
    pub norm: Norm,
}

/// Real parts, and imaginary ones.
type Pair<'r> = (Expr<'r>, Option<Expr<'r>>);

impl Along<'_> {
    /// The axes, and the number that each is to have; `None` for what follows from the input.
    fn axes(&self, shape: &Shape) -> Result<Vec<(usize, Option<usize>)>> {
        let (op, ndim) = (self.op, shape.ndim());
        let axes: Dims = match (self.axes, self.sizes) {
            (Some(axes), _) => axes.iter().map(|&axis| normalize_axis(op, axis, ndim)).collect::<Result<_>>()?,
            (None, Some(sizes)) if sizes.len() <= ndim => (ndim - sizes.len()..ndim).collect(),
            (None, Some(_)) => (0..0).collect(),
            (None, None) => (0..ndim).collect(),
        };
        if let Some(at) = (1..axes.len()).find(|&at| axes[..at].contains(&axes[at])) {
            return Err(Error::RepeatedAxis { op, axis: axes[at] });
        }
        let Some(sizes) = self.sizes else {
            return Ok(axes.into_iter().map(|axis| (axis, None)).collect());
        };
        if sizes.len() != axes.len() {
            let (got, expected) = (show_sizes(sizes), "one size for each axis");
            return Err(Error::Argument { op, argument: "s", got, expected });
        }
        let size = |(axis, &size): (usize, &i64)| match size {
            -1 => Ok((axis, None)),
            size => match usize::try_from(size) {
                Ok(size) if size > 0 => Ok((axis, Some(size))),
                _ => {
                    let (got, expected) = (size.to_string(), "at least 1");
                    Err(Error::Argument { op, argument: "n", got, expected })
                }
            },
        };
        axes.into_iter().zip(sizes).map(size).collect()
    }

    /// Parts as floats of one dtype and shape.
    fn parts<'r>(&self, real: Expr<'r>, imag: Option<Expr<'r>>) -> Result<Pair<'r>> {
        let Some(imag) = imag else { return Ok((real.cast(real.dtype().to_float()), None)) };
        let (own, other) = (real.shape(), imag.shape());
        if own != other {
            return Err(Error::ShapeMismatch { op: self.op, what: "the imaginary part", got: other, expected: own });
        }
        let dtype = real.dtype().float_with(imag.dtype());
        Ok((real.cast(dtype), Some(imag.cast(dtype))))
    }

    /// An axis moved to the end, with so many numbers.
    fn last<'r>(&self, x: Expr<'r>, axis: usize, n: usize) -> Result<Expr<'r>> {
        let moved = x.moveaxis(&[axis as i64], &[-1]);
        let (shape, last) = (moved.shape(), moved.shape().ndim() - 1);
        if shape[last] == 0 {
            return Err(Error::EmptyTransform { op: self.op, axis, shape: x.shape() });
        }
        Ok(if n <= shape[last] {
            moved.narrow(last, 0, n)
        } else {
            moved.place(vec![Range::ALL; last + 1].into(), &shape.with_size(self.op, last, n)?)
        })
    }

    /// The whole transform along one axis.
    fn whole<'r>(&self, x: Pair<'r>, axis: usize, n: Option<usize>, inverse: bool) -> Result<[Expr<'r>; 2]> {
        let n = n.unwrap_or(x.0.shape()[axis]);
        let imag = x.1.map(|imag| self.last(imag, axis, n)).transpose()?;
        let made = self.last(x.0, axis, n)?.whole(imag, inverse, self.norm.scale(inverse));
        Ok(made.map(|part| part.moveaxis(&[-1], &[axis as i64])))
    }
}

impl<'r> Expr<'r> {
    /// The transform of a complex array, or the inverse, along some axes. It is linear; gradient: the transform in the other
    /// direction, with the factor of this one.
    pub fn fft(self, imag: Option<Expr<'r>>, inverse: bool, along: Along<'_>) -> Result<[Expr<'r>; 2]> {
        let axes = along.axes(&self.shape())?;
        let mut x = along.parts(self, imag)?;
        for &(axis, n) in axes.iter().rev() {
            let [real, imag] = along.whole(x, axis, n, inverse)?;
            x = (real, Some(imag));
        }
        let (real, imag) = x;
        Ok([real, imag.unwrap_or_else(|| real.zeros_like())])
    }

    /// The transform of a real array along some axes: of the last of these, the frequencies that are not negative.
    pub fn rfft(self, along: Along<'_>) -> Result<[Expr<'r>; 2]> {
        let axes = along.axes(&self.shape())?;
        let (x, _) = along.parts(self, None)?;
        let Some((&(axis, n), others)) = axes.split_last() else { return Err(along.without_axes()) };
        let row = along.last(x, axis, n.unwrap_or(x.shape()[axis]))?;
        let n = row.shape()[row.shape().ndim() - 1];
        let made = row.fourier(FourierOp::Half, None, n, along.norm.scale(false));
        let mut parts = [0, 1].map(|part| made.part_of_spectrum(part).moveaxis(&[-1], &[axis as i64]));
        for &(axis, n) in others.iter().rev() {
            parts = along.whole((parts[0], Some(parts[1])), axis, n, false)?;
        }
        Ok(parts)
    }

    /// The real array with such a spectrum. Without a size, the last axis gets an even one.
    pub fn irfft(self, imag: Option<Expr<'r>>, along: Along<'_>) -> Result<Expr<'r>> {
        let axes = along.axes(&self.shape())?;
        let mut x = along.parts(self, imag)?;
        let Some((&(axis, n), others)) = axes.split_last() else { return Err(along.without_axes()) };
        for &(axis, n) in others {
            let [real, imag] = along.whole(x, axis, n, true)?;
            x = (real, Some(imag));
        }
        let (real, imag) = x;
        let n = match (n, real.shape()[axis]) {
            (Some(n), _) => n,
            (None, 0) => return Err(Error::EmptyTransform { op: along.op, axis, shape: real.shape() }),
            (None, 1) => {
                let (got, expected) = ("0, as a spectrum of 1 has by default".to_string(), "at least 1");
                return Err(Error::Argument { op: along.op, argument: "n", got, expected });
            }
            (None, m) => 2 * (m - 1),
        };
        let real = along.last(real, axis, half(n))?;
        let imag = imag.map(|imag| along.last(imag, axis, half(n))).transpose()?.unwrap_or_else(|| real.zeros_like());
        let made = real.fourier(FourierOp::Back, Some(imag), n, along.norm.scale(true));
        Ok(made.moveaxis(&[-1], &[axis as i64]))
    }
}

impl Along<'_> {
    fn without_axes(&self) -> Error {
        Error::Argument { op: self.op, argument: "axes", got: "()".to_string(), expected: "at least one axis" }
    }
}
