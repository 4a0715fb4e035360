# SPDX-License-Identifier: Apache-2.0
"""Nodes as data: what a fleet file says, as values."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from host import LAB, LabError

FLEETS = LAB / "fleets"
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True)
class Disk:
    """An NVMe disk; name is the one given at attachment, for an EBS volume."""

    size: int
    name: str = ""


@dataclass(frozen=True)
class NodeSpec:
    """One instance: its address, its disks, and what its metadata says.

    metadata is a node file of the IMDS simulator (tests/imds/README.md) less
    what the lab knows itself: identity, address and MAC. With own_drives each
    instance-store disk is a drive of QEMU's, not a file in a store that lies on
    one: what is written and flushed there is what the disk was told, no more.
    """

    name: str
    address: str
    metadata: dict[str, Any] = field(default_factory=dict)
    instance_type: str = "i4i.large"
    memory: int = 768
    cpus: int = 1
    cloud_init: bool = False
    own_drives: bool = False
    instance_store: tuple[Disk, ...] = ()
    ebs: tuple[Disk, ...] = ()
    kernel_words: tuple[str, ...] = ()

    @property
    def mac(self) -> str:
        """From the address, so that a resumed node and its lease agree."""
        return "06:77:" + ":".join(f"{int(part):02x}" for part in self.address.split("."))

    @property
    def instance_id(self) -> str:
        return "i-0" + hashlib.sha256(self.name.encode()).hexdigest()[:16]

    def with_metadata(self, **metadata: Any) -> NodeSpec:
        """The same node with other metadata; None takes a key away."""
        merged = self.metadata | metadata
        return replace(self, metadata={k: v for k, v in merged.items() if v is not None})


def parse_size(text: str) -> int:
    match = re.fullmatch(r"(\d+)([KMGT]?)", text)
    if match is None:
        raise LabError(f"'{text}' is not a size: write 8G, 512M or bytes")
    return int(match[1]) * UNITS[match[2]]


def parse_disks(values: list[dict[str, str]]) -> tuple[Disk, ...]:
    return tuple(Disk(parse_size(value["size"]), value.get("name", "")) for value in values)


def parse_node(value: dict[str, Any]) -> NodeSpec:
    known: dict[str, Any] = dict(value)
    for key in ("instance_store", "ebs"):
        known[key] = parse_disks(known.get(key, []))
    metadata = dict(known.get("metadata", {}))
    # A document is a list of lines in the file, to be read by people.
    if isinstance(metadata.get("user_data"), list):
        metadata["user_data"] = "".join(f"{line}\n" for line in metadata["user_data"])
    known["metadata"] = metadata
    try:
        return NodeSpec(**known)
    except TypeError as error:
        raise LabError(f"node {value.get('name', '?')}: {error}") from None


def read_fleet(name: str) -> list[NodeSpec]:
    path = FLEETS / f"{name}.json"
    if not path.is_file():
        raise LabError(f"no fleet {name}: {path} is not there")
    return [parse_node(value) for value in json.loads(path.read_text())["nodes"]]
