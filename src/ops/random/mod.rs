//! Random elements of many distributions: smooth functions of uniform or normal ones, by the inverse of a distribution
//! function or by a known construction.
//!
//! So each is elementwise like a draw itself, depends on its key alone, and has a gradient by its parameters: that of a
//! sample that moves with them. Where an inverse needs the far ends of the uniform numbers it is computed in float64.

pub(crate) mod counts;
mod shaped;
mod vectors;

use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Leaf};
use crate::philox::Key;
use crate::record::{Expr, Recorder};
use crate::shape::{Dims, Shape};

/// A distribution of one standard form, which a location and a scale move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// Density `e**-x` from 0 on.
    Exponential,
    /// Density `e**-abs(x) / 2`.
    Laplace,
    /// Distribution function `sigmoid`.
    Logistic,
    /// Density `1 / (pi (1 + x*x))`.
    Cauchy,
    /// Distribution function `e**-e**-x`.
    Gumbel,
    /// The length of a vector of two normal numbers.
    Rayleigh,
    /// The length of a vector of three normal numbers.
    Maxwell,
    /// The same, with a sign.
    DoubleSidedMaxwell,
}

impl Standard {
    fn name(self) -> &'static str {
        match self {
            Standard::Exponential => "exponential",
            Standard::Laplace => "laplace",
            Standard::Logistic => "logistic",
            Standard::Cauchy => "cauchy",
            Standard::Gumbel => "gumbel",
            Standard::Rayleigh => "rayleigh",
            Standard::Maxwell => "maxwell",
            Standard::DoubleSidedMaxwell => "double_sided_maxwell",
        }
    }
}

/// A shape with more axes behind it.
fn beside(op: &'static str, shape: &[usize], more: &[usize]) -> Result<Shape> {
    Shape::new(op, &shape.iter().chain(more).copied().collect::<Dims>())
}

impl Recorder {
    /// Uniform in (0, 1): what would be 0 is half the distance to the next number.
    fn open_uniform(&self, op: &'static str, key: Key, shape: Shape, dtype: DType) -> Result<Expr<'_>> {
        if !dtype.is_float() {
            return Err(Error::DType { op, got: dtype, expected: "a float dtype" });
        }
        let least = dtype.precision().0 / 4.0;
        let u = self.draw(Leaf::Uniform, key, shape, dtype)?;
        Ok(u.binary_scalar(BinaryOp::Maximum, Scalar::Float(least), false))
    }

    /// A draw of a standard distribution.
    pub fn standard(&self, kind: Standard, key: Key, shape: Shape, dtype: DType) -> Result<Expr<'_>> {
        let open = |shape| self.open_uniform(kind.name(), key, shape, dtype.class());
        let made = match kind {
            Standard::Exponential => -(-open(shape)?).log1p(),
            Standard::Laplace => {
                let side = open(shape)? * 2.0 - 1.0;
                -(side.sign() * (-side.abs()).log1p())
            }
            Standard::Logistic => {
                let u = open(shape)?;
                u.log() - (-u).log1p()
            }
            Standard::Cauchy => ((open(shape)? - 0.5) * std::f64::consts::PI).tan(),
            Standard::Gumbel => -(-open(shape)?.log()).log(),
            Standard::Rayleigh => ((-open(shape)?).log1p() * -2.0).sqrt(),
            Standard::Maxwell => self.maxwell(key, &shape, dtype.class())?,
            Standard::DoubleSidedMaxwell => {
                self.maxwell(key, &shape, dtype.class())? * self.rademacher(key.child(0), shape, dtype.class())?
            }
        };
        Ok(made.cast(dtype))
    }

    /// Standard normal numbers, only those between two bounds of their shape, which they move with as quantiles do.
    pub fn truncated_normal<'r>(&'r self, key: Key, [low, high]: [Expr<'r>; 2], dtype: DType) -> Result<Expr<'r>> {
        let op = "truncated_normal";
        if !dtype.is_float() {
            return Err(Error::DType { op, got: dtype, expected: "a float dtype" });
        }
        let (low, high) = (low.cast(DType::F64), high.cast(DType::F64));
        // Beyond 0 the other side is exact.
        let beyond = low.gt_scalar(0.0);
        let (from, to) = (beyond.select(-high, low).ndtr(), beyond.select(-low, high).ndtr());
        let z = (self.open_uniform(op, key, low.shape(), DType::F64)? * (to - from) + from).ndtri();
        Ok(beyond.select(-z, z).maximum(low).minimum(high).cast(dtype))
    }
}
