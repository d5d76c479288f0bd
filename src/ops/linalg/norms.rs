//! Norms of vectors and matrices.

use crate::dtype::Scalar;
use crate::error::{Error, Result};
use crate::ops::ReduceOp;
use crate::record::Expr;
use crate::shape::normalize_axis;

/// A norm of matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatrixOrder {
    /// The root of the sum of squares.
    Frobenius,
    /// The sum of the singular values.
    Nuclear,
    /// The largest sum of magnitudes in a column.
    One,
    /// The smallest sum of magnitudes in a column.
    MinusOne,
    /// The largest singular value.
    Two,
    /// The smallest singular value.
    MinusTwo,
    /// The largest sum of magnitudes in a row.
    Infinity,
    /// The smallest sum of magnitudes in a row.
    MinusInfinity,
}

const MATRIX_ORDERS: &str = "'fro', 'nuc', 1, -1, 2, -2, inf or -inf";

impl MatrixOrder {
    /// The norm of a name.
    pub fn from_name(op: &'static str, name: &str) -> Result<MatrixOrder> {
        match name {
            "fro" => Ok(MatrixOrder::Frobenius),
            "nuc" => Ok(MatrixOrder::Nuclear),
            other => Err(Error::Argument { op, argument: "ord", got: format!("'{other}'"), expected: MATRIX_ORDERS }),
        }
    }

    /// The norm of a number.
    pub fn from_number(op: &'static str, number: f64) -> Result<MatrixOrder> {
        Ok(match number {
            1.0 => MatrixOrder::One,
            -1.0 => MatrixOrder::MinusOne,
            2.0 => MatrixOrder::Two,
            -2.0 => MatrixOrder::MinusTwo,
            f64::INFINITY => MatrixOrder::Infinity,
            f64::NEG_INFINITY => MatrixOrder::MinusInfinity,
            other => {
                let got = crate::dtype::show_float(other);
                return Err(Error::Argument { op, argument: "ord", got, expected: MATRIX_ORDERS });
            }
        })
    }
}

impl<'r> Expr<'r> {
    /// The norm of order `p` over axes: the p-th root of the sum of p-th powers of magnitudes; for 0 the count of what is
    /// not 0, for infinities the largest or smallest magnitude. Gradient: `g sign(x) (|x| / y)**(p - 1)`, 0 where `x` is 0.
    pub fn vector_norm(self, p: f64, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        let x = self.cast(self.dtype().to_float());
        let sum = |x: Expr<'r>| x.reduce(ReduceOp::Sum, axes, keepdims);
        match p {
            // The slope of the root at 0 is infinite, that of the norm is not.
            2.0 => {
                let squares = sum(x.square());
                let zero = squares.eq_scalar(0.0);
                let safe = zero.select(squares.full_like(Scalar::Int(1)), squares);
                zero.select(squares.zeros_like(), safe.sqrt())
            }
            1.0 => sum(x.abs()),
            0.0 => sum(x.binary_scalar(crate::ops::BinaryOp::NotEqual, Scalar::Int(0), false).cast(x.dtype())),
            f64::INFINITY => x.abs().largest(axes, keepdims),
            f64::NEG_INFINITY => x.abs().reduce(ReduceOp::Min, axes, keepdims),
            _ => {
                let zero = x.eq_scalar(0.0);
                let safe = zero.select(x.full_like(Scalar::Int(1)), x.abs());
                // What 0 is to this power, and nothing to its root.
                let zeroth = Scalar::Float(if p > 0.0 { 0.0 } else { f64::INFINITY });
                let nothing = x.full_like(zeroth);
                let total = sum(zero.select(nothing, safe.power_number(p)));
                let none = total.eq_scalar(0.0);
                let rest = none.select(total.full_like(Scalar::Int(1)), total);
                none.select(total.full_like(zeroth), rest.power_number(1.0 / p))
            }
        }
    }

    /// The largest of magnitudes, of which there may be none.
    fn largest(self, axes: Option<&[i64]>, keepdims: bool) -> Expr<'r> {
        self.attempt(|| {
            let (_, count) = self.reduced("max", axes)?;
            Ok(self.reduce(if count == 0 { ReduceOp::Sum } else { ReduceOp::Max }, axes, keepdims))
        })
    }

    /// A norm of the matrices in the last two axes.
    pub fn matrix_norm(self, order: MatrixOrder, keepdims: bool) -> Expr<'r> {
        self.attempt(|| {
            let (a, m, n) = self.matrix("matrix_norm")?;
            let sums = |axis: i64| a.abs().reduce(ReduceOp::Sum, Some(&[axis]), true);
            let least = |of: Expr<'r>, axis: i64| of.reduce(ReduceOp::Min, Some(&[axis]), true);
            let spectral = |of: &dyn Fn(Expr<'r>) -> Expr<'r>| {
                let values = if m.min(n) == 0 { a.sum(Some(&[-2]), false) } else { a.svdvals() };
                of(values).column()
            };
            let norm = match order {
                MatrixOrder::Frobenius => a.vector_norm(2.0, Some(&[-2, -1]), true),
                MatrixOrder::Nuclear => spectral(&|s| s.sum(Some(&[-1]), true)),
                MatrixOrder::Two => spectral(&|s| s.largest(Some(&[-1]), true)),
                MatrixOrder::MinusTwo => spectral(&|s| least(s, -1)),
                MatrixOrder::One => sums(-2).largest(Some(&[-1]), true),
                MatrixOrder::MinusOne => least(sums(-2), -1),
                MatrixOrder::Infinity => sums(-1).largest(Some(&[-2]), true),
                MatrixOrder::MinusInfinity => least(sums(-1), -2),
            };
            Ok(if keepdims { norm } else { norm.squeeze(Some(&[-2, -1])) })
        })
    }

    /// A norm of the matrices along two axes: that of the rows, and that of the columns.
    pub fn matrix_norm_along(self, order: MatrixOrder, axes: [i64; 2], keepdims: bool) -> Expr<'r> {
        let ndim = self.shape().ndim();
        self.attempt(|| {
            let [row, column] = axes;
            let at = [normalize_axis("matrix_norm", row, ndim)?, normalize_axis("matrix_norm", column, ndim)?];
            if at[0] == at[1] {
                return Err(Error::RepeatedAxis { op: "matrix_norm", axis: at[0] });
            }
            let norm = self.moveaxis(&axes, &[-2, -1]).matrix_norm(order, false);
            let mut kept = at.map(|axis| axis as i64);
            kept.sort_unstable();
            Ok(if keepdims { norm.expand_dims(&kept) } else { norm })
        })
    }
}
