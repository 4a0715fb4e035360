# SPDX-License-Identifier: Apache-2.0
"""A node's drives recorded while it works, and the instants at which it could have been cut off.

At an instant the whole of QEMU stands still (SIGSTOP), and the sizes of all its
logs are noted: so a cut takes every drive at the same time. QEMU's own `stop`
would flush the drives first, and hide what is looked for.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bounds import MACHINE
from host import LabError, run
from node import Node

INTERVAL = 0.04


@dataclass(frozen=True)
class Instant:
    """Bytes of each drive's log, of what the node told of its data, and of its console."""

    logs: dict[str, int]
    acknowledged: int
    console: int


@dataclass(frozen=True)
class Recording:
    folder: Path
    instants: list[Instant]
    identities: dict[str, str]

    def save(self) -> None:
        value = {"instants": [asdict(i) for i in self.instants], "identities": self.identities}
        partial = self.folder / "partial"
        partial.write_text(json.dumps(value))
        partial.rename(self.folder / "recording.json")

    @staticmethod
    def load(folder: Path) -> Recording | None:
        path = folder / "recording.json"
        if not path.exists():
            return None
        value: dict[str, Any] = json.loads(path.read_text())
        return Recording(folder, [Instant(**i) for i in value["instants"]], value["identities"])

    def console(self, instant: Instant) -> str:
        data = (self.folder / "console").read_bytes()[: instant.console]
        return data.decode(errors="replace")

    def acknowledged(self, instant: Instant) -> dict[str, str]:
        """Checksums by file name, of what was told as safe before the instant."""
        text = (self.folder / "acknowledged").read_bytes()[: instant.acknowledged].decode()
        lines = text[: text.rfind("\n") + 1].splitlines()
        return {name: checksum for name, checksum in (line.split() for line in lines)}


class Recorder:
    """In a with statement: notes the instants of a running node as long as it lasts."""

    def __init__(self, node: Node) -> None:
        self.instants: list[Instant] = []
        self._node = node
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._note_all, daemon=True)

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join(10)

    def finish(self, folder: Path, identities: dict[str, str]) -> Recording:
        shutil.copy(self._node.console_log, folder / "console")
        shutil.copy(self._node.acknowledged, folder / "acknowledged")
        return Recording(folder, self.instants, identities)

    def _note_all(self) -> None:
        while not self._over.wait(INTERVAL):
            instant = note(self._node)
            if not self.instants or instant.logs != self.instants[-1].logs:
                self.instants.append(instant)


def note(node: Node) -> Instant:
    pid = node.running_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for_standstill(pid)
        logs = {drive.name: drive.log.stat().st_size for drive in node.drives() if drive.log}
        told, console = (path.stat().st_size for path in (node.acknowledged, node.console_log))
    finally:
        os.kill(pid, signal.SIGCONT)
    return Instant(logs, told, console)


def wait_for_standstill(pid: int) -> None:
    deadline = time.monotonic() + 5 * MACHINE.slowness()
    while time.monotonic() < deadline:
        stats = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
        if all(stat.rpartition(")")[2].split()[0] == "T" for stat in stats):
            return
        time.sleep(0.001)
    raise LabError("QEMU does not stand still")


def copy_of_image(disk: Path, target: Path) -> None:
    run(["cp", "--sparse=always", disk, target])


def blank(size: int, target: Path) -> None:
    with target.open("wb") as file:
        file.truncate(size)
