# SPDX-License-Identifier: Apache-2.0
"""What was seen already, kept under a hash of all that it hangs on: the row, the code that its tests can reach, and
what they read. Code that a test cannot reach may change, and what was seen without it still holds."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from guards import Guard, Test
from tree import Tree, run

DATA = re.compile(r'"(tests/[\w./-]+)')


class Reach:
    """Which files a test can run or read."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._defines: dict[str, str] = {}
        self._needs: dict[str, set[str]] = defaultdict(set)
        folder = tree.folder
        objects = [str(path.relative_to(folder)) for path in sorted((folder / "build").rglob("*.o"))]
        for line in run(["nm", "-g", "-P", "-A", *objects], folder).splitlines():
            where, symbol, kind = line.split()[:3]
            built = where.rstrip(":").partition("[")[0]
            if kind in "Uvw":
                self._needs[built].add(symbol)
            elif built.startswith("build/agent/"):
                self._defines[symbol] = built
        self.test = cache(self._test)
        self._hash = cache(self._hash_of)

    def _objects(self, first: str) -> set[str]:
        found, left = set(), [first]
        while left:
            built = left.pop()
            if built not in found:
                found.add(built)
                left += [self._defines[symbol] for symbol in self._needs[built] if symbol in self._defines]
        return found

    def _read(self, test: Test) -> set[Path]:
        """What it reads: a story and those it is made from, the data that a unit test names, the test itself."""
        home = self._tree.folder / "tests"
        if test.kind == "machines":
            return {home / "machines/run", *(home / "machines").glob("*.py"), *self._story(test.what)}
        if test.kind == "watch":
            return _files(home / "watch")
        if test.kind == "command-line":
            return set((home / "command-line").glob("*.py"))
        names = DATA.findall((home / f"unit/{test.what}.c").read_text())
        found = [self._tree.folder / name for name in names]
        return {file for path in found for file in ([path] if path.is_file() else _files(path))}

    def _story(self, name: str) -> set[Path]:
        folder = self._tree.folder / "tests/machines" / name
        files, machine = _files(folder), folder / "machine.json"
        base = json.loads(machine.read_text()).get("base") if machine.exists() else None
        return files | (self._story(base) if base else set())

    def _test(self, kind: str, what: str) -> str:
        """A hash of them."""
        test = Test(kind, what, "")
        first = "agent/main" if test.program == "lustre-init" else test.program
        objects = self._objects(f"build/{first}.o")
        files = {self._tree.folder / name for built in objects for name in self._tree.sources(built)}
        sums = sorted(self._hash(file) for file in files | self._read(test))
        return hashlib.sha256("\n".join(sums).encode()).hexdigest()

    def _hash_of(self, path: Path) -> str:
        return f"{path.relative_to(self._tree.folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}"

    def guard(self, guard: Guard) -> str:
        sums = [self.test(test.kind, test.what) for test in guard.tests]
        words = [guard.file, guard.text, guard.instead, *guard.fails, *sums]
        return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


class Seen:
    """Keys of what was seen as it should be; the file is whole at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def add(self, key: str, what: str) -> None:
        self._keys[key] = what
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(self._keys, indent=1, ensure_ascii=False) + "\n")
        os.replace(new, self._path)
