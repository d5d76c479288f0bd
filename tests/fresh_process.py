"""Programs run in a Python process of their own: what they print, how they end, and how much memory they may have."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

PREAMBLE = """
import gc, os, signal, sys, threading, time
import numpy as np
import phonograd as pg
# A shell that starts tests in the background has children ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
"""

# After the preamble, so that the limit is for the program and not for importing NumPy.
LIMIT = """
import resource
pg.Record().tensor([1.0]).data()
resource.setrlimit(resource.RLIMIT_AS, ({0}, {0}))
"""


def run(program: str, *, memory: int | None = None, timeout: float = 60.0) -> str:
    """What the program prints; it must end by itself, in time, with status 0 and nothing on standard error."""
    if memory is not None and sys.platform != "linux":
        pytest.skip("only Linux keeps to a limit on address space")
    limit = "" if memory is None else LIMIT.format(memory)
    code = PREAMBLE + limit + textwrap.dedent(program)
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", code]
    environment = os.environ | {"RUST_BACKTRACE": "0"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, check=False)
    except subprocess.TimeoutExpired:
        pytest.fail(f"still running after {timeout} s")
    assert done.returncode == 0, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.stderr == ""
    return done.stdout
