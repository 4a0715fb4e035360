# SPDX-License-Identifier: Apache-2.0
"""A node serves where SELinux enforces: every role, first boot and reboot, by Debian's reference policy.

It says in which domain the agent and the watch run, how their files and mounts
are labelled, and what of theirs was denied: nothing may be.
"""

from __future__ import annotations

import expect
import selinux
from kills import ALL_ROLES, CLIENT_MOUNT, TARGETS
from laboratory import Lab
from node import Node

OURS = ("lustre-init", "lctl", "lnetctl", "lvm", "mke2fs", "mkfs.lustre", "mount.lustre", "modprobe")
FILES = ("/usr/sbin/lustre-init", "/run/lustre-init", "/var/lib/lustre-init", "/srv/lustre", "/etc/lustre-init")
WATCH = "lustre-watch.service"


def run(lab: Lab) -> None:
    (node,) = lab.fleet("single")
    lab.boot([node])
    expect.end_of_start(node)
    selinux.give(node, "enforcing")
    node.set_metadata(tags=ALL_ROLES)
    for boot in ("first boot", "reboot"):
        node.reboot()
        assert node.read("/sys/fs/selinux/enforce") == b"1", "SELinux does not enforce"
        expect.ready(node)
        serves(node)
        tell(node, boot)
    assert "enforcing" in node.run("lustre-init", "doctor", timeout=120, check=False).out


def serves(node: Node) -> None:
    for target in TARGETS:
        expect.mounted(node, f"/srv/lustre/{target}")
    expect.mounted(node, CLIENT_MOUNT)
    assert node.unit_property(WATCH, "ActiveState") == "active", "the watch does not run"


def tell(node: Node, boot: str) -> None:
    apply = node.run("journalctl", "-b", "-u", expect.UNIT, "-o", "json", "-n", "1", "--no-pager").out
    domain = apply.partition('"_SELINUX_CONTEXT":"')[2].partition('"')[0]
    print(f"   {boot}: apply in {domain}, watch in {selinux.context(node, node.unit_property(WATCH, 'MainPID'))}")
    print("   " + "   ".join(node.run("ls", "-dZ", *FILES).out.splitlines(keepends=True)).rstrip(), flush=True)
    denied = selinux.denials(node)
    ours = [line for line in denied if any(f'comm="{name}"' in line for name in OURS)]
    print(f"   denied in all: {len(denied)}, of ours: {len(ours)}", flush=True)
    assert not ours, "denied:\n" + "\n".join(ours)
