# SPDX-License-Identifier: Apache-2.0
"""A stop loses the instance store; what was on it is made anew by consent alone.

An OSS that was stopped and started finds blank disks where its OST was. Files
that had objects there would read as empty, without an error, so it halts and
says so. With on-data-loss: recreate it makes the OST anew, empty, under its old
index: plainly first, and with --replace once the MGS has said that the index is
in use. A lone MGT comes back the same way. An MDT never does, whatever the key
says: a new MDT over surviving OSTs is no file system.
"""

from __future__ import annotations

import errno

import boots
import expect
from laboratory import Lab
from node import Node

LONG = True
LONE_MGS = {"lustre:role": "mgs"}
RECREATE = {"lustre:on-data-loss": "recreate"}


def run(lab: Lab) -> None:
    mgs, oss = boots.servers(lab)
    ost_halts(oss)
    ost_is_made_anew(oss)
    mdt_is_refused(mgs)
    mgt_halts_and_is_made_anew(mgs)


def ost_halts(oss: Node) -> None:
    lost = oss.serials()
    oss.stop_start()
    boot = boots.end_of_boot(oss)
    boot.refused("data-loss", boots.OST, *lost, "blank", "without an error", "on-data-loss: recreate")
    assert_blank(oss)


def ost_is_made_anew(oss: Node) -> None:
    boot = boots.converge(oss, tags=RECREATE)
    boot.ready()
    tried, replaced = boot.did("mount")
    assert tried["errno"] == errno.EADDRINUSE, f"the first mount ended otherwise: {tried}"
    assert replaced["result"] == "done", f"the second mount ended otherwise: {replaced}"
    plain, replacing = boot.did("format")
    assert "--replace" not in plain["what"], f"the first format was not plain: {plain}"
    assert "replac" in replacing["what"], f"the second format did not replace: {replacing}"
    expect.mounted(oss, boots.OST_MOUNT)
    # Another boot of the same instance: nothing is lost, so nothing is consented to.
    made = expect.filesystem_id(oss, boots.OST_MOUNT)
    boots.rest(oss)
    boots.converge(oss).ready()
    assert expect.filesystem_id(oss, boots.OST_MOUNT) == made, "the OST was formatted again"


def mdt_is_refused(mgs: Node) -> None:
    mgs.stop_start()
    boots.end_of_boot(mgs).refused("data-loss", "lustrewt-MDT0000", "MGS", "new fsname")
    for tags in (mgs.spec.metadata["tags"] | RECREATE, mgs.spec.metadata["tags"] | {"lustre:replace": "true"}):
        boot = boots.converge(mgs, tags=tags)
        boot.refused("data-loss", "lustrewt-MDT0000", "no file system")
    assert_blank(mgs)


def mgt_halts_and_is_made_anew(mgs: Node) -> None:
    """A lone MGS, on the same node: its disks are blanked while it is at rest."""
    mgs.run("lustre-init", "clean")
    boots.converge(mgs, tags=LONE_MGS).ready()
    boots.rest(mgs)
    mgs.blank_disks()
    boots.converge(mgs).refused("data-loss", "MGS", *mgs.serials(), "register anew", "recreate")
    assert_blank(mgs)
    boots.converge(mgs, tags=LONE_MGS | RECREATE).ready()
    expect.mounted(mgs, boots.MGS)


def assert_blank(node: Node) -> None:
    written = {serial: size for serial, (size, _) in node.written().items()}
    assert set(written.values()) == {0}, f"{node.name}: disks were written: {written}"
