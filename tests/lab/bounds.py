# SPDX-License-Identifier: Apache-2.0
"""Time is measured, not assumed: how far away a bound is on this machine, right now.

Bounds of the lab's waits are written for two quiet cores that emulate. Two things put them further away. What a boot costs
here, in seconds of processor time, is measured when the lab starts (accelerator.py). And what the machine does not give,
since others want it too, does not count as time (tests/pace.py): that is measured as long as a wait lasts.
"""

from __future__ import annotations

import os

import pace

# Further away, or nearer, whatever is measured.
PATIENCE = float(os.environ.get("LAB_PATIENCE", "1"))


class Machine:
    """cost: a boot's processor time, as a multiple of the quiet reference's; a quicker machine keeps the bounds."""

    def __init__(self) -> None:
        self.cost = 1.0

    def measured(self, cost: float) -> None:
        self.cost = max(cost, 1.0)

    def slowness(self) -> float:
        """How many times longer than on the quiet reference things take now."""
        return self.cost * pace.GAUGE.slowness()

    def __str__(self) -> str:
        now = self.slowness()
        return f"{now:.1f} times slower than a quiet one" if now > 1.3 else "quiet"


# One machine, one measurement: a scenario's process inherits it from the one that measured.
MACHINE = Machine()


class Deadline:
    """A bound, in seconds of the quiet reference."""

    def __init__(self, seconds: float, machine: Machine = MACHINE) -> None:
        self.seconds = seconds
        self._bound = pace.Bound(seconds * machine.cost * PATIENCE, say=lambda text: None)

    def passed(self) -> bool:
        return self._bound.passed()

    def __str__(self) -> str:
        """How long that was, for a sentence about what did not happen within it."""
        waited = self._bound.elapsed
        if waited < 1.3 * self.seconds:
            return f"{waited:.0f} s"
        return f"{waited:.0f} s (for {self.seconds:.0f} s of a quiet machine)"
