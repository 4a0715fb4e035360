# SPDX-License-Identifier: Apache-2.0
"""What a lab wrote down about itself, so that another run can end it.

A lab that was killed, or kept on purpose, is found again by its folder under
build/lab/run. All it started lives in its own network namespace, so that is
where its processes are found; nothing is ended by name.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import host
from host import WORK, run

RUNS = WORK / "run"


@dataclass(frozen=True)
class Record:
    folder: Path
    namespace: str
    sockets: Path
    kept: bool
    owner: int
    owner_started: str | None
    consoles: Mapping[str, Path]

    @property
    def abandoned(self) -> bool:
        """Its driver is gone, and did not mean to leave it."""
        return not self.kept and host.start_time(self.owner) != self.owner_started


def write(
    folder: Path, namespace: str, sockets: Path, consoles: Mapping[str, Path], *, kept: bool
) -> None:
    value = {
        "namespace": namespace,
        "sockets": str(sockets),
        "kept": kept,
        "owner": os.getpid(),
        "owner_started": host.start_time(os.getpid()),
        "consoles": {name: str(path) for name, path in consoles.items()},
    }
    partial = folder / "state.partial"
    partial.write_text(json.dumps(value, indent=2))
    partial.rename(folder / "state.json")


def read_all() -> list[Record]:
    return [read(path.parent) for path in sorted(RUNS.glob("*/state.json"))]


def read(folder: Path) -> Record:
    value = json.loads((folder / "state.json").read_text())
    value["sockets"] = Path(value["sockets"])
    value["consoles"] = {name: Path(path) for name, path in value["consoles"].items()}
    return Record(folder=folder, **value)


def take_down(record: Record) -> None:
    """End a lab from its record alone."""
    end_namespace(record.namespace)
    for folder in (record.sockets, record.folder):
        shutil.rmtree(folder, ignore_errors=True)


def end_namespace(namespace: str) -> None:
    """End what runs in a lab's namespace, and the namespace with its links."""
    if not Path("/run/netns", namespace).exists():
        return
    for word in run(["ip", "netns", "pids", namespace]).split():
        host.end_process(int(word), host.start_time(int(word)))
    run(["ip", "netns", "delete", namespace])


def clear_abandoned() -> None:
    for record in read_all():
        if record.abandoned:
            take_down(record)
