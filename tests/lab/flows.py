# SPDX-License-Identifier: Apache-2.0
"""A plain load of TCP, over as many flows as a net of Lustre has connections to a peer.

    python3 flows.py receive PORT SECONDS           prints "ready", and then the bytes per second
    python3 flows.py send ADDRESS PORT FLOWS SECONDS

Runs in a node, on what the image has (scenarios/soak/90-flows.py).
"""

from __future__ import annotations

import select
import socket
import sys
import time

CHUNK = bytes(65536)


def send(address: str, port: int, flows: int, seconds: float) -> None:
    """Fill each flow as far as it takes."""
    sockets = [socket.create_connection((address, port), timeout=30) for _ in range(flows)]
    for one in sockets:
        one.setblocking(False)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        for one in select.select([], sockets, [], left)[1]:
            one.send(CHUNK)
    for one in sockets:
        one.close()


def take(server: socket.socket, deadline: float) -> float:
    """Bytes per second, from the first byte of any flow to the last of all."""
    received, first, last = 0, 0.0, 0.0
    sockets = [server]
    while time.monotonic() < deadline and (not received or len(sockets) > 1):
        for one in select.select(sockets, [], [], 0.5)[0]:
            if one is server:
                sockets.append(server.accept()[0])
                continue
            size = len(one.recv(1 << 20))
            last = time.monotonic()
            first = first or last
            received += size
            if size == 0:
                sockets.remove(one)
                one.close()
    return received / (last - first) if last > first else 0.0


def receive(port: int, seconds: float) -> float:
    with socket.create_server(("", port), backlog=128) as server:
        print("ready", flush=True)
        return take(server, time.monotonic() + seconds)


def main(argv: list[str]) -> int:
    if argv[0] == "receive":
        print(f"{receive(int(argv[1]), float(argv[2])):.0f}", flush=True)
    else:
        send(argv[1], int(argv[2]), int(argv[3]), float(argv[4]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
