# SPDX-License-Identifier: Apache-2.0
"""What one drive was told, as QEMU's blklogwrites recorded it, and what a power cut leaves of it.

The format is that of the kernel's dm-log-writes (Documentation/admin-guide/
device-mapper/log-writes.rst; drivers/md/dm-log-writes.c): a superblock, then
for each request a sector that says what it is, and its data.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from host import LabError

SECTOR = 512
MAGIC = 0x6A736677736872
SUPERBLOCK = struct.Struct("<QQQI")
HEADER = struct.Struct("<QQQQ")
FLUSH, DISCARD = 1, 4


@dataclass(frozen=True)
class Entry:
    """A request: bytes of the drive, and of the log. A flush alone has no length."""

    start: int
    length: int
    flush: bool
    data_at: int
    ends_at: int


class WriteLog:
    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.entries = read_entries(self._file, path)

    def data(self, entry: Entry) -> bytes:
        self._file.seek(entry.data_at)
        return self._file.read(entry.length)

    def split(self, size: int) -> tuple[int, int]:
        """Of the log's first `size` bytes: how many entries a flush made safe, and how many there are."""
        complete = sum(entry.ends_at <= size for entry in self.entries)
        flushed = max((i + 1 for i in range(complete) if self.entries[i].flush), default=0)
        return flushed, complete


def read_entries(file: BinaryIO, path: Path) -> list[Entry]:
    magic, _, _, sector = SUPERBLOCK.unpack(file.read(SUPERBLOCK.size))
    if magic != MAGIC or sector != SECTOR:
        raise LabError(f"{path} is no write log with sectors of {SECTOR} bytes")
    end = file.seek(0, 2)
    entries, at = [], SECTOR
    while at + SECTOR <= end:
        file.seek(at)
        first, count, flags, _ = HEADER.unpack(file.read(HEADER.size))
        if count == 0 and flags == 0:
            break
        data_at = at + SECTOR
        at = data_at + (0 if flags & DISCARD else count * SECTOR)
        if not flags & DISCARD:  # what is discarded reads as anything: as before, here
            entries.append(Entry(first * SECTOR, count * SECTOR, bool(flags & FLUSH), data_at, at))
    return entries


class Medium:
    """A drive as of some instant: all that was flushed, and at will some of what was not."""

    def __init__(self, log: WriteLog, path: Path) -> None:
        self.path = path
        self._log = log
        self._file = path.open("r+b")
        self._applied = 0
        self._undo: list[tuple[int, bytes]] = []

    def cut(self, size: int, draw: random.Random) -> str:
        """Make it what a power cut leaves when the log has `size` bytes; says how that was drawn.

        Cuts are made in the order of time: what is flushed stays.
        """
        self._take_back()
        flushed, complete = self._log.split(size)
        if flushed < self._applied:
            raise LabError("a cut before the one before")
        for entry in self._log.entries[self._applied : flushed]:
            self._write(entry.start, self._log.data(entry))
        self._applied = flushed
        pending = self._log.entries[flushed:complete]
        how = draw.choice(("none", "all", "some", "torn")) if pending else "none"
        for entry in pending:
            self._apply_unflushed(entry, how, draw)
        self._file.flush()
        return f"{how} of {len(pending)}"

    def _apply_unflushed(self, entry: Entry, how: str, draw: random.Random) -> None:
        if how == "none" or (how != "all" and draw.random() < 0.4):
            return
        data = self._log.data(entry)
        torn = how == "torn" and draw.random() < 0.7
        for at in range(0, entry.length, SECTOR) if torn else (0,):
            if torn and draw.random() < 0.5:
                continue
            part = data[at : at + SECTOR] if torn else data
            self._file.seek(entry.start + at)
            self._undo.append((entry.start + at, self._file.read(len(part))))
            self._write(entry.start + at, part)

    def _take_back(self) -> None:
        while self._undo:
            self._write(*self._undo.pop())

    def _write(self, at: int, data: bytes) -> None:
        self._file.seek(at)
        self._file.write(data)
