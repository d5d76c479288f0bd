//! Searches in sorted rows.

use super::index::Shared;
use super::pool::for_each_block;
use super::{Areas, BREATH, Fault, unknown};
use crate::dtype::with_dtype;
use crate::math::Item;
use crate::plan::Operand;

/// Searches that go on side by side.
const ABREAST: usize = 16;

/// How many elements of a sorted row lie before each value: those that are smaller, and with `right` those that are equal.
/// NaN is the largest, and equal to NaN.
pub(super) fn search(
    right: bool,
    [rows, len, count]: [usize; 3],
    operands: [&Operand; 2],
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    if len == 0 {
        // SAFETY: there is room for all results.
        unsafe { std::ptr::write_bytes(out.cast::<i64>(), 0, rows * count) }
        return Ok(());
    }
    let sizes = [rows, len, count];
    with_dtype!(operands[0].dtype, T => match right {
        true => search_in::<T, true>(sizes, operands, out, areas),
        false => search_in::<T, false>(sizes, operands, out, areas),
    }, else Err(unknown("searchsorted", operands[0].dtype)))
}

#[allow(clippy::bool_comparison, reason = "one body for all element types")]
fn search_in<T: Item, const RIGHT: bool>(
    [rows, len, count]: [usize; 3],
    [sorted, values]: [&Operand; 2],
    out: *mut u8,
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let (row, value, out) = (Shared(areas.at(sorted)), Shared(areas.at(values)), Shared(out));
    let (total, steps, step) = (rows * count, len.ilog2() as usize + 2, sorted.strides[1]);
    for_each_block(total.div_ceil(BREATH), total.saturating_mul(8 * steps), &|claim| {
        while let Some(block) = claim() {
            let end = ((block + 1) * BREATH).min(total);
            for first in (block * BREATH..end).step_by(ABREAST) {
                // Several at a time, so that memory is waited for once for all of them. The last group repeats its last.
                let at: [usize; ABREAST] = std::array::from_fn(|k| (first + k).min(end - 1));
                // SAFETY: the verifier has found every row and value inside its operand, and room for all results.
                unsafe {
                    let rows = at.map(|i| row.get::<T>().offset((i / count) as isize * sorted.strides[0]));
                    let wanted = at.map(|i| {
                        let place = (i / count) as isize * values.strides[0] + (i % count) as isize * values.strides[1];
                        value.get::<T>().offset(place).read()
                    });
                    let before = |k: usize, i: usize| {
                        let element = rows[k].offset(i as isize * step).read();
                        usize::from(if RIGHT { element <= wanted[k] } else { element < wanted[k] })
                    };
                    // Before `start` all elements lie before the value, and behind the next `rest` none does.
                    let (mut start, mut rest) = ([0usize; ABREAST], len);
                    while rest > 1 {
                        let half = rest / 2;
                        start
                            .iter_mut()
                            .enumerate()
                            .for_each(|(k, start)| *start += half * before(k, *start + half - 1));
                        rest -= half;
                    }
                    for k in 0..ABREAST {
                        let mut found = start[k] + before(k, start[k]);
                        if wanted[k].is_not_a_number() {
                            let numbers = |i: &usize| !rows[k].offset(*i as isize * step).read().is_not_a_number();
                            found = if RIGHT { len } else { (0..len).take_while(numbers).count() };
                        }
                        out.get::<i64>().add(at[k]).write(found as i64);
                    }
                }
            }
            areas.worked(BREATH * steps)?;
        }
        Ok(())
    })
}
