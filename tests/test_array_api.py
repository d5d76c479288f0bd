"""A record as a namespace of the Array API standard: inspection, borders, and functions of others that run on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from fresh_process import run
from phonograd.array_api import namespace

ROOT = Path(__file__).parent.parent

# Each of these is written for the standard, without a word of phonograd. Compiled functions of SciPy convert to NumPy
# and would lose the gradient: they are not here.
SCIPY = {
    "stats.gmean": "stats.gmean(a, axis=1)",
    "stats.hmean": "stats.hmean(a, axis=0)",
    "stats.pmean": "stats.pmean(a, 3.0, axis=1)",
    "stats.skew": "stats.skew(a, axis=1)",
    "stats.kurtosis": "stats.kurtosis(a, axis=1)",
    "stats.moment": "stats.moment(a, 3, axis=1)",
    "stats.sem": "stats.sem(a, axis=1)",
    "stats.ttest_1samp": "stats.ttest_1samp(a, 0.5, axis=1).statistic",
    "stats.differential_entropy": "stats.differential_entropy(a, axis=1)",
    "integrate.trapezoid": "integrate.trapezoid(a, axis=1)",
    "integrate.cumulative_trapezoid": "integrate.cumulative_trapezoid(a, axis=1)",
    "optimize.rosen": "optimize.rosen(a)",
    "special.softmax": "special.softmax(a, axis=1)",
}

# What SciPy and scikit-learn read once, when they are imported.
SWITCH = 'os.environ["SCIPY_ARRAY_API"] = "1"'


def test_functions_of_scipy_are_differentiated() -> None:
    """Against SciPy's own values on NumPy's arrays, and differences along a random direction with random cotangents."""
    pytest.importorskip("scipy", minversion="1.15")
    shown = run(f"""
    {SWITCH}
    from scipy import integrate, optimize, special, stats
    rng = np.random.default_rng(0)
    v = rng.uniform(0.5, 2.0, (4, 7))
    for name, code in {SCIPY!r}.items():
        f = eval(f"lambda a: {{code}}")
        x = pg.Record().tensor(v)
        y, want = f(x), np.asarray(f(v))
        assert isinstance(y, pg.Tensor), name
        np.testing.assert_allclose(y, want, rtol=1e-12, err_msg=name)
        cotangent, along, h = rng.normal(size=want.shape), rng.normal(size=v.shape), 1e-6
        slope = np.sum((f(v + h * along) - f(v - h * along)) / (2 * h) * cotangent)
        assert abs(slope) > 1e-3, name
        np.testing.assert_allclose(np.vdot(y.grad(cotangent).wrt(x), along), slope, rtol=1e-6, err_msg=name)
        print(name)
    """)
    assert shown.split() == list(SCIPY)


def test_scikit_learns_kernels_and_metrics_are_differentiated() -> None:
    pytest.importorskip("sklearn", minversion="1.6")
    shown = run(f"""
    {SWITCH}
    from sklearn import config_context, metrics
    rng = np.random.default_rng(0)
    v, w = rng.normal(size=(2, 6, 3))
    functions = {{
        "rbf_kernel": lambda a, b: metrics.pairwise.rbf_kernel(a, b, gamma=0.3),
        "polynomial_kernel": lambda a, b: metrics.pairwise.polynomial_kernel(a, b),
        "euclidean_distances": lambda a, b: metrics.pairwise.euclidean_distances(a, b),
        "mean_squared_error": lambda a, b: metrics.mean_squared_error(b, a, multioutput="raw_values"),
    }}
    with config_context(array_api_dispatch=True):
        for name, f in functions.items():
            rec = pg.Record()
            x = rec.tensor(v)
            y, want = f(x, rec.tensor(w)), f(v, w)
            assert isinstance(y, pg.Tensor), name
            np.testing.assert_allclose(y, want, rtol=1e-12, err_msg=name)
            cotangent, along, h = rng.normal(size=want.shape), rng.normal(size=v.shape), 1e-6
            slope = np.sum((f(v + h * along, w) - f(v - h * along, w)) / (2 * h) * cotangent)
            np.testing.assert_allclose(np.vdot(y.grad(cotangent).wrt(x), along), slope, rtol=1e-6, err_msg=name)
            print(name)
    """)
    assert len(shown.split()) == 4


def test_a_namespace_is_its_records() -> None:
    rec = pg.Record()
    x, y, other = rec.tensor([1.0]), rec.ones(3), pg.Record().ones(3)
    xp = x.__array_namespace__(api_version="2024.12")
    assert xp == y.__array_namespace__() == namespace(rec)
    assert xp != other.__array_namespace__()
    assert len({xp, y.__array_namespace__(), other.__array_namespace__()}) == 2
    assert xp.zeros(3).record is rec
    assert xp.__array_api_version__ == "2024.12"
    assert {"sum", "linalg", "zeros", "asarray", "pi"} <= set(dir(xp))


def test_what_a_namespace_says_of_itself() -> None:
    info = namespace(pg.Record()).__array_namespace_info__()
    assert info.capabilities() == {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": None}
    assert (info.default_device(), info.devices()) == ("cpu", ["cpu"])
    assert info.default_dtypes() == {"real floating": pg.float32, "integral": pg.int64, "indexing": pg.int64}
    assert info.dtypes(kind="real floating") == {"float32": pg.float32, "float64": pg.float64}
    assert list(info.dtypes(kind=("bool", "unsigned integer"))) == ["bool", "uint8", "uint16", "uint32", "uint64"]


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_limits_of_floats_are_numpys(name: str) -> None:
    xp, want = namespace(pg.Record()), np.finfo(name)
    found = xp.finfo(getattr(pg, name))
    names = ("bits", "eps", "max", "min", "smallest_normal")
    assert [float(getattr(found, n)) for n in names] == [float(getattr(want, n)) for n in names]


@pytest.mark.parametrize("name", [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)])
def test_limits_of_integers_are_numpys(name: str) -> None:
    found, want = namespace(pg.Record()).iinfo(getattr(pg, name)), np.iinfo(name)
    assert (found.bits, found.min, found.max) == (want.bits, want.min, want.max)


def test_promotion_is_numpys() -> None:
    xp = namespace(pg.Record())
    names = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "float32", "float64"]
    # Where a kind changes the standard has no rule; the record follows its own.
    same = [(a, b) for a in names for b in names if a == b or not {a[0], b[0]} & {"b", "f"} or a[0] == b[0]]
    for a, b in same:
        want = np.result_type(a, b)
        assert xp.result_type(getattr(pg, a), getattr(pg, b)).name == want.name, (a, b)
        assert xp.can_cast(getattr(pg, a), getattr(pg, b)) == np.can_cast(a, b), (a, b)
    assert xp.result_type(xp.ones(2, dtype=pg.float32), 2.0, 1) == pg.float32
    assert xp.can_cast(pg.uint64, pg.int64) is False


def test_arrays_of_other_libraries_come_and_go() -> None:
    rec = pg.Record()
    xp, source = namespace(rec), np.arange(6.0).reshape(2, 3)
    x = xp.from_dlpack(source)
    source[:] = 0.0
    assert x.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert x.__dlpack_device__() == (1, 0)
    back = np.from_dlpack(x)
    assert back.tolist() == x.tolist()
    assert not back.flags.writeable
    with pytest.raises(BufferError, match=r"dlpack: tensors are on the CPU, \(1, 0\)"):
        x.__dlpack__(dl_device=(2, 0))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda xp, x: x.__array_namespace__(api_version="1999.01"), pg.ArgumentError, None),
        (lambda xp, x: xp.zeros(3, device="gpu"), pg.ArgumentError, "zeros: `device` is 'gpu'; expected 'cpu'"),
        (lambda xp, x: x.to_device("tpu"), pg.ArgumentError, "to_device: `device` is 'tpu'; expected 'cpu'"),
        (lambda xp, x: xp.finfo(pg.int32), pg.DTypeError, "finfo: got int32; expected a float dtype"),
        (lambda xp, x: xp.iinfo(pg.float32), pg.DTypeError, "iinfo: got float32; expected an integer dtype"),
        (lambda xp, x: xp.isdtype(pg.int8, "number"), pg.ArgumentError, None),
        (lambda xp, x: xp.result_type(1, 2.0), pg.InputError,
         "result_type: got no tensor and no dtype; expected at least one"),
        (lambda xp, x: xp.asarray(np.ones(3), copy=False), pg.ArgumentError,
         "asarray: `copy` is False; expected True or None, for only tensors of the record are shared"),
        (lambda xp, x: xp.cbrt3, AttributeError, "the Array API namespace of a record has no attribute 'cbrt3'"),
        (lambda xp, x: x.__delitem__(0), pg.InputError,
         "delitem: cannot read del x[index]; expected what is left as x[other], for tensors do not change"),
        (lambda xp, x: x.__setitem__(0, 1.0), pg.InputError,
         "setitem: cannot read x[index] = value; expected x = x.at[index].set(value), for tensors do not change"),
    ],
)  # fmt: skip
def test_errors_say_what_would_fit(call: Any, error: type[Exception], text: str | None) -> None:
    x = pg.Record().ones(3)
    with pytest.raises(error) as caught:
        call(x.__array_namespace__(), x)
    assert text is None or str(caught.value) == text
    assert "expected" in str(caught.value) or "has no attribute" in str(caught.value)


def test_the_list_of_known_failures_is_sorted_and_reasoned() -> None:
    lines = (ROOT / "tools" / "array_api_skips.txt").read_text(encoding="utf-8").splitlines()
    groups = re.split(r"\n\n+", "\n".join(lines))
    for group in groups[1:]:
        reason, *tests = (line for line in group.splitlines() if line)
        assert reason.startswith("# ")
        names = [line for line in tests if not line.startswith("#")]
        assert names
        assert names == sorted(names)


@pytest.mark.skipif("ARRAY_API_TESTS" not in os.environ, reason="needs the suite's folder in ARRAY_API_TESTS")
def test_the_public_suite_passes_but_for_the_list() -> None:
    command = [sys.executable, str(ROOT / "tools" / "array_api.py"), os.environ["ARRAY_API_TESTS"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
