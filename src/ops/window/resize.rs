//! Space of another size: interpolation, and means over parts of equal length.
//!
//! Along an axis each new element is a weighted sum of a few old ones, which are gathered by their index. What has the weight 0 has no
//! influence, whatever it is. So derivatives are those of gathering and of a sum.

use super::{Placed, Slide, each, layout};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, ReduceOp};
use crate::record::{Expr, Recorder};
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

/// What the new elements of an axis are made of: for each its old ones, and their weights beside them, if they have any.
struct Parts<'r> {
    from: Expr<'r>,
    weights: Option<Expr<'r>>,
}

/// An axis of old elements, and the new ones that it gets.
#[derive(Clone, Copy)]
struct Stretch {
    old: usize,
    new: usize,
    /// How far the old ones go on from one new one to the next.
    step: f64,
    /// Whether the first and the last of both lie on each other.
    align: bool,
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

    /// What each new element of an axis is made of. Nothing here is as long as the axis before numbers are asked for.
    fn parts<'r>(self, op: &'static str, recorder: &'r Recorder, axis: Stretch) -> Result<Parts<'r>> {
        let Stretch { old, new, step, align } = axis;
        let last = old as f64 - 1.0;
        let count = recorder.count(Shape::new(op, &[new, 1])?);
        let taps = |each: usize| Ok::<_, Error>(recorder.count(Shape::new(op, &[1, each])?));
        let within = |at: Expr<'r>| at.with_int(BinaryOp::Maximum, 0).with_int(BinaryOp::Minimum, old as i64 - 1);
        let at = count.cast(DType::F64);
        let middle = || match align {
            true => at * last / (new.max(2) - 1) as f64,
            false => (at + 0.5) * step - 0.5,
        };
        Ok(match self {
            Sampling::Nearest => Parts { from: within((at * step).floor().cast(DType::I64)), weights: None },
            Sampling::NearestExact => {
                Parts { from: within(((at + 0.5) * step).floor().cast(DType::I64)), weights: None }
            }
            Sampling::Linear => {
                let place =
                    middle().with_number(BinaryOp::Maximum, 0.0, false).with_number(BinaryOp::Minimum, last, false);
                let (low, part) = (place.floor(), place - place.floor());
                let weights = recorder.concat(&[-part + 1.0, part], 1);
                Parts { from: within(low.cast(DType::I64) + taps(2)?), weights: Some(weights) }
            }
            Sampling::Cubic => {
                let place = middle();
                let (low, part) = (place.floor(), place - place.floor());
                let from = within(low.cast(DType::I64) + taps(4)?.with_int(BinaryOp::Sub, 1));
                Parts { from, weights: Some(recorder.concat(&cubic(part), 1)) }
            }
            Sampling::Area => {
                let (at, end) = elements_of_parts(op, recorder, old, new)?;
                let share = (end - at.narrow(1, 0, 1)).cast(DType::F64).reciprocal();
                let weights = at.less(end).cast(DType::F64) * share;
                Parts { from: within(at), weights: Some(weights) }
            }
        })
    }
}

/// The elements of each part of an axis, `[parts, most]`, and the one behind its last, `[parts, 1]`: part `i` goes from
/// `floor(i * size / parts)` up to `ceil((i + 1) * size / parts)`. Shorter ones go on behind their end.
pub(super) fn elements_of_parts<'r>(
    op: &'static str,
    recorder: &'r Recorder,
    size: usize,
    parts: usize,
) -> Result<(Expr<'r>, Expr<'r>)> {
    let count = recorder.count(Shape::new(op, &[parts, 1])?);
    let whole = parts.max(1);
    // No product overflows.
    let place = |part: Expr<'r>, up: usize| {
        let rest = part.with_int(BinaryOp::Mul, (size % whole) as i64).with_int(BinaryOp::Add, up as i64);
        part.with_int(BinaryOp::Mul, (size / whole) as i64) + rest.with_int(BinaryOp::FloorDiv, whole as i64)
    };
    let (start, end) = (place(count, 0), place(count.with_int(BinaryOp::Add, 1), whole - 1));
    let most = if size.is_multiple_of(whole) { size / whole } else { size / whole + 2 };
    Ok((start + recorder.count(Shape::new(op, &[1, most])?), end))
}

/// Weights of the four elements around a place between the second and the third, without cancellation.
fn cubic<'r>(part: Expr<'r>) -> [Expr<'r>; 4] {
    let near = |x: Expr<'r>| (x * (KEYS + 2.0) - (KEYS + 3.0)) * x * x + 1.0;
    let rest = -part + 1.0;
    [part * KEYS * rest * rest, near(part), near(rest), rest * KEYS * part * part]
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
                    let stretch = Stretch { old, new, step, align: align_corners };
                    y = y.resampled(op, 2 + axis, sampling.parts(op, y.recorder(), stretch)?)?;
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
                    let stretch = Stretch { old, new, step: 0.0, align: false };
                    y = y.resampled(op, axis, Sampling::Area.parts(op, y.recorder(), stretch)?)?;
                }
            }
            Ok(y)
        })
    }

    /// New elements along an axis from parts of old ones.
    fn resampled(self, op: &'static str, axis: usize, parts: Parts<'r>) -> Result<Expr<'r>> {
        let shape = self.shape();
        let places = parts.from.shape();
        let split = Shape::new(op, &[&shape[..axis], &places[..], &shape[axis + 1..]].concat())?;
        let out = shape.with_size(op, axis, places[0])?;
        let picked = self.take(parts.from, Some(axis as i64));
        let Some(weights) = parts.weights else { return Ok(picked.reshape(&out)) };
        let mut column: Dims = Dims::from_elem(1, split.ndim());
        column[axis..axis + 2].copy_from_slice(&places);
        let weights = weights.cast(self.dtype()).reshape(&column).expand(&split);
        let terms = weights.binary(BinaryOp::Gate, picked);
        Ok(terms.reduce_kept(ReduceOp::Sum, &[axis + 1]).reshape(&out))
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
