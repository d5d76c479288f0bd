//! Steps of windows: which array of a convolution is which, and how its axes lie.
//!
//! Channels of all groups are one axis of a recorded array and two of an operand, so that a group is a stretch of every array and
//! no group is copied.

use super::{Along, Meetings, Operand, Step};
use crate::ops::{Convolution, Pooling, Side, Slide};
use crate::shape::{Dims, Shape};

/// The step of a convolution: shapes and operands of its inputs in order, and of its result.
pub fn convolve(of: &Convolution, shapes: [&Shape; 3], operands: [Operand; 3]) -> Step {
    let [first, second, result] = operands;
    let ([x, w, y], [input, kernel, output]) = match of.makes {
        Side::Output => ([shapes[0], shapes[1], shapes[2]], [first, second, result]),
        Side::Input => ([shapes[2], shapes[1], shapes[0]], [result, second, first]),
        Side::Kernel => ([shapes[0], shapes[2], shapes[1]], [first, result, second]),
    };
    let groups = of.groups;
    let (inputs, outputs) = (w[1], w[0] / groups);
    let axes = along(&of.slides, &x[2..], &w[2..], &y[2..]);
    let sizes = Meetings { batch: x[0], groups, inputs, outputs, axes };
    Step::Convolve {
        makes: of.makes,
        sizes,
        input: split(input, 1, inputs),
        kernel: split(kernel, 0, outputs),
        output: split(output, 1, outputs),
    }
}

/// The planes of a pooling, and its axes of space.
pub fn pool(of: &Pooling, x: &Shape, y: &Shape) -> (Dims, Dims<Along>) {
    (Dims::from_slice(&x[..2]), along(&of.slides, &x[2..], &of.taps, &y[2..]))
}

fn along(slides: &[Slide], space: &[usize], taps: &[usize], places: &[usize]) -> Dims<Along> {
    let one =
        |(axis, &slide): (usize, &Slide)| Along { slide, space: space[axis], taps: taps[axis], places: places[axis] };
    slides.iter().enumerate().map(one).collect()
}

/// The operand with an axis as two, the inner one of a size.
fn split(mut operand: Operand, axis: usize, inner: usize) -> Operand {
    let stride = operand.strides[axis] * inner as isize;
    operand.strides.insert(axis, stride);
    operand
}
