# SPDX-License-Identifier: Apache-2.0
"""Time is measured, not assumed: how much longer things take on this machine, right now.

Bounds of waits are written for a quiet machine of two cores. The lab boots a kernel when it starts (accelerator.py);
so many times longer than there as that takes, so many times as far away is every bound. And a bound that is reached is
not believed at once: the kernel is booted again, and if the machine has become slower meanwhile, the bound moves.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

# Further away, or nearer, whatever is measured.
PATIENCE = float(os.environ.get("LAB_PATIENCE", "1"))
# A machine so slow is of no use for tests; and a bound must end somewhere.
SLOWEST = 60.0
# How often one bound may be moved.
MOVES = 8


class Pace:
    """measure returns how many times longer than on a quiet machine a boot takes now; less than 1 is 1."""

    def __init__(self) -> None:
        self.factor = 1.0
        self._measure: Callable[[], float] | None = None

    def start(self, first: float, measure: Callable[[], float]) -> None:
        self._measure = measure
        self._take(first)

    def again(self) -> None:
        """Measure once more. The slowest counts: what is slow now and then is slow."""
        if self._measure is not None:
            self._take(self._measure())

    def stretched(self, seconds: float) -> float:
        return seconds * self.factor * PATIENCE

    def _take(self, measured: float) -> None:
        self.factor = min(max(self.factor, measured), SLOWEST)

    def __str__(self) -> str:
        return f"{self.factor:.1f} times slower than a quiet one" if self.factor > 1.2 else "quiet"


# One machine, one pace: a scenario's process inherits it from the one that measured.
PACE = Pace()


class Deadline:
    """A bound, in seconds of a quiet machine."""

    def __init__(self, seconds: float, pace: Pace = PACE) -> None:
        self.seconds = seconds
        self._pace = pace
        self._began = time.monotonic()
        self._limit = pace.stretched(seconds)
        self._moves = 0

    def passed(self) -> bool:
        while time.monotonic() > self._began + self._limit:
            if self._moves == MOVES:
                return True
            self._moves += 1
            self._pace.again()
            moved = self._pace.stretched(self.seconds)
            if moved <= self._limit:
                return True
            self._limit = moved
        return False

    def __str__(self) -> str:
        """The bound as it came to be, for a sentence about what did not happen within it."""
        if self._limit <= self.seconds * 1.2:
            return f"{self.seconds:.0f} s"
        return f"{self._limit:.0f} s ({self.seconds:.0f} s, on a machine {self._pace})"
