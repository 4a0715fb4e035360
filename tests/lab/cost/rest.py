# SPDX-License-Identifier: Apache-2.0
"""What the watch takes of a node while nothing happens there, by that node's own clock."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass

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
    status = node.read(f"/proc/{pid(node)}/status").decode()
    (resident,) = re.findall(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return Rest(elapsed, percent, int(resident))


def pid(node: Node) -> str:
    return node.unit_property(UNIT, "MainPID")


def uptime(node: Node) -> float:
    return float(node.read("/proc/uptime").split()[0])


def processor_seconds(node: Node) -> float:
    """proc_pid_stat(5): utime and stime, behind the name in parentheses."""
    ticks = node.read(f"/proc/{pid(node)}/stat").decode().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
