//! Windows that slide: convolutions, pooling, and what is made of patches.
//!
//! Enters: arrays in PyTorch's layout, `[batch, channels, *space]` with one to three axes of space, and what users say of
//! windows. Leaves: nodes of two ops, and compositions. Along an axis, place `p` of the output, tap `k` of the window and element
//! `q` of the input meet where
//!
//! ```text
//! stride * p + dilation * k = q + before
//! ```
//!
//! A convolution sums products over all meetings, so it is linear in each of three arrays, and each of its derivatives is
//! a sum over the same meetings: `Op::Convolve` computes any of the three from the other two, a transposed convolution is the input's
//! turn, and the family is closed under differentiation. `Op::Pool` finds the largest of each window, or where it is.

use smallvec::smallvec;

use super::{Cotangents, if_wanted};
use crate::error::{Error, Result};
use crate::ops::Op;
use crate::record::Expr;
use crate::shape::{Dims, Shape, show_sizes};

mod convolve;
mod patches;
mod pool;
mod resize;

pub use convolve::Transposed;
pub use patches::Folded;
pub use resize::Resize;

/// How a window meets the elements of an axis; see the head of this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slide {
    /// Elements from one place to the next.
    pub stride: usize,
    /// Elements from one tap to the next.
    pub dilation: usize,
    /// Elements of padding before the first of the input.
    pub before: usize,
}

/// One of the three arrays of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// `[batch, groups * outputs, *places]`, of input and kernel.
    Output,
    /// `[batch, groups * inputs, *space]`, of output and kernel.
    Input,
    /// `[groups * outputs, inputs, *taps]`, of input and output.
    Kernel,
}

/// A convolution, as the op carries it; sizes stand in the shapes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Convolution {
    /// The array that is computed, from the other two in the order of their names there.
    pub makes: Side,
    /// Groups of channels that do not see each other.
    pub groups: usize,
    /// One for each axis of space.
    pub slides: Dims<Slide>,
}

/// What pooling finds in each window. Padding is never found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PoolOp {
    /// The largest element, the first NaN if there is one.
    Max,
    /// Where the first of the largest is, or the first NaN: the flat index in the space of the input.
    Argmax,
}

/// A pooling, as the op carries it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pooling {
    /// What is found.
    pub op: PoolOp,
    /// Sizes of the window.
    pub taps: Dims,
    /// One for each axis of space.
    pub slides: Dims<Slide>,
}

impl Convolution {
    /// The name that listings show.
    pub fn name(&self) -> &'static str {
        match self.makes {
            Side::Output => "convolve",
            Side::Input => "convolve_input",
            Side::Kernel => "convolve_kernel",
        }
    }
}

impl Pooling {
    /// The name that listings show.
    pub fn name(&self) -> &'static str {
        match self.op {
            PoolOp::Max => "max_pool",
            PoolOp::Argmax => "argmax_pool",
        }
    }
}

/// Slides as listings show them.
pub fn show_slides(slides: &[Slide]) -> String {
    let each = |of: fn(&Slide) -> usize| slides.iter().map(of).collect::<Vec<_>>();
    let (stride, dilation, before) = (each(|s| s.stride), each(|s| s.dilation), each(|s| s.before));
    format!("stride={stride:?}, dilation={dilation:?}, before={before:?}")
}

/// Padding as users write it.
#[derive(Debug, Clone)]
pub enum Padding {
    /// As many places as the input has elements, divided by the stride.
    Same,
    /// None.
    Valid,
    /// Before and after: for all axes, or for each.
    Pairs(Dims<[i64; 2]>),
}

/// Windows as users describe them: a number for all axes, or one for each.
#[derive(Debug, Clone, Copy)]
pub struct Windows<'a> {
    /// From place to place.
    pub stride: &'a [i64],
    /// From tap to tap.
    pub dilation: &'a [i64],
    /// Around the input.
    pub padding: &'a Padding,
    /// The last place may reach beyond the padding.
    pub ceil: bool,
}

/// The largest number that windows are described with: products of two are far from overflowing.
const LARGEST: i64 = 1 << 31;

/// Numbers for `ndim` axes, of `least` or more.
fn each(op: &'static str, argument: &'static str, given: &[i64], ndim: usize, least: i64) -> Result<Dims> {
    let fits = |&size: &i64| (least..=LARGEST).contains(&size);
    if !(given.len() == 1 || given.len() == ndim) || !given.iter().all(fits) {
        let expected = match least {
            0 => "a number from 0 to 2**31, or one for each axis of space",
            _ => "a number from 1 to 2**31, or one for each axis of space",
        };
        let got = if let [one] = given { one.to_string() } else { show_sizes(given) };
        return Err(Error::Argument { op, argument, got, expected });
    }
    Ok((0..ndim).map(|axis| given[axis.min(given.len() - 1)] as usize).collect())
}

/// The most taps of a window that loops run over: more would be neither interrupted nor laid out in time.
const MOST_TAPS: usize = 1 << 24;

/// Refuses windows of too many taps for a loop.
fn loopable(op: &'static str, argument: &'static str, taps: &[usize]) -> Result<()> {
    let all = taps.iter().try_fold(1usize, |all, &taps| all.checked_mul(taps));
    if all.is_some_and(|all| all <= MOST_TAPS) {
        return Ok(());
    }
    let got = format!("{} taps", taps.iter().map(usize::to_string).collect::<Vec<_>>().join(" x "));
    Err(Error::Argument { op, argument, got, expected: "at most 2**24 taps" })
}

/// Windows over axes of known sizes.
struct Placed {
    slides: Dims<Slide>,
    after: Dims,
    places: Dims,
}

/// Padding before and after each axis.
type Pairs = Dims<[usize; 2]>;

/// Elements from the first to the last tap, both included.
fn reach(taps: usize, dilation: usize) -> usize {
    (taps - 1).saturating_mul(dilation).saturating_add(1)
}

impl Windows<'_> {
    /// Strides, dilations and numeric padding of `ndim` axes, in which "same" is not known yet.
    fn numbers(&self, op: &'static str, ndim: usize) -> Result<(Dims, Dims, Option<Pairs>)> {
        let stride = each(op, "stride", self.stride, ndim, 1)?;
        let dilation = each(op, "dilation", self.dilation, ndim, 1)?;
        let pairs = match self.padding {
            Padding::Same => None,
            Padding::Valid => Some(Dims::from_elem([0; 2], ndim)),
            Padding::Pairs(pairs) => {
                let [before, after] = [0, 1].map(|end| pairs.iter().map(|pair| pair[end]).collect::<Dims<i64>>());
                let (before, after) = (each(op, "padding", &before, ndim, 0)?, each(op, "padding", &after, ndim, 0)?);
                Some(before.into_iter().zip(after).map(|(before, after)| [before, after]).collect())
            }
        };
        Ok((stride, dilation, pairs))
    }

    /// Where windows of so many taps have their places in the space of a shape.
    fn place(&self, op: &'static str, shape: &Shape, taps: &[usize]) -> Result<Placed> {
        let first = shape.ndim() - taps.len();
        let (strides, dilations, pairs) = self.numbers(op, taps.len())?;
        let (mut slides, mut ends, mut places) = (Dims::new(), Dims::new(), Dims::new());
        for (axis, &taps) in taps.iter().enumerate() {
            let (size, stride, dilation) = (shape[first + axis], strides[axis], dilations[axis]);
            let reach = reach(taps, dilation);
            let [before, after] = pairs.as_ref().map_or_else(
                || {
                    let whole = size.div_ceil(stride).saturating_sub(1).saturating_mul(stride).saturating_add(reach);
                    let more = whole.saturating_sub(size);
                    [more / 2, more - more / 2]
                },
                |pairs| pairs[axis],
            );
            let wide = size.saturating_add(before).saturating_add(after);
            let Some(rest) = wide.checked_sub(reach) else {
                return Err(Error::Window { op, reach, axis: first + axis, shape: shape.clone(), before, after });
            };
            // A place that begins behind the input would see nothing but padding.
            let more = self.ceil && rest % stride > 0 && (rest / stride + 1) * stride < size + before;
            // "same" of nothing has nothing.
            places.push(if pairs.is_none() && size == 0 { 0 } else { rest / stride + 1 + usize::from(more) });
            slides.push(Slide { stride, dilation, before });
            ends.push(after);
        }
        Ok(Placed { slides, after: ends, places })
    }
}

/// What messages call an input with so many axes of space.
fn layout(ndim: usize) -> &'static str {
    match ndim {
        1 => "3, (batch, channels, length), or 2 without the batch",
        2 => "4, (batch, channels, height, width), or 3 without the batch",
        _ => "5, (batch, channels, depth, height, width), or 4 without the batch",
    }
}

impl<'r> Expr<'r> {
    /// The input with a batch in front, and whether it had none.
    fn batched(self, op: &'static str, ndim: usize) -> Result<(Expr<'r>, bool)> {
        let shape = self.shape();
        match shape.ndim() {
            n if n == ndim + 2 => Ok((self, false)),
            n if n == ndim + 1 => Ok((self.reshape(&[&[1], &shape[..]].concat()), true)),
            _ => Err(Error::Rank { op, what: "input", got: shape, expected: layout(ndim) }),
        }
    }

    /// Without the batch that was put in front.
    fn unbatched(self, alone: bool) -> Expr<'r> {
        if alone { self.reshape(&self.shape()[1..]) } else { self }
    }

    /// The array of a convolution that the other two make, of a shape.
    fn convolve_into(self, other: Expr<'r>, convolution: Convolution, shape: &Shape) -> Expr<'r> {
        self.push(Op::Convolve(Box::new(convolution)), &[self, other], shape.clone(), self.dtype())
    }
}

pub(super) fn convolve_vjp<'r>(of: &Convolution, x: &[Expr<'r>], g: Expr<'r>, wanted: &[bool]) -> Cotangents<'r> {
    let (first, second) = (x[0], x[1]);
    let make = |makes: Side, a: Expr<'r>, b: Expr<'r>, like: Expr<'r>| {
        a.convolve_into(b, Convolution { makes, ..of.clone() }, &like.shape())
    };
    let to_first = || match of.makes {
        Side::Output => make(Side::Input, g, second, first),
        Side::Input => make(Side::Output, g, second, first),
        Side::Kernel => make(Side::Input, second, g, first),
    };
    let to_second = || match of.makes {
        Side::Output => make(Side::Kernel, first, g, second),
        Side::Input => make(Side::Kernel, g, first, second),
        Side::Kernel => make(Side::Output, first, g, second),
    };
    smallvec![if_wanted(wanted[0], to_first), if_wanted(wanted[1], to_second)]
}

pub(super) fn pool_vjp<'r>(of: &Pooling, x: Expr<'r>, g: Expr<'r>) -> Cotangents<'r> {
    match of.op {
        PoolOp::Argmax => smallvec![None],
        PoolOp::Max => smallvec![Some(x.unpooled(of, g))],
    }
}
