//! Losses of classes: labels are integers, and checked when values are computed; probabilities are floats.

use super::Reduction;
use crate::dtype::{DType, Scalar, show_float};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Counts, Leaf, ReduceOp};
use crate::record::{Expr, Value};
use crate::shape::{Dims, Shape, normalize_axis};

/// Below this a probability's logarithm goes on as a line, so that a wrong certainty has a gradient.
const LEAST: f64 = 1e-12;
/// The least logarithm of a probability.
const LEAST_LOG: f64 = -100.0;

/// How classes count in a loss.
#[derive(Clone, Copy)]
pub struct Classes<'r> {
    /// The axis of the classes.
    pub axis: i64,
    /// What becomes of single losses.
    pub reduction: Reduction,
    /// A weight for each class.
    pub weight: Option<Expr<'r>>,
    /// A label of examples that do not count.
    pub ignored: Option<i64>,
    /// The part of the target that is spread over all classes.
    pub smoothing: f64,
}

/// Integer labels on their way into a loss.
struct Labels<'r> {
    axis: usize,
    /// As int64, 0 where ignored.
    known: Expr<'r>,
    /// True where the example counts; `None` where all do.
    kept: Option<Expr<'r>>,
    /// True, but an error when computed if a label is out of range.
    checked: Expr<'r>,
}

impl<'r> Expr<'r> {
    /// Checks labels of this input's examples, each along an axis.
    fn labels(self, op: &'static str, labels: Expr<'r>, axis: i64, ignored: Option<i64>) -> Result<Labels<'r>> {
        let (shape, got) = (self.shape(), labels.shape());
        let axis = normalize_axis(op, axis, shape.ndim())?;
        if !labels.dtype().is_integer() {
            return Err(Error::DType { op, got: labels.dtype(), expected: "integer labels" });
        }
        let expected = shape.without(&[axis]);
        if got != expected {
            return Err(Error::ShapeMismatch { op, what: "labels", got, expected });
        }
        let labels = labels.checked_index(op);
        let kept = ignored.map(|label| labels.binary_scalar(BinaryOp::NotEqual, Scalar::Int(label.into()), false));
        let known = kept.map_or(labels, |kept| kept.select(labels, labels.zeros_like()));
        let numbers = self.recorder().leaf(Leaf::Iota, Shape::new(op, &[shape[axis]])?, DType::I32, Value::None);
        // Gathering the labels from the classes checks them; it gives them back.
        let checked = numbers
            .gather_labels(Counts::Classes(op), known.reshape(&[got.len()]), 0)
            .reshape(&got)
            .equal(known.cast(DType::I32));
        Ok(Labels { axis, known, kept, checked })
    }

    /// Negative log-likelihood of integer labels under the softmax of these logits along an axis; or, for a target of
    /// floats, the cross-entropy of its probabilities. A label outside `0..classes` is an error when values are computed.
    pub fn cross_entropy(self, target: Expr<'r>, classes: Classes<'r>) -> Expr<'r> {
        let op = "cross_entropy";
        let x = self.cast(self.dtype().to_float());
        self.attempt(|| {
            if !(0.0..=1.0).contains(&classes.smoothing) {
                let (got, expected) = (show_float(classes.smoothing), "a share from 0 to 1");
                return Err(Error::Argument { op, argument: "label_smoothing", got, expected });
            }
            if target.dtype().is_float() {
                return x.cross_entropy_of_probabilities(target, classes);
            }
            let labels = self.labels(op, target, classes.axis, classes.ignored)?;
            let axis = [labels.axis];
            if self.shape().is_empty() {
                let none = x.reduce_kept(ReduceOp::Sum, &axis).drop_axes(&axis, false);
                return Ok(labels.checked.select(none, none.zeros_like()).reduced_by(classes.reduction));
            }
            let z = x - x.stop_gradient().reduce_kept(ReduceOp::Max, &axis);
            let column: Dims = self.shape().with_ones(&axis).iter().copied().collect();
            let most = x.stop_gradient().reduce_kept(ReduceOp::Max, &axis);
            let picked = x.gather_labels(Counts::Classes(op), labels.known.reshape(&column), axis[0]) - most;
            let total = z.exp().reduce_kept(ReduceOp::Sum, &axis).log();
            let losses = (total - picked).drop_axes(&axis, false);
            if classes.smoothing == 0.0 {
                return x.of_labels(op, labels, losses, None, classes);
            }
            let weighted = match classes.weight {
                Some(weight) => (total - z) * x.per_class(op, weight, axis[0])?,
                None => total - z,
            };
            let share = classes.smoothing / self.shape()[axis[0]] as f64;
            let smooth = weighted.reduce_kept(ReduceOp::Sum, &axis).drop_axes(&axis, false) * share;
            x.of_labels(op, labels, losses * (1.0 - classes.smoothing), Some(smooth), classes)
        })
    }

    /// `-x[label]` of log-probabilities along an axis.
    pub fn nll_loss(self, target: Expr<'r>, classes: Classes<'r>) -> Expr<'r> {
        let op = "nll_loss";
        let x = self.cast(self.dtype().to_float());
        self.attempt(|| {
            let labels = self.labels(op, target, classes.axis, classes.ignored)?;
            let axis = [labels.axis];
            let column: Dims = self.shape().with_ones(&axis).iter().copied().collect();
            let picked = x.gather_labels(Counts::Classes(op), labels.known.reshape(&column), axis[0]);
            x.of_labels(op, labels, -picked.drop_axes(&axis, false), None, classes)
        })
    }

    /// Losses of labelled examples: weighted by class, without those ignored, and checked; `more` is weighted already.
    fn of_labels(
        self,
        op: &'static str,
        labels: Labels<'r>,
        losses: Expr<'r>,
        more: Option<Expr<'r>>,
        classes: Classes<'r>,
    ) -> Result<Expr<'r>> {
        let weight = match classes.weight {
            Some(weight) => {
                self.per_class(op, weight, labels.axis)?;
                Some(weight.cast(self.dtype()).take(labels.known, Some(0)))
            }
            None => None,
        };
        let zero = losses.zeros_like();
        let only = |x: Expr<'r>| labels.kept.map_or(x, |kept| kept.select(x, zero));
        let losses = weight.map_or(losses, |weight| losses * weight);
        let losses = only(more.map_or(losses, |more| losses + more));
        let losses = labels.checked.select(losses, zero);
        if classes.reduction != Reduction::Mean || (weight.is_none() && labels.kept.is_none()) {
            return Ok(losses.reduced_by(classes.reduction));
        }
        let counted = only(weight.unwrap_or_else(|| losses.ones_like()));
        Ok(losses.sum(None, false) / counted.sum(None, false))
    }

    /// A weight for each class, along the axis of the classes.
    fn per_class(self, op: &'static str, weight: Expr<'r>, axis: usize) -> Result<Expr<'r>> {
        let (shape, got) = (self.shape(), weight.shape());
        let expected = Shape::new(op, &[shape[axis]])?;
        if got != expected {
            return Err(Error::ShapeMismatch { op, what: "weight", got, expected });
        }
        let mut along: Dims = Dims::from_elem(1, shape.ndim());
        along[axis] = shape[axis];
        Ok(weight.cast(self.dtype()).reshape(&along))
    }

    fn cross_entropy_of_probabilities(self, target: Expr<'r>, classes: Classes<'r>) -> Result<Expr<'r>> {
        let op = "cross_entropy";
        let axis = [normalize_axis(op, classes.axis, self.shape().ndim())?];
        if let Some(label) = classes.ignored {
            let (got, expected) = (label.to_string(), "None, for a target of probabilities has no labels");
            return Err(Error::Argument { op, argument: "ignore_index", got, expected });
        }
        let (x, t) = self.paired(op, target)?;
        let share = classes.smoothing / x.shape()[axis[0]].max(1) as f64;
        let t = if classes.smoothing == 0.0 { t } else { t * (1.0 - classes.smoothing) + share };
        let t = match classes.weight {
            Some(weight) => t * x.per_class(op, weight, axis[0])?,
            None => t,
        };
        let losses = -t.gate(x.log_softmax(Some(&[axis[0] as i64]))).reduce_kept(ReduceOp::Sum, &axis);
        Ok(losses.drop_axes(&axis, false).reduced_by(classes.reduction))
    }

    /// Cross-entropy of probabilities `target` under `sigmoid` of these logits, finite for any logit. `positive` weighs
    /// the part of the target's ones.
    pub fn binary_cross_entropy_with_logits(
        self,
        target: Expr<'r>,
        weight: Option<Expr<'r>>,
        positive: Option<Expr<'r>>,
        reduction: Reduction,
    ) -> Expr<'r> {
        self.attempt(|| {
            let (x, t) = self.paired("binary_cross_entropy_with_logits", target)?;
            let ones = positive.map_or(t, |positive| t * positive.cast(x.dtype()));
            // Both terms are of one sign, so nothing cancels.
            let losses = ones.gate((-x).softplus()) + (1.0 - t).gate(x.softplus());
            Ok(weight.map_or(losses, |weight| losses * weight.cast(x.dtype())).reduced_by(reduction))
        })
    }

    /// Cross-entropy of probabilities `target` under these probabilities, whose logarithms are -100 at least.
    pub fn binary_cross_entropy(self, target: Expr<'r>, weight: Option<Expr<'r>>, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (p, t) = self.paired("binary_cross_entropy", target)?;
            // In float16 the least probability would be 0.
            let dtype = p.dtype();
            let (p, t) = (p.cast(dtype.class()), t.cast(dtype.class()));
            let (one, other) = (p.bounded_log(p.log()), (1.0 - p).bounded_log((-p).log1p()));
            let losses = -(t * one + (1.0 - t) * other);
            let losses = weight.map_or(losses, |weight| losses * weight.cast(p.dtype()));
            Ok(losses.cast(dtype).reduced_by(reduction))
        })
    }

    /// The logarithm of this probability, which is given; below `LEAST` a line with the slope from there.
    fn bounded_log(self, log: Expr<'r>) -> Expr<'r> {
        let least = log.full_like(Scalar::Float(LEAST_LOG));
        let line = log.maximum(least).stop_gradient() + (self - self.stop_gradient()) * (1.0 / LEAST);
        self.lt_scalar(LEAST).select(line, log)
    }

    /// The divergence of a target distribution from this logarithm of one: `target (log target - input)`.
    pub fn kl_div(self, target: Expr<'r>, log_target: bool, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (x, t) = self.paired("kl_div", target)?;
            let losses = if log_target {
                let none = t.isneginf();
                let t = none.select(t.zeros_like(), t);
                none.select(t.zeros_like(), t.exp() * (t - x))
            } else {
                t.xlogy(t) - t.gate(x)
            };
            Ok(losses.reduced_by(reduction))
        })
    }

    /// What the label's score lacks of the margin above each other one, to the power of 1 or 2: the sum over the number of
    /// classes, which are the last axis.
    pub fn multi_margin_loss(
        self,
        labels: Expr<'r>,
        p: i64,
        margin: f64,
        weight: Option<Expr<'r>>,
        reduction: Reduction,
    ) -> Expr<'r> {
        let op = "multi_margin_loss";
        let x = self.cast(self.dtype().to_float());
        self.attempt(|| {
            if p != 1 && p != 2 {
                return Err(Error::Argument { op, argument: "p", got: p.to_string(), expected: "1 or 2" });
            }
            let labels = self.labels(op, labels, -1, None)?;
            let axis = [labels.axis];
            let column: Dims = self.shape().with_ones(&axis).iter().copied().collect();
            let known = labels.known.reshape(&column);
            let lacking = (margin - x.gather_labels(Counts::Classes(op), known, axis[0]) + x).relu();
            let terms = if p == 2 { lacking.square() } else { lacking };
            let others = terms.without_label(op, known, axis[0])?;
            let sums = others.reduce_kept(ReduceOp::Sum, &axis).drop_axes(&axis, false);
            let losses = match weight {
                Some(weight) => {
                    x.per_class(op, weight, axis[0])?;
                    sums * weight.cast(x.dtype()).take(labels.known, Some(0))
                }
                None => sums,
            };
            let mean = losses / self.shape()[axis[0]] as f64;
            Ok(labels.checked.select(mean, mean.zeros_like()).reduced_by(reduction))
        })
    }

    /// These, 0 where the place along an axis is the label.
    fn without_label(self, op: &'static str, labels: Expr<'r>, axis: usize) -> Result<Expr<'r>> {
        let mut along: Dims = Dims::from_elem(1, self.shape().ndim());
        along[axis] = self.shape()[axis];
        let numbers = self.recorder().count(Shape::new(op, &along)?);
        Ok(numbers.equal(labels.cast(DType::I64)).select(self.zeros_like(), self))
    }

    /// What the score of each class that is true lacks of 1 above each that is not: the sum over the number of classes,
    /// which are the last axis. Targets are the numbers of the classes that are true, up to the first negative one.
    pub fn multilabel_margin_loss(self, target: Expr<'r>, reduction: Reduction) -> Expr<'r> {
        let op = "multilabel_margin_loss";
        let x = self.cast(self.dtype().to_float());
        self.attempt(|| {
            let (shape, got) = (self.shape(), target.shape());
            if !target.dtype().is_integer() {
                return Err(Error::DType { op, got: target.dtype(), expected: "integer labels" });
            }
            if got != shape || shape.ndim() == 0 {
                return Err(Error::ShapeMismatch { op, what: "target", got, expected: shape });
            }
            let axis = shape.ndim() - 1;
            let count = shape[axis];
            let true_so_far = target.ge_scalar(0.0).cast(DType::I64).cumprod(Some(axis as i64)).cast(DType::Bool);
            let known = true_so_far.select(target.cast(DType::I64), target.zeros_like().cast(DType::I64));
            // every true class against every other one
            let row = |e: Expr<'r>| e.reshape(&[&shape[..axis], &[1, count]].concat());
            let column = |e: Expr<'r>| e.reshape(&[&shape[..axis], &[count, 1]].concat());
            let numbers = self.recorder().count(Shape::new(op, &[count])?);
            let same = column(known).equal(numbers).logical_and(column(true_so_far));
            let is_true = row(same.reduce(ReduceOp::Any, Some(&[-2]), false));
            let scores = x.gather_labels(Counts::Classes(op), known, axis);
            let counted = column(true_so_far).logical_and(is_true.logical_not());
            let terms = (1.0 - column(scores) + row(x)).relu();
            let sums = counted.select(terms, terms.zeros_like()).sum(Some(&[-2, -1]), false);
            Ok((sums / count as f64).reduced_by(reduction))
        })
    }

    /// Cross-entropy of each of several classes, which are the last axis and may be true together: their mean.
    pub fn multilabel_soft_margin_loss(
        self,
        target: Expr<'r>,
        weight: Option<Expr<'r>>,
        reduction: Reduction,
    ) -> Expr<'r> {
        let op = "multilabel_soft_margin_loss";
        self.attempt(|| {
            let (x, t) = self.paired(op, target)?;
            let got = x.shape();
            if got.ndim() == 0 {
                return Err(Error::Rank { op, what: "input", got, expected: "at least 1" });
            }
            let losses = t * (-x).softplus() + (1.0 - t) * x.softplus();
            let weighted = match weight {
                Some(weight) => losses * x.per_class(op, weight, got.ndim() - 1)?,
                None => losses,
            };
            Ok(weighted.mean(Some(&[-1]), false).reduced_by(reduction))
        })
    }

    /// `log(1 + exp(-target x))` for targets of -1 and 1.
    pub fn soft_margin_loss(self, target: Expr<'r>, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (x, t) = self.paired("soft_margin_loss", target)?;
            Ok((-t * x).softplus().reduced_by(reduction))
        })
    }

    /// `max(0, 1 - target x)` for targets of -1 and 1.
    pub fn hinge_loss(self, target: Expr<'r>, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (x, t) = self.paired("hinge_loss", target)?;
            Ok((1.0 - t * x).relu().reduced_by(reduction))
        })
    }
}
