//! The table of the functions of `f32`: which are computed in `f32` and which in short `f64` polynomials.

use super::arithmetic::Fma;
use super::{Real, native_f32, widened_f32};

impl Real for f32 {
    #[inline(always)]
    fn multiply_add<M: Fma>(self, b: f32, c: f32) -> f32 {
        if M::FUSED { self.mul_add(b, c) } else { self * b + c }
    }

    #[inline(always)]
    fn trig_in_range(self) -> bool {
        !(self.abs() > widened_f32::TRIG_LIMIT && self.abs() < f32::INFINITY)
    }

    #[inline(always)]
    fn atan2<M: Fma>(self, x: f32) -> f32 {
        native_f32::atan2::<M>(self, x)
    }

    #[inline(always)]
    fn pow<M: Fma>(self, y: f32) -> f32 {
        widened_f32::pow::<M>(f64::from(self), f64::from(y)) as f32
    }

    #[inline(always)]
    fn exp<M: Fma>(self) -> f32 {
        native_f32::exp::<M>(self)
    }

    #[inline(always)]
    fn exp2<M: Fma>(self) -> f32 {
        native_f32::exp2::<M>(self)
    }

    #[inline(always)]
    fn expm1<M: Fma>(self) -> f32 {
        widened_f32::expm1::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn log<M: Fma>(self) -> f32 {
        native_f32::log::<M>(self)
    }

    #[inline(always)]
    fn log2<M: Fma>(self) -> f32 {
        native_f32::log2::<M>(self)
    }

    #[inline(always)]
    fn log10<M: Fma>(self) -> f32 {
        native_f32::log10::<M>(self)
    }

    #[inline(always)]
    fn log1p<M: Fma>(self) -> f32 {
        native_f32::log1p::<M>(self)
    }

    #[inline(always)]
    fn sin<M: Fma>(self) -> f32 {
        if M::LIBRARY {
            return f32::sin(self);
        }
        widened_f32::sin::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn cos<M: Fma>(self) -> f32 {
        if M::LIBRARY {
            return f32::cos(self);
        }
        widened_f32::cos::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn tan<M: Fma>(self) -> f32 {
        if M::LIBRARY {
            return f32::tan(self);
        }
        widened_f32::tan::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn asin<M: Fma>(self) -> f32 {
        widened_f32::asin::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn acos<M: Fma>(self) -> f32 {
        widened_f32::acos::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn atan<M: Fma>(self) -> f32 {
        native_f32::atan::<M>(self)
    }

    #[inline(always)]
    fn sinh<M: Fma>(self) -> f32 {
        widened_f32::sinh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn cosh<M: Fma>(self) -> f32 {
        widened_f32::cosh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn tanh<M: Fma>(self) -> f32 {
        native_f32::tanh::<M>(self)
    }

    #[inline(always)]
    fn asinh<M: Fma>(self) -> f32 {
        widened_f32::asinh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn acosh<M: Fma>(self) -> f32 {
        widened_f32::acosh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn atanh<M: Fma>(self) -> f32 {
        widened_f32::atanh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn sigmoid<M: Fma>(self) -> f32 {
        native_f32::sigmoid::<M>(self)
    }

    #[inline(always)]
    fn softplus<M: Fma>(self) -> f32 {
        native_f32::softplus::<M>(self)
    }

    #[inline(always)]
    fn erf<M: Fma>(self) -> f32 {
        native_f32::erf::<M>(self)
    }

    #[inline(always)]
    fn erfc<M: Fma>(self) -> f32 {
        widened_f32::erfc::<M>(f64::from(self)) as f32
    }
}
