"""Every way to fail: a row per variant of the core's `Error`, with its class, builtin parents and whole text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import phonograd as pg

SOURCE = Path(__file__).resolve().parent.parent / "src" / "error.rs"
HERE = __file__

# Variants that no call from Python ends in, and why.
OUT_OF_REACH = {
    "Interrupted": "becomes the exception that the signal handler raised; test_process.py sends signals",
    "NoConvergence": "no finite matrix is known for which the iterations do not end",
    "Internal": "a bug in the library; whatever provokes it is repaired",
}


@dataclass(frozen=True)
class Row:
    variant: str
    text: str  # {ours} and {theirs} are numbers of records, {place} is the row's own line, {file} a path
    error: type[Exception]
    parents: tuple[type[Exception], ...]
    provoke: Callable[[Scene], object]


class Scene:
    """What rows provoke errors with."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "file"
        self.store = pg.ParameterStore(seed=0)
        self.store["scale"] = [1.0, 2.0]
        self.rec = pg.Record(self.store)
        self.other = pg.Record()

    def zeros(self, *shape: int) -> pg.Tensor:
        return self.rec.zeros(shape)

    def file(self, content: bytes) -> Path:
        self.path.write_bytes(content)
        return self.path

    def ints(self, *values: int) -> pg.Tensor:
        return self.rec.tensor(list(values))


SHAPE = (pg.ShapeError, (ValueError,))
AXIS = (pg.AxisError, (IndexError, ValueError))
DTYPE = (pg.DTypeError, (TypeError,))
PARAMETER = (pg.ParameterError, (KeyError, ValueError))
INDEX = (pg.IndexOutOfRangeError, (IndexError,))
ARGUMENT = (pg.ArgumentError, (ValueError,))
OUT_OF_RANGE = (pg.OutOfRangeError, (OverflowError, ValueError))
INPUT = (pg.InputError, (TypeError,))
LINALG = (pg.LinAlgError, (ValueError,))
GRADIENT = (pg.GradientError, (TypeError, RuntimeError))

# fmt: off
ROWS = [
    Row("Broadcast", "add: shapes (2, 3) and (4,) do not broadcast; each pair of sizes, counted from the right, must "
        "be equal or 1", *SHAPE,
        lambda s: s.zeros(2, 3) + s.zeros(4)),
    Row("Expand", "broadcast_to: shape (2,) does not expand to (3,); only sizes of 1 stretch, and axes are added on "
        "the left", *SHAPE,
        lambda s: s.zeros(2).broadcast_to(3)),
    Row("Matmul", "matmul: inner sizes differ, left (4, 3), right (5, 2); left's last must equal right's second to "
        "last", *SHAPE,
        lambda s: s.zeros(4, 3) @ s.zeros(5, 2)),
    Row("Reshape", "reshape: shape (2, 3) holds 6 elements, (4,) does not; the products of the sizes must be equal",
        *SHAPE,
        lambda s: s.zeros(2, 3).reshape(4)),
    Row("ShapeMismatch", "grad: cotangent has shape (3,); expected (2,)", *SHAPE,
        lambda s: s.zeros(2).grad(s.zeros(3))),
    Row("Rank", "matmul: left of shape () has 0 axes; expected at least 1; multiply scalars with *", *SHAPE,
        lambda s: s.zeros() @ s.zeros(2)),
    Row("Concat", "concat: input 1 of shape (2, 4) does not join (2, 3) along axis 0; all other sizes must be equal",
        *SHAPE,
        lambda s: pg.concat([s.zeros(2, 3), s.zeros(2, 4)])),
    Row("Window", "conv1d: a window that spans 5 does not fit axis 2 of (1, 1, 3), with 0 and 1 of padding; use a "
        "smaller kernel or dilation, or more padding", *SHAPE,
        lambda s: pg.conv1d(s.zeros(1, 1, 3), s.zeros(1, 1, 3), dilation=2, padding=[(0, 1)])),
    Row("Cropped", "conv_transpose1d: axis 2 of (1, 1, 3) grows to 4 elements, of which 2 and 2 of padding leave none; "
        "use less padding", *SHAPE,
        lambda s: pg.conv_transpose1d(s.zeros(1, 1, 3), s.zeros(1, 1, 2), padding=2)),
    Row("Channels", "conv2d: input (1, 4, 5, 5) does not fit weight (2, 3, 1, 1) in 2 groups; the input's channels "
        "must be `groups` times the weight's second size, and the weight's first size a multiple of `groups`, none of "
        "them 0",
        *SHAPE,
        lambda s: pg.conv2d(s.zeros(1, 4, 5, 5), s.zeros(2, 3, 1, 1), groups=2)),
    Row("EmptyTransform", "rfft: axis 1 of shape (2, 0) has no elements to transform; transform axes of size 1 or more",
        *SHAPE, lambda s: pg.fft.rfft(s.rec.zeros((2, 0)))),
    Row("EmptyReduction", "max: shape (0, 3) has no elements to choose from; reduce axes of size 1 or more", *SHAPE,
        lambda s: s.zeros(0, 3).max(axis=0)),
    Row("Einsum", 'einsum: 1 terms for 2 operands in "ij->i"; write one letter per axis, such as "ij,jk->ik"',
        *SHAPE,
        lambda s: pg.einsum("ij->i", s.zeros(2, 2), s.zeros(2, 2))),
    Row("Ragged", "tensor: rows differ at depth 1, 2 elements and 1; nested lists must be rectangular",
        pg.RaggedError, (ValueError,),
        lambda s: s.rec.tensor([[1, 2], [3]])),
    Row("Axis", "sum: axis 2 is out of range for 2 axes; use -2 to 1", *AXIS,
        lambda s: s.zeros(2, 3).sum(axis=2)),
    Row("Axis", "stack: axis 3 is out of range for 3 axes; use -3 to 2", *AXIS,
        lambda s: pg.stack([s.zeros(2, 3), s.zeros(2, 3)], axis=3)),
    Row("Axis", "sum: axis 0 is out of range for 0 axes; there is none to use", *AXIS, lambda s: s.zeros().sum(axis=0)),
    Row("RepeatedAxis", "sum: axis 0 is named twice; name each axis once", *AXIS,
        lambda s: s.zeros(2, 3).sum(axis=(0, -2))),
    Row("DType", "take: dtype float32 does not fit; expected an integer index", *DTYPE,
        lambda s: s.zeros(2).take([0.5])),
    Row("Promotion", "add: no integer dtype has the numbers of both uint64 and int8; convert one of them with astype",
        *DTYPE,
        lambda s: s.rec.zeros(2, "uint64") + s.rec.zeros(2, "int8")),
    Row("OutOfRange", "add: 128 is no int8; use a number in its range, or a wider dtype", *OUT_OF_RANGE,
        lambda s: s.rec.zeros(2, "int8") + 128),
    Row("UnknownDType", "dtype: complex64 is not supported; use bool, int8 to int64, uint8 to uint64, float16, "
        "bfloat16, float32 or float64", *DTYPE,
        lambda s: s.rec.zeros(2, "complex64")),
    Row("Foreign", "add: the tensor belongs to record {theirs}, not to record {ours}; carry its values over with "
        "`tensor`", pg.ForeignTensorError, (ValueError,),
        lambda s: s.zeros(2) + s.other.zeros(2)),
    Row("NotScalar", "grad: shape (2,) is no scalar; reduce it with sum or mean, or give a cotangent of its shape",
        pg.NotScalarError, (ValueError,),
        lambda s: s.zeros(2).grad()),
    Row("UnknownParameter", "store: there is no parameter `shift`; known are `scale`", *PARAMETER,
        lambda s: s.rec.parameter("shift")),
    Row("ParameterConflict", "parameter `scale`: Record.parameter asks for float32 (3,), the store holds float32 (2,); "
        "give one of them another id", *PARAMETER,
        lambda s: s.rec.parameter("scale", (3,))),
    Row("NoStore", "parameter `scale`: the record has no store; make it with `Record(store)`", *PARAMETER,
        lambda s: s.other.parameter("scale")),
    Row("IndexRange", "index: index 5 is out of range for axis 0 of size 3; use -3 to 2", *INDEX,
        lambda s: s.zeros(3)[5]),
    Row("IndexRange", "index: index 0 is out of range for axis 1 of size 0; there is none to use", *INDEX,
        lambda s: s.zeros(3, 0)[0, 0]),
    Row("Label", "cross_entropy: label 0 is out of range for 0 classes; there is none to use\nrecorded at {place}",
        *INDEX, lambda s: pg.cross_entropy(s.zeros(1, 0), [0]).data()),
    Row("IndexRange", "gather: index -4 is out of range for axis 0 of size 3; use -3 to 2\nrecorded at {place}", *INDEX,
        lambda s: s.zeros(3)[[1, -4]].data()),
    *(Row("Label", f"cross_entropy: label {label} is out of range for 3 classes; use 0 to 2\nrecorded at {{place}}",
          *INDEX, lambda s, label=label: pg.cross_entropy(s.zeros(2, 3), [0, label]).data())
      for label in (3, -1, -100)),
    Row("Input", "argument: cannot read Tensor; expected a string", *INPUT,
        lambda s: s.zeros().grad()[s.zeros()]),
    Row("Input", "argument: cannot read int; expected a string", *INPUT, lambda s: s.store.__setitem__(3, 1.0)),
    Row("Input", "argument: cannot read str; expected an integer", *INPUT, lambda s: pg.Key("a")),
    Row("Input", "argument: cannot read str; expected a number", *INPUT, lambda s: s.zeros(2).leaky_relu("a")),
    Row("Input", "argument: cannot read NoneType; expected a number", *INPUT, lambda s: s.zeros(2).elu(None)),
    Row("Input", "argument: cannot read str; expected a number", *INPUT, lambda s: s.zeros(2).std(ddof="one")),
    Row("Input", "argument: cannot read complex; expected a number", *INPUT, lambda s: s.rec.linspace(0.0, 1j)),
    Row("Input", "argument: cannot read int; expected a number that is a float", *INPUT,
        lambda s: s.rec.linspace(0.0, 10**400)),
    Row("Input", "argument: cannot read int; expected True or False", *INPUT, lambda s: s.zeros(2).sum(keepdims=2)),
    Row("Input", "argument: cannot read str; expected True or False", *INPUT, lambda s: s.rec.tensor([1.0], copy="no")),
    Row("Input", "argument: cannot read int; expected True or False", *INPUT, lambda s: pg.Record(grad=1)),
    Row("Input", "argument: cannot read int; expected a string", *INPUT, lambda s: pg.mse(s.zeros(), 0.0, reduction=3)),
    Row("Input", "argument: cannot read int; expected a string", *INPUT, lambda s: pg.LinearLayer(s.rec, 2, 3, id=3)),
    Row("Input", "axis: cannot read Tensor; expected an integer", *INPUT, lambda s: pg.max(s.zeros(2), s.zeros(2))),
    Row("TooManyIndices", "index: 2 indices and 0 ellipses for shape (3,); use at most 1 and one ellipsis", *INDEX,
        lambda s: s.zeros(3)[0, 0]),
    Row("Mask", "index: mask has shape (2,); expected (3,)", *INDEX, lambda s: s.zeros(3)[[True, False]]),
    Row("Argument", "diff: n is 4611686018427387904; expected at most 65536", *ARGUMENT,
        lambda s: pg.diff(s.zeros(1, 2**32), n=2**62)),
    Row("TooLarge", "einsum: an array of shape (1073741824, 1073741824) is too large; its bytes must be below 2**63",
        *ARGUMENT, lambda s: pg.einsum("i,j,k->ijk", *[s.zeros(2**30)] * 3)),
    Row("Broadcast", "trapezoid: shapes (3, 3) and (0, 3) do not broadcast; each pair of sizes, counted from the "
        "right, must be equal or 1", *SHAPE,
        lambda s: pg.trapezoid(s.zeros(3, 3), s.zeros(0, 3))),
    *(Row("Argument", f"optimize: rate is {rate}; expected a finite number, 0 or more", *ARGUMENT,
          lambda s, rate=rate: (layer := pg.LinearLayer(s.rec, 2, 3, s.store)).optimize(
              layer(s.zeros(1, 2)).sum().grad(), rate=rate))
      for rate in (float("nan"), float("inf"), -1.0)),
    Row("Argument", "arange: step is 0.0; expected a finite number other than 0", *ARGUMENT,
        lambda s: s.rec.arange(0, 5, 0)),
    Row("Input", "tensor: cannot read set; expected a number, a nested list of numbers, or an array", *INPUT,
        lambda s: s.rec.tensor({1.0})),
    Row("Input", "argument: cannot read Linear; expected a ParameterStore, in which models have their parameters; make "
        "one with `ParameterStore()`", *INPUT, lambda s: pg.Record(pg.nn.Linear(3, 2))),
    Row("Input", "argument: cannot read str; expected a Record", *INPUT, lambda s: pg.LinearLayer("a", 2, 3)),
    Row("Input", "argument: cannot read int; expected a ParameterStore, in which models have their parameters; make "
        "one with `ParameterStore()`", *INPUT, lambda s: pg.LinearLayer(s.rec, 2, 3, 4)),
    Row("Input", "argument: cannot read str; expected an integer", *INPUT,
        lambda s: pg.LinearLayer(s.rec, "a", 3)),
    Row("Input", "argument: cannot read int; expected a Key; make one with `Key(seed)`", *INPUT,
        lambda s: s.rec.normal(7)),
    Row("Input", "argument: cannot read list; expected a tensor; make one with `tensor` of a record", *INPUT,
        lambda s: pg.exp([1.0])),
    Row("Input", "argument: cannot read int; expected gradients, as `loss.grad()` returns them", *INPUT,
        lambda s: pg.LinearLayer(s.rec, 2, 3, s.store).optimize(1)),
    Row("Input", "add gradients: cannot read int; expected gradients", *INPUT, lambda s: 1 + s.zeros().grad()),
    Row("Input", "divide by gradients: cannot read int; expected gradients on the left and a number on the right",
        *INPUT, lambda s: 1 / s.zeros().grad()),
    Row("Input", "operand: cannot read object; expected a tensor, a number, a list of numbers or an array", *INPUT,
        lambda s: pg.maximum(s.zeros(2), object())),
    Row("Input", "axis: cannot read float; expected an integer", *INPUT, lambda s: s.zeros(2).sum(axis=0.5)),
    Row("Input", "axis: cannot read bool; expected an integer", *INPUT, lambda s: s.zeros(2).sum(axis=True)),
    Row("Input", "shape: cannot read str; expected an integer", *INPUT, lambda s: s.rec.zeros("ab")),
    Row("Input", "dtype: cannot read int; expected a dtype or its name; sizes stand together, as in zeros((2, 3))",
        *INPUT, lambda s: s.rec.zeros(2, 3)),
    Row("Input", "maximum: cannot read arguments of which none is a tensor; expected a tensor among them; make one "
        "with `tensor` of a record", *INPUT, lambda s: pg.maximum(1.0, 2.0)),
    Row("Input", "concat: cannot read int; expected a list of tensors", *INPUT, lambda s: pg.concat(3)),
    Row("Input", "concat: cannot read int; expected tensors", *INPUT, lambda s: pg.concat([3])),
    Row("Input", "pow: cannot read int; expected no modulus", *INPUT, lambda s: pow(s.ints(2), 3, 5)),
    Row("Input", "len: cannot read a tensor of shape (); expected one with axes", *INPUT, lambda s: len(s.zeros())),
    Row("Input", "iter: cannot read a tensor of shape (); expected one with axes", *INPUT, lambda s: iter(s.zeros())),
    Row("DType", "index: dtype float32 does not fit; expected an integer tensor of one element", *DTYPE,
        lambda s: [1, 2][s.zeros()]),
    Row("Input", "step: cannot read parameters from dict; expected a ParameterStore", *INPUT,
        lambda s: pg.optim.SGD(0.1).step({}, s.rec.parameter("scale").sum().grad())),
    Row("Input", "step: cannot read gradients from list; expected what `loss.grad()` returns, or arrays by name",
        *INPUT, lambda s: pg.optim.SGD(0.1).step(s.store, [])),
    Row("TooLarge", "zeros: an array of shape (8589934592, 8589934592) is too large; its bytes must be below 2**63",
        *ARGUMENT,
        lambda s: s.zeros(2**33, 2**33)),
    Row("Allocation", "compute: 1152921504606846976 bytes could not be allocated; use smaller shapes or compute less "
        "at once", pg.AllocationError, (MemoryError,),
        lambda s: s.zeros(2**58).exp().data()),
    Row("Budget", "compute: 36 bytes are needed at once, the memory budget is 35; raise it, or hold and ask for less",
        pg.AllocationError, (MemoryError,),
        lambda s: s.rec.compute(s.zeros(9).exp(), memory_budget=35)),
    Row("Argument", "Record: memory_budget is -1; expected a number of bytes", *ARGUMENT,
        lambda s: pg.Record(memory_budget=-1)),
    Row("IntegerDivision", "floor_divide: integer division by zero; integers have no infinity, convert to float or "
        "guard the divisor\nrecorded at {place}", pg.IntegerDivisionError, (ZeroDivisionError,),
        lambda s: (s.ints(1, 2) // s.ints(1, 0)).data()),
    Row("NegativeExponent", "power: integer to a negative integer power; the result is no integer, convert to float "
        "first\nrecorded at {place}", *ARGUMENT,
        lambda s: (s.ints(1, 2) ** s.ints(1, -1)).data()),
    Row("NotSquare", "inv: shape (2, 3) is not square; its last two sizes must be equal", *SHAPE,
        lambda s: pg.linalg.inv(s.zeros(2, 3))),
    Row("RightSide", "solve: matrix (2, 2) and right side (3, 1) do not fit; both must have as many rows", *SHAPE,
        lambda s: pg.linalg.solve(s.zeros(2, 2), s.zeros(3))),
    Row("Singular", "inv: matrix (1,) of the batch is singular; use lstsq or pinv, or add a little to its diagonal\n"
        "recorded at {place}", *LINALG,
        lambda s: pg.linalg.inv(s.rec.tensor([[[1.0]], [[0.0]]])).data()),
    Row("NotPositiveDefinite", "cholesky: the matrix is not positive definite, its first 2 rows and columns are not; "
        "add a little to its diagonal\nrecorded at {place}", *LINALG,
        lambda s: pg.linalg.cholesky(s.rec.tensor([[1.0, 2.0], [2.0, 1.0]])).data()),
    Row("NonFiniteMatrix", "svdvals: the matrix has an element that is infinite or nan; only finite matrices are "
        "decomposed\nrecorded at {place}", *LINALG,
        lambda s: pg.linalg.svdvals(s.rec.tensor([[float("nan")]])).data()),
    Row("KeyReuse", "normal: the random key was used before in this record; call key.split() and use each key once\n"
        "recorded at {place}", pg.KeyReuseError, (ValueError,),
        lambda s: [s.rec.normal(pg.Key(7)) for _ in range(2)]),
    Row("Gradient", "grad: the output has dtype int64; only floats have gradients; use astype", *GRADIENT,
        lambda s: s.ints(1).sum().grad()),
    Row("Gradient", "grad: the record was made with grad=False; make it with Record() to differentiate", *GRADIENT,
        lambda s: pg.Record(grad=False).tensor(1.0).grad()),
    Row("Checkpoint", 'load: "{file}": its header of 8583909746840200520 bytes is longer than the file or than '
        "16777216 bytes; the file is damaged, or no safetensors file", pg.CheckpointError, (ValueError,),
        lambda s: pg.ParameterStore.load(s.file(b"Hello, world"))),
    Row("MissingFile", 'load: "nowhere/at all" is not there; check the path, and that its folder exists',
        pg.MissingFileError, (FileNotFoundError,),
        lambda s: pg.ParameterStore.load("nowhere/at all")),
    Row("File", 'save: "." cannot be used, for it is no regular file; use a regular file in a folder that can be '
        "written",
        pg.FileError, (OSError,),
        lambda s: s.store.save(".")),
]
# fmt: on


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.variant)
def test_error_has_class_parents_and_text(row: Row, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    with pytest.raises(row.error) as caught:
        row.provoke(scene)
    place = f"{HERE}:{row.provoke.__code__.co_firstlineno}"
    assert str(caught.value) == row.text.format(ours=scene.rec.id, theirs=scene.other.id, place=place, file=scene.path)
    if row.error is pg.LinAlgError:  # also NumPy's, as NumPy is imported
        assert type(caught.value).__bases__ == (pg.LinAlgError, np.linalg.LinAlgError)
    else:
        assert type(caught.value) is row.error
    assert row.error.__bases__ == (pg.RecordError, *row.parents)


def test_every_variant_has_a_row() -> None:
    body = SOURCE.read_text(encoding="utf-8").partition("pub enum Error {")[2]
    variants = re.findall(r"^    ([A-Z]\w*)(?: \{|,$)", body, flags=re.MULTILINE)
    assert len(variants) > 25
    assert {row.variant for row in ROWS} | set(OUT_OF_REACH) == set(variants)
    assert not {row.variant for row in ROWS} & set(OUT_OF_REACH)


def test_every_class_is_public_and_named_after_the_package() -> None:
    classes = {getattr(pg, name) for name in pg.__all__ if name.endswith("Error")} - {pg.NonFiniteError}
    assert classes == {row.error for row in ROWS} | {pg.RecordError, pg.InternalError}
    assert {error.__module__ for error in classes} == {"phonograd"}
    assert pg.InternalError.__bases__ == (pg.RecordError, RuntimeError)


def test_every_class_has_its_place_in_the_documentation() -> None:
    page = (SOURCE.parent.parent / "docs" / "errors.md").read_text(encoding="utf-8")
    names = {name for name in pg.__all__ if name.endswith("Error")}
    assert set(re.findall("^## (.*)", page, flags=re.MULTILINE)) == names - {"RecordError"}


def test_a_training_that_is_not_finite_has_class_parents_and_text() -> None:
    store = pg.ParameterStore()
    store["w"] = [1.0]

    def loss(rec: pg.Record, batch: object) -> pg.Tensor:
        return (rec.parameter("w") / 0.0).sum()

    with pytest.raises(pg.NonFiniteError) as caught:
        pg.fit(loss, store, pg.optim.SGD(0.1), pg.data.Batches([0.0], 1), epochs=1)
    place = f"{HERE}:{loss.__code__.co_firstlineno + 1}"
    assert str(caught.value) == (
        f"fit: the loss of step 0 is inf: inf came first from %2 = divide(%0, %1)  float32 (1,), recorded at {place}"
    )
    assert pg.NonFiniteError.__bases__ == (pg.RecordError, FloatingPointError)


def test_failed_recording_records_nothing_that_is_held() -> None:
    rec = pg.Record()
    x = rec.zeros((2, 3))
    with pytest.raises(pg.ShapeError):
        x + rec.zeros((4,))
    assert (x + 1.0).sum().item() == 6.0
