# SPDX-License-Identifier: Apache-2.0
"""An OST over four disks of 15 TB each is formatted, and has their stripes in its superblock.

Sparse disks: what mkfs.lustre writes to 60 TB is what the node's one real disk
has to hold. Nothing but that is written, no inode table and no discard.
"""

from __future__ import annotations

from dataclasses import replace

import boots
import expect
from fleet import Disk
from laboratory import Lab

DISKS = 4
SIZE = 15_000_000_000_000
# Bitmaps and group descriptors of 60 TB, and a journal; inode tables would be terabytes.
WRITTEN_AT_MOST = 16 << 30


def run(lab: Lab) -> None:
    mgs, oss = lab.fleet("trio", wanted=("mgs", "oss"))
    oss.spec = replace(oss.spec, instance_store=(Disk(SIZE),) * DISKS, memory=3072, cpus=2)
    lab.boot([mgs, oss])
    expect.ready(mgs)
    expect.ready(oss, timeout=1200)
    device = expect.mounted(oss, boots.OST_MOUNT)
    told = oss.run("tune2fs", "-l", device).out
    assert "RAID stripe width" in told, told
    size = expect.size(oss, boots.OST_MOUNT)
    assert size > DISKS * SIZE * 0.98, f"{size} bytes of {DISKS} disks of {SIZE}"
    written = sum(size for size, _ in oss.written().values())
    assert written < WRITTEN_AT_MOST, f"{written} bytes were written"
