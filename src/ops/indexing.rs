//! Basic indexing as NumPy has it: integers, slices, new axes, an ellipsis, and one integer array.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::Range;
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
    /// An integer array; at most one.
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

impl<'r> Expr<'r> {
    /// `x[...]` with the given entries.
    pub fn index(self, entries: &[Index<'r>]) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let given = entries.iter().filter(|e| !matches!(e, Index::NewAxis | Index::Ellipsis)).count();
            let dots = entries.iter().filter(|e| matches!(e, Index::Ellipsis)).count();
            if given > shape.ndim() || dots > 1 {
                return Err(Error::TooManyIndices { got: given, dots, shape: shape.clone() });
            }
            let missing = shape.ndim() - given;
            let (mut ranges, mut lens, mut dims) = (Vec::new(), Dims::new(), Dims::new());
            let mut array = None;
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
                        if index.dtype() == DType::Bool {
                            let expected =
                                "integers; a mask makes the shape depend on values, use where(mask, x, other)";
                            return Err(Error::DType { op: "index", got: DType::Bool, expected });
                        }
                        if array.replace((index, dims.len())).is_some() {
                            let got = "two integer arrays".to_string();
                            let expected = "at most one; combine take and take_along_axis for more";
                            return Err(Error::Argument { op: "index", argument: "index", got, expected });
                        }
                        full(1, &mut ranges, &mut lens, &mut dims);
                    }
                }
            }
            if dots == 0 {
                full(missing, &mut ranges, &mut lens, &mut dims);
            }
            let picked = self.slice(ranges.into(), &Shape::new("index", &lens)?).reshape(&dims);
            let Some((index, axis)) = array else { return Ok(picked) };
            let taken = picked.take(index, Some(axis as i64));
            if together(entries) {
                return Ok(taken);
            }
            // NumPy's rule: integers and arrays with something between them put their axes first.
            let axes: Vec<i64> = (0..index.shape().ndim() as i64).collect();
            Ok(taken.moveaxis(&axes.iter().map(|k| k + axis as i64).collect::<Vec<_>>(), &axes))
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
