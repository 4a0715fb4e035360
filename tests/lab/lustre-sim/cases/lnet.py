# SPDX-License-Identifier: Apache-2.0
"""Modules, lnetctl, lctl and port 988: facts 4 and 6."""

from __future__ import annotations

import json
import time

from .nodes import Bench, Node, wait_until


def load(node: Node, name: str, options: str = "") -> int:
    return node(node.bench.programs / "lustre-sim", "module", name, options).status


def listeners(node: Node) -> list[str]:
    lines = node("ss", "-Hltn").out.splitlines()
    return sorted(line.split()[3] for line in lines if line.split()[3].endswith(":988"))


def case_no_module(bench: Bench) -> None:
    node = bench.node(1)
    result = node("lctl", "list_nids")
    assert result.status == 1 and result.err.splitlines() == [
        "Writer error: failed to resolve Netlink family id",
        "opening /dev/lnet failed: No such file or directory",
        "hint: the kernel modules may not be loaded",
        "IOC_LIBCFS_GET_NI error 2: No such file or directory",
    ]
    result = node("lnetctl", "net", "show")
    assert result.status == 234
    assert result.err == "Writer error: failed to resolve Netlink family id\n"
    result = node("lctl", "get_param", "-n", "health_check")
    assert result.status == 2
    assert (
        result.err
        == "error: get_param: param_path 'health_check': No such file or directory\n"
    )
    assert node("lctl", "dl").status == 2
    assert not (node.run / "modules").exists()


def case_lnet_loaded_but_down(bench: Bench) -> None:
    node = bench.node(1)
    assert load(node, "lnet") == 0
    assert "lnet" in (node.run / "modules").read_text().split()
    result = node("lctl", "list_nids")
    assert result.status == 1 and result.err.splitlines() == [
        "Reader error: 'LNet stack down' at 0",
        "IOC_LIBCFS_GET_NI error 100: Network is down",
    ]
    result = node("lnetctl", "net", "show")
    assert result.status == 234 and "errno: -100" in result.err and "LNet stack down" in result.err
    result = node("lnetctl", "net", "add", "--net", "tcp", "--if", "eth0")
    assert result.status == 234 and "errno: -108" in result.err, result
    assert "cannot add LNet NI" in result.err
    assert listeners(node) == []


def case_connections_to_each_peer(bench: Bench) -> None:
    node = bench.node(1)
    assert load(node, "lnet") == 0 and node("lnetctl", "lnet", "configure").status == 0
    added = ("lnetctl", "net", "add", "--skip-mr-route-setup", "--if", "eth0")
    assert node(*added, "--net", "tcp").status == 0
    assert "conns_per_peer" not in node("lnetctl", "net", "show").out
    assert "conns_per_peer: 1\n" in node("lnetctl", "net", "show", "-v", "4").out
    assert node("lnetctl", "net", "del", "--net", "tcp").status == 0
    assert node(*added, "--net", "tcp", "--conns-per-peer", "8").status == 0
    assert "conns_per_peer: 8\n" in node("lnetctl", "net", "show", "-v", "4").out


def case_configured_without_ni(bench: Bench) -> None:
    node = bench.node(1)
    load(node, "lnet")
    assert node("lnetctl", "lnet", "configure").status == 0
    result = node("lctl", "list_nids")
    assert (result.status, result.out, result.err) == (0, "", "")
    result = node("lnetctl", "net", "show")
    assert result.status == 0 and "nid: 0@lo" in result.out and "tcp" not in result.out
    assert listeners(node) == []


def case_net_add_and_delete(bench: Bench) -> None:
    node = bench.node(1)
    load(node, "lnet")
    node("lnetctl", "lnet", "configure")
    add = ["lnetctl", "net", "add", "--net", "tcp", "--if"]
    result = node(*add, "eth7")
    assert result.status == 234 and "errno: -100" in result.err, result
    assert "lnet_inet_select()) ksocklnd: failed to find UP interface eth7" in node.kernel_log()
    assert "LNetError: Error -100 starting up LNI tcp" in node.kernel_log()
    assert node(*add, "eth0").status == 0
    assert "LNet: Added LNI 10.9.0.1@tcp [8/256/0/180]" in node.kernel_log()
    assert node("lctl", "list_nids").out == "10.9.0.1@tcp\n"
    assert listeners(node) == ["10.9.0.1:988"]
    result = node(*add, "eth0")
    assert result.status == 234 and "errno: -17" in result.err, result
    shown = node("lnetctl", "net", "show").out
    assert "net type: tcp" in shown and "0: eth0" in shown
    node("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
    node("ip", "link", "set", "eth2", "up")
    node("ip", "link", "set", "eth1", "up")
    assert node(*add, "eth1").status == 234, "an interface without IPv4 was taken"
    node("ip", "addr", "add", "10.8.0.1/24", "dev", "eth1")
    assert node(*add, "eth1").status == 0
    assert listeners(node) == ["10.8.0.1:988", "10.9.0.1:988"]
    assert node("lnetctl", "net", "del", "--net", "tcp", "--if", "eth0").status == 0
    assert node("lctl", "list_nids").out == "10.8.0.1@tcp\n"
    assert listeners(node) == ["10.8.0.1:988"]


def case_routes_are_set_up_or_left_out(bench: Bench) -> None:
    """Most of what `net add` takes; the NI is there before it (facts 12)."""
    node = bench.node(1)
    load(node, "lnet")
    node("lnetctl", "lnet", "configure")
    add = ["lnetctl", "net", "add", "--net", "tcp", "--if", "eth0"]
    quick = node(*add, "--skip-mr-route-setup")
    assert (quick.status, quick.out, quick.err) == (0, "", ""), quick
    assert node("lnetctl", "net", "del", "--net", "tcp").status == 0
    slow = node(*add)
    assert slow.status == 0 and "proto kernel" in slow.out, slow


def case_which_address_of_an_interface(bench: Bench) -> None:
    """The first of its label by a name, that very one by a NID (lnet_inet_enumerate(), jt_add_ni())."""
    node = bench.node(1)
    assert "--nid:" in node("lnetctl", "net", "add", "--help").out, "help needs no module"
    load(node, "lnet")
    node("lnetctl", "lnet", "configure")
    node("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
    node("ip", "link", "set", "eth2", "up")
    node("ip", "link", "set", "eth1", "up")
    for address, label in (("10.8.0.99", "eth1:1"), ("10.8.0.98", "eth1"), ("10.8.0.1", "eth1")):
        assert node("ip", "addr", "add", f"{address}/24", "dev", "eth1", "label", label).status == 0
    add, delete = ["lnetctl", "net", "add"], ["lnetctl", "net", "del", "--net", "tcp"]
    for options, nid in (
        (("--net", "tcp", "--if", "eth1"), "10.8.0.98@tcp"),
        (("--net", "tcp", "--if", "eth1:1"), "10.8.0.99@tcp"),
        (("--nid", "10.8.0.1@tcp"), "10.8.0.1@tcp"),
    ):
        result = node(*add, *options)
        assert (result.status, result.err) == (0, ""), result
        assert node("lctl", "list_nids").out == f"{nid}\n", options
        assert node(*delete).status == 0
    both = node(*add, "--net", "tcp", "--nid", "10.8.0.1@tcp")
    assert both.status == 234 and both.out == "--net is invalid with --nid option\n", both
    assert node(*add, "--nid", "10.8.0.7@tcp").status == 234, "an address that nobody has was taken"
    conf = bench.folder / "conf"
    conf.write_text(conf.read_text() + "without-nid = 1\n")
    assert "--nid" not in node("lnetctl", "net", "add", "--help").out
    old = node(*add, "--nid", "10.8.0.1@tcp")
    assert old.status == 0 and "unrecognized option" in old.err and node("lctl", "list_nids").out == "", old


def rdma_device(node: Node, name: str, pci_address: str, driver: str = "efa") -> None:
    """As sysfs has one; the first lays a file system over /sys/class, for this node alone."""
    if node("test", "-d", "/sys/class/infiniband").status != 0:
        assert node("mount", "-t", "tmpfs", "tmpfs", "/sys/class").status == 0
    device = f"/sys/class/devices/{pci_address}"
    for words in (
        ("mkdir", "-p", f"/sys/class/infiniband/{name}", device),
        ("ln", "-s", f"../drivers/{driver}", f"{device}/driver"),
        ("ln", "-s", f"../../devices/{pci_address}", f"/sys/class/infiniband/{name}/device"),
    ):
        assert node(*words).status == 0, words


def case_nets_over_efa(bench: Bench) -> None:
    """kefalnd.c: whose NID a device has, and what is no device (facts on the network, 3)."""
    node = bench.node(1)
    node("ip", "addr", "add", "10.8.7.6/24", "dev", "eth0", "label", "eth0:1")
    rdma_device(node, "rdmap36s0", "0000:24:00.0")
    rdma_device(node, "rdmap2s3", "0000:02:03.1")
    rdma_device(node, "mlx5_0", "0000:05:00.0", driver="mlx5_core")
    load(node, "lnet")
    node("lnetctl", "lnet", "configure")
    assert load(node, "kefalnd", "ipif_name=eth0:1") == 0
    assert load(node, "kefalnd", "ipif_name=eth0") == 0, "it is loaded, and takes no option"
    add = ["lnetctl", "net", "add", "--skip-mr-route-setup"]
    assert node(*add, "--net", "tcp", "--if", "eth0").status == 0
    assert node(*add, "--net", "efa", "--if", "rdmap36s0", "--peer-credits", "32").status == 0
    assert node(*add, "--net", "efa", "--if", "rdmap2s3").status == 0
    assert node("lctl", "list_nids").out == "10.9.0.1@tcp\n7.6.36.0@efa\n7.6.2.25@efa\n"
    assert "peer_credits: 32" in node("lnetctl", "net", "show", "-v").out
    assert listeners(node) == ["10.9.0.1:988"], "an efa net has no acceptor"
    for device, error in (("rdmap36s0", -22), ("eth0", -19), ("rdmap9s9", -19), ("mlx5_0", -19)):
        result = node(*add, "--net", "efa", "--if", device)
        assert result.status == 234 and f"errno: {error}" in result.err, (device, result)
    assert node(*add, "--net", "efa").status == 234, "an efa net without a device was taken"
    assert node("lnetctl", "net", "del", "--net", "efa", "--if", "rdmap2s3").status == 0
    assert node("lctl", "list_nids").out == "10.9.0.1@tcp\n7.6.36.0@efa\n"


def case_efa_without_an_interface_takes_the_first(bench: Bench) -> None:
    """LNET loads kefalnd by itself, and then nobody said ipif_name= (lnet_load_lnd)."""
    node = bench.node(1)
    rdma_device(node, "rdmap36s0", "0000:24:00.0")
    load(node, "lnet")
    node("lnetctl", "lnet", "configure")
    add = ["lnetctl", "net", "add", "--skip-mr-route-setup", "--net", "efa", "--if", "rdmap36s0"]
    assert node(*add).status == 0
    assert node("lctl", "list_nids").out == "0.1.36.0@efa\n"


def case_discovery_and_rules(bench: Bench) -> None:
    node = bench.node(1)
    load(node, "lnet")
    rule = ("lnetctl", "udsp", "add", "--src", "efa", "--priority", "0")
    assert node(*rule).status == 234, "a rule without LNET"
    node("lnetctl", "lnet", "configure")
    for words, shown in ((None, 1), ("0", 0), ("1", 1)):
        assert words is None or node("lnetctl", "set", "discovery", words).status == 0
        assert f"discovery: {shown}" in node("lnetctl", "global", "show").out, words
    assert node(*rule).status == 0
    again = node(*rule)
    assert again.status == 234 and "errno: -114" in again.err, again
    assert node("lnetctl", "udsp", "show").out.count("src: efa") == 1


def acceptor_says(node: Node, port: int, first_word: str) -> str:
    """What comes back to who connects from `port` and begins so."""
    script = (
        "import socket, sys\n"
        f"s = socket.create_connection(('10.9.0.1', 988), 20, ('0.0.0.0', {port}))\n"
        "try:\n"
        f" s.sendall(bytes.fromhex('{first_word}')); s.shutdown(1)\n"
        " print(s.recv(64).hex())\n"
        "except OSError: print()"  # it may have closed before we spoke
    )
    result = node("python3", "-c", script)
    assert result.status == 0, result
    return result.out.strip()


def case_the_acceptor_and_its_log(bench: Bench) -> None:
    """lnet/lnet/acceptor.c: who asks for the version in LNET's own way is answered, and not logged."""
    mgs, other = bench.node(1), bench.node(2)
    load(mgs, "lustre")
    load(other, "lustre")
    assert other("lctl", "ping", "10.9.0.1@tcp").status == 0
    answer = "0071ceac" + "01000000" + "00" * 8
    assert acceptor_says(other, 1000, "63697245") == answer
    assert acceptor_says(other, 1001, "45726963") == answer
    assert "LNetError" not in mgs.kernel_log(), mgs.kernel_log()
    for port, first_word, line in (
        (2000, "63697245", "Refusing connection from 10.9.0.2:2000: insecure port."),
        (1002, "", "Error -104 reading connection request from 10.9.0.2"),
        (1003, "5353482d", "Refusing connection from 10.9.0.2 magic 2d485353: unrecognised acceptor protocol"),
    ):
        assert acceptor_says(other, port, first_word) == ""
        logged = f"{line} is not in:\n{mgs.kernel_log()}"
        assert wait_until(lambda line=line: line in mgs.kernel_log()), logged


def case_configure_all(bench: Bench) -> None:
    node = bench.node(1)
    load(node, "lnet")
    assert node("lctl", "network", "up").out == "LNET configured: New Created\n"
    assert node("lctl", "list_nids").out == "10.9.0.1@tcp\n"
    assert node("lnetctl", "lnet", "unconfigure").status == 0
    assert node("lctl", "list_nids").status == 1 and listeners(node) == []
    # Stale from then on: rc 0 and no NI, until the modules are loaded anew.
    assert node("lnetctl", "lnet", "configure", "--all").status == 0
    assert node("lctl", "list_nids").out == ""
    assert node("lustre_rmmod").status == 0
    load(node, "lnet")
    node("lnetctl", "lnet", "configure", "--all")
    assert node("lctl", "list_nids").out == "10.9.0.1@tcp\n"


def case_networks_option(bench: Bench) -> None:
    node = bench.node(1)
    node("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
    node("ip", "link", "set", "eth2", "up")
    node("ip", "addr", "add", "10.8.0.1/24", "dev", "eth1")
    node("ip", "link", "set", "eth1", "up")
    assert load(node, "lnet", "networks=tcp(eth1),tcp2(eth0)") == 0
    assert load(node, "lustre") == 0
    assert node("lctl", "list_nids").out == "10.8.0.1@tcp\n10.9.0.1@tcp2\n"
    assert node("lctl", "get_param", "-n", "health_check").out == "healthy\n"


def case_networks_option_without_interface(bench: Bench) -> None:
    node = bench.node(1)
    load(node, "lnet", 'networks="tcp(eth9)"')
    result = node(bench.programs / "lustre-sim", "module", "lustre")
    assert result.status == 1, result
    assert "could not insert 'lustre': Network is down" in result.err
    log = node.kernel_log()
    assert "ptlrpc_init_portals()) network initialisation failed: rc = -100" in log
    assert node("lctl", "list_nids").status == 1


def case_import(bench: Bench) -> None:
    node = bench.node(1)
    good, bad = bench.folder / "good.conf", bench.folder / "bad.conf"
    text = "net:\n    - net type: tcp\n      local NI(s):\n        - interfaces:\n              0: {}\n"
    good.write_text(text.format("eth0"))
    bad.write_text(text.format("eth7"))
    load(node, "lnet")
    node("lnetctl", "lnet", "configure")
    shipped = bench.programs / "files/lnet.conf"
    assert node("lnetctl", "import", shipped).status == 0
    assert node("lctl", "list_nids").out == ""
    result = node("lnetctl", "import", bad)
    assert result.status == 214 and "errno: -42" in result.err, result
    assert "No interface matching 'eth7'" in result.err
    assert node("lnetctl", "import", good).status == 0
    assert node("lctl", "list_nids").out == "10.9.0.1@tcp\n"
    assert node("lnetctl", "import", good).status == 234


def case_ping(bench: Bench) -> None:
    one, two = bench.node(1), bench.node(2)
    load(one, "lustre")
    load(two, "lustre")
    result = one("lctl", "ping", "10.9.0.2@tcp")
    assert (result.status, result.out) == (0, "12345-0@lo\n12345-10.9.0.2@tcp\n"), result
    two("lustre_rmmod")
    result = one("lctl", "ping", "10.9.0.2@tcp")
    assert result.status == 5 and "Input/output error" in result.err
    result = one("lnetctl", "ping", "10.9.0.2@tcp")
    assert result.status == 255 and "errno: -5" in result.err, result
    result = one("lctl", "ping", "10.9.0.77@tcp")
    assert result.status == 113, result
    assert result.err == "failed to ping 10.9.0.77@tcp: No route to host\n"


def case_ping_dropped(bench: Bench) -> None:
    one, two = bench.node(1), bench.node(2)
    load(one, "lustre")
    # An answer to ARP, but none to packets: the neighbour is there and its address is not.
    mac = json.loads(two("ip", "-j", "link", "show", "eth0").out)[0]["address"]
    one("ip", "neigh", "replace", "10.9.0.99", "lladdr", mac, "dev", "eth0", "nud", "permanent")
    start = time.monotonic()
    result = one("lctl", "ping", "10.9.0.99@tcp")
    assert result.status == 110 and "Connection timed out" in result.err, result
    assert time.monotonic() - start > 4  # 53 s, but never less than ARP takes to fail
