# SPDX-License-Identifier: Apache-2.0
"""One instance: launched, rebooted, stopped, snapshotted, and talked to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import disks
import host
import qemu
from disks import Drive
from fleet import NodeSpec
from guest import Guest, Result
from host import LabError, Timeout
from image import Image
from network import Network
from trouble import Console, GuestTrouble

BOOT_TIMEOUT = 300
LAB_DISKS = "/usr/local/lib/lab/lab-disks"
BOOT_ID = "/proc/sys/kernel/random/boot_id"
# As it names itself to the metadata service.
WATCH_AGENT = "lustre-init watch"


@dataclass(frozen=True)
class Folders:
    """Where a lab keeps a node's files: disks, sockets (short paths), and what to read later."""

    disks: Path
    sockets: Path
    logs: Path


class Node:
    """Drives are made at the first launch and kept until the lab is taken down."""

    def __init__(self, spec: NodeSpec, image: Image, network: Network, folders: Folders) -> None:
        self.spec = spec
        self.folders = folders
        self.console_log = folders.logs / f"{spec.name}.console"
        self.acknowledged = folders.logs / f"{spec.name}.acknowledged"
        self.write_logs: Path | None = None  # a folder: set before the launch, to record drives
        self.pid: int | None = None
        self._image = image
        self._network = network
        self._tap = network.add_tap()
        self._generation = 0
        self._monitor: qemu.Monitor | None = None
        self._guest: Guest | None = None
        self._watch = Console(self.console_log)

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def console(self) -> Path:
        return self._machine().socket("console")

    @property
    def monitor(self) -> qemu.Monitor:
        if self._monitor is None:
            raise LabError(f"{self.name} is not running")
        return self._monitor

    # -- life -------------------------------------------------------------------

    def launch(self, snapshot: str | None = None) -> None:
        """Start the machine; with a snapshot, as it was then, and paused."""
        self._make_drives()
        self._network.admit(self.spec)
        machine = self._machine()
        log = self.folders.disks / f"{self.name}.qemu.log"
        self._watch.forget()
        self.pid = self._network.start_process(qemu.command(machine, snapshot), log)
        host.wait_until(f"{self.name}: QEMU", self._connect_monitor, timeout=30)

    def wait_for_boot(self, timeout: float = BOOT_TIMEOUT) -> None:
        """Until the guest agent answers. Units may still be starting then."""
        host.wait_until(f"{self.name}: boot", self.answers, timeout=timeout, interval=0.3)

    def answers(self) -> bool:
        """Whether the guest agent is there; makes or mends the connection to it."""
        self.check()
        if not self.monitor.agent_is_listening():
            return False
        if self._guest is None:
            self._guest = Guest(self._machine().socket("agent"), self.check)
        try:
            self._guest.sync(timeout=5)
        except Timeout:
            return False
        return True

    def boot(self, timeout: float = BOOT_TIMEOUT) -> None:
        self.launch()
        self.wait_for_boot(timeout)

    def start_reboot(self) -> None:
        """Order an orderly reboot, and return when the node is on its way up again: in a QEMU of its own.

        One that goes through a reset remembers, of each page that held code, what it translated; to write
        one word there takes some 50 us from then on, and the new kernel, which fills such pages with a
        pattern, stands still for minutes on a machine with other work ("soft lockup", in free_reserved_area).
        """
        if self.write_logs is not None:
            # A log of writes cannot be gone on with by another QEMU.
            self._order("systemctl", "reboot")
            going = f"{self.name}: shutdown"
            host.wait_until(going, lambda: not self.monitor.agent_is_listening(), timeout=90)
            return
        self.monitor.execute("set-action", reboot="shutdown")
        self._order_end("systemctl", "reboot")
        self.launch()

    def reboot(self, timeout: float = BOOT_TIMEOUT) -> None:
        before = self.boot_id()
        self.start_reboot()
        self.wait_for_boot(timeout)
        if self.boot_id() == before:
            raise LabError(f"{self.name} did not reboot")

    def poweroff(self, timeout: float = 90) -> None:
        """As an instance is stopped: in order, from inside."""
        self._order_end("systemctl", "poweroff", timeout=timeout)

    def stop_start(self, timeout: float = BOOT_TIMEOUT) -> None:
        """Stop and start: the same instance, on another host with blank disks."""
        self.poweroff()
        self._generation += 1
        for name in self._instance_store():
            self.drive_file(name).unlink(missing_ok=True)
        self.boot(timeout)

    def succeed(self, instance_id: str, timeout: float = BOOT_TIMEOUT) -> None:
        """Terminated, and another instance launched at its address: a root and disks never used."""
        self.kill()
        for path in self.drive_files():
            path.unlink(missing_ok=True)
        self._generation += 1
        self.set_metadata(instance_id=instance_id)
        self.boot(timeout)

    def kill(self) -> None:
        """End the machine at once. Its drives stay; what it had flushed is on them."""
        for connection in (self._guest, self._monitor):
            if connection is not None:
                connection.close()
        self._guest = self._monitor = None
        if self.pid is not None:
            self._network.end(self.pid)
            self.pid = None

    # -- snapshots --------------------------------------------------------------

    def pause(self) -> None:
        self.monitor.execute("stop")

    def resume(self) -> None:
        self.monitor.execute("cont")

    def save(self, tag: str) -> None:
        """Snapshot memory and disks. Pause first what this node is connected to."""
        self.monitor.silent(f"savevm {tag}")

    def load(self, tag: str) -> None:
        """Back to a snapshot, in about two seconds.

        In a new QEMU: one that runs already keeps its TSC from going back, so the
        guest's clock would leap by the time since the snapshot.
        """
        self.kill()
        self.launch(tag)
        self.resume()
        self.wait_for_boot(timeout=60)

    # -- metadata ---------------------------------------------------------------

    def set_metadata(self, **metadata: Any) -> None:
        """Change what the node's metadata service answers; None takes a key away."""
        self.spec = self.spec.with_metadata(**metadata)
        self._network.admit(self.spec)

    def metadata_requests(self) -> list[dict[str, object]]:
        """What it asked, but for the watch, which goes on asking."""
        return [entry for entry in self._network.requests(self.name) if entry["agent"] != WATCH_AGENT]

    def watch_requests(self) -> list[dict[str, object]]:
        """What the watch asked."""
        return [entry for entry in self._network.requests(self.name) if entry["agent"] == WATCH_AGENT]

    # -- health -----------------------------------------------------------------

    def check(self) -> None:
        """Raise what ails the machine, if anything does: then nothing it was to do will be done."""
        if self._network.ended(self.running_pid()):
            raise GuestTrouble(f"{self.name}: the machine went off (see {self.console_log})")
        self._check_console()

    def last_line(self) -> str:
        """What its console said last."""
        return self._watch.last_line()

    # -- inside -----------------------------------------------------------------

    def run(self, *argv: str, timeout: float = 60, check: bool = True) -> Result:
        """Run a command in the node (no shell). check: an exit status but 0 is an error."""
        if self._guest is None:
            raise LabError(f"{self.name} has not booted")
        try:
            result = self._guest.run(argv, timeout=timeout)
        except Timeout as error:
            self._guest.sync()
            raise Timeout(f"{self.name}: {error}") from None
        if check and result.status != 0:
            raise LabError(f"{self.name}: {result}")
        return result

    def start(self, *argv: str) -> None:
        """Start a command that need not end."""
        if self._guest is None:
            raise LabError(f"{self.name} has not booted")
        self._guest.start(argv)

    def read(self, path: str) -> bytes:
        if self._guest is None:
            raise LabError(f"{self.name} has not booted")
        return self._guest.read(path)

    def write(self, path: str, data: bytes) -> None:
        if self._guest is None:
            raise LabError(f"{self.name} has not booted")
        self._guest.write(path, data)

    def boot_id(self) -> str:
        return self.run("cat", BOOT_ID).out.strip()

    def unit_property(self, unit: str, name: str) -> str:
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).out.strip()

    def wait_for_unit(
        self, unit: str, state: str = "active", timeout: float = BOOT_TIMEOUT
    ) -> None:
        host.wait_until(
            f"{self.name}: {unit} {state}",
            lambda: self.unit_property(unit, "ActiveState") == state,
            timeout=timeout,
            interval=0.5,
        )

    def written(self) -> dict[str, tuple[int, str]]:
        """Per serial number, the bytes that were ever written to a disk, and their hash."""
        lines = self.run("/usr/local/lib/lab/lab-disks-written", timeout=120).out.splitlines()
        found = (line.split() for line in lines)
        return {serial: (int(size), digest) for serial, size, digest in found}

    # -- disks ------------------------------------------------------------------

    def serials(self) -> list[str]:
        """Of the instance-store disks, in the order of the fleet's file."""
        lines = disks.instance_store_lines(self.spec, self._generation)
        return [line.split()[1] for line in lines]

    def device(self, serial: str) -> str:
        """The path of the disk with this serial number, such as /dev/nvme1n1."""
        out = self.run("lsblk", "--nodeps", "--noheadings", "--output", "PATH,SERIAL").out
        paths = [line.split()[0] for line in out.splitlines() if line.split()[1:] == [serial]]
        if len(paths) != 1:
            raise LabError(f"{self.name}: no disk of serial {serial}:\n{out}")
        return paths[0]

    def take_disk(self, serial: str) -> None:
        """It is gone, at once and at every later boot, until it is given back."""
        self.run(LAB_DISKS, "take", serial)

    def give_disk(self, serial: str) -> None:
        self.run(LAB_DISKS, "give", serial)
        self.run("udevadm", "settle")

    def blank_disks(self, *serials: str) -> None:
        """Disks that hold nothing and never did, under whatever is mounted from them; all of them,
        if none is named."""
        for serial in serials or self.serials():
            self.run("blkdiscard", "--force", self.device(serial))
        self.run("udevadm", "settle")

    def drives(self) -> list[Drive]:
        serials = {"root": "lab-root", **self._instance_store()}
        serials |= {"ebs": "lab-ebs"} if self.spec.ebs else {}
        return [self._drive(name, serial) for name, serial in serials.items()]

    def drive_files(self) -> list[Path]:
        return [drive.path for drive in self.drives()]

    def drive_file(self, name: str) -> Path:
        return self.folders.disks / f"{self.name}.{name}.qcow2"

    # -- inner parts ------------------------------------------------------------

    def _drive(self, name: str, serial: str) -> Drive:
        log = self.write_logs / f"{name}.log" if self.write_logs else None
        return Drive(name, self.drive_file(name), serial, log)

    def _instance_store(self) -> dict[str, str]:
        """Serial numbers of the drives that a stop loses."""
        if not self.spec.own_drives:
            return {"store": "lab-store"} if self.spec.instance_store else {}
        return {f"disk{rank}": serial for rank, serial in enumerate(self.serials())}

    def _make_drives(self) -> None:
        for drive in self.drives():
            if drive.log is not None:
                drive.log.touch()
            if not drive.path.exists():
                self._make_drive(drive.name, drive.path)

    def _make_drive(self, name: str, path: Path) -> None:
        if name == "root":
            disks.make_root(self._image, path)
        elif name == "store":
            lines = disks.instance_store_lines(self.spec, self._generation)
            disks.make_store(lines, self.spec.instance_store, path)
        elif name == "ebs":
            disks.make_store(disks.ebs_lines(self.spec), self.spec.ebs, path)
        else:
            disks.make_own(self.spec.instance_store[int(name.removeprefix("disk"))], path)

    def _machine(self) -> qemu.Machine:
        sockets, drives = self.folders.sockets, self.drives()
        return qemu.Machine(self.spec, self._image, drives, self._tap, sockets, self.console_log)

    def running_pid(self) -> int:
        if self.pid is None:
            raise LabError(f"{self.name} is not running")
        return self.pid

    def _connect_monitor(self) -> bool:
        if self._network.ended(self.running_pid()):
            log = self.folders.disks / f"{self.name}.qemu.log"
            raise LabError(f"{self.name}: QEMU ended: {log.read_text().strip()[-500:]}")
        try:
            self._monitor = qemu.Monitor(self._machine().socket("monitor"))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def _order(self, *argv: str) -> None:
        self.start(*argv)
        time.sleep(0.2)

    def _order_end(self, *argv: str, timeout: float = 90) -> None:
        """Order what ends the machine, and wait until its QEMU is gone."""
        self._order(*argv)
        pid = self.running_pid()
        host.wait_until(f"{self.name}: {' '.join(argv)}", lambda: self._gone(pid), timeout=timeout)
        self.kill()

    def _gone(self, pid: int) -> bool:
        if self._network.ended(pid):
            return True
        self._check_console()
        return False

    def _check_console(self) -> None:
        if found := self._watch.trouble():
            raise GuestTrouble(f"{self.name}: {found} (see {self.console_log})")
