//! Stores written to files and read back; `phonograd.checkpoint` and `ParameterStore` build on it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use pyo3::prelude::*;

use super::convert::{DTypeArg, Instance, PathArg};
use super::errors::{guard, to_py};
use super::scalars::Text;
use super::store::PyParameterStore;
use crate::checkpoint::Contents;
use crate::error::{Error, Result};

/// Names of a store's state begin with this in a file, where parameters have their own names.
const STATE: &str = "phonograd.state/";

/// The name of our text in a file.
const TEXT: &str = "phonograd";

/// Runs work on files without the GIL.
fn released<T: Send>(py: Python<'_>, work: impl Send + FnOnce() -> Result<T>) -> PyResult<T> {
    let outcome = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    guard(py, || outcome.unwrap_or_else(|panic| resume_unwind(panic)))
}

/// Writes parameters, and the state beside them if it is given, with a text.
#[pyfunction]
#[pyo3(name = "_save")]
pub fn save(
    py: Python<'_>,
    path: PathArg,
    parameters: Instance<'_, '_, PyParameterStore>,
    state: Option<Instance<'_, '_, PyParameterStore>>,
    text: Text<'_>,
) -> PyResult<()> {
    // Arrays are shared and never change, so this is the store as it is now, whatever happens to it meanwhile.
    let own = parameters.get().lock().clone();
    if let Some(name) = own.names().find(|name| name.starts_with(STATE) || *name == "__metadata__") {
        let (got, expected) = (format!("{name:?}"), "a name that files do not use for something else");
        return Err(to_py(py, &Error::Argument { op: "save", argument: "a parameter's name", got, expected }));
    }
    let beside = state.map(|state| state.get().lock().clone());
    let mut arrays: Vec<_> = own.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    if let Some(state) = &beside {
        arrays.extend(state.iter().map(|(name, value)| (format!("{STATE}{name}"), value.clone())));
    }
    let contents = Contents { arrays, metadata: vec![(TEXT.to_string(), text.to_string())] };
    released(py, move || contents.save(&path.0))
}

/// Adds a file's parameters to one store and its state to another, all or nothing; the text that was written with them, if
/// there is one.
#[pyfunction]
#[pyo3(name = "_load", signature = (path, parameters, state, dtype=None))]
pub fn load(
    py: Python<'_>,
    path: PathArg,
    parameters: Instance<'_, '_, PyParameterStore>,
    state: Instance<'_, '_, PyParameterStore>,
    dtype: Option<DTypeArg>,
) -> PyResult<Option<String>> {
    let floats = dtype.map(|dtype| dtype.0);
    if let Some(dtype) = floats.filter(|dtype| !dtype.is_float()) {
        return Err(to_py(py, &Error::DType { op: "load", got: dtype, expected: "a float dtype, for floats" }));
    }
    let path: PathBuf = path.0;
    let contents = released(py, move || Contents::load(&path, floats))?;
    let mut replaced = Vec::new();
    for (name, value) in contents.arrays {
        replaced.push(match name.strip_prefix(STATE) {
            Some(name) => state.get().lock().set(name, value),
            None => parameters.get().lock().set(&name, value),
        });
    }
    // What had the same names goes only now, without a lock.
    drop(replaced);
    Ok(contents.metadata.into_iter().find(|(name, _)| name == TEXT).map(|(_, text)| text))
}
