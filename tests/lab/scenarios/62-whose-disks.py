# SPDX-License-Identifier: Apache-2.0
"""Volumes of another instance, and volumes that are not what is asked for, are left alone.

A moved EBS volume, a tag that was changed: each time the node finds something of
ours that is not its own. Data of another instance is refused until replace: true
adopts it. Another role, fsname or index than the one on the disks is refused,
with both named; asked for as before, it is mounted.
"""

from __future__ import annotations

import boots
import expect
from laboratory import Lab
from node import Node

LONG = True
SNAPSHOT = "at-rest"
OTHER = "i-0fedcba9876543210"


def run(lab: Lab) -> None:
    _, oss = boots.servers(lab)
    made = expect.filesystem_id(oss, boots.OST_MOUNT)
    refuses_to_forget_what_is_mounted(oss)
    boots.rest(oss)
    oss.save(SNAPSHOT)

    drift_is_refused(oss)
    boots.converge(oss, user_data=boots.document()).ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"

    oss.load(SNAPSHOT)
    other_instance_is_refused(oss)
    boots.converge(oss, user_data=boots.document(replace="true")).ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"
    boots.rest(oss)
    # Adopted once: it is this instance's own now.
    boots.converge(oss, user_data=boots.document()).ready()


def refuses_to_forget_what_is_mounted(oss: Node) -> None:
    result = oss.run("lustre-init", "clean", check=False)
    assert result.status == 1 and "lustre-init stop" in result.err, f"clean: {result}"
    oss.run("test", "-e", boots.STATE)


def drift_is_refused(oss: Node) -> None:
    before = oss.written()
    for document, asked in (
        (boots.document(index="300"), "lustrewt-OST012c"),
        (boots.document(fsname="othersfs"), "othersfs-OST000b"),
        (boots.document(role="mds"), "lustrewt-MDT0000"),
        # Consent is to lost or taken things, and nothing is lost or taken here.
        (boots.document(index="300", replace="true", on_data_loss="recreate"), "lustrewt-OST012c"),
    ):
        boot = boots.converge(oss, user_data=document)
        boot.refused("drift", boots.OST, asked, "in service")
    boots.nothing_written(oss, before)


def other_instance_is_refused(oss: Node) -> None:
    """A snapshot of the volume, or the volume itself, in another instance."""
    before = oss.written()
    own = oss.spec.instance_id
    boot = boots.converge(oss, instance_id=OTHER, user_data=boots.document())
    boot.refused("other-instance", boots.OST, own, OTHER, "replace: true", "lctl replace_nids")
    boots.nothing_written(oss, before)
