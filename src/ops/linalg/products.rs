//! Powers, exponentials, chains of products, and what is summed along diagonals.

use super::LinalgOp;
use crate::error::{Error, Result};
use crate::record::{Expr, Recorder};
use crate::shape::{Dims, Shape, normalize_axes, normalize_axis};

impl<'r> Expr<'r> {
    /// A square matrix multiplied by itself so many times; its inverse, if the number is negative.
    pub fn matrix_power(self, n: i64) -> Expr<'r> {
        self.attempt(|| {
            let (a, _) = self.square_matrix("matrix_power")?;
            // Integers stay what they are, unless their inverses are asked for.
            let mut square = match n {
                0 => return Ok(self.identity_like()),
                1.. => self,
                _ => a.inv(),
            };
            let (mut left, mut product) = (n.unsigned_abs(), None);
            loop {
                if left & 1 == 1 {
                    product = Some(product.map_or(square, |product: Expr<'r>| product.matmul(square)));
                }
                left >>= 1;
                match product {
                    Some(product) if left == 0 => return Ok(product),
                    _ => square = square.matmul(square),
                }
            }
        })
    }

    /// The exponential of square matrices, by Padé approximants after scaling (Higham, 2005), in double precision.
    /// Gradient: the upper right block of `expm([[a^T, g], [0, a^T]])`.
    pub fn expm(self) -> Expr<'r> {
        self.attempt(|| {
            let (a, n) = self.square_matrix("expm")?;
            Ok(a.linalg(LinalgOp::Expm, &[], [n, n, 0]))
        })
    }

    /// The sum of products along an axis, after broadcasting.
    pub fn vecdot(self, other: Expr<'r>, axis: i64) -> Expr<'r> {
        self.attempt(|| {
            let wide = self.shape().broadcast(&other.shape(), "vecdot")?;
            let at = normalize_axis("vecdot", axis, wide.ndim())?;
            let last = wide.ndim() as i64 - 1;
            let row = |x: Expr<'r>| x.expand(&wide).moveaxis(&[at as i64], &[last]).row();
            Ok(row(self).matmul(row(other).swap_last()).squeeze(Some(&[-2, -1])))
        })
    }

    /// The cross product of vectors of three elements along an axis, after broadcasting.
    pub fn cross(self, other: Expr<'r>, axis: i64) -> Expr<'r> {
        self.attempt(|| {
            let wide = self.shape().broadcast(&other.shape(), "cross")?;
            let at = normalize_axis("cross", axis, wide.ndim())?;
            if wide[at] != 3 {
                let (got, expected) = (wide[at].to_string(), "3 elements along the axis");
                return Err(Error::Argument { op: "cross", argument: "size", got, expected });
            }
            let (a, b) = (self.expand(&wide), other.expand(&wide));
            let turned = |x: Expr<'r>, by: usize| x.narrow(at, by, 3 - by).join(x.narrow(at, 0, by), at);
            Ok(turned(a, 1) * turned(b, 2) - turned(a, 2) * turned(b, 1))
        })
    }

    /// The sum of products over pairs of axes.
    pub fn tensordot(self, other: Expr<'r>, own: &[i64], theirs: &[i64]) -> Expr<'r> {
        let op = "tensordot";
        self.attempt(|| {
            let (l, r) = (self.shape(), other.shape());
            let places = |axes: &[i64], ndim: usize| -> Result<Dims> {
                normalize_axes(op, Some(axes), ndim)?;
                axes.iter().map(|&axis| normalize_axis(op, axis, ndim)).collect()
            };
            let (a, b) = (places(own, l.ndim())?, places(theirs, r.ndim())?);
            let sizes = |shape: &Shape, axes: &[usize]| axes.iter().map(|&axis| shape[axis]).collect::<Dims>();
            if sizes(&l, &a) != sizes(&r, &b) {
                let (got, expected) = (Shape::new(op, &sizes(&r, &b))?, Shape::new(op, &sizes(&l, &a))?);
                return Err(Error::ShapeMismatch { op, what: "the second tensor, along its axes,", got, expected });
            }
            let rest = |ndim: usize, axes: &[usize]| (0..ndim).filter(|axis| !axes.contains(axis)).collect::<Dims>();
            let (free_a, free_b) = (rest(l.ndim(), &a), rest(r.ndim(), &b));
            let (m, n) = (sizes(&l, &free_a), sizes(&r, &free_b));
            let k: usize = sizes(&l, &a).iter().product();
            let left = self.permute(&[&free_a[..], &a[..]].concat()).reshape(&[m.iter().product(), k]);
            let right = other.permute(&[&b[..], &free_b[..]].concat()).reshape(&[k, n.iter().product()]);
            Ok(left.matmul(right).reshape(&[&m[..], &n[..]].concat()))
        })
    }
}

impl Recorder {
    /// The product of matrices in the order that takes the fewest multiplications; the first and the last may be vectors.
    pub fn multi_dot<'r>(&'r self, factors: &[Expr<'r>]) -> Expr<'r> {
        let op = "multi_dot";
        let [first, .., last] = *factors else {
            let got = factors.len().to_string();
            return self.fail(Error::Argument { op, argument: "the number of tensors", got, expected: "2 or more" });
        };
        first.attempt(|| {
            let (row, column) = (first.shape().ndim() == 1, last.shape().ndim() == 1);
            let mut chain = factors.to_vec();
            if row {
                chain[0] = first.row();
            }
            if column {
                chain[factors.len() - 1] = last.column();
            }
            for factor in &chain {
                let got = factor.shape();
                if got.ndim() != 2 {
                    let expected = "2; the first and the last may have 1";
                    return Err(Error::Rank { op, what: "a factor", got, expected });
                }
            }
            if let Some(pair) = chain.windows(2).find(|pair| pair[0].shape()[1] != pair[1].shape()[0]) {
                return Err(Error::Matmul { left: pair[0].shape(), right: pair[1].shape() });
            }
            let product = in_best_order(&chain);
            let dims: Dims =
                product.shape().iter().enumerate().filter(|(axis, _)| ![row, column][*axis]).map(|(_, &d)| d).collect();
            Ok(product.reshape(&dims))
        })
    }
}

/// The product of a chain of matrices that fit, its brackets where dynamic programming over all stretches sets them.
fn in_best_order<'r>(chain: &[Expr<'r>]) -> Expr<'r> {
    let count = chain.len();
    let mut sizes: Vec<f64> = chain.iter().map(|factor| factor.shape()[0] as f64).collect();
    sizes.push(chain[count - 1].shape()[1] as f64);
    // For each stretch its least cost, and where it is cut.
    let mut best = vec![vec![(0.0, 0); count]; count];
    for length in 1..count {
        for start in 0..count - length {
            let end = start + length;
            let cost =
                |cut: usize| best[start][cut].0 + best[cut + 1][end].0 + sizes[start] * sizes[cut + 1] * sizes[end + 1];
            let cuts = (start..end).map(|cut| (cost(cut), cut));
            best[start][end] = cuts.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, start));
        }
    }
    // Stretches that wait for their product, and products that wait for the next: without recursion.
    let (mut open, mut done) = (vec![(0, count - 1, false)], Vec::new());
    while let Some((start, end, split)) = open.pop() {
        let cut = best[start][end].1;
        if start == end {
            done.push(chain[start]);
        } else if split {
            if let (Some(right), Some(left)) = (done.pop(), done.pop()) {
                let (left, right): (Expr<'r>, Expr<'r>) = (left, right);
                done.push(left.matmul(right));
            }
        } else {
            open.extend([(start, end, true), (cut + 1, end, false), (start, cut, false)]);
        }
    }
    done[0]
}
