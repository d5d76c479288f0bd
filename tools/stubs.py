"""Finishes the stub that `maturin generate-stubs` writes, from the installed module.

Usage: `python tools/stubs.py GENERATED.pyi [--check]`; writes `python/phonograd/_core.pyi`, or compares with it.

PyO3 describes what its macros see. Added here, the same way for every class and function: the operands of binary
operators, string hints as plain hints with their imports, defaults it could not print, and what the module adds when it
is imported (exception classes, constants).
"""

from __future__ import annotations

import ast
import builtins
import difflib
import importlib
import inspect
import re
import subprocess
import sys
import types
from pathlib import Path

MODULE = "phonograd._core"
TARGET = Path(__file__).resolve().parent.parent / "python" / "phonograd" / "_core.pyi"
HEAD = f"# Generated from the Rust source by `make stubs` ({MODULE}); edit there.\n"

# Names that hints in the Rust source may use; the shim imports them from `_core` while type checking.
ALIASES = {
    "_Number": "float",
    "_Array": "numpy.typing.NDArray[typing.Any]",
    "_ArrayLike": "Tensor | numpy.typing.ArrayLike",
    "_DTypeLike": "DType | numpy.typing.DTypeLike",
    "_Index": "_IndexItem | tuple[_IndexItem, ...]",
    "_IndexItem": "Tensor | int | slice | types.EllipsisType | typing.Sequence[int] | _Array | None",
}

# What stands on the other side of a class's binary operators, where PyO3 only knows `object`.
OPERANDS = {
    "Tensor": "Tensor | numpy.typing.NDArray[typing.Any] | float",
    "Gradients": "float",
    "Gradients.__add__": "Gradients",
    "Gradients.__sub__": "Gradients",
    # Arrays compare, too, but as an operand they would overlap with `ndarray`'s own comparisons.
    **{f"Tensor.__{name}__": "Tensor | float" for name in ("lt", "le", "gt", "ge")},
}
KEEP_OBJECT = {"__eq__", "__ne__", "__contains__"}


def main(arguments: list[str]) -> int:
    generated = Path(arguments[0]).read_text(encoding="utf-8")
    text = layout(finish(generated, importlib.import_module(MODULE)))
    if "--check" not in arguments:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    committed = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    difference = difflib.unified_diff(
        committed.splitlines(), text.splitlines(), "committed _core.pyi", "generated _core.pyi", lineterm=""
    )
    lines = list(difference)
    print("\n".join([*lines, "the stub is out of date: run `make stubs`"] if lines else ["the stub is up to date"]))
    return 1 if lines else 0


def finish(source: str, module: types.ModuleType) -> str:
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == "__getattr__")]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            live = getattr(module, node.name)
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    operand = OPERANDS.get(f"{node.name}.{member.name}", OPERANDS.get(node.name))
                    called = live if member.name == "__new__" else getattr(live, member.name, None)
                    finish_function(member, called, operand)
        elif isinstance(node, ast.FunctionDef):
            finish_function(node, getattr(module, node.name), None)
    tree.body += run_time_members(tree, module)
    Unquote().visit(tree)
    Unshadow(module).visit(tree)
    tree.body = [*aliases(tree), *(tidy(node) for node in tree.body)]
    head = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module != "_typeshed"]
    rest = [node for node in tree.body if not isinstance(node, ast.ImportFrom)]
    tree.body = [*imports(tree), *head, *exports(module), *rest]
    return HEAD + ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def finish_function(function: ast.FunctionDef, live: object, operand: str | None) -> None:
    """Fills in operands and defaults."""
    arguments = function.args
    if operand and function.name.startswith("__") and function.name not in KEEP_OBJECT:
        for argument in arguments.posonlyargs[1:2]:
            if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "object":
                argument.annotation = ast.parse(operand, mode="eval").body
    named = [*arguments.posonlyargs, *arguments.args]
    named = named[len(named) - len(arguments.defaults) :]
    for argument, value in zip(
        [*named, *arguments.kwonlyargs], [*arguments.defaults, *arguments.kw_defaults], strict=True
    ):
        if value is None:
            continue
        told = inspect.signature(live).parameters.get(argument.arg)  # type: ignore[arg-type]
        default = ast.literal_eval(value) if told is None else told.default
        if default is Ellipsis:
            raise SystemExit(f"{function.name}: the default of `{argument.arg}` is unknown; give a text_signature")
        known = ast.parse(repr(default), mode="eval").body
        arguments.defaults[:] = [known if one is value else one for one in arguments.defaults]
        arguments.kw_defaults[:] = [known if one is value else one for one in arguments.kw_defaults]


def run_time_members(tree: ast.Module, module: types.ModuleType) -> list[ast.stmt]:
    """Exception classes and constants, which exist only once the module is imported."""
    known = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    known |= {ast.unparse(node.target) for node in tree.body if isinstance(node, ast.AnnAssign)}
    lines = []
    for name in module.__all__:
        value = getattr(module, name)
        if name in known:
            continue
        if isinstance(value, type):
            bases = ", ".join(base.__name__ for base in value.__bases__)
            lines += [f"class {name}({bases}):", f"    {value.__doc__!r}"]
        elif type(value).__name__ in known or hasattr(builtins, type(value).__name__):
            lines.append(f"{name}: typing.Final[{type(value).__name__}]")
        else:
            raise SystemExit(f"{name}: a constant of an unknown class, {type(value)}")
    return ast.parse("\n".join(lines)).body


class Unquote(ast.NodeTransformer):
    """Turns hints written as strings into plain ones."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = self.plain(node.annotation)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = self.plain(node.returns)
        self.generic_visit(node.args)
        return node

    @staticmethod
    def plain(hint: ast.expr | None) -> ast.expr | None:
        if isinstance(hint, ast.Constant) and isinstance(hint.value, str):
            return ast.parse(hint.value, mode="eval").body
        return hint


class Unshadow(ast.NodeTransformer):
    """Spells out builtin types whose names the module uses for something else, such as its dtype `bool`."""

    def __init__(self, module: types.ModuleType) -> None:
        self.shadowed = {name for name in module.__all__ if isinstance(getattr(builtins, name, None), type)}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.shadowed and isinstance(node.ctx, ast.Load):
            return ast.parse(f"builtins.{node.id}", mode="eval").body
        return node


def tidy(node: ast.stmt) -> ast.stmt:
    """Straightens the text under a constant."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        node.value.value = inspect.cleandoc(node.value.value)
    return node


def aliases(tree: ast.Module) -> list[ast.stmt]:
    """The definitions of those names of `ALIASES` that are used."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = []
    for name, hint in ALIASES.items():
        if name in used:
            used |= set(re.findall(r"\b_\w+", hint))
            lines.append(f"{name}: typing.TypeAlias = {hint}")
    return ast.parse("\n".join(lines)).body


class Dotted(ast.NodeVisitor):
    """Collects the modules that dotted names need."""

    def __init__(self) -> None:
        self.modules: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = ast.unparse(node)
        if re.fullmatch(r"[\w.]+", dotted):
            self.modules.add(module_of(dotted))


def imports(tree: ast.Module) -> list[ast.stmt]:
    dotted = Dotted()
    dotted.visit(tree)
    return ast.parse("\n".join(f"import {name}" for name in sorted(dotted.modules))).body


def module_of(dotted: str) -> str:
    name = dotted.rpartition(".")[0]
    while name:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            name = name.rpartition(".")[0]
        else:
            return name
    raise SystemExit(f"{dotted}: no module of that name")


def exports(module: types.ModuleType) -> list[ast.stmt]:
    return ast.parse(f"__all__ = {sorted(module.__all__)!r}").body


def layout(text: str) -> str:
    """Formats, and marks `__eq__` that answers with a tensor: `object` promises a bool."""
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        arguments = [*ruff, *command, "--stdin-filename", str(TARGET), "-"]
        text = subprocess.run(arguments, input=text, text=True, capture_output=True, check=True).stdout
    return re.sub(
        r"(def __(?:eq|ne)__\(.*\) -> (?!bool|builtins).*\.\.\.)$", r"\1  # type: ignore[override]", text, flags=re.M
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
