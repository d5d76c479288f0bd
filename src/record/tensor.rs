//! The handle: a record and a node of it, counted while it lives.

use super::{ComputationRecord, Expr, NodeId};
use crate::dtype::DType;
use crate::error::Result;
use crate::ops::unary::unary_rows;
use crate::shape::Shape;

/// A value in a record, computed or not. Small, immutable, and counted: what nobody holds is fused away.
pub struct Tensor {
    record: ComputationRecord,
    id: NodeId,
}

impl Tensor {
    /// A handle whose hold the arena has counted already.
    pub(super) fn adopt(record: ComputationRecord, id: NodeId) -> Tensor {
        Tensor { record, id }
    }

    /// The record it belongs to.
    pub fn record(&self) -> &ComputationRecord {
        &self.record
    }

    /// Its node.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        self.record.read(|arena| arena.node(self.id).shape.clone())
    }

    /// The dtype.
    pub fn dtype(&self) -> DType {
        self.record.read(|arena| arena.node(self.id).dtype)
    }

    /// True when the elements are stored.
    pub fn is_computed(&self) -> bool {
        self.record.read(|arena| arena.is_computed(self.id))
    }

    /// Records what `make` says of this tensor; any method of [`Expr`] may be used.
    ///
    /// ```
    /// # use phonograd::{ComputationRecord, NdArray};
    /// let rec = ComputationRecord::new();
    /// let x = rec.tensor_from_value(NdArray::from_slice(&[1.0f64, 2.0])?)?;
    /// let y = x.map(|x| (x * 2.0 + 1.0).sum(None, false))?;
    /// assert_eq!(y.data()?.to_string(), "8.0");
    /// # Ok::<(), phonograd::Error>(())
    /// ```
    pub fn map(&self, make: impl for<'r> FnOnce(Expr<'r>) -> Expr<'r>) -> Result<Tensor> {
        let made = self.record.record(None, |r| make(r.at(self.id)))?;
        self.record.settle();
        Ok(made)
    }

    /// Records what `make` says of two tensors of one record.
    pub fn zip(
        &self,
        op: &'static str,
        other: &Tensor,
        make: impl for<'r> FnOnce(Expr<'r>, Expr<'r>) -> Expr<'r>,
    ) -> Result<Tensor> {
        self.record.owns(op, other)?;
        let made = self.record.record(None, |r| make(r.at(self.id), r.at(other.id)))?;
        self.record.settle();
        Ok(made)
    }
}

impl Clone for Tensor {
    fn clone(&self) -> Tensor {
        self.record.hold(self.id)
    }
}

impl Drop for Tensor {
    fn drop(&mut self) {
        self.record.update(|arena| arena.release(self.id));
    }
}

impl std::fmt::Debug for Tensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tensor({} of record {}, {} {})", self.id, self.record.id(), self.dtype(), self.shape())
    }
}

macro_rules! unary_functions {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$v:ident| $value:expr,
       |$x:ident, $y:ident, $g:ident| $rule:tt;)*) => {$(
        $(#[doc = $doc])+
        pub fn $name(x: &Tensor) -> Result<Tensor> {
            x.map(|x| x.$name())
        }
    )*};
}

/// Operations as functions of tensors.
pub mod functions {
    use super::{Result, Tensor, unary_rows};

    unary_rows!(unary_functions);

    /// Sum of all elements.
    pub fn sum(x: &Tensor) -> Result<Tensor> {
        x.map(|x| x.sum(None, false))
    }

    /// Matrix product.
    pub fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a.zip("matmul", b, |a, b| a.matmul(b))
    }
}
