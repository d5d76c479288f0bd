"""Runs the public conformance suite of the Array API standard on a record: `python tools/array_api.py FOLDER [...]`.

FOLDER is a checkout of data-apis/array-api-tests with its submodule, release 2026.02.26 (later commits do not start
on a library without complex dtypes); its requirements must be installed. More arguments go to pytest.

The tests in tools/array_api_skips.txt are expected to fail, each for the reason written above it. This ends with an
error when one of them passes or is not there any more, when another fails, or when more than 3 % are listed. Tests of
complex numbers alone are listed below the line that says so, and are counted on neither side of the 3 %.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

SKIPS = Path(__file__).with_name("array_api_skips.txt").resolve()

# Below this line of the list are tests of complex numbers alone.
COMPLEX = "# Out of scope: complex numbers."

# A namespace needs a record; tensors that no test holds any more are forgotten by it.
MODULE = "exec('import phonograd; from phonograd.array_api import namespace; xp = namespace(phonograd.Record())')"

MOST = 0.03


def main(folder: str, *options: str) -> int:
    env = os.environ | {
        "ARRAY_API_TESTS_MODULE": MODULE,
        "ARRAY_API_TESTS_SKIP_DTYPES": "complex64,complex128",
        "ARRAY_API_TESTS_VERSION": "2024.12",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "array_api_tests"]
    listed = subprocess.run([*pytest, "--collect-only"], cwd=folder, env=env, capture_output=True, text=True)
    tests = re.findall(r"^array_api_tests/\S.*$", listed.stdout, re.MULTILINE)
    if not tests:
        print(listed.stdout, listed.stderr, file=sys.stderr)
        return 1
    names = [part.splitlines() for part in SKIPS.read_text().split(COMPLEX)]
    ours, complex_only = ([line for line in part if line.startswith("array_api_tests")] for part in names)
    gone = {*ours, *complex_only} - {*tests}
    in_scope = len(tests) - len(complex_only)
    print(
        f"{len(ours)} of {in_scope} tests are expected to fail: {len(ours) / in_scope:.1%};",
        f"beside them {len(complex_only)} are about complex numbers alone",
    )
    if gone:
        print("listed, but not in the suite:", *sorted(gone), sep="\n", file=sys.stderr)
        return 1
    if len(ours) > MOST * in_scope:
        print(f"that is more than {MOST:.0%}", file=sys.stderr)
        return 1
    run = [*pytest, "-o", "xfail_strict=true", "--disable-deadline", f"--xfails-file={SKIPS}", "--tb=short"]
    return subprocess.run([*run, *(options or ("--max-examples=100",))], cwd=folder, env=env).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
