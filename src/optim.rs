//! Steps of optimisers as recorded arithmetic: what `phonograd.optim` says in Python, for those that many use.
//!
//! Enters: parameters, gradients and state, as expressions or as they are in stores. Leaves: expressions of what they
//! become. Nothing is computed here and no store is changed.

use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar};
use crate::ops::BinaryOp;
use crate::record::{Expr, Recorder};
use crate::shape::Shape;
use crate::store::ParameterStore;

/// The numbers of Adam (Kingma and Ba, 2015).
#[derive(Debug, Clone, Copy)]
pub struct Adam {
    /// The learning rate.
    pub rate: f64,
    /// How much of the first moment is kept.
    pub beta1: f64,
    /// How much of the second moment is kept.
    pub beta2: f64,
    /// Keeps the division finite.
    pub epsilon: f64,
    /// How much of the parameter is added to its gradient.
    pub decay: f64,
    /// What the parameter is multiplied by before its step (Loshchilov and Hutter, 2019).
    pub shrink: f64,
}

/// A parameter as Adam finds it in stores: its value, both moments and the count of steps; no state before the first step.
pub struct Found {
    p: NdArray,
    state: Option<[NdArray; 3]>,
}

/// What a count of steps makes of the numbers.
#[derive(Clone, Copy)]
struct Pace<'r> {
    /// The count with this step.
    step: Expr<'r>,
    /// The rate over the share of the first moment that is there by now.
    rate: Expr<'r>,
    /// One over the root of the share of the second moment.
    scale: Expr<'r>,
}

impl Adam {
    /// The new parameter, both new moments and the new count of steps, from the parameter, its gradient, the moments and
    /// the count so far.
    pub fn update<'r>(self, [p, g, m, v, step]: [Expr<'r>; 5]) -> [Expr<'r>; 4] {
        let pace = self.pace(step, p.dtype());
        let [p, m, v] = self.moved([p, g, m, v], pace);
        [p, m, v, pace.step]
    }

    /// The same of several parameters and their gradients. Parameters that have made as many steps share what is made of the
    /// count.
    pub fn update_all<'r>(self, r: &'r Recorder, all: Vec<(Expr<'r>, Found)>) -> Vec<[Expr<'r>; 4]> {
        let mut paces: Vec<(i64, DType, Pace<'r>)> = Vec::new();
        let one = |(g, Found { p, state }): (Expr<'r>, Found)| {
            let (p, dtype) = (r.data(p), g.dtype());
            let steps = state.as_ref().and_then(|[.., step]| count(step)).unwrap_or(0);
            let known = paces.iter().find(|(made, of, _)| (*made, *of) == (steps, dtype)).map(|(.., pace)| *pace);
            let (m, v, step) = match state {
                Some([m, v, step]) => (r.data(m), r.data(v), Some(step)),
                None => (p.zeros_like(), p.zeros_like(), None),
            };
            let pace = known.unwrap_or_else(|| {
                let step = step.map_or_else(|| r.zeros(Shape::scalar(), DType::I64), |step| r.data(step));
                paces.push((steps, dtype, self.pace(step, dtype)));
                paces[paces.len() - 1].2
            });
            let [p, m, v] = self.moved([p, g, m, v], pace);
            [p, m, v, pace.step]
        };
        all.into_iter().map(one).collect()
    }

    fn pace(self, step: Expr<'_>, dtype: DType) -> Pace<'_> {
        let step = step.binary_scalar(BinaryOp::Add, Scalar::Int(1), false);
        // Divided out of the numbers before they meet the arrays, where a division would cost more than all else; in float64,
        // for 1 - 0.999**1 loses four digits in float32.
        let count = step.cast(DType::F64);
        let share = |beta| 1.0 - count.binary_scalar(BinaryOp::Pow, Scalar::Float(beta), true);
        let rate = (self.rate / share(self.beta1)).cast(dtype);
        Pace { step, rate, scale: share(self.beta2).rsqrt().cast(dtype) }
    }

    fn moved<'r>(self, [p, g, m, v]: [Expr<'r>; 4], pace: Pace<'r>) -> [Expr<'r>; 3] {
        let g = if self.decay == 0.0 { g } else { g + self.decay * p };
        let p = if self.shrink == 1.0 { p } else { p * self.shrink };
        let m = self.beta1 * m + (1.0 - self.beta1) * g;
        let v = self.beta2 * v + (1.0 - self.beta2) * g.square();
        [p - pace.rate * m / (pace.scale * v.sqrt() + self.epsilon), m, v]
    }
}

impl Found {
    /// What a store holds of a parameter, and another, under `prefix/name/`, of its state. `None` unless the parameter is a
    /// float of this shape and dtype, and its state is of the same kind, all or nothing of it.
    pub fn find(
        (name, shape, dtype): (&str, &Shape, DType),
        store: &ParameterStore,
        kept: &ParameterStore,
        prefix: &str,
    ) -> Option<Found> {
        let alike = |array: &&NdArray| array.dtype() == dtype && array.shape() == shape;
        let plain = matches!(dtype, DType::F32 | DType::F64); // others take their steps in a wider one
        let p = store.get(name).ok().filter(alike).filter(|_| plain)?.clone();
        let state = |key: &str| kept.get(&format!("{prefix}/{name}/{key}")).ok();
        match [state("m"), state("v"), state("step")] {
            [None, None, None] => Some(Found { p, state: None }),
            [Some(m), Some(v), Some(step)] if alike(&m) && alike(&v) && count(step).is_some() => {
                Some(Found { p, state: Some([m, v, step].map(NdArray::clone)) })
            }
            _ => None,
        }
    }
}

/// The number in a count of steps.
fn count(step: &NdArray) -> Option<i64> {
    step.as_slice::<i64>().filter(|_| step.shape().ndim() == 0)?.first().copied()
}
