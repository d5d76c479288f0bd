"""Writes `docs/ops.md`: every operation with the formulas of its value and its gradient.

The formulas are those of the rows: their documentation comments, as the stub `python/phonograd/_core.pyi` and the
module `phonograd.linalg` show them. What a row takes is its class, and its section is the room of the source where it
stands.

Usage: `python tools/ops_page.py [--check]`; with `--check` it compares, and fails where the page is out of date. An
operation without a gradient in its documentation is an error either way.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "ops.md"
STUB = ROOT / "python" / "phonograd" / "_core.pyi"
HEAD = """\
# Operations

Every operation with the formulas of its value and of its gradient: what the inputs receive when the result receives
`g`. `x` is the input, or `a` and `b` are the inputs in order, `t` is a target, and `y` is the result. A product with
`g` is 0 where `g` is exactly 0, [whatever the other factor is](numerics.md), and a gradient has the shape and the dtype
of its input: what was broadcast is summed. At kinks and edges the value of the gradient is said in its row, and
explained in [numerics](numerics.md). A mean over n examples, where a loss makes one, divides `g` by n.

All but those of a module are functions of `phonograd`; those whose first argument is a tensor are methods of `Tensor`,
too. Random draws are methods of `Record`.

This page is generated from the source by `python tools/ops_page.py`.
"""
# Of the core's functions, those that are about the process.
SETTINGS = ("get_num_threads", "plan_cache", "plan_cache_clear", "set_num_threads")
TAKES = {
    "Float": "floats; integers and bool become float32",
    "Angle": "floats; integers and bool become float32",
    "Special": "floats; integers and bool become float32",
    "Number": "integers and floats",
    "Bits": "integers and bool",
    "Shift": "integers",
    "Predicate": "anything, gives bool",
    "Compare": "anything, gives bool",
    "Logical": "anything, gives bool",
}


class WithoutGradientError(Exception):
    """An operation's documentation does not say its gradient."""


@dataclass
class Operation:
    """A line of the page."""

    call: str
    value: str
    gradient: str
    takes: str


def formulas(name: str, text: str) -> tuple[str, str]:
    """What a documentation says of the value and of the gradient: its prose before sections such as examples."""
    prose = re.split(r"\n\n(?=(?:Args|Example|Raises|Returns):)", text)[0]
    value, found, gradient = " ".join(prose.split()).partition("Gradient:")
    if not found or not value.strip() or not gradient.strip():
        raise WithoutGradientError(
            f"{name}: say in its documentation what it computes, then `Gradient: ...`; see docs/add_an_op.md"
        )
    gradient = gradient.strip()
    return value.strip(), gradient[0].upper() + gradient[1:]


def read(tree: ast.Module, prefix: str = "") -> dict[str, tuple[str, str, str]]:
    """Public functions: how each is called, its value and its gradient. Of overloads, the documented one."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name not in SETTINGS:
            text = ast.get_docstring(node) or ""
            if text or not any(getattr(mark, "id", "") == "overload" for mark in node.decorator_list):
                args = [f"*{node.args.vararg.arg}"] if node.args.vararg else []
                args = [arg.arg for arg in node.args.posonlyargs + node.args.args] + args
                args += [arg.arg for arg in node.args.kwonlyargs]
                found[node.name] = (f"{prefix}{node.name}({', '.join(args)})", *formulas(prefix + node.name, text))
    return found


def draws(tree: ast.Module) -> list[Operation]:
    """The methods of `Record` that draw from a key."""
    record = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Record")
    of_key = [
        node
        for node in record.body
        if isinstance(node, ast.FunctionDef)
        and [arg.arg for arg in node.args.posonlyargs + node.args.args][1:2] == ["key"]
    ]
    found = read(ast.Module(body=of_key, type_ignores=[]), "rec.")
    return [Operation(call.replace("(self, ", "("), *formulas_of, "") for call, *formulas_of in found.values()]


def rooms() -> list[tuple[str, dict[str, str]]]:
    """The rooms that have operations: a title each, and the names in them with what they take."""
    unary = [(path, r"^\s*[A-Z]\w* (\w+) ([A-Z]\w+) \|") for path in sorted((ROOT / "src/ops/unary").glob("*.rs"))]
    three = r"^\s*[A-Z]\w* (\w+) (?=\|)"
    named = r"^\s*(?:pub fn (?:r#)?|\[(?=\w+1d))?([a-z]\w*?)(?:(?=[(<\[])| (?=\w+2d \w+3d\])| (?=\w+2d\]))"
    others = [(path, named) for path in sorted((ROOT / "src/python").glob("*.rs")) if path.stem != "mod"]
    sections = []
    for path, pattern in [
        *unary,
        (ROOT / "src/ops/binary.rs", unary[0][1]),
        (ROOT / "src/ops/ternary.rs", three),
        *others,
    ]:
        text = path.read_text(encoding="utf-8")
        title = re.sub(
            r", as (?:a )?methods? of `Tensor` and as (?:a )?functions?|: the table.*",
            "",
            text.splitlines()[0].removeprefix("//! "),
        )
        names = {}
        for match in re.finditer(pattern, text, flags=re.MULTILINE):
            takes = TAKES.get(match[2], "") if len(match.groups()) > 1 else ""
            for name in re.findall(r"\w+", match[1]):
                names.setdefault(name, takes)
        if "for_each_space!" in text:
            names |= {
                name: ""
                for three in re.findall(r"^\s*\[((?:\w+\dd\w* ?)+)\]", text, re.MULTILINE)
                for name in three.split()
            }
        sections.append((title.rstrip("."), names))
    return sections


def line(operation: Operation) -> str:
    cells = (f"`{operation.call}`", operation.value, operation.gradient, operation.takes)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page() -> str:
    """The whole page."""
    stub = ast.parse(STUB.read_text(encoding="utf-8"))
    left = read(stub)
    parts = [HEAD]

    def section(title: str, lines: list[Operation]) -> None:
        table = ["| Operation | Value | Gradient | Takes |", "| --- | --- | --- | --- |", *map(line, lines)]
        parts.append(f"## {title}\n\n" + "\n".join(table) + "\n")

    for title, names in rooms():
        here = {name: left.pop(name) for name in sorted(names) if name in left}
        if here:
            section(title, [Operation(*parts_of, names[name]) for name, parts_of in here.items()])
    if left:
        raise WithoutGradientError(f"{', '.join(left)}: in no room of the source that tools/ops_page.py reads")
    linalg = ROOT / "python" / "phonograd" / "linalg.py"
    found = read(ast.parse(linalg.read_text(encoding="utf-8")), "linalg.")
    section("Linear algebra", [Operation(*parts_of, "floats") for parts_of in found.values()])
    section("Random draws", draws(stub))
    return "\n".join(parts)


def main() -> int:
    try:
        text = page()
    except WithoutGradientError as error:
        print(error)
        return 1
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET.relative_to(ROOT)} is out of date: run `python tools/ops_page.py`")
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
