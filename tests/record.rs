//! The record through the crate's public API: depth, ownership, sharing between threads, and errors as data.

use phonograd::{
    ComputationRecord, DType, Error, LinearLayer, NdArray, ParameterStore, Result, Tensor, exp, matmul, relu, sum,
};

fn vector(rec: &ComputationRecord, elements: &[f64]) -> Result<Tensor> {
    rec.tensor_from_value(NdArray::from_slice(elements)?)
}

#[test]
fn a_million_ops_are_differentiated_computed_and_dropped() -> Result<()> {
    const LENGTH: usize = 1_000_000;
    let rec = ComputationRecord::new();
    let x = vector(&rec, &[1.0])?;
    let y = x.map(|x| (0..LENGTH).fold(x, |y, _| y * 1.000_001))?;
    let grad = y.grad()?.wrt(&x)?;
    rec.compute(&[&y, &grad])?;
    let expected = 1.000_001f64.powi(1_000_000);
    assert!((y.item()? - expected).abs() < 1e-6, "{} is not {expected}", y.item()?);
    assert!((grad.item()? - expected).abs() < 1e-6);
    assert!(rec.len() > 2 * LENGTH);
    Ok(())
}

#[test]
fn gradients_are_tensors_like_any_other() -> Result<()> {
    let rec = ComputationRecord::new();
    let x = vector(&rec, &[1.0, 2.0])?;
    let loss = x.map(|x| (x * x * x).sum(None, false))?;
    let first = loss.grad()?.wrt(&x)?;
    let second = sum(&first)?.grad()?.wrt(&x)?;
    assert_eq!((first.data()?.to_f64(), second.data()?.to_f64()), (vec![3.0, 12.0], vec![6.0, 12.0]));
    Ok(())
}

#[test]
fn tensors_of_two_records_do_not_meet() -> Result<()> {
    let (one, other) = (ComputationRecord::new(), ComputationRecord::new());
    let (a, b) = (vector(&one, &[1.0, 2.0])?, vector(&other, &[3.0, 4.0])?);
    let foreign = |error: Option<Error>| matches!(error, Some(Error::Foreign { .. }));
    assert!(foreign(a.zip("add", &b, |a, b| a + b).err()));
    assert!(foreign(matmul(&a, &b).err()));
    assert!(foreign(one.compute(&[&a, &b]).err()));
    assert!(foreign(sum(&a)?.grad()?.wrt(&b).err()));
    assert!(foreign(a.grad_with(&b).err()));
    assert!(!one.same(&other) && one.same(a.record()));
    Ok(())
}

#[test]
fn errors_are_data_and_leave_the_record_as_it_was() -> Result<()> {
    let rec = ComputationRecord::new();
    let (a, b) = (vector(&rec, &[1.0, 2.0])?, vector(&rec, &[1.0, 2.0, 3.0])?);
    match a.zip("add", &b, |a, b| a + b) {
        Err(Error::Broadcast { op, left, right }) => {
            assert_eq!((op, &left[..], &right[..]), ("add", &[2][..], &[3][..]));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(a.grad().err(), Some(Error::NotScalar { .. })));
    assert_eq!(sum(&a)?.item()?, 3.0);
    Ok(())
}

#[test]
fn a_handle_keeps_its_record_and_a_clone_is_the_same_node() -> Result<()> {
    let y = {
        let rec = ComputationRecord::new();
        exp(&vector(&rec, &[0.0])?)?
    };
    let again = y.clone();
    drop(y);
    assert_eq!(again.data()?.to_f64(), [1.0]);
    Ok(())
}

#[test]
fn a_record_without_gradients_refuses_them() -> Result<()> {
    let rec = ComputationRecord::with_grad(false);
    let x = vector(&rec, &[2.0])?;
    assert!(matches!(relu(&x)?.grad().err(), Some(Error::Gradient { .. })));
    Ok(())
}

#[test]
fn threads_share_a_record() -> Result<()> {
    let rec = ComputationRecord::new();
    let x = vector(&rec, &[1.0; 64])?;
    let sums: Vec<Result<f64>> = std::thread::scope(|scope| {
        let work = |k: usize| {
            let x = &x;
            move || x.map(|x| (0..100).fold(x, |y, _| y + k as f64).sum(None, false))?.item()
        };
        let threads: Vec<_> = (0..8).map(|k| scope.spawn(work(k))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(f64::NAN))).collect()
    });
    for (k, sum) in sums.into_iter().enumerate() {
        assert_eq!(sum?, 64.0 * (1.0 + 100.0 * k as f64));
    }
    Ok(())
}

#[test]
fn states_are_noted_in_the_record() {
    let (rec, other) = (ComputationRecord::new(), ComputationRecord::new());
    let count = rec.tensor_from_value(NdArray::from_slice(&[1.0f64]).unwrap()).unwrap();
    assert!(rec.next_state("count").is_none());
    rec.set_next_state("count", &count).unwrap();
    let more = count.map(|x| x + 1.0).unwrap();
    rec.set_next_state("count", &more).unwrap();
    rec.set_next_state("also", &count).unwrap();
    assert_eq!(rec.next_states(), ["count", "also"]);
    assert_eq!(rec.next_state("count").unwrap().data().unwrap().to_string(), "[2.0]");
    assert!(matches!(other.set_next_state("count", &count), Err(Error::Foreign { op: "next_state", .. })));
}

#[test]
fn a_loop_without_end_computes_itself_and_is_forgotten() -> Result<()> {
    let rec = ComputationRecord::new();
    let mut x = vector(&rec, &[1.0])?;
    for _ in 0..150_000 {
        x = x.map(|x| x * 1.000_001)?;
    }
    assert!(rec.len() < 140_000, "{} nodes", rec.len());
    assert!((x.item()? - 1.000_001f64.powi(150_000)).abs() < 1e-9);
    Ok(())
}

#[test]
fn a_kept_loss_keeps_nothing_else() -> Result<()> {
    let mut store = ParameterStore::new(0);
    let mut losses = Vec::new();
    for _ in 0..30 {
        let rec = ComputationRecord::new();
        let linear = LinearLayer::new(&rec, 2, 3, &mut store)?;
        let x = vector(&rec, &[1.0, 2.0])?.map(|x| x.cast(DType::F32).reshape(&[1, 2]))?;
        let loss = linear.forward(&x)?.map(|y| y.square().sum(None, false))?;
        loss.data()?;
        linear.optimize(loss.grad()?, &mut store)?;
        losses.push(loss);
    }
    assert_eq!(losses[0].record().len(), 1);
    assert!(losses[29].record().len() > 10);
    assert!(losses[0].item()? > losses[29].item()?);
    assert!(losses[0].grad()?.parameter("linear.weight", None).is_err());
    Ok(())
}

#[test]
fn a_budget_is_kept_or_refused() -> Result<()> {
    let free = ComputationRecord::new();
    let refused = ComputationRecord::with_memory_budget(true, Some(1 << 15));
    let tight = ComputationRecord::with_memory_budget(true, Some(1 << 18));
    let run = |rec: &ComputationRecord| -> Result<(f64, f64)> {
        let w = rec.tensor_from_value(NdArray::from_slice(&[0.25f64; 16])?.reshape(&[4, 4])?)?;
        let x = rec.tensor_from_value(NdArray::from_slice(&[0.5f64; 1024])?.reshape(&[256, 4])?)?;
        let y = x.zip("test", &w, |x, w| (0..32).fold(x, |y, _| y.matmul(w).tanh()))?;
        let loss = sum(&y)?;
        let grad = sum(&loss.grad()?.wrt(&w)?)?;
        rec.compute(&[&loss, &grad])?;
        Ok((loss.item()?, grad.item()?))
    };
    let expected = run(&free)?;
    assert_eq!(run(&tight)?, expected);
    assert!(matches!(run(&refused), Err(Error::Budget { has: 32_768, needs, .. }) if needs > 32_768));
    Ok(())
}
