# SPDX-License-Identifier: Apache-2.0
"""Small files, small functions, telling names, and no state that hides."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from .c_source import function_name, items, mutable_variables
from .rule import Finding, Lint, Rule, Tree

FILE_LINES = 600
HEADER_LINES = 200
FUNCTION_LINES = 60

_DUMPING_GROUND = re.compile(r"^(?:.*[_-])?(?:utils?|misc|common|helpers?)(?:[_-].*)?$", re.IGNORECASE)


def _sources(tree: Tree) -> list[str]:
    shell = tree.scripts(".sh", ("sh", "bash"))
    return [*tree.match("agent/*.c", "tests/*.c"), *_python(tree), *shell]


def _python(tree: Tree) -> list[str]:
    return tree.scripts(".py", ("python3",))


def _file_size(lint: Lint, files: list[str], most: int = FILE_LINES) -> Iterator[Finding]:
    for path in files:
        lines = lint.tree.read(path).count("\n")
        if lines > most:
            yield Finding(path, most + 1, f"{lines} lines, {most} at most")


def _functions(path: str, text: str) -> Iterator[tuple[int, int, str]]:
    """First line, last line and name of each function."""
    if path.endswith((".c", ".h")):
        for item in items(text):
            if item.is_function:
                yield item.first, item.last, function_name(item)
        return
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return  # another rule's to tell
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno or node.lineno, node.name


def _function_size(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        for first, last, name in _functions(path, lint.tree.read(path)):
            if last - first + 1 > FUNCTION_LINES:
                yield Finding(path, first, f"{name} has {last - first + 1} lines")


def _names(_lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        for part in (PurePosixPath(p).stem for p in path.split("/")):
            if _DUMPING_GROUND.match(part):
                yield Finding(path, 1, f"'{part}' says nothing of what is in it")


def _no_state(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        for line, name in mutable_variables(lint.tree.read(path)):
            yield Finding(path, line, f"{name} outlives its function and can change")


RULES = [
    Rule("file-size", f"no source has more than {FILE_LINES} lines", _sources, _file_size, needed=True),
    Rule(
        "header-size",
        f"no header has more than {HEADER_LINES} lines",
        lambda tree: tree.match("agent/*.h"),
        lambda lint, files: _file_size(lint, files, HEADER_LINES),
        needed=True,
    ),
    Rule(
        "function-size",
        f"no function has more than {FUNCTION_LINES} lines",
        lambda tree: [*tree.match("agent/*.[ch]", "tests/*.[ch]"), *_python(tree)],
        _function_size,
        needed=True,
    ),
    Rule(
        "file-names",
        "a file is named in the field's own terms, never for being a rest",
        lambda tree: tree.match("agent/*", "tests/*", "units/*", "rpm/*"),
        _names,
        needed=True,
    ),
    Rule(
        "no-globals",
        "everything is passed by parameter; nothing outside main.c lasts and changes",
        lambda tree: [f for f in tree.match("agent/*.[ch]") if f != "agent/main.c"],
        _no_state,
        needed=True,
    ),
]
