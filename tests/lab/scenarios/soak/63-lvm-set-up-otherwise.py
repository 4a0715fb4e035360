# SPDX-License-Identifier: Apache-2.0
"""However the AMI set LVM up, the agent makes and finds its volumes, and leaves that set-up alone.

A devices file that is enforced and stale (it lists disks of another machine) or
not there, event activation off, auto-activation of nothing or of everything,
other people's volumes the only ones that may be activated, a filter that hides
every disk: the OST is made, and mounted at the next boot. A group of somebody else's that has the very name of ours, on a disk that came
later, is neither used nor touched.
"""

from __future__ import annotations

import boots
import expect
from laboratory import Lab
from node import Node

DEVICES = "/etc/lvm/devices/system.devices"
LOCAL = "/etc/lvm/lvmlocal.conf"
STALE = (
    "VERSION=1.1.2\n"
    "IDTYPE=sys_serial IDNAME=vol0123456789abcdef0 DEVNAME=/dev/nvme7n1 "
    "PVID=jD3kcAFyUmGoXWYSaBdLNOqEZ1hTpVx2\n"
)
ENFORCED_AND_QUIET = (
    "devices { use_devicesfile=1 }\n"
    "global { event_activation=0 }\n"
    "activation { auto_activation_volume_list=[] }\n"
)
ENFORCED = (
    "devices { use_devicesfile=1 }\n"
    'activation { volume_list=["somebody"] read_only_volume_list=["@lustre-init"] }\n'
)
FILTERED = 'devices {\n use_devicesfile=0\n global_filter=["r|.*|"]\n filter=["r|.*|"]\n}\n'
SNAPSHOT = "served"


def run(lab: Lab) -> None:
    _, oss = boots.servers(lab)
    made = expect.filesystem_id(oss, boots.OST_MOUNT)
    oss.save(SNAPSHOT)

    set_up(oss, ENFORCED_AND_QUIET, STALE)
    oss.reboot()
    boots.end_of_boot(oss).ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"
    makes_another(oss, index="310")
    is_left_alone(oss, ENFORCED_AND_QUIET, STALE)

    for conf, devices, index in ((ENFORCED, None, "311"), (FILTERED, STALE, "312")):
        set_up(oss, conf, devices)
        makes_another(oss, index)
        boots.rest(oss)
        boots.converge(oss).ready()
        is_left_alone(oss, conf, devices)

    oss.load(SNAPSHOT)
    is_activated_already(oss, made)
    namesake_is_left_alone(oss)


def set_up(oss: Node, conf: str, devices: str | None) -> None:
    oss.write(LOCAL, conf.encode())
    oss.run("mkdir", "-p", "/etc/lvm/devices")
    if devices is None:
        oss.run("rm", "-f", DEVICES)
    else:
        oss.write(DEVICES, devices.encode())


def is_left_alone(oss: Node, conf: str, devices: str | None) -> None:
    assert oss.read(LOCAL).decode() == conf, f"{LOCAL} was changed"
    if devices is None:
        assert oss.run("test", "-e", DEVICES, check=False).status != 0, f"{DEVICES} was made"
    else:
        assert oss.read(DEVICES).decode() == devices, f"{DEVICES} was changed"


def makes_another(oss: Node, index: str) -> None:
    """On blank disks, under this set-up; the names of its volumes are free again."""
    boots.rest(oss)
    oss.blank_disks()
    oss.run("lustre-init", "clean")
    boots.converge(oss, user_data=boots.document(index=index)).ready()


def is_activated_already(oss: Node, made: str) -> None:
    """As where LVM's own units activate all they see, before the agent is started."""
    boots.rest(oss)
    oss.run("vgchange", "--quiet", "--setautoactivation", "y", "@lustre-init")
    oss.run("vgchange", "--quiet", "--activate", "ay", "@lustre-init")
    boots.converge(oss, user_data=boots.document()).ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"


def namesake_is_left_alone(oss: Node) -> None:
    ours, theirs = oss.serials()
    boots.rest(oss)
    oss.blank_disks()
    oss.run("lustre-init", "clean")
    oss.take_disk(theirs)
    boots.converge(oss, user_data=boots.document(index="313")).ready()
    mount = "/srv/lustre/lustrewt-OST0139"
    made = expect.filesystem_id(oss, mount)
    group, volume = names(oss)

    boots.rest(oss)
    oss.take_disk(ours)
    oss.give_disk(theirs)
    oss.run("vgcreate", "--quiet", "--setautoactivation", "n", group, oss.device(theirs))
    oss.run("lvcreate", "--quiet", "--yes", "--extents", "100%FREE", "--name", volume, group)
    oss.run("vgchange", "--quiet", "--activate", "n", group)
    before = oss.written()[theirs]
    oss.give_disk(ours)

    boots.converge(oss).ready()
    assert expect.filesystem_id(oss, mount) == made, "the OST was formatted"
    assert oss.written()[theirs] == before, f"the other group {group} was written to"


def names(oss: Node) -> list[str]:
    """Of our group and its volume."""
    return oss.run("lvs", "--noheadings", "-o", "vg_name,lv_name", "@lustre-init").out.split()
