//! Arrays with some elements changed: `x.at[index].set(values)` and the like.
//!
//! Nothing is changed in place: the result is a new value, and the gradient knows both what was kept and what was put in.
//! Where an index names a place several times, `set` leaves the last of its values there and all others combine all of
//! them. Values are broadcast to what the index selects, and take the array's dtype.

use super::indexing::{Index, Picks, Selection, select};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::How;
use crate::record::Expr;
use crate::shape::{Dims, Shape};

/// What becomes of the selected elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// The values.
    Set,
    /// Their sum with the values.
    Add,
    /// Their product with the values.
    Multiply,
    /// Their quotient by the values.
    Divide,
    /// Their powers with the values as exponents.
    Power,
    /// The larger of both.
    Max,
    /// The smaller of both.
    Min,
}

impl Update {
    /// The public name, as messages show it.
    pub fn name(self) -> &'static str {
        match self {
            Update::Set => "at.set",
            Update::Add => "at.add",
            Update::Multiply => "at.multiply",
            Update::Divide => "at.divide",
            Update::Power => "at.power",
            Update::Max => "at.max",
            Update::Min => "at.min",
        }
    }

    /// Elements that each have one value.
    fn elementwise<'r>(self, x: Expr<'r>, values: Expr<'r>) -> Expr<'r> {
        match self {
            Update::Set => values,
            Update::Add => x + values,
            Update::Multiply => x * values,
            Update::Divide => x / values,
            Update::Power => x.power(values),
            Update::Max => x.maximum(values),
            Update::Min => x.minimum(values),
        }
    }

    /// Elements at an index along an axis.
    fn scattered<'r>(self, x: Expr<'r>, index: Expr<'r>, values: Expr<'r>, axis: usize) -> Expr<'r> {
        let product = || x.ones_like().scatter(How::Mul, index, values, axis);
        match self {
            Update::Set => x.scatter(How::Set, index, values, axis),
            Update::Add => x.scatter(How::Add, index, values, axis),
            Update::Multiply => x.scatter(How::Mul, index, values, axis),
            Update::Max => x.scatter(How::Max, index, values, axis),
            Update::Min => x.scatter(How::Min, index, values, axis),
            Update::Divide => x / product(),
            Update::Power => x.power(product()),
        }
    }

    /// The values as the array can take them.
    fn checked<'r>(self, x: Expr<'r>, values: Expr<'r>) -> Result<Expr<'r>> {
        let got = x.dtype();
        match self {
            Update::Set => {}
            _ if got == DType::Bool => {
                return Err(Error::DType { op: self.name(), got, expected: "a number; convert with astype" });
            }
            Update::Divide if !got.is_float() => {
                return Err(Error::DType { op: self.name(), got, expected: "a float; convert with astype" });
            }
            _ => {}
        }
        values.fitting(self.name(), got)
    }
}

/// Values without leading axes of size 1 that what is selected does not have, and then of its shape.
fn spread<'r>(op: &'static str, values: Expr<'r>, to: &Shape) -> Result<Expr<'r>> {
    let from = values.shape();
    let extra = from.ndim().saturating_sub(to.ndim());
    let own = if from[..extra].iter().all(|&size| size == 1) { values.reshape(&from[extra..]) } else { values };
    if own.shape().expands_to(to) {
        return Ok(own.expand(to));
    }
    Err(Error::ShapeMismatch { op, what: "values", got: from, expected: to.clone() })
}

impl<'r> Expr<'r> {
    /// This array with the elements that an index selects changed.
    pub fn updated(self, entries: &[Index<'r>], update: Update, values: Expr<'r>) -> Expr<'r> {
        let (shape, op) = (self.shape(), update.name());
        self.attempt(|| {
            let selection = select(&shape, entries)?;
            let values = spread(op, update.checked(self, values)?, &Shape::new(op, &selection.shape())?)?;
            let Selection { ranges, lens, dims, picks } = selection;
            let lens = Shape::new(op, &lens)?;
            let sliced = self.slice(ranges.clone().into(), &lens);
            let changed = match picks {
                None => update.elementwise(sliced.reshape(&dims), values),
                Some(Picks { view, axis, index, order, .. }) => {
                    let mut back: Dims = Dims::from_elem(0, order.len());
                    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
                    let values = values.permute(&back).reshape(&index.shape());
                    update.scattered(sliced.reshape(&view), index, values, axis)
                }
            };
            Ok(self.replaced(ranges.into(), changed.reshape(&lens)))
        })
    }

    /// This array with the elements where a mask over its first axes is true changed. Values are broadcast to the axes
    /// behind these, so that it need not be known how many elements are true.
    pub fn updated_where(self, mask: Expr<'r>, update: Update, values: Expr<'r>) -> Expr<'r> {
        let (shape, over) = (self.shape(), mask.shape());
        self.attempt(|| {
            mask_fits(&over, &shape, 0)?;
            if over.is_empty() {
                return Ok(self);
            }
            let values = spread(update.name(), update.checked(self, values)?, &shape)?;
            let open: Dims = (0..shape.ndim()).map(|axis| if axis < over.ndim() { shape[axis] } else { 1 }).collect();
            Ok(mask.reshape(&open).select(update.elementwise(self, values), self))
        })
    }
}

/// An error unless a mask has the sizes of an array's axes from one on, or, as in NumPy, 0 in place of some.
pub fn mask_fits(mask: &Shape, shape: &Shape, first: usize) -> Result<()> {
    let alike = |(&mask, &size): (&usize, &usize)| mask == size || mask == 0;
    let within = first + mask.ndim() <= shape.ndim();
    if within && mask.ndim() > 0 && mask.iter().zip(&shape[first..]).all(alike) {
        return Ok(());
    }
    let expected = match shape.get(first..(first + mask.ndim().max(1)).min(shape.ndim())) {
        Some(sizes) if !sizes.is_empty() => Shape::new("index", sizes)?,
        _ => Shape::scalar(),
    };
    Err(Error::Mask { got: mask.clone(), expected })
}
