# SPDX-License-Identifier: Apache-2.0
"""Power cuts: one recorded boot, cut off at many instants, and booted from what was left each time.

A cut keeps every write before a drive's last flush, and of those after it any
subset. The next boot has to end well, format nothing that was formatted, and
find every byte whose fsync had returned.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import expect
import recording
from fleet import NodeSpec, read_fleet
from host import run
from kills import ALL_ROLES, CLIENT_MOUNT, identities
from laboratory import Lab
from node import Node
from recording import Instant, Recorder, Recording
from write_log import Medium, WriteLog

WITNESS = "/usr/local/lib/lab/lab-witness"


@dataclass(frozen=True)
class Cut:
    """At which instant of the recording; what survives of the unflushed, by the number drawn."""

    instant: int
    number: int

    @property
    def name(self) -> str:
        return f"{self.instant:05}-{self.number}"


def spec() -> NodeSpec:
    return replace(read_fleet("single")[0], own_drives=True).with_metadata(tags=ALL_ROLES)


def record(lab: Lab, folder: Path, *, reboot: bool, seconds: int) -> Recording:
    """A first boot, and data being written for so long; the same again after a reboot."""
    folder.mkdir(parents=True, exist_ok=True)
    (node,) = lab.add(spec())
    node.write_logs = folder
    node.launch()
    with Recorder(node) as recorder:
        node.wait_for_boot()
        write_witness(node, "first", seconds)
        if reboot:
            node.reboot()
            write_witness(node, "second", seconds)
    made = recorder.finish(folder, identities(node))
    node.kill()
    node.write_logs = None
    return made


def write_witness(node: Node, name: str, seconds: int) -> None:
    node.start(WITNESS, CLIENT_MOUNT, name)
    expect.ready(node)
    time.sleep(seconds)


def choose(made: Recording, count: int, seed: int) -> list[Cut]:
    """Half of them between the agent's first word and its last, half anywhere; in the order of time."""
    draw = random.Random(seed)
    at_work = [
        number
        for number, instant in enumerate(made.instants)
        if instant.logs["disk0"] > 512 and "ready: " not in made.console(instant)
    ]
    anywhere = range(len(made.instants))
    drawn = [draw.choice(at_work if i % 2 == 0 else anywhere) for i in range(count)]
    return [Cut(instant, draw.randrange(1000)) for instant in sorted(drawn)]


class Replay:
    """The recorded node's drives, brought to one cut after another."""

    def __init__(self, node: Node, made: Recording, folder: Path, image: Path) -> None:
        self._node = node
        self._made = made
        self._media: dict[str, Medium] = {}
        for drive in node.drives():
            raw = folder / f"{drive.name}.medium"
            if drive.name == "root":
                recording.copy_of_image(image, raw)
            else:
                size = node.spec.instance_store[int(drive.name.removeprefix("disk"))].size
                recording.blank(size, raw)
            self._media[drive.name] = Medium(WriteLog(made.folder / f"{drive.name}.log"), raw)

    def cut(self, cut: Cut) -> dict[str, str]:
        """Off, and cut. Says what survived on each drive."""
        self._node.kill()
        instant = self._made.instants[cut.instant]
        survived = {}
        for drive in self._node.drives():
            medium = self._media[drive.name]
            draw = random.Random(f"{cut.number} {drive.name}")
            survived[drive.name] = medium.cut(instant.logs[drive.name], draw)
            drive.path.unlink(missing_ok=True)
            backing = ["-F", "raw", "-b", str(medium.path)]
            run(["qemu-img", "create", "-q", "-f", "qcow2", *backing, drive.path])
        return survived


def attempt(node: Node, replay: Replay, made: Recording, cut: Cut) -> dict[str, Any]:
    """One cut and the boot after it. What must not be is an AssertionError."""
    instant = made.instants[cut.instant]
    row: dict[str, Any] = {"instant": cut.instant, "survived": replay.cut(cut)}
    node.boot()
    expect.ready(node)
    known = {name: made.identities[name] for name in registering(made.console(instant))}
    now = identities(node)
    changed = {name: uuid for name, uuid in known.items() if now[name] != uuid}
    assert not changed, f"formatted twice: {changed}"
    told = made.acknowledged(instant)
    read_back(node, told)
    return row | {"after": last_word(made, instant), "kept": len(known), "files": len(told)}


def registering(console: str) -> set[str]:
    """The targets that had been tagged so: from there on they may have been in service."""
    return set(re.findall(r"lustre-init\[\d+\]: tag (\S+) registering: done", console))


def last_word(made: Recording, instant: Instant) -> str:
    """What the agent had finished last, without what belongs to one target."""
    said = re.findall(r"lustre-init\[\d+\]: (.*?)(?:: done in .*)?\r?\n", made.console(instant))
    if not said:
        return "boot"
    words = [w for w in said[-1].split() if not re.match(r"/|MGS|lustre", w)]
    return "ready" if said[-1].startswith("ready:") else "-".join(words)


def read_back(node: Node, told: dict[str, str]) -> None:
    if not told:
        return
    lines = "".join(f"{checksum}  {CLIENT_MOUNT}/{name}\n" for name, checksum in told.items())
    node.write("/run/witness", lines.encode())
    result = node.run("sha256sum", "-c", "--quiet", "/run/witness", timeout=180, check=False)
    assert result.status == 0, f"acknowledged data is gone: {result}"
