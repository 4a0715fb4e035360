# SPDX-License-Identifier: Apache-2.0
"""systemd is reloaded, and executed anew, in the middle of a mount: nothing is decided wrongly, and nobody hangs.

As the installation of any package at boot does it. A client's mount waits for its
OST meanwhile, and ends well. The registration of an OST whose index is taken waits
for the locks of the node that died, and ends in a refusal with its reason. In both
the errno of mount(8) is lost to systemd on the way, as some versions lose it.
"""

from __future__ import annotations

import time

import boots
import expect
from host import wait_until
from laboratory import Lab
from node import Node

MOUNT = "/mnt/lustrewt"
TURNS = 2


def run(lab: Lab) -> None:
    mgs, oss, client = lab.fleet("trio")
    lab.boot([mgs, oss])
    expect.ready(mgs, oss)
    oss.run("umount", boots.OST_MOUNT, timeout=120)
    client_waits(client, oss)
    index_is_taken(oss)


def client_waits(client: Node, oss: Node) -> None:
    client.boot()
    under_way(client)
    reload(client)
    oss.run("systemctl", "restart", "--no-block", expect.UNIT)
    expect.ready(oss, client)
    expect.write_file(client, f"{MOUNT}/file", mebibytes=1)


def index_is_taken(oss: Node) -> None:
    """By an instance that died at this address; 98 comes after minutes (facts)."""
    oss.succeed("i-0anotherinstance")
    under_way(oss)
    reload(oss)
    expect.end_of_start(oss, timeout=600)
    boots.end_of_boot(oss).refused("is taken", boots.OST, "replace: true")


def under_way(node: Node) -> None:
    """A mount(8) of ours is at work."""
    wait_until(f"{node.name}: mount(8)", lambda: node.run("pgrep", "-x", "mount", check=False).status == 0, timeout=300)


def reload(node: Node) -> None:
    for word in ("daemon-reload", "daemon-reexec") * TURNS:
        assert node.unit_property(expect.UNIT, "ActiveState") == "activating", expect.unit_status(node).out
        node.run("systemctl", word, timeout=300)
        time.sleep(1)
