//! Pooling: the largest or the mean of each window.

use super::{Convolution, Padding, Placed, PoolOp, Pooling, Side, Slide, Windows, each};
use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{Op, Range, ReduceOp};
use crate::record::Expr;
use crate::shape::{Dims, Shape, show_sizes};

const MAX: [&str; 3] = ["max_pool1d", "max_pool2d", "max_pool3d"];
const MEAN: [&str; 3] = ["avg_pool1d", "avg_pool2d", "avg_pool3d"];

/// Taps up to which windows are summed tap by tap.
const FEW: usize = 16;

impl<'r> Expr<'r> {
    /// The largest element of each window, NaN if one is; all of the gradient goes to the first of the largest.
    pub fn max_pool(self, ndim: usize, kernel: &[i64], windows: &Windows<'_>) -> Expr<'r> {
        let op = MAX[ndim - 1];
        self.attempt(|| {
            let (x, alone) = self.batched(op, ndim)?;
            let shape = x.shape();
            let taps = each(op, "kernel_size", kernel, ndim, 1)?;
            let placed = pooled(op, &shape, &taps, windows)?;
            let out = Shape::new(op, &[&shape[..2], &placed.places[..]].concat())?;
            let pooling = Pooling { op: PoolOp::Max, taps, slides: placed.slides };
            Ok(x.pool_into(pooling, &out, x.dtype()).unbatched(alone))
        })
    }

    fn pool_into(self, pooling: Pooling, shape: &Shape, dtype: DType) -> Expr<'r> {
        self.push(Op::Pool(Box::new(pooling)), &[self], shape.clone(), dtype)
    }

    /// What pooling has taken from its input, put back; windows that overlap add up.
    pub(super) fn unpooled(self, of: &Pooling, g: Expr<'r>) -> Expr<'r> {
        let (shape, places) = (self.shape(), g.shape());
        let flat = |shape: &Shape| [shape[0], shape[1], shape[2..].iter().product()];
        let index = self.pool_into(Pooling { op: PoolOp::Argmax, ..of.clone() }, &places, DType::I64);
        self.attempt(|| {
            let space = Shape::new(of.name(), &flat(&shape))?;
            let spread = index.reshape(&flat(&places)).scatter_add(g.reshape(&flat(&places)), 2, &space);
            Ok(spread.reshape(&shape))
        })
    }

    /// The mean of each window: of all its elements, padding too, or of those that are there.
    pub fn avg_pool(self, ndim: usize, kernel: &[i64], windows: &Windows<'_>, include_padding: bool) -> Expr<'r> {
        let op = MEAN[ndim - 1];
        self.attempt(|| {
            let (x, alone) = self.batched(op, ndim)?;
            let taps = each(op, "kernel_size", kernel, ndim, 1)?;
            let shape = x.shape();
            let placed = pooled(op, &shape, &taps, windows)?;
            let counts: Dims<Dims> =
                (0..ndim).map(|axis| counted(shape[2 + axis], taps[axis], &placed, axis, include_padding)).collect();
            let x = x.cast(x.dtype().to_float());
            let size: usize = taps.iter().product();
            let full = counts.iter().zip(&taps).all(|(counts, taps)| counts.iter().all(|count| count == taps));
            let each = if full { 1.0 / size as f64 } else { 1.0 };
            let sums = x.window_sums(op, &taps, &placed, each)?;
            let y = if full { sums } else { sums / sums.sizes(op, &counts)? };
            Ok(y.unbatched(alone))
        })
    }

    /// The sum of each window times a number.
    pub(super) fn window_sums(self, op: &'static str, taps: &[usize], placed: &Placed, each: f64) -> Result<Expr<'r>> {
        let shape = self.shape();
        let out = Shape::new(op, &[&shape[..2], &placed.places[..]].concat())?;
        let fits = |axis: usize| {
            let Slide { stride, before, .. } = placed.slides[axis];
            before == 0 && (placed.places[axis] - 1) * stride + taps[axis] <= shape[2 + axis]
        };
        let inside = !placed.places.contains(&0) && (0..taps.len()).all(fits);
        if inside && taps == &shape[2..] {
            let space: Dims = (2..shape.ndim()).collect();
            return Ok(self.reduce_kept(ReduceOp::Sum, &space) * each);
        }
        let apart = taps.iter().zip(&placed.slides).all(|(&taps, slide)| taps <= slide.stride);
        if inside && apart && taps.iter().product::<usize>() <= FEW {
            return Ok(self.tap_sums(taps, placed, &out) * each);
        }
        // A convolution of each channel alone.
        let channels = shape[0] * shape[1];
        let kernel = Shape::new(op, &[&[1, 1], taps].concat())?;
        let weight = self.recorder().full(kernel, self.dtype().class(), Scalar::Float(each));
        let flat = Shape::new(op, &[&[channels, 1], &placed.places[..]].concat())?;
        let convolution = Convolution { makes: Side::Output, groups: 1, slides: placed.slides.clone() };
        let sums = self.reshape(&[&[channels, 1], &shape[2..]].concat()).convolve_into(weight, convolution, &flat);
        Ok(sums.reshape(&out))
    }

    /// The sum of what the taps of windows see that do not overlap: views of the input, added up in one loop.
    fn tap_sums(self, taps: &[usize], placed: &Placed, out: &Shape) -> Expr<'r> {
        let mut sum: Option<Expr<'r>> = None;
        for number in 0..taps.iter().product::<usize>() {
            let (mut rest, mut ranges) = (number, vec![Range::ALL; out.ndim()]);
            for axis in (0..taps.len()).rev() {
                ranges[2 + axis] = Range { start: rest % taps[axis], step: placed.slides[axis].stride as isize };
                rest /= taps[axis];
            }
            let seen = self.slice(ranges.into(), out);
            sum = Some(sum.map_or(seen, |sum| sum + seen));
        }
        sum.unwrap_or(self)
    }

    /// The sizes of windows, products of one number for each axis, broadcast against their sums.
    fn sizes(self, op: &'static str, counts: &[Dims]) -> Result<Expr<'r>> {
        let mut sizes = vec![1.0f64];
        for counts in counts {
            sizes = sizes.iter().flat_map(|size| counts.iter().map(move |&count| size * count as f64)).collect();
        }
        let dims: Dims = counts.iter().map(Dims::len).collect();
        let data = NdArray::from_slice(&sizes)?.reshape(&Shape::new(op, &dims)?)?;
        Ok(self.recorder().data(data).cast(self.dtype()))
    }
}

/// Places of pooling windows, of which each sees an element of the input.
fn pooled(op: &'static str, shape: &Shape, taps: &[usize], windows: &Windows<'_>) -> Result<Placed> {
    let ndim = taps.len();
    if let Padding::Pairs(_) = windows.padding {
        let (_, dilation, pairs) = windows.numbers(op, ndim)?;
        let most = |axis: usize| super::reach(taps[axis], dilation[axis]) / 2;
        let over = |axis: usize| pairs.as_ref().is_some_and(|pairs| pairs[axis].iter().any(|&pad| pad > most(axis)));
        if let Some(axis) = (0..ndim).find(|&axis| over(axis)) {
            let [before, after] = pairs.map_or([0; 2], |pairs| pairs[axis]);
            let got = if before == after { before.to_string() } else { format!("({before}, {after})") };
            let expected = "at most half of the window, which must see something of the input";
            return Err(Error::Argument { op, argument: "padding", got, expected });
        }
    }
    if taps.iter().try_fold(1u32, |all, &taps| all.checked_mul(u32::try_from(taps).ok()?)).is_none() {
        return Err(Error::TooLarge {
            op,
            shape: show_sizes(&taps.iter().map(|&taps| taps as i64).collect::<Vec<_>>()),
        });
    }
    let placed = windows.place(op, shape, taps)?;
    for (axis, (slide, &taps)) in placed.slides.iter().zip(taps).enumerate() {
        // Only taps that are further apart than the input is long can all miss it.
        let size = shape[2 + axis];
        let sees = |place: usize| counted_at(size, taps, slide.before, slide.dilation, place * slide.stride) > 0;
        if slide.dilation > size.max(1) && !(0..placed.places[axis]).all(sees) {
            let got = slide.dilation.to_string();
            let expected = "taps of each window of which one meets the input, not only padding";
            return Err(Error::Argument { op, argument: "dilation", got, expected });
        }
        if size == 0 {
            return Err(Error::EmptyReduction { op, shape: shape.clone() });
        }
    }
    Ok(placed)
}

/// How many taps of a window that starts at an element of the padded axis see the input.
fn counted_at(size: usize, taps: usize, before: usize, dilation: usize, start: usize) -> usize {
    let below = |end: usize| end.saturating_sub(start).div_ceil(dilation).min(taps);
    below(before + size) - below(before)
}

/// For each place, how many taps see something: the input, or its padding too.
fn counted(size: usize, taps: usize, placed: &Placed, axis: usize, include_padding: bool) -> Dims {
    let (slide, after) = (placed.slides[axis], placed.after[axis]);
    let (before, size) = if include_padding { (0, slide.before + size + after) } else { (slide.before, size) };
    (0..placed.places[axis]).map(|place| counted_at(size, taps, before, slide.dilation, place * slide.stride)).collect()
}
