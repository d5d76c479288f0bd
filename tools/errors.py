"""Writes `docs/errors.md` from `src/error.rs` and the class table in `src/python/errors.rs`.

Usage: `python tools/errors.py [--check]`; with `--check` it compares, and fails where the page is out of date.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "errors.md"
HEAD = """\
# Errors

Every error is under `phonograd.RecordError`, and under the builtin that a NumPy user expects. Shapes, dtypes, axes and
owners are checked when an operation is recorded. What can only fail later, when values are computed, ends in a line
`recorded at FILE:LINE`. In Rust each message below is a variant of `phonograd::Error` that carries the values shown in
braces.

This page is generated from the source by `python tools/errors.py`.
"""
TAIL = """\
## NonFiniteError

Under `FloatingPointError`. A loss of `phonograd.fit`, or a parameter it would keep, became infinite or nan.

```text
fit: {what}: {story}
```
"""


@dataclass
class Variant:
    """One way to fail."""

    name: str
    says: str
    message: str


def variants(source: str) -> list[Variant]:
    """The variants of the enum `Error`, in order."""
    body = source[source.index("pub enum Error {") :]
    pattern = r'/// (?P<says>[^\n]*)\n\s*#\[error\(\s*"(?P<text>(?:[^"\\]|\\.)*)"(?P<values>.*?)\s*\)\]\s*(?P<name>\w+)'
    found = re.finditer(pattern, body, flags=re.DOTALL)
    return [Variant(m["name"], m["says"], message(m["text"], m["values"])) for m in found]


def message(text: str, values: str) -> str:
    """A format string as a reader sees it: what stands in braces is data."""
    values = re.sub(r"from_both_ends\(\*(\w+)\)", r"use {-\1} to {\1 - 1}", values)
    values = re.sub(r"rule_of_channels\(.*?\)", "{rule}", values)
    values = re.sub(r"from_zero\(\*(\w+)\)", r"use 0 to {\1 - 1}", values)
    for value in re.split(r",(?![^()]*\))", values)[1:]:
        plain = re.sub(r"\s+as \w+|[*()]", "", value).strip()
        text = text.replace("{}", plain if "{" in plain else f"{{{plain}}}", 1)
    text = re.sub(r"\{(\w+):\?\}", r"{\1}", text)
    return text.replace("{origin}", "\nrecorded at {file}:{line}").replace('\\"', '"')


def classes(source: str) -> tuple[dict[str, tuple[str, str, str]], dict[str, str]]:
    """Exception classes (full name, bases, what they say) by their short names, and the short name of each variant."""
    table = {
        short: (name, ", ".join(f"`{base.strip().removeprefix('Py')}`" for base in bases.split(",")), says)
        for says, short, name, bases in re.findall(r'/// (.*)\n\s*(\w+) "(\w+)" \(([^)]*)\);', source)
    }
    arms = re.findall(r"((?:\s*\|?\s*Error::\w+ \{ \.\. \})+) => (?:\{\s*)?Class::(\w+)", source)
    return table, {variant: short for arm, short in arms for variant in re.findall(r"Error::(\w+)", arm)}


def page() -> str:
    """The whole page."""
    every = variants((ROOT / "src" / "error.rs").read_text(encoding="utf-8"))
    table, class_of = classes((ROOT / "src" / "python" / "errors.rs").read_text(encoding="utf-8"))
    lost = [variant.name for variant in every if variant.name not in class_of and variant.name != "Interrupted"]
    if lost or not every:
        raise SystemExit(f"no class found for {', '.join(lost) or 'anything'}")
    lines = [HEAD]
    for short, (name, bases, says) in table.items():
        lines.append(f"## {name}\n\nUnder {bases}. {says}\n")
        for variant in every:
            if class_of.get(variant.name) == short:
                lines.append(f"`{variant.name}`: {variant.says}\n\n```text\n{variant.message}\n```\n")
    return "\n".join([*lines, TAIL])


def main(arguments: list[str]) -> int:
    """Writes or compares."""
    text = page()
    if "--check" not in arguments:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print("docs/errors.md is out of date: run `python tools/errors.py`")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
