//! The road from recording to numbers, the only one: find the plan, bind, run without the lock, store.

use crate::buffer::NdArray;
use crate::error::{Entry, Error, Result};
use crate::exec::{self, Fault, Trouble};
use crate::ops::index::Demand;
use crate::ops::{BinaryOp, Counts, Op, positions};
use crate::plan::{self, Options, Plan, Report};
use crate::record::{Arena, ComputationRecord, NodeId, Tensor, Value};

impl ComputationRecord {
    /// Computes tensors in one plan. Nothing is stored unless all of it succeeds.
    pub fn compute(&self, tensors: &[&Tensor]) -> Result<()> {
        self.compute_with(tensors, Options::default(), &mut || Ok(()))
    }

    /// As [`compute`](ComputationRecord::compute), with options, and a function that is asked every few microseconds of work whether to go on.
    pub fn compute_with(
        &self,
        tensors: &[&Tensor],
        options: Options,
        checkpoint: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        tensors.iter().try_for_each(|tensor| self.owns("compute", tensor))?;
        let ready = self.prepare(tensors, options)?;
        match ready {
            Some(ready) => self.finish(ready, checkpoint),
            None => Ok(()),
        }
    }

    /// The plan that would compute these tensors now.
    pub fn plan(&self, tensors: &[&Tensor], options: Options) -> Result<Plan> {
        tensors.iter().try_for_each(|tensor| self.owns("plan", tensor))?;
        self.read(|arena| Plan::make(arena, &missing(arena, tensors), self.own(options)))
    }

    /// The same, to read.
    pub fn report(&self, tensors: &[&Tensor], options: Options) -> Result<Report> {
        tensors.iter().try_for_each(|tensor| self.owns("plan", tensor))?;
        self.read(|arena| Ok(Report::new(Plan::make(arena, &missing(arena, tensors), self.own(options))?, arena)))
    }

    /// Options as they are for this record.
    fn own(&self, options: Options) -> Options {
        let memory_budget = options.memory_budget.or(self.memory_budget());
        Options { keep: options.keep && self.has_grad(), memory_budget, ..options }
    }

    /// Finds the plan and the values it binds; `None` when everything is computed already.
    pub(crate) fn prepare(&self, tensors: &[&Tensor], options: Options) -> Result<Option<Ready>> {
        let options = self.own(options);
        self.read(|arena| {
            let requested = missing(arena, tensors);
            if requested.is_empty() {
                return Ok(None);
            }
            let plan = plan::cache::find_or_make(arena, &requested, options)?;
            let bound = plan.bindings.iter().map(|binding| arena.value(arena.at_rank(binding.node.index()))).collect();
            arena.begin();
            Ok(Some(Ready { plan, bound, record: self.clone() }))
        })
    }

    /// Runs a prepared plan and stores what it keeps.
    pub(crate) fn finish(&self, ready: Ready, checkpoint: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let made = exec::run(&ready.plan, &ready.bound, checkpoint);
        self.update(|arena| {
            let arrays = made.map_err(|fault| explain(arena, fault))?;
            for ((node, _), buffer) in ready.plan.outputs.iter().zip(arrays) {
                arena.set_elements(arena.at_rank(node.index()), Some(buffer));
            }
            Ok::<(), Error>(())
        })?;
        drop(ready);
        self.tidy();
        Ok(())
    }

    /// If more is put off than a record may: computes what is held, and forgets what nobody can ask for any more. A failure is left to
    /// whoever asks for the value.
    pub(crate) fn settle(&self) {
        if self.is_overdue() {
            let due = self.due();
            let _ = self.compute(&due.iter().collect::<Vec<_>>());
            self.tidy();
        }
    }
}

/// A plan with the values it binds. While it is there, the record forgets no node.
pub(crate) struct Ready {
    plan: std::sync::Arc<Plan>,
    bound: smallvec::SmallVec<[Value; 8]>,
    record: ComputationRecord,
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.record.read(Arena::end);
    }
}

impl Ready {
    /// An estimate of the work, in simple element operations: whether it is worth letting others run meanwhile.
    #[cfg(feature = "python")]
    pub fn work(&self) -> u64 {
        self.plan.work
    }
}

fn missing(arena: &Arena, tensors: &[&Tensor]) -> Vec<NodeId> {
    tensors.iter().map(|tensor| tensor.id()).filter(|&id| !arena.is_computed(id)).collect()
}

/// A fault as an error that names the user's line.
fn explain(arena: &Arena, fault: Fault) -> Error {
    let node = |rank: NodeId| arena.node(arena.at_rank(rank.index()));
    let place = |rank: NodeId| arena.place(node(rank).origin);
    // What was below zero was moved by the size.
    let label = |index: i64, size: usize| if index < 0 { index + size as i64 } else { index };
    match fault {
        Fault::Error(error) => *error,
        Fault::Index { node: at, index, axis, size } => match node(at).op {
            Op::Gather(_, Counts::Classes(op)) => {
                Error::Label { op, label: label(index, size), classes: size, origin: place(at) }
            }
            Op::Gather(_, Counts::Lengths(&Demand { op, argument, expected })) => {
                Error::Argument { op, argument, got: label(index, size).to_string(), expected }
            }
            Op::Gather(_, Counts::Provided(&Demand { op, argument, expected })) => {
                Error::Argument { op, argument, got: "something else, or partly so".into(), expected }
            }
            ref op => Error::IndexRange { op: op.name(), index, axis, size, origin: place(at) },
        },
        Fault::Forbidden(at) => match node(at).op {
            Op::Binary(BinaryOp::Pow) => Error::NegativeExponent { op: "power", origin: place(at) },
            ref op => Error::IntegerDivision { op: op.name(), origin: place(at) },
        },
        Fault::Matrix { node: at, entry, trouble } => {
            let (op, entry, origin) = (node(at).op.name(), Entry(entry), place(at));
            match trouble {
                Trouble::Singular => Error::Singular { op, entry, origin },
                Trouble::NotPositiveDefinite(order) => Error::NotPositiveDefinite { op, entry, order, origin },
                Trouble::NonFinite => Error::NonFiniteMatrix { op, entry, origin },
                Trouble::NoConvergence => Error::NoConvergence { op, entry, origin },
            }
        }
    }
}

impl Tensor {
    /// The elements, computed if they are not yet.
    pub fn data(&self) -> Result<NdArray> {
        let known = |arena: &Arena| arena.array(self.id()).transpose();
        if let Some(array) = self.record().read(known)? {
            return Ok(array);
        }
        self.record().compute(&[self])?;
        let lost = || Error::Internal { what: format!("{} was not computed", self.id()) };
        self.record().read(known)?.ok_or_else(lost)
    }

    /// The positions along each axis of all elements that are not zero. How many there are depends on values, so these are
    /// computed now.
    pub fn nonzero(&self) -> Result<Vec<NdArray>> {
        positions::along_axes("nonzero", &self.data()?)
    }

    /// The only element, as a float.
    pub fn item(&self) -> Result<f64> {
        let array = self.data()?;
        match array.to_f64()[..] {
            [one] => Ok(one),
            _ => {
                Err(Error::NotScalar { op: "item", shape: array.shape().clone(), hint: "only one element is an item" })
            }
        }
    }
}
