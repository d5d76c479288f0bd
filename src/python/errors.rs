//! Exception classes, each under `RecordError` and the builtin a NumPy user expects.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::{
    PyException, PyFileNotFoundError, PyIndexError, PyKeyError, PyKeyboardInterrupt, PyMemoryError, PyOSError,
    PyOverflowError, PyRuntimeError, PyTypeError, PyValueError, PyZeroDivisionError,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::error::{Error, Result};

macro_rules! exception_table {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal ($($base:ty),+);)*) => {
        /// One per Python class.
        #[derive(Clone, Copy)]
        enum Class { $($variant),* }

        const COUNT: usize = [$(Class::$variant),*].len();
        static CLASSES: PyOnceLock<[Py<PyType>; COUNT]> = PyOnceLock::new();

        fn classes(py: Python<'_>) -> PyResult<&[Py<PyType>; COUNT]> {
            CLASSES.get_or_try_init(py, || {
                let root = make(py, "RecordError", "Root of every error of this package.",
                    PyTuple::new(py, [py.get_type::<PyException>()])?)?;
                Ok([$(
                    make(py, $name, concat!($($doc, "\n"),*).trim(),
                        PyTuple::new(py, [root.bind(py).clone() $(, py.get_type::<$base>())+])?)?
                ),*])
            })
        }
    };
}

/// True for the library's own errors; a signal handler may raise others.
pub fn is_ours(py: Python<'_>, error: &PyErr) -> bool {
    classes(py).is_ok_and(|classes| classes.iter().any(|class| error.is_instance(py, class.bind(py))))
}

exception_table! {
    /// Shapes do not fit together.
    Shape "ShapeError" (PyValueError);
    /// A dtype is unknown or does not fit.
    DType "DTypeError" (PyTypeError);
    /// An axis is out of range or named twice.
    Axis "AxisError" (PyIndexError, PyValueError);
    /// A tensor belongs to another record.
    Foreign "ForeignTensorError" (PyValueError);
    /// A scalar was needed.
    NotScalar "NotScalarError" (PyValueError);
    /// A parameter is unknown, or wanted in two shapes.
    Parameter "ParameterError" (PyKeyError, PyValueError);
    /// An index is out of range, or there are too many of them.
    Index "IndexOutOfRangeError" (PyIndexError);
    /// The value of an argument makes no sense.
    Argument "ArgumentError" (PyValueError);
    /// An integer dtype does not have a number.
    OutOfRange "OutOfRangeError" (PyOverflowError, PyValueError);
    /// Data of a kind that cannot be read.
    Input "InputError" (PyTypeError);
    /// Nested lists are not rectangular.
    Ragged "RaggedError" (PyValueError);
    /// Memory that the system does not give, or that a budget does not allow.
    Allocation "AllocationError" (PyMemoryError);
    /// An integer was divided by zero.
    IntegerDivision "IntegerDivisionError" (PyZeroDivisionError);
    /// A matrix is singular, not positive definite, or not finite.
    LinAlg "LinAlgError" (PyValueError);
    /// A random key was used twice in one record.
    KeyReuse "KeyReuseError" (PyValueError);
    /// No gradient is possible.
    Gradient "GradientError" (PyTypeError, PyRuntimeError);
    /// The content of a file is not what it must be.
    Checkpoint "CheckpointError" (PyValueError);
    /// A file is not there.
    MissingFile "MissingFileError" (PyFileNotFoundError);
    /// A file cannot be read or written.
    File "FileError" (PyOSError);
    /// A bug in phonograd.
    Internal "InternalError" (PyRuntimeError);
}

fn make(py: Python<'_>, name: &str, doc: &str, bases: Bound<'_, PyTuple>) -> PyResult<Py<PyType>> {
    let dict = PyDict::new(py);
    dict.set_item("__doc__", doc)?;
    dict.set_item("__module__", "phonograd")?;
    // KeyError's own shows the message in quotes.
    dict.set_item("__str__", py.get_type::<PyException>().getattr("__str__")?)?;
    let class = py.get_type::<PyType>().call1((name, bases, dict))?;
    Ok(class.cast_into::<PyType>()?.unbind())
}

/// Adds every class to the module.
pub(super) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let classes = classes(module.py())?;
    let root = classes[0].bind(module.py()).getattr("__base__")?;
    module.add("RecordError", root)?;
    for class in classes {
        let class = class.bind(module.py());
        module.add(class.name()?, class)?;
    }
    Ok(())
}

fn class_of(error: &Error) -> Option<Class> {
    Some(match error {
        Error::Broadcast { .. } | Error::Expand { .. } | Error::Matmul { .. } | Error::Reshape { .. } => Class::Shape,
        Error::ShapeMismatch { .. } | Error::Rank { .. } | Error::Concat { .. } => Class::Shape,
        Error::EmptyReduction { .. } | Error::EmptyTransform { .. } | Error::Einsum { .. } => Class::Shape,
        Error::NotSquare { .. } | Error::RightSide { .. } => Class::Shape,
        Error::Window { .. } | Error::Cropped { .. } | Error::Channels { .. } => Class::Shape,
        Error::Ragged { .. } => Class::Ragged,
        Error::Axis { .. } | Error::RepeatedAxis { .. } => Class::Axis,
        Error::DType { .. } | Error::Promotion { .. } | Error::UnknownDType { .. } => Class::DType,
        Error::Foreign { .. } => Class::Foreign,
        Error::NotScalar { .. } => Class::NotScalar,
        Error::UnknownParameter { .. } | Error::ParameterConflict { .. } | Error::NoStore { .. } => Class::Parameter,
        Error::IndexRange { .. } | Error::Label { .. } | Error::TooManyIndices { .. } | Error::Mask { .. } => {
            Class::Index
        }
        Error::Argument { .. } | Error::TooLarge { .. } | Error::NegativeExponent { .. } => Class::Argument,
        Error::OutOfRange { .. } => Class::OutOfRange,
        Error::Input { .. } => Class::Input,
        Error::Allocation { .. } | Error::Budget { .. } => Class::Allocation,
        Error::IntegerDivision { .. } => Class::IntegerDivision,
        Error::Singular { .. } | Error::NotPositiveDefinite { .. } => Class::LinAlg,
        Error::NonFiniteMatrix { .. } | Error::NoConvergence { .. } => Class::LinAlg,
        Error::KeyReuse { .. } => Class::KeyReuse,
        Error::Gradient { .. } => Class::Gradient,
        Error::Checkpoint { .. } => Class::Checkpoint,
        Error::MissingFile { .. } => Class::MissingFile,
        Error::File { .. } => Class::File,
        Error::Internal { .. } => Class::Internal,
        Error::Interrupted => return None,
    })
}

/// The Python exception of a failure.
#[cold]
pub(super) fn to_py(py: Python<'_>, error: &Error) -> PyErr {
    let Some(class) = class_of(error) else {
        return PyKeyboardInterrupt::new_err(());
    };
    let raised = classes(py).and_then(|all| {
        let own = all[class as usize].bind(py);
        if matches!(class, Class::LinAlg) { also_of_numpy(own) } else { Ok(own.clone()) }
    });
    match raised {
        Ok(class) => PyErr::from_type(class, error.to_string()),
        Err(e) => e,
    }
}

/// The class that is also NumPy's `LinAlgError`, once NumPy is imported: before, nobody can catch that one.
fn also_of_numpy<'py>(own: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyType>> {
    static BOTH: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = own.py();
    if !py.import("sys")?.getattr("modules")?.contains("numpy.linalg")? {
        return Ok(own.clone());
    }
    let both = BOTH.get_or_try_init(py, || {
        let theirs = py.import("numpy.linalg")?.getattr("LinAlgError")?.cast_into::<PyType>()?;
        make(py, "LinAlgError", "Also NumPy's error of that name.", PyTuple::new(py, [own.clone(), theirs])?)
    })?;
    Ok(both.bind(py).clone())
}

/// Runs work of the core and makes its failures, panics among them, Python exceptions.
#[inline]
pub(super) fn guard<T>(py: Python<'_>, work: impl FnOnce() -> Result<T>) -> PyResult<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(to_py(py, &error)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_string()));
            Err(to_py(py, &Error::Internal { what: text.unwrap_or_else(|| "a panic".to_string()) }))
        }
    }
}
