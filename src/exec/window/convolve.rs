//! Which array of a convolution is made from which.

use smallvec::SmallVec;

use super::correlate::{Correlation, correlate};
use super::gram::gram;
use super::laid::{Axis, Seen};
use super::level::{F32, F64, Loops};
use crate::dtype::DType;
use crate::exec::gemm::Factor;
use crate::exec::{Areas, Fault};
use crate::ops::Side;
use crate::plan::{Along, Meetings, Operand};

/// Input, kernel and output, of which one is made.
pub(in crate::exec) fn convolve(
    makes: Side,
    sizes: &Meetings,
    operands: [&Operand; 3],
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    if sizes.dims(makes).contains(&0) {
        return Ok(());
    }
    match operands[0].dtype {
        DType::F64 => floats(Loops::best(F64), makes, sizes, operands, areas),
        _ => floats(Loops::best(F32), makes, sizes, operands, areas),
    }
}

/// An array in memory: its first element, and its operand's strides.
#[derive(Clone, Copy)]
pub(super) struct Array<'a, T> {
    pub start: *mut T,
    pub strides: &'a [isize],
}

impl<T> Array<'_, T> {
    /// From a group on, which has an axis of its own.
    pub fn group(self, axis: usize, group: usize) -> Self {
        Array { start: self.start.wrapping_offset(group as isize * self.strides[axis]), ..self }
    }
}

fn floats<T: Factor>(
    loops: &'static Loops<T>,
    makes: Side,
    sizes: &Meetings,
    operands: [&Operand; 3],
    areas: &Areas<'_>,
) -> Result<(), Fault> {
    let array = |operand: &'_ Operand| areas.at(operand).cast::<T>();
    let [input, kernel, output] = operands.map(|operand| Array { start: array(operand), strides: &operand.strides });
    let look = |work| areas.worked(work);
    for group in 0..sizes.groups {
        let (x, w, y) = (input.group(1, group), kernel.group(0, group), output.group(1, group));
        match makes {
            Side::Output => {
                let axes = sizes.axes.iter().enumerate().map(|(at, along)| windows(along, x.strides[3 + at]));
                let axes: SmallVec<[Axis; 3]> = axes.collect();
                let taps: SmallVec<[Vec<usize>; 3]> =
                    sizes.axes.iter().map(|along| (0..along.taps).collect()).collect();
                let of = Correlation {
                    loops,
                    seen: seen(x, sizes, sizes.inputs, &axes),
                    rows: sizes.outputs,
                    weights: w,
                    strides: [w.strides[1], w.strides[2]],
                    taps: tap_offsets(w, &taps),
                    out: y,
                    phases: SmallVec::from_elem((0, 1), axes.len()),
                };
                // SAFETY: the verifier has found every index of all operands inside their areas, and the result dense and
                // none of the others. `best` has asked the CPU.
                unsafe { correlate(&of, &look)? }
            }
            Side::Input => {
                // Elements a stride apart meet the same taps: each such phase is a correlation with stride 1.
                let all: SmallVec<[usize; 3]> =
                    sizes.axes.iter().map(|along| along.slide.stride.min(along.space)).collect();
                for number in 0..all.iter().product::<usize>() {
                    let mut rest = number;
                    let phases: SmallVec<[usize; 3]> = all.iter().map(|&n| (rest % n, rest /= n).0).collect();
                    let cut: SmallVec<[(Axis, Vec<usize>); 3]> =
                        (0..all.len()).map(|at| meeting(&sizes.axes[at], phases[at], y.strides[3 + at])).collect();
                    let (axes, taps): (SmallVec<[Axis; 3]>, SmallVec<[Vec<usize>; 3]>) = cut.into_iter().unzip();
                    let of = Correlation {
                        loops,
                        seen: seen(y, sizes, sizes.outputs, &axes),
                        rows: sizes.inputs,
                        weights: w,
                        strides: [w.strides[2], w.strides[1]],
                        taps: tap_offsets(w, &taps),
                        out: x,
                        phases: phases
                            .iter()
                            .zip(&sizes.axes)
                            .map(|(&phase, along)| (phase, along.slide.stride))
                            .collect(),
                    };
                    // SAFETY: as above.
                    unsafe { correlate(&of, &look)? }
                }
            }
            Side::Kernel => {
                let axes = sizes.axes.iter().enumerate().map(|(at, along)| windows(along, x.strides[3 + at]));
                let whole = sizes.axes.iter().enumerate().map(|(at, along)| Axis {
                    space: along.places,
                    stride: y.strides[3 + at],
                    places: along.places,
                    ..Axis::single()
                });
                let patches = seen(x, sizes, sizes.inputs, &axes.collect::<SmallVec<[Axis; 3]>>());
                let others = seen(y, sizes, sizes.outputs, &whole.collect::<SmallVec<[Axis; 3]>>());
                // SAFETY: as above.
                unsafe { gram(loops, &patches, &others, w.start, &look)? }
            }
        }
    }
    Ok(())
}

/// An array with its axes of space, in front of which axes of one element are put.
fn seen<T>(of: Array<'_, T>, sizes: &Meetings, channels: usize, axes: &[Axis]) -> Seen<T> {
    let mut all = [Axis::single(), Axis::single(), Axis::single()];
    axes.iter().enumerate().for_each(|(at, axis)| all[3 - axes.len() + at] = axis.clone());
    let (entry, channel) = (of.strides[0], of.strides[2]);
    Seen { start: of.start.cast_const(), entry, channel, entries: sizes.batch, channels, axes: all }
}

/// The input's axis as windows at the places of the output see it.
fn windows(along: &Along, stride: isize) -> Axis {
    let Along { slide, space, taps, places } = *along;
    let offset = |tap: usize| (tap * slide.dilation) as isize - slide.before as isize;
    Axis { space, stride, step: slide.stride as isize, offsets: (0..taps).map(offset).collect(), places }
}

/// The output's axis as every `stride`-th element of the input, from `phase` on, meets it, and the taps they meet with.
fn meeting(along: &Along, phase: usize, stride: isize) -> (Axis, Vec<usize>) {
    let Along { slide, space, taps, places } = *along;
    let from = |tap: usize| (phase + slide.before) as isize - (tap * slide.dilation) as isize;
    let met: Vec<usize> = (0..taps).filter(|&tap| from(tap) % slide.stride as isize == 0).collect();
    let offsets = met.iter().map(|&tap| from(tap) / slide.stride as isize).collect();
    let count = (space - phase).div_ceil(slide.stride);
    (Axis { space: places, stride, step: 1, offsets, places: count }, met)
}

/// Where the taps of a kernel lie, counted from the first.
fn tap_offsets<T>(kernel: Array<'_, T>, taps: &[Vec<usize>]) -> Vec<isize> {
    let mut offsets = vec![0];
    for (axis, taps) in taps.iter().enumerate() {
        let stride = kernel.strides[3 + axis];
        let further = |&offset: &isize| taps.iter().map(move |&tap| offset + tap as isize * stride);
        offsets = offsets.iter().flat_map(further).collect();
    }
    offsets
}
