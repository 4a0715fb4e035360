# SPDX-License-Identifier: Apache-2.0
"""Bounds follow the machine. (That they follow other work beside it, and end, is shown by tests/test_pace.py.)"""

from __future__ import annotations

from bounds import Deadline, Machine


def test_a_quick_machine_keeps_the_bound() -> None:
    machine = Machine()
    machine.measured(0.3)
    assert machine.cost == 1 and not Deadline(100, machine).passed()


def test_a_slow_machine_stretches_it() -> None:
    machine = Machine()
    machine.measured(5)
    assert machine.slowness() >= 5
    assert Deadline(0.0, machine).passed()
    assert Deadline(60, machine)._bound.seconds == 300


def test_a_machine_that_is_slow_says_so() -> None:
    machine = Machine()
    machine.measured(5)
    assert "times slower than a quiet one" in str(machine)
