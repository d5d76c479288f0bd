//! A number with its first two derivatives by a parameter, so that one algorithm gives a function and its slopes.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What the algorithms of `incomplete.rs` and `beta.rs` compute with: plain numbers, or numbers that carry derivatives.
pub(super) trait Smooth:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    /// A number that does not depend on the parameter.
    fn constant(x: f64) -> Self;
    /// A number that moves with the parameter.
    fn moving(x: f64, slope: f64) -> Self;
    /// The parameter itself.
    fn parameter(x: f64) -> Self {
        Self::moving(x, 1.0)
    }
    /// The number without its derivatives.
    fn value(self) -> f64;
    /// Another number with the same derivatives.
    fn with_value(self, x: f64) -> Self;
    /// The larger of the number and its derivatives, in magnitude.
    fn size(self) -> f64;
    /// A function of this number, by the function and its first two derivatives there.
    fn map(self, function: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64, bend: impl Fn(f64) -> f64) -> Self;
    /// A number whose logarithm has these derivatives.
    fn with_log_slopes(x: f64, slopes: impl Fn() -> [f64; 2]) -> Self;
}

impl Smooth for f64 {
    fn constant(x: f64) -> f64 {
        x
    }
    fn moving(x: f64, _: f64) -> f64 {
        x
    }
    fn value(self) -> f64 {
        self
    }
    fn with_value(self, x: f64) -> f64 {
        x
    }
    fn size(self) -> f64 {
        self.abs()
    }
    fn map(self, function: impl Fn(f64) -> f64, _: impl Fn(f64) -> f64, _: impl Fn(f64) -> f64) -> f64 {
        function(self)
    }
    fn with_log_slopes(x: f64, _: impl Fn() -> [f64; 2]) -> f64 {
        x
    }
}

/// The number, its first and its second derivative.
#[derive(Clone, Copy)]
pub(super) struct Jet(pub [f64; 3]);

impl Smooth for Jet {
    fn constant(x: f64) -> Jet {
        Jet([x, 0.0, 0.0])
    }
    fn moving(x: f64, slope: f64) -> Jet {
        Jet([x, slope, 0.0])
    }
    fn value(self) -> f64 {
        self.0[0]
    }
    fn with_value(self, x: f64) -> Jet {
        let [_, x1, x2] = self.0;
        Jet([x, x1, x2])
    }
    fn size(self) -> f64 {
        self.0.iter().fold(0.0, |most, part| part.abs().max(most))
    }
    fn map(self, function: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64, bend: impl Fn(f64) -> f64) -> Jet {
        let [x, x1, x2] = self.0;
        let first = slope(x);
        Jet([function(x), first * x1, bend(x) * x1 * x1 + first * x2])
    }
    fn with_log_slopes(x: f64, slopes: impl Fn() -> [f64; 2]) -> Jet {
        let [first, second] = slopes();
        Jet([x, x * first, x * (first * first + second)])
    }
}

impl Add for Jet {
    type Output = Jet;
    fn add(self, other: Jet) -> Jet {
        let ([a, a1, a2], [b, b1, b2]) = (self.0, other.0);
        Jet([a + b, a1 + b1, a2 + b2])
    }
}

impl Add<f64> for Jet {
    type Output = Jet;
    fn add(self, other: f64) -> Jet {
        let [a, a1, a2] = self.0;
        Jet([a + other, a1, a2])
    }
}

impl Sub for Jet {
    type Output = Jet;
    fn sub(self, other: Jet) -> Jet {
        self + -other
    }
}

impl Neg for Jet {
    type Output = Jet;
    fn neg(self) -> Jet {
        Jet(self.0.map(|part| -part))
    }
}

impl Mul for Jet {
    type Output = Jet;
    fn mul(self, other: Jet) -> Jet {
        let ([a, a1, a2], [b, b1, b2]) = (self.0, other.0);
        Jet([a * b, a1 * b + a * b1, a2 * b + 2.0 * a1 * b1 + a * b2])
    }
}

impl Mul<f64> for Jet {
    type Output = Jet;
    fn mul(self, other: f64) -> Jet {
        Jet(self.0.map(|part| part * other))
    }
}

impl Div for Jet {
    type Output = Jet;
    fn div(self, other: Jet) -> Jet {
        let ([a, a1, a2], [b, b1, b2]) = (self.0, other.0);
        let y = a / b;
        let y1 = (a1 - y * b1) / b;
        Jet([y, y1, (a2 - 2.0 * y1 * b1 - y * b2) / b])
    }
}
