# SPDX-License-Identifier: Apache-2.0
"""When an agent's actions ended, of several nodes on one clock."""

from __future__ import annotations

import json
import time
from typing import Any

from node import Node

BOOT_FILE = "/run/lustre-init/boot.json"


def offset(node: Node) -> float:
    """What its clock, CLOCK_MONOTONIC, is behind ours."""
    before = time.monotonic()
    uptime = float(node.read("/proc/uptime").split()[0])
    return (before + time.monotonic()) / 2 - uptime


def ended_at(node: Node, *actions: str) -> float:
    """When the last of these actions was done ("mount MGS", or the first words of it), on our clock."""
    boot: dict[str, Any] = json.loads(node.read(BOOT_FILE))
    ends = [row["end-usec"] for row in boot["actions"] if row["what"].startswith(actions)]
    return offset(node) + (boot["started-usec"] + max(ends)) / 1e6


def lasted(node: Node, action: str) -> float:
    boot: dict[str, Any] = json.loads(node.read(BOOT_FILE))
    rows = [row for row in boot["actions"] if row["action"] == action]
    return float(max(row["end-usec"] - row["start-usec"] for row in rows)) / 1e6


def lateness(mgs: Node, oss: Node) -> float:
    """Seconds from an MGS that serves to the mount of an OST that waited for it, less what that mount took by itself.

    It serves once its MGT is mounted and LNET has its nets, in whichever order.
    """
    serves = ended_at(mgs, "add-net ", "mount MGS")
    return ended_at(oss, "mount ") - serves - lasted(oss, "mount")
