# SPDX-License-Identifier: Apache-2.0
"""What cannot be done is said, with its source and the fix; no disk is written.

One node, resumed from one snapshot for each case. Its unit fails, and
`systemctl status lustre-init` alone names the thing, where it was read, and
what to do about it. What else can be mistyped stands in tests/documents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boots
import expect
from host import wait_until
from laboratory import Lab
from node import Node

SNAPSHOT = "untouched"
OSS = {"lustre:role": "oss", "lustre:fsname": "lustrewt", "lustre:mgs": "10.77.0.10"}


def nothing(node: Node) -> None:
    """No preparation."""


def take_disks_away(node: Node) -> None:
    for controller in ("nvme0", "nvme1"):
        path = f"/sys/class/nvme/{controller}/delete_controller"
        node.run("sh", "-c", f"echo 1 >{path}")


def put_file_system_on_disk(node: Node) -> None:
    node.run("mkfs.ext4", "-q", "-E", "lazy_itable_init=1", "-L", "precious", "/dev/nvme1n1")
    node.run("udevadm", "settle")


def put_partition_table_on_disk(node: Node) -> None:
    table = "label: gpt\nsize=1GiB, name=precious\n"
    node.run("sh", "-c", f"printf '%s' '{table}' | sfdisk --quiet /dev/nvme1n1")
    node.run("udevadm", "settle")


def mount_disk(node: Node) -> None:
    put_file_system_on_disk(node)
    # Read-only, or ext4 itself goes on writing.
    node.run("mount", "--read-only", "/dev/nvme1n1", "/mnt")


def swap_on_disk(node: Node) -> None:
    node.run("mkswap", "--quiet", "/dev/nvme1n1")
    node.run("swapon", "/dev/nvme1n1")
    node.run("udevadm", "settle")


def put_group_on_disk(node: Node) -> None:
    node.run("vgcreate", "--quiet", "precious", "/dev/nvme1n1")
    node.run("lvcreate", "--quiet", "--yes", "--size", "1G", "--name", "lv", "precious")
    node.run("vgchange", "--quiet", "--activate", "n", "precious")


@dataclass(frozen=True)
class Case:
    """says: what the unit's status must contain, in any order and letter case."""

    name: str
    metadata: dict[str, Any]
    says: tuple[str, ...]
    status: int
    prepare: Callable[[Node], None] = field(default=nothing)


CASES = (
    Case(
        "a role that does not exist",
        {"tags": OSS | {"lustre:role": "osd"}},
        ("lustre:role", "osd", "mgs", "mds", "oss", "client"),
        status=2,
    ),
    Case(
        "an OSS without an MGS",
        {"tags": {key: OSS[key] for key in ("lustre:role", "lustre:fsname")}},
        ("lustre:role", "oss", "mgs: missing", "such as tag lustre:mgs"),
        status=2,
    ),
    Case(
        "no instance-store disk",
        # Disks may come late and are waited for; three minutes of that prove nothing more than ten seconds.
        {"tags": OSS | {"lustre:device-timeout": "10s"}},
        ("instance-store", "disks"),
        status=3,
        prepare=take_disks_away,
    ),
    Case(
        "a disk that carries a file system",
        {"tags": OSS},
        ("nvme1n1", "ext4", "wipefs"),
        status=3,
        prepare=put_file_system_on_disk,
    ),
    Case(
        "a disk with a partition table",
        {"tags": OSS},
        ("nvme1n1", "serial AWS", "partition"),
        status=3,
        prepare=put_partition_table_on_disk,
    ),
    Case(
        "a mounted disk",
        {"tags": OSS},
        ("nvme1n1", "serial AWS", "is mounted at /mnt"),
        status=3,
        prepare=mount_disk,
    ),
    Case(
        "a disk in use as swap",
        {"tags": OSS},
        ("nvme1n1", "serial AWS", "swap"),
        status=3,
        prepare=swap_on_disk,
    ),
    Case(
        "a disk in a volume group of somebody's",
        {"tags": OSS},
        ("nvme1n1", "serial AWS", "volume group precious", "not ours", "vgremove"),
        status=3,
        prepare=put_group_on_disk,
    ),
)


def run(lab: Lab) -> None:
    node = boots.untouched(lab, SNAPSHOT)
    for case in CASES:
        node.load(SNAPSHOT)
        fails_as_told(node, case)
    node.load(SNAPSHOT)
    says_what_it_waits_for(node)


def start(node: Node, **metadata: Any) -> None:
    node.set_metadata(tags=None, user_data=None, faults=None)
    node.set_metadata(**metadata)
    expect.start_anew(node)


def says_what_it_waits_for(node: Node) -> None:
    """While the metadata service is in trouble STATUS names it; when that is over, the node goes on."""
    start(node, tags=OSS | {"lustre:role": "osd"}, faults=[{"path": "token", "status": 503}])
    wait_until("STATUS names the trouble", lambda: "503" in expect.status_text(node), timeout=60)
    assert node.unit_property(expect.UNIT, "ActiveState") == "activating"
    node.set_metadata(faults=None)
    assert expect.end_of_start(node) == "failed", expect.unit_status(node).out
    assert node.unit_property(expect.UNIT, "ExecMainStatus") == "2"


def fails_as_told(node: Node, case: Case) -> None:
    case.prepare(node)
    before = node.written()
    start(node, **case.metadata)
    state = expect.end_of_start(node)
    said = expect.unit_status(node).out
    assert state == "failed", f"{case.name}: the unit is {state}\n{said}"
    code = node.unit_property(expect.UNIT, "ExecMainStatus")
    assert code == str(case.status), f"{case.name}: exit status {code}\n{said}"
    for words in case.says:
        assert words.lower() in said.lower(), f"{case.name}: status does not say '{words}'\n{said}"
    after = node.written()
    assert after == before, f"{case.name}: disks were written: {before} became {after}"
