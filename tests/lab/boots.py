# SPDX-License-Identifier: Apache-2.0
"""One story after another in one node: what a boot finds, without a boot for each.

A node at rest has nothing mounted and no volume active, as right after a boot. What the story tells
is then done to its disks or its metadata, and converge() is the boot's lustre-init.service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import expect
from laboratory import Lab
from node import Node

STATE = "/var/lib/lustre-init/state.json"
MGS = "/srv/lustre/MGS"
OST = "lustrewt-OST000b"
OST_MOUNT = f"/srv/lustre/{OST}"
# However the node's lvm.conf is set up.
SEES_ALL = 'devices { use_devicesfile=0 filter=["a|.*|"] global_filter=["a|.*|"] }'
# Far away: other work may share the cores.
SECONDS = 300


@dataclass(frozen=True)
class Boot:
    """How a start of lustre-init.service ended, and what was said of it."""

    node: Node
    code: int
    said: str
    status: dict[str, Any]

    def ready(self) -> None:
        assert self.code == 0, f"{self.node.name} is not ready: exit {self.code}\n{self.said}"

    def refused(self, *words: str) -> None:
        """Exit code 3, and systemctl status alone says these words, in any letter case."""
        assert self.code == 3, f"{self.node.name} did not refuse: exit {self.code}\n{self.said}"
        for word in words:
            assert word.lower() in self.said.lower(), f"'{word}' is not said:\n{self.said}"

    def did(self, action: str) -> list[dict[str, Any]]:
        """The actions of this kind that were run."""
        return [done for done in self.status["actions"] if done["action"] == action]


def servers(lab: Lab) -> list[Node]:
    """The MGS with its MDT, and an OSS of two disks, in service."""
    names = ("mgs", "oss")
    nodes = lab.from_shelf("trio", *names)
    if nodes is None:
        nodes = lab.fleet("trio", wanted=names)
        lab.boot(nodes)
        expect.ready(*nodes)
    return nodes


def untouched(lab: Lab, snapshot: str) -> Node:
    """One node that booted and was asked for nothing, with a snapshot for each story to start from."""
    (node,) = lab.fleet("single")
    lab.boot([node])
    node.wait_for_unit("multi-user.target")
    node.wait_for_unit(expect.UNIT)
    # Nobody looks for tags two minutes after the boot, which is in the middle of a story where the machine is slow.
    node.run("systemctl", "mask", "--runtime", "--now", "lustre-init-tags.timer")
    node.save(snapshot)
    return node


def rest(node: Node) -> None:
    """As right after a boot: nothing mounted, no volume active, and the unit not started."""
    node.run("lustre-init", "stop")
    node.run("systemctl", "stop", expect.UNIT)
    node.run("vgchange", "--quiet", "--config", SEES_ALL, "--activate", "n", check=False)


def converge(node: Node, **metadata: Any) -> Boot:
    """Start the unit, with other metadata if any is given, and wait for how it ends."""
    if metadata:
        node.set_metadata(**metadata)
    expect.start_anew(node)
    return end_of_boot(node)


def end_of_boot(node: Node) -> Boot:
    """Of the boot, or start, that is under way."""
    state = expect.end_of_start(node, SECONDS)
    said = expect.unit_status(node).out
    assert state in ("active", "failed"), f"{node.name}: the unit is {state}\n{said}"
    code = int(node.unit_property(expect.UNIT, "ExecMainStatus"))
    return Boot(node, code, said, expect.status(node))


def document(**keys: str) -> str:
    """User-data of an OSS of the trio, with some keys more or other."""
    asked = {"role": "oss", "fsname": "lustrewt", "mgs": "10.77.0.10"}
    asked |= {key.replace("_", "-"): value for key, value in keys.items()}
    return "#lustre-init\n" + "".join(f"{key}: {value}\n" for key, value in asked.items())


def nothing_written(node: Node, before: dict[str, tuple[int, str]]) -> None:
    after = node.written()
    assert after == before, f"disks were written: {before} became {after}"
