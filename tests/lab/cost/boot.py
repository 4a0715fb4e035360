# SPDX-License-Identifier: Apache-2.0
"""One boot of one node, measured the same way for whoever brings it up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import expect
from cost import accounting
from cost.contender import MOUNTS, Contender
from cost.moments import BOOT_FILE
from cost.quiet import Neighbours
from host import wait_until
from node import Node

# Nobody's units begin before it.
START = "sysinit.target"
SECONDS = 900


@dataclass(frozen=True)
class Agent:
    """What boot.json and the kernel's account say of an agent's boot."""

    observed: float  # seconds until the first facts were complete
    whole: float  # seconds of apply
    chain: float  # seconds of tools on the longest chain
    peak: int  # bytes the agent had resident at most
    requests: int
    cpu: accounting.Account | None


@dataclass(frozen=True)
class Boot:
    mounted: float  # seconds from sysinit.target until all is mounted, by systemd's word
    others: float  # share of the machine that others took meanwhile
    agent: Agent | None


def measure(contender: Contender, node: Node, boot: Callable[[], None]) -> Boot:
    asked = len(node.metadata_requests())
    with Neighbours() as neighbours:
        boot()
        wait_until(f"{node.name}: mounted", lambda: is_mounted(node), timeout=SECONDS, interval=0.5)
    if contender.is_agent:
        state = expect.end_of_start(node, SECONDS)
        assert state == "active", f"{node.name} is {state}: {expect.unit_status(node)}"
    agent = read_agent(node, asked) if contender.is_agent else None
    began = clock(node, START, "ActiveEnterTimestampMonotonic")
    ended = max(clock(node, unit, "ActiveEnterTimestampMonotonic") for unit in mount_units(node))
    return Boot(ended - began, neighbours.share, agent)


def is_mounted(node: Node) -> bool:
    return all(node.run("mountpoint", "-q", path, check=False).status == 0 for path in MOUNTS[node.name])


def mount_units(node: Node) -> list[str]:
    said = node.run("systemd-escape", "--path", "--suffix=mount", *MOUNTS[node.name])
    return said.out.split()


def clock(node: Node, unit: str, name: str) -> float:
    return int(node.unit_property(unit, name)) / 1e6


def read_agent(node: Node, asked: int) -> Agent:
    boot: dict[str, Any] = json.loads(node.read(BOOT_FILE))
    start = boot["started-usec"]
    return Agent(
        observed=(boot["observed-usec"] - start) / 1e6,
        whole=(boot["ended-usec"] - start) / 1e6,
        chain=max(action["chain-usec"] for action in boot["actions"]) / 1e6,
        peak=boot["peak-memory"],
        requests=len(node.metadata_requests()) - asked,
        cpu=accounting.account(node, int(node.unit_property(expect.UNIT, "ExecMainPID"))),
    )
