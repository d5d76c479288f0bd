//! What a plan is made of: areas of memory, and steps that read and write them. Plain data, which the executor runs as it is.
//!
//! Leaves to others: `mod` makes plans of these, `verify` says which are legal, `exec` runs them.

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::kernels::Kernel;
use crate::ops::{ArgOp, BinaryOp, FourierOp, How, LinalgOp, PoolOp, ReduceOp, Side, Slide};
use crate::record::NodeId;
use crate::shape::Dims;

/// An area of memory, by its index in the plan.
pub type AreaId = u32;

/// Where an area's memory comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// A value that a node has before the plan runs.
    Bound,
    /// A number or a key that a node was given: eight bytes.
    Given,
    /// Eight bytes of zero.
    Zero,
    /// A new array that outlives the plan.
    Kept,
    /// A place in the arena of intermediates, in bytes from its start.
    Scratch(usize),
    /// Rows that the one step that touches it keeps for a block at a time, in memory of the thread.
    Local,
}

/// A contiguous piece of memory that steps read and write.
#[derive(Debug, Clone)]
pub struct Area {
    /// Its length in bytes.
    pub bytes: usize,
    /// Where it lies.
    pub home: Home,
    /// The node it was made for; zeros are for all.
    pub node: Option<NodeId>,
}

/// A value bound before the plan runs.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Whose value.
    pub node: NodeId,
    /// Which area it becomes.
    pub area: AreaId,
}

/// A strided view of an area, along the axes of the step it belongs to.
#[derive(Debug, Clone)]
pub struct Operand {
    /// The area.
    pub area: AreaId,
    /// Elements before the first.
    pub offset: usize,
    /// Elements between neighbours along each axis.
    pub strides: Dims<isize>,
    /// The kind of elements.
    pub dtype: DType,
}

/// A place in a program: its operands come first, temporaries behind them.
pub type Register = u16;

/// One instruction of a program, over a tile.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// What is done.
    pub code: Code,
    /// Where the result goes; never one of the sources.
    pub out: Register,
    /// The result's dtype.
    pub dtype: DType,
    /// The node it computes.
    pub node: NodeId,
    /// Another node that it computes on the way.
    pub also: Option<NodeId>,
}

/// What an instruction does.
#[derive(Debug, Clone)]
pub enum Code {
    /// Runs a kernel over its sources, after checking that the last one has nothing forbidden in it.
    Apply {
        /// The loop.
        kernel: Kernel,
        /// What it reads; unused ones repeat the first.
        sources: [Register; 3],
        /// The dtypes of these, for which the loop was chosen.
        reads: [DType; 3],
        /// Finds elements of the second source that have no result.
        forbidden: Option<unsafe fn(*const u8, usize) -> bool>,
        /// What it does to the first two, where that is a sum, difference, product or quotient of floats: such an
        /// instruction may do another one's work as well (`pairs`).
        arithmetic: Option<BinaryOp>,
    },
    /// Counts elements.
    Iota,
    /// Places along an axis, those from the end counted from the start.
    Position {
        /// What it reads.
        source: Register,
        /// The axis.
        axis: usize,
        /// Its size.
        size: usize,
    },
    /// Draws uniform or normal numbers with the key in an area.
    Random {
        /// Normal instead of uniform.
        normal: bool,
        /// The area that holds the key.
        key: AreaId,
    },
}

/// Elementwise work over an index space: a few instructions run tile by tile, and what becomes of their results.
#[derive(Debug, Clone)]
pub struct Program {
    /// The sizes of the space; elements are numbered in C order.
    pub dims: Dims,
    /// The space as folds see it: outer, reduced, inner. Without folds all of it is outer.
    pub sizes: [usize; 3],
    /// What is read.
    pub operands: Vec<Operand>,
    /// What is done.
    pub instructions: Vec<Instruction>,
    /// How many temporaries the instructions use.
    pub temporaries: usize,
    /// What is left.
    pub stores: Vec<Store>,
}

/// One result of a program.
#[derive(Debug, Clone)]
pub struct Store {
    /// Where it is after the last instruction. An instruction that writes it is the only one to do so.
    pub register: Register,
    /// Its dtype.
    pub dtype: DType,
    /// Where it goes.
    pub sink: Sink,
}

/// Where a result of a program goes.
#[derive(Debug, Clone)]
pub enum Sink {
    /// Every element to its place, over the program's axes.
    Elements(Operand),
    /// Combined over the reduced axis.
    Fold {
        /// How.
        op: ReduceOp,
        /// The result, `[outer, inner]`.
        out: AreaId,
        /// Room for what parts of the reduced axis come to, where there is more than one part.
        parts: Option<AreaId>,
    },
}

/// One step of a plan.
#[derive(Debug, Clone)]
pub enum Step {
    /// A program.
    Loop(Program),
    /// Loops over the same rows, block of rows by block of rows, so that what they leave for each other stays near.
    Rows(Rows),
    /// Positions of extremes; the operand's last axis is searched.
    Arg {
        /// Which extreme.
        op: ArgOp,
        /// The sizes of the operand, the searched axis last.
        dims: Dims,
        /// The input.
        x: Operand,
        /// int64 results.
        out: AreaId,
    },
    /// Positions of the extreme up to each element along the last axis of both operands.
    Running {
        /// Which extreme.
        op: ArgOp,
        /// Sizes, the searched axis last.
        dims: Dims,
        /// The input.
        x: Operand,
        /// int64 results.
        out: Operand,
    },
    /// Positions along the last axis in the order of the elements, of which the first are kept.
    Sort {
        /// From the largest.
        descending: bool,
        /// The sizes of the input, the sorted axis last.
        dims: Dims,
        /// How many are kept.
        keep: usize,
        /// The input.
        x: Operand,
        /// int64 results, `keep` along the last axis.
        out: Operand,
    },
    /// How many elements of a sorted row lie before each value, `[rows, values]`.
    Search {
        /// Equal ones, too.
        right: bool,
        /// The sizes of the values.
        dims: Dims,
        /// The length of a sorted row.
        len: usize,
        /// `[rows, len]`
        sorted: Operand,
        /// `[rows, values]`
        values: Operand,
        /// int64 results in C order.
        out: AreaId,
    },
    /// The linear recurrence along the last axis of all operands.
    Scan {
        /// From the end.
        reverse: bool,
        /// Sizes, the scanned axis last.
        dims: Dims,
        /// There are only factors, which are the terms, too: the first counts, the others are not added.
        product: bool,
        /// Factors.
        a: Operand,
        /// Terms.
        b: Operand,
        /// Result.
        out: Operand,
    },
    /// `[.., m, k] @ [.., k, n]`, for every index of the batch.
    Contract {
        /// The sizes of the batch, whose axes come first in all operands.
        batch: Dims,
        /// m, k, n
        sizes: [usize; 3],
        /// Left.
        a: Operand,
        /// Right.
        b: Operand,
        /// The result, whose rows are dense.
        out: Operand,
    },
    /// `out[p] = x[p with the axis replaced by index[p]]`.
    Gather {
        /// The axis.
        axis: usize,
        /// Sizes of index and output.
        dims: Dims,
        /// The size of the axis in x.
        size: usize,
        /// Source.
        x: Operand,
        /// int64 positions.
        index: Operand,
        /// Contiguous result.
        out: AreaId,
        /// For messages.
        node: NodeId,
    },
    /// `out[p with the axis replaced by index[p]]` is combined with `x[p]`, for one p after the other.
    Scatter {
        /// How.
        how: How,
        /// The axis.
        axis: usize,
        /// Sizes of index and x.
        dims: Dims,
        /// The size of the axis in the output.
        size: usize,
        /// int64 positions.
        index: Operand,
        /// What is combined.
        x: Operand,
        /// The result, strided over `dims` along all axes but the one.
        out: Operand,
        /// For messages.
        node: NodeId,
    },
    /// One operation on every matrix of a batch.
    Linalg {
        /// Which.
        op: LinalgOp,
        /// The sizes of the batch, whose axes come first in all operands.
        batch: Dims,
        /// m, n, k
        sizes: [usize; 3],
        /// What is read, as many and of the sizes that the operation says.
        inputs: SmallVec<[Operand; 2]>,
        /// Entry behind entry.
        out: AreaId,
        /// For messages.
        node: NodeId,
    },
    /// A Fourier transform of every row of a batch.
    Fourier {
        /// Which.
        op: FourierOp,
        /// What results are multiplied by.
        scale: f64,
        /// The sizes of the batch, whose axes come first in all operands.
        batch: Dims,
        /// How many numbers are transformed.
        n: usize,
        /// Real parts, and imaginary ones if there are.
        inputs: SmallVec<[Operand; 2]>,
        /// Row behind row, all real parts before all imaginary ones.
        out: AreaId,
    },
    /// Sums over the meetings of a convolution. Operands have an axis of their own for groups.
    Convolve {
        /// The one of the three that is written.
        makes: Side,
        /// Sizes.
        sizes: Meetings,
        /// `[batch, groups, inputs, *space]`
        input: Operand,
        /// `[groups, outputs, inputs, *taps]`
        kernel: Operand,
        /// `[batch, groups, outputs, *places]`
        output: Operand,
    },
    /// What windows find in the space of each plane.
    Pool {
        /// What they look for.
        op: PoolOp,
        /// Axes before the space.
        planes: Dims,
        /// The space.
        axes: Dims<Along>,
        /// `[*planes, *space]`
        x: Operand,
        /// `[*planes, *places]`, dense.
        out: AreaId,
    },
}

/// The sizes of a convolution.
#[derive(Debug, Clone)]
pub struct Meetings {
    /// Entries of the batch.
    pub batch: usize,
    /// Groups of channels.
    pub groups: usize,
    /// Channels of the input in a group.
    pub inputs: usize,
    /// Channels of the output in a group.
    pub outputs: usize,
    /// The axes of space.
    pub axes: Dims<Along>,
}

/// An axis that windows slide along: place `p`, tap `k` and element `q` meet where `stride * p + dilation * k = q + before`.
#[derive(Debug, Clone, Copy)]
pub struct Along {
    /// How they slide.
    pub slide: Slide,
    /// Elements of the input.
    pub space: usize,
    /// Taps of the window.
    pub taps: usize,
    /// Places, elements of the output.
    pub places: usize,
}

impl Meetings {
    /// The sizes of one of the arrays, along the axes of its operand.
    pub fn dims(&self, side: Side) -> Dims {
        let Meetings { batch, groups, inputs, outputs, axes } = self;
        let (first, each): ([usize; 3], fn(&Along) -> usize) = match side {
            Side::Input => ([*batch, *groups, *inputs], |axis| axis.space),
            Side::Kernel => ([*groups, *outputs, *inputs], |axis| axis.taps),
            Side::Output => ([*batch, *groups, *outputs], |axis| axis.places),
        };
        first.into_iter().chain(axes.iter().map(each)).collect()
    }

    /// Products that are summed, if no tap meets padding.
    pub fn products(&self) -> usize {
        let all =
            self.dims(Side::Output).into_iter().chain([self.inputs]).chain(self.axes.iter().map(|axis| axis.taps));
        all.fold(1, usize::saturating_mul)
    }
}

/// Loops that share their rows: the outer axis of each is a multiple of these, and what one of them reads of another's
/// results lies in the same row.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The loops, in order.
    pub programs: Vec<Program>,
    /// How many rows.
    pub rows: usize,
    /// Rows of a block.
    pub each: usize,
    /// What nobody else reads.
    pub locals: Vec<Local>,
    /// Bytes a thread needs for these.
    pub bytes: usize,
}

/// An area of which only the rows of the moment exist.
#[derive(Debug, Clone, Copy)]
pub struct Local {
    /// The area, as large as all rows.
    pub area: AreaId,
    /// Where a block's rows begin in the thread's memory.
    pub offset: usize,
    /// Bytes of a row.
    pub row: usize,
}

impl Instruction {
    /// Calls `visit` with each register that is read.
    pub(super) fn each_source(&mut self, mut visit: impl FnMut(&mut Register)) {
        match &mut self.code {
            Code::Apply { sources, .. } => sources.iter_mut().for_each(visit),
            Code::Position { source, .. } => visit(source),
            Code::Iota | Code::Random { .. } => {}
        }
    }
}

impl Program {
    pub(super) fn rename(&mut self, name: impl Fn(NodeId) -> NodeId) {
        for instruction in &mut self.instructions {
            instruction.node = name(instruction.node);
            instruction.also = instruction.also.map(&name);
        }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// True for an empty space.
    pub fn is_empty(&self) -> bool {
        self.dims.contains(&0)
    }
}

/// The most elements of the reduced axis that are combined without a part of their own, when `inner` is 1.
const PART: usize = if cfg!(miri) { 1 << 8 } else { 1 << 15 };

/// The most parts.
const PARTS: usize = 64;

/// How many elements of the reduced axis each part takes: a function of the sizes alone, so that the same numbers are
/// combined in the same order however the work is shared out.
pub fn part([outer, reduced, inner]: [usize; 3]) -> usize {
    let (smallest, most) = if inner == 1 { (PART, PARTS) } else { ((PART / inner.max(1)).max(64), PARTS / 4) };
    if outer > 1 {
        return reduced.max(1);
    }
    reduced.div_ceil(most).max(smallest).next_multiple_of(64)
}

/// Bytes that a part of a fold takes for each result: the widest type in which folds combine.
pub const WIDE: usize = 16;
