# SPDX-License-Identifier: Apache-2.0
"""Whether the machine had anything else to do while a figure was taken."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

# Of all processors; what an idle system does by itself stays below.
QUIET_SHARE = 0.05
TICK = os.sysconf("SC_CLK_TCK")


class Neighbours:
    """In a with statement: the share of the machine's processors that others took, or were given elsewhere (steal)."""

    def __init__(self) -> None:
        self.share = 0.0

    def __enter__(self) -> Neighbours:
        self._before = (*machine(), ours())
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        busy, whole, own = (now - then for now, then in zip((*machine(), ours()), self._before))
        self.share = max(0.0, busy - own) / whole if whole else 0.0


def machine() -> tuple[float, float]:
    """Seconds of all processors: at work or stolen, and all together (proc(5), /proc/stat)."""
    user, nice, system, idle, wait, irq, soft, steal = map(int, Path("/proc/stat").read_text().split(None, 9)[1:9])
    busy = user + nice + system + irq + soft + steal
    return busy / TICK, (busy + idle + wait) / TICK


def ours() -> float:
    """Seconds of this process and of all that it started."""
    rows = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, fields = path.read_text().rpartition(")")[::2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        words = fields.split()
        rows[int(name.split()[0])] = (int(words[1]), sum(map(int, words[11:15])))
    return sum(ticks for pid, (_, ticks) in rows.items() if is_ours(rows, pid)) / TICK


def is_ours(rows: dict[int, tuple[int, int]], pid: int) -> bool:
    while pid in rows and pid != os.getpid():
        pid = rows[pid][0]
    return pid == os.getpid()
