//! Steps of optimisers as recorded arithmetic: what `phonograd.optim` says in Python, for those that many use.

use crate::dtype::{DType, Scalar};
use crate::ops::BinaryOp;
use crate::record::Expr;

/// The numbers of Adam (Kingma and Ba, 2015).
#[derive(Debug, Clone, Copy)]
pub struct Adam {
    /// The learning rate.
    pub rate: f64,
    /// How much of the first moment is kept.
    pub beta1: f64,
    /// How much of the second moment is kept.
    pub beta2: f64,
    /// Keeps the division finite.
    pub epsilon: f64,
}

impl Adam {
    /// The new parameter, both new moments and the new count of steps, from the parameter, its gradient, the moments and
    /// the count so far.
    pub fn update<'r>(self, [p, g, m, v, step]: [Expr<'r>; 5]) -> [Expr<'r>; 4] {
        let step = step.binary_scalar(BinaryOp::Add, Scalar::Int(1), false);
        let m = self.beta1 * m + (1.0 - self.beta1) * g;
        let v = self.beta2 * v + (1.0 - self.beta2) * g.square();
        // Divided out of the numbers before they meet the arrays, where a division would cost more than all else; in float64,
        // for 1 - 0.999**1 loses four digits in float32.
        let count = step.cast(DType::F64);
        let share = |beta| 1.0 - count.binary_scalar(BinaryOp::Pow, Scalar::Float(beta), true);
        let rate = (self.rate / share(self.beta1)).cast(p.dtype());
        let scale = share(self.beta2).rsqrt().cast(p.dtype());
        [p - rate * m / (scale * v.sqrt() + self.epsilon), m, v, step]
    }
}
