//! Draws of vectors and matrices, and of lengths of vectors.

use crate::dtype::{DType, Scalar, show_float};
use crate::error::{Error, Result};
use crate::ops::Leaf;
use crate::ops::random::{Standard, beside};
use crate::philox::Key;
use crate::record::{Expr, Recorder};
use crate::shape::Shape;

impl Recorder {
    /// Vectors of the normal distribution of a mean and a covariance; `shape` is that of all vectors.
    pub fn multivariate_normal<'r>(
        &'r self,
        key: Key,
        [mean, cov]: [Expr<'r>; 2],
        shape: Option<Shape>,
    ) -> Result<Expr<'r>> {
        let op = "multivariate_normal";
        let (own, matrix) = (mean.shape(), cov.shape());
        let Some((&size, batch)) = own.split_last() else {
            return Err(Error::Rank { op, what: "mean", got: own, expected: "at least 1" });
        };
        if !matrix.ends_with(&[size, size]) {
            return Err(Error::ShapeMismatch {
                op,
                what: "cov",
                got: matrix,
                expected: Shape::new(op, &[size, size])?,
            });
        }
        let dtype = mean.dtype().float_with(cov.dtype());
        let many = Shape::new(op, &matrix[..matrix.ndim() - 2])?;
        let all = match shape {
            Some(shape) => shape,
            None => Shape::new(op, batch)?.broadcast(&many, op)?,
        };
        let full = beside(op, &all, &[size])?;
        if let Some(from) = [own, beside(op, &many, &[size])?].into_iter().find(|own| !own.expands_to(&full)) {
            return Err(Error::Expand { op, from, to: full });
        }
        let z = self.draw(Leaf::Normal, key, beside(op, &all, &[size, 1])?, dtype.class())?;
        let factor = cov.cast(dtype.class()).cholesky(false);
        Ok((factor.matmul(z).reshape(&full).cast(dtype)) + mean.cast(dtype))
    }

    /// Matrices with orthonormal columns, all equally likely (Stewart, SIAM Journal on Numerical Analysis 17, 1980).
    pub fn orthogonal(&self, key: Key, n: usize, shape: &Shape, dtype: DType) -> Result<Expr<'_>> {
        let z = self.draw(Leaf::Normal, key, beside("orthogonal", shape, &[n, n])?, dtype)?;
        Ok(z.qr(false)?[0])
    }

    /// Points of the unit ball of a norm, all equally likely (Barthe and others, The Annals of Probability 33, 2005).
    pub fn ball(&self, key: Key, d: usize, p: f64, shape: &Shape, dtype: DType) -> Result<Expr<'_>> {
        let op = "ball";
        if p.is_nan() || p <= 0.0 {
            let got = show_float(p);
            return Err(Error::Argument { op, argument: "p", got, expected: "a positive order" });
        }
        let full = beside(op, shape, &[d])?;
        let orders = self.full(full.clone(), DType::F64, Scalar::Float(p));
        let x = self.generalized_normal(key, orders, &full)?;
        let e = self.standard(Standard::Exponential, key.child(2), shape.clone(), DType::F64)?;
        let total = x.abs().power_number(p).sum(Some(&[-1]), true) + e.reshape(&beside(op, shape, &[1])?);
        Ok((x / total.power_number(1.0 / p)).cast(dtype))
    }

    /// Lengths of vectors of three normal numbers.
    pub(super) fn maxwell(&self, key: Key, shape: &Shape, dtype: DType) -> Result<Expr<'_>> {
        let z = self.draw(Leaf::Normal, key, beside("maxwell", shape, &[3])?, dtype)?;
        Ok(z.square().sum(Some(&[-1]), false).sqrt())
    }
}
