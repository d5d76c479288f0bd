//! Steps of optimisers, recorded by one call.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::convert::{Instance, TensorArg};
use super::errors::guard;
use super::place;
use super::scalars::{Float, Text};
use super::store::PyParameterStore;
use super::tensor::PyTensor;
use crate::error::Error;
use crate::optim::{Adam, Found};
use crate::record::Tensor;

impl Adam {
    /// From the numbers in the order in which they are its fields.
    fn of([rate, beta1, beta2, epsilon, decay, shrink]: [Float; 6]) -> Adam {
        let [Float(rate), Float(beta1), Float(beta2)] = [rate, beta1, beta2];
        Adam { rate, beta1, beta2, epsilon: epsilon.0, decay: decay.0, shrink: shrink.0 }
    }
}

/// Adam's step of one parameter: the new parameter, both moments and the count of steps.
#[pyfunction]
#[pyo3(name = "_adam", signature = (p, g, m, v, step, numbers: "typing.Sequence[float]"))]
pub fn adam(
    py: Python<'_>,
    p: TensorArg<'_, '_>,
    g: TensorArg<'_, '_>,
    m: TensorArg<'_, '_>,
    v: TensorArg<'_, '_>,
    step: TensorArg<'_, '_>,
    numbers: [Float; 6],
) -> PyResult<[PyTensor; 4]> {
    let inputs = [&p, &g, &m, &v, &step].map(|tensor| tensor.get());
    inputs[1..].iter().try_for_each(|other| inputs[0].owns(py, "Adam", other))?;
    let ids = inputs.map(|tensor| tensor.tensor.id());
    let call = place::here(py);
    let record = inputs[0].tensor.record();
    let made = guard(py, || {
        let made = record.record_many(call.as_ref().map(|c| c as _), |r| {
            Ok(Adam::of(numbers).update(ids.map(|id| r.at(id))).to_vec())
        })?;
        <[Tensor; 4]>::try_from(made).map_err(|_| Error::Internal { what: "Adam has another number of results".into() })
    })?;
    Ok(made.map(|tensor| PyTensor { tensor, owner: inputs[0].owner.clone_ref(py) }))
}

/// Adam's step of all parameters that gradients are given of: puts the new parameters into one dictionary, and the new
/// states into another. False, with nothing done, if a parameter, a gradient or a state is not as expected.
#[pyfunction]
#[pyo3(name = "_adam_all", signature = (gradients: "dict[str, Tensor]", store, kept, prefix, numbers: "typing.Sequence[float]", moved: "dict[str, Tensor]", remembered: "dict[str, Tensor]"))]
pub fn adam_all(
    gradients: &Bound<'_, PyDict>,
    store: Instance<'_, '_, PyParameterStore>,
    kept: Instance<'_, '_, PyParameterStore>,
    prefix: Text<'_>,
    numbers: [Float; 6],
    moved: &Bound<'_, PyDict>,
    remembered: &Bound<'_, PyDict>,
) -> PyResult<bool> {
    let py = gradients.py();
    let given: Vec<(String, Bound<'_, PyTensor>)> =
        gradients.iter().map(|(name, g)| Ok((name.extract()?, g.extract()?))).collect::<PyResult<_>>()?;
    let Some((_, first)) = given.first() else { return Ok(true) };
    let record = first.get().tensor.record();
    if given.iter().any(|(_, g)| !record.same(g.get().tensor.record())) || store.0.is(kept.0) {
        return Ok(false);
    }
    let found: Option<Vec<_>> = {
        let (store, kept) = store.get().lock_with(kept.get());
        let find = |(name, g): &(String, Bound<'_, PyTensor>)| {
            let g = &g.get().tensor;
            Found::find((name, &g.shape(), g.dtype()), &store, &kept, &prefix)
        };
        given.iter().map(find).collect()
    };
    let Some(found) = found else { return Ok(false) };
    let call = place::here(py);
    let made = guard(py, || {
        record.record_many(call.as_ref().map(|c| c as _), |r| {
            let gradients = given.iter().map(|(_, g)| r.at(g.get().tensor.id()));
            Ok(Adam::of(numbers).update_all(r, gradients.zip(found).collect()).concat())
        })
    })?;
    for (at, tensor) in made.into_iter().enumerate() {
        let (name, tensor) = (&given[at / 4].0, PyTensor { tensor, owner: first.get().owner.clone_ref(py) });
        match ["", "m", "v", "step"][at % 4] {
            "" => moved.set_item(name, tensor)?,
            key => remembered.set_item(format!("{}/{name}/{key}", &*prefix), tensor)?,
        }
    }
    Ok(true)
}
