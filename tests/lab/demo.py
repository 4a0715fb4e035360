# SPDX-License-Identifier: Apache-2.0
"""The demonstration: tagged instances boot, and a file system is there.

Nothing is typed into a node before it says that it is ready. Then all are
rebooted at once, and the file is still there.
"""

from __future__ import annotations

import os
import textwrap

import expect
from bounds import MACHINE
from host import LabError
from image import Image
from journey import Journey, travel
from laboratory import Lab
from narrator import Narrator
from node import Node
from trouble import GuestTrouble

FLEET = "trio"
MOUNT_POINT = "/mnt/lustrewt"
FILE = f"{MOUNT_POINT}/hello"
FILE_MEBIBYTES = 8
# Each node's own boot, on a quiet machine; the demo as a whole, from the launch to its end.
BOOT_SECONDS = 600
QUIET_MINUTES = 3.5
# What a QEMU takes beyond the memory of its guest.
QEMU_MEBIBYTES = 250


def run(image: Image, say: Narrator, *, keep: bool) -> None:
    with Lab("demo", image, say) as lab:
        nodes = lab.fleet(FLEET, cloud_init=True)
        tell_beforehand(image, nodes)
        try:
            play(lab, nodes, say)
        except (AssertionError, LabError) as error:
            say.clear()
            say("it failed; collecting what there is to read")
            lab.keep_evidence()
            if keep:
                lab.keep()
                say_how_to_log_in(nodes)
            raise LabError(verdict(lab, error)) from error
        if keep:
            lab.keep()
            say_how_to_log_in(nodes)
        else:
            print("\nNext: make demo KEEP=1 leaves the nodes running, and says how to log in. Nothing runs any more.")


def play(lab: Lab, nodes: list[Node], say: Narrator) -> None:
    first_boot(lab, nodes, say)
    timeline = nodes[1].run("lustre-init", "timeline").out
    picture = lab.logs / f"{nodes[1].name}-timeline.svg"
    picture.write_text(nodes[1].run("lustre-init", "timeline", "--svg").out)
    checksum = use(nodes[-1], say)
    reboot_all(nodes, checksum, say)
    say.clear()
    for node in nodes:
        say.show(f"{node.name}: systemctl status lustre-init", expect.unit_status(node).out)
    say.show("client: df -hT", nodes[-1].run("df", "-hT").out)
    say.show("where the time of the OSS's first boot went (lustre-init timeline)", timeline)
    print(f"\nThe same as a picture: {os.path.relpath(picture)}", flush=True)


def tell_beforehand(image: Image, nodes: list[Node]) -> None:
    minutes = QUIET_MINUTES * MACHINE.slowness()
    print(
        textwrap.dedent(f"""
        Three EC2 instances boot on this machine, on a network of their own without a way out.
          real      Linux, systemd, udev, LVM, NVMe, cloud-init, rpm; and the agent, installed from its RPM
          stand-in  Lustre: its modules are not to be had from Debian (tests/lab/lustre-sim does what they do)
          runs by   {image.accelerator}, on a machine that is {MACHINE}: some {minutes:.0f} minutes
          memory    {memory(nodes)}
          stays     build/ (some 1.2 GB) and the packages that were installed; nothing else
        """),
        flush=True,
    )


def memory(nodes: list[Node]) -> str:
    """What the nodes take, and whether that is there: refused before it, not when the machine is out of it."""
    needed = sum(node.spec.memory + QEMU_MEBIBYTES for node in nodes) << 20
    free = available_memory()
    if needed > free["MemAvailable"] + free["SwapFree"]:
        raise LabError(
            f"three nodes take {needed / 1e9:.1f} GB of memory, and {free['MemAvailable'] / 1e9:.1f} GB are available "
            "here: end something that takes much, or use a machine with 4 GB"
        )
    said = f"{needed / 1e9:.1f} GB at most, of {free['MemAvailable'] / 1e9:.1f} GB that are available"
    return said + ("" if needed < free["MemAvailable"] else ": the rest is swap, and slow")


def available_memory() -> dict[str, int]:
    """Bytes, by the names of /proc/meminfo (proc(5))."""
    with open("/proc/meminfo", encoding="ascii") as file:
        rows = (line.split() for line in file)
        return {row[0].rstrip(":"): int(row[1]) << 10 for row in rows if len(row) == 3}


def first_boot(lab: Lab, nodes: list[Node], say: Narrator) -> None:
    for node in nodes:
        node.launch()
        say(f"launched {node.name} at {node.spec.address}: {asked(node)}")
    travel([Journey(node) for node in nodes], BOOT_SECONDS, say)
    expect.ready(*nodes)


def asked(node: Node) -> str:
    """What the node's metadata says, on one line."""
    tags = node.spec.metadata.get("tags")
    if tags:
        return "tags " + " ".join(f"{key}={value}" for key, value in tags.items())
    return "user-data " + " | ".join(str(node.spec.metadata.get("user_data", "")).splitlines())


def use(client: Node, say: Narrator) -> str:
    """Write a file through the client; returns its checksum."""
    written = expect.write_file(client, FILE, FILE_MEBIBYTES)
    say(f"client: wrote {FILE_MEBIBYTES} MiB to {FILE}, SHA-256 {written[:16]}...")
    return written


def reboot_all(nodes: list[Node], checksum: str, say: Narrator) -> None:
    """All at about the same time, the client first: nobody sees to it that they come back in order."""
    *servers, client = nodes
    before = {node.name: identities(node) for node in servers}
    journeys = []
    for node in reversed(nodes):
        say(f"rebooting {node.name}")
        journeys.insert(0, Journey(node, after=node.boot_id()))
        node.start_reboot()
    travel(journeys, BOOT_SECONDS, say)
    expect.ready(*nodes)
    for node in servers:
        after = identities(node)
        assert after == before[node.name], f"{node.name} has other file systems: {after}"
        for mount_point, uuid in after.items():
            say(f"{node.name}: {mount_point} is mounted, file system {uuid} as before")
    found = expect.checksum(client, FILE)
    assert found == checksum, f"{FILE} reads as {found}, was written as {checksum}"
    say(f"client: {FILE} is there, checksum as before")


def identities(node: Node) -> dict[str, str]:
    """The file systems of a server's targets, by mount point."""
    targets = node.run("findmnt", "-rn", "-o", "TARGET").out.split()
    ours = sorted(target for target in targets if target.startswith("/srv/lustre/"))
    assert ours, f"{node.name} has no target mounted"
    return {target: expect.filesystem_id(node, target) for target in ours}


def verdict(lab: Lab, error: Exception) -> str:
    """Why it failed, where to look, and what to do."""
    folder = os.path.relpath(lab.logs)
    reason = f"the demo failed: {error}\nConsole, journal and QEMU's words of each node are in {folder}/."
    if MACHINE.slowness() > 3:
        return f"{reason}\nThis machine is {MACHINE}: try again when it has less to do, or with LAB_PATIENCE=3."
    if isinstance(error, GuestTrouble):
        return f"{reason}\nThat was the emulated machine, not what runs on it: try again."
    return f"{reason}\nIf it fails there again, that folder is what a bug report needs."


def say_how_to_log_in(nodes: list[Node]) -> None:
    names = ", ".join(node.name for node in nodes)
    print(
        f"\nThe nodes keep running: {names}.\n"
        f"  make login NODE={nodes[-1].name}   a root shell on its console; leave it with Ctrl-]\n"
        "  make demo-stop          end them all",
        flush=True,
    )
