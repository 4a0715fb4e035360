# SPDX-License-Identifier: Apache-2.0
"""An OSS that reboots while its MGS is away serves again, from what its disk knows.

Clients at work need their OST more than the OST needs the MGS. The agent waits
for the MGS by itself, here for the few seconds that mgs-timeout leaves, and
then lets Lustre mount without it, which takes the kernel most of a minute.
Nothing is formatted, and the journal says what was done without.
"""

from __future__ import annotations

import expect
from laboratory import Lab
from node import Node

OST_MOUNT = "/srv/lustre/lustrewt-OST000b"


def run(lab: Lab) -> None:
    mgs, oss, client = lab.from_shelf("trio") or booted(lab)
    before = expect.filesystem_id(oss, OST_MOUNT)
    client.kill()
    mgs.kill()
    document = oss.spec.metadata["user_data"]
    oss.set_metadata(user_data=f"{document}mgs-timeout: 5s\n")
    oss.reboot()
    expect.ready(oss)
    assert expect.filesystem_id(oss, OST_MOUNT) == before, "the OST was formatted"
    journal = oss.run("journalctl", "-b", "-u", expect.UNIT, "--no-pager").out
    for words in ("no host has its address", "mounted without it"):
        assert words in journal, f"the journal does not say '{words}'\n{journal}"
    doctor = oss.run("lustre-init", "doctor", timeout=120, check=False)
    assert doctor.status == 1 and "no host has its address" in doctor.out, str(doctor)


def booted(lab: Lab) -> list[Node]:
    nodes = lab.fleet("trio")
    lab.boot(nodes)
    expect.ready(*nodes)
    return nodes
