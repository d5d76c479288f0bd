//! Predicates, and what looks at bits.

macro_rules! predicates {
    ($next:ident $($more:ident)*; $($rows:tt)*) => {
        $crate::ops::unary::$next! { $($more)*; $($rows)*
        /// True where `x` is not a number. Gradient: none, the result is no float.
        Isnan isnan Predicate |x| x.is_not_a_number(), |x, y, g| flat;
        /// True where `x` is an infinity. Gradient: none, the result is no float.
        Isinf isinf Predicate |x| x.is_an_infinity(), |x, y, g| flat;
        /// True where `x` is neither an infinity nor NaN. Gradient: none, the result is no float.
        Isfinite isfinite Predicate |x| x.is_a_number(), |x, y, g| flat;
        /// True where `x` is zero or false. Gradient: none, the result is no float.
        LogicalNot logical_not Predicate |x| !x.is_true(), |x, y, g| flat;
        /// True where `x` is negative, -0 and a NaN of that sign included. Gradient: 0.
        Signbit signbit Predicate |x| x.is_below_zero(), |x, y, g| flat;
        /// Each bit inverted; of bool the opposite. Gradient: none, the result is no float.
        BitwiseNot bitwise_not Bits |x| !x, |x, y, g| flat;
        }
    };
}
pub(crate) use predicates;
