//! Connectionist temporal classification: labels in order, each at any step, with blanks between (Graves and others, 2006).
//!
//! The sum over all placements is a recurrence over the steps, in logarithms: `alpha[t, s]` is that of the ways to have
//! said the first `s` symbols of blank, label, blank, label, ..., blank after `t` steps. It is made of other operations, so
//! its gradient needs no rule.

use super::Reduction;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::index::Demand;
use crate::ops::{BinaryOp, Counts};
use crate::record::Expr;
use crate::shape::{Dims, Shape};

/// How long the inputs and targets of a batch are.
#[derive(Clone, Copy)]
pub struct Lengths<'r> {
    /// Steps of each input.
    pub inputs: Expr<'r>,
    /// Labels of each target.
    pub targets: Expr<'r>,
}

const OP: &str = "ctc_loss";

/// What lengths have to be.
const LENGTHS: &str = "lengths from 0 to that of the longest, for which there is room";
const INPUT_LENGTHS: Demand = Demand { op: OP, argument: "input_lengths", expected: LENGTHS };
const TARGET_LENGTHS: Demand = Demand { op: OP, argument: "target_lengths", expected: LENGTHS };

impl<'r> Expr<'r> {
    /// `-log` of the probability of targets `[batch, labels]`, padded, under these log-probabilities
    /// `[steps, batch, classes]`. A mean is one of losses over target lengths. With `zero_infinity`, targets that do not fit
    /// into their steps have loss 0 instead of infinity.
    pub fn ctc_loss(
        self,
        targets: Expr<'r>,
        lengths: Lengths<'r>,
        blank: usize,
        zero_infinity: bool,
        reduction: Reduction,
    ) -> Expr<'r> {
        let x = self.cast(self.dtype().to_float());
        self.attempt(|| {
            let (got, labels) = (self.shape(), targets.shape());
            if got.ndim() != 3 || got[0] == 0 {
                let expected = "3, of steps (1 or more), batch and classes";
                return Err(Error::Rank { op: OP, what: "log_probs", got, expected });
            }
            let (steps, batch, classes) = (got[0], got[1], got[2]);
            if labels.ndim() != 2 || labels[0] != batch {
                let expected = "2, of the batch and of the labels, padded to one length";
                return Err(Error::Rank { op: OP, what: "targets", got: labels, expected });
            }
            if blank >= classes {
                let expected = "one of the classes";
                return Err(Error::Argument { op: OP, argument: "blank", got: blank.to_string(), expected });
            }
            let inputs = lengths.inputs.length(&INPUT_LENGTHS, batch, steps)?;
            let known = lengths.targets.length(&TARGET_LENGTHS, batch, labels[1])?;
            let symbols = Symbols::new(targets, known, blank)?;
            let emitted = symbols.emitted(x)?;
            if emitted.shape().ndim() != 3 {
                return Ok(emitted); // it has failed
            }
            let at = |step: usize| emitted.narrow(0, step, 1).reshape(&[batch, symbols.count]);
            // An input without steps has said nothing.
            let begun = inputs.with_int(BinaryOp::Greater, 0);
            let mut alpha = begun.select(symbols.first(at(0), 2), symbols.first(at(0).zeros_like(), 1));
            for step in 1..steps {
                let next = symbols.step(alpha)? + at(step);
                // An input that has ended stays as it is.
                let runs = inputs.with_int(BinaryOp::Greater, step as i64);
                alpha = runs.select(next, alpha);
            }
            let losses = -symbols.last(alpha, known);
            let losses = if zero_infinity { losses.isposinf().select(losses.zeros_like(), losses) } else { losses };
            if reduction != Reduction::Mean {
                return Ok(losses.reduced_by(reduction));
            }
            let divisor = known.with_int(BinaryOp::Maximum, 1).reshape(&[batch]);
            Ok((losses / divisor.cast(losses.dtype())).mean(None, false))
        })
    }

    /// Targets one behind the other as rows, padded to the longest of these lengths. Places are computed, so that a plan
    /// serves all lengths that add up to as many labels.
    pub fn ctc_rows(self, lengths: Expr<'r>, known: &[i64]) -> Expr<'r> {
        self.attempt(|| {
            let given = self.shape().len();
            let total = known.iter().fold(0i64, |sum, &len| sum.saturating_add(len));
            if known.iter().any(|&len| len < 0) || usize::try_from(total) != Ok(given) {
                let (got, expected) = (format!("{known:?} for {given} labels"), "lengths that add up to all labels");
                return Err(Error::Argument { op: OP, argument: "target_lengths", got, expected });
            }
            let longest = known.iter().max().map_or(0, |&len| len as usize);
            if longest == 0 {
                return Ok(self.reshape(&[known.len(), 0]));
            }
            let lengths = lengths.cast(DType::I64);
            let first = (lengths.cumsum(Some(0)) - lengths).reshape(&[known.len(), 1]);
            let place = first + Expr::places(first, longest);
            Ok(self.take(place.with_int(BinaryOp::Minimum, total - 1), Some(0)))
        })
    }

    /// Lengths of 0 to `most` as a column; others fail when computed.
    fn length(self, demand: &'static Demand, batch: usize, most: usize) -> Result<Expr<'r>> {
        let (got, expected) = (self.shape(), Shape::new(OP, &[batch])?);
        if !self.dtype().is_integer() {
            return Err(Error::DType { op: OP, got: self.dtype(), expected: "integer lengths" });
        }
        if got != expected {
            return Err(Error::ShapeMismatch { op: OP, what: demand.argument, got, expected });
        }
        // Gathering them from all that there are checks them; it gives them back.
        let all = self.recorder().count(Shape::new(OP, &[most + 1])?);
        Ok(all.gather_labels(Counts::Lengths(demand), self.checked_index(OP), 0).reshape(&[batch, 1]))
    }
}

/// The symbols of a batch: labels with a blank before, between and behind.
struct Symbols<'r> {
    /// `[batch, count]`
    labels: Expr<'r>,
    batch: usize,
    count: usize,
    /// True where a symbol may follow that two before it: a label after another one.
    skips: Expr<'r>,
}

impl<'r> Symbols<'r> {
    fn new(targets: Expr<'r>, known: Expr<'r>, blank: usize) -> Result<Symbols<'r>> {
        let shape = targets.shape();
        let (batch, width) = (shape[0], shape[1]);
        if !targets.dtype().is_integer() {
            return Err(Error::DType { op: OP, got: targets.dtype(), expected: "integer labels" });
        }
        let recorder = targets.recorder();
        let place = recorder.arange(Scalar::Int(0), Scalar::Int(width as i128), Scalar::Int(1), DType::I64)?;
        let padded = place.reshape(&[1, width]).less(known);
        let targets = targets.checked_index(OP);
        let blanks = targets.full_like(Scalar::Int(blank as i128));
        let labels = padded.select(targets, blanks);
        // blank, label, blank, label, ..., blank
        let pairs = recorder.stack(&[blanks, labels], 2).reshape(&[batch, 2 * width]);
        let last = recorder.full(Shape::new(OP, &[batch, 1])?, DType::I64, Scalar::Int(blank as i128));
        let labels = recorder.concat(&[pairs, last], 1);
        let count = 2 * width + 1;
        let before = labels.moved_behind(2, Scalar::Int(blank as i128))?;
        let skips = labels.with_int(BinaryOp::NotEqual, blank as i64).logical_and(labels.not_equal(before));
        Ok(Symbols { labels, batch, count, skips })
    }

    /// The log-probabilities of the symbols at each step.
    fn emitted(&self, x: Expr<'r>) -> Result<Expr<'r>> {
        let steps = x.shape()[0];
        let wide: Dims = [steps, self.batch, self.count].into_iter().collect();
        let index = self.labels.expand(&Shape::new(OP, &wide)?);
        Ok(x.gather_labels(Counts::Classes(OP), index, 2))
    }

    /// One of the first symbols was said: after one step of two, before it of one.
    fn first(&self, emitted: Expr<'r>, of: i64) -> Expr<'r> {
        let place = Expr::places(emitted, self.count);
        let none = emitted.full_like(Scalar::Float(f64::NEG_INFINITY));
        place.with_int(BinaryOp::Less, of).select(emitted, none)
    }

    /// A symbol is said again, or follows the one before it, or that before a blank.
    fn step(&self, alpha: Expr<'r>) -> Result<Expr<'r>> {
        let nothing = Scalar::Float(f64::NEG_INFINITY);
        let skipped = alpha.moved_behind(2, nothing)?;
        let skipped = self.skips.select(skipped, skipped.full_like(nothing));
        Ok(alpha.logaddexp(alpha.moved_behind(1, nothing)?).logaddexp(skipped))
    }

    /// At the end the last label was said, or the blank behind it.
    fn last(&self, alpha: Expr<'r>, known: Expr<'r>) -> Expr<'r> {
        let place = Expr::places(alpha, self.count);
        let end = known.with_int(BinaryOp::Mul, 2);
        let before = end.with_int(BinaryOp::Sub, 1);
        let ends = place.equal(end).logical_or(place.equal(before));
        let none = alpha.full_like(Scalar::Float(f64::NEG_INFINITY));
        ends.select(alpha, none).logsumexp(Some(&[1]), false)
    }
}

impl<'r> Expr<'r> {
    /// Columns moved behind by some places, with a value before them.
    fn moved_behind(self, places: usize, value: Scalar) -> Result<Expr<'r>> {
        let (batch, count) = (self.shape()[0], self.shape()[1]);
        let places = places.min(count);
        let before = self.recorder().full(Shape::new(OP, &[batch, places])?, self.dtype(), value);
        Ok(self.recorder().concat(&[before, self.narrow(1, 0, count - places)], 1))
    }

    /// The numbers of columns, in one row.
    fn places(like: Expr<'r>, count: usize) -> Expr<'r> {
        let (first, last) = (Scalar::Int(0), Scalar::Int(count as i128));
        like.attempt(|| Ok(like.recorder().arange(first, last, Scalar::Int(1), DType::I64)?.reshape(&[1, count])))
    }
}
