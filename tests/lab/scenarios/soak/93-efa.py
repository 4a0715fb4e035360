# SPDX-License-Identifier: Apache-2.0
"""Nets over EFA stand beside tcp: targets register with all of them, tcp first, and come back so.

A server with two EFA devices and a client with one. The server first names an
RDMA device that is real, of the kernel's own software over Ethernet: its driver
is not efa, so it is refused, and nothing is written. EFA devices themselves no
virtual machine has. Their part of sysfs is a recorded one, laid over the
kernel's; kefalnd is the stand-in's, and what is sent goes by tcp. So this shows
what the agent does of it, and no byte over EFA.
"""

from __future__ import annotations

import os

import boots
import expect
from fleet import Disk, NodeSpec
from laboratory import Lab
from node import Node
from scenario import Skip

GIB = 1 << 30
SERVER = NodeSpec("efa-server", "10.77.0.50", {"tags": {"Name": "untagged"}}, instance_store=(Disk(8 * GIB), Disk(8 * GIB)))
CLIENT = NodeSpec("efa-client", "10.77.1.51", {"tags": {"Name": "untagged"}}, instance_type="m5.large", memory=576)
DEVICES = {"rdmap36s0": "0000:24:00.0", "rdmap0s6": "0000:00:06.0"}
SERVER_NIDS = ["10.77.0.50@tcp", "0.50.0.48@efa", "0.50.36.0@efa"]
CLIENT_NIDS = ["10.77.1.51@tcp", "1.51.0.48@efa"]
TARGETS = ("lustrewt-MDT0000", "lustrewt-OST0032")
FILE = "/mnt/lustrewt/file"

# /sys/class has this directory once ib_core is there, and nothing can be made in it.
UNIT = """[Unit]
DefaultDependencies=no
After=systemd-modules-load.service local-fs.target
Before=lustre-init.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/modprobe ib_core
ExecStart=/usr/bin/mount --bind /var/lib/lab-rdma/class /sys/class/infiniband
[Install]
WantedBy=multi-user.target
"""


def run(lab: Lab) -> None:
    if os.environ.get("LUSTRE") == "real":
        raise Skip("it wants EFA devices, which no virtual machine of QEMU's has")
    server, client = lab.add(SERVER, CLIENT)
    lab.boot([server, client])
    for node in (server, client):
        node.wait_for_unit(expect.UNIT)
    is_no_efa_device(server)
    efa_devices(server, DEVICES)
    efa_devices(client, {"rdmap0s6": DEVICES["rdmap0s6"]})
    serves(server)
    mounts(client)
    comes_back(server, client)


def is_no_efa_device(server: Node) -> None:
    """rxe, RDMA over UDP, on the node's own interface."""
    interface = server.run("ip", "-o", "-4", "route", "get", "10.77.0.1").out.split(" dev ")[1].split()[0]
    server.run("modprobe", "rdma_rxe")
    server.run("rdma", "link", "add", "rxe0", "type", "rxe", "netdev", interface)
    before = server.written()
    boots.converge(server, tags=tags("mgs+mds+oss", "tcp(primary),efa(rxe0)")).refused("rxe0", "and not efa", "efa(all)")
    boots.nothing_written(server, before)
    server.run("rdma", "link", "delete", "rxe0")
    boots.converge(server).refused("no EFA device")


def efa_devices(node: Node, devices: dict[str, str]) -> None:
    """At this boot and later ones."""
    tree = "/var/lib/lab-rdma"
    node.run("mkdir", "-p", f"{tree}/drivers/efa")
    for name, pci_address in devices.items():
        node.run("mkdir", "-p", f"{tree}/devices/{pci_address}", f"{tree}/class/{name}/ports/1")
        node.run("ln", "-s", f"{tree}/drivers/efa", f"{tree}/devices/{pci_address}/driver")
        node.run("ln", "-s", f"{tree}/devices/{pci_address}", f"{tree}/class/{name}/device")
        node.write(f"{tree}/devices/{pci_address}/numa_node", b"-1\n")
        node.write(f"{tree}/class/{name}/ports/1/state", b"4: ACTIVE\n")
    node.write("/etc/systemd/system/lab-rdma.service", UNIT.encode())
    node.run("systemctl", "enable", "--now", "lab-rdma.service")


def serves(server: Node) -> None:
    boots.converge(server, tags=tags("mgs+mds+oss", "tcp(primary),efa(all)")).ready()
    has_nids(server, SERVER_NIDS)
    shown = server.run("lnetctl", "net", "show", "-v").out
    assert shown.count("peer_credits: 32") == 2, f"an efa net has not the credits of the guide:\n{shown}"
    registered(server)


def mounts(client: Node) -> None:
    boots.converge(client, tags=tags("client", "tcp(primary),efa(auto)") | {"lustre:mgs": SERVER.address}).ready()
    has_nids(client, CLIENT_NIDS)
    expect.write_file(client, FILE, mebibytes=2)


def comes_back(server: Node, client: Node) -> None:
    """The same NIDs, whatever was said of sysfs at the boot before; the client goes on."""
    written = expect.checksum(client, FILE)
    made = [expect.filesystem_id(server, f"/srv/lustre/{target}") for target in TARGETS]
    server.reboot()
    boots.end_of_boot(server).ready()
    has_nids(server, SERVER_NIDS)
    registered(server)
    assert [expect.filesystem_id(server, f"/srv/lustre/{target}") for target in TARGETS] == made
    client.run("sh", "-c", "echo 3 >/proc/sys/vm/drop_caches")
    assert expect.checksum(client, FILE) == written


def tags(role: str, lnet: str) -> dict[str, str]:
    return {"lustre:role": role, "lustre:fsname": "lustrewt", "lustre:lnet": lnet}


def has_nids(node: Node, nids: list[str]) -> None:
    """tcp is the first; and what leaves prefers efa."""
    found = node.run("lctl", "list_nids").out.split()
    assert found[0] == nids[0] and sorted(found) == sorted(nids), f"{node.name} has {found}, not {nids}"
    assert "src: efa" in node.run("lnetctl", "udsp", "show").out
    assert "discovery: 1" in node.run("lnetctl", "global", "show").out


def registered(server: Node) -> None:
    """The MGS tells others of each target under its tcp NID, with the others behind it."""
    log = server.run("lctl", "--device", "MGS", "llog_print", "lustrewt-client").out.splitlines()
    said = [line.partition("nid: ")[2].partition(",")[0] for line in log if "add_uuid" in line]
    assert len(said) == len(SERVER_NIDS) * len(TARGETS), f"the MGS knows {said}"
    for target in range(len(TARGETS)):
        of_target = said[target * len(SERVER_NIDS) :][: len(SERVER_NIDS)]
        assert of_target[0] == SERVER_NIDS[0] and sorted(of_target) == sorted(SERVER_NIDS), f"the MGS knows {said}"
