//! Powers of 2 that bring what is very large or very small to where squares, sums and reciprocals are numbers.
//!
//! Enters: matrices, and right sides. Leaves: the same times powers of 2, and the exponents, by which results are brought
//! back. Promises: sizes that are near 1 have exponent 0, so ordinary matrices keep their bits.

use faer::mat::MatMut;
use faer::reborrow::*;

use super::Real;

/// From `2^-NEAR` to `2^NEAR` sizes stay as they are. All others are brought to `2^NEAR`, where what is smaller beside them
/// keeps most of its digits.
const NEAR: i32 = 30;

/// The exponent of the largest power of 2 that is not above a size; `None` of what has none.
fn order(size: f64) -> Option<i32> {
    let size = size.abs();
    if size == 0.0 || !size.is_finite() {
        return None;
    }
    let (size, more) = if size < f64::MIN_POSITIVE { (size * (1u64 << 54) as f64, -54) } else { (size, 0) };
    Some((size.to_bits() >> 52) as i32 - 1023 + more)
}

/// The exponent that brings a number near 1.
pub(super) fn of<T: Real>(x: T) -> i32 {
    away(order(x.into()))
}

/// What to add to the exponent of a size.
fn away(order: Option<i32>) -> i32 {
    order.filter(|order| !(-NEAR..=NEAR).contains(order)).map_or(0, |order| NEAR - order)
}

/// `x 2^exponent`, rounded once unless it is subnormal.
pub(super) fn scaled<T: Real>(x: T, exponent: i32) -> T {
    if exponent == 0 {
        return x;
    }
    // Not in one step: what leads from the smallest numbers to 1 is no number itself.
    let exponent = exponent.clamp(-2200, 2200);
    let part = 2f64.powi(exponent / 3);
    T::of(x.into() * part * part * 2f64.powi(exponent - 2 * (exponent / 3)))
}

/// A number that may be beyond the range of floats: `mantissa 2^exponent`.
#[derive(Clone, Copy)]
pub(super) struct Wide {
    pub mantissa: f64,
    pub exponent: i32,
}

impl Wide {
    pub(super) fn times(self, x: f64) -> Wide {
        let mantissa = self.mantissa * x;
        let order = order(mantissa).unwrap_or(0);
        Wide { mantissa: scaled(mantissa, -order), exponent: self.exponent.saturating_add(order) }
    }

    pub(super) fn rounded<T: Real>(self) -> T {
        T::of(scaled(self.mantissa, self.exponent))
    }
}

fn most<T: Real>(elements: impl Iterator<Item = T>) -> f64 {
    elements.fold(0.0, |most, x| if x.into().abs() > most { x.into().abs() } else { most })
}

/// Scales all elements alike. Returns the exponent.
pub(super) fn whole<T: Real>(mut a: MatMut<'_, T>) -> i32 {
    let by = of((0..a.ncols()).map(|j| most((0..a.nrows()).map(|i| a[(i, j)]))).fold(0.0, f64::max));
    for j in 0..if by == 0 { 0 } else { a.ncols() } {
        (0..a.nrows()).for_each(|i| a[(i, j)] = scaled(a[(i, j)], by));
    }
    by
}

/// Scales each column. Writes the exponents.
pub(super) fn columns<T: Real>(mut a: MatMut<'_, T>, exponents: &mut [T]) {
    for (j, exponent) in exponents.iter_mut().enumerate() {
        let by = of(most((0..a.nrows()).map(|i| a[(i, j)])));
        *exponent = T::of(f64::from(by));
        (0..if by == 0 { 0 } else { a.nrows() }).for_each(|i| a[(i, j)] = scaled(a[(i, j)], by));
    }
}

/// Scales each column, and then each row. Writes the exponents.
pub(super) fn both<T: Real>(mut a: MatMut<'_, T>, by_column: &mut [T], by_row: &mut [T]) {
    columns(a.rb_mut(), by_column);
    by_row.fill(T::of(0.0));
    for column in a.rb().col_iter() {
        for (most, &x) in by_row.iter_mut().zip(column.iter()) {
            let size = if x < T::of(0.0) { -x } else { x };
            *most = if size > *most { size } else { *most };
        }
    }
    for (i, exponent) in by_row.iter_mut().enumerate() {
        let by = of(*exponent);
        *exponent = T::of(f64::from(by));
        (0..if by == 0 { 0 } else { a.ncols() }).for_each(|j| a[(i, j)] = scaled(a[(i, j)], by));
    }
}

/// An exponent as it is stored.
pub(super) fn exponent<T: Real>(x: T) -> i32 {
    x.into() as i32
}

/// Scales rows of a right side by these exponents, and each of its columns so that it is near 1. Writes the exponents of the
/// columns.
pub(super) fn right_side<T: Real>(mut b: MatMut<'_, T>, by_row: &[T], by_column: &mut [i32]) {
    by_column.fill(i32::MIN);
    for (i, &row) in by_row.iter().enumerate() {
        for (j, most) in by_column.iter_mut().enumerate() {
            let order = order(b[(i, j)].into()).map_or(i32::MIN, |order| order + exponent(row));
            *most = order.max(*most);
        }
    }
    by_column.iter_mut().for_each(|most| *most = away(Some(*most).filter(|&most| most != i32::MIN)));
    for (i, &row) in by_row.iter().enumerate() {
        for (j, &column) in by_column.iter().enumerate() {
            b[(i, j)] = scaled(b[(i, j)], exponent(row) + column);
        }
    }
}
