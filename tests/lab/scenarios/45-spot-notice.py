# SPDX-License-Identifier: Apache-2.0
"""EC2 takes a spot OSS away, and then does not: what was to be unmounted is, in time and in order.

A client writes all the while. Within seconds of the notice the OST is marked
degraded, then the hooks run, then all is unmounted, and the node says so. The
MGS goes on serving. A daemon that is killed in the middle goes on when systemd
has started it again. When the notice is withdrawn the node can be brought back
by hand, with the OST that it had and no mark left.
"""

from __future__ import annotations

import json
from typing import Any

import expect
import host
from laboratory import Lab
from node import Node

UNIT = "lustre-watch.service"
OST = "lustrewt-OST000b"
OST_MOUNT, MGT_MOUNT = f"/srv/lustre/{OST}", "/srv/lustre/MGS"
LOAD = "/mnt/lustrewt/load"
HOOK = "/etc/lustre-init/hooks.d/spot-terminate/50-tell"
# What a hook sees: the OST is marked, and still mounted.
TELL = f"""#!/bin/sh
[ "$LUSTRE_INIT_CHANGE" = began ] || exit 0
findmnt -n --mountpoint {OST_MOUNT} >/dev/null && mounted=yes || mounted=no
echo "$(lctl get_param -n obdfilter.{OST}.degraded) $mounted" >/run/hook-saw
sleep 15
"""
NOTICE = {"meta-data/spot/instance-action": json.dumps({"action": "terminate", "time": "2030-01-01T00:02:00Z"})}
SECONDS = 120


def run(lab: Lab) -> None:
    mgs, oss, client = lab.from_shelf("trio") or booted(lab)
    before = expect.filesystem_id(oss, OST_MOUNT)
    oss.run("mkdir", "-p", HOOK.rpartition("/")[0])
    oss.write(HOOK, TELL.encode())
    oss.run("chmod", "755", HOOK)
    asked = len(oss.watch_requests())
    oss.run("systemctl", "start", UNIT)
    wait_for(oss, "the watch is at work", lambda watch: "leaving" not in watch)
    # A node of the shelf remembers the metadata service of another lab, and finds this one late.
    host.wait_until(f"{oss.name}: the watch asks", lambda: len(oss.watch_requests()) > asked, timeout=SECONDS)
    client.start("sh", "-c", f"while :; do dd if=/dev/zero of={LOAD} bs=1M count=2 conv=fsync; done")
    notice(oss)
    expect.mounted(mgs, MGT_MOUNT)
    withdrawn(oss, before)


def booted(lab: Lab) -> list[Node]:
    nodes = lab.fleet("trio")
    lab.boot(nodes)
    expect.ready(*nodes)
    return nodes


def watch(node: Node) -> dict[str, Any]:
    """What status merges of it; empty while there is none."""
    value: dict[str, Any] = expect.status(node).get("watch", {})
    return value


def wait_for(node: Node, what: str, holds: Any) -> None:
    def ready() -> bool:
        now = watch(node)
        return bool(now) and bool(holds(now))

    host.wait_until(f"{node.name}: {what}", ready, timeout=SECONDS, interval=0.5)


def journal(node: Node) -> list[dict[str, Any]]:
    out = node.run("journalctl", "-b", "-u", UNIT, "--output=json", "--no-pager").out
    return [json.loads(line) for line in out.splitlines()]


def seconds_of(node: Node, begins: str, since: float) -> float:
    """When the watch said that, from then on."""
    for entry in journal(node):
        at = int(entry["__REALTIME_TIMESTAMP"]) / 1e6
        if str(entry["MESSAGE"]).startswith(begins) and at >= since:
            return at - since
    raise AssertionError(f"never said: {begins}")


def notice(oss: Node) -> None:
    given = float(oss.run("date", "+%s.%N").out)
    oss.set_metadata(keys=NOTICE)
    wait_for(oss, "the hooks run", lambda watch: watch.get("leaving") == "begun" and watch.get("degraded") == [OST])
    host.wait_until("a hook has seen it", lambda: oss.run("test", "-s", "/run/hook-saw", check=False).status == 0, timeout=SECONDS)
    # In the middle of it, and it is nobody's end.
    oss.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", UNIT)
    wait_for(oss, "all is unmounted", lambda watch: watch.get("leaving") == "done")
    steps = ("spot-terminate: ", f"marked degraded: {OST}", "all is unmounted: ")
    times = [seconds_of(oss, step, given) for step in steps]
    print(f"   notice told, marked, unmounted after {', '.join(f'{t:.1f}' for t in times)} s")
    assert times == sorted(times), f"not in order: {times}"
    assert oss.read("/run/hook-saw") == b"1 yes\n", oss.read("/run/hook-saw")
    found = oss.run("findmnt", "-t", "lustre,lustre_tgt,ext4", "-n", "-o", "TARGET", check=False).out.split()
    assert OST_MOUNT not in found, f"still mounted: {found}"
    text = oss.run("lustre-init", "status", check=False).out
    assert "EC2 terminates this instance" in text, text
    assert "spot-terminate" in [entry.get("LUSTRE_INIT_EVENT") for entry in journal(oss)]


def withdrawn(oss: Node, before: str) -> None:
    oss.set_metadata(keys={})
    wait_for(oss, "the notice is withdrawn", lambda watch: "leaving" not in watch and not watch["notices"])
    expect.start_anew(oss)
    expect.ready(oss)
    after = expect.filesystem_id(oss, OST_MOUNT)
    assert after == before, f"the OST was formatted: {before} became {after}"
    degraded = oss.run("lctl", "get_param", "-n", f"obdfilter.{OST}.degraded").out.strip()
    assert degraded == "0", f"the OST is still marked: {degraded}"
