//! Space of another size: interpolation, and means over parts of equal length.
//!
//! Along an axis each new element is a weighted sum of a few old ones, which are gathered by their index. What has the weight 0 has no
//! influence, whatever it is. So derivatives are those of gathering and of a sum.

use super::{Placed, Slide, each, layout};
use crate::buffer::NdArray;
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, ReduceOp};
use crate::record::Expr;
use crate::shape::{Dims, Shape};

/// How new elements come from old ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// The old element whose stretch the start of the new one lies in.
    Nearest,
    /// The old element that the middle of the new one lies in.
    NearestExact,
    /// A line between two old elements, along each axis.
    Linear,
    /// A cubic through four old elements, along each axis (Keys, 1981, with -0.75).
    Cubic,
    /// The mean of the old elements that the new one covers.
    Area,
}

/// What an interpolation makes of the space.
#[derive(Debug, Clone, Copy)]
pub enum Resize<'a> {
    /// New sizes: one for all axes, or one each.
    Sizes(&'a [i64]),
    /// Factors, after which sizes are rounded down.
    Factors(&'a [f64]),
}

/// What the new elements of an axis are made of: so many old ones each, with their weights.
struct Parts {
    count: usize,
    each: usize,
    from: Vec<i64>,
    weights: Option<Vec<f64>>,
}

/// The coefficient of Keys' cubic that PyTorch uses.
const KEYS: f64 = -0.75;

impl Sampling {
    /// The rule of a name, for so many axes of space.
    pub fn from_name(name: &str, ndim: usize) -> Result<Sampling> {
        Ok(match (name, ndim) {
            ("nearest", _) => Sampling::Nearest,
            ("nearest-exact", _) => Sampling::NearestExact,
            ("area", _) => Sampling::Area,
            ("linear", _) | ("bilinear", 2) | ("trilinear", 3) => Sampling::Linear,
            ("cubic", _) | ("bicubic", 2) => Sampling::Cubic,
            _ => {
                let got = format!("{name:?} for {ndim} axes of space");
                let expected = "\"nearest\", \"nearest-exact\", \"linear\", \"cubic\" or \"area\"; \"bilinear\" and \
                                \"bicubic\" for 2 axes, \"trilinear\" for 3";
                return Err(Error::Argument { op: "interpolate", argument: "mode", got, expected });
            }
        })
    }

    /// What each of `count` new elements of an axis of `size` is made of; `step` is how far the old ones go on meanwhile.
    fn parts(self, size: usize, count: usize, step: f64, align: bool) -> Parts {
        let last = size as i64 - 1;
        let middle = |new: usize| {
            if align { new as f64 * (last as f64) / (count.max(2) - 1) as f64 } else { (new as f64 + 0.5) * step - 0.5 }
        };
        let (mut from, mut weights) = (Vec::new(), Vec::new());
        for new in 0..count {
            match self {
                Sampling::Nearest => from.push(((new as f64 * step).floor() as i64).min(last)),
                Sampling::NearestExact => from.push((((new as f64 + 0.5) * step).floor() as i64).min(last)),
                Sampling::Linear => {
                    let at = middle(new).clamp(0.0, last as f64);
                    let (low, part) = (at.floor() as i64, at - at.floor());
                    from.extend([low, (low + 1).min(last)]);
                    weights.extend([1.0 - part, part]);
                }
                Sampling::Cubic => {
                    let at = middle(new);
                    let (low, part) = (at.floor() as i64, at - at.floor());
                    from.extend((-1..3).map(|tap| (low + tap).clamp(0, last)));
                    weights.extend(cubic(part));
                }
                Sampling::Area => {
                    // One part more than it may need: its weight is 0.
                    let most = size.div_ceil(count) + 1;
                    let (start, end) = (new * size / count, ((new + 1) * size).div_ceil(count));
                    from.extend((start..start + most).map(|at| (at as i64).min(last)));
                    let weight = 1.0 / (end - start) as f64;
                    weights.extend((start..start + most).map(|at| if at < end { weight } else { 0.0 }));
                }
            }
        }
        let weights = (!weights.is_empty()).then_some(weights);
        Parts { count, each: from.len() / count.max(1), from, weights }
    }
}

/// Weights of the four elements around a place between the second and the third, without cancellation.
fn cubic(part: f64) -> [f64; 4] {
    let near = |x: f64| ((KEYS + 2.0) * x - (KEYS + 3.0)) * x * x + 1.0;
    let rest = 1.0 - part;
    [KEYS * part * rest * rest, near(part), near(rest), KEYS * rest * part * part]
}

impl<'r> Expr<'r> {
    /// The input in another resolution.
    pub fn interpolate(self, to: Resize<'_>, mode: &str, align_corners: bool) -> Expr<'r> {
        let op = "interpolate";
        self.attempt(|| {
            let shape = self.shape();
            if !(3..=5).contains(&shape.ndim()) {
                let expected = "3 to 5, (batch, channels, *space)";
                return Err(Error::Rank { op, what: "input", got: shape, expected });
            }
            let ndim = shape.ndim() - 2;
            let sampling = Sampling::from_name(mode, ndim)?;
            if align_corners && !matches!(sampling, Sampling::Linear | Sampling::Cubic) {
                let (got, expected) =
                    (format!("True for mode {mode:?}"), "False; only lines and cubics can be aligned");
                return Err(Error::Argument { op, argument: "align_corners", got, expected });
            }
            let sizes = to.sizes(&shape[2..])?;
            let mut y = self.cast(self.dtype().to_float());
            for axis in 0..ndim {
                let (old, new) = (shape[2 + axis], sizes[axis]);
                if old == 0 && new > 0 {
                    return Err(Error::EmptyReduction { op, shape });
                }
                let step = match to {
                    Resize::Factors(factors) => 1.0 / factors[axis.min(factors.len() - 1)],
                    Resize::Sizes(_) => old as f64 / new.max(1) as f64,
                };
                // A factor that is not quite 1 may keep the size, and yet pick others.
                let picks = matches!(sampling, Sampling::Nearest | Sampling::NearestExact) && step != 1.0;
                if old != new || picks || sampling == Sampling::Cubic {
                    y = y.resampled(op, 2 + axis, sampling.parts(old, new, step, align_corners))?;
                }
            }
            Ok(y)
        })
    }

    /// The mean of each of so many parts of the space: part `i` of `n` goes from `floor(i * size / n)` up to
    /// `ceil((i + 1) * size / n)`.
    pub fn adaptive_avg_pool(self, ndim: usize, output_size: &[i64]) -> Expr<'r> {
        let op = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"][ndim - 1];
        self.attempt(|| {
            let shape = self.shape();
            let first = match shape.ndim() {
                n if n == ndim + 2 => 2,
                n if n == ndim + 1 => 1,
                _ => return Err(Error::Rank { op, what: "input", got: shape, expected: layout(ndim) }),
            };
            let sizes = each(op, "output_size", output_size, ndim, 0)?;
            let mut y = self.cast(self.dtype().to_float());
            if (0..ndim).any(|axis| shape[first + axis] == 0 && sizes[axis] > 0) {
                return Err(Error::EmptyReduction { op, shape });
            }
            // Parts of one size that do not overlap are windows.
            if (0..ndim).all(|axis| sizes[axis] > 0 && shape[first + axis].is_multiple_of(sizes[axis])) {
                let taps: Dims = (0..ndim).map(|axis| shape[first + axis] / sizes[axis]).collect();
                let slides = taps.iter().map(|&stride| Slide { stride, dilation: 1, before: 0 }).collect();
                let placed = Placed { slides, after: Dims::from_elem(0, ndim), places: sizes };
                let whole = if first == 1 { y.reshape(&[&[1], &shape[..]].concat()) } else { y };
                let means = whole.window_sums(op, &taps, &placed, 1.0 / taps.iter().product::<usize>() as f64)?;
                return Ok(means.unbatched(first == 1));
            }
            for (axis, &new) in sizes.iter().enumerate() {
                let (axis, old) = (first + axis, shape[first + axis]);
                if new != old {
                    y = y.resampled(op, axis, Sampling::Area.parts(old, new, 0.0, false))?;
                }
            }
            Ok(y)
        })
    }

    /// New elements along an axis from parts of old ones.
    fn resampled(self, op: &'static str, axis: usize, parts: Parts) -> Result<Expr<'r>> {
        let shape = self.shape();
        let Parts { count, each, from, weights } = parts;
        let picked = self.take(self.recorder().data(NdArray::from_slice(&from)?), Some(axis as i64));
        let Some(weights) = weights else { return Ok(picked) };
        let split = [&shape[..axis], &[count, each], &shape[axis + 1..]].concat();
        let mut column: Dims = Dims::from_elem(1, split.len());
        (column[axis], column[axis + 1]) = (count, each);
        let weights = NdArray::from_slice(&weights)?.reshape(&column)?;
        let weights = self.recorder().data(weights).cast(self.dtype()).expand(&Shape::new(op, &split)?);
        let terms = weights.binary(BinaryOp::Gate, picked.reshape(&split));
        Ok(terms.reduce_kept(ReduceOp::Sum, &[axis + 1]).reshape(&shape.with_size(op, axis, count)?))
    }
}

impl Resize<'_> {
    /// The new sizes of space.
    fn sizes(&self, space: &[usize]) -> Result<Dims> {
        let op = "interpolate";
        match self {
            Resize::Sizes(sizes) => each(op, "size", sizes, space.len(), 1),
            Resize::Factors(factors) => {
                let wrong = |factor: &f64| !(factor.is_finite() && *factor > 0.0 && *factor <= (1u64 << 31) as f64);
                if !(factors.len() == 1 || factors.len() == space.len()) || factors.iter().any(wrong) {
                    let got = format!("{factors:?}");
                    let expected = "a positive number up to 2**31, or one for each axis of space";
                    return Err(Error::Argument { op, argument: "scale_factor", got, expected });
                }
                let sizes = space.iter().enumerate();
                let scaled = |(axis, &size): (usize, &usize)| size as f64 * factors[axis.min(factors.len() - 1)];
                sizes.map(scaled).map(|size| each(op, "size", &[size.floor() as i64], 1, 1).map(|one| one[0])).collect()
            }
        }
    }
}
