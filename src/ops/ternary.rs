//! Elementwise operations of three inputs: the table, promotion and broadcasting, as in `binary`.
//!
//! All are special functions of floats, computed number by number in float64.

use smallvec::smallvec;

use crate::dtype::{DType, Scalar};
use crate::ops::{Cotangents, Op, if_wanted};
use crate::record::Expr;

/// Hands the rows to a macro.
macro_rules! ternary_rows {
    ($with:ident) => {
        $with! {
            /// Incomplete beta function, regularised: the share of the beta distribution of shapes `a` and `b` below `x`.
            /// Gradient: `g * betainc_da(a, b, x)`, `g * betainc_db(a, b, x)` and `g * betainc_dx(a, b, x)`.
            Betainc betainc |a, b, x| special::betainc(a, b, x), |a, b, x, y, g|
                (g.gate(a.betainc_da(b, x))), (g.gate(a.betainc_db(b, x))), (g.gate(a.betainc_dx(b, x)));
            /// Inverse of `betainc` by its third argument. Gradient: with D the density `betainc_dx(a, b, y)`,
            /// `-g * betainc_da(a, b, y) / D`, `-g * betainc_db(a, b, y) / D` and `g / D`.
            Betaincinv betaincinv |a, b, x| special::betaincinv(a, b, x), |a, b, x, y, g|
                (g.gate(-a.betainc_da(b, y).gate(a.betainc_dx(b, y).reciprocal()))),
                (g.gate(-a.betainc_db(b, y).gate(a.betainc_dx(b, y).reciprocal()))),
                (g.gate(a.betainc_dx(b, y).reciprocal()));
            /// Density of the beta distribution of shapes `a` and `b`: the derivative of `betainc(a, b, x)` by x. Gradient:
            /// `g * y (log(x) - digamma(a) + digamma(a + b))`, `g * y (log1p(-x) - digamma(b) + digamma(a + b))` and
            /// `g * y ((a - 1) / x - (b - 1) / (1 - x))`.
            BetaincDx betainc_dx |a, b, x| special::betainc_dx(a, b, x), |a, b, x, y, g|
                (g.gate(y * slope_of_log(a, a + b, x.log()))),
                (g.gate(y * slope_of_log(b, a + b, (-x).log1p()))),
                (g.gate(y * ((a - 1.0) / x - (b - 1.0) / (1.0 - x))));
            /// The derivative of `betainc(a, b, x)` by a. Gradient: `g * betainc_daa(a, b, x)`, `g * betainc_dab(a, b, x)`
            /// and, with D the density, `g * D (log(x) - digamma(a) + digamma(a + b))`.
            BetaincDa betainc_da |a, b, x| special::betainc_da(a, b, x), |a, b, x, y, g|
                (g.gate(a.betainc_daa(b, x))),
                (g.gate(a.betainc_dab(b, x))),
                (g.gate(a.betainc_dx(b, x) * slope_of_log(a, a + b, x.log())));
            /// The derivative of `betainc(a, b, x)` by b. Gradient: `g * betainc_dab(a, b, x)`, `g * betainc_dbb(a, b, x)`
            /// and, with D the density, `g * D (log1p(-x) - digamma(b) + digamma(a + b))`.
            BetaincDb betainc_db |a, b, x| special::betainc_db(a, b, x), |a, b, x, y, g|
                (g.gate(a.betainc_dab(b, x))),
                (g.gate(a.betainc_dbb(b, x))),
                (g.gate(a.betainc_dx(b, x) * slope_of_log(b, a + b, (-x).log1p())));
            /// The second derivative of `betainc(a, b, x)` by a. Gradient: to a and b NaN, for there is no rule; to x, with
            /// D the density and L the derivative of its logarithm by a, `g * D (L**2 - polygamma(1, a) + polygamma(1, a +
            /// b))`.
            BetaincDaa betainc_daa |a, b, x| special::betainc_daa(a, b, x), |a, b, x, y, g|
                (unknown(g)), (unknown(g)),
                (g.gate(a.betainc_dx(b, x) * (slope_of_log(a, a + b, x.log()).square() - a.polygamma(1) + (a + b).polygamma(1))));
            /// The derivative of `betainc(a, b, x)` by a and b. Gradient: to a and b NaN, for there is no rule; to x, with D
            /// the density and L and M the derivatives of its logarithm by a and b, `g * D (L M + polygamma(1, a + b))`.
            BetaincDab betainc_dab |a, b, x| special::betainc_dab(a, b, x), |a, b, x, y, g|
                (unknown(g)), (unknown(g)),
                (g.gate(a.betainc_dx(b, x)
                    * (slope_of_log(a, a + b, x.log()) * slope_of_log(b, a + b, (-x).log1p()) + (a + b).polygamma(1))));
            /// The second derivative of `betainc(a, b, x)` by b. Gradient: to a and b NaN, for there is no rule; to x, with
            /// D the density and M the derivative of its logarithm by b, `g * D (M**2 - polygamma(1, b) + polygamma(1, a +
            /// b))`.
            BetaincDbb betainc_dbb |a, b, x| special::betainc_dbb(a, b, x), |a, b, x, y, g|
                (unknown(g)), (unknown(g)),
                (g.gate(a.betainc_dx(b, x)
                    * (slope_of_log(b, a + b, (-x).log1p()).square() - b.polygamma(1) + (a + b).polygamma(1))));
            /// The `a`-th derivative of `digamma` at b less that at `b + x`, where the difference would lose what they share.
            /// Gradient: to a NaN, for there is no rule; to b `g * digamma_gap(a + 1, b, x)`, to x
            /// `-g * digamma_dx(a + 1, b + x)`.
            DigammaGap digamma_gap |a, b, x| special::digamma_gap(a, b, x), |a, b, x, y, g|
                (unknown(g)), (g.gate((a + 1.0).digamma_gap(b, x))), (g.gate(-(a + 1.0).digamma_dx(b + x)));
            /// The least count whose share, with those below it, of the binomial distribution of `a` tries with chance `b`
            /// reaches `x`. Gradient: 0.
            Binominv binominv |a, b, x| special::binominv(a, b, x), |a, b, x, y, g| flat, flat, flat;
        }
    };
}
pub(crate) use ternary_rows;

/// The derivative by a shape of the logarithm of the beta distribution's density, from the logarithm of the place as that
/// shape sees it.
fn slope_of_log<'r>(shape: Expr<'r>, sum: Expr<'r>, log: Expr<'r>) -> Expr<'r> {
    log - shape.digamma() + sum.digamma()
}

/// The gradient where no rule is known: NaN, and 0 where nothing uses the value.
pub(super) fn unknown<'r>(g: Expr<'r>) -> Expr<'r> {
    g.gate(g.full_like(Scalar::Float(f64::NAN)))
}

macro_rules! part {
    (flat; $wanted:expr) => {
        None
    };
    (($rule:expr); $wanted:expr) => {
        if_wanted($wanted, || $rule)
    };
}

macro_rules! ternary_ops {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident |$p:ident, $q:ident, $r:ident| $value:expr,
       |$a:ident, $b:ident, $x:ident, $y:ident, $g:ident| $da:tt, $db:tt, $dx:tt;)*) => {
        /// Elementwise operations of three inputs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum TernaryOp { $($(#[doc = $doc])+ $Variant),* }

        impl TernaryOp {
            /// Every row.
            pub const ALL: &[TernaryOp] = &[$(TernaryOp::$Variant),*];

            /// The public name.
            pub fn name(self) -> &'static str {
                match self { $(TernaryOp::$Variant => stringify!($name)),* }
            }

            /// The cotangents of all inputs.
            #[allow(unused_variables, reason = "a rule reads what it needs")]
            pub fn derivative<'r>(self, from: &[Expr<'r>], y: Expr<'r>, g: Expr<'r>, wanted: &[bool]) -> Cotangents<'r> {
                match self {
                    $(TernaryOp::$Variant => {
                        let ($a, $b, $x, $y, $g) = (from[0], from[1], from[2], y, g);
                        smallvec![part!($da; wanted[0]), part!($db; wanted[1]), part!($dx; wanted[2])]
                    })*
                }
            }
        }

        impl<'r> Expr<'r> {
            $($(#[doc = $doc])+ pub fn $name(self, b: Expr<'r>, x: Expr<'r>) -> Expr<'r> {
                self.ternary(TernaryOp::$Variant, b, x)
            })*
        }
    };
}
ternary_rows!(ternary_ops);

impl<'r> Expr<'r> {
    /// Records a row of this family, after promotion and broadcasting.
    pub fn ternary(self, op: TernaryOp, b: Expr<'r>, x: Expr<'r>) -> Expr<'r> {
        let all = [self, b, x];
        let dtype = all.map(|one| one.dtype().to_float()).into_iter().fold(self.dtype().to_float(), DType::float_with);
        self.attempt(|| {
            let shapes = all.map(|one| one.shape());
            let shape = shapes[0].broadcast(&shapes[1], op.name())?.broadcast(&shapes[2], op.name())?;
            let inputs = all.map(|one| one.cast(dtype).expand(&shape));
            Ok(inputs[0].push(Op::Ternary(op), &inputs, shape, dtype))
        })
    }
}
