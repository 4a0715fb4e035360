# SPDX-License-Identifier: Apache-2.0
"""cloud-init stays green beside us, and still tells of what is nobody's.

One node, one user-data after the other: our document alone, as a MIME part
beside #cloud-config, none, and somebody else's text. The first is read by a
real boot; so is the second, after `cloud-init clean` has emptied the folder
that our part handler is linked to. On this version of cloud-init a warning
shows in the log alone, on newer ones in its exit status too.
"""

from __future__ import annotations

import json

import expect
from fleet import NodeSpec
from laboratory import Lab
from node import Node

LOG = "/var/log/cloud-init.log"
LINK = "/var/lib/cloud/handlers/lustre_init_part.py"
MARK = "/run/cloud-config-was-here"

# Nothing answers at that address: the agent waits, and cloud-init must not.
DOCUMENT = "#lustre-init\nrole: client\nfsname: lustrewt\nmgs: 10.77.0.99\n"
MIME = f"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="==lab=="

--==lab==
Content-Type: text/cloud-config

#cloud-config
bootcmd:
- [touch, {MARK}]
--==lab==
Content-Type: text/lustre-init

{DOCUMENT}--==lab==--
"""
NOBODYS = "these words are nobody's user-data\n"

NODE = NodeSpec(
    name="beside",
    address="10.77.0.40",
    cloud_init=True,
    metadata={"user_data": DOCUMENT},
)


# The lab's small Debian has no other locale, and cloud-init would call that failed.
SMALL = b"locale: C.UTF-8\n"


def run(lab: Lab) -> None:
    (node,) = lab.add(NODE)
    lab.boot([node])
    node.wait_for_unit("cloud-init.target", timeout=400)
    is_silent(node, "our document alone")
    reads_our_document(node)
    node.write("/etc/cloud/cloud.cfg.d/91_small.cfg", SMALL)
    read_again(node)
    is_done(node, "our document alone")

    node.run("cloud-init", "clean", "--logs")
    assert node.run("test", "-e", LINK, check=False).status != 0, "clean left the link in place"
    node.set_metadata(user_data=MIME)
    node.reboot()
    is_done(node, "our part beside #cloud-config")
    node.run("test", "-e", MARK)
    reads_our_document(node)

    node.set_metadata(user_data=None)
    read_again(node)
    is_done(node, "no user-data")

    node.set_metadata(user_data=NOBODYS)
    read_again(node)
    said = warnings(node)
    assert "Unhandled non-multipart" in said, f"nobody's data passed in silence\n{said}"
    assert "nobody's user-data" not in said, f"the data is in the log\n{said}"


def read_again(node: Node) -> None:
    """All that reads user-data and uses it, as at a boot of a new instance."""
    node.run("cloud-init", "clean", "--logs")
    node.run("systemd-tmpfiles", "--create", "lustre-init.conf")
    for stage in (["init"], ["modules", "--mode=config"], ["modules", "--mode=final"]):
        node.run("cloud-init", *stage, timeout=300, check=False)


def is_done(node: Node, what: str) -> None:
    result = node.run("cloud-init", "status", "--wait", timeout=400, check=False)
    assert result.status == 0, f"{what}: {result}\n{warnings(node)}"
    assert "status: done" in result.out, f"{what}: {result}"
    is_silent(node, what)


def warnings(node: Node) -> str:
    return node.run("grep", "-E", "WARNING|CRITICAL|Traceback", LOG, check=False).out


def is_silent(node: Node, what: str) -> None:
    said = warnings(node)
    for word in ("Unhandled", "lustre", "schema"):
        assert word not in said, f"{what}: cloud-init warned\n{said}"
    target = node.run("readlink", "-e", LINK).out.strip()
    assert target.startswith("/usr/share/lustre-init/"), f"{what}: {LINK} leads to '{target}'"
    found = node.run("grep", "-c", "Added custom handler for .*lustre_init_part", LOG, check=False)
    assert int(found.out or 0) > 0, f"{what}: cloud-init did not take the part handler"


def reads_our_document(node: Node) -> None:
    spec = json.loads(node.run("lustre-init", "spec", "--json").out)
    assert spec["role"]["value"] == "client", f"role: {spec['role']}"
    assert spec["role"]["source"].startswith("user-data, line "), f"source: {spec['role']}"
    assert node.unit_property(expect.UNIT, "ActiveState") == "activating"
