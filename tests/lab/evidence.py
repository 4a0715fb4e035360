# SPDX-License-Identifier: Apache-2.0
"""What a failed run leaves for people to read: of each node its console, its journal and QEMU's words.

The journal is taken from the node while it answers. From one that does not, it is taken off its drive, as it lies
there, and the registers of its processors tell what it was at.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from host import LabError, run
from node import Node

JOURNAL = "/var/log/journal"
ANSWER_SECONDS = 60


def collect(nodes: Iterable[Node], logs: Path, folder: Path) -> None:
    """Into the folder logs, where the consoles are already; folder is the lab's own."""
    for node in nodes:
        target = logs / f"{node.name}.journal"
        try:
            target.write_text(asked(node))
        except (LabError, OSError) as error:
            target.write_text(f"{node.name} did not answer: {error}\n{registers(node)}\n{off_its_drive(node, logs)}")
    for path in folder.glob("*.log"):
        shutil.copy(path, logs)


def asked(node: Node) -> str:
    """The node's own answer: all boots."""
    return node.run("journalctl", "--no-pager", "-o", "short-monotonic", timeout=ANSWER_SECONDS).out


def registers(node: Node) -> str:
    """Where its processors stood: an RIP that stays is a loop, and the kernel's System.map names it."""
    try:
        return "".join(f"\n--- registers\n{node.monitor.human('info registers -a')}\n" for _ in range(2))
    except (LabError, OSError) as error:
        return f"no registers: {error}\n"


def off_its_drive(node: Node, logs: Path) -> str:
    """The journal as it lies on the root, of a running node or of one that is gone."""
    with tempfile.TemporaryDirectory(dir=node.folders.disks) as name:
        copy, found = Path(name, "root"), Path(name, "journal")
        found.mkdir()
        try:
            # -U: though QEMU has it open.
            run(["qemu-img", "convert", "-U", "-O", "raw", node.drive_file("root"), copy])
            subprocess.run(["e2fsck", "-fy", copy], capture_output=True, timeout=600)
            run(["debugfs", "-R", f"rdump {JOURNAL} {found}", copy])
            return readable(found, logs / f"{node.name}.journal.d")
        except (LabError, OSError, subprocess.SubprocessError) as error:
            return f"no journal off its drive: {error}\n"


def readable(found: Path, kept: Path) -> str:
    """Its text; where no journalctl is at hand, or it cannot read them, the journal's own files are kept."""
    argv = ["journalctl", "--no-pager", "-o", "short-monotonic", "-D", str(found)]
    if shutil.which(argv[0]):
        said = subprocess.run(argv, capture_output=True, text=True, errors="replace", timeout=600)
        if said.returncode == 0 and said.stdout:
            return f"\n--- journal, off its drive\n{said.stdout}"
    shutil.copytree(found, kept, dirs_exist_ok=True)
    return f"the journal's files, off its drive, are in {kept}; journalctl -D reads them\n"
