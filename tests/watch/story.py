# SPDX-License-Identifier: Apache-2.0
"""A story of the watch: what the node is, what happens, and what must be seen."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

BASE_NODE: dict[str, Any] = {
    "instance_id": "i-0a1b2c3d4e5f60017",
    "local_ipv4": "10.0.0.23",
    "life_cycle": "spot",
    "tags": {"lustre:role": "oss", "lustre:fsname": "lustrewt", "lustre:mgs": "10.0.0.10"},
}

# What apply leaves, as far as it must be there; the boot's own number is put in when a story is played.
BASE_BOOT: dict[str, Any] = {
    "verdict": "ready", "sentence": "ready", "instance-id": "i-0a1b2c3d4e5f60017", "roles": "oss", "fsname": "lustrewt",
    "targets": [], "refusals": [], "problems": [], "notes": [], "actions": [], "imds-requests": 9, "peak-memory": 1,
    "started-usec": 1, "ended-usec": 2, "observed-usec": 2,
}  # fmt: skip

STEPS = ("node", "clock", "told", "deed", "watch", "marked", "tool", "kill", "start", "asks", "cost", "boot", "osts", "mdts", "mark", "wait", "still")


@dataclass
class Story:
    name: str
    about: str
    steps: list[dict[str, Any]]
    node: dict[str, Any] = field(default_factory=dict)
    osts: dict[str, int] = field(default_factory=dict)
    hooks: dict[str, Any] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    boot: dict[str, Any] | None = None
    clock_step: dict[str, int] | None = None
    deeds: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    seconds: int = 60
    """Of the machine's own, for each step."""

    def full_node(self, changes: dict[str, Any]) -> dict[str, Any]:
        return BASE_NODE | self.node | changes


def read(path: Path) -> list[Story]:
    """The stories of one file; SystemExit for one that is not understood."""
    stories = []
    for source in json.loads(path.read_text())["stories"]:
        unknown = set(source) - {known.name for known in fields(Story)}
        unknown |= {key for step in source["steps"] for key in step if len(step) != 1 or key not in STEPS}
        if unknown:
            raise SystemExit(f"{path}: {source.get('name')}: unknown {', '.join(sorted(unknown))}")
        stories.append(Story(**source))
    return stories
