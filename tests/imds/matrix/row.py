# SPDX-License-Identifier: Apache-2.0
"""A row of the fault matrix: what the node does, and what must be seen of the client."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

BASE_NODE: dict[str, Any] = {
    "instance_id": "i-0a1b2c3d4e5f60017",
    "instance_type": "i4i.4xlarge",
    "local_ipv4": "10.0.0.23",
    "subnet_cidr": "10.0.0.0/24",
    "mac": "06:12:34:56:78:17",
    "tags": {"lustre:role": "oss", "lustre:fsname": "lustrewt", "lustre:mgs": "10.0.0.10"},
    "user_data": "#lustre-init\nrole: oss\n",
}

BASE_METADATA: dict[str, Any] = {
    "instance_id": "i-0a1b2c3d4e5f60017",
    "instance_type": "i4i.4xlarge",
    "local_ipv4": "10.0.0.23",
    "subnet_cidr": "10.0.0.0/24",
    "mac": "06:12:34:56:78:17",
    "region": "us-east-1",
    "availability_zone": "us-east-1a",
    "launch_index": -1,
    "tags_enabled": True,
    "tags": {"lustre:role": "oss", "lustre:fsname": "lustrewt", "lustre:mgs": "10.0.0.10"},
    "user_data_size": 23,
    "ephemerals": [],
    "other_devices": [],
}


@dataclass
class Expect:
    """What must be seen, on a machine of whatever speed; texts are regular expressions.

    No time has an upper bound, and no number of requests that depends on how many fit into a time: a slow machine
    has a request too many at the client's own time limits, and fewer attempts before its deadline.
    """

    keys: int = 9  # different questions that were asked, the token's among them: exactly
    requests: int = 0  # at least; repeated questions count
    seconds: float = 0  # at least: it did wait
    code: str | None = None
    sentence: str = ""
    progress: str | None = ""  # one of what it told; None: nothing of what was answered is told; "": not looked at
    untold: str = ""  # none of what it told; "": not looked at
    metadata: dict[str, Any] = field(default_factory=dict)  # where it differs from BASE_METADATA
    user_data: str | None = ""  # None: there must be none; "": what the node has
    body: str | None = ""  # of --get
    kept: bool = False  # one connection does, but for repeated questions
    vain: int | None = None  # connections begun that carried no request: at most
    listen: str | None = None  # the address that every request came to
    rss_kib: int | None = None
    exit: int = 0  # of the agent, in a row with a verb; `sentence` is then what it says on standard error


@dataclass
class Later:
    """What happens when the client has told something; each after the one before it."""

    told: str
    ip: list[str] = field(default_factory=list)
    node: dict[str, Any] | None = None


@dataclass
class Row:
    name: str
    expect: Expect
    group: str = ""
    timeout: int = 20
    soak: bool = False  # too long for make check
    node: dict[str, Any] = field(default_factory=dict)
    make: dict[str, int] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    verb: str | None = None  # the agent itself, instead of the probe
    env: dict[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    firmware: str | None = None
    network: str | None = None
    devices: list[str] = field(default_factory=lambda: ["eth0"])
    later: list[Later] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    mark: bool = False  # it gets through by a firewall mark
    clock_step: dict[str, int] | None = None

    def full_node(self) -> dict[str, Any]:
        return BASE_NODE | make_facts(self.make) | self.node


def make_facts(make: dict[str, int]) -> dict[str, Any]:
    """Facts that are too large to be written down."""
    facts: dict[str, Any] = {}
    for name, number in make.items():
        if name == "user_data_bytes":
            facts["user_data"] = ("#lustre-init\n" + "# filler\n" * number)[:number]
        elif name == "gzip_bomb_bytes":
            facts |= {"user_data": None, "user_data_base64": base64.b64encode(gzip.compress(bytes(number), mtime=0)).decode()}
        elif name == "foreign_tags":
            facts["tags"] = BASE_NODE["tags"] | {f"Other{i}": str(i) for i in range(number)}
        elif name == "our_tags":
            facts["tags"] = {f"lustre:{i}": str(i) for i in range(number)}
        elif name == "identity_depth":
            facts["keys"] = {"dynamic/instance-identity/document": "[" * number}
        else:
            raise ValueError(f"nothing can make {name}")
    return facts


def strict(kind: type, source: dict[str, Any]) -> dict[str, Any]:
    unknown = set(source) - {known.name for known in fields(kind)}
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)} in {source}")
    return source


def load_rows() -> list[Row]:
    rows: list[Row] = []
    for path in sorted((HERE / "rows").glob("*.json")):
        for source in json.loads(path.read_text())["rows"]:
            expect = Expect(**strict(Expect, source["expect"]))
            later = [Later(**strict(Later, event)) for event in source.get("later", [])]
            rows.append(Row(**strict(Row, source | {"expect": expect, "later": later, "group": path.stem})))
    names = [row.name for row in rows]
    if len(set(names)) != len(names):
        raise ValueError(f"names given twice: {sorted({name for name in names if names.count(name) > 1})}")
    return rows
