# SPDX-License-Identifier: Apache-2.0
"""A lab: one network, the nodes in it, and the promise to take both down."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import evidence
import state
from fleet import NodeSpec, read_fleet
from host import WORK, LabError, run
from image import Image
from network import Network
from node import BOOT_TIMEOUT, Folders, Node

LOGS = WORK / "logs"
SNAPSHOT = "shelf"


class Lab:
    """Use it in a with statement: whatever happens inside, nothing is left behind."""

    _ordinals = itertools.count()

    def __init__(
        self, name: str, image: Image, say: Callable[[str], None], shelf: Path | None = None
    ) -> None:
        self.name = name
        self.image = image
        self.say = say
        self.nodes: dict[str, Node] = {}
        self.kept = False
        self.logs = LOGS / name
        self.folder = state.RUNS / f"{name}-{os.getpid()}"
        self.shelf = shelf
        namespace = f"lustre-lab-{os.getpid()}-{next(self._ordinals)}"
        # Not below build: a Unix socket's path has 107 characters at most (unix(7)).
        self._sockets = Path(tempfile.gettempdir(), namespace)
        self.network = Network(namespace, self.folder)

    def __enter__(self) -> Lab:
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        self.folder.mkdir(parents=True)
        try:
            self._sockets.mkdir()
            self.record()
            self.network.start()
        except BaseException:
            self.take_down()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        if not self.kept:
            self.take_down()

    def take_down(self) -> None:
        with undisturbed():
            for node in self.nodes.values():
                node.kill()
            self.network.stop()
            for folder in (self.folder, self._sockets):
                shutil.rmtree(folder, ignore_errors=True)

    # -- nodes ------------------------------------------------------------------

    def add(self, *specs: NodeSpec) -> list[Node]:
        """Nodes that are not launched yet."""
        folders = Folders(self.folder, self._sockets, self.logs)
        added = []
        for spec in specs:
            if spec.name in self.nodes:
                raise LabError(f"there is a node {spec.name} already")
            added.append(Node(spec, self.image, self.network, folders))
            self.nodes[spec.name] = added[-1]
        self.record()
        return added

    def fleet(
        self, name: str, *, wanted: Sequence[str] = (), cloud_init: bool | None = None
    ) -> list[Node]:
        """The nodes of a fleet file, or those that are wanted of it; not launched yet."""
        specs = [spec for spec in read_fleet(name) if not wanted or spec.name in wanted]
        if cloud_init is not None:
            specs = [replace(spec, cloud_init=cloud_init) for spec in specs]
        return self.add(*specs)

    def boot(self, nodes: Iterable[Node], timeout: float = BOOT_TIMEOUT) -> None:
        """Launch nodes all at once and wait until each answers."""
        launched = list(nodes)
        for node in launched:
            node.launch()
        for node in launched:
            node.wait_for_boot(timeout)

    # -- the shelf --------------------------------------------------------------

    def put_on_shelf(self, name: str, nodes: list[Node]) -> None:
        """Keep running nodes for later scenarios of this check; ends them here.

        They are paused together, since they hold connections to each other.
        """
        if self.shelf is None:
            return
        for node in nodes:
            node.pause()
        for node in nodes:
            node.save(SNAPSHOT)
            node.kill()
        target = self.shelf / name
        target.mkdir(parents=True, exist_ok=True)
        for node in nodes:
            for path in node.drive_files():
                path.rename(target / path.name)

    def from_shelf(self, name: str, *wanted: str) -> list[Node] | None:
        """A fleet, or the nodes of it that are wanted, as it was put on the shelf, and running.

        None if it never was.
        """
        source = None if self.shelf is None else self.shelf / name
        if source is None or not source.is_dir():
            return None
        nodes = self.fleet(name, wanted=wanted)
        for node in nodes:
            files = sorted(source.glob(f"{node.name}.*"))
            run(["cp", "--sparse=always", *files, self.folder])
        for node in nodes:
            node.launch(SNAPSHOT)
        for node in nodes:
            node.resume()
        for node in nodes:
            node.wait_for_boot()
        return nodes

    # -- records ----------------------------------------------------------------

    def record(self) -> None:
        """Write down what this lab is, for `lab down` and `lab login`."""
        consoles = {node.name: node.console for node in self.nodes.values()}
        state.write(self.folder, self.network.namespace, self._sockets, consoles, kept=self.kept)

    def keep(self) -> None:
        """Leave everything running when this run ends."""
        self.kept = True
        self.record()

    def keep_evidence(self) -> None:
        """Add the journals and the lab's own logs to the consoles, which are there already."""
        evidence.collect(self.nodes.values(), self.logs, self.folder)


INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def overheard(number: int, frame: object) -> None:
    """A signal that changes nothing. (SIG_IGN would be an OSError for one that is on its way.)"""


@contextmanager
def undisturbed() -> Iterator[None]:
    """No Ctrl-C in here: what it would cut short is the cleaning up after the first."""
    before = [signal.signal(number, overheard) for number in INTERRUPTS]
    try:
        yield
    finally:
        for number, handler in zip(INTERRUPTS, before):
            signal.signal(number, handler)
