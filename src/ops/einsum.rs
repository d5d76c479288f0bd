//! Einstein summation, reduced to products, sums over axes and matrix products.
//!
//! Operands are combined two at a time, of three and more in the order that costs least. A letter that no other operand
//! and not the output mentions is summed as soon as it can be; what two operands share becomes batch axes (kept) or the
//! inner axis of a matrix product (summed).

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::ReduceOp;
use crate::record::{Expr, Recorder};
use crate::shape::{Dims, Shape};

/// An operand and the letter of each of its axes.
#[derive(Clone)]
struct Term<'r> {
    x: Expr<'r>,
    letters: Vec<char>,
}

impl Recorder {
    /// Sums products of elements as the subscripts say, such as `"ij,jk->ik"`; an ellipsis stands for leading axes.
    pub fn einsum<'r>(&'r self, subscripts: &str, operands: &[Expr<'r>]) -> Result<Expr<'r>> {
        let wrong = |problem: String| Error::Einsum { subscripts: subscripts.to_string(), problem };
        let text: String = subscripts.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, output) = match text.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (text.as_str(), None),
        };
        let parts: Vec<&str> = inputs.split(',').collect();
        if operands.is_empty() || parts.len() != operands.len() {
            return Err(wrong(format!("{} terms for {} operands", parts.len(), operands.len())));
        }
        let mut terms = Vec::new();
        let mut dots = 0;
        for (index, (&x, part)) in operands.iter().zip(&parts).enumerate() {
            let shape = x.shape();
            if x.dtype() == DType::Bool {
                let expected = "a number; convert with astype";
                return Err(Error::DType { op: "einsum", got: DType::Bool, expected });
            }
            let letters = spell(part, Some(shape.ndim())).map_err(&wrong)?;
            if letters.len() != shape.ndim() {
                return Err(wrong(format!("{} letters for operand {index} of shape {shape}", letters.len())));
            }
            dots = dots.max(letters.iter().filter(|c| c.is_ascii_digit() || **c >= DOT).count());
            terms.push(diagonal(Term { x, letters }).map_err(&wrong)?);
        }
        let result = match output {
            Some(output) => {
                let named = output.replace("...", "").len();
                spell(output, Some(named + if output.contains("...") { dots } else { 0 })).map_err(&wrong)?
            }
            None => implicit(&terms, &parts, dots),
        };
        for (at, letter) in result.iter().enumerate() {
            if result[..at].contains(letter) {
                return Err(wrong(format!("output letter {letter:?} twice")));
            }
            if !terms.iter().any(|term| term.letters.contains(letter)) {
                return Err(wrong(format!("output letter {letter:?} in no operand")));
            }
        }
        sizes_agree(&terms).map_err(&wrong)?;

        let pairs = order_of(&terms, &result);
        let mut open: Vec<Option<Term<'r>>> = terms.into_iter().map(Some).collect();
        for (left, right) in pairs {
            let (Some(a), Some(b)) = (open[left].take(), open[right].take()) else { continue };
            let others = || open.iter().flatten();
            let later = |letter: &char| result.contains(letter) || others().any(|t| t.letters.contains(letter));
            let made = multiply(a, b, &later)?;
            open.push(Some(made));
        }
        let Some(done) = open.pop().flatten() else {
            return Err(wrong("no operands".into()));
        };
        let done = sum_out(done, &|letter| result.contains(letter));
        let order: Dims = result.iter().filter_map(|l| done.letters.iter().position(|m| m == l)).collect();
        Ok(done.x.permute(&order))
    }
}

/// Which two are combined next, until one is left; each result is a further operand at the end.
fn order_of(terms: &[Term<'_>], result: &[char]) -> Vec<(usize, usize)> {
    let mut letters: Vec<(char, usize)> = Vec::new();
    let mut mask_of = |term: &[char], sizes: &[usize]| {
        term.iter().zip(sizes).fold(0u128, |mask, (&letter, &size)| {
            let at = letters.iter().position(|(l, _)| *l == letter).unwrap_or_else(|| {
                letters.push((letter, size));
                letters.len() - 1
            });
            letters[at].1 = letters[at].1.max(size);
            mask | 1 << at
        })
    };
    let masks: Vec<u128> = terms.iter().map(|term| mask_of(&term.letters, &term.x.shape())).collect();
    let output = mask_of(result, &vec![1; result.len()]);
    let sizes: Vec<f64> = letters.iter().map(|&(_, size)| size as f64).collect();
    contraction_order(&masks, output, &sizes)
}

/// The most operands of which every order is tried.
const TRIED: usize = 9;

/// The most operands among which the cheapest pair is looked for.
const COMPARED: usize = 32;

/// An order of pairs by the number of multiplications, letters as bits: the best of all orders for a few operands, for more
/// the cheapest next pair of the first ones each time. Of equals, from left to right.
fn contraction_order(masks: &[u128], output: u128, sizes: &[f64]) -> Vec<(usize, usize)> {
    let product = |mask: u128| (0..sizes.len()).filter(|k| mask >> k & 1 == 1).map(|k| sizes[k]).product::<f64>();
    let n = masks.len();
    if n > TRIED {
        let mut open: Vec<(usize, u128)> = masks.iter().copied().enumerate().collect();
        let mut pairs = Vec::new();
        while open.len() > 1 {
            let mut best = (f64::INFINITY, 0, 1);
            let near = open.len().min(COMPARED);
            for i in 0..near {
                for j in i + 1..near {
                    let cost = product(open[i].1 | open[j].1);
                    if cost < best.0 {
                        best = (cost, i, j);
                    }
                }
            }
            let (_, i, j) = best;
            let ((b, right), (a, left)) = (open.remove(j), open.remove(i));
            let others = open.iter().fold(output, |mask, (_, other)| mask | other);
            open.insert(i, (n + pairs.len(), (left | right) & others));
            pairs.push((a, b));
        }
        return pairs;
    }
    let union = |set: usize| (0..n).filter(|k| set >> k & 1 == 1).fold(0, |mask, k| mask | masks[k]);
    let whole = (1usize << n) - 1;
    let kept = |set: usize| union(set) & (output | union(whole & !set));
    let (mut cost, mut right) = (vec![0.0; whole + 1], vec![0usize; whole + 1]);
    for set in (1..=whole).filter(|set| set.count_ones() > 1) {
        cost[set] = f64::INFINITY;
        // Parts without the first operand, those of one operand and far to the right first.
        let first = 1 << set.trailing_zeros();
        let mut parts: Vec<usize> = (1..=set).filter(|&part| part & !set == 0 && part & first == 0).collect();
        parts.sort_by_key(|part| (part.count_ones(), std::cmp::Reverse(*part)));
        for part in parts {
            let rest = set & !part;
            let total = cost[rest] + cost[part] + product(kept(rest) | kept(part));
            if total < cost[set] {
                (cost[set], right[set]) = (total, part);
            }
        }
    }
    // From the whole down to single operands, and the pairs in the opposite order.
    let (mut open, mut splits) = (vec![whole], Vec::new());
    while let Some(set) = open.pop() {
        if set.count_ones() > 1 {
            let part = right[set];
            splits.push((set & !part, part));
            open.extend([set & !part, part]);
        }
    }
    splits.reverse();
    let place = |set: usize, done: usize| match set.count_ones() {
        1 => set.trailing_zeros() as usize,
        _ => n + splits[..done].iter().position(|(a, b)| a | b == set).unwrap_or(0),
    };
    (0..splits.len()).map(|done| (place(splits[done].0, done), place(splits[done].1, done))).collect()
}

/// The first of the letters that stand for the axes of an ellipsis, last axis first.
const DOT: char = '\u{E000}';

/// The letters of a term, an ellipsis spelt out so that the term has `ndim` axes.
fn spell(term: &str, ndim: Option<usize>) -> std::result::Result<Vec<char>, String> {
    let (head, tail, dotted) = match term.split_once("...") {
        Some((head, tail)) => (head, tail, true),
        None => (term, "", false),
    };
    if let Some(bad) = head.chars().chain(tail.chars()).find(|c| !c.is_ascii_alphabetic()) {
        return Err(format!("character {bad:?}"));
    }
    let named = head.len() + tail.len();
    let missing = if dotted { ndim.unwrap_or(named).saturating_sub(named) } else { 0 };
    let dots = (0..missing as u32).rev().filter_map(|i| char::from_u32(DOT as u32 + i));
    Ok(head.chars().chain(dots).chain(tail.chars()).collect())
}

/// The output of a string without an arrow: the ellipsis, then letters that appear once, in alphabetical order.
fn implicit(terms: &[Term<'_>], parts: &[&str], dots: usize) -> Vec<char> {
    let all: Vec<char> = parts.iter().flat_map(|p| p.chars()).filter(char::is_ascii_alphabetic).collect();
    let mut once: Vec<char> = all.iter().copied().filter(|c| all.iter().filter(|d| *d == c).count() == 1).collect();
    once.sort_unstable();
    let shared = (0..dots as u32).rev().filter_map(|i| char::from_u32(DOT as u32 + i));
    shared.filter(|c| terms.iter().any(|t| t.letters.contains(c))).chain(once).collect()
}

fn sizes_agree(terms: &[Term<'_>]) -> std::result::Result<(), String> {
    let mut known: Vec<(char, usize)> = Vec::new();
    for term in terms {
        for (&letter, &size) in term.letters.iter().zip(term.x.shape().iter()) {
            match known.iter_mut().find(|(l, _)| *l == letter) {
                Some((_, s)) if *s == 1 => *s = size,
                Some((_, s)) if *s != size && size != 1 => {
                    return Err(format!("sizes {s} and {size} for {letter:?}"));
                }
                Some(_) => {}
                None => known.push((letter, size)),
            }
        }
    }
    Ok(())
}

/// Replaces repeated letters of one operand by the diagonal.
fn diagonal(mut term: Term<'_>) -> std::result::Result<Term<'_>, String> {
    while let Some((p, q)) = repeated(&term.letters) {
        let shape = term.x.shape();
        let (n, m) = (shape[p], shape[q]);
        if n != m {
            return Err(format!("sizes {n} and {m} for {:?}", term.letters[p]));
        }
        let mut order: Dims = (0..shape.ndim()).filter(|&axis| axis != p && axis != q).collect();
        let rest: Vec<usize> = order.iter().map(|&axis| shape[axis]).collect();
        order.extend([p, q]);
        // In the flattened square, the diagonal is every (n+1)-th element.
        let flat = term.x.permute(&order).reshape(&[&rest[..], &[n * n]].concat());
        let mut ranges = vec![super::Range::ALL; rest.len()];
        ranges.push(super::Range { start: 0, step: n as isize + 1 });
        let picked = Shape::new("einsum", &[&rest[..], &[n]].concat()).map_err(|e| e.to_string())?;
        let letter = term.letters[p];
        term.letters = order[..rest.len()].iter().map(|&axis| term.letters[axis]).chain([letter]).collect();
        term.x = flat.slice(ranges.into(), &picked);
    }
    Ok(term)
}

fn repeated(letters: &[char]) -> Option<(usize, usize)> {
    letters.iter().enumerate().find_map(|(q, letter)| letters[..q].iter().position(|l| l == letter).map(|p| (p, q)))
}

/// Sums the axes whose letters nobody needs.
fn sum_out<'r>(term: Term<'r>, needed: &dyn Fn(&char) -> bool) -> Term<'r> {
    let axes: Dims = (0..term.letters.len()).filter(|&axis| !needed(&term.letters[axis])).collect();
    // As in a matrix product, integers keep their dtype.
    let dtype = term.x.dtype();
    let x = term.x.cast(dtype.to_sum()).reduce_kept(ReduceOp::Sum, &axes).cast(dtype).drop_axes(&axes, false);
    Term { x, letters: term.letters.into_iter().filter(|letter| needed(letter)).collect() }
}

/// The product of two terms, with letters that are not needed later summed.
fn multiply<'r>(a: Term<'r>, b: Term<'r>, later: &dyn Fn(&char) -> bool) -> Result<Term<'r>> {
    let a = sum_out(a, &|l| later(l) || b.letters.contains(l));
    let b = sum_out(b, &|l| later(l) || a.letters.contains(l));
    let shared = |l: &char| a.letters.contains(l) && b.letters.contains(l);
    let batch: Vec<char> = a.letters.iter().copied().filter(|l| shared(l) && later(l)).collect();
    let inner: Vec<char> = a.letters.iter().copied().filter(|l| shared(l) && !later(l)).collect();
    let left: Vec<char> = a.letters.iter().copied().filter(|l| !shared(l)).collect();
    let right: Vec<char> = b.letters.iter().copied().filter(|l| !shared(l)).collect();
    let size = |l: &char| {
        let of = |t: &Term<'r>| t.letters.iter().position(|m| m == l).map_or(1, |axis| t.x.shape()[axis]);
        // A size of 1 gives way, also to 0.
        if of(&a) == 1 { of(&b) } else { of(&a) }
    };
    // Sizes of 1 against larger ones broadcast, as in every other op.
    let arrange = |t: &Term<'r>, groups: [&[char]; 3]| -> Result<(Expr<'r>, [usize; 3])> {
        let letters: Vec<char> = groups.concat();
        let order: Dims = letters.iter().filter_map(|l| t.letters.iter().position(|m| m == l)).collect();
        let dims: Dims = letters.iter().map(size).collect();
        let x = t.x.permute(&order).expand(&Shape::new("einsum", &dims)?);
        let flat = groups.map(|group| group.iter().map(size).product());
        Ok((x.reshape(&flat), flat))
    };
    let (dtype, (x, xs)) = (a.x.dtype().promote(b.x.dtype(), "einsum")?, arrange(&a, [&batch, &left, &inner])?);
    let (y, ys) = arrange(&b, [&batch, &inner, &right])?;
    let (x, y) = (x.cast(dtype), y.cast(dtype));
    let letters: Vec<char> = [&batch[..], &left, &right].concat();
    let dims: Dims = letters.iter().map(size).collect();
    Shape::new("einsum", &dims)?;
    let product =
        if inner.is_empty() { x.reshape(&[xs[0], xs[1], 1]) * y.reshape(&[ys[0], 1, ys[2]]) } else { x.contract(y) };
    Ok(Term { x: product.reshape(&dims), letters })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chains of matrices, letter `k` between the `k`-th and the one before it.
    fn chain(sizes: &[f64]) -> Vec<(usize, usize)> {
        let masks: Vec<u128> = (0..sizes.len() - 1).map(|k| 3 << k).collect();
        contraction_order(&masks, 1 | 1 << (sizes.len() - 1), sizes)
    }

    #[test]
    fn few_operands_are_combined_in_the_cheapest_order() {
        assert_eq!(chain(&[10.0, 1000.0, 10.0, 1000.0]), [(0, 1), (3, 2)]);
        assert_eq!(chain(&[1000.0, 10.0, 1000.0, 10.0]), [(1, 2), (0, 3)]);
        assert_eq!(chain(&[2.0, 2.0, 2.0, 2.0]), [(0, 1), (3, 2)]);
        assert!(chain(&[2.0, 3.0]).is_empty());
    }

    #[test]
    fn many_operands_are_all_combined() {
        for n in 2..15 {
            let pairs = chain(&vec![3.0; n + 1]);
            let mut used: Vec<usize> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
            used.sort_unstable();
            assert_eq!(used, (0..2 * n - 2).collect::<Vec<_>>());
        }
    }
}
