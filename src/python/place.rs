//! The line of Python that calls: code object and offset at once, file and line when asked for.
//!
//! `PyFrame_GetLasti` and `PyFrame_GetBack` are exported by every CPython from 3.11 on but are not part of the stable
//! ABI, so they are looked up once; without them lines are unknown and nothing else changes. Frames of this package's own
//! Python files are stepped over. All of it happens before the record's lock is taken: making a frame object may run the
//! garbage collector, and that may run anything, such as the end of another tensor of the same record.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::sync::{Arc, LazyLock, OnceLock};

use parking_lot::Mutex;
use pyo3::ffi;
use pyo3::prelude::*;
use rustc_hash::FxHashMap;

use crate::origin::{Caller, Source};

type Frame = *mut ffi::PyFrameObject;

struct Symbols {
    offset: unsafe extern "C" fn(Frame) -> c_int,
    back: unsafe extern "C" fn(Frame) -> Frame,
}

fn symbols() -> Option<&'static Symbols> {
    static SYMBOLS: OnceLock<Option<Symbols>> = OnceLock::new();
    SYMBOLS
        .get_or_init(|| {
            let offset = symbol(c"PyFrame_GetLasti")?;
            let back = symbol(c"PyFrame_GetBack")?;
            // SAFETY: these are the signatures of `cpython/pyframe.h`, unchanged since 3.11 and 3.9.
            unsafe {
                Some(Symbols {
                    offset: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(Frame) -> c_int>(offset),
                    back: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(Frame) -> Frame>(back),
                })
            }
        })
        .as_ref()
}

#[cfg(unix)]
fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: `name` ends in a zero byte; the whole process is searched.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}

#[cfg(not(unix))]
fn symbol(_name: &CStr) -> Option<*mut c_void> {
    None
}

/// A line of the user's program that is calling.
pub(super) struct Call<'py> {
    code: Bound<'py, PyAny>,
    offset: u32,
}

thread_local! {
    /// The address of the code that called last and was not this package's own.
    static LAST: Cell<usize> = const { Cell::new(0) };
}

/// The innermost line of Python that is not this package's own.
#[inline]
pub(super) fn here(py: Python<'_>) -> Option<Call<'_>> {
    let symbols = symbols()?;
    // SAFETY: attached, as `py` says; a borrowed reference, null when no Python code runs.
    let frame = unsafe { ffi::PyEval_GetFrame() };
    if frame.is_null() {
        return None;
    }
    let call = call_in(py, symbols, frame);
    if call.code.as_ptr() as usize == LAST.get() { Some(call) } else { outermost(py, symbols, frame, call) }
}

#[inline]
fn call_in<'py>(py: Python<'py>, symbols: &Symbols, frame: Frame) -> Call<'py> {
    // SAFETY: `frame` is alive while its function runs or we hold it; the code comes as a new reference.
    unsafe {
        let code = Bound::from_owned_ptr(py, ffi::PyFrame_GetCode(frame).cast());
        Call { code, offset: (symbols.offset)(frame).max(0) as u32 }
    }
}

/// Walks outwards from code that was not the last to call.
#[cold]
fn outermost<'py>(py: Python<'py>, symbols: &Symbols, mut frame: Frame, mut call: Call<'py>) -> Option<Call<'py>> {
    let mut _held;
    while is_own(&call.code) {
        // SAFETY: `frame` is borrowed from its running function or held by `_held`; the caller comes as a new reference
        // or null.
        let back = unsafe { Bound::from_owned_ptr_or_opt(py, (symbols.back)(frame).cast::<ffi::PyObject>()) }?;
        frame = back.as_ptr().cast();
        _held = back;
        call = call_in(py, symbols, frame);
    }
    LAST.set(call.code.as_ptr() as usize);
    Some(call)
}

/// Own code, once recognised; kept, so that its address stays its own. There is only as much as this package has.
static OWN: LazyLock<Mutex<FxHashMap<usize, Py<PyAny>>>> = LazyLock::new(Mutex::default);

fn is_own(code: &Bound<'_, PyAny>) -> bool {
    let address = code.as_ptr() as usize;
    if OWN.lock().contains_key(&address) {
        return true;
    }
    let Some(folder) = folder(code.py()) else {
        return false;
    };
    let file = code.getattr("co_filename").and_then(|file| file.extract::<String>());
    let own = file.is_ok_and(|file| file.starts_with(folder));
    if own {
        let kept = code.clone().unbind();
        OWN.lock().insert(address, kept);
    }
    own
}

/// The folder of this package's Python files.
fn folder(py: Python<'_>) -> Option<&'static str> {
    static FOLDER: OnceLock<Option<String>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let file: String = py.import("phonograd").ok()?.getattr("__file__").ok()?.extract().ok()?;
            Some(file[..file.rfind(['/', '\\'])? + 1].to_owned())
        })
        .as_deref()
}

impl Caller for Call<'_> {
    fn code(&self) -> usize {
        self.code.as_ptr() as usize
    }

    fn offset(&self) -> u32 {
        self.offset
    }

    fn source(&self) -> Arc<dyn Source> {
        Arc::new(Code(self.code.clone().unbind()))
    }
}

/// A code object, kept by the records it recorded in.
struct Code(Py<PyAny>);

impl Source for Code {
    fn line(&self, offset: u32) -> Option<String> {
        Python::attach(|py| {
            let code = self.0.bind(py);
            let file: String = code.getattr("co_filename").ok()?.extract().ok()?;
            // (line, last line, column, last column), one for every instruction of two bytes.
            let mut positions = code.call_method0("co_positions").ok()?.try_iter().ok()?;
            let line: Option<u32> = positions.nth(offset as usize / 2)?.ok()?.get_item(0).ok()?.extract().ok()?;
            Some(format!("{file}:{}", line?))
        })
    }
}
