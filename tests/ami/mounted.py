# SPDX-License-Identifier: Apache-2.0
"""What is mounted among an image's files and is not in it: somebody's, and not for a builder to remove."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import stock
from bench import AMI, Bench, has, same, state
from running import played

# Bound there for this run alone.
BOUND = 'mount --bind "$0" "$1"; shift; exec "$@"'
SHARED = ("ann/.ssh/authorized_keys", "ann/.aws/credentials", "ann/.bash_history")


def bound(what: Path, where: Path, argv: list[str | Path], expected: int) -> str:
    return stock.run(["unshare", "--mount", "--propagation", "private", "sh", "-euc", BOUND, what, where, *argv], expected)


def what_is_mounted_in_a_root_is_refused(bench: Bench) -> None:
    """As /run of the builder, for a chroot that was made by hand: it would be emptied."""
    root, host = bench.copy(bench.server, "mounted"), bench.folder / "of-the-builder"
    stock.live_in(host, *SHARED)
    before = state(host)
    for folder in ("home", "run"):
        for argv in ([AMI / "provision", *bench.flags(root)], [AMI / "verify", "--kind", "server", "--root", root]):
            said = bound(host, root / folder, argv, 1)
            same(before, state(host))
            has(said, f"{root}/{folder} is a mount of what is not the image's: unmount it")
    # What a chroot has mostly, no command of the image sees; and memory is nobody's.
    for argv in (["mount", "--bind", "/dev", root / "dev"], ["mount", "-t", "tmpfs", "none", root / "run"]):
        run = [*argv, "&&", "exec", AMI / "provision", *bench.flags(root)]
        has(stock.run(["unshare", "--mount", "--propagation", "private", "sh", "-euc", " ".join(str(word) for word in run)]), "\n0 changes\n")


# Homes of a server of files, and others that are mounted when somebody looks; data on a disk that is no part of the image, a partition of
# the root's that is, one that automount keeps, and a file system in memory.
MOUNTS = """
findmnt() {
    case $* in
    *--target*) echo /dev/root-s; return "${LOST:-0}" ;;
    *--mountpoint*/crash) echo "$root/boot/disk" ;;
    *--mountpoint*) echo fs-1:/ ;;
    *)
        printf '%s\n' "0:9 nfs4 $root/home fs-1:/" "0:40 autofs $root/srv systemd-1" "0:41 autofs /boot/efi systemd-1" "8:2 xfs $root/var/crash $root/boot/disk" \
            "8:1 xfs $root/root $root/boot/same" "0:8 tmpfs $root/tmp none" ;;
    esac
}
disks_under() { case $1 in */disk) echo nvme1n1 ;; *) echo nvme0n1 ;; esac; }
"""
# A root that no disk is under, and that is no mount, as of a chroot.
WITHOUT_DISK = "LOST=1; disks_under() { return 32; }\n"


def homes_that_are_shared_are_left_alone(bench: Bench) -> None:
    """On a system that runs: an image does not have them, and others do."""
    root = bench.copy(bench.server, "shared")
    for name in ("disk", "same"):
        os.mknod(root / "boot" / name, stat.S_IFBLK | 0o600, os.makedev(7, 4000))
    stock.live_in(root, *(f"home/{name}" for name in SHARED), "var/crash/of-others", "root/.bash_history")
    left = [root / "var/crash/of-others", *(root / "home" / name for name in SHARED)]
    said = played(root, "provision", f"{MOUNTS}elsewhere_read; cleanse")
    assert not [path for path in left if not path.exists()], f"removed:\n{said}"
    has(said, *(f"= what is mounted at {root}/{name} is not in the image, and left alone" for name in ("home", "srv")))
    has(said, f"! the disk that is mounted at {root}/var/crash is left alone, and in an image of this instance unless it is detached before")
    assert "/boot/efi" not in said, said
    assert not (root / "root/.bash_history").exists(), "what is on the root's disk is left"
    assert played(root, "verify", f"{MOUNTS}elsewhere_read; check_left history; check_left authorized-keys; check_left logs") == ""
    assert played(root, "verify", f"{MOUNTS}{WITHOUT_DISK}elsewhere_read; check_left history; check_left authorized-keys") == ""
    played(root, "provision", f"{MOUNTS}{WITHOUT_DISK}elsewhere_read; cleanse")
    assert not [path for path in left[1:] if not path.exists()], "removed where no disk is under the root"
    has(played(root, "provision", "findmnt() { return 1; }; elsewhere_read", expected=1), "findmnt does not tell what is mounted here")
    has(played(root, "verify", "check_left history"), "/home/ann/.bash_history")


def stories(bench: Bench) -> list[tuple[str, Callable[[], None]]]:
    return [(each.__name__, partial(each, bench)) for each in (what_is_mounted_in_a_root_is_refused, homes_that_are_shared_are_left_alone)]
