# SPDX-License-Identifier: Apache-2.0
"""A reboot brings everything back, and formats nothing.

Each node of a file system in use is rebooted in turn: the OSS, the MGS with
its MDT, the client. Every target is mounted again with the file system it had,
and the file written before is there.
"""

from __future__ import annotations

import expect
from laboratory import Lab
from node import Node

CLIENT_MOUNT = "/mnt/lustrewt"
TARGETS = {
    "mgs": ("/srv/lustre/MGS", "/srv/lustre/lustrewt-MDT0000"),
    "oss": ("/srv/lustre/lustrewt-OST000b",),
}


def run(lab: Lab) -> None:
    mgs, oss, client = lab.from_shelf("trio") or booted(lab)
    path = f"{CLIENT_MOUNT}/before-the-reboots"
    written = expect.write_file(client, path, mebibytes=16)
    for server in (oss, mgs):
        before = identities(server)
        server.reboot()
        expect.ready(server)
        after = identities(server)
        assert after == before, f"{server.name} was formatted: {before} became {after}"
        read_back(client, path, written)
    client.reboot()
    expect.ready(client)
    read_back(client, path, written)


def booted(lab: Lab) -> list[Node]:
    nodes = lab.fleet("trio")
    lab.boot(nodes)
    expect.ready(*nodes)
    return nodes


def identities(server: Node) -> list[str]:
    return [expect.filesystem_id(server, target) for target in TARGETS[server.name]]


def read_back(client: Node, path: str, written: str) -> None:
    client.run("sh", "-c", "echo 3 >/proc/sys/vm/drop_caches")
    read = expect.checksum(client, path)
    assert read == written, f"{path} was written as {written} and reads as {read}"
