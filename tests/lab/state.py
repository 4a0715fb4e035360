# SPDX-License-Identifier: Apache-2.0
"""What a lab wrote down about itself, so that another run can end it.

A lab that was killed, or kept on purpose, is found again by its folder under
build/lab/run. Pids are stored with their start times: nothing is ended that
the lab did not start.
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
from network import Network

RUNS = WORK / "run"


@dataclass(frozen=True)
class Record:
    folder: Path
    namespace: str
    sockets: Path
    owner: int
    owner_started: str | None
    kept: bool
    processes: dict[int, str | None]
    consoles: dict[str, Path]

    @property
    def abandoned(self) -> bool:
        """Its driver is gone, and did not mean to leave it."""
        return not self.kept and host.start_time(self.owner) != self.owner_started


def write(
    folder: Path, network: Network, sockets: Path, consoles: Mapping[str, Path], *, kept: bool
) -> None:
    value = {
        "namespace": network.namespace,
        "sockets": str(sockets),
        "owner": os.getpid(),
        "owner_started": host.start_time(os.getpid()),
        "kept": kept,
        "processes": {str(pid): host.start_time(pid) for pid in network.processes},
        "consoles": {name: str(path) for name, path in consoles.items()},
    }
    partial = folder / "state.partial"
    partial.write_text(json.dumps(value, indent=2))
    partial.rename(folder / "state.json")


def forget(folder: Path) -> None:
    try:
        folder.parent.rmdir()
    except OSError:
        pass  # other labs are there, or there never was one


def read_all() -> list[Record]:
    return [read(path.parent) for path in sorted(RUNS.glob("*/state.json"))]


def read(folder: Path) -> Record:
    value = json.loads((folder / "state.json").read_text())
    return Record(
        folder=folder,
        namespace=value["namespace"],
        sockets=Path(value["sockets"]),
        owner=value["owner"],
        owner_started=value["owner_started"],
        kept=value["kept"],
        processes={int(pid): started for pid, started in value["processes"].items()},
        consoles={name: Path(path) for name, path in value["consoles"].items()},
    )


def take_down(record: Record) -> None:
    for pid, started in reversed(record.processes.items()):
        host.end_process(pid, started)
    if Path("/run/netns", record.namespace).exists():
        run(["ip", "netns", "delete", record.namespace])
    for folder in (record.sockets, record.folder):
        shutil.rmtree(folder, ignore_errors=True)
    forget(record.folder)
