//! Random elements of many distributions: smooth functions of uniform or normal ones, by the inverse of a distribution
//! function or by a known construction.
//!
//! So each is elementwise like a draw itself, depends on its key alone, and has a gradient by its parameters: that of a
//! sample that moves with them. Where an inverse needs the far ends of the uniform numbers it is computed in float64.

use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar, show_float};
use crate::error::{Error, Result};
use crate::math::special;
use crate::ops::{ArgOp, BinaryOp, Leaf};
use crate::philox::Key;
use crate::record::{Expr, Recorder};
use crate::shape::Shape;

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
}

impl Standard {
    fn name(self) -> &'static str {
        match self {
            Standard::Exponential => "exponential",
            Standard::Laplace => "laplace",
            Standard::Logistic => "logistic",
            Standard::Cauchy => "cauchy",
            Standard::Gumbel => "gumbel",
        }
    }
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
        let u = self.open_uniform(kind.name(), key, shape, dtype.class())?;
        let made = match kind {
            Standard::Exponential => -(-u).log1p(),
            Standard::Laplace => {
                let side = u * 2.0 - 1.0;
                -(side.sign() * (-side.abs()).log1p())
            }
            Standard::Logistic => u.log() - (-u).log1p(),
            Standard::Cauchy => ((u - 0.5) * std::f64::consts::PI).tan(),
            Standard::Gumbel => -(-u.log()).log(),
        };
        Ok(made.cast(dtype))
    }

    /// Standard normal numbers, only those between two bounds.
    pub fn truncated_normal(&self, key: Key, [low, high]: [f64; 2], shape: Shape, dtype: DType) -> Result<Expr<'_>> {
        let op = "truncated_normal";
        if low.is_nan() || high.is_nan() || low >= high {
            let got = format!("{} and {}", show_float(low), show_float(high));
            return Err(Error::Argument { op, argument: "low, high", got, expected: "the lower bound first" });
        }
        if !dtype.is_float() {
            return Err(Error::DType { op, got: dtype, expected: "a float dtype" });
        }
        // Beyond 0 the other side is exact.
        let (sign, from, to) = if low > 0.0 { (-1.0, -high, -low) } else { (1.0, low, high) };
        let (first, last) = (special::ndtr(from), special::ndtr(to));
        let share = self.open_uniform(op, key, shape, DType::F64)? * (last - first) + first;
        let x = (share.ndtri() * sign).binary_scalar(BinaryOp::Maximum, Scalar::Float(low), false);
        Ok(x.binary_scalar(BinaryOp::Minimum, Scalar::Float(high), false).cast(dtype))
    }

    /// Integers from `low` up to, not including, `high`.
    pub fn randint(&self, key: Key, low: i64, high: i64, shape: Shape, dtype: DType) -> Result<Expr<'_>> {
        let op = "randint";
        let count = i128::from(high) - i128::from(low);
        if !(1..=1 << 53).contains(&count) {
            let (got, expected) = (format!("{low} and {high}"), "a range of 1 to 2**53 integers");
            return Err(Error::Argument { op, argument: "low, high", got, expected });
        }
        let fits = |i: i64| Scalar::Int(i.into()).fits(dtype);
        if !dtype.is_integer() || !fits(low) || !fits(high - 1) {
            return Err(Error::DType { op, got: dtype, expected: "an integer dtype that has them all" });
        }
        let u = self.draw(Leaf::Uniform, key, shape, DType::F64)?;
        // The product may be rounded up to the end.
        let place = (u * count as f64).cast(DType::I64).binary_scalar(BinaryOp::Minimum, Scalar::Int(count - 1), false);
        Ok(place.binary_scalar(BinaryOp::Add, Scalar::Int(low.into()), false).cast(dtype))
    }

    /// -1 or 1.
    pub fn rademacher(&self, key: Key, shape: Shape, dtype: DType) -> Result<Expr<'_>> {
        if dtype == DType::Bool || dtype.is_unsigned() {
            return Err(Error::DType { op: "rademacher", got: dtype, expected: "a dtype with a sign" });
        }
        let up = self.draw(Leaf::Uniform, key, shape, DType::F32)?.lt_scalar(0.5).cast(dtype);
        let double = up.binary_scalar(BinaryOp::Mul, Scalar::Int(2), false);
        Ok(double.binary_scalar(BinaryOp::Sub, Scalar::Int(1), false))
    }

    /// The numbers from 0 up to `n` in random order (Durstenfeld, Communications of the ACM 7, 1964), made now.
    pub fn permutation(&self, key: Key, n: usize) -> Result<Expr<'_>> {
        let op = "permutation";
        Shape::new(op, &[n])?;
        // Of no elements, so that the key counts as used.
        self.draw(Leaf::Uniform, key, Shape::new(op, &[0])?, DType::F32)?;
        let mut order: Vec<i64> = Vec::new();
        let refused = |_| Error::Allocation { op, bytes: n.saturating_mul(size_of::<i64>()) };
        order.try_reserve_exact(n).map_err(refused)?;
        order.extend(0..n as i64);
        for i in (1..n).rev() {
            let [low, high, ..] = key.block(i as u64);
            let bits = u64::from(low) | u64::from(high) << 32;
            // The upper half of the product: even to 2^-64 of the count.
            order.swap(i, ((u128::from(bits) * (i as u128 + 1)) >> 64) as usize);
        }
        Ok(self.data(NdArray::from_slice(&order)?))
    }

    /// Elements along the first axis, any each time or, without replacement, all different; with weights, those of more
    /// weight more often.
    pub fn choice<'r>(
        &'r self,
        key: Key,
        x: Expr<'r>,
        shape: Shape,
        replace: bool,
        weights: Option<Expr<'r>>,
    ) -> Result<Expr<'r>> {
        let op = "choice";
        let got = x.shape();
        let Some(&count) = got.first() else {
            return Err(Error::Rank { op, what: "input", got, expected: "at least 1" });
        };
        if !replace && shape.len() > count {
            let (got, expected) = (shape.to_string(), "no more elements than there are, without replacement");
            return Err(Error::Argument { op, argument: "shape", got, expected });
        }
        let places = match weights {
            Some(weights) => self.weighted(key, weights, count, &shape, replace)?,
            None if replace => self.randint(key, 0, count as i64, shape, DType::I64)?,
            None => self.permutation(key, count)?.narrow(0, 0, shape.len()).reshape(&shape),
        };
        Ok(x.take(places, Some(0)))
    }

    /// Places that are drawn with weights: by their running sum or, without replacement, one after the other by the largest
    /// logarithms with Gumbel's noise (Yellott, Journal of Mathematical Psychology 15, 1977).
    fn weighted<'r>(
        &'r self,
        key: Key,
        weights: Expr<'r>,
        count: usize,
        shape: &Shape,
        replace: bool,
    ) -> Result<Expr<'r>> {
        let op = "choice";
        let (got, expected) = (weights.shape(), Shape::new(op, &[count])?);
        if got != expected {
            return Err(Error::ShapeMismatch { op, what: "p", got, expected });
        }
        let weights = weights.cast(DType::F64).stop_gradient();
        if !replace {
            let noise = self.standard(Standard::Gumbel, key, expected, DType::F64)?;
            let [_, places] = (weights.log() + noise).topk(shape.len() as i64, 0, true)?;
            return Ok(places.reshape(shape));
        }
        let running = weights.cumsum(Some(0));
        // Above zero and up to the whole sum, so that places without weight are never met.
        let share = -(self.draw(Leaf::Uniform, key, shape.clone(), DType::F64)? - 1.0);
        Ok(running.searchsorted(share * running.narrow(0, count.saturating_sub(1), count.min(1)), false))
    }

    /// The index of one entry along an axis, with the probabilities that logits have under the softmax, for each place of a
    /// shape that ends in the shape of the other axes.
    pub fn categorical<'r>(&'r self, key: Key, logits: Expr<'r>, axis: i64, shape: Option<Shape>) -> Result<Expr<'r>> {
        let op = "categorical";
        let own = logits.shape();
        let axis = crate::shape::normalize_axis(op, axis, own.ndim())?;
        let batch = own.without(&[axis]);
        let shape = shape.unwrap_or_else(|| batch.clone());
        let more = shape.ndim().checked_sub(batch.ndim()).ok_or_else(|| Error::ShapeMismatch {
            op,
            what: "shape",
            got: shape.clone(),
            expected: batch.clone(),
        })?;
        let mut sizes: crate::shape::Dims = shape.iter().copied().collect();
        sizes.insert(more + axis, own[axis]);
        let dtype = logits.dtype().to_float();
        let noise = self.standard(Standard::Gumbel, key, Shape::new(op, &sizes)?, dtype)?;
        Ok((logits.cast(dtype).stop_gradient() + noise).arg(ArgOp::Max, Some((more + axis) as i64), false))
    }

    /// Numbers of the gamma distribution of a shape; their gradient by it is that of the quantile.
    pub fn gamma<'r>(&'r self, key: Key, a: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let dtype = a.dtype().to_float();
        let u = self.open_uniform("gamma", key, shape.clone(), DType::F64)?;
        Ok(a.cast(DType::F64).expand(shape).gammaincinv(u).cast(dtype))
    }

    /// Their logarithms, in float64: also of small shapes, whose numbers are below the smallest float. A number of shape
    /// `a` is one of shape `a + 1` times a uniform one to the power of `1 / a`.
    fn log_gamma<'r>(&'r self, op: &'static str, key: Key, a: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let a = a.cast(DType::F64).expand(shape);
        let u = self.open_uniform(op, key, shape.clone(), DType::F64)?;
        let v = self.open_uniform(op, key.child(0), shape.clone(), DType::F64)?;
        Ok((a + 1.0).gammaincinv(u).log() + v.log() / a)
    }

    /// Numbers of the beta distribution.
    pub fn beta<'r>(&'r self, key: Key, [a, b]: [Expr<'r>; 2], shape: &Shape) -> Result<Expr<'r>> {
        let dtype = a.dtype().float_with(b.dtype());
        let (one, other) = (self.log_gamma("beta", key, a, shape)?, self.log_gamma("beta", key.child(1), b, shape)?);
        Ok((one - other).sigmoid().cast(dtype))
    }

    /// Points of the simplex along the last axis, with Dirichlet's distribution.
    pub fn dirichlet<'r>(&'r self, key: Key, alpha: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let got = alpha.shape();
        if got.ndim() == 0 {
            return Err(Error::Rank { op: "dirichlet", what: "alpha", got, expected: "at least 1" });
        }
        let dtype = alpha.dtype().to_float();
        Ok(self.log_gamma("dirichlet", key, alpha, shape)?.softmax(Some(&[-1])).cast(dtype))
    }

    /// Numbers of Student's t distribution: normal ones over the root of a mean square.
    pub fn student_t<'r>(&'r self, key: Key, df: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let dtype = df.dtype().to_float();
        let half = df.cast(DType::F64).expand(shape) * 0.5;
        let z = self.draw(Leaf::Normal, key, shape.clone(), DType::F64)?;
        let square = self.gamma(key.child(0), half, shape)? / half;
        Ok((z * square.rsqrt()).cast(dtype))
    }

    /// Counts of Poisson's distribution, without a gradient.
    pub fn poisson<'r>(&'r self, key: Key, rate: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let u = self.open_uniform("poisson", key, shape.clone(), DType::F64)?;
        Ok(rate.cast(DType::F64).expand(shape).poissoninv(u).cast(DType::I64))
    }
}
