//! Philox4x32-10, the counter-based random number generator, and the keys that drive it.
//!
//! Enters: a key and a counter. Leaves: 128 random bits, the same for the same inputs everywhere. From J. Salmon and
//! others, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Domain words that keep the counters of draws, splits and folds apart: the letters of their names.
const SPLIT: u32 = 0x7370_6c74;
const FOLD: u32 = 0x666f_6c64;

/// Ten rounds of the Philox bijection.
#[inline(always)]
pub fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let p0 = u64::from(MULTIPLIERS[0]) * u64::from(counter[0]);
        let p1 = u64::from(MULTIPLIERS[1]) * u64::from(counter[2]);
        counter =
            [(p1 >> 32) as u32 ^ counter[1] ^ key[0], p1 as u32, (p0 >> 32) as u32 ^ counter[3] ^ key[1], p0 as u32];
    }
    counter
}

/// A key for random draws: 64 bits, made from a seed and split into independent keys.
///
/// ```
/// use phonograd::Key;
/// let key = Key::new(7);
/// assert_ne!(key.child(0), key.child(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(u64);

impl Key {
    /// The key of a seed.
    pub fn new(seed: u64) -> Key {
        Key(seed)
    }

    /// The key's bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// The key as Philox takes it.
    pub fn words(self) -> [u32; 2] {
        [self.0 as u32, (self.0 >> 32) as u32]
    }

    /// The `i`-th of the keys that this one splits into.
    pub fn child(self, i: u64) -> Key {
        self.derive(i, SPLIT)
    }

    /// A key that also depends on a number, such as a step or a worker.
    pub fn fold_in(self, i: u64) -> Key {
        self.derive(i, FOLD)
    }

    fn derive(self, i: u64, domain: u32) -> Key {
        let out = philox([i as u32, (i >> 32) as u32, 0, domain], self.words());
        Key(u64::from(out[0]) | u64::from(out[1]) << 32)
    }

    /// The four random words of block `block` of this key's draw.
    #[inline(always)]
    pub fn block(self, block: u64) -> [u32; 4] {
        philox([block as u32, (block >> 32) as u32, 0, 0], self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known-answer vectors that the authors publish with Random123.
    #[test]
    fn philox_matches_the_published_vectors() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        assert_eq!(philox(pi, [0xa409_3822, 0x299f_31d0]), [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn derived_keys_differ() {
        let key = Key::new(1);
        let keys = [key, key.child(0), key.child(1), key.fold_in(0), key.child(0).child(0)];
        for (i, a) in keys.iter().enumerate() {
            assert!(keys[..i].iter().all(|b| a != b));
        }
    }
}
