//! Plans remembered by the hash of what was recorded: one cache for the process, bounded, with statistics.
//!
//! The key is the record's running hash, who is held, what is computed, what is asked for, and the options; its cost does
//! not grow with the record. The cache holds no values, so sharing it between records and threads shows nothing but speed.
//! Nodes are known by their ranks in it, so that a plan is found again from wherever in a long log its program begins.

use std::sync::{Arc, LazyLock};

use lru::LruCache;
use parking_lot::Mutex;
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use super::{Options, Plan};
use crate::error::Result;
use crate::record::{Arena, NodeId, Program};

/// The most bytes all remembered plans take together.
const CAPACITY: usize = 1 << 27;

#[derive(PartialEq, Eq, Hash)]
struct Key {
    program: Program,
    requested: SmallVec<[NodeId; 4]>,
    options: Options,
}

/// What the cache did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Plans found.
    pub hits: u64,
    /// Plans made.
    pub misses: u64,
    /// Plans remembered now.
    pub size: usize,
    /// Bytes they take.
    pub bytes: usize,
    /// The most bytes they may take.
    pub capacity: usize,
}

struct Cache {
    plans: LruCache<Key, Arc<Plan>, FxBuildHasher>,
    counts: Statistics,
}

static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(|| {
    let plans = LruCache::unbounded_with_hasher(FxBuildHasher);
    Mutex::new(Cache { plans, counts: Statistics { capacity: CAPACITY, ..Statistics::default() } })
});

/// The plan for a request: the remembered one, or a new one, remembered.
pub fn find_or_make(arena: &Arena, requested: &[NodeId], options: Options) -> Result<Arc<Plan>> {
    let rank = |id: NodeId| NodeId::new(arena.rank(id));
    let requested_ranks = requested.iter().map(|&id| rank(id)).collect();
    let key = Key { program: arena.program(), requested: requested_ranks, options };
    {
        let mut cache = CACHE.lock();
        if let Some(plan) = cache.plans.get(&key).cloned() {
            cache.counts.hits += 1;
            return Ok(plan);
        }
        cache.counts.misses += 1;
    }
    let mut plan = Plan::make(arena, requested, options)?;
    plan.rename(rank);
    plan.shrink();
    let plan = Arc::new(plan);
    let mut cache = CACHE.lock();
    cache.counts.bytes += plan.own_bytes();
    if let Some((_, replaced)) = cache.plans.push(key, plan.clone()) {
        cache.counts.bytes -= replaced.own_bytes();
    }
    while cache.counts.bytes > CAPACITY && cache.plans.len() > 1 {
        let Some((_, oldest)) = cache.plans.pop_lru() else {
            break;
        };
        cache.counts.bytes -= oldest.own_bytes();
    }
    Ok(plan)
}

/// What the cache did so far.
pub fn statistics() -> Statistics {
    let cache = CACHE.lock();
    Statistics { size: cache.plans.len(), ..cache.counts }
}

/// Forgets all plans and counts.
pub fn clear_cache() {
    let mut cache = CACHE.lock();
    cache.plans.clear();
    cache.counts = Statistics { capacity: CAPACITY, ..Statistics::default() };
}
