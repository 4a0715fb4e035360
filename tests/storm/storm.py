#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A boot storm: many real agents at once against one MGS (README.md).

    storm.py [--agents N] [--late SECONDS] [--outage SECONDS] [--service SECONDS] BUILD [STORY...]
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import ending
import pace

from nodes import IMDS, Node, Programs, make_bridge, wait_until

INSIDE = "LUSTRE_INIT_STORM"
REFUSED = 3  # exit code: a person decides
PATIENCE = 240
SAMPLE = 0.05
# What one agent may cost the MGS at most: probes that were answered, and the registration, with a second of each.
CONNECTIONS_EACH = 6
# The pause of a long wait is 0.75 to 1.5 s: less than one attempt a second each, and a few quick ones at first.
ATTEMPTS_PER_SECOND_EACH = 1.0
QUICK_ATTEMPTS_EACH = 8
# What ends an agent in the middle: a stop, a login that ends, a person; and what it cannot do anything about.
CUTS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL)


@dataclass
class Traffic:
    """What the MGS's node counts of TCP, while the story runs: accepted connections, and refused ones."""

    mgs: Node
    samples: list[tuple[float, int, int]] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Traffic:
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE):
            tcp = self.mgs.tcp()
            self.samples.append((time.monotonic(), tcp["PassiveOpens"], tcp["OutRsts"]))

    def total(self, column: int) -> int:
        return self.samples[-1][column] - self.samples[0][column]

    def peak(self, column: int) -> int:
        """The most within any second."""
        most, first = 0, 0
        for at, *counts in self.samples:
            while self.samples[first][0] < at - 1:
                first += 1
            most = max(most, counts[column - 1] - self.samples[first][column])
        return most


class Mgs:
    """Node 0, by hand: what is under test are those that look for it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._do("mkfs.lustre", "--mgs", "/dev/dm-0")
        self._do("mkdir", "/srv/mgs")

    def _do(self, *argv: object) -> None:
        if self.node.call("env", *argv) != 0:
            raise RuntimeError(f"MGS: {argv} failed: {(self.node.folder / 'calls').read_text()}")

    def start(self) -> float:
        """When it served. As the agent does it: port 988 opens last."""
        self._do("modprobe", "lnet")
        self._do("lnetctl", "lnet", "configure")
        self._do("modprobe", "lustre")
        self._do("mount.lustre", "/dev/dm-0", "/srv/mgs")
        up = time.monotonic()
        self._do("lnetctl", "net", "add", "--net", "tcp", "--if", "eth0", "--skip-mr-route-setup")
        return up

    def crash(self) -> None:
        """Its programs end in the middle of whatever they do, and its port with them."""
        self.node.kill_kernel()
        self._do("umount", "/srv/mgs")


class Storm:
    """One story's nodes and their metadata service, from a with statement's begin to its end."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.late: float = options.late
        self.outage: float = options.outage
        # Else agents that get too little of the machine would all be registered before a third is seen to be mounted.
        self.service: float = options.service * pace.GAUGE.slowness()
        self.agents: list[Node] = []
        self.started: list[subprocess.Popen[bytes]] = []
        self._options = options
        self._folder = folder
        self._ends = ExitStack()

    def __enter__(self) -> Storm:
        with self._ends:
            self._folder.mkdir()
            programs = Programs(self._options.build)
            nodes = [self._node(number, programs) for number in range(self._options.agents + 1)]
            self.mgs_node, self.agents = nodes[0], nodes[1:]
            self._start_metadata(programs)
            for node in self.agents:
                node.start_units()
            self.mgs = Mgs(self.mgs_node)
            self._ends = self._ends.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._ends.close()

    def _node(self, number: int, programs: Programs) -> Node:
        node = Node(number, self._folder, programs, self.service)
        self._ends.callback(node.end)
        node.start_holder()
        return node

    def _start_metadata(self, programs: Programs) -> None:
        self._metadata = self._folder / "imds"
        self._metadata.mkdir()
        for node in self.agents:
            self.tag(node)
        argv = [str(programs.imds), "--nodes", str(self._metadata), "--listen", f"{IMDS}:80"]
        with (self._folder / "imds.log").open("w") as log:
            imds = subprocess.Popen(argv, stdout=log, stderr=log)
        self._ends.callback(imds.wait)
        self._ends.callback(imds.kill)

    def tag(self, node: Node, tags: dict[str, str] | None = None) -> None:
        """These tags, or its own; by rename, so that they are never read half written."""
        new = self._metadata / "new"
        new.write_text(node.metadata(self.mgs_node.address, tags))
        new.rename(self._metadata / f"{node.number}.json")

    def start_agents(self) -> None:
        """All at one instant: they wait for the end of a pipe."""
        gate, key = os.pipe()
        self.started = [node.start_agent(gate) for node in self.agents]
        os.close(gate)
        os.close(key)

    def end_agents(self) -> None:
        """Those that would go on waiting."""
        for agent in self.started:
            agent.send_signal(signal.SIGTERM)
        for agent in self.started:
            pace.wait(agent, PATIENCE)
        self.started = []

    def count_mounted(self) -> int:
        return sum(node.mounted() for node in self.agents)

    def wait_mounted(self, count: int) -> float:
        """When so many were."""
        wait_until(f"{count} mounts", lambda: self.all_well() and self.count_mounted() >= count, PATIENCE)
        return time.monotonic()

    def all_well(self) -> bool:
        for node, agent in zip(self.agents, self.started):
            if agent.poll() or (agent.returncode == 0 and not node.mounted()):
                log = (node.folder / "agent.log").read_text()
                raise AssertionError(f"agent {node.number} ended with {agent.returncode}: {log[-2000:]}")
        return True

    def wait_ended(self) -> None:
        for agent in self.started:
            pace.wait(agent, PATIENCE)
        self.all_well()


def together(storm: Storm) -> tuple[float, float]:
    """All at once, the MGS up."""
    up = storm.mgs.start()
    storm.start_agents()
    return up, storm.wait_mounted(len(storm.agents))


def late(storm: Storm) -> tuple[float, float]:
    """The MGS comes when all have long been waiting."""
    storm.start_agents()
    time.sleep(storm.late)
    assert storm.count_mounted() == 0
    up = storm.mgs.start()
    return up, storm.wait_mounted(len(storm.agents))


def restart(storm: Storm) -> tuple[float, float]:
    """The MGS ends when a third have registered, in the middle of others, and comes back after a while."""
    storm.mgs.start()
    storm.start_agents()
    storm.wait_mounted(len(storm.agents) // 3)
    storm.mgs.crash()
    time.sleep(storm.outage)
    left = len(storm.agents) - storm.count_mounted()
    assert left > 0, "nobody was cut off"
    up = storm.mgs.start()
    return up, storm.wait_mounted(len(storm.agents))


def cut(storm: Storm) -> tuple[float, float]:
    """All are cut off in the middle of their format, and run again at once: nothing is at work beside them."""
    up = storm.mgs.start()
    for node in storm.agents:
        (node.folder / "slow").touch()
    storm.start_agents()
    wait_until("all formats", lambda: all(node.formatting() for node in storm.agents), PATIENCE)
    for agent, cut_by in zip(storm.started, cycle(CUTS)):
        agent.send_signal(cut_by)
    for node, agent, cut_by in zip(storm.agents, storm.started, cycle(CUTS)):
        assert agent.wait(PATIENCE) == -cut_by, f"agent {node.number}: {agent.returncode}"
        left = node.formatting()
        assert left == (cut_by == signal.SIGKILL), f"agent {node.number}, {cut_by.name}: left {left}"
    storm.start_agents()
    time.sleep(1)
    assert storm.count_mounted() == 0
    for node in storm.agents:
        (node.folder / "slow").unlink()
    last = storm.wait_mounted(len(storm.agents))
    assert not any((node.folder / "two-at-once").exists() for node in storm.agents), "two formats at once"
    return up, last


def stopped(storm: Storm) -> tuple[float, float]:
    """Told to stop while they wait for a disk and LNET's module is being loaded: they end with it, and begin anew."""
    up = storm.mgs.start()
    for node in storm.agents:
        node.take_disk()
        (node.folder / "slow-module").touch()
    storm.start_agents()
    for node in storm.agents:
        wait_until("a wait for the disk", lambda n=node: bool(re.match(r"waiting, \d+ of 180 s", n.waiting())), PATIENCE)
        assert node.loading(), f"node {node.number} does not load LNET's module while it waits"
    for agent, stopped_by in zip(storm.started, cycle(CUTS)):
        agent.send_signal(stopped_by)
    for node, agent, stopped_by in zip(storm.agents, storm.started, cycle(CUTS)):
        assert agent.wait(PATIENCE) == -stopped_by, f"agent {node.number}: {agent.returncode}"
        assert "not waiting longer" not in (node.folder / "agent.log").read_text(), f"node {node.number} went on waiting"
        wait_until("the end of modprobe", lambda n=node: not n.loading(), PATIENCE)
        (node.folder / "slow-module").unlink()
        node.give_disk()
    storm.start_agents()
    return up, storm.wait_mounted(len(storm.agents))


def belated(storm: Storm) -> tuple[float, float]:
    """Disks, interfaces and tags come when the agents are at work: of a third of the nodes each."""
    up = storm.mgs.start()
    without_disk, without_interface, without_tags = (storm.agents[i::3] for i in range(3))
    for node in without_disk:
        node.take_disk()
    for node in without_interface:
        node.more_tags = {"lustre:lnet": "tcp(primary),tcp1(eth1)"}
        storm.tag(node)
    for node in without_tags:
        # That they are off is not believed at once, at any look.
        node.faults = [{"path": "meta-data/tags/instance", "status": 404, "after": 1, "times": 1}]
        storm.tag(node, {"Name": "not ours yet"})
    storm.start_agents()
    rows: tuple[tuple[list[Node], str, Callable[[Node], None]], ...] = (
        (without_tags, r"waiting for tags, \d+ of 30 s: nothing says yet what this node shall be", storm.tag),
        (without_disk, r"waiting, \d+ of 180 s: lustrewt-OST.*has no instance-store disk", Node.give_disk),
        (without_interface, r"waiting for the network, \d+ of 60 s: there is no interface eth1 yet", Node.give_interface),
    )
    for nodes, sentence, give in rows:
        for node in nodes:
            wait_until(
                sentence, lambda n=node, s=sentence: storm.all_well() and bool(re.match(s, n.waiting())), PATIENCE
            )
            # By it a disk that comes later starts the unit again, also where somebody has stopped it meanwhile.
            assert node.call("test", "-e", "/run/lustre-init/refused") == 1, f"node {node.number} has not refused yet"
            give(node)
    return up, storm.wait_mounted(len(storm.agents))


def held(storm: Storm) -> tuple[float, float]:
    """Somebody holds the disks at first, and lets go of them: no glance shows that."""
    up = storm.mgs.start()
    holders = [node.hold_disk() for node in storm.agents]
    storm.start_agents()
    for node in storm.agents:
        wait_until("the wait", lambda n=node: storm.all_well() and "held open by another program" in n.waiting(), PATIENCE)
    for holder in holders:
        holder.kill()
    return up, storm.wait_mounted(len(storm.agents))


def meanwhile(storm: Storm) -> tuple[float, float]:
    """What comes while a refusal is in the making, that nothing waits for: it is looked at, and what has come before is not."""
    up = storm.mgs.start()
    for node in storm.agents:
        node.more_tags = {"lustre:mgs": node.address}
        storm.tag(node)
        node.brings_along()
    counts = []
    for _ in range(2):
        before = [node.looks() if counts else 0 for node in storm.agents]
        storm.start_agents()
        for node, agent in zip(storm.agents, storm.started):
            assert pace.wait(agent, PATIENCE) == REFUSED, f"agent {node.number}: {agent.returncode}"
        counts.append([node.looks() - seen for node, seen in zip(storm.agents, before)])
    assert all(first == 2 * second > 0 for first, second in zip(*counts)), f"looks with news, and without: {counts}"
    for node in storm.agents:
        node.more_tags = {}
        storm.tag(node)
    storm.start_agents()
    return up, storm.wait_mounted(len(storm.agents))


def at_last(storm: Storm) -> tuple[float, float]:
    """The disk comes in the look over which the time for it ends: it is looked at."""
    up = storm.mgs.start()
    for node in storm.agents:
        node.take_disk()
        node.more_tags = {"lustre:device-timeout": "1s"}
        storm.tag(node)
        node.brings_disk_at_last()
    storm.start_agents()
    return up, storm.wait_mounted(len(storm.agents))


def freed(storm: Storm) -> tuple[float, float]:
    """What the plan refused passes while the rest of the plan is at work: it is done in the same run."""
    up = storm.mgs.start()
    for node in storm.agents:
        node.more_tags = {"lustre:role": "oss+client"}
        storm.tag(node)
        node.occupy()
        (node.folder / "slow").touch()
    storm.start_agents()
    wait_until("all formats", lambda: storm.all_well() and all(node.formatting() for node in storm.agents), PATIENCE)
    for node in storm.agents:
        node.leave()
        (node.folder / "slow").unlink()
    last = storm.wait_mounted(len(storm.agents))
    # There is no MDT here: that it is begun is all that can be seen of it.
    wait_until("the clients' mounts", lambda: storm.all_well() and all(n.mounts_client() for n in storm.agents), 60)
    storm.end_agents()
    return up, last


def unheard(storm: Storm) -> tuple[float, float]:
    """A look that says nothing, for a tool was ended, is taken again."""
    up = storm.mgs.start()
    storm.start_agents()
    last = storm.wait_mounted(len(storm.agents))
    storm.wait_ended()
    for node in storm.agents:
        node.ends_lvm()
    storm.start_agents()
    storm.wait_ended()
    for node in storm.agents:
        assert "cannot observe this machine: lvm fullreport was ended by signal 9" in (node.folder / "agent.log").read_text()
    return up, last


STORIES: tuple[Callable[[Storm], tuple[float, float]], ...] = (together, late, belated, held, meanwhile, at_last, freed, unheard, restart, cut, stopped)


def check_counts(traffic: Traffic, agents: int) -> None:
    seconds = traffic.samples[-1][0] - traffic.samples[0][0]
    accepted, refused = traffic.total(1), traffic.total(2)
    most = agents * (QUICK_ATTEMPTS_EACH + ATTEMPTS_PER_SECOND_EACH * seconds)
    assert agents <= accepted <= agents * CONNECTIONS_EACH, f"{accepted} connections of {agents} agents"
    assert refused <= most, f"{refused} refused attempts of {agents} agents in {seconds:.0f} s"


def tell(story: str, storm: Storm, traffic: Traffic, seconds: float) -> None:
    agents = len(storm.agents)
    limit = agents * storm.service
    print(
        f"   {story:<9} {agents:>6} {traffic.total(1):>9} {traffic.peak(1):>7} {traffic.total(2):>8} "
        f"{traffic.peak(2):>7} {seconds:>9.1f} {limit:>7.1f} {seconds / limit:>6.2f}",
        flush=True,
    )


def play(story: Callable[[Storm], tuple[float, float]], options: argparse.Namespace, folder: Path) -> str | None:
    """Why it failed, or None."""
    storm = Storm(options, folder)
    try:
        with storm:
            try:
                with Traffic(storm.mgs_node) as traffic:
                    up, last = story(storm)
                    storm.wait_ended()
            except Exception:  # noqa: BLE001 - whatever a story raises is its failure
                return traceback.format_exc() + logs(storm)
    except (OSError, RuntimeError, subprocess.SubprocessError):
        return traceback.format_exc()
    tell(story.__name__, storm, traffic, last - up)
    try:
        check_counts(traffic, len(storm.agents))
    except AssertionError as error:
        return str(error)
    return None


def logs(storm: Storm) -> str:
    """Of the first that is not mounted."""
    for node in storm.agents:
        if not node.mounted():
            files = [path for path in sorted(node.folder.glob("*.log")) if path.stat().st_size]
            return "".join(f"--- node {node.number}, {path.name}\n{path.read_text()[-3000:]}" for path in files)
    return ""


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--agents", type=int, default=64)
    parser.add_argument("--late", type=float, default=60, help="seconds that the MGS comes late")
    parser.add_argument("--outage", type=float, default=80, help="seconds that the MGS is away in restart")
    parser.add_argument("--service", type=float, default=0.1, help="seconds of a registration, at this machine's best")
    parser.add_argument("build", type=Path)
    parser.add_argument("story", nargs="*")
    return parser.parse_args()


def unable() -> str | None:
    if os.geteuid() != 0:
        return "needs root"
    return None if os.access("/dev/loop-control", os.R_OK | os.W_OK) else "no /dev/loop-control here"


def main() -> int:
    options = read_options()
    stories = [story for story in STORIES if not options.story or story.__name__ in options.story]
    if reason := unable():
        print(f"skipped: {reason}\nstorm: 0 passed, 0 failed, {len(stories)} skipped")
        return 0
    if os.environ.get(INSIDE) != "1":
        argv = ["unshare", "-mnp", "--fork", "--kill-child", "--mount-proc", sys.executable, "-B", *sys.argv]
        os.execvpe(argv[0], argv, {**os.environ, INSIDE: "1"})  # who ends it waits for what is in there
    ending.heed()
    # A shell ignores the one in what it runs in the background, nohup(1) the other, and agents would inherit that: what
    # has a handler here has none in them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)
    failed = 0
    print(
        f"   {'story':<9} {'agents':>6} {'accepted':>9} {'peak/s':>7} {'refused':>8} {'peak/s':>7} "
        f"{'last, s':>9} {'limit':>7} {'ratio':>6}",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="storm-") as name:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8g", "tmpfs", name], check=True)
        try:
            make_bridge()
            for story in stories:
                why = play(story, options, Path(name, story.__name__))
                failed += why is not None
                print(f"ok {story.__name__}" if why is None else f"FAIL {story.__name__}\n{why}", flush=True)
        finally:
            subprocess.run(["umount", "-l", name], check=True)
    print(f"storm: {len(stories) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
