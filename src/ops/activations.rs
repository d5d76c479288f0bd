//! Activations made of other operations. At the kinks the gradient is that of the flat side, unless a line says otherwise.

use crate::error::{Error, Result};
use crate::record::Expr;
use crate::shape::{Dims, normalize_axis};

/// Which formula `gelu` uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gelu {
    /// With the error function.
    Exact,
    /// With tanh, as in the first transformers.
    Tanh,
}

/// The slope and the depth of [`Expr::selu`] (Klambauer and others, 2017).
const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.673_263_242_354_377_2];

impl<'r> Expr<'r> {
    fn floats(self) -> Expr<'r> {
        self.cast(self.dtype().to_float())
    }

    /// `x` where positive, else `slope * x`. At 0 the slope is `slope`.
    pub fn leaky_relu(self, slope: f64) -> Expr<'r> {
        let x = self.floats();
        x.gt_scalar(0.0).select(x, x * slope)
    }

    /// `x` where positive, else `weight * x`; a weight with one axis belongs to axis 1 of x.
    pub fn prelu(self, weight: Expr<'r>) -> Expr<'r> {
        let (x, shape, sizes) = (self.floats(), self.shape(), weight.shape());
        self.attempt(|| {
            let mut wide: Dims = sizes.iter().copied().collect();
            if sizes.ndim() == 1 && sizes.len() > 1 {
                if shape.get(1) != sizes.first() {
                    let expected = "one number, or one for each place of axis 1 of the input";
                    return Err(Error::Rank { op: "prelu", what: "weight", got: sizes, expected });
                }
                wide.extend(shape.iter().skip(2).map(|_| 1));
            }
            Ok(x.gt_scalar(0.0).select(x, weight.reshape(&wide) * x))
        })
    }

    /// `x` where positive, else `alpha (e**x - 1)`.
    pub fn elu(self, alpha: f64) -> Expr<'r> {
        let x = self.floats();
        x.gt_scalar(0.0).select(x, x.expm1() * alpha)
    }

    /// `x` where positive, else `alpha (e**(x / alpha) - 1)`, of slope 1 at 0.
    pub fn celu(self, alpha: f64) -> Expr<'r> {
        let x = self.floats();
        x.gt_scalar(0.0).select(x, (x / alpha).expm1() * alpha)
    }

    /// `elu`, scaled so that means of 0 and variances of 1 are kept from layer to layer.
    pub fn selu(self) -> Expr<'r> {
        self.elu(SELU[1]) * SELU[0]
    }

    /// `x sigmoid(x)`, also called swish.
    pub fn silu(self) -> Expr<'r> {
        self * self.sigmoid()
    }

    /// `x tanh(softplus(x))`.
    pub fn mish(self) -> Expr<'r> {
        self * self.softplus().tanh()
    }

    /// Gaussian error linear unit, `x` times the normal distribution function (Hendrycks and Gimpel, 2016).
    pub fn gelu(self, form: Gelu) -> Expr<'r> {
        let x = self.floats();
        match form {
            // erfc instead of 1 + erf keeps the digits of negative x.
            Gelu::Exact => x * ((x * -std::f64::consts::FRAC_1_SQRT_2).erfc() * 0.5),
            Gelu::Tanh => {
                let inner = (x + x.square() * x * 0.044715) * (2.0 / std::f64::consts::PI).sqrt();
                x * (inner.tanh() + 1.0) * 0.5
            }
        }
    }

    /// `x` held between bounds, with gradient 0 from the bounds on.
    pub fn hardtanh(self, low: f64, high: f64) -> Expr<'r> {
        let x = self.floats();
        if low > high {
            let (got, expected) = (format!("{low:?} above {high:?}"), "the lower bound first");
            return x.fail(Error::Argument { op: "hardtanh", argument: "min_val, max_val", got, expected });
        }
        let bound = |bound| x.full_like(crate::dtype::Scalar::Float(bound));
        let outside = x.stop_gradient().maximum(bound(low)).minimum(bound(high));
        x.gt_scalar(low).logical_and(x.lt_scalar(high)).select(x, outside)
    }

    /// `x` held between 0 and 6, with gradient 0 from there on.
    pub fn relu6(self) -> Expr<'r> {
        self.hardtanh(0.0, 6.0)
    }

    /// A sigmoid of straight lines, `relu6(x + 3) / 6`.
    pub fn hardsigmoid(self) -> Expr<'r> {
        (self.floats() + 3.0).relu6() / 6.0
    }

    /// `x relu6(x + 3) / 6`.
    pub fn hardswish(self) -> Expr<'r> {
        self.floats() * self.hardsigmoid()
    }

    /// `x` moved towards 0 by `lambda`, as far as 0.
    pub fn softshrink(self, lambda: f64) -> Expr<'r> {
        let x = self.floats();
        x.abs().le_scalar(lambda).select(x.zeros_like(), x - x.sign() * lambda)
    }

    /// `x`, but 0 where it is no further from 0 than `lambda`.
    pub fn hardshrink(self, lambda: f64) -> Expr<'r> {
        let x = self.floats();
        x.abs().le_scalar(lambda).select(x.zeros_like(), x)
    }

    /// `x` where above the threshold, else `value`.
    pub fn threshold(self, threshold: f64, value: f64) -> Expr<'r> {
        let x = self.floats();
        x.le_scalar(threshold).select(x.full_like(crate::dtype::Scalar::Float(value)), x)
    }

    /// `log(sigmoid(x))`, without overflow.
    pub fn logsigmoid(self) -> Expr<'r> {
        -(-self.floats()).softplus()
    }

    /// The first half along an axis, times the sigmoid of the second (Dauphin and others, 2017).
    pub fn glu(self, axis: i64) -> Expr<'r> {
        let (x, shape) = (self.floats(), self.shape());
        self.attempt(|| -> Result<Expr<'r>> {
            let axis = normalize_axis("glu", axis, shape.ndim())?;
            if shape[axis] % 2 == 1 {
                let (got, expected) = (format!("{axis} of size {}", shape[axis]), "one of even size");
                return Err(Error::Argument { op: "glu", argument: "axis", got, expected });
            }
            let half = shape[axis] / 2;
            Ok(x.narrow(axis, 0, half) * x.narrow(axis, half, half).sigmoid())
        })
    }
}
