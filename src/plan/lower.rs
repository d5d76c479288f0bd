//! Steps from groups, in their order.

use smallvec::SmallVec;

use super::group::{GroupId, Groups};
use super::layout::{Layout, Layouts, coalesce, permuted};
use super::program::Seat;
use super::simplify::{Graph, Place};
use super::{Area, AreaId, Binding, Home, Operand, Plan, Program, Sink, Step, Store, window};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{FourierOp, Leaf, Op, Range};
use crate::record::NodeId;
use crate::shape::{Dims, Shape};

/// Writes the steps of all groups, and notes what outlives them.
pub fn lower(graph: &Graph<'_>, groups: &Groups, order: &[GroupId]) -> Result<Plan> {
    let layouts = Layouts::none(graph.nodes.len());
    let (readers, seats) = (Vec::new(), Vec::new());
    let mut lowering = Lowering { graph, groups, layouts, readers, seats, zero: None, plan: Plan::default() };
    for &group in order {
        lowering.group(group)?;
    }
    for at in (0..graph.nodes.len()).filter(|&at| graph.kept[at]) {
        lowering.keep(at as Place)?;
    }
    Ok(lowering.plan)
}

pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) groups: &'a Groups,
    pub(super) layouts: Layouts,
    /// For each node: its only reader, itself if it has several or leaves its value behind; made when a product asks.
    pub(super) readers: Vec<Place>,
    /// What programs know of nodes, by place.
    pub(super) seats: Vec<Seat>,
    zero: Option<AreaId>,
    pub(super) plan: Plan,
}

/// A gap in the planner's own bookkeeping.
pub(super) fn missing(what: &str) -> Error {
    Error::Internal { what: format!("the planner has no {what}") }
}

impl Lowering<'_> {
    fn group(&mut self, id: GroupId) -> Result<()> {
        let group = &self.groups.list[id as usize];
        if group.single {
            return self.single(group.nodes[0]);
        }
        let program = self.program(id)?;
        self.push(program);
        Ok(())
    }

    /// Where a node's elements lie. What needs no step is given its place when it is first asked for.
    pub(super) fn layout(&mut self, at: Place) -> Result<&Layout> {
        let mut open: SmallVec<[Place; 4]> = SmallVec::from_slice(&[at]);
        while let Some(&next) = open.last() {
            if self.layouts.get(next).is_none() {
                let node = self.graph.node(next);
                let layout = if self.graph.known[next as usize] {
                    let area = self.bind(self.graph.nodes[next as usize], Home::Bound, self.bytes(next));
                    Layout::contiguous(area, &node.shape)
                } else if let Op::View(view) = &node.op {
                    let from = self.graph.inputs[next as usize][0];
                    let Some(seen) = self.layouts.get(from).cloned() else {
                        open.push(from);
                        continue;
                    };
                    let shape = &self.graph.node(from).shape;
                    match seen.through(view, shape, &node.shape) {
                        Some(layout) => layout,
                        None => {
                            let area = self.area(next);
                            self.copy(&seen, shape, node.dtype, &Layout::contiguous(area, shape));
                            Layout::contiguous(area, &node.shape)
                        }
                    }
                } else if self.graph.is_constant(next) {
                    let area = match node.op {
                        Op::Leaf(Leaf::Zero) => self.zeros(),
                        _ => self.bind(self.graph.nodes[next as usize], Home::Given, 8),
                    };
                    Layout::constant(area, &node.shape)
                } else {
                    return Err(missing("layout"));
                };
                self.layouts.set(next, layout);
            }
            open.pop();
        }
        self.layouts.get(at).ok_or_else(|| missing("layout"))
    }

    /// Makes sure that a kept node has an area of its own elements, and notes it as an output.
    fn keep(&mut self, at: Place) -> Result<()> {
        let node = self.graph.node(at);
        let layout = self.layout(self.graph.same[at as usize])?.clone();
        let bytes = self.bytes(at);
        let area = &mut self.plan.areas[layout.area as usize];
        let whole = layout.is_contiguous(&node.shape) && area.bytes == bytes;
        let area = if whole && !matches!(area.home, Home::Zero | Home::Given) {
            if matches!(area.home, Home::Scratch(_)) {
                area.home = Home::Kept;
            }
            layout.area
        } else {
            self.plan.areas.push(Area { bytes, home: Home::Kept, node: Some(self.graph.nodes[at as usize]) });
            let area = self.plan.areas.len() as AreaId - 1;
            self.copy(&layout, &node.shape, node.dtype, &Layout::contiguous(area, &node.shape));
            area
        };
        self.plan.outputs.push((self.graph.nodes[at as usize], area));
        Ok(())
    }

    pub(super) fn bind(&mut self, node: NodeId, home: Home, bytes: usize) -> AreaId {
        let area = self.plan.areas.len() as AreaId;
        self.plan.areas.push(Area { bytes, home, node: Some(node) });
        self.plan.bindings.push(Binding { node, area });
        area
    }

    fn bytes(&self, at: Place) -> usize {
        let node = self.graph.node(at);
        node.shape.len() * node.dtype.size()
    }

    /// A new area for a node's elements.
    pub(super) fn area(&mut self, at: Place) -> AreaId {
        let home = if self.graph.lasting[at as usize] { Home::Kept } else { Home::Scratch(0) };
        let area = self.plan.areas.len() as AreaId;
        self.plan.areas.push(Area { bytes: self.bytes(at), home, node: Some(self.graph.nodes[at as usize]) });
        self.layouts.set(at, Layout::contiguous(area, &self.graph.node(at).shape));
        area
    }

    fn zeros(&mut self) -> AreaId {
        let areas = &mut self.plan.areas;
        *self.zero.get_or_insert_with(|| {
            areas.push(Area { bytes: 8, home: Home::Zero, node: None });
            areas.len() as AreaId - 1
        })
    }

    pub(super) fn operand(&mut self, at: Place) -> Result<Operand> {
        let dtype = self.graph.node(at).dtype;
        Ok(self.layout(at)?.operand(dtype))
    }

    /// Counts estimated work, of which there may be more than numbers.
    pub(super) fn work(&mut self, elements: usize, each: usize) {
        let more = (elements as u64).saturating_mul(each as u64);
        self.plan.work = self.plan.work.saturating_add(more);
    }

    /// Copies elements from one layout of a shape to another.
    fn copy(&mut self, from: &Layout, shape: &Shape, dtype: DType, to: &Layout) {
        let sink = Sink::Elements(to.operand(dtype));
        self.push(Program {
            dims: Dims::from_slice(shape),
            sizes: [shape.len(), 1, 1],
            operands: vec![from.operand(dtype)],
            instructions: Vec::new(),
            temporaries: 0,
            stores: vec![Store { register: 0, dtype, sink }],
        });
    }

    /// Adds a loop, its axes merged where they can be. One over nothing only matters where something is folded.
    fn push(&mut self, mut program: Program) {
        let Program { dims, operands, stores, .. } = &mut program;
        let mut strides: Vec<&mut Dims<isize>> = operands.iter_mut().map(|o| &mut o.strides).collect();
        let mut folds = false;
        for store in stores {
            match &mut store.sink {
                Sink::Elements(out) => strides.push(&mut out.strides),
                Sink::Fold { .. } => folds = true,
            }
        }
        if !dims.contains(&0) {
            coalesce(dims, &mut strides);
        } else if !folds {
            return;
        }
        self.work(program.len(), 1 + program.instructions.len());
        self.plan.steps.push(Step::Loop(program));
    }

    /// The steps of a node that is a group of its own.
    fn single(&mut self, at: Place) -> Result<()> {
        let graph = self.graph;
        let (id, node) = (graph.nodes[at as usize], graph.node(at));
        if node.op == Op::Contract {
            return self.contract(at);
        }
        let area = self.area(at);
        let dense = Layout::contiguous(area, &node.shape);
        let out = dense.operand(node.dtype);
        let input = |k: usize| graph.inputs[at as usize][k];
        let shape_of = |k: usize| &graph.node(input(k)).shape;
        match &node.op {
            Op::Arg(op, axis) => {
                let shape = shape_of(0);
                let order = axis_last(shape.ndim(), *axis);
                let x = permuted(self.operand(input(0))?, &order);
                let dims: Dims = order.iter().map(|&a| shape[a]).collect();
                self.work(shape.len(), 1);
                self.plan.steps.push(Step::Arg { op: *op, dims, x, out: area });
            }
            Op::Running(op, axis) => {
                let order = axis_last(node.shape.ndim(), *axis);
                let x = permuted(self.operand(input(0))?, &order);
                let dims: Dims = order.iter().map(|&a| node.shape[a]).collect();
                self.work(node.shape.len(), 4);
                self.plan.steps.push(Step::Running { op: *op, dims, x, out: permuted(out, &order) });
            }
            Op::ArgSort { axis, descending } => {
                let shape = shape_of(0);
                let order = axis_last(shape.ndim(), *axis);
                let x = permuted(self.operand(input(0))?, &order);
                let dims: Dims = order.iter().map(|&a| shape[a]).collect();
                let (descending, keep) = (*descending, node.shape[*axis]);
                self.work(shape.len(), 32);
                self.plan.steps.push(Step::Sort { descending, dims, keep, x, out: permuted(out, &order) });
            }
            Op::Search { right } => {
                let (sorted, values) = (self.operand(input(0))?, self.operand(input(1))?);
                let (right, dims, len) = (*right, Dims::from_slice(&node.shape), shape_of(0)[1]);
                self.work(node.shape.len(), 32);
                self.plan.steps.push(Step::Search { right, dims, len, sorted, values, out: area });
            }
            Op::Scan { axis, reverse } => {
                let order = axis_last(node.shape.ndim(), *axis);
                let a = permuted(self.operand(input(0))?, &order);
                let product = graph.inputs[at as usize].len() == 1;
                let b = if product { a.clone() } else { permuted(self.operand(input(1))?, &order) };
                let dims: Dims = order.iter().map(|&a| node.shape[a]).collect();
                self.work(node.shape.len(), 4);
                self.plan.steps.push(Step::Scan { reverse: *reverse, dims, product, a, b, out: permuted(out, &order) });
            }
            Op::Place(ranges) => {
                let under = match graph.inputs[at as usize].get(1) {
                    Some(&under) => self.layout(under)?.clone(),
                    None => Layout::constant(self.zeros(), &node.shape),
                };
                self.copy(&under, &node.shape, node.dtype, &dense);
                let to = dense.sliced(ranges, shape_of(0));
                let shape = shape_of(0).clone();
                self.store(input(0), &shape, node.dtype, &to)?;
            }
            Op::Concat(axis) => {
                let mut start = 0;
                for &part in &graph.inputs[at as usize] {
                    let shape = graph.node(part).shape.clone();
                    let mut ranges = vec![Range::ALL; shape.ndim()];
                    ranges[*axis].start = start;
                    start += shape[*axis];
                    self.store(part, &shape, node.dtype, &dense.sliced(&ranges, &shape))?;
                }
            }
            Op::Gather(axis, _) => {
                let (axis, size) = (*axis, shape_of(0)[*axis]);
                let (x, index) = (self.operand(input(0))?, self.operand(input(1))?);
                let dims = Dims::from_slice(&node.shape);
                self.work(node.shape.len(), 4);
                self.plan.steps.push(Step::Gather { axis, dims, size, x, index, out: area, node: id });
            }
            Op::Scatter(how, axis) => {
                let under = self.layout(input(0))?.clone();
                self.copy(&under, &node.shape, node.dtype, &dense);
                let (axis, size, dims) = (*axis, node.shape[*axis], Dims::from_slice(shape_of(1)));
                let (index, x) = (self.operand(input(1))?, self.operand(input(2))?);
                self.work(dims.iter().product(), 4);
                let how = *how;
                self.plan.steps.push(Step::Scatter { how, axis, dims, size, index, x, out, node: id });
            }
            Op::Linalg(op) => {
                let shape = shape_of(0);
                let last = graph.inputs[at as usize].len() - 1;
                let columns = shape_of(last).last().copied().unwrap_or(0);
                let axes = shape.ndim() - 2;
                let (batch, sizes) = (Dims::from_slice(&shape[..axes]), [shape[axes], shape[axes + 1], columns]);
                let inputs = (op.unread()..=last).map(|k| self.operand(input(k))).collect::<Result<_>>()?;
                let entries = batch.iter().product();
                self.work(entries, usize::try_from(op.flops(sizes) / 4).unwrap_or(usize::MAX).max(16));
                self.plan.steps.push(Step::Linalg { op: *op, batch, sizes, inputs, out: area, node: id });
            }
            Op::Fourier(op, scale) => {
                let inputs: SmallVec<[Operand; 2]> =
                    (0..graph.inputs[at as usize].len()).map(|k| self.operand(input(k))).collect::<Result<_>>()?;
                let (&[ref batch @ .., read], made) = (&shape_of(0)[..], node.shape.last()) else {
                    return Err(missing("axis of a transform"));
                };
                let (batch, n) =
                    (Dims::from_slice(batch), if *op == FourierOp::Back { made.copied().unwrap_or(1) } else { read });
                self.work(batch.iter().product(), usize::try_from(op.flops(n) / 4).unwrap_or(usize::MAX));
                self.plan.steps.push(Step::Fourier { op: *op, scale: scale.factor(n), batch, n, inputs, out: area });
            }
            Op::Convolve(convolution) => {
                let (first, second) = (self.operand(input(0))?, self.operand(input(1))?);
                let step = window::convolve(convolution, [shape_of(0), shape_of(1), &node.shape], [first, second, out]);
                if let Step::Convolve { sizes, .. } = &step {
                    self.work(sizes.products(), 1);
                }
                self.plan.steps.push(step);
            }
            Op::Pool(pooling) => {
                let x = self.operand(input(0))?;
                let (planes, axes) = window::pool(pooling, shape_of(0), &node.shape);
                self.work(node.shape.len(), pooling.taps.iter().product());
                self.plan.steps.push(Step::Pool { op: pooling.op, planes, axes, x, out: area });
            }
            _ => return Err(missing("step")),
        }
        Ok(())
    }

    /// Copies a node's elements into a region.
    fn store(&mut self, at: Place, shape: &Shape, dtype: DType, to: &Layout) -> Result<()> {
        let from = self.layout(at)?.clone();
        self.copy(&from, shape, dtype, to);
        Ok(())
    }
}

/// All axes, one of them moved to the end.
fn axis_last(ndim: usize, axis: usize) -> Dims {
    (0..ndim).filter(|&a| a != axis).chain([axis]).collect()
}
