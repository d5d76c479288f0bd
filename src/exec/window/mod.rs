//! Windows: convolutions and pooling.
//!
//! ```text
//!   convolve       which array is made, from which
//!   laid           an array as windows see it: the matrix of patches is never there as a whole
//!   correlate      kernels times what windows see: outputs, and inputs by the phases of their strides
//!   gram           outputs times what windows see: kernels
//!   span inner     the innermost loops of the one and the other
//!   level          all loops, stamped out for each instruction set
//!   pool           the largest of each window, and where it is
//! ```
//!
//! Enters: a step's sizes and operands. Promises: the same bits whatever the number of threads, as the cut and the order of
//! every sum follow from sizes; an element that a window does not see has no influence on what is made of it, whatever it
//! is, while padding is zeros and takes part; scratch is kept by each thread and bounded by what one piece needs.

mod convolve;
mod correlate;
mod gram;
mod inner;
mod laid;
mod level;
mod pool;
mod span;

use std::cell::Cell;

pub(super) use convolve::convolve;
pub(super) use pool::pool;

use crate::buffer::BufferMut;

thread_local! {
    /// Memory for pieces of patches, and for pieces of what they are multiplied with; kept between steps.
    static PATCHES: Cell<Option<BufferMut>> = const { Cell::new(None) };
    static OTHERS: Cell<Option<BufferMut>> = const { Cell::new(None) };
}

/// Blocks that work is cut into at least, if it is worth sharing.
const BLOCKS: usize = 8;
