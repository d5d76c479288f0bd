//! Draws of distributions with parameters beyond a location and a scale: each is a smooth function of uniform or normal
//! numbers and of its parameters, which have its shape, and so has a gradient by them.

use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::Leaf;
use crate::philox::Key;
use crate::record::{Expr, Recorder};
use crate::shape::Shape;

impl Recorder {
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
        let known = a.lt_scalar(0.0).select(a.full_like(Scalar::Float(f64::NAN)), a);
        Ok((known + 1.0).gammaincinv(u).log() + v.log() / known)
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

    /// Logarithms of numbers of the gamma distribution, exact also where these are below the smallest float.
    pub fn loggamma<'r>(&'r self, key: Key, a: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        Ok(self.log_gamma("loggamma", key, a, shape)?.cast(a.dtype().to_float()))
    }

    /// Numbers of the chi-square distribution: twice those of the gamma distribution of half the degrees of freedom.
    pub fn chisquare<'r>(&'r self, key: Key, df: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        Ok((self.gamma(key, df.cast(DType::F64) * 0.5, shape)? * 2.0).cast(df.dtype().to_float()))
    }

    /// Numbers of Fisher's distribution: the ratio of two chi-square ones, each over its degrees of freedom.
    pub fn f<'r>(&'r self, key: Key, [dfnum, dfden]: [Expr<'r>; 2], shape: &Shape) -> Result<Expr<'r>> {
        let dtype = dfnum.dtype().float_with(dfden.dtype());
        let (above, below) = (dfnum.cast(DType::F64), dfden.cast(DType::F64));
        let one = self.log_gamma("f", key, above * 0.5, shape)?;
        let other = self.log_gamma("f", key.child(1), below * 0.5, shape)?;
        Ok(((one - other).exp() * (below / above)).cast(dtype))
    }

    /// Numbers with density `b x**-(b + 1)` from 1 on.
    pub fn pareto<'r>(&'r self, key: Key, b: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let dtype = b.dtype().to_float();
        let e = self.exponential("pareto", key, shape)?;
        Ok((e / b.cast(DType::F64)).exp().cast(dtype))
    }

    /// Numbers above which is a share of `e**-(x / scale)**concentration`.
    pub fn weibull_min<'r>(
        &'r self,
        key: Key,
        [scale, concentration]: [Expr<'r>; 2],
        shape: &Shape,
    ) -> Result<Expr<'r>> {
        let dtype = scale.dtype().float_with(concentration.dtype());
        let e = self.exponential("weibull_min", key, shape)?;
        // By logarithms, for the exponential number has no gradient that a power could ask for.
        Ok(((e.log() / concentration.cast(DType::F64)).exp() * scale.cast(DType::F64)).cast(dtype))
    }

    /// Numbers with a density that rises in a line from `left` to `mode`, and falls in another one to `right`.
    pub fn triangular<'r>(&'r self, key: Key, [left, mode, right]: [Expr<'r>; 3], shape: &Shape) -> Result<Expr<'r>> {
        let dtype = left.dtype().float_with(mode.dtype()).float_with(right.dtype());
        let [left, mode, right] = [left, mode, right].map(|x| x.cast(DType::F64));
        let u = self.open_uniform("triangular", key, shape.clone(), DType::F64)?;
        let (width, rise, fall) = (right - left, mode - left, right - mode);
        let (low, high) = ((u * width * rise).sqrt() + left, right - ((1.0 - u) * width * fall).sqrt());
        Ok((u * width).less(rise).select(low, high).cast(dtype))
    }

    /// Numbers with density proportional to `e**-abs(x)**p`.
    pub fn generalized_normal<'r>(&'r self, key: Key, p: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let dtype = p.dtype().to_float();
        let inverse = p.cast(DType::F64).reciprocal();
        let size = (self.log_gamma("generalized_normal", key, inverse, shape)? * inverse).exp();
        let sign = self.rademacher(key.child(1), shape.clone(), DType::F64)?;
        Ok((sign * size).cast(dtype))
    }

    /// Times a Brownian motion with drift takes to a distance: the inverse Gaussian distribution of a mean and of shape 1
    /// (Michael, Schucany and Haas, The American Statistician 30, 1976).
    pub fn wald<'r>(&'r self, key: Key, mean: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let op = "wald";
        let (dtype, mean) = (mean.dtype().to_float(), mean.cast(DType::F64));
        let v = self.draw(Leaf::Normal, key, shape.clone(), DType::F64)?.square();
        let u = self.open_uniform(op, key.child(0), shape.clone(), DType::F64)?;
        let m = mean.stop_gradient();
        // The smaller root of the two that the square of a normal number stands for, by the larger, which does not cancel.
        let half = m * v * 0.5;
        let less = m / (half + 1.0 + (half * (half + 2.0)).sqrt());
        let x = (u * (m + less)).less_equal(m).select(less, m.square() / less);
        Ok(x.as_quantile(mean, inverse_gaussian).cast(dtype))
    }

    /// Exponential numbers, in float64.
    fn exponential(&self, op: &'static str, key: Key, shape: &Shape) -> Result<Expr<'_>> {
        Ok(-self.open_uniform(op, key, shape.clone(), DType::F64)?.log())
    }
}

/// The logarithms of the share below `x` and of the density there of the inverse Gaussian distribution of shape 1.
fn inverse_gaussian<'r>(x: Expr<'r>, mean: Expr<'r>) -> [Expr<'r>; 2] {
    let root = x.rsqrt();
    let (z, far) = (root * (x / mean - 1.0), -(root * (x / mean + 1.0)));
    let share = z.log_ndtr().logaddexp(far.log_ndtr() + 2.0 / mean);
    [share, (z.square() + x.log() * 3.0 + std::f64::consts::TAU.ln()) * -0.5]
}

impl<'r> Expr<'r> {
    /// These numbers, moving with a parameter as quantiles of a distribution do. Two steps of Newton's that find them
    /// where they are have the derivatives of a quantile up to the third order.
    fn as_quantile(self, parameter: Expr<'r>, logs: impl Fn(Expr<'r>, Expr<'r>) -> [Expr<'r>; 2]) -> Expr<'r> {
        let x = self.stop_gradient();
        let wanted = logs(x, parameter)[0].stop_gradient();
        (0..2).fold(x, |x, _| {
            let [share, density] = logs(x, parameter);
            x - (share - wanted).gate((share - density).exp())
        })
    }
}
