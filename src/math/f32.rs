//! The table of the functions of `f32`: which are computed in `f32` and which in short `f64` polynomials.

use super::arithmetic::Fma;
use super::{Real, exp_f32, short};

impl Real for f32 {
    #[inline(always)]
    fn multiply_add<M: Fma>(self, b: f32, c: f32) -> f32 {
        if M::FUSED {
            self.mul_add(b, c)
        } else {
            self * b + c
        }
    }

    #[inline(always)]
    fn trig_in_range(self) -> bool {
        !(self.abs() > short::TRIG_LIMIT && self.abs() < f32::INFINITY)
    }

    #[inline(always)]
    fn atan2<M: Fma>(self, x: f32) -> f32 {
        exp_f32::atan2::<M>(self, x)
    }

    #[inline(always)]
    fn pow<M: Fma>(self, y: f32) -> f32 {
        short::pow::<M>(f64::from(self), f64::from(y)) as f32
    }

    #[inline(always)]
    fn exp<M: Fma>(self) -> f32 {
        exp_f32::exp::<M>(self)
    }

    #[inline(always)]
    fn exp2<M: Fma>(self) -> f32 {
        exp_f32::exp2::<M>(self)
    }

    #[inline(always)]
    fn expm1<M: Fma>(self) -> f32 {
        short::expm1::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn log<M: Fma>(self) -> f32 {
        exp_f32::log::<M>(self)
    }

    #[inline(always)]
    fn log2<M: Fma>(self) -> f32 {
        short::log2::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn log10<M: Fma>(self) -> f32 {
        short::log10::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn log1p<M: Fma>(self) -> f32 {
        short::log1p::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn sin<M: Fma>(self) -> f32 {
        if M::LIBRARY {
            return f32::sin(self);
        }
        short::sin::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn cos<M: Fma>(self) -> f32 {
        if M::LIBRARY {
            return f32::cos(self);
        }
        short::cos::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn tan<M: Fma>(self) -> f32 {
        if M::LIBRARY {
            return f32::tan(self);
        }
        short::tan::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn asin<M: Fma>(self) -> f32 {
        short::asin::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn acos<M: Fma>(self) -> f32 {
        short::acos::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn atan<M: Fma>(self) -> f32 {
        exp_f32::atan::<M>(self)
    }

    #[inline(always)]
    fn sinh<M: Fma>(self) -> f32 {
        short::sinh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn cosh<M: Fma>(self) -> f32 {
        short::cosh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn tanh<M: Fma>(self) -> f32 {
        exp_f32::tanh::<M>(self)
    }

    #[inline(always)]
    fn asinh<M: Fma>(self) -> f32 {
        short::asinh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn acosh<M: Fma>(self) -> f32 {
        short::acosh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn atanh<M: Fma>(self) -> f32 {
        short::atanh::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn sigmoid<M: Fma>(self) -> f32 {
        exp_f32::sigmoid::<M>(self)
    }

    #[inline(always)]
    fn softplus<M: Fma>(self) -> f32 {
        short::softplus::<M>(f64::from(self)) as f32
    }

    #[inline(always)]
    fn erf<M: Fma>(self) -> f32 {
        exp_f32::erf::<M>(self)
    }

    #[inline(always)]
    fn erfc<M: Fma>(self) -> f32 {
        short::erfc::<M>(f64::from(self)) as f32
    }
}
