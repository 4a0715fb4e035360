# SPDX-License-Identifier: Apache-2.0
"""Networks of a row: namespaces that nothing leaves, made of networks.json and taken away again."""

from __future__ import annotations

import json
import os
import subprocess
from types import TracebackType
from typing import Any

from matrix.row import HERE


def load_networks() -> dict[str, dict[str, Any]]:
    networks: dict[str, dict[str, Any]] = json.loads((HERE / "networks.json").read_text())["networks"]
    return networks


def resolve(networks: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """A network with all that it extends in front."""
    network = networks[name]
    if "extends" not in network:
        return network
    base = resolve(networks, network["extends"])
    return base | network | {"commands": base["commands"] + network["commands"]}


class Network:
    """Namespaces named lustre-imds-PID-SERIAL-NAME, for the time of a with statement."""

    def __init__(self, name: str, serial: int) -> None:
        self.plan = resolve(load_networks(), name)
        self.prefix = f"lustre-imds-{os.getpid()}-{serial}-"
        self.made: list[str] = []

    def __enter__(self) -> Network:
        try:
            for name in self.plan["namespaces"]:
                subprocess.run(["ip", "netns", "add", self.prefix + name], check=True)
                self.made.append(name)
            for command in self.plan["commands"]:
                self.run(command)
            for name in self.plan.get("forwarding", []):
                self.write(name, "/proc/sys/net/ipv4/ip_forward", "1")
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.remove()

    def remove(self) -> None:
        for name in self.made:
            subprocess.run(["ip", "netns", "del", self.prefix + name], check=False)

    def namespace(self, name: str) -> str:
        return self.prefix + name

    def inside(self, name: str) -> list[str]:
        """What goes in front of a command that is to run there."""
        return ["ip", "netns", "exec", self.namespace(name)]

    def run(self, command: str) -> None:
        """One `ip` command, its first word the namespace."""
        place, *words = command.split()
        names = {name: self.namespace(name) for name in self.plan["namespaces"]}
        words = [word.format(**names) for word in words]
        subprocess.run(["ip", "-n", self.namespace(place), *words], check=True)

    def write(self, place: str, path: str, text: str) -> None:
        subprocess.run([*self.inside(place), "tee", path], input=text, text=True, check=True, stdout=subprocess.DEVNULL)

    def count_opened(self, place: str) -> int:
        """TCP connections that were begun there, answered or not (proc_net: /proc/net/snmp)."""
        show = [*self.inside(place), "cat", "/proc/net/snmp"]
        text = subprocess.run(show, check=True, capture_output=True, text=True).stdout
        names, values = (line.split() for line in text.splitlines() if line.startswith("Tcp:"))
        return int(values[names.index("ActiveOpens")])
