//! Steps from nodes: one walk over the needed nodes in the order they were recorded.

use super::group::is_constant;
use super::layout::{Layout, coalesce, permuted};
use super::needed::Needed;
use super::{Area, AreaId, Binding, Home, Operand, Plan, Program, Step};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{Leaf, Op, Range};
use crate::record::{Arena, Node, NodeId};
use crate::shape::{Dims, Shape};

/// Writes the steps of the needed nodes.
pub fn lower(arena: &Arena, needed: &Needed, joined: &[bool]) -> Result<Plan> {
    let layouts = vec![None; needed.nodes.len()];
    let mut lowering = Lowering { arena, needed, joined, layouts, zero: None, plan: Plan::default() };
    for at in 0..needed.nodes.len() {
        lowering.node(at)?;
    }
    Ok(lowering.plan)
}

pub(super) struct Lowering<'a> {
    pub(super) arena: &'a Arena,
    pub(super) needed: &'a Needed,
    pub(super) joined: &'a [bool],
    pub(super) layouts: Vec<Option<Layout>>,
    zero: Option<AreaId>,
    plan: Plan,
}

/// A gap in the planner's own bookkeeping.
pub(super) fn missing(what: &str) -> Error {
    Error::Internal { what: format!("the planner has no {what}") }
}

impl Lowering<'_> {
    fn node(&mut self, at: usize) -> Result<()> {
        let id = self.needed.nodes[at];
        let node = self.arena.node(id);
        if self.joined[at] {
            return Ok(());
        }
        if self.needed.known[at] {
            let area = self.bind(id, Home::Bound, node.shape.len() * node.dtype.size());
            self.layouts[at] = Some(Layout::contiguous(area, &node.shape));
            return Ok(());
        }
        let layout = match &node.op {
            op if is_constant(op) => self.constant(id, node),
            Op::View(view) => {
                let from = self.layout(node.inputs[0])?.clone();
                let shape = self.arena.node(node.inputs[0]).shape.clone();
                match from.through(view, &shape, &node.shape) {
                    Some(layout) => layout,
                    None => {
                        let area = self.area(at, node);
                        self.copy(&from, &shape, node.dtype, &Layout::contiguous(area, &shape));
                        Layout::contiguous(area, &node.shape)
                    }
                }
            }
            _ => {
                let area = self.area(at, node);
                self.step(id, node, area)?;
                Layout::contiguous(area, &node.shape)
            }
        };
        let layout = if self.needed.kept[at] { self.keep(at, node, layout) } else { layout };
        self.layouts[at] = Some(layout);
        Ok(())
    }

    /// Makes sure that a kept node has an area of its own elements, and notes it as an output.
    fn keep(&mut self, at: usize, node: &Node, layout: Layout) -> Layout {
        let area = &mut self.plan.areas[layout.area as usize];
        let whole = layout.is_contiguous(&node.shape) && area.bytes == node.shape.len() * node.dtype.size();
        let layout = if whole && !matches!(area.home, Home::Zero | Home::Given) {
            if matches!(area.home, Home::Scratch(_)) {
                area.home = Home::Kept;
            }
            layout
        } else {
            let area = self.area(at, node);
            let dense = Layout::contiguous(area, &node.shape);
            self.copy(&layout, &node.shape, node.dtype, &dense);
            dense
        };
        self.plan.outputs.push((self.needed.nodes[at], layout.area));
        layout
    }

    pub(super) fn bind(&mut self, node: NodeId, home: Home, bytes: usize) -> AreaId {
        let area = self.plan.areas.len() as AreaId;
        self.plan.areas.push(Area { bytes, home });
        self.plan.bindings.push(Binding { node, area });
        area
    }

    /// A new area for a node's elements.
    fn area(&mut self, at: usize, node: &Node) -> AreaId {
        let home = if self.needed.kept[at] { Home::Kept } else { Home::Scratch(0) };
        self.plan.areas.push(Area { bytes: node.shape.len() * node.dtype.size(), home });
        self.plan.areas.len() as AreaId - 1
    }

    fn constant(&mut self, id: NodeId, node: &Node) -> Layout {
        let area = match node.op {
            Op::Leaf(Leaf::Zero) => self.zeros(),
            _ => self.bind(id, Home::Given, 8),
        };
        Layout::constant(area, &node.shape)
    }

    fn zeros(&mut self) -> AreaId {
        let areas = &mut self.plan.areas;
        *self.zero.get_or_insert_with(|| {
            areas.push(Area { bytes: 8, home: Home::Zero });
            areas.len() as AreaId - 1
        })
    }

    fn layout(&self, id: NodeId) -> Result<&Layout> {
        let at = self.needed.place(self.arena, id).ok_or_else(|| missing("input"))?;
        self.layouts[at].as_ref().ok_or_else(|| missing("layout"))
    }

    pub(super) fn operand(&self, id: NodeId) -> Result<Operand> {
        Ok(self.layout(id)?.operand(self.arena.node(id).dtype))
    }

    /// Counts estimated work, of which there may be more than numbers.
    fn work(&mut self, elements: usize, each: usize) {
        let more = (elements as u64).saturating_mul(each as u64);
        self.plan.work = self.plan.work.saturating_add(more);
    }

    /// Copies elements from one layout of a shape to another.
    fn copy(&mut self, from: &Layout, shape: &Shape, dtype: DType, to: &Layout) {
        let program = Program {
            dims: Dims::from_slice(shape),
            operands: vec![from.operand(dtype)],
            instructions: Vec::new(),
            temporaries: 0,
            result: 0,
            dtype,
        };
        self.map(program, to.operand(dtype));
    }

    /// Adds a map step, its axes merged where they can be.
    fn map(&mut self, mut program: Program, mut out: Operand) {
        let Program { dims, operands, .. } = &mut program;
        let mut strides: Vec<&mut Dims<isize>> = operands.iter_mut().map(|o| &mut o.strides).collect();
        strides.push(&mut out.strides);
        if !dims.contains(&0) {
            coalesce(dims, &mut strides);
            self.work(program.len(), 1 + program.instructions.len());
            self.plan.steps.push(Step::Map { program, out });
        }
    }

    /// The steps of a node that is neither a view nor known nor constant.
    fn step(&mut self, id: NodeId, node: &Node, area: AreaId) -> Result<()> {
        let dense = Layout::contiguous(area, &node.shape);
        let out = dense.operand(node.dtype);
        let input = |k: usize| node.inputs[k];
        let shape_of = |k: usize| &self.arena.node(node.inputs[k]).shape;
        match &node.op {
            Op::Leaf(_) | Op::Unary(_) | Op::Binary(_) | Op::Select | Op::Cast => {
                let program = self.program(id, None)?;
                self.map(program, out);
            }
            Op::Reduce(op, axes) => {
                let shape = shape_of(0);
                let last = axes.iter().last().unwrap_or(0);
                let (outer, inner): (Dims, Dims) =
                    (0..shape.ndim()).filter(|&axis| !axes.contains(axis)).partition(|&axis| axis < last);
                let reduced: Dims = axes.iter().collect();
                let order: Dims = outer.iter().chain(&reduced).chain(&inner).copied().collect();
                let size = |axes: &[usize]| axes.iter().map(|&axis| shape[axis]).product::<usize>();
                let sizes = [size(&outer), size(&reduced), size(&inner)];
                let mut program = self.program(input(0), Some(&order))?;
                let mut strides: Vec<&mut Dims<isize>> = program.operands.iter_mut().map(|o| &mut o.strides).collect();
                if sizes.iter().all(|&n| n > 0) {
                    coalesce(&mut program.dims, &mut strides);
                }
                self.work(program.len(), 1 + program.instructions.len());
                self.plan.steps.push(Step::Reduce { program, op: *op, sizes, out: area });
            }
            Op::Arg(op, axis) => {
                let shape = shape_of(0);
                let order = axis_last(shape.ndim(), *axis);
                let x = permuted(self.operand(input(0))?, &order);
                let dims: Dims = order.iter().map(|&a| shape[a]).collect();
                self.work(shape.len(), 1);
                self.plan.steps.push(Step::Arg { op: *op, dims, x, out: area });
            }
            Op::Scan { axis, reverse } => {
                let order = axis_last(node.shape.ndim(), *axis);
                let (a, b) = (permuted(self.operand(input(0))?, &order), permuted(self.operand(input(1))?, &order));
                let dims: Dims = order.iter().map(|&a| node.shape[a]).collect();
                self.work(node.shape.len(), 4);
                self.plan.steps.push(Step::Scan { reverse: *reverse, dims, a, b, out: permuted(out, &order) });
            }
            Op::Place(ranges) => {
                let zero = self.zeros();
                self.copy(&Layout::constant(zero, &node.shape), &node.shape, node.dtype, &dense);
                let to = dense.sliced(ranges, shape_of(0));
                let shape = shape_of(0).clone();
                self.store(input(0), &shape, node.dtype, &to)?;
            }
            Op::Concat(axis) => {
                let mut start = 0;
                for &part in &node.inputs {
                    let shape = self.arena.node(part).shape.clone();
                    let mut ranges = vec![Range::ALL; shape.ndim()];
                    ranges[*axis].start = start;
                    start += shape[*axis];
                    self.store(part, &shape, node.dtype, &dense.sliced(&ranges, &shape))?;
                }
            }
            Op::Contract => {
                let (l, r) = (shape_of(0), shape_of(1));
                let batch = if l.ndim() == 3 { l[0] } else { 1 };
                let sizes = [batch, l[l.ndim() - 2], l[l.ndim() - 1], r[r.ndim() - 1]];
                let (mut a, mut b) = (self.operand(input(0))?, self.operand(input(1))?);
                if l.ndim() == 2 {
                    [&mut a, &mut b].into_iter().for_each(|operand| operand.strides.insert(0, 0));
                }
                let depth = (sizes[2] / 8).max(1);
                self.work(sizes[0].saturating_mul(sizes[1]).saturating_mul(sizes[3]), depth);
                self.plan.steps.push(Step::Contract { sizes, a, b, out: area });
            }
            Op::Gather(axis) => {
                let (axis, size) = (*axis, shape_of(0)[*axis]);
                let (x, index) = (self.operand(input(0))?, self.operand(input(1))?);
                let dims = Dims::from_slice(&node.shape);
                self.work(node.shape.len(), 4);
                self.plan.steps.push(Step::Gather { axis, dims, size, x, index, out: area, node: id });
            }
            Op::ScatterAdd(axis) => {
                let zero = self.zeros();
                self.copy(&Layout::constant(zero, &node.shape), &node.shape, node.dtype, &dense);
                let (axis, size, dims) = (*axis, node.shape[*axis], Dims::from_slice(shape_of(0)));
                let (index, x) = (self.operand(input(0))?, self.operand(input(1))?);
                self.work(dims.iter().product(), 4);
                self.plan.steps.push(Step::ScatterAdd { axis, dims, size, index, x, out, node: id });
            }
            Op::View(_) => return Err(missing("step for a view")),
        }
        Ok(())
    }

    /// Copies a node's elements into a region.
    fn store(&mut self, node: NodeId, shape: &Shape, dtype: DType, to: &Layout) -> Result<()> {
        let from = self.layout(node)?.clone();
        self.copy(&from, shape, dtype, to);
        Ok(())
    }
}

/// All axes, one of them moved to the end.
fn axis_last(ndim: usize, axis: usize) -> Dims {
    (0..ndim).filter(|&a| a != axis).chain([axis]).collect()
}
