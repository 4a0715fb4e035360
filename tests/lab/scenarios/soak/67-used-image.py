# SPDX-License-Identifier: Apache-2.0
"""What a node remembers of another instance, or was told to forget, counts for nothing.

An AMI baked from a used node brings its state.json along, and blank disks. What
that remembers of another instance is not this one's, and lustre-init clean
forgets what it remembers of this one; but the MGS remembers, and has a say.
"""

from __future__ import annotations

import boots
import expect
from laboratory import Lab
from node import Node

SNAPSHOT = "at-rest"
OTHER = "i-0fedcba9876543210"


def run(lab: Lab) -> None:
    _, oss = boots.servers(lab)
    boots.rest(oss)
    oss.save(SNAPSHOT)
    memory_of_another_instance_is_none(oss)
    oss.load(SNAPSHOT)
    cleaned_node_begins_anew(oss)


def memory_of_another_instance_is_none(oss: Node) -> None:
    """An AMI of a used node, launched: its state.json came along, its disks did not."""
    oss.blank_disks()
    boots.converge(oss, instance_id=OTHER, user_data=boots.document(index="301")).ready()
    expect.mounted(oss, "/srv/lustre/lustrewt-OST012d")


def cleaned_node_begins_anew(oss: Node) -> None:
    """Blank disks after clean are those of a first boot; but the MGS remembers, and has a say."""
    oss.blank_disks()
    oss.set_metadata(instance_id=None, user_data=boots.document())
    oss.run("lustre-init", "clean")
    assert oss.run("test", "-e", boots.STATE, check=False).status != 0, "clean left its memory"
    boots.converge(oss).refused("index-taken", boots.OST, "replace: true")
    boots.converge(oss, user_data=boots.document(replace="true")).ready()
