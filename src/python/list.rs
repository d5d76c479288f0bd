//! Nested lists of Python numbers, read in one pass.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyTuple};

use super::array::{READABLE, cast, exports_buffer};
use super::errors::to_py;
use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar};
use crate::error::Error;

/// Numbers of a list, and which kinds were among them.
struct Numbers {
    floats: Vec<f64>,
    /// Modulo 2**64.
    integers: Vec<i64>,
    only_bools: bool,
    /// The smallest and the largest integer among those.
    ends: (i128, i128),
    /// An integer among them is beyond 64 bits.
    huge: bool,
    dims: Vec<usize>,
    op: &'static str,
}

/// Lists nested deeper than arrays have axes are refused before the stack could end.
const DEEPEST: usize = crate::shape::MAX_NDIM;

/// Reads nested lists of Python numbers; `None` when something else is among them.
pub(super) fn read_list(op: &'static str, value: &Bound<'_, PyAny>, dtype: Option<DType>) -> PyResult<Option<NdArray>> {
    let (only_bools, ends, huge) = (true, (0, 0), false);
    let mut numbers = Numbers { floats: vec![], integers: vec![], only_bools, ends, huge, dims: vec![], op };
    if !numbers.read(value, 0)? {
        return Ok(None);
    }
    let py = value.py();
    let all_integers = numbers.integers.len() == numbers.floats.len();
    let found = match (numbers.floats.is_empty(), all_integers || numbers.huge) {
        (false, true) if numbers.only_bools => DType::Bool,
        (false, true) if numbers.huge || Scalar::Int(numbers.ends.1).fits(DType::I64) => DType::I64,
        (false, true) => DType::U64,
        _ => DType::F32,
    };
    let dtype = dtype.unwrap_or(found);
    let Numbers { floats, integers, dims, huge, ends, .. } = numbers;
    let misfit = [ends.0, ends.1].into_iter().find(|&i| all_integers && !Scalar::Int(i).fits(dtype));
    if misfit.is_some() || huge && !dtype.is_float() {
        let beyond = "an integer beyond 64 bits".to_string();
        let value = misfit.filter(|_| !huge).map_or(beyond, |i| i.to_string());
        return Err(to_py(py, &Error::OutOfRange { op, value, dtype }));
    }
    let array = if all_integers && !dtype.is_float() {
        NdArray::from_slice(&integers)
    } else if dtype == DType::F32 {
        let mut narrow = Vec::new();
        let bytes = floats.len() * size_of::<f32>();
        let refused = |_| to_py(py, &Error::Allocation { op, bytes });
        narrow.try_reserve_exact(floats.len()).map_err(refused)?;
        narrow.extend(floats.iter().map(|&x| x as f32));
        NdArray::from_slice(&narrow)
    } else {
        NdArray::from_slice(&floats)
    };
    let array = array.and_then(|array| array.reshape(&dims)).map_err(|e| to_py(py, &e))?;
    cast(py, array, Some(dtype)).map(Some)
}

impl Numbers {
    /// Appends a number or a list; false for anything else.
    fn read(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<bool> {
        if let Ok(x) = value.cast_exact::<PyFloat>() {
            self.only_bools = false;
            self.float(value, x.value())?;
        } else if exports_buffer(value) {
            return Ok(false);
        } else if let Ok(x) = value.cast::<PyFloat>() {
            self.only_bools = false;
            self.float(value, x.value())?;
        } else if let Ok(list) = value.cast::<PyList>() {
            return self.read_items(value, list.len(), list.iter(), depth);
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            return self.read_items(value, tuple.len(), tuple.iter(), depth);
        } else if let Ok(x) = value.cast::<PyBool>() {
            self.integer(value, i128::from(x.is_true()))?;
            self.float(value, f64::from(u8::from(x.is_true())))?;
        } else if value.is_instance_of::<PyInt>() {
            self.only_bools = false;
            let wide = value.extract::<i64>().map(i128::from).or_else(|_| value.extract::<u64>().map(i128::from));
            match wide {
                Ok(i) => self.integer(value, i)?,
                Err(_) => self.huge = true,
            }
            self.float(value, value.extract().unwrap_or(f64::INFINITY))?;
        } else {
            return Ok(false);
        }
        if depth == self.dims.len() { Ok(true) } else { Err(self.ragged(value, depth, 0)) }
    }

    fn read_items<'py>(
        &mut self,
        value: &Bound<'py, PyAny>,
        len: usize,
        items: impl Iterator<Item = Bound<'py, PyAny>>,
        depth: usize,
    ) -> PyResult<bool> {
        if depth == DEEPEST {
            let (got, expected) = ("a list nested more than 64 deep".to_string(), READABLE);
            return Err(to_py(value.py(), &Error::Input { op: self.op, got, expected }));
        }
        if depth == self.dims.len() && self.floats.is_empty() {
            self.dims.push(len);
        } else if self.dims.get(depth) != Some(&len) {
            return Err(self.ragged(value, depth, len));
        }
        for item in items {
            if !self.read(&item, depth + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn float(&mut self, value: &Bound<'_, PyAny>, x: f64) -> PyResult<()> {
        push(value, self.op, &mut self.floats, x)
    }

    fn integer(&mut self, value: &Bound<'_, PyAny>, x: i128) -> PyResult<()> {
        self.ends = (self.ends.0.min(x), self.ends.1.max(x));
        push(value, self.op, &mut self.integers, x as i64)
    }

    fn ragged(&self, value: &Bound<'_, PyAny>, depth: usize, other: usize) -> PyErr {
        let first = self.dims.get(depth).copied().unwrap_or(0);
        to_py(value.py(), &Error::Ragged { op: self.op, depth, first, other })
    }
}

/// Appends, or says that there is no memory for it.
fn push<T>(value: &Bound<'_, PyAny>, op: &'static str, list: &mut Vec<T>, x: T) -> PyResult<()> {
    if list.len() == list.capacity() {
        let more = list.len().max(16);
        let refused = |_| to_py(value.py(), &Error::Allocation { op, bytes: more * size_of::<T>() });
        list.try_reserve_exact(more).map_err(refused)?;
    }
    list.push(x);
    Ok(())
}
