# SPDX-License-Identifier: Apache-2.0
"""However the AMI set LVM up, the agent makes and finds its volumes, and leaves that set-up alone.

A devices file that is enforced and stale (it lists disks of another machine) or
not there, event activation off, auto-activation of nothing or of everything,
other people's volumes the only ones that may be activated, a filter that hides
every disk: the OST is made, and mounted at the next boot. So it is where LVM is set up to tell its
report otherwise, to ask a daemon, to do nothing, to take a disk for a part of multipath, or for a
host of another name. A group of ours that LVM would not change, or that has lost its tag, is told as
that, and never as blank disks. A group of somebody else's that has the very name of ours, on a disk
that came later, is neither used nor touched.
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
# Each hid the group of an OST in service, changed what was read of it, or did nothing, and LVM called that a success.
TOLD_OTHERWISE = (
    'report { list_item_separator=";" }\n',
    "report { prefixes=1 quoted=0 compact_output=1 binary_values_as_numeric=1 columns_as_rows=1 }\n",
    'log { prefix="lvm: " command_names=1 verbose=1 report_command_log=1 }\n',
    'devices { hints="all" md_component_detection=1 }\n',
    "global { use_lvmlockd=1 }\n",
    'global { system_id_source="uname" }\n',
    "global { test=1 metadata_read_only=1 }\n",
)
OTHER_DIRECTORY = "/root/lvm"
OLD_HOST = "ip-10-77-0-99"
WWIDS = "/etc/multipath/wwids"


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

    back_in_service(oss)
    for conf in TOLD_OTHERWISE:
        is_served(oss, made, conf)
    is_made_all_the_same(oss)

    back_in_service(oss)
    set_up(oss, "", None)
    is_no_part_of_multipath(oss, made)
    another_directory_is_not_read(oss, made)
    the_host_was_called_otherwise(oss, made)
    is_told_not_written(oss, made)

    back_in_service(oss)
    is_activated_already(oss, made)
    namesake_is_left_alone(oss)


def back_in_service(oss: Node) -> None:
    """What it was asked for is in no snapshot."""
    oss.load(SNAPSHOT)
    oss.set_metadata(user_data=boots.document())


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


def is_served(oss: Node, made: str, conf: str) -> None:
    """At rest under the AMI's own set-up: with test=1 the lab's own vgchange would do nothing, too."""
    boots.rest(oss)
    set_up(oss, conf, None)
    boot = boots.converge(oss)
    is_left_alone(oss, conf, None)
    set_up(oss, "", None)
    boot.ready()
    assert not boot.did("repair-pv") and not boot.did("format"), f"{conf}: {boot.said}"
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, f"{conf}: the OST was formatted"


def is_made_all_the_same(oss: Node) -> None:
    """On blank disks, with all of it at once; whose the group is no host name decides."""
    boots.rest(oss)
    conf = "".join(TOLD_OTHERWISE)
    set_up(oss, conf, None)
    makes_another(oss, "314")
    is_left_alone(oss, conf, None)
    set_up(oss, "", None)
    system_id = oss.run("vgs", "--noheadings", "--foreign", "-o", "vg_systemid", "@lustre-init").out
    assert system_id.strip() == "", f"the group was given to host {system_id}"


def is_no_part_of_multipath(oss: Node, made: str) -> None:
    """The disks stand in the list of what multipath has ever seen; LVM leaves them out."""
    boots.rest(oss)
    disks = [oss.device(serial).removeprefix("/dev/") for serial in oss.serials()]
    wwids = [oss.run("cat", f"/sys/block/{disk}/wwid").out.strip() for disk in disks]
    oss.run("mkdir", "-p", "/etc/multipath")
    oss.write(WWIDS, "".join(f"/{wwid}/\n" for wwid in wwids).encode())
    boot = boots.converge(oss)
    oss.run("rm", "-r", "/etc/multipath")
    boot.ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"


def another_directory_is_not_read(oss: Node, made: str) -> None:
    """LVM's own variable, set for all units of the machine."""
    boots.rest(oss)
    oss.run("mkdir", "-p", OTHER_DIRECTORY)
    oss.write(f"{OTHER_DIRECTORY}/lvm.conf", (FILTERED + TOLD_OTHERWISE[0]).encode())
    oss.run("systemctl", "set-environment", f"LVM_SYSTEM_DIR={OTHER_DIRECTORY}")
    boot = boots.converge(oss)
    oss.run("systemctl", "unset-environment", "LVM_SYSTEM_DIR")
    boot.ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"
    left = oss.run("ls", OTHER_DIRECTORY).out.split()
    assert left == ["lvm.conf"], f"{OTHER_DIRECTORY} holds {left}"


def the_host_was_called_otherwise(oss: Node, made: str) -> None:
    """system_id_source="uname" when the group was made, and the host has another name now."""
    boots.rest(oss)
    group, _ = names(oss)
    old_host = f'global {{ system_id_source="lvmlocal" }} local {{ system_id="{OLD_HOST}" }}'
    oss.run("vgchange", "--quiet", "--yes", "--config", old_host, "--systemid", OLD_HOST, group)
    set_up(oss, 'global { system_id_source="uname" }\n', None)
    shown = oss.run("vgs", "--noheadings", "-o", "vg_name", check=False).out
    assert group not in shown, f"LVM shows {group} of host {OLD_HOST}"
    boot = boots.converge(oss)
    set_up(oss, "", None)
    boot.ready()
    assert not boot.did("repair-pv") and not boot.did("format"), boot.said
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"
    boots.rest(oss)
    oss.run("vgchange", "--quiet", "--config", old_host, "--activate", "n", group)
    oss.run("vgchange", "--quiet", "--yes", "--config", old_host, "--systemid", "", group)


def is_told_not_written(oss: Node, made: str) -> None:
    """A group that was exported, and one whose tag somebody took away: nobody is told that its disks are blank."""
    group, _ = names(oss)
    oss.run("vgexport", "--quiet", group)
    before = oss.written()
    boots.converge(oss).refused(group, "exported", "vgimport")
    boots.nothing_written(oss, before)
    oss.run("vgimport", "--quiet", group)

    oss.run("vgchange", "--quiet", "--deltag", "lustre-init", group)
    before = oss.written()
    boot = boots.converge(oss)
    boot.refused("foreign-data", group, "does not carry its tag", "vgchange --addtag")
    assert "blank" not in boot.said, boot.said
    boots.nothing_written(oss, before)
    oss.run("vgchange", "--quiet", "--addtag", "lustre-init", group)

    boots.converge(oss).ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted"


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
