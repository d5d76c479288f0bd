//! Scaled dot-product attention (Vaswani and others, 2017), made of products, a softmax and what may be seen.

use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{Leaf, ReduceOp};
use crate::philox::Key;
use crate::record::Expr;

/// A score so low that its exponential is 0 beside any other, and still a number: a row of nothing but these has a maximum.
const UNSEEN: f64 = -1e30;

/// What queries see.
#[derive(Clone, Copy)]
pub struct Sight<'r> {
    /// True where a query sees a key, or a number to add to the score.
    pub mask: Option<Expr<'r>>,
    /// A query sees only keys up to its own place.
    pub causal: bool,
}

impl<'r> Expr<'r> {
    /// `softmax(q k^T scale) v` of queries, keys and values `[..., places, width]`. With a mask, a query that sees nothing
    /// gathers zeros.
    pub fn attention(
        self,
        keys: Expr<'r>,
        values: Expr<'r>,
        sight: Sight<'r>,
        scale: Option<f64>,
        dropout: Option<(f64, Key)>,
    ) -> Expr<'r> {
        let op = "scaled_dot_product_attention";
        self.attempt(|| {
            for (what, x) in [("query", self), ("key", keys), ("value", values)] {
                let got = x.shape();
                if got.ndim() < 2 {
                    return Err(Error::Rank { op, what, got, expected: "at least 2" });
                }
            }
            let width = self.shape()[self.shape().ndim() - 1];
            let scale = scale.unwrap_or(1.0 / (width as f64).sqrt());
            let scores = (self.cast(self.dtype().to_float()) * scale).matmul(keys.swap_last());
            if scores.shape().ndim() < 2 {
                return Ok(scores); // the product has failed
            }
            let mut weights = scores.weigh(sight)?;
            if let Some((share, key)) = dropout {
                let drawn = self.recorder().draw(Leaf::Uniform, key, weights.shape(), DType::F32)?;
                weights = drawn.lt_scalar(1.0 - share).select(weights * (1.0 / (1.0 - share)), weights.zeros_like());
            }
            Ok(weights.matmul(values))
        })
    }

    /// Shares of attention: the softmax over what may be seen.
    fn weigh(self, sight: Sight<'r>) -> Result<Expr<'r>> {
        let shape = self.shape();
        let (queries, keys) = (shape[shape.ndim() - 2], shape[shape.ndim() - 1]);
        let number = |n: usize| Scalar::Int(n as i128);
        let before = || -> Result<Expr<'r>> {
            let places = |n| self.recorder().arange(number(0), number(n), number(1), DType::I64);
            Ok(places(keys)?.less_equal(places(queries)?.reshape(&[queries, 1])))
        };
        let lowest = |x: f64| self.full_like(Scalar::Float(x));
        let Some(mask) = sight.mask else {
            // Each query sees the first key at least.
            let scores = if sight.causal { before()?.select(self, lowest(f64::NEG_INFINITY)) } else { self };
            return Ok(scores.softmax(Some(&[-1])));
        };
        if mask.dtype() != DType::Bool {
            let scores = self + mask;
            let scores = if sight.causal { before()?.select(scores, lowest(f64::NEG_INFINITY)) } else { scores };
            return Ok(scores.softmax_or_0());
        }
        let seen = if sight.causal { before()?.logical_and(mask) } else { mask };
        let weights = seen.select(self, lowest(UNSEEN)).softmax(Some(&[-1]));
        Ok(seen.select(weights, weights.zeros_like()))
    }

    /// The softmax along the last axis; of nothing but -inf: zeros.
    fn softmax_or_0(self) -> Expr<'r> {
        let axis = [self.shape().ndim() - 1];
        let e = (self - self.shift_of(&axis)).exp();
        let total = e.reduce_kept(ReduceOp::Sum, &axis);
        total.eq_scalar(0.0).select(e.zeros_like(), e / total)
    }
}
