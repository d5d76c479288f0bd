//! Exponentials, logarithms and hyperbolic functions.

macro_rules! exponential {
    ($next:ident $($more:ident)*; $($rows:tt)*) => {
        $crate::ops::unary::$next! { $($more)*; $($rows)*
        /// Exponential, `e**x`. Gradient: `g * y`.
        Exp exp Float |x| x.exp::<M>(), |x, y, g| (g.gate(y));
        /// Power of two, `2**x`. Gradient: `g * y * log 2`.
        Exp2 exp2 Float |x| x.exp2::<M>(), |x, y, g| (g.gate(y * std::f64::consts::LN_2));
        /// `e**x - 1`, accurate near 0. Gradient: `g * (y + 1)`.
        Expm1 expm1 Float |x| x.expm1::<M>(), |x, y, g| (g.gate(x.exp()));
        /// Natural logarithm. Gradient: `g / x`.
        Log log Float |x| x.log::<M>(), |x, y, g| (g.gate_divide(x));
        /// Logarithm to base 2. Gradient: `g / (x log 2)`.
        Log2 log2 Float |x| x.log2::<M>(), |x, y, g| (g.gate_divide(x) * std::f64::consts::LOG2_E);
        /// Logarithm to base 10. Gradient: `g / (x log 10)`.
        Log10 log10 Float |x| x.log10::<M>(), |x, y, g| (g.gate_divide(x) * std::f64::consts::LOG10_E);
        /// `log(1 + x)`, accurate near 0. Gradient: `g / (1 + x)`.
        Log1p log1p Float |x| x.log1p::<M>(), |x, y, g| (g.gate((x + 1.0).reciprocal()));
        /// Hyperbolic sine. Gradient: `g * cosh(x)`.
        Sinh sinh Float |x| x.sinh::<M>(), |x, y, g| (g.gate(x.cosh()));
        /// Hyperbolic cosine. Gradient: `g * sinh(x)`.
        Cosh cosh Float |x| x.cosh::<M>(), |x, y, g| (g.gate(x.sinh()));
        /// Hyperbolic tangent. Gradient: `g * (1 - y*y)`.
        Tanh tanh Float |x| x.tanh::<M>(), |x, y, g| (g.gate(1.0 - y.square()));
        /// `x - tanh(x)`, accurate near 0. Gradient: `g * tanh(x)**2`.
        Tanhshrink tanhshrink Special |x| special::tanhshrink(x), |x, y, g| (g.gate(x.tanh().square()));
        /// Inverse hyperbolic sine. Gradient: `g / sqrt(x*x + 1)`.
        Asinh asinh Float |x| x.asinh::<M>(), |x, y, g| (g.gate(x.hypot(x.ones_like()).reciprocal()));
        /// Inverse hyperbolic cosine. Gradient: `g / sqrt((x - 1)(x + 1))`.
        Acosh acosh Float |x| x.acosh::<M>(), |x, y, g| (g.gate((x - 1.0).rsqrt() * (x + 1.0).rsqrt()));
        /// Inverse hyperbolic tangent. Gradient: `g / ((1 - x)(1 + x))`.
        Atanh atanh Float |x| x.atanh::<M>(), |x, y, g| (g.gate(((1.0 - x) * (x + 1.0)).reciprocal()));
        /// Logistic function, `1 / (1 + e**-x)`. Gradient: `g * y (1 - y)`, with `1 - y` as `sigmoid(-x)`.
        Sigmoid sigmoid Float |x| x.sigmoid::<M>(), |x, y, g| (g.gate(y * (-x).sigmoid()));
        /// `log(1 + e**x)`, without overflow. Gradient: `g * sigmoid(x)`.
        Softplus softplus Float |x| x.softplus::<M>(), |x, y, g| (g.gate(x.sigmoid()));
        }
    };
}
pub(crate) use exponential;
