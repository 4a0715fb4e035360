# SPDX-License-Identifier: Apache-2.0
"""Told to end, who plays tests takes away what they made.

tests/suites ends what it runs by SIGTERM, Ctrl-C among the reasons. By itself that ends Python where it stands, and networks
and folders stay behind.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType


def heed() -> None:
    """From now on SIGTERM is, in the main thread, what Ctrl-C is: unittest takes any other exception for a test's."""
    signal.signal(signal.SIGTERM, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Once: make passes on what all of its group has had already, and that would end the taking away."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # and not ignored, which those that are started would inherit
    raise KeyboardInterrupt


@contextmanager
def workers(number: int) -> Iterator[ThreadPoolExecutor]:
    """Threads. When the main one is told to end, what they are at comes to its end, and nothing else begins."""
    heed()
    pool = ThreadPoolExecutor(number)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
