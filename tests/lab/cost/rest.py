# SPDX-License-Identifier: Apache-2.0
"""What the watch takes of a node while nothing happens there, by that node's own clock."""

from __future__ import annotations

import time
from dataclasses import dataclass

import procfs
from node import Node

UNIT = "lustre-watch.service"


@dataclass(frozen=True)
class Rest:
    seconds: float
    percent: float  # of one core
    kilobytes: int  # resident, at its end

    def __str__(self) -> str:
        return f"{self.percent:.3f} % of a core over {self.seconds:.0f} s, {self.kilobytes / 1e3:.2f} MB resident"


def measure(node: Node, seconds: float) -> Rest:
    began, used = uptime(node), processor_seconds(node)
    time.sleep(seconds)
    elapsed = uptime(node) - began
    percent = 100 * (processor_seconds(node) - used) / elapsed
    return Rest(elapsed, percent, procfs.resident_kilobytes(told_by_kernel(node, "status")))


def told_by_kernel(node: Node, file: str) -> str:
    return node.read(f"/proc/{node.unit_property(UNIT, 'MainPID')}/{file}").decode()


def uptime(node: Node) -> float:
    return float(node.read("/proc/uptime").split()[0])


def processor_seconds(node: Node) -> float:
    return procfs.processor_seconds(told_by_kernel(node, "stat"))
