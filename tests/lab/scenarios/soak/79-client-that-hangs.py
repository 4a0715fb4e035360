# SPDX-License-Identifier: Apache-2.0
"""A client's umount that does not end holds up nobody's data: lustre-init stop goes past it, and follows it to its end.

One node of all roles. A job that works on the client's mount takes its time to end, and
the umount waits for it: `lustre-init stop` says whom it waits for, unmounts OST, MDT and MGT
after the client's turn, though systemd would have them wait, and fails naming the
client alone. When the client goes on, its umount ends, and so does a second stop.
"""

from __future__ import annotations

import re

import boots
import expect
from fleet import Disk, NodeSpec
from host import wait_until
from laboratory import Lab
from node import Node

CLIENT = "/mnt/lustrewt"
GO_ON = "/run/go-on"
JOB = f"""[Unit]
After=lustre-ready.target
RequiresMountsFor={CLIENT}
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/sh -c 'until [ -e {GO_ON} ]; do sleep 1; done'
TimeoutStopSec=infinity
"""
SPEC = NodeSpec(
    "all", "10.77.0.41", {"tags": {"lustre:role": "mgs+mds+oss+client", "lustre:fsname": "lustrewt"}},
    instance_store=(Disk(4 << 30), Disk(4 << 30)),
)  # fmt: skip


def run(lab: Lab) -> None:
    (node,) = lab.add(SPEC)
    node.boot()
    boots.end_of_boot(node).ready()
    expect.mounted(node, CLIENT)
    node.write("/run/systemd/system/job.service", JOB.encode())
    node.run("systemctl", "daemon-reload")
    node.run("systemctl", "start", "job.service")
    goes_past(node)
    node.write(GO_ON, b"")
    wait_until("the client's umount", lambda: not mounts(node), timeout=120)
    assert node.run("lustre-init", "stop").out == "nothing is mounted\n"


def goes_past(node: Node) -> None:
    stop = node.run("lustre-init", "stop", "--timeout", "120", timeout=400, check=False)
    said = stop.out + stop.err
    assert stop.status == 1, said
    assert re.search(r"waiting for the umount of \S+:/lustrewt at /mnt/lustrewt \(\d+ s\)", said), said
    for target in ("lustrewt-OST", "lustrewt-MDT0000", "MGS"):
        assert re.search(rf"{target}\w* unmounted from /srv/lustre/{target}", said), said
    assert ":/lustrewt is still mounted at /mnt/lustrewt: its umount has taken" in stop.err, said
    assert mounts(node) == [CLIENT], mounts(node)


def mounts(node: Node) -> list[str]:
    """Where Lustre is mounted, by the table: nothing asks who stands still."""
    lines = node.read("/proc/self/mounts").decode().splitlines()
    return [line.split()[1] for line in lines if line.split()[1].startswith((CLIENT, "/srv/lustre"))]
