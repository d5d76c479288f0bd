//! Threads that share the blocks of a step.
//!
//! Enters: a number of blocks, and what to do with them. Promises: blocks are what the sizes made them, whatever the number of
//! threads, so the same bits come out; small work never leaves the caller's thread; the caller works too. The threads are
//! made when they are first needed. After a job they look for the next one for some microseconds, as the steps of a plan
//! follow each other closely, and then sleep. A forked process makes its own; locks and the sleep are those of the standard
//! library, which leave nothing behind outside of the pool: a table of all sleepers would still list threads that the
//! forked process does not have.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Fault;
use crate::error::Error;

/// Work, in simple element operations, that is worth a second thread.
const WORTH: usize = if cfg!(miri) { 1 << 9 } else { 1 << 16 };

/// How long a thread looks for the next job.
const LOOK: Duration = Duration::from_micros(20);

/// What one thread does with the blocks it gets; each call of the argument claims the next one.
pub(super) type Share<'a> = dyn Fn(&mut dyn FnMut() -> Option<usize>) -> Result<(), Fault> + Sync + 'a;

/// The number of threads asked for; 0 for the default.
static WANTED: AtomicUsize = AtomicUsize::new(0);

/// How many threads may work on a plan, the caller among them: what was set, else the environment variable
/// `PHONOGRAD_NUM_THREADS`, else as many as the process may use.
pub fn num_threads() -> usize {
    static DEFAULT: LazyLock<usize> = LazyLock::new(|| {
        let named = std::env::var("PHONOGRAD_NUM_THREADS").ok().and_then(|text| text.trim().parse().ok());
        named
            .filter(|&n| n > 0)
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .min(MOST)
    });
    match WANTED.load(SeqCst) {
        0 => *DEFAULT,
        n => n,
    }
}

/// The most threads.
pub const MOST: usize = 256;

/// Sets how many threads may work on a plan, from now on and for the whole process; the numbers that come out do not change.
pub fn set_num_threads(n: usize) -> Result<(), Error> {
    if !(1..=MOST).contains(&n) {
        let (got, expected) = (n.to_string(), "1 to 256");
        return Err(Error::Argument { op: "set_num_threads", argument: "n", got, expected });
    }
    WANTED.store(n, SeqCst);
    Ok(())
}

/// One piece of shared work, on its caller's stack.
struct Job<'a> {
    share: &'a Share<'a>,
    blocks: usize,
    next: AtomicUsize,
    failed: AtomicBool,
    /// The failure of the lowest block that had one, as far as blocks were done.
    failure: Mutex<Option<(usize, Fault)>>,
}

impl Job<'_> {
    /// Takes part until no block is left.
    fn work(&self) {
        let mut current = 0;
        let mut claim = || {
            if self.failed.load(SeqCst) {
                return None;
            }
            current = self.next.fetch_add(1, SeqCst);
            (current < self.blocks).then_some(current)
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.share)(&mut claim)));
        let fault = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(fault)) => fault,
            Err(_) => Error::Internal { what: "a panic in a thread of the pool".to_string() }.into(),
        };
        self.failed.store(true, SeqCst);
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.as_ref().is_none_or(|(block, _)| current < *block) {
            *failure = Some((current, fault));
        }
    }
}

struct Pool {
    /// Whose threads they are.
    process: u32,
    /// The job of the moment, or null.
    job: AtomicPtr<Job<'static>>,
    /// Counts jobs.
    epoch: AtomicU64,
    /// Threads that may be looking at the job.
    inside: AtomicUsize,
    sleeping: AtomicUsize,
    gate: Mutex<()>,
    wake: Condvar,
    /// Held by whoever shares a job; others do theirs alone.
    busy: Mutex<usize>,
}

/// The pool of this process, or of the one it was forked from, or null.
static POOL: AtomicPtr<Pool> = AtomicPtr::new(std::ptr::null_mut());

fn pool() -> &'static Pool {
    let (known, process) = (POOL.load(SeqCst), std::process::id());
    // SAFETY: pools are never taken down.
    if let Some(pool) = unsafe { known.as_ref() }
        && pool.process == process
    {
        return pool;
    }
    let made: &'static Pool = Box::leak(Box::new(Pool {
        process,
        job: AtomicPtr::new(std::ptr::null_mut()),
        epoch: AtomicU64::new(0),
        inside: AtomicUsize::new(0),
        sleeping: AtomicUsize::new(0),
        gate: Mutex::new(()),
        wake: Condvar::new(),
        busy: Mutex::new(0),
    }));
    match POOL.compare_exchange(known, std::ptr::from_ref(made).cast_mut(), SeqCst, SeqCst) {
        Ok(_) => made,
        // SAFETY: as above; another thread was faster, and ours is left without threads.
        Err(theirs) => unsafe { &*theirs },
    }
}

impl Pool {
    /// Makes threads until there are as many.
    fn grow(&'static self, made: &mut usize, helpers: usize) {
        while *made < helpers {
            let number = *made;
            let thread = std::thread::Builder::new().name(format!("phonograd-{number}")).stack_size(1 << 20);
            // Without a thread the others do its share.
            if thread.spawn(move || self.serve(number)).is_err() {
                return;
            }
            *made += 1;
        }
    }

    fn serve(&self, number: usize) {
        let mut seen = 0;
        loop {
            self.await_job(seen);
            seen = self.epoch.load(SeqCst);
            if number + 1 >= num_threads() {
                continue;
            }
            // Entered first and looked second, while the caller closes first and looks second: one of them sees the other.
            self.inside.fetch_add(1, SeqCst);
            let job = self.job.load(SeqCst);
            if !job.is_null() {
                // SAFETY: the caller waits for all who are inside before its job goes away.
                unsafe { (*job).work() }
            }
            self.inside.fetch_sub(1, SeqCst);
        }
    }

    /// Returns when there was another job than the last.
    fn await_job(&self, seen: u64) {
        let start = Instant::now();
        while start.elapsed() < LOOK {
            for _ in 0..64 {
                if self.epoch.load(SeqCst) != seen {
                    return;
                }
                std::hint::spin_loop();
            }
        }
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleeping.fetch_add(1, SeqCst);
        while self.epoch.load(SeqCst) == seen {
            gate = self.wake.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleeping.fetch_sub(1, SeqCst);
    }

    /// Works on a job with all threads, until it is done.
    fn share(&self, job: &Job<'_>) {
        self.job.store(std::ptr::from_ref(job).cast_mut().cast(), SeqCst);
        self.epoch.fetch_add(1, SeqCst);
        if self.sleeping.load(SeqCst) > 0 {
            drop(self.gate.lock());
            self.wake.notify_all();
        }
        job.work();
        self.job.store(std::ptr::null_mut(), SeqCst);
        while self.inside.load(SeqCst) > 0 {
            std::hint::spin_loop();
        }
    }
}

/// Shares blocks among threads if that is worth it. `work` is an estimate of all of it, in simple element operations.
pub(super) fn for_each_block(blocks: usize, work: usize, share: &Share<'_>) -> Result<(), Fault> {
    let helpers = num_threads().min(blocks).saturating_sub(1);
    let alone = || {
        let mut next = 0..blocks;
        share(&mut || next.next())
    };
    if helpers == 0 || work < WORTH {
        return alone();
    }
    let pool = pool();
    let Ok(mut made) = pool.busy.try_lock() else { return alone() };
    pool.grow(&mut made, helpers);
    let job =
        Job { share, blocks, next: AtomicUsize::new(0), failed: AtomicBool::new(false), failure: Mutex::new(None) };
    pool.share(&job);
    let failure = job.failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(()), |(_, fault)| Err(fault))
}
