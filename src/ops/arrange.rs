//! Elements in other places: triangles and diagonals, rolls and repeats, and what lays arrays beside each other.
//!
//! All of it is views, joins and choices by position, so it costs nothing beyond what reads or writes the elements.

use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Range, positions};
use crate::record::{Expr, Recorder};
use crate::shape::{Dims, Shape, normalize_axes, normalize_axis};

impl<'r> Expr<'r> {
    /// The lower triangle of the last two axes, up to the `k`-th diagonal; zero elsewhere. Gradient: `g` in the triangle.
    pub fn tril(self, k: i64) -> Expr<'r> {
        self.beside_diagonal("tril", k, BinaryOp::LessEqual)
    }

    /// The upper triangle of the last two axes, from the `k`-th diagonal; zero elsewhere. Gradient: `g` in the triangle.
    pub fn triu(self, k: i64) -> Expr<'r> {
        self.beside_diagonal("triu", k, BinaryOp::GreaterEqual)
    }

    fn beside_diagonal(self, op: &'static str, k: i64, side: BinaryOp) -> Expr<'r> {
        let (got, r) = (self.shape(), self.recorder());
        self.attempt(|| {
            let [.., n, m] = got[..] else {
                return Err(Error::Rank { op, what: "input", got, expected: "at least 2" });
            };
            let row = r.count(Shape::new(op, &[n, 1])?);
            let column = r.count(Shape::new(op, &[m])?);
            let far = Scalar::Int(k.clamp(-(n as i64) - 1, m as i64 + 1).into());
            let inside = column.binary(side, row.binary_scalar(BinaryOp::Add, far, false));
            Ok(inside.select(self, self.zeros_like()))
        })
    }

    /// The `offset`-th diagonal over two axes, as the last axis of the result. Gradient: `g` on the diagonal.
    pub fn diagonal(self, offset: i64, axis1: i64, axis2: i64) -> Expr<'r> {
        let (shape, op) = (self.shape(), "diagonal");
        self.attempt(|| {
            if shape.ndim() < 2 {
                return Err(Error::Rank { op, what: "input", got: shape, expected: "at least 2" });
            }
            let (p, q) = (normalize_axis(op, axis1, shape.ndim())?, normalize_axis(op, axis2, shape.ndim())?);
            if p == q {
                return Err(Error::RepeatedAxis { op, axis: p });
            }
            let mut order: Dims = (0..shape.ndim()).filter(|&axis| axis != p && axis != q).collect();
            let lead: Dims = order.iter().map(|&axis| shape[axis]).collect();
            order.extend([p, q]);
            let (first, len) = diagonal_of(shape[p], shape[q], offset);
            // In the flattened matrix, the diagonal is every (columns + 1)-th element.
            let flat = self.permute(&order).reshape(&[&lead[..], &[shape[p] * shape[q]]].concat());
            let mut ranges = vec![Range::ALL; lead.len()];
            ranges.push(Range { start: first, step: if len > 1 { shape[q] as isize + 1 } else { 1 } });
            Ok(flat.slice(ranges.into(), &Shape::new(op, &[&lead[..], &[len]].concat())?))
        })
    }

    /// The `k`-th diagonal of a matrix, or a matrix with a vector on it.
    pub fn diag(self, k: i64) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| match shape[..] {
            [_, _] => Ok(self.diagonal(k, 0, 1)),
            [len] => {
                let size = usize::try_from(k.unsigned_abs()).ok().and_then(|k| len.checked_add(k));
                let n = size.ok_or_else(|| Error::TooLarge { op: "diag", shape: format!("({len} + {k},) * 2") })?;
                let out = Shape::new("diag", &[n, n])?;
                let step = if len > 1 { n as isize + 1 } else { 1 };
                let range = Range { start: diagonal_of(n, n, k).0, step };
                Ok(self.place([range].into(), &Shape::new("diag", &[n * n])?).reshape(&out))
            }
            _ => Err(Error::Rank { op: "diag", what: "input", got: shape, expected: "1 or 2" }),
        })
    }

    /// The sum of the `offset`-th diagonal over two axes.
    pub fn trace(self, offset: i64, axis1: i64, axis2: i64) -> Expr<'r> {
        self.diagonal(offset, axis1, axis2).sum(Some(&[-1]), false)
    }

    /// Elements moved along axes, those past the end to the start; of the flattened array without axes.
    pub fn roll(self, shifts: &[i64], axes: Option<&[i64]>) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let Some(axes) = axes else {
                let total = shifts.iter().fold(0i64, |sum, &shift| sum.wrapping_add(shift));
                return Ok(self.reshape(&[shape.len()]).roll(&[total], Some(&[0])).reshape(&shape));
            };
            let fits = match (shifts.len(), axes.len()) {
                (a, b) if a == b => true,
                (a, b) => (a == 1 && b > 0) || (b == 1 && a > 0),
            };
            if !fits {
                let got = format!("{} numbers for {} axes", shifts.len(), axes.len());
                let expected = "one number, or one for each axis";
                return Err(Error::Argument { op: "roll", argument: "shift", got, expected });
            }
            let mut x = self;
            for k in 0..shifts.len().max(axes.len()) {
                let axis = normalize_axis("roll", axes[k % axes.len()], shape.ndim())?;
                let size = shape[axis];
                let shift = shifts[k % shifts.len()].rem_euclid(size.max(1) as i64) as usize;
                if shift > 0 {
                    x = x.narrow(axis, size - shift, shift).join(x.narrow(axis, 0, size - shift), axis);
                }
            }
            Ok(x)
        })
    }

    /// The array so many times beside itself along each axis; missing counts are 1.
    pub fn tile(self, counts: &[usize]) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let ndim = shape.ndim().max(counts.len());
            let (more, less) = (ndim - shape.ndim(), ndim - counts.len());
            let (mut split, mut wide, mut out) = (Dims::new(), Dims::new(), Dims::new());
            for axis in 0..ndim {
                let size = if axis < more { 1 } else { shape[axis - more] };
                let count = if axis < less { 1 } else { counts[axis - less] };
                split.extend([1, size]);
                wide.extend([count, size]);
                out.push(count.saturating_mul(size));
            }
            let out = Shape::new("tile", &out)?;
            // Counts of 1 need no axis of their own, of which there are at most 64.
            let kept: Dims = (0..2 * ndim).filter(|&k| k % 2 == 1 || wide[k] != 1).collect();
            let pick = |dims: &Dims| kept.iter().map(|&k| dims[k]).collect::<Dims>();
            Ok(self.reshape(&pick(&split)).expand(&Shape::new("tile", &pick(&wide))?).reshape(&out))
        })
    }

    /// Each element so many times along an axis, or of the flattened array.
    pub fn repeat(self, count: usize, axis: Option<i64>) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let Some(axis) = axis else {
                return Ok(self.reshape(&[shape.len()]).repeat(count, Some(0)));
            };
            let axis = normalize_axis("repeat", axis, shape.ndim())?;
            let out = shape.with_size("repeat", axis, shape[axis].saturating_mul(count))?;
            let beside = |count: usize| [&shape[..=axis], &[count], &shape[axis + 1..]].concat();
            Ok(self.reshape(&beside(1)).expand(&Shape::new("repeat", &beside(count))?).reshape(&out))
        })
    }

    /// Each slice along an axis, or element of the flattened array, as often as the number beside it says.
    pub fn repeat_each(self, counts: &[i64], axis: Option<i64>) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let Some(axis) = axis else {
                return Ok(self.reshape(&[shape.len()]).repeat_each(counts, Some(0)));
            };
            let at = normalize_axis("repeat", axis, shape.ndim())?;
            if counts.len() != shape[at] {
                let got = format!("{} numbers for axis {at} of size {}", counts.len(), shape[at]);
                let expected = "one number, or one for each place along the axis";
                return Err(Error::Argument { op: "repeat", argument: "repeats", got, expected });
            }
            Ok(self.take(self.recorder().data(positions::repeated("repeat", counts)?), Some(axis)))
        })
    }

    /// Turned by quarters in the plane of two axes, from the first towards the second.
    pub fn rot90(self, k: i64, axes: &[i64]) -> Expr<'r> {
        let ndim = self.shape().ndim();
        self.attempt(|| {
            let &[first, second] = axes else {
                let (got, expected) = (format!("{} axes", axes.len()), "two axes");
                return Err(Error::Argument { op: "rot90", argument: "axes", got, expected });
            };
            normalize_axes("rot90", Some(axes), ndim)?;
            let [p, q] = [normalize_axis("rot90", first, ndim)?, normalize_axis("rot90", second, ndim)?];
            let turned = |x: Expr<'r>| {
                let mut order: Dims = (0..ndim).collect();
                order.swap(p, q);
                x.permute(&order)
            };
            Ok(match k.rem_euclid(4) {
                1 => turned(self.flip(Some(&[second]))),
                2 => self.flip(Some(axes)),
                3 => turned(self).flip(Some(&[second])),
                _ => self,
            })
        })
    }

    /// With axes of size 1 added up to a number of axes, where NumPy's `atleast_1d`, `_2d` and `_3d` add them.
    pub fn with_axes(self, ndim: usize) -> Expr<'r> {
        let shape = self.shape();
        match (ndim, &shape[..]) {
            (1.., []) => self.reshape(&vec![1; ndim]),
            (2, &[n]) => self.reshape(&[1, n]),
            (3, &[n]) => self.reshape(&[1, n, 1]),
            (3, &[n, m]) => self.reshape(&[n, m, 1]),
            _ => self,
        }
    }

    /// Parts along an axis as even as can be, the larger ones first.
    pub fn array_split(self, sections: usize, axis: i64) -> Result<Vec<Expr<'r>>> {
        let at = normalize_axis("array_split", axis, self.shape().ndim())?;
        if sections == 0 {
            let (got, expected) = ("0".to_string(), "1 or more");
            return Err(Error::Argument { op: "array_split", argument: "indices_or_sections", got, expected });
        }
        let size = self.shape()[at];
        let end = |k: usize| k * (size / sections) + k.min(size % sections);
        let parts = (0..sections).map(|k| self.narrow(at, end(k), end(k + 1) - end(k)));
        super::composite::gathered("array_split", sections, parts)
    }

    /// Parts along an axis of one size, the last one smaller if need be, and at most so many.
    pub fn chunk(self, chunks: usize, axis: i64) -> Result<Vec<Expr<'r>>> {
        let at = normalize_axis("chunk", axis, self.shape().ndim())?;
        if chunks == 0 {
            let (got, expected) = ("0".to_string(), "1 or more");
            return Err(Error::Argument { op: "chunk", argument: "chunks", got, expected });
        }
        let size = self.shape()[at];
        let width = size.div_ceil(chunks).max(1);
        let count = size.div_ceil(width).max(1);
        let parts = (0..count).map(|k| self.narrow(at, k * width, width.min(size - k * width)));
        super::composite::gathered("chunk", count, parts)
    }

    /// Slices along an axis, which they do not have any more.
    pub fn unstack(self, axis: i64) -> Result<Vec<Expr<'r>>> {
        let shape = self.shape();
        let at = normalize_axis("unstack", axis, shape.ndim())?;
        let rest = shape.without(&[at]);
        let parts = (0..shape[at]).map(|k| self.narrow(at, k, 1).reshape(&rest));
        super::composite::gathered("unstack", shape[at], parts)
    }

    /// One where the position along a new last axis is the label, zero elsewhere; of a label that is no class, zeros.
    pub fn one_hot(self, classes: usize, dtype: DType) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            if !self.dtype().is_integer() {
                return Err(Error::DType { op: "one_hot", got: self.dtype(), expected: "integer labels" });
            }
            Shape::new("one_hot", &[&shape[..], &[classes]].concat())?;
            let count = self.recorder().count(Shape::new("one_hot", &[classes])?);
            Ok(self.reshape(&[&shape[..], &[1]].concat()).equal(count).cast(dtype))
        })
    }

    /// An axis as a position, of an input that has axes.
    pub(super) fn one_of_axes(self, op: &'static str, axis: i64) -> Result<usize> {
        let got = self.shape();
        match got.ndim() {
            0 => Err(Error::Rank { op, what: "input", got, expected: "at least 1" }),
            ndim => normalize_axis(op, axis, ndim),
        }
    }

    /// Differences of neighbours along an axis, `n` times.
    pub fn diff(self, n: usize, axis: i64) -> Expr<'r> {
        let got = self.shape();
        self.attempt(|| {
            let axis = self.one_of_axes("diff", axis)?;
            if n > MOST_DIFFERENCES {
                let expected = "at most 65536";
                return Err(Error::Argument { op: "diff", argument: "n", got: n.to_string(), expected });
            }
            let mut x = self;
            for _ in 0..n.min(got[axis]) {
                let len = x.shape()[axis] - 1;
                let (low, high) = (x.narrow(axis, 0, len), x.narrow(axis, 1, len));
                x = if x.dtype() == DType::Bool { high.not_equal(low) } else { high - low };
            }
            Ok(x)
        })
    }
}

/// How often differences of differences are taken at most: each time is recorded on its own.
const MOST_DIFFERENCES: usize = 1 << 16;

/// Where the `k`-th diagonal of an n by m matrix begins in C order, and how long it is.
fn diagonal_of(n: usize, m: usize, k: i64) -> (usize, usize) {
    let away = usize::try_from(k.unsigned_abs()).unwrap_or(usize::MAX);
    let (rows, columns, first) = match k {
        0.. => (n, m.saturating_sub(away), away),
        _ => (n.saturating_sub(away), m, away.saturating_mul(m)),
    };
    let len = rows.min(columns);
    (if len == 0 { 0 } else { first }, len)
}

impl Recorder {
    /// Arrays beside each other along the second axis; vectors along their only one.
    pub fn hstack<'r>(&'r self, parts: &[Expr<'r>]) -> Expr<'r> {
        let parts: Vec<Expr<'r>> = parts.iter().map(|part| part.with_axes(1)).collect();
        let axis = i64::from(parts.first().is_some_and(|part| part.shape().ndim() > 1));
        self.concat(&parts, axis)
    }

    /// Arrays below each other; vectors are rows.
    pub fn vstack<'r>(&'r self, parts: &[Expr<'r>]) -> Expr<'r> {
        self.concat(&parts.iter().map(|part| part.with_axes(2)).collect::<Vec<_>>(), 0)
    }

    /// Arrays behind each other along the third axis.
    pub fn dstack<'r>(&'r self, parts: &[Expr<'r>]) -> Expr<'r> {
        self.concat(&parts.iter().map(|part| part.with_axes(3)).collect::<Vec<_>>(), 2)
    }

    /// Arrays as the columns of a matrix; matrices keep their own.
    pub fn column_stack<'r>(&'r self, parts: &[Expr<'r>]) -> Expr<'r> {
        let column = |part: &Expr<'r>| match part.shape().ndim() {
            0 | 1 => part.reshape(&[part.shape().len(), 1]),
            _ => *part,
        };
        self.concat(&parts.iter().map(column).collect::<Vec<_>>(), 1)
    }

    /// Arrays of one common shape.
    pub fn broadcast_arrays<'r>(&self, parts: &[Expr<'r>]) -> Result<Vec<Expr<'r>>> {
        let mut shape = Shape::scalar();
        for part in parts {
            shape = shape.broadcast(&part.shape(), "broadcast_arrays")?;
        }
        Ok(parts.iter().map(|part| part.expand(&shape)).collect())
    }

    /// Grids of coordinates from vectors: the `k`-th varies along axis `k`, of the first two the other way round with
    /// Cartesian indexing.
    pub fn meshgrid<'r>(&self, parts: &[Expr<'r>], cartesian: bool) -> Result<Vec<Expr<'r>>> {
        let at = |k: usize| if cartesian && k < 2 && parts.len() > 1 { 1 - k } else { k };
        let mut dims = vec![1; parts.len()];
        for (k, part) in parts.iter().enumerate() {
            let got = part.shape();
            if got.ndim() > 1 {
                return Err(Error::Rank { op: "meshgrid", what: "input", got, expected: "at most 1" });
            }
            dims[at(k)] = got.len();
        }
        let shape = Shape::new("meshgrid", &dims)?;
        let grid = |(k, part): (usize, &Expr<'r>)| {
            let mut own = vec![1; parts.len()];
            own[at(k)] = part.shape().len();
            part.reshape(&own).expand(&shape)
        };
        Ok(parts.iter().enumerate().map(grid).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagonals_begin_where_they_do() {
        assert_eq!(diagonal_of(3, 4, 0), (0, 3));
        assert_eq!(diagonal_of(3, 4, 2), (2, 2));
        assert_eq!(diagonal_of(3, 4, -1), (4, 2));
        assert_eq!(diagonal_of(3, 4, 9), (0, 0));
        assert_eq!(diagonal_of(3, 4, i64::MIN), (0, 0));
    }
}
