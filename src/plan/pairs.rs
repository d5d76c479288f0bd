//! Two operations in one instruction.
//!
//! Enters: the program of a loop. Leaves: the same with fewer instructions, where one that adds, subtracts, multiplies or
//! divides has its result read once, by another of these, which then does both. What goes through registers costs more
//! than such an operation itself. Each of the two still rounds, so the results are the same to the bit.

use super::{Code, Program, Register};
use crate::kernels::{self, Kernel};

/// Shorter loops are over before it matters.
const LEAST: usize = 64;

/// Merges what can be merged.
pub fn merge(program: &mut Program) {
    if program.len() < LEAST {
        return;
    }
    let mut at = 0;
    while at < program.instructions.len() {
        match reader(program, at) {
            Some(found) => join(program, at, found),
            None => at += 1,
        }
    }
}

/// One instruction for two: which one it takes the place of, and what it does to what.
struct Merged {
    by: usize,
    kernel: Kernel,
    sources: [Register; 3],
}

/// The only instruction that reads what this one makes, and what both are in one.
fn reader(program: &Program, at: usize) -> Option<Merged> {
    let Program { instructions, stores, .. } = program;
    let first = &instructions[at];
    let Code::Apply { arithmetic: Some(inner), sources: [a, b, _], .. } = first.code else { return None };
    if stores.iter().any(|store| store.register == first.out) {
        return None;
    }
    let mut found = None;
    for (by, next) in instructions.iter().enumerate().skip(at + 1) {
        match &next.code {
            Code::Apply { arithmetic: Some(outer), sources: [left, right, _], .. }
                if (*left == first.out) != (*right == first.out) =>
            {
                let (is_left, other) = if *left == first.out { (true, *right) } else { (false, *left) };
                let kernel = kernels::pair(inner, *outer, is_left, first.dtype)?;
                if found.replace(Merged { by, kernel, sources: [a, b, other] }).is_some() {
                    return None;
                }
            }
            Code::Apply { sources, .. } if sources.contains(&first.out) => return None,
            Code::Position { source, .. } if *source == first.out => return None,
            _ => {}
        }
        if next.out == first.out {
            break;
        }
        // What the first one reads must still be there where the second one is.
        if found.is_none() && (next.out == a || next.out == b) {
            return None;
        }
    }
    found
}

/// Puts both in the place of the second.
fn join(program: &mut Program, at: usize, Merged { by, kernel, sources }: Merged) {
    let first = program.instructions.remove(at);
    let by = by - 1;
    let spare = first.out;
    let second = &mut program.instructions[by];
    let reads = [first.dtype; 3];
    second.code = Code::Apply { kernel, sources, reads, forbidden: None, arithmetic: None };
    second.also = Some(first.node);
    // What the first one read lived no longer, so the second may write there. It then writes where the first one did, and from
    // there on the two registers change names.
    let taken = second.out;
    if !sources.contains(&taken) {
        return;
    }
    let swap = |register: &mut Register| match *register {
        r if r == taken => *register = spare,
        r if r == spare => *register = taken,
        _ => {}
    };
    swap(&mut second.out);
    for instruction in &mut program.instructions[by + 1..] {
        swap(&mut instruction.out);
        instruction.each_source(swap);
    }
    program.stores.iter_mut().for_each(|store| swap(&mut store.register));
}
