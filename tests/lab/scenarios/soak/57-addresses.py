# SPDX-License-Identifier: Apache-2.0
"""The instance's own address is the NID, in whatever order and under whatever label a boot brought it.

EL 9 and AL2023 configure static addresses first: the one that DHCP brings is
then a secondary one of its interface, and LNET, told of the interface, would
take the first. So it is told of the NID; an lnetctl that takes none is refused
with what to do. Where the others have labels of their own, the interface's name
means the right one again.
"""

from __future__ import annotations

import json

import boots
import expect
from laboratory import Lab
from node import Node

NETWORK = "/etc/systemd/network/10-own.network"
SIM_CONF = "/etc/lustre-sim.conf"
MGS = {"lustre:role": "mgs"}
NID = "10.77.0.20@tcp"
OTHERS = ("10.77.0.98", "10.77.0.99")


def run(lab: Lab) -> None:
    (node,) = lab.fleet("single")
    lab.boot([node])
    node.wait_for_unit(expect.UNIT)
    others_come_first(node)
    node.set_metadata(tags=MGS)
    node.reboot()
    serves(node)
    assert addresses(node)[-1] == "10.77.0.20" and len(addresses(node)) == 3, addresses(node)

    old_lnetctl(node)
    others_have_labels(node)


def others_come_first(node: Node) -> None:
    static = "".join(f"Address={address}/20\n" for address in OTHERS)
    node.write(NETWORK, f"[Match]\nName={interface(node)}\n[Network]\nDHCP=ipv4\n{static}".encode())


def old_lnetctl(node: Node) -> None:
    """As that of Lustre 2.15, at the boot after."""
    if node.run("test", "-e", SIM_CONF, check=False).status != 0:
        return
    node.write(SIM_CONF, node.read(SIM_CONF) + b"without-nid = 1\n")
    node.reboot()
    boots.end_of_boot(node).refused(f"address {OTHERS[0]} before 10.77.0.20", "label")


def others_have_labels(node: Node) -> None:
    name = interface(node)
    static = "".join(f"[Address]\nAddress={address}/20\nLabel={name}:{at}\n" for at, address in enumerate(OTHERS))
    node.write(NETWORK, f"[Match]\nName={name}\n[Network]\nDHCP=ipv4\n{static}".encode())
    node.reboot()
    serves(node)
    assert addresses(node)[-1] == "10.77.0.20", addresses(node)


def serves(node: Node) -> None:
    boots.end_of_boot(node).ready()
    assert node.run("lctl", "list_nids").out.split() == [NID]
    expect.mounted(node, boots.MGS)


def interface(node: Node) -> str:
    return node.run("ip", "-o", "-4", "route", "get", "10.77.0.1").out.split(" dev ")[1].split()[0]


def addresses(node: Node) -> list[str]:
    """In the kernel's order."""
    shown = json.loads(node.run("ip", "-j", "-4", "address", "show", "dev", interface(node)).out)
    return [address["local"] for address in shown[0]["addr_info"]]
