# SPDX-License-Identifier: Apache-2.0
"""A volume that is attached after its node was refused starts it again, and a disk that is not asked for does not harm.

device-timeout is over, the unit has failed, and nobody is there: then the EBS
volume comes. udev starts the unit by it, and the node serves.
"""

from __future__ import annotations

import boots
import disks
import expect
from fleet import Disk, NodeSpec
from host import wait_until
from laboratory import Lab
from node import Node

GIB = 1 << 30
SPEC = NodeSpec(
    "mds", "10.77.0.40", {"tags": {"Name": "untagged"}},
    instance_store=(Disk(GIB),), ebs=(Disk(4 * GIB, "sdf"), Disk(GIB, "sdg")),
)  # fmt: skip
DOCUMENT = "#lustre-init\nrole: mgs+mds\nfsname: lustrewt\ndevice-timeout: 20s\ndisks: {}\n"


def run(lab: Lab) -> None:
    (mds,) = lab.add(SPEC)
    mds.boot()
    mds.wait_for_unit(expect.UNIT)
    named, other = (line.split()[1] for line in disks.ebs_lines(SPEC))
    for serial in (named, other):
        mds.take_disk(serial)
    path = f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{named}"
    boots.converge(mds, user_data=DOCUMENT.format(path)).refused(path)

    is_started_again(mds, other, "failed")
    assert {size for size, _ in mds.written().values()} == {0}, mds.written()
    is_started_again(mds, named, "active")
    boots.end_of_boot(mds).ready()
    expect.mounted(mds, boots.MGS)
    expect.mounted(mds, "/srv/lustre/lustrewt-MDT0000")


def is_started_again(mds: Node, serial: str, state: str) -> None:
    """By the disk alone, and ends so."""
    before = mds.unit_property(expect.UNIT, "InvocationID")
    mds.give_disk(serial)
    wait_until("a start", lambda: mds.unit_property(expect.UNIT, "InvocationID") != before, timeout=120)
    assert expect.end_of_start(mds, 300) == state, expect.unit_status(mds).out
