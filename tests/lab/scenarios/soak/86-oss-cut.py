# SPDX-License-Identifier: Apache-2.0
"""The power of an OSS fails around its first registration, and its MGS goes on.

So the MGS may know the OST while the OST's own disk does not know it was ever
registered, and then its first mount is refused as "in use". What was in
service is mounted again, with its label repaired where it was lost; only where
nothing on the disk says so may it be refused, until `replace` consents.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from dataclasses import replace

import boots
import cuts
import expect
from cuts import Cut
from fleet import read_fleet
from laboratory import Lab
from node import Node
from recording import Recorder, Recording
from scenario import Skip

SEED = 1
COUNT = 16
UNKNOWN, KNOWN = "ost-unknown", "ost-known"


def run(lab: Lab) -> None:
    if lab.image.disk_format != "raw":
        raise Skip("cuts are replayed onto a raw image")
    specs = {spec.name: spec for spec in read_fleet("trio")}
    mgs, oss = lab.add(specs["mgs"], replace(specs["oss"], own_drives=True))
    lab.boot([mgs])
    expect.ready(mgs)
    mgs.save(UNKNOWN)
    made = record(lab, oss)
    mgs.save(KNOWN)
    node = cuts.Replay(oss, made, lab.folder, lab.image.disk)
    told: Counter[str] = Counter()
    for cut in choose(made):
        node.cut(cut)
        told[attempt(mgs, oss, made, cut)] += 1
    figures = ", ".join(f"{count} {what}" for what, count in told.items())
    (lab.logs / "figures").write_text(f"{figures}\n")


def record(lab: Lab, oss: Node) -> Recording:
    folder = lab.folder / "recording"
    folder.mkdir()
    oss.write_logs = folder
    oss.launch()
    with Recorder(oss) as recorder:
        oss.wait_for_boot()
        expect.ready(oss)
        time.sleep(8)
    made = recorder.finish(folder, {boots.OST: expect.filesystem_id(oss, boots.OST_MOUNT)})
    oss.kill()
    oss.write_logs = None
    return made


def choose(made: Recording) -> list[Cut]:
    """Most of them after the OST was about to be registered, the others while it was made."""
    draw = random.Random(SEED)
    registering = [n for n in range(len(made.instants)) if was_registering(made, n)]
    before = [n for n, i in enumerate(made.instants) if "check-disks" in made.console(i)]
    drawn = [draw.choice(registering if i % 4 else before) for i in range(COUNT)]
    return [Cut(instant, draw.randrange(1000)) for instant in sorted(drawn)]


def was_registering(made: Recording, instant: int) -> bool:
    return boots.OST in cuts.registering(made.console(made.instants[instant]))


def was_mounted(made: Recording, instant: int) -> bool:
    console = made.console(made.instants[instant])
    return re.search(rf"mount {boots.OST}: done", console) is not None


def attempt(mgs: Node, oss: Node, made: Recording, cut: Cut) -> str:
    """One cut, and the boot beside an MGS that was not cut; in a word, how that ended."""
    known = was_registering(made, cut.instant)
    mgs.load(KNOWN if known else UNKNOWN)
    oss.set_metadata(user_data=boots.document())
    oss.launch()
    oss.wait_for_boot()
    boot = boots.end_of_boot(oss)
    if boot.code == 3 and known and not was_mounted(made, cut.instant):
        boot.refused("index-taken", "replace: true")
        boots.converge(oss, user_data=boots.document(replace="true")).ready()
        return "undecidable"
    boot.ready()
    if known:
        now = expect.filesystem_id(oss, boots.OST_MOUNT)
        assert now == made.identities[boots.OST], f"{cut}: formatted twice"
    return "repaired" if boot.did("repair-label") else "mounted" if known else "made"
