"""What importing costs and shows."""

from __future__ import annotations

import subprocess
import sys

import phonograd as pg


def test_numpy_is_not_imported_with_the_package() -> None:
    code = "import sys, phonograd; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_public_names_are_complete() -> None:
    public = {name for name in pg._core.__all__ if name == "__version__" or not name.startswith("_")}
    assert public <= set(pg.__all__)
    assert not any(name.startswith("_") for name in set(pg.__all__) - {"__version__"})
