//! Indexing as NumPy has it: integers, slices, new axes, an ellipsis, and integer arrays, broadcast together.
//!
//! An index is read into a [`Selection`]: a slice of the array, and what arrays pick of that. Several arrays become places
//! in one merged axis, so that picking is one gather, and the same selection says where an update goes ([`super::update`]).
//! Masks come as the integer arrays of their true places.

use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Range};
use crate::origin::Place;
use crate::record::Expr;
use crate::shape::{Dims, Shape};

/// One entry between the brackets of `x[...]`.
#[derive(Clone, Copy)]
pub enum Index<'r> {
    /// An integer, which removes its axis.
    At(i64),
    /// A slice, with its ends and step as written.
    Slice(Option<i64>, Option<i64>, Option<i64>),
    /// `None`, a new axis of size 1.
    NewAxis,
    /// `...`, as many full slices as are missing.
    Ellipsis,
    /// An integer array.
    Array(Expr<'r>),
}

/// The first index, step and length of a Python slice of an axis, by the rules of `slice.indices`.
fn resolve(start: Option<i64>, stop: Option<i64>, step: Option<i64>, size: usize) -> Result<(Range, usize)> {
    let (n, step) = (size as i64, step.unwrap_or(1));
    if step == 0 {
        let got = "0".to_string();
        return Err(Error::Argument { op: "index", argument: "slice step", got, expected: "a number other than 0" });
    }
    let (least, most) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let end = |given: Option<i64>, default: i64| match given {
        None => default,
        Some(i) => (if i < 0 { i.saturating_add(n) } else { i }).clamp(least, most),
    };
    let (first, last) = if step > 0 { (end(start, 0), end(stop, n)) } else { (end(start, n - 1), end(stop, -1)) };
    let span = if step > 0 { last - first } else { first - last };
    let stride = step.unsigned_abs();
    let len = if span <= 0 { 0 } else { (span as u64).div_ceil(stride) as usize };
    // A step beyond the axis picks at most one element, so any step at all will do and none overflows.
    let step = if len <= 1 { 1 } else { step as isize };
    Ok((Range { start: first.max(0) as usize, step }, len))
}

/// True when integers and arrays stand side by side.
fn together(entries: &[Index<'_>]) -> bool {
    let advanced = |entry: &Index<'_>| matches!(entry, Index::At(_) | Index::Array(_));
    let first = entries.iter().position(advanced).unwrap_or(0);
    let last = entries.iter().rposition(advanced).unwrap_or(0);
    entries[first..=last].iter().all(advanced)
}

/// What an index picks of an array.
pub(super) struct Selection<'r> {
    /// The slice.
    pub ranges: Vec<Range>,
    /// Its sizes.
    pub lens: Dims,
    /// The same without the axes of integers and with new ones.
    pub dims: Dims,
    /// What arrays pick of that.
    pub picks: Option<Picks<'r>>,
}

/// One gather that picks what several arrays say.
pub(super) struct Picks<'r> {
    /// The shape under which the slice is seen.
    pub view: Dims,
    /// The axis of it that is walked.
    pub axis: usize,
    /// int64 places along the axis, in the shape of what is picked.
    pub index: Expr<'r>,
    /// What is picked, its axes as they were merged taken apart again.
    pub whole: Dims,
    /// The order of these axes in the result.
    pub order: Dims,
}

impl Selection<'_> {
    /// The shape of what is selected.
    pub fn shape(&self) -> Dims {
        match &self.picks {
            Some(picks) => picks.order.iter().map(|&axis| picks.whole[axis]).collect(),
            None => self.dims.clone(),
        }
    }
}

/// What an index says of an array of this shape.
pub(super) fn select<'r>(shape: &Shape, entries: &[Index<'r>]) -> Result<Selection<'r>> {
    let given = entries.iter().filter(|e| !matches!(e, Index::NewAxis | Index::Ellipsis)).count();
    let dots = entries.iter().filter(|e| matches!(e, Index::Ellipsis)).count();
    if given > shape.ndim() || dots > 1 {
        return Err(Error::TooManyIndices { got: given, dots, shape: shape.clone() });
    }
    let missing = shape.ndim() - given;
    let (mut ranges, mut lens, mut dims) = (Vec::new(), Dims::new(), Dims::new());
    let mut arrays = Vec::new();
    let full = |count: usize, ranges: &mut Vec<Range>, lens: &mut Dims, dims: &mut Dims| {
        for _ in 0..count {
            let size = shape[ranges.len()];
            ranges.push(Range::ALL);
            lens.push(size);
            dims.push(size);
        }
    };
    for entry in entries {
        let axis = ranges.len();
        match *entry {
            Index::NewAxis => dims.push(1),
            Index::Ellipsis => full(missing, &mut ranges, &mut lens, &mut dims),
            Index::At(index) => {
                let size = shape[axis];
                let at = if index < 0 { index.saturating_add(size as i64) } else { index };
                if at < 0 || at >= size as i64 {
                    return Err(Error::IndexRange { op: "index", index, axis, size, origin: Place::default() });
                }
                ranges.push(Range { start: at as usize, step: 1 });
                lens.push(1);
            }
            Index::Slice(start, stop, step) => {
                let (range, len) = resolve(start, stop, step, shape[axis])?;
                ranges.push(range);
                lens.push(len);
                dims.push(len);
            }
            Index::Array(index) => {
                arrays.push(Walked { index: index.checked_index("index"), axis, at: dims.len(), size: shape[axis] });
                full(1, &mut ranges, &mut lens, &mut dims);
            }
        }
    }
    if dots == 0 {
        full(missing, &mut ranges, &mut lens, &mut dims);
    }
    let picks = if arrays.is_empty() { None } else { Some(merge(&dims, &arrays, together(entries))?) };
    Ok(Selection { ranges, lens, dims, picks })
}

/// An array, and the axis it walks: as users count it, among those of the slice, and its size.
struct Walked<'r> {
    index: Expr<'r>,
    axis: usize,
    at: usize,
    size: usize,
}

/// One gather for several arrays. Where their axes are neighbours, these become one; where others lie between them, all do,
/// and the places of the others are counted in.
fn merge<'r>(dims: &[usize], arrays: &[Walked<'r>], together: bool) -> Result<Picks<'r>> {
    let mut shape = arrays[0].index.shape();
    for array in &arrays[1..] {
        shape = shape.broadcast(&array.index.shape(), "index")?;
    }
    let (first, last) = (arrays[0].at, arrays[arrays.len() - 1].at);
    let (count, places) = (shape.len(), shape.ndim());
    if last - first + 1 == arrays.len() {
        let (before, behind) = (&dims[..first], &dims[last + 1..]);
        let wide = Shape::new("index", &[before, &[count], behind].concat())?;
        let view: Dims = [before, &[dims[first..=last].iter().product()], behind].concat().into();
        let index = match arrays {
            [one] => one.index,
            several => linear(several, &Shape::new("index", dims)?.strides(), dims[last + 1..].iter().product())?,
        };
        let whole: Dims = [before, &shape[..], behind].concat().into();
        // NumPy's rule: integers and arrays with something between them put their axes first.
        let own = first..first + places;
        let order = match together {
            true => (0..whole.len()).collect(),
            false => own.clone().chain((0..whole.len()).filter(|axis| !own.contains(axis))).collect(),
        };
        let index = index.expand(&shape).as_column(first, &wide);
        return Ok(Picks { view, axis: first, index, whole, order });
    }
    let strides = Shape::new("index", dims)?.strides();
    let others: Dims = (0..dims.len()).filter(|axis| arrays.iter().all(|array| array.at != *axis)).collect();
    let whole: Dims = shape.iter().copied().chain(others.iter().map(|&axis| dims[axis])).collect();
    let wide = Shape::new("index", &whole)?;
    let open: Dims = shape.iter().copied().chain(others.iter().map(|_| 1)).collect();
    let mut index = linear(arrays, &strides, 1)?.expand(&shape).reshape(&open);
    for (k, &axis) in others.iter().enumerate() {
        let line: Dims = (0..whole.len()).map(|a| if a == places + k { dims[axis] } else { 1 }).collect();
        let count = index.recorder().count(Shape::new("index", &line)?);
        index = index + count.with_int(BinaryOp::Mul, strides[axis] as i64);
    }
    let index = index.expand(&wide).reshape(&[wide.len()]);
    Ok(Picks {
        view: Dims::from_slice(&[dims.iter().product()]),
        axis: 0,
        index,
        order: (0..whole.len()).collect(),
        whole,
    })
}

/// Places of several arrays as places among all elements of their axes, `unit` elements of the slice each.
fn linear<'r>(arrays: &[Walked<'r>], strides: &[isize], unit: usize) -> Result<Expr<'r>> {
    let parts = arrays.iter().map(|Walked { index, axis, at, size }| {
        let stride = strides[*at] / unit.max(1) as isize;
        index.positions(*axis, *size).with_int(BinaryOp::Mul, stride as i64)
    });
    let lost = || Error::Internal { what: "an index without arrays".to_string() };
    parts.reduce(|sum, part| sum + part).ok_or_else(lost)
}

impl<'r> Expr<'r> {
    /// `x[...]` with the given entries.
    pub fn index(self, entries: &[Index<'r>]) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let Selection { ranges, lens, dims, picks } = select(&shape, entries)?;
            let sliced = self.slice(ranges.into(), &Shape::new("index", &lens)?);
            let Some(Picks { view, axis, index, whole, order }) = picks else { return Ok(sliced.reshape(&dims)) };
            Ok(sliced.reshape(&view).gather_same(index, axis).reshape(&whole).permute(&order))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_python() {
        let of = |a, b, s, n| {
            let (range, len) = resolve(a, b, s, n).unwrap();
            (0..len as isize).map(|i| range.start as isize + i * range.step).collect::<Vec<_>>()
        };
        assert_eq!(of(None, None, Some(-1), 3), [2, 1, 0]);
        assert_eq!(of(Some(1), Some(-1), None, 5), [1, 2, 3]);
        assert_eq!(of(Some(-100), Some(100), Some(2), 5), [0, 2, 4]);
        assert_eq!(of(Some(4), Some(0), Some(-3), 5), [4, 1]);
        assert_eq!(of(Some(9), None, None, 5), Vec::<isize>::new());
        assert_eq!(of(None, None, Some(i64::MIN), 5), [4]);
        assert_eq!(of(None, None, None, 0), Vec::<isize>::new());
    }
}
