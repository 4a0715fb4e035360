# SPDX-License-Identifier: Apache-2.0
"""The raw image that ami-build/offline makes boots by itself, by a BIOS and by UEFI, and verify --booted is content.

A root is made as the lab's own is, with Debian's initramfs in place of the lab's, and written by
ami-build/offline. What boots it is what would on EC2: the firmware, a boot loader, the kernel in
the image. The node comes up as what its tags say; then verify looks at it from inside.
"""

from __future__ import annotations

import io
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import expect
import image
import qemu
from host import LabError, run as run_here
from laboratory import Lab
from newer import fetch_package
from node import Node
from scenario import Skip

PACKAGES = ("grub-common", "grub-pc-bin", "ovmf", "systemd-boot-efi")
WHAT = ("--kind", "server", "--lustre-present", "--no-modules")
GIB = "4"


def run(lab: Lab) -> None:
    tools = lab.folder / "tools"
    try:
        for name in PACKAGES:
            run_here(["dpkg-deb", "-x", fetch_package(name, image.DEBIAN), tools])
    except LabError as error:
        raise Skip(f"no boot loader to be had: {error}") from None
    raw = make_raw(lab, tools)
    ours = lab.image
    (template,) = lab.fleet("trio", wanted=("mgs",))
    for number, firmware in enumerate((None, tools / "usr/share/ovmf/OVMF.fd")):
        name = "uefi" if firmware else "bios"
        lab.say(f"booting the raw image by {name}")
        lab.image = replace(ours, disk=raw, disk_format="raw", kernel=None, initrd=None, append="", firmware=firmware)
        spec = replace(template.spec, name=name, address=f"10.77.0.{30 + number}", memory=1024)
        (node,) = lab.add(spec)
        lab.boot([node], timeout=900)
        expect.ready(node, timeout=600)
        was_booted_by(node, firmware is not None)
        verify_is_content(node)
        node.kill()


def make_raw(lab: Lab, tools: Path) -> Path:
    raw = lab.folder / "raw.img"
    base = image.own_base(lab.say)
    folder = lab.folder / "raw"
    folder.mkdir()
    with image.in_memory(folder / "root") as root:
        run_here(["cp", "-a", f"{base}/.", root], timeout=300)
        image.configure(root)
        run_here([image.stand_in()[0], root])
        if not list((root / "boot").glob("initrd.img-*")):
            run_here(["chroot", root, "update-initramfs", "-c", "-k", "all"], timeout=600)
        image.provision(root, image.agent_package())
        # What the lab tells a kernel of its own, told by the boot loader; but that the root is written to, the image says itself.
        told = [word for word in qemu.KERNEL_WORDS if word != "rw"]
        words = " ".join((*told, *lab.image.accelerator.kernel_words, "cloud-init=disabled"))
        argv = ["env", f"PATH={tools}/usr/bin:{os.environ['PATH']}", image.AMI_BUILD / "offline", "--root", root, "--output", raw]
        argv += ["--size", GIB, "--append", words, "--boot-bios", tools / "usr/lib/grub/i386-pc"]
        argv += ["--boot-efi", tools / "usr/lib/systemd/boot/efi/systemd-bootx64.efi"]
        lab.say(run_here([*argv, "--", *WHAT], timeout=600).splitlines()[-1])
    return raw


def was_booted_by(node: Node, efi: bool) -> None:
    found = node.run("test", "-d", "/sys/firmware/efi", check=False).status == 0
    assert found == efi, f"{node.name} was booted by {'UEFI' if found else 'a BIOS'}"
    line = node.read("/proc/cmdline").decode()
    assert "root=UUID=" in line and "/vmlinuz" in line or efi, f"{node.name} was booted with {line}"
    root = node.run("findmnt", "-no", "SOURCE,FSTYPE", "/").out.split()
    assert root[1] == "ext4" and root[0].endswith("3"), f"the root is {root}"


def verify_is_content(node: Node) -> None:
    """From inside, as Image Builder's test phase does; and it is seen to find something."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in ("verify", "lib"):
            tar.add(image.AMI_BUILD / name, arcname=f"ami-build/{name}")
    node.write("/root/ami-build.tar", packed.getvalue())
    node.run("tar", "-x", "-f", "/root/ami-build.tar", "-C", "/root")
    argv = ("/root/ami-build/verify", *WHAT, "--booted")
    said = node.run(*argv, timeout=300, check=False)
    assert said.status == 0 and " 0 failed" in said.out, f"{node.name}: {said.out}"
    for check in ("answer", "running", "unit", "agent"):
        assert f"ok      {check} " in said.out, f"{check} did not pass: {said.out}"
    node.run("systemctl", "disable", "lustre-init.service")
    node.run("mv", "/usr/sbin/lustre-init", "/root/lustre-init-away")
    said = node.run(*argv, timeout=300, check=False)
    for words in ("FAIL    unit ", "FAIL    agent ", "FAIL    answer "):
        assert said.status == 1 and words in said.out, f"{words} is not in: {said.out}"
