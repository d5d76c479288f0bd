//! Losses of numbers: distances of prediction and target, and negative logarithms of densities.

use super::{Reduction, at_least_0};
use crate::dtype::Scalar;
use crate::record::Expr;
use crate::shape::Shape;

impl<'r> Expr<'r> {
    /// Squared differences of prediction and target.
    pub fn mse(self, target: Expr<'r>, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (prediction, target) = self.paired("mse", target)?;
            Ok((prediction - target).square().reduced_by(reduction))
        })
    }

    /// Absolute differences of prediction and target.
    pub fn l1_loss(self, target: Expr<'r>, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (prediction, target) = self.paired("l1_loss", target)?;
            Ok((prediction - target).abs().reduced_by(reduction))
        })
    }

    /// `log(cosh(x - target))`: half the square where both are near, the distance less log 2 where they are far apart.
    pub fn log_cosh_loss(self, target: Expr<'r>, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (x, t) = self.paired("log_cosh_loss", target)?;
            let d = x - t;
            // Near 0 the other form subtracts.
            let size = d.abs();
            let near = size.lt_scalar(0.5);
            let small = near.select(d, d.zeros_like()).tanh().square();
            let far = size + (size * -2.0).softplus() - std::f64::consts::LN_2;
            Ok(near.select((-small).log1p() * -0.5, far).reduced_by(reduction))
        })
    }

    /// Half the squared difference up to `delta`, beyond it a line of slope `delta` (Huber, 1964).
    pub fn huber_loss(self, target: Expr<'r>, delta: f64, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            at_least_0("huber_loss", "delta", delta, false)?;
            let (prediction, target) = self.paired("huber_loss", target)?;
            let error = prediction - target;
            let size = error.abs();
            let (near, far) = (error.square() * 0.5, (size - 0.5 * delta) * delta);
            Ok(size.le_scalar(delta).select(near, far).reduced_by(reduction))
        })
    }

    /// The Huber loss over `beta`; with `beta` 0 the absolute difference.
    pub fn smooth_l1_loss(self, target: Expr<'r>, beta: f64, reduction: Reduction) -> Expr<'r> {
        if beta == 0.0 {
            return self.l1_loss(target, reduction);
        }
        self.attempt(|| {
            at_least_0("smooth_l1_loss", "beta", beta, true)?;
            let (prediction, target) = self.paired("smooth_l1_loss", target)?;
            let error = prediction - target;
            let size = error.abs();
            let (near, far) = (error.square() * (0.5 / beta), size - 0.5 * beta);
            Ok(size.le_scalar(beta).select(near, far).reduced_by(reduction))
        })
    }

    /// `-log` of Poisson's probability of the target, without its constant unless `full`: this is the rate, or its
    /// logarithm.
    pub fn poisson_nll_loss(
        self,
        target: Expr<'r>,
        log_input: bool,
        full: bool,
        eps: f64,
        reduction: Reduction,
    ) -> Expr<'r> {
        self.attempt(|| {
            let (x, t) = self.paired("poisson_nll_loss", target)?;
            let loss = if log_input { x.exp() - t * x } else { x - t * (x + eps).log() };
            let constant = || {
                // Stirling's formula for log t!, from 2 on
                let stirling = t * t.log() - t + (t * std::f64::consts::TAU).log() * 0.5;
                t.gt_scalar(1.0).select(stirling, t.zeros_like())
            };
            Ok(if full { loss + constant() } else { loss }.reduced_by(reduction))
        })
    }

    /// `-log` of the normal density of the target, without its constant unless `full`: this is the mean. A variance below
    /// `eps` counts as `eps`, but keeps its gradient.
    pub fn gaussian_nll_loss(
        self,
        target: Expr<'r>,
        variance: Expr<'r>,
        full: bool,
        eps: f64,
        reduction: Reduction,
    ) -> Expr<'r> {
        self.attempt(|| {
            at_least_0("gaussian_nll_loss", "eps", eps, false)?;
            let (x, t) = self.paired("gaussian_nll_loss", target)?;
            // In float16 the least variance would be 0.
            let dtype = x.dtype();
            let (x, t) = (x.cast(dtype.class()), t.cast(dtype.class()));
            let variance = variance.cast(x.dtype()).expand(&self.one_each(&variance.shape()));
            let variance = x.fitted("gaussian_nll_loss", "var", variance)?;
            let least = variance.full_like(Scalar::Float(eps));
            let variance = variance + (variance.maximum(least) - variance).stop_gradient();
            let loss = (variance.log() + (x - t).square() / variance) * 0.5;
            let constant = if full { 0.5 * std::f64::consts::TAU.ln() } else { 0.0 };
            Ok((loss + constant).cast(dtype).reduced_by(reduction))
        })
    }

    /// The shape of this input, if the other one has it but for a last axis of size 1; else the other's own.
    fn one_each(self, other: &Shape) -> Shape {
        let own = self.shape();
        let same = own.ndim() == other.ndim() && own.ndim() > 0 && other[own.ndim() - 1] == 1;
        let last = own.ndim().wrapping_sub(1);
        if same && own.without(&[last]) == other.without(&[last]) { own } else { other.clone() }
    }
}
