# SPDX-License-Identifier: Apache-2.0
"""The list of guards: lines that hold what must never happen, and the tests that fail without each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).resolve().parent / "guards.json"


@dataclass(frozen=True)
class Test:
    """What is run (`kind` and `what`), and which test of it is meant; all of them where `name` is empty."""

    kind: str
    what: str
    name: str

    @classmethod
    def read(cls, words: str) -> Test:
        kind, _, rest = words.partition(" ")
        what, _, name = rest.partition(": ")
        return cls(kind, what, name)

    def __str__(self) -> str:
        return f"{self.kind} {self.what}{': ' if self.name else ''}{self.name}"

    @property
    def program(self) -> str:
        """The program that runs, under build/."""
        return f"tests/unit/{self.what}" if self.kind == "unit" else "lustre-init"


@dataclass(frozen=True)
class Guard:
    """A text of a file and what it is replaced by.

    fails: "unit ROOM/NAME" (a program of tests/unit), "unit ROOM/NAME: TEST", "machines STORY",
    "watch STORY" or "command-line CLASS.TEST".
    """

    rule: str
    guard: str
    changed: str
    file: str
    text: str
    instead: str
    fails: tuple[str, ...]

    @property
    def tests(self) -> list[Test]:
        return [Test.read(words) for words in self.fails]


def read_guards(words: list[str]) -> list[Guard]:
    rows = json.loads(LIST.read_text())["guards"]
    guards = [Guard(**{**row, "fails": tuple(row["fails"])}) for row in rows]
    return [g for g in guards if not words or any(w == g.rule or w in g.guard for w in words)]


def table(guards: list[Guard]) -> None:
    """By rule; within one, as they stand in the list: a guard may go on from the one before it."""
    print("| rule | guard | what was changed | fails then |\n|---|---|---|---|")
    for g in sorted(guards, key=lambda g: (not g.rule.startswith("S"), g.rule)):
        print(f"| {g.rule} | {g.guard} | {g.changed} | {', '.join(g.fails)} |")
