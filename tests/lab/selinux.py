# SPDX-License-Identifier: Apache-2.0
"""SELinux in a node: Debian's reference policy, compiled once where that is quick, and files that are labelled by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from host import WORK, run
from image import DEBIAN, apt_sources, digest
from node import Node

TARBALL = "/var/tmp/selinux.tar.gz"
CONTEXTS = "/etc/selinux/default/contexts/files/file_contexts"
KERNEL_WORDS = ("security=selinux", "selinux=1")
# What a node lacks of it: the policy, who labels, and the library that this needs.
PARTS = ("etc/selinux", "sbin/setfiles", "usr/lib/x86_64-linux-gnu/libsepol.so.2")
# Where the stand-in for Lustre has programs, real Lustre has code of the kernel, which is asked for nothing: what modprobe
# and mount run.
STAND_IN = "(typepermissive kmod_t) (typepermissive mount_t)"


def policy() -> Path:
    """As a tar file; kept in the cache."""
    kept = WORK / "cache" / f"selinux-{digest([], *PARTS, STAND_IN)}.tar.gz"
    if not kept.exists():
        root = WORK / "cache" / "selinux.root"
        run(["rm", "-rf", root])
        include = "--include=selinux-policy-default,policycoreutils"
        hook = f"echo '{STAND_IN}' >\"$1/lab.cil\" && chroot \"$1\" semodule -i /lab.cil"
        argv = ["mmdebstrap", "--variant=essential", "--quiet", include, f"--customize-hook={hook}", DEBIAN, root]
        run([*argv, *apt_sources()], timeout=900)
        new = kept.with_suffix(".new")
        run(["tar", "-C", root, "-czf", new, *PARTS])
        new.rename(kept)
        run(["rm", "-rf", root])
    return kept


def give(node: Node, mode: str) -> None:
    """Label all its files; from its next boot on its kernel asks SELinux, "enforcing" or "permissive"."""
    node.write(TARBALL, policy().read_bytes())
    node.run("tar", "-C", "/", "--keep-directory-symlink", "-xf", TARBALL)
    node.write("/etc/selinux/config", f"SELINUX={mode}\nSELINUXTYPE=default\n".encode())
    node.run("ldconfig")
    node.run("setfiles", "-F", "-e", "/proc", "-e", "/sys", "-e", "/dev", "-e", "/run", CONTEXTS, "/", timeout=600)
    node.spec = replace(node.spec, kernel_words=(*node.spec.kernel_words, *KERNEL_WORDS))


def context(node: Node, pid: str) -> str:
    return node.read(f"/proc/{pid}/attr/current").decode().strip("\0\n")


def denials(node: Node) -> list[str]:
    """What was denied since its boot."""
    lines = node.run("journalctl", "-b", "-k", "-o", "cat", "--no-pager", check=False).out.splitlines()
    return [line.partition("avc:")[2].strip() for line in lines if "avc:" in line and "permissive=0" in line]
