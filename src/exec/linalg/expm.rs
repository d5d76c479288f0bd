//! The exponential of a matrix: Padé approximants after scaling, squared back (Higham, 2005), in double precision.

use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::lu::partial_pivoting::{factor, solve};
use faer::mat::{MatMut, MatRef};
use faer::reborrow::*;
use faer::{Conj, Par, Spec};

use super::spectra::multiply;
use super::{Outcome, Real, by_columns, copy};

/// For each order the largest norm for which the approximant is exact to double precision, and its coefficients.
const ORDERS: [(f64, &[f64]); 5] = [
    (0.01495585217958292, &[120.0, 60.0, 12.0, 1.0]),
    (0.253939833006323, &[30240.0, 15120.0, 3360.0, 420.0, 30.0, 1.0]),
    (0.9504178996162932, &[17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0]),
    (
        2.097847961257068,
        &[17643225600.0, 8821612800.0, 2075673600.0, 302702400.0, 30270240.0, 2162160.0, 110880.0, 3960.0, 90.0, 1.0],
    ),
    (
        5.371920351148152,
        &[
            64764752532480000.0,
            32382376266240000.0,
            7771770303897600.0,
            1187353796428800.0,
            129060195264000.0,
            10559470521600.0,
            670442572800.0,
            33522128640.0,
            1323241920.0,
            40840800.0,
            960960.0,
            16380.0,
            182.0,
            1.0,
        ],
    ),
];

/// Matrices that are there at a time.
const MATRICES: usize = 6;

pub(super) fn room(n: usize) -> StackReq {
    let decompose = factor::lu_in_place_scratch::<u32, f64>(n, n, Par::Seq, Spec::default());
    let solve = solve::solve_in_place_scratch::<u32, f64>(n, n, Par::Seq);
    StackReq::new::<f64>(n * n).array(MATRICES).and(StackReq::new::<u32>(n).array(2)).and(decompose.or(solve))
}

/// The exponential, row by row.
pub(super) fn expm<T: Real>(a: MatRef<'_, T>, out: &mut [T], stack: &mut MemStack) -> Outcome {
    let n = a.nrows();
    let mut result = by_columns(out, n, n).transpose_mut();
    copy(a, result.rb_mut())?;
    let column = |j: usize| (0..n).map(|i| a[(i, j)].into().abs()).sum::<f64>();
    let norm = (0..n).map(column).fold(0.0, f64::max);
    let (largest, highest) = ORDERS[ORDERS.len() - 1];
    let squarings = if norm > largest { (norm / largest).log2().ceil() as i32 } else { 0 };
    let coefficients = ORDERS.iter().find(|(limit, _)| norm <= *limit).map_or(highest, |(_, found)| *found);
    // Of the largest numbers the power of two itself is too small to be one.
    let scale = [0.5f64.powi(squarings / 2), 0.5f64.powi(squarings - squarings / 2)];
    let (mut x, stack) = stack.make_with(n * n, |at| a[(at % n, at / n)].into() * scale[0] * scale[1]);
    let (mut square, stack) = stack.make_with(n * n, |_| 0.0);
    let (mut power, stack) = stack.make_with(n * n, |at| f64::from(u8::from(at % n == at / n)));
    let (mut next, stack) = stack.make_with(n * n, |_| 0.0);
    let (mut odd, stack) = stack.make_with(n * n, |_| 0.0);
    let (mut even, stack) = stack.make_with(n * n, |_| 0.0);
    fn view(memory: &[f64], n: usize) -> MatRef<'_, f64> {
        MatRef::from_column_major_slice(memory, n, n)
    }
    fn product(out: &mut [f64], a: &[f64], b: &[f64], n: usize) {
        multiply(by_columns(out, n, n), view(a, n), view(b, n));
    }
    product(&mut square, &x, &x, n);
    // The even powers serve both sums; the odd one is multiplied by the matrix at the end.
    for (k, pair) in coefficients.chunks(2).enumerate() {
        match k {
            0 => {}
            1 => power.copy_from_slice(&square),
            _ => {
                product(&mut next, &power, &square, n);
                power.copy_from_slice(&next);
            }
        }
        for ((e, o), &p) in even.iter_mut().zip(odd.iter_mut()).zip(power.iter()) {
            *e += pair[0] * p;
            *o += pair[1] * p;
        }
    }
    product(&mut next, &x, &odd, n);
    // Numerator and denominator: the sum and the difference.
    for ((e, o), x) in even.iter_mut().zip(next.iter_mut()).zip(x.iter_mut()) {
        (*x, *o) = (*e - *o, *e + *o);
    }
    solve_in_place(by_columns(&mut x, n, n), by_columns(&mut next, n, n), stack);
    for _ in 0..squarings {
        product(&mut power, &next, &next, n);
        next.copy_from_slice(&power);
    }
    let last = view(&next, n);
    for i in 0..n {
        (0..n).for_each(|j| result[(i, j)] = T::of(last[(i, j)]));
    }
    Ok(())
}

fn solve_in_place(mut a: MatMut<'_, f64>, b: MatMut<'_, f64>, stack: &mut MemStack) {
    let n = a.nrows();
    let (mut forward, stack) = stack.make_with(n, |_| 0u32);
    let (mut inverse, stack) = stack.make_with(n, |_| 0u32);
    let (_, rows) = factor::lu_in_place(a.rb_mut(), &mut forward, &mut inverse, Par::Seq, stack, Spec::default());
    solve::solve_in_place_with_conj(a.rb(), a.rb(), rows, Conj::No, b, Par::Seq, stack);
}
