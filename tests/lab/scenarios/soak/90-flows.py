# SPDX-License-Identifier: Apache-2.0
"""What several flows bring where each has a cap, as on EC2: throughput at 1 and at 8, side by side.

Every flow of two nodes is capped (tc-fq(8), maxrate) on a link that is many
times wider. Where Lustre is real, the load is dd on the mounted client, four at
once, and the key conns-per-peer decides over the flows, on servers and client
alike. The stand-in has one flow whatever it is told, so there the load is plain
TCP. The cap is one that an emulated processor does not reach eight times.
"""

from __future__ import annotations

import os
import time

import expect
from host import LAB, wait_until
from laboratory import Lab
from node import Node

FEW, MANY = 1, 8
# What the cap leaves of 8, beside what each flow costs.
LEAST = 6.0
RATE = "1mbit"
SECONDS = 20
MEBIBYTES = 2  # of each dd
WRITERS = 4
PORT = 4988
LOAD = "/root/flows.py"
RESULT = "/root/received"
MOUNT = "/mnt/lustrewt"
WRITE = (
    f"for i in $(seq {WRITERS}); do dd if=/dev/zero of={MOUNT}/flows.$i bs=1M count={MEBIBYTES}"
    " oflag=direct & done; wait"
)


def run(lab: Lab) -> None:
    real = os.environ.get("LUSTRE") == "real"
    few, many = lustre(lab) if real else plain_tcp(lab)
    what = f"{'dd on Lustre' if real else 'plain TCP'}, each flow capped at {RATE}"
    said = f"{what}: {few:.2f} MB/s at {FEW}, {many:.2f} MB/s at {MANY}, ratio {many / few:.1f}"
    print(f"   {said}", flush=True)
    assert many / few >= LEAST, said


def route(node: Node) -> str:
    """To the lab's own address; "" before DHCP has answered."""
    return node.run("ip", "-o", "-4", "route", "get", "10.77.0.1", check=False).out


def cap(node: Node) -> None:
    """Of every flow that leaves the node."""
    wait_until("the node has its address", lambda: route(node) != "", timeout=120)
    interface = route(node).split(" dev ")[1].split()[0]
    node.run("tc", "qdisc", "replace", "dev", interface, "root", "fq", "maxrate", RATE)


def plain_tcp(lab: Lab) -> tuple[float, float]:
    nodes = lab.fleet("trio", wanted=("oss", "client"))
    for node in nodes:
        node.set_metadata(tags={}, user_data=None)
    lab.boot(nodes)
    for node in nodes:
        cap(node)
        node.write(LOAD, (LAB / "flows.py").read_bytes())
    return flow_over(*nodes, FEW), flow_over(*nodes, MANY)


def flow_over(receiver: Node, sender: Node, flows: int) -> float:
    """MB/s over so many flows."""
    receive = f"python3 {LOAD} receive {PORT} {SECONDS * 10} >{RESULT}"
    receiver.run("rm", "-f", RESULT)
    receiver.start("sh", "-c", receive)
    wait_until("the receiver is ready", lambda: lines(receiver) >= 1, timeout=60)
    words = ("send", receiver.spec.address, str(PORT), str(flows), str(SECONDS))
    sender.run("python3", LOAD, *words, timeout=SECONDS + 120)
    wait_until("the receiver has counted", lambda: lines(receiver) >= 2, timeout=60)
    return float(receiver.read(RESULT).split()[1]) / 1e6


def lines(node: Node) -> int:
    there = node.run("cat", RESULT, check=False)
    return there.out.count("\n") if there.status == 0 else 0


def lustre(lab: Lab) -> tuple[float, float]:
    mgs, oss, client = lab.fleet("trio")
    few = dd_over(lab, (mgs, oss, client), FEW)
    return few, dd_over(lab, (mgs, oss, client), MANY)


def dd_over(lab: Lab, nodes: tuple[Node, Node, Node], flows: int) -> float:
    """MB/s of what the client writes, with so many connections to each peer: they hold from a boot."""
    _, oss, client = nodes
    for node in nodes:
        tags = node.spec.metadata.get("tags", {})
        node.set_metadata(tags=tags | {"lustre:conns-per-peer": str(flows)})
    if flows == FEW:
        lab.boot(list(nodes))
    else:
        for node in nodes:
            node.reboot()
    expect.ready(*nodes)
    cap(oss)
    cap(client)
    began = time.monotonic()
    client.run("sh", "-c", WRITE, timeout=600)
    return WRITERS * MEBIBYTES * 1.048576 / (time.monotonic() - began)
