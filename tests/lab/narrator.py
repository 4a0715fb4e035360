# SPDX-License-Identifier: Apache-2.0
"""What a person sees while nodes boot: lines that stay, and below them one line a node that moves.

On a terminal the moving lines are drawn over and over. Into a file or a pipe a node's line is written when it says
something new, and all of them now and then where nobody does, so that a log shows that the run is alive, too.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Mapping
from typing import TextIO

QUIET_SECONDS = 30
# "for 12 s", which grows and says nothing new.
SECONDS = re.compile(r"\d+ s\b")
CLEAR_DOWN = "\x1b[J"


class Narrator:
    """Call it with a text that stays; the seconds since the start go in front."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._live = out.isatty()
        self._began = time.monotonic()
        self._drawn = 0
        self._board: dict[str, str] = {}
        self._told = self._began

    def __call__(self, text: str) -> None:
        self._erase()
        self._print(f"[{self.seconds():4.0f} s] {text}")
        self._draw()

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def show(self, title: str, text: str) -> None:
        """Something to read at leisure, such as what a command printed."""
        self.clear()
        self._print(f"\n--- {title}\n{text.rstrip()}")

    def board(self, lines: Mapping[str, tuple[str, str]]) -> None:
        """For each node what it does, and what moves while it does it (seconds, a share)."""
        now = {name: SECONDS.sub("", what) for name, (what, _) in lines.items()}
        if self._live:
            self._erase()
            self._board = {name: f"{what}  {moves}" for name, (what, moves) in lines.items()}
            self._draw()
            return
        for name, (what, _) in lines.items():
            if now[name] != self._board.get(name):
                self._print(f"[{self.seconds():4.0f} s] {name}: {what}")
        if now == self._board and time.monotonic() - self._told > QUIET_SECONDS:
            still = ", ".join(f"{name} {moves}" for name, (_, moves) in lines.items() if moves)
            self._print(f"[{self.seconds():4.0f} s] ... {still or 'still waiting'}")
        self._board = now

    def clear(self) -> None:
        """No node moves any more."""
        self._erase()
        self._board = {}

    def _erase(self) -> None:
        if self._drawn:
            self._out.write(f"\x1b[{self._drawn}A\r{CLEAR_DOWN}")
            self._drawn = 0

    def _draw(self) -> None:
        if not self._live or not self._board:
            return
        width = shutil.get_terminal_size().columns - 1
        names = max(map(len, self._board))
        for name, text in self._board.items():
            self._out.write(f"  {name:{names}}  {text}"[:width] + "\n")
        self._drawn = len(self._board)
        self._out.flush()

    def _print(self, text: str) -> None:
        self._told = time.monotonic()
        print(text, file=self._out, flush=True)
