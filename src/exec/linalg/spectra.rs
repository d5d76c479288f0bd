//! QR, singular values, eigenvalues, and the pseudoinverse.
//!
//! Signs that the algorithms leave open are set here: the diagonal of `R` is not negative, and the first element of largest
//! magnitude in each left singular vector, and in each eigenvector, is positive.

use faer::diag::DiagMut;
use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::evd::{self, ComputeEigenvectors, SelfAdjointEvdParams};
use faer::linalg::householder as reflections;
use faer::linalg::matmul::matmul;
use faer::linalg::qr::no_pivoting::factor;
use faer::linalg::svd::{self, ComputeSvdVectors, SvdParams};
use faer::linalg::temp_mat_scratch;
use faer::mat::{MatMut, MatRef};
use faer::reborrow::*;
use faer::{Accum, Auto, Conj, Par, Spec};

use super::{Outcome, Real, Trouble, by_columns, copy, scale};
use crate::ops::linalg::{Vectors, packed};

/// `a @ b`.
pub(super) fn multiply<T: Real>(out: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    matmul(out, Accum::Replace, a, b, T::of(1.0), Par::Seq);
}

pub(super) fn qr_room<T: Real>(m: usize, n: usize, complete: bool) -> StackReq {
    let (size, p) = (factor::recommended_block_size::<T>(m, n), packed::qr(m, n, complete).p);
    let decompose = factor::qr_in_place_scratch::<T>(m, n, size, Par::Seq, Spec::default());
    let apply = reflections::apply_block_householder_sequence_on_the_left_in_place_scratch::<T>(m, size, p);
    let own = StackReq::new::<T>(m * n).and(StackReq::new::<T>(n)).and(StackReq::new::<T>(size * m.min(n)));
    own.and(decompose.or(apply))
}

/// `Q` and `R`, each column by column.
pub(super) fn qr<T: Real>(a: MatRef<'_, T>, complete: bool, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let (m, n) = (a.nrows(), a.ncols());
    let (parts, least) = (packed::qr(m, n, complete), m.min(n));
    let size = factor::recommended_block_size::<T>(m, n);
    let (q, r) = out.split_at_mut(parts.r.start);
    let (mut q, mut r) = (by_columns(q, m, parts.p), by_columns(r, parts.p, n));
    let (mut memory, stack) = stack.make_with(m * n, |_| T::of(0.0));
    let mut basis = by_columns(&mut memory, m, n);
    copy(a, basis.rb_mut())?;
    // Columns of `R` are what those of the matrix are.
    let (mut exponents, stack) = stack.make_with(n, |_| T::of(0.0));
    scale::columns(basis.rb_mut(), &mut exponents);
    let (mut memory, stack) = stack.make_with(size * least, |_| T::of(0.0));
    let mut coefficients = by_columns(&mut memory, size, least);
    factor::qr_in_place(basis.rb_mut(), coefficients.rb_mut(), Par::Seq, stack, Spec::default());
    q.fill(T::of(0.0));
    (0..parts.p).for_each(|i| q[(i, i)] = T::of(1.0));
    reflections::apply_block_householder_sequence_on_the_left_in_place_with_conj(
        basis.rb().subcols(0, least),
        coefficients.rb(),
        Conj::No,
        q.rb_mut(),
        Par::Seq,
        stack,
    );
    r.fill(T::of(0.0));
    for j in 0..n {
        for i in 0..least.min(j + 1) {
            let negative = basis[(i, i)] < T::of(0.0);
            let x = scale::scaled(basis[(i, j)], -scale::exponent(exponents[j]));
            r[(i, j)] = if negative { -x } else { x };
        }
    }
    for i in (0..least).filter(|&i| basis[(i, i)] < T::of(0.0)) {
        (0..m).for_each(|row| q[(row, i)] = -q[(row, i)]);
    }
    Ok(())
}

/// True if the first element of largest magnitude is negative.
fn points_down<T: Real>(column: impl Iterator<Item = T>) -> bool {
    let mut largest = T::of(0.0);
    for x in column {
        let [size, least] = [x, largest].map(|x| if x < T::of(0.0) { -x } else { x });
        if size > least {
            largest = x;
        }
    }
    largest < T::of(0.0)
}

fn turn<T: Real>(matrix: &mut MatMut<'_, T>, column: usize) {
    (0..matrix.nrows()).for_each(|row| matrix[(row, column)] = -matrix[(row, column)]);
}

fn asked(vectors: Vectors) -> ComputeSvdVectors {
    match vectors {
        Vectors::Without => ComputeSvdVectors::No,
        Vectors::Reduced => ComputeSvdVectors::Thin,
        Vectors::Full => ComputeSvdVectors::Full,
    }
}

/// From this size on, problems are cut in halves: measured, some percent faster than where the crate begins.
const CUT: [usize; 2] = [40, 64];

fn svd_parameters<T: Real>() -> Spec<SvdParams, T> {
    SvdParams { recursion_threshold: CUT[0], ..Auto::<T>::auto() }.into()
}

fn eigh_parameters<T: Real>() -> Spec<SelfAdjointEvdParams, T> {
    SelfAdjointEvdParams { recursion_threshold: CUT[1], ..Auto::<T>::auto() }.into()
}

pub(super) fn svd_room<T: Real>(m: usize, n: usize, vectors: Vectors) -> StackReq {
    let side = asked(vectors);
    StackReq::new::<T>(m * n).and(svd::svd_scratch::<T>(m, n, side, side, Par::Seq, svd_parameters()))
}

/// `U` column by column, the singular values, `V^T` row by row.
pub(super) fn svd<T: Real>(a: MatRef<'_, T>, vectors: Vectors, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let (m, n) = (a.nrows(), a.ncols());
    let parts = packed::svd(m, n, vectors);
    let (mut memory, stack) = stack.make_with(m * n, |_| T::of(0.0));
    let mut own = by_columns(&mut memory, m, n);
    copy(a, own.rb_mut())?;
    let exponent = scale::whole(own.rb_mut());
    // Of a very tall matrix, the block of `U` beside the first columns is taken to be zeros.
    if vectors == Vectors::Full {
        out.fill(T::of(0.0));
    }
    let (u, rest) = out.split_at_mut(parts.s.start);
    let (s, vh) = rest.split_at_mut(parts.s.len());
    let some = vectors != Vectors::Without;
    let mut u = some.then(|| by_columns(u, m, parts.sides[0]));
    let mut v = some.then(|| by_columns(vh, n, parts.sides[1]));
    let done = svd::svd(
        own.rb(),
        DiagMut::from_slice_mut(s),
        u.as_mut().map(|u| u.rb_mut()),
        v.as_mut().map(|v| v.rb_mut()),
        Par::Seq,
        stack,
        svd_parameters(),
    );
    done.map_err(|_| Trouble::NoConvergence)?;
    s.iter_mut().for_each(|value| *value = scale::scaled(*value, -exponent));
    if let (Some(u), Some(v)) = (&mut u, &mut v) {
        for j in 0..u.ncols().max(v.ncols()) {
            let lead = if j < u.ncols() { u.rb() } else { v.rb() };
            if points_down((0..lead.nrows()).map(|i| lead[(i, j)])) {
                [&mut *u, &mut *v].into_iter().filter(|side| j < side.ncols()).for_each(|side| turn(side, j));
            }
        }
    }
    Ok(())
}

pub(super) fn eigh_room<T: Real>(n: usize, vectors: bool) -> StackReq {
    let side = if vectors { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No };
    StackReq::new::<T>(n * n).and(evd::self_adjoint_evd_scratch::<T>(n, side, Par::Seq, eigh_parameters()))
}

/// Eigenvalues, and eigenvectors column by column, of a matrix whose lower triangle is read.
pub(super) fn eigh<T: Real>(a: MatRef<'_, T>, vectors: bool, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let n = a.nrows();
    let (mut memory, stack) = stack.make_with(n * n, |_| T::of(0.0));
    let mut own = by_columns(&mut memory, n, n);
    super::triangles::copy_lower(a, own.rb_mut())?;
    let exponent = scale::whole(own.rb_mut());
    let (values, rest) = out.split_at_mut(n);
    let mut v = vectors.then(|| by_columns(rest, n, n));
    let done = evd::self_adjoint_evd(
        own.rb(),
        DiagMut::from_slice_mut(values),
        v.as_mut().map(|v| v.rb_mut()),
        Par::Seq,
        stack,
        eigh_parameters(),
    );
    done.map_err(|_| Trouble::NoConvergence)?;
    values.iter_mut().for_each(|value| *value = scale::scaled(*value, -exponent));
    if let Some(v) = &mut v {
        for j in 0..n {
            if points_down((0..n).map(|i| v[(i, j)])) {
                turn(v, j);
            }
        }
    }
    Ok(())
}

pub(super) fn pinv_room<T: Real>(m: usize, n: usize) -> StackReq {
    let parts = packed::svd(m, n, Vectors::Reduced);
    StackReq::new::<T>(parts.end).and(svd_room::<T>(m, n, Vectors::Reduced).or(temp_mat_scratch::<T>(n, m.min(n))))
}

/// The pseudoinverse, row by row.
pub(super) fn pinv<T: Real>(a: MatRef<'_, T>, rtol: T, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let (m, n) = (a.nrows(), a.ncols());
    let (parts, least) = (packed::svd(m, n, Vectors::Reduced), m.min(n));
    let (mut entry, stack) = stack.make_with(parts.end, |_| T::of(0.0));
    svd(a, Vectors::Reduced, &mut entry, stack)?;
    let u = MatRef::from_column_major_slice(&entry[parts.u.clone()], m, least);
    let v = MatRef::from_column_major_slice(&entry[parts.vh.clone()], n, least);
    let s = &entry[parts.s.clone()];
    let limit = s.first().map_or(T::of(0.0), |&largest| largest * rtol);
    let by = s.first().map_or(0, |&largest| scale::of(largest));
    let inverse = |j: usize| if s[j] > limit { T::of(1.0) / scale::scaled(s[j], by) } else { T::of(0.0) };
    let (mut scaled, _) = stack.make_with(n * least, |at| v[(at % n, at / n)] * inverse(at / n));
    multiply(by_columns(out, m, n).transpose_mut(), by_columns(&mut scaled, n, least).rb(), u.transpose());
    out.iter_mut().for_each(|x| *x = scale::scaled(*x, by));
    Ok(())
}
