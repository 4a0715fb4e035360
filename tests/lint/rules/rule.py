# SPDX-License-Identifier: Apache-2.0
"""What a rule is, what it looks at and what it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

HOME = Path(__file__).resolve().parents[3]  # where the tools' own settings are

# Not ours to judge: what a build leaves, and the repository's own store.
_PASSED_OVER = {".git", "build", "__pycache__"}

# Recorded and deliberately broken input of tests: its bytes are the point.
_DATA = (
    "tests/machines/*/*",
    "tests/fuzz/corpus/*",
    "tests/fuzz/seeds/*",
    "tests/documents/*/*",
    "tests/imds/matrix/rows/*",
)


@dataclass(frozen=True)
class Finding:
    """One place where a rule does not hold."""

    path: str
    line: int
    what: str


class Skipped(Exception):
    """A rule could not be held, or not to its end; the text says why."""


class Tree:
    """The files of a source tree, by their path from its root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = sorted(self._walk(root))
        self.known = frozenset(self.files)
        self.read = cache(self._read)

    def _walk(self, folder: Path) -> Iterator[str]:
        for entry in folder.iterdir():
            if entry.name in _PASSED_OVER or entry.name.endswith("_cache") or entry.is_symlink():
                continue  # a symlink's file is looked at where it is
            if entry.is_dir():
                yield from self._walk(entry)
            elif entry.is_file():
                yield entry.relative_to(self.root).as_posix()

    def _read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode("utf-8", errors="replace")

    def match(self, *patterns: str) -> list[str]:
        """Files by shell patterns, in which * also stands for folders."""
        return [f for f in self.files if any(fnmatch(f, p) for p in patterns)]

    def texts(self) -> list[str]:
        """Everything a person wrote: no test data, nothing binary."""
        return [
            f
            for f in self.files
            if not any(fnmatch(f, p) for p in _DATA) and "\0" not in self.read(f)
        ]

    def scripts(self, suffix: str, interpreters: tuple[str, ...]) -> list[str]:
        """Programs by their suffix or, without it, by the interpreter on their first line."""

        def is_one(path: str) -> bool:
            first = self.read(path).split("\n", 1)[0]
            words = first[2:].replace("/", " ").split() if first.startswith("#!") else []
            return path.endswith(suffix) or any(w in interpreters for w in words)

        return [f for f in self.texts() if is_one(f)]


@dataclass
class Lint:
    """One run: a tree, and the means to look at it."""

    tree: Tree
    cache: Path
    packages: list[str] = field(default_factory=list)  # pkg-config's names, for C
    deadline: float = float("inf")  # time.monotonic() at which slow tools stop starting
    jobs: int = 2

    def late(self) -> bool:
        return time.monotonic() > self.deadline


@dataclass(frozen=True)
class Rule:
    """A name, the sentence that holds, the files it is about, and how it is checked."""

    name: str
    sentence: str
    files: Callable[[Tree], list[str]]
    check: Callable[[Lint, list[str]], Iterable[Finding]]
    needed: bool = False  # that there is no such file at all is a finding
    slow: bool = False  # only where the run is to be complete
