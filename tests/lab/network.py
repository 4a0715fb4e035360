# SPDX-License-Identifier: Apache-2.0
"""The private network of one lab: a namespace with a bridge, DHCP and IMDS.

Nothing in it reaches the machine's own network or the other way round: the
namespace has no link to the outside, and its resolver has no upstream.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import host
import state
from fleet import NodeSpec
from host import BUILD, LabError, run

BRIDGE = "lab0"
ROUTER = "10.77.0.1"
SUBNET = "10.77.0.0/20"
IMDS_SIMULATOR = BUILD / "tests" / "imds-sim"
BRIDGE_ADDRESSES = (f"{ROUTER}/20", "169.254.169.254/32", "fd00:ec2::254/128")


class Network:
    """Lives from start() to stop(); processes started in it end with it."""

    def __init__(self, namespace: str, folder: Path) -> None:
        self.namespace = namespace
        self.folder = folder
        self.imds_log = folder / "imds.log"
        self.background = False  # whatever else the machine does goes first
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self._nodes = folder / "imds"
        self._leases = folder / "dhcp"
        self._hosts = folder / "hosts"
        self._dnsmasq = 0
        self._taps = 0

    def start(self) -> None:
        for path in (self._nodes, self._leases):
            path.mkdir(parents=True)
        self._hosts.touch()
        run(["ip", "netns", "add", self.namespace])
        self._ip("link", "set", "lo", "up")
        # Two nodes must never hear each other late: no spanning tree, no learning delay.
        self._ip("link", "add", BRIDGE, "type", "bridge", "forward_delay", "0")
        for address in BRIDGE_ADDRESSES:
            flags = ["nodad"] if ":" in address else []
            self._ip("address", "add", address, "dev", BRIDGE, *flags)
        self._ip("link", "set", BRIDGE, "up")
        self._start_dnsmasq()
        self._start_imds()

    def stop(self) -> None:
        for pid in reversed(self.processes):
            host.end_process(pid, host.start_time(pid))
            self.processes[pid].wait(10)
        self.processes.clear()
        state.end_namespace(self.namespace)

    def start_process(self, argv: Sequence[str | Path], log: Path) -> int:
        """Start a program inside the namespace; returns its pid (ip execs it)."""
        words = ["ip", "netns", "exec", self.namespace, *(str(word) for word in argv)]
        with log.open("ab") as out:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        self.processes[process.pid] = process
        if self.background:
            # A session of its own is a group of its own to the scheduler (sched(7), autogroup).
            host.yield_to_others(process.pid)
        return process.pid

    def end(self, pid: int) -> None:
        """End a program that start_process started, or collect one that ended itself."""
        host.end_process(pid, host.start_time(pid))
        self.processes.pop(pid).wait(10)

    def ended(self, pid: int) -> bool:
        return self.processes[pid].poll() is not None

    def add_tap(self) -> str:
        name = f"node{self._taps}"
        self._taps += 1
        self._ip("tuntap", "add", name, "mode", "tap")
        self._ip("link", "set", name, "master", BRIDGE, "up")
        return name

    def remove_tap(self, name: str) -> None:
        self._ip("link", "delete", name)

    def admit(self, spec: NodeSpec) -> None:
        """Give a node its address and its metadata; again, to change the latter."""
        # dnsmasq watches the folder (--dhcp-hostsdir), the simulator its own.
        lease = self._leases / spec.name
        if not lease.exists():
            lease.write_text(f"{spec.mac},{spec.address},{spec.name},infinite\n")
        known = {
            "instance_id": spec.instance_id,
            "instance_type": spec.instance_type,
            "local_ipv4": spec.address,
            "mac": spec.mac,
            "subnet_cidr": SUBNET,
            "vpc_cidr": "10.77.0.0/16",
        }
        target = self._nodes / f"{spec.name}.json"
        partial = target.with_suffix(".partial")
        partial.write_text(json.dumps(known | spec.metadata, indent=2))
        partial.rename(target)

    def resolve(self, names: dict[str, str]) -> None:
        """From now on these names have these addresses, and those of the last call have none."""
        self._hosts.write_text("".join(f"{address} {name}\n" for name, address in names.items()))
        os.kill(self._dnsmasq, signal.SIGHUP)

    def dismiss(self, spec: NodeSpec) -> None:
        (self._nodes / f"{spec.name}.json").unlink(missing_ok=True)

    def requests(self, name: str) -> list[dict[str, object]]:
        """What a node asked of its metadata service so far, in order."""
        if not self.imds_log.exists():
            return []
        entries = (json.loads(line) for line in self.imds_log.read_text().splitlines())
        return [entry for entry in entries if entry.get("node") == f"{name}.json"]

    def _ip(self, *words: str) -> None:
        run(["ip", "-n", self.namespace, *words])

    def _start_dnsmasq(self) -> None:
        argv = [
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root",
            "--pid-file=",
            f"--interface={BRIDGE}", "--bind-interfaces", "--except-interface=lo",
            # Names: those of our nodes and of resolve(), and no one else's.
            "--no-resolv", "--no-hosts", "--local=/#/", f"--addn-hosts={self._hosts}",
            "--dhcp-authoritative", "--no-ping",
            "--dhcp-range=10.77.0.0,static,255.255.240.0",
            f"--dhcp-hostsdir={self._leases}", f"--dhcp-leasefile={self.folder / 'leases'}",
            f"--dhcp-option=option:router,{ROUTER}", f"--dhcp-option=option:dns-server,{ROUTER}",
        ]  # fmt: skip
        self._dnsmasq = self.start_process(argv, self.folder / "dnsmasq.log")

    def _start_imds(self) -> None:
        if not IMDS_SIMULATOR.exists():
            raise LabError(f"{IMDS_SIMULATOR} is not built: run make imds-sim")
        log = self.folder / "imds-sim.log"
        argv = [str(IMDS_SIMULATOR), "--nodes", str(self._nodes), "--log", str(self.imds_log)]
        for address in ("169.254.169.254:80", "[fd00:ec2::254]:80"):
            argv += ["--listen", address]
        pid = self.start_process(argv, log)
        host.wait_until(
            f"metadata service ready (see {log})",
            lambda: self.ended(pid) or log.read_bytes().count(b"listening") == 2,
            timeout=10,
        )
        if self.ended(pid):
            raise LabError(f"the metadata service did not start: {log.read_text().strip()}")
