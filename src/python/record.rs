//! `Record`: leaves, creation, and the road to numbers.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use rustc_hash::FxHashMap;

use super::array;
use super::convert::{ArrayLike, DTypeArg, Instance, Operand, ShapeArg, TensorArg};
use super::errors::{guard, is_ours, to_py};
use super::place;
use super::plan::PyPlan;
use super::scalars::{Float, Int, Text, flag, integer, scalar};
use super::store::PyParameterStore;
use super::tensor::PyTensor;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::plan::Options;
use crate::record::{ComputationRecord, Expr, Recorder, Tensor};
use crate::shape::Shape;

/// Plans of less estimated work keep the GIL: releasing it would cost more than the run.
const SHORT: u64 = 50_000;

/// How often a long run looks for signals.
const SIGNALS: Duration = Duration::from_millis(10);

/// An append-only log of operations: shapes are checked when something is recorded, values are computed when asked for.
///
/// Args:
///     store: where `parameter` finds parameters.
///     grad: False for a record that keeps nothing for a backward pass and refuses `grad`.
///     memory_budget: the most bytes of arrays that the record may hold while it computes. Where they do not suffice, a
///         plan keeps less for gradients asked for later, and computes parts of the forward pass twice.
///
/// Example:
///     >>> rec = pg.Record()
///     >>> x = rec.tensor([1.0, 2.0, 3.0])
///     >>> y = (x * x).sum()
///     >>> y.item()
///     14.0
///     >>> y.grad().wrt(x).tolist()
///     [2.0, 4.0, 6.0]
#[pyclass(name = "Record", module = "phonograd", frozen, weakref)]
pub struct PyRecord {
    pub(super) rec: ComputationRecord,
    store: Option<Py<PyParameterStore>>,
    /// Which module asked for a parameter first.
    claims: Mutex<FxHashMap<String, Py<PyAny>>>,
}

impl PyRecord {
    /// Records one expression and gives its handle.
    #[inline]
    pub(super) fn recorded(
        slf: &Bound<'_, PyRecord>,
        make: impl for<'r> FnOnce(&'r Recorder) -> Expr<'r>,
    ) -> PyResult<PyTensor> {
        let py = slf.py();
        let call = place::here(py);
        let tensor = guard(py, || slf.get().rec.record(call.as_ref().map(|c| c as _), make))?;
        settle(py, &slf.get().rec)?;
        Ok(PyTensor { tensor, owner: slf.clone().unbind() })
    }

    /// Where states are kept: beside the parameters of the record's store.
    fn kept<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyParameterStore>> {
        match &self.store {
            Some(store) => Ok(store.bind(py).getattr("state")?.cast_into()?),
            None => Err(to_py(py, &Error::NoStore { name: name.to_string() })),
        }
    }

    /// Records what may fail before anything is recorded.
    pub(super) fn attempted(
        slf: &Bound<'_, PyRecord>,
        make: impl for<'r> FnOnce(&'r Recorder) -> Result<Expr<'r>>,
    ) -> PyResult<PyTensor> {
        PyRecord::recorded(slf, |r| make(r).unwrap_or_else(|error| r.fail(error)))
    }

    /// So many floats, float32 unless a dtype is given.
    fn spaced(
        slf: &Bound<'_, PyRecord>,
        op: &'static str,
        num: i64,
        dtype: Option<DTypeArg>,
        make: impl for<'r> FnOnce(&'r Recorder, usize, DType) -> Result<Expr<'r>>,
    ) -> PyResult<PyTensor> {
        let shape = ShapeArg([num].into_iter().collect());
        PyRecord::attempted(slf, |r| make(r, shape.checked(op)?.len(), dtype.map_or(DType::F32, |d| d.0)))
    }
}

/// If more is put off than a record may: computes what is held, and forgets what nobody can ask for any more. Failures of
/// the library are left to whoever asks for the value, signals are not.
#[inline]
pub(super) fn settle(py: Python<'_>, rec: &ComputationRecord) -> PyResult<()> {
    if !rec.is_overdue() {
        return Ok(());
    }
    let due = rec.due();
    let outcome = compute(py, rec, &due.iter().collect::<Vec<_>>(), Options::default());
    drop(due);
    rec.tidy();
    outcome.or_else(|error| if is_ours(py, &error) { Ok(()) } else { Err(error) })
}

/// Computes tensors of one record; long plans run without the GIL and stop at signals.
pub(super) fn compute(py: Python<'_>, rec: &ComputationRecord, tensors: &[&Tensor], options: Options) -> PyResult<()> {
    let Some(ready) = guard(py, || {
        tensors.iter().try_for_each(|tensor| rec.owns("compute", tensor))?;
        rec.prepare(tensors, options)
    })?
    else {
        return Ok(());
    };
    if ready.work() < SHORT {
        return guard(py, || rec.finish(ready, &mut || Ok(())));
    }
    interruptible(py, |checkpoint| rec.finish(ready, checkpoint))
}

/// Runs long work without the GIL; what a signal handler raises meanwhile ends it.
fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl Send + FnOnce(&mut dyn FnMut() -> Result<()>) -> Result<T>,
) -> PyResult<T> {
    let mut looked = Instant::now();
    let mut raised = None;
    let mut checkpoint = || {
        if looked.elapsed() < SIGNALS {
            return Ok(());
        }
        looked = Instant::now();
        Python::attach(|py| py.check_signals()).map_err(|signal| {
            raised = Some(signal);
            Error::Interrupted
        })
    };
    let outcome = py.detach(|| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&mut checkpoint))));
    match (raised, outcome) {
        (Some(signal), _) => Err(signal),
        (None, Ok(outcome)) => guard(py, || outcome),
        (None, Err(panic)) => guard(py, || std::panic::resume_unwind(panic)),
    }
}

#[pymethods]
impl PyRecord {
    #[new]
    #[pyo3(signature = (store=None, *, grad: "bool" = true, memory_budget=None))]
    fn new(
        py: Python<'_>,
        store: Option<Instance<'_, '_, PyParameterStore>>,
        #[pyo3(from_py_with = flag)] grad: bool,
        memory_budget: Option<Int>,
    ) -> PyResult<Self> {
        let store = store.map(|store| store.unbind());
        let budget = guard(py, || bytes(memory_budget))?;
        let (rec, late) = ComputationRecord::open(grad, budget);
        late.iter().try_for_each(|other| settle(py, other))?;
        Ok(PyRecord { rec, store, claims: Mutex::default() })
    }

    /// A leaf that holds an array: a copy, so that later changes of `data` change nothing.
    ///
    /// Args:
    ///     data: a number, a nested list of numbers, an array of any layout, or a tensor of another record.
    ///     dtype: the wanted dtype; by default that of the array, float32 for Python floats, int64 for Python integers.
    ///     copy: False binds the array's own memory, which must then not be changed while the record lives.
    ///
    /// Raises:
    ///     InputError: `data` is not an array or a number.
    ///     RaggedError: nested lists are not rectangular.
    ///     DTypeError: the array has a dtype this library does not have.
    ///     ArgumentError: `copy=False` and the array is not aligned, C-contiguous and of the wanted dtype.
    ///
    /// Example:
    ///     >>> pg.Record().tensor([[1, 2], [3, 4]])
    ///     Tensor([[1, 2], [3, 4]], int64, shape=(2, 2), computed)
    #[pyo3(signature = (data, dtype=None, *, copy: "bool" = true))]
    fn tensor(
        slf: &Bound<'_, Self>,
        data: ArrayLike<'_>,
        dtype: Option<DTypeArg>,
        #[pyo3(from_py_with = flag)] copy: bool,
    ) -> PyResult<PyTensor> {
        let dtype = dtype.map(|d| d.0);
        if let Ok(other) = data.0.cast::<PyTensor>() {
            let other = other.get();
            compute(slf.py(), other.tensor.record(), &[&other.tensor], Options::default())?;
            let array = guard(slf.py(), || other.tensor.data())?;
            return PyRecord::recorded(slf, |r| {
                let leaf = r.data(array);
                dtype.map_or(leaf, |dtype| leaf.cast(dtype))
            });
        }
        let array = array::read("tensor", &data.0, dtype, copy)?;
        PyRecord::recorded(slf, |r| r.data(array))
    }

    /// The named parameter of the record's store, as a leaf that gradients find by its name.
    ///
    /// Args:
    ///     name: the parameter's name.
    ///     shape: if given, a parameter that is not there yet is initialised.
    ///     init: "glorot_uniform", "he_normal", "zeros" or "ones", or a pair such as ("normal", 0.02) or ("uniform", 0.1).
    ///     dtype: of a new parameter.
    ///     asker: who asks, for the message of a conflict.
    ///
    /// Raises:
    ///     ParameterError: there is no store, no such parameter, or one of another shape.
    ///
    /// Example:
    ///     >>> rec = pg.Record(pg.ParameterStore(seed=0))
    ///     >>> rec.parameter("bias", (3,), init="zeros").tolist()
    ///     [0.0, 0.0, 0.0]
    #[pyo3(signature = (name, shape=None, init: "str | tuple[str, float] | None" = None, dtype=None, *, asker=None))]
    #[pyo3(text_signature = "($self, name, shape=None, init='glorot_uniform', dtype=None, *, asker=None)")]
    fn parameter(
        slf: &Bound<'_, Self>,
        name: Text<'_>,
        shape: Option<ShapeArg>,
        init: Option<Bound<'_, PyAny>>,
        dtype: Option<DTypeArg>,
        asker: Option<Text<'_>>,
    ) -> PyResult<PyTensor> {
        let py = slf.py();
        let asker = asker.as_deref().unwrap_or("Record.parameter");
        let Some(store) = &slf.get().store else {
            return Err(to_py(py, &Error::NoStore { name: name.to_string() }));
        };
        let value = match shape {
            None => guard(py, || store.get().lock().get(&name).cloned())?,
            Some(shape) => store.get().initialised(py, &name, &shape, init.as_ref(), dtype, asker)?,
        };
        let call = place::here(py);
        let tensor = guard(py, || slf.get().rec.parameter(&name, value, call.as_ref().map(|c| c as _)))?;
        Ok(PyTensor { tensor, owner: slf.clone().unbind() })
    }

    /// True unless a parameter of this name was asked for on behalf of another object.
    #[pyo3(name = "_claim")]
    fn claim(&self, name: Text<'_>, owner: &Bound<'_, PyAny>) -> bool {
        let mut claims = self.claims.lock();
        match claims.get(&*name) {
            Some(first) => first.is(owner),
            None => claims.insert(name.to_string(), owner.clone().unbind()).is_none(),
        }
    }

    /// A named state of the model, such as running statistics: what `next_state` gave it in this record, else what
    /// `store.state` holds. Gradients and optimisers do not know it.
    ///
    /// Args:
    ///     name: the state's name.
    ///     shape: if given, a state that is not there yet is initialised.
    ///     init: as of a parameter.
    ///     dtype: of a new state.
    ///
    /// Raises:
    ///     ParameterError: there is no store, no such state, or one of another shape.
    ///
    /// Example:
    ///     >>> rec = pg.Record(pg.ParameterStore())
    ///     >>> rec.state("norm.running_var", (2,), init="ones").tolist()
    ///     [1.0, 1.0]
    #[pyo3(signature = (name, shape=None, init: "str | tuple[str, float] | None" = None, dtype=None))]
    #[pyo3(text_signature = "($self, name, shape=None, init='zeros', dtype=None)")]
    fn state(
        slf: &Bound<'_, Self>,
        name: Text<'_>,
        shape: Option<ShapeArg>,
        init: Option<Bound<'_, PyAny>>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let py = slf.py();
        if let Some(tensor) = slf.get().rec.next_state(&name) {
            return Ok(PyTensor { tensor, owner: slf.clone().unbind() });
        }
        let kept = slf.get().kept(py, &name)?;
        let value = match shape {
            None => guard(py, || kept.get().lock().get(&name).cloned())?,
            Some(shape) => {
                let init = init.unwrap_or_else(|| PyString::new(py, "zeros").into_any());
                kept.get().initialised(py, &name, &shape, Some(&init), dtype, "Record.state")?
            }
        };
        PyRecord::recorded(slf, |r| r.data(value))
    }

    /// Notes what a state becomes when the step succeeds. Nothing is stored now: `Optimizer.step` computes the noted
    /// values with the new parameters, and puts all of them into the store together.
    ///
    /// Args:
    ///     name: the state's name.
    ///     value: a tensor of this record, of the state's shape and dtype.
    ///
    /// Raises:
    ///     ParameterError: there is no store, or the state has another shape or dtype.
    ///     ForeignTensorError: the tensor is of another record.
    ///
    /// Example:
    ///     >>> store = pg.ParameterStore()
    ///     >>> rec = pg.Record(store)
    ///     >>> count = rec.state("count", ())
    ///     >>> rec.next_state("count", count + 1.0)
    ///     >>> store.state["count"].item(), rec.next_states()["count"].item()
    ///     (0.0, 1.0)
    fn next_state(slf: &Bound<'_, Self>, name: Text<'_>, value: TensorArg<'_, '_>) -> PyResult<()> {
        let (py, tensor) = (slf.py(), &value.get().tensor);
        let kept = slf.get().kept(py, &name)?;
        guard(py, || {
            kept.get().lock().fits(&name, &tensor.shape(), tensor.dtype(), "Record.next_state")?;
            slf.get().rec.set_next_state(&name, tensor)
        })
    }

    /// What `next_state` noted in this record: the last value of each state, by name.
    #[pyo3(signature = () -> "dict[str, Tensor]")]
    fn next_states<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let noted = PyDict::new(slf.py());
        for name in slf.get().rec.next_states() {
            if let Some(tensor) = slf.get().rec.next_state(&name) {
                noted.set_item(name, PyTensor { tensor, owner: slf.clone().unbind() })?;
            }
        }
        Ok(noted)
    }

    /// A leaf that shares an array of a store. Unlike a `parameter`, gradients and optimisers do not know its name.
    ///
    /// Raises:
    ///     ParameterError: the store holds nothing of that name.
    ///
    /// Example:
    ///     >>> store = pg.ParameterStore()
    ///     >>> store["scale"] = [1.0, 2.0]
    ///     >>> pg.Record().load(store, "scale").tolist()
    ///     [1.0, 2.0]
    fn load(slf: &Bound<'_, Self>, store: Instance<'_, '_, PyParameterStore>, name: Text<'_>) -> PyResult<PyTensor> {
        let py = slf.py();
        let value = guard(py, || store.get().lock().get(&name).cloned())?;
        let call = place::here(py);
        let tensor = guard(py, || slf.get().rec.record(call.as_ref().map(|c| c as _), |r| r.data(value)))?;
        Ok(PyTensor { tensor, owner: slf.clone().unbind() })
    }

    /// Zeros.
    ///
    /// Example:
    ///     >>> pg.Record().zeros((2, 2)).tolist()
    ///     [[0.0, 0.0], [0.0, 0.0]]
    #[pyo3(signature = (shape, dtype=None))]
    fn zeros(slf: &Bound<'_, Self>, shape: ShapeArg, dtype: Option<DTypeArg>) -> PyResult<PyTensor> {
        PyRecord::attempted(slf, |r| Ok(r.zeros(shape.checked("zeros")?, dtype.map_or(DType::F32, |d| d.0))))
    }

    /// Ones.
    ///
    /// Example:
    ///     >>> pg.Record().ones(3, dtype="int32").tolist()
    ///     [1, 1, 1]
    #[pyo3(signature = (shape, dtype=None))]
    fn ones(slf: &Bound<'_, Self>, shape: ShapeArg, dtype: Option<DTypeArg>) -> PyResult<PyTensor> {
        PyRecord::attempted(slf, |r| Ok(r.ones(shape.checked("ones")?, dtype.map_or(DType::F32, |d| d.0))))
    }

    /// One number everywhere, or what is broadcast to the shape.
    ///
    /// Example:
    ///     >>> pg.Record().full((2,), 0.5).tolist()
    ///     [0.5, 0.5]
    #[pyo3(signature = (shape, value: "_ArrayLike", dtype=None))]
    fn full(
        slf: &Bound<'_, Self>,
        shape: ShapeArg,
        value: Bound<'_, PyAny>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let (op, dtype) = ("full", dtype.map(|d| d.0));
        match value.extract::<Operand<'_, '_>>()? {
            Operand::Scalar(value) => {
                let dtype = dtype.unwrap_or(value.default_dtype());
                PyRecord::attempted(slf, |r| Ok(r.full(shape.checked(op)?, dtype, value)))
            }
            other => {
                if let Operand::Tensor(tensor) = &other {
                    guard(slf.py(), || slf.get().rec.owns(op, &tensor.get().tensor))?;
                }
                PyRecord::attempted(slf, |r| {
                    let value = other.expression(r, dtype.unwrap_or(DType::F32));
                    Ok(value.cast(dtype.unwrap_or(value.dtype())).expand_for(op, &shape.checked(op)?))
                })
            }
        }
    }

    /// Zeros of a tensor's shape, and of its dtype unless another is given.
    #[pyo3(signature = (x, dtype=None))]
    fn zeros_like(slf: &Bound<'_, Self>, x: TensorArg<'_, '_>, dtype: Option<DTypeArg>) -> PyResult<PyTensor> {
        let (shape, own) = (x.get().tensor.shape(), x.get().tensor.dtype());
        PyRecord::recorded(slf, |r| r.zeros(shape, dtype.map_or(own, |d| d.0)))
    }

    /// Ones of a tensor's shape, and of its dtype unless another is given.
    #[pyo3(signature = (x, dtype=None))]
    fn ones_like(slf: &Bound<'_, Self>, x: TensorArg<'_, '_>, dtype: Option<DTypeArg>) -> PyResult<PyTensor> {
        let (shape, own) = (x.get().tensor.shape(), x.get().tensor.dtype());
        PyRecord::recorded(slf, |r| r.ones(shape, dtype.map_or(own, |d| d.0)))
    }

    /// One number in a tensor's shape, and in its dtype unless another is given.
    #[pyo3(signature = (x, value: "float", dtype=None))]
    fn full_like(
        slf: &Bound<'_, Self>,
        x: TensorArg<'_, '_>,
        value: Bound<'_, PyAny>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let value = scalar("full_like", &value)?;
        let (shape, own) = (x.get().tensor.shape(), x.get().tensor.dtype());
        PyRecord::recorded(slf, |r| r.full(shape, dtype.map_or(own, |d| d.0), value))
    }

    /// Evenly spaced numbers in the half-open interval from `start` to `stop`; with one argument, from 0 to it.
    ///
    /// Raises:
    ///     ArgumentError: the step is 0, or an end is not finite.
    ///
    /// Example:
    ///     >>> pg.Record().arange(2, 8, 2).tolist()
    ///     [2, 4, 6]
    #[pyo3(signature = (start: "float", stop: "float | None" = None, step: "float | None" = None, dtype=None))]
    #[pyo3(text_signature = "($self, start, stop=None, step=1, dtype=None)")]
    fn arange(
        slf: &Bound<'_, Self>,
        start: Bound<'_, PyAny>,
        stop: Option<Bound<'_, PyAny>>,
        step: Option<Bound<'_, PyAny>>,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let first = scalar("arange", &start)?;
        let (start, stop) = match stop {
            Some(stop) => (first, scalar("arange", &stop)?),
            None => (Scalar::Int(0), first),
        };
        let step = step.map_or(Ok(Scalar::Int(1)), |step| scalar("arange", &step))?;
        let float = [start, stop, step].iter().any(|s| matches!(s, Scalar::Float(_)));
        let dtype = dtype.map_or(if float { DType::F32 } else { DType::I64 }, |d| d.0);
        PyRecord::attempted(slf, |r| r.arange(start, stop, step, dtype))
    }

    /// `num` evenly spaced floats from `start` to `stop`; both ends are exact.
    ///
    /// Example:
    ///     >>> pg.Record().linspace(0.0, 1.0, 5).tolist()
    ///     [0.0, 0.25, 0.5, 0.75, 1.0]
    #[pyo3(signature = (start, stop, num: "int | None" = None, *, endpoint: "bool" = true, dtype=None))]
    #[pyo3(text_signature = "($self, start, stop, num=50, *, endpoint=True, dtype=None)")]
    fn linspace(
        slf: &Bound<'_, Self>,
        start: Float,
        stop: Float,
        num: Option<Bound<'_, PyAny>>,
        #[pyo3(from_py_with = flag)] endpoint: bool,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        let num = num.map_or(Ok(50), |num| integer("num", &num))?;
        PyRecord::spaced(slf, "linspace", num, dtype, |r, num, dtype| r.linspace(start.0, stop.0, num, endpoint, dtype))
    }

    /// `base` to the power of `num` evenly spaced exponents from `start` to `stop`.
    ///
    /// Example:
    ///     >>> pg.Record().logspace(0.0, 2.0, 3).tolist()
    ///     [1.0, 10.0, 100.0]
    #[pyo3(signature = (start, stop, num=Int(50), *, endpoint: "bool" = true, base=Float(10.0), dtype=None))]
    #[pyo3(text_signature = "($self, start, stop, num=50, *, endpoint=True, base=10.0, dtype=None)")]
    fn logspace(
        slf: &Bound<'_, Self>,
        start: Float,
        stop: Float,
        num: Int,
        #[pyo3(from_py_with = flag)] endpoint: bool,
        base: Float,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        PyRecord::spaced(slf, "logspace", num.0, dtype, |r, num, dtype| {
            r.logspace([start.0, stop.0, base.0], num, endpoint, dtype)
        })
    }

    /// `num` floats from `start` to `stop`, each as many times the one before; both ends are exact.
    ///
    /// Example:
    ///     >>> pg.Record().geomspace(1.0, 8.0, 4).tolist()
    ///     [1.0, 2.0, 4.0, 8.0]
    #[pyo3(signature = (start, stop, num=Int(50), *, endpoint: "bool" = true, dtype=None))]
    #[pyo3(text_signature = "($self, start, stop, num=50, *, endpoint=True, dtype=None)")]
    fn geomspace(
        slf: &Bound<'_, Self>,
        start: Float,
        stop: Float,
        num: Int,
        #[pyo3(from_py_with = flag)] endpoint: bool,
        dtype: Option<DTypeArg>,
    ) -> PyResult<PyTensor> {
        PyRecord::spaced(slf, "geomspace", num.0, dtype, |r, num, dtype| {
            r.geomspace(start.0, stop.0, num, endpoint, dtype)
        })
    }

    /// Ones on the `k`-th diagonal of an `n` by `m` matrix; square without `m`.
    ///
    /// Example:
    ///     >>> pg.Record().eye(2).tolist()
    ///     [[1.0, 0.0], [0.0, 1.0]]
    #[pyo3(signature = (n, m=None, *, k=Int(0), dtype=None))]
    #[pyo3(text_signature = "($self, n, m=None, *, k=0, dtype=None)")]
    fn eye(slf: &Bound<'_, Self>, n: Int, m: Option<Int>, k: Int, dtype: Option<DTypeArg>) -> PyResult<PyTensor> {
        let shape = ShapeArg([n.0, m.map_or(n.0, |m| m.0)].into_iter().collect());
        PyRecord::attempted(slf, |r| {
            let shape = shape.checked("eye")?;
            r.eye(shape[0], shape[1], k.0, dtype.map_or(DType::F32, |d| d.0))
        })
    }

    /// Ones on and below the `k`-th diagonal of an `n` by `m` matrix; square without `m`.
    ///
    /// Example:
    ///     >>> pg.Record().tri(2).tolist()
    ///     [[1.0, 0.0], [1.0, 1.0]]
    #[pyo3(signature = (n, m=None, k=Int(0), *, dtype=None))]
    #[pyo3(text_signature = "($self, n, m=None, k=0, *, dtype=None)")]
    fn tri(slf: &Bound<'_, Self>, n: Int, m: Option<Int>, k: Int, dtype: Option<DTypeArg>) -> PyResult<PyTensor> {
        let shape = ShapeArg([n.0, m.map_or(n.0, |m| m.0)].into_iter().collect());
        PyRecord::attempted(slf, |r| Ok(r.ones(shape.checked("tri")?, dtype.map_or(DType::F32, |d| d.0)).tril(k.0)))
    }

    /// Computes tensors in one plan; nothing is stored unless all of it succeeds.
    ///
    /// Args:
    ///     tensors: tensors of this record.
    ///     keep: keep costly intermediates for gradients asked for later.
    ///     fuse: False runs the plan op by op, which is slower and gives the same values.
    ///     memory_budget: as for the record, for this once.
    ///
    /// Raises:
    ///     AllocationError: there is not enough memory, or the plan does not fit into the budget; nothing was computed.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> x = rec.tensor(2.0).exp()
    ///     >>> rec.compute(x)
    ///     >>> x.computed
    ///     True
    #[pyo3(signature = (*tensors: "Tensor | typing.Sequence[Tensor]", keep: "bool" = true, fuse: "bool" = true, memory_budget=None))]
    fn compute(
        &self,
        py: Python<'_>,
        tensors: &Bound<'_, PyTuple>,
        #[pyo3(from_py_with = flag)] keep: bool,
        #[pyo3(from_py_with = flag)] fuse: bool,
        memory_budget: Option<Int>,
    ) -> PyResult<()> {
        let held = handles(tensors)?;
        let all: Vec<&Tensor> = held.iter().map(|t| &t.get().tensor).collect();
        let memory_budget = guard(py, || bytes(memory_budget))?;
        compute(py, &self.rec, &all, Options { keep, fuse, memory_budget })
    }

    /// The plan that `compute` would run now; print it.
    #[pyo3(signature = (*tensors: "Tensor | typing.Sequence[Tensor]", keep: "bool" = true, fuse: "bool" = true, memory_budget=None))]
    fn plan(
        &self,
        py: Python<'_>,
        tensors: &Bound<'_, PyTuple>,
        #[pyo3(from_py_with = flag)] keep: bool,
        #[pyo3(from_py_with = flag)] fuse: bool,
        memory_budget: Option<Int>,
    ) -> PyResult<PyPlan> {
        let held = handles(tensors)?;
        let all: Vec<&Tensor> = held.iter().map(|t| &t.get().tensor).collect();
        let report = || self.rec.report(&all, Options { keep, fuse, memory_budget: bytes(memory_budget)? });
        guard(py, report).map(PyPlan)
    }

    /// Which operation first made a nan or an infinity on the way to tensors: a sentence, or None if they are finite.
    ///
    /// Nothing needs to be switched on before. What leads to the tensors is computed once more, operation by operation.
    ///
    /// Example:
    ///     >>> rec = pg.Record()
    ///     >>> x = rec.tensor([0.0, 1.0])
    ///     >>> loss = (x * x.log()).sum()
    ///     >>> print(rec.first_nonfinite(loss))
    ///     nan came first from %2 = multiply(%0, %1)  float32 (2,), recorded at ...; before it, inf came first from
    ///     %1 = log(%0)  float32 (2,), recorded at ...
    #[pyo3(signature = (*tensors: "Tensor | typing.Sequence[Tensor]"))]
    fn first_nonfinite(&self, py: Python<'_>, tensors: &Bound<'_, PyTuple>) -> PyResult<Option<String>> {
        let held = handles(tensors)?;
        let all: Vec<&Tensor> = held.iter().map(|t| &t.get().tensor).collect();
        interruptible(py, |checkpoint| self.rec.first_nonfinite(&all, checkpoint))
    }

    /// The bound store, if any.
    #[getter]
    pub(super) fn store(&self, py: Python<'_>) -> Option<Py<PyParameterStore>> {
        self.store.as_ref().map(|store| store.clone_ref(py))
    }

    /// The record's number, which messages name.
    #[getter]
    fn id(&self) -> u64 {
        self.rec.id()
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> std::result::Result<(), pyo3::PyTraverseError> {
        self.store.as_ref().map_or(Ok(()), |store| visit.call(store))
    }

    fn __len__(&self) -> usize {
        self.rec.len()
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.rec.to_string()))
    }

    fn __repr__(&self) -> String {
        format!("<Record {} of {} nodes>", self.rec.id(), self.rec.len())
    }
}

/// A number of bytes.
fn bytes(budget: Option<Int>) -> Result<Option<usize>> {
    let wrong = |got: i64| Error::Argument {
        op: "Record",
        argument: "memory_budget",
        got: got.to_string(),
        expected: "a number of bytes",
    };
    budget.map(|Int(bytes)| usize::try_from(bytes).map_err(|_| wrong(bytes))).transpose()
}

/// The tensors of a call, given one by one or as one list.
fn handles<'py>(tensors: &Bound<'py, PyTuple>) -> PyResult<Vec<Bound<'py, PyTensor>>> {
    let one = |item: Bound<'py, PyAny>| {
        item.extract::<TensorArg<'_, '_>>()?;
        Ok(item.cast_into::<PyTensor>()?)
    };
    match tensors.get_item(0) {
        Ok(list) if tensors.len() == 1 && (list.is_instance_of::<PyList>() || list.is_instance_of::<PyTuple>()) => {
            list.try_iter()?.map(|item| one(item?)).collect()
        }
        _ => tensors.iter().map(one).collect(),
    }
}

pub(super) fn dims(op: &'static str, shape: &Option<ShapeArg>) -> Result<Shape> {
    shape.as_ref().map_or(Ok(Shape::scalar()), |shape| shape.checked(op))
}
