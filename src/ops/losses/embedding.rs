//! Losses of vectors: whether they belong together, by their angles and distances. A target is 1 or -1.

use super::{Reduction, at_least_0};
use crate::record::Expr;

impl<'r> Expr<'r> {
    /// A distance where the target is 1; where it is -1, what the distance lacks of the margin.
    pub fn hinge_embedding_loss(self, target: Expr<'r>, margin: f64, reduction: Reduction) -> Expr<'r> {
        self.attempt(|| {
            let (x, t) = self.paired("hinge_embedding_loss", target)?;
            Ok(t.gt_scalar(0.0).select(x, (margin - x).relu()).reduced_by(reduction))
        })
    }

    /// What the first of two scores lacks of the margin above the second where the target is 1; where it is -1, the other
    /// way round.
    pub fn margin_ranking_loss(self, other: Expr<'r>, target: Expr<'r>, margin: f64, reduction: Reduction) -> Expr<'r> {
        let op = "margin_ranking_loss";
        self.attempt(|| {
            let (a, b) = self.paired(op, other)?;
            let target = a.fitted(op, "target", target)?.cast(a.dtype());
            Ok((margin - target * (a - b)).relu().reduced_by(reduction))
        })
    }

    /// One less the cosine of vectors along the last axis where the target is 1; where it is -1, what the cosine exceeds
    /// the margin by.
    pub fn cosine_embedding_loss(
        self,
        other: Expr<'r>,
        target: Expr<'r>,
        margin: f64,
        reduction: Reduction,
    ) -> Expr<'r> {
        self.attempt(|| {
            let (a, b) = self.paired("cosine_embedding_loss", other)?;
            let cosine = a.cosine_similarity(b, -1, 1e-8);
            let target = cosine.fitted("cosine_embedding_loss", "target", target)?;
            let losses = target.gt_scalar(0.0).select(1.0 - cosine, (cosine - margin).relu());
            Ok(losses.reduced_by(reduction))
        })
    }

    /// What the distance to a vector of another kind, less that to one of the same kind, lacks of the margin. With `swap`,
    /// the other kind's distance is the smaller of those to both.
    pub fn triplet_margin_loss(
        self,
        positive: Expr<'r>,
        negative: Expr<'r>,
        [margin, p, eps]: [f64; 3],
        swap: bool,
        reduction: Reduction,
    ) -> Expr<'r> {
        let op = "triplet_margin_loss";
        self.attempt(|| {
            at_least_0(op, "p", p, false)?;
            let (a, same) = self.paired(op, positive)?;
            let (a, other) = a.paired(op, negative)?;
            let distance = |x: Expr<'r>, y: Expr<'r>| (x - y + eps).vector_norm(p, Some(&[-1]), false);
            let far = distance(a, other);
            let far = if swap { far.minimum(distance(same, other)) } else { far };
            Ok((distance(a, same) - far + margin).relu().reduced_by(reduction))
        })
    }
}
