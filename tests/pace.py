#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bounds of time that a hang reaches and a busy machine does not.

    tests/pace.py SECONDS COMMAND...    runs it; ends it, with status 124, when it has had so many seconds

A bound here is in the machine's own time: what it gets done in a second when it is left alone. While somebody
waits, a small piece of work is done every few seconds; the time it takes over the CPU time it takes is how much
slower than alone the machine is just then, whatever slows it: other programs, a quota, a host that is shared.
Each stretch of waiting counts by so much less. So eight busy loops on two cores stretch a bound five times while
they last; on a machine that is left alone a hang is ended when its time is up. A bound grows MOST times at most:
where everything hangs because the machine does, there is an end as well.

For Python 3.6, too: packages are built with it on EL 8, and run the unit tests.
"""

import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import Callable, Dict, IO, Iterator, List, Optional, Tuple, Union

WORK = 0.04  # seconds of CPU time, several slices of any scheduler
STEP = 2.0  # seconds of waiting between two measurements
MOST = 20.0
ENDED = 124  # timeout(1) says it so, too


def measure() -> float:
    """How many times slower than alone a thread gets its work done now; 1 on a machine with a core to spare."""
    begin, worked = time.monotonic(), time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)
    cpu = 0.0
    while cpu < WORK:
        cpu = time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID) - worked
    return max(1.0, (time.monotonic() - begin) / cpu)


class Gauge:
    """The last measurement, for all threads that wait at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._slowness = 1.0

    def slowness(self) -> float:
        with self._lock:
            if time.monotonic() >= self._until:
                self._slowness = measure()
                self._until = time.monotonic() + STEP
            return self._slowness


GAUGE = Gauge()


def tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


class Bound:
    """So many seconds of the machine's own time, from now on."""

    def __init__(
        self,
        seconds: float,
        say: Callable[[str], None] = tell,
        now: Callable[[], float] = time.monotonic,
        slowness: Callable[[], float] = GAUGE.slowness,
    ) -> None:
        self.seconds = seconds
        self._say, self._now, self._slowness = say, now, slowness
        self._start = self._seen = now()
        self._own = 0.0
        self._bound = seconds
        self.over = False  # passed() has said so

    @property
    def elapsed(self) -> float:
        return self._now() - self._start

    def passed(self) -> bool:
        """To be asked every few seconds: what went by since the last time counts by what is measured now."""
        now = self._now()
        elapsed = now - self._start
        if now - self._seen < STEP and elapsed < self._bound:
            return False
        self._own += (now - self._seen) / self._slowness()
        self._seen = now
        self.over = self._own >= self.seconds or elapsed >= MOST * self.seconds
        if self.over:
            return True
        if elapsed >= self._bound:
            slower = elapsed / self._own
            self._bound = min(slower, MOST) * self.seconds
            self._say(
                f"the machine is {slower:.1f} times slower than alone: "
                f"bound {self.seconds:.0f} s becomes {self._bound:.0f} s"
            )
        return False


@contextmanager
def watched(seconds: float, act: Callable[[], object], say: Callable[[str], None] = tell) -> Iterator[Bound]:
    """A bound of the block: when it has passed, `act` is called, once, by another thread."""
    bound, ended = Bound(seconds, say), threading.Event()

    def watch() -> None:
        while not ended.wait(min(seconds, STEP)):
            if bound.passed():
                act()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield bound
    finally:
        ended.set()
        watcher.join()


def until(ready: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Waits for it; False when the time is up."""
    bound = Bound(seconds)
    while not ready():
        if bound.passed():
            return False
        time.sleep(pause)
    return True


def wait(process: subprocess.Popen, seconds: float) -> int:
    """As process.wait(seconds), which raises TimeoutExpired."""
    bound = Bound(seconds)
    while True:
        try:
            return process.wait(min(seconds, STEP))
        except subprocess.TimeoutExpired:
            if bound.passed():
                raise


def communicate(process: subprocess.Popen, seconds: float) -> Tuple[str, str]:
    """As process.communicate(timeout=seconds), which raises TimeoutExpired."""
    bound = Bound(seconds)
    while True:
        try:
            return process.communicate(timeout=min(seconds, STEP))
        except subprocess.TimeoutExpired:
            if bound.passed():
                raise


def run(
    argv: List[str],
    seconds: float,
    env: Optional[Dict[str, str]] = None,
    cwd: Optional[os.PathLike] = None,
    stderr: int = subprocess.PIPE,
    stdin: Union[int, IO[str]] = subprocess.DEVNULL,
) -> subprocess.CompletedProcess:
    """As subprocess.run(), what it says captured as text, whatever the status; it is asked nothing but what is in a file."""
    with subprocess.Popen(
        argv,
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            out, err = communicate(process, seconds)
        except BaseException:
            process.kill()
            raise
        return subprocess.CompletedProcess(argv, process.returncode, out, err)


def end(process: subprocess.Popen) -> None:
    """First asked, then told."""
    process.terminate()
    try:
        wait(process, 5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> int:
    seconds, argv = float(sys.argv[1]), sys.argv[2:]
    process = subprocess.Popen(argv)
    try:
        status = wait(process, seconds)
    except subprocess.TimeoutExpired:
        tell(f"{argv[0]}: ended after {seconds:.0f} s of this machine's own time")
        end(process)
        return ENDED
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main())
