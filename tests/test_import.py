"""What importing costs and shows."""

from __future__ import annotations

import subprocess
import sys

import phonograd as pg

HEAVY = """
import sys
before = set(sys.modules)
import phonograd
phonograd.optim
heavy = {"numpy", "scipy", "re", "typing", "dataclasses", "inspect", "functools"}
print(*heavy & (set(sys.modules) - before), end="")
"""


def test_nothing_heavy_is_imported_with_the_package() -> None:
    done = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_public_names_are_complete() -> None:
    public = {name for name in pg._core.__all__ if name == "__version__" or not name.startswith("_")}
    assert public <= set(pg.__all__)
    assert not any(name.startswith("_") for name in set(pg.__all__) - {"__version__"})
