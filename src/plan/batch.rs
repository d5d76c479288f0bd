//! Products of batches, wherever their entries lie.
//!
//! Enters: a recorded contraction of `[batch, m, k]` and `[batch, k, n]`. Leaves: a step whose batch may have several axes, so that a
//! view that merges axes into the batch costs no copy: heads of an attention are slices of one matrix. A product that is
//! only read with its batch taken apart again is written in the order of that view.

use super::Step;
use super::layout::Layout;
use super::lower::{Lowering, missing};
use super::simplify::Place;
use crate::error::Result;
use crate::ops::{Op, View};
use crate::shape::{Dims, Shape};

/// Matrices in memory: the sizes of the batch, and strides over these and the two axes of a matrix.
#[derive(Clone)]
struct Matrices {
    batch: Dims,
    layout: Layout,
}

impl Lowering<'_> {
    /// The step of a contraction.
    pub(super) fn contract(&mut self, at: Place) -> Result<()> {
        let graph = self.graph;
        let (inputs, dtype) = (&graph.inputs[at as usize], graph.node(at).dtype);
        let (l, r) = (&graph.node(inputs[0]).shape, &graph.node(inputs[1]).shape);
        let sizes = [l[l.ndim() - 2], l[l.ndim() - 1], r[r.ndim() - 1]];
        let dense = Matrices { batch: leading(&graph.node(at).shape), layout: self.output(at) };
        let (a, b) = (self.matrices(inputs[0])?, self.matrices(inputs[1])?);
        let (batch, sides) = match self.apart(at, &dense.layout) {
            Some((reader, out)) if let Some((batch, sides)) = refine([&a, &b, &out]) => {
                self.layouts.unset(at);
                self.layouts.set(reader, out.layout);
                (batch, sides)
            }
            _ => match refine([&a, &b, &dense]) {
                Some(refined) => refined,
                None => {
                    // Batches that are taken apart in ways that do not go together are copied into one axis.
                    let mut copied = |input: Place| {
                        Ok(Matrices { batch: leading(&graph.node(input).shape), layout: self.layout(input)?.clone() })
                    };
                    let (a, b) = (copied(inputs[0])?, copied(inputs[1])?);
                    refine([&a, &b, &dense]).ok_or_else(|| missing("common batch"))?
                }
            },
        };
        let [a, b, out] = sides.map(|side| side.layout.operand(dtype));
        let [m, k, n] = sizes;
        let depth = (k / 8).max(1);
        self.work(batch.iter().product::<usize>().saturating_mul(m).saturating_mul(n), depth);
        self.plan.steps.push(Step::Contract { batch, sizes, a, b, out });
        Ok(())
    }

    /// An input, looked at through views that only merge axes into the batch or swap the axes of each matrix.
    fn matrices(&mut self, at: Place) -> Result<Matrices> {
        let graph = self.graph;
        let node = graph.node(at);
        if graph.is_view(at) {
            let from = graph.inputs[at as usize][0];
            let was = &graph.node(from).shape;
            let (last, own) = (was.ndim().saturating_sub(2), &node.shape);
            match &node.op {
                // Of no elements, sizes do not tell which axes were merged.
                Op::View(View::Reshape) if last > 1 && was[last..] == own[own.ndim() - 2..] && !own.is_empty() => {
                    return Ok(Matrices { batch: leading(was), layout: self.layout(from)?.clone() });
                }
                Op::View(View::Permute(order)) if order[..] == [0, 2, 1] => {
                    let mut inner = self.matrices(from)?;
                    let last = inner.layout.strides.len() - 1;
                    inner.layout.strides.swap(last - 1, last);
                    return Ok(inner);
                }
                _ => {}
            }
        }
        Ok(Matrices { batch: leading(&node.shape), layout: self.layout(at)?.clone() })
    }

    /// The area of a result, in C order.
    fn output(&mut self, at: Place) -> Layout {
        Layout::contiguous(self.area(at), &self.graph.node(at).shape)
    }

    /// Where a result goes that is only read with its batch taken apart and its axes moved, and the node that takes it apart:
    /// into the order of the moved axes.
    fn apart(&mut self, at: Place, dense: &Layout) -> Option<(Place, Matrices)> {
        let graph = self.graph;
        let apart = self.only_reader(at)?;
        let moved = self.only_reader(apart)?;
        let (Op::View(View::Reshape), Op::View(View::Permute(order))) = (&graph.node(apart).op, &graph.node(moved).op)
        else {
            return None;
        };
        let (shape, own) = (&graph.node(apart).shape, &graph.node(at).shape);
        let last = shape.ndim().checked_sub(1)?;
        if shape.ndim() < 4 || own.ndim() != 3 || shape[last - 1..] != own[1..] || usize::from(order[last]) != last {
            return None;
        }
        let mut strides: Dims<isize> = Dims::from_elem(0, shape.ndim());
        let along = graph.node(moved).shape.strides();
        order.iter().zip(&along).for_each(|(&from, &stride)| strides[usize::from(from)] = stride);
        Some((apart, Matrices { batch: leading(shape), layout: Layout { strides, ..dense.clone() } }))
    }

    /// The only node that reads this one, which leaves nothing behind.
    fn only_reader(&mut self, at: Place) -> Option<Place> {
        let graph = self.graph;
        if self.readers.is_empty() {
            const NOBODY: Place = Place::MAX;
            self.readers = vec![NOBODY; graph.nodes.len()];
            for reader in (0..graph.nodes.len()).filter(|&reader| graph.used[reader]) {
                for &input in &graph.inputs[reader] {
                    let known = &mut self.readers[input as usize];
                    *known = if *known == NOBODY { reader as Place } else { input };
                }
            }
        }
        let reader = self.readers[at as usize];
        (!graph.lasting[at as usize] && reader != Place::MAX && reader != at).then_some(reader)
    }
}

/// All sizes but those of each matrix.
fn leading(shape: &Shape) -> Dims {
    Dims::from_slice(&shape[..shape.ndim() - 2])
}

/// Cuts the axes of all batches until they agree, and says into what; `None` where they cannot.
fn refine(sides: [&Matrices; 3]) -> Option<(Dims, [Matrices; 3])> {
    let mut sides = sides.map(Matrices::clone);
    if sides.iter().any(|side| side.batch.contains(&0)) {
        for Matrices { batch, layout } in &mut sides {
            layout.strides.drain(..batch.len());
            layout.strides.insert(0, 0);
        }
        return Some((Dims::from_elem(0, 1), sides));
    }
    for Matrices { batch, layout } in &mut sides {
        for axis in (0..batch.len()).rev().filter(|&axis| batch[axis] == 1).collect::<Vec<_>>() {
            batch.remove(axis);
            layout.strides.remove(axis);
        }
    }
    let mut at = 0;
    while let Some(size) = sides.iter().filter_map(|side| side.batch.get(at).copied()).min() {
        for Matrices { batch, layout } in &mut sides {
            let whole = *batch.get(at)?;
            if whole % size != 0 {
                return None;
            }
            if whole > size {
                let stride = layout.strides[at];
                (batch[at], layout.strides[at]) = (size, stride * (whole / size) as isize);
                batch.insert(at + 1, whole / size);
                layout.strides.insert(at + 1, stride);
            }
        }
        at += 1;
    }
    Some((sides[0].batch.clone(), sides))
}
