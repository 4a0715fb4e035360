# SPDX-License-Identifier: Apache-2.0
"""A folder of agent/ is a layer, and includes only what its row allows."""

from __future__ import annotations

from collections.abc import Iterator

from .c_source import includes
from .rule import Finding, Lint, Rule, Tree

# Folder: what it may include besides itself, as folders or single headers.
ALLOWED: dict[str, tuple[str, ...]] = {
    "base": (),
    "model": ("base",),
    "ask": ("base", "model"),
    "observe": ("base", "model"),
    "decide": ("model", "base/error.h", "base/words.h"),
    "effect": ("base", "model"),
    "verbs": ("", "base", "model", "ask", "observe", "decide", "effect"),
}


def _agent(tree: Tree) -> list[str]:
    return tree.match("agent/*.c", "agent/*.h")


def _layer(path: str) -> str:
    """The folder under agent/; empty at its top."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def _direction(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        layer = _layer(path)
        if not layer:
            continue
        if layer not in ALLOWED:
            yield Finding(path, 1, f"agent/{layer}/ has no row in the table of layers")
            continue
        for include in includes(lint.tree.read(path)):
            if not include.quoted or include.name in ALLOWED[layer]:
                continue
            folder = include.name.split("/")[0] if "/" in include.name else ""
            if folder != layer and folder not in ALLOWED[layer]:
                yield Finding(path, include.line, f"{layer}/ includes {include.name}")


def _spelling(lint: Lint, files: list[str]) -> Iterator[Finding]:
    headers = {f.removeprefix("agent/") for f in files if f.endswith(".h")}
    for path in files:
        for include in includes(lint.tree.read(path)):
            if include.quoted != (include.name in headers):
                yield Finding(path, include.line, f"{include.name} is not spelled so")


RULES = [
    Rule(
        "layers",
        "inputs become values, values a plan, the plan effects: a folder includes only what its row allows",
        _agent,
        _direction,
        needed=True,
    ),
    Rule(
        "include-spelling",
        'our headers are included as "layer/name.h", the system\'s as <name.h>',
        _agent,
        _spelling,
        needed=True,
    ),
]
