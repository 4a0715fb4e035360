# SPDX-License-Identifier: Apache-2.0
"""Run in a node and beside it: what the watch does most of, a question and an answer each over a connection of its own."""

import socket

TIMES = 1000

with socket.create_server(("127.0.0.1", 0)) as server:
    for _ in range(TIMES):
        with socket.create_connection(server.getsockname()) as asking:
            answering, _ = server.accept()
            with answering:
                asking.sendall(b"question")
                answering.sendall(answering.recv(64))
            while asking.recv(64):
                pass
