# SPDX-License-Identifier: Apache-2.0
"""What each process of a node cost, from the kernel's own account (acct(5), version 3)."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from node import Node

FILE = "/run/lab-account"
RECORD = struct.Struct("<BBHIIIIIIf8H16s")
VERSION = 3
TICKS = 100  # AHZ, of user space


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    name: str
    cpu: float  # seconds, user and system


@dataclass(frozen=True)
class Account:
    """Of one process and all that it started, as far as they have ended."""

    own: float
    children: dict[str, tuple[int, float]]  # by name: how many, and their seconds

    @property
    def total(self) -> float:
        return self.own + sum(seconds for _, seconds in self.children.values())


def number(packed: int) -> int:
    """A comp_t: 13 bits, and an exponent to the base of 8 above them."""
    return (packed & 0x1FFF) << 3 * (packed >> 13)


def parse(data: bytes) -> Iterator[Process]:
    for fields in RECORD.iter_unpack(data[: len(data) - len(data) % RECORD.size]):
        assert fields[1] & 0xF == VERSION, f"accounting records of version {fields[1]}"
        user, system = fields[10], fields[11]
        name = fields[18].split(b"\0")[0].decode(errors="replace")
        yield Process(fields[6], fields[7], name, (number(user) + number(system)) / TICKS)


def account(node: Node, main: int) -> Account | None:
    """None where that process has not ended, or there are no records."""
    processes = {process.pid: process for process in parse(node.read(FILE))}
    if main not in processes:
        return None
    children: dict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for process in processes.values():
        if process.pid != main and descends(processes, process, main):
            count, seconds = children[process.name]
            children[process.name] = (count + 1, seconds + process.cpu)
    return Account(processes[main].cpu, dict(children))


def descends(processes: dict[int, Process], process: Process, ancestor: int) -> bool:
    for _ in range(20):
        if process.parent == ancestor:
            return True
        if process.parent not in processes:
            return False
        process = processes[process.parent]
    return False
