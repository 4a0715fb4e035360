# SPDX-License-Identifier: Apache-2.0
"""The agent is killed several times on its way, and still comes through.

A node with every role, on its first boot. The agent is killed (SIGKILL), alone
or with the tools it started, again and again; each run goes on from what it
finds. Nothing is formatted twice. `make soak-kills` kills at every single step
of this and of other boots.
"""

from __future__ import annotations

import kills
from laboratory import Lab

SEED = 1
WORDS_BETWEEN = (14, 30)
AT_LEAST = 3


def run(lab: Lab) -> None:
    node, story = kills.first_boot(lab)
    count = kills.chain(node, story, SEED, WORDS_BETWEEN)
    assert count >= AT_LEAST, f"only {count} kills"
