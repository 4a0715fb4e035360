# SPDX-License-Identifier: Apache-2.0
"""Plays one row: the simulator, the network, the firmware, and the client among them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pace
from matrix.network import Network
from matrix.row import Later, Row

FIRMWARE: dict[str, dict[str, str]] = {
    "nitro": {"sys_vendor": "Amazon EC2", "bios_vendor": "Amazon EC2"},
    "xen": {
        "sys_vendor": "Xen",
        "bios_vendor": "Xen",
        "bios_version": "4.11.amazon",
        "product_uuid": "ec2e1916-9099-7caf-fd21-012345abcdef",
        "product_serial": "ec2e1916-9099-7caf-fd21-012345abcdef",
    },
    "other": {"sys_vendor": "QEMU", "bios_vendor": "SeaBIOS"},
    "lucky-uuid": {"sys_vendor": "QEMU", "product_uuid": "ec2e1916-9099-7caf-fd21-012345abcdef", "product_serial": "none"},
}

GRACE_SECONDS = 15


@dataclass
class Tools:
    simulator: str
    probe: str
    agent: str
    clock_step: str


@dataclass
class Played:
    result: dict[str, Any] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    opened: int = 0  # TCP connections that were begun in the node's own network
    trouble: str = ""  # the row could not be played to its end


def make_root(row: Row, directory: Path) -> Path:
    """A machine as far as the client looks: its firmware, and which interfaces are devices."""
    root = directory / "root"
    dmi = root / "sys/class/dmi/id"
    dmi.mkdir(parents=True)
    for name, text in FIRMWARE[row.firmware or "other"].items():
        (dmi / name).write_text(text + "\n")
    for name in row.devices:
        (root / "sys/class/net" / name / "device").mkdir(parents=True)
    return root


def write_node(directory: Path, node: dict[str, Any]) -> None:
    """By rename, so that it is never read half written."""
    new = directory / "node.json.new"
    new.write_text(json.dumps(node))
    new.rename(directory / "node.json")


@contextlib.contextmanager
def simulator(row: Row, tools: Tools, network: Network | None, directory: Path) -> Iterator[str]:
    """The simulator, running; gives the address it really listens on."""
    write_node(directory, row.full_node())
    addresses = network.plan["listen"] if network else ["127.0.0.1:0"]
    command = [*(network.inside("service") if network else []), tools.simulator]
    for address in addresses:
        command += ["--listen", address]
    command += ["--node", str(directory / "node.json"), "--log", str(directory / "log")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout and process.stderr
        line = process.stdout.readline().strip()
        if not line.startswith("listening "):
            raise RuntimeError(f"simulator: {line} {process.stderr.read()}")
        yield line.removeprefix("listening ")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            pace.communicate(process, 10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def probe_command(row: Row, tools: Tools, network: Network | None, root: Path, address: str) -> list[str]:
    command = network.inside("node") if network else []
    if row.without:
        dropped = ",".join("-" + name for name in row.without)
        command += ["setpriv", f"--bounding-set={dropped}", f"--inh-caps={dropped}"]
    if row.verb:
        command += [tools.agent, row.verb, *row.arguments]
    else:
        command += [tools.probe, "--root", str(root), "--timeout", str(row.timeout), *row.arguments]
    if row.endpoint or not network:
        command += ["--endpoint", row.endpoint or f"http://{address}"]
    return command


def probe_environment(row: Row, tools: Tools) -> dict[str, str]:
    environment = os.environ | row.env
    if row.clock_step:
        environment |= {
            "LD_PRELOAD": tools.clock_step,
            "CLOCK_STEP_AFTER_MS": str(row.clock_step["after_ms"]),
            "CLOCK_STEP_BY_DAYS": str(row.clock_step["by_days"]),
        }
    return environment


def forbid_writing() -> None:
    """Whoever writes a byte to a file is killed by SIGXFSZ: the client must write nothing."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@dataclass
class Events:
    """What is still to happen, each thing when the client has told what it is to be told before."""

    row: Row
    network: Network | None
    directory: Path
    left: list[Later] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = list(self.row.later)

    def hear(self, told: str) -> None:
        if not self.left or not re.search(self.left[0].told, told):
            return
        later = self.left.pop(0)
        for command in later.ip:
            assert self.network
            self.network.run(command)
        if later.node is not None:
            write_node(self.directory, self.row.full_node() | later.node)


def listen(process: subprocess.Popen[str], events: Events) -> str:
    """Follows what the client tells; returns its last line, the result."""
    last = ""
    assert process.stdout
    for line in process.stdout:
        last = line
        if line.startswith('"'):
            events.hear(json.loads(line))
    return last


def run_probe(row: Row, tools: Tools, events: Events, root: Path, address: str) -> dict[str, Any]:
    began = time.monotonic()
    with subprocess.Popen(
        probe_command(row, tools, events.network, root, address),
        env=probe_environment(row, tools),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=forbid_writing,
        cwd=root,
    ) as process:
        try:
            with pace.watched(row.timeout + GRACE_SECONDS, process.kill) as bound:
                output = listen(process, events)
                _, errors = process.communicate()
        except BaseException:
            process.kill()
            raise
    if bound.over:
        raise RuntimeError("hangs: it did not end with its deadline")
    if row.verb:
        return {"exit": process.returncode, "sentence": errors.strip(), "seconds": time.monotonic() - began, "progress": []}
    if process.returncode != 0 or errors:
        raise RuntimeError(f"exit {process.returncode}: {errors.strip()[-2000:]}")
    if events.left:
        raise RuntimeError(f"never told {events.left[0].told!r}: {output}")
    result: dict[str, Any] = json.loads(output)
    return result


def play(row: Row, tools: Tools, serial: int) -> Played:
    played = Played()
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="imds-matrix-")))
        try:
            network = stack.enter_context(Network(row.network, serial)) if row.network else None
            root = make_root(row, directory)
            address = stack.enter_context(simulator(row, tools, network, directory))
            played.result = run_probe(row, tools, Events(row, network, directory), root, address)
            played.opened = network.count_opened("node") if network else 0
        except (RuntimeError, OSError, subprocess.SubprocessError, json.JSONDecodeError) as error:
            played.trouble = str(error)
        log = directory / "log"
        if log.exists():
            played.log = [json.loads(line) for line in log.read_text().splitlines()]
    return played
