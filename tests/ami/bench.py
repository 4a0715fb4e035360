# SPDX-License-Identifier: Apache-2.0
"""What the stories of ami-build have in common: images that they work on, and how these are made and looked at."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import stock

TREE = stock.HERE.parent.parent
AMI = TREE / "ami-build"


@dataclass(frozen=True)
class Bench:
    """What the stories work on; each makes roots of its own."""

    repositories: Path
    stock: Path
    server: Path
    folder: Path

    def copy(self, root: Path, name: str) -> Path:
        target = self.folder / name
        stock.run(["cp", "-a", root, target])
        return target

    def flags(self, root: Path, kind: str = "server") -> list[str]:
        agent = next((self.repositories / "agent").glob("*/*.rpm"))
        flags = ["--kind", kind, "--root", str(root), "--unsigned", "--agent", str(agent)]
        flags += ["--lustre-repo", f"file://{self.repositories}/lustre", "--site", str(self.folder / "site.yaml")]
        if kind == "server":
            flags += ["--e2fsprogs-repo", f"file://{self.repositories}/e2fsprogs"]
        return flags

    def provision(self, root: Path, *more: str, kind: str = "server", expected: int = 0) -> str:
        return stock.run([AMI / "provision", *self.flags(root, kind), *more], expected)


def verify(root: Path, *flags: str, expected: int | None = 0) -> str:
    return stock.run([AMI / "verify", "--kind", "server", "--root", root, *flags], expected)


def state(root: Path) -> dict[str, str]:
    """Every path of an image but rpm's own database, which its readers touch."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith("root/.rpmdb"):
            continue
        about = path.lstat()
        what = os.readlink(path) if path.is_symlink() else ""
        if path.is_file() and not path.is_symlink():
            what = hashlib.sha256(path.read_bytes()).hexdigest()
        found[name] = f"{about.st_mode:o} {about.st_uid} {what}"
    return found


def same(before: dict[str, str], after: dict[str, str]) -> None:
    differ = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    assert not differ, f"changed: {differ}"


def has(text: str, *words: str) -> None:
    for word in words:
        assert word in text, f"no {word!r} in:\n{text}"
