//! Every function against correctly rounded values (tests/data/*.csv, from tools/references.py) and against C99's special cases,
//! in both kinds of multiply-add.

use super::{Fma, Fused, Real, Unfused};

const F32: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/f32.csv"));
const F64: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/f64.csv"));

/// What the tests need of a float beside [`Real`].
trait Float: Real + std::fmt::Debug {
    fn from_hex(text: &str) -> Self;
    fn from_f64(x: f64) -> Self;
    /// An integer that grows by one from float to float, through both zeros, which are apart by one.
    fn place(self) -> i128;
    fn is_nan(self) -> bool;
}

impl Float for f32 {
    fn from_hex(text: &str) -> f32 {
        f32::from_bits(u32::from_str_radix(text, 16).unwrap())
    }
    fn from_f64(x: f64) -> f32 {
        x as f32
    }
    fn place(self) -> i128 {
        let size = i128::from(self.abs().to_bits());
        if self.is_sign_negative() { -1 - size } else { size }
    }
    fn is_nan(self) -> bool {
        self.is_nan()
    }
}

impl Float for f64 {
    fn from_hex(text: &str) -> f64 {
        f64::from_bits(u64::from_str_radix(text, 16).unwrap())
    }
    fn from_f64(x: f64) -> f64 {
        x
    }
    fn place(self) -> i128 {
        let size = i128::from(self.abs().to_bits());
        if self.is_sign_negative() { -1 - size } else { size }
    }
    fn is_nan(self) -> bool {
        self.is_nan()
    }
}

macro_rules! by_name {
    ($($name:ident)*) => {
        fn unary<T: Real, M: Fma>(name: &str) -> Option<fn(T) -> T> {
            match name { $(stringify!($name) => Some(T::$name::<M>),)* _ => None }
        }
        const UNARY: &[&str] = &[$(stringify!($name)),*];
    };
}
by_name!(exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid softplus erf erfc);

fn apply<T: Real, M: Fma>(name: &str, x: T, y: T) -> T {
    match name {
        "pow" => x.pow::<M>(y),
        "atan2" => x.atan2::<M>(y),
        _ => unary::<T, M>(name).unwrap()(x),
    }
}

fn check_references<T: Float, M: Fma>(data: &str) {
    let mut name = "";
    let mut seen = 0;
    for line in data.lines() {
        let fields: Vec<&str> = line.split(',').collect();
        if fields.len() == 1 {
            name = line;
            seen += 1;
            continue;
        }
        let numbers: Vec<T> = fields.iter().map(|text| T::from_hex(text)).collect();
        let (x, y, want) = (numbers[0], numbers[fields.len() - 2], numbers[fields.len() - 1]);
        let got = apply::<T, M>(name, x, y);
        let apart = (got.place() - want.place()).abs();
        assert!(apart <= 2 && !got.is_nan(), "{name}({x:?}, {y:?}) is {got:?}, should be {want:?}");
    }
    assert_eq!(seen, UNARY.len() + 2);
}

#[test]
fn test_math_stays_within_2_ulp_of_references() {
    check_references::<f32, Fused>(F32);
    check_references::<f32, Unfused>(F32);
    check_references::<f64, Fused>(F64);
    check_references::<f64, Unfused>(F64);
}

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Function, argument, exact result; zeros with their sign.
#[rustfmt::skip]
const SPECIAL: &[(&str, f64, f64)] = &[
    ("exp", 0.0, 1.0), ("exp", -0.0, 1.0), ("exp", INF, INF), ("exp", -INF, 0.0),
    ("exp", 1e30, INF), ("exp", -1e30, 0.0),
    ("exp2", 0.0, 1.0), ("exp2", -0.0, 1.0), ("exp2", INF, INF), ("exp2", -INF, 0.0),
    ("exp2", 10.0, 1024.0), ("exp2", -3.0, 0.125), ("exp2", 1e30, INF), ("exp2", -1e30, 0.0),
    ("expm1", 0.0, 0.0), ("expm1", -0.0, -0.0), ("expm1", INF, INF), ("expm1", -INF, -1.0),
    ("expm1", 1e30, INF), ("expm1", -1e30, -1.0),
    ("log", 1.0, 0.0), ("log", 0.0, -INF), ("log", -0.0, -INF), ("log", -1.0, NAN),
    ("log", INF, INF), ("log", -INF, NAN),
    ("log2", 1.0, 0.0), ("log2", 0.0, -INF), ("log2", -0.0, -INF), ("log2", -1.0, NAN),
    ("log2", INF, INF), ("log2", -INF, NAN), ("log2", 8.0, 3.0), ("log2", 0.25, -2.0),
    ("log10", 1.0, 0.0), ("log10", 0.0, -INF), ("log10", -0.0, -INF), ("log10", -1.0, NAN),
    ("log10", INF, INF), ("log10", -INF, NAN), ("log10", 10.0, 1.0), ("log10", 1000.0, 3.0),
    ("log1p", 0.0, 0.0), ("log1p", -0.0, -0.0), ("log1p", -1.0, -INF), ("log1p", -2.0, NAN),
    ("log1p", INF, INF), ("log1p", -INF, NAN),
    ("sin", 0.0, 0.0), ("sin", -0.0, -0.0), ("sin", INF, NAN), ("sin", -INF, NAN),
    ("cos", 0.0, 1.0), ("cos", -0.0, 1.0), ("cos", INF, NAN), ("cos", -INF, NAN),
    ("tan", 0.0, 0.0), ("tan", -0.0, -0.0), ("tan", INF, NAN), ("tan", -INF, NAN),
    ("asin", 0.0, 0.0), ("asin", -0.0, -0.0), ("asin", 1.5, NAN), ("asin", -1.5, NAN),
    ("asin", INF, NAN), ("asin", 1.0, std::f64::consts::FRAC_PI_2),
    ("asin", -1.0, -std::f64::consts::FRAC_PI_2),
    ("acos", 1.0, 0.0), ("acos", 1.5, NAN), ("acos", -1.5, NAN), ("acos", INF, NAN),
    ("acos", -1.0, std::f64::consts::PI),
    ("atan", 0.0, 0.0), ("atan", -0.0, -0.0), ("atan", INF, std::f64::consts::FRAC_PI_2),
    ("atan", -INF, -std::f64::consts::FRAC_PI_2),
    ("sinh", 0.0, 0.0), ("sinh", -0.0, -0.0), ("sinh", INF, INF), ("sinh", -INF, -INF),
    ("sinh", -1e30, -INF),
    ("cosh", 0.0, 1.0), ("cosh", -0.0, 1.0), ("cosh", INF, INF), ("cosh", -INF, INF),
    ("cosh", -1e30, INF),
    ("tanh", 0.0, 0.0), ("tanh", -0.0, -0.0), ("tanh", INF, 1.0), ("tanh", -INF, -1.0),
    ("tanh", 1e30, 1.0),
    ("asinh", 0.0, 0.0), ("asinh", -0.0, -0.0), ("asinh", INF, INF), ("asinh", -INF, -INF),
    ("acosh", 1.0, 0.0), ("acosh", 0.5, NAN), ("acosh", -INF, NAN), ("acosh", INF, INF),
    ("atanh", 0.0, 0.0), ("atanh", -0.0, -0.0), ("atanh", 1.0, INF), ("atanh", -1.0, -INF),
    ("atanh", 1.5, NAN), ("atanh", INF, NAN),
    ("sigmoid", 0.0, 0.5), ("sigmoid", -0.0, 0.5), ("sigmoid", INF, 1.0), ("sigmoid", -INF, 0.0),
    ("sigmoid", 1e30, 1.0), ("sigmoid", -1e30, 0.0),
    ("softplus", INF, INF), ("softplus", -INF, 0.0), ("softplus", -1e30, 0.0),
    ("softplus", 2e30, 2e30),
    ("erf", 0.0, 0.0), ("erf", -0.0, -0.0), ("erf", INF, 1.0), ("erf", -INF, -1.0),
    ("erf", 1e30, 1.0),
    ("erfc", 0.0, 1.0), ("erfc", -0.0, 1.0), ("erfc", INF, 0.0), ("erfc", -INF, 2.0),
    ("erfc", 1e30, 0.0), ("erfc", -1e30, 2.0),
];

const HALF_PI: f64 = std::f64::consts::FRAC_PI_2;
const PI: f64 = std::f64::consts::PI;

/// Function, both arguments, exact result (C99, annex F.9.1.4 and F.9.4.4).
#[rustfmt::skip]
const SPECIAL_PAIRS: &[(&str, f64, f64, f64)] = &[
    ("pow", 0.0, 3.0, 0.0), ("pow", -0.0, 3.0, -0.0), ("pow", 0.0, 2.0, 0.0),
    ("pow", -0.0, 2.0, 0.0), ("pow", -0.0, 2.5, 0.0), ("pow", 0.0, -3.0, INF),
    ("pow", -0.0, -3.0, -INF), ("pow", -0.0, -2.0, INF), ("pow", -0.0, -2.5, INF),
    ("pow", 0.0, -INF, INF), ("pow", 0.0, INF, 0.0), ("pow", -0.0, -INF, INF),
    ("pow", -0.0, INF, 0.0), ("pow", -1.0, INF, 1.0), ("pow", -1.0, -INF, 1.0),
    ("pow", 1.0, NAN, 1.0), ("pow", 1.0, INF, 1.0), ("pow", 1.0, -5.5, 1.0), ("pow", NAN, 0.0, 1.0),
    ("pow", NAN, -0.0, 1.0), ("pow", INF, 0.0, 1.0), ("pow", 0.0, 0.0, 1.0),
    ("pow", -INF, -0.0, 1.0), ("pow", -2.0, 0.0, 1.0), ("pow", NAN, 1.0, NAN),
    ("pow", 2.0, NAN, NAN), ("pow", -1.0, NAN, NAN), ("pow", 0.0, NAN, NAN), ("pow", INF, NAN, NAN),
    ("pow", NAN, INF, NAN), ("pow", -2.0, 0.5, NAN), ("pow", -2.0, -1.5, NAN),
    ("pow", -1e30, 0.1, NAN), ("pow", 0.5, INF, 0.0), ("pow", 0.5, -INF, INF),
    ("pow", -0.5, INF, 0.0), ("pow", 2.0, INF, INF), ("pow", 2.0, -INF, 0.0),
    ("pow", -2.0, INF, INF), ("pow", INF, 2.0, INF), ("pow", INF, -2.0, 0.0),
    ("pow", INF, 0.1, INF), ("pow", INF, INF, INF), ("pow", INF, -INF, 0.0),
    ("pow", -INF, 3.0, -INF), ("pow", -INF, 2.0, INF), ("pow", -INF, 2.5, INF),
    ("pow", -INF, -3.0, -0.0), ("pow", -INF, -2.0, 0.0), ("pow", -INF, -2.5, 0.0),
    ("pow", -2.0, 3.0, -8.0), ("pow", -2.0, 2.0, 4.0), ("pow", -2.0, -1.0, -0.5),
    ("pow", 2.0, 10.0, 1024.0), ("pow", 3.0, 3.0, 27.0), ("pow", -1.0, 8388609.0, -1.0),
    ("pow", -1.0, 1e30, 1.0), ("pow", -1.0, -1e30, 1.0), ("pow", 9.0, 0.5, 3.0),
    ("pow", -2.0, 2001.0, -INF), ("pow", -2.0, -2001.0, -0.0), ("pow", 2.0, 1e30, INF),
    ("pow", 2.0, -1e30, 0.0), ("pow", 0.5, 1e30, 0.0),
    ("atan2", 0.0, 1.0, 0.0), ("atan2", -0.0, 1.0, -0.0), ("atan2", 0.0, -1.0, PI),
    ("atan2", -0.0, -1.0, -PI), ("atan2", 0.0, 0.0, 0.0), ("atan2", -0.0, 0.0, -0.0),
    ("atan2", 0.0, -0.0, PI), ("atan2", -0.0, -0.0, -PI), ("atan2", 1.0, 0.0, HALF_PI),
    ("atan2", -1.0, -0.0, -HALF_PI), ("atan2", 1.0, 1.0, HALF_PI / 2.0),
    ("atan2", 1e30, 1e30, HALF_PI / 2.0), ("atan2", INF, INF, HALF_PI / 2.0),
    ("atan2", -INF, INF, -HALF_PI / 2.0), ("atan2", INF, -INF, 1.5 * HALF_PI),
    ("atan2", -INF, -INF, -1.5 * HALF_PI), ("atan2", 1.0, INF, 0.0), ("atan2", -1.0, INF, -0.0),
    ("atan2", 1.0, -INF, PI), ("atan2", -1.0, -INF, -PI), ("atan2", 1e30, INF, 0.0),
    ("atan2", INF, 1.0, HALF_PI), ("atan2", -INF, -1.0, -HALF_PI), ("atan2", INF, -1e30, HALF_PI),
    ("atan2", 0.0, INF, 0.0), ("atan2", INF, 0.0, HALF_PI), ("atan2", NAN, 1.0, NAN),
    ("atan2", 1.0, NAN, NAN), ("atan2", NAN, 0.0, NAN), ("atan2", 0.0, NAN, NAN),
    ("atan2", INF, NAN, NAN), ("atan2", NAN, INF, NAN),
];

fn check_special<T: Float, M: Fma>() {
    for &(name, x, want) in SPECIAL {
        same(name, x, x, apply::<T, M>(name, T::from_f64(x), T::from_f64(x)), want);
    }
    for name in UNARY {
        same(name, NAN, NAN, apply::<T, M>(name, T::from_f64(NAN), T::from_f64(NAN)), NAN);
    }
    for &(name, x, y, want) in SPECIAL_PAIRS {
        same(name, x, y, apply::<T, M>(name, T::from_f64(x), T::from_f64(y)), want);
    }
}

fn same<T: Float>(name: &str, x: f64, y: f64, got: T, want: f64) {
    let want = T::from_f64(want);
    let equal = if want.is_nan() { got.is_nan() } else { got.place() == want.place() };
    assert!(equal, "{name}({x:?}, {y:?}) is {got:?}, should be {want:?}");
}

#[test]
fn test_math_special_cases_are_those_of_c99() {
    check_special::<f32, Fused>();
    check_special::<f32, Unfused>();
    check_special::<f64, Fused>();
    check_special::<f64, Unfused>();
}

#[test]
fn test_math_powers_know_odd_from_even_to_the_last_integer() {
    let largest_odd = 9_007_199_254_740_991.0;
    assert_eq!((-1.0).pow::<Unfused>(largest_odd), -1.0);
    assert_eq!((-1.0).pow::<Unfused>(-largest_odd), -1.0);
    assert_eq!((-1.0).pow::<Unfused>(largest_odd + 1.0), 1.0);
    assert_eq!((-1.0).pow::<Unfused>(4_503_599_627_370_497.0), -1.0);
    assert!((-1.0).pow::<Unfused>(2_251_799_813_685_248.5).is_nan());
}

#[test]
fn test_math_tells_where_trigonometry_is_accurate() {
    for (x, wanted) in
        [(0.0, true), (-1e8, true), (1e10, false), (-1e30, false), (INF, true), (-INF, true), (NAN, true)]
    {
        assert_eq!(x.trig_in_range(), wanted, "{x}");
        assert_eq!((x as f32).trig_in_range(), wanted, "{x}");
    }
}
