# SPDX-License-Identifier: Apache-2.0
"""Nodes of a storm: a network and a mount namespace each, on one bridge inside the storm's own namespaces.

What a node sees of a machine is made for it: /dev with its own disk, /sys/block that calls this disk instance
store, /run, /var/lib, /srv. Outside nothing is mounted, nothing is written but files in the storm's tmpfs.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pace

HERE = Path(__file__).resolve().parent
TOOLS = "mkfs.lustre tunefs.lustre mount.lustre umount.lustre lctl lnetctl lustre_rmmod".split()
SUBNET = "10.99.0.0/16"
CLIENT = "/mnt/lustrewt"
IMDS = "169.254.169.254"
DISK_SIZE = 64 << 20
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}
PATH = "/run/storm/tools:/usr/sbin:/usr/bin:/sbin:/bin"
BUS = "/run/storm/bus"
LCTL_WITH_NEWS = """#!/bin/sh
if [ "$1" = list_nids ]; then
	echo look >>/run/storm/looks
	ip link show news >/dev/null 2>&1 || ip link add news type veth peer name news1
fi
exec /run/storm/programs/lctl "$@"
"""
LCTL_WITH_DISK = """#!/bin/sh
if [ "$1" = list_nids ]; then
	if ip link show news >/dev/null 2>&1; then
		sleep 1.5
		mv /sys/block/.nvme1n1 /sys/block/nvme1n1 2>/dev/null
	else
		ip link add news type veth peer name news1
	fi
fi
exec /run/storm/programs/lctl "$@"
"""
LVM_ENDED = f"""#!/bin/sh
[ "$1" != fullreport ] || ! mkdir /run/storm/ended 2>/dev/null || kill -KILL $$
[ "$1" != fullreport ] || ! mkdir /run/storm/ended-again 2>/dev/null || kill -KILL $$
exec {HERE}/tools/lvm "$@"
"""
# LNET, and how long a mount waits by itself, are as measured; only the features are this kernel's.
SIM_CONF = "without-features = dirdata,quota,project\nmgs-service-time = {service}\n"


def capabilities() -> str:
    """Those that the boot unit leaves, as setpriv(1) wants them."""
    unit = (HERE.parents[1] / "units/lustre-init.service").read_text()
    lines = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("CapabilityBoundingSet=")]
    return ",".join(["-all", *("+" + name[4:].lower() for name in " ".join(lines).split())])


# Tools that need more would fail here as they would at boot.
CONFINED = ("setpriv", "--no-new-privs", "--bounding-set", capabilities())


def run(*argv: object) -> str:
    words = [str(word) for word in argv]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def wait_until(what: str, ready: Callable[[], bool], seconds: float, pause: float = 0.05) -> None:
    if not pace.until(ready, seconds, pause):
        raise TimeoutError(f"{what}: not after {seconds:.0f} s of this machine's own time")


def kill_and_wait(pid: int) -> None:
    """Its files are closed when this returns: one that waits for its disk as it dies holds the mount until then."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
        wait_until(f"the end of process {pid}", lambda: bool(select.select([process], [], [], 0)[0]), 20, 0.01)
    finally:
        os.close(process)


@dataclass
class Programs:
    """What was built."""

    build: Path

    def __post_init__(self) -> None:
        self.build = self.build.resolve()
        self.agent = self.build / "lustre-init"
        self.units = self.build / "storm/units"
        self.imds = self.build / "tests/imds-sim"
        self.lustre = self.build / "lustre-sim"


class Node:
    """Number N has the address 10.99.0.N+10; it lives until end()."""

    def __init__(self, number: int, folder: Path, programs: Programs, service: float) -> None:
        self.number = number
        self.address = f"10.99.{(number + 10) // 256}.{(number + 10) % 256}"
        self.folder = folder / f"node{number}"
        self.programs = programs
        self.loops: list[str] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.folder.mkdir()
        tools = self.folder / "tools"
        tools.mkdir()
        for name in (*TOOLS, "modprobe"):
            (tools / name).symlink_to(HERE / "tools/lustre")
        for name in ("lvm", "mke2fs", "sync", "systemctl"):
            (tools / name).symlink_to(HERE / "tools" / name)
        (tools / "debugfs").symlink_to(HERE.parent / "lab/lustre-sim/files/debugfs")
        links = self.folder / "programs"
        links.mkdir()
        for name in (*TOOLS, "lustre-sim"):
            (links / name).symlink_to(programs.lustre / "lustre-sim")
        (links / "lustre-sim-client").symlink_to(programs.lustre / "lustre-sim-client")
        (self.folder / "lustre-sim.conf").write_text(SIM_CONF.format(service=service))
        self.holder: subprocess.Popen[bytes] | None = None
        self.more_tags: dict[str, str] = {}
        self.faults: list[dict[str, Any]] = []  # of its metadata service

    def _loop(self, image: Path) -> str:
        with image.open("wb") as file:
            file.truncate(DISK_SIZE)
        return run("losetup", "-f", "--show", image).strip()

    def start_holder(self) -> None:
        """Everything a node has, then a sleep that keeps the namespaces."""
        for name in ("disk", "volume"):
            self.loops.append(self._loop(self.folder / name))
        disk, volume = (os.stat(loop).st_rdev for loop in self.loops)
        devices = {**DEVICES, "fuse": (10, 229)}
        script = ["set -e", "mount -t sysfs sysfs /sys", "mount -t tmpfs tmpfs /dev", "mkdir /dev/pts /dev/shm /dev/mapper"]
        script += [f"mknod -m 666 /dev/{name} c {major} {minor}" for name, (major, minor) in devices.items()]
        script += [
            f"mknod /dev/nvme1n1 b {os.major(disk)} {os.minor(disk)}",
            f"mknod /dev/dm-0 b {os.major(volume)} {os.minor(volume)}",
            "for d in /run /var/lib /srv /mnt /sys/block /sys/dev/block; do mount -t tmpfs tmpfs $d; done",
            "mkdir -p /run/systemd/system /run/lustre-sim /sys/block/nvme1n1/queue /sys/block/.pci/nvme1/device",
            f"ln -s {self.folder} /run/storm",
            "ln -s storm/lustre-sim.conf /run/lustre-sim.conf",
            "cd /sys/block/nvme1n1",
            "ln -s ../.pci/nvme1 device",
            f"echo {DISK_SIZE // 512} >size; echo 512 >queue/logical_block_size; echo 0 >queue/rotational; echo 0 >ro",
            "echo 0x1d0f >device/device/vendor; echo Amazon EC2 NVMe Instance Storage >device/model",
            f"echo AWS{self.number:017X} >device/serial",
            f"echo {os.major(disk)}:{os.minor(disk)} >dev",
            f"ln -s ../../block/nvme1n1 /sys/dev/block/{os.major(disk)}:{os.minor(disk)}",
            f"ln -s ../../block/dm-0 /sys/dev/block/{os.major(volume)}:{os.minor(volume)}",
            "ip link set lo up; touch /run/storm/made; exec sleep infinity",
        ]
        self.holder = subprocess.Popen(["unshare", "-n", "-m", "sh", "-c", "\n".join(script)])
        wait_until(f"node {self.number}", (self.folder / "made").exists, 20)
        link = f"node{self.number}"
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", self.pid)
        run("ip", "link", "set", link, "master", "lab0", "up")
        for words in (
            f"link set eth0 address {self.mac}",
            f"addr add {self.address}/16 dev eth0",
            "link set eth0 up",
            f"route add {IMDS} dev eth0",
        ):
            run("nsenter", "-t", self.pid, "-n", "ip", *words.split())

    @property
    def pid(self) -> int:
        """Of the process that its namespaces hang on."""
        if self.holder is None:
            raise RuntimeError(f"node {self.number} was not started")
        return self.holder.pid

    @property
    def mac(self) -> str:
        return f"06:99:00:00:{self.number // 256:02x}:{self.number % 256:02x}"

    @property
    def ost(self) -> str:
        return f"lustrewt-OST{self.number + 10:04x}"

    def inside(self, *argv: object) -> list[str]:
        where = ["nsenter", "-t", str(self.pid), "-m", "-n", "--"]
        return [*where, *(str(word) for word in argv)]

    def start(self, *argv: object, log: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        environment = {"PATH": PATH, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={BUS}", "LC_ALL": "C"}
        with (self.folder / log).open("ab") as out:
            process = subprocess.Popen(
                self.inside(*argv), env=environment, stdin=stdin, stdout=out, stderr=out
            )
        self.processes.append(process)
        return process

    def call(self, *argv: object, log: str = "calls") -> int:
        return pace.wait(self.start(*argv, log=log), 60)

    def start_units(self) -> None:
        self.start(self.programs.units, BUS, "/run/systemd/system", log="units.log")
        wait_until("the bus", (self.folder / "bus").exists, 10)

    def start_agent(self, gate: int) -> subprocess.Popen[bytes]:
        """It runs once the other end of the pipe `gate` is closed."""
        waiting = ("sh", "-c", 'read -r _; exec "$@" </dev/null', "gate")
        agent = (*CONFINED, self.programs.agent, "--endpoint", f"http://{IMDS}", "apply")
        return self.start(*waiting, *agent, log="agent.log", stdin=gate)

    def mounted(self) -> bool:
        mounts = Path(f"/proc/{self.pid}/mounts").read_text()
        return f" /srv/lustre/{self.ost} ext4 " in mounts

    def mounts_client(self) -> bool:
        return f"mount {CLIENT}" in (self.folder / "agent.log").read_text()

    def formatting(self) -> bool:
        """Whether the mke2fs that was slowed down is at work; False before it began, too."""
        return self._is_at_work("formatting")

    def loading(self) -> bool:
        """The same of the modprobe."""
        return self._is_at_work("loading")

    def _is_at_work(self, name: str) -> bool:
        try:
            stat = Path("/proc", (self.folder / name).read_text().strip(), "stat").read_text()
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] != "Z"

    def tcp(self) -> dict[str, int]:
        """The counters of TCP in this node's namespace (proc_net: /proc/net/snmp)."""
        lines = [line.split() for line in Path(f"/proc/{self.pid}/net/snmp").read_text().splitlines()]
        names, values = (line for line in lines if line[0] == "Tcp:")
        return {name: int(value) for name, value in zip(names[1:], values[1:])}

    def metadata(self, mgs: str, tags: dict[str, str] | None = None) -> str:
        if tags is None:
            tags = {"lustre:role": "oss", "lustre:fsname": "lustrewt", "lustre:mgs": mgs, "lustre:expect-disks": "1"}
            tags |= self.more_tags
        node = {"instance_id": f"i-0{self.number:016x}", "local_ipv4": self.address, "mac": self.mac}
        return json.dumps(node | {"subnet_cidr": SUBNET, "vpc_cidr": SUBNET, "tags": tags, "faults": self.faults})

    def take_disk(self) -> None:
        run(*self.inside("mv", "/sys/block/nvme1n1", "/sys/block/.nvme1n1"))

    def give_disk(self) -> None:
        run(*self.inside("mv", "/sys/block/.nvme1n1", "/sys/block/nvme1n1"))

    def hold_disk(self) -> subprocess.Popen[bytes]:
        """As a script of a boot does that looks at it, or empties it, until it is ended."""
        hold = "import os, time; os.open('/dev/nvme1n1', os.O_RDONLY | os.O_EXCL); open('/run/storm/held', 'w'); time.sleep(600)"
        holder = self.start(sys.executable, "-c", hold, log="holder.log")
        wait_until("the disk to be held", (self.folder / "held").exists, 60)
        return holder

    def give_interface(self) -> None:
        """A second one."""
        run(*self.inside("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "peer1"))
        run(*self.inside("ip", "link", "set", "peer1", "up"))
        run(*self.inside("ip", "addr", "add", f"{self.address.replace('10.99', '10.98')}/16", "dev", "eth1"))
        run(*self.inside("ip", "link", "set", "eth1", "up"))

    def occupy(self) -> None:
        """The client's mount point, by a mount that is not Lustre's."""
        run(*self.inside("mkdir", CLIENT))
        run(*self.inside("mount", "-t", "tmpfs", "tmpfs", CLIENT))

    def leave(self) -> None:
        run(*self.inside("umount", CLIENT))

    def replace_tool(self, name: str, text: str) -> None:
        tool = self.folder / "tools" / name
        tool.unlink()
        tool.write_text(text)
        tool.chmod(0o755)

    def brings_along(self) -> None:
        """Its next look at LNET brings an interface, once; each is counted."""
        self.replace_tool("lctl", LCTL_WITH_NEWS)

    def brings_disk_at_last(self) -> None:
        """Its next look at LNET brings an interface, and those behind it, which take longer, the disk."""
        self.replace_tool("lctl", LCTL_WITH_DISK)

    def ends_lvm(self) -> None:
        """Somebody, twice, as it tells of the groups: once where it was asked ahead."""
        self.replace_tool("lvm", LVM_ENDED)

    def looks(self) -> int:
        """How often LNET was looked at so far."""
        return len((self.folder / "looks").read_text().split())

    def waiting(self) -> str:
        """What its agent waits for, by what it tells; "" for nothing."""
        try:
            boot = json.loads(Path(f"/proc/{self.pid}/root/run/lustre-init/boot.json").read_text())
        except (OSError, ValueError):
            return ""
        sentence = str(boot["sentence"])
        return sentence if sentence.startswith("waiting") else ""

    def is_kernel(self, process: Path) -> bool:
        """Whether it is the stand-in's daemon, of this node."""
        try:
            ours = os.readlink(process / "ns/net") == os.readlink(f"/proc/{self.pid}/ns/net")
            return ours and b"lustre-simd" in (process / "cmdline").read_bytes()
        except OSError:
            return False

    def kill_kernel(self) -> None:
        """In the middle of whatever it does: what a crash does to Lustre and its port."""
        for process in filter(self.is_kernel, Path("/proc").glob("[0-9]*")):
            kill_and_wait(int(process.name))

    def end(self) -> None:
        """Its processes and namespaces; the kernel detaches its loop devices when their mounts are gone."""
        if self.holder is not None:
            self.kill_kernel()
            self.processes.append(self.holder)
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        for loop in self.loops:
            subprocess.run(["losetup", "-d", loop], capture_output=True, check=False)
        # The kernel takes its time with the end of a namespace; the name must be free for the next story.
        subprocess.run(["ip", "link", "del", f"node{self.number}"], capture_output=True, check=False)


def make_bridge() -> None:
    """Once, in the storm's own network namespace."""
    for words in (
        "link set lo up",
        "link add lab0 type bridge forward_delay 0",
        "addr add 10.99.0.1/16 dev lab0",
        f"addr add {IMDS}/32 dev lab0",
        "link set lab0 up",
    ):
        run("ip", *words.split())
