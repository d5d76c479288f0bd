//! Contractions: the batched matrix product, and the public forms made of it.
//!
//! A recorded contraction has inputs `[m, k]` and `[k, n]`, or `[batch, m, k]` and `[batch, k, n]`. Transposes and broadcast batches come as views,
//! which the planner turns into strides.

use smallvec::smallvec;

use super::{Cotangents, if_wanted};
use crate::dtype::DType;
use crate::error::Error;
use crate::ops::Op;
use crate::record::Expr;
use crate::shape::{Dims, Shape};

impl<'r> Expr<'r> {
    /// The product of two matrices, or of batches of them of one size; of one dtype.
    pub(crate) fn contract(self, other: Expr<'r>) -> Expr<'r> {
        let (l, r) = (self.shape(), other.shape());
        let record = || {
            let mut dims = Dims::from_slice(&l[..l.ndim() - 1]);
            dims.push(r[r.ndim() - 1]);
            let shape = Shape::new("matmul", &dims)?;
            Ok(self.push(Op::Contract, &[self, other], shape, self.dtype()))
        };
        self.attempt(|| Ok(other.attempt(record)))
    }

    /// Swaps the last two axes.
    pub(crate) fn swap_last(self) -> Expr<'r> {
        let n = self.shape().ndim();
        self.attempt(|| {
            let mut order: Dims = (0..n).collect();
            order.swap(n - 1, n - 2);
            Ok(self.permute(&order))
        })
    }

    /// Matrix product with NumPy's rules: vectors are rows on the left and columns on the right, leading axes broadcast.
    pub fn matmul(self, other: Expr<'r>) -> Expr<'r> {
        let ((l, left), (r, right)) = (self.facts(), other.facts());
        self.attempt(|| {
            let dtype = left.promote(right, "matmul")?;
            if l.ndim() == 0 || r.ndim() == 0 {
                let (what, got) = if l.ndim() == 0 { ("left", l) } else { ("right", r) };
                return Err(Error::Rank { op: "matmul", what, got, expected: "at least 1; multiply scalars with *" });
            }
            if dtype == DType::Bool {
                return Err(Error::DType { op: "matmul", got: dtype, expected: "a number; convert with astype" });
            }
            let (k, inner) = (l[l.ndim() - 1], r[r.ndim().saturating_sub(2)]);
            if k != inner {
                return Err(Error::Matmul { left: l, right: r });
            }
            let (a, b) = (self.cast(dtype), other.cast(dtype));
            if l.ndim() == 2 && r.ndim() == 2 {
                return Ok(a.push(Op::Contract, &[a, b], Shape::new("matmul", &[l[0], r[1]])?, dtype));
            }
            let (m, n) =
                (if l.ndim() > 1 { l[l.ndim() - 2] } else { 1 }, if r.ndim() > 1 { r[r.ndim() - 1] } else { 1 });
            let (left_batch, right_batch) = (&l[..l.ndim().saturating_sub(2)], &r[..r.ndim().saturating_sub(2)]);

            let rows: usize = left_batch.iter().product::<usize>() * m;
            // One matrix on the right serves all rows on the left: a single large product.
            let (product, batch) = if right_batch.is_empty() {
                let y = a.reshape(&[rows, k]).contract(b.reshape(&[k, n]));
                (y, Shape::new("matmul", left_batch)?)
            } else {
                let batch =
                    Shape::new("matmul", left_batch)?.broadcast(&Shape::new("matmul", right_batch)?, "matmul")?;
                let full = |x: Expr<'r>, p: usize, q: usize, own: &[usize]| -> crate::error::Result<Expr<'r>> {
                    let matrix = x.reshape(&[own, &[p, q]].concat());
                    let wide = matrix.expand(&Shape::new("matmul", &[&batch[..], &[p, q]].concat())?);
                    Ok(wide.reshape(&[batch.len(), p, q]))
                };
                (full(a, m, k, left_batch)?.contract(full(b, k, n, right_batch)?), batch)
            };
            let mut dims = Dims::from_slice(&batch);
            dims.extend((l.ndim() > 1).then_some(m));
            dims.extend((r.ndim() > 1).then_some(n));
            Ok(product.reshape(&dims))
        })
    }

    /// Dot product: scalars multiply; otherwise the last axis of the left with the second to last of the right.
    pub fn dot(self, other: Expr<'r>) -> Expr<'r> {
        let (l, r) = (self.shape(), other.shape());
        if l.ndim() == 0 || r.ndim() == 0 {
            return self * other;
        }
        if r.ndim() <= 2 {
            return self.matmul(other);
        }
        self.attempt(|| {
            let (k, at) = (l[l.ndim() - 1], r.ndim() - 2);
            if k != r[at] {
                return Err(Error::Matmul { left: l, right: r });
            }
            let mut order: Dims = (0..r.ndim()).filter(|&axis| axis != at).collect();
            order.insert(0, at);
            let rest = r.without(&[at]);
            let flat = self.matmul(other.permute(&order).reshape(&[k, rest.len()]));
            Ok(flat.reshape(&[&l[..l.ndim() - 1], &rest[..]].concat()))
        })
    }

    /// Every product of an element of one flattened input with one of the other, `[m, n]`.
    pub fn outer(self, other: Expr<'r>) -> Expr<'r> {
        let (m, n) = (self.shape().len(), other.shape().len());
        self.reshape(&[m, 1]) * other.reshape(&[1, n])
    }
}

pub(super) fn vjp<'r>(a: Expr<'r>, b: Expr<'r>, g: Expr<'r>, wanted: &[bool]) -> Cotangents<'r> {
    smallvec![if_wanted(wanted[0], || g.contract(b.swap_last())), if_wanted(wanted[1], || a.swap_last().contract(g))]
}
