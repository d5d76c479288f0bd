//! Derivatives of linear algebra, written in operations of the record.
//!
//! Where a decomposition is not unique, its cotangent is divided by the distances of values; equal ones do not mix their
//! vectors, so that whatever does not depend on the choice among these has a finite gradient.

use std::ops::Range;

use smallvec::{SmallVec, smallvec};

use super::spectra::{equal_within, inverse_gap};
use super::{LinalgOp, Singular, Triangle, Vectors, packed};
use crate::error::Error;
use crate::ops::{BinaryOp, Cotangents, Op, ReduceOp, if_wanted};
use crate::record::Expr;

/// The cotangents of the inputs `x` of an operation with the output `y`.
pub fn vjp<'r>(op: LinalgOp, x: &[Expr<'r>], y: Expr<'r>, g: Expr<'r>, wanted: &[bool]) -> Cotangents<'r> {
    let a = x[0];
    if a.shape().is_empty() {
        return x.iter().zip(wanted).map(|(x, &wanted)| if_wanted(wanted, || x.zeros_like())).collect();
    }
    match op {
        LinalgOp::Lu => smallvec![Some(lu(a, y, g))],
        LinalgOp::Cholesky => smallvec![Some(cholesky(y, g))],
        LinalgOp::LuSolve { transpose } => {
            let w = a.lu_solve(x[1], g, !transpose);
            smallvec![if_wanted(wanted[0], || to_matrix(w, y, transpose)), None, Some(w)]
        }
        LinalgOp::TriangularSolve(triangle) => {
            let w = a.triangular(g, Triangle { transpose: !triangle.transpose, ..triangle });
            // Ones that stand for the diagonal do not change.
            let k = if triangle.unit { [-1, 1][usize::from(triangle.upper)] } else { 0 };
            let to_a = || to_matrix(w, y, triangle.transpose).triangle(triangle.upper, k);
            smallvec![if_wanted(wanted[0], to_a), Some(w)]
        }
        LinalgOp::Inverse(_) => smallvec![Some(-y.swap_last().matmul(g).matmul(y.swap_last())), None],
        LinalgOp::Det => smallvec![Some(g.column().column().gate(a.cofactors())), None],
        LinalgOp::Slogdet => {
            let logarithm = g.narrow(g.shape().ndim() - 1, 1, 1).column();
            smallvec![Some(logarithm.gate(a.inverse(x[1], Singular::Infinite).swap_last())), None]
        }
        LinalgOp::Cofactors => smallvec![Some(cofactors(a, g))],
        LinalgOp::Qr { complete } => smallvec![Some(qr(a, y, g, complete))],
        LinalgOp::Svd(vectors) => smallvec![Some(svd(a, y, g, vectors))],
        LinalgOp::Eigh { vectors } => smallvec![Some(eigh(a, y, g, vectors))],
        LinalgOp::Pinv => smallvec![Some(pinv(a, y, g)), None],
        LinalgOp::Expm => smallvec![Some(expm(a, g))],
    }
}

/// What the matrix gets of a solve whose right side gets `w`.
fn to_matrix<'r>(w: Expr<'r>, y: Expr<'r>, transpose: bool) -> Expr<'r> {
    if transpose { -y.matmul(w.swap_last()) } else { -w.matmul(y.swap_last()) }
}

/// A part of a packed cotangent; `None` where nothing but zeros was put there.
fn part<'r>(g: Expr<'r>, range: &Range<usize>, rows: usize, columns: usize) -> Option<Expr<'r>> {
    touches(g, range).then(|| g.unpacked(range, rows, columns))
}

/// Whether anything but zeros may stand in a part of a packed cotangent, which is a sum of what was put into zeros.
fn touches(g: Expr<'_>, range: &Range<usize>) -> bool {
    /// Terms of a sum that are looked at.
    const FEW: usize = 16;
    if range.is_empty() {
        return false;
    }
    let mut terms: SmallVec<[Expr<'_>; FEW]> = smallvec![g];
    let mut at = 0;
    while let Some(&term) = terms.get(at) {
        at += 1;
        match (term.placed(), term.op()) {
            (Some((block, ranges)), _) => {
                let last = ranges.len() - 1;
                let (start, len) = (ranges[last].start, block.shape()[last]);
                if start < range.end && range.start < start + len {
                    return true;
                }
            }
            (None, Op::Binary(BinaryOp::Add)) if terms.len() < FEW => terms.extend(term.inputs()),
            _ => return true,
        }
    }
    false
}

/// Murray, 2016: `L^-T P L^-1` with the lower triangle `P` of `L^T g`, its diagonal halved.
fn cholesky<'r>(l: Expr<'r>, g: Expr<'r>) -> Expr<'r> {
    let inner = l.swap_last().matmul(g.tril(0));
    let p = (inner.tril(0) + inner.tril(-1)) * 0.5;
    let transposed = Triangle { upper: false, unit: false, transpose: true };
    let half = l.triangular(p, transposed);
    l.triangular(half.swap_last(), transposed).symmetric_part()
}

/// Of the factors of the transposed matrix, as they are without the powers of 2 that it was multiplied by.
fn lu<'r>(a: Expr<'r>, y: Expr<'r>, g: Expr<'r>) -> Expr<'r> {
    let [.., m, n] = a.shape()[..] else { return g };
    let (axis, k, parts) = (a.shape().ndim() - 1, m.min(n), packed::lu(m, n));
    let Some(g) = part(g, &parts.both, m, n).map(Expr::swap_last) else { return a.zeros_like() };
    let both = y.unpacked(&parts.both, m, n).swap_last();
    let square = both.narrow(axis - 1, 0, k).narrow(axis, 0, k);
    let (l, u) = (square.tril(-1) + square.identity_like(), square.triu(0));
    // Times L^-T from the left, and U^-T from the right.
    let before = |x: Expr<'r>| square.triangular(x, Triangle { upper: false, unit: true, transpose: true });
    let behind = |x: Expr<'r>| {
        square.triangular(x.swap_last(), Triangle { upper: true, unit: false, transpose: false }).swap_last()
    };
    let corner = g.narrow(axis - 1, 0, k).narrow(axis, 0, k);
    let (mut to_l, mut to_u, mut beside) = (corner, corner, None);
    if m > k {
        let w = before(g.narrow(axis, k, m - k));
        to_l = corner - w.matmul(both.narrow(axis, k, m - k).swap_last());
        beside = Some((w, axis));
    }
    if n > k {
        let w = behind(g.narrow(axis - 1, k, n - k));
        to_u = corner - both.narrow(axis - 1, k, n - k).swap_last().matmul(w);
        beside = Some((w, axis - 1));
    }
    let inner = l.swap_last().matmul(to_l.tril(-1)).tril(-1) + to_u.triu(0).matmul(u.swap_last()).triu(0);
    let ordered = behind(before(inner));
    let ordered = beside.map_or(ordered, |(w, axis)| ordered.join(w, axis));
    let row = |part: &Range<usize>| y.narrow(axis - 1, part.start, part.len()).stop_gradient();
    let [by_row, by_column] = parts.exponents.map(|part| row(&part));
    let place = row(&parts.rows).argsort(Some(-1), false);
    let scaled = ordered.take_along_axis(place.column(), -2);
    scaled.ldexp(by_column.column() + by_row.row()).swap_last()
}

/// With `a = U S V^T` the cofactors of `S` are products of all values but one, and their derivatives of all but two: no
/// division, so singular matrices are like others.
fn cofactors<'r>(a: Expr<'r>, g: Expr<'r>) -> Expr<'r> {
    let [.., n, _] = a.shape()[..] else { return g };
    let all = a.decomposed(Vectors::Full);
    let parts = packed::svd(n, n, Vectors::Full);
    let (u, vh) = (all.unpacked(&parts.u, n, n).swap_last(), all.unpacked(&parts.vh, n, n));
    let s = all.unpacked(&parts.s, 1, n);
    // Handedness does not change where the matrix does a little.
    let sign = (u.matmul(vh)).stop_gradient().det().stop_gradient().sign().column().column();
    let unit = a.identity_like();
    let zero = unit.zeros_like();
    // Products of all values but two, of which the diagonal is left out.
    let is_unit = unit.gt_scalar(0.0);
    let left_out = is_unit.expand_dims(&[-2]).logical_or(is_unit.expand_dims(&[-3]));
    let others = left_out.select(s.expand_dims(&[-2]).ones_like(), s.expand_dims(&[-2]));
    let others = others.reduce_kept(ReduceOp::Prod, &[a.shape().ndim()]).squeeze(Some(&[-1]));
    let others = is_unit.select(zero, others);
    let inner = u.swap_last().matmul(g).matmul(vh.swap_last());
    let diagonal = others.matmul(inner.diagonal(0, -2, -1).column()).swap_last();
    let turned = is_unit.select(diagonal.expand(&unit.shape()), -others.gate(inner.swap_last()));
    sign * u.matmul(turned).matmul(vh)
}

/// Walter and Lehmann, 2010; of a wide matrix the columns behind the square part are `Q^T` times those.
fn qr<'r>(a: Expr<'r>, y: Expr<'r>, g: Expr<'r>, complete: bool) -> Expr<'r> {
    let [.., m, n] = a.shape()[..] else { return g };
    let (axis, parts) = (a.shape().ndim() - 1, packed::qr(m, n, complete));
    let p = parts.p;
    let k = m.min(n);
    if touches(g, &(m * k..parts.q.end)) {
        let reason = format!("the last {} columns of `Q` of shape ({m}, {p}) are not unique", p - n);
        return g.fail(Error::Gradient { op: "qr", reason, hint: "use mode='reduced'" });
    }
    let q = y.unpacked(&(0..m * k), k, m).swap_last();
    let r = y.unpacked(&parts.r, n, p).swap_last();
    let to_q = part(g, &(0..m * k), k, m).map_or_else(|| q.zeros_like(), Expr::swap_last);
    let to_r = part(g, &parts.r, n, p).map_or_else(|| r.zeros_like(), Expr::swap_last).triu(0);
    let (r, to_r) = (r.narrow(axis - 1, 0, k), to_r.narrow(axis - 1, 0, k));
    if n <= m {
        return square_qr(q, r, to_q, to_r);
    }
    let (front, back) = (r.narrow(axis, 0, m), a.narrow(axis, m, n - m));
    let to_back = to_r.narrow(axis, m, n - m);
    let to_q = to_q + back.matmul(to_back.swap_last());
    square_qr(q, front, to_q, to_r.narrow(axis, 0, m)).join(q.matmul(to_back), axis)
}

/// Of a matrix with no more columns than rows.
fn square_qr<'r>(q: Expr<'r>, r: Expr<'r>, to_q: Expr<'r>, to_r: Expr<'r>) -> Expr<'r> {
    let inner = r.matmul(to_r.swap_last()) - to_q.swap_last().matmul(q);
    let symmetric = inner.tril(0) + inner.tril(-1).swap_last();
    // Times R^-T from the right.
    let sum = (to_q + q.matmul(symmetric)).swap_last();
    r.triangular(sum, Triangle { upper: true, unit: false, transpose: false }).swap_last()
}

/// Townsend, 2016.
fn svd<'r>(a: Expr<'r>, y: Expr<'r>, g: Expr<'r>, vectors: Vectors) -> Expr<'r> {
    let [.., m, n] = a.shape()[..] else { return g };
    let k = m.min(n);
    let given = packed::svd(m, n, vectors);
    let own = if vectors == Vectors::Without { Vectors::Reduced } else { vectors };
    let parts = packed::svd(m, n, own);
    let all = if vectors == Vectors::Without { a.decomposed(own) } else { y };
    // The vectors that belong to singular values, and those that only complete a basis.
    let leading = |side: &Range<usize>, size: usize| side.start..side.end.min(side.start + size * k);
    for (side, size, name) in [(&given.u, m, "U"), (&given.vh, n, "Vh")] {
        if touches(g, &(leading(side, size).end..side.end)) {
            let reason = format!("the last {} vectors of `{name}` of size {size} are not unique", size - k);
            return g.fail(Error::Gradient { op: "svd", reason, hint: "use full_matrices=False" });
        }
    }
    let u = all.unpacked(&leading(&parts.u, m), k, m).swap_last();
    let vh = all.unpacked(&leading(&parts.vh, n), k, n);
    let s = all.unpacked(&parts.s, 1, k);
    let to_u = part(g, &leading(&given.u, m), k, m);
    let to_vh = part(g, &leading(&given.vh, n), k, n);
    let mut inner = part(g, &given.s, 1, k).map(|to_s| a_diagonal(to_s));
    // Of squares, the difference is a product in which small values keep their digits.
    let values = s.squeeze(Some(&[-2]));
    let gap = || inverse_gap(s - values.column(), equal_within(values).column());
    let turn = |x: Expr<'r>| (x - x.swap_last()).gate(gap().gate((s + values.column()).reciprocal()));
    let mut outside = None;
    let add = |sum: &mut Option<Expr<'r>>, more: Expr<'r>| *sum = Some(sum.map_or(more, |sum| sum + more));
    if let Some(to_u) = to_u.map(Expr::swap_last) {
        let along = u.swap_last().matmul(to_u);
        add(&mut inner, turn(along) * s);
        if m > k {
            add(&mut outside, (to_u - u.matmul(along)).gate(s.reciprocal()).matmul(vh));
        }
    }
    if let Some(to_vh) = to_vh {
        let along = vh.matmul(to_vh.swap_last());
        add(&mut inner, s.swap_last() * turn(along));
        if n > k {
            let rest = to_vh - along.swap_last().matmul(vh);
            add(&mut outside, u.matmul(rest.gate(s.swap_last().reciprocal())));
        }
    }
    let inner = inner.map(|inner| u.matmul(inner).matmul(vh));
    match (inner, outside) {
        (Some(inner), Some(outside)) => inner + outside,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => a.zeros_like(),
    }
}

/// Rows `[.., 1, n]` as diagonal matrices.
fn a_diagonal(row: Expr<'_>) -> Expr<'_> {
    let shape = row.shape();
    let [ref batch @ .., _, n] = shape[..] else { return row };
    row.attempt(|| {
        let wide = crate::shape::Shape::new("diagonal", &[batch, &[n, n]].concat())?;
        let wide = row.expand(&wide);
        Ok(wide.identity_like().gt_scalar(0.0).select(wide, wide.zeros_like()))
    })
}

/// `V (diag(gw) + F (V^T gV)) V^T`, symmetric to the last bit.
fn eigh<'r>(a: Expr<'r>, y: Expr<'r>, g: Expr<'r>, vectors: bool) -> Expr<'r> {
    let [.., n] = a.shape()[..] else { return g };
    let parts = packed::eigh(n, true);
    let all = if vectors { y } else { a.linalg(LinalgOp::Eigh { vectors: true }, &[], [n, n, 0]) };
    let v = all.unpacked(&parts.vectors, n, n).swap_last();
    let w = all.narrow(a.shape().ndim() - 2, 0, n);
    let to_values = part(g, &parts.values, 1, n);
    let to_vectors = if vectors { part(g, &parts.vectors, n, n) } else { None };
    let Some(to_v) = to_vectors.map(Expr::swap_last) else {
        let Some(to_w) = to_values else { return a.zeros_like() };
        return (v * to_w).matmul(v.swap_last()).symmetric_part();
    };
    let along = v.swap_last().matmul(to_v);
    let gap = inverse_gap(w.row() - w.column(), equal_within(w).column());
    let turned = (along - along.swap_last()).gate(gap) * 0.5;
    let inner = to_values.map_or(turned, |to_w| turned + a_diagonal(to_w));
    v.matmul(inner).matmul(v.swap_last()).symmetric_part()
}

/// Golub and Pereyra, 1973, the adjoint of
/// `dP = -P da P + P P^T da^T (1 - a P) + (1 - P a) da^T P^T P`.
fn pinv<'r>(a: Expr<'r>, p: Expr<'r>, g: Expr<'r>) -> Expr<'r> {
    let (pt, gt) = (p.swap_last(), g.swap_last());
    let through = -pt.matmul(g).matmul(pt);
    let right = gt.matmul(p).matmul(pt);
    let right = right - a.matmul(p.matmul(right));
    let left = pt.matmul(p).matmul(gt);
    let left = left - left.matmul(p).matmul(a);
    through + right + left
}

/// The Fréchet derivative in direction `g` at `a^T`.
fn expm<'r>(a: Expr<'r>, g: Expr<'r>) -> Expr<'r> {
    let [.., n] = a.shape()[..] else { return g };
    let (axis, at) = (a.shape().ndim() - 1, a.swap_last());
    let top = at.join(g, axis);
    let bottom = at.zeros_like().join(at, axis);
    top.join(bottom, axis - 1).expm().narrow(axis - 1, 0, n).narrow(axis, n, n)
}
