# SPDX-License-Identifier: Apache-2.0
"""A node serves where SELinux enforces: every role, first boot and reboot, by Debian's reference policy.

It says in which domain the agent and the watch run, how their files are
labelled, and what was denied to what they run: nothing may be, but for what does
no harm. What stands in for Lustre inside modprobe and mount is not asked.
"""

from __future__ import annotations

import re

import expect
import selinux
from kills import ALL_ROLES, CLIENT_MOUNT, TARGETS
from laboratory import Lab
from node import Node

OURS = ("lustre-init", "lctl", "lnetctl", "lvm", "mke2fs", "mkfs.lustre", "mount.lustre", "modprobe")
HARMLESS = (
    # Of the lock of a run that is killed a tool in a domain of its own does not know; systemd ends it with the run.
    r'\{ read \} .* path="/run/lustre-init/lock"',
    # What mke2fs says to mkfs.lustre; its exit status is what counts.
    r'\{ (write|ioctl) \} .* path="/tmp/run_command_log',
)
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
    apply = node.run("journalctl", "-b", "-u", expect.UNIT, "-t", "lustre-init", "-o", "json", "-n", "1", "--no-pager").out
    domain = apply.partition('"_SELINUX_CONTEXT":"')[2].partition('"')[0]
    print(f"   {boot}: apply in {domain}, watch in {selinux.context(node, node.unit_property(WATCH, 'MainPID'))}")
    print("   " + "   ".join(node.run("ls", "-dZ", *FILES).out.splitlines(keepends=True)).rstrip(), flush=True)
    denied = selinux.denials(node)
    ours = [line for line in denied if any(f'comm="{name}"' in line for name in OURS)]
    harm = [line for line in ours if not any(re.search(row, line) for row in HARMLESS)]
    print(f"   denied in all: {len(denied)}, of ours: {len(ours)}, that do harm: {len(harm)}", flush=True)
    assert not harm, "denied:\n" + "\n".join(harm)
