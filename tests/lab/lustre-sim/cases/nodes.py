# SPDX-License-Identifier: Apache-2.0
"""Nodes for the self-test: a network and mount namespace each, on one bridge, with loop disks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pace

TOOLS = (
    "mkfs.lustre tunefs.lustre mount.lustre umount.lustre lctl lnetctl lfs lustre_rmmod".split()
)
# Waits are played fifty times faster, on a machine that has the time for it.
TIME_SCALE = 0.02
LONGEST_SCALE = 10.0


def configuration(time_scale: float = TIME_SCALE) -> str:
    """How fast waits are played, slower on a machine that is slow now; this kernel may lack what ext4 wants for quota."""
    scale = min(time_scale * pace.GAUGE.slowness(), LONGEST_SCALE)
    return f"time-scale = {scale:.3f}\nwithout-features = dirdata,quota,project\n"


@dataclass
class Result:
    status: int
    out: str
    err: str
    seconds: float


@dataclass
class Disk:
    image: Path
    device: str


@dataclass
class Node:
    name: str
    address: str
    holder: subprocess.Popen[bytes]
    run: Path
    bench: Bench

    def command(self, *argv: object) -> list[str]:
        where = ["nsenter", "-t", str(self.holder.pid), "-m", "-n", "--"]
        return [*where, *(str(word) for word in argv)]

    def environment(self) -> dict[str, str]:
        return {**self.bench.environment(), "LUSTRE_SIM_RUN": str(self.run)}

    def __call__(self, *argv: object, timeout: float = 60) -> Result:
        return run(self.command(*argv), self.environment(), timeout)

    def start(self, *argv: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*argv),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def kernel_log(self) -> str:
        path = self.run / "kmsg"
        return path.read_text() if path.exists() else ""

    def folder(self, name: str) -> Path:
        path = self.run.parent / name
        path.mkdir(exist_ok=True)
        return path

    def mount(self, source: str, name: str, timeout: float = 60) -> Result:
        return self("mount.lustre", source, self.folder(name), timeout=timeout)

    def umount(self, name: str) -> Result:
        return self("umount.lustre", self.folder(name))

    def die(self) -> None:
        """As others see it: nothing comes from there any more."""
        ip(f"link set {self.name.replace('node', 'lab')} down")


def run(argv: list[str], environment: dict[str, str], timeout: float = 60) -> Result:
    start = time.monotonic()
    done = pace.run(argv, timeout, environment)
    return Result(done.returncode, done.stdout, done.stderr, time.monotonic() - start)


@dataclass
class Bench:
    """One case's nodes and disks, all gone after close()."""

    folder: Path
    programs: Path
    nodes: list[Node] = field(default_factory=list)
    disks: list[Disk] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        links = self.folder / "bin"
        links.mkdir()
        for tool in TOOLS:
            (links / tool).symlink_to(self.programs / "lustre-sim")
        (self.folder / "conf").write_text(configuration())

    def environment(self) -> dict[str, str]:
        path = f"{self.folder / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "LUSTRE_SIM_CONF": str(self.folder / "conf"), "LC_ALL": "C"}

    def here(self, *argv: object) -> Result:
        """Run on no node: the tools that only look at disks."""
        return run([str(word) for word in argv], self.environment())

    def node(self, number: int) -> Node:
        holder = subprocess.Popen(["unshare", "-n", "-m", "sleep", "infinity"])
        assert wait_until(lambda: namespace(holder.pid) != namespace(os.getpid()))
        name, address = f"node{number}", f"10.9.0.{number}"
        ip(f"link add lab{number} type veth peer name eth0 netns {holder.pid}")
        ip(f"link set lab{number} master lab0 up")
        run_folder = self.folder / name / "run"
        run_folder.mkdir(parents=True)
        node = Node(name, address, holder, run_folder, self)
        self.nodes.append(node)
        for words in (
            "link set lo up",
            f"addr add {address}/24 dev eth0",
            "link set eth0 up",
        ):
            assert node("ip", *words.split()).status == 0
        return node

    def file(self, megabytes: int) -> Path:
        path = self.folder / f"disk{len(list(self.folder.glob('disk*')))}"
        with path.open("wb") as image:
            image.truncate(megabytes << 20)
        return path

    def disk(self, megabytes: int = 64) -> Disk:
        return self.attach(self.file(megabytes))

    def attach(self, image: Path) -> Disk:
        done = subprocess.run(
            ["losetup", "-f", "--show", image], capture_output=True, text=True, check=True
        )
        disk = Disk(image, done.stdout.strip())
        self.disks.append(disk)
        return disk

    def cut(self, disk: Disk) -> Disk:
        """The disk as a power cut would leave it now: what has reached its image, and no more."""
        image = self.folder / f"disk{len(list(self.folder.glob('disk*')))}"
        shutil.copyfile(disk.image, image)
        return self.attach(image)

    def close(self) -> None:
        for node in self.nodes:
            node.holder.kill()
            node.holder.wait()
        for pid in processes_of(self.folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for disk in self.disks:
            detach(disk)
        for number in range(1, 10):
            subprocess.run(["ip", "link", "del", f"lab{number}"], capture_output=True, check=False)


def detach(disk: Disk) -> None:
    """Once only: a device that is free again may be somebody else's at once. While mounts of a dead
    namespace still hold it, the kernel detaches it at the end of the last one."""
    subprocess.run(["losetup", "-d", disk.device], capture_output=True, check=False)
    wait_until(lambda: not attached(disk.image), seconds=5)


def attached(image: Path) -> bool:
    done = subprocess.run(["losetup", "-j", image], capture_output=True, text=True, check=True)
    return bool(done.stdout.strip())


def processes_of(folder: Path) -> list[int]:
    """Our own pid namespace's processes that were started for this bench."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if f"LUSTRE_SIM_CONF={folder}/".encode() in content:
            found.append(int(path.parent.name))
    return found


def namespace(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/ns/net")


def make_bridge() -> None:
    """Once, in the self-test's own network namespace."""
    ip("link set lo up")
    ip("link add lab0 type bridge")
    ip("link set lab0 up")


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    return pace.until(condition, seconds)
