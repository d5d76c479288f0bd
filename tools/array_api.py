"""Runs the public conformance suite of the Array API standard on a record: `python tools/array_api.py FOLDER [pytest ...]`.

FOLDER is a checkout of data-apis/array-api-tests with its submodule, release 2026.02.26 (later commits do not run on a
library without complex dtypes); its requirements must be installed. The tests in tools/array_api_skips.txt are left out,
each for the reason written above it; they may be at most 3 % of what is collected, else this ends with an error.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

SKIPS = Path(__file__).with_name("array_api_skips.txt").resolve()

# A namespace needs a record; tensors that no test holds any more are forgotten by it.
MODULE = "exec('import phonograd; from phonograd.array_api import namespace; xp = namespace(phonograd.Record())')"

MOST = 0.03


def main(folder: str, *options: str) -> int:
    env = os.environ | {
        "ARRAY_API_TESTS_MODULE": MODULE,
        "ARRAY_API_TESTS_SKIP_DTYPES": "complex64,complex128",
        "ARRAY_API_TESTS_VERSION": "2024.12",
    }
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "array_api_tests"]
    listed = subprocess.run([*pytest, "--collect-only"], cwd=folder, env=env, capture_output=True, text=True)
    tests = re.findall(r"^array_api_tests/\S.*$", listed.stdout, re.MULTILINE)
    if not tests:
        print(listed.stdout, listed.stderr, file=sys.stderr)
        return 1
    names = [line for line in SKIPS.read_text().splitlines() if line.startswith("array_api_tests")]
    # As the suite matches them: a whole test, or a test whatever its parameters.
    left_out = [test for test in tests if test in names or test.split("[")[0] in names]
    print(f"{len(left_out)} of {len(tests)} tests are left out: {len(left_out) / len(tests):.1%}")
    if len(left_out) > MOST * len(tests):
        print(f"that is more than {MOST:.0%}", file=sys.stderr)
        return 1
    run = [*pytest, "--disable-deadline", f"--skips-file={SKIPS}", *(options or ("--max-examples=100",))]
    return subprocess.run(run, cwd=folder, env=env).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
