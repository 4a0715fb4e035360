# SPDX-License-Identifier: Apache-2.0
"""A bzImage of each compression gives its ELF kernel back."""

from __future__ import annotations

import gzip
import lzma
import struct
import subprocess

import boot_files
from host import LabError

KERNEL = b"\x7fELF" + bytes(range(256)) * 64


def bzimage(payload: bytes) -> bytes:
    """As x86/boot.rst has it: a boot sector, one sector of setup, the payload at its offset, the plain size after it."""
    head = bytearray(1024)
    head[0x1F1] = 1
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", head, 0x248, 16, len(payload) + 4)
    return bytes(head) + bytes(16) + payload + struct.pack("<I", len(KERNEL)) + b"trailer"


def by_zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-cq"], input=data, capture_output=True, check=True).stdout


def test_every_compression() -> None:
    for compress in (lzma.compress, gzip.compress, by_zstd):
        assert boot_files.decompressed(bzimage(compress(KERNEL))) == KERNEL


def test_another_is_named() -> None:
    for image, words in ((bzimage(b"LZO!" + KERNEL), "compressed with something unknown"), (bytes(2048), "not a bzImage")):
        try:
            boot_files.decompressed(image)
        except LabError as error:
            assert words in str(error)
        else:
            raise AssertionError("it was taken for a kernel")
