# SPDX-License-Identifier: Apache-2.0
"""The agent is never in the way of a boot.

In a node that nobody tagged it does nothing, which is a success (exit 4). In a
node whose MGS does not answer it goes on trying, while the boot reaches
multi-user.target and cloud-init its last stage.
"""

from __future__ import annotations

import expect
from fleet import NodeSpec
from laboratory import Lab
from node import Node

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
