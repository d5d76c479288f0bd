//! Walks over index spaces that several operands share.

use super::Fault;
use crate::shape::Dims;

/// Calls `run(offsets, done, length)` with the element offsets of all operands at each run along the innermost axis of
/// elements `start..start + n` of a space, of which `done` lie before it.
pub(super) fn runs<const N: usize>(
    dims: &[usize],
    strides: [&[isize]; N],
    start: usize,
    n: usize,
    mut run: impl FnMut([isize; N], usize, usize) -> std::result::Result<(), Fault>,
) -> std::result::Result<(), Fault> {
    let Some((&inner, outer)) = dims.split_last() else { return run([0; N], 0, n) };
    let last = outer.len();
    let mut index: Dims = Dims::from_elem(0, last);
    let (mut rest, mut at) = (start / inner, start % inner);
    let mut offsets = [0isize; N];
    for axis in (0..last).rev() {
        index[axis] = rest % outer[axis];
        rest /= outer[axis];
        offsets.iter_mut().zip(strides).for_each(|(offset, s)| *offset += index[axis] as isize * s[axis]);
    }
    let mut done = 0;
    while done < n {
        let length = (inner - at).min(n - done);
        run(std::array::from_fn(|k| offsets[k] + at as isize * strides[k][last]), done, length)?;
        done += length;
        at = 0;
        for axis in (0..last).rev() {
            index[axis] += 1;
            offsets.iter_mut().zip(strides).for_each(|(offset, s)| *offset += s[axis]);
            if index[axis] < outer[axis] {
                break;
            }
            offsets.iter_mut().zip(strides).for_each(|(offset, s)| *offset -= s[axis] * outer[axis] as isize);
            index[axis] = 0;
        }
    }
    Ok(())
}
