//! Elementwise operations made of others: of one tensor with numbers beside it, and of two operands.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::convert::{Operand, TensorArg};
use super::functions::together;
use super::operations::{operations, several};
use super::scalars::{Float, Int, flag, float, int, text};
use super::tensor::PyTensor;
use crate::dtype::DType;
use crate::error::Error;
use crate::ops::activations::Gelu;

operations! {
    /// `x` where positive, else `negative_slope * x`. Gradient: `g` where positive, else `g * negative_slope`, at 0
    /// too.
    leaky_relu[negative_slope: "float" = 0.01](#[float] negative_slope: f64) |x, py| x.map(py, |x| x.leaky_relu(negative_slope));
    /// `x` where positive, else `alpha * (exp(x) - 1)`. Gradient: `g` where positive, else `g * alpha * exp(x)`.
    elu[alpha: "float" = 1.0](#[float] alpha: f64) |x, py| x.map(py, |x| x.elu(alpha));
    /// `x` where positive, else `alpha * (exp(x / alpha) - 1)`; its slope at 0 is 1. Gradient: `g` where positive, else
    /// `g * exp(x / alpha)`.
    celu[alpha: "float" = 1.0](#[float] alpha: f64) |x, py| x.map(py, |x| x.celu(alpha));
    /// `elu` scaled so that layers keep a mean of 0 and a variance of 1. Gradient: `g` times scale where positive, else
    /// `g * scale * alpha * exp(x)`.
    selu[]() |x, py| x.map(py, |x| x.selu());
    /// `x * sigmoid(x)`, also called swish. Gradient: with s = `sigmoid(x)`: `g * (s + x s (1 - s))`.
    silu[]() |x, py| x.map(py, |x| x.silu());
    /// `x * tanh(softplus(x))`. Gradient: with s = `tanh(softplus(x))`: `g * (s + x (1 - s*s) sigmoid(x))`.
    mish[]() |x, py| x.map(py, |x| x.mish());
    /// Gaussian error linear unit: with the error function, or with `approximate="tanh"`. Gradient: with Phi the normal
    /// distribution and phi its density `g * (Phi(x) + x phi(x))`; of the form with tanh its own.
    gelu[approximate: "typing.Literal['none', 'tanh']" = "none"](#[text] approximate: &str)
        |x, py| x.map(py, |x| match approximate {
            "none" => x.gelu(Gelu::Exact),
            "tanh" => x.gelu(Gelu::Tanh),
            other => x.fail(Error::Argument {
                op: "gelu", argument: "approximate", got: format!("{other:?}"), expected: "\"none\" or \"tanh\"",
            }),
        });
    /// `x` between 0 and 6. Gradient: `g` inside, 0 from 0 down and from 6 up.
    relu6[]() |x, py| x.map(py, |x| x.relu6());
    /// `relu6(x + 3) / 6`, a sigmoid of straight lines. Gradient: `g / 6` between -3 and 3, else 0.
    hardsigmoid[]() |x, py| x.map(py, |x| x.hardsigmoid());
    /// `x * relu6(x + 3) / 6`. Gradient: 0 up to -3, `g` from 3 on, between them `g * (2 x + 3) / 6`.
    hardswish[]() |x, py| x.map(py, |x| x.hardswish());
    /// `x` moved towards 0 by `lambd`, as far as 0. Gradient: `g` where `abs(x) > lambd`, else 0.
    softshrink[lambd: "float" = 0.5](#[float] lambd: f64) |x, py| x.map(py, |x| x.softshrink(lambd));
    /// `x`, but 0 where `abs(x) <= lambd`. Gradient: `g` where `abs(x) > lambd`, else 0.
    hardshrink[lambd: "float" = 0.5](#[float] lambd: f64) |x, py| x.map(py, |x| x.hardshrink(lambd));
    /// `x` where above the threshold, else `value`. Gradient: `g` above the threshold, else 0.
    threshold[threshold: "float", value: "float"](#[float] threshold: f64, #[float] value: f64) |x, py| x.map(py, |x| x.threshold(threshold, value));
    /// `log(sigmoid(x))`, without overflow. Gradient: `g * sigmoid(-x)`.
    logsigmoid[]() |x, py| x.map(py, |x| x.logsigmoid());
    /// `log(x / (1 - x))`, the inverse of `sigmoid`. Gradient: `g / (x (1 - x))`.
    logit[]() |x, py| x.map(py, |x| x.logit());
    /// `-x log(x)`, 0 at 0, -inf below. Gradient: `-g * (log(x) + 1)`.
    entr[]() |x, py| x.map(py, |x| x.entr());
    /// `(exp(x) - 1) / x`, 1 at 0. Gradient: `g * (exp(x) - y) / x`, `g / 2` at 0.
    exprel[]() |x, py| x.map(py, |x| x.exprel());
    /// Spherical Bessel function of order 0, `sin(x) / x`, 1 at 0. Gradient: `g * (cos(x) - y) / x`, 0 at 0.
    spherical_bessel_j0[]() |x, py| x.map(py, |x| x.spherical_bessel_j0());
    /// `sin(pi x) / (pi x)`, 1 at 0. Gradient: `g * (cos(pi x) - y) / x`, 0 at 0.
    sinc[]() |x, py| x.map(py, |x| x.sinc());
    /// The derivative of order `n` of `digamma`, `(-1)**(n + 1) n! zeta(n + 1, x)`. Gradient: `g * polygamma(n + 1, x)`.
    ///
    /// Raises:
    ///     ArgumentError: `n` is not between 0 and 100.
    ///
    /// Example:
    ///     >>> round(pg.Record().tensor(1.0).polygamma(1).item(), 4)  # pi**2 / 6
    ///     1.6449
    polygamma[n](n: Int) |x, py| x.map(py, |x| match u32::try_from(n.0) {
        Ok(n @ 0..=100) => x.polygamma(n),
        _ => x.fail(Error::Argument {
            op: "polygamma", argument: "n", got: n.0.to_string(), expected: "an order from 0 to 100",
        }),
    });
    /// Logarithm of the multivariate gamma function of dimension `d`. Gradient: `g` times the sum of `digamma(x - j /
    /// 2)` for j from 0 below d.
    multigammaln[d](d: Int) |x, py| x.map(py, |x| x.multigammaln(d.0));
    /// Elements with numbers in place of NaN and infinities; these become the ends of the dtype's range by default.
    /// Gradient: `g` where nothing was replaced.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([float("nan"), 2.0, float("inf")]).nan_to_num(posinf=9.0).tolist()
    ///     [0.0, 2.0, 9.0]
    nan_to_num[nan: "float" = 0.0, posinf=None, neginf=None](#[float] nan: f64, posinf: Option<Float>, neginf: Option<Float>)
        |x, py| x.map(py, |x| x.nan_to_num(nan, posinf.map(|x| x.0), neginf.map(|x| x.0)));
    /// True where `x` is plus infinity. Gradient: none, the result counts or compares.
    isposinf[]() |x, py| x.map(py, |x| x.isposinf());
    /// True where `x` is minus infinity. Gradient: none, the result counts or compares.
    isneginf[]() |x, py| x.map(py, |x| x.isneginf());
    /// Angles along an axis without jumps: where neighbours are at least `discont` apart, by default half a period, what
    /// follows is moved by whole periods until they are at most half of one apart. Gradient: `g`.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([0.0, 3.0, 7.0, 1.0]).unwrap(period=8.0).tolist()
    ///     [0.0, 3.0, 7.0, 9.0]
    unwrap[discont=None, axis=Int(-1), *, period: "float" = std::f64::consts::TAU]{"($self, discont=None, axis=-1, *, period=6.283185307179586)", "(x, discont=None, axis=-1, *, period=6.283185307179586)"}(discont: Option<Float>, axis: Int, #[float] period: f64)
        |x, py| x.map(py, |x| x.unwrap(discont.map_or(0.5 * period, |discont| discont.0).max(0.5 * period), axis.0, period));
    /// The nearest number of so many decimals, halves to the even one; with negative `decimals` before the point. Gradient: 0.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([0.125, 17.5], "float64").round(2).tolist()
    ///     [0.12, 17.5]
    round[decimals: "int" = 0](#[int] decimals: i64) |x, py| x.map(py, |x| x.round(decimals));
    /// Degrees as radians. Gradient: `g * pi / 180`.
    deg2rad[]() |x, py| x.map(py, |x| x * 1f64.to_radians());
    /// Radians as degrees. Gradient: `g * 180 / pi`.
    rad2deg[]() |x, py| x.map(py, |x| x * 1f64.to_degrees());
}

several! {
    /// What is behind the point, and what is before it; both have the sign of the number. Gradient: `g` of the first.
    ///
    /// Example:
    ///     >>> rest, whole = pg.Record().tensor([2.5, -0.25]).modf()
    ///     >>> rest.tolist(), whole.tolist()
    ///     ([0.5, -0.25], [2.0, -0.0])
    modf[] -> "tuple[Tensor, ...]" () |x, py| {
        let id = x.tensor.id();
        x.many(py, |r| Ok(r.at(id).modf().into()))
    };
    /// The `m` and whole `e` with `x = m 2**e`, of which the magnitude of `m` is at least 1/2 and below 1; for 0, infinities
    /// and NaN `x` and 0. Gradient: to x `g` of `m` times `2**-e`; none from `e`.
    ///
    /// Example:
    ///     >>> m, e = pg.Record().tensor([10.0, -0.5]).frexp()
    ///     >>> m.tolist(), e.tolist()
    ///     ([0.625, -0.5], [4, 0])
    frexp[] -> "tuple[Tensor, ...]" () |x, py| {
        let id = x.tensor.id();
        x.many(py, |r| Ok(r.at(id).frexp().into()))
    };
}

#[pymethods]
impl PyTensor {
    /// `x` between bounds. Gradient: `g` inside, 0 from the bounds on.
    #[pyo3(signature = (min_val: "float" = -1.0, max_val: "float" = 1.0))]
    #[pyo3(text_signature = "($self, min_val=-1.0, max_val=1.0)")]
    fn hardtanh(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = float)] min_val: f64,
        #[pyo3(from_py_with = float)] max_val: f64,
    ) -> PyResult<PyTensor> {
        self.map(py, |x| x.hardtanh(min_val, max_val))
    }

    /// The first half along an axis, times the sigmoid of the second half. Gradient: with a and b the halves, `g *
    /// sigmoid(b)` and `g * a sigmoid(b) (1 - sigmoid(b))`.
    ///
    /// Raises:
    ///     ArgumentError: the axis has an odd size.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1.0, 2.0, 0.0, 0.0]).glu().tolist()
    ///     [0.5, 1.0]
    #[pyo3(signature = (axis=Int(-1)), text_signature = "($self, axis=-1)")]
    fn glu(&self, py: Python<'_>, axis: Int) -> PyResult<PyTensor> {
        self.map(py, |x| x.glu(axis.0))
    }
}

/// Makes a method of `Tensor` and a function of the same name from an expression of two operands.
macro_rules! pairs {
    ($($(#[doc = $doc:literal])* $name:ident($other:ident; $($sig:tt)*)($($(#[$read:ident])? $arg:ident: $Arg:ty),*) |$a:ident, $b:ident| $body:expr;)*) => {
        #[pymethods]
        impl PyTensor {$(
            $(#[doc = $doc])*
            #[pyo3(signature = ($other, $($sig)*))]
            fn $name(
                slf: &Bound<'_, PyTensor>, py: Python<'_>, $other: Operand<'_, '_>, $($(#[pyo3(from_py_with = $read)])? $arg: $Arg),*
            ) -> PyResult<PyTensor> {
                together(py, stringify!($name), [Operand::Tensor(slf.as_borrowed()), $other], |_, [$a, $b]| $body)
            }
        )*}

        pub(super) mod pairs {
            use super::*;
            $(
                $(#[doc = $doc])*
                #[pyfunction]
                #[pyo3(signature = (x, $other, $($sig)*))]
                pub fn $name(
                    py: Python<'_>, x: Operand<'_, '_>, $other: Operand<'_, '_>, $($(#[pyo3(from_py_with = $read)])? $arg: $Arg),*
                ) -> PyResult<PyTensor> {
                    together(py, stringify!($name), [x, $other], |_, [$a, $b]| $body)
                }
            )*
        }
    };
}

pairs! {
    /// `x` where positive, else `weight * x`. A weight with one axis belongs to axis 1 of the input. Gradient: `g`
    /// where positive, else `g * weight`; to the weight the sum of `g * x` where not positive.
    prelu(weight;)() |a, b| a.prelu(b);
    /// The beta function, `gamma(x) gamma(other) / gamma(x + other)`. Gradient: `g * y (digamma(x) - digamma(x +
    /// other))` and `g * y (digamma(other) - digamma(x + other))`.
    beta(other;)() |a, b| a.beta(b);
    /// `x log(x / other)`: 0 where x is 0, inf outside of the domain. Gradient: `g * (log(x / other) + 1)` and `-g * x
    /// / other`.
    rel_entr(other;)() |a, b| a.rel_entr(b);
    /// Box and Cox's transform, `(x**lmbda - 1) / lmbda`, for 0 `log(x)`. Gradient: `g * x**(lmbda - 1)` to x, and `g *
    /// (x**lmbda log(x) - y) / lmbda` to `lmbda`, for 0 `g * log(x)**2 / 2`.
    boxcox(lmbda;)() |a, b| a.boxcox(b);
    /// The inverse of `boxcox`, `(lmbda x + 1)**(1 / lmbda)`, for 0 `exp(x)`. Gradient: `g * y / (lmbda x + 1)` to x, and
    /// `g * y (x / (lmbda x + 1) - log(y)) / lmbda` to `lmbda`, for 0 `-g * y x**2 / 2`.
    inv_boxcox(lmbda;)() |a, b| a.inv_boxcox(b);
    /// `x * 2**exponent`. Gradient: `g * 2**exponent`, and `g * y log(2)` to an exponent of floats.
    ldexp(exponent;)() |a, b| a.ldexp(b);
    /// 0 where x is negative, 1 where positive, and `values` at 0. Gradient: 0 to x; `g` to `values` where x is 0.
    heaviside(values;)() |a, b| a.heaviside(b);
    /// `x ** exponent` in float64. Gradient: as that of `power`.
    float_power(exponent;)() |a, b| a.cast(DType::F64).power(b.cast(DType::F64));
    /// True where both are equal up to `atol + rtol * abs(other)`. Gradient: none, the result counts or compares.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([1.0, 2.0]).isclose(np.array([1.0, 2.1])).tolist()
    ///     [True, False]
    isclose(other; rtol: "float" = 1e-5, atol: "float" = 1e-8, equal_nan: "bool" = false)(#[float] rtol: f64, #[float] atol: f64, #[flag] equal_nan: bool)
        |a, b| a.isclose(b, rtol, atol, equal_nan);
    /// True, as a tensor of shape (), if all elements are close as `isclose` says. Gradient: none, the result counts or
    /// compares.
    allclose(other; rtol: "float" = 1e-5, atol: "float" = 1e-8, equal_nan: "bool" = false)(#[float] rtol: f64, #[float] atol: f64, #[flag] equal_nan: bool)
        |a, b| a.isclose(b, rtol, atol, equal_nan).reduce(crate::ops::ReduceOp::All, None, false);
}

/// All of it as functions.
pub(super) mod functions {
    pub use super::functions_of::*;
    pub use super::pairs::*;
    pub use super::several_of::*;
    use super::*;

    /// `x` between bounds. Gradient: `g` inside, 0 from the bounds on.
    #[pyfunction]
    #[pyo3(signature = (x, min_val: "float" = -1.0, max_val: "float" = 1.0))]
    #[pyo3(text_signature = "(x, min_val=-1.0, max_val=1.0)")]
    pub fn hardtanh(
        py: Python<'_>,
        x: TensorArg<'_, '_>,
        #[pyo3(from_py_with = float)] min_val: f64,
        #[pyo3(from_py_with = float)] max_val: f64,
    ) -> PyResult<PyTensor> {
        x.get().hardtanh(py, min_val, max_val)
    }

    /// The first half along an axis, times the sigmoid of the second half. Gradient: with a and b the halves, `g *
    /// sigmoid(b)` and `g * a sigmoid(b) (1 - sigmoid(b))`.
    #[pyfunction]
    #[pyo3(signature = (x, axis=Int(-1)), text_signature = "(x, axis=-1)")]
    pub fn glu(py: Python<'_>, x: TensorArg<'_, '_>, axis: Int) -> PyResult<PyTensor> {
        x.get().glu(py, axis)
    }
}
