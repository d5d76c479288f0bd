//! Patches laid out as columns, and columns put back.
//!
//! A window's elements are gathered by their flat index in the padded space, one index for all channels, so putting back
//! is the adjoint of gathering: places that overlap add up.

use super::{Windows, each};
use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::record::Expr;
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
struct Patches {
    /// Sizes with padding.
    wide: Dims,
    /// Padding before and after each axis.
    padding: Vec<(usize, usize)>,
    taps: usize,
    places: usize,
    /// The flat index of each tap at each place.
    index: NdArray,
}

impl Patches {
    fn new(op: &'static str, space: &Shape, kernel: &[i64], windows: &Windows<'_>) -> Result<Patches> {
        let taps = each(op, "kernel_size", kernel, space.ndim(), 1)?;
        let placed = windows.place(op, space, &taps)?;
        let sizes = |axis: usize| (placed.slides[axis].before, placed.after[axis]);
        let padding: Vec<(usize, usize)> = (0..space.ndim()).map(sizes).collect();
        let wide: Dims = padding.iter().zip(&space[..]).map(|((before, after), size)| before + size + after).collect();
        Shape::new(op, &[&taps[..], &placed.places[..]].concat())?;
        let (mut of_taps, mut of_places) = (vec![0i64], vec![0i64]);
        for axis in 0..space.ndim() {
            let slide = placed.slides[axis];
            let further = |known: &[i64], count: usize, each: usize| -> Vec<i64> {
                let size = wide[axis] as i64;
                let grown = |&at: &i64| (0..count).map(move |i| at * size + (i * each) as i64);
                known.iter().flat_map(grown).collect()
            };
            of_taps = further(&of_taps, taps[axis], slide.dilation);
            of_places = further(&of_places, placed.places[axis], slide.stride);
        }
        let index: Vec<i64> = of_taps.iter().flat_map(|tap| of_places.iter().map(move |place| tap + place)).collect();
        let (taps, places) = (of_taps.len(), of_places.len());
        Ok(Patches { wide, padding, taps, places, index: NdArray::from_slice(&index)? })
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
            let patches = Patches::new(op, &Shape::new(op, &shape[2..])?, kernel_size, windows)?;
            let around = [&[(0, 0), (0, 0)], &patches.padding[..]].concat();
            let padded = self.pad(&around, Scalar::Int(0));
            let flat = padded.reshape(&[shape[0], shape[1], patches.wide.iter().product()]);
            let columns = flat.take(self.recorder().data(patches.index), Some(2));
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
            let patches = Patches::new(op, &space, sizes.kernel_size, windows)?;
            if !shape[1].is_multiple_of(patches.taps) || shape[2] != patches.places {
                let expected = Shape::new(op, &[shape[0], shape[1].next_multiple_of(patches.taps), patches.places])?;
                return Err(Error::ShapeMismatch { op, what: "input", got: shape, expected });
            }
            let channels = shape[1] / patches.taps;
            let all = [shape[0], channels, patches.taps * patches.places];
            let wide = Shape::new(op, &[&[shape[0], channels], &patches.wide[..]].concat())?;
            let flat = Shape::new(op, &[shape[0], channels, patches.wide.iter().product()])?;
            let index = self.recorder().data(patches.index).reshape(&[1, 1, all[2]]).expand(&Shape::new(op, &all)?);
            let mut whole = index.scatter_add(self.reshape(&all), 2, &flat).reshape(&wide);
            for (axis, (before, _)) in patches.padding.iter().enumerate() {
                whole = whole.narrow(2 + axis, *before, space[axis]);
            }
            Ok(whole)
        })
    }
}
