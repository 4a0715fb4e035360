# SPDX-License-Identifier: Apache-2.0
"""What the watch sees after the boot: nothing while all is well, and each thing once when it is not.

A wall clock that steps a day is nothing, nor is a D-Bus that is restarted. An MGS that is away for ten minutes is
told after one, once, and so is its return. An OST marked degraded is told, and
by whom it is unmarked. A disk pulled from under an OST is told with the volume
that lacks it, and the errors of the file system, read-only by them where the kernel shows it.
"""

from __future__ import annotations

import json
import time
from typing import Any

import boots
import expect
import host
from cost import rest
from laboratory import Lab
from node import Node

UNIT = "lustre-watch.service"
WATCH, METRICS = "/run/lustre-init/watch.json", "/run/lustre-init/metrics.prom"
SECONDS = 300
TEN_MINUTES = 600


def run(lab: Lab) -> None:
    mgs, oss = boots.servers(lab)
    expect.ready(mgs, oss)
    oss.run("systemctl", "start", UNIT)
    all_is_well(oss)
    clock_stepped(oss)
    bus_restarted(oss)
    mgs_away(mgs, oss)
    degraded(oss)
    disk_pulled(oss)


def metrics(node: Node) -> str:
    return node.read(METRICS).decode()


def watch(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(node.read(WATCH))
    return found


def told(node: Node) -> list[str]:
    """What was told under an id of the watch, in its order: "disk-gone", "disk-gone, over"."""
    out = node.run("journalctl", "-b", "-u", UNIT, "--output=json", "--no-pager").out
    entries = [json.loads(line) for line in out.splitlines()]
    return [
        entry["LUSTRE_INIT_EVENT"] + (", over" if entry.get("LUSTRE_INIT_OVER") else "")
        for entry in entries
        if "LUSTRE_INIT_EVENT" in entry
    ]


def health_told(node: Node) -> list[str]:
    """Without what the metadata service says, which each lab plays its own way."""
    return [event for event in told(node) if not event.startswith(("metadata", "tags"))]


def wait_for(node: Node, event: str, seconds: float = SECONDS) -> None:
    host.wait_until(f"{node.name}: {event} is told", lambda: event in told(node), timeout=seconds, interval=2)


def wait_for_metrics(node: Node, lines: list[str]) -> None:
    """Each in a line of its own."""

    def are_there() -> bool:
        if node.run("test", "-e", METRICS, check=False).status != 0:
            return False
        found = metrics(node).splitlines()
        return all(any(line in there for there in found) for line in lines)

    host.wait_until(f"{node.name}: metrics with {', '.join(lines)}", are_there, timeout=SECONDS, interval=2)


def all_is_well(oss: Node) -> None:
    lines = [
        "lustre_init_up 1",
        f'lustre_init_target_up{{target="{boots.OST}",role="OST"}} 1',
        f'lustre_init_target_degraded{{target="{boots.OST}",role="OST"}} 0',
        f'lustre_init_target_unhealthy{{target="{boots.OST}",role="OST"}} 0',
        f'lustre_init_target_phase{{target="{boots.OST}",phase="served"}} 1',
        "lustre_init_lnet_nid_up",
        "lustre_init_mgs_up 1",
        *(f'serial="{serial}"}} 1' for serial in oss.serials()),
    ]
    wait_for_metrics(oss, lines)
    assert health_told(oss) == [], f"a node that is well: {told(oss)}"


def clock_stepped(oss: Node) -> None:
    """Forth and back; the machine goes on, and so does the daemon."""
    before, boot = oss.unit_property(UNIT, "MainPID"), oss.boot_id()
    for step in ("+1 day", "-2 days", "+1 day"):
        oss.run("date", "--set", step)
        time.sleep(20)
    assert (oss.unit_property(UNIT, "MainPID"), oss.boot_id()) == (before, boot)
    assert health_told(oss) == [], f"a stepped clock: {told(oss)}"


def bus_restarted(oss: Node) -> None:
    before = oss.unit_property(UNIT, "MainPID")
    oss.run("systemctl", "restart", "dbus.service")
    time.sleep(20)
    assert oss.unit_property(UNIT, "MainPID") == before, "the watch went with the bus"
    assert health_told(oss) == [], f"a bus that was restarted: {told(oss)}"


def mgs_away(mgs: Node, oss: Node) -> None:
    mgs.pause()
    begun = time.monotonic()
    wait_for(oss, "mgs-away")
    assert "lustre_init_mgs_up 0" in metrics(oss)
    assert "MGS" in watch(oss)["sentence"], watch(oss)["sentence"]
    print(f"   away is told after {time.monotonic() - begun:.0f} s")
    left = max(1.0, TEN_MINUTES - (time.monotonic() - begun))
    print(f"   meanwhile: {rest.measure(oss, left)}", flush=True)
    mgs.resume()
    wait_for(oss, "mgs-away, over")
    assert health_told(oss) == ["mgs-away", "mgs-away, over"], told(oss)
    expect.mounted(oss, boots.OST_MOUNT)


def degraded(oss: Node) -> None:
    before = health_told(oss)
    oss.run("lctl", "set_param", f"obdfilter.{boots.OST}.degraded=1")
    wait_for(oss, "target-degraded")
    oss.run("lctl", "set_param", f"obdfilter.{boots.OST}.degraded=0")
    wait_for(oss, "target-degraded, over")
    assert health_told(oss) == [*before, "target-degraded", "target-degraded, over"], told(oss)


def is_shown_read_only(oss: Node) -> bool:
    """Since Linux 6.12, and in those of before that took it over, ext4 says "Remounting filesystem read-only" and shows rw."""
    return "ro" in oss.run("findmnt", "-no", "OPTIONS", "--mountpoint", boots.OST_MOUNT).out.strip().split(",")


def disk_pulled(oss: Node) -> None:
    _, gone = oss.serials()
    oss.take_disk(gone)
    # What is written meets the stripes that are gone: the file system becomes read-only by their errors.
    oss.run("sh", "-c", f"dd if=/dev/zero of={boots.OST_MOUNT}/x bs=1M count=64 conv=fsync", check=False)
    # A journal that is given up makes it read-only with the next that is asked of it.
    oss.start("sh", "-c", f"while sleep 2; do touch {boots.OST_MOUNT}/y; done")
    events = ["disk-gone", "volume-partial", "fs-errors"]
    for event in events:
        wait_for(oss, event)
    if is_shown_read_only(oss):
        events += ["target-read-only", "target-unhealthy"]
        wait_for_metrics(oss, [f'lustre_init_target_read_only{{target="{boots.OST}",role="OST"}} 1'])
    wait_for_metrics(oss, [f'lustre_init_disk_up{{target="{boots.OST}",serial="{gone}"}} 0'])
    for event in events:
        wait_for(oss, event)
        assert told(oss).count(event) == 1, told(oss)
    assert oss.unit_property(UNIT, "NRestarts") == "0", "the watch did not stand it"
