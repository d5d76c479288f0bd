//! Arithmetic, rounding and roots.

macro_rules! algebra {
    ($next:ident $($more:ident)*; $($rows:tt)*) => {
        $crate::ops::unary::$next! { $($more)*; $($rows)*
        /// Negative, `-x`. Gradient: `-g`.
        Neg neg Number |x| x.negative(), |x, y, g| (-g);
        /// Absolute value. Gradient: `g * sign(x)`, 0 at 0.
        Abs abs Number |x| x.absolute(), |x, y, g| (g.gate(x.sign()));
        /// Sign: -1, 0 or 1; NaN stays NaN. Gradient: 0.
        Sign sign Number |x| x.signum(), |x, y, g| flat;
        /// Square, `x * x`. Gradient: `g * 2 x`.
        Square square Number |x| x.times(x), |x, y, g| (g.gate(x * 2.0));
        /// Rectified linear unit, `max(x, 0)`. Gradient: `g` where `x > 0`, else 0.
        Relu relu Number |x| x.rectified(), |x, y, g| (x.gt_scalar(0.0).select(g, g.zeros_like()));
        /// Largest integer not above `x`. Gradient: 0.
        Floor floor Number |x| x.rounded_down(), |x, y, g| flat;
        /// Smallest integer not below `x`. Gradient: 0.
        Ceil ceil Number |x| x.rounded_up(), |x, y, g| flat;
        /// Nearest integer, halves to the even one. Gradient: 0.
        Rint rint Number |x| x.rounded_even(), |x, y, g| flat;
        /// Integer part, towards 0. Gradient: 0.
        Trunc trunc Number |x| x.truncated(), |x, y, g| flat;
        /// Square root. Gradient: `g / (2 y)`, infinite at 0.
        Sqrt sqrt Float |x| x.square_root(), |x, y, g| (g.gate(y.reciprocal() * 0.5));
        /// Reciprocal square root, `1 / sqrt(x)`. Gradient: `-g * y / (2 x)`.
        Rsqrt rsqrt Float |x| x.square_root().inverse(), |x, y, g| (g.gate(y * x.reciprocal() * -0.5));
        /// `x / (1 + abs(x))`. Gradient: `g / (1 + abs(x))**2`.
        Softsign softsign Float |x| x.over(x.absolute().plus(T::ONE)), |x, y, g|
            (g.gate((x.abs() + 1.0).reciprocal().square()));
        /// Reciprocal, `1 / x`. Gradient: `-g * y * y`.
        Reciprocal reciprocal Float |x| x.inverse(), |x, y, g| (g.gate(-y.square()));
        /// Cube root. Gradient: `g / (3 y*y)`, infinite at 0.
        Cbrt cbrt Special |x| special::cbrt(x), |x, y, g| (g.gate(y.square().reciprocal() * (1.0 / 3.0)));
        }
    };
}
pub(crate) use algebra;
