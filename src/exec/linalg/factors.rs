//! LU factors: what is solved with them, and determinants.
//!
//! An entry holds the factors of the transposed matrix: its own rows, read as columns, are copied as they lie. Rows and columns
//! are scaled first, so that the factors neither overflow nor vanish.

use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::lu::partial_pivoting::{factor, solve};
use faer::mat::{AsMatMut, MatMut, MatRef};
use faer::perm::PermRef;
use faer::reborrow::*;
use faer::{Conj, Par, Spec};

use super::scale::{self, Wide, exponent, scaled};
use super::{Outcome, Real, Source, Trouble, by_columns, copy, spectra};
use crate::ops::linalg::{Singular, Vectors, packed};

/// Of factors of so many rows and columns.
pub(super) fn lu_room<T: Real>(rows: usize, columns: usize) -> StackReq {
    let own = StackReq::new::<u32>(rows).array(2);
    own.and(factor::lu_in_place_scratch::<u32, T>(rows, columns, Par::Seq, Spec::default()))
}

/// Factors of the transposed matrix, the permutation of its rows, and the exponents by which it was scaled first. Of a
/// matrix that is not finite, all factors are NaN.
pub(super) fn lu<T: Real>(a: MatRef<'_, T>, out: &mut [T], stack: &mut MemStack) {
    let (m, n) = (a.nrows(), a.ncols());
    let (factors, rest) = out.split_at_mut(m * n);
    let (rows, exponents) = rest.split_at_mut(n);
    let (by_row, by_column) = exponents.split_at_mut(m);
    let mut factors = by_columns(factors, n, m);
    if copy(a.transpose(), factors.rb_mut()).is_ok() {
        scale::both(factors.rb_mut(), by_row, by_column);
    } else {
        factors.fill(T::of(f64::NAN));
        by_row.fill(T::of(0.0));
        by_column.fill(T::of(0.0));
    }
    let (mut forward, stack) = stack.make_with(n, |_| 0u32);
    let (mut inverse, stack) = stack.make_with(n, |_| 0u32);
    factor::lu_in_place(factors.rb_mut(), &mut forward, &mut inverse, Par::Seq, stack, Spec::default());
    if let Some(zero) = (0..m.min(n)).find(|&i| factors[(i, i)] == T::of(0.0)) {
        // It was divided by, so what lies behind it means nothing. What was finite is finite.
        let _ = copy(a.transpose(), factors.rb_mut());
        scale::both(factors.rb_mut(), by_row, by_column);
        eliminate(factors, zero, &mut forward);
    }
    rows.iter_mut().zip(forward.iter()).for_each(|(row, &from)| *row = T::of(f64::from(from)));
}

/// Factors in place of a matrix in which the pivot of one column is 0, and perhaps those of others behind it: there is
/// nothing to eliminate in these.
fn eliminate<T: Real>(mut a: MatMut<'_, T>, zero: usize, forward: &mut [u32]) {
    let size = |x: T| x.into().abs();
    forward.iter_mut().zip(0..).for_each(|(from, i)| *from = i);
    for k in 0..a.nrows().min(a.ncols()) {
        let largest = (k + 1..a.nrows()).fold(k, |row, i| if size(a[(i, k)]) > size(a[(row, k)]) { i } else { row });
        if k == zero || a[(largest, k)] == T::of(0.0) {
            (k..a.nrows()).for_each(|i| a[(i, k)] = T::of(0.0));
            continue;
        }
        forward.swap(k, largest);
        for j in 0..a.ncols() {
            let (one, other) = (a[(k, j)], a[(largest, j)]);
            (a[(k, j)], a[(largest, j)]) = (other, one);
        }
        let pivot = a[(k, k)];
        (k + 1..a.nrows()).for_each(|i| a[(i, k)] /= pivot);
        for j in k + 1..a.ncols() {
            let above = a[(k, j)];
            (k + 1..a.nrows()).for_each(|i| a[(i, j)] = a[(i, j)] - a[(i, k)] * above);
        }
    }
}

pub(super) fn solve_room<T: Real>(n: usize, columns: usize) -> StackReq {
    let own = StackReq::new::<u32>(n)
        .array(2)
        .and(StackReq::new::<T>(packed::lu(n, n).end))
        .and(StackReq::new::<i32>(columns));
    own.and(solve::solve_in_place_scratch::<u32, T>(n, columns, Par::Seq))
}

/// LU factors as they are used.
struct Factors<'a, T> {
    /// Both triangles, of the transposed matrix.
    both: MatRef<'a, T>,
    /// How its rows were exchanged.
    rows: PermRef<'a, u32>,
    /// The exponents of the matrix's own rows and columns.
    exponents: [&'a [T]; 2],
}

/// Hands LU factors on, and what is left of the stack.
fn with_factors<T: Real, R>(
    source: Source<'_, T>,
    n: usize,
    stack: &mut MemStack,
    use_them: impl FnOnce(Factors<'_, T>, &mut MemStack) -> R,
) -> R {
    let len = packed::lu(n, n).end;
    // SAFETY: an entry of factors has so many elements along one axis.
    let (dense, strided) = unsafe { (source.dense(len), source.matrix(len, 1)) };
    let (copied, stack) = stack.make_with(if dense.is_some() { 0 } else { len }, |i| strided[(i, 0)]);
    let (factors, rest) = dense.unwrap_or(&copied).split_at(n * n);
    let (rows, exponents) = rest.split_at(n);
    let (forward, stack) = stack.make_with(n, |i| rows[i].into() as u32);
    let (mut inverse, stack) = stack.make_with(n, |_| 0u32);
    forward.iter().enumerate().for_each(|(to, &from)| inverse[from as usize] = to as u32);
    // SAFETY: the node that made the factors wrote a permutation, and nobody else can make an entry of factors.
    let rows = unsafe { PermRef::new_unchecked(&forward, &inverse, n) };
    let (by_row, by_column) = exponents.split_at(n);
    use_them(
        Factors { both: MatRef::from_column_major_slice(factors, n, n), rows, exponents: [by_row, by_column] },
        stack,
    )
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

impl<T: Real> Factors<'_, T> {
    /// Solves in place, with the scaled matrix.
    fn solve_scaled(&self, transpose: bool, x: MatMut<'_, T>, stack: &mut MemStack) {
        let (both, rows) = (self.both, self.rows);
        if transpose {
            solve::solve_in_place_with_conj(both, both, rows, Conj::No, x, Par::Seq, stack);
        } else {
            solve::solve_transpose_in_place_with_conj(both, both, rows, Conj::No, x, Par::Seq, stack);
        }
    }

    /// Solves in place. What multiplied the rows multiplies the right side, what multiplied the columns the solution.
    fn solve(&self, transpose: bool, mut x: MatMut<'_, T>, stack: &mut MemStack) {
        let [before, after] = if transpose { [self.exponents[1], self.exponents[0]] } else { self.exponents };
        let (mut own, stack) = stack.make_with(x.ncols(), |_| 0i32);
        scale::right_side(x.rb_mut(), before, &mut own);
        self.solve_scaled(transpose, x.rb_mut(), stack);
        for (i, &row) in after.iter().enumerate() {
            for (j, &column) in own.iter().enumerate() {
                x[(i, j)] = scaled(x[(i, j)], exponent(row) - column);
            }
        }
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
    with_factors(source, b.nrows(), stack, |factors, stack| {
        regular(factors.both)?;
        copy(b, x.rb_mut())?;
        factors.solve(transpose, x, stack);
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
    with_factors(source, x.nrows(), stack, |factors, stack| {
        match (regular(factors.both), singular) {
            (Err(Trouble::Singular), Singular::Infinite) => {
                x.fill(T::of(f64::INFINITY));
                return Ok(());
            }
            (outcome, _) => outcome?,
        }
        x.fill(T::of(0.0));
        (0..x.ncols()).for_each(|j| x[(first + j, j)] = T::of(1.0));
        factors.solve(false, x, stack);
        Ok(())
    })
}

/// What factors say of the determinant.
struct Pivots<'a, T> {
    entry: MatRef<'a, T>,
    n: usize,
    /// Of the permutation.
    sign: f64,
    /// The exponent of what the determinant was multiplied by.
    exponent: i32,
}

impl<'a, T: Real> Pivots<'a, T> {
    fn new(source: Source<'a, T>, n: usize, stack: &mut MemStack) -> Pivots<'a, T> {
        // SAFETY: an entry of factors has so many elements along one axis.
        let entry = unsafe { source.matrix(packed::lu(n, n).end, 1) };
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
        let exponent = (n * n + n..packed::lu(n, n).end).map(|i| exponent(entry[(i, 0)])).fold(0, i32::saturating_add);
        Pivots { entry, n, sign, exponent }
    }

    /// The pivots up to the first that is 0.
    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let mut ended = false;
        let pivots = (0..self.n).map(|i| self.entry[(i * self.n + i, 0)].into());
        pivots.take_while(move |&pivot| !std::mem::replace(&mut ended, pivot == 0.0))
    }

    /// The determinant of the scaled matrix.
    fn product(&self) -> Wide {
        self.values().fold(Wide { mantissa: self.sign, exponent: 0 }, Wide::times)
    }
}

/// The determinant.
pub(super) fn determinant<T: Real>(source: Source<'_, T>, n: usize, stack: &mut MemStack) -> T {
    let pivots = Pivots::new(source, n, stack);
    let product = pivots.product();
    // A zero has no sign here.
    Wide { exponent: product.exponent.saturating_sub(pivots.exponent), ..product }.rounded::<T>() + T::of(0.0)
}

/// The determinant's sign, and the logarithm of its magnitude.
pub(super) fn logarithm<T: Real>(source: Source<'_, T>, n: usize, stack: &mut MemStack) -> (T, T) {
    let pivots = Pivots::new(source, n, stack);
    let (mut sign, mut sum) = (pivots.sign, -f64::from(pivots.exponent) * std::f64::consts::LN_2);
    for pivot in pivots.values() {
        sign *= if pivot == 0.0 { 0.0 } else { pivot.signum() };
        sum += pivot.abs().ln();
    }
    (T::of(if sign == 0.0 { 0.0 } else { sign }), T::of(sum))
}

pub(super) fn cofactors_room<T: Real>(n: usize) -> StackReq {
    let by_values = StackReq::new::<T>(packed::svd(n, n, Vectors::Full).end)
        .and(StackReq::new::<T>(n))
        .and(StackReq::new::<T>(n * n).array(2))
        .and(StackReq::new::<T>(packed::lu(n, n).end))
        .and(spectra::svd_room::<T>(n, n, Vectors::Full).or(lu_room::<T>(n, n)).or(StackReq::new::<bool>(n)));
    let by_factors = lu_room::<T>(n, n).or(solve_room::<T>(n, n)).or(StackReq::new::<bool>(n));
    StackReq::new::<T>(packed::lu(n, n).end).and(by_values.or(by_factors))
}

/// Below this ratio of the smallest pivot to the largest, cofactors come from singular values: they exist there too.
const STEEP: f64 = 1e-3;

/// The matrix of cofactors, row by row: the determinant times the transposed inverse, where that is exact enough.
pub(super) fn cofactors<T: Real>(a: MatRef<'_, T>, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let n = a.nrows();
    let mut result = by_columns(out, n, n).transpose_mut();
    copy(a, result.rb_mut())?;
    let (mut entry, stack) = stack.make_with(packed::lu(n, n).end, |_| T::of(0.0));
    lu(a, &mut entry, stack);
    let source = Source { start: entry.as_ptr(), strides: [1, 1], area: std::marker::PhantomData };
    let by = |i: usize, j: usize| exponent(entry[n * n + n + i]) + exponent(entry[n * n + 2 * n + j]);
    let sizes = || (0..n).map(|i| entry[i * n + i].into().abs());
    let (least, most) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    let mut up = -Pivots::new(source, n, stack).exponent;
    if least > STEEP * most {
        let det = Pivots::new(source, n, stack).product();
        up = up.saturating_add(det.exponent);
        result.fill(T::of(0.0));
        (0..n).for_each(|i| result[(i, i)] = T::of(det.mantissa));
        with_factors(source, n, stack, |factors, stack| factors.solve_scaled(true, result.rb_mut(), stack));
    } else {
        let (mut memory, stack) = stack.make_with(n * n, |at| scaled(a[(at % n, at / n)], by(at % n, at / n)));
        by_singular_values(by_columns(&mut memory, n, n).rb(), result.rb_mut(), stack)?;
    }
    // Each is without one row and one column, of the products by which all were scaled.
    for i in 0..n {
        (0..n).for_each(|j| result[(i, j)] = scaled(result[(i, j)], up.saturating_add(by(i, j))));
    }
    Ok(())
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
    let (mut entry, stack) = stack.make_with(packed::lu(n, n).end, |_| T::of(0.0));
    lu(q, &mut entry, stack);
    let source = Source { start: entry.as_ptr(), strides: [1, 1], area: std::marker::PhantomData };
    logarithm(source, n, stack).0
}
