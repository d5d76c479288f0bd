//! What can be recorded.
//!
//! Enters: expressions of a record ([`Expr`]) and attributes as users write them. Leaves: nodes in the record, their shapes
//! and dtypes checked. [`Op`] is a closed enum of families that carry plain data; each family is one file with its builder
//! methods (which hold its shape and dtype rules) and its derivative rule, and the members of a family are rows of one
//! table. Derivatives are written with these same expressions, so they are recorded, fused and differentiable like
//! anything else. Compositions of other ops have no rule of their own: `composite`, `activations`, `special`, `losses`,
//! `normalise`, `attention`, `random`, `einsum`, `indexing`, `update`, `arrange`, `products`, `statistics`.

use smallvec::{SmallVec, smallvec};

use crate::record::{Expr, NodeId};
use crate::shape::AxisSet;

pub mod activations;
pub mod arrange;
pub mod attention;
pub mod binary;
pub mod composite;
pub mod contract;
pub mod einsum;
pub mod fourier;
pub mod index;
pub mod indexing;
pub mod leaf;
pub mod linalg;
pub mod losses;
pub mod normalise;
pub mod positions;
pub mod products;
pub mod random;
pub mod reduce;
pub mod scan;
pub mod select;
pub mod sort;
pub mod special;
pub mod statistics;
pub mod storage;
pub mod ternary;
pub mod unary;
pub mod update;
pub mod view;
pub mod window;

pub use binary::BinaryOp;
pub use fourier::FourierOp;
pub use index::{Counts, How};
pub use leaf::Leaf;
pub use linalg::LinalgOp;
pub use reduce::{ArgOp, ReduceOp};
pub use ternary::TernaryOp;
pub use unary::UnaryOp;
pub use view::{Range, View};
pub use window::{Convolution, PoolOp, Pooling, Side, Slide};

/// One operation: a family and its attributes. Shape and dtype of the result stand in the node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// A value from outside, or made of nothing: data, constants, counting, random draws.
    Leaf(Leaf),
    /// One input, elementwise.
    Unary(UnaryOp),
    /// Two inputs of one shape and dtype, elementwise.
    Binary(BinaryOp),
    /// Three inputs, elementwise.
    Ternary(TernaryOp),
    /// Condition, value where true, value where false.
    Select,
    /// To the node's dtype.
    Cast,
    /// A place along an axis of a size, counted from the start; it must be one. The axis is for messages.
    Position {
        /// The axis.
        axis: usize,
        /// Its size.
        size: usize,
    },
    /// Over axes, which stay with size 1.
    Reduce(ReduceOp, AxisSet),
    /// The position of an extreme along an axis, which stays with size 1.
    Arg(ArgOp, usize),
    /// The position of the extreme among all elements up to each one along an axis.
    Running(ArgOp, usize),
    /// Positions along an axis in the order of the elements: as many of the first as the result has.
    ArgSort {
        /// The axis.
        axis: usize,
        /// From the largest.
        descending: bool,
    },
    /// How many elements of each sorted row of the first input lie before each element of that row of the second.
    Search {
        /// Equal ones, too.
        right: bool,
    },
    /// The linear recurrence `s[i] = a[i] * s[i-1] + b[i]` of inputs `a` and `b` along an axis, or from its end; of `a` alone,
    /// its products.
    Scan {
        /// The axis.
        axis: usize,
        /// From the last element to the first.
        reverse: bool,
    },
    /// The same elements under other strides.
    View(View),
    /// The first input's elements at ranges of the second, or of zeros: what a slice picks, put back.
    Place(Box<[Range]>),
    /// Any number of inputs, one behind the other along an axis.
    Concat(usize),
    /// Matrix product `[m, k] @ [k, n]`, or of batches `[batch, m, k] @ [batch, k, n]`.
    Contract,
    /// `out[.., j, ..] = x[.., index[.., j, ..], ..]` along an axis; the index has the output's shape.
    Gather(usize, Counts),
    /// Combines `x` into an array at `index` along an axis: inputs are the array, index and x, the last two of one shape.
    Scatter(How, usize),
    /// A decomposition or a solve of each matrix of a batch.
    Linalg(LinalgOp),
    /// A Fourier transform along the last axis, multiplied by a factor.
    Fourier(FourierOp, fourier::Scale),
    /// Two of the three arrays of a convolution make the third.
    Convolve(Box<Convolution>),
    /// What windows over the space of `[batch, channels, *space]` find.
    Pool(Box<Pooling>),
}

/// What the planner may do with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Has its value from the start.
    Source,
    /// Cheap, one result element from one element of each input: may be fused and computed again.
    Elementwise,
    /// Strides over its input.
    View,
    /// Worth keeping once computed.
    Heavy,
}

impl Op {
    /// The name that listings and messages show.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Leaf(leaf) => leaf.name(),
            Op::Unary(op) => op.name(),
            Op::Binary(op) => op.name(),
            Op::Ternary(op) => op.name(),
            Op::Select => "where",
            Op::Cast => "astype",
            Op::Position { .. } => "index",
            Op::Reduce(op, _) => op.name(),
            Op::Arg(op, _) => op.name(),
            Op::Running(op, _) => op.running_name(),
            Op::ArgSort { .. } => "argsort",
            Op::Search { .. } => "searchsorted",
            Op::Scan { .. } => "scan",
            Op::View(view) => view.name(),
            Op::Place(_) => "place",
            Op::Concat(_) => "concat",
            Op::Contract => "matmul",
            Op::Gather(..) => "gather",
            Op::Scatter(how, _) => how.name(),
            Op::Linalg(op) => op.name(),
            Op::Fourier(op, _) => op.name(),
            Op::Convolve(convolution) => convolution.name(),
            Op::Pool(pooling) => pooling.name(),
        }
    }

    /// A number for ops that a family and a row say all of; `None` for those with further attributes.
    pub(crate) fn code(&self) -> Option<u16> {
        match self {
            Op::Leaf(leaf) => Some(*leaf as u16),
            Op::Unary(op) => Some(0x100 | *op as u16),
            Op::Binary(op) => Some(0x200 | *op as u16),
            Op::Ternary(op) => Some(0x400 | *op as u16),
            Op::Select => Some(0x300),
            Op::Cast => Some(0x301),
            Op::Contract => Some(0x302),
            Op::View(View::Reshape) => Some(0x303),
            Op::View(View::Expand) => Some(0x304),
            Op::View(View::Stop) => Some(0x305),
            Op::View(View::Permute(_) | View::Slice(_)) | Op::Reduce(..) | Op::Arg(..) | Op::Scan { .. } => None,
            Op::Position { .. } | Op::Running(..) | Op::ArgSort { .. } | Op::Search { .. } => None,
            Op::Place(_) | Op::Concat(_) | Op::Gather(..) | Op::Scatter(..) => None,
            Op::Linalg(_) | Op::Fourier(..) | Op::Convolve(_) | Op::Pool(_) => None,
        }
    }

    /// The attributes as listings show them, empty for ops without any.
    pub fn attributes(&self) -> String {
        let axes = |axes: &[usize]| format!("axes={axes:?}");
        match self {
            Op::Reduce(_, set) => axes(&set.iter().collect::<Vec<_>>()),
            Op::Arg(_, axis) | Op::Running(_, axis) | Op::Concat(axis) | Op::Gather(axis, _) | Op::Scatter(_, axis) => {
                format!("axis={axis}")
            }
            Op::Position { axis, size } => format!("axis={axis}, size={size}"),
            Op::ArgSort { axis, descending } => format!("axis={axis}, descending={descending}"),
            Op::Search { right } => format!("side={}", if *right { "right" } else { "left" }),
            Op::Scan { axis, reverse } => format!("axis={axis}, reverse={reverse}"),
            Op::Linalg(op) => op.attributes(),
            Op::Fourier(_, scale) => match scale {
                fourier::Scale::One => String::new(),
                fourier::Scale::Root => "scale=1/sqrt(n)".to_string(),
                fourier::Scale::Mean => "scale=1/n".to_string(),
            },
            Op::View(View::Permute(order)) => axes(&order.iter().map(|&axis| usize::from(axis)).collect::<Vec<_>>()),
            Op::View(View::Slice(ranges)) | Op::Place(ranges) => {
                let one = |range: &Range| match range.step {
                    1 => format!("{}:", range.start),
                    step => format!("{}::{step}", range.start),
                };
                format!("[{}]", ranges.iter().map(one).collect::<Vec<_>>().join(", "))
            }
            Op::Convolve(convolution) => {
                format!("{}, groups={}", window::show_slides(&convolution.slides), convolution.groups)
            }
            Op::Pool(pooling) => format!("window={:?}, {}", &pooling.taps[..], window::show_slides(&pooling.slides)),
            Op::Leaf(_) | Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) | Op::Select => String::new(),
            Op::Cast | Op::View(_) | Op::Contract => String::new(),
        }
    }

    /// How the planner sees the op.
    pub fn class(&self) -> Class {
        match self {
            Op::Leaf(Leaf::Data) => Class::Source,
            Op::Leaf(_) | Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) | Op::Select | Op::Cast => Class::Elementwise,
            Op::Position { .. } => Class::Elementwise,
            Op::View(_) => Class::View,
            Op::Reduce(..) | Op::Arg(..) | Op::Running(..) | Op::Scan { .. } | Op::Place(_) => Class::Heavy,
            Op::ArgSort { .. } | Op::Search { .. } | Op::Concat(_) => Class::Heavy,
            Op::Contract | Op::Gather(..) | Op::Scatter(..) => Class::Heavy,
            Op::Linalg(_) | Op::Fourier(..) | Op::Convolve(_) | Op::Pool(_) => Class::Heavy,
        }
    }
}

/// A node's contribution to the cotangent of each input; `None` where no gradient flows.
pub type Cotangents<'r> = SmallVec<[Option<Expr<'r>>; 3]>;

/// The derivative rule: from a node, its inputs `x`, its output `y` and the cotangent `g` of the output.
///
/// `wanted` says which inputs have a use for a cotangent, so that rules need not record what nobody could ask for.
pub fn vjp<'r>(op: &Op, x: &[Expr<'r>], y: Expr<'r>, g: Expr<'r>, wanted: &[bool]) -> Cotangents<'r> {
    match op {
        Op::Leaf(_) => smallvec![],
        Op::Unary(op) => smallvec![op.derivative(x[0], y, g)],
        Op::Binary(op) => op.derivative(x[0], x[1], y, g, wanted),
        Op::Ternary(op) => op.derivative(x, y, g, wanted),
        Op::Select => select::vjp(x[0], g, wanted),
        Op::Cast => smallvec![Some(g.cast(x[0].dtype()))],
        Op::Reduce(op, axes) => smallvec![op.derivative(x[0], y, g, *axes)],
        Op::Arg(..) | Op::Running(..) | Op::ArgSort { .. } | Op::Position { .. } => smallvec![None],
        Op::Search { .. } => smallvec![None, None],
        Op::Scan { axis, reverse } => scan::vjp(x, y, g, *axis, *reverse, wanted),
        Op::View(view) => smallvec![view.derivative(x[0], g)],
        Op::Place(ranges) => view::place_vjp(x, g, ranges, wanted),
        Op::Concat(axis) => view::concat_vjp(x, g, *axis, wanted),
        Op::Contract => contract::vjp(x[0], x[1], g, wanted),
        Op::Gather(axis, counts) => smallvec![Some(x[0].ungathered(x[1], g, *axis, counts)), None],
        Op::Scatter(how, axis) => how.derivative([x[0], x[1], x[2]], y, g, *axis, wanted),
        Op::Linalg(op) => linalg::rules::vjp(*op, x, y, g, wanted),
        Op::Fourier(op, scale) => fourier::vjp(*op, *scale, x, y, g),
        Op::Convolve(convolution) => window::convolve_vjp(convolution, x, g, wanted),
        Op::Pool(pooling) => window::pool_vjp(pooling, x[0], g),
    }
}

/// True when changing any input never changes the output smoothly: the reason a gradient stops at this node.
pub fn blocks_gradient(op: &Op) -> bool {
    match op {
        Op::Unary(op) => op.is_flat(),
        Op::View(View::Stop) => true,
        _ => false,
    }
}

/// Shared by rules: `make()` when the input is wanted.
pub(crate) fn if_wanted<'r>(wanted: bool, make: impl FnOnce() -> Expr<'r>) -> Option<Expr<'r>> {
    wanted.then(make)
}

/// The inputs of a node as expressions of its record.
pub(crate) fn inputs_of<'r>(at: Expr<'r>, inputs: &[NodeId]) -> SmallVec<[Expr<'r>; 3]> {
    let mut out = SmallVec::new();
    inputs.iter().for_each(|&id| out.push(at.sibling(id)));
    out
}
