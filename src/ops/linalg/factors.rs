//! Solving and determinants: what is made of LU and Cholesky factors.

use super::{LinalgOp, Singular, Triangle, packed};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::record::Expr;
use crate::shape::Shape;

/// How a right side that may be a vector was made a matrix.
struct RightSide<'r> {
    matrix: Expr<'r>,
    vector: bool,
}

impl<'r> RightSide<'r> {
    /// A vector if it has one axis, else matrices.
    fn new(op: &'static str, b: Expr<'r>) -> Result<RightSide<'r>> {
        let vector = b.shape().ndim() == 1;
        if b.shape().ndim() == 0 {
            let expected = "at least 1: a vector or matrices";
            return Err(Error::Rank { op, what: "the right side", got: b.shape(), expected });
        }
        Ok(RightSide { matrix: if vector { b.column() } else { b }, vector })
    }

    /// The solution in the form that the right side had.
    fn back(&self, x: Expr<'r>) -> Expr<'r> {
        if self.vector { x.squeeze(Some(&[-1])) } else { x }
    }
}

impl<'r> Expr<'r> {
    /// Checks that a right side has as many rows as the matrix.
    fn fits(self, op: &'static str, b: Expr<'r>) -> Result<()> {
        let (a, b) = (self.shape(), b.shape());
        let rows = |shape: &Shape| shape[shape.ndim() - 2];
        if rows(&a) == rows(&b) { Ok(()) } else { Err(Error::RightSide { op, matrix: a, right: b }) }
    }

    /// LU factors of square matrices of floats.
    fn factors(self) -> Expr<'r> {
        let n = self.shape()[self.shape().ndim() - 1];
        self.linalg(LinalgOp::Lu, &[], [n, n, 0])
    }

    /// A lower triangular `L` with ones on its diagonal, an upper triangular `U`, and the rows of the matrix in the order
    /// in which they are those of `L U`: none of `L` is above 1 in magnitude. Gradient: to rows in this order `L^-T h U^-T`
    /// for square matrices, with `h` the lower triangle of `L^T gL` without its diagonal and the upper one of `gU U^T`.
    pub fn lu(self) -> Result<Vec<Expr<'r>>> {
        let (a, m, n) = self.matrix("lu")?;
        let (axis, k, parts) = (a.shape().ndim() - 1, m.min(n), packed::lu(n, m));
        let all = a.swap_last().linalg(LinalgOp::Lu, &[], [n, m, 0]);
        let row = |part: &std::ops::Range<usize>| all.narrow(axis - 1, part.start, part.len());
        let rows = row(&parts.rows).cast(DType::I64);
        let both = all.unpacked(&parts.both, n, m).swap_last();
        // The factors are those of what the matrix was made by its exponents.
        let [by_column, by_row] = parts.exponents.map(|part| row(&part).stop_gradient());
        let by_row = by_row.gather_same(rows, axis - 1);
        let first = by_row.narrow(axis - 1, 0, k);
        let lower = both.narrow(axis, 0, k).tril(-1).ldexp(first.row() - by_row.column());
        let upper = both.narrow(axis - 1, 0, k).triu(0).ldexp(-first.column() - by_column.row());
        let unit = a.recorder().eye(m, k, 0, a.dtype())?;
        Ok(vec![lower + unit, upper, rows])
    }

    /// `a^-1 b` of batches of one shape, or of the transposed matrices.
    pub(super) fn lu_solve(self, lu: Expr<'r>, b: Expr<'r>, transpose: bool) -> Expr<'r> {
        let [.., n, k] = b.shape()[..] else { return b };
        self.linalg(LinalgOp::LuSolve { transpose }, &[lu, b], [n, n, k])
    }

    /// The inverse, of which singular matrices have none.
    pub(super) fn inverse(self, lu: Expr<'r>, singular: Singular) -> Expr<'r> {
        let n = self.shape()[self.shape().ndim() - 1];
        self.linalg(LinalgOp::Inverse(singular), &[lu], [n, n, 0])
    }

    /// The solution of a triangular system, of batches of one shape.
    pub(super) fn triangular(self, b: Expr<'r>, triangle: Triangle) -> Expr<'r> {
        let [.., n, k] = b.shape()[..] else { return b };
        self.linalg(LinalgOp::TriangularSolve(triangle), &[b], [n, n, k])
    }

    /// The matrix of cofactors.
    pub(super) fn cofactors(self) -> Expr<'r> {
        let n = self.shape()[self.shape().ndim() - 1];
        self.linalg(LinalgOp::Cofactors, &[], [n, n, 0])
    }

    /// The solution `x` of `a x = b`. A right side with one axis is a vector; otherwise its last two are a matrix.
    /// Gradient: `w = a^-T g` to `b`, `-w x^T` to `a`.
    pub fn solve(self, b: Expr<'r>) -> Expr<'r> {
        self.attempt(|| {
            let (a, n) = self.square_matrix("solve")?;
            let right = RightSide::new("solve", b)?;
            a.fits("solve", right.matrix)?;
            let (wide, b) = a.same_batch(right.matrix, "solve")?;
            // One matrix with many right sides is factored once.
            let wide_factors = Shape::new("solve", &[&wide.batch()[..], &[packed::lu(n, n).end]].concat())?;
            let lu = a.cast(b.dtype()).factors().expand(&wide_factors);
            Ok(right.back(wide.lu_solve(lu, b, false)))
        })
    }

    /// The inverse of square matrices. Gradient: `-y^T g y^T`.
    pub fn inv(self) -> Expr<'r> {
        self.attempt(|| {
            let (a, _) = self.square_matrix("inv")?;
            Ok(a.inverse(a.factors(), Singular::Fails))
        })
    }

    /// The determinant of square matrices, 1 for those without elements. Gradient: `g` times the cofactors, which exist
    /// for singular matrices too.
    pub fn det(self) -> Expr<'r> {
        self.attempt(|| {
            let (a, n) = self.square_matrix("det")?;
            Ok(a.linalg(LinalgOp::Det, &[a.factors()], [n, n, 0]))
        })
    }

    /// The sign of the determinant, and the logarithm of its magnitude: 0 and -inf for singular matrices. Gradient: `g a^-T`
    /// from the logarithm, infinite for singular matrices.
    pub fn slogdet(self) -> Result<Vec<Expr<'r>>> {
        let (a, n) = self.square_matrix("slogdet")?;
        let both = a.linalg(LinalgOp::Slogdet, &[a.factors()], [n, n, 0]);
        let part = |at: usize| both.narrow(a.batch().len(), at, 1).reshape(&a.batch());
        Ok(vec![part(0).stop_gradient(), part(1)])
    }

    /// The triangular factor of symmetric positive definite matrices, of which the lower triangle is read: `L` with
    /// `L L^T = a`, or its transposed. Gradient: `L^-T P L^-1`, made symmetric, where `P` is the lower triangle of `L^T g`
    /// with its diagonal halved (Murray, 2016).
    pub fn cholesky(self, upper: bool) -> Expr<'r> {
        self.attempt(|| {
            let (a, n) = self.square_matrix("cholesky")?;
            // Upper factors are made of the upper triangle, which is the lower one of the transposed.
            let a = if upper { a.swap_last() } else { a };
            let factor = a.linalg(LinalgOp::Cholesky, &[], [n, n, 0]);
            Ok(if upper { factor.swap_last() } else { factor })
        })
    }

    /// The solution `x` of `a x = b` (or of `x a = b`) for a triangular `a`; the other triangle is not read. Gradient: as of
    /// `solve`, the triangle of it.
    pub fn solve_triangular(self, b: Expr<'r>, triangle: Triangle, left: bool) -> Expr<'r> {
        let op = "solve_triangular";
        self.attempt(|| {
            let (a, _) = self.square_matrix(op)?;
            let right = RightSide::new(op, b)?;
            if left {
                a.fits(op, right.matrix)?;
                let (a, b) = a.same_batch(right.matrix, op)?;
                return Ok(right.back(a.triangular(b, triangle)));
            }
            // x a = b is a^T x^T = b^T.
            let b = if right.vector { right.matrix } else { right.matrix.swap_last() };
            a.fits(op, b)?;
            let (a, b) = a.same_batch(b, op)?;
            let x = a.triangular(b, Triangle { transpose: !triangle.transpose, ..triangle });
            Ok(if right.vector { right.back(x) } else { x.swap_last() })
        })
    }

    /// The solution `x` of `a x = b`, where this is the Cholesky factor of `a`.
    pub fn cholesky_solve(self, b: Expr<'r>, upper: bool) -> Expr<'r> {
        let of = |transpose| Triangle { upper, unit: false, transpose };
        self.solve_triangular(b, of(upper), true).attempt_with(|y| self.solve_triangular(y, of(!upper), true))
    }

    /// The inverse of the matrix of which this is the Cholesky factor.
    pub fn cholesky_inverse(self, upper: bool) -> Expr<'r> {
        self.attempt(|| {
            let (l, _) = self.square_matrix("cholesky_inverse")?;
            Ok(l.cholesky_solve(l.identity_like(), upper))
        })
    }

    /// The next step of a construction, unless this one has failed.
    fn attempt_with(self, next: impl FnOnce(Expr<'r>) -> Expr<'r>) -> Expr<'r> {
        self.attempt(|| Ok(next(self)))
    }

    /// The pseudoinverse (Moore and Penrose), where singular values up to `rtol` times the largest count as 0; by default
    /// the rounding error times the larger size. Gradient: that of Golub and Pereyra (1973), for matrices whose rank does
    /// not change.
    pub fn pinv(self, rtol: Option<f64>) -> Expr<'r> {
        self.attempt(|| {
            let (a, m, n) = self.matrix("pinv")?;
            let rtol = rtol.unwrap_or_else(|| a.dtype().precision().0 * m.max(n) as f64);
            let batch = Shape::new("pinv", &a.batch())?;
            let rtol = a.recorder().full(Shape::scalar(), a.dtype(), Scalar::Float(rtol)).expand(&batch);
            Ok(a.pseudoinverse(rtol))
        })
    }

    /// The pseudoinverse with a tolerance for each matrix.
    pub(super) fn pseudoinverse(self, rtol: Expr<'r>) -> Expr<'r> {
        let [.., m, n] = self.shape()[..] else { return self };
        self.linalg(LinalgOp::Pinv, &[rtol], [m, n, 0])
    }

    /// Of `a x = b` the solution with the smallest sum of squared errors, and among those the shortest; the sums of squared
    /// errors; the rank; the singular values.
    pub fn lstsq(self, b: Expr<'r>, rtol: Option<f64>) -> Result<Vec<Expr<'r>>> {
        let (a, m, n) = self.matrix("lstsq")?;
        let right = RightSide::new("lstsq", b)?;
        a.fits("lstsq", right.matrix)?;
        let (a, b) = a.same_batch(right.matrix, "lstsq")?;
        let rtol = rtol.unwrap_or_else(|| a.dtype().precision().0 * m.max(n) as f64);
        let x = a.pinv(Some(rtol)).matmul(b);
        let errors = (a.matmul(x) - b).square().sum(Some(&[-2]), false);
        let errors = if right.vector { errors.squeeze(Some(&[-1])) } else { errors };
        let values = a.svdvals();
        Ok(vec![right.back(x), errors, values.count_above(rtol), values])
    }
}
