//! Pooling: the largest or the mean of each window.

use super::resize::elements_of_parts;
use super::{Convolution, Padding, Placed, PoolOp, Pooling, Side, Slide, Windows, each, loopable};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Op, Range, ReduceOp};
use crate::record::Expr;
use crate::shape::{Dims, Shape};

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
            loopable(op, "kernel_size", &taps)?;
            let placed = pooled(op, &shape, &taps, windows)?;
            let out = Shape::new(op, &[&shape[..2], &placed.places[..]].concat())?;
            let pooling = Pooling { op: PoolOp::Max, taps, slides: placed.slides };
            Ok(x.pool_into(pooling, &out, x.dtype()).unbatched(alone))
        })
    }

    /// The same, and where in the flattened space each of the largest is.
    pub fn max_pool_with_indices(self, ndim: usize, kernel: &[i64], windows: &Windows<'_>) -> Result<Vec<Expr<'r>>> {
        let op = MAX[ndim - 1];
        let (x, alone) = self.batched(op, ndim)?;
        let taps = each(op, "kernel_size", kernel, ndim, 1)?;
        let placed = pooled(op, &x.shape(), &taps, windows)?;
        let y = self.max_pool(ndim, kernel, windows);
        let full = Shape::new(op, &[&x.shape()[..2], &placed.places[..]].concat())?;
        let pooling = Pooling { op: PoolOp::Argmax, taps, slides: placed.slides };
        Ok(vec![y, x.pool_into(pooling, &full, DType::I64).unbatched(alone)])
    }

    /// The largest element of so many parts of the space, as those of `adaptive_avg_pool`. Parts that are shorter than the
    /// longest have their last element again behind it, which is never the first of the largest.
    pub fn adaptive_max_pool(self, ndim: usize, output_size: &[i64]) -> Expr<'r> {
        let op = ["adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"][ndim - 1];
        self.attempt(|| {
            let (mut x, alone) = self.batched(op, ndim)?;
            let (shape, sizes) = (x.shape(), each(op, "output_size", output_size, ndim, 1)?);
            let mut taps: Dims<i64> = Dims::new();
            for (axis, &parts) in (2..).zip(&sizes) {
                let size = shape[axis];
                if size == 0 {
                    return Err(Error::EmptyReduction { op, shape });
                }
                let (at, end) = elements_of_parts(op, self.recorder(), size, parts)?;
                let most = at.shape()[1];
                if most * parts != size {
                    let from = at.minimum(end.with_int(BinaryOp::Sub, 1)).reshape(&[parts * most]);
                    x = x.take(from, Some(axis as i64));
                }
                taps.push(most as i64);
            }
            let around = Padding::Pairs([[0, 0]].into_iter().collect());
            let windows = Windows { stride: &taps, dilation: &[1], padding: &around, ceil: false };
            Ok(x.max_pool(ndim, &taps, &windows).unbatched(alone))
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
            let x = x.cast(x.dtype().to_float());
            let (size, sights) = (taps.iter().product::<usize>(), placed.sights(&shape[2..], include_padding));
            // Places in between see no fewer than the first and the last.
            let whole = |axis: usize| {
                let ends = [0, placed.places[axis].saturating_sub(1) * placed.slides[axis].stride];
                ends.iter().all(|&start| sights[axis].taps(taps[axis], start) == taps[axis])
            };
            let full = (0..ndim).all(whole);
            let each = if full { 1.0 / size as f64 } else { 1.0 };
            let sums = x.window_sums(op, &taps, &placed, each)?;
            let y = if full { sums } else { sums / sums.sizes(op, &taps, &placed, &sights)? };
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
        let alone = placed.places.iter().all(|&places| places == 1);
        let apart = taps.iter().zip(&placed.slides).all(|(&taps, slide)| taps <= slide.stride);
        if inside && apart && !alone && taps.iter().product::<usize>() <= FEW {
            return Ok(self.tap_sums(taps, placed, &out) * each);
        }
        let covers = |axis: usize| {
            placed.slides[axis].stride == taps[axis] && placed.places[axis] * taps[axis] == shape[2 + axis]
        };
        if inside && (alone && taps == &shape[2..] || (0..taps.len()).all(covers)) {
            // Each axis is cut into places and what they see.
            let cut = placed.places.iter().zip(taps).flat_map(|(&places, &taps)| [places, taps]);
            let cut: Dims = shape[..2].iter().copied().chain(cut).collect();
            let seen: Dims = (0..taps.len()).map(|axis| 3 + 2 * axis).collect();
            return Ok(self.reshape(&cut).reduce_kept(ReduceOp::Sum, &seen).reshape(&out) * each);
        }
        // A convolution of each channel alone.
        loopable(op, "kernel_size", taps)?;
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
    fn sizes(self, op: &'static str, taps: &[usize], placed: &Placed, sights: &[Sight]) -> Result<Expr<'r>> {
        let mut sizes = self.recorder().ones(Shape::scalar(), DType::F64);
        for (axis, sight) in sights.iter().enumerate() {
            let mut column: Dims = Dims::from_elem(1, sights.len());
            column[axis] = placed.places[axis];
            let count = self.recorder().count(Shape::new(op, &column)?);
            let start = count.with_int(BinaryOp::Mul, placed.slides[axis].stride as i64);
            let before = |end: usize| {
                let further = start.with_int(BinaryOp::Mul, -1).with_int(BinaryOp::Add, sight.last(end) as i64);
                let met = further.with_int(BinaryOp::FloorDiv, sight.dilation as i64);
                met.with_int(BinaryOp::Maximum, 0).with_int(BinaryOp::Minimum, taps[axis] as i64)
            };
            sizes = sizes * (before(sight.end) - before(sight.first)).cast(DType::F64);
        }
        Ok(sizes.cast(self.dtype()))
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
    Shape::new(op, taps)?;
    let placed = windows.place(op, shape, taps)?;
    for (axis, sight) in placed.sights(&shape[2..], false).iter().enumerate() {
        if !sight.meets(taps[axis], placed.slides[axis].stride, placed.places[axis]) {
            let got = sight.dilation.to_string();
            let expected = "taps of each window of which one meets the input, not only padding";
            return Err(Error::Argument { op, argument: "dilation", got, expected });
        }
        if shape[2 + axis] == 0 {
            return Err(Error::EmptyReduction { op, shape: shape.clone() });
        }
    }
    Ok(placed)
}

/// What windows with taps so far apart see of an axis: elements from one up to another, counted with its padding.
struct Sight {
    first: usize,
    end: usize,
    dilation: usize,
}

impl Placed {
    /// For each axis what windows see: the input, or its padding too.
    fn sights(&self, space: &[usize], padding: bool) -> Dims<Sight> {
        let sight = |(axis, size): (usize, &usize)| {
            let Slide { before, dilation, .. } = self.slides[axis];
            let end = before + size;
            if padding {
                Sight { first: 0, end: end + self.after[axis], dilation }
            } else {
                Sight { first: before, end, dilation }
            }
        };
        space.iter().enumerate().map(sight).collect()
    }
}

impl Sight {
    /// The taps of a window before an element are this less the window's start, divided by the dilation.
    fn last(&self, end: usize) -> usize {
        end + self.dilation - 1
    }

    /// How many taps of a window that starts at an element see something.
    fn taps(&self, taps: usize, start: usize) -> usize {
        let before = |end: usize| (self.last(end).saturating_sub(start) / self.dilation).min(taps);
        before(self.end) - before(self.first)
    }

    /// Whether a tap of each window sees something. From a place that does, the next that may not is where its first such tap
    /// has gone by.
    fn meets(&self, taps: usize, stride: usize, places: usize) -> bool {
        let mut place = 0;
        while place < places {
            let tap = self.first.saturating_sub(place * stride).div_ceil(self.dilation);
            let gone = self.end.saturating_sub(self.dilation * tap).div_ceil(stride);
            if tap >= taps || gone <= place {
                return false;
            }
            place = gone;
        }
        true
    }
}
