# SPDX-License-Identifier: Apache-2.0
"""Commands of the machine: they end, and nothing of them goes on."""

from __future__ import annotations

import time

import host
from host import LabError, Timeout


def test_a_command_that_hangs_is_ended_with_all_that_it_started() -> None:
    script = "sleep 300 & echo $! >&2; wait"
    began = time.monotonic()
    try:
        host.run(["sh", "-c", script], timeout=0)
    except Timeout as late:
        assert "not done after" in str(late)
    else:
        raise AssertionError("it was waited for without end")
    # Its pipes would have been held open by what it started, for all that time.
    assert time.monotonic() - began < 300


def test_what_a_command_says_when_it_fails_is_told() -> None:
    try:
        host.run(["sh", "-c", "echo no such disk >&2; exit 3"])
    except LabError as error:
        assert "exit status 3" in str(error) and "no such disk" in str(error)
    else:
        raise AssertionError("it was taken for a success")
