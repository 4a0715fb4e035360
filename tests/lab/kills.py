# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the agent at any word it says, and what the next run makes of what it left.

A story is a plan to be cut: a snapshot of a node right before it, and the
metadata that asks for it. A kill is a place in it. After a kill the agent is
run again, plainly or after a reboot; it has to end as if nothing had been,
and nothing may be formatted that had been.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import expect
from host import LabError
from laboratory import Lab
from node import Node

HOLD = "/usr/local/lib/lab/lab-hold"
TIMEOUT = 400
NOTHING_ASKED = {"Name": "untagged"}
ALL_ROLES = {"lustre:role": "mgs+mds+oss+client", "lustre:fsname": "lustrewt"}
CLIENT_MOUNT = "/mnt/lustrewt"
TARGETS = ("MGS", "lustrewt-MDT0000", "lustrewt-OST0014")
INSIDE = (0.05, 0.15, 0.3, 0.5)
WITNESS = f"{CLIENT_MOUNT}/witness"


@dataclass(frozen=True)
class Run:
    """One run of the agent, as lab-hold tells it."""

    messages: list[str]
    killed: bool
    status: int
    formats: dict[str, str]


@dataclass(frozen=True)
class Kill:
    """Where: after which message, how much later; what: with the agent's children or without."""

    story: str
    message: str
    pause: float = 0.0
    with_children: bool = True
    reboot: bool = False

    @property
    def name(self) -> str:
        words = [self.story, self.message.replace("/", "_").replace(" ", "-").replace(":", "")]
        words += [f"{self.pause:g}s"] if self.pause else []
        words += ["" if self.with_children else "alone", "reboot" if self.reboot else ""]
        return ",".join(filter(None, words))


@dataclass
class Story:
    name: str
    metadata: dict[str, Any]
    identities: dict[str, str]  # the file systems that are there already, by target
    witness: str = ""  # the checksum of the file that was written to them
    snapshot: str = ""


def hold(node: Node, *words: str) -> Run:
    return Run(**json.loads(node.run(HOLD, *words, timeout=TIMEOUT).out))


def first_boot(lab: Lab) -> tuple[Node, Story]:
    """A node on which nothing was ever done."""
    (node,) = lab.fleet("single")
    lab.boot([node])
    wait_for_idle_agent(node)
    node.save("first-boot")
    return node, Story("first-boot", {"tags": ALL_ROLES}, {}, snapshot="first-boot")


def wait_for_idle_agent(node: Node) -> None:
    assert expect.end_of_start(node) == "active", "a node that is not ours is not well"


def reboot_with_nothing_asked(node: Node, restart: Callable[[], None]) -> None:
    """So that it stands there as a boot finds it, and the agent has not touched it yet."""
    node.set_metadata(tags=NOTHING_ASKED)
    restart()
    wait_for_idle_agent(node)


def second_boot(node: Node, first: Story) -> Story:
    """The volumes are there, and are to be mounted."""
    begin(node, first)
    assert hold(node).status == 0, "an undisturbed run fails"
    story = Story("second-boot", {"tags": ALL_ROLES}, identities(node), snapshot="second-boot")
    story.witness = expect.write_file(node, WITNESS, mebibytes=8)
    reboot_with_nothing_asked(node, node.reboot)
    node.save(story.snapshot)
    return story


def after_crash(node: Node, first: Story) -> Story:
    """The machine went down between the first mount and the flush: journals are to be replayed."""
    begin(node, first)
    run = hold(node, "--at", f"settle {TARGETS[-1]}")
    assert run.killed, "the first boot does not settle its OST"

    def power_cut() -> None:
        node.kill()
        node.boot()

    story = Story("after-crash", {"tags": ALL_ROLES}, run.formats, snapshot="after-crash")
    reboot_with_nothing_asked(node, power_cut)
    node.save(story.snapshot)
    return story


def adoption(second: Story) -> Story:
    """The same disks, under another instance that has consent to take them over."""
    metadata = {"tags": ALL_ROLES | {"lustre:replace": "true"}, "instance_id": "i-0adopted000000001"}
    return Story("adoption", metadata, second.identities, second.witness, second.snapshot)


def begin(node: Node, story: Story) -> None:
    node.load(story.snapshot)
    node.set_metadata(**{"instance_id": None} | story.metadata)


def identities(node: Node) -> dict[str, str]:
    return {name: expect.filesystem_id(node, f"/srv/lustre/{name}") for name in TARGETS}


def all_kills(node: Node, story: Story, seed: int) -> list[Kill]:
    """At every message: before and after every action, and somewhere inside it; the children too, or
    not, as drawn. A mount, which goes on without the agent, is left at several places."""
    messages = messages_of(node, story)
    kills = []
    for message in dict.fromkeys(messages):
        draw = random.Random(f"{seed} {story.name} {message}")
        inside = (draw.choice(INSIDE),) if f"{message}: done" in messages else ()
        inside = INSIDE if message.startswith("mount ") else inside
        for pause in (0.0, *inside):
            with_children, reboot = draw.random() < 0.6, draw.random() < 0.1
            kills.append(Kill(story.name, message, pause, with_children, reboot))
    return kills


def attempt(node: Node, story: Story, kill: Kill) -> dict[str, Any]:
    """One kill and what follows. The row tells what happened; what must not be is an AssertionError."""
    begin(node, story)
    words = ["--at", kill.message, "--pause", str(kill.pause)]
    cut = hold(node, *words, *(["--with-children"] if kill.with_children else []))
    assert cut.killed or cut.status == 0, f"it failed before it was killed: {cut.messages[-1]}"
    if kill.reboot:
        node.reboot()
        expect.ready(node)
        formats = cut.formats
    else:
        again = run_again(node)
        formats = cut.formats | again.formats
        assert not set(cut.formats) & set(again.formats), f"formatted twice: {again.formats}"
    stands(node, story, story.identities | formats)
    return asdict(kill) | {"killed": cut.killed, "said": len(cut.messages)}


def run_again(node: Node) -> Run:
    run = hold(node)
    assert run.status == 0, f"after the kill it exits with {run.status}: {run.messages[-1]}"
    return run


def stands(node: Node, story: Story, known: dict[str, str]) -> None:
    """Everything is in service, from the file systems that are known."""
    now = identities(node)
    changed = {name: (uuid, now[name]) for name, uuid in known.items() if now[name] != uuid}
    assert not changed, f"formatted twice: {changed}"
    expect.mounted(node, CLIENT_MOUNT)
    if story.witness:
        assert expect.checksum(node, WITNESS) == story.witness, "the file of before is damaged"


def chain(node: Node, story: Story, seed: int, words_between: tuple[int, int] = (6, 16)) -> int:
    """One boot that is killed every few words, a little later each time, until it comes through: what
    has to be said before something lasts must fit at last. Returns the number of kills."""
    begin(node, story)
    draw = random.Random(seed)
    known = dict(story.identities)
    for count in range(60):
        after = draw.randint(*words_between) + count // 2
        words = ["--after", str(after), "--pause", str(draw.choice((0, 0, 0.1, 0.3)))]
        run = hold(node, *words, *(["--with-children"] if draw.random() < 0.5 else []))
        twice = {name: uuid for name, uuid in run.formats.items() if name in known}
        assert not twice, f"formatted twice, after {count} kills: {twice}"
        known |= run.formats
        if not run.killed:
            assert run.status == 0, f"after {count} kills: {run.status}, {run.messages[-1]}"
            stands(node, story, known)
            return count
    raise AssertionError("60 kills, and it has not come through")


def stories(lab: Lab) -> Iterator[tuple[Node, Story]]:
    """Each with the node that has its snapshot, in the order in which one is made from another."""
    node, first = first_boot(lab)
    yield node, first
    yield node, after_crash(node, first)
    second = second_boot(node, first)
    yield node, second
    yield node, adoption(second)


def messages_of(node: Node, story: Story) -> list[str]:
    begin(node, story)
    run = hold(node)
    if run.status != 0:
        raise LabError(f"{story.name}, undisturbed: {run.status}, {run.messages[-1]}")
    return run.messages
