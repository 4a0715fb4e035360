# SPDX-License-Identifier: Apache-2.0
"""LNET is on the interfaces that were asked for, whoever configured it.

One lone MGS, resumed from one snapshot for each story: several nets; an
interface that comes late, and one of another name; the vendor's lnet.service
that configured LNET rightly, not at all, or wrongly; modprobe.d that says
otherwise; a net that is taken away.
What is right is left alone, what is missing is added, what is wrong is refused,
and nothing is written then.
"""

from __future__ import annotations

from collections.abc import Callable

import boots
import expect
from host import wait_until
from laboratory import Lab
from node import Node

SNAPSHOT = "untouched"
MGS = {"lustre:role": "mgs"}
# The file is a list of what lnetctl shall make of LNET (lnetctl(8), import).
LNET_CONF = """net:
    - net type: {net}
      local NI(s):
        - interfaces:
              0: {interface}
"""


def run(lab: Lab) -> None:
    node = boots.untouched(lab, SNAPSHOT)
    for story in STORIES:
        node.load(SNAPSHOT)
        story(node)


def two_nets(node: Node) -> None:
    """The second interface comes late; what is waited for is told."""
    start(node, {"lustre:lnet": "tcp(primary),tcp1(eth1)"})
    wait_until("STATUS names the interface", lambda: "eth1" in expect.status_text(node), timeout=60)
    second_interface(node, "eth1", "10.88.0.20/24")
    ready_with(node, "10.77.0.20@tcp", "10.88.0.20@tcp1")


def an_interface_of_another_name(node: Node) -> None:
    """The primary one is known by its MAC address; renamed, it gets its address anew."""
    primary = interface_of(node)
    node.run("ip", "link", "set", primary, "down")
    start(node, {})
    node.run("ip", "link", "set", primary, "name", "ens77")
    node.run("ip", "link", "set", "ens77", "up")
    ready_with(node, "10.77.0.20@tcp")


def configured_rightly(node: Node) -> None:
    lnet_service(node, LNET_CONF.format(net="tcp", interface=interface_of(node)))
    start(node, {})
    ready_with(node, "10.77.0.20@tcp")
    steps = node.run("lustre-init", "timeline").out
    assert "add-net" not in steps and "configure-lnet" not in steps, f"LNET was touched:\n{steps}"
    assert node.unit_property("lnet.service", "ActiveState") == "active"


def configured_without_an_interface(node: Node) -> None:
    """As shipped: every line of lnet.conf is a comment, and LNET comes up without a NID."""
    lnet_service(node, "# net:\n")
    assert node.run("lctl", "list_nids").out == ""
    start(node, {})
    ready_with(node, "10.77.0.20@tcp")


def a_net_is_taken_away(node: Node) -> None:
    """As cut off between the MGT and its net: all is mounted, and nobody reaches it."""
    start(node, {})
    ready_with(node, "10.77.0.20@tcp")
    node.run("lnetctl", "net", "del", "--net", "tcp")
    node.run("systemctl", "restart", expect.UNIT, timeout=120)
    ready_with(node, "10.77.0.20@tcp")


def configured_on_another_interface(node: Node) -> None:
    second_interface(node, "eth1", "10.88.0.20/24")
    lnet_service(node, LNET_CONF.format(net="tcp", interface="eth1"))
    before = node.written()
    start(node, {})
    assert expect.end_of_start(node) == "failed", expect.unit_status(node).out
    said = expect.unit_status(node).out
    assert node.unit_property(expect.UNIT, "ExecMainStatus") == "3", said
    for words in ("10.88.0.20@tcp", "10.77.0.20@tcp", "lustre_rmmod", "lnet.service"):
        assert words in said, f"status does not say '{words}'\n{said}"
    assert node.written() == before, "disks were written"
    assert node.run("lctl", "list_nids").out == "10.88.0.20@tcp\n", "LNET was touched"


def modprobe_says_otherwise(node: Node) -> None:
    """What would hold for who loads Lustre by hand is named, and not followed: no target registers here."""
    node.write("/etc/modprobe.d/site.conf", b'options lnet networks="tcp1(eth1), tcp2(eth2)"\n')
    start(node, {})
    ready_with(node, "10.77.0.20@tcp")
    words = "networks=tcp1(eth1), tcp2(eth2) by /etc/modprobe.d/site.conf"
    notes = expect.status(node)["notes"]
    assert any(words in note for note in notes), notes
    said = node.run("journalctl", "-b", "-u", expect.UNIT, "-o", "cat").out
    assert said.count(words) == 1, said


STORIES: tuple[Callable[[Node], None], ...] = (
    two_nets,
    an_interface_of_another_name,
    configured_rightly,
    configured_without_an_interface,
    a_net_is_taken_away,
    configured_on_another_interface,
    modprobe_says_otherwise,
)


def start(node: Node, tags: dict[str, str]) -> None:
    node.set_metadata(tags=MGS | tags)
    expect.start_anew(node)


def ready_with(node: Node, *nids: str) -> None:
    expect.ready(node)
    found = node.run("lctl", "list_nids").out.split()
    assert sorted(found) == sorted(nids), f"LNET has {found}, not {nids}"
    expect.mounted(node, "/srv/lustre/MGS")


def interface_of(node: Node) -> str:
    """The one interface that the node booted with."""
    return node.run("ip", "-o", "-4", "route", "get", "10.77.0.1").out.split(" dev ")[1].split()[0]


def second_interface(node: Node, name: str, address: str) -> None:
    """networkd has a word on every interface, so it is told of this one first."""
    unit = f"[Match]\nName={name}\n[Network]\nAddress={address}\nLinkLocalAddressing=no\n"
    node.write(f"/etc/systemd/network/10-{name}.network", unit.encode())
    node.run("networkctl", "reload")
    node.run("ip", "link", "add", name, "type", "dummy")


def lnet_service(node: Node, conf: str) -> None:
    node.write("/etc/lnet.conf", conf.encode())
    node.run("systemctl", "start", "lnet.service", timeout=120)
