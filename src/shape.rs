//! Shapes: sizes of axes, and the arithmetic on them.
//!
//! Everything that multiplies sizes goes through [`Shape::checked_len`], so no product of sizes overflows anywhere: a
//! shape that exists has a countable number of elements, and of bytes in the widest dtype.

use smallvec::SmallVec;

use crate::error::{Error, Result};

/// Axis sizes, strides or axis numbers; up to four stay on the stack.
pub type Dims<T = usize> = SmallVec<[T; 4]>;

/// The most axes a tensor may have, as in NumPy.
pub const MAX_NDIM: usize = 64;

/// The sizes of a tensor's axes.
#[derive(PartialEq, Eq, Hash, Default)]
pub struct Shape(Dims);

impl Clone for Shape {
    /// A plain copy of memory, unlike that of a list of anything.
    fn clone(&self) -> Shape {
        Shape(Dims::from_slice(&self.0))
    }
}

impl Shape {
    /// A shape from sizes, refused when its bytes could not be counted in an `isize` or it has too many axes.
    pub fn new(op: &'static str, dims: &[usize]) -> Result<Shape> {
        if dims.len() > MAX_NDIM {
            let got = format!("{} axes", dims.len());
            return Err(Error::Argument { op, argument: "shape", got, expected: "at most 64 axes" });
        }
        match Shape::checked_len(dims) {
            Some(_) => Ok(Shape(Dims::from_slice(dims))),
            None => Err(Error::TooLarge { op, shape: Shape(Dims::from_slice(dims)).to_string() }),
        }
    }

    /// The index, written as a shape, of an element of an array of these sizes, by its number in C order.
    pub fn index_in(sizes: &[usize], mut at: usize) -> Shape {
        let mut index = Dims::from_slice(sizes);
        for (place, &size) in index.iter_mut().zip(sizes).rev() {
            (*place, at) = (at % size.max(1), at / size.max(1));
        }
        Shape(index)
    }

    /// The shape () of a scalar.
    pub(crate) const SCALAR: Shape = Shape(Dims::new_const());

    /// The shape () of a scalar.
    pub fn scalar() -> Shape {
        Shape::default()
    }

    /// The product of sizes, if its bytes at eight an element fit an `isize`.
    ///
    /// Zeros do not excuse the other sizes: `(0, 2**62)` is refused too, as the strides of such a shape overflow.
    pub fn checked_len(dims: &[usize]) -> Option<usize> {
        let spread = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d.max(1)))?;
        if spread > isize::MAX as usize / 8 {
            return None;
        }
        Some(if dims.contains(&0) { 0 } else { spread })
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.0.iter().product()
    }

    /// True for shapes with a size of zero.
    pub fn is_empty(&self) -> bool {
        self.0.contains(&0)
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.0.len()
    }

    /// Strides, in elements, of a C-contiguous array of this shape.
    pub fn strides(&self) -> Dims<isize> {
        let mut strides: Dims<isize> = SmallVec::from_elem(1, self.ndim());
        for axis in (1..self.ndim()).rev() {
            strides[axis - 1] = strides[axis] * self.0[axis].max(1) as isize;
        }
        strides
    }

    /// The shape with the given axes set to 1.
    pub fn with_ones(&self, axes: &[usize]) -> Shape {
        let mut dims = self.0.clone();
        for &axis in axes {
            dims[axis] = 1;
        }
        Shape(dims)
    }

    /// The shape with one size replaced, checked anew.
    pub fn with_size(&self, op: &'static str, axis: usize, size: usize) -> Result<Shape> {
        let mut dims = self.0.clone();
        dims[axis] = size;
        Shape::new(op, &dims)
    }

    /// The shape without the given axes.
    pub fn without(&self, axes: &[usize]) -> Shape {
        Shape(self.0.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, &d)| d).collect())
    }

    /// The common shape of two shapes under NumPy's broadcasting rules.
    pub fn broadcast(&self, other: &Shape, op: &'static str) -> Result<Shape> {
        if self == other {
            return Ok(self.clone());
        }
        let ndim = self.ndim().max(other.ndim());
        let mut dims: Dims = SmallVec::from_elem(1, ndim);
        for (axis, slot) in dims.iter_mut().enumerate() {
            let (l, r) = (self.size_at(ndim - axis), other.size_at(ndim - axis));
            *slot = match (l, r) {
                (l, r) if l == r => l,
                (1, r) => r,
                (l, 1) => l,
                _ => {
                    return Err(Error::Broadcast { op, left: self.clone(), right: other.clone() });
                }
            };
        }
        Shape::new(op, &dims)
    }

    /// True when arrays of this shape can be expanded to `target`.
    pub fn expands_to(&self, target: &Shape) -> bool {
        self.ndim() <= target.ndim()
            && (1..=self.ndim()).all(|k| self.size_at(k) == target.size_at(k) || self.size_at(k) == 1)
    }

    /// The size `k` places from the right, counted from 1; missing axes have size 1.
    fn size_at(&self, k: usize) -> usize {
        if k <= self.ndim() { self.0[self.ndim() - k] } else { 1 }
    }
}

impl std::ops::Deref for Shape {
    type Target = [usize];
    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let inner: Vec<String> = self.0.iter().map(usize::to_string).collect();
        match inner.as_slice() {
            [one] => write!(f, "({one},)"),
            many => write!(f, "({})", many.join(", ")),
        }
    }
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// A set of axis positions, one bit each: there are at most 64 axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AxisSet(u64);

impl AxisSet {
    /// The set of some positions.
    pub fn new(axes: &[usize]) -> AxisSet {
        AxisSet(axes.iter().fold(0, |set, &axis| set | 1 << axis))
    }

    /// True when the axis is in the set.
    pub fn contains(self, axis: usize) -> bool {
        self.0 >> axis & 1 == 1
    }

    /// The positions, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..MAX_NDIM).filter(move |&axis| self.contains(axis)).take(self.0.count_ones() as usize)
    }
}

/// Sizes as users write them, as a Python tuple.
pub fn show_sizes(sizes: &[i64]) -> String {
    let inner: Vec<String> = sizes.iter().map(i64::to_string).collect();
    if let [one] = inner.as_slice() { format!("({one},)") } else { format!("({})", inner.join(", ")) }
}

/// An axis as users write it, negative from the end, made a position.
pub fn normalize_axis(op: &'static str, axis: i64, ndim: usize) -> Result<usize> {
    let n = ndim as i64;
    if axis < -n || axis >= n {
        return Err(Error::Axis { op, axis, ndim });
    }
    Ok(if axis < 0 { axis + n } else { axis } as usize)
}

/// Axes as users write them, `None` for all; sorted positions, each once.
pub fn normalize_axes(op: &'static str, axes: Option<&[i64]>, ndim: usize) -> Result<Dims> {
    let Some(axes) = axes else {
        return Ok((0..ndim).collect());
    };
    let mut out = axes.iter().map(|&axis| normalize_axis(op, axis, ndim)).collect::<Result<Dims>>()?;
    out.sort_unstable();
    match out.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::RepeatedAxis { op, axis: pair[0] }),
        None => Ok(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(dims: &[usize]) -> Shape {
        Shape::new("test", dims).unwrap()
    }

    #[test]
    fn broadcast_follows_numpy() {
        assert_eq!(shape(&[2, 1]).broadcast(&shape(&[3]), "add").unwrap(), shape(&[2, 3]));
        assert_eq!(shape(&[0, 1]).broadcast(&shape(&[1, 4]), "add").unwrap(), shape(&[0, 4]));
        assert!(shape(&[2]).broadcast(&shape(&[3]), "add").is_err());
    }

    #[test]
    fn products_never_overflow() {
        assert!(Shape::new("zeros", &[1 << 33, 1 << 33]).is_err());
        assert!(Shape::new("zeros", &[0, 1 << 62, 8]).is_err());
        assert_eq!(Shape::new("zeros", &[0, 5]).unwrap().len(), 0);
    }

    #[test]
    fn shapes_print_as_tuples() {
        assert_eq!(format!("{} {} {}", shape(&[]), shape(&[3]), shape(&[2, 3])), "() (3,) (2, 3)");
    }

    #[test]
    fn axes_are_normalized_and_unique() {
        assert_eq!(normalize_axes("sum", Some(&[-1, 0]), 3).unwrap().as_slice(), [0, 2]);
        assert!(normalize_axes("sum", Some(&[0, -3]), 3).is_err());
        assert!(normalize_axis("sum", 3, 3).is_err());
    }
}
