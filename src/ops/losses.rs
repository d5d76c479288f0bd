//! Losses: a number that says how wrong a prediction is.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{Leaf, ReduceOp};
use crate::record::{Expr, Value};
use crate::shape::{Dims, Shape, normalize_axis};

/// What becomes of the losses of single examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Kept.
    None,
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
}

impl Reduction {
    /// The reduction of a name.
    pub fn from_name(op: &'static str, name: &str) -> Result<Reduction> {
        match name {
            "none" => Ok(Reduction::None),
            "mean" => Ok(Reduction::Mean),
            "sum" => Ok(Reduction::Sum),
            _ => {
                let got = format!("{name:?}");
                Err(Error::Argument { op, argument: "reduction", got, expected: "\"mean\", \"sum\" or \"none\"" })
            }
        }
    }
}

impl<'r> Expr<'r> {
    fn reduced_by(self, reduction: Reduction) -> Expr<'r> {
        match reduction {
            Reduction::None => self,
            Reduction::Mean => self.mean(None, false),
            Reduction::Sum => self.sum(None, false),
        }
    }

    /// Both as floats of one dtype; shapes must be equal, as broadcasting here nearly always hides
    /// a mistake; a number for all is none.
    fn paired(self, op: &'static str, target: Expr<'r>) -> Result<(Expr<'r>, Expr<'r>)> {
        let (expected, got) = (self.shape(), target.shape());
        if got.ndim() == 0 && expected.ndim() > 0 {
            return self.paired(op, target.expand(&expected));
        }
        if got != expected {
            return Err(Error::ShapeMismatch { op, what: "target", got, expected });
        }
        let dtype = if target.dtype().is_float() { self.dtype().promote(target.dtype()) } else { self.dtype() };
        Ok((self.cast(dtype.to_float()), target.cast(dtype.to_float())))
    }

    /// Squared differences of prediction and target.
    pub fn mse(self, target: Expr<'r>, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (prediction, target) = self.paired("mse", target)?;
            Ok((prediction - target).square().reduced_by(reduction))
        })
    }

    /// Negative log-likelihood of integer labels under the softmax of these logits along an axis. A label outside
    /// `0..classes` is an error when values are computed.
    pub fn cross_entropy(self, labels: Expr<'r>, axis: i64, reduction: Reduction) -> Expr<'r> {
        let (shape, got) = (self.shape(), labels.shape());
        self.attempt(|| {
            let axis = normalize_axis("cross_entropy", axis, shape.ndim())?;
            if !labels.dtype().is_integer() {
                let expected = "integer labels";
                return Err(Error::DType { op: "cross_entropy", got: labels.dtype(), expected });
            }
            let expected = shape.without(&[axis]);
            if got != expected {
                return Err(Error::ShapeMismatch { op: "cross_entropy", what: "labels", got, expected });
            }
            let labels = labels.cast(DType::I64);
            if shape.is_empty() {
                let column: Dims = shape.with_ones(&[axis]).iter().copied().collect();
                let picked = self.log_softmax(axis as i64).gather_labels(labels.reshape(&column), axis);
                return Ok(-picked.reshape(&expected).reduced_by(reduction));
            }
            // The label's logit is picked by comparing, which fuses with the sums forwards and backwards, where a gather
            // would want all log-probabilities in memory.
            let numbers =
                self.recorder().leaf(Leaf::Iota, Shape::new("cross_entropy", &[shape[axis]])?, DType::I32, Value::None);
            let mut along: Dims = Dims::from_elem(1, shape.ndim());
            along[axis] = shape[axis];
            let column: Dims = shape.with_ones(&[axis]).iter().copied().collect();
            let small = labels.cast(DType::I32);
            let right = numbers.reshape(&along).equal(small.reshape(&column));
            let x = self.cast(self.dtype().to_float());
            let z = x - x.stop_gradient().reduce_kept(ReduceOp::Max, &[axis]);
            let picked = right.select(z, z.zeros_like()).reduce_kept(ReduceOp::Sum, &[axis]);
            let losses = z.exp().reduce_kept(ReduceOp::Sum, &[axis]).log() - picked;
            // Gathering the labels from the classes checks them; it gives them back.
            let checked = numbers.gather_labels(labels.reshape(&[got.len()]), 0).reshape(&got).equal(small);
            let losses = losses.reshape(&expected);
            Ok(checked.select(losses, losses.zeros_like()).reduced_by(reduction))
        })
    }

    /// Cross-entropy of probabilities `target` under `sigmoid` of these logits, finite for any logit.
    pub fn binary_cross_entropy_with_logits(self, target: Expr<'r>, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (x, t) = self.paired("binary_cross_entropy_with_logits", target)?;
            // Both terms are of one sign, so nothing cancels.
            Ok((t * (-x).softplus() + (1.0 - t) * x.softplus()).reduced_by(reduction))
        })
    }
}
