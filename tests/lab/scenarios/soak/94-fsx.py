# SPDX-License-Identifier: Apache-2.0
"""A client of a file system that is not ours, by the DNS name that its owner gives: as of Amazon FSx.

The servers are made by hand, and lustre-init knows nothing of them; the mount name
is no name of ours. The client starts before the name resolves, says what it waits
for, and mounts once it does. It comes back from a reboot by itself. Then the name
moves to another address: what is mounted stays, a new start of the unit is no
quarrel, and the next boot mounts by the new one.
"""

from __future__ import annotations

import expect
from fleet import Disk, NodeSpec
from host import wait_until
from laboratory import Lab
from node import Node

GIB = 1 << 30
NAME = "fs-0123456789abcdef0.fsx.eu-central-1.amazonaws.com"
MOUNT_NAME = "abcdef01"
FILE = "/fsx/file"
FIRST, SECOND = "10.77.0.60", "10.77.1.60"
SERVER = NodeSpec(
    "fsx", FIRST, {"tags": {"Name": "not ours"}},
    memory=576, instance_store=(Disk(GIB), Disk(4 * GIB), Disk(4 * GIB)),
)  # fmt: skip
CLIENT = NodeSpec(
    "fsx-client", "10.77.0.61",
    {"user_data": f"#lustre-init\nrole: client\nfsname: {MOUNT_NAME}\nmgs: {NAME}\nmount-point: /fsx\n"},
    memory=576, instance_type="m5.large",
)  # fmt: skip


def run(lab: Lab) -> None:
    server, client = lab.add(SERVER, CLIENT)
    lab.boot([server, client])
    server.wait_for_unit(expect.UNIT)
    serve(server)
    wait_until("STATUS names the MGS", lambda: NAME in expect.status_text(client), timeout=120)
    lab.network.resolve({NAME: FIRST})
    expect.ready(client)
    written = expect.write_file(client, FILE, mebibytes=2)
    assert MOUNT_NAME in expect.mounted(client, "/fsx")

    client.reboot()
    expect.ready(client)
    assert expect.checksum(client, FILE) == written
    moves(lab, server, client)
    assert expect.checksum(client, FILE) == written


def serve(server: Node) -> None:
    """By hand, with nothing of ours: an MGS, an MDT and an OST."""
    mgt, mdt, ost = (server.device(serial) for serial in server.serials())
    of = (f"--fsname={MOUNT_NAME}", f"--mgsnode={FIRST}@tcp", "--index=0")
    for device, *words in ((mgt, "--mgs"), (mdt, "--mdt", *of), (ost, "--ost", *of)):
        server.run("mkfs.lustre", *words, device, timeout=300)
    server.run("modprobe", "lustre")
    for device, name in ((mgt, "mgt"), (mdt, "mdt"), (ost, "ost")):
        server.run("mkdir", "-p", f"/fsx/{name}")
        server.run("mount", "-t", "lustre", device, f"/fsx/{name}", timeout=300)


def moves(lab: Lab, server: Node, client: Node) -> None:
    """The MGS answers at both addresses; what the name says decides which one is asked."""
    interface = server.run("ip", "-o", "-4", "route", "get", "10.77.0.1").out.split(" dev ")[1].split()[0]
    label = f"{interface}:1"
    server.run("ip", "address", "add", f"{SECOND}/20", "dev", interface, "label", label)
    server.run("lnetctl", "net", "add", "--net", "tcp", "--if", label, timeout=120)
    lab.network.resolve({NAME: SECOND})
    client.run("systemctl", "restart", expect.UNIT, timeout=300)
    expect.ready(client)
    assert not asked_at(server, SECOND), "a mount that was there was made anew"

    client.reboot()
    expect.ready(client)
    assert asked_at(server, SECOND), "the client asked at the address that the name no longer has"


def asked_at(server: Node, address: str) -> bool:
    """Whether the client has a connection of LNET's to it."""
    shown = server.run("ss", "-Htn", "state", "established", "src", f"{address}:988", "dst", CLIENT.address).out
    return shown.strip() != ""
