//! Triangular factors, and what is solved with them.
//!
//! An LU entry holds the factors of the transposed matrix: its own rows, read as columns, are copied as they lie.

use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::cholesky::llt::factor as llt;
use faer::linalg::lu::partial_pivoting::{factor, solve};
use faer::linalg::{temp_mat_scratch, triangular_solve as triangles};
use faer::mat::{AsMatMut, MatMut, MatRef};
use faer::perm::PermRef;
use faer::reborrow::*;
use faer::{Conj, Par, Spec};

use super::{Outcome, Real, Source, Trouble, by_columns, copy, spectra};
use crate::ops::linalg::{Singular, Triangle, Vectors, packed};

pub(super) fn cholesky_room<T: Real>(n: usize) -> StackReq {
    temp_mat_scratch::<T>(n, n).and(llt::cholesky_in_place_scratch::<T>(n, Par::Seq, Spec::default()))
}

/// The most rows of a matrix for which blocks do not pay.
const SMALL: usize = 16;

/// The lower factor, row by row, of a matrix whose lower triangle is read.
pub(super) fn cholesky<T: Real>(a: MatRef<'_, T>, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let n = a.nrows();
    if n <= SMALL {
        return small_cholesky(a, out);
    }
    let (mut memory, stack) = stack.make_with(n * n, |_| T::of(0.0));
    let mut factor = by_columns(&mut memory, n, n);
    copy_lower(a, factor.rb_mut())?;
    let done = llt::cholesky_in_place(factor.rb_mut(), Default::default(), Par::Seq, stack, Spec::default());
    done.map_err(|llt::LltError::NonPositivePivot { index }| Trouble::NotPositiveDefinite(index + 1))?;
    out.fill(T::of(0.0));
    copy_lower(factor.rb(), by_columns(out, n, n).transpose_mut())
}

/// Row by row: each is what its dot products with those before leave of it.
fn small_cholesky<T: Real>(a: MatRef<'_, T>, out: &mut [T]) -> Outcome {
    let n = a.nrows();
    let mut finite = true;
    for (i, row) in out.chunks_exact_mut(n).enumerate() {
        for (j, x) in row.iter_mut().enumerate() {
            *x = if j <= i { a[(i, j)] } else { T::of(0.0) };
            finite &= *x * T::of(0.0) == T::of(0.0);
        }
    }
    if !finite {
        return Err(Trouble::NonFinite);
    }
    for i in 0..n {
        let (before, rest) = out.split_at_mut(i * n);
        let row = &mut rest[..n];
        for (j, other) in before.chunks_exact(n).enumerate() {
            let known = row[..j].iter().zip(&other[..j]).fold(row[j], |left, (&x, &y)| left - x * y);
            row[j] = known / other[j];
        }
        let left = row[..i].iter().fold(row[i], |left, &x| left - x * x);
        // A NaN, from an overflow, is not positive either.
        if left.partial_cmp(&T::of(0.0)) != Some(std::cmp::Ordering::Greater) {
            return Err(Trouble::NotPositiveDefinite(i + 1));
        }
        row[i] = Real::sqrt(left);
    }
    Ok(())
}

/// Copies the lower triangle.
pub(super) fn copy_lower<T: Real>(from: MatRef<'_, T>, mut to: MatMut<'_, T>) -> Outcome {
    /// Rows whose part left of the diagonal is a triangle and, before it, a rectangle.
    const STRIPE: usize = 16;
    let n = from.nrows();
    for top in (0..n).step_by(STRIPE) {
        let rows = STRIPE.min(n - top);
        copy(from.submatrix(top, 0, rows, top), to.rb_mut().submatrix_mut(top, 0, rows, top))?;
        for j in top..top + rows {
            let below = top + rows - j;
            copy(from.submatrix(j, j, below, 1), to.rb_mut().submatrix_mut(j, j, below, 1))?;
        }
    }
    Ok(())
}

pub(super) fn lu_room<T: Real>(n: usize) -> StackReq {
    let own = StackReq::new::<u32>(n).array(2);
    own.and(factor::lu_in_place_scratch::<u32, T>(n, n, Par::Seq, Spec::default()))
}

/// Factors of the transposed matrix, and the permutation of its rows. Of a matrix that is not finite, all factors are NaN;
/// otherwise nothing behind a pivot of 0 means anything.
pub(super) fn lu<T: Real>(a: MatRef<'_, T>, out: &mut [T], stack: &mut MemStack) {
    let n = a.nrows();
    let (factors, rows) = out.split_at_mut(n * n);
    let mut factors = by_columns(factors, n, n);
    let finite = copy(a.transpose(), factors.rb_mut()).is_ok();
    if !finite {
        factors.fill(T::of(f64::NAN));
    }
    let (mut forward, stack) = stack.make_with(n, |_| 0u32);
    let (mut inverse, stack) = stack.make_with(n, |_| 0u32);
    factor::lu_in_place(factors, &mut forward, &mut inverse, Par::Seq, stack, Spec::default());
    rows.iter_mut().zip(forward.iter()).for_each(|(row, &from)| *row = T::of(f64::from(from)));
}

pub(super) fn solve_room<T: Real>(n: usize, columns: usize) -> StackReq {
    let own = StackReq::new::<u32>(n).array(2).and(StackReq::new::<T>(packed::lu(n)));
    own.and(solve::solve_in_place_scratch::<u32, T>(n, columns, Par::Seq))
}

/// Hands LU factors on: the factors, the permutation forwards and backwards, and what is left of the stack.
fn with_factors<T: Real, R>(
    source: Source<'_, T>,
    n: usize,
    stack: &mut MemStack,
    use_them: impl FnOnce(MatRef<'_, T>, PermRef<'_, u32>, &mut MemStack) -> R,
) -> R {
    let len = packed::lu(n);
    // SAFETY: an entry of factors has so many elements along one axis.
    let (dense, strided) = unsafe { (source.dense(len), source.matrix(len, 1)) };
    let (copied, stack) = stack.make_with(if dense.is_some() { 0 } else { len }, |i| strided[(i, 0)]);
    let (factors, rows) = dense.unwrap_or(&copied).split_at(n * n);
    let (forward, stack) = stack.make_with(n, |i| rows[i].into() as u32);
    let (mut inverse, stack) = stack.make_with(n, |_| 0u32);
    forward.iter().enumerate().for_each(|(to, &from)| inverse[from as usize] = to as u32);
    // SAFETY: the node that made the factors wrote a permutation, and nobody else can make an entry of factors.
    let rows = unsafe { PermRef::new_unchecked(&forward, &inverse, n) };
    use_them(MatRef::from_column_major_slice(factors, n, n), rows, stack)
}

/// Factors without a zero on their diagonal, or the reason why there is no inverse.
fn regular<T: Real>(factors: MatRef<'_, T>) -> Outcome {
    let pivots = (0..factors.nrows()).map(|i| factors[(i, i)]);
    for pivot in pivots {
        if pivot == T::of(0.0) {
            return Err(Trouble::Singular);
        }
        if pivot * T::of(0.0) != T::of(0.0) {
            return Err(Trouble::NonFinite);
        }
    }
    Ok(())
}

/// Solves in place. The factors are those of the transposed matrix.
fn solve_in_place<T: Real>(
    factors: MatRef<'_, T>,
    rows: PermRef<'_, u32>,
    transpose: bool,
    x: MatMut<'_, T>,
    stack: &mut MemStack,
) {
    if transpose {
        solve::solve_in_place_with_conj(factors, factors, rows, Conj::No, x, Par::Seq, stack);
    } else {
        solve::solve_transpose_in_place_with_conj(factors, factors, rows, Conj::No, x, Par::Seq, stack);
    }
}

/// `a^-1 b`, or of the transposed matrix, by its factors.
pub(super) fn lu_solve<T: Real>(
    source: Source<'_, T>,
    transpose: bool,
    b: MatRef<'_, T>,
    mut x: MatMut<'_, T>,
    stack: &mut MemStack,
) -> Outcome {
    with_factors(source, b.nrows(), stack, |factors, rows, stack| {
        regular(factors)?;
        copy(b, x.rb_mut())?;
        solve_in_place(factors, rows, transpose, x, stack);
        Ok(())
    })
}

/// Columns of the inverse, by the factors.
pub(super) fn inverse<T: Real>(
    source: Source<'_, T>,
    singular: Singular,
    first: usize,
    mut x: MatMut<'_, T>,
    stack: &mut MemStack,
) -> Outcome {
    with_factors(source, x.nrows(), stack, |factors, rows, stack| {
        match (regular(factors), singular) {
            (Err(Trouble::Singular), Singular::Infinite) => {
                x.fill(T::of(f64::INFINITY));
                return Ok(());
            }
            (outcome, _) => outcome?,
        }
        x.fill(T::of(0.0));
        (0..x.ncols()).for_each(|j| x[(first + j, j)] = T::of(1.0));
        solve_in_place(factors, rows, false, x, stack);
        Ok(())
    })
}

/// The pivots up to the first that is 0, and the sign of the permutation.
fn pivots<'a, T: Real>(source: Source<'a, T>, n: usize, stack: &mut MemStack) -> (f64, impl Iterator<Item = f64> + 'a) {
    // SAFETY: an entry of factors has so many elements along one axis.
    let entry = unsafe { source.matrix(packed::lu(n), 1) };
    let (mut seen, _) = stack.make_with(n, |_| false);
    let mut sign = 1.0;
    for start in 0..n {
        let (mut row, mut length) = (start, 0);
        while !seen[row] {
            seen[row] = true;
            row = entry[(n * n + row, 0)].into() as usize;
            length += 1;
        }
        // A cycle of an even number of rows is an odd permutation.
        if length > 0 && length % 2 == 0 {
            sign = -sign;
        }
    }
    let mut ended = false;
    let pivots = (0..n).map(move |i| entry[(i * n + i, 0)].into());
    (sign, pivots.take_while(move |&pivot| !std::mem::replace(&mut ended, pivot == 0.0)))
}

/// The determinant.
pub(super) fn determinant<T: Real>(source: Source<'_, T>, n: usize, stack: &mut MemStack) -> T {
    let (sign, pivots) = pivots(source, n, stack);
    let (mut product, mut singular) = (T::of(sign), false);
    for pivot in pivots {
        product *= T::of(pivot);
        singular |= pivot == 0.0;
    }
    if singular { T::of(0.0) } else { product }
}

/// The determinant's sign, and the logarithm of its magnitude.
pub(super) fn logarithm<T: Real>(source: Source<'_, T>, n: usize, stack: &mut MemStack) -> (T, T) {
    let (mut sign, pivots) = pivots(source, n, stack);
    let mut sum = 0.0;
    for pivot in pivots {
        sign *= if pivot == 0.0 { 0.0 } else { pivot.signum() };
        sum += pivot.abs().ln();
    }
    (T::of(if sign == 0.0 { 0.0 } else { sign }), T::of(sum))
}

pub(super) fn cofactors_room<T: Real>(n: usize) -> StackReq {
    let by_values = StackReq::new::<T>(packed::svd(n, n, Vectors::Full).end)
        .and(StackReq::new::<T>(n))
        .and(StackReq::new::<T>(n * n).array(3))
        .and(spectra::svd_room::<T>(n, n, Vectors::Full).or(lu_room::<T>(n)));
    let by_factors = StackReq::new::<T>(packed::lu(n)).and(lu_room::<T>(n).or(solve_room::<T>(n, n)));
    by_values.or(by_factors)
}

/// Below this ratio of the smallest pivot to the largest, cofactors come from singular values: they exist there too.
const STEEP: f64 = 1e-3;

/// The matrix of cofactors, row by row: the determinant times the transposed inverse, where that is exact enough.
pub(super) fn cofactors<T: Real>(a: MatRef<'_, T>, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let n = a.nrows();
    let mut result = by_columns(out, n, n).transpose_mut();
    copy(a, result.rb_mut())?;
    let steep = {
        let (mut entry, stack) = stack.make_with(packed::lu(n), |_| T::of(0.0));
        lu(a, &mut entry, stack);
        let source = Source { start: entry.as_ptr(), strides: [1, 1], area: std::marker::PhantomData };
        let sizes = || (0..n).map(|i| entry[i * n + i].into().abs());
        let (least, most) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
        if least > STEEP * most {
            let det = determinant(source, n, stack);
            result.fill(T::of(0.0));
            (0..n).for_each(|i| result[(i, i)] = det);
            with_factors(source, n, stack, |factors, rows, stack| {
                solve_in_place(factors, rows, true, result.rb_mut(), stack)
            });
        }
        least <= STEEP * most
    };
    if steep { by_singular_values(a, result, stack) } else { Ok(()) }
}

/// `U C V^T` with the cofactors `C` of the singular values: the products of all others.
fn by_singular_values<T: Real>(a: MatRef<'_, T>, mut result: MatMut<'_, T>, stack: &mut MemStack) -> Outcome {
    let n = a.nrows();
    let parts = packed::svd(n, n, Vectors::Full);
    let (mut entry, stack) = stack.make_with(parts.end, |_| T::of(0.0));
    spectra::svd(a, Vectors::Full, &mut entry, stack)?;
    let u = MatRef::from_column_major_slice(&entry[parts.u.clone()], n, n);
    let v = MatRef::from_column_major_slice(&entry[parts.vh.clone()], n, n);
    let hands = orientation(u, stack) * orientation(v, stack);
    let (mut others, stack) = stack.make_with(n, |_| hands);
    let mut before = T::of(1.0);
    for (i, &s) in entry[parts.s.clone()].iter().enumerate() {
        others[i] *= before;
        before *= s;
    }
    let mut after = T::of(1.0);
    for (i, &s) in entry[parts.s.clone()].iter().enumerate().rev() {
        others[i] *= after;
        after *= s;
    }
    let (mut scaled, _) = stack.make_with(n * n, |at| u[(at % n, at / n)] * others[at / n]);
    spectra::multiply(result.as_mat_mut(), by_columns(&mut scaled, n, n).rb(), v.transpose());
    Ok(())
}

/// The determinant of an orthogonal matrix: 1 or -1.
fn orientation<T: Real>(q: MatRef<'_, T>, stack: &mut MemStack) -> T {
    let n = q.nrows();
    let (mut entry, stack) = stack.make_with(packed::lu(n), |_| T::of(0.0));
    lu(q, &mut entry, stack);
    let source = Source { start: entry.as_ptr(), strides: [1, 1], area: std::marker::PhantomData };
    logarithm(source, n, stack).0
}

/// `a^-1 b` for a triangular matrix.
pub(super) fn triangular_solve<T: Real>(
    a: MatRef<'_, T>,
    Triangle { upper, unit, transpose }: Triangle,
    b: MatRef<'_, T>,
    mut x: MatMut<'_, T>,
) -> Outcome {
    if !unit && (0..a.nrows()).any(|i| a[(i, i)] == T::of(0.0)) {
        return Err(Trouble::Singular);
    }
    copy(b, x.rb_mut())?;
    let a = if transpose { a.transpose() } else { a };
    let solve = match (upper != transpose, unit) {
        (false, false) => triangles::solve_lower_triangular_in_place_with_conj,
        (false, true) => triangles::solve_unit_lower_triangular_in_place_with_conj,
        (true, false) => triangles::solve_upper_triangular_in_place_with_conj,
        (true, true) => triangles::solve_unit_upper_triangular_in_place_with_conj,
    };
    solve(a, Conj::No, x, Par::Seq);
    Ok(())
}
