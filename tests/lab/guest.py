# SPDX-License-Identifier: Apache-2.0
"""Commands and files inside a node, by way of qemu-guest-agent.

The agent needs no network and no login in the node, and answers early in the
boot (qemu-ga-ref(7)).
"""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bounds import Deadline
from host import LabError, Timeout
from qemu import JsonSocket

FILE_CHUNK = 1 << 20
# For one answer of the agent itself; a command it runs may take longer.
ANSWER_TIMEOUT = 30


@dataclass(frozen=True)
class Result:
    argv: tuple[str, ...]
    status: int
    out: str
    err: str

    def __str__(self) -> str:
        text = f"{self.out}{self.err}".strip()
        return f"{' '.join(self.argv)}: exit status {self.status}\n{text}"


class Guest:
    """A connection to the agent of one running node."""

    _ids = itertools.count(int(time.time()))

    def __init__(self, path: Path, check: Callable[[], None]) -> None:
        """check raises where the node will not answer any more."""
        self._check = check
        self._socket = JsonSocket(path, check)

    def close(self) -> None:
        self._socket.close()

    def sync(self, timeout: float = 10) -> None:
        """Throw away what an earlier, cut conversation left on the line."""
        number = next(self._ids)
        self._socket.send(
            {"execute": "guest-sync-delimited", "arguments": {"id": number}}, prefix=b"\xff"
        )
        while self._socket.receive(timeout).get("return") != number:
            pass

    def execute(self, name: str, **arguments: object) -> Any:
        self._socket.send({"execute": name, "arguments": arguments})
        answer = self._socket.receive(ANSWER_TIMEOUT)
        if "error" in answer:
            raise LabError(f"{name}: {answer['error']['desc']}")
        return answer["return"]

    def run(self, argv: Sequence[str], *, timeout: float) -> Result:
        pid = self.start(argv)
        deadline = Deadline(timeout)
        pause = 0.02
        while True:
            state = self.execute("guest-exec-status", pid=pid)
            if state["exited"]:
                out, err = (text(state, stream) for stream in ("out", "err"))
                return Result(tuple(argv), exit_status(state), out, err)
            self._check()
            if deadline.passed():
                raise Timeout(f"{' '.join(argv)}: still running after {deadline}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    def start(self, argv: Sequence[str]) -> int:
        arguments = {"path": argv[0], "arg": list(argv[1:]), "capture-output": True}
        return int(self.execute("guest-exec", **arguments)["pid"])

    def read(self, path: str) -> bytes:
        handle = self.execute("guest-file-open", path=path, mode="r")
        data = b""
        try:
            while True:
                part = self.execute("guest-file-read", handle=handle, count=FILE_CHUNK)
                data += base64.b64decode(part["buf-b64"])
                if part["eof"]:
                    return data
        finally:
            self.execute("guest-file-close", handle=handle)

    def write(self, path: str, data: bytes) -> None:
        handle = self.execute("guest-file-open", path=path, mode="w")
        try:
            for at in range(0, len(data), FILE_CHUNK):
                encoded = base64.b64encode(data[at : at + FILE_CHUNK]).decode()
                self.execute("guest-file-write", handle=handle, **{"buf-b64": encoded})
        finally:
            self.execute("guest-file-close", handle=handle)


def exit_status(state: dict[str, Any]) -> int:
    """As a shell would say it: 128 and the signal, for a process that a signal ended."""
    return 128 + int(state["signal"]) if "signal" in state else int(state["exitcode"])


def text(state: dict[str, Any], stream: str) -> str:
    return base64.b64decode(state.get(f"{stream}-data", "")).decode(errors="replace")
