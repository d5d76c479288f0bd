//! Where an array is not zero: the one question whose answer has a shape that depends on values.
//!
//! Enters: an array that is computed. Leaves: arrays of positions, in C order. Whoever records by them computes the array
//! first, and gives the positions to the record as data.

use crate::buffer::NdArray;
use crate::dtype::{DType, with_dtype};
use crate::error::{Error, Result};
use crate::shape::Shape;

/// The flat positions of all elements that are not zero.
pub fn flat(op: &'static str, array: &NdArray) -> Result<Vec<i64>> {
    with_dtype!(array.dtype(), T => {
        let elements = array.as_slice::<T>().unwrap_or(&[]);
        let count = elements.iter().map(|x| usize::from(*x != T::default())).sum::<usize>();
        let mut found = Vec::new();
        let bytes = (count + 1).saturating_mul(8);
        found.try_reserve_exact(count + 1).map_err(|_| Error::Allocation { op, bytes })?;
        found.resize(count + 1, 0);
        // Written in any case, and kept if it is one: nobody can foresee a branch.
        let mut next = 0;
        for (at, x) in (0i64..).zip(elements) {
            found[next] = at;
            next += usize::from(*x != T::default());
        }
        found.truncate(count);
        Ok(found)
    })
}

/// The positions along each axis of all elements that are not zero.
pub fn along_axes(op: &'static str, array: &NdArray) -> Result<Vec<NdArray>> {
    let found = flat(op, array)?;
    let (shape, strides) = (array.shape(), array.shape().strides());
    if shape.ndim() == 1 {
        return Ok(vec![list(op, found.len(), found.into_iter())?]);
    }
    let along = |axis: usize| {
        let place = |at: &i64| at / strides[axis] as i64 % shape[axis] as i64;
        list(op, found.len(), found.iter().map(place))
    };
    (0..shape.ndim()).map(along).collect()
}

/// A one-dimensional array of int64.
pub fn list(op: &'static str, len: usize, values: impl Iterator<Item = i64>) -> Result<NdArray> {
    NdArray::filled(op, DType::I64, Shape::new(op, &[len])?, |bytes| {
        bytes.chunks_exact_mut(8).zip(values).for_each(|(to, value)| to.copy_from_slice(&value.to_ne_bytes()));
        Ok(())
    })
}

/// Each number as often as the number beside it says.
pub fn repeated(op: &'static str, counts: &[i64]) -> Result<NdArray> {
    if let Some(count) = counts.iter().find(|&&count| count < 0) {
        let (got, expected) = (count.to_string(), "0 or more");
        return Err(Error::Argument { op, argument: "repeats", got, expected });
    }
    let len = counts.iter().try_fold(0usize, |sum, &count| sum.checked_add(count as usize));
    let len = len.ok_or_else(|| Error::TooLarge { op, shape: "(more than 2**64,)".to_string() })?;
    list(op, len, (0i64..).zip(counts).flat_map(|(at, &count)| std::iter::repeat_n(at, count as usize)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_in_c_order() {
        let x = NdArray::from_slice(&[0i32, 3, 0, -1, 0, 2]).unwrap().reshape(&[2, 3]).unwrap();
        assert_eq!(flat("test", &x).unwrap(), [1, 3, 5]);
        let axes = along_axes("test", &x).unwrap();
        assert_eq!([axes[0].to_string(), axes[1].to_string()], ["[0, 1, 1]", "[1, 0, 2]"]);
    }

    #[test]
    fn a_scalar_has_no_axes_and_counts_repeat() {
        assert!(along_axes("test", &NdArray::from_slice(&[1.0f32]).unwrap().reshape(&[]).unwrap()).unwrap().is_empty());
        assert_eq!(repeated("test", &[2, 0, 1]).unwrap().to_string(), "[0, 0, 2]");
        assert!(repeated("test", &[-1]).is_err() && repeated("test", &[i64::MAX, i64::MAX, 2]).is_err());
    }
}
