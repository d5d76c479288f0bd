//! Loops that take turns row by row.
//!
//! Enters: a plan whose steps stand in order. Leaves: the same work, with loops over the same rows put together where nothing
//! else stands between them: a softmax is three loops over its input, and rows that have just been read are still near. What
//! only such loops read of each other is never stored as a whole. Promises: every result is what it was, to the bit, as
//! rows are combined in the same order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Area, AreaId, Home, Instruction, Local, Operand, Plan, Program, Register, Rows, Sink, Step, Store};

/// Loops over fewer elements stay near anyhow.
const LEAST: usize = if cfg!(miri) { 1 << 7 } else { 1 << 14 };

/// Elements of the widest loop of a block.
const BLOCK: usize = if cfg!(miri) { 1 << 7 } else { 1 << 14 };

/// Sequences that are open at a time, and loops in one.
const OPEN: usize = 4;
const LONGEST: usize = 24;

/// Bytes between the rows of two areas.
const ALIGN: usize = 64;

/// Loops that are to be one step.
struct Sequence {
    rows: usize,
    members: Vec<usize>,
    /// Elements of a row in each area they write.
    written: FxHashMap<AreaId, usize>,
    /// What others make of that: the sequence must be over before.
    later: FxHashSet<AreaId>,
}

/// Puts loops together.
pub fn share(plan: &mut Plan) {
    let started = |step: &Step| match step {
        Step::Loop(program) if starts(program) => Some(program.sizes[0]),
        _ => None,
    };
    let rows: Vec<usize> = plan.steps.iter().filter_map(started).collect();
    if rows.is_empty() {
        return;
    }
    split(plan, &rows);
    let mut writers = vec![0u32; plan.areas.len()];
    plan.steps.iter().for_each(|step| step.each_write(|area| writers[area as usize] += 1));
    let mut sequences: Vec<Sequence> = Vec::new();
    let mut of = vec![usize::MAX; plan.steps.len()];
    for (at, step) in plan.steps.iter().enumerate() {
        let open = sequences.len().saturating_sub(OPEN)..sequences.len();
        let mut joined = None;
        if let Step::Loop(program) = step
            && sole(program, &writers)
        {
            joined = open.clone().rev().find(|&k| sequences[k].takes(plan, program));
            if joined.is_none() && starts(program) && leaves_rows(&plan.areas, program, program.sizes[0]) {
                let (written, later) = (FxHashMap::default(), FxHashSet::default());
                sequences.push(Sequence { rows: program.sizes[0], members: Vec::new(), written, later });
                joined = Some(sequences.len() - 1);
            }
            if let Some(k) = joined {
                sequences[k].members.push(at);
                of[at] = k;
                for (area, row) in written_rows(program, sequences[k].rows) {
                    sequences[k].written.insert(area, row);
                }
            }
        }
        for k in open.filter(|&k| joined != Some(k)) {
            let mut behind = false;
            step.each_read(|area| {
                behind |= sequences[k].written.contains_key(&area) || sequences[k].later.contains(&area);
            });
            if behind {
                step.each_write(|area| _ = sequences[k].later.insert(area));
            }
        }
    }
    sequences
        .iter()
        .filter(|sequence| sequence.members.len() < 2)
        .for_each(|sequence| of[sequence.members[0]] = usize::MAX);
    if of.iter().any(|&k| k != usize::MAX) {
        merge(plan, &sequences, &of);
    }
}

/// True for a loop whose results nobody else writes parts of.
fn sole(program: &Program, writers: &[u32]) -> bool {
    let mut alone = true;
    program.each_write(|area| alone &= writers[area as usize] == 1);
    alone && !program.is_empty()
}

/// True for a loop that is worth a sequence: one with rows that are combined.
fn starts(program: &Program) -> bool {
    let [outer, _, inner] = program.sizes;
    let folds = program.stores.iter().any(|store| matches!(store.sink, Sink::Fold { .. }));
    folds && outer > 1 && inner == 1 && program.len() >= LEAST
}

impl Sequence {
    /// True if a loop can be the next of the sequence, and has something of it.
    fn takes(&self, plan: &Plan, program: &Program) -> bool {
        let rows = self.rows;
        let folds = program.stores.iter().any(|store| matches!(store.sink, Sink::Fold { .. }));
        let whole = if folds { program.sizes[0].is_multiple_of(rows) } else { program.len().is_multiple_of(rows) };
        if self.members.len() == LONGEST || !whole {
            return false;
        }
        let (mut before, mut related) = (true, false);
        program.each_read(|area| {
            before &= !self.later.contains(&area);
            related |= self.written.contains_key(&area);
        });
        let in_row = |operand: &Operand| {
            self.written.get(&operand.area).is_none_or(|&row| stays_in_row(operand, &program.dims, rows, row))
        };
        before && related && program.operands.iter().all(in_row) && leaves_rows(&plan.areas, program, rows)
    }
}

/// True if what a loop stores of a row is this row's part of what it stores, and all of the area.
fn leaves_rows(areas: &[Area], program: &Program, rows: usize) -> bool {
    program.stores.iter().all(|store| match &store.sink {
        Sink::Elements(out) => {
            let whole = areas[out.area as usize].bytes == program.len() * out.dtype.size();
            whole && stays_in_row(out, &program.dims, rows, program.len() / rows)
        }
        Sink::Fold { .. } => true,
    })
}

/// What a loop writes, with the elements of a row in each.
fn written_rows(program: &Program, rows: usize) -> Vec<(AreaId, usize)> {
    let row = |store: &Store| match &store.sink {
        Sink::Elements(out) => (out.area, program.len() / rows),
        Sink::Fold { out, .. } => (*out, program.sizes[0] / rows * program.sizes[2]),
    };
    program.stores.iter().map(row).collect()
}

/// True if all that an operand sees at the indices of a row lies among the `length` elements that are this row's in the area.
pub(super) fn stays_in_row(operand: &Operand, dims: &[usize], rows: usize, length: usize) -> bool {
    // The leading axes that make up the rows, the last of them perhaps in part.
    let (mut left, mut axis) = (rows, 0);
    let mut outer: Vec<(usize, isize)> = Vec::new();
    let mut rest = None;
    while left > 1 {
        let (Some(&size), Some(&stride)) = (dims.get(axis), operand.strides.get(axis)) else { return false };
        axis += 1;
        if left.is_multiple_of(size) {
            outer.push((size, stride));
            left /= size;
        } else if size.is_multiple_of(left) {
            rest = Some((size / left, stride));
            outer.push((left, stride * (size / left) as isize));
            left = 1;
        } else {
            return false;
        }
    }
    let mut expected = length as isize;
    for &(size, stride) in outer.iter().rev() {
        if size > 1 && stride != expected {
            return false;
        }
        expected *= size as isize;
    }
    let inner = dims[axis..].iter().copied().zip(operand.strides[axis..].iter().copied()).chain(rest);
    let (mut low, mut high) = (operand.offset as isize, operand.offset as isize);
    for (size, stride) in inner {
        let reach = stride * (size as isize - 1);
        if reach < 0 { low += reach } else { high += reach }
    }
    low >= 0 && high < length as isize
}

/// Takes folds over all rows out of loops over one element a row, so that the rest can take turns with loops over rows.
fn split(plan: &mut Plan, rows: &[usize]) {
    let mut steps = Vec::with_capacity(plan.steps.len());
    for step in std::mem::take(&mut plan.steps) {
        let Step::Loop(mut program) = step else {
            steps.push(step);
            continue;
        };
        let [outer, reduced, inner] = program.sizes;
        let stays = |store: &Store| matches!(store.sink, Sink::Elements(_));
        let mixed = program.stores.iter().any(stays) && !program.stores.iter().all(stays);
        if !(mixed && outer == 1 && inner == 1 && program.dims.len() == 1 && rows.contains(&reduced)) {
            steps.push(Step::Loop(program));
            continue;
        }
        let (kept, folds): (Vec<Store>, Vec<Store>) = program.stores.into_iter().partition(stays);
        program.stores = kept;
        let mut tails = Vec::new();
        for fold in folds {
            let known = program.stores.iter().find_map(|store| match &store.sink {
                Sink::Elements(out) if store.register == fold.register => Some(out.clone()),
                _ => None,
            });
            let loaded = program.operands.get(usize::from(fold.register)).cloned();
            let operand = loaded.or(known).unwrap_or_else(|| {
                let area = plan.areas.len() as AreaId;
                plan.areas.push(Area { bytes: reduced * fold.dtype.size(), home: Home::Scratch(0), node: None });
                let out = Operand { area, offset: 0, strides: [1].into_iter().collect(), dtype: fold.dtype };
                let register = own_register(&mut program, fold.register);
                program.stores.push(Store { register, dtype: fold.dtype, sink: Sink::Elements(out.clone()) });
                out
            });
            let (dims, instructions) = (program.dims.clone(), Vec::new());
            let (operands, stores) = (vec![operand], vec![Store { register: 0, ..fold }]);
            tails.push(Step::Loop(Program {
                dims,
                sizes: program.sizes,
                operands,
                instructions,
                temporaries: 0,
                stores,
            }));
        }
        program.sizes = [reduced, 1, 1];
        steps.push(Step::Loop(program));
        steps.extend(tails);
    }
    plan.steps = steps;
}

/// Gives the value that a register holds in the end a register of its own, as all that is stored must have: a fold's may have
/// held others before.
fn own_register(program: &mut Program, register: Register) -> Register {
    let makes = |instruction: &Instruction| instruction.out == register;
    let Some(last) = program.instructions.iter().rposition(makes) else { return register };
    if !program.instructions[..last].iter().any(makes) {
        return register;
    }
    let own = (program.operands.len() + program.temporaries) as Register;
    program.temporaries += 1;
    program.instructions[last].out = own;
    for instruction in &mut program.instructions[last + 1..] {
        instruction.each_source(|source| {
            if *source == register {
                *source = own;
            }
        });
    }
    own
}

/// Makes each sequence one step, and puts the steps in an order in which all that is read is written before.
fn merge(plan: &mut Plan, sequences: &[Sequence], of: &[usize]) {
    // Every step by the last of its sequence, itself if it has none.
    let last =
        |at: usize| if of[at] == usize::MAX { at } else { sequences[of[at]].members.last().copied().unwrap_or(at) };
    let count = plan.steps.len();
    let (mut waits, mut readers) = (vec![0u32; count], vec![Vec::new(); count]);
    let mut writers: Vec<Vec<usize>> = vec![Vec::new(); plan.areas.len()];
    for (at, step) in plan.steps.iter().enumerate() {
        let mut behind = |area: AreaId, writers: &[Vec<usize>]| {
            for &writer in &writers[area as usize] {
                if writer != last(at) && readers[writer].last() != Some(&last(at)) {
                    readers[writer].push(last(at));
                    waits[last(at)] += 1;
                }
            }
        };
        step.each_read(|area| behind(area, &writers));
        step.each_write(|area| behind(area, &writers));
        step.each_write(|area| writers[area as usize].push(last(at)));
    }
    let mut free: BinaryHeap<Reverse<usize>> =
        (0..count).filter(|&at| last(at) == at && waits[at] == 0).map(Reverse).collect();
    let mut steps: Vec<Option<Step>> = std::mem::take(&mut plan.steps).into_iter().map(Some).collect();
    while let Some(Reverse(at)) = free.pop() {
        let step = match of[at] {
            usize::MAX => steps[at].take(),
            k => {
                let loops = sequences[k].members.iter().filter_map(|&member| match steps[member].take() {
                    Some(Step::Loop(program)) => Some(program),
                    _ => None,
                });
                let programs = loops.collect();
                Some(Step::Rows(in_turns(sequences[k].rows, programs)))
            }
        };
        plan.steps.extend(step);
        for &reader in &readers[at] {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                free.push(Reverse(reader));
            }
        }
    }
    localise(plan);
}

/// A step of loops.
fn in_turns(rows: usize, mut programs: Vec<Program>) -> Rows {
    for program in &mut programs {
        if !program.stores.iter().any(|store| matches!(store.sink, Sink::Fold { .. })) {
            program.sizes = [rows, program.len() / rows, 1];
        }
    }
    let widest = programs.iter().map(|program| program.len() / rows).max().unwrap_or(1);
    let each = (BLOCK / widest.max(1)).clamp(1, rows);
    Rows { programs, rows, each, locals: Vec::new(), bytes: 0 }
}

/// Finds the intermediates that one step of rows keeps to itself.
fn localise(plan: &mut Plan) {
    // By area: the only step that touches it.
    let mut owner = vec![None; plan.areas.len()];
    let mut shared = vec![false; plan.areas.len()];
    for (at, step) in plan.steps.iter().enumerate() {
        let mut touch = |area: AreaId| {
            let area = area as usize;
            shared[area] |= *owner[area].get_or_insert(at) != at;
        };
        step.each_read(&mut touch);
        step.each_write(&mut touch);
    }
    let Plan { steps, areas, .. } = plan;
    for step in steps {
        let Step::Rows(Rows { programs, rows, each, locals, bytes }) = step else { continue };
        for (area, _) in programs.iter().flat_map(|program| written_rows(program, *rows)) {
            let Area { bytes: whole, home, .. } = &mut areas[area as usize];
            if !shared[area as usize] && matches!(home, Home::Scratch(_)) {
                *home = Home::Local;
                let row = *whole / *rows;
                locals.push(Local { area, offset: *bytes, row });
                *bytes += (row * *each).next_multiple_of(ALIGN);
            }
        }
    }
}
