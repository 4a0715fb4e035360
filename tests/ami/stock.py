# SPDX-License-Identifier: Apache-2.0
"""The stand-in packages, in repositories as Lustre's builders and a distribution keep them, and a stock image of them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
OLDER = f"5.14.0-427.el9.{platform.machine()}"
NEWER = f"5.14.0-503.el9.{platform.machine()}"
E2FSPROGS = "1.47.1.wc2"

# What a repository has: a spec, and what it is told.
REPOSITORIES = {
    "lustre": [("lustre", {"kernel": OLDER, "lustre_version": "2.16.1"})],
    # The next release, and the same for another minor release of EL.
    "lustre-next": [("lustre", {"kernel": NEWER, "lustre_version": "2.17.0"})],
    "lustre-el9.5": [("lustre", {"kernel": NEWER, "lustre_version": "2.16.1"})],
    "e2fsprogs": [("e2fsprogs", {"e2fsprogs_version": E2FSPROGS})],
    "system": [
        ("stock", {"busybox": shutil.which("busybox") or "busybox"}),
        ("kernel", {"kernel_version": "5.14.0", "kernel_release": "427.el9"}),
        ("kernel", {"kernel_version": "5.14.0", "kernel_release": "503.el9"}),
        ("e2fsprogs", {"e2fsprogs_version": "1.46.5"}),
    ],
    # What a later update of the system would bring.
    "update": [
        ("kernel", {"kernel_version": "5.14.0", "kernel_release": "570.el9"}),
        ("e2fsprogs", {"e2fsprogs_version": "1.48.0"}),
        ("agent", {"agent_version": "9.10"}),
    ],
    "agent": [("agent", {})],
}

# What a machine that built an image has of its own.
LIVED_IN = (
    "etc/ssh/ssh_host_ed25519_key", "etc/ssh/ssh_host_ed25519_key.pub", "etc/machine-id", "var/lib/dbus/machine-id",
    "var/lib/systemd/random-seed", "etc/nvme/hostid", "var/lib/cloud/instance/user-data.txt", "var/log/cloud-init.log",
    "etc/netplan/50-cloud-init.yaml", "root/.bash_history", "home/rocky/.bash_history", "root/.ssh/authorized_keys",
    "home/rocky/.ssh/authorized_keys", "root/.aws/credentials", "var/lib/NetworkManager/internal-eth0.lease",
    "var/lib/dhclient/dhclient.leases", "etc/lvm/devices/system.devices", "etc/lvm/archive/vg_00000.vg",
    "var/lib/lustre-init/state.json", "var/log/journal/0123/system.journal", "var/log/wtmp", "var/cache/dnf/packages.solv",
    "tmp/script_1234.sh", "var/tmp/.hidden", "root/anaconda-ks.cfg", "var/log/boot.log-20260101", "var/log/daemon.log", "var/log/user.log.1",
    "var/log/maillog", "var/log/anaconda/ks-script.log", "var/log/rhsm/rhsm.log", "var/log/unattended-upgrades/unattended-upgrades.log",
    "var/log/sa/sa01", "var/log/faillog",
)  # fmt: skip


def run(argv: Sequence[str | Path], expected: int | None = 0, **environment: str) -> str:
    """What a program says on both its outputs."""
    ended = subprocess.run(
        [str(word) for word in argv], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, env={**os.environ, "HOME": "/root", "LC_ALL": "C.UTF-8", **environment},
    )  # fmt: skip
    if expected is not None and ended.returncode != expected:
        raise AssertionError(f"{argv[0]} ended with {ended.returncode}, not {expected}:\n{ended.stdout}")
    return ended.stdout


def rpmbuild(spec: str, defined: dict[str, str], folder: Path) -> None:
    argv: list[str | Path] = ["rpmbuild", "-bb", "--quiet", "--nodeps", "--define", f"_topdir {folder / 'rpmbuild'}"]
    argv += ["--define", f"_rpmdir {folder}", "--define", "_build_id_links none", "--define", "debug_package %{nil}"]
    # Quick: nothing is won by small stand-ins.
    argv += ["--define", "_binary_payload w0.ufdio", "--define", "__os_install_post %{nil}"]
    for name, value in defined.items():
        argv += ["--define", f"{name} {value}"]
    run([*argv, HERE / "packages" / f"{spec}.spec"])
    shutil.rmtree(folder / "rpmbuild")


def make_repositories(folder: Path) -> None:
    for name, packages in REPOSITORIES.items():
        for spec, defined in packages:
            rpmbuild(spec, defined, folder / name)
        run(["createrepo_c", "--quiet", folder / name])


def dnf(root: Path, *words: str, repositories: dict[str, Path]) -> str:
    """This machine's dnf on a root, with repositories of ours and no others."""
    argv = ["dnf", "-q", "-y", f"--installroot={root}", "--releasever=9", "--setopt=reposdir=/nonexistent"]
    argv += [f"--repofrompath={name},file://{path}" for name, path in repositories.items()]
    return run([*argv, "--nogpgcheck", *words])


def make_stock(repositories: Path, root: Path) -> None:
    """An image with the newer kernel and the distribution's e2fsprogs, in which somebody has worked."""
    named = {"system": repositories / "system"}
    dnf(root, "install", "stock", "lvm2", f"kernel-{NEWER}", f"kernel-headers-{NEWER}", "gcc", "e2fsprogs", repositories=named)
    folder = root / "etc/yum.repos.d"
    folder.mkdir()
    system = f"[system]\nname=system\nbaseurl=file://{repositories}/system\ngpgcheck=0\n"
    (folder / "system.repo").write_text(system)
    run(["chroot", root, "/usr/sbin/grubby", "--set-default", f"/boot/vmlinuz-{NEWER}"])
    live_in(root, *LIVED_IN)
    (root / "etc/fstab").write_text("# disks\n/dev/nvme1n1 /mnt auto defaults,nofail,comment=cloudconfig 0 2\n")


def live_in(root: Path, *paths: str) -> None:
    for name in paths:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("0123456789abcdef\n")
