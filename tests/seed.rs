//! The first example's five steps in Rust, with the numbers they must show.

use phonograd::{ComputationRecord, LinearLayer, NdArray, ParameterStore, Result, relu, sum};

#[test]
fn loss_falls_by_the_same_amount_every_step() -> Result<()> {
    let mut store = ParameterStore::new(0);
    store.set("linear.weight", NdArray::from_slice(&[0.5f32; 9])?.reshape(&[3, 3])?);
    for step in 0..5 {
        let rec = ComputationRecord::new();
        let linear = LinearLayer::new(&rec, 3, 3, &mut store)?;
        let x = rec.tensor_from_value(NdArray::from_slice(&[1.0f32, 2.0, 3.0])?.reshape(&[1, 3])?)?;
        let h = linear.forward(&x)?;
        let loss = sum(&relu(&h)?)?;
        // Every weight moves by 0.01 * x, and nine of them fall back on the loss: 0.01 * (1 + 4 + 9) * 3.
        let expected = 9.0 - 0.42 * f64::from(step);
        assert!((loss.item()? - expected).abs() < 1e-5, "{loss:?} at step {step}");
        let grad = loss.grad()?;
        assert_eq!(grad.wrt(&h)?.data()?.to_string(), "[[1.0, 1.0, 1.0]]");
        assert_eq!(grad.wrt(linear.weight())?.data()?.to_f64(), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0]);
        linear.optimize(grad, &mut store)?;
    }
    let moved = store.get("linear.weight")?.to_f64();
    let near = |row: usize, expected: f64| moved[3 * row..3 * row + 3].iter().all(|w| (w - expected).abs() < 1e-6);
    assert!(near(0, 0.45) && near(1, 0.40) && near(2, 0.35), "{moved:?}");
    Ok(())
}

#[test]
fn first_weights_are_those_of_the_seed() -> Result<()> {
    let weight = |seed| -> Result<NdArray> {
        let mut store = ParameterStore::new(seed);
        LinearLayer::new(&ComputationRecord::new(), 4, 2, &mut store)?;
        store.get("linear.weight").cloned()
    };
    assert!(weight(0)? == weight(0)?);
    assert!(weight(0)? != weight(1)?);
    Ok(())
}
