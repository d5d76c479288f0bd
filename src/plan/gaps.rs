//! What is free in an arena without end: the gaps between the places that are taken.
//!
//! `memory` takes the first gap that fits, `verify` the very bytes that a plan names, so that two takers never meet. A gap
//! goes by its end, for most places are taken from its start and given back there, which leaves it where it is in the list.

use std::collections::BTreeMap;

/// Bytes that nobody holds.
pub(super) struct Gaps {
    /// For each end, the start; no gap is empty or touches the next.
    starts: BTreeMap<usize, usize>,
}

impl Gaps {
    /// Nothing is taken.
    pub fn all() -> Gaps {
        Gaps { starts: BTreeMap::from([(usize::MAX, 0)]) }
    }

    /// Takes as many bytes where they first fit, and says where they start.
    pub fn take_first(&mut self, bytes: usize) -> Option<usize> {
        let (&end, start) = self.starts.iter_mut().find(|(end, start)| **end - **start >= bytes)?;
        let taken = *start;
        *start += bytes;
        if *start == end {
            self.starts.remove(&end);
        }
        Some(taken)
    }

    /// Takes the bytes from `start` to `end`, or says that not all of them are free.
    pub fn take(&mut self, start: usize, end: usize) -> bool {
        if start >= end {
            return start == end;
        }
        let Some((&last, first)) = self.starts.range_mut(end..).next().filter(|(_, first)| **first <= start) else {
            return false;
        };
        let before = std::mem::replace(first, end);
        if end == last {
            self.starts.remove(&last);
        }
        if before < start {
            self.starts.insert(start, before);
        }
        true
    }

    /// Gives back the bytes from `start` to `end`, which were taken.
    pub fn give(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        let before = self.starts.remove(&start).unwrap_or(start);
        match self.starts.range_mut(end..).next() {
            Some((_, behind)) if *behind == end => *behind = before,
            _ => {
                self.starts.insert(end, before);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few hundred turns of taking and giving, beside a list of which bytes are taken.
    #[test]
    fn gaps_are_what_is_not_taken() {
        const LEN: usize = 64;
        let (mut gaps, mut taken, mut held) = (Gaps::all(), [false; LEN], Vec::new());
        let mut state = 1_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..2_000 {
            let bytes = 1 + next(5);
            match next(3) {
                0 => {
                    let fits = (0..LEN - bytes).find(|&at| !taken[at..at + bytes].contains(&true));
                    if let Some(at) = fits {
                        assert_eq!(gaps.take_first(bytes), Some(at));
                        taken[at..at + bytes].fill(true);
                        held.push((at, at + bytes));
                    }
                }
                1 => {
                    let at = next(LEN - bytes);
                    let free = !taken[at..at + bytes].contains(&true);
                    assert_eq!(gaps.take(at, at + bytes), free);
                    if free {
                        taken[at..at + bytes].fill(true);
                        held.push((at, at + bytes));
                    }
                }
                _ if held.is_empty() => {}
                _ => {
                    let (start, end) = held.swap_remove(next(held.len()));
                    gaps.give(start, end);
                    taken[start..end].fill(false);
                }
            }
            let seen: Vec<_> = gaps.starts.iter().map(|(&end, &start)| (start, end)).collect();
            assert!(seen.windows(2).all(|pair| pair[0].1 < pair[1].0), "gaps touch: {seen:?}");
            assert!(seen.iter().all(|(start, end)| start < end), "a gap is empty: {seen:?}");
        }
        held.drain(..).for_each(|(start, end)| gaps.give(start, end));
        assert_eq!(gaps.take_first(LEN), Some(0));
    }
}
