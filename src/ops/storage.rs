//! Dtypes that only store: operations on them compute in their class, and round or wrap what comes of it.
//!
//! Enters: any node on its way into the record. Leaves: the same node, or for an operation that computes with narrow elements
//! the nodes that do so: casts of its inputs to their classes, the operation there, a cast back. So no other room knows
//! narrow elements but those that copy, view and cast them, and every operation on them is what it is on the wide ones,
//! rounded once: for float16 what NumPy gives. The planner fuses the casts, so a loop reads and writes narrow elements and
//! computes with wide ones; that a value is rounded between two operations of one loop is part of the program.
//!
//! Within one call nothing is rounded: a composition such as a softmax, or a sweep of gradients, goes on with what its parts
//! were before, moved and combined in the class, and rounds what it returns. So a sum over float16 does not overflow on the
//! way to a mean, and a small cotangent is not lost where it passes through.
//!
//! Casts lead from a narrow dtype to its class, and to it from there and from floats, which are rounded or saturate once. All
//! others go by way of the class.

use crate::dtype::{DType, Scalar};
use crate::ops::{BinaryOp, How, Leaf, Op};
use crate::record::{Expr, Inputs, NodeId, Recorder, Value};
use crate::shape::Shape;

impl Op {
    /// True for what moves elements as they are, or casts them: it takes every dtype.
    pub(crate) fn moves(&self) -> bool {
        match self {
            Op::Leaf(Leaf::Data | Leaf::Zero | Leaf::One | Leaf::Fill) | Op::Cast | Op::Select | Op::View(_) => true,
            Op::Place(_) | Op::Concat(_) | Op::Gather(..) | Op::Scatter(How::Set, _) => true,
            Op::Leaf(Leaf::Iota | Leaf::Uniform | Leaf::Normal) | Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) => {
                false
            }
            Op::Position { .. } | Op::Reduce(..) | Op::Arg(..) | Op::Running(..) | Op::Scatter(..) => false,
            Op::ArgSort { .. } | Op::Search { .. } | Op::Scan { .. } | Op::Contract => false,
            Op::Linalg(_) | Op::Fourier(..) | Op::Convolve(_) | Op::Pool(_) => false,
        }
    }
}

/// Where a cast goes by, if no loop leads from one dtype to the other.
fn between(from: DType, to: DType) -> Option<DType> {
    match (from.class(), to.class()) {
        (class, _) if class != from => Some(class).filter(|&class| class != to),
        (_, class) if class != to => Some(class).filter(|&class| class != from && !from.is_float()),
        _ => None,
    }
}

impl Recorder {
    /// True for an operation with narrow inputs, or to a narrow result, that computes, or moves what this call has rounded.
    #[cold]
    pub(crate) fn goes_to_class(&self, op: &Op, inputs: &[NodeId], dtype: DType) -> bool {
        if op.moves() {
            return inputs.iter().any(|&id| self.before_rounding(id).is_some());
        }
        dtype.only_stores() || inputs.iter().any(|&id| self.at(id).dtype().only_stores())
    }

    /// Records an operation that computes with narrow inputs, or to a narrow result.
    #[cold]
    pub(crate) fn push_in_class(&self, op: Op, inputs: &[NodeId], shape: Shape, dtype: DType) -> Expr<'_> {
        let wide: Inputs = inputs.iter().map(|&id| self.at(id).in_class().id()).collect();
        self.push_node(op, &wide, shape, dtype.class()).cast(dtype)
    }

    /// Numbers made of nothing, in a narrow dtype.
    pub(crate) fn leaf_in_class(&self, leaf: Leaf, shape: Shape, dtype: DType, value: Value) -> Expr<'_> {
        let wide = self.leaf(leaf, shape, dtype.class(), value);
        let (step, _) = dtype.precision();
        // Down to what the dtype has between 1/2 and 1, as rounding might make a 1 of a number below it.
        let cut = if leaf == Leaf::Uniform { (wide * (2.0 / step)).floor() * (step / 2.0) } else { wide };
        cut.cast(dtype)
    }
}

impl<'r> Expr<'r> {
    /// The elements as another dtype. Floats go to integers by truncation, saturating at the ends, NaN as 0; integers wrap;
    /// anything goes to bool by comparison with zero, and to floats by rounding to the nearest. Gradient, between floats: `g`
    /// cast back.
    pub fn cast(self, dtype: DType) -> Expr<'r> {
        let from = self.dtype();
        if from == dtype {
            return self;
        }
        if let Some(before) = self.recorder().before_rounding(self.id()) {
            return before.cast(dtype);
        }
        if let Some(class) = between(from, dtype) {
            return self.cast(class).cast(dtype);
        }
        let made = self.push(Op::Cast, &[self], self.shape(), dtype);
        if dtype.is_float() && dtype.only_stores() {
            self.recorder().set_rounded(made, self);
        }
        made
    }

    /// The elements in the dtype that operations compute in; a constant stays one.
    fn in_class(self) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        let class = dtype.class();
        let given = self.recorder().arena().given(self.id()).clone();
        match (self.op(), given) {
            _ if !dtype.only_stores() => self,
            (Op::Leaf(Leaf::Zero), _) => self.recorder().zeros(shape, class),
            (Op::Leaf(Leaf::One), _) => self.recorder().ones(shape, class),
            (Op::Leaf(Leaf::Fill), Value::Scalar(word)) => self.recorder().full(shape, class, Scalar::of(word, dtype)),
            _ => self.cast(class),
        }
    }

    /// Records a row with a number of the library's own, which is not rounded to a narrow dtype as a user's is.
    pub(crate) fn with_number(self, op: BinaryOp, number: f64, swapped: bool) -> Expr<'r> {
        let (dtype, number) = (self.dtype(), Scalar::Float(number));
        if dtype.is_float() && dtype.only_stores() {
            return self.in_class().binary_scalar(op, number, swapped).cast(dtype);
        }
        self.binary_scalar(op, number, swapped)
    }
}
