# SPDX-License-Identifier: Apache-2.0
"""What the text of a file says, or must say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .c_source import uses
from .rule import HOME, Finding, Lint, Rule, Tree
from .tool import findings, run

# Files that cannot carry a comment, are prose, or are a licence.
_WITHOUT_COMMENTS = (".json", ".svg", ".png", ".csv", "LICENSE", ".md", ".jsonl", ".gz", "tests/lint/spelling",
                     "debian/changelog", "debian/copyright", "debian/docs", "debian/source/format")  # fmt: skip

_RIGHT_WORDS = HOME / "tests/lint/spelling"

# Spelled apart, so that this file holds its own rules.
_LEFT_OVER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|not implement" r"ed yet)\b")
_MACHINE_PATH = re.compile(r"(?:^|[^.\w])/(?:work|farm)(?:/|\b(?![\w.]))|/\.pyenv/")
_BY_NAME = re.compile(r"\b(?:pki" r"ll|kill" r"all5?)\b")


def _texts(tree: Tree) -> list[str]:
    return tree.texts()


def _spdx(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        head = lint.tree.read(path).split("\n", 3)[:3]
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in head):
            yield Finding(path, 1, "no SPDX line")


def _without(pattern: re.Pattern[str]) -> Callable[[Lint, list[str]], Iterator[Finding]]:
    def check(lint: Lint, files: list[str]) -> Iterator[Finding]:
        for path in files:
            for number, line in enumerate(lint.tree.read(path).split("\n"), 1):
                match = pattern.search(line)
                if match:
                    yield Finding(path, number, f"'{match.group().strip()}'")

    return check


def _json_owner(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        for line, name in uses(lint.tree.read(path), r"json_auto_t\b"):
            yield Finding(path, line, f"says {name}")


def _spelling(lint: Lint, files: list[str]) -> Iterator[Finding]:
    code, text = run(lint, ["codespell", "--ignore-words", str(_RIGHT_WORDS), *files])
    yield from findings(code, text, files[0])


RULES = [
    Rule(
        "spdx",
        "one of the first three lines says SPDX-License-Identifier: Apache-2.0",
        lambda tree: [f for f in tree.texts() if not f.endswith(_WITHOUT_COMMENTS)],
        _spdx,
        needed=True,
    ),
    Rule("no-machine-paths", "no path of one machine is in the tree", _texts, _without(_MACHINE_PATH)),
    Rule("nothing-left", "what is in the tree is done; what is not is an issue", _texts, _without(_LEFT_OVER)),
    Rule(
        "end-by-id",
        "a process is ended by its id, by whoever started it; never by a name",
        lambda tree: tree.match("agent/*.[ch]", "tests/*", "rpm/*", "units/*", "*akefile", "*.mk"),
        _without(_BY_NAME),
    ),
    Rule(
        "json-owner",
        "cleanup() is our macro, and json_auto_t trips over it: cleanup(json_decrefp) json_t *",
        lambda tree: tree.match("agent/*.[ch]", "tests/unit/*.[ch]", "tests/scenes/*.h", "tests/fuzz/*.[ch]"),
        _json_owner,
        needed=True,
    ),
    Rule("spelling", "codespell knows every word", _texts, _spelling, needed=True),
]
