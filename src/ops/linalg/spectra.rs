//! QR, singular values and eigenvalues, and what follows from them.

use super::{LinalgOp, Vectors, packed};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::ReduceOp;
use crate::record::Expr;

impl<'r> Expr<'r> {
    /// `Q` with orthonormal columns and an upper triangular `R` whose diagonal is not negative, `a = Q R`; `complete` for a
    /// square `Q`. Gradient: that of Walter and Lehmann (2010), for matrices of full rank.
    pub fn qr(self, complete: bool) -> Result<Vec<Expr<'r>>> {
        let (a, m, n) = self.matrix("qr")?;
        let both = a.linalg(LinalgOp::Qr { complete }, &[], [m, n, 0]);
        let parts = packed::qr(m, n, complete);
        let q = both.unpacked(&parts.q, parts.p, m).swap_last();
        Ok(vec![q, both.unpacked(&parts.r, n, parts.p).swap_last()])
    }

    /// `a = U diag(S) Vh`, with descending `S`; `full` for square `U` and `Vh`. In each column of `U` the element of largest
    /// magnitude is positive. Gradient: that of Townsend (2016), where equal values do not mix their vectors.
    pub fn svd(self, full: bool) -> Result<Vec<Expr<'r>>> {
        let (a, m, n) = self.matrix("svd")?;
        let vectors = if full { Vectors::Full } else { Vectors::Reduced };
        let all = a.decomposed(vectors);
        let parts = packed::svd(m, n, vectors);
        let u = all.unpacked(&parts.u, parts.sides[0], m).swap_last();
        let s = all.narrow(a.batch().len(), parts.s.start, parts.s.len());
        Ok(vec![u, s, all.unpacked(&parts.vh, parts.sides[1], n)])
    }

    /// The packed singular value decomposition.
    pub(super) fn decomposed(self, vectors: Vectors) -> Expr<'r> {
        let [.., m, n] = self.shape()[..] else { return self };
        self.linalg(LinalgOp::Svd(vectors), &[], [m, n, 0])
    }

    /// The singular values, descending. Gradient: `U diag(g) Vh`.
    pub fn svdvals(self) -> Expr<'r> {
        self.attempt(|| {
            let (a, m, n) = self.matrix("svdvals")?;
            Ok(a.linalg(LinalgOp::Svd(Vectors::Without), &[], [m, n, 0]))
        })
    }

    /// Eigenvalues, ascending, and orthonormal eigenvectors in the columns of `V`, of symmetric matrices, of which one
    /// triangle is read: `a = V diag(w) V^T`. In each column of `V` the element of largest magnitude is positive.
    /// Gradient, symmetric: `V (diag(gw) + F (V^T gV)) V^T` with `F[i, j] = 1 / (w[j] - w[i])`, or 0 where these are equal.
    pub fn eigh(self, upper: bool) -> Result<Vec<Expr<'r>>> {
        let (a, n) = self.square_matrix("eigh")?;
        let a = if upper { a.swap_last() } else { a };
        let both = a.linalg(LinalgOp::Eigh { vectors: true }, &[], [n, n, 0]);
        let parts = packed::eigh(n, true);
        let values = both.narrow(a.batch().len(), 0, parts.values.len());
        Ok(vec![values, both.unpacked(&parts.vectors, n, n).swap_last()])
    }

    /// Eigenvalues of symmetric matrices, ascending. Gradient: `V diag(g) V^T`.
    pub fn eigvalsh(self, upper: bool) -> Expr<'r> {
        self.attempt(|| {
            let (a, n) = self.square_matrix("eigvalsh")?;
            let a = if upper { a.swap_last() } else { a };
            Ok(a.linalg(LinalgOp::Eigh { vectors: false }, &[], [n, n, 0]))
        })
    }

    /// How many singular values there are above `rtol` times the largest.
    pub(super) fn count_above(self, rtol: f64) -> Expr<'r> {
        let last = self.shape().ndim() - 1;
        if self.shape()[last] == 0 {
            return self.cast(DType::I64).reduce(ReduceOp::Sum, Some(&[-1]), false);
        }
        let limit = self.reduce_kept(ReduceOp::Max, &[last]) * rtol;
        self.greater(limit).reduce(ReduceOp::Sum, Some(&[-1]), false)
    }

    /// The rank: how many singular values are above `tol`, or above `rtol` times the largest, by default the rounding error
    /// times the larger size. For symmetric matrices the magnitudes of the eigenvalues count.
    pub fn matrix_rank(self, tol: Option<f64>, rtol: Option<f64>, hermitian: bool) -> Expr<'r> {
        self.attempt(|| {
            let (a, m, n) = self.matrix("matrix_rank")?;
            let values = if hermitian { a.eigvalsh(false).abs() } else { a.svdvals() };
            Ok(match tol {
                Some(tol) => values.gt_scalar(tol).reduce(ReduceOp::Sum, Some(&[-1]), false),
                None => values.count_above(rtol.unwrap_or_else(|| a.dtype().precision().0 * m.max(n) as f64)),
            })
        })
    }

    /// The condition number: the norm of the matrix times that of its inverse. `None` and 2 take singular values.
    pub fn cond(self, order: Option<super::norms::MatrixOrder>) -> Expr<'r> {
        use super::norms::MatrixOrder::{MinusTwo, Two};
        self.attempt(|| {
            let (a, m, n) = self.matrix("cond")?;
            if m == 0 || n == 0 {
                return Err(Error::EmptyReduction { op: "cond", shape: self.shape() });
            }
            let order = order.unwrap_or(Two);
            if !matches!(order, Two | MinusTwo) {
                let (a, _) = self.square_matrix("cond")?;
                let inverse = a.inverse(a.linalg(LinalgOp::Lu, &[], [n, n, 0]), super::Singular::Infinite);
                return Ok(or_infinite(a.matrix_norm(order, false), |norm| norm * inverse.matrix_norm(order, false)));
            }
            let values = a.svdvals();
            let last = values.shape().ndim() - 1;
            let at = |place: usize| values.narrow(last, place, 1).reshape(&a.batch());
            let (largest, smallest) = (at(0), at(m.min(n) - 1));
            if order == MinusTwo {
                return Ok(smallest / largest);
            }
            Ok(or_infinite(largest, |largest| largest / smallest))
        })
    }
}

/// What is made of a norm, but infinite where that is 0.
fn or_infinite<'r>(norm: Expr<'r>, make: impl FnOnce(Expr<'r>) -> Expr<'r>) -> Expr<'r> {
    norm.eq_scalar(0.0).select(norm.full_like(Scalar::Float(f64::INFINITY)), make(norm))
}

/// A tolerance around which eigenvalues count as equal, for the largest magnitude among them.
pub(super) fn equal_within<'r>(values: Expr<'r>) -> Expr<'r> {
    values.attempt(|| {
        let last = values.shape().ndim() - 1;
        let n = values.shape()[last] as f64;
        Ok(values.abs().reduce_kept(ReduceOp::Max, &[last]) * (values.dtype().precision().0 * n))
    })
}

/// `1 / d`, but 0 where `d` is within a tolerance of 0.
pub(super) fn inverse_gap<'r>(d: Expr<'r>, tolerance: Expr<'r>) -> Expr<'r> {
    let near = d.abs().less_equal(tolerance);
    let one = d.full_like(Scalar::Int(1));
    near.select(d.zeros_like(), near.select(one, d).reciprocal())
}
