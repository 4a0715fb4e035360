# SPDX-License-Identifier: Apache-2.0
"""A disk that is gone is named, and nothing is written until it is back.

An OST striped over two disks boots with one of them: refused, with the serial
number of the missing one. When it is back, the OST is mounted with what it
held. With osts: per-disk, the OST of the lost disk alone is refused (exit 3),
and the other is in service. Where all disks turn blank under a mounted OST, as
after a resume from hibernation on another host, neither flush nor unmount is
tried: what memory would write is not what the disks held.
"""

from __future__ import annotations

import boots
import expect
from laboratory import Lab
from node import Node

LONG = True
SNAPSHOT = "served"
PER_DISK = boots.document(osts="per-disk", expect_disks="2", index="300")
FIRST, SECOND = "/srv/lustre/lustrewt-OST0258", "/srv/lustre/lustrewt-OST0259"


def run(lab: Lab) -> None:
    _, oss = boots.servers(lab)
    oss.save(SNAPSHOT)
    striped(oss)
    oss.load(SNAPSHOT)
    blank_under_a_mount(oss)
    oss.load(SNAPSHOT)
    per_disk(oss)


def striped(oss: Node) -> None:
    made = expect.filesystem_id(oss, boots.OST_MOUNT)
    here, gone = oss.serials()
    oss.take_disk(gone)
    oss.reboot()
    boot = boots.end_of_boot(oss)
    before = oss.written()
    boots.converge(oss).refused("disk-missing", boots.OST, gone, "2 disks", "Bring the disk back")
    assert here not in boot.said, f"a disk that is there is called missing:\n{boot.said}"
    # Consent to other things is none to this.
    consent = boots.document(replace="true", on_data_loss="recreate")
    boots.converge(oss, user_data=consent).refused("disk-missing", gone)
    boots.nothing_written(oss, before)

    oss.give_disk(gone)
    boots.converge(oss, user_data=boots.document()).ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"


def blank_under_a_mount(oss: Node) -> None:
    oss.blank_disks()
    boot = boots.converge(oss)
    boot.refused("data-loss", boots.OST, "neither unmount nor flush", "reboot hard")
    # The kernel may still write by itself, until somebody reboots: the disks prove nothing.
    assert boot.status["actions"] == [], f"something was done: {boot.status['actions']}"
    expect.mounted(oss, boots.OST_MOUNT)


def per_disk(oss: Node) -> None:
    boots.rest(oss)
    oss.blank_disks()
    oss.run("lustre-init", "clean")
    boots.converge(oss, user_data=PER_DISK).ready()
    made = expect.filesystem_id(oss, FIRST)
    expect.mounted(oss, SECOND)

    boots.rest(oss)
    _, gone = oss.serials()
    oss.take_disk(gone)
    boots.converge(oss).refused("disk-missing", "lustrewt-OST0259", gone)
    assert expect.filesystem_id(oss, FIRST) == made, "the OST that is there was formatted"
