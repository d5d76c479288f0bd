//! Normalisation: inputs brought to mean 0 and variance 1, or to length 1, over axes of theirs.
//!
//! Nothing is kept and nothing mutated: statistics are results like any other. Of equal elements the result is 0, and the
//! gradient finite, for `epsilon` stands beside the variance.

use crate::error::{Error, Result};
use crate::record::Expr;
use crate::shape::{Dims, Shape, normalize_axes, normalize_axis};

/// What an output is multiplied by, and what is added to it.
#[derive(Clone, Copy)]
pub struct Affine<'r> {
    /// The factor.
    pub weight: Option<Expr<'r>>,
    /// The term.
    pub bias: Option<Expr<'r>>,
}

impl<'r> Affine<'r> {
    /// The output of a normalisation, of a shape, scaled and moved: weight and bias have the sizes of the given axes.
    fn apply(self, op: &'static str, y: Expr<'r>, shape: &Shape, axes: &[usize]) -> Result<Expr<'r>> {
        let mut wide: Dims = Dims::from_elem(1, shape.ndim());
        axes.iter().for_each(|&axis| wide[axis] = shape[axis]);
        let fit = |what, x: Expr<'r>| {
            let others: Dims = (0..shape.ndim()).filter(|axis| !axes.contains(axis)).collect();
            let (got, expected) = (x.shape(), shape.without(&others));
            if got == expected { Ok(x.reshape(&wide)) } else { Err(Error::ShapeMismatch { op, what, got, expected }) }
        };
        let y = self.weight.map_or(Ok(y), |weight| Ok(y * fit("weight", weight)?))?;
        self.bias.map_or(Ok(y), |bias| Ok(y + fit("bias", bias)?))
    }
}

impl<'r> Expr<'r> {
    /// The input less its mean, over its deviation; and its mean and variance, with axes of size 1.
    fn standardised(self, axes: &[usize], epsilon: f64) -> [Expr<'r>; 3] {
        let axes: Vec<i64> = axes.iter().map(|&axis| axis as i64).collect();
        let mean = self.mean(Some(&axes), true);
        let centred = self - mean;
        let variance = centred.square().mean(Some(&axes), true);
        [centred * (variance + epsilon).rsqrt(), mean, variance]
    }

    /// `(x - mean) / sqrt(variance + epsilon)` over axes, scaled and moved.
    pub fn layer_norm(self, axes: &[i64], affine: Affine<'r>, epsilon: f64) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            let axes = normalize_axes("layer_norm", Some(axes), shape.ndim())?;
            affine.apply("layer_norm", self.standardised(&axes, epsilon)[0], &shape, &axes)
        })
    }

    /// `x / sqrt(mean(x * x) + epsilon)` over axes, scaled.
    pub fn rms_norm(self, axes: &[i64], weight: Option<Expr<'r>>, epsilon: f64) -> Expr<'r> {
        let (x, shape) = (self.cast(self.dtype().to_float()), self.shape());
        self.attempt(|| {
            let normal = normalize_axes("rms_norm", Some(axes), shape.ndim())?;
            let scale = (x.square().mean(Some(axes), true) + epsilon).rsqrt();
            Affine { weight, bias: None }.apply("rms_norm", x * scale, &shape, &normal)
        })
    }

    /// Each channel standardised by its mean and variance over all other axes, or by those that are given; and these two.
    pub fn batch_norm(
        self,
        axis: i64,
        given: Option<[Expr<'r>; 2]>,
        affine: Affine<'r>,
        epsilon: f64,
    ) -> Result<Vec<Expr<'r>>> {
        let (op, shape) = ("batch_norm", self.shape());
        let channel = normalize_axis(op, axis, shape.ndim())?;
        let axes: Vec<usize> = (0..shape.ndim()).filter(|&axis| axis != channel).collect();
        let (y, mean, variance) = match given {
            Some([mean, variance]) => {
                let expected = shape.without(&axes);
                for (what, got) in [("mean", mean.shape()), ("var", variance.shape())] {
                    if got != expected {
                        return Err(Error::ShapeMismatch { op, what, got, expected });
                    }
                }
                let wide: Dims = shape.with_ones(&axes).iter().copied().collect();
                let y = (self - mean.reshape(&wide)) * (variance + epsilon).rsqrt().reshape(&wide);
                (y, mean, variance)
            }
            None => {
                let [y, mean, variance] = self.standardised(&axes, epsilon);
                (y, mean.drop_axes(&axes, false), variance.drop_axes(&axes, false))
            }
        };
        Ok(vec![affine.apply(op, y, &shape, &[channel])?, mean, variance])
    }

    /// Groups of channels, on axis 1, standardised for each example by itself; scaled and moved by channel.
    pub fn group_norm(self, op: &'static str, groups: Option<usize>, affine: Affine<'r>, epsilon: f64) -> Expr<'r> {
        let shape = self.shape();
        self.attempt(|| {
            if shape.ndim() < 2 {
                return Err(Error::Rank { op, what: "input", got: shape.clone(), expected: "at least 2" });
            }
            let channels = shape[1];
            // Without a number, each channel is a group: then the axis may be empty.
            let groups = groups.unwrap_or(channels);
            if groups != channels && !channels.is_multiple_of(groups) {
                let (got, expected) = (groups.to_string(), "a number that divides the channels");
                return Err(Error::Argument { op, argument: "num_groups", got, expected });
            }
            let each = shape.iter().skip(2).product::<usize>() * channels.checked_div(groups).unwrap_or(1);
            let grouped = self.reshape(&[shape[0], groups, each]);
            let y = grouped.standardised(&[2], epsilon)[0].reshape(&shape);
            affine.apply(op, y, &shape, &[1])
        })
    }

    /// Vectors along an axis over their length, or over `epsilon` where that is larger.
    pub fn normalize(self, p: f64, axis: i64, epsilon: f64) -> Expr<'r> {
        let x = self.cast(self.dtype().to_float());
        self.attempt(|| {
            let axis = normalize_axis("normalize", axis, x.shape().ndim())?;
            if p.is_nan() || p <= 0.0 {
                let (got, expected) = (crate::dtype::show_float(p), "a number above 0");
                return Err(Error::Argument { op: "normalize", argument: "p", got, expected });
            }
            Ok(x / x.vector_norm(p, Some(&[axis as i64]), true).at_least(epsilon))
        })
    }

    /// The cosine of the angle between vectors along an axis, each length at least `epsilon`.
    pub fn cosine_similarity(self, other: Expr<'r>, axis: i64, epsilon: f64) -> Expr<'r> {
        let dtype = self.dtype().float_with(other.dtype());
        self.attempt(|| {
            let shape = self.shape().broadcast(&other.shape(), "cosine_similarity")?;
            let axis = normalize_axis("cosine_similarity", axis, shape.ndim())?;
            let (a, b) = (self.cast(dtype).expand(&shape), other.cast(dtype).expand(&shape));
            let along = [axis as i64];
            let length = |x: Expr<'r>| x.vector_norm(2.0, Some(&along), true).at_least(epsilon);
            let product = (a * b).sum(Some(&along), true);
            Ok((product / (length(a) * length(b))).drop_axes(&[axis], false))
        })
    }

    fn at_least(self, least: f64) -> Expr<'r> {
        self.maximum(self.full_like(crate::dtype::Scalar::Float(least)))
    }
}
