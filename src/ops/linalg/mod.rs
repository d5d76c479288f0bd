//! Linear algebra: decompositions and solves of matrices and of batches of them.
//!
//! Enters: matrices in the last two axes, batches before them. Leaves: one node an operation. What has several results is one
//! node whose entries lie packed one behind the other, and views that cut them out ([`packed`]): no node has two outputs. A
//! decomposition that only helps to compute a value (the factors of `solve`, `inv`, `det`) is a node of its own, so that
//! value and gradient share it; the gradient goes past it, from the node that uses it to the matrix itself, which therefore
//! is the first input of each of them. Promises: float32 and float64 only, shapes checked here; what depends on values
//! (a singular matrix, a NaN) fails when it is computed.
//!
//! `factors`: solving and determinants. `spectra`: QR, SVD, eigenvalues, and what follows from them. `norms`: of vectors and
//! matrices. `products`: powers, exponentials and chains. `rules`: derivatives.

pub mod factors;
pub mod norms;
pub mod packed;
pub mod products;
pub mod rules;
pub mod spectra;

use smallvec::{SmallVec, smallvec};

use crate::error::{Error, Result};
use crate::ops::Op;
use crate::record::Expr;
use crate::shape::{Dims, Shape};

/// Which singular vectors are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vectors {
    /// None.
    Without,
    /// As many as there are singular values.
    Reduced,
    /// Bases of the whole spaces.
    Full,
}

/// How a triangular matrix is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Triangle {
    /// The upper triangle instead of the lower one.
    pub upper: bool,
    /// Ones on the diagonal, whatever stands there.
    pub unit: bool,
    /// The transposed of what the others say.
    pub transpose: bool,
}

/// What becomes of a singular matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Singular {
    /// An error.
    Fails,
    /// Infinite everywhere: where only the logarithm of a determinant falls to minus infinity.
    Infinite,
}

/// One operation on every matrix of a batch. Sizes are `[m, n, k]`: those of the matrix, and the columns of a right side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinalgOp {
    /// Of a: the lower triangular `L` with `L L^T = a`.
    Cholesky,
    /// Of a: its triangular factors, for the rows below.
    Lu,
    /// Of a, its factors and b: `a^-1 b`, or of the transposed matrix.
    LuSolve {
        /// With the transposed matrix.
        transpose: bool,
    },
    /// Of a and its factors: `a^-1`.
    Inverse(Singular),
    /// Of a and its factors: the determinant.
    Det,
    /// Of a and its factors: the determinant's sign, and the logarithm of its magnitude.
    Slogdet,
    /// Of a: the matrix of cofactors, which is the derivative of the determinant.
    Cofactors,
    /// Of a and b: `a^-1 b` for a triangular a.
    TriangularSolve(Triangle),
    /// Of a: `Q` and `R`.
    Qr {
        /// With a square `Q`.
        complete: bool,
    },
    /// Of a: `U`, the singular values, and `V^T`.
    Svd(Vectors),
    /// Of a symmetric a: eigenvalues and eigenvectors.
    Eigh {
        /// With eigenvectors.
        vectors: bool,
    },
    /// Of a and a relative tolerance: the pseudoinverse.
    Pinv,
    /// Of a: the exponential.
    Expm,
}

impl LinalgOp {
    /// The name that listings and messages show.
    pub fn name(self) -> &'static str {
        match self {
            LinalgOp::Cholesky => "cholesky",
            LinalgOp::Lu => "lu",
            LinalgOp::LuSolve { .. } => "solve",
            LinalgOp::Inverse(_) => "inv",
            LinalgOp::Det => "det",
            LinalgOp::Slogdet => "slogdet",
            LinalgOp::Cofactors => "cofactors",
            LinalgOp::TriangularSolve(_) => "solve_triangular",
            LinalgOp::Qr { .. } => "qr",
            LinalgOp::Svd(Vectors::Without) => "svdvals",
            LinalgOp::Svd(_) => "svd",
            LinalgOp::Eigh { vectors: false } => "eigvalsh",
            LinalgOp::Eigh { .. } => "eigh",
            LinalgOp::Pinv => "pinv",
            LinalgOp::Expm => "expm",
        }
    }

    /// The attributes as listings show them.
    pub fn attributes(self) -> String {
        match self {
            LinalgOp::LuSolve { transpose } => format!("transpose={transpose}"),
            LinalgOp::TriangularSolve(Triangle { upper, unit, transpose }) => {
                format!("upper={upper}, unitriangular={unit}, transpose={transpose}")
            }
            LinalgOp::Qr { complete } => format!("complete={complete}"),
            LinalgOp::Svd(vectors) => format!("vectors={vectors:?}"),
            LinalgOp::Eigh { vectors } => format!("vectors={vectors}"),
            LinalgOp::Inverse(_) | LinalgOp::Cholesky | LinalgOp::Lu | LinalgOp::Det | LinalgOp::Slogdet => {
                String::new()
            }
            LinalgOp::Cofactors | LinalgOp::Pinv | LinalgOp::Expm => String::new(),
        }
    }

    /// How many of the first inputs only the gradient reads.
    pub fn unread(self) -> usize {
        match self {
            LinalgOp::LuSolve { .. } | LinalgOp::Inverse(_) | LinalgOp::Det | LinalgOp::Slogdet => 1,
            _ => 0,
        }
    }

    /// The sizes of one entry of each input that is read.
    pub fn reads(self, [m, n, k]: [usize; 3]) -> SmallVec<[Dims; 2]> {
        let matrix = |rows, columns| Dims::from_slice(&[rows, columns]);
        let factors = || Dims::from_slice(&[packed::lu(n, n).end]);
        match self {
            LinalgOp::LuSolve { .. } => smallvec![factors(), matrix(n, k)],
            LinalgOp::Inverse(_) | LinalgOp::Det | LinalgOp::Slogdet => smallvec![factors()],
            LinalgOp::TriangularSolve(_) => smallvec![matrix(n, n), matrix(n, k)],
            LinalgOp::Pinv => smallvec![matrix(m, n), Dims::new()],
            LinalgOp::Cholesky | LinalgOp::Lu | LinalgOp::Cofactors | LinalgOp::Qr { .. } => smallvec![matrix(m, n)],
            LinalgOp::Svd(_) | LinalgOp::Eigh { .. } | LinalgOp::Expm => smallvec![matrix(m, n)],
        }
    }

    /// The sizes of one entry of the result.
    pub fn makes(self, [m, n, k]: [usize; 3]) -> Dims {
        match self {
            LinalgOp::Cholesky | LinalgOp::Inverse(_) | LinalgOp::Cofactors | LinalgOp::Expm => {
                Dims::from_slice(&[n, n])
            }
            LinalgOp::LuSolve { .. } | LinalgOp::TriangularSolve(_) => Dims::from_slice(&[n, k]),
            LinalgOp::Pinv => Dims::from_slice(&[n, m]),
            LinalgOp::Det => Dims::new(),
            LinalgOp::Slogdet => Dims::from_slice(&[2]),
            LinalgOp::Lu => Dims::from_slice(&[packed::lu(m, n).end]),
            LinalgOp::Qr { complete } => Dims::from_slice(&[packed::qr(m, n, complete).end]),
            LinalgOp::Svd(vectors) => Dims::from_slice(&[packed::svd(m, n, vectors).end]),
            LinalgOp::Eigh { vectors } => Dims::from_slice(&[packed::eigh(n, vectors).end]),
        }
    }

    /// About how many operations on numbers one entry takes.
    pub fn flops(self, [m, n, k]: [usize; 3]) -> u64 {
        let cube = (m as u64).saturating_mul(n as u64).saturating_mul(m.min(n) as u64);
        let square = (n as u64).saturating_mul(n as u64);
        match self {
            LinalgOp::Cholesky => cube / 3,
            LinalgOp::Lu => cube / 3 * 2,
            LinalgOp::LuSolve { .. } => square.saturating_mul(2 * k as u64),
            LinalgOp::TriangularSolve(_) => square.saturating_mul(k as u64),
            LinalgOp::Inverse(_) => cube.saturating_mul(2),
            LinalgOp::Det | LinalgOp::Slogdet => n as u64,
            LinalgOp::Qr { .. } => cube.saturating_mul(4),
            LinalgOp::Eigh { vectors: false } | LinalgOp::Svd(Vectors::Without) => cube.saturating_mul(4),
            LinalgOp::Eigh { .. } => cube.saturating_mul(9),
            LinalgOp::Cofactors | LinalgOp::Svd(_) | LinalgOp::Pinv | LinalgOp::Expm => cube.saturating_mul(20),
        }
    }
}

impl<'r> Expr<'r> {
    /// Records an operation of this matrix and others, which belong to the same entries of one batch.
    fn linalg(self, op: LinalgOp, others: &[Expr<'r>], sizes: [usize; 3]) -> Expr<'r> {
        let own = self.shape();
        let mut dims = Dims::from_slice(&own[..own.ndim() - 2]);
        dims.extend(op.makes(sizes));
        let mut inputs: SmallVec<[Expr<'r>; 3]> = smallvec![self];
        inputs.extend_from_slice(others);
        self.attempt(|| Ok(self.push(Op::Linalg(op), &inputs, Shape::new(op.name(), &dims)?, self.dtype())))
    }

    /// The matrix as floats, and its sizes.
    fn matrix(self, op: &'static str) -> Result<(Expr<'r>, usize, usize)> {
        let shape = self.shape();
        let [.., m, n] = shape[..] else {
            return Err(Error::Rank {
                op,
                what: "the matrix",
                got: shape,
                expected: "at least 2, a batch before them",
            });
        };
        Ok((self.cast(self.dtype().to_float()), m, n))
    }

    /// A square matrix as floats, and its size.
    fn square_matrix(self, op: &'static str) -> Result<(Expr<'r>, usize)> {
        match self.matrix(op)? {
            (a, m, n) if m == n => Ok((a, n)),
            _ => Err(Error::NotSquare { op, got: self.shape() }),
        }
    }

    /// The batch that matrices are of.
    fn batch(self) -> Dims {
        let shape = self.shape();
        Dims::from_slice(&shape[..shape.ndim() - 2])
    }

    /// Both matrices with the batches they broadcast to, in the dtype they meet in.
    fn same_batch(self, other: Expr<'r>, op: &'static str) -> Result<(Expr<'r>, Expr<'r>)> {
        let dtype = self.dtype().float_with(other.dtype());
        let batch = Shape::new(op, &self.batch())?.broadcast(&Shape::new(op, &other.batch())?, op)?;
        let fit = |x: Expr<'r>| {
            let own = x.shape();
            let wide = [&batch[..], &own[own.ndim() - 2..]].concat();
            Ok::<_, Error>(x.cast(dtype).expand(&Shape::new(op, &wide)?))
        };
        Ok((fit(self)?, fit(other)?))
    }

    /// A stretch of packed entries as matrices of some sizes.
    fn unpacked(self, part: &std::ops::Range<usize>, rows: usize, columns: usize) -> Expr<'r> {
        let shape = self.shape();
        let [ref batch @ .., _] = shape[..] else { return self };
        self.narrow(batch.len(), part.start, part.len()).reshape(&[batch, &[rows, columns]].concat())
    }

    /// Vectors, one for each matrix of a batch, as columns.
    fn column(self) -> Expr<'r> {
        self.expand_dims(&[-1])
    }

    /// Vectors, one for each matrix of a batch, as rows.
    fn row(self) -> Expr<'r> {
        self.expand_dims(&[-2])
    }

    /// The elements on and below (or above) a diagonal, zeros elsewhere.
    fn triangle(self, upper: bool, k: i64) -> Expr<'r> {
        if upper { self.triu(k) } else { self.tril(k) }
    }

    /// The identity in the shape and dtype of square matrices.
    fn identity_like(self) -> Expr<'r> {
        let shape = self.shape();
        let [.., n] = shape[..] else { return self };
        self.attempt(|| Ok(self.recorder().eye(n, n, 0, self.dtype())?.expand(&shape)))
    }

    /// The symmetric part.
    fn symmetric_part(self) -> Expr<'r> {
        (self + self.swap_last()) * 0.5
    }
}
