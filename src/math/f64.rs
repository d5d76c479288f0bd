//! The table of the functions of `f64`: which room computes each.

use super::arithmetic::Fma;
use super::{Real, error_f64, exp_f64, inverse_trig_f64, log_f64, pow_f64, trig_f64};

impl Real for f64 {
    #[inline(always)]
    fn multiply_add<M: Fma>(self, b: f64, c: f64) -> f64 {
        if M::FUSED { self.mul_add(b, c) } else { self * b + c }
    }

    #[inline(always)]
    fn trig_in_range(self) -> bool {
        !(self.abs() > trig_f64::LIMIT && self.abs() < f64::INFINITY)
    }

    #[inline(always)]
    fn atan2<M: Fma>(self, x: f64) -> f64 {
        inverse_trig_f64::atan2::<M>(self, x)
    }

    #[inline(always)]
    fn pow<M: Fma>(self, y: f64) -> f64 {
        pow_f64::pow::<M>(self, y)
    }

    #[inline(always)]
    fn exp<M: Fma>(self) -> f64 {
        exp_f64::exp::<M>(self)
    }

    #[inline(always)]
    fn exp2<M: Fma>(self) -> f64 {
        exp_f64::exp2::<M>(self)
    }

    #[inline(always)]
    fn expm1<M: Fma>(self) -> f64 {
        exp_f64::expm1::<M>(self)
    }

    #[inline(always)]
    fn log<M: Fma>(self) -> f64 {
        log_f64::log::<M>(self)
    }

    #[inline(always)]
    fn log2<M: Fma>(self) -> f64 {
        log_f64::log2::<M>(self)
    }

    #[inline(always)]
    fn log10<M: Fma>(self) -> f64 {
        log_f64::log10::<M>(self)
    }

    #[inline(always)]
    fn log1p<M: Fma>(self) -> f64 {
        log_f64::log1p::<M>(self)
    }

    #[inline(always)]
    fn sin<M: Fma>(self) -> f64 {
        if M::LIBRARY {
            return f64::sin(self);
        }
        trig_f64::sin::<M>(self)
    }

    #[inline(always)]
    fn cos<M: Fma>(self) -> f64 {
        if M::LIBRARY {
            return f64::cos(self);
        }
        trig_f64::cos::<M>(self)
    }

    #[inline(always)]
    fn tan<M: Fma>(self) -> f64 {
        if M::LIBRARY {
            return f64::tan(self);
        }
        trig_f64::tan::<M>(self)
    }

    #[inline(always)]
    fn asin<M: Fma>(self) -> f64 {
        inverse_trig_f64::asin::<M>(self)
    }

    #[inline(always)]
    fn acos<M: Fma>(self) -> f64 {
        inverse_trig_f64::acos::<M>(self)
    }

    #[inline(always)]
    fn atan<M: Fma>(self) -> f64 {
        inverse_trig_f64::atan::<M>(self)
    }

    #[inline(always)]
    fn sinh<M: Fma>(self) -> f64 {
        exp_f64::sinh::<M>(self)
    }

    #[inline(always)]
    fn cosh<M: Fma>(self) -> f64 {
        exp_f64::cosh::<M>(self)
    }

    #[inline(always)]
    fn tanh<M: Fma>(self) -> f64 {
        exp_f64::tanh::<M>(self)
    }

    #[inline(always)]
    fn asinh<M: Fma>(self) -> f64 {
        log_f64::asinh::<M>(self)
    }

    #[inline(always)]
    fn acosh<M: Fma>(self) -> f64 {
        log_f64::acosh::<M>(self)
    }

    #[inline(always)]
    fn atanh<M: Fma>(self) -> f64 {
        log_f64::atanh::<M>(self)
    }

    #[inline(always)]
    fn sigmoid<M: Fma>(self) -> f64 {
        exp_f64::sigmoid::<M>(self)
    }

    #[inline(always)]
    fn softplus<M: Fma>(self) -> f64 {
        exp_f64::softplus::<M>(self)
    }

    #[inline(always)]
    fn erf<M: Fma>(self) -> f64 {
        error_f64::erf::<M>(self)
    }

    #[inline(always)]
    fn erfc<M: Fma>(self) -> f64 {
        error_f64::erfc::<M>(self)
    }
}
