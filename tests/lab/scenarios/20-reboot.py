# SPDX-License-Identifier: Apache-2.0
"""A reboot brings everything back, and formats nothing.

Each node of a file system in use is rebooted in turn: the OSS, the MGS with
its MDT, the client. Every target is mounted again with the file system it had,
and the file written before is there.

On each node are jobs that want the file system until their end, as people write
them: after lustre-ready.target, and after remote-fs.target. What they do last, in
ExecStop, finds it mounted. Where nothing is mounted nothing can be written.
"""

from __future__ import annotations

import expect
from laboratory import Lab
from node import Node

CLIENT_MOUNT = "/mnt/lustrewt"
ANCHORS = ("lustre-ready.target", "remote-fs.target")
# What it finds at its end, on the root disk; and on a client what it wrote below the mount point.
JOB = """[Unit]
After={anchor}
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/sh -c 'sleep 1; mountpoint -q {place} && echo mounted >{found} || echo gone >{found}; sync {found}'
ExecStop=/bin/sh -c '{last}'
[Install]
WantedBy=lustre-ready.target
"""
TARGETS = {
    "mgs": ("/srv/lustre/MGS", "/srv/lustre/lustrewt-MDT0000"),
    "oss": ("/srv/lustre/lustrewt-OST000b",),
}


def run(lab: Lab) -> None:
    mgs, oss, client = lab.from_shelf("trio") or booted(lab)
    path = f"{CLIENT_MOUNT}/before-the-reboots"
    written = expect.write_file(client, path, mebibytes=16)
    for node, place in ((oss, TARGETS["oss"][0]), (mgs, TARGETS["mgs"][1]), (client, CLIENT_MOUNT)):
        start_jobs(node, place)
    for server in (oss, mgs):
        before = identities(server)
        server.reboot()
        expect.ready(server)
        jobs_ended_well(server)
        after = identities(server)
        assert after == before, f"{server.name} was formatted: {before} became {after}"
        read_back(client, path, written)
    client.reboot()
    expect.ready(client)
    read_back(client, path, written)
    jobs_ended_well(client)
    for anchor in ANCHORS:
        assert client.read(f"{CLIENT_MOUNT}/last-of-{anchor}") == b"written\n"
    nothing_is_written_below(client)


def booted(lab: Lab) -> list[Node]:
    nodes = lab.fleet("trio")
    lab.boot(nodes)
    expect.ready(*nodes)
    return nodes


def start_jobs(node: Node, place: str) -> None:
    for anchor in ANCHORS:
        last = f"echo written >{place}/last-of-{anchor}" if place == CLIENT_MOUNT else "true"
        text = JOB.format(anchor=anchor, place=place, found=found_at(anchor), last=last)
        node.write(f"/etc/systemd/system/job-{anchor}.service", text.encode())
    node.run("systemctl", "daemon-reload")
    for anchor in ANCHORS:
        node.run("systemctl", "enable", "--now", f"job-{anchor}.service")


def found_at(anchor: str) -> str:
    return f"/var/lib/found-by-{anchor}"


def jobs_ended_well(node: Node) -> None:
    """And are at work again."""
    for anchor in ANCHORS:
        found = node.read(found_at(anchor)).decode().strip()
        assert found == "mounted", f"{node.name}: at its end the job after {anchor} found its mount {found}"
        node.wait_for_unit(f"job-{anchor}.service")


def nothing_is_written_below(client: Node) -> None:
    """While nothing is mounted there, not by root either; and clean takes it away again."""
    for anchor in ANCHORS:
        client.run("systemctl", "stop", f"job-{anchor}.service")
    client.run("lustre-init", "stop")
    assert client.run("touch", f"{CLIENT_MOUNT}/by-mistake", check=False).status != 0
    assert client.run("ls", "-A", CLIENT_MOUNT).out == ""
    client.run("lustre-init", "clean")
    assert client.run("test", "-e", CLIENT_MOUNT, check=False).status != 0


def identities(server: Node) -> list[str]:
    return [expect.filesystem_id(server, target) for target in TARGETS[server.name]]


def read_back(client: Node, path: str, written: str) -> None:
    client.run("sh", "-c", "echo 3 >/proc/sys/vm/drop_caches")
    read = expect.checksum(client, path)
    assert read == written, f"{path} was written as {written} and reads as {read}"
