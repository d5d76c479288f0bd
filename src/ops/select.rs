//! Choosing: `where`.

use smallvec::smallvec;

use super::{Cotangents, if_wanted};
use crate::dtype::DType;
use crate::ops::Op;
use crate::record::Expr;

impl<'r> Expr<'r> {
    /// `a` where this condition is true, else `b`, after promotion and broadcasting. Gradient: `g` to the chosen one, 0 to
    /// the other.
    pub fn select(self, a: Expr<'r>, b: Expr<'r>) -> Expr<'r> {
        let (cs, sa, sb) = (self.shape(), a.shape(), b.shape());
        self.attempt(|| {
            let dtype = a.dtype().promote(b.dtype(), "where")?;
            let shape = sa.broadcast(&sb, "where")?.broadcast(&cs, "where")?;
            let condition = self.cast(DType::Bool).expand(&shape);
            let (a, b) = (a.cast(dtype).expand(&shape), b.cast(dtype).expand(&shape));
            Ok(a.push(Op::Select, &[condition, a, b], shape, dtype))
        })
    }
}

pub(super) fn vjp<'r>(condition: Expr<'r>, g: Expr<'r>, wanted: &[bool]) -> Cotangents<'r> {
    let zero = g.zeros_like();
    smallvec![
        None,
        if_wanted(wanted[1], || condition.select(g, zero)),
        if_wanted(wanted[2], || condition.select(zero, g))
    ]
}
