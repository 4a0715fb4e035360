# SPDX-License-Identifier: Apache-2.0
"""An MGS and MDT on a named EBS volume outlive a stop; instance store beside it is not touched.

disks: names the volume by its path under /dev/disk. (The lab's NVMe target has
no vendor area, where ebs:sdf would be found; tests/machines has that.) The
instance-store disk of the same node, and a second volume that nobody named, stay
blank. After a stop and start, on another host, instance store is new and the
volume is the one it was: the targets are mounted, and nothing is formatted.
"""

from __future__ import annotations

import boots
import disks
import expect
from fleet import Disk, NodeSpec
from laboratory import Lab
from node import Node

SIZE = 4 << 30
MDS = NodeSpec(
    name="mds",
    address="10.77.0.40",
    instance_store=(Disk(SIZE),),
    ebs=(Disk(SIZE, "sdf"), Disk(SIZE, "sdg")),
    metadata={
        "tags": {
            "lustre:role": "mgs+mds",
            "lustre:fsname": "lustrewt",
        }
    },
)
MOUNTS = (boots.MGS, "/srv/lustre/lustrewt-MDT0000")


def run(lab: Lab) -> None:
    (mds,) = lab.add(MDS)
    named = disks.ebs_lines(MDS)[0].split()[1]
    path = f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{named}"
    mds.set_metadata(user_data=f"#lustre-init\ndisks: {path}\n")
    mds.boot()
    boots.end_of_boot(mds).ready()
    made = [expect.filesystem_id(mds, mount) for mount in MOUNTS]
    only_this_is_written(mds, named)
    mds.stop_start()
    boots.end_of_boot(mds).ready()
    now = [expect.filesystem_id(mds, mount) for mount in MOUNTS]
    assert now == made, f"the targets were formatted: {made} became {now}"
    only_this_is_written(mds, named)


def only_this_is_written(mds: Node, serial: str) -> None:
    written = {disk: size > 0 for disk, (size, _) in mds.written().items()}
    assert len(written) == 3 and sum(written.values()) == 1 and written[serial], f"written: {written}"
