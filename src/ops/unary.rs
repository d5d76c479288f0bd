//! Elementwise operations of one input: the table, and how rows are recorded.
//!
//! A row is: documentation, variant and public name, class, value rule, derivative rule. The value rule is written for any
//! element type of the class and any [`Fma`](crate::math::Fma) `M`; the derivative rule with expressions of the record,
//! from the input `x`, the output `y` and the cotangent `g`, or `flat` where the derivative is zero wherever it exists.
//! `g.gate(d)` is the chain rule's product, which leaves a cotangent of exactly 0 alone whatever `d` is.

use crate::dtype::DType;
use crate::error::Error;
use crate::ops::Op;
use crate::record::Expr;

/// Which inputs a row takes, and what it makes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Floats; integers and bool become float32 first.
    Float,
    /// As `Float`; periodic, with a vector form for moderate arguments and the standard library's for huge ones.
    Angle,
    /// Integers and floats, kept as they are.
    Number,
    /// Anything, to bool.
    Predicate,
}

/// Hands the rows to a macro.
macro_rules! unary_rows {
    ($with:ident) => {
        $with! {
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
            Round round Number |x| x.rounded_even(), |x, y, g| flat;
            /// Integer part, towards 0. Gradient: 0.
            Trunc trunc Number |x| x.truncated(), |x, y, g| flat;
            /// Square root. Gradient: `g / (2 y)`, infinite at 0.
            Sqrt sqrt Float |x| x.square_root(), |x, y, g| (g.gate(y.reciprocal() * 0.5));
            /// Reciprocal square root, `1 / sqrt(x)`. Gradient: `-g * y / (2 x)`.
            Rsqrt rsqrt Float |x| x.square_root().inverse(), |x, y, g| (g.gate(y * x.reciprocal() * -0.5));
            /// Reciprocal, `1 / x`. Gradient: `-g * y * y`.
            Reciprocal reciprocal Float |x| x.inverse(), |x, y, g| (g.gate(-y.square()));
            /// Exponential, `e**x`. Gradient: `g * y`.
            Exp exp Float |x| x.exp::<M>(), |x, y, g| (g.gate(y));
            /// Power of two, `2**x`. Gradient: `g * y * log 2`.
            Exp2 exp2 Float |x| x.exp2::<M>(), |x, y, g| (g.gate(y * std::f64::consts::LN_2));
            /// `e**x - 1`, accurate near 0. Gradient: `g * (y + 1)`.
            Expm1 expm1 Float |x| x.expm1::<M>(), |x, y, g| (g.gate(x.exp()));
            /// Natural logarithm. Gradient: `g / x`.
            Log log Float |x| x.log::<M>(), |x, y, g| (g.gate(x.reciprocal()));
            /// Logarithm to base 2. Gradient: `g / (x log 2)`.
            Log2 log2 Float |x| x.log2::<M>(), |x, y, g| (g.gate(x.reciprocal() * std::f64::consts::LOG2_E));
            /// Logarithm to base 10. Gradient: `g / (x log 10)`.
            Log10 log10 Float |x| x.log10::<M>(), |x, y, g| (g.gate(x.reciprocal() * std::f64::consts::LOG10_E));
            /// `log(1 + x)`, accurate near 0. Gradient: `g / (1 + x)`.
            Log1p log1p Float |x| x.log1p::<M>(), |x, y, g| (g.gate((x + 1.0).reciprocal()));
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
            /// Hyperbolic sine. Gradient: `g * cosh(x)`.
            Sinh sinh Float |x| x.sinh::<M>(), |x, y, g| (g.gate(x.cosh()));
            /// Hyperbolic cosine. Gradient: `g * sinh(x)`.
            Cosh cosh Float |x| x.cosh::<M>(), |x, y, g| (g.gate(x.sinh()));
            /// Hyperbolic tangent. Gradient: `g * (1 - y*y)`.
            Tanh tanh Float |x| x.tanh::<M>(), |x, y, g| (g.gate(1.0 - y.square()));
            /// Inverse hyperbolic sine. Gradient: `g / sqrt(x*x + 1)`.
            Asinh asinh Float |x| x.asinh::<M>(), |x, y, g| (g.gate((x.square() + 1.0).rsqrt()));
            /// Inverse hyperbolic cosine. Gradient: `g / sqrt((x - 1)(x + 1))`.
            Acosh acosh Float |x| x.acosh::<M>(), |x, y, g| (g.gate(((x - 1.0) * (x + 1.0)).rsqrt()));
            /// Inverse hyperbolic tangent. Gradient: `g / ((1 - x)(1 + x))`.
            Atanh atanh Float |x| x.atanh::<M>(), |x, y, g| (g.gate(((1.0 - x) * (x + 1.0)).reciprocal()));
            /// Logistic function, `1 / (1 + e**-x)`. Gradient: `g * y (1 - y)`, with `1 - y` as `sigmoid(-x)`.
            Sigmoid sigmoid Float |x| x.sigmoid::<M>(), |x, y, g| (g.gate(y * (-x).sigmoid()));
            /// `log(1 + e**x)`, without overflow. Gradient: `g * sigmoid(x)`.
            Softplus softplus Float |x| x.softplus::<M>(), |x, y, g| (g.gate(x.sigmoid()));
            /// Error function, `2/sqrt(pi)` times the integral of `e**(-t*t)` from 0 to x. Gradient: `g * 2/sqrt(pi) e**(-x*x)`.
            Erf erf Float |x| x.erf::<M>(), |x, y, g| (g.gate((-x.square()).exp() * std::f64::consts::FRAC_2_SQRT_PI));
            /// Complementary error function, `1 - erf(x)`, accurate for large x. Gradient: `-g * 2/sqrt(pi) e**(-x*x)`.
            Erfc erfc Float |x| x.erfc::<M>(), |x, y, g| (g.gate((-x.square()).exp() * -std::f64::consts::FRAC_2_SQRT_PI));
            /// True where `x` is not a number.
            Isnan isnan Predicate |x| x.is_not_a_number(), |x, y, g| flat;
            /// True where `x` is an infinity.
            Isinf isinf Predicate |x| x.is_an_infinity(), |x, y, g| flat;
            /// True where `x` is neither an infinity nor NaN.
            Isfinite isfinite Predicate |x| x.is_a_number(), |x, y, g| flat;
            /// True where `x` is zero or false.
            LogicalNot logical_not Predicate |x| !x.is_true(), |x, y, g| flat;
        }
    };
}
pub(crate) use unary_rows;

macro_rules! rule {
    (flat) => {
        None
    };
    (($rule:expr)) => {
        Some($rule)
    };
}

macro_rules! is_flat {
    (flat) => {
        true
    };
    (($rule:expr)) => {
        false
    };
}

macro_rules! unary_ops {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$v:ident| $value:expr,
       |$x:ident, $y:ident, $g:ident| $rule:tt;)*) => {
        /// Elementwise operations of one input.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum UnaryOp { $($(#[doc = $doc])+ $Variant),* }

        impl UnaryOp {
            /// Every row.
            pub const ALL: &[UnaryOp] = &[$(UnaryOp::$Variant),*];

            /// The public name.
            pub fn name(self) -> &'static str {
                match self { $(UnaryOp::$Variant => stringify!($name)),* }
            }

            /// What the row takes.
            pub fn class(self) -> Class {
                match self { $(UnaryOp::$Variant => Class::$class),* }
            }

            /// True when the derivative is zero wherever it exists.
            pub fn is_flat(self) -> bool {
                match self { $(UnaryOp::$Variant => is_flat!($rule)),* }
            }

            /// The cotangent of the input.
            #[allow(unused_variables, reason = "a rule reads what it needs")]
            pub fn derivative<'r>(self, x: Expr<'r>, y: Expr<'r>, g: Expr<'r>) -> Option<Expr<'r>> {
                match self {
                    $(UnaryOp::$Variant => {
                        let ($x, $y, $g) = (x, y, g);
                        rule!($rule)
                    })*
                }
            }
        }

        #[allow(clippy::should_implement_trait, reason = "the operators are there, too")]
        impl<'r> Expr<'r> {
            $($(#[doc = $doc])+ pub fn $name(self) -> Expr<'r> { self.unary(UnaryOp::$Variant) })*
        }
    };
}
unary_rows!(unary_ops);

impl<'r> Expr<'r> {
    /// Records a row of this family.
    pub fn unary(self, op: UnaryOp) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        let (x, out) = match op.class() {
            Class::Float | Class::Angle => (self.cast(dtype.to_float()), dtype.to_float()),
            Class::Predicate => (self, DType::Bool),
            Class::Number if dtype == DType::Bool => {
                let expected = "a number; convert with astype";
                return self.fail(Error::DType { op: op.name(), got: dtype, expected });
            }
            Class::Number => (self, dtype),
        };
        x.push(Op::Unary(op), &[x], shape, out)
    }
}
