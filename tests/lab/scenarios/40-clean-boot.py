# SPDX-License-Identifier: Apache-2.0
"""The agent is never in the way of a boot.

In a node that nobody tagged it does nothing, which is a success (exit 4). In a
node whose MGS does not answer it goes on trying, while the boot reaches
multi-user.target and cloud-init its last stage.
Tags that come later are looked for, and who starts the unit in that moment is
not worked against.
"""

from __future__ import annotations

import boots
import expect
from fleet import NodeSpec
from host import wait_until
from laboratory import Lab
from node import Node

TAGS_UNIT = "lustre-init-tags.service"
WAITING = NodeSpec(
    name="waiting",
    address="10.77.0.30",
    cloud_init=True,
    metadata={
        "tags": {
            "lustre:role": "client",
            "lustre:fsname": "lustrewt",
            "lustre:mgs": "10.77.0.99",
        }
    },
)


def run(lab: Lab) -> None:
    (untagged,) = lab.fleet("single")
    (waiting,) = lab.add(WAITING)
    lab.boot([untagged, waiting])
    does_nothing(untagged)
    holds_nothing_up(waiting)
    finds_tags_that_come_late(untagged)
    is_started_by_hand(untagged)


def does_nothing(node: Node) -> None:
    node.wait_for_unit("multi-user.target")
    node.wait_for_unit(expect.UNIT)
    code = node.unit_property(expect.UNIT, "ExecMainStatus")
    result = node.unit_property(expect.UNIT, "Result")
    assert (code, result) == ("4", "success"), f"exit status {code}, result {result}"
    written = {serial: size for serial, (size, _) in node.written().items()}
    assert set(written.values()) == {0}, f"disks were written: {written}"
    groups = node.run("vgs", "--noheadings").out.strip()
    assert not groups, f"there are volume groups: {groups}"
    modules = node.run("lsmod").out
    assert "lustre" not in modules and "lnet" not in modules, "Lustre's modules were loaded"


def holds_nothing_up(node: Node) -> None:
    node.wait_for_unit("cloud-init.target", timeout=300)
    node.wait_for_unit("multi-user.target")
    state = node.unit_property(expect.UNIT, "ActiveState")
    assert state == "activating", f"the agent should still be waiting for its MGS, but is {state}"
    says = expect.status_text(node)
    assert "10.77.0.99" in says, f"the agent does not say what it waits for: {says}"


def finds_tags_that_come_late(node: Node) -> None:
    node.set_metadata(tags={"lustre:role": "mgs"})
    node.run("systemctl", "start", TAGS_UNIT, timeout=60)
    expect.ready(node)
    expect.mounted(node, boots.MGS)


def is_started_by_hand(node: Node) -> None:
    """As the timer has begun to look: one start is enough, and it is not ended in the middle."""
    boots.rest(node)
    node.run("touch", "/run/lustre-init/not-ours")
    node.run("mkdir", f"/run/systemd/system/{TAGS_UNIT}.d")
    node.write(f"/run/systemd/system/{TAGS_UNIT}.d/slow.conf", b"[Service]\nExecStartPre=/bin/sleep 5\n")
    node.run("systemctl", "daemon-reload")
    before = starts_of(node)
    node.run("systemctl", "start", "--no-block", TAGS_UNIT)
    wait_until("the timer's unit works", lambda: is_unit(node, "activating"), timeout=30)
    expect.start_anew(node)
    wait_until("the timer's unit is done", lambda: is_unit(node, "inactive"), timeout=60)
    expect.ready(node)
    assert starts_of(node) == before + 1, f"the unit was started {starts_of(node) - before} times, not once"


def is_unit(node: Node, state: str) -> bool:
    return node.unit_property(TAGS_UNIT, "ActiveState") == state


def starts_of(node: Node) -> int:
    return node.run("journalctl", "-b", "-u", expect.UNIT, "-o", "cat").out.count(f"Starting {expect.UNIT}")
