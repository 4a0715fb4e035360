# SPDX-License-Identifier: Apache-2.0
"""What the kernel tells of a process, on this machine or, read there, in a node."""

from __future__ import annotations

import os
import re


def processor_seconds(stat: str) -> float:
    """proc_pid_stat(5): utime and stime, behind the name in parentheses."""
    ticks = stat.rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def resident_kilobytes(status: str) -> int:
    """proc_pid_status(5): VmRSS."""
    (resident,) = re.findall(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(resident)
