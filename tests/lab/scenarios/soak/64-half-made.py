# SPDX-License-Identifier: Apache-2.0
"""Whatever a cut left behind, the next boot finishes; what was in service is never formatted.

A first boot is put back, step by step, with LVM's and ext4's own tools: to a
volume on its way to the MGS, formatted, half formatted or empty; to a group
without a volume; to physical volumes in no group, and to one of two. Each next
boot goes on from there. An OST that the MGS knows, but whose own label was lost
in the cut, is refused as in use: its label is repaired, and its data kept.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable

import boots
import expect
from boots import Boot
from laboratory import Lab
from node import Node

OST, MOUNT = "lustrewt-OST012e", "/srv/lustre/lustrewt-OST012e"
DOCUMENT = boots.document(index="302", mgs_timeout="5s")
PHASES = ("creating", "formatted", "registering", "served")
SERVED, CUT = "at-rest", "cut"


def run(lab: Lab) -> None:
    mgs, oss = boots.servers(lab)
    label_lost(oss)
    torn_in_service(oss)
    cut_before_the_mount(mgs, oss)
    made = volume_uuid(oss)
    for node in (mgs, oss):
        node.save(CUT)
    for put_back, kept in STEPS:
        boot = goes_on(mgs, oss, put_back)
        now = expect.filesystem_id(oss, MOUNT)
        assert (now == made) == kept, f"{put_back.__name__}: {made} became {now}\n{boot.said}"
        formats = len(boot.did("format"))
        assert formats == (0 if kept else 1), f"{put_back.__name__}: {formats} formats\n{boot.said}"
    taken_meanwhile(oss)


def label_lost(oss: Node) -> None:
    """In service, but the label of a registered OST never reached its disk: cut right after."""
    made = expect.filesystem_id(oss, boots.OST_MOUNT)
    boots.rest(oss)
    for phase in ("registering", "served"):
        set_phase(oss, phase)
        with_volume(oss, "e2label", volume(oss), "lustrewt:OST000b")
        boot = boots.converge(oss)
        boot.ready()
        # The one that the MGS refused, and the one behind the repair, are one outcome.
        (mount,) = boot.did("mount")
        assert (mount["result"], mount.get("retries")) == ("done", 1), f"{phase}: {mount}"
        assert len(boot.did("repair-label")) == 1 and not boot.did("format"), f"{phase}: {boot.said}"
        assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, f"{phase}: it was formatted"
        boots.rest(oss)


def torn_in_service(oss: Node) -> None:
    """LVM cannot read the group of an OST that was in service: a tag was being written when the power failed."""
    made = volume_uuid(oss)
    backup = f"/etc/lvm/backup/{group(oss)}"
    tear(oss)
    oss.run("mv", backup, "/root/backup")
    boots.converge(oss).refused("cannot read volume group", backup)
    oss.run("mv", "/root/backup", backup)
    boot = boots.converge(oss)
    boot.ready()
    assert len(boot.did("repair-pv")) == len(oss.serials()) and not boot.did("format"), boot.said
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "it was formatted"
    boots.rest(oss)


def cut_before_the_mount(mgs: Node, oss: Node) -> None:
    """A first boot whose MGS went silent: made, formatted and ready to register."""
    oss.blank_disks()
    oss.run("lustre-init", "clean")
    mgs.pause()
    boot = boots.converge(oss, user_data=DOCUMENT)
    mgs.resume()
    assert boot.code == 1, f"exit {boot.code} without an MGS\n{boot.said}"
    boots.rest(oss)


def goes_on(mgs: Node, oss: Node, put_back: Callable[[Node], None]) -> Boot:
    for node in (mgs, oss):
        node.load(CUT)
    put_back(oss)
    boot = boots.converge(oss)
    boot.ready()
    return boot


def taken_meanwhile(oss: Node) -> None:
    """Complete, never in service, and the MGS says in use: ours cut off, or another's. Who knows?"""
    oss.load(CUT)
    before = oss.written()
    boots.converge(oss).refused("index-taken", OST, "another holder", "replace: true")
    boots.converge(oss, user_data=DOCUMENT + "replace: true\n").ready()
    assert oss.written() != before


# -- putting back, the last step first --------------------------------------------


def to_registering(oss: Node) -> None:
    """As the cut left it."""


def to_formatted(oss: Node) -> None:
    set_phase(oss, "formatted")


def to_untagged_format(oss: Node) -> None:
    set_phase(oss, "creating")


def to_half_a_format(oss: Node) -> None:
    """mke2fs had ended, and mkfs.lustre had not."""
    set_phase(oss, "creating")
    with_volume(oss, "mkfs.ext4", "-q", "-F", "-L", "lustrewt:OST012e", volume(oss))


def to_volume(oss: Node) -> None:
    set_phase(oss, "creating")
    with_volume(oss, "blkdiscard", "--force", volume(oss))


def to_group(oss: Node) -> None:
    to_volume(oss)
    oss.run("lvremove", "--quiet", "--yes", volume(oss))


def to_physical_volumes(oss: Node) -> None:
    to_group(oss)
    oss.run("vgremove", "--quiet", group(oss))


def to_one_physical_volume(oss: Node) -> None:
    to_physical_volumes(oss)
    oss.blank_disks(oss.serials()[1])


def to_half_a_group(oss: Node) -> None:
    """vgcreate had written to the first disk, and not yet to the second."""
    to_group(oss)
    device = oss.device(oss.serials()[1])
    uuid = oss.run("pvs", "--noheadings", "-o", "pv_uuid", device).out.strip()
    oss.blank_disks(oss.serials()[1])
    only = ("--devicesfile", "", "--devices", device)
    oss.run("pvcreate", "--quiet", *only, "--norestorefile", "--uuid", uuid, device)


def to_torn_format(oss: Node) -> None:
    """`formatted` was being tagged."""
    to_untagged_format(oss)
    tear(oss)


def to_torn_group(oss: Node) -> None:
    """vgcreate had written its header, and its text not yet."""
    name = group(oss)
    to_group(oss)
    tear(oss)
    oss.run("rm", f"/etc/lvm/backup/{name}")


def to_unlabelled_volumes(oss: Node) -> None:
    """pvcreate had written its metadata area, and not yet its label."""
    to_physical_volumes(oss)
    for serial in oss.serials():
        zero_sectors(oss, serial, first=1, count=1)


STEPS = (
    (to_registering, True),
    (to_formatted, True),
    (to_untagged_format, True),
    (to_half_a_format, False),
    (to_volume, False),
    (to_group, False),
    (to_physical_volumes, False),
    (to_one_physical_volume, False),
    (to_half_a_group, False),
    (to_torn_format, True),
    (to_torn_group, False),
    (to_unlabelled_volumes, False),
)


# -- tools --------------------------------------------------------------------------


def group(node: Node) -> str:
    return node.run("vgs", "--noheadings", "-o", "vg_name", "@lustre-init").out.strip()


def volume(node: Node) -> str:
    return node.run("lvs", "--noheadings", "-o", "lv_path", "@lustre-init").out.strip()


def volume_uuid(node: Node) -> str:
    """Of the file system on the volume of a node at rest."""
    return with_volume(node, "blkid", "-p", "-o", "value", "-s", "UUID", volume(node))


def with_volume(node: Node, *argv: str) -> str:
    """Run this while the volume is active, and leave it at rest."""
    node.run("vgchange", "--quiet", "--activate", "y", group(node))
    out = node.run(*argv).out.strip()
    node.run("udevadm", "settle")
    node.run("vgchange", "--quiet", "--activate", "n", group(node))
    return out


def tear(node: Node) -> None:
    """All text goes out of LVM's metadata areas; their headers still point to it."""
    for serial in node.serials():
        zero_sectors(node, serial, first=9, count=2048 - 9)


def zero_sectors(node: Node, serial: str, *, first: int, count: int) -> None:
    where = (f"of={node.device(serial)}", f"seek={first}", f"count={count}")
    node.run("dd", "if=/dev/zero", *where, "bs=512", "conv=notrunc,fsync", "status=none")


def set_phase(node: Node, phase: str) -> None:
    """In the volume's tag, and in what the node remembers."""
    tags = [word for old in PHASES if old != phase
            for word in ("--deltag", f"lustre-init.phase={old}")]  # fmt: skip
    node.run("lvchange", "--quiet", *tags, "--addtag", f"lustre-init.phase={phase}", volume(node))
    state = json.loads(node.read(boots.STATE))
    for target in state["targets"]:
        target["phase"] = phase
    node.write(boots.STATE, json.dumps(state).encode())
