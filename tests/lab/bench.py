# SPDX-License-Identifier: Apache-2.0
"""The figures of a first boot: what was waited for, and what it cost.

Times come from the nodes' own boot.json and are ratios of one run: emulated
machines are slow, and slow by different amounts from day to day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import expect
import image
from cost import fetch
from host import BUILD, run
from laboratory import Lab
from node import Node

BOOT_FILE = "/run/lustre-init/boot.json"
CHECK_FILE = BUILD / "check/seconds"


@dataclass(frozen=True)
class Boot:
    """What one node's boot.json says."""

    whole: float  # seconds from the start of apply to its end
    mounted: float  # seconds from the start of apply to the last mount
    observed: float  # seconds until the first facts were complete
    chain: float  # seconds of tools on the longest chain up to that mount
    peak: int  # bytes the agent had resident at most
    requests: int


def read_boot(node: Node) -> Boot:
    boot: dict[str, Any] = json.loads(node.read(BOOT_FILE))
    start = boot["started-usec"]
    mounts = [action for action in boot["actions"] if action["action"] == "mount"]
    last = max(mounts, key=lambda action: action["end-usec"])
    return Boot(
        whole=(boot["ended-usec"] - start) / 1e6,
        mounted=last["end-usec"] / 1e6,
        observed=(boot["observed-usec"] - start) / 1e6,
        chain=last["chain-usec"] / 1e6,
        peak=boot["peak-memory"],
        requests=len(node.metadata_requests()),
    )


def stripped_size(program: Path) -> int:
    copy = program.with_name(program.name + ".stripped")
    run(["strip", "-o", copy, program])
    return copy.stat().st_size


def report(name: str, boot: Boot) -> None:
    print(f"{name}: first boot, from the start of the unit")
    print(f"  asked and observed   {boot.observed:7.2f} s")
    print(f"  mounted after        {boot.mounted:7.2f} s")
    print(f"  tools on the chain   {boot.chain:7.2f} s, ratio {boot.mounted / boot.chain:.2f}")
    print(f"  whole                {boot.whole:7.2f} s")
    print(f"  peak memory          {boot.peak / 1e6:7.1f} MB")
    print(f"  metadata requests    {boot.requests:7d}")


def main() -> None:
    found = image.find_or_make(print)
    with Lab("bench", found, print) as lab:
        mgs, oss, client = lab.fleet("trio", cloud_init=False)
        lab.boot([mgs])
        expect.ready(mgs)
        # The MGS first: the figures are of the OSS's own work, not of its wait.
        lab.boot([oss])
        expect.ready(oss)
        lab.boot([client])
        expect.ready(client)
        for node in (mgs, oss, client):
            report(node.name, read_boot(node))
        fetch.compare(oss)
    print(f"program, stripped       {stripped_size(BUILD / 'lustre-init') / 1024:7.0f} KiB")
    if CHECK_FILE.exists():
        print(f"make check              {float(CHECK_FILE.read_text()):7.0f} s wall")


if __name__ == "__main__":
    main()
