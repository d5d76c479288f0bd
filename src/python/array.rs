//! Arrays across the border: any layout read in, read-only views handed out.
//!
//! Reading goes through the buffer protocol, so NumPy is not imported for it; anything else that knows `__array__` is asked
//! for an array first. Lists are read here. What cannot be read is refused by name. One of the places with unsafe code: the
//! C-level border.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::Arc;

use numpy::npyffi::{self, NPY_TYPES, PY_ARRAY_API};
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyFloat, PyInt, PyList, PyRange, PySequence, PyString, PyTuple};

use super::errors::to_py;
use super::list::read_list;
use super::scalars::number;
use super::tensor::PyTensor;
use crate::buffer::{Buffer, BufferMut, NdArray};
use crate::dtype::{DType, Scalar, Word};
use crate::error::Error;
use crate::shape::{Dims, Shape};

/// A buffer that somebody exports, released when dropped.
struct View(Box<MaybeUninit<ffi::Py_buffer>>);

// SAFETY: the memory may be read from any thread; releasing attaches to the interpreter.
unsafe impl Send for View {}
// SAFETY: as above; nothing here is changed through a shared reference.
unsafe impl Sync for View {}

impl View {
    fn of(value: &Bound<'_, PyAny>) -> PyResult<View> {
        let mut raw = Box::new(MaybeUninit::<ffi::Py_buffer>::uninit());
        // SAFETY: the structure is ours to fill; on success it is initialised.
        let failed = unsafe {
            ffi::PyObject_GetBuffer(value.as_ptr(), raw.as_mut_ptr(), ffi::PyBUF_STRIDES | ffi::PyBUF_FORMAT)
        };
        if failed == -1 { Err(PyErr::fetch(value.py())) } else { Ok(View(raw)) }
    }

    fn raw(&self) -> &ffi::Py_buffer {
        // SAFETY: a View exists only after the buffer was filled.
        unsafe { self.0.assume_init_ref() }
    }

    fn format(&self) -> &[u8] {
        let format = self.raw().format;
        // SAFETY: a format is a C string that lives as long as the buffer.
        if format.is_null() { b"B" } else { unsafe { CStr::from_ptr(format) }.to_bytes() }
    }

    fn dims(&self) -> &[isize] {
        self.list(self.raw().shape)
    }

    fn strides(&self) -> &[isize] {
        self.list(self.raw().strides)
    }

    fn list(&self, ptr: *const isize) -> &[isize] {
        let ndim = self.raw().ndim as usize;
        // SAFETY: exporters fill `ndim` sizes and strides when asked for a full buffer.
        if ndim == 0 || ptr.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(ptr, ndim) } }
    }

    /// Dtype, and whether bytes are swapped.
    fn dtype(&self) -> Option<(DType, bool)> {
        let format = self.format();
        let (order, letter) = match format {
            [letter] => (b'@', *letter),
            [order, letter] if b"@=<>!^".contains(order) => (*order, *letter),
            _ => return None,
        };
        let swapped = match order {
            b'<' => cfg!(target_endian = "big"),
            b'>' | b'!' => cfg!(target_endian = "little"),
            _ => false,
        };
        let dtype = match (letter, self.raw().itemsize) {
            (b'?', 1) => DType::Bool,
            (b'b', 1) => DType::I8,
            (b'B', 1) => DType::U8,
            (b'h', 2) => DType::I16,
            (b'H', 2) => DType::U16,
            (b'i' | b'l' | b'q' | b'n', 4) => DType::I32,
            (b'I' | b'L' | b'Q' | b'N', 4) => DType::U32,
            (b'i' | b'l' | b'q' | b'n', 8) => DType::I64,
            (b'I' | b'L' | b'Q' | b'N', 8) => DType::U64,
            (b'e', 2) => DType::F16,
            (b'f', 4) => DType::F32,
            (b'd', 8) => DType::F64,
            _ => return None,
        };
        Some((dtype, swapped))
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: released once, attached to the interpreter.
        Python::attach(|_| unsafe { ffi::PyBuffer_Release(self.0.as_mut_ptr()) });
    }
}

fn input(value: &Bound<'_, PyAny>, op: &'static str, expected: &'static str) -> PyErr {
    let kind = value.get_type().name().map_or_else(|_| "an object".to_string(), |name| name.to_string());
    to_py(value.py(), &Error::Input { op, got: kind, expected })
}

/// What can be read, for messages.
pub(super) const READABLE: &str = "a number, a nested list of numbers, or an array";

pub(super) fn exports_buffer(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: only looks at the type of a live object.
    unsafe { ffi::PyObject_CheckBuffer(value.as_ptr()) != 0 }
}

/// True for NumPy arrays and what looks like one.
pub(super) fn is_array(value: &Bound<'_, PyAny>) -> bool {
    let text = value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>();
    !text && (exports_buffer(value) || value.hasattr("__array__").unwrap_or(false))
}

/// True for arrays with at least one axis.
pub(super) fn has_axes(value: &Bound<'_, PyAny>) -> bool {
    is_array(value) && (!exports_buffer(value) || View::of(value).is_ok_and(|view| view.raw().ndim > 0))
}

/// A NumPy scalar, or an array without axes, as a number.
pub(super) fn numpy_scalar(value: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    if !is_array(value) || value.is_instance_of::<PyTensor>() || !exports_buffer(value) {
        return Ok(None);
    }
    let Ok(view) = View::of(value) else {
        return Ok(None);
    };
    if view.raw().ndim != 0 {
        return Ok(None);
    }
    if !is_numeric(value) {
        return Ok(None);
    }
    match view.dtype() {
        Some((DType::Bool, _)) => Ok(Some(Scalar::Bool(value.is_truthy()?))),
        Some((dtype, _)) if dtype.is_integer() => number(&value.call_method0("__int__")?),
        Some(_) => Ok(Some(Scalar::Float(value.call_method0("__float__")?.extract()?))),
        None => Ok(None),
    }
}

/// Reads anything array-like. Without `copy`, the elements are bound where they lie, or it is an error.
pub(super) fn read(op: &'static str, value: &Bound<'_, PyAny>, dtype: Option<DType>, copy: bool) -> PyResult<NdArray> {
    let py = value.py();
    let buffer = exports_buffer(value);
    let text = value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>();
    if text || value.is_instance_of::<PyString>() {
        return Err(input(value, op, READABLE));
    }
    if !copy && !buffer {
        return Err(not_bound(py, op));
    }
    if value.is_instance_of::<PyRange>() {
        let numbers = value.cast::<PySequence>()?.to_list()?;
        return read(op, &numbers, dtype.or(Some(DType::I64)), copy);
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        return match read_list(op, value, dtype)? {
            Some(array) => Ok(array),
            None => through_numpy(op, value, dtype),
        };
    }
    // NumPy's scalars, of which one is a subclass of `float`, come as buffers.
    if !buffer && (value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>()) {
        return read_list(op, value, dtype)?.ok_or_else(|| input(value, op, READABLE));
    }
    if is_masked(value)? {
        return Err(input(value, op, "an array without a mask; use filled() or where"));
    }
    if !buffer {
        return if value.hasattr("__array__")? {
            through_numpy(op, value, dtype)
        } else {
            Err(input(value, op, READABLE))
        };
    }
    let Ok(view) = View::of(value) else {
        return match bfloat16(op, value)? {
            Some(array) => cast(py, array, dtype),
            None => Err(unsupported(op, value)),
        };
    };
    // What NumPy has no letter for, such as a date, it shows as bytes.
    let disguised = view.format() == b"B" && value.hasattr("dtype")? && !is_numeric(value);
    let Some((found, swapped)) = view.dtype().filter(|_| !disguised) else {
        return match dtype {
            Some(dtype) if is_numeric(value) => through_numpy(op, value, Some(dtype)),
            _ => Err(unsupported(op, value)),
        };
    };
    if let Some(own) = shared(value, &view, found)? {
        return cast(py, own, dtype);
    }
    let dims: Dims = view.dims().iter().map(|&d| d as usize).collect();
    let shape = Shape::new(op, &dims).map_err(|e| to_py(py, &e))?;
    let aligned = (view.raw().buf as usize).is_multiple_of(found.size());
    // SAFETY: the view is filled and lives.
    let dense = unsafe { ffi::PyBuffer_IsContiguous(view.raw(), b'C' as _) } != 0;
    if !copy {
        if swapped || !aligned || !dense || found == DType::Bool || dtype.is_some_and(|wanted| wanted != found) {
            return Err(not_bound(py, op));
        }
        let (ptr, len) = (NonNull::new(view.raw().buf.cast::<u8>()), shape.len() * found.size());
        let ptr = ptr.unwrap_or(NonNull::<u64>::dangling().cast());
        // SAFETY: the exporter keeps the memory until the view is released, which the buffer's owner does; that nobody
        // writes to it meanwhile is what the caller promises by asking for `copy=False`.
        let buffer = unsafe { Buffer::foreign(ptr, len, Box::new(view)) };
        return NdArray::new(found, shape, Arc::new(buffer)).map_err(|e| to_py(py, &e));
    }
    let array = copy_in(op, &view, found, swapped, dense, shape).map_err(|e| to_py(py, &e))?;
    cast(py, array, dtype)
}

fn not_bound(py: Python<'_>, op: &'static str) -> PyErr {
    let got = "False".to_string();
    let expected = "True here; only aligned C-contiguous arrays of the wanted dtype, not bool, can be bound";
    to_py(py, &Error::Argument { op, argument: "copy", got, expected })
}

/// True for arrays with a mask, which their buffers do not show.
fn is_masked(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let plain = value.get_type().name()? == "ndarray";
    Ok(!plain && value.hasattr("mask")? && value.hasattr("filled")?)
}

/// Copies elements in C order.
fn copy_in(
    op: &'static str,
    view: &View,
    dtype: DType,
    swapped: bool,
    dense: bool,
    shape: Shape,
) -> Result<NdArray, Error> {
    let size = dtype.size();
    let mut buffer = BufferMut::uninit(op, shape.len() * size)?;
    let (out, from) = (buffer.as_mut_ptr(), view.raw().buf.cast::<u8>().cast_const());
    let mut done = 0;
    if dense {
        // SAFETY: a dense view has all bytes in order; the new buffer is as long.
        unsafe { std::ptr::copy_nonoverlapping(from, out, shape.len() * size) }
    } else if !shape.is_empty() {
        let mut index: Dims = Dims::from_elem(0, shape.ndim());
        let mut offset = 0isize;
        while done < shape.len() {
            // SAFETY: the offset is a sum of indices times strides inside the exporter's sizes.
            unsafe { std::ptr::copy_nonoverlapping(from.offset(offset), out.add(done * size), size) }
            done += 1;
            for axis in (0..shape.ndim()).rev() {
                index[axis] += 1;
                offset += view.strides()[axis];
                if index[axis] < shape[axis] {
                    break;
                }
                offset -= view.strides()[axis] * shape[axis] as isize;
                index[axis] = 0;
            }
        }
    }
    // SAFETY: all elements have been written above.
    let bytes = unsafe { std::slice::from_raw_parts_mut(out, shape.len() * size) };
    if swapped {
        bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    if dtype == DType::Bool {
        // Views may have put other bytes where NumPy expects 0 or 1.
        bytes.iter_mut().for_each(|byte| *byte = u8::from(*byte != 0));
    }
    // SAFETY: written in full; bools are 0 or 1.
    NdArray::new(dtype, shape, Arc::new(unsafe { buffer.freeze() }))
}

pub(super) fn cast(py: Python<'_>, array: NdArray, dtype: Option<DType>) -> PyResult<NdArray> {
    match dtype {
        Some(wanted) if wanted != array.dtype() => super::errors::guard(py, || {
            let rec = crate::record::ComputationRecord::with_grad(false);
            rec.record(None, |r| r.data(array).cast(wanted))?.data()
        }),
        _ => Ok(array),
    }
}

/// Numbers of a kind this library does not have, which NumPy can convert.
fn is_numeric(value: &Bound<'_, PyAny>) -> bool {
    let kind = value.getattr("dtype").and_then(|dtype| dtype.getattr("kind")).and_then(|kind| kind.extract::<String>());
    kind.is_ok_and(|kind| ["f", "i", "u", "b"].contains(&kind.as_str()))
}

fn unsupported(op: &'static str, value: &Bound<'_, PyAny>) -> PyErr {
    match value.getattr("dtype").and_then(|dtype| dtype.str()).map(|name| name.to_string()) {
        Ok(name) => to_py(value.py(), &Error::UnknownDType { op, name }),
        Err(_) => input(value, op, READABLE),
    }
}

/// An array of bfloat16, as packages beside NumPy define it: it has no buffer, but its bits have one.
fn bfloat16(op: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Option<NdArray>> {
    let name = value.getattr("dtype").and_then(|dtype| dtype.getattr("name")).and_then(|name| name.extract::<String>());
    if !name.is_ok_and(|name| name == DType::BF16.name()) {
        return Ok(None);
    }
    let bits = read(op, &value.call_method1("view", (DType::U16.name(),))?, Some(DType::U16), true)?;
    let (shape, bits) = (bits.shape().clone(), bits.buffer().clone());
    NdArray::new(DType::BF16, shape, bits).map(Some).map_err(|e| to_py(value.py(), &e))
}

/// Lets NumPy make an array of it, and reads that.
fn through_numpy(op: &'static str, value: &Bound<'_, PyAny>, dtype: Option<DType>) -> PyResult<NdArray> {
    let numpy = value.py().import("numpy")?;
    if let Ok(list) = value.cast::<PyList>() {
        for item in list {
            if is_masked(&item)? {
                return Err(input(&item, op, "arrays without a mask; use filled() or where"));
            }
        }
    }
    let made = match dtype {
        Some(dtype) => numpy.call_method1("asarray", (value, dtype.name())),
        None => numpy.call_method1("asarray", (value,)),
    };
    // What NumPy says of lists it cannot make rectangular; anything else is an answer of the object itself.
    let is_list = value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>();
    let array = made.map_err(|e| {
        let uneven = is_list && e.is_instance_of::<PyValueError>(value.py());
        if uneven { input(value, op, "a nested list of numbers or arrays, all rows of one shape") } else { e }
    })?;
    if let Some(array) = bfloat16(op, &array)? {
        return cast(value.py(), array, dtype);
    }
    let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
    if !["f", "i", "u", "b"].contains(&kind.as_str()) {
        return Err(input(value, op, READABLE));
    }
    read(op, &array, dtype, true)
}

/// Keeps an array alive for the NumPy views of it.
#[pyclass(frozen, module = "phonograd")]
struct Storage(NdArray);

/// The elements themselves, when the array is a whole view of ours: immutable, so shared instead of copied.
fn shared(value: &Bound<'_, PyAny>, view: &View, dtype: DType) -> PyResult<Option<NdArray>> {
    if view.raw().readonly == 0 || !value.hasattr("base")? {
        return Ok(None);
    }
    let base = value.getattr("base")?;
    let Ok(storage) = base.cast::<Storage>() else { return Ok(None) };
    let own = &storage.get().0;
    let same_place = std::ptr::eq(own.buffer().as_ptr(), view.raw().buf.cast::<u8>());
    let same_sizes = own.shape().iter().map(|&d| d as isize).eq(view.dims().iter().copied());
    let dense = own.shape().strides().iter().map(|&s| s * dtype.size() as isize).eq(view.strides().iter().copied());
    Ok((same_place && same_sizes && dense && own.dtype() == dtype).then(|| own.clone()))
}

/// A read-only NumPy array on the elements themselves.
pub(super) fn view<'py>(py: Python<'py>, array: &NdArray) -> PyResult<Bound<'py, PyAny>> {
    // The C interface panics when NumPy is missing; this says so as an exception.
    static IMPORTED: std::sync::OnceLock<()> = std::sync::OnceLock::new();
    if IMPORTED.get().is_none() {
        py.check_signals()?;
        let module = py.import("numpy._core.multiarray").or_else(|_| py.import("numpy.core.multiarray"))?;
        module.getattr("_ARRAY_API")?;
        let _ = IMPORTED.set(());
    }
    let long = size_of::<std::ffi::c_long>() == 8;
    let kind = match array.dtype() {
        DType::Bool => NPY_TYPES::NPY_BOOL,
        DType::I8 => NPY_TYPES::NPY_BYTE,
        DType::U8 => NPY_TYPES::NPY_UBYTE,
        DType::I16 => NPY_TYPES::NPY_SHORT,
        DType::U16 => NPY_TYPES::NPY_USHORT,
        DType::I32 => NPY_TYPES::NPY_INT,
        DType::U32 => NPY_TYPES::NPY_UINT,
        DType::I64 if long => NPY_TYPES::NPY_LONG,
        DType::I64 => NPY_TYPES::NPY_LONGLONG,
        DType::U64 if long => NPY_TYPES::NPY_ULONG,
        DType::U64 => NPY_TYPES::NPY_ULONGLONG,
        DType::F16 => NPY_TYPES::NPY_HALF,
        // NumPy has no such dtype; float32 has all its numbers.
        DType::BF16 => return view(py, &cast(py, array.clone(), Some(DType::F32))?),
        DType::F32 => NPY_TYPES::NPY_FLOAT,
        DType::F64 => NPY_TYPES::NPY_DOUBLE,
    };
    let owner = Py::new(py, Storage(array.clone()))?;
    let mut dims: Dims<npyffi::npy_intp> = array.shape().iter().map(|&d| d as npyffi::npy_intp).collect();
    // SAFETY: NumPy is imported; the descriptor's reference is taken over by the new array; the data pointer is valid for
    // the shape as long as the base object lives, whose reference the array takes over; the flags forbid writing.
    unsafe {
        let descriptor = PY_ARRAY_API.PyArray_DescrFromType(py, kind as c_int);
        let made = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            npyffi::get_type_object(py, npyffi::NpyTypes::PyArray_Type),
            descriptor,
            dims.len() as c_int,
            dims.as_mut_ptr(),
            std::ptr::null_mut(),
            array.buffer().as_ptr().cast_mut().cast::<c_void>(),
            npyffi::NPY_ARRAY_CARRAY_RO,
            std::ptr::null_mut(),
        );
        if made.is_null() {
            return Err(PyErr::fetch(py));
        }
        if PY_ARRAY_API.PyArray_SetBaseObject(py, made.cast(), owner.into_ptr()) < 0 {
            ffi::Py_DecRef(made);
            return Err(PyErr::fetch(py));
        }
        Ok(Bound::from_owned_ptr(py, made))
    }
}

/// The only element as a Python number.
pub(super) fn item<'py>(py: Python<'py>, op: &'static str, array: &NdArray) -> PyResult<Bound<'py, PyAny>> {
    let hint = "only arrays of one element have an item";
    if array.shape().len() != 1 {
        return Err(to_py(py, &Error::NotScalar { op, shape: array.shape().clone(), hint }));
    }
    let mut word = Word([0; 8]);
    array.buffer().bytes().iter().zip(&mut word.0).for_each(|(from, to)| *to = *from);
    Ok(match Scalar::of(word, array.dtype()) {
        Scalar::Bool(b) => b.into_pyobject(py)?.to_owned().into_any(),
        Scalar::Int(i) => i.into_pyobject(py)?.into_any(),
        Scalar::Float(x) => x.into_pyobject(py)?.into_any(),
    })
}
