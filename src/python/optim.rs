//! Steps of optimisers, recorded by one call.

use pyo3::prelude::*;

use super::convert::TensorArg;
use super::errors::guard;
use super::place;
use super::scalars::Float;
use super::tensor::PyTensor;
use crate::error::Error;
use crate::optim::Adam;
use crate::record::Tensor;

/// Adam's step of one parameter: the new parameter, both moments and the count of steps.
#[pyfunction]
#[pyo3(name = "_adam")]
#[allow(clippy::too_many_arguments, reason = "one for each number that Adam has")]
pub fn adam(
    py: Python<'_>,
    p: TensorArg<'_, '_>,
    g: TensorArg<'_, '_>,
    m: TensorArg<'_, '_>,
    v: TensorArg<'_, '_>,
    step: TensorArg<'_, '_>,
    rate: Float,
    beta1: Float,
    beta2: Float,
    epsilon: Float,
) -> PyResult<[PyTensor; 4]> {
    let inputs = [&p, &g, &m, &v, &step].map(|tensor| tensor.get());
    inputs[1..].iter().try_for_each(|other| inputs[0].owns(py, "Adam", other))?;
    let ids = inputs.map(|tensor| tensor.tensor.id());
    let call = place::here(py);
    let record = inputs[0].tensor.record();
    let adam = Adam { rate: rate.0, beta1: beta1.0, beta2: beta2.0, epsilon: epsilon.0 };
    let made = guard(py, || {
        let made =
            record.record_many(call.as_ref().map(|c| c as _), |r| Ok(adam.update(ids.map(|id| r.at(id))).to_vec()))?;
        <[Tensor; 4]>::try_from(made).map_err(|_| Error::Internal { what: "Adam has another number of results".into() })
    })?;
    Ok(made.map(|tensor| PyTensor { tensor, owner: inputs[0].owner.clone_ref(py) }))
}
