//! Layers, made of public calls only.

use crate::buffer::NdArray;
use crate::dtype::{DType, show_float};
use crate::error::{Error, Result};
use crate::grad::Gradients;
use crate::origin::Caller;
use crate::record::{ComputationRecord, Tensor};
use crate::shape::Shape;
use crate::store::{Init, ParameterStore};

/// The rate of [`LinearLayer::optimize`].
pub(crate) const RATE: f64 = 0.01;

/// `y = x @ weight (+ bias)`, bound to one record. The weight has shape `[in, out]`; there is no bias unless asked for.
pub struct LinearLayer {
    names: Vec<String>,
    parameters: Vec<Tensor>,
}

impl LinearLayer {
    /// Loads the parameters of the layer `id` from the store, or initialises them into it.
    pub fn with(
        rec: &ComputationRecord,
        inputs: usize,
        outputs: usize,
        store: &mut ParameterStore,
        id: &str,
        bias: bool,
        dtype: DType,
    ) -> Result<LinearLayer> {
        if !dtype.is_float() {
            return Err(Error::DType { op: "LinearLayer", got: dtype, expected: "a float dtype" });
        }
        let asker = format!("LinearLayer({inputs}, {outputs}, id={id:?})");
        let weight = Shape::new("LinearLayer", &[inputs, outputs])?;
        let mut layer = LinearLayer { names: Vec::new(), parameters: Vec::new() };
        let mut parts = vec![("weight", weight, Init::GlorotUniform)];
        if bias {
            parts.push(("bias", Shape::new("LinearLayer", &[outputs])?, Init::Zeros));
        }
        for (part, shape, init) in parts {
            let name = format!("{id}.{part}");
            let value = store.get_or_init(&name, &shape, dtype, init, &asker)?;
            layer.parameters.push(rec.parameter(&name, value, None)?);
            layer.names.push(name);
        }
        Ok(layer)
    }

    /// A layer of float32 called "linear" without bias.
    pub fn new(
        rec: &ComputationRecord,
        inputs: usize,
        outputs: usize,
        store: &mut ParameterStore,
    ) -> Result<LinearLayer> {
        LinearLayer::with(rec, inputs, outputs, store, "linear", false, DType::F32)
    }

    /// The layer's output for inputs `[..., in]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.forward_from(x, None)
    }

    /// The same, for a line of a program.
    pub fn forward_from(&self, x: &Tensor, caller: Option<&dyn Caller>) -> Result<Tensor> {
        self.parameters.iter().try_for_each(|p| x.record().owns("matmul", p))?;
        x.record().record(caller, |r| {
            let y = r.at(x.id()).matmul(r.at(self.weight().id()));
            self.bias().map_or(y, |bias| y + r.at(bias.id()))
        })
    }

    /// The weight, `[in, out]`.
    pub fn weight(&self) -> &Tensor {
        &self.parameters[0]
    }

    /// The bias, `[out]`, if the layer has one.
    pub fn bias(&self) -> Option<&Tensor> {
        self.parameters.get(1)
    }

    /// Records each parameter less `rate` times its gradient.
    pub fn descend(&self, grads: &Gradients, rate: f64) -> Result<Vec<Tensor>> {
        if !(rate.is_finite() && rate >= 0.0) {
            let (got, expected) = (show_float(rate), "a finite number, 0 or more");
            return Err(Error::Argument { op: "optimize", argument: "rate", got, expected });
        }
        let step = |p: &Tensor| p.zip("optimize", &grads.wrt(p)?, |p, g| p - g * rate);
        self.parameters.iter().map(step).collect()
    }

    /// Replaces the layer's parameters in the store by computed tensors, in their order, and gives back the old values.
    pub fn commit(&self, stepped: &[Tensor], store: &mut ParameterStore) -> Result<Vec<NdArray>> {
        let values = stepped.iter().map(Tensor::data).collect::<Result<Vec<_>>>()?;
        stepped.iter().take(1).for_each(|tensor| tensor.record().updated());
        Ok(store.set_all(self.names.iter().cloned().zip(values)))
    }

    /// Plain gradient descent at rate 0.01, all parameters in one plan, all or none.
    pub fn optimize(&self, grads: Gradients, store: &mut ParameterStore) -> Result<()> {
        let stepped = self.descend(&grads, RATE)?;
        grads.record().compute(&stepped.iter().collect::<Vec<_>>())?;
        self.commit(&stepped, store).map(drop)
    }
}
