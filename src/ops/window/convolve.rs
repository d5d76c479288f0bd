//! Convolutions as users call them.

use super::{Convolution, Side, Slide, Windows, each, loopable, reach};
use crate::error::{Error, Result};
use crate::record::Expr;
use crate::shape::{Dims, Shape};

/// The names of an operation with one, two and three axes of space.
type Names = [&'static str; 3];

const CONV: Names = ["conv1d", "conv2d", "conv3d"];
const TRANSPOSED: Names = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"];

/// What a transposed convolution takes besides its windows.
#[derive(Debug, Clone, Copy)]
pub struct Transposed<'a> {
    /// Elements added to the end of each axis.
    pub output_padding: &'a [i64],
}

/// The sizes of a kernel, and the groups.
fn checked(op: &'static str, weight: &Shape, groups: i64, ndim: usize) -> Result<(Dims, usize)> {
    if weight.ndim() != ndim + 2 {
        let expected = ["3", "4", "5"][ndim - 1];
        return Err(Error::Rank { op, what: "weight", got: weight.clone(), expected });
    }
    let Some(groups) = usize::try_from(groups).ok().filter(|&groups| groups > 0) else {
        let got = groups.to_string();
        return Err(Error::Argument { op, argument: "groups", got, expected: "1 or more" });
    };
    if weight[2..].contains(&0) {
        let expected = "at least one tap along each axis of space";
        return Err(Error::Argument { op, argument: "weight", got: format!("of shape {weight}"), expected });
    }
    loopable(op, "weight", &weight[2..])?;
    Ok((Dims::from_slice(&weight[2..]), groups))
}

impl<'r> Expr<'r> {
    /// Cross-correlation of the input `[batch, groups * inputs, *space]` with a weight `[groups * outputs, inputs, *taps]`,
    /// plus a bias for each output channel.
    pub fn conv(
        self,
        ndim: usize,
        weight: Expr<'r>,
        bias: Option<Expr<'r>>,
        windows: &Windows<'_>,
        groups: i64,
    ) -> Expr<'r> {
        let op = CONV[ndim - 1];
        self.attempt(|| {
            let (taps, groups) = checked(op, &weight.shape(), groups, ndim)?;
            let (x, alone) = self.batched(op, ndim)?;
            let (shape, kernel) = (x.shape(), weight.shape());
            let fits = kernel[1].checked_mul(groups) == Some(shape[1]) && kernel[0] % groups == 0;
            if !fits || shape[1] == 0 || kernel[0] == 0 {
                let groups = u32::try_from(groups).unwrap_or(u32::MAX);
                return Err(Error::Channels { op, input: shape, weight: kernel, groups, transposed: false });
            }
            let placed = windows.place(op, &shape, &taps)?;
            let out = Shape::new(op, &[&[shape[0], kernel[0]], &placed.places[..]].concat())?;
            let convolution = Convolution { makes: Side::Output, groups, slides: placed.slides };
            let dtype = x.dtype().float_with(weight.dtype());
            let y = x.cast(dtype).convolve_into(weight.cast(dtype), convolution, &out);
            Ok(y.plus_channels(op, bias)?.unbatched(alone))
        })
    }

    /// The gradient of [`Expr::conv`] by its input, as an operation on its own: an input `[batch, groups * inputs, *space]`,
    /// and a weight `[groups * inputs, outputs, *taps]`.
    pub fn conv_transposed(
        self,
        ndim: usize,
        weight: Expr<'r>,
        bias: Option<Expr<'r>>,
        windows: &Windows<'_>,
        more: &Transposed<'_>,
        groups: i64,
    ) -> Expr<'r> {
        let op = TRANSPOSED[ndim - 1];
        self.attempt(|| {
            let (taps, groups) = checked(op, &weight.shape(), groups, ndim)?;
            let (x, alone) = self.batched(op, ndim)?;
            let (shape, kernel) = (x.shape(), weight.shape());
            if kernel[0] != shape[1] || kernel[0] % groups != 0 || shape[1] == 0 || kernel[1] == 0 {
                let groups = u32::try_from(groups).unwrap_or(u32::MAX);
                return Err(Error::Channels { op, input: shape, weight: kernel, groups, transposed: true });
            }
            let slides = more.slides(op, windows, ndim)?;
            let mut dims = Dims::from_slice(&[shape[0], kernel[1].saturating_mul(groups)]);
            for (axis, &(slide, after, added)) in slides.iter().enumerate() {
                let span = shape[2 + axis].saturating_sub(1).saturating_mul(slide.stride);
                let whole = span.saturating_add(reach(taps[axis], slide.dilation)).saturating_add(added);
                let Some(size) = whole.checked_sub(slide.before + after).filter(|&size| size > 0) else {
                    let before = slide.before;
                    return Err(Error::Cropped { op, whole, axis: 2 + axis, shape, before, after });
                };
                dims.push(if shape[2 + axis] == 0 { 0 } else { size });
            }
            let out = Shape::new(op, &dims)?;
            let slides = slides.iter().map(|(slide, ..)| *slide).collect();
            let convolution = Convolution { makes: Side::Input, groups, slides };
            let dtype = x.dtype().float_with(weight.dtype());
            let y = x.cast(dtype).convolve_into(weight.cast(dtype), convolution, &out);
            Ok(y.plus_channels(op, bias)?.unbatched(alone))
        })
    }

    /// One number added to each channel.
    fn plus_channels(self, op: &'static str, bias: Option<Expr<'r>>) -> Result<Expr<'r>> {
        let Some(bias) = bias else { return Ok(self) };
        let (shape, got) = (self.shape(), bias.shape());
        let expected = Shape::new(op, &shape[1..2])?;
        if got != expected {
            return Err(Error::ShapeMismatch { op, what: "bias", got, expected });
        }
        let mut column: Dims = Dims::from_elem(1, shape.ndim() - 1);
        column[0] = shape[1];
        Ok(self + bias.reshape(&column))
    }
}

impl Transposed<'_> {
    /// For each axis the slide, the padding after the last element, and what is added there.
    fn slides(&self, op: &'static str, windows: &Windows<'_>, ndim: usize) -> Result<Dims<(Slide, usize, usize)>> {
        let (stride, dilation, pairs) = windows.numbers(op, ndim)?;
        let Some(pairs) = pairs else {
            let got = format!("{:?}", "same");
            let expected = "numbers; what they must be depends on the output's size";
            return Err(Error::Argument { op, argument: "padding", got, expected });
        };
        let added = each(op, "output_padding", self.output_padding, ndim, 0)?;
        let larger = (0..ndim).find(|&axis| added[axis] >= stride[axis].max(dilation[axis]));
        if let Some(axis) = larger {
            let got = added[axis].to_string();
            let expected = "less than the stride or the dilation";
            return Err(Error::Argument { op, argument: "output_padding", got, expected });
        }
        let slide = |axis: usize| {
            let [before, after] = pairs[axis];
            (Slide { stride: stride[axis], dilation: dilation[axis], before }, after, added[axis])
        };
        Ok((0..ndim).map(slide).collect())
    }
}
