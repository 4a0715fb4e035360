# SPDX-License-Identifier: Apache-2.0
"""The files behind a node's disks: its drives, as QEMU calls them.

The root is a qcow2 overlay on the image. The NVMe disks are sparse files on
an ext4 of their own, which the guest serves to itself (lab-disks in the
image): one such store for the instance-store disks, which a stop loses, and
one for EBS volumes, which it keeps. A node with own_drives has no store; there
each disk is a drive whose serial number says so. All are qcow2, so that a
snapshot of the node takes them along.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fleet import Disk, NodeSpec
from host import run
from image import Image

INSTANCE_STORE_MODEL = "Amazon EC2 NVMe Instance Storage"
EBS_MODEL = "Amazon Elastic Block Store"
# For the store's own tables and journal, over what the disks may come to hold.
STORE_OVERHEAD = 256 << 20
# Disks of terabytes are sparse, and nobody fills them.
STORE_MOST = 64 << 30


@dataclass(frozen=True)
class Drive:
    """log: where each write and flush of the node is to be recorded, if anywhere."""

    name: str
    path: Path
    serial: str
    log: Path | None = None


def make_root(image: Image, target: Path) -> None:
    target.unlink(missing_ok=True)
    backing = ["-F", image.disk_format, "-b", str(image.disk)]
    run(["qemu-img", "create", "-q", "-f", "qcow2", *backing, target])


def instance_store_lines(spec: NodeSpec, generation: int) -> list[str]:
    """The disks' list for lab-disks; another generation has other serial numbers."""
    lines = []
    for rank, disk in enumerate(spec.instance_store):
        serial = "AWS" + hex_name(spec.instance_id, generation, rank, length=17).upper()
        lines.append(f"store{rank} {serial} {disk.size} {INSTANCE_STORE_MODEL}")
    return lines


def make_own(disk: Disk, target: Path) -> None:
    run(["qemu-img", "create", "-q", "-f", "qcow2", target, str(disk.size)])


def ebs_lines(spec: NodeSpec) -> list[str]:
    lines = []
    for rank, disk in enumerate(spec.ebs):
        serial = "vol0" + hex_name(spec.instance_id, "ebs", rank, length=16)
        lines.append(f"ebs{rank} {serial} {disk.size} {EBS_MODEL}")
    return lines


def hex_name(*parts: object, length: int) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:length]


def make_store(lines: list[str], disks: tuple[Disk, ...], target: Path) -> None:
    """A qcow2 holding an ext4 that holds nothing but the list of disks."""
    raw = target.with_suffix(".raw")
    with raw.open("wb") as file:
        needed = sum(disk.size for disk in disks) * 17 // 16 + STORE_OVERHEAD
        file.truncate(min(needed, STORE_MOST))
    with tempfile.TemporaryDirectory() as name:
        Path(name, "disks").write_text("".join(f"{line}\n" for line in lines))
        # A few large files: few inodes. New sparse file: nothing to zero, now or later.
        run(["mke2fs", "-q", "-t", "ext4", "-N", "64", "-m", "0", "-J", "size=16",
             "-E", "assume_storage_prezeroed=1", "-d", name, raw])  # fmt: skip
    run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, target])
    raw.unlink()
