//! Triangles: Cholesky factors, and what is solved with triangular matrices.

use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::cholesky::llt::factor as llt;
use faer::linalg::{temp_mat_scratch, triangular_solve as triangles};
use faer::mat::{MatMut, MatRef};
use faer::reborrow::*;
use faer::{Conj, Par, Spec};

use super::scale::{self, scaled};
use super::{Outcome, Real, Trouble, by_columns, copy};
use crate::ops::linalg::Triangle;

pub(super) fn cholesky_room<T: Real>(n: usize) -> StackReq {
    temp_mat_scratch::<T>(n, n).and(llt::cholesky_in_place_scratch::<T>(n, Par::Seq, Spec::default()))
}

/// The most rows of a matrix for which blocks do not pay.
const SMALL: usize = 16;

/// The lower factor, row by row, of a matrix whose lower triangle is read.
pub(super) fn cholesky<T: Real>(a: MatRef<'_, T>, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let n = a.nrows();
    out.fill(T::of(0.0));
    if n <= SMALL {
        copy_lower(a, by_columns(out, n, n).transpose_mut())?;
        scale_lower(a, by_columns(out, n, n).transpose_mut(), |row, column| row + column);
        small_cholesky(out, n)?;
    } else {
        let (mut memory, stack) = stack.make_with(n * n, |_| T::of(0.0));
        let mut factor = by_columns(&mut memory, n, n);
        copy_lower(a, factor.rb_mut())?;
        scale_lower(a, factor.rb_mut(), |row, column| row + column);
        let done = llt::cholesky_in_place(factor.rb_mut(), Default::default(), Par::Seq, stack, Spec::default());
        done.map_err(|llt::LltError::NonPositivePivot { index }| Trouble::NotPositiveDefinite(index + 1))?;
        copy_lower(factor.rb(), by_columns(out, n, n).transpose_mut())?;
    }
    scale_lower(a, by_columns(out, n, n).transpose_mut(), |row, _| -row);
    Ok(())
}

/// Multiplies a lower triangle by powers of 2, by exponents from those that bring the diagonal of `a` near 1.
fn scale_lower<T: Real>(a: MatRef<'_, T>, mut lower: MatMut<'_, T>, by: impl Fn(i32, i32) -> i32) {
    // Half of it for the row and half for the column: of a positive definite matrix no element is larger than its diagonal.
    let own = |i: usize| scale::of(a[(i, i)]).div_euclid(2);
    if (0..a.nrows()).any(|i| own(i) != 0) {
        for i in 0..a.nrows() {
            (0..=i).for_each(|j| lower[(i, j)] = scaled(lower[(i, j)], by(own(i), own(j))));
        }
    }
}

/// Row by row, in place: each is what its dot products with those before leave of it.
fn small_cholesky<T: Real>(out: &mut [T], n: usize) -> Outcome {
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
    let (a, upper) = if transpose { (a.transpose(), !upper) } else { (a, upper) };
    // What lies between has a reciprocal of as many digits.
    let (least, most) = (4.0 * T::LEAST, 0.25 / T::LEAST);
    if !unit && (0..a.nrows()).any(|i| !(least..=most).contains(&a[(i, i)].into().abs())) {
        substitute(a, upper, x);
        return Ok(());
    }
    let solve = match (upper, unit) {
        (false, false) => triangles::solve_lower_triangular_in_place_with_conj,
        (false, true) => triangles::solve_unit_lower_triangular_in_place_with_conj,
        (true, false) => triangles::solve_upper_triangular_in_place_with_conj,
        (true, true) => triangles::solve_unit_upper_triangular_in_place_with_conj,
    };
    solve(a, Conj::No, x, Par::Seq);
    Ok(())
}

/// Row by row: each unknown is what those known leave, divided by what is on the diagonal.
fn substitute<T: Real>(a: MatRef<'_, T>, upper: bool, mut x: MatMut<'_, T>) {
    let n = a.nrows();
    for step in 0..n {
        let (i, known) = if upper { (n - 1 - step, n - step..n) } else { (step, 0..step) };
        for column in 0..x.ncols() {
            let left = known.clone().fold(x[(i, column)], |left, j| left - a[(i, j)] * x[(j, column)]);
            x[(i, column)] = left / a[(i, i)];
        }
    }
}
