# SPDX-License-Identifier: Apache-2.0
"""Our fetch of the metadata beside cloud-init's crawl: same node, same simulator, one after the other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from node import Node

HERE = Path(__file__).resolve().parent
RUNS = 5


@dataclass(frozen=True)
class Cost:
    wall: float
    cpu: float
    peak: int
    requests: int


def measure(node: Node, *argv: str) -> Cost:
    """The quickest of a few runs: the others only tell what else the machine was doing."""
    before = len(node.metadata_requests())
    runs = []
    for _ in range(RUNS):
        run = json.loads(node.run("python3", "/tmp/measure.py", *argv, timeout=180).out)
        assert run["status"] == 0, f"{argv[0]} exits with {run['status']}"
        runs.append(run)
    requests = (len(node.metadata_requests()) - before) // RUNS
    return Cost(
        wall=min(run["wall"] for run in runs),
        cpu=min(run["cpu"] for run in runs),
        peak=min(run["peak"] for run in runs),
        requests=requests,
    )


def compare(node: Node) -> None:
    for name in ("measure.py", "crawl.py"):
        node.write(f"/tmp/{name}", (HERE / name).read_bytes())
    ours = measure(node, "/usr/sbin/lustre-init", "spec")
    theirs = measure(node, "/usr/bin/python3", "/tmp/crawl.py")
    print(f"metadata, on {node.name}:    lustre-init spec   cloud-init's crawl   ratio")
    row("wall time", "s", ours.wall, theirs.wall)
    row("CPU time", "s", ours.cpu, theirs.cpu)
    row("peak memory", "MB", ours.peak / 1e6, theirs.peak / 1e6)
    row("requests", "", ours.requests, theirs.requests)


def row(name: str, unit: str, ours: float, theirs: float) -> None:
    print(f"  {name:16} {ours:12.2f} {unit:3} {theirs:16.2f} {unit:3} {theirs / ours:8.1f}")
