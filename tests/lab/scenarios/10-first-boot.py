# SPDX-License-Identifier: Apache-2.0
"""Tagged instances boot, and seconds later their file system is there.

An MGS with its MDT, an OSS and a client are launched at the same time. Nobody
logs in. The OSS joins its two instance-store disks into one striped volume and
takes its index from its address; the client sees the whole of it. What a file
system needs of the metadata service is a dozen requests at most.
"""

from __future__ import annotations

import expect
from fleet import NodeSpec
from laboratory import Lab
from node import Node

# Others resume its nodes.
ALONE = True

# agent/report_journal.c
READY_ID = "35b2fda9818d4fcf8d83c98cfa51467d"
CLIENT_MOUNT = "/mnt/lustrewt"
OST_MOUNT = "/srv/lustre/lustrewt-OST000b"
REQUESTS = 12


def run(lab: Lab) -> None:
    mgs, oss, client = lab.fleet("trio")
    lab.boot([mgs, oss, client])
    expect.ready(mgs, oss, client)

    expect.mounted(mgs, "/srv/lustre/MGS")
    expect.mounted(mgs, "/srv/lustre/lustrewt-MDT0000")
    ost_is_striped(oss)
    geometry_is_in_the_superblock(oss)
    nothing_was_discarded(mgs, oss)
    sizes_are_right(oss, client)
    file_reads_back(client)
    for node in (mgs, oss, client):
        asks_little(node)
        unit_is_well(node)
        journal_has_it(node)
    lab.put_on_shelf("trio", [mgs, oss, client])


def ost_is_striped(oss: Node) -> None:
    """One volume over all disks, one stripe each, named after 10.77.0.11 in 10.77.0.0/20."""
    device = expect.mounted(oss, OST_MOUNT)
    stripes = oss.run("lvs", "--noheadings", "-o", "stripes", device).out.strip()
    assert stripes == str(disks(oss.spec)), f"the OST's volume has {stripes} stripes"


def geometry_is_in_the_superblock(oss: Node) -> None:
    """ext4 lays its tables and its files out by the stripes of the volume, counted in blocks."""
    device = expect.mounted(oss, OST_MOUNT)
    stripe = int(oss.run("lvs", "--noheadings", "--nosuffix", "--units", "b", "-o", "stripesize", device).out)
    lines = oss.run("tune2fs", "-l", device).out.splitlines()
    told = {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
    block = int(told["Block size"])
    geometry = {key: told.get(key) for key in ("RAID stride", "RAID stripe width")}
    stride = stripe // block
    wanted = {"RAID stride": str(stride), "RAID stripe width": str(stride * disks(oss.spec))}
    assert geometry == wanted, f"stripes of {stripe} bytes in blocks of {block} became {geometry}"


def nothing_was_discarded(*nodes: Node) -> None:
    """EC2 hands its disks over trimmed. The 12th field counts (Documentation/block/stat.rst)."""
    for node in nodes:
        stat = node.run("sh", "-c", "cat /sys/block/nvme*/stat").out.splitlines()
        assert stat and {line.split()[11] for line in stat} == {"0"}, f"{node.name}: {stat}"
        # Or the count would prove nothing.
        most = node.run("sh", "-c", "cat /sys/block/nvme*/queue/discard_max_bytes").out.split()
        assert "0" not in most, f"{node.name}: its disks cannot discard: {most}"


def disks(spec: NodeSpec) -> int:
    return len(spec.instance_store)


def sizes_are_right(oss: Node, client: Node) -> None:
    """The client's df shows what the OST has, and that is nearly all of the disks."""
    raw = sum(disk.size for disk in oss.spec.instance_store)
    ost, whole = expect.size(oss, OST_MOUNT), expect.size(client, CLIENT_MOUNT)
    assert raw * 0.9 < ost <= raw, f"the OST has {ost} bytes of {raw}"
    assert raw * 0.85 < whole <= ost, f"the client sees {whole} bytes of {ost}"


def file_reads_back(client: Node) -> None:
    path = f"{CLIENT_MOUNT}/first"
    written = expect.write_file(client, path, mebibytes=16)
    client.run("sh", "-c", "echo 3 >/proc/sys/vm/drop_caches")
    read = expect.checksum(client, path)
    assert read == written, f"{path} was written as {written} and reads as {read}"


def asks_little(node: Node) -> None:
    asked = [f"{entry['method']} {entry['path']}" for entry in node.metadata_requests()]
    assert 0 < len(asked) <= REQUESTS, f"{node.name} made {len(asked)} requests: {asked}"


def unit_is_well(node: Node) -> None:
    state = node.unit_property(expect.UNIT, "ActiveState")
    assert state == "active", f"{node.name}: {expect.UNIT} is {state}"


def journal_has_it(node: Node) -> None:
    """Once, of the unit, under the id that tools wait for; and -x says what to do."""
    found = node.run("journalctl", "-b", "-u", expect.UNIT, "-o", "cat", f"MESSAGE_ID={READY_ID}").out.splitlines()
    assert len(found) == 1 and found[0].startswith("ready: "), f"{node.name}: under its id the journal has {found}"
    told = node.run("journalctl", "-b", "-x", "--no-pager", f"MESSAGE_ID={READY_ID}").out
    assert "Nothing has to be done" in told, f"{node.name}: the catalog says nothing of it: {told}"
