//! Programs from elementwise nodes: a node and all that joined it, as instructions over registers.

use super::layout::permuted;
use super::lower::{Lowering, missing};
use super::{Code, Home, Instruction, Operand, Program, Register};
use crate::dtype::DType;
use crate::error::Result;
use crate::kernels;
use crate::ops::{Leaf, Op};
use crate::record::{Node, NodeId};
use crate::shape::Dims;

/// Temporaries are numbered from here until the number of operands is known.
const TEMPORARY: Register = 1 << 15;

impl Lowering<'_> {
    /// The program of a node and of all that joined it, over the node's axes in an order.
    pub(super) fn program(&mut self, root: NodeId, order: Option<&[usize]>) -> Result<Program> {
        let shape = self.arena.node(root).shape.clone();
        let dims = match order {
            Some(order) => order.iter().map(|&axis| shape[axis]).collect(),
            None => Dims::from_slice(&shape),
        };
        let mut builder = Builder::default();
        let own_step = |at: usize| !self.joined[at];
        let at_of = |id: &NodeId| self.needed.place(self.arena, *id).ok_or_else(|| missing("input"));
        let root_is_operand = own_step(at_of(&root)?) && self.layouts[at_of(&root)?].is_some();
        // Post-order over the joined nodes; each has one reader, so none is met twice.
        let mut open = vec![(root, false)];
        while let Some((id, inputs_done)) = open.pop() {
            if builder.has(id) {
                continue;
            }
            let at = at_of(&id)?;
            if (id != root && own_step(at)) || (id == root && root_is_operand) {
                let operand = self.operand(id)?;
                builder.load(
                    id,
                    match order {
                        Some(order) => permuted(operand, order),
                        None => operand,
                    },
                );
            } else if inputs_done {
                let node = self.arena.node(id);
                let code = self.code(id, node, &builder)?;
                builder.emit(id, node, code);
            } else {
                open.push((id, true));
                let inputs = &self.arena.node(id).inputs;
                open.extend(inputs.iter().rev().filter(|input| !builder.has(**input)).map(|&input| (input, false)));
            }
        }
        builder.finish(root, dims, self.arena.node(root).dtype)
    }

    fn code(&mut self, id: NodeId, node: &Node, builder: &Builder) -> Result<Code> {
        let from = |k: usize| -> Result<Register> { builder.register(node.inputs[k]) };
        let dtype_of = |k: usize| self.arena.node(node.inputs[k]).dtype;
        let apply = |kernel, sources, forbidden| Ok(Code::Apply { kernel, sources, forbidden });
        match &node.op {
            Op::Leaf(Leaf::Iota) => Ok(Code::Iota),
            Op::Leaf(leaf @ (Leaf::Uniform | Leaf::Normal)) => {
                Ok(Code::Random { normal: *leaf == Leaf::Normal, key: self.bind(id, Home::Given, 8) })
            }
            Op::Unary(op) => {
                let kernel = kernels::unary(*op, dtype_of(0)).ok_or_else(|| missing("kernel"))?;
                apply(kernel, [from(0)?; 3], None)
            }
            Op::Binary(op) => {
                let kernel = kernels::binary(*op, dtype_of(0)).ok_or_else(|| missing("kernel"))?;
                apply(kernel, [from(0)?, from(1)?, from(0)?], kernels::forbidden(*op, dtype_of(0)))
            }
            Op::Select => apply(kernels::select(node.dtype), [from(0)?, from(1)?, from(2)?], None),
            Op::Cast => apply(kernels::cast(dtype_of(0), node.dtype), [from(0)?; 3], None),
            _ => Err(missing("instruction")),
        }
    }
}

/// A program under construction.
#[derive(Default)]
struct Builder {
    operands: Vec<Operand>,
    instructions: Vec<Instruction>,
    registers: rustc_hash::FxHashMap<NodeId, Register>,
    free: Vec<Register>,
    temporaries: usize,
}

impl Builder {
    fn has(&self, id: NodeId) -> bool {
        self.registers.contains_key(&id)
    }

    fn register(&self, id: NodeId) -> Result<Register> {
        self.registers.get(&id).copied().ok_or_else(|| missing("register"))
    }

    /// An operand; the same elements are read once.
    fn load(&mut self, id: NodeId, operand: Operand) {
        let same = |o: &Operand| o.area == operand.area && o.offset == operand.offset && o.strides == operand.strides;
        let at = self.operands.iter().position(same).unwrap_or_else(|| {
            self.operands.push(operand);
            self.operands.len() - 1
        });
        self.registers.insert(id, at as Register);
    }

    /// An instruction; its sources' temporaries are free again behind it, as each has one reader.
    fn emit(&mut self, id: NodeId, node: &Node, code: Code) {
        let out = self.free.pop().unwrap_or_else(|| {
            self.temporaries += 1;
            TEMPORARY + self.temporaries as Register - 1
        });
        for input in &node.inputs {
            match self.registers.get(input) {
                Some(&register) if register >= TEMPORARY && !self.free.contains(&register) => self.free.push(register),
                _ => {}
            }
        }
        self.registers.insert(id, out);
        self.instructions.push(Instruction { code, out, dtype: node.dtype, node: id });
    }

    fn finish(mut self, root: NodeId, dims: Dims, dtype: DType) -> Result<Program> {
        let first = self.operands.len() as Register;
        let place = |register: Register| {
            if register >= TEMPORARY { register - TEMPORARY + first } else { register }
        };
        for instruction in &mut self.instructions {
            instruction.out = place(instruction.out);
            if let Code::Apply { sources, .. } = &mut instruction.code {
                *sources = sources.map(place);
            }
        }
        let result = place(self.register(root)?);
        let Builder { operands, instructions, temporaries, .. } = self;
        Ok(Program { dims, operands, instructions, temporaries, result, dtype })
    }
}
