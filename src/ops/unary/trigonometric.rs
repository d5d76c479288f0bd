//! Trigonometric functions and their inverses.

macro_rules! trigonometric {
    ($next:ident $($more:ident)*; $($rows:tt)*) => {
        $crate::ops::unary::$next! { $($more)*; $($rows)*
        /// Sine of radians. Gradient: `g * cos(x)`.
        Sin sin Angle |x| x.sin::<M>(), |x, y, g| (g.gate(x.cos()));
        /// Cosine of radians. Gradient: `-g * sin(x)`.
        Cos cos Angle |x| x.cos::<M>(), |x, y, g| (g.gate(-x.sin()));
        /// Tangent of radians. Gradient: `g * (1 + y*y)`.
        Tan tan Angle |x| x.tan::<M>(), |x, y, g| (g.gate(y.square() + 1.0));
        /// Inverse sine, in radians. Gradient: `g / sqrt((1 - x)(1 + x))`.
        Asin asin Float |x| x.asin::<M>(), |x, y, g| (g.gate(((1.0 - x) * (x + 1.0)).rsqrt()));
        /// Inverse cosine, in radians. Gradient: `-g / sqrt((1 - x)(1 + x))`.
        Acos acos Float |x| x.acos::<M>(), |x, y, g| (g.gate(-((1.0 - x) * (x + 1.0)).rsqrt()));
        /// Inverse tangent, in radians. Gradient: `g / (1 + x*x)`.
        Atan atan Float |x| x.atan::<M>(), |x, y, g| (g.gate((x.square() + 1.0).reciprocal()));
        }
    };
}
pub(crate) use trigonometric;
