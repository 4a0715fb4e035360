# SPDX-License-Identifier: Apache-2.0
"""Shell and Python."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath

from .rule import Finding, Lint, Rule, Skipped, Tree
from .tool import over_all

# What drives another program's own Python has that program's modules.
_GUESTS = {
    "tests/cloud-init/": {"cloudinit", "yaml"},
    "tests/examples/": {"yaml"},
    "tests/lab/cost/": {"cloudinit"},
    "tests/ami/": {"yaml"},
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


# What runs where packages are built, and in cloud-init: EL 8 has 3.6. The rest is for us: EL 9's 3.9 suffices.
_OLDEST = {"tests/pace.py": (3, 6), "units/*": (3, 6)}
_PYTHON = (3, 9)
_GENERIC = ("dict", "frozenset", "list", "set", "tuple", "type", "Callable", "Iterator")
# Keywords and members that came after 3.6.
_LATER = ("capture_output", "text", "thread_time", "fromisoformat", "removeprefix", "removesuffix")


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.walk(node):
        for name in ("annotation", "returns"):
            if getattr(child, name, None):
                yield getattr(child, name)


def _newer_annotation(annotation: ast.AST, version: tuple[int, int]) -> str:
    for node in ast.walk(annotation):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return "a union by | is Python 3.10"
        generic = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in _GENERIC
        if generic and version < (3, 9) and node.value.id[0].islower():
            return f"{node.value.id}[] is Python 3.9"
    return ""


def _newer(tree: ast.Module, version: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """What parses, and yet does not run with so old a Python."""
    late = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    if version < (3, 7):
        yield from ((n.lineno, "from __future__ import annotations is Python 3.7") for n in late)
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in _LATER:
                yield node.value.lineno, f"{node.arg}= came later"
            elif isinstance(node, ast.Attribute) and node.attr in _LATER:
                yield node.lineno, f".{node.attr} came later"
    if version >= (3, 7) and late:
        return
    for annotation in _annotations(tree):
        what = _newer_annotation(annotation, version)
        if what:
            yield annotation.lineno, what


def _old_python(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        version = next((v for place, v in _OLDEST.items() if fnmatch(path, place)), _PYTHON)
        try:
            tree = ast.parse(lint.tree.read(path), feature_version=version)
        except SyntaxError as problem:
            yield Finding(path, problem.lineno or 1, str(problem))
            continue
        for line, what in _newer(tree, version):
            yield Finding(path, line, f"{what}; here it is {version[0]}.{version[1]}")


def _parsed(lint: Lint, files: list[str]) -> Iterator[tuple[str, ast.AST]]:
    for path in files:
        try:
            tree = ast.parse(lint.tree.read(path))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            yield path, node


def _imports(lint: Lint, files: list[str]) -> Iterator[Finding]:
    if sys.version_info < (3, 10):
        raise Skipped("Python before 3.10 does not know its own modules' names")
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
    Rule("python-floor", "Python runs with that of EL 9, where packages are built with that of EL 8", _python, _old_python, needed=True),
    Rule("python-imports", "Python uses the standard library and our own modules", _python, _imports, needed=True),
    Rule("python-typed", "each Python function says what it takes and returns", _python, _typed, needed=True),
    Rule("python-careful", "Python uses argument lists and catches what it means", _python, _careful, needed=True),
]
