# SPDX-License-Identifier: Apache-2.0
"""The image every lab node boots: Debian, the stand-in for Lustre, and ami-build/provision over both.

Two layers, each made once and kept under a hash of what went into it: the
base (mmdebstrap, a minute) changes with the package list alone, the
image on top of it (a few seconds) with every build of the agent.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boot_files
from accelerator import Accelerator, emulation
from host import BUILD, LAB, WORK, LabError, run

CACHE = WORK / "cache"
SOURCES = LAB / "image"
STAND_IN = LAB / "lustre-sim"
AMI_BUILD = LAB.parent.parent / "ami-build"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEBIAN = "bookworm"
ROOT_BYTES = 4 << 30
# Of ami-build/verify's checks, what a lab's image can answer.
LOOKED_AT = (
    "boots,pin,tools,lvm,agent,unit,cloud-init,host-keys,machine-id,cloud-instance,history,authorized-keys,leases,"
    "lvm-devices,lustre-state,logs,caches,temporary"
)

ENABLED = ("systemd-networkd.service", "lab-disks.service")
# Nothing here is under test, and each costs seconds of an emulated boot.
MASKED = (
    "apt-daily.timer", "apt-daily-upgrade.timer", "dev-hugepages.mount", "dev-mqueue.mount",
    "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer",
    "getty@tty1.service", "modprobe@drm.service", "nvmefc-boot-connections.service",
    "nvmf-autoconnect.service", "proc-sys-fs-binfmt_misc.automount",
    "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "systemd-ask-password-console.path",
    "systemd-ask-password-wall.path", "systemd-binfmt.service", "systemd-logind.service",
    "systemd-network-generator.service", "systemd-pstore.service", "systemd-repart.service",
    "systemd-update-utmp-runlevel.service", "systemd-update-utmp.service",
    "systemd-user-sessions.service", "uuidd.socket",
)  # fmt: skip
# Likewise udev's rules for hardware that no node has; each is read for each of hundreds of devices.
RULES_MASKED = (
    "60-autosuspend", "60-cdrom_id", "60-drm", "60-evdev", "60-fido-id", "60-input-id",
    "60-persistent-alsa", "60-persistent-input", "60-persistent-storage-tape", "60-persistent-v4l",
    "60-sensor", "60-serial", "66-azure-ephemeral", "70-camera", "70-joystick", "70-memory",
    "70-mouse", "70-power-switch", "70-touchpad", "70-uaccess", "71-seat", "73-seat-late",
    "75-probe_mtd", "78-sound-card", "85-hwclock", "96-e2scrub",
)  # fmt: skip


@dataclass(frozen=True)
class Image:
    """What a node boots, and what runs it. The lab never writes to any of these files."""

    disk: Path
    disk_format: str
    kernel: Path | None
    initrd: Path | None
    append: str
    accelerator: Accelerator = field(default_factory=emulation)
    firmware: Path | None = None  # in place of QEMU's BIOS, where there is no kernel


def find_or_make(say: Callable[[str], None], package: Path | None = None) -> Image:
    """The image named by LAB_IMAGE, or our own, made if it is not there yet; with another package than the tree's."""
    given = os.environ.get("LAB_IMAGE")
    if given:
        return given_image(Path(given))
    if os.environ.get("LUSTRE") == "real":
        raise LabError("LUSTRE=real needs LAB_IMAGE, an image with Lustre in it (README.md)")
    with locked_cache():
        return own_image(say, package or agent_package())


def given_image(disk: Path) -> Image:
    kernel, initrd = (
        Path(value) if (value := os.environ.get(name)) else None
        for name in ("LAB_KERNEL", "LAB_INITRD")
    )
    for path in filter(None, (disk, kernel, initrd)):
        if not path.is_file():
            raise LabError(f"{path}: no such file (LAB_IMAGE, LAB_KERNEL, LAB_INITRD)")
    with disk.open("rb") as file:
        disk_format = "qcow2" if file.read(4) == b"QFI\xfb" else "raw"
    return Image(disk, disk_format, kernel, initrd, os.environ.get("LAB_APPEND", "root=/dev/vda"))


def find_or_make_base(say: Callable[[str], None]) -> Path:
    """The lower layer alone, which needs nothing that is built here."""
    with locked_cache():
        return own_base(say)


def own_base(say: Callable[[str], None]) -> Path:
    base = CACHE / f"base-{digest([SOURCES / 'packages', SOURCES / 'exclude'])}"
    if not base.is_dir():
        say("making the lab's Debian (once, about a minute)")
        make_whole(base, make_base)
        forget_others(base, "base-*", spare=0)
    return base


def own_image(say: Callable[[str], None], package: Path | None) -> Image:
    base = own_base(say)
    parts = [SOURCES / "root", SOURCES / "init", LAB / "image.py", LAB / "boot_files.py"]
    parts += [AMI_BUILD / "provision", AMI_BUILD / "verify", AMI_BUILD / "lib"]
    parts += [path for path in (*stand_in(), package) if path]
    folder = CACHE / f"image-{digest(parts, base.name)}"
    if not folder.is_dir():
        say("making the lab's image")
        make_whole(folder, lambda target: make_image(base, package, target))
        # One to spare: nodes that were kept running may stand on it.
        forget_others(folder, "image-*", spare=1)
    disk, kernel, initrd = (folder / name for name in ("root.ext4", "vmlinux", "initrd"))
    return Image(disk, "raw", kernel, initrd, "root=/dev/vda")


def bare() -> bool:
    """Asked for a plain Debian, to work on the lab alone."""
    return os.environ.get("LAB_WITHOUT_AGENT") == "1"


def stand_in() -> list[Path]:
    """The stand-in for Lustre, as built; first the script that puts it into a root."""
    if bare():
        return []
    built = [BUILD / "lustre-sim" / name for name in ("lustre-sim", "lustre-sim-client", "files")]
    for path in built:
        if not path.exists():
            raise LabError(f"{path} is not built: run make lustre-sim")
    return [STAND_IN / "install.sh", *built]


def agent_package() -> Path | None:
    """The agent's RPM, as `make rpm` leaves it; with LAB_PACKAGE=deb that of `make deb`."""
    if bare():
        return None
    kind = os.environ.get("LAB_PACKAGE", "rpm")
    found = list((BUILD / kind).glob(f"lustre-init-*.{kind}"))
    if not found:
        raise LabError(f"no lustre-init-*.{kind} in {BUILD / kind}: run make {kind}")
    return max(found, key=lambda path: path.stat().st_mtime)


@contextmanager
def locked_cache() -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest(parts: Iterable[Path], *words: str) -> str:
    """A hash of files and whole folders: names, modes and bytes."""
    summary = hashlib.sha256("\0".join(words).encode())
    for part in parts:
        for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
            if path.is_file():
                head = f"{path.relative_to(part.parent)} {path.stat().st_mode:o}"
                summary.update(f"{head}\0".encode())
                summary.update(path.read_bytes())
    return summary.hexdigest()[:16]


def make_whole(target: Path, make: Callable[[Path], None]) -> None:
    """Make a folder under another name first, so that a half-made one never counts."""
    partial = target.with_name(f"partial-{target.name}")
    if (partial / "root").is_mount():
        run(["umount", partial / "root"])
    shutil.rmtree(partial, ignore_errors=True)
    try:
        make(partial)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def forget_others(kept: Path, pattern: str, spare: int) -> None:
    others = [path for path in CACHE.glob(pattern) if path != kept]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[spare:]:
        shutil.rmtree(path)


def apt_sources() -> list[str]:
    """The Debian archives this machine's apt uses, whichever mirror or snapshot that is."""
    words = "deb [signed-by=" + KEYRING + "] $(REPO_URI) $(RELEASE) $(COMPONENT)"
    form = f"$(ORIGIN)|$(CODENAME)|{words}"
    said = run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"])
    found = [line.split("|", 2) for line in said.splitlines()]
    sources = [source for origin, name, source in found if origin == "Debian" and DEBIAN in name]
    if not sources:
        raise LabError(f"apt knows no Debian {DEBIAN} archive: run apt-get update")
    return sources


def listed(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def make_base(target: Path) -> None:
    # A snapshot of the archive is older than its own Valid-Until.
    options = ["--aptopt=Acquire::Check-Valid-Until false", "--aptopt=Acquire::Languages none"]
    options += [f"--dpkgopt=path-exclude={pattern}" for pattern in listed(SOURCES / "exclude")]
    packages = ",".join(listed(SOURCES / "packages"))
    # The kernel's package makes an initramfs twice, half of the time of it all; nodes boot with one of ours.
    argv = ["env", "INITRD=No", "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={packages}"]
    run([*argv, *options, DEBIAN, str(target), *apt_sources()], timeout=1200)


def make_image(base: Path, package: Path | None, target: Path) -> None:
    target.mkdir()
    with in_memory(target / "root") as root:
        run(["cp", "-a", f"{base}/.", root], timeout=300)
        make_files(root, package, target)


def make_files(root: Path, package: Path | None, target: Path) -> None:
    """Make a node's root of Debian's, and out of it the files that a node boots from."""
    configure(root)
    if parts := stand_in():
        run([parts[0], root])
    if package is not None:
        provision(root, package)
    else:
        # Empty, not absent: a new id at first boot, but no preset-all (machine-id(5)).
        (root / "etc/machine-id").write_text("")
    release = boot_files.write_kernel(root, target / "vmlinux")
    boot_files.write_initramfs(root, release, target / "initrd")
    for unused in (root / "boot").iterdir():
        unused.unlink()
    make_root_disk(root, target / "root.ext4")


@contextmanager
def in_memory(folder: Path) -> Iterator[Path]:
    """A folder that no disk ever hears of: half a GB written, only to be removed, is seconds on a slow one."""
    folder.mkdir()
    run(["mount", "-t", "tmpfs", "-o", "mode=0755", "lab-root", folder])
    try:
        yield folder
    finally:
        run(["umount", folder])
        folder.rmdir()


def configure(root: Path) -> None:
    run(["cp", "-a", "--no-preserve=ownership", f"{SOURCES}/root/.", root])
    (root / "etc/hostname").unlink(missing_ok=True)
    (root / "lab/store").mkdir(parents=True)
    run(["chroot", root, "systemctl", "enable", *ENABLED])
    run(["chroot", root, "systemctl", "mask", *MASKED])
    for name in RULES_MASKED:
        (root / "etc/udev/rules.d" / f"{name}.rules").symlink_to("/dev/null")


def provision(root: Path, package: Path) -> None:
    """As a user's AMI is made, from a Debian in which Lustre is played already; then looked at, as that is.

    The kernel boots from files outside of the image, and its initramfs is not yet made.
    """
    what = ["--kind", "server", "--root", root, "--lustre-present", "--no-modules"]
    run([AMI_BUILD / "provision", *what, "--agent", package], timeout=300)
    run([AMI_BUILD / "verify", *what, "--only", LOOKED_AT], timeout=300)


def make_root_disk(root: Path, disk: Path) -> None:
    with disk.open("wb") as file:
        file.truncate(ROOT_BYTES)
    run(["mke2fs", "-q", "-t", "ext4", "-L", "lab-root", "-E", "assume_storage_prezeroed=1",
         "-d", root, disk], timeout=300)  # fmt: skip


if __name__ == "__main__":
    began = time.monotonic()
    print(find_or_make(print), f"{time.monotonic() - began:.1f} s")
