# SPDX-License-Identifier: Apache-2.0
"""Runs imds-sim on loopback, and talks to it over plain sockets.

Nothing here goes through an HTTP library: the tests are about what such a
library would hide.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pace

Node = dict[str, Any]


@dataclass
class Answer:
    """What came back on one connection, and how it ended."""

    raw: bytes
    end: str  # "fin", "rst", "timeout", "complete" (by Content-Length) or "refused"
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0

    @property
    def text(self) -> str:
        return self.body.decode()


def parse(raw: bytes, end: str, seconds: float) -> Answer:
    head, separator, body = raw.partition(b"\r\n\r\n")
    answer = Answer(raw, end, seconds=seconds)
    if not separator:
        return answer
    lines = head.decode("latin-1").split("\r\n")
    answer.status = int(lines[0].split()[1])
    for line in lines[1:]:
        name, _, value = line.partition(":")
        answer.headers[name.lower()] = value.strip()
    answer.body = dechunk(body) if answer.headers.get("transfer-encoding") == "chunked" else body
    return answer


def dechunk(data: bytes) -> bytes:
    """Joins the chunks that are there; a missing last chunk shows as Answer.end."""
    body = b""
    while data:
        size, _, rest = data.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            break
        body += rest[:length]
        data = rest[length + 2 :]
    return body


class Connection:
    """One TCP connection, for as many requests as the other side allows."""

    def __init__(self, address: tuple[str, int], timeout: float = 5.0) -> None:
        self.timeout = timeout
        self.socket = socket.create_connection(address, timeout=60)

    def send(self, method: str, path: str, headers: dict[str, str]) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: imds"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def receive(self, *, limit: int = 1 << 27, quiet: float | None = None) -> Answer:
        """Reads until the connection ends or the time is up; or, where it may stay, the body is there; or until
        nothing has come for `quiet` seconds after something had."""
        begin = heard = time.monotonic()
        bound = pace.Bound(self.timeout, say=lambda _: None)
        end = "timeout"
        pieces: list[bytes] = []
        received = 0
        while received < limit:
            ready, _, _ = select.select([self.socket], [], [], 0.05)
            if not ready:
                if bound.passed() or (pieces and quiet is not None and time.monotonic() - heard > quiet):
                    break
                continue
            heard = time.monotonic()
            try:
                piece = self.socket.recv(1 << 16)
            except ConnectionResetError:
                end = "rst"
                break
            if not piece:
                end = "fin"
                break
            pieces.append(piece)
            received += len(piece)
            if received < 1 << 16 and self.is_complete(b"".join(pieces)):
                end = "complete"
                break
        raw = b"".join(pieces)
        return parse(raw, end, time.monotonic() - begin)

    @staticmethod
    def is_complete(raw: bytes) -> bool:
        if b"\r\n\r\n" not in raw:
            return False
        answer = parse(raw, "", 0)
        stays = answer.headers.get("connection") != "close" and "content-length" in answer.headers
        return stays and len(answer.body) >= int(answer.headers["content-length"])

    def close(self) -> None:
        self.socket.close()


class Simulator:
    """imds-sim as a child process; one node, or a directory of nodes."""

    def __init__(
        self,
        binary: str,
        node: Node | None = None,
        *,
        nodes: dict[str, Node] | None = None,
        listen: tuple[str, ...] = ("127.0.0.1:0",),
    ) -> None:
        self.binary = binary
        self.directory = tempfile.TemporaryDirectory(prefix="imds-sim-")
        self.root = Path(self.directory.name)
        self.log_path = self.root / "log"
        self.nodes = self.root / "nodes"
        self.nodes.mkdir()
        for name, value in (nodes or {"node.json": node or {}}).items():
            self.write(value, name)
        source = ["--nodes", str(self.nodes)] if nodes else ["--node", str(self.nodes / "node.json")]
        arguments = [word for address in listen for word in ("--listen", address)]
        self.errors = (self.root / "errors").open("w+")
        ready_read, ready_write = os.pipe()
        self.process = subprocess.Popen(
            [binary, *arguments, *source, "--log", str(self.log_path), "--ready-fd", str(ready_write)],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            pass_fds=(ready_write,),
            text=True,
        )
        os.close(ready_write)
        with os.fdopen(ready_read) as ready:
            self.ready = ready.read()
        assert self.process.stdout
        lines = [self.process.stdout.readline().strip() for _ in listen]
        self.listening = [line.removeprefix("listening ") for line in lines]
        self.started = time.monotonic()
        self.token = ""

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self.errors.close()
        self.directory.cleanup()

    def stop(self) -> int:
        """Ends it; returns its exit status, 0 if all is well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = pace.wait(self.process, 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def write(self, value: Node | str, name: str = "node.json") -> None:
        """Replaces a node file by rename, as the manual asks for."""
        new = self.nodes / (name + ".new")
        new.write_text(value if isinstance(value, str) else json.dumps(value))
        new.rename(self.nodes / name)

    def address(self, listener: int = 0) -> tuple[str, int]:
        host, _, port = self.listening[listener].rpartition(":")
        return host.strip("[]"), int(port)

    def connect(self, listener: int = 0, timeout: float = 5.0) -> Connection:
        return Connection(self.address(listener), timeout)

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        listener: int = 0,
        timeout: float = 5.0,
        quiet: float | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        try:
            connection = self.connect(listener, timeout)
        except ConnectionRefusedError:
            return Answer(b"", "refused")
        try:
            connection.send(method, path, headers or {})
            return connection.receive(quiet=quiet)
        except ConnectionResetError:
            return Answer(b"", "rst")
        finally:
            connection.close()

    def put_token(self, ttl: str = "21600", **keywords: Any) -> Answer:
        return self.ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": ttl}, **keywords)

    def get(self, path: str, *, token: str | None = None, **keywords: Any) -> Answer:
        """A GET with a token, which is fetched first if there is none."""
        if token is None:
            if not self.token:
                self.token = self.put_token().text
            token = self.token
        if not path.startswith("/"):
            path = "/latest/" + path
        return self.ask("GET", path, {"X-aws-ec2-metadata-token": token}, **keywords)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_path.read_text().splitlines()]

    def error_text(self) -> str:
        self.errors.flush()
        return (self.root / "errors").read_text()
