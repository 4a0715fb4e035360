# SPDX-License-Identifier: Apache-2.0
"""Nodes on their way: told of as they go, started again once, given up the second time."""

from __future__ import annotations

import io

import journey
from host import Timeout
from journey import Journey, travel
from narrator import Narrator
from trouble import GuestTrouble

BOUND = 60


class FakeNode:
    """Answers after some looks, and says one word after another; trouble is what a look comes upon instead."""

    def __init__(self, name: str, words: list[str], trouble: int = 0) -> None:
        self.name = name
        self.launched = 0
        self._all = words
        self._words = list(words)
        self._trouble = trouble

    def answers(self) -> bool:
        if self._trouble:
            self._trouble -= 1
            raise GuestTrouble(f"{self.name}: its kernel panicked")
        return True

    def boot_id(self) -> str:
        return f"boot {self.launched}"

    def unit_property(self, unit: str, name: str) -> str:
        if name == "StatusText":
            return self._words.pop(0) if len(self._words) > 1 else self._words[0]
        return "active" if len(self._words) == 1 else "activating"

    def running_pid(self) -> int:
        return 1

    def kill(self) -> None:
        self._words = list(self._all)

    def launch(self) -> None:
        self.launched += 1


def told(*nodes: FakeNode, after: str | None = None) -> str:
    out = io.StringIO()
    journey.POLL_SECONDS = 0
    travel([Journey(node, after) for node in nodes], BOUND, Narrator(out))  # type: ignore[arg-type]
    return out.getvalue()


def test_every_word_of_every_node_is_told_once() -> None:
    said = told(FakeNode("mgs", ["looking", "format MGS", "ready"]), FakeNode("oss", ["looking", "ready"]))
    for line in ("mgs: booting", "mgs: looking", "mgs: format MGS", "mgs: ready", "oss: looking", "oss: ready"):
        assert said.count(f"{line}\n") == 1, said


def test_seconds_that_grow_are_nothing_new() -> None:
    said = told(FakeNode("oss", ["waiting, for 3 s: closed", "waiting, for 7 s: closed", "waiting, for 9 s: open", "ready"]))
    assert said.count("closed\n") == 1 and said.count("open\n") == 1, said


def test_a_guest_that_panicked_is_started_again_once() -> None:
    node = FakeNode("oss", ["ready"], trouble=1)
    said = told(node)
    assert node.launched == 1 and "its kernel panicked; started again, once" in said, said


def test_the_second_time_it_is_given_up() -> None:
    try:
        told(FakeNode("oss", ["ready"], trouble=2))
    except GuestTrouble as trouble:
        assert "its kernel panicked" in str(trouble)
    else:
        raise AssertionError("it was started for ever")


def test_the_boot_before_a_reboot_does_not_count() -> None:
    node = FakeNode("oss", ["ready"])
    bound, journey.POLL_SECONDS = 0.05, 0
    try:
        travel([Journey(node, after="boot 0")], bound, Narrator(io.StringIO()))  # type: ignore[arg-type]
    except Timeout as late:
        assert "oss (rebooting)" in str(late)
    else:
        raise AssertionError("the boot before was taken for the one after")


def test_a_terminal_is_drawn_over() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    say = Narrator(out)
    say.board({"mgs": ("booting", "3 s"), "oss": ("booting", "3 s")})
    say.board({"mgs": ("booting", "4 s"), "oss": ("booting", "4 s")})
    say("launched")
    assert out.getvalue().count("\x1b[2A") == 2 and out.getvalue().count("4 s") == 4, out.getvalue()
