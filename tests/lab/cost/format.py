# SPDX-License-Identifier: Apache-2.0
"""An OST of 60 TB made with the agent's options and with mkfs.lustre's own choice: the same file system, sooner.

Both are real file systems of mke2fs, with the command line that mkfs.lustre gives it, in a sparse file. Zeroing costs nothing
there, and all the more on a disk: so it is counted, not timed.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from host import BUILD, LabError, run

TOOL = BUILD / "lustre-sim" / "lustre-sim"
# No other file system takes a file of that size on any machine.
FOLDER = "/dev/shm"
KIBIBYTES = 60_000_000_000_000 // 1024
# As effect/lustre.c says for blank disks.
OURS = ("--mkfsoptions=-E nodiscard,lazy_itable_init=1",)
# What the same file system has the same of.
SAME = (
    "Filesystem features", "Filesystem flags", "Default mount options", "Inode count", "Block count",
    "Reserved block count", "Block size", "Inodes per group", "Inode blocks per group", "Flex block group size", "Inode size",
    "Journal features", "Total journal size",
)  # fmt: skip


@dataclass(frozen=True)
class Format:
    head: dict[str, str]  # of dumpe2fs -h
    written: int  # bytes: what the file holds, and the inode tables that were zeroed
    discards: bool


def make(folder: Path, *options: str) -> Format:
    command = mke2fs(folder, *options)
    image = folder / "ost"
    image.unlink()
    with image.open("wb") as file:
        file.truncate(KIBIBYTES * 1024)
    run(["env", "-C", folder, *command], timeout=300)
    head, zeroed = read(image)
    written = image.stat().st_blocks * 512 + zeroed * int(head["Inode blocks per group"]) * int(head["Block size"])
    if options:
        is_sound(image)
    image.unlink()
    return Format(head, written, discards="nodiscard" not in " ".join(command))


def mke2fs(folder: Path, *options: str) -> list[str]:
    """What mkfs.lustre has mke2fs do, in its own words."""
    argv = [folder / "mkfs.lustre", "--verbose", "--ost", "--fsname=lustrewt", "--index=1", "--mgsnode=10.0.0.1@tcp"]
    said = run(["env", "-C", folder, *argv, f"--device-size={KIBIBYTES}", *options, "ost"], timeout=300)
    (command,) = (line.partition("=")[2] for line in said.splitlines() if line.startswith("mkfs_cmd ="))
    return shlex.split(command)


def read(image: Path) -> tuple[dict[str, str], int]:
    """What dumpe2fs says of the whole, and how many groups have their inode table zeroed."""
    head: dict[str, str] = {}
    zeroed = 0
    with subprocess.Popen(["dumpe2fs", image], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("Group ") and "ITABLE_ZEROED" in line:
                zeroed += 1
            elif found := re.match(r"([A-Z][^:(]+):\s+(.*)", line):
                head.setdefault(found[1], found[2].strip())
    return head, zeroed


def is_sound(image: Path) -> None:
    """A full check, by e2fsck, of what mkfs.lustre would not have chosen itself."""
    done = subprocess.run(["e2fsck", "-fn", image], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"e2fsck -fn finds faults in what was formatted: {done.stdout}{done.stderr}")


def compare() -> tuple[Format, Format]:
    """By the agent's options, and by mkfs.lustre's own choice. Fails where they are not the same file system."""
    with tempfile.TemporaryDirectory(prefix="lustre-format-", dir=FOLDER) as name:
        folder = Path(name)
        os.environ |= {"LUSTRE_SIM_RUN": str(folder), "LUSTRE_SIM_CONF": str(folder / "none")}
        (folder / "mkfs.lustre").symlink_to(TOOL)
        made = []
        for options in (OURS, ()):
            made.append(make(folder, *options))
    ours, default = made
    other = [key for key in SAME if ours.head.get(key) != default.head.get(key)]
    if other:
        raise LabError("not the same file system: " + "; ".join(f"{k}: {ours.head.get(k)}, {default.head.get(k)}" for k in other))
    return ours, default
