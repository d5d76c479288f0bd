//! Programs from groups: the nodes of a loop as instructions over registers, and where their results go.

use super::group::{self, GroupId, NONE};
use super::lower::{Lowering, missing};
use super::simplify::Place;
use super::{Area, AreaId, Code, Home, Instruction, Operand, Program, Register, Sink, Store, WIDE};
use crate::dtype::DType;
use crate::error::Result;
use crate::kernels;
use crate::ops::{BinaryOp, Leaf, Op, UnaryOp};
use crate::record::Node;
use crate::shape::Dims;

/// Temporaries are numbered from here until the number of operands is known.
const TEMPORARY: Register = 1 << 15;

impl Lowering<'_> {
    /// The program of a group, over the sizes of its space in the order in which its reductions walk them.
    pub(super) fn program(&mut self, id: GroupId) -> Result<Program> {
        let group = &self.groups.list[id as usize];
        let walk = group::walk(group.axes, group.space.len());
        let sizes: [usize; 3] = walk.each_ref().map(|axes| axes.iter().map(|&axis| group.space[axis]).product());
        let order = walk.concat();
        let dims: Dims = order.iter().map(|&axis| group.space[axis]).collect();
        let mut builder = Builder::new(self, id);
        for &at in &group.nodes {
            let node = self.graph.node(at);
            for &input in &self.graph.inputs[at as usize] {
                if self.groups.inside(input, id).is_none() && builder.register(input).is_none() {
                    let operand = walked(self.operand(input)?, &self.graph.node(input).shape, &order);
                    builder.load(input, operand);
                }
            }
            let stored = self.groups.stored[at as usize];
            let register = match &node.op {
                Op::Reduce(op, _) => {
                    let register = builder.source(self, at, 0)?;
                    let out = self.area(at);
                    let parts = sizes[1].div_ceil(super::part(sizes));
                    let parts = (sizes[0] == 1 && parts > 1 && sizes[2] > 0).then(|| {
                        let (bytes, node) = (parts * sizes[2] * WIDE, Some(self.graph.nodes[at as usize]));
                        self.plan.areas.push(Area { bytes, home: Home::Scratch(0), node });
                        self.plan.areas.len() as u32 - 1
                    });
                    builder.stores.push(Store {
                        register,
                        dtype: node.dtype,
                        sink: Sink::Fold { op: *op, out, parts },
                    });
                    builder.release(self, at);
                    continue;
                }
                _ => {
                    let code = self.code(at, node, &builder)?;
                    builder.emit(self, at, code, stored)
                }
            };
            if stored {
                let area = self.area(at);
                let dense = super::layout::Layout::contiguous(area, &node.shape).operand(node.dtype);
                let sink = Sink::Elements(walked(dense, &node.shape, &order));
                builder.stores.push(Store { register, dtype: node.dtype, sink });
            }
        }
        Ok(builder.finish(self, dims, sizes))
    }

    fn code(&mut self, at: Place, node: &Node, builder: &Builder) -> Result<Code> {
        let graph = self.graph;
        let inputs = &graph.inputs[at as usize];
        let dtype_of = |k: usize| graph.node(inputs[k]).dtype;
        let reads = |k: [usize; 3]| k.map(dtype_of);
        if let Op::Leaf(leaf) = &node.op {
            return match leaf {
                Leaf::Iota => Ok(Code::Iota),
                Leaf::Uniform | Leaf::Normal => {
                    let key = self.bind(graph.nodes[at as usize], Home::Given, 8);
                    Ok(Code::Random { normal: *leaf == Leaf::Normal, key })
                }
                Leaf::Data | Leaf::Zero | Leaf::One | Leaf::Fill => Err(missing("instruction for a constant")),
            };
        }
        let from = |k: usize| builder.source(self, at, k);
        match &node.op {
            Op::Unary(op) => {
                let kernel = kernels::unary(*op, dtype_of(0)).ok_or_else(|| missing("kernel"))?;
                let arithmetic = Some(BinaryOp::Mul).filter(|_| *op == UnaryOp::Square && node.dtype.is_float());
                Ok(Code::Apply { kernel, sources: [from(0)?; 3], reads: reads([0; 3]), forbidden: None, arithmetic })
            }
            Op::Binary(op) => {
                let kernel = kernels::binary(*op, dtype_of(0)).ok_or_else(|| missing("kernel"))?;
                let sources = [from(0)?, from(1)?, from(0)?];
                let arithmetic = Some(*op).filter(|op| kernels::is_arithmetic(*op) && node.dtype.is_float());
                let forbidden = kernels::forbidden(*op, dtype_of(0));
                Ok(Code::Apply { kernel, sources, reads: reads([0, 1, 0]), forbidden, arithmetic })
            }
            Op::Ternary(op) => {
                let kernel = kernels::ternary(*op, dtype_of(0)).ok_or_else(|| missing("kernel"))?;
                let sources = [from(0)?, from(1)?, from(2)?];
                Ok(Code::Apply { kernel, sources, reads: reads([0, 1, 2]), forbidden: None, arithmetic: None })
            }
            Op::Select => {
                let (kernel, sources) = (kernels::select(node.dtype), [from(0)?, from(1)?, from(2)?]);
                Ok(Code::Apply { kernel, sources, reads: reads([0, 1, 2]), forbidden: None, arithmetic: None })
            }
            Op::Position { axis, size } => Ok(Code::Position { source: from(0)?, axis: *axis, size: *size }),
            Op::Cast => {
                let kernel = kernels::cast(dtype_of(0), node.dtype).ok_or_else(|| missing("kernel"))?;
                let sources = [from(0)?; 3];
                Ok(Code::Apply { kernel, sources, reads: reads([0; 3]), forbidden: None, arithmetic: None })
            }
            _ => Err(missing("instruction")),
        }
    }
}

/// An operand over the sizes above 1 of its shape, in an order.
fn walked(operand: Operand, shape: &[usize], order: &[usize]) -> Operand {
    let wide: Dims<isize> =
        operand.strides.iter().zip(shape).filter(|(_, size)| **size != 1).map(|(stride, _)| *stride).collect();
    Operand { strides: order.iter().map(|&axis| wide[axis]).collect(), ..operand }
}

/// What a program under construction knows of a node.
#[derive(Clone)]
pub(super) struct Seat {
    /// The group whose program knows it; what an earlier one knew is nothing to later ones.
    group: GroupId,
    /// Where its elements are: of what is loaded, and of what instructions make.
    register: Option<Register>,
    /// How many readers in the group it still waits for.
    waits: u32,
}

impl Seat {
    /// Of a node that no program knows.
    pub(super) const EMPTY: Seat = Seat { group: NONE, register: None, waits: 0 };
}

/// A program under construction.
struct Builder {
    id: GroupId,
    /// By place; borrowed from the lowering.
    seats: Vec<Seat>,
    operands: Vec<Operand>,
    /// The last operand of an area, an offset and a dtype: zeros of all dtypes are in one area.
    loaded: rustc_hash::FxHashMap<(AreaId, usize, DType), Register>,
    instructions: Vec<Instruction>,
    stores: Vec<Store>,
    free: Vec<Register>,
    temporaries: usize,
}

impl Builder {
    fn new(lowering: &mut Lowering<'_>, id: GroupId) -> Builder {
        let mut builder = Builder {
            id,
            seats: std::mem::take(&mut lowering.seats),
            operands: Vec::new(),
            loaded: rustc_hash::FxHashMap::default(),
            instructions: Vec::new(),
            stores: Vec::new(),
            free: Vec::new(),
            temporaries: 0,
        };
        builder.seats.resize(lowering.graph.nodes.len(), Seat::EMPTY);
        for &at in &lowering.groups.list[id as usize].nodes {
            for &input in &lowering.graph.inputs[at as usize] {
                if let Some(made) = lowering.groups.inside(input, id) {
                    builder.seat(made).waits += 1;
                }
            }
        }
        builder
    }

    fn seat(&mut self, at: Place) -> &mut Seat {
        let seat = &mut self.seats[at as usize];
        if seat.group != self.id {
            *seat = Seat { group: self.id, ..Seat::EMPTY };
        }
        seat
    }

    fn register(&self, at: Place) -> Option<Register> {
        let seat = &self.seats[at as usize];
        if seat.group == self.id { seat.register } else { None }
    }

    /// Where a node finds its k-th input.
    fn source(&self, lowering: &Lowering<'_>, at: Place, k: usize) -> Result<Register> {
        let input = lowering.graph.inputs[at as usize][k];
        let place = lowering.groups.inside(input, self.id).unwrap_or(input);
        self.register(place).ok_or_else(|| missing("register"))
    }

    /// An operand; the same elements are read once.
    fn load(&mut self, input: Place, operand: Operand) {
        let next = self.operands.len() as Register;
        let known = self.loaded.entry((operand.area, operand.offset, operand.dtype)).or_insert(next);
        if *known == next || self.operands[usize::from(*known)].strides != operand.strides {
            *known = next;
            self.operands.push(operand);
        }
        let register = *known;
        self.seat(input).register = Some(register);
    }

    /// An instruction. What is stored has a register of its own, which the executor may put where the result goes; other
    /// temporaries are used again behind their last reader.
    fn emit(&mut self, lowering: &Lowering<'_>, at: Place, code: Code, stored: bool) -> Register {
        let node = lowering.graph.node(at);
        let reused = if stored { None } else { self.free.pop() };
        let out = reused.unwrap_or_else(|| {
            self.temporaries += 1;
            TEMPORARY + self.temporaries as Register - 1
        });
        self.release(lowering, at);
        let seat = self.seat(at);
        seat.register = Some(out);
        if seat.waits == 0 && !stored {
            self.free.push(out);
        }
        let id = lowering.graph.nodes[at as usize];
        self.instructions.push(Instruction { code, out, dtype: node.dtype, node: id, also: None });
        out
    }

    /// Notes that a node has read its inputs.
    fn release(&mut self, lowering: &Lowering<'_>, at: Place) {
        for &input in &lowering.graph.inputs[at as usize] {
            let Some(made) = lowering.groups.inside(input, self.id) else { continue };
            let seat = self.seat(made);
            seat.waits -= 1;
            if let (0, Some(register), false) = (seat.waits, seat.register, lowering.groups.stored[made as usize])
                && !self.stores.iter().any(|store| store.register == register)
            {
                self.free.push(register);
            }
        }
    }

    fn finish(mut self, lowering: &mut Lowering<'_>, dims: Dims, sizes: [usize; 3]) -> Program {
        let first = self.operands.len() as Register;
        let place = |register: Register| {
            if register >= TEMPORARY { register - TEMPORARY + first } else { register }
        };
        for instruction in &mut self.instructions {
            instruction.out = place(instruction.out);
            instruction.each_source(|source| *source = place(*source));
        }
        self.stores.iter_mut().for_each(|store| store.register = place(store.register));
        let Builder { operands, instructions, stores, temporaries, seats, .. } = self;
        lowering.seats = seats;
        Program { dims, sizes, operands, instructions, temporaries, stores }
    }
}
