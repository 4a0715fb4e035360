# SPDX-License-Identifier: Apache-2.0
"""Bounds follow the machine, and end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from pace import MOVES, SLOWEST, Deadline, Pace

TINY = 0.001


def test_a_quiet_machine_keeps_the_bound() -> None:
    pace = Pace()
    pace.start(0.3, lambda: 0.4)
    assert pace.factor == 1 and not Deadline(100, pace).passed()
    assert ended(Deadline(TINY, pace))


def test_a_slow_machine_stretches_every_bound() -> None:
    pace = Pace()
    pace.start(5, lambda: 5)
    assert pace.stretched(60) == 300
    assert "300 s (60 s, on a machine 5.0 times slower" in str(Deadline(60, pace))


def test_a_bound_moves_where_the_machine_became_slower_and_not_twice_for_that() -> None:
    measured: list[float] = []
    pace = slowing(measured, iter([50.0, 50.0]))
    deadline = Deadline(0.002, pace)
    time.sleep(0.003)
    assert not deadline.passed() and measured == [50.0]
    time.sleep(0.12)
    assert deadline.passed() and measured == [50.0, 50.0]


def test_a_machine_that_gets_quick_again_does_not_shorten_a_bound() -> None:
    pace = Pace()
    pace.start(8, lambda: 1)
    deadline = Deadline(60, pace)
    pace.again()
    assert pace.factor == 8 and not deadline.passed()


def test_a_bound_ends_however_slow_the_machine_gets() -> None:
    pace = Pace()
    pace.start(1, lambda: SLOWEST * 100)
    pace.again()
    assert pace.factor == SLOWEST
    measured: list[float] = []
    deadline = Deadline(TINY / SLOWEST, slowing(measured, (1 + i / 1000 for i in range(1000))))
    assert ended(deadline) and len(measured) <= MOVES


def test_without_a_measure_a_bound_is_a_bound() -> None:
    assert ended(Deadline(TINY, Pace()))


def slowing(measured: list[float], factors: Iterator[float]) -> Pace:
    def measure() -> float:
        measured.append(next(factors))
        return measured[-1]

    pace = Pace()
    take: Callable[[], float] = measure
    pace.start(1, take)
    return pace


def ended(deadline: Deadline) -> bool:
    for _ in range(1000):
        if deadline.passed():
            return True
        time.sleep(0.001)
    return False
