//! Products against a plain sum in double precision, for every instruction set that this CPU has.

use super::level::Kernels;
use super::*;
use crate::error::Error;

/// What the tests need of an element.
trait Sample: Factor {
    const LEVELS: &'static [Kernels<Self>];
    const EPSILON: f64;
    fn from_f64(x: f64) -> Self;
    fn to_f64(self) -> f64;
}

impl Sample for f32 {
    const LEVELS: &'static [Kernels<f32>] = F32;
    const EPSILON: f64 = f32::EPSILON as f64;
    fn from_f64(x: f64) -> f32 {
        x as f32
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Sample for f64 {
    const LEVELS: &'static [Kernels<f64>] = F64;
    const EPSILON: f64 = f64::EPSILON;
    fn from_f64(x: f64) -> f64 {
        x
    }
    fn to_f64(self) -> f64 {
        self
    }
}

/// How a side lies in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Rows,
    Columns,
    /// Rows of a wider matrix, the last first.
    Backwards,
    /// Every third element of a wider matrix by columns.
    Sparse,
    /// One row seen everywhere.
    Repeated,
}

const FORMS: [Form; 5] = [Form::Rows, Form::Columns, Form::Backwards, Form::Sparse, Form::Repeated];

struct Side<T> {
    memory: Vec<T>,
    first: usize,
    strides: [isize; 2],
}

impl<T: Sample> Side<T> {
    fn new(form: Form, rows: usize, columns: usize, seed: &mut u64) -> Side<T> {
        let (r, c) = (rows as isize, columns as isize);
        let (first, strides) = match form {
            Form::Rows => (0, [c, 1]),
            Form::Columns => (0, [1, r]),
            Form::Backwards => (rows.saturating_sub(1) * (columns + 5), [-(c + 5), 1]),
            Form::Sparse => (2, [3, 3 * r + 1]),
            Form::Repeated => (0, [0, 1]),
        };
        // What no index reaches is NaN, so that reading it shows.
        let mut side = Side { memory: vec![T::from_f64(f64::NAN); 8 + (rows + 2) * (columns + 5) * 3], first, strides };
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = side.at(row, column);
            side.memory[at] = T::from_f64((*seed >> 40) as f64 / (1u64 << 23) as f64 - 1.0);
        }
        side
    }

    fn at(&self, row: usize, column: usize) -> usize {
        (self.first as isize + row as isize * self.strides[0] + column as isize * self.strides[1]) as usize
    }

    fn matrix(&self) -> Matrix<T> {
        // Of all memory: strides may be negative.
        Matrix { start: self.memory.as_ptr().wrapping_add(self.first), strides: self.strides }
    }
}

/// Elements around a result that must stay as they are.
const GUARD: usize = 70;

/// The product, in memory whose other elements have been found untouched.
fn product<T: Sample>(kernels: &'static Kernels<T>, sizes: [usize; 3], a: &Side<T>, b: &Side<T>) -> Vec<T> {
    let [m, _, n] = sizes;
    // Old contents are NaN: a result that is added to them shows.
    let mut out = vec![T::from_f64(f64::NAN); m * n + 2 * GUARD];
    for i in (0..GUARD).chain(GUARD + m * n..m * n + 2 * GUARD) {
        out[i] = T::from_f64(-7.0);
    }
    // SAFETY: only kernels that the CPU has are asked for; the sides have all their elements, the output its own.
    unsafe {
        let to = out.as_mut_ptr().add(GUARD);
        multiply(kernels, sizes, a.matrix(), b.matrix(), to, sizes[2], &|_| Ok(())).unwrap();
    }
    let intact = |x: &T| x.to_f64() == -7.0;
    assert!(out[..GUARD].iter().all(intact) && out[GUARD + m * n..].iter().all(intact), "{sizes:?}");
    out[GUARD..GUARD + m * n].to_vec()
}

fn check<T: Sample>(sizes: [usize; 3], forms: [Form; 2]) {
    let ([m, k, n], mut seed) = (sizes, 1);
    let (a, b) = (Side::<T>::new(forms[0], m, k, &mut seed), Side::<T>::new(forms[1], k, n, &mut seed));
    for (level, kernels) in T::LEVELS.iter().enumerate().filter(|(_, kernels)| (kernels.there)()) {
        let found = product(kernels, sizes, &a, &b);
        for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
            let terms = (0..k).map(|p| a.memory[a.at(i, p)].to_f64() * b.memory[b.at(p, j)].to_f64());
            let (sum, size) = terms.fold((0.0, 0.0), |(sum, size): (f64, f64), term| (sum + term, size + term.abs()));
            let error = (found[i * n + j].to_f64() - sum).abs();
            // Each of k terms takes part in at most k roundings.
            let allowed = size * T::EPSILON * (k as f64 + 2.0);
            assert!(error <= allowed, "level {level}, {sizes:?} {forms:?} at {i}, {j}: {error:e} > {allowed:e}");
        }
    }
}

/// The same of both types.
fn check_both(sizes: [usize; 3], forms: [Form; 2]) {
    check::<f32>(sizes, forms);
    check::<f64>(sizes, forms);
}

const PAIRS: [[Form; 2]; 4] = [
    [Form::Rows, Form::Rows],
    [Form::Rows, Form::Columns],
    [Form::Columns, Form::Rows],
    [Form::Columns, Form::Columns],
];

#[test]
fn small_products_are_the_sums() {
    // Small enough for Miri.
    for sizes in [[1, 1, 1], [2, 3, 2], [7, 5, 3], [1, 9, 5], [5, 9, 1], [8, 3, 9], [3, 1, 17]] {
        FORMS.iter().for_each(|&a| FORMS.iter().for_each(|&b| check_both(sizes, [a, b])));
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes hours")]
fn odd_sizes_are_the_sums() {
    let some = [1, 2, 3, 7, 13, 15, 16, 17, 31, 33, 63, 65, 100];
    for (at, &m) in some.iter().enumerate() {
        for (other, &n) in some.iter().enumerate() {
            PAIRS.iter().for_each(|&forms| check_both([m, some[(3 * at + 5 * other) % some.len()], n], forms));
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes hours")]
fn products_of_several_pieces_are_the_sums() {
    // Longer than a piece in k; large enough to be packed on both sides; wider than a piece; high and thin.
    for sizes in [[37, 2 * DEEP + 5, 70], [190, 400, 350], [3, 20, 2100], [300, 11, 3], [60, 385, 33]] {
        PAIRS.iter().for_each(|&forms| check_both(sizes, forms));
        check_both(sizes, [Form::Sparse, Form::Backwards]);
        check_both(sizes, [Form::Backwards, Form::Sparse]);
    }
}

#[test]
fn a_product_over_nothing_is_zero() {
    for sizes in [[3, 0, 5], [1, 0, 40], [20, 0, 1]] {
        for kernels in F32.iter().filter(|kernels| (kernels.there)()) {
            let (a, b) = (Side::new(Form::Rows, sizes[0], 0, &mut 1), Side::new(Form::Columns, 0, sizes[2], &mut 1));
            assert!(product(kernels, sizes, &a, &b).iter().all(|&x| x == 0.0 && x.is_sign_positive()));
        }
    }
}

#[test]
fn zero_times_infinity_is_not_left_out() {
    for sizes @ [m, k, n] in [[9, 6, 21], [1, 30, 9], [9, 30, 1]] {
        for forms in PAIRS {
            for kernels in F32.iter().filter(|kernels| (kernels.there)()) {
                let (mut a, mut b) = (Side::new(forms[0], m, k, &mut 1), Side::new(forms[1], k, n, &mut 2));
                let (zero, infinity) = (a.at(m / 2, 3), b.at(3, n / 2));
                a.memory[zero] = 0.0f32;
                b.memory[infinity] = f32::INFINITY;
                let found = product(kernels, sizes, &a, &b);
                for (at, x) in found.iter().enumerate() {
                    let (hit, spoilt) = (at % n == n / 2, at == m / 2 * n + n / 2);
                    assert_eq!((x.is_nan(), x.is_infinite()), (spoilt, hit && !spoilt), "{sizes:?} {forms:?} {at}");
                }
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes hours")]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let before = crate::exec::num_threads();
    for (sizes, forms) in [([200, 900, 300], PAIRS[3]), ([64, 300, 2200], PAIRS[0]), ([1, 3000, 500], PAIRS[1])] {
        let (a, b) = (Side::new(forms[0], sizes[0], sizes[1], &mut 1), Side::new(forms[1], sizes[1], sizes[2], &mut 2));
        let found = [1, 2, 4].map(|threads| {
            crate::exec::set_num_threads(threads).unwrap();
            product::<f32>(best(F32), sizes, &a, &b)
        });
        assert!(found[1..].iter().all(|other| *other == found[0]), "{sizes:?}");
    }
    crate::exec::set_num_threads(before).unwrap();
}

#[test]
fn who_is_asked_whether_to_go_on_may_end_it() {
    for (sizes, forms) in [([30, 40, 50], PAIRS[1]), ([1, 40, 50], PAIRS[1])] {
        let (a, b) =
            (Side::<f64>::new(forms[0], sizes[0], sizes[1], &mut 1), Side::new(forms[1], sizes[1], sizes[2], &mut 2));
        let mut out = vec![0.0; sizes[0] * sizes[2]];
        let refuse = |_| Err(Error::Interrupted);
        // SAFETY: as in `product`.
        let ended = unsafe { multiply(best(F64), sizes, a.matrix(), b.matrix(), out.as_mut_ptr(), sizes[2], &refuse) };
        assert!(matches!(ended, Err(Fault::Error(error)) if *error == Error::Interrupted));
    }
}

#[test]
fn memory_that_cannot_be_had_is_an_error() {
    assert!(matches!(Scratch::of::<f64>(&PANELS, "matmul", usize::MAX / 16), Err(Error::Allocation { .. })));
}
