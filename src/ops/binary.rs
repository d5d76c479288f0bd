//! Elementwise operations of two inputs: the table, promotion and broadcasting.
//!
//! A row is: documentation, variant and public name, class, value rule, and the derivative by each input (`flat` where it
//! is zero). A recorded node always has inputs of one shape and one dtype: what promotion and broadcasting ask for is
//! recorded before it as casts and expansions, whose own rules undo them.

use smallvec::smallvec;

use crate::dtype::{DType, Scalar};
use crate::error::Error;
use crate::ops::{Cotangents, Op};
use crate::origin::Place;
use crate::record::Expr;

/// Which inputs a row takes, and what it makes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Floats; integers and bool become float32 first.
    Float,
    /// Integers and floats, to the promoted dtype.
    Number,
    /// Anything, to bool.
    Compare,
    /// Truth values, to bool; numbers are true where they are not zero.
    Logical,
}

/// Hands the rows to a macro.
macro_rules! binary_rows {
    ($with:ident) => {
        $with! {
            /// Sum, `a + b`. Gradient: `g` to both.
            Add add Number |a, b| a.plus(b), |a, b, y, g| (g), (g);
            /// Difference, `a - b`. Gradient: `g` and `-g`.
            Sub subtract Number |a, b| a.minus(b), |a, b, y, g| (g), (-g);
            /// Product, `a * b`. Gradient: `g * b` and `g * a`.
            Mul multiply Number |a, b| a.times(b), |a, b, y, g| (g.gate(b)), (g.gate(a));
            /// Chain-rule product: 0 where the first input is 0, whatever the second is, else `a * b`.
            Gate gate Number |a, b| a.gated(b), |a, b, y, g| (g.gate(b)), (g.gate(a));
            /// Quotient, `a / b`. Gradient: `g / b` and `-g * y / b`.
            Div divide Float |a, b| a.over(b), |a, b, y, g| (g.gate(b.reciprocal())), (g.gate(-(y * b.reciprocal())));
            /// Floor of the quotient. Gradient: 0.
            FloorDiv floor_divide Number |a, b| a.floor_over(b), |a, b, y, g| flat, flat;
            /// Remainder with the sign of the divisor, `a - b * floor(a / b)`. Gradient: `g` and `-g * floor(a / b)`.
            Remainder remainder Number |a, b| a.modulo(b), |a, b, y, g| (g), (g.gate(-a.floor_divide(b)));
            /// Power, `a ** b`. Gradient: `g * b * a**(b-1)` and `g * y * log a`, 0 where a is 0 and b is not negative.
            Pow power Number |a, b| a.power::<M>(b), |a, b, y, g|
                (g.gate(b.gate(a.power(b - 1.0)))),
                (g.gate(a.eq_scalar(0.0).logical_and(b.ge_scalar(0.0)).select(y.zeros_like(), y.gate(a.log()))));
            /// The larger, NaN if either is. Gradient: `g` to the larger, half to each where they are equal.
            Maximum maximum Number |a, b| a.larger(b), |a, b, y, g| (g.gate(share(a, b))), (g.gate(share(b, a)));
            /// The smaller, NaN if either is. Gradient: `g` to the smaller, half to each where they are equal.
            Minimum minimum Number |a, b| a.smaller(b), |a, b, y, g| (g.gate(share(b, a))), (g.gate(share(a, b)));
            /// Angle in radians of the point (b, a), `atan2(y, x)`. Gradient: `g * b / r2` and `-g * a / r2`, 0 at the origin.
            Atan2 atan2 Float |a, b| a.atan2::<M>(b), |a, b, y, g|
                (g.gate(b.gate((a.square() + b.square()).reciprocal()))),
                (g.gate((-a).gate((a.square() + b.square()).reciprocal())));
            /// True where the inputs are equal.
            Equal equal Compare |a, b| a == b, |a, b, y, g| flat, flat;
            /// True where the inputs differ, so also where either is NaN.
            NotEqual not_equal Compare |a, b| a != b, |a, b, y, g| flat, flat;
            /// True where `a < b`.
            Less less Compare |a, b| a < b, |a, b, y, g| flat, flat;
            /// True where `a <= b`.
            LessEqual less_equal Compare |a, b| a <= b, |a, b, y, g| flat, flat;
            /// True where `a > b`.
            Greater greater Compare |a, b| a > b, |a, b, y, g| flat, flat;
            /// True where `a >= b`.
            GreaterEqual greater_equal Compare |a, b| a >= b, |a, b, y, g| flat, flat;
            /// True where both are.
            LogicalAnd logical_and Logical |a, b| a & b, |a, b, y, g| flat, flat;
            /// True where one is.
            LogicalOr logical_or Logical |a, b| a | b, |a, b, y, g| flat, flat;
            /// True where exactly one is.
            LogicalXor logical_xor Logical |a, b| a ^ b, |a, b, y, g| flat, flat;
        }
    };
}
pub(crate) use binary_rows;

/// The share of the first input in a maximum: 1, 1/2 where equal, 0.
fn share<'r>(a: Expr<'r>, b: Expr<'r>) -> Expr<'r> {
    let dtype = a.dtype();
    (a.greater_equal(b).cast(dtype) + a.greater(b).cast(dtype)) * 0.5
}

macro_rules! part {
    (flat; $wanted:expr) => {
        None
    };
    (($rule:expr); $wanted:expr) => {
        if $wanted { Some($rule) } else { None }
    };
}

macro_rules! binary_ops {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$p:ident, $q:ident| $value:expr,
       |$a:ident, $b:ident, $y:ident, $g:ident| $da:tt, $db:tt;)*) => {
        /// Elementwise operations of two inputs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum BinaryOp { $($(#[doc = $doc])+ $Variant),* }

        impl BinaryOp {
            /// Every row.
            pub const ALL: &[BinaryOp] = &[$(BinaryOp::$Variant),*];

            /// The public name.
            pub fn name(self) -> &'static str {
                match self { $(BinaryOp::$Variant => stringify!($name)),* }
            }

            /// What the row takes.
            pub fn class(self) -> Class {
                match self { $(BinaryOp::$Variant => Class::$class),* }
            }

            /// The cotangents of both inputs.
            #[allow(unused_variables, reason = "a rule reads what it needs")]
            pub fn derivative<'r>(
                self, a: Expr<'r>, b: Expr<'r>, y: Expr<'r>, g: Expr<'r>, wanted: &[bool],
            ) -> Cotangents<'r> {
                match self {
                    $(BinaryOp::$Variant => {
                        let ($a, $b, $y, $g) = (a, b, y, g);
                        smallvec![part!($da; wanted[0]), part!($db; wanted[1])]
                    })*
                }
            }
        }

        #[allow(clippy::should_implement_trait, reason = "the operators are there, too")]
        impl<'r> Expr<'r> {
            $($(#[doc = $doc])+ pub fn $name(self, other: Expr<'r>) -> Expr<'r> {
                self.binary(BinaryOp::$Variant, other)
            })*
        }
    };
}
binary_rows!(binary_ops);

impl BinaryOp {
    /// The dtype the inputs are cast to, or why there is none, and the output's dtype.
    fn dtypes(self, met: DType) -> Result<(DType, DType), Error> {
        let refused = |expected| Err(Error::DType { op: self.name(), got: met, expected });
        match self.class() {
            Class::Number if met == DType::Bool => refused("a number; convert with astype"),
            Class::Number => Ok((met, met)),
            Class::Float => Ok((met.to_float(), met.to_float())),
            Class::Compare => Ok((met, DType::Bool)),
            Class::Logical => Ok((DType::Bool, DType::Bool)),
        }
    }
}

impl<'r> Expr<'r> {
    /// Records a row of this family, after promotion and broadcasting.
    pub fn binary(self, op: BinaryOp, other: Expr<'r>) -> Expr<'r> {
        // The usual case: nothing to promote, nothing to broadcast.
        if let Some((shape, dtype)) = self.alike(other)
            && let Ok((inner, out)) = op.dtypes(dtype)
            && inner == dtype
        {
            return self.push(Op::Binary(op), &[self, other], shape, out);
        }
        let (left, right) = (self.shape(), other.shape());
        let dtypes = op.dtypes(self.dtype().promote(other.dtype()));
        self.attempt(|| {
            let (inner, out) = dtypes?;
            let (a, b) = (self.cast(inner), other.cast(inner));
            if left == right {
                return Ok(a.push(Op::Binary(op), &[a, b], left, out));
            }
            let shape = left.broadcast(&right, op.name())?;
            let (a, b) = (a.expand(&shape), b.expand(&shape));
            Ok(a.push(Op::Binary(op), &[a, b], shape, out))
        })
    }

    /// Records a row with a scalar on the right, or on the left when `swapped`; the scalar takes the tensor's dtype.
    pub fn binary_scalar(self, op: BinaryOp, scalar: Scalar, swapped: bool) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        self.attempt(|| {
            let scalar =
                if op.class() == Class::Compare && dtype.is_integer() { scalar.beyond_integers() } else { scalar };
            let met = scalar.meets(dtype);
            // Comparisons are exact, also with numbers that the dtype does not have.
            let met = if op.class() == Class::Compare && !scalar.fits(met) { DType::I64 } else { met };
            let (inner, out) = op.dtypes(met)?;
            let x = self.cast(inner);
            let s = x.recorder().full(shape.clone(), inner, scalar);
            let inputs = if swapped { [s, x] } else { [x, s] };
            Ok(x.push(Op::Binary(op), &inputs, shape, out))
        })
    }

    /// Integer powers that are cheaper, and more accurate, as products.
    pub fn power_scalar(self, exponent: Scalar) -> Expr<'r> {
        let dtype = self.dtype();
        match exponent {
            Scalar::Int(n) if n < 0 && dtype.is_integer() => {
                self.fail(Error::NegativeExponent { op: "power", origin: Place::default() })
            }
            Scalar::Int(1) if dtype != DType::Bool => self.push_alias(),
            Scalar::Int(2) => self.square(),
            Scalar::Int(3) => self.square() * self,
            Scalar::Int(-1) => self.reciprocal(),
            _ => self.binary_scalar(BinaryOp::Pow, exponent, false),
        }
    }

    /// `self > scalar`.
    pub fn gt_scalar(self, scalar: f64) -> Expr<'r> {
        self.binary_scalar(BinaryOp::Greater, Scalar::Float(scalar), false)
    }

    /// `self >= scalar`.
    pub fn ge_scalar(self, scalar: f64) -> Expr<'r> {
        self.binary_scalar(BinaryOp::GreaterEqual, Scalar::Float(scalar), false)
    }

    /// `self == scalar`.
    pub fn eq_scalar(self, scalar: f64) -> Expr<'r> {
        self.binary_scalar(BinaryOp::Equal, Scalar::Float(scalar), false)
    }
}

macro_rules! operators {
    ($($Trait:ident $method:ident $Op:ident),*) => {$(
        impl<'r> std::ops::$Trait for Expr<'r> {
            type Output = Expr<'r>;
            fn $method(self, other: Expr<'r>) -> Expr<'r> { self.binary(BinaryOp::$Op, other) }
        }
        impl<'r> std::ops::$Trait<f64> for Expr<'r> {
            type Output = Expr<'r>;
            fn $method(self, other: f64) -> Expr<'r> { self.binary_scalar(BinaryOp::$Op, Scalar::Float(other), false) }
        }
        impl<'r> std::ops::$Trait<Expr<'r>> for f64 {
            type Output = Expr<'r>;
            fn $method(self, other: Expr<'r>) -> Expr<'r> { other.binary_scalar(BinaryOp::$Op, Scalar::Float(self), true) }
        }
    )*};
}
operators!(Add add Add, Sub sub Sub, Mul mul Mul, Div div Div);

impl<'r> std::ops::Neg for Expr<'r> {
    type Output = Expr<'r>;
    fn neg(self) -> Expr<'r> {
        self.unary(crate::ops::UnaryOp::Neg)
    }
}
