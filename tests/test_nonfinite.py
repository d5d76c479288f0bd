"""Which operation first made a nan or an infinity, asked afterwards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import phonograd as pg
from fresh_process import run

HERE = __file__


def first(make: Callable[[pg.Record], pg.Tensor]) -> str | None:
    rec = pg.Record()
    return rec.first_nonfinite(make(rec))


def test_finite_values_have_no_story() -> None:
    rec = pg.Record()
    x = rec.tensor([1.0, 2.0])
    assert rec.first_nonfinite() is None
    assert rec.first_nonfinite(x, x.exp().sum(), rec.tensor([1, 2]), rec.tensor(True)) is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("make", "story"),
    [
        (lambda x: (x - 1.0).sqrt().mean(), "nan came first from %2 = sqrt(%1)"),
        (lambda x: (x * 1e4).exp().sum(), "inf came first from %2 = exp(%1)"),
        (lambda x: (1.0 / x).sum() + x.sum(), "inf came first from %1 = divide(%0)"),
        (lambda x: (x.log() * x).sum(), "nan came first from %2 = multiply(%1, %0)"),
    ],
)
def test_the_first_operation_is_named(make: Callable[[pg.Tensor], pg.Tensor], story: str, dtype: str) -> None:
    rec = pg.Record()
    loss = make(rec.tensor(np.array([0.0, 1.0], dtype)))
    told = rec.first_nonfinite(loss)
    assert told is not None
    head, place = told.split(f"  {dtype} (2,)")[:2]
    assert story.split(" = ")[0].rsplit(" ", 1)[0] in head
    assert story.partition(" = ")[2].partition("(")[0] + "(" in head
    assert place.startswith(f", recorded at {HERE}:{make.__code__.co_firstlineno}")


@pytest.mark.parametrize(("dtype", "big"), [("float16", 300.0), ("bfloat16", 3e38)])
def test_what_rounding_makes_infinite_is_an_astype(dtype: str, big: float) -> None:
    rec = pg.Record()
    told = rec.first_nonfinite((rec.tensor([big, 1.0], dtype) * 1.25 * big).sum())
    assert told is not None
    assert f"{dtype} (2,)" in told if dtype == "float16" else "inf came first" in told
    assert rec.first_nonfinite(rec.tensor([float("nan")], dtype)) is not None


def test_an_infinity_before_a_nan_is_named_too() -> None:
    rec = pg.Record()
    x = rec.tensor([1000.0, 0.0])
    e = x.exp()
    loss = (e / e.sum()).sum()
    told = rec.first_nonfinite(loss)
    assert told is not None
    assert told.startswith("nan came first from %4 = divide(%1, %3)")
    assert "; before it, inf came first from %1 = exp(%0)" in told


def test_infinities_that_do_no_harm_are_passed_by() -> None:
    rec = pg.Record()
    mask = rec.tensor([[True, False], [True, True]])
    scores = pg.where(mask, rec.ones((2, 2)), -np.inf)
    bad = (rec.zeros(2) / rec.zeros(2)) + scores.softmax(axis=-1).sum(axis=0)
    told = rec.first_nonfinite(bad.sum())
    assert told is not None
    assert told.startswith("nan came first from")
    assert "divide" in told
    assert "before it" not in told


def test_values_that_were_given_are_named_as_such() -> None:
    store = pg.ParameterStore()
    store["w"] = [1.0, float("nan")]
    rec = pg.Record(store)
    told = rec.first_nonfinite(rec.parameter("w").sum() * rec.tensor(2.0))
    assert told is not None
    assert told.startswith("nan was given, as %0 = tensor()  float32 (2,)  `w`, recorded at ")


def test_gradients_are_asked_like_anything() -> None:
    rec = pg.Record()
    x = rec.tensor([0.0, 4.0])
    loss = x.sqrt().sum()
    assert rec.first_nonfinite(loss) is None
    told = rec.first_nonfinite(loss, loss.grad().wrt(x))
    assert told is not None
    assert told.startswith("inf came first from")
    assert ", in the backward pass of what was, recorded at " in told


def test_asking_changes_nothing() -> None:
    rec = pg.Record()
    x = rec.tensor([0.0, 1.0])
    y = x.log().exp()
    loss = (y * x.log()).sum()
    nodes, text = len(rec), str(rec)
    rec.first_nonfinite(loss)
    assert (len(rec), str(rec).replace("computed, held", "held").replace("  computed", "")) == (
        nodes,
        text.replace("computed, held", "held").replace("  computed", ""),
    )
    assert not y.computed or np.array_equal(y.data(), [0.0, 1.0])


def test_tensors_of_another_record_are_refused() -> None:
    with pytest.raises(pg.ForeignTensorError):
        pg.Record().first_nonfinite(pg.Record().tensor(1.0))


def test_long_records_need_little_memory_and_time() -> None:
    """Values are let go once their last reader is done: 160 of 8 MB each, of which a few are there at a time."""
    program = """
    rec = pg.Record()
    x = rec.ones((1000, 1000), "float64")
    y = x
    for _ in range(80):
        y = (y * 1.001).tanh()
    print(rec.first_nonfinite((y - y.max()).log().sum())[:19])
    """
    assert run(program, memory=600 << 20, timeout=60) == "inf came first from\n"
