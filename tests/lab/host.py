# SPDX-License-Identifier: Apache-2.0
"""The machine the lab runs on: its paths, its commands, its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from bounds import Deadline

LAB = Path(__file__).resolve().parent
TREE = LAB.parent.parent
BUILD = TREE / "build"
WORK = BUILD / "lab"


class LabError(Exception):
    """The lab itself, not what it tests, cannot go on."""


class Timeout(LabError):
    """Something did not happen within the bound set for it."""


def run(argv: Sequence[str | Path], *, timeout: float = 300) -> str:
    """Run a command to its end and return its standard output."""
    words = [str(word) for word in argv]
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise LabError(f"{words[0]} is not installed (make deps)") from None
    out, err = finish(process, Deadline(timeout))
    if process.returncode != 0:
        said = (err or out).strip()[-2000:]
        raise LabError(f"{' '.join(words)}: exit status {process.returncode}\n{said}")
    return out


def finish(process: subprocess.Popen[str], deadline: Deadline) -> tuple[str, str]:
    """What a process says until it ends, which it does at the deadline."""
    try:
        while True:
            try:
                return process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                if deadline.passed():
                    raise Timeout(f"{process.args!r}: not done after {deadline}") from None
    finally:
        # With all that it started: mmdebstrap, for one, has dpkg at work.
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, number)
                with suppress(subprocess.TimeoutExpired):
                    process.communicate(timeout=10)


def wait_until(
    what: str, ready: Callable[[], bool], *, timeout: float, interval: float = 0.1
) -> None:
    """Poll until ready() says so. Every wait of the lab is bounded by this; seconds of a quiet machine."""
    deadline = Deadline(timeout)
    while not ready():
        if deadline.passed():
            raise Timeout(f"{what}: not after {deadline}")
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
    for number, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 60)):
        deadline = Deadline(wait)
        while started is not None and start_time(pid) == started:
            if deadline.passed():
                break
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            time.sleep(0.1)
