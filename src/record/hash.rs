//! The 128-bit running hash that names a program.
//!
//! Two multiply-fold lanes with different constants, fed through `std::hash::Hasher` so that nodes derive `Hash` and need
//! no code of their own. A collision would run a wrong plan, so both lanes are kept; it could not corrupt memory, as the
//! executor checks the size of every array it binds.

use std::hash::{Hash, Hasher};

use super::node::NodeId;
use crate::dtype::DType;
use crate::ops::Op;

const LANES: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93];

/// Both halves of a 128-bit state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash128([u64; 2]);

impl Default for Hash128 {
    fn default() -> Hash128 {
        Hash128([0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344])
    }
}

fn fold(x: u64, k: u64) -> u64 {
    let wide = u128::from(x) * u128::from(k);
    wide as u64 ^ (wide >> 64) as u64
}

impl Hash128 {
    /// Mixes a node in, its inputs by their ranks. Words begin with all lengths, so that no two nodes give the same ones;
    /// small sizes share a word.
    #[inline]
    pub fn push(
        &mut self,
        op: &Op,
        inputs: &[NodeId],
        shape: &[usize],
        (dtype, backward): (DType, bool),
        rank: impl Fn(NodeId) -> usize,
    ) {
        let small = shape.len() <= 4 && shape.iter().all(|&size| size < 1 << 16);
        let code = op.code();
        let flags = u64::from(dtype as u8) | u64::from(backward) << 6 | u64::from(small) << 7;
        let lengths = (shape.len() as u64) << 8 | (inputs.len() as u64) << 16;
        self.write_u64(flags | lengths | u64::from(code.unwrap_or(u16::MAX)) << 48);
        if code.is_none() {
            op.hash(self);
        }
        if small {
            self.write_u64(shape.iter().fold(0, |word, &size| word << 16 | size as u64));
        } else {
            shape.iter().for_each(|&size| self.write_u64(size as u64));
        }
        for pair in inputs.chunks(2) {
            self.write_u64(pair.iter().fold(0, |word, input| word << 32 | rank(*input) as u64));
        }
    }
}

impl Hasher for Hash128 {
    fn write_u64(&mut self, v: u64) {
        self.0[0] = fold(self.0[0] ^ v, LANES[0]).wrapping_add(LANES[1]);
        self.0[1] = fold(self.0[1].rotate_left(29) ^ v, LANES[1]).wrapping_add(LANES[0]);
    }

    fn write_u8(&mut self, v: u8) {
        self.write_u64(u64::from(v));
    }

    fn write_u32(&mut self, v: u32) {
        self.write_u64(u64::from(v));
    }

    fn write_usize(&mut self, v: usize) {
        self.write_u64(v as u64);
    }

    fn write_isize(&mut self, v: isize) {
        self.write_u64(v as u64);
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn finish(&self) -> u64 {
        self.0[0] ^ self.0[1]
    }
}

/// A set of nodes, by their ranks, as the exclusive or of its members' hashes: members come and go in constant time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NodeSet([u64; 2]);

impl NodeSet {
    /// Adds the node if it is absent, removes it if it is present.
    pub fn toggle(&mut self, rank: usize) {
        let word = rank as u64 + 1;
        for (half, lane) in self.0.iter_mut().zip(LANES) {
            *half ^= fold(word.wrapping_mul(LANES[0]) ^ lane, lane.rotate_left(17));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_content_change_the_hash() {
        let of = |words: &[u64]| {
            let mut h = Hash128::default();
            words.iter().for_each(|&w| h.write_u64(w));
            h
        };
        assert_eq!(of(&[1, 2]), of(&[1, 2]));
        assert_ne!(of(&[1, 2]), of(&[2, 1]));
        assert_ne!(of(&[0]), of(&[0, 0]));
    }

    #[test]
    fn sets_forget_what_leaves() {
        let mut set = NodeSet::default();
        let mut seen = std::collections::HashSet::new();
        for i in 0..10_000 {
            set.toggle(i);
            assert!(seen.insert(set));
        }
        (0..10_000).rev().for_each(|i| set.toggle(i));
        assert_eq!(set, NodeSet::default());
    }
}
