# SPDX-License-Identifier: Apache-2.0
"""What scenarios ask of nodes, in the words of the manual.

Everything here speaks to the agent's own interface (lustre-init(8)) and to
Debian's tools, so it holds for the stand-in and for real Lustre alike.
"""

from __future__ import annotations

import json
import time
from typing import Any

from bounds import Deadline
from guest import Result
from node import Node

UNIT = "lustre-init.service"
READY_TIMEOUT = 300


def ready(*nodes: Node, timeout: float = READY_TIMEOUT) -> None:
    """Each node says that it is ready, within so many seconds of a quiet machine."""
    for node in nodes:
        end_of_start(node, timeout)
        # In short: the node's own clock knows nothing of how slow the machine is.
        result = node.run("lustre-init", "status", "--wait", "--timeout", "60", timeout=120, check=False)
        assert result.status == 0, f"{node.name} is not ready: {result}"


def status(node: Node) -> dict[str, Any]:
    value = json.loads(node.run("lustre-init", "status", "--json", check=False).out)
    assert isinstance(value, dict)
    return value


def end_of_start(node: Node, timeout: float = 90) -> str:
    """The state of the unit once its start is over, or is not within that time."""
    deadline = Deadline(timeout)
    while (state := node.unit_property(UNIT, "ActiveState")) not in ("active", "failed"):
        if deadline.passed():
            break
        time.sleep(0.5)
    return state


def status_text(node: Node) -> str:
    """What STATUS= says now."""
    return node.unit_property(UNIT, "StatusText")


def start_anew(node: Node) -> None:
    """Order a start of the unit, whatever it came to before; returns at once."""
    node.run("systemctl", "stop", UNIT)
    node.run("systemctl", "reset-failed", UNIT, check=False)
    node.run("systemctl", "start", "--no-block", UNIT)


def unit_status(node: Node) -> Result:
    """What a person reads first."""
    return node.run("systemctl", "status", "lustre-init", "--no-pager", "--full", check=False)


def mounted(node: Node, mount_point: str) -> str:
    """The source of what is mounted there."""
    result = node.run("findmnt", "-n", "-o", "SOURCE", "--mountpoint", mount_point, check=False)
    assert result.status == 0, f"{node.name}: nothing is mounted at {mount_point}"
    return result.out.strip()


def filesystem_id(node: Node, mount_point: str) -> str:
    """The UUID that mkfs gave the file system mounted there: a new one tells of a new format."""
    device = mounted(node, mount_point)
    return node.run("blkid", "-p", "-o", "value", "-s", "UUID", device).out.strip()


def size(node: Node, mount_point: str) -> int:
    """Bytes of the file system, as df counts them."""
    return int(node.run("df", "-B1", "--output=size", mount_point).out.split()[-1])


def write_file(node: Node, path: str, mebibytes: int) -> str:
    """Write random bytes through to the disks; returns their SHA-256."""
    copy = ["dd", "if=/dev/urandom", f"of={path}", "bs=1M", f"count={mebibytes}", "conv=fsync"]
    node.run(*copy, timeout=120)
    return checksum(node, path)


def checksum(node: Node, path: str) -> str:
    return node.run("sha256sum", path, timeout=120).out.split()[0]
