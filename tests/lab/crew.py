# SPDX-License-Identifier: Apache-2.0
"""Several scenarios at a time, each in a process of its own.

A process, since a lab's signals, children and cleaning up are then its own as
well: a scenario ends, fails or is interrupted as if it ran alone.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection as connections
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.context import ForkProcess
from typing import Generic, TypeVar

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

# For the nodes of an interrupted lab to be taken down.
LAST_WORDS = 120


class Crew(Generic[Task, Outcome]):
    """Starts tasks in their order, so many at once; one that is to be alone waits, and is waited for."""

    def __init__(
        self, do: Callable[[Task], Outcome], alone: Callable[[Task], bool], size: int
    ) -> None:
        self.do = do
        self.alone = alone
        self.size = size
        self._running: dict[connections.Connection, tuple[ForkProcess, Task]] = {}

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome | None]]:
        """Each task with what it came to, as they end; None for a process that died of something."""
        waiting = list(tasks)
        try:
            while waiting or self._running:
                while waiting and self._has_room(waiting[0]):
                    self._start(waiting.pop(0))
                for ended in connections.wait(list(self._running)):
                    assert isinstance(ended, connections.Connection)
                    yield self._collect(ended)
        finally:
            self._interrupt()

    def _has_room(self, task: Task) -> bool:
        if self._running and (self.alone(task) or self._one_is_alone()):
            return False
        return len(self._running) < self.size

    def _one_is_alone(self) -> bool:
        return any(self.alone(task) for _, task in self._running.values())

    def _start(self, task: Task) -> None:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=lambda: theirs.send(self.do(task))
        )
        process.start()
        # Or the end of the process would not be the end of the connection.
        theirs.close()
        self._running[ours] = (process, task)

    def _collect(self, ended: connections.Connection) -> tuple[Task, Outcome | None]:
        process, task = self._running[ended]
        try:
            outcome: Outcome | None = ended.recv()
        except EOFError:
            outcome = None
        process.join()
        del self._running[ended]
        ended.close()
        return task, outcome

    def _interrupt(self) -> None:
        """End what still runs: by SIGTERM, which is an exception in there and cleans up."""
        for process, _ in self._running.values():
            process.terminate()
        for process, _ in self._running.values():
            process.join(LAST_WORDS)
