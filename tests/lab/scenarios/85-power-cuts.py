# SPDX-License-Identifier: Apache-2.0
"""The power fails at two instants of a first boot, and each time the next boot sets it right.

A node with every role, whose drives are recorded, request by request, while it
boots for the first time and data is written to it. At each cut its drives hold
what was flushed, and of what was not any part. What it says is ready is ready;
nothing is formatted twice; every byte that fsync(2) had promised is there.
`make soak-cuts` makes hundreds.
"""

from __future__ import annotations

import cuts
from laboratory import Lab
from scenario import Skip

SEED = 1
COUNT = 2


def run(lab: Lab) -> None:
    if lab.image.disk_format != "raw":
        raise Skip("cuts are replayed onto a raw image")
    made = cuts.record(lab, lab.folder / "recording", reboot=False, seconds=10)
    node = next(iter(lab.nodes.values()))
    replay = cuts.Replay(node, made, lab.folder, lab.image.disk)
    for cut in cuts.choose(made, COUNT, SEED):
        cuts.attempt(node, replay, made, cut)
