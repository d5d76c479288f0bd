//! Draws of integers, signs, places and counts. None has a gradient, but what a choice picks has its own.

use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::index::Demand;
use crate::ops::random::{Standard, beside};
use crate::ops::{ArgOp, BinaryOp, Leaf, ReduceOp};
use crate::philox::Key;
use crate::record::{Expr, Recorder};
use crate::shape::Shape;

/// The largest rate of counts, all of which are int64 numbers.
pub const MOST_COUNTED: f64 = 9.0e18;
/// What a rate of counts is.
pub const RATE: &str = "a number from 0 to 9e18";

const COUNTABLE: Demand = Demand { op: "poisson", argument: "rate", expected: RATE };
const ENOUGH: Demand =
    Demand { op: "choice", argument: "p", expected: "finite weights from 0 up, as many above it as are drawn" };
const ONE: Demand = Demand { op: "choice", argument: "p", expected: "finite weights from 0 up, and one above it" };

impl Recorder {
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
        let double = up.with_int(BinaryOp::Mul, 2);
        Ok(double.with_int(BinaryOp::Sub, 1))
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
        let enough = |least: usize| {
            let some = weights.gt_scalar(0.0).cast(DType::I64).sum(None, false);
            let fit = weights.ge_scalar(0.0).logical_and(weights.isfinite());
            let most = Scalar::Int(least as i128);
            fit.reduce(ReduceOp::All, None, false).logical_and(some.binary_scalar(BinaryOp::GreaterEqual, most, false))
        };
        if !replace {
            let noise = self.standard(Standard::Gumbel, key, expected, DType::F64)?;
            let [_, places] = (weights.log() + noise).topk(shape.len() as i64, 0, true)?;
            return Ok(places.reshape(shape).provided(enough(shape.len()), &ENOUGH));
        }
        let running = weights.cumsum(Some(0));
        // Above zero and up to the whole sum, so that places without weight are never met.
        let share = -(self.draw(Leaf::Uniform, key, shape.clone(), DType::F64)? - 1.0);
        let places = running.searchsorted(share * running.narrow(0, count.saturating_sub(1), count.min(1)), false);
        Ok(places.provided(enough(1), &ONE))
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

    /// Counts of Poisson's distribution, without a gradient.
    pub fn poisson<'r>(&'r self, key: Key, rate: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let u = self.open_uniform("poisson", key, shape.clone(), DType::F64)?;
        let rate = rate.cast(DType::F64).expand(shape);
        let fits = rate.ge_scalar(0.0).logical_and(rate.le_scalar(MOST_COUNTED));
        Ok(rate.poissoninv(u).cast(DType::I64).provided(fits, &COUNTABLE))
    }

    /// Counts of tries up to the first success, each of which has a probability.
    pub fn geometric<'r>(&'r self, key: Key, p: Expr<'r>, shape: &Shape) -> Result<Expr<'r>> {
        let u = self.open_uniform("geometric", key, shape.clone(), DType::F64)?;
        Ok(((u.log() / (-p.cast(DType::F64)).log1p()).floor() + 1.0).cast(DType::I64))
    }

    /// Counts of successes among tries, each of which has a probability.
    pub fn binomial<'r>(&'r self, key: Key, [n, p]: [Expr<'r>; 2], shape: &Shape) -> Result<Expr<'r>> {
        let u = self.open_uniform("binomial", key, shape.clone(), DType::F64)?;
        Ok(n.binominv(p, u).cast(DType::I64))
    }

    /// Counts of each of several outcomes among tries, along the last axis, whose probabilities are as weights: one outcome
    /// after the other takes its share of what is left. `shape` is that of all counts of one outcome.
    pub fn multinomial<'r>(&'r self, key: Key, [n, p]: [Expr<'r>; 2], shape: Option<Shape>) -> Result<Expr<'r>> {
        let op = "multinomial";
        let got = p.shape();
        let Some((&outcomes, batch)) = got.split_last() else {
            return Err(Error::Rank { op, what: "p", got, expected: "at least 1" });
        };
        let all = match shape {
            Some(shape) => shape,
            None => Shape::new(op, batch)?.broadcast(&n.shape(), op)?,
        };
        let full = beside(op, &all, &[outcomes])?;
        let fits = |x: Expr<'r>, to: &Shape| match x.shape() {
            from if from.expands_to(to) => Ok(x.cast(DType::F64).expand(to)),
            from => Err(Error::Expand { op, from, to: to.clone() }),
        };
        let (mut left, p) = (fits(n, &all)?, fits(p, &full)?);
        let u = self.open_uniform(op, key, full.clone(), DType::F64)?;
        let along = all.ndim();
        let at = |x: Expr<'r>, k: usize| x.narrow(along, k, 1).reshape(&all);
        // Weights from each outcome on, from the last one, so that the last share is 1.
        let mut rest: Vec<Expr<'r>> = Vec::new();
        for k in (0..outcomes).rev() {
            let sum = at(p, k);
            rest.push(rest.last().map_or(sum, |&later| later + sum));
        }
        let counts = (0..outcomes).zip(rest.into_iter().rev()).map(|(k, rest)| {
            let share = rest.gt_scalar(0.0).select(at(p, k) / rest, rest.zeros_like());
            let count = left.binominv(share, at(u, k));
            left = left - count;
            count
        });
        let counts: Vec<Expr<'r>> = counts.collect();
        Ok(match counts.is_empty() {
            true => self.zeros(full, DType::I64),
            false => self.stack(&counts, -1).cast(DType::I64),
        })
    }
}
