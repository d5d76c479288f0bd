//! Where the results of an operation with several lie in its packed entries.
//!
//! Matrices lie column by column, as the algorithms write them, except for `V^T`, which lies row by row: that is `V` column
//! by column. Sizes that overflow saturate, and no shape is that large.

use std::ops::Range;

use super::Vectors;

/// The parts of an entry of LU factors, which are those of the transposed matrix.
pub struct Lu {
    /// Both factors in one, n by m.
    pub both: Range<usize>,
    /// The permutation of the n rows, as floats.
    pub rows: Range<usize>,
    /// The exponents of the powers of 2 by which the m rows of the matrix, and then its columns, were multiplied first.
    pub exponents: [Range<usize>; 2],
    /// All elements.
    pub end: usize,
}

/// The LU factors of an m by n matrix.
pub fn lu(m: usize, n: usize) -> Lu {
    let both = m.saturating_mul(n);
    let rows = both.saturating_add(n);
    let by_row = rows.saturating_add(m);
    let end = by_row.saturating_add(n);
    Lu { both: 0..both, rows: both..rows, exponents: [rows..by_row, by_row..end], end }
}

/// The parts of an entry of a QR decomposition.
pub struct Qr {
    /// The columns of `Q`.
    pub p: usize,
    /// `Q`, m by p.
    pub q: Range<usize>,
    /// `R`, p by n.
    pub r: Range<usize>,
    /// All elements.
    pub end: usize,
}

/// A QR decomposition of an m by n matrix.
pub fn qr(m: usize, n: usize, complete: bool) -> Qr {
    let p = if complete { m } else { m.min(n) };
    let q = m.saturating_mul(p);
    let end = q.saturating_add(p * n);
    Qr { p, q: 0..q, r: q..end, end }
}

/// The parts of an entry of a singular value decomposition.
pub struct Svd {
    /// The columns of `U`, and the rows of `V^T`.
    pub sides: [usize; 2],
    /// `U`.
    pub u: Range<usize>,
    /// The singular values.
    pub s: Range<usize>,
    /// `V^T`.
    pub vh: Range<usize>,
    /// All elements.
    pub end: usize,
}

/// A singular value decomposition of an m by n matrix.
pub fn svd(m: usize, n: usize, vectors: Vectors) -> Svd {
    let r = m.min(n);
    let sides = match vectors {
        Vectors::Without => [0, 0],
        Vectors::Reduced => [r, r],
        Vectors::Full => [m, n],
    };
    let u = m.saturating_mul(sides[0]);
    let s = u.saturating_add(r);
    let end = s.saturating_add(n.saturating_mul(sides[1]));
    Svd { sides, u: 0..u, s: u..s, vh: s..end, end }
}

/// The parts of an entry of an eigenvalue decomposition.
pub struct Eigh {
    /// The eigenvalues.
    pub values: Range<usize>,
    /// The eigenvectors.
    pub vectors: Range<usize>,
    /// All elements.
    pub end: usize,
}

/// An eigenvalue decomposition of an n by n matrix.
pub fn eigh(n: usize, vectors: bool) -> Eigh {
    let end = if vectors { n + n * n } else { n };
    Eigh { values: 0..n, vectors: n..end, end }
}
