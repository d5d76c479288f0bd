//! Losses: a number that says how wrong a prediction is.
//!
//! | room | targets |
//! |---|---|
//! | `regression` | numbers, or the parameters of a distribution of numbers |
//! | `classification` | classes, as labels or as probabilities |
//! | `embedding` | whether vectors belong together |
//! | `sequence` | labels in order, at unknown places |
//!
//! Enters: predictions and targets of shapes that fit without broadcasting, which here nearly always hides a mistake; a
//! number for all is none. Leaves: the losses of single examples, their mean or their sum.

mod classification;
mod embedding;
mod regression;
mod sequence;

use crate::error::{Error, Result};
use crate::record::Expr;

pub use classification::Classes;
pub use sequence::Lengths;

/// What becomes of the losses of single examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Kept.
    None,
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// Their sum over the size of the first axis, the batch.
    BatchMean,
}

impl Reduction {
    /// The reduction of a name.
    pub fn from_name(op: &'static str, name: &str) -> Result<Reduction> {
        match name {
            "none" => Ok(Reduction::None),
            "mean" => Ok(Reduction::Mean),
            "sum" => Ok(Reduction::Sum),
            "batchmean" if op == "kl_div" => Ok(Reduction::BatchMean),
            _ => {
                let expected = match op {
                    "kl_div" => "\"mean\", \"batchmean\", \"sum\" or \"none\"",
                    _ => "\"mean\", \"sum\" or \"none\"",
                };
                Err(Error::Argument { op, argument: "reduction", got: format!("{name:?}"), expected })
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
            Reduction::BatchMean => {
                let batch = self.shape().first().copied().unwrap_or(1);
                self.sum(None, false) / batch as f64
            }
        }
    }

    /// Both as floats of one dtype and one shape.
    fn paired(self, op: &'static str, target: Expr<'r>) -> Result<(Expr<'r>, Expr<'r>)> {
        let dtype = if target.dtype().is_float() { self.dtype().float_with(target.dtype()) } else { self.dtype() };
        let dtype = dtype.to_float();
        Ok((self.cast(dtype), self.fitted(op, "target", target)?.cast(dtype)))
    }

    /// Another input in the shape of this one: it has that shape, or is one number.
    fn fitted(self, op: &'static str, what: &'static str, other: Expr<'r>) -> Result<Expr<'r>> {
        let (expected, got) = (self.shape(), other.shape());
        match got.ndim() {
            _ if got == expected => Ok(other),
            0 => Ok(other.expand(&expected)),
            _ => Err(Error::ShapeMismatch { op, what, got, expected }),
        }
    }
}

/// An error unless a number is at least 0 (or, where it must be, above).
fn at_least_0(op: &'static str, argument: &'static str, number: f64, or_0: bool) -> Result<()> {
    if number > 0.0 || (or_0 && number == 0.0) {
        return Ok(());
    }
    let expected = if or_0 { "a number of at least 0" } else { "a number above 0" };
    Err(Error::Argument { op, argument, got: crate::dtype::show_float(number), expected })
}
