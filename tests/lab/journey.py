# SPDX-License-Identifier: Apache-2.0
"""Nodes on their way to the end of their boot, watched all at a time, and told of.

A guest that died of its emulation, not of what is shown, is started again, once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import expect
import procfs
from bounds import Deadline
from host import LabError, Timeout
from narrator import Narrator
from node import Node
from trouble import GuestTrouble

POLL_SECONDS = 0.5
ENDS = ("active", "failed")


class Journey:
    """One node, from its launch (or its reboot: after is the boot it leaves) to the end of its unit's start."""

    def __init__(self, node: Node, after: str | None = None) -> None:
        self.node = node
        self.over = False
        self.doing = "booting" if after is None else "rebooting"
        self._after = after
        self._up = False
        self._began = time.monotonic()
        self._started_again = False

    def look(self, say: Narrator) -> None:
        """What it does now. Raises GuestTrouble for a guest that is gone, the second time."""
        try:
            self._look()
        except GuestTrouble as trouble:
            if self._started_again:
                raise
            self._started_again = True
            say(f"{trouble}; started again, once")
            self.node.kill()
            self.node.launch()
            self._up, self._after, self.doing = False, None, "booting again"

    def moves(self) -> str:
        """What changes while it does the same: that it works can be seen."""
        return f"{time.monotonic() - self._began:.0f} s, {processor_seconds(self.node):.0f} s of processor"

    def _look(self) -> None:
        if not self._up:
            self._up = self.node.answers() and self.node.boot_id() != self._after
            return
        # The state first: then the text of a start that is over is its last.
        state = self.node.unit_property(expect.UNIT, "ActiveState")
        self.doing = expect.status_text(self.node) or "up, starting services"
        self.over = state in ENDS


def travel(journeys: Sequence[Journey], seconds: float, say: Narrator) -> None:
    """Until all have arrived, however that is; which is for the caller to look at."""
    deadline = Deadline(seconds)
    while not all(journey.over for journey in journeys):
        for journey in journeys:
            if not journey.over:
                journey.look(say)
        say.board({j.node.name: (j.doing, "" if j.over else j.moves()) for j in journeys})
        if deadline.passed():
            late = ", ".join(f"{j.node.name} ({j.doing})" for j in journeys if not j.over)
            raise Timeout(f"not ready after {deadline}: {late}")
        time.sleep(POLL_SECONDS)


def processor_seconds(node: Node) -> float:
    """What its QEMU has used so far."""
    try:
        return procfs.processor_seconds(Path(f"/proc/{node.running_pid()}/stat").read_text())
    except (OSError, LabError):
        return 0
