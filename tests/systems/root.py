# SPDX-License-Identifier: Apache-2.0
"""A system: the folder that is its /, made of Debian's or Ubuntu's packages once and kept."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
SOAK = TREE / "build/soak/systems"
# By the first word of a system's name: whose packages, and of what kinds.
ARCHIVES = {"debian": ("Debian", "main"), "ubuntu": ("Ubuntu", "main universe")}
# Where to find what this machine's own apt has none of.
ELSEWHERE = {"Ubuntu": "UBUNTU_ARCHIVE"}
BINFMT = Path("/proc/sys/fs/binfmt_misc")
MINUTES = 60


# How GNU calls what Debian calls otherwise.
TRIPLET = {"arm64": "aarch64-linux-gnu"}


class Missing(Exception):
    """The system cannot be had here, and why."""


@dataclass(frozen=True)
class System:
    """A line of the table."""

    name: str
    suite: str
    architecture: str
    compilers: tuple[str, ...]

    @property
    def foreign(self) -> bool:
        """Built for another processor than this one's."""
        return self.architecture != ask("dpkg", "--print-architecture")

    @property
    def packages(self) -> list[str]:
        """What it has. A foreign one is ours with a compiler for the other, and with its libraries."""
        words = listed(TREE / "agent/DEPS", HERE / "packages")
        if not self.foreign:
            return words
        return [f"{word}:{self.architecture}" if word.endswith("-dev") else word for word in words] + [f"gcc-{TRIPLET[self.architecture]}"]

    @property
    def sources(self) -> list[str]:
        """What its packages come from, for apt. Ubuntu's updates are what its images have."""
        origin, kinds = ARCHIVES[self.name.partition("-")[0]]
        key = Path(f"/usr/share/keyrings/{origin.lower()}-archive-keyring.gpg")
        if not key.exists():
            raise Missing(f"the key of {origin}'s archive is not here: {key}")
        suites = [self.suite, f"{self.suite}-updates"] if origin in ELSEWHERE else [self.suite]
        return [f"deb [signed-by={key}] {archive(origin)} {suite} {kinds}" for suite in suites]

    @property
    def folder(self) -> Path:
        return SOAK / self.name

    @property
    def root(self) -> Path:
        return self.folder / "root"


def listed(*paths: Path) -> list[str]:
    """The words of files that hold a list, in order, without what is said about them."""
    lines = [line.partition("#")[0].split() for path in paths for line in path.read_text().splitlines()]
    return [word for words in lines for word in words]


def systems() -> list[System]:
    rows = [line.split() for line in (HERE / "systems").read_text().splitlines()]
    return [System(r[0], r[1], r[2], tuple(r[3:])) for r in rows if r and r[0] != "#"]


def ask(*argv: str) -> str:
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def archive(wanted: str) -> str:
    """Where this machine's own apt has it from, or else whoever runs this says."""
    told = ask("apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages")
    for line in told.splitlines():
        origin, label, place = line.split("|", 2)
        if origin == label == wanted:
            return place
    variable = ELSEWHERE.get(wanted, "")
    if os.environ.get(variable):
        return os.environ[variable]
    other = f"; {variable}=URL names one" if variable else ""
    raise Missing(f"apt of this machine has no archive of {wanted}, or no list of it: apt-get update{other}")


# ELF, 64 bits, little-endian, a program or a shared object, for the machine 0xb7: elf(5).
ARM64 = (
    rb"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00",
    rb"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff",
)
QEMU_ARM64 = "/usr/bin/qemu-aarch64-static"
_FOR_ARM64 = re.compile(r"^interpreter .*qemu-aarch64.*^flags: \w*F", re.MULTILINE | re.DOTALL)


@contextmanager
def runnable(system: System) -> Iterator[None]:
    """As long as it lasts, the kernel starts programs of its architecture."""
    if not system.foreign:
        yield
        return
    if system.architecture != "arm64":
        raise Missing(f"nothing here runs programs of {system.architecture}")
    mounted = not (BINFMT / "register").exists()
    if mounted and subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT], check=False).returncode != 0:
        raise Missing("this kernel has no binfmt_misc, so programs of arm64 do not start")
    # Somebody else's is as good: F, held open, is found from within another /.
    known = any(_FOR_ARM64.search(path.read_text()) for path in BINFMT.iterdir() if path.name not in ("register", "status"))
    name = "lustre-init-soak-aarch64"
    try:
        if not known:
            row = b":".join([b"", name.encode(), b"M", b"", *ARM64, QEMU_ARM64.encode(), b"FP"])
            (BINFMT / "register").write_bytes(row)
        yield
    finally:
        if not known:
            (BINFMT / name).write_text("-1")
        if mounted:
            subprocess.run(["umount", BINFMT], check=False)


def make(system: System) -> None:
    """Makes its root, unless it is there with the packages of today's list."""
    packages = ",".join(system.packages)
    architectures = ",".join(dict.fromkeys([ask("dpkg", "--print-architecture"), system.architecture]))
    made_of = system.folder / "packages"
    if system.root.is_dir() and made_of.exists() and made_of.read_text() == packages:
        return
    shutil.rmtree(system.root, ignore_errors=True)
    system.folder.mkdir(parents=True, exist_ok=True)
    new = system.folder / "root.new"
    shutil.rmtree(new, ignore_errors=True)
    options = ["--mode=root", "--variant=minbase", f"--architectures={architectures}", f"--include={packages}"]
    options += ["--aptopt=Acquire::Check-Valid-Until false", "--aptopt=Acquire::Languages none", "--dpkgopt=force-unsafe-io"]
    # What runs programs of another processor was seen to: runnable().
    options += ["--skip=check/qemu"]
    options += [f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("doc", "man", "locale")]
    sources = system.sources
    with (system.folder / "root.log").open("w", encoding="utf-8") as log:
        # What it mounts there goes with it, however it ends.
        apart = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
        argv = [*apart, "mmdebstrap", *options, system.suite, str(new), *sources]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=MINUTES * 60, check=False)
    if done.returncode != 0:
        wrong = [line for line in Path(log.name).read_text(errors="replace").splitlines() if line.startswith("E: ")]
        raise Missing(f"mmdebstrap: {wrong[0] if wrong else done.returncode}; see {log.name}")
    new.rename(system.root)
    made_of.write_text(packages)
