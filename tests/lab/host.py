# SPDX-License-Identifier: Apache-2.0
"""The machine the lab runs on: its paths, its commands, its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

LAB = Path(__file__).resolve().parent
TREE = LAB.parent.parent
BUILD = TREE / "build"
WORK = BUILD / "lab"
# Every bound of a wait is so many times as far away: for a machine that does something else first.
PATIENCE = float(os.environ.get("LAB_PATIENCE", "1"))


class LabError(Exception):
    """The lab itself, not what it tests, cannot go on."""


class Timeout(LabError):
    """Something did not happen within the bound set for it."""


def run(argv: Sequence[str | Path], *, timeout: float = 120) -> str:
    """Run a command to its end and return its standard output."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
        )
    except FileNotFoundError:
        raise LabError(f"{words[0]} is not installed (make deps)") from None
    except subprocess.TimeoutExpired:
        raise Timeout(f"{' '.join(words)}: not done after {timeout:.0f} s") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise LabError(f"{' '.join(words)}: exit status {done.returncode}\n{said}")
    return done.stdout


def wait_until(
    what: str, ready: Callable[[], bool], *, timeout: float, interval: float = 0.1
) -> None:
    """Poll until ready() says so. Every wait of the lab is bounded by this."""
    deadline = time.monotonic() + timeout * PATIENCE
    while not ready():
        if time.monotonic() > deadline:
            raise Timeout(f"{what}: not after {timeout:.0f} s")
        time.sleep(interval)


def start_time(pid: int) -> str | None:
    """When a process started, in clock ticks since boot; None if it is gone.

    A pid alone may have been given to another process since; with its start
    time it has not (proc(5), /proc/PID/stat field 22).
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def yield_to_others(session: int) -> None:
    """Give the session of that leader the lowest weight; without autogroups, the leader alone."""
    try:
        Path(f"/proc/{session}/autogroup").write_text("19")
    except OSError:
        os.setpriority(os.PRIO_PROCESS, session, 19)


def end_process(pid: int, started: str | None, *, patience: float = 5) -> None:
    """Ask a process to end, and end it if it does not."""
    for number, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 10)):
        deadline = time.monotonic() + wait
        while started is not None and start_time(pid) == started:
            if time.monotonic() > deadline:
                break
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            time.sleep(0.1)
