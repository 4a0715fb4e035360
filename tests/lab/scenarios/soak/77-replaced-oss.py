# SPDX-License-Identifier: Apache-2.0
"""An OSS that a new instance replaces is refused until somebody consents; a growing fleet is not.

At the same address: the MGS knows another holder of the index, and the new instance
says so and stops. With `replace: true` it takes the index over, MDT and clients
reach it, and the files of the other OST are unharmed. At another address, under the
number of the old one: consent alone would leave the others calling the old address;
refusal and success both say each step that leads to `lctl replace_nids`, and these are
gone: the client reads and writes there. A second MDT and one more OST join the
running system without a word from anybody.
"""

from __future__ import annotations

from errno import EINPROGRESS

import expect
from fleet import Disk, NodeSpec
from laboratory import Lab
from node import Node

CLIENT_MOUNT = "/mnt/lustrewt"
OSS = {"lustre:role": "oss", "lustre:fsname": "lustrewt", "lustre:mgs": "10.77.0.20"}
OST_B = "lustrewt-OST0017"
MOVED = NodeSpec(
    "oss5m", "10.77.0.30", {"tags": OSS | {"lustre:index": "23"}},
    memory=576, instance_store=(Disk(4 << 30),),
)  # fmt: skip
JOINING = NodeSpec(
    "mds5b", "10.77.0.31", {"tags": OSS | {"lustre:role": "mds+oss", "lustre:mdt-index": "1"}},
    memory=576, instance_store=(Disk(8 << 30),),
)  # fmt: skip


def run(lab: Lab) -> None:
    mgs, mds, oss_a, oss_b, client = lab.from_shelf("five") or booted(lab)
    free = expect.size(client, CLIENT_MOUNT)
    (joining,) = lab.add(JOINING)
    joining.launch()
    oss_b.succeed("i-0anotherinstance")
    joining.wait_for_boot()
    is_refused(oss_b, OST_B, "index-base")
    consents(oss_b)
    expect.ready(oss_b)
    expect.mounted(oss_b, f"/srv/lustre/{OST_B}")
    holds_new_files(client, oss_b)
    joins(mgs, joining, client, free)

    oss_b.kill()
    (moved,) = lab.add(MOVED)
    moved.boot()
    is_refused(moved, OST_B, "replace_nids")
    consents(moved)
    expect.ready(moved)
    says = expect.status(moved)["sentence"]
    assert f"lctl replace_nids {OST_B} 10.77.0.30@tcp" in says, says
    replaces_nids(mgs, [mds, joining], [oss_a, moved], client)
    holds_new_files(client, moved)


def replaces_nids(mgs: Node, mdss: list[Node], osss: list[Node], client: Node) -> None:
    """As the advice has it; in the middle of a file system at work the MGS would refuse it."""
    replace = ("lctl", "replace_nids", OST_B, "10.77.0.30@tcp")
    assert mgs.run(*replace, check=False).status == EINPROGRESS
    for node in (client, *osss, *mdss, mgs):
        node.run("lustre-init", "stop", timeout=120)
    mgs.run("systemctl", "start", "srv-lustre-MGS.mount")
    doctor = mgs.run("lustre-init", "doctor", timeout=120, check=False).out
    assert "lctl replace_nids should succeed" in doctor, doctor
    mgs.run(*replace)
    for node in (mgs, *mdss, *osss, client):
        node.run("systemctl", "restart", "--no-block", expect.UNIT)
    expect.ready(mgs, *mdss, *osss, client)


def booted(lab: Lab) -> list[Node]:
    nodes = lab.fleet("five")
    lab.boot(nodes)
    expect.ready(*nodes)
    return nodes


def is_refused(oss: Node, target: str, way_out: str) -> None:
    """With exit code 3, under its name, with what to do; and systemctl status goes on saying so."""
    # Where the old one died, the MGS first gives it 158 s to let its locks go (facts).
    assert expect.end_of_start(oss, timeout=400) == "failed"
    assert oss.unit_property(expect.UNIT, "ExecMainStatus") == "3"
    says = expect.unit_status(oss).out
    for word in (f"{target} is taken", way_out, "replace: true"):
        assert word in says, f"{oss.name} does not say {word}: {says}"
    assert oss.run("findmnt", "-n", "--mountpoint", f"/srv/lustre/{target}", check=False).status != 0


def consents(oss: Node) -> None:
    oss.set_metadata(tags=oss.spec.metadata["tags"] | {"lustre:replace": "true"})
    oss.run("systemctl", "restart", expect.UNIT, timeout=300)


def joins(mgs: Node, joining: Node, client: Node, free: int) -> None:
    """The client sees more than all OSTs had before."""
    expect.ready(joining)
    expect.mounted(joining, "/srv/lustre/lustrewt-MDT0001")
    expect.mounted(joining, "/srv/lustre/lustrewt-OST001f")
    known = mgs.run("lctl", "get_param", "-n", "mgs.MGS.live.lustrewt").out
    assert "lustrewt-MDT0001" in known and "lustrewt-OST001f" in known, known
    client.run("timeout", "60", "sh", "-c",
               f"while [ $(df -B1 --output=size {CLIENT_MOUNT} | tail -n1) -le {free} ]; do sleep 1; done",
               timeout=90)  # fmt: skip


def holds_new_files(client: Node, oss: Node) -> None:
    """New files land on it, and read back; a file for each OST is among so many."""
    before = oss.run("df", "-B1", "--output=used", f"/srv/lustre/{OST_B}").out.split()[-1]
    for number in range(6):
        path = f"{CLIENT_MOUNT}/new.{number}"
        written = expect.write_file(client, path, mebibytes=2)
        client.run("sh", "-c", "echo 3 >/proc/sys/vm/drop_caches")
        assert expect.checksum(client, path) == written
    oss.run("sync")
    after = oss.run("df", "-B1", "--output=used", f"/srv/lustre/{OST_B}").out.split()[-1]
    assert int(after) > int(before), "no object of six new files is on the new OST"
