//! Every kind of step and every class of kernel, on sizes that Miri can follow: whatever unsafe code `buffer`, `kernels` and
//! `exec` have runs here. Each program runs fused and op by op, and both must give the same bits.

use phonograd::{
    ArgOp, BinaryOp, ComputationRecord, DType, Element, Error, Expr, Index, Key, Leaf, NdArray, Options, Padding,
    Recorder, ReduceOp, Result, Scalar, Shape, TernaryOp, Transposed, UnaryOp, Update, Windows, bf16, f16,
    set_num_threads,
};

/// Elements in a tile of the executor, which are fewer under Miri; sizes beyond it take several.
const TILE: usize = if cfg!(miri) { 32 } else { 512 };

/// Elements of a long row that are combined before the row is cut.
const PART: usize = if cfg!(miri) { 1 << 8 } else { 1 << 15 };

/// Elements of a space that several threads share.
const SHARED: usize = if cfg!(miri) { 3 << 7 } else { 3 << 14 };

fn array<T: Element>(dims: &[usize], element: impl Fn(usize) -> T) -> Result<NdArray> {
    NdArray::from_slice(&(0..dims.iter().product()).map(element).collect::<Vec<_>>())?.reshape(dims)
}

/// Elements of any dtype: small numbers of both signs, with zeros among them.
fn numbers(dtype: DType, dims: &[usize]) -> Result<NdArray> {
    let small = |i: usize| (i * 7 % 11) as i32 - 4;
    match dtype {
        DType::Bool => array(dims, |i| i % 3 == 1),
        DType::I8 => array(dims, |i| small(i) as i8),
        DType::U8 => array(dims, |i| (i * 7 % 11) as u8),
        DType::I16 => array(dims, |i| small(i) as i16),
        DType::U16 => array(dims, |i| (i * 7 % 11) as u16),
        DType::I32 => array(dims, small),
        DType::U32 => array(dims, |i| (i * 7 % 11) as u32),
        DType::I64 => array(dims, |i| i64::from(small(i))),
        DType::U64 => array(dims, |i| (i * 7 % 11) as u64),
        DType::F16 => array(dims, |i| f16::from_f32(small(i) as f32 * 0.25)),
        DType::BF16 => array(dims, |i| bf16::from_f32(small(i) as f32 * 0.25)),
        DType::F32 => array(dims, |i| small(i) as f32 * 0.25),
        DType::F64 => array(dims, |i| f64::from(small(i)) * 0.25),
    }
}

fn compute(make: &dyn for<'r> Fn(&'r Recorder) -> Result<Vec<Expr<'r>>>, fuse: bool) -> Result<Vec<NdArray>> {
    let rec = ComputationRecord::new();
    let made = rec.record_many(None, make)?;
    rec.compute_with(&made.iter().collect::<Vec<_>>(), Options { keep: true, fuse, memory_budget: None }, &mut || {
        Ok(())
    })?;
    made.iter().map(|tensor| tensor.data()).collect()
}

/// The results of a program, which are the same when every op is a step of its own. Miri, which takes its time, sees the
/// fused form only.
fn results(make: impl for<'r> Fn(&'r Recorder) -> Result<Vec<Expr<'r>>>) -> Result<Vec<NdArray>> {
    let planned = compute(&make, true)?;
    let alone = if cfg!(miri) { planned.clone() } else { compute(&make, false)? };
    for (at, (planned, alone)) in planned.iter().zip(&alone).enumerate() {
        assert!(planned == alone, "result {at}: {planned} fused, {alone} op by op");
    }
    Ok(planned)
}

/// The members of a family that a dtype has.
fn having<Op: Copy>(all: &[Op], record: impl for<'r> Fn(&'r Recorder, Op) -> Expr<'r>) -> Vec<Op> {
    let takes = |op: &&Op| ComputationRecord::new().record(None, |r| record(r, **op)).is_ok();
    all.iter().filter(takes).copied().collect()
}

#[test]
fn every_unary_kernel() -> Result<()> {
    let mut seen = 0;
    for dtype in DType::ALL {
        let x = numbers(dtype, &[3, 4])?;
        let ops = having(UnaryOp::ALL, |r, op| r.data(x.clone()).unary(op));
        seen += ops.len();
        results(|r| {
            let x = r.data(x.clone());
            // In order, and against the order of memory.
            let turned = x.transpose(None).flip(None);
            Ok(ops.iter().flat_map(|&op| [x.unary(op), turned.unary(op)]).collect())
        })?;
    }
    assert!(seen > 4 * UnaryOp::ALL.len(), "{seen}");
    Ok(())
}

#[test]
fn angles_out_of_the_vector_range_are_taken_one_by_one() -> Result<()> {
    let made = results(|r| Ok(vec![r.data(array(&[3], |i| [1e18f64, 0.5, f64::NAN][i])?).sin()]))?;
    let sines = made[0].to_f64();
    assert!((sines[0] - 1e18f64.sin()).abs() < 1e-12 && (sines[1] - 0.5f64.sin()).abs() < 1e-15 && sines[2].is_nan());
    Ok(())
}

#[test]
fn every_binary_kernel() -> Result<()> {
    for dtype in DType::ALL {
        // No divisor is zero, no exponent negative.
        let (a, b) = (numbers(dtype, &[3, 1])?, array(&[4], |i| i as u8 + 1)?);
        let ops = having(BinaryOp::ALL, |r, op| r.data(a.clone()).binary(op, r.data(b.clone()).cast(dtype)));
        assert!(ops.len() >= 6, "{dtype}: {ops:?}");
        let made = results(|r| {
            let (a, b) = (r.data(a.clone()), r.data(b.clone()).cast(dtype));
            Ok(ops.iter().map(|&op| a.binary(op, b)).collect())
        })?;
        assert!(made.iter().all(|made| made.shape()[..] == [3, 4]));
    }
    Ok(())
}

#[test]
fn every_ternary_kernel() -> Result<()> {
    for dtype in [DType::F32, DType::F64] {
        let made = results(|r| {
            let a = r.data(array(&[3, 1], |i| i as f64 + 1.5)?).cast(dtype);
            let (b, x) = (r.data(array(&[1], |_| 0.5)?).cast(dtype), r.data(array(&[4], |i| 0.2 + 0.2 * i as f64)?));
            let x = x.cast(dtype);
            Ok(TernaryOp::ALL.iter().map(|&op| a.ternary(op, b, x)).collect())
        })?;
        assert!(made.iter().all(|made| made.shape()[..] == [3, 4]));
    }
    Ok(())
}

#[test]
fn integers_without_a_quotient_or_a_power_are_found() -> Result<()> {
    for dtype in DType::ALL.into_iter().filter(|dtype| dtype.is_integer()) {
        for op in [BinaryOp::FloorDiv, BinaryOp::Remainder] {
            let made = results(|r| Ok(vec![r.data(numbers(dtype, &[4])?).binary(op, r.zeros(Shape::scalar(), dtype))]));
            assert!(matches!(made, Err(Error::IntegerDivision { .. })), "{dtype} {op:?}");
        }
    }
    for dtype in [DType::I8, DType::I16, DType::I32, DType::I64] {
        let made = results(|r| {
            let x = r.data(numbers(dtype, &[4])?);
            Ok(vec![x.binary(BinaryOp::Pow, x)])
        });
        assert!(matches!(made, Err(Error::NegativeExponent { .. })), "{dtype}");
    }
    Ok(())
}

#[test]
fn every_cast_and_every_choice() -> Result<()> {
    for from in DType::ALL {
        let x = numbers(from, &[2, 3])?;
        let made = results(|r| {
            let x = r.data(x.clone());
            let chosen = r.data(numbers(DType::Bool, &[3])?).select(x, x.flip(Some(&[0])));
            Ok(DType::ALL.iter().map(|&to| x.cast(to)).chain([chosen]).collect())
        })?;
        for (to, made) in DType::ALL.iter().zip(&made) {
            assert_eq!(made.dtype(), *to);
        }
        let (flat, chosen) = (x.to_f64(), made[DType::ALL.len()].to_f64());
        let expected: Vec<f64> = (0..6).map(|i| if i % 3 == 1 { flat[i] } else { flat[(i + 3) % 6] }).collect();
        assert_eq!(chosen, expected, "{from}");
    }
    Ok(())
}

#[test]
fn counting_constants_and_draws() -> Result<()> {
    let n = TILE + 5;
    let made = results(|r| {
        let shape = Shape::new("test", &[n])?;
        let mut made = vec![r.arange(Scalar::Int(3), Scalar::Int(3 + n as i128), Scalar::Int(1), DType::I64)?];
        made.push(r.linspace(0.0, 1.0, n, true, DType::F32)?);
        made.push(r.eye(3, 4, 1, DType::U8)?);
        for (k, dtype) in [DType::F32, DType::F64].into_iter().enumerate() {
            made.push(r.draw(Leaf::Uniform, Key::new(k as u64), shape.clone(), dtype)?);
            made.push(r.draw(Leaf::Normal, Key::new(9 + k as u64), shape.clone(), dtype)?);
        }
        made.extend(DType::ALL.map(|dtype| r.zeros(shape.clone(), dtype)));
        made.extend(DType::ALL.map(|dtype| r.ones(shape.clone(), dtype)));
        made.push(r.full(shape, DType::F32, Scalar::Float(2.5)));
        Ok(made)
    })?;
    assert_eq!(made[0].to_f64()[n - 1], (n + 2) as f64);
    assert_eq!(made[1].to_f64()[n - 1], 1.0);
    assert_eq!(made[2].to_f64(), [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    assert!(made[3].to_f64().iter().chain(&made[5].to_f64()).all(|u| (0.0..1.0).contains(u)));
    let mean = made[4].to_f64().iter().chain(&made[6].to_f64()).sum::<f64>() / (2 * n) as f64;
    assert!(mean.abs() < 5.0 / (2.0 * n as f64).sqrt(), "{mean}");
    Ok(())
}

#[test]
fn every_fold_along_rows_columns_and_the_middle() -> Result<()> {
    for dtype in DType::ALL {
        let x = numbers(dtype, &[2, 3, 4])?;
        let ops = having(ReduceOp::ALL, |r, op| r.data(x.clone()).reduce(op, None, false));
        results(|r| {
            let x = r.data(x.clone());
            let turned = x.transpose(None).flip(None);
            let all = |op| {
                let axes = [None, Some(&[2][..]), Some(&[0]), Some(&[1]), Some(&[0, 2]), Some(&[0, 1])];
                let straight = axes.map(|axes| x.reduce(op, axes, false));
                straight.into_iter().chain([&[0][..], &[2]].map(|axes| turned.reduce(op, Some(axes), true)))
            };
            Ok(ops.iter().flat_map(|&op| all(op)).collect())
        })?;
    }
    let sums = results(|r| {
        let x = r.data(array(&[2, 3, 4], |i| i as i64)?);
        Ok(vec![x.sum(Some(&[2]), false), x.sum(Some(&[0]), false), x.sum(Some(&[1]), false), x.sum(None, false)])
    })?;
    assert_eq!(sums[0].to_f64(), [6.0, 22.0, 38.0, 54.0, 70.0, 86.0]);
    assert_eq!(sums[1].to_f64()[..4], [12.0, 14.0, 16.0, 18.0]);
    assert_eq!(sums[2].to_f64(), [12.0, 15.0, 18.0, 21.0, 48.0, 51.0, 54.0, 57.0]);
    assert_eq!(sums[3].to_f64(), [276.0]);
    Ok(())
}

#[test]
fn folds_over_several_tiles_over_parts_and_over_nothing() -> Result<()> {
    const WIDE: usize = TILE + 9;
    // Rows and columns longer than a tile.
    let made = results(|r| {
        let x = r.data(array(&[3, WIDE], |i| (i % 5) as f32)?);
        Ok(vec![(x + 1.0).sum(Some(&[1]), false), (x * 2.0).max(Some(&[0]), false), x.sum(None, false)])
    })?;
    let expected: Vec<f64> = (0..3).map(|row| (0..WIDE).map(|i| ((row * WIDE + i) % 5 + 1) as f64).sum()).collect();
    assert_eq!(made[0].to_f64(), expected);
    assert_eq!(made[1].to_f64()[..2], [4.0, 6.0]);
    // A row cut into parts, and columns cut into parts.
    let (long, tall, wide) = (PART + 70, 200, PART / 128);
    let made = results(|r| {
        let columns = r.data(array(&[tall, wide], |i| (i % wide) as f32)?).sum(Some(&[0]), false);
        Ok(vec![r.data(array(&[long], |i| (i % 3) as u8)?).sum(None, false), columns])
    })?;
    assert_eq!(made[0].to_f64(), [(0..long).map(|i| (i % 3) as f64).sum::<f64>()]);
    assert_eq!(made[1].to_f64(), (0..wide).map(|i| (i * tall) as f64).collect::<Vec<_>>());
    // Nothing to combine.
    let made = results(|r| {
        let x = r.data(array(&[0, 3], |_| 0.0f64)?);
        Ok(vec![x.sum(Some(&[0]), false), x.reduce(ReduceOp::Prod, None, false), x.sum(Some(&[1]), false), x.exp()])
    })?;
    assert_eq!((made[0].to_f64(), made[1].to_f64(), made[2].shape().len()), (vec![0.0; 3], vec![1.0], 0));
    Ok(())
}

#[test]
fn views_are_read_and_written_where_they_lie() -> Result<()> {
    for dtype in DType::ALL {
        let made = results(|r| {
            let x = r.data(numbers(dtype, &[3, 4])?);
            let flat = x.transpose(None).reshape(&[12]);
            let wide = flat.reshape(&[12, 1]).expand(&Shape::new("test", &[2, 12, 3])?);
            let joined = r.concat(&[x, x.flip(Some(&[1])), x], 1);
            let stacked = r.stack(&[x, x.flip(Some(&[0]))], -1);
            let padded = x.pad(&[(1, 0), (2, 1)], Scalar::Int(1));
            Ok(vec![flat, wide, joined, stacked, padded, x.reshape(&[2, 6]), x.reshape(&[12]).stop_gradient()])
        })?;
        let x = numbers(dtype, &[3, 4])?.to_f64();
        assert_eq!(made[0].to_f64(), (0..12).map(|i| x[i % 3 * 4 + i / 3]).collect::<Vec<_>>());
        assert_eq!(made[1].to_f64()[..6], [x[0], x[0], x[0], x[4], x[4], x[4]]);
        assert_eq!(made[2].to_f64()[..12], [&x[..4], &[x[3], x[2], x[1], x[0]], &x[..4]].concat());
        assert_eq!(made[3].to_f64()[..4], [x[0], x[8], x[1], x[9]]);
        assert_eq!((made[4].shape()[..].to_vec(), made[4].to_f64()[9]), (vec![4, 7], x[0]));
    }
    Ok(())
}

#[test]
fn gradients_put_slices_back() -> Result<()> {
    let rec = ComputationRecord::new();
    let x = rec.tensor_from_value(array(&[2, 3], |i| i as f64)?)?;
    let loss = rec.record_many(None, |r| {
        let parts = r.at(x.id()).split_at(&[1], 1)?;
        Ok(vec![(parts[0].sum(None, false) * 3.0 + (parts[1] * parts[1]).sum(None, false))])
    })?;
    assert_eq!(loss[0].grad()?.wrt(&x)?.data()?.to_f64(), [3.0, 2.0, 4.0, 3.0, 8.0, 10.0]);
    Ok(())
}

#[test]
fn picking_and_adding_back() -> Result<()> {
    for dtype in DType::ALL {
        let made = results(|r| {
            let x = r.data(numbers(dtype, &[3, 4])?);
            let rows = r.data(NdArray::from_slice(&[2i64, 0, -1, 0])?);
            let along = r.data(array(&[3, 2], |i| (i % 4) as i32)?);
            Ok(vec![
                x.take(rows, Some(0)),
                x.take(rows, Some(1)),
                x.flip(None).take(rows, None),
                x.take_along_axis(along, 1),
                x.transpose(None).take_along_axis(r.data(array(&[1, 3], |i| i as u8)?), 0),
            ])
        })?;
        let x = numbers(dtype, &[3, 4])?.to_f64();
        assert_eq!(made[0].to_f64(), [&x[8..], &x[..4], &x[8..], &x[..4]].concat());
        assert_eq!(made[2].to_f64(), [x[9], x[11], x[0], x[11]]);
        assert_eq!(made[3].to_f64(), [x[0], x[1], x[6], x[7], x[8], x[9]]);
    }
    for dtype in [DType::F32, DType::F64] {
        let rec = ComputationRecord::new();
        let x = rec.tensor_from_value(numbers(dtype, &[3, 4])?)?;
        let index = rec.tensor_from_value(NdArray::from_slice(&[1i64, 1, -3])?)?;
        let picked = x.zip("take", &index, |x, i| x.take(i, Some(0)).sum(None, false))?;
        let grad = picked.grad()?.wrt(&x)?.data()?.to_f64();
        assert_eq!(grad, [[1.0; 4], [2.0; 4], [0.0; 4]].concat());
    }
    let outside = results(|r| Ok(vec![r.data(numbers(DType::F32, &[3])?).take(r.data(array(&[1], |_| 3i64)?), None)]));
    assert!(matches!(outside, Err(Error::IndexRange { index: 3, size: 3, .. })));
    Ok(())
}

#[test]
fn every_way_to_scatter() -> Result<()> {
    let all = [Update::Set, Update::Add, Update::Multiply, Update::Max, Update::Min];
    for dtype in DType::ALL {
        let updates = having(&all, |r, update| {
            let x = r.zeros(Shape::default(), dtype).expand_dims(&[0]);
            x.updated(&[Index::At(0)], update, x)
        });
        assert!(updates.len() == if dtype == DType::Bool { 1 } else { all.len() }, "{dtype}");
        let made = results(|r| {
            let (x, rows) = (r.data(numbers(dtype, &[3, 4])?), r.data(NdArray::from_slice(&[2i64, 0, -1, 0])?));
            let (v, turned) = (r.data(numbers(dtype, &[4, 4])?), x.transpose(None).flip(None));
            let row = r.data(numbers(dtype, &[4])?);
            let mut made = Vec::new();
            for &update in &updates {
                // Rows; elements; two arrays side by side, and with an axis between them; a slice.
                made.push(x.updated(&[Index::Array(rows)], update, v));
                made.push(turned.updated(&[Index::Ellipsis, Index::Array(rows)], update, v));
                let column = Index::Array(rows.binary(BinaryOp::Maximum, rows.flip(None)));
                made.push(x.updated(&[Index::Array(rows), column], update, row));
                let cube = v.expand_dims(&[1]);
                made.push(cube.updated(&[column, Index::Ellipsis, Index::Array(rows)], update, row.expand_dims(&[1])));
                made.push(x.updated(&[Index::Slice(None, None, Some(-2))], update, row));
            }
            Ok(made)
        })?;
        let (x, v) = (numbers(dtype, &[3, 4])?.to_f64(), numbers(dtype, &[4, 4])?.to_f64());
        assert_eq!(made[0].to_f64(), [&v[12..], &x[4..8], &v[8..12]].concat(), "{dtype}");
    }
    let outside = results(|r| {
        let (x, i) = (r.data(numbers(DType::F32, &[3, 4])?), r.data(array(&[2], |i| 3 * i as i64)?));
        Ok(vec![x.index(&[Index::Array(i), Index::Array(i)])])
    });
    assert!(matches!(outside, Err(Error::IndexRange { op: "index", index: 3, axis: 0, size: 3, .. })));
    Ok(())
}

#[test]
fn orders_searches_and_running_extremes() -> Result<()> {
    // Compared; by digits; by digits with several threads.
    set_num_threads(3)?;
    let lengths = if cfg!(miri) { [5, 40, 150] } else { [5, 500, 70_000] };
    for dtype in DType::ALL {
        for n in lengths {
            let x = numbers(dtype, &[n])?;
            let made = results(|r| {
                let x = r.data(x.clone());
                let [largest, _] = x.topk(3, 0, true)?;
                let found = x.sort(Some(0), false).searchsorted(x, true);
                Ok(vec![x.argsort(Some(0), false), x.flip(None).argsort(Some(0), true), largest, found])
            })?;
            let values = x.to_f64();
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
            assert_eq!(made[0].to_f64(), order.iter().map(|&i| i as f64).collect::<Vec<_>>(), "{dtype} {n}");
            let most = values[order[n - 1]];
            assert_eq!(made[2].to_f64()[0], most);
            let not_above = values.iter().filter(|&&x| x <= values[0]).count();
            assert_eq!(made[3].to_f64()[0], not_above as f64);
        }
        let made = results(|r| {
            let (x, tall) = (r.data(numbers(dtype, &[3, 20])?), r.data(numbers(dtype, &[70, 3])?));
            let mut made = Vec::new();
            for (x, axis) in [(x, 1), (x, 0), (tall, 0), (tall, 1), (tall.transpose(None), 0)] {
                made.extend(x.running(ArgOp::Max, axis)?);
                made.extend([x.arg(ArgOp::Min, Some(axis), false), x.cumprod(Some(axis)), x.sort(Some(axis), true)]);
            }
            Ok(made)
        })?;
        assert_eq!(made[0].to_f64()[19], numbers(dtype, &[20])?.to_f64().into_iter().fold(f64::MIN, f64::max));
    }
    set_num_threads(1)
}

#[test]
fn recurrences_and_positions() -> Result<()> {
    for dtype in DType::ALL {
        let made = results(|r| {
            let x = r.data(numbers(dtype, &[3, 4])?);
            let back = x.flip(None);
            let sums = [x.cumsum(Some(0)), back.cumsum(Some(1)), x.cumsum(None)];
            let found = [(x, ArgOp::Max, Some(0)), (back, ArgOp::Min, Some(1)), (x, ArgOp::Max, None)];
            Ok(sums.into_iter().chain(found.map(|(x, op, axis)| x.arg(op, axis, false))).collect())
        })?;
        let x = numbers(dtype, &[3, 4])?.to_f64();
        let mut sum = 0.0;
        let running: Vec<f64> = x.iter().map(|x| (sum += x, sum).1).collect();
        assert_eq!(made[2].to_f64(), running);
        let largest = x.iter().copied().fold(f64::MIN, f64::max);
        assert_eq!(made[5].to_f64(), [x.iter().position(|&x| x == largest).unwrap_or(0) as f64]);
    }
    // The products of all others, forwards and backwards along the axis.
    let rec = ComputationRecord::new();
    let x = rec.tensor_from_value(NdArray::from_slice(&[2.0f64, 0.0, 4.0])?)?;
    let product = x.map(|x| x.reduce(ReduceOp::Prod, None, false))?;
    assert_eq!(product.grad()?.wrt(&x)?.data()?.to_f64(), [0.0, 8.0, 0.0]);
    Ok(())
}

#[test]
fn products_of_matrices() -> Result<()> {
    for dtype in DType::ALL.into_iter().filter(|&dtype| dtype != DType::Bool) {
        let made = results(|r| {
            let (a, b) = (r.data(numbers(dtype, &[2, 3, 4])?), r.data(numbers(dtype, &[2, 4, 5])?));
            let turned = a.transpose(Some(&[0, 2, 1])).flip(None);
            let (row, empty) = (r.data(numbers(dtype, &[4])?), r.data(numbers(dtype, &[3, 0])?));
            Ok(vec![a.matmul(b), turned.matmul(a), a.matmul(row), empty.matmul(empty.transpose(None)), row.dot(row)])
        })?;
        assert!(made[3].to_f64().iter().all(|&x| x == 0.0));
        if dtype == DType::I64 {
            let (a, b) = (numbers(dtype, &[2, 3, 4])?.to_f64(), numbers(dtype, &[2, 4, 5])?.to_f64());
            let at = |i: usize| (0..4).map(|k| a[i / 5 * 4 + k] * b[i / 15 * 20 + k * 5 + i % 5]).sum::<f64>();
            assert_eq!(made[0].to_f64(), (0..30).map(at).collect::<Vec<_>>());
        }
    }
    Ok(())
}

#[test]
fn threads_share_steps_and_their_failures() -> Result<()> {
    set_num_threads(3)?;
    let n = SHARED;
    let made = results(|r| {
        let x = r.data(array(&[n], |i| (i % 7) as f32)?);
        let y = (x + 1.0) * x;
        Ok(vec![y, y.sum(None, false), y.reshape(&[n / 64, 64]).sum(Some(&[0]), false)])
    })?;
    let y = |i: usize| (i % 7 * (i % 7 + 1)) as f64;
    assert_eq!(made[0].to_f64(), (0..n).map(y).collect::<Vec<_>>());
    assert_eq!(made[1].to_f64(), [(0..n).map(y).sum::<f64>()]);
    let failed = results(|r| {
        let x = r.data(array(&[n], |i| i as i64)?);
        Ok(vec![(x.binary(BinaryOp::Add, x)).binary(BinaryOp::FloorDiv, x)])
    });
    assert!(matches!(failed, Err(Error::IntegerDivision { .. })));
    Ok(())
}

#[test]
fn records_on_several_threads() -> Result<()> {
    set_num_threads(2)?;
    let one = |k: usize| -> Result<f64> {
        let made = results(|r| Ok(vec![(r.data(array(&[SHARED], |i| (i % 4 + k) as f32)?) * 2.0).sum(None, false)]))?;
        Ok(made[0].to_f64()[0])
    };
    let sums: Vec<Result<f64>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|k| scope.spawn(move || one(k))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(f64::NAN))).collect()
    });
    for (k, sum) in sums.into_iter().enumerate() {
        assert_eq!(sum?, (2 * (SHARED / 4) * (6 + 4 * k)) as f64);
    }
    Ok(())
}

#[test]
fn memory_is_used_again_and_outlives_the_record() -> Result<()> {
    // Large enough to be kept when it is let go.
    let n = SHARED;
    let mut last = array(&[n], |_| 0.0f32)?;
    for step in 0..3 {
        let rec = ComputationRecord::new();
        last = rec.tensor_from_value(last)?.map(|x| x + f64::from(step))?.data()?;
    }
    assert!(last.to_f64().iter().all(|&x| x == 3.0));
    Ok(())
}

#[test]
fn loops_take_turns_row_by_row() -> Result<()> {
    // Rows of one tile and of several; of the last block fewer.
    for width in [TILE / 4, TILE + 3] {
        let x = numbers(DType::F32, &[SHARED / width + 5, width])?;
        let made = results(|r| {
            let x = r.data(x.clone());
            let (mean, spread) = (x.mean(Some(&[1]), true), x.std(Some(&[1]), true, 0.0));
            Ok(vec![x.softmax(Some(&[1])), x.log_softmax(Some(&[1])), (x - mean) / (spread + 1.0)])
        })?;
        let sums = made[0].to_f64().chunks(width).map(|row| row.iter().sum::<f64>()).collect::<Vec<_>>();
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5), "{sums:?}");
    }
    Ok(())
}

#[test]
fn batches_are_multiplied_where_they_lie() -> Result<()> {
    let x = numbers(DType::F64, &[2, 3, 4, 5])?;
    results(|r| {
        let heads = r.data(x.clone()).transpose(Some(&[0, 2, 1, 3])).reshape(&[8, 3, 5]);
        let product = heads.matmul(heads.transpose(Some(&[0, 2, 1])));
        Ok(vec![product.reshape(&[2, 4, 3, 3]).transpose(Some(&[0, 2, 1, 3])).reshape(&[6, 12])])
    })?;
    Ok(())
}

/// Matrices whose entries take threads, columns that do, and sizes without elements. The algorithms are a dependency's, with
/// instructions that Miri does not know.
#[cfg(not(miri))]
#[test]
fn matrices_are_decomposed_and_solved() -> Result<()> {
    set_num_threads(3)?;
    for dtype in [DType::F32, DType::F64] {
        for dims in [[300, 4, 4], [2, 150, 150], [1, 1, 1], [2, 0, 0], [0, 3, 3]] {
            let n = dims[2];
            let found = results(|r| {
                let noise = r.data(numbers(dtype, &dims)?);
                let a = noise + r.eye(n, n, 0, dtype)? * (4 * n) as f64;
                let symmetric = a + a.transpose(Some(&[0, 2, 1]));
                let parts = [symmetric.eigh(false)?, a.svd(true)?, a.qr(true)?, a.slogdet()?];
                let mut made = vec![a.inv().matmul(a), a.solve(a), symmetric.cholesky(false), a.pinv(None).matmul(a)];
                made.extend([a.det(), (a * 1e-2).expm(), a.svdvals(), symmetric.eigvalsh(true)]);
                made.extend(parts.into_iter().flatten());
                Ok(made)
            })?;
            let close = |x: &NdArray| x.to_f64().iter().enumerate().all(|(i, x)| (x - unit(i, n)).abs() < 1e-3);
            assert!(close(&found[0]) && close(&found[1]) && close(&found[3]));
        }
    }
    Ok(())
}

/// An element of a batch of identities.
#[cfg(not(miri))]
fn unit(at: usize, n: usize) -> f64 {
    let [row, column] = [at / n % n, at % n];
    if row == column { 1.0 } else { 0.0 }
}

/// A convolution, its transpose, pooling, and the gradients of all three.
fn slide(dtype: DType, stride: i64, padding: i64, groups: i64) -> Result<Vec<NdArray>> {
    let rec = ComputationRecord::new();
    let channels = 4 / groups as usize;
    let (x, w) = (numbers(dtype, &[2, 4, 6, 7])?, numbers(dtype, &[8, channels, 3, 2])?);
    let (x, w) = (rec.tensor_from_value(x)?, rec.tensor_from_value(w)?);
    let around = Padding::Pairs([[padding; 2]].into_iter().collect());
    let windows = Windows { stride: &[stride], dilation: &[1], padding: &around, ceil: false };
    let y = x.zip("conv2d", &w, |x, w| x.conv(2, w, None, &windows, groups))?;
    let more = Transposed { output_padding: &[0] };
    let back = y.zip("conv_transpose2d", &w, |y, w| y.conv_transposed(2, w, None, &windows, &more, groups))?;
    let largest = back.map(|back| back.max_pool(2, &[3, 2], &Windows { stride: &[2], ..windows }))?;
    let grads = largest.map(|y| y.square().sum(None, false))?.grad()?;
    let made = [y.clone(), back.clone(), largest.clone(), grads.wrt(&x)?, grads.wrt(&w)?];
    rec.compute(&made.iter().collect::<Vec<_>>())?;
    made.iter().map(|tensor| tensor.data()).collect()
}

#[test]
fn windows_slide_over_space() -> Result<()> {
    for (stride, padding, groups) in [(1, 0, 1), (2, 1, 2), (3, 1, 4)] {
        let narrow = slide(DType::F32, stride, padding, groups)?;
        let wide = slide(DType::F64, stride, padding, groups)?;
        for (narrow, wide) in narrow.iter().zip(&wide) {
            let error = narrow.to_f64().iter().zip(wide.to_f64()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            let size = wide.to_f64().iter().fold(0.0f64, |most, x| most.max(x.abs()));
            assert!(error <= size * 1e-6 && size > 0.0, "off by {error} of {size}");
        }
    }
    Ok(())
}
