# SPDX-License-Identifier: Apache-2.0
"""Five nodes, one role each, started in the worst order, find each other; reboots are ridden out.

The OSSs, the MDS and a client are up first; each says that it waits for the MGS,
and harms nothing. The MGS comes last, and with it all of them, untouched by
anybody. Then an OSS reboots while the client writes, and the MGS together with the
client: what was written is there, nothing was formatted, and the client mounts by
itself though its MGS is not yet back.
"""

from __future__ import annotations

import time

import expect
from bounds import Deadline
from laboratory import Lab
from node import Node

CLIENT_MOUNT = "/mnt/lustrewt"
SOURCE = "/root/source"
COPIES = 6
TARGETS = {
    "mgs5": "/srv/lustre/MGS",
    "mds5": "/srv/lustre/lustrewt-MDT0000",
    "oss5a": "/srv/lustre/lustrewt-OST0016",
    "oss5b": "/srv/lustre/lustrewt-OST0017",
}
# Slow enough that a reboot falls into it, on any machine.
WRITER = f"for i in $(seq {COPIES}); do cp {SOURCE} {CLIENT_MOUNT}/mid.$i && sync || exit 1; sleep 2; done"


def run(lab: Lab) -> None:
    mgs, mds, oss_a, oss_b, client = lab.fleet("five")
    early = [oss_a, oss_b, mds, client]
    lab.boot(early)
    for node in early:
        waits_for_the_mgs(node)
    lab.boot([mgs])
    expect.ready(mgs, *early)
    before = {node.name: identity(node) for node in (mgs, mds, oss_a, oss_b)}
    expect.write_file(client, f"{CLIENT_MOUNT}/first", mebibytes=4)

    oss_reboots_in_mid_write(oss_a, client)
    mgs_and_client_reboot(mgs, client)
    assert {node.name: identity(node) for node in (mgs, mds, oss_a, oss_b)} == before
    lab.put_on_shelf("five", [mgs, mds, oss_a, oss_b, client])


def identity(server: Node) -> str:
    return expect.filesystem_id(server, TARGETS[server.name])


def waits_for_the_mgs(node: Node, timeout: float = 120) -> None:
    """Its unit's status says so, while it starts."""
    deadline = Deadline(timeout)
    while "waiting for the MGS" not in (says := expect.unit_status(node).out):
        assert not deadline.passed(), f"{node.name} does not say what it waits for: {says}"
        time.sleep(1)
    assert node.unit_property(expect.UNIT, "ActiveState") == "activating"


def oss_reboots_in_mid_write(oss: Node, client: Node) -> None:
    written = expect.write_file(client, SOURCE, mebibytes=4)
    client.run("systemd-run", "--unit=writer", "--service-type=oneshot", "--no-block", "sh", "-c", WRITER)
    oss.reboot()
    expect.ready(oss)
    client.wait_for_unit("writer", state="inactive", timeout=180)
    assert client.unit_property("writer", "Result") == "success"
    client.run("sh", "-c", "echo 3 >/proc/sys/vm/drop_caches")
    for number in range(1, COPIES + 1):
        read = expect.checksum(client, f"{CLIENT_MOUNT}/mid.{number}")
        assert read == written, f"copy {number} was written as {written} and reads as {read}"


def mgs_and_client_reboot(mgs: Node, client: Node) -> None:
    kept = expect.checksum(client, f"{CLIENT_MOUNT}/mid.1")
    mgs.start_reboot()
    client.reboot()
    mgs.wait_for_boot()
    expect.ready(mgs, client)
    assert expect.checksum(client, f"{CLIENT_MOUNT}/mid.1") == kept
