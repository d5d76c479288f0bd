//! Five steps of gradient descent on one linear layer: the loss falls by exactly 0.42 a step.
//!
//! Run with `cargo run --example linear`.

use phonograd::{ComputationRecord, LinearLayer, NdArray, ParameterStore, Result, Shape, relu, sum};

fn main() -> Result<()> {
    let mut store = ParameterStore::new(0);
    // All outputs positive, so that relu passes every gradient.
    let weight = NdArray::from_slice(&[1.0f32; 9])?.reshape(&[3, 3])?;
    store.set("linear.weight", weight);
    for _ in 0..5 {
        let rec = ComputationRecord::new();
        let linear = LinearLayer::new(&rec, 3, 3, &mut store)?;
        let data = NdArray::from_slice(&[1.0f32, 2.0, 3.0])?.reshape(&[1, 3])?;
        let x = rec.tensor_from_value(data)?;
        let h = linear.forward(&x)?;
        let loss = sum(&relu(&h)?)?;
        println!("Loss: {}", loss.data()?);
        let grad = loss.grad()?;
        println!("Relu grad: {}", grad.wrt(&h)?.data()?);
        linear.optimize(grad, &mut store)?;
    }
    println!("{} parameters of shape {}", store.len(), Shape::new("print", &[3, 3])?);
    Ok(())
}
