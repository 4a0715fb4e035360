# SPDX-License-Identifier: Apache-2.0
"""A folder of agent/ is a room of a layer, and includes only what its row allows."""

from __future__ import annotations

from collections.abc import Iterator

from .c_source import includes
from .rule import Finding, Lint, Rule, Tree

# What asks, looks, decides and acts: none of the four includes another, only what stands above them does.
SIBLINGS = ("ask", "observe", "decide", "effect")

# What turns values into values needs no more than these.
_PURE = ("model", "base/error.h", "base/text.h", "base/unit_name.h", "base/words.h")

# Room: what it may include besides itself, as folders with all that is in them, or single headers.
ALLOWED: dict[str, tuple[str, ...]] = {
    "base": (),
    "model/spec": ("base",),
    "model": ("base", "model"),
    "ask/document": ("base", "model"),
    "ask/imds": ("base", "model", "ask/document"),
    "observe": ("base", "model"),
    "observe/storage": ("base", "model"),
    "observe/network": ("base", "model"),
    "observe/health": ("base", "model", "observe/storage/mounts.h"),
    "decide/disks": (*_PURE, "decide/passing.h", "decide/planner.h"),
    "decide/network": (*_PURE, "decide/planner.h"),
    "decide/health": _PURE,
    "decide/doctor": (*_PURE, "decide/client.h", "decide/network/efa.h"),
    "decide": (*_PURE, "decide"),
    "effect": ("base", "model"),
    "": ("base", "model", *SIBLINGS),
    # The watch stands above what it looks, asks and decides with, and speaks by its own part of the voice alone.
    "watch": (
        "base",
        "model",
        "observe",
        "ask/imds/notices.h",
        "decide/health/health_events.h",
        "decide/health/notice_events.h",
        "effect/mgs_probe.h",
        "report_watch.h",
    ),
    "verbs": ("", "base", "model", "watch", *SIBLINGS),
}

# At the top, what gathers the inputs decides nothing and does nothing.
GATHERS = tuple(f"agent/{name}" for name in ("node.c", "node.h", "node_files.c", "node_files.h", "node_spec.c", "node_wait.c", "node_wait.h"))

# The command line: the one file at the top that may call the verbs.
_MAIN = ("agent/main.c", "verbs/verbs.h")


def _agent(tree: Tree) -> list[str]:
    return tree.match("agent/*.c", "agent/*.h")


def _room(path: str) -> str:
    """The folder of a file under agent/; empty at its top."""
    return path.removeprefix("agent/").rpartition("/")[0]


def _may(room: str, header: str) -> bool:
    """Whether a file in `room` may include `header`, both as seen from agent/."""
    folder = header.rpartition("/")[0]
    if folder == room or header in ALLOWED[room]:
        return True
    return any(folder == a or (a and folder.startswith(f"{a}/")) for a in ALLOWED[room])


def _direction(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        room = _room(path)
        if room not in ALLOWED:
            yield Finding(path, 1, f"agent/{room}/ has no row in the table of layers")
            continue
        for include in includes(lint.tree.read(path)):
            if include.quoted and not _may(room, include.name) and (path, include.name) != _MAIN:
                yield Finding(path, include.line, f"{room or 'the top'} includes {include.name}")
            if path in GATHERS and include.name.startswith(("decide/", "effect/")):
                yield Finding(path, include.line, f"what gathers the inputs includes {include.name}")


def _spelling(lint: Lint, files: list[str]) -> Iterator[Finding]:
    headers = {f.removeprefix("agent/") for f in files if f.endswith(".h")}
    for path in files:
        for include in includes(lint.tree.read(path)):
            if include.quoted != (include.name in headers):
                yield Finding(path, include.line, f"{include.name} is not spelled so")


RULES = [
    Rule(
        "layers",
        "ask, observe, decide and effect never include each other; a folder includes only what its row allows",
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
