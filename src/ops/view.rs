//! Views, and the ops that put elements next to each other.
//!
//! A view gives the same elements other strides: the planner folds it into whoever reads it. `Place` (the adjoint of a
//! slice) and `Concat` write new arrays.

use smallvec::{SmallVec, smallvec};

use super::{Cotangents, if_wanted};
use crate::error::{Error, Result};
use crate::ops::{Op, ReduceOp};
use crate::record::{Expr, Inputs, Node, NodeId};
use crate::shape::{Dims, Shape, normalize_axes, normalize_axis, show_sizes};

/// Which elements a slice picks along one axis; how many stands in the node's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range {
    /// The first index.
    pub start: usize,
    /// The distance between picks, negative for backwards.
    pub step: isize,
}

/// The most parts of a concatenation that grows by another.
const FEW: usize = 16;

impl Range {
    /// Everything along an axis.
    pub const ALL: Range = Range { start: 0, step: 1 };
}

/// Axes in an order; eight of them stay in the node.
pub type Order = SmallVec<[u8; 8]>;

/// How a view sees its input. The resulting shape stands in the node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum View {
    /// The same elements in C order under another shape.
    Reshape,
    /// Axes in another order.
    Permute(Order),
    /// Axes of size 1 repeated, new axes on the left.
    Expand,
    /// Elements at regular places.
    Slice(Box<[Range]>),
    /// Everything, with no gradient.
    Stop,
}

impl View {
    /// The name that listings show.
    pub fn name(&self) -> &'static str {
        match self {
            View::Reshape => "reshape",
            View::Permute(_) => "permute",
            View::Expand => "broadcast_to",
            View::Slice(_) => "slice",
            View::Stop => "stop_gradient",
        }
    }

    /// The cotangent of the input.
    pub(super) fn derivative<'r>(&self, x: Expr<'r>, g: Expr<'r>) -> Option<Expr<'r>> {
        let shape = x.shape();
        match self {
            View::Reshape => Some(g.reshape(&shape)),
            View::Permute(order) => {
                let mut inverse: Dims = Dims::from_elem(0, order.len());
                order.iter().enumerate().for_each(|(to, &from)| inverse[usize::from(from)] = to);
                Some(g.permute(&inverse))
            }
            View::Expand => {
                let wide = g.shape();
                let added = wide.ndim() - shape.ndim();
                let axes: Dims =
                    (0..wide.ndim()).filter(|&a| a < added || (shape[a - added] == 1 && wide[a] != 1)).collect();
                Some(g.reduce_kept(ReduceOp::Sum, &axes).reshape(&shape))
            }
            View::Slice(ranges) => Some(g.place(ranges.clone(), &shape)),
            View::Stop => None,
        }
    }
}

impl<'r> Expr<'r> {
    fn view(self, view: View, shape: Shape) -> Expr<'r> {
        self.push(Op::View(view), &[self], shape, self.dtype())
    }

    /// The same elements under a shape with as many.
    pub fn reshape(self, dims: &[usize]) -> Expr<'r> {
        let from = self.shape();
        if from[..] == *dims {
            return self;
        }
        self.attempt(|| {
            let shape = Shape::new("reshape", dims)?;
            if shape.len() != from.len() {
                return Err(Error::Reshape { count: from.len(), from, to: shape.to_string() });
            }
            Ok(self.view(View::Reshape, shape))
        })
    }

    /// A reshape as users write it, with at most one -1 for the size that follows from the others.
    pub fn reshape_to(self, dims: &[i64]) -> Expr<'r> {
        let from = self.shape();
        self.attempt(|| {
            let (mut sizes, mut open) = (Dims::from_elem(1, dims.len()), None);
            for (axis, &size) in dims.iter().enumerate() {
                match usize::try_from(size) {
                    Ok(size) => sizes[axis] = size,
                    Err(_) if size == -1 && open.is_none() => open = Some(axis),
                    Err(_) => {
                        let got = show_sizes(dims);
                        let expected = "sizes of 0 or more, at most one of them -1";
                        return Err(Error::Argument { op: "reshape", argument: "shape", got, expected });
                    }
                }
            }
            if let Some(axis) = open {
                let (all, rest) = (from.len(), Shape::new("reshape", &sizes)?.len());
                sizes[axis] = match all.checked_div(rest) {
                    Some(fill) if fill * rest == all => fill,
                    _ => return Err(Error::Reshape { count: all, from, to: show_sizes(dims) }),
                };
            }
            Ok(self.reshape(&sizes))
        })
    }

    /// Axes in the given order of positions.
    pub(crate) fn permute(self, order: &[usize]) -> Expr<'r> {
        if order.iter().enumerate().all(|(to, &from)| to == from) {
            return self;
        }
        let from = self.shape();
        let dims: Dims = order.iter().map(|&axis| from[axis]).collect();
        self.attempt(|| {
            Ok(self
                .view(View::Permute(order.iter().map(|&axis| axis as u8).collect()), Shape::new("transpose", &dims)?))
        })
    }

    /// Axes in an order as users write it; `None` reverses them.
    pub fn transpose(self, order: Option<&[i64]>) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let Some(order) = order else {
                return Ok(self.permute(&(0..shape.ndim()).rev().collect::<Dims>()));
            };
            let positions =
                order.iter().map(|&axis| normalize_axis("transpose", axis, shape.ndim())).collect::<Result<Dims>>()?;
            normalize_axes("transpose", Some(order), shape.ndim())?;
            if positions.len() != shape.ndim() {
                let got = show_sizes(order);
                let expected = "one entry for each axis";
                return Err(Error::Argument { op: "transpose", argument: "axes", got, expected });
            }
            Ok(self.permute(&positions))
        })
    }

    /// Moves axes to new positions; the others keep their order.
    pub fn moveaxis(self, source: &[i64], destination: &[i64]) -> Expr<'r> {
        let n = self.shape().ndim();
        self.attempt(|| {
            let place = |axes: &[i64]| -> Result<Dims> {
                normalize_axes("moveaxis", Some(axes), n)?;
                axes.iter().map(|&axis| normalize_axis("moveaxis", axis, n)).collect()
            };
            let (from, to) = (place(source)?, place(destination)?);
            if from.len() != to.len() {
                let got = format!("{} axes", to.len());
                let expected = "as many axes as `source`";
                return Err(Error::Argument { op: "moveaxis", argument: "destination", got, expected });
            }
            let mut order: Dims = (0..n).filter(|axis| !from.contains(axis)).collect();
            let mut pairs: Vec<(usize, usize)> = to.iter().copied().zip(from.iter().copied()).collect();
            pairs.sort_unstable();
            pairs.into_iter().for_each(|(to, from)| order.insert(to, from));
            Ok(self.permute(&order))
        })
    }

    /// New axes of size 1 at positions of the result.
    pub fn expand_dims(self, axes: &[i64]) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let at = normalize_axes("expand_dims", Some(axes), shape.ndim() + axes.len())?;
            let mut dims = Dims::from_slice(&shape);
            at.iter().for_each(|&axis| dims.insert(axis, 1));
            Shape::new("expand_dims", &dims)?;
            Ok(self.reshape(&dims))
        })
    }

    /// Removes axes of size 1: the given ones, or all.
    pub fn squeeze(self, axes: Option<&[i64]>) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let axes = match axes {
                Some(_) => normalize_axes("squeeze", axes, shape.ndim())?,
                None => (0..shape.ndim()).filter(|&axis| shape[axis] == 1).collect(),
            };
            match axes.iter().find(|&&axis| shape[axis] != 1) {
                Some(&axis) => Err(Error::Argument {
                    op: "squeeze",
                    argument: "axis",
                    got: format!("{axis}, of size {} in shape {shape}", shape[axis]),
                    expected: "an axis of size 1",
                }),
                None => Ok(self.reshape(&shape.without(&axes))),
            }
        })
    }

    /// Repeats axes of size 1, and adds axes on the left, to reach a shape.
    pub fn expand(self, shape: &Shape) -> Expr<'r> {
        self.expand_for("broadcast_to", shape)
    }

    /// The same for an operation that errors name.
    pub(crate) fn expand_for(self, op: &'static str, shape: &Shape) -> Expr<'r> {
        let from = self.shape();
        if from == *shape {
            return self;
        }
        if !from.expands_to(shape) {
            return self.fail(Error::Expand { op, from, to: shape.clone() });
        }
        self.view(View::Expand, shape.clone())
    }

    /// Elements at regular places; `shape` says how many along each axis.
    pub(crate) fn slice(self, ranges: Box<[Range]>, shape: &Shape) -> Expr<'r> {
        if self.shape() == *shape && ranges.iter().all(|&range| range == Range::ALL) {
            return self;
        }
        self.view(View::Slice(ranges), shape.clone())
    }

    /// `len` elements from `start` along one axis.
    pub(crate) fn narrow(self, axis: usize, start: usize, len: usize) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let mut ranges = vec![Range::ALL; shape.ndim()];
            ranges[axis].start = start;
            Ok(self.slice(ranges.into(), &shape.with_size("slice", axis, len)?))
        })
    }

    /// Puts the elements where a slice with these ranges would pick them, in zeros of `shape`.
    pub(crate) fn place(self, ranges: Box<[Range]>, shape: &Shape) -> Expr<'r> {
        self.push(Op::Place(ranges), &[self], shape.clone(), self.dtype())
    }

    /// This array with the elements of another, of its dtype, where a slice with these ranges would pick them.
    pub(crate) fn replaced(self, ranges: Box<[Range]>, by: Expr<'r>) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        if ranges.iter().all(|&range| range == Range::ALL) && by.shape() == shape {
            return by;
        }
        self.push(Op::Place(ranges), &[by, self], shape, dtype)
    }

    /// The sum of two cotangents. What slices picked side by side and is now put back is joined: adding arrays that are
    /// mostly zeros would cost one pass more for each.
    pub(crate) fn accumulate(self, other: Expr<'r>) -> Expr<'r> {
        self.joined(other).unwrap_or_else(|| self + other)
    }

    /// Two placed blocks as one, if they are neighbours along one axis and of one size along all others.
    fn joined(self, other: Expr<'r>) -> Option<Expr<'r>> {
        let [(a, first), (b, second)] = [self.placed()?, other.placed()?];
        let (p, q) = (a.shape(), b.shape());
        let mut apart = (0..p.ndim()).filter(|&axis| first[axis] != second[axis] || p[axis] != q[axis]);
        let (Some(axis), None) = (apart.next(), apart.next()) else { return None };
        let (low, high, ranges) = if first[axis].start + p[axis] == second[axis].start {
            (a, b, first)
        } else if second[axis].start + q[axis] == first[axis].start {
            (b, a, second)
        } else {
            return None;
        };
        let mut parts: SmallVec<[Expr<'r>; 8]> = SmallVec::new();
        low.each_part(axis, |part| parts.push(part));
        high.each_part(axis, |part| parts.push(part));
        let (whole, shape) = (self.recorder().concat(&parts, axis as i64), self.shape());
        Some(if whole.shape() == shape { whole } else { whole.place(ranges, &shape) })
    }

    /// The elements and ranges of a contiguous block put into zeros.
    pub(super) fn placed(self) -> Option<(Expr<'r>, Box<[Range]>)> {
        let arena = self.recorder().arena();
        let node = (self.id() != NodeId::FAILED).then(|| arena.node(self.id()))?;
        match &node.op {
            Op::Place(ranges) if node.inputs.len() == 1 && ranges.iter().all(|range| range.step == 1) => {
                Some((self.sibling(node.inputs[0]), ranges.clone()))
            }
            _ => None,
        }
    }

    /// The parts of a concatenation of a few, or all as one.
    fn each_part(self, axis: usize, visit: impl FnMut(Expr<'r>)) {
        let arena = self.recorder().arena();
        match arena.node(self.id()) {
            Node { op: Op::Concat(along), inputs, .. } if *along == axis && inputs.len() <= FEW => {
                inputs.iter().map(|&id| self.sibling(id)).for_each(visit);
            }
            _ => [self].into_iter().for_each(visit),
        }
    }

    /// Reverses axes; `None` for all.
    pub fn flip(self, axes: Option<&[i64]>) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let axes = normalize_axes("flip", axes, shape.ndim())?;
            let backwards = |axis: usize| Range { start: shape[axis].saturating_sub(1), step: -1 };
            let range = |axis| {
                if axes.contains(&axis) { backwards(axis) } else { Range::ALL }
            };
            Ok(self.slice((0..shape.ndim()).map(range).collect(), &shape))
        })
    }

    /// The same values, with no gradient.
    pub fn stop_gradient(self) -> Expr<'r> {
        self.view(View::Stop, self.shape())
    }

    /// A node of its own for the same values.
    pub(crate) fn push_alias(self) -> Expr<'r> {
        self.view(View::Reshape, self.shape())
    }

    /// Joins arrays of one dtype whose other axes agree.
    pub(crate) fn join(self, other: Expr<'r>, axis: usize) -> Expr<'r> {
        self.recorder().concat(&[self, other], axis as i64)
    }
}

impl crate::record::Recorder {
    /// Arrays one behind the other along an axis, after promotion.
    pub fn concat<'r>(&'r self, parts: &[Expr<'r>], axis: i64) -> Expr<'r> {
        let Some(first) = parts.first() else {
            let got = "an empty list".to_string();
            return self.fail(Error::Argument { op: "concat", argument: "tensors", got, expected: "one or more" });
        };
        let shape = first.shape();
        first.attempt(|| {
            if shape.ndim() == 0 {
                let expected = "at least 1; use stack for scalars";
                return Err(Error::Rank { op: "concat", what: "input 0", got: shape, expected });
            }
            let axis = normalize_axis("concat", axis, shape.ndim())?;
            let dtype = parts.iter().try_fold(first.dtype(), |dtype, part| dtype.promote(part.dtype(), "concat"))?;
            let mut size = 0usize;
            for (index, part) in parts.iter().enumerate() {
                let got = part.shape();
                if got.ndim() != shape.ndim() || got.with_ones(&[axis]) != shape.with_ones(&[axis]) {
                    return Err(Error::Concat { op: "concat", index, got, first: shape.clone(), axis });
                }
                size = size.saturating_add(got[axis]);
            }
            let out = shape.with_size("concat", axis, size)?;
            let inputs: Inputs = parts.iter().map(|part| part.cast(dtype).id()).collect();
            Ok(self.push_node(Op::Concat(axis), &inputs, out, dtype))
        })
    }

    /// Arrays of one shape along a new axis.
    pub fn stack<'r>(&'r self, parts: &[Expr<'r>], axis: i64) -> Expr<'r> {
        let shape = parts.first().map(|part| part.shape()).unwrap_or_default();
        let axis = match normalize_axis("stack", axis, shape.ndim() + 1) {
            Ok(axis) => axis,
            Err(error) => return self.fail(error),
        };
        if let Some(index) = parts.iter().position(|part| part.shape() != shape) {
            let got = parts[index].shape();
            return self.fail(Error::Concat { op: "stack", index, got, first: shape, axis });
        }
        let axis = axis as i64;
        self.concat(&parts.iter().map(|part| part.expand_dims(&[axis])).collect::<Vec<_>>(), axis)
    }
}

/// What was put: `g` where it lies. What it was put into: `g` elsewhere.
pub(super) fn place_vjp<'r>(x: &[Expr<'r>], g: Expr<'r>, ranges: &[Range], wanted: &[bool]) -> Cotangents<'r> {
    let put = x[0];
    let mut out: Cotangents<'r> = smallvec![if_wanted(wanted[0], || g.slice(ranges.into(), &put.shape()))];
    out.extend(wanted.get(1).map(|&wanted| if_wanted(wanted, || g.replaced(ranges.into(), put.zeros_like()))));
    out
}

pub(super) fn concat_vjp<'r>(x: &[Expr<'r>], g: Expr<'r>, axis: usize, wanted: &[bool]) -> Cotangents<'r> {
    let mut start = 0;
    x.iter()
        .zip(wanted)
        .map(|(part, &wanted)| {
            let len = part.shape()[axis];
            start += len;
            if_wanted(wanted, || g.narrow(axis, start - len, len))
        })
        .collect()
}
