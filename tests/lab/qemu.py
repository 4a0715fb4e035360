# SPDX-License-Identifier: Apache-2.0
"""One QEMU: its command line, and the monitor it is steered by (QMP)."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bounds import Deadline
from disks import Drive
from fleet import NodeSpec
from host import LabError, Timeout
from image import Image

# Controllers as on EC2, one path each, and no deadline that a slow machine can miss: a day for what is waited for, and
# the longest the kernel takes before it calls a processor stuck (watchdog_thresh; twice that many seconds).
DAY = 24 * 60 * 60
KERNEL_WORDS = (
    "rw", "console=ttyS0,115200", "mitigations=off", "quiet", "panic=-1", "nokaslr", "norandmaps",
    "nvme_core.multipath=N", f"nvme_core.io_timeout={DAY}", f"nvme_core.admin_timeout={DAY}",
    "watchdog_thresh=60", "rcupdate.rcu_cpu_stall_timeout=300", "hung_task_timeout_secs=0",
    f"systemd.default_timeout_start_sec={DAY}", f"systemd.default_device_timeout_sec={DAY}",
    "systemd.service_watchdogs=no",
)  # fmt: skip


@dataclass(frozen=True)
class Machine:
    """What a QEMU is made of, besides the node's own description."""

    spec: NodeSpec
    image: Image
    drives: list[Drive]
    tap: str
    sockets: Path
    console_log: Path

    def socket(self, name: str) -> Path:
        return self.sockets / f"{self.spec.name}.{name}"


def command(machine: Machine, snapshot: str | None = None) -> list[str]:
    """The argv. A snapshot makes it resume instead of boot, and stay paused."""
    spec = machine.spec
    argv = [
        "qemu-system-x86_64", "-name", spec.name, "-nodefaults", "-no-user-config",
        "-display", "none", "-machine", "pc", *machine.image.accelerator.argv,
        "-smp", str(spec.cpus), "-m", str(spec.memory),
        *smbios(spec), *boot(machine),
        "-netdev", f"tap,id=net0,ifname={machine.tap},script=no,downscript=no",
        "-device", f"virtio-net-pci,netdev=net0,mac={spec.mac},romfile=",
    ]  # fmt: skip
    for drive in machine.drives:
        argv += ["-blockdev", json.dumps(block_device(drive))]
        argv += ["-device", f"virtio-blk-pci,drive={drive.name},serial={drive.serial}"]
    argv += channels(machine)
    if snapshot is not None:
        argv += ["-loadvm", snapshot, "-S"]
    return argv


def block_device(drive: Drive) -> dict[str, Any]:
    """The drive's layers (qemu-block-drivers(7)).

    no-flush: a flush orders writes but need not reach the medium of the lab's own machine, which
    only a crash of that machine could tell. The log, above, still sees it.
    """
    cache = {"no-flush": True}
    image = {
        "driver": "qcow2", "discard": "unmap", "cache": cache,
        "file": {"driver": "file", "filename": str(drive.path), "cache": cache},
    }  # fmt: skip
    if drive.log is None:
        return image | {"node-name": drive.name}
    log = {"driver": "file", "filename": str(drive.log), "cache": cache}
    return {"driver": "blklogwrites", "node-name": drive.name, "file": image, "log": log}


def smbios(spec: NodeSpec) -> list[str]:
    """What makes cloud-init and the agent take the machine for an EC2 instance."""
    identity = uuid.UUID(hex="ec2" + spec.instance_id[2:].rjust(29, "0"))
    tables = (
        "type=0,vendor=Amazon EC2,version=1.0",
        f"type=1,manufacturer=Amazon EC2,product={spec.instance_type}"
        f",uuid={identity},serial={identity}",
        f"type=2,manufacturer=Amazon EC2,asset={spec.instance_id}",
        "type=3,manufacturer=Amazon EC2,asset=Amazon EC2",
    )
    return [word for table in tables for word in ("-smbios", table)]


def boot(machine: Machine) -> list[str]:
    image = machine.image
    if image.kernel is None:
        return ["-bios", str(image.firmware)] if image.firmware else []
    words = [image.append, *KERNEL_WORDS, *image.accelerator.kernel_words]
    words += [f"systemd.hostname={machine.spec.name}", *machine.spec.kernel_words]
    if not machine.spec.cloud_init:
        words.append("cloud-init=disabled")
    argv = ["-kernel", str(image.kernel), "-append", " ".join(words)]
    return argv + (["-initrd", str(image.initrd)] if image.initrd else [])


def channels(machine: Machine) -> list[str]:
    console, agent, monitor = (machine.socket(name) for name in ("console", "agent", "monitor"))
    acknowledged = machine.console_log.with_suffix(".acknowledged")
    log = f"logfile={machine.console_log},logappend=on"
    return [
        "-chardev", f"socket,id=console,path={console},server=on,wait=off,{log}",
        "-serial", "chardev:console",
        "-device", "virtio-serial-pci",
        "-chardev", f"socket,id=agent,path={agent},server=on,wait=off",
        "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
        "-chardev", f"file,id=acknowledged,path={acknowledged},append=on",
        "-device", "virtserialport,chardev=acknowledged,name=lab.acknowledged",
        "-qmp", f"unix:{monitor},server=on,wait=off",
    ]  # fmt: skip


CONNECT_SECONDS = 60


class JsonSocket:
    """Lines of JSON over a Unix socket, each wait bounded."""

    def __init__(self, path: Path, check: Callable[[], None] = lambda: None) -> None:
        """check raises where there is no use in waiting for an answer any longer."""
        self.path = path
        self._buffer = b""
        self._check = check
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(CONNECT_SECONDS)
        self._socket.connect(str(path))

    def close(self) -> None:
        self._socket.close()

    def send(self, message: object, *, prefix: bytes = b"") -> None:
        self._socket.settimeout(None)
        self._socket.sendall(prefix + json.dumps(message).encode() + b"\n")

    def receive(self, timeout: float) -> Any:
        deadline = Deadline(timeout)
        self._socket.settimeout(1)
        while b"\n" not in self._buffer:
            try:
                data = self._socket.recv(1 << 16)
            except TimeoutError:
                self._check()
                if deadline.passed():
                    raise Timeout(f"{self.path.name}: no answer after {deadline}") from None
                continue
            if not data:
                raise LabError(f"{self.path.name}: closed by the other side")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        # The guest agent marks its answer to a sync with an 0xFF.
        return json.loads(line.rpartition(b"\xff")[2])


class Monitor:
    """QMP, as much of it as the lab needs (qemu-qmp-ref(7))."""

    def __init__(self, path: Path) -> None:
        self._socket = JsonSocket(path)
        self._socket.receive(10)
        self.execute("qmp_capabilities")

    def close(self) -> None:
        self._socket.close()

    def execute(self, name: str, *, timeout: float = 30, **arguments: object) -> Any:
        self._socket.send({"execute": name, "arguments": arguments})
        while True:
            answer = self._socket.receive(timeout)
            if "error" in answer:
                raise LabError(f"QMP {name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def human(self, line: str) -> str:
        """What a monitor command says that QMP has no other form of."""
        said = self.execute("human-monitor-command", timeout=120, **{"command-line": line})
        return str(said).strip()

    def silent(self, line: str) -> None:
        """A command that says nothing when it works."""
        if said := self.human(line):
            raise LabError(f"{line}: {said}")

    def agent_is_listening(self) -> bool:
        ports = self.execute("query-chardev")
        return any(port["label"] == "agent" and port["frontend-open"] for port in ports)
