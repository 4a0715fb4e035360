# SPDX-License-Identifier: Apache-2.0
"""ami-build by apt: a client of Ubuntu, played by the Debian that the lab has made, with packages of ours."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pace
import stock
from running import UPDATE_GRUB
from signed import Signer

OLDER, NEWER = "6.8.0-1010-aws", "6.8.0-1020-aws"
# There are modules for it, and no repository has it, or not any more.
NOWHERE = "6.8.0-1030-aws"
TOOLS = ("usr/sbin/mount.lustre", "usr/sbin/lctl", "usr/sbin/lnetctl", "usr/bin/lfs")


def package(folder: Path, name: str, version: str, needs: str, files: dict[str, bytes]) -> None:
    """Built, and named in the list of a flat repository."""
    tree = folder / "tree"
    control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: none <none@localhost>\nDescription: stand-in\n"
    control += f"Depends: {needs}\n" if needs else ""
    for path, content in {**files, "DEBIAN/control": control.encode()}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(content)
        (tree / path).chmod(0o755 if "bin/" in path or path.endswith("inst") else 0o644)
    made = folder / f"{name}.deb"
    stock.run(["dpkg-deb", "--root-owner-group", "-b", tree, made])
    shutil.rmtree(tree)
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    with (folder / "Packages").open("a") as listed:
        listed.write(f"{control}Filename: ./{made.name}\nSize: {made.stat().st_size}\nSHA256: {digest}\n\n")


def module(folder: Path) -> bytes:
    """A module that is for the older kernel by its own word, and nothing else."""
    said, made = folder / "modinfo", folder / "module.ko"
    said.write_bytes(f"vermagic={OLDER} SMP ".encode() + b"\0")
    section = ".data=.modinfo,alloc,load,readonly,data,contents"
    stock.run(["objcopy", "-I", "binary", "-O", "elf64-little", "--rename-section", section, said, made])
    return made.read_bytes()


def make_repository(folder: Path, scratch: Path) -> None:
    folder.mkdir()
    for kernel in (OLDER, NEWER):
        names = (f"boot/vmlinuz-{kernel}", f"boot/initrd.img-{kernel}", f"lib/modules/{kernel}/modules.dep")
        builtin = {f"lib/modules/{kernel}/modules.builtin": b"kernel/drivers/nvme/host/nvme.ko\n"}
        package(folder, f"linux-image-{kernel}", "1", "", dict.fromkeys(names, b"-") | builtin)
    content = module(scratch)
    modules = {f"lib/modules/{OLDER}/updates/{name}.ko": content for name in ("lnet", "ksocklnd", "lustre")}
    package(folder, f"lustre-client-modules-{OLDER}", "2.16.1-1", f"linux-image-{OLDER}", modules)
    package(folder, f"lustre-client-modules-{NOWHERE}", "2.16.1-1", f"linux-image-{NOWHERE}", {f"lib/modules/{NOWHERE}/updates/lnet.ko": content})
    package(folder, "lustre-client-utils", "2.16.1-1", "", dict.fromkeys(TOOLS, b"#!/bin/sh\n"))
    package(folder, "lustre-init", "9.9-1", "", agent())


def agent() -> dict[str, bytes]:
    files = {"usr/sbin/lustre-init": b"#!/bin/sh\n", "etc/cloud/cloud.cfg.d/95_lustre-init.cfg": b"{}\n", "usr/lib/tmpfiles.d/lustre-init.conf": b"\n"}  # fmt: skip
    return files | {f"usr/lib/systemd/system/lustre-{name}.service": b"[Install]\nWantedBy=multi-user.target\n" for name in ("init", "watch")}


def make_stock(root: Path) -> None:
    """Of what apt knows, only the repository in the image is left; the newer kernel is what it boots."""
    release = root / "etc/os-release"
    release.unlink()
    release.write_text('ID=ubuntu\nVERSION_ID="24.04"\n')
    for path in [root / "etc/apt/sources.list", *(root / "etc/apt/sources.list.d").iterdir()]:
        path.unlink(missing_ok=True)
    (root / "etc/systemd/system/multi-user.target.wants/systemd-networkd.service").symlink_to("/usr/lib/systemd/system/systemd-networkd.service")
    guest = ["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive"]
    installed = stock.run([*guest, "dpkg-query", "-W", "-f", "${Package}\\n", "linux-image-*"]).split()
    stock.run([*guest, "apt-get", "-qq", "-y", "purge", *installed])
    stock.run([*guest, "dpkg", "-i", f"/srv/repository/linux-image-{NEWER}.deb"])


def sign(ami: Path, root: Path, folder: Path, asked: Sequence[str | Path]) -> Path:
    """The repository is signed, and was refused while nobody, and while another had; the key."""
    ours, theirs = (Signer(folder, f"apt-{name}") for name in ("ours", "theirs"))
    packages = root / "srv/repository/Packages"
    argv = [ami / "provision", *asked, "--repo-key", ours.key]
    try:
        for sign_it, words in ((lambda _: None, "does not have a Release file"), (theirs.release, "InRelease' is not signed")):
            sign_it(packages)
            said = stock.run(argv, 100)  # apt-get's own
            assert words in said, said
        ours.release(packages)
    finally:
        ours.end()
        theirs.end()
    return ours.key


def is_nobodys_source(root: Path) -> None:
    """Of an update of an instance: the repository may be signed by nobody, and out of its reach."""
    asked = stock.run(["chroot", root, "apt-get", "--print-uris", "update"])
    assert "repository" not in asked, f"apt of an instance asks {asked}"
    assert "/srv/repository" in (root / "etc/apt/sources.list.d/lustre-init.sources").read_text()


HANGS = b"#!/bin/sh\ntest ! -e /boot/hang || touch /boot/here\nwhile test -e /boot/here; do :; done\n"


def what_was_cut_goes_on(ami: Path, root: Path, flags: Sequence[str | Path]) -> None:
    """Killed while dpkg configures a package: apt then does nothing until that is done."""
    folder = root / "srv/cut"
    folder.mkdir()
    package(folder, "lustre-init", "9.10-1", "", agent() | {"DEBIAN/postinst": HANGS})
    argv = [str(word) for word in (ami / "provision", *flags, "--agent", folder / "lustre-init.deb")]
    (root / "boot/hang").touch()
    run = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    assert pace.until((root / "boot/here").exists, 300) and run.poll() is None, "it never came to configure the package, or ended by itself"
    # dpkg has a session of its own.
    for path in Path("/proc").glob("[0-9]*/root"):
        with contextlib.suppress(OSError):
            if path.readlink() == root:
                os.kill(int(path.parent.name), signal.SIGKILL)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    for name in ("hang", "here"):
        (root / "boot" / name).unlink()
    for words in ("+ packages of a run that was cut are configured", "\n0 changes\n"):
        said = stock.run(argv)
        assert words in said, said


def another_build(ami: Path, root: Path, flags: Sequence[str | Path]) -> None:
    """Of the version that is there already."""
    folder = root / "srv/again"
    folder.mkdir()
    package(folder, "lustre-init", "9.9-1", "", agent() | {"usr/sbin/lustre-init": b"#!/bin/sh\n:\n", "DEBIAN/md5sums": b"0  usr/sbin/lustre-init\n"})
    argv = [ami / "provision", *flags, "--agent", folder / "lustre-init.deb"]
    for words in ("+ lustre-init 9.9-1, of another build", "\n0 changes\n"):
        said = stock.run(argv)
        assert words in said, said
    assert (root / "usr/sbin/lustre-init").read_bytes() == b"#!/bin/sh\n:\n", "it is the former"


def a_client_by_apt(ami: Path, base: Path, folder: Path) -> None:
    root = folder / "ubuntu"
    stock.run(["cp", "-a", base, root])
    make_repository(root / "srv/repository", folder)
    make_stock(root)
    deb = root / "srv/repository/lustre-init.deb"
    what = ["--kind", "client", "--root", root, "--lustre-version", "2.16.1"]
    asked = [*what, "--lustre-repo", "file:/srv/repository ./", "--agent", deb]
    key = sign(ami, root, folder, asked)
    flags = [*asked, "--repo-key", key]
    said = stock.run([ami / "provision", *flags])
    for words in (f"+ kernel {OLDER}", f"+ kernel {NEWER}, which has no Lustre, removed", "lustre-client-utils=2.16.1*",
                  f"hold: linux-image-{OLDER}", "lustre-init.service starts at boot", "lustre-watch.service starts at boot"):  # fmt: skip
        assert words in said, said
    is_nobodys_source(root)
    said = stock.run([ami / "provision", *flags])
    assert "\n0 changes\n" in said, said
    stock.run([ami / "verify", *what])
    another_build(ami, root, flags)
    what_was_cut_goes_on(ami, root, flags)
    stock.run(["chroot", root, "apt-mark", "unhold", "lustre-client-utils"])
    said = stock.run([ami / "verify", *what, "--only", "pin"], 1)
    assert "apt does not hold lustre-client-utils" in said, said


# apt-daily, on a system that runs: between lists and installation it fetches what the system itself knows, and removes the rest.
APT_DAILY = """#!/bin/sh
/usr/bin/apt-get "$@" || exit
case $* in *" update") exec /usr/bin/apt-get -q update ;; esac
"""


# As on a system of its own, that runs the newer kernel.
INSIDE = """
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
exec chroot "$0" env PATH=/srv/runs:/usr/sbin:/usr/bin:/sbin:/bin "$@"
"""


def the_running_system_by_apt(ami: Path, base: Path, folder: Path) -> None:
    root = folder / "ubuntu-runs"
    stock.run(["cp", "-a", base, root])
    (folder / "runs").mkdir()
    make_repository(root / "srv/repository", folder / "runs")
    make_stock(root)
    shutil.copytree(ami, root / "srv/ami-build")
    (root / "srv/runs").mkdir()
    (root / "boot/grub").mkdir(exist_ok=True)
    for name, text in (("srv/runs/uname", f'#!/bin/sh\n[ "$1" = -r ] && echo {NEWER} || exec /usr/bin/uname "$@"\n'), ("usr/sbin/update-grub", UPDATE_GRUB), ("usr/sbin/apt-get", APT_DAILY)):
        (root / name).write_text(text)
        (root / name).chmod(0o755)
    here = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", INSIDE, root]
    what = ["--kind", "client", "--lustre-version", "2.16.1"]
    flags = [*what, "--lustre-repo", "file:/srv/repository ./", "--unsigned", "--agent", "/srv/repository/lustre-init.deb"]
    said = stock.run([*here, "/srv/ami-build/provision", *flags])
    for words in (f"! kernel {NEWER} runs here and stays; {OLDER} is what boots", f"+ kernel {OLDER} boots"):
        assert words in said, said
    said = stock.run([*here, "/srv/ami-build/provision", *flags])
    assert f"= kernel {OLDER} boots" in said and "\n0 changes\n" in said, said
    stock.run([*here, "/srv/ami-build/verify", *what, "--kernel", OLDER])


def stories(ami: Path, cache: Path, folder: Path) -> list[tuple[str, Callable[[], None]]]:
    """None, where the lab has made no Debian yet."""
    found = (a_client_by_apt, the_running_system_by_apt)
    return [(each.__name__, partial(each, ami, base, folder)) for base in list(cache.glob("base-*"))[:1] for each in found]
