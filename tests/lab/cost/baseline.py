# SPDX-License-Identifier: Apache-2.0
"""The build that figures are held against: a commit, built from git in a folder of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host import BUILD, TREE, LabError, run

COMMIT = "d3dc00dfa35547bd008ab74924a552e2a1bc22d3"
NAME = COMMIT[:7]


@dataclass(frozen=True)
class Build:
    program: Path
    package: Path


def build(say: Callable[[str], None]) -> Build:
    folder = BUILD / "bench" / NAME
    if not folder.is_dir():
        say(f"building {NAME}, to compare with")
        unpack(folder)
    # Its own make knows what is up to date.
    jobs = f"-j{os.cpu_count()}"
    run(["make", "--no-print-directory", jobs, "-C", folder, "all", "rpm"], timeout=1200)
    (package,) = (folder / "build/rpm").glob("lustre-init-*.rpm")
    return Build(folder / "build/lustre-init", package)


def unpack(folder: Path) -> None:
    partial = folder.with_name(f"partial-{NAME}")
    partial.mkdir(parents=True, exist_ok=True)
    archive = subprocess.run(["git", "-C", str(TREE), "archive", COMMIT], capture_output=True, check=False)
    if archive.returncode != 0:
        raise LabError(f"no commit {NAME} here: a bench needs the whole history (git fetch --unshallow)")
    subprocess.run(["tar", "-x", "-C", str(partial)], input=archive.stdout, check=True)
    partial.rename(folder)
