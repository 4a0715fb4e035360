# SPDX-License-Identifier: Apache-2.0
"""User-data that cloud-init and the agent both read, and what cloud-init says of it."""

from __future__ import annotations

import json

import expect
from fleet import NodeSpec
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
