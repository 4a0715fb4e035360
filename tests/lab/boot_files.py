# SPDX-License-Identifier: Apache-2.0
"""What QEMU boots a lab node with, taken out of the node's own root.

Emulation makes every instruction dear, so two things are done on the host
that a boot would otherwise do: the kernel is decompressed, and its initramfs
holds a handful of drivers and a shell script (image/init) instead of udev.
"""

from __future__ import annotations

import gzip
import lzma
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from host import LAB, LabError

# What stands between the kernel and a root on virtio-blk. ext4 asks for a
# crc32c at run time, which no dependency in modules.dep tells.
ROOT_DRIVERS = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")


def write_kernel(root: Path, target: Path) -> str:
    """Write the root's kernel as an ELF file; returns its release."""
    kernels = sorted((root / "boot").glob("vmlinuz-*"))
    if len(kernels) != 1:
        raise LabError(f"{root}/boot: {len(kernels)} kernels, expected one")
    target.write_bytes(decompressed(kernels[0].read_bytes()))
    return kernels[0].name.removeprefix("vmlinuz-")


def decompressed(image: bytes) -> bytes:
    """The ELF kernel inside a bzImage.

    Kernel documentation, x86/boot.rst: setup_sects at 0x1f1 counts sectors
    after the first; payload_offset (0x248) is from the end of those. QEMU
    enters an ELF kernel by its PVH note.
    """
    if image[0x202:0x206] != b"HdrS":
        raise LabError("the kernel is not a bzImage")
    setup = (image[0x1F1] + 1) * 512
    offset, length = struct.unpack_from("<II", image, 0x248)
    # The build appends the plain size after the stream.
    payload = image[setup + offset : setup + offset + length - 4]
    for magic, decompress in DECOMPRESSORS.items():
        if payload.startswith(magic):
            return decompress(payload)
    raise LabError(f"the kernel is compressed with something unknown (it begins with {payload[:6].hex()})")


def by_zstd(payload: bytes) -> bytes:
    try:
        done = subprocess.run(["zstd", "-dcq"], input=payload, capture_output=True, timeout=300)
    except FileNotFoundError:
        raise LabError("zstd is not installed (make deps)") from None
    if done.returncode != 0:
        raise LabError(f"the kernel: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


# By the first bytes of a stream: Debian 12 has xz, newer kernels zstd.
DECOMPRESSORS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\xfd7zXZ\x00": lzma.decompress,
    b"\x28\xb5\x2f\xfd": by_zstd,
    b"\x1f\x8b": gzip.decompress,
}


def load_order(modules: Path) -> list[Path]:
    """The driver files, each after those it needs (modules.dep lists them last first)."""
    needs: dict[str, list[str]] = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[Path(path).stem] = [path, *rest.split()]
    order: list[Path] = []
    for driver in ROOT_DRIVERS:
        for path in reversed(needs[driver]):
            if modules / path not in order:
                order.append(modules / path)
    return order


def write_initramfs(root: Path, release: str, target: Path) -> None:
    """Write an initramfs of busybox, the drivers and image/init, uncompressed."""
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        for folder in ("bin", "dev", "modules", "proc", "root"):
            (tree / folder).mkdir()
        shutil.copy(LAB / "image" / "init", tree / "init")
        shutil.copy(root / "bin" / "busybox", tree / "bin" / "busybox")
        order = load_order(root / "lib" / "modules" / release)
        for path in order:
            shutil.copy(path, tree / "modules" / path.name)
        (tree / "modules" / "order").write_text("".join(f"{path.name}\n" for path in order))
        names = "".join(f"{path.relative_to(tree)}\n" for path in sorted(tree.rglob("*")))
        with target.open("wb") as out:
            subprocess.run(
                ["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"],
                cwd=tree, input=names.encode(), stdout=out, check=True, timeout=60,
            )
