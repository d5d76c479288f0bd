"""What importing costs and shows."""

from __future__ import annotations

import subprocess
import sys

import phonograd as pg


def test_numpy_is_not_imported_with_the_package() -> None:
    code = "import sys, phonograd; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_public_names_are_complete() -> None:
    missing = set(pg._core.__all__) - set(pg.__all__)
    assert not missing
