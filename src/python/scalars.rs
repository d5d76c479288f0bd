//! Numbers, truth values and strings that Python hands in. Each of a wrong kind ends in an InputError, which PyO3 gives a
//! note with the argument's name.
//!
//! A type such as [`Int`] extracts itself. Functions such as [`float`] stand in `from_py_with`, where an argument has a
//! default that its signature shows.

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};
use pyo3::{Borrowed, inspect::PyStaticExpr, type_hint_identifier};

use super::array;
use super::convert::wrong_kind;
use super::errors::{is_ours, to_py};
use crate::dtype::Scalar;
use crate::error::Error;

/// A Python or NumPy number, if it is one.
pub(super) fn number(value: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    if let Ok(x) = value.cast::<PyBool>() {
        Ok(Some(Scalar::Bool(x.is_true())))
    } else if let Ok(x) = value.cast::<PyFloat>() {
        Ok(Some(Scalar::Float(x.value())))
    } else if value.is_instance_of::<PyInt>() {
        // Integers beyond all dtypes are as good as floats, and those that fit no float as good as infinite.
        let float = || {
            value
                .extract::<f64>()
                .or_else(|_| PyResult::Ok(if value.gt(0)? { f64::INFINITY } else { f64::NEG_INFINITY }))
        };
        let integer = value.extract::<i64>().map(i128::from).or_else(|_| value.extract::<i128>());
        Ok(Some(integer.map(Scalar::Int).or_else(|_: PyErr| float().map(Scalar::Float))?))
    } else {
        array::numpy_scalar(value)
    }
}

/// A number, or an error that says what came instead.
pub(super) fn scalar(op: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Scalar> {
    match number(value)? {
        Some(scalar) => Ok(scalar),
        None => {
            let got = value.get_type().name()?.to_string();
            Err(to_py(value.py(), &Error::Input { op, got, expected: "a number" }))
        }
    }
}

/// What Python takes for an integer, as one.
fn index<'py>(what: &'static str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if value.is_instance_of::<PyBool>() || !value.hasattr("__index__")? {
        return Err(wrong_kind(what, value, "an integer"));
    }
    py.import("operator")?.call_method1("index", (value,)).map_err(|error| {
        let foreign = !error.get_type(py).is(py.get_type::<PyTypeError>()) && !is_ours(py, &error);
        if foreign {
            return error;
        }
        let wrong = wrong_kind(what, value, "an integer");
        wrong.set_cause(py, Some(error));
        wrong
    })
}

/// An integer; of those too large for 64 bits, the nearest that is not.
pub(super) fn integer(what: &'static str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    if let (true, Ok(i)) = (value.is_exact_instance_of::<PyInt>(), value.extract::<i64>()) {
        return Ok(i);
    }
    let index = index(what, value)?;
    Ok(match index.extract::<i64>() {
        Ok(i) => i,
        Err(_) if index.gt(0)? => i64::MAX,
        Err(_) => i64::MIN,
    })
}

/// One integer: an axis, a count; those too large for 64 bits are as good as the largest.
pub(super) struct Int(pub i64);

impl<'a, 'py> FromPyObject<'a, 'py> for Int {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "int");

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        integer("argument", &value).map(Int)
    }
}

/// An integer where an argument has a default.
pub(super) fn int(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    integer("argument", value)
}

/// A number of things, which is not negative.
pub(super) fn count(py: Python<'_>, op: &'static str, argument: &'static str, value: i64) -> PyResult<usize> {
    let expected = "0 or more";
    usize::try_from(value).map_err(|_| to_py(py, &Error::Argument { op, argument, got: value.to_string(), expected }))
}

/// A float, from anything that Python makes one of.
pub(super) fn float(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let py = value.py();
    value.extract().map_err(|error: PyErr| match error {
        e if e.get_type(py).is(py.get_type::<PyTypeError>()) => wrong_kind("argument", value, "a number"),
        e if e.is_instance_of::<PyOverflowError>(py) => wrong_kind("argument", value, "a number that is a float"),
        e => e,
    })
}

/// A truth value, of Python or NumPy.
pub(super) fn flag(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract().map_err(|_| wrong_kind("argument", value, "True or False"))
}

/// A string.
pub(super) fn text<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    value.extract().map_err(|_| wrong_kind("argument", value, "a string"))
}

/// A number as [`float`] reads it.
pub(super) struct Float(pub f64);

impl<'a, 'py> FromPyObject<'a, 'py> for Float {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "float");

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        float(&value).map(Float)
    }
}

/// A truth value as [`flag`] reads it.
pub(super) struct Flag(pub bool);

impl<'a, 'py> FromPyObject<'a, 'py> for Flag {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "bool");

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        flag(&value).map(Flag)
    }
}

/// A name, or another string.
pub(super) struct Text<'a>(pub &'a str);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Text<'a> {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "str");

    #[inline]
    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match value.cast::<PyString>() {
            Ok(_) => value.extract().map(Text),
            Err(_) => Err(wrong_kind("argument", &value, "a string")),
        }
    }
}

/// A seed: an integer of 64 bits, with a sign or without.
pub(super) struct Seed(pub u64);

impl<'a, 'py> FromPyObject<'a, 'py> for Seed {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "int");

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let index = index("argument", &value)?;
        if let Ok(signed) = index.extract::<i64>() {
            return Ok(Seed(signed as u64));
        }
        index.extract::<u64>().map(Seed).map_err(|_| {
            let (got, expected) = (index.to_string(), "an integer of 64 bits");
            to_py(value.py(), &Error::Argument { op: "Key", argument: "seed", got, expected })
        })
    }
}
