"""Everything the documentation shows runs: README, docstrings of the module and of its classes."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import phonograd as pg
from ops_table import ALIASES

ROOT = Path(__file__).resolve().parent.parent
LATER = ("checkpoint", "data", "linalg", "special")  # modules that are imported when they are first asked for
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def docstrings() -> Iterator[tuple[str, str]]:
    public = [(name, getattr(pg, name)) for name in pg.__all__]
    public += [(f"optim.{name}", getattr(pg.optim, name)) for name in pg.optim.__all__]
    public += [
        (f"{room}.{name}", getattr(getattr(pg, room), name)) for room in LATER for name in getattr(pg, room).__all__
    ]
    public += [(f"optim.schedules.{name}", getattr(pg.optim.schedules, name)) for name in pg.optim.schedules.__all__]
    public += [(f"nn.{name}", getattr(pg.nn, name)) for name in pg.nn.__all__] + [("nn", pg.nn), ("linalg", pg.linalg)]
    seen = set()
    for name, value in public:
        bases = (
            [base for base in value.__mro__ if base.__module__.startswith("phonograd")]
            if isinstance(value, type)
            else []
        )
        members = [member for base in bases for member in vars(base).items()]
        for path, member in [(name, value), *((f"{name}.{inner}", member) for inner, member in members)]:
            text = getattr(member, "__doc__", None)
            if isinstance(text, str) and ">>>" in text and not path.endswith("__doc__") and text not in seen:
                seen.add(text)  # by whichever class inherits it first
                yield path, text


def run(name: str, text: str, names: dict[str, object]) -> int:
    test = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    test.globs = names  # a page is one session
    report: list[str] = []
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.DocTestRunner(optionflags=options).run(test, out=report.append, clear_globs=False)
    assert result.failed == 0, "".join(report)
    return result.attempted


@pytest.mark.parametrize(("name", "text"), list(docstrings()), ids=lambda value: value if len(value) < 60 else "text")
def test_docstring_example(name: str, text: str) -> None:
    assert run(name, text, {"pg": pg, "np": np}) > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_examples(page: Path) -> None:
    """The ```python blocks of a page run in one namespace, in order."""
    names: dict[str, object] = {"__name__": types.ModuleType(page.stem).__name__}
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE):
        if ">>>" in block:
            run(page.name, block, names)
        else:
            exec(compile(block, page.name, "exec"), names)


def test_errors_page_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, ROOT / "tools" / "errors.py", "--check"], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_operations_page_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, ROOT / "tools" / "ops_page.py", "--check"], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_operations_page_has_every_operation() -> None:
    """A row with a formula of the value and one of the gradient for each public function."""
    page = (ROOT / "docs" / "ops.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)\(.*?\)` \| (.*?) \| (.*?) \| .*\|$", page, flags=re.MULTILINE)
    settings = {"get_num_threads", "plan_cache", "plan_cache_clear", "set_num_threads", "fit"}
    public = {
        ALIASES.get(name, name)
        for name in pg.__all__
        if isinstance(getattr(pg, name), types.BuiltinFunctionType | types.FunctionType)
    }
    assert public - settings - {name for name, _, _ in rows} == set()
    assert {f"linalg.{name}" for name in ("solve", "svd", "expm")} | {"rec.gamma"} <= {name for name, _, _ in rows}
    assert all(value.strip() and gradient.strip() for _, value, gradient in rows)


def test_layout_names_what_there_is() -> None:
    named = set(re.findall(r"\w+\.(?:rs|py|pyi)\b", (ROOT / "docs" / "layout.md").read_text(encoding="utf-8")))
    there = {path.name for folder in ("src", "python") for path in (ROOT / folder).rglob("*.*")}
    top = {path.name for path in (ROOT / "src").glob("*.rs")} - {"lib.rs"}
    assert named <= there
    assert top <= named


def test_promises_are_held_by_tests_that_exist() -> None:
    named = re.findall(r"`tests/(\w+\.py)(?:::(\w+))?`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) > 10
    for file, test in named:
        assert f"def {test}" in (ROOT / "tests" / file).read_text(encoding="utf-8"), (file, test)
