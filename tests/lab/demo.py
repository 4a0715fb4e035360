# SPDX-License-Identifier: Apache-2.0
"""The demonstration: tagged instances boot, and a file system is there.

Nothing is typed into a node before it says that it is ready. Then each is
rebooted, the servers first, and the file is still there.
"""

from __future__ import annotations

import time

import expect
from host import LabError
from image import Image
from laboratory import Lab
from node import Node

FLEET = "trio"
MOUNT_POINT = "/mnt/lustrewt"
FILE = f"{MOUNT_POINT}/hello"
FILE_MEBIBYTES = 32
PATIENCE = 600


class Narrator:
    """Progress on the terminal, with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began:4.0f} s] {text}", flush=True)


def show(title: str, text: str) -> None:
    print(f"\n--- {title}\n{text.rstrip()}", flush=True)


def run(image: Image, say: Narrator, *, keep: bool) -> None:
    with Lab("demo", image, say) as lab:
        nodes = lab.fleet(FLEET, cloud_init=True)
        try:
            first_boot(lab, nodes)
            show_nodes(nodes)
            checksum = use(lab, nodes)
            reboot_each(lab, nodes, checksum)
        except (AssertionError, LabError):
            lab.keep_evidence()
            say(f"consoles and journals are in {lab.logs}")
            raise
        if keep:
            lab.keep()
            say_how_to_log_in(nodes)
        else:
            say("done: all nodes are ended and their network is gone (make demo KEEP=1 keeps them)")


def first_boot(lab: Lab, nodes: list[Node]) -> None:
    for node in nodes:
        node.launch()
        lab.say(f"launched {node.name} at {node.spec.address}: {asked(node)}")
    for node in nodes:
        node.wait_for_boot(PATIENCE)
        lab.say(f"{node.name} is up")
    watch(lab, nodes)


def watch(lab: Lab, nodes: list[Node]) -> None:
    """Tell what each node's unit says of itself, until all are ready."""
    told: dict[str, str] = {}
    deadline = time.monotonic() + PATIENCE
    waiting = list(nodes)
    while waiting and time.monotonic() < deadline:
        # The state first: then the text of a start that is over is its last.
        ended = [node for node in waiting if unit_state(node) in ("active", "failed")]
        for node in waiting:
            says = expect.status_text(node)
            if says and says != told.get(node.name):
                lab.say(f"{node.name}: {says}")
            told[node.name] = says
        waiting = [node for node in waiting if node not in ended]
        time.sleep(1)
    expect.ready(*nodes, timeout=10)


def unit_state(node: Node) -> str:
    return node.unit_property(expect.UNIT, "ActiveState")


def asked(node: Node) -> str:
    """What the node's metadata says, on one line."""
    tags = node.spec.metadata.get("tags")
    if tags:
        return "tags " + " ".join(f"{key}={value}" for key, value in tags.items())
    return "user-data " + " | ".join(str(node.spec.metadata.get("user_data", "")).splitlines())


def show_nodes(nodes: list[Node]) -> None:
    for node in nodes:
        show(f"{node.name}: systemctl status lustre-init", expect.unit_status(node).out)
        show(f"{node.name}: lustre-init status", node.run("lustre-init", "status").out)


def use(lab: Lab, nodes: list[Node]) -> str:
    """Write a file through the client; returns its checksum."""
    client = nodes[-1]
    show("client: df -hT", client.run("df", "-hT").out)
    written = expect.write_file(client, FILE, FILE_MEBIBYTES)
    show(f"client: {FILE_MEBIBYTES} MiB written and read back", f"{written}  {FILE}")
    print(flush=True)
    return written


def reboot_each(lab: Lab, nodes: list[Node], checksum: str) -> None:
    """Servers from the last to the first, then the client, as in life."""
    *servers, client = nodes
    before = {node.name: identities(node) for node in servers}
    for node in [*reversed(servers), client]:
        lab.say(f"rebooting {node.name}")
        node.reboot(PATIENCE)
        lab.say(f"{node.name} is up again")
        watch(lab, [node])
    for node in servers:
        after = identities(node)
        assert after == before[node.name], f"{node.name} has other file systems: {after}"
        for mount_point, uuid in after.items():
            lab.say(f"{node.name}: {mount_point} is mounted, file system {uuid} as before")
    found = expect.checksum(client, FILE)
    assert found == checksum, f"{FILE} reads as {found}, was written as {checksum}"
    lab.say(f"client: {FILE} is there, checksum as before")


def identities(node: Node) -> dict[str, str]:
    """The file systems of a server's targets, by mount point."""
    targets = node.run("findmnt", "-rn", "-o", "TARGET").out.split()
    ours = sorted(target for target in targets if target.startswith("/srv/lustre/"))
    assert ours, f"{node.name} has no target mounted"
    return {target: expect.filesystem_id(node, target) for target in ours}


def say_how_to_log_in(nodes: list[Node]) -> None:
    names = ", ".join(node.name for node in nodes)
    print(
        f"\nThe nodes keep running: {names}.\n"
        f"  make login NODE={nodes[-1].name}   a root shell on its console; leave it with Ctrl-]\n"
        "  make demo-stop          end them all",
        flush=True,
    )
