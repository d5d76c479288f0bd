//! Runs a plan. Knows nothing of records beyond the numbers of nodes, and nothing of gradients.
//!
//! Enters: a plan that `plan/verify.rs` found legal, and the values it binds. Leaves: the arrays it keeps, or the fault that
//! stopped it. Promises: the same bits for the same plan and values; nothing is kept when a step fails. One of the rooms
//! with unsafe code: every pointer here comes from an area and an operand that the verifier has measured against each other,
//! and the bindings are measured again when they are bound.
#![allow(unsafe_code)]

mod ahead;
mod contract;
mod extremes;
mod fold;
mod fourier;
mod gemm;
mod index;
mod linalg;
mod loops;
mod pool;
mod random;
mod rows;
mod scan;
mod search;
mod sort;
mod tiles;
mod walk;
mod window;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use smallvec::SmallVec;

use crate::buffer::{Buffer, BufferMut};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::{Home, Local, Operand, Plan, Step};
use crate::record::{NodeId, Value};
use crate::shape::Shape;

pub use pool::{num_threads, set_num_threads};

/// Why a run ended early.
#[derive(Debug)]
pub enum Fault {
    /// A failure that needs no place.
    Error(Box<Error>),
    /// An integer op met a second input it has no result for.
    Forbidden(NodeId),
    /// A matrix of a batch that an operation has no result for.
    Matrix {
        /// The node.
        node: NodeId,
        /// The matrix's index in the batch.
        entry: Shape,
        /// Why.
        trouble: Trouble,
    },
    /// An index outside its axis.
    Index {
        /// The gathering node.
        node: NodeId,
        /// The index as given.
        index: i64,
        /// The axis.
        axis: usize,
        /// Its size.
        size: usize,
    },
}

/// A dtype that an operation does not compute in, which the verifier lets through no more than recording does.
fn unknown(what: &str, dtype: DType) -> Fault {
    Fault::Error(Box::new(Error::Internal { what: format!("{what} of {dtype}") }))
}

/// Why an operation has no result for a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It has no inverse.
    Singular,
    /// A leading part of it, of so many rows, is not positive definite.
    NotPositiveDefinite(usize),
    /// It has a NaN or an infinity.
    NonFinite,
    /// An iteration did not come to its end.
    NoConvergence,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Error(Box::new(error))
    }
}

/// The memory of a running plan, and whether it is to go on.
pub(crate) struct Areas<'a> {
    /// The start of each area.
    starts: SmallVec<[*mut u8; 24]>,
    /// Asked on the thread that runs the plan only: it may be Python's main thread, where signals arrive.
    checkpoint: RefCell<&'a mut dyn FnMut() -> Result<()>>,
    runner: ThreadId,
    /// The checkpoint has said that this is the end.
    stopped: AtomicBool,
}

// SAFETY: threads that share a step read what earlier steps wrote and write blocks of their own, which do not overlap;
// `checkpoint` is only touched on the thread of `runner`.
unsafe impl Sync for Areas<'_> {}

/// Element operations between two looks at the checkpoint: some ten microseconds.
const BREATH: usize = 1 << 15;

thread_local! {
    /// Work done since the checkpoint was last asked.
    static SINCE: Cell<usize> = const { Cell::new(0) };
}

impl Areas<'_> {
    /// The operand's first element.
    fn at(&self, operand: &Operand) -> *mut u8 {
        let start = self.starts[operand.area as usize];
        // SAFETY: the verifier has found the offset inside the area.
        unsafe { start.add(operand.offset * operand.dtype.size()) }
    }

    /// An area's first byte.
    fn start(&self, area: u32) -> *mut u8 {
        self.starts[area as usize]
    }

    /// Counts work, and asks now and then whether to go on.
    fn worked(&self, elements: usize) -> Result<()> {
        let since = SINCE.get().saturating_add(elements);
        if since < BREATH {
            SINCE.set(since);
            return Ok(());
        }
        SINCE.set(0);
        if std::thread::current().id() == self.runner {
            let asked = self.checkpoint.borrow_mut()();
            return asked.inspect_err(|_| self.stopped.store(true, Ordering::Relaxed));
        }
        if self.stopped.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    }
}

/// What a step sees of the areas: all of them, or one block of rows of those that it keeps to itself.
struct Memory<'a, 'c> {
    areas: &'a Areas<'c>,
    locals: &'a [Local],
    /// Where the rows of the moment lie.
    base: *mut u8,
    /// The first of them.
    row: usize,
}

impl<'a, 'c> Memory<'a, 'c> {
    fn whole(areas: &'a Areas<'c>) -> Memory<'a, 'c> {
        Memory { areas, locals: &[], base: std::ptr::null_mut(), row: 0 }
    }

    /// An area's first byte. Where there are only some rows of it, the place where it would be: to be read and written at
    /// these rows only.
    fn start(&self, area: u32) -> *mut u8 {
        match self.locals.iter().find(|local| local.area == area) {
            Some(local) => self.base.wrapping_add(local.offset).wrapping_sub(self.row * local.row),
            None => self.areas.start(area),
        }
    }

    /// True for an area of which there are only the rows of the moment.
    fn is_local(&self, area: u32) -> bool {
        self.locals.iter().any(|local| local.area == area)
    }

    /// The operand's first element; see [`Memory::start`].
    fn at(&self, operand: &Operand) -> *mut u8 {
        self.start(operand.area).wrapping_add(operand.offset * operand.dtype.size())
    }
}

thread_local! {
    /// The arena of intermediates, kept between runs so that its pages stay mapped.
    static SCRATCH: RefCell<Option<BufferMut>> = const { RefCell::new(None) };
}

/// Arenas up to this size are kept for the thread's next run.
const KEEP: usize = 256 << 20;

/// A zero of any dtype.
static ZERO: [u64; 1] = [0];

/// Runs a plan over bound values, in the order of its bindings. `checkpoint` is asked every few microseconds of work
/// whether to go on.
pub fn run(
    plan: &Plan,
    bound: &[Value],
    checkpoint: &mut dyn FnMut() -> Result<()>,
) -> std::result::Result<Vec<Arc<Buffer>>, Fault> {
    let starts = SmallVec::from_elem(std::ptr::null_mut(), plan.areas.len());
    let runner = std::thread::current().id();
    let mut areas = Areas { starts, checkpoint: RefCell::new(checkpoint), runner, stopped: AtomicBool::new(false) };
    for (binding, value) in plan.bindings.iter().zip(bound) {
        let (ptr, len) = match value {
            Value::Array(buffer) => (buffer.as_ptr(), buffer.len()),
            Value::Scalar(word) => (word.0.as_ptr(), 8),
            Value::Key(key) => (std::ptr::from_ref(key).cast::<u8>(), 8),
            Value::None => (std::ptr::null(), usize::MAX),
        };
        if len != plan.areas[binding.area as usize].bytes {
            return Err(Error::Internal { what: format!("{} was bound to a plan of other sizes", binding.node) }.into());
        }
        areas.starts[binding.area as usize] = ptr.cast_mut();
    }
    let mut scratch = SCRATCH.take().filter(|arena| arena.len() >= plan.scratch);
    if scratch.is_none() && plan.scratch > 0 {
        scratch = Some(BufferMut::uninit("compute", plan.scratch)?);
    }
    let base = scratch.as_mut().map_or(std::ptr::null_mut(), BufferMut::as_mut_ptr);
    let mut kept: SmallVec<[(u32, BufferMut); 8]> = SmallVec::new();
    for (at, area) in plan.areas.iter().enumerate() {
        match area.home {
            Home::Bound | Home::Given | Home::Local => {}
            Home::Zero => areas.starts[at] = ZERO.as_ptr().cast::<u8>().cast_mut(),
            // SAFETY: offsets lie inside the arena, says the verifier; an area without bytes is never touched.
            Home::Scratch(offset) => areas.starts[at] = if base.is_null() { base } else { unsafe { base.add(offset) } },
            Home::Kept => {
                let mut buffer = BufferMut::uninit("compute", area.bytes)?;
                areas.starts[at] = buffer.as_mut_ptr();
                kept.push((at as u32, buffer));
            }
        }
    }
    let outcome = plan.steps.iter().try_for_each(|step| run_step(step, &areas));
    SCRATCH.set(scratch.filter(|arena| arena.len() <= KEEP));
    outcome?;
    // SAFETY: the verifier has seen every kept area written in full, bools as 0 or 1.
    let mut frozen: SmallVec<[(u32, Arc<Buffer>); 8]> =
        kept.into_iter().map(|(at, buffer)| (at, Arc::new(unsafe { buffer.freeze() }))).collect();
    frozen.sort_unstable_by_key(|(at, _)| *at);
    let find = |area: u32| match frozen.binary_search_by_key(&area, |(at, _)| *at) {
        Ok(at) => Some(frozen[at].1.clone()),
        Err(_) => {
            plan.bindings.iter().zip(bound).find(|(binding, _)| binding.area == area).and_then(|(_, value)| match value
            {
                Value::Array(buffer) => Some(buffer.clone()),
                _ => None,
            })
        }
    };
    let lost = || Fault::from(Error::Internal { what: "an output has no memory".to_string() });
    plan.outputs.iter().map(|(_, area)| find(*area).ok_or_else(lost)).collect()
}

fn run_step(step: &Step, areas: &Areas<'_>) -> std::result::Result<(), Fault> {
    match step {
        Step::Loop(program) => loops::run(program, areas),
        Step::Rows(rows) => rows::run(rows, areas),
        Step::Arg { op, dims, x, out } => extremes::arg(*op, dims, x, areas.start(*out), areas),
        Step::Running { op, dims, x, out } => extremes::running(*op, dims, [x, out], areas),
        Step::Sort { descending, dims, keep, x, out } => sort::sort(*descending, dims, *keep, [x, out], areas),
        Step::Search { right, dims, len, sorted, values, out } => {
            search::search(*right, [dims[0], *len, dims[1]], [sorted, values], areas.start(*out), areas)
        }
        Step::Scan { reverse, dims, product, a, b, out } => scan::scan(*reverse, *product, dims, [a, b, out], areas),
        Step::Contract { batch, sizes, a, b, out } => contract::contract(batch, *sizes, [a, b, out], areas),
        Step::Gather { .. } => index::gather(step, areas),
        Step::Scatter { .. } => index::scatter(step, areas),
        Step::Linalg { op, batch, sizes, inputs, out, node } => {
            linalg::run(*op, batch, *sizes, inputs, areas.start(*out), *node, areas)
        }
        Step::Fourier { op, scale, batch, n, inputs, out } => {
            fourier::run(*op, *scale, batch, *n, inputs, areas.start(*out), areas)
        }
        Step::Convolve { makes, sizes, input, kernel, output } => {
            window::convolve(*makes, sizes, [input, kernel, output], areas)
        }
        Step::Pool { op, planes, axes, x, out } => window::pool(*op, planes, axes, x, areas.start(*out), areas),
    }
}
