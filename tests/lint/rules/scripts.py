# SPDX-License-Identifier: Apache-2.0
"""Shell and Python."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath

from .rule import Finding, Lint, Rule, Tree
from .tool import over_all

# What drives another program's own Python has that program's modules.
_GUESTS = {
    "tests/cloud-init/": {"cloudinit", "yaml"},
    "tests/lab/cost/": {"cloudinit"},
}

_SHELLS = {"system", "popen"}


def _python(tree: Tree) -> list[str]:
    return tree.scripts(".py", ("python3",))


def _local_modules(tree: Tree) -> set[str]:
    """Every name under which one of our own modules or packages can be imported."""
    paths = [PurePosixPath(f) for f in _python(tree)]
    return {p.stem for p in paths} | {part for p in paths for part in p.parent.parts}


def _compiles(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                compile(lint.tree.read(path), path, "exec")
        except (SyntaxError, SyntaxWarning, DeprecationWarning) as problem:
            yield Finding(path, getattr(problem, "lineno", 1) or 1, str(problem))


def _parsed(lint: Lint, files: list[str]) -> Iterator[tuple[str, ast.AST]]:
    for path in files:
        try:
            tree = ast.parse(lint.tree.read(path))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            yield path, node


def _imports(lint: Lint, files: list[str]) -> Iterator[Finding]:
    known = sys.stdlib_module_names | _local_modules(lint.tree)
    for path, node in _parsed(lint, files):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        guests = {m for place, modules in _GUESTS.items() if path.startswith(place) for m in modules}
        for name in names:
            if name.split(".")[0] not in known | guests:
                yield Finding(path, node.lineno, f"imports {name}")


def _typed(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path, node in _parsed(lint, files):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        given = node.args
        bare = [a.arg for a in [*given.posonlyargs, *given.args, *given.kwonlyargs] if not a.annotation]
        if node.returns is None:
            yield Finding(path, node.lineno, f"{node.name} does not say what it returns")
        elif [a for a in bare if a not in ("self", "cls")]:
            yield Finding(path, node.lineno, f"{node.name} does not say what it takes")


def _shell_call(call: ast.Call) -> bool:
    target = call.func
    by_os = (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id == "os"
        and target.attr in _SHELLS
    )
    asked = any(
        k.arg == "shell" and isinstance(k.value, ast.Constant) and k.value.value for k in call.keywords
    )
    return by_os or asked


def _careful(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path, node in _parsed(lint, files):
        if isinstance(node, ast.Call) and _shell_call(node):
            yield Finding(path, node.lineno, "gives a line to a shell")
        elif isinstance(node, ast.ExceptHandler) and node.type is None:
            yield Finding(path, node.lineno, "catches everything, whatever it is")


RULES = [
    Rule(
        "shellcheck",
        "shellcheck finds nothing in any shell script",
        lambda tree: tree.scripts(".sh", ("sh", "bash", "dash")),
        over_all(["shellcheck", "--format=gcc"]),
        needed=True,
    ),
    Rule("python-compiles", "Python compiles without a warning", _python, _compiles, needed=True),
    Rule("python-imports", "Python uses the standard library and our own modules", _python, _imports, needed=True),
    Rule("python-typed", "each Python function says what it takes and returns", _python, _typed, needed=True),
    Rule("python-careful", "Python uses argument lists and catches what it means", _python, _careful, needed=True),
]
