//! Patches laid out as columns, and columns put back.
//!
//! A window's elements are gathered by their flat index in the padded space, one index for all channels, so putting back
//! is the adjoint of gathering: places that overlap add up.

use super::{Slide, Windows, each};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::BinaryOp;
use crate::record::{Expr, Recorder};
use crate::shape::{Dims, Shape};

/// What folding takes besides its windows: sizes of the space, and of the windows.
#[derive(Debug, Clone, Copy)]
pub struct Folded<'a> {
    /// Sizes of the space that patches are put into.
    pub output_size: &'a [i64],
    /// Sizes of a patch.
    pub kernel_size: &'a [i64],
}

/// Patches over a padded space.
struct Patches<'r> {
    /// Sizes with padding.
    wide: Dims,
    /// Padding before and after each axis.
    padding: Vec<(usize, usize)>,
    taps: usize,
    places: usize,
    /// The flat index of each tap at each place.
    index: Expr<'r>,
}

impl<'r> Patches<'r> {
    fn new(
        recorder: &'r Recorder,
        op: &'static str,
        space: &Shape,
        kernel: &[i64],
        windows: &Windows<'_>,
    ) -> Result<Patches<'r>> {
        let taps = each(op, "kernel_size", kernel, space.ndim(), 1)?;
        let placed = windows.place(op, space, &taps)?;
        let sizes = |axis: usize| (placed.slides[axis].before, placed.after[axis]);
        let padding: Vec<(usize, usize)> = (0..space.ndim()).map(sizes).collect();
        let wide: Dims = padding.iter().zip(&space[..]).map(|((before, after), size)| before + size + after).collect();
        let each = Shape::new(op, &[&taps[..], &placed.places[..]].concat())?;
        let mut index = recorder.zeros(each.clone(), DType::I64);
        for axis in 0..space.ndim() {
            let inner = Shape::new(op, &wide[axis..])?.len() / wide[axis].max(1);
            let along = |at: usize, elements: usize| {
                let mut column: Dims = Dims::from_elem(1, each.ndim());
                column[at] = each[at];
                let count = recorder.count(Shape::new(op, &column)?);
                Ok::<_, Error>(count.with_int(BinaryOp::Mul, elements.saturating_mul(inner) as i64))
            };
            let Slide { stride, dilation, .. } = placed.slides[axis];
            index = index + along(axis, dilation)? + along(space.ndim() + axis, stride)?;
        }
        let (taps, places) = (taps.iter().product(), placed.places.iter().product());
        Ok(Patches { wide, padding, taps, places, index: index.reshape(&[each.len()]) })
    }
}

impl<'r> Expr<'r> {
    /// The elements of each window as a column: `[batch, channels * taps, places]` of `[batch, channels, *space]`.
    pub fn unfold(self, kernel_size: &[i64], windows: &Windows<'_>) -> Expr<'r> {
        let op = "unfold";
        self.attempt(|| {
            let shape = self.shape();
            if !(3..=5).contains(&shape.ndim()) {
                let expected = "3 to 5, (batch, channels, *space)";
                return Err(Error::Rank { op, what: "input", got: shape, expected });
            }
            let patches = Patches::new(self.recorder(), op, &Shape::new(op, &shape[2..])?, kernel_size, windows)?;
            let around = [&[(0, 0), (0, 0)], &patches.padding[..]].concat();
            let padded = self.pad(&around, Scalar::Int(0));
            let flat = padded.reshape(&[shape[0], shape[1], patches.wide.iter().product()]);
            let columns = flat.take(patches.index, Some(2));
            let channels = shape[1].saturating_mul(patches.taps);
            Ok(columns.reshape(&[shape[0], channels, patches.places]))
        })
    }

    /// The adjoint of [`Expr::unfold`]: columns `[batch, channels * taps, places]` added into `[batch, channels, *space]`.
    pub fn fold(self, sizes: &Folded<'_>, windows: &Windows<'_>) -> Expr<'r> {
        let op = "fold";
        self.attempt(|| {
            let shape = self.shape();
            let ndim = sizes.output_size.len();
            if shape.ndim() != 3 {
                let expected = "3, (batch, channels * taps, places)";
                return Err(Error::Rank { op, what: "input", got: shape, expected });
            }
            if self.dtype() == DType::Bool {
                let expected = "a number; convert with astype";
                return Err(Error::DType { op, got: self.dtype(), expected });
            }
            let space = Shape::new(op, &each(op, "output_size", sizes.output_size, ndim, 1)?)?;
            let patches = Patches::new(self.recorder(), op, &space, sizes.kernel_size, windows)?;
            if !shape[1].is_multiple_of(patches.taps) || shape[2] != patches.places {
                let expected = Shape::new(op, &[shape[0], shape[1].next_multiple_of(patches.taps), patches.places])?;
                return Err(Error::ShapeMismatch { op, what: "input", got: shape, expected });
            }
            let channels = shape[1] / patches.taps;
            let all = [shape[0], channels, patches.taps * patches.places];
            let wide = Shape::new(op, &[&[shape[0], channels], &patches.wide[..]].concat())?;
            let flat = Shape::new(op, &[shape[0], channels, patches.wide.iter().product()])?;
            let index = patches.index.reshape(&[1, 1, all[2]]).expand(&Shape::new(op, &all)?);
            let mut whole = index.scatter_add(self.reshape(&all), 2, &flat).reshape(&wide);
            for (axis, (before, _)) in patches.padding.iter().enumerate() {
                whole = whole.narrow(2 + axis, *before, space[axis]);
            }
            Ok(whole)
        })
    }
}
