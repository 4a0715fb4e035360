# SPDX-License-Identifier: Apache-2.0
"""The list of guards names code that is there: of a guard that stands nowhere, nobody sees whether its tests fail."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .rule import Finding, Lint, Rule


def _line(text: str, guard: str) -> int:
    name = json.dumps(guard, ensure_ascii=False)
    return text.count("\n", 0, max(text.find(name), 0)) + 1


def _guards(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        text = lint.tree.read(path)
        for row in json.loads(text)["guards"]:
            source = lint.tree.read(row["file"]) if row["file"] in lint.tree.known else ""
            count = source.count(row["text"])
            if count != 1:
                yield Finding(path, _line(text, row["guard"]), f"'{row['guard']}' stands {count} times in {row['file']}")


RULES = [
    Rule(
        "guards",
        "the text of each guard in tests/guards/guards.json stands once in its file",
        lambda tree: tree.match("tests/guards/guards.json"),
        _guards,
        needed=True,
    ),
]
