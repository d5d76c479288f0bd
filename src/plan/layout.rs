//! Where a node's elements lie: an area, and strides over the node's axes. Views change strides and move nothing.

use super::simplify::Place;
use super::{AreaId, Operand};
use crate::dtype::DType;
use crate::ops::{Range, View};
use crate::shape::{Dims, Shape};

/// A node's elements in memory.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The area.
    pub area: AreaId,
    /// Elements before the first.
    pub offset: usize,
    /// Elements between neighbours along each axis.
    pub strides: Dims<isize>,
}

/// The layouts of the nodes that have one; most nodes of a fused plan have none.
pub(super) struct Layouts {
    /// For each place: where it stands in the list, counted from 1, or 0.
    at: Vec<u32>,
    list: Vec<Layout>,
}

impl Layouts {
    /// For as many nodes, none.
    pub fn none(count: usize) -> Layouts {
        Layouts { at: vec![0; count], list: Vec::new() }
    }

    /// The node's layout.
    pub fn get(&self, place: Place) -> Option<&Layout> {
        self.list.get((self.at[place as usize] as usize).wrapping_sub(1))
    }

    /// From now on, this is the node's.
    pub fn set(&mut self, place: Place, layout: Layout) {
        self.list.push(layout);
        self.at[place as usize] = self.list.len() as u32;
    }

    /// The node has none.
    pub fn unset(&mut self, place: Place) {
        self.at[place as usize] = 0;
    }
}

impl Layout {
    /// A whole area in C order.
    pub fn contiguous(area: AreaId, shape: &Shape) -> Layout {
        Layout { area, offset: 0, strides: shape.strides() }
    }

    /// One element seen everywhere.
    pub fn constant(area: AreaId, shape: &Shape) -> Layout {
        Layout { area, offset: 0, strides: Dims::from_elem(0, shape.ndim()) }
    }

    /// True when the elements lie in C order from the start of the area.
    pub fn is_contiguous(&self, shape: &Shape) -> bool {
        let dense = shape.strides();
        let same = |axis: usize| shape[axis] <= 1 || self.strides[axis] == dense[axis];
        self.offset == 0 && (shape.is_empty() || (0..shape.ndim()).all(same))
    }

    /// As a step reads it.
    pub fn operand(&self, dtype: DType) -> Operand {
        Operand { area: self.area, offset: self.offset, strides: self.strides.clone(), dtype }
    }

    /// The layout a view gives, or `None` where only a copy can.
    pub fn through(&self, view: &View, from: &Shape, to: &Shape) -> Option<Layout> {
        let Layout { area, offset, strides } = self;
        match view {
            View::Stop => Some(self.clone()),
            View::Permute(order) => Some(Layout {
                area: *area,
                offset: *offset,
                strides: order.iter().map(|&axis| strides[usize::from(axis)]).collect(),
            }),
            View::Expand => {
                let added = to.ndim() - from.ndim();
                let stride = |axis: usize| match axis.checked_sub(added) {
                    Some(own) if from[own] == to[axis] => strides[own],
                    _ => 0,
                };
                Some(Layout { area: *area, offset: *offset, strides: (0..to.ndim()).map(stride).collect() })
            }
            View::Slice(ranges) => Some(self.sliced(ranges, to)),
            View::Reshape => self.reshaped(from, to),
        }
    }

    /// The layout of a slice; of an empty one, nothing is ever read.
    pub fn sliced(&self, ranges: &[Range], to: &Shape) -> Layout {
        let mut out = self.clone();
        if to.is_empty() {
            return out;
        }
        let mut first = self.offset as isize;
        for (axis, range) in ranges.iter().enumerate() {
            first += range.start as isize * self.strides[axis];
            out.strides[axis] *= range.step;
        }
        out.offset = first as usize;
        out
    }

    /// NumPy's rule: axes may be merged where the outer stride is the inner stride times the inner size, and split freely.
    fn reshaped(&self, from: &Shape, to: &Shape) -> Option<Layout> {
        if from.is_empty() {
            return Some(Layout { strides: to.strides(), ..self.clone() });
        }
        let old: Vec<(usize, isize)> =
            from.iter().copied().zip(self.strides.iter().copied()).filter(|(size, _)| *size != 1).collect();
        let mut strides: Dims<isize> = Dims::from_elem(0, to.ndim());
        let (mut i, mut j) = (0, 0);
        while i < old.len() && j < to.ndim() {
            let (mut olds, mut news) = (old[i].0, to[j]);
            let (first_old, first_new) = (i, j);
            while olds != news {
                if olds < news {
                    i += 1;
                    olds *= old[i].0;
                } else {
                    j += 1;
                    news *= to[j];
                }
            }
            let mergeable = |k: usize| old[k].1 == old[k + 1].1 * old[k + 1].0 as isize;
            if !(first_old..i).all(mergeable) {
                return None;
            }
            strides[j] = old[i].1;
            for k in (first_new..j).rev() {
                strides[k] = strides[k + 1] * to[k + 1] as isize;
            }
            i += 1;
            j += 1;
        }
        Some(Layout { area: self.area, offset: self.offset, strides })
    }
}

/// The operand with its axes in another order.
pub fn permuted(operand: Operand, order: &[usize]) -> Operand {
    Operand { strides: order.iter().map(|&axis| operand.strides[axis]).collect(), ..operand }
}

/// Merges neighbouring axes that all operands walk through as if they were one, and drops axes of size 1.
pub fn coalesce(dims: &mut Dims, operands: &mut [&mut Dims<isize>]) {
    let mut kept = 0;
    for axis in 0..dims.len() {
        if dims[axis] == 1 {
            continue;
        }
        let joins = kept > 0 && operands.iter().all(|s| s[kept - 1] == s[axis] * dims[axis] as isize);
        let at = if joins { kept - 1 } else { kept };
        dims[at] = if joins { dims[at] * dims[axis] } else { dims[axis] };
        operands.iter_mut().for_each(|s| s[at] = s[axis]);
        kept = at + 1;
    }
    dims.truncate(kept);
    operands.iter_mut().for_each(|s| s.truncate(kept));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(dims: &[usize]) -> Shape {
        Shape::new("test", dims).unwrap()
    }

    #[test]
    fn reshape_of_a_transpose_needs_a_copy_and_splitting_does_not() {
        let x = Layout { area: 0, offset: 0, strides: Dims::from_slice(&[1, 3]) };
        assert!(x.through(&View::Reshape, &shape(&[3, 2]), &shape(&[6])).is_none());
        let split = x.through(&View::Reshape, &shape(&[3, 2]), &shape(&[3, 1, 2, 1])).unwrap();
        assert_eq!((split.strides[0], split.strides[2]), (1, 3));
    }

    #[test]
    fn slices_backwards_start_at_the_end() {
        let x = Layout::contiguous(0, &shape(&[5]));
        let y = x.sliced(&[Range { start: 4, step: -2 }], &shape(&[3]));
        assert_eq!((y.offset, y.strides[0]), (4, -2));
    }

    #[test]
    fn coalescing_merges_what_is_dense() {
        let mut dims = Dims::from_slice(&[2, 1, 3, 4]);
        let (mut a, mut b) = (Dims::from_slice(&[12isize, 9, 4, 1]), Dims::from_slice(&[0isize, 0, 4, 1]));
        coalesce(&mut dims, &mut [&mut a, &mut b]);
        assert_eq!(
            (dims.as_slice(), a.as_slice(), b.as_slice()),
            (&[2usize, 12][..], &[12isize, 1][..], &[0isize, 1][..])
        );
    }
}
