# SPDX-License-Identifier: Apache-2.0
"""What ails a guest, read off its console: for those who would otherwise wait for one that is gone.

A kernel that panicked says so on its console at once, and nothing ever again. The same goes for a processor that is
stuck, for a drive that QEMU does not serve, and for a systemd that gave up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from host import LabError


class GuestTrouble(LabError):
    """The guest is not going to do what is waited for."""


@dataclass(frozen=True)
class Symptom:
    pattern: re.Pattern[str]
    meaning: str


SYMPTOMS = tuple(
    Symptom(re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"Kernel panic - not syncing: [^\r\n]+", "its kernel panicked"),
        (r"watchdog: BUG: soft lockup[^\r\n]+", "its processor is stuck"),
        (r"watchdog: Watchdog detected hard LOCKUP[^\r\n]*", "its processor is stuck"),
        (r"rcu: INFO: \w+ (?:self-)?detected stall[^\r\n]*", "its processor is stuck"),
        (r"I/O error, dev vd\w+[^\r\n]*", "it lost a drive"),
        (r"nvme nvme\d+: I/O \d+ (?:\([^)]*\) )?QID \d+ timeout[^\r\n]*", "its NVMe target lost a request"),
        (r"nvme nvme\d+: queue \d+: timeout request[^\r\n]*", "its NVMe target lost a request"),
        (r"You are in emergency mode[^\r\n]*", "its systemd gave up"),
        (r"systemd\[1\]: (?:Freezing execution|Caught <\w+>)[^\r\n]*", "its systemd gave up"),
    )
)
# A console of megabytes is read in parts, and a line may lie across two of them.
OVERLAP = 512
PART = 1 << 20


class Console:
    """Reads on in a console's log from where it was left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        self._before = ""

    def forget(self) -> None:
        """What is on it so far is known, and past: the machine was started anew."""
        self._read = self.path.stat().st_size if self.path.exists() else 0
        self._before = ""

    def trouble(self) -> str | None:
        """What it tells that was not there at the last look, if it is bad."""
        while part := self._next():
            text = self._before + part
            self._before = text[-OVERLAP:]
            if found := diagnose(text):
                return found
        return None

    def last_line(self) -> str:
        """What it says now, for people."""
        lines = [line.strip() for line in re.split(r"[\r\n]+", self._before) if line.strip()]
        return lines[-1] if lines else ""

    def _next(self) -> str:
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            file.seek(self._read)
            data = file.read(PART)
        self._read += len(data)
        return data.decode(errors="replace")


def diagnose(text: str) -> str | None:
    for symptom in SYMPTOMS:
        if found := symptom.pattern.search(text):
            return f"{symptom.meaning}: {found[0].strip()}"
    return None
