//! Elementwise operations of one input: the table, in rooms by theme, and how rows are recorded.
//!
//! A row is: documentation, variant and public name, class, value rule, derivative rule. The value rule is written for any
//! element type of the class and any [`Fma`](crate::math::Fma) `M`, or, in class `Special`, for a float64. The derivative
//! rule is written with expressions of the record, from the input `x`, the output `y` and the cotangent `g`, or is `flat`
//! where the derivative is zero wherever it exists. `g.gate(d)` is the chain rule's product, which leaves a cotangent of
//! exactly 0 alone whatever `d` is.

mod algebra;
mod exponential;
mod predicates;
mod special;
mod trigonometric;

use crate::dtype::{DType, Scalar};
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
    /// As `Float`; computed number by number in float64, for functions too long for vector code.
    Special,
    /// Integers and floats, kept as they are.
    Number,
    /// Integers and bool, kept as they are.
    Bits,
    /// Anything, to bool.
    Predicate,
}

/// Hands the rows to a macro. Each room of rows adds its own to those before it, and passes them on to the next.
macro_rules! unary_rows {
    ($with:ident) => {
        $crate::ops::unary::algebra! { exponential trigonometric special predicates deliver $with; }
    };
}
pub(crate) use unary_rows;

/// The end of the way.
macro_rules! deliver {
    ($with:ident; $($rows:tt)*) => {
        $with! { $($rows)* }
    };
}
pub(crate) use {algebra::algebra, deliver, exponential::exponential, predicates::predicates};
pub(crate) use {special::special, trigonometric::trigonometric};

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

/// 1 / sqrt(2 pi)
const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// The same order everywhere, of a function of order and `x`.
fn order(n: u8, x: Expr<'_>) -> Expr<'_> {
    x.full_like(Scalar::Float(n.into()))
}

/// `y / x` of a function that is `x / 2` near 0.
fn slope_of_odd<'r>(x: Expr<'r>, y: Expr<'r>) -> Expr<'r> {
    x.eq_scalar(0.0).select(x.full_like(Scalar::Float(0.5)), y / x)
}

impl<'r> Expr<'r> {
    /// Records a row of this family.
    pub fn unary(self, op: UnaryOp) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        let (x, out) = match op.class() {
            Class::Float | Class::Angle | Class::Special => (self.cast(dtype.to_float()), dtype.to_float()),
            Class::Predicate => (self, DType::Bool),
            Class::Number if dtype == DType::Bool => {
                let expected = "a number; convert with astype";
                return self.fail(Error::DType { op: op.name(), got: dtype, expected });
            }
            Class::Bits if dtype.is_float() => {
                let expected = "integers or bool; convert with astype";
                return self.fail(Error::DType { op: op.name(), got: dtype, expected });
            }
            Class::Number | Class::Bits => (self, dtype),
        };
        x.push(Op::Unary(op), &[x], shape, out)
    }
}
