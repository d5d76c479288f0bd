//! Elementwise operations of two inputs: the table, promotion and broadcasting.
//!
//! A row is: documentation, variant and public name, class, value rule, and the derivative by each input (`flat` where it
//! is zero). A recorded node always has inputs of one shape and one dtype: what promotion and broadcasting ask for is
//! recorded before it as casts and expansions, whose own rules undo them.

use smallvec::smallvec;

use crate::dtype::{DType, Scalar};
use crate::error::Error;
use crate::ops::ternary::unknown;
use crate::ops::{Cotangents, Op};
use crate::origin::Place;
use crate::record::Expr;

/// Which inputs a row takes, and what it makes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Floats; integers and bool become float32 first.
    Float,
    /// As `Float`; computed number by number in float64, for functions too long for vector code.
    Special,
    /// Integers and floats, to the promoted dtype.
    Number,
    /// Integers and bool, to the promoted dtype.
    Bits,
    /// Integers, to the promoted dtype.
    Shift,
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
            /// Chain-rule product: 0 where the first input is 0, whatever the second is, else `a * b`. Gradient: `g *
            /// b` and `g * a`, themselves gated.
            Gate gate Number |a, b| a.gated(b), |a, b, y, g| (g.gate(b)), (g.gate(a));
            /// Difference, `a - b`, and 0 of one infinity twice. Gradient: `g` and `-g`.
            Excess excess Float |a, b| compound::excess(a, b), |a, b, y, g| (g), (-g);
            /// Quotient, `a / b`. Gradient: `g / b` and `-g * y / b`.
            Div divide Float |a, b| a.over(b), |a, b, y, g| (g.gate(b.reciprocal())), (g.gate(-y.gate_divide(b)));
            /// Chain-rule quotient: 0 where the first input is 0, whatever the second is, else `a / b`, also where `1 / b`
            /// overflows. Gradient: `g / b` and `-g * y / b`, themselves gated.
            GateDivide gate_divide Float |a, b| compound::gated_over(a, b), |a, b, y, g|
                (g.gate_divide(b)), (g.gate(-y.gate_divide(b)));
            /// Floor of the quotient. Gradient: 0.
            FloorDiv floor_divide Number |a, b| a.floor_over(b), |a, b, y, g| flat, flat;
            /// Remainder with the sign of the divisor, `a - b * floor(a / b)`. Gradient: `g` and `-g * floor(a / b)`.
            Remainder remainder Number |a, b| a.modulo(b), |a, b, y, g| (g), (g.gate(-a.floor_divide(b)));
            /// Remainder with the sign of the dividend, `a - b * trunc(a / b)`. Gradient: `g` and `-g * trunc(a / b)`.
            Fmod fmod Number |a, b| a.rest(b), |a, b, y, g| (g), (g.gate(-(a / b).trunc().cast(y.dtype())));
            /// Power, `a ** b`. Gradient: `g * b * a**(b-1)` and `g * y * log a`, 0 where a is 0 and b is not negative.
            Pow power Number |a, b| a.power::<M>(b), |a, b, y, g|
                (g.gate(b.gate(a.power(b - 1.0)))),
                (g.gate(a.eq_scalar(0.0).logical_and(b.ge_scalar(0.0)).select(y.zeros_like(), y.gate(a.log()))));
            /// The larger, NaN if either is. Gradient: `g` to the larger, half to each where they are equal.
            Maximum maximum Number |a, b| a.larger(b), |a, b, y, g| (g.gate(share(a, b))), (g.gate(share(b, a)));
            /// The smaller, NaN if either is. Gradient: `g` to the smaller, half to each where they are equal.
            Minimum minimum Number |a, b| a.smaller(b), |a, b, y, g| (g.gate(share(b, a))), (g.gate(share(a, b)));
            /// The larger, of a number and NaN the number. Gradient: `g` to it, half to each where they are equal.
            Fmax fmax Number |a, b| a.larger_number(b), |a, b, y, g|
                (g.gate(share_of_numbers(a, b, share(a, b)))), (g.gate(share_of_numbers(b, a, share(b, a))));
            /// The smaller, of a number and NaN the number. Gradient: `g` to it, half to each where they are equal.
            Fmin fmin Number |a, b| a.smaller_number(b), |a, b, y, g|
                (g.gate(share_of_numbers(a, b, share(b, a)))), (g.gate(share_of_numbers(b, a, share(a, b))));
            /// The size of `a` with the sign of `b`. Gradient: `g * sign(a) sign(y)`, 0 where a is 0; 0 to b.
            Copysign copysign Float |a, b| a.with_sign_of(b), |a, b, y, g| (g.gate(a.sign() * y.sign())), flat;
            /// Length of the vector (a, b), without overflow. Gradient: `g * a / y` and `g * b / y`, 0 at the origin.
            Hypot hypot Special |a, b| special::hypot(a, b), |a, b, y, g|
                (g.gate(a.gate_divide(y))), (g.gate(b.gate_divide(y)));
            /// `log(e**a + e**b)`, without overflow. Gradient: `g * sigmoid(a - b)` and `g * sigmoid(b - a)`.
            Logaddexp logaddexp Float |a, b| compound::logaddexp::<M, _>(a, b), |a, b, y, g|
                (g.gate(a.excess(b).sigmoid())), (g.gate(b.excess(a).sigmoid()));
            /// `log2(2**a + 2**b)`, without overflow. Gradient: `g * sigmoid((a - b) log 2)` and `g * sigmoid((b - a) log 2)`.
            Logaddexp2 logaddexp2 Float |a, b| compound::logaddexp2::<M, _>(a, b), |a, b, y, g|
                (g.gate((a.excess(b) * std::f64::consts::LN_2).sigmoid())),
                (g.gate((b.excess(a) * std::f64::consts::LN_2).sigmoid()));
            /// `a * log(b)`, 0 where a is 0. Gradient: `g * log(b)`, 0 where a is 0 and b not positive; and `g * a / b`.
            Xlogy xlogy Float |a, b| compound::absorbed(a, b, b.log::<M>()), |a, b, y, g|
                (g.gate(a.eq_scalar(0.0).logical_and(b.le_scalar(0.0)).select(y.zeros_like(), b.log()))),
                (g.gate(a.gate_divide(b)));
            /// `a * log(1 + b)`, 0 where a is 0. Gradient: `g * log1p(b)`, 0 where a is 0 and b not above -1; and
            /// `g * a / (1 + b)`.
            Xlog1py xlog1py Float |a, b| compound::absorbed(a, b, b.log1p::<M>()), |a, b, y, g|
                (g.gate(a.eq_scalar(0.0).logical_and(b.le_scalar(-1.0)).select(y.zeros_like(), b.log1p()))),
                (g.gate(a.gate((b + 1.0).reciprocal())));
            /// Logarithm of the absolute value of the beta function, `lgamma(a) + lgamma(b) - lgamma(a + b)`.
            /// Gradient: `g * (digamma(a) - digamma(a + b))` and `g * (digamma(b) - digamma(a + b))`.
            Betaln betaln Special |a, b| special::betaln(a, b), |a, b, y, g|
                (g.gate(a.zeros_like().digamma_gap(a, b))), (g.gate(b.zeros_like().digamma_gap(b, a)));
            /// Hurwitz's zeta function, the sum of `(k + b)**-a` over k from 0 on; NaN for a below 1, infinite at the poles.
            /// Gradient: to b `-g * a zeta(a + 1, b)`; to a NaN, for there is no rule.
            Zeta zeta Special |a, b| special::zeta(a, b), |a, b, y, g|
                (unknown(g)), (g.gate(-(a * (a + 1.0).zeta(b))));
            /// Scaled repeated integral of `erfc`: the `a`-th, times `e**(b*b)`, which is `erfcx(b)` for 0. Gradient: to a
            /// NaN, for there is no rule; to b `-2 g (a + 1) ierfcx(a + 1, b)`.
            Ierfcx ierfcx Special |a, b| special::ierfcx(a, b), |a, b, y, g|
                (unknown(g)), (g.gate((a + 1.0) * (a + 1.0).ierfcx(b) * -2.0));
            /// Exponential integral of order `a`, of `e**(-b t) / t**a` from 1 on; NaN for an order that is no whole number.
            /// Gradient: to a NaN, for there is no rule; to b `-g * expn(a - 1, b)`.
            Expn expn Special |a, b| special::expn(a, b), |a, b, y, g|
                (unknown(g)),
                (g.gate(a.gt_scalar(0.0).select(-(a - 1.0).maximum(a.zeros_like()).expn(b), -y * (1.0 + b.reciprocal()))));
            /// The `a`-th derivative of `digamma`: `(-1)**(a + 1) a! zeta(a + 1, b)` for a whole `a` from 1 on, else NaN.
            /// Gradient: to a NaN, for there is no rule; to b `g * digamma_dx(a + 1, b)`.
            DigammaDx digamma_dx Special |a, b| special::digamma_dx(a, b), |a, b, y, g|
                (unknown(g)), (g.gate((a + 1.0).digamma_dx(b)));
            /// The `a`-th derivative of `log_ndtr` for a whole `a` from 1 to 20, else NaN; the first is
            /// `sqrt(2/pi) / erfcx(-b / sqrt(2))`. Gradient: to a NaN, for there is no rule; to b
            /// `g * log_ndtr_dx(a + 1, b)`.
            LogNdtrDx log_ndtr_dx Special |a, b| special::log_ndtr_dx(a, b), |a, b, y, g|
                (unknown(g)), (g.gate((a + 1.0).log_ndtr_dx(b)));
            /// Modified Bessel function of a whole order `a` from 0 to 10,000, else NaN. Gradient: to a NaN, for there is no
            /// rule; to b `g * (iv(abs(a - 1), b) + iv(a + 1, b)) / 2`.
            Iv iv Special |a, b| special::iv(a, b), |a, b, y, g|
                (unknown(g)), (g.gate((a - 1.0).abs().iv(b) * 0.5 + (a + 1.0).iv(b) * 0.5));
            /// The `a`-th derivative of `i0e`, at `abs(b)`, for a whole `a` from 0 to 100, else NaN. Gradient: to a NaN, for
            /// there is no rule; to b `g * sign(b) i0e_dx(a + 1, b)`.
            I0eDx i0e_dx Special |a, b| special::i0e_dx(a, b), |a, b, y, g|
                (unknown(g)), (g.gate(b.sign() * (a + 1.0).i0e_dx(b)));
            /// Incomplete gamma function, regularised: the share of the gamma distribution of shape `a` below `b`.
            /// Gradient: `g * gammainc_da(a, b)` and `g * gammainc_dx(a, b)`.
            Gammainc gammainc Special |a, b| special::gammainc(a, b), |a, b, y, g|
                (g.gate(a.gammainc_da(b))), (g.gate(a.gammainc_dx(b)));
            /// Complementary incomplete gamma function, `1 - gammainc(a, b)`, exact where it is small.
            /// Gradient: `-g * gammainc_da(a, b)` and `-g * gammainc_dx(a, b)`.
            Gammaincc gammaincc Special |a, b| special::gammaincc(a, b), |a, b, y, g|
                (g.gate(-a.gammainc_da(b))), (g.gate(-a.gammainc_dx(b)));
            /// Inverse of `gammainc` by its second argument. Gradient: with D the density `gammainc_dx(a, y)`,
            /// `-g * gammainc_da(a, y) / D` and `g / D`.
            Gammaincinv gammaincinv Special |a, b| special::gammaincinv(a, b), |a, b, y, g|
                (g.gate(-a.gammainc_da(y).gate(a.gammainc_dx(y).reciprocal()))), (g.gate(a.gammainc_dx(y).reciprocal()));
            /// Inverse of `gammaincc` by its second argument. Gradient: with D the density `gammainc_dx(a, y)`,
            /// `-g * gammainc_da(a, y) / D` and `-g / D`.
            Gammainccinv gammainccinv Special |a, b| special::gammainccinv(a, b), |a, b, y, g|
                (g.gate(-a.gammainc_da(y).gate(a.gammainc_dx(y).reciprocal()))), (g.gate(-a.gammainc_dx(y).reciprocal()));
            /// The least count whose share, with those below it, of Poisson's distribution of rate `a` reaches `b`. Gradient: 0.
            Poissoninv poissoninv Special |a, b| special::poissoninv(a, b), |a, b, y, g| flat, flat;
            /// Density of the gamma distribution of shape `a`: the derivative of `gammainc(a, b)` by b.
            /// Gradient: `g * y (log(b) - digamma(a))` and `g * y ((a - 1) / b - 1)`.
            GammaincDx gammainc_dx Special |a, b| special::gammainc_dx(a, b), |a, b, y, g|
                (g.gate(y * (b.log() - a.digamma()))), (g.gate(y * ((a - 1.0) / b - 1.0)));
            /// The derivative of `gammainc(a, b)` by a. Gradient: `g * gammainc_daa(a, b)` and, with D the density,
            /// `g * D (log(b) - digamma(a))`.
            GammaincDa gammainc_da Special |a, b| special::gammainc_da(a, b), |a, b, y, g|
                (g.gate(a.gammainc_daa(b))), (g.gate(a.gammainc_dx(b) * (b.log() - a.digamma())));
            /// The second derivative of `gammainc(a, b)` by a. Gradient: to a NaN, for there is no rule; to b, with D the
            /// density, `g * D ((log(b) - digamma(a))**2 - polygamma(1, a))`.
            GammaincDaa gammainc_daa Special |a, b| special::gammainc_daa(a, b), |a, b, y, g|
                (unknown(g)),
                (g.gate(a.gammainc_dx(b) * ((b.log() - a.digamma()).square() - a.polygamma(1))));
            /// Angle in radians of the point (b, a), `atan2(y, x)`. Gradient: `g * b / r2` and `-g * a / r2`, 0 at the origin.
            Atan2 atan2 Float |a, b| a.atan2::<M>(b), |a, b, y, g|
                (g.gate(over_square(b, a.hypot(b)))), (g.gate(-over_square(a, a.hypot(b))));
            /// True where the inputs are equal. Gradient: none, the result is no float.
            Equal equal Compare |a, b| a == b, |a, b, y, g| flat, flat;
            /// True where the inputs differ, so also where either is NaN. Gradient: none, the result is no float.
            NotEqual not_equal Compare |a, b| a != b, |a, b, y, g| flat, flat;
            /// True where `a < b`. Gradient: none, the result is no float.
            Less less Compare |a, b| a < b, |a, b, y, g| flat, flat;
            /// True where `a <= b`. Gradient: none, the result is no float.
            LessEqual less_equal Compare |a, b| a <= b, |a, b, y, g| flat, flat;
            /// True where `a > b`. Gradient: none, the result is no float.
            Greater greater Compare |a, b| a > b, |a, b, y, g| flat, flat;
            /// True where `a >= b`. Gradient: none, the result is no float.
            GreaterEqual greater_equal Compare |a, b| a >= b, |a, b, y, g| flat, flat;
            /// Each bit set in both. Gradient: none, the result is no float.
            BitwiseAnd bitwise_and Bits |a, b| a & b, |a, b, y, g| flat, flat;
            /// Each bit set in one. Gradient: none, the result is no float.
            BitwiseOr bitwise_or Bits |a, b| a | b, |a, b, y, g| flat, flat;
            /// Each bit set in exactly one. Gradient: none, the result is no float.
            BitwiseXor bitwise_xor Bits |a, b| a ^ b, |a, b, y, g| flat, flat;
            /// Bits moved up by `b` places, 0 where all leave. Gradient: none, the result is no float.
            LeftShift left_shift Shift |a, b| a.shifted_up(b), |a, b, y, g| flat, flat;
            /// Bits moved down by `b` places, keeping the sign; what all leave is 0 or -1. Gradient: none, the result
            /// is no float.
            RightShift right_shift Shift |a, b| a.shifted_down(b), |a, b, y, g| flat, flat;
            /// True where both are. Gradient: none, the result is no float.
            LogicalAnd logical_and Logical |a, b| a & b, |a, b, y, g| flat, flat;
            /// True where one is. Gradient: none, the result is no float.
            LogicalOr logical_or Logical |a, b| a | b, |a, b, y, g| flat, flat;
            /// True where exactly one is. Gradient: none, the result is no float.
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

/// The share of the first input where NaN counts for nothing, from the share that it has where neither is NaN.
fn share_of_numbers<'r>(a: Expr<'r>, b: Expr<'r>, share: Expr<'r>) -> Expr<'r> {
    let (one, other) = (a.isnan(), b.isnan());
    let dtype = share.dtype();
    let alone = (other.cast(dtype) + one.logical_not().cast(dtype)) * 0.5;
    one.logical_or(other).select(alone, share)
}

/// `a / r**2`, without squares that overflow or underflow; 0 where a is 0.
fn over_square<'r>(a: Expr<'r>, r: Expr<'r>) -> Expr<'r> {
    let inverse = r.reciprocal();
    a.gate(inverse).gate(inverse)
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
            Class::Bits if met.is_float() => refused("integers or bool; convert with astype"),
            Class::Shift if !met.is_integer() => refused("integers; convert with astype"),
            Class::Number | Class::Bits | Class::Shift => Ok((met, met)),
            Class::Float | Class::Special => Ok((met.to_float(), met.to_float())),
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
        let met = match op.class() {
            Class::Float | Class::Special => Ok(self.dtype().float_with(other.dtype())),
            Class::Logical => Ok(DType::Bool),
            _ => self.dtype().promote(other.dtype(), op.name()),
        };
        self.attempt(|| {
            let (inner, out) = op.dtypes(met?)?;
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
            // Comparisons are exact, also with numbers that the dtype does not have.
            let scalar = if op.class() == Class::Compare { scalar.within(dtype) } else { scalar };
            let (inner, out) = op.dtypes(scalar.meets(dtype))?;
            let x = self.cast(inner);
            let s = x.recorder().full(shape.clone(), inner, scalar.checked(op.name(), inner)?);
            let inputs = if swapped { [s, x] } else { [x, s] };
            Ok(x.push(Op::Binary(op), &inputs, shape, out))
        })
    }

    /// A row of integers with an integer of the library's own on the right.
    pub(crate) fn with_int(self, op: BinaryOp, number: i64) -> Expr<'r> {
        self.binary_scalar(op, Scalar::Int(number.into()), false)
    }

    /// Integer powers that are cheaper, and more accurate, as products.
    pub fn power_scalar(self, exponent: Scalar) -> Expr<'r> {
        let dtype = self.dtype();
        match exponent {
            Scalar::Int(0..) if dtype == DType::Bool => self.cast(DType::I64).power_scalar(exponent),
            Scalar::Int(n) if n < 0 && dtype.is_integer() => {
                self.fail(Error::NegativeExponent { op: "power", origin: Place::default() })
            }
            Scalar::Int(1) => self.push_alias(),
            Scalar::Int(2) => self.square(),
            Scalar::Int(3) => self.square() * self,
            Scalar::Int(-1) => self.reciprocal(),
            _ => self.binary_scalar(BinaryOp::Pow, exponent, false),
        }
    }

    /// A power with a number of the library's own.
    pub(crate) fn power_number(self, exponent: f64) -> Expr<'r> {
        self.with_number(BinaryOp::Pow, exponent, false)
    }

    /// `self > scalar`.
    pub fn gt_scalar(self, scalar: f64) -> Expr<'r> {
        self.binary_scalar(BinaryOp::Greater, Scalar::Float(scalar), false)
    }

    /// `self >= scalar`.
    pub fn ge_scalar(self, scalar: f64) -> Expr<'r> {
        self.binary_scalar(BinaryOp::GreaterEqual, Scalar::Float(scalar), false)
    }

    /// `self <= scalar`.
    pub fn le_scalar(self, scalar: f64) -> Expr<'r> {
        self.binary_scalar(BinaryOp::LessEqual, Scalar::Float(scalar), false)
    }

    /// `self < scalar`.
    pub fn lt_scalar(self, scalar: f64) -> Expr<'r> {
        self.binary_scalar(BinaryOp::Less, Scalar::Float(scalar), false)
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
            fn $method(self, other: f64) -> Expr<'r> { self.with_number(BinaryOp::$Op, other, false) }
        }
        impl<'r> std::ops::$Trait<Expr<'r>> for f64 {
            type Output = Expr<'r>;
            fn $method(self, other: Expr<'r>) -> Expr<'r> { other.with_number(BinaryOp::$Op, self, true) }
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
