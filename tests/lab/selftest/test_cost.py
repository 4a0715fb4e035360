# SPDX-License-Identifier: Apache-2.0
"""What a bench makes of a node's account, of the machine's, and of its targets."""

from __future__ import annotations

import io
import json
import os
import time
from contextlib import redirect_stdout
from typing import cast

from cost import accounting, figures, quiet
from cost.boot import Agent, Boot
from cost.contender import BASELINE, BY_HAND, CLOUD_INIT, THIS, WITHOUT_AGENT
from cost.figures import Figures
from cost.moments import lateness
from node import Node

FIRST = figures.OSS_FIRST


def record(pid: int, parent: int, name: str, user: int, system: int) -> bytes:
    unused = (0, 0, 0, 0)
    return accounting.RECORD.pack(0, 3, *unused, pid, parent, 0, 1.0, user, system, 0, 0, 0, 0, 0, 0, name.encode())


class Accounts:
    """A node, as far as its accounting goes."""

    def __init__(self, *records: bytes) -> None:
        self.data = b"".join(records)

    def read(self, path: str) -> bytes:
        return self.data


def account(main: int, *records: bytes) -> accounting.Account | None:
    return accounting.account(cast(Node, Accounts(*records)), main)


def test_a_record_is_the_kernels() -> None:
    assert accounting.RECORD.size == 64
    assert [accounting.number(packed) for packed in (0, 5, 0x1FFF, 1 << 13 | 5, 2 << 13 | 5)] == [0, 5, 8191, 40, 320]


def test_what_a_process_started_is_its_own_too() -> None:
    found = account(
        42,
        record(44, 43, "mke2fs", 30, 10),
        record(43, 42, "mkfs.lustre", 5, 5),
        record(45, 42, "lvm", 10, 10),
        record(46, 42, "lvm", 10, 0),
        record(47, 1, "udevadm", 99, 99),
        record(42, 1, "lustre-init", 20, 3),
    )
    assert found is not None and found.own == 0.23
    children = {name: (count, round(seconds, 2)) for name, (count, seconds) in found.children.items()}
    assert children == {"mke2fs": (1, 0.4), "mkfs.lustre": (1, 0.1), "lvm": (2, 0.3)}
    assert account(42, record(43, 42, "lvm", 1, 1)) is None, "one that runs still has no account"


def test_a_record_cut_off_is_none() -> None:
    assert len(list(accounting.parse(record(1, 0, "init", 1, 1) + b"\0" * 63))) == 1


def test_neighbours_are_all_but_us() -> None:
    us = os.getpid()
    rows = {us: (1, 5), 70001: (us, 5), 70002: (70001, 5), 70003: (1, 5), 70004: (70003, 5)}
    assert [pid for pid in rows if quiet.is_ours(rows, pid)] == [us, 70001, 70002]


def test_a_script_runs_alone() -> None:
    for spec in BY_HAND.nodes() + CLOUD_INIT.nodes():
        assert WITHOUT_AGENT in spec.kernel_words, spec
    assert not any(WITHOUT_AGENT in spec.kernel_words for spec in THIS.nodes() + BASELINE.nodes())
    assert [spec.cloud_init for spec in CLOUD_INIT.nodes()] == [True] * 3


def shown(ours: float, baseline: float, script: float, peak: int) -> str:
    results = Figures()
    for contender, mounted in ((THIS, ours), (BASELINE, baseline), (BY_HAND, script)):
        agent = Agent(1, 10, 9.5, peak, 9, None) if contender.is_agent else None
        results.boots[contender, FIRST].append(Boot(mounted, 0, agent))
    out = io.StringIO()
    with redirect_stdout(out):
        figures.show(results)
    return out.getvalue()


def test_a_target_is_met_or_missed() -> None:
    assert "MISSED" not in shown(10, 23, 26, 8_000_000)
    for missed in (shown(10, 22, 26, 8_000_000), shown(10, 23, 24, 8_000_000), shown(10, 23, 26, 8_100_000)):
        assert missed.count("MISSED") == 1, missed


def test_the_boot_in_the_middle_counts() -> None:
    results = Figures()
    for mounted in (30.0, 10.0, 20.0):
        results.boots[THIS, FIRST].append(Boot(mounted, 0, None))
    typical = results.typical(THIS, FIRST)
    assert typical and typical.mounted == 20.0
    assert results.typical(BASELINE, FIRST) is None


class Booted:
    """A node whose clock is ours, booted a second after it; its actions took from and until these seconds."""

    def __init__(self, **actions: tuple[int, int]) -> None:
        self.actions = {what.replace("_", " "): times for what, times in actions.items()}

    def read(self, path: str) -> bytes:
        if path == "/proc/uptime":
            return f"{time.monotonic()} 0\n".encode()
        rows = [
            {"what": what, "action": what.split()[0], "start-usec": begin * 10**6, "end-usec": end * 10**6}
            for what, (begin, end) in self.actions.items()
        ]
        return json.dumps({"started-usec": 10**6, "actions": rows}).encode()


def test_an_mgs_serves_before_its_mdt() -> None:
    mgs = Booted(mount_MGS=(1, 2), **{"add-net tcp": (0, 3)}, mount_MDT=(3, 9))
    oss = Booted(**{"add-net tcp": (0, 1)}, mount_OST=(5, 8))
    # Served at 3, begun at 5: which of the ends, not how exactly.
    assert round(lateness(cast(Node, mgs), cast(Node, oss))) == 2
