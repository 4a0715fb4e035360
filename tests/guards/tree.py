# SPDX-License-Identifier: Apache-2.0
"""A copy of the tree, built once; and programs of it in which one file is another.

Nothing of the copy is changed by a guard that is taken out: the file is written elsewhere, compiled to an object
elsewhere, and the programs are linked with that object in the place of the good one. So guards can be tried side by
side, and each costs one object and the programs that its row names.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

# The build's own flags, but for what costs time and shows nothing here.
QUICK = ["-O1", "-g0", "-w"]
SAMPLE = "agent/base/error"
SAMPLE_TEST = "build/tests/unit/base/test_text"
ONLY = "tests/guards/only.c"  # linked into unit tests
LIBRARY = "build/agent.a"  # what they are linked to


class Broken(Exception):
    """It does not compile, or does not link."""


def run(argv: list[str], cwd: Path) -> str:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise Broken(done.stdout[-1000:] + done.stderr[-2000:])
    return done.stdout


class Tree:
    """The copy, in `folder`; names are relative to it, as make's are."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder = home, folder
        self._compile: list[str] = []
        self._link: dict[str, list[str]] = {}

    def make(self, units: list[str]) -> None:
        """Copies what git knows, as it is now, and builds the program and the objects of these unit tests."""
        self._copy()
        objects = [f"build/{unit}.o" for unit in units]
        run(["make", f"-j{os.cpu_count()}", "build/lustre-init", LIBRARY, f"{SAMPLE_TEST}.o", *objects], self.folder)
        self._compile = self._told(f"{SAMPLE}.c", f"build/{SAMPLE}.o")
        for program in ("build/lustre-init", SAMPLE_TEST):
            changed = f"build/{SAMPLE}.o" if program == "build/lustre-init" else LIBRARY
            self._link[program] = self._told(changed, program)
        self._link[SAMPLE_TEST].append(str(self._compiled(ONLY, self.folder / ONLY, self.folder)))

    def _copy(self) -> None:
        """With the times of the files, so that make sees what was built already."""
        known = [name for name in run(["git", "ls-files", "-z"], self.home).split("\0") if name]
        built = [path for room in ("agent", "tests/unit") for path in (self.home / "build" / room).rglob("*.[od]")]
        for name in [*known, *(str(path.relative_to(self.home)) for path in built)]:
            source, target = self.home / name, self.folder / name
            if not source.is_file():
                continue
            if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        self._forget(set(known))

    def _forget(self, known: set[str]) -> None:
        """What the tree had once, and what was built of it."""
        for path in [path for room in ("agent", "tests") for path in (self.folder / room).rglob("*")]:
            if path.is_file() and str(path.relative_to(self.folder)) not in known:
                path.unlink()
        for path in (self.folder / "build").rglob("*.[od]"):
            if not (self.folder / path.relative_to(self.folder / "build")).with_suffix(".c").exists():
                path.unlink()

    def _told(self, changed: str, target: str) -> list[str]:
        """The command by which make would build `target`."""
        out = run(["make", "--no-print-directory", "-n", "V=1", "-W", changed, target], self.folder)
        return shlex.split(out.strip().splitlines()[-1])

    def sources(self, built: str) -> list[str]:
        """What an object was compiled from, by the compiler's word; without the system's headers."""
        words = (self.folder / built).with_suffix(".d").read_text().replace("\\\n", " ").split("\n")[0].split()
        return [word for word in words[1:] if not word.startswith("/")]

    def without(self, file: str, text: str, place: Path) -> dict[str, Path]:
        """The objects that are others when `file` holds `text`."""
        changed = place / file
        changed.parent.mkdir(parents=True, exist_ok=True)
        changed.write_text(text)
        if file.endswith(".c"):
            return {f"build/{file[:-2]}.o": self._compiled(file, changed, place)}
        objects = (str(path.relative_to(self.folder)) for path in self.folder.glob("build/agent/**/*.o"))
        return {
            built: self._compiled(f"{built[6:-2]}.c", self.folder / f"{built[6:-2]}.c", place)
            for built in objects
            if file in self.sources(built)
        }

    def _compiled(self, name: str, source: Path, place: Path) -> Path:
        into = (place / "build" / name).with_suffix(".o")
        into.parent.mkdir(parents=True, exist_ok=True)
        places = {f"{SAMPLE}.c": str(source), f"build/{SAMPLE}.o": str(into)}
        argv = [places.get(word, word) for word in self._compile if word not in ("-MMD", "-MP")]
        run([argv[0], f"-I{place}/agent", *argv[1:], *QUICK], self.folder)
        return into

    def link(self, program: str, others: dict[str, Path], place: Path) -> Path:
        """build/`program`, with these objects in the place of the good ones: before a library, its own are not asked for."""
        sample = "build/lustre-init" if program == "lustre-init" else SAMPLE_TEST
        into = place / "build" / program
        into.parent.mkdir(parents=True, exist_ok=True)
        places = {f"{sample}.o": f"build/{program}.o", **{name: str(path) for name, path in others.items()}}
        places[sample] = str(into)
        argv = [places.get(word, word) for word in self._link[sample]]
        if LIBRARY in argv:
            at = argv.index(LIBRARY)
            argv[at:at] = [str(path) for name, path in others.items() if name != "build/agent/main.o"]
        run(argv, self.folder)
        return into
