#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bounds of time: a slow machine moves them, a hang reaches them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pace
import sums

HERE = Path(__file__).resolve().parent


class Machine:
    """Its clock, and how slow it is."""

    def __init__(self, slowness: float) -> None:
        self.seconds = 0.0
        self.slowness = slowness
        self.said: list[str] = []

    def bound(self, seconds: float) -> pace.Bound:
        return pace.Bound(seconds, self.said.append, lambda: self.seconds, lambda: self.slowness)

    def passes_at(self, bound: pace.Bound, most: float = 1e6) -> float:
        while not bound.passed() and self.seconds < most:
            self.seconds += 1
        return self.seconds


class Bounds(unittest.TestCase):
    def test_a_machine_left_alone_has_its_seconds(self) -> None:
        machine = Machine(1)
        self.assertEqual(machine.passes_at(machine.bound(60)), 60)
        self.assertEqual(machine.said, [])

    def test_a_slow_machine_has_as_many_more(self) -> None:
        machine = Machine(4)
        self.assertEqual(machine.passes_at(machine.bound(60)), 240)
        self.assertEqual(machine.said, ["the machine is 4.0 times slower than alone: bound 60 s becomes 240 s"])

    def test_a_slow_while_counts_for_itself(self) -> None:
        machine = Machine(5)
        bound = machine.bound(60)
        machine.passes_at(bound, most=100)  # which are 20 of its own
        machine.slowness = 1
        self.assertAlmostEqual(machine.passes_at(bound), 140, delta=pace.STEP)

    def test_there_is_an_end_to_it(self) -> None:
        machine = Machine(1000)
        self.assertEqual(machine.passes_at(machine.bound(60)), 60 * pace.MOST)

    def test_no_machine_is_faster_than_itself(self) -> None:
        self.assertGreaterEqual(pace.measure(), 1)


class Hangs(unittest.TestCase):
    """On this machine, as it is now."""

    def test_a_command_is_ended(self) -> None:
        done = subprocess.run(
            [HERE / "pace.py", "0.5", "sh", "-c", "echo here; exec sleep 600"], capture_output=True, text=True, check=False
        )
        self.assertEqual((done.returncode, done.stdout), (pace.ENDED, "here\n"))
        self.assertIn("ended after", done.stderr)

    def test_a_command_that_ends_is_let(self) -> None:
        done = subprocess.run([HERE / "pace.py", "60", "sh", "-c", "exit 3"], check=False)
        self.assertEqual(done.returncode, 3)


if __name__ == "__main__":
    sys.exit(sums.main())
