# SPDX-License-Identifier: Apache-2.0
"""What the watch takes of a node while nothing happens there, by that node's own clock.

An emulated processor takes many times the time of a real one for the same work. So the same questions are asked there and
here, without the watch, and what it takes of a core is the share of the node's divided by that.
"""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import procfs
from cost import fetch
from node import Node

HERE = Path(__file__).resolve().parent
UNIT = "lustre-watch.service"
SECONDS = 60


@dataclass(frozen=True)
class Rest:
    seconds: float
    share: float  # of the node's core, in percent
    slower: float  # so many times the processor time of this machine's for the same work
    kilobytes: int  # resident, at its end

    @property
    def percent(self) -> float:
        """Of one core of this machine's."""
        return self.share / self.slower

    def __str__(self) -> str:
        return (
            f"{self.percent:.3f} % of a core over {self.seconds:.0f} s ({self.share:.3f} % of the node's, which takes "
            f"{self.slower:.1f} times as long for the same), {self.kilobytes / 1e3:.2f} MB resident"
        )


def measure(node: Node, seconds: float) -> Rest:
    began, used = uptime(node), processor_seconds(node)
    time.sleep(seconds)
    elapsed = uptime(node) - began
    share = 100 * (processor_seconds(node) - used) / elapsed
    return Rest(elapsed, share, slowness(node), procfs.resident_kilobytes(told_by_kernel(node, "status")))


def slowness(node: Node) -> float:
    for name in ("measure.py", "connections.py"):
        node.write(f"/tmp/{name}", (HERE / name).read_bytes())
    there = fetch.measure(node, "/usr/bin/python3", "/tmp/connections.py")
    return there.cpu / min(asked_here() for _ in range(fetch.RUNS))


def asked_here() -> float:
    """Seconds of processor time."""
    argv = ["/usr/bin/python3", HERE / "measure.py", "/usr/bin/python3", HERE / "connections.py"]
    return float(json.loads(subprocess.run(argv, check=True, stdout=subprocess.PIPE, timeout=SECONDS).stdout)["cpu"])


def told_by_kernel(node: Node, file: str) -> str:
    return node.read(f"/proc/{node.unit_property(UNIT, 'MainPID')}/{file}").decode()


def uptime(node: Node) -> float:
    return float(node.read("/proc/uptime").split()[0])


def processor_seconds(node: Node) -> float:
    return procfs.processor_seconds(told_by_kernel(node, "stat"))
